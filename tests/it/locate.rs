//! Reconcile names what went wrong: each cause is planted among many events, and the deliveries, minutes and causes must
//! be exactly those, within the calls that it says it may take.

use std::collections::{BTreeMap, BTreeSet};

use paygrade::billing::delivery::State;
use paygrade::billing::reconcile::{Cause, Class};
use paygrade::billing::time::{DAY_S, HOUR_S, MINUTE_S, Timestamp};
use paygrade::flow::reconcile::Outcome;
use paygrade::flow::repair;
use paygrade::store::CustomerRow;
use paygrade::store::delivery::Delivery;
use paygrade::store::finding::Finding;
use serde_json::json;

use crate::desk::{START, block_on};
use crate::plot::{CUSTOMERS, OLD, Plot, name};

/// Customers from here on use nothing but what is planted.
const QUIET: usize = 11;
const CANCELED: usize = 12;
const TAMPERED: usize = 13;
const FRESH: usize = 14;
const OPEN: usize = 15;
const MOVED_IN: usize = 16;
const CUT_OFF: usize = 17;
const TWICE: usize = 18;
/// When the other customers begin, and for how many days they use something. What the first used on its first day is by
/// then older than Stripe takes.
const LATER: i64 = 32 * DAY_S;
const DAYS: i64 = 5;

/// A finding as the test expects it: whose, why, from when, by how much, which deliveries.
type Named = (String, Cause, i64, i64, Vec<i64>);

/// Spread over customers, hours of the day and seconds, by a counter that is no random number but looks like one.
fn many(events: usize) -> Vec<(usize, i64, i64)> {
    let mut state = 7_u64;
    let mut next = |below: i64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap() % below
    };
    let users = i64::try_from(QUIET - 1).unwrap();
    (0..events)
        .map(|_| {
            let customer = usize::try_from(1 + next(users)).unwrap();
            let at = START + LATER + HOUR_S + next(DAYS) * DAY_S + next(4) * 3 * HOUR_S + next(HOUR_S);
            (customer, at, 1 + next(9))
        })
        .collect()
}

fn minute(it: &Delivery) -> i64 {
    it.timestamp.floor(MINUTE_S).0
}

fn found(outcome: &Outcome) -> BTreeSet<Named> {
    let named = outcome.findings.iter().map(|it| {
        let mut deliveries = it.deliveries.clone();
        deliveries.sort_unstable();
        let at = if it.stripe.is_some() { it.range.from.0 } else { 0 };
        (it.customer_id.clone(), it.cause, at, it.difference, deliveries)
    });
    named.collect()
}

fn whole(it: &Delivery, customer: usize, cause: Cause, difference: i64) -> Named {
    (name(customer), cause, minute(it), difference, vec![it.delivery])
}

