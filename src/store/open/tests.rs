use super::writing::WAL_PAGES;
use super::*;

fn open(path: &Path) -> Store {
    crate::store::fresh::opened(path, Timestamp(0))
}

/// Pages of the WAL that a process which is alone would read.
fn wal_pages(path: &Path) -> i64 {
    let copy = path.with_file_name("copy.db");
    std::fs::copy(path, &copy).unwrap();
    std::fs::copy(beside(path, "wal"), beside(&copy, "wal")).unwrap();
    let _ = std::fs::remove_file(beside(&copy, "shm"));
    let conn = Connection::open(&copy).unwrap();
    let pages = conn.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).unwrap();
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    pages
}

/// Each reads the WAL anew, as a process that is alone does.
#[test]
fn the_wal_of_many_short_commands_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local.db");
    let write = || open(&path).write(Timestamp(0), |_| Ok::<_, StoreError>(())).unwrap();
    let mut longest = 0;
    for _ in 0..200 {
        write();
        longest = longest.max(wal_pages(&path));
    }
    assert!((WAL_PAGES..WAL_PAGES + 50).contains(&longest), "{longest} pages");
    // While somebody reads, it grows on, and nothing waits.
    let reader = open(&path);
    reader
        .read(|r| {
            let before = r.store_bytes()?;
            (0..200).for_each(|_| write());
            assert_eq!(r.store_bytes()?, before);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert!(wal_pages(&path) > WAL_PAGES + 50, "{} pages", wal_pages(&path));
    drop(reader);
    write();
    assert!(wal_pages(&path) < WAL_PAGES, "{} pages", wal_pages(&path));
    let runs: i64 = open(&path).conn.query_row("SELECT COUNT(*) FROM run", [], |row| row.get(0)).unwrap();
    assert_eq!(runs, 401);
}

/// Whoever opens the store does not wait for those that write, and keeps none of them waiting.
#[test]
fn a_store_is_opened_while_another_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local.db");
    open(&path)
        .write(Timestamp(0), |_| {
            let started = std::time::Instant::now();
            drop(open(&path));
            assert!(started.elapsed() < Duration::from_secs(10), "it waited for the lock");
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

/// What is between the look at a store when it is opened and its first transaction is seen there.
#[test]
fn a_store_that_is_migrated_or_replaced_after_it_was_opened_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local.db");
    drop(open(&path));
    let written_after = |sql: &str| {
        let store = open(&path);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        store.write(Timestamp(0), |_| Ok::<_, StoreError>(())).unwrap_err()
    };
    let error = written_after("UPDATE store SET generation = generation + 1");
    assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
    let error = written_after("DROP TABLE audit; PRAGMA user_version = 9999");
    assert!(matches!(error, StoreError::Migrated { .. }), "{error}");
}
