//! Tiers: one tier, one subscription, whatever goes wrong.

use paygrade::billing::assign::{Asked, Decision, When};
use paygrade::billing::catalog::Interval;
use paygrade::billing::contact::Email;
use paygrade::billing::id::TierKey;
use paygrade::billing::proration::Due;
use paygrade::billing::time::{DAY_S, Timestamp};
use paygrade::error::{Error, Kind};
use paygrade::flow::assign::{Ask, Outcome, assign, assign_plan};
use paygrade::flow::customer::customer_add;
use paygrade::flow::refresh::subscription_refresh;
use paygrade::store::tier::Assignment;
use serde_json::{Value, json};

use crate::desk::{Machine, START, Stage, block_on, customer};
use crate::world::World;

const ID: &str = "acme";

/// `pro year seats=3 trial=7 invoice=30 card=pm_card_visa at=now`.
fn ask(text: &str) -> Ask {
    let mut words = text.split(' ');
    let mut asked = Asked::of(TierKey::parse(words.next().unwrap()).unwrap());
    let (mut payment_method, mut at) = (None, None);
    for word in words {
        match word.split_once('=') {
            Some(("seats", number)) => asked.seats = number.parse().ok(),
            Some(("trial", number)) => asked.trial_days = number.parse().ok(),
            Some(("invoice", number)) => asked.send_invoice_days = number.parse().ok(),
            Some(("card", method)) => payment_method = Some(method.to_owned()),
            Some(("at", "now")) => at = Some(When::Now),
            Some(("at", "end")) => at = Some(When::PeriodEnd),
            Some(("at", number)) => at = Some(When::At(Timestamp(number.parse().unwrap()))),
            _ => asked.interval = Some(Interval::parse(word).unwrap()),
        }
    }
    Ask { customer: customer(ID), asked, payment_method, coupon: None, at, forfeit: false, since: None }
}

fn put(machine: &Machine, text: &str) -> Result<Outcome, Error> {
    block_on(assign(&machine.desk(), &ask(text)))
}

/// A machine with a customer who has no payment method.
fn machine(stage: &Stage) -> Machine {
    let machine = stage.machine();
    let email = Some(Email::parse("a@acme.io").unwrap());
    let wish = paygrade::flow::customer::Ask { id: customer(ID), email, name: None, payment_method: None };
    block_on(customer_add(&machine.desk(), &wish)).unwrap();
    machine
}

fn subscriptions(stage: &Stage) -> Vec<Value> {
    let mut all =
        stage.call("GET", "/v1/subscriptions?status=all&limit=100", "")["data"].as_array().unwrap().clone();
    all.reverse();
    all
}

/// `active team.month 3, usage.x` of each subscription, oldest first.
fn told(stage: &Stage) -> Vec<String> {
    let item = |item: &Value| {
        let key = item["price"]["lookup_key"].as_str().unwrap();
        let key = key.split(':').skip(2).collect::<Vec<_>>().join(".");
        item["quantity"].as_u64().map_or_else(|| key.clone(), |number| format!("{key} {number}"))
    };
    let one = |it: &Value| {
        let mut items: Vec<String> = it["items"]["data"].as_array().unwrap().iter().map(item).collect();
        items.sort();
        format!("{} {}", it["status"].as_str().unwrap(), items.join(", "))
    };
    subscriptions(stage).iter().map(one).collect()
}

