//! Usage that a change of tier leaves behind: its price goes, with an invoice at once, before Stripe has it.

use super::Decision;
use crate::billing::assign::{Held, ItemStep};
use crate::billing::money::Money;
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::flow::meter::uncovered_cost;
use crate::store::Reader;
use crate::store::customer::Customer;

/// Usage that is not at Stripe yet and would be late after the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsent {
    /// Units of all meters together.
    pub units: i64,
    /// What they cost, where that is known.
    pub cost: Option<Money>,
}

impl Unsent {
    /// `12345 units, USD 17.02`.
    pub fn words(&self) -> String {
        let cost = self.cost.map(|cost| format!(", {cost}")).unwrap_or_default();
        format!("{} unit{}{cost}", self.units, if self.units == 1 { "" } else { "s" })
    }

    pub(super) fn refusal(&self, customer: &Customer) -> Error {
        let id = &customer.id;
        let text = format!("usage of {id} is not at Stripe yet, and the change invoices its price at once");
        Error::new(Kind::Refused, "usage_unsent", text)
            .details(vec![format!("left behind: {}", self.words())])
            .hint(format!(
                "send it first: paygrade meter push --customer {id}; with --yes it is left and late"
            ))
    }
}

/// What the decision leaves behind, if anything.
pub(super) fn unsent(
    r: &Reader<'_>,
    customer: &Customer,
    held: Option<&Held>,
    decision: &Decision,
    now: Timestamp,
) -> Result<Option<Unsent>, Error> {
    if !held.is_some_and(|held| cuts(held, decision)) {
        return Ok(None);
    }
    let left = r.usage_uncovered(Some(customer.row), None, now)?;
    if left.is_empty() {
        return Ok(None);
    }
    Ok(Some(Unsent { units: left.iter().map(|it| it.sum).sum(), cost: uncovered_cost(r, &left)? }))
}

/// Whether a metered item goes with an invoice at once.
fn cuts(held: &Held, decision: &Decision) -> bool {
    match decision {
        Decision::End { .. } => true,
        Decision::Change { items, invoice_now: true, .. } => items.iter().any(|step| match step {
            ItemStep::Remove { item } => {
                held.items.iter().any(|it| it.item == *item && it.quantity.is_none())
            }
            _ => false,
        }),
        _ => false,
    }
}
