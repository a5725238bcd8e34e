//! What is compared with Stripe, and what differed.

mod full;

pub use full::{FullMark, Marked};

use rusqlite::{OptionalExtension, Row, params};

use super::{CustomerRow, MeterRow, Reader, Result, Writer};
use crate::billing::delivery::{Progress, State};
use crate::billing::reconcile::{Range, period_range};
use crate::billing::time::{DAY_S, HOUR_S, Timestamp};
use crate::store::checks::Check;
use crate::store::delivery::OPEN;

/// What must hold of reconcile.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I35",
        says: "a difference has one class: no place is missing and extra at once",
        sql: "SELECT a.finding FROM finding a JOIN finding b USING (customer, meter, from_at, to_at)
              WHERE a.class = 'missing' AND b.class = 'extra' AND a.gone_run IS NULL AND b.gone_run IS NULL
              AND a.last_run = b.last_run AND a.cause = b.cause",
    },
    Check {
        number: "I35",
        says: "every delivery belongs to a period that reconcile knows",
        sql: "SELECT d.delivery FROM delivery d LEFT JOIN pair_period p ON p.customer = d.customer AND p.meter = d.meter
              AND p.period_start = d.period_start WHERE p.customer IS NULL",
    },
    Check {
        number: "I35",
        says: "what was verified with Stripe has not changed since",
        sql: "SELECT printf('%d x %d from %d', p.customer, p.meter, p.period_start) FROM pair_period p LEFT JOIN
                (SELECT customer, meter, period_start, MAX(delivery) AS last,
                   SUM(CASE state WHEN 'accepted' THEN value ELSE 0 END) AS sum FROM delivery GROUP BY 1, 2, 3) d
              USING (customer, meter, period_start)
              WHERE p.revision = p.verified_revision AND p.verified_sum IS NOT NULL
              AND (p.verified_sum <> COALESCE(d.sum, 0) OR d.last > p.verified_delivery)",
    },
];

/// A customer x meter x stretch of one period to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairPeriod {
    /// Whose.
    pub customer: CustomerRow,
    /// Its own id.
    pub customer_id: String,
    /// `cus_…`.
    pub cus: String,
    /// Of what.
    pub meter: MeterRow,
    /// Its key.
    pub meter_key: String,
    /// `mtr_…`.
    pub meter_id: String,
    /// Start of the period.
    pub period_start: Timestamp,
    /// End of the period.
    pub period_end: Timestamp,
    /// What is compared.
    pub range: Range,
    /// Rises with everything that happens to its deliveries.
    pub revision: i64,
    /// The revision that matched Stripe.
    pub verified: i64,
    /// Asked after its end and grace.
    pub asked_after_close: bool,
}

/// A delivery as reconcile sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub delivery: i64,
    /// What Stripe was told.
    pub timestamp: Timestamp,
    /// The Stripe customer that it was sent for.
    pub cus: String,
    /// End of its window.
    pub to: Timestamp,
    /// After this its usage is not billed any more.
    pub must_arrive_by: Timestamp,
    /// Units.
    pub value: i64,
    /// Events.
    pub events: i64,
    /// Its first attempt.
    pub first_attempt: Option<Timestamp>,
    /// The code under which Stripe reported it as not counted.
    pub report_code: Option<String>,
    /// State and stamps.
    pub progress: Progress,
}

/// What Stripe held of an hour before this store sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldBefore {
    /// Start of the hour.
    pub from: Timestamp,
    /// Units.
    pub amount: i64,
    /// Of them, what deliveries were set off against.
    pub used: i64,
}

/// A delivery that stands for usage which did not reach Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// The meter's key.
    pub meter_key: String,
    /// The delivery.
    pub delivery: i64,
    /// Its state.
    pub state: State,
    /// What Stripe would be told.
    pub timestamp: Timestamp,
    /// After this its usage is not billed any more.
    pub must_arrive_by: Timestamp,
    /// Its window.
    pub window: Range,
    /// What Stripe said when it refused it.
    pub last_error: Option<String>,
    /// Start of the period.
    pub period_start: Timestamp,
    /// End of the period.
    pub period_end: Timestamp,
    /// Units.
    pub value: i64,
    /// Events.
    pub events: i64,
}

