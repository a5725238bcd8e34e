//! Nothing is lost or doubled when processes die, race, or the disk fails: the real program, under strace.
//!
//! A run is traced once. Then, in a copy of the same folder, it is run again for each system call that it made, and
//! killed there (or that call fails). What follows must end where an undisturbed run ends. Ids are not pinned: a run
//! after a crash draws others than the one that died, as in life.
//!
//! `PAYGRADE_CRASH=all` takes every point; otherwise a sample of them, spread evenly.

mod backup;
mod disk;
mod grace;
mod kill;
mod migrate;
mod mounts;
mod pages;
mod race;
mod readonly;
mod restore;
mod served;
mod signal;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::world::{Answer, World, answer};

/// Calls that change something outside the process.
const CHANGING: &str =
    "pwrite64,write,writev,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,sendto,mkdir";
/// Points of one run in a sample.
const SAMPLE: usize = 8;

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.in]
name = "Tokens read"
event = "tokens_in"
unit = "token"
[meters.out]
name = "Tokens written"
event = "tokens_out"
unit = "token"
[features]
sso = "Single sign-on"
[tiers.pro]
name = "Pro"
rank = 1
features = ["sso"]
prices = [{ interval = "month", amount = "29.00" }]
usage.in = { included = 10, beyond = "bill", price = "0.01" }
usage.out = { included = 0, beyond = "bill", price = "0.03" }
[tiers.max]
name = "Max"
rank = 2
features = ["sso"]
prices = [{ interval = "month", amount = "99.00" }]
usage.in = { included = 0, beyond = "bill", price = "0.005" }
[packs.small]
credits = 100
amount = "9.99"
"#;

/// When everything but the usage of the tests happens.
const SET_UP: &str = "2026-03-02T09:00:00Z";
/// When the commands under test run.
const LATER: &str = "2026-03-02T11:30:00Z";
/// When all of it is settled.
const SETTLED: &str = "2026-03-02T15:00:00Z";

/// A folder with the catalog, nothing else.
fn bare() -> World {
    let mut world = World::new();
    world.now(Some(SET_UP));
    world.file("catalog.toml", CATALOG);
    world
}

/// `acme` on `pro` with 500 credits; `bolt` on no tier.
fn furnished() -> World {
    let mut world = bare();
    for line in [
        "seed --yes",
        "customer add acme --email a@acme.example --payment-method pm_card_visa",
        "customer add bolt --email b@bolt.example --payment-method pm_card_visa",
        "tier assign acme pro",
        "credits grant acme 500 --reason welcome --key welcome",
    ] {
        demand(&world, 0, line);
    }
    world.file("usage.csv", &usage_csv(40));
    world.now(Some(LATER));
    world
}

/// The same with usage of two meters in two hours, not yet sent.
fn used() -> World {
    let world = furnished();
    demand(&world, 0, "usage import usage.csv --customer acme");
    world
}

/// Rows of two meters in the two hours after [`SET_UP`].
fn usage_csv(rows: u32) -> String {
    let mut text = "time,meter,quantity\n".to_owned();
    for row in 0..rows {
        let (hour, minute) = (9 + row % 2, row / 2 % 60);
        let meter = if row % 3 == 0 { "in" } else { "out" };
        writeln!(text, "2026-03-02T{hour:02}:{minute:02}:00Z,{meter},{}", row + 1).unwrap();
    }
    text
}

/// `paygrade <line>` with ids of its own.
fn program(world: &World, line: &str) -> Command {
    let mut command = world.command(line);
    command.env_remove("PAYGRADE_SEED");
    command
}

fn run(world: &World, line: &str) -> Answer {
    answer(&program(world, line).output().unwrap())
}

fn demand(world: &World, exit: i32, line: &str) -> Answer {
    let answer = run(world, line);
    assert_eq!(answer.exit, exit, "`paygrade {line}`\n{}\n{}", answer.out, answer.err);
    answer
}

/// One system call of a run: the how-manieth of its name in its thread.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    call: String,
    nth: u32,
}

