//! `tick`: everything that has to be done again and again, for cron or a timer.

mod metrics;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use super::interrupt::Interrupt;
use super::{Cx, alerts, sinks, store};
use crate::error::{Error, Kind};
use crate::flow::tick::{self, Backup, Often, Step, StepDone, Tick, steps};
use crate::flow::{Desk, Manner};
use crate::notify::{self, Reply};
use crate::store::{NamedLock, Store};
use crate::ui::{Cell, Report};

/// Do everything that has to be done again and again: run it from cron every 10 minutes
///
/// In order: usage whose windows are closed or whose period ends soon, events that no webhook brought, events, usage
/// again, credits that are over, credits that are due, failed payments whose grace is over, reconcile (every 6 hours,
/// unless [tick] reconcile_every says otherwise), alerts, a backup (where there is a [backup]). A step that fails stops none of the others. The exit code is
/// the worst of all steps: the first in 1 10 6 7 8 130 143 4 11 5 75 9 0.
#[derive(Debug, Args)]
pub struct TickArgs {
    /// These steps only
    #[arg(long, value_name = "STEP[,...]", value_delimiter = ',', value_parser = step)]
    only: Vec<Step>,
    /// Not these steps
    #[arg(long, value_name = "STEP[,...]", value_delimiter = ',', value_parser = step)]
    skip: Vec<Step>,
    /// Wait so many seconds for a tick that is running
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// When another tick is running still: fail (exit 9), or skip this one (exit 0)
    #[arg(long, value_name = "WHAT", value_enum, default_value = "fail")]
    if_busy: IfBusy,
    /// Write metrics to this file, as the textfile collector of Prometheus reads them
    #[arg(long, value_name = "FILE")]
    prometheus: Option<PathBuf>,
}

/// What becomes of a second tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum IfBusy {
    /// Exit 9.
    Fail,
    /// Exit 0, nothing done.
    Skip,
}

fn step(text: &str) -> Result<Step, String> {
    Step::parse(text).ok_or_else(|| {
        let words: Vec<&str> = Step::ALL.iter().map(|it| it.as_str()).collect();
        format!("there are: {}", words.join(", "))
    })
}

const COLUMNS: &[&str] = &["step", "done", "failed", "exit", "seconds", "verdict", "next_command"];
/// How often a tick that waits looks again.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) fn run(cx: &Cx, args: &TickArgs) -> Result<Report, Error> {
    let mut steps = steps(&args.only, &args.skip);
    if cx.settings().backup.is_none() {
        steps.retain(|it| *it != Step::Backup);
    }
    if steps.is_empty() {
        let hint = match args.only.contains(&Step::Backup) {
            true => {
                "a tick makes backups where paygrade.toml has a table [backup]; `paygrade store backup` makes one"
            }
            false => "leave --only or --skip away, or name other steps",
        };
        return Err(Error::new(Kind::Usage, "no_steps", "no step is left to do").hint(hint));
    }
    if cx.globals.dry_run {
        return preview(cx, &steps);
    }
    // A tick does not make a store: there is nothing to do again yet.
    cx.store_reading()?;
    let store = cx.store()?;
    let Some(_lock) = lock(&store, args.wait)? else {
        if args.if_busy == IfBusy::Skip {
            return Ok(Report::new("tick", COLUMNS).verdict("another tick is running: nothing done"));
        }
        return Err(Error::new(Kind::Busy, "tick_busy", "another tick of this store is running")
            .hint("wait for it with --wait, or pass over it with --if-busy skip"));
    };
    let came = Interrupt::listen()?;
    let done = run_steps(cx, &store, &steps, &came)?;
    let kind = tick::kind(&done, came.kind());
    let failed_to_write = args.prometheus.as_ref().and_then(|path| metrics::write(cx, &store, path).err());
    ping(cx, kind);
    let mut kinds: Vec<Kind> = kind.into_iter().collect();
    if let Some(error) = failed_to_write {
        cx.ui.note(&format!("the metrics were not written: {error}"));
        kinds.push(error.kind());
    }
    Ok(report(&done).outcome(Kind::worst(kinds)))
}

