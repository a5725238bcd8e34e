//! The rows of each export, as cells.

use std::fmt;
use std::io::Write;

use super::Stop;
use crate::billing::delivery::State;
use crate::billing::ledger::Account;
use crate::store::Reader;
use crate::store::delivery::DeliveryFilter;
use crate::store::ledger::LedgerRange;
use crate::store::usage_export::UsageRange;
use crate::ui::{Cell, RowWriter};

pub(super) const USAGE: &[&str] = &[
    "event",
    "customer",
    "meter",
    "quantity",
    "at",
    "recorded_at",
    "action",
    "user",
    "import_run",
    "line",
    "span",
    "exempt_reason",
    "over_quota",
    "delivery",
    "voided_by",
];
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

/// What an export holds.
pub(super) struct Totals {
    rows: u64,
    what: &'static str,
    sum: i128,
    of: &'static str,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {} {}", self.rows, self.what, self.sum, self.of)
    }
}

pub(super) fn usage<W: Write>(
    r: &Reader<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals { rows: 0, what: "usage events", sum: 0, of: "units" };
    r.usage_each(range, |it| {
        totals.rows += 1;
        totals.sum += i128::from(it.quantity);
        writer.row(&[
            Cell::text(&it.event),
            Cell::text(it.customer),
            Cell::text(it.meter),
            Cell::Count(it.quantity),
            Cell::AtMicros(it.at),
            Cell::At(it.recorded_at),
            Cell::maybe_text(it.action),
            Cell::maybe_text(it.user),
            Cell::Count(it.run),
            Cell::maybe_count(it.line),
            Cell::maybe_count(it.span),
            Cell::maybe_text(it.exempt),
            Cell::Flag(it.over_quota),
            Cell::maybe_count(it.delivery),
            Cell::maybe_text(it.voided_by.as_deref()),
        ])?;
        Ok::<(), Stop>(())
    })?;
    Ok(totals)
}

pub(super) fn deliveries<W: Write>(
    r: &Reader<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals { rows: 0, what: "deliveries", sum: 0, of: "units accepted" };
    let UsageRange { customer, meter, from, to } = *range;
    let filter = DeliveryFilter { customer, meter, from, to, ..DeliveryFilter::default() };
    r.delivery_each(&filter, |it| {
        totals.rows += 1;
        if it.progress.state == State::Accepted {
            totals.sum += i128::from(it.value);
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
    let mut totals = Totals { rows: 0, what: "entries", sum: 0, of: "credits" };
    let range = LedgerRange { customer: range.customer, from: range.from, to: range.to };
    r.ledger_each(&range, |it| {
        totals.rows += 1;
        totals.sum += i128::from(it.credits);
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

/// The ledger as a journal of hledger: every entry a transaction of two legs. From the beginning on each one asserts
/// the balance that it left, so that `hledger check` proves our balances.
pub(super) fn hledger<W: Write>(r: &Reader<'_>, range: &UsageRange, mut out: W) -> Result<Totals, Stop> {
    let mut totals = Totals { rows: 0, what: "entries", sum: 0, of: "credits" };
    let asserts = range.from.is_none();
    let range = LedgerRange { customer: range.customer, from: range.from, to: range.to };
    writeln!(out, "; paygrade: the credits ledger\n")?;
    r.ledger_each(&range, |it| {
        totals.rows += 1;
        totals.sum += i128::from(it.credits);
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
    out.flush()?;
    Ok(totals)
}
