//! Findings: differences with exactly one class, seen by runs, acknowledged by people.

use rusqlite::{OptionalExtension, Row, params};

use super::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};
use crate::billing::money::{Currency, Money};
use crate::billing::reconcile::{Cause, Class, Range};
use crate::billing::time::Timestamp;

/// A difference to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// Where.
    pub range: Range,
    /// What it is called.
    pub class: Class,
    /// Why, as far as it is known.
    pub cause: Cause,
    /// Units recorded there.
    pub recorded: i64,
    /// Units that Stripe accepted from us, or held before us.
    pub sent: i64,
    /// Units by Stripe; `None` where it was not asked.
    pub stripe: Option<i64>,
    /// Units too many or too few at Stripe.
    pub difference: i64,
    /// What the difference costs.
    pub amount: Option<Money>,
    /// Usage events concerned.
    pub events: i64,
    /// Deliveries concerned.
    pub deliveries: Vec<i64>,
    /// What is known of the cause beyond its word.
    pub detail: Option<String>,
    /// Until when it can be mended at Stripe.
    pub fix_deadline: Option<Timestamp>,
}

/// A stored difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its number.
    pub finding: i64,
    /// The customer's own id.
    pub customer_id: String,
    /// `cus_…`.
    pub cus: Option<String>,
    /// The meter's key.
    pub meter_key: String,
    /// Where.
    pub range: Range,
    /// What it is called.
    pub class: Class,
    /// Why.
    pub cause: Cause,
    /// Units recorded there.
    pub recorded: i64,
    /// Units sent.
    pub sent: i64,
    /// Units by Stripe.
    pub stripe: Option<i64>,
    /// Units too many or too few at Stripe.
    pub difference: i64,
    /// Minor units and currency.
    pub amount: Option<Money>,
    /// Usage events concerned.
    pub events: i64,
    /// Deliveries concerned.
    pub deliveries: Vec<i64>,
    /// The run that saw it first.
    pub first_run: i64,
    /// The run that saw it last.
    pub last_run: i64,
    /// Why it was acknowledged, if it is.
    pub ack: Option<String>,
    /// What is known of the cause beyond its word.
    pub detail: Option<String>,
    /// Until when it can be mended at Stripe.
    pub fix_deadline: Option<Timestamp>,
}

impl Finding {
    /// The command that mends it; `None` where only time does.
    pub fn fix(&self) -> Option<String> {
        let fix = match self.cause {
            Cause::Late | Cause::TooLate => "paygrade meter retry --into-open-period".to_owned(),
            Cause::NotSent | Cause::InFlight => "paygrade meter push".to_owned(),
            Cause::Rejected if self.stripe.is_none() => "paygrade meter retry".to_owned(),
            Cause::Unknown if self.class == Class::Unknown => "paygrade meter settle".to_owned(),
            Cause::Unsettled => return None,
            _ => format!("paygrade repair {}", self.finding),
        };
        Some(fix)
    }
}

/// What a run of reconcile did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunDone {
    /// What was asked for, as JSON.
    pub scope: String,
    /// Customer x meter x period compared with Stripe.
    pub asked: i64,
    /// Left out because the calls were used up, or Stripe stopped answering.
    pub skipped: i64,
    /// Of those asked, how many matched.
    pub matched: i64,
    /// How many are too early to say.
    pub unsettled: i64,
    /// Calls made.
    pub calls: i64,
    /// Calls that it could have taken at most, by what was found.
    pub calls_bound: i64,
}

/// What no invoice has and none will have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeverBilled {
    /// How many findings say so.
    pub findings: i64,
    /// Units.
    pub units: i64,
    /// What they would have cost; `None` where no price of ours is known.
    pub amount: Option<Money>,
}

/// What a finding is about, and so what can end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// What was sent: Stripe's sums.
    Sent,
    /// What was not: the store alone.
    Own,
    /// What is charged: the invoices.
    Bill,
}

impl About {
    fn as_str(self) -> &'static str {
        match self {
            About::Sent => "sent",
            About::Own => "own",
            About::Bill => "bill",
        }
    }
}

/// The causes that are about the bill, as a list in SQL.
pub(super) fn bill_causes() -> String {
    let causes = Cause::ALL.into_iter().filter(|it| it.is_of_bill());
    causes.map(|it| format!("'{it}'")).collect::<Vec<_>>().join(", ")
}

