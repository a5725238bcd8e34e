//! `record`: one stream of events, and one process for each event, many at once.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::data::{Form, METERS, customer};
use super::export::lines;
use super::peer::{self, Found};
use super::postgres::Cluster;
use super::sheet::About;
use super::stage::failed;
use super::stats::{Goal, Sample, Series, ratio};
use super::world::{Bench, Contestant, END, count_short, find, surprise};
use crate::error::{Error, Kind};

/// How many processes want to record at once.
const AT_ONCE: [u32; 3] = [1, 8, 32];
/// Most events of the stream of sqlite3.
const PEER_STREAM_MAX: u64 = 1_000;
/// Most transactions of PostgreSQL, whose connections share syncs.
const POSTGRES_STREAM_MAX: u64 = 16_000;
/// How many times as many processes there are where several want to record at once.
const MEETING_TIMES: u32 = 4;
/// How long the peer's processes wait for each other: SQLite's own busy handler.
const BUSY_TIMEOUT: &str = ".timeout 60000";

pub(super) fn run(bench: &Bench<'_>) -> Result<(), Error> {
    stream(bench)?;
    for at_once in AT_ONCE {
        processes(bench, at_once)?;
    }
    syncs(bench)
}

fn stream(bench: &Bench<'_>) -> Result<(), Error> {
    let count = bench.sizes.stream;
    // One sync for each event: the peer gets as many as it does in a few seconds, and rates are compared.
    let theirs = count.min(PEER_STREAM_MAX);
    let about = About::new("record stream", count_short(count));
    let about_theirs = About::new("record stream", count_short(theirs));
    let events = bench.events("stream", count, 3, Form::Ndjson)?;
    let (answers, db) = (bench.stage.path("answers"), bench.stage.path("peer.db"));
    let script = bench.stage.path("stream.sql");
    write_script(&events, theirs, &script)?;
    let input = |path: &Path| File::open(path).map_err(|error| failed("the stream cannot be read", &error));
    let of_postgres = Cell::new(count.min(POSTGRES_STREAM_MAX));
    let cluster = bench.peers.postgres.as_ref().map(|programs| Cluster::start(programs, &bench.stage));
    let mut all = vec![Contestant {
        about: about.clone(),
        by: "paygrade",
        run: Box::new(|_| {
            let world = bench.world("record")?;
            let mut command = bench.stage.paygrade(&world, END, &["usage", "record", "-", "-q"]);
            command.stdin(input(&events)?);
            let sample = bench.stage.run(command, Some(&answers))?.sample;
            demand("answers", lines(&answers)?, count)?;
            recorded(bench, &world, count)?;
            Ok(sample)
        }),
    }];
    if let Some(found) = &bench.peers.sqlite3 {
        let run = || {
            bench.stage.remove(&db);
            let mut command = found.command();
            command.arg(&db).stdin(input(&script)?);
            Ok(bench.stage.run(command, Some(&answers))?.sample)
        };
        all.push(Contestant { about: about_theirs, by: "sqlite3", run: Box::new(move |_| run()) });
    }
    let of_postgres = &of_postgres;
    if let Some(cluster) = &cluster {
        let run = move || {
            let cluster = cluster.as_ref().map_err(|error| surprise(error.to_string()))?;
            let (done, sample) = cluster.record(&bench.stage, of_postgres.get(), bench.sizes.customers)?;
            of_postgres.set(done);
            Ok(sample)
        };
        let about = About::new("record stream", count_short(of_postgres.get()));
        all.push(Contestant { about, by: "postgres", run: Box::new(move |_| run()) });
    }
    let measured = bench.rounds(all)?;
    for it in &measured {
        let events = match it.by {
            "paygrade" => count,
            "sqlite3" => theirs,
            _ => of_postgres.get(),
        };
        bench.show(std::slice::from_ref(it), events);
    }
    let rate = |by, events: u64| {
        ratio(Some(events as f64), find(&measured, &about.job, by).and_then(Series::wall_s))
    };
    let own = rate("paygrade", count);
    let mut sheet = bench.sheet.borrow_mut();
    let measure = "times as fast as sqlite3, a transaction for each event";
    sheet.figure(&about, "paygrade", measure, ratio(own, rate("sqlite3", theirs)), None);
    let measure = "times as fast as postgres, a transaction for each event";
    let times = ratio(own, rate("postgres", of_postgres.get()));
    sheet.figure(&about, "paygrade", measure, times, Some(Goal::AtLeast(2.0)));
    Ok(())
}

