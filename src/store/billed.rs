//! What of a billing period's usage ought to be on an invoice.

use rusqlite::{Row, params};

use super::reconcile::{ENTRIES, Scope};
use super::{CustomerRow, MeterRow, Reader, Result};
use crate::billing::period::Period;
use crate::billing::reconcile::Range;
use crate::billing::span::Exempt;
use crate::billing::time::{EARLIEST, Timestamp};

/// Recorded usage of one customer, meter and billing period under one price, or exempt for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageOf {
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
    pub meter_id: Option<String>,
    /// Start of the billing period.
    pub period_start: Timestamp,
    /// End of the billing period.
    pub period_end: Timestamp,
    /// `price_…` that bills it.
    pub price: Option<String>,
    /// Why none does.
    pub exempt: Option<Exempt>,
    /// `sub_…` it was recorded under.
    pub sub: Option<String>,
    /// Units.
    pub units: i64,
    /// First second that its terms do not hold for any more.
    pub until: Timestamp,
    /// Without a tier: a tier had ended there.
    pub is_after_tier: bool,
}

/// What became of the deliveries of a customer and meter in a stretch, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeliveredOf {
    /// Accepted, or held by Stripe before this store.
    pub sent: i64,
    /// Not sent in time.
    pub late: i64,
}

/// Events of a delivery that lie in another span than the instant that Stripe was told: history changed after it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    /// The delivery.
    pub delivery: i64,
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// Its key.
    pub meter_key: String,
    /// Its window.
    pub window: Range,
    /// Start of the period that it was sent for.
    pub period_start: Timestamp,
    /// End of the period that it was sent for.
    pub period_end: Timestamp,
    /// Units that it sent.
    pub value: i64,
    /// Units that another price, period or none bills.
    pub units: i64,
    /// Where they belong: the first instant of each span, with its units.
    pub parts: Vec<(Timestamp, i64)>,
    /// How many events they are.
    pub events: i64,
    /// Its first attempt.
    pub first_attempt: Option<Timestamp>,
    /// What Stripe was told.
    pub timestamp: Timestamp,
    /// After this its usage is not billed any more.
    pub must_arrive_by: Timestamp,
}

/// Accepted deliveries with events of another span than their timestamp: of the periods that changed, or of all, and only
/// where more than one price or period meet.
pub(super) fn misplaced_sql(all: bool) -> String {
    let (index, which) =
        if all { ("", "1") } else { ("INDEXED BY pair_period_changed", "p.revision <> p.verified_revision") };
    format!(
        "WITH changed AS MATERIALIZED (SELECT p.customer, p.meter, p.period_start FROM pair_period p {index}
           WHERE {which} AND (?1 IS NULL OR p.customer = ?1) AND (?2 IS NULL OR p.meter = ?2)
           AND (SELECT COUNT(DISTINCT COALESCE(x.price, '') || x.period_start) FROM span x WHERE x.customer = p.customer
             AND x.meter = p.meter AND x.from_at < p.period_end AND x.to_at > p.period_start) > 1)
         SELECT d.delivery, d.customer, d.meter, d.from_at, d.to_at, d.period_start, d.period_end, d.value,
         SUM(u.quantity), COUNT(*), d.first_attempt, d.timestamp, d.must_arrive_by, s.from_at,
         (SELECT key FROM meter WHERE meter = d.meter)
         FROM changed p CROSS JOIN delivery d ON d.customer = p.customer AND d.meter = p.meter
           AND d.from_at >= p.period_start AND d.period_start = p.period_start
         JOIN span t ON t.customer = d.customer AND t.meter = d.meter AND t.from_at <= d.timestamp AND d.timestamp < t.to_at
         JOIN span s ON s.customer = d.customer AND s.meter = d.meter AND s.from_at < d.to_at AND s.to_at > d.from_at
           AND (s.price IS NOT t.price OR s.period_start <> t.period_start)
         JOIN usage_of_pair u ON u.customer = d.customer AND u.meter = d.meter
           AND u.block_to >= MAX(s.from_at, d.from_at) * 1000000 AND u.block_from < MIN(s.to_at, d.to_at) * 1000000
           AND u.at >= MAX(s.from_at, d.from_at) * 1000000 AND u.at < MIN(s.to_at, d.to_at) * 1000000
           AND u.seq > d.after_seq AND u.seq <= d.upto_seq
         WHERE d.state = 'accepted' AND d.from_at <= d.timestamp AND d.timestamp < d.to_at
         GROUP BY d.delivery, s.span HAVING SUM(u.quantity) <> 0 ORDER BY d.delivery, s.from_at"
    )
}

