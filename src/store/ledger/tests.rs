use super::*;
use crate::billing::id::CustomerId;
use crate::store::checks::Finding;
use crate::store::fresh::fresh;
use crate::store::{Reader, Result, Store, StoreError, Writer};

const NOW: Timestamp = Timestamp(1_800_000_000);
const ACME: CustomerRow = CustomerRow(1);
const BETA: CustomerRow = CustomerRow(2);

struct World {
    store: Store,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        let (folder, store) = fresh(NOW);
        let world = World { store, _folder: folder };
        world.write(NOW, |w| {
            for id in ["acme", "beta"] {
                w.customer_insert(&CustomerId::parse(id).unwrap(), None, None).unwrap();
            }
        });
        world
    }
    fn write<T>(&self, now: Timestamp, work: impl FnOnce(&Writer<'_>) -> T) -> T {
        self.store.write(now, |w| Ok::<_, StoreError>(work(w))).unwrap()
    }
    fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> T) -> T {
        self.store.read(|r| Ok::<_, StoreError>(work(r))).unwrap()
    }
    fn grant(&self, now: Timestamp, grant: &Grant<'_>) -> Outcome {
        self.write(now, |w| w.ledger_grant(grant)).unwrap()
    }
    fn consume(&self, now: Timestamp, credits: i64) -> Outcome {
        self.write(now, |w| w.ledger_consume(&spend(credits))).unwrap()
    }
    /// Names of broken ledger invariants.
    fn broken(&self) -> Vec<&'static str> {
        let found: Vec<Finding> = self.read(|r| r.checks_run()).unwrap();
        let ours = CHECKS.iter().map(|check| check.says);
        ours.filter(|says| found.iter().any(|it| it.says == *says && !it.breaches.is_empty())).collect()
    }
    fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        let range = LedgerRange::default();
        let each = |row: LedgerRow| {
            rows.push(format!(
                "{} {} {} {:+}={}",
                row.customer, row.lot.0, row.kind, row.credits, row.balance_after
            ));
            Ok::<_, StoreError>(())
        };
        self.read(|r| r.ledger_each(&range, each)).unwrap();
        rows
    }
}

fn lot(credits: i64) -> Grant<'static> {
    let (kind, credits) = (LotKind::Bonus, Credits(credits));
    Grant { customer: ACME, kind, credits, expires: Expiry::Never, note: Note::default() }
}

fn spend(credits: i64) -> Consume<'static> {
    Consume { customer: ACME, credits: Credits(credits), action: None, note: Note::default() }
}

fn posted(outcome: Outcome) -> Posted {
    match outcome {
        Outcome::Posted(posted) => posted,
        other => panic!("not posted: {other:?}"),
    }
}

#[test]
fn a_life_in_the_store() {
    let world = World::new();
    posted(world.grant(NOW, &Grant { kind: LotKind::Purchase, ..lot(100) }));
    posted(world.grant(NOW, &Grant { kind: LotKind::Trial, expires: Expiry::At(NOW.plus(60)), ..lot(10) }));
    posted(world.grant(NOW, &Grant { customer: BETA, ..lot(7) }));
    let spent = posted(world.consume(NOW.plus(1), 4));
    assert_eq!((spent.balance_after, spent.entries.len(), spent.entries[0].lot), (Credits(106), 1, LotId(2)));
    // Until the trial is written off its rest is in the ledger, but it cannot be spent.
    let standing = world.read(|r| r.ledger_balance(ACME, NOW.plus(60))).unwrap();
    assert_eq!(
        (standing.available, standing.purchased, standing.bonus),
        (Credits(100), Credits(100), Credits(0))
    );
    assert_eq!(
        world.consume(NOW.plus(60), 101),
        Outcome::Short(Shortfall { required: Credits(101), available: Credits(100) })
    );
    assert_eq!(world.rows().len(), 4, "a refusal writes nothing, not even what has expired");
    posted(world.consume(NOW.plus(60), 30));
    assert_eq!(
        world.rows(),
        [
            "acme 1 purchase +100=100",
            "acme 2 trial +10=110",
            "beta 3 bonus +7=7",
            "acme 2 usage -4=106",
            "acme 2 expire -6=100",
            "acme 1 usage -30=70",
        ]
    );
    assert_eq!(world.broken(), [""; 0]);
}

