//! The rows of each export, as cells.

use std::io::Write;

use super::totals::Totals;
use super::{Job, Stop};
use crate::billing::delivery::State;
use crate::billing::ledger::Account;
use crate::cli::audit::audit_cells;
use crate::cli::customer::customer_cells;
use crate::flow::customer::list::{customer_each, customer_view};
use crate::flow::invoice_lines::InvoiceLine;
use crate::store::Reader;
use crate::store::audit::AuditFilter;
use crate::store::delivery::DeliveryFilter;
use crate::store::ledger::LedgerRange;
use crate::store::usage_export::UsageRange;
use crate::ui::{Cell, RowWriter};

pub(super) const DELIVERIES: &[&str] = &[
    "delivery",
    "identifier",
    "customer",
    "cus",
    "meter",
    "from",
    "to",
    "after_seq",
    "upto_seq",
    "value",
    "timestamp",
    "state",
    "attempts",
    "first_attempt",
    "accepted_at",
    "last_error",
    "request_id",
];
pub(super) const LEDGER: &[&str] = &[
    "at",
    "entry",
    "customer",
    "kind",
    "credits",
    "balance_after",
    "lot",
    "source_id",
    "action",
    "reason",
    "ref",
    "actor",
    "host",
    "key",
    "run",
];
pub(super) const FINDINGS: &[&str] = &[
    "finding",
    "subject",
    "customer",
    "cus",
    "meter",
    "object",
    "from",
    "to",
    "class",
    "cause",
    "recorded",
    "sent",
    "stripe",
    "difference",
    "amount",
    "ours",
    "theirs",
    "events",
    "deliveries",
    "first_run",
    "last_run",
    "gone_run",
    "ack_run",
    "ack_by",
    "ack",
    "ref",
];
pub(super) const INVOICES: &[&str] = &[
    "invoice",
    "number",
    "customer",
    "sub",
    "status",
    "created",
    "finalized",
    "due",
    "paid",
    "line",
    "tier",
    "price_key",
    "meter",
    "quantity",
    "recorded_quantity",
    "unit_amount",
    "amount",
    "discount",
    "credits",
    "tax",
    "total",
    "paid_amount",
];
pub(super) const INVOICES_MONEY: &[&str] = &["amount", "discount", "credits", "tax", "total", "paid_amount"];

pub(super) fn deliveries<W: Write>(
    r: &Reader<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals::new("deliveries", &[("value", "units accepted")]);
    let UsageRange { customer, meter, from, to } = *range;
    let filter = DeliveryFilter { customer, meter, from, to, ..DeliveryFilter::default() };
    r.delivery_each(&filter, |it| {
        totals.rows += 1;
        if it.progress.state == State::Accepted {
            totals.add(0, it.value);
        }
        writer.row(&[
            Cell::Count(it.delivery),
            Cell::text(&it.identifier),
            Cell::text(&it.customer_id),
            Cell::text(&it.cus),
            Cell::text(&it.meter_key),
            Cell::At(it.from),
            Cell::At(it.to),
            Cell::Count(it.after_seq),
            Cell::Count(it.upto_seq),
            Cell::Count(it.value),
            Cell::At(it.timestamp),
            Cell::text(it.progress.state.as_str()),
            Cell::Count(i64::from(it.progress.attempts)),
            Cell::maybe_at(it.first_attempt),
            Cell::maybe_at(it.progress.accepted_at),
            Cell::maybe_text(it.last_error.as_deref()),
            Cell::maybe_text(it.request_id.as_deref()),
        ])?;
        Ok::<(), Stop>(())
    })?;
    Ok(totals)
}

