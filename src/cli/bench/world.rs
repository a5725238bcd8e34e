//! What the jobs share: the sizes, a world with customers on a tier, and files of usage that are made once.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::data::{self, Form, Plan};
use super::peer::Peers;
use super::sheet::{About, Sheet};
use super::stage::{Stage, failed};
use super::stats::{Sample, Series};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};

/// The instant at which customers begin, and that at which their usage of thirty days has happened.
pub(super) const START: &str = "2026-03-01T00:00:00Z";
pub(super) const END: &str = "2026-03-31T00:00:00Z";
const SEED: u64 = 20_261_120;
/// Assignments that are made at once while the world is built.
const HANDS: usize = 2;

/// How much work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Whether these are the sizes that the goals are for.
    pub(super) full: bool,
    pub(super) rounds: u32,
    pub(super) customers: usize,
    /// Events of the small file.
    pub(super) small: u64,
    /// Events of the large file.
    pub(super) large: u64,
    /// Events that are new when reconcile is measured.
    pub(super) new: u64,
    /// Deliveries of one push.
    pub(super) push: u64,
    /// Events of one stream.
    pub(super) stream: u64,
    /// Processes of one round of `usage record`.
    pub(super) processes: u32,
    /// Starts of one round.
    pub(super) starts: u32,
}

/// One of those that do the same work in turn.
pub(super) struct Contestant<'a> {
    pub(super) about: About,
    pub(super) by: &'static str,
    pub(super) run: Box<dyn FnMut(u32) -> Result<Sample, Error> + 'a>,
}

/// What was measured of it.
pub(super) struct Measured {
    pub(super) about: About,
    pub(super) by: &'static str,
    pub(super) series: Series,
}

/// Everything that a job needs.
pub(super) struct Bench<'a> {
    pub(super) stage: Stage<'a>,
    pub(super) peers: Peers,
    pub(super) sizes: Sizes,
    pub(super) sheet: RefCell<Sheet>,
}

/// `1M`, `250k`, `999`.
pub(super) fn count_short(count: u64) -> String {
    match count {
        _ if count >= 1_000_000 && count.is_multiple_of(1_000_000) => format!("{}M", count / 1_000_000),
        _ if count >= 1_000 && count.is_multiple_of(1_000) => format!("{}k", count / 1_000),
        _ => count.to_string(),
    }
}

/// An instant of the bench, so many seconds after its end.
pub(super) fn after_end(seconds: i64) -> String {
    Timestamp::parse(END).unwrap_or(Timestamp(0)).plus(seconds).to_string()
}

pub(super) fn find<'m>(all: &'m [Measured], job: &str, by: &str) -> Option<&'m Series> {
    all.iter().find(|it| it.about.job == job && it.by == by).map(|it| &it.series)
}

/// What a job did that it should not have.
pub(super) fn surprise(text: String) -> Error {
    Error::new(Kind::Partial, "bench_surprise", text)
}

