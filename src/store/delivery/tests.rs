//! Deliveries over a real store: usage recorded by its own path, spans made by its own rules.

use proptest::prelude::*;
use rusqlite::params;

use super::*;
use crate::billing::delivery::{Reply, VALUE_MAX, next};
use crate::billing::terms;
use crate::billing::time::{DAY_S, HOUR_S, Micros, SECOND_US};
use crate::billing::usage::Content;
use crate::store::fresh::fresh;
use crate::store::span::spans_rebuild;
use crate::store::usage::{NewEvent, UsageCache, usage_append};
use crate::store::{Store, StoreError};

/// 2026-03-01T00:00:00Z, the anchor of the only subscription.
const START: Timestamp = Timestamp(1_772_323_200);
const TERMS: &[(&str, &str)] = &[
    ("pro", r#"{"currency":"usd","usage":{"tokens":{"beyond":"bill","included":10,"price":"0.5"}}}"#),
    ("max", r#"{"currency":"usd","usage":{"tokens":{"beyond":"bill","included":99,"price":"0.4"}}}"#),
    ("free", r#"{"currency":"usd","usage":{"tokens":{"beyond":"block","included":100}}}"#),
];

struct World {
    _folder: tempfile::TempDir,
    store: Store,
}

impl World {
    fn new() -> World {
        let (folder, store) = fresh(START);
        store
            .write(START, |w| {
                w.conn.execute_batch(
                    "INSERT INTO meter VALUES (1, 'tokens', 'tokens', 'mtr_1', 'Tokens', 'token', 'hour', 1);
                     INSERT INTO customer VALUES (1, 'acme', 'cus_1', 'a@example.com', NULL, 0, 1);
                     INSERT INTO subscription VALUES ('sub_1', 1, 'active', 'charge_automatically', 'usd', 0, 0, NULL, NULL, NULL, NULL, 0, NULL);",
                )?;
                for (tier, json) in TERMS {
                    let digest = terms::digest(json);
                    w.conn.execute("INSERT INTO revision VALUES (?1, ?2, ?3, 0, 1)", params![tier, digest, json])?;
                    let price = format!("price_{tier}");
                    let sql = "INSERT INTO revision_price VALUES (?1, ?2, 'usage.tokens', ?3)";
                    w.conn.execute(sql, params![tier, digest, price])?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let world = World { _folder: folder, store };
        world.assign("pro", START);
        world
    }

    fn assign(&self, tier: &str, from: Timestamp) {
        let json = TERMS.iter().find(|it| it.0 == tier).unwrap().1;
        self.store
            .write(from, |w| {
                w.conn.execute("UPDATE tier_assignment SET to_at = ?1 WHERE to_at IS NULL", [from.0])?;
                w.conn.execute(
                    "INSERT INTO tier_assignment (customer, tier, digest, sub, from_at, anchor_at, run, actor, host)
                     VALUES (1, ?1, ?2, 'sub_1', ?3, ?4, 1, 'me', 'here')",
                    params![tier, terms::digest(json), from.0, START.0],
                )?;
                spans_rebuild(w, CustomerRow(1), from)
            })
            .unwrap();
    }

    fn record(&self, after_s: i64, quantity: i64) {
        let at = Micros((START.0 + after_s) * SECOND_US + 999_999);
        let event = NewEvent {
            id: None,
            name: None,
            customer: CustomerRow(1),
            meter: MeterRow(1),
            content: Content { quantity, at, action: None, user: None },
            at_given: true,
            line: None,
        };
        self.store.write(START, |w| usage_append(w, &mut UsageCache::default(), &[event])).unwrap();
    }

    fn window(&self, word: &str) {
        self.sql(&format!("UPDATE meter SET window = '{word}'"));
    }

    fn sql(&self, sql: &str) {
        self.store
            .write(START, |w| {
                w.conn.execute_batch(sql)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    fn form(&self, now: Timestamp, which: Which) -> FormDone {
        let ask = FormAsk { customer: None, meter: None, which, grace_s: HOUR_S, deliveries_max: 1000 };
        self.store
            .write(now, |w| {
                w.delivery_refresh(HOUR_S)?;
                w.pair_refresh()?;
                w.delivery_form(&ask, None)
            })
            .unwrap()
    }

    /// `0-1h (0,2] 2x=11 due` for each delivery.
    fn shown(&self) -> Vec<String> {
        let list = self.store.read(|r| r.delivery_list(&DeliveryFilter::default(), 1000)).unwrap().0;
        let hours = |at: Timestamp| {
            let s = at.since(START);
            if s % HOUR_S == 0 { format!("{}h", s / HOUR_S) } else { format!("{s}s") }
        };
        let one = |it: &Delivery| {
            let (from, to) = (hours(it.from), hours(it.to));
            format!(
                "{from}-{to} ({},{}] {}x={} {}",
                it.after_seq, it.upto_seq, it.events, it.value, it.progress.state
            )
        };
        list.iter().map(one).collect()
    }

    /// All checks hold; and each event is covered once, exempt, or still to be formed.
    fn sound(&self) {
        let found = self.store.read(|r| r.checks_run()).unwrap();
        for it in found {
            let own = !matches!(it.number, "I26");
            assert!(
                !own || it.breaches.is_empty(),
                "{} {}: {:?}\n{:?}",
                it.number,
                it.says,
                it.breaches,
                self.shown()
            );
        }
    }

    fn claim(&self, delivery: i64, now: Timestamp) -> Claiming {
        self.store.write(now, |w| w.delivery_claim(delivery)).unwrap()
    }

    fn answer(&self, sending: &Sending, reply: Reply, now: Timestamp) -> State {
        let progress = next(&sending.claimed, reply, false, now, 0);
        self.store.write(now, |w| w.delivery_settle(sending.delivery, &progress, &Note::default())).unwrap();
        progress.state
    }
}

fn sending(claiming: Claiming) -> Sending {
    match claiming {
        Claiming::Send(sending) => *sending,
        other => panic!("{other:?}"),
    }
}

#[test]
fn late_usage_of_an_hour_makes_a_second_delivery_of_it() {
    let world = World::new();
    for (after_s, quantity) in [(10, 5), (20, 6), (HOUR_S, 7)] {
        world.record(after_s, quantity);
    }
    let now = START.plus(DAY_S);
    assert_eq!(world.form(now, Which::All).due, 2);
    assert_eq!(world.form(now, Which::All), FormDone::default(), "a second time there is nothing");
    world.record(30, 1);
    assert_eq!(world.form(now, Which::All).due, 1);
    assert_eq!(world.shown(), ["0h-1h (0,2] 2x=11 due", "1h-2h (0,3] 1x=7 due", "0h-1h (2,4] 1x=1 due"]);
    world.sound();
}

#[test]
fn tick_waits_for_the_end_of_a_window_unless_the_period_ends() {
    let world = World::new();
    world.record(10, 5);
    assert_eq!(world.form(START.plus(60), Which::Closed).due, 0);
    world.sound();
    assert_eq!(world.form(START.plus(HOUR_S), Which::Closed).due, 1);
    world.record(31 * DAY_S - 60, 5);
    assert_eq!(
        world.form(START.plus(31 * DAY_S - 30), Which::Closed).due,
        1,
        "the last hour of March goes out"
    );
    world.sound();
}

#[test]
fn a_swap_takes_back_what_was_not_sent_and_ends_the_grace_of_what_stays() {
    let world = World::new();
    world.record(10, 5);
    world.record(HOUR_S + 10, 6);
    world.record(HOUR_S + 1800, 7);
    let now = START.plus(2 * HOUR_S);
    assert_eq!(world.form(now, Which::All).due, 2);
    let first = sending(world.claim(1, now));
    assert_eq!(world.answer(&first, Reply::Accepted, now), State::Accepted);
    // In the middle of the second hour the price changed; the change arrives before its delivery is sent.
    world.assign("max", START.plus(HOUR_S + 900));
    world.form(now, Which::All);
    assert_eq!(
        world.shown(),
        [
            "0h-1h (0,1] 1x=5 accepted",
            "1h-2h (0,3] 2x=13 cancelled",
            "1h-4500s (0,2] 1x=6 due",
            "4500s-2h (0,3] 1x=7 due"
        ]
    );
    world.sound();
    assert_eq!(world.claim(3, now), Claiming::Gave(State::Late), "the swap's invoice is out");
    assert!(matches!(world.claim(4, now), Claiming::Send(_)));
}

/// Planted and seen to fail here: deadlines looked at again for those that are due alone.
#[test]
fn a_swap_ends_the_grace_of_what_a_dead_process_left_in_flight() {
    let world = World::new();
    world.record(10, 5);
    let now = START.plus(HOUR_S);
    world.form(now, Which::All);
    let _dead = sending(world.claim(1, now));
    world.assign("max", START.plus(900));
    world.form(now, Which::All);
    assert_eq!(
        world.claim(1, now),
        Claiming::Gave(State::Unknown),
        "the swap's invoice is out: it is not sent again"
    );
    world.sound();
}

/// Planted and seen to fail here: a rollup taken whole beside an event that leaves no room for it in one value.
#[test]
fn the_largest_values_are_cut_between_events() {
    let world = World::new();
    world.window("day");
    for (after_s, quantity) in [(10, 1), (HOUR_S, VALUE_MAX - 1), (20, 1)] {
        world.record(after_s, quantity);
    }
    world.form(START.plus(DAY_S), Which::All);
    assert_eq!(world.shown().len(), 2);
    world.sound();
}

#[test]
fn a_dead_process_leaves_a_row_that_goes_out_again_with_the_same_identifier() {
    let world = World::new();
    world.record(10, 5);
    world.form(START.plus(60), Which::All);
    let first = sending(world.claim(1, START.plus(60)));
    let queue = world.store.read(|r| r.delivery_queue(None, None, None, 1_000)).unwrap();
    assert!(queue.len() == 1 && queue[0].dead);
    let again = sending(world.claim(1, START.plus(120)));
    assert_eq!((&again.identifier, &again.idempotency_key), (&first.identifier, &first.idempotency_key));
    assert_eq!(again.claimed.earlier_indefinite, Some(START.plus(60)));
    assert_eq!(world.answer(&again, Reply::ServerError(1), START.plus(121)), State::Due);
    world.store.write(START.plus(122), |w| w.delivery_hurry(None)).unwrap();
    let third = sending(world.claim(1, START.plus(122)));
    assert_eq!(third.identifier, first.identifier);
    assert_ne!(third.idempotency_key, first.idempotency_key, "a stored 5xx is not asked for again");
    world.sound();
    let _ = world.answer(&third, Reply::Indefinite, START.plus(130));
    world.store.write(START, |w| w.delivery_hurry(None)).unwrap();
    assert_eq!(world.claim(1, START.plus(60 + 23 * HOUR_S)), Claiming::Gave(State::Unknown));
    world.sound();
}

/// Read in parts, the queue is the same; what the reader itself has in flight by then is not in a later part.
#[test]
fn a_queue_that_is_read_in_parts_leaves_nothing_out() {
    let world = World::new();
    for hour in 0..7 {
        world.record(hour * HOUR_S, 1);
    }
    world.form(START.plus(DAY_S), Which::All);
    // 5 is a dead process's. 2 and 4 end sooner than the others, 4 first.
    sending(world.claim(5, START.plus(60)));
    world.sql("UPDATE delivery SET must_arrive_by = must_arrive_by - delivery WHERE delivery IN (2, 4)");
    let part = |after: Option<&Queued>, most| {
        world.store.read(|r| r.delivery_queue(None, None, after, most)).unwrap()
    };
    let numbers = |part: &[Queued]| part.iter().map(|it| it.delivery).collect::<Vec<_>>();
    let whole = part(None, 1_000);
    assert_eq!(numbers(&whole), [5, 4, 2, 1, 3, 6, 7]);
    for most in 1..=7 {
        let mut read = part(None, most);
        loop {
            let next = part(read.last(), most);
            if next.is_empty() {
                break;
            }
            read.extend(next);
        }
        assert_eq!(read, whole, "{most} at a time");
    }
    assert_eq!(world.store.read(|r| r.delivery_waiting(None, None)).unwrap(), 7);
}

#[test]
fn what_stripe_holds_from_before_is_not_sent_again() {
    let world = World::new();
    world.sql(&format!(
        "INSERT INTO opening VALUES (1, 1, {}, 8, 0, 1), (1, 1, {}, 100, 0, 1)",
        START.0 / 3600,
        START.0 / 3600 + 1
    ));
    world.record(10, 5);
    world.record(20, 6);
    world.record(HOUR_S, 7);
    let done = world.form(START.plus(DAY_S), Which::All);
    assert_eq!((done.due, done.closed, done.opening), (1, 1, 15));
    assert_eq!(world.shown(), ["0h-1h (0,2] 2x=3 due", "1h-2h (0,3] 1x=0 closed"]);
    world.sound();
    // The first is taken back: what it used is there again, so the part that Stripe holds is not sent later either.
    world.assign("max", START.plus(15));
    world.form(START.plus(DAY_S), Which::All);
    assert_eq!(world.shown()[2..], ["0h-15s (0,1] 1x=0 closed", "15s-1h (0,2] 1x=3 due"]);
    world.sound();
}

#[test]
fn a_successor_takes_window_and_range_with_another_identifier() {
    let world = World::new();
    world.record(10, 5);
    let late = START.plus(32 * DAY_S);
    world.form(late, Which::All);
    assert_eq!(world.claim(1, late), Claiming::Gave(State::Late));
    let old = world.store.read(|r| r.delivery_get(1)).unwrap().unwrap();
    let open = world.store.read(|r| r.span_billable_at(&old, late, HOUR_S)).unwrap();
    let (period, price, by) = open.unwrap();
    assert_eq!(by, period.period_end.plus(HOUR_S));
    assert_eq!((period.period_start, price.as_str()), (START.plus(31 * DAY_S), "price_pro"), "April is open");
    let retry = Retry { timestamp: late, into: None, must_arrive_by: late.plus(DAY_S) };
    let made = world.store.write(late, |w| w.delivery_replace(&old, &retry, &old.price)).unwrap();
    assert_eq!(made, Retried { old: 1, new: 2 });
    assert_eq!(world.form(late, Which::All), FormDone::default(), "the successor covers the events");
    assert_eq!(world.shown(), ["0h-1h (0,1] 1x=5 replaced", "0h-1h (0,1] 1x=5 due"]);
    world.sound();
}

#[test]
fn what_is_not_known_to_be_at_stripe_covers_nothing_once_a_store_learns_what_stripe_holds() {
    let world = World::new();
    for hour in 0..3 {
        world.record(hour * HOUR_S, 5);
    }
    world.form(START.plus(DAY_S), Which::All);
    let cut = sending(world.claim(1, START.plus(DAY_S)));
    world.answer(&cut, Reply::Indefinite, START.plus(DAY_S));
    let _dead = sending(world.claim(2, START.plus(DAY_S)));
    world.store.write(START.plus(DAY_S), |w| w.delivery_forget("asked Stripe")).unwrap();
    assert!(world.shown().iter().all(|it| it.ends_with("cancelled")), "{:?}", world.shown());
    world.sound();
    world.form(START.plus(DAY_S), Which::All);
    assert_eq!(world.shown().iter().filter(|it| it.ends_with("due")).count(), 3, "all of it is formed anew");
    world.sound();
}

/// However many deliveries there are, what asks for the few that still need something reads those alone: by the very index,
/// and what the index holds is said word for word as the questions say it, or SQLite would prove nothing by it.
///
/// Planted and seen to fail here: the states of `ENDED` in another order; a list of states instead.
#[test]
fn open_deliveries_are_found_by_their_index() {
    let world = World::new();
    let of_index = |name: &str| {
        let sql = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1";
        let text =
            world.store.read(|r| Ok::<String, StoreError>(r.conn.query_row(sql, [name], |row| row.get(0))?));
        let text = text.unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        format!("({})", text.split_once(" WHERE ").unwrap().1)
    };
    assert_eq!(of_index("delivery_open"), OPEN);
    assert_eq!(of_index("delivery_ended"), ENDED);
    for (index, sql) in [
        (
            "delivery_open",
            format!("SELECT delivery FROM delivery WHERE {OPEN} AND state IN ('due', 'sending')"),
        ),
        (
            "delivery_open",
            format!("SELECT d.delivery FROM delivery d JOIN meter m USING (meter) WHERE {OPEN}"),
        ),
        (
            "delivery_open",
            format!("SELECT EXISTS (SELECT 1 FROM delivery WHERE {OPEN} AND state IN ('due', 'sending'))"),
        ),
        ("delivery_open", format!("UPDATE delivery SET next_attempt = NULL WHERE {OPEN} AND state = 'due'")),
        ("delivery_ended", format!("SELECT COUNT(*) FROM delivery WHERE {ENDED} GROUP BY meter")),
        ("delivery_ended", format!("SELECT delivery FROM delivery INDEXED BY delivery_ended WHERE {ENDED}")),
    ] {
        let plan = world.store.read(|r| {
            let mut rows = r.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let rows = rows.query_map([], |row| row.get::<_, String>(3))?;
            Ok::<_, StoreError>(rows.collect::<rusqlite::Result<Vec<_>>>()?.join("; "))
        });
        let plan = plan.unwrap();
        assert!(plan.contains(&format!("INDEX {index}")), "{sql}: {plan}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Record(i64, i64),
    Form(&'static str),
    Answer(u8),
    Assign(&'static str, i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let window = prop_oneof![Just("each"), Just("minute"), Just("hour"), Just("day")];
    let tier = prop_oneof![Just("pro"), Just("max"), Just("free")];
    let step = prop_oneof![
        6 => (0..3 * DAY_S, 1..100_i64).prop_map(|(at, quantity)| Step::Record(at, quantity)),
        3 => window.prop_map(Step::Form),
        2 => (0..4_u8).prop_map(Step::Answer),
        1 => (tier, 1..DAY_S).prop_map(|(tier, step)| Step::Assign(tier, step)),
    ];
    proptest::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]
    /// Planted and seen to fail here or above: whole rollups taken beside an earlier delivery, a pair forgotten when the
    /// watermark moved, an upto_seq one short, what a taken-back delivery used of an opening kept, no second look at what is
    /// due, a pair put aside while a window was open.
    #[test]
    fn every_schedule_leaves_the_books_sound(steps in steps()) {
        let world = World::new();
        let now = START.plus(4 * DAY_S);
        let mut from = START;
        for step in steps.into_iter().chain([Step::Form("hour")]) {
            match step {
                Step::Record(at, quantity) => world.record(at, quantity),
                Step::Form(window) => { world.window(window); world.form(now, Which::All); }
                Step::Assign(tier, step) => { from = from.plus(step); world.assign(tier, from); }
                Step::Answer(which) => {
                    let queue = world.store.read(|r| r.delivery_queue(None, None, None, 1_000)).unwrap();
                    let Some(first) = queue.iter().find(|it| it.next_attempt.is_none()) else { continue };
                    if let Claiming::Send(it) = world.claim(first.delivery, now) {
                        let reply = [Reply::Accepted, Reply::Refused, Reply::Indefinite, Reply::NothingHappened][usize::from(which)];
                        world.answer(&it, reply, now);
                    }
                }
            }
            world.sound();
        }
        let uncovered = world.store.read(|r| r.usage_uncovered(None, None, 0, now)).unwrap();
        prop_assert!(uncovered.is_empty(), "{uncovered:?}");
    }
}

/// Planted and seen to fail here: a claim that looks at the deadline alone.
#[test]
fn what_is_invoiced_already_is_late_though_its_grace_lasts() {
    for (reason, status, claimable) in [
        ("subscription_cycle", "open", false),
        ("subscription_cycle", "paid", false),
        ("subscription_cycle", "draft", true),
        // Rates no usage.
        ("subscription_update", "paid", true),
    ] {
        let world = World::new();
        world.record(31 * DAY_S - 60, 5);
        let now = START.plus(31 * DAY_S + 600);
        assert_eq!(world.form(now, Which::All).due, 1);
        let end = START.0 + 31 * DAY_S;
        world.sql(&format!(
            "INSERT INTO invoice (invoice, customer, sub, status, reason, currency, total, amount_due, amount_paid,
                                  created_at, usage_from, usage_to, seen_at)
             VALUES ('in_1', 1, 'sub_1', '{status}', '{reason}', 'usd', 0, 0, 0, {end}, {}, {end}, 0)",
            START.0
        ));
        match world.claim(1, now) {
            Claiming::Send(_) => assert!(claimable, "{reason} {status}"),
            other => {
                assert_eq!(other, Claiming::Gave(State::Late));
                assert!(!claimable, "{reason} {status}");
            }
        }
        world.sound();
    }
}
