//! Packs that were paid at Stripe beside what was given for them, whatever became of the events.
//!
//! What is asked does not grow with the customers: all paid checkouts and invoices of a window, a hundred a call. Every
//! payment of ours belongs to one of the two.

use std::collections::{BTreeMap, BTreeSet};

use super::{finding, money};
use crate::billing::reconcile::Class;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::credits::sell::SALE_METADATA_KEY;
use crate::store::CustomerRow;
use crate::store::customer::Customer;
use crate::store::sale::Sale;
use crate::store::state_finding::StateFindingNew;
use crate::stripe::{CheckoutFound, CheckoutLine, CheckoutQuery, InvoiceFound, InvoiceQuery, InvoiceStatus};

/// What Stripe shows as paid outside of subscriptions.
#[derive(Debug, Default)]
pub(super) struct Paid {
    sessions: Vec<(CheckoutFound, Vec<CheckoutLine>)>,
    invoices: Vec<InvoiceFound>,
}

impl Paid {
    /// Asks Stripe: of one `cus_…` or of everybody, made at `since` or later.
    pub(super) async fn of(
        desk: &Desk<'_>,
        cus: Option<&str>,
        since: Option<Timestamp>,
    ) -> Result<Paid, Error> {
        let query = CheckoutQuery { customer: cus.map(str::to_owned), created_from: since };
        let mut sessions = desk.api.checkout_list_complete(&query).await?.value;
        sessions.retain(|(it, _)| it.is_paid && it.mode == "payment");
        desk.api.run_anew();
        let query = InvoiceQuery {
            customer: cus.map(str::to_owned),
            created_from: since,
            status: Some(InvoiceStatus::Paid),
            no_subscription: true,
            ..InvoiceQuery::default()
        };
        let mut invoices = desk.api.invoice_list(&query).await?.value;
        desk.api.run_anew();
        // A checkout may make an invoice of what it sold: one payment, named once.
        let of_sessions: BTreeSet<&str> =
            sessions.iter().filter_map(|(it, _)| it.invoice.as_deref()).collect();
        invoices.retain(|it| !of_sessions.contains(it.id.as_str()));
        Ok(Paid { sessions, invoices })
    }

    /// "1 paid checkout and 2 paid invoices".
    pub(super) fn words(&self) -> String {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let (sessions, invoices) = (self.sessions.len(), self.invoices.len());
        format!("{sessions} paid checkout{} and {invoices} paid invoice{}", s(sessions), s(invoices))
    }
}

/// What is sold: the prices of packs as they are, and the beginning of their products' ids.
pub(super) struct Packs {
    /// `price_…`.
    pub(super) prices: BTreeSet<String>,
    /// `<namespace>-pack-`.
    pub(super) product_prefix: String,
}

/// How sure it is that a payment bought a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ours {
    /// It is a sale of ours, or has a price that the catalog in force says the credits of.
    Known,
    /// It has a pack's product at a price of another time: nobody here knows how many credits that was.
    OtherPrice,
}

impl Packs {
    fn ours<'l>(&self, lines: impl Iterator<Item = (Option<&'l str>, Option<&'l str>)>) -> Option<Ours> {
        let mut found = None;
        for (price, product) in lines {
            if price.is_some_and(|price| self.prices.contains(price)) {
                return Some(Ours::Known);
            }
            if product.is_some_and(|product| product.starts_with(&self.product_prefix)) {
                found = Some(Ours::OtherPrice);
            }
        }
        found
    }
}

fn not_given(
    customer: &Customer,
    object: &str,
    (minor, currency): (i64, &str),
    ours: Ours,
) -> StateFindingNew {
    let by_hand = format!(
        "paygrade credits grant {} N --reason \"{object} was paid\" (its price is none of today's), then paygrade reconcile ack N --reason TEXT",
        customer.id
    );
    StateFindingNew {
        stripe: Some("paid".to_owned()),
        ours: Some("not granted".to_owned()),
        amount: money(minor, currency),
        fix: (ours == Ours::OtherPrice).then_some(by_hand),
        ..finding(Some(customer.row), object.to_owned(), Class::Missing, "payment_without_grant")
    }
}

/// Sales by what names them at Stripe: a session, an invoice, our key.
struct Named<'a>(BTreeMap<&'a str, &'a Sale>);

impl<'a> Named<'a> {
    fn of(sales: &'a [Sale]) -> Named<'a> {
        let names = |it: &'a Sale| [Some(it.key.as_str()), it.session.as_deref(), it.invoice.as_deref()];
        Named(
            sales.iter().flat_map(|it| names(it).into_iter().flatten().map(move |name| (name, it))).collect(),
        )
    }

    fn find(&self, object: &str, key: Option<&String>) -> Option<&'a Sale> {
        self.0.get(object).or_else(|| self.0.get(key?.as_str())).copied()
    }
}

