//! `reconcile`: proof that what was recorded arrived, or the name of what differs.

pub(super) mod state;

use clap::{Args, Subcommand};
use rust_decimal::Decimal;

use super::Cx;
use super::meter::only;
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::money::decimal_parse;
use crate::billing::reconcile::{Cause, Class, Range, Tolerance};
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::{Error, Kind};
use crate::flow::reconcile::{self, Ask, Compared, Desk, Outcome, Periods};
use crate::store::finding::Finding;
use crate::store::reconcile::Scope;
use crate::store::{Reader, Store};
use crate::ui::{Cell, Report};

/// Compare what was recorded, what was sent and what Stripe counted
///
/// Asks Stripe for one sum for each customer, meter and billing period that changed since the last match; where it
/// differs, by day and by hour. Exits 4 for any difference that is not acknowledged. Changes nothing at Stripe.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ReconcileArgs {
    #[command(subcommand)]
    command: Option<ReconcileCommand>,
    #[command(flatten)]
    usage: UsageArgs,
}

/// Arguments of `reconcile usage`, which `reconcile` alone is too.
#[derive(Debug, Default, Args)]
pub struct UsageArgs {
    /// Which billing periods: current, last, or a month such as 2026-10 [default: those that changed]
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "to"])]
    period: Option<String>,
    /// From this minute on
    #[arg(long, value_name = "INSTANT", requires = "to")]
    from: Option<String>,
    /// Up to this minute, exclusive
    #[arg(long, value_name = "INSTANT", requires = "from")]
    to: Option<String>,
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
    /// Of this meter only
    #[arg(long, value_name = "METER")]
    meter: Option<MeterKey>,
    /// Let a period pass whose difference is within so many percent of what Stripe accepted
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    threshold: Option<Decimal>,
    /// Let a period pass whose difference is within so many units
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(i64).range(0..))]
    floor: Option<i64>,
    /// Every linked customer with every meter, also those without usage here
    #[arg(long)]
    full: bool,
    /// Most calls to Stripe
    #[arg(long, value_name = "N")]
    max_calls: Option<u64>,
}

#[derive(Debug, Subcommand)]
enum ReconcileCommand {
    /// Usage, deliveries and Stripe's sums: what `reconcile` alone compares
    Usage(UsageArgs),
    /// Every customer both ways: tier, status, items, seats, periods, duplicate subscriptions
    ///
    /// Asks Stripe for its customers and subscriptions, and once more about whoever seems to differ. Exits 4 for any
    /// difference that is not acknowledged; `paygrade repair` mends what is safe. Changes nothing at Stripe.
    Tiers(state::TiersArgs),
    /// The credits ledger: its sums, what is due and not posted, payments without grants and grants without payments
    Credits(state::CreditsArgs),
    /// The catalog file and what is sold at Stripe, as `seed -n` shows it
    Catalog(state::CatalogArgs),
    /// Everything, in one table
    All(state::AllArgs),
    /// Acknowledge a finding: it makes no exit code any more, as long as it stays the same
    Ack(AckArgs),
}

