//! `usage import --totals`: rows say how much a customer has used of a meter in an hour so far; what is missing becomes one
//! event.
//!
//! What holds: importing a file again adds nothing, and a later file adds what has grown since; a run that was killed is
//! finished by the next one. The difference is taken in the transaction that writes it, so that two imports at once do not
//! add it twice. Nothing is written before the whole file was read and found right.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cancel::is_billed;
use super::cost;
use super::import::{self, Format, From, Opened, Stamp, Unreadable, unnamed};
use super::instant::{Zone, parse_instant};
use super::names::{customer_problem, meter_problem, shown};
use crate::billing::money::Money;
use crate::billing::time::{EARLIEST, HOUR_S, Timestamp};
use crate::billing::totals::{Change, change, instant, parse_total};
use crate::error::{Changed, Error, Kind};
use crate::store::span::SpanCache;
use crate::store::usage::{Names, UsageCache};
use crate::store::usage_totals::Difference;
use crate::store::{CustomerRow, MeterRow, Reader, Store};

/// Rows of one transaction: others write in between.
const BATCH: usize = 5_000;
/// Problems that are named.
const PROBLEMS_MAX: usize = 20;
const RUN_AGAIN: &str = "run the same command again";
/// The columns of a row.
const COLUMNS: [&str; 4] = ["customer", "meter", "hour", "total"];

/// Where rows are that are read twice.
#[derive(Debug, Clone)]
pub enum Rows {
    /// In a file.
    Path(PathBuf),
    /// In a file without a name, which holds what standard input said.
    Kept(Arc<File>),
}

impl Rows {
    /// Keeps what standard input says in a file of that folder which has no name and goes with this process.
    pub fn of_stdin(folder: &Path) -> Result<Rows, Error> {
        let kept = unnamed(folder).and_then(|mut file| {
            io::copy(&mut io::stdin().lock(), &mut file)?;
            Ok(file)
        });
        let file = kept.map_err(|error| {
            let text = format!("standard input cannot be kept in {}", folder.display());
            Error::new(Kind::Store, "input_kept", text)
                .because(&error)
                .hint("make room there, or give a file: the rows are read twice")
        })?;
        Ok(Rows::Kept(Arc::new(file)))
    }

    fn from(&self) -> From {
        match self {
            Rows::Path(path) => From::Path(path.clone()),
            Rows::Kept(_) => From::Stdin,
        }
    }

    /// From its first byte on.
    fn open(&self) -> Result<Opened, Error> {
        let from = self.from();
        let Rows::Kept(file) = self else { return from.open() };
        let kept = file.try_clone().and_then(|mut file| file.seek(SeekFrom::Start(0)).map(|_| file));
        from.opened(Box::new(kept.map_err(|error| from.failed(&error, 1))?), None)
    }
}

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where the rows are, in a table or JSON lines; gzip and Zstandard are unpacked.
    pub rows: Rows,
    /// Between fields of a table.
    pub delimiter: u8,
    /// The customer of all rows, where there is no such column.
    pub customer: Option<String>,
    /// The meter of all rows, where there is no such column.
    pub meter: Option<String>,
    /// Whether a total may be lower than what is recorded.
    pub allow_lower: bool,
    /// How long Stripe keeps a renewal invoice open for usage, in seconds.
    pub grace_s: i64,
}

/// What the file says against what is recorded.
#[derive(Debug, Default)]
pub struct Tally {
    /// Rows read.
    pub rows: i64,
    /// Rows that say what is recorded.
    pub same: i64,
    /// Rows that say more, and the units.
    pub raised: (i64, i64),
    /// Rows that say less, and the units.
    pub lowered: (i64, i64),
    /// Rows that say less and are left, each with why.
    pub refused: Vec<String>,
    /// How many those are.
    pub refused_rows: i64,
    /// What it changes on bills, where all of it has a price in one currency.
    pub amount: Option<Money>,
    /// How the file looked when it was read.
    stamp: Option<Stamp>,
}

