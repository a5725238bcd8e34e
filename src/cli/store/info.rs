//! `store info`.

use clap::Args;

use crate::billing::time::Timestamp;
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::store::{About, SCHEMA_VERSION, about_older};
use crate::ui::{Cell, Report};

/// Show what the store says of itself: the file, its schema, who sends, how much it holds, its last backup
///
/// Reads only, also a store of an earlier version. Exits 10 when --check finds damage.
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// Read the whole file and check its structure; `paygrade doctor` checks what it says as well
    #[arg(long)]
    check: bool,
}

const COLUMNS: &[&str] = &["holds", "rows"];
/// SQLite's number for it.
const FULL: i64 = 2;

pub(super) fn run(cx: &Cx, args: &InfoArgs) -> Result<Report, Error> {
    let about = match cx.store_reading() {
        Ok(store) => store.about(args.check)?,
        Err(error) if error.code() == "store_older" => about_older(cx.store_path(), cx.target(), args.check)?,
        Err(error) => return Err(error),
    };
    let mut report = Report::new("store_info", COLUMNS);
    for (what, rows) in &about.rows {
        report.row(vec![Cell::text(*what), Cell::Count(*rows)]);
    }
    report.facts = facts(&about, cx.now()?);
    let damaged = about.integrity.as_deref().filter(|it| *it != "ok");
    if let Some(damage) = damaged {
        let text = format!("the file is damaged: {damage}; next: `paygrade store restore` a backup");
        return Ok(report.verdict(text).outcome(Some(Kind::Store)));
    }
    let verdict = match (&about.info.fenced, about.schema < SCHEMA_VERSION) {
        (_, true) => {
            format!("it has schema {} of {SCHEMA_VERSION}: next: `paygrade store migrate`", about.schema)
        }
        (Some(_), _) => "it may not send usage until `paygrade store recover`".to_owned(),
        (None, _) => sends(&about),
    };
    Ok(report.verdict(verdict))
}

/// Whether it sends, by the mark at Stripe as it was seen last.
fn sends(about: &About) -> String {
    let other = about
        .owner
        .as_ref()
        .filter(|it| (it.store_id.as_str(), it.epoch) != (about.info.store_id.as_str(), about.info.epoch));
    match other {
        None => "it may send usage".to_owned(),
        Some(it) => format!(
            "it may not send usage: store {}, epoch {}, on {} does; `paygrade store takeover` takes over",
            it.store_id, it.epoch, it.host
        ),
    }
}

fn facts(about: &About, now: Timestamp) -> Vec<(&'static str, Cell)> {
    let About { info, owner, backup, run, .. } = about;
    let owner_text = owner.as_ref().map(|it| format!("{} epoch {}", it.store_id, it.epoch));
    let synchronous = match about.synchronous {
        FULL => "full".to_owned(),
        other => other.to_string(),
    };
    vec![
        ("path", Cell::text(about.path.display().to_string())),
        ("bytes", Cell::Count(about.bytes)),
        ("wal_bytes", Cell::Count(about.wal_bytes)),
        ("schema", Cell::Count(about.schema)),
        ("schema_of_this_version", Cell::Count(SCHEMA_VERSION)),
        ("store_id", Cell::text(&info.store_id)),
        ("epoch", Cell::Count(info.epoch)),
        ("target", Cell::text(&info.target)),
        ("account", Cell::maybe_text(info.account.as_deref())),
        ("namespace", Cell::maybe_text(info.namespace.as_deref())),
        ("created", Cell::At(info.created_at)),
        ("owner", Cell::maybe_text(owner_text)),
        ("owner_host", Cell::maybe_text(owner.as_ref().map(|it| it.host.as_str()))),
        ("owner_seen", Cell::maybe_at(owner.as_ref().map(|it| it.seen_at))),
        ("fenced", Cell::maybe_text(info.fenced.as_deref())),
        (
            "last_run",
            Cell::maybe_text(run.as_ref().map(|it| format!("{} {} on {}", it.run, it.command, it.host))),
        ),
        ("last_run_at", Cell::maybe_at(run.as_ref().map(|it| it.at))),
        ("backup", Cell::maybe_text(backup.as_ref().map(|it| it.path.display().to_string()))),
        ("backup_at", Cell::maybe_at(backup.as_ref().map(|it| it.at))),
        ("backup_age_s", Cell::maybe_count(backup.as_ref().map(|it| now.since(it.at).max(0)))),
        ("page_size", Cell::Count(about.page_size)),
        ("journal", Cell::text(&about.journal)),
        ("synchronous", Cell::text(synchronous)),
        ("integrity", Cell::maybe_text(about.integrity.as_deref())),
    ]
}
