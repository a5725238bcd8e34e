//! `reconcile --through invoice`: each period from what was recorded to what is charged.

use std::collections::BTreeMap;

use super::{PLAN_COLUMNS, finding_cells, several, target_cells};
use crate::billing::money::Money;
use crate::billing::reconcile::Class;
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::flow::reconcile::{Ask, Desk, Followed, Through, ThroughPlan, through_invoice};
use crate::stripe::calls_per_s;
use crate::ui::{Cell, Report};

const COLUMNS: &[&str] = &[
    "finding",
    "customer",
    "cus",
    "meter",
    "from",
    "to",
    "recorded",
    "sent",
    "stripe",
    "invoiced",
    "difference",
    "amount",
    "expected",
    "class",
    "not_billed",
    "never_billed",
    "invoices",
];
const MONEY: &[&str] = &["amount", "expected", "never_billed"];

pub(super) fn run(cx: &Cx, ask: &Ask) -> Result<Report, Error> {
    let (store, api) = (cx.store()?, cx.api()?);
    let desk = Desk { store: &store, api: &api, clock: cx.clock() };
    let outcome = cx.block_on(through_invoice(&desk, ask))??;
    say_stopped(cx, &outcome);
    Ok(report(&outcome))
}

fn say_stopped(cx: &Cx, it: &Through) {
    if let Some(stopped) = &it.stopped {
        cx.ui.note(&format!("not every bill was looked at: {stopped}"));
    }
}

/// What it would ask.
pub(super) fn plan(cx: &Cx, it: &ThroughPlan, ask: &Ask) -> Report {
    let mut report = Report::new("reconcile_plan", PLAN_COLUMNS);
    for target in &it.targets {
        report.row(target_cells(target));
    }
    report.facts = facts(it);
    report.verdict(format!("would ask Stripe for {}; nothing was asked", said(cx, it, ask)))
}

/// Adds what following to the invoices would ask to what comparing the sums would.
pub(super) fn plan_add(cx: &Cx, mut report: Report, it: &ThroughPlan, ask: &Ask) -> Report {
    report.facts.extend(facts(it));
    let sums = report.verdict.trim_end_matches("; nothing was asked").to_owned();
    report.verdict(format!("{sums}; then for {}; nothing was asked", said(cx, it, ask)))
}

fn facts(it: &ThroughPlan) -> Vec<(&'static str, Cell)> {
    let count = |it: usize| Cell::Count(i64::try_from(it).unwrap_or(i64::MAX));
    vec![("sums", count(it.targets.len())), ("invoice_lists", count(it.customers))]
}

/// `1 sum and the invoices of 1 customer, more where …`.
fn said(cx: &Cx, it: &ThroughPlan, ask: &Ask) -> String {
    let count = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
    let most = it.calls_most(ask);
    let bounded = match most < it.calls() {
        true => format!(" (at most {most} calls with --max-calls)"),
        false => String::new(),
    };
    let per_s = u64::from(calls_per_s(cx.target() == "live"));
    format!(
        "{} and the invoices of {}, more where one has over a hundred invoices or lines{bounded}; at {per_s}/s about {} s",
        several(count(it.targets.len()), "sum", "sums"),
        several(count(it.customers), "customer", "customers"),
        most.div_ceil(per_s)
    )
}

/// Adds what the invoices charge otherwise to a comparison of the same periods.
pub(super) fn add(cx: &Cx, ask: &Ask, mut report: Report) -> Result<Report, Error> {
    let (store, api) = (cx.store()?, cx.api()?);
    let desk = Desk { store: &store, api: &api, clock: cx.clock() };
    let outcome = cx.block_on(through_invoice(&desk, ask))??;
    for finding in &outcome.findings {
        report.row(finding_cells(finding));
    }
    cx.ui.note(&verdict(&outcome));
    say_stopped(cx, &outcome);
    let kinds = [report.outcome, outcome.kind()].into_iter().flatten();
    let kind = Kind::worst(kinds.collect::<Vec<_>>());
    Ok(report.outcome(kind))
}

