//! Products, prices and the features of products. Entitlement features and meters: `catalog_meter.rs`.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use stripe_client_core::StripeRequest;
use stripe_product::price::{
    CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, CreatePriceRecurringUsageType,
    CreatePriceTiers, CreatePriceTiersUpTo, ListPrice, UpdatePrice,
};
use stripe_product::product::{CreateProduct, ListProduct, RetrieveProduct, UpdateProduct};
use stripe_product::product_feature::{
    CreateProductProductFeature, DeleteProductFeature, ListProductProductFeature,
};
use stripe_shared::{PriceBillingScheme, PriceTiersMode, RecurringUsageType};

use super::Api;
use super::answer::Answer;
use super::call::{PAGE_SIZE, typed_page};
use crate::billing::catalog::{Band, BandMode, Interval};
use crate::billing::found::{
    AttachmentFound, ChargedFound, PriceContent, PriceFound, ProductFound, ShapeFound,
};
use crate::billing::money::{Currency, UnitPrice};
use crate::billing::price::PriceShape;
use crate::billing::time::Timestamp;

/// Most lookup keys of one list call (Stripe: API, prices).
pub const LOOKUP_KEYS_MAX: usize = 10;

/// A product to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductNew {
    /// The id that we choose, unique in the account.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Whether it can be sold; the owner mark cannot.
    pub active: bool,
    /// Ours.
    pub metadata: BTreeMap<String, String>,
}

/// Changes of a product. What is `None` or absent is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductChange {
    /// Name for people.
    pub name: Option<String>,
    /// Whether it can be sold.
    pub active: Option<bool>,
    /// `price_…`; an empty text takes the default away.
    pub default_price: Option<String>,
    /// Merged; an empty value removes its key.
    pub metadata: BTreeMap<String, String>,
}

/// When a new price charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargedNew {
    /// Once.
    Once,
    /// In advance.
    InAdvance(Interval),
    /// Monthly, for what this meter (`mtr_…`) counted.
    Metered(String),
}

/// A price to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceNew {
    /// Its product.
    pub product: String,
    /// Its lookup key; deal prices have none.
    pub lookup_key: Option<String>,
    /// Take the lookup key from whichever price holds it, in the same step.
    pub transfer_lookup_key: bool,
    /// The currency.
    pub currency: Currency,
    /// What it charges.
    pub shape: PriceShape,
    /// When it charges.
    pub charged: ChargedNew,
    /// Ours.
    pub metadata: BTreeMap<String, String>,
}

/// Changes of a price. What is `None` or absent is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceChange {
    /// Whether it can be sold.
    pub active: Option<bool>,
    /// Its lookup key, taken from whichever price holds it.
    pub lookup_key: Option<String>,
    /// Merged; an empty value removes its key.
    pub metadata: BTreeMap<String, String>,
}

fn hashed(map: &BTreeMap<String, String>) -> HashMap<String, String> {
    map.clone().into_iter().collect()
}

fn product_found(product: stripe_shared::Product) -> ProductFound {
    ProductFound {
        id: product.id.to_string(),
        name: product.name,
        active: product.active,
        default_price: product.default_price.map(|price| price.into_id().to_string()),
        metadata: product.metadata.into_iter().collect(),
        updated: Timestamp(product.updated),
    }
}

/// A unit or flat amount from its two wire forms; the decimal one is exact.
fn unit_price(decimal: Option<&str>, whole: Option<i64>) -> Option<UnitPrice> {
    let minor = match (decimal, whole) {
        (Some(text), _) => Decimal::from_str_exact(text).ok()?,
        (None, Some(whole)) => Decimal::from(whole),
        (None, None) => return None,
    };
    UnitPrice::from_minor(minor)
}

