//! Changes of tier that wait for their day, seats, cancellations: whatever breaks, a second run ends where one
//! undisturbed run ends, and the store follows what Stripe does by itself.

use paygrade::billing::assign::{Asked, When};
use paygrade::billing::contact::Email;
use paygrade::billing::id::TierKey;
use paygrade::billing::time::{DAY_S, HOUR_S, Timestamp};
use paygrade::error::{Error, Kind};
use paygrade::flow::assign::{Ask, Seats, assign, cancel, resume, seats};
use paygrade::flow::customer::customer_add;
use paygrade::flow::refresh::subscription_refresh;
use serde_json::{Value, json};

use crate::desk::{Machine, START, Stage, block_on, customer};
use crate::world::World;

const ID: &str = "acme";
/// The end of the first month.
const MONTH_END: i64 = START + 31 * DAY_S;

/// `starter`, `pro year at=now`, `cancel at=now`, `resume`, `seats +2`. Gives whether anything was changed.
fn wish(machine: &Machine, text: &str) -> Result<bool, Error> {
    let desk = machine.desk();
    let id = customer(ID);
    let mut words = text.split(' ').filter(|word| !word.starts_with("at="));
    let at = text.split(' ').find_map(|word| word.strip_prefix("at=")).map(|word| match word {
        "now" => When::Now,
        "end" => When::PeriodEnd,
        number => When::At(Timestamp(number.parse().unwrap())),
    });
    match words.next().unwrap() {
        "cancel" => block_on(cancel(&desk, &id, at, false)).map(|it| it.changed),
        "resume" => block_on(resume(&desk, &id)).map(|it| it.changed),
        "seats" => {
            let word = words.next().unwrap();
            let number: u32 = word.trim_start_matches(['+', '-']).parse().unwrap();
            let wish = match &word[..1] {
                "+" => Seats::More(number),
                "-" => Seats::Fewer(number),
                _ => Seats::To(number),
            };
            block_on(seats(&desk, &id, wish)).map(|it| it.changed)
        }
        tier => {
            let mut ask = Ask { at, ..Ask::of(id, TierKey::parse(tier).unwrap()) };
            ask.asked = Asked { trial_days: Some(0), ..ask.asked };
            for word in words {
                match word.split_once('=') {
                    Some(("seats", number)) => ask.asked.seats = number.parse().ok(),
                    Some(("card", method)) => ask.payment_method = Some(method.to_owned()),
                    _ => ask.asked.interval = paygrade::billing::catalog::Interval::parse(word),
                }
            }
            if !["pro", "starter", "basic"].contains(&tier) {
                ask.asked.trial_days = None;
            }
            block_on(assign(&desk, &ask)).map(|it| it.changed)
        }
    }
}

fn known(machine: &Machine) {
    let email = Some(Email::parse("a@acme.io").unwrap());
    let wish = paygrade::flow::customer::Ask { id: customer(ID), email, name: None, payment_method: None };
    block_on(customer_add(&machine.desk(), &wish)).unwrap();
}

