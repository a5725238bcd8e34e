//! Totals of hours: what is recorded of one, and the event that makes up a difference.

use rusqlite::params;

use super::span::SpanCache;
use super::usage::{NewEvent, UsageCache, usage_append};
use super::{CustomerRow, MeterRow, Reader, Result, Writer};
use crate::billing::time::{HOUR_S, Micros, Timestamp};
use crate::billing::usage::Content;

/// A difference that is to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// Units; below zero takes back.
    pub units: i64,
    /// When they happened.
    pub at: Micros,
    /// Line of the file.
    pub line: i64,
}

impl Reader<'_> {
    /// Units recorded of a customer and meter in the UTC hour that begins then.
    pub fn usage_hour_sum(&self, customer: CustomerRow, meter: MeterRow, hour: Timestamp) -> Result<i64> {
        let mut sum = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(quantity), 0) FROM usage_of_pair WHERE customer = ?1 AND meter = ?2 AND block_to >= ?3 AND block_from < ?4
             AND at >= ?3 AND at < ?4",
        )?;
        let (from, to) = (hour.micros().0, hour.plus(HOUR_S).micros().0);
        Ok(sum.query_row(params![customer.0, meter.0, from, to], |row| row.get(0))?)
    }
}

impl Writer<'_> {
    /// Records differences, with their sums and the credits that they cost; credits of what is taken back are given back.
    pub fn usage_differences(&self, cache: &mut UsageCache, all: &[Difference]) -> Result<()> {
        let event = |it: &Difference| NewEvent {
            id: None,
            name: None,
            customer: it.customer,
            meter: it.meter,
            content: Content { quantity: it.units, at: it.at, action: None, user: None },
            at_given: true,
            line: Some(it.line),
        };
        let events: Vec<NewEvent<'_>> = all.iter().map(event).collect();
        usage_append(self, cache, &events)?;
        let mut spans = SpanCache::default();
        for it in all.iter().filter(|it| it.units < 0) {
            let span = spans.find_or_make(self, it.customer, it.meter, it.at.second())?;
            if span.is_limited() {
                self.usage_credit_void(it.customer, it.meter, span.span.allowance)?;
            }
        }
        Ok(())
    }
}
