//! `status`: what stands where, and what to type next. Also what `paygrade` alone shows.

use clap::Args;

use super::Cx;
use super::reconcile::several;
use crate::billing::time::{DAY_S, HOUR_S, MINUTE_S, Timestamp};
use crate::error::{Error, Kind};
use crate::flow::meter::{self, Line};
use crate::store::finding::NeverBilled;
use crate::store::inbox::{InboxCounts, MeterErrors};
use crate::store::invoice_hold::InvoiceHold;
use crate::store::notice_send::NoticesLeft;
use crate::store::run::Run;
use crate::store::tick::TickStep;
use crate::store::{BackupMade, Info};
use crate::ui::{Cell, Report};

/// Show what stands where: store, last runs, usage that is not at Stripe with its money, open findings
///
/// Reads the store only. Exits 4 when usage was too late for its invoice or findings are open, 7 when Stripe rejected
/// usage, 8 when an outcome is unknown.
#[derive(Debug, Args)]
pub struct StatusArgs {}

const COLUMNS: &[&str] = &["line", "value", "state", "next_command"];
const RUNS_SHOWN: u32 = 3;
/// A tick that is older than this should have been followed by another.
const TICK_LATE_S: i64 = HOUR_S;
/// A backup is marked when it is older than this, where no [backup] says how often one is wanted.
const BACKUP_OLD_S: i64 = 7 * DAY_S;
/// Up to this the age of a backup is shown in hours.
const BACKUP_HOURS_SHOWN_S: i64 = 2 * DAY_S;

/// Collects lines and the kinds of what needs somebody.
struct Sheet {
    report: Report,
    wrong: Vec<Kind>,
}

impl Sheet {
    fn good(&mut self, line: &str, value: impl Into<String>) {
        self.report.row(vec![Cell::text(line), Cell::text(value), Cell::text("ok"), Cell::Blank]);
    }
    fn waits(&mut self, line: &str, value: impl Into<String>, next: &str) {
        self.report.row(vec![Cell::text(line), Cell::text(value), Cell::text("waits"), Cell::text(next)]);
    }
    fn bad(&mut self, kind: Kind, line: &str, value: impl Into<String>, next: &str) {
        self.wrong.push(kind);
        self.report.row(vec![Cell::text(line), Cell::text(value), Cell::text("wrong"), Cell::text(next)]);
    }
}

pub(super) fn run(cx: &Cx) -> Result<Report, Error> {
    let mut sheet = Sheet { report: Report::new("status", COLUMNS), wrong: Vec::new() };
    sheet.good("target", cx.target());
    let now = cx.now()?;
    // For whoever notes it elsewhere; people read it with `audit verify`.
    let mut head = None;
    match cx.store_reading() {
        Ok(store) => {
            let grace_s = i64::from(cx.settings().grace_s.value);
            store.read(|r| {
                store_lines(&mut sheet, &r.info()?, &store.path().display().to_string());
                for run in r.run_list(None, RUNS_SHOWN)? {
                    run_line(&mut sheet, &run);
                }
                for line in meter::status(r, None, now, grace_s)? {
                    meter_line(&mut sheet, &line);
                }
                webhook_lines(&mut sheet, &r.inbox_counts()?, &r.meter_errors()?);
                finding_line(&mut sheet, r.finding_open_count()?);
                never_billed_lines(&mut sheet, &r.finding_never_billed()?);
                for hold in r.invoice_holds_open()? {
                    hold_line(&mut sheet, &hold);
                }
                notice_lines(&mut sheet, &r.notice_left(now)?);
                tick_line(&mut sheet, &r.tick_steps()?, now);
                backup_line(cx, &mut sheet, r.backup_last()?, now);
                if cx.ui.style.format == crate::ui::Format::Json {
                    head = r.audit_head()?;
                }
                Ok::<(), Error>(())
            })?;
            store.leave();
        }
        Err(error) if error.code() == "store_missing" => {
            sheet.waits("store", format!("none yet at {}", cx.store_path().display()), "paygrade seed");
        }
        Err(error) => return Err(error),
    }
    if let Some((rows, head)) = head {
        sheet.report.facts.push(("audit_rows", Cell::Count(rows)));
        sheet.report.facts.push(("audit_head", Cell::text(super::audit::hex(&head))));
    }
    let verdict = verdict(&sheet, now);
    Ok(sheet.report.verdict(verdict).outcome(Kind::worst(sheet.wrong)))
}

