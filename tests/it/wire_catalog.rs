//! What the client's own request builders send is understood by the local Stripe, and what it answers decodes as the
//! types that paygrade reads real Stripe with.

use std::collections::HashMap;

use paygrade::local::{Model, Request, handle};
use stripe_billing::billing_meter::*;
use stripe_billing::billing_meter_event::*;
use stripe_billing::billing_meter_event_adjustment::*;
use stripe_billing::billing_meter_event_summary::*;
use stripe_client_core::{StripeMethod, StripeRequest};
use stripe_core::event::ListEvent;
use stripe_misc::entitlements_feature::*;
use stripe_product::price::*;
use stripe_product::product::*;
use stripe_product::product_feature::*;

/// 2026-01-10T12:00:00Z
const NOW: i64 = 1_768_046_400;

struct World {
    model: Model,
}

impl World {
    fn new() -> World {
        World { model: Model::new("acct_1LocalTest0000", 7, NOW) }
    }

    /// Sends what a builder made; gives status and body.
    fn raw<R: StripeRequest>(&mut self, request: &R) -> (u16, String) {
        let built = request.build();
        let method = match built.method {
            StripeMethod::Get => "GET",
            StripeMethod::Post => "POST",
            StripeMethod::Delete => "DELETE",
        };
        let path = format!("/v1{}?{}", built.path, built.query.unwrap_or_default());
        let request = Request::new(method, &path).form(&built.body.unwrap_or_default());
        let answer = handle(&mut self.model, &request, NOW);
        (answer.status, answer.body)
    }

    /// Sends it, and reads the answer as its builder says.
    fn send<R: StripeRequest>(&mut self, request: &R) -> R::Output
    where
        R::Output: miniserde::Deserialize,
    {
        let built = request.build();
        let (status, body) = self.raw(request);
        assert_eq!(status, 200, "{} {:?} {:?}: {body}", built.path, built.query, built.body);
        miniserde::json::from_str(&body)
            .unwrap_or_else(|_| panic!("not a {}: {body}", std::any::type_name::<R::Output>()))
    }
}

