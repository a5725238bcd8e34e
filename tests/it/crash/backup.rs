//! A backup is there whole or not at all, whoever dies and whatever the disk does; and it is of one instant.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::{World, demand, failed_at_each, failing, killed_at_each, points, program, used};

/// Points of one run in a sample.
const SAMPLE: usize = 10;
pub(super) const LINE: &str = "store backup --keep 1";

fn folder(world: &World) -> PathBuf {
    world.path().join(".paygrade/backups")
}

pub(super) fn standing(world: &World) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder(world)).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Everything in a store that was there when the backup began, as bytes of its tables would differ.
pub(super) fn content(store: &Path) -> Vec<String> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let conn = rusqlite::Connection::open_with_flags(store, flags).unwrap();
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{}", store.display());
    let text = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    [
        "SELECT group_concat(customer || ' ' || id || ' ' || cus) FROM customer",
        "SELECT group_concat(seq || ' ' || quantity || ' ' || at) FROM usage_event",
        "SELECT group_concat(posting || ' ' || credits) FROM ledger_posting",
    ]
    .map(text)
    .to_vec()
}

/// One backup from yesterday, and what is in the store.
pub(super) fn backed_up() -> World {
    let world = used();
    demand(&world, 0, LINE);
    world
}

/// What stands is whole; the older one goes only when the new one stands; the next run leaves one, and nothing else.
pub(super) fn prove_whole(world: &World, wanted: &[String], what: &str) {
    let whole: Vec<PathBuf> =
        standing(world).into_iter().filter(|it| it.extension().is_some_and(|it| it == "db")).collect();
    assert!(!whole.is_empty(), "none stands: {what}");
    for path in &whole {
        assert_eq!(content(path), wanted, "{}: {what}", path.display());
    }
    demand(world, 0, LINE);
    let left = standing(world);
    assert_eq!(left.len(), 1, "{left:?}: {what}");
    assert_eq!(content(&left[0]), wanted, "{what}");
    demand(world, 0, "doctor --offline");
}

#[test]
fn killed_anywhere() {
    let base = backed_up();
    let wanted = content(&base.path().join(".paygrade/local.db"));
    killed_at_each(&base, LINE, SAMPLE, |world, what| prove_whole(&world, &wanted, what));
}

#[test]
fn a_disk_that_is_full_or_broken() {
    let base = backed_up();
    let wanted = content(&base.path().join(".paygrade/local.db"));
    failed_at_each(&base, LINE, SAMPLE, |world, failed| {
        if failed.says_nothing() && !failed.sticky {
            let stand = standing(&world);
            assert_eq!(stand.len(), 1, "nothing but the old one is left: {stand:?}\n{}", failed.said);
        }
        prove_whole(&world, &wanted, &failed.said);
    });
}

/// Every sync: where the one of the folder fails, the file has its name already, and "nothing" would not be true.
#[test]
fn a_sync_that_fails() {
    let base = backed_up();
    let mut unsure = 0;
    for point in points(&base, LINE, "", "fsync,fdatasync") {
        let world = base.copied();
        let failed = failing(&world, LINE, &point, "EIO", false);
        let stand =
            standing(&world).into_iter().filter(|it| it.extension().is_some_and(|it| it == "db")).count();
        if failed.err.contains("changed: nothing") {
            assert_eq!(stand, 1, "{point:?}: {}", failed.err);
        }
        unsure += u32::from(failed.err.contains("changed: not known"));
    }
    assert!(unsure > 0, "the folder is synced");
}

/// Events go in all the while; each backup has a first part of them, with all that follows from those.
#[test]
fn while_others_write() {
    let world = used();
    let mut child = program(&world, "usage record - -q");
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        use std::io::Write as _;
        for number in 0..3_000 {
            let line = format!(
                "{{\"customer\":\"acme\",\"meter\":\"in\",\"quantity\":1,\"id\":\"w{number}\",\"at\":\"2026-03-02T10:30:00Z\"}}\n"
            );
            stdin.write_all(line.as_bytes()).unwrap();
        }
    });
    for _ in 0..4 {
        demand(&world, 0, "store backup");
    }
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    demand(&world, 0, "store backup");
    let counts: Vec<(i64, i64)> = standing(&world)
        .iter()
        .map(|path| {
            let conn = rusqlite::Connection::open(path).unwrap();
            let sql = "SELECT COUNT(*), (SELECT SUM(events) FROM rollup) FROM usage_event";
            conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        })
        .collect();
    assert!(counts.iter().all(|(events, rolled)| events == rolled), "{counts:?}");
    assert_eq!(counts.iter().map(|it| it.0).max(), Some(3_040), "{counts:?}");
}

/// What does not hold here would not hold when it is needed.
#[test]
fn a_store_that_is_not_sound_makes_no_backup() {
    let world = backed_up();
    let conn = rusqlite::Connection::open(world.path().join(".paygrade/local.db")).unwrap();
    conn.execute("UPDATE rollup SET sum = sum + 1", []).unwrap();
    drop(conn);
    let before = standing(&world);
    let refused = demand(&world, 10, LINE);
    assert!(refused.err.contains("invariant I"), "{}", refused.err);
    assert_eq!(standing(&world), before, "the old one stays, and nothing else is there");
}
