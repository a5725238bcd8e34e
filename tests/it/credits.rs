//! Credits from the command line: exit codes, answers, and many processes at once.

use std::path::Path;

use paygrade::billing::id::CustomerId;
use paygrade::billing::ledger::{Expiry, LotKind};
use paygrade::billing::money::Credits;
use paygrade::billing::time::Timestamp;
use paygrade::flow::credits::{ConsumeAsk, Price, consume};
use paygrade::store::ledger::{Grant, Note, Outcome, Posted};
use paygrade::store::run::Ending;
use paygrade::store::sale::PackPayment;
use paygrade::store::{Binding, Origin, Store, StoreError};

use crate::world::{NOW, World};

fn store(folder: &Path) -> Store {
    let binding = Binding { target: "local".to_owned(), fresh_id: "0".repeat(32) };
    let origin = Origin {
        command: "test".to_owned(),
        actor: "tester".to_owned(),
        host: "testhost".to_owned(),
        reason: None,
        reference: None,
    };
    Store::open(&folder.join(".paygrade/local.db"), &binding, origin, Timestamp::parse(NOW).unwrap()).unwrap()
}

/// A world in which `acme` has a lot of credits and `globex` none.
fn world(credits: i64) -> World {
    let world = World::new();
    let outcome = store(world.path()).write(Timestamp::parse(NOW).unwrap(), |w| {
        let customer = w.customer_insert(&CustomerId::parse("acme").unwrap(), None, None)?;
        w.customer_insert(&CustomerId::parse("globex").unwrap(), None, None)?;
        let (kind, credits, expires) = (LotKind::Purchase, Credits(credits), Expiry::Never);
        w.ledger_grant(&Grant { customer, kind, credits, expires, note: Note::default() })
    });
    assert!(matches!(outcome, Ok::<_, StoreError>(Outcome::Posted(_))), "{outcome:?}");
    world
}

fn entries(world: &World) -> usize {
    let answer = world.demand(0, "credits history acme -o ndjson");
    answer.out.lines().count()
}

