//! What customers were on and when: one assignment after the other, half-open, the open one being the current.

use rusqlite::{OptionalExtension, Row, params};

use super::checks::Check;
use super::{CustomerRow, Reader, Result, Writer};
use crate::billing::catalog::Interval;
use crate::billing::id::{Revision, TierKey};
use crate::billing::time::Timestamp;

/// What must hold of assignments: each query names an invariant and returns no row.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I25",
        says: "a customer is on one tier at a time",
        sql: "SELECT a.customer, a.assignment, b.assignment FROM tier_assignment a
         JOIN tier_assignment b ON a.customer = b.customer AND a.assignment < b.assignment
          AND a.from_at < COALESCE(b.to_at, 9000000000000) AND b.from_at < COALESCE(a.to_at, 9000000000000)",
    },
    Check {
        number: "I25",
        says: "a customer has at most one open assignment",
        sql: "SELECT customer FROM tier_assignment WHERE to_at IS NULL GROUP BY customer HAVING count(*) > 1",
    },
    Check {
        number: "I25",
        says: "an assignment's subscription is its customer's",
        sql: "SELECT a.assignment FROM tier_assignment a JOIN subscription s USING (sub) WHERE s.customer <> a.customer",
    },
    Check {
        number: "I26",
        says: "an open assignment's subscription has not ended",
        sql: "SELECT a.assignment FROM tier_assignment a JOIN subscription s USING (sub)
         WHERE a.to_at IS NULL AND s.status IN ('canceled', 'incomplete_expired')",
    },
    Check {
        number: "I26",
        says: "a live subscription of ours has an open assignment, or an intent that makes it",
        sql: "SELECT s.sub FROM subscription s WHERE s.status IN ('trialing', 'active', 'past_due')
         AND NOT EXISTS (SELECT 1 FROM tier_assignment a WHERE a.sub = s.sub AND a.to_at IS NULL)
         AND NOT EXISTS (SELECT 1 FROM intent i WHERE i.customer = s.customer AND i.kind = 'tier' AND i.state = 'open')",
    },
    Check {
        number: "I26",
        says: "whoever is on a tier is linked to Stripe",
        sql: "SELECT c.id FROM tier_assignment a JOIN customer c USING (customer) WHERE c.cus IS NULL",
    },
];

/// What a customer was on, from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its number.
    pub assignment: i64,
    /// Whose.
    pub customer: CustomerRow,
    /// The pinned revision.
    pub revision: Revision,
    /// How often its recurring price is charged; `None` where it has none.
    pub interval: Option<Interval>,
    /// Seats, where it has them.
    pub seats: Option<u32>,
    /// `sub_…`; `None` on a tier without a subscription.
    pub sub: Option<String>,
    /// First instant.
    pub from_at: Timestamp,
    /// First instant after it; `None` while it lasts.
    pub to_at: Option<Timestamp>,
    /// Periods are monthly from here; before it (a trial) there is one period from `from_at`.
    pub anchor_at: Timestamp,
}

/// An assignment to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentNew {
    /// Whose.
    pub customer: CustomerRow,
    /// The revision to pin.
    pub revision: Revision,
    /// How often its recurring price is charged.
    pub interval: Option<Interval>,
    /// Seats.
    pub seats: Option<u32>,
    /// `sub_…`.
    pub sub: Option<String>,
    /// First instant, by Stripe's clock where there is a subscription.
    pub from_at: Timestamp,
    /// The billing anchor.
    pub anchor_at: Timestamp,
}

impl Assignment {
    /// Whether another assignment would say the same from its own beginning on.
    pub fn is_continued_by(&self, new: &AssignmentNew) -> bool {
        (self.customer, &self.revision, self.interval, self.seats)
            == (new.customer, &new.revision, new.interval, new.seats)
            && (&self.sub, self.anchor_at) == (&new.sub, new.anchor_at)
    }
}

/// How many customers are on a revision now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionCount {
    /// The revision.
    pub revision: Revision,
    /// Customers.
    pub customers: u32,
}

const COLUMNS: &str = "assignment, customer, tier, digest, interval, seats, sub, from_at, to_at, anchor_at";

fn broken(why: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, why.into())
}

pub(super) fn tier_key(text: &str) -> rusqlite::Result<TierKey> {
    TierKey::parse(text).map_err(|bad| broken(bad.to_string()))
}

