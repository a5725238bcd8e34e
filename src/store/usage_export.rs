//! All that is known of each usage event, in the order of recording, in blocks: the reader of the store and whoever
//! writes the rows work side by side, and neither makes anything anew for each row.
//!
//! What holds: memory does not grow with the number of events, words or deliveries. Words (customers, meters, actions,
//! users) are numbered and sent once; when there are too many, all are forgotten and numbered anew.

mod stretch;
mod word;

use rusqlite::{Row, params};

use super::{CustomerRow, MeterRow, Reader, Result, StoreError};
use crate::billing::span::Exempt;
use crate::billing::time::{Micros, Timestamp};
use crate::billing::usage::EventId;
use stretch::Pairs;
use word::Interner;

/// Events of a full block.
const BLOCK_EVENTS: usize = 4_096;

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

/// A word by its number: the first word of an export is 1, the next one 2; after [`UsageBlock::forget`] it begins at 1
/// again. 0 is no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(pub u32);

/// One event as exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageFact {
    /// The id that the event has or was given.
    pub id: EventId,
    /// Where in [`UsageBlock::names`] the caller's own id is, when it is no UUID: from and to, in bytes.
    pub name: Option<(u32, u32)>,
    /// Own id of the customer.
    pub customer: Word,
    /// Key of the meter.
    pub meter: Word,
    /// The action that caused it.
    pub action: Word,
    /// The end user who caused it.
    pub user: Word,
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

/// Events with the words that they are the first to use.
#[derive(Debug, Default)]
pub struct UsageBlock {
    /// All words of earlier blocks are void.
    pub forget: bool,
    /// New words, in the order of their numbers.
    pub words: Vec<String>,
    /// Own ids of callers, one after the other.
    pub names: String,
    /// The events.
    pub events: Vec<UsageFact>,
}

impl UsageBlock {
    fn clear(&mut self) {
        self.forget = false;
        self.words.clear();
        self.names.clear();
        self.events.clear();
    }

    /// The caller's own id of an event of this block, when it is no UUID.
    pub fn name(&self, event: &UsageFact) -> Option<&str> {
        let (from, to) = event.name?;
        self.names.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    }
}

impl Reader<'_> {
    /// Hands events block by block to `take`, in the order of recording, until it fails. It gives back a block that is
    /// not needed any more, or a new one.
    pub fn usage_blocks<E: From<StoreError>>(
        &self,
        range: &UsageRange,
        mut take: impl FnMut(UsageBlock) -> std::result::Result<UsageBlock, E>,
    ) -> std::result::Result<(), E> {
        let failed = StoreError::from;
        let sql = self.events_sql(range)?;
        let mut find = self.conn.prepare(&sql).map_err(failed)?;
        let whose = (range.customer.map(|it| it.0), range.meter.map(|it| it.0));
        let edge = |at: Option<Timestamp>| at.map(|at| at.micros().0);
        let mut rows =
            find.query(params![whose.0, whose.1, edge(range.from), edge(range.to)]).map_err(failed)?;
        let mut words = Interner::new(self);
        let mut pairs = Pairs::new(self)?;
        let mut batches = Batches { r: self, last: Batch::default() };
        let mut block = UsageBlock::default();
        while let Some(row) = rows.next().map_err(failed)? {
            let fact = fact(row, &mut block, &mut words, &mut pairs, &mut batches)?;
            block.events.push(fact);
            if block.events.len() >= BLOCK_EVENTS {
                block = take(block)?;
                block.clear();
                block.forget = words.forget_when_full();
            }
        }
        if !block.events.is_empty() {
            take(block)?;
        }
        Ok(())
    }

    /// Whether a customer has more events than are sorted in memory.
    fn is_large(&self, range: &UsageRange) -> Result<bool> {
        let mut count = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(events), 0) > ?3 FROM rollup WHERE customer = ?1 AND (?2 IS NULL OR meter = ?2)",
        )?;
        let whose = params![range.customer.map(|it| it.0), range.meter.map(|it| it.0), SORTED_MAX];
        Ok(count.query_row(whose, |row| row.get(0))?)
    }

    /// The query, with only those conditions and joins that this range and store need: each costs every row something.
    fn events_sql(&self, range: &UsageRange) -> Result<String> {
        let (names, voids): (bool, bool) = self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM usage_event_name), \
             EXISTS (SELECT 1 FROM usage_event WHERE voids IS NOT NULL)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        // By the blocks of a customer they have to be sorted in memory.
        let sorted = range.customer.is_some() && !self.is_large(range)?;
        let mut sql = format!(
            "SELECT e.seq, e.id, e.customer, e.meter, e.quantity, e.at, e.action, e.end_user, e.line, e.over_quota, \
             {}, {} FROM {}",
            if names { "n.name" } else { "NULL" },
            if voids { "v.id" } else { "NULL" },
            if sorted { "usage_block b CROSS JOIN usage_event e" } else { "usage_event e" },
        );
        if names {
            sql.push_str(" LEFT JOIN usage_event_name n ON n.seq = e.seq");
        }
        if voids {
            sql.push_str(" LEFT JOIN usage_event v ON v.voids = e.seq");
        }
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
            sql.push_str(if at == 0 { " WHERE " } else { " AND " });
            sql.push_str(if *given { condition } else { &never });
        }
        sql.push_str(" ORDER BY e.seq");
        Ok(sql)
    }
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

/// One row as a fact; its new words and its name go into the block.
fn fact(
    row: &Row<'_>,
    block: &mut UsageBlock,
    words: &mut Interner<'_>,
    pairs: &mut Pairs<'_>,
    batches: &mut Batches<'_>,
) -> Result<UsageFact> {
    let (seq, customer, meter): (i64, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
    let id: [u8; 16] = row.get(1)?;
    let at = Micros(row.get(5)?);
    let name = match row.get_ref(10)?.as_str_or_null() {
        Ok(Some(name)) => {
            let from = block.names.len();
            block.names.push_str(name);
            u32::try_from(from).ok().zip(u32::try_from(block.names.len()).ok())
        }
        Ok(None) => None,
        Err(_) => return Err(StoreError::Broken(format!("the name of usage event {seq} is no text"))),
    };
    let batch = batches.find(seq)?;
    let place = pairs.find(customer, meter, at.second().0, seq)?;
    Ok(UsageFact {
        id: EventId(id),
        name,
        customer: words.customer(customer, block)?,
        meter: words.meter(meter, block)?,
        action: words.action(row.get(6)?, block)?,
        user: words.user(row.get(7)?, block)?,
        quantity: row.get(4)?,
        at,
        recorded_at: Timestamp(batch.recorded_at),
        run: batch.run,
        line: row.get(8)?,
        span: place.span,
        exempt: place.exempt,
        over_quota: row.get::<_, i64>(9)? != 0,
        delivery: place.delivery,
        voided_by: row.get::<_, Option<_>>(11)?.map(EventId),
    })
}