/// One row.
#[derive(Debug, Clone, Copy)]
struct Total {
    customer: CustomerRow,
    meter: MeterRow,
    hour: Timestamp,
    total: i64,
    line: i64,
}

/// Reads the file and compares. Writes nothing; a row that makes no sense is an error, with all others of its kind.
pub fn totals_plan(store: &Store, ask: &Ask, now: Timestamp) -> Result<Tally, Error> {
    store.read(|r| {
        let names = r.usage_names()?;
        let mut tally = Tally::default();
        let mut problems = Vec::new();
        let mut bad = 0_usize;
        let mut grown: BTreeMap<(CustomerRow, MeterRow, Timestamp), i64> = BTreeMap::new();
        // Of an hour that comes twice the later row counts on.
        let mut seen: BTreeMap<(CustomerRow, MeterRow, Timestamp), i64> = BTreeMap::new();
        let mut judge = Judge::new(r, ask, now);
        let stamp = each(ask, &names, now, |row| {
            tally.rows += 1;
            let it = match row {
                Ok(it) => it,
                Err(problem) => {
                    bad += 1;
                    if problems.len() < PROBLEMS_MAX {
                        problems.push(problem);
                    }
                    return Ok(());
                }
            };
            let place = (it.customer, it.meter, it.hour);
            let recorded = match seen.get(&place) {
                Some(known) => *known,
                None => r.usage_hour_sum(it.customer, it.meter, it.hour)?,
            };
            let change = judge.change(&it, recorded)?;
            if let Some((units, period)) = judge.counted(&mut tally, &it, change)? {
                seen.insert(place, it.total);
                *grown.entry((it.customer, it.meter, period)).or_default() += units;
            }
            Ok(())
        })?;
        if bad > 0 {
            let text = format!("{bad} of {} rows of {} make no sense", tally.rows, ask.rows.from().shown());
            return Err(Error::new(Kind::BadInput, "bad_rows", text)
                .details(problems)
                .hint("nothing was written; a row is customer, meter, hour (a whole UTC hour) and total (whole units)"));
        }
        tally.amount = amount(r, &grown)?;
        tally.stamp = stamp;
        Ok(tally)
    })
}

/// What so many units more, or fewer, change on the bills.
fn amount(
    r: &Reader<'_>,
    grown: &BTreeMap<(CustomerRow, MeterRow, Timestamp), i64>,
) -> Result<Option<Money>, Error> {
    let mut sum: Option<Money> = None;
    for ((customer, meter, period), units) in grown {
        let key = r.meter_key(*meter)?;
        let Some(part) = cost::part(r, *customer, *meter, key.as_str(), *period, -units)? else { continue };
        let part = Money { minor: -part.minor, ..part };
        sum = match sum {
            None => Some(part),
            Some(sum) if sum.currency == part.currency => {
                Some(Money { minor: sum.minor.saturating_add(part.minor), ..sum })
            }
            Some(_) => return Ok(None),
        };
    }
    Ok(sum)
}

