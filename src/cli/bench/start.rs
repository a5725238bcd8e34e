//! `start`: how long a short question takes, from the start of the process to its end.

use std::path::Path;
use std::process::Command;

use super::data::{METERS, customer};
use super::peer;
use super::reconcile::delivered;
use super::sheet::About;
use super::stats::{Goal, Series, ratio};
use super::world::{Bench, Measured, after_end, count_short, find};
use crate::error::{Error, Kind};

/// Of the time of the Stripe CLI.
const OF_STRIPE: f64 = 50.0;

/// A question, who is asked, and how.
type Ask<'a> = (About, &'static str, Box<dyn Fn() -> Command + 'a>);

pub(super) fn run(bench: &Bench<'_>) -> Result<(), Error> {
    let world = delivered(bench)?;
    let about = |job: &str| About::new(job, format!("store of {}", count_short(bench.sizes.large)));
    let (allow, status) = (about("start: allow"), about("start: status"));
    let mut asks = own_asks(bench, &world, &allow, &status);
    if let Some(found) = &bench.peers.sqlite3 {
        let store = Bench::store(&world);
        let ask = move || peer::sqlite3_point_query(found, &store, &customer(0));
        asks.push((about("start: point query"), "sqlite3", Box::new(ask)));
    }
    for (found, by, words) in [
        (&bench.peers.python, "python", &["-c", "pass"][..]),
        (&bench.peers.stripe, "stripe", &["version"][..]),
    ] {
        let Some(found) = found else { continue };
        let ask = move || {
            let mut command = found.command();
            command.args(words);
            command
        };
        asks.push((about("start: nothing"), by, Box::new(ask)));
    }
    let measured = in_turn(bench, &asks)?;
    bench.show(&measured, 1);
    let seconds = |job: &str, by: &str| find(&measured, job, by).and_then(Series::wall_s);
    let mut sheet = bench.sheet.borrow_mut();
    for about in [&allow, &status] {
        let own = seconds(&about.job, "paygrade");
        let of = ratio(own, seconds("start: point query", "sqlite3"));
        sheet.figure(about, "paygrade", "of a point query of sqlite3", of, Some(Goal::AtMost(1.0)));
        let times = ratio(seconds("start: nothing", "stripe"), own);
        let goal = Some(Goal::AtLeast(OF_STRIPE));
        sheet.figure(about, "paygrade", "times as fast as `stripe version`", times, goal);
    }
    Ok(())
}

fn own_asks<'a>(bench: &'a Bench<'_>, world: &'a Path, allow: &About, status: &About) -> Vec<Ask<'a>> {
    let now = after_end(86_000);
    let later = now.clone();
    let (who, asked) = (customer(0), format!("{}=1", METERS[0]));
    vec![
        (
            allow.clone(),
            "paygrade",
            Box::new(move || bench.stage.paygrade(world, &now, &["allow", &who, "--meter", &asked])),
        ),
        (status.clone(), "paygrade", Box::new(move || bench.stage.paygrade(world, &later, &["status"]))),
    ]
}

/// Many starts of each, one after another: they are too short to be measured one at a time.
fn in_turn(bench: &Bench<'_>, asks: &[Ask<'_>]) -> Result<Vec<Measured>, Error> {
    let mut measured: Vec<Measured> = asks
        .iter()
        .map(|(about, by, _)| Measured { about: about.clone(), by, series: Series::default() })
        .collect();
    let mut out = vec![false; asks.len()];
    for _ in 0..bench.sizes.rounds * bench.sizes.starts {
        for (((about, by, ask), to), out) in asks.iter().zip(&mut measured).zip(&mut out) {
            if *out {
                continue;
            }
            match bench.stage.run_short(ask()) {
                Ok(ran) => to.series.0.push(ran.sample),
                Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Terminated) => {
                    return Err(error);
                }
                Err(error) => {
                    *out = true;
                    bench.sheet.borrow_mut().trouble(about, by, &error.to_string());
                }
            }
        }
    }
    Ok(measured)
}
