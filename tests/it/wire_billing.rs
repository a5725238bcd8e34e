//! What the biller of the local Stripe sends decodes as the types that paygrade reads real Stripe with.
//! Those types refuse a document in which one required field is missing or null.

use paygrade::local::{Model, Request, handle};
use serde_json::Value;

/// 2026-01-10T12:00:00Z
const START: i64 = 1_768_046_400;

struct World {
    model: Model,
    now: i64,
}

impl World {
    fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let answer = handle(&mut self.model, &Request::new(method, path).form(body), self.now);
        (answer.status, answer.body)
    }

    fn ok(&mut self, method: &str, path: &str, body: &str) -> Value {
        let (status, text) = self.send(method, path, body);
        assert_eq!(status, 200, "{method} {path} {body}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn id(&mut self, method: &str, path: &str, body: &str) -> String {
        self.ok(method, path, body)["id"].as_str().unwrap().to_owned()
    }
}

/// Decodes a document, or names the type and shows the document.
fn decode<T: miniserde::Deserialize>(value: &Value) -> T {
    let text = value.to_string();
    miniserde::json::from_str(&text)
        .unwrap_or_else(|_| panic!("not a {}: {value:#}", std::any::type_name::<T>()))
}

fn decode_all<T: miniserde::Deserialize>(world: &mut World, path: &str, least: usize) -> Vec<T> {
    let listed = world.ok("GET", path, "");
    let page: stripe_types::List<T> = decode(&listed);
    assert!(page.data.len() >= least, "{path}: {listed:#}");
    page.data
}

