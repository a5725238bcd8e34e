//! The commands about the store itself: what is only shown, and what only reads, changes not a byte.

use std::path::{Path, PathBuf};

use crate::world::World;

/// Bytes of everything below a folder but what says when it was used last, and the index of the WAL.
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.clone(), Vec::new()));
            found.extend(bytes(&path));
        } else if !path.to_string_lossy().ends_with("-shm") && path.extension().is_none_or(|it| it != "clock")
        {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_only_shown_changes_nothing() {
    let mut world = World::new();
    for line in [
        "init --template overage",
        "seed --yes",
        "customer add acme --email a@acme.io --payment-method pm_card_visa",
        "tier assign acme basic",
        "usage record acme fast 12",
        "meter push",
        "store backup --out made",
        "usage record acme fast 3",
    ] {
        world.demand(0, line);
    }
    let made = std::fs::read_dir(world.path().join("made")).unwrap().next().unwrap().unwrap().path();
    let restore = format!("store restore {} -n", made.display());
    // Stripe's own journal has what it was asked.
    let ours = |world: &World| {
        let mut all = bytes(world.path());
        all.retain(|(path, _)| path.extension().is_none_or(|it| it != "journal"));
        all
    };
    let shown = |world: &World, line: &str, says: &str| {
        let before = ours(world);
        let answer = world.demand(0, line);
        assert!(answer.out.contains(says), "`{line}`: {}", answer.out);
        let now = ours(world);
        let changed: Vec<&PathBuf> =
            now.iter().filter(|it| !before.contains(it)).map(|(path, _)| path).collect();
        assert!(before == now, "`{line}` changed {changed:?}");
    };
    // Who reads makes the files of locks: once.
    world.demand(0, "store info");
    for (line, says) in [
        ("store info", "it may send usage"),
        ("store info --check", "it may send usage"),
        ("store backup -n", "nothing was made; make it: paygrade store backup"),
        ("store backup --out made --keep 1 -n", "nothing was made"),
        ("store backup --out elsewhere -n", "nothing was made"),
        ("store migrate -n", "nothing to do"),
        ("store migrate", "nothing to do"),
        (restore.as_str(), "nothing was changed; apply it: paygrade store restore"),
        ("store takeover --reason test -n", "nothing was changed; apply it: paygrade store takeover"),
        ("store query SELECT/**/1", "1"),
        ("tick -n", "nothing was changed"),
        ("reconcile --period last -n", "nothing was asked"),
    ] {
        shown(&world, line, says);
    }
    world.demand(0, "store takeover --reason test --wait-s 0");
    world.now(Some("2026-11-21T09:00:00Z"));
    world.demand(0, "store info");
    shown(&world, "store recover -n", "nothing was changed; apply it: paygrade store recover");
    world.demand(0, "store recover");
}
