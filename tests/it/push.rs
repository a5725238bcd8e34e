//! Push and reconcile: whatever goes wrong, each unit counts once at Stripe, or is named.

use std::time::Duration;

use paygrade::billing::delivery::State;
use paygrade::billing::reconcile::Class;
use paygrade::billing::time::{DAY_S, HOUR_S, Timestamp};
use paygrade::error::Kind;
use paygrade::flow::push::{self, Courier};
use paygrade::flow::{meter, recover, takeover};
use serde_json::json;

use crate::desk::{Machine, START, block_on};
use crate::scene::{CATALOG, Scene, classes, desk_of, everything, settle_customer, settle_meters};
use crate::world::World;

/// Planted and seen to fail here: a new identifier for each attempt; "already exists" taken for a refusal; the key not
/// counted up after a 5xx that Stripe keeps.
#[test]
fn whatever_breaks_each_unit_counts_once() {
    let refuse = |status: u16| json!({"refuse_before": {"status": status}});
    for kind in [
        json!("hang_up_before"),
        json!("hang_up_after_commit"),
        json!({"respond_after_commit": {"status": 500}}),
        json!({"respond_after_commit": {"status": 503}}),
        json!("duplicate"),
        json!({"truncate": 5}),
        json!("reorder"),
        refuse(409),
        refuse(429),
        refuse(500),
        refuse(401),
        refuse(403),
    ] {
        for nth in [1, 3] {
            let scene = Scene::new();
            for (meter, after_s, quantity) in
                [(1, 60, 5), (2, 60, 7), (1, HOUR_S, 11), (2, HOUR_S, 13), (1, 2 * HOUR_S, 17)]
            {
                scene.record(&scene.machine, meter, after_s, quantity);
            }
            scene.stage.pass(3 * HOUR_S);
            scene.meter_fault(&kind, nth, 1);
            scene.push();
            scene.sound();
            scene.stage.no_faults();
            scene.stage.pass(900);
            let second = scene.push();
            assert_eq!(scene.at_stripe(), 53, "{kind} at {nth}: {second:?}");
            assert_eq!(second.kind(), None, "{kind} at {nth}: {second:?}");
            assert_eq!(scene.states(&scene.machine), vec![State::Accepted; 5], "{kind} at {nth}");
            scene.stage.pass(900);
            let proof = scene.reconcile();
            assert_eq!(
                (proof.done.matched, proof.kind(), proof.findings.len()),
                (2, None, 0),
                "{kind} at {nth}"
            );
            scene.sound();
        }
    }
}

#[test]
fn a_refused_event_is_kept_and_can_be_sent_again() {
    let scene = Scene::new();
    scene.record(&scene.machine, 1, 60, 5);
    scene.stage.pass(HOUR_S);
    scene.meter_fault(&json!({"refuse_before": {"status": 400}}), 1, 1);
    assert_eq!(scene.push().kind(), Some(Kind::Stripe));
    assert_eq!(scene.push().kind(), Some(Kind::Stripe), "until somebody does something");
    assert_eq!(scene.at_stripe(), 0);
    assert_eq!(classes(&scene.reconcile()), [(Class::Missing, -5)]);
    let now = scene.stage.now();
    let plan = meter::retry_plan(&scene.machine.store, &[], false, HOUR_S, now).unwrap();
    assert_eq!(plan.len(), 1);
    meter::retry_apply(&scene.machine.store, &plan, now).unwrap();
    assert_eq!(scene.push().kind(), None);
    assert_eq!(
        (scene.at_stripe(), scene.states(&scene.machine)),
        (5, vec![State::Replaced, State::Accepted])
    );
    scene.sound();
}

#[test]
fn a_stripe_that_does_not_answer_is_left_alone_and_nothing_is_lost() {
    let scene = Scene::new();
    for hour in 0..20 {
        scene.record(&scene.machine, 1 + hour % 2, hour * HOUR_S, 1);
    }
    scene.stage.pass(DAY_S);
    scene.meter_fault(&json!({"respond_after_commit": {"status": 500}}), 1, 1000);
    let first = scene.push();
    assert_eq!(first.kind(), Some(Kind::Later));
    assert!(first.sent < 20, "the breaker opens: {first:?}");
    scene.stage.no_faults();
    scene.stage.pass(900);
    assert_eq!(scene.push().kind(), None);
    assert_eq!(scene.at_stripe(), 20);
    scene.sound();
}

