//! `export`: everything of a full store, written out.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use super::data::Form;
use super::peer;
use super::sheet::About;
use super::stage::failed;
use super::stats::{Goal, Sample};
use super::world::{Bench, Contestant, END, Measured, count_short, find, surprise};
use crate::error::Error;

pub(super) fn run(bench: &Bench<'_>) -> Result<(), Error> {
    let full = bench.full()?;
    let sqlite3 = flat(bench, "sqlite3")?;
    let duckdb = flat(bench, "duckdb")?;
    for (form, goal) in [(Form::Csv, 3.0), (Form::Ndjson, 3.5)] {
        one(bench, form, (&full, sqlite3.as_deref(), duckdb.as_deref()), goal)?;
    }
    Ok(())
}

/// A peer's own database with the large file, as `import` left it, or made now.
fn flat(bench: &Bench<'_>, name: &str) -> Result<Option<std::path::PathBuf>, Error> {
    let found = if name == "sqlite3" { &bench.peers.sqlite3 } else { &bench.peers.duckdb };
    let Some(found) = found else { return Ok(None) };
    let db = bench.stage.path(&format!("full.{name}"));
    if !db.exists() {
        let csv = bench.events_large(Form::Csv)?;
        bench.stage.say(&format!("a database of {name} that is full"));
        let command = if name == "sqlite3" {
            peer::sqlite3_import(found, &csv, &db)
        } else {
            peer::duckdb_import(found, &csv, Form::Csv, &db)
        };
        bench.stage.run(command, None)?;
    }
    Ok(Some(db))
}

fn one(
    bench: &Bench<'_>,
    form: Form,
    (full, sqlite3, duckdb): (&Path, Option<&Path>, Option<&Path>),
    goal: f64,
) -> Result<(), Error> {
    let count = bench.sizes.large;
    let job = format!("export {}", form.extension());
    let about = About::new(&job, count_short(count));
    let out = bench.stage.path(&format!("out.{}", form.extension()));
    let name = peer::text(&out);
    let own = |columns: &[&str]| {
        bench.stage.remove(&out);
        let words = [&["export", "usage", "--out", &name, "-q"], columns].concat();
        let sample = bench.stage.run(bench.stage.paygrade(full, END, &words), None)?.sample;
        // The file is looked at: an export that leaves rows out would be fast.
        let header = u64::from(form == Form::Csv);
        let lines = lines(&out)?.saturating_sub(header);
        if lines != count {
            return Err(surprise(format!("`export usage` wrote {lines} events instead of {count}")));
        }
        Ok(Sample { disk_bytes: out.metadata().map_or(0, |meta| meta.len()), ..sample })
    };
    let few = peer_columns(bench, form);
    let mut all = vec![
        Contestant { about: about.clone(), by: "paygrade", run: Box::new(|_| own(&[])) },
        Contestant {
            about: few.clone(),
            by: "paygrade",
            run: Box::new(|_| own(&["--columns", PEER_COLUMNS])),
        },
    ];
    if let (Some(found), Some(db)) = (&bench.peers.sqlite3, sqlite3) {
        let command = move |_: &Path| peer::sqlite3_export(found, db, form);
        all.push(peer_contestant(bench, &about, "sqlite3", &out, Box::new(command), true));
        if !bench.sizes.full {
            let store = Bench::store(full);
            let command = move |_: &Path| peer::sqlite3_export_same(found, &store, form);
            all.push(peer_contestant(
                bench,
                &same_columns(bench, form),
                "sqlite3",
                &out,
                Box::new(command),
                true,
            ));
        }
        // Minutes for the full sizes.
        if let Some(python) = bench.peers.python.as_ref().filter(|_| !bench.sizes.full) {
            let command = move |out: &Path| peer::python_export(python, db, form, out);
            all.push(peer_contestant(bench, &about, "python", &out, Box::new(command), false));
        }
    }
    if let (Some(found), Some(db)) = (&bench.peers.duckdb, duckdb) {
        let command = move |out: &Path| peer::duckdb_export(found, db, form, out);
        all.push(peer_contestant(bench, &about, "duckdb", &out, Box::new(command), false));
    }
    let measured = bench.rounds(all)?;
    bench.stage.remove(&out);
    bench.show(&measured, count);
    goals(bench, &measured, &about, form, goal);
    Ok(())
}

/// A peer's export; `prints`: to its standard output.
fn peer_contestant<'a>(
    bench: &'a Bench<'_>,
    about: &About,
    by: &'static str,
    out: &'a Path,
    command: Box<dyn Fn(&Path) -> Command + 'a>,
    prints: bool,
) -> Contestant<'a> {
    let run = move |_| {
        bench.stage.remove(out);
        let sample = bench.stage.run(command(out), prints.then_some(out))?.sample;
        Ok(Sample { disk_bytes: out.metadata().map_or(0, |meta| meta.len()), ..sample })
    };
    Contestant { about: about.clone(), by, run: Box::new(run) }
}

/// What the flat tables of the peers hold of an event.
const PEER_COLUMNS: &str = "event,customer,meter,quantity,at,action";

/// The peers write the six columns of a flat table. Beside all our columns: those six, from our own store.
fn peer_columns(bench: &Bench<'_>, form: Form) -> About {
    About::new(format!("export {}, six columns", form.extension()), count_short(bench.sizes.large))
}

/// And the peer writes all our columns, from our own store.
fn same_columns(bench: &Bench<'_>, form: Form) -> About {
    About::new(format!("export {}, same columns", form.extension()), count_short(bench.sizes.large))
}

fn goals(bench: &Bench<'_>, measured: &[Measured], about: &About, form: Form, goal: f64) {
    let own = find(measured, &about.job, "paygrade");
    let mut sheet = bench.sheet.borrow_mut();
    let flag = if form == Form::Csv { "sqlite3 -csv" } else { "sqlite3 -json" };
    for (by, name, goal) in
        [("sqlite3", flag, Some(Goal::AtLeast(goal))), ("duckdb", "duckdb", None), ("python", "python", None)]
    {
        let peer = find(measured, &about.job, by);
        sheet.compared(about, (own, peer), name, goal);
        let few = peer_columns(bench, form);
        sheet.compared(&few, (find(measured, &few.job, "paygrade"), peer), name, goal);
    }
    let same = find(measured, &same_columns(bench, form).job, "sqlite3");
    sheet.compared(about, (own, same), &format!("{flag}, same columns"), None);
    sheet.peak(about, own, Goal::AtMost(250.0));
}

pub(super) fn lines(path: &Path) -> Result<u64, Error> {
    let unreadable = |error: std::io::Error| failed("an export cannot be read", &error);
    let mut reader = BufReader::with_capacity(1 << 18, File::open(path).map_err(unreadable)?);
    let mut lines = 0_u64;
    loop {
        let bytes = reader.fill_buf().map_err(unreadable)?;
        let length = bytes.len();
        if length == 0 {
            return Ok(lines);
        }
        lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        reader.consume(length);
    }
}
