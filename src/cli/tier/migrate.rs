//! `tier migrate`: subscribers of a tier to the terms that are sold now.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::change::when;
use crate::billing::assign::When;
use crate::billing::id::{CustomerId, Revision, TierKey};
use crate::billing::money::Money;
use crate::cli::Cx;
use crate::cli::agree::agree;
use crate::cli::interrupt::Interrupt;
use crate::error::{Error, Kind};
use crate::flow::customer::customer_required;
use crate::flow::migrate::{Ask, Line, Planned, Status, interval_word, migrate, migrate_plan, monthly_sum};
use crate::flow::names::shown;
use crate::ui::{Cell, Report};

/// Arguments of `tier migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// The tier
    tier: String,
    /// Only subscribers of this revision, such as pro@3f2a9c01d4e5
    #[arg(long, value_name = "REVISION")]
    from_revision: Option<String>,
    /// renewal, now, or a day such as 2026-12-31
    #[arg(long, value_name = "WHEN", default_value = "renewal")]
    at: String,
    /// Nobody but the customers in this file, an own id a line
    #[arg(long, value_name = "FILE")]
    only: Option<PathBuf>,
    /// Not the customers in this file
    #[arg(long, value_name = "FILE")]
    except: Option<PathBuf>,
    /// Move at most so many in this run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Take back what a run of this command did
    #[arg(long, value_name = "RUN", conflicts_with = "from_revision")]
    undo: Option<i64>,
}

pub(super) const EXAMPLES: &str = "Examples:
  paygrade tier migrate pro -n
  paygrade tier migrate pro --limit 50 --yes
  paygrade tier migrate pro --from-revision pro@3f2a9c01d4e5 --except loyal.txt --yes
  paygrade tier migrate pro --undo 41 --yes

Price, included usage, limits and credits move together, when the period that was paid for is over unless --at says
otherwise. Both bills of each are compared first, on the usage of the last closed period: whoever is charged something
else than the terms say is listed and left alone, and so is whoever has another change waiting. Each one moves by itself:
a run that ends in the middle is gone on with by the same command.
Exit 4: somebody differs from what Stripe charges; 11: some could not be moved, run it again; 3: unknown tier, revision,
customer or run.";

const COLUMNS: &[&str] = &[
    "customer",
    "email",
    "sub",
    "interval",
    "seats",
    "discount",
    "pending_schedule",
    "old_rev",
    "new_rev",
    "old_bill",
    "new_bill",
    "monthly_change",
    "effective",
    "status",
    "reason",
];

pub(super) fn run(cx: &Cx, args: &MigrateArgs) -> Result<Report, Error> {
    let ask = Ask {
        tier: TierKey::parse(&args.tier)?,
        from: args.from_revision.as_deref().map(str::parse::<Revision>).transpose()?,
        at: if args.at == "renewal" { When::PeriodEnd } else { when(&args.at)? },
        only: args.only.as_ref().map(|file| ids(cx, file)).transpose()?,
        except: args.except.as_ref().map_or_else(|| Ok(BTreeSet::new()), |file| ids(cx, file))?,
        limit: args.limit.and_then(|limit| usize::try_from(limit).ok()),
        undo: args.undo,
    };
    cx.store_reading()?;
    let planned = cx.with_desk(async |desk| migrate_plan(&desk, &ask).await)?;
    let ready = count(&planned, Status::Ready);
    if cx.globals.dry_run || ready == 0 {
        let verdict = match ready {
            0 => format!("nothing to do: {}", words(&planned)),
            _ => format!("{}; nothing was changed; apply it: {}", words(&planned), cx.line_applying()),
        };
        return Ok(report(&planned).verdict(verdict));
    }
    let lines: Vec<String> = planned.lines.iter().filter(|it| it.status == Status::Ready).map(told).collect();
    agree(cx, &several(ready), &lines)?;
    let came = Interrupt::listen()?;
    let (done, stopped) =
        cx.with_desk(async |desk| migrate(&desk, planned, || came.kind().is_some()).await)?;
    let moved = count(&done, Status::Moved);
    let run = cx.store()?.run();
    let undo = run.filter(|_| moved > 0 && ask.undo.is_none());
    let undo = undo.map(|run| format!("; take it back: paygrade tier migrate {} --undo {run}", ask.tier));
    let mut made = report(&done);
    if let Some(error) = &stopped {
        cx.ui.note(&format!("stopped: {error}"));
    }
    let kinds = [made.outcome, stopped.map(|error| error.kind()), came.kind()];
    made.wrote = Some(moved);
    made.outcome = Kind::worst(kinds.into_iter().flatten());
    Ok(made.fact("run", Cell::maybe_count(run)).verdict(format!(
        "{}{}",
        words(&done),
        undo.unwrap_or_default()
    )))
}

