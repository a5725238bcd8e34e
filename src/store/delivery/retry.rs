//! What a person decides: another try under a new identifier, a wait cut short, a word on what is not known.

use rusqlite::params;

use super::{Delivery, OPEN, State, deadline};
use crate::billing::delivery::{Payload, identifier};
use crate::billing::time::Timestamp;
use crate::store::span::SpanCache;
use crate::store::{Reader, Result, StoreError, Writer};

/// Where a successor's usage is to be billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// When it happened, as Stripe is told.
    pub timestamp: Timestamp,
    /// The open period to move it into, with its deadline; `None` keeps its own.
    pub into: Option<OpenSpan>,
    /// The deadline.
    pub must_arrive_by: Timestamp,
}

/// The billing period that is open now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSpan {
    /// Its start.
    pub period_start: Timestamp,
    /// Its end.
    pub period_end: Timestamp,
}

/// What a retry made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retried {
    /// The delivery that was given up.
    pub old: i64,
    /// The one that took its place.
    pub new: i64,
}

impl Reader<'_> {
    /// The billable period of a delivery's customer and meter that holds `at`: start, end and price, and until when usage
    /// of it can arrive by a grace of so many seconds.
    pub fn span_billable_at(
        &self,
        delivery: &Delivery,
        at: Timestamp,
        grace_s: i64,
    ) -> Result<Option<(OpenSpan, String, Timestamp)>> {
        let (customer, meter) = (delivery.customer, delivery.meter);
        let (span, _) = SpanCache::default().derive(self, customer, meter, at)?;
        let open = OpenSpan { period_start: span.period.start, period_end: span.period.end };
        let Some(price) = span.treatment.price() else { return Ok(None) };
        let by = deadline(self, customer, meter, span.to, span.period.end, price, grace_s)?;
        Ok(Some((open, price.to_owned(), by)))
    }
}

impl Writer<'_> {
    /// Puts a successor with a new identifier in the place of a delivery that cannot be at Stripe.
    pub fn delivery_replace(&self, old: &Delivery, retry: &Retry, price: &str) -> Result<Retried> {
        if !old.progress.state.may_be_replaced() {
            let why = format!("delivery {} is {} and cannot be replaced", old.delivery, old.progress.state);
            return Err(StoreError::Broken(why));
        }
        let why = self.origin.reason.as_deref().unwrap_or("retried");
        // What is lost or cancelled keeps its word: it says what happened at Stripe.
        if !matches!(old.progress.state, State::Lost | State::Cancelled) {
            self.conn.execute(
                "UPDATE delivery SET state = 'replaced', evidence = ?2 WHERE delivery = ?1",
                params![old.delivery, why],
            )?;
        }
        let scope = self.reader().info()?.scope();
        let new: i64 = self.conn.query_row("SELECT MAX(delivery) + 1 FROM delivery", [], |row| row.get(0))?;
        let payload = Payload {
            event_name: old.event_name.clone(),
            cus: old.cus.clone(),
            value: old.value,
            timestamp: retry.timestamp,
        };
        let period =
            retry.into.unwrap_or(OpenSpan { period_start: old.period_start, period_end: old.period_end });
        self.conn.execute(
            "INSERT INTO delivery (delivery, customer, meter, from_at, to_at, after_seq, upto_seq, events, value, opening,
             timestamp, period_start, period_end, price, must_arrive_by, event_name, cus, identifier, state, replaces,
             created_at, run)
             SELECT ?2, customer, meter, from_at, to_at, after_seq, upto_seq, events, value, opening, ?3, ?4, ?5, ?6, ?7,
             event_name, cus, ?8, 'due', ?1, ?9, ?10 FROM delivery WHERE delivery = ?1",
            params![
                old.delivery,
                new,
                retry.timestamp.0,
                period.period_start.0,
                period.period_end.0,
                price,
                retry.must_arrive_by.0,
                identifier(&scope, new, &payload),
                self.now.0,
                self.run
            ],
        )?;
        Ok(Retried { old: old.delivery, new })
    }

    /// Lets deliveries that wait for their next attempt go out at once. Returns how many.
    pub fn delivery_hurry(&self, delivery: Option<i64>) -> Result<i64> {
        let sql = format!(
            "UPDATE delivery SET next_attempt = NULL WHERE {OPEN} AND state = 'due' AND next_attempt IS NOT NULL
             AND (?1 IS NULL OR delivery = ?1)"
        );
        let changed = self.conn.execute(&sql, [delivery])?;
        Ok(i64::try_from(changed).unwrap_or(i64::MAX))
    }

    /// Notes a person's word on a delivery that is unknown: Stripe has it, or it never arrived and may be sent again
    /// under the same identifier.
    pub fn delivery_decide(&self, delivery: i64, arrived: bool, evidence: &str) -> Result<()> {
        let sql = if arrived {
            "UPDATE delivery SET state = 'accepted', accepted_at = ?3, evidence = ?2 WHERE delivery = ?1 AND state = 'unknown'"
        } else {
            "UPDATE delivery SET state = 'due', indefinite_at = NULL, next_attempt = NULL, evidence = ?2
             WHERE delivery = ?1 AND state = 'unknown' AND ?3 IS NOT NULL"
        };
        if self.conn.execute(sql, params![delivery, evidence, self.now.0])? == 1 {
            return Ok(());
        }
        Err(StoreError::Broken(format!("delivery {delivery} is not unknown")))
    }
}
