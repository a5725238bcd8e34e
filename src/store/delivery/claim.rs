//! Claiming before a socket opens, and what an answer changes.

use rusqlite::{OptionalExtension, Row, params};

use super::form::{billed_until, must_arrive_by};
use super::{OPEN, maybe_at, state_of};
use crate::billing::delivery::{
    AGE_MAX_S, Claim, Claimed, Deadline, Payload, Progress, State, claim, idempotency_key,
};
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};

/// A delivery that waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// Its number.
    pub delivery: i64,
    /// Its customer and meter: one in flight for each pair.
    pub pair: (CustomerRow, MeterRow),
    /// After this it would not be billed.
    pub must_arrive_by: Timestamp,
    /// Not to be sent again before.
    pub next_attempt: Option<Timestamp>,
    /// It was in flight when its process died.
    pub dead: bool,
}

/// A claimed delivery, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Its number.
    pub delivery: i64,
    /// Its customer and meter.
    pub pair: (CustomerRow, MeterRow),
    /// What is sent.
    pub payload: Payload,
    /// What Stripe tells repeats by.
    pub identifier: String,
    /// The Idempotency-Key of this attempt.
    pub idempotency_key: String,
    /// How it stands while its call runs.
    pub claimed: Claimed,
}

/// What became of a wish to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claiming {
    /// Send it: the claim is part of this transaction.
    Send(Box<Sending>),
    /// It is not sent, and this is its state now.
    Gave(State),
    /// Not now.
    Wait,
}

/// What is noted beside a new state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// What an unsuccessful answer said.
    pub error: Option<String>,
    /// Stripe's id of the request.
    pub request_id: Option<String>,
}

fn queued(row: &Row<'_>) -> rusqlite::Result<Queued> {
    Ok(Queued {
        delivery: row.get(0)?,
        pair: (CustomerRow(row.get(1)?), MeterRow(row.get(2)?)),
        must_arrive_by: Timestamp(row.get(3)?),
        next_attempt: maybe_at(row, 4)?,
        dead: state_of(row, 5)? == State::Sending,
    })
}

impl Reader<'_> {
    /// What waits to be sent, at most `count_max`: what was in flight when a process died first, then the nearest
    /// deadline. Under the lock of the one push per store. `after`: the last one that was read already; then what is in
    /// flight is the caller's own, and left out.
    pub fn delivery_queue(
        &self,
        customer: Option<CustomerRow>,
        meter: Option<MeterRow>,
        after: Option<&Queued>,
        count_max: usize,
    ) -> Result<Vec<Queued>> {
        let mut find = self.conn.prepare(&format!(
            "SELECT delivery, customer, meter, must_arrive_by, next_attempt, state FROM delivery
             WHERE {OPEN} AND state IN ('due', 'sending') AND (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR meter = ?2)
             AND (?3 IS NULL OR state = 'due' AND (must_arrive_by, delivery) > (?3, ?4))
             ORDER BY state DESC, must_arrive_by, delivery LIMIT ?5"
        ))?;
        // After the last that was in flight comes the first that is due.
        let (by, delivery) =
            after.map(|it| if it.dead { (i64::MIN, 0) } else { (it.must_arrive_by.0, it.delivery) }).unzip();
        let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
        let of = params![customer.map(|it| it.0), meter.map(|it| it.0), by, delivery, count_max];
        let rows = find.query_map(of, queued)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many wait to be sent.
    pub fn delivery_waiting(&self, customer: Option<CustomerRow>, meter: Option<MeterRow>) -> Result<i64> {
        let sql = format!(
            "SELECT COUNT(*) FROM delivery WHERE {OPEN} AND state IN ('due', 'sending')
             AND (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR meter = ?2)"
        );
        let of = params![customer.map(|it| it.0), meter.map(|it| it.0)];
        Ok(self.conn.query_row(&sql, of, |row| row.get(0))?)
    }

    /// Until when usage of then can be sent, by what is known of its invoice.
    pub fn delivery_deadline(
        &self,
        customer: CustomerRow,
        timestamp: Timestamp,
        must_arrive_by: Timestamp,
    ) -> Result<Deadline> {
        let invoice_final = self.usage_is_invoiced(customer, timestamp)?;
        // An invoice that is held stays a draft until it is released: only the age of usage counts.
        let held = !invoice_final && self.usage_is_held(customer, timestamp)?;
        let must_arrive_by = if held { timestamp.plus(AGE_MAX_S) } else { must_arrive_by };
        Ok(Deadline { timestamp, must_arrive_by, invoice_final })
    }
}

