//! Notices: what an operator or a customer is to be told. One for each key, written in the transaction of its cause;
//! sending them is another matter.

use rusqlite::params;

use super::{CustomerRow, Result, Writer};

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
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something will have to be done.
    Warning,
    /// Something has to be done now.
    Urgent,
    /// Something has stopped.
    Critical,
}

impl Severity {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Urgent => "urgent",
            Severity::Critical => "critical",
        }
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
}