/// A machine with a customer for whom these wishes were fulfilled, one after the other.
fn machine(stage: &Stage, wishes: &str) -> Machine {
    let machine = stage.machine();
    known(&machine);
    for text in wishes.split("; ") {
        wish(&machine, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
    machine
}

/// What Stripe holds: subscriptions with their items and their ends, schedules with what they will do, the tier in the
/// customer's metadata, and how many invoices there are.
fn held(stage: &Stage) -> Vec<String> {
    let short = |key: &Value| key.as_str().unwrap().split(':').skip(2).collect::<Vec<_>>().join(".");
    let mut told = Vec::new();
    let prices = stage.call("GET", "/v1/prices?limit=100", "");
    let price = |id: &Value| {
        let found = prices["data"].as_array().unwrap().iter().find(|it| it["id"] == *id);
        short(&found.unwrap()["lookup_key"])
    };
    let mut subs = stage.call("GET", "/v1/subscriptions?status=all&limit=100", "")["data"].clone();
    subs.as_array_mut().unwrap().reverse();
    for sub in subs.as_array().unwrap() {
        let mut items: Vec<String> = sub["items"]["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| format!("{} {}", short(&it["price"]["lookup_key"]), it["quantity"]))
            .collect();
        items.sort();
        let tier = sub["metadata"]["paygrade_tier"].as_str().unwrap_or("-").split('@').next().unwrap();
        told.push(format!(
            "{} {tier}: {}, ends {}, {}",
            sub["status"].as_str().unwrap(),
            items.join(" "),
            sub["cancel_at"],
            if sub["schedule"].is_null() { "free" } else { "scheduled" }
        ));
    }
    for schedule in stage.call("GET", "/v1/subscription_schedules?limit=100", "")["data"].as_array().unwrap()
    {
        if !["active", "not_started"].contains(&schedule["status"].as_str().unwrap()) {
            continue;
        }
        for phase in schedule["phases"].as_array().unwrap() {
            let items = phase["items"].as_array().unwrap().iter();
            let mut items: Vec<String> = items.map(|it| price(&it["price"])).collect();
            items.sort();
            let tier = phase["metadata"]["paygrade_tier"].as_str().unwrap_or("-").split('@').next().unwrap();
            told.push(format!("phase from {} {tier}: {}", phase["start_date"], items.join(" ")));
        }
    }
    let customer = stage.call("GET", "/v1/customers?limit=1", "")["data"][0].clone();
    told.push(format!(
        "pinned {} since {}",
        customer["metadata"]["paygrade_tier"], customer["metadata"]["paygrade_since"]
    ));
    let invoices = stage.call("GET", "/v1/invoices?limit=100", "");
    told.push(format!("{} invoices", invoices["data"].as_array().unwrap().len()));
    told
}

/// What the store says: history as tier, seats and edges, and what waits.
fn kept(machine: &Machine) -> Vec<String> {
    let read = machine.store.read(|r| {
        let row = r.customer_by_id(&customer(ID))?.unwrap().row;
        Ok::<_, paygrade::store::StoreError>((r.assignments_of(row)?, r.pending_waiting(row)?))
    });
    let (history, waits) = read.unwrap();
    let edge = |at: Option<Timestamp>| at.map_or_else(|| "…".to_owned(), |at| (at.0 - START).to_string());
    let mut told: Vec<String> = history
        .iter()
        .map(|it| {
            let seats = it.seats.map(|seats| format!(" {seats}")).unwrap_or_default();
            let sub = if it.sub.is_some() { "" } else { " (no subscription)" };
            format!("{}{seats}{sub} {}..{}", it.revision.tier, edge(Some(it.from_at)), edge(it.to_at))
        })
        .collect();
    told.extend(waits.map(|it| {
        let to = it.change.to.map_or_else(|| "the end".to_owned(), |to| to.revision.tier.to_string());
        format!("{to} at {}", it.change.at.0 - START)
    }));
    told
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

/// Time passes; the store looks at Stripe.
fn later(stage: &Stage, machine: &mut Machine, at: i64) {
    stage.pass(at - stage.now().0);
    *machine = stage.machine_again(machine);
    let acme = machine.store.read(|r| r.customer_by_id(&customer(ID))).unwrap().unwrap();
    block_on(subscription_refresh(&machine.desk(), &acme)).unwrap();
    sound(machine);
}

/// The same wish again changes nothing.
fn quiet(stage: &Stage, machine: &Machine, text: &str) {
    let before = (machine.api.counts().writes, held(stage), kept(machine));
    assert!(!wish(machine, text).unwrap(), "{text}");
    assert_eq!((machine.api.counts().writes, held(stage), kept(machine)), before, "{text}");
    sound(machine);
}

#[test]
fn a_lower_tier_comes_when_the_month_is_over() {
    let stage = Stage::of_template("gateway");
    let mut machine = machine(&stage, "pro card=pm_card_visa");
    stage.pass(10 * DAY_S);
    machine.now = stage.now();
    assert!(wish(&machine, "starter").unwrap());
    assert_eq!(kept(&machine), ["pro 0..…".to_owned(), format!("starter at {}", 31 * DAY_S)]);
    quiet(&stage, &machine, "starter");
    let told = held(&stage);
    assert_eq!(told[0], "active pro: pro.month 1, ends null, scheduled");
    assert_eq!(told[2], format!("phase from {MONTH_END} starter: starter.month"), "{told:?}");
    later(&stage, &mut machine, MONTH_END + 2 * HOUR_S);
    let edge = 31 * DAY_S;
    assert_eq!(kept(&machine), [format!("pro 0..{edge}"), format!("starter {edge}..…")]);
    assert_eq!(held(&stage)[0], "active starter: starter.month 1, ends null, scheduled");
    // 20.00 for the next month, nothing else.
    let newest = stage.call("GET", "/v1/invoices?limit=1", "")["data"][0].clone();
    assert_eq!((newest["total"].as_i64(), newest["status"].as_str()), (Some(2_000), Some("paid")));
    // A day later the subscription goes on by itself.
    later(&stage, &mut machine, MONTH_END + 2 * DAY_S);
    assert_eq!(held(&stage)[0], "active starter: starter.month 1, ends null, free");
    quiet(&stage, &machine, "starter");
}

#[test]
fn to_the_free_tier_when_the_month_is_over() {
    let stage = Stage::of_template("gateway");
    let mut machine = machine(&stage, "pro card=pm_card_visa");
    assert!(wish(&machine, "free").unwrap());
    quiet(&stage, &machine, "free");
    assert_eq!(held(&stage)[0], format!("active pro: pro.month 1, ends {MONTH_END}, free"));
    later(&stage, &mut machine, MONTH_END + 60);
    let edge = 31 * DAY_S;
    assert_eq!(kept(&machine), [format!("pro 0..{edge}"), format!("free (no subscription) {edge}..…")]);
    quiet(&stage, &machine, "free");
    // A store that knows nothing of it reads the same from Stripe.
    let fresh = stage.machine();
    known(&fresh);
    let cus = stage.call("GET", "/v1/customers?limit=1", "")["data"][0]["metadata"].clone();
    assert_eq!(cus["paygrade_since"], json!(MONTH_END.to_string()));
    wish(&fresh, "pro card=pm_card_visa").unwrap();
    assert_eq!(held(&stage).iter().filter(|it| it.starts_with("active")).count(), 1);
}

#[test]
fn cancelled_at_the_end_and_resumed() {
    let stage = Stage::of_template("gateway");
    let mut machine = machine(&stage, "pro card=pm_card_visa");
    assert!(wish(&machine, "cancel").unwrap());
    quiet(&stage, &machine, "cancel");
    assert_eq!(kept(&machine)[1], format!("the end at {}", 31 * DAY_S));
    assert!(wish(&machine, "resume").unwrap());
    quiet(&stage, &machine, "resume");
    assert_eq!(held(&stage)[0], "active pro: pro.month 1, ends null, free");
    assert!(wish(&machine, "cancel").unwrap());
    later(&stage, &mut machine, MONTH_END + 60);
    assert_eq!(kept(&machine), [format!("pro 0..{}", 31 * DAY_S)]);
    assert!(!wish(&machine, "cancel").unwrap(), "the same again, once it has ended");
    assert_eq!(wish(&machine, "resume").unwrap_err().code(), "no_tier");
}

#[test]
fn seats_come_now_and_leave_a_planned_end_alone() {
    let stage = Stage::of_template("seats");
    let mut machine = machine(&stage, "pro seats=2 card=pm_card_visa; cancel");
    stage.pass(60);
    machine.now = stage.now();
    assert!(wish(&machine, "seats +3").unwrap());
    assert_eq!(held(&stage)[0], format!("active pro: pro.month 5, ends {MONTH_END}, free"));
    assert!(wish(&machine, "seats -1").unwrap());
    quiet(&stage, &machine, "seats 4");
    assert_eq!(kept(&machine).last().unwrap(), &format!("the end at {}", 31 * DAY_S));
    assert_eq!(wish(&machine, "seats -4").unwrap_err().kind(), Kind::Refused);
    assert_eq!(wish(&machine, "seats -9").unwrap_err().code(), "seats");
}

/// `+2` that was begun and not finished is finished by the same command, and does not count twice.
#[test]
fn relative_seats_count_once() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage, "pro seats=2 card=pm_card_visa");
    stage.fault(&json!({"kind": "hang_up_after_commit", "method": "POST", "path": "/v1/subscriptions/*"}));
    assert_eq!(wish(&machine, "seats +2").unwrap_err().kind(), Kind::Unknown);
    stage.no_faults();
    assert!(wish(&machine, "seats +2").unwrap());
    assert!(held(&stage)[0].starts_with("active pro: pro.month 4,"), "{:?}", held(&stage));
    assert!(wish(&machine, "seats +2").unwrap());
    assert!(held(&stage)[0].starts_with("active pro: pro.month 6,"), "{:?}", held(&stage));
}

#[test]
fn a_schedule_of_somebody_else_is_not_dropped() {
    let stage = Stage::of_template("gateway");
    let machine = machine(&stage, "pro card=pm_card_visa");
    let sub = stage.call("GET", "/v1/subscriptions", "")["data"][0].clone();
    let made = stage.call(
        "POST",
        "/v1/subscription_schedules",
        &format!("from_subscription={}", sub["id"].as_str().unwrap()),
    );
    let price = sub["items"]["data"][0]["price"]["id"].as_str().unwrap();
    let body = format!(
        "phases[0][start_date]={}&phases[0][end_date]={MONTH_END}&phases[0][items][0][price]={price}\
         &phases[1][items][0][price]={price}&phases[1][items][0][quantity]=3",
        made["phases"][0]["start_date"]
    );
    stage.call("POST", &format!("/v1/subscription_schedules/{}", made["id"].as_str().unwrap()), &body);
    let error = wish(&machine, "starter").unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Refused, "foreign_schedule"));
    assert!(wish(&machine, "resume").unwrap());
    assert!(wish(&machine, "starter").unwrap());
    quiet(&stage, &machine, "starter");
}