impl Writer<'_> {
    /// Claims a delivery by the rule, or moves it to what it becomes instead. The claim must be committed before the
    /// socket opens.
    pub fn delivery_claim(&self, delivery: i64) -> Result<Claiming> {
        let sql = "SELECT customer, meter, event_name, cus, value, timestamp, identifier, must_arrive_by, state, attempts,
             server_errors, indefinite_at, next_attempt FROM delivery WHERE delivery = ?1";
        let mut find = self.conn.prepare_cached(sql)?;
        let (mut sending, must_arrive_by) = find.query_row([delivery], |row| {
            let payload = Payload {
                event_name: row.get(2)?,
                cus: row.get(3)?,
                value: row.get(4)?,
                timestamp: Timestamp(row.get(5)?),
            };
            let must_arrive_by = Timestamp(row.get(7)?);
            let progress = Progress {
                state: state_of(row, 8)?,
                attempts: row.get(9)?,
                server_errors: row.get(10)?,
                indefinite_at: maybe_at(row, 11)?,
                next_attempt: maybe_at(row, 12)?,
                accepted_at: None,
            };
            let pair = (CustomerRow(row.get(0)?), MeterRow(row.get(1)?));
            let claimed = Claimed { progress, earlier_indefinite: progress.indefinite_at };
            let identifier: String = row.get(6)?;
            let idempotency_key = idempotency_key(&identifier, progress.server_errors);
            Ok((Sending { delivery, pair, payload, identifier, idempotency_key, claimed }, must_arrive_by))
        })?;
        let at = sending.payload.timestamp;
        let deadline = self.reader().delivery_deadline(sending.pair.0, at, must_arrive_by)?;
        match claim(&sending.claimed.progress, &deadline, self.now) {
            Claim::Wait => Ok(Claiming::Wait),
            Claim::Give(state) => {
                self.delivery_give(delivery, state)?;
                Ok(Claiming::Gave(state))
            }
            Claim::Send(claimed) => {
                self.delivery_stamp(delivery, &claimed.progress)?;
                sending.claimed = claimed;
                Ok(Claiming::Send(Box::new(sending)))
            }
        }
    }

    fn delivery_give(&self, delivery: i64, state: State) -> Result<()> {
        let mut put = self
            .conn
            .prepare_cached("UPDATE delivery SET state = ?2, next_attempt = NULL WHERE delivery = ?1")?;
        put.execute(params![delivery, state.as_str()])?;
        Ok(())
    }

    fn delivery_stamp(&self, delivery: i64, progress: &Progress) -> Result<()> {
        let mut put = self.conn.prepare_cached(
            "UPDATE delivery SET state = ?2, attempts = ?3, indefinite_at = ?4, next_attempt = NULL,
             first_attempt = COALESCE(first_attempt, ?5), last_attempt = ?5 WHERE delivery = ?1",
        )?;
        let stamp = progress.indefinite_at.map(|at| at.0);
        put.execute(params![delivery, progress.state.as_str(), progress.attempts, stamp, self.now.0])?;
        Ok(())
    }

    /// Notes what an answer made of a claimed delivery.
    pub fn delivery_settle(&self, delivery: i64, progress: &Progress, note: &Note) -> Result<()> {
        let mut put = self.conn.prepare_cached(
            "UPDATE delivery SET state = ?2, server_errors = ?3, indefinite_at = ?4, next_attempt = ?5, accepted_at = ?6,
             last_error = ?7, request_id = COALESCE(?8, request_id) WHERE delivery = ?1 AND state = 'sending'",
        )?;
        let changed = put.execute(params![
            delivery,
            progress.state.as_str(),
            progress.server_errors,
            progress.indefinite_at.map(|at| at.0),
            progress.next_attempt.map(|at| at.0),
            progress.accepted_at.map(|at| at.0),
            note.error,
            note.request_id
        ])?;
        if changed == 1 {
            return Ok(());
        }
        Err(StoreError::Broken(format!("delivery {delivery} was answered but was not in flight")))
    }

    /// Looks at deliveries that are due, or in flight of a dead process, once more before anything is sent: a span that ended
    /// early moves the deadline;
    /// one whose terms changed is taken back, unless it may be at Stripe already, and its events are formed anew.
    /// Returns how many were taken back.
    pub fn delivery_refresh(&self, grace_s: i64) -> Result<i64> {
        let mut find = self.conn.prepare(&format!(
            "SELECT d.delivery, d.customer, d.meter, d.indefinite_at IS NULL, d.replaces IS NULL, d.must_arrive_by,
             d.price, d.period_end, s.to_at, s.period_end, s.price, s.from_at <= d.from_at AND d.to_at <= s.to_at
             FROM delivery d LEFT JOIN span s ON s.customer = d.customer AND s.meter = d.meter
               AND s.from_at <= d.timestamp AND d.timestamp < s.to_at
             WHERE {OPEN} AND d.state IN ('due', 'sending')"
        ))?;
        let mut rows = find.query([])?;
        let mut taken_back = 0;
        while let Some(row) = rows.next()? {
            let delivery: i64 = row.get(0)?;
            let (untouched, own): (bool, bool) = (row.get(3)?, row.get(4)?);
            let price: String = row.get(6)?;
            let span_price: Option<String> = row.get(10)?;
            let inside = row.get::<_, Option<bool>>(11)?.unwrap_or(false);
            if own && untouched && (span_price.as_deref() != Some(&price) || !inside) {
                self.delivery_take_back(delivery, "its span changed before it was sent")?;
                taken_back += 1;
                continue;
            }
            let (Some(to), Some(period_end)) = (row.get::<_, Option<i64>>(8)?, row.get::<_, Option<i64>>(9)?)
            else {
                continue;
            };
            let (customer, meter) = (row.get(1)?, row.get(2)?);
            let end = billed_until(&self.reader(), customer, meter, Timestamp(to), period_end, &price)?;
            let by = must_arrive_by(&self.reader(), customer, end, period_end, grace_s)?;
            if by != row.get::<_, i64>(5)? {
                let sql = "UPDATE delivery SET must_arrive_by = ?2 WHERE delivery = ?1";
                self.conn.execute(sql, params![delivery, by])?;
            }
        }
        Ok(taken_back)
    }

    /// Takes back every delivery that is not known to be at Stripe: it covers nothing any more, and what Stripe holds of
    /// its hour decides what of its events is sent. Only when nothing of this store can be on its way any more: then it
    /// is the same whether Stripe has one of these, for what it has is left out of what is formed anew.
    pub(in crate::store) fn delivery_forget(&self, evidence: &str) -> Result<()> {
        self.conn.execute(
            &format!(
                "UPDATE delivery SET state = 'unknown', next_attempt = NULL
                 WHERE {OPEN} AND state IN ('due', 'sending') AND indefinite_at IS NOT NULL"
            ),
            [],
        )?;
        self.conn.execute(
            &format!(
                "UPDATE delivery SET state = 'due', indefinite_at = NULL, evidence = ?1 WHERE {OPEN} AND state = 'unknown'"
            ),
            [evidence],
        )?;
        let mut find = self.conn.prepare(&format!(
            "SELECT delivery FROM delivery WHERE {OPEN} AND state IN ('due', 'rejected', 'late', 'too_late')"
        ))?;
        let open = find.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        open.into_iter().try_for_each(|delivery| self.delivery_take_back(delivery, evidence))
    }

    /// A delivery that is not at Stripe covers nothing any more; what it used of opening amounts is given back.
    pub(in crate::store) fn delivery_take_back(&self, delivery: i64, evidence: &str) -> Result<()> {
        self.opening_give_back(delivery)?;
        let sql =
            "UPDATE delivery SET state = 'cancelled', next_attempt = NULL, evidence = ?2 WHERE delivery = ?1";
        self.conn.execute(sql, params![delivery, evidence])?;
        Ok(())
    }

    /// Gives back what a delivery used of its hours' opening amounts. Before it stops covering its events.
    pub(in crate::store) fn opening_give_back(&self, delivery: i64) -> Result<()> {
        let sql = "SELECT customer, meter, from_at, to_at, opening FROM delivery WHERE delivery = ?1";
        let (customer, meter, from, to, mut left): (i64, i64, i64, i64, i64) =
            self.conn.query_row(sql, [delivery], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
        while left > 0 {
            let hour: Option<(i64, i64)> = self
                .conn
                .query_row(
                    "SELECT hour, used FROM opening WHERE customer = ?1 AND meter = ?2 AND used > 0
                     AND hour BETWEEN ?3 / 3600 AND (?4 - 1) / 3600 ORDER BY hour LIMIT 1",
                    params![customer, meter, from, to],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((hour, used)) = hour else {
                return Err(StoreError::Broken(format!("delivery {delivery} used more than its hours held")));
            };
            let part = used.min(left);
            self.conn.execute(
                "UPDATE opening SET used = used - ?4 WHERE customer = ?1 AND meter = ?2 AND hour = ?3",
                params![customer, meter, hour, part],
            )?;
            left -= part;
        }
        Ok(())
    }
}
