//! `store`: the file itself, and who sends.

mod backup;
mod info;
mod migrate;
mod query;
mod restore;

use std::time::Duration;

use clap::{Args, Subcommand};

pub(super) use backup::shelf;

use super::Cx;
use super::interrupt::{Interrupt, interrupted};
use super::meter::namespace;
use crate::error::{Error, Kind};
use crate::flow::push::Courier;
use crate::flow::recover::{self, Did, Recovered};
use crate::flow::takeover::{self, TAKEOVER_WAIT};
use crate::ui::{Cell, Report};

/// The store file, and which store sends usage
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    Info(info::InfoArgs),
    Backup(backup::BackupArgs),
    Migrate(migrate::MigrateArgs),
    Restore(restore::RestoreArgs),
    /// Make this store the one that sends, in the place of another
    Takeover(TakeoverArgs),
    /// After a takeover or a restore: read back what Stripe knows and holds already, and send again
    #[command(after_help = RECOVER_HELP)]
    Recover(RecoverArgs),
    Query(query::QueryArgs),
}

const RECOVER_HELP: &str = "A lost store, on a fresh machine:
  paygrade seed
  paygrade store takeover --reason 'the disk died'
  paygrade store recover -n
  paygrade store recover
  paygrade usage import usage.csv && paygrade meter push

Customers, subscriptions and the terms that they were sold come back from the metadata at Stripe; what was sent already
is subtracted from what is sent again. Killed at any point, run it again.";

/// Arguments of `store recover`.
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// Most calls to Stripe: one for each customer and meter, one more for each of their days with usage, and the lists
    #[arg(long, value_name = "N")]
    max_calls: Option<u64>,
}

/// Make this store the one that sends, in the place of another
///
/// Raises the store's epoch, writes the owner mark at Stripe, and forbids sending until `paygrade store recover`. Waits
/// until the other store must have noticed: its push reads the mark every 60 seconds.
#[derive(Debug, Args)]
pub struct TakeoverArgs {
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Seconds to wait; fewer only when no other store can be sending any more
    #[arg(long, value_name = "SECONDS", default_value_t = TAKEOVER_WAIT.as_secs())]
    wait_s: u64,
}

pub(super) fn run(cx: &Cx, command: StoreCommand) -> Result<Report, Error> {
    match command {
        StoreCommand::Info(args) => info::run(cx, &args),
        StoreCommand::Backup(args) => backup::run(cx, &args),
        StoreCommand::Migrate(args) => migrate::run(cx, &args),
        StoreCommand::Restore(args) => restore::run(cx, &args),
        StoreCommand::Takeover(args) => take_over(cx, args),
        StoreCommand::Recover(args) => recover(cx, &args),
        StoreCommand::Query(args) => query::run(cx, &args),
    }
}

fn take_over(cx: &Cx, args: TakeoverArgs) -> Result<Report, Error> {
    if cx.globals.dry_run {
        return take_over_shown(cx);
    }
    cx.because(&args.reason);
    let store = cx.store()?;
    let namespace = namespace(&store)?;
    let api = cx.api()?;
    let courier = Courier {
        store: &store,
        api: &api,
        clock: cx.clock(),
        namespace: &namespace,
        random: cx.env.random(),
    };
    cx.ui.note(&format!("waiting {} s for another store's push to notice", args.wait_s));
    let wait = Duration::from_secs(args.wait_s);
    let done =
        cx.block_on(takeover::takeover(&courier, &args.reason, wait, interrupted(&Interrupt::listen()?)))??;
    let mut report = Report::new("store_takeover", &[]);
    report.facts = vec![
        ("epoch", Cell::Count(done.epoch)),
        ("before", Cell::maybe_text(done.before.as_ref().map(|it| it.store_id.clone()))),
        ("before_host", Cell::maybe_text(done.before.as_ref().map(|it| it.host.clone()))),
    ];
    report.wrote = Some(1);
    let recover_at = cx.now()?.plus(i64::from(cx.settings().settle_s.value));
    Ok(report.verdict(format!(
        "this store sends from now on; next: `paygrade store recover`, from {recover_at} on"
    )))
}

fn take_over_shown(cx: &Cx) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    namespace(&store)?;
    let (info, owner) = (store.info()?, store.read(|r| r.owner_seen())?);
    let before = owner.map(|(store, epoch)| format!("{store} epoch {epoch}"));
    let mut report = Report::new("store_takeover", &[]);
    report.facts = vec![
        ("store_id", Cell::text(&info.store_id)),
        ("epoch", Cell::Count(info.epoch)),
        ("before", Cell::maybe_text(before)),
    ];
    Ok(report.verdict(format!(
        "would write this store's mark at Stripe with a higher epoch and stop its sending until `paygrade store \
         recover`; nothing was changed; apply it: {}",
        cx.line_applying()
    )))
}

