//! Migration of subscribers: both bills, whoever differs is left, and a run that breaks off is gone on with.

use std::collections::BTreeSet;

use paygrade::billing::assign::{Asked, When};
use paygrade::billing::catalog::Catalog;
use paygrade::billing::contact::Email;
use paygrade::billing::id::TierKey;
use paygrade::billing::price::{Charged, PriceShape, tier_prices};
use paygrade::billing::time::{DAY_S, HOUR_S};
use paygrade::flow::assign::{Ask, assign};
use paygrade::flow::customer::customer_add;
use paygrade::flow::migrate::{self, Planned, Status, migrate, migrate_plan};
use paygrade::flow::refresh::subscription_refresh;
use serde_json::{Value, json};

use crate::desk::{Machine, Stage, block_on, customer};

const FIRST: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[tiers.free]
rank = 0
[tiers.pro]
rank = 1
prices = [{ interval = "month", amount = "29.00", per = "seat" }]
seats = { min = 1, max = 50 }
limits = { members = 5 }
"#;

fn catalog(text: &str) -> Catalog {
    paygrade::config::catalog::parse(text, "catalog.toml").unwrap().0
}

fn pro() -> TierKey {
    TierKey::parse("pro").unwrap()
}

/// What another `seed` leaves: the new prices of pro, its revision, the catalog in force.
fn resold(stage: &Stage, machine: &Machine, amount: &str) {
    let catalog = catalog(&FIRST.replace("29.00", amount).replace("members = 5", "members = 9"));
    let terms = &catalog.tiers[&pro()].terms;
    let revision = terms.revision(&pro(), catalog.currency);
    let mut made = Vec::new();
    for price in tier_prices(terms) {
        let (PriceShape::PerUnit(unit), Charged::InAdvance { .. }) = (&price.shape, &price.charged) else {
            panic!("{price:?}");
        };
        let body = format!(
            "product=acme-tier-pro&currency=usd&lookup_key=acme:tier:pro:month&transfer_lookup_key=true\
             &metadata[paygrade]=acme/tier/pro/month&recurring[interval]=month&unit_amount_decimal={}",
            unit.minor().normalize()
        );
        let id = stage.call("POST", "/v1/prices", &body)["id"].as_str().unwrap().to_owned();
        made.push((price.key.clone(), id));
    }
    machine
        .store
        .write(machine.now, |w| {
            w.revision_put(&revision, &terms.to_json(catalog.currency))?;
            made.iter().try_for_each(|(role, id)| w.revision_price_put(&revision, role, id))
        })
        .unwrap();
    let conn = rusqlite::Connection::open(machine.store.path()).unwrap();
    conn.execute(
        "INSERT INTO catalog (body, digest, applied_at, run) VALUES (?1, 'y', ?2, (SELECT max(run) FROM run))",
        rusqlite::params![catalog.to_json(), machine.now.0],
    )
    .unwrap();
}

fn put(machine: &Machine, id: &str, tier: &str, seats: Option<u32>) {
    let tier = TierKey::parse(tier).unwrap();
    let ask = Ask { asked: Asked { seats, ..Asked::of(tier.clone()) }, ..Ask::of(customer(id), tier) };
    block_on(assign(&machine.desk(), &ask)).unwrap();
}

/// Subscribers `a`, `b`, … of pro with one, two, … seats at USD 29.00.
fn subscribers(stage: &Stage, ids: &[&str]) -> Machine {
    let machine = stage.machine();
    for (number, id) in (1..).zip(ids) {
        let email = Some(Email::parse(&format!("{id}@acme.io")).unwrap());
        let payment_method = Some("pm_card_visa".to_owned());
        let wish = paygrade::flow::customer::Ask { id: customer(id), email, name: None, payment_method };
        block_on(customer_add(&machine.desk(), &wish)).unwrap();
        put(&machine, id, "pro", Some(number));
    }
    machine
}

fn ask(at: When) -> migrate::Ask {
    migrate::Ask { tier: pro(), from: None, at, only: None, except: BTreeSet::new(), limit: None, undo: None }
}

