//! `reconcile tiers|catalog|all`, and acknowledging what they find.

use clap::Args;

use super::several;
use crate::billing::change::Options;
use crate::billing::compare::Subject;
use crate::billing::id::CustomerId;
use crate::billing::time::Timestamp;
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::flow::compare::{self, Outcome, Seen, TiersAsk};
use crate::flow::credits::reconcile::{PAID_WINDOW_S, credits_findings};
use crate::flow::reconcile as usage;
use crate::flow::seed;
use crate::store::CustomerRow;
use crate::store::state_finding::{StateFinding, StateFindingNew};
use crate::ui::{Cell, Report};

/// Arguments of `reconcile tiers`.
#[derive(Debug, Args)]
pub struct TiersArgs {
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
}

/// Arguments of `reconcile credits`.
#[derive(Debug, Args)]
pub struct CreditsArgs {
    /// Of this customer only, and of all time
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
    /// Payments that were begun at this instant or later [default: of ninety days]
    #[arg(long, value_name = "INSTANT", conflicts_with = "customer")]
    since: Option<String>,
}

/// Arguments of `reconcile catalog`.
#[derive(Debug, Args)]
pub struct CatalogArgs {}

/// Arguments of `reconcile all`.
#[derive(Debug, Args)]
pub struct AllArgs {}

/// Columns of findings that are not about usage.
pub(in crate::cli) const COLUMNS: &[&str] = &[
    "finding",
    "subject",
    "customer",
    "cus",
    "object",
    "class",
    "cause",
    "ours",
    "stripe",
    "amount",
    "first_run",
    "last_run",
    "ack",
    "fix",
];
/// Columns of them that hold money.
pub(in crate::cli) const MONEY: &[&str] = &["amount"];

/// The cells of [`COLUMNS`].
pub(in crate::cli) fn cells(it: &StateFinding) -> Vec<Cell> {
    let new = &it.new;
    vec![
        Cell::Count(it.finding),
        Cell::text(new.subject.as_str()),
        Cell::maybe_text(it.customer_id.clone()),
        Cell::maybe_text(it.cus.clone()),
        Cell::text(&new.object),
        Cell::text(new.class.as_str()),
        Cell::text(&new.cause),
        Cell::maybe_text(new.ours.clone()),
        Cell::maybe_text(new.stripe.clone()),
        Cell::maybe_money(new.amount),
        Cell::Count(it.first_run),
        Cell::Count(it.last_run),
        Cell::maybe_text(it.ack.clone()),
        Cell::text(it.fix()),
    ]
}

/// What was seen and not stored: it has no number yet.
fn cells_shown(cx: &Cx, it: &StateFindingNew) -> Result<Vec<Cell>, Error> {
    let customer = match it.customer {
        Some(row) => Some(cx.store()?.read(|r| r.customer_get(row))?),
        None => None,
    };
    let (id, cus) = customer.map(|it| (it.id.to_string(), it.cus)).unzip();
    let mut cells = vec![Cell::Blank, Cell::text(it.subject.as_str())];
    cells.extend([Cell::maybe_text(id), Cell::maybe_text(cus.flatten())]);
    cells.extend([Cell::text(&it.object), Cell::text(it.class.as_str()), Cell::text(&it.cause)]);
    cells.extend([Cell::maybe_text(it.ours.clone()), Cell::maybe_text(it.stripe.clone())]);
    cells.extend([Cell::maybe_money(it.amount), Cell::Blank, Cell::Blank, Cell::Blank]);
    cells.push(Cell::text(it.fix.clone().unwrap_or_else(|| "paygrade repair".to_owned())));
    Ok(cells)
}

pub(super) fn tiers(cx: &Cx, args: &TiersArgs) -> Result<Report, Error> {
    one(cx, Subject::Tiers, |cx| seen_tiers(cx, args.customer.clone()))
}

