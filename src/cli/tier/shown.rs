//! What a change of tier would take, and what came of it.

use crate::billing::assign::{Decision, Pending, Undo, Wanted};
use crate::billing::catalog::{BandMode, Interval};
use crate::billing::money::{Currency, Money};
use crate::billing::price::{Charged, PriceShape, tier_prices};
use crate::billing::proration::Due;
use crate::cli::Cx;
use crate::flow::assign::{Cancelled, Outcome, Plan};
use crate::ui::{Cell, Report};

const ITEM_COLUMNS: &[&str] = &["item", "quantity", "price", "amount", "charged"];

/// What it would take, with its money and the command that applies it.
pub(super) fn plan_report(cx: &Cx, name: &'static str, plan: &Plan, forfeit: bool) -> Report {
    let mut report = Report::new(name, ITEM_COLUMNS).money(&["amount"]);
    let wanted = plan.wanted.as_ref();
    for cells in wanted.iter().flat_map(|wanted| item_rows(wanted)) {
        report.row(cells);
    }
    let amount = wanted.and_then(Wanted::amount);
    let trial = wanted.and_then(|wanted| wanted.trial_days);
    let unsent = plan.unsent.as_ref();
    report
        .fact("customer", Cell::text(plan.customer.id.as_str()))
        .fact("tier", Cell::maybe_text(wanted.map(|it| it.revision.tier.to_string())))
        .fact("revision", Cell::maybe_text(wanted.map(|it| it.revision.to_string())))
        .fact("interval", Cell::maybe_text(wanted.and_then(|it| it.interval).map(Interval::as_str)))
        .fact("seats", Cell::maybe_count(wanted.and_then(|it| it.seats).map(i64::from)))
        .fact("trial_days", Cell::maybe_count(trial.map(i64::from)))
        .fact("at", Cell::maybe_at(day(&plan.decision)))
        .fact("charge_estimate", Cell::maybe_money(plan.charge.map(|charge| charge.amount)))
        .fact("stripe_preview", Cell::maybe_money(stripe_says(plan)))
        .fact("recurring", Cell::maybe_money(amount))
        .fact("unsent_units", Cell::maybe_count(unsent.map(|left| left.units)))
        .fact("unsent_cost", Cell::maybe_money(unsent.and_then(|left| left.cost)))
        .fact("state", Cell::text("shown"))
        .verdict(plan_verdict(cx, plan, amount, forfeit))
}

/// What Stripe's preview comes to.
fn stripe_says(plan: &Plan) -> Option<Money> {
    let preview = plan.preview.as_ref()?;
    Currency::parse(&preview.currency).map(|currency| Money { minor: preview.total, currency })
}

/// When it would happen, where that is to come.
fn day(decision: &Decision) -> Option<crate::billing::time::Timestamp> {
    match decision {
        Decision::Later { at, .. } | Decision::EndLater { at, .. } => Some(*at),
        _ => None,
    }
}

fn plan_verdict(cx: &Cx, plan: &Plan, amount: Option<Money>, forfeit: bool) -> String {
    let words = decision_words(plan);
    if plan.decision == Decision::Nothing {
        return words;
    }
    let wanted = plan.wanted.as_ref();
    let then = amount.filter(|money| money.minor > 0);
    let interval = wanted.and_then(|wanted| wanted.interval);
    let held = plan.has.subscription.as_ref().and_then(|held| held.coupon.as_ref());
    let coupon = wanted.and_then(|wanted| wanted.coupon.as_ref()).or(held);
    let off = if coupon.is_some() { " before discounts" } else { "" };
    let then = then.map(|money| format!(", then {money} {}{off}", per(interval))).unwrap_or_default();
    let trial = wanted.and_then(|wanted| wanted.trial_days);
    let trial = trial.map(|days| format!(", after a trial of {days} days")).unwrap_or_default();
    let mut first = String::new();
    if let Some(left) = &plan.unsent {
        let (words, them) = (left.words(), if forfeit { "given up" } else { "sent first" });
        first.push_str(&format!("{words} are not at Stripe yet and are {them}; "));
    }
    if undo(&plan.decision).is_some_and(|undo| !undo.is_empty()) {
        first.push_str("what waits is undone first; ");
    }
    if plan.unfinished {
        first.push_str("an earlier change is unfinished and comes first; ");
    }
    let (charge, stripe) = (charge_words(plan), stripe_words(plan));
    format!(
        "{words}{charge}{stripe}{then}{trial}; {first}nothing was changed; apply it: {}",
        cx.line_applying()
    )
}