/// A story that makes every kind of object in several states.
fn story() -> (World, String) {
    let mut w = World { model: Model::new("acct_1LocalTest0000", 7, START), now: START };
    w.ok("POST", "/v1/products", "id=pro&name=Pro");
    let meter = w.id(
        "POST",
        "/v1/billing/meters",
        "display_name=Tokens&event_name=tokens&default_aggregation[formula]=sum",
    );
    let seat =
        w.id("POST", "/v1/prices", "product=pro&currency=usd&unit_amount=2900&recurring[interval]=month");
    let bands = w.id(
        "POST",
        "/v1/prices",
        &format!(
            "product=pro&currency=usd&billing_scheme=tiered&tiers_mode=graduated&tiers[0][up_to]=1000\
             &tiers[0][unit_amount]=0&tiers[1][up_to]=inf&tiers[1][unit_amount_decimal]=0.15\
             &recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}"
        ),
    );
    let customer = w.id(
        "POST",
        "/v1/customers",
        "email=a@example.com&name=A&address[city]=Bern&address[country]=CH&metadata[k]=v&payment_method=pm_card_visa\
         &invoice_settings[default_payment_method]=pm_card_visa",
    );
    let body =
        format!("customer={customer}&items[0][price]={seat}&items[0][quantity]=2&items[1][price]={bands}");
    let subscription = w.ok("POST", "/v1/subscriptions", &body);
    let item = subscription["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    w.now += 86_400;
    w.ok(
        "POST",
        "/v1/billing/meter_events",
        &format!("event_name=tokens&payload[stripe_customer_id]={customer}&payload[value]=2500.5"),
    );
    w.ok("POST", &format!("/v1/subscription_items/{item}"), "quantity=5");
    w.ok(
        "POST",
        "/v1/invoiceitems",
        &format!("customer={customer}&amount=-300&currency=usd&description=Sorry"),
    );
    // A trial, a first payment that fails, and a sent invoice.
    w.ok(
        "POST",
        "/v1/subscriptions",
        &format!("customer={customer}&items[0][price]={seat}&trial_period_days=7"),
    );
    let failing = w.id(
        "POST",
        "/v1/customers",
        "payment_method=pm_card_chargeCustomerFail&invoice_settings[default_payment_method]=pm_card_chargeCustomerFail",
    );
    w.ok("POST", "/v1/subscriptions", &format!("customer={failing}&items[0][price]={seat}"));
    let sent = format!(
        "customer={failing}&items[0][price]={bands}&items[1][price]={seat}&collection_method=send_invoice&days_until_due=9"
    );
    w.ok("POST", "/v1/subscriptions", &sent);
    (w, customer)
}

#[test]
fn objects_decode_at_every_stage() {
    let (mut w, customer) = story();
    // Before, in, and after the draft hour of the renewal.
    for _ in 0..4 {
        decode_all::<stripe_shared::Customer>(&mut w, "/v1/customers", 2);
        decode_all::<stripe_shared::PaymentMethod>(
            &mut w,
            &format!("/v1/customers/{customer}/payment_methods"),
            1,
        );
        decode_all::<stripe_shared::Invoice>(&mut w, "/v1/invoices?limit=100", 4);
        let all = decode_all::<stripe_shared::Subscription>(&mut w, "/v1/subscriptions?status=all", 4);
        for subscription in all {
            let path = format!("/v1/subscription_items?subscription={}", subscription.id.as_str());
            decode_all::<stripe_shared::SubscriptionItem>(&mut w, &path, 1);
        }
        decode_all::<stripe_billing::InvoiceItem>(&mut w, "/v1/invoiceitems", 2);
        decode_all::<stripe_shared::Event>(&mut w, "/v1/events?limit=100", 1);
        w.now += 1_800 + 30 * 86_400 / 2;
    }
}

#[test]
fn lines_of_a_renewal_carry_what_the_client_reads() {
    let (mut w, customer) = story();
    w.now = START + 32 * 86_400;
    let invoices = w.ok("GET", &format!("/v1/invoices?customer={customer}&status=paid&limit=100"), "");
    let renewal = invoices["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| {
            it["billing_reason"] == "subscription_cycle" && it["lines"]["data"].as_array().unwrap().len() > 2
        })
        .unwrap()
        .clone();
    let path = format!("/v1/invoices/{}/lines", renewal["id"].as_str().unwrap());
    let lines = decode_all::<stripe_shared::InvoiceLineItem>(&mut w, &path, 5);
    // 5 seats, 1000 free, 1500.5 x 0.15, credit and debit of the seats; the apology stood on the trial's invoice.
    let amounts: Vec<i64> = lines.iter().map(|it| it.amount).collect();
    assert_eq!(amounts, [14_500, 0, 225, -5_613, 14_032]);
    assert_eq!((lines[2].quantity, lines[2].quantity_decimal.as_deref()), (Some(1_500), Some("1500.5")));
    let invoice: stripe_shared::Invoice = decode(&renewal);
    let parent = invoice.parent.unwrap().subscription_details.unwrap();
    assert!(parent.subscription.id().as_str().starts_with("sub_"));
    assert!(lines[0].pricing.as_ref().unwrap().price_details.is_some());
}

#[test]
fn subscriptions_and_deletions_decode_from_single_calls() {
    let (mut w, customer) = story();
    let found = w.ok("GET", &format!("/v1/subscriptions?customer={customer}"), "");
    let id = found["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/subscriptions/{id}?expand[]=latest_invoice&expand[]=default_payment_method");
    let shown: stripe_shared::Subscription = decode(&w.ok("GET", &path, ""));
    assert!(matches!(shown.latest_invoice, Some(stripe_types::Expandable::Object(_))));
    let updated = w.ok("POST", &format!("/v1/subscriptions/{id}"), "cancel_at_period_end=true&metadata[a]=b");
    decode::<stripe_shared::Subscription>(&updated);
    decode::<stripe_shared::Subscription>(&w.ok("DELETE", &format!("/v1/subscriptions/{id}"), ""));
    let deleted: stripe_shared::DeletedCustomer =
        decode(&w.ok("DELETE", &format!("/v1/customers/{customer}"), ""));
    assert_eq!(deleted.id.as_str(), customer);
}
