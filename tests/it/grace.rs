//! Failed payments: grace that is over ends the subscription once; money that comes in time, or just in time, does not.

use paygrade::billing::id::TierKey;
use paygrade::billing::time::{DAY_S, HOUR_S};
use paygrade::flow::assign::{Ask as Assign, assign};
use paygrade::flow::inbox::{Ask, backfill, process};
use paygrade::flow::invoice::invoices_refresh;
use paygrade::flow::refresh::subscription_refresh;
use paygrade::flow::{Desk, Manner, fallback, grace};
use paygrade::store::notice::NoticeFilter;
use serde_json::{Value, json};

use crate::desk::{Machine, START, Stage, block_on, customer};
use crate::inbox::{acme, on_tier};

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[tiers.free]
name = "Free"
rank = 0
[tiers.lite]
name = "Lite"
rank = 1
prices = [{ interval = "month", amount = "5.00" }]
[tiers.pro]
name = "Pro"
rank = 2
prices = [{ interval = "month", amount = "20.00" }]
credits = { per_month = 100 }
grace_days = 7
fallback = "free"
[tiers.hard]
name = "Hard"
rank = 3
prices = [{ interval = "month", amount = "50.00" }]
grace_days = 0
"#;

/// The renewal is made a month after the start, and charged an hour later.
const RENEWAL: i64 = 31 * DAY_S;
const FAILED: i64 = RENEWAL + HOUR_S;

fn stage() -> Stage {
    Stage::of(paygrade::config::catalog::parse(CATALOG, "catalog.toml").unwrap().0)
}

/// From now on the customer is charged to this card.
fn card(stage: &Stage, machine: &Machine, card: &str) {
    let cus = acme(machine).cus.unwrap();
    let made = stage.call("POST", &format!("/v1/payment_methods/{card}/attach"), &format!("customer={cus}"));
    let body = format!("invoice_settings[default_payment_method]={}", made["id"].as_str().unwrap());
    stage.call("POST", &format!("/v1/customers/{cus}"), &body);
}

/// The store after so many seconds since the start, with what Stripe says by then.
fn later(stage: &Stage, machine: &Machine, since_start: i64) -> Machine {
    stage.pass(START + since_start - stage.now().0);
    let again = stage.machine_again(machine);
    let acme = acme(&again);
    block_on(subscription_refresh(&again.desk(), &acme)).unwrap();
    block_on(invoices_refresh(&again.desk(), &acme)).unwrap();
    again
}

fn sub(stage: &Stage) -> Value {
    stage.call("GET", "/v1/subscriptions?status=all", "")["data"][0].clone()
}

fn invoices(stage: &Stage) -> Vec<String> {
    let all = stage.call("GET", "/v1/invoices?limit=100", "");
    let one = |it: &Value| format!("{} {}", it["status"].as_str().unwrap(), it["total"]);
    let mut all: Vec<String> = all["data"].as_array().unwrap().iter().map(one).collect();
    all.reverse();
    all
}

fn tier(machine: &Machine) -> Option<String> {
    let row = acme(machine).row;
    let open = machine.store.read(|r| r.assignment_open(row)).unwrap();
    open.map(|it| it.revision.tier.to_string())
}

fn credits(machine: &Machine) -> i64 {
    let row = acme(machine).row;
    machine.store.read(|r| r.ledger_balance(row, machine.now)).unwrap().available.0
}

