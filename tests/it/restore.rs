//! An old backup in the place of a lost store: every unit is billed once, whatever was sent, half sent or lost since,
//! and what cannot be rebuilt is named.

use std::path::{Path, PathBuf};

use crate::recover::{billed, lose, rows};
use crate::world::{Answer, World};

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.tokens]
name = "Tokens"
event = "tokens"
unit = "token"
[tiers.free]
name = "Free"
rank = 1
[tiers.payg]
name = "Pay as you go"
rank = 2
[tiers.payg.usage.tokens]
price = "0.50"
[tiers.pro]
name = "Pro"
rank = 3
prices = [{ interval = "month", amount = "20.00" }]
[tiers.pro.usage.tokens]
price = "0.40"
[packs.small]
credits = 100
amount = "9.99"
"#;

/// Usage by when it was imported: before the backup and pushed; after it and pushed; never pushed.
const FILES: [(&str, &str); 3] = [
    (
        "first",
        "id,customer,meter,quantity,time
f1,acme,tokens,5,2026-11-22T09:10:00Z
f2,bolt,tokens,7,2026-12-05T07:10:00Z
",
    ),
    (
        "second",
        "id,customer,meter,quantity,time
s1,acme,tokens,19,2026-12-05T08:20:00Z
s2,bolt,tokens,23,2026-12-05T07:40:00Z
s3,bolt,tokens,1,2026-11-30T12:00:00Z
",
    ),
    (
        "third",
        "id,customer,meter,quantity,time
t1,acme,tokens,29,2026-12-05T08:50:00Z
t2,bolt,tokens,31,2026-12-05T08:55:00Z
",
    ),
];
const ALL: [&str; 3] = ["first", "second", "third"];
/// All of the files.
const ACME: i64 = 5 + 19 + 29;
const BOLT: i64 = 7 + 23 + 1 + 31;

/// Two customers in the middle of their month, the first file pushed.
fn middle_of_the_month() -> World {
    let mut world = World::new();
    world.file("catalog.toml", CATALOG);
    for (name, text) in FILES {
        world.file(&format!("{name}.csv"), text);
    }
    world.demand(0, "seed --yes");
    for id in ["acme", "bolt"] {
        world.demand(0, &format!("customer add {id} --email {id}@acme.io"));
        world.demand(0, &format!("tier assign {id} payg --send-invoice 30"));
    }
    world.now(Some("2026-12-05T08:00:00Z"));
    world.demand(0, "usage import first.csv");
    world.demand(0, "meter push");
    world
}

fn store(world: &World) -> PathBuf {
    world.path().join(".paygrade/local.db")
}

/// Makes a backup and gives its path in the world.
fn back_up(world: &World) -> String {
    world.demand(0, "store backup");
    let folder = world.path().join(".paygrade/backups");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    all.sort();
    all.last().unwrap().strip_prefix(world.path()).unwrap().to_str().unwrap().to_owned()
}

/// The store is gone; the backup takes its place; everything is imported again; a month later all of it is billed.
fn come_back(world: &mut World, backup: &str, files: &[&str]) -> Answer {
    world.now(Some("2026-12-05T10:00:00Z"));
    world.demand(0, &format!("store restore {backup} --reason lost"));
    world.demand(5, "meter push");
    world.demand(75, "store recover");
    world.demand(5, "meter push");
    world.now(Some("2026-12-05T10:20:00Z"));
    let recovered = world.demand(0, "store recover");
    world.demand(5, "store recover");
    for name in files {
        world.demand(0, &format!("usage import {name}.csv"));
    }
    world.demand(0, "meter push");
    world.now(Some("2026-12-05T12:40:00Z"));
    world.demand(0, "doctor");
    let proof = world.run("reconcile --full");
    assert!(proof.out.contains("nothing differs"), "{}{}", proof.out, proof.err);
    recovered
}

/// Units of both customers by their prices, on real invoices after the period has ended.
fn demand_billed(world: &mut World, payg: i64) {
    const END: &str = "2027-01-06T10:00:00Z";
    world.now(Some(END));
    world.demand(0, "local status");
    assert_eq!(billed(world, "acme:tier:payg:usage.tokens", END), payg);
}