#[test]
fn every_row_says_who_where_and_why() {
    let world = World::new();
    posted(world.grant(NOW, &Grant { note: Note { source_id: Some("pi_1"), ..Note::default() }, ..lot(5) }));
    let action = ActionKey::parse("export").unwrap();
    let consume =
        Consume { action: Some(&action), note: Note { reason: Some("own"), ..Note::default() }, ..spend(2) };
    posted(world.write(NOW, |w| w.ledger_consume(&consume)).unwrap());
    let mut rows = Vec::new();
    let range = LedgerRange { customer: Some(ACME), ..LedgerRange::default() };
    let each = |row: LedgerRow| -> Result<()> {
        rows.push(row);
        Ok(())
    };
    world.read(|r| r.ledger_each(&range, each)).unwrap();
    let first = LedgerRow {
        at: NOW,
        entry: 1,
        customer: "acme".to_owned(),
        kind: "bonus",
        credits: 5,
        moved: Credits(5),
        accounts: (crate::billing::ledger::Account::Granted, crate::billing::ledger::Account::Available),
        lot_kind: LotKind::Bonus,
        balance_after: Credits(5),
        lot: LotId(1),
        source_id: Some("pi_1".to_owned()),
        action: None,
        reason: Some("because".to_owned()),
        reference: Some("T-1".to_owned()),
        actor: "tester".to_owned(),
        host: "testhost".to_owned(),
        key: None,
        run: 1,
    };
    assert_eq!(rows[0], first);
    assert_eq!((rows[1].action.as_deref(), rows[1].reason.as_deref()), (Some("export"), Some("own")));
    let people = world.write(NOW, |w| {
        let sql = "SELECT at || ' ' || entry || ' ' || customer || ' ' || kind || ' ' || credits || ' ' || balance_after FROM v_ledger";
        let mut statement = w.conn.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(std::result::Result::unwrap).collect::<Vec<String>>()
    });
    assert_eq!(people, ["2027-01-15T08:00:00Z 1 acme bonus 5 5", "2027-01-15T08:00:00Z 2 acme usage -2 3"]);
}

#[test]
fn ranges_are_half_open_and_of_one_customer() {
    let world = World::new();
    for seconds in 0..4 {
        posted(world.grant(NOW.plus(seconds), &lot(1)));
        posted(world.grant(NOW.plus(seconds), &Grant { customer: BETA, ..lot(1) }));
    }
    for (customer, from, to, want) in [
        (None, None, None, 8),
        (Some(ACME), None, None, 4),
        (Some(ACME), Some(1), Some(3), 2),
        (None, Some(3), None, 2),
        (None, None, Some(0), 0),
    ] {
        let at = |seconds: Option<i64>| seconds.map(|seconds| NOW.plus(seconds));
        let range = LedgerRange { customer, from: at(from), to: at(to) };
        let mut count = 0;
        let each = |_: LedgerRow| -> Result<()> {
            count += 1;
            Ok(())
        };
        world.read(|r| r.ledger_each(&range, each)).unwrap();
        assert_eq!(count, want, "{range:?}");
    }
}

