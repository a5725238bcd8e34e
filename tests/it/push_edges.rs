//! Delivery and reconcile where periods begin and end inside an hour, and where two looks overlap.

use std::time::Duration;

use paygrade::billing::delivery::State;
use paygrade::billing::reconcile::{Class, Range};
use paygrade::billing::time::{HOUR_S, Timestamp};
use paygrade::error::Kind;
use paygrade::flow::push::Courier;
use paygrade::flow::reconcile::Periods;
use paygrade::flow::{meter, recover, takeover};
use serde_json::json;

use crate::desk::{START, block_on};
use crate::scene::{Scene, classes, desk_of, everything, settle_customer, settle_meters, within};

/// The customer begins at 12:10:37: each of its periods ends inside a minute of the thirteenth hour.
const ODD_S: i64 = 637;

/// Seconds from [`START`] to this clock time on the day when the first period ends.
fn last_day(hour: i64, minute: i64) -> i64 {
    Timestamp::parse("2026-02-10T00:00:00Z").unwrap().0 + hour * HOUR_S + minute * 60 - START
}

/// Planted and seen to fail here: findings are gone only when they end within what is compared now.
#[test]
fn a_finding_is_gone_although_the_next_period_moved_the_edge() {
    let scene = Scene::after(ODD_S);
    let open = || scene.machine.store.read(|r| r.finding_open_count()).unwrap();
    scene.record(&scene.machine, 1, last_day(12, 5), 5);
    scene.stage.pass(last_day(12, 6) - ODD_S);
    scene.meter_fault(&json!("lose_meter_event"), 1, 1);
    scene.push();
    scene.stage.pass(1800);
    assert_eq!((classes(&scene.reconcile()), open()), (vec![(Class::Missing, -5)], 1));
    scene.record(&scene.machine, 1, last_day(12, 20), 7);
    scene.push();
    scene.stage.pass(1800);
    assert_eq!(
        (classes(&scene.reconcile()), open()),
        (vec![(Class::Missing, -5)], 1),
        "one difference, one finding"
    );
    scene.sound();
}

/// Planted and seen to fail here: what is left out for a stretch is noted as the period's.
#[test]
fn a_look_at_a_stretch_leaves_the_finding_of_the_period_alone() {
    let scene = Scene::after(0);
    scene.record(&scene.machine, 1, 60, 5);
    scene.record(&scene.machine, 1, 2 * HOUR_S, 7);
    scene.stage.pass(6 * HOUR_S);
    let found = scene.reconcile();
    assert_eq!(classes(&found), [(Class::Missing, -12)]);
    let number = found.findings[0].finding;
    scene.machine.store.write(scene.stage.now(), |w| w.finding_acknowledge(number, "known")).unwrap();
    let stretch = Range { from: Timestamp(START), to: Timestamp(START + HOUR_S) };
    let part = scene.reconcile_with(|ask| ask.periods = Periods::Stretch(stretch));
    assert_eq!(classes(&part), [(Class::Missing, -5)]);
    assert_eq!(part.findings[0].range, stretch);
    let whole = scene.reconcile();
    assert_eq!((classes(&whole), whole.kind()), (vec![(Class::Missing, -12)], None), "still acknowledged");
    assert_eq!(scene.machine.store.read(|r| r.finding_open_count()).unwrap(), 0);
    scene.sound();
}

/// Planted and seen to fail here: an hour's opening amount counted in both periods that share the hour.
#[test]
fn what_stripe_held_of_an_hour_is_counted_in_one_period() {
    let scene = Scene::after(ODD_S);
    let record = |machine: &_| {
        scene.record(machine, 1, last_day(12, 5), 3);
        scene.record(machine, 1, last_day(12, 30), 4);
    };
    record(&scene.machine);
    scene.stage.pass(last_day(12, 40) - ODD_S);
    assert_eq!(scene.push().accepted, 2);
    let fresh = scene.stage.machine();
    settle_meters(&scene.stage, &fresh);
    settle_customer(&fresh);
    record(&fresh);
    let clock = scene.clock(&fresh);
    let courier = Courier {
        store: &fresh.store,
        api: &fresh.api,
        clock: &clock,
        namespace: &fresh.namespace,
        random: 7,
    };
    block_on(takeover::takeover(&courier, "moved", Duration::ZERO, std::future::pending())).unwrap();
    scene.stage.pass(900);
    let clock = scene.clock(&fresh);
    let desk = desk_of(&Courier { clock: &clock, ..courier }, scene.stage.now());
    block_on(recover::recover(&desk, 900, None)).unwrap();
    let pushed = scene.push_with(&fresh, &everything()).unwrap();
    assert_eq!((pushed.formed.closed, pushed.formed.opening, pushed.sent), (2, 7, 0));
    let found = scene.reconcile_on(&fresh, |_| ());
    assert_eq!((found.done.matched, classes(&found)), (2, vec![]));
}

/// Planted and seen to fail here: each finding of a period judged by itself.
#[test]
fn a_period_passes_by_its_whole_difference() {
    let scene = Scene::after(0);
    scene.record(&scene.machine, 1, 60, 5);
    scene.meter_fault(&json!("lose_meter_event"), 1, 1);
    scene.push();
    scene.record(&scene.machine, 1, 120, 4);
    scene.stage.pass(6 * HOUR_S);
    let failed = scene.reconcile_with(|ask| ask.tolerance = within(0, 8));
    assert_eq!((failed.findings.len(), failed.kind()), (2, Some(Kind::Differences)), "9 units are missing");
    let passed = scene.reconcile_with(|ask| ask.tolerance = within(0, 9));
    assert_eq!((passed.passed, passed.kind()), (2, None));
}

/// Two people look at the same late delivery, and both say yes.
#[test]
fn a_retry_that_was_overtaken_changes_nothing() {
    let scene = Scene::after(0);
    scene.record(&scene.machine, 1, 60, 5);
    scene.stage.pass(last_day(20, 0));
    assert_eq!(scene.push().left_in(State::Late), 1);
    let (store, now) = (&scene.machine.store, scene.stage.now());
    let plan = || meter::retry_plan(store, &[1], true, HOUR_S, now).unwrap();
    let (first, second) = (plan(), plan());
    assert_eq!(meter::retry_apply(store, &first, now).unwrap().0.len(), 1);
    let late = meter::retry_apply(store, &second, now).unwrap_err();
    assert_eq!((late.kind(), late.code()), (Kind::Refused, "delivery_changed"));
    assert_eq!((scene.push().accepted, scene.at_stripe()), (1, 5));
}
