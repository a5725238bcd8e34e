//! Usage of one pair in order of time, and the words that events refer to: what sums by group are made of.

use rusqlite::params;

use super::usage_export::UsageRange;
use super::{CustomerRow, MeterRow, Reader, Result, StoreError};
use crate::billing::time::{Micros, Timestamp};

/// One event of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairEvent {
    /// When it happened.
    pub at: Micros,
    /// Units; negative in a counter-entry.
    pub quantity: i64,
    /// The action that caused it, by its number; 0 is none.
    pub action: i64,
    /// The end user who caused it, by its number; 0 is none.
    pub user: i64,
}

/// A list of words with numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordList {
    /// Own ids of customers.
    Customer,
    /// Keys of meters.
    Meter,
    /// Actions.
    Action,
    /// End users.
    User,
}

impl WordList {
    fn sql(self) -> &'static str {
        match self {
            WordList::Customer => "SELECT id FROM customer WHERE customer = ?1",
            WordList::Meter => "SELECT key FROM meter WHERE meter = ?1",
            WordList::Action => "SELECT key FROM action WHERE action = ?1",
            WordList::User => "SELECT id FROM end_user WHERE end_user = ?1",
        }
    }
}

impl Reader<'_> {
    /// Customers x meters with usage, of one customer or meter if given.
    pub fn usage_pairs(&self, range: &UsageRange) -> Result<Vec<(CustomerRow, MeterRow)>> {
        let sql = "SELECT DISTINCT customer, meter FROM span WHERE (?1 IS NULL OR customer = ?1) \
                   AND (?2 IS NULL OR meter = ?2) ORDER BY customer, meter";
        let mut find = self.conn.prepare(sql)?;
        let whose = params![range.customer.map(|it| it.0), range.meter.map(|it| it.0)];
        let rows = find.query_map(whose, |row| Ok((CustomerRow(row.get(0)?), MeterRow(row.get(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Hands the events of a pair before an instant one by one to `take`, in order of time.
    pub fn usage_pair_each<E: From<StoreError>>(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        before: Option<Timestamp>,
        mut take: impl FnMut(PairEvent) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let failed = StoreError::from;
        let sql = "SELECT at, quantity, action, end_user FROM usage_of_pair \
                   WHERE customer = ?1 AND meter = ?2 AND block_from < ?3 AND at < ?3 ORDER BY at, seq";
        let mut find = self.conn.prepare_cached(sql).map_err(failed)?;
        let before = before.map_or(i64::MAX, |at| at.micros().0);
        let mut rows = find.query(params![customer.0, meter.0, before]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let event = || -> rusqlite::Result<PairEvent> {
                Ok(PairEvent {
                    at: Micros(row.get(0)?),
                    quantity: row.get(1)?,
                    action: row.get::<_, Option<i64>>(2)?.unwrap_or(0),
                    user: row.get::<_, Option<i64>>(3)?.unwrap_or(0),
                })
            };
            take(event().map_err(failed)?)?;
        }
        Ok(())
    }

    /// The word with a number.
    pub fn word(&self, list: WordList, number: i64) -> Result<String> {
        Ok(self.conn.prepare_cached(list.sql())?.query_row([number], |row| row.get(0))?)
    }
}
