//! Readers for lists, the status and exports.

use rusqlite::{OptionalExtension, params};

use super::{COLUMNS, Delivery, ENDED, OPEN, TABLES, from_row, maybe_at, state_of};
use crate::billing::delivery::State;
use crate::billing::time::Timestamp;
use crate::store::span::SpanCache;
use crate::store::{CustomerRow, MeterRow, Reader, Result};

/// Which deliveries are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeliveryFilter {
    /// Of this customer only.
    pub customer: Option<CustomerRow>,
    /// Of this meter only.
    pub meter: Option<MeterRow>,
    /// In this state only.
    pub state: Option<State>,
    /// With a timestamp at or after this one.
    pub from: Option<Timestamp>,
    /// With a timestamp before this one.
    pub to: Option<Timestamp>,
}

/// One meter and state, in sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLine {
    /// The meter's key.
    pub meter: String,
    /// The meter's number.
    pub meter_row: MeterRow,
    /// The state.
    pub state: State,
    /// How many deliveries.
    pub deliveries: i64,
    /// How many usage events they cover.
    pub events: i64,
    /// Units.
    pub value: i64,
    /// The earliest timestamp; of settled ones the earliest that was ever among them.
    pub oldest: Timestamp,
    /// The nearest deadline; without meaning for settled ones.
    pub must_arrive_by: Timestamp,
    /// The earliest next attempt.
    pub next_attempt: Option<Timestamp>,
    /// The last error of the newest attempt.
    pub last_error: Option<String>,
    /// Its request at Stripe.
    pub request_id: Option<String>,
}

/// What is not at Stripe for certain, in sum for one customer, meter and period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPeriod {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// The meter's key.
    pub meter_key: String,
    /// The state.
    pub state: State,
    /// Start of the period.
    pub period_start: Timestamp,
    /// Units.
    pub value: i64,
}

/// How many deliveries are in each state that needs something, and when the earliest that waits may go out.
pub type LeftBehind = (Vec<(State, i64)>, Option<Timestamp>);