fn history(machine: &Machine) -> Vec<Assignment> {
    machine
        .store
        .read(|r| {
            let customer = r.customer_by_id(&customer(ID))?.unwrap();
            r.assignments_of(customer.row)
        })
        .unwrap()
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

/// The same again makes no write, neither here nor at Stripe.
fn quiet(stage: &Stage, machine: &Machine, text: &str) {
    let before = (machine.api.counts().writes, told(stage), history(machine));
    let again = put(machine, text).unwrap();
    assert!(!again.changed, "{text}");
    assert_eq!((machine.api.counts().writes, told(stage), history(machine)), before, "{text}");
    sound(machine);
}

#[test]
fn every_tier_of_every_template() {
    for (template, tier, want) in [
        ("overage", "free", &[][..]),
        ("payg-hybrid", "payg card=pm_card_visa", &["active payg.usage.tokens"]),
        ("payg-hybrid", "pro card=pm_card_visa", &["trialing pro.month 1"]),
        ("payg-hybrid", "pro trial=0 card=pm_card_visa", &["active pro.month 1"]),
        ("payg-hybrid", "team seats=3 card=pm_card_visa", &["trialing team.month 3"]),
        ("gateway", "free", &[]),
        ("gateway", "starter card=pm_card_visa", &["active starter.month 1"]),
        ("gateway", "pro year invoice=14", &["active pro.year 1"]),
        ("credits", "free", &[]),
        ("credits", "basic card=pm_card_visa", &["active basic.month 1, basic.usage.api_requests"]),
        ("credits", "pro card=pm_card_visa", &["active pro.month 1, pro.usage.api_requests"]),
        ("seats", "starter", &[]),
        ("seats", "pro card=pm_card_visa", &["active pro.month 1"]),
        ("seats", "pro seats=4 card=pm_card_visa", &["active pro.month 4"]),
    ] {
        let stage = Stage::of_template(template);
        let machine = machine(&stage);
        let outcome = put(&machine, tier).unwrap_or_else(|error| panic!("{template} {tier}: {error:?}"));
        assert!(outcome.changed);
        assert_eq!(told(&stage), want, "{template} {tier}");
        quiet(&stage, &machine, tier);
        let enterprise = TierKey::parse("enterprise").unwrap();
        if stage.catalog.tiers.get(&enterprise).is_some_and(|it| it.custom) {
            assert_eq!(put(&machine, "enterprise").unwrap_err().code(), "tier_custom", "{template}");
        }
    }
}

#[test]
fn overage_tiers_have_a_base_price_and_three_metered_ones() {
    let stage = Stage::of_template("overage");
    let machine = machine(&stage);
    put(&machine, "basic card=pm_card_visa").unwrap();
    let told = told(&stage);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("active basic."), "{told:?}");
    let open = history(&machine).pop().unwrap();
    let there = &subscriptions(&stage)[0];
    assert_eq!(there["billing_mode"]["type"], "flexible");
    assert_eq!(there["metadata"]["paygrade_tier"], json!(open.revision.to_string()));
    assert_eq!(there["metadata"]["paygrade_customer"], "overage/customer/acme");
    let text = |key: &str| there["metadata"][key].as_str();
    let json = paygrade::billing::terms::join(text).unwrap();
    assert_eq!(paygrade::billing::terms::digest(&json), open.revision.digest);
    assert_eq!((open.from_at.0, open.anchor_at.0), (START, START));
    quiet(&stage, &machine, "basic");
}

#[test]
fn from_free_to_paid_to_another_and_back() {
    let stage = Stage::of_template("payg-hybrid");
    let mut machine = machine(&stage);
    put(&machine, "payg card=pm_card_visa").unwrap();
    stage.pass(5 * DAY_S);
    machine.now = stage.now();
    put(&machine, "pro trial=0").unwrap();
    assert_eq!(told(&stage), ["active pro.month 1"], "the items change in place");
    quiet(&stage, &machine, "pro");
    stage.pass(DAY_S);
    machine.now = stage.now();
    put(&machine, "team seats=4").unwrap();
    put(&machine, "team seats=6").unwrap();
    assert_eq!(told(&stage), ["active team.month 6"]);
    quiet(&stage, &machine, "team");
    let history = history(&machine);
    let edges: Vec<(&str, i64, Option<i64>)> =
        history.iter().map(|it| (it.revision.tier.as_str(), it.from_at.0, it.to_at.map(|at| at.0))).collect();
    let (pro, team) = (START + 5 * DAY_S, START + 6 * DAY_S);
    assert_eq!(
        edges,
        [
            ("payg", START, Some(pro)),
            ("pro", pro, Some(team)),
            ("team", team, Some(team)),
            ("team", team, None)
        ]
    );
    assert!(history.iter().all(|it| it.anchor_at.0 == START), "the anchor stays");
    let upgrade = stage.call("GET", "/v1/invoices?limit=100", "");
    let reasons: Vec<&str> =
        upgrade["data"].as_array().unwrap().iter().map(|it| it["billing_reason"].as_str().unwrap()).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "subscription_update").count(), 3, "{reasons:?}");
}

