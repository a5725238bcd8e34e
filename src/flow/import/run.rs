//! The import itself: scan, judge, write.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use super::chunk::{Chunk, TRANSACTION_ROWS_MAX, Waiting};
use super::event::{Reading, RowEvent};
use super::mapping::Places;
use super::rows::{Rows, Unreadable};
use super::source::{Format, Opened, Stamp};
use super::tally::Summary;
use super::{OnError, Options};
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::flow::instant::parse_instant;
use crate::flow::names::{unknown_customer, unknown_meter};
use crate::store::Store;
use crate::store::usage::{Appended, Names, NewEvent, UsageCache, usage_append};

/// Longest that an import holds the store's lock at once: others want to write too.
const LOCK_HELD_MAX: Duration = Duration::from_millis(200);
/// How long it leaves the lock alone after that, so that whoever waits gets it.
const LOCK_LEFT: Duration = Duration::from_millis(1);
/// Events that wait together. The more, the fewer pages of the index are written twice; 64 bytes each. Few in unit
/// tests, so that small files are read in two passes like big ones.
const CHUNK_ROWS_MAX: usize = if cfg!(test) { 64 } else { 1 << 20 };
/// The same of what can be read only once.
const STREAM_CHUNK_ROWS_MAX: usize = if cfg!(test) { 64 } else { TRANSACTION_ROWS_MAX };
/// Events of the first transaction, before it is known how many fit into one.
const FIRST_ROWS: usize = 8_192;
/// Rows after which an interrupt is looked for.
const LOOK_EVERY_ROWS: u64 = 4_096;

/// What an import asks and tells on its way.
pub struct Hooks<'a> {
    /// Whether to end at the next clean point.
    pub stop: &'a dyn Fn() -> bool,
    /// A row that could not be taken: its line and why.
    pub reject: &'a mut dyn FnMut(u64, &str) -> Result<(), Error>,
    /// Rows so far.
    pub progress: &'a mut dyn FnMut(u64),
}

/// Imports, or only looks. A failure says whether something was written.
pub fn import(
    store: &Store,
    now: Timestamp,
    options: &Options,
    hooks: &mut Hooks<'_>,
) -> Result<Summary, Error> {
    store.cache_enlarge()?;
    let names = store.read(|r| Ok::<_, Error>(r.usage_names()?))?;
    check_fixed(&names, options)?;
    let mut job = Job {
        store,
        now,
        options,
        names: &names,
        hooks,
        cache: UsageCache::default(),
        summary: Summary::default(),
        chunk: Chunk::default(),
        given: HashMap::new(),
        stamp: None,
    };
    let opened = options.from.open()?;
    let regular = opened.stamp.is_some();
    job.stamp.clone_from(&opened.stamp);
    let stop_mode = options.on_error == OnError::Stop;
    if options.dry_run {
        job.scan(opened, Pass::Look)?;
    } else if stop_mode && regular {
        let whole = job.scan(opened, Pass::Validate)?;
        job.refuse_problems()?;
        job.refuse_changed(Changed::None)?;
        if whole {
            job.write_chunk()?;
        } else {
            // It did not fit: read it again, now that all of it is known to be good.
            job.given = HashMap::new();
            job.summary = Summary::default();
            job.chunk.clear();
            let again = options.from.open()?;
            job.scan(again, Pass::Write)?;
        }
    } else {
        job.scan(opened, Pass::Write)?;
    }
    let changed = if job.summary.inserted > 0 { Changed::Partial } else { Changed::None };
    job.refuse_changed(changed)?;
    job.summary.finish();
    Ok(job.summary)
}

/// Names from the command line are looked up before the file is.
fn check_fixed(names: &Names, options: &Options) -> Result<(), Error> {
    if let Some(customer) = options.mapping.fixed_customer()
        && !names.customers.contains_key(customer.as_str())
    {
        return Err(unknown_customer(names, customer.as_str()));
    }
    let unknown = options.mapping.fixed_meters().find(|meter| !names.meters.contains_key(meter.as_str()));
    unknown.map_or(Ok(()), |meter| Err(unknown_meter(names, meter.as_str())))
}

/// What a scan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Count what would be done.
    Look,
    /// Find out whether all of it is good.
    Validate,
    /// Write chunk after chunk.
    Write,
}

