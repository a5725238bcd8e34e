//! Planted differences: exactly those are found, what is safe is mended, and a second run is clean.

use paygrade::billing::assign::Asked;
use paygrade::billing::compare::Subject;
use paygrade::billing::contact::Email;
use paygrade::billing::id::TierKey;
use paygrade::billing::time::DAY_S;
use paygrade::flow::assign::{Ask, assign};
use paygrade::flow::compare::{RepairAsk, Step, TiersAsk, record, repair_apply, repair_plan, tiers_findings};
use paygrade::flow::customer::customer_add;
use serde_json::Value;

use crate::desk::{Machine, Stage, block_on, customer};

fn add(machine: &Machine, id: &str) {
    let email = Some(Email::parse("a@acme.io").unwrap());
    let wish = paygrade::flow::customer::Ask { id: customer(id), email, name: None, payment_method: None };
    block_on(customer_add(&machine.desk(), &wish)).unwrap();
}

fn put(machine: &Machine, id: &str, tier: &str, seats: Option<u32>) {
    let card = (tier != "starter").then(|| "pm_card_visa".to_owned());
    let tier = TierKey::parse(tier).unwrap();
    let asked = Asked { seats, ..Asked::of(tier) };
    let ask = Ask {
        customer: customer(id),
        asked,
        payment_method: card,
        coupon: None,
        at: None,
        forfeit: false,
        since: None,
    };
    block_on(assign(&machine.desk(), &ask)).unwrap();
}

/// Customers a to h on `pro` with 4 seats.
fn eight(stage: &Stage) -> Machine {
    let machine = stage.machine();
    for id in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        add(&machine, id);
        put(&machine, id, "pro", Some(4));
    }
    machine
}

fn sub_of(machine: &Machine, id: &str) -> String {
    let open = machine.store.read(|r| {
        let row = r.customer_by_id(&customer(id))?.unwrap().row;
        r.assignment_open(row)
    });
    open.unwrap().unwrap().sub.unwrap()
}

fn cus_of(machine: &Machine, id: &str) -> String {
    machine.store.read(|r| r.customer_by_id(&customer(id))).unwrap().unwrap().cus.unwrap()
}

/// `customer class cause ours stripe` of each finding.
fn found(machine: &Machine) -> Vec<String> {
    let (seen, scope) = block_on(tiers_findings(&machine.desk(), &TiersAsk::default())).unwrap();
    let outcome = record(&machine.store, machine.now, Subject::Tiers, scope, &seen).unwrap();
    let one = |it: &paygrade::store::state_finding::StateFinding| {
        format!("{} {} {}", it.customer_id.as_deref().unwrap_or("-"), it.new.class, it.new.cause)
    };
    outcome.findings.iter().map(one).collect()
}

