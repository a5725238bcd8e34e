//! The import itself: one thread reads, the other judges and writes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::chunk::{Chunk, Waiting};
use super::scan::{ReadingThread, Scan, Told};
use super::source::{Opened, Stamp};
use super::spill::Spill;
use super::tally::{Outcome, Reject, Scanned, Summary};
use super::{OnError, Options, at_once};
use crate::billing::time::Timestamp;
use crate::billing::usage::EventId;
use crate::error::{Changed, Error, Kind};
use crate::flow::names::{unknown_customer, unknown_meter};
use crate::store::usage::{Appended, Events as _, Names, NewEvent, StoredEvent, UsageCache, usage_load};
use crate::store::{Store, StoreError};

/// Longest that an import holds the store's lock while others wait for it.
pub(super) const LOCK_HELD_MAX: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 200 });
/// How long it leaves the lock alone after that, so that whoever waits gets it.
const LOCK_LEFT: Duration = Duration::from_millis(1);
/// Events that are written together. The more, the fewer pages of the table of ids are written twice; 70 bytes each. Few
/// in unit tests, so that small files are handled like big ones.
pub(super) const CHUNK_ROWS_MAX: usize = if cfg!(test) { 64 } else { 1 << 20 };
/// The same of what can be read only once: when it ends badly, the last chunk is not written.
const STREAM_CHUNK_ROWS_MAX: usize = if cfg!(test) { 64 } else { 1 << 17 };
/// Events that are kept in memory until the whole input is checked; more go to a file.
const KEPT_ROWS_MAX: usize = if cfg!(test) { 128 } else { 1 << 20 };
/// Events of a transaction that is not left off for others: it takes some 20 ms.
const SHORT_ROWS: usize = if cfg!(test) { 16 } else { 8_192 };
/// How often it is looked whether others wait.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 20 });
/// How often it is looked whether somebody wants the import to end, while nothing else is to be done.
pub(super) const LISTEN_MAX: Duration = Duration::from_millis(20);
/// How long the reading thread has to end when it is told to; it may wait for somebody at the other end of a pipe.
const READER_WAIT_MAX: Duration = Duration::from_secs(1);

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is counted: "rows checked", "rows written".
    pub what: &'static str,
    /// Rows so far.
    pub rows: u64,
    /// Of how many, where that can be told: an estimate from the size of the file while it is read.
    pub of: Option<u64>,
}

/// What an import asks and tells on its way.
pub struct Hooks<'a> {
    /// Whether to end at the next clean point.
    pub stop: &'a dyn Fn() -> bool,
    /// A row that could not be taken: its line and why.
    pub reject: &'a mut dyn FnMut(u64, &str) -> Result<(), Error>,
    /// How far it is.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// Imports, or only looks. A failure says whether something was written.
pub fn import(
    store: &Store,
    now: Timestamp,
    options: &Options,
    hooks: &mut Hooks<'_>,
) -> Result<Summary, Error> {
    store.prepare_import()?;
    let names = store.read(|r| Ok::<_, Error>(r.usage_names()?))?;
    check_fixed(&names, options)?;
    let mut opened = options.from.open()?;
    if !options.dry_run && options.on_error == OnError::Stop && at_once::suits(&opened) {
        match at_once::import(store, now, options, hooks, (opened, &names))? {
            Some(summary) => return Ok(summary),
            None => opened = options.from.open()?,
        }
    }
    let pass = match (options.dry_run, options.on_error, opened.stamp.is_some()) {
        (true, ..) => Pass::Look,
        (false, OnError::Stop, true) => Pass::Validate,
        (false, OnError::Stop, false) => Pass::WriteUntilBad,
        (false, OnError::Skip, _) => Pass::Write,
    };
    let stamp = opened.stamp.clone();
    let (cache, summary) = (UsageCache::default(), Summary::default());
    let mut job = Job { store, now, options, hooks, cache, summary, kept: Vec::new(), spill: None, stamp };
    let scanned = job.read(opened, names, pass)?;
    if pass == Pass::Validate {
        // What was read while somebody wrote it is not worth judging.
        job.refuse_changed(Changed::None)?;
        job.refuse_contradictions()?;
        job.refuse_problems()?;
        job.write_kept(scanned.events)?;
    } else {
        job.refuse_changed(if job.summary.inserted > 0 { Changed::Partial } else { Changed::None })?;
    }
    Ok(job.summary.end(store, scanned))
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

/// What becomes of the chunks of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Count what would be done.
    Look,
    /// Keep them until all of the input is known to be good.
    Validate,
    /// Write chunk after chunk.
    Write,
    /// Write chunk after chunk until something is wrong.
    WriteUntilBad,
}

