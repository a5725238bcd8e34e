//! `alerts`: who is told what, and whether it got there.

use clap::{Args, Subcommand};

use super::{Cx, sinks};
use crate::billing::time::Timestamp;
use crate::env::Env;
use crate::error::{Error, Kind};
use crate::flow::alert::{self, Due, Watch};
use crate::flow::notify::{self, Outcome, Post, Tried};
use crate::notify::{Reply, Sink};
use crate::store::notice::{Audience, Notice, NoticeFilter};
use crate::ui::{Cell, Format, Report};

/// Who is told what, and whether it got there
#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// List notices, newest first, with where they were sent
    List(ListArgs),
    /// Find what has to be told, write it down once, and send what is not sent yet
    #[command(after_help = RUN_NOTES)]
    Run(RunArgs),
    /// Send a test message to every sink, or to one
    Test(TestArgs),
}

const RUN_NOTES: &str = "Each step of a ladder is told once for each period and limit, the highest new one only. What a sink
refuses is tried again for two days. Exits 11 when a sink did not take something, 8 when nobody knows whether it did.";

/// Arguments of `alerts list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// About this customer only
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<crate::billing::id::CustomerId>,
    /// Of this kind only, such as cap or payment_failed
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<String>,
    /// For this audience only
    #[arg(long, value_name = "AUDIENCE", value_parser = ["operator", "customer"])]
    audience: Option<String>,
    /// Written at this date or instant or later
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only what some sink has not got yet
    #[arg(long)]
    open: bool,
    /// Most notices to list
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

/// Arguments of `alerts run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Also send again what was given up, or may have arrived, in the last week
    #[arg(long)]
    retry: bool,
}

/// Arguments of `alerts test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// This sink only
    #[arg(long, value_name = "SINK")]
    sink: Option<String>,
}

const LIST_COLUMNS: &[&str] =
    &["notice", "at", "audience", "customer", "kind", "severity", "subject", "sinks", "text"];
const RUN_COLUMNS: &[&str] = &[
    "notice",
    "audience",
    "customer",
    "kind",
    "severity",
    "subject",
    "sink",
    "state",
    "next_attempt",
    "why",
];
const TEST_COLUMNS: &[&str] = &["sink", "kind", "state", "why"];

pub(super) fn kind(text: &str) -> Result<String, String> {
    let known = || crate::billing::notice::KINDS.iter().chain(crate::billing::notice::OPERATOR_KINDS);
    if known().any(|it| *it == text) {
        return Ok(text.to_owned());
    }
    Err(format!("there are: {}", known().copied().collect::<Vec<_>>().join(", ")))
}

pub(super) fn run(cx: &Cx, command: AlertsCommand) -> Result<Report, Error> {
    match command {
        AlertsCommand::List(args) => list(cx, &args),
        AlertsCommand::Run(args) => run_now(cx, &args),
        AlertsCommand::Test(args) => test(cx, &args),
    }
}

/// What decides whether somebody is woken for a difference.
pub(super) fn watch(cx: &Cx) -> Watch {
    let settings = cx.settings();
    Watch { quiet: settings.reconcile.quiet(settings.alert_percent.value, settings.alert_floor.value) }
}

/// Notices for standard output: with tables as lines there, with other formats (which are data) on standard error.
pub(super) fn print_notice(cx: &Cx, line: &str) -> Result<(), String> {
    let line = &crate::ui::text_safe(line);
    if cx.ui.style.format == Format::Table {
        return cx.print_raw(format!("{line}\n").as_bytes()).map_err(|error| error.to_string());
    }
    cx.ui.note(line);
    Ok(())
}

fn list(cx: &Cx, args: &ListArgs) -> Result<Report, Error> {
    let since = match args.since.as_deref() {
        None => None,
        Some(text) => Some(Timestamp::parse(text).ok_or_else(|| {
            Error::new(Kind::BadInput, "bad_value", format!("`{}` is no date or instant", notify_shown(text)))
                .hint("write 2026-12-31 or 2026-12-31T12:00:00Z")
        })?),
    };
    let store = cx.store_reading()?;
    let rows = store.read(|r| {
        let customer = args
            .customer
            .as_ref()
            .map(|id| crate::flow::customer::customer_required(r, id).map(|it| it.row))
            .transpose()?;
        let audience =
            args.audience.as_deref().map(|it| if it == "customer" { "customer" } else { "operator" });
        let filter = NoticeFilter { customer, kind: args.kind.clone(), audience, since, open: args.open };
        Ok::<_, Error>(r.notice_list(&filter, args.limit)?)
    })?;
    let mut report = Report::new("alerts_list", LIST_COLUMNS);
    for it in &rows {
        let sinks = it.deliveries.iter().map(|(sink, state)| format!("{sink}: {state}")).collect();
        let mut cells = notice_cells(it);
        cells.insert(1, Cell::At(it.created_at));
        cells.push(Cell::List(sinks));
        cells.push(Cell::text(&it.text));
        report.row(cells);
    }
    Ok(report.verdict(several(rows.len(), "notice")))
}

fn notify_shown(text: &str) -> String {
    crate::flow::names::shown(text)
}

/// Number, audience, customer, kind, severity and subject.
fn notice_cells(it: &Notice) -> Vec<Cell> {
    vec![
        Cell::Count(it.notice),
        Cell::text(it.audience.as_str()),
        Cell::maybe_text(it.customer_id.clone()),
        Cell::text(&it.kind),
        Cell::text(it.severity.as_str()),
        Cell::text(&it.subject),
    ]
}

