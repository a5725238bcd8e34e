//! `runs`: what was done, by whom, and how it ended.

use clap::{Args, Subcommand};

use super::{Cx, reconcile};
use crate::error::{Error, Kind};
use crate::store::run::Run;
use crate::ui::{Cell, Report};

/// What was done, by whom, and how it ended
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// List runs, newest first
    List(ListArgs),
    /// Show one run
    Show(ShowArgs),
}

/// Arguments of `runs list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Of this command only, such as "meter push"
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// Most runs to list
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

/// Arguments of `runs show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The run's number
    run: i64,
}

const COLUMNS: &[&str] =
    &["run", "command", "actor", "host", "ref", "started", "seconds", "exit", "wrote", "calls", "verdict"];

pub(super) fn run(cx: &Cx, command: RunsCommand) -> Result<Report, Error> {
    match command {
        RunsCommand::List(args) => list(cx, args),
        RunsCommand::Show(args) => show(cx, args),
    }
}

fn list(cx: &Cx, args: ListArgs) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    let runs = store.read(|r| r.run_list(args.command.as_deref(), args.limit))?;
    let mut report = Report::new("runs", COLUMNS);
    for run in &runs {
        report.row(cells(run));
    }
    let count = runs.len();
    Ok(report.verdict(format!("{count} run{}", if count == 1 { "" } else { "s" })))
}

fn show(cx: &Cx, args: ShowArgs) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    let found = store.read(|r| r.run_get(args.run))?;
    let run = found.ok_or_else(|| {
        Error::new(Kind::BadInput, "unknown_run", format!("there is no run {}", args.run))
            .hint("`paygrade runs list` shows them")
    })?;
    let findings = store.read(|r| match r.reconcile_run_get(args.run)? {
        Some(_) => Ok::<_, Error>(Some(r.finding_seen(args.run)?)),
        None => Ok(None),
    })?;
    let states = store.read(|r| r.state_finding_seen(args.run))?;
    let mut report = match findings {
        None if !states.is_empty() => {
            Report::new("run", reconcile::state::COLUMNS).money(reconcile::state::MONEY)
        }
        Some(_) => Report::new("run", reconcile::COLUMNS).money(reconcile::MONEY),
        None => Report::new("run", &[]),
    };
    for finding in findings.iter().flatten() {
        report.row(reconcile::finding_cells(finding));
    }
    for finding in states.iter().filter(|_| findings.is_none()) {
        report.row(reconcile::state::cells(finding));
    }
    report.facts = COLUMNS.iter().copied().zip(cells(&run)).filter(|(name, _)| *name != "verdict").collect();
    report.facts.push(("reason", Cell::maybe_text(run.reason.clone())));
    let verdict = run.verdict.unwrap_or_else(|| "it has not ended, or was killed".to_owned());
    Ok(report.verdict(verdict))
}

fn cells(run: &Run) -> Vec<Cell> {
    vec![
        Cell::Count(run.run),
        Cell::text(&run.command),
        Cell::text(&run.actor),
        Cell::text(&run.host),
        Cell::maybe_text(run.reference.clone()),
        Cell::At(run.started_at),
        Cell::maybe_count(run.seconds),
        Cell::maybe_count(run.exit),
        Cell::maybe_count(run.wrote),
        Cell::maybe_count(run.calls),
        Cell::maybe_text(run.verdict.clone()),
    ]
}