/// Arguments of `reconcile ack`.
#[derive(Debug, Args)]
struct AckArgs {
    /// The finding, by number
    finding: i64,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

fn percent(text: &str) -> Result<Decimal, String> {
    let parsed = decimal_parse(text).filter(|it| !it.is_sign_negative() && *it <= Decimal::from(100));
    parsed.ok_or_else(|| "a percentage from 0 to 100, such as 0.1".to_owned())
}

pub(super) const COLUMNS: &[&str] = &[
    "finding",
    "customer",
    "cus",
    "meter",
    "from",
    "to",
    "recorded",
    "sent",
    "stripe",
    "difference",
    "percent",
    "amount",
    "class",
    "cause",
    "deliveries",
    "events",
    "first_run",
    "last_run",
    "ack",
    "fix",
    "fix_deadline",
];
/// Columns of findings that hold money.
pub(super) const MONEY: &[&str] = &["amount"];
const PLAN_COLUMNS: &[&str] = &["customer", "cus", "meter", "from", "to"];

pub(super) fn run(cx: &Cx, args: ReconcileArgs) -> Result<Report, Error> {
    match args.command {
        None => usage(cx, &args.usage),
        Some(ReconcileCommand::Usage(args)) => usage(cx, &args),
        Some(ReconcileCommand::Tiers(args)) => state::tiers(cx, &args),
        Some(ReconcileCommand::Credits(args)) => state::credits(cx, &args),
        Some(ReconcileCommand::Catalog(_)) => state::catalog(cx),
        Some(ReconcileCommand::All(_)) => all(cx),
        Some(ReconcileCommand::Ack(args)) => ack(cx, &args),
    }
}

fn all(cx: &Cx) -> Result<Report, Error> {
    if cx.globals.dry_run {
        return Err(Error::new(Kind::Usage, "no_dry_run", "there is no dry run of everything at once")
            .hint("look at one subject: paygrade reconcile tiers -n"));
    }
    let outcome = compared(cx, &UsageArgs::default())?;
    let deliveries = deliveries_matched(&outcome);
    state::all(cx, &outcome, &verdict(&outcome, deliveries))
}

fn usage(cx: &Cx, args: &UsageArgs) -> Result<Report, Error> {
    if cx.globals.dry_run {
        let store = cx.store_reading()?;
        let ask = asked(cx, args, &store)?;
        return plan(cx, &reconcile::plan(&store, &ask, cx.now()?)?, args.max_calls);
    }
    Ok(report(&compared(cx, args)?))
}

fn compared(cx: &Cx, args: &UsageArgs) -> Result<Outcome, Error> {
    let store = cx.store()?;
    let ask = asked(cx, args, &store)?;
    let api = cx.api()?;
    let desk = Desk { store: &store, api: &api, clock: cx.clock() };
    let outcome = cx.block_on(reconcile::reconcile(&desk, &ask))??;
    if let Some(stopped) = &outcome.stopped {
        cx.ui.note(&format!("not everything was asked: {stopped}"));
    }
    Ok(outcome)
}

fn asked(cx: &Cx, args: &UsageArgs, store: &Store) -> Result<Ask, Error> {
    let periods = periods(args)?;
    store.read(|r: &Reader<'_>| {
        let (customer, meter) = only(r, args.customer.as_ref(), args.meter.as_ref())?;
        let given = args.threshold.is_some() || args.floor.is_some();
        let tolerance =
            Tolerance { percent: args.threshold.unwrap_or_default(), floor: args.floor.unwrap_or_default() };
        Ok::<_, Error>(Ask {
            scope: Scope { customer, meter },
            periods,
            full: args.full,
            tolerance: given.then_some(tolerance),
            calls_max: args.max_calls,
            settle_s: i64::from(cx.settings().settle_s.value),
            grace_s: i64::from(cx.settings().grace_s.value),
        })
    })
}

fn periods(args: &UsageArgs) -> Result<Periods, Error> {
    let bad =
        |what: &str, hint: &str| Error::new(Kind::Usage, "bad_period", what.to_owned()).hint(hint.to_owned());
    if let (Some(from), Some(to)) = (&args.from, &args.to) {
        let instant = |text: &str| {
            Timestamp::parse(text).filter(|at| at.0.rem_euclid(MINUTE_S) == 0).ok_or_else(|| {
                bad(
                    &format!("`{text}` is not a whole minute"),
                    "write it as 2026-10-01T00:00:00Z: Stripe's summaries take whole minutes",
                )
            })
        };
        let range = Range { from: instant(from)?, to: instant(to)? };
        return if range.is_empty() {
            Err(bad("--from must be before --to", "--to is exclusive"))
        } else {
            Ok(Periods::Stretch(range))
        };
    }
    match args.period.as_deref() {
        None => Ok(Periods::Changed),
        Some("current") => Ok(Periods::Current),
        Some("last") => Ok(Periods::Last),
        Some(month) => {
            let range = month_range(month);
            range.map(Periods::Stretch).ok_or_else(|| {
                bad(&format!("`{month}` is no period"), "use current, last or a month such as 2026-10")
            })
        }
    }
}

