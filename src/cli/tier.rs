//! `tier`: what is sold, and who is on it.

use clap::{Args, Subcommand};

use super::Cx;
use crate::billing::assign::{Asked, Decision, Wanted};
use crate::billing::catalog::{BandMode, Interval, Limit, UsageTerms};
use crate::billing::id::{CustomerId, TierKey};
use crate::billing::money::{Currency, Money};
use crate::billing::price::{Charged, PriceShape, tier_prices};
use crate::error::Error;
use crate::flow::assign::{Ask, Outcome, Plan, assign, assign_plan};
use crate::flow::tier::{TierView, tier_list, tier_show};
use crate::ui::{Cell, Report};

/// What is sold, and who is on it
#[derive(Debug, Subcommand)]
pub enum TierCommand {
    /// Put a customer on a tier; the same again changes nothing
    #[command(after_help = ASSIGN_EXAMPLES)]
    Assign(AssignArgs),
    /// List tiers with their subscribers
    List(ListArgs),
    /// Show one tier: its terms, prices and subscribers
    Show(ShowArgs),
}

const ASSIGN_EXAMPLES: &str = "Examples:
  paygrade tier assign acme pro
  paygrade tier assign acme pro --interval year --payment-method pm_card_visa
  paygrade tier assign acme team --seats 5 --send-invoice 30
  paygrade tier assign acme team --seats 8 -n

A tier without prices needs no subscription. Another tier changes the subscription in place; a free one ends it, with
an invoice for the usage so far. Whoever is on a tier keeps the terms that were bought.
Exit 3: unknown customer or tier; 5: refused by a rule; 7: Stripe said no; 8: outcome unknown, run it again.";

/// Arguments of `tier assign`.
#[derive(Debug, Args)]
pub struct AssignArgs {
    /// The customer's own id
    customer: String,
    /// The tier
    tier: String,
    /// How often the recurring price is charged [default: the customer's own, else the tier's first]
    #[arg(long, value_name = "INTERVAL", value_parser = ["month", "year"])]
    interval: Option<String>,
    /// Seats [default: the customer's own, else the tier's fewest]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seats: Option<u32>,
    /// Charge this payment method from now on
    #[arg(long, value_name = "PM", group = "way")]
    payment_method: Option<String>,
    /// Send invoices by mail, due after so many days
    #[arg(long, value_name = "DAYS", group = "way", value_parser = clap::value_parser!(u32).range(1..=365))]
    send_invoice: Option<u32>,
    /// Begin with so many days of trial; 0 is none, also where the tier has one
    #[arg(long, value_name = "DAYS", group = "way", value_parser = clap::value_parser!(u32).range(0..=730))]
    trial: Option<u32>,
}

/// Arguments of `tier list`.
#[derive(Debug, Args)]
pub struct ListArgs {}

/// Arguments of `tier show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The tier, or one of its revisions such as pro@3f2a9c01d4e5
    tier: String,
}

const ITEM_COLUMNS: &[&str] = &["item", "quantity", "price", "amount", "charged"];
const LIST_COLUMNS: &[&str] =
    &["tier", "revision", "status", "subscribers", "monthly", "yearly", "on_older_revision"];

pub(super) fn run(cx: &Cx, command: TierCommand) -> Result<Report, Error> {
    match command {
        TierCommand::Assign(args) => assign_tier(cx, args),
        TierCommand::List(_) => list(cx),
        TierCommand::Show(args) => show(cx, &args),
    }
}

fn assign_tier(cx: &Cx, args: AssignArgs) -> Result<Report, Error> {
    let ask = Ask {
        customer: CustomerId::parse(&args.customer)?,
        asked: Asked {
            tier: TierKey::parse(&args.tier)?,
            interval: args.interval.as_deref().and_then(Interval::parse),
            seats: args.seats,
            trial_days: args.trial,
            send_invoice_days: args.send_invoice,
        },
        payment_method: args.payment_method,
        leave_unsent: cx.globals.yes,
    };
    if !cx.store_exists() {
        let text = format!("there is no customer `{}`", ask.customer);
        return Err(Error::new(crate::error::Kind::BadInput, "unknown_customer", text)
            .hint("there is no store yet: begin with `paygrade seed`"));
    }
    if cx.globals.dry_run {
        let plan = cx.with_desk(async |desk| assign_plan(&desk, &ask).await)?;
        return Ok(plan_report(cx, &plan));
    }
    let outcome = cx.with_desk(async |desk| assign(&desk, &ask).await)?;
    Ok(outcome_report(&outcome))
}