struct Job<'a, 'h> {
    store: &'a Store,
    now: Timestamp,
    options: &'a Options,
    hooks: &'a mut Hooks<'h>,
    cache: UsageCache,
    summary: Summary,
    /// Checked events in memory.
    kept: Vec<Chunk>,
    /// Checked events in files, once there are too many of them.
    spill: Option<Spill>,
    stamp: Option<Stamp>,
}

impl Job<'_, '_> {
    /// Reads the input once, from its first row to its last.
    fn read(&mut self, opened: Opened, names: Names, pass: Pass) -> Result<Scanned, Error> {
        let scan = Scan {
            options: self.options.clone(),
            names,
            now: self.now,
            rows_max: if self.stamp.is_some() { CHUNK_ROWS_MAX } else { STREAM_CHUNK_ROWS_MAX },
            stops: pass == Pass::WriteUntilBad,
            sorts: matches!(pass, Pass::Write | Pass::WriteUntilBad),
        };
        let reading = ReadingThread::start(scan, opened);
        let what = if pass == Pass::Write { "rows" } else { "rows checked" };
        let heard = self.listen(&reading.told, pass, &|_| reading.progress(what));
        reading.end();
        let began = Instant::now();
        while (self.summary.interrupted || heard.is_err()) && !reading.is_finished() {
            if began.elapsed() > READER_WAIT_MAX {
                return heard.map(|()| Scanned::of_rows(reading.rows()));
            }
            std::thread::sleep(LOCK_LEFT);
        }
        let read = reading.join();
        heard?;
        read.map_err(|error| self.failed(error))
    }

    /// Takes what another thread tells until it has ended, or somebody wants the import to end.
    fn listen(
        &mut self,
        told: &Receiver<Told>,
        pass: Pass,
        progress: &dyn Fn(&Summary) -> Progress,
    ) -> Result<(), Error> {
        loop {
            let heard = told.recv_timeout(LISTEN_MAX);
            if matches!(heard, Err(RecvTimeoutError::Disconnected)) {
                return Ok(());
            }
            if self.summary.interrupted || (self.hooks.stop)() {
                self.summary.interrupted = true;
                return Ok(());
            }
            match heard {
                Ok(Told::Rejects(rejects)) => {
                    for it in rejects {
                        self.reject(&it)?;
                    }
                    if pass == Pass::WriteUntilBad {
                        return Err(self.stopped());
                    }
                }
                Ok(Told::Chunk(chunk)) => self.take(*chunk, pass, progress)?,
                Ok(Told::Failed(error)) => return Err(self.failed(error)),
                Err(_) => (),
            }
            (self.hooks.progress)(progress(&self.summary));
        }
    }

    fn failed(&self, error: Error) -> Error {
        if self.summary.inserted > 0 { error.changed(Changed::Partial).hint(RUN_AGAIN) } else { error }
    }

    fn reject(&mut self, it: &Reject) -> Result<(), Error> {
        self.summary.rejected += 1;
        self.summary.name(it.line, &it.reason);
        (self.hooks.reject)(it.line, &it.reason)
    }

