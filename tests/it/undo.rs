//! Undo: whatever breaks while usage is voided and deliveries are cancelled, each unit that is left counts once.

use paygrade::billing::id::MeterKey;
use paygrade::billing::time::HOUR_S;
use paygrade::flow::cancel::{Ended, cancel_apply, cancel_plan};
use paygrade::flow::push::Courier;
use paygrade::flow::void::{Plan, Which, void_apply, void_plan};
use serde_json::{Value, json};

use crate::desk::block_on;
use crate::scene::Scene;

/// Voids events by their numbers.
fn void(scene: &Scene, seqs: &[i64]) -> Plan {
    let store = &scene.machine.store;
    let ids = seqs.iter().map(|seq| store.read(|r| r.usage_get(*seq)).unwrap().unwrap().id).collect();
    let which = Which::Events(ids, None::<MeterKey>);
    let now = scene.stage.now();
    let plan = void_plan(store, &which, HOUR_S, now).unwrap();
    void_apply(store, &which, &plan, HOUR_S, now).unwrap();
    plan
}

fn cancel(scene: &Scene, deliveries: &[i64]) -> Vec<(i64, Ended)> {
    let clock = scene.clock(&scene.machine);
    let machine = scene.stage.machine_again(&scene.machine);
    let (store, api, namespace) = (&machine.store, &machine.api, &machine.namespace);
    let courier = Courier { store, api, clock: &clock, namespace, random: 7 };
    let plan = store.read(|r| cancel_plan(r, deliveries, HOUR_S, scene.stage.now())).unwrap();
    block_on(cancel_apply(&courier, &plan)).unwrap()
}

fn adjustment_fault(scene: &Scene, kind: &Value) {
    let path = "/v1/billing/meter_event_adjustments";
    scene.stage.fault(&json!({"kind": kind, "method": "POST", "path": path, "nth": 1, "times": 1}));
}

/// Planted and seen to fail here: a delivery cancelled although one event of it stays; the cancellation not finished by the
/// next push; "already cancelled" taken for a refusal.
#[test]
fn whatever_breaks_what_is_left_counts_once() {
    let refuse = |status: u16| json!({"refuse_before": {"status": status}});
    for kind in [
        json!("hang_up_before"),
        json!("hang_up_after_commit"),
        json!({"respond_after_commit": {"status": 500}}),
        json!("duplicate"),
        json!({"truncate": 5}),
        refuse(400),
        refuse(409),
        refuse(429),
        refuse(401),
    ] {
        let scene = Scene::after(0);
        // Two events of one hour, one of the next.
        for (after_s, quantity) in [(60, 5), (120, 7), (HOUR_S, 11)] {
            scene.record(&scene.machine, 1, after_s, quantity);
        }
        scene.stage.pass(3 * HOUR_S);
        scene.push();
        assert_eq!(scene.at_stripe(), 23);
        // One of two: a delivery below zero. The whole of the other: cancelled.
        let plan = void(&scene, &[1, 3]);
        assert_eq!(plan.cancels, [2], "{kind}");
        scene.sound();
        adjustment_fault(&scene, &kind);
        scene.push();
        scene.sound();
        scene.stage.no_faults();
        scene.stage.pass(900);
        let second = scene.push();
        assert_eq!(second.kind(), None, "{kind}: {second:?}");
        assert_eq!(scene.at_stripe(), 7, "{kind}");
        scene.stage.pass(900);
        let proof = scene.reconcile();
        assert_eq!((proof.kind(), proof.findings.len()), (None, 0), "{kind}: {:?}", proof.findings);
        scene.sound();
    }
}

#[test]
fn voided_before_it_was_sent_it_is_never_sent() {
    let scene = Scene::after(0);
    scene.record(&scene.machine, 1, 60, 5);
    scene.record(&scene.machine, 1, 61, 6);
    scene.stage.pass(HOUR_S);
    // Refused by Stripe, so that a delivery stands that is not at Stripe.
    scene.meter_fault(&json!({"refuse_before": {"status": 400}}), 1, 1);
    scene.push();
    scene.stage.no_faults();
    let plan = void(&scene, &[1]);
    assert_eq!((plan.events(), plan.cancels.len()), (1, 0));
    let sent = scene.push();
    assert_eq!((sent.sent, scene.at_stripe()), (1, 6), "the rest is formed anew");
    void(&scene, &[2]);
    scene.push();
    assert_eq!(scene.at_stripe(), 0);
    assert_eq!(void(&scene, &[1, 2]).known, 2, "an event is voided once");
    scene.sound();
}

/// Planted and seen to fail here: the usage of a cancelled delivery still taken for covered.
#[test]
fn a_cancelled_delivery_has_a_successor() {
    for kind in [None, Some(json!("hang_up_after_commit")), Some(json!("hang_up_before"))] {
        let scene = Scene::after(0);
        scene.record(&scene.machine, 1, 60, 5);
        scene.stage.pass(HOUR_S);
        scene.push();
        if let Some(kind) = &kind {
            adjustment_fault(&scene, kind);
        }
        let ended = cancel(&scene, &[1]);
        let known = matches!(ended[0].1, Ended::Done);
        scene.stage.no_faults();
        assert_eq!(known, kind.is_none() || matches!(ended[0].1, Ended::Done));
        scene.stage.pass(60);
        scene.push();
        assert_eq!(scene.at_stripe(), 5, "{kind:?}: sent again under another identifier");
        let list = scene.machine.store.read(|r| r.delivery_list(&Default::default(), 9)).unwrap().0;
        assert_eq!(list.len(), 2, "{kind:?}");
        assert!(cancel(&scene, &[1]).is_empty(), "a second time there is nothing to do");
        scene.sound();
    }
}
