//! Comparing everybody in several runs, and following usage to the bill.

use std::collections::BTreeSet;

use paygrade::billing::reconcile::{Cause, Class};
use paygrade::billing::time::{DAY_S, HOUR_S, MINUTE_S};
use paygrade::flow::reconcile::{self, Outcome};
use paygrade::store::CustomerRow;
use serde_json::json;

use crate::desk::{START, block_on};
use crate::plot::{CUSTOMERS, OLD, Plot, name};

/// The one for whom the usage of another is counted.
const MISTAKEN: usize = 17;

/// A walk over all customers in two parts: what one lacks was read by the first run, what another has too much by the
/// second. Both are named as one mistake, and as nothing else.
///
/// Planted and seen to fail here: findings of the run before left out of the matching; what they were called left open.
#[test]
fn a_wrong_customer_is_named_over_all_parts_of_a_walk() {
    let plot = Plot::new(0);
    let (lacks, has) = (2, MISTAKEN);
    plot.stage.pass(DAY_S);
    let everybody: Vec<(usize, i64, i64)> =
        (0..CUSTOMERS).map(|it| (it, START + 3 * HOUR_S + i64::try_from(it).unwrap() * 60, 20)).collect();
    plot.record(&everybody);
    let due = plot.form();
    let row = CustomerRow(i64::try_from(lacks).unwrap() + 1);
    let moved = due.iter().find(|it| it.customer == row).unwrap();
    plot.fault(moved, json!("lose_meter_event"));
    plot.push();
    plot.foreign(has, moved.timestamp.0, moved.value);
    plot.stage.pass(HOUR_S);
    let walk = |calls_max: Option<u64>, restart: bool| {
        let (machine, clock) = (plot.again(), plot.clock());
        let desk = reconcile::Desk { store: &machine.store, api: &machine.api, clock: &clock };
        let ask = reconcile::Ask { calls_max, restart, ..Plot::ask(true) };
        block_on(reconcile::reconcile(&desk, &ask)).unwrap()
    };
    // Sixteen sums at once, and just enough for a closer look at the one that differs among them.
    let is_close = |it: &Outcome| it.findings.iter().any(|it| it.range.to.since(it.range.from) == MINUTE_S);
    let first = (17..60).map(|calls| walk(Some(calls), true)).find(is_close).unwrap();
    let named = |it: &Outcome| -> Vec<(String, Cause)> {
        let named = it.findings.iter().map(|it| (it.customer_id.clone(), it.cause));
        named.collect()
    };
    assert_eq!(named(&first), [(name(lacks), Cause::Lost)]);
    assert!(first.done.skipped > 0, "{:?}", first.done);
    let wrong = vec![(name(lacks), Cause::WrongCustomer), (name(has), Cause::WrongCustomer)];
    let ended = walk(None, false);
    assert!(ended.carried > 0);
    let mut both = named(&ended);
    both.sort();
    assert_eq!(both, wrong);
    assert!(ended.findings.iter().all(|it| it.deliveries == [moved.delivery]), "{:?}", ended.findings);
    let details: BTreeSet<_> = ended.findings.iter().filter_map(|it| it.detail.clone()).collect();
    assert_eq!(
        details,
        [format!("counted for {}", name(has)), format!("it is usage of {}", name(lacks))].into()
    );
    let open = plot.machine.store.read(|r| r.finding_open_count()).unwrap();
    assert_eq!(open, 2, "what they were called before is gone");
    // A walk in one part says the same.
    assert_eq!(named(&walk(None, false)), wrong);
    plot.sound();
}

/// Usage of one that was counted for another without usage of its own, whom only a run of everything asks about: a run that asks
/// about what has changed reads the one half, and both stay what they were.
///
/// Planted and seen to fail here: the half that was not asked about left out, so that the other was called lost.
#[test]
fn a_mistaken_customer_stays_one_where_its_other_half_is_not_asked_about() {
    let plot = Plot::new(0);
    plot.stage.pass(DAY_S);
    plot.record(&[(2, START + 3 * HOUR_S, 20), (3, START + 3 * HOUR_S, 10)]);
    let due = plot.form();
    let moved = due.iter().find(|it| it.customer == CustomerRow(3)).unwrap();
    plot.fault(moved, json!("lose_meter_event"));
    plot.push();
    plot.foreign(MISTAKEN, moved.timestamp.0, moved.value);
    plot.stage.pass(HOUR_S);
    let look = |full: bool| {
        let (machine, clock) = (plot.again(), plot.clock());
        let desk = reconcile::Desk { store: &machine.store, api: &machine.api, clock: &clock };
        let found = block_on(reconcile::reconcile(&desk, &Plot::ask(full))).unwrap();
        let mut named: Vec<_> =
            found.findings.iter().map(|it| (it.finding, it.customer_id.clone(), it.cause)).collect();
        named.sort();
        (named, found.closed, found.lost)
    };
    let (first, _, _) = look(true);
    let causes: Vec<Cause> = first.iter().map(|it| it.2).collect();
    assert_eq!(causes, [Cause::WrongCustomer; 2], "{first:?}");
    for _ in 0..2 {
        plot.stage.pass(HOUR_S);
        assert_eq!(look(false), (first.clone(), vec![], vec![]));
    }
    // A run that looks at both says the same.
    assert_eq!(look(true).0, first);
    plot.sound();
}

