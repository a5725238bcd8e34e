//! Deliveries: formed from uncovered usage, claimed before a socket opens, moved by answers, read by reports.
//!
//! What holds: one push per store at a time, by its lock, so that a `sending` row seen under it is a dead process's;
//! what a delivery sends never changes after its row is written; and what covers no event any more makes its pair be
//! looked at again.

mod cancel;
mod claim;
mod form;
mod read;
mod retry;
#[cfg(test)]
mod tests;

pub use cancel::Cancellation;
pub use claim::{Claiming, Note, Queued, Sending};
pub(in crate::store) use form::deadline;
pub use form::{FormAsk, FormDone, Uncovered, Which};
#[cfg(test)]
pub(in crate::store) use form::{LEFT, NOTHING_BILLED};
pub use read::{DeliveryFilter, LeftBehind, OpenPeriod, PeriodTerms, StatusLine};
pub use retry::{OpenSpan, Retried, Retry};

use rusqlite::Row;

use super::checks::Check;
use super::{CustomerRow, MeterRow};
use crate::billing::delivery::{Progress, State};
use crate::billing::time::Timestamp;

/// The states that cover events, for SQL.
const COVERS: &str = "('due', 'sending', 'accepted', 'rejected', 'unknown', 'late', 'too_late', 'closed')";

/// The states that still need something, as the partial index `delivery_open` names them: said word for word, or SQLite
/// reads every delivery there ever was. Of `delivery` alone: no other table that it is joined with has states.
pub(in crate::store) const OPEN: &str = "(state = 'due' OR state = 'sending' OR state = 'unknown' OR state = 'late' \
     OR state = 'too_late' OR state = 'rejected')";
/// The states of what is sent no more and was made up for, as the partial index `delivery_ended` names them.
pub(in crate::store) const ENDED: &str = "(state = 'lost' OR state = 'cancelled' OR state = 'replaced')";

/// A delivery as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub delivery: i64,
    /// Whose usage.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// The customer's own id.
    pub customer_id: String,
    /// The meter's key.
    pub meter_key: String,
    /// Start of its window.
    pub from: Timestamp,
    /// End of its window, exclusive.
    pub to: Timestamp,
    /// It covers events after this sequence number …
    pub after_seq: i64,
    /// … up to and with this one.
    pub upto_seq: i64,
    /// How many events.
    pub events: i64,
    /// Units sent.
    pub value: i64,
    /// Units of its events that Stripe held before this store sent any.
    pub opening: i64,
    /// When it happened, as Stripe is told.
    pub timestamp: Timestamp,
    /// Start of the billing period.
    pub period_start: Timestamp,
    /// End of the billing period.
    pub period_end: Timestamp,
    /// The Stripe price that bills it.
    pub price: String,
    /// After this it would not be billed.
    pub must_arrive_by: Timestamp,
    /// Name of the meter event.
    pub event_name: String,
    /// The Stripe customer.
    pub cus: String,
    /// What Stripe tells repeats by.
    pub identifier: String,
    /// How far its sending has come.
    pub progress: Progress,
    /// When it was first claimed.
    pub first_attempt: Option<Timestamp>,
    /// When it was last claimed.
    pub last_attempt: Option<Timestamp>,
    /// What the last unsuccessful answer said.
    pub last_error: Option<String>,
    /// Stripe's id of the last request.
    pub request_id: Option<String>,
    /// The delivery whose place it took.
    pub replaces: Option<i64>,
    /// How its state was decided other than by an answer.
    pub evidence: Option<String>,
}

const COLUMNS: &str = "d.delivery, d.customer, d.meter, c.id, m.key, d.from_at, d.to_at, d.after_seq, d.upto_seq, \
     d.events, d.value, d.opening, d.timestamp, d.period_start, d.period_end, d.price, d.must_arrive_by, \
     d.event_name, d.cus, d.identifier, d.state, d.attempts, d.server_errors, d.indefinite_at, d.next_attempt, \
     d.accepted_at, d.first_attempt, d.last_attempt, d.last_error, d.request_id, d.replaces, d.evidence";
const TABLES: &str = "delivery d JOIN customer c USING (customer) JOIN meter m USING (meter)";

fn maybe_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
}

fn state_of(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let text = row.get_ref(column)?.as_str()?;
    State::parse(text).ok_or_else(|| {
        let why = format!("`{text}` is no state of a delivery");
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, why.into())
    })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let progress = Progress {
        state: state_of(row, 20)?,
        attempts: row.get(21)?,
        server_errors: row.get(22)?,
        indefinite_at: maybe_at(row, 23)?,
        next_attempt: maybe_at(row, 24)?,
        accepted_at: maybe_at(row, 25)?,
    };
    Ok(Delivery {
        delivery: row.get(0)?,
        customer: CustomerRow(row.get(1)?),
        meter: MeterRow(row.get(2)?),
        customer_id: row.get(3)?,
        meter_key: row.get(4)?,
        from: Timestamp(row.get(5)?),
        to: Timestamp(row.get(6)?),
        after_seq: row.get(7)?,
        upto_seq: row.get(8)?,
        events: row.get(9)?,
        value: row.get(10)?,
        opening: row.get(11)?,
        timestamp: Timestamp(row.get(12)?),
        period_start: Timestamp(row.get(13)?),
        period_end: Timestamp(row.get(14)?),
        price: row.get(15)?,
        must_arrive_by: Timestamp(row.get(16)?),
        event_name: row.get(17)?,
        cus: row.get(18)?,
        identifier: row.get(19)?,
        progress,
        first_attempt: maybe_at(row, 26)?,
        last_attempt: maybe_at(row, 27)?,
        last_error: row.get(28)?,
        request_id: row.get(29)?,
        replaces: row.get(30)?,
        evidence: row.get(31)?,
    })
}