/// A delivery whose value is not that of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongValue {
    /// The delivery.
    pub delivery: i64,
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// The meter's key.
    pub meter_key: String,
    /// Its window.
    pub window: Range,
    /// Start of the period.
    pub period_start: Timestamp,
    /// What it says: units sent and held before.
    pub says: i64,
    /// What its events sum to.
    pub sum: i64,
    /// How many events.
    pub events: i64,
}

/// Which pair-periods are asked about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope {
    /// Of this customer only.
    pub customer: Option<CustomerRow>,
    /// Of this meter only.
    pub meter: Option<MeterRow>,
}

fn pair_period(row: &Row<'_>) -> rusqlite::Result<PairPeriod> {
    let (start, end) = (Timestamp(row.get(6)?), Timestamp(row.get(7)?));
    let next = row.get::<_, Option<i64>>(8)?.map(Timestamp);
    Ok(PairPeriod {
        customer: CustomerRow(row.get(0)?),
        customer_id: row.get(1)?,
        cus: row.get(2)?,
        meter: MeterRow(row.get(3)?),
        meter_key: row.get(4)?,
        meter_id: row.get(5)?,
        period_start: start,
        period_end: end,
        range: period_range(start, end, next),
        revision: row.get(9)?,
        verified: row.get(10)?,
        asked_after_close: row.get(11)?,
    })
}

/// Columns of [`pair_period`] with what they are read from: every period, or those an index names.
fn pair_period_sql(periods: &str) -> String {
    format!(
        "SELECT p.customer, c.id, c.cus, p.meter, m.key, m.stripe_id, p.period_start, p.period_end,
         (SELECT n.period_start FROM pair_period n WHERE n.customer = p.customer AND n.meter = p.meter
            AND n.period_start > p.period_start ORDER BY n.period_start LIMIT 1),
         p.revision, p.verified_revision, p.asked_after_close
         FROM pair_period p {periods} CROSS JOIN customer c ON c.customer = p.customer CROSS JOIN meter m ON m.meter = p.meter
         WHERE c.cus IS NOT NULL AND m.stripe_id IS NOT NULL AND (?1 IS NULL OR p.customer = ?1)
         AND (?2 IS NULL OR p.meter = ?2)"
    )
}

/// The order of customer x meter x period: by the operator's own words, then by time.
const PAIR_PERIOD_ORDER: &str = "ORDER BY 2, 5, 7";

/// Periods that changed since their last match, and those that are over and were not asked about since.
pub(super) fn pairs_changed_sql() -> String {
    let changed = pair_period_sql("INDEXED BY pair_period_changed");
    let closed = pair_period_sql("INDEXED BY pair_period_not_closed");
    format!(
        "{changed} AND p.revision <> p.verified_revision
         UNION ALL {closed} AND p.asked_after_close = 0 AND p.period_end <= ?3 AND p.revision = p.verified_revision
         {PAIR_PERIOD_ORDER}"
    )
}

/// Deliveries of a period of a pair `p`: a window begins in its period, unless the usage was moved there.
const OF_PERIOD: &str = "d.delivery IN (
       SELECT w.delivery FROM delivery w WHERE w.customer = p.customer AND w.meter = p.meter
         AND w.from_at >= p.period_start AND w.period_start = p.period_start
       UNION ALL SELECT v.delivery FROM delivery v WHERE v.customer = p.customer AND v.meter = p.meter AND v.replaces IS NOT NULL
         AND v.timestamp >= p.period_start AND v.from_at < p.period_start AND v.period_start = p.period_start)";

/// Deliveries whose value is not that of their events: of the periods that an index names.
pub(super) fn values_sql(all: bool) -> String {
    let (index, which) = if all {
        ("", "1")
    } else {
        (
            "INDEXED BY pair_period_changed",
            "p.revision <> p.verified_revision AND d.delivery > p.verified_delivery",
        )
    };
    format!(
        "SELECT d.delivery, d.customer, d.meter, m.key, d.from_at, d.to_at, d.period_start, d.value + d.opening,
         COALESCE((SELECT SUM(u.quantity) FROM usage_of_pair u WHERE u.customer = d.customer AND u.meter = d.meter
           AND u.block_to >= d.from_at * 1000000 AND u.block_from < d.to_at * 1000000
           AND u.at >= d.from_at * 1000000 AND u.at < d.to_at * 1000000
           AND u.seq > d.after_seq AND u.seq <= d.upto_seq), 0) AS sum, d.events
         FROM pair_period p {index} CROSS JOIN delivery d ON {OF_PERIOD} CROSS JOIN meter m ON m.meter = d.meter
         WHERE {which} AND (?1 IS NULL OR p.customer = ?1) AND (?2 IS NULL OR p.meter = ?2)
         AND d.state NOT IN ('lost', 'cancelled', 'replaced') AND d.value + d.opening <> sum ORDER BY d.delivery"
    )
}