/// `, about USD 19.34 now`: our own figure, where something is charged.
fn charge_words(plan: &Plan) -> String {
    let ends = matches!(plan.decision, Decision::End { .. } | Decision::EndLater { .. });
    let waits = matches!(plan.decision, Decision::Later { .. });
    let is_silent = |minor: i64| plan.decision == Decision::Nothing || (waits && minor == 0);
    let Some(charge) = plan.charge.filter(|charge| !is_silent(charge.amount.minor)) else {
        return String::new();
    };
    let when = match charge.due {
        Due::Now => "now",
        Due::Then => "then",
        Due::Next if waits => "with the invoice after it",
        Due::Next => "with the next invoice",
        Due::Last => "with its last invoice",
    };
    // An end in a trial makes no invoice.
    if ends && plan.trialing && charge.amount.minor == 0 {
        return String::new();
    }
    let so_far = if ends { ", by what is known so far" } else { "" };
    match charge.amount.minor {
        minor if minor < 0 => format!(", about {} credited", absolute(charge.amount)),
        _ => format!(", about {} {when}{so_far}", charge.amount),
    }
}

/// ` (Stripe's preview: USD 19.34)`. Our figure is the change alone; Stripe's is an invoice, with all that is on it.
fn stripe_words(plan: &Plan) -> String {
    let Some(it) = stripe_says(plan) else {
        let refused = plan.preview_refused.as_ref();
        return refused.map(|said| format!(" (Stripe refuses to show it: {said})")).unwrap_or_default();
    };
    let is_all = plan.charge.is_none_or(|charge| charge.amount == it);
    match &plan.decision {
        Decision::Later { .. } => format!(" (Stripe's preview of a period: {it})"),
        Decision::Change { items, invoice_now, .. } if !invoice_now || items.is_empty() || plan.trialing => {
            format!(" (Stripe's preview of the next invoice: {it})")
        }
        Decision::Change { .. } if !is_all => {
            format!(" (Stripe's preview, with usage so far, discounts and what waits: {it})")
        }
        _ => format!(" (Stripe's preview: {it})"),
    }
}

fn undo(decision: &Decision) -> Option<&Undo> {
    match decision {
        Decision::Change { undo, .. }
        | Decision::Later { undo, .. }
        | Decision::End { undo, .. }
        | Decision::EndLater { undo, .. } => Some(undo),
        Decision::Nothing | Decision::Pin | Decision::Create { .. } => None,
    }
}

