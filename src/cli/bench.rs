//! `bench`: how fast this program is on this machine, beside other programs that do the same work.
//!
//! Every figure comes from running the program itself, and its peers, as a person would: whole processes, from files made
//! from a seed, with nothing switched off that keeps data safe. The contestants take turns within one run, because two
//! runs on one machine differ by more than what is to be seen. What is not on the machine is named and not made up.

mod data;
mod export;
mod import;
mod machine;
mod memory;
mod peer;
mod postgres;
mod push;
mod reconcile;
mod record;
mod sheet;
mod stage;
mod start;
mod stats;
mod world;

use std::cell::RefCell;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::peer::{PeerName, Peers};
use self::sheet::Sheet;
use self::stage::Stage;
use self::world::{Bench, Sizes, count_short};
use super::Cx;
use crate::error::{Error, Kind};
use crate::ui::{Cell, Report};

/// Measure how fast each job runs here, beside other programs that do the same
///
/// Makes its own data in a folder of its own, which it removes again (16 GB for the full sizes), and runs this program
/// and its peers in turn: medians, most memory, bytes on the disk. Each goal stands beside its figure. Takes nothing from
/// your settings, store or keys, and calls no one but a local Stripe.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade bench --quick
  paygrade bench import export --against sqlite3 -o json
  paygrade bench --dir /var/tmp

Leave the machine alone meanwhile; the full sizes take some 25 minutes on two cores.")]
pub struct BenchArgs {
    /// What to measure [default: everything]
    #[arg(value_enum)]
    jobs: Vec<Job>,
    /// Small sizes: a look in about a minute. Goals are shown and not judged
    #[arg(long)]
    quick: bool,
    /// Which peers to run beside, where they are on this machine
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PEER", default_values_t = PeerName::ALL)]
    against: Vec<PeerName>,
    /// How often each contestant works
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Events of the largest file [default: 10000000, with --quick 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(100..=1_000_000_000))]
    events: Option<u64>,
    /// Customers [default: 2000, with --quick 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: Option<u32>,
    /// Make the folder in this one, on the disk that is to be measured [default: the system's for temporary files]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Job {
    /// Files of usage into an empty store and into a full one
    Import,
    /// Everything of a full store, written out
    Export,
    /// One stream of events; one process for each event, up to 32 at once
    Record,
    /// Meter events to a local Stripe that takes 80 ms for each
    Push,
    /// What has to be compared again after a little new usage
    Reconcile,
    /// Short questions, from the start of the process to its end
    Start,
}

const FULL: Sizes = Sizes {
    full: true,
    rounds: 3,
    customers: 2_000,
    small: 1_000_000,
    large: 10_000_000,
    new: 10_000,
    push: 10_000,
    stream: 100_000,
    processes: 320,
    starts: 30,
};
const QUICK: Sizes = Sizes {
    full: false,
    customers: 50,
    small: 10_000,
    large: 100_000,
    new: 1_000,
    push: 400,
    stream: 5_000,
    processes: 32,
    starts: 5,
    ..FULL
};

fn sizes(args: &BenchArgs) -> Sizes {
    let normal = if args.quick { QUICK } else { FULL };
    let large = args.events.unwrap_or(normal.large);
    let customers = args.customers.map_or(normal.customers, |it| it as usize);
    // Smaller sizes make everything smaller; larger ones only the files.
    let part = |count: u64| count.min(count.saturating_mul(large) / normal.large).max(1);
    let few = |count: u32| u32::try_from(part(u64::from(count))).unwrap_or(count);
    Sizes {
        full: normal.full && large == FULL.large && customers == FULL.customers,
        rounds: args.rounds,
        customers,
        small: large / 10,
        large,
        new: part(normal.new),
        push: part(normal.push),
        stream: part(normal.stream),
        processes: few(normal.processes),
        starts: few(normal.starts),
    }
}

