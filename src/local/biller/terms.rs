//! What a price means to the biller: its rhythm, its meter, how it turns a quantity into money.

use crate::local::calendar::{Cadence, Unit};
use crate::local::decimal::Decimal;
use crate::local::model::Model;
use crate::local::price::{Mode, Price, Scheme};
use crate::local::rating::{Packages, Tariff, Tier};

/// One price, ready to be billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// Id of the price.
    pub price: String,
    /// Id of its product.
    pub product: String,
    /// Name of the product.
    pub product_name: String,
    /// What one unit is called.
    pub unit_label: Option<String>,
    /// Lower-case currency.
    pub currency: String,
    /// Its rhythm; `None` for a one-time price.
    pub cadence: Option<Cadence>,
    /// The meter that counts its units; `None` when units are a quantity on the item.
    pub meter: Option<String>,
    /// How quantities become money.
    pub tariff: Tariff,
}

impl Terms {
    /// The terms of a price that exists.
    pub(super) fn of(model: &Model, id: &str) -> Option<Terms> {
        let price = model.prices.get(id)?;
        let product = model.products.get(&price.product);
        let recurring = price.terms.recurring.as_ref();
        let cadence = recurring.and_then(|it| {
            let count = u32::try_from(it.interval_count).ok()?;
            Some(Cadence { unit: Unit::parse(&it.interval)?, count })
        });
        Some(Terms {
            price: price.id.clone(),
            product: price.product.clone(),
            product_name: product.map_or_else(|| price.product.clone(), |it| it.name.clone()),
            unit_label: product.and_then(|it| it.unit_label.clone()),
            currency: price.terms.currency.clone(),
            cadence,
            meter: price.meter().map(str::to_owned),
            tariff: tariff(price),
        })
    }
}

fn tariff(price: &Price) -> Tariff {
    match &price.terms.scheme {
        Scheme::PerUnit(unit) => {
            let package = price
                .terms
                .transform
                .as_ref()
                .map(|it| (it.divide_by, if it.round_up { Packages::Up } else { Packages::Down }));
            Tariff::PerUnit { unit: *unit, package }
        }
        Scheme::Tiered { mode, tiers } => {
            let tiers = tiers.iter().map(|it| Tier {
                up_to: it.up_to.map(Decimal::whole),
                unit: it.unit.unwrap_or(Decimal::ZERO),
                flat: it.flat,
            });
            match mode {
                Mode::Graduated => Tariff::Graduated(tiers.collect()),
                Mode::Volume => Tariff::Volume(tiers.collect()),
            }
        }
    }
}
