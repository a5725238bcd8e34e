//! All that is known of each usage event, in the order of recording, without making anything anew for each row. Events
//! come in parts, so that several connections that read the same snapshot can share the work.
//!
//! What holds: memory does not grow with the number of events, words or deliveries.

mod stretch;
mod word;

use rusqlite::{Row, Statement, params};

use super::{CustomerRow, MeterRow, Reader, Result, StoreError};
use crate::billing::span::Exempt;
use crate::billing::time::{Micros, SECOND_US, Timestamp};
use crate::billing::usage::EventId;
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

/// What the store has any of at all; what it has none of is not looked for in each row.
#[derive(Debug, Clone, Copy)]
struct Has {
    names: bool,
    voids: bool,
    actions: bool,
    users: bool,
}

/// The events of a range in parts, the same for every reader of a snapshot.
#[derive(Debug)]
pub struct UsageParts {
    range: UsageRange,
    sql: String,
    has: Has,
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
        let UsageScan { parts, find, pairs, batches, words } = self;
        let range = &parts.range;
        let whose = (range.customer.map(|it| it.0), range.meter.map(|it| it.0));
        let edge = |at: Option<Timestamp>| at.map(|at| at.micros().0);
        let seqs = parts.seqs_of(part);
        let mut rows = find
            .query(params![whose.0, whose.1, edge(range.from), edge(range.to), seqs.0, seqs.1])
            .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(&fact(row, parts, pairs, batches)?, words)?;
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
    pub fn usage_parts(&self, range: &UsageRange) -> Result<UsageParts> {
        let has = self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM usage_event_name), \
             EXISTS (SELECT 1 FROM usage_event WHERE voids IS NOT NULL), \
             EXISTS (SELECT 1 FROM action), EXISTS (SELECT 1 FROM end_user)",
            [],
            |row| {
                let (actions, users) = (row.get(2)?, row.get(3)?);
                Ok(Has { names: row.get(0)?, voids: row.get(1)?, actions, users })
            },
        )?;
        // By the blocks of a customer they have to be sorted in memory.
        let sorted = range.customer.is_some() && !self.is_large(range)?;
        let sql = events_sql(range, has, sorted);
        Ok(UsageParts { range: *range, sql, has, seqs: self.seqs()?, sorted })
    }

    /// Begins to read parts.
    pub fn usage_scan<'r>(&'r self, parts: &'r UsageParts) -> Result<UsageScan<'r>> {
        let find = self.conn.prepare(&parts.sql)?;
        let batches = Batches { r: self, last: Batch::default() };
        Ok(UsageScan { parts, find, pairs: Pairs::new(self)?, batches, words: Words::new(self) })
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

/// The query, with only those conditions and joins that this range and store need: each costs every row something.
fn events_sql(range: &UsageRange, has: Has, sorted: bool) -> String {
    let column = |has: bool, name: &'static str| if has { name } else { "NULL" };
    let mut sql = format!(
        "SELECT e.seq, e.id, e.customer, e.meter, e.quantity, e.at_s, e.at_us, e.line, e.over_quota, \
         {}, {}, {}, {} FROM {}",
        column(has.actions, "e.action"),
        column(has.users, "e.end_user"),
        column(has.names, "n.name"),
        column(has.voids, "v.id"),
        if sorted { "usage_block b CROSS JOIN usage_event e" } else { "usage_event e" },
    );
    if has.names {
        sql.push_str(" LEFT JOIN usage_event_name n ON n.seq = e.seq");
    }
    if has.voids {
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
    sql.push_str(" ORDER BY e.seq");
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
    row: &'a Row<'_>,
    parts: &UsageParts,
    pairs: &mut Pairs<'_>,
    batches: &mut Batches<'_>,
) -> Result<UsageFact<'a>> {
    let (seq, customer, meter): (i64, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
    let (second, micros): (i64, i64) = (row.get(5)?, row.get(6)?);
    let name = if parts.has.names {
        let name = row.get_ref(11)?.as_str_or_null();
        name.map_err(|_| StoreError::Broken(format!("the name of usage event {seq} is no text")))?
    } else {
        None
    };
    let voided_by: Option<[u8; 16]> = if parts.has.voids { row.get(12)? } else { None };
    let word = |has: bool, column: usize| -> Result<i64> {
        Ok(if has { row.get::<_, Option<i64>>(column)?.unwrap_or(0) } else { 0 })
    };
    let batch = batches.find(seq)?;
    let place = pairs.find(customer, meter, second, seq)?;
    Ok(UsageFact {
        id: EventId(row.get(1)?),
        name,
        customer,
        meter,
        action: word(parts.has.actions, 9)?,
        user: word(parts.has.users, 10)?,
        quantity: row.get(4)?,
        at: Micros(second.saturating_mul(SECOND_US).saturating_add(micros)),
        recorded_at: Timestamp(batch.recorded_at),
        run: batch.run,
        line: row.get(7)?,
        span: place.span,
        exempt: place.exempt,
        over_quota: row.get::<_, i64>(8)? != 0,
        delivery: place.delivery,
        voided_by: voided_by.map(EventId),
    })
}
