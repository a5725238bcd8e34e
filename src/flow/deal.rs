//! Deals: the prices of terms that were agreed with one customer. Made at Stripe before the assignment that pins them,
//! found again by what they are: a run that died leaves prices that nobody has bought, and the next one takes them up.
//!
//! Their mark is of the kind `deal` and they have no lookup key, so `seed` leaves them alone.

use std::collections::BTreeMap;

use super::{Desk, set, stored_answer_hint};
use crate::billing::catalog::Catalog;
use crate::billing::id::{Namespace, Revision, TierKey};
use crate::billing::price::{Charged, WantedPrice, tier_prices};
use crate::billing::terms::digest;
use crate::billing::wanted::{DIGEST_KEY, MARK_KEY, PriceAt, Sold};
use crate::error::{Changed, Error, Kind};
use crate::stripe::{ChargedNew, PriceNew};

/// The mark of a deal's price: `acme/deal/enterprise/month`.
fn mark(namespace: &Namespace, tier: &TierKey, key: &str) -> String {
    format!("{namespace}/deal/{tier}/{key}")
}

/// Makes the prices of a deal as far as they are not there, and notes them in the store. A revision that has them
/// already costs no call.
pub async fn deal_prices(
    desk: &Desk<'_>,
    catalog: &Catalog,
    revision: &Revision,
    terms: &crate::billing::catalog::Terms,
) -> Result<(), Error> {
    let wanted = tier_prices(terms);
    let known = desk.store.read(|r| r.revision_prices(revision))?;
    if wanted.iter().all(|price| known.contains_key(&price.key)) {
        return Ok(());
    }
    let product = Sold::Tier(revision.tier.clone()).product_id(desk.namespace);
    let found = desk.api.price_list_by_product(&product).await?.value;
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    for price in wanted.into_iter().filter(|price| !known.contains_key(&price.key)) {
        let mark = mark(desk.namespace, &revision.tier, &price.key);
        let (new, digest) = price_new(desk, catalog, &product, &price, &mark)?;
        let there = found.iter().find(|it| {
            let says = |key: &str| it.metadata.get(key);
            it.active && says(MARK_KEY) == Some(&mark) && says(DIGEST_KEY) == Some(&digest)
        });
        let id = match there {
            Some(there) => there.id.clone(),
            None => {
                let key =
                    format!("paygrade:{}:deal:{}:{}:{digest}", desk.namespace, revision.tier, price.key);
                let create = async |key: String| desk.api.price_create(&new, &key).await;
                set(desk, key, true, create).await.map_err(|failure| refused(failure, &product))?.value.id
            }
        };
        made.insert(price.key, id);
    }
    desk.store.write(desk.now, |w| {
        w.revision_put(revision, &terms.to_json(catalog.currency))?;
        made.iter().try_for_each(|(role, price)| w.revision_price_put(revision, role, price))
    })?;
    Ok(())
}

/// The price as it is to be made, and the digest of what it says.
fn price_new(
    desk: &Desk<'_>,
    catalog: &Catalog,
    product: &str,
    price: &WantedPrice,
    mark: &str,
) -> Result<(PriceNew, String), Error> {
    let mut event_name = None;
    let charged = match &price.charged {
        Charged::Once => ChargedNew::Once,
        Charged::InAdvance { interval, .. } => ChargedNew::InAdvance(*interval),
        Charged::Metered { meter } => {
            let applied = desk.store.read(|r| r.applied_meter(meter))?;
            let at_stripe = applied.as_ref().and_then(|it| it.stripe_id.clone());
            let at_stripe = at_stripe.ok_or_else(|| {
                let text = format!("meter `{meter}` is not at Stripe: no tier of the catalog prices it");
                Error::new(Kind::Refused, "local_meter", text)
                    .hint("give it a price in the custom tier of the catalog, then apply it: paygrade seed")
            })?;
            event_name = applied.map(|it| it.meter.event);
            ChargedNew::Metered(at_stripe)
        }
    };
    let at = PriceAt { lookup_key: String::new(), price: price.clone(), event_name };
    let digest = digest(&at.content(catalog.currency));
    let metadata =
        BTreeMap::from([(MARK_KEY.to_owned(), mark.to_owned()), (DIGEST_KEY.to_owned(), digest.clone())]);
    let new = PriceNew {
        product: product.to_owned(),
        lookup_key: None,
        transfer_lookup_key: false,
        currency: catalog.currency,
        shape: price.shape.clone(),
        charged,
        metadata,
    };
    Ok((new, digest))
}

fn refused(failure: crate::stripe::Failure, product: &str) -> Error {
    if failure.is_missing() {
        let text = format!("there is no product {product} at Stripe yet");
        return Error::new(Kind::Config, "not_seeded", text)
            .changed(Changed::None)
            .hint("put it at Stripe first: paygrade seed");
    }
    stored_answer_hint(failure)
}
