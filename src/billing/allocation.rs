//! Allocations: the credits that come with each month of a tier, and what they do to those of the months before.
//!
//! A month counts from the tier's anchor and gives its credits once per customer, tier and month start. On a tier with
//! a recurring price it waits for the paid invoice that covers it, whatever the reason of that invoice; an upgrade in
//! the middle of a month waits for the invoice of the change, if there is one. Only allocation lots are touched.

use super::catalog::CreditPolicy;
use super::id::TierKey;
use super::money::Credits;
use super::period::{Cycle, Period};
use super::time::{DAY_S, MINUTE_S, Timestamp};

/// The reason of the invoice that a change of a subscription makes (Stripe: API reference, `billing_reason`).
const REASON_CHANGE: &str = "subscription_update";
/// An assignment's beginning and the invoice of its change lie this near: both are seconds of Stripe's clock, taken
/// from different objects.
const CHANGE_NEAR_S: i64 = 5 * MINUTE_S;
/// A renewal is a draft for up to 72 hours before it is charged (Stripe: docs, billing/subscriptions/usage-based,
/// grace period). What waits for its payment, or is carried over it, lives at least that long after its month.
const RENEWAL_DAYS: i64 = 3;
/// Most months of one assignment that are looked at: a century.
const MONTHS_MAX: i32 = 1_200;

/// One assignment of a customer's history, with what its revision and the catalog say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The tier.
    pub tier: TierKey,
    /// Its order among tiers, by the catalog in force.
    pub rank: Option<i64>,
    /// Credits of each month.
    pub per_month: Option<Credits>,
    /// What the next month's do to what is left.
    pub policy: CreditPolicy,
    /// How long a lot outlives its month when the next one does not come.
    pub grace_days: u32,
    /// There is a recurring price: a month waits for its payment.
    pub is_charged: bool,
    /// The subscription behind it.
    pub sub: Option<String>,
    /// The invoice that its subscription names as its newest is known, so an invoice that is not here is not due.
    pub invoices_known: bool,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it, or after the end of its subscription.
    pub to: Option<Timestamp>,
    /// Months count from here; before it there is a trial, which gives nothing per month.
    pub anchor: Timestamp,
}

/// An invoice of a subscription, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// `in_…`.
    pub invoice: String,
    /// `sub_…`.
    pub sub: String,
    /// Whether it is the invoice of a change.
    pub is_change: bool,
    /// Whether it was paid, or came to nothing.
    pub is_paid: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it charges in advance.
    pub covers: Option<Period>,
}

impl Bill {
    /// Whether a billing reason is that of a change.
    pub fn reason_is_change(reason: Option<&str>) -> bool {
        reason == Some(REASON_CHANGE)
    }
}

/// A month that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedMonth {
    /// The tier.
    pub tier: TierKey,
    /// The month.
    pub month: Period,
}

/// What posting a month does to what is left of the allocations before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// It ends: the policy is reset.
    Ends,
    /// It ends: a higher tier's month comes in its place.
    EndsByUpgrade,
    /// All of it is carried.
    Carried,
    /// At most so many credits are carried.
    CarriedUpTo(Credits),
}

/// A month whose credits are to be posted now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Number of its assignment in the history.
    pub assigned: usize,
    /// The month.
    pub month: Period,
    /// When it begins to count: its start, or that of its tier.
    pub from: Timestamp,
    /// Its credits.
    pub credits: Credits,
    /// The paid invoice that it waited for; `None` where none was due.
    pub invoice: Option<String>,
    /// When its lot ends if no later month comes: the month's end and the grace after it.
    pub ends_at: Timestamp,
    /// What it does to the lots before it.
    pub before: Before,
}

/// A month of the history, posted or not.
struct Month {
    due: Due,
    is_posted: bool,
    /// What keeps it from being posted now: it was not paid, or it is no upgrade.
    is_open: bool,
}

/// Whether a ledger that ended at `lost`, and that nobody can read any more, may have posted a month that is due: it had
/// begun by then, and so far as it waits for a payment, that was made by then.
pub fn may_be_given(it: &Due, paid_at: Option<Timestamp>, lost: Timestamp) -> bool {
    it.from < lost && (it.invoice.is_none() || paid_at.is_none_or(|at| at < lost))
}

/// Whether the newest month waits for a payment that is not known here: Stripe may know it.
pub fn waits(history: &[Assigned], bills: &[Bill], posted: &[PostedMonth], now: Timestamp) -> bool {
    let runs = runs(history);
    let whole: Vec<Assigned> = runs.iter().map(|(_, it)| it.clone()).collect();
    let newest = (0..whole.len()).rev().find_map(|index| {
        let month = months_of(&whole, index, bills, posted, now).pop()?;
        Some((month, whole.get(index)?.sub.is_some()))
    });
    newest.is_some_and(|(month, has_sub)| {
        has_sub && month.is_open && !month.is_posted && month.due.ends_at > now
    })
}

/// The months that are to be posted now, in their order. `history` is in order of time.
pub fn due(history: &[Assigned], bills: &[Bill], posted: &[PostedMonth], now: Timestamp) -> Vec<Due> {
    let runs = runs(history);
    let whole: Vec<Assigned> = runs.iter().map(|(_, it)| it.clone()).collect();
    let mut months: Vec<Month> = Vec::new();
    for (index, (assigned, _)) in runs.iter().enumerate() {
        let found = months_of(&whole, index, bills, posted, now);
        months.extend(found.into_iter().map(|it| Month { due: Due { assigned: *assigned, ..it.due }, ..it }));
    }
    let mut later: Option<Month> = None;
    let mut due = Vec::new();
    for month in months.into_iter().rev().filter(|month| month.is_posted || !month.is_open) {
        match &later {
            // The newest of all. One that would be over at once gives nothing.
            None if month.due.ends_at <= now => break,
            None => (),
            // What came later has ended whatever there was before it.
            Some(later) if matches!(later.due.before, Before::Ends | Before::EndsByUpgrade) => break,
            // A month that is paid after the next one was posted: only where nothing is ever cut off is it still owed.
            Some(later) if later.is_posted && later.due.before != Before::Carried => break,
            Some(_) => (),
        }
        let ends_at =
            later.as_ref().map_or(month.due.ends_at, |later| later.due.ends_at.max(month.due.ends_at));
        let month = Month { due: Due { ends_at, ..month.due }, ..month };
        if !month.is_posted {
            due.push(month.due.clone());
        }
        later = Some(month);
    }
    due.reverse();
    due
}

