//! `reconcile --full` goes on where an earlier one stopped.
//!
//! What holds: a stretch is left out only if its period is what it was when it was asked, and what was found there is
//! stored. What had been asked and not stored, or not been looked at closely for lack of calls, comes last, so that few calls lead on all the same. All runs from the first to
//! the one that comes to the end are one walk: what one customer lacks and another has too much is matched over all of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ask, Compared, Target, scope_text};
use crate::billing::reconcile::Class;
use crate::error::Error;
use crate::store::correction::FindingPlace;
use crate::store::finding::Finding;
use crate::store::reconcile::{FullMark, Marked};
use crate::store::{Reader, Writer};

/// What an earlier run has compared.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// How many.
    pub(super) carried: usize,
    /// Its runs, each with the stretches that differed.
    noted: Vec<FullMark>,
}

fn is_of(mark: &FullMark, target: &Target) -> bool {
    // Who has no deliveries is looked at over the last weeks, which another day moves on a little.
    let same = mark.range == target.range || mark.revision == 0;
    same && mark.revision == target.pair.revision
}

/// Leaves out what an unfinished run of the same scope has compared.
pub(super) fn go_on(r: &Reader<'_>, ask: &Ask, targets: &mut Vec<Target>) -> Result<Earlier, Error> {
    let mut earlier = Earlier::default();
    if !ask.full || ask.restart {
        return Ok(earlier);
    }
    let marks = r.full_marks(&scope_text(ask))?;
    if marks.is_empty() {
        return Ok(earlier);
    }
    let mut by_pair: BTreeMap<(i64, i64), Vec<FullMark>> = BTreeMap::new();
    for mark in marks {
        by_pair.entry((mark.customer.0, mark.meter.0)).or_default().push(mark);
    }
    let mark_of = |target: &Target| {
        let of_pair = by_pair.get(&(target.pair.customer.0, target.pair.meter.0))?;
        of_pair.iter().find(|mark| is_of(mark, target)).cloned()
    };
    let mut last: Vec<(i64, Target)> = Vec::new();
    let mut first: Vec<Target> = Vec::new();
    for target in std::mem::take(targets) {
        match mark_of(&target) {
            None => first.push(target),
            Some(mark) if mark.marked == Marked::Asked => last.push((mark.run, target)),
            Some(mark) => {
                earlier.carried += 1;
                earlier.noted.extend((mark.marked == Marked::Noted).then_some(mark));
            }
        }
    }
    last.sort_by_key(|(run, _)| *run);
    first.extend(last.into_iter().map(|(_, target)| target));
    *targets = first;
    Ok(earlier)
}

/// Notes what was just compared, before anything else is asked.
pub(super) fn mark(w: &Writer<'_>, ask: &Ask, compared: &[Compared], noted: bool) -> Result<(), Error> {
    let scope = scope_text(ask);
    for it in compared {
        let marked = match (it.class, noted) {
            (Class::Match, _) => Marked::Matched,
            // The next run looks closer.
            _ if it.is_coarse => Marked::Asked,
            (_, true) => Marked::Noted,
            (_, false) => Marked::Asked,
        };
        w.full_mark_put(&scope, &it.target.pair, it.target.range, marked)?;
    }
    Ok(())
}

/// What differed where an earlier run looked, as long as it is open, and whose it is.
pub(super) fn noted(r: &Reader<'_>, earlier: &Earlier) -> Result<Vec<(Finding, FindingPlace)>, Error> {
    let mut found = Vec::new();
    for run in earlier.noted.iter().map(|mark| mark.run).collect::<BTreeSet<_>>() {
        // A later run of the walk names a place again when it finds the other half of it.
        let marks: Vec<&FullMark> = earlier.noted.iter().filter(|mark| mark.run <= run).collect();
        for it in r.finding_seen(run)?.into_iter().filter(|it| it.stripe.is_some() && it.last_run == run) {
            let Some(place) = r.finding_place(it.finding)?.filter(|place| !place.is_gone) else { continue };
            let here = |mark: &&FullMark| {
                (mark.customer, mark.meter) == (place.customer, place.meter)
                    && mark.range.holds(it.range.from)
            };
            if marks.iter().any(here) {
                found.push((it, place));
            }
        }
    }
    Ok(found)
}
