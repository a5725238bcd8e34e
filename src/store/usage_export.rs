//! All that is known of each usage event, one at a time, in the order of recording.

use std::collections::HashMap;

use rusqlite::params;

use super::{CustomerRow, MeterRow, Reader, Result, StoreError};
use crate::billing::time::{DAY_S, Micros, Timestamp};
use crate::billing::usage::EventId;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow<'a> {
    /// The caller's id, or the one that it was given.
    pub event: String,
    /// Own id of the customer.
    pub customer: &'a str,
    /// Key of the meter.
    pub meter: &'a str,
    /// Units; negative in a counter-entry.
    pub quantity: i64,
    /// When it happened.
    pub at: Micros,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The action that caused it.
    pub action: Option<&'a str>,
    /// The end user who caused it.
    pub user: Option<&'a str>,
    /// The run that recorded it.
    pub run: i64,
    /// Line of the imported file.
    pub line: Option<i64>,
    /// The span that holds it.
    pub span: Option<i64>,
    /// Why it is not billed.
    pub exempt: Option<&'a str>,
    /// It was beyond what the tier allowed when it was recorded.
    pub over_quota: bool,
    /// The delivery that covers it.
    pub delivery: Option<i64>,
    /// The event that counters it.
    pub voided_by: Option<String>,
}

/// A stretch of a pair that says something of the events in it.
struct Stretch {
    from: i64,
    to: i64,
    after_seq: i64,
    upto_seq: i64,
    number: i64,
    exempt: Option<String>,
}

/// What events refer to, read when it is first needed.
struct Lookups<'r> {
    r: &'r Reader<'r>,
    words: HashMap<(&'static str, i64), String>,
    spans: HashMap<(i64, i64), Vec<Stretch>>,
    deliveries: HashMap<(i64, i64), Vec<Stretch>>,
}

