//! `reconcile tiers|catalog|credits`: what the store says beside what Stripe says of the same thing.
//!
//! One verb a subject looks and gives [`StateFindingNew`]s; [`record`] stores them, closes what is resolved, and says
//! what is open. To add a subject: its verb in a file here, and an arm in `cli/reconcile.rs`.

mod catalog;
mod follow;
mod gather;
mod repair;
mod tiers;

pub use catalog::catalog_findings;
pub(super) use follow::{seats_follow, take_in};
pub use gather::{Customers, Looked, customers_all, look_again};
pub use repair::{Ask as RepairAsk, Step, repair_apply, repair_plan};
pub use tiers::{TiersAsk, mend_of, tiers_findings};

use crate::billing::compare::Subject;
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::store::state_finding::{StateFinding, StateFindingNew};
use crate::store::{CustomerRow, Store};

/// What a look at one subject came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was compared.
    pub subject: Subject,
    /// What was compared, in words: `3 customers with 2 subscriptions at Stripe`.
    pub compared: String,
    /// Every difference.
    pub findings: Vec<StateFinding>,
}

impl Outcome {
    /// Those that nobody acknowledged.
    pub fn failing(&self) -> usize {
        self.findings.iter().filter(|it| it.ack.is_none()).count()
    }
    /// What the exit code is for.
    pub fn kind(&self) -> Option<Kind> {
        (self.failing() > 0).then_some(Kind::Differences)
    }
}

/// What a verb of a subject saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What was compared, in words.
    pub compared: String,
    /// Every difference.
    pub findings: Vec<StateFindingNew>,
}

/// Stores what was seen; open findings of the subject (of one customer if given) that were not seen are gone.
pub fn record(
    store: &Store,
    now: Timestamp,
    subject: Subject,
    scope: Option<CustomerRow>,
    seen: &Seen,
) -> Result<Outcome, Error> {
    let findings = store.write(now, |w| {
        let mut numbers = Vec::new();
        for it in &seen.findings {
            numbers.push(w.state_finding_put(it)?);
        }
        w.state_findings_gone(subject, scope, &numbers)?;
        let mut found = w.reader().state_finding_seen(w.run)?;
        found.retain(|it| numbers.contains(&it.finding));
        Ok::<_, Error>(found)
    })?;
    Ok(Outcome { subject, compared: seen.compared.clone(), findings })
}
