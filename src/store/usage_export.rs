//! All that is known of each usage event, in the order of recording, without making anything anew for each row. Events
//! come in parts, so that several connections that read the same snapshot can share the work.
//!
//! What holds: memory does not grow with the number of events, words or deliveries.

mod raw;
mod stretch;
mod word;

use rusqlite::{Statement, params};

use super::{CustomerRow, MeterRow, Reader, Result, StoreError};
use crate::billing::span::Exempt;
use crate::billing::time::{Micros, SECOND_US, Timestamp};
use crate::billing::usage::EventId;
use raw::{Gathered, Raw, gather};
use stretch::Pairs;
pub use word::Words;

/// Sequence numbers of a part.
const PART_EVENTS: i64 = 4_096;
/// From so many on it pays to open further connections.
const MANY_EVENTS: i64 = 50_000;

/// Which events are meant; the default is all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct UsageRange {
    /// Of this customer only.
    pub customer: Option<CustomerRow>,
    /// Of this meter only.
    pub meter: Option<MeterRow>,
    /// Happened not before this instant.
    pub from: Option<Timestamp>,
    /// Happened before this instant.
    pub to: Option<Timestamp>,
}

/// One event as exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageFact<'a> {
    /// The id that the event has or was given.
    pub id: EventId,
    /// The caller's own id, when it is no UUID.
    pub name: Option<&'a str>,
    /// The row of the customer.
    pub customer: i64,
    /// The row of the meter.
    pub meter: i64,
    /// The row of the action that caused it; 0 is none.
    pub action: i64,
    /// The row of the end user who caused it; 0 is none.
    pub user: i64,
    /// Units; negative in a counter-entry.
    pub quantity: i64,
    /// When it happened.
    pub at: Micros,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The run that recorded it.
    pub run: i64,
    /// Line of the imported file.
    pub line: Option<i64>,
    /// The span that holds it.
    pub span: Option<i64>,
    /// Why it is not billed.
    pub exempt: Option<Exempt>,
    /// It was beyond what the tier allowed when it was recorded.
    pub over_quota: bool,
    /// The delivery that covers it.
    pub delivery: Option<i64>,
    /// The event that counters it.
    pub voided_by: Option<EventId>,
}

/// What is wanted of each event; what is not is not read, and its fields say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageWants {
    /// The id and the caller's own.
    pub id: bool,
    /// When it happened.
    pub at: bool,
    /// When it was recorded, and the run.
    pub recorded: bool,
    /// The action.
    pub action: bool,
    /// The end user.
    pub user: bool,
    /// Line of the imported file.
    pub line: bool,
    /// The span, and why it is not billed.
    pub span: bool,
    /// Whether it was beyond what the tier allowed.
    pub over_quota: bool,
    /// The delivery.
    pub delivery: bool,
    /// The event that counters it.
    pub voided_by: bool,
}

impl UsageWants {
    /// All of it.
    pub const ALL: UsageWants = UsageWants {
        id: true,
        at: true,
        recorded: true,
        action: true,
        user: true,
        line: true,
        span: true,
        over_quota: true,
        delivery: true,
        voided_by: true,
    };

    fn place(self) -> bool {
        self.span || self.delivery
    }
}

/// What is read of each event: what is wanted, as far as the store has any of it at all.
#[derive(Debug, Clone, Copy)]
struct Reads {
    id: bool,
    name: bool,
    at: bool,
    action: bool,
    user: bool,
    line: bool,
    over_quota: bool,
    voided_by: bool,
}

/// The events of a range in parts, the same for every reader of a snapshot.
#[derive(Debug)]
pub struct UsageParts {
    range: UsageRange,
    sql: String,
    wants: UsageWants,
    reads: Reads,
    /// First and last sequence number of the whole.
    seqs: (i64, i64),
    /// The one part of a range that is sorted first.
    sorted: bool,
}

impl UsageParts {
    /// How many there are.
    pub fn count(&self) -> usize {
        let (first, last) = self.seqs;
        match last.checked_sub(first) {
            Some(more) if more >= 0 && !self.sorted => usize::try_from(more / PART_EVENTS).unwrap_or(0) + 1,
            Some(more) if more >= 0 => 1,
            _ => 0,
        }
    }