/// The history with what only changed seats or terms as one stretch, under the terms that it has now. Each with the
/// number of its newest assignment.
fn runs(history: &[Assigned]) -> Vec<(usize, Assigned)> {
    let mut runs: Vec<(usize, Assigned)> = Vec::new();
    for (index, it) in history.iter().enumerate() {
        match runs.last_mut() {
            Some((assigned, last))
                if (&last.tier, &last.sub, last.anchor, last.to)
                    == (&it.tier, &it.sub, it.anchor, Some(it.from)) =>
            {
                *assigned = index;
                *last = Assigned { from: last.from, ..it.clone() };
            }
            _ => runs.push((index, it.clone())),
        }
    }
    runs
}

fn months_of(
    history: &[Assigned],
    index: usize,
    bills: &[Bill],
    posted: &[PostedMonth],
    now: Timestamp,
) -> Vec<Month> {
    let mut months = Vec::new();
    let Some(it) = history.get(index) else { return months };
    let Some(credits) = it.per_month else { return months };
    let first = it.from.max(it.anchor);
    let cycle = Cycle::monthly(it.anchor);
    let Some(number) = cycle.number_at(first) else { return months };
    for number in number..number.saturating_add(MONTHS_MAX) {
        let Some(month) = cycle.period(number) else { break };
        let counts_from = month.start.max(first);
        if counts_from > now || it.to.is_some_and(|to| counts_from >= to) {
            break;
        }
        let is_posted = posted.iter().any(|was| was.tier == it.tier && was.month.start == month.start);
        let paid = payment(history, index, bills, month, counts_from);
        let again = it.sub.is_none()
            && posted.iter().any(|was| {
                was.tier == it.tier && was.month.start < month.start && month.start < was.month.end
            });
        let is_first = counts_from == first;
        months.push(Month {
            due: Due {
                assigned: index,
                month,
                from: counts_from,
                credits,
                invoice: paid.clone().flatten(),
                ends_at: ends_at(it, month),
                before: before(history, index, is_first),
            },
            is_posted,
            is_open: paid.is_none() || again,
        });
    }
    months
}

/// When the lot of a month ends if the next one does not come.
fn ends_at(it: &Assigned, month: Period) -> Timestamp {
    let waits = it.is_charged || it.policy != CreditPolicy::Reset;
    let days = i64::from(it.grace_days).max(if waits { RENEWAL_DAYS } else { 0 });
    month.end.plus(days.saturating_mul(DAY_S))
}

/// What a month does to those before it: an upgrade ends them, else the tier's own policy says.
fn before(history: &[Assigned], index: usize, is_first: bool) -> Before {
    let (it, previous) = (&history[index], index.checked_sub(1).and_then(|at| history.get(at)));
    if is_first && previous.is_some_and(|previous| previous.tier != it.tier && is_upgrade(previous, it)) {
        return Before::EndsByUpgrade;
    }
    match it.policy {
        CreditPolicy::Reset => Before::Ends,
        CreditPolicy::Add => Before::Carried,
        CreditPolicy::Rollover { cap } => Before::CarriedUpTo(cap),
    }
}

/// A higher rank; where the catalog does not know one of them, more credits.
fn is_upgrade(from: &Assigned, to: &Assigned) -> bool {
    match (from.rank, to.rank) {
        (Some(from), Some(to)) => to > from,
        _ => to.per_month > from.per_month,
    }
}

/// Whether a month is paid, and by which invoice; `None` while it waits, `Some(None)` where no invoice is due.
fn payment(
    history: &[Assigned],
    index: usize,
    bills: &[Bill],
    month: Period,
    counts_from: Timestamp,
) -> Option<Option<String>> {
    let it = &history[index];
    let previous = index.checked_sub(1).and_then(|at| history.get(at));
    let Some(sub) = &it.sub else { return Some(None) };
    let ours = || bills.iter().filter(|bill| bill.sub == *sub);
    // In the middle of a month, on a subscription that went on: the month itself was the former tier's.
    if counts_from > month.start
        && let Some(previous) = previous.filter(|previous| previous.sub == it.sub && previous.tier != it.tier)
    {
        if !is_upgrade(previous, it) {
            return None;
        }
        if !it.is_charged {
            return Some(None);
        }
        let near = |bill: &&Bill| {
            bill.is_change
                && bill.created_at >= it.from.plus(-CHANGE_NEAR_S)
                && it.to.is_none_or(|to| bill.created_at < to)
        };
        return match ours().filter(near).min_by_key(|bill| bill.created_at.since(it.from).abs()) {
            Some(bill) => bill.is_paid.then(|| Some(bill.invoice.clone())),
            None => it.invoices_known.then_some(None),
        };
    }
    if !it.is_charged {
        return Some(None);
    }
    let covering = |bill: &&Bill| bill.is_paid && bill.covers.is_some_and(|covers| covers.holds(counts_from));
    ours().find(covering).map(|bill| Some(bill.invoice.clone()))
}

#[cfg(test)]
mod tests;
