//! File systems that really are read-only or full: a read-only mount, and a disk of a few pages, in a mount namespace of
//! its own. Where this machine gives none, not even to a user of its own, these tests say so and prove nothing.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::{World, backup, demand, furnished, program, restore, settle, state, used};
use crate::world::{Answer, answer};

/// Kibibytes that are left on a full disk: from nothing to speak of to nearly enough.
const LEFT_KIB: [u32; 6] = [64, 160, 400, 900, 1_600, 2_600];

/// How a mount namespace is made here: as root, else as root of a user namespace.
#[allow(clippy::print_stderr)]
fn namespace() -> Option<&'static [&'static str]> {
    static WAY: OnceLock<Option<&[&str]>> = OnceLock::new();
    *WAY.get_or_init(|| {
        let ways: [&[&str]; 2] = [&["-m"], &["-r", "-m"]];
        let can = |way: &&[&str]| {
            let probe = "mount -t tmpfs none /mnt && umount /mnt";
            let ran = Command::new("unshare").args(*way).args(["sh", "-c", probe]).output();
            ran.is_ok_and(|it| it.status.success())
        };
        let found = ways.into_iter().find(can);
        if found.is_none() {
            eprintln!("skipped: no mount namespace can be made here (unshare -m, unshare -r -m)");
        }
        found
    })
}

/// Runs a script in a mount namespace, with `paygrade <line>` as its arguments and the world's folder as its own.
fn scripted(world: &World, line: &str, script: &str, more: &[(&str, &Path)]) -> Answer {
    let plain = program(world, line);
    let mut command = Command::new("unshare");
    command.args(namespace().unwrap()).args(["sh", "-c", script, "sh"]).arg(plain.get_program());
    command.args(plain.get_args());
    world.prepare(&mut command);
    command.env_remove("PAYGRADE_SEED").env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    for (name, path) in more {
        command.env(name, path);
    }
    answer(&command.output().unwrap())
}

/// Runs a command where a folder of the world, or all of it, is mounted read-only.
fn read_only(world: &World, folder: &str, line: &str) -> Answer {
    let script = "set -e; here=$PWD; mount --bind \"$HERE\" \"$HERE\"; mount -o remount,bind,ro \"$HERE\"; cd /; \
                  cd \"$here\"; exec \"$@\"";
    scripted(world, line, script, &[("HERE", &world.path().join(folder))])
}

/// Runs a command where the world is on a disk with so much room; what it leaves there is in the world then.
fn full(world: &World, left_kib: u32, line: &str) -> Answer {
    let place = tempfile::tempdir().unwrap();
    std::fs::create_dir(place.path().join("disk")).unwrap();
    let script = format!(
        "set -e; need=$(du -sk . | cut -f1); world=$PWD
         mount -t tmpfs -o size=$((need + {left_kib}))k,mode=0700 none \"$PLACE/disk\"
         cp -a . \"$PLACE/disk/\"; cd \"$PLACE/disk\"
         set +e; \"$@\" > \"$PLACE/out\" 2> \"$PLACE/err\"; code=$?; set -e
         find \"$world\" -mindepth 1 -delete; cp -a . \"$world/\"; exit $code"
    );
    let mut ran = scripted(world, line, &script, &[("PLACE", place.path())]);
    assert!(ran.err.is_empty(), "the disk could not be made: {}", ran.err);
    let text = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    (ran.out, ran.err) = (text("out"), text("err"));
    ran
}

/// Runs a command on disks that are full, more and less so. It is done, or the disk is named and, where nothing is said to
/// be changed, nothing is; `prove` sees what is left.
fn on_full_disks(base: &World, line: &str, mut prove: impl FnMut(World, &Answer, &str)) {
    if namespace().is_none() {
        return;
    }
    let mut failures = 0;
    for left_kib in LEFT_KIB {
        let world = base.copied();
        let ran = full(&world, left_kib, line);
        let said = format!("`{line}` with {left_kib} KiB left: exit {}\n{}{}", ran.exit, ran.out, ran.err);
        assert!([0, 10].contains(&ran.exit), "{said}");
        if ran.exit == 10 {
            failures += 1;
            assert!(ran.err.contains("error: ") && ran.err.contains("  next: "), "{said}");
        }
        prove(world, &ran, &said);
    }
    assert!(failures > 0, "`{line}` was never short of room");
}

fn says_nothing(ran: &Answer) -> bool {
    ran.exit == 10 && ran.err.contains("changed: nothing")
}

#[test]
fn a_backup_on_a_full_disk() {
    let base = backup::backed_up();
    let wanted = backup::content(&base.path().join(".paygrade/local.db"));
    on_full_disks(&base, backup::LINE, |world, ran, said| {
        if says_nothing(ran) {
            let stand = backup::standing(&world);
            assert_eq!(stand.len(), 1, "a full disk is not left fuller: {stand:?}\n{said}");
        }
        backup::prove_whole(&world, &wanted, said);
    });
}