/// Deliveries of a pair with a timestamp in a range. A timestamp lies in the window, which is no longer than a day, unless
/// the usage was moved into another period: then it is after it.
pub(super) const ENTRIES: &str =
    "SELECT delivery, timestamp, to_at, value, events, state, attempts, server_errors, indefinite_at, accepted_at,
     cus, must_arrive_by, first_attempt, report_code FROM delivery WHERE customer = ?1 AND meter = ?2
     AND from_at > ?3 - 86400 AND from_at < ?4 AND timestamp >= ?3 AND timestamp < ?4
     UNION ALL
     SELECT delivery, timestamp, to_at, value, events, state, attempts, server_errors, indefinite_at, accepted_at,
     cus, must_arrive_by, first_attempt, report_code FROM delivery WHERE customer = ?1 AND meter = ?2
     AND replaces IS NOT NULL AND timestamp >= ?3 AND timestamp < ?4 AND from_at <= ?3 - 86400
     ORDER BY 2, 1";

/// Deliveries that were not sent, and cannot have arrived.
pub(super) fn not_sent_sql() -> String {
    format!(
        "SELECT d.customer, d.meter, m.key, d.delivery, d.state, d.to_at, d.period_start, d.period_end, d.value, d.events,
         d.timestamp, d.must_arrive_by, d.from_at, d.last_error
         FROM delivery d INDEXED BY delivery_open CROSS JOIN meter m ON m.meter = d.meter
         WHERE {OPEN} AND (d.state IN ('late', 'too_late', 'rejected') OR d.state = 'due' AND d.indefinite_at IS NULL)
         AND (?1 IS NULL OR d.customer = ?1) AND (?2 IS NULL OR d.meter = ?2) ORDER BY d.delivery"
    )
}

