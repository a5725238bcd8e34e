//! Invoices at Stripe line by line, each beside what the store recorded for it.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Desk;
use super::names::unknown_customer;
use crate::billing::id::CustomerId;
use crate::billing::money::{Currency, Money};
use crate::billing::period::Period;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::customer::Customer;
use crate::store::{CustomerRow, Reader};
use crate::stripe::{InvoiceFound, InvoiceLineFound, InvoiceQuery};

/// One line of an invoice; an invoice without lines has one of these all the same.
#[derive(Debug, Clone)]
pub struct InvoiceLine {
    /// The invoice, without its lines.
    pub invoice: Rc<InvoiceFound>,
    /// Whether it is the first of its invoice.
    pub is_first: bool,
    /// The line.
    pub line: Option<InvoiceLineFound>,
    /// Own id of the customer, where it is one of ours.
    pub customer: Option<String>,
    /// The tier whose price it is.
    pub tier: Option<String>,
    /// The price's key: month, year, `usage.<meter>`, `pack.<pack>`.
    pub price_key: Option<String>,
    /// The meter that it bills.
    pub meter: Option<String>,
    /// Units of that meter recorded under this price in the line's period, by now. Stripe makes several lines of one
    /// amount of usage (a band each): it stands on the first of them.
    pub recorded: Option<i64>,
}

impl InvoiceLine {
    /// An amount in the invoice's currency.
    pub fn money(&self, minor: i64) -> Option<Money> {
        Currency::parse(&self.invoice.currency).map(|currency| Money { minor, currency })
    }
    /// What the line comes to: after discounts and credits, with the tax that is not in its price. 0 without a line.
    pub fn total(&self) -> i64 {
        let line = self.line.as_ref();
        line.map_or(0, |it| it.amount - it.discount - it.credits + it.tax_on_top)
    }
}

/// Reads invoices with all their lines, oldest first, of one customer or of all, made in a stretch of time.
pub async fn invoice_lines(
    desk: &Desk<'_>,
    customer: Option<&CustomerId>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<InvoiceLine>, Error> {
    let cus = match customer {
        None => None,
        Some(id) => match desk.store.read(|r| r.customer_by_id(id))? {
            None => return Err(unknown_customer(&desk.store.read(|r| r.usage_names())?, id.as_str())),
            Some(Customer { cus: None, .. }) => return Ok(Vec::new()),
            Some(found) => found.cus,
        },
    };
    let query = InvoiceQuery { customer: cus, created_from: from, ..InvoiceQuery::default() };
    let mut invoices = desk.api.invoice_list(&query).await?.value;
    invoices.retain(|it| to.is_none_or(|to| it.created < to));
    invoices.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    desk.store.read(|r| {
        let mut lines = Vec::new();
        for invoice in invoices {
            lines.extend(lines_of(r, invoice)?);
        }
        Ok(lines)
    })
}

fn lines_of(r: &Reader<'_>, mut invoice: InvoiceFound) -> Result<Vec<InvoiceLine>, Error> {
    let customer = match &invoice.customer {
        Some(cus) => r.customer_by_cus(cus)?,
        None => None,
    };
    let found = std::mem::take(&mut invoice.lines);
    let bare = InvoiceLine {
        invoice: Rc::new(invoice),
        is_first: true,
        line: None,
        customer: customer.as_ref().map(|it| it.id.to_string()),
        tier: None,
        price_key: None,
        meter: None,
        recorded: None,
    };
    if found.is_empty() {
        return Ok(vec![bare]);
    }
    let mut told = BTreeSet::new();
    let mut lines = Vec::with_capacity(found.len());
    for (at, line) in found.into_iter().enumerate() {
        let mut it = InvoiceLine { is_first: at == 0, ..bare.clone() };
        if let Some(sold) = line.price.as_deref().map(|price| r.price_sold(price)).transpose()?.flatten() {
            it.tier = sold.tier;
            it.meter = sold.key.strip_prefix("usage.").map(str::to_owned);
            it.price_key = Some(sold.key);
        }
        let period = Period { start: line.period_start, end: line.period_end };
        let place = (line.item.clone(), line.price.clone(), period.start, period.end);
        let row = customer.as_ref().map(|it| it.row);
        if !line.proration && told.insert(place) {
            it.recorded = recorded(r, row, it.meter.as_deref(), line.price.as_deref(), period)?;
        }
        it.line = Some(line);
        lines.push(it);
    }
    Ok(lines)
}

fn recorded(
    r: &Reader<'_>,
    customer: Option<CustomerRow>,
    meter: Option<&str>,
    price: Option<&str>,
    period: Period,
) -> Result<Option<i64>, Error> {
    let (Some(customer), Some(meter), Some(price)) = (customer, meter, price) else { return Ok(None) };
    Ok(Some(r.usage_recorded_at(customer, meter, price, period)?))
}
