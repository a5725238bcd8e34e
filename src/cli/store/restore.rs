//! `store restore`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Cx;
use crate::error::Error;
use crate::flow::restore::{self, Ask, Plan};
use crate::store::{Present, Rows, SCHEMA_VERSION};
use crate::ui::{Cell, Report};

/// Put a backup in the place of the store; nothing is sent from it until `store recover`
///
/// The backup is proved as `doctor` proves a store, before anything is touched. What is there now is kept beside it
/// under a name with `.replaced-`. What was sent or recorded since the backup is unknown to the store then, so that
/// everything that sends usage or writes money to Stripe is refused (exit 5) until `paygrade store recover` has read
/// what Stripe knows. Killed anywhere, the old store is there or the new one; run it again.
#[derive(Debug, Args)]
#[command(after_help = "A store that is lost or damaged:
  paygrade store restore backups/local-3d58bb03-20261205T030000Z.db -n
  paygrade store restore backups/local-3d58bb03-20261205T030000Z.db --reason 'the disk died'
  paygrade store recover
  paygrade usage import usage.csv && paygrade meter push")]
pub struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const COLUMNS: &[&str] = &["what", "backup", "store"];

pub(super) fn run(cx: &Cx, args: &RestoreArgs) -> Result<Report, Error> {
    if let Some(reason) = &args.reason {
        cx.because(reason);
    }
    // A catalog that cannot be read is no reason to leave a store lost.
    let catalog = crate::config::catalog::read(cx.catalog_path()).ok();
    let namespace = catalog.as_ref().map(|(catalog, _)| catalog.namespace.as_str());
    let ask = Ask {
        file: &args.file,
        store: cx.store_path(),
        target: cx.target(),
        account: cx.settings().account.value.as_deref(),
        namespace,
    };
    if cx.globals.dry_run {
        let plan = restore::plan(&ask)?;
        let verdict = format!(
            "{}; nothing was changed; apply it: {}",
            if plan.found.is_proved {
                "the backup is sound"
            } else {
                "the backup can be read; it is proved when its schema is brought up to date"
            },
            cx.line_applying()
        );
        return Ok(report(&plan).verdict(verdict));
    }
    let done = restore::restore(&ask, &cx.origin(), cx.now()?)?;
    let mut report = report(&done.plan);
    report.facts.push(("epoch", Cell::Count(done.epoch)));
    report.facts.push(("kept", Cell::maybe_text(done.replaced.as_ref().map(|it| it.display().to_string()))));
    report.wrote = Some(1);
    let at = done.plan.found.at;
    Ok(report.verdict(format!(
        "this is the store of {at} now, and nothing is sent from it before `paygrade store recover`"
    )))
}

fn report(plan: &Plan) -> Report {
    let mut report = Report::new("store_restore", COLUMNS);
    let there = match &plan.present {
        Present::Store(_, rows) => Some(*rows),
        _ => None,
    };
    let of = |rows: Rows| [rows.customers, rows.usage_events, rows.deliveries, rows.postings, rows.webhooks];
    let words = ["customers", "usage events", "deliveries", "credits postings", "webhooks"];
    for (index, (what, backup)) in words.into_iter().zip(of(plan.found.rows)).enumerate() {
        let store = there.and_then(|rows| of(rows).get(index).copied());
        report.row(vec![Cell::text(what), Cell::Count(backup), Cell::maybe_count(store)]);
    }
    let info = &plan.found.info;
    let there = match &plan.present {
        Present::Nothing => "nothing".to_owned(),
        Present::Store(there, _) => format!("{} epoch {}", there.store_id, there.epoch),
        Present::Unreadable(why) => format!("a file that is no store: {why}"),
    };
    report.facts = vec![
        ("backed_up", Cell::At(plan.found.at)),
        ("store_id", Cell::text(&info.store_id)),
        ("account", Cell::maybe_text(info.account.clone())),
        ("schema", Cell::text(format!("{} of {SCHEMA_VERSION}", plan.found.schema))),
        ("there_now", Cell::text(there)),
    ];
    report
}
