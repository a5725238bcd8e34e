//! What `seed` applied: the catalog in force, its meters, the prices of its packs. Revisions: `revision.rs`.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Reader, Result, StoreError, Writer};
use crate::billing::catalog::{Catalog, Meter, Window};
use crate::billing::id::{MeterKey, PackKey};
use crate::billing::terms::digest;

/// A meter of the catalog as it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMeter {
    /// What the catalog says.
    pub meter: Meter,
    /// `mtr_…`; `None` for a local meter.
    pub stripe_id: Option<String>,
    /// Whether some tier prices it.
    pub priced: bool,
}

impl Reader<'_> {
    /// A meter as it was applied last.
    pub fn applied_meter(&self, key: &MeterKey) -> Result<Option<AppliedMeter>> {
        let sql = "SELECT name, event, unit, window, stripe_id, priced FROM meter WHERE key = ?1";
        let row = self.conn.query_row(sql, [key.as_str()], |row| {
            let (name, event, unit): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let window: String = row.get(3)?;
            Ok((name, event, unit, window, row.get(4)?, row.get(5)?))
        });
        let Some((name, event, unit, window, stripe_id, priced)) = row.optional()? else { return Ok(None) };
        let window = Window::parse(&window)
            .ok_or_else(|| StoreError::Broken(format!("meter `{key}` has the window `{window}`")))?;
        Ok(Some(AppliedMeter { meter: Meter { name, event, unit, window }, stripe_id, priced }))
    }
    /// The price and the credits of each pack.
    pub fn pack_prices(&self) -> Result<BTreeMap<String, (String, i64)>> {
        let mut statement = self.conn.prepare("SELECT pack, price, credits FROM pack_price")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Puts a catalog in force. One that is in force already gets no second row.
    pub fn catalog_apply(&self, catalog: &Catalog) -> Result<()> {
        let namespace = catalog.namespace.as_str();
        self.conn.execute("UPDATE store SET namespace = ?1 WHERE namespace IS NOT ?1", [namespace])?;
        if self.reader().catalog_in_force()?.as_ref() == Some(catalog) {
            return Ok(());
        }
        let body = catalog.to_json();
        self.conn.execute(
            "INSERT INTO catalog (body, digest, applied_at, run) VALUES (?1, ?2, ?3, ?4)",
            params![body, digest(&body), self.now.0, self.run],
        )?;
        Ok(())
    }
    /// Notes a meter as it was applied. Usage refers to its number, which stays.
    pub fn applied_meter_put(&self, key: &MeterKey, applied: &AppliedMeter) -> Result<()> {
        let AppliedMeter { meter, stripe_id, priced } = applied;
        self.conn.execute(
            "INSERT INTO meter (key, event, stripe_id, name, unit, window, priced) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (key) DO UPDATE SET event = excluded.event, stripe_id = excluded.stripe_id,
               name = excluded.name, unit = excluded.unit, window = excluded.window, priced = excluded.priced",
            params![key.as_str(), meter.event, stripe_id, meter.name, meter.unit, meter.window.as_str(), priced],
        )?;
        Ok(())
    }
    /// Notes the price of a pack.
    pub fn pack_price_put(&self, key: &PackKey, price: &str, credits: i64) -> Result<()> {
        self.conn.execute(
            "INSERT INTO pack_price (pack, price, credits) VALUES (?1, ?2, ?3)
             ON CONFLICT (pack) DO UPDATE SET price = excluded.price, credits = excluded.credits",
            params![key.as_str(), price, credits],
        )?;
        Ok(())
    }
}
