//! `catalog pull`: what Stripe holds as a catalog, and the marks that make hand-made objects ours.

use std::collections::BTreeMap;

use crate::billing::catalog::Catalog;
use crate::billing::change::Snapshot;
use crate::billing::id::Namespace;
use crate::billing::pull::{Made, Mark, Pulled, pull as read_back};
use crate::billing::terms::digest;
use crate::billing::wanted::{MARK_KEY, PRODUCT_MARK};
use crate::error::{Changed, Error, Kind};
use crate::stripe::{Api, PriceChange, ProductChange};

/// Most pages of prices of an account: a hundred thousand.
const PRICE_PAGES_MAX: usize = 1_000;

/// Everything of the account that a catalog can speak of. Features are asked for of products with a mark.
pub async fn look(api: &Api) -> Result<Snapshot, Error> {
    let products = api.product_list().await?.value;
    let (prices, whole) = api.price_list_some(PRICE_PAGES_MAX).await?.value;
    if !whole {
        let text = format!("the account has more than {PRICE_PAGES_MAX} pages of prices");
        return Err(Error::new(Kind::Refused, "too_many_prices", text));
    }
    let meters = api.meter_list().await?.value;
    let features = api.feature_list().await?.value;
    let mut attachments = Vec::new();
    if !features.is_empty() {
        for product in products.iter().filter(|it| it.active && it.metadata.contains_key(MARK_KEY)) {
            attachments.extend(api.attachment_list(&product.id).await?.value);
        }
    }
    Ok(Snapshot { products, prices, meters, features, attachments }.sorted())
}

/// The namespace of the account's marks, where they have but one.
pub fn namespace_found(snapshot: &Snapshot) -> Option<Namespace> {
    let marks = snapshot.products.iter().filter_map(|it| it.metadata.get(MARK_KEY));
    let mut names: Vec<&str> = marks
        .filter(|mark| mark.ends_with(&format!("/{PRODUCT_MARK}")))
        .filter_map(|mark| mark.split('/').next())
        .collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [only] => Namespace::parse(only).ok(),
        _ => None,
    }
}

/// The catalog that Stripe tells of.
pub fn pull(
    snapshot: &Snapshot,
    namespace: &Namespace,
    known: Option<&Catalog>,
    adopt: bool,
) -> Result<Pulled, Error> {
    read_back(snapshot, namespace, known, adopt).ok_or_else(|| {
        Error::new(
            Kind::BadInput,
            "nothing_to_pull",
            "the account has no active price, so there is no catalog to pull",
        )
        .hint("`paygrade init --template NAME` starts one")
    })
}

/// Writes marks on hand-made objects: products first. A mark is a fact that can be seen and set again, so a run that
/// was cut short is finished by the next.
pub async fn mark(api: &Api, marks: &[Mark]) -> Result<(), Error> {
    for (done, it) in marks.iter().enumerate() {
        let metadata: BTreeMap<String, String> = [(MARK_KEY.to_owned(), it.mark.clone())].into();
        let key = format!("paygrade-mark-{}-{}", it.id, digest(&it.mark));
        let marked = match it.of {
            Made::Product => {
                let change = ProductChange { metadata, ..ProductChange::default() };
                api.product_update(&it.id, &change, &key).await.map(drop)
            }
            Made::Price => {
                let change = PriceChange { metadata, ..PriceChange::default() };
                api.price_update(&it.id, &change, &key).await.map(drop)
            }
        };
        marked.map_err(|failure| {
            let error = Error::from(failure);
            if done > 0 { error.changed(Changed::Partial) } else { error }
        })?;
    }
    Ok(())
}