struct Job<'a, 'h> {
    store: &'a Store,
    now: Timestamp,
    options: &'a Options,
    names: &'a Names,
    hooks: &'a mut Hooks<'h>,
    cache: UsageCache,
    summary: Summary,
    chunk: Chunk,
    /// Fingerprints of the callers' ids in the input, with those of their content.
    given: HashMap<u64, u64>,
    stamp: Option<Stamp>,
}

impl Job<'_, '_> {
    /// Reads the input once. Tells whether all of it is in the chunk now.
    fn scan(&mut self, opened: Opened, pass: Pass) -> Result<bool, Error> {
        let options = self.options;
        let from_name = options.from.source_name();
        let source = options.source.clone().or(from_name);
        let mut rows = match opened.format {
            Format::Ndjson => Rows::ndjson(opened.input, options.mapping.keys()),
            Format::Table => {
                let tabs = source.as_deref().is_some_and(|name| name.ends_with(".tsv"));
                Rows::table(opened.input, options.delimiter.unwrap_or(if tabs { b'\t' } else { b',' }))
            }
        };
        let places = self.places(&mut rows, opened.format)?;
        if source.is_none() && places.id.is_none() {
            return Err(Error::new(
                Kind::Usage,
                "source",
                "rows of standard input without ids need a source",
            )
            .hint("give the ids with --map id=THEIRS, or name where the rows come from with --source NAME"));
        }
        let mut reading = Reading::new(&places, self.names, &options.zone, source.as_deref(), self.now);
        let rows_max = if opened.stamp.is_some() { CHUNK_ROWS_MAX } else { STREAM_CHUNK_ROWS_MAX };
        let mut whole = true;
        loop {
            let row = rows.next_row().map_err(|error| self.cannot_read(&error))?;
            let Some(row) = row else { break };
            self.summary.rows += 1;
            if self.summary.rows.is_multiple_of(LOOK_EVERY_ROWS) {
                (self.hooks.progress)(self.summary.rows);
                if (self.hooks.stop)() {
                    self.summary.interrupted = true;
                    return Ok(false);
                }
            }
            let line = rows.line;
            match row {
                Err(Unreadable::Rest(reason)) => {
                    self.reject(line, &reason, pass)?;
                    break;
                }
                Err(Unreadable::Row(reason)) => self.reject(line, &reason, pass)?,
                Ok(()) => {
                    let mut found = Vec::with_capacity(places.quantities.len());
                    match reading.events(&rows.fields, &mut found) {
                        Err(reason) => self.reject(line, &reason, pass)?,
                        Ok(()) => found.iter().for_each(|it| self.take(it, line, pass)),
                    }
                }
            }
            if self.chunk.is_full(rows_max) {
                whole = false;
                self.end_chunk(pass)?;
                if self.summary.interrupted {
                    return Ok(false);
                }
            }
        }
        (self.hooks.progress)(self.summary.rows);
        if pass == Pass::Validate && whole {
            self.judge_chunk(pass)?;
            return Ok(true);
        }
        self.end_chunk(pass)?;
        Ok(false)
    }

    /// The first row of a table is its header.
    fn places(&self, rows: &mut Rows<Box<dyn std::io::BufRead>>, format: Format) -> Result<Places, Error> {
        let mapping = &self.options.mapping;
        if format == Format::Ndjson {
            let keys: Vec<String> =
                mapping.keys().into_iter().filter_map(|names| names.into_iter().next()).collect();
            return mapping.places(&keys, format);
        }
        let bad = |text: String| Error::new(Kind::BadInput, "input", text);
        let shown = self.options.from.shown();
        match rows.next_row().map_err(|error| self.cannot_read(&error))? {
            None => {
                Err(bad(format!("{shown} is empty"))
                    .hint("a table begins with a line that names its columns"))
            }
            Some(Err(Unreadable::Row(reason) | Unreadable::Rest(reason))) => {
                Err(bad(format!("{shown} line {}: {reason}", rows.line)))
            }
            Some(Ok(())) => {
                let header: Vec<String> =
                    rows.fields.all().iter().map(|name| name.trim().to_owned()).collect();
                let places = mapping.places(&header, format)?;
                let time = rows.fields.get(places.time);
                if time.is_some_and(|text| parse_instant(text, &self.options.zone).is_ok()) {
                    return Err(bad(format!(
                        "the first line of {shown} is a row, not the names of its columns"
                    ))
                    .hint("put a line with the names before it"));
                }
                Ok(places)
            }
        }
    }