#[test]
fn each_planted_cause_is_named_and_nothing_else() {
    let events = std::env::var("PAYGRADE_LOCATE_EVENTS").ok().and_then(|it| it.parse().ok()).unwrap_or(3_000);
    let plot = Plot::new(LATER);
    let mut want: BTreeSet<Named> = BTreeSet::new();
    // The first customer's period is over: of its usage one event is late, the other too old for Stripe.
    plot.stage.pass(DAYS * DAY_S + 3 * HOUR_S);
    want.insert(counted_after_its_successor(&plot));
    plot.record(&many(events));
    plot.record(&[(OLD, START + DAY_S, 33), (OLD, START + 31 * DAY_S - 7_200, 21)]);
    let due = plot.form();
    let of = |customer: usize, nth: usize| -> Delivery {
        let row = CustomerRow(i64::try_from(customer).unwrap() + 1);
        due.iter().filter(|it| it.customer == row).nth(nth).unwrap().clone()
    };
    for nth in [0, 5, 6] {
        let lost = of(1, nth);
        plot.fault(&lost, json!("lose_meter_event"));
        want.insert(whole(&lost, 1, Cause::Lost, -lost.value));
    }
    for nth in [2, 3] {
        let reported = of(2, nth);
        plot.fault(&reported, json!({"fail_meter_event": "meter_event_customer_not_found"}));
        want.insert(whole(&reported, 2, Cause::Rejected, -reported.value));
    }
    let refused = of(3, 4);
    plot.fault(&refused, json!({"refuse_before": {"status": 400}}));
    want.insert((name(3), Cause::Rejected, 0, -refused.value, vec![refused.delivery]));
    let (moved, other) = (of(4, 7), 5);
    plot.fault(&moved, json!("lose_meter_event"));
    want.insert(whole(&moved, 4, Cause::WrongCustomer, -moved.value));
    want.insert((name(other), Cause::WrongCustomer, minute(&moved), moved.value, vec![moved.delivery]));
    let unknown = of(6, 1);
    plot.fault(&unknown, json!("hang_up_after_commit"));
    let doubled = [of(7, 2), of(7, 9)];
    let (too_late, late) = (of(OLD, 0), of(OLD, 1));
    want.insert((name(OLD), Cause::TooLate, 0, -33, vec![too_late.delivery]));
    want.insert((name(OLD), Cause::Late, 0, -21, vec![late.delivery]));
    plot.push();
    plot.foreign(other, moved.timestamp.0, moved.value);
    for it in &doubled {
        plot.foreign(7, minute(it), it.value);
        want.insert(whole(it, 7, Cause::SentTwice, it.value));
    }
    // Somebody else: where nothing of ours is, beside something of ours, and for a customer without any usage.
    let beside = of(8, 3);
    for (customer, at, value) in [
        (8, START + LATER + 2 * DAY_S + 20 * HOUR_S + 61, 17),
        (8, beside.timestamp.0, beside.value + 1),
        (QUIET, START + LATER + DAY_S + 5, 4),
    ] {
        plot.foreign(customer, at, value);
        want.insert((name(customer), Cause::ForeignSender, at.div_euclid(60) * 60, value, vec![]));
    }
    plot.reports_arrive();
    // A day later nobody may ask again about the one without an answer; what is recorded now is not sent at all.
    plot.stage.pass(25 * HOUR_S);
    want.insert(whole(&unknown, 6, Cause::Unknown, unknown.value));
    want.extend(a_day_later(&plot));

    let outcome = plot.reconcile();
    assert_eq!(found(&outcome), want);
    // What Stripe said of what it did not count is told.
    let told = |it: &&Finding| it.cause == Cause::Rejected && it.stripe.is_some();
    let said: Vec<_> = outcome.findings.iter().filter(told).map(|it| it.detail.as_deref()).collect();
    assert_eq!(said, [Some("meter_event_customer_not_found"); 2]);
    // What a stranger sent can be mended while the draft of its period takes usage, with usage of ours or without.
    let strange = |it: &&Finding| it.cause == Cause::ForeignSender;
    let until: Vec<_> =
        outcome.findings.iter().filter(strange).map(|it| it.fix_deadline.unwrap().0).collect();
    assert_eq!(until, [START + LATER + 28 * DAY_S + HOUR_S; 3]);
    // What was taken a moment ago, and what is in an hour that is not over, is no difference.
    let fresh = outcome.compared.iter().find(|it| it.target.pair.customer_id == name(FRESH)).unwrap();
    assert_eq!((fresh.class, fresh.difference, fresh.ours.unsettled), (Class::Unsettled, 0, 12));
    assert_eq!(outcome.done.unsettled, 2);
    assert!(
        outcome.done.calls <= outcome.done.calls_bound,
        "{} calls, {} said",
        outcome.done.calls,
        outcome.done.calls_bound
    );
    // One sum for each customer, and for the places: days, hours, and at most six calls for a minute; 25 places.
    assert!(outcome.done.calls <= 19 + 12 * 3 + 25 * 7, "{} calls", outcome.done.calls);
    covered_events_are_counted(&plot, &outcome);
    again_until_nothing_is_lost(&plot, &want);
}

/// A delivery that Stripe counts hours late: proved absent, it is sent again under another identifier, and then both of ours
/// are counted.
fn counted_after_its_successor(plot: &Plot) -> Named {
    let lag = |seconds: &serde_json::Value| {
        plot.stage.call("POST", "/_local/settings", &json!({ "lag_s": seconds }).to_string());
    };
    let usual = plot.stage.call("GET", "/_local/status", "")["settings"]["lag_s"].clone();
    let now = plot.stage.now().0;
    plot.record(&[(TWICE, now - HOUR_S, 16), (10, now - HOUR_S, 1)]);
    lag(&json!(8 * HOUR_S));
    plot.push_of(Some(TWICE));
    lag(&usual);
    plot.stage.pass(60);
    plot.push_of(Some(10));
    plot.stage.pass(HOUR_S);
    let first = plot.reconcile();
    let lost = &first.findings[0];
    assert_eq!((first.findings.len(), lost.cause), (1, Cause::Lost));
    plot.stage.pass(HOUR_S);
    assert_eq!(plot.reconcile().lost, lost.deliveries);
    let machine = plot.again();
    let ask = repair::Ask { settle_s: 900, ..repair::Ask::default() };
    let done = block_on(async {
        let steps = repair::plan(&machine.desk(), &ask).await?;
        repair::apply(&machine.desk(), steps).await
    });
    assert_eq!(done.unwrap().steps.iter().filter(|it| it.is_to_do()).count(), 1);
    (name(TWICE), Cause::SentTwice, lost.range.from.0, 16, lost.deliveries.clone())
}