fn shape_found(price: &stripe_shared::Price) -> ShapeFound {
    let other = |what: &str| ShapeFound::Other(what.to_owned());
    if let Some(packages) = &price.transform_quantity {
        return other(&format!("packages of {}", packages.divide_by));
    }
    if price.custom_unit_amount.is_some() {
        return other("custom amount");
    }
    if price.billing_scheme != PriceBillingScheme::Tiered {
        return match unit_price(price.unit_amount_decimal.as_deref(), price.unit_amount) {
            Some(unit) => ShapeFound::Known(PriceShape::PerUnit(unit)),
            None => other("an amount that no catalog can say"),
        };
    }
    let mode = match price.tiers_mode {
        Some(PriceTiersMode::Graduated) => BandMode::Graduated,
        Some(PriceTiersMode::Volume) => BandMode::Volume,
        _ => return other("bands of an unknown mode"),
    };
    let bands: Option<Vec<Band>> = price.tiers.as_ref().and_then(|tiers| {
        tiers
            .iter()
            .map(|tier| {
                let flat = (tier.flat_amount_decimal.as_deref(), tier.flat_amount);
                Some(Band {
                    up_to: tier.up_to.map(u64::try_from).transpose().ok()?,
                    price: match (tier.unit_amount_decimal.as_deref(), tier.unit_amount) {
                        (None, None) => UnitPrice::ZERO,
                        (decimal, whole) => unit_price(decimal, whole)?,
                    },
                    flat: if flat == (None, None) { UnitPrice::ZERO } else { unit_price(flat.0, flat.1)? },
                })
            })
            .collect()
    });
    match bands {
        Some(bands) => ShapeFound::Known(PriceShape::Bands { mode, bands }),
        None => other("bands that no catalog can say"),
    }
}

fn price_found(price: stripe_shared::Price) -> PriceFound {
    let shape = shape_found(&price);
    let charged = match price.recurring {
        None => ChargedFound::Once,
        Some(recurring) => {
            let (interval, count) = (recurring.interval.to_string(), recurring.interval_count);
            match recurring.meter {
                Some(meter) if recurring.usage_type == RecurringUsageType::Metered => {
                    ChargedFound::Metered { interval, count, meter }
                }
                _ => ChargedFound::InAdvance { interval, count },
            }
        }
    };
    PriceFound {
        id: price.id.to_string(),
        product: price.product.into_id().to_string(),
        active: price.active,
        lookup_key: price.lookup_key,
        metadata: price.metadata.into_iter().collect(),
        content: PriceContent { currency: price.currency.to_string(), shape, charged },
        created: Timestamp(price.created),
    }
}

fn attachment_found(product: &str, attached: stripe_product::ProductFeature) -> AttachmentFound {
    AttachmentFound {
        id: attached.id.to_string(),
        product: product.to_owned(),
        feature: attached.entitlement_feature.id.to_string(),
        lookup_key: attached.entitlement_feature.lookup_key,
    }
}

fn band_wire(band: &Band) -> CreatePriceTiers {
    let up_to = match band.up_to.and_then(|end| i64::try_from(end).ok()) {
        Some(end) => CreatePriceTiersUpTo::I64(end),
        None => CreatePriceTiersUpTo::Inf,
    };
    let mut tier = CreatePriceTiers::new(up_to);
    tier.unit_amount_decimal = Some(band.price.wire());
    if band.flat != UnitPrice::ZERO {
        tier.flat_amount_decimal = Some(band.flat.wire());
    }
    tier
}

fn price_request(new: &PriceNew) -> CreatePrice {
    // async-stripe's own parsing knows every currency that ours does; a new one passes as text.
    let currency: stripe_types::Currency = new.currency.code().parse().unwrap_or_default();
    let mut request = CreatePrice::new(currency).product(new.product.clone()).metadata(hashed(&new.metadata));
    if let Some(key) = &new.lookup_key {
        request = request.lookup_key(key.clone());
        if new.transfer_lookup_key {
            request = request.transfer_lookup_key(true);
        }
    }
    request = match &new.shape {
        PriceShape::PerUnit(unit) => request.unit_amount_decimal(unit.wire()),
        PriceShape::Bands { mode, bands } => request
            .billing_scheme(PriceBillingScheme::Tiered)
            .tiers_mode(match mode {
                BandMode::Graduated => PriceTiersMode::Graduated,
                BandMode::Volume => PriceTiersMode::Volume,
            })
            .tiers(bands.iter().map(band_wire).collect::<Vec<_>>()),
    };
    let recurring = match &new.charged {
        ChargedNew::Once => return request,
        ChargedNew::InAdvance(Interval::Month) => {
            CreatePriceRecurring::new(CreatePriceRecurringInterval::Month)
        }
        ChargedNew::InAdvance(Interval::Year) => {
            CreatePriceRecurring::new(CreatePriceRecurringInterval::Year)
        }
        ChargedNew::Metered(meter) => {
            let mut recurring = CreatePriceRecurring::new(CreatePriceRecurringInterval::Month);
            recurring.usage_type = Some(CreatePriceRecurringUsageType::Metered);
            recurring.meter = Some(meter.clone());
            recurring
        }
    };
    request.recurring(recurring)
}

