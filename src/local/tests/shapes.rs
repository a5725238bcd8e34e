//! Every object that is answered has exactly the fields, kinds of values and words that Stripe's own types declare.
//!
//! `shapes.txt` holds those declarations as facts: per object one line a field, `?` where it may be absent, then what it
//! may be. They were read off the types of the official SDK for our API version (stripe-node 23.0.1), for the fields
//! that occur here; a field that is not listed is one that Stripe does not have, or a new one to be looked up there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::World;
use crate::local::Request;

const SHAPES: &str = include_str!("shapes.txt");

struct Field {
    optional: bool,
    kinds: Vec<&'static str>,
}

type Shapes = BTreeMap<&'static str, BTreeMap<&'static str, Field>>;

fn shapes() -> Shapes {
    let mut shapes = Shapes::new();
    let mut object = "";
    for line in SHAPES.lines().filter(|line| !line.is_empty()) {
        let Some(row) = line.strip_prefix("  ") else {
            object = line;
            continue;
        };
        let (name, kinds) = row.split_once(' ').unwrap();
        let field = Field { optional: name.ends_with('?'), kinds: kinds.split('|').collect() };
        shapes.entry(object).or_default().insert(name.trim_end_matches('?'), field);
    }
    shapes
}

/// `subscription`, `customer.deleted`; nothing for a part of an object.
fn kind_of(value: &Value) -> Option<String> {
    let name = value.get("object")?.as_str()?;
    Some(if value.get("deleted").is_some() { format!("{name}.deleted") } else { name.to_owned() })
}

fn is(value: &Value, kind: &str) -> bool {
    let decimal = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        [whole, part].iter().all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match (kind, value) {
        ("any", _)
        | ("null", Value::Null)
        | ("string", Value::String(_))
        | ("number", Value::Number(_))
        | ("bool", Value::Bool(_))
        | ("true", Value::Bool(true))
        | ("array", Value::Array(_)) => true,
        ("decimal", Value::String(text)) => decimal(text),
        ("object" | "map", Value::Object(_)) => kind_of(value).is_none(),
        ("list", Value::Object(list)) => list.keys().eq(["data", "has_more", "object", "url"]),
        (word, Value::String(text)) if word.starts_with('\'') => word.trim_matches('\'') == text,
        (named, Value::Object(_)) => {
            named.strip_prefix('@').is_some_and(|name| kind_of(value).as_deref() == Some(name))
        }
        _ => false,
    }
}

/// Compares an object, or a part of one, with the lines that begin with `inside`.
fn compare(
    fields: &BTreeMap<&str, Field>,
    value: &Value,
    inside: &str,
    at: &str,
    wrong: &mut BTreeSet<String>,
) {
    let Value::Object(map) = value else { return };
    for (name, field) in fields {
        let own = name.strip_prefix(inside).filter(|rest| !rest.contains(['.', '[']));
        if own.is_some_and(|own| !field.optional && !map.contains_key(own)) {
            wrong.insert(format!("{at}.{name} is missing"));
        }
    }
    for (name, value) in map {
        let path = format!("{inside}{name}");
        let Some(field) = fields.get(path.as_str()) else {
            wrong.insert(format!("{at}.{path} is no field of Stripe's"));
            continue;
        };
        if !field.kinds.iter().any(|kind| is(value, kind)) {
            wrong.insert(format!("{at}.{path} is {value}, not {}", field.kinds.join("|")));
        }
        if field.kinds.contains(&"map") || (at, name.as_str()) == ("event", "data") {
            continue;
        }
        match value {
            Value::Object(_) if kind_of(value).is_none() => {
                compare(fields, value, &format!("{path}."), at, wrong);
            }
            Value::Array(items) => {
                for item in items.iter().filter(|item| kind_of(item).is_none()) {
                    compare(fields, item, &format!("{path}[]."), at, wrong);
                }
            }
            _ => {}
        }
    }
}

/// Compares every named object in an answer, however deep.
fn check(shapes: &Shapes, value: &Value, seen: &mut BTreeSet<String>, wrong: &mut BTreeSet<String>) {
    if let Some(kind) = kind_of(value).filter(|kind| kind != "list") {
        match shapes.get(kind.as_str()) {
            Some(fields) => compare(fields, value, "", &kind, wrong),
            None => _ = wrong.insert(format!("no shape of {kind}")),
        }
        seen.insert(kind);
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| check(shapes, item, seen, wrong)),
        // What changed is told in part (recorded of Stripe), so it has no shape of its own.
        Value::Object(map) => map
            .iter()
            .filter(|(name, _)| *name != "previous_attributes")
            .for_each(|(_, inner)| check(shapes, inner, seen, wrong)),
        _ => {}
    }
}