/// What goes wrong on the day that reconcile looks at, and what it is to be called.
fn a_day_later(plot: &Plot) -> Vec<Named> {
    // Of what Stripe held of an hour, no usage of ours was set off against a part.
    let hour = Timestamp(plot.stage.now().0 - 5 * HOUR_S).floor(HOUR_S).0;
    plot.foreign(MOVED_IN, hour + 600, 40);
    plot.tamper(&format!(
        "INSERT INTO opening (customer, meter, hour, amount, run) VALUES ({}, 1, {}, 40, 1)",
        MOVED_IN + 1,
        hour / HOUR_S
    ));
    plot.record(&[(MOVED_IN, hour + 700, 15)]);
    // A subscription ends in the middle of an hour, and the store hears of it after it has sent that hour.
    let now = plot.stage.now().0;
    plot.record(&[(CANCELED, now - 30, 5)]);
    plot.cancel(CANCELED, false);
    plot.stage.pass(600);
    plot.record(&[(CANCELED, now + 300, 3), (9, now - HOUR_S, 8)]);
    plot.record(&[(TAMPERED, now - HOUR_S, 4), (TAMPERED, now - HOUR_S + 1, 5), (CUT_OFF, now - HOUR_S, 14)]);
    let formed = plot.form();
    let of = |customer: usize| -> Delivery {
        let mut its =
            formed.iter().filter(|it| it.customer_id == name(customer) && it.progress.attempts == 0);
        let only = its.next().unwrap().clone();
        assert_eq!(its.next(), None, "one window");
        only
    };
    let (waiting, canceled, tampered, cut_off) = (of(9), of(CANCELED), of(TAMPERED), of(CUT_OFF));
    plot.fault(&waiting, json!("hang_up_after_commit"));
    plot.fault(&cut_off, json!("hang_up_before"));
    plot.push();
    plot.refresh(CANCELED);
    // An event is not any more what it was when it was sent.
    plot.tamper(&format!(
        "DROP TRIGGER usage_event_is_immutable;
         UPDATE usage_event SET quantity = 7 WHERE quantity = 4 AND seq > {after} AND seq <= {upto}
           AND at >= {from} * 1000000 AND at < {to} * 1000000;
         UPDATE rollup SET sum = sum + 3 WHERE customer = {row} AND sum = 9;
         CREATE TRIGGER usage_event_is_immutable BEFORE UPDATE ON usage_event
BEGIN SELECT RAISE(ABORT, 'usage is append-only: record a counter-entry'); END",
        row = TAMPERED + 1,
        after = tampered.after_seq,
        upto = tampered.upto_seq,
        from = now - HOUR_S,
        to = now - HOUR_S + 1,
    ));
    plot.record(&[(10, plot.stage.now().0 - 60, 6)]);
    // Hours later: one delivery was taken a moment ago, one hour is not over.
    plot.stage.pass(3 * HOUR_S);
    let now = plot.stage.now().0;
    plot.record(&[(FRESH, now - 300, 12)]);
    plot.push_of(Some(FRESH));
    plot.record(&[(OPEN, now - 60, 2)]);
    vec![
        (name(MOVED_IN), Cause::HeldBefore, hour, 25, vec![]),
        (name(CANCELED), Cause::SpanChanged, 0, 5, vec![canceled.delivery]),
        (name(TAMPERED), Cause::ValueDiffers, 0, -3, vec![tampered.delivery]),
        whole(&waiting, 9, Cause::InFlight, waiting.value),
        whole(&cut_off, CUT_OFF, Cause::InFlight, 0),
        (name(10), Cause::NotSent, 0, -6, vec![]),
    ]
}

/// Events concerned are those of the deliveries that are named.
fn covered_events_are_counted(plot: &Plot, outcome: &Outcome) {
    let events: BTreeMap<i64, i64> =
        plot.deliveries().into_iter().map(|it| (it.delivery, it.events)).collect();
    for it in &outcome.findings {
        let covered: i64 = match it.cause {
            // Where no delivery stands for it here; and of a window that an end cut in two, what is before it.
            Cause::NotSent | Cause::SpanChanged => 1,
            Cause::WrongCustomer if it.difference > 0 => 0,
            _ => it.deliveries.iter().map(|delivery| events[delivery]).sum(),
        };
        assert_eq!(it.events, covered, "{it:?}");
    }
}