/// What waits was taken back in the Dashboard: the store follows.
#[test]
fn what_was_undone_elsewhere_waits_no_longer() {
    for (wished, path) in [("starter", "schedule"), ("free", "end")] {
        let stage = Stage::of_template("gateway");
        let mut machine = machine(&stage, &format!("pro card=pm_card_visa; {wished}"));
        let sub = stage.call("GET", "/v1/subscriptions", "")["data"][0].clone();
        if path == "schedule" {
            let schedule = sub["schedule"].as_str().unwrap();
            stage.call("POST", &format!("/v1/subscription_schedules/{schedule}/release"), "");
        } else {
            let sub = sub["id"].as_str().unwrap();
            stage.call("POST", &format!("/v1/subscriptions/{sub}"), "cancel_at_period_end=false");
        }
        later(&stage, &mut machine, START + 60);
        assert_eq!(kept(&machine), ["pro 0..…"], "{wished}");
        quiet(&stage, &machine, "pro");
    }
}

/// Every write of every change that waits fails in every way; the second run ends as an undisturbed one does, now and
/// when the day has come.
#[test]
fn whatever_breaks_the_change_comes_once() {
    let faults = [
        json!({"kind": "hang_up_before"}),
        json!({"kind": "hang_up_after_commit"}),
        json!({"kind": {"respond_after_commit": {"status": 500}}}),
        json!({"kind": {"refuse_before": {"status": 500}}}),
    ];
    let steps = [
        ("pro card=pm_card_visa", "starter", 2),
        ("pro card=pm_card_visa", "free", 2),
        ("pro card=pm_card_visa", "cancel", 1),
        ("pro card=pm_card_visa", "cancel at=now", 1),
        ("pro card=pm_card_visa; starter", "pro", 2),
        ("pro card=pm_card_visa; starter", "resume", 2),
        ("pro card=pm_card_visa; starter", "free", 3),
        ("pro card=pm_card_visa; starter", "cancel", 2),
        ("pro card=pm_card_visa; starter", "cancel at=now", 2),
        ("pro card=pm_card_visa; starter", "free at=now", 3),
        ("starter card=pm_card_visa; free", "pro", 2),
        ("pro card=pm_card_visa; free", "starter", 4),
        ("pro card=pm_card_visa; free", "resume", 2),
        ("pro card=pm_card_visa; starter at=1768910400", "starter", 3),
    ];
    for (from, to, writes) in steps {
        let clean = ended(from, to, None);
        assert_eq!(clean.2, writes, "{from} -> {to} takes so many writes");
        // Two calls are where it matters that Stripe keeps an answer of 500 under its key; once is enough.
        let kept =
            if (from, to) == ("pro card=pm_card_visa", "starter") { faults.len() } else { faults.len() - 1 };
        for fault in &faults[..kept] {
            for nth in 1..=writes {
                let mut fault = fault.clone();
                fault["nth"] = json!(nth);
                for method in ["POST", "DELETE"] {
                    if method == "DELETE" && !(to.ends_with("now") && nth == 1) {
                        continue;
                    }
                    fault["method"] = json!(method);
                    let got = ended(from, to, Some(&fault));
                    assert_eq!((&got.0, &got.1), (&clean.0, &clean.1), "{fault} {from} -> {to}");
                }
            }
        }
    }
}

