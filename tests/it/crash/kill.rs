//! Killed at every system call that changes something, then run again.

use super::{
    CHANGING, SAMPLE, SETTLED, World, bare, demand, fed, furnished, killed, points, program, sampled, settle,
    state, used,
};
use crate::world::answer;

/// A command, the folder it starts from, and what it reads.
struct Case {
    line: &'static str,
    input: &'static str,
    /// Usage that is to be sent and compared at the end.
    usage: bool,
    from: fn() -> World,
}

/// Kills at each point; runs again; the end must be that of an undisturbed run.
fn prove(case: &Case) {
    let base = (case.from)();
    let end = |world: &mut World| {
        let again = answer(&fed(program(world, case.line), case.input));
        assert_eq!(again.exit, 0, "`{}` again: {}{}", case.line, again.out, again.err);
        if case.usage {
            settle(world);
        }
        state(world)
    };
    let wanted = end(&mut base.copied());
    let points = points(&base, case.line, case.input, CHANGING);
    let mut kills = 0;
    for point in sampled(points, SAMPLE) {
        let mut world = base.copied();
        if killed(&world, case.line, case.input, &point).is_some() {
            kills += 1;
        }
        demand(&world, 0, "doctor --offline");
        let got = end(&mut world);
        assert_eq!(got, wanted, "`{}` killed at {point:?}", case.line);
    }
    assert!(kills > 1, "`{}` was hardly killed", case.line);
}

#[test]
fn usage_record() {
    let line = "usage record acme in 7 --id one --at 2026-03-02T10:10:00Z";
    prove(&Case { line, input: "", usage: true, from: furnished });
}

#[test]
fn usage_record_of_many() {
    let input = r#"{"customer":"acme","meter":"in","quantity":3,"id":"a","at":"2026-03-02T10:10:00Z"}
{"customer":"acme","meter":"out","quantity":4,"id":"b","at":"2026-03-02T10:11:00Z"}
"#;
    prove(&Case { line: "usage record -", input, usage: true, from: furnished });
}

#[test]
fn usage_import() {
    prove(&Case { line: "usage import usage.csv --customer acme", input: "", usage: true, from: furnished });
}

#[test]
fn usage_import_of_totals() {
    let from = || {
        let world = furnished();
        demand(&world, 0, "usage record acme in 4 --id one --at 2026-03-02T09:30:00Z");
        let rows = ["in,2026-03-02T09:00:00Z,9", "out,2026-03-02T09:00:00Z,3", "in,2026-03-02T10:00:00Z,7"];
        world.file("totals.csv", &format!("meter,hour,total\n{}\n", rows.join("\n")));
        world
    };
    let line = "usage import totals.csv --totals --customer acme";
    prove(&Case { line, input: "", usage: true, from });
}

#[test]
fn credits_grant() {
    let line = "credits grant acme 70 --reason sorry --key sorry-1";
    prove(&Case { line, input: "", usage: false, from: furnished });
}

#[test]
fn credits_consume() {
    prove(&Case { line: "credits consume acme 30 --key job-1", input: "", usage: false, from: furnished });
}

#[test]
fn seed() {
    prove(&Case { line: "seed --yes", input: "", usage: false, from: bare });
}

#[test]
fn customer_add() {
    let line = "customer add cato --email c@cato.example --payment-method pm_card_visa";
    prove(&Case { line, input: "", usage: false, from: furnished });
}

#[test]
fn tier_assign() {
    prove(&Case { line: "tier assign bolt pro", input: "", usage: false, from: furnished });
}

#[test]
fn tier_assign_of_another() {
    prove(&Case { line: "tier assign acme max", input: "", usage: false, from: furnished });
}

/// A folder in which one more command was run.
fn after(world: World, line: &str) -> World {
    demand(&world, 0, line);
    world
}

#[test]
fn tier_assign_of_a_lower_one() {
    let from = || after(furnished(), "tier assign acme max");
    prove(&Case { line: "tier assign acme pro", input: "", usage: false, from });
}

#[test]
fn tier_cancel() {
    prove(&Case { line: "tier cancel acme", input: "", usage: true, from: used });
}

#[test]
fn tier_cancel_now() {
    prove(&Case { line: "tier cancel acme --at now", input: "", usage: true, from: used });
}