/// Planted and seen to fail here: sending again after 25 hours.
#[test]
fn after_a_day_without_an_answer_reconcile_decides() {
    for (arrives, word) in [(true, true), (false, false)] {
        let scene = Scene::new();
        scene.record(&scene.machine, 1, 60, 5);
        scene.record(&scene.machine, 1, HOUR_S, 7);
        scene.stage.pass(2 * HOUR_S);
        let kind = if arrives { json!("hang_up_after_commit") } else { json!("hang_up_before") };
        scene.meter_fault(&kind, 1, 1);
        scene.push();
        scene.stage.pass(25 * HOUR_S);
        let late = scene.push();
        assert_eq!(
            (late.kind(), late.sent),
            (Some(Kind::Unknown), 0),
            "Stripe may have forgotten the identifier"
        );
        let found = scene.reconcile();
        assert_eq!(found.kind(), Some(Kind::Differences));
        assert_eq!(classes(&found), [(Class::Unknown, if arrives { 5 } else { 0 })]);
        assert_eq!(found.findings[0].deliveries, [1]);
        meter::settle(&scene.machine.store, 1, word, "the sum says so", scene.stage.now()).unwrap();
        assert_eq!(scene.push().kind(), None);
        assert_eq!(scene.at_stripe(), 12);
        scene.stage.pass(900);
        let after = scene.reconcile();
        assert_eq!((after.kind(), after.done.matched), (None, 1), "{after:?}");
        scene.sound();
    }
}

#[test]
fn what_comes_after_the_grace_is_not_sent_but_named_with_its_money() {
    let scene = Scene::new();
    scene.record(&scene.machine, 1, 60, 5);
    let period_end = Timestamp::parse("2026-02-10T12:00:00Z").unwrap();
    scene.stage.pass(period_end.0 - START + HOUR_S - 119);
    let late = scene.push();
    assert_eq!((late.kind(), late.sent, late.left_in(State::Late)), (Some(Kind::Differences), 0, 1));
    let found = scene.reconcile();
    assert_eq!(classes(&found), [(Class::Late, -5)]);
    assert_eq!(found.findings[0].amount.unwrap().minor, -1000, "5 images at USD 2");
    let now = scene.stage.now();
    let refused = meter::retry_plan(&scene.machine.store, &[1], false, HOUR_S, now).unwrap();
    assert!(matches!(refused[0].effect, meter::Effect::Refused(_)));
    let plan = meter::retry_plan(&scene.machine.store, &[1], true, HOUR_S, now).unwrap();
    assert_eq!(plan[0].amount.unwrap().minor, 1000, "on top of nothing in the open period");
    meter::retry_apply(&scene.machine.store, &plan, now).unwrap();
    assert_eq!(scene.push().kind(), None);
    assert_eq!(scene.at_stripe(), 5);
    scene.sound();
    // In time to the second, the same usage goes out.
    let scene = Scene::new();
    scene.record(&scene.machine, 1, 60, 5);
    scene.stage.pass(period_end.0 - START + HOUR_S - 120);
    assert_eq!(scene.push().accepted, 1);
}