/// A rollup is the sum of a UTC day and a span, so that a month is exact: where a span begins or ends in a day, each has its own.
const UNTIERED: &str = "SELECT s.customer, c.id, c.cus, s.meter, m.key, m.stripe_id,
     MAX(s.from_at, unixepoch(r.day * 86400, 'unixepoch', 'start of month')) AS begun,
     MIN(s.to_at, unixepoch(r.day * 86400, 'unixepoch', 'start of month', '+1 month')) AS ended,
     NULL, s.exempt, NULL, SUM(r.sum), s.to_at, s.from_at > ?5 FROM span s
     CROSS JOIN rollup r ON r.customer = s.customer AND r.meter = s.meter AND r.span = s.span
       AND r.day BETWEEN MAX(s.from_at, ?1 - 31 * 86400) / 86400 AND MIN(s.to_at, ?2) / 86400
     JOIN customer c ON c.customer = s.customer JOIN meter m ON m.meter = s.meter
     WHERE c.cus IS NOT NULL AND s.exempt = 'no_tier' AND s.to_at > ?1 AND s.from_at < ?2
     AND (?3 IS NULL OR s.customer = ?3) AND (?4 IS NULL OR s.meter = ?4)
     GROUP BY s.span, begun HAVING ended > ?1 AND ended <= ?2
     ORDER BY c.id, m.key, begun";

fn usage_of(row: &Row<'_>) -> rusqlite::Result<UsageOf> {
    let exempt: Option<String> = row.get(9)?;
    Ok(UsageOf {
        customer: CustomerRow(row.get(0)?),
        customer_id: row.get(1)?,
        cus: row.get(2)?,
        meter: MeterRow(row.get(3)?),
        meter_key: row.get(4)?,
        meter_id: row.get(5)?,
        period_start: Timestamp(row.get(6)?),
        period_end: Timestamp(row.get(7)?),
        price: row.get(8)?,
        exempt: exempt.and_then(|word| Exempt::parse(&word)),
        sub: row.get(10)?,
        units: row.get(11)?,
        until: Timestamp(row.get(12)?),
        is_after_tier: row.get(13)?,
    })
}