#[test]
fn a_key_has_one_effect() {
    let world = World::new();
    let (key, other) = (Key::parse("order-1").unwrap(), Key::parse("order-2").unwrap());
    let note = Note { key: Some(&key), ..Note::default() };
    let keyed = Grant { note, ..lot(50) };
    let first = posted(world.grant(NOW, &keyed));
    posted(world.consume(NOW, 20));
    assert_eq!(world.grant(NOW.plus(9), &keyed), Outcome::Known(first), "the first answer, also later");
    for different in [
        Grant { credits: Credits(51), ..keyed },
        Grant { customer: BETA, ..keyed },
        Grant { kind: LotKind::Purchase, ..keyed },
        Grant { expires: Expiry::At(NOW.plus(99)), ..keyed },
        Grant { note: Note { reason: Some("other"), ..note }, ..keyed },
        Grant { note: Note { source_id: Some("pi_2"), ..note }, ..keyed },
    ] {
        let Outcome::Conflict(used) = world.grant(NOW, &different) else { panic!("{different:?}") };
        assert_eq!((used.posting, used.credits, used.customer.as_str()), (1, Credits(50), "acme"));
    }
    // The same key for a spending is a conflict too.
    let consume = Consume { note, ..spend(50) };
    assert!(matches!(world.write(NOW, |w| w.ledger_consume(&consume)).unwrap(), Outcome::Conflict(_)));
    // What was refused has not used its key up.
    let consume = Consume { note: Note { key: Some(&other), ..Note::default() }, ..spend(31) };
    let ask = |at| world.write(at, |w| w.ledger_consume(&consume)).unwrap();
    assert!(matches!(ask(NOW), Outcome::Short(_)));
    posted(world.grant(NOW, &lot(1)));
    let spent = posted(ask(NOW));
    assert_eq!(ask(NOW), Outcome::Known(spent));
    assert_eq!(world.rows().len(), 5, "two lots of two grants, one spending, one of two lots");
    assert_eq!(world.broken(), [""; 0]);
}

#[test]
fn an_actions_price_is_not_part_of_its_key() {
    let world = World::new();
    posted(world.grant(NOW, &lot(50)));
    let (key, action) = (Key::parse("job-1").unwrap(), ActionKey::parse("export").unwrap());
    let consume =
        Consume { action: Some(&action), note: Note { key: Some(&key), ..Note::default() }, ..spend(10) };
    let first = posted(world.write(NOW, |w| w.ledger_consume(&consume)).unwrap());
    let dearer = Consume { credits: Credits(12), ..consume };
    assert_eq!(world.write(NOW, |w| w.ledger_consume(&dearer)).unwrap(), Outcome::Known(first));
}

#[test]
fn a_clock_that_steps_back_revives_nothing() {
    let world = World::new();
    posted(world.grant(NOW, &Grant { expires: Expiry::At(NOW.plus(60)), ..lot(10) }));
    posted(world.grant(NOW.plus(60), &lot(5)));
    let back = NOW.plus(-86_400);
    assert_eq!(world.read(|r| r.ledger_balance(ACME, back)).unwrap().available, Credits(5));
    assert!(matches!(world.consume(back, 6), Outcome::Short(_)));
    assert_eq!(posted(world.consume(back, 5)).at, NOW.plus(60));
    assert_eq!(world.broken(), [""; 0]);
}

#[test]
fn refusals_are_values() {
    let world = World::new();
    let past = Grant { expires: Expiry::At(NOW), ..lot(1) };
    assert_eq!(world.grant(NOW, &past), Outcome::Expiry(BadExpiry::Past(NOW)));
    for _ in 0..1_000 {
        posted(world.grant(NOW, &lot(1_000_000_000_000)));
    }
    assert!(matches!(world.grant(NOW, &lot(1)), Outcome::TooMuch(_)));
    assert_eq!(world.rows().len(), 1_000);
}

#[test]
fn lots_expire_once() {
    let world = World::new();
    posted(world.grant(NOW, &Grant { expires: Expiry::At(NOW.plus(60)), ..lot(10) }));
    let expire = |at| world.write(at, |w| w.ledger_expire(ACME)).unwrap().pop();
    assert_eq!(expire(NOW.plus(59)), None);
    assert_eq!(
        expire(NOW.plus(60)).map(|it| (it.credits, it.balance_after)),
        Some((Credits(10), Credits(0)))
    );
    assert_eq!(expire(NOW.plus(61)), None);
    assert_eq!(world.broken(), [""; 0]);
}

#[test]
fn the_schema_and_the_rules_name_the_same_movements() {
    let world = World::new();
    let mut rows = world.write(NOW, |w| {
        let mut statement =
            w.conn.prepare("SELECT movement, from_account, to_account FROM ledger_movement").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(std::result::Result::unwrap).collect::<Vec<(String, String, String)>>()
    });
    let mut rules: Vec<_> = Movement::ALL
        .into_iter()
        .map(|it| {
            let (from, to) = it.accounts();
            (it.as_str().to_owned(), from.as_str().to_owned(), to.as_str().to_owned())
        })
        .collect();
    rows.sort();
    rules.sort();
    assert_eq!(rows, rules);
}

