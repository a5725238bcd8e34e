//! `reconcile`: proof that what was recorded arrived, or the name of what differs.

mod invoiced;
pub(super) mod state;

use clap::{Args, Subcommand};
use rust_decimal::Decimal;

use super::Cx;
use super::meter::only;
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::money::decimal_parse;
use crate::billing::reconcile::{Class, Range, Tolerance, Tolerances};
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::{Error, Kind};
use crate::flow::reconcile::{self, Ask, Compared, Desk, Outcome, Periods, Plan, Target};
use crate::store::finding::Finding;
use crate::store::reconcile::Scope;
use crate::store::{Reader, Store};
use crate::stripe::calls_per_s;
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
    /// Compare every hour instead of the sum of each period: shows differences that cancel out
    #[arg(long, value_name = "UNIT", value_enum)]
    by: Option<ByUnit>,
    /// How far usage is followed: to Stripe's meters, or on to the lines of the invoices, of the last period that is over
    /// unless --period or --from and --to name another [default: both with --period last or a month that is over]
    #[arg(long, value_name = "END", value_enum, conflicts_with_all = ["by", "full", "threshold", "floor"])]
    through: Option<ThroughEnd>,
    /// Every linked customer with every meter, also those without usage here; goes on where a run that stopped left off
    #[arg(long)]
    full: bool,
    /// With --full: begin anew where a run that stopped would be gone on with
    #[arg(long, requires = "full")]
    restart: bool,
    /// Most calls to Stripe
    #[arg(long, value_name = "N")]
    max_calls: Option<u64>,
}

/// How far usage is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ThroughEnd {
    /// What Stripe counted
    Meter,
    /// What the invoices charge, and why the rest is not charged
    Invoice,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ByUnit {
    /// The sum of each billing period
    Period,
    /// Every hour
    Hour,
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
    "detail",
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
    if args.through == Some(ThroughEnd::Invoice) {
        if cx.globals.dry_run {
            let store = cx.store_reading()?;
            let ask = asked(cx, args, &store)?;
            return Ok(invoiced::plan(cx, &reconcile::through_invoice_plan(&store, &ask, cx.now()?)?, &ask));
        }
        let store = cx.store()?;
        return invoiced::run(cx, &asked(cx, args, &store)?);
    }
    if cx.globals.dry_run {
        let store = cx.store_reading()?;
        let ask = asked(cx, args, &store)?;
        let sums = reconcile::plan(&store, &ask, cx.now()?)?;
        let report = plan(cx, &sums, &ask);
        if !to_invoices(cx, args)? {
            return Ok(report);
        }
        let rest = less(&ask, sums.calls_most(&ask));
        let invoices = reconcile::through_invoice_plan(&store, &rest, cx.now()?)?;
        return Ok(invoiced::plan_add(cx, report, &invoices, &rest));
    }
    let outcome = compared(cx, args)?;
    let report = report(&outcome);
    if !to_invoices(cx, args)? {
        return Ok(report);
    }
    if outcome.stopped.is_some() {
        cx.ui.note("the invoices were not looked at");
        return Ok(report);
    }
    let store = cx.store()?;
    let rest = less(&asked(cx, args, &store)?, u64::try_from(outcome.done.calls).unwrap_or(0));
    invoiced::add(cx, &rest, report)
}

/// Whether the invoices are looked at too: those of a period that is over are there.
fn to_invoices(cx: &Cx, args: &UsageArgs) -> Result<bool, Error> {
    let closed = match periods(args)? {
        Periods::Last => true,
        Periods::Stretch(range) => args.period.is_some() && range.to <= cx.now()?,
        Periods::Changed | Periods::Current => false,
    };
    Ok(closed && args.through.is_none())
}

/// The same with the calls that are left after so many.
fn less(ask: &Ask, calls: u64) -> Ask {
    Ask { calls_max: ask.calls_max.map(|most| most.saturating_sub(calls)), ..ask.clone() }
}

