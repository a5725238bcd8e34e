//! Clocks. With the targets `test` and `live` it is the machine's. With `local` there is one clock for every process
//! that shares a local Stripe: a small file beside its journal, read and moved under its lock.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::billing::time::{EARLIEST, LATEST, Micros, SECOND_US, Timestamp};

/// What can go wrong with the environment.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// The clock file cannot be used.
    #[error("the local clock {path} cannot be used")]
    Clock {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// An explicit instant lies before one that was used already.
    #[error("{asked} is earlier than {last}, which the local clock has already shown")]
    Earlier {
        /// What was asked for.
        asked: Timestamp,
        /// The latest instant used.
        last: Timestamp,
    },
    /// `--now` with a target that has real time.
    #[error("--now works with the target local only")]
    NowNotLocal,
    /// Not an instant.
    #[error("`{0}` is not an instant between 2000 and 2100")]
    BadNow(String),
}

/// Where the time comes from.
#[derive(Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// The clock of a local Stripe.
    Local(LocalClock),
}

impl Clock {
    /// The current second. Of a local clock it is read, and remembered as used, under the file's lock.
    pub fn now(&self) -> Result<Timestamp, EnvError> {
        match self {
            Clock::System => Ok(system_seconds()),
            Clock::Local(clock) => clock.now(),
        }
    }
    /// The current instant in microseconds; a frozen clock stands at the start of its second.
    pub fn now_micros(&self) -> Result<Micros, EnvError> {
        match self {
            Clock::System => Ok(system_micros()),
            Clock::Local(clock) => {
                let now = clock.now()?;
                let system = system_micros();
                Ok(if system.second() == now { system } else { now.micros() })
            }
        }
    }
    /// Reads an instant that a person gave with `--now` or `PAYGRADE_NOW`.
    pub fn parse_now(text: &str) -> Result<Timestamp, EnvError> {
        Timestamp::parse(text)
            .filter(|at| (EARLIEST..LATEST).contains(at))
            .ok_or_else(|| EnvError::BadNow(text.to_owned()))
    }
}

/// What the clock file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockState {
    /// Where the clock stands still; `None` when it runs with the machine's.
    pub frozen_at: Option<Timestamp>,
    /// The latest instant that anybody was told.
    pub last: Timestamp,
}

/// The clock file of a local Stripe.
#[derive(Debug)]
pub struct LocalClock {
    path: PathBuf,
}

impl LocalClock {
    /// The clock in `path`; the file is made when the clock is first read.
    pub fn new(path: &Path) -> LocalClock {
        LocalClock { path: path.to_owned() }
    }
    /// Takes an explicit instant: freezes the clock there, or refuses when it was already later.
    pub fn freeze_at(&self, asked: Timestamp) -> Result<(), EnvError> {
        self.with_state(|state| {
            if asked < state.last {
                return Err(EnvError::Earlier { asked, last: state.last });
            }
            *state = ClockState { frozen_at: Some(asked), last: asked };
            Ok(())
        })
    }
    /// Lets the clock run with the machine's again; it never shows an instant before the last one.
    pub fn run_real(&self) -> Result<(), EnvError> {
        self.with_state(|state| {
            state.frozen_at = None;
            Ok(())
        })
    }
    /// The current state, without using it.
    pub fn state(&self) -> Result<ClockState, EnvError> {
        self.with_state(|state| Ok(*state))
    }
    /// Forgets everything: the next reading is real time.
    pub fn reset(&self) -> Result<(), EnvError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(self.failed(error)),
            _ => Ok(()),
        }
    }
    fn now(&self) -> Result<Timestamp, EnvError> {
        self.with_state(|state| {
            let now = state.frozen_at.unwrap_or_else(|| system_seconds().max(state.last));
            state.last = now;
            Ok(now)
        })
    }
    fn failed(&self, source: std::io::Error) -> EnvError {
        EnvError::Clock { path: self.path.clone(), source }
    }
    fn with_state<T>(
        &self,
        work: impl FnOnce(&mut ClockState) -> Result<T, EnvError>,
    ) -> Result<T, EnvError> {
        let (opened, writable) = match self.open() {
            Err(error) if is_read_only(&error) => (self.open_reading(), false),
            opened => (opened.map(Some), true),
        };
        let mut opened = opened.map_err(|error| self.failed(error))?;
        let mut text = String::new();
        if let Some(file) = &mut opened {
            file.lock().map_err(|error| self.failed(error))?;
            file.read_to_string(&mut text).map_err(|error| self.failed(error))?;
        }
        let before = parse_state(&text);
        let mut state = before.unwrap_or(ClockState { frozen_at: None, last: EARLIEST });
        let done = work(&mut state)?;
        if let Some(mut file) = opened.filter(|_| writable && before != Some(state)) {
            // One short line written in place: a kill leaves the old one or the new one.
            let line = print_state(state);
            file.rewind()
                .and_then(|()| file.write_all(line.as_bytes()))
                .map_err(|error| self.failed(error))?;
            file.set_len(line.len() as u64).map_err(|error| self.failed(error))?;
        }
        Ok(done)
    }
    /// Where nothing can be written, nobody can be told a later instant either: the clock is only read.
    fn open_reading(&self) -> std::io::Result<Option<File>> {
        match File::open(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
    fn open(&self) -> std::io::Result<File> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.is_dir()) {
            // The store will live here too: for its owner alone.
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)?;
        }
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.path)
    }
}

fn is_read_only(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

fn print_state(state: ClockState) -> String {
    let word = if state.frozen_at.is_some() { "frozen" } else { "real  " };
    format!("{word} {:>12}\n", state.last.0)
}

fn parse_state(text: &str) -> Option<ClockState> {
    let mut words = text.split_whitespace();
    let word = words.next()?;
    let last = Timestamp(words.next()?.parse().ok()?);
    Some(ClockState { frozen_at: (word == "frozen").then_some(last), last })
}

fn system_micros() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

pub(super) fn system_seconds() -> Timestamp {
    Timestamp(system_micros().0 / SECOND_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_clock_never_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let clock = LocalClock::new(&folder.path().join("clock"));
        clock.freeze_at(Timestamp(1_700_000_000)).unwrap();
        assert_eq!(clock.now().unwrap(), Timestamp(1_700_000_000));
        assert!(matches!(clock.freeze_at(Timestamp(1_699_999_999)), Err(EnvError::Earlier { .. })));
        clock.freeze_at(Timestamp(4_000_000_000)).unwrap();
        clock.run_real().unwrap();
        assert_eq!(
            clock.now().unwrap(),
            Timestamp(4_000_000_000),
            "real time takes the larger of now and last"
        );
        clock.reset().unwrap();
        assert!(clock.now().unwrap() < Timestamp(4_000_000_000));
    }
}
