//! A file in one transaction, written while it is read. Anything wrong in it, or somebody who waits for the store, takes
//! all of it back: then it is for the slower way, which knows all that is wrong before it writes, and gives way.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use super::Options;
use super::run::{self, Hooks};
use super::scan::{ReadingThread, Scan, Told};
use super::source::Opened;
use super::tally::{Outcome, Summary};
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error};
use crate::store::usage::{Names, NewEvent, UsageCache, usage_load};
use crate::store::{Store, StoreError, Writer};

/// Longest file that is taken this way: until it is committed, the WAL holds it beside the store.
const FILE_BYTES_MAX: u64 = if cfg!(test) { 4_096 } else { 2 << 30 };

/// Whether an input can be taken so: it must be readable again.
pub(super) fn suits(opened: &Opened) -> bool {
    opened.stamp.is_some() && opened.bytes().is_some_and(|bytes| bytes <= FILE_BYTES_MAX)
}

/// Imports all of it; `None` where nothing was written and the slower way is to be taken.
pub(super) fn import(
    store: &Store,
    now: Timestamp,
    options: &Options,
    hooks: &mut Hooks<'_>,
    (opened, names): (Opened, &Names),
) -> Result<Option<Summary>, Error> {
    let stamp = opened.stamp.clone();
    let scan = Scan {
        options: options.clone(),
        names: names.clone(),
        now,
        rows_max: run::CHUNK_ROWS_MAX,
        stops: true,
        sorts: true,
    };
    let mut writing = Writing { store, hooks, cache: UsageCache::default(), summary: Summary::default() };
    let written = store.write(now, |w| {
        let reading = ReadingThread::start(scan, opened);
        let taken = writing.take_all(w, &reading);
        reading.end();
        let scanned = reading.join();
        taken?;
        let scanned = scanned.map_err(TakenBack::Failed)?;
        if let Some(stamp) = &stamp {
            run::refuse_changed(stamp, options, Changed::None).map_err(TakenBack::Failed)?;
        }
        Ok(scanned)
    });
    match written {
        Ok(scanned) => Ok(Some(writing.summary.end(store, scanned))),
        Err(TakenBack::ForTheSlowerWay) => Ok(None),
        Err(TakenBack::Failed(error)) => Err(error),
        Err(TakenBack::Store(error)) => Err(error.into()),
    }
}

/// Why nothing was written.
enum TakenBack {
    /// Something is wrong in it, or others wait.
    ForTheSlowerWay,
    Failed(Error),
    Store(StoreError),
}

impl From<StoreError> for TakenBack {
    fn from(error: StoreError) -> TakenBack {
        TakenBack::Store(error)
    }
}

struct Writing<'a, 'h> {
    store: &'a Store,
    hooks: &'a mut Hooks<'h>,
    cache: UsageCache,
    summary: Summary,
}

impl Writing<'_, '_> {
    fn take_all(&mut self, w: &Writer<'_>, reading: &ReadingThread) -> Result<(), TakenBack> {
        let (began, mut looked) = (Instant::now(), Instant::now());
        let store = self.store;
        loop {
            let chunk = match reading.told.recv_timeout(run::LISTEN_MAX) {
                Ok(Told::Chunk(chunk)) => Some(chunk),
                Ok(Told::Rejects(_)) => return Err(TakenBack::ForTheSlowerWay),
                Ok(Told::Failed(error)) => return Err(TakenBack::Failed(error)),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let hooks = &mut *self.hooks;
            let mut ended = Ok(());
            let mut go_on = || {
                if looked.elapsed() < run::LOOK_EVERY {
                    return true;
                }
                looked = Instant::now();
                (hooks.progress)(reading.progress("rows"));
                ended = match () {
                    () if (hooks.stop)() => Err(TakenBack::Failed(run::interrupted())),
                    () if began.elapsed() <= run::LOCK_HELD_MAX => Ok(()),
                    () => match store.others_wait() {
                        Ok(true) => Err(TakenBack::ForTheSlowerWay),
                        Ok(false) => Ok(()),
                        Err(error) => Err(TakenBack::Store(error)),
                    },
                };
                ended.is_ok()
            };
            go_on();
            if let Some(chunk) = &chunk {
                let part = chunk.part(0, chunk.len());
                let mut outcome = Outcome::default();
                let told = &mut |index, event: &NewEvent<'_>, done| outcome.add(event, index, done);
                usage_load(w, &mut self.cache, &part, part.by_key(), &mut go_on, told)?;
                if !outcome.conflicts.is_empty() {
                    return Err(TakenBack::ForTheSlowerWay);
                }
                self.summary.written(&outcome);
            }
            ended?;
        }
    }
}