#[test]
fn to_a_free_tier_the_subscription_ends() {
    let stage = Stage::of_template("seats");
    let mut machine = machine(&stage);
    put(&machine, "starter").unwrap();
    quiet(&stage, &machine, "starter");
    stage.pass(100);
    machine.now = stage.now();
    put(&machine, "pro seats=2 card=pm_card_visa").unwrap();
    stage.pass(100);
    machine.now = stage.now();
    let outcome = put(&machine, "starter at=now").unwrap();
    assert_eq!((outcome.status, outcome.assignment.sub), (None, None));
    assert_eq!(told(&stage), ["canceled pro.month 2"]);
    let there = stage.call("GET", "/v1/customers?limit=1", "");
    assert_eq!(there["data"][0]["metadata"]["paygrade_tier"], json!(outcome.assignment.revision.to_string()));
    assert_eq!(there["data"][0]["metadata"]["paygrade"], "seats/customer/acme");
    quiet(&stage, &machine, "starter");
    put(&machine, "pro").unwrap();
    assert_eq!(told(&stage), ["canceled pro.month 2", "active pro.month 1"]);
    let edges: Vec<i64> = history(&machine).iter().map(|it| it.from_at.0).collect();
    assert_eq!(edges, [START, START + 100, START + 200, START + 200]);
    sound(&machine);
}

#[test]
fn without_a_payment_method_three_ways_are_shown() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    let error = put(&machine, "pro").unwrap_err();
    assert_eq!(error.kind(), Kind::Stripe, "{error:?}");
    for way in ["--payment-method", "--send-invoice", "--trial"] {
        assert!(error.hint_text().unwrap().contains(way), "{error:?}");
    }
    assert!(told(&stage).is_empty() && history(&machine).is_empty());
    sound(&machine);
    // Each of the three works, also after the refusal, and no key is used twice.
    for way in ["pro card=pm_card_visa", "pro invoice=30", "pro trial=7"] {
        let stage = Stage::of_template("seats");
        let machine = self::machine(&stage);
        put(&machine, "pro").unwrap_err();
        put(&machine, "pro").unwrap_err();
        put(&machine, way).unwrap();
        assert_eq!(told(&stage).len(), 1, "{way}");
        quiet(&stage, &machine, way);
    }
}

#[test]
fn a_declined_card_assigns_nothing() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    let error = put(&machine, "pro card=pm_card_chargeCustomerFail").unwrap_err();
    assert_eq!(error.kind(), Kind::Stripe, "{error:?}");
    assert!(history(&machine).is_empty());
    assert!(told(&stage).iter().all(|it| !it.starts_with("active")), "{:?}", told(&stage));
    put(&machine, "pro card=pm_card_visa").unwrap();
    assert_eq!(told(&stage), ["active pro.month 1"]);
    // An upgrade that cannot be paid changes nothing either.
    let error = put(&machine, "pro seats=5 card=pm_card_chargeCustomerFail").unwrap_err();
    assert_eq!(error.kind(), Kind::Stripe, "{error:?}");
    assert_eq!(told(&stage), ["active pro.month 1"]);
    sound(&machine);
}

#[test]
fn a_payment_method_that_the_customer_has_is_used_as_it_is() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    let cus = stage.call("GET", "/v1/customers", "")["data"][0]["id"].as_str().unwrap().to_owned();
    let attach = |name: &str| {
        let made =
            stage.call("POST", &format!("/v1/payment_methods/{name}/attach"), &format!("customer={cus}"));
        made["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (attach("pm_card_visa"), attach("pm_card_mastercard"));
    put(&machine, &format!("pro card={first}")).unwrap();
    let there = stage.call("GET", &format!("/v1/customers/{cus}"), "");
    assert_eq!(there["invoice_settings"]["default_payment_method"], json!(first));
    let all = stage.call("GET", &format!("/v1/customers/{cus}/payment_methods"), "");
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    assert_eq!(told(&stage), ["active pro.month 1"]);

    // The tier stays; the other one is charged from now on. The same again changes nothing, nor does a test name, which
    // would be another new card each time.
    for (card, changes) in
        [(&second, true), (&second, false), (&"pm_card_visa".to_owned(), false), (&first, true)]
    {
        let charged = |stage: &Stage| {
            stage.call("GET", &format!("/v1/customers/{cus}"), "")["invoice_settings"]["default_payment_method"].clone()
        };
        let before = charged(&stage);
        let outcome = put(&machine, &format!("pro card={card}")).unwrap();
        assert_eq!(outcome.changed, changes, "{card}");
        assert_eq!(charged(&stage), if changes { json!(card) } else { before }, "{card}");
        assert_eq!(told(&stage), ["active pro.month 1"]);
    }
    let all = stage.call("GET", &format!("/v1/customers/{cus}/payment_methods"), "");
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
}

#[test]
fn trials_are_for_the_first_time() {
    let stage = Stage::of_template("payg-hybrid");
    let mut machine = machine(&stage);
    let outcome = put(&machine, "pro").unwrap();
    assert_eq!(outcome.status.as_deref(), Some("trialing"));
    let there = &subscriptions(&stage)[0];
    assert_eq!(there["trial_end"], json!(START + 14 * DAY_S));
    assert_eq!(there["trial_settings"]["end_behavior"]["missing_payment_method"], "cancel");
    assert_eq!(outcome.assignment.anchor_at.0, START + 14 * DAY_S);
    quiet(&stage, &machine, "pro");
    let error = put(&machine, "pro trial=3").unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Refused, "second_trial"));
    // The trial ends without a payment method: Stripe cancels, and the store follows.
    stage.pass(15 * DAY_S);
    machine.now = stage.now();
    let customer = machine.store.read(|r| r.customer_by_id(&customer(ID))).unwrap().unwrap();
    block_on(subscription_refresh(&machine.desk(), &customer)).unwrap();
    let last = history(&machine).pop().unwrap();
    assert_eq!(last.to_at.map(|at| at.0), Some(START + 14 * DAY_S));
    sound(&machine);
    let error = put(&machine, "pro").unwrap_err();
    assert_eq!(error.kind(), Kind::Stripe, "no second trial, so it must be paid: {error:?}");
    put(&machine, "pro card=pm_card_visa").unwrap();
    assert_eq!(told(&stage), ["canceled pro.month 1", "active pro.month 1"]);
    sound(&machine);
}

