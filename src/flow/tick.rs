//! `tick`: everything that has to be done again and again, in one order, one after the other.
//!
//! What holds: one tick per store at a time; a step that fails stops none of the others; each step that writes has a run
//! of its own; what a killed tick left undone, the next one does.

mod step;

use std::time::Instant;

use super::{Desk, alert::Watch};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::notify::Sink;
use crate::store::run::Ending;
use crate::store::tick::TickStep;
use crate::store::{NamedLock, Reader, Store};

/// A step of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Usage whose windows are closed, and of periods that end soon: before anything that may take long.
    Closing,
    /// Events that no webhook brought.
    Backfill,
    /// Events, and what customers fall back to by them.
    Process,
    /// Usage again: events may have changed what it is billed by, and time has passed.
    Push,
    /// Credits and holds that are over.
    Expire,
    /// Credits that are due.
    Allocate,
    /// Failed payments whose grace is over.
    Grace,
    /// What was sent beside what Stripe counted; not each time.
    Reconcile,
    /// Who has to be told.
    Alerts,
    /// A copy of the store, where the settings say so; not each time.
    Backup,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Step; 10] = [
        Step::Closing,
        Step::Backfill,
        Step::Process,
        Step::Push,
        Step::Expire,
        Step::Allocate,
        Step::Grace,
        Step::Reconcile,
        Step::Alerts,
        Step::Backup,
    ];

    /// The word on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Closing => "closing",
            Step::Backfill => "backfill",
            Step::Process => "process",
            Step::Push => "push",
            Step::Expire => "expire",
            Step::Allocate => "allocate",
            Step::Grace => "grace",
            Step::Reconcile => "reconcile",
            Step::Alerts => "alerts",
            Step::Backup => "backup",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Whether it talks to Stripe.
    pub fn needs_stripe(self) -> bool {
        !matches!(self, Step::Expire | Step::Allocate | Step::Alerts | Step::Backup)
    }
}

/// The steps of a tick: those that were asked for, without those that were not wanted, in their order.
pub fn steps(only: &[Step], skip: &[Step]) -> Vec<Step> {
    let wanted = |it: &Step| (only.is_empty() || only.contains(it)) && !skip.contains(it);
    Step::ALL.into_iter().filter(wanted).collect()
}

/// What a tick works with.
pub struct Tick<'a> {
    /// The store, open for writing.
    pub store: &'a Store,
    /// Stripe and what the settings say; or why there is none: then the steps that need it fail, and no others.
    pub desk: Result<Desk<'a>, Error>,
    /// Where notices go; or why that is not known.
    pub sinks: Result<&'a [Sink], Error>,
    /// Prints a notice for people, on standard output.
    pub print: &'a dyn Fn(&str) -> Result<(), String>,
    /// The business clock.
    pub clock: &'a crate::env::Clock,
    /// Whether somebody has asked this process to end, with the kind that says why.
    pub came: &'a dyn Fn() -> Option<Kind>,
    /// When somebody is woken for a difference.
    pub watch: Watch,
    /// How long Stripe may take to count.
    pub settle_s: i64,
    /// How long after the last one reconcile runs again.
    pub reconcile_every_s: i64,
    /// How the store is backed up, if it is.
    pub backup: Option<Backup<'a>>,
}

/// How a tick backs the store up.
#[derive(Debug, Clone, Copy)]
pub struct Backup<'a> {
    /// Where to, and how many stay.
    pub ask: super::backup::Ask<'a>,
    /// How long after the last one another is made.
    pub every_s: i64,
}

/// What a step did.
#[derive(Debug)]
pub struct StepDone {
    /// The step.
    pub step: Step,
    /// How much it did.
    pub done: i64,
    /// How much of it failed.
    pub failed: i64,
    /// What the exit code is for.
    pub kind: Option<Kind>,
    /// Seconds by the monotonic clock.
    pub seconds: i64,
    /// In words.
    pub verdict: String,
    /// What to do next, where something is wrong.
    pub hint: Option<String>,
}

/// Takes the lock of the one tick per store; `None` when another process has it.
pub fn lock(store: &Store) -> Result<Option<NamedLock>, Error> {
    Ok(store.named_lock("tick")?)
}

/// Runs steps one after the other. The caller holds the lock. `each` is told of every step when it has ended.
pub async fn tick(
    it: &Tick<'_>,
    steps: &[Step],
    mut each: impl FnMut(&StepDone),
) -> Result<Vec<StepDone>, Error> {
    let mut all = Vec::new();
    for step in steps {
        if (it.came)().is_some() {
            break;
        }
        let started = Instant::now();
        let run = it.store.step(&format!("tick {}", step.as_str()));
        let answer = step::run(it, *step).await;
        let seconds = i64::try_from(started.elapsed().as_secs()).unwrap_or(i64::MAX);
        let done = step_done(*step, answer, seconds);
        let exit = done.kind.map_or(0, Kind::exit_code);
        let ending = Ending {
            exit,
            seconds,
            wrote: Some(done.done),
            calls: None,
            verdict: Some(done.verdict.clone()),
        };
        let noted =
            it.clock.now().map_err(Error::from).and_then(|now| Ok(it.store.run_finish(now, &ending)?));
        drop(run);
        each(&done);
        all.push(done);
        // A store that cannot be written to is the one thing that no later step can do without.
        noted?;
    }
    note(it, &all)?;
    Ok(all)
}