fn pairs(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn meter(w: &mut World) -> String {
    let request = CreateBillingMeter::new(
        CreateBillingMeterDefaultAggregation::new(CreateBillingMeterDefaultAggregationFormula::Sum),
        "Tokens",
        "tokens",
    )
    .customer_mapping(CreateBillingMeterCustomerMapping::new(
        "stripe_customer_id",
        CreateBillingMeterCustomerMappingType::ById,
    ))
    .value_settings(CreateBillingMeterValueSettings::new("value"));
    w.send(&request).id.to_string()
}

#[test]
fn products_and_prices() {
    let mut w = World::new();
    let meter = meter(&mut w);
    let product = w.send(
        &CreateProduct::new("Pro").id("acme-tier-pro").metadata(pairs(&[("paygrade", "acme/tier/pro")])),
    );
    assert_eq!(
        (product.id.as_str(), product.metadata["paygrade"].as_str()),
        ("acme-tier-pro", "acme/tier/pro")
    );
    let mut recurring = CreatePriceRecurring::new(CreatePriceRecurringInterval::Month);
    recurring.usage_type = Some(CreatePriceRecurringUsageType::Metered);
    recurring.meter = Some(meter.clone());
    let mut first = CreatePriceTiers::new(CreatePriceTiersUpTo::I64(1_000));
    first.unit_amount = Some(0);
    let mut last = CreatePriceTiers::new(CreatePriceTiersUpTo::Inf);
    last.unit_amount_decimal = Some("0.15".to_owned());
    let price = w.send(
        &CreatePrice::new(stripe_types::Currency::USD)
            .product("acme-tier-pro")
            .billing_scheme(stripe_shared::PriceBillingScheme::Tiered)
            .tiers_mode(stripe_shared::PriceTiersMode::Graduated)
            .tiers(vec![first, last])
            .recurring(recurring)
            .lookup_key("acme:tier:pro:usage.tokens")
            .transfer_lookup_key(true)
            .expand(vec!["tiers".to_owned(), "product".to_owned()]),
    );
    assert!(matches!(price.product, stripe_types::Expandable::Object(_)));
    let tiers = price.tiers.unwrap();
    assert_eq!(
        (tiers[0].up_to, tiers[1].up_to, tiers[1].unit_amount_decimal.as_deref()),
        (Some(1_000), None, Some("0.15"))
    );
    assert_eq!(price.recurring.unwrap().meter.as_deref(), Some(meter.as_str()));
    let flat = CreatePrice::new(stripe_types::Currency::USD)
        .product("acme-tier-pro")
        .unit_amount(2_900)
        .transform_quantity(CreatePriceTransformQuantity::new(5, CreatePriceTransformQuantityRound::Up));
    let flat = w.send(&flat.expand(vec!["tiers".to_owned()]));
    w.send(&UpdateProduct::new("acme-tier-pro").default_price(flat.id.to_string()).description("d"));
    let shown = w.send(&RetrieveProduct::new("acme-tier-pro").expand(vec!["default_price".to_owned()]));
    assert!(matches!(shown.default_price, Some(stripe_types::Expandable::Object(_))));
    let keys = vec!["acme:tier:pro:usage.tokens".to_owned()];
    let listed = w.send(&ListPrice::new().lookup_keys(keys).expand(vec!["data.tiers".to_owned()]));
    assert_eq!((listed.data.len(), listed.data[0].tiers.as_ref().map(Vec::len)), (1, Some(2)));
    let all = w.send(
        &ListPrice::new()
            .product("acme-tier-pro")
            .active(true)
            .limit(100)
            .expand(vec!["data.tiers".to_owned()]),
    );
    assert_eq!(all.data.len(), 2);
    assert!(!w.send(&UpdatePrice::new(price.id.clone()).active(false).lookup_key("k")).active);
    assert_eq!(w.send(&ListProduct::new().ids(vec!["acme-tier-pro".to_owned()])).data.len(), 1);
    w.send(&CreateProduct::new("Gone").id("gone"));
    assert_eq!(w.send(&DeleteProduct::new("gone")).id.as_str(), "gone");
    assert!(w.send(&ListEvent::new().limit(100)).data.len() >= 6);
}

#[test]
fn features() {
    let mut w = World::new();
    w.send(&CreateProduct::new("Pro").id("pro"));
    let feature =
        w.send(&CreateEntitlementsFeature::new("sso", "Single sign-on").metadata(pairs(&[("a", "b")])));
    let attached = w.send(&CreateProductProductFeature::new("pro", feature.id.to_string()));
    assert_eq!(attached.entitlement_feature.lookup_key, "sso");
    assert_eq!(w.send(&ListProductProductFeature::new("pro")).data.len(), 1);
    w.send(&DeleteProductFeature::new(attached.id.to_string(), "pro"));
    assert!(!w.send(&UpdateEntitlementsFeature::new(feature.id.to_string()).active(false)).active);
    assert_eq!(w.send(&ListEntitlementsFeature::new().lookup_key("sso")).data.len(), 1);
}

#[test]
fn meters_and_usage() {
    let mut w = World::new();
    let meter = meter(&mut w);
    let customer = {
        let request = Request::new("POST", "/v1/customers").form("email=a%40example.com");
        let body: serde_json::Value =
            serde_json::from_str(&handle(&mut w.model, &request, NOW).body).unwrap();
        body["id"].as_str().unwrap().to_owned()
    };
    for (identifier, value) in [("one", "18059974"), ("two", "0.5"), ("three", "4")] {
        let payload = pairs(&[("stripe_customer_id", &customer), ("value", value)]);
        let event = w.send(
            &CreateBillingMeterEvent::new("tokens", payload).identifier(identifier).timestamp(NOW - 30),
        );
        assert_eq!((event.identifier.as_str(), event.payload["value"].as_str()), (identifier, value));
    }
    let mut cancel = CreateBillingMeterEventAdjustmentCancel::new();
    cancel.identifier = Some("three".to_owned());
    let adjusted = CreateBillingMeterEventAdjustment::new(
        "tokens",
        stripe_billing::BillingMeterEventAdjustmentType::Cancel,
    );
    w.send(&adjusted.cancel(cancel));
    let (from, to) = (NOW - 3_600, NOW + 3_600);
    let summaries = w.send(&ListIdBillingMeterEventSummary::new(meter.clone(), customer.clone(), to, from));
    assert_eq!(summaries.data.len(), 1);
    assert_eq!(summaries.data[0].aggregated_value, 18_059_974.5);
    assert_eq!(summaries.data[0].meter, meter);
    assert_eq!(w.send(&ListBillingMeter::new()).data.len(), 1);
    w.send(&DeactivateBillingMeter::new(meter.clone()));
    w.send(&ReactivateBillingMeter::new(meter.clone()));
    w.send(&UpdateBillingMeter::new(meter.clone()).display_name("Renamed"));
    assert_eq!(w.send(&RetrieveBillingMeter::new(meter)).display_name, "Renamed");
}

#[test]
fn the_account() {
    let mut w = World::new();
    let body = handle(&mut w.model, &Request::new("GET", "/v1/account"), NOW).body;
    let account: stripe_shared::Account = miniserde::json::from_str(&body).unwrap();
    assert_eq!(account.id.as_str(), "acct_1LocalTest0000");
}

#[test]
fn refusals_decode_as_errors() {
    let mut w = World::new();
    let (status, body) = w.raw(&RetrieveProduct::new("nope"));
    let error: stripe_shared::Error = miniserde::json::from_str(&body).unwrap();
    assert_eq!((status, error.error.param.as_deref()), (404, Some("id")));
    assert_eq!(error.error.code.map(|code| code.to_string()).as_deref(), Some("resource_missing"));
}
