//! Locks between processes: `flock` on a file beside the store, freed by the kernel when its holder dies.
//! Waiting on it is fair and bounded, which SQLite's own busy handler is not.

use std::cell::OnceCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use super::{Result, StoreError};

/// Longest wait for the lock of the store.
pub const LOCK_WAIT_MAX: Duration = Duration::from_secs(30);

/// Longest wait for a turn to open a store.
const TURN_WAIT_MAX: Duration = Duration::from_secs(1);
/// Most turns at once.
const LANES_MAX: usize = 8;

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError + '_ {
    move |source| StoreError::Io { path: path.to_owned(), source }
}

fn lock_file(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(io(path))
}

/// Makes the folder of a store, for its owner alone.
pub(super) fn make_private_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(io(folder))
}

/// The lock file of writes. Kept open for as long as the store is; locked for each write.
#[derive(Debug)]
pub(super) struct WriteLock {
    file: File,
    path: PathBuf,
    store: PathBuf,
    /// Held shared by each process that waits for the other one, so that whoever has that can see them.
    waiting: OnceCell<File>,
}

impl WriteLock {
    pub(super) fn open(store: &Path) -> Result<WriteLock> {
        let path = beside(store, "lock");
        let (file, waiting) = (lock_file(&path)?, OnceCell::new());
        Ok(WriteLock { file, path, store: store.to_owned(), waiting })
    }

    /// Takes the lock, waiting in line for at most [`LOCK_WAIT_MAX`].
    pub(super) fn take(&self) -> Result<WriteGuard<'_>> {
        match self.file.try_lock() {
            Ok(()) => return Ok(WriteGuard(self)),
            Err(TryLockError::WouldBlock) => (),
            Err(TryLockError::Error(error)) => return Err(io(&self.path)(error)),
        }
        let sign = lock_file(&beside(&self.store, "waiting"))?;
        sign.lock_shared().map_err(io(&self.path))?;
        match lock_within(&self.file, LOCK_WAIT_MAX).map_err(io(&self.path))? {
            true => Ok(WriteGuard(self)),
            false => Err(StoreError::Busy { path: self.store.clone(), waited_s: LOCK_WAIT_MAX.as_secs() }),
        }
    }

    /// Whether somebody waits in [`WriteLock::take`] now.
    pub(super) fn others_wait(&self) -> Result<bool> {
        let sign = match self.waiting.get() {
            Some(sign) => sign,
            None => self.waiting.get_or_init({
                let file = lock_file(&beside(&self.store, "waiting"))?;
                || file
            }),
        };
        match sign.try_lock() {
            Ok(()) => sign.unlock().map(|()| false).map_err(io(&self.path)),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(io(&self.path)(error)),
        }
    }
}

/// Locks a file, waiting in line for at most so long; whether it came to that.
fn lock_within(file: &File, longest: Duration) -> std::io::Result<bool> {
    // The kernel queues blocked lockers in order; a thread waits there so that we can stop waiting.
    let waiting = file.try_clone()?;
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let locked = waiting.lock();
        if tell.send(locked).is_err() {
            let _ = waiting.unlock();
        }
    });
    told.recv_timeout(longest).map_or(Ok(false), |locked| locked.map(|()| true))
}

/// A turn to open a store: as many processes as there are processors do that at once, in the order in which they came,
/// and the others sleep. To open a store is work for the processor alone; where dozens do it at once they only take it
/// from each other, and the unluckiest waits many times as long as its turn would have taken. Nothing depends on a turn:
/// whoever cannot have one, or waits too long, goes on without.
#[derive(Debug)]
pub(super) struct Turn(Option<File>);

impl Turn {
    /// Waits for a turn.
    pub(super) fn wait(store: &Path) -> Turn {
        let lane = |number: usize| lock_file(&beside(store, &format!("open{number}"))).ok();
        let free = |number: usize| lane(number).filter(|file| file.try_lock().is_ok());
        // Mostly nobody else is there, and nothing more need be asked.
        if let Some(file) = free(0) {
            return Turn(Some(file));
        }
        let lanes = std::thread::available_parallelism().map_or(1, usize::from).min(LANES_MAX);
        if let Some(file) = (1..lanes).find_map(free) {
            return Turn(Some(file));
        }
        // Numbers of processes follow each other: they spread over the lanes.
        let number = usize::try_from(std::process::id()).unwrap_or(0) % lanes;
        let file = lane(number).filter(|file| lock_within(file, TURN_WAIT_MAX).unwrap_or(false));
        Turn(file)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = file.unlock();
        }
    }
}

/// Holds the write lock until it is dropped.
pub(super) struct WriteGuard<'a>(&'a WriteLock);

impl Drop for WriteGuard<'_> {
    fn drop(&mut self) {
        let _ = self.0.file.unlock();
    }
}

/// A lock for a whole command, such as one push per store at a time. Freed when it is dropped or its process dies.
#[derive(Debug)]
pub struct NamedLock {
    file: File,
}

impl Drop for NamedLock {
    /// Closing is not enough: a process that is being started meanwhile holds the same open file for an instant.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl NamedLock {
    /// Takes the lock `name` of a store, or says at once that somebody else has it (`None`).
    pub fn try_take(store: &Path, name: &str) -> Result<Option<NamedLock>> {
        let path = beside(store, name);
        let file = lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(NamedLock { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(io(&path)(error)),
        }
    }
}

/// `local.db` -> `local.db-<suffix>`.
pub(super) fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push("-");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// As many turns as processors are had at once; the next waits for one of them, and goes on without in the end.
    #[test]
    fn turns_are_had_one_after_the_other_and_waited_for_no_longer_than_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("local.db");
        let lanes = std::thread::available_parallelism().map_or(1, usize::from).min(LANES_MAX);
        let mut held: Vec<Turn> = (0..lanes).map(|_| Turn::wait(&store)).collect();
        assert!(held.iter().all(|turn| turn.0.is_some()));
        let began = Instant::now();
        assert!(Turn::wait(&store).0.is_none());
        assert!(began.elapsed() >= TURN_WAIT_MAX);
        held.clear();
        assert!(Turn::wait(&store).0.is_some());
        // Where no file can be made nobody waits.
        assert!(Turn::wait(Path::new("/proc/no/such")).0.is_none());
    }
}
