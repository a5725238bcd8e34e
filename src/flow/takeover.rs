//! `store takeover`: a store that is to send in the place of another.

use std::time::Duration;

use super::push::{Courier, Mark, lock, mark_current, mark_take};
use crate::error::{Changed, Error, Kind};

/// How long a takeover waits: the other store's push reads the mark every 60 s, and a call of it takes at most 30 s.
pub const TAKEOVER_WAIT: Duration = Duration::from_secs(120);

/// What a takeover did.
#[derive(Debug)]
pub struct Takeover {
    /// Who sent before, if anybody.
    pub before: Option<Mark>,
    /// This store's epoch now.
    pub epoch: i64,
}

/// Makes this store the one that sends, and forbids it to send until [`super::recover::recover`]. The other one notices within a minute;
/// until then it may still send, so this waits, by the monotonic clock.
pub async fn takeover(
    courier: &Courier<'_>,
    reason: &str,
    wait: Duration,
    interrupted: impl Future<Output = Kind>,
) -> Result<Takeover, Error> {
    let _lock = lock(courier.store)?;
    let above = mark_current(courier).await?.map_or(0, |mark| mark.epoch);
    let now = courier.clock.now()?;
    let epoch = courier.store.write(now, |w| w.store_fence(&format!("it took over: {reason}"), above))?;
    let before = mark_take(courier).await.map_err(|error| error.changed(Changed::Recorded))?;
    tokio::select! {
        () = tokio::time::sleep(wait) => (),
        kind = interrupted => {
            return Err(Error::new(kind, "interrupted", "interrupted while waiting for the other store to stop")
                .changed(Changed::Recorded)
                .hint("run `paygrade store takeover` again: the wait is part of it"));
        }
    }
    let now = courier.clock.now()?;
    courier.store.write(now, |w| w.store_taken_over())?;
    Ok(Takeover { before, epoch })
}