/// Whatever is tried behind the rules' back, the schema itself says no.
#[test]
fn the_schema_refuses_what_the_rules_would_not_do() {
    let world = World::new();
    posted(world.grant(
        NOW,
        &Grant { note: Note { key: Some(&Key::parse("k").unwrap()), ..Note::default() }, ..lot(10) },
    ));
    posted(world.consume(NOW, 4));
    posted(world.grant(NOW, &Grant { customer: BETA, ..lot(5) }));
    let posting = |movement: &str, credits: i64, more: &str| {
        format!(
            "INSERT INTO ledger_posting (customer, movement, credits, at, run, actor, host{}) VALUES (1, '{movement}', {credits}, 1, 1, 'a', 'h'{})",
            if more.is_empty() { "" } else { ", hold" },
            if more.is_empty() { String::new() } else { format!(", {more}") }
        )
    };
    let entry = |posting: i64, customer: i64, lot: i64, credits: i64, balance: i64, held: i64| {
        format!(
            "INSERT INTO ledger_entry (posting, customer, lot, credits, balance_after, held_after) VALUES ({posting}, {customer}, {lot}, {credits}, {balance}, {held})"
        )
    };
    let usage = |e: String| format!("{}; {e}", posting("usage", 3, ""));
    for (sql, want) in [
        ("UPDATE ledger_posting SET credits = 11 WHERE posting = 1".to_owned(), "append-only"),
        ("UPDATE ledger_posting SET reason = 'x'".to_owned(), "append-only"),
        ("DELETE FROM ledger_posting WHERE posting = 3".to_owned(), "append-only"),
        ("UPDATE ledger_entry SET balance_after = 11".to_owned(), "append-only"),
        ("DELETE FROM ledger_entry".to_owned(), "append-only"),
        ("INSERT OR REPLACE INTO ledger_posting SELECT * FROM ledger_posting WHERE posting = 3".to_owned(), "append-only"),
        ("INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry WHERE entry = 3".to_owned(), "append-only"),
        ("INSERT OR REPLACE INTO ledger_lot (lot, posting, customer, kind, granted) VALUES (1, 1, 1, 'bonus', 10)".to_owned(), "starts empty"),
        ("UPDATE ledger_lot SET available = 10 WHERE lot = 1".to_owned(), "follows from its entries"),
        ("UPDATE ledger_lot SET available = 10, last_entry = 1 WHERE lot = 1".to_owned(), "follows from its entries"),
        ("UPDATE ledger_lot SET granted = 100 WHERE lot = 1".to_owned(), "keeps what it was granted"),
        ("UPDATE ledger_lot SET expires_at = 9999999999 WHERE lot = 1".to_owned(), "only the end of an allocation lot moves"),
        ("UPDATE ledger_lot SET expires_at = NULL WHERE lot = 1".to_owned(), "only the end of an allocation lot moves"),
        ("DELETE FROM ledger_lot".to_owned(), "append-only"),
        ("UPDATE ledger_movement SET to_account = 'available' WHERE movement = 'usage'".to_owned(), "fixed"),
        (entry(2, 1, 1, 1, 5, 0), "newest posting"),
        (entry(3, 2, 2, 5, 10, 0), "exceed its credits"),
        (usage(entry(4, 1, 1, 3, 4, 0)), "does not follow"),
        (usage(entry(4, 1, 1, 3, 3, 1)), "does not follow"),
        (usage(entry(4, 1, 2, 3, 3, 0)), "belong to one customer"),
        (usage(entry(4, 2, 2, 3, 2, 0)), "belong to one customer"),
        (usage(entry(4, 1, 1, 4, 2, 0)), "exceed its credits"),
        (usage(entry(4, 1, 1, 7, -1, 0)), "CHECK"),
        (usage(entry(4, 1, 1, -3, 9, 0)), "CHECK"),
        (usage(posting("usage", 3, "")), "make up its credits"),
        (format!("{}; {}", posting("grant", 3, ""), entry(4, 1, 1, 3, 9, 0)), "granted by its own posting"),
        (format!("{}; INSERT INTO ledger_lot (lot, posting, customer, kind, granted) VALUES (3, 4, 1, 'bonus', 4)", posting("grant", 3, "")), "of its size"),
        (format!("{}; INSERT INTO ledger_lot (lot, posting, customer, kind, granted, available) VALUES (3, 4, 1, 'bonus', 3, 3)", posting("grant", 3, "")), "starts empty"),
        (posting("settle", 3, "2"), "only a hold"),
        (posting("settle", 3, ""), "CHECK"),
        (posting("usage", 0, ""), "CHECK"),
        (posting("mint", 3, ""), "FOREIGN KEY"),
        ("INSERT INTO ledger_posting (customer, movement, credits, at, key, digest, run, actor, host) VALUES (1, 'usage', 1, 1, 'k', 'd', 1, 'a', 'h')".to_owned(), "key is there already"),
        ("INSERT INTO ledger_posting (customer, movement, credits, at, run, actor, host) VALUES (99, 'usage', 1, 1, 1, 'a', 'h')".to_owned(), "FOREIGN KEY"),
        ("INSERT INTO ledger_posting (customer, movement, credits, at, run, actor, host) VALUES (1, 'usage', 1.5, 1, 1, 'a', 'h')".to_owned(), "cannot store REAL"),
    ] {
        let done = world.store.write(NOW, |w| Ok::<_, StoreError>(w.conn.execute_batch(&sql)?));
        let said = done.map_or_else(|error| format!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string)), |()| "done".to_owned());
        assert!(said.contains(want), "{sql}\nwanted {want}, got {said}");
    }
    assert_eq!(world.rows().len(), 3);
    assert_eq!(world.broken(), [""; 0]);
}

