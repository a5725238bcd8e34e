//! `tier`: what is sold, and who is on it.

mod change;
mod migrate;
mod offer;
mod overrides;
mod shown;

use clap::{Args, Subcommand};

use super::Cx;
use crate::billing::assign::Asked;
use crate::billing::catalog::{Interval, Limit, UsageTerms};
use crate::billing::id::{CustomerId, TierKey};
use crate::billing::price::tier_prices;
use crate::error::Error;
use crate::flow::assign::{Ask, assign, assign_plan};
use crate::flow::tier::{TierView, tier_list, tier_show};
use crate::ui::{Cell, Report};
use change::{CancelArgs, DayArgs, ResumeArgs, SeatsArgs, agree_to_forfeit};
use offer::OfferArgs;
use shown::{charged_words, outcome_report, plan_report, shape_words};

/// What is sold, and who is on it
#[derive(Debug, Subcommand)]
pub enum TierCommand {
    /// Put a customer on a tier; the same again changes nothing
    #[command(after_help = ASSIGN_EXAMPLES)]
    Assign(AssignArgs),
    /// Change how many seats a customer has
    Seats(SeatsArgs),
    /// End a customer's subscription, at the end of its period unless said otherwise
    Cancel(CancelArgs),
    /// Undo a cancellation, or another tier, that waits for its day
    Resume(ResumeArgs),
    /// Move subscribers to the terms that are sold now, both bills compared
    #[command(after_help = migrate::EXAMPLES)]
    Migrate(migrate::MigrateArgs),
    /// Raise or lower a limit for one customer, until a day; or list what was agreed
    #[command(after_help = overrides::EXAMPLES)]
    Override(overrides::OverrideArgs),
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
  paygrade tier assign acme free --at now
  paygrade tier assign acme pro --coupon LAUNCH20
  paygrade tier assign acme enterprise --deal acme.toml
  paygrade tier assign acme pro --checkout --success-url https://example.com/thanks

A tier without prices needs no subscription. A higher tier, a longer interval or more seats change the subscription
now and charge the rest of the period; a lower tier or a shorter interval comes when what was paid for is over, and a
free one ends the subscription then. `--at` says otherwise. One change waits at a time, and the tier that the customer
is on undoes it. Usage whose price goes is sent to Stripe first. Whoever is on a tier keeps the terms that were bought.
A custom tier takes its terms from a deal; its prices are made at Stripe for it. With --checkout the customer subscribes
on a hosted page, and the tier comes once that is paid; one page is open at a time.
Exit 3: unknown customer, tier or coupon, or a day that is over; 5: refused by a rule; 7: Stripe said no; 8: outcome unknown,
run it again; 75: Stripe does not show the usage yet, nothing was changed.";

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
    #[command(flatten)]
    offer: OfferArgs,
    #[command(flatten)]
    day: DayArgs,
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

const LIST_COLUMNS: &[&str] =
    &["tier", "revision", "status", "subscribers", "monthly", "yearly", "on_older_revision"];

pub(super) fn run(cx: &Cx, command: TierCommand) -> Result<Report, Error> {
    match command {
        TierCommand::Assign(args) => assign_tier(cx, args),
        TierCommand::Seats(args) => change::run_seats(cx, &args),
        TierCommand::Cancel(args) => change::run_cancel(cx, &args),
        TierCommand::Resume(args) => change::run_resume(cx, &args),
        TierCommand::Migrate(args) => migrate::run(cx, &args),
        TierCommand::Override(args) => overrides::run(cx, &args),
        TierCommand::List(_) => list(cx),
        TierCommand::Show(args) => show(cx, &args),
    }
}

fn assign_tier(cx: &Cx, args: AssignArgs) -> Result<Report, Error> {
    let (customer, tier) = (CustomerId::parse(&args.customer)?, TierKey::parse(&args.tier)?);
    store_required(cx, &customer)?;
    let interval = args.interval.as_deref().and_then(Interval::parse);
    let ask = Ask {
        asked: Asked {
            interval,
            seats: args.seats,
            trial_days: args.trial,
            send_invoice_days: args.send_invoice,
            deal: args.offer.deal(cx, &tier, interval)?,
            ..Asked::of(tier)
        },
        customer,
        payment_method: args.payment_method,
        coupon: args.offer.coupon(),
        at: args.day.at()?,
        forfeit: args.day.forfeit(),
        since: None,
    };
    if args.offer.is_page() {
        return args.offer.page(cx, ask);
    }
    if cx.globals.dry_run || ask.forfeit {
        let plan = cx.with_desk(async |desk| assign_plan(&desk, &ask).await)?;
        if cx.globals.dry_run {
            return Ok(plan_report(cx, "tier_assign", &plan, ask.forfeit));
        }
        agree_to_forfeit(cx, &plan)?;
    }
    let outcome = cx.with_desk(async |desk| assign(&args.day.desk(&desk), &ask).await)?;
    Ok(outcome_report("tier_assign", &outcome))
}

/// Without a store there is no customer, and nothing makes one to find that out.
fn store_required(cx: &Cx, customer: &CustomerId) -> Result<(), Error> {
    if cx.store_exists() {
        return Ok(());
    }
    let text = format!("there is no customer `{customer}`");
    Err(Error::new(crate::error::Kind::BadInput, "unknown_customer", text)
        .hint("there is no store yet: begin with `paygrade seed`"))
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
