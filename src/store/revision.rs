//! Revisions of tiers with their terms and their prices at Stripe, and the catalog in force.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Reader, Result, StoreError, Writer};
use crate::billing::catalog::{Catalog, Terms};
use crate::billing::id::{Revision, TierKey};
use crate::billing::money::Currency;

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(error.to_string())
}

impl Reader<'_> {
    /// The last catalog that was applied; `None` before the first `seed`.
    pub fn catalog_in_force(&self) -> Result<Option<Catalog>> {
        let sql = "SELECT body FROM catalog ORDER BY catalog DESC LIMIT 1";
        let body: Option<String> = self.conn.query_row(sql, [], |row| row.get(0)).optional()?;
        body.map(|body| Catalog::from_json(&body).map_err(broken)).transpose()
    }
    /// The canonical JSON of a revision's terms.
    pub fn revision_json(&self, revision: &Revision) -> Result<Option<String>> {
        let sql = "SELECT terms FROM revision WHERE tier = ?1 AND digest = ?2";
        let of = params![revision.tier.as_str(), revision.digest];
        Ok(self.conn.query_row(sql, of, |row| row.get(0)).optional()?)
    }
    /// The terms of a revision, with their currency.
    pub fn revision_terms(&self, revision: &Revision) -> Result<Option<(Terms, Currency)>> {
        let json = self.revision_json(revision)?;
        json.map(|json| Terms::from_json(&json).map_err(broken)).transpose()
    }
    /// The prices of a revision at Stripe by their role: `month`, `year`, `usage.<meter>`.
    pub fn revision_prices(&self, revision: &Revision) -> Result<BTreeMap<String, String>> {
        let sql = "SELECT role, price FROM revision_price WHERE tier = ?1 AND digest = ?2";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map(params![revision.tier.as_str(), revision.digest], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// All revisions of a tier, oldest first.
    pub fn revisions_of(&self, tier: &TierKey) -> Result<Vec<Revision>> {
        let sql = "SELECT digest FROM revision WHERE tier = ?1 ORDER BY created_at, digest";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement
            .query_map([tier.as_str()], |row| Ok(Revision { tier: tier.clone(), digest: row.get(0)? }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Keeps a revision with its terms; one that is known stays as it is, for a revision never changes.
    pub fn revision_put(&self, revision: &Revision, json: &str) -> Result<()> {
        self.conn.execute(
            "INSERT INTO revision (tier, digest, terms, created_at, run) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tier, digest) DO NOTHING",
            params![revision.tier.as_str(), revision.digest, json, self.now.0, self.run],
        )?;
        Ok(())
    }
    /// Notes which price plays a role in a revision.
    pub fn revision_price_put(&self, revision: &Revision, role: &str, price: &str) -> Result<()> {
        self.conn.execute(
            "INSERT INTO revision_price (tier, digest, role, price) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tier, digest, role) DO UPDATE SET price = excluded.price",
            params![revision.tier.as_str(), revision.digest, role, price],
        )?;
        Ok(())
    }
}