fn finding(row: &Row<'_>) -> rusqlite::Result<Finding> {
    let (class, cause): (String, String) = (row.get(6)?, row.get(7)?);
    let currency: Option<String> = row.get(13)?;
    let amount = row.get::<_, Option<i64>>(12)?.zip(currency.and_then(|it| Currency::parse(&it)));
    let deliveries: Option<String> = row.get(18)?;
    Ok(Finding {
        finding: row.get(0)?,
        customer_id: row.get(1)?,
        cus: row.get(2)?,
        meter_key: row.get(3)?,
        range: Range { from: Timestamp(row.get(4)?), to: Timestamp(row.get(5)?) },
        class: Class::parse(&class).unwrap_or(Class::Unknown),
        cause: Cause::parse(&cause).unwrap_or(Cause::Unknown),
        recorded: row.get(8)?,
        sent: row.get(9)?,
        stripe: row.get(10)?,
        difference: row.get(11)?,
        amount: amount.map(|(minor, currency)| Money { minor, currency }),
        events: row.get(14)?,
        first_run: row.get(15)?,
        last_run: row.get(16)?,
        ack: row.get(17)?,
        detail: row.get(19)?,
        fix_deadline: row.get::<_, Option<i64>>(20)?.map(Timestamp),
        deliveries: deliveries.unwrap_or_default().split(',').filter_map(|it| it.parse().ok()).collect(),
    })
}

const FINDING_TAIL: &str = "f.events, f.first_run, f.last_run, f.ack_reason,
     (SELECT GROUP_CONCAT(delivery) FROM finding_delivery g WHERE g.finding = f.finding), f.detail, f.fix_deadline
     FROM finding f JOIN customer c USING (customer) JOIN meter m USING (meter)";

