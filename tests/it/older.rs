//! Stores that an earlier version wrote: reading says what to do, migrating loses nothing, and a newer one is left alone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::world::World;

/// The schema of this version.
pub(crate) fn newest() -> usize {
    migrations().len()
}

fn migrations() -> Vec<String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn columns(conn: &Connection, schema: &str, table: &str) -> Vec<String> {
    let sql = "SELECT name FROM pragma_table_info(?1, ?2)";
    let mut find = conn.prepare(sql).unwrap();
    find.query_map([table, schema], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn names(conn: &Connection, schema: &str, kind: &str) -> Vec<(String, String)> {
    let sql = format!("SELECT name, sql FROM {schema}.sqlite_schema WHERE type = ?1 AND sql IS NOT NULL");
    let mut find = conn.prepare(&sql).unwrap();
    find.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Writes the store of a world anew as the version with only the first `schema` migrations would have it.
pub(crate) fn make_older(world: &World, schema: usize) {
    let path = world.path().join(".paygrade/local.db");
    let old = world.path().join(".paygrade/old");
    let conn = Connection::open(&old).unwrap();
    conn.execute_batch("PRAGMA page_size = 8192; PRAGMA application_id = 0x50415947;").unwrap();
    for sql in migrations().iter().take(schema) {
        conn.execute_batch(&format!("BEGIN; {sql}; COMMIT;")).unwrap();
    }
    conn.pragma_update(None, "user_version", i64::try_from(schema).unwrap()).unwrap();
    conn.execute("ATTACH ?1 AS now", [path.to_str().unwrap()]).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; BEGIN;").unwrap();
    let triggers = names(&conn, "main", "trigger");
    for (name, _) in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER main.{name}")).unwrap();
    }
    // What the program does beside the file of its migration.
    conn.execute_batch("DROP TABLE IF EXISTS usage_id_before").unwrap();
    for (table, _) in names(&conn, "main", "table") {
        let there = columns(&conn, "now", &table);
        let mut both = columns(&conn, "main", &table);
        both.retain(|it| there.contains(it));
        let both = both.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(", ");
        let rows = match table.as_str() {
            "usage_event" if schema < 23 => USAGE_EVENT.to_owned(),
            "rollup" if schema < 23 => ROLLUP.to_owned(),
            "usage_id" if schema < 27 => USAGE_ID.to_owned(),
            _ => format!("INSERT INTO main.{table} ({both}) SELECT {both} FROM now.{table}"),
        };
        conn.execute_batch(&format!("DELETE FROM main.{table}; {rows}")).unwrap();
    }
    for (_, sql) in &triggers {
        conn.execute_batch(sql).unwrap();
    }
    conn.execute_batch("COMMIT; DETACH now; PRAGMA journal_mode = WAL;").unwrap();
    conn.close().unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(world.path().join(format!(".paygrade/local.db{suffix}")));
        let _ = std::fs::remove_file(world.path().join(format!(".paygrade/old{suffix}")));
    }
    std::fs::rename(&old, &path).unwrap();
}

const USAGE_EVENT: &str = "
INSERT INTO main.usage_event (seq, meter, id, customer, quantity, at, recorded_at, action, end_user, run, line, over_quota, voids)
SELECT e.seq, e.meter, e.id, e.customer, e.quantity, e.at, b.recorded_at, e.action, e.end_user, b.run, e.line, e.over_quota, e.voids
FROM now.usage_event e JOIN now.usage_batch b ON e.seq BETWEEN b.first_seq AND b.last_seq";
const USAGE_ID: &str =
    "INSERT INTO main.usage_id (id, meter, seq) SELECT id, meter, seq FROM now.usage_event";
const ROLLUP: &str = "
INSERT INTO main.rollup (customer, meter, hour, span, sum, events, newest_at, last_seq)
SELECT e.customer, e.meter, e.at / 3600000000, s.span, SUM(e.quantity), COUNT(*), MAX(e.at), MAX(e.seq)
FROM now.usage_event e JOIN now.span s ON s.customer = e.customer AND s.meter = e.meter
  AND s.from_at <= e.at / 1000000 AND s.to_at > e.at / 1000000 GROUP BY 1, 2, 3, 4";

pub(crate) fn schema_of(path: &Path) -> usize {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let conn = Connection::open_with_flags(path, flags).unwrap();
    let schema: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    usize::try_from(schema).unwrap()
}

fn db(world: &World) -> PathBuf {
    world.path().join(".paygrade/local.db")
}

/// A store of the schema before the last that made tables anew.
fn older(schema: usize) -> World {
    let world = World::new();
    world.demand(0, "init --template overage");
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io");
    world.demand(0, "credits grant acme 50 --reason welcome --key w1");
    make_older(&world, schema);
    world
}

#[test]
fn reading_says_which_schema_it_is_and_what_to_do() {
    let world = older(13);
    let bytes = std::fs::read(db(&world)).unwrap();
    for line in [
        "status",
        "credits balance acme",
        "customer list",
        "export ledger",
        "allow acme --credits 5",
        "store backup",
    ] {
        let refused = world.demand(10, line);
        let wanted = [
            format!("has schema 13, and this version reads {}", newest()),
            "paygrade store migrate".to_owned(),
            "changed: nothing".to_owned(),
        ];
        for said in wanted {
            assert!(refused.err.contains(&said), "`{line}`: {said}\n{}", refused.err);
        }
    }
    // What is only shown leaves it as it is, too.
    for line in ["credits grant acme 1 --reason x -n", "seed -n", "customer add bolt --email b@acme.io -n"] {
        let shown = world.demand(10, line);
        assert!(shown.err.contains("store migrate"), "`{line}`: {}", shown.err);
    }
    let info = world.demand(0, "store info");
    assert!(info.out.contains("it has schema 13") && info.out.contains("credits postings"), "{}", info.out);
    let doctor = world.demand(10, "doctor --offline");
    assert!(doctor.out.contains("paygrade store migrate"), "{}", doctor.out);
    let plan = world.demand(0, "store migrate -n");
    assert!(
        plan.out.contains("Undo: counter-entries") && plan.out.contains("nothing was changed"),
        "{}",
        plan.out
    );
    assert!(!world.path().join(".paygrade/backups").exists());
    assert!(std::fs::read(db(&world)).unwrap() == bytes, "not a byte was written");
}

#[test]
fn a_command_that_writes_brings_it_up_to_date_and_says_so() {
    let world = older(13);
    let before = std::fs::read(db(&world)).unwrap();
    let wrote = world.demand(0, "credits consume acme 1");
    let said = format!("was brought from schema 13 to {}", newest());
    let backups = backups(&world);
    assert_eq!(backups.len(), 1, "{backups:?}");
    for once in [said.as_str(), &format!("backup: {}", backups[0].display())] {
        assert_eq!(wrote.err.matches(once).count(), 1, "{once}\n{}", wrote.err);
    }
    assert_eq!(schema_of(&backups[0]), 13);
    assert_eq!(backups[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(backups[0].parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert!(world.demand(0, "store info").out.contains(backups[0].to_str().unwrap()), "the backup is noted");
    let again = world.demand(0, "credits consume acme 1");
    assert!(!again.err.contains("was brought") && !again.err.contains("backup"), "{}", again.err);
    assert_eq!(self::backups(&world).len(), 1);
    assert!(before.len() > 8192, "the store has its pages in the file");
    assert!(world.demand(0, "credits balance acme").out.contains("48 credits"));
    world.demand(0, "doctor --offline");
    world.demand(0, "audit verify");
}

fn backups(world: &World) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(world.path().join(".paygrade/backups")).into_iter().flatten();
    folder.map(|it| it.unwrap().path()).collect()
}

/// Where no backup can be made nothing is migrated, whoever asks for it, and nothing is left behind.
#[test]
fn without_a_backup_the_store_stays_as_it_is() {
    let world = older(13);
    let bytes = std::fs::read(db(&world)).unwrap();
    world.file(".paygrade/backups", "in the way of the folder");
    for line in ["credits consume acme 1", "store migrate", "usage record acme fast 1", "seed --yes"] {
        let refused = world.demand(10, line);
        for said in ["keeps schema 13", "/backups/local-", "changed: nothing", "store migrate --out DIR"] {
            assert!(refused.err.contains(said), "`{line}`: {said}\n{}", refused.err);
        }
        assert!(std::fs::read(db(&world)).unwrap() == bytes, "`{line}`");
    }
    std::fs::remove_file(world.path().join(".paygrade/backups")).unwrap();
    world.demand(0, "credits consume acme 1");
    assert_eq!(backups(&world).len(), 1);
}

/// A damaged store is not migrated: what came of it would hide that.
#[test]
fn a_backup_that_is_not_sound_is_none() {
    let world = older(13);
    let conn = Connection::open(db(&world)).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF; DROP TRIGGER ledger_posting_is_immutable; UPDATE ledger_posting SET run = 999;",
    )
    .unwrap();
    conn.close().unwrap();
    let refused = world.demand(10, "credits consume acme 1");
    assert!(refused.err.contains("damaged") && refused.err.contains("changed: nothing"), "{}", refused.err);
    assert_eq!(schema_of(&db(&world)), 13);
    assert_eq!(backups(&world), Vec::<PathBuf>::new());
}

/// What a newer version would do to the store while another command has it open.
pub(crate) fn make_newer(world: &World, schema: usize) {
    let conn = Connection::open(db(world)).unwrap();
    conn.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    conn.pragma_update(None, "user_version", i64::try_from(schema).unwrap()).unwrap();
    conn.close().map_err(|(_, error)| error).unwrap();
}

/// A stream of the earlier version stops at its next event, and what was answered before stays.
#[test]
fn a_stream_stops_when_a_newer_version_migrates_under_it() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::Stdio;
    let world = World::new();
    world.demand(0, "init --template overage");
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io");
    let mut command = world.command("usage record - -o ndjson");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let meter = "fast";
    let event = |id: &str| {
        format!("{{\"customer\":\"acme\",\"meter\":\"{meter}\",\"quantity\":1,\"id\":\"{id}\"}}\n")
    };
    stdin.write_all(event("one").as_bytes()).unwrap();
    let first = answers.next().unwrap().unwrap();
    assert!(first.contains("one"), "{first}");
    make_newer(&world, newest() + 1);
    let _ = stdin.write_all(event("two").as_bytes());
    drop(stdin);
    answers.for_each(drop);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(10), "{err}");
    assert!(
        err.contains("a newer paygrade has brought the store") && err.contains("\"changed\":\"recorded\""),
        "{err}"
    );
    make_newer(&world, newest());
    let events = world.demand(0, "export usage -o csv -q").out;
    assert!(events.contains("one") && !events.contains("two"), "{events}");
    world.demand(0, "doctor --offline");
}