    fn cannot_read(&self, error: &std::io::Error) -> Error {
        let error = self.options.from.failed(error);
        if self.summary.inserted > 0 { error.changed(Changed::Partial).hint(RUN_AGAIN) } else { error }
    }

    fn take(&mut self, it: &RowEvent<'_>, line: u64, pass: Pass) {
        self.summary.event(it, line);
        if pass != Pass::Write && it.id_given && !self.agrees(it) {
            self.summary.conflicts += 1;
            self.summary.name(line, &format!("another row has its id `{}` with other content", shown_id(it)));
            return;
        }
        self.chunk.push(it, line);
    }

    /// Whether the input itself says one thing only of an id.
    fn agrees(&mut self, it: &RowEvent<'_>) -> bool {
        let content = fingerprint(&(it.customer, it.content));
        *self.given.entry(fingerprint(&(it.id, it.meter))).or_insert(content) == content
    }

    fn reject(&mut self, line: u64, reason: &str, pass: Pass) -> Result<(), Error> {
        self.summary.rejected += 1;
        self.summary.name(line, reason);
        (self.hooks.reject)(line, reason)?;
        if pass == Pass::Write && self.options.on_error == OnError::Stop {
            return Err(self.stopped());
        }
        Ok(())
    }

    fn end_chunk(&mut self, pass: Pass) -> Result<(), Error> {
        match pass {
            Pass::Look | Pass::Validate => {
                self.judge_chunk(pass)?;
                self.chunk.clear();
                Ok(())
            }
            Pass::Write => {
                if self.options.on_error == OnError::Stop && self.stamp.is_none() {
                    self.judge_chunk(pass)?;
                    if self.summary.conflicts > 0 {
                        return Err(self.stopped());
                    }
                }
                self.write_chunk()
            }
        }
    }

    /// Compares a chunk with the store. Looking counts everything; validating only finds conflicts.
    fn judge_chunk(&mut self, pass: Pass) -> Result<(), Error> {
        self.chunk.sort();
        let (chunk, summary) = (&self.chunk, &mut self.summary);
        self.store.read(|r| {
            let empty = r.usage_last_seq()? == 0;
            if empty && pass != Pass::Look {
                return Ok::<(), Error>(());
            }
            let mut before = None;
            for it in chunk.events(0, usize::MAX) {
                if pass != Pass::Look && !it.id_given {
                    continue;
                }
                let twice = before == Some((it.event.id, it.event.meter));
                before = Some((it.event.id, it.event.meter));
                let known = match it.event.id {
                    Some(id) if !empty => {
                        r.usage_known(id, it.event.meter, it.event.customer, &it.event.content, true)?
                    }
                    _ => None,
                };
                match known {
                    Some(Appended::Conflict { seq }) => {
                        summary.conflicts += 1;
                        summary.name(it.line, &recorded_otherwise(&r.usage_get(seq)?));
                    }
                    Some(known) if pass == Pass::Look => summary.outcome(&it.event, &known),
                    None if pass == Pass::Look && twice => summary.known += 1,
                    None if pass == Pass::Look => {
                        let id = it.event.id.unwrap_or(crate::billing::usage::EventId([0; 16]));
                        summary.outcome(&it.event, &Appended::New { seq: 0, id, over_quota: false });
                    }
                    _ => (),
                }
            }
            Ok(())
        })
    }