#[test]
fn trial_credits_come_once() {
    let stage = Stage::of_template("gateway");
    let machine = machine(&stage);
    assert_eq!(put(&machine, "free").unwrap().trial_credits, Some(1000));
    put(&machine, "starter card=pm_card_visa").unwrap();
    assert_eq!(put(&machine, "free at=now").unwrap().trial_credits, None);
    let balance = machine.store.read(|r| {
        let customer = r.customer_by_id(&customer(ID))?.unwrap();
        r.ledger_balance(customer.row, machine.now)
    });
    assert_eq!(balance.unwrap().available.0, 1000);
    sound(&machine);
}

#[test]
fn whatever_breaks_a_second_run_ends_in_one_subscription() {
    let faults = [
        json!({"kind": "hang_up_before", "method": "POST"}),
        json!({"kind": "hang_up_after_commit", "method": "POST"}),
        json!({"kind": {"truncate": 30}, "method": "POST"}),
        json!({"kind": {"respond_after_commit": {"status": 500}}, "method": "POST"}),
        json!({"kind": {"refuse_before": {"status": 429}}, "method": "POST"}),
        json!({"kind": "duplicate", "method": "POST"}),
        json!({"kind": "hang_up_after_commit", "method": "DELETE"}),
        json!({"kind": "hang_up_before", "method": "DELETE"}),
        json!({"kind": {"respond_after_commit": {"status": 500}}, "method": "DELETE"}),
        json!({"kind": "hang_up_before", "method": "GET"}),
    ];
    // Every write of four changes, one after the other: create (attach, default, create), change, end (and pin).
    let steps = [
        ("starter", "pro seats=2 card=pm_card_visa", "active pro.month 2", 3),
        ("pro seats=2 card=pm_card_visa", "pro seats=5", "active pro.month 5", 1),
        ("pro seats=2 card=pm_card_visa", "starter at=now", "canceled pro.month 2", 2),
    ];
    for fault in faults {
        for (from, to, want, writes) in steps {
            for nth in 1..=writes {
                let stage = Stage::of_template("seats");
                let before = machine(&stage);
                put(&before, from).unwrap();
                stage.pass(60);
                let mut first = stage.machine_on(1);
                let mut fault = fault.clone();
                fault["nth"] = json!(nth);
                stage.fault(&fault);
                let broken = put(&first, to);
                stage.no_faults();
                drop(first);
                stage.pass(60);
                first = stage.machine_on(1);
                let case = format!("{fault} {from} -> {to}");
                put(&first, to).unwrap_or_else(|error| panic!("{case} after {broken:?}: {error:?}"));
                assert_eq!(told(&stage).last().map(String::as_str), Some(want), "{case}");
                assert_eq!(told(&stage).len(), 1, "{case}");
                let last = history(&first).pop().unwrap();
                assert_eq!(last.to_at, None, "{case}");
                // By Stripe's clock: when it happened there, in the first run or in the second.
                assert!([START + 60, START + 120].contains(&last.from_at.0), "{case}: {last:?}");
                if last.sub.is_some() && from == "starter" {
                    assert_eq!(subscriptions(&stage)[0]["start_date"], json!(last.from_at.0), "{case}");
                }
                assert_eq!(history(&first).len(), 2, "{case}");
                quiet(&stage, &first, to);
            }
        }
    }
}

