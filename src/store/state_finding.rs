//! Findings about tiers, credits and the catalog: what the store says beside what Stripe says of the same thing.
//!
//! They are numbered together with the findings about usage, so that one number names one finding.

use rusqlite::{OptionalExtension, Row, params};

use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::compare::Subject;
use crate::billing::money::{Currency, Money};
use crate::billing::reconcile::Class;

/// A difference to be stored. Its place is subject, customer, object, class and cause; seen again there, it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFindingNew {
    /// What was compared.
    pub subject: Subject,
    /// Whose; `None` where the store knows none.
    pub customer: Option<CustomerRow>,
    /// What it is about: `sub_…`, `cus_…`, a lot, a key of the catalog.
    pub object: String,
    /// Missing or extra at Stripe, another value there, or not known.
    pub class: Class,
    /// Why: one word.
    pub cause: String,
    /// What the store says.
    pub ours: Option<String>,
    /// What Stripe says.
    pub stripe: Option<String>,
    /// What it costs.
    pub amount: Option<Money>,
    /// The command that mends it; `None`: `paygrade repair` does.
    pub fix: Option<String>,
}

/// A stored difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFinding {
    /// Its number, also among findings about usage.
    pub finding: i64,
    /// The customer's own id.
    pub customer_id: Option<String>,
    /// `cus_…`.
    pub cus: Option<String>,
    /// What was found.
    pub new: StateFindingNew,
    /// The run that saw it first.
    pub first_run: i64,
    /// The run that saw it last.
    pub last_run: i64,
    /// Whether a later run looked and did not see it any more.
    pub is_gone: bool,
    /// Why it was acknowledged, if it is.
    pub ack: Option<String>,
}

impl StateFinding {
    /// The command that mends it.
    pub fn fix(&self) -> String {
        self.new.fix.clone().unwrap_or_else(|| format!("paygrade repair {}", self.finding))
    }
}

const COLUMNS: &str =
    "f.finding, c.id, c.cus, f.subject, f.customer, f.object, f.class, f.cause, f.currency, f.fix,
     f.first_run, f.last_run, f.gone_run IS NOT NULL, f.ack_reason";

fn from_row(row: &Row<'_>) -> rusqlite::Result<StateFinding> {
    let (subject, class): (String, String) = (row.get(3)?, row.get(6)?);
    let currency: Option<String> = row.get(8)?;
    let minor: Option<i64> = row.get(16)?;
    let amount = minor.zip(currency.and_then(|it| Currency::parse(&it)));
    Ok(StateFinding {
        finding: row.get(0)?,
        customer_id: row.get(1)?,
        cus: row.get(2)?,
        new: StateFindingNew {
            subject: Subject::parse(&subject).unwrap_or(Subject::Tiers),
            customer: row.get::<_, Option<i64>>(4)?.map(CustomerRow),
            object: row.get(5)?,
            class: Class::parse(&class).unwrap_or(Class::Unknown),
            cause: row.get(7)?,
            ours: row.get(14)?,
            stripe: row.get(15)?,
            amount: amount.map(|(minor, currency)| Money { minor, currency }),
            fix: row.get(9)?,
        },
        first_run: row.get(10)?,
        last_run: row.get(11)?,
        is_gone: row.get(12)?,
        ack: row.get(13)?,
    })
}