/// What must make it fail: openings left out, of what is sent, of the sums, of the values of deliveries or of what was sent
/// of a period that is followed to its invoice; unsure deliveries left as they are.
#[test]
fn usage_that_was_pushed_after_the_backup() {
    let mut world = middle_of_the_month();
    let backup = back_up(&world);
    world.now(Some("2026-12-05T09:00:00Z"));
    world.demand(0, "usage import second.csv");
    world.demand(0, "meter push");
    world.demand(0, "usage import third.csv");
    // And somebody who came after it.
    world.demand(0, "customer add dora --email dora@acme.io");
    world.demand(0, "tier assign dora payg --send-invoice 30");
    world.file("dora.csv", "id,customer,meter,quantity,time\nd1,dora,tokens,11,2026-12-05T09:00:00Z\n");
    world.demand(0, "usage import dora.csv");
    world.demand(0, "meter push --customer dora");
    lose(&world);
    let recovered = come_back(&mut world, &backup, &["first", "second", "third", "dora"]);
    assert!(recovered.out.contains("dora") && recovered.out.contains("adopted"), "{}", recovered.out);
    demand_billed(&mut world, ACME + BOLT + 11);
    // What Stripe held before this store is among what was sent of the period.
    let followed = world.demand(0, "reconcile --through invoice -o ndjson");
    let sent = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["sent"].as_i64();
    let units: i64 = followed.out.lines().filter_map(sent).sum();
    assert_eq!(units, ACME + BOLT + 11, "{}", followed.out);
}

/// The lost store has sent a delivery; the new one sends another of the same row, customer, value and second: one of a
/// twin that the lost store never knew. What must make it fail: identifiers without the epoch.
#[test]
fn a_delivery_that_looks_like_one_of_the_lost_store() {
    let mut world = middle_of_the_month();
    let backup = back_up(&world);
    world.now(Some("2026-12-05T09:00:00Z"));
    let twins = "o1,acme,tokens,4,2026-12-05T08:50:00Z\no2,acme,tokens,4,2026-12-05T08:50:00Z\n";
    let (one, _) = twins.split_at(twins.len() / 2);
    for (name, rows) in [("one", one), ("twins", twins)] {
        world.file(&format!("{name}.csv"), &format!("id,customer,meter,quantity,time\n{rows}"));
    }
    world.demand(0, "usage import one.csv");
    world.demand(0, "meter push");
    lose(&world);
    come_back(&mut world, &backup, &["first", "twins"]);
    demand_billed(&mut world, 5 + 7 + 2 * 4);
}

/// A call without an answer before the backup: it had arrived, or had not; the store that was lost found out, or did not.
#[test]
fn a_delivery_that_was_in_flight_at_the_backup() {
    for (fault, finds_out) in
        [("hang-up-after-commit", true), ("hang-up-after-commit", false), ("hang-up-before", false)]
    {
        let mut world = middle_of_the_month();
        world.now(Some("2026-12-05T08:59:00Z"));
        world.demand(0, "usage import second.csv");
        world.demand(
            0,
            &format!("local fault {fault} --method POST --path /v1/billing/meter_events --times 100"),
        );
        let unsure = world.run("meter push");
        assert!([8, 75].contains(&unsure.exit), "{}{}", unsure.out, unsure.err);
        let backup = back_up(&world);
        world.demand(0, "local fault --clear");
        world.now(Some("2026-12-05T09:30:00Z"));
        if finds_out {
            world.demand(0, "meter push");
        }
        lose(&world);
        come_back(&mut world, &backup, &ALL);
        demand_billed(&mut world, ACME + BOLT);
    }
}

/// The same after the backup: the backup knows nothing of the delivery.
#[test]
fn an_answer_that_was_lost_after_the_backup() {
    let mut world = middle_of_the_month();
    let backup = back_up(&world);
    world.now(Some("2026-12-05T09:00:00Z"));
    world.demand(0, "usage import second.csv");
    world.demand(0, "usage import third.csv");
    world.demand(
        0,
        "local fault hang-up-after-commit --method POST --path /v1/billing/meter_events --times 2",
    );
    let _ = world.run("meter push");
    world.demand(0, "local fault --clear");
    lose(&world);
    come_back(&mut world, &backup, &ALL);
    demand_billed(&mut world, ACME + BOLT);
}

