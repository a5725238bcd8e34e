//! Overrides: what one customer may have beside what its tier says. Only ever added to.

use rusqlite::params;

use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::catalog::Limit;
use crate::billing::id::{CustomerId, LimitKey};
use crate::billing::overrides::Override;
use crate::billing::time::Timestamp;

/// What the keys of limits begin with.
const LIMITS: &str = "limits.";

/// An override with who made it and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideRow {
    /// Whose.
    pub customer: CustomerRow,
    /// The customer's own id.
    pub customer_id: CustomerId,
    /// What it says.
    pub says: Override,
    /// Who made it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Ticket.
    pub reference: Option<String>,
    /// The run that made it.
    pub run: i64,
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(error.to_string())
}

fn limit_of(text: &str) -> Result<Limit> {
    match text {
        "unlimited" => Ok(Limit::Unlimited),
        most => most.parse().map(Limit::AtMost).map_err(broken),
    }
}

impl Reader<'_> {
    /// Every word on limits of one customer or of all, oldest first.
    pub fn overrides(&self, customer: Option<CustomerRow>) -> Result<Vec<OverrideRow>> {
        let sql = "SELECT o.customer, c.id, o.tier_override, o.key, o.value, o.from_at, o.until_at, o.actor, o.reason,
                          o.ref, o.run
                   FROM tier_override o JOIN customer c USING (customer)
                   WHERE ?1 IS NULL OR o.customer = ?1 ORDER BY c.id, o.tier_override";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![customer.map(|it| it.0)])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let key: String = row.get(3)?;
            let limit = key.strip_prefix(LIMITS).ok_or_else(|| broken(format!("an override of `{key}`")))?;
            let value: Option<String> = row.get(4)?;
            all.push(OverrideRow {
                customer: CustomerRow(row.get(0)?),
                customer_id: CustomerId::parse(&row.get::<_, String>(1)?).map_err(broken)?,
                says: Override {
                    number: row.get(2)?,
                    limit: LimitKey::parse(limit).map_err(broken)?,
                    value: value.as_deref().map(limit_of).transpose()?,
                    from: Timestamp(row.get(5)?),
                    until: row.get::<_, Option<i64>>(6)?.map(Timestamp),
                },
                actor: row.get(7)?,
                reason: row.get(8)?,
                reference: row.get(9)?,
                run: row.get(10)?,
            });
        }
        Ok(all)
    }
}

impl Writer<'_> {
    /// Adds a word on a limit, from now on; `None` ends what came before.
    pub fn override_put(
        &self,
        customer: CustomerRow,
        limit: &LimitKey,
        value: Option<Limit>,
        until: Option<Timestamp>,
        reason: &str,
    ) -> Result<()> {
        let by = self.origin;
        let value = value.map(|value| match value {
            Limit::AtMost(most) => most.to_string(),
            Limit::Unlimited => "unlimited".to_owned(),
        });
        self.conn.execute(
            "INSERT INTO tier_override (customer, key, value, from_at, until_at, run, actor, host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                customer.0,
                format!("{LIMITS}{limit}"),
                value,
                self.now.0,
                until.map(|at| at.0),
                self.run,
                by.actor,
                by.host,
                reason,
                by.reference
            ],
        )?;
        Ok(())
    }
}
