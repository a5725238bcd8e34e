//! `usage import --totals`: rows say how much a customer has used of a meter in an hour so far; what is missing becomes one
//! event.
//!
//! What holds: importing a file again adds nothing, and a later file adds what has grown since; a run that was killed is
//! finished by the next one. The difference is taken in the transaction that writes it, so that two imports at once do not
//! add it twice. Nothing is written before the whole file was read and found right.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cancel::is_billed;
use super::cost;
use super::import::unnamed;
use super::instant::{Zone, parse_instant};
use super::names::{customer_problem, meter_problem, shown};
use crate::billing::money::Money;
use crate::billing::time::{HOUR_S, Timestamp};
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
/// Longest line.
const LINE_BYTES_MAX: u64 = 1 << 20;

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

    /// The name for people.
    fn shown(&self) -> String {
        match self {
            Rows::Path(path) => path.display().to_string(),
            Rows::Kept(_) => "standard input".to_owned(),
        }
    }

    /// From its first byte on.
    fn open(&self) -> io::Result<Box<dyn Read>> {
        let file: Box<dyn Read> = match self {
            Rows::Path(path) => Box::new(File::open(path)?),
            Rows::Kept(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                Box::new(file)
            }
        };
        let mut input = BufReader::new(file);
        if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            return Ok(Box::new(flate2::bufread::MultiGzDecoder::new(input)));
        }
        Ok(Box::new(input))
    }
}

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where the rows are; gzip is unpacked.
    pub rows: Rows,
    /// Between fields.
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
        each(ask, &names, now, |row| {
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
            let text = format!("{bad} of {} rows of {} make no sense", tally.rows, ask.rows.shown());
            return Err(Error::new(Kind::BadInput, "bad_rows", text)
                .details(problems)
                .hint("nothing was written; a row is customer, meter, hour (a whole UTC hour) and total (whole units)"));
        }
        tally.amount = amount(r, &grown)?;
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

/// Records the differences. Those that nobody saw in the plan as lower are left.
pub fn totals_apply(store: &Store, ask: &Ask, now: Timestamp) -> Result<Tally, Error> {
    let names = store.read(|r| r.usage_names())?;
    let mut tally = Tally::default();
    let mut batch: Vec<Total> = Vec::with_capacity(BATCH);
    let mut cache = UsageCache::default();
    let mut wrote = false;
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
        match done {
            Ok(some) => {
                wrote |= some;
                Ok(())
            }
            Err(error) if wrote => Err(error.changed(Changed::Partial).hint("run the same command again")),
            Err(error) => Err(error),
        }
    };
    each(ask, &names, now, |row| {
        tally.rows += 1;
        // The plan has read every row: what is bad now was changed since.
        let it = row.map_err(|problem| {
            Error::new(Kind::BadInput, "bad_rows", problem).hint("the file has changed since it was read")
        })?;
        batch.push(it);
        if batch.len() == BATCH { flush(&mut batch, &mut tally) } else { Ok(()) }
    })?;
    flush(&mut batch, &mut tally)?;
    Ok(tally)
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

/// Hands the rows of the file to `take`, each read or with what is wrong with it.
fn each(
    ask: &Ask,
    names: &Names,
    now: Timestamp,
    mut take: impl FnMut(Result<Total, String>) -> Result<(), Error>,
) -> Result<(), Error> {
    let cannot = |error: &(dyn std::error::Error + 'static)| {
        let text = format!("{} cannot be read", ask.rows.shown());
        Error::new(Kind::BadInput, "unreadable", text).because(error)
    };
    let input = ask.rows.open().map_err(|error| cannot(&error))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(ask.delimiter)
        .trim(csv::Trim::All)
        .from_reader(BufReader::new(input));
    let headers = reader.headers().map_err(|error| cannot(&error))?.clone();
    let place = |name: &str| {
        headers.iter().position(|it| it.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name))
    };
    let missing = |name: &str| {
        let text = format!("{} has no column `{name}`", ask.rows.shown());
        Error::new(Kind::BadInput, "missing_column", text)
            .hint("the columns are customer, meter, hour and total; --customer and --meter stand for theirs")
    };
    let customer = place("customer");
    let meter = place("meter");
    if customer.is_none() && ask.customer.is_none() {
        return Err(missing("customer"));
    }
    if meter.is_none() && ask.meter.is_none() {
        return Err(missing("meter"));
    }
    let hour = place("hour").ok_or_else(|| missing("hour"))?;
    let total = place("total").ok_or_else(|| missing("total"))?;
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => return Err(cannot(&error)),
        }
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().map(|field| field.len() as u64).sum::<u64>() > LINE_BYTES_MAX {
            take(Err(format!("line {line}: it is too long")))?;
            continue;
        }
        let field = |place: Option<usize>, given: &Option<String>| {
            place
                .and_then(|it| record.get(it))
                .map(str::to_owned)
                .or_else(|| given.clone())
                .unwrap_or_default()
        };
        let row = Words {
            customer: &field(customer, &ask.customer),
            meter: &field(meter, &ask.meter),
            hour: record.get(hour).unwrap_or_default(),
            total: record.get(total).unwrap_or_default(),
        };
        let line_number = i64::try_from(line).unwrap_or(i64::MAX);
        take(read(&row, names, now, line_number).map_err(|problem| format!("line {line}: {problem}")))?;
    }
}

struct Words<'a> {
    customer: &'a str,
    meter: &'a str,
    hour: &'a str,
    total: &'a str,
}

fn read(row: &Words<'_>, names: &Names, now: Timestamp, line: i64) -> Result<Total, String> {
    let customer = names.customers.get(row.customer).ok_or_else(|| customer_problem(names, row.customer))?;
    let meter = names.meters.get(row.meter).ok_or_else(|| meter_problem(names, row.meter))?;
    let at = parse_instant(row.hour, &Zone::UTC).map_err(|error| error.to_string())?;
    let hour = at.second();
    if hour.micros() != at || hour.0.rem_euclid(HOUR_S) != 0 {
        return Err(format!("{} is not a whole UTC hour", shown(row.hour)));
    }
    if instant(hour, now).is_none() {
        return Err(format!("the hour of {hour} has not begun"));
    }
    let total = parse_total(row.total).ok_or_else(|| {
        format!("total `{}` is not a whole number of units, 0 to 15 digits", shown(row.total))
    })?;
    Ok(Total { customer: *customer, meter: *meter, hour, total, line })
}
