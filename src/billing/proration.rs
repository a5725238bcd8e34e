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

/// The lines of a change from one amount per period to another, at an instant of the period, for what is left until an
/// instant of it. `None` outside the period or the range of 64 bits.
pub fn proration(
    old: Money,
    new: Money,
    period: Period,
    at: Timestamp,
    until: Timestamp,
) -> Option<Proration> {
    let credit = Money { minor: old.minor.checked_neg()?, currency: old.currency };
    Some(Proration { credit: part(credit, period, at, until)?, debit: part(new, period, at, until)? })
}

/// When something is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At once.
    Now,
    /// When its day comes.
    Then,
    /// With the next invoice.
    Next,
    /// With the last one, once the subscription ends.
    Last,
}

/// What a decision charges. Of a change usage is left aside; of an end it is what the next invoice comes to so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Below zero it is a credit.
    pub amount: Money,
    /// When.
    pub due: Due,
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stands {
    /// The whole current period of what it charges in advance, also where a planned end has cut it short.
    pub period: Option<Period>,
    /// The one after it.
    pub next: Option<Period>,
    /// When its next invoice comes, unless it ends before.
    pub billed_at: Option<Timestamp>,
    /// It is in its trial, where nothing is charged.
    pub trialing: bool,
    /// A planned end that is taken back, or moved on, had cut the current period, which was billed for its part.
    pub part: bool,
    /// What the usage of its running periods costs so far.
    pub usage: Option<Money>,
}

/// Our estimate of what a decision charges. `None` where it cannot be told.
pub fn charge(
    decision: &Decision,
    wanted: Option<&Wanted>,
    has: &Has,
    stands: &Stands,
    at: Timestamp,
) -> Option<Charge> {
    let currency = wanted.map(|wanted| wanted.currency).or(stands.usage.map(|usage| usage.currency))?;
    let now = |minor: i64| Some(Charge { amount: Money { minor, currency }, due: Due::Now });
    let old = match &has.pinned {
        Some(pinned) => recurring_amount(&pinned.terms, pinned.interval, pinned.seats, currency)?,
        None => Money { minor: 0, currency },
    };
    let cut = has.subscription.as_ref().and_then(|it| it.cancel_at).filter(|_| stands.part);
    match decision {
        Decision::Nothing | Decision::Pin => now(0),
        Decision::Create { .. } if wanted?.trial_days.is_some() => now(0),
        Decision::Create { .. } => now(wanted?.amount()?.minor),
        Decision::End { .. } if stands.trialing => now(0),
        Decision::End { .. } => now(stands.usage?.minor),
        Decision::EndLater { at: end, .. } => last(old, stands, cut, *end),
        Decision::Change { .. } | Decision::Later { .. } if stands.trialing => now(0),
        Decision::Later { at: then, invoice_now, anchor, .. } => {
            later(old, wanted?.amount()?, stands, cut, (*then, *invoice_now, *anchor))
        }
        Decision::Change { undo, items, invoice_now, anchor_now, .. } => {
            let Some(period) = stands.period else { return if items.is_empty() { now(0) } else { None } };
            let stays = has.subscription.as_ref().filter(|it| it.schedule.is_none() && !undo.end);
            let until = stays.and_then(|it| it.cancel_at).map_or(period.end, |end| end.min(period.end));
            let owed = owed(old, period, cut, period.end)?;
            if items.is_empty() {
                let due = if owed == 0 { Due::Now } else { Due::Next };
                return Some(Charge { due, ..now(owed)? });
            }
            let new = wanted?.amount()?;
            let lines = proration(old, new, period, at, until)?;
            let change = match anchor_now {
                true => lines.credit.minor.checked_add(new.minor)?,
                false => lines.net()?.minor,
            };
            let due = if *invoice_now { Due::Now } else { Due::Next };
            Some(Charge { due, ..now(change.checked_add(owed)?)? })
        }
    }
}

/// What a change at an instant to come charges beside the periods that begin: nothing where one begins with it.
fn later(
    old: Money,
    new: Money,
    stands: &Stands,
    cut: Option<Timestamp>,
    (at, invoice_now, anchor): (Timestamp, bool, bool),
) -> Option<Charge> {
    let due = if invoice_now { Due::Then } else { Due::Next };
    let begins = stands.period.is_none_or(|period| period.end == at);
    let Some(period) = [stands.period, stands.next].into_iter().flatten().find(|it| it.holds(at) && !begins)
    else {
        return begins.then_some(Charge { amount: Money { minor: 0, ..new }, due: Due::Now });
    };
    let lines = proration(old, new, period, at, period.end)?;
    let change = if anchor { lines.credit.minor.checked_add(new.minor)? } else { lines.net()?.minor };
    let owed = stands.period.map_or(Some(0), |current| owed(old, current, cut, current.end))?;
    Some(Charge { amount: Money { minor: change.checked_add(owed)?, ..new }, due })
}

/// What is owed of a period that was billed until `cut`, once it goes on until another instant of it.
fn owed(amount: Money, period: Period, cut: Option<Timestamp>, until: Timestamp) -> Option<i64> {
    let Some(cut) = cut.filter(|cut| *cut < until) else { return Some(0) };
    let back = Money { minor: amount.minor.checked_neg()?, ..amount };
    let lines = [part(amount, period, cut, period.end)?, part(back, period, until, period.end)?];
    lines[0].minor.checked_add(lines[1].minor)
}

/// What the next invoice of a subscription comes to that ends at an instant: the last one where no other comes before.
fn last(amount: Money, stands: &Stands, cut: Option<Timestamp>, end: Timestamp) -> Option<Charge> {
    let usage = stands.usage?;
    let usage = if stands.trialing { Money { minor: 0, ..usage } } else { usage };
    let owed = match stands.period {
        Some(period) => owed(amount, period, cut, end.min(period.end))?,
        None => 0,
    };
    let so_far = usage.minor.checked_add(owed)?;
    let Some(billed_at) = stands.billed_at.filter(|billed_at| *billed_at < end) else {
        return Some(Charge { amount: Money { minor: so_far, ..usage }, due: Due::Last });
    };
    let ahead = match stands.next.filter(|next| next.start == billed_at) {
        Some(next) if end < next.end => part(amount, next, next.start, end)?.minor,
        Some(_) => amount.minor,
        None => 0,
    };
    let minor = so_far.checked_add(ahead)?;
    Some(Charge { amount: Money { minor, ..usage }, due: Due::Next })
}

/// The part of a period's amount from one instant of it until another, floored.
fn part(amount: Money, period: Period, from: Timestamp, until: Timestamp) -> Option<Money> {
    let whole = i128::from(period.seconds());
    if whole <= 0 || from < period.start || from > until || until > period.end {
        return None;
    }
    let minor = i128::from(amount.minor).checked_mul(i128::from(until.since(from)))?.div_euclid(whole);
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
            let lines = proration(money(old), money(new), period, Timestamp(100 + whole - left), period.end);
            let lines = lines.unwrap();
            assert_eq!(
                (lines.credit.minor, lines.debit.minor),
                (credit, debit),
                "{old} -> {new}, {left}/{whole}"
            );
            assert_eq!(lines.net().unwrap().minor, credit + debit);
        }
        let period = Period { start: Timestamp(100), end: Timestamp(200) };
        for outside in [99, 201] {
            assert_eq!(proration(money(1), money(2), period, Timestamp(outside), period.end), None);
        }
    }
}
