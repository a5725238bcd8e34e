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
        // The kernel queues blocked lockers in order; a thread waits there so that we can stop waiting.
        let waiting = self.file.try_clone().map_err(io(&self.path))?;
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let locked = waiting.lock();
            if tell.send(locked).is_err() {
                let _ = waiting.unlock();
            }
        });
        match told.recv_timeout(LOCK_WAIT_MAX) {
            Ok(locked) => locked.map(|()| WriteGuard(self)).map_err(io(&self.path)),
            Err(_) => Err(StoreError::Busy { path: self.store.clone(), waited_s: LOCK_WAIT_MAX.as_secs() }),
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
