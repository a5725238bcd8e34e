//! `doctor` names every invariant that can be broken in a store: each is broken here once, past everything that guards it.
//!
//! Not checked on a store, and where they are proved instead: I8 is the schema itself (STRICT, CHECK: SQLite's integrity
//! check reads them, and I43 says that they are there); I9, I27 and I31 (synced before it is answered) are of processes
//! (crash/race, crash/kill, inbox); I12, I18, I20 to I24, I33, I36 and I37 are of Stripe and store together (push, seed,
//! reconcile, repair); I34, I38, I44, I46 to I48 are of what commands print and write (crash/disk, crash/readonly, export).

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use crate::world::World;

/// Changes a store as nobody can who goes by its triggers and checks; the triggers are back afterwards.
fn plant(path: &Path, sql: &str) {
    plant_without(path, "", sql);
}

/// The same without those triggers only whose names begin so.
pub(crate) fn plant_without(path: &Path, names: &str, sql: &str) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;").unwrap();
    let listed = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name GLOB ?1 || '*'";
    let mut find = conn.prepare(listed).unwrap();
    let triggers: Vec<(String, String)> =
        find.query_map([names], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    drop(find);
    for (name, _) in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    for (_, text) in &triggers {
        conn.execute_batch(text).unwrap();
    }
}

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.in]
name = "Tokens read"
event = "tokens_in"
unit = "token"
[tiers.pro]
name = "Pro"
rank = 1
prices = [{ interval = "month", amount = "29.00" }]
credits = { per_month = 100 }
usage.in = { included = 10, beyond = "bill", price = "0.01" }
[tiers.max]
name = "Max"
rank = 2
prices = [{ interval = "month", amount = "99.00" }]
usage.in = { included = 0, beyond = "bill", price = "0.005" }
[tiers.pay]
name = "Pay"
rank = 3
usage.in = { included = 5, beyond = "credits", credits_per = { units = 1, credits = 1 } }
[packs.small]
credits = 100
amount = "9.99"
"#;

/// A store with something in every group of tables.
fn full() -> World {
    let mut world = World::new();
    world.now(Some("2026-03-02T09:00:00Z"));
    world.file("catalog.toml", CATALOG);
    world.demand(0, "seed --yes");
    for id in ["acme", "bolt", "cato"] {
        world.demand(0, &format!("customer add {id} --email {id}@acme.io --payment-method pm_card_visa"));
    }
    for line in [
        "tier assign acme max",
        "tier assign acme pro",
        "tier assign bolt pro",
        "tier assign cato pay",
        "credits grant acme 500 --reason w --key w",
        "credits consume acme 30 --key c1",
        "credits hold acme 20",
        "credits grant cato 50 --reason x",
        "usage record acme in 7 --id u1",
        "usage record acme in 9 --id u2",
        "usage record cato in 9 --id u3",
        "usage record bolt in 30 --id u4",
    ] {
        world.demand(0, line);
    }
    let sold = world.demand(0, "credits sell acme small --checkout --json").out;
    let session: String = sold
        .split("cs_")
        .nth(1)
        .unwrap()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    world.demand(0, &format!("local pay cs_{session}"));
    world.now(Some("2026-03-02T12:30:00Z"));
    for line in ["webhook backfill", "webhook process", "meter push", "alerts run", "tick"] {
        world.demand(0, line);
    }
    world
}

fn db(world: &World) -> PathBuf {
    world.path().join(".paygrade/local.db")
}

/// Invariants that doctor lists, with whether they hold.
fn listed(world: &World) -> (i32, Vec<(String, bool)>) {
    let answer = world.run("doctor --offline --json");
    let json: Value = serde_json::from_str(&answer.out)
        .unwrap_or_else(|_| panic!("exit {}\n{}\n{}", answer.exit, answer.out, answer.err));
    let rows = json["rows"].as_array().unwrap().iter();
    let invariants = rows.filter(|row| row["check"].as_str().unwrap().starts_with("invariant "));
    let each = invariants.map(|row| {
        let value = row["value"].as_str().unwrap();
        let says = value.split_once(": broken at ").map_or(value, |(says, _)| says);
        let number = row["check"].as_str().unwrap().trim_start_matches("invariant ");
        (format!("{number} {says}"), row["state"] == "ok")
    });
    (answer.exit, each.collect())
}

