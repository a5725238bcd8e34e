//! Customers: one own id, one Stripe customer, whatever goes wrong.

use paygrade::billing::contact::{Email, FullName};
use paygrade::error::Kind;
use paygrade::flow::customer::import::{import, parse};
use paygrade::flow::customer::link::customer_link;
use paygrade::flow::customer::{Ask, Did, customer_add};
use serde_json::json;

use crate::desk::{Machine, Stage, block_on, customer};

fn ask(id: &str, email: &str) -> Ask {
    let email = Some(Email::parse(email).unwrap());
    Ask { id: customer(id), email, name: None, payment_method: None }
}

fn add(machine: &Machine, ask: &Ask) -> Result<(String, Did), paygrade::error::Error> {
    let outcome = block_on(customer_add(&machine.desk(), ask))?;
    Ok((outcome.customer.cus.unwrap(), outcome.did))
}

fn at_stripe(stage: &Stage) -> usize {
    stage.call("GET", "/v1/customers?limit=100", "")["data"].as_array().unwrap().len()
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

#[test]
fn the_same_again_changes_nothing() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    let (cus, did) = add(&machine, &ask("acme", "a@acme.io")).unwrap();
    assert_eq!(did, Did::Created);
    let before = machine.api.counts();
    assert_eq!(add(&machine, &ask("acme", "a@acme.io")).unwrap(), (cus.clone(), Did::Nothing));
    let quiet = Ask { email: None, ..ask("acme", "a@acme.io") };
    assert_eq!(add(&machine, &quiet).unwrap(), (cus.clone(), Did::Nothing));
    assert_eq!(machine.api.counts(), before, "not even a read");
    let named = Ask { name: Some(FullName::parse("Acme").unwrap()), ..ask("acme", "b@acme.io") };
    assert_eq!(add(&machine, &named).unwrap(), (cus.clone(), Did::Updated));
    let there = stage.call("GET", &format!("/v1/customers/{cus}"), "");
    assert_eq!((there["email"].as_str(), there["name"].as_str()), (Some("b@acme.io"), Some("Acme")));
    assert_eq!(there["metadata"]["paygrade"], "seats/customer/acme");
    // Back and forth within a day: every change has a key of its own.
    assert_eq!(add(&machine, &ask("acme", "a@acme.io")).unwrap().1, Did::Updated);
    assert_eq!(add(&machine, &ask("acme", "b@acme.io")).unwrap().1, Did::Updated);
    assert_eq!(stage.call("GET", &format!("/v1/customers/{cus}"), "")["email"], "b@acme.io");
    assert_eq!(at_stripe(&stage), 1);
    sound(&machine);
}

#[test]
fn whatever_breaks_a_second_run_ends_at_one_customer() {
    let faults = [
        json!({"kind": "hang_up_before", "method": "POST"}),
        json!({"kind": "hang_up_after_commit", "method": "POST"}),
        json!({"kind": {"truncate": 20}, "method": "POST"}),
        json!({"kind": {"respond_after_commit": {"status": 500}}, "method": "POST"}),
        json!({"kind": {"refuse_before": {"status": 429}}, "method": "POST"}),
        json!({"kind": {"refuse_before": {"status": 409}}, "method": "POST"}),
        json!({"kind": "hang_up_before", "method": "GET"}),
        json!({"kind": "duplicate", "method": "POST"}),
    ];
    for fault in faults {
        // Each of the writes in turn: customer, payment method, default.
        for nth in 1..=3 {
            let stage = Stage::of_template("seats");
            let machine = stage.machine();
            let wish = Ask { payment_method: Some("pm_card_visa".into()), ..ask("acme", "a@acme.io") };
            let mut fault = fault.clone();
            fault["nth"] = json!(nth);
            stage.fault(&fault);
            let first = add(&machine, &wish);
            stage.no_faults();
            // Another process with the same store, a little later.
            stage.pass(60);
            let machine = stage.machine_on(1);
            let (cus, _) = add(&machine, &wish)
                .unwrap_or_else(|error| panic!("{fault} {nth} after {first:?}: {error:?}"));
            assert_eq!(at_stripe(&stage), 1, "{fault} {nth}");
            let methods = stage.call("GET", &format!("/v1/customers/{cus}/payment_methods"), "");
            assert_eq!(methods["data"].as_array().unwrap().len(), 1, "{fault} {nth}: one payment method");
            let there = stage.call("GET", &format!("/v1/customers/{cus}"), "");
            assert_eq!(there["invoice_settings"]["default_payment_method"], methods["data"][0]["id"]);
            assert_eq!(add(&machine, &wish).unwrap().1, Did::Nothing);
            sound(&machine);
        }
    }
}

#[test]
fn an_answer_of_500_that_stripe_keeps_never_makes_a_second_customer() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    // Nothing was made, but the answer is kept under the key.
    stage.fault(
        &json!({"kind": {"refuse_before": {"status": 500}}, "method": "POST", "path": "/v1/customers"}),
    );
    let error = add(&machine, &ask("acme", "a@acme.io")).unwrap_err();
    assert_eq!(error.kind(), Kind::Unknown);
    stage.no_faults();
    stage.pass(86_400 + 60);
    let machine = stage.machine_on(1);
    add(&machine, &ask("acme", "a@acme.io")).unwrap();
    assert_eq!(at_stripe(&stage), 1);
    sound(&machine);
}

