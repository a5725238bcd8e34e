//! The terms of a tier, or of a deal: prices, usage, seats, limits, credits, trial, grace, fallback.

mod usage;

use super::{Reader, parts};
use crate::billing::catalog::{CreditPolicy, CreditTerms, Interval, Limit, RecurringPrice, Seats, Terms};
use crate::billing::id::{LimitKey, MeterKey, TierKey};
use crate::billing::spelling::nearest;
use crate::config::problem::{Sink, shown};
use crate::config::walk::{Entry, Table};

/// The keys of terms, in the order in which people write them.
pub(super) const KEYS: &[&str] =
    &["prices", "usage", "seats", "limits", "credits", "trial_days", "grace_days", "fallback"];
/// Longest trial (Stripe: API reference, subscriptions: trial_period_days is at most 730).
const TRIAL_DAYS_MAX: u32 = 730;
/// Longest grace.
const GRACE_DAYS_MAX: u32 = 365;
/// Most seats (Stripe takes larger quantities, but nobody means them).
const SEATS_MAX: u32 = 1_000_000;

/// Reads the terms of a table; keys that are not there keep what `base` says.
pub(super) fn terms(reader: &mut Reader<'_, '_>, table: &Table<'_>, base: Terms) -> Terms {
    let mut terms = base;
    if let Some(entry) = table.get("seats") {
        terms.seats = seats(&mut reader.sink, &entry);
    }
    if let Some(entry) = table.get("prices") {
        terms.prices = prices(reader, &entry, table.has("seats") || terms.seats.is_some());
    }
    if let Some(table) = table.table(&mut reader.sink, "usage") {
        for entry in table.entries() {
            if let Some((meter, usage)) = usage_entry(reader, &entry) {
                terms.usage.insert(meter, usage);
            }
        }
    }
    let sink = &mut reader.sink;
    if let Some(table) = table.table(sink, "limits") {
        for entry in table.entries() {
            let key = parts::name::<LimitKey>(sink, &entry);
            if let (Some(key), Some(limit)) = (key, limit(sink, &entry)) {
                terms.limits.insert(key, limit);
            }
        }
    }
    if let Some(entry) = table.get("credits") {
        terms.credits = credits(sink, &entry);
    }
    if let Some(entry) = table.get("trial_days") {
        terms.trial_days = entry.small(sink, 1, TRIAL_DAYS_MAX);
    }
    if let Some(entry) = table.get("grace_days") {
        terms.grace_days = entry.small(sink, 0, GRACE_DAYS_MAX);
    }
    if let Some(entry) = table.get("fallback") {
        let text = entry.reference(sink, "tier", &reader.names.tiers);
        terms.fallback = text.and_then(|text| TierKey::parse(text).ok());
    }
    terms
}

fn usage_entry(
    reader: &mut Reader<'_, '_>,
    entry: &Entry<'_>,
) -> Option<(MeterKey, crate::billing::catalog::UsageTerms)> {
    let known = reader.names.meters.contains(&entry.name);
    if !known && !reader.sink.is_lenient() {
        let near = nearest(entry.name, reader.names.meters.iter().copied());
        let message = format!("there is no meter `{}` in this catalog", shown(entry.name));
        reader.sink.misspelt(&entry.key_span, &entry.path, message, near);
    }
    let table = entry.table(&mut reader.sink)?;
    let usage = usage::usage(reader, &table);
    Some((MeterKey::parse(entry.name).ok()?, usage?))
}

fn prices(reader: &mut Reader<'_, '_>, entry: &Entry<'_>, has_seats: bool) -> Vec<RecurringPrice> {
    let mut prices: Vec<RecurringPrice> = Vec::new();
    for item in entry.list(&mut reader.sink).unwrap_or_default() {
        let Some(table) = item.table(&mut reader.sink) else { continue };
        let Some(price) = price(reader, &table, has_seats) else { continue };
        if prices.iter().any(|other| other.interval == price.interval) {
            let word = price.interval.as_str();
            item.wrong(&mut reader.sink, format!("there is a price for each {word} already; a tier has one"));
        }
        prices.push(price);
    }
    prices
}