fn verdict(sheet: &Sheet, now: Timestamp) -> String {
    let waiting = sheet.report.rows.iter().filter(|row| row.get(2) == Some(&Cell::text("waits"))).count();
    match (sheet.wrong.len(), waiting) {
        (0, 0) => format!("nothing waits and nothing is wrong at {now}"),
        (0, waits) => format!("nothing is wrong, {waits} waiting, at {now}"),
        (wrong, waits) => format!("{wrong} wrong, {waits} waiting, at {now}"),
    }
}

fn store_lines(sheet: &mut Sheet, info: &Info, path: &str) {
    sheet.good("store", format!("{path} ({} epoch {})", info.store_id, info.epoch));
    match &info.account {
        Some(account) => sheet.good("account", account),
        None => sheet.waits("account", "not seen yet", "paygrade seed"),
    }
    match &info.namespace {
        Some(namespace) => sheet.good("namespace", namespace),
        None => sheet.waits("catalog", "none applied yet", "paygrade seed"),
    }
    if let Some(why) = &info.fenced {
        sheet.bad(Kind::Refused, "sending", format!("fenced: {why}"), "paygrade store recover");
    }
}

fn run_line(sheet: &mut Sheet, run: &Run) {
    let exit = run.exit.map_or_else(|| "did not end".to_owned(), |exit| format!("exit {exit}"));
    let verdict = run.verdict.as_deref().unwrap_or_default();
    let value = format!("{} at {} by {}: {exit}; {verdict}", run.command, run.started_at, run.actor);
    sheet.good(&format!("run {}", run.run), value);
}

/// Usage by meter and state: what is certain is fine, what waits has a deadline, the rest needs somebody.
fn meter_line(sheet: &mut Sheet, line: &Line) {
    let money = line.amount.map(|money| format!(", {money}")).unwrap_or_default();
    let by = line.must_arrive_by.map(|by| format!(", must arrive by {by}")).unwrap_or_default();
    let value = format!("{} events, {} units{money}{by}", line.events, line.quantity);
    let name = format!("{} {}", line.meter, line.state);
    match line.state {
        "accepted" | "closed" | "replaced" | "cancelled" => sheet.good(&name, value),
        "due" | "sending" | "undelivered" => sheet.waits(&name, value, "paygrade meter push"),
        "unknown" => sheet.bad(Kind::Unknown, &name, value, "paygrade reconcile"),
        "rejected" => sheet.bad(Kind::Stripe, &name, value, "paygrade meter list --state rejected"),
        "late" | "too_late" => {
            sheet.bad(Kind::Differences, &name, value, "paygrade meter retry --into-open-period -n");
        }
        _ => sheet.bad(Kind::Differences, &name, value, "paygrade reconcile"),
    }
}

/// A draft that is kept open is not paid until somebody releases it.
fn hold_line(sheet: &mut Sheet, it: &InvoiceHold) {
    let value =
        format!("{} of {} since {} by {}: {}", it.state.as_str(), it.customer_id, it.at, it.actor, it.why);
    sheet.waits(
        &format!("invoice {}", it.invoice),
        value,
        &format!("paygrade invoice release {}", it.invoice),
    );
}

/// Nothing is said of notices before there are some.
fn notice_lines(sheet: &mut Sheet, left: &NoticesLeft) {
    let waiting = left.unrouted + left.due;
    if waiting > 0 {
        let failing =
            if left.failing > 0 { format!(", {} failed before", left.failing) } else { String::new() };
        sheet.waits("notices", format!("{waiting} to be sent{failing}"), "paygrade alerts run");
    }
    let lost = left.unknown + left.dead;
    if lost > 0 {
        let value = format!("{} given up, {} may have arrived", left.dead, left.unknown);
        sheet.bad(Kind::Partial, "notices", value, "paygrade alerts run --retry");
    }
}