#[test]
fn a_restore_on_a_full_disk() {
    on_full_disks(&restore::with_backup(), restore::LINE, |world, ran, said| {
        if says_nothing(ran) {
            assert_eq!(restore::looked(&world, ".paygrade/local.db"), (41, false), "{said}");
        }
        restore::prove_old_or_new(&world, said);
    });
}

#[test]
fn an_import_on_a_full_disk() {
    let base = furnished();
    base.file("usage.csv", &super::usage_csv(3_000));
    let line = "usage import usage.csv --customer acme";
    let finish = |world: &mut World| {
        demand(world, 0, line);
        settle(world);
        state(world)
    };
    let before = state(&base);
    let wanted = finish(&mut base.copied());
    on_full_disks(&base, line, |mut world, ran, said| {
        if says_nothing(ran) {
            assert_eq!(state(&world), before, "{said}");
        }
        assert_eq!(finish(&mut world), wanted, "{said}");
    });
}

#[test]
fn an_export_on_a_full_disk() {
    let base = furnished();
    base.file("usage.csv", &super::usage_csv(3_000));
    demand(&base, 0, "usage import usage.csv --customer acme");
    let line = "export usage --out out.csv";
    let file = |world: &World| std::fs::read(world.path().join("out.csv")).ok();
    let wanted = {
        let copy = base.copied();
        demand(&copy, 0, line);
        file(&copy).unwrap()
    };
    on_full_disks(&base, line, |world, ran, said| {
        assert_eq!(file(&world).is_some(), ran.exit == 0, "{said}");
        let parts = std::fs::read_dir(world.path()).unwrap().map(|it| it.unwrap().file_name());
        let left: Vec<_> = parts.filter(|it| it.to_string_lossy().contains(".part")).collect();
        assert!(left.is_empty(), "{left:?}: {said}");
        demand(&world, 0, line);
        assert_eq!(file(&world).unwrap(), wanted, "{said}");
    });
}

/// Where nothing can be written nothing is, and it is said before anything is sent.
#[test]
fn where_all_is_mounted_read_only() {
    if namespace().is_none() {
        return;
    }
    let world = restore::with_backup();
    let elsewhere = tempfile::tempdir().unwrap();
    let recovering = restore::to_recover();
    let files = |world: &World| {
        ["local.db", "local.db-wal", "local.journal"]
            .map(|it| std::fs::read(world.path().join(".paygrade").join(it)).ok())
    };
    let out = elsewhere.path().join("out.csv");
    let backups = elsewhere.path().join("backups");
    let (to_backups, to_out) = (
        format!("store backup --out {}", backups.display()),
        format!("export usage --out {}", out.display()),
    );
    for (world, line, exit) in [
        (&world, "store backup", 10),
        (&world, to_backups.as_str(), 10),
        (&world, restore::LINE, 10),
        (&world, "usage import usage.csv --customer acme", 10),
        (&world, "usage import usage.csv --customer acme -n", 0),
        (&world, "store restore old.db -n", 0),
        (&world, "export usage --out out.csv", 10),
        (&world, "export all --out all", 10),
        (&world, to_out.as_str(), 0),
        (&recovering, restore::RECOVER, 10),
    ] {
        let before = files(world);
        let ran = read_only(world, ".", line);
        assert_eq!(ran.exit, exit, "`{line}`\n{}{}", ran.out, ran.err);
        if exit == 10 {
            for said in ["error: ", "changed: nothing", "  next: "] {
                assert!(ran.err.contains(said), "`{line}`: {said}\n{}", ran.err);
            }
        }
        assert!(files(world) == before, "`{line}`");
    }
    assert!(out.exists() && !backups.exists());
    restore::prove_old_or_new(&world, "after all of it");
}

/// What is only read may be where nothing can be written; and a folder of backups that cannot be written is named.
#[test]
fn where_one_folder_is_mounted_read_only() {
    if namespace().is_none() {
        return;
    }
    let world = used();
    std::fs::create_dir(world.path().join("media")).unwrap();
    demand(&world, 0, "store backup --out media");
    std::fs::copy(world.path().join("usage.csv"), world.path().join("media/usage.csv")).unwrap();
    let refused = read_only(&world, "media", "store backup --out media");
    assert_eq!(refused.exit, 10, "{}", refused.err);
    for said in ["media", "changed: nothing", "  next: "] {
        assert!(refused.err.contains(said), "{said}\n{}", refused.err);
    }
    let refused = read_only(&world, "media", "export usage --out media/out.csv");
    assert!(refused.exit == 10 && refused.err.contains("media/out.csv"), "{}", refused.err);
    let again = read_only(&world, "media", "usage import media/usage.csv --customer acme");
    assert_eq!(again.exit, 0, "{}", again.err);
    let of_media = std::fs::read_dir(world.path().join("media")).unwrap().map(|it| it.unwrap().path());
    let made = of_media.into_iter().find(|it| it.extension().is_some_and(|it| it == "db")).unwrap();
    let restored = read_only(&world, "media", &format!("store restore {}", made.display()));
    assert_eq!(restored.exit, 0, "{}", restored.err);
    demand(&world, 5, "doctor --offline");
}