/// The same events as transactions for the sqlite3 shell.
fn write_script(events: &Path, count: u64, script: &Path) -> Result<(), Error> {
    use std::io::{BufRead, BufReader, BufWriter, Write};
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(script)?);
        writeln!(out, "{} PRAGMA synchronous=FULL;", peer::sqlite3_record_setup())?;
        for line in
            BufReader::new(File::open(events)?).lines().take(usize::try_from(count).unwrap_or(usize::MAX))
        {
            let event: serde_json::Value = serde_json::from_str(&line?).unwrap_or_default();
            let word = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            let quantity = event["quantity"].as_u64().unwrap_or(1);
            let sql = peer::sqlite3_record(&word("id"), &word("customer"), &word("meter"), quantity);
            writeln!(out, "{sql}")?;
        }
        out.flush()
    };
    write().map_err(|error| failed("the stream of sqlite3 cannot be written", &error))
}

fn demand(what: &str, found: u64, wanted: u64) -> Result<(), Error> {
    if found == wanted {
        return Ok(());
    }
    Err(surprise(format!("{found} {what} instead of {wanted}")))
}

/// Every event is there: what was acknowledged and is not would make the rest worthless.
fn recorded(bench: &Bench<'_>, world: &Path, wanted: u64) -> Result<(), Error> {
    let out = bench.stage.path("recorded.ndjson");
    let words = ["export", "usage", "--out", &peer::text(&out), "-q"];
    bench.stage.run(bench.stage.paygrade(world, END, &words), None)?;
    demand("events in the store", lines(&out)?, wanted)
}

fn processes(bench: &Bench<'_>, at_once: u32) -> Result<(), Error> {
    // Many at once have to meet for longer than the busy handler lets one wait: else nobody is seen to starve.
    let times = if at_once > 1 { MEETING_TIMES } else { 1 };
    let count = (bench.sizes.processes * times).next_multiple_of(at_once);
    let about = About::new("record processes", format!("{count}, {at_once} at once"));
    let (own_waits, their_waits) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let db = bench.stage.path("peer.db");
    let mut all = vec![Contestant {
        about: about.clone(),
        by: "paygrade",
        run: Box::new(|_| {
            let world = bench.world("record")?;
            let command = |number: u32| {
                let who = customer(number as usize % bench.sizes.customers);
                let words = ["usage", "record", &who, METERS[0], "1", "-q"];
                bench.stage.paygrade(&world, END, &words)
            };
            let sample = together(bench, at_once, count, &command, &own_waits)?;
            recorded(bench, &world, u64::from(count))?;
            Ok(sample)
        }),
    }];
    if let Some(found) = &bench.peers.sqlite3 {
        let run = || {
            bench.stage.remove(&db);
            let mut setup = found.command();
            setup.arg(&db).arg(peer::sqlite3_record_setup());
            bench.stage.run(setup, None)?;
            together(bench, at_once, count, &|number| record_peer(bench, found, &db, number), &their_waits)
        };
        all.push(Contestant { about: about.clone(), by: "sqlite3", run: Box::new(move |_| run()) });
    }
    let measured = bench.rounds(all)?;
    bench.show(&measured, u64::from(count));
    let worst = |waits: &RefCell<Vec<f64>>| waits.borrow().iter().copied().max_by(f64::total_cmp);
    let (own, theirs) = (worst(&own_waits), worst(&their_waits));
    let of = |by| find(&measured, &about.job, by);
    let mut sheet = bench.sheet.borrow_mut();
    sheet.compared(&about, (of("paygrade"), of("sqlite3")), "sqlite3 with busy_timeout", None);
    let ms = |seconds: Option<f64>| seconds.map(|it| it * 1_000.0);
    sheet.figure(&about, "paygrade", "longest wait in ms", ms(own), None);
    sheet.figure(&about, "sqlite3", "longest wait in ms", ms(theirs), None);
    if at_once > 1 {
        let part = ratio(own, theirs);
        sheet.figure(&about, "paygrade", "of the longest wait of sqlite3", part, Some(Goal::AtMost(0.1)));
    }
    Ok(())
}

