//! Received events over a real store.

use super::*;
use crate::billing::inbox::ATTEMPTS_MAX;
use crate::billing::time::DAY_S;
use crate::store::Store;
use crate::store::fresh::fresh;

const NOW: Timestamp = Timestamp(1_772_323_200);

fn store() -> (tempfile::TempDir, Store) {
    fresh(NOW)
}

fn arrival(event: &str, created: i64) -> Arrival {
    Arrival {
        event: event.to_owned(),
        thin: false,
        kind: "invoice.paid".to_owned(),
        created: Timestamp(created),
        source: Source::Endpoint,
        object: Some("in_1".to_owned()),
        cus: Some("cus_1".to_owned()),
        body: b"{}".to_vec(),
        ignored: None,
        unhandled: false,
    }
}

fn put(store: &Store, it: &Arrival) -> Arrived {
    store.write(NOW, |w| w.inbox_put(it)).unwrap()
}

fn claim(store: &Store, now: Timestamp) -> Option<InboxEvent> {
    store.write(now, |w| w.inbox_claim(None)).unwrap()
}

fn sound(store: &Store) {
    for it in store.read(|r| r.checks_run()).unwrap() {
        assert!(it.breaches.is_empty(), "{} {}: {:?}", it.number, it.says, it.breaches);
    }
}

#[test]
fn an_event_is_stored_once_and_stays_as_it_came() {
    let (_folder, store) = store();
    assert_eq!(put(&store, &arrival("evt_1", 5)), Arrived::New);
    assert_eq!(put(&store, &Arrival { body: b"other".to_vec(), ..arrival("evt_1", 9) }), Arrived::Known);
    assert_eq!(put(&store, &Arrival { unhandled: true, ..arrival("evt_2", 5) }), Arrived::Unhandled);
    let foreign = Arrival { ignored: Some("of another account"), ..arrival("evt_3", 5) };
    assert_eq!(put(&store, &foreign), Arrived::Ignored);
    let (list, all) = store.read(|r| r.inbox_list(&InboxFilter::default(), 2)).unwrap();
    assert_eq!((list.len(), all), (2, 3));
    let body = |event: &str| store.read(|r| r.inbox_body(r.inbox_find(event)?.unwrap().seq)).unwrap();
    assert_eq!(body("evt_1").as_deref(), Some(&b"{}"[..]));
    assert_eq!(body("evt_3"), None, "nothing of another account is kept");
    for sql in ["UPDATE inbox SET body = x'00'", "UPDATE inbox SET type = 'x'", "DELETE FROM inbox"] {
        let changed = store.write(NOW, |w| Ok::<_, StoreError>(w.conn.execute(sql, [])?));
        assert!(changed.is_err(), "{sql}");
    }
    sound(&store);
}

#[test]
fn a_claim_is_counted_before_anything_is_done() {
    let (_folder, store) = store();
    for (event, created) in [("evt_2", 7), ("evt_1", 5)] {
        put(&store, &arrival(event, created));
    }
    let first = claim(&store, NOW).unwrap();
    assert_eq!((first.event.as_str(), first.attempts, first.state), ("evt_1", 1, State::Handling));
    // Its process dies: whoever holds the lock next has it again, and the attempt counts.
    let again = claim(&store, NOW).unwrap();
    assert_eq!((again.event.as_str(), again.attempts), ("evt_1", 2));
    store.write(NOW, |w| w.inbox_release(again.seq)).unwrap();
    let third = claim(&store, NOW).unwrap();
    assert_eq!((third.event.as_str(), third.attempts), ("evt_1", 2), "a release is no attempt");
    store.write(NOW, |w| w.inbox_done(third.seq, None, "nothing")).unwrap();
    let twice = store.write(NOW, |w| w.inbox_done(third.seq, None, "nothing"));
    assert!(twice.is_err(), "an effect that is not claimed is not committed");
    assert_eq!(claim(&store, NOW).unwrap().event, "evt_2");
    sound(&store);
}

