//! `paygrade seed` as a program, with somebody else at work in the same account.

use std::sync::Arc;

use paygrade::local;
use serde_json::Value;

use crate::world::World;

/// One call to the world's local Stripe as somebody else would make it.
fn plant(world: &World, path: &str, body: &str) -> Value {
    let folder = world.path().join(".paygrade");
    let place = local::Place { state: folder.join("local"), registry: folder.join("local.json"), seed: None };
    let stripe = local::connect(&place, Arc::new(|| Ok(1_795_248_000))).unwrap();
    let (status, text) = stripe.call("POST", path, body).unwrap();
    assert!(status < 300, "{path} {body}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

fn seeded() -> World {
    let world = World::new();
    world.demand(0, "init --template payg-hybrid --namespace acme");
    world.demand(0, "seed --yes");
    world
}

#[test]
fn drift_is_shown_judged_and_repaired() {
    let world = seeded();
    world.demand(0, "seed -n --fail-on any");
    plant(&world, "/v1/products/acme-tier-pro", "name=Prof");
    let shown = world.demand(0, "seed -n -o csv").out;
    assert_eq!(
        shown.lines().nth(1),
        Some("~,product,tier:pro,acme-tier-pro,name,Prof,Pro Unlimited,drift,0"),
        "{shown}"
    );
    world.demand(4, "seed -n --fail-on drift");
    world.demand(0, "seed -n --fail-on pending");
    world.demand(5, "seed");
    world.demand(0, "seed --yes --fail-on any");
    world.demand(0, "seed -n --fail-on any");
}

#[test]
fn a_conflict_is_left_alone_and_the_rest_applied() {
    let world = World::new();
    world.demand(0, "init --template payg-hybrid --namespace acme");
    // The first command makes the account.
    world.demand(0, "seed -n");
    plant(&world, "/v1/products", "id=acme-tier-team&name=Theirs");
    let answer = world.demand(5, "seed --yes -o json");
    let report: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(report["conflicts"], 1, "{}", answer.out);
    let again = world.demand(5, "seed --yes");
    assert!(again.out.contains("nothing to do"), "{}", again.out);
    assert!(again.out.contains("1 conflict not touched"), "{}", again.out);
    world.demand(4, "seed --fail-on any");
    world.demand(0, "seed --adopt --yes");
    world.demand(0, "seed --fail-on any");
}

#[test]
fn a_plan_is_refused_once_stripe_has_moved() {
    let world = seeded();
    let catalog = std::fs::read_to_string(world.path().join("catalog.toml")).unwrap();
    world.file("catalog.toml", &catalog.replacen("29.00", "39.00", 1));
    let planned = world.demand(0, "seed --plan-out plan.json");
    assert!(
        planned.out.trim_end().ends_with("to apply: paygrade seed --plan plan.json --yes"),
        "{}",
        planned.out
    );
    plant(&world, "/v1/products/acme-tier-pro", "name=Prof");
    let refused = world.demand(5, "seed --plan plan.json --yes");
    assert!(refused.err.contains("Stripe has moved"), "{}", refused.err);
    world.demand(0, "seed --plan-out plan.json");
    let applied = world.demand(0, "seed --plan plan.json --yes");
    assert!(applied.out.contains("3 changes applied"), "{}", applied.out);
    world.demand(0, "seed -n --fail-on any");
}

#[test]
fn nothing_is_done_without_a_yes_or_on_bad_input() {
    let world = World::new();
    let missing = world.demand(3, "seed --yes");
    assert!(missing.err.contains("catalog.toml"), "{}", missing.err);
    world.file("catalog.toml", "schema = 1\nnamespace = \"acme\"\n[tiers.pro]\nprice = 1\n");
    world.demand(3, "seed --yes");
    assert!(!world.path().join(".paygrade/local.db").exists(), "nothing is written for a bad catalog");
}
