//! `report`: what is sold, used and earned.

mod html;
mod reprice;

use clap::{Args, Subcommand};

use super::Cx;
use super::reconcile::several;
use crate::billing::money::{Currency, Money};
use crate::error::{Error, Kind};
use crate::flow::report::{self, LOOK_BACK_DAYS};
use crate::flow::usage_show::Which;
use crate::ui::{Cell, Report};

/// What is sold, used and earned, over all customers; from the store alone
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Everything in a few lines: customers, revenue, usage, what failed and what ended
    Overview(OverviewArgs),
    /// Use by meter: within what is included, beyond it, its cost so far and at this pace
    Usage(UsageArgs),
    /// Recurring revenue and usage by tier, and what was invoiced in the last 30 days
    Revenue(RevenueArgs),
    /// Who would pay less on another tier, and who comes near the end of what its tier includes
    Upgrades(UpgradesArgs),
    Reprice(reprice::RepriceArgs),
    Html(html::HtmlArgs),
}

/// Arguments of `report overview`.
#[derive(Debug, Args)]
pub struct OverviewArgs {}

/// Arguments of `report usage`.
#[derive(Debug, Args)]
pub struct UsageArgs {
    /// Each customer's own billing period: current or last
    #[arg(long, value_name = "PERIOD", value_parser = ["current", "last"], default_value = "current")]
    period: String,
}

/// Arguments of `report revenue`.
#[derive(Debug, Args)]
pub struct RevenueArgs {}

/// Arguments of `report upgrades`.
#[derive(Debug, Args)]
pub struct UpgradesArgs {}

const OVERVIEW: &[&str] = &["line", "value", "state", "next_command"];
const USAGE: &[&str] =
    &["meter", "customers", "recorded", "included", "overage", "sent", "cost", "projected"];
const REVENUE: &[&str] = &["line", "count", "paying", "mrr", "usage", "total", "paid"];
const UPGRADES: &[&str] = &["customer", "tier", "cost", "better", "bill", "saves", "because"];

