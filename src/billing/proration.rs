//! What a change in the middle of a period credits and debits: our own estimate of what Stripe will do, shown before.
//!
//! The part that is left is whole seconds by whole seconds; each line is floored towards minus infinity by itself,
//! never the net (recorded from Stripe in flexible billing mode, see `docs.stripe.com/billing/subscriptions/prorations`).

use super::assign::{Decision, Has, Wanted, recurring_amount};
use super::money::Money;
use super::period::Period;
use super::time::Timestamp;

/// Two lines and what they come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proration {
    /// For the unused time at the old amount; zero or less.
    pub credit: Money,
    /// For the remaining time at the new amount.
    pub debit: Money,
}

impl Proration {
    /// What is charged; below zero what is credited.
    pub fn net(&self) -> Option<Money> {
        Some(Money { minor: self.credit.minor.checked_add(self.debit.minor)?, currency: self.debit.currency })
    }
}

/// The lines of a change from one amount per period to another, at an instant of the period. `None` outside the period
/// or the range of 64 bits.
pub fn proration(old: Money, new: Money, period: Period, at: Timestamp) -> Option<Proration> {
    let credit = Money { minor: old.minor.checked_neg()?, currency: old.currency };
    Some(Proration { credit: part(credit, period, at)?, debit: part(new, period, at)? })
}

/// What a decision charges, usage left aside: at once, or with the next invoice where `now` is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Below zero it is a credit.
    pub amount: Money,
    /// Whether it is charged at once.
    pub now: bool,
}

/// Our estimate of what a decision charges. `period` is the subscription's current one, `trialing` whether it is in
/// its trial, where nothing is charged. `None` where it cannot be told.
pub fn charge(
    decision: &Decision,
    wanted: &Wanted,
    has: &Has,
    period: Option<Period>,
    trialing: bool,
    at: Timestamp,
) -> Option<Charge> {
    let currency = wanted.currency;
    let nothing = Charge { amount: Money { minor: 0, currency }, now: true };
    let new = wanted.amount()?;
    let old = match &has.pinned {
        Some(pinned) => recurring_amount(&pinned.terms, pinned.interval, pinned.seats, currency)?,
        None => Money { minor: 0, currency },
    };
    match decision {
        Decision::Nothing | Decision::Pin => Some(nothing),
        Decision::Create { .. } if wanted.trial_days.is_some() => Some(nothing),
        Decision::Create { .. } => Some(Charge { amount: new, now: true }),
        _ if trialing => Some(nothing),
        Decision::Later { .. } | Decision::EndLater { .. } | Decision::End { .. } => Some(nothing),
        Decision::Change { items, .. } if items.is_empty() => Some(nothing),
        Decision::Change { invoice_now, anchor_now, .. } => {
            let lines = proration(old, new, period?, at)?;
            let amount = match anchor_now {
                true => Money { minor: lines.credit.minor.checked_add(new.minor)?, currency },
                false => lines.net()?,
            };
            Some(Charge { amount, now: *invoice_now })
        }
    }
}

/// What is left of an amount, floored.
fn part(amount: Money, period: Period, at: Timestamp) -> Option<Money> {
    let whole = i128::from(period.seconds());
    let left = i128::from(period.end.since(at));
    if whole <= 0 || left < 0 || left > whole {
        return None;
    }
    let minor = i128::from(amount.minor).checked_mul(left)?.div_euclid(whole);
    Some(Money { minor: i64::try_from(minor).ok()?, currency: amount.currency })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::money::Currency;

    #[test]
    fn lines_are_floored_one_by_one() {
        let currency = Currency::parse("usd").unwrap();
        let money = |minor| Money { minor, currency };
        for (old, new, whole, left, credit, debit) in [
            (1_000, 2_000, 30, 30, -1_000, 2_000),
            (1_000, 2_000, 30, 0, 0, 0),
            (5, 9, 30, 15, -3, 4),         // -2.5 and +4.5
            (1_000, 500, 3, 2, -667, 333), // -666.67 and +333.33
            (0, 2_900, 2_592_000, 1, 0, 0),
            (2_900, 0, 2_592_000, 1, -1, 0),
            (i64::MAX, i64::MAX, 7, 7, -i64::MAX, i64::MAX),
        ] {
            let period = Period { start: Timestamp(100), end: Timestamp(100 + whole) };
            let lines = proration(money(old), money(new), period, Timestamp(100 + whole - left)).unwrap();
            assert_eq!(
                (lines.credit.minor, lines.debit.minor),
                (credit, debit),
                "{old} -> {new}, {left}/{whole}"
            );
            assert_eq!(lines.net().unwrap().minor, credit + debit);
        }
        let period = Period { start: Timestamp(100), end: Timestamp(200) };
        for outside in [99, 201] {
            assert_eq!(proration(money(1), money(2), period, Timestamp(outside)), None);
        }
    }
}
