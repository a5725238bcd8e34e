//! `seed`: make Stripe hold the catalog.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Cx;
use super::agree::agree;
use crate::billing::change::{Cause, Change, ChangeSet, Op, Options};
use crate::billing::wanted::DIGEST_KEY;
use crate::error::{Error, Kind};
use crate::flow::seed::{self, PLAN_BYTES_MAX, PlanFile, Planned};
use crate::ui::{Cell, Report};

/// Make Stripe hold the catalog: products, prices, meters, features
///
/// Shows what differs (+ make, ~ change, - archive, ! in the way), asks, applies it in order and looks again. What
/// exists is found in Stripe itself, so it may be killed at any point and run again on any machine. Prices never
/// change: a new amount is a new price, and subscribers keep what they bought.
/// Example: paygrade seed -n --fail-on any
#[derive(Debug, Args)]
pub struct SeedArgs {
    /// Archive what left the catalog (it is only listed otherwise)
    #[arg(long)]
    prune: bool,
    /// Take over objects that hold a key of the catalog but are not marked as ours
    #[arg(long)]
    adopt: bool,
    /// Exit 4 when something of this cause is there (with -n) or left (after applying)
    #[arg(long, value_enum, value_name = "CAUSE")]
    fail_on: Option<FailOn>,
    /// Write the plan to this file and change nothing
    #[arg(long, value_name = "FILE")]
    plan_out: Option<PathBuf>,
    /// Apply exactly this plan; refused when Stripe has moved since
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan_out", "prune", "adopt"])]
    plan: Option<PathBuf>,
}

/// What makes `--fail-on` exit 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Edits of the catalog file that are not applied
    Pending,
    /// Edits at Stripe
    Drift,
    /// Any difference, also what left the catalog
    Any,
}

const COLUMNS: &[&str] =
    &["op", "kind", "key", "stripe_id", "field", "from", "to", "cause", "subscribers_affected"];

pub(super) fn run(cx: &Cx, args: SeedArgs) -> Result<Report, Error> {
    let stored = args.plan.as_deref().map(read_plan).transpose()?;
    let (catalog, options) = match &stored {
        Some(stored) => stored.inputs()?,
        None => (cx.catalog()?, Options { prune: args.prune, adopt: args.adopt }),
    };
    let api = cx.api()?;
    let account = cx.account()?.id;
    let store = if cx.store_exists() { Some(cx.store()?) } else { None };
    let planned = cx.block_on(seed::plan(&api, store.as_deref(), catalog, options))??;
    if let Some(stored) = &stored {
        stored.check(&planned, &account)?;
    }
    if let Some(path) = &args.plan_out {
        write_plan(path, &PlanFile::of(&planned, &account).to_json()?)?;
    }
    let set = planned.set.clone();
    let found = planned.objects_found();
    if cx.globals.dry_run || args.plan_out.is_some() {
        let verdict = verdict_of_plan(&set, found, &command(cx, &args));
        return Ok(report(cx, &args, &set, &set, verdict)?.outcome(outcome(&args, &set)));
    }
    let store = cx.store()?;
    if set.to_apply().next().is_none() && planned.is_recorded(&store)? {
        let verdict = verdict_of_nothing(&set, found);
        return Ok(report(cx, &args, &set, &set, verdict)?.outcome(outcome(&args, &set)));
    }
    if set.to_apply().next().is_some() {
        agreed(cx, &planned)?;
    }
    let now = cx.now()?;
    let applied = cx.block_on(seed::apply(&api, &store, now, planned))??;
    let verdict = if applied.done == 0 {
        verdict_of_nothing(&applied.left, found)
    } else {
        format!("{} applied{}", several(applied.done, "change"), rest(&applied.left))
    };
    let mut report = report(cx, &args, &set, &applied.left, verdict)?.outcome(outcome(&args, &applied.left));
    report.wrote = i64::try_from(applied.done).ok();
    Ok(report)
}

/// Shows the plan to whoever is asked.
fn agreed(cx: &Cx, planned: &Planned) -> Result<(), Error> {
    let lines: Vec<String> = planned.set.changes.iter().map(line).collect();
    agree(cx, &several(planned.set.to_apply().count(), "change"), &lines)
}

fn line(change: &Change) -> String {
    let fields: Vec<String> = shown(change)
        .map(|it| {
            let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
            format!("{}: {} => {}", it.field, text(&it.from), text(&it.to))
        })
        .collect();
    let (sign, kind, cause) = (change.op.sign(), change.kind.as_str(), change.cause().as_str());
    let only = if change.action.is_none() && change.op == Op::Remove { ", only listed" } else { "" };
    format!("{sign} {kind} {} ({cause}{only}) {}", change.key, fields.join("; "))
}

/// The fields of a change; the digests of what we wrote are shown only where nothing else differs.
fn shown(change: &Change) -> impl Iterator<Item = &crate::billing::change::Field> {
    let alone = change.fields.iter().all(|field| field.field == DIGEST_KEY);
    change.fields.iter().filter(move |field| alone || field.field != DIGEST_KEY)
}