fn run_now(cx: &Cx, args: &RunArgs) -> Result<Report, Error> {
    let now = cx.now()?;
    let sinks = sinks::open(cx, None)?;
    if cx.globals.dry_run {
        let store = cx.store_reading()?;
        return store.read(|r| {
            let due = alert::find(r, now, &watch(cx))?;
            let waiting = notify::preview(r, &sinks, now)?;
            Ok(preview(cx, &due, &waiting))
        });
    }
    if !cx.store_exists() {
        // Nobody can be told anything before there is a store, and looking does not make one.
        cx.store_reading()?;
    }
    let store = cx.store()?;
    let due = store.read(|r| alert::find(r, now, &watch(cx)))?;
    let new = alert::write(&store, now, &due)?;
    if args.retry && store.read(|r| r.notice_left(now)).is_ok_and(|left| left.unknown + left.dead > 0) {
        store.write(now, |w| w.notice_retry())?;
    }
    let print = |line: &str| print_notice(cx, line);
    let post = Post { store: &store, sinks: &sinks, print: &print, now, wall: &Env::system_now };
    let outcome = cx.block_on(notify::send(&post))??;
    Ok(run_report(new, &outcome))
}

fn run_report(new: i64, outcome: &Outcome) -> Report {
    let mut report = Report::new("alerts_run", RUN_COLUMNS);
    for it in &outcome.tried {
        report.row(tried_cells(it));
    }
    let left = &outcome.left;
    report.facts = vec![
        ("new", Cell::Count(new)),
        ("sent", Cell::Count(i64::try_from(outcome.sent()).unwrap_or(i64::MAX))),
        ("waiting", Cell::Count(left.due)),
        ("unknown", Cell::Count(left.unknown)),
        ("given_up", Cell::Count(left.dead)),
    ];
    report.wrote = Some(new);
    let verdict = run_verdict(new, outcome);
    report.verdict(verdict).outcome(outcome.kind())
}

/// What an alerts run did, in one sentence.
pub(super) fn run_verdict(new: i64, outcome: &Outcome) -> String {
    let new = several(usize::try_from(new).unwrap_or(usize::MAX), "new notice");
    let mut text = format!("{new}, {} sent", outcome.sent());
    let left = &outcome.left;
    for (count, word) in [(left.due, "to be tried again"), (left.unknown, "unknown"), (left.dead, "given up")]
    {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    text
}

fn tried_cells(it: &Tried) -> Vec<Cell> {
    let mut cells = notice_cells(&it.notice);
    cells.extend([
        Cell::text(&it.sink),
        Cell::text(it.state),
        Cell::maybe_at(it.again_at),
        Cell::maybe_text(it.why.clone()),
    ]);
    cells
}

fn preview(cx: &Cx, due: &[Due], waiting: &[(Notice, Vec<String>)]) -> Report {
    let mut report = Report::new("alerts_run", RUN_COLUMNS);
    let mut new = 0;
    for it in due.iter().flat_map(|due| &due.notices) {
        new += 1;
        let whose = if it.audience == Audience::Customer { "customer" } else { "operator" };
        report.row(vec![
            Cell::Blank,
            Cell::text(whose),
            Cell::Blank,
            Cell::text(it.kind),
            Cell::text(it.severity.as_str()),
            Cell::text(&it.subject),
            Cell::Blank,
            Cell::text("new"),
            Cell::Blank,
            Cell::Blank,
        ]);
    }
    for (notice, sinks) in waiting {
        let mut cells = notice_cells(notice);
        let to = if sinks.is_empty() { Cell::Blank } else { Cell::text(sinks.join(", ")) };
        cells.extend([to, Cell::text("waits"), Cell::Blank, Cell::Blank]);
        report.row(cells);
    }
    let verdict = format!(
        "would write {} and send {}; nothing was changed; apply it: {}",
        several(new, "notice"),
        several(waiting.len(), "waiting one"),
        cx.line_applying()
    );
    report.verdict(verdict)
}

fn test(cx: &Cx, args: &TestArgs) -> Result<Report, Error> {
    let sinks = sinks::open(cx, args.sink.as_deref())?;
    let mut report = Report::new("alerts_test", TEST_COLUMNS);
    let now = cx.now()?;
    let mut failed = 0_usize;
    for sink in &sinks {
        let reply = if cx.globals.dry_run { None } else { Some(test_one(cx, sink, now)?) };
        let (state, why) = match reply {
            None => ("shown", None),
            Some(Reply::Sent) => ("sent", None),
            Some(Reply::NotSent(why)) => ("not_sent", Some(why)),
            Some(Reply::Unknown(why)) => ("unknown", Some(why)),
        };
        failed += usize::from(why.is_some());
        report.row(vec![
            Cell::text(&sink.name),
            Cell::text(sink.kind()),
            Cell::text(state),
            Cell::maybe_text(why),
        ]);
    }
    let count = several(sinks.len(), "sink");
    let verdict = match failed {
        _ if cx.globals.dry_run => {
            format!(
                "would send a test message to {count}; nothing was sent; apply it: {}",
                cx.line_applying()
            )
        }
        0 => format!("{count} took a test message"),
        failed => format!("{failed} of {count} did not take the test message"),
    };
    Ok(report.verdict(verdict).outcome((failed > 0).then_some(Kind::Partial)))
}

fn test_one(cx: &Cx, sink: &Sink, now: Timestamp) -> Result<Reply, Error> {
    if sink.kind() == "stdout" {
        let text = format!("[info] a test of paygrade's notices: to the sink `{}`", sink.name);
        return Ok(match print_notice(cx, &text) {
            Ok(()) => Reply::Sent,
            Err(why) => Reply::NotSent(why),
        });
    }
    cx.block_on(notify::test(sink, now, Env::system_now()))
}

fn several(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}