/// Records the differences of the file that was planned. Those that nobody saw in the plan as lower are left.
pub fn totals_apply(store: &Store, ask: &Ask, now: Timestamp, plan: &Tally) -> Result<Tally, Error> {
    let names = store.read(|r| r.usage_names())?;
    let mut tally = Tally::default();
    let mut batch: Vec<Total> = Vec::with_capacity(BATCH);
    let mut cache = UsageCache::default();
    let wrote = Cell::new(false);
    let mut flush = |batch: &mut Vec<Total>, tally: &mut Tally| {
        let done = store.write(now, |w| {
            let r = w.reader();
            let mut judge = Judge::new(&r, ask, now);
            let mut differences = Vec::new();
            let mut seen: BTreeMap<(CustomerRow, MeterRow, Timestamp), i64> = BTreeMap::new();
            for it in batch.iter() {
                let place = (it.customer, it.meter, it.hour);
                let recorded = match seen.get(&place) {
                    Some(known) => *known,
                    None => r.usage_hour_sum(it.customer, it.meter, it.hour)?,
                };
                let change = judge.change(it, recorded)?;
                if let Some((units, _)) = judge.counted(tally, it, change)? {
                    seen.insert(place, it.total);
                    let at = instant(it.hour, now);
                    differences.extend(at.map(|at| Difference {
                        customer: it.customer,
                        meter: it.meter,
                        units,
                        at,
                        line: it.line,
                    }));
                }
            }
            w.usage_differences(&mut cache, &differences)?;
            Ok::<_, Error>(!differences.is_empty())
        });
        batch.clear();
        wrote.set(wrote.get() | done?);
        Ok::<_, Error>(())
    };
    let read = each(ask, &names, now, |row| {
        tally.rows += 1;
        // The plan has read every row: what is bad now was changed since.
        batch.push(row.map_err(|_| changed(ask))?);
        if batch.len() == BATCH { flush(&mut batch, &mut tally) } else { Ok(()) }
    });
    let done = read.and_then(|stamp| {
        flush(&mut batch, &mut tally)?;
        if stamp == plan.stamp { Ok(tally) } else { Err(changed(ask)) }
    });
    match done {
        Err(error) if wrote.get() => Err(error.changed(Changed::Partial).hint(RUN_AGAIN)),
        done => done,
    }
}

fn changed(ask: &Ask) -> Error {
    let text = format!("{} was changed while it was read", ask.rows.from().shown());
    Error::new(Kind::Partial, "input_changed", text).hint(RUN_AGAIN)
}

/// Judges rows; what bills an hour is read once for each.
struct Judge<'r> {
    r: &'r Reader<'r>,
    ask: &'r Ask,
    now: Timestamp,
    spans: SpanCache,
}