pub(super) fn run(cx: &Cx, command: &ReportCommand) -> Result<Report, Error> {
    match command {
        ReportCommand::Overview(_) => overview(cx),
        ReportCommand::Usage(args) => usage(cx, args),
        ReportCommand::Revenue(_) => revenue(cx),
        ReportCommand::Upgrades(_) => upgrades(cx),
        ReportCommand::Reprice(args) => reprice::run(cx, args),
        ReportCommand::Html(args) => html::run(cx, args),
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn overview(cx: &Cx) -> Result<Report, Error> {
    let it = report::overview(&cx.store_reading()?, cx.now()?)?;
    let mut report = Report::new("report_overview", OVERVIEW);
    let mut put = |line: &str, value: String, next: Option<&str>| {
        let state = if next.is_some() { "look" } else { "ok" };
        report.row(vec![Cell::text(line), Cell::text(value), Cell::text(state), Cell::maybe_text(next)]);
    };
    let money = |money: Option<Money>| money.map_or_else(|| "none".to_owned(), |money| money.to_string());
    let figures = &it.figures;
    put("customers", figures.customers.to_string(), None);
    for (status, number) in &figures.statuses {
        let next = matches!(status.as_str(), "past_due" | "unpaid").then_some("paygrade invoice list");
        put(&format!("subscriptions {status}"), number.to_string(), next);
    }
    put("recurring revenue per month", money(it.mrr), None);
    put("usage so far", money(it.usage), None);
    for paid in &it.paid {
        put(&format!("paid in {LOOK_BACK_DAYS} days"), paid.to_string(), None);
    }
    put(&format!("begun in {LOOK_BACK_DAYS} days"), figures.begun.to_string(), None);
    put(&format!("ended in {LOOK_BACK_DAYS} days"), figures.ended.to_string(), None);
    let wrong = |number: i64, next: &'static str| (number > 0).then_some(next);
    let failed = figures.payments_failed;
    put("payments that failed", failed.to_string(), wrong(failed, "paygrade invoice list"));
    let failed = figures.deliveries_wrong;
    put("meter events that failed", failed.to_string(), wrong(failed, "paygrade meter status"));
    put("meter events that wait", figures.deliveries_waiting.to_string(), None);
    let dead = figures.webhooks_dead;
    put("webhooks given up", dead.to_string(), wrong(dead, "paygrade webhook list --status dead"));
    put("webhooks that wait", figures.webhooks_waiting.to_string(), None);
    put("findings", it.findings.to_string(), wrong(it.findings, "paygrade repair -n"));
    let look = report.rows.iter().filter(|row| row.get(2) == Some(&Cell::text("look"))).count();
    let verdict = match look {
        0 => "nothing to look at".to_owned(),
        look => several(count(look), "line to look at", "lines to look at"),
    };
    Ok(report.verdict(verdict))
}

fn usage(cx: &Cx, args: &UsageArgs) -> Result<Report, Error> {
    usage_report(cx, &args.period, if args.period == "last" { Which::Last } else { Which::Current })
}

fn usage_report(cx: &Cx, period: &str, which: Which) -> Result<Report, Error> {
    let rows = report::usage(&cx.store_reading()?, cx.now()?, which)?;
    let mut report = Report::new("report_usage", USAGE).money(&["cost", "projected"]);
    for it in &rows {
        report.row(vec![
            Cell::text(&it.meter),
            Cell::Count(it.customers),
            Cell::Count(it.recorded),
            Cell::Count(it.included),
            Cell::Count(it.overage),
            Cell::Count(it.sent),
            Cell::maybe_money(it.cost),
            Cell::maybe_money(it.projected),
        ]);
    }
    let meters = several(count(rows.len()), "meter", "meters");
    Ok(report.verdict(format!("{meters} in each customer's {period} period")))
}

fn revenue(cx: &Cx) -> Result<Report, Error> {
    let it = report::revenue(&cx.store_reading()?, cx.now()?)?;
    let mut report = Report::new("report_revenue", REVENUE).money(&["mrr", "usage", "total", "paid"]);
    for tier in &it.tiers {
        report.row(vec![
            Cell::text(format!("tier {}", tier.tier)),
            Cell::Count(tier.customers),
            Cell::Count(tier.paying),
            Cell::maybe_money(tier.mrr),
            Cell::maybe_money(tier.usage),
            Cell::Blank,
            Cell::Blank,
        ]);
    }
    for found in &it.invoiced {
        let money = |minor: i64| Currency::parse(&found.currency).map(|currency| Money { minor, currency });
        report.row(vec![
            Cell::text(format!("invoices {}", found.status)),
            Cell::Count(found.invoices),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::maybe_money(money(found.total)),
            Cell::maybe_money(money(found.paid)),
        ]);
    }
    let tiers = several(count(it.tiers.len()), "tier", "tiers");
    Ok(report
        .verdict(format!("{tiers} with customers; invoices of the last {LOOK_BACK_DAYS} days, as last seen")))
}

fn upgrades(cx: &Cx) -> Result<Report, Error> {
    if !cx.store_exists() {
        return Err(Error::new(Kind::Store, "store_missing", "there is no store yet")
            .hint("begin with `paygrade seed`"));
    }
    let rows = report::upgrades(&cx.store_reading()?, cx.now()?)?;
    let mut report = Report::new("report_upgrades", UPGRADES).money(&["cost", "bill", "saves"]);
    for it in &rows {
        report.row(vec![
            Cell::text(&it.customer),
            Cell::text(it.tier.as_str()),
            Cell::maybe_money(it.cost),
            Cell::text(it.better.as_str()),
            Cell::maybe_money(it.bill),
            Cell::maybe_money(it.saves()),
            Cell::text(&it.because),
        ]);
    }
    let cheaper = rows.iter().filter(|it| it.saves().is_some()).count();
    let customers = several(count(rows.len()), "customer", "customers");
    Ok(report
        .verdict(format!("{customers} for whom another tier is better, {cheaper} of them would pay less")))
}
