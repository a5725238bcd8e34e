//! Bringing a store of an earlier version up to date, with a backup, and after the same was done to a copy of it.

use std::path::{Path, PathBuf};

use super::backup::{BackupMade, Shelf};
use super::copy::{copy_whole, prove, put_in_place, remove_unfinished};
use super::restore::open_any;
use super::{Info, Origin, Store, StoreError, beside, check_target, info, open_migrated, open_writing};
use crate::billing::time::Timestamp;
use crate::store::lock::{WriteLock, make_private_folder};
use crate::store::{Result, migrate};

/// What a store of whatever schema says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFound {
    /// Its schema.
    pub schema: i64,
    /// Its identity.
    pub info: Info,
    /// Where backups of it stand in the folder that was asked about.
    pub place: PathBuf,
}

/// What was done.
#[derive(Debug)]
pub struct Upgraded {
    /// The store, open.
    pub store: Store,
    /// Its schema before.
    pub before: i64,
    /// The backup.
    pub backup: Option<BackupMade>,
}

/// Looks at a store without changing it; a newer one is refused. `folder`: where a backup of it would go.
pub fn schema_look(path: &Path, target: &str, folder: &Path, now: Timestamp) -> Result<SchemaFound> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let conn = open_any(path)?;
    let schema = migrate::refuse_newer(&conn, path)?;
    let info = info(&conn)?;
    check_target(path, &info, target)?;
    let place = Shelf::of(path, &info, folder).place(now);
    Ok(SchemaFound { schema, info, place })
}

/// Brings a store up to date. Nobody else writes meanwhile, so that the backup has all of it. With a `folder`, a proved
/// backup is made there first, and the steps are tried on a copy, which must be sound afterwards: a step that fails in
/// the middle of many would leave a schema that neither version reads. `stands` is told of the backup as soon as it has
/// its name.
pub fn upgrade(
    path: &Path,
    target: &str,
    origin: Origin,
    now: Timestamp,
    folder: Option<&Path>,
    stands: &mut dyn FnMut(&BackupMade),
) -> Result<Upgraded> {
    let lock = WriteLock::open(path)?;
    let guard = lock.take()?;
    let before = schema_look(path, target, folder.unwrap_or(Path::new("")), now)?;
    let needed = before.schema < migrate::SCHEMA_VERSION;
    let backup = match folder.filter(|_| needed) {
        Some(folder) => {
            Some(back_up(path, &before, folder, now).map_err(|error| no_backup(path, &before, error))?)
        }
        None => None,
    };
    if let Some(backup) = &backup {
        stands(backup);
        rehearse(path, &before, &backup.path)?;
    }
    let conn = if needed { open_migrated(path)? } else { open_writing(path)? };
    drop(guard);
    let store = Store::of_writing(conn, path, lock, origin)?;
    if needed {
        store.write(now, |w| backup.as_ref().map_or(Ok(()), |made| w.backup_put(made)))?;
    }
    Ok(Upgraded { store, before: before.schema, backup })
}

/// A backup of an old schema: whole, and of what this store is. Its invariants are proved by the rehearsal.
fn back_up(path: &Path, found: &SchemaFound, folder: &Path, at: Timestamp) -> Result<BackupMade> {
    make_private_folder(folder)?;
    let shelf = Shelf::of(path, &found.info, folder);
    let unfinished = shelf.unfinished_of_migration();
    let made = copied(path, &unfinished, at).and_then(|bytes| {
        put_in_place(&unfinished, &found.place)?;
        Ok(BackupMade { path: found.place.clone(), at, bytes })
    });
    if made.is_err() {
        let _ = remove_unfinished(&unfinished);
    }
    made
}

fn copied(path: &Path, unfinished: &Path, at: Timestamp) -> Result<i64> {
    copy_whole(&open_any(path)?, unfinished, Some(at))?;
    let copy = open_any(unfinished)?;
    let integrity: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let dangling: i64 =
        copy.query_row("SELECT COUNT(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if integrity != "ok" || dangling > 0 {
        let what = format!("{}: {integrity}, {dangling} rows refer to none", path.display());
        return Err(StoreError::Corrupt { what });
    }
    let length =
        unfinished.metadata().map_err(|source| StoreError::Io { path: unfinished.to_owned(), source })?;
    Ok(i64::try_from(length.len()).unwrap_or(i64::MAX))
}

/// The disk said no before anything of the store was touched, where that is what went wrong.
fn no_backup(path: &Path, before: &SchemaFound, error: StoreError) -> StoreError {
    match error {
        StoreError::Io { .. } | StoreError::Sql(_) => StoreError::NoBackup {
            path: path.to_owned(),
            schema: before.schema,
            place: before.place.clone(),
            source: Box::new(error),
        },
        other => other,
    }
}

/// Does to a copy what is to be done to the store, and proves what came of it.
fn rehearse(path: &Path, before: &SchemaFound, backup: &Path) -> Result<()> {
    let copy = beside(path, "migrating");
    let done = copy_whole(&open_any(backup)?, &copy, None).and_then(|()| {
        let conn = open_migrated(&copy)?;
        prove(&conn, &copy)
    });
    let removed = remove_unfinished(&copy);
    done.and(removed).map_err(|error| StoreError::NoTrial {
        path: path.to_owned(),
        schema: before.schema,
        source: Box::new(error),
    })
}