#[test]
fn a_run_with_other_data_finishes_the_first_then_updates() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    stage.fault(&json!({"kind": "hang_up_after_commit", "method": "POST"}));
    assert_eq!(add(&machine, &ask("acme", "old@acme.io")).unwrap_err().kind(), Kind::Unknown);
    stage.no_faults();
    let (cus, _) = add(&machine, &ask("acme", "new@acme.io")).unwrap();
    assert_eq!(at_stripe(&stage), 1);
    assert_eq!(stage.call("GET", &format!("/v1/customers/{cus}"), "")["email"], "new@acme.io");
    sound(&machine);
}

#[test]
fn a_lost_store_finds_its_customers() {
    let stage = Stage::of_template("seats");
    let (cus, _) = add(&stage.machine(), &ask("acme", "a@acme.io")).unwrap();
    stage.pass(86_400 * 2);
    let fresh = stage.machine();
    assert_eq!(add(&fresh, &ask("acme", "a@acme.io")).unwrap(), (cus, Did::Found));
    // Another customer of ours with the same address is another customer.
    assert_eq!(add(&fresh, &ask("beta", "a@acme.io")).unwrap().1, Did::Created);
    assert_eq!(at_stripe(&stage), 2);
    sound(&fresh);
}

#[test]
fn a_refusal_ends_the_intent_and_the_next_try_has_a_new_key() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    let wish = Ask { payment_method: Some("pm_nonsense".into()), ..ask("acme", "a@acme.io") };
    let error = add(&machine, &wish).unwrap_err();
    assert_eq!(error.kind(), Kind::Stripe, "{error:?}");
    let right = Ask { payment_method: Some("pm_card_visa".into()), ..ask("acme", "a@acme.io") };
    let (cus, _) = add(&machine, &right).unwrap();
    let methods = stage.call("GET", &format!("/v1/customers/{cus}/payment_methods"), "");
    assert_eq!(methods["data"].as_array().unwrap().len(), 1);
    assert_eq!(at_stripe(&stage), 1);
    sound(&machine);
}

#[test]
fn an_address_is_needed() {
    let stage = Stage::of_template("seats");
    stage.machine();
    let machine = stage.machine_on(1);
    let wish = Ask { email: None, ..ask("acme", "a@acme.io") };
    let error = add(&machine, &wish).unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::BadInput, "email_missing"));
    assert_eq!(machine.api.counts().writes, 0);
    assert_eq!(machine.store.run(), None, "nothing was written");
}

#[test]
fn a_file_is_imported_once() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    let file = b"id,email,name\na,a@x.io,Ann\nb,b@x.io,\nc,c@x.io,Cid\n";
    let asks = parse(file, &Default::default()).unwrap();
    // The second customer's answer is lost.
    stage.fault(&json!({"kind": "hang_up_after_commit", "method": "POST", "nth": 2}));
    let error = block_on(import(&machine.desk(), &asks, |_| ())).unwrap_err();
    assert_eq!(error.kind(), Kind::Unknown);
    stage.no_faults();
    let told = block_on(import(&machine.desk(), &asks, |_| ())).unwrap();
    assert_eq!((told.created, told.found, told.unchanged), (1, 1, 1));
    let told = block_on(import(&machine.desk(), &asks, |_| ())).unwrap();
    assert_eq!((told.unchanged, told.created + told.found + told.updated), (3, 0));
    assert_eq!(at_stripe(&stage), 3);
    sound(&machine);
}

#[test]
fn links_go_one_to_one() {
    let stage = Stage::of_template("seats");
    let machine = stage.machine();
    let made = stage.call("POST", "/v1/customers", "email=z@z.io&name=Z");
    let cus = made["id"].as_str().unwrap();
    let link = |id: &str, cus: &str| block_on(customer_link(&machine.desk(), &customer(id), cus));
    assert!(link("zeta", cus).unwrap().changed);
    assert!(!link("zeta", cus).unwrap().changed);
    assert_eq!(link("zeta", cus).unwrap().customer.email.as_deref(), Some("z@z.io"));
    for (id, cus, kind) in [
        ("other", cus, Kind::Refused),
        ("zeta", "cus_nonsense", Kind::Refused),
        ("new", "cus_nonsense", Kind::Stripe),
        ("new", "nonsense", Kind::BadInput),
    ] {
        assert_eq!(link(id, cus).unwrap_err().kind(), kind, "{id} {cus}");
    }
    // On a machine that knows nothing, Stripe itself says whose it is.
    let fresh = stage.machine();
    let error = block_on(customer_link(&fresh.desk(), &customer("other"), cus)).unwrap_err();
    assert_eq!(error.code(), "linked_elsewhere");
    sound(&machine);
}