/// A world in which every answer is compared.
struct Watched {
    w: World,
    shapes: Shapes,
    seen: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

impl Watched {
    fn ok(&mut self, method: &str, path: &str, body: &str) -> Value {
        let response = self.w.send(&Request::new(method, path).form(body));
        let value = response.json();
        assert_eq!(response.status, 200, "{method} {path} {body}: {value:#}");
        check(&self.shapes, &value, &mut self.seen, &mut self.wrong);
        value
    }

    /// Makes something and gives its id.
    fn make(&mut self, path: &str, body: &str) -> String {
        self.ok("POST", path, body)["id"].as_str().unwrap().to_owned()
    }
}

/// A clock with a customer, moved and deleted.
fn clocks(w: &mut Watched, flat: &str) {
    let frozen = w.w.now - 1_000;
    let clock = w.make("/v1/test_helpers/test_clocks", &format!("frozen_time={frozen}&name=c"));
    let customer = w.make("/v1/customers", &format!("test_clock={clock}"));
    let items = format!("items[0][price]={flat}&collection_method=send_invoice&days_until_due=7");
    w.ok("POST", "/v1/subscriptions", &format!("customer={customer}&{items}&expand[]=latest_invoice"));
    let path = format!("/v1/test_helpers/test_clocks/{clock}");
    w.ok("POST", &format!("{path}/advance"), &format!("frozen_time={}", frozen + 40 * 86_400));
    w.ok("GET", "/v1/test_helpers/test_clocks", "");
    w.ok("DELETE", &path, "");
}

/// Credit grants of each kind, used, ended and taken back.
fn grants(w: &mut Watched, customer: &str, metered: &str) {
    let money = "amount[type]=monetary&amount[monetary][currency]=usd&amount[monetary][value]=5";
    let scope = "applicability_config[scope]";
    let body = format!("customer={customer}&{money}");
    w.make("/v1/billing/credit_grants", &format!("{body}&{scope}[price_type]=metered&name=n&metadata[a]=b"));
    let ends = format!("expires_at={}&category=promotional&expand[]=customer", w.w.now + 90 * 86_400);
    let one = w.make("/v1/billing/credit_grants", &format!("{body}&{scope}[prices][0][id]={metered}&{ends}"));
    w.ok("POST", &format!("/v1/billing/credit_grants/{one}"), "expires_at=&metadata[c]=d");
    w.ok("POST", &format!("/v1/billing/credit_grants/{one}/void"), "");
    let two = w.make("/v1/billing/credit_grants", &format!("{body}&{scope}[price_type]=metered"));
    w.ok("POST", &format!("/v1/billing/credit_grants/{two}/expire"), "");
    w.ok("GET", "/v1/billing/credit_grants", "");
    let confirm = format!("items[0][price]={metered}&billing_thresholds[amount_gte]=50");
    let usage = format!("customer={customer}&{confirm}&items[0][billing_thresholds][usage_gte]=20");
    let sub = w.make("/v1/subscriptions", &usage);
    let flow = "flow_data[type]=subscription_cancel&flow_data[subscription_cancel][subscription]";
    w.make("/v1/billing_portal/sessions", &format!("customer={customer}&{flow}={sub}"));
    let filter = "filter[type]=applicability_scope&filter[applicability_scope][price_type]=metered";
    w.ok("GET", &format!("/v1/billing/credit_balance_summary?customer={customer}&{filter}"), "");
}

/// Endpoints that hear of all that follows.
fn endpoints(w: &mut Watched) {
    let gone = w.make("/v1/webhook_endpoints", "url=https://a.example&enabled_events[]=invoice.paid");
    w.ok("POST", &format!("/v1/webhook_endpoints/{gone}"), "disabled=true&description=x&metadata[a]=b");
    w.ok("DELETE", &format!("/v1/webhook_endpoints/{gone}"), "");
    w.make("/v1/webhook_endpoints", "url=http://localhost:1/&enabled_events[]=*");
    w.ok("GET", "/v1/webhook_endpoints", "");
}

fn catalog(w: &mut Watched) -> (String, String, String) {
    w.ok("GET", "/v1/account", "");
    w.ok(
        "POST",
        "/v1/products",
        "id=p&name=Pro&marketing_features[0][name]=f&images[0]=https://x.example/a.png",
    );
    w.ok("POST", "/v1/products", "id=gone&name=Gone");
    w.ok("DELETE", "/v1/products/gone", "");
    let feature = w.make("/v1/entitlements/features", "lookup_key=k&name=K");
    let attached = w.make("/v1/products/p/features", &format!("entitlement_feature={feature}"));
    w.ok("DELETE", &format!("/v1/products/p/features/{attached}"), "");
    w.make("/v1/products/p/features", &format!("entitlement_feature={feature}"));
    let meter = w.make("/v1/billing/meters", "display_name=M&event_name=ev&default_aggregation[formula]=sum");
    let metered = format!(
        "product=p&currency=usd&billing_scheme=tiered&tiers_mode=graduated&recurring[interval]=month&\
         recurring[usage_type]=metered&recurring[meter]={meter}&tiers[0][up_to]=10&tiers[0][unit_amount]=0&\
         tiers[1][up_to]=inf&tiers[1][unit_amount_decimal]=0.15&expand[]=tiers&expand[]=currency_options"
    );
    let metered = w.make("/v1/prices", &metered);
    let flat = w.make("/v1/prices", "product=p&currency=usd&unit_amount=900&recurring[interval]=month");
    w.make(
        "/v1/prices",
        "product=p&currency=usd&unit_amount=30&transform_quantity[divide_by]=9&transform_quantity[round]=up",
    );
    w.ok("GET", "/v1/prices?expand[]=data.tiers&expand[]=data.product.default_price", "");
    (meter, flat, metered)
}

fn sales(w: &mut Watched, flat: &str, metered: &str) -> (String, String) {
    let address = "address[line1]=1&shipping[name]=s&shipping[address][line1]=2";
    let customer = w.make("/v1/customers", &format!("email=a@x.example&{address}"));
    let gone = w.make("/v1/customers", "email=b@x.example");
    w.ok("DELETE", &format!("/v1/customers/{gone}"), "");
    let card = w.make("/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}"));
    w.ok(
        "POST",
        &format!("/v1/customers/{customer}"),
        &format!("invoice_settings[default_payment_method]={card}"),
    );
    let body =
        format!("customer={customer}&items[0][price]={flat}&items[0][quantity]=3&items[1][price]={metered}");
    let expand = "expand[]=latest_invoice.confirmation_secret&expand[]=customer";
    let made = w.ok("POST", "/v1/subscriptions", &format!("{body}&{expand}"));
    let granted = format!("/v1/entitlements/active_entitlements?customer={customer}");
    let granted = w.ok("GET", &format!("{granted}&expand[]=data.feature"), "");
    assert_eq!(granted["data"][0]["feature"]["lookup_key"], "k");
    let (id, item) = (made["id"].as_str().unwrap(), made["items"]["data"][0]["id"].as_str().unwrap());
    w.w.now += 86_400;
    let change = format!("items[0][id]={item}&items[0][quantity]=1&proration_behavior=create_prorations");
    w.ok("POST", &format!("/v1/subscriptions/{id}"), &change);
    w.make("/v1/invoiceitems", &format!("customer={customer}&amount=5&currency=usd&subscription={id}"));
    let sent =
        format!("customer={customer}&items[0][price]={flat}&collection_method=send_invoice&days_until_due=7");
    w.ok("POST", "/v1/subscriptions", &sent);
    let trial = format!("customer={customer}&items[0][price]={flat}&trial_period_days=3");
    let trial = w.make("/v1/subscriptions", &trial);
    let more = w.make("/v1/subscription_items", &format!("subscription={trial}&price={metered}"));
    w.ok("DELETE", &format!("/v1/subscription_items/{more}"), "");
    w.ok("DELETE", &format!("/v1/subscriptions/{trial}"), "");
    schedules(w, &customer, flat, metered);
    (customer, id.to_owned())
}

