//! Usage events: append-only, one effect per id and meter, with the rollups and credits that follow from them in the
//! same transaction.

mod append;
mod groups;
pub(in crate::store) mod ids;

use std::collections::HashMap;

use rusqlite::OptionalExtension;

pub use append::{Events, ToCome, usage_append, usage_load};
pub use ids::{Keyed, id_key};

use super::checks::Check;
use super::span::SpanCache;
use super::{CustomerRow, MeterRow, Reader, Result, StoreError};
use crate::billing::id::MeterKey;
use crate::billing::time::Micros;
use crate::billing::usage::{Content, EventId};

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

/// Customers and meters by name, for input that names many.
#[derive(Debug, Default, Clone)]
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
        let Some(seq) = ids::seq_of(self.conn, id, meter)? else { return Ok(None) };
        let mut find = self.conn.prepare_cached(
            "SELECT e.customer, e.quantity, e.at, (SELECT a.key FROM action a WHERE a.action = e.action), \
             (SELECT u.id FROM end_user u WHERE u.end_user = e.end_user) FROM usage_event e WHERE e.seq = ?1",
        )?;
        let mut rows = find.query([seq])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let word = |column: usize| row.get_ref(column).ok().and_then(|it| it.as_str_or_null().ok().flatten());
        let same = row.get::<_, i64>(0)? == customer.0
            && row.get::<_, i64>(1)? == content.quantity
            && (!at_given || row.get::<_, i64>(2)? == content.at.0)
            && word(3) == content.action
            && word(4) == content.user;
        Ok(Some(if same { Appended::Known { seq } } else { Appended::Conflict { seq } }))
    }

    /// The number of the last event; 0 before the first.
    pub fn usage_last_seq(&self) -> Result<i64> {
        Ok(self.conn.query_row("SELECT COALESCE(max(seq), 0) FROM usage_event", [], |row| row.get(0))?)
    }
}

/// What must hold of usage events; each query returns a row where it does not.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I13",
        says: "each usage event has its id, and each id its event",
        // An event is found from its number on, without a gap; as many rows as events are then theirs alone.
        sql: "SELECT e.seq FROM usage_event e LEFT JOIN usage_id k ON k.key = usage_id_key(e.id, e.meter) \
              WHERE k.seq IS NOT e.seq AND NOT EXISTS (SELECT 1 FROM usage_id o \
              WHERE o.key > k.key AND o.key < k.key + 10000 AND o.seq = e.seq AND o.key - k.key = \
              (SELECT COUNT(*) FROM usage_id b WHERE b.key >= k.key AND b.key < o.key)) \
              UNION ALL SELECT 'events and ids: ' || events || ', ' || ids FROM (SELECT \
              (SELECT COUNT(*) FROM usage_event) AS events, (SELECT COUNT(*) FROM usage_id) AS ids) \
              WHERE events <> ids",
    },
    Check {
        number: "I13",
        says: "no two usage events of a meter have one id",
        sql: "SELECT e.seq FROM usage_event e LEFT JOIN usage_id k ON k.key = usage_id_key(e.id, e.meter) \
              WHERE k.seq IS NOT e.seq AND EXISTS (SELECT 1 FROM usage_id o \
              CROSS JOIN usage_event f ON f.seq = o.seq WHERE o.key >= usage_id_key(e.id, e.meter) \
              AND o.key < usage_id_key(e.id, e.meter) + 10000 AND f.seq <> e.seq AND f.id = e.id AND f.meter = e.meter)",
    },
    Check {
        number: "I13",
        says: "each usage event is in one block, of its customer, meter and time",
        sql: "SELECT e.seq FROM usage_block b CROSS JOIN usage_event e ON e.seq BETWEEN b.first_seq AND b.last_seq \
              WHERE e.customer <> b.customer OR e.meter <> b.meter OR e.at < b.from_at OR e.at > b.to_at \
              UNION ALL SELECT 'events and blocks: ' || events || ', ' || inside FROM (SELECT \
              (SELECT COUNT(*) FROM usage_event) AS events, (SELECT COUNT(*) FROM usage_of_pair) AS inside) \
              WHERE events <> inside",
    },
    Check {
        number: "I13",
        says: "each usage event was recorded by one run",
        sql: "SELECT 'events and batches: ' || events || ', ' || inside FROM (SELECT \
              (SELECT COUNT(*) FROM usage_event) AS events, (SELECT COUNT(*) FROM usage_batch b \
              CROSS JOIN usage_event e ON e.seq BETWEEN b.first_seq AND b.last_seq) AS inside) WHERE events <> inside",
    },
];

#[cfg(test)]
pub(in crate::store) mod tests;
