//! A file that is there complete or not at all.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes after which what was written is brought to the disk while more is made: at the end little is left to wait for.
const SYNC_BYTES: usize = 16 << 20;

/// A file under another name until it is complete. The name is the same each time, so that what a killed run left is
/// written over by the next; a lock keeps two runs that write the same file apart.
pub(in crate::cli) struct WholeFile {
    file: File,
    /// Bytes since the disk was last asked to take them.
    unsynced: usize,
    syncing: Option<Syncing>,
    unfinished: PathBuf,
    path: PathBuf,
    done: bool,
}

impl WholeFile {
    /// Begins a file beside its place, for its owner alone. [`io::ErrorKind::ResourceBusy`] when another process is
    /// writing it.
    pub(in crate::cli) fn create(path: &Path) -> io::Result<WholeFile> {
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        let name = path.file_name().ok_or_else(|| io::Error::other("it is not the name of a file"))?;
        let mut unfinished_name = std::ffi::OsString::from(".");
        unfinished_name.push(name);
        unfinished_name.push(".part");
        let unfinished = path.with_file_name(unfinished_name);
        let file = lock_own(&unfinished)?;
        file.set_len(0)?;
        let path = path.to_owned();
        Ok(WholeFile { file, unsynced: 0, syncing: None, unfinished, path, done: false })
    }

    /// Where to write.
    pub(in crate::cli) fn out(&mut self) -> &mut (dyn Write + Send) {
        self
    }

    /// Others may read it too: it holds nothing that they must not know.
    pub(in crate::cli) fn readable_by_all(&self) -> io::Result<()> {
        #[cfg(unix)]
        self.file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        Ok(())
    }

    /// Makes it durable and puts it in its place.
    pub(in crate::cli) fn commit(mut self) -> io::Result<()> {
        // The system tells of a failed sync once only: what was told to the thread would not be told again.
        self.syncing.take().map_or(Ok(()), Syncing::end)?;
        self.file.sync_all()?;
        std::fs::rename(&self.unfinished, &self.path)?;
        self.done = true;
        // The new name is in the folder, which is a file of its own.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unsynced += written;
        if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            match &self.syncing {
                Some(syncing) => syncing.ask(),
                None => self.syncing = Some(Syncing::begin(self.file.try_clone()?)?),
            }
        }
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A thread that brings to the disk what was written.
struct Syncing {
    asks: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Syncing {
    fn begin(file: File) -> io::Result<Syncing> {
        let (asks, asked) = sync_channel(1);
        let work = move || asked.iter().try_for_each(|()| file.sync_data());
        let thread = std::thread::Builder::new().name("sync".to_owned()).spawn(work)?;
        let syncing = Syncing { asks, thread };
        syncing.ask();
        Ok(syncing)
    }

    /// Asks for it. Where it still waits for the disk, it will see the bytes of now as well; where it has failed, its end
    /// says so.
    fn ask(&self) {
        let _ = self.asks.try_send(());
    }

    fn end(self) -> io::Result<()> {
        drop(self.asks);
        self.thread.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause))
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // On failure nobody waits for the disk: the thread ends by itself.
        if !self.done {
            let _ = std::fs::remove_file(&self.unfinished);
        }
    }
}

/// Opens and locks the file that has this name. Between the two its last writer may have finished and given it its
/// real name: then there is another one to open.
pub(super) fn lock_own(path: &Path) -> io::Result<File> {
    const TRIES_MAX: u32 = 100;
    for _ in 0..TRIES_MAX {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) if still_named(&file, path)? => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process is writing it"))
}

#[cfg(unix)]
fn still_named(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    match path.symlink_metadata() {
        Ok(named) => Ok((named.dev(), named.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere an open file cannot be renamed away.
#[cfg(not(unix))]
fn still_named(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
