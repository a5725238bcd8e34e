//! `reconcile credits`: the ledger by itself, and beside what was paid at Stripe.

mod paid;

use std::collections::BTreeMap;

use self::paid::{Packs, Paid};

use crate::billing::compare::Subject;
use crate::billing::id::CustomerId;
use crate::billing::ledger::taken_back;
use crate::billing::money::{Currency, Money};
use crate::billing::reconcile::Class;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::compare::Seen;
use crate::flow::customer::customer_required;
use crate::store::customer::Customer;
use crate::store::sale::Sale;
use crate::store::state_finding::StateFindingNew;
use crate::store::{CustomerRow, Reader, allocation, ledger, sale, usage_credit};

/// Customers that are looked at, at most, for one list of them.
const PAGE: u32 = 1_000;
/// How far back payments of everybody are looked at where nothing else is said, in seconds.
pub const PAID_WINDOW_S: i64 = 90 * 86_400;

/// Compares the ledger with itself (sums, negatives, double grants), with what is due (allocations, uncovered usage)
/// and with the packs that were paid at Stripe: payments without grants and grants without payments. Of everybody, with
/// what was made there at `since` or later.
pub async fn credits_findings(
    desk: &Desk<'_>,
    of: Option<&CustomerId>,
    since: Timestamp,
) -> Result<(Seen, Option<CustomerRow>), Error> {
    let customers = desk.store.read(|r| customers(r, of))?;
    let scope = of.and(customers.first()).map(|it| it.row);
    let mut findings = Vec::new();
    if scope.is_none() {
        findings.extend(desk.store.read(broken)?);
    }
    findings.extend(desk.store.read(|r| due(r, desk, &customers))?);
    let before = desk.api.counts().reads;
    // One customer alone is asked for without a window: that is one page.
    let since = if of.is_none() { Some(since) } else { None };
    let cus = of.and(customers.first()).map(|it| it.cus.clone());
    let paid = match &cus {
        Some(None) => Paid::default(),
        of => Paid::of(desk, of.iter().flatten().next().map(String::as_str), since).await?,
    };
    let (sales, packs) = desk.store.read(|r| Ok::<_, Error>((r.sales(scope)?, packs(r, desk)?)))?;
    let by_cus = customers.iter().filter_map(|it| Some((it.cus.as_deref()?, it))).collect();
    findings.extend(paid::without_grant(&paid, &by_cus, &sales, &packs));
    findings.extend(paid::by_sale(desk, &customers, &sales, &paid, since).await?);
    findings.extend(of_refunds(desk, &customers, &sales).await?);
    let s = |count: u64| if count == 1 { "" } else { "s" };
    let (many, calls) =
        (u64::try_from(customers.len()).unwrap_or(u64::MAX), desk.api.counts().reads - before);
    let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
    let compared = format!(
        "the credits of {many} customer{} with {}{since} at Stripe, in {calls} call{}",
        s(many),
        paid.words(),
        s(calls)
    );
    Ok((Seen { compared, findings }, scope))
}

fn packs(r: &Reader<'_>, desk: &Desk<'_>) -> Result<Packs, Error> {
    let prices = r.pack_prices()?.into_values().map(|(price, _)| price).collect();
    Ok(Packs { prices, product_prefix: format!("{}-pack-", desk.namespace) })
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
        for (tier, month, credits) in r.allocations_in_doubt(customer.row, desk.now)? {
            found.push(StateFindingNew {
                ours: Some("not posted; the ledger that was lost may have given it".to_owned()),
                stripe: Some(format!("{credits} credits due")),
                fix: Some(format!(
                    "paygrade credits allocate {} --in-doubt --reason TEXT gives them; if they were given, paygrade reconcile ack N --reason TEXT",
                    customer.id
                )),
                ..finding(
                    Some(customer.row),
                    format!("{tier} {}", month.start),
                    Class::Unknown,
                    "allocation_in_doubt",
                )
            });
        }
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
    customers: &[Customer],
    sales: &[Sale],
) -> Result<Vec<StateFindingNew>, Error> {
    let mut found = Vec::new();
    let rows: BTreeMap<CustomerRow, &Customer> = customers.iter().map(|it| (it.row, it)).collect();
    for sale in sales {
        let (Some(lot), Some(paid)) = (sale.lot, sale.paid) else { continue };
        let Some(customer) = rows.get(&sale.customer).copied() else { continue };
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
        desk.api.run_anew();
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
