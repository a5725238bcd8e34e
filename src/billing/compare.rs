//! A customer as the store has it beside the customer as Stripe has it: what differs, and what may mend it by itself.
//!
//! - A difference has one class and one cause; what follows from another difference is not told twice.
//! - Safe is: the store follows Stripe, a subscription of ours is taken in, and of duplicate live subscriptions the
//!   newest paid one stays. Whatever else differs is a person's to decide, and the command is named.

use std::collections::BTreeMap;

use super::period::Period;
use super::reconcile::Class;
use super::time::Timestamp;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Recorded usage, deliveries and Stripe's sums.
    Usage,
    /// Customers, their tiers and subscriptions.
    Tiers,
    /// The credits ledger and the payments behind it.
    Credits,
    /// The catalog and what is sold at Stripe.
    Catalog,
}

impl Subject {
    /// The word of the command and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Subject::Usage => "usage",
            Subject::Tiers => "tiers",
            Subject::Credits => "credits",
            Subject::Catalog => "catalog",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Subject> {
        use Subject::{Catalog, Credits, Tiers, Usage};
        [Usage, Tiers, Credits, Catalog].into_iter().find(|it| it.as_str() == text)
    }
}

/// One item of a subscription, as one side has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemSide {
    /// `month`, `year`, `usage.<meter>`; `other` for what is not ours.
    pub role: String,
    /// `price_…`.
    pub price: String,
    /// `None` on metered items.
    pub quantity: Option<u64>,
}

/// A subscription of ours, as one side has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubSide {
    /// `sub_…`.
    pub sub: String,
    /// Stripe's word.
    pub status: String,
    /// The revision that its metadata names; the store's side has none.
    pub revision: Option<String>,
    /// Whether the metadata carries the whole terms of that revision, and the items are theirs.
    pub is_whole: bool,
    /// When it was made.
    pub created: Timestamp,
    /// Billing anchor.
    pub anchor: Timestamp,
    /// Current period of its first item.
    pub period: Option<Period>,
    /// When it will end.
    pub cancel_at: Option<Timestamp>,
    /// `sub_sched_…` that manages it.
    pub schedule: Option<String>,
    /// The operation that changed it last, by its metadata.
    pub op: Option<String>,
    /// Its items.
    pub items: Vec<ItemSide>,
}

impl SubSide {
    /// Whether it began and has not ended.
    pub fn lasts(&self) -> bool {
        !matches!(self.status.as_str(), "canceled" | "incomplete_expired" | "incomplete")
    }
    fn has_ended(&self) -> bool {
        matches!(self.status.as_str(), "canceled" | "incomplete_expired")
    }
}

/// The tier that the store has a customer on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnTier {
    /// `pro@3f2a…`.
    pub revision: String,
    /// `sub_…`.
    pub sub: Option<String>,
    /// Seats.
    pub seats: Option<u32>,
    /// The items that the pinned revision takes; `None` where its prices are not known.
    pub expected: Option<Vec<ItemSide>>,
}

/// A change that waits, as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSide {
    /// `sub_sched_…`; `None` where the end of the subscription carries it out.
    pub schedule: Option<String>,
    /// Its operation: in the subscription's metadata once it has come.
    pub op: String,
    /// What it is, in words.
    pub says: String,
}

/// What the store says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Here {
    /// The customer's own id.
    pub customer: String,
    /// `cus_…`.
    pub cus: String,
    /// A change of tier that was begun and not finished: what, and the command that finishes it.
    pub unfinished: Option<(String, String)>,
    /// A change that waits for its day.
    pub pending: Option<PendingSide>,
    /// `sub_sched_…` of ours that has carried its change out, and lets the subscription go within a day.
    pub past_schedule: Option<String>,
    /// What it is on.
    pub on: Option<OnTier>,
    /// Its subscriptions that have not ended.
    pub subs: Vec<SubSide>,
    /// Months whose allocation of credits is due and not posted.
    pub allocations_missing: Vec<String>,
}

/// Whether the newest invoice of a subscription was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// It was.
    Yes,
    /// It was not.
    No,
    /// It is a draft, or not known.
    Unclear,
}

/// What Stripe says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct There {
    /// The customer was deleted.
    pub is_gone: bool,
    /// Its subscriptions of ours in every status.
    pub subs: Vec<SubSide>,
    /// Of duplicate live ones: whether they are paid.
    pub paid: BTreeMap<String, Paid>,
}