const FINDINGS: &str = "INSERT INTO finding (customer, meter, from_at, to_at, class, cause, recorded, sent, stripe, difference, events, first_run, last_run)
  SELECT customer, meter, 0, 60, 'missing', 'unknown', 1, 1, 0, -1, 1, 1, 1 FROM delivery LIMIT 1;
INSERT INTO finding (customer, meter, from_at, to_at, class, cause, recorded, sent, stripe, difference, events, first_run, last_run)
  SELECT customer, meter, 0, 60, 'extra', 'unknown', 1, 1, 2, 1, 1, 1, 1 FROM delivery LIMIT 1";
const TWIN: &str = "CREATE TEMP TABLE twin AS SELECT * FROM delivery LIMIT 1;
UPDATE twin SET delivery = 99, identifier = 'pg_ab_99_cd'; INSERT INTO delivery SELECT * FROM twin";
const ASSIGNMENT: &str = "INSERT INTO tier_assignment (customer, tier, digest, from_at, to_at, anchor_at, run, actor, host)
  SELECT customer, tier, digest, from_at, from_at + 10, anchor_at, run, actor, host FROM tier_assignment WHERE to_at IS NULL LIMIT 1";
const TWO_OPEN: &str = "DROP INDEX tier_assignment_one_is_open;
INSERT INTO tier_assignment (customer, tier, digest, from_at, anchor_at, run, actor, host)
  SELECT customer, tier, digest, from_at, anchor_at, run, actor, host FROM tier_assignment WHERE to_at IS NULL LIMIT 1";
const SPAN: &str = "INSERT INTO span (customer, meter, from_at, to_at, period_start, period_end, assignment, price, exempt)
  SELECT customer, meter, from_at + 5, to_at, period_start, period_end, assignment, price, exempt FROM span LIMIT 1";
const ITEM: &str = "INSERT INTO subscription_item
  SELECT 'si_x', sub, price, role, quantity, period_start, period_end FROM subscription_item LIMIT 1";
const OPENING: &str = "INSERT INTO opening (customer, meter, hour, amount, used, run)
  SELECT customer, meter, 1, 5, 5, 1 FROM delivery LIMIT 1";
const CANCELLATION: &str =
    "INSERT INTO cancellation (delivery, state, answer, at, ended_at, run, actor, host)
  SELECT delivery, 'done', 'x', 1, 1, 1, 'a', 'h' FROM delivery LIMIT 1";
const STORE: &str = "INSERT INTO store (one, store_id, epoch, target, created_at)
  SELECT 2, store_id, epoch, target, created_at FROM store";

