//! Rows of usage: every reader of the snapshot puts rows of its own parts together, in a thread of its own; one more
//! thread writes the parts in their order.

use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{ScopedJoinHandle, scope};

use super::Stop;
use super::totals::Totals;
use crate::billing::span::Exempt;
use crate::store::usage_export::{UsageFact, UsageParts, UsageRange, Words};
use crate::store::usage_group::WordList;
use crate::store::{Reader, Twin};
use crate::ui::{FieldsText, RowText, RowWriter};

pub(super) const COLUMNS: &[&str] = &[
    "event",
    "customer",
    "meter",
    "quantity",
    "at",
    "recorded_at",
    "action",
    "user",
    "import_run",
    "line",
    "span",
    "exempt_reason",
    "over_quota",
    "delivery",
    "voided_by",
];

/// Parts of one reader that may wait to be written.
const PARTS_WAITING: usize = 2;

pub(super) fn usage<W: Write + Send>(
    r: &Reader<'_>,
    twins: &mut [Twin],
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let parts = &r.usage_parts(range)?;
    let step = twins.len() + 1;
    let (lane, end) = new_lane();
    let own = Hand { first: 0, step, rows: writer.elsewhere(), lane };
    let (mut ends, mut others) = (vec![end], Vec::new());
    for (at, twin) in twins.iter_mut().enumerate() {
        let (lane, end) = new_lane();
        ends.push(end);
        others.push((twin, Hand { first: at + 1, step, rows: writer.elsewhere(), lane }));
    }
    scope(|scope| {
        let writing = scope.spawn(|| write(parts.count(), ends, writer));
        let others: Vec<_> = others
            .into_iter()
            .map(|(twin, hand)| scope.spawn(move || hand.work(&twin.reader(), parts)))
            .collect();
        let mut totals = vec![own.work(r, parts)];
        totals.extend(others.into_iter().map(joined));
        // Why the writer gave up says more than that it did.
        together(joined(writing), totals)
    })
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause))
}

/// The sums of all, or the reason of whoever ended first.
fn together(written: Result<(), Stop>, each: Vec<Result<Totals, Stop>>) -> Result<Totals, Stop> {
    let mut all = Totals::new("usage events", &[("quantity", "units")]);
    let mut halted = None;
    for done in std::iter::once(written.map(|()| None)).chain(each.into_iter().map(|it| it.map(Some))) {
        match done {
            Ok(Some(totals)) => all.join(&totals),
            Ok(None) => {}
            Err(Stop::Halted) => halted = Some(Stop::Halted),
            Err(stop) => return Err(stop),
        }
    }
    halted.map_or(Ok(all), Err)
}

/// The way of full parts to the writer, and of emptied ones back.
struct Lane {
    full: SyncSender<RowText>,
    spare: Receiver<RowText>,
}

/// The writer's end of it.
struct LaneEnd {
    full: Receiver<RowText>,
    spare: Sender<RowText>,
}

fn new_lane() -> (Lane, LaneEnd) {
    let (full, filled) = sync_channel(PARTS_WAITING);
    let (emptied, spare) = channel();
    (Lane { full, spare }, LaneEnd { full: filled, spare: emptied })
}

/// Takes the parts from their lanes in turn.
fn write<W: Write>(parts: usize, lanes: Vec<LaneEnd>, writer: &mut RowWriter<W>) -> Result<(), Stop> {
    for lane in lanes.iter().cycle().take(parts) {
        let mut rows = lane.full.recv().map_err(|_| Stop::Halted)?;
        writer.append(&mut rows)?;
        // Nobody waits for a spare one at the end.
        let _ = lane.spare.send(rows);
    }
    Ok(())
}

/// One that reads every so manieth part.
struct Hand {
    first: usize,
    step: usize,
    /// An empty one, of which copies are made.
    rows: RowText,
    lane: Lane,
}

impl Hand {
    fn work(self, r: &Reader<'_>, parts: &UsageParts) -> Result<Totals, Stop> {
        let mut totals = Totals::new("usage events", &[("quantity", "units")]);
        let mut scan = r.usage_scan(parts)?;
        let mut kept = Kept::default();
        for part in (self.first..parts.count()).step_by(self.step) {
            let mut rows = self.lane.spare.try_recv().unwrap_or_else(|_| self.rows.clone());
            scan.part_each(part, |event, words| {
                totals.rows += 1;
                totals.add(0, event.quantity);
                kept.row(event, words, &mut rows)
            })?;
            self.lane.full.send(rows).map_err(|_| Stop::Halted)?;
        }
        Ok(totals)
    }
}