#[test]
fn an_answer_of_500_that_stripe_keeps_never_makes_a_second_subscription() {
    let stage = Stage::of_template("seats");
    let before = machine(&stage);
    stage.fault(
        &json!({"kind": {"refuse_before": {"status": 500}}, "method": "POST", "path": "/v1/subscriptions"}),
    );
    assert_eq!(put(&before, "pro invoice=30").unwrap_err().kind(), Kind::Unknown);
    stage.no_faults();
    // A day later the key is free again; the subscription is looked for before it is made.
    stage.pass(DAY_S + 60);
    let later = stage.machine_on(1);
    put(&later, "pro invoice=30").unwrap();
    assert_eq!(told(&stage), ["active pro.month 1"]);
    quiet(&stage, &later, "pro");
}

#[test]
fn another_wish_finishes_the_first_one_first() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    stage.fault(&json!({"kind": "hang_up_after_commit", "method": "POST", "path": "/v1/subscriptions"}));
    assert_eq!(put(&machine, "pro invoice=30").unwrap_err().kind(), Kind::Unknown);
    stage.no_faults();
    put(&machine, "pro seats=3").unwrap();
    assert_eq!(told(&stage), ["active pro.month 3"]);
    assert_eq!(history(&machine).len(), 2);
    sound(&machine);
}

#[test]
fn two_at_once_make_one_subscription() {
    for shared in [true, false] {
        let stage = Stage::of_template("seats");
        machine(&stage);
        if !shared {
            let fresh = stage.machine();
            let email = Some(Email::parse("a@acme.io").unwrap());
            let wish =
                paygrade::flow::customer::Ask { id: customer(ID), email, name: None, payment_method: None };
            block_on(customer_add(&fresh.desk(), &wish)).unwrap();
        }
        let (one, two) = (stage.machine_on(1), stage.machine_on(if shared { 1 } else { 2 }));
        let wish = ask("pro invoice=30");
        let (first, second) = block_on(async {
            tokio::join!(async { assign(&one.desk(), &wish).await }, async {
                assign(&two.desk(), &wish).await
            })
        });
        for (machine, ended) in [(&one, first), (&two, second)] {
            // Whoever met the other's call in flight is told to come again.
            if let Err(error) = ended {
                assert!(matches!(error.kind(), Kind::Later | Kind::Busy), "{error:?}");
                put(machine, "pro invoice=30").unwrap();
            }
            sound(machine);
        }
        assert_eq!(told(&stage), ["active pro.month 1"], "shared store: {shared}");
        assert_eq!(history(&one).len(), 1);
        assert_eq!(history(&two).len(), 1);
    }
}

/// Two machines that do not share a store want different things: one is served, the other sees it and changes it.
#[test]
fn two_machines_with_different_wishes_make_one_subscription() {
    let stage = Stage::of_template("seats");
    let (one, two) = (machine(&stage), machine(&stage));
    let (small, large) = (ask("pro seats=2 invoice=30"), ask("pro seats=5 invoice=30"));
    let (first, second) = block_on(async {
        tokio::join!(async { assign(&one.desk(), &small).await }, async { assign(&two.desk(), &large).await })
    });
    assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
    for ended in [first, second] {
        if let Err(error) = ended {
            assert_eq!(error.kind(), Kind::Later, "{error:?}");
        }
    }
    assert_eq!(told(&stage).len(), 1, "{:?}", told(&stage));
    put(&two, "pro seats=5 invoice=30").unwrap();
    put(&one, "pro seats=2 invoice=30").unwrap();
    assert_eq!(told(&stage), ["active pro.month 2"]);
    sound(&one);
    sound(&two);
}

