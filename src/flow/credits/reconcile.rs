//! `reconcile credits`: the ledger by itself, and beside what was paid at Stripe.

use std::collections::BTreeMap;

use crate::billing::compare::Subject;
use crate::billing::id::CustomerId;
use crate::billing::ledger::taken_back;
use crate::billing::money::{Currency, Money};
use crate::billing::reconcile::Class;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::compare::Seen;
use crate::flow::customer::customer_required;
use crate::store::customer::Customer;
use crate::store::sale::Sale;
use crate::store::state_finding::StateFindingNew;
use crate::store::{CustomerRow, Reader, allocation, ledger, sale, usage_credit};
use crate::stripe::{CheckoutFound, InvoiceQuery};

/// Customers that are looked at, at most, for one list of them.
const PAGE: u32 = 1_000;

/// Compares the ledger with itself (sums, negatives, double grants), with what is due (allocations, uncovered usage)
/// and with the packs that were paid at Stripe: payments without grants and grants without payments.
pub async fn credits_findings(
    desk: &Desk<'_>,
    of: Option<&CustomerId>,
) -> Result<(Seen, Option<CustomerRow>), Error> {
    let customers = desk.store.read(|r| customers(r, of))?;
    let scope = of.and(customers.first()).map(|it| it.row);
    let mut findings = Vec::new();
    if scope.is_none() {
        findings.extend(desk.store.read(broken)?);
    }
    findings.extend(desk.store.read(|r| due(r, desk, &customers))?);
    let mut payments = 0;
    for customer in &customers {
        let Some(cus) = &customer.cus else { continue };
        let sales = desk.store.read(|r| r.sales(Some(customer.row)))?;
        let sessions = desk.api.checkout_list(cus).await?.value;
        payments += sessions.iter().filter(|it| it.is_paid && it.mode == "payment").count();
        findings.extend(of_sessions(desk, customer, &sales, &sessions).await?);
        findings.extend(of_invoices(desk, customer, cus, &sales).await?);
        findings.extend(of_refunds(desk, customer, &sales).await?);
        desk.api.run_anew();
    }
    let s = |count: usize| if count == 1 { "" } else { "s" };
    let compared = format!(
        "the credits of {} customer{} with {payments} paid checkout{} at Stripe",
        customers.len(),
        s(customers.len()),
        s(payments)
    );
    Ok((Seen { compared, findings }, scope))
}

fn customers(r: &Reader<'_>, of: Option<&CustomerId>) -> Result<Vec<Customer>, Error> {
    if let Some(id) = of {
        return Ok(vec![customer_required(r, id)?]);
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = r.customer_list(after.as_ref(), PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.id.clone());
        all.extend(page);
    }
}

fn finding(customer: Option<CustomerRow>, object: String, class: Class, cause: &str) -> StateFindingNew {
    StateFindingNew {
        subject: Subject::Credits,
        customer,
        object,
        class,
        cause: cause.to_owned(),
        ours: None,
        stripe: None,
        amount: None,
        fix: None,
    }
}

/// Invariants of the ledger that do not hold.
fn broken(r: &Reader<'_>) -> Result<Vec<StateFindingNew>, Error> {
    let groups = [ledger::CHECKS, allocation::CHECKS, sale::CHECKS, usage_credit::CHECKS];
    let ours: Vec<&str> = groups.iter().flat_map(|group| group.iter()).map(|check| check.says).collect();
    let found = r.checks_run()?.into_iter().filter(|it| ours.contains(&it.says));
    let of_check = |it: crate::store::checks::Finding| {
        it.breaches.into_iter().map(move |breach| StateFindingNew {
            ours: Some(breach.clone()),
            stripe: Some(it.says.to_owned()),
            fix: Some("paygrade doctor".to_owned()),
            ..finding(None, breach, Class::Value, "broken_invariant")
        })
    };
    Ok(found.flat_map(of_check).collect())
}

/// Months that are due and were not posted, and usage that no credits paid.
fn due(r: &Reader<'_>, desk: &Desk<'_>, customers: &[Customer]) -> Result<Vec<StateFindingNew>, Error> {
    let mut found = Vec::new();
    for customer in customers {
        for (tier, month, credits) in r.allocations_due(customer.row, desk.now)? {
            found.push(StateFindingNew {
                ours: Some("not posted".to_owned()),
                stripe: Some(format!("{credits} credits due")),
                fix: Some(format!("paygrade credits allocate {}", customer.id)),
                ..finding(
                    Some(customer.row),
                    format!("{tier} {}", month.start),
                    Class::Missing,
                    "not_allocated",
                )
            });
        }
    }
    let rows: BTreeMap<CustomerRow, &Customer> = customers.iter().map(|it| (it.row, it)).collect();
    for (row, meter, start, due, posted) in r.usage_credits_uncovered()? {
        let Some(customer) = rows.get(&row) else { continue };
        found.push(StateFindingNew {
            ours: Some(format!("{posted} of {due} credits taken, {} uncovered", due - posted)),
            fix: Some(format!(
                "paygrade credits revoke {} {} --reason \"uncovered usage\" (once there are some), then paygrade reconcile ack N --reason TEXT",
                customer.id,
                due - posted
            )),
            ..finding(Some(row), format!("{meter} {start}"), Class::Value, "uncovered")
        });
    }
    Ok(found)
}

fn money(minor: i64, currency: &str) -> Option<Money> {
    Currency::parse(currency).map(|currency| Money { minor, currency })
}