#[test]
fn tier_resume() {
    let from = || after(after(furnished(), "tier assign acme max"), "tier assign acme pro");
    prove(&Case { line: "tier resume acme", input: "", usage: false, from });
}

#[test]
fn meter_push() {
    prove(&Case { line: "meter push", input: "", usage: true, from: used });
}

/// `used`, with all of it at Stripe.
fn sent() -> World {
    let world = used();
    demand(&world, 0, "meter push");
    world
}

#[test]
fn usage_void() {
    // A part of each hour by its rows, and all of it: counter-entries and cancellations.
    let line = "usage void --import 6 --reason wrong --yes";
    prove(&Case { line, input: "", usage: true, from: sent });
}

#[test]
fn meter_cancel() {
    let line = "meter cancel 1 2 --reason wrong";
    prove(&Case { line, input: "", usage: true, from: sent });
}

#[test]
fn repair() {
    let from = || {
        let mut world = used();
        // The first of two is refused, the second lost.
        demand(&world, 0, "local fault refuse-before --status 400 --path /v1/billing/meter_events");
        demand(&world, 0, "local fault lose-meter-event --nth 2");
        demand(&world, 7, "meter push --meter in");
        demand(&world, 7, "meter push");
        world.now(Some("2026-03-02T12:00:00Z"));
        demand(&world, 4, "reconcile");
        world.now(Some("2026-03-02T12:20:00Z"));
        world
    };
    prove(&Case { line: "repair --yes", input: "", usage: true, from });
}

#[test]
fn reconcile() {
    let from = || {
        let mut world = used();
        demand(&world, 0, "meter push");
        world.now(Some(super::SETTLED));
        world
    };
    prove(&Case { line: "reconcile --full", input: "", usage: true, from });
}

/// The file is there whole, or not at all; what a dead run left beside it does not stay for ever.
#[test]
fn export() {
    let base = used();
    let line = "export usage --out usage-out.csv";
    let before = std::fs::read(base.path().join("usage.csv")).unwrap();
    let whole = {
        let copy = base.copied();
        demand(&copy, 0, line);
        std::fs::read(copy.path().join("usage-out.csv")).unwrap()
    };
    for old in [false, true] {
        for point in sampled(points(&base, line, "", CHANGING), SAMPLE) {
            let world = base.copied();
            let out = world.path().join("usage-out.csv");
            if old {
                std::fs::write(&out, &before).unwrap();
            }
            let died = killed(&world, line, "", &point).is_some();
            match std::fs::read(&out) {
                Ok(bytes) => assert!(bytes == whole || (old && bytes == before), "half a file at {point:?}"),
                Err(_) => assert!(died && !old, "no file at {point:?}"),
            }
            demand(&world, 0, line);
            assert_eq!(std::fs::read(&out).unwrap(), whole, "{point:?}");
            let left = std::fs::read_dir(world.path()).unwrap().count();
            assert_eq!(left, 4, "catalog, usage, export and the store's folder, at {point:?}");
        }
    }
}

/// A comparison of everything is killed: the next one asks only what the dead one had not.
#[test]
fn reconcile_full() {
    let mut base = used();
    for number in 0..8 {
        demand(&base, 0, &format!("customer add u{number} --email u{number}@u.example"));
    }
    demand(&base, 0, "meter push");
    base.now(Some(SETTLED));
    let line = "reconcile --full -o json";
    let number = |text: &str, fact: &str| -> u64 {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        json[fact].as_u64().unwrap_or(0)
    };
    let all = number(&demand(&base.copied(), 0, line).out, "asked");
    assert!(all > 16, "more than are asked at once: {all}");
    let mut went_on = 0;
    for point in sampled(points(&base, line, "", "pwrite64,fdatasync"), 16) {
        let world = base.copied();
        if killed(&world, line, "", &point).is_none() {
            continue;
        }
        let next = demand(&world, 0, line).out;
        let (asked, carried) = (number(&next, "asked"), number(&next, "carried"));
        assert_eq!(asked + carried, all, "{point:?}: {next}");
        went_on += u32::from(carried > 0);
        assert_eq!(number(&demand(&world, 0, line).out, "asked"), all, "and then anew: {point:?}");
        demand(&world, 0, "doctor --offline");
    }
    assert!(went_on > 0, "no run went on where another had died");
}