/// The UTC month `2026-10`.
fn month_range(text: &str) -> Option<Range> {
    let (year, month) = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
    let (year, month): (i32, u32) = (year.parse().ok()?, month.parse().ok()?);
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let from = Timestamp::parse(&format!("{year:04}-{month:02}-01"))?;
    Some(Range { from, to: Timestamp::parse(&format!("{:04}-{:02}-01", next.0, next.1))? })
}

fn plan(cx: &Cx, targets: &[reconcile::Target], calls_max: Option<u64>) -> Result<Report, Error> {
    let mut report = Report::new("reconcile_plan", PLAN_COLUMNS);
    for it in targets {
        let pair = &it.pair;
        report.row(vec![
            Cell::text(&pair.customer_id),
            Cell::text(&pair.cus),
            Cell::text(&pair.meter_key),
            Cell::At(it.range.from),
            Cell::At(it.range.to),
        ]);
    }
    let count = several(i64::try_from(targets.len()).unwrap_or(i64::MAX), "sum", "sums");
    let bound = calls_max.map_or_else(String::new, |max| format!(", at most {max} in all"));
    cx.ui.note("a difference takes one more call for its days and one for each day that differs");
    Ok(report.verdict(format!("would ask Stripe for {count}, one call each{bound}; nothing was asked")))
}

fn report(it: &Outcome) -> Report {
    let mut report = Report::new("reconcile", COLUMNS).money(MONEY);
    for compared in it.compared.iter().filter(|it| !it.class.is_finding()) {
        report.row(compared_cells(compared));
    }
    for finding in &it.findings {
        report.row(finding_cells(finding));
    }
    let deliveries = deliveries_matched(it);
    let done = &it.done;
    report.facts = vec![
        ("run", Cell::Count(it.run)),
        ("asked", Cell::Count(done.asked)),
        ("matched", Cell::Count(done.matched)),
        ("deliveries_matched", Cell::Count(deliveries)),
        ("unsettled", Cell::Count(done.unsettled)),
        ("skipped", Cell::Count(done.skipped)),
        ("calls", Cell::Count(done.calls)),
    ];
    report.wrote = i64::try_from(it.findings.len()).ok();
    let verdict = verdict(it, deliveries);
    report.verdict(verdict).outcome(it.kind())
}

fn deliveries_matched(it: &Outcome) -> i64 {
    it.compared.iter().filter(|it| it.class == Class::Match).map(|it| it.deliveries).sum()
}

fn verdict(it: &Outcome, deliveries: i64) -> String {
    let done = &it.done;
    if done.asked + done.skipped + done.unsettled == 0 && it.findings.is_empty() {
        return "nothing has changed since the last match; --period or --full asks all the same".to_owned();
    }
    let mut text = format!(
        "compared sums per period: {} matched in {} of {}, {} unsettled",
        several(deliveries, "delivery", "deliveries"),
        done.matched,
        several(done.asked, "pair", "pairs"),
        done.unsettled
    );
    if done.skipped > 0 {
        text.push_str(&format!(", {} not asked", done.skipped));
    }
    let acknowledged = it.findings.iter().filter(|it| it.ack.is_some()).count();
    match (it.findings.len(), it.failing) {
        (0, _) => text.push_str("; nothing differs"),
        (all, failing) => {
            let all = several(i64::try_from(all).unwrap_or(i64::MAX), "finding", "findings");
            text.push_str(&format!("; {all}: {failing} to look at"));
            if acknowledged > 0 {
                text.push_str(&format!(", {acknowledged} acknowledged"));
            }
            if it.passed > 0 {
                text.push_str(&format!(", {} let through", it.passed));
            }
        }
    }
    text
}