impl Bench<'_> {
    /// Lets the contestants work in turn, round by round, another one first each time.
    pub(super) fn rounds(&self, contestants: Vec<Contestant<'_>>) -> Result<Vec<Measured>, Error> {
        self.turns(contestants, true)
    }

    /// The same for work in which each prepares what the next needs: always in the given order.
    pub(super) fn rounds_in_order(&self, contestants: Vec<Contestant<'_>>) -> Result<Vec<Measured>, Error> {
        self.turns(contestants, false)
    }

    /// One that fails is left out from then on and named.
    fn turns(&self, mut contestants: Vec<Contestant<'_>>, rotate: bool) -> Result<Vec<Measured>, Error> {
        let mut measured: Vec<Measured> = contestants
            .iter()
            .map(|it| Measured { about: it.about.clone(), by: it.by, series: Series::default() })
            .collect();
        let mut out = vec![false; contestants.len()];
        for round in 0..self.sizes.rounds {
            for turn in 0..contestants.len() {
                let first = if rotate { round as usize } else { 0 };
                let place = (turn + first) % contestants.len();
                let (Some(it), Some(to), Some(out)) =
                    (contestants.get_mut(place), measured.get_mut(place), out.get_mut(place))
                else {
                    continue;
                };
                if *out {
                    continue;
                }
                self.stage.settle();
                match (it.run)(round) {
                    Ok(sample) => {
                        let Sample { wall, cpu, .. } = sample;
                        let (job, size, by) = (&it.about.job, &it.about.size, it.by);
                        self.stage.say(&format!(
                            "{job} {size}, round {}: {by} {:.3} s ({:.3} s CPU)",
                            round + 1,
                            wall.as_secs_f64(),
                            cpu.as_secs_f64()
                        ));
                        to.series.0.push(sample);
                    }
                    Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Terminated) => {
                        return Err(error);
                    }
                    Err(error) => {
                        *out = true;
                        self.stage.say(&format!("{} by {}: {error}", it.about.job, it.by));
                        self.sheet.borrow_mut().trouble(&it.about, it.by, &error.to_string());
                    }
                }
            }
        }
        Ok(measured)
    }

    /// A line of the table for each.
    pub(super) fn show(&self, measured: &[Measured], units: u64) {
        let mut sheet = self.sheet.borrow_mut();
        for it in measured.iter().filter(|it| !it.series.0.is_empty()) {
            sheet.timed(&it.about, it.by, &it.series, units);
        }
    }

    /// A folder with a catalog, a store and a local Stripe: customers on a tier, and no usage yet.
    pub(super) fn base(&self) -> Result<PathBuf, Error> {
        let folder = self.stage.path("base");
        if folder.exists() {
            return Ok(folder);
        }
        let customers = self.sizes.customers;
        self.stage.say(&format!("a world with {customers} customers"));
        let made = self.stage.path("base.made");
        std::fs::create_dir_all(&made)
            .and_then(|()| std::fs::write(made.join("catalog.toml"), data::catalog()))
            .and_then(|()| std::fs::write(made.join("customers.csv"), data::customers_csv(customers)))
            .map_err(|error| failed("the world cannot be made", &error))?;
        let run = |words: &[&str]| self.stage.run(self.stage.paygrade(&made, START, words), None);
        run(&["seed", "--yes"])?;
        let server = self.serve(&made, START)?;
        run(&["customer", "import", "customers.csv"])?;
        let names: Vec<String> = (0..customers).map(data::customer).collect();
        for hands in names.chunks(HANDS) {
            self.stage.look()?;
            let children = hands.iter().map(|name| {
                let words = ["tier", "assign", name, "metered", "--send-invoice", "30", "-q"];
                let mut child = self.stage.paygrade(&made, START, &words);
                child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
            });
            let children: Vec<_> = children.collect();
            for child in children {
                let status = child
                    .and_then(|mut child| child.wait())
                    .map_err(|error| failed("a tier cannot be assigned", &error))?;
                if !status.success() {
                    return Err(surprise(format!(
                        "`tier assign` ended with {status} while the world was made"
                    )));
                }
            }
        }
        drop(server);
        std::fs::rename(&made, &folder).map_err(|error| failed("the world cannot be made", &error))?;
        Ok(folder)
    }

    /// A local Stripe of its own process for a world, ready to answer.
    pub(super) fn serve(&self, world: &Path, now: &str) -> Result<super::stage::Served, Error> {
        let registry = world.join(".paygrade").join("local.json");
        self.stage.remove(&registry);
        let server = self.stage.serve(self.stage.paygrade(world, now, &["local", "serve"]))?;
        for _ in 0..400 {
            self.stage.look()?;
            let text = std::fs::read_to_string(&registry).unwrap_or_default();
            if serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|it| it["port"].as_u64() > Some(0))
            {
                return Ok(server);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Err(surprise("the local Stripe did not begin to answer".to_owned()))
    }

    /// A copy of the base world under a name, in place of what was there.
    pub(super) fn world(&self, name: &str) -> Result<PathBuf, Error> {
        let (base, folder) = (self.base()?, self.stage.path(name));
        self.stage.remove(&folder);
        self.stage.copy_folder(&base, &folder)?;
        Ok(folder)
    }

    /// The store of a world.
    pub(super) fn store(world: &Path) -> PathBuf {
        world.join(".paygrade").join("local.db")
    }

    /// A file of usage; the same numbers give the same file, also in another form.
    pub(super) fn events(&self, name: &str, count: u64, nonce: u64, form: Form) -> Result<PathBuf, Error> {
        let instant = |text| Timestamp::parse(text).unwrap_or(Timestamp(0));
        let plan = Plan {
            seed: SEED ^ nonce,
            count,
            customers: self.sizes.customers,
            from: instant(START).plus(60),
            to: instant(END),
        };
        self.file(name, plan, form)
    }

    /// New usage of the last hour before an instant.
    pub(super) fn events_new(&self, name: &str, nonce: u64, until: &str) -> Result<PathBuf, Error> {
        let to = Timestamp::parse(until).unwrap_or(Timestamp(0));
        let plan = Plan {
            seed: SEED ^ nonce,
            count: self.sizes.new,
            customers: self.sizes.customers,
            from: to.plus(-3_600),
            to,
        };
        self.file(name, plan, Form::Csv)
    }

    fn file(&self, name: &str, plan: Plan, form: Form) -> Result<PathBuf, Error> {
        self.stage.look()?;
        let path = self.stage.path(&format!("{name}.{}", form.extension()));
        if !path.exists() {
            self.stage.say(&format!("{} events as {}", count_short(plan.count), form.extension()));
            data::write(plan, form, &path).map_err(|error| failed("usage cannot be written", &error))?;
        }
        Ok(path)
    }

    /// The large file of usage.
    pub(super) fn events_large(&self, form: Form) -> Result<PathBuf, Error> {
        self.events("large", self.sizes.large, 1, form)
    }

    /// Imports a file into a world, and demands that every event of it is new, or none.
    pub(super) fn import(&self, world: &Path, now: &str, file: &Path, new: u64) -> Result<Sample, Error> {
        let name = super::peer::text(file);
        let ran = self.stage.run(self.import_command(world, now, &name), None)?;
        let inserted = ran.json()["inserted"].as_u64();
        if inserted != Some(new) {
            return Err(surprise(format!("`usage import` inserted {inserted:?} events instead of {new}")));
        }
        Ok(ran.sample)
    }

    fn import_command(&self, world: &Path, now: &str, file: &str) -> Command {
        self.stage.paygrade(world, now, &["usage", "import", file, "-q", "-o", "json"])
    }

    /// A world that holds the large file, made once.
    pub(super) fn full(&self) -> Result<PathBuf, Error> {
        let folder = self.stage.path("full");
        if !folder.exists() {
            let file = self.events_large(Form::Csv)?;
            self.stage.say("a store that is full");
            let world = self.world("full.made")?;
            self.import(&world, END, &file, self.sizes.large)?;
            std::fs::rename(&world, &folder).map_err(|error| failed("the world cannot be kept", &error))?;
        }
        Ok(folder)
    }
}
