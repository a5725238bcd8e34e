//! What stands on an invoice: lines for licensed items, for usage, for trials, and their wording.

use super::invoice::{Line, Usage};
use super::subscription::{Item, Subscription};
use super::terms::Terms;
use crate::local::Call;
use crate::local::calendar::{Period, Unit};
use crate::local::decimal::Decimal;
use crate::local::form::Metadata;
use crate::local::meter_summary;
use crate::local::rating::{self, Packages, Share, Tariff};

/// A line of a subscription item without text or money.
pub(super) fn blank(
    call: &mut Call,
    subscription: &Subscription,
    item: &str,
    terms: &Terms,
    period: Period,
) -> Line {
    Line {
        id: call.model.mint("il_1", 23),
        amount: 0,
        description: String::new(),
        period_start: period.start,
        period_end: period.end,
        quantity: Decimal::ZERO,
        price: Some(terms.price.clone()),
        product: Some(terms.product.clone()),
        unit: None,
        subscription: Some(subscription.id.clone()),
        item: Some(item.to_owned()),
        invoice_item: None,
        proration: false,
        opening: false,
        credited: None,
        usage: None,
        off: Vec::new(),
        credits: Vec::new(),
        metadata: Metadata::new(),
    }
}

/// The lines of a licensed item for a period, paid in advance.
pub(super) fn licensed(
    call: &mut Call,
    subscription: &Subscription,
    item: &Item,
    terms: &Terms,
    period: Period,
) -> Vec<Line> {
    let quantity = whole(item.quantity.unwrap_or(1));
    let line = blank(call, subscription, &item.id, terms, period);
    rated(call, line, terms, quantity)
}

/// The lines of a metered item for usage in `usage`, in arrears. They keep the usage, to be rated again.
pub(super) fn metered(
    call: &mut Call,
    subscription: &Subscription,
    item: &str,
    terms: &Terms,
    usage: Usage,
    period: Period,
) -> Vec<Line> {
    let quantity = used(call, &subscription.customer, &usage);
    let mut line = blank(call, subscription, item, terms, period);
    let billed = usage.billed;
    line.usage = Some(usage);
    rated_beyond(call, line, terms, billed, quantity)
}

/// What a meter counted for a customer in a stretch of time; nothing below zero is billed
/// (Stripe: docs …/recording-usage-api).
pub(super) fn used(call: &Call, customer: &str, usage: &Usage) -> Decimal {
    let whole = meter_summary::aggregate(call.model, &usage.meter, customer, usage.from, usage.to, call.now);
    whole.minus(usage.less).unwrap_or(whole).max(Decimal::ZERO)
}

/// What was received so far of the current second.
pub(super) fn this_second(call: &Call, customer: &str, terms: &Terms) -> Decimal {
    let Some(meter) = &terms.meter else { return Decimal::ZERO };
    meter_summary::aggregate(call.model, meter, customer, call.now, call.now + 1, call.now)
}

/// Rates a quantity into as many lines like `line` as the price makes.
pub(super) fn rated(call: &mut Call, line: Line, terms: &Terms, quantity: Decimal) -> Vec<Line> {
    rated_beyond(call, line, terms, Decimal::ZERO, quantity)
}

/// As [`rated`], without what another invoice holds of the quantity.
fn rated_beyond(call: &mut Call, line: Line, terms: &Terms, billed: Decimal, quantity: Decimal) -> Vec<Line> {
    let shares = rating::beyond(&terms.tariff, billed, quantity);
    let mut lines = Vec::with_capacity(shares.len());
    for (index, share) in shares.iter().enumerate() {
        let id = if index == 0 { line.id.clone() } else { call.model.mint("il_1", 23) };
        lines.push(Line {
            id,
            amount: share.amount,
            description: wording(terms, share),
            quantity: share.quantity,
            unit: Some(share.unit),
            ..line.clone()
        });
    }
    lines
}

/// Rates the usage lines of a draft again, with what was counted by now; other lines stay as they are.
pub(super) fn refresh(call: &mut Call, customer: &str, lines: Vec<Line>) -> Vec<Line> {
    let mut fresh: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        let Some(usage) = line.usage.clone() else {
            fresh.push(line);
            continue;
        };
        // The first of several lines of one item stands for all of them.
        if fresh
            .iter()
            .any(|it| it.usage.as_ref() == Some(&usage) && it.item == line.item && it.price == line.price)
        {
            continue;
        }
        let terms = line.price.as_deref().and_then(|price| Terms::of(call.model, price));
        let Some(terms) = terms else {
            fresh.push(line);
            continue;
        };
        let quantity = used(call, customer, &usage);
        fresh.extend(rated_beyond(call, line, &terms, usage.billed, quantity));
    }
    fresh
}

