//! Numbered migrations: embedded, one transaction each, forward only, never edited once released.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{Result, StoreError};

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_store.sql"),
    include_str!("../../migrations/0002_catalog.sql"),
    include_str!("../../migrations/0003_customers.sql"),
    include_str!("../../migrations/0004_ledger.sql"),
    include_str!("../../migrations/0005_usage.sql"),
    include_str!("../../migrations/0006_deliveries.sql"),
    include_str!("../../migrations/0007_reconcile.sql"),
    include_str!("../../migrations/0008_invoices.sql"),
    include_str!("../../migrations/0009_inbox.sql"),
    include_str!("../../migrations/0010_credits.sql"),
    include_str!("../../migrations/0011_tiers.sql"),
    include_str!("../../migrations/0012_notices.sql"),
    include_str!("../../migrations/0013_compare.sql"),
    include_str!("../../migrations/0014_undo.sql"),
    include_str!("../../migrations/0015_backup.sql"),
    include_str!("../../migrations/0016_corrections.sql"),
    include_str!("../../migrations/0017_pending.sql"),
    include_str!("../../migrations/0018_overrides.sql"),
    include_str!("../../migrations/0019_checkouts.sql"),
    include_str!("../../migrations/0020_views.sql"),
    include_str!("../../migrations/0021_audit.sql"),
    include_str!("../../migrations/0022_locate.sql"),
    include_str!("../../migrations/0023_usage_blocks.sql"),
    include_str!("../../migrations/0024_totals.sql"),
    include_str!("../../migrations/0025_changed.sql"),
    include_str!("../../migrations/0026_full.sql"),
    include_str!("../../migrations/0027_usage_keys.sql"),
    include_str!("../../migrations/0028_delivery_states.sql"),
    include_str!("../../migrations/0029_ledger_rebuilt.sql"),
];

/// The schema that this version writes: the number of its migrations.
#[allow(clippy::cast_possible_wrap)] // A handful of files.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// One step from a schema to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The schema that it leads to.
    pub number: i64,
    /// What it brings: the first sentence of its file.
    pub brings: &'static str,
}

/// The steps that lead from a schema to this version's.
pub fn steps_from(schema: i64) -> Vec<Step> {
    let sentence = |sql: &'static str| {
        let line = sql.lines().next().unwrap_or_default().trim_start_matches('-').trim();
        line.split_once(". ").map_or(line, |(first, _)| first).trim_end_matches('.')
    };
    let numbered = (1..).zip(MIGRATIONS);
    numbered
        .filter(|(number, _)| *number > schema)
        .map(|(number, sql)| Step { number, brings: sentence(sql) })
        .collect()
}