fn schedules(w: &mut Watched, customer: &str, flat: &str, metered: &str) {
    let items = format!("items[0][price]={flat}&items[1][price]={metered}");
    let made = w.ok("POST", "/v1/subscriptions", &format!("customer={customer}&{items}"));
    let (id, at) = (made["id"].as_str().unwrap(), &made["items"]["data"][0]["current_period_start"]);
    let schedule = w.make("/v1/subscription_schedules", &format!("from_subscription={id}"));
    let body = format!(
        "phases[0][start_date]={at}&phases[0][duration][interval]=month&phases[0][items][0][price]={flat}&\
         phases[0][items][1][price]={metered}&phases[1][items][0][price]={metered}"
    );
    let path = format!("/v1/subscription_schedules/{schedule}");
    w.ok("POST", &path, &format!("{body}&expand[]=subscription&expand[]=phases.items.price"));
    w.ok("GET", "/v1/subscription_schedules?expand[]=data.customer", "");
    w.ok("POST", "/v1/invoices/create_preview", &format!("schedule={schedule}"));
    w.ok("POST", &format!("{path}/release"), "");
}

fn payments(w: &mut Watched, customer: &str, flat: &str) {
    let once = w.make("/v1/prices", "product=p&currency=usd&unit_amount=900");
    let ends = "success_url=https://x.example&line_items[0][quantity]=1";
    let sale = format!("mode=payment&line_items[0][price]={once}&invoice_creation[enabled]=true&{ends}");
    w.make(
        "/v1/coupons",
        "id=c&percent_off=12.5&duration=forever&applies_to[products][0]=p&expand[]=applies_to",
    );
    let code =
        w.make("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=c&expand[]=promotion.coupon");
    let begun = format!("mode=subscription&line_items[0][price]={flat}&customer={customer}&{ends}");
    let begun = format!("{begun}&discounts[0][promotion_code]={code}");
    for body in [&sale, &begun] {
        let session = w.make("/v1/checkout/sessions", &format!("{body}&expand[]=line_items"));
        w.ok("POST", &format!("/_local/checkout/{session}/complete"), "");
        w.ok("GET", &format!("/v1/checkout/sessions/{session}/line_items"), "");
    }
    w.make("/v1/checkout/sessions", &begun);
    let later = w.make("/v1/checkout/sessions", &sale);
    w.ok("POST", &format!("/_local/checkout/{later}/complete"), "{\"async\": \"failed\", \"after_s\": 5}");
    w.w.now += 6;
    let intents = w.ok("GET", "/v1/payment_intents?expand[]=data.latest_charge", "");
    let paid = intents["data"].as_array().unwrap().iter().find(|it| it["status"] == "succeeded").unwrap();
    let id = paid["id"].as_str().unwrap();
    w.ok("POST", "/v1/refunds", &format!("payment_intent={id}&expand[]=charge&expand[]=payment_intent"));
    w.ok("GET", "/v1/subscriptions?expand[]=data.discounts.source.coupon", "");
    w.ok("GET", "/v1/invoices?expand[]=data.discounts.promotion_code", "");
    let draft = w.make("/v1/invoices", &format!("customer={customer}&discounts[0][coupon]=c"));
    let item = format!("customer={customer}&invoice={draft}&amount=500&currency=usd");
    let item = w.make("/v1/invoiceitems", &item);
    w.ok("POST", &format!("/v1/invoiceitems/{item}"), "amount=400");
    w.ok("DELETE", &format!("/v1/invoiceitems/{item}"), "");
    w.ok("DELETE", &format!("/v1/invoices/{draft}"), "");
    w.make("/v1/coupons", "id=d&amount_off=1&currency=usd");
    w.ok("DELETE", "/v1/coupons/d", "");
    for path in ["checkout/sessions", "coupons", "promotion_codes", "charges", "refunds", "invoice_payments"]
    {
        w.ok("GET", &format!("/v1/{path}?limit=100"), "");
    }
    w.ok("GET", "/v1/checkout/sessions?expand[]=data.invoice.payments&expand[]=data.subscription", "");
}