/// The line of a licensed item for its trial: nothing to pay.
pub(super) fn trial(
    call: &mut Call,
    subscription: &Subscription,
    item: &Item,
    terms: &Terms,
    period: Period,
) -> Line {
    let mut line = blank(call, subscription, &item.id, terms, period);
    line.quantity = whole(item.quantity.unwrap_or(1));
    line.unit = Some(Decimal::ZERO);
    line.description = format!("Trial period for {}", terms.product_name);
    line
}

/// The line of a one-time price, without an invoice item yet.
pub(super) fn one_time(call: &mut Call, terms: &Terms, quantity: Decimal) -> Vec<Line> {
    let amount = rating::total(&terms.tariff, quantity);
    vec![Line {
        id: call.model.mint("il_1", 23),
        amount,
        description: terms.product_name.clone(),
        period_start: call.now,
        period_end: call.now,
        quantity,
        price: Some(terms.price.clone()),
        product: Some(terms.product.clone()),
        unit: None,
        subscription: None,
        item: None,
        invoice_item: None,
        proration: false,
        opening: false,
        credited: None,
        usage: None,
        off: Vec::new(),
        credits: Vec::new(),
        metadata: Metadata::new(),
    }]
}

/// A count as a decimal.
pub(super) fn whole(count: u64) -> Decimal {
    Decimal::whole(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The description of a line, as real invoices word it.
fn wording(terms: &Terms, share: &Share) -> String {
    let every = every(terms);
    let price = money(&terms.currency, share.unit);
    let what = match &terms.unit_label {
        Some(label) => format!("{} {label} × {}", share.quantity, terms.product_name),
        None => format!("{} × {}", share.quantity, terms.product_name),
    };
    match (share.tier, &terms.tariff) {
        (Some(tier), _) if share.flat => {
            format!("{} (Tier {tier} at {price}{every})", terms.product_name)
        }
        (Some(tier), _) => format!("{what} (Tier {tier} at {price}{every})"),
        (None, Tariff::PerUnit { package: Some((size, Packages::Up | Packages::Down)), .. }) => {
            format!("{what} (at {price} per {size} units{every})")
        }
        (None, _) => format!("{what} (at {price}{every})"),
    }
}

/// ` / month`, ` every 3 months`; nothing for a one-time price.
fn every(terms: &Terms) -> String {
    let Some(cadence) = terms.cadence else { return String::new() };
    let unit = match cadence.unit {
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    };
    if cadence.count == 1 { format!(" / {unit}") } else { format!(" every {} {unit}s", cadence.count) }
}

/// Minor units as people read them: `$10.00`, `$0.036`, `¥500`.
pub(super) fn money(currency: &str, minor: Decimal) -> String {
    // Stripe: docs /currencies#zero-decimal and #three-decimal.
    let places: usize = match currency {
        "bif" | "clp" | "djf" | "gnf" | "jpy" | "kmf" | "krw" | "mga" | "pyg" | "rwf" | "vnd" | "vuv"
        | "xaf" | "xof" | "xpf" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    };
    let sign = match currency {
        "usd" => "$".to_owned(),
        "eur" => "€".to_owned(),
        "gbp" => "£".to_owned(),
        "jpy" => "¥".to_owned(),
        other => format!("{} ", other.to_ascii_uppercase()),
    };
    let text = minor.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{whole:0>width$}", width = places + 1);
    let (major, cents) = digits.split_at(digits.len() - places);
    let fraction = format!("{cents}{part}");
    if fraction.is_empty() { format!("{sign}{major}") } else { format!("{sign}{major}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_on_real_invoices() {
        for (currency, minor, want) in [
            ("usd", "1000", "$10.00"),
            ("usd", "3.6", "$0.036"),
            ("usd", "0", "$0.00"),
            ("usd", "0.05", "$0.0005"),
            ("jpy", "500", "¥500"),
            ("jpy", "0.5", "¥0.5"),
            ("kwd", "1500", "KWD 1.500"),
            ("eur", "5", "€0.05"),
        ] {
            assert_eq!(money(currency, minor.parse().unwrap()), want);
        }
    }
}
