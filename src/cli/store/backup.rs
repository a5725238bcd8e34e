//! `store backup`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::Cx;
use crate::error::Error;
use crate::flow::backup::{self, Ask, Done};
use crate::ui::{Cell, Report};

/// Folder of backups beside the store, where nothing is said.
const FOLDER: &str = "backups";

/// Copy the store into one file, proved before it gets its name
///
/// Others may write meanwhile: the copy is of one instant. It is checked as `doctor` checks a store, readable by its
/// owner alone, and there whole or not at all. Put the folder on another disk, or copy the files away: a backup beside
/// the store dies with it. `paygrade store restore` brings one back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade store backup --out /mnt/backups --keep 30
  0 3 * * *  cd /srv/billing && paygrade --target live store backup -q

In paygrade.toml a table [backup] (every, keep, folder) makes it the last step of `paygrade tick`.")]
pub struct BackupArgs {
    /// Folder that it goes to; made when it is not there [default: backups beside the store, or the settings']
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Backups of this store that stay there, with the new one; older ones are removed [default: all, or the settings']
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

/// Where backups go and how many stay, by the command line, else by the settings.
pub(in crate::cli) struct Wanted {
    folder: PathBuf,
    keep: Option<u32>,
}

impl Wanted {
    pub(in crate::cli) fn ask(&self) -> Ask<'_> {
        let keep = self.keep.map(|keep| usize::try_from(keep).unwrap_or(usize::MAX));
        Ask { folder: &self.folder, keep }
    }
}

pub(in crate::cli) fn shelf(cx: &Cx, out: Option<&Path>, keep: Option<u32>) -> Wanted {
    let settings = cx.settings().backup.as_ref();
    let beside = || cx.store_path().parent().unwrap_or(Path::new("")).join(FOLDER);
    let folder = out.map(Path::to_owned).or_else(|| settings.and_then(|it| it.folder.clone()));
    // What is elsewhere is somebody's own affair: the settings' number is for the settings' folder.
    let keep = keep.or_else(|| settings.filter(|_| out.is_none()).map(|it| it.keep));
    let folder = folder.unwrap_or_else(beside);
    // Noted for whoever looks from another folder.
    Wanted { folder: std::path::absolute(&folder).unwrap_or(folder), keep }
}

pub(super) fn run(cx: &Cx, args: &BackupArgs) -> Result<Report, Error> {
    // There is nothing to copy from a store that is not there yet.
    let reading = cx.store_reading()?;
    let wanted = shelf(cx, args.out.as_deref(), args.keep);
    let now = cx.now()?;
    if cx.globals.dry_run {
        let done = backup::preview(&reading, now, &wanted.ask())?;
        let report = report(&done);
        return Ok(report.verdict(format!("nothing was made; make it: {}", cx.line_applying())));
    }
    drop(reading);
    let done = backup::backup(&*cx.store()?, now, &wanted.ask())?;
    let mut report = report(&done);
    report.wrote = Some(1);
    let path = done.made.path.display();
    Ok(report.verdict(format!("{path} is whole and proved")))
}

fn report(done: &Done) -> Report {
    let mut report = Report::new("store_backup", &[]);
    report.facts = vec![
        ("path", Cell::text(done.made.path.display().to_string())),
        ("at", Cell::At(done.made.at)),
        ("bytes", Cell::Count(done.made.bytes)),
        ("kept", Cell::Count(i64::try_from(done.kept).unwrap_or(i64::MAX))),
        ("removed", Cell::List(done.removed.iter().map(|it| it.display().to_string()).collect())),
    ];
    report
}