impl Reader<'_> {
    /// What a run of reconcile saw, as it was then.
    pub fn finding_seen(&self, run: i64) -> Result<Vec<Finding>> {
        let sql = format!(
            "SELECT f.finding, c.id, c.cus, m.key, f.from_at, f.to_at, f.class, f.cause, s.recorded, s.sent, s.stripe,
             s.difference, s.minor, f.currency, {FINDING_TAIL} JOIN finding_seen s USING (finding)
             WHERE s.run = ?1 ORDER BY c.id, m.key, f.from_at, f.class"
        );
        let mut find = self.conn.prepare(&sql)?;
        let rows = find.query_map([run], finding)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What a run of reconcile did; `None` when it was another command.
    pub fn reconcile_run_get(&self, run: i64) -> Result<Option<RunDone>> {
        let sql = "SELECT scope, asked, skipped, matched, unsettled, calls, calls_bound FROM reconcile_run WHERE run = ?1";
        let found = self.conn.query_row(sql, [run], |row| {
            Ok(RunDone {
                scope: row.get(0)?,
                asked: row.get(1)?,
                skipped: row.get(2)?,
                matched: row.get(3)?,
                unsettled: row.get(4)?,
                calls: row.get(5)?,
                calls_bound: row.get(6)?,
            })
        });
        Ok(found.optional()?)
    }

    /// Findings that a run looked for and did not see any more, with the run that saw them first.
    pub fn finding_closed(&self, run: i64) -> Result<Vec<(i64, i64)>> {
        let mut find = self
            .conn
            .prepare("SELECT finding, first_run FROM finding WHERE gone_run = ?1 ORDER BY finding")?;
        let rows = find.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The newest run that read the same at a finding's place, no later than `upto`: the same sum by Stripe, the same of
    /// ours, and of the same deliveries.
    pub fn finding_read_before(&self, it: &NewFinding, upto: Timestamp) -> Result<Option<i64>> {
        let mut find = self.conn.prepare_cached(
            "SELECT f.finding, MAX(s.run) FROM finding f JOIN finding_seen s USING (finding) JOIN reconcile_run r USING (run)
             WHERE f.customer = ?1 AND f.meter = ?2 AND f.from_at = ?3 AND f.to_at = ?4 AND f.class = ?5 AND f.cause = ?6
             AND s.stripe = ?7 AND s.sent = ?8 AND s.difference = ?9 AND r.at <= ?10 GROUP BY f.finding",
        )?;
        let of = params![
            it.customer.0,
            it.meter.0,
            it.range.from.0,
            it.range.to.0,
            it.class.as_str(),
            it.cause.as_str(),
            it.stripe,
            it.sent,
            it.difference,
            upto.0
        ];
        let found =
            find.query_row(of, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?;
        let Some((finding, run)) = found else { return Ok(None) };
        let mut find = self
            .conn
            .prepare_cached("SELECT delivery FROM finding_delivery WHERE finding = ?1 ORDER BY delivery")?;
        let known = find.query_map([finding], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut deliveries = it.deliveries.clone();
        deliveries.sort_unstable();
        Ok((known == deliveries).then_some(run))
    }

    /// Open findings about anything that nobody has acknowledged: how many.
    pub fn finding_open_count(&self) -> Result<i64> {
        let sql = "SELECT (SELECT COUNT(*) FROM finding WHERE gone_run IS NULL AND ack_run IS NULL)
                        + (SELECT COUNT(*) FROM state_finding WHERE gone_run IS NULL AND ack_run IS NULL)";
        Ok(self.conn.query_row(sql, [], |row| row.get(0))?)
    }

    /// Open findings of units that no invoice has and none will have, not acknowledged: by currency, then those without a
    /// price.
    pub fn finding_never_billed(&self) -> Result<Vec<NeverBilled>> {
        let of_bill = bill_causes();
        let mut find = self.conn.prepare(&format!(
            "SELECT currency, COUNT(*), -SUM(difference), -SUM(minor) FROM finding
             WHERE gone_run IS NULL AND ack_run IS NULL AND class = 'missing' AND cause IN ({of_bill})
             GROUP BY currency ORDER BY currency IS NULL, currency"
        ))?;
        let rows = find.query_map([], |row| {
            let currency: Option<String> = row.get(0)?;
            let minor: Option<i64> = row.get(3)?;
            let amount = minor.zip(currency.and_then(|it| Currency::parse(&it)));
            Ok(NeverBilled {
                findings: row.get(1)?,
                units: row.get(2)?,
                amount: amount.map(|(minor, currency)| Money { minor, currency }),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Open findings about a customer's usage, oldest first.
    pub fn findings_open_of(&self, customer: CustomerRow) -> Result<Vec<Finding>> {
        let sql = format!(
            "SELECT f.finding, c.id, c.cus, m.key, f.from_at, f.to_at, f.class, f.cause, f.recorded, f.sent, f.stripe,
             f.difference, f.minor, f.currency, {FINDING_TAIL}
             WHERE f.customer = ?1 AND f.gone_run IS NULL ORDER BY f.finding"
        );
        let mut find = self.conn.prepare(&sql)?;
        let rows = find.query_map([customer.0], finding)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Open findings with this cause, whoever they are of, also those that are acknowledged.
    pub fn findings_open_as(&self, cause: Cause) -> Result<Vec<Finding>> {
        let sql = format!(
            "SELECT f.finding, c.id, c.cus, m.key, f.from_at, f.to_at, f.class, f.cause, f.recorded, f.sent, f.stripe,
             f.difference, f.minor, f.currency, {FINDING_TAIL}
             WHERE f.cause = ?1 AND f.gone_run IS NULL ORDER BY f.finding"
        );
        let mut find = self.conn.prepare(&sql)?;
        let rows = find.query_map([cause.as_str()], finding)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One finding.
    pub fn finding_get(&self, number: i64) -> Result<Option<Finding>> {
        let sql = format!(
            "SELECT f.finding, c.id, c.cus, m.key, f.from_at, f.to_at, f.class, f.cause, f.recorded, f.sent, f.stripe,
             f.difference, f.minor, f.currency, {FINDING_TAIL} WHERE f.finding = ?1"
        );
        Ok(self.conn.query_row(&sql, [number], finding).optional()?)
    }
}

impl Writer<'_> {
    /// Notes a run of reconcile. Before its findings.
    pub fn reconcile_run_put(&self, done: &RunDone) -> Result<()> {
        self.conn.execute(
            "INSERT INTO reconcile_run (run, at, scope, asked, skipped, matched, unsettled, calls, calls_bound)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                self.run,
                self.now.0,
                done.scope,
                done.asked,
                done.skipped,
                done.matched,
                done.unsettled,
                done.calls,
                done.calls_bound
            ],
        )?;
        Ok(())
    }

    /// Notes a difference, new or seen again. An acknowledgement holds for the difference that it was given for.
    pub fn finding_put(&self, it: &NewFinding) -> Result<i64> {
        let (minor, currency) =
            it.amount.map(|money| (money.minor, money.currency.code().to_owned())).unzip();
        let number: i64 = self.conn.query_row(
            "INSERT INTO finding (finding, customer, meter, from_at, to_at, class, cause, recorded, sent, stripe, difference,
             minor, currency, events, first_run, last_run, detail, fix_deadline)
             VALUES (1 + max((SELECT COALESCE(max(finding), 0) FROM finding),
                             (SELECT COALESCE(max(finding), 0) FROM state_finding)),
                     ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?15, ?16)
             ON CONFLICT DO UPDATE SET recorded = excluded.recorded, sent = excluded.sent, stripe = excluded.stripe,
             difference = excluded.difference, minor = excluded.minor, currency = excluded.currency,
             events = excluded.events, last_run = excluded.last_run, gone_run = NULL,
             detail = excluded.detail, fix_deadline = excluded.fix_deadline RETURNING finding",
            params![
                it.customer.0,
                it.meter.0,
                it.range.from.0,
                it.range.to.0,
                it.class.as_str(),
                it.cause.as_str(),
                it.recorded,
                it.sent,
                it.stripe,
                it.difference,
                minor,
                currency,
                it.events,
                self.run,
                it.detail,
                it.fix_deadline.map(|at| at.0)
            ],
            |row| row.get(0),
        )?;
        self.conn.execute(
            "UPDATE finding SET ack_run = NULL, ack_by = NULL, ack_reason = NULL, ack_ref = NULL, ack_difference = NULL
             WHERE finding = ?1 AND ack_difference IS NOT difference AND ack_run IS NOT NULL",
            [number],
        )?;
        self.conn.execute("DELETE FROM finding_delivery WHERE finding = ?1", [number])?;
        for delivery in &it.deliveries {
            let sql = "INSERT OR IGNORE INTO finding_delivery (finding, delivery) VALUES (?1, ?2)";
            self.conn.execute(sql, params![number, delivery])?;
        }
        self.conn.execute(
            "INSERT OR REPLACE INTO finding_seen (run, finding, recorded, sent, stripe, difference, minor, acknowledged)
             SELECT ?2, finding, recorded, sent, stripe, difference, minor, ack_run IS NOT NULL FROM finding WHERE finding = ?1",
            params![number, self.run],
        )?;
        Ok(number)
    }

    /// Open findings of a pair that begin in `range`, end by `to_max`, and were looked for and not seen by this run are
    /// gone: those of one kind, since nothing else was looked for.
    pub fn finding_gone(
        &self,
        customer: Option<CustomerRow>,
        meter: Option<MeterRow>,
        range: Range,
        to_max: Timestamp,
        about: About,
    ) -> Result<()> {
        let of_bill = bill_causes();
        self.conn.execute(
            &format!(
                "UPDATE finding SET gone_run = ?1 WHERE gone_run IS NULL AND last_run <> ?1
                 AND (?2 IS NULL OR customer = ?2) AND (?3 IS NULL OR meter = ?3) AND from_at >= ?4 AND from_at < ?5
                 AND to_at <= ?6
                 AND CASE WHEN cause IN ({of_bill}) THEN 'bill' WHEN stripe IS NULL THEN 'own' ELSE 'sent' END = ?7"
            ),
            params![self.run, customer.map(|it| it.0), meter.map(|it| it.0), range.from.0, range.to.0, to_max.0, about.as_str()],
        )?;
        Ok(())
    }

    /// A finding is called something else from this run on: what it was is gone.
    pub fn finding_renamed(&self, number: i64) -> Result<()> {
        let sql = "UPDATE finding SET gone_run = ?2 WHERE finding = ?1 AND gone_run IS NULL";
        self.conn.execute(sql, [number, self.run])?;
        Ok(())
    }

    /// A person knows of a difference: it makes no exit code any more, as long as it stays the same.
    pub fn finding_acknowledge(&self, number: i64, reason: &str) -> Result<()> {
        let by = self.origin;
        let changed = self.conn.execute(
            "UPDATE finding SET ack_run = ?2, ack_by = ?3, ack_reason = ?4, ack_ref = ?5, ack_difference = difference
             WHERE finding = ?1 AND gone_run IS NULL",
            params![number, self.run, by.actor, reason, by.reference],
        )?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Broken(format!("finding {number} is not open"))) }
    }
}