/// Fields by what they are made of: in each place what fell there last.
struct Fields<K, const PLACES: usize>([Option<(K, FieldsText)>; PLACES]);

impl<K: Copy + PartialEq, const PLACES: usize> Default for Fields<K, PLACES> {
    fn default() -> Fields<K, PLACES> {
        Fields([const { None }; PLACES])
    }
}

impl<K: Copy + PartialEq, const PLACES: usize> Fields<K, PLACES> {
    /// Writes the fields of `key` as they were, or by `spell`. `place` is any number that differs where keys differ.
    #[inline]
    fn put(
        &mut self,
        rows: &mut RowText,
        key: K,
        place: i64,
        spell: impl FnOnce(&mut RowText) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let Some(kept) = self.0.get_mut(usize::try_from(place).unwrap_or(0) % PLACES) else {
            return spell(rows);
        };
        match kept {
            Some((known, fields)) if *known == key => {
                rows.again(fields);
                Ok(())
            }
            _ => {
                let mut fields = kept.take().map(|(_, fields)| fields).unwrap_or_default();
                rows.keep(&mut fields, spell)?;
                *kept = Some((key, fields));
                Ok(())
            }
        }
    }
}

/// What a place says of an event that nothing counters: span, reason, beyond, delivery.
type Place = (Option<i64>, Option<Exempt>, bool, Option<i64>);

/// Those fields of rows that many rows have in common.
#[derive(Default)]
struct Kept {
    /// Customer and meter.
    pairs: Box<Fields<(i64, i64), 1024>>,
    /// When it was recorded, action, user, run.
    causes: Box<Fields<(i64, i64, i64, i64), 64>>,
    /// Span and what follows.
    places: Box<Fields<Place, 1024>>,
}

impl Kept {
    fn row(&mut self, event: &UsageFact<'_>, words: &mut Words<'_>, rows: &mut RowText) -> Result<(), Stop> {
        rows.begin_row();
        match event.name {
            Some(name) => rows.text(name),
            None => rows.plain(&event.id.uuid_form()),
        }
        let UsageFact { customer, meter, action, user, run, .. } = *event;
        self.pairs.put(rows, (customer, meter), customer.wrapping_mul(31).wrapping_add(meter), |rows| {
            word(rows, words, WordList::Customer, customer)?;
            word(rows, words, WordList::Meter, meter)
        })?;
        rows.count(event.quantity);
        rows.at_micros(event.at);
        let cause = (event.recorded_at.0, action, user, run);
        self.causes.put(rows, cause, action.wrapping_add(user.wrapping_mul(7)), |rows| {
            rows.at(event.recorded_at);
            word(rows, words, WordList::Action, action)?;
            word(rows, words, WordList::User, user)?;
            rows.count(run);
            Ok(())
        })?;
        rows.maybe_count(event.line);
        match event.voided_by {
            None => {
                let place = (event.span, event.exempt, event.over_quota, event.delivery);
                let number = event.span.unwrap_or(0).wrapping_add(event.delivery.unwrap_or(0));
                self.places.put(rows, place, number, |rows| {
                    put_place(rows, event);
                    rows.blank();
                    Ok(())
                })?;
            }
            Some(id) => {
                put_place(rows, event);
                rows.plain(&id.uuid_form());
            }
        }
        rows.end_row();
        Ok(())
    }
}

fn put_place(rows: &mut RowText, event: &UsageFact<'_>) {
    rows.maybe_count(event.span);
    match event.exempt {
        Some(reason) => rows.plain(reason.as_str().as_bytes()),
        None => rows.blank(),
    }
    rows.flag(event.over_quota);
    rows.maybe_count(event.delivery);
}

fn word(rows: &mut RowText, words: &mut Words<'_>, list: WordList, row: i64) -> Result<(), Stop> {
    match words.get(list, row)? {
        Some(word) => rows.text(word),
        None => rows.blank(),
    }
    Ok(())
}
