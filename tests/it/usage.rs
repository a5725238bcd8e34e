//! Usage under load, under kill, and from bad files.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::world::World;

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
[meters.mails]
name = "Mails"
event = "mails"
unit = "mail"
[tiers.pro]
name = "Pro"
rank = 1
prices = [{ interval = "month", amount = "29.00" }]
usage.in = { included = 0, beyond = "bill", price = "0.01" }
usage.out = { included = 0, beyond = "bill", price = "0.03" }
usage.mails = { included = 100, beyond = "block" }
"#;

/// A world with a seeded catalog and `acme` on `pro`.
fn world() -> World {
    let world = World::new();
    world.file("catalog.toml", CATALOG);
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io --payment-method pm_card_visa");
    world.demand(0, "tier assign acme pro --yes");
    world
}

/// Events and units in the store, by its own export.
fn stored(world: &World) -> (usize, i64) {
    let rows = world.demand(0, "export usage -o ndjson -q").out;
    let quantity = |row: &str| -> i64 {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        row["quantity"].as_i64().unwrap()
    };
    (rows.lines().count(), rows.lines().map(quantity).sum())
}

fn sound(world: &World) {
    let answer = world.run("doctor -o csv");
    assert_eq!(answer.exit, 0, "{}\n{}", answer.out, answer.err);
}

