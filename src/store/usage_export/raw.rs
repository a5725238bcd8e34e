//! Events as they lie in their table, many at a time: an aggregate of ours takes them from inside the query. Step by step,
//! with a call for each column, more time goes into the calls than into the reading.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{FromSql, FromSqlError};
use rusqlite::{Connection, Error};

use super::Reads;
use crate::store::Result;

/// The name of the aggregate; it takes whatever [`columns`] names.
const NAME: &str = "usage_rows";

/// One event as it lies in its table. What was not read is 0, or nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Raw {
    pub(super) seq: i64,
    pub(super) customer: i64,
    pub(super) meter: i64,
    pub(super) quantity: i64,
    pub(super) second: i64,
    pub(super) micros: i64,
    pub(super) action: i64,
    pub(super) user: i64,
    pub(super) line: Option<i64>,
    pub(super) id: [u8; 16],
    pub(super) over_quota: bool,
    pub(super) voided_by: Option<[u8; 16]>,
    pub(super) name: Option<Box<str>>,
}

/// Where the aggregate leaves its rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered(Arc<Mutex<Vec<Raw>>>);

impl Gathered {
    /// Rows whose memory is used again.
    pub(super) fn give(&self, mut rows: Vec<Raw>) {
        rows.clear();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = rows;
    }
    /// The rows of the last query.
    pub(super) fn take(&self) -> Vec<Raw> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Makes the aggregate known to a connection.
pub(super) fn gather(conn: &Connection, reads: Reads) -> Result<Gathered> {
    let gathered = Gathered::default();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_aggregate_function(NAME, -1, flags, Gather { reads, gathered: gathered.clone() })?;
    Ok(gathered)
}

/// The call of the aggregate, with the columns that are read.
pub(super) fn call(reads: Reads) -> String {
    let columns = [
        (true, "e.seq, e.customer, e.meter, e.quantity"),
        (reads.id, "e.id"),
        (reads.at, "e.at_s, e.at_us"),
        (reads.action, "e.action"),
        (reads.user, "e.end_user"),
        (reads.line, "e.line"),
        (reads.over_quota, "e.over_quota"),
        (reads.name, "n.name"),
        (reads.voided_by, "v.id"),
    ];
    let read: Vec<&str> = columns.iter().filter(|(read, _)| *read).map(|(_, column)| *column).collect();
    format!("{NAME}({})", read.join(", "))
}

struct Gather {
    reads: Reads,
    gathered: Gathered,
}

impl Aggregate<Vec<Raw>, i64> for Gather {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Vec<Raw>> {
        Ok(self.gathered.take())
    }

    fn step(&self, values: &mut Context<'_>, rows: &mut Vec<Raw>) -> rusqlite::Result<()> {
        // In the order of `call`.
        let mut values = Values { values, next: 0 };
        let (seq, customer, meter, quantity) =
            (values.next()?, values.next()?, values.next()?, values.next()?);
        let mut row = Raw { seq, customer, meter, quantity, ..Raw::default() };
        let reads = &self.reads;
        if reads.id {
            row.id = values.next()?;
        }
        if reads.at {
            (row.second, row.micros) = (values.next()?, values.next()?);
        }
        if reads.action {
            row.action = values.next::<Option<i64>>()?.unwrap_or(0);
        }
        if reads.user {
            row.user = values.next::<Option<i64>>()?.unwrap_or(0);
        }
        if reads.line {
            row.line = values.next()?;
        }
        if reads.over_quota {
            row.over_quota = values.next::<i64>()? != 0;
        }
        if reads.name {
            row.name = values.next()?;
        }
        if reads.voided_by {
            row.voided_by = values.next()?;
        }
        rows.push(row);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, rows: Option<Vec<Raw>>) -> rusqlite::Result<i64> {
        let rows = rows.unwrap_or_default();
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        *self.gathered.0.lock().unwrap_or_else(PoisonError::into_inner) = rows;
        Ok(count)
    }
}

/// The values of a row, one after the other.
struct Values<'c, 'v> {
    values: &'c Context<'v>,
    next: usize,
}

impl Values<'_, '_> {
    #[inline]
    fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let column = self.next;
        self.next += 1;
        let value = self.values.get_raw(column);
        T::column_result(value).map_err(|error| match error {
            FromSqlError::InvalidType => Error::InvalidFunctionParameterType(column, value.data_type()),
            other => Error::FromSqlConversionFailure(column, value.data_type(), Box::new(other)),
        })
    }
}