pub(super) fn credits(cx: &Cx, args: &CreditsArgs) -> Result<Report, Error> {
    let since = args.since.as_deref().map(instant).transpose()?;
    one(cx, Subject::Credits, |cx| seen_credits(cx, args.customer.as_ref(), since))
}

fn instant(text: &str) -> Result<Timestamp, Error> {
    Timestamp::parse(text).ok_or_else(|| {
        Error::new(Kind::Usage, "bad_instant", format!("`{text}` is no instant"))
            .hint("write it like 2026-11-21T08:00:00Z, or a date for its midnight in UTC")
    })
}

fn seen_credits(
    cx: &Cx,
    customer: Option<&CustomerId>,
    since: Option<Timestamp>,
) -> Result<(Seen, Option<CustomerRow>), Error> {
    let since = match since {
        Some(since) => since,
        None => Timestamp(cx.now()?.0.saturating_sub(PAID_WINDOW_S)),
    };
    cx.with_desk(async |desk| credits_findings(&desk, customer, since).await)
}

pub(super) fn catalog(cx: &Cx) -> Result<Report, Error> {
    one(cx, Subject::Catalog, seen_catalog)
}

fn one(
    cx: &Cx,
    subject: Subject,
    look: impl FnOnce(&Cx) -> Result<(Seen, Option<CustomerRow>), Error>,
) -> Result<Report, Error> {
    let name = match subject {
        Subject::Tiers => "reconcile_tiers",
        Subject::Credits => "reconcile_credits",
        Subject::Catalog => "reconcile_catalog",
        Subject::Usage => "reconcile",
    };
    let (seen, scope) = look(cx)?;
    let mut report = Report::new(name, COLUMNS).money(MONEY);
    if cx.globals.dry_run {
        for it in &seen.findings {
            report.row(cells_shown(cx, it)?);
        }
        let count = seen.findings.len();
        let outcome = (count > 0).then_some(Kind::Differences);
        let count = several(i64::try_from(count).unwrap_or(i64::MAX), "difference", "differences");
        let verdict = format!("compared {}; {count}; nothing was noted", seen.compared);
        return Ok(report.verdict(verdict).outcome(outcome));
    }
    let outcome = compare::record(&*cx.store()?, cx.now()?, subject, scope, &seen)?;
    for it in &outcome.findings {
        report.row(cells(it));
    }
    report.wrote = i64::try_from(outcome.findings.len()).ok();
    Ok(report.verdict(verdict(&outcome)).outcome(outcome.kind()))
}

fn seen_tiers(cx: &Cx, customer: Option<CustomerId>) -> Result<(Seen, Option<CustomerRow>), Error> {
    let ask = TiersAsk { customer };
    cx.with_desk(async |desk| compare::tiers_findings(&desk, &ask).await)
}

fn seen_catalog(cx: &Cx) -> Result<(Seen, Option<CustomerRow>), Error> {
    let (api, store, catalog) = (cx.api()?, cx.store()?, cx.catalog()?);
    let options = Options { prune: false, adopt: false };
    let planned = cx.block_on(seed::plan(&api, Some(&*store), catalog, options))??;
    Ok((compare::catalog_findings(&planned.set, planned.objects_found()), None))
}

/// What was compared and what is open.
fn verdict(it: &Outcome) -> String {
    let mut text = format!("compared {}", it.compared);
    match it.findings.len() {
        0 => text.push_str(": nothing differs"),
        all => {
            let failing = it.failing();
            let count = several(i64::try_from(all).unwrap_or(i64::MAX), "finding", "findings");
            text.push_str(&format!("; {count}: {failing} to look at"));
            if all > failing {
                text.push_str(&format!(", {} acknowledged", all - failing));
            }
        }
    }
    text
}