fn credits(w: &mut Watched, customer: &str) {
    let path = format!("/v1/customers/{customer}/balance_transactions");
    w.make(&path, "amount=-500&currency=usd&description=d&metadata[a]=b");
    let invoice = w.make("/v1/invoices", &format!("customer={customer}&currency=usd"));
    let item = format!("customer={customer}&invoice={invoice}&amount=9000&currency=usd");
    w.ok("POST", "/v1/invoiceitems", &item);
    let shown = w.ok("POST", &format!("/v1/invoices/{invoice}/finalize"), "");
    let line = shown["lines"]["data"][0]["id"].as_str().unwrap();
    let of_line =
        format!("invoice={invoice}&lines[0][type]=invoice_line_item&lines[0][invoice_line_item]={line}");
    let note = w.make("/v1/credit_notes", &format!("{of_line}&lines[0][amount]=100&memo=m&reason=duplicate"));
    w.ok("POST", &format!("/v1/credit_notes/{note}/void"), "");
    w.ok("POST", &format!("/v1/invoices/{invoice}/pay"), "");
    let own = "lines[0][type]=custom_line_item&lines[0][description]=x&lines[0][quantity]=3&lines[0][unit_amount]=100";
    let body = format!("invoice={invoice}&{own}&credit_amount=100&refund_amount=150&out_of_band_amount=50");
    w.make(
        "/v1/credit_notes",
        &format!("{body}&expand[]=customer_balance_transaction&expand[]=refunds.refund"),
    );
    w.ok(
        "GET",
        &format!("/v1/credit_notes?invoice={invoice}&expand[]=data.invoice&expand[]=data.customer"),
        "",
    );
    w.ok("GET", &format!("{path}?expand[]=data.credit_note&expand[]=data.invoice"), "");
}