/// What would be done, in words.
fn decision_words(plan: &Plan) -> String {
    let id = &plan.customer.id;
    let tier = plan.wanted.as_ref().map(|wanted| wanted.revision.tier.to_string());
    let to = tier.as_ref().map(|tier| format!(", then {tier}")).unwrap_or_default();
    let tier = tier.unwrap_or_default();
    match &plan.decision {
        Decision::Nothing => match (&plan.has.pending, &plan.wanted) {
            (Some(waits), _) => format!("{} already: nothing to do", waits_words(id.as_str(), waits)),
            (None, Some(_)) => format!("{id} is on {tier} already: nothing to do"),
            (None, None) => format!("the subscription of {id} has ended already: nothing to do"),
        },
        Decision::Pin => format!("would put {id} on {tier}, without a subscription"),
        Decision::Create { .. } => format!("would make a subscription to {tier} for {id}"),
        Decision::Change { items, send_invoice_days, .. } if items.is_empty() => {
            let by_mail = send_invoice_days
                .map(|days| format!("send the invoices of {id} by mail, due after {days} days"));
            let coupon = plan.wanted.as_ref().and_then(|wanted| wanted.coupon.as_ref());
            let redeemed = coupon.map(|coupon| format!("redeem {coupon} for {id}"));
            let done: Vec<String> = by_mail.into_iter().chain(redeemed).collect();
            match done.is_empty() {
                true => format!("would leave {id} on {tier}"),
                false => format!("would {}", done.join(" and ")),
            }
        }
        Decision::Change { sub, .. } => format!("would change {sub} of {id} to {tier}"),
        Decision::Later { sub, at, .. } => format!("would change {sub} of {id} to {tier} at {at}"),
        Decision::End { sub, .. } if plan.trialing => {
            format!("would end {sub} of {id} now, in its trial, whose usage is not billed{to}")
        }
        Decision::End { sub, .. } => {
            format!(
                "would end {sub} of {id} now, with an invoice for its usage so far and no credit for the rest of \
                 its period{to}"
            )
        }
        Decision::EndLater { sub, at, .. } => format!("would end {sub} of {id} at {at}{to}"),
    }
}

/// `acme changes to basic at …`, `acme ends at …`.
fn waits_words(id: &str, waits: &Pending) -> String {
    match &waits.to {
        Some(to) => {
            let interval = to.interval.map(|it| format!(" by the {}", it.as_str())).unwrap_or_default();
            let seats = to.seats.map(|seats| format!(" with {seats} seats")).unwrap_or_default();
            format!("{id} changes to {}{interval}{seats} at {}", to.revision.tier, waits.at)
        }
        None => format!("the subscription of {id} ends at {}", waits.at),
    }
}

fn absolute(money: Money) -> Money {
    Money { minor: money.minor.saturating_abs(), ..money }
}

fn per(interval: Option<Interval>) -> String {
    format!("a {}", interval.map_or("month", Interval::as_str))
}

/// What the subscription consists of.
fn item_rows(wanted: &Wanted) -> Vec<Vec<Cell>> {
    let items = wanted.items();
    let prices = tier_prices(&wanted.terms);
    let price = |role: &str| prices.iter().find(|price| price.key == role);
    let row = |item: &crate::billing::assign::WantedItem| {
        let found = price(&item.role);
        vec![
            Cell::text(&item.role),
            Cell::maybe_count(item.quantity.and_then(|quantity| i64::try_from(quantity).ok())),
            found.map_or(Cell::Blank, |it| Cell::text(shape_words(&it.shape, wanted.currency))),
            if item.quantity.is_some() { Cell::maybe_money(wanted.amount()) } else { Cell::Blank },
            found.map_or(Cell::Blank, |it| Cell::text(charged_words(&it.charged))),
        ]
    };
    items.iter().map(row).collect()
}

/// When a price is charged.
pub(super) fn charged_words(charged: &Charged) -> String {
    match charged {
        Charged::Once => "once".to_owned(),
        Charged::InAdvance { interval, per_seat } => {
            format!("every {} in advance{}", interval.as_str(), if *per_seat { ", per seat" } else { "" })
        }
        Charged::Metered { meter } => format!("every month for the {meter} used"),
    }
}

/// `0.0015`, or `first 100000 at 0, then 0.0015`.
pub(super) fn shape_words(shape: &PriceShape, currency: Currency) -> String {
    match shape {
        PriceShape::PerUnit(price) => price.major(currency),
        PriceShape::Bands { mode, bands } => {
            let band = |band: &crate::billing::catalog::Band| {
                let upto = band.up_to.map_or_else(|| "then".to_owned(), |end| format!("up to {end}:"));
                let flat = match band.flat.minor().is_zero() {
                    true => String::new(),
                    false => format!(" + {} flat", band.flat.major(currency)),
                };
                format!("{upto} {}{flat}", band.price.major(currency))
            };
            let volume = if *mode == BandMode::Volume { "all units by volume: " } else { "" };
            format!("{volume}{}", bands.iter().map(band).collect::<Vec<_>>().join(", "))
        }
    }
}

