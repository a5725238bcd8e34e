//! Several processes at once on one store and one local Stripe.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{LATER, World, bare, demand, furnished, program, run, settle, state, usage_csv, used};
use crate::older::{make_newer, newest};
use crate::world::{Answer, answer};

/// A reader of everything: a full pipe would hold the child up.
fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Runs these at once.
fn at_once(world: &World, lines: &[String]) -> Vec<Answer> {
    let children: Vec<Child> = lines.iter().map(|line| start(program(world, line))).collect();
    children.into_iter().map(|child| answer(&child.wait_with_output().unwrap())).collect()
}

fn exits(answers: &[Answer], exit: i32) -> usize {
    answers.iter().filter(|it| it.exit == exit).count()
}

#[test]
fn two_seeds() {
    let world = bare();
    let wanted = {
        let alone = bare();
        demand(&alone, 0, "seed --yes");
        state(&alone)
    };
    let lines = vec!["seed --yes".to_owned(); 2];
    let both = at_once(&world, &lines);
    assert!(both.iter().all(|it| [0, 9, 11, 75].contains(&it.exit)), "{both:?}");
    demand(&world, 0, "seed --yes");
    assert_eq!(state(&world), wanted);
}

#[test]
fn two_pushes() {
    let mut world = used();
    demand(&world, 0, "local fault delay --path /v1/billing/meter_events --amount 1500");
    let first = start(program(&world, "meter push"));
    let until = Instant::now() + Duration::from_secs(10);
    let sending = |world: &World| run(world, "meter list -o csv").out.contains("sending");
    while !sending(&world) {
        assert!(Instant::now() < until, "the first push sends nothing");
    }
    let second = run(&world, "meter push");
    assert_eq!(second.exit, 9, "{}{}", second.out, second.err);
    assert!(second.err.contains("another push"), "{}", second.err);
    let first = answer(&first.wait_with_output().unwrap());
    assert_eq!(first.exit, 0, "{}{}", first.out, first.err);
    settle(&mut world);
}

/// A newer version migrates the store while a push of this one waits for Stripe: the push writes nothing more, what was
/// out is recorded as being out, and whoever pushes next sends it again under its name.
#[test]
fn a_push_under_which_the_store_is_migrated() {
    let mut world = used();
    demand(&world, 0, "local fault delay --path /v1/billing/meter_events --amount 1500");
    let first = start(program(&world, "meter push"));
    let until = Instant::now() + Duration::from_secs(10);
    while !run(&world, "meter list -o csv").out.contains("sending") {
        assert!(Instant::now() < until, "the push sends nothing");
    }
    make_newer(&world, newest() + 1);
    let first = answer(&first.wait_with_output().unwrap());
    assert_eq!(first.exit, 10, "{}{}", first.out, first.err);
    for said in ["a newer paygrade has brought", "what happened is recorded", "with the newer paygrade"] {
        assert!(first.err.contains(said), "{said}\n{}", first.err);
    }
    make_newer(&world, newest());
    assert!(run(&world, "meter list -o csv").out.contains("sending"), "its answer was not written");
    settle(&mut world);
    demand(&world, 0, "doctor --offline");
}

#[test]
fn two_ticks() {
    let world = used();
    demand(&world, 0, "local fault delay --path /v1/billing/meter_events --amount 1500");
    let first = start(program(&world, "tick"));
    let until = Instant::now() + Duration::from_secs(10);
    while !run(&world, "meter list -o csv").out.contains("sending") {
        assert!(Instant::now() < until, "the first tick sends nothing");
    }
    let second = run(&world, "tick");
    assert_eq!(second.exit, 9, "{}{}", second.out, second.err);
    let first = answer(&first.wait_with_output().unwrap());
    assert_eq!(first.exit, 0, "{}{}", first.out, first.err);
    let sent = run(&world, "meter list -o csv").out;
    assert!(!sent.contains("sending"), "{sent}");
    demand(&world, 0, "doctor --offline");
}

/// One store pushes, again and again, while another takes over: from then on the first is refused, and what both were
/// given is billed once.
#[test]
fn a_takeover_while_the_other_store_pushes() {
    let mut world = used();
    demand(&world, 0, "meter push");
    demand(&world, 0, "--store b.db seed --yes");
    let here = env!("CARGO_BIN_EXE_paygrade");
    let text = format!(
        "for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
           '{here}' usage record acme in $n --id a$n --at 2026-03-02T10:10:00Z >/dev/null 2>&1
           '{here}' meter push >/dev/null 2>&1; echo exit $?
         done"
    );
    let mut command = Command::new("sh");
    command.arg("-c").arg(text);
    world.prepare(&mut command);
    command.env_remove("PAYGRADE_SEED");
    let pushing = start(command);
    std::thread::sleep(Duration::from_millis(400));
    demand(&world, 0, "--store b.db store takeover --reason moved --wait-s 1");
    let said = answer(&pushing.wait_with_output().unwrap()).out;
    let exits: Vec<&str> = said.lines().collect();
    let refused = exits.iter().position(|it| *it == "exit 6").unwrap_or(exits.len());
    assert!(0 < refused && refused < exits.len(), "it takes over in the middle: {exits:?}");
    assert!(exits[refused..].iter().all(|it| *it == "exit 6"), "refused for good: {exits:?}");
    world.now(Some("2026-03-02T11:50:00Z"));
    demand(&world, 0, "--store b.db store recover");
    demand(&world, 0, "--store b.db usage import usage.csv --customer acme");
    for n in 1..=30 {
        demand(
            &world,
            0,
            &format!("--store b.db usage record acme in {n} --id a{n} --at 2026-03-02T10:10:00Z"),
        );
    }
    demand(&world, 0, "--store b.db meter push");
    assert_eq!(run(&world, "meter push").exit, 6);
    world.now(Some(super::SETTLED));
    let proof = run(&world, "--store b.db reconcile --full");
    assert!(proof.out.contains("nothing differs"), "{}{}", proof.out, proof.err);
    demand(&world, 0, "--store b.db doctor --offline");
}