/// Own ids, one a line; what follows a `#` is a comment.
fn ids(cx: &Cx, file: &PathBuf) -> Result<BTreeSet<CustomerId>, Error> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let text = format!("`{}` cannot be read: {error}", shown(&file.display().to_string()));
        Error::new(Kind::BadInput, "bad_file", text).hint("give a file with an own id a line")
    })?;
    let words = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let ids: BTreeSet<CustomerId> =
        words.filter(|word| !word.is_empty()).map(CustomerId::parse).collect::<Result<_, _>>()?;
    cx.store_reading()?.read(|r| ids.iter().try_for_each(|id| customer_required(r, id).map(drop)))?;
    Ok(ids)
}

fn count(planned: &Planned, status: Status) -> i64 {
    i64::try_from(planned.lines.iter().filter(|it| it.status == status).count()).unwrap_or(i64::MAX)
}

fn several(number: i64) -> String {
    format!("{number} subscriber{}", if number == 1 { "" } else { "s" })
}

/// What was found or done, in words, with the sum of it.
fn words(planned: &Planned) -> String {
    let of = |status: Status| count(planned, status);
    let (ready, moved) = (of(Status::Ready), of(Status::Moved));
    let mut parts = Vec::new();
    if ready > 0 {
        parts.push(format!("{} to move", several(ready)));
    }
    if moved > 0 {
        parts.push(format!("{} moved", several(moved)));
    }
    if let Some(sum) = monthly_sum(&planned.lines) {
        let sign = if sum.minor > 0 { "+" } else { "" };
        parts.push(format!("monthly change {sign}{sum}"));
    }
    for (status, word) in
        [(Status::Waits, "wait already"), (Status::Left, "left"), (Status::Failed, "failed")]
    {
        if of(status) > 0 {
            parts.push(format!("{} {word}", of(status)));
        }
    }
    if planned.more > 0 {
        parts.push(format!("{} more beyond --limit", planned.more));
    }
    if parts.is_empty() { "everybody has the terms that are sold".to_owned() } else { parts.join(", ") }
}

fn told(line: &Line) -> String {
    let money = |money: Option<Money>| money.map(|it| it.to_string()).unwrap_or_default();
    let at = line.effective.map_or_else(|| "now".to_owned(), |at| format!("at {at}"));
    let to = line.to.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{} to {to} {at}: {} -> {}", line.customer.id, money(line.old), money(line.new))
}

fn report(planned: &Planned) -> Report {
    let mut report =
        Report::new("tier_migrate", COLUMNS).money(&["discount", "old_bill", "new_bill", "monthly_change"]);
    for it in &planned.lines {
        report.row(vec![
            Cell::text(it.customer.id.as_str()),
            Cell::maybe_text(it.customer.email.clone()),
            Cell::maybe_text(it.on.sub.clone()),
            Cell::maybe_text(interval_word(it)),
            Cell::maybe_count(it.on.seats.map(i64::from)),
            Cell::maybe_money(it.discount),
            Cell::maybe_at(it.pending),
            Cell::text(it.on.revision.to_string()),
            Cell::maybe_text(it.to.as_ref().map(ToString::to_string)),
            Cell::maybe_money(it.old),
            Cell::maybe_money(it.new),
            Cell::maybe_money(it.monthly_change),
            Cell::maybe_at(it.effective),
            Cell::text(it.status.as_str()),
            Cell::maybe_text(it.reason.clone()),
        ]);
    }
    let mismatch = planned.lines.iter().any(|it| it.is_mismatch).then_some(Kind::Differences);
    let failed = planned.lines.iter().any(|it| it.status == Status::Failed).then_some(Kind::Partial);
    report.outcome(Kind::worst(mismatch.into_iter().chain(failed)))
}
