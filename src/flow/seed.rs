//! `seed`: make Stripe hold the catalog. Look, compare, apply in order, look again, note what was applied.
//!
//! Safe at any point: what exists is found by its natural key, never by what we remember; the idempotency keys are
//! the same on every machine; and a set that was cut short is finished by the next run.

mod apply;
mod discover;
mod plan;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use crate::billing::catalog::Catalog;
use crate::billing::change::{Change, ChangeSet, Kind as ObjectKind, Options, Snapshot, changes};
use crate::billing::id::TierKey;
use crate::billing::time::Timestamp;
use crate::billing::wanted::{Wanted, wanted};
use crate::error::{Changed, Error, Kind};
use crate::store::Store;
use crate::stripe::{Api, Failure, RefusalKind};

pub use plan::{PLAN_BYTES_MAX, PLAN_SCHEMA, PlanFile};

use apply::{Identity, Pass, Step, about};

/// Most looks of one run: one is enough, another verifies, the rest are for answers that Stripe had stored.
const ROUNDS_MAX: u32 = 5;

/// What a look at Stripe led to.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The catalog that is to be applied.
    pub catalog: Catalog,
    /// What the operator allows.
    pub options: Options,
    /// What there is to do.
    pub set: ChangeSet,
    wanted: Wanted,
    snapshot: Snapshot,
    subscribers: BTreeMap<TierKey, u64>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Changes that Stripe carried out.
    pub done: usize,
    /// What still differs: conflicts, and what left the catalog.
    pub left: ChangeSet,
    /// Whether the store was told of something new.
    pub recorded: bool,
}

impl Planned {
    /// Objects of ours that were found.
    pub fn objects_found(&self) -> usize {
        self.snapshot.count()
    }
    /// Whether the store already knows everything that a run without changes would note.
    pub fn is_recorded(&self, store: &Store) -> Result<bool, Error> {
        let applied = record::Record::of(&self.catalog, &self.wanted, &self.snapshot);
        store.read(|r| applied.is_known(r))
    }
}

/// Looks at Stripe and says what there is to do. Writes nothing.
pub async fn plan(
    api: &Api,
    store: Option<&Store>,
    catalog: Catalog,
    options: Options,
) -> Result<Planned, Error> {
    let wanted = wanted(&catalog).map_err(|error| {
        Error::new(Kind::BadInput, "catalog_too_long", error.to_string()).hint("shorten it in the catalog")
    })?;
    let mut subscribers: BTreeMap<TierKey, u64> = BTreeMap::new();
    if let Some(store) = store {
        for count in store.read(|r| r.revision_counts())? {
            *subscribers.entry(count.revision.tier).or_default() += u64::from(count.customers);
        }
    }
    let snapshot = discover::discover(api, &wanted).await.map_err(Error::from)?;
    let wanted = wanted.settled(&snapshot.products);
    let set = changes(&wanted, &snapshot, options, &subscribers);
    Ok(Planned { catalog, options, set, wanted, snapshot, subscribers })
}

/// The objects whose changes were shown to the operator; nothing else is touched by the run.
type Shown = BTreeSet<(ObjectKind, String)>;

fn object(change: &Change) -> (ObjectKind, String) {
    (change.kind, change.key.clone())
}

/// What happened to the changes of a run so far.
#[derive(Default)]
struct Tally {
    done: BTreeSet<Identity>,
    again: BTreeMap<Identity, u32>,
    /// Definite refusals, which are not repeated in this run, with the change as it was tried.
    refused: BTreeMap<Identity, (Change, Failure)>,
    /// What was not tried, and why.
    skipped: BTreeMap<Identity, String>,
    /// The last outcome of what is not settled.
    open: BTreeMap<Identity, Failure>,
}

/// Applies what was planned, looks again, and notes in the store what is now in force.
///
/// # Errors
/// Failures at Stripe, after everything that does not depend on them was applied. A re-run finishes the rest.
pub async fn apply(api: &Api, store: &Store, now: Timestamp, planned: Planned) -> Result<Applied, Error> {
    let shown: Shown = planned.set.to_apply().map(object).collect();
    let Planned { catalog, options, mut set, wanted, mut snapshot, subscribers } = planned;
    let mut tally = Tally::default();
    let mut round = 0;
    while round < ROUNDS_MAX && set.to_apply().any(|change| tally.is_worth_trying(change, &shown)) {
        round += 1;
        let tried: Vec<Change> =
            set.to_apply().filter(|change| tally.is_worth_trying(change, &shown)).cloned().collect();
        let pass = Pass { api, wanted: &wanted, snapshot: &snapshot, again: &tally.again };
        let steps = pass.run(&tried.iter().collect::<Vec<_>>()).await;
        let stop = tally.note(&tried, steps);
        if stop {
            break;
        }
        snapshot = discover::discover(api, &wanted).await.map_err(|failure| tally.interrupted(failure))?;
        set = changes(&wanted, &snapshot, options, &subscribers);
        tally.settle(&tried, &set);
    }
    // A run that was stopped has not looked again: what Stripe said yes to is done as far as is known.
    let is_open = |change: &&Change| shown.contains(&object(change)) && !tally.done.contains(&about(change));
    let unfinished: Vec<&Change> = set.to_apply().filter(is_open).collect();
    if !unfinished.is_empty() {
        return Err(tally.failed(&unfinished));
    }
    let record = record::Record::of(&catalog, &wanted, &snapshot);
    let known = store.read(|r| record.is_known(r))?;
    if !known {
        store.write(now, |w| record.write(w))?;
    }
    Ok(Applied { done: tally.done.len(), left: set, recorded: !known })
}