/// Paid sessions without a grant, and grants of sessions that Stripe does not show as paid.
async fn of_sessions(
    desk: &Desk<'_>,
    customer: &Customer,
    sales: &[Sale],
    sessions: &[CheckoutFound],
) -> Result<Vec<StateFindingNew>, Error> {
    let mut found = Vec::new();
    let prices = desk.store.read(|r| r.pack_prices())?;
    for session in sessions.iter().filter(|it| it.is_paid && it.mode == "payment") {
        let known = sales.iter().find(|sale| {
            sale.session.as_ref() == Some(&session.id) || session.reference.as_ref() == Some(&sale.key)
        });
        let is_ours = match known {
            Some(sale) if sale.lot.is_some() && sale.session.as_ref() == Some(&session.id) => continue,
            Some(_) => true,
            None => {
                let lines = desk.api.checkout_lines(&session.id).await?.value;
                lines.iter().any(|(price, _)| prices.values().any(|(known, _)| known == price))
            }
        };
        if is_ours {
            let currency = session.currency.as_deref().unwrap_or_default();
            found.push(StateFindingNew {
                stripe: Some("paid".to_owned()),
                ours: Some("not granted".to_owned()),
                amount: session.amount_total.and_then(|minor| money(minor, currency)),
                fix: Some("paygrade webhook backfill && paygrade webhook process".to_owned()),
                ..finding(Some(customer.row), session.id.clone(), Class::Missing, "payment_without_grant")
            });
        }
    }
    for sale in sales.iter().filter(|sale| sale.lot.is_some()) {
        let Some(session) = &sale.session else { continue };
        let there = sessions.iter().find(|it| it.id == *session);
        if there.is_none_or(|it| !it.is_paid) {
            found.push(unpaid(customer, sale, session, there.map_or("no such session", |_| "not paid")));
        }
    }
    Ok(found)
}

fn unpaid(customer: &Customer, sale: &Sale, object: &str, says: &str) -> StateFindingNew {
    let lot = sale.lot.map_or(0, |lot| lot.0);
    StateFindingNew {
        ours: Some(format!("{} credits granted", sale.credits)),
        stripe: Some(says.to_owned()),
        amount: money(sale.amount, &sale.currency),
        fix: Some(format!("paygrade credits revoke --lot {lot} {} --reason \"not paid\"", sale.credits)),
        ..finding(Some(customer.row), object.to_owned(), Class::Extra, "grant_without_payment")
    }
}

/// Packs that were paid back at Stripe while their credits were not taken back as far as the lot still has some.
async fn of_refunds(
    desk: &Desk<'_>,
    customer: &Customer,
    sales: &[Sale],
) -> Result<Vec<StateFindingNew>, Error> {
    let mut found = Vec::new();
    for sale in sales {
        let (Some(lot), Some(paid)) = (sale.lot, sale.paid) else { continue };
        let left = desk.store.read(|r| r.lot_available(lot))?;
        if left.0 == 0 {
            continue;
        }
        let payment = match (&sale.payment, &sale.invoice) {
            (Some(payment), _) => Some(payment.clone()),
            (None, Some(invoice)) => desk.api.invoice_payments(invoice).await?.value.into_iter().next(),
            (None, None) => None,
        };
        let Some(payment) = payment else { continue };
        let refunded = desk.api.payment_refunded(&payment).await?.value;
        let back = taken_back(sale.credits, paid, refunded).0.saturating_sub(sale.revoked.0).min(left.0);
        if back > 0 {
            found.push(StateFindingNew {
                ours: Some(format!("{} of {} credits taken back", sale.revoked, sale.credits)),
                stripe: Some(format!("{refunded} of {paid} paid back")),
                amount: money(refunded, &sale.currency),
                fix: Some("paygrade webhook backfill && paygrade webhook process".to_owned()),
                ..finding(Some(customer.row), payment, Class::Extra, "refund_without_revoke")
            });
        }
    }
    Ok(found)
}

/// The same for packs that are paid by an invoice.
async fn of_invoices(
    desk: &Desk<'_>,
    customer: &Customer,
    cus: &str,
    sales: &[Sale],
) -> Result<Vec<StateFindingNew>, Error> {
    let mut found = Vec::new();
    if sales.iter().all(|sale| sale.invoice.is_none()) {
        return Ok(found);
    }
    let query = InvoiceQuery { customer: Some(cus.to_owned()), ..InvoiceQuery::default() };
    let invoices = desk.api.invoice_list(&query).await?.value;
    for sale in sales.iter().filter(|sale| sale.session.is_none()) {
        let Some(id) = &sale.invoice else { continue };
        let there = invoices.iter().find(|it| it.id == *id);
        let is_paid = there.is_some_and(|it| it.status.as_deref() == Some("paid"));
        match (is_paid, sale.lot.is_some()) {
            (true, false) => found.push(StateFindingNew {
                stripe: Some("paid".to_owned()),
                ours: Some("not granted".to_owned()),
                amount: there.and_then(|it| money(it.amount_paid, &it.currency)),
                fix: Some("paygrade webhook backfill && paygrade webhook process".to_owned()),
                ..finding(Some(customer.row), id.clone(), Class::Missing, "payment_without_grant")
            }),
            (false, true) => {
                found.push(unpaid(customer, sale, id, there.map_or("no such invoice", |_| "not paid")));
            }
            _ => (),
        }
    }
    Ok(found)
}
