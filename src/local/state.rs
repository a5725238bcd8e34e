//! The model on disk: an append-only journal of requests, and a snapshot that the journal starts from.
//!
//! Three files: `<state>.journal`, `<state>.snapshot`, `<state>.lock`. Each request takes the lock, catches up
//! with what others appended, is applied and appended, and only then answered. So any number of processes share
//! one Stripe, and a process killed at any point loses nothing that was answered: at worst the last record is
//! torn, was answered to nobody, and is cut off. Nothing is synced to the disk: this survives kill -9, not a power
//! cut.
//!
//! A journal and a snapshot belong together by their generation. A snapshot is written first, the new journal
//! second; a journal that is one behind its snapshot is wholly inside it.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::handle::handle;
use super::model::{Model, letters};
use super::wire::{Request, Response};

#[cfg(test)]
mod tests;

/// Version of the files.
const FORMAT: u32 = 1;
/// Longest wait for the lock.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// The journal may always grow this far before a snapshot is taken, in bytes.
const JOURNAL_FREE: u64 = 256 * 1024;
/// How far it may grow while a server is busy, in bytes: a snapshot keeps every caller waiting, and a quiet moment will
/// come.
const JOURNAL_BUSY: u64 = 64 * 1024 * 1024;
/// Longest first line of a journal, in bytes.
const MAX_HEADER: u64 = 4_096;

/// What can go wrong with the files.
#[derive(Debug)]
pub struct StateError {
    /// What kind of trouble.
    pub kind: Trouble,
    /// What happened, where.
    pub message: String,
}

/// Kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Another process holds the state.
    Busy,
    /// The disk said no.
    Io,
    /// The files are not what this program writes.
    Corrupt,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StateError {}

fn io_error(path: &Path, what: &str) -> impl FnOnce(io::Error) -> StateError {
    let message = format!("cannot {what} {}", path.display());
    move |error| StateError { kind: Trouble::Io, message: format!("{message}: {error}") }
}

fn corrupt(path: &Path, what: impl fmt::Display) -> StateError {
    let message =
        format!("{} is damaged: {what}. `paygrade local reset` starts a new account.", path.display());
    StateError { kind: Trouble::Corrupt, message }
}

/// First line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    paygrade_local: u32,
    generation: u64,
    account_id: String,
    seed: u64,
    created: i64,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    now: i64,
    request: Request,
}

#[derive(Serialize)]
struct RecordOut<'a> {
    now: i64,
    request: &'a Request,
}

#[derive(Deserialize)]
struct SnapshotIn {
    generation: u64,
    model: Model,
}

#[derive(Serialize)]
struct SnapshotOut<'a> {
    generation: u64,
    model: &'a Model,
}

/// Names of the files.
#[derive(Debug, Clone)]
struct Files {
    journal: PathBuf,
    snapshot: PathBuf,
    lock: PathBuf,
}

impl Files {
    fn of(state: &Path) -> Files {
        let with = |suffix: &str| {
            let mut name = OsString::from(state.as_os_str());
            name.push(suffix);
            PathBuf::from(name)
        };
        Files { journal: with(".journal"), snapshot: with(".snapshot"), lock: with(".lock") }
    }
}

/// What a new account is called and counted from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fresh {
    /// `acct_…`
    pub account_id: String,
    /// All other ids follow from it.
    pub seed: u64,
}

impl Fresh {
    /// A name that no other state has.
    pub fn random() -> io::Result<Fresh> {
        let seed = getrandom::u64().map_err(io::Error::other)?;
        let name = getrandom::u64().map_err(io::Error::other)?;
        Ok(Fresh { account_id: letters("acct_1", name, 0, 16), seed })
    }
}

/// One process's view of the state.
#[derive(Debug)]
pub struct State {
    files: Files,
    lock: File,
    /// The lock is kept between requests.
    held: bool,
    /// The model may differ from the journal: load it again before use.
    stale: bool,
    model: Model,
    generation: u64,
    journal: File,
    /// How much of the journal is in the model, in bytes.
    position: u64,
    snapshot_bytes: u64,
}

