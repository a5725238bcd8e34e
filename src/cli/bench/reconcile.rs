//! `reconcile`: what of a full store has to be asked again after a little new usage.

use std::path::{Path, PathBuf};

use super::peer;
use super::sheet::About;
use super::stage::failed;
use super::stats::{Goal, Sample, Series, ratio};
use super::world::{Bench, Contestant, END, after_end, count_short, find, surprise};
use crate::error::Error;

/// Between two rounds: enough for Stripe to have counted.
const STEP_S: i64 = 1_800;
/// A world whose large file is all delivered and all verified, made once.
pub(super) fn delivered(bench: &Bench<'_>) -> Result<PathBuf, Error> {
    let folder = bench.stage.path("delivered");
    if folder.exists() {
        return Ok(folder);
    }
    let world = bench.stage.path("delivered.made");
    bench.stage.copy_folder(&bench.full()?, &world)?;
    bench.stage.say("all of it to the local Stripe's meters, and compared");
    let server = bench.serve(&world, END)?;
    let run = |now: &str, words: &[&str]| bench.stage.run(bench.stage.paygrade(&world, now, words), None);
    // One push may end at its deadline; the next goes on.
    loop {
        let pushed = run(END, &["meter", "push", "--max", "100000", "-q", "-o", "json"])?.json();
        if pushed["due"].as_u64() == Some(0) {
            break;
        }
    }
    let later = after_end(STEP_S);
    loop {
        let compared = run(&later, &["reconcile", "-q", "-o", "json"])?.json();
        if compared["skipped"].as_u64() == Some(0) {
            break;
        }
    }
    drop(server);
    std::fs::rename(&world, &folder).map_err(|error| failed("the world cannot be kept", &error))?;
    Ok(folder)
}

pub(super) fn run(bench: &Bench<'_>) -> Result<(), Error> {
    let world = delivered(bench)?;
    let _server = bench.serve(&world, &after_end(STEP_S))?;
    let sizes = bench.sizes;
    let size = format!("{} new on {}", count_short(sizes.new), count_short(sizes.large));
    let about = |job: &str| About::new(job, size.clone());
    let store = Bench::store(&world);
    let counts = std::cell::RefCell::new((0_u64, 0_u64));
    // The local half alone: the selection of what is asked, and what the store alone shows.
    let local = |round: u32| {
        let now = renew(bench, &world, round)?;
        let ran = bench
            .stage
            .run(bench.stage.paygrade(&world, &now, &["reconcile", "-n", "-q", "-o", "json"]), None)?;
        counts.borrow_mut().0 = ran.json()["rows"].as_array().map_or(0, Vec::len) as u64;
        Ok(ran.sample)
    };
    let whole = |round: u32| -> Result<Sample, Error> {
        let now = after_end(STEP_S * (2 + 2 * i64::from(round)) + STEP_S / 2);
        let ran =
            bench.stage.run(bench.stage.paygrade(&world, &now, &["reconcile", "-q", "-o", "json"]), None)?;
        let json = ran.json();
        let differ =
            json["rows"].as_array().into_iter().flatten().filter(|row| row["class"] != "match").count();
        if differ > 0 || json["skipped"].as_u64() != Some(0) {
            return Err(surprise(format!("reconcile found {differ} differences where there are none")));
        }
        counts.borrow_mut().1 = json["calls"].as_u64().unwrap_or(0);
        Ok(ran.sample)
    };
    let mut contestants = vec![
        Contestant { about: about("reconcile, local half"), by: "paygrade", run: Box::new(local) },
        Contestant { about: about("reconcile, with calls"), by: "paygrade", run: Box::new(whole) },
    ];
    if let Some(found) = &bench.peers.sqlite3 {
        let run = |_| Ok(bench.stage.run(peer::sqlite3_group_by(found, &store), None)?.sample);
        contestants.push(Contestant { about: about("one GROUP BY"), by: "sqlite3", run: Box::new(run) });
    }
    let all = bench.rounds_in_order(contestants)?;
    bench.show(&all, sizes.new);
    let seconds = |job: &str, by: &str| find(&all, job, by).and_then(Series::wall_s);
    let part = ratio(seconds("reconcile, local half", "paygrade"), seconds("one GROUP BY", "sqlite3"));
    let (changed, calls) = *counts.borrow();
    let mut sheet = bench.sheet.borrow_mut();
    let local = about("reconcile, local half");
    sheet.figure(&local, "paygrade", "of one GROUP BY of sqlite3", part, Some(Goal::AtMost(0.01)));
    let per = ratio(Some(calls as f64), Some(changed as f64));
    let called = about("reconcile, with calls");
    sheet.figure(&called, "paygrade", "changed pairs", Some(changed as f64), None);
    sheet.figure(&called, "paygrade", "calls for each changed pair", per, Some(Goal::AtMost(1.0)));
    Ok(())
}

/// A little new usage, sent; gives the instant at which it can be compared.
fn renew(bench: &Bench<'_>, world: &Path, round: u32) -> Result<String, Error> {
    let step = STEP_S * (2 + 2 * i64::from(round));
    let sent = after_end(step - STEP_S);
    let events = bench.events_new(&format!("new-{round}"), 100 + u64::from(round), &sent)?;
    bench.import(world, &sent, &events, bench.sizes.new)?;
    let pushed =
        bench.stage.run(bench.stage.paygrade(world, &sent, &["meter", "push", "-q", "-o", "json"]), None)?;
    if pushed.json()["due"].as_u64() != Some(0) {
        return Err(surprise("new usage was not all sent".to_owned()));
    }
    bench.stage.settle();
    Ok(after_end(step + STEP_S / 2))
}