fn price(reader: &mut Reader<'_, '_>, table: &Table<'_>, has_seats: bool) -> Option<RecurringPrice> {
    let sink = &mut reader.sink;
    table.only(sink, &["interval", "amount", "per"]);
    let intervals = [Interval::Month, Interval::Year].map(|it| (it.as_str(), it));
    let interval = table.wanted(sink, "interval", "interval = \"month\" or \"year\"");
    let interval = interval.and_then(|it| it.word(sink, &intervals));
    let amount = table.wanted(sink, "amount", "amount = \"29.00\"");
    let amount = amount.and_then(|it| it.money(sink, reader.currency));
    let per = table.get("per");
    let per_seat = per.as_ref().and_then(|it| it.word(sink, &[("seat", ())])).is_some();
    if let (Some(per), true, false) = (&per, per_seat, has_seats) {
        per.wrong(sink, "a price per seat needs bounds on the tier: seats = { min = 1, max = 100 }");
    }
    Some(RecurringPrice { interval: interval?, amount: amount?, per_seat })
}

fn seats(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<Seats> {
    let table = entry.table(sink)?;
    table.only(sink, &["min", "max"]);
    let min = match table.get("min") {
        Some(entry) => entry.small(sink, 1, SEATS_MAX)?,
        None => 1,
    };
    let max = match table.get("max") {
        Some(entry) => Some((entry.small(sink, 1, SEATS_MAX)?, entry)),
        None => None,
    };
    if let Some((max, entry)) = &max
        && *max < min
    {
        entry.wrong(sink, format!("is below min, which is {min}"));
    }
    Some(Seats { min, max: max.map(|(max, _)| max) })
}

fn limit(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<Limit> {
    if entry.is_text() {
        return entry.word(sink, &[("unlimited", Limit::Unlimited)]);
    }
    entry.count(sink, 0).map(Limit::AtMost)
}

fn credits(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<CreditTerms> {
    let table = entry.table(sink)?;
    table.only(sink, &["per_month", "policy", "trial", "trial_expires_after"]);
    if !table.has("per_month") && !table.has("trial") {
        entry.wrong(sink, "says nothing: write per_month = 100, or trial = 10");
    }
    for (key, needs) in [("policy", "per_month"), ("trial_expires_after", "trial")] {
        if let (Some(entry), false) = (table.get(key), table.has(needs)) {
            sink.wrong(&entry.key_span, &entry.path, format!("means nothing without `{needs}`"));
        }
    }
    Some(CreditTerms {
        per_month: table.get("per_month").and_then(|it| parts::credits(sink, &it)),
        policy: table.get("policy").and_then(|it| policy(sink, &it)).unwrap_or_default(),
        trial: table.get("trial").and_then(|it| parts::credits(sink, &it)),
        trial_expires_after: table.get("trial_expires_after").and_then(|it| parts::lasting(sink, &it)),
    })
}

fn policy(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<CreditPolicy> {
    if entry.is_table() {
        let table = entry.table(sink)?;
        table.only(sink, &["rollover"]);
        let example = "policy = { rollover = { cap = 4000 } }";
        let rollover = table.wanted(sink, "rollover", example)?.table(sink)?;
        rollover.only(sink, &["cap"]);
        let cap = rollover.wanted(sink, "cap", example)?;
        return parts::credits(sink, &cap).map(|cap| CreditPolicy::Rollover { cap });
    }
    match entry.text(sink)? {
        "rollover" => {
            entry.wrong(sink, "a rollover has a cap: policy = { rollover = { cap = 4000 } }");
            None
        }
        _ => entry.word(sink, &[("reset", CreditPolicy::Reset), ("add", CreditPolicy::Add)]),
    }
}