    /// First and last sequence number of a part.
    fn seqs_of(&self, part: usize) -> (i64, i64) {
        let (first, last) = self.seqs;
        if self.sorted {
            return (first, last);
        }
        let from = first.saturating_add(i64::try_from(part).unwrap_or(i64::MAX).saturating_mul(PART_EVENTS));
        (from, last.min(from.saturating_add(PART_EVENTS - 1)))
    }
}

/// Reads parts, one after the other.
pub struct UsageScan<'r> {
    parts: &'r UsageParts,
    find: Statement<'r>,
    gathered: Gathered,
    rows: Vec<Raw>,
    pairs: Pairs<'r>,
    batches: Batches<'r>,
    words: Words<'r>,
}

impl UsageScan<'_> {
    /// Hands the events of a part one by one to `take`, in the order of recording, with the words that they refer to.
    pub fn part_each<E: From<StoreError>>(
        &mut self,
        part: usize,
        mut take: impl FnMut(&UsageFact<'_>, &mut Words<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let failed = StoreError::from;
        let UsageScan { parts, find, gathered, rows, pairs, batches, words } = self;
        let range = &parts.range;
        let whose = (range.customer.map(|it| it.0), range.meter.map(|it| it.0));
        let edge = |at: Option<Timestamp>| at.map(|at| at.micros().0);
        let seqs = parts.seqs_of(part);
        gathered.give(std::mem::take(rows));
        find.query_row(params![whose.0, whose.1, edge(range.from), edge(range.to), seqs.0, seqs.1], |_| {
            Ok(())
        })
        .map_err(failed)?;
        *rows = gathered.take();
        // By blocks they come as they were put there; by their numbers they are in order already.
        if !rows.is_sorted_by_key(|row| row.seq) {
            rows.sort_unstable_by_key(|row| row.seq);
        }
        for row in rows.iter() {
            take(&fact(row, parts.wants, pairs, batches)?, words)?;
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// Whether there are so many events that it pays to read them with several connections.
    pub fn usage_is_much(&self) -> Result<bool> {
        let (first, last) = self.seqs()?;
        Ok(last.saturating_sub(first) >= MANY_EVENTS)
    }

    /// Divides the events of a range.
    pub fn usage_parts(&self, range: &UsageRange, wants: UsageWants) -> Result<UsageParts> {
        let reads = self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM usage_event_name), \
             EXISTS (SELECT 1 FROM usage_event WHERE voids IS NOT NULL), \
             EXISTS (SELECT 1 FROM action), EXISTS (SELECT 1 FROM end_user)",
            [],
            |row| {
                let has = |column: usize, wanted: bool| {
                    Ok::<bool, rusqlite::Error>(wanted && row.get::<_, bool>(column)?)
                };
                Ok(Reads {
                    id: wants.id,
                    name: has(0, wants.id)?,
                    at: wants.at || wants.place(),
                    action: has(2, wants.action)?,
                    user: has(3, wants.user)?,
                    line: wants.line,
                    over_quota: wants.over_quota,
                    voided_by: has(1, wants.voided_by)?,
                })
            },
        )?;
        // By the blocks of a customer they have to be sorted in memory.
        let sorted = range.customer.is_some() && !self.is_large(range)?;
        let sql = events_sql(range, reads, sorted);
        Ok(UsageParts { range: *range, sql, wants, reads, seqs: self.seqs()?, sorted })
    }

    /// Begins to read parts.
    pub fn usage_scan<'r>(&'r self, parts: &'r UsageParts) -> Result<UsageScan<'r>> {
        let gathered = gather(self.conn, parts.reads)?;
        let find = self.conn.prepare(&parts.sql)?;
        let batches = Batches { r: self, last: Batch::default() };
        let pairs = Pairs::new(self, parts.wants.delivery)?;
        Ok(UsageScan { parts, find, gathered, rows: Vec::new(), pairs, batches, words: Words::new(self) })
    }

    /// The first and the last sequence number; none are 0 and -1.
    fn seqs(&self) -> Result<(i64, i64)> {
        let sql = "SELECT COALESCE((SELECT min(seq) FROM usage_event), 0), \
                   COALESCE((SELECT max(seq) FROM usage_event), -1)";
        Ok(self.conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Whether a customer has more events than are sorted in memory.
    fn is_large(&self, range: &UsageRange) -> Result<bool> {
        let mut count = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(events), 0) > ?3 FROM rollup WHERE customer = ?1 AND (?2 IS NULL OR meter = ?2)",
        )?;
        let whose = params![range.customer.map(|it| it.0), range.meter.map(|it| it.0), SORTED_MAX];
        Ok(count.query_row(whose, |row| row.get(0))?)
    }
}