impl Tally {
    /// Shown to the operator, and not refused as it stands.
    fn is_worth_trying(&self, change: &Change, shown: &Shown) -> bool {
        let it = about(change);
        // What Stripe refused is tried again only when the look after it asked for something else: another machine
        // was at work.
        let refused = self.refused.get(&it).is_some_and(|(tried, _)| tried.action == change.action);
        shown.contains(&object(change)) && !refused
    }

    /// Notes the outcomes of a pass; whether the run must end.
    fn note(&mut self, tried: &[Change], steps: Vec<Step>) -> bool {
        let mut stop = false;
        for (change, step) in tried.iter().zip(steps) {
            let it = about(change);
            self.open.remove(&it);
            self.skipped.remove(&it);
            match step {
                Step::Done => {
                    self.done.insert(it);
                }
                Step::Skipped(why) => {
                    self.skipped.insert(it, why);
                }
                Step::Failed(failure) => match failure {
                    // Something else was in flight, or too much of it: the next round may be luckier.
                    Failure::No(refusal)
                        if matches!(refusal.kind, RefusalKind::Conflict | RefusalKind::RateLimited) =>
                    {
                        self.open.insert(it, Failure::No(refusal));
                    }
                    // A stored no is of an earlier time: it says nothing about now.
                    Failure::No(refusal) if refusal.meta.replayed => {
                        *self.again.entry(it.clone()).or_default() += 1;
                        self.open.insert(it, Failure::No(refusal));
                    }
                    Failure::No(refusal) => {
                        stop |= matches!(refusal.kind, RefusalKind::Unauthorized | RefusalKind::Forbidden);
                        self.refused.insert(it, (change.clone(), Failure::No(refusal)));
                    }
                    Failure::Indefinite(indefinite) => {
                        if indefinite.stored {
                            *self.again.entry(it.clone()).or_default() += 1;
                        }
                        self.open.insert(it, Failure::Indefinite(indefinite));
                    }
                    other => {
                        stop |= !matches!(other, Failure::Unreadable(_));
                        self.open.insert(it, other);
                    }
                },
            }
        }
        stop
    }

    /// After the look that follows a pass: what was answered yes and is still to be done was a replay of an answer that
    /// is no longer true.
    fn settle(&mut self, tried: &[Change], now: &ChangeSet) {
        for change in tried {
            let it = about(change);
            let still = now.to_apply().any(|left| about(left) == it && left.action == change.action);
            if !still {
                self.open.remove(&it);
                self.refused.remove(&it);
                self.done.insert(it);
                continue;
            }
            self.done.remove(&it);
            if !self.open.contains_key(&it) && !self.refused.contains_key(&it) {
                *self.again.entry(it).or_default() += 1;
            }
        }
    }

    fn changed(&self) -> Changed {
        if !self.done.is_empty() { Changed::Partial } else { Changed::None }
    }

    fn interrupted(&self, failure: Failure) -> Error {
        Error::from(failure).changed(self.changed())
    }

    fn failed(self, unfinished: &[&Change]) -> Error {
        let changed = self.changed();
        let (done, left) = (self.done.len(), unfinished.len());
        let refused = self.refused.into_iter().map(|(it, (_, failure))| (it, failure));
        let failures: Vec<_> = refused.chain(self.open).collect();
        let unknown = failures.iter().any(|(_, failure)| !failure.nothing_happened());
        let failed =
            failures.iter().map(|((_, kind, key), failure)| format!("{} {key}: {failure}", kind.as_str()));
        let skipped = self.skipped.iter();
        let skipped =
            skipped.map(|((_, kind, key), why)| format!("{} {key}: not tried: {why}", kind.as_str()));
        let details: Vec<String> = failed.chain(skipped).collect();
        let mut errors: Vec<Error> = failures.into_iter().map(|(_, failure)| Error::from(failure)).collect();
        let worst = Kind::worst(errors.iter().map(Error::kind));
        let first =
            errors.iter().position(|error| Some(error.kind()) == worst).map(|at| errors.swap_remove(at));
        let message = format!("{done} changes were applied, {left} were not");
        let Some(first) = first else {
            return Error::new(Kind::Later, "stripe_moving", message)
                .hint("somebody else is changing the same objects: run seed again")
                .changed(changed);
        };
        let hint = first.hint_text().unwrap_or("mend what Stripe names").to_owned();
        Error::new(first.kind(), first.code(), message)
            .details(details)
            .request_id(first.request().map(str::to_owned))
            .hint(format!("{hint}; then run seed again: it continues where this run stopped"))
            .changed(if unknown && changed == Changed::None { Changed::Recorded } else { changed })
    }
}
