use super::*;
use crate::billing::found::{MeterFound, PriceContent};
use crate::billing::money::UnitPrice;
use crate::billing::time::Timestamp;

fn usd() -> Currency {
    Currency::parse("usd").unwrap()
}
fn unit(text: &str) -> UnitPrice {
    UnitPrice::parse_major(text, usd()).unwrap()
}
fn product(id: &str, name: &str, mark: Option<&str>) -> ProductFound {
    let metadata = mark.map(|mark| (MARK_KEY.to_owned(), mark.to_owned())).into_iter().collect();
    ProductFound {
        id: id.into(),
        name: name.into(),
        active: true,
        default_price: None,
        metadata,
        updated: Timestamp(0),
    }
}
fn price(
    id: &str,
    product: &str,
    shape: PriceShape,
    charged: ChargedFound,
    mark: Option<&str>,
) -> PriceFound {
    PriceFound {
        id: id.into(),
        product: product.into(),
        active: true,
        lookup_key: None,
        metadata: mark.map(|mark| (MARK_KEY.to_owned(), mark.to_owned())).into_iter().collect(),
        content: PriceContent { currency: "usd".into(), shape: ShapeFound::Known(shape), charged },
        created: Timestamp(0),
    }
}
fn monthly() -> ChargedFound {
    ChargedFound::InAdvance { interval: "month".into(), count: 1 }
}
fn metered() -> ChargedFound {
    ChargedFound::Metered { interval: "month".into(), count: 1, meter: "mtr_1".into() }
}
fn snapshot(products: Vec<ProductFound>, prices: Vec<PriceFound>) -> Snapshot {
    let meter = MeterFound {
        id: "mtr_1".into(),
        event_name: "api.Calls".into(),
        display_name: "API calls".into(),
        active: true,
        formula: "sum".into(),
        customer_key: "stripe_customer_id".into(),
        value_key: "value".into(),
        event_time_window: None,
    };
    Snapshot { products, prices, meters: vec![meter], ..Snapshot::default() }
}
fn acme() -> Namespace {
    Namespace::parse("acme").unwrap()
}

/// A first band at no cost is what is included; anything else is bands.
#[test]
fn included_units_are_read_out_of_bands() {
    let band =
        |up_to, price: &str| super::super::catalog::Band { up_to, price: unit(price), flat: UnitPrice::ZERO };
    let graduated = |bands: Vec<_>| PriceShape::Bands { mode: BandMode::Graduated, bands };
    for (shape, included, per_unit) in [
        (PriceShape::PerUnit(unit("0.5")), 0, true),
        (graduated(vec![band(Some(100), "0"), band(None, "0.5")]), 100, true),
        (graduated(vec![band(Some(100), "0.1"), band(None, "0.5")]), 0, false),
        (graduated(vec![band(Some(10), "0"), band(Some(20), "1"), band(None, "2")]), 0, false),
    ] {
        let UsageTerms::Counted { included: got, beyond: Beyond::Bill(price), .. } = usage_terms(&shape)
        else {
            panic!("{shape:?}");
        };
        assert_eq!((got, matches!(price, UsagePrice::PerUnit(_))), (included, per_unit), "{shape:?}");
    }
}

/// Without --adopt a hand-made product is only named; with it it becomes a tier or a pack, and every object that is
/// taken gets exactly one mark.
#[test]
fn what_was_made_by_hand_is_taken_when_told_to() {
    let products = vec![
        product("prod_1", "Pro Plan!", None),
        product("prod_2", "100 credits", None),
        product("prod_3", "Nothing to sell", None),
        product("acme-tier-pro_plan", "Pro", Some("acme/tier/pro_plan/product")),
        product("other-tier-x", "Of somebody else", Some("other/tier/x/product")),
    ];
    let prices = vec![
        price("price_1", "prod_1", PriceShape::PerUnit(unit("29")), monthly(), None),
        price("price_2", "prod_1", PriceShape::PerUnit(unit("0.01")), metered(), None),
        price("price_3", "prod_1", PriceShape::PerUnit(unit("39")), monthly(), None),
        price("price_4", "prod_2", PriceShape::PerUnit(unit("9.99")), ChargedFound::Once, None),
    ];
    let snapshot = snapshot(products, prices);
    let plain = pull(&snapshot, &acme(), None, false).unwrap();
    assert_eq!(plain.marks, []);
    assert_eq!(plain.catalog.tiers.len(), 1, "only ours");
    assert_eq!(plain.notes[""].iter().filter(|note| note.contains("is not ours")).count(), 3);

    let taken = pull(&snapshot, &acme(), None, true).unwrap();
    let marks: Vec<(&str, &str)> = taken.marks.iter().map(|it| (it.id.as_str(), it.mark.as_str())).collect();
    assert_eq!(
        marks,
        [
            // The key is taken by a tier of ours, so this one is another.
            ("prod_1", "acme/tier/pro_plan_2/product"),
            ("price_1", "acme/tier/pro_plan_2/month"),
            ("price_2", "acme/tier/pro_plan_2/usage.api_calls"),
            ("prod_2", "acme/pack/credits/product"),
            ("price_4", "acme/pack/credits/once"),
        ]
    );
    let tier = &taken.catalog.tiers[&TierKey::parse("pro_plan_2").unwrap()];
    assert_eq!(tier.terms.prices[0].amount.major(), "29.00");
    assert!(tier.terms.usage.contains_key(&MeterKey::parse("api_calls").unwrap()));
    assert!(taken.notes["packs.credits"].iter().any(|note| note.contains("nobody knows how many credits")));
}
