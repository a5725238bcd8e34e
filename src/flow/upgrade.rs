//! A store of an earlier version is brought up to date, with a backup of before: by `store migrate`, or by the first
//! command that writes.
//!
//! Killed anywhere, the store has the old schema or a later one, whole; the next command that writes goes on from there.

use std::path::Path;

use super::restore::quiet;
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error};
use crate::store::{BackupMade, Origin, SCHEMA_VERSION, SchemaFound, Upgraded, schema_look, upgrade};

/// Which store, and where its backup goes.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The store.
    pub store: &'a Path,
    /// The target that it must be of.
    pub target: &'a str,
    /// Where backups of it stand.
    pub folder: &'a Path,
    /// Whether one is made.
    pub has_backup: bool,
}

/// What there is to do. Changes nothing.
pub fn plan(ask: &Ask<'_>, now: Timestamp) -> Result<SchemaFound, Error> {
    Ok(schema_look(ask.store, ask.target, ask.folder, now)?)
}

/// Does it; nothing where nothing is to be done. `stands` is told of the backup as soon as it is there.
pub fn migrate(
    ask: &Ask<'_>,
    origin: Origin,
    now: Timestamp,
    mut stands: impl FnMut(&BackupMade),
) -> Result<Option<Upgraded>, Error> {
    if plan(ask, now)?.schema == SCHEMA_VERSION {
        return Ok(None);
    }
    let locks = quiet(ask.store)?;
    let done = by_itself(ask, origin, now, &mut stands)?;
    drop(locks);
    Ok(Some(done))
}

/// The same on the way of a command that writes, which waits for nobody: usage that happened is to be recorded now. Who
/// has the store open in another version finds at its next transaction that it was migrated, and stops.
pub fn by_itself(
    ask: &Ask<'_>,
    origin: Origin,
    now: Timestamp,
    mut stands: impl FnMut(&BackupMade),
) -> Result<Upgraded, Error> {
    let mut has_stood = false;
    let mut told = |made: &BackupMade| {
        has_stood = true;
        stands(made);
    };
    let folder = ask.has_backup.then_some(ask.folder);
    let done = upgrade(ask.store, ask.target, origin, now, folder, &mut told);
    done.map_err(|error| match Error::from(error) {
        error if has_stood && error.what_changed() == Changed::None => error.changed(Changed::Recorded),
        error => error,
    })
}