/// A tier that was changed, a payment that was made and credits that were spent after the backup.
#[test]
fn what_only_the_store_knew_is_named_and_the_rest_comes_back() {
    let mut world = middle_of_the_month();
    world.demand(0, "credits grant acme 100 --reason welcome --key w1");
    let backup = back_up(&world);
    world.now(Some("2026-12-05T09:00:00Z"));
    world.demand(0, "credits consume acme 30 --key job-1");
    world.demand(0, "credits consume acme 4");
    world.demand(0, "credits grant bolt 50 --reason sorry --key s1");
    let sold = world.demand(0, "credits sell acme small --checkout --json");
    let session = sold.out.split("cs_").nth(1).unwrap();
    let session: String = session.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    world.demand(0, &format!("local pay cs_{session}"));
    world.demand(0, "tier assign bolt pro --yes");
    let pro = rows(&store(&world), "SELECT tier FROM tier_assignment WHERE to_at IS NULL ORDER BY customer");
    assert_eq!(pro, ["Text(\"payg\")", "Text(\"pro\")"]);

    world.now(Some("2026-12-05T10:00:00Z"));
    let shown = world.demand(0, &format!("store restore {backup} -n"));
    assert!(
        shown.out.contains("nothing was changed") && shown.out.contains("credits postings"),
        "{}",
        shown.out
    );
    let restored = world.demand(0, &format!("store restore {backup}"));
    assert!(restored.out.contains(".replaced-20261205T100000Z"), "{}", restored.out);
    for line in [
        "meter push",
        "tier assign acme pro --yes",
        "credits sell acme small --checkout",
        "credits stripe-grant acme 5.00 --reason x",
        "tick --only push",
    ] {
        let refused = world.run(line);
        assert_eq!(refused.exit, 5, "`{line}`: {}{}", refused.out, refused.err);
        assert!(
            format!("{}{}", refused.out, refused.err).contains("store recover"),
            "`{line}` says what to do"
        );
    }
    // Credits are exact all the while.
    world.demand(0, "credits consume acme 1 --key after");
    world.demand(75, "store recover");
    world.now(Some("2026-12-05T10:20:00Z"));
    let recovered = world.demand(0, "store recover -o csv").out;
    for lost in [
        "paygrade credits consume acme 30 --key 'job-1'",
        "paygrade credits consume acme 4",
        "paygrade credits grant bolt 50 --kind bonus --reason 'sorry' --key 's1'",
    ] {
        assert!(recovered.contains(lost), "{lost}\n{recovered}");
    }
    assert_eq!(recovered.matches("not_rebuilt").count(), 3, "{recovered}");
    assert_eq!(
        rows(&store(&world), "SELECT tier FROM tier_assignment WHERE to_at IS NULL ORDER BY customer"),
        pro,
        "the tier that was changed after the backup"
    );
    let balance = world.demand(0, "credits balance acme");
    assert!(balance.out.contains("199 credits available"), "100 - 1 and the pack: {}", balance.out);
    world.demand(0, "doctor");
}

/// Invoice items of ours at Stripe.
fn items(world: &World) -> i64 {
    let text = world.demand(0, "local status -o csv -q").out;
    let line = text.lines().find(|it| it.starts_with("objects.invoice_items,")).unwrap();
    line.split(',').nth(1).unwrap().parse().unwrap()
}

/// Puts the backup in place and recovers it, 20 minutes later.
fn restored(world: &mut World, backup: &str, later: &str) {
    world.demand(0, &format!("store restore {backup}"));
    world.demand(75, "store recover");
    world.now(Some(later));
    world.demand(0, "store recover");
}

/// A correction in money that was made after the backup: the restored store finds the same difference, and takes the item
/// that was made of it for its own. Where it is another difference by now, a person looks.
#[test]
fn an_item_that_was_made_after_the_backup_is_not_made_again() {
    for changed in [false, true] {
        let mut world = middle_of_the_month();
        let backup = back_up(&world);
        let cus = rows(&store(&world), "SELECT cus FROM customer WHERE id = 'acme'")[0].clone();
        let cus = cus.trim_start_matches("Text(\"").trim_end_matches("\")").to_owned();
        let foreign = |world: &World, units: i64, at: &str| {
            let at_s = paygrade::billing::time::Timestamp::parse("2026-12-05T08:10:00Z").unwrap().0;
            let body = format!(
                "event_name=tokens&timestamp={at_s}&payload[stripe_customer_id]={cus}&payload[value]={units}"
            );
            crate::recover::call(world, "POST", "/v1/billing/meter_events", &body, at);
        };
        foreign(&world, 100, "2026-12-05T08:10:00Z");
        world.now(Some("2026-12-05T08:40:00Z"));
        world.demand(4, "reconcile");
        world.now(Some("2026-12-05T09:00:00Z"));
        let done = world.demand(0, "repair --correct --yes --reason agreed");
        assert_eq!(items(&world), 1, "{}", done.out);
        restored(&mut world, &backup, "2026-12-05T09:20:00Z");
        if changed {
            foreign(&world, 30, "2026-12-05T09:20:00Z");
        }
        world.now(Some("2026-12-05T09:50:00Z"));
        world.demand(4, "reconcile --full");
        world.now(Some("2026-12-05T10:10:00Z"));
        let again = world.run("repair --correct --yes --reason agreed");
        let said = format!("{}{}", again.out, again.err);
        assert_eq!(items(&world), 1, "no second item: {said}");
        let known = rows(&store(&world), "SELECT state, minor FROM correction");
        if changed {
            assert_ne!(again.exit, 0, "{said}");
            assert!(
                said.contains("ii_") && said.contains("corrects -100 units of the same already"),
                "{said}"
            );
            assert_eq!(known, Vec::<String>::new(), "{said}");
        } else {
            assert_eq!(again.exit, 0, "{said}");
            assert_eq!(known, ["Text(\"done\") Integer(-5000)"], "{said}");
        }
        world.demand(0, "doctor");
    }
}