/// What came of a change.
pub(super) fn outcome_report(name: &'static str, outcome: &Outcome) -> Report {
    let on = &outcome.assignment;
    let (id, tier) = (&outcome.customer.id, &on.revision.tier);
    let status = outcome.status.as_deref();
    let shown = status.map(|status| format!(" ({status})")).unwrap_or_default();
    let credits = outcome.trial_credits.map(|n| format!(", {n} trial credits granted")).unwrap_or_default();
    let seats = on.seats.filter(|_| name == "tier_seats");
    let seats = seats.map(|seats| format!(" with {seats} seats")).unwrap_or_default();
    let waits = outcome.pending.as_ref();
    let verdict = match (outcome.changed, waits) {
        (true, Some(waits)) => {
            format!("{} (now on {tier}{seats}){credits}", waits_words(id.as_str(), waits))
        }
        (true, None) => format!("{id} is on {tier}{seats} from {} on{shown}{credits}", on.from_at),
        (false, Some(waits)) => {
            format!("{} already (now on {tier}): nothing changed", waits_words(id.as_str(), waits))
        }
        (false, None) => format!("{id} is on {tier}{seats} already{shown}: nothing changed"),
    };
    let coming = waits.and_then(|waits| waits.to.as_ref());
    let mut report = Report::new(name, &[])
        .fact("customer", Cell::text(id.as_str()))
        .fact("tier", Cell::text(tier.as_str()))
        .fact("revision", Cell::text(on.revision.to_string()))
        .fact("interval", Cell::maybe_text(on.interval.map(Interval::as_str)))
        .fact("seats", Cell::maybe_count(on.seats.map(i64::from)))
        .fact("sub", Cell::maybe_text(on.sub.clone()))
        .fact("status", Cell::maybe_text(status))
        .fact("from", Cell::At(on.from_at))
        .fact("anchor", Cell::At(on.anchor_at))
        .fact("pending_tier", Cell::maybe_text(coming.map(|to| to.revision.tier.to_string())))
        .fact("pending_at", Cell::maybe_at(waits.map(|waits| waits.at)))
        .fact("trial_credits", Cell::maybe_count(outcome.trial_credits))
        .fact("state", Cell::text(if outcome.changed { "changed" } else { "unchanged" }))
        .verdict(verdict);
    report.wrote = Some(i64::from(outcome.changed));
    report
}

/// What became of a subscription that was to end.
pub(super) fn cancelled_report(it: &Cancelled) -> Report {
    let on = &it.assignment;
    let (id, tier) = (&it.customer.id, &on.revision.tier);
    let then = match (&it.fallback, it.pending.is_some()) {
        (Some(tier), true) => format!(", then falls back to {tier}"),
        (Some(tier), false) => format!("; it falls back to {tier}: paygrade tick"),
        (None, _) => String::new(),
    };
    let done = if it.changed { "" } else { " already: nothing changed" };
    let verdict = match &it.pending {
        Some(waits) => format!("{}{then}{done} (until then on {tier})", waits_words(id.as_str(), waits)),
        None => {
            let at = on.to_at.map(|at| format!(" at {at}")).unwrap_or_default();
            format!("the subscription of {id} to {tier} ended{at}{then}{done}")
        }
    };
    let mut report = Report::new("tier_cancel", &[])
        .fact("customer", Cell::text(id.as_str()))
        .fact("tier", Cell::text(tier.as_str()))
        .fact("sub", Cell::maybe_text(on.sub.clone()))
        .fact("ends", Cell::maybe_at(it.pending.as_ref().map(|waits| waits.at)))
        .fact("ended", Cell::maybe_at(on.to_at))
        .fact("fallback", Cell::maybe_text(it.fallback.as_ref().map(ToString::to_string)))
        .fact("state", Cell::text(if it.changed { "changed" } else { "unchanged" }))
        .verdict(verdict);
    report.wrote = Some(i64::from(it.changed));
    report
}