impl State {
    /// Opens the state at `path`, or makes it with `fresh` at `now`.
    pub fn open(
        path: &Path,
        now: i64,
        fresh: impl FnOnce() -> io::Result<Fresh>,
    ) -> Result<State, StateError> {
        let files = Files::of(path);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(io_error(folder, "make the folder"))?;
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&files.lock)
            .map_err(io_error(&files.lock, "open"))?;
        acquire(&lock, &files.lock)?;
        let opened = Loaded::read_or_make(&files, now, fresh);
        let released = lock.unlock().map_err(io_error(&files.lock, "unlock"));
        let loaded = opened?;
        released?;
        Ok(State {
            files,
            lock,
            held: false,
            stale: false,
            model: loaded.model,
            generation: loaded.generation,
            journal: loaded.journal,
            position: loaded.position,
            snapshot_bytes: loaded.snapshot_bytes,
        })
    }

    /// Removes the files of a state, damaged or not.
    pub fn remove(path: &Path) -> Result<(), StateError> {
        let files = Files::of(path);
        for file in [&files.journal, &files.snapshot] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(io_error(file, "remove")(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps the lock until this value is dropped: no other process gets at the state.
    pub fn hold(&mut self) -> Result<(), StateError> {
        acquire(&self.lock, &self.files.lock)?;
        self.held = true;
        Ok(())
    }

    /// The account, as of the last request.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Applies one request at `now` and makes it last.
    pub fn apply(&mut self, request: &Request, now: i64) -> Result<Response, StateError> {
        if !self.held {
            acquire(&self.lock, &self.files.lock)?;
        }
        let applied = self.apply_locked(request, now);
        if !self.held {
            self.lock.unlock().map_err(io_error(&self.files.lock, "unlock"))?;
        }
        applied
    }

    fn apply_locked(&mut self, request: &Request, now: i64) -> Result<Response, StateError> {
        self.catch_up()?;
        let mut line = serde_json::to_vec(&RecordOut { now, request })
            .map_err(|error| corrupt(&self.files.journal, format!("a request cannot be written: {error}")))?;
        line.push(b'\n');
        // Until the record is whole on disk, the model is ahead of it.
        self.stale = true;
        let response = handle(&mut self.model, request, now);
        self.journal.write_all(&line).map_err(io_error(&self.files.journal, "append to"))?;
        self.position += line.len() as u64;
        self.stale = false;
        let reset = request.path == "/_local/reset" && response.status == 200;
        if reset || self.outgrown(if self.held { JOURNAL_BUSY } else { JOURNAL_FREE }) {
            // The record is safe already. Should the snapshot fail, the next request loads what is on disk.
            self.stale = self.snapshot().is_err();
        }
        Ok(response)
    }

    /// Takes the snapshot that is due. For whoever holds the lock, when nobody waits for an answer.
    pub fn settle(&mut self) {
        if self.held && !self.stale && self.outgrown(JOURNAL_FREE) {
            self.stale = self.snapshot().is_err();
        }
    }

    fn outgrown(&self, free: u64) -> bool {
        self.position > free.max(self.snapshot_bytes)
    }

    /// Brings the model up to what is on disk.
    fn catch_up(&mut self) -> Result<(), StateError> {
        let mut file = File::open(&self.files.journal).map_err(io_error(&self.files.journal, "open"))?;
        let (header, _) = read_header(&mut BufReader::new(&mut file), &self.files.journal)?;
        let length = file.metadata().map_err(io_error(&self.files.journal, "look at"))?.len();
        if self.stale || header.generation != self.generation || length < self.position {
            let loaded = Loaded::read(&self.files)?;
            self.model = loaded.model;
            self.generation = loaded.generation;
            self.journal = loaded.journal;
            self.position = loaded.position;
            self.snapshot_bytes = loaded.snapshot_bytes;
            self.stale = false;
            return Ok(());
        }
        if length > self.position {
            file.seek(SeekFrom::Start(self.position)).map_err(io_error(&self.files.journal, "read"))?;
            self.stale = true;
            self.position = replay(&mut self.model, file, &self.files.journal, self.position, &self.journal)?;
            self.stale = false;
        }
        Ok(())
    }

    /// Writes the model out and begins a new journal.
    fn snapshot(&mut self) -> Result<(), StateError> {
        let generation = self.generation + 1;
        let out = SnapshotOut { generation, model: &self.model };
        let bytes = serde_json::to_vec(&out).map_err(|error| corrupt(&self.files.snapshot, error))?;
        replace(&self.files.snapshot, &bytes)?;
        self.journal = new_journal(&self.files, &self.model, generation)?;
        self.generation = generation;
        self.snapshot_bytes = bytes.len() as u64;
        self.position = self.journal.metadata().map_err(io_error(&self.files.journal, "look at"))?.len();
        Ok(())
    }
}

/// What is on disk.
struct Loaded {
    model: Model,
    generation: u64,
    journal: File,
    position: u64,
    snapshot_bytes: u64,
}

impl Loaded {
    fn read_or_make(
        files: &Files,
        now: i64,
        fresh: impl FnOnce() -> io::Result<Fresh>,
    ) -> Result<Loaded, StateError> {
        if !files.journal.try_exists().map_err(io_error(&files.journal, "look at"))? {
            if files.snapshot.exists() {
                return Err(corrupt(&files.journal, "it is missing beside its snapshot"));
            }
            let fresh = fresh().map_err(io_error(&files.journal, "draw an account id for"))?;
            new_journal(files, &Model::new(&fresh.account_id, fresh.seed, now), 0)?;
        }
        Loaded::read(files)
    }

    fn read(files: &Files) -> Result<Loaded, StateError> {
        let file = File::open(&files.journal).map_err(io_error(&files.journal, "open"))?;
        let mut reader = BufReader::new(file);
        let (header, position) = read_header(&mut reader, &files.journal)?;
        let snapshot = read_snapshot(files, &header)?;
        let (mut model, generation, snapshot_bytes) = match snapshot {
            None => (Model::new(&header.account_id, header.seed, header.created), header.generation, 0),
            Some((snapshot, bytes)) => (snapshot.model, snapshot.generation, bytes),
        };
        if generation > header.generation {
            // Killed between snapshot and new journal: all of the old journal is in the snapshot.
            let journal = new_journal(files, &model, generation)?;
            let position = journal.metadata().map_err(io_error(&files.journal, "look at"))?.len();
            return Ok(Loaded { model, generation, journal, position, snapshot_bytes });
        }
        let journal = append_to(&files.journal)?;
        let position = replay(&mut model, reader, &files.journal, position, &journal)?;
        Ok(Loaded { model, generation, journal, position, snapshot_bytes })
    }
}

fn read_snapshot(files: &Files, header: &Header) -> Result<Option<(SnapshotIn, u64)>, StateError> {
    let bytes = match fs::read(&files.snapshot) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && header.generation == 0 => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(corrupt(&files.snapshot, "it is missing"));
        }
        other => other.map_err(io_error(&files.snapshot, "read"))?,
    };
    let snapshot: SnapshotIn =
        serde_json::from_slice(&bytes).map_err(|error| corrupt(&files.snapshot, error))?;
    if snapshot.generation < header.generation {
        return Err(corrupt(&files.snapshot, "it is older than its journal"));
    }
    Ok(Some((snapshot, bytes.len() as u64)))
}