    /// Writes a chunk in short transactions and forgets it.
    fn write_chunk(&mut self) -> Result<(), Error> {
        self.chunk.sort();
        let (mut done, mut most) = (0, FIRST_ROWS);
        while done < self.chunk.len() {
            if (self.hooks.stop)() {
                self.summary.interrupted = true;
                break;
            }
            let waiting: Vec<Waiting<'_>> = self.chunk.events(done, most).collect();
            let events: Vec<NewEvent<'_>> = waiting.iter().map(|it| it.event.clone()).collect();
            let cache = &mut self.cache;
            let appended = self.store.write(self.now, |w| {
                let began = Instant::now();
                usage_append(w, cache, &events, &mut |_| began.elapsed() < LOCK_HELD_MAX)
            });
            let appended = appended.map_err(|error| stopped_by_store(&self.summary, error))?;
            for (it, outcome) in waiting.iter().zip(&appended) {
                self.summary.outcome(&it.event, outcome);
                if let Appended::Conflict { seq } = outcome {
                    let other = self.store.read(|r| r.usage_get(*seq))?;
                    let reason = recorded_otherwise(&other);
                    self.summary.name(it.line, &reason);
                    (self.hooks.reject)(it.line, &reason)?;
                }
            }
            done += appended.len();
            // Twice what fitted: more than that would be made ready in vain.
            most = (2 * appended.len()).clamp(FIRST_ROWS, TRANSACTION_ROWS_MAX);
            (self.hooks.progress)(self.summary.rows);
            std::thread::sleep(LOCK_LEFT);
        }
        self.chunk.clear();
        Ok(())
    }

    /// A validated file with something wrong in it is not touched.
    fn refuse_problems(&mut self) -> Result<(), Error> {
        if self.summary.interrupted {
            return Err(Error::new(
                Kind::Interrupted,
                "interrupted",
                "interrupted before anything was written",
            ));
        }
        if self.summary.rejected + self.summary.conflicts == 0 {
            return Ok(());
        }
        self.summary.finish();
        Err(problems(&self.summary, &self.options.from.shown()))
    }

    /// Reading once, stopping at the first bad row: what came before its chunk is written.
    fn stopped(&mut self) -> Error {
        self.summary.finish();
        let error = problems(&self.summary, &self.options.from.shown());
        if self.summary.inserted == 0 {
            return error;
        }
        let text = format!(
            "{} stopped after {} events were written",
            self.options.from.shown(),
            self.summary.inserted
        );
        Error::new(Kind::Partial, "import_stopped", text)
            .details(self.summary.problems())
            .changed(Changed::Partial)
            .hint(RUN_AGAIN)
    }

    fn refuse_changed(&self, changed: Changed) -> Result<(), Error> {
        let Some(stamp) = &self.stamp else { return Ok(()) };
        if stamp.is_current() {
            return Ok(());
        }
        let kind = if changed == Changed::None { Kind::BadInput } else { Kind::Partial };
        let text = format!("{} was changed while it was read", self.options.from.shown());
        Err(Error::new(kind, "input_changed", text).changed(changed).hint(RUN_AGAIN))
    }
}

const RUN_AGAIN: &str =
    "correct the input and run the same command again: what is recorded already is not counted twice";

fn shown_id(it: &RowEvent<'_>) -> String {
    it.name.map_or_else(|| it.id.to_string(), str::to_owned)
}

fn fingerprint(it: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    it.hash(&mut hasher);
    hasher.finish()
}

fn recorded_otherwise(other: &Option<crate::store::usage::StoredEvent>) -> String {
    match other {
        Some(it) => format!(
            "event `{}` is recorded already with other content: {} {} of {} at {}",
            it.id, it.quantity, it.meter, it.customer, it.at
        ),
        None => "its id is recorded already with other content".to_owned(),
    }
}

fn problems(summary: &Summary, shown: &str) -> Error {
    let (rejected, conflicts) = (summary.rejected, summary.conflicts);
    let (kind, code) = match rejected {
        0 => (Kind::Refused, "event_conflict"),
        _ => (Kind::BadInput, "bad_rows"),
    };
    let mut parts = Vec::new();
    if rejected > 0 {
        parts.push(format!("{rejected} bad row{}", if rejected == 1 { "" } else { "s" }));
    }
    if conflicts > 0 {
        parts.push(format!("{conflicts} conflict{}", if conflicts == 1 { "" } else { "s" }));
    }
    Error::new(kind, code, format!("{shown} has {}; nothing was written", parts.join(" and ")))
        .details(summary.problems())
        .hint("correct them, or import the others with --on-error skip --rejects FILE")
}

fn stopped_by_store(summary: &Summary, error: crate::store::StoreError) -> Error {
    let error = Error::from(error);
    if summary.inserted > 0 { error.changed(Changed::Partial) } else { error }
}

#[cfg(test)]
mod tests;
