use rusqlite::params;

use super::*;
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::terms;
use crate::billing::time::{LATEST, Timestamp};
use crate::store::fresh::fresh;
use crate::store::span::spans_rebuild;
use crate::store::{Store, StoreError};

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A store with meters `1` tokens (priced) and `2` mails (local), customer `acme`, and the revisions named in `TIERS`.
struct World {
    _folder: tempfile::TempDir,
    store: Store,
    customer: CustomerRow,
}

const TIERS: &[(&str, &str)] = &[
    ("free", r#"{"currency":"usd","usage":{"tokens":{"beyond":"block","included":100}}}"#),
    ("pro", r#"{"currency":"usd","usage":{"tokens":{"beyond":"bill","included":10,"price":"0.5"}}}"#),
    (
        "coin",
        r#"{"currency":"usd","usage":{"tokens":{"beyond":"credits","credits_per":{"credits":3,"units":10},"included":100}}}"#,
    ),
    (
        "dear",
        r#"{"currency":"usd","usage":{"tokens":{"beyond":"credits","credits_per":{"credits":3,"units":10},"included":90}}}"#,
    ),
    ("all", r#"{"currency":"usd","usage":{"tokens":{"unlimited":true}}}"#),
];

impl World {
    fn new() -> World {
        let now = at("2026-03-01");
        let (folder, store) = fresh(now);
        let customer = store
            .write(now, |w| {
                w.conn.execute_batch(
                    "INSERT INTO meter VALUES (1, 'tokens', 'tokens', 'mtr_1', 'Tokens', 'token', 'hour', 1), \
                     (2, 'mails', 'mails', NULL, 'Mails', 'mail', 'hour', 0)",
                )?;
                for (tier, json) in TIERS {
                    let sql = "INSERT INTO revision VALUES (?1, ?2, ?3, 0, 1)";
                    w.conn.execute(sql, params![tier, terms::digest(json), json])?;
                    let sql = "INSERT INTO revision_price VALUES (?1, ?2, 'usage.tokens', 'price_1')";
                    w.conn.execute(sql, params![tier, terms::digest(json)])?;
                }
                let customer = w.customer_insert(&CustomerId::parse("acme").unwrap(), Some("a@example.com"), None)?;
                w.customer_link(customer, "cus_1")?;
                w.conn.execute(
                    "INSERT INTO subscription VALUES ('sub_1', ?1, 'incomplete', 'charge_automatically', 'usd', 0, 0, \
                     NULL, NULL, NULL, NULL, 0, NULL)",
                    [customer.0],
                )?;
                Ok::<_, crate::store::StoreError>(customer)
            })
            .unwrap();
        World { _folder: folder, store, customer }
    }

    fn assign(&self, tier: &str, from: &str, to: Option<&str>, anchor: &str) {
        let json = TIERS.iter().find(|it| it.0 == tier).unwrap().1;
        let sub = (tier == "pro").then_some("sub_1");
        self.store
            .write(at("2026-03-01"), |w| {
                w.conn.execute(
                    "INSERT INTO tier_assignment (customer, tier, digest, sub, from_at, to_at, anchor_at, run, actor, \
                     host) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 'me', 'here')",
                    params![
                        self.customer.0,
                        tier,
                        terms::digest(json),
                        sub,
                        at(from).0,
                        to.map(|to| at(to).0),
                        at(anchor).0
                    ],
                )?;
                spans_rebuild(w, self.customer, at(from))
            })
            .unwrap();
    }

    fn grant(&self, credits: i64) {
        use crate::billing::ledger::{Expiry, LotKind};
        use crate::billing::money::Credits;
        use crate::store::ledger::{Grant, Note};
        let (customer, kind, expires) = (self.customer, LotKind::Bonus, Expiry::Never);
        let grant = Grant { customer, kind, credits: Credits(credits), expires, note: Note::default() };
        self.store.write(at("2026-03-01"), |w| w.ledger_grant(&grant)).unwrap();
    }

    fn credits_left(&self) -> i64 {
        let left = self.store.read(|r| r.ledger_balance(self.customer, at("2026-03-01")));
        left.unwrap().available.0
    }

    fn event(&self, id: Option<&'static str>, quantity: i64, text: &str) -> NewEvent<'static> {
        NewEvent {
            id: id.map(|id| EventId::of_caller(id).unwrap().0),
            name: id,
            customer: self.customer,
            meter: MeterRow(1),
            content: Content { quantity, at: at(text).micros(), action: None, user: None },
            at_given: true,
            line: None,
        }
    }

    fn append(&self, events: &[NewEvent<'_>]) -> Vec<Appended> {
        let mut cache = UsageCache::default();
        self.store.write(at("2026-03-01"), |w| usage_append(w, &mut cache, events)).unwrap()
    }

    fn spans(&self) -> Vec<String> {
        let spans = self.store.read(|r| r.span_list(self.customer, None, Timestamp(0), LATEST)).unwrap();
        spans
            .into_iter()
            .map(|(meter, _, it)| {
                let word = it.treatment.exempt().map_or("billed", |reason| reason.as_str());
                format!("{} {}..{} {word}", meter.0, it.from, it.to).replace("T00:00:00Z", "")
            })
            .collect()
    }

    fn sums(&self) -> Vec<(i64, i64)> {
        self.store
            .read(|r| {
                let mut rows =
                    r.conn.prepare("SELECT sum, events FROM rollup ORDER BY customer, meter, day, span")?;
                let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok::<_, crate::store::StoreError>(rows.collect::<rusqlite::Result<Vec<_>>>()?)
            })
            .unwrap()
    }

    fn check(&self) {
        for finding in self.store.read(|r| r.checks_run()).unwrap() {
            assert_eq!(finding.breaches, Vec::<String>::new(), "{}", finding.says);
        }
    }
}

fn words(done: &[Appended]) -> Vec<&'static str> {
    done.iter()
        .map(|it| match it {
            Appended::New { over_quota: false, .. } => "new",
            Appended::New { over_quota: true, .. } => "over",
            Appended::Known { .. } => "known",
            Appended::Conflict { .. } => "conflict",
        })
        .collect()
}

#[test]
fn an_id_has_one_effect() {
    let world = World::new();
    world.assign("pro", "2026-01-15", None, "2026-01-15");
    let a = world.event(Some("a"), 5, "2026-02-01");
    let b = world.event(Some("b"), 7, "2026-02-01T00:59:59Z");
    assert_eq!(words(&world.append(&[a.clone(), b.clone(), a.clone()])), ["new", "new", "known"]);
    let other = world.event(Some("a"), 6, "2026-02-01");
    let later = world.event(Some("a"), 5, "2026-02-02");
    let untimed = NewEvent { at_given: false, ..later.clone() };
    let named = NewEvent { content: Content { user: Some("u"), ..a.content }, ..a.clone() };
    let elsewhere = NewEvent { meter: MeterRow(2), ..a.clone() };
    let done = world.append(&[b, other, later, untimed, named, elsewhere]);
    assert_eq!(words(&done), ["known", "conflict", "conflict", "known", "conflict", "new"]);
    assert_eq!(world.sums(), [(12, 2), (5, 1)]);
    let counted = world.event(None, 1, "2026-02-03");
    let counted = NewEvent { name: None, ..counted };
    assert_eq!(words(&world.append(&[counted.clone(), counted.clone()])), ["new", "new"]);
    assert_eq!(words(&world.append(&[counted])), ["new"], "each record without an id counts");
    world.check();
}

/// The numbers of ids are in every store: another way to make them would find none of the ids that are there.
#[test]
fn the_number_of_an_id_never_changes() {
    let id = EventId(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210_u128.to_be_bytes());
    assert_eq!(id_key(id, MeterRow(7)), 40_992_764_220_329_415);
    assert_eq!(id_key(EventId([0xff; 16]), MeterRow(1)) >> 31, 0xffff_ffff, "never negative");
}

/// Two ids of meter 1 with one number, and one with the next number; found by search.
pub(crate) const CROWD: [u128; 3] = [670_075, 2_764_729, 1_442_936];

#[test]
fn ids_with_one_number_are_told_apart() {
    let ids = CROWD.map(|id| EventId(id.to_be_bytes()));
    let keys = ids.map(|id| id_key(id, MeterRow(1)));
    assert_eq!((keys[1], keys[2]), (keys[0], keys[0] + 1));
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for together in [3, 2, 1] {
            let world = World::new();
            let event = |place: usize, quantity| NewEvent {
                id: Some(ids[place]),
                name: None,
                ..world.event(None, quantity, "2026-02-01")
            };
            let events = order.map(|place| event(place, 5));
            for part in events.chunks(together) {
                let done = world.append(part);
                assert!(words(&done).iter().all(|it| *it == "new"), "{order:?} {together}: {done:?}");
            }
            let others = order.map(|place| event(place, 6));
            let again: Vec<NewEvent<'_>> = events.iter().chain(&others).cloned().collect();
            let want = ["known", "known", "known", "conflict", "conflict", "conflict"];
            assert_eq!(words(&world.append(&again)), want, "{order:?} {together}");
            for (place, seq) in order.into_iter().zip(1..) {
                let found = world.store.read(|r| r.usage_with_id(ids[place])).unwrap();
                assert_eq!(found.iter().map(|it| it.seq).collect::<Vec<_>>(), [seq]);
            }
            world.check();
        }
    }
}

#[test]
fn crowded_ids_among_many_and_twice() {
    let world = World::new();
    let of = |id: u128, quantity| NewEvent {
        id: Some(EventId(id.to_be_bytes())),
        name: None,
        ..world.event(None, quantity, "2026-02-01")
    };
    let [a, b, c] = CROWD;
    assert_eq!(words(&world.append(&[of(a, 1)])), ["new"]);
    let mut events: Vec<NewEvent<'_>> = (1..=200).map(|id| of(id << 80, 1)).collect();
    events.extend([of(b, 1), of(c, 1), of(b, 1), of(b, 2), of(a, 1), of(c, 2)]);
    let done = world.append(&events);
    assert_eq!(words(&done)[200..], ["new", "new", "known", "conflict", "known", "conflict"]);
    assert!(words(&done)[..200].iter().all(|it| *it == "new"));
    assert_eq!(world.sums(), [(203, 203)]);
    world.check();
}

#[test]
fn groups_larger_than_a_statement() {
    let world = World::new();
    let events: Vec<NewEvent<'_>> = (0..1_000)
        .map(|n| {
            let id = EventId::of_caller(&format!("e{}", n % 700)).unwrap().0;
            NewEvent { id: Some(id), name: None, ..world.event(None, 1 + n % 700, "2026-02-01") }
        })
        .collect();
    let done = world.append(&events);
    assert_eq!(words(&done).iter().filter(|it| **it == "new").count(), 700);
    assert_eq!(words(&done).iter().filter(|it| **it == "known").count(), 300);
    assert_eq!(world.sums(), [((1..=700).sum(), 700)]);
    world.check();
}

#[test]
fn spans_and_rollups_follow_history() {
    let world = World::new();
    world.append(&[
        world.event(None, 1, "2026-01-14T23:00:00Z"),
        world.event(None, 2, "2026-01-15T00:00:00Z"),
        world.event(None, 4, "2026-02-14T23:59:59Z"),
        world.event(None, 8, "2026-02-15T00:00:00Z"),
        world.event(None, 16, "2026-02-20T10:30:00Z"),
        world.event(None, 32, "2026-02-20T10:30:01Z"),
    ]);
    assert_eq!(world.spans(), ["1 2000-01-01..2100-01-01 no_tier"]);
    assert_eq!(world.sums().len(), 5);
    world.assign("free", "2026-01-15", Some("2026-02-20T10:30:01Z"), "2026-01-15");
    assert_eq!(
        world.spans(),
        [
            "1 2000-01-01..2026-01-15 no_tier",
            "1 2026-01-15..2026-02-15 block",
            "1 2026-02-15..2026-02-20T10:30:01Z block",
            "1 2026-02-20T10:30:01Z..2100-01-01 no_tier",
        ]
    );
    world.check();
    world.assign("pro", "2026-02-20T10:30:01Z", None, "2026-02-20T10:30:01Z");
    assert_eq!(world.spans()[3], "1 2026-02-20T10:30:01Z..2026-03-20T10:30:01Z billed");
    let sums: Vec<i64> = world.sums().into_iter().map(|it| it.0).collect();
    assert_eq!(sums, [1, 2, 4, 8, 16, 32], "the hour of the change has two rollups");
    world.check();
    let again =
        world.store.write(at("2026-03-01"), |w| spans_rebuild(w, world.customer, Timestamp(0))).unwrap();
    assert_eq!((again, world.spans().len()), (6, 4), "made anew from nothing it is the same");
    world.check();
}

#[test]
fn usage_beyond_a_block_is_recorded_and_flagged() {
    let world = World::new();
    world.assign("free", "2026-01-15", None, "2026-01-15");
    let event = |quantity, time| world.event(None, quantity, time);
    let first = world.append(&[event(60, "2026-02-01"), event(40, "2026-02-02"), event(1, "2026-01-20")]);
    assert_eq!(words(&first), ["new", "new", "over"], "in the order of recording");
    assert_eq!(words(&world.append(&[event(100, "2026-02-15"), event(1, "2026-02-16")])), ["new", "over"]);
    let twice = world.event(Some("x"), 1, "2026-02-17");
    assert_eq!(words(&world.append(&[twice.clone(), twice])), ["over", "known"]);
    world.check();
}

#[test]
fn usage_beyond_costs_credits_in_whole_packages() {
    let world = World::new();
    world.assign("coin", "2026-01-15", None, "2026-01-15");
    let state = || {
        let start = at("2026-01-15");
        let r = |r: &Reader<'_>| {
            let it = r.usage_credit(world.customer, MeterRow(1), start)?.unwrap_or_default();
            Ok::<_, crate::store::StoreError>((it.beyond, it.due, it.posted))
        };
        let (beyond, due, posted) = world.store.read(r).unwrap();
        (beyond, due, posted, world.credits_left())
    };
    world.grant(7);
    let event = |quantity| world.event(None, quantity, "2026-02-01");
    for (events, flags, want) in [
        (vec![event(100)], vec!["new"], (0, 0, 0, 7)),
        (vec![event(1), event(9)], vec!["new", "new"], (10, 3, 3, 4)),
        (vec![event(1), event(10)], vec!["new", "over"], (21, 9, 7, 0)),
        (vec![event(1)], vec!["over"], (22, 9, 7, 0)),
    ] {
        assert_eq!((words(&world.append(&events)), state()), (flags, want));
        world.check();
    }
    world.grant(10);
    // What was uncovered stays so: a later grant is for what comes after it. The package that it began is not paid.
    assert_eq!((words(&world.append(&[event(8)])), state()), (vec!["over"], (30, 9, 7, 10)));
    assert_eq!((words(&world.append(&[event(1)])), state()), (vec!["new"], (31, 12, 10, 7)));
    let next = world.event(None, 105, "2026-02-15");
    assert_eq!(
        (words(&world.append(&[next])), state()),
        (vec!["new"], (31, 12, 10, 4)),
        "a new period starts anew"
    );
    world.check();
}

#[test]
fn an_event_that_is_known_already_takes_no_credits() {
    let world = World::new();
    world.assign("coin", "2026-01-15", None, "2026-01-15");
    let event = world.event(Some("a"), 110, "2026-02-01");
    assert_eq!(words(&world.append(std::slice::from_ref(&event))), ["over"]);
    world.grant(5);
    assert_eq!(words(&world.append(&[event])), ["known"]);
    assert_eq!(world.credits_left(), 5, "what was uncovered waits for new usage");
    world.check();
}

#[test]
fn usage_that_was_unlimited_never_costs_credits_afterwards() {
    for priced in [1, 0] {
        let world = World::new();
        let sql = "UPDATE meter SET priced = ?1";
        let set =
            world.store.write(at("2026-03-01"), |w| Ok::<_, StoreError>(w.conn.execute(sql, [priced])?));
        set.unwrap();
        world.assign("all", "2026-01-15", Some("2026-02-01"), "2026-01-15");
        world.assign("coin", "2026-02-01", None, "2026-01-15");
        world.grant(50);
        let events = [world.event(None, 9_000, "2026-01-20"), world.event(None, 60, "2026-02-02")];
        assert_eq!(words(&world.append(&events)), ["new", "new"]);
        assert_eq!(words(&world.append(&[world.event(None, 41, "2026-02-03")])), ["new"]);
        assert_eq!(world.credits_left(), 47, "of 101 units one is beyond: one package");
        world.check();
    }
}

#[test]
fn a_change_of_tier_in_a_trial_charges_late_usage_once() {
    let world = World::new();
    world.assign("coin", "2026-01-15", Some("2026-01-20"), "2026-02-14");
    world.assign("dear", "2026-01-20", None, "2026-02-14");
    world.grant(50);
    world.append(&[world.event(None, 110, "2026-01-21")]);
    assert_eq!(world.credits_left(), 44, "20 beyond");
    world.append(&[world.event(None, 1, "2026-01-16")]);
    world.append(&[world.event(None, 9, "2026-01-22")]);
    assert_eq!(world.credits_left(), 41, "30 beyond in all");
    world.check();
}

/// Others wait while a transaction is open: what it asks and writes is prepared before. Whatever is compiled inside takes
/// longer than the writing.
#[test]
fn nothing_is_prepared_while_others_wait() {
    use std::sync::{Arc, Mutex};

    use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

    let mut world = World::new();
    world.assign("pro", "2026-03-01", Some("2026-03-05"), "2026-03-01");
    world.assign("free", "2026-03-05", Some("2026-03-10"), "2026-03-05");
    world.assign("coin", "2026-03-10", None, "2026-03-10");
    world.grant(1_000);
    // Armed; inside a transaction; what was prepared there.
    let seen = Arc::new(Mutex::new((false, false, Vec::new())));
    let told = Arc::clone(&seen);
    let hook = move |it: AuthContext<'_>| {
        let mut seen = told.lock().unwrap();
        match it.action {
            AuthAction::Transaction { operation } => {
                seen.1 = seen.0 && operation == TransactionOperation::Begin
            }
            action if seen.1 => seen.2.push(format!("{action:?}")),
            _ => {}
        }
        Authorization::Allow
    };
    world.store.connection().authorizer(Some(hook)).unwrap();
    let (customer, meter) = (CustomerId::parse("acme").unwrap(), MeterKey::parse("tokens").unwrap());
    for (day, id, words) in [
        ("2026-03-02", None, None),
        ("2026-03-03", Some("a-1"), Some(("chat", "mia"))),
        ("2026-03-04", Some("a-2"), Some(("chat", "bo"))),
        ("2026-03-06", None, None),
        ("2026-03-11", None, None),
    ] {
        let event = NewEvent {
            content: Content {
                action: words.map(|it| it.0),
                user: words.map(|it| it.1),
                ..world.event(id, 7, day).content
            },
            ..world.event(id, 7, day)
        };
        let mut cache = UsageCache::default();
        let to_come = ToCome {
            customer: &customer,
            meter: &meter,
            at: at(day),
            has_id: id.is_some(),
            action: event.content.action,
            user: event.content.user,
        };
        // Each as by a process of its own.
        world.store.connection().flush_prepared_statement_cache();
        world.store.usage_ready(&mut cache, &to_come).unwrap();
        seen.lock().unwrap().0 = true;
        let done = world.store.write(at("2026-03-12"), |w| {
            w.reader().customer_by_id(&customer)?;
            w.reader().meter_row("tokens")?;
            let done = usage_append(w, &mut cache, &[event])?;
            w.run_end(&crate::store::run::Ending {
                exit: 0,
                seconds: 0,
                wrote: None,
                calls: None,
                verdict: None,
            })?;
            Ok::<_, StoreError>(done)
        });
        assert!(matches!(done.unwrap()[..], [Appended::New { .. }]), "{day}");
        let mut seen = seen.lock().unwrap();
        assert_eq!(std::mem::take(&mut seen.2), Vec::<String>::new(), "{day}");
        seen.0 = false;
    }
}