pub(super) fn run(cx: &Cx, args: &BenchArgs) -> Result<Report, Error> {
    let sizes = sizes(args);
    let jobs = if args.jobs.is_empty() { Job::value_variants() } else { &args.jobs };
    let peers = Peers::find(&args.against);
    if cx.globals.dry_run {
        return Ok(planned(cx, args, jobs, &peers, &sizes));
    }
    let stage = Stage::open(cx, args.dir.as_deref())?;
    let before = machine::facts(&stage)?;
    let bench = Bench { stage, peers, sizes, sheet: RefCell::new(Sheet::new(sizes.full)) };
    for job in jobs {
        let done = match job {
            Job::Import => import::run(&bench),
            Job::Export => export::run(&bench),
            Job::Record => record::run(&bench),
            Job::Push => push::run(&bench),
            Job::Reconcile => reconcile::run(&bench),
            Job::Start => start::run(&bench),
        };
        match done {
            Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Terminated) => return Err(error),
            // One job that cannot be measured does not take the others with it.
            Err(error) => {
                bench.stage.say(&format!("{job:?} was not measured: {error}"));
                let about = sheet::About::new(format!("{job:?}").to_lowercase(), "");
                bench.sheet.borrow_mut().trouble(&about, "paygrade", &error.to_string());
            }
            Ok(()) => {}
        }
    }
    let load_after = machine::load();
    let Bench { peers, sheet, .. } = bench;
    let sheet = sheet.into_inner();
    let outcome = (!sheet.is_whole()).then_some(Kind::Partial);
    let verdict = sheet.verdict();
    let mut report = sheet.report;
    report.facts = before;
    report.facts.push(("load_after", Cell::maybe_text(load_after)));
    report.facts.extend(sized(&sizes));
    report.facts.extend(versions(args, &peers));
    Ok(report.verdict(verdict).outcome(outcome))
}

fn sized(sizes: &Sizes) -> Vec<(&'static str, Cell)> {
    let count = |number: u64| i64::try_from(number).map_or(Cell::Blank, Cell::Count);
    vec![
        ("rounds", count(u64::from(sizes.rounds))),
        ("customers", count(sizes.customers as u64)),
        ("meters", count(data::METERS.len() as u64)),
        ("events_small", count(sizes.small)),
        ("events_large", count(sizes.large)),
    ]
}

/// Which programs took part, and which were asked for and are not here.
fn versions(args: &BenchArgs, peers: &Peers) -> Vec<(&'static str, Cell)> {
    let build = if cfg!(debug_assertions) { " (debug build: its figures mean little)" } else { "" };
    let mut facts = vec![("paygrade", Cell::text(format!("{}{build}", env!("CARGO_PKG_VERSION"))))];
    for name in PeerName::ALL {
        let said = match peers.version(name) {
            Some(version) => version.to_owned(),
            None if args.against.contains(&name) => "not on this machine".to_owned(),
            None => continue,
        };
        facts.push((name.as_str(), Cell::text(said)));
    }
    for (name, found) in [("stripe", &peers.stripe), ("strace", &peers.strace)] {
        let said = found.as_ref().map_or_else(|| "not on this machine".to_owned(), |it| it.version.clone());
        facts.push((name, Cell::text(said)));
    }
    facts
}

fn planned(cx: &Cx, args: &BenchArgs, jobs: &[Job], peers: &Peers, sizes: &Sizes) -> Report {
    let mut report = Report::new("bench_plan", &["job", "rounds"]);
    for job in jobs {
        report.row(vec![Cell::text(format!("{job:?}").to_lowercase()), Cell::Count(i64::from(sizes.rounds))]);
    }
    report.facts = sized(sizes);
    report.facts.extend(versions(args, peers));
    report.verdict(format!(
        "would measure with {} and {} events; nothing was run; apply it: {}",
        count_short(sizes.small),
        count_short(sizes.large),
        cx.line_applying()
    ))
}