impl Reader<'_> {
    /// One delivery.
    pub fn delivery_get(&self, delivery: i64) -> Result<Option<Delivery>> {
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE d.delivery = ?1");
        Ok(self.conn.query_row(&sql, [delivery], from_row).optional()?)
    }

    /// Hands deliveries one by one to `take`, in order of their numbers, until it fails.
    pub fn delivery_each<E: From<crate::store::StoreError>>(
        &self,
        filter: &DeliveryFilter,
        mut take: impl FnMut(Delivery) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE (?1 IS NULL OR d.customer = ?1) AND (?2 IS NULL OR d.meter = ?2)
             AND (?3 IS NULL OR d.state = ?3) AND (?4 IS NULL OR d.timestamp >= ?4) AND (?5 IS NULL OR d.timestamp < ?5)
             ORDER BY d.delivery"
        );
        let sql_failed = crate::store::StoreError::from;
        let mut find = self.conn.prepare(&sql).map_err(sql_failed)?;
        let (customer, meter) = (filter.customer.map(|it| it.0), filter.meter.map(|it| it.0));
        let (from, to) = (filter.from.map(|it| it.0), filter.to.map(|it| it.0));
        let state = filter.state.map(State::as_str);
        let mut rows = find.query(params![customer, meter, state, from, to]).map_err(sql_failed)?;
        while let Some(row) = rows.next().map_err(sql_failed)? {
            take(from_row(row).map_err(sql_failed)?)?;
        }
        Ok(())
    }

    /// At most `limit` deliveries of a filter.
    pub fn delivery_list(&self, filter: &DeliveryFilter, limit: usize) -> Result<(Vec<Delivery>, bool)> {
        enum Stop {
            Full,
            Failed(crate::store::StoreError),
        }
        impl From<crate::store::StoreError> for Stop {
            fn from(error: crate::store::StoreError) -> Stop {
                Stop::Failed(error)
            }
        }
        let mut list = Vec::new();
        let ended = self.delivery_each(filter, |delivery| {
            if list.len() == limit {
                return Err(Stop::Full);
            }
            list.push(delivery);
            Ok(())
        });
        match ended {
            Ok(()) => Ok((list, false)),
            Err(Stop::Full) => Ok((list, true)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Deliveries in sum, by meter and state. What is settled is not read: its sums are kept.
    pub fn delivery_status(&self) -> Result<Vec<StatusLine>> {
        // SQLite takes the bare columns from the row that has the MAX.
        let of = |which: &str| {
            format!(
                "SELECT m.key, d.meter, d.state, COUNT(*), SUM(d.events), SUM(d.value), MIN(d.timestamp),
                 MIN(d.must_arrive_by), MIN(d.next_attempt), d.last_error, d.request_id, MAX(COALESCE(d.last_attempt, 0))
                 FROM delivery d JOIN meter m USING (meter) WHERE {which} GROUP BY d.meter, d.state"
            )
        };
        let settled = "SELECT m.key, t.meter, t.state, t.deliveries, t.events, t.value, t.oldest, 0, NULL, NULL, NULL, 0
             FROM delivery_total t JOIN meter m USING (meter) WHERE t.deliveries > 0";
        let mut lines = Vec::new();
        // Three plain questions are prepared sooner than one that puts their answers in order.
        for sql in [of(OPEN), of(ENDED), settled.to_owned()] {
            let mut find = self.conn.prepare(&sql)?;
            let rows = find.query_map([], status_line)?;
            lines.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
        }
        lines.sort_by(|a, b| (&a.meter, a.state.as_str()).cmp(&(&b.meter, b.state.as_str())));
        Ok(lines)
    }

    /// What is due, unknown, late, too late or rejected, in sum for each customer, meter and period.
    pub fn delivery_open_periods(&self) -> Result<Vec<OpenPeriod>> {
        let mut find = self.conn.prepare(&format!(
            "SELECT d.customer, d.meter, m.key, d.state, d.period_start, SUM(d.value) FROM delivery d JOIN meter m USING (meter)
             WHERE {OPEN} GROUP BY d.customer, d.meter, d.state, d.period_start"
        ))?;
        let rows = find.query_map([], |row| {
            Ok(OpenPeriod {
                customer: CustomerRow(row.get(0)?),
                meter: MeterRow(row.get(1)?),
                meter_key: row.get(2)?,
                state: state_of(row, 3)?,
                period_start: Timestamp(row.get(4)?),
                value: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a push could have anything to do: new events, pairs with something left, deliveries that wait.
    pub fn delivery_work_is_there(&self) -> Result<bool> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM usage_event WHERE seq > (SELECT seq FROM pair_watermark))
             OR EXISTS (SELECT 1 FROM pair WHERE left_from IS NOT NULL)
             OR EXISTS (SELECT 1 FROM delivery WHERE {OPEN} AND state IN ('due', 'sending'))"
        );
        Ok(self.conn.query_row(&sql, [], |row| row.get(0))?)
    }

    /// How many deliveries are in each state that needs something, and when the earliest that waits may go out.
    pub fn delivery_left(
        &self,
        customer: Option<CustomerRow>,
        meter: Option<MeterRow>,
    ) -> Result<LeftBehind> {
        let mut find = self.conn.prepare(&format!(
            "SELECT state, COUNT(*), MIN(next_attempt) FROM delivery WHERE {OPEN}
             AND (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR meter = ?2) GROUP BY state"
        ))?;
        let mut left = Vec::new();
        let mut next = None;
        let mut rows = find.query(params![customer.map(|it| it.0), meter.map(|it| it.0)])?;
        while let Some(row) = rows.next()? {
            left.push((state_of(row, 0)?, row.get(1)?));
            next = next.or(maybe_at(row, 2)?);
        }
        Ok((left, next))
    }

    /// What a customer used of a meter in the billing period that begins then, and the terms that price it.
    pub fn period_terms(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        period_start: Timestamp,
    ) -> Result<Option<PeriodTerms>> {
        let (span, _) = SpanCache::default().derive(self, customer, meter, period_start)?;
        let Some((assignment, price)) = span.assignment.zip(span.treatment.price()) else {
            return Ok(None);
        };
        // A span is stored once something was recorded in it; until then its period has used nothing.
        let mut find = self.conn.prepare_cached(
            "SELECT v.terms, (SELECT COALESCE(SUM(r.sum), 0) FROM span t JOIN rollup r ON r.customer = t.customer
               AND r.meter = t.meter AND r.day BETWEEN t.from_at / 86400 AND t.to_at / 86400 AND r.span = t.span
               WHERE t.customer = ?1 AND t.meter = ?2 AND t.period_start = ?3 AND t.price IS NOT NULL), a.sub
             FROM tier_assignment a JOIN revision v USING (tier, digest) WHERE a.assignment = ?4",
        )?;
        let found = find
            .query_row(params![customer.0, meter.0, span.period.start.0, assignment], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?))
            })
            .optional()?;
        let Some((json, recorded, sub)) = found else { return Ok(None) };
        let is_trial = match sub {
            Some(sub) => self.is_on_trial(&sub, span.period.start)?,
            None => false,
        };
        let (terms, currency) = crate::billing::catalog::Terms::from_json(&json)
            .map_err(|bad| crate::store::StoreError::Broken(bad.to_string()))?;
        Ok(Some(PeriodTerms { terms, price: price.to_owned(), currency, recorded, is_trial }))
    }
}

fn status_line(row: &rusqlite::Row<'_>) -> rusqlite::Result<StatusLine> {
    Ok(StatusLine {
        meter: row.get(0)?,
        meter_row: MeterRow(row.get(1)?),
        state: state_of(row, 2)?,
        deliveries: row.get(3)?,
        events: row.get(4)?,
        value: row.get(5)?,
        oldest: Timestamp(row.get(6)?),
        must_arrive_by: Timestamp(row.get(7)?),
        next_attempt: maybe_at(row, 8)?,
        last_error: row.get(9)?,
        request_id: row.get(10)?,
    })
}

/// What prices a customer's usage of a meter in one billing period.
#[derive(Debug, Clone)]
pub struct PeriodTerms {
    /// The pinned terms.
    pub terms: crate::billing::catalog::Terms,
    /// `price_…` that bills it.
    pub price: String,
    /// Their currency.
    pub currency: crate::billing::money::Currency,
    /// Units recorded in the period so far.
    pub recorded: i64,
    /// The period is a trial: nothing of it is billed.
    pub is_trial: bool,
}
