//! Usage events: append-only, one effect per id and meter, with the rollups and credits that follow from them in the
//! same transaction.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{OptionalExtension, params};

use super::rollup::{self, Rollup, RollupKey};
use super::span::{SpanCache, SpanRow};
use super::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};
use crate::billing::id::MeterKey;
use crate::billing::time::Micros;
use crate::billing::usage::{Content, EventId};

/// Events of one INSERT statement. More gain little: the work is in the B-trees.
const GROUP_ROWS: usize = 64;
/// Columns of an event that differ from row to row.
const GROUP_COLUMNS: usize = 10;
/// Most words (actions, users) that are kept in memory with their numbers.
const WORDS_KEPT_MAX: usize = 200_000;

/// An event to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// Its id; `None` gives it one from the store's id and a counter.
    pub id: Option<EventId>,
    /// The caller's text, where the id is only its hash.
    pub name: Option<&'a str>,
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// What it says.
    pub content: Content<'a>,
    /// Whether the caller gave the time. Without, a known event with another time is still the same.
    pub at_given: bool,
    /// Line of the imported file.
    pub line: Option<i64>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is recorded now.
    New {
        /// Its number.
        seq: i64,
        /// Its id.
        id: EventId,
        /// It is beyond what the tier allows.
        over_quota: bool,
    },
    /// It was recorded before, with the same content.
    Known {
        /// Its number.
        seq: i64,
    },
    /// Another event has its id. Nothing was written for it.
    Conflict {
        /// The number of the other one.
        seq: i64,
    },
}

/// What is kept in memory from one transaction to the next. Rolled-back numbers must not survive, nor spans that this
/// same connection has made anew: forget it after any error and after a change of history.
#[derive(Debug, Default)]
pub struct UsageCache {
    spans: SpanCache,
    actions: HashMap<String, i64>,
    users: HashMap<String, i64>,
}

/// An event on its way into a group.
struct Prepared<'a, 'e> {
    event: &'e NewEvent<'a>,
    id: Option<EventId>,
    action: Option<i64>,
    user: Option<i64>,
    span: SpanRow,
    over_quota: bool,
}

/// One call of [`usage_append`].
struct Append<'w, 'c> {
    w: &'w Writer<'w>,
    cache: &'c mut UsageCache,
    /// What ids of events that came without one are made from.
    scope: String,
    next_seq: i64,
    sums: BTreeMap<RollupKey, Rollup>,
    quota: super::usage_credit::Allowances,
    done: Vec<Appended>,
}

