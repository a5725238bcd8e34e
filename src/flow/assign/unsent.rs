//! Usage that a change of tier would leave behind: its price goes before Stripe has it.

use crate::billing::assign::{Decision, Held, ItemStep};
use crate::billing::money::Money;
use crate::billing::time::Timestamp;
use crate::error::Error;
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
}

/// What the decision takes the price of, and Stripe does not have.
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
    let left = r.usage_uncovered(Some(customer.row), None, 0, now)?;
    if left.is_empty() {
        return Ok(None);
    }
    Ok(Some(Unsent { units: left.iter().map(|it| it.sum).sum(), cost: uncovered_cost(r, &left)? }))
}

/// Whether a metered item goes.
pub(super) fn cuts(held: &Held, decision: &Decision) -> bool {
    let mut metered = held.items.iter().filter(|item| item.quantity.is_none());
    match decision {
        Decision::Nothing | Decision::Pin | Decision::Create { .. } => false,
        Decision::End { .. } | Decision::EndLater { .. } => metered.next().is_some(),
        Decision::Later { items, .. } => metered.any(|it| !items.iter().any(|(price, _)| *price == it.price)),
        Decision::Change { items, anchor_now, .. } => metered.any(|it| {
            let gone = ItemStep::Remove { item: it.item.clone() };
            *anchor_now || items.contains(&gone)
        }),
    }
}