    fn take(
        &mut self,
        mut chunk: Chunk,
        pass: Pass,
        progress: &dyn Fn(&Summary) -> Progress,
    ) -> Result<(), Error> {
        chunk.sort();
        match pass {
            Pass::Look => self.judge(&chunk, pass),
            Pass::Validate => {
                self.judge(&chunk, pass)?;
                self.keep(chunk)
            }
            Pass::Write => self.write_chunk(&chunk, progress),
            Pass::WriteUntilBad => {
                self.judge(&chunk, pass)?;
                if self.summary.conflicts > 0 {
                    return Err(self.stopped());
                }
                self.write_chunk(&chunk, progress)
            }
        }
    }

    /// Compares a chunk with the store, and with itself. Looking counts everything; else only conflicts are found.
    fn judge(&mut self, chunk: &Chunk, pass: Pass) -> Result<(), Error> {
        let summary = &mut self.summary;
        self.store.read(|r| {
            let empty = r.usage_last_seq()? == 0;
            if empty && pass == Pass::Validate {
                return Ok::<(), Error>(());
            }
            let mut first: Option<Waiting<'_>> = None;
            for it in chunk.in_order_of_ids() {
                let twice = first.as_ref().is_some_and(|first| first.has_the_id_of(&it));
                if twice && it.id_given && first.as_ref().is_some_and(|first| !first.says_the_same(&it)) {
                    if pass != Pass::Validate {
                        summary.conflicts += 1;
                        summary.name(it.line, &said_otherwise(&it));
                    }
                    continue;
                }
                if !twice {
                    first = Some(it.clone());
                }
                if pass != Pass::Look && (twice || !it.id_given) {
                    continue;
                }
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
                    Some(known) if pass == Pass::Look => summary.outcome(&it.event, known),
                    None if pass == Pass::Look && twice => summary.known += 1,
                    None if pass == Pass::Look => {
                        let id = it.event.id.unwrap_or(EventId([0; 16]));
                        summary.outcome(&it.event, Appended::New { seq: 0, id, over_quota: false });
                    }
                    _ => (),
                }
            }
            Ok(())
        })
    }

    /// Keeps a checked chunk until the whole input is.
    fn keep(&mut self, chunk: Chunk) -> Result<(), Error> {
        let rows = self.kept.iter().map(Chunk::len).sum::<usize>() + chunk.len();
        self.kept.push(chunk);
        if self.spill.is_none() && rows <= KEPT_ROWS_MAX {
            return Ok(());
        }
        let folder = self.store.folder();
        let add = |spill: Option<Spill>, kept: &mut Vec<Chunk>| {
            let mut spill = spill.map_or_else(|| Spill::new(&folder), Ok)?;
            kept.drain(..).try_for_each(|chunk| spill.add(&chunk))?;
            Ok(spill)
        };
        let added = add(self.spill.take(), &mut self.kept).map_err(|error| cannot_keep(&folder, &error))?;
        self.spill = Some(added);
        Ok(())
    }

    /// Finds rows of the input that say different things of one id.
    fn refuse_contradictions(&mut self) -> Result<(), Error> {
        if self.summary.interrupted {
            return Ok(());
        }
        let Some(mut spill) = self.spill.take() else {
            contradictions_among(&self.kept, &mut self.summary);
            return Ok(());
        };
        let folder = self.store.folder();
        let failed = |error: std::io::Error| cannot_keep(&folder, &error);
        spill.end().map_err(failed)?;
        let mut lines = Vec::new();
        let summary = &mut self.summary;
        let noted = spill.contradictions(&mut |claim| {
            summary.conflicts += 1;
            lines.push(claim.line);
            lines.sort_unstable();
            lines.truncate(super::tally::NAMED_MAX);
        });
        noted.map_err(failed)?;
        for index in 0..if lines.is_empty() { 0 } else { spill.len() } {
            let chunk = spill.chunk(index).map_err(failed)?;
            for it in chunk.in_order_of_ids().filter(|it| lines.binary_search(&it.line).is_ok()) {
                summary.name(it.line, &said_otherwise(&it));
            }
        }
        self.spill = Some(spill);
        Ok(())
    }

    /// Writes what was checked.
    fn write_kept(&mut self, events: u64) -> Result<(), Error> {
        let progress = |summary: &Summary| {
            let rows = summary.inserted + summary.known + summary.conflicts;
            Progress { what: "rows written", rows, of: Some(events) }
        };
        for chunk in std::mem::take(&mut self.kept) {
            self.write_chunk(&chunk, &progress)?;
        }
        let Some(mut spill) = self.spill.take() else { return Ok(()) };
        let (tell, told) = sync_channel(0);
        let folder = self.store.folder();
        let reading = std::thread::spawn(move || {
            for index in 0..spill.len() {
                let chunk = spill.chunk(index).map_err(|error| cannot_keep(&folder, &error));
                let chunk = chunk.map_or_else(Told::Failed, |chunk| Told::Chunk(Box::new(chunk)));
                if tell.send(chunk).is_err() {
                    return;
                }
            }
        });
        let heard = self.listen(&told, Pass::Write, &progress);
        drop(told);
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        heard
    }

    /// Writes a chunk in one transaction. Where others wait for the lock too long, what was written is taken back, and
    /// smaller parts of it are written after each other.
    fn write_chunk(&mut self, chunk: &Chunk, progress: &dyn Fn(&Summary) -> Progress) -> Result<(), Error> {
        let mut parts = vec![(0, chunk.len())];
        while let Some((from, to)) = parts.pop().filter(|(from, to)| from < to) {
            if (self.hooks.stop)() {
                self.summary.interrupted = true;
                break;
            }
            if self.write_part(chunk, from, to, progress)? {
                // What is committed is safe where it is; should this fail, the next one tries it again.
                let _ = self.store.checkpoint();
            } else {
                self.cache = UsageCache::default();
                let rows = ((to - from) / 16).max(SHORT_ROWS);
                let cuts: Vec<usize> = (from..to).step_by(rows).chain([to]).collect();
                parts.extend(cuts.windows(2).rev().map(|cut| (cut[0], cut[1])));
            }
            std::thread::sleep(LOCK_LEFT);
        }
        Ok(())
    }

    /// Writes a part of a chunk in one transaction; `false`: it was left off for others.
    fn write_part(
        &mut self,
        chunk: &Chunk,
        from: usize,
        to: usize,
        progress: &dyn Fn(&Summary) -> Progress,
    ) -> Result<bool, Error> {
        let part = chunk.part(from, to);
        let mut outcome = Outcome::default();
        let (store, cache) = (self.store, &mut self.cache);
        let (hooks, summary) = (&mut *self.hooks, &self.summary);
        let written = store.write(self.now, |w| {
            let began = Instant::now();
            let (mut looked, mut waits) = (began, Ok(false));
            let mut go_on = || {
                if looked.elapsed() < LOOK_EVERY {
                    return true;
                }
                looked = Instant::now();
                (hooks.progress)(progress(summary));
                if part.len() <= SHORT_ROWS {
                    return true;
                }
                if began.elapsed() > LOCK_HELD_MAX {
                    waits = store.others_wait();
                }
                matches!(waits, Ok(false)) && !(hooks.stop)()
            };
            let told = &mut |index, event: &NewEvent<'_>, done| outcome.add(event, index, done);
            let done = usage_load(w, cache, &part, part.by_key(), &mut go_on, told)?;
            waits?;
            if done { Ok(()) } else { Err(LeftOff::Others) }
        });
        match written {
            Ok(()) => (),
            Err(LeftOff::Others) => return Ok(false),
            Err(LeftOff::Store(error)) => return Err(self.stopped_by_store(error)),
        }
        self.summary.written(&outcome);
        for (index, seq) in outcome.conflicts {
            let line = part.waiting(index).line;
            let reason = recorded_otherwise(&self.store.read(|r| r.usage_get(seq))?);
            self.summary.name(line, &reason);
            (self.hooks.reject)(line, &reason)?;
        }
        Ok(true)
    }

    /// A validated file with something wrong in it is not touched.
    fn refuse_problems(&mut self) -> Result<(), Error> {
        if self.summary.interrupted {
            return Err(interrupted());
        }
        if self.summary.rejected + self.summary.conflicts == 0 {
            return Ok(());
        }
        self.summary.sort();
        Err(problems(&self.summary, &self.options.from.shown()))
    }

    /// Reading once, stopping at the first bad row: what came before its chunk is written.
    fn stopped(&mut self) -> Error {
        self.summary.sort();
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
        self.stamp.as_ref().map_or(Ok(()), |stamp| refuse_changed(stamp, self.options, changed))
    }

    fn stopped_by_store(&self, error: StoreError) -> Error {
        let error = Error::from(error);
        if self.summary.inserted > 0 { error.changed(Changed::Partial) } else { error }
    }
}

