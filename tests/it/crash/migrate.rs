//! A migration that dies or fails anywhere leaves the old schema or a later one, whole, and nothing is lost.

use super::{World, demand, failed_at_each, killed_at_each, settle, state, used};
use crate::older::{make_older, newest, schema_of};

const LINE: &str = "store migrate";
/// A command that writes, and so migrates by itself.
const WRITES: &str = "credits consume acme 30 --key job-1";
/// The schema before the tables of deliveries and of usage were made anew.
const OLD: usize = 13;
/// Points of one run in a sample.
const SAMPLE: usize = 12;

fn old() -> World {
    let world = used();
    demand(&world, 0, "meter push --meter in");
    make_older(&world, OLD);
    world
}

/// From any of these schemas all of it is there afterwards, to the unit.
#[test]
fn from_every_schema() {
    let mut plain = used();
    demand(&plain, 0, "meter push --meter in");
    let base = plain.copied();
    let before = state(&plain);
    settle(&mut plain);
    let wanted = state(&plain);
    for schema in OLD..newest() {
        let mut world = base.copied();
        make_older(&world, schema);
        demand(&world, 0, LINE);
        assert_eq!(state(&world), before, "from schema {schema}");
        settle(&mut world);
        assert_eq!(state(&world), wanted, "from schema {schema}");
    }
}

fn end(world: &mut World) -> String {
    settle(world);
    state(world)
}

/// What it all comes to once the command has been through.
fn finish(world: &mut World, line: &str) -> String {
    demand(world, 0, line);
    end(world)
}

/// What the next command finds, whatever it is: one that reads says what to do or works, one that writes goes on.
fn prove(mut world: World, wanted: &str, what: &str) {
    let schema = schema_of(&world.path().join(".paygrade/local.db"));
    assert!((OLD..=newest()).contains(&schema), "{schema}: {what}");
    let looked = demand(&world, if schema == newest() { 0 } else { 10 }, "customer list");
    assert!(schema == newest() || looked.err.contains("paygrade store migrate"), "{}", looked.err);
    demand(&world, 0, LINE);
    let left = std::fs::read_dir(world.path().join(".paygrade"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .find(|it| schema < newest() && it.contains("migrating"));
    assert!(left.is_none(), "{left:?}: {what}");
    assert_eq!(end(&mut world), wanted, "{what}");
    for backup in std::fs::read_dir(world.path().join(".paygrade/backups")).into_iter().flatten() {
        let path = backup.unwrap().path();
        if path.extension().is_some_and(|it| it == "db") {
            assert!((OLD..newest()).contains(&schema_of(&path)), "{}: {what}", path.display());
        }
    }
}

/// Whatever happened to the store, a whole backup of what it was before stands.
fn backed_up_before(world: &World, what: &str) {
    let schema = schema_of(&world.path().join(".paygrade/local.db"));
    let stands = std::fs::read_dir(world.path().join(".paygrade/backups")).into_iter().flatten();
    let whole = stands.map(|it| it.unwrap().path()).filter(|it| it.extension().is_some_and(|it| it == "db"));
    let whole: Vec<usize> = whole
        .map(|path| {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let conn = rusqlite::Connection::open_with_flags(&path, flags).unwrap();
            let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(sound, "ok", "{}: {what}", path.display());
            schema_of(&path)
        })
        .collect();
    assert!(schema == OLD || whole.contains(&OLD), "schema {schema}, backups {whole:?}: {what}");
}

/// A disk that is full or broken while a command that writes migrates: nothing is changed, or the backup stands.
#[test]
fn a_disk_that_fails_under_a_command_that_writes() {
    let base = old();
    let wanted = finish(&mut base.copied(), WRITES);
    failed_at_each(&base, WRITES, SAMPLE, |mut world, failed| {
        if failed.says_nothing() {
            assert_eq!(schema_of(&world.path().join(".paygrade/local.db")), OLD, "{}", failed.said);
        }
        backed_up_before(&world, &failed.said);
        assert_eq!(finish(&mut world, WRITES), wanted, "{}", failed.said);
    });
}

#[test]
fn killed_anywhere() {
    let base = old();
    let wanted = finish(&mut base.copied(), LINE);
    killed_at_each(&base, LINE, SAMPLE, |world, what| prove(world, &wanted, what));
}

/// The same where it happens by itself, in a command that writes: it is run again, and has happened once.
#[test]
fn killed_anywhere_in_a_command_that_writes() {
    let base = old();
    let wanted = finish(&mut base.copied(), WRITES);
    killed_at_each(&base, WRITES, SAMPLE, |mut world, what| {
        backed_up_before(&world, what);
        assert_eq!(finish(&mut world, WRITES), wanted, "{what}");
    });
}

#[test]
fn a_disk_that_is_full_or_broken() {
    let base = old();
    let wanted = finish(&mut base.copied(), LINE);
    failed_at_each(&base, LINE, SAMPLE, |world, failed| {
        if failed.says_nothing() {
            assert_eq!(schema_of(&world.path().join(".paygrade/local.db")), OLD, "{}", failed.said);
        }
        prove(world, &wanted, &failed.said);
    });
}
