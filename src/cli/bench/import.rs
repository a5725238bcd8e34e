//! `import`: files of usage into an empty store and into a full one.

use std::path::Path;
use std::process::Command;

use super::data::Form;
use super::peer;
use super::sheet::About;
use super::stage::disk_bytes;
use super::stats::{Goal, Sample, Series, ratio};
use super::world::{Bench, Contestant, END, Measured, count_short, find};
use crate::error::Error;

const CSV: &str = "import csv";
const NDJSON: &str = "import ndjson";

pub(super) fn run(bench: &Bench<'_>) -> Result<(), Error> {
    let sizes = bench.sizes;
    let small = empty(bench, sizes.small, false)?;
    let large = empty(bench, sizes.large, true)?;
    for job in [CSV, NDJSON] {
        let seconds = |all: &[Measured]| find(all, job, "paygrade").and_then(Series::wall_s);
        let about = About::new(job, format!("{} / {}", count_short(sizes.large), count_short(sizes.small)));
        let times = ratio(seconds(&large), seconds(&small));
        bench.sheet.borrow_mut().figure(&about, "paygrade", "times as long", times, Some(Goal::AtMost(15.0)));
    }
    append(bench, find(&small, CSV, "paygrade"))
}

/// Into an empty store. The peers that take minutes for the large file are measured with the small one only.
fn empty(bench: &Bench<'_>, count: u64, is_large: bool) -> Result<Vec<Measured>, Error> {
    let (name, nonce) = if is_large { ("large", 1) } else { ("small", 2) };
    let csv = bench.events(name, count, nonce, Form::Csv)?;
    let ndjson = bench.events(name, count, nonce, Form::Ndjson)?;
    let size = count_short(count);
    let about = |job: &str| About::new(job, size.clone());
    let mut all = Vec::new();
    for (job, file) in [(CSV, &csv), (NDJSON, &ndjson)] {
        let run = Box::new(move |_| own(bench, file, count, is_large));
        all.push(Contestant { about: about(job), by: "paygrade", run });
    }
    let peer =
        |job: &str, by, command| peer_contestant(bench, about(job), by, is_large && job == CSV, command);
    if let Some(found) = &bench.peers.sqlite3 {
        all.push(peer(CSV, "sqlite3", Box::new(|db| peer::sqlite3_import(found, &csv, db))));
    }
    if let Some(found) = &bench.peers.duckdb {
        all.push(peer(CSV, "duckdb", Box::new(|db| peer::duckdb_import(found, &csv, Form::Csv, db))));
        if !is_large {
            let command = Box::new(|db: &Path| peer::duckdb_import(found, &ndjson, Form::Ndjson, db));
            all.push(peer(NDJSON, "duckdb", command));
        }
    }
    if let Some(found) = bench.peers.python.as_ref().filter(|_| !is_large) {
        for (job, file, form) in [(CSV, &csv, Form::Csv), (NDJSON, &ndjson, Form::Ndjson)] {
            all.push(peer(job, "python", Box::new(move |db| peer::python_import(found, file, form, db))));
        }
    }
    let measured = bench.rounds(all)?;
    bench.show(&measured, count);
    goals(bench, &measured, &about, is_large);
    Ok(measured)
}

fn goals(bench: &Bench<'_>, measured: &[Measured], about: &dyn Fn(&str) -> About, is_large: bool) {
    let mut sheet = bench.sheet.borrow_mut();
    let peak = Goal::AtMost(if is_large { 700.0 } else { 250.0 });
    // The sqlite3 shell takes no NDJSON: it is measured against its import of the same events as CSV.
    let flat = find(measured, CSV, "sqlite3");
    for job in [CSV, NDJSON] {
        let own = find(measured, job, "paygrade");
        sheet.compared(&about(job), (own, flat), "sqlite3 .import of csv", Some(Goal::AtLeast(3.0)));
        let goal = (job == CSV).then_some(Goal::AtLeast(1.5));
        sheet.compared(&about(job), (own, find(measured, job, "duckdb")), "duckdb with a key", goal);
        sheet.compared(&about(job), (own, find(measured, job, "python")), "python", None);
        sheet.peak(&about(job), own, peak);
    }
    let bytes = |by| find(measured, CSV, by).and_then(Series::disk_bytes).map(|it| it as f64);
    let part = ratio(bytes("paygrade"), bytes("sqlite3"));
    sheet.figure(&about(CSV), "paygrade", "of the disk of sqlite3", part, Some(Goal::AtMost(0.6)));
}

/// Our own import, into a fresh copy of the base world. One of the large file is kept as the full store.
fn own(bench: &Bench<'_>, file: &Path, count: u64, is_large: bool) -> Result<Sample, Error> {
    let world = bench.world("import")?;
    let store = Bench::store(&world);
    let before = disk_bytes(&store);
    let sample = bench.import(&world, END, file, count)?;
    let disk_bytes = disk_bytes(&store).saturating_sub(before);
    let full = bench.stage.path("full");
    if !is_large || full.exists() || std::fs::rename(&world, &full).is_err() {
        bench.stage.remove(&world);
    }
    Ok(Sample { disk_bytes, ..sample })
}

/// A peer's import, into a new database. One of the large file may be kept, for the export.
fn peer_contestant<'a>(
    bench: &'a Bench<'_>,
    about: About,
    by: &'static str,
    keep: bool,
    command: Box<dyn Fn(&Path) -> Command + 'a>,
) -> Contestant<'a> {
    let db = bench.stage.path("peer.db");
    let run = move |_| {
        bench.stage.remove(&db);
        let sample = bench.stage.run(command(&db), None)?.sample;
        let disk_bytes = disk_bytes(&db);
        let kept = bench.stage.path(&format!("full.{by}"));
        if !keep || kept.exists() || std::fs::rename(&db, &kept).is_err() {
            bench.stage.remove(&db);
        }
        Ok(Sample { disk_bytes, ..sample })
    };
    Contestant { about, by, run: Box::new(run) }
}

/// New events into a full store, and those that it has already.
fn append(bench: &Bench<'_>, empty: Option<&Series>) -> Result<(), Error> {
    let sizes = bench.sizes;
    let small = bench.events("small", sizes.small, 2, Form::Csv)?;
    let full = bench.full()?;
    let size = format!("{} to {}", count_short(sizes.small), count_short(sizes.large));
    let world = bench.stage.path("append");
    let renew = || {
        bench.stage.remove(&world);
        bench.stage.copy_folder(&full, &world)?;
        bench.stage.settle();
        bench.import(&world, END, &small, sizes.small)
    };
    let about = |job: &str| About::new(job, size.clone());
    let measured = bench.rounds_in_order(vec![
        Contestant { about: about("import append"), by: "paygrade", run: Box::new(|_| renew()) },
        Contestant {
            about: about("import again"),
            by: "paygrade",
            run: Box::new(|_| bench.import(&world, END, &small, 0)),
        },
    ])?;
    bench.stage.remove(&world);
    bench.show(&measured, sizes.small);
    let times = ratio(
        find(&measured, "import append", "paygrade").and_then(Series::wall_s),
        empty.and_then(Series::wall_s),
    );
    let about = about("import append");
    bench.sheet.borrow_mut().figure(
        &about,
        "paygrade",
        "times an empty store",
        times,
        Some(Goal::AtMost(4.5)),
    );
    Ok(())
}