/// What mends a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// The store follows Stripe: status, period, anchor, end.
    Refresh,
    /// The store takes a subscription in, with the terms that its metadata carries.
    TakeIn {
        /// `sub_…`.
        sub: String,
    },
    /// The store follows the seats at Stripe.
    Seats {
        /// `sub_…`.
        sub: String,
        /// How many.
        seats: u32,
    },
    /// A duplicate is cancelled at Stripe.
    Cancel {
        /// `sub_…` that goes.
        sub: String,
        /// `sub_…` that stays.
        keep: String,
        /// The rest of its paid period is credited.
        credit: bool,
    },
    /// What is due is posted to the ledger.
    Allocate,
    /// Nothing by itself: why, and the command for a person.
    Person {
        /// Why not by itself.
        why: String,
        /// The command.
        command: String,
    },
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub object: String,
    /// Missing at Stripe, extra there, another value, or not known.
    pub class: Class,
    /// Why.
    pub cause: &'static str,
    /// What the store says.
    pub ours: Option<String>,
    /// What Stripe says.
    pub stripe: Option<String>,
    /// What mends it.
    pub mend: Mend,
}

fn difference(
    object: &str,
    class: Class,
    cause: &'static str,
    (ours, stripe): (Option<String>, Option<String>),
    mend: Mend,
) -> Difference {
    Difference { object: object.to_owned(), class, cause, ours, stripe, mend }
}

fn value(object: &str, cause: &'static str, ours: String, stripe: String, mend: Mend) -> Difference {
    difference(object, Class::Value, cause, (Some(ours), Some(stripe)), mend)
}

fn person(why: &str, command: String) -> Mend {
    Mend::Person { why: why.to_owned(), command }
}

/// Everything that differs, in a fixed order.
pub fn differences(here: &Here, there: &There, now: Timestamp) -> Vec<Difference> {
    let customer = &here.customer;
    let assigned = here.on.as_ref().and_then(|on| on.sub.as_deref());
    if there.is_gone {
        return customer_gone(here, there, assigned).into_iter().collect();
    }
    if let Some((what, command)) = &here.unfinished {
        let both = (Some(format!("{what} was begun")), None);
        let mend =
            person("a change was begun and not finished: its own command finishes it", command.clone());
        return vec![difference(&here.cus, Class::Unknown, "unfinished", both, mend)];
    }
    let live: Vec<&SubSide> = there.subs.iter().filter(|it| it.lasts()).collect();
    let mut found = Vec::new();
    for stored in &here.subs {
        match there.subs.iter().find(|it| it.sub == stored.sub) {
            Some(it) if it.has_ended() => {
                let (ours, stripe) = (stored.status.clone(), it.status.clone());
                found.push(value(&stored.sub, "status", ours, stripe, Mend::Refresh));
            }
            Some(_) => {}
            None => {
                let mend = person(
                    "Stripe does not have what the store says",
                    format!("paygrade customer show {customer}"),
                );
                let ours = (Some(stored.status.clone()), None);
                found.push(difference(&stored.sub, Class::Missing, "no_subscription", ours, mend));
            }
        }
    }
    match live[..] {
        [] => {}
        [it] if assigned == Some(it.sub.as_str()) => found.extend(details(here, it, now)),
        [it] => found.push(unknown(here, it)),
        _ => found.extend(duplicates(here, there, &live, assigned, now)),
    }
    if found.is_empty() && !here.allocations_missing.is_empty() {
        let both = (None, Some(here.allocations_missing.join(" ")));
        found.push(difference(&here.cus, Class::Missing, "allocation", both, Mend::Allocate));
    }
    found
}

fn customer_gone(here: &Here, there: &There, assigned: Option<&str>) -> Option<Difference> {
    let ours = here.on.as_ref().map(|on| format!("on {}", on.revision));
    let ours = ours.or_else(|| here.subs.first().map(|it| format!("has {}", it.sub)))?;
    let ended = assigned.is_some_and(|sub| there.subs.iter().any(|it| it.sub == sub && it.has_ended()));
    let left = here.on.is_none() || ended;
    let mend = if left {
        Mend::Refresh
    } else {
        person(
            "nothing at Stripe says since when it is over",
            format!("paygrade customer show {}", here.customer),
        )
    };
    let both = (Some(ours), Some("deleted".to_owned()));
    Some(difference(&here.cus, Class::Missing, "customer_deleted", both, mend))
}

/// A live subscription of ours that the store does not have this customer on.
fn unknown(here: &Here, it: &SubSide) -> Difference {
    let ours = here.on.as_ref().map_or_else(|| "on no tier".to_owned(), |on| format!("on {}", on.revision));
    let stripe = format!("{} {}", it.status, it.revision.as_deref().unwrap_or("without terms"));
    let mend = if it.is_whole {
        Mend::TakeIn { sub: it.sub.clone() }
    } else {
        person(
            "its metadata does not carry the terms of its items",
            format!("paygrade tier assign {} TIER", here.customer),
        )
    };
    difference(&it.sub, Class::Extra, "unknown_subscription", (Some(ours), Some(stripe)), mend)
}

