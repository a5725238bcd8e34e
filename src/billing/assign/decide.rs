//! What a wish takes, and when.
//!
//! - Up comes now, down when what was paid for is over; seats come and go now; `--at` says otherwise.
//! - What waits is undone before anything else is begun: one change waits at a time.
//! - Items change in place, on the one subscription.

use std::collections::BTreeMap;

use super::{Coming, Direction, Has, Held, HeldItem, Wanted};
use crate::billing::catalog::Interval;
use crate::billing::id::Revision;
use crate::billing::time::Timestamp;

/// When a change is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// When what was paid for in advance is over.
    PeriodEnd,
    /// At an instant to come.
    At(Timestamp),
}

/// How far a wish goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The customer is to be on just this: whatever waits is undone.
    Whole,
    /// Seats alone: an end that was planned stays.
    Seats,
    /// Whatever waits is undone, nothing else.
    Undo,
}

/// How a wish is to be fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// When, where that was said.
    pub at: Option<When>,
    /// How far.
    pub scope: Scope,
    /// The instant of the command.
    pub now: Timestamp,
}

/// What is undone before a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undo {
    /// `sub_sched_…` that lets its subscription go.
    pub schedule: Option<String>,
    /// The subscription does not end any more.
    pub end: bool,
    /// The customer's metadata names what would have come then.
    pub pin: bool,
}

impl Undo {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        *self == Undo::default()
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The customer has it already, or it waits for its day already.
    Nothing,
    /// Pin the tier; there is and will be no subscription.
    Pin,
    /// Make a subscription with these items.
    Create {
        /// Price and quantity of each item.
        items: Vec<(String, Option<u64>)>,
    },
    /// Change the items of the subscription in place, now.
    Change {
        /// The subscription.
        sub: String,
        /// What is undone first.
        undo: Undo,
        /// What happens to its items.
        items: Vec<ItemStep>,
        /// Invoice the difference at once; else it waits for the next invoice.
        invoice_now: bool,
        /// A new period begins now: the interval of the recurring price changes.
        anchor_now: bool,
        /// Days until a sent invoice is due, where that changes.
        send_invoice_days: Option<u32>,
    },
    /// Change the items of the subscription at an instant to come, by a schedule.
    Later {
        /// The subscription.
        sub: String,
        /// What is undone first.
        undo: Undo,
        /// When.
        at: Timestamp,
        /// Price and quantity of each item that is ours from then on.
        items: Vec<(String, Option<u64>)>,
        /// Invoice then at once; else with the next invoice.
        invoice_now: bool,
        /// A new period begins then.
        anchor: bool,
    },
    /// End the subscription now, with an invoice for the usage so far. Nothing of the period that was paid for is
    /// credited: on a last invoice Stripe gives a credit up.
    End {
        /// The subscription.
        sub: String,
        /// What is undone first.
        undo: Undo,
    },
    /// End the subscription at an instant to come.
    EndLater {
        /// The subscription.
        sub: String,
        /// What is undone first.
        undo: Undo,
        /// When.
        at: Timestamp,
        /// It is the end of its period, whenever that then is.
        at_period_end: bool,
    },
}

/// What happens to one item of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemStep {
    /// A new item.
    Add {
        /// Its price.
        price: String,
        /// Its quantity; `None` on metered ones.
        quantity: Option<u64>,
    },
    /// Another price or quantity of a licensed item.
    Change {
        /// The item.
        item: String,
        /// Its price.
        price: String,
        /// Its quantity, always given: a new price without one would reset it to 1.
        quantity: u64,
    },
    /// Gone.
    Remove {
        /// The item.
        item: String,
    },
}

/// Why nothing can be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// The prices of a tier are not known: `seed` was not run for this revision.
    #[error("{revision} has no price for `{role}` at Stripe yet")]
    NotSeeded {
        /// The revision.
        revision: Revision,
        /// The key of the price within the tier.
        role: String,
    },
    /// The day is over.
    #[error("{at} is not in the future: {now} is now")]
    Past {
        /// What was asked for, or the end of the period.
        at: Timestamp,
        /// The instant of the command.
        now: Timestamp,
    },
    /// There is nothing whose end could be waited for.
    #[error("there is no subscription whose period ends: a tier without one changes now")]
    NoPeriod,
    /// A change that waits redeems nothing.
    #[error("a coupon is redeemed now, and the change of tier waits")]
    CouponNow,
    /// A change that waits does not change how invoices are paid.
    #[error("how invoices are paid changes now, and the change of tier waits")]
    InvoiceNow,
    /// There is nothing to cancel.
    #[error("there is no subscription to cancel")]
    NoSubscription,
}