/// `a ready 2900 -> 3500, +600`, and the reason where there is one.
fn told(planned: &Planned) -> Vec<String> {
    let one = |it: &migrate::Line| {
        let money = |money: Option<paygrade::billing::money::Money>| {
            money.map_or_else(|| "-".to_owned(), |it| it.minor.to_string())
        };
        let reason = it.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!(
            "{} {} {} -> {}, {}{reason}",
            it.customer.id,
            it.status.as_str(),
            money(it.old),
            money(it.new),
            money(it.monthly_change)
        )
    };
    planned.lines.iter().map(one).collect()
}

fn plan(machine: &Machine, ask: &migrate::Ask) -> Planned {
    block_on(migrate_plan(&machine.desk(), ask)).unwrap()
}

fn run(machine: &Machine, ask: &migrate::Ask) -> Planned {
    let planned = plan(machine, ask);
    let (done, stopped) = block_on(migrate(&machine.desk(), planned, || false)).unwrap();
    assert!(stopped.is_none(), "{stopped:?}");
    done
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

fn sub_of(machine: &Machine, id: &str) -> Option<String> {
    let row = machine.store.read(|r| r.customer_by_id(&customer(id))).unwrap().unwrap().row;
    machine.store.read(|r| r.assignment_open(row)).unwrap().unwrap().sub
}

fn limit(machine: &Machine, id: &str) -> u64 {
    let row = machine.store.read(|r| r.customer_by_id(&customer(id))).unwrap().unwrap().row;
    let on = machine.store.read(|r| r.assignment_open(row)).unwrap().unwrap();
    let terms = machine.store.read(|r| r.revision_terms(&on.revision)).unwrap().unwrap().0;
    match terms.limits.values().next().unwrap() {
        paygrade::billing::catalog::Limit::AtMost(most) => *most,
        other => panic!("{other:?}"),
    }
}

/// The last invoice's total of each subscription.
fn billed(stage: &Stage, sub: &str) -> i64 {
    let all = stage.call("GET", &format!("/v1/invoices?subscription={sub}&limit=1"), "");
    all["data"][0]["total"].as_i64().unwrap()
}

#[test]
fn each_moves_at_renewal_and_whoever_differs_is_left() {
    let stage = Stage::of(catalog(FIRST));
    let machine = subscribers(&stage, &["a", "b", "c", "d", "e"]);
    assert!(plan(&machine, &ask(When::PeriodEnd)).lines.is_empty(), "nobody is on an older revision");
    resold(&stage, &machine, "35.00");
    // c is changed in the Dashboard; d ends with its period; e has a coupon of a tenth.
    let item = |id: &str| {
        let sub = sub_of(&machine, id).unwrap();
        let there = stage.call("GET", &format!("/v1/subscriptions/{sub}"), "");
        there["items"]["data"][0]["id"].as_str().unwrap().to_owned()
    };
    stage.call(
        "POST",
        &format!("/v1/subscription_items/{}", item("c")),
        "quantity=7&proration_behavior=none",
    );
    put(&machine, "d", "free", None);
    stage.call("POST", "/v1/coupons", "id=TENTH&percent_off=10&duration=forever");
    let e = sub_of(&machine, "e").unwrap();
    stage.call("POST", &format!("/v1/subscriptions/{e}"), "discounts[0][coupon]=TENTH");
    let planned = plan(&machine, &ask(When::PeriodEnd));
    let lines = told(&planned);
    assert_eq!(lines[0], "a ready 2900 -> 3500, 600");
    assert_eq!(lines[1], "b ready 5800 -> 7000, 1200");
    assert!(lines[2].starts_with("c left 20300 -> ") && lines[2].contains("USD 203.00"), "{}", lines[2]);
    assert!(lines[3].starts_with("d left") && lines[3].contains("another change waits"), "{}", lines[3]);
    // Five seats less a tenth: 145.00 and 175.00 become 130.50 and 157.50.
    assert_eq!(lines[4], "e ready 13050 -> 15750, 2700");
    assert_eq!(migrate::monthly_sum(&planned.lines).unwrap().minor, 600 + 1_200 + 2_700);
    assert!(planned.lines[2].is_mismatch);
    let first = run(&machine, &migrate::Ask { limit: Some(1), ..ask(When::PeriodEnd) });
    assert_eq!((first.lines.len(), first.more), (1, 4));
    let rest = run(&machine, &ask(When::PeriodEnd));
    let states: Vec<&str> = rest.lines.iter().map(|it| it.status.as_str()).collect();
    assert_eq!(states, ["waits", "moved", "left", "left", "moved"]);
    let writes = machine.api.counts().writes;
    run(&machine, &ask(When::PeriodEnd));
    assert_eq!(machine.api.counts().writes, writes, "the same again changes nothing");
    // Until then the old terms hold; then price and limits move together.
    assert_eq!(limit(&machine, "a"), 5);
    let (a, b) = (sub_of(&machine, "a").unwrap(), sub_of(&machine, "b").unwrap());
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    let later = stage.machine_again(&machine);
    for id in ["a", "b", "c", "d", "e"] {
        let there = later.store.read(|r| r.customer_by_id(&customer(id))).unwrap().unwrap();
        block_on(subscription_refresh(&later.desk(), &there)).unwrap();
    }
    assert_eq!((billed(&stage, &a), billed(&stage, &b), billed(&stage, &e)), (3_500, 7_000, 15_750));
    assert_eq!((limit(&later, "a"), limit(&later, "c")), (9, 5));
    sound(&later);
}

#[test]
fn a_run_is_taken_back() {
    let stage = Stage::of(catalog(FIRST));
    let first = subscribers(&stage, &["a", "b"]);
    resold(&stage, &first, "35.00");
    // One machine is one run: a waits for its day, b has moved.
    let machine = stage.machine_running(&first, "tier migrate");
    migrate_run(&machine, "a", When::PeriodEnd);
    migrate_run(&machine, "b", When::Now);
    assert_eq!((limit(&machine, "a"), limit(&machine, "b")), (5, 9));
    let number = machine.store.run().unwrap();
    let again = stage.machine_again(&machine);
    let back = migrate::Ask { undo: Some(number), ..ask(When::Now) };
    let done = run(&again, &back);
    assert!(done.lines.iter().all(|it| it.status == Status::Moved), "{:?}", told(&done));
    assert_eq!((limit(&again, "a"), limit(&again, "b")), (5, 5));
    let waits = stage.call("GET", "/v1/subscriptions", "");
    assert!(waits["data"].as_array().unwrap().iter().all(|it: &Value| it["schedule"].is_null()), "{waits}");
    sound(&again);
}

fn migrate_run(machine: &Machine, id: &str, at: When) {
    let only = Some(BTreeSet::from([customer(id)]));
    let done = run(machine, &migrate::Ask { only, ..ask(at) });
    assert_eq!(done.lines[0].status, Status::Moved, "{:?}", told(&done));
}

#[test]
fn a_batch_that_breaks_off_is_gone_on_with() {
    for kind in [
        json!("hang_up_after_commit"),
        json!("hang_up_before"),
        json!({"respond_after_commit": {"status": 500}}),
    ] {
        // The two calls of a schedule, of the first and of the second subscriber.
        for nth in 1..=4 {
            let stage = Stage::of(catalog(FIRST));
            let first = subscribers(&stage, &["a", "b"]);
            resold(&stage, &first, "35.00");
            let planned = plan(&first, &ask(When::PeriodEnd));
            stage.fault(
                &json!({"kind": kind, "method": "POST", "path": "/v1/subscription_schedules*", "nth": nth}),
            );
            let _ = block_on(migrate(&first.desk(), planned, || false));
            stage.no_faults();
            let again = stage.machine_again(&first);
            run(&again, &ask(When::PeriodEnd));
            let settled = plan(&again, &ask(When::PeriodEnd));
            assert!(
                settled.lines.iter().all(|it| it.status == Status::Waits),
                "{kind} {nth} {:?}",
                told(&settled)
            );
            let (a, b) = (sub_of(&again, "a").unwrap(), sub_of(&again, "b").unwrap());
            stage.pass(31 * DAY_S + 2 * HOUR_S);
            assert_eq!((billed(&stage, &a), billed(&stage, &b)), (3_500, 7_000), "{kind} {nth}");
            sound(&again);
        }
    }
}