fn step_done(step: Step, answer: Result<step::Did, Error>, seconds: i64) -> StepDone {
    match answer {
        Ok(did) => StepDone {
            step,
            done: did.done,
            failed: did.failed,
            kind: did.kind,
            seconds,
            verdict: did.verdict,
            hint: did.hint,
        },
        Err(error) => StepDone {
            step,
            done: 0,
            failed: 1,
            kind: Some(error.kind()),
            seconds,
            verdict: error.to_string(),
            hint: error.hint_text().map(str::to_owned),
        },
    }
}

/// What the exit code of all steps is for.
pub fn kind(all: &[StepDone], came: Option<Kind>) -> Option<Kind> {
    Kind::worst(all.iter().filter_map(|it| it.kind).chain(came))
}

fn note(it: &Tick<'_>, all: &[StepDone]) -> Result<(), Error> {
    let now = it.clock.now()?;
    let exit = |kind: Option<Kind>| i64::from(kind.map_or(0, Kind::exit_code));
    it.store.write(now, |w| {
        for done in all {
            w.tick_step_put(&TickStep {
                step: done.step.as_str().to_owned(),
                at: now,
                done: done.done,
                failed: done.failed,
                exit: exit(done.kind),
                seconds: done.seconds,
                verdict: done.verdict.clone(),
            })?;
        }
        w.tick_step_put(&TickStep {
            step: "tick".to_owned(),
            at: now,
            done: i64::try_from(all.iter().filter(|it| it.kind.is_none()).count()).unwrap_or(i64::MAX),
            failed: i64::try_from(all.iter().filter(|it| it.kind.is_some()).count()).unwrap_or(i64::MAX),
            exit: exit(kind(all, (it.came)())),
            seconds: all.iter().map(|it| it.seconds).sum(),
            verdict: verdict(all),
        })?;
        Ok(())
    })
}

/// What a tick came to, in one sentence.
pub fn verdict(all: &[StepDone]) -> String {
    let failed: Vec<&str> = all.iter().filter(|it| it.kind.is_some()).map(|it| it.step.as_str()).collect();
    let count = match all.len() {
        1 => "1 step".to_owned(),
        count => format!("{count} steps"),
    };
    if failed.is_empty() {
        format!("{count}, nothing is wrong")
    } else {
        format!("{count}; look at: {}", failed.join(", "))
    }
}

/// How often what a tick does not do each time is done, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Often {
    /// Reconcile.
    pub reconcile_s: i64,
    /// How long Stripe may take to count.
    pub settle_s: i64,
    /// How long Stripe keeps a renewal invoice open for usage.
    pub grace_s: i64,
    /// A backup, if there are any.
    pub backup_s: Option<i64>,
}

/// What each step would find to do, without doing it. Without Stripe, so that what it would say is not known.
pub fn preview(
    r: &Reader<'_>,
    steps: &[Step],
    now: Timestamp,
    watch: &Watch,
    often: Often,
) -> Result<Vec<(Step, i64, String)>, Error> {
    steps.iter().map(|step| step::preview(r, *step, now, watch, often)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_keep_their_order_whatever_was_asked() {
        use Step::{Alerts, Backfill, Closing, Push};
        let words = |steps: &[Step]| steps.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" ");
        let all = "closing backfill process push expire allocate grace reconcile alerts backup";
        for (only, skip, want) in [
            (vec![], vec![], all),
            (vec![Alerts, Closing], vec![], "closing alerts"),
            (vec![], vec![Backfill], "closing process push expire allocate grace reconcile alerts backup"),
            (vec![Push, Alerts], vec![Push], "alerts"),
        ] {
            assert_eq!(words(&steps(&only, &skip)), want);
        }
        for step in Step::ALL {
            assert_eq!(Step::parse(step.as_str()), Some(step));
        }
    }

    #[test]
    fn the_exit_code_is_the_worst_of_all_steps_by_the_contract() {
        let done = |kind| StepDone {
            step: Step::Push,
            done: 0,
            failed: 0,
            kind,
            seconds: 0,
            verdict: String::new(),
            hint: None,
        };
        for (kinds, want) in [
            (vec![None, None], None),
            (vec![Some(Kind::Later), None], Some(75)),
            (vec![Some(Kind::Later), Some(Kind::Differences), Some(Kind::Unknown)], Some(8)),
            (vec![Some(Kind::Unknown), Some(Kind::Stripe)], Some(7)),
            (vec![Some(Kind::Partial), Some(Kind::Refused)], Some(11)),
            (vec![Some(Kind::Stripe), Some(Kind::Store)], Some(10)),
        ] {
            let all: Vec<StepDone> = kinds.into_iter().map(done).collect();
            assert_eq!(kind(&all, None).map(Kind::exit_code), want);
        }
    }
}