/// What it takes to get from what the customer has to what is wanted. `prices` are those of the wanted revision by role.
pub fn decide(
    wanted: &Wanted,
    prices: &BTreeMap<String, String>,
    has: &Has,
    how: How,
) -> Result<Decision, Undecided> {
    let items: Vec<(String, Option<u64>)> = wanted
        .items()
        .into_iter()
        .map(|item| match prices.get(&item.role) {
            Some(price) => Ok((price.clone(), item.quantity)),
            None => Err(Undecided::NotSeeded { revision: wanted.revision.clone(), role: item.role }),
        })
        .collect::<Result<_, _>>()?;
    let same = has.pinned.as_ref().is_some_and(|pinned| {
        pinned.revision == wanted.revision
            && pinned.interval == wanted.interval
            && pinned.seats == wanted.seats
    });
    let Some(held) = &has.subscription else {
        return match (wanted.needs_subscription(), same, how.at) {
            (false, true, _) => Ok(Decision::Nothing),
            (_, _, Some(When::PeriodEnd | When::At(_))) => Err(Undecided::NoPeriod),
            (false, false, _) => Ok(Decision::Pin),
            (true, _, _) => Ok(Decision::Create { items }),
        };
    };
    if !wanted.needs_subscription() {
        let to = Coming { revision: wanted.revision.clone(), interval: None, seats: None };
        return end(has, held, Some(&to), how);
    }
    change(wanted, has, held, &items, same, how)
}

/// What it takes to end a subscription.
pub fn cancel(has: &Has, at: Option<When>, now: Timestamp) -> Result<Decision, Undecided> {
    let Some(held) = &has.subscription else {
        // The same again, once it has ended.
        return if has.had_subscription { Ok(Decision::Nothing) } else { Err(Undecided::NoSubscription) };
    };
    end(has, held, None, How { at, scope: Scope::Whole, now })
}

/// The instant to come that is meant; `None` for now.
fn day(when: When, held: &Held, now: Timestamp) -> Result<Option<Timestamp>, Undecided> {
    let at = match when {
        When::Now => return Ok(None),
        When::PeriodEnd => held.period_end,
        When::At(at) => at,
    };
    if at <= now { Err(Undecided::Past { at, now }) } else { Ok(Some(at)) }
}

fn undo(has: &Has, held: &Held, scope: Scope) -> Undo {
    // A schedule that lets go takes the end that it planned with it.
    let end = held.cancel_at.is_some() && held.schedule.is_none() && scope != Scope::Seats;
    Undo { schedule: held.schedule.clone(), end, pin: end && names(has) }
}

fn end(has: &Has, held: &Held, to: Option<&Coming>, how: How) -> Result<Decision, Undecided> {
    let sub = held.sub.clone();
    let when = how.at.unwrap_or(When::PeriodEnd);
    // A tier that comes instead is named over the one that would have come.
    let named = to.is_none() && names(has);
    let undo = Undo { schedule: held.schedule.clone(), end: false, pin: named };
    let Some(at) = day(when, held, how.now)? else { return Ok(Decision::End { sub, undo }) };
    let waits = has.pending.as_ref().and_then(|it| it.to.as_ref());
    if held.cancel_at == Some(at) && held.schedule.is_none() && waits == to {
        return Ok(Decision::Nothing);
    }
    Ok(Decision::EndLater { sub, undo, at, at_period_end: when == When::PeriodEnd })
}

/// Whether the customer's metadata names a tier that would come with the end of the subscription.
fn names(has: &Has) -> bool {
    has.pending.as_ref().is_some_and(|it| it.to.is_some() && it.schedule.is_none())
}