/// Each invariant, and what breaks it.
const PLANTS: &[(&str, &str)] = &[
    ("I43 tables, triggers, indexes and views are those of this version", "DROP INDEX delivery_open"),
    (
        "I45 each row of the audit chain follows from the one before",
        "UPDATE audit SET hash = zeroblob(32) WHERE audit = 5",
    ),
    ("I41 no row refers to one that is not there", "UPDATE usage_event SET action = 999 WHERE seq = 1"),
    ("I19 the store is bound to one target", STORE),
    ("I26 a linked customer has an e-mail address", "UPDATE customer SET email = '' WHERE customer = 1"),
    (
        "I42 a customer without a link has an intent that makes it, or was never made",
        "UPDATE customer SET cus = NULL WHERE customer = 3; UPDATE intent SET state = 'done'",
    ),
    ("I26 a link looks like one", "UPDATE customer SET cus = 'x' WHERE customer = 1"),
    ("I26 a customer has at most one live subscription of ours", "UPDATE subscription SET customer = 1"),
    (
        "I26 a subscription that has ended has an end",
        "UPDATE subscription SET status = 'canceled', ended_at = NULL",
    ),
    ("I26 an item belongs to its subscription once per price", ITEM),
    ("I25 a customer is on one tier at a time", ASSIGNMENT),
    ("I25 a customer has at most one open assignment", TWO_OPEN),
    ("I25 an assignment's subscription is its customer's", "UPDATE subscription SET customer = 3"),
    (
        "I26 an open assignment's subscription has not ended",
        "UPDATE subscription SET status = 'canceled', ended_at = 1",
    ),
    (
        "I26 a live subscription of ours has an open assignment, or an intent that makes it",
        "UPDATE tier_assignment SET to_at = from_at + 1; UPDATE intent SET state = 'done'",
    ),
    ("I26 whoever is on a tier is linked to Stripe", "UPDATE customer SET cus = NULL"),
    (
        "I26 a change waits for the subscription that its customer is on",
        "UPDATE tier_assignment SET to_at = from_at + 1",
    ),
    (
        "I26 what waits is carried out by the schedule or the end that its subscription has",
        "UPDATE pending_change SET schedule = 'sub_sched_x'",
    ),
    ("I39 the spans of a customer and meter do not overlap", SPAN),
    ("I39 a span lies in its billing period", "UPDATE span SET period_start = from_at + 1"),
    ("I39 a span lies in its assignment or in none", "UPDATE span SET assignment = NULL"),
    ("I13 each usage event has its id, and each id its event", "UPDATE usage_id SET seq = 99 WHERE seq = 1"),
    (
        "I13 each usage event has its id, and each id its event",
        "UPDATE usage_id SET key = key + 1 WHERE seq = 1",
    ),
    ("I13 each usage event has its id, and each id its event", "INSERT INTO usage_id VALUES (1, 1)"),
    (
        "I13 no two usage events of a meter have one id",
        "UPDATE usage_event SET (id, meter) = (SELECT id, meter FROM usage_event WHERE seq = 1) WHERE seq = 2",
    ),
    (
        "I13 each usage event is in one block, of its customer, meter and time",
        "DELETE FROM usage_block WHERE first_seq = 1",
    ),
    ("I13 each usage event was recorded by one run", "DELETE FROM usage_batch WHERE first_seq = 1"),
    ("I13 rollups equal their events, by sum and count", "UPDATE rollup SET sum = sum + 1"),
    ("I13 a rollup's day touches its span", "UPDATE rollup SET day = day + 400"),
    ("I13 each event is in the rollup of the span that holds it", "UPDATE rollup SET sum = sum + 1"),
    ("I13 credits of usage are due only beyond the allowance", "UPDATE usage_credit SET posted = due + 1"),
    (
        "I13 credits taken for usage are those that the ledger posted for it",
        "UPDATE usage_credit SET posted = posted - 1",
    ),
    (
        "I1 a balance is the sum of its entries",
        "UPDATE ledger_entry SET balance_after = balance_after + 1 WHERE entry = 1",
    ),
    (
        "I2 nobody's credits were ever below zero",
        "UPDATE ledger_entry SET credits = 100000 WHERE posting IN (SELECT posting FROM ledger_posting WHERE movement = 'usage')",
    ),
    ("I3 no posting, entry or lot is missing", "DELETE FROM ledger_posting WHERE posting = 1"),
    (
        "I4 the legs of every posting sum to zero and make up its credits",
        "UPDATE ledger_posting SET credits = credits + 1 WHERE posting = 1",
    ),
    ("I5 a key has one effect", "UPDATE ledger_posting SET digest = NULL WHERE key IS NOT NULL"),
    (
        "I6 what is left of a lot is the sum of its entries, between zero and what was granted",
        "UPDATE ledger_lot SET available = available - 1 WHERE lot = 1",
    ),
    (
        "I7 granted = consumed + expired + revoked + what is left",
        "UPDATE ledger_lot SET granted = granted + 1",
    ),
    ("I7 what holds still reserve is what is held", "UPDATE ledger_hold SET left = left + 1"),
    (
        "I40 a customer's ledger never goes back in time",
        "UPDATE ledger_posting SET at = 0 WHERE posting = (SELECT MAX(posting) FROM ledger_posting WHERE customer = 1)",
    ),
    ("I31 an allocation's lot is its customer's, and of its kind", "UPDATE allocation SET customer = 3"),
    (
        "I31 a lot ends when its newest row says so",
        "INSERT INTO allocation_end (lot, ends_at, why, at, run) SELECT lot, 1, 'next', 1, 1 FROM allocation",
    ),
    (
        "I31 an allocation waited for an invoice of its own customer that was paid",
        "UPDATE invoice SET customer = 3",
    ),
    ("I30 a sale gave what was sold, once, to who bought it", "UPDATE sale SET credits = credits + 1"),
    (
        "I30 what was taken back for refunds is what the ledger revoked for them",
        "UPDATE sale SET revoked = 5",
    ),
    (
        "I10 no usage event is covered twice: two covering deliveries never overlap in both time and sequence",
        TWIN,
    ),
    (
        "I10 no billable usage event is forgotten: it is covered, or its customer and meter are still looked at",
        "UPDATE delivery SET state = 'lost'; UPDATE pair SET left_from = NULL; UPDATE pair_watermark SET seq = 99",
    ),
    (
        "I11 an identifier has at most 100 characters and comes from a store and a row",
        "UPDATE delivery SET identifier = 'x' WHERE delivery = 1",
    ),
    (
        "I13 a delivery's count and value are those of the events that it covers",
        "UPDATE delivery SET value = value + 1",
    ),
    ("I13 what deliveries left out because Stripe held it is what was used of the opening amounts", OPENING),
    ("I17 what was taken back at Stripe is cancelled here", CANCELLATION),
    (
        "I13 the sums that are kept of settled deliveries are theirs",
        "UPDATE delivery_total SET value = value + 1",
    ),
    (
        "I14 nothing is sent again later than 23 hours after its first attempt of unknown outcome",
        "UPDATE delivery SET indefinite_at = 1, last_attempt = 90000",
    ),
    ("I15 nothing older than 35 days was sent", "UPDATE delivery SET last_attempt = timestamp + 36 * 86400"),
    (
        "I16 one delivery in flight for each customer and meter",
        "DROP INDEX delivery_one_in_flight; UPDATE delivery SET state = 'sending', customer = 1",
    ),
    ("I17 a state has what it must have come with", "UPDATE delivery SET accepted_at = NULL"),
    ("I35 a difference has one class: no place is missing and extra at once", FINDINGS),
    ("I35 every delivery belongs to a period that reconcile knows", "DELETE FROM pair_period"),
    ("I29 a notice for a customer has one", "UPDATE notice SET audience = 'customer', customer = NULL"),
    ("I29 a notice is on its way only after it was routed", "UPDATE notice SET routed_at = NULL"),
    ("I32 a claimed notice has an attempt", "UPDATE notice_delivery SET state = 'dead', attempts = 0"),
    (
        "I29 an event that was handled has one effect, and one that was not has none",
        "UPDATE inbox SET effect = NULL WHERE state = 'done'",
    ),
    (
        "I29 a delivery is marked by a report that was handled",
        "UPDATE delivery SET report_code = 'x', report_event = 'evt_x'",
    ),
    (
        "I32 every event ends done or dead within its attempts",
        "UPDATE inbox SET attempts = 13, state = 'failed'",
    ),
    (
        "I28 events of another account or mode are kept without their bodies and never handled",
        "UPDATE inbox SET state = 'ignored', handled_at = 1",
    ),
    (
        "I35 what was verified with Stripe has not changed since",
        "UPDATE pair_period SET verified_revision = revision, verified_sum = 99",
    ),
    ("I45 the audit chain has no gaps", "DELETE FROM audit WHERE audit = 5"),
    (
        "I45 what the audit chain tells of still says what it says",
        "UPDATE run SET verdict = 'x' WHERE run = 1",
    ),
    (
        "I45 the audit chain tells of every run, assignment and posting",
        "DELETE FROM audit WHERE kind = 'run' AND row = 1",
    ),
];

