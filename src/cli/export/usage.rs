//! Rows of usage: every reader of the snapshot puts rows of its own parts together, in a thread of its own; one more
//! thread writes the parts in their order.

use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{ScopedJoinHandle, scope};

use super::Stop;
use super::totals::Totals;
use crate::billing::span::Exempt;
use crate::store::usage_export::{UsageFact, UsageParts, UsageRange, UsageWants, Words};
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

/// What stands in each of [`COLUMNS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Event,
    Customer,
    Meter,
    Quantity,
    At,
    RecordedAt,
    Action,
    User,
    ImportRun,
    Line,
    Span,
    ExemptReason,
    OverQuota,
    Delivery,
    VoidedBy,
}

use Column::*;

const EACH: [Column; COLUMNS.len()] = [
    Event,
    Customer,
    Meter,
    Quantity,
    At,
    RecordedAt,
    Action,
    User,
    ImportRun,
    Line,
    Span,
    ExemptReason,
    OverQuota,
    Delivery,
    VoidedBy,
];

/// Parts of one reader that may wait to be written.
const PARTS_WAITING: usize = 2;

pub(super) fn usage<W: Write + Send>(
    r: &Reader<'_>,
    twins: &mut [Twin],
    range: &UsageRange,
    picked: Option<&[usize]>,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let columns: &[Column] = &match picked {
        None => EACH.to_vec(),
        Some(picked) => picked.iter().filter_map(|place| EACH.get(*place).copied()).collect(),
    };
    let parts = &r.usage_parts(range, wants(columns))?;
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
            .map(|(twin, hand)| scope.spawn(move || hand.work(&twin.reader(), parts, columns)))
            .collect();
        let mut totals = vec![own.work(r, parts, columns)];
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
    fn work(self, r: &Reader<'_>, parts: &UsageParts, columns: &[Column]) -> Result<Totals, Stop> {
        let mut totals = Totals::new("usage events", &[("quantity", "units")]);
        let mut scan = r.usage_scan(parts)?;
        let mut pieces = pieces(columns);
        for part in (self.first..parts.count()).step_by(self.step) {
            let mut rows = self.lane.spare.try_recv().unwrap_or_else(|_| self.rows.clone());
            scan.part_each(part, |event, words| {
                totals.rows += 1;
                totals.add(0, event.quantity);
                rows.begin_row();
                pieces.iter_mut().try_for_each(|piece| piece.put(event, words, &mut rows))?;
                rows.end_row();
                Ok::<(), Stop>(())
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
/// When it was recorded, action, user, run.
type Cause = (i64, i64, i64, i64);

/// A stretch of columns next to each other: of those that many rows have in common, all that follow from the same.
enum Piece {
    One(Column),
    /// Customer and meter.
    Pair(Vec<Column>, Box<Fields<(i64, i64), 1024>>),
    Cause(Vec<Column>, Box<Fields<Cause, 64>>),
    Place(Vec<Column>, Box<Fields<Place, 1024>>),
}

/// Divides columns into pieces.
fn pieces(columns: &[Column]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for column in columns {
        let fresh = match column {
            Event | Quantity | At | Line => Piece::One(*column),
            Customer | Meter => Piece::Pair(Vec::new(), Box::default()),
            RecordedAt | Action | User | ImportRun => Piece::Cause(Vec::new(), Box::default()),
            Span | ExemptReason | OverQuota | Delivery | VoidedBy => Piece::Place(Vec::new(), Box::default()),
        };
        let goes_on = pieces.last().is_some_and(|last| {
            !matches!(last, Piece::One(_)) && std::mem::discriminant(last) == std::mem::discriminant(&fresh)
        });
        if !goes_on {
            pieces.push(fresh);
        }
        match pieces.last_mut() {
            Some(Piece::Pair(of, _) | Piece::Cause(of, _) | Piece::Place(of, _)) => of.push(*column),
            Some(Piece::One(_)) | None => {}
        }
    }
    pieces
}

/// What has to be read for columns.
fn wants(columns: &[Column]) -> UsageWants {
    let any = |of: &[Column]| columns.iter().any(|column| of.contains(column));
    UsageWants {
        id: any(&[Event]),
        at: any(&[At]),
        recorded: any(&[RecordedAt, ImportRun]),
        action: any(&[Action]),
        user: any(&[User]),
        line: any(&[Line]),
        span: any(&[Span, ExemptReason]),
        over_quota: any(&[OverQuota]),
        delivery: any(&[Delivery]),
        voided_by: any(&[VoidedBy]),
    }
}

impl Piece {
    #[inline]
    fn put(&mut self, event: &UsageFact<'_>, words: &mut Words<'_>, rows: &mut RowText) -> Result<(), Stop> {
        let UsageFact { customer, meter, action, user, run, .. } = *event;
        match self {
            Piece::One(column) => put(*column, event, words, rows),
            Piece::Pair(columns, kept) => {
                let place = customer.wrapping_mul(31).wrapping_add(meter);
                kept.put(rows, (customer, meter), place, |rows| put_all(columns, event, words, rows))
            }
            Piece::Cause(columns, kept) => {
                let cause = (event.recorded_at.0, action, user, run);
                let place = action.wrapping_add(user.wrapping_mul(7));
                kept.put(rows, cause, place, |rows| put_all(columns, event, words, rows))
            }
            Piece::Place(columns, _) if event.voided_by.is_some() => put_all(columns, event, words, rows),
            Piece::Place(columns, kept) => {
                let key = (event.span, event.exempt, event.over_quota, event.delivery);
                let place = event.span.unwrap_or(0).wrapping_add(event.delivery.unwrap_or(0));
                kept.put(rows, key, place, |rows| put_all(columns, event, words, rows))
            }
        }
    }
}

fn put_all(
    columns: &[Column],
    event: &UsageFact<'_>,
    words: &mut Words<'_>,
    rows: &mut RowText,
) -> Result<(), Stop> {
    columns.iter().try_for_each(|column| put(*column, event, words, rows))
}

#[inline]
fn put(column: Column, event: &UsageFact<'_>, words: &mut Words<'_>, rows: &mut RowText) -> Result<(), Stop> {
    match column {
        Event => match event.name {
            Some(name) => rows.text(name),
            None => rows.plain(&event.id.uuid_form()),
        },
        Customer => word(rows, words, WordList::Customer, event.customer)?,
        Meter => word(rows, words, WordList::Meter, event.meter)?,
        Quantity => rows.count(event.quantity),
        At => rows.at_micros(event.at),
        RecordedAt => rows.at(event.recorded_at),
        Action => word(rows, words, WordList::Action, event.action)?,
        User => word(rows, words, WordList::User, event.user)?,
        ImportRun => rows.count(event.run),
        Line => rows.maybe_count(event.line),
        Span => rows.maybe_count(event.span),
        ExemptReason => match event.exempt {
            Some(reason) => rows.plain(reason.as_str().as_bytes()),
            None => rows.blank(),
        },
        OverQuota => rows.flag(event.over_quota),
        Delivery => rows.maybe_count(event.delivery),
        VoidedBy => match event.voided_by {
            Some(id) => rows.plain(&id.uuid_form()),
            None => rows.blank(),
        },
    }
    Ok(())
}

fn word(rows: &mut RowText, words: &mut Words<'_>, list: WordList, row: i64) -> Result<(), Stop> {
    match words.get(list, row)? {
        Some(word) => rows.text(word),
        None => rows.blank(),
    }
    Ok(())
}