fn change(
    wanted: &Wanted,
    has: &Has,
    held: &Held,
    items: &[(String, Option<u64>)],
    same: bool,
    how: How,
) -> Result<Decision, Undecided> {
    let steps = match how.scope {
        Scope::Undo => Vec::new(),
        Scope::Whole | Scope::Seats => item_steps(items, &held.items),
    };
    let send_invoice_days = wanted.send_invoice_days.filter(|days| held.send_invoice_days != Some(*days));
    let undo = undo(has, held, how.scope);
    let settled = same && steps.is_empty() && send_invoice_days.is_none() && wanted.coupon.is_none();
    if settled && (undo.is_empty() || how.scope == Scope::Seats) {
        return Ok(Decision::Nothing);
    }
    let own = has.pinned.as_ref().and_then(|pinned| pinned.interval);
    let another = match (own, wanted.interval) {
        (Some(own), Some(wanted)) => own != wanted,
        // A yearly price does not fit into the rest of a month.
        (None, wanted) => wanted == Some(Interval::Year),
        (Some(_), None) => false,
    };
    // A trial goes on under another price, and the period of that begins when the trial is over.
    let anchor_now = another && !held.on_trial;
    let metered_goes = held.items.iter().any(|item| {
        let gone = ItemStep::Remove { item: item.item.clone() };
        item.quantity.is_none() && steps.contains(&gone)
    });
    let default = if wanted.direction == Direction::Down { When::PeriodEnd } else { When::Now };
    let when = if settled { When::Now } else { how.at.unwrap_or(default) };
    let Some(at) = day(when, held, how.now)? else {
        return Ok(Decision::Change {
            sub: held.sub.clone(),
            undo,
            items: steps,
            // What a metered item has counted must not wait for an invoice that no longer has it.
            invoice_now: wanted.direction == Direction::Up || metered_goes || anchor_now,
            anchor_now,
            send_invoice_days,
        });
    };
    if send_invoice_days.is_some() {
        return Err(Undecided::InvoiceNow);
    }
    if wanted.coupon.is_some() {
        return Err(Undecided::CouponNow);
    }
    let to = Coming { revision: wanted.revision.clone(), interval: wanted.interval, seats: wanted.seats };
    let waits = has.pending.as_ref().filter(|it| it.schedule.is_some() && it.schedule == held.schedule);
    if waits.is_some_and(|it| it.at == at && it.to.as_ref() == Some(&to)) {
        return Ok(Decision::Nothing);
    }
    Ok(Decision::Later {
        sub: held.sub.clone(),
        undo,
        at,
        items: items.to_vec(),
        invoice_now: metered_goes || (wanted.direction == Direction::Up && at != held.period_end),
        // At the end of a year a month begins by itself.
        anchor: anchor_now && (wanted.interval == Some(Interval::Year) || at != held.period_end),
    })
}

/// From the items that there are to those that are wanted. Equal prices stay, licensed ones change in place, metered
/// ones are swapped.
fn item_steps(wanted: &[(String, Option<u64>)], held: &[HeldItem]) -> Vec<ItemStep> {
    let mut left: Vec<&HeldItem> = held.iter().collect();
    let mut missing = Vec::new();
    let mut steps = Vec::new();
    for (price, quantity) in wanted {
        let Some(at) = left.iter().position(|item| item.price == *price) else {
            missing.push((price, *quantity));
            continue;
        };
        let item = left.remove(at);
        if let Some(quantity) = quantity
            && item.quantity != Some(*quantity)
        {
            steps.push(ItemStep::Change {
                item: item.item.clone(),
                price: price.clone(),
                quantity: *quantity,
            });
        }
    }
    for (price, quantity) in missing {
        let licensed = left.iter().position(|item| item.quantity.is_some());
        steps.push(match (quantity, licensed) {
            (Some(quantity), Some(at)) => {
                let item = left.remove(at).item.clone();
                ItemStep::Change { item, price: price.clone(), quantity }
            }
            _ => ItemStep::Add { price: price.clone(), quantity },
        });
    }
    steps.extend(left.into_iter().map(|item| ItemStep::Remove { item: item.item.clone() }));
    steps
}
