//! The eight faults that an audit found in a billing back end of this kind, each as a test that it is not ours.

use std::path::Path;

use paygrade::billing::time::{DAY_S, HOUR_S, Timestamp};
use paygrade::stripe::inbound::WebhookSecret;

use crate::desk::Stage;
use crate::inbox::{SECRET, acme, on_tier, run, take_all};
use crate::world::{NOW, World};

/// Credits were read, compared and written in three steps: two requests at once spent the same ones.
#[test]
fn race_condition() {
    let world = World::new();
    world.demand(0, "init --template credits");
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io");
    world.demand(0, "credits grant acme 10 --reason test");
    let running: Vec<_> = (0..24)
        .map(|_| {
            let mut command = world.command("credits consume acme 1");
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    let exits: Vec<i32> = running.into_iter().map(|mut it| it.wait().unwrap().code().unwrap()).collect();
    assert_eq!(exits.iter().filter(|exit| **exit == 0).count(), 10, "{exits:?}");
    assert!(exits.iter().all(|exit| matches!(exit, 0 | 5)), "{exits:?}");
    assert!(world.demand(0, "credits balance acme -o ndjson").out.contains("\"available\":0"));
}

/// Usage was counted as billed though Stripe had given no id for it.
#[test]
fn meter_id_validation() {
    let mut world = World::new();
    world.demand(0, "init --template payg-hybrid");
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io --payment-method pm_card_visa");
    world.demand(0, "tier assign acme payg --yes");
    let meter = "tokens";
    world.demand(0, &format!("usage record acme {meter} 5"));
    // Stripe does it, and its answer is cut short: there is no proof.
    world.demand(0, "local fault truncate --amount 3 --path /v1/billing/meter_events --times 9");
    let push = world.run("meter push");
    assert_ne!(push.exit, 0, "{}", push.out);
    let rows = world.demand(0, "meter list -o ndjson").out;
    assert!(!rows.contains("\"state\":\"accepted\""), "{rows}");
    world.demand(0, "local fault --clear");
    // Asked again under the same identifier, Stripe says that it has it: now there is.
    world.now(Some("2026-11-21T09:00:00Z"));
    world.demand(0, "meter push");
    let rows = world.demand(0, "meter list -o ndjson").out;
    assert!(rows.contains("\"state\":\"accepted\""), "{rows}");
    assert_eq!(rows.lines().filter(|line| line.contains("\"delivery\"")).count(), 1, "{rows}");
}

/// A missing webhook secret or key was found out by nobody.
#[test]
fn env_validation() {
    let mut world = World::new();
    world.now(None);
    world.file("event.json", "{}");
    for (line, says) in [
        ("webhook listen --bind 127.0.0.1:0", "STRIPE_WEBHOOK_SECRET is not set"),
        ("webhook ingest event.json --signature t=1,v1=00", "STRIPE_WEBHOOK_SECRET is not set"),
        ("doctor --target test", "STRIPE_API_KEY is not set"),
        ("seed --target live --yes", ""),
    ] {
        let answer = world.run(line);
        assert_eq!(answer.exit, if says.is_empty() { answer.exit } else { 6 }, "{line}\n{}", answer.err);
        assert!(answer.exit != 0, "{line}");
        assert!((answer.out + &answer.err).contains(says), "{line}");
    }
    for secret in
        ["", "whsec_", "sk_test_0123456789abcdef", "whsec_0123456789abcdef,", "whsec_01234567 89abcdef"]
    {
        let mut command = world.command("webhook listen --bind 127.0.0.1:0");
        let answer = command.env("STRIPE_WEBHOOK_SECRET", secret).output().unwrap();
        assert_eq!(answer.status.code(), Some(6), "{secret:?}");
    }
}

/// An old webhook could be sent again, and did it all again.
#[test]
fn replay_window() {
    let world = World::new();
    let body = r#"{"id":"evt_1","object":"event","type":"invoice.paid","created":1,"livemode":false,"data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1"}}}"#;
    world.file("event.json", body);
    let secret = WebhookSecret::parse(SECRET).unwrap();
    let now = Timestamp::parse(NOW).unwrap();
    for (late_s, exit, says) in [
        (301, 5, "301 seconds"),
        (-301, 5, "-301 seconds"),
        (DAY_S, 5, "seconds"),
        (300, 0, "is stored"),
        (-300, 0, "was here already"),
        (0, 0, "was here already"),
    ] {
        let header = secret.sign(body.as_bytes(), now.plus(-late_s));
        let mut command = world.command("webhook ingest event.json");
        command.arg("--signature").arg(header).env("STRIPE_WEBHOOK_SECRET", SECRET);
        let answer = crate::world::answer(&command.output().unwrap());
        assert_eq!(answer.exit, exit, "{late_s}\n{}", answer.err);
        assert!((answer.out + &answer.err).contains(says), "{late_s}");
    }
    let rows = world.demand(0, "webhook list -o ndjson").out;
    assert_eq!(rows.lines().filter(|line| line.contains("evt_1")).count(), 1, "{rows}");
}

/// Keys were made of the clock: two events of one instant were one, and a repeat was two.
#[test]
fn weak_key() {
    let world = World::new();
    world.demand(0, "init --template payg-hybrid");
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io --payment-method pm_card_visa");
    world.demand(0, "tier assign acme payg --yes");
    for _ in 0..3 {
        world.demand(0, "usage record acme tokens 5");
        world.demand(0, "meter push");
    }
    let rows = world.demand(0, "meter list -o ndjson").out;
    let identifiers: std::collections::BTreeSet<&str> =
        rows.lines().filter_map(|line| line.split("\"identifier\":\"").nth(1)?.split('"').next()).collect();
    assert_eq!(identifiers.len(), 3, "one instant, three identifiers: {rows}");
    for _ in 0..3 {
        world.demand(0, "usage record acme tokens 7 --id order-1");
    }
    world.demand(0, "meter push");
    let shown = world.demand(0, "usage show acme -o ndjson").out;
    assert!(shown.contains("\"recorded\":22"), "the repeat counts once: {shown}");
}

/// The look-up that every request made read the whole table.
#[test]
fn missing_index() {
    let stage = Stage::of_template("credits");
    let machine = stage.machine();
    let conn = rusqlite::Connection::open(machine.store.path()).unwrap();
    for (sql, table) in [
        (
            "SELECT * FROM usage_of_pair WHERE customer = 1 AND meter = 1 AND block_to >= 5 AND block_from < 9",
            "b ",
        ),
        (
            "SELECT * FROM usage_of_pair WHERE customer = 1 AND meter = 1 AND block_to >= 5 AND block_from < 9",
            "e ",
        ),
        ("SELECT * FROM usage_id WHERE key = 1", "usage_id"),
        ("SELECT * FROM rollup WHERE customer = 1 AND meter = 1 AND day >= 5", "rollup"),
        ("SELECT * FROM ledger_entry WHERE customer = 1 ORDER BY entry DESC LIMIT 1", "ledger_entry"),
        ("SELECT * FROM delivery WHERE customer = 1 AND meter = 1 AND from_at >= 5", "delivery"),
        ("SELECT * FROM delivery WHERE identifier = 'x'", "delivery"),
        ("SELECT * FROM inbox WHERE event = 'x'", "inbox"),
        ("SELECT * FROM inbox WHERE cus = 'x'", "inbox"),
        ("SELECT * FROM invoice WHERE customer = 1", "invoice"),
        ("SELECT * FROM subscription WHERE customer = 1", "subscription"),
        ("SELECT * FROM customer WHERE cus = 'x'", "customer"),
        ("SELECT * FROM tier_assignment WHERE customer = 1 AND to_at IS NULL", "tier_assignment"),
        ("SELECT * FROM sale WHERE payment = 'x'", "sale"),
        ("SELECT * FROM notice WHERE key = 'x'", "notice"),
    ] {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> =
            statement.query_map([], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(plan.iter().any(|step| step.starts_with(&format!("SEARCH {table}"))), "{sql}: {plan:?}");
    }
}

/// One plan's name stood in the code.
#[test]
fn hard_coded_plan() {
    fn walk(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut names = std::collections::BTreeSet::new();
    for template in ["overage", "payg-hybrid", "gateway", "credits", "seats"] {
        let stage_file = format!("{}/examples/catalogs/{template}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(stage_file).unwrap();
        let catalog = paygrade::config::catalog::parse(&text, "catalog.toml").unwrap().0;
        names.extend(catalog.tiers.keys().map(ToString::to_string));
    }
    assert!(names.len() >= 6, "{names:?}");
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files.iter().filter(|it| it.extension().is_some_and(|ext| ext == "rs")) {
        let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        // The demo shows one of the examples.
        let is_demo =
            path.components().any(|part| part.as_os_str() == "demo" || part.as_os_str() == "demo.rs");
        // The local Stripe knows no plan, and the word of a scheme of HTTP.
        let is_local = path.components().any(|part| part.as_os_str() == "local");
        if is_test || is_demo || is_local {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        for line in product.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for name in &names {
                if line.contains(&format!("\"{name}\"")) {
                    wrong.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever had stopped paying went on consuming.
#[test]
fn status_not_checked() {
    use paygrade::flow::allow::{Question, allow};
    let stage = Stage::of_template("gateway");
    let machine = on_tier(&stage, "pro", "pm_card_visa");
    let feature = machine
        .store
        .read(|r| {
            let catalog = r.catalog_in_force()?.unwrap();
            let tier = catalog.tiers.iter().find(|(key, _)| key.as_str() == "pro").unwrap().1;
            Ok::<_, paygrade::store::StoreError>(tier.features.iter().next().unwrap().clone())
        })
        .unwrap();
    let question = Question::Feature(feature);
    let asked = |machine: &crate::desk::Machine| {
        let id = acme(machine).id;
        allow(&machine.store, machine.now, &id, &question).unwrap().allowed
    };
    assert!(asked(&machine));
    let subs = stage.call("GET", "/v1/subscriptions", "");
    let sub = subs["data"][0]["id"].as_str().unwrap();
    stage.pass(HOUR_S);
    stage.call("DELETE", &format!("/v1/subscriptions/{sub}"), "");
    let machine = stage.machine_again(&machine);
    take_all(&stage, &machine);
    run(&machine);
    assert!(!asked(&machine), "the subscription has ended");
}
