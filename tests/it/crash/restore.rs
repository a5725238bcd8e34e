//! A restore that dies or fails anywhere leaves the old store or the new one, and can be run again; a recovery too.

use std::path::PathBuf;

use super::{World, demand, failed_at_each, failed_with, killed_at_each, settle, state, used};

/// Points of one run in a sample.
const SAMPLE: usize = 10;
/// When a recovery may run.
const RECOVERY: &str = "2026-03-02T12:00:00Z";

/// A store with a backup of before its last usage, all of which was sent.
pub(super) fn with_backup() -> World {
    let world = used();
    demand(&world, 0, "store backup --out backups");
    let backup = std::fs::read_dir(world.path().join("backups")).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(backup, world.path().join("old.db")).unwrap();
    demand(&world, 0, "usage record acme in 7 --id late --at 2026-03-02T10:10:00Z");
    demand(&world, 0, "meter push");
    world
}

pub(super) const LINE: &str = "store restore old.db --reason test";
pub(super) const RECOVER: &str = "store recover";

/// Usage events, and whether sending is forbidden; the store is sound.
pub(super) fn looked(world: &World, path: &str) -> (i64, bool) {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let conn = rusqlite::Connection::open_with_flags(world.path().join(path), flags).unwrap();
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{path}");
    let sql = "SELECT (SELECT COUNT(*) FROM usage_event), fenced IS NOT NULL FROM store";
    conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

/// The old store or the new one; after a second run the new one, with the old one whole beside it and nothing else.
pub(super) fn prove_old_or_new(world: &World, what: &str) {
    let now = looked(world, ".paygrade/local.db");
    assert!([(41, false), (40, true)].contains(&now), "{now:?}: {what}");
    demand(world, if now.1 { 5 } else { 0 }, "doctor --offline");
    demand(world, 0, LINE);
    assert_eq!(looked(world, ".paygrade/local.db"), (40, true), "{what}");
    demand(world, 5, "doctor --offline");
    let names: Vec<PathBuf> = std::fs::read_dir(world.path().join(".paygrade"))
        .unwrap()
        .map(|it| PathBuf::from(it.unwrap().file_name()))
        .collect();
    let kept: Vec<&PathBuf> = names.iter().filter(|it| it.to_str().unwrap().contains("replaced")).collect();
    assert!(!kept.is_empty(), "{names:?}: {what}");
    let whole = kept.iter().any(|it| looked(world, &format!(".paygrade/{}", it.display())) == (41, false));
    assert!(whole, "what was there is kept: {what}");
    let left = names.iter().find(|it| {
        let name = it.to_str().unwrap();
        name.contains("restoring") || name.contains("replacing")
    });
    assert!(left.is_none(), "{left:?}: {what}");
}

#[test]
fn killed_anywhere() {
    killed_at_each(&with_backup(), LINE, SAMPLE, |world, what| prove_old_or_new(&world, what));
}

#[test]
fn a_disk_that_is_full_or_broken() {
    failed_at_each(&with_backup(), LINE, SAMPLE, |world, failed| {
        if failed.says_nothing() {
            assert_eq!(looked(&world, ".paygrade/local.db"), (41, false), "{}", failed.said);
        }
        prove_old_or_new(&world, &failed.said);
    });
}

/// Where there is no store any more, there is none or all of it.
#[test]
fn in_the_place_of_nothing() {
    let base = with_backup();
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(base.path().join(format!(".paygrade/local.db{suffix}")));
    }
    killed_at_each(&base, LINE, SAMPLE, |world, what| {
        if world.path().join(".paygrade/local.db").exists() {
            assert_eq!(looked(&world, ".paygrade/local.db"), (40, true), "{what}");
        }
        demand(&world, 0, LINE);
        assert_eq!(looked(&world, ".paygrade/local.db"), (40, true), "{what}");
    });
}

/// A restored store that may recover now.
pub(super) fn to_recover() -> World {
    let mut base = with_backup();
    demand(&base, 0, LINE);
    demand(&base, 75, RECOVER);
    base.now(Some(RECOVERY));
    base
}

/// Recovers, unless it is done, and goes on to the end.
pub(super) fn recovered(world: &mut World) -> String {
    if looked(world, ".paygrade/local.db").1 {
        demand(world, 0, RECOVER);
    }
    demand(world, 0, "usage record acme in 7 --id late --at 2026-03-02T10:10:00Z");
    demand(world, 0, "usage import usage.csv --customer acme");
    settle(world);
    state(world)
}

/// Killed anywhere, a recovery is run again and ends as if nothing had been.
#[test]
fn a_recovery() {
    let base = to_recover();
    let wanted = recovered(&mut base.copied());
    killed_at_each(&base, RECOVER, SAMPLE, |mut world, what| {
        assert_eq!(recovered(&mut world), wanted, "{what}");
    });
}

/// Identity of the store that a change of owner changes.
fn owner(world: &World) -> Vec<String> {
    crate::recover::rows(
        &world.path().join(".paygrade/local.db"),
        "SELECT epoch, fenced, (SELECT COUNT(*) FROM opening), (SELECT COUNT(*) FROM customer) FROM store",
    )
}

/// What a recovery on a bad disk says of what it changed is true, and the next one ends it.
#[test]
fn a_recovery_on_a_disk_that_is_full_or_broken() {
    let base = to_recover();
    let before = owner(&base);
    let wanted = recovered(&mut base.copied());
    failed_with(&base, RECOVER, &[0, 10, 75, 8], SAMPLE, |mut world, failed| {
        if failed.says_nothing() {
            assert_eq!(owner(&world), before, "{}", failed.said);
        }
        assert_eq!(recovered(&mut world), wanted, "{}", failed.said);
    });
}

/// The same of a takeover: where it says that nothing is changed, the store sends as before.
#[test]
fn a_takeover_on_a_disk_that_is_full_or_broken() {
    let base = used();
    demand(&base, 0, "meter push --meter in");
    let line = "store takeover --reason test --wait-s 0";
    let before = owner(&base);
    failed_with(&base, line, &[0, 10, 75, 8], SAMPLE, |world, failed| {
        if failed.says_nothing() {
            assert_eq!(owner(&world), before, "{}", failed.said);
            demand(&world, 0, "meter push");
            return;
        }
        demand(&world, 0, line);
        assert_ne!(owner(&world), before, "{}", failed.said);
        demand(&world, 5, "meter push");
    });
}
