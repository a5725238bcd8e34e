use super::*;
use crate::billing::found::{ChargedFound, MeterFound, PriceContent, PriceFound, ProductFound, ShapeFound};
use crate::billing::price::{Charged, tier_prices};
use crate::billing::terms::digest;
use crate::billing::time::Timestamp;
use crate::billing::wanted::{DIGEST_KEY, MARK_KEY, PRODUCT_MARK, wanted};

const CATALOG: &str = r#"{
 "actions":{},"alerts":{"at":[80]},"currency":"usd","namespace":"acme","features":{},"packs":{},
 "meters":{"tokens":{"event":"acme_tokens","name":"Tokens","unit":"token","window":"hour"}},
 "tiers":{"pro":{"features":[],"name":"Pro","rank":2,"terms":{"currency":"usd",
   "prices":[{"amount":"29.00","interval":"month"}],
   "usage":{"tokens":{"beyond":"bill","included":1000,"price":"0.0015"}}}}}}"#;

/// What Stripe holds right after a seed.
fn seeded(catalog: &Catalog, wanted: &Wanted) -> Snapshot {
    let product = &wanted.products[0];
    let metadata = |key: &str| {
        let mark = product.sold.mark(&wanted.namespace, key);
        BTreeMap::from([(MARK_KEY.to_owned(), mark), (DIGEST_KEY.to_owned(), digest(""))])
    };
    let terms = &catalog.tiers.values().next().unwrap().terms;
    let prices = tier_prices(terms).into_iter().zip(&product.prices).map(|(price, at)| PriceFound {
        id: format!("price_{}", price.key),
        product: product.id.clone(),
        active: true,
        lookup_key: Some(at.lookup_key.clone()),
        metadata: metadata(&price.key),
        content: PriceContent {
            currency: "usd".to_owned(),
            shape: ShapeFound::Known(price.shape),
            charged: match price.charged {
                Charged::Once => ChargedFound::Once,
                Charged::InAdvance { interval, .. } => {
                    ChargedFound::InAdvance { interval: interval.as_str().to_owned(), count: 1 }
                }
                Charged::Metered { .. } => {
                    let (interval, meter) = ("month".to_owned(), "mtr_1".to_owned());
                    ChargedFound::Metered { interval, count: 1, meter }
                }
            },
        },
        created: Timestamp(0),
    });
    Snapshot {
        prices: prices.collect(),
        products: vec![ProductFound {
            id: product.id.clone(),
            name: product.name.clone(),
            active: true,
            default_price: None,
            metadata: metadata(PRODUCT_MARK),
            updated: Timestamp(0),
        }],
        meters: vec![MeterFound {
            id: "mtr_1".to_owned(),
            event_name: "acme_tokens".to_owned(),
            display_name: "Tokens".to_owned(),
            active: true,
            formula: "sum".to_owned(),
            customer_key: "stripe_customer_id".to_owned(),
            value_key: "value".to_owned(),
            event_time_window: None,
        }],
        ..Snapshot::default()
    }
}

/// Nobody is put on what is not ours, or on a meter that counts otherwise: that a conflict stands in the way is shown,
/// and the tier cannot be assigned.
#[test]
fn what_is_in_the_way_is_not_recorded() {
    let catalog = Catalog::from_json(CATALOG).unwrap();
    let wanted = wanted(&catalog).unwrap();
    type Edit = fn(&mut Snapshot);
    let rows: [(&str, Edit, usize, Option<&str>); 7] = [
        ("as seeded", |_| (), 1, Some("mtr_1")),
        ("a price of others holds our key", |it| it.prices[0].metadata.clear(), 0, Some("mtr_1")),
        ("a price on another product", |it| it.prices[0].product = "prod_x".to_owned(), 0, Some("mtr_1")),
        ("an archived price", |it| it.prices[0].active = false, 0, Some("mtr_1")),
        ("a product of others has our id", |it| it.products[0].metadata.clear(), 0, Some("mtr_1")),
        ("a meter that counts events", |it| it.meters[0].formula = "count".to_owned(), 0, None),
        ("an inactive meter", |it| it.meters[0].active = false, 0, None),
    ];
    for (what, edit, revisions, meter) in rows {
        let mut snapshot = seeded(&catalog, &wanted);
        edit(&mut snapshot);
        let record = Record::of(&catalog, &wanted, &snapshot);
        let stored = record.meters.iter().find_map(|(_, applied)| applied.stripe_id.as_deref());
        assert_eq!((record.revisions.len(), stored), (revisions, meter), "{what}");
    }
}