#[test]
fn every_invariant_that_is_broken_is_named() {
    let base = full();
    let (exit, all) = listed(&base);
    assert_eq!(exit, 0, "{all:?}");
    for (invariant, holds) in &all {
        assert!(holds, "{invariant}");
        assert!(PLANTS.iter().any(|it| it.0 == invariant), "nothing is planted for `{invariant}`");
    }
    let mut missed = Vec::new();
    for (invariant, sql) in PLANTS {
        let world = base.copied();
        plant(&db(&world), sql);
        let (exit, found) = listed(&world);
        if !found.iter().any(|(it, holds)| it == invariant && !holds) {
            missed.push(format!("{invariant}: {sql}"));
        }
        assert!([1, 10].contains(&exit), "exit {exit} for {invariant}");
    }
    assert!(missed.is_empty(), "not found: {missed:#?}");
}

/// What guards the rows is a part of the schema: without it nothing is broken yet.
#[test]
fn a_trigger_that_is_gone_is_named_and_such_a_store_makes_no_backup() {
    let world = full();
    let conn = Connection::open(db(&world)).unwrap();
    conn.execute_batch("DROP TRIGGER ledger_entry_is_immutable; CREATE TABLE mine (x REAL)").unwrap();
    drop(conn);
    let answer = world.demand(1, "doctor --offline");
    for said in ["trigger ledger_entry_is_immutable is missing", "table mine is not ours"] {
        assert!(answer.out.contains(said), "{said}: {}", answer.out);
    }
    let refused = world.demand(10, "store backup");
    assert!(refused.err.contains("I43") && refused.err.contains("changed: nothing"), "{}", refused.err);
}