#[test]
fn four_imports_of_one_file() {
    let mut world = furnished();
    world.file("usage.csv", &usage_csv(3_000));
    let wanted = {
        let mut alone = world.copied();
        demand(&alone, 0, "usage import usage.csv --customer acme");
        settle(&mut alone);
        state(&alone)
    };
    let lines = vec!["usage import usage.csv --customer acme".to_owned(); 4];
    let answers = at_once(&world, &lines);
    assert_eq!(exits(&answers, 0), 4, "{answers:?}");
    settle(&mut world);
    assert_eq!(state(&world), wanted);
}

#[test]
fn one_id_recorded_by_eight() {
    let world = furnished();
    let line = |quantity: i32| format!("usage record acme in {quantity} --id one --at 2026-03-02T10:10:00Z");
    let same = at_once(&world, &vec![line(5); 8]);
    assert_eq!(exits(&same, 0), 8, "{same:?}");
    let new = same.iter().filter(|it| it.out.lines().any(|line| line.replace(' ', "") == "knownno")).count();
    assert_eq!(new, 1, "{same:?}");
    let other = furnished();
    let lines: Vec<String> = (1..=8).map(line).collect();
    let answers = at_once(&other, &lines);
    assert_eq!((exits(&answers, 0), exits(&answers, 5)), (1, 7), "{answers:?}");
    demand(&other, 0, "doctor --offline");
}

#[test]
fn two_assigns() {
    for lines in [["tier assign bolt pro"; 2], ["tier assign bolt pro", "tier assign bolt max"]] {
        let world = furnished();
        let answers = at_once(&world, &lines.map(str::to_owned));
        let fine = |it: &Answer| [0, 5, 9, 11, 75].contains(&it.exit);
        assert!(answers.iter().all(fine) && exits(&answers, 0) > 0, "{answers:?}");
        demand(&world, 0, lines[0]);
        let wanted = {
            let alone = furnished();
            demand(&alone, 0, lines[0]);
            state(&alone)
        };
        let subscriptions = |text: &str| -> String {
            text.lines().filter(|it| it.contains("objects.subscriptions")).map(str::to_owned).collect()
        };
        assert_eq!(subscriptions(&state(&world)), subscriptions(&wanted), "{lines:?}");
    }
}

#[test]
fn credits_are_exact() {
    let world = furnished();
    // 16 processes, 4 times 10 of 500 each: 50 succeed.
    let loops: Vec<Child> = (0..16)
        .map(|_| {
            let mut command = Command::new("sh");
            let one =
                format!("'{}' credits consume acme 10; echo \"exit $?\"", env!("CARGO_BIN_EXE_paygrade"));
            command.arg("-c").arg([one.as_str(); 4].join("\n"));
            world.prepare(&mut command);
            command.env_remove("PAYGRADE_SEED");
            start(command)
        })
        .collect();
    let outs: Vec<Answer> = loops.into_iter().map(|it| answer(&it.wait_with_output().unwrap())).collect();
    let count = |exit: &str| outs.iter().flat_map(|it| it.out.lines()).filter(|line| *line == exit).count();
    assert_eq!((count("exit 0"), count("exit 5")), (50, 14), "{outs:?}");
    assert!(demand(&world, 0, "credits balance acme").out.contains("acme has 0 credits"));
    let entries = demand(&world, 0, "export ledger -o csv -q").out;
    assert_eq!(entries.lines().filter(|it| it.contains("usage")).count(), 50);
    demand(&world, 0, "doctor --offline");
}

/// An import gives way: whoever records meanwhile waits for a transaction of it, not for all of it.
#[test]
fn records_beside_an_import() {
    let world = furnished();
    world.file("big.csv", &usage_csv(30_000));
    let import = start(program(&world, "usage import big.csv --customer acme"));
    let mut longest = Duration::ZERO;
    for number in 0..20 {
        let began = Instant::now();
        demand(&world, 0, &format!("usage record acme in 1 --id r{number} --at {LATER}"));
        longest = longest.max(began.elapsed());
    }
    let import = answer(&import.wait_with_output().unwrap());
    assert_eq!(import.exit, 0, "{}{}", import.out, import.err);
    assert!(longest < Duration::from_secs(5), "a record waited {longest:?}");
    let rows = demand(&world, 0, "export usage -o csv -q").out.lines().count();
    assert_eq!(rows, 1 + 30_000 + 20);
    demand(&world, 0, "doctor --offline");
}
