//! `report reprice`: recorded usage of a period, priced by the terms that held at its end and by another catalog.

use crate::billing::catalog::Catalog;
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::reprice::{Repriced, reprice as compare};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::Store;
use crate::store::span::SpanCache;

use super::usage_show::{Filter, Used, Which, usage_show};

/// One customer's use of one meter under both catalogs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Own id of the customer.
    pub customer: String,
    /// What it was on at the end of the period.
    pub tier: String,
    /// The meter.
    pub meter: String,
    /// Units that count.
    pub units: i64,
    /// What they cost by both.
    pub priced: Repriced,
}

/// Prices everybody's usage of a period again. Usage of customers without a tier has no price in either.
pub fn reprice(store: &Store, now: Timestamp, which: Which, other: &Catalog) -> Result<Vec<Row>, Error> {
    let all = usage_show(store, now, &Filter { customer: None, meter: None, which })?;
    store.read(|r| {
        let mut spans = SpanCache::default();
        let mut rows = Vec::new();
        for Used { customer, meter, period, used, .. } in all {
            let at = period.end.plus(-1).min(now);
            let Some(found) = r.customer_by_id(&CustomerId::parse(&customer)?)? else { continue };
            let Some(on) = spans.terms_at(r, found.row, at)? else { continue };
            let Some((terms, currency)) = r.revision_terms(&on.revision)? else { continue };
            let tier = &on.revision.tier;
            let new = other.tiers.get(tier).map(|it| (&it.terms, other.currency));
            let units = u64::try_from(used).unwrap_or(0);
            let priced = compare((&terms, currency), new, &MeterKey::parse(&meter)?, units);
            rows.push(Row { customer, tier: tier.to_string(), meter, units: used, priced });
        }
        Ok(rows)
    })
}
