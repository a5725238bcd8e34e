//! What the store keeps of an applied catalog: the catalog itself, revisions, and which object plays which part.

use std::collections::BTreeMap;

use crate::billing::catalog::Catalog;
use crate::billing::change::{Snapshot, found_content, meter_fits};
use crate::billing::found::MeterFound;
use crate::billing::id::{MeterKey, PackKey, Revision};
use crate::billing::wanted::{MARK_KEY, PRODUCT_MARK, Sold, Wanted};
use crate::error::Error;
use crate::store::{AppliedMeter, Reader, Writer};

/// Everything that the store is to know. Tiers with something in the way are left out: they cannot be assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    catalog: Catalog,
    revisions: Vec<(Revision, String, BTreeMap<String, String>)>,
    meters: Vec<(MeterKey, AppliedMeter)>,
    packs: Vec<(PackKey, String, i64)>,
}

impl Record {
    /// What follows from a catalog and the last look at Stripe.
    pub(super) fn of(catalog: &Catalog, wanted: &Wanted, snapshot: &Snapshot) -> Record {
        // What a conflict stands in the way of is not ours to use, whatever it looks like.
        let usable: Vec<&MeterFound> =
            snapshot.meters.iter().filter(|meter| meter.active && meter_fits(meter)).collect();
        let meter_id =
            |event: &str| usable.iter().find(|meter| meter.event_name == event).map(|meter| meter.id.clone());
        let meters = catalog.meters.iter().map(|(key, meter)| {
            let priced = catalog.meter_is_priced(key);
            let stripe_id = if priced { meter_id(&meter.event) } else { None };
            (key.clone(), AppliedMeter { meter: meter.clone(), stripe_id, priced })
        });
        let mut revisions = Vec::new();
        let mut packs = Vec::new();
        for product in &wanted.products {
            let is_marked = |metadata: &BTreeMap<String, String>, key: &str| {
                metadata.get(MARK_KEY) == Some(&product.sold.mark(&wanted.namespace, key))
            };
            let prices: Option<BTreeMap<String, String>> = product
                .prices
                .iter()
                .map(|at| {
                    let found = snapshot.prices.iter().find(|price| {
                        price.active
                            && price.product == product.id
                            && is_marked(&price.metadata, &at.price.key)
                            && price.meter().is_none_or(|id| usable.iter().any(|meter| meter.id == id))
                            && price.lookup_key.as_deref() == Some(&at.lookup_key)
                            && found_content(&price.content, &snapshot.meters) == at.content(wanted.currency)
                    });
                    found.map(|price| (at.price.key.clone(), price.id.clone()))
                })
                .collect();
            let there = snapshot.products.iter().any(|found| {
                found.id == product.id && found.active && is_marked(&found.metadata, PRODUCT_MARK)
            });
            let Some(prices) = prices.filter(|_| there) else { continue };
            match &product.sold {
                Sold::Tier(key) => {
                    if let Some(tier) = catalog.tiers.get(key) {
                        let json = tier.terms.to_json(catalog.currency);
                        revisions.push((tier.terms.revision(key, catalog.currency), json, prices));
                    }
                }
                Sold::Pack(key) => {
                    if let (Some(pack), Some(price)) = (catalog.packs.get(key), prices.into_values().next()) {
                        packs.push((key.clone(), price, pack.credits.0));
                    }
                }
            }
        }
        Record { catalog: catalog.clone(), revisions, meters: meters.collect(), packs }
    }

    /// Whether the store knows all of it, so that nothing has to be written.
    pub(super) fn is_known(&self, r: &Reader<'_>) -> Result<bool, Error> {
        if r.catalog_in_force()?.as_ref() != Some(&self.catalog) {
            return Ok(false);
        }
        for (revision, json, prices) in &self.revisions {
            if r.revision_json(revision)?.as_ref() != Some(json) || r.revision_prices(revision)? != *prices {
                return Ok(false);
            }
        }
        for (key, meter) in &self.meters {
            if r.applied_meter(key)?.as_ref() != Some(meter) {
                return Ok(false);
            }
        }
        let packs: BTreeMap<String, (String, i64)> = r.pack_prices()?;
        Ok(self
            .packs
            .iter()
            .all(|(key, price, credits)| packs.get(key.as_str()) == Some(&(price.clone(), *credits))))
    }

    /// Writes all of it; one transaction.
    pub(super) fn write(&self, w: &Writer<'_>) -> Result<(), Error> {
        w.catalog_apply(&self.catalog)?;
        for (revision, json, prices) in &self.revisions {
            w.revision_put(revision, json)?;
            for (role, price) in prices {
                w.revision_price_put(revision, role, price)?;
            }
        }
        for (key, meter) in &self.meters {
            w.applied_meter_put(key, meter)?;
        }
        for (key, price, credits) in &self.packs {
            w.pack_price_put(key, price, *credits)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