#[test]
fn migrate_makes_a_backup_that_can_be_brought_back() {
    let world = older(13);
    let done = world.demand(0, "store migrate");
    assert!(done.err.contains("backup: ") && done.out.contains("it had 13"), "{}{}", done.err, done.out);
    let folder = world.path().join(".paygrade/backups");
    let backups: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(backups.len(), 1, "{backups:?}");
    assert!(done.err.contains(backups[0].to_str().unwrap()), "{}", done.err);
    assert_eq!((schema_of(&backups[0]), schema_of(&db(&world))), (13, newest()));
    assert!(world.demand(0, "store migrate").out.contains("nothing to do"));
    assert_eq!(world.demand(0, "audit verify").out.matches("not sealed").count(), 0);
    world.demand(0, "doctor --offline");
    assert!(world.demand(0, "store info").out.contains(backups[0].to_str().unwrap()), "the backup is noted");
    world.demand(0, "credits consume acme 7");
    world.demand(0, &format!("store restore {}", backups[0].display()));
    assert_eq!(schema_of(&db(&world)), newest());
    let open = crate::recover::rows(&db(&world), "SELECT COUNT(*) FROM audit WHERE hash IS NULL");
    assert_eq!(open, ["Integer(0)"], "what a restore notes is sealed with it");
    assert!(world.demand(0, "credits balance acme").out.contains("50 credits"));
    world.demand(5, "doctor --offline");
    let without = older(22);
    let done = without.demand(0, "store migrate --no-backup");
    assert!(
        !done.err.contains("backup") && !without.path().join(".paygrade/backups").exists(),
        "{}",
        done.err
    );
    without.demand(0, "doctor --offline");
}

