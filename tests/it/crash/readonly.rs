//! Where nothing can be written: reading works, writing ends with 10 before anything is sent.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::{World, demand, used};
use crate::world::{Answer, answer};

const NOBODY: u32 = 65_534;

/// Takes the right to write from a folder and all in it.
fn closed(path: &Path) {
    for entry in std::fs::read_dir(path).unwrap() {
        let entry = entry.unwrap().path();
        if entry.is_dir() {
            closed(&entry);
        } else {
            std::fs::set_permissions(&entry, std::fs::Permissions::from_mode(0o444)).unwrap();
        }
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o555)).unwrap();
}

/// The program as somebody whom permissions stop: root is not.
fn as_somebody(world: &World, program: &Path, line: &str) -> Answer {
    let mut command = Command::new(program);
    command.args(line.split_whitespace());
    world.prepare(&mut command);
    if world.path().metadata().unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    answer(&command.output().unwrap())
}

#[test]
fn a_folder_that_cannot_be_written() {
    let world = used();
    demand(&world, 0, "meter status");
    // Where the program was built, another user may not look.
    let place = tempfile::tempdir().unwrap();
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = place.path().join("paygrade");
    std::fs::copy(env!("CARGO_BIN_EXE_paygrade"), &program).unwrap();
    let checkpointed = |world: &World| {
        let conn = rusqlite::Connection::open(world.path().join(".paygrade/local.db")).unwrap();
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    };
    checkpointed(&world);
    for gone in [false, true] {
        if gone {
            // A copy that somebody made of the store alone.
            for suffix in ["-wal", "-shm", "-lock"] {
                let _ = std::fs::remove_file(world.path().join(format!(".paygrade/local.db{suffix}")));
            }
            std::fs::remove_file(world.path().join(".paygrade/local.clock")).unwrap();
        }
        closed(world.path());
        let journal = std::fs::read(world.path().join(".paygrade/local.journal")).unwrap();
        for line in [
            "usage show acme",
            "credits balance acme",
            "customer list",
            "meter status",
            "export usage",
            "doctor --offline",
            "status",
            "tier show pro",
            "allow acme --meter in=5",
            "catalog check",
        ] {
            let answer = as_somebody(&world, &program, line);
            assert!([0, 5].contains(&answer.exit), "`{line}`: {}\n{}{}", answer.exit, answer.out, answer.err);
        }
        for line in [
            "usage record acme in 1",
            "usage import usage.csv --customer acme",
            "credits consume acme 1",
            "credits grant acme 1 --reason x",
            "meter push",
            "seed --yes",
            "tier assign bolt pro",
            "customer add dora --email d@dora.example",
            "export usage --out x.csv",
        ] {
            let answer = as_somebody(&world, &program, line);
            assert_eq!(answer.exit, 10, "`{line}`\n{}{}", answer.out, answer.err);
            assert!(answer.err.contains("changed: nothing"), "`{line}`\n{}", answer.err);
        }
        assert_eq!(std::fs::read(world.path().join(".paygrade/local.journal")).unwrap(), journal);
        for folder in [world.path().join(".paygrade"), world.path().to_owned()] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
}