fn report(
    cx: &Cx,
    args: &SeedArgs,
    set: &ChangeSet,
    left: &ChangeSet,
    verdict: String,
) -> Result<Report, Error> {
    let mut report = Report::new("seed", COLUMNS);
    for change in &set.changes {
        for field in shown(change) {
            report.row(vec![
                Cell::text(change.op.sign()),
                Cell::text(change.kind.as_str()),
                Cell::text(&change.key),
                Cell::maybe_text(change.stripe_id.clone()),
                Cell::text(&field.field),
                Cell::maybe_text(field.from.clone()),
                Cell::maybe_text(field.to.clone()),
                Cell::text(field.cause.as_str()),
                Cell::Count(i64::try_from(change.subscribers).unwrap_or(i64::MAX)),
            ]);
        }
    }
    let counts = cx.api()?.counts();
    let count = |number: usize| Cell::Count(i64::try_from(number).unwrap_or(i64::MAX));
    let call = |number: u64| Cell::Count(i64::try_from(number).unwrap_or(i64::MAX));
    let mut report = report
        .fact("pending", count(left.count(Cause::Pending)))
        .fact("drift", count(left.count(Cause::Drift)))
        .fact("conflicts", count(left.conflicts().count()))
        .fact("left", count(left.left().count()))
        .fact("reads", call(counts.reads))
        .fact("writes", call(counts.writes));
    if let Some(path) = &args.plan_out {
        report = report.fact("plan", Cell::text(path.display().to_string()));
    }
    Ok(report.verdict(verdict))
}

/// Conflicts are refused (5); what `--fail-on` names is a difference (4), which is said first.
fn outcome(args: &SeedArgs, left: &ChangeSet) -> Option<Kind> {
    let fails = match args.fail_on {
        None => false,
        Some(FailOn::Pending) => left.count(Cause::Pending) > 0,
        Some(FailOn::Drift) => left.count(Cause::Drift) > 0,
        Some(FailOn::Any) => !left.changes.is_empty(),
    };
    let conflict = left.conflicts().next().is_some();
    Kind::worst(fails.then_some(Kind::Differences).into_iter().chain(conflict.then_some(Kind::Refused)))
}

fn several(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// What is left after the verb: conflicts and what left the catalog.
fn rest(left: &ChangeSet) -> String {
    let conflicts = left.conflicts().count();
    let gone = left.left().count();
    let mut text = String::new();
    if conflicts > 0 {
        text += &format!("; {} not touched (--adopt takes over what can be)", several(conflicts, "conflict"));
    }
    let new = left.to_apply().count();
    if new > 0 {
        text += &format!("; {} appeared meanwhile: run seed again", several(new, "difference"));
    }
    if gone > 0 {
        text += &format!("; {} left the catalog (--prune archives it)", several(gone, "object"));
    }
    text
}

fn verdict_of_nothing(set: &ChangeSet, found: usize) -> String {
    format!("nothing to do: {} found at Stripe{}", several(found, "object"), rest(set))
}

fn verdict_of_plan(set: &ChangeSet, found: usize, command: &str) -> String {
    let count = set.to_apply().count();
    if count == 0 {
        return verdict_of_nothing(set, found);
    }
    let listed =
        ChangeSet { changes: set.changes.iter().filter(|it| it.action.is_none()).cloned().collect() };
    format!("nothing changed; {} to apply{}; to apply: {command}", several(count, "change"), rest(&listed))
}

/// The command line that applies what was shown.
fn command(cx: &Cx, args: &SeedArgs) -> String {
    let mut words = vec!["paygrade seed".to_owned()];
    let globals = &cx.globals;
    let given = [("--target", globals.target.clone())];
    let paths = [("--config", &globals.config), ("--catalog", &globals.catalog), ("--store", &globals.store)];
    let paths = paths.map(|(name, path)| (name, path.as_ref().map(|path| path.display().to_string())));
    for (name, value) in given.into_iter().chain(paths) {
        words.extend(value.map(|value| format!("{name} {value}")));
    }
    match args.plan_out.as_ref().or(args.plan.as_ref()) {
        Some(plan) => words.push(format!("--plan {}", plan.display())),
        None => {
            words.extend(args.prune.then(|| "--prune".to_owned()));
            words.extend(args.adopt.then(|| "--adopt".to_owned()));
        }
    }
    words.push("--yes".to_owned());
    words.join(" ")
}

fn read_plan(path: &Path) -> Result<PlanFile, Error> {
    let cannot = |why: &dyn std::error::Error| {
        Error::new(Kind::BadInput, "plan_file", format!("the plan {} cannot be read", path.display()))
            .because(why)
    };
    let file = std::fs::File::open(path).map_err(|error| cannot(&error))?;
    let mut text = String::new();
    file.take(PLAN_BYTES_MAX).read_to_string(&mut text).map_err(|error| cannot(&error))?;
    PlanFile::parse(&text)
}

/// Writes the plan for its owner alone: complete or not at all.
pub(super) fn write_plan(path: &Path, text: &str) -> Result<(), Error> {
    let cannot = |error: std::io::Error| {
        Error::new(Kind::Store, "plan_file", format!("the plan {} cannot be written", path.display()))
            .because(&error)
    };
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new).map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)?;
    std::fs::rename(&new, path).map_err(cannot)
}
