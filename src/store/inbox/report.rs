//! What Stripe reports as not counted: deliveries that its samples name are marked, the rest is a number.

use rusqlite::{OptionalExtension, params};

use crate::billing::time::Timestamp;
use crate::store::{Reader, Result, Writer};

/// One code of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterReport {
    /// The event that reported it.
    pub event: String,
    /// Stripe's code, such as `meter_event_customer_not_found`.
    pub code: String,
    /// `mtr_…`.
    pub meter: Option<String>,
    /// Events that Stripe did not count.
    pub errors: i64,
    /// What the first sample says.
    pub message: String,
    /// Start of the time in which Stripe looked.
    pub from: Option<Timestamp>,
    /// End of it.
    pub to: Option<Timestamp>,
    /// When Stripe reported it.
    pub at: Timestamp,
    /// Identifiers of the samples.
    pub identifiers: Vec<String>,
}

/// What was reported as not counted, by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterErrors {
    /// Stripe's code.
    pub code: String,
    /// Events that Stripe did not count.
    pub errors: i64,
    /// Deliveries that were marked.
    pub attributed: i64,
    /// What Stripe says of it.
    pub message: String,
    /// The newest report.
    pub last_at: Timestamp,
}

impl Writer<'_> {
    /// Stores a report and marks the deliveries that it names; again, it changes nothing. Gives how many were ours.
    pub fn meter_report_put(&self, it: &MeterReport) -> Result<i64> {
        let mut find = self.conn.prepare_cached("SELECT delivery FROM delivery WHERE identifier = ?1")?;
        // The earliest report stays, whichever comes first.
        let mut mark = self.conn.prepare_cached(
            "UPDATE delivery SET report_code = ?2, report_event = ?3, report_at = ?4 WHERE delivery = ?1
             AND (report_at IS NULL OR (?4, ?3) < (report_at, report_event))",
        )?;
        let mut named = std::collections::BTreeSet::new();
        for identifier in &it.identifiers {
            let delivery: Option<i64> = find.query_row([identifier], |row| row.get(0)).optional()?;
            named.extend(delivery);
        }
        for delivery in &named {
            mark.execute(params![delivery, it.code, it.event, it.at.0])?;
        }
        let attributed = i64::try_from(named.len()).unwrap_or(i64::MAX).min(it.errors);
        self.conn.execute(
            "INSERT INTO meter_report (event, code, meter, errors, attributed, message, from_at, to_at, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (event, code) DO NOTHING",
            params![
                it.event,
                it.code,
                it.meter,
                it.errors,
                attributed,
                it.message,
                it.from.map(|at| at.0),
                it.to.map(|at| at.0),
                it.at.0
            ],
        )?;
        Ok(attributed)
    }
}

impl Reader<'_> {
    /// What Stripe reported as not counted, by code; the oldest message stands for all of a code.
    pub fn meter_errors(&self) -> Result<Vec<MeterErrors>> {
        let mut statement = self.conn.prepare(
            "SELECT code, sum(errors), sum(attributed),
                    (SELECT message FROM meter_report f WHERE f.code = r.code ORDER BY at, event LIMIT 1), max(at)
             FROM meter_report r GROUP BY code ORDER BY code",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(MeterErrors {
                code: row.get(0)?,
                errors: row.get(1)?,
                attributed: row.get(2)?,
                message: row.get(3)?,
                last_at: Timestamp(row.get(4)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