/// A step that would fail in the middle of many is found on the copy, and the store stays as the earlier version reads it.
#[test]
fn what_would_fail_is_found_before_the_store_is_touched() {
    let world = older(13);
    let conn = Connection::open(db(&world)).unwrap();
    // In the way of a table of a later step.
    conn.execute_batch("CREATE TABLE audit (x INTEGER) STRICT").unwrap();
    conn.close().unwrap();
    let refused = world.demand(10, "store migrate");
    for said in
        ["keeps schema 13", "on a copy of it", "schema 20 to 21", "changed: what happened is recorded"]
    {
        assert!(refused.err.contains(said), "{said}\n{}", refused.err);
    }
    assert_eq!(schema_of(&db(&world)), 13);
    let left: Vec<_> = std::fs::read_dir(world.path().join(".paygrade"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| it.contains("migrating"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let by_itself = world.demand(10, "credits consume acme 1");
    assert!(by_itself.err.contains("on a copy of it"), "{}", by_itself.err);
    assert_eq!(schema_of(&db(&world)), 13);
    // Without the trial it stops where it must, and says how far it came.
    let stopped = world.demand(10, "store migrate --no-backup");
    assert!(
        stopped.err.contains("from schema 20 to 21") && stopped.err.contains("changed: a part"),
        "{}",
        stopped.err
    );
    assert_eq!(schema_of(&db(&world)), 20);
    let conn = Connection::open(db(&world)).unwrap();
    conn.execute_batch("DROP TABLE audit").unwrap();
    conn.close().unwrap();
    world.demand(0, "store migrate");
    world.demand(0, "doctor --offline");
}

#[test]
fn a_newer_store_is_refused_before_a_byte_is_written() {
    let world = older(newest());
    let conn = Connection::open(db(&world)).unwrap();
    conn.execute_batch("PRAGMA user_version = 9999; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    conn.close().unwrap();
    let all = |world: &World| {
        let wal = std::fs::read(world.path().join(".paygrade/local.db-wal")).unwrap_or_default();
        (std::fs::read(db(world)).unwrap(), wal)
    };
    let before = all(&world);
    for line in [
        "status",
        "store info",
        "store migrate",
        "store migrate -n",
        "store backup",
        "store recover",
        "store takeover --reason x",
        "credits grant acme 1 --reason x",
        "usage record acme x 1",
        "meter push",
        "seed --yes",
        "doctor --offline",
    ] {
        let refused = world.demand(10, line);
        assert!(
            refused.err.contains("9999") && refused.err.contains("changed: nothing"),
            "`{line}`: {}",
            refused.err
        );
    }
    assert!(all(&world) == before);
}

/// Migrating is nobody's business but one: whoever else is at work is not disturbed.
#[test]
fn two_at_once_migrate_once() {
    let world = older(13);
    let both: Vec<_> = (0..2)
        .map(|_| {
            let mut command = world.command("store migrate");
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let exits: Vec<_> =
        both.into_iter().map(|it| it.wait_with_output().unwrap().status.code().unwrap()).collect();
    assert!(exits.contains(&0) && exits.iter().all(|it| [0, 9].contains(it)), "{exits:?}");
    world.demand(0, "doctor --offline");
    let backups = std::fs::read_dir(world.path().join(".paygrade/backups")).unwrap().count();
    assert_eq!(backups, 1);
}