/// Records events in order, with their rollups, quota flags and credits. `more` is asked after every few rows whether
/// to go on, so that a long import can let others write: the result is as long as what was done.
pub fn usage_append(
    w: &Writer<'_>,
    cache: &mut UsageCache,
    events: &[NewEvent<'_>],
    more: &mut dyn FnMut(usize) -> bool,
) -> Result<Vec<Appended>> {
    cache.spans.refresh(&w.reader())?;
    if cache.actions.len() + cache.users.len() > WORDS_KEPT_MAX {
        cache.actions.clear();
        cache.users.clear();
    }
    let next_seq: i64 =
        w.conn.query_row("SELECT COALESCE(max(seq), 0) + 1 FROM usage_event", [], |row| row.get(0))?;
    let mut append = Append {
        w,
        cache,
        scope: w.reader().info()?.scope(),
        next_seq,
        sums: BTreeMap::new(),
        quota: super::usage_credit::Allowances::default(),
        done: Vec::with_capacity(events.len()),
    };
    for group in events.chunks(GROUP_ROWS) {
        append.group(group)?;
        if !more(append.done.len()) {
            break;
        }
    }
    let Append { sums, quota, done, .. } = append;
    rollup::add(w, &sums)?;
    quota.post(w)?;
    Ok(done)
}

impl<'w> Append<'w, '_> {
    fn group(&mut self, events: &[NewEvent<'_>]) -> Result<()> {
        let mut ready: Vec<Prepared<'_, '_>> = Vec::with_capacity(events.len());
        for event in events {
            let at = event.content.at.second();
            let span = self.cache.spans.find_or_make(self.w, event.customer, event.meter, at)?;
            let action = word(self.w, &mut self.cache.actions, ACTION, event.content.action)?;
            let user = word(self.w, &mut self.cache.users, USER, event.content.user)?;
            let it = Prepared { event, id: event.id, action, user, span: span.row, over_quota: false };
            if span.is_limited() {
                // Whether it is over depends on everything before it: it is written alone.
                self.insert(std::mem::take(&mut ready))?;
                let over_quota = self.quota.is_over(self.w, &span, event)?;
                let before = self.done.len();
                self.insert(vec![Prepared { over_quota, ..it }])?;
                if matches!(self.done.get(before), Some(Appended::New { .. })) {
                    self.quota.count(self.w, &span, event)?;
                }
            } else {
                ready.push(it);
            }
        }
        self.insert(ready)
    }

    /// Writes a group in one statement and finds out what became of each row.
    fn insert(&mut self, group: Vec<Prepared<'_, '_>>) -> Result<()> {
        if group.is_empty() {
            return Ok(());
        }
        let first = self.next_seq;
        let rows = group.len();
        let ids: Vec<(i64, EventId)> = (first..)
            .zip(&group)
            .map(|(seq, it)| (seq, it.id.unwrap_or_else(|| EventId::counted(&self.scope, seq))))
            .collect();
        let mut statement = self.w.conn.prepare_cached(insert_sql(rows))?;
        let statement = &mut *statement;
        statement.raw_bind_parameter(1, self.w.run)?;
        statement.raw_bind_parameter(2, self.w.now.0)?;
        let mut parameter = 3;
        for ((seq, id), it) in ids.iter().zip(&group) {
            let values: [&dyn rusqlite::ToSql; GROUP_COLUMNS] = [
                seq,
                &it.event.meter.0,
                &&id.0[..],
                &it.event.customer.0,
                &it.event.content.quantity,
                &it.event.content.at.0,
                &it.action,
                &it.user,
                &it.event.line,
                &it.over_quota,
            ];
            for value in values {
                statement.raw_bind_parameter(parameter, value)?;
                parameter += 1;
            }
        }
        let inserted = statement.raw_execute()?;
        self.next_seq += i64::try_from(rows).unwrap_or(i64::MAX);
        for ((seq, id), it) in ids.into_iter().zip(&group) {
            let found = if inserted == rows { None } else { self.find(id, it)? };
            let outcome = match found {
                Some(other) if other.seq() != seq => other,
                _ => self.wrote(seq, id, it)?,
            };
            self.done.push(outcome);
        }
        Ok(())
    }

    /// A row was written: keeps its name and adds it to the sums.
    fn wrote(&mut self, seq: i64, id: EventId, it: &Prepared<'_, '_>) -> Result<Appended> {
        let event = it.event;
        if let Some(name) = event.name {
            let mut put =
                self.w.conn.prepare_cached("INSERT INTO usage_event_name (seq, name) VALUES (?1, ?2)")?;
            put.execute(params![seq, name])?;
        }
        let (customer, meter, at) = (event.customer, event.meter, event.content.at);
        let key = RollupKey { customer, meter, hour: at.hour(), span: it.span };
        rollup::merge(&mut self.sums, key, Rollup::of(event.content.quantity, at, seq))?;
        Ok(Appended::New { seq, id, over_quota: it.over_quota })
    }

    /// The event that has this id now, compared with the one that wants it.
    fn find(&self, id: EventId, it: &Prepared<'_, '_>) -> Result<Option<Appended>> {
        let wanted = Wanted {
            customer: it.event.customer,
            quantity: it.event.content.quantity,
            at: it.event.at_given.then_some(it.event.content.at),
            action: it.action,
            user: it.user,
        };
        find(&self.w.reader(), id, it.event.meter, &wanted)
    }
}

impl Appended {
    /// The number of the event that has the id now.
    pub fn seq(&self) -> i64 {
        match self {
            Appended::New { seq, .. } | Appended::Known { seq } | Appended::Conflict { seq } => *seq,
        }
    }
}

/// Content with interned words, to compare a stored event with. No time means: any.
struct Wanted {
    customer: CustomerRow,
    quantity: i64,
    at: Option<Micros>,
    action: Option<i64>,
    user: Option<i64>,
}

fn find(r: &Reader<'_>, id: EventId, meter: MeterRow, wanted: &Wanted) -> Result<Option<Appended>> {
    let mut find = r.conn.prepare_cached(
        "SELECT seq, customer, quantity, at, action, end_user FROM usage_event WHERE id = ?1 AND meter = ?2",
    )?;
    let mut rows = find.query(params![&id.0[..], meter.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let seq = row.get(0)?;
    let same = wanted.customer.0 == row.get::<_, i64>(1)?
        && wanted.quantity == row.get::<_, i64>(2)?
        && wanted.at.is_none_or(|at| row.get::<_, i64>(3).is_ok_and(|it| it == at.0))
        && wanted.action == row.get(4)?
        && wanted.user == row.get(5)?;
    Ok(Some(if same { Appended::Known { seq } } else { Appended::Conflict { seq } }))
}

/// Table, key and number columns of interned words: the statements that find and make one.
type Words = (&'static str, &'static str);
const ACTION: Words =
    ("SELECT action FROM action WHERE key = ?1", "INSERT INTO action (key) VALUES (?1) RETURNING action");
const USER: Words = (
    "SELECT end_user FROM end_user WHERE id = ?1",
    "INSERT INTO end_user (id) VALUES (?1) RETURNING end_user",
);

/// The number of a word, made now if it is new.
fn word(
    w: &Writer<'_>,
    kept: &mut HashMap<String, i64>,
    sql: Words,
    text: Option<&str>,
) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    if let Some(number) = kept.get(text) {
        return Ok(Some(*number));
    }
    let found = w.conn.prepare_cached(sql.0)?.query_row([text], |row| row.get(0)).optional()?;
    let number = match found {
        Some(number) => number,
        None => w.conn.prepare_cached(sql.1)?.query_row([text], |row| row.get(0))?,
    };
    kept.insert(text.to_owned(), number);
    Ok(Some(number))
}

/// The INSERT of so many rows. `?1` and `?2` are the run and the time of recording.
fn insert_sql(rows: usize) -> &'static str {
    static GROUP: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let statements = GROUP.get_or_init(|| (0..=GROUP_ROWS).map(insert_text).collect());
    statements.get(rows).map_or("", String::as_str)
}

fn insert_text(rows: usize) -> String {
    let row = |index: usize| {
        let at = |column: usize| format!("?{}", 3 + index * GROUP_COLUMNS + column);
        let columns: Vec<String> = (0..GROUP_COLUMNS).map(at).collect();
        format!("(?1, ?2, {})", columns.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO usage_event (run, recorded_at, seq, meter, id, customer, quantity, at, action, end_user, line, \
         over_quota) VALUES {} ON CONFLICT (id, meter) DO NOTHING",
        rows.join(", ")
    )
}

/// Customers and meters by name, for input that names many.
#[derive(Debug, Default)]
pub struct Names {
    /// Own ids of customers.
    pub customers: HashMap<String, CustomerRow>,
    /// Keys of meters.
    pub meters: HashMap<String, MeterRow>,
}

/// One event as stored, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number.
    pub seq: i64,
    /// The caller's text, or the id.
    pub id: String,
    /// Own id of the customer.
    pub customer: String,
    /// Key of the meter.
    pub meter: String,
    /// Units.
    pub quantity: i64,
    /// When it happened.
    pub at: Micros,
    /// The action that caused it.
    pub action: Option<String>,
    /// The end user who caused it.
    pub user: Option<String>,
}

const STORED: &str = "SELECT e.seq, n.name, e.id, c.id, m.key, e.quantity, e.at, a.key, u.id FROM usage_event e \
    JOIN customer c USING (customer) JOIN meter m USING (meter) LEFT JOIN usage_event_name n USING (seq) \
    LEFT JOIN action a USING (action) LEFT JOIN end_user u USING (end_user)";

fn stored_from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredEvent> {
    let name: Option<String> = row.get(1)?;
    let id = match name {
        Some(name) => name,
        None => EventId(row.get(2)?).to_string(),
    };
    Ok(StoredEvent {
        seq: row.get(0)?,
        id,
        customer: row.get(3)?,
        meter: row.get(4)?,
        quantity: row.get(5)?,
        at: Micros(row.get(6)?),
        action: row.get(7)?,
        user: row.get(8)?,
    })
}

impl Reader<'_> {
    /// All customers and meters.
    pub fn usage_names(&self) -> Result<Names> {
        let mut names = Names::default();
        let mut rows = self.conn.prepare("SELECT id, customer FROM customer")?;
        for row in rows.query_map([], |row| Ok((row.get(0)?, CustomerRow(row.get(1)?))))? {
            let (id, row) = row?;
            names.customers.insert(id, row);
        }
        let mut rows = self.conn.prepare("SELECT key, meter FROM meter")?;
        for row in rows.query_map([], |row| Ok((row.get(0)?, MeterRow(row.get(1)?))))? {
            let (key, row) = row?;
            names.meters.insert(key, row);
        }
        Ok(names)
    }

    /// Those of the named customers and meters that there are.
    pub fn usage_names_of<'a>(&self, wanted: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Names> {
        let mut names = Names::default();
        let mut find = self.conn.prepare_cached("SELECT customer FROM customer WHERE id = ?1")?;
        for (customer, meter) in wanted {
            if !names.customers.contains_key(customer)
                && let Some(row) = find.query_row([customer], |row| row.get(0).map(CustomerRow)).optional()?
            {
                names.customers.insert(customer.to_owned(), row);
            }
            if !names.meters.contains_key(meter)
                && let Some(row) = self.meter_row(meter)?
            {
                names.meters.insert(meter.to_owned(), row);
            }
        }
        Ok(names)
    }

    /// The number of a meter.
    pub fn meter_row(&self, key: &str) -> Result<Option<MeterRow>> {
        let mut find = self.conn.prepare_cached("SELECT meter FROM meter WHERE key = ?1")?;
        Ok(find.query_row([key], |row| row.get(0).map(MeterRow)).optional()?)
    }

    /// The key of a meter.
    pub fn meter_key(&self, meter: MeterRow) -> Result<MeterKey> {
        let mut find = self.conn.prepare_cached("SELECT key FROM meter WHERE meter = ?1")?;
        let key: String = find.query_row([meter.0], |row| row.get(0))?;
        MeterKey::parse(&key).map_err(|bad| StoreError::Broken(bad.to_string()))
    }

    /// An event by its number.
    pub fn usage_get(&self, seq: i64) -> Result<Option<StoredEvent>> {
        let mut find = self.conn.prepare_cached(&format!("{STORED} WHERE e.seq = ?1"))?;
        Ok(find.query_row([seq], stored_from_row).optional()?)
    }

    /// What recording an event would come to, if its id is there already; `None` where it is new.
    pub fn usage_known(
        &self,
        id: EventId,
        meter: MeterRow,
        customer: CustomerRow,
        content: &Content<'_>,
        at_given: bool,
    ) -> Result<Option<Appended>> {
        // Without joins: SQLite would plan a join anew for each id that is bound.
        let mut find = self.conn.prepare_cached(
            "SELECT e.seq, e.customer, e.quantity, e.at, (SELECT a.key FROM action a WHERE a.action = e.action), \
             (SELECT u.id FROM end_user u WHERE u.end_user = e.end_user) FROM usage_event e \
             WHERE e.id = ?1 AND e.meter = ?2",
        )?;
        let mut rows = find.query(params![&id.0[..], meter.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let seq = row.get(0)?;
        let word = |column: usize| row.get_ref(column).ok().and_then(|it| it.as_str_or_null().ok().flatten());
        let same = row.get::<_, i64>(1)? == customer.0
            && row.get::<_, i64>(2)? == content.quantity
            && (!at_given || row.get::<_, i64>(3)? == content.at.0)
            && word(4) == content.action
            && word(5) == content.user;
        Ok(Some(if same { Appended::Known { seq } } else { Appended::Conflict { seq } }))
    }

    /// The number of the last event; 0 before the first.
    pub fn usage_last_seq(&self) -> Result<i64> {
        Ok(self.conn.query_row("SELECT COALESCE(max(seq), 0) FROM usage_event", [], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests;
