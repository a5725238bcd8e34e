//! Notices: what an operator or a customer is to be told. One for each key, written in the transaction of its cause.
//! How they get to people: `notice_send.rs`; which steps of ladders were told: here.

use rusqlite::{OptionalExtension, Row, params};

use super::checks::Check;
use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::notice::Preference;
use crate::billing::time::Timestamp;

pub use crate::billing::alert::Severity;

/// What must hold of notices: each query names an invariant and returns no row.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I29",
        says: "a notice for a customer has one",
        sql: "SELECT notice FROM notice WHERE audience = 'customer' AND customer IS NULL",
    },
    Check {
        number: "I29",
        says: "a notice is on its way only after it was routed",
        sql: "SELECT d.delivery FROM notice_delivery d JOIN notice n USING (notice) WHERE n.routed_at IS NULL",
    },
    Check {
        number: "I32",
        says: "a claimed notice has an attempt",
        sql: "SELECT delivery FROM notice_delivery WHERE state IN ('sending', 'sent', 'unknown', 'dead') AND attempts < 1",
    },
];

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever runs the service.
    Operator,
    /// The customer itself, as far as it wants to be.
    Customer,
}

impl Audience {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Operator => "operator",
            Audience::Customer => "customer",
        }
    }

    fn parse(text: &str) -> Audience {
        if text == "customer" { Audience::Customer } else { Audience::Operator }
    }
}

/// A notice to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeNew {
    /// One notice for each key: the business object and what happened to it, for example `receipt:in_123`.
    pub key: String,
    /// Who is told.
    pub audience: Audience,
    /// The customer that it is about.
    pub customer: Option<CustomerRow>,
    /// What it is about: `receipt`, `payment_failed`, `upcoming_charge`, `trial_ending`, `card_removed`, `cap`, …; the
    /// word by which customers choose what they are told.
    pub kind: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub subject: String,
    /// The whole text.
    pub text: String,
    /// The figures of the text, a JSON object.
    pub facts: serde_json::Value,
}

/// A notice as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub notice: i64,
    /// One for each.
    pub key: String,
    /// Who is told.
    pub audience: Audience,
    /// The customer that it is about.
    pub customer: Option<CustomerRow>,
    /// The customer's own id.
    pub customer_id: Option<String>,
    /// What it is about.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub subject: String,
    /// The whole text.
    pub text: String,
    /// The figures, a JSON object.
    pub facts: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its deliveries were made.
    pub routed_at: Option<Timestamp>,
    /// Where it goes, as `sink state`.
    pub deliveries: Vec<(String, String)>,
}

/// Which notices are listed.
#[derive(Debug, Clone, Default)]
pub struct NoticeFilter {
    /// About this customer only.
    pub customer: Option<CustomerRow>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// For this audience only.
    pub audience: Option<&'static str>,
    /// Written at this instant or later.
    pub since: Option<Timestamp>,
    /// Only those that a sink has not got yet.
    pub open: bool,
}

/// A ladder of a customer in a period, with the limit that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertKey {
    /// Whose.
    pub customer: CustomerRow,
    /// `meter.tokens`, `spend.tokens`, `credits`, …
    pub subject: String,
    /// Start of the period.
    pub period_start: Timestamp,
    /// The limit, in figures.
    pub limit: String,
}

pub(super) const NOTICE_COLUMNS: &str = "n.notice, n.key, n.audience, n.customer, c.id, n.kind, n.severity, n.subject, n.text, n.facts, n.created_at, n.routed_at";

pub(super) fn notice(row: &Row<'_>) -> rusqlite::Result<Notice> {
    let (audience, severity): (String, String) = (row.get(2)?, row.get(6)?);
    Ok(Notice {
        notice: row.get(0)?,
        key: row.get(1)?,
        audience: Audience::parse(&audience),
        customer: row.get::<_, Option<i64>>(3)?.map(CustomerRow),
        customer_id: row.get(4)?,
        kind: row.get(5)?,
        severity: Severity::parse(&severity).unwrap_or(Severity::Critical),
        subject: row.get(7)?,
        text: row.get(8)?,
        facts: row.get(9)?,
        created_at: Timestamp(row.get(10)?),
        routed_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        deliveries: Vec::new(),
    })
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(error.to_string())
}