fn repaired(machine: &Machine) -> Vec<Step> {
    let plan = block_on(repair_plan(&machine.desk(), &RepairAsk::default())).unwrap();
    block_on(repair_apply(&machine.desk(), plan)).unwrap()
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

/// A second subscription to the same, as another program would make it.
fn duplicate(stage: &Stage, machine: &Machine, id: &str) -> String {
    let there = stage.call("GET", &format!("/v1/subscriptions/{}", sub_of(machine, id)), "");
    let mut body = format!("customer={}&billing_mode[type]=flexible", cus_of(machine, id));
    for (number, item) in there["items"]["data"].as_array().unwrap().iter().enumerate() {
        body += &format!("&items[{number}][price]={}", item["price"]["id"].as_str().unwrap());
        if let Some(quantity) = item["quantity"].as_u64() {
            body += &format!("&items[{number}][quantity]={quantity}");
        }
    }
    for (key, value) in there["metadata"].as_object().unwrap() {
        let value: String = url(value.as_str().unwrap());
        body += &format!("&metadata[{key}]={value}");
    }
    stage.call("POST", "/v1/subscriptions", &body)["id"].as_str().unwrap().to_owned()
}

fn url(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

fn status(stage: &Stage, sub: &str) -> String {
    stage.call("GET", &format!("/v1/subscriptions/{sub}"), "")["status"].as_str().unwrap().to_owned()
}

#[test]
fn planted_differences_are_found_exactly_and_mended_where_that_is_safe() {
    let stage = Stage::of_template("seats");
    let machine = eight(&stage);
    assert!(found(&machine).is_empty(), "{:?}", found(&machine));
    stage.pass(3 * DAY_S);
    let machine = stage.machine_again(&machine);
    // a: seats changed in the Dashboard.
    let item = |id: &str| -> Value {
        stage.call("GET", &format!("/v1/subscriptions/{}", sub_of(&machine, id)), "")["items"]["data"][0]
            .clone()
    };
    let update = |id: &str, body: &str| {
        stage.call("POST", &format!("/v1/subscriptions/{}", sub_of(&machine, id)), body);
    };
    update("a", &format!("items[0][id]={}&items[0][quantity]=6", item("a")["id"].as_str().unwrap()));
    // b: cancelled behind our back; c: it will end; d: another price for the item.
    stage.call("DELETE", &format!("/v1/subscriptions/{}", sub_of(&machine, "b")), "");
    update("c", "cancel_at_period_end=true");
    let ns = &stage.catalog.namespace;
    let body = format!(
        "product={ns}-tier-pro&currency=usd&unit_amount=100&recurring[interval]=month&metadata[paygrade]={ns}/tier/pro/month"
    );
    let price = stage.call("POST", "/v1/prices", &body);
    let price = price["id"].as_str().unwrap();
    let of = item("d")["id"].as_str().unwrap().to_owned();
    update("d", &format!("items[0][id]={of}&items[0][price]={price}&items[0][quantity]=4"));
    // e: two live subscriptions, the newer one paid too; f: deleted at Stripe; g and h: nothing.
    let (old, new) = (sub_of(&machine, "e"), duplicate(&stage, &machine, "e"));
    stage.call("DELETE", &format!("/v1/customers/{}", cus_of(&machine, "f")), "");
    let want = [
        "a value seats",
        "b value status",
        "c value cancel_at",
        "d value price",
        "e extra two_subscriptions",
        "f missing customer_deleted",
    ];
    let writes = machine.api.counts().writes;
    assert_eq!(found(&machine), want);
    assert_eq!(found(&machine), want, "looking changes nothing");
    let plan = block_on(repair_plan(&machine.desk(), &RepairAsk::default())).unwrap();
    assert_eq!(machine.api.counts().writes, writes, "a plan writes nothing at Stripe");
    assert_eq!(plan.iter().filter(|it| !it.is_to_do()).count(), 1, "{plan:#?}");
    let done = repaired(&machine);
    let refused: Vec<&Step> = done.iter().filter(|it| !it.is_to_do()).collect();
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert!(refused[0].refused.as_ref().unwrap().contains("paygrade tier assign d pro"), "{refused:#?}");
    assert_eq!(found(&machine), ["d value price"]);
    // The newest paid one stays, and the customer is on it.
    assert_eq!((status(&stage, &old).as_str(), status(&stage, &new).as_str()), ("canceled", "active"));
    assert_eq!(sub_of(&machine, "e"), new);
    let open = machine.store.read(|r| {
        let row = r.customer_by_id(&customer("a"))?.unwrap().row;
        Ok::<_, paygrade::store::StoreError>((r.assignment_open(row)?, r.assignments_of(row)?.len()))
    });
    let (open, count) = open.unwrap();
    assert_eq!((open.unwrap().seats, count), (Some(6), 2));
    // The command that the refusal names does the rest.
    put(&machine, "d", "pro", Some(4));
    assert!(found(&machine).is_empty(), "{:?}", found(&machine));
    assert!(repaired(&machine).is_empty());
    sound(&machine);
}

#[test]
fn a_subscription_of_ours_that_the_store_does_not_know_is_taken_in() {
    let stage = Stage::of_template("seats");
    let first = stage.machine();
    add(&first, "acme");
    put(&first, "acme", "starter", None);
    let second = stage.machine();
    add(&second, "acme");
    put(&second, "acme", "pro", Some(3));
    assert_eq!(found(&first), ["acme extra unknown_subscription"]);
    let done = repaired(&first);
    assert!(done.iter().all(Step::is_to_do), "{done:#?}");
    assert!(found(&first).is_empty());
    assert_eq!(sub_of(&first, "acme"), sub_of(&second, "acme"));
    sound(&first);
    // Whose customer nobody here knows is named, and left to a person.
    let third = stage.machine();
    assert_eq!(found(&third), ["- extra unknown_customer"]);
    assert!(repaired(&third).iter().all(|it| !it.is_to_do()));
}

#[test]
fn a_duplicate_that_alone_is_paid_is_never_cancelled() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    add(&machine, "acme");
    put(&machine, "acme", "pro", Some(4));
    let old = sub_of(&machine, "acme");
    stage.pass(60);
    let there = stage.call("GET", &format!("/v1/subscriptions/{old}"), "");
    let mut body = format!(
        "customer={}&billing_mode[type]=flexible&collection_method=send_invoice&days_until_due=30&items[0][price]={}",
        cus_of(&machine, "acme"),
        there["items"]["data"][0]["price"]["id"].as_str().unwrap()
    );
    body += "&items[0][quantity]=4";
    for (key, value) in there["metadata"].as_object().unwrap() {
        body += &format!("&metadata[{key}]={}", url(value.as_str().unwrap()));
    }
    let new = stage.call("POST", "/v1/subscriptions", &body)["id"].as_str().unwrap().to_owned();
    let machine = stage.machine_again(&machine);
    // The new one's invoice is a draft still: nobody knows.
    assert_eq!(found(&machine), ["acme extra two_subscriptions"]);
    assert!(repaired(&machine).iter().all(|it| !it.is_to_do()));
    // It is open by now, so the older one is the newest that is paid.
    stage.pass(2 * 3600);
    let machine = stage.machine_again(&machine);
    let done = repaired(&machine);
    assert!(done.iter().all(Step::is_to_do), "{done:#?}");
    assert_eq!((status(&stage, &old).as_str(), status(&stage, &new).as_str()), ("active", "canceled"));
    assert!(found(&machine).is_empty(), "{:?}", found(&machine));
    sound(&machine);
}

#[test]
fn what_moved_after_it_was_shown_is_not_done() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    add(&machine, "acme");
    put(&machine, "acme", "pro", Some(4));
    let sub = sub_of(&machine, "acme");
    let item = stage.call("GET", &format!("/v1/subscriptions/{sub}"), "")["items"]["data"][0]["id"].clone();
    let seats = |number: u32| {
        let body = format!("items[0][id]={}&items[0][quantity]={number}", item.as_str().unwrap());
        stage.call("POST", &format!("/v1/subscriptions/{sub}"), &body);
    };
    seats(6);
    assert_eq!(found(&machine), ["acme value seats"]);
    let plan = block_on(repair_plan(&machine.desk(), &RepairAsk::default())).unwrap();
    seats(7);
    let done = block_on(repair_apply(&machine.desk(), plan)).unwrap();
    assert!(done[0].refused.as_ref().unwrap().contains("changed since"), "{done:#?}");
    let row = machine.store.read(|r| r.customer_by_id(&customer("acme"))).unwrap().unwrap().row;
    assert_eq!(machine.store.read(|r| r.assignment_open(row)).unwrap().unwrap().seats, Some(4));
}
