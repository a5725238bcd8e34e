//! What Stripe holds of ours, and what is in our way. Lists and retrieves only: a search lags behind.

use std::collections::BTreeSet;

use crate::billing::change::Snapshot;
use crate::billing::found::{FeatureFound, PriceFound, ProductFound};
use crate::billing::wanted::{MARK_KEY, Sold, Wanted};
use crate::stripe::{Api, Failure, LOOKUP_KEYS_MAX};

/// Pages of the whole account's prices that are read before each product is asked by itself.
const PRICE_PAGES_MIN: usize = 3;

/// Reads what `change` compares. Of 100 objects this is 4 reads, and one more for each tier where features are used.
pub(super) async fn discover(api: &Api, wanted: &Wanted) -> Result<Snapshot, Failure> {
    let products = products(api, wanted).await?;
    let wanted = &wanted.clone().settled(&products);
    let prices = prices(api, wanted, &products).await?;
    let names: BTreeSet<&str> = wanted.meters.iter().map(|meter| meter.event_name.as_str()).collect();
    let used: BTreeSet<&str> = prices.iter().filter_map(PriceFound::meter).collect();
    let mut meters = api.meter_list().await?.value;
    meters.retain(|meter| names.contains(meter.event_name.as_str()) || used.contains(meter.id.as_str()));
    let features = features(api, wanted).await?;
    let mut attachments = Vec::new();
    if !features.is_empty() {
        let has_features = |product: &&ProductFound| {
            wanted.products.iter().any(|it| it.id == product.id && matches!(it.sold, Sold::Tier(_)))
        };
        for product in products.iter().filter(has_features) {
            attachments.extend(api.attachment_list(&product.id).await?.value);
        }
    }
    Ok(Snapshot { products, prices, meters, features, attachments }.sorted())
}

/// Products that bear our mark or have the id that one of ours must have.
async fn products(api: &Api, wanted: &Wanted) -> Result<Vec<ProductFound>, Failure> {
    let ids: BTreeSet<&str> = wanted.products.iter().map(|product| product.id.as_str()).collect();
    let mut products = api.product_list().await?.value;
    products.retain(|product| {
        let mark = product.metadata.get(MARK_KEY);
        ids.contains(product.id.as_str())
            || mark.is_some_and(|mark| Sold::of_mark(&wanted.namespace, mark).is_some())
    });
    Ok(products)
}

/// Prices of those products, and whoever holds a lookup key of ours. In an account with few prices the whole list is
/// the shortest way; in a large one the products and keys are asked for.
async fn prices(api: &Api, wanted: &Wanted, products: &[ProductFound]) -> Result<Vec<PriceFound>, Failure> {
    let keys: Vec<String> = wanted
        .products
        .iter()
        .flat_map(|product| product.prices.iter().map(|at| at.lookup_key.clone()))
        .collect();
    let ids: BTreeSet<&str> = products.iter().map(|product| product.id.as_str()).collect();
    let calls_by_product = products.len() + keys.len().div_ceil(LOOKUP_KEYS_MAX);
    let (mut prices, whole) = api.price_list_some(calls_by_product.max(PRICE_PAGES_MIN)).await?.value;
    if !whole {
        prices.clear();
        for product in &ids {
            prices.extend(api.price_list_by_product(product).await?.value);
        }
        for some in keys.chunks(LOOKUP_KEYS_MAX) {
            prices.extend(api.price_list_by_lookup_keys(some).await?.value);
        }
    }
    let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    prices.retain(|price| {
        ids.contains(price.product.as_str())
            || price.lookup_key.as_deref().is_some_and(|key| keys.contains(key))
    });
    Ok(prices)
}

async fn features(api: &Api, wanted: &Wanted) -> Result<Vec<FeatureFound>, Failure> {
    let prefix = format!("{}:feature:", wanted.namespace);
    let mut features = api.feature_list().await?.value;
    features.retain(|feature| feature.lookup_key.starts_with(&prefix));
    Ok(features)
}