/// Whether a payment is of ours and has no grant; `None`: it has one, or bought no pack.
fn lacking(known: Option<&Sale>, object: &str, sold: impl FnOnce() -> Option<Ours>) -> Option<Ours> {
    let Some(sale) = known else { return sold() };
    let own = [&sale.session, &sale.invoice].into_iter().flatten().any(|it| it == object);
    (sale.lot.is_none() || !own).then_some(Ours::Known)
}

/// Payments without grants, by customer. `sales` are read after Stripe was asked: what was given meanwhile is given.
pub(super) fn without_grant(
    paid: &Paid,
    customers: &BTreeMap<&str, &Customer>,
    sales: &[Sale],
    packs: &Packs,
) -> Vec<StateFindingNew> {
    let (mut found, named) = (Vec::new(), Named::of(sales));
    for (session, lines) in &paid.sessions {
        let Some(customer) = session.customer.as_deref().and_then(|cus| customers.get(cus)) else { continue };
        let key = session.reference.as_ref().or_else(|| session.metadata.get(SALE_METADATA_KEY));
        let sold = || packs.ours(lines.iter().map(|it| (Some(it.price.as_str()), Some(it.product.as_str()))));
        let ours = lacking(named.find(&session.id, key), &session.id, sold);
        let money = (session.amount_total.unwrap_or(0), session.currency.as_deref().unwrap_or_default());
        found.extend(ours.map(|ours| not_given(customer, &session.id, money, ours)));
    }
    for invoice in &paid.invoices {
        let Some(customer) = invoice.customer.as_deref().and_then(|cus| customers.get(cus)) else { continue };
        let key = invoice.metadata.get(SALE_METADATA_KEY);
        let sold = || packs.ours(invoice.lines.iter().map(|it| (it.price.as_deref(), it.product.as_deref())));
        let ours = lacking(named.find(&invoice.id, key), &invoice.id, sold);
        let money = (invoice.amount_paid, invoice.currency.as_str());
        found.extend(ours.map(|ours| not_given(customer, &invoice.id, money, ours)));
    }
    found
}

/// Grants of the window whose payment Stripe does not show as paid, and invoices of ours from before it that were paid
/// since. Each one that seems so is asked for once more: it may have been paid after the lists were read.
pub(super) async fn by_sale(
    desk: &Desk<'_>,
    customers: &[Customer],
    sales: &[Sale],
    paid: &Paid,
    since: Option<Timestamp>,
) -> Result<Vec<StateFindingNew>, Error> {
    let mut found = Vec::new();
    let listed: BTreeSet<&str> = paid.sessions.iter().map(|(it, _)| it.id.as_str()).collect();
    let listed: BTreeSet<&str> = paid.invoices.iter().map(|it| it.id.as_str()).chain(listed).collect();
    let rows: BTreeMap<CustomerRow, &Customer> = customers.iter().map(|it| (it.row, it)).collect();
    for sale in sales {
        let Some(customer) = rows.get(&sale.customer).copied() else { continue };
        let Some(object) = sale.session.as_deref().or(sale.invoice.as_deref()) else { continue };
        if listed.contains(object) {
            continue;
        }
        let is_old = since.is_some_and(|since| sale.created_at < since);
        let paid_late = is_old && sale.state == "open" && sale.session.is_none();
        if !paid_late && (is_old || sale.lot.is_none()) {
            continue;
        }
        desk.api.run_anew();
        match (there(desk, sale, object).await?, sale.lot.is_some()) {
            (There::Paid(minor), false) => {
                found.push(not_given(customer, object, (minor, &sale.currency), Ours::Known));
            }
            (There::Not(says), true) => found.push(super::unpaid(customer, sale, object, says)),
            _ => (),
        }
    }
    Ok(found)
}

enum There {
    Paid(i64),
    Not(&'static str),
}

async fn there(desk: &Desk<'_>, sale: &Sale, object: &str) -> Result<There, Error> {
    let (asked, gone) = match sale.session {
        Some(_) => {
            let asked = desk.api.checkout_retrieve(object).await;
            (
                asked.map(|it| it.value.is_paid.then_some(it.value.amount_total.unwrap_or(0))),
                "no such session",
            )
        }
        None => {
            let asked = desk.api.invoice_retrieve(object).await;
            let paid = |it: InvoiceFound| (it.status.as_deref() == Some("paid")).then_some(it.amount_paid);
            (asked.map(|it| paid(it.value)), "no such invoice")
        }
    };
    match asked {
        Ok(Some(minor)) => Ok(There::Paid(minor)),
        Ok(None) => Ok(There::Not("not paid")),
        Err(failure) if failure.is_missing() => Ok(There::Not(gone)),
        Err(failure) => Err(failure.into()),
    }
}
