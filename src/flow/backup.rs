//! `store backup`: a proved copy of the store in a file of its own, and not more of them than are wanted.
//!
//! Killed anywhere: a backup is there whole or not at all, and old ones go only when the new one stands.

use std::path::{Path, PathBuf};

use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::store::{BackupMade, Store};

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Where it is to stand.
    pub folder: &'a Path,
    /// So many stay, with the new one; all of them where nothing is said.
    pub keep: Option<usize>,
}

/// What was made, or would be.
#[derive(Debug)]
pub struct Done {
    /// The backup; its length is the store's where it was not made.
    pub made: BackupMade,
    /// How many stand there now.
    pub kept: usize,
    /// Older ones that were removed.
    pub removed: Vec<PathBuf>,
}

/// Makes a backup, then removes older ones.
pub fn backup(store: &Store, now: Timestamp, ask: &Ask<'_>) -> Result<Done, Error> {
    let Some(_lock) = store.named_lock("backup-lock")? else {
        return Err(Error::new(Kind::Busy, "backup_busy", "another backup of this store is running")
            .hint("wait for it: it is as good as this one"));
    };
    let shelf = store.shelf(ask.folder)?;
    let made = store.backup(&shelf, now)?;
    // From here on it stands.
    let stands = |error: Error| error.changed(Changed::Recorded);
    store.write(now, |w| w.backup_put(&made)).map_err(|error| stands(Error::from(error)))?;
    let removed = match ask.keep {
        Some(keep) => shelf.surplus(&made.path, keep).map_err(|error| stands(Error::from(error)))?,
        None => Vec::new(),
    };
    shelf.remove(&removed).map_err(|error| stands(Error::from(error)))?;
    let kept = shelf.all().map_err(|error| stands(Error::from(error)))?.len();
    Ok(Done { made, kept, removed })
}

/// What a backup would make and remove.
pub fn preview(store: &Store, now: Timestamp, ask: &Ask<'_>) -> Result<Done, Error> {
    let shelf = store.shelf(ask.folder)?;
    let path = shelf.place(now);
    let removed = ask.keep.map_or(Ok(Vec::new()), |keep| shelf.surplus(&path, keep))?;
    let kept = shelf.all()?.len() + 1 - removed.len();
    let bytes = store.read(|r| r.store_bytes())?;
    Ok(Done { made: BackupMade { path, at: now, bytes }, kept, removed })
}