pub(super) fn ledger<W: Write>(
    r: &Reader<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals::new("entries", &[("credits", "credits")]);
    let range = LedgerRange { customer: range.customer, from: range.from, to: range.to };
    r.ledger_each(&range, |it| {
        totals.rows += 1;
        totals.add(0, it.credits);
        writer.row(&[
            Cell::At(it.at),
            Cell::Count(it.entry),
            Cell::text(&it.customer),
            Cell::text(it.kind),
            Cell::Count(it.credits),
            Cell::Count(it.balance_after.0),
            Cell::Count(it.lot.0),
            Cell::maybe_text(it.source_id.as_deref()),
            Cell::maybe_text(it.action.as_deref()),
            Cell::maybe_text(it.reason.as_deref()),
            Cell::maybe_text(it.reference.as_deref()),
            Cell::text(&it.actor),
            Cell::text(&it.host),
            Cell::maybe_text(it.key.as_deref()),
            Cell::Count(it.run),
        ])?;
        Ok::<(), Stop>(())
    })?;
    Ok(totals)
}

/// Customers with what they are on at the job's instant; who they are only when that was asked for.
pub(super) fn customers<W: Write>(
    r: &Reader<'_>,
    job: &Job<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals::new("customers", &[("credits", "credits")]);
    let mut take = |mut view: crate::flow::customer::list::CustomerView| {
        totals.rows += 1;
        totals.add(0, view.credits.0);
        let name = view.customer.name.take().filter(|_| job.pii);
        view.customer.email = view.customer.email.take().filter(|_| job.pii);
        let mut cells = customer_cells(&view);
        cells.push(Cell::maybe_text(name));
        Ok::<(), Stop>(writer.row(&cells)?)
    };
    match range.customer {
        Some(row) => take(customer_view(r, r.customer_get(row)?, job.now)?)?,
        None => customer_each(r, job.now, take)?,
    }
    Ok(totals)
}

pub(super) fn findings<W: Write>(
    r: &Reader<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals::new("findings", &[]);
    r.findings_each(range.customer, range.meter, |it| {
        totals.rows += 1;
        if let Some(amount) = it.amount {
            totals.add_money("amount", amount.currency.code(), amount.minor);
        }
        writer.row(&[
            Cell::Count(it.finding),
            Cell::text(&it.subject),
            Cell::maybe_text(it.customer.as_deref()),
            Cell::maybe_text(it.cus.as_deref()),
            Cell::maybe_text(it.meter.as_deref()),
            Cell::maybe_text(it.object.as_deref()),
            Cell::maybe_at(it.from),
            Cell::maybe_at(it.to),
            Cell::text(&it.class),
            Cell::text(&it.cause),
            Cell::maybe_count(it.recorded),
            Cell::maybe_count(it.sent),
            Cell::maybe_count(it.stripe),
            Cell::maybe_count(it.difference),
            Cell::maybe_money(it.amount),
            Cell::maybe_text(it.ours.as_deref()),
            Cell::maybe_text(it.theirs.as_deref()),
            Cell::maybe_count(it.events),
            Cell::List(it.deliveries.clone()),
            Cell::Count(it.first_run),
            Cell::Count(it.last_run),
            Cell::maybe_count(it.gone_run),
            Cell::maybe_count(it.ack_run),
            Cell::maybe_text(it.ack_by.as_deref()),
            Cell::maybe_text(it.ack.as_deref()),
            Cell::maybe_text(it.reference.as_deref()),
        ])?;
        Ok::<(), Stop>(())
    })?;
    Ok(totals)
}

pub(super) fn audit<W: Write>(
    r: &Reader<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals::new("rows of the audit chain", &[]);
    let filter = AuditFilter { from: range.from, to: range.to, ..AuditFilter::default() };
    r.audit_each(&filter, |it| {
        totals.rows += 1;
        Ok::<(), Stop>(writer.row(&audit_cells(&it))?)
    })?;
    Ok(totals)
}