/// The triggers of holds, before any command makes one.
#[test]
fn no_more_of_a_hold_is_settled_than_was_held() {
    let world = World::new();
    posted(world.grant(NOW, &lot(10)));
    let post = |w: &Writer<'_>, movement: &str, credits: i64, hold: Option<i64>, balance: i64, held: i64| {
        w.conn.execute(
            "INSERT INTO ledger_posting (customer, movement, credits, at, run, actor, host, hold, until_at) VALUES (1, ?1, ?2, ?3, ?4, 'a', 'h', ?5, ?6)",
            rusqlite::params![movement, credits, NOW.0, w.run, hold, (movement == "hold").then_some(NOW.0 + 900)],
        )?;
        let posting = w.conn.last_insert_rowid();
        w.conn.execute(
            "INSERT INTO ledger_entry (posting, customer, lot, credits, balance_after, held_after) VALUES (?1, 1, 1, ?2, ?3, ?4)",
            rusqlite::params![posting, credits, balance, held],
        )
    };
    let one = |movement: &str, credits, hold, balance, held| {
        world.store.write(NOW, |w| Ok::<_, StoreError>(post(w, movement, credits, hold, balance, held)?))
    };
    one("hold", 4, None, 6, 4).unwrap();
    one("hold", 3, None, 3, 7).unwrap();
    one("settle", 3, Some(2), 3, 4).unwrap();
    assert!(one("settle", 2, Some(2), 3, 2).is_err(), "it would take the other hold's");
    one("release", 1, Some(2), 4, 3).unwrap();
    assert_eq!(world.read(|r| r.ledger_balance(ACME, NOW)).unwrap().held, Credits(3));
    assert_eq!(
        world.rows(),
        [
            "acme 1 bonus +10=10",
            "acme 1 hold -4=6",
            "acme 1 hold -3=3",
            "acme 1 settle +0=3",
            "acme 1 release +1=4"
        ]
    );
    assert_eq!(world.broken(), [""; 0]);
}

