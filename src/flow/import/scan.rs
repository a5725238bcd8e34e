//! Reading an input from its first row to its last, on a thread of its own: rows become events, events become chunks.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::Options;
use super::chunk::Chunk;
use super::event::Reading;
use super::mapping::Places;
use super::rows::{Rows, Unreadable};
use super::run::Progress;
use super::source::{Format, Opened};
use super::tally::{Reject, Scanned};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::flow::instant::parse_instant;
use crate::store::usage::Names;

/// Rejects that are told together.
const REJECTS_TOGETHER: usize = 256;
/// Events of the first chunks: small ones, so that writing begins soon.
const FIRST_ROWS: usize = if cfg!(test) { 64 } else { 1 << 17 };

/// What the reading thread tells.
pub enum Told {
    /// Rows that could not be taken.
    Rejects(Vec<Reject>),
    /// Events, in order.
    Chunk(Box<Chunk>),
    /// They cannot be had.
    Failed(Error),
}

/// What both threads look at.
#[derive(Debug, Default)]
struct Shared {
    /// The reading ends at the next row.
    end: AtomicBool,
    /// Rows that were read.
    rows: AtomicU64,
}

/// A reading on a thread of its own.
pub struct ReadingThread {
    /// What it tells.
    pub told: Receiver<Told>,
    shared: Arc<Shared>,
    bytes: Option<u64>,
    bytes_read: Arc<AtomicU64>,
    thread: JoinHandle<Result<Scanned, Error>>,
}

impl ReadingThread {
    /// Begins it.
    pub fn start(scan: Scan, opened: Opened) -> ReadingThread {
        let shared = Arc::new(Shared::default());
        let (bytes, bytes_read) = (opened.bytes(), Arc::clone(&opened.bytes_read));
        // One chunk is made ready while the one before it is written, not more.
        let (tell, told) = sync_channel(0);
        let seen = Arc::clone(&shared);
        let thread = std::thread::spawn(move || scan.run(opened, &seen, tell));
        ReadingThread { told, shared, bytes, bytes_read, thread }
    }

    /// How far it is; of how many rows is estimated from the size of the file.
    pub fn progress(&self, what: &'static str) -> Progress {
        let (rows, read) = (self.rows(), self.bytes_read.load(Ordering::Relaxed));
        let of = self.bytes.filter(|_| read > 0).map(|bytes| {
            let of = u128::from(rows) * u128::from(bytes) / u128::from(read);
            u64::try_from(of).unwrap_or(u64::MAX)
        });
        Progress { what, rows, of }
    }

    /// Rows that were read so far.
    pub fn rows(&self) -> u64 {
        self.shared.rows.load(Ordering::Relaxed)
    }

    /// Tells it to end at the next row.
    pub fn end(&self) {
        self.shared.end.store(true, Ordering::Relaxed);
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for its end. What it has not told yet is not wanted any more.
    pub fn join(self) -> Result<Scanned, Error> {
        drop(self.told);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// A reading of a whole input.
pub struct Scan {
    /// What the import was told.
    pub options: Options,
    /// Customers and meters.
    pub names: Names,
    /// The instant of the import.
    pub now: Timestamp,
    /// Most events of a chunk.
    pub rows_max: usize,
    /// Whether the first bad row ends it.
    pub stops: bool,
    /// Whether chunks are put in order here, because the other thread has more to do.
    pub sorts: bool,
}

/// The other thread has gone.
struct Gone;

impl Scan {
    /// Reads it all. Ends early when nobody listens any more, or when it is told to.
    fn run(&self, opened: Opened, shared: &Shared, tell: SyncSender<Told>) -> Result<Scanned, Error> {
        let options = &self.options;
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
        let reading = Reading::new(&places, &self.names, &options.zone, source.as_deref(), self.now);
        let mut going =
            Going { scan: self, shared, tell, chunk: Box::default(), rejects: Vec::new(), chunks: 0 };
        going.read(&mut rows, &places, reading)
    }

    /// The first row of a table is its header.
    fn places<R: BufRead>(&self, rows: &mut Rows<R>, format: Format) -> Result<Places, Error> {
        let (mapping, from) = (&self.options.mapping, &self.options.from);
        if format == Format::Ndjson {
            let keys: Vec<String> =
                mapping.keys().into_iter().filter_map(|names| names.into_iter().next()).collect();
            return mapping.places(&keys, format);
        }
        let bad = |text: String| Error::new(Kind::BadInput, "input", text);
        let shown = from.shown();
        match rows.next_row().map_err(|error| from.failed(&error, rows.line))? {
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
}

/// A reading on its way.
struct Going<'s> {
    scan: &'s Scan,
    shared: &'s Shared,
    tell: SyncSender<Told>,
    chunk: Box<Chunk>,
    rejects: Vec<Reject>,
    chunks: u32,
}

impl Going<'_> {
    fn read<R: BufRead>(
        &mut self,
        rows: &mut Rows<R>,
        places: &Places,
        mut reading: Reading<'_>,
    ) -> Result<Scanned, Error> {
        let mut scanned = Scanned::default();
        let shared = self.shared;
        loop {
            let row = rows.next_row().map_err(|error| self.scan.options.from.failed(&error, rows.line + 1));
            let row = match row {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => {
                    let _ = self.tell_rejects();
                    return Err(error);
                }
            };
            scanned.rows += 1;
            shared.rows.store(scanned.rows, Ordering::Relaxed);
            if shared.end.load(Ordering::Relaxed) {
                return Ok(scanned);
            }
            let line = rows.line;
            let told = match row {
                Err(Unreadable::Rest(reason)) => {
                    let _ = self.reject(line, reason);
                    break;
                }
                Err(Unreadable::Row(reason)) => self.reject(line, reason),
                Ok(()) => {
                    let mut found = Vec::with_capacity(places.quantities.len());
                    match reading.events(&rows.fields, &mut found) {
                        Err(reason) => self.reject(line, reason),
                        Ok(()) => {
                            for it in &found {
                                scanned.event(it, line);
                                self.chunk.push(it, line);
                            }
                            Ok(())
                        }
                    }
                }
            };
            if told.and_then(|()| self.hand_over_if_full()).is_err() {
                return Ok(scanned);
            }
        }
        let _ = self.hand_over();
        Ok(scanned)
    }

    fn reject(&mut self, line: u64, reason: String) -> Result<(), Gone> {
        self.rejects.push(Reject { line, reason });
        if self.scan.stops {
            // What came before it in its chunk is not written either.
            self.chunk.clear();
            self.tell_rejects()?;
            return Err(Gone);
        }
        if self.rejects.len() >= REJECTS_TOGETHER { self.tell_rejects() } else { Ok(()) }
    }

    fn tell_rejects(&mut self) -> Result<(), Gone> {
        if self.rejects.is_empty() {
            return Ok(());
        }
        self.tell.send(Told::Rejects(std::mem::take(&mut self.rejects))).map_err(|_| Gone)
    }

    fn hand_over_if_full(&mut self) -> Result<(), Gone> {
        let rows_max = self.scan.rows_max.min(FIRST_ROWS << self.chunks.min(16));
        if self.chunk.is_full(rows_max) { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<(), Gone> {
        self.tell_rejects()?;
        self.chunks += 1;
        let mut chunk = std::mem::take(&mut self.chunk);
        if chunk.len() == 0 {
            return Ok(());
        }
        if self.scan.sorts {
            chunk.sort();
        }
        self.tell.send(Told::Chunk(chunk)).map_err(|_| Gone)
    }
}