#[test]
fn every_answer_has_the_shape_of_stripes_types() {
    let mut w = Watched { w: World::new(), shapes: shapes(), seen: BTreeSet::new(), wrong: BTreeSet::new() };
    endpoints(&mut w);
    let (meter, flat, metered) = catalog(&mut w);
    clocks(&mut w, &flat);
    let (customer, subscription) = sales(&mut w, &flat, &metered);
    payments(&mut w, &customer, &flat);
    grants(&mut w, &customer, &metered);
    credits(&mut w, &customer);
    let payload = format!("payload[stripe_customer_id]={customer}&payload[value]=25");
    w.ok("POST", "/v1/billing/meter_events", &format!("event_name=ev&{payload}&identifier=i"));
    w.ok("POST", "/v1/billing/meter_events", &format!("event_name=ev&{payload}&identifier=j"));
    w.ok(
        "POST",
        "/v1/billing/meter_events",
        "event_name=ev&payload[stripe_customer_id]=cus_no&payload[value]=1",
    );
    w.ok("POST", "/v1/billing/meter_event_adjustments", "event_name=ev&type=cancel&cancel[identifier]=i");
    w.ok("POST", "/v2/billing/meter_events", &format!("event_name=ev&{payload}&identifier=k"));
    w.ok("POST", "/v2/billing/meter_event_adjustments", "event_name=ev&type=cancel&cancel[identifier]=k");
    w.ok("POST", "/v2/billing/meter_event_session", "");
    w.w.now += 60;
    let (start, end) = (w.w.now - w.w.now % 60 - 600, w.w.now - w.w.now % 60 + 60);
    let range = format!("customer={customer}&start_time={start}&end_time={end}");
    w.ok("GET", &format!("/v1/billing/meters/{meter}/event_summaries?{range}"), "");
    w.ok("GET", "/v2/core/events?limit=100", "");
    w.w.now += 40 * 86_400;
    w.ok(
        "GET",
        "/v1/subscriptions?status=all&expand[]=data.customer.subscriptions&expand[]=data.latest_invoice",
        "",
    );
    w.ok("DELETE", &format!("/v1/subscriptions/{subscription}"), "invoice_now=true");
    for path in
        ["invoices", "customers", "invoiceitems", "products", "billing/meters", "entitlements/features"]
    {
        w.ok("GET", &format!("/v1/{path}?limit=100"), "");
    }
    w.ok("GET", "/v1/invoices?limit=100&expand[]=data.parent.subscription_details.subscription", "");
    w.ok("GET", "/v1/invoiceitems?expand[]=data.customer&expand[]=data.invoice", "");
    w.ok("GET", &format!("/v1/payment_methods?customer={customer}&expand[]=data.customer"), "");
    let moved = "expand[]=data.credit_grant&expand[]=data.debit.credits_applied.invoice";
    w.ok("GET", &format!("/v1/billing/credit_balance_transactions?customer={customer}&{moved}"), "");
    w.ok("GET", "/v1/events?limit=100", "");
    assert!(w.wrong.is_empty(), "{:#?}", w.wrong);
    let missed: Vec<&&str> = w.shapes.keys().filter(|kind| !w.seen.contains(**kind)).collect();
    assert!(missed.is_empty(), "never answered: {missed:?}");
}