/// A row for each line; an invoice without lines has one. What was paid is a matter of the whole invoice and stands on
/// its first line, so that the column adds up.
pub(super) fn invoices<W: Write>(lines: &[InvoiceLine], writer: &mut RowWriter<W>) -> Result<Totals, Stop> {
    let mut totals = Totals::new("lines of invoices", &[]);
    for it in lines {
        totals.rows += 1;
        let (invoice, line) = (&it.invoice, it.line.as_ref());
        let money = |minor: i64| it.money(minor).map_or(Cell::Count(minor), Cell::Money);
        if line.is_some() {
            totals.add_money("total", &invoice.currency, it.total());
        }
        writer.row(&[
            Cell::text(&invoice.id),
            Cell::maybe_text(invoice.number.as_deref()),
            Cell::maybe_text(it.customer.as_deref()),
            Cell::maybe_text(invoice.subscription.as_deref()),
            Cell::maybe_text(invoice.status.as_deref()),
            Cell::At(invoice.created),
            Cell::maybe_at(invoice.finalized_at),
            Cell::maybe_at(invoice.due_date),
            Cell::maybe_at(invoice.paid_at),
            Cell::maybe_text(line.map(|line| line.id.as_str())),
            Cell::maybe_text(it.tier.as_deref()),
            Cell::maybe_text(it.price_key.as_deref()),
            Cell::maybe_text(it.meter.as_deref()),
            Cell::maybe_count(line.and_then(|line| line.quantity).and_then(|it| i64::try_from(it).ok())),
            Cell::maybe_count(it.recorded),
            line.and_then(|line| line.unit_amount.clone()).map_or(Cell::Blank, Cell::Decimal),
            line.map_or(Cell::Blank, |line| money(line.amount)),
            line.map_or(Cell::Blank, |line| money(line.discount)),
            line.map_or(Cell::Blank, |line| money(line.credits)),
            line.map_or(Cell::Blank, |line| money(line.tax)),
            line.map_or(Cell::Blank, |_| money(it.total())),
            if it.is_first { money(invoice.amount_paid) } else { Cell::Blank },
        ])?;
    }
    Ok(totals)
}

/// The ledger as a journal of hledger: every entry a transaction of two legs. From the beginning on each one asserts
/// the balance that it left, so that `hledger check` proves our balances.
pub(super) fn hledger<W: Write>(r: &Reader<'_>, range: &UsageRange, out: &mut W) -> Result<Totals, Stop> {
    let mut totals = Totals::new("entries", &[("credits", "credits")]);
    let asserts = range.from.is_none();
    let range = LedgerRange { customer: range.customer, from: range.from, to: range.to };
    writeln!(out, "; paygrade: the credits ledger\n")?;
    r.ledger_each(&range, |it| {
        totals.rows += 1;
        totals.add(0, it.credits);
        let moment = it.at.to_string();
        let (date, time) = moment.split_once('T').unwrap_or((&moment, ""));
        // A colon would begin a sub-account.
        let customer = it.customer.replace('%', "%25").replace(':', "%3A");
        let account = |account: Account| match account {
            Account::Granted => format!("granted:{}", it.lot_kind.as_str()),
            Account::Available | Account::Held => format!("credits:{customer}:{}", account.as_str()),
            Account::Consumed | Account::Expired | Account::Revoked => account.as_str().to_owned(),
        };
        let (from, to) = (account(it.accounts.0), account(it.accounts.1));
        let (taken, given) = (-it.moved.0, it.moved.0);
        let asserted = |account: Account| match account {
            Account::Available if asserts => format!(" = CREDIT {}", it.balance_after),
            _ => String::new(),
        };
        writeln!(out, "{date} ({}) {} lot {}  ; at:{time}", it.entry, it.kind, it.lot.0)?;
        writeln!(out, "    {from}  CREDIT {taken}{}", asserted(it.accounts.0))?;
        writeln!(out, "    {to}  CREDIT {given}{}\n", asserted(it.accounts.1))?;
        Ok::<(), Stop>(())
    })?;
    Ok(totals)
}
