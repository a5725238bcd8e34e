//! What a monitoring system is told of a store: counts, money in minor units, instants in seconds.

use super::meter;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::Reader;

/// One sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its name; samples of one name stand together.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// What it is of.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: i64,
}

struct Sheet(Vec<Metric>);

impl Sheet {
    fn add(&mut self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], value: i64) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.0.push(Metric { name, help, labels, value });
    }
}

/// Reads all metrics from one snapshot.
pub fn metrics(r: &Reader<'_>, now: Timestamp, grace_s: i64) -> Result<Vec<Metric>, Error> {
    let mut sheet = Sheet(Vec::new());
    usage(r, &mut sheet, now, grace_s)?;
    let inbox = r.inbox_counts()?;
    for (state, count) in [("waiting", inbox.waiting), ("failed", inbox.failed), ("dead", inbox.dead)] {
        sheet.add("paygrade_webhooks", "Events that are not handled, by state.", &[("state", state)], count);
    }
    let refused: i64 = inbox.refused.iter().map(|(_, count)| count).sum();
    sheet.add("paygrade_webhooks_refused", "Deliveries refused at the door, ever.", &[], refused);
    sheet.add(
        "paygrade_findings_open",
        "Differences that nobody has acknowledged.",
        &[],
        r.finding_open_count()?,
    );
    let left = r.notice_left(now)?;
    for (state, count) in [
        ("due", left.due + left.unrouted),
        ("failing", left.failing),
        ("unknown", left.unknown),
        ("dead", left.dead),
    ] {
        sheet.add("paygrade_notices", "Notices that have not arrived, by state.", &[("state", state)], count);
    }
    sheet.add(
        "paygrade_credits_uncovered",
        "Credits that usage has cost and no balance could pay.",
        &[],
        r.credits_uncovered()?,
    );
    if let Some(backup) = r.backup_last()? {
        let (name, help) = ("paygrade_backup_timestamp_seconds", "When the store was last backed up.");
        sheet.add(name, help, &[], backup.at.0);
        sheet.add("paygrade_backup_bytes", "The length of that backup.", &[], backup.bytes);
    }
    people(r, &mut sheet)?;
    runs(r, &mut sheet)?;
    Ok(sheet.0)
}

fn usage(r: &Reader<'_>, sheet: &mut Sheet, now: Timestamp, grace_s: i64) -> Result<(), Error> {
    let lines = meter::status(r, None, now, grace_s)?;
    let open: Vec<_> = lines
        .iter()
        .filter(|line| !matches!(line.state, "accepted" | "closed" | "replaced" | "cancelled"))
        .collect();
    for line in &open {
        let labels = [("meter", line.meter.as_str()), ("state", line.state)];
        sheet.add(
            "paygrade_usage_deliveries",
            "Deliveries not at Stripe for certain.",
            &labels,
            line.deliveries,
        );
    }
    for line in &open {
        let labels = [("meter", line.meter.as_str()), ("state", line.state)];
        sheet.add("paygrade_usage_units", "Units not at Stripe for certain.", &labels, line.quantity);
    }
    for (line, money) in open.iter().filter_map(|line| Some((line, line.amount?))) {
        let labels =
            [("meter", line.meter.as_str()), ("state", line.state), ("currency", money.currency.code())];
        sheet.add(
            "paygrade_usage_amount_minor",
            "What those units cost, in minor units.",
            &labels,
            money.minor,
        );
    }
    let deadline = open.iter().filter_map(|line| line.must_arrive_by).min();
    if let Some(by) = deadline {
        sheet.add(
            "paygrade_usage_deadline_timestamp_seconds",
            "When usage that waits must have arrived.",
            &[],
            by.0,
        );
    }
    Ok(())
}

fn people(r: &Reader<'_>, sheet: &mut Sheet) -> Result<(), Error> {
    let failed = r.payments_failed()?;
    for (currency, count, _) in &failed {
        let labels = [("currency", currency.as_str())];
        sheet.add("paygrade_payments_failed", "Open invoices whose payment failed.", &labels, *count);
    }
    for (currency, _, minor) in &failed {
        let labels = [("currency", currency.as_str())];
        sheet.add("paygrade_payments_failed_minor", "What they are about, in minor units.", &labels, *minor);
    }
    for (status, count) in r.subscription_counts()? {
        sheet.add("paygrade_subscriptions", "Subscriptions by status.", &[("status", &status)], count);
    }
    Ok(())
}

fn runs(r: &Reader<'_>, sheet: &mut Sheet) -> Result<(), Error> {
    let runs = r.last_runs()?;
    for it in &runs {
        let labels = [("command", it.command.as_str())];
        sheet.add(
            "paygrade_last_run_timestamp_seconds",
            "When a command that wrote ran last.",
            &labels,
            it.at.0,
        );
    }
    for it in &runs {
        let labels = [("command", it.command.as_str())];
        sheet.add("paygrade_last_run_exit", "The exit code of that run.", &labels, it.exit);
    }
    let steps = r.tick_steps()?;
    for it in &steps {
        sheet.add(
            "paygrade_tick_timestamp_seconds",
            "When a step of tick ran last.",
            &[("step", &it.step)],
            it.at.0,
        );
    }
    for it in &steps {
        sheet.add("paygrade_tick_exit", "Its exit code.", &[("step", &it.step)], it.exit);
    }
    for it in &steps {
        sheet.add("paygrade_tick_duration_seconds", "How long it took.", &[("step", &it.step)], it.seconds);
    }
    Ok(())
}