/// What no store can read back from Stripe.
const LOST: &[&str] = &[
    "usage events: import the same files again",
    "credits ledger and holds: restore a backup, or `paygrade credits grant`",
    "findings and runs",
];
const RECOVER_COLUMNS: &[&str] = &["customer", "cus", "tier", "subscription", "from", "state", "note"];

fn recover(cx: &Cx, args: &RecoverArgs) -> Result<Report, Error> {
    if !cx.store_exists() {
        return Err(Error::new(Kind::Config, "no_store", "there is no store yet")
            .hint("`paygrade seed` makes one, then `paygrade store takeover --reason …`; or `paygrade store restore` a backup"));
    }
    let settle_s = i64::from(cx.settings().settle_s.value);
    let dry_run = cx.globals.dry_run;
    let (done, calls) = cx.with_desk(async |desk| {
        let done = match dry_run {
            true => recover::recover_plan(&desk).await?,
            false => recover::recover(&desk, settle_s, args.max_calls).await?,
        };
        Ok((done, desk.api.counts().reads))
    })?;
    let mut report = recovered(&done, calls);
    let adopted = done.adoption.count(Did::Adopted);
    if dry_run {
        let verdict =
            format!("would adopt {adopted} customers; nothing was changed; apply it: {}", cx.line_applying());
        return Ok(report.verdict(verdict));
    }
    let adopted_rows = i64::try_from(adopted).unwrap_or(i64::MAX);
    let Some(opened) = done.opened else {
        report.wrote = Some(adopted_rows);
        let verdict = format!(
            "{} customers cannot be adopted as they are, so this store may not send yet; do what is noted, then run it again",
            done.adoption.refused()
        );
        return Ok(report.verdict(verdict).outcome(Some(Kind::Partial)));
    };
    report.wrote = Some(adopted_rows.saturating_add(opened.hours));
    let rest = match done.lost.len() {
        0 => "",
        _ => "; what is not rebuilt of credits is listed: do again what was real, give what was not given",
    };
    let verdict = format!(
        "Stripe holds {} units that this store did not send: usage recorded for those {} hours is sent less them; next: import the usage again, then `paygrade meter push`{rest}",
        opened.units, opened.hours
    );
    Ok(report.verdict(verdict))
}

/// Rows and facts of a recovery.
fn recovered(done: &Recovered, calls: u64) -> Report {
    let mut report = Report::new("store_recover", RECOVER_COLUMNS);
    for it in &done.adoption.rows {
        report.row(vec![
            Cell::text(&it.id),
            Cell::text(&it.cus),
            Cell::maybe_text(it.tier.as_ref().map(ToString::to_string)),
            Cell::maybe_text(it.sub.as_deref()),
            Cell::maybe_at(it.from),
            Cell::text(it.did.as_str()),
            Cell::maybe_text(it.note.as_deref()),
        ]);
    }
    for it in &done.lost {
        let mut row =
            vec![Cell::text(&it.customer), Cell::Blank, Cell::Blank, Cell::Blank, Cell::maybe_at(it.at)];
        row.extend([Cell::text("not_rebuilt"), Cell::text(&it.what)]);
        report.row(row);
    }
    let count = |number: usize| Cell::Count(i64::try_from(number).unwrap_or(i64::MAX));
    let adopted = done.adoption.count(Did::Adopted);
    report.facts = vec![
        ("adopted", count(adopted)),
        ("known", Cell::Count(done.adoption.known)),
        ("refused", count(done.adoption.refused())),
        ("subscriptions", count(done.adoption.subscriptions)),
        ("events", Cell::maybe_count(done.events.map(|it| it.new))),
        ("events_failed", Cell::maybe_count(done.events.map(|it| it.failed))),
        ("notices_not_sent", Cell::maybe_count(done.events.map(|it| it.notices))),
        ("pairs", done.opened.map_or(Cell::Blank, |it| count(it.pairs))),
        ("hours", Cell::maybe_count(done.opened.map(|it| it.hours))),
        ("units", Cell::maybe_count(done.opened.map(|it| it.units))),
        ("calls", Cell::Count(i64::try_from(calls).unwrap_or(i64::MAX))),
        ("not_in_stripe", Cell::maybe_text((adopted > 0).then(|| LOST.join("; ")))),
    ];
    report
}