#[test]
fn two_stores_never_both_send() {
    let scene = Scene::new();
    scene.record(&scene.machine, 1, 60, 5);
    scene.record(&scene.machine, 1, HOUR_S, 7);
    scene.stage.pass(2 * HOUR_S);
    assert_eq!(scene.push().accepted, 2);
    // The store is lost; a fresh one knows the same usage, and a little more.
    let fresh = scene.stage.machine();
    settle_meters(&scene.stage, &fresh);
    settle_customer(&fresh);
    for (after_s, quantity) in [(60, 5), (HOUR_S, 7), (HOUR_S + 60, 2)] {
        scene.record(&fresh, 1, after_s, quantity);
    }
    let refused = scene.push_with(&fresh, &everything()).unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Config, "other_owner"));
    let clock = scene.clock(&fresh);
    let courier = |clock| Courier {
        store: &fresh.store,
        api: &fresh.api,
        clock,
        namespace: &fresh.namespace,
        random: 7,
    };
    let taken = block_on(takeover::takeover(
        &courier(&clock),
        "the disk died",
        Duration::ZERO,
        std::future::pending(),
    ));
    assert_eq!((taken.as_ref().unwrap().epoch, taken.unwrap().before.is_some()), (2, true));
    assert_eq!(scene.push_with(&fresh, &everything()).unwrap_err().code(), "store_fenced");
    assert_eq!(
        block_on(recover::recover(&desk_of(&courier(&clock), scene.stage.now()), 900, None))
            .unwrap_err()
            .kind(),
        Kind::Later,
        "Stripe may still count"
    );
    scene.stage.pass(900);
    let clock = scene.clock(&fresh);
    let found = block_on(recover::recover(&desk_of(&courier(&clock), scene.stage.now()), 900, None)).unwrap();
    let opened = found.opened.unwrap();
    assert_eq!((opened.hours, opened.units, found.adoption.known), (2, 12, 1));
    let outcome = scene.push_with(&fresh, &everything()).unwrap();
    assert_eq!((outcome.accepted, outcome.units, outcome.formed.closed), (1, 2, 1));
    assert_eq!(scene.at_stripe(), 14, "nothing twice, nothing lost");
    scene.record(&scene.machine, 1, 2 * HOUR_S, 100);
    let old = scene.push_with(&scene.machine, &everything()).unwrap_err();
    assert_eq!((old.kind(), old.code(), scene.at_stripe()), (Kind::Config, "other_owner", 14));
    let breaches = fresh.store.read(|r| r.checks_run()).unwrap();
    assert!(breaches.iter().all(|it| it.breaches.is_empty()), "{breaches:?}");
}

#[test]
fn a_second_push_and_an_interrupted_one_change_nothing_wrongly() {
    let scene = Scene::new();
    scene.record(&scene.machine, 1, 60, 5);
    scene.stage.pass(HOUR_S);
    let lock = push::lock(&scene.machine.store).unwrap();
    assert_eq!(scene.push_with(&scene.machine, &everything()).unwrap_err().kind(), Kind::Busy);
    drop(lock);
    let clock = scene.clock(&scene.machine);
    let Machine { store, api, namespace, .. } = &scene.machine;
    let courier = Courier { store, api, clock: &clock, namespace, random: 7 };
    let stopped =
        block_on(push::push(&courier, &everything(), std::future::ready(Kind::Interrupted))).unwrap();
    assert_eq!(stopped.kind(), Some(Kind::Interrupted));
    assert_eq!(scene.states(&scene.machine), [State::Accepted], "what was in flight was waited for");
    assert_eq!(scene.push().sent, 0);
    assert_eq!(scene.at_stripe(), 5);
    scene.sound();
}

/// The real program, killed while Stripe has done it and the answer is on its way; run again, it ends at one effect.
#[test]
fn a_killed_push_goes_on_with_the_same_identifier() {
    let world = World::new();
    world.file("catalog.toml", CATALOG);
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io");
    world.demand(0, "tier assign acme payg --send-invoice 30");
    world.demand(0, "usage record acme tokens 5");
    for round in 0..3 {
        world.demand(0, "local fault delay --amount 60000 --path /v1/billing/meter_events");
        let mut child = world.command("meter push").stdout(std::process::Stdio::null()).spawn().unwrap();
        let sending = || world.demand(0, "meter list --state sending --json").out.contains("\"sending\"");
        let claimed = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            sending()
        });
        assert!(claimed, "round {round}: it is claimed before its socket opens");
        std::thread::sleep(Duration::from_millis(300));
        child.kill().unwrap();
        child.wait().unwrap();
        world.demand(0, "usage record acme tokens 2");
    }
    let done = world.demand(0, "meter push --json");
    assert!(
        done.out.contains("\"already_there\": 1"),
        "Stripe has it from the attempt that was killed: {}",
        done.out
    );
    let mut later = world;
    later.now(Some("2026-11-21T08:30:00Z"));
    let proof = later.demand(0, "reconcile --json");
    assert!(proof.out.contains("nothing differs") && proof.out.contains("\"stripe\": 11"), "{}", proof.out);
    later.demand(0, "doctor");
}