fn verdict(it: &Through) -> String {
    let count = |class: Class| {
        i64::try_from(it.followed.iter().filter(|it| it.billed.class == class).count()).unwrap_or(i64::MAX)
    };
    let (matched, unsettled) = (count(Class::Match), count(Class::Unsettled));
    let all = i64::try_from(it.followed.len()).unwrap_or(i64::MAX);
    let skipped = match it.skipped {
        0 => String::new(),
        number => format!("; {number} not followed"),
    };
    if all == 0 && it.skipped == 0 {
        return "no usage was recorded in a period that is over".to_owned();
    }
    let periods = several(all, "period", "periods");
    let findings = several(all - matched - unsettled, "difference", "differences");
    let lost = match never_billed(it) {
        lost if lost.is_empty() => String::new(),
        lost => format!("; {} will never be billed", lost.join(" and ")),
    };
    format!(
        "followed {periods} to the invoices: {matched} billed as counted, {unsettled} not billed yet; {findings}{lost}{skipped}"
    )
}

/// Money that no invoice has and none will have, by currency, as far as nobody has acknowledged it.
fn never_billed(it: &Through) -> Vec<String> {
    let open = it.findings.iter().filter(|it| it.ack.is_none() && it.class == Class::Missing);
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    for lost in open.filter_map(|it| it.amount) {
        let sum = sums.entry(lost.currency.code().to_owned()).or_insert(Money { minor: 0, ..lost });
        sum.minor = sum.minor.saturating_sub(lost.minor);
    }
    sums.into_values().map(|sum| sum.to_string()).collect()
}

fn report(it: &Through) -> Report {
    let mut report = Report::new("reconcile_invoice", COLUMNS).money(MONEY);
    for followed in &it.followed {
        report.row(cells(it, followed));
    }
    let count = |class: Class| {
        i64::try_from(it.followed.iter().filter(|it| it.billed.class == class).count()).unwrap_or(i64::MAX)
    };
    let (matched, unsettled) = (count(Class::Match), count(Class::Unsettled));
    let all = i64::try_from(it.followed.len()).unwrap_or(i64::MAX);
    report.facts = vec![
        ("run", Cell::Count(it.run)),
        ("periods", Cell::Count(all)),
        ("matched", Cell::Count(matched)),
        ("unsettled", Cell::Count(unsettled)),
        ("skipped", Cell::Count(i64::try_from(it.skipped).unwrap_or(i64::MAX))),
        ("calls", Cell::Count(it.calls)),
        ("closed", Cell::List(it.closed.iter().map(|(finding, _)| finding.to_string()).collect())),
    ];
    report.wrote = i64::try_from(it.findings.len()).ok();
    report.verdict(verdict(it)).outcome(it.kind())
}

/// What the units cost that no invoice has.
fn lost(it: &Followed) -> Option<Money> {
    let missing = it.billed.lacks.iter().filter(|lack| lack.class == Class::Missing);
    missing
        .filter_map(|lack| lack.amount)
        .map(|lost| Money { minor: lost.minor.saturating_neg(), ..lost })
        .reduce(|sum, part| Money { minor: sum.minor.saturating_add(part.minor), ..sum })
}

fn cells(outcome: &Through, it: &Followed) -> Vec<Cell> {
    let pair = &it.target.pair;
    let number = outcome.findings.iter().find(|finding| {
        (&finding.customer_id, &finding.meter_key, finding.range)
            == (&pair.customer_id, &pair.meter_key, it.target.range)
    });
    let unbilled =
        it.billed.unbilled.iter().map(|(why, units)| format!("{}={units}", why.as_str())).collect();
    vec![
        Cell::maybe_count(number.map(|it| it.finding)),
        Cell::text(&pair.customer_id),
        Cell::text(&pair.cus),
        Cell::text(&pair.meter_key),
        Cell::At(pair.period_start),
        Cell::At(pair.period_end),
        Cell::Count(it.chain.recorded),
        Cell::Count(it.chain.sent),
        Cell::Count(it.chain.metered),
        Cell::maybe_count(it.chain.invoiced.map(|it| it.units)),
        Cell::Count(it.billed.difference),
        Cell::maybe_money(it.chain.invoiced.map(|it| it.amount)),
        Cell::maybe_money(it.chain.expected),
        Cell::text(it.billed.class.as_str()),
        Cell::List(unbilled),
        Cell::maybe_money(lost(it)),
        Cell::List(it.invoices.clone()),
    ]
}