/// An interval as stored.
pub(super) fn interval_from(text: Option<String>) -> rusqlite::Result<Option<Interval>> {
    text.map(|text| Interval::parse(&text).ok_or_else(|| broken(format!("an interval of `{text}`"))))
        .transpose()
}

/// A revision as stored.
pub(super) fn revision_from(tier: &str, digest: String) -> rusqlite::Result<Revision> {
    Ok(Revision { tier: tier_key(tier)?, digest })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Assignment> {
    Ok(Assignment {
        assignment: row.get(0)?,
        customer: CustomerRow(row.get(1)?),
        revision: revision_from(&row.get::<_, String>(2)?, row.get(3)?)?,
        interval: interval_from(row.get(4)?)?,
        seats: row.get(5)?,
        sub: row.get(6)?,
        from_at: Timestamp(row.get(7)?),
        to_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
        anchor_at: Timestamp(row.get(9)?),
    })
}

impl Reader<'_> {
    /// What a customer is on now.
    pub fn assignment_open(&self, customer: CustomerRow) -> Result<Option<Assignment>> {
        let sql = format!("SELECT {COLUMNS} FROM tier_assignment WHERE customer = ?1 AND to_at IS NULL");
        let mut statement = self.conn.prepare(&sql)?;
        Ok(statement.query_row([customer.0], from_row).optional()?)
    }
    /// Everything that a customer was on, oldest first.
    pub fn assignments_of(&self, customer: CustomerRow) -> Result<Vec<Assignment>> {
        let sql =
            format!("SELECT {COLUMNS} FROM tier_assignment WHERE customer = ?1 ORDER BY from_at, assignment");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([customer.0], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// Everybody who is on a tier now, in whatever revision.
    pub fn customers_on(&self, tier: &TierKey) -> Result<Vec<CustomerRow>> {
        let sql = "SELECT customer FROM tier_assignment WHERE tier = ?1 AND to_at IS NULL ORDER BY customer";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([tier.as_str()], |row| Ok(CustomerRow(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// Everybody whose tier a run has changed, or planned to change.
    pub fn customers_moved_by(&self, run: i64) -> Result<Vec<CustomerRow>> {
        let sql = "SELECT customer FROM tier_assignment WHERE run = ?1
                   UNION SELECT customer FROM pending_change WHERE run = ?1 AND state <> 'undone' ORDER BY 1";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([run], |row| Ok(CustomerRow(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// How many customers are on each revision now.
    pub fn revision_counts(&self) -> Result<Vec<RevisionCount>> {
        let sql =
            "SELECT tier, digest, count(*) FROM tier_assignment WHERE to_at IS NULL GROUP BY tier, digest";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let revision = revision_from(&row.get::<_, String>(0)?, row.get(1)?)?;
            Ok(RevisionCount { revision, customers: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Ends an assignment. An end before its beginning is moved to it: it then lasted for no time.
    pub fn assignment_close(&self, assignment: i64, at: Timestamp) -> Result<()> {
        let sql =
            "UPDATE tier_assignment SET to_at = max(?2, from_at) WHERE assignment = ?1 AND to_at IS NULL";
        self.conn.execute(sql, params![assignment, at.0])?;
        Ok(())
    }
    /// Moves the billing anchor of an assignment: its trial was cut short or made longer.
    pub fn assignment_anchor(&self, assignment: i64, anchor: Timestamp) -> Result<()> {
        let sql = "UPDATE tier_assignment SET anchor_at = ?2 WHERE assignment = ?1";
        self.conn.execute(sql, params![assignment, anchor.0])?;
        Ok(())
    }
    /// Opens an assignment; the one before must be closed.
    pub fn assignment_insert(&self, new: &AssignmentNew) -> Result<i64> {
        let by = self.origin;
        self.conn.execute(
            "INSERT INTO tier_assignment (customer, tier, digest, interval, seats, sub, from_at, anchor_at, run,
                                          actor, host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                new.customer.0, new.revision.tier.as_str(), new.revision.digest, new.interval.map(Interval::as_str),
                new.seats, new.sub, new.from_at.0, new.anchor_at.0, self.run, by.actor, by.host, by.reason,
                by.reference
            ],
        )?;
        Ok(self.conn.last_insert_rowid())
    }
}