impl Reader<'_> {
    /// Every customer x meter x period that deliveries were formed for, in order.
    pub fn pair_periods(&self, scope: &Scope) -> Result<Vec<PairPeriod>> {
        let mut find = self.conn.prepare(&format!("{} {PAIR_PERIOD_ORDER}", pair_period_sql("")))?;
        let rows =
            find.query_map(params![scope.customer.map(|it| it.0), scope.meter.map(|it| it.0)], pair_period)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Those of them that changed since they last matched, and those that ended by `closed_by` and were not asked about
    /// since. Reads nothing else, however many there are.
    pub fn pairs_changed(&self, scope: &Scope, closed_by: Timestamp) -> Result<Vec<PairPeriod>> {
        let mut find = self.conn.prepare(&pairs_changed_sql())?;
        let of = params![scope.customer.map(|it| it.0), scope.meter.map(|it| it.0), closed_by.0];
        Ok(find.query_map(of, pair_period)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The newest delivery.
    pub fn delivery_last(&self) -> Result<i64> {
        Ok(self.conn.query_row("SELECT COALESCE(MAX(delivery), 0) FROM delivery", [], |row| row.get(0))?)
    }

    /// Deliveries of a pair with a timestamp in a range.
    pub fn reconcile_entries(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        range: Range,
    ) -> Result<Vec<Entry>> {
        let mut find = self.conn.prepare_cached(ENTRIES)?;
        let rows = find.query_map(params![customer.0, meter.0, range.from.0, range.to.0], |row| {
            let state: String = row.get(5)?;
            let progress = Progress {
                attempts: row.get(6)?,
                server_errors: row.get(7)?,
                indefinite_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
                accepted_at: row.get::<_, Option<i64>>(9)?.map(Timestamp),
                ..Progress::fresh(State::parse(&state).unwrap_or(State::Unknown))
            };
            Ok(Entry {
                delivery: row.get(0)?,
                timestamp: Timestamp(row.get(1)?),
                cus: row.get(10)?,
                to: Timestamp(row.get(2)?),
                must_arrive_by: Timestamp(row.get(11)?),
                value: row.get(3)?,
                events: row.get(4)?,
                first_attempt: row.get::<_, Option<i64>>(12)?.map(Timestamp),
                report_code: row.get(13)?,
                progress,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What Stripe held of a pair before this store, by hour.
    pub fn reconcile_held(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        range: Range,
    ) -> Result<Vec<HeldBefore>> {
        let mut find = self.conn.prepare_cached(
            "SELECT hour * 3600, amount, used FROM opening WHERE customer = ?1 AND meter = ?2
             AND hour >= ?3 / 3600 AND hour * 3600 < ?4 ORDER BY hour",
        )?;
        let rows = find.query_map(params![customer.0, meter.0, range.from.0, range.to.0], |row| {
            Ok(HeldBefore { from: Timestamp(row.get(0)?), amount: row.get(1)?, used: row.get(2)? })
        })?;
        let mut held = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        for it in &mut held {
            let to = it.from.plus(HOUR_S);
            if it.from < range.from || range.to < to {
                // A period ends inside the hour: what was set off there belongs to where the usage is.
                let used =
                    it.used.min(self.opening_within(customer, meter, Range { from: it.from, to }, range)?);
                it.amount -= it.used - used;
                it.used = used;
                it.from = it.from.max(range.from);
            }
        }
        Ok(held)
    }

    /// What deliveries that touch an hour, with a timestamp in a range, were set off against.
    fn opening_within(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        hour: Range,
        range: Range,
    ) -> Result<i64> {
        let mut find = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(opening), 0) FROM delivery WHERE customer = ?1 AND meter = ?2 AND from_at < ?4 AND to_at > ?3
             AND from_at > ?3 - 86400 AND timestamp >= ?5 AND timestamp < ?6 AND opening > 0
             AND state NOT IN ('lost', 'cancelled', 'replaced')",
        )?;
        let of = params![customer.0, meter.0, hour.from.0, hour.to.0, range.from.0, range.to.0];
        Ok(find.query_row(of, |row| row.get(0))?)
    }

    /// Billable usage of a pair in a range: units and events. Whole days come from rollups, the edges from events.
    pub fn reconcile_recorded(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        range: Range,
    ) -> Result<(i64, i64)> {
        let (whole_from, whole_to) = (range.from.ceil(DAY_S), range.to.floor(DAY_S));
        if whole_from >= whole_to {
            return self.recorded_events(customer, meter, range);
        }
        let mut find = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(r.sum), 0), COALESCE(SUM(r.events), 0) FROM rollup r JOIN span s USING (span)
             WHERE r.customer = ?1 AND r.meter = ?2 AND r.day >= ?3 AND r.day < ?4 AND s.price IS NOT NULL",
        )?;
        let of = params![customer.0, meter.0, whole_from.0 / DAY_S, whole_to.0 / DAY_S];
        let (mut units, mut events): (i64, i64) = find.query_row(of, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let edges = [Range { from: range.from, to: whole_from }, Range { from: whole_to, to: range.to }];
        for edge in edges.into_iter().filter(|edge| edge.from < edge.to) {
            let (more_units, more_events) = self.recorded_events(customer, meter, edge)?;
            units += more_units;
            events += more_events;
        }
        Ok((units, events))
    }

    fn recorded_events(&self, customer: CustomerRow, meter: MeterRow, range: Range) -> Result<(i64, i64)> {
        let mut find = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(u.quantity), 0), COUNT(*) FROM span s CROSS JOIN usage_of_pair u
             ON u.customer = s.customer AND u.meter = s.meter
             AND u.block_to >= MAX(s.from_at, ?3) * 1000000 AND u.block_from < MIN(s.to_at, ?4) * 1000000
             AND u.at >= MAX(s.from_at, ?3) * 1000000 AND u.at < MIN(s.to_at, ?4) * 1000000
             WHERE s.customer = ?1 AND s.meter = ?2 AND s.price IS NOT NULL AND s.from_at < ?4 AND s.to_at > ?3",
        )?;
        let of = params![customer.0, meter.0, range.from.0, range.to.0];
        Ok(find.query_row(of, |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Deliveries that were not sent, and cannot have arrived: due without a doubtful attempt, late, too late, rejected.
    pub fn reconcile_not_sent(&self, scope: &Scope) -> Result<Vec<Held>> {
        let mut find = self.conn.prepare(&not_sent_sql())?;
        let rows =
            find.query_map(params![scope.customer.map(|it| it.0), scope.meter.map(|it| it.0)], |row| {
                let state: String = row.get(4)?;
                Ok(Held {
                    customer: CustomerRow(row.get(0)?),
                    meter: MeterRow(row.get(1)?),
                    meter_key: row.get(2)?,
                    delivery: row.get(3)?,
                    state: State::parse(&state).unwrap_or(State::Unknown),
                    window: Range { from: Timestamp(row.get(12)?), to: Timestamp(row.get(5)?) },
                    last_error: row.get(13)?,
                    period_start: Timestamp(row.get(6)?),
                    period_end: Timestamp(row.get(7)?),
                    value: row.get(8)?,
                    events: row.get(9)?,
                    timestamp: Timestamp(row.get(10)?),
                    must_arrive_by: Timestamp(row.get(11)?),
                })
            })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Deliveries whose value is not that of the events that they cover: those formed since the last look at their
    /// pair, or all. Events never change and a range never gains one, so that once is enough.
    pub fn reconcile_values(&self, scope: &Scope, all: bool) -> Result<Vec<WrongValue>> {
        let mut find = self.conn.prepare(&values_sql(all))?;
        let rows =
            find.query_map(params![scope.customer.map(|it| it.0), scope.meter.map(|it| it.0)], |row| {
                Ok(WrongValue {
                    delivery: row.get(0)?,
                    customer: CustomerRow(row.get(1)?),
                    meter: MeterRow(row.get(2)?),
                    meter_key: row.get(3)?,
                    window: Range { from: Timestamp(row.get(4)?), to: Timestamp(row.get(5)?) },
                    period_start: Timestamp(row.get(6)?),
                    says: row.get(7)?,
                    sum: row.get(8)?,
                    events: row.get(9)?,
                })
            })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The billing period of a pair that holds an instant, as its deliveries know it.
    pub fn pair_period_at(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        at: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let mut find = self.conn.prepare_cached(
            "SELECT period_start FROM pair_period WHERE customer = ?1 AND meter = ?2 AND period_start <= ?3
             ORDER BY period_start DESC LIMIT 1",
        )?;
        let found = find.query_row(params![customer.0, meter.0, at.0], |row| row.get(0)).optional()?;
        Ok(found.map(Timestamp))
    }
}

impl Writer<'_> {
    /// A pair-period was asked and Stripe's sum of it read: when it `matched`, its revision and the deliveries up to
    /// `last_delivery` are settled.
    pub fn pair_period_asked(
        &self,
        it: &PairPeriod,
        matched: bool,
        after_close: bool,
        last_delivery: i64,
        stripe: i64,
    ) -> Result<()> {
        let mut put = self.conn.prepare_cached(&asked_sql())?;
        put.execute(params![
            it.customer.0,
            it.meter.0,
            it.period_start.0,
            after_close,
            matched,
            it.revision,
            last_delivery,
            stripe
        ])?;
        Ok(())
    }
}

/// Notes that a period was asked, and what was verified by it.
pub(super) fn asked_sql() -> String {
    format!(
        "UPDATE pair_period AS p SET asked_after_close = MAX(asked_after_close, ?4), stripe = ?8,
         verified_revision = CASE WHEN ?5 THEN ?6 ELSE verified_revision END,
         verified_delivery = CASE WHEN ?5 THEN MAX(verified_delivery, ?7) ELSE verified_delivery END,
         verified_sum = CASE WHEN ?5 THEN
           (SELECT COALESCE(SUM(d.value), 0) FROM delivery d WHERE {OF_PERIOD} AND d.state = 'accepted')
           ELSE verified_sum END
         WHERE p.customer = ?1 AND p.meter = ?2 AND p.period_start = ?3"
    )
}

#[cfg(test)]
mod tests;