impl Reader<'_> {
    /// Accepted deliveries with events that belong elsewhere now: of pairs that changed since their last match, or of all.
    pub fn bill_misplaced(&self, scope: &Scope, all: bool) -> Result<Vec<Misplaced>> {
        let mut find = self.conn.prepare(&misplaced_sql(all))?;
        let rows =
            find.query_map(params![scope.customer.map(|it| it.0), scope.meter.map(|it| it.0)], |row| {
                Ok(Misplaced {
                    delivery: row.get(0)?,
                    customer: CustomerRow(row.get(1)?),
                    meter: MeterRow(row.get(2)?),
                    meter_key: row.get(14)?,
                    window: Range { from: Timestamp(row.get(3)?), to: Timestamp(row.get(4)?) },
                    period_start: Timestamp(row.get(5)?),
                    period_end: Timestamp(row.get(6)?),
                    value: row.get(7)?,
                    units: row.get(8)?,
                    parts: vec![(Timestamp(row.get(13)?), row.get(8)?)],
                    events: row.get(9)?,
                    first_attempt: row.get::<_, Option<i64>>(10)?.map(Timestamp),
                    timestamp: Timestamp(row.get(11)?),
                    must_arrive_by: Timestamp(row.get(12)?),
                })
            })?;
        let mut found: Vec<Misplaced> = Vec::new();
        for it in rows {
            let it = it?;
            match found.last_mut().filter(|last| last.delivery == it.delivery) {
                Some(last) => {
                    last.units += it.units;
                    last.events += it.events;
                    last.parts.extend(it.parts);
                }
                None => found.push(it),
            }
        }
        found.retain(|it| it.units != 0);
        Ok(found)
    }

    /// Recorded usage of linked customers on a tier, in billing periods that end after `from` and no later than `to`, or that
    /// ended by then with their subscription, before their time.
    pub fn bill_usage(&self, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<UsageOf>> {
        let mut find = self.conn.prepare(
            "SELECT s.customer, c.id, c.cus, s.meter, m.key, m.stripe_id, s.period_start, s.period_end, s.price, s.exempt,
             a.sub, SUM(r.sum), MAX(s.to_at), 0 FROM span s
             JOIN rollup r ON r.customer = s.customer AND r.meter = s.meter
               AND r.day BETWEEN s.from_at / 86400 AND s.to_at / 86400 AND r.span = s.span
             JOIN customer c ON c.customer = s.customer JOIN meter m ON m.meter = s.meter
             LEFT JOIN tier_assignment a USING (assignment) LEFT JOIN subscription b ON b.sub = a.sub
             WHERE c.cus IS NOT NULL AND s.exempt IS NOT 'no_tier' AND s.period_end > ?1 AND (s.period_end <= ?2 OR b.ended_at <= ?2)
             AND (?3 IS NULL OR s.customer = ?3) AND (?4 IS NULL OR s.meter = ?4)
             GROUP BY s.customer, s.meter, s.period_start, s.period_end, s.price, s.exempt, a.sub
             ORDER BY c.id, m.key, s.period_start, s.period_end",
        )?;
        let of = params![from.0, to.0, scope.customer.map(|it| it.0), scope.meter.map(|it| it.0)];
        let rows = find.query_map(of, usage_of)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Recorded usage of linked customers without a tier, which is in no billing period: by UTC months, cut where a tier ended
    /// or began, that end after `from` and no later than `to`.
    pub fn bill_usage_untiered(&self, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<UsageOf>> {
        let mut find = self.conn.prepare(UNTIERED)?;
        let (customer, meter) = (scope.customer.map(|it| it.0), scope.meter.map(|it| it.0));
        let rows = find.query_map(params![from.0, to.0, customer, meter, EARLIEST.0], usage_of)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Units that a period bills beside its own usage: late ones that were moved into it, less its own that were moved into
    /// a later one. Few deliveries replace another one, so these are looked through.
    pub fn bill_moved(&self, customer: CustomerRow, meter: MeterRow, period: Period) -> Result<i64> {
        let mut find = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(CASE WHEN period_start = ?3 THEN value ELSE -value END), 0)
             FROM delivery INDEXED BY delivery_replaced_once WHERE replaces IS NOT NULL AND customer = ?1 AND meter = ?2
             AND state NOT IN ('replaced', 'cancelled', 'lost') AND to_at <= period_start
             AND (period_start = ?3 OR (from_at >= ?3 AND to_at <= ?4))",
        )?;
        Ok(find.query_row(params![customer.0, meter.0, period.start.0, period.end.0], |row| row.get(0))?)
    }

    /// What became of the deliveries whose timestamp lies in a stretch. What they were sent for counts no more: history may
    /// have changed since, and Stripe goes by the timestamp.
    pub fn bill_delivered(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        range: Range,
    ) -> Result<DeliveredOf> {
        let mut find = self.conn.prepare_cached(&format!(
            "SELECT COALESCE(SUM(CASE WHEN d.state = 'accepted' THEN d.value + d.opening WHEN d.state = 'closed' THEN d.opening END), 0),
             COALESCE(SUM(CASE WHEN d.state IN ('late', 'too_late') THEN d.value END), 0)
             FROM ({ENTRIES}) e CROSS JOIN delivery d USING (delivery)"
        ))?;
        let of = params![customer.0, meter.0, range.from.0, range.to.0];
        Ok(find.query_row(of, |row| Ok(DeliveredOf { sent: row.get(0)?, late: row.get(1)? }))?)
    }
}