impl Reader<'_> {
    /// What a run saw, as it was then.
    pub fn state_finding_seen(&self, run: i64) -> Result<Vec<StateFinding>> {
        let sql = format!(
            "SELECT {COLUMNS}, s.ours, s.stripe, s.minor FROM state_finding_seen s JOIN state_finding f USING (finding)
             LEFT JOIN customer c ON c.customer = f.customer WHERE s.run = ?1
             ORDER BY f.subject, c.id IS NULL, c.id, f.object, f.cause"
        );
        let mut statement = self.conn.prepare(&sql)?;
        Ok(statement.query_map([run], from_row)?.collect::<rusqlite::Result<_>>()?)
    }
    /// One finding.
    pub fn state_finding_get(&self, number: i64) -> Result<Option<StateFinding>> {
        let sql = format!(
            "SELECT {COLUMNS}, f.ours, f.stripe, f.minor FROM state_finding f
             LEFT JOIN customer c ON c.customer = f.customer WHERE f.finding = ?1"
        );
        Ok(self.conn.query_row(&sql, [number], from_row).optional()?)
    }
    /// Open findings, of one customer if given, oldest first.
    pub fn state_findings_open(&self, customer: Option<CustomerRow>) -> Result<Vec<StateFinding>> {
        let sql = format!(
            "SELECT {COLUMNS}, f.ours, f.stripe, f.minor FROM state_finding f
             LEFT JOIN customer c ON c.customer = f.customer
             WHERE f.gone_run IS NULL AND (?1 IS NULL OR f.customer = ?1) ORDER BY f.finding"
        );
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([customer.map(|it| it.0)], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Notes a difference, new or seen again. An acknowledgement holds for what both sides said when it was given.
    pub fn state_finding_put(&self, it: &StateFindingNew) -> Result<i64> {
        let (minor, currency) =
            it.amount.map(|money| (money.minor, money.currency.code().to_owned())).unzip();
        let number: i64 = self.conn.query_row(
            "INSERT INTO state_finding (finding, subject, customer, object, class, cause, ours, stripe, minor, currency, fix,
                                        first_run, last_run)
             VALUES (1 + max((SELECT COALESCE(max(finding), 0) FROM finding),
                             (SELECT COALESCE(max(finding), 0) FROM state_finding)),
                     ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)
             ON CONFLICT (subject, COALESCE(customer, 0), object, class, cause) DO UPDATE SET
               ack_run = CASE WHEN ours IS excluded.ours AND stripe IS excluded.stripe THEN ack_run END,
               ack_by = CASE WHEN ours IS excluded.ours AND stripe IS excluded.stripe THEN ack_by END,
               ack_reason = CASE WHEN ours IS excluded.ours AND stripe IS excluded.stripe THEN ack_reason END,
               ack_ref = CASE WHEN ours IS excluded.ours AND stripe IS excluded.stripe THEN ack_ref END,
               ours = excluded.ours, stripe = excluded.stripe, minor = excluded.minor, currency = excluded.currency,
               fix = excluded.fix, last_run = excluded.last_run, gone_run = NULL
             RETURNING finding",
            params![
                it.subject.as_str(),
                it.customer.map(|row| row.0),
                it.object,
                it.class.as_str(),
                it.cause,
                it.ours,
                it.stripe,
                minor,
                currency,
                it.fix,
                self.run
            ],
            |row| row.get(0),
        )?;
        self.conn.execute(
            "INSERT OR REPLACE INTO state_finding_seen (run, finding, ours, stripe, minor, acknowledged)
             SELECT ?2, finding, ours, stripe, minor, ack_run IS NOT NULL FROM state_finding WHERE finding = ?1",
            params![number, self.run],
        )?;
        Ok(number)
    }

    /// Open findings of a subject, of one customer if given, that were looked for and are not among `seen` are gone.
    pub fn state_findings_gone(
        &self,
        subject: Subject,
        customer: Option<CustomerRow>,
        seen: &[i64],
    ) -> Result<()> {
        let open = self.reader().state_findings_open(customer)?;
        for it in open.iter().filter(|it| it.new.subject == subject && !seen.contains(&it.finding)) {
            self.state_finding_end(it.finding)?;
        }
        Ok(())
    }

    /// One finding that was looked for and not seen is gone.
    pub fn state_finding_end(&self, number: i64) -> Result<()> {
        let sql = "UPDATE state_finding SET gone_run = ?2 WHERE finding = ?1 AND gone_run IS NULL";
        self.conn.execute(sql, params![number, self.run])?;
        Ok(())
    }

    /// A person knows of a difference: it makes no exit code any more, as long as both sides say the same.
    pub fn state_finding_acknowledge(&self, number: i64, reason: &str) -> Result<()> {
        let by = self.origin;
        let changed = self.conn.execute(
            "UPDATE state_finding SET ack_run = ?2, ack_by = ?3, ack_reason = ?4, ack_ref = ?5
             WHERE finding = ?1 AND gone_run IS NULL",
            params![number, self.run, by.actor, reason, by.reference],
        )?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Broken(format!("finding {number} is not open"))) }
    }
}