/// Where strace is. Without it nothing here is proven, so the tests fail rather than pass over.
fn strace() -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let found = std::env::split_paths(&folders).map(|folder| folder.join("strace")).find(|it| it.is_file());
    let Some(found) = found else {
        panic!(
            "these tests kill the program at its system calls and need strace, which is not installed: \
             `apt-get install strace` (Debian, Ubuntu), `dnf install strace` (Fedora), `apk add strace` (Alpine)"
        );
    };
    found
}

/// `paygrade <line>` under strace.
fn traced(world: &World, line: &str, options: &[&str]) -> Command {
    let plain = program(world, line);
    let mut command = Command::new(strace());
    command.args(["-f", "-qq"]).args(options).arg("--").arg(plain.get_program());
    command.args(plain.get_args());
    world.prepare(&mut command);
    command.env_remove("PAYGRADE_SEED");
    command
}

/// Runs a command with this standard input.
fn fed(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_owned());
    // Beside the reading: both pipes may fill up. And it may be killed before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// All points of a run, in the order of their calls. The run takes place in a copy.
fn points(world: &World, line: &str, input: &str, calls: &str) -> Vec<Point> {
    let copy = world.copied();
    let trace = copy.path().join("trace");
    let options = ["-y", "-o", trace.to_str().unwrap(), "-e", &format!("trace={calls}")];
    let ran = fed(traced(&copy, line, &options), input);
    assert!(ran.status.success(), "`paygrade {line}` under strace: {}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8_lossy(&std::fs::read(&trace).unwrap()).into_owned();
    points_of(&text)
}

/// Reads a trace: `pid call(…`, and `pid <... call resumed>…`, which is the end of one begun before.
fn points_of(trace: &str) -> Vec<Point> {
    let mut counts: Vec<((&str, &str), u32)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut points = Vec::new();
    for line in trace.lines() {
        let Some((pid, rest)) = line.split_once(char::is_whitespace) else { continue };
        let Some((call, arguments)) = rest.trim_start().split_once('(') else { continue };
        if !call.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let at = counts.iter().position(|(key, _)| *key == (pid, call)).unwrap_or_else(|| {
            counts.push(((pid, call), 0));
            counts.len() - 1
        });
        counts[at].1 += 1;
        // Waking a thread and growing the index of the WAL change nothing that lasts.
        if arguments.contains("eventfd") || arguments.contains("-shm>") {
            continue;
        }
        let point = Point { call: call.to_owned(), nth: counts[at].1 };
        if seen.insert(point.clone()) {
            points.push(point);
        }
    }
    points
}

/// Some of the points, evenly spread, the first and the last among them; all of them when asked for.
fn sampled(points: Vec<Point>, most: usize) -> Vec<Point> {
    let all = std::env::var_os("PAYGRADE_CRASH").is_some_and(|it| it == "all");
    if all || points.len() <= most {
        return points;
    }
    let last = points.len() - 1;
    (0..most).map(|it| points[it * last / (most - 1)].clone()).collect()
}

/// Kills a run at a point. Gives what it had said; `None` when it came to its end unharmed.
fn killed(world: &World, line: &str, input: &str, point: &Point) -> Option<Output> {
    let inject = format!("inject={}:signal=KILL:when={}", point.call, point.nth);
    let options = ["-o", "/dev/null", "-e", &format!("trace={}", point.call), "-e", &inject];
    let output = fed(traced(world, line, &options), input);
    (output.status.signal() == Some(9)).then_some(output)
}

/// Calls of one process alone that write files.
const WRITING: &str = "pwrite64,fsync,fdatasync,ftruncate,rename,unlink,mkdir";

/// Kills a command at some of the points of its run, each time in a copy, and has what is left proved.
fn killed_at_each(base: &World, line: &str, most: usize, mut prove: impl FnMut(World, &str)) {
    let mut kills = 0;
    for point in sampled(points(base, line, "", CHANGING), most) {
        let world = base.copied();
        kills += u32::from(killed(&world, line, "", &point).is_some());
        prove(world, &format!("`{line}` killed at {point:?}"));
    }
    assert!(kills > 1, "`{line}` was hardly killed");
}

/// Runs a command of which one call fails, or that one and all after it.
fn failing(world: &World, line: &str, point: &Point, error: &str, sticky: bool) -> Answer {
    let when = if sticky { "+" } else { "" };
    let inject = format!("inject={}:error={error}:when={}{when}", point.call, point.nth);
    let options = ["-o", "/dev/null", "-e", &format!("trace={}", point.call), "-e", &inject];
    answer(&fed(traced(world, line, &options), ""))
}

/// How a command failed on a disk that is full or broken.
struct Failed {
    answer: Answer,
    /// Whether all that came after failed too.
    sticky: bool,
    /// All of it, for whoever reads that a test failed.
    said: String,
}

impl Failed {
    /// Whether it said that nothing was changed: then nothing was.
    fn says_nothing(&self) -> bool {
        self.answer.exit == 10 && self.answer.err.contains("changed: nothing")
    }
}

/// Has some of the calls of a command fail, each time in a copy: it is done all the same, or the disk is named (10). What
/// is left is proved.
fn failed_at_each(base: &World, line: &str, most: usize, prove: impl FnMut(World, &Failed)) {
    failed_with(base, line, &[0, 10], most, prove);
}

/// The same with other exit codes: where the local Stripe's own files may fail, which is an answer that never came.
fn failed_with(base: &World, line: &str, exits: &[i32], most: usize, mut prove: impl FnMut(World, &Failed)) {
    let modes = [("ENOSPC", false), ("EIO", false), ("ENOSPC", true), ("EIO", true)];
    let mut failures = 0;
    for (number, point) in sampled(points(base, line, "", WRITING), most).iter().enumerate() {
        let (error, sticky) = modes[number % modes.len()];
        let world = base.copied();
        let answer = failing(&world, line, point, error, sticky);
        let and_after = if sticky { " and after" } else { "" };
        let said = format!(
            "`{line}` with {error} at {point:?}{and_after}: exit {}\n{}{}",
            answer.exit, answer.out, answer.err
        );
        assert!(exits.contains(&answer.exit), "{said}");
        failures += u32::from(answer.exit == 10);
        prove(world, &Failed { answer, sticky, said });
    }
    assert!(failures > 1, "`{line}` was hardly disturbed");
}

/// Everything that must be equal after a crash: usage, deliveries, credits, customers and what Stripe holds.
fn state(world: &World) -> String {
    demand(world, 0, "doctor --offline");
    demand(world, 0, "seed -n --fail-on any");
    let mut text = String::new();
    for (line, columns) in [
        ("export usage -o csv -q", &["event", "customer", "meter", "quantity", "at", "over_quota"][..]),
        ("export deliveries -o csv -q", &["customer", "meter", "from", "to", "value", "timestamp", "state"]),
        ("export ledger -o csv -q", &["customer", "kind", "credits", "balance_after", "reason", "key"]),
        (
            "customer list -o csv -q",
            &["customer", "email", "tier", "revision", "status", "period_end", "pending_change", "credits"],
        ),
    ] {
        let mut rows = columns_of(&demand(world, 0, line).out, columns);
        rows.sort();
        writeln!(text, "{line}\n{}", rows.join("\n")).unwrap();
    }
    let held = demand(world, 0, "local status -o csv -q").out;
    let held: Vec<&str> = held
        .lines()
        .filter(|it| it.starts_with("objects.") || it.starts_with("meter_events."))
        .filter(|it| !it.starts_with("objects.events"))
        .collect();
    text + &held.join("\n")
}

fn columns_of(csv: &str, columns: &[&str]) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let places: Vec<usize> =
        columns.iter().map(|name| header.iter().position(|it| it == *name).unwrap()).collect();
    let row = |row: csv::StringRecord| places.iter().map(|it| &row[*it]).collect::<Vec<_>>().join(" ");
    reader.records().map(|it| row(it.unwrap())).collect()
}

/// Sends what is left and asks Stripe for all of it.
fn settle(world: &mut World) {
    demand(world, 0, "meter push");
    world.now(Some(SETTLED));
    let answer = demand(world, 0, "reconcile --full");
    assert!(answer.out.contains("nothing differs"), "{}", answer.out);
}

/// One in five, for points that are much alike.
fn sampled_by(nth: u32) -> bool {
    nth % 5 == 1 || std::env::var_os("PAYGRADE_CRASH").is_some_and(|it| it == "all")
}
