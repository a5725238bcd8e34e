//! `store`: the file itself, and who sends.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::Cx;
use super::interrupt::{Interrupt, interrupted};
use super::meter::namespace;
use crate::error::Error;
use crate::flow::push::Courier;
use crate::flow::takeover::{self, TAKEOVER_WAIT};
use crate::ui::{Cell, Report};

/// The store file, and which store sends usage
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Show what the store says of itself
    Info,
    /// Make this store the one that sends, in the place of another
    Takeover(TakeoverArgs),
    /// After a takeover: read what Stripe holds already, and send again
    Recover,
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
        StoreCommand::Info => info(cx),
        StoreCommand::Takeover(args) => take_over(cx, args),
        StoreCommand::Recover => recover(cx),
    }
}

fn info(cx: &Cx) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    let info = store.info()?;
    let owner = store.read(|r| r.owner_seen())?;
    let mut report = Report::new("store_info", &[]);
    report.facts = vec![
        ("path", Cell::text(store.path().display().to_string())),
        ("store_id", Cell::text(&info.store_id)),
        ("epoch", Cell::Count(info.epoch)),
        ("target", Cell::text(&info.target)),
        ("account", Cell::maybe_text(info.account)),
        ("namespace", Cell::maybe_text(info.namespace)),
        ("created", Cell::At(info.created_at)),
        ("owner", Cell::maybe_text(owner.map(|(store, epoch)| format!("{store} epoch {epoch}")))),
        ("fenced", Cell::maybe_text(info.fenced.clone())),
    ];
    let verdict = if info.fenced.is_some() {
        "it may not send usage until `paygrade store recover`"
    } else {
        "it may send usage"
    };
    Ok(report.verdict(verdict))
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
    let mut report = Report::new("store takeover", &[]);
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

fn recover_shown(cx: &Cx) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    namespace(&store)?;
    let settle_s = i64::from(cx.settings().settle_s.value);
    let pairs = takeover::recover_pairs(&store, settle_s, cx.now()?)?.len();
    let report = Report::new("store recover", &[]);
    let report = report.fact("pairs", Cell::Count(i64::try_from(pairs).unwrap_or(i64::MAX)));
    Ok(report.verdict(format!(
        "would ask Stripe what it holds of {pairs} customers and meters, then allow this store to send; nothing was \
         changed; apply it: {}",
        cx.line_applying()
    )))
}

fn recover(cx: &Cx) -> Result<Report, Error> {
    if cx.globals.dry_run {
        return recover_shown(cx);
    }
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
    let settle_s = i64::from(cx.settings().settle_s.value);
    let done = cx.block_on(takeover::recover(&courier, settle_s))??;
    let mut report = Report::new("store_recover", &[]);
    report.facts = vec![
        ("pairs", Cell::Count(i64::try_from(done.pairs).unwrap_or(i64::MAX))),
        ("hours", Cell::Count(done.hours)),
        ("units", Cell::Count(done.units)),
    ];
    report.wrote = Some(done.hours);
    let verdict = format!(
        "Stripe holds {} units that this store did not send: usage recorded for those {} hours is sent less them",
        done.units, done.hours
    );
    Ok(report.verdict(verdict))
}
