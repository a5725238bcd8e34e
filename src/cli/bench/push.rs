//! `push`: meter events to a local Stripe that takes its time to answer.

use std::cell::RefCell;

use super::data::Form;
use super::sheet::About;
use super::stats::{Goal, Series, median, ratio};
use super::world::{Bench, Contestant, END, count_short, find, surprise};
use crate::error::Error;

/// Meter events a second: Stripe's limit with a live key (Stripe: docs, rate limits).
const PACE: f64 = 1_000.0;
/// How long the local Stripe thinks about each meter event, in milliseconds.
const LATENCY_MS: &str = "80";
/// Events for each delivery that is wanted: some fall into one window.
const EVENTS_PER_DELIVERY: u64 = 3;

pub(super) fn run(bench: &Bench<'_>) -> Result<(), Error> {
    let sizes = bench.sizes;
    let wanted = sizes.push * u64::from(sizes.rounds);
    let world = bench.world("push")?;
    let events = bench.events("push", wanted * EVENTS_PER_DELIVERY, 4, Form::Csv)?;
    bench.import(&world, END, &events, wanted * EVENTS_PER_DELIVERY)?;
    let _server = bench.serve(&world, END)?;
    let paygrade = |words: &[&str]| bench.stage.run(bench.stage.paygrade(&world, END, words), None);
    // Forming is work of another kind: it is done before the clock runs.
    let formed = paygrade(&["meter", "push", "--max", "0", "-q", "-o", "json"])?.json()["formed"].as_u64();
    if formed.is_none_or(|formed| formed < wanted) {
        return Err(surprise(format!("{formed:?} deliveries were formed, and {wanted} are needed")));
    }
    let path = "/v1/billing/meter_events";
    let many = u32::MAX.to_string();
    paygrade(&["local", "fault", "delay", "--path", path, "--amount", LATENCY_MS, "--times", &many, "-q"])?;
    let about = About::new("push", format!("{} at {LATENCY_MS} ms", count_short(sizes.push)));
    let (max, pace) = (sizes.push.to_string(), PACE.to_string());
    let seen = RefCell::new(Vec::new());
    let run = |_| {
        let ran = paygrade(&["meter", "push", "--max", &max, "--pace", &pace, "-q", "-o", "json"])?;
        let accepted = ran.json()["accepted"].as_u64();
        if accepted != Some(sizes.push) {
            return Err(surprise(format!("{accepted:?} deliveries were accepted instead of {}", sizes.push)));
        }
        seen.borrow_mut().push(paygrade(&["local", "status", "-o", "json"])?.json());
        Ok(ran.sample)
    };
    let measured =
        bench.rounds(vec![Contestant { about: about.clone(), by: "paygrade", run: Box::new(run) }])?;
    bench.show(&measured, sizes.push);
    let own = find(&measured, &about.job, "paygrade");
    let mut sheet = bench.sheet.borrow_mut();
    let part = ratio(Some(sizes.push as f64 / PACE), own.and_then(Series::wall_s));
    sheet.figure(&about, "paygrade", "of 1,000 a second", part, Some(Goal::AtLeast(0.95)));
    let share = own.and_then(|series| {
        median(series.0.iter().map(|it| it.cpu.as_secs_f64() / it.wall.as_secs_f64().max(f64::EPSILON)))
    });
    sheet.figure(&about, "paygrade", "% of a core", share.map(|it| it * 100.0), Some(Goal::AtMost(15.0)));
    for (name, measure, goal) in [
        ("load.per_second_most", "most in one second, seen by the local Stripe", Some(Goal::AtMost(PACE))),
        ("load.pair_most", "most in flight of a customer and meter", Some(Goal::AtMost(1.0))),
        ("load.in_flight_most", "most in flight", None),
    ] {
        let most = seen.borrow().iter().filter_map(|status| line(status, name)).max_by(f64::total_cmp);
        sheet.figure(&about, "paygrade", measure, most, goal);
    }
    Ok(())
}

/// A line of `local status`.
fn line(status: &serde_json::Value, name: &str) -> Option<f64> {
    let row = status["rows"].as_array()?.iter().find(|row| row["line"] == name)?;
    row["value"].as_str()?.parse().ok()
}
