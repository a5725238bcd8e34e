//! Asked to end in the middle, and readers that stop reading.

use super::{
    World, demand, fed, furnished, points, program, run, sampled, settle, state, traced, usage_csv, used,
};
use crate::world::{Answer, answer};

/// Sends a signal at the `nth` call of that name.
fn asked(world: &World, line: &str, input: &str, signal: &str, call: &str, nth: u32) -> Answer {
    let inject = format!("inject={call}:signal={signal}:when={nth}");
    let options = ["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject];
    answer(&fed(traced(world, line, &options), input))
}

/// Asked at each sync: ends at a clean point with its own code, or is done; run again it completes.
fn prove(base: &World, line: &str, input: &str, call: &str, most: usize) {
    let end = |world: &mut World| {
        let again = answer(&fed(program(world, line), input));
        assert_eq!(again.exit, 0, "{}{}", again.out, again.err);
        settle(world);
        state(world)
    };
    let wanted = end(&mut base.copied());
    let mut interrupted = 0;
    for (number, point) in sampled(points(base, line, input, call), most).iter().enumerate() {
        let (signal, exit) = [("INT", 130), ("TERM", 143)][number % 2];
        let mut world = base.copied();
        let answer = asked(&world, line, input, signal, &point.call, point.nth);
        let said = format!("`{line}`, {signal} at {point:?}: {}\n{}{}", answer.exit, answer.out, answer.err);
        // -1: it came before anything was done that needs a clean end, and the system ended it.
        assert!([0, exit, -1].contains(&answer.exit), "{said}");
        interrupted += u32::from(answer.exit == exit);
        demand(&world, 0, "doctor --offline");
        assert_eq!(end(&mut world), wanted, "{said}");
    }
    assert!(interrupted > 0, "`{line}` never ended early");
}

#[test]
fn usage_import() {
    let base = furnished();
    base.file("usage.csv", &usage_csv(20_000));
    prove(&base, "usage import usage.csv --customer acme", "", "read", 7);
}

#[test]
fn usage_record() {
    let lines: String = (0..3_000)
        .map(|number| {
            let at = "2026-03-02T10:10:00Z";
            format!("{{\"customer\":\"acme\",\"meter\":\"in\",\"quantity\":1,\"id\":\"n{number}\",\"at\":\"{at}\"}}\n")
        })
        .collect();
    prove(&furnished(), "usage record -", &lines, "fdatasync", 4);
}

#[test]
fn meter_push() {
    prove(&used(), "meter push", "", "fdatasync", 4);
    prove(&used(), "meter push", "", "writev", 4);
}

#[test]
fn a_reader_that_has_seen_enough() {
    let world = furnished();
    world.file("usage.csv", &usage_csv(20_000));
    demand(&world, 0, "usage import usage.csv --customer acme");
    let lines: String = (0..2_000)
        .map(|number| {
            format!("{{\"customer\":\"acme\",\"meter\":\"in\",\"quantity\":1,\"id\":\"h{number}\"}}\n")
        })
        .collect();
    world.file("lines", &lines);
    for line in [
        "paygrade export usage | head -1",
        "paygrade export usage -o json | head -1",
        "paygrade customer list -o ndjson | true",
        "paygrade meter list | true",
        "paygrade usage record - -o ndjson <lines | head -1",
        "paygrade --help | true",
    ] {
        let answer = world.shell(line);
        assert!(answer.out.lines().count() <= 2, "`{line}`: {}", answer.out);
        assert!(!answer.out.contains("error") && !answer.out.contains("bug"), "`{line}`: {}", answer.out);
    }
    // Whether its reader is there or not, what came in is recorded.
    assert_eq!(run(&world, "usage record acme in 1 --id h1999").exit, 0);
    demand(&world, 0, "doctor --offline");
}