/// Two equal readings, the time to settle apart, prove absence; the numbers stay; what was sent again is closed.
fn again_until_nothing_is_lost(plot: &Plot, want: &BTreeSet<Named>) {
    let numbers = |outcome: &Outcome| -> BTreeMap<i64, Cause> {
        outcome.findings.iter().map(|it| (it.finding, it.cause)).collect()
    };
    let soon = plot.reconcile();
    assert_eq!(soon.lost, Vec::<i64>::new(), "a second look a moment later proves nothing");
    plot.stage.pass(900);
    let proved = plot.reconcile();
    assert_eq!(numbers(&soon), numbers(&proved), "one number for one place");
    let of = |causes: &[Cause]| -> BTreeSet<i64> {
        let at_stripe = want.iter().filter(|it| it.2 != 0 && it.3 < 0 && causes.contains(&it.1));
        at_stripe.flat_map(|it| it.4.clone()).collect()
    };
    let gone = of(&[Cause::Lost, Cause::Rejected]);
    assert_eq!(proved.lost.iter().copied().collect::<BTreeSet<_>>(), gone);
    let states: BTreeSet<i64> = plot
        .deliveries()
        .into_iter()
        .filter(|it| it.progress.state == State::Lost && it.evidence.is_some())
        .filter(|it| it.customer_id != name(TWICE))
        .map(|it| it.delivery)
        .collect();
    assert_eq!(states, gone);
    plot.stage.no_faults();
    repaired_to_the_end(plot);
}

/// One repair does all that can be done, a second one nothing; then each meter counts what was recorded, but for what was
/// corrected in money, or is refused and said to be.
fn repaired_to_the_end(plot: &Plot) {
    let ask = repair::Ask { correct: true, settle_s: 900, ..repair::Ask::default() };
    let planned = || {
        let machine = plot.again();
        block_on(repair::plan(&machine.desk(), &ask)).unwrap()
    };
    plot.stage.pass(900);
    let shown = planned();
    let refused: BTreeSet<String> = refused_of(&shown).into_iter().map(|(customer, _)| customer).collect();
    assert_eq!(refused, [4, 5].map(name).into(), "two people's usage is for a person");
    let of = |customer: usize| {
        let its = shown.iter().find(|it| it.shown.customer == Some(name(customer))).unwrap();
        (its.shown.action, its.shown.quantity, its.shown.amount.map(|it| it.minor))
    };
    assert_eq!(of(9), ("send", Some(0), Some(0)), "Stripe has what is in flight, and counts it once");
    assert_eq!(of(CUT_OFF), ("send", Some(14), Some(700)));
    assert_eq!(of(QUIET), ("correct", Some(0), Some(-200)), "it has the price of its tier");
    assert_eq!(of(MOVED_IN), ("correct", Some(0), Some(-1_250)));
    // What is carried out is what was shown, and it is found again by its look alone.
    let steps = planned();
    repair::check(&steps, &repair::fingerprint(&shown)).unwrap();
    let to_do = steps.iter().filter(|it| it.is_to_do()).count();
    let machine = plot.again();
    let done = block_on(repair::apply(&machine.desk(), steps)).unwrap();
    assert_eq!(done.steps.iter().filter(|it| it.is_to_do()).count(), to_do, "{:?}", done.problems);
    let again = planned();
    assert!(again.iter().all(|it| !it.is_to_do()), "a second repair writes nothing: {again:?}");
    plot.push();
    plot.stage.pass(3 * HOUR_S);
    let after = plot.reconcile();
    let causes: BTreeSet<Cause> = after.findings.iter().map(|it| it.cause).collect();
    let left = [
        Cause::WrongCustomer,
        Cause::SentTwice,
        Cause::ForeignSender,
        Cause::HeldBefore,
        // Taken back, it could not be sent again: its invoice is final.
        Cause::SpanChanged,
    ];
    assert_eq!(causes, left.into());
    let left = planned();
    assert!(left.iter().all(|it| !it.is_to_do()), "{left:?}");
    let refused: BTreeSet<i64> = refused_of(&left).into_iter().map(|(_, finding)| finding).collect();
    let mut differences: BTreeMap<String, i64> = BTreeMap::new();
    for it in &after.findings {
        let corrected = it.ack.as_ref().is_some_and(|why| why.starts_with("corrected in money"));
        assert!(corrected != refused.contains(&it.finding), "{it:?}");
        // What came after the end stays where nothing bills it; what belongs before it was corrected.
        let stays = if it.cause == Cause::SpanChanged { it.recorded } else { it.difference };
        *differences.entry(it.customer_id.clone()).or_default() += stays;
    }
    let mut meters: BTreeMap<String, i64> = BTreeMap::new();
    for it in &after.compared {
        *meters.entry(it.target.pair.customer_id.clone()).or_default() += it.stripe - it.recorded;
    }
    assert_eq!(meters.len(), CUSTOMERS);
    meters.retain(|_, difference| *difference != 0);
    assert_eq!(meters, differences, "every other meter counts what was recorded");
    plot.sound();
}

/// Whose finding is left to a person.
fn refused_of(steps: &[repair::Step]) -> Vec<(String, i64)> {
    let refused = steps.iter().filter(|it| it.shown.refused.is_some());
    refused.map(|it| (it.shown.customer.clone().unwrap(), it.shown.finding.unwrap())).collect()
}
