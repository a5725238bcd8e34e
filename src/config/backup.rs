//! `[backup]` of `paygrade.toml`: that a tick backs the store up, how often, where to, and how many stay.

use std::path::{Path, PathBuf};

use super::problem::Sink;
use super::walk::{LENGTH_OF_TIME, Table, duration_s};
use crate::billing::time::DAY_S;

/// A tick makes a backup when the last one is so long ago, unless said otherwise.
pub const EVERY_S_DEFAULT: i64 = DAY_S;
/// So many backups stay, unless said otherwise.
pub const KEEP_DEFAULT: u32 = 14;
/// Most backups that stay.
const KEEP_MAX: u32 = 10_000;

/// What the file says of backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSettings {
    /// How long after the last one a tick makes another, in seconds.
    pub every_s: i64,
    /// How many stay.
    pub keep: u32,
    /// Where they stand; beside the store where nothing is said.
    pub folder: Option<PathBuf>,
}

/// Reads `[backup]`.
pub(super) fn backup(sink: &mut Sink<'_>, root: &Table<'_>, folder: &Path) -> Option<BackupSettings> {
    let table = root.table(sink, "backup")?;
    table.only(sink, &["every", "keep", "folder"]);
    let mut settings = BackupSettings { every_s: EVERY_S_DEFAULT, keep: KEEP_DEFAULT, folder: None };
    if let Some(entry) = table.get("every") {
        match entry.text(sink).map(duration_s) {
            Some(Some(seconds)) => settings.every_s = seconds,
            Some(None) => entry.wrong(sink, LENGTH_OF_TIME),
            None => {}
        }
    }
    if let Some(entry) = table.get("keep") {
        settings.keep = entry.small(sink, 1, KEEP_MAX).unwrap_or(KEEP_DEFAULT);
    }
    if let Some(entry) = table.get("folder") {
        let text = entry.text(sink)?;
        if text.is_empty() {
            entry.wrong(sink, "names no folder");
            return None;
        }
        settings.folder = Some(folder.join(text));
    }
    Some(settings)
}