impl Reader<'_> {
    /// Notices of a filter, newest first, at most `limit`.
    pub fn notice_list(&self, filter: &NoticeFilter, limit: u32) -> Result<Vec<Notice>> {
        let sql = format!(
            "SELECT {NOTICE_COLUMNS} FROM notice n LEFT JOIN customer c USING (customer)
             WHERE (?1 IS NULL OR n.customer = ?1) AND (?2 IS NULL OR n.kind = ?2) AND (?3 IS NULL OR n.audience = ?3)
             AND (?4 IS NULL OR n.created_at >= ?4) AND (NOT ?5 OR n.routed_at IS NULL OR EXISTS
               (SELECT 1 FROM notice_delivery d WHERE d.notice = n.notice AND d.state NOT IN ('sent', 'dropped')))
             ORDER BY n.notice DESC LIMIT ?6"
        );
        let mut find = self.conn.prepare(&sql)?;
        let asked = params![
            filter.customer.map(|it| it.0),
            filter.kind,
            filter.audience,
            filter.since.map(|it| it.0),
            filter.open,
            limit
        ];
        let mut list = find.query_map(asked, notice)?.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut sent =
            self.conn.prepare("SELECT sink, state FROM notice_delivery WHERE notice = ?1 ORDER BY sink")?;
        for it in &mut list {
            let rows = sent.query_map([it.notice], |row| Ok((row.get(0)?, row.get(1)?)))?;
            it.deliveries = rows.collect::<rusqlite::Result<_>>()?;
        }
        Ok(list)
    }

    /// Whether there is a notice with this key.
    pub fn notice_known(&self, key: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM notice WHERE key = ?1)";
        Ok(self.conn.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
    }

    /// What a customer wants to be told.
    pub fn notice_preference(&self, customer: CustomerRow) -> Result<Preference> {
        let sql = "SELECT only_kinds, muted, email FROM notice_preference WHERE customer = ?1";
        let found = self.conn.prepare_cached(sql)?.query_row([customer.0], |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?, row.get(2)?))
        });
        let Some((only, muted, email)) = found.optional()? else { return Ok(Preference::default()) };
        let only = only.map(|only| serde_json::from_str(&only).map_err(broken)).transpose()?;
        Ok(Preference { only, muted: serde_json::from_str(&muted).map_err(broken)?, email })
    }

    /// The highest step of a ladder that was told of this period and limit.
    pub fn alert_told(&self, key: &AlertKey) -> Result<Option<u32>> {
        let sql = "SELECT step FROM alert WHERE customer = ?1 AND subject = ?2 AND period_start = ?3 AND \"limit\" = ?4";
        let of = params![key.customer.0, key.subject, key.period_start.0, key.limit];
        Ok(self.conn.prepare_cached(sql)?.query_row(of, |row| row.get(0)).optional()?)
    }
}

impl Writer<'_> {
    /// Stores a notice unless its key is there; says whether it is new.
    pub fn notice_put(&self, it: &NoticeNew) -> Result<bool> {
        let written = self.conn.execute(
            "INSERT INTO notice (key, audience, customer, kind, severity, subject, text, facts, created_at, run)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (key) DO NOTHING",
            params![
                it.key,
                it.audience.as_str(),
                it.customer.map(|row| row.0),
                it.kind,
                it.severity.as_str(),
                it.subject,
                it.text,
                it.facts.to_string(),
                self.now.0,
                self.run
            ],
        )?;
        Ok(written == 1)
    }

    /// Notes what a customer wants to be told.
    pub fn notice_preference_put(&self, customer: CustomerRow, it: &Preference) -> Result<()> {
        let json = |kinds: &std::collections::BTreeSet<String>| serde_json::json!(kinds).to_string();
        self.conn.execute(
            "INSERT INTO notice_preference (customer, only_kinds, muted, email, changed_at, run)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (customer) DO UPDATE SET only_kinds = excluded.only_kinds,
             muted = excluded.muted, email = excluded.email, changed_at = excluded.changed_at, run = excluded.run",
            params![
                customer.0,
                it.only.as_ref().map(json),
                json(&it.muted),
                it.email,
                self.now.0,
                self.run
            ],
        )?;
        Ok(())
    }

    /// Claims a step of a ladder: `true` when it is above what was told, and from now on it is what was told.
    pub fn alert_claim(&self, key: &AlertKey, step: u32) -> Result<bool> {
        let written = self.conn.execute(
            "INSERT INTO alert (customer, subject, period_start, \"limit\", step, at, run)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET step = excluded.step, at = excluded.at,
             run = excluded.run WHERE excluded.step > step",
            params![
                key.customer.0,
                key.subject,
                key.period_start.0,
                key.limit,
                step,
                self.now.0,
                self.run
            ],
        )?;
        Ok(written == 1)
    }
}