/// Refuses a file that does not look any more as it did when it was opened.
pub(super) fn refuse_changed(stamp: &Stamp, options: &Options, changed: Changed) -> Result<(), Error> {
    if stamp.is_current() {
        return Ok(());
    }
    let kind = if changed == Changed::None { Kind::BadInput } else { Kind::Partial };
    let text = format!("{} was changed while it was read", options.from.shown());
    Err(Error::new(kind, "input_changed", text).changed(changed).hint(RUN_AGAIN))
}

/// Somebody ended it before its end.
pub(super) fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted", "interrupted before anything was written")
}

/// Why a transaction was taken back.
enum LeftOff {
    Others,
    Store(StoreError),
}

impl From<StoreError> for LeftOff {
    fn from(error: StoreError) -> LeftOff {
        LeftOff::Store(error)
    }
}

const RUN_AGAIN: &str =
    "correct the input and run the same command again: what is recorded already is not counted twice";

fn cannot_keep(folder: &std::path::Path, error: &std::io::Error) -> Error {
    let text = format!("the rows cannot be kept in {} while they are checked", folder.display());
    Error::new(Kind::Store, "no_room", text)
        .because(error)
        .hint("nothing was written; make room there (half the size of the input), or use --on-error skip, which keeps none")
}

/// Counts and names rows that say something else than the first one to their id.
fn contradictions_among(chunks: &[Chunk], summary: &mut Summary) {
    let mut ways: Vec<_> =
        chunks.iter().map(|chunk| chunk.in_order_of_ids().filter(|it| it.id_given)).collect();
    let mut heads: Vec<Option<Waiting<'_>>> = ways.iter_mut().map(Iterator::next).collect();
    let mut order: BinaryHeap<_> =
        (0..).zip(&heads).filter_map(|(way, head)| Some(Reverse((head.as_ref()?.order(), way)))).collect();
    let mut first: Option<Waiting<'_>> = None;
    while let Some(Reverse((_, way))) = order.pop() {
        let way: usize = way;
        let next = ways[way].next();
        order.extend(next.as_ref().map(|next| Reverse((next.order(), way))));
        let Some(it) = std::mem::replace(&mut heads[way], next) else { continue };
        match &first {
            Some(first) if first.has_the_id_of(&it) => {
                if !first.says_the_same(&it) {
                    summary.conflicts += 1;
                    summary.name(it.line, &said_otherwise(&it));
                }
            }
            _ => first = Some(it),
        }
    }
}

fn said_otherwise(it: &Waiting<'_>) -> String {
    let id = it.event.id.map(|id| id.to_string()).unwrap_or_default();
    format!("another row has its id `{}` with other content", it.event.name.unwrap_or(&id))
}

fn recorded_otherwise(other: &Option<StoredEvent>) -> String {
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

#[cfg(test)]
mod tests;
