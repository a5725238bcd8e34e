//! `store migrate`.

use std::path::PathBuf;

use clap::Args;

use super::backup::shelf;
use crate::cli::Cx;
use crate::error::Error;
use crate::flow::upgrade::{self, Ask};
use crate::store::{SCHEMA_VERSION, steps_from};
use crate::ui::{Cell, Report};

/// Bring a store that an earlier version wrote up to date
///
/// A backup is made first, and the steps are tried on a copy of it, which must be sound afterwards. Then each step is one
/// transaction. Nothing else writes meanwhile. Killed anywhere, run it again. A command that writes does all of this by
/// itself and says so: this one lets you choose the hour and the folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade store migrate -n
  paygrade store migrate --out /mnt/backups")]
pub struct MigrateArgs {
    /// Folder that the backup goes to [default: as `store backup`]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Make no backup, and try nothing on a copy: where there is no room for either
    #[arg(long, conflicts_with = "out")]
    no_backup: bool,
}

const COLUMNS: &[&str] = &["migration", "brings", "state"];

pub(super) fn run(cx: &Cx, args: &MigrateArgs) -> Result<Report, Error> {
    let (wanted, now) = (shelf(cx, args.out.as_deref(), None), cx.now()?);
    let ask = Ask {
        store: cx.store_path(),
        target: cx.target(),
        folder: wanted.ask().folder,
        has_backup: !args.no_backup,
    };
    let found = upgrade::plan(&ask, now)?;
    let place = ask.has_backup.then(|| found.place.display().to_string());
    if found.schema == SCHEMA_VERSION {
        return Ok(report(cx, found.schema, found.schema, None, "")
            .verdict("the store has the schema of this version: nothing to do"));
    }
    if cx.globals.dry_run {
        let verdict = format!("nothing was changed; apply it: {}", cx.line_applying());
        return Ok(report(cx, found.schema, found.schema, place, "pending").verdict(verdict));
    }
    let told = |made: &crate::store::BackupMade| cx.ui.note(&format!("backup: {}", made.path.display()));
    let Some(done) = upgrade::migrate(&ask, cx.origin(), now, told)? else {
        return Ok(report(cx, SCHEMA_VERSION, SCHEMA_VERSION, None, "")
            .verdict("another process has done it meanwhile: nothing to do"));
    };
    let backup = done.backup.as_ref().map(|made| made.path.display().to_string());
    let mut report = report(cx, done.before, SCHEMA_VERSION, backup, "done");
    cx.store_is(done.store);
    report.wrote = i64::try_from(report.rows.len()).ok();
    Ok(report.verdict(format!("the store has schema {SCHEMA_VERSION} now; it had {}", done.before)))
}

fn report(cx: &Cx, before: i64, after: i64, backup: Option<String>, state: &'static str) -> Report {
    let mut report = Report::new("store_migrate", COLUMNS);
    for step in steps_from(before) {
        report.row(vec![Cell::Count(step.number), Cell::text(step.brings), Cell::text(state)]);
    }
    report.facts = vec![
        ("path", Cell::text(cx.store_path().display().to_string())),
        ("schema_before", Cell::Count(before)),
        ("schema_after", Cell::Count(after)),
        ("schema_of_this_version", Cell::Count(SCHEMA_VERSION)),
        ("backup", Cell::maybe_text(backup)),
    ];
    report
}
