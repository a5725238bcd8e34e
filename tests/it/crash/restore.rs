//! A restore that dies or fails anywhere leaves the old store or the new one, and can be run again; a recovery too.

use std::path::PathBuf;

use super::{CHANGING, World, demand, fed, killed, points, sampled, settle, state, traced, used};
use crate::world::answer;

/// Points of one run in a sample.
const SAMPLE: usize = 10;
/// When a recovery may run.
const RECOVERY: &str = "2026-03-02T12:00:00Z";

/// A store with a backup of before its last usage, all of which was sent.
fn with_backup() -> World {
    let world = used();
    demand(&world, 0, "store backup --out backups");
    let backup = std::fs::read_dir(world.path().join("backups")).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(backup, world.path().join("old.db")).unwrap();
    demand(&world, 0, "usage record acme in 7 --id late --at 2026-03-02T10:10:00Z");
    demand(&world, 0, "meter push");
    world
}

const LINE: &str = "store restore old.db --reason test";

/// Usage events, and whether sending is forbidden; the store is sound.
fn looked(world: &World, path: &str) -> (i64, bool) {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let conn = rusqlite::Connection::open_with_flags(world.path().join(path), flags).unwrap();
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{path}");
    let sql = "SELECT (SELECT COUNT(*) FROM usage_event), fenced IS NOT NULL FROM store";
    conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

/// The old store or the new one; after a second run the new one, with the old one whole beside it and nothing else.
fn prove_old_or_new(world: &World, what: &str) {
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
    let base = with_backup();
    let mut kills = 0;
    for point in sampled(points(&base, LINE, "", CHANGING), SAMPLE) {
        let world = base.copied();
        kills += u32::from(killed(&world, LINE, "", &point).is_some());
        prove_old_or_new(&world, &format!("killed at {point:?}"));
    }
    assert!(kills > 1, "it was hardly killed");
}

#[test]
fn a_disk_that_is_full_or_broken() {
    const WRITING: &str = "pwrite64,fsync,fdatasync,ftruncate,rename,unlink";
    let base = with_backup();
    let mut failures = 0;
    for (number, point) in sampled(points(&base, LINE, "", WRITING), SAMPLE).iter().enumerate() {
        let (error, when) = [("ENOSPC", ""), ("EIO", ""), ("ENOSPC", "+"), ("EIO", "+")][number % 4];
        let world = base.copied();
        let inject = format!("inject={}:error={error}:when={}{when}", point.call, point.nth);
        let options = ["-o", "/dev/null", "-e", &format!("trace={}", point.call), "-e", &inject];
        let failed = answer(&fed(traced(&world, LINE, &options), ""));
        let said = format!("{error} at {point:?}{when}: {}\n{}{}", failed.exit, failed.out, failed.err);
        assert!([0, 10].contains(&failed.exit), "{said}");
        failures += u32::from(failed.exit == 10);
        if failed.exit == 10 && failed.err.contains("changed: nothing") {
            assert_eq!(looked(&world, ".paygrade/local.db"), (41, false), "{said}");
        }
        prove_old_or_new(&world, &said);
    }
    assert!(failures > 1, "it was hardly disturbed");
}

/// Where there is no store any more, there is none or all of it.
#[test]
fn in_the_place_of_nothing() {
    let base = with_backup();
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(base.path().join(format!(".paygrade/local.db{suffix}")));
    }
    for point in sampled(points(&base, LINE, "", CHANGING), SAMPLE) {
        let world = base.copied();
        killed(&world, LINE, "", &point);
        if world.path().join(".paygrade/local.db").exists() {
            assert_eq!(looked(&world, ".paygrade/local.db"), (40, true), "{point:?}");
        }
        demand(&world, 0, LINE);
        assert_eq!(looked(&world, ".paygrade/local.db"), (40, true), "{point:?}");
    }
}

/// Killed anywhere, a recovery is run again and ends as if nothing had been.
#[test]
fn a_recovery() {
    let mut base = with_backup();
    demand(&base, 0, LINE);
    demand(&base, 75, "store recover");
    base.now(Some(RECOVERY));
    let line = "store recover";
    let end = |world: &mut World| {
        if looked(world, ".paygrade/local.db").1 {
            demand(world, 0, line);
        }
        demand(world, 0, "usage record acme in 7 --id late --at 2026-03-02T10:10:00Z");
        demand(world, 0, "usage import usage.csv --customer acme");
        settle(world);
        state(world)
    };
    let wanted = end(&mut base.copied());
    let mut kills = 0;
    for point in sampled(points(&base, line, "", CHANGING), SAMPLE) {
        let mut world = base.copied();
        kills += u32::from(killed(&world, line, "", &point).is_some());
        assert_eq!(end(&mut world), wanted, "killed at {point:?}");
    }
    assert!(kills > 1, "it was hardly killed");
}