/// The header, and where the records begin.
fn read_header(reader: &mut impl BufRead, path: &Path) -> Result<(Header, u64), StateError> {
    let mut line = Vec::new();
    reader.take(MAX_HEADER).read_until(b'\n', &mut line).map_err(io_error(path, "read"))?;
    let header: Header = serde_json::from_slice(&line).map_err(|error| corrupt(path, error))?;
    if header.paygrade_local != FORMAT {
        let message = format!("{} was written by another version of paygrade", path.display());
        return Err(StateError { kind: Trouble::Corrupt, message });
    }
    Ok((header, line.len() as u64))
}

/// Applies all whole records from `position` on; cuts off a torn one. Gives the new position.
fn replay(
    model: &mut Model,
    reader: impl Read,
    path: &Path,
    mut position: u64,
    journal: &File,
) -> Result<u64, StateError> {
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(io_error(path, "read"))?;
        if read == 0 {
            return Ok(position);
        }
        if line.last() != Some(&b'\n') {
            // We hold the lock, so its writer is dead, and nobody was answered.
            journal.set_len(position).map_err(io_error(path, "cut"))?;
            return Ok(position);
        }
        let record: Record = serde_json::from_slice(&line)
            .map_err(|error| corrupt(path, format!("at byte {position}: {error}")))?;
        handle(model, &record.request, record.now);
        position += line.len() as u64;
    }
}

fn new_journal(files: &Files, model: &Model, generation: u64) -> Result<File, StateError> {
    let header = Header {
        paygrade_local: FORMAT,
        generation,
        account_id: model.account_id.clone(),
        seed: model.seed,
        created: model.created,
    };
    let mut line = serde_json::to_vec(&header).map_err(|error| corrupt(&files.journal, error))?;
    line.push(b'\n');
    replace(&files.journal, &line)?;
    append_to(&files.journal)
}

fn append_to(path: &Path) -> Result<File, StateError> {
    OpenOptions::new().append(true).open(path).map_err(io_error(path, "open"))
}

/// Puts a file in place whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let mut name = OsString::from(path.as_os_str());
    name.push(".new");
    let new = PathBuf::from(name);
    fs::write(&new, bytes).map_err(io_error(&new, "write"))?;
    fs::rename(&new, path).map_err(io_error(path, "replace"))
}

/// Waits for the lock, at most [`LOCK_WAIT`].
fn acquire(lock: &File, path: &Path) -> Result<(), StateError> {
    let until = Instant::now() + LOCK_WAIT;
    let mut pause = Duration::from_micros(200);
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(io_error(path, "lock")(error)),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                let message = format!("another process holds the local Stripe's state ({})", path.display());
                return Err(StateError { kind: Trouble::Busy, message });
            }
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
        }
    }
}
