//! What happened at Stripe since the backup, into a store that was restored from it.

use crate::billing::time::HOUR_S;
use crate::error::{Changed, Error};
use crate::flow::{Desk, inbox};
use crate::store::Restore;

/// Events that a recovery took in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Events {
    /// New to this store.
    pub new: i64,
    /// Handled now.
    pub handled: i64,
    /// That could not be handled: tried again, or given up.
    pub failed: i64,
    /// Notices to customers that are not sent: the store before sent them.
    pub notices: i64,
}

/// Reads Stripe's events since the backup and handles them: payments of packs, invoices, refunds, ends of
/// subscriptions. What customers were told of them is not told again.
pub(super) async fn catch_up(desk: &Desk<'_>, restored: &Restore) -> Result<Events, Error> {
    let since = restored.backed_up_at.plus(-HOUR_S);
    let listed = inbox::backfill(desk, Some(since)).await?;
    let done = inbox::process(desk, &inbox::Ask::default(), || false).await?;
    // Also where it stopped in the middle: a later run would not know which they are.
    let notices = desk.store.write(desk.clock.now()?, |w| w.notice_told())?;
    if let Some(stopped) = done.stopped {
        return Err(stopped.changed(Changed::Recorded));
    }
    Ok(Events {
        new: listed.new,
        handled: i64::try_from(done.done.len()).unwrap_or(i64::MAX),
        failed: i64::try_from(done.failed.len() + done.dead.len()).unwrap_or(i64::MAX),
        notices,
    })
}
