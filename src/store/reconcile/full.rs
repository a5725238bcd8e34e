//! How far a comparison of everything has come.

use rusqlite::params;

use super::PairPeriod;
use crate::billing::reconcile::Range;
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, MeterRow, Reader, Result, Writer};

/// What is known of a customer x meter x stretch that an unfinished comparison has asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// Both sides agreed.
    Matched,
    /// It differs, and what differs is not stored: it is asked again.
    Asked,
    /// It differs, and its findings are stored.
    Noted,
}

impl Marked {
    fn as_str(self) -> &'static str {
        match self {
            Marked::Matched => "matched",
            Marked::Asked => "asked",
            Marked::Noted => "noted",
        }
    }
}

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullMark {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// Where.
    pub range: Range,
    /// The revision of its period then.
    pub revision: i64,
    /// The run that asked.
    pub run: i64,
    /// What it came to.
    pub marked: Marked,
}

impl Reader<'_> {
    /// What an unfinished comparison of this scope has asked about so far.
    pub fn full_marks(&self, scope: &str) -> Result<Vec<FullMark>> {
        let mut find = self.conn.prepare(
            "SELECT customer, meter, from_at, to_at, revision, run, state FROM full_mark WHERE scope = ?1",
        )?;
        let rows = find.query_map([scope], |row| {
            let state: String = row.get(6)?;
            let all = [Marked::Matched, Marked::Asked, Marked::Noted];
            Ok(FullMark {
                customer: CustomerRow(row.get(0)?),
                meter: MeterRow(row.get(1)?),
                range: Range { from: Timestamp(row.get(2)?), to: Timestamp(row.get(3)?) },
                revision: row.get(4)?,
                run: row.get(5)?,
                marked: all.into_iter().find(|it| it.as_str() == state).unwrap_or(Marked::Asked),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Notes that a stretch was asked about.
    pub fn full_mark_put(&self, scope: &str, pair: &PairPeriod, range: Range, marked: Marked) -> Result<()> {
        let mut put = self.conn.prepare_cached(
            "INSERT OR REPLACE INTO full_mark (scope, customer, meter, from_at, to_at, revision, run, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        put.execute(params![
            scope,
            pair.customer.0,
            pair.meter.0,
            range.from.0,
            range.to.0,
            pair.revision,
            self.run,
            marked.as_str()
        ])?;
        Ok(())
    }

    /// Everything of this scope is compared: the next comparison begins anew.
    pub fn full_marks_clear(&self, scope: &str) -> Result<()> {
        self.conn.execute("DELETE FROM full_mark WHERE scope = ?1", [scope])?;
        Ok(())
    }
}