/// Usage that was too late for its period and was billed in the open one, after the backup: Stripe holds it, and the
/// restored store knows only that something is held.
#[test]
fn usage_that_was_billed_in_the_open_period_after_the_backup_is_not_billed_again() {
    let mut world = middle_of_the_month();
    world.now(Some("2027-01-06T00:00:00Z"));
    world.file("late.csv", "id,customer,meter,quantity,time\nl1,acme,tokens,100,2026-11-30T09:00:00Z\n");
    let backup = back_up(&world);
    let found = |world: &World| {
        world.demand(0, "usage import late.csv");
        world.demand(4, "meter push");
        world.demand(4, "reconcile");
    };
    found(&world);
    let done = world.demand(0, "repair --correct --yes --reason agreed");
    assert!(done.out.contains("1 delivery accepted"), "{}", done.out);
    restored(&mut world, &backup, "2027-01-06T01:20:00Z");
    found(&world);
    let again = world.run("repair --correct --yes --reason agreed");
    let said = format!("{}{}", again.out, again.err);
    assert_eq!(again.exit, 5, "{said}");
    let retried = world.run("meter retry --into-open-period");
    let all = format!("{said}{}{}", retried.out, retried.err);
    assert!(all.contains("holds 100 units of the open period"), "{all}");
    let sent = rows(&store(&world), "SELECT COUNT(*) FROM delivery WHERE state = 'accepted' AND value = 100");
    assert_eq!(sent, ["Integer(0)"], "{all}");
}

/// A backup elsewhere, while the store that it is of still works: one of them sends.
#[test]
fn of_two_copies_of_a_store_one_sends() {
    let mut world = middle_of_the_month();
    let backup = back_up(&world);
    world.now(Some("2026-12-05T09:00:00Z"));
    world.demand(0, &format!("--store copy.db store restore {backup}"));
    world.demand(0, "usage import second.csv");
    world.demand(0, "meter push");
    world.demand(0, "usage import third.csv");
    world.demand(75, "--store copy.db store recover");
    let other = world.demand(6, "meter push");
    assert!(other.err.contains("epoch"), "{}", other.err);
    world.now(Some("2026-12-05T09:15:00Z"));
    world.demand(0, "--store copy.db store recover");
    world.demand(0, "--store copy.db usage import second.csv");
    world.demand(0, "--store copy.db usage import third.csv");
    world.demand(0, "--store copy.db meter push");
    // A third one is of the same epoch as the second: it has to be said which of them.
    world.demand(0, &format!("--store third.db store restore {backup}"));
    let refused = world.demand(6, "--store third.db store recover");
    assert!(refused.err.contains("store takeover"), "{}", refused.err);
    world.demand(0, "--store copy.db meter push");
    world.now(Some("2026-12-05T11:30:00Z"));
    let proof = world.run("--store copy.db reconcile --full");
    assert!(proof.out.contains("nothing differs"), "{}{}", proof.out, proof.err);
}

fn refused(world: &World, exit: i32, line: &str, says: &str) {
    let before = std::fs::read(store(world)).unwrap();
    let answer = world.demand(exit, line);
    assert!(answer.err.contains(says), "`{line}`: {}", answer.err);
    assert!(answer.err.contains("changed: nothing"), "`{line}`: {}", answer.err);
    assert_eq!(std::fs::read(store(world)).unwrap(), before, "`{line}`");
}

