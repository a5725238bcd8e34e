//! Webhooks: what is received, what it does, and that order, repeats and crashes change nothing.

mod order;

use paygrade::billing::assign::Asked;
use paygrade::billing::contact::Email;
use paygrade::billing::id::TierKey;
use paygrade::billing::period::Period;
use paygrade::billing::time::{DAY_S, HOUR_S, Timestamp};
use paygrade::flow::assign::assign;
use paygrade::flow::customer::customer_add;
use paygrade::flow::inbox::{Ask, Door, Processed, backfill, process};
use paygrade::flow::invoice::invoices_refresh;
use paygrade::flow::refresh::subscription_refresh;
use paygrade::store::customer::Customer;
use paygrade::store::inbox::{Arrived, InboxFilter, Source};
use paygrade::store::invoice::Invoice;

use paygrade::stripe::inbound::Received;
use serde_json::{Value, json};

use crate::desk::{Machine, START, Stage, block_on, customer};

const ID: &str = "acme";
/// Of no endpoint.
pub const SECRET: &str = "whsec_0123456789abcdefABCDEF";

/// A machine whose customer is on a tier, charged to this card.
pub fn on_tier(stage: &Stage, tier: &str, card: &str) -> Machine {
    let machine = stage.machine();
    let email = Some(Email::parse("a@acme.io").unwrap());
    let wish = paygrade::flow::customer::Ask { id: customer(ID), email, name: None, payment_method: None };
    block_on(customer_add(&machine.desk(), &wish)).unwrap();
    let tier = TierKey::parse(tier).unwrap();
    let asked = Asked { trial_days: Some(0), ..Asked::of(tier) };
    let ask = paygrade::flow::assign::Ask {
        customer: customer(ID),
        asked,
        payment_method: Some(card.to_owned()),
        coupon: None,
        at: None,
        forfeit: false,
        since: None,
    };
    block_on(assign(&machine.desk(), &ask)).unwrap();
    machine
}

pub fn acme(machine: &Machine) -> Customer {
    machine.store.read(|r| r.customer_by_id(&customer(ID))).unwrap().unwrap()
}

/// What the store says of the invoices after a look at Stripe.
fn invoices(stage: &Stage, machine: &Machine) -> Vec<Invoice> {
    let again = stage.machine_again(machine);
    let acme = acme(&again);
    block_on(subscription_refresh(&again.desk(), &acme)).unwrap();
    block_on(invoices_refresh(&again.desk(), &acme)).unwrap();
    again.store.read(|r| r.invoices_of(acme.row)).unwrap()
}

#[test]
fn invoices_cover_what_is_charged_in_advance() {
    let stage = Stage::of_template("credits");
    let machine = on_tier(&stage, "basic", "pm_card_visa");
    stage.pass(31 * DAY_S);
    let told = invoices(&stage, &machine);
    let month =
        |start: i64, days: i64| Period { start: Timestamp(start), end: Timestamp(start + days * DAY_S) };
    let covers: Vec<_> =
        told.iter().map(|it| (it.reason.as_deref().unwrap(), it.status.as_str(), it.covers)).collect();
    assert_eq!(
        covers,
        [
            ("subscription_create", "paid", Some(month(START, 31))),
            ("subscription_cycle", "draft", Some(month(START + 31 * DAY_S, 28))),
        ]
    );
    assert_eq!(told[1].usage, month(START, 31), "and bill the usage of the period that is over");
    stage.pass(2 * HOUR_S);
    assert_eq!(invoices(&stage, &machine)[1].status, "paid");
    // A second look finds nothing new and writes nothing.
    let runs = |machine: &Machine| machine.store.read(|r| r.run_list(None, 100)).unwrap().len();
    let before = runs(&machine);
    let again = invoices(&stage, &machine);
    assert_eq!((again.len(), runs(&machine)), (2, before));
}

#[test]
fn a_payment_failed_first_when_the_invoice_became_final() {
    let stage = Stage::of_template("gateway");
    let machine = on_tier(&stage, "pro", "pm_card_visa");
    assert!(invoices(&stage, &machine).iter().all(|it| it.first_failed_at.is_none()));
    let cus = acme(&machine).cus.unwrap();
    let card = stage.call(
        "POST",
        "/v1/payment_methods/pm_card_chargeCustomerFail/attach",
        &format!("customer={cus}"),
    );
    let body = format!("invoice_settings[default_payment_method]={}", card["id"].as_str().unwrap());
    stage.call("POST", &format!("/v1/customers/{cus}"), &body);
    let subs = stage.call("GET", "/v1/subscriptions", "");
    let sub = subs["data"][0]["id"].as_str().unwrap();
    stage.call(
        "POST",
        &format!("/v1/subscriptions/{sub}"),
        &format!("default_payment_method={}", card["id"].as_str().unwrap()),
    );
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    let told = invoices(&stage, &machine);
    assert_eq!(told[1].status, "open");
    assert!(told[1].first_failed_at.is_some());
    assert_eq!(told[1].first_failed_at, told[1].finalized_at);
    // It stays, whatever comes later.
    stage.pass(3 * DAY_S);
    assert_eq!(invoices(&stage, &machine)[1].first_failed_at, told[1].first_failed_at);
}

/// All that Stripe has to tell, oldest first.
fn events(stage: &Stage) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let after = all
            .last()
            .map(|it| format!("&starting_after={}", it["id"].as_str().unwrap()))
            .unwrap_or_default();
        let page = stage.call("GET", &format!("/v1/events?limit=100{after}"), "");
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        if !page["has_more"].as_bool().unwrap() {
            break;
        }
    }
    all.reverse();
    all
}

/// Takes an event as an endpoint does after the signature was checked.
fn take(machine: &Machine, event: &Value) -> Arrived {
    let received = Received::of(event.clone()).unwrap();
    let door = Door { store: &machine.store, live: false };
    door.take(&received, event.to_string().as_bytes(), Source::Endpoint, machine.now).unwrap().arrived
}

pub fn run(machine: &Machine) -> Processed {
    block_on(process(&machine.desk(), &Ask::default(), || false)).unwrap()
}

/// Takes all that Stripe has to tell.
pub fn take_all(stage: &Stage, machine: &Machine) {
    for event in events(stage) {
        take(machine, &event);
    }
}

/// What each event did, oldest first.
fn effects(machine: &Machine) -> Vec<(String, String)> {
    let (mut list, _) = machine.store.read(|r| r.inbox_list(&InboxFilter::default(), 1000)).unwrap();
    list.reverse();
    list.into_iter().map(|it| (it.kind, it.effect.or(it.last_error).unwrap_or_default())).collect()
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

#[test]
fn a_machine_without_an_address_reads_what_happened() {
    let stage = Stage::of_template("gateway");
    let machine = on_tier(&stage, "pro", "pm_card_visa");
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    let machine = stage.machine_again(&machine);
    let found = block_on(backfill(&machine.desk(), None)).unwrap();
    assert!(found.new >= 8, "{found:?}");
    let done = run(&machine);
    assert!(done.failed.is_empty() && done.dead.is_empty() && done.stopped.is_none(), "{done:?}");
    let told = effects(&machine);
    for want in ["notice receipt", "active"] {
        assert!(told.iter().any(|(_, effect)| effect.contains(want)), "{want}: {told:#?}");
    }
    sound(&machine);
    // Again there is nothing, and nothing is written.
    let again = block_on(backfill(&machine.desk(), None)).unwrap();
    assert_eq!((again.new, again.ignored), (0, 0));
    assert!(run(&machine).done.is_empty());
}
