//! A lost store: a fresh machine, and what Stripe knows, end at the same bills.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use paygrade::billing::time::Timestamp;
use paygrade::local;
use serde_json::Value;

use crate::world::{NOW, World};

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.tokens]
name = "Tokens"
event = "tokens"
unit = "token"
[meters.images]
name = "Images"
event = "images"
unit = "image"
[tiers.free]
name = "Free"
rank = 1
limits = { members = 3 }
[tiers.payg]
name = "Pay as you go"
rank = 2
[tiers.payg.usage.tokens]
price = "0.50"
[tiers.team]
name = "Team"
rank = 3
prices = [{ interval = "month", amount = "19.00", per = "seat" }, { interval = "year", amount = "190.00", per = "seat" }]
seats = { min = 2, max = 500 }
[tiers.team.usage.images]
price = "2"
"#;

/// Usage up to the loss, of which the first file was pushed; then what came later. Some of it in one hour.
const PUSHED: &str = "id,customer,meter,quantity,time
p1,acme,tokens,5,2026-11-22T09:10:00Z
p2,acme,tokens,7,2026-12-05T09:10:00Z
p3,team,images,11,2026-11-27T23:59:59Z
p4,fred,tokens,1000,2026-12-01T00:00:00Z
p5,gone,tokens,13,2026-11-25T12:00:00Z
p6,moved,tokens,17,2026-11-26T12:00:00Z
";
const RECORDED: &str = "id,customer,meter,quantity,time
r1,acme,tokens,19,2026-12-05T09:20:00Z
r2,team,images,23,2026-12-05T09:20:00Z
";
const LATER: &str = "id,customer,meter,quantity,time
l1,acme,tokens,29,2026-12-06T09:10:00Z
l2,team,images,31,2026-12-07T09:10:00Z
l3,moved,images,37,2026-12-08T09:10:00Z
l4,fred,tokens,1,2026-12-08T09:10:00Z
";