/// What is held and kept after a wish, at once and when its day has come; and how many writes it took.
fn ended(from: &str, to: &str, fault: Option<&Value>) -> (Vec<String>, Vec<String>, u64) {
    let stage = Stage::of_template("gateway");
    drop(machine(&stage, from));
    stage.pass(60);
    let mut first = stage.machine_on(1);
    if let Some(fault) = fault {
        stage.fault(fault);
    }
    let broken = wish(&first, to);
    stage.no_faults();
    let writes = first.api.counts().writes;
    if fault.is_some() {
        first = stage.machine_on(1);
        wish(&first, to)
            .unwrap_or_else(|error| panic!("{fault:?} {from} -> {to} after {broken:?}: {error:?}"));
        quiet(&stage, &first, to);
    }
    let (mut there, mut here) = (held(&stage), kept(&first));
    later(&stage, &mut first, MONTH_END + 2 * HOUR_S);
    there.extend(held(&stage));
    here.extend(kept(&first));
    (there, here, writes)
}

/// A year that begins in the middle of a month ends what the month's item bills, and with the same price the next one
/// begins: usage of both goes to the invoice of its own.
#[test]
fn usage_before_and_after_a_change_to_yearly_is_followed_to_its_own_invoice() {
    let mut world = World::new();
    world.file(
        "catalog.toml",
        r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.in]
event = "tokens_in"
[tiers.pro]
prices = [{ interval = "month", amount = "29.00" }, { interval = "year", amount = "290.00" }]
usage.in = { price = "0.01" }
"#,
    );
    world.now(Some("2026-11-21T08:00:00Z"));
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io --payment-method pm_card_visa");
    world.demand(0, "tier assign acme pro --interval month --yes");
    world.now(Some("2026-12-01T08:00:30Z"));
    world.demand(0, "usage record acme in 500 --id m1 --at 2026-12-01T08:00:10Z");
    world.demand(0, "tier assign acme pro --interval year --yes");
    world.now(Some("2026-12-05T08:00:00Z"));
    world.demand(0, "usage record acme in 70 --id y1");
    world.demand(0, "tick");
    let followed = |world: &World, line: &str| {
        let answer: Value = serde_json::from_str(&world.demand(0, line).out).unwrap();
        let rows = answer["rows"].as_array().unwrap().clone();
        rows.iter()
            .map(|it| format!("{} {} {}", it["recorded"], it["stripe"], it["invoiced"]))
            .collect::<Vec<_>>()
    };
    // The month is over, the year's first one is not.
    world.now(Some("2026-12-23T08:00:00Z"));
    world.demand(0, "tick");
    assert_eq!(followed(&world, "reconcile --through invoice -o json"), ["500 500 500"]);
    world.now(Some("2027-01-01T10:00:30Z"));
    world.demand(0, "tick");
    let both = "reconcile --through invoice --from 2026-11-21 --to 2027-01-02 -o json";
    assert_eq!(followed(&world, both), ["500 500 500", "70 70 70"]);
}

