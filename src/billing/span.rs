//! Spans: the longest stretches in which one customer x meter keeps one billing period and one set of terms.
//!
//! They follow from the history of what the customer was on and from nothing else, so they can be made on demand and
//! made again whenever history changes. Half-open, without gaps or overlaps: every instant lies in exactly one.

use super::catalog::{Beyond, Terms, UsageTerms};
use super::id::{MeterKey, Revision};
use super::period::{Cycle, Period};
use super::time::{EARLIEST, LATEST, Timestamp};

/// Why usage is recorded but not billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exempt {
    /// No tier prices the meter; it is counted here only.
    Local,
    /// The tier has it without limit.
    Unlimited,
    /// The tier refuses what is beyond the included units.
    Block,
    /// What is beyond the included units costs credits.
    Credits,
    /// The tier does not have the meter, or its subscription has no item for it.
    NoItem,
    /// The customer was on no tier.
    NoTier,
}

impl Exempt {
    /// All of them, in the order of the store's list.
    pub const ALL: [Exempt; 6] =
        [Exempt::Local, Exempt::Unlimited, Exempt::Block, Exempt::Credits, Exempt::NoItem, Exempt::NoTier];

    /// The word in the store and in exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Exempt::Local => "local",
            Exempt::Unlimited => "unlimited",
            Exempt::Block => "block",
            Exempt::Credits => "credits",
            Exempt::NoItem => "no_item",
            Exempt::NoTier => "no_tier",
        }
    }

    /// Reads the store's word.
    pub fn parse(text: &str) -> Option<Exempt> {
        Exempt::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// What becomes of usage in a span.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Treatment {
    /// It is billed by the subscription item with this price (`price_…`).
    Billed(String),
    /// It is not billed.
    Exempt(Exempt),
}

impl Treatment {
    /// The price, where it is billed.
    pub fn price(&self) -> Option<&str> {
        match self {
            Treatment::Billed(price) => Some(price),
            Treatment::Exempt(_) => None,
        }
    }
    /// The reason, where it is not.
    pub fn exempt(&self) -> Option<Exempt> {
        match self {
            Treatment::Billed(_) => None,
            Treatment::Exempt(reason) => Some(*reason),
        }
    }
}

/// What a tier's terms make of a meter's usage. `price` is the Stripe price that plays this part in the revision;
/// `subscribed` says whether there is a subscription that can hold its item; `priced` whether any tier bills the meter.
pub fn treatment(
    terms: &Terms,
    meter: &MeterKey,
    price: Option<&str>,
    subscribed: bool,
    priced: bool,
) -> Treatment {
    let reason = match terms.usage.get(meter) {
        // What a subscriber bought is billed even when the catalog of today prices the meter no more.
        Some(UsageTerms::Counted { beyond: Beyond::Bill(_), .. }) => match price {
            Some(price) if subscribed => return Treatment::Billed(price.to_owned()),
            _ => Exempt::NoItem,
        },
        _ if !priced => Exempt::Local,
        None => Exempt::NoItem,
        Some(UsageTerms::Unlimited) => Exempt::Unlimited,
        Some(UsageTerms::Counted { beyond: Beyond::Block, .. }) => Exempt::Block,
        Some(UsageTerms::Counted { beyond: Beyond::Credits { .. }, .. }) => Exempt::Credits,
    };
    Treatment::Exempt(reason)
}

/// One row of a customer's history, seen by one meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Number of the assignment.
    pub assignment: i64,
    /// First second.
    pub from: Timestamp,
    /// First second after it; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// The billing anchor.
    pub anchor: Timestamp,
    /// The revision that it pins.
    pub revision: Revision,
    /// Its subscription, if it has one.
    pub sub: Option<String>,
    /// What becomes of the meter's usage.
    pub treatment: Treatment,
}

impl Stretch {
    fn end(&self) -> Timestamp {
        self.to.unwrap_or(LATEST)
    }
    fn is_empty(&self) -> bool {
        self.end() <= self.from
    }
    /// Whether the other one, which follows at once, changes nothing for the meter (a change of seats).
    fn continues_in(&self, next: &Stretch) -> bool {
        self.end() == next.from
            && self.anchor == next.anchor
            && self.revision == next.revision
            && self.sub == next.sub
            && self.treatment == next.treatment
    }
}

/// A span as it follows from history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First second.
    pub from: Timestamp,
    /// First second after it.
    pub to: Timestamp,
    /// The billing period that it belongs to. The span may end before its period does.
    pub period: Period,
    /// The period that allowances count in.
    pub allowance: Period,
    /// The first assignment that it comes from; `None` without a tier.
    pub assignment: Option<i64>,
    /// What becomes of its usage.
    pub treatment: Treatment,
}

impl Span {
    /// Whether an instant lies in it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// The span that holds an instant. `history` is sorted by `from` and without overlaps. `None` only outside the years
/// that we count in, or where an anchor is beyond the calendar.
pub fn span_at(history: &[Stretch], at: Timestamp) -> Option<Span> {
    if at < EARLIEST || at >= LATEST {
        return None;
    }
    let history: Vec<&Stretch> = history.iter().filter(|stretch| !stretch.is_empty()).collect();
    let next = history.partition_point(|stretch| stretch.from <= at);
    let held = next.checked_sub(1).filter(|index| at < history[*index].end());
    let Some(held) = held else {
        let from = next.checked_sub(1).map_or(EARLIEST, |index| history[index].end()).max(EARLIEST);
        let to = history.get(next).map_or(LATEST, |stretch| stretch.from).min(LATEST);
        let treatment = Treatment::Exempt(Exempt::NoTier);
        let period = Period { start: from, end: to };
        return Some(Span { from, to, period, allowance: period, assignment: None, treatment });
    };
    let (mut first, mut last) = (held, held);
    while first > 0 && history[first - 1].continues_in(history[first]) {
        first -= 1;
    }
    while last + 1 < history.len() && history[last].continues_in(history[last + 1]) {
        last += 1;
    }
    let (from, to) = (history[first].from, history[last].end());
    let stretch = history[first];
    // A trial is one period, whichever tiers it was spent on.
    let begun = history[..first].iter().rev().try_fold(from, |begun, before| {
        let is_same = before.end() == begun && before.anchor == stretch.anchor;
        if is_same { Ok(before.from) } else { Err(begun) }
    });
    let allowance = allowance_period(begun.unwrap_or_else(|begun| begun), stretch.anchor, at)?;
    // The first billing period starts no earlier than the terms did.
    let period = Period { start: allowance.start.max(from), end: allowance.end };
    Some(Span {
        from: period.start,
        to: to.min(period.end),
        period,
        allowance,
        assignment: Some(stretch.assignment),
        treatment: stretch.treatment.clone(),
    })
}

/// The period that allowances count in: up to the anchor (a trial) there is one; then they are monthly. It is not cut
/// where a tier began in the middle of it: a swap starts what is included in a price again, as at Stripe, but not what
/// a tier allows per period.
pub fn allowance_period(from: Timestamp, anchor: Timestamp, at: Timestamp) -> Option<Period> {
    if at < anchor { Some(Period { start: from, end: anchor }) } else { Cycle::monthly(anchor).period_at(at) }
}

#[cfg(test)]
mod tests;
