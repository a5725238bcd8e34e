//! Each step of a tick: the verb that it is, and what came of it in two numbers and a sentence.

use std::collections::BTreeSet;

use super::{Often, Step, Tick};
use crate::billing::delivery::State;
use crate::billing::reconcile::Tolerances;
use crate::billing::time::Timestamp;
use crate::env::Env;
use crate::error::{Error, Kind};
use crate::flow::alert::{self, Watch};
use crate::flow::notify::{self, Post};
use crate::flow::push::{self, Courier, MARK_EVERY};
use crate::flow::{Desk, backup, credits, fallback, grace, inbox, reconcile};
use crate::store::Reader;
use crate::store::delivery::Which;
use crate::store::reconcile::Scope;

/// What a step did.
#[derive(Debug, Default)]
pub(super) struct Did {
    pub(super) done: i64,
    pub(super) failed: i64,
    pub(super) kind: Option<Kind>,
    pub(super) verdict: String,
    pub(super) hint: Option<String>,
}

pub(super) async fn run(it: &Tick<'_>, step: Step) -> Result<Did, Error> {
    match step {
        Step::Closing | Step::Push => push(it, &desk(it)?).await,
        Step::Backfill => backfill(&desk(it)?).await,
        Step::Process => process(it, &desk(it)?).await,
        Step::Expire => expire(it),
        Step::Allocate => allocate(it),
        Step::Grace => overdue(&desk(it)?).await,
        Step::Reconcile => compare(it, &desk(it)?).await,
        Step::Alerts => alerts(it).await,
        Step::Backup => back_up(it),
    }
}

/// The desk of one step: its instant is the step's, and its calls have a deadline of their own.
fn desk<'a>(it: &Tick<'a>) -> Result<Desk<'a>, Error> {
    match &it.desk {
        Ok(desk) => {
            desk.api.run_anew();
            Ok(Desk { now: it.clock.now()?, ..*desk })
        }
        Err(error) => Err(again(error)),
    }
}

/// The same failure for another step.
fn again(error: &Error) -> Error {
    let made = Error::new(error.kind(), error.code(), error.message());
    match error.hint_text() {
        Some(hint) => made.hint(hint),
        None => made,
    }
}

fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

async fn push(it: &Tick<'_>, desk: &Desk<'_>) -> Result<Did, Error> {
    let Desk { store, api, clock, namespace, random, .. } = *desk;
    let courier = Courier { store, api, clock, namespace, random };
    let ask = push::Ask {
        customer: None,
        meter: None,
        which: Which::Closed,
        deliveries_max: None,
        grace_s: desk.manner.grace_s,
        mark_every: MARK_EVERY,
    };
    let out = push::push(&courier, &ask, interrupted(it.came)).await?;
    let stuck = [State::Rejected, State::Unknown, State::Late, State::TooLate];
    let failed: i64 = stuck.iter().map(|state| out.left_in(*state)).sum();
    let mut verdict = match out.sent {
        0 => "nothing to send".to_owned(),
        sent => format!("{} of {sent} accepted, {} units", out.accepted, out.units),
    };
    for state in stuck.into_iter().chain([State::Due]) {
        if out.left_in(state) > 0 {
            verdict.push_str(&format!(", {} {}", out.left_in(state), state.as_str().replace('_', " ")));
        }
    }
    if let Some(stopped) = &out.stopped {
        verdict.push_str(&format!("; stopped: {stopped}"));
    }
    let hint = out.stopped.as_ref().and_then(Error::hint_text).map(str::to_owned);
    let hint = hint.or_else(|| (failed > 0).then(|| "paygrade meter status".to_owned()));
    Ok(Did { done: out.accepted, failed, kind: out.kind(), verdict, hint })
}