/// Of duplicate live subscriptions the newest paid one stays.
///
/// # Errors
/// Why it is not clear which one that is.
pub fn keeper<'a>(live: &[&'a SubSide], paid: &BTreeMap<String, Paid>) -> Result<&'a SubSide, &'static str> {
    let of = |it: &SubSide| paid.get(&it.sub).copied().unwrap_or(Paid::Unclear);
    if live.iter().any(|it| of(it) == Paid::Unclear) {
        return Err("it is not clear yet whether the newest invoice of each is paid");
    }
    let mut good: Vec<&SubSide> = live
        .iter()
        .copied()
        .filter(|it| of(it) == Paid::Yes && matches!(it.status.as_str(), "active" | "trialing"))
        .collect();
    good.sort_by_key(|it| std::cmp::Reverse(it.created));
    match good[..] {
        [] => Err("none of them is paid"),
        [first, second, ..] if first.created == second.created => {
            Err("two paid ones were made in the same second")
        }
        [first, ..] => Ok(first),
    }
}

fn duplicates(
    here: &Here,
    there: &There,
    live: &[&SubSide],
    assigned: Option<&str>,
    now: Timestamp,
) -> Vec<Difference> {
    let kept = keeper(live, &there.paid);
    let mut found = Vec::new();
    let ours = assigned.map_or_else(|| "none".to_owned(), |sub| format!("one: {sub}"));
    let others = live.iter().filter(|it| kept.as_ref().is_ok_and(|kept| kept.sub != it.sub) || kept.is_err());
    for it in others.filter(|it| kept.is_ok() || Some(it.sub.as_str()) != assigned) {
        let stripe = match &kept {
            Ok(kept) => format!("{}, beside the newest paid one, {}", it.status, kept.sub),
            Err(_) => format!("{}, one of {}", it.status, live.len()),
        };
        let mend = duplicate_mend(here, there, it, kept);
        let both = (Some(ours.clone()), Some(stripe));
        found.push(difference(&it.sub, Class::Extra, "two_subscriptions", both, mend));
    }
    if let Ok(kept) = kept
        && assigned == Some(kept.sub.as_str())
    {
        found.extend(details(here, kept, now));
    }
    found
}

fn duplicate_mend(here: &Here, there: &There, it: &SubSide, kept: Result<&SubSide, &'static str>) -> Mend {
    let by_hand = format!("paygrade explain {}", here.customer);
    let kept = match kept {
        Ok(kept) => kept,
        Err(why) => return person(why, by_hand),
    };
    let uncounted = it
        .items
        .iter()
        .find(|item| item.quantity.is_none() && !kept.items.iter().any(|other| other.role == item.role));
    if let Some(item) = uncounted {
        return person(&format!("{} bills {}, which {} does not", it.sub, item.role, kept.sub), by_hand);
    }
    if it.schedule.is_some() {
        return person("a schedule manages it", by_hand);
    }
    if !kept.is_whole && here.on.as_ref().and_then(|on| on.sub.as_ref()) != Some(&kept.sub) {
        return person("the one that stays does not carry the terms of its items", by_hand);
    }
    let credit = there.paid.get(&it.sub) == Some(&Paid::Yes);
    Mend::Cancel { sub: it.sub.clone(), keep: kept.sub.clone(), credit }
}

/// What differs of the one subscription that both sides have.
fn details(here: &Here, it: &SubSide, now: Timestamp) -> Vec<Difference> {
    let (Some(on), Some(stored)) = (&here.on, here.subs.iter().find(|stored| stored.sub == it.sub)) else {
        let both = (Some("ended".to_owned()), Some(it.status.clone()));
        return vec![difference(&it.sub, Class::Value, "status", both, Mend::Refresh)];
    };
    if let Some(waits) = here.pending.as_ref().filter(|waits| has_come(waits, it)) {
        // All else that differs follows from it.
        let says = it.revision.clone().unwrap_or_default();
        return vec![value(&it.sub, "pending_change", waits.says.clone(), says, Mend::Refresh)];
    }
    let mut found = Vec::new();
    let mut refresh = |cause: &'static str, ours: String, stripe: String| {
        if ours != stripe {
            found.push(value(&it.sub, cause, ours, stripe, Mend::Refresh));
        }
    };
    let instant = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    refresh("status", stored.status.clone(), it.status.clone());
    refresh("cancel_at", instant(stored.cancel_at), instant(it.cancel_at));
    refresh("anchor", stored.anchor.to_string(), it.anchor.to_string());
    if stored.anchor == it.anchor && stored.status == it.status && period_differs(stored, it, now) {
        let words = |period: Option<Period>| {
            period.map_or_else(|| "none".to_owned(), |it| format!("{} to {}", it.start, it.end))
        };
        refresh("period", words(stored.period), words(it.period));
    }
    let waits = here.pending.as_ref().and_then(|waits| waits.schedule.as_ref());
    let lets_go = waits.is_none() && it.schedule.is_some() && it.schedule == here.past_schedule;
    if it.schedule.as_ref() != waits && !lets_go {
        found.extend(schedule(here, it));
    }
    match it.revision.as_ref().filter(|revision| **revision != on.revision) {
        Some(revision) => {
            let mend = if it.is_whole {
                Mend::TakeIn { sub: it.sub.clone() }
            } else {
                person("its items are not those of its terms", assign_again(here, on))
            };
            found.push(value(&it.sub, "tier", on.revision.clone(), revision.clone(), mend));
        }
        None => found.extend(items(here, on, it)),
    }
    found
}