/// The schema version of a file.
pub(super) fn version(conn: &Connection) -> Result<i64> {
    Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Refuses a store that a newer version wrote, before a byte is written.
pub(super) fn refuse_newer(conn: &Connection, path: &Path) -> Result<i64> {
    let found = version(conn)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    Ok(found)
}

/// Brings the schema up to date. The version is read again inside each transaction: another process may have been first.
pub(super) fn run(conn: &mut Connection, path: &Path) -> Result<()> {
    let before = refuse_newer(conn, path)?;
    loop {
        let at = refuse_newer(conn, path)?;
        if at == SCHEMA_VERSION {
            return Ok(());
        }
        step(conn, path).map_err(|(is_at_commit, error)| match error {
            StoreError::Sql(source) => {
                StoreError::Migration { path: path.to_owned(), before, at, is_at_commit, source }
            }
            error => error,
        })?;
    }
}

/// One step, if one is left; whether it was its commit that failed.
fn step(conn: &mut Connection, path: &Path) -> std::result::Result<(), (bool, StoreError)> {
    let early = |error: rusqlite::Error| (false, StoreError::from(error));
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(early)?;
    let at = refuse_newer(&tx, path).map_err(|error| (false, error))?;
    let next = usize::try_from(at).ok().and_then(|at| MIGRATIONS.get(at));
    if let Some(sql) = next {
        tx.execute_batch(sql).map_err(early)?;
        beyond_sql(&tx, at + 1).map_err(|error| (false, error))?;
        tx.pragma_update(None, "user_version", at + 1).map_err(early)?;
    }
    tx.commit().map_err(|error| (true, StoreError::from(error)))
}

/// What a step does that SQL cannot.
fn beyond_sql(conn: &Connection, number: i64) -> Result<()> {
    match number {
        27 => super::usage::ids::fill(conn),
        _ => Ok(()),
    }
}

/// What differs between the schema of a store and the one that the migrations make: tables, triggers, indexes and views
/// that are missing, more, or say something else. A trigger that is gone guards nothing any more, and no row shows it.
pub(super) fn schema_differences(conn: &Connection) -> Result<Vec<String>> {
    let mut made = Connection::open_in_memory()?;
    run(&mut made, Path::new(":memory:"))?;
    let (wanted, found) = (schema(&made)?, schema(conn)?);
    let mut said = Vec::new();
    for (name, text) in &wanted {
        match found.get(name) {
            None => said.push(format!("{name} is missing")),
            Some(other) if other != text => said.push(format!("{name} is another")),
            Some(_) => {}
        }
    }
    said.extend(found.keys().filter(|it| !wanted.contains_key(*it)).map(|it| format!("{it} is not ours")));
    Ok(said)
}

/// Everything in a schema by kind and name. Quotes and white space are left out: SQLite writes them anew when a table is
/// renamed.
fn schema(conn: &Connection) -> Result<BTreeMap<String, String>> {
    let sql =
        "SELECT type || ' ' || name, COALESCE(sql, '') FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'";
    let mut find = conn.prepare(sql)?;
    let rows = find.query_map([], |row| {
        let text: String = row.get(1)?;
        Ok((row.get(0)?, text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::usage::ids;
    use crate::store::usage::tests::CROWD;

    #[test]
    fn ids_with_one_number_are_found_after_the_step_that_brings_numbers() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for sql in &MIGRATIONS[..26] {
            conn.execute_batch(sql).unwrap();
        }
        conn.pragma_update(None, "user_version", 26).unwrap();
        let others = (1..=500_u128).map(|id| id << 90);
        for (seq, id) in (1_i64..).zip(others.chain(CROWD)) {
            let sql = "INSERT INTO usage_id VALUES (?1, 1, ?2)";
            conn.execute(sql, rusqlite::params![id.to_be_bytes(), seq]).unwrap();
            let sql = "INSERT INTO usage_event (seq, meter, customer, id, quantity, at_s, at_us) \
                       VALUES (?2, 1, 1, ?1, 1, 0, 0)";
            conn.execute(sql, rusqlite::params![id.to_be_bytes(), seq]).unwrap();
        }
        run(&mut conn, Path::new(":memory:")).unwrap();
        let others = (1..=500_u128).map(|id| id << 90);
        for (seq, id) in (1_i64..).zip(others.chain(CROWD)) {
            let id = crate::billing::usage::EventId(id.to_be_bytes());
            assert_eq!(ids::seq_of(&conn, id, crate::store::MeterRow(1)).unwrap(), Some(seq));
        }
        let rows: i64 = conn.query_row("SELECT COUNT(*) FROM usage_id", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 503);
        assert_eq!(schema_differences(&conn).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn each_step_says_in_a_few_words_what_it_brings() {
        let all = steps_from(0);
        assert_eq!(all.len(), MIGRATIONS.len());
        for step in &all {
            assert!((10..=130).contains(&step.brings.len()), "{step:?}");
        }
        assert_eq!(all[0].brings, "The store itself, and one row for each run of a command that wrote");
        let last = steps_from(SCHEMA_VERSION - 1);
        assert_eq!(last.iter().map(|it| it.number).collect::<Vec<_>>(), [SCHEMA_VERSION]);
        assert_eq!(steps_from(SCHEMA_VERSION), []);
    }
}