/// Every subject, one after the other, in one table. `of_usage` is what `reconcile` found.
pub(super) fn all(cx: &Cx, of_usage: &usage::Outcome, usage_verdict: &str) -> Result<Report, Error> {
    let mut report = Report::new("reconcile_all", COLUMNS).money(MONEY);
    for it in &of_usage.findings {
        report.row(usage_cells(it));
    }
    let mut kinds: Vec<Kind> = of_usage.kind().into_iter().collect();
    let mut verdicts = vec![format!("usage: {usage_verdict}")];
    let mut wrote = of_usage.findings.len();
    let looks = [
        (Subject::Tiers, seen_tiers(cx, None)),
        (Subject::Credits, seen_credits(cx, None, None)),
        (Subject::Catalog, seen_catalog(cx)),
    ];
    for (subject, look) in looks {
        let outcome =
            look.and_then(|(seen, scope)| compare::record(&*cx.store()?, cx.now()?, subject, scope, &seen));
        match outcome {
            Ok(outcome) => {
                outcome.findings.iter().for_each(|it| report.row(cells(it)));
                wrote += outcome.findings.len();
                kinds.extend(outcome.kind());
                verdicts.push(format!("{}: {}", subject.as_str(), verdict(&outcome)));
            }
            Err(error) => {
                kinds.push(error.kind());
                verdicts.push(format!("{}: {error}", subject.as_str()));
            }
        }
    }
    for text in verdicts.iter().take(verdicts.len().saturating_sub(1)) {
        cx.ui.note(text);
    }
    report.wrote = i64::try_from(wrote).ok();
    let open = report.rows.len();
    let count = several(i64::try_from(open).unwrap_or(i64::MAX), "finding", "findings");
    let last = verdicts.pop().unwrap_or_default();
    cx.ui.note(&last);
    Ok(report
        .verdict(format!("compared usage, tiers, credits and catalog; {count}"))
        .outcome(Kind::worst(kinds)))
}

fn usage_cells(it: &crate::store::finding::Finding) -> Vec<Cell> {
    vec![
        Cell::Count(it.finding),
        Cell::text(Subject::Usage.as_str()),
        Cell::text(&it.customer_id),
        Cell::maybe_text(it.cus.clone()),
        Cell::text(format!("{} {} to {}", it.meter_key, it.range.from, it.range.to)),
        Cell::text(it.class.as_str()),
        Cell::text(it.cause.as_str()),
        Cell::text(it.sent.to_string()),
        Cell::maybe_text(it.stripe.map(|it| it.to_string())),
        Cell::maybe_money(it.amount),
        Cell::Count(it.first_run),
        Cell::Count(it.last_run),
        Cell::maybe_text(it.ack.clone()),
        Cell::maybe_text(it.fix()),
    ]
}

/// Acknowledges a finding that is not about usage; `None` when the number is none of those.
pub(super) fn ack(cx: &Cx, number: i64, reason: &str) -> Result<Option<Report>, Error> {
    let found = cx.store_reading()?.read(|r| r.state_finding_get(number))?;
    let Some(found) = found else { return Ok(None) };
    let mut report = Report::new("reconcile_ack", COLUMNS).money(MONEY);
    let gone = || Error::new(Kind::Refused, "finding_gone", format!("finding {number} is gone"));
    if found.is_gone {
        return Err(gone());
    }
    if cx.globals.dry_run {
        report.row(cells(&found));
        let apply = cx.line_applying();
        return Ok(Some(report.verdict(format!(
            "would acknowledge finding {number}; nothing was changed; apply it: {apply}"
        ))));
    }
    cx.because(reason);
    let found = cx.store()?.write(cx.now()?, |w| {
        w.state_finding_acknowledge(number, reason).map_err(|_| gone())?;
        w.reader().state_finding_get(number).map(|it| it.unwrap_or(found)).map_err(Error::from)
    })?;
    report.row(cells(&found));
    report.wrote = Some(1);
    Ok(Some(report.verdict(format!("finding {number} is acknowledged as long as both sides say the same"))))
}