fn record_peer(bench: &Bench<'_>, found: &Found, db: &Path, number: u32) -> Command {
    let who = customer(number as usize % bench.sizes.customers);
    let mut command = found.command();
    command.arg(db).args([BUSY_TIMEOUT, "PRAGMA synchronous=FULL"]);
    command.arg(peer::sqlite3_record(&number.to_string(), &who, METERS[0], 1));
    command
}

/// Runs `count` processes, `at_once` at a time, and notes how long each caller waited, in seconds.
fn together(
    bench: &Bench<'_>,
    at_once: u32,
    count: u32,
    command: &dyn Fn(u32) -> Command,
    waits: &RefCell<Vec<f64>>,
) -> Result<Sample, Error> {
    bench.stage.look()?;
    let hands: Vec<Vec<Command>> =
        (0..at_once).map(|hand| (hand..count).step_by(at_once as usize).map(command).collect()).collect();
    let started = Instant::now();
    let done: Vec<Result<Vec<Duration>, String>> = std::thread::scope(|scope| {
        let working: Vec<_> =
            hands.into_iter().map(|commands| scope.spawn(|| one_by_one(commands))).collect();
        let joined = working.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.map(|it| it.unwrap_or_else(|_| Err("a thread ended".to_owned()))).collect()
    });
    let wall = started.elapsed();
    bench.stage.look()?;
    for waited in done {
        let waited = waited.map_err(|why| Error::new(Kind::Partial, "bench_child", why))?;
        waits.borrow_mut().extend(waited.iter().map(Duration::as_secs_f64));
    }
    Ok(Sample { wall, ..Sample::default() })
}

fn one_by_one(commands: Vec<Command>) -> Result<Vec<Duration>, String> {
    let mut waited = Vec::with_capacity(commands.len());
    for mut command in commands {
        let started = Instant::now();
        let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        waited.push(started.elapsed());
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("a process ended with {}: {}", output.status, said.trim()));
        }
    }
    Ok(waited)
}

/// Syncs of one process, counted by strace: the part of its time that depends on the disk alone.
fn syncs(bench: &Bench<'_>) -> Result<(), Error> {
    let Some(strace) = &bench.peers.strace else { return Ok(()) };
    let about = About::new("record processes", "1");
    let world = bench.world("record")?;
    let who = customer(0);
    let words = ["usage", "record", &who, METERS[0], "1", "-q"];
    // The first makes what is made once.
    bench.stage.run(bench.stage.paygrade(&world, END, &words), None)?;
    let mut figures = vec![("paygrade", bench.stage.paygrade(&world, END, &words), Some(Goal::AtMost(2.0)))];
    let db = bench.stage.path("peer.db");
    if let Some(found) = &bench.peers.sqlite3 {
        bench.stage.remove(&db);
        let mut setup = found.command();
        setup.arg(&db).arg(peer::sqlite3_record_setup());
        bench.stage.run(setup, None)?;
        figures.push(("sqlite3", record_peer(bench, found, &db, 0), None));
    }
    for (by, command, goal) in figures {
        let counted = bench.stage.path("syncs");
        let mut traced = strace.command();
        traced.args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"]).arg(&counted);
        traced.arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            traced.current_dir(folder).env_clear();
        }
        traced.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        match bench.stage.run(traced, None) {
            Ok(_) => {
                let count = lines(&counted)? as f64;
                bench.sheet.borrow_mut().figure(&about, by, "syncs of the disk", Some(count), goal);
            }
            Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Terminated) => return Err(error),
            // Where processes may not be traced, nothing is counted.
            Err(error) => bench.stage.say(&format!("syncs were not counted: {error}")),
        }
    }
    Ok(())
}