fn plan_report(cx: &Cx, plan: &Plan) -> Report {
    let mut report = Report::new("tier_assign", ITEM_COLUMNS).money(&["amount"]);
    for cells in item_rows(&plan.wanted) {
        report.row(cells);
    }
    let wanted = &plan.wanted;
    let amount = wanted.amount();
    let words = decision_words(plan);
    let charge = plan.charge.filter(|_| plan.decision != Decision::Nothing).map(|charge| {
        let when = if charge.now { "now" } else { "with the next invoice" };
        match charge.amount.minor {
            minor if minor < 0 => format!(", about {} credited", absolute(charge.amount)),
            _ => format!(", about {} {when}", charge.amount),
        }
    });
    let then = amount.filter(|money| money.minor > 0 && plan.decision != Decision::Nothing);
    let then = then.map(|money| format!(", then {money} {}", per(wanted.interval))).unwrap_or_default();
    let trial = wanted.trial_days.map(|days| format!(", after a trial of {days} days")).unwrap_or_default();
    let unfinished = if plan.unfinished { "an earlier change is unfinished and comes first; " } else { "" };
    let first = plan.unsent.map(|left| {
        let id = &plan.customer.id;
        format!("{} are not at Stripe yet: first `paygrade meter push --customer {id}`; ", left.words())
    });
    let unfinished = format!("{}{unfinished}", first.unwrap_or_default());
    let end = match plan.decision {
        Decision::Nothing => String::new(),
        _ => format!("; {unfinished}nothing was changed; apply it: {}", cx.line_applying()),
    };
    report
        .fact("customer", Cell::text(plan.customer.id.as_str()))
        .fact("tier", Cell::text(wanted.revision.tier.as_str()))
        .fact("revision", Cell::text(wanted.revision.to_string()))
        .fact("interval", Cell::maybe_text(wanted.interval.map(Interval::as_str)))
        .fact("seats", Cell::maybe_count(wanted.seats.map(i64::from)))
        .fact("trial_days", Cell::maybe_count(wanted.trial_days.map(i64::from)))
        .fact("charge_estimate", Cell::maybe_money(plan.charge.map(|charge| charge.amount)))
        .fact("recurring", Cell::maybe_money(amount))
        .fact("unsent_units", Cell::maybe_count(plan.unsent.map(|left| left.units)))
        .fact("unsent_cost", Cell::maybe_money(plan.unsent.and_then(|left| left.cost)))
        .fact("state", Cell::text("shown"))
        .verdict(format!("{words}{}{then}{trial}{end}", charge.unwrap_or_default()))
}