/// `1 finding`, `2 findings`.
pub(super) fn several(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn compared_cells(it: &Compared) -> Vec<Cell> {
    let pair = &it.target.pair;
    vec![
        Cell::Blank,
        Cell::text(&pair.customer_id),
        Cell::text(&pair.cus),
        Cell::text(&pair.meter_key),
        Cell::At(it.target.range.from),
        Cell::At(it.target.range.to),
        Cell::Count(it.recorded),
        Cell::Count(it.ours.most()),
        Cell::Count(it.stripe),
        Cell::Count(it.stripe - it.ours.most()),
        Cell::Blank,
        Cell::Blank,
        Cell::text(it.class.as_str()),
        Cell::Blank,
        Cell::Blank,
        Cell::Count(it.events),
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
    ]
}

/// The command that mends a finding about usage.
fn fix_of(it: &Finding) -> Option<&'static str> {
    match (it.class, it.cause) {
        (Class::Late, _) => Some("paygrade meter retry --into-open-period"),
        (Class::Missing, Cause::NotSent) => Some("paygrade meter push"),
        (Class::Missing, Cause::Rejected) => Some("paygrade meter retry"),
        (Class::Unknown, _) => Some("paygrade meter settle"),
        _ => None,
    }
}

/// The cells of [`COLUMNS`] of a finding.
pub(super) fn finding_cells(it: &Finding) -> Vec<Cell> {
    vec![
        Cell::Count(it.finding),
        Cell::text(&it.customer_id),
        Cell::maybe_text(it.cus.clone()),
        Cell::text(&it.meter_key),
        Cell::At(it.range.from),
        Cell::At(it.range.to),
        Cell::Count(it.recorded),
        Cell::Count(it.sent),
        Cell::maybe_count(it.stripe),
        Cell::Count(it.difference),
        percent_cell(it.difference, it.sent),
        Cell::maybe_money(it.amount),
        Cell::text(it.class.as_str()),
        Cell::text(it.cause.as_str()),
        Cell::List(it.deliveries.iter().map(i64::to_string).collect()),
        Cell::Count(it.events),
        Cell::Count(it.first_run),
        Cell::Count(it.last_run),
        Cell::maybe_text(it.ack.clone()),
        Cell::maybe_text(fix_of(it)),
        Cell::Blank,
    ]
}

fn percent_cell(difference: i64, sent: i64) -> Cell {
    let hundred = Decimal::from(100);
    let part =
        Decimal::from(difference).checked_mul(hundred).and_then(|it| it.checked_div(Decimal::from(sent)));
    part.map_or(Cell::Blank, |part| Cell::Decimal(format!("{:.2}", part)))
}

fn finding_required(r: &Reader<'_>, finding: i64) -> Result<Finding, Error> {
    r.finding_get(finding)?.ok_or_else(|| {
        Error::new(Kind::BadInput, "unknown_finding", format!("there is no finding {finding}"))
            .hint("`paygrade runs show RUN` lists those of a run of reconcile")
    })
}

fn ack(cx: &Cx, args: &AckArgs) -> Result<Report, Error> {
    if let Some(report) = state::ack(cx, args.finding, &args.reason)? {
        return Ok(report);
    }
    if cx.globals.dry_run {
        let found = cx.store_reading()?.read(|r| finding_required(r, args.finding))?;
        let mut report = Report::new("reconcile_ack", COLUMNS).money(MONEY);
        report.row(finding_cells(&found));
        return Ok(report.verdict(format!(
            "would acknowledge finding {}; nothing was changed; apply it: {}",
            found.finding,
            cx.line_applying()
        )));
    }
    cx.because(&args.reason);
    let store = cx.store()?;
    let found = store.write(cx.now()?, |w| {
        let found = finding_required(&w.reader(), args.finding)?;
        w.finding_acknowledge(args.finding, &args.reason).map_err(|_| {
            Error::new(Kind::Refused, "finding_gone", format!("finding {} is gone", args.finding))
        })?;
        w.reader().finding_get(args.finding).map(|it| it.unwrap_or(found)).map_err(Error::from)
    })?;
    let mut report = Report::new("reconcile_ack", COLUMNS).money(MONEY);
    report.row(finding_cells(&found));
    report.wrote = Some(1);
    Ok(report.verdict(format!(
        "finding {} is acknowledged as long as it stays {}",
        found.finding, found.difference
    )))
}