impl<'r> Judge<'r> {
    fn new(r: &'r Reader<'r>, ask: &'r Ask, now: Timestamp) -> Judge<'r> {
        Judge { r, ask, now, spans: SpanCache::default() }
    }

    fn change(&mut self, it: &Total, recorded: i64) -> Result<Change, Error> {
        if it.total >= recorded || !self.ask.allow_lower {
            return Ok(change(it.total, recorded, self.ask.allow_lower, false));
        }
        let at = it.hour.plus(HOUR_S - 1);
        let there = self.r.usage_billed(&mut self.spans, it.customer, it.meter, at, self.ask.grace_s)?;
        let billed =
            there.exempt.is_none() && is_billed(self.r, it.customer, at, there.must_arrive_by, self.now)?;
        Ok(change(it.total, recorded, true, billed))
    }

    /// Counts a row; its units and billing period, where it changes something.
    fn counted(
        &mut self,
        tally: &mut Tally,
        it: &Total,
        change: Change,
    ) -> Result<Option<(i64, Timestamp)>, Error> {
        let units = match change {
            Change::None => {
                tally.same += 1;
                return Ok(None);
            }
            Change::Raise(units) => {
                tally.raised = (tally.raised.0 + 1, tally.raised.1.saturating_add(units));
                units
            }
            Change::Lower(units) => {
                tally.lowered = (tally.lowered.0 + 1, tally.lowered.1.saturating_add(units));
                -units
            }
            Change::Refused(units) | Change::Billed(units) => {
                tally.refused_rows += 1;
                if tally.refused.len() < PROBLEMS_MAX {
                    let why = match change {
                        Change::Billed(_) => "its period is billed",
                        _ => "--allow-lower takes them back",
                    };
                    tally.refused.push(format!(
                        "line {}: {units} units fewer than are recorded in the hour of {}: {why}",
                        it.line, it.hour
                    ));
                }
                return Ok(None);
            }
        };
        let at = it.hour.plus(HOUR_S - 1);
        let there = self.r.usage_billed(&mut self.spans, it.customer, it.meter, at, self.ask.grace_s)?;
        Ok(Some((units, there.period.start)))
    }
}

/// Hands the rows of the file to `take`, each read or with what is wrong with it. How the file looked, in the end as in the
/// beginning.
fn each(
    ask: &Ask,
    names: &Names,
    now: Timestamp,
    mut take: impl FnMut(Result<Total, String>) -> Result<(), Error>,
) -> Result<Option<Stamp>, Error> {
    let Opened { input, stamp, format, .. } = ask.rows.open()?;
    let from = ask.rows.from();
    let mut rows = match format {
        Format::Ndjson => import::Rows::ndjson(input, COLUMNS.map(|key| vec![key.to_owned()]).to_vec()),
        Format::Table => import::Rows::table(input, ask.delimiter),
    };
    let places = match format {
        Format::Ndjson => [Some(0), Some(1), Some(2), Some(3)],
        Format::Table => match rows.next_row().map_err(|error| from.failed(&error, rows.line))? {
            Some(Ok(())) => places(ask, &rows.fields.all())?,
            read => {
                let why = match read {
                    Some(Err(Unreadable::Row(why) | Unreadable::Rest(why))) => why,
                    _ => "it is empty".to_owned(),
                };
                let text = format!("{} has no line that names its columns: {why}", from.shown());
                return Err(Error::new(Kind::BadInput, "input", text).hint(HEADER));
            }
        },
    };
    while let Some(read) = rows.next_row().map_err(|error| from.failed(&error, rows.line))? {
        let line = rows.line;
        let row = match read {
            Err(Unreadable::Row(why) | Unreadable::Rest(why)) => Err(why),
            Ok(()) => {
                let field = |place: Option<usize>| {
                    place.and_then(|place| rows.fields.get(place)).map(str::trim).filter(|it| !it.is_empty())
                };
                let [customer, meter, hour, total] = places.map(field);
                let row = Words {
                    customer: customer.or(ask.customer.as_deref()).unwrap_or_default(),
                    meter: meter.or(ask.meter.as_deref()).unwrap_or_default(),
                    hour: hour.unwrap_or_default(),
                    total: total.unwrap_or_default(),
                };
                read_row(&row, names, now, i64::try_from(line).unwrap_or(i64::MAX))
            }
        };
        take(row.map_err(|problem| format!("line {line}: {problem}")))?;
    }
    match stamp {
        Some(stamp) if !stamp.is_current() => Err(changed(ask)),
        stamp => Ok(stamp),
    }
}

const HEADER: &str =
    "the columns are customer, meter, hour and total; --customer and --meter stand for theirs";

/// Where the columns of a table are.
fn places(ask: &Ask, header: &[String]) -> Result<[Option<usize>; 4], Error> {
    let places = COLUMNS.map(|name| header.iter().position(|it| it.trim().eq_ignore_ascii_case(name)));
    let given = [ask.customer.is_some(), ask.meter.is_some(), false, false];
    let missing = COLUMNS.iter().zip(places).zip(given).find(|((_, place), given)| place.is_none() && !given);
    let Some(((name, _), _)) = missing else { return Ok(places) };
    let text = format!("{} has no column `{name}`", ask.rows.from().shown());
    Err(Error::new(Kind::BadInput, "missing_column", text).hint(HEADER))
}

struct Words<'a> {
    customer: &'a str,
    meter: &'a str,
    hour: &'a str,
    total: &'a str,
}

fn read_row(row: &Words<'_>, names: &Names, now: Timestamp, line: i64) -> Result<Total, String> {
    let customer = names.customers.get(row.customer).ok_or_else(|| customer_problem(names, row.customer))?;
    let meter = names.meters.get(row.meter).ok_or_else(|| meter_problem(names, row.meter))?;
    let at = parse_instant(row.hour, &Zone::UTC).map_err(|error| error.to_string())?;
    let hour = at.second();
    if hour.micros() != at || hour.0.rem_euclid(HOUR_S) != 0 {
        return Err(format!("{} is not a whole UTC hour", shown(row.hour)));
    }
    if hour < EARLIEST {
        return Err(format!("{hour} is not between the years 2000 and 2100"));
    }
    if instant(hour, now).is_none() {
        return Err(format!("the hour of {hour} has not begun"));
    }
    let total = parse_total(row.total).map_err(|why| format!("total `{}` {why}", shown(row.total)))?;
    Ok(Total { customer: *customer, meter: *meter, hour, total, line })
}
