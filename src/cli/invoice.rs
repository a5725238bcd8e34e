//! `invoice`: what Stripe bills, and drafts that are kept open.

use clap::{Args, Subcommand};

use super::Cx;
use super::reconcile::several;
use crate::billing::id::CustomerId;
use crate::error::Error;
use crate::flow::invoice_hold::{self, Listed, Which};
use crate::ui::{Cell, Report};

/// What Stripe bills, and drafts that are kept open
#[derive(Debug, Subcommand)]
pub enum InvoiceCommand {
    /// List invoices as Stripe has them, newest first
    List(ListArgs),
    /// Keep a draft open, so that usage that is on its way is still billed on it
    ///
    /// A renewal's draft becomes final after about an hour. One that is held stays a draft until it is released; usage of
    /// its period can be sent meanwhile. Refused once it is final.
    Hold(HoldArgs),
    /// Let Stripe go on with an invoice that was held
    Release(ReleaseArgs),
}

/// Arguments of `invoice list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
    /// Drafts only
    #[arg(long)]
    draft: bool,
}

/// Which invoices.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct WhichArgs {
    /// The invoice: in_…
    invoice: Option<String>,
    /// All drafts of this customer's subscriptions
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
}

impl WhichArgs {
    fn which(&self) -> Option<Which> {
        let invoice = self.invoice.clone().map(Which::Invoice);
        invoice.or_else(|| self.customer.clone().map(Which::Customer))
    }
}

/// Arguments of `invoice hold`.
#[derive(Debug, Args)]
pub struct HoldArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Arguments of `invoice release`.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const COLUMNS: &[&str] = &[
    "invoice",
    "number",
    "customer",
    "sub",
    "status",
    "reason",
    "created",
    "finalized",
    "due",
    "paid",
    "total",
    "amount_due",
    "next_attempt",
    "held",
];

pub(super) fn run(cx: &Cx, command: InvoiceCommand) -> Result<Report, Error> {
    match command {
        InvoiceCommand::List(args) => list(cx, &args),
        InvoiceCommand::Hold(args) => hold(cx, &args),
        InvoiceCommand::Release(args) => release(cx, &args),
    }
}

fn report(name: &'static str, rows: &[Listed]) -> Report {
    let mut report = Report::new(name, COLUMNS).money(&["total", "amount_due"]);
    for it in rows {
        let found = &it.found;
        let unadvised = !found.auto_advance && it.status() == "draft";
        let held = it.hold.as_ref().map(|hold| hold.why.clone());
        report.row(vec![
            Cell::text(&found.id),
            Cell::maybe_text(found.number.clone()),
            Cell::maybe_text(it.customer.as_ref().map(|it| it.id.to_string())),
            Cell::maybe_text(found.subscription.clone()),
            Cell::text(it.status()),
            Cell::maybe_text(found.billing_reason.clone()),
            Cell::At(found.created),
            Cell::maybe_at(found.finalized_at),
            Cell::maybe_at(found.due_date),
            Cell::maybe_at(found.paid_at),
            Cell::maybe_money(it.money(found.total)),
            Cell::maybe_money(it.money(found.amount_due)),
            Cell::maybe_at(found.next_payment_attempt),
            Cell::maybe_text(held.or_else(|| unadvised.then(|| "not by paygrade".to_owned()))),
        ]);
    }
    report
}

fn list(cx: &Cx, args: &ListArgs) -> Result<Report, Error> {
    let rows = cx.with_desk(async |desk| {
        invoice_hold::invoice_list(&desk, args.customer.as_ref(), args.draft).await
    })?;
    let what = if args.draft { ("draft", "drafts") } else { ("invoice", "invoices") };
    let count = several(i64::try_from(rows.len()).unwrap_or(i64::MAX), what.0, what.1);
    let held = rows.iter().filter(|it| it.hold.is_some()).count();
    let held = if held > 0 { format!(", {held} held") } else { String::new() };
    Ok(report("invoice_list", &rows).verdict(format!("{count}{held}")))
}

fn meant(cx: &Cx, which: &WhichArgs) -> Result<Vec<Listed>, Error> {
    let Some(which) = which.which() else { return Ok(Vec::new()) };
    cx.with_desk(async |desk| invoice_hold::invoices_meant(&desk, &which).await)
}

fn words(rows: &[Listed]) -> String {
    several(i64::try_from(rows.len()).unwrap_or(i64::MAX), "draft", "drafts")
}

fn hold(cx: &Cx, args: &HoldArgs) -> Result<Report, Error> {
    cx.because(&args.reason);
    let rows = meant(cx, &args.which)?;
    invoice_hold::check_hold(&rows)?;
    if rows.is_empty() {
        return Ok(report("invoice_hold", &rows).verdict("no draft is there: nothing to hold"));
    }
    if cx.globals.dry_run {
        let verdict = format!(
            "would keep {} open; nothing was changed; apply it: {}",
            words(&rows),
            cx.line_applying()
        );
        return Ok(report("invoice_hold", &rows).verdict(verdict));
    }
    let already = rows.iter().all(Listed::is_held);
    let held = cx.with_desk(async |desk| invoice_hold::hold(&desk, &rows, &args.reason).await)?;
    let rows: Vec<Listed> = rows
        .into_iter()
        .map(|mut it| {
            it.hold = held.iter().find(|hold| hold.invoice == it.found.id).cloned();
            (it.found.auto_advance, it.found.next_payment_attempt) = (false, None);
            it
        })
        .collect();
    let mut report = report("invoice_hold", &rows);
    report.wrote = if already { Some(0) } else { i64::try_from(held.len()).ok() };
    let first = rows.first().map(|it| it.found.id.clone()).unwrap_or_default();
    let next = if rows.len() == 1 { first } else { "in_…".to_owned() };
    Ok(report.verdict(format!(
        "{} held {}until released: send the usage, then paygrade invoice release {next}",
        words(&rows),
        if already { "already " } else { "" }
    )))
}

fn release(cx: &Cx, args: &ReleaseArgs) -> Result<Report, Error> {
    if let Some(reason) = &args.reason {
        cx.because(reason);
    }
    let rows = meant(cx, &args.which)?;
    if cx.globals.dry_run {
        let verdict =
            format!("would release {}; nothing was changed; apply it: {}", words(&rows), cx.line_applying());
        return Ok(report("invoice_release", &rows).verdict(verdict));
    }
    let reason = args.reason.as_deref();
    let released = cx.with_desk(async |desk| invoice_hold::release(&desk, &rows, reason).await)?;
    let mut report = report("invoice_release", &[]).fact("released", Cell::List(released.clone()));
    report.wrote = i64::try_from(released.len()).ok();
    let count = several(i64::try_from(released.len()).unwrap_or(i64::MAX), "invoice", "invoices");
    Ok(report.verdict(match released.len() {
        0 => "nothing was held: nothing changed".to_owned(),
        _ => format!("{count} released: Stripe finalizes and collects by itself again"),
    }))
}
