//! References that the store never saw: whatever Stripe reads by its id leads to its customer, or is said to be nobody's.

use paygrade::error::Kind;
use paygrade::flow::explain::{look_up, meant};

use crate::desk::{Machine, Stage, block_on};
use crate::inbox::on_tier;

fn asked(
    machine: &Machine,
    id: &str,
) -> Result<(String, &'static str, String, Option<String>), paygrade::error::Error> {
    let unknown = machine.store.read(|r| meant(r, id)).unwrap_err();
    assert_eq!(unknown.code(), paygrade::flow::explain::UNKNOWN, "{id} was seen before");
    block_on(look_up(&machine.desk(), id)).map(|it| {
        let by = it.by.unwrap();
        (it.customer.id.to_string(), by.kind, by.says.unwrap_or_default(), it.next)
    })
}

fn first(stage: &Stage, path: &str) -> String {
    stage.call("GET", path, "")["data"][0]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("none at {path}"))
        .to_owned()
}

#[test]
fn any_object_leads_to_its_customer() {
    let stage = Stage::of_template("credits");
    let machine = on_tier(&stage, "basic", "pm_card_visa");
    let charge = first(&stage, "/v1/charges");
    let refund = stage.call("POST", "/v1/refunds", &format!("charge={charge}&amount=100"));
    let sub = first(&stage, "/v1/subscriptions");
    let cus = first(&stage, "/v1/customers");
    let item = first(&stage, &format!("/v1/subscription_items?subscription={sub}"));
    let credits = Some("paygrade reconcile credits --customer acme");
    for (id, kind, says, next) in [
        (first(&stage, "/v1/payment_intents"), "payment", "succeeded USD ", credits),
        (charge, "charge", "succeeded USD ", credits),
        (refund["id"].as_str().unwrap().to_owned(), "refund", "succeeded USD 1.00", credits),
        (item, "subscription item", "at Stripe", Some("paygrade reconcile tiers --customer acme")),
        (first(&stage, "/v1/invoice_payments"), "invoice payment", "paid", None),
        (first(&stage, &format!("/v1/customers/{cus}/payment_methods")), "payment method", "at Stripe", None),
        (
            first(&stage, "/v1/events?type=invoice.paid"),
            "event",
            "invoice.paid",
            Some("paygrade webhook backfill"),
        ),
    ] {
        let found = asked(&machine, &id).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!((found.0.as_str(), found.1, found.3.as_deref()), ("acme", kind, next), "{id}");
        assert!(
            found.2.starts_with(says) && found.2.ends_with("the store never saw it"),
            "{id}: {}",
            found.2
        );
    }
}

#[test]
fn what_is_nobodys_is_said_to_be() {
    let stage = Stage::of_template("credits");
    let machine = on_tier(&stage, "basic", "pm_card_visa");
    let make = |path: &str, body: &str| stage.call("POST", path, body)["id"].as_str().unwrap().to_owned();
    let stranger = make("/v1/customers", "name=Stranger");
    let ours = make("/v1/customers", &format!("metadata[paygrade]={}/customer/bolt", machine.namespace));
    let item = make("/v1/invoiceitems", &format!("customer={stranger}&amount=700&currency=usd"));
    let product = make("/v1/products", "name=Mug");
    let writes = || stage.call("GET", "/_local/status", "")["calls"].to_string().matches("POST").count();
    let before = writes();
    for (id, says, hint) in [
        ("pi_000".to_owned(), "neither here nor at Stripe", "account and mode"),
        (stranger.clone(), "no customer here is linked to", "customer link YOUR-ID cus_"),
        (item, "is an invoice item at Stripe (USD 7.00) of cus_", "customer link YOUR-ID cus_"),
        (ours, "no customer here is linked to", "paygrade customer link bolt cus_"),
        (product, "and of no single customer", "own id"),
    ] {
        let error = asked(&machine, &id).unwrap_err();
        assert_eq!(error.kind(), Kind::BadInput, "{id}: {error}");
        assert!(error.to_string().contains(says), "{id}: {error}");
        assert!(error.hint_text().unwrap_or_default().contains(hint), "{id}: {:?}", error.hint_text());
    }
    assert_eq!(writes(), before, "it reads and nothing else");
}

/// Where Stripe cannot be asked nothing is said about whose it is.
#[test]
fn an_answer_that_did_not_come_is_no_answer() {
    let stage = Stage::of_template("credits");
    let machine = on_tier(&stage, "basic", "pm_card_visa");
    let payment = first(&stage, "/v1/payment_intents");
    stage.fault(&serde_json::json!({"kind": {"refuse_before": {"status": 503}}, "path": "/v1/payment_intents/*", "times": 9}));
    let error = asked(&machine, &payment).unwrap_err();
    assert_ne!(error.kind(), Kind::BadInput, "{error}");
}