/// One call to the local Stripe of a world, as somebody else would make it.
pub(crate) fn call(world: &World, method: &str, path: &str, body: &str, now: &str) -> Value {
    let folder = world.path().join(".paygrade");
    let place =
        local::Place { state: folder.join("local"), registry: folder.join("local.json"), seed: Some(1) };
    let now = Timestamp::parse(now).unwrap().0;
    let stripe = local::connect(&place, Arc::new(move || Ok(now))).unwrap();
    let (status, text) = stripe.call(method, path, body).unwrap();
    assert!(status < 300, "{method} {path} {body}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

fn listed(world: &World, path: &str, now: &str) -> Vec<Value> {
    call(world, "GET", path, "", now)["data"].as_array().unwrap().clone()
}

/// Everything that `seed` makes at Stripe.
fn sold(world: &World, now: &str) -> Vec<Vec<Value>> {
    ["/v1/products?limit=100", "/v1/prices?limit=100", "/v1/billing/meters?limit=100"]
        .map(|path| listed(world, path, now))
        .to_vec()
}

/// Rows of the store that a recovery makes, without what is particular to a run.
pub(crate) fn rows(store: &Path, sql: &str) -> Vec<String> {
    let conn = rusqlite::Connection::open(store).unwrap();
    let mut find = conn.prepare(sql).unwrap();
    let columns = find.column_count();
    let text = |row: &rusqlite::Row<'_>| {
        let cells =
            (0..columns).map(|index| format!("{:?}", row.get::<_, rusqlite::types::Value>(index).unwrap()));
        Ok(cells.collect::<Vec<_>>().join(" "))
    };
    find.query_map([], text).unwrap().map(Result::unwrap).collect()
}

const ASSIGNMENTS: &str =
    "SELECT c.id, a.tier, a.digest, a.interval, a.seats, a.sub, a.from_at, a.to_at, a.anchor_at
    FROM tier_assignment a JOIN customer c USING (customer) ORDER BY c.id, a.from_at";
const CUSTOMERS: &str = "SELECT id, cus, email, name FROM customer ORDER BY id";
const SUBSCRIPTIONS: &str = "SELECT s.sub, c.id, s.status, s.start_at, s.anchor_at, s.ended_at FROM subscription s JOIN customer c USING (customer) ORDER BY 1";
const OPENINGS: &str = "SELECT c.id, o.meter, o.hour, o.amount, o.used FROM opening o JOIN customer c USING (customer) ORDER BY 1, 2, 3";

fn all_rows(store: &Path) -> Vec<Vec<String>> {
    [ASSIGNMENTS, CUSTOMERS, SUBSCRIPTIONS, OPENINGS].map(|sql| rows(store, sql)).to_vec()
}

/// Units on all invoices by the lookup key of their price.
pub(crate) fn billed(world: &World, key: &str, now: &str) -> i64 {
    let prices = listed(world, "/v1/prices?limit=100", now);
    let price = prices.iter().find(|it| it["lookup_key"] == key).unwrap()["id"].clone();
    let invoices = listed(world, "/v1/invoices?limit=100", now);
    let lines = invoices.iter().flat_map(|it| it["lines"]["data"].as_array().unwrap().clone());
    let of_price = lines.filter(|line| line["pricing"]["price_details"]["price"] == price);
    of_price.map(|line| line["quantity"].as_i64().unwrap()).sum()
}

/// A world with five customers and usage of which a part was pushed, in the middle of a month.
fn before_the_loss() -> World {
    let mut world = World::new();
    world.file("catalog.toml", CATALOG);
    world.file("pushed.csv", PUSHED);
    world.file("recorded.csv", RECORDED);
    world.file("later.csv", LATER);
    world.demand(0, "seed --yes");
    for id in ["acme", "team", "fred", "gone", "moved"] {
        world.demand(0, &format!("customer add {id} --email {id}@acme.io --name {id}"));
    }
    world.demand(0, "tier assign acme payg --send-invoice 30");
    world.demand(0, "tier assign team team --interval year --seats 3 --send-invoice 30 --yes");
    world.demand(0, "tier assign fred free");
    world.demand(0, "tier assign gone payg --send-invoice 30");
    world.demand(0, "tier assign moved payg --send-invoice 30");
    world.now(Some("2026-11-28T08:00:00Z"));
    world.file(
        "first.csv",
        &PUSHED.lines().filter(|it| !it.contains("-12-0")).map(|it| format!("{it}\n")).collect::<String>(),
    );
    world.demand(0, "usage import first.csv");
    world.demand(0, "meter push");
    world.now(Some("2026-12-02T08:00:00Z"));
    world.demand(0, "tier assign gone free --yes");
    world.demand(0, "tier assign moved team --interval month --seats 2 --send-invoice 30 --yes");
    world.now(Some("2026-12-05T10:00:00Z"));
    world.demand(0, "usage import pushed.csv");
    world.demand(0, "meter push");
    world.demand(0, "usage import recorded.csv");
    world
}

pub(crate) fn lose(world: &World) {
    for entry in std::fs::read_dir(world.path().join(".paygrade")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("local.db") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// Kills `store recover` while it waits for an answer of Stripe.
fn kill_in(world: &World, path: &str, reached: impl Fn() -> bool) {
    world.demand(0, &format!("local fault delay --amount 60000 --method GET --path {path}"));
    let mut child = world.command("store recover").stdout(std::process::Stdio::null()).spawn().unwrap();
    let there = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        reached()
    });
    assert!(there, "it gets to {path}");
    std::thread::sleep(Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();
    world.demand(0, "local fault --clear");
}

/// Planted and seen to fail here: opening amounts ignored; the terms of today assigned since the subscription's start.
#[test]
fn a_lost_store_comes_back_and_every_unit_is_billed_once() {
    let mut world = before_the_loss();
    let store = world.path().join(".paygrade/local.db");
    let (lost, was_sold) = (all_rows(&store), sold(&world, "2026-12-05T10:00:00Z"));
    lose(&world);

    let seeded = world.demand(0, "seed --yes --json");
    assert_eq!(sold(&world, "2026-12-05T10:00:00Z"), was_sold, "seed makes nothing: {}", seeded.out);
    assert_eq!(world.run("usage import pushed.csv").exit, 3, "no customer is known yet");
    world.demand(0, "store takeover --reason lost --wait-s 0");
    world.demand(75, "store recover");
    world.now(Some("2026-12-05T10:20:00Z"));
    let shown = world.demand(0, "store recover -n --json");
    assert_eq!(shown.out.matches("\"adopted\"").count(), 5 + 1, "five rows and a fact: {}", shown.out);
    assert_eq!(rows(&store, CUSTOMERS), Vec::<String>::new(), "nothing is written");

    kill_in(&world, "/v1/subscriptions", || {
        std::thread::sleep(Duration::from_millis(300));
        true
    });
    assert_eq!(rows(&store, CUSTOMERS), Vec::<String>::new());
    kill_in(&world, "/v1/billing/meters/*", || rows(&store, CUSTOMERS).len() == 5);
    world.demand(0, "usage import recorded.csv");
    assert_eq!(world.run("meter push").exit, 5, "still fenced");
    world.demand(5, "store recover --max-calls 5");
    let done = world.demand(0, "store recover --json");
    assert!(done.out.contains("\"known\": 5"), "{}", done.out);

    let now = all_rows(&store);
    assert_eq!((&now[1], &now[2]), (&lost[1], &lost[2]));
    assert_eq!(now[0], lost[0], "what they are on and were on, to the second");
    world.demand(5, "store recover");
    assert_eq!(all_rows(&store), now, "a second one changes nothing");

    for file in ["first", "pushed", "recorded"] {
        world.demand(0, &format!("usage import {file}.csv"));
    }
    world.demand(0, "meter push");
    world.now(Some("2026-12-10T08:00:00Z"));
    world.demand(0, "usage import later.csv");
    world.demand(0, "meter push");
    world.now(Some("2026-12-10T08:30:00Z"));
    world.demand(0, "doctor");
    let proof = world.run("reconcile --full --json");
    world.now(Some("2026-12-22T08:00:00Z"));
    let units = |key: &str| billed(&world, key, "2026-12-22T08:00:00Z");
    assert_eq!(units("acme:tier:payg:usage.tokens"), 5 + 7 + 19 + 29 + 13 + 17);
    assert_eq!(units("acme:tier:team:usage.images"), 11 + 23 + 31 + 37);
    assert_eq!(proof.exit, 0, "{}{}", proof.out, proof.err);
}

/// Planted and seen to fail here: schedules not taken in; the tier in the customer's metadata not taken in.
#[test]
fn what_waited_when_the_store_was_lost_still_comes() {
    let mut world = World::new();
    world.file("catalog.toml", CATALOG);
    world.demand(0, "seed --yes");
    for (id, wish) in [
        ("down", "tier assign down payg"),
        ("freed", "tier assign freed free"),
        ("ends", "tier cancel ends --at 2026-12-05"),
        ("later", "tier assign later payg --at 2026-12-05"),
    ] {
        world.demand(0, &format!("customer add {id} --email {id}@acme.io --payment-method pm_card_visa"));
        world.demand(0, &format!("tier assign {id} team --interval month --seats 2"));
        world.demand(0, wish);
    }
    let store = world.path().join(".paygrade/local.db");
    let waiting = "SELECT c.id, p.sub, p.schedule, p.op, p.tier, p.digest, p.interval, p.seats, p.at FROM pending_change p
         JOIN customer c USING (customer) WHERE p.state = 'waiting' AND p.tier IS NOT NULL ORDER BY 1";
    let (lost, was) = (rows(&store, waiting), rows(&store, ASSIGNMENTS));
    assert_eq!(lost.len(), 3, "{lost:?}");
    lose(&world);
    world.demand(0, "seed --yes");
    world.demand(0, "store takeover --reason lost --wait-s 0");
    world.now(Some("2026-11-21T08:20:00Z"));
    world.demand(0, "store recover");
    assert_eq!((rows(&store, waiting), rows(&store, ASSIGNMENTS)), (lost, was));
    world.demand(0, "reconcile tiers");
    world.now(Some("2026-12-05T02:00:00Z"));
    world.demand(0, "tick --skip reconcile");
    world.now(Some("2026-12-21T10:00:00Z"));
    world.demand(0, "tick --skip reconcile");
    world.demand(0, "reconcile tiers");
    let now = rows(
        &store,
        "SELECT c.id, a.tier, a.from_at FROM tier_assignment a JOIN customer c USING (customer)
         WHERE a.to_at IS NULL ORDER BY 1",
    );
    let end = |text: &str| Timestamp::parse(text).unwrap().0;
    let (month, day) = (end("2026-12-21T08:00:00Z"), end("2026-12-05"));
    let shown: Vec<String> = now.iter().map(|it| it.replace(['"', '(', ')'], "")).collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    for (row, (id, tier, at)) in
        shown.iter().zip([("down", "payg", month), ("freed", "free", month), ("later", "payg", day)])
    {
        let has = |word: &str| row.contains(word);
        assert!(has(id) && has(tier) && has(&at.to_string()), "{row}: {id} {tier} {at}");
    }
    world.demand(0, "doctor");
}

#[test]
fn what_cannot_be_told_apart_is_refused_and_nothing_is_sent_until_it_is() {
    let mut world = World::new();
    world.file("catalog.toml", CATALOG);
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io");
    world.demand(0, "tier assign acme payg --send-invoice 30");
    let twin = "email=b@acme.io&metadata[paygrade]=acme/customer/acme";
    let twin = call(&world, "POST", "/v1/customers", twin, NOW)["id"].as_str().unwrap().to_owned();
    let own = rows(&world.path().join(".paygrade/local.db"), "SELECT cus FROM customer")[0].clone();
    let own = own.trim_start_matches("Text(\"").trim_end_matches("\")").to_owned();
    call(&world, "POST", "/v1/customers", "name=x&metadata[paygrade]=acme/customer/mute", NOW);
    call(&world, "POST", "/v1/customers", "email=c@x.io&metadata[paygrade]=other/customer/acme", NOW);
    lose(&world);
    world.demand(0, "seed --yes");
    world.demand(0, "store takeover --reason lost --wait-s 0");
    world.now(Some("2026-11-21T08:15:00Z"));
    let refused = world.demand(11, "store recover");
    assert!(refused.out.contains(&own) && refused.out.contains(&twin), "{}", refused.out);
    assert!(refused.out.contains("mute") && refused.out.contains("no e-mail address"), "{}", refused.out);
    assert!(!refused.out.contains("c@x.io"), "others' customers are none of ours: {}", refused.out);
    world.demand(0, &format!("customer link acme {own}"));
    let mute = listed(&world, "/v1/customers?limit=100", "2026-11-21T08:15:00Z");
    let mute = mute.iter().find(|it| it["metadata"]["paygrade"] == "acme/customer/mute").unwrap();
    let path = format!("/v1/customers/{}", mute["id"].as_str().unwrap());
    call(&world, "POST", &path, "email=m@acme.io", "2026-11-21T08:15:00Z");
    let done = world.demand(0, "store recover");
    assert!(done.out.contains("left") && done.out.contains(&twin), "{}", done.out);
    world.demand(0, "usage record acme tokens 3");
    world.demand(0, "meter push");
    world.demand(0, "doctor");
}
