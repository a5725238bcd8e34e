use super::*;

fn open(path: &Path) -> Store {
    crate::store::fresh::opened(path, Timestamp(0))
}

/// Each reads the WAL anew, as a process that is alone does.
#[test]
fn the_wal_of_many_short_commands_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local.db");
    let wal = || beside(&path, "wal").metadata().map_or(0, |wal| wal.len() / u64::from(PAGE_BYTES));
    let mut longest = 0;
    for _ in 0..200 {
        let store = open(&path);
        store.write(Timestamp(0), |_| Ok::<_, StoreError>(())).unwrap();
        drop(store);
        longest = longest.max(wal());
    }
    assert!((WAL_PAGES..WAL_PAGES + 50).contains(&longest), "{longest} pages");
    // While somebody reads, it grows on, and nothing waits.
    let reader = open(&path);
    reader
        .read(|r| {
            let before = r.store_bytes()?;
            for _ in 0..200 {
                let store = open(&path);
                store.write(Timestamp(0), |_| Ok::<_, StoreError>(())).unwrap();
            }
            assert_eq!(r.store_bytes()?, before);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert!(wal() > WAL_PAGES + 50, "{} pages", wal());
    drop(reader);
    open(&path);
    assert!(wal() < WAL_PAGES, "{} pages", wal());
    let runs: i64 = open(&path).conn.query_row("SELECT COUNT(*) FROM run", [], |row| row.get(0)).unwrap();
    assert_eq!(runs, 400);
}