#[test]
fn an_event_that_keeps_failing_is_given_up_and_can_be_replayed() {
    let (_folder, store) = store();
    put(&store, &arrival("evt_1", 5));
    let mut now = NOW;
    for attempt in 1..=ATTEMPTS_MAX {
        let it = claim(&store, now).unwrap();
        assert_eq!(it.attempts, attempt);
        let state = store.write(now, |w| w.inbox_failed(it.seq, it.attempts, "no\nway")).unwrap();
        assert_eq!(state == State::Dead, attempt == ATTEMPTS_MAX);
        assert!(claim(&store, now).is_none(), "it waits, or is given up");
        now = store.read(|r| r.inbox_next_attempt()).unwrap().unwrap_or(now);
        sound(&store);
    }
    let counts = store.read(|r| r.inbox_counts()).unwrap();
    assert_eq!((counts.dead, counts.waiting, counts.failed), (1, 0, 0));
    let it = store.read(|r| r.inbox_find("evt_1")).unwrap().unwrap();
    assert_eq!(it.last_error.as_deref(), Some("no way"));
    assert_eq!(store.write(now, |w| w.inbox_replay(&[it.seq])).unwrap(), 1);
    assert_eq!(claim(&store, now).unwrap().attempts, 1);
    sound(&store);
}

#[test]
fn an_event_that_kills_its_process_is_given_up_too() {
    let (_folder, store) = store();
    put(&store, &arrival("evt_1", 5));
    for attempt in 1..=ATTEMPTS_MAX {
        assert_eq!(claim(&store, NOW).unwrap().attempts, attempt);
    }
    assert!(claim(&store, NOW).is_none());
    assert_eq!(store.read(|r| r.inbox_counts()).unwrap().dead, 1);
    sound(&store);
}

#[test]
fn bodies_go_after_their_time_and_only_of_what_is_done() {
    let (_folder, store) = store();
    for event in ["evt_1", "evt_2"] {
        put(&store, &arrival(event, 5));
    }
    let first = claim(&store, NOW).unwrap();
    store.write(NOW, |w| w.inbox_done(first.seq, None, "nothing")).unwrap();
    for (days, dropped) in [(89, 0), (91, 1), (91, 0)] {
        let at = NOW.plus(days * DAY_S);
        assert_eq!(store.write(at, |w| w.inbox_bodies_drop()).unwrap(), dropped, "{days}");
    }
    sound(&store);
}

#[test]
fn filters_meet() {
    let (_folder, store) = store();
    put(&store, &arrival("evt_1", 5));
    put(&store, &Arrival { kind: "customer.updated".to_owned(), ..arrival("evt_2", 9) });
    for (kind, since, state, want) in [
        (None, None, None, &["evt_2", "evt_1"][..]),
        (Some("invoice.*"), None, None, &["evt_1"]),
        (Some("customer.updated"), None, None, &["evt_2"]),
        (None, Some(6), None, &["evt_2"]),
        (None, None, Some(State::New), &["evt_2", "evt_1"]),
        (None, None, Some(State::Dead), &[]),
    ] {
        let filter =
            InboxFilter { kind: kind.map(str::to_owned), since: since.map(Timestamp), customer: None, state };
        let (list, _) = store.read(|r| r.inbox_list(&filter, 10)).unwrap();
        let told: Vec<&str> = list.iter().map(|it| it.event.as_str()).collect();
        assert_eq!(told, want, "{kind:?} {since:?} {state:?}");
    }
}

#[test]
fn every_open_event_is_found_by_an_index() {
    let (_folder, store) = store();
    let plan = store
        .read(|r| {
            let sql = "EXPLAIN QUERY PLAN SELECT seq FROM inbox WHERE state IN ('new', 'handling', 'failed')
                       AND (next_attempt IS NULL OR next_attempt <= 1) ORDER BY created_at, seq LIMIT 1";
            Ok::<String, StoreError>(r.conn.query_row(sql, [], |row| row.get(3))?)
        })
        .unwrap();
    assert!(plan.contains("inbox_open"), "{plan}");
}