impl Lookups<'_> {
    fn word(&mut self, sql: &'static str, number: Option<i64>) -> Result<()> {
        let Some(number) = number else { return Ok(()) };
        if !self.words.contains_key(&(sql, number)) {
            let word = self.r.conn.prepare_cached(sql)?.query_row([number], |row| row.get(0))?;
            self.words.insert((sql, number), word);
        }
        Ok(())
    }
    fn get(&self, sql: &'static str, number: Option<i64>) -> Option<&str> {
        self.words.get(&(sql, number?)).map(String::as_str)
    }
    fn stretches(&self, sql: &'static str, pair: (i64, i64)) -> Result<Vec<Stretch>> {
        let mut find = self.r.conn.prepare_cached(sql)?;
        let rows = find.query_map(params![pair.0, pair.1], |row| {
            Ok(Stretch {
                from: row.get(0)?,
                to: row.get(1)?,
                after_seq: row.get(2)?,
                upto_seq: row.get(3)?,
                number: row.get(4)?,
                exempt: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    fn load(&mut self, pair: (i64, i64)) -> Result<()> {
        if !self.spans.contains_key(&pair) {
            let spans = self.stretches(SPANS, pair)?;
            let deliveries = self.stretches(DELIVERIES, pair)?;
            self.spans.insert(pair, spans);
            self.deliveries.insert(pair, deliveries);
        }
        Ok(())
    }
}

/// The stretch that holds an event: of those that start before it the nearest that fits, and none that starts more
/// than `longest` seconds before it.
fn holding(stretches: Option<&Vec<Stretch>>, second: i64, seq: i64, longest: i64) -> Option<&Stretch> {
    let stretches = stretches?;
    let next = stretches.partition_point(|it| it.from <= second);
    let before = stretches.get(..next)?.iter().rev();
    before
        .take_while(|it| second.saturating_sub(it.from) < longest)
        .find(|it| second < it.to && it.after_seq < seq && seq <= it.upto_seq)
}

const CUSTOMER: &str = "SELECT id FROM customer WHERE customer = ?1";
const METER: &str = "SELECT key FROM meter WHERE meter = ?1";
const ACTION: &str = "SELECT key FROM action WHERE action = ?1";
const USER: &str = "SELECT id FROM end_user WHERE end_user = ?1";
const SPANS: &str = "SELECT from_at, to_at, -1, 9223372036854775807, span, exempt FROM span \
     WHERE customer = ?1 AND meter = ?2 ORDER BY from_at";
const DELIVERIES: &str = "SELECT from_at, to_at, after_seq, upto_seq, delivery, NULL FROM delivery \
     WHERE customer = ?1 AND meter = ?2 AND state NOT IN ('lost', 'cancelled', 'replaced') ORDER BY from_at";
const EVENTS: &str = "SELECT e.seq, n.name, e.id, e.customer, e.meter, e.quantity, e.at, e.recorded_at, e.action, \
     e.end_user, e.run, e.line, e.over_quota, v.id FROM usage_event e LEFT JOIN usage_event_name n ON n.seq = e.seq \
     LEFT JOIN usage_event v ON v.voids = e.seq";
/// A window of a delivery is a day at most.
const WINDOW_LONGEST_S: i64 = DAY_S + 1;

impl Reader<'_> {
    /// Hands events one by one to `take`, in the order of recording, until it fails.
    pub fn usage_each<E: From<StoreError>>(
        &self,
        range: &UsageRange,
        mut take: impl FnMut(&UsageRow<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = match (range.customer, range.meter) {
            (Some(_), Some(_)) => "e.customer = ?1 AND e.meter = ?2",
            (Some(_), None) => "e.customer = ?1 AND ?2 IS NULL",
            (None, Some(_)) => "?1 IS NULL AND e.meter = ?2",
            (None, None) => "?1 IS NULL AND ?2 IS NULL",
        };
        let sql = format!("{EVENTS} WHERE {sql} AND e.at >= ?3 AND e.at < ?4 ORDER BY e.seq");
        let failed = StoreError::from;
        let mut find = self.conn.prepare(&sql).map_err(failed)?;
        let from = range.from.map_or(i64::MIN, |at| at.micros().0);
        let to = range.to.map_or(i64::MAX, |at| at.micros().0);
        let whose = (range.customer.map(|it| it.0), range.meter.map(|it| it.0));
        let mut rows = find.query(params![whose.0, whose.1, from, to]).map_err(failed)?;
        let mut lookups =
            Lookups { r: self, words: HashMap::new(), spans: HashMap::new(), deliveries: HashMap::new() };
        while let Some(row) = rows.next().map_err(failed)? {
            let number = |column: usize| row.get::<_, i64>(column).map_err(failed);
            let maybe = |column: usize| row.get::<_, Option<i64>>(column).map_err(failed);
            let (seq, customer, meter, at) = (number(0)?, number(3)?, number(4)?, Micros(number(6)?));
            let (action, user) = (maybe(8)?, maybe(9)?);
            lookups.word(CUSTOMER, Some(customer))?;
            lookups.word(METER, Some(meter))?;
            lookups.word(ACTION, action)?;
            lookups.word(USER, user)?;
            lookups.load((customer, meter))?;
            let name: Option<String> = row.get(1).map_err(failed)?;
            let id = EventId(row.get(2).map_err(failed)?);
            let second = at.second().0;
            let span = holding(lookups.spans.get(&(customer, meter)), second, seq, i64::MAX);
            let deliveries = lookups.deliveries.get(&(customer, meter));
            take(&UsageRow {
                event: name.unwrap_or_else(|| id.to_string()),
                customer: lookups.get(CUSTOMER, Some(customer)).unwrap_or_default(),
                meter: lookups.get(METER, Some(meter)).unwrap_or_default(),
                quantity: number(5)?,
                at,
                recorded_at: Timestamp(number(7)?),
                action: lookups.get(ACTION, action),
                user: lookups.get(USER, user),
                run: number(10)?,
                line: maybe(11)?,
                span: span.map(|it| it.number),
                exempt: span.and_then(|it| it.exempt.as_deref()),
                over_quota: number(12)? != 0,
                delivery: holding(deliveries, second, seq, WINDOW_LONGEST_S).map(|it| it.number),
                voided_by: row.get::<_, Option<_>>(13).map_err(failed)?.map(|id| EventId(id).to_string()),
            })?;
        }
        Ok(())
    }
}