fn assign_again(here: &Here, on: &OnTier) -> String {
    let tier = on.revision.split('@').next().unwrap_or_default();
    format!("paygrade tier assign {} {tier}", here.customer)
}

/// Whether the day of a change that waited has come at Stripe.
fn has_come(waits: &PendingSide, it: &SubSide) -> bool {
    waits.schedule.is_some() && it.op.as_ref() == Some(&waits.op)
}

fn schedule(here: &Here, it: &SubSide) -> Option<Difference> {
    let waits = here.pending.as_ref().and_then(|waits| waits.schedule.clone());
    let both = (waits, it.schedule.clone());
    let class = match (&both.0, &both.1) {
        (None, Some(_)) => Class::Extra,
        (Some(_), None) => Class::Missing,
        _ => Class::Value,
    };
    let mend = person(
        "what waits was not asked for here, or is not at Stripe any more",
        format!("paygrade tier resume {}", here.customer),
    );
    Some(difference(&it.sub, class, "schedule", both, mend))
}

/// A period that the store has not seen yet, of the same anchor, is no difference: it renewed.
fn period_differs(stored: &SubSide, it: &SubSide, now: Timestamp) -> bool {
    match (stored.period, it.period) {
        (Some(ours), Some(stripe)) => ours != stripe && !(ours.end <= stripe.start && ours.end <= now),
        (ours, stripe) => ours != stripe,
    }
}

/// Seats, prices and items of the pinned revision against those at Stripe.
fn items(here: &Here, on: &OnTier, it: &SubSide) -> Vec<Difference> {
    let Some(expected) = &on.expected else { return Vec::new() };
    let again = |why: &str| person(why, assign_again(here, on));
    let mut extra: Vec<&ItemSide> = it.items.iter().collect();
    let mut absent = Vec::new();
    let mut found = Vec::new();
    for want in expected {
        let Some(at) = extra.iter().position(|item| item.price == want.price) else {
            absent.push(want);
            continue;
        };
        let item = extra.remove(at);
        if item.quantity != want.quantity {
            found.push(quantity(here, on, it, want, item));
        }
    }
    for want in absent {
        let instead = extra.iter().position(|item| item.role == want.role);
        let ours = Some(format!("{} {}", want.role, want.price));
        found.push(match instead.map(|at| extra.remove(at)) {
            Some(item) => {
                let both = (ours, Some(format!("{} {}", item.role, item.price)));
                let mend = again("which price is right is not known here");
                difference(&it.sub, Class::Value, "price", both, mend)
            }
            None => {
                let mend = again("an item was taken away");
                difference(&want.price, Class::Missing, "item", (ours, None), mend)
            }
        });
    }
    found.extend(extra.into_iter().map(|item| {
        let both = (None, Some(format!("{} {}", item.role, item.price)));
        let mend = match item.role.as_str() {
            "other" => person(
                "it is not ours: take it away in the Dashboard, or acknowledge it",
                format!("paygrade explain {}", here.customer),
            ),
            _ => again("an item was added"),
        };
        difference(&item.price, Class::Extra, "item", both, mend)
    }));
    found
}

fn quantity(here: &Here, on: &OnTier, it: &SubSide, want: &ItemSide, item: &ItemSide) -> Difference {
    let words = |quantity: Option<u64>| quantity.map_or_else(|| "none".to_owned(), |it| it.to_string());
    let seats = item.quantity.and_then(|quantity| u32::try_from(quantity).ok()).filter(|seats| *seats > 0);
    let mend = match (on.seats, seats) {
        (Some(_), Some(seats)) => Mend::Seats { sub: it.sub.clone(), seats },
        _ => person("the tier has no seats", assign_again(here, on)),
    };
    value(&it.sub, "seats", words(want.quantity), words(item.quantity), mend)
}

#[cfg(test)]
mod tests;