/// I9: from balance B, many processes asking q each: exactly min(K, B / q) succeed, the others get the refusal and
/// nobody is told that the store is busy.
#[test]
fn many_processes_spend_exactly_what_is_there() {
    let (balance, asked, workers, calls) = (150, 7, 6, 6);
    let world = world(balance);
    let exits: Vec<i32> = std::thread::scope(|scope| {
        let worker = || {
            (0..calls).map(|_| world.run(&format!("credits consume acme {asked}")).exit).collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let count = |code: i32| exits.iter().filter(|exit| **exit == code).count();
    assert_eq!((count(0), count(5)), (21, 15), "{exits:?}");
    assert_eq!(entries(&world), 1 + 21);
    let left = world.demand(0, "credits balance acme -o json");
    assert!(left.out.contains("\"available\": 3"), "{}", left.out);
    let found = store(world.path()).read(|r| r.checks_run()).unwrap();
    let broken: Vec<_> =
        found.iter().filter(|it| !it.breaches.is_empty() && !it.says.contains("link")).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// I5 with real processes: whoever is first has the effect, all get the same answer.
#[test]
fn many_processes_with_one_key_have_one_effect() {
    let world = world(100);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let ask = || world.run("credits consume acme 10 --key job-1 -o ndjson");
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    for answer in &answers {
        assert_eq!((answer.exit, &answer.out), (0, &answers[0].out), "{}", answer.err);
    }
    assert_eq!(answers.iter().filter(|answer| answer.err.contains("already consumed")).count(), 7);
    assert_eq!(entries(&world), 2);
}

/// A command of one transaction ends with it: the run says how it ended before anything else is written.
#[test]
fn spending_takes_one_transaction() {
    let world = world(10);
    let store = store(world.path());
    let ask = ConsumeAsk {
        customer: CustomerId::parse("acme").unwrap(),
        price: Price::Credits(Credits(4)),
        key: None,
    };
    let ends = |posted: &Posted| Ending {
        exit: 0,
        seconds: 0,
        wrote: Some(1),
        calls: None,
        verdict: Some(format!("{} left", posted.balance_after)),
    };
    consume(&store, Timestamp::parse(NOW).unwrap(), &ask, false, Some(&ends)).unwrap();
    let run = store.read(|r| r.run_get(store.run().unwrap())).unwrap().unwrap();
    assert_eq!((run.exit, run.verdict.as_deref()), (Some(0), Some("6 left")));
}

/// So do those that reserve, spend what was reserved, take back and give back.
#[test]
fn holding_and_taking_back_take_one_transaction() {
    use paygrade::flow::credits::hold::{For, HoldAsk, TakeFrom, hold, refund, release, revoke, settle};
    let world = world(100);
    let now = Timestamp::parse(NOW).unwrap();
    let acme = || CustomerId::parse("acme").unwrap();
    let noted = |what: &'static str| Ending {
        exit: 0,
        seconds: 0,
        wrote: Some(1),
        calls: None,
        verdict: Some(what.to_owned()),
    };
    let lasts = For::parse("1h").unwrap();
    let ask = HoldAsk { customer: acme(), price: Price::Credits(Credits(9)), lasts, key: None };
    let mut held = Vec::new();
    // Each in a store of its own run, whose ending must be there without anybody noting it.
    let ended = |what: &'static str, act: &mut dyn FnMut(&Store)| {
        let store = store(world.path());
        act(&store);
        let run = store.read(|r| r.run_get(store.run().unwrap())).unwrap().unwrap();
        assert_eq!((run.exit, run.verdict.as_deref()), (Some(0), Some(what)));
    };
    for _ in 0..2 {
        ended("held", &mut |store| {
            let (_, made) = hold(store, now, &ask, false, Some(&|_| noted("held"))).unwrap();
            held.push(made.unwrap().hold);
        });
    }
    let mut spent = 0;
    ended("settled", &mut |store| {
        let ended = settle(store, now, held[0], None, false, Some(&|_| noted("settled"))).unwrap();
        spent = ended.postings[0].entries[0].entry;
    });
    ended("released", &mut |store| {
        release(store, now, held[1], false, Some(&|_| noted("released"))).unwrap();
    });
    ended("gave back", &mut |store| {
        refund(store, now, spent, None, false, Some(&|_, _| noted("gave back"))).unwrap();
    });
    let from = TakeFrom::Customer(acme());
    let because = |store: &Store| Origin { reason: Some("wrong".to_owned()), ..(*store.origin()).clone() };
    let origin = because(&store(world.path()));
    let binding = Binding { target: "local".to_owned(), fresh_id: "0".repeat(32) };
    let taking = Store::open(&world.path().join(".paygrade/local.db"), &binding, origin, now).unwrap();
    revoke(&taking, now, &from, Credits(5), None, false, Some(&|_, _| noted("took back"))).unwrap();
    let run = taking.read(|r| r.run_get(taking.run().unwrap())).unwrap().unwrap();
    assert_eq!(run.verdict.as_deref(), Some("took back"));
}

#[test]
fn bad_input_writes_nothing() {
    let world = world(10);
    for (exit, line, says) in [
        (3, "credits consume acme 0", "not a number of credits"),
        (3, "credits consume acme -5", "not a number of credits"),
        (3, "credits consume acme 1.5", "not a number of credits"),
        (3, "credits consume acme NaN", "not a number of credits"),
        (3, "credits consume acme 1000000000000000000000000000000", "not a number of credits"),
        (3, "credits consume acne 5", "did you mean `acme`?"),
        (3, "credits consume zebra 5", "paygrade customer add zebra"),
        (3, "credits consume cus_123 5", "your own id"),
        (3, "credits consume acme --action ai_analysis", "no catalog was applied"),
        (3, "credits consume acme --action AI!", "not a legal action key"),
        (3, "credits consume acme 5 --key paygrade/trial/acme", "a key has"),
        (2, "credits consume acme", "required arguments"),
        (2, "credits consume acme 5 --action a", "cannot be used with"),
        (5, "credits consume acme 11", "required: 11"),
        (5, "credits consume acme 11", "available: 10"),
        (5, "credits consume globex 1", "available: 0"),
        (2, "credits grant acme 5", "--reason"),
        (3, "credits grant acme 5 --reason=", "a reason has"),
        (3, "credits grant acme 0 --reason x", "not a number of credits"),
        (3, "credits grant acme 5 --reason x --expires 2020-01-01", "not after now"),
        (3, "credits grant acme 5 --reason x --expires soon", "neither a date"),
        (2, "credits grant acme 5 --reason x --kind gift", "possible values"),
        (3, "credits history acne", "did you mean `acme`?"),
        (3, "credits history acme --from yesterday", "date or instant"),
        (3, "credits balance acne", "did you mean `acme`?"),
    ] {
        let answer = world.demand(exit, line);
        assert!(answer.err.contains(says), "{line}: {}", answer.err);
        assert!(answer.out.is_empty(), "{line}: {}", answer.out);
    }
    assert_eq!(entries(&world), 1);
    let runs = world.demand(0, "runs list -o ndjson");
    assert_eq!(runs.out.lines().count(), 1, "only the run that made the world: {}", runs.out);
}

#[test]
fn a_dry_run_shows_and_changes_nothing() {
    let world = world(10);
    let shown = world.demand(0, "credits consume acme 4 --key k -n");
    assert!(shown.out.contains("apply it: paygrade credits consume acme 4 --key k"), "{}", shown.out);
    let mut command = world.command("credits grant acme 5 -n --expires");
    let shown = command.args(["30 days", "--reason", "it's late"]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let again = "paygrade credits grant acme 5 --reason 'it'\\''s late' --kind bonus --expires '30 days'";
    assert!(shown.contains(again), "{shown}");
    world.demand(5, "credits consume acme 11 -n");
    assert_eq!(entries(&world), 1);
    let answer = world.shell(again);
    assert_eq!(answer.exit, 0, "{}", answer.out);
    assert_eq!(entries(&world), 2);
}

#[test]
fn without_a_store_nobody_has_credits_and_none_is_made() {
    let world = World::new();
    world.demand(3, "credits consume acme 1");
    world.demand(3, "credits grant acme 1 --reason x");
    assert!(!world.path().join(".paygrade/local.db").exists());
    world.demand(10, "credits balance");
}

/// Each difference of the ledger by itself and beside Stripe is named once it is there, and only then.
#[test]
fn reconcile_credits_names_each_planted_difference() {
    let mut world = World::new();
    world.file(
        "catalog.toml",
        r#"schema = 1
namespace = "acme"
currency = "usd"
[meters.tokens]
name = "Tokens"
event = "tokens"
unit = "token"
[tiers.free]
rank = 0
credits = { per_month = 10, policy = "add" }
usage.tokens = { included = 100, beyond = "credits", credits_per = { units = 10, credits = 1 } }
[packs.small]
credits = 100
amount = "9.99"
"#,
    );
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io --payment-method pm_card_visa");
    world.demand(0, "tier assign acme free");
    let causes = |world: &World| {
        let answer = world.run("reconcile credits -o ndjson");
        let mut found: Vec<String> = answer
            .out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|it| format!("{} {}", it["class"].as_str().unwrap(), it["cause"].as_str().unwrap()))
            .collect();
        found.sort();
        assert_eq!(answer.exit, if open(world).is_empty() { 0 } else { 4 }, "{}", answer.err);
        found.join(", ")
    };
    assert_eq!(causes(&world), "");
    // 15 credits are due, 10 are there.
    world.demand(0, "usage record acme tokens 250 --id e1");
    assert_eq!(causes(&world), "value uncovered");
    world.now(Some("2026-12-22T08:00:00Z"));
    assert_eq!(causes(&world), "missing not_allocated, value uncovered");
    world.demand(0, "credits allocate --all");
    assert_eq!(causes(&world), "value uncovered");
    // The later month has not eaten what nobody paid.
    let left = world.demand(0, "credits balance acme -o ndjson").out;
    assert!(left.contains("\"available\":10,"), "{left}");
    world.demand(0, "reconcile ack 1 --reason agreed");
    let sold = world.demand(0, "credits sell acme small --checkout -o json").out;
    let sold: serde_json::Value = serde_json::from_str(&sold).unwrap();
    let session = sold["rows"][0]["session"].as_str().unwrap().to_owned();
    let now = Timestamp::parse("2026-12-22T08:00:00Z").unwrap();
    let payment = PackPayment {
        customer: store(world.path())
            .read(|r| r.customer_by_id(&CustomerId::parse("acme").unwrap()))
            .unwrap()
            .unwrap()
            .row,
        sale_key: None,
        session: Some(session.clone()),
        invoice: None,
        payment: None,
        is_paid: true,
        amount: 999,
        currency: "usd".to_owned(),
        lines: Vec::new(),
    };
    store(world.path()).write(now, |w| w.pack_paid(&payment)).unwrap();
    assert_eq!(causes(&world), "extra grant_without_payment, value uncovered");
    // It is paid after all.
    world.demand(0, &format!("local pay {session}"));
    assert_eq!(open(&world), "");
    let file = rusqlite::Connection::open(world.path().join(".paygrade/local.db")).unwrap();
    let triggers: Vec<String> = file
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'ledger_lot%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for name in triggers {
        file.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    file.execute_batch("UPDATE ledger_lot SET available = available - 1 WHERE lot = 3").unwrap();
    drop(file);
    assert!(open(&world).contains("value broken_invariant"), "{}", open(&world));
}

/// What `reconcile credits` finds and nobody has acknowledged.
fn open(world: &World) -> String {
    let found = world.run("reconcile credits -o ndjson").out;
    let found = found.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let open = found.filter(|it| it["ack"].is_null());
    let said = open.map(|it| format!("{} {}", it["class"].as_str().unwrap(), it["cause"].as_str().unwrap()));
    said.collect::<Vec<_>>().join(", ")
}

/// A report that has facts and no rows says them in every format too.
#[test]
fn facts_alone_are_a_row() {
    let world = world(10);
    for (format, want) in [
        ("csv", "customer,only,muted,email\nacme,,,\n"),
        ("ndjson", "{\"customer\":\"acme\",\"email\":null,\"muted\":[],\"only\":null}\n"),
    ] {
        assert_eq!(world.demand(0, &format!("customer prefs acme -o {format}")).out, want);
    }
}

#[test]
fn every_format_says_the_same() {
    let world = world(10);
    world.demand(0, "credits consume acme 4 --key k --ref T-1");
    let rows = [
        ("csv", "2026-11-21T08:00:00Z,2,acme,usage,-4,6,1,,,,T-1,tester,testhost,k,2"),
        ("ndjson", "\"balance_after\":6"),
        ("json", "\"schema\": \"paygrade.credits_history/1\""),
        ("markdown", "| 2026-11-21T08:00:00Z | 2 | acme | usage | -4 | 6 | 1 |"),
        ("table", "2 entries of acme, balance 6 after the last"),
    ];
    for (format, want) in rows {
        let answer = world.demand(0, &format!("credits history acme -o {format}"));
        assert!(answer.out.contains(want), "{format}: {}", answer.out);
    }
    let header = world.demand(0, "credits history acme -o csv").out;
    let columns =
        "at,entry,customer,kind,credits,balance_after,lot,source_id,action,reason,ref,actor,host,key,run";
    assert_eq!(header.lines().next().map(str::trim_end), Some(columns));
    let header = world.demand(0, "credits balance -o csv").out;
    let columns = "customer,available,held,purchased,allocated,bonus,expiring_30d,next_expiry";
    assert_eq!(header.lines().next().map(str::trim_end), Some(columns));
    let short = world.demand(5, "-o json credits consume acme 7");
    for want in [
        "\"code\":\"insufficient_credits\"",
        "\"required: 7\"",
        "\"available: 6\"",
        "\"changed\":\"none\"",
        "\"exit\":5",
    ] {
        assert!(short.err.contains(want), "{}", short.err);
    }
}

/// I9 at its full size: 16 processes ask 250 times each for 1 of 1,000.
#[test]
fn sixteen_processes_spend_a_thousand() {
    let world = world(1_000);
    let exits: Vec<i32> = std::thread::scope(|scope| {
        let worker = || (0..250).map(|_| world.run("credits consume acme 1 -q").exit).collect::<Vec<_>>();
        let workers: Vec<_> = (0..16).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let count = |code: i32| exits.iter().filter(|exit| **exit == code).count();
    assert_eq!(
        (count(0), count(5), count(9)),
        (1_000, 3_000, 0),
        "{} others",
        exits.len() - count(0) - count(5)
    );
    assert_eq!(entries(&world), 1 + 1_000);
    let left = world.demand(0, "credits balance acme -o json");
    assert!(left.out.contains("\"available\": 0"), "{}", left.out);
}

/// Holds of many processes reserve no more than there is, and what they hold adds up.
#[test]
fn many_processes_hold_exactly_what_is_there() {
    let world = world(100);
    let exits: Vec<i32> = std::thread::scope(|scope| {
        let worker = || (0..5).map(|_| world.run("credits hold acme 9 --for 1h -q").exit).collect::<Vec<_>>();
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let count = |code: i32| exits.iter().filter(|exit| **exit == code).count();
    assert_eq!((count(0), count(5)), (11, 9), "{exits:?}");
    let left = world.demand(0, "credits balance acme -o json");
    assert!(left.out.contains("\"available\": 1,") && left.out.contains("\"held\": 99"), "{}", left.out);
}

/// Another accounting tool reads the exported ledger, finds every asserted balance right, and sums it up as we do.
#[test]
fn hledger_agrees_with_the_ledger() {
    let world = world(1_000);
    for line in [
        "credits grant globex 70 --kind bonus --reason gift",
        "credits consume acme 300",
        "credits hold acme 100 --for 1h",
        "credits revoke acme 50 --reason mistake",
    ] {
        world.demand(0, line);
    }
    let hold = world.demand(0, "credits hold acme 40 --for 1h -o json").out;
    let hold =
        hold.split("\"hold\": ").nth(1).and_then(|rest| rest.split([',', '\n']).next()).unwrap().to_owned();
    world.demand(0, &format!("credits settle {hold} 15"));
    world.demand(0, "export ledger --format hledger --out credits.journal");
    let hledger = |arguments: &[&str]| {
        let run = std::process::Command::new("hledger")
            .args(["-f", "credits.journal"])
            .args(arguments)
            .current_dir(world.path())
            .output()
            .expect("hledger is needed: apt-get install hledger");
        assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    hledger(&["check"]);
    let balances = hledger(&["bal", "--flat", "-E", "-N", "--format", "%(account) %(total)"]);
    let of = |account: &str| {
        let line = balances.lines().find(|line| line.split_whitespace().next() == Some(account));
        line.unwrap_or_else(|| panic!("no {account} in {balances}"))
            .split_whitespace()
            .last()
            .unwrap()
            .to_owned()
    };
    let amount = |account: &str| of(account).trim_start_matches("CREDIT").parse::<i64>().unwrap();
    assert_eq!(amount("credits:acme:available"), 1_000 - 300 - 100 - 50 - 15, "{balances}");
    assert_eq!(amount("credits:acme:held"), 100);
    assert_eq!(amount("credits:globex:available"), 70);
    assert_eq!((amount("consumed"), amount("revoked")), (315, 50));
    assert_eq!((amount("granted:purchase"), amount("granted:bonus")), (-1_000, -70));
}