/// The same where the second half was read when hardly a call was left: it is not called finished, and the next run looks
/// closer and names both.
///
/// Planted and seen to fail here: what was read coarsely marked as noted, so that the walk ends with it; what was read coarsely
/// called resolved, when it was read closer.
#[test]
fn what_was_read_coarsely_is_read_again_by_the_next_part_of_a_walk() {
    let plot = Plot::new(0);
    let (lacks, has) = (2, MISTAKEN);
    plot.stage.pass(DAY_S);
    let everybody: Vec<(usize, i64, i64)> =
        (0..CUSTOMERS).map(|it| (it, START + 3 * HOUR_S + i64::try_from(it).unwrap() * 60, 20)).collect();
    plot.record(&everybody);
    let due = plot.form();
    let row = CustomerRow(i64::try_from(lacks).unwrap() + 1);
    let moved = due.iter().find(|it| it.customer == row).unwrap();
    plot.fault(moved, json!("lose_meter_event"));
    plot.push();
    plot.foreign(has, moved.timestamp.0, moved.value);
    plot.stage.pass(HOUR_S);
    let walk = |calls_max: Option<u64>, restart: bool| {
        let (machine, clock) = (plot.again(), plot.clock());
        let desk = reconcile::Desk { store: &machine.store, api: &machine.api, clock: &clock };
        let ask = reconcile::Ask { calls_max, restart, ..Plot::ask(true) };
        block_on(reconcile::reconcile(&desk, &ask)).unwrap()
    };
    let named = |it: &Outcome| -> Vec<(String, Cause)> {
        let mut named: Vec<_> = it.findings.iter().map(|it| (it.customer_id.clone(), it.cause)).collect();
        named.sort();
        named
    };
    // Every sum is asked, and one of the two is not looked into to its end.
    let is_coarse = |it: &Outcome| it.done.skipped == 0 && it.coarse() == 1;
    let first = (19..60).map(|calls| walk(Some(calls), true)).find(is_coarse).unwrap();
    let stopped = first.stopped.as_ref().unwrap();
    assert!(stopped.message().starts_with("1 that differ were read coarsely"), "{stopped:?}");
    let wrong = [(name(lacks), Cause::WrongCustomer), (name(has), Cause::WrongCustomer)];
    assert_ne!(named(&first), wrong);
    let ended = walk(None, false);
    assert_eq!((ended.coarse(), named(&ended)), (0, wrong.to_vec()));
    assert!(ended.stopped.is_none() && ended.carried == CUSTOMERS - 1, "{}", ended.carried);
    assert_eq!(plot.machine.store.read(|r| r.finding_open_count()).unwrap(), 2, "the coarse one is gone");
    // Nothing is resolved: one was seen more exactly, the other has another name.
    let now: Vec<i64> = ended.continued.iter().flat_map(|(_, now)| now.clone()).collect();
    assert_eq!((ended.closed.len(), ended.continued.len(), now.len()), (0, 2, 2), "{ended:?}");
    assert!(ended.findings.iter().all(|it| now.contains(&it.finding)), "{ended:?}");
    plot.sound();
}

/// Usage that Stripe counts when the invoice is final is charged by none: the bill differs from the meter, by one number
/// over all runs, until somebody acknowledges it.
#[test]
fn a_bill_that_lacks_what_the_meter_counts_is_a_finding() {
    let plot = Plot::new(26 * DAY_S);
    plot.stage.pass(2 * DAY_S);
    plot.record(&[(OLD, START + 27 * DAY_S, 20)]);
    plot.push();
    let follow = || plot.follow();
    assert!(follow().followed.is_empty(), "no period is over");
    // The draft of the renewal takes usage for an hour.
    plot.stage.pass(3 * DAY_S + HOUR_S / 2);
    let draft = follow();
    let classes = |it: &reconcile::Through| it.followed.iter().map(|it| it.billed.class).collect::<Vec<_>>();
    assert_eq!(classes(&draft), [Class::Match]);
    plot.stage.pass(2 * HOUR_S);
    plot.foreign(OLD, START + 28 * DAY_S, 6);
    let first = follow();
    assert_eq!(classes(&first), [Class::Missing]);
    let it = &first.findings[0];
    assert_eq!((it.cause, it.difference, it.stripe, it.sent), (Cause::Invoice, -6, Some(26), 20));
    let number = it.finding;
    // A look at the sums has its own finding and leaves this one alone.
    let sums = plot.reconcile();
    assert!(sums.findings.iter().any(|it| it.cause == Cause::ForeignSender) && sums.closed.is_empty());
    // The meter has six units too many and the bill lacks them: six units, not twelve.
    assert_eq!(plot.alerted(), [6]);
    let again = follow();
    assert_eq!(again.findings.iter().map(|it| it.finding).collect::<Vec<_>>(), [number]);
    plot.machine.store.write(plot.stage.now(), |w| w.finding_acknowledge(number, "credited")).unwrap();
    assert_eq!(follow().kind(), None);
}
