//! Backups of a store: files of a folder, each whole, proved and named by its instant.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::copy::{copy_whole, open_proved, put_in_place, remove, remove_unfinished, sync_folder};
use super::{Reader, Store, StoreError, Writer};
use crate::billing::time::Timestamp;
use crate::store::Result;
use crate::store::lock::make_private_folder;

/// Digits of the store's id in the names of its backups: several stores may share a folder.
const ID_DIGITS: usize = 8;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupMade {
    /// The file, as it was named.
    pub path: PathBuf,
    /// When.
    pub at: Timestamp,
    /// Its length.
    pub bytes: i64,
}

/// Where the backups of one store stand.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    /// What all their names begin with.
    head: String,
}

impl Shelf {
    /// Of a store, in a folder.
    pub(super) fn of(store: &Path, info: &super::Info, folder: &Path) -> Shelf {
        let stem = store.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let id: String = info.store_id.chars().take(ID_DIGITS).collect();
        let head = format!("{}-{id}-", stem.unwrap_or_else(|| "store".to_owned()));
        Shelf { folder: folder.to_owned(), head }
    }

    /// What a backup is called until it is proved.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.folder.join(format!("{}unfinished", self.head))
    }

    /// The same for one that is made before a migration, beside which another process may just make an ordinary one.
    pub(super) fn unfinished_of_migration(&self) -> PathBuf {
        self.folder.join(format!("{}unfinished-migration", self.head))
    }

    /// The backups that stand there, oldest first.
    pub fn all(&self) -> Result<Vec<PathBuf>> {
        let io = |source| StoreError::Io { path: self.folder.clone(), source };
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some(place) = self.place_in_order(name) {
                found.push((place, path));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }

    /// Those that are too many beside `made` when the `keep` newest stay.
    pub fn surplus(&self, made: &Path, keep: usize) -> Result<Vec<PathBuf>> {
        let mut others = self.all()?;
        others.retain(|it| it != made);
        let stay = keep.saturating_sub(1);
        others.truncate(others.len().saturating_sub(stay));
        Ok(others)
    }

    /// Removes backups.
    pub fn remove(&self, paths: &[PathBuf]) -> Result<()> {
        for path in paths {
            remove(path).map_err(|source| StoreError::Io { path: path.clone(), source })?;
        }
        if let Some(path) = paths.first() {
            sync_folder(path)?;
        }
        Ok(())
    }

    /// The name of a backup of this instant: free.
    pub fn place(&self, at: Timestamp) -> PathBuf {
        let stamp: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let name = |number: u32| match number {
            1 => format!("{}{stamp}.db", self.head),
            number => format!("{}{stamp}-{number}.db", self.head),
        };
        let free = (1..).map(|number| self.folder.join(name(number))).find(|path| !path.exists());
        free.unwrap_or_else(|| self.folder.join(name(1)))
    }

    /// Instant and number of a backup's name; `None` for any other file.
    fn place_in_order(&self, name: &str) -> Option<(String, u32)> {
        let (stamp, rest) = name.strip_prefix(&self.head)?.strip_suffix(".db")?.split_once('Z')?;
        let (date, time) = stamp.split_once('T')?;
        let digits = |text: &str, length| text.len() == length && text.bytes().all(|it| it.is_ascii_digit());
        let number = if rest.is_empty() { 1 } else { rest.strip_prefix('-')?.parse().ok()? };
        (digits(date, 8) && digits(time, 6)).then(|| (stamp.to_owned(), number))
    }
}

impl Store {
    /// Where backups of this store stand in a folder.
    pub fn shelf(&self, folder: &Path) -> Result<Shelf> {
        Ok(Shelf::of(&self.path, &self.info()?, folder))
    }

    /// Copies the store while others write, proves the copy, and only then gives it its name. The caller holds the
    /// lock of backups.
    pub fn backup(&self, shelf: &Shelf, at: Timestamp) -> Result<BackupMade> {
        make_private_folder(&shelf.folder)?;
        let path = shelf.place(at);
        let unfinished = shelf.unfinished();
        let made = self.backup_proved(&unfinished, at).and_then(|bytes| {
            put_in_place(&unfinished, &path)?;
            Ok(BackupMade { path, at, bytes })
        });
        if made.is_err() {
            // A disk that is full is not left full. What went wrong first is what is told.
            let _ = remove_unfinished(&unfinished);
        }
        made
    }

    fn backup_proved(&self, unfinished: &Path, at: Timestamp) -> Result<i64> {
        copy_whole(&self.conn, unfinished, Some(at))?;
        let ours = self.info()?;
        let copy = open_proved(unfinished, &ours.target, (*self.origin()).clone())?.info()?;
        let same = |it: &super::Info| (it.store_id.clone(), it.account.clone(), it.epoch);
        if same(&copy) != same(&ours) {
            return Err(StoreError::Broken("the copy is of another store".to_owned()));
        }
        let length =
            unfinished.metadata().map_err(|source| StoreError::Io { path: unfinished.to_owned(), source })?;
        Ok(i64::try_from(length.len()).unwrap_or(i64::MAX))
    }
}

impl Reader<'_> {
    /// The newest backup of this store.
    pub fn backup_last(&self) -> Result<Option<BackupMade>> {
        let sql = "SELECT path, at, bytes FROM backup ORDER BY backup DESC LIMIT 1";
        let found = self.conn.query_row(sql, [], |row| {
            let path: String = row.get(0)?;
            Ok(BackupMade { path: path.into(), at: Timestamp(row.get(1)?), bytes: row.get(2)? })
        });
        Ok(found.optional()?)
    }
}

impl Writer<'_> {
    /// Notes a backup that stands.
    pub fn backup_put(&self, made: &BackupMade) -> Result<()> {
        self.conn.execute(
            "INSERT INTO backup (path, at, bytes, run) VALUES (?1, ?2, ?3, ?4)",
            params![made.path.to_string_lossy(), made.at.0, made.bytes, self.run],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_other_files_are_none_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf { folder: folder.path().to_owned(), head: "local-0a1b2c3d-".to_owned() };
        let at = |second: i64| Timestamp(1_795_248_000 + second);
        let mut made = Vec::new();
        for second in [0, 0, 5, 5, 60] {
            let path = shelf.place(at(second));
            std::fs::write(&path, "x").unwrap();
            made.push(path);
        }
        for other in [
            "local-0a1b2c3d-unfinished",
            "local-ffffffff-20261121T080000Z.db",
            "local-0a1b2c3d-20261121T080000Z.db.gz",
            "local-0a1b2c3d-2026T080000Z.db",
            "notes",
        ] {
            std::fs::write(folder.path().join(other), "x").unwrap();
        }
        assert_eq!(shelf.all().unwrap(), made, "by instant, then by number");
        let last = made.last().unwrap();
        for (keep, want) in [(1, &made[..4]), (2, &made[..3]), (5, &made[..0]), (9, &made[..0])] {
            assert_eq!(shelf.surplus(last, keep).unwrap(), want, "keep {keep}");
        }
        // A clock that ran backwards: what was just made is never the one that goes.
        assert_eq!(shelf.surplus(&made[0], 1).unwrap(), &made[1..]);
        shelf.remove(&made[..4]).unwrap();
        assert_eq!(shelf.all().unwrap(), &made[4..]);
    }
}