#[test]
fn what_is_no_sound_backup_of_this_store_is_refused() {
    let world = middle_of_the_month();
    let backup = back_up(&world);
    let bytes = std::fs::read(world.path().join(&backup)).unwrap();
    let with = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut copy = bytes.clone();
        change(&mut copy);
        std::fs::write(world.path().join(name), copy).unwrap();
    };
    with("cut.db", &|it| it.truncate(it.len() / 2));
    with("flipped.db", &|it| it.iter_mut().skip(8192 * 3).take(8192 * 4).for_each(|byte| *byte ^= 0x55));
    with("empty.db", &Vec::clear);
    with("text.db", &|it| *it = b"not a database at all, but long enough to be read as one".repeat(200));
    world.demand(0, "store info");
    refused(&world, 10, "store restore none.db", "none.db");
    refused(&world, 10, "store restore cut.db", "damaged");
    refused(&world, 10, "store restore flipped.db", "damaged");
    refused(&world, 10, "store restore empty.db", "not a paygrade store");
    refused(&world, 10, "store restore text.db", "text.db");
    refused(&world, 2, "store restore .paygrade/local.db", "the store itself");
    let wrong = |name: &str, sql: &str| {
        with(name, &|_| ());
        crate::doctor::plant_without(&world.path().join(name), "store_", sql);
    };
    wrong("foreign.db", "PRAGMA application_id = 7");
    wrong("newer.db", "PRAGMA user_version = 9999");
    wrong("unsound.db", "UPDATE rollup SET sum = sum + 1");
    wrong("other.db", "UPDATE store SET account = 'acct_other'");
    wrong("live.db", "UPDATE store SET target = 'live'");
    wrong("space.db", "UPDATE store SET namespace = 'beta'");
    refused(&world, 10, "store restore foreign.db", "not a paygrade store");
    refused(&world, 10, "store restore newer.db", "9999");
    refused(&world, 10, "store restore unsound.db", "invariant");
    refused(&world, 6, "store restore other.db", "acct_other");
    refused(&world, 6, "store restore live.db", "live");
    refused(&world, 6, "store restore space.db", "namespace beta, not to namespace acme");
    refused(&world, 6, "store restore space.db -n", "namespace beta");
    // And what is there may be anything: it is kept.
    let old = std::fs::read(store(&world)).unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(world.path().join(format!(".paygrade/local.db{suffix}")));
    }
    std::fs::write(store(&world), &old[..700]).unwrap();
    world.demand(10, "status");
    world.demand(0, &format!("store restore {backup}"));
    world.demand(5, "doctor --offline");
    let kept: Vec<PathBuf> = std::fs::read_dir(world.path().join(".paygrade"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.to_str().unwrap().contains("replaced") && !it.to_str().unwrap().ends_with("-wal"))
        .collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(std::fs::read(&kept[0]).unwrap(), &old[..700]);
}

/// Where no store is left that says whose it was, the catalog does; and where neither does, the backup is taken.
#[test]
fn the_catalog_says_whose_store_was_lost() {
    let world = middle_of_the_month();
    let backup = back_up(&world);
    lose(&world);
    let catalog = std::fs::read_to_string(world.path().join("catalog.toml")).unwrap();
    world.file("catalog.toml", &catalog.replace("\"acme\"", "\"beta\""));
    let line = format!("store restore {backup}");
    let refused = world.demand(6, &line);
    for said in ["namespace acme, not to namespace beta", "changed: nothing", "another --store"] {
        assert!(refused.err.contains(said), "{said}\n{}", refused.err);
    }
    assert!(!store(&world).exists());
    std::fs::remove_file(world.path().join("catalog.toml")).unwrap();
    world.demand(0, &line);
}

/// Who has the old store open notices and does not write into the new one under numbers of the old.
#[test]
fn a_process_that_has_the_old_store_open() {
    use std::io::Write as _;
    let world = middle_of_the_month();
    let backup = back_up(&world);
    let mut child = world
        .command("usage record - -o ndjson")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let line =
        |id: &str| format!("{{\"customer\":\"acme\",\"meter\":\"tokens\",\"quantity\":1,\"id\":\"{id}\"}}\n");
    stdin.write_all(line("o1").as_bytes()).unwrap();
    wait_for(&store(&world), 3);
    world.demand(0, &format!("store restore {backup}"));
    stdin.write_all(line("o2").as_bytes()).unwrap();
    drop(stdin);
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(9), "{said}");
    assert!(said.contains("restored"), "{said}");
    assert_eq!(rows(&store(&world), "SELECT COUNT(*) FROM usage_event"), ["Integer(2)"]);
}

/// Waits until a store has so many events.
fn wait_for(store: &Path, events: i64) {
    let there = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        rows(store, "SELECT COUNT(*) FROM usage_event") == [format!("Integer({events})")]
    });
    assert!(there, "it records what it is given");
}
