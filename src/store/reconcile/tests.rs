//! What a run reads when little has changed, and that nothing changes unseen.

use super::*;
use crate::store::billed::misplaced_sql;
use crate::store::delivery::{LEFT, NOTHING_BILLED};
use crate::store::fresh::fresh;
use crate::store::{Store, StoreError};

const START: Timestamp = Timestamp(1_772_323_200);

struct World {
    _folder: tempfile::TempDir,
    store: Store,
}

impl World {
    fn new() -> World {
        let (folder, store) = fresh(START);
        let world = World { _folder: folder, store };
        world.sql(
            "INSERT INTO meter VALUES (1, 'tokens', 'tokens', 'mtr_1', 'Tokens', 'token', 'hour', 1);
             INSERT INTO customer VALUES (1, 'acme', 'cus_1', 'a@example.com', NULL, 0, 1);",
        );
        world
    }

    fn sql(&self, sql: &str) {
        self.store
            .write(START, |w| {
                w.conn.execute_batch(sql)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    /// A delivery of an hour that begins then, in the period of this start and a day's length, due.
    fn deliver(&self, delivery: i64, at_s: i64, period_s: i64) {
        let (at, period) = (START.0 + at_s, START.0 + period_s);
        self.sql(&format!(
            "INSERT INTO delivery (delivery, customer, meter, from_at, to_at, after_seq, upto_seq, events, value, timestamp,
             period_start, period_end, price, must_arrive_by, event_name, cus, identifier, state, created_at, run)
             VALUES ({delivery}, 1, 1, {at}, {at} + 10, 0, {delivery}, 1, 5, {at}, {period}, {period} + 86400, 'price_1',
             {period} + 90000, 'tokens', 'cus_1', 'id-{delivery}', 'due', 0, 1)"
        ));
    }

    fn accept(&self, delivery: i64) {
        self.sql(&format!(
            "UPDATE delivery SET state = 'sending', indefinite_at = 1, first_attempt = 1, last_attempt = 1 WHERE delivery = {delivery};
             UPDATE delivery SET state = 'accepted', accepted_at = 2 WHERE delivery = {delivery};"
        ));
    }

    fn periods(&self) -> Vec<PairPeriod> {
        self.store.read(|r| r.pair_periods(&Scope::default())).unwrap()
    }

    /// Which of its periods are asked about, by place; none of them is over.
    fn changed(&self) -> Vec<usize> {
        let all = self.periods();
        let changed = self.store.read(|r| r.pairs_changed(&Scope::default(), Timestamp(0))).unwrap();
        changed.iter().map(|it| all.iter().position(|other| other == it).unwrap()).collect()
    }

    fn verify(&self) {
        let all = self.periods();
        self.store
            .write(START, |w| {
                let last = w.reader().delivery_last()?;
                all.iter().try_for_each(|it| w.pair_period_asked(it, true, false, last, 5))
            })
            .unwrap();
        assert_eq!(self.changed(), Vec::<usize>::new());
    }

    fn unseen(&self) -> Vec<String> {
        let found = self.store.read(|r| r.checks_run()).unwrap();
        let check = found.into_iter().find(|it| it.says.contains("was verified with Stripe")).unwrap();
        check.breaches
    }
}

/// However many events, days, deliveries and periods there are: each step of what reads them goes by an index.
#[test]
fn what_has_changed_is_found_by_indexes() {
    let world = World::new();
    for (sql, index) in [
        (pairs_changed_sql(), "pair_period_changed"),
        (pairs_changed_sql(), "pair_period_not_closed"),
        (values_sql(false), "pair_period_changed"),
        (misplaced_sql(false), "pair_period_changed"),
        (not_sent_sql(), "delivery_open"),
        (ENTRIES.to_owned(), "delivery_by_pair"),
        (ENTRIES.to_owned(), "delivery_moved"),
        (asked_sql(), "delivery_by_pair"),
        (LEFT.to_owned(), "pair_with_something_left"),
        (NOTHING_BILLED.to_owned(), "pair_with_something_left"),
    ] {
        let plan = world.store.read(|r| {
            let mut explained = r.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let mut rows = explained.raw_query();
            let mut steps: Vec<String> = Vec::new();
            while let Some(row) = rows.next()? {
                steps.push(row.get(3)?);
            }
            Ok::<_, StoreError>(steps)
        });
        let plan = plan.unwrap();
        assert!(plan.iter().any(|step| step.contains(index)), "{sql}: {plan:#?}");
        // The partial indexes hold what has changed and what is open: those are read whole, and what was read of them.
        let few = |step: &str| {
            let read = sql.contains("AS MATERIALIZED") && step == "SCAN p";
            read || ["pair_period_changed", "delivery_open", "pair_with_something_left"]
                .iter()
                .any(|it| step.contains(it))
        };
        for step in plan.iter().filter(|step| step.starts_with("SCAN")) {
            assert!(few(step), "{sql}: {step}: {plan:#?}");
        }
    }
}

/// Whatever is written, and whoever writes it, the period is asked again.
#[test]
fn every_change_raises_the_revision_of_its_period() {
    let world = World::new();
    world.deliver(1, 3_600, 0);
    world.deliver(2, 90_000, 86_400);
    assert_eq!(world.changed(), [0, 1]);
    world.verify();
    world.accept(1);
    assert_eq!(world.changed(), [0]);
    world.verify();
    world.sql("UPDATE delivery SET report_code = 'meter_event_customer_not_found', report_event = 'e', report_at = 3 WHERE delivery = 1");
    assert_eq!(world.changed(), [0]);
    world.verify();
    world.sql(&format!(
        "INSERT INTO opening (customer, meter, hour, amount, used, run) VALUES (1, 1, {}, 5, 0, 1)",
        START.0 / 3600 + 30
    ));
    assert_eq!(world.changed(), [1]);
    world.verify();
    world.sql("UPDATE opening SET amount = 6");
    assert_eq!(world.changed(), [1]);
    world.verify();
    world.sql(&format!(
        "INSERT INTO span (customer, meter, from_at, to_at, period_start, period_end, price) VALUES (1, 1, {0}, {0} + 60, {0}, {0} + 86400, 'p')",
        START.0
    ));
    assert_eq!(world.changed(), [0]);
}

/// Usage that nothing bills is looked at once, and again when something bills it.
#[test]
fn what_nothing_bills_is_not_read_again() {
    let world = World::new();
    let left = || -> Vec<i64> {
        let from = world.store.read(|r| {
            let mut find = r.conn.prepare(LEFT)?;
            let rows = find.query_map([], |row| row.get(2))?;
            Ok::<_, StoreError>(rows.collect::<rusqlite::Result<_>>()?)
        });
        from.unwrap()
    };
    let span = |from_s: i64, to_s: i64, price: &str| {
        let of = "(customer, meter, from_at, to_at, period_start, period_end, price, exempt)";
        let exempt = if price == "NULL" { "'no_item'" } else { "NULL" };
        world.sql(&format!(
            "INSERT INTO span {of} VALUES (1, 1, {0} + {from_s}, {0} + {to_s}, {0}, {0} + 864000, {price}, {exempt})",
            START.0
        ));
    };
    let refresh = || world.store.write(START, |w| w.pair_refresh()).unwrap();
    span(0, 86_400, "NULL");
    world.sql(&format!("INSERT INTO pair (customer, meter, left_from) VALUES (1, 1, {} + 60)", START.0));
    refresh();
    assert_eq!(left(), Vec::<i64>::new(), "nothing bills it");
    // A tier that has a price, from the second day on.
    span(86_400, 172_800, "'p'");
    refresh();
    assert_eq!(left(), [START.0 + 86_400]);
    // Usage of the day before it is in no span that has a price, but a later one has.
    world.sql(&format!("UPDATE pair SET left_from = {} + 60", START.0));
    refresh();
    assert_eq!(left(), [START.0 + 60]);
}

/// The minute in which a period begins is compared with that period, also what was used before it began.
#[test]
fn what_lies_in_the_minute_of_an_edge_raises_the_period_that_it_is_compared_with() {
    let world = World::new();
    // The second period begins 22 seconds into a minute.
    world.deliver(1, 3_600, 0);
    world.deliver(2, 40_000, 36_022);
    world.verify();
    world.deliver(3, 36_010, 0);
    assert_eq!(world.changed(), [0, 1]);
    let range = world.periods()[1].range;
    assert!(range.holds(Timestamp(START.0 + 36_010)));
    world.verify();
    world.accept(3);
    assert_eq!(world.changed(), [0, 1]);
    world.verify();
    world.deliver(4, 35_900, 0);
    assert_eq!(world.changed(), [0], "the minute before is the first period's");
}

/// A change that nobody counted is found by `doctor`.
#[test]
fn a_forgotten_bump_is_found() {
    for (trigger, change) in
        [("pair_period_counts_moves", "accept"), ("pair_period_counts_new_deliveries", "deliver")]
    {
        let world = World::new();
        world.deliver(1, 3_600, 0);
        world.verify();
        assert_eq!(world.unseen(), Vec::<String>::new());
        world.sql(&format!("DROP TRIGGER {trigger}"));
        match change {
            "accept" => world.accept(1),
            _ => world.deliver(2, 7_200, 0),
        }
        assert_eq!(world.changed(), Vec::<usize>::new(), "nobody asks about it");
        assert_eq!(world.unseen().len(), 1, "{trigger}");
    }
}