/// The last backup. One that is too old, or gone, is marked; that there is none, only where some are wanted.
fn backup_line(cx: &Cx, sheet: &mut Sheet, last: Option<BackupMade>, now: Timestamp) {
    const NEXT: &str = "paygrade store backup";
    let wanted = cx.settings().backup.as_ref();
    let Some(last) = last else {
        if wanted.is_some() || cx.target() == "live" {
            sheet.waits("backup", "none yet", NEXT);
        }
        return;
    };
    let age_s = now.since(last.at).max(0);
    let age = match age_s {
        0..HOUR_S => format!("{} minutes", age_s / MINUTE_S),
        HOUR_S..=BACKUP_HOURS_SHOWN_S => format!("{} hours", age_s / HOUR_S),
        _ => format!("{} days", age_s / DAY_S),
    };
    let value = format!("{age} old, {} bytes: {}", last.bytes, last.path.display());
    let old_s = wanted.map_or(BACKUP_OLD_S, |it| it.every_s.saturating_mul(2));
    if !last.path.exists() {
        sheet.waits("backup", format!("gone; {value}"), NEXT);
    } else if age_s > old_s {
        sheet.waits("backup", format!("too old; {value}"), NEXT);
    } else {
        sheet.good("backup", value);
    }
}

/// The last tick. Cron that stopped is seen by its age.
fn tick_line(sheet: &mut Sheet, steps: &[TickStep], now: Timestamp) {
    let Some(tick) = steps.iter().find(|it| it.step == "tick") else { return };
    let value = format!("at {}: exit {}; {}", tick.at, tick.exit, tick.verdict);
    if now.since(tick.at) > TICK_LATE_S {
        sheet.waits("tick", value, "paygrade tick");
    } else {
        sheet.good("tick", value);
    }
}

/// Events that came: what waits, what was given up, and what Stripe reported of usage that it did not count.
fn webhook_lines(sheet: &mut Sheet, counts: &InboxCounts, errors: &[MeterErrors]) {
    if counts.waiting > 0 {
        sheet.waits("webhooks", format!("{} to handle", counts.waiting), "paygrade webhook process");
    } else if counts.all > 0 && counts.failed + counts.dead == 0 {
        sheet.good("webhooks", format!("{} received, all handled", counts.all));
    }
    if counts.failed > 0 {
        let (text, next) =
            (format!("{} failed, tried again", counts.failed), "paygrade webhook list --status failed");
        sheet.waits("webhooks failed", text, next);
    }
    if counts.dead > 0 {
        let next = "paygrade webhook list --status dead";
        sheet.bad(Kind::Partial, "webhooks dead", format!("{} given up", counts.dead), next);
    }
    if counts.ignored > 0 {
        sheet.good("webhooks ignored", format!("{} of another account or mode", counts.ignored));
    }
    for (reason, count) in &counts.refused {
        sheet.good("webhooks refused", format!("{count} {reason}"));
    }
    for it in errors {
        let value = format!(
            "{} not counted by Stripe, {} of them unattributed: {}",
            it.errors,
            it.errors - it.attributed,
            it.message
        );
        sheet.bad(Kind::Differences, &format!("meter errors {}", it.code), value, "paygrade reconcile");
    }
}

fn finding_line(sheet: &mut Sheet, open: i64) {
    match open {
        0 => sheet.good("findings", "none open"),
        _ => sheet.bad(Kind::Differences, "findings", format!("{open} open"), "paygrade reconcile"),
    }
}

/// What no invoice has and none will have.
fn never_billed_lines(sheet: &mut Sheet, lost: &[NeverBilled]) {
    for it in lost {
        let findings = several(it.findings, "finding", "findings");
        let value = match &it.amount {
            Some(amount) => format!("{amount} in {findings}"),
            None => format!("{} units without a price here in {findings}", it.units),
        };
        sheet.bad(Kind::Differences, "never billed", value, "paygrade repair -n");
    }
}