/// Whoever takes the year while the trial goes on has the trial to its end, and then the year begins.
#[test]
fn a_trial_goes_on_by_the_year() {
    let mut world = World::new();
    let prices = r#"[{ interval = "month", amount = "29.00" }, { interval = "year", amount = "290.00" }]"#;
    let head = "schema = 1\nnamespace = \"acme\"\ncurrency = \"usd\"\n[meters.in]\nevent = \"tokens_in\"\n[tiers.pro]\n";
    let usage = "usage.in = { price = \"0.01\" }\n";
    world.file("catalog.toml", &format!("{head}trial_days = 14\nprices = {prices}\n{usage}"));
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io --payment-method pm_card_visa");
    world.demand(0, "tier assign acme pro --yes");
    world.now(Some("2026-11-25T08:00:00Z"));
    let shown = world.demand(0, "tier assign acme pro --interval year -n").out;
    assert!(shown.contains("USD 0.00"), "{shown}");
    let told = world.demand(0, "tier assign acme pro --interval year --yes").out;
    assert!(told.contains("(trialing)"), "{told}");
    world.now(Some("2026-12-05T10:00:00Z"));
    world.demand(0, "tick");
    let invoices = world.demand(0, "invoice list -o csv -q").out;
    let totals: Vec<&str> = invoices.lines().skip(1).map(|line| line.split(',').nth(10).unwrap()).collect();
    assert_eq!(totals, ["29000", "0"], "{invoices}");
    world.demand(0, "reconcile tiers");
}