fn compared(cx: &Cx, args: &UsageArgs) -> Result<Outcome, Error> {
    let store = cx.store()?;
    let ask = asked(cx, args, &store)?;
    let api = cx.api()?;
    let desk = Desk { store: &store, api: &api, clock: cx.clock() };
    let plan = reconcile::plan(&store, &ask, cx.now()?)?;
    if plan.calls > 0 {
        cx.ui.note(&format!("will ask Stripe {}", calls_said(cx, &plan, &ask)));
    }
    let outcome = cx.block_on(reconcile::carry_out(&desk, &ask, &plan))??;
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
        let tolerance = Tolerance {
            percent: args.threshold.unwrap_or_default(),
            floor: args.floor.unwrap_or_default(),
            ..Tolerance::default()
        };
        Ok::<_, Error>(Ask {
            scope: Scope { customer, meter },
            periods,
            full: args.full,
            restart: args.restart,
            by_hour: args.by == Some(ByUnit::Hour),
            tolerance: if given { Tolerances::all(tolerance) } else { cx.settings().reconcile.passing() },
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

fn plan(cx: &Cx, it: &Plan, ask: &Ask) -> Report {
    let mut report = Report::new("reconcile_plan", PLAN_COLUMNS);
    for it in &it.targets {
        report.row(target_cells(it));
    }
    cx.ui.note(
        "a difference takes more: one call for 100 days and the rest beside them, two for a day that differs, one for an \
         hour, and six for a minute",
    );
    let count = |it: usize| Cell::Count(i64::try_from(it).unwrap_or(i64::MAX));
    report.facts = vec![
        ("calls", Cell::Count(i64::try_from(it.calls_most(ask)).unwrap_or(i64::MAX))),
        ("changed", count(it.changed)),
        ("closed", count(it.closed)),
    ];
    report.verdict(format!("would ask Stripe {}; nothing was asked", calls_said(cx, it, ask)))
}

/// The cells of a question, in the order of a plan's columns.
fn target_cells(it: &Target) -> Vec<Cell> {
    let pair = &it.pair;
    vec![
        Cell::text(&pair.customer_id),
        Cell::text(&pair.cus),
        Cell::text(&pair.meter_key),
        Cell::At(it.range.from),
        Cell::At(it.range.to),
    ]
}

/// `at most 12 times: 10 changed pairs, 2 closed pairs; at 25/s about 1 s`. What differs is looked at more closely, on top.
fn calls_said(cx: &Cx, it: &Plan, ask: &Ask) -> String {
    let count = |it: usize, what: &str| {
        several(i64::try_from(it).unwrap_or(i64::MAX), &format!("{what} pair"), &format!("{what} pairs"))
    };
    let calls = it.calls_most(ask);
    let times = several(i64::try_from(calls).unwrap_or(i64::MAX), "time", "times");
    let others = it.targets.len() - it.changed - it.closed;
    let parts = [(it.changed, "changed"), (it.closed, "closed"), (others, "other")];
    let mut parts: Vec<String> =
        parts.iter().filter(|it| it.0 > 0).map(|(number, what)| count(*number, what)).collect();
    if parts.is_empty() {
        parts.push("nothing has changed".to_owned());
    }
    let by_hour = if ask.by_hour { ", every hour" } else { "" };
    let bounded = match ask.calls_max {
        Some(_) if calls < it.calls => format!(" ({} without --max-calls)", it.calls),
        Some(most) => format!(", {most} where sums differ"),
        None => ", more where sums differ".to_owned(),
    };
    let per_s = u64::from(calls_per_s(cx.target() == "live"));
    let seconds = calls.div_ceil(per_s);
    let about = if seconds < 120 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) };
    if it.carried > 0 {
        parts.push(format!("{} compared already by a run that stopped (--restart asks again)", it.carried));
    }
    format!("at most {times}{bounded}: {}{by_hour}; at {per_s}/s about {about}", parts.join(", "))
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
        ("planned", Cell::Count(i64::try_from(it.planned).unwrap_or(i64::MAX))),
        ("closer", Cell::Count(it.closer)),
        ("coarse", Cell::Count(it.coarse())),
        ("carried", Cell::Count(i64::try_from(it.carried).unwrap_or(i64::MAX))),
        ("calls_bound", Cell::Count(done.calls_bound)),
        ("lost", Cell::List(it.lost.iter().map(i64::to_string).collect())),
        ("closed", Cell::List(it.closed.iter().map(|(finding, _)| finding.to_string()).collect())),
        ("continued", Cell::List(it.continued.iter().map(|(finding, _)| finding.to_string()).collect())),
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
    let what = if it.by_hour { "every hour" } else { "sums per period" };
    let mut text = format!(
        "compared {what}: {} matched in {} of {}, {} unsettled",
        several(deliveries, "delivery", "deliveries"),
        done.matched,
        several(done.asked, "pair", "pairs"),
        done.unsettled
    );
    if it.carried > 0 {
        text.push_str(&format!(", {} compared before", it.carried));
    }
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
    if !it.lost.is_empty() {
        let lost = several(i64::try_from(it.lost.len()).unwrap_or(i64::MAX), "delivery is", "deliveries are");
        text.push_str(&format!("; {lost} proved lost"));
    }
    for (finding, now) in &it.continued {
        let now: Vec<String> = now.iter().map(i64::to_string).collect();
        text.push_str(&format!("; {finding} is now {}", now.join(", ")));
    }
    if !it.closed.is_empty() {
        let closed =
            it.closed.iter().map(|(finding, first)| format!("{finding} (runs {first} to {})", it.run));
        text.push_str(&format!("; resolved: {}", closed.collect::<Vec<_>>().join(", ")));
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
        Cell::Blank,
    ]
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
        Cell::maybe_text(it.fix()),
        Cell::maybe_at(it.fix_deadline),
        Cell::maybe_text(it.detail.clone()),
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