fn lock(store: &Store, wait_s: u64) -> Result<Option<NamedLock>, Error> {
    let until = Instant::now() + Duration::from_secs(wait_s.min(86_400));
    loop {
        let taken = tick::lock(store)?;
        if taken.is_some() || Instant::now() >= until {
            return Ok(taken);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn run_steps(
    cx: &Cx,
    opened_store: &Store,
    steps: &[Step],
    came: &Interrupt,
) -> Result<Vec<StepDone>, Error> {
    let settings = cx.settings();
    let stripe = steps.iter().any(|step| step.needs_stripe());
    // Without Stripe the steps that need it fail, and no others.
    let reached = if stripe { cx.api().and_then(|api| Ok((api, cx.namespace()?))) } else { Err(unneeded()) };
    let manner = Manner {
        grace_s: i64::from(settings.grace_s.value),
        drain_max: crate::flow::drain::DRAIN_MAX_DEFAULT,
        void_unpaid: settings.unpaid_invoice.value == crate::config::settings::UnpaidInvoice::Void,
    };
    let (clock, now, random) = (cx.clock(), cx.now()?, cx.env.random());
    let desk = match &reached {
        Ok((api, namespace)) => Ok(Desk { store: opened_store, api, now, namespace, clock, random, manner }),
        Err(error) => Err(same(error)),
    };
    let opened = sinks::open(cx, None);
    let print = |line: &str| alerts::print_notice(cx, line);
    let shelf = store::shelf(cx, None, None);
    let it = Tick {
        store: opened_store,
        desk,
        sinks: opened.as_deref().map_err(same),
        print: &print,
        clock,
        came: &|| came.kind(),
        watch: alerts::watch(cx),
        settle_s: i64::from(settings.settle_s.value),
        reconcile_every_s: settings.tick.reconcile_every_s,
        backup: settings.backup.as_ref().map(|it| Backup { ask: shelf.ask(), every_s: it.every_s }),
    };
    let progress = cx.ui.progress("steps", u64::try_from(steps.len()).ok());
    let mut ended = 0;
    let each = |_: &StepDone| {
        ended += 1;
        progress.set(ended);
    };
    cx.block_on(tick::tick(&it, steps, each))?
}

fn unneeded() -> Error {
    Error::new(Kind::Bug, "no_desk", "a step that needs Stripe was not expected")
}

fn same(error: &Error) -> Error {
    let made = Error::new(error.kind(), error.code(), error.message());
    match error.hint_text() {
        Some(hint) => made.hint(hint),
        None => made,
    }
}

fn report(done: &[StepDone]) -> Report {
    let mut report = Report::new("tick", COLUMNS);
    for it in done {
        report.row(vec![
            Cell::text(it.step.as_str()),
            Cell::Count(it.done),
            Cell::Count(it.failed),
            Cell::Count(i64::from(it.kind.map_or(0, Kind::exit_code))),
            Cell::Count(it.seconds),
            Cell::text(&it.verdict),
            Cell::maybe_text(it.hint.clone()),
        ]);
    }
    report.wrote = Some(done.iter().map(|it| it.done).sum());
    report.verdict(tick::verdict(done))
}

fn preview(cx: &Cx, steps: &[Step]) -> Result<Report, Error> {
    let now = cx.now()?;
    let settings = cx.settings();
    let backup_s = settings.backup.as_ref().map(|it| it.every_s);
    let often = Often {
        reconcile_s: settings.tick.reconcile_every_s,
        settle_s: i64::from(settings.settle_s.value),
        grace_s: i64::from(settings.grace_s.value),
        backup_s,
    };
    let found = cx.store_reading()?.read(|r| tick::preview(r, steps, now, &alerts::watch(cx), often))?;
    let mut report = Report::new("tick_plan", &["step", "waiting", "what"]);
    for (step, waiting, what) in found {
        report.row(vec![Cell::text(step.as_str()), Cell::Count(waiting), Cell::text(what)]);
    }
    Ok(report
        .verdict(format!("this is what waits now; nothing was changed; apply it: {}", cx.line_applying())))
}

/// A sign of life for whoever watches that ticks come at all. Work that only has to be tried again is no failure.
fn ping(cx: &Cx, kind: Option<Kind>) {
    let Some(url) = &cx.settings().tick.ping else { return };
    let failed = kind.is_some_and(|kind| kind != Kind::Later);
    let sent = sinks::address(cx, "tick.ping_url", url)
        .and_then(|address| cx.block_on(notify::ping(&address, failed)));
    match sent {
        Ok(Reply::Sent) => {}
        Ok(Reply::NotSent(why) | Reply::Unknown(why)) => cx.ui.note(&format!("the ping failed: {why}")),
        Err(error) => cx.ui.note(&format!("the ping failed: {error}")),
    }
}