/// The query, with only those columns, conditions and joins that are needed: each costs every row something.
fn events_sql(range: &UsageRange, reads: Reads, sorted: bool) -> String {
    let mut sql = format!(
        "SELECT {} FROM {}",
        raw::call(reads),
        if sorted { "usage_block b CROSS JOIN usage_event e" } else { "usage_event e" },
    );
    if reads.name {
        sql.push_str(" LEFT JOIN usage_event_name n ON n.seq = e.seq");
    }
    if reads.voided_by {
        sql.push_str(" LEFT JOIN usage_event v ON v.voids = e.seq");
    }
    // Sorted ones are found by their blocks, never by their numbers.
    sql.push_str(if sorted { " WHERE +e.seq BETWEEN ?5 AND ?6" } else { " WHERE e.seq BETWEEN ?5 AND ?6" });
    for (at, (given, condition)) in [
        (
            range.customer.is_some(),
            if sorted {
                "b.customer = ?1 AND e.seq BETWEEN b.first_seq AND b.last_seq"
            } else {
                "e.customer = ?1"
            },
        ),
        (range.meter.is_some(), if sorted { "b.meter = ?2" } else { "e.meter = ?2" }),
        (range.from.is_some(), "e.at >= ?3"),
        (range.to.is_some(), "e.at < ?4"),
    ]
    .iter()
    .enumerate()
    {
        // A parameter that is not asked for still has its number.
        let never = format!("?{} IS NULL", at + 1);
        sql.push_str(" AND ");
        sql.push_str(if *given { condition } else { &never });
    }
    sql
}

/// Events of a customer that are sorted in memory rather than found by reading all events.
const SORTED_MAX: i64 = 100_000;

/// The events that one transaction recorded.
#[derive(Debug, Clone, Copy, Default)]
struct Batch {
    first: i64,
    last: i64,
    run: i64,
    recorded_at: i64,
}

/// Finds the transaction that recorded an event: mostly that of the event before it.
struct Batches<'r> {
    r: &'r Reader<'r>,
    last: Batch,
}

impl Batches<'_> {
    fn find(&mut self, seq: i64) -> Result<Batch> {
        if seq < self.last.first || seq > self.last.last {
            let mut find = self.r.conn.prepare_cached(
                "SELECT first_seq, last_seq, run, recorded_at FROM usage_batch WHERE first_seq <= ?1 \
                 ORDER BY first_seq DESC LIMIT 1",
            )?;
            self.last = find.query_row([seq], |row| {
                Ok(Batch {
                    first: row.get(0)?,
                    last: row.get(1)?,
                    run: row.get(2)?,
                    recorded_at: row.get(3)?,
                })
            })?;
        }
        Ok(self.last)
    }
}

/// One row as a fact.
#[inline]
fn fact<'a>(
    row: &'a Raw,
    wants: UsageWants,
    pairs: &mut Pairs<'_>,
    batches: &mut Batches<'_>,
) -> Result<UsageFact<'a>> {
    let batch = if wants.recorded { batches.find(row.seq)? } else { Batch::default() };
    let place = match wants.place() {
        true => pairs.find(row.customer, row.meter, row.second, row.seq)?,
        false => stretch::Place::default(),
    };
    Ok(UsageFact {
        id: EventId(row.id),
        name: row.name.as_deref(),
        customer: row.customer,
        meter: row.meter,
        action: row.action,
        user: row.user,
        quantity: row.quantity,
        at: Micros(row.second.saturating_mul(SECOND_US).saturating_add(row.micros)),
        recorded_at: Timestamp(batch.recorded_at),
        run: batch.run,
        line: row.line,
        span: place.span,
        exempt: place.exempt,
        over_quota: row.over_quota,
        delivery: place.delivery,
        voided_by: row.voided_by.map(EventId),
    })
}