fn void(desk: Desk<'_>, void_unpaid: bool) -> Desk<'_> {
    Desk { manner: Manner { void_unpaid, ..desk.manner }, ..desk }
}

/// How many fall back, and how many did so now.
fn run(machine: &Machine, void_unpaid: bool) -> (usize, usize) {
    let desk = void(machine.desk(), void_unpaid);
    let over = block_on(grace::run(&desk)).unwrap();
    let fell = block_on(fallback::perform(&desk)).unwrap();
    assert!(over.iter().all(|it| it.outcome.is_ok()), "{over:?}");
    assert!(fell.iter().all(|it| it.outcome.is_ok()), "{fell:?}");
    (over.len(), fell.len())
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

#[test]
fn nothing_happens_before_grace_is_over_and_everything_once_after_it() {
    for void_unpaid in [false, true] {
        let stage = stage();
        let first = on_tier(&stage, "pro", "pm_card_visa");
        card(&stage, &first, "pm_card_chargeCustomerFail");
        // A store that saw no event: the failure is taken to be when the invoice became final.
        let machine = later(&stage, &first, FAILED + 5);
        assert_eq!(sub(&stage)["status"], "past_due");
        assert_eq!(run(&machine, void_unpaid), (0, 0));
        // Stripe tries in vain several times: that moves nothing.
        let machine = later(&stage, &machine, FAILED + 7 * DAY_S - 1);
        assert_eq!(run(&machine, void_unpaid), (0, 0));
        assert_eq!(tier(&machine).as_deref(), Some("pro"));
        let machine = later(&stage, &machine, FAILED + 7 * DAY_S + 5);
        assert_eq!(run(&machine, void_unpaid), (1, 1));
        assert_eq!(tier(&machine).as_deref(), Some("free"));
        assert_eq!(sub(&stage)["status"], "canceled");
        // Twenty for the first month; the second stays open or is taken back. Nothing is credited: it was never paid.
        let unpaid = if void_unpaid { "void 2000" } else { "open 2000" };
        assert_eq!(invoices(&stage), ["paid 2000", unpaid]);
        assert_eq!(stage.call("GET", "/v1/customers", "")["data"][0]["balance"], json!(0));
        assert_eq!(credits(&machine), 0, "what came with the tier is gone");
        let told = machine.store.read(|r| r.notice_list(&NoticeFilter::default(), 100)).unwrap();
        assert_eq!(told.iter().filter(|it| it.kind == "subscription_ended").count(), 1);
        let before = (machine.api.counts().writes, tier(&machine));
        assert_eq!(run(&machine, void_unpaid), (0, 0));
        assert_eq!((machine.api.counts().writes, tier(&machine)), before);
        sound(&machine);
    }
}

#[test]
fn a_payment_before_the_end_leaves_everything_as_it_is() {
    let stage = stage();
    let first = on_tier(&stage, "pro", "pm_card_visa");
    card(&stage, &first, "pm_card_chargeCustomerFail");
    let machine = later(&stage, &first, FAILED + 7 * DAY_S + 5);
    assert_eq!(block_on(grace::run(&machine.desk())).unwrap().len(), 1);
    // The intent is stored, and the money comes before anybody performs it.
    card(&stage, &machine, "pm_card_visa");
    let open = stage.call("GET", "/v1/invoices?status=open", "")["data"][0]["id"].clone();
    stage.call("POST", &format!("/v1/invoices/{}/pay", open.as_str().unwrap()), "");
    assert!(block_on(fallback::perform(&machine.desk())).unwrap().is_empty());
    assert_eq!(sub(&stage)["status"], "active");
    assert_eq!(run(&machine, true), (0, 0));
    assert_eq!(tier(&machine).as_deref(), Some("pro"));
    assert_eq!(invoices(&stage), ["paid 2000", "paid 2000"]);
    // The next invoice has a grace of its own.
    card(&stage, &machine, "pm_card_chargeCustomerFail");
    let second = (31 + 28) * DAY_S + HOUR_S;
    let machine = later(&stage, &machine, second + 60);
    assert_eq!(run(&machine, false), (0, 0));
    let machine = later(&stage, &machine, second + 7 * DAY_S + 60);
    assert_eq!(run(&machine, false), (1, 1));
    assert_eq!(tier(&machine).as_deref(), Some("free"));
    sound(&machine);
}

#[test]
fn a_tier_that_falls_back_to_nothing_ends() {
    let stage = stage();
    let first = on_tier(&stage, "hard", "pm_card_visa");
    card(&stage, &first, "pm_card_chargeCustomerFail");
    let machine = later(&stage, &first, FAILED + 5);
    let over = block_on(grace::run(&machine.desk())).unwrap();
    assert_eq!(over.len(), 1);
    let fell = block_on(fallback::perform(&machine.desk())).unwrap();
    assert!(matches!((&fell[0].to, &fell[0].outcome), (None, Ok(None))), "{fell:?}");
    assert_eq!((tier(&machine), sub(&stage)["status"].as_str()), (None, Some("canceled")));
    assert_eq!(run(&machine, false), (0, 0));
    sound(&machine);
}

#[test]
fn a_change_that_waits_goes_with_the_subscription() {
    let stage = stage();
    let first = on_tier(&stage, "pro", "pm_card_visa");
    card(&stage, &first, "pm_card_chargeCustomerFail");
    let machine = later(&stage, &first, FAILED + 5);
    let lite = Assign::of(customer("acme"), TierKey::parse("lite").unwrap());
    assert!(block_on(assign(&machine.desk(), &lite)).unwrap().pending.is_some());
    assert!(sub(&stage)["schedule"].is_string());
    let machine = later(&stage, &machine, FAILED + 7 * DAY_S + 5);
    assert_eq!(run(&machine, false), (1, 1));
    assert_eq!((tier(&machine).as_deref(), sub(&stage)["status"].as_str()), (Some("free"), Some("canceled")));
    let row = acme(&machine).row;
    assert!(machine.store.read(|r| r.pending_waiting(row)).unwrap().is_none());
    sound(&machine);
}

#[test]
fn whoever_took_a_tier_meanwhile_keeps_it() {
    let stage = stage();
    let first = on_tier(&stage, "pro", "pm_card_visa");
    let there = sub(&stage);
    stage.call("DELETE", &format!("/v1/subscriptions/{}", there["id"].as_str().unwrap()), "");
    let machine = later(&stage, &first, DAY_S);
    let why = paygrade::store::intent::Fallback::ended(there["id"].as_str().unwrap(), machine.now);
    let row = acme(&machine).row;
    machine.store.write(machine.now, |w| w.fallback_begin(row, &why)).unwrap();
    crate::tier::put_on(&machine, TierKey::parse("hard").unwrap());
    assert!(block_on(fallback::perform(&machine.desk())).unwrap().is_empty());
    assert_eq!(tier(&machine).as_deref(), Some("hard"));
    sound(&machine);
}

#[test]
fn the_event_of_an_end_leads_to_the_fallback() {
    let stage = stage();
    let first = on_tier(&stage, "pro", "pm_card_visa");
    let there = sub(&stage);
    stage.pass(DAY_S);
    stage.call("DELETE", &format!("/v1/subscriptions/{}", there["id"].as_str().unwrap()), "");
    let machine = stage.machine_again(&first);
    block_on(backfill(&machine.desk(), None)).unwrap();
    let done = block_on(process(&machine.desk(), &Ask::default(), || false)).unwrap();
    assert_eq!(done.fallbacks.len(), 1, "{:?}", done.fallbacks);
    assert_eq!(tier(&machine).as_deref(), Some("free"));
    assert_eq!(credits(&machine), 0, "what came with the tier is gone");
    let row = acme(&machine).row;
    let history = machine.store.read(|r| r.assignments_of(row)).unwrap();
    assert_eq!(history[0].to_at.map(|at| at.0), Some(START + DAY_S));
    sound(&machine);
}

#[test]
fn whatever_breaks_a_second_run_ends_in_the_same() {
    for (kind, method) in [
        (json!("hang_up_before"), "DELETE"),
        (json!("hang_up_after_commit"), "DELETE"),
        (json!({"respond_after_commit": {"status": 500}}), "DELETE"),
        (json!("hang_up_before"), "POST"),
        (json!("hang_up_after_commit"), "POST"),
        (json!({"refuse_before": {"status": 500}}), "POST"),
        (json!({"truncate": 30}), "POST"),
        (json!("hang_up_before"), "GET"),
    ] {
        // Writes of one fallback: the end (DELETE); the invoice taken back and the pin (POST).
        for nth in 1..=2 {
            let stage = stage();
            let first = on_tier(&stage, "pro", "pm_card_visa");
            card(&stage, &first, "pm_card_chargeCustomerFail");
            let machine = later(&stage, &first, FAILED + 7 * DAY_S + 5);
            stage.fault(&json!({"kind": kind, "method": method, "nth": nth}));
            let desk = void(machine.desk(), true);
            let _ = block_on(grace::run(&desk)).map(drop);
            let _ = block_on(fallback::perform(&desk)).map(drop);
            stage.no_faults();
            let again = later(&stage, &machine, FAILED + 7 * DAY_S + 65);
            run(&again, true);
            let case = format!("{kind} {method} {nth}");
            assert_eq!(tier(&again).as_deref(), Some("free"), "{case}");
            assert_eq!(invoices(&stage), ["paid 2000", "void 2000"], "{case}");
            assert_eq!(sub(&stage)["status"], "canceled", "{case}");
            assert_eq!(run(&again, true), (0, 0), "{case}");
            sound(&again);
        }
    }
}