impl Api {
    /// Makes a product with an id of our choice. Stripe refuses a second one with that id.
    pub async fn product_create(&self, new: &ProductNew, key: &str) -> Answer<ProductFound> {
        let request = CreateProduct::new(new.name.clone())
            .id(new.id.clone())
            .active(new.active)
            .metadata(hashed(&new.metadata));
        let made = self.write(&request, key).await?.map(product_found);
        if made.value.id != new.id {
            let why = format!("asked for product {}, got {}", new.id, made.value.id);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// Changes what `change` says of a product and nothing else.
    pub async fn product_update(&self, id: &str, change: &ProductChange, key: &str) -> Answer<ProductFound> {
        let mut request = UpdateProduct::new(id);
        if let Some(name) = &change.name {
            request = request.name(name.clone());
        }
        if let Some(active) = change.active {
            request = request.active(active);
        }
        if let Some(price) = &change.default_price {
            request = request.default_price(price.clone());
        }
        if !change.metadata.is_empty() {
            request = request.metadata(hashed(&change.metadata));
        }
        Ok(self.write(&request, key).await?.map(product_found))
    }
    /// One product. A missing one is a refusal (`Failure::is_missing`).
    pub async fn product_retrieve(&self, id: &str) -> Answer<ProductFound> {
        Ok(self.read(&RetrieveProduct::new(id)).await?.map(product_found))
    }
    /// All products of the account, active or not.
    pub async fn product_list(&self) -> Answer<Vec<ProductFound>> {
        let request = ListProduct::new().limit(PAGE_SIZE);
        let answer = self.list::<stripe_shared::Product>(request.build()).await?;
        Ok(answer.map(|products| products.into_iter().map(product_found).collect()))
    }

    /// Makes a price.
    pub async fn price_create(&self, new: &PriceNew, key: &str) -> Answer<PriceFound> {
        let request = price_request(new).expand(["tiers".to_owned()]);
        let made = self.write(&request, key).await?.map(price_found);
        if made.value.product != new.product || made.value.content.currency != new.currency.code() {
            let why = format!("price {} is of another product or currency than asked", made.value.id);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// Changes what `change` says of a price and nothing else. Its content never changes.
    pub async fn price_update(&self, id: &str, change: &PriceChange, key: &str) -> Answer<PriceFound> {
        let mut request = UpdatePrice::new(id).expand(["tiers".to_owned()]);
        if let Some(active) = change.active {
            request = request.active(active);
        }
        if let Some(lookup_key) = &change.lookup_key {
            request = request.lookup_key(lookup_key.clone()).transfer_lookup_key(true);
        }
        if !change.metadata.is_empty() {
            request = request.metadata(hashed(&change.metadata));
        }
        Ok(self.write(&request, key).await?.map(price_found))
    }
    /// The first `pages_max` pages of all prices of the account, active or not, and whether those are all.
    pub async fn price_list_some(&self, pages_max: usize) -> Answer<(Vec<PriceFound>, bool)> {
        let request = ListPrice::new().limit(PAGE_SIZE).expand(["data.tiers".to_owned()]);
        let answer = self.list_some(request.build(), pages_max, typed_page::<stripe_shared::Price>).await?;
        Ok(answer.map(|(prices, whole)| (prices.into_iter().map(price_found).collect(), whole)))
    }
    /// All prices of a product, active or not.
    pub async fn price_list_by_product(&self, product: &str) -> Answer<Vec<PriceFound>> {
        let request = ListPrice::new().product(product).limit(PAGE_SIZE).expand(["data.tiers".to_owned()]);
        let answer = self.list::<stripe_shared::Price>(request.build()).await?;
        Ok(answer.map(|prices| prices.into_iter().map(price_found).collect()))
    }
    /// The prices that hold one of these lookup keys, active or not; at most [`LOOKUP_KEYS_MAX`] keys.
    pub async fn price_list_by_lookup_keys(&self, keys: &[String]) -> Answer<Vec<PriceFound>> {
        let keys: Vec<String> = keys.iter().take(LOOKUP_KEYS_MAX).cloned().collect();
        let request = ListPrice::new().lookup_keys(keys).limit(PAGE_SIZE).expand(["data.tiers".to_owned()]);
        let answer = self.list::<stripe_shared::Price>(request.build()).await?;
        Ok(answer.map(|prices| prices.into_iter().map(price_found).collect()))
    }

    /// The features of a product.
    pub async fn attachment_list(&self, product: &str) -> Answer<Vec<AttachmentFound>> {
        let request = ListProductProductFeature::new(product).limit(PAGE_SIZE);
        let answer = self.list::<stripe_product::ProductFeature>(request.build()).await?;
        Ok(answer.map(|found| found.into_iter().map(|it| attachment_found(product, it)).collect()))
    }
    /// Gives a product a feature.
    pub async fn attachment_create(
        &self,
        product: &str,
        feature: &str,
        key: &str,
    ) -> Answer<AttachmentFound> {
        let request = CreateProductProductFeature::new(product, feature);
        Ok(self.write(&request, key).await?.map(|attached| attachment_found(product, attached)))
    }
    /// Takes a feature from a product. A repeat of a deletion that worked is answered 404 (`is_missing`).
    pub async fn attachment_delete(&self, product: &str, attachment: &str) -> Answer<()> {
        let request = DeleteProductFeature::new(attachment, product);
        let answer: Answer<stripe_product::DeletedProductFeature> =
            self.write_built(request.build(), None).await;
        Ok(answer?.map(|_| ()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        Currency::parse("usd").unwrap()
    }

    #[test]
    fn prices_are_asked_for_in_exact_decimals() {
        let price = |text: &str| UnitPrice::parse_major(text, usd()).unwrap();
        let new = PriceNew {
            product: "acme-tier-pro".into(),
            lookup_key: Some("acme:tier:pro:usage.fast".into()),
            transfer_lookup_key: true,
            currency: usd(),
            shape: PriceShape::Bands {
                mode: BandMode::Graduated,
                bands: vec![
                    Band { up_to: Some(1000), price: UnitPrice::ZERO, flat: UnitPrice::ZERO },
                    Band { up_to: None, price: price("0.0015"), flat: price("5") },
                ],
            },
            charged: ChargedNew::Metered("mtr_1".into()),
            metadata: BTreeMap::new(),
        };
        let body = price_request(&new).build().body.unwrap();
        for part in [
            "currency=usd",
            "billing_scheme=tiered",
            "tiers_mode=graduated",
            "tiers[0][up_to]=1000",
            "tiers[0][unit_amount_decimal]=0",
            "tiers[1][up_to]=inf",
            "tiers[1][unit_amount_decimal]=0.15",
            "tiers[1][flat_amount_decimal]=500",
            "recurring[meter]=mtr_1",
            "recurring[usage_type]=metered",
            "transfer_lookup_key=true",
        ] {
            assert!(body.split('&').any(|pair| pair == part), "{part} in {body}");
        }
    }

    #[test]
    fn amounts_are_read_from_the_exact_form() {
        for (decimal, whole, want) in [
            (Some("0.15"), None, Some("0.15")),
            (Some("2900"), Some(2900), Some("2900")),
            (None, Some(2900), Some("2900")),
            (Some("1.50"), Some(1), Some("1.5")),
            (Some("x"), Some(1), None),
            (None, None, None),
        ] {
            assert_eq!(unit_price(decimal, whole).map(|price| price.wire()).as_deref(), want, "{decimal:?}");
        }
    }
}