#[test]
fn many_processes_record_every_event_once() {
    let world = world();
    let exits: Vec<i32> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|worker| {
                let world = &world;
                scope.spawn(move || {
                    let line = |n: i32| {
                        format!("usage record acme in {} --id w{}", worker * 10 + n, (worker * 10 + n) / 2)
                    };
                    // Two callers give each id, half of them with other content.
                    (0..10).map(|n| world.run(&line(n)).exit).collect::<Vec<i32>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    // Ids w0 to w39, each given twice with different quantities (the first quantity, 0, is refused as input).
    assert_eq!(exits.iter().filter(|exit| **exit == 0).count(), 40, "{exits:?}");
    assert_eq!(exits.iter().filter(|exit| **exit == 5).count(), 39, "{exits:?}");
    assert_eq!(exits.iter().filter(|exit| **exit == 3).count(), 1, "{exits:?}");
    assert_eq!(stored(&world).0, 40);
    sound(&world);
}

#[test]
fn a_quota_is_exact_under_concurrency() {
    let world = world();
    let exits: Vec<i32> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..6)
            .map(|_| {
                let world = &world;
                scope.spawn(move || {
                    (0..6)
                        .map(|_| world.run("usage record acme mails 5 --enforce").exit)
                        .collect::<Vec<i32>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(exits.iter().filter(|exit| **exit == 0).count(), 20, "{exits:?}");
    assert_eq!(exits.iter().filter(|exit| **exit == 5).count(), 16, "{exits:?}");
    assert_eq!(stored(&world), (20, 100));
    sound(&world);
}

/// Rows of the shape that a trace of requests has: foreign names, no ids, seven digits of a second.
fn trace(rows: u32) -> (String, i64, i64) {
    let mut text = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n".to_owned();
    let (mut read, mut written) = (0, 0);
    for n in 0..rows {
        let second = n * 5_400 / rows;
        let (hour, minute, second) = (18 + second / 3_600, second / 60 % 60, second % 60);
        let (a, b) = (i64::from(n % 977 + 1), i64::from(n % 13 + 1));
        read += a;
        written += b;
        let fraction = n % 10 * 1_000_003;
        write!(text, "2026-11-20 {hour}:{minute:02}:{second:02}.{fraction:07},{a},{b}\r\n").unwrap();
    }
    (text, read, written)
}

const MAP: &str = "--customer acme --map time=TIMESTAMP --meters in=ContextTokens,out=GeneratedTokens";

#[test]
fn a_trace_counts_once_however_often_it_is_imported() {
    let world = world();
    let (text, read, written) = trace(3_000);
    world.file("trace.csv", &text);
    let first = world.demand(0, &format!("usage import trace.csv {MAP}"));
    assert!(first.out.contains("6000 inserted, 0 rows already known"), "{}", first.out);
    let second = world.demand(0, &format!("usage import trace.csv {MAP}"));
    assert!(second.out.contains("0 inserted, 6000 rows already known"), "{}", second.out);
    assert_eq!(stored(&world), (6_000, read + written));
    for (meter, sum) in [("in", read), ("out", written)] {
        let shown = world.demand(0, &format!("usage show acme --meter {meter} --period 2026-11 -o json")).out;
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["verdict"], format!("1 line, {sum} units recorded"));
    }
    sound(&world);
}

fn start(world: &World, line: &str) -> Child {
    let mut command = world.command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_killed_import_is_finished_by_the_next() {
    let world = world();
    let (text, read, written) = trace(6_000);
    world.file("trace.csv", &text);
    let line = format!("usage import trace.csv {MAP}");
    let mut partly = 0;
    for delay_ms in [20, 60, 100, 150, 200, 300] {
        let mut child = start(&world, &line);
        std::thread::sleep(Duration::from_millis(delay_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        partly += i32::from((1..12_000).contains(&stored(&world).0));
    }
    world.demand(0, &line);
    assert_eq!(stored(&world), (12_000, read + written), "{partly} kills left a part");
    sound(&world);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_at_a_clean_point() {
    let world = world();
    let mut child = start(&world, "usage record -");
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"{\"customer\":\"acme\",\"meter\":\"in\",\"quantity\":1}\n").unwrap();
    input.flush().unwrap();
    let mut answer = [0; 1];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut answer).unwrap();
    let id = child.id().to_string();
    std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stored(&world), (1, 1));
}

#[test]
fn bad_files_are_refused_with_their_place() {
    let world = world();
    let head = "time,customer,meter,quantity";
    let good = "2026-11-20,acme,in,5";
    let huge = format!("{head}\n{good}\n2026-11-20,acme,in,{}\n", "1".repeat(2_000_000));
    let wide = format!("{head}\n{}\n", ",".repeat(900_000));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "is empty"),
        (b"\n\n".to_vec(), "is empty"),
        (
            format!("\u{feff}{head}\r\n{good}\r\n2026-11-20,acme,in,-5\r\n").into(),
            "line 3: quantity -5 is outside 1 to",
        ),
        (
            format!("{head}\n2026-11-20,acme,in,1000000000000000000000000000000\n").into(),
            "line 2: quantity 1000000",
        ),
        (format!("{head}\n2026-11-20,acme,in,NaN\n").into(), "line 2: quantity `NaN` is not a whole number"),
        (format!("{head}\n2026-11-20,acme,in,0x10\n").into(), "line 2: quantity `0x10`"),
        (format!("{head}\n2026-11-20,acme,in,0\n").into(), "line 2: quantity 0 is outside"),
        (
            format!("{head}\n2026-02-30,acme,in,5\n").into(),
            "line 2: time `2026-02-30` is not in the calendar",
        ),
        (format!("{head}\n2026-11-20,,in,5\n").into(), "line 2: the customer is missing"),
        (
            format!("{head}\n{good}\n\"2026-11-20,acme,in,5\n{good}\n").into(),
            "line 3: the quote that opens in line 3",
        ),
        (format!("{head}\n2026-11-20,ac\0me,in,5\n").into(), "line 2: a NUL byte"),
        ([head.as_bytes(), b"\n2026-11-20,ac\xffme,in,5\n"].concat(), "line 2: not UTF-8 at byte 14"),
        (huge.into(), "line 3: the line is longer than 1048576 bytes"),
        (wide.into(), "line 2: 900001 fields, but the header has 4"),
        (format!("{good}\n{good}\n").into(), "no column is known as the quantity"),
        (b"PK\x03\x04whatever".to_vec(), "is a zip archive"),
        (b"\x1f\x8b\x08broken".to_vec(), "cannot be read"),
        (
            b"{\"time\":\"2026-11-20\",\"customer\":\"acme\",\"meter\":\"in\"}\n".to_vec(),
            "line 1: the quantity is missing",
        ),
        (
            b"{\"time\":1e9,\"customer\":\"acme\",\"meter\":\"in\",\"quantity\":1}\n".to_vec(),
            "line 1: time `1e+9`",
        ),
        (b"{\"time\":\n".to_vec(), "line 1: not JSON"),
        (
            format!("{head}\n2026-11-20,acme,in,\"1.234,56\"\n").into(),
            "line 2: quantity `1.234,56` is not a whole number",
        ),
        (
            format!("{head}\n2026-11-20,acme,in,1'000\n").into(),
            "line 2: quantity `1\\'000` is not a whole number",
        ),
        (
            format!("{head}\n2026-11-20,acme,in,1.000\n").into(),
            "line 2: quantity `1.000` can be read in two ways",
        ),
        (format!("{head}\n2026-11-20,acme,in,١٢٠\n").into(), "line 2: quantity `١٢٠` is not a whole number"),
        (
            format!("{head}\n1999-12-31T23:59:59Z,acme,in,5\n").into(),
            "line 2: time 1999-12-31T23:59:59Z is not between",
        ),
        (
            format!("{head}\n2100-01-01,acme,in,5\n").into(),
            "line 2: time 2100-01-01T00:00:00Z is not between",
        ),
        (format!("{head}\n4102444800,acme,in,5\n").into(), "line 2: time `4102444800` as seconds"),
        (
            format!("{head}\n2027-01-01,acme,in,5\n").into(),
            "line 2: time 2027-01-01T00:00:00Z is more than 5 minutes ahead",
        ),
    ];
    for (bytes, want) in cases {
        std::fs::write(world.path().join("bad"), &bytes).unwrap();
        let answer = world.run("usage import bad");
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert_eq!(answer.exit, 3, "{start:?}\n{}{}", answer.out, answer.err);
        assert!(answer.err.contains(want), "{start:?}: {want}\n{}", answer.err);
        assert!(answer.err.contains("changed: nothing"), "{}", answer.err);
    }
    assert_eq!(stored(&world), (0, 0), "nothing of any of them");
}

/// Writing a file of more than so many 512-byte blocks fails, as on a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_loses_and_doubles_nothing() {
    let world = world();
    let (text, read, written) = trace(20_000);
    world.file("trace.csv", &text);
    let line = format!("usage import trace.csv {MAP}");
    let mut failed = 0;
    for blocks in [100, 2_000, 3_000, 5_000, 9_000] {
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; paygrade {line}");
        let answer = world.shell(&limited);
        if answer.exit != 0 {
            failed += 1;
            assert_eq!(answer.exit, 10, "{blocks} blocks: {}", answer.out);
            assert_eq!(stored(&world), (0, 0), "{blocks} blocks");
        }
        sound(&world);
    }
    assert!(failed > 1, "the limits are too high");
    world.demand(0, &line);
    assert_eq!(stored(&world), (40_000, read + written));
    sound(&world);
}

#[test]
fn what_unpacks_without_end_is_refused() {
    let world = world();
    let made = world.shell(
        "(echo time,customer,meter,quantity; head -c 80000000 /dev/zero | tr '\\0' x) | gzip > bomb.csv.gz",
    );
    assert_eq!(made.exit, 0);
    let answer = world.demand(3, "usage import bomb.csv.gz");
    assert!(answer.err.contains("unpacks to more than 200 times its size"), "{}", answer.err);
}

/// Stripe counts what is used in a trial and charges nothing for it: nor do we say that it costs something.
#[test]
fn what_is_used_in_a_trial_costs_nothing() {
    let mut world = World::new();
    let trial = "grace_days = 7\ntrial_days = 14\nusage.in = { price = \"0.01\", spend_cap = \"1.00\" }";
    let (head, _) = CATALOG.split_once("usage.in").unwrap();
    world.file("catalog.toml", &format!("{head}{trial}\n"));
    world.demand(0, "seed --yes");
    world.demand(0, "customer add acme --email a@acme.io --payment-method pm_card_visa");
    world.demand(0, "tier assign acme pro --yes");
    world.demand(0, "usage record acme in 500 --id t1");
    let row = |world: &World, line: &str| -> serde_json::Value {
        let answer: serde_json::Value = serde_json::from_str(&world.demand(0, line).out).unwrap();
        answer["rows"][0].clone()
    };
    let show = row(&world, "usage show acme -o json");
    assert_eq!((&show["used"], &show["cost"], &show["projected"]), (&500.into(), &0.into(), &0.into()));
    assert_eq!(row(&world, "meter status -o json")["amount"], 0);
    assert_eq!(row(&world, "report usage -o json")["cost"], 0);
    let told = world.demand(0, "alerts run -o csv").out;
    assert!(!told.contains("spend_cap"), "{told}");
    world.demand(0, "meter push");
    world.now(Some("2026-12-07T08:00:00Z"));
    world.demand(0, "tick");
    world.demand(0, "usage record acme in 500 --id t2");
    assert_eq!(row(&world, "usage show acme -o json")["cost"], 500);
    assert_eq!(row(&world, "usage show acme --period last -o json")["cost"], 0);
    assert_eq!(row(&world, "meter status -o json")["amount"], 500);
    let told = world.demand(0, "alerts run -o csv").out;
    assert!(told.contains("spend_cap"), "{told}");
}