/// The invariants' SQL finds what a damaged file says, once the triggers are gone.
#[test]
fn the_checks_find_damage() {
    for (damage, want) in [
        ("UPDATE ledger_entry SET balance_after = 7 WHERE entry = 2", "I1 I6"),
        ("UPDATE ledger_entry SET credits = 11 WHERE entry = 2", "I1 I2 I4 I6 I7"),
        ("DELETE FROM ledger_entry WHERE entry = 1", "I1 I2 I3 I4 I6"),
        ("UPDATE ledger_lot SET available = 7", "I6 I7"),
        ("UPDATE ledger_lot SET granted = 11", "I7"),
        ("UPDATE ledger_posting SET credits = 11 WHERE posting = 1", "I4"),
        ("UPDATE ledger_posting SET at = 1 WHERE posting = 2", "I40"),
        ("DELETE FROM ledger_lot", "I4 I6 I7"),
    ] {
        let world = World::new();
        posted(world.grant(NOW, &lot(10)));
        posted(world.consume(NOW, 4));
        world.write(NOW, |w| {
            let triggers: Vec<String> = {
                let sql = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'ledger%'";
                let mut statement = w.conn.prepare(sql).unwrap();
                statement.query_map([], |row| row.get(0)).unwrap().map(std::result::Result::unwrap).collect()
            };
            for name in triggers {
                w.conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
            }
        });
        // Foreign keys can only be switched off outside a transaction: by another connection.
        let other = rusqlite::Connection::open(world.store.path()).unwrap();
        other.execute_batch(&format!("PRAGMA foreign_keys = OFF; {damage}")).unwrap();
        let broken = world.broken();
        let numbers: Vec<&str> =
            CHECKS.iter().filter(|check| broken.contains(&check.says)).map(|check| check.number).collect();
        assert_eq!(numbers.join(" "), want, "{damage}");
    }
}

/// Whatever happens in whatever order, the invariants hold after it: thousands of movements from one seed.
#[test]
fn the_invariants_hold_after_any_movements() {
    let world = World::new();
    let mut state = 20_261_124_u64;
    let mut roll = |below: i64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap() % below
    };
    let (mut now, mut holds, mut entries) = (NOW, Vec::new(), 0);
    for round in 0..400 {
        now = now.plus(roll(40));
        let (what, credits, customer) =
            (roll(9), Credits(1 + roll(60)), if roll(3) == 0 { BETA } else { ACME });
        let ask = Consume { customer, ..spend(credits.0) };
        let some_hold = holds.get(usize::try_from(roll(1 + holds.len() as i64)).unwrap()).copied();
        let (days, some_entry, some_lot) = (1 + roll(200), 1 + roll(1 + entries), 1 + roll(40));
        world.write(now, |w| {
            match what {
                0 | 1 => {
                    let kind = LotKind::ALL[usize::try_from(credits.0).unwrap() % LotKind::ALL.len()];
                    let expires = if days % 2 == 0 { Expiry::Never } else { Expiry::At(now.plus(days)) };
                    w.ledger_grant(&Grant { customer, kind, credits, expires, note: Note::default() })
                        .unwrap();
                }
                2 | 3 => drop(w.ledger_consume(&ask).unwrap()),
                4 => {
                    if let Outcome::Posted(held) = w.ledger_hold(&ask, now.plus(days), "").unwrap() {
                        holds.push(held.posting);
                    }
                }
                5 => {
                    if let Some(hold) = some_hold {
                        drop(w.ledger_settle(hold, Some(credits), Note::default()).unwrap());
                    }
                }
                6 => {
                    if let Some(hold) = some_hold {
                        drop(w.ledger_release(hold, Note::default()).unwrap());
                    }
                }
                7 => drop(w.ledger_refund(some_entry, None).unwrap()),
                _ => {
                    drop(w.ledger_revoke(LotId(some_lot), credits, Note::default()).unwrap());
                    drop(w.ledger_expire(customer).unwrap());
                }
            }
            entries = w.conn.query_row("SELECT COUNT(*) FROM ledger_entry", [], |row| row.get(0)).unwrap();
        });
        if round % 50 == 49 {
            assert_eq!(world.broken(), [""; 0], "after {round} movements");
        }
        for customer in [ACME, BETA] {
            let standing = world.read(|r| r.ledger_balance(customer, now)).unwrap();
            assert!(standing.available.0 >= 0 && standing.held.0 >= 0, "{standing:?}");
        }
    }
    assert!(entries > 200 && holds.len() > 10, "{entries} entries, {} holds", holds.len());
    let movements = "SELECT COUNT(DISTINCT movement) FROM ledger_posting";
    let all: i64 = world.write(now, |w| w.conn.query_row(movements, [], |row| row.get(0)).unwrap());
    assert_eq!(all, 7, "every movement happened");
}