/// Ends when somebody has asked this process to end.
async fn interrupted(came: &dyn Fn() -> Option<Kind>) -> Kind {
    const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(50);
    loop {
        if let Some(kind) = came() {
            return kind;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn backfill(desk: &Desk<'_>) -> Result<Did, Error> {
    let out = inbox::backfill(desk, None).await?;
    let mut verdict = format!("{} new of {} events", out.new, out.listed);
    if let Some(from) = out.gone_since {
        verdict.push_str(&format!("; Stripe has none any more from {from}"));
    }
    if out.thin_refused.is_some() {
        verdict.push_str("; thin events cannot be listed");
    }
    // What is gone for good, or may not be listed, needs a person; the rest goes on.
    let kind = out.gone_since.map(|_| Kind::Differences);
    let hint = out.gone_since.map(|_| "paygrade reconcile all".to_owned());
    Ok(Did { done: out.new, failed: 0, kind, verdict, hint })
}

async fn process(it: &Tick<'_>, desk: &Desk<'_>) -> Result<Did, Error> {
    let out = inbox::process(desk, &inbox::Ask::default(), || (it.came)().is_some()).await?;
    let mut did = Did { done: count(out.done.len()), ..Did::default() };
    let mut kinds: Vec<Kind> = out.stopped.iter().map(Error::kind).collect();
    did.verdict = format!("{} handled", out.done.len());
    if !out.failed.is_empty() {
        kinds.push(Kind::Later);
        did.verdict.push_str(&format!(", {} to be tried again", out.failed.len()));
    }
    if !out.dead.is_empty() {
        kinds.push(Kind::Partial);
        did.verdict.push_str(&format!(", {} given up", out.dead.len()));
        did.hint = Some("paygrade webhook list --status dead".to_owned());
    }
    did.failed = count(out.failed.len() + out.dead.len());
    if let Some(stopped) = &out.stopped {
        did.verdict.push_str(&format!("; stopped: {stopped}"));
    }
    did.kind = Kind::worst(kinds);
    fall_back(desk, &mut did).await?;
    Ok(did)
}

/// What customers fall back to, as tier assignments.
async fn fall_back(desk: &Desk<'_>, did: &mut Did) -> Result<(), Error> {
    let performed = fallback::perform(desk).await?;
    let failed: Vec<&Error> = performed.iter().filter_map(|it| it.outcome.as_ref().err()).collect();
    if !performed.is_empty() {
        let fell = performed.len() - failed.len();
        did.verdict.push_str(&format!(", {fell} fell back"));
        did.done += count(fell);
    }
    if let Some(first) = failed.first() {
        did.verdict.push_str(&format!(", {} could not: {first}", failed.len()));
        did.failed += count(failed.len());
    }
    did.kind = Kind::worst(failed.iter().map(|error| error.kind()).chain(did.kind));
    Ok(())
}

fn expire(it: &Tick<'_>) -> Result<Did, Error> {
    let ended = credits::hold::expire(it.store, it.clock.now()?, false)?;
    let customers: BTreeSet<&str> = ended.iter().map(|it| it.customer.as_str()).collect();
    let verdict = match ended.len() {
        0 => "nothing is over".to_owned(),
        all => format!("{all} ended, of {} customers", customers.len()),
    };
    Ok(Did { done: count(ended.len()), verdict, ..Did::default() })
}

fn allocate(it: &Tick<'_>) -> Result<Did, Error> {
    let now = it.clock.now()?;
    let given = credits::allocate::allocate(it.store, now, None, credits::allocate::Manner::default())?;
    let sum = given.iter().fold(0_i64, |sum, it| sum.saturating_add(it.allocated.credits.0));
    let mut verdict = match given.len() {
        0 => "nothing is due".to_owned(),
        all => format!("{all} allocations, {sum} credits"),
    };
    let (doubtful, _) = credits::allocate::in_doubt(it.store, now, None)?;
    let hint = (doubtful > 0).then(|| "paygrade reconcile credits".to_owned());
    if doubtful > 0 {
        verdict.push_str(&format!("; {doubtful} may have been given by the ledger that was lost"));
    }
    Ok(Did { done: count(given.len()), verdict, hint, ..Did::default() })
}

/// How many customers have credits due.
fn allocations(r: &Reader<'_>, now: Timestamp) -> Result<i64, Error> {
    let mut due = 0;
    for customer in r.customers_assigned()? {
        due += i64::from(r.allocations_pending(customer, now)?);
    }
    Ok(due)
}

async fn overdue(desk: &Desk<'_>) -> Result<Did, Error> {
    let out = grace::run(desk).await?;
    let mut did = Did::default();
    let failed: Vec<&Error> = out.iter().filter_map(|it| it.outcome.as_ref().err()).collect();
    did.done = count(out.iter().filter(|it| matches!(it.outcome, Ok(true))).count());
    did.failed = count(failed.len());
    did.kind = Kind::worst(failed.iter().map(|error| error.kind()));
    did.verdict = match out.len() {
        0 => "nobody's grace is over".to_owned(),
        all => format!("grace is over for {all}"),
    };
    if let Some(first) = failed.first() {
        did.verdict.push_str(&format!("; {} failed: {first}", failed.len()));
    }
    fall_back(desk, &mut did).await?;
    Ok(did)
}

/// Whether so much time has passed since the last comparison.
fn reconcile_due(r: &Reader<'_>, now: Timestamp, every_s: i64) -> Result<Option<Timestamp>, Error> {
    let last = r.reconciled_at()?;
    Ok(last.map(|last| last.plus(every_s)).filter(|due| *due > now))
}

async fn compare(it: &Tick<'_>, desk: &Desk<'_>) -> Result<Did, Error> {
    if let Some(due) = it.store.read(|r| reconcile_due(r, desk.now, it.reconcile_every_s))? {
        let verdict = format!("not before {due}");
        return Ok(Did { verdict, ..Did::default() });
    }
    let ask = reconcile::Ask {
        scope: Scope { customer: None, meter: None },
        periods: reconcile::Periods::Changed,
        full: false,
        restart: false,
        by_hour: false,
        tolerance: Tolerances::default(),
        calls_max: None,
        settle_s: it.settle_s,
        grace_s: desk.manner.grace_s,
    };
    let desk = reconcile::Desk { store: desk.store, api: desk.api, clock: desk.clock };
    let out = reconcile::reconcile(&desk, &ask).await?;
    let mut verdict = format!("{} of {} sums match", out.done.matched, out.done.asked);
    for (number, word) in [(out.done.unsettled, "unsettled"), (count(out.failing), "to look at")] {
        if number > 0 {
            verdict.push_str(&format!(", {number} {word}"));
        }
    }
    if let Some(stopped) = &out.stopped {
        verdict.push_str(&format!("; stopped: {stopped}"));
    }
    let hint = (out.failing > 0).then(|| "paygrade reconcile".to_owned());
    Ok(Did { done: out.done.matched, failed: count(out.failing), kind: out.kind(), verdict, hint })
}

async fn alerts(it: &Tick<'_>) -> Result<Did, Error> {
    let now = it.clock.now()?;
    let due = it.store.read(|r| alert::find(r, now, &it.watch))?;
    // Written down also when nobody can be told now.
    let new = alert::write(it.store, now, &due)?;
    let sinks = it.sinks.as_ref().map_err(again)?;
    let post = Post { store: it.store, sinks, print: it.print, now, wall: &Env::system_now };
    let out = notify::send(&post).await?;
    let failed = count(out.tried.len() - out.sent());
    let mut verdict = format!("{new} new, {} sent", out.sent());
    if failed > 0 {
        verdict.push_str(&format!(", {failed} not"));
    }
    let hint = (failed > 0).then(|| "paygrade alerts list --open".to_owned());
    Ok(Did { done: count(out.sent()), failed, kind: out.kind(), verdict, hint })
}

/// Whether so much time has passed since the last backup.
fn backup_due(r: &Reader<'_>, now: Timestamp, every_s: i64) -> Result<Option<Timestamp>, Error> {
    let last = r.backup_last()?;
    Ok(last.map(|last| last.at.plus(every_s)).filter(|due| *due > now))
}

fn back_up(it: &Tick<'_>) -> Result<Did, Error> {
    let now = it.clock.now()?;
    let Some(wanted) = it.backup else {
        return Ok(Did { verdict: "none are wanted".to_owned(), ..Did::default() });
    };
    if let Some(due) = it.store.read(|r| backup_due(r, now, wanted.every_s))? {
        return Ok(Did { verdict: format!("not before {due}"), ..Did::default() });
    }
    let out = backup::backup(it.store, now, &wanted.ask)?;
    let mut verdict = out.made.path.display().to_string();
    if !out.removed.is_empty() {
        verdict.push_str(&format!("; {} older removed", out.removed.len()));
    }
    Ok(Did { done: 1, verdict, ..Did::default() })
}

/// What a step would find to do: how much, and in words.
pub(super) fn preview(
    r: &Reader<'_>,
    step: Step,
    now: Timestamp,
    watch: &Watch,
    often: Often,
) -> Result<(Step, i64, String), Error> {
    let (number, words) = match step {
        Step::Closing | Step::Push => {
            let waiting = r.delivery_waiting(None, None)?;
            let new = count(r.usage_uncovered(None, None, 0, now)?.len());
            (waiting + new, "windows and deliveries, as far as they are closed")
        }
        Step::Backfill => (0, "Stripe would be asked"),
        Step::Process => (r.inbox_ready(now)?, "events"),
        Step::Expire => (count(r.customers_to_expire(now)?.len()), "customers with something that is over"),
        Step::Allocate => (allocations(r, now)?, "customers with credits due"),
        Step::Grace => {
            (r.payments_failed()?.iter().map(|(_, count, _)| count).sum(), "open invoices that were not paid")
        }
        Step::Reconcile => match reconcile_due(r, now, often.reconcile_s)? {
            Some(due) => return Ok((step, 0, format!("not before {due}"))),
            None => (
                reconcile::sums_changed(r, now, often.settle_s, often.grace_s)?,
                "sums that Stripe would be asked for",
            ),
        },
        Step::Alerts => {
            let new: usize = alert::find(r, now, watch)?.iter().map(|it| it.notices.len()).sum();
            (count(new), "new notices")
        }
        Step::Backup => {
            match often.backup_s.map(|every_s| backup_due(r, now, every_s)).transpose()?.flatten() {
                Some(due) => return Ok((step, 0, format!("not before {due}"))),
                None => (1, "a backup"),
            }
        }
    };
    Ok((step, number, words.to_owned()))
}