/// Real processes that share a store and a local Stripe.
#[test]
fn many_processes_at_once_make_one_subscription() {
    let world = World::new();
    world.demand(0, "init --template seats");
    world.demand(0, "seed --yes");
    let wishes = [
        "customer add acme --email a@acme.io --payment-method pm_card_visa",
        "tier assign acme pro --seats 3",
        "tier assign acme pro --seats 3",
    ];
    for wish in wishes {
        let exits: Vec<i32> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..5).map(|_| scope.spawn(|| world.run(wish))).collect();
            all.into_iter().map(|it| it.join().unwrap()).map(|it| it.exit).collect()
        });
        // Nobody fails for good: whoever met another's call in flight may come again.
        assert!(exits.iter().all(|exit| [0, 9, 75].contains(exit)), "{wish}: {exits:?}");
        assert!(exits.contains(&0), "{wish}: {exits:?}");
        world.demand(0, wish);
    }
    let shown = world.demand(0, "customer show acme -o json").out;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((shown["seats"].as_i64(), shown["status"].as_str()), (Some(3), Some("active")));
    assert_eq!(shown["rows"].as_array().unwrap().len(), 1);
    let told = world.demand(0, "local status -o json").out;
    let told: Value = serde_json::from_str(&told).unwrap();
    let value = |line: &str| {
        let mut rows = told["rows"].as_array().unwrap().iter();
        rows.find(|row| row["line"] == *line).map(|row| row["value"].as_str().unwrap().to_owned())
    };
    for kind in ["customers", "payment_methods", "subscriptions"] {
        let got = value(&format!("objects.{kind}")).or_else(|| value(kind));
        assert_eq!(got.as_deref(), Some("1"), "{kind}: {told:#}");
    }
    world.demand(0, "doctor");
}

#[test]
fn a_lost_store_recovers_tier_and_terms_from_stripe() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    put(&machine, "pro seats=4 card=pm_card_visa").unwrap();
    stage.pass(DAY_S);
    let fresh = self::machine(&stage);
    assert_eq!(block_on(assign_plan(&fresh.desk(), &ask("pro"))).unwrap().decision, Decision::Nothing);
    assert!(!put(&fresh, "pro").unwrap().changed);
    quiet(&stage, &fresh, "pro seats=4");
    let (old, new) = (history(&machine), history(&fresh));
    assert_eq!(old[0].revision, new[0].revision);
    assert_eq!(
        (old[0].from_at, old[0].seats, old[0].interval),
        (new[0].from_at, new[0].seats, new[0].interval)
    );
}

/// What is shown before a change is what Stripe then charges, by its own arithmetic.
#[test]
fn the_estimate_is_what_stripe_charges() {
    let stage = Stage::of_template("gateway");
    let mut machine = machine(&stage);
    put(&machine, "free").unwrap();
    let newest = |stage: &Stage| stage.call("GET", "/v1/invoices?limit=1", "")["data"][0].clone();
    let pending = |stage: &Stage| -> i64 {
        let items = stage.call("GET", "/v1/invoiceitems?pending=true&limit=100", "");
        items["data"].as_array().unwrap().iter().map(|it| it["amount"].as_i64().unwrap()).sum()
    };
    for (wish, days, now) in [
        ("starter card=pm_card_visa", 3, true),
        ("pro", 7, true),
        ("starter at=now", 11, false),
        ("pro", 9, true),
    ] {
        stage.pass(days * DAY_S + 12_345);
        machine.now = stage.now();
        let plan = block_on(assign_plan(&machine.desk(), &ask(wish))).unwrap();
        let charge = plan.charge.unwrap_or_else(|| panic!("{wish}: {plan:?}"));
        assert_eq!(charge.due == Due::Now, now, "{wish}");
        let before = pending(&stage);
        put(&machine, wish).unwrap();
        if now {
            // Lines that waited for this invoice come with it.
            assert_eq!(newest(&stage)["total"], json!(charge.amount.minor + before), "{wish}");
        } else {
            assert_eq!(pending(&stage) - before, charge.amount.minor, "{wish}");
        }
        quiet(&stage, &machine, wish);
    }
}

#[test]
fn a_plan_changes_nothing() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    let writes = machine.api.counts().writes;
    let plan = block_on(assign_plan(&machine.desk(), &ask("pro seats=3"))).unwrap();
    assert_eq!(plan.wanted.unwrap().amount().unwrap().minor, 14_700);
    assert_eq!(machine.api.counts().writes, writes);
    assert!(history(&machine).is_empty() && told(&stage).is_empty());
    let near = block_on(assign_plan(&machine.desk(), &ask("prp"))).unwrap_err();
    assert_eq!(near.kind(), Kind::BadInput);
    assert!(near.hint_text().unwrap().contains("did you mean `pro`"), "{near:?}");
}

/// Puts the customer on a tier, charged to a card that works.
pub fn put_on(machine: &Machine, tier: TierKey) {
    put(machine, &format!("{tier} card=pm_card_visa")).unwrap();
}
