//! Any requests at all: no panic, always JSON, always the same again.

use proptest::prelude::*;

use super::*;

const PATHS: &[&str] = &[
    "/v1/account",
    "/v1/products",
    "/v1/products/p",
    "/v1/products/p/features",
    "/v1/prices",
    "/v1/prices/price_x",
    "/v1/entitlements/features",
    "/v1/billing/meters",
    "/v1/billing/meter_events",
    "/v1/billing/meter_event_adjustments",
    "/v1/billing/meters/ID/event_summaries",
    "/v1/billing/meters/ID/deactivate",
    "/v1/events",
    "/v1/customers",
    "/v1/customers/cus_a",
    "/v1/subscriptions",
    "/v1/invoices",
    "/v1/invoiceitems",
    "/v1/subscription_items",
    "/v1/nope",
    "/",
    "//",
    "/_local/status",
    "/_local/settings",
    "/_local/faults",
    "/v1/payment_methods",
];

const NAMES: &[&str] = &[
    "id",
    "name",
    "active",
    "limit",
    "starting_after",
    "ending_before",
    "created[gte]",
    "created",
    "expand[]",
    "metadata[a]",
    "metadata",
    "currency",
    "unit_amount",
    "unit_amount_decimal",
    "product",
    "recurring[interval]",
    "recurring[interval_count]",
    "recurring[usage_type]",
    "recurring[meter]",
    "billing_scheme",
    "tiers_mode",
    "tiers[0][up_to]",
    "tiers[0][unit_amount]",
    "tiers[1][up_to]",
    "tiers[1][flat_amount_decimal]",
    "lookup_key",
    "transfer_lookup_key",
    "event_name",
    "payload[value]",
    "payload[stripe_customer_id]",
    "identifier",
    "timestamp",
    "customer",
    "start_time",
    "end_time",
    "value_grouping_window",
    "default_aggregation[formula]",
    "display_name",
    "items[0][price]",
    "items[0][quantity]",
    "trial_period_days",
    "cancel[identifier]",
    "type",
    "amount",
    "email",
    "payment_method",
    "trial_end",
    "billing_cycle_anchor",
    "days_until_due",
    "collection_method",
    "[",
    "a[b",
    "x",
];

const VALUES: &[&str] = &[
    "",
    "p",
    "x",
    "usd",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "5",
    "100",
    "1000000000000",
    "9223372036854775807",
    "-9223372036854775808",
    "170141183460469231731687303715884105727",
    "0.000000000001",
    "0.1",
    "1e5",
    "NaN",
    "inf",
    "month",
    "day",
    "year",
    "sum",
    "last",
    "tokens",
    "cus_a",
    "metered",
    "tiered",
    "graduated",
    "cancel",
    "1767225600",
    "1767225540",
    "253402300799",
    "data.product",
    "product",
    "tiers",
    "data.tiers",
    "pm_card_visa",
    "send_invoice",
    "%00",
    "%ff",
    "%",
    "%E2%80%AE",
    "{\"lag_s\":9223372036854775807}",
    "PRICE",
];

fn requests() -> impl Strategy<Value = Vec<(Request, i64)>> {
    let pair =
        (prop::sample::select(NAMES), prop::sample::select(VALUES)).prop_map(|(n, v)| format!("{n}={v}"));
    let form = prop::collection::vec(pair, 0..7).prop_map(|pairs| pairs.join("&"));
    let method = prop::sample::select(&["GET", "POST", "DELETE", "PUT"][..]);
    let step = prop::sample::select(&[0_i64, 1, 60, 3_700, 90_000, 40 * 86_400, -500][..]);
    let one = (method, prop::sample::select(PATHS), form.clone(), form, step, 0..4_u8);
    let one = one.prop_map(|(method, path, query, body, step, key)| {
        let mut request = Request::new(method, path).form(&body);
        request.query = query;
        if key == 0 {
            request = request.header("Idempotency-Key", "k");
        }
        (request, step)
    });
    prop::collection::vec(one, 1..25)
}

/// A world in which the sampled names exist.
fn world() -> World {
    let mut w = World::new();
    w.ok("POST", "/v1/products", "id=p&name=x");
    w.ok("POST", "/v1/billing/meters", "display_name=T&event_name=tokens&default_aggregation[formula]=sum");
    w.ok("POST", "/v1/prices", "product=p&currency=usd&unit_amount=500&recurring[interval]=month");
    w
}

fn run(requests: &[(Request, i64)]) -> (String, Vec<Response>) {
    let mut w = world();
    let meter = w.model.meters.iter().next().unwrap().id.clone();
    let price = w.model.prices.iter().next().unwrap().id.clone();
    let mut answers = Vec::new();
    for (request, step) in requests {
        w.now += step;
        let mut request = request.clone();
        request.path = request.path.replace("ID", &meter);
        request.body = request.body.replace("PRICE", &price);
        answers.push(w.send(&request));
    }
    (serde_json::to_string(&w.model).unwrap(), answers)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_requests_are_answered_and_repeatable(requests in requests()) {
        let (model, answers) = run(&requests);
        for answer in &answers {
            prop_assert!(answer.status == 200 || (400..=503).contains(&answer.status), "{}", answer.status);
            prop_assert!(answer.json().is_object(), "{}", answer.body);
        }
        prop_assert_eq!(&run(&requests), &(model.clone(), answers));
        let read: Model = serde_json::from_str(&model).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), model);
    }
}
