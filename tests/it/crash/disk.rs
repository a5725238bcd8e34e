//! A disk that is full or broken, at each call that writes, once or from then on.

use super::{World, demand, failing, furnished, points, sampled, settle, state, used};

/// Calls that write files. `writev` is left out: that is the network.
const ALL_WRITING: &str = "pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename,renameat2";
/// Without `write`, which wakes threads where there is a network: that cannot fail in life.
const SAFE_TO_FAIL: &str = "pwrite64,fsync,fdatasync,ftruncate,unlink,rename,renameat2";
/// Points of one run in a sample.
const SAMPLE: usize = 5;

/// Fails at each point. Exit 0 means that it was done all the same; any other code is one of `allowed`, with a message
/// that is true; then the same command ends where an undisturbed one does.
fn prove(from: fn() -> World, line: &str, usage: bool, calls: &str, allowed: &[i32]) {
    let base = from();
    let end = |world: &mut World, again: bool| {
        if again {
            demand(world, 0, line);
        }
        if usage {
            settle(world);
        }
        state(world)
    };
    let nothing = state(&base);
    let wanted = end(&mut base.copied(), true);
    let all = std::env::var_os("PAYGRADE_CRASH").is_some_and(|it| it == "all");
    let mut failures = 0;
    let modes = [("ENOSPC", false), ("EIO", false), ("ENOSPC", true), ("EIO", true)];
    for (number, point) in sampled(points(&base, line, "", calls), SAMPLE).iter().enumerate() {
        for (error, sticky) in
            modes.iter().skip(if all { 0 } else { number % 4 }).take(if all { 4 } else { 1 })
        {
            let what =
                format!("`{line}` with {error} at {point:?}{}", if *sticky { " and after" } else { "" });
            let mut world = base.copied();
            let failed = failing(&world, line, point, error, *sticky);
            let said = format!("{what}: exit {}\n{}{}", failed.exit, failed.out, failed.err);
            assert!(failed.exit == 0 || allowed.contains(&failed.exit), "{said}");
            if failed.exit == 10 {
                failures += 1;
                let mute = point.call == "write" && *sticky;
                assert!(mute || failed.err.contains("error: ") && failed.err.contains("  next: "), "{said}");
                if failed.err.contains("changed: nothing") {
                    assert_eq!(state(&world), nothing, "{said}");
                }
            }
            assert_eq!(end(&mut world, failed.exit != 0), wanted, "{said}");
        }
    }
    assert!(failures > 1, "`{line}` was hardly disturbed");
}

#[test]
fn usage_record() {
    prove(furnished, "usage record acme in 7 --id one --at 2026-03-02T10:10:00Z", true, ALL_WRITING, &[10]);
}

#[test]
fn usage_import() {
    prove(furnished, "usage import usage.csv --customer acme", true, ALL_WRITING, &[10]);
}

#[test]
fn credits() {
    prove(furnished, "credits consume acme 30 --key job-1", false, ALL_WRITING, &[10]);
    prove(furnished, "credits grant acme 30 --reason more --key more-1", false, ALL_WRITING, &[10]);
}

/// Without a key, whoever is told that nothing changed will do it again: it had better be true.
#[test]
fn what_failed_has_not_happened() {
    let base = furnished();
    let line = "credits consume acme 30";
    for (point, sticky) in
        points(&base, line, "", "fsync,fdatasync,pwrite64").iter().flat_map(|it| [(it, false), (it, true)])
    {
        if point.call == "pwrite64" && !super::sampled_by(point.nth) {
            continue;
        }
        let world = base.copied();
        let failed = failing(&world, line, point, "EIO", sticky);
        let left = demand(&world, 0, "credits balance acme").out;
        let spent = left.contains("470 credits available");
        assert!(spent || left.contains("500 credits available"), "{left}");
        match failed.exit {
            0 => assert!(spent, "{point:?}"),
            10 if spent => assert!(!failed.err.contains("changed: nothing"), "{point:?}\n{}", failed.err),
            10 => {}
            other => panic!("exit {other} at {point:?}"),
        }
    }
    let full = base.copied();
    let said = full.shell(&format!("paygrade {line} >/dev/full"));
    assert_eq!(said.exit, 10);
    assert!(said.out.contains("changed: what happened is recorded"), "{}", said.out);
}

/// Here the local Stripe's own files may fail too, which is an answer that never came.
#[test]
fn meter_push() {
    prove(used, "meter push", true, SAFE_TO_FAIL, &[10, 75, 8]);
}

#[test]
fn export() {
    let base = used();
    let line = "export usage --out out.csv";
    let wanted = {
        let copy = base.copied();
        demand(&copy, 0, line);
        std::fs::read(copy.path().join("out.csv")).unwrap()
    };
    for (number, point) in sampled(points(&base, line, "", ALL_WRITING), 12).iter().enumerate() {
        let world = base.copied();
        let out = world.path().join("out.csv");
        let failed = failing(&world, line, point, ["ENOSPC", "EIO"][number % 2], number % 3 == 0);
        assert!([0, 10].contains(&failed.exit), "exit {} at {point:?}: {}", failed.exit, failed.err);
        assert!(out.exists() || failed.exit == 10, "{point:?}");
        if let Ok(bytes) = std::fs::read(&out) {
            assert!(bytes == wanted, "half a file at {point:?}");
        }
        demand(&world, 0, line);
        assert_eq!(std::fs::read(&out).unwrap(), wanted, "{point:?}");
    }
}
