//! `doctor`.

use clap::Args;

use super::{Cx, connect};
use crate::error::{Error, Kind};
use crate::flow::doctor::{self, CLOCK_SKEW_MAX_S, StoreState, StripeState};
use crate::store::SCHEMA_VERSION;
use crate::ui::{Cell, Report};

/// Check everything that must hold: store, invariants, settings, key, account, clock
///
/// Reads only. Exits 1 when an invariant is broken, 6 when key, account or clock are wrong, 10 when the store is damaged.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Ask Stripe nothing
    #[arg(long)]
    offline: bool,
}

const COLUMNS: &[&str] = &["check", "value", "state", "next_command"];

/// Collects lines and the kinds of what is wrong.
struct Sheet {
    report: Report,
    wrong: Vec<Kind>,
}

impl Sheet {
    fn good(&mut self, check: &str, value: impl Into<String>) {
        self.report.row(vec![Cell::text(check), Cell::text(value), Cell::text("ok"), Cell::Blank]);
    }
    fn bad(&mut self, kind: Kind, check: &str, value: impl Into<String>, next: &str) {
        self.wrong.push(kind);
        self.report.row(vec![Cell::text(check), Cell::text(value), Cell::text("wrong"), Cell::text(next)]);
    }
    fn judge(&mut self, ok: bool, kind: Kind, check: &str, value: impl Into<String>, next: &str) {
        if ok { self.good(check, value) } else { self.bad(kind, check, value, next) }
    }
}

pub(super) fn run(cx: &Cx, args: DoctorArgs) -> Result<Report, Error> {
    let mut sheet = Sheet { report: Report::new("doctor", COLUMNS), wrong: Vec::new() };
    sheet.good("paygrade", env!("CARGO_PKG_VERSION"));
    for (name, value, origin) in cx.settings().rows() {
        let shown = if value.is_empty() { "not set".to_owned() } else { value };
        sheet.good(&format!("setting {name}"), format!("{shown} (from {origin})"));
    }
    let bound = match cx.store_reading() {
        Ok(store) => {
            let state = doctor::store_state(&store)?;
            store_lines(&mut sheet, &state);
            state.info.account
        }
        Err(error) if error.code() == "store_missing" => {
            sheet.good("store", "none yet");
            None
        }
        Err(error) if error.code() == "store_older" => {
            sheet.bad(Kind::Store, "schema", error.to_string(), "paygrade store migrate");
            None
        }
        Err(error) => return Err(error),
    };
    if !args.offline {
        stripe_lines(cx, &mut sheet, bound.as_deref())?;
    }
    let count = sheet.wrong.len();
    let verdict = match count {
        0 => format!("all {} lines are as they must be", sheet.report.rows.len()),
        1 => "1 line is wrong".to_owned(),
        _ => format!("{count} lines are wrong"),
    };
    Ok(sheet.report.verdict(verdict).outcome(Kind::worst(sheet.wrong)))
}

fn store_lines(sheet: &mut Sheet, state: &StoreState) {
    let (health, info) = (&state.health, &state.info);
    sheet.good("store", format!("{} epoch {} target {}", info.store_id, info.epoch, info.target));
    sheet.good("sqlite", &health.sqlite);
    sheet.judge(health.journal == "wal", Kind::Store, "journal mode", &health.journal, "paygrade store info");
    let schema = format!("{} of {SCHEMA_VERSION}", health.schema);
    sheet.judge(health.schema == SCHEMA_VERSION, Kind::Store, "schema", schema, "paygrade store info");
    sheet.judge(
        health.integrity == "ok",
        Kind::Store,
        "integrity",
        &health.integrity,
        "paygrade store restore",
    );
    match &state.owner {
        None => sheet.good("owner", "nobody sends usage yet"),
        Some((owner, epoch)) if *owner == info.store_id => {
            sheet.good("owner", format!("this store, epoch {epoch}"));
        }
        // Another store may send; this one may still seed and read.
        Some((owner, epoch)) => sheet.good("owner", format!("store {owner}, epoch {epoch}, as last seen")),
    }
    if let Some(why) = &info.fenced {
        sheet.bad(Kind::Refused, "sending", format!("fenced: {why}"), "paygrade store recover");
    }
    for finding in &state.invariants {
        let check = format!("invariant {}", finding.number);
        if finding.breaches.is_empty() {
            sheet.good(&check, finding.says);
        } else {
            let named = format!("{}: broken at {}", finding.says, finding.breaches.join(", "));
            sheet.bad(Kind::Bug, &check, named, "report this with `paygrade runs list`");
        }
    }
}

fn stripe_lines(cx: &Cx, sheet: &mut Sheet, bound: Option<&str>) -> Result<(), Error> {
    let link = match connect::open(cx) {
        Ok(link) => link,
        Err(error) => {
            sheet.bad(error.kind(), "key", error.to_string(), error.hint_text().unwrap_or_default());
            return Ok(());
        }
    };
    let now = cx.now()?;
    let state: StripeState = match cx.block_on(doctor::stripe_state(&link.api, now))? {
        Ok(state) => state,
        Err(failure) => {
            let error = Error::from(failure);
            sheet.bad(error.kind(), "stripe", error.to_string(), error.hint_text().unwrap_or_default());
            return Ok(());
        }
    };
    sheet.good("key", format!("{} key", state.mode));
    let expected = cx.settings().account.value.as_deref().or(bound);
    let right = expected.is_none_or(|expected| expected == state.account);
    let shown = match expected.filter(|_| !right) {
        Some(expected) => format!("{} answers, not {expected}", state.account),
        None => state.account.clone(),
    };
    sheet.judge(right, Kind::Config, "account", shown, "use the right key, or another --store");
    if let Some(skew_s) = state.skew_s {
        let shown = format!("{skew_s} s from Stripe's");
        sheet.judge(
            skew_s.abs() <= CLOCK_SKEW_MAX_S,
            Kind::Config,
            "clock",
            shown,
            "set this machine's clock",
        );
    }
    Ok(())
}