/// What must hold of deliveries.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I10",
        says: "no usage event is covered twice: two covering deliveries never overlap in both time and sequence",
        sql: "SELECT b.delivery FROM delivery a JOIN delivery b ON a.customer = b.customer AND a.meter = b.meter
              AND b.from_at > a.from_at - 86400 AND b.from_at < a.to_at AND a.from_at < b.to_at
              AND a.after_seq < b.upto_seq AND b.after_seq < a.upto_seq AND a.delivery <> b.delivery
              WHERE a.state NOT IN ('lost', 'cancelled', 'replaced') AND b.state NOT IN ('lost', 'cancelled', 'replaced')",
    },
    Check {
        number: "I10",
        says: "no billable usage event is forgotten: it is covered, or its customer and meter are still looked at",
        sql: "SELECT u.seq FROM usage_event u JOIN span s ON s.customer = u.customer AND s.meter = u.meter
              AND s.from_at * 1000000 <= u.at AND u.at < s.to_at * 1000000 AND s.price IS NOT NULL
              LEFT JOIN pair p ON p.customer = u.customer AND p.meter = u.meter
              WHERE u.seq <= (SELECT seq FROM pair_watermark)
              AND (p.left_from IS NULL OR u.at < p.left_from * 1000000)
              AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.customer = u.customer AND d.meter = u.meter
                AND d.from_at > u.at / 1000000 - 86400 AND d.from_at * 1000000 <= u.at AND u.at < d.to_at * 1000000
                AND d.after_seq < u.seq AND u.seq <= d.upto_seq AND d.state NOT IN ('lost', 'cancelled', 'replaced'))",
    },
    Check {
        number: "I11",
        says: "an identifier has at most 100 characters and comes from a store and a row",
        sql: "SELECT delivery FROM delivery WHERE length(identifier) > 100
              OR identifier NOT GLOB 'pg_' || '[0-9a-f]*_' || delivery || '_[0-9a-f]*'",
    },
    Check {
        number: "I13",
        says: "a delivery's count and value are those of the events that it covers",
        sql: "SELECT d.delivery FROM delivery d WHERE d.state NOT IN ('lost', 'cancelled', 'replaced') AND NOT EXISTS (
                SELECT 1 FROM (SELECT COUNT(*) n, COALESCE(SUM(u.quantity), 0) s FROM usage_of_pair u
                  WHERE u.customer = d.customer AND u.meter = d.meter
                  AND u.block_to >= d.from_at * 1000000 AND u.block_from < d.to_at * 1000000
                  AND u.at >= d.from_at * 1000000 AND u.at < d.to_at * 1000000
                  AND u.seq > d.after_seq AND u.seq <= d.upto_seq)
                WHERE n = d.events AND s = d.value + d.opening)",
    },
    Check {
        number: "I13",
        says: "what deliveries left out because Stripe held it is what was used of the opening amounts",
        sql: "SELECT o.customer || ' x ' || o.meter FROM (SELECT customer, meter, SUM(used) used FROM opening GROUP BY 1, 2) o
              WHERE o.used <> (SELECT COALESCE(SUM(d.opening), 0) FROM delivery d WHERE d.customer = o.customer
                AND d.meter = o.meter AND d.state NOT IN ('lost', 'cancelled', 'replaced'))",
    },
    Check {
        number: "I17",
        says: "what was taken back at Stripe is cancelled here",
        sql: "SELECT c.cancellation FROM cancellation c JOIN delivery d USING (delivery)
              WHERE c.state = 'done' AND d.state NOT IN ('cancelled', 'lost', 'replaced', 'rejected')",
    },
    Check {
        number: "I13",
        says: "the sums that are kept of settled deliveries are theirs",
        sql: "SELECT meter || ' ' || state FROM (
                SELECT meter, state, deliveries n, events e, value v FROM delivery_total
                UNION ALL SELECT meter, state, -COUNT(*), -SUM(events), -SUM(value) FROM delivery
                  WHERE state IN ('accepted', 'closed') GROUP BY meter, state)
              GROUP BY meter, state HAVING SUM(n) <> 0 OR SUM(e) <> 0 OR SUM(v) <> 0",
    },
    Check {
        number: "I14",
        says: "nothing is sent again later than 23 hours after its first attempt of unknown outcome",
        sql: "SELECT delivery FROM delivery WHERE last_attempt - indefinite_at > 82800 AND evidence IS NULL",
    },
    Check {
        number: "I15",
        says: "nothing older than 35 days was sent",
        sql: "SELECT delivery FROM delivery WHERE last_attempt - timestamp > 35 * 86400",
    },
    Check {
        number: "I16",
        says: "one delivery in flight for each customer and meter",
        sql: "SELECT customer || ' x ' || meter FROM delivery WHERE state = 'sending' GROUP BY customer, meter HAVING COUNT(*) > 1",
    },
    Check {
        number: "I17",
        says: "a state has what it must have come with",
        sql: "SELECT delivery FROM delivery WHERE (state = 'accepted' AND accepted_at IS NULL)
              OR (state IN ('sending', 'unknown') AND indefinite_at IS NULL)
              OR (state IN ('late', 'too_late') AND indefinite_at IS NOT NULL AND evidence IS NULL)
              OR (state = 'closed') <> (value = 0)",
    },
];