/// What would be done, in words.
fn decision_words(plan: &Plan) -> String {
    let (id, tier) = (&plan.customer.id, &plan.wanted.revision.tier);
    match &plan.decision {
        Decision::Nothing => format!("{id} is on {tier} already: nothing to do"),
        Decision::Pin => format!("would put {id} on {tier}, without a subscription"),
        Decision::Create { .. } => format!("would make a subscription to {tier} for {id}"),
        Decision::Change { items, send_invoice_days: Some(days), .. } if items.is_empty() => {
            format!("would send the invoices of {id} by mail, due after {days} days")
        }
        Decision::Change { sub, .. } => format!("would change {sub} of {id} to {tier}"),
        Decision::End { sub } => format!("would end {sub} of {id} now, with an invoice for its usage so far"),
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

fn charged_words(charged: &Charged) -> String {
    match charged {
        Charged::Once => "once".to_owned(),
        Charged::InAdvance { interval, per_seat } => {
            format!("every {} in advance{}", interval.as_str(), if *per_seat { ", per seat" } else { "" })
        }
        Charged::Metered { meter } => format!("every month for the {meter} used"),
    }
}

/// `0.0015`, or `first 100000 at 0, then 0.0015`.
fn shape_words(shape: &PriceShape, currency: Currency) -> String {
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

fn outcome_report(outcome: &Outcome) -> Report {
    let on = &outcome.assignment;
    let (id, tier) = (&outcome.customer.id, &on.revision.tier);
    let status = outcome.status.as_deref();
    let shown = status.map(|status| format!(" ({status})")).unwrap_or_default();
    let credits = outcome.trial_credits.map(|n| format!(", {n} trial credits granted")).unwrap_or_default();
    let verdict = match outcome.changed {
        true => format!("{id} is on {tier} from {} on{shown}{credits}", on.from_at),
        false => format!("{id} is on {tier} already{shown}: nothing changed"),
    };
    let mut report = Report::new("tier_assign", &[])
        .fact("customer", Cell::text(id.as_str()))
        .fact("tier", Cell::text(tier.as_str()))
        .fact("revision", Cell::text(on.revision.to_string()))
        .fact("interval", Cell::maybe_text(on.interval.map(Interval::as_str)))
        .fact("seats", Cell::maybe_count(on.seats.map(i64::from)))
        .fact("sub", Cell::maybe_text(on.sub.clone()))
        .fact("status", Cell::maybe_text(status))
        .fact("from", Cell::At(on.from_at))
        .fact("anchor", Cell::At(on.anchor_at))
        .fact("trial_credits", Cell::maybe_count(outcome.trial_credits))
        .fact("state", Cell::text(if outcome.changed { "changed" } else { "unchanged" }))
        .verdict(verdict);
    report.wrote = Some(i64::from(outcome.changed));
    report
}

fn list(cx: &Cx) -> Result<Report, Error> {
    let views = cx.store_reading()?.read(tier_list)?;
    let mut report = Report::new("tier_list", LIST_COLUMNS).money(&["monthly", "yearly"]);
    for view in &views {
        report.row(vec![
            Cell::text(view.revision.tier.as_str()),
            Cell::text(view.revision.to_string()),
            Cell::text(view.status()),
            Cell::Count(i64::from(view.subscribers)),
            Cell::maybe_money(view.price(Interval::Month)),
            Cell::maybe_money(view.price(Interval::Year)),
            Cell::Count(i64::from(view.on_older_revision)),
        ]);
    }
    let on: u32 = views.iter().map(|view| view.subscribers).sum();
    let s = |count: usize| if count == 1 { "" } else { "s" };
    let (tiers, customers) = (views.len(), usize::try_from(on).unwrap_or(usize::MAX));
    Ok(report.verdict(format!("{tiers} tier{}, {on} customer{} on one", s(tiers), s(customers))))
}

fn show(cx: &Cx, args: &ShowArgs) -> Result<Report, Error> {
    let (view, on) = cx.store_reading()?.read(|r| tier_show(r, &args.tier))?;
    let mut report = Report::new("tier_show", &["price", "amount", "charged"]);
    for price in tier_prices(&view.terms) {
        report.row(vec![
            Cell::text(&price.key),
            Cell::text(shape_words(&price.shape, view.currency)),
            Cell::text(charged_words(&price.charged)),
        ]);
    }
    report.facts = terms_facts(&view);
    let by_revision = on.iter().map(|it| format!("{}: {}", it.revision, it.customers)).collect::<Vec<_>>();
    let older = match view.on_older_revision {
        0 => String::new(),
        number => format!(", {number} of them on an older revision"),
    };
    let subscribers = view.subscribers;
    let s = if subscribers == 1 { "" } else { "s" };
    Ok(report
        .fact("subscribers", Cell::Count(i64::from(subscribers)))
        .fact("by_revision", if by_revision.is_empty() { Cell::Blank } else { Cell::List(by_revision) })
        .verdict(format!("{} ({}): {subscribers} subscriber{s}{older}", view.revision.tier, view.status())))
}

fn terms_facts(view: &TierView) -> Vec<(&'static str, Cell)> {
    let terms = &view.terms;
    let list = |words: Vec<String>| if words.is_empty() { Cell::Blank } else { Cell::List(words) };
    let number = |number: Option<u32>| Cell::maybe_count(number.map(i64::from));
    let limit = |(key, limit): (&crate::billing::id::LimitKey, &Limit)| match limit {
        Limit::AtMost(most) => format!("{key}={most}"),
        Limit::Unlimited => format!("{key}=unlimited"),
    };
    let usage = |(meter, usage): (&crate::billing::id::MeterKey, &UsageTerms)| match usage {
        UsageTerms::Unlimited => format!("{meter}=unlimited"),
        UsageTerms::Counted { included, .. } => format!("{meter}={included}"),
    };
    let features = view.tier.iter().flat_map(|tier| tier.features.iter().map(ToString::to_string));
    let credits = terms.credits.as_ref();
    vec![
        ("tier", Cell::text(view.revision.tier.as_str())),
        ("name", Cell::maybe_text(view.tier.as_ref().map(|tier| tier.name.as_str()))),
        ("revision", Cell::text(view.revision.to_string())),
        ("status", Cell::text(view.status())),
        ("rank", Cell::maybe_count(view.tier.as_ref().map(|tier| tier.rank))),
        ("features", list(features.collect())),
        ("included", list(terms.usage.iter().map(usage).collect())),
        ("limits", list(terms.limits.iter().map(limit).collect())),
        ("seats_min", number(terms.seats.map(|seats| seats.min))),
        ("seats_max", number(terms.seats.and_then(|seats| seats.max))),
        ("credits_per_month", Cell::maybe_count(credits.and_then(|it| it.per_month).map(|it| it.0))),
        ("trial_credits", Cell::maybe_count(credits.and_then(|it| it.trial).map(|it| it.0))),
        ("trial_days", number(terms.trial_days)),
        ("grace_days", number(terms.grace_days)),
        ("fallback", Cell::maybe_text(terms.fallback.as_ref().map(|tier| tier.as_str()))),
    ]
}
