//! `explain`: everything about one customer on one page, and the first broken link to a right bill.
//!
//! The store answers first, in one read; what Stripe says is added where it can be asked.

mod abroad;
mod page;

use super::Desk;
use super::compare::look_again;
use super::names::did_you_mean;
use crate::billing::compare::{Mend, differences};
use crate::billing::delivery::State;
use crate::billing::explain::{Facts, Standing, chain};
use crate::billing::id::CustomerId;
use crate::billing::money::{Currency, Money};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::store::Reader;
use crate::store::customer::Customer;
use crate::store::delivery::DeliveryFilter;
use crate::store::explain::RefFound;
use crate::store::finding::Finding;
use crate::store::inbox::InboxFilter;
use crate::store::intent::IntentKind;
use crate::stripe::{PreviewAsk, PreviewFound};

pub use abroad::{logged, look_up};
pub use page::{Line, page};

/// Most deliveries that are looked at for each state.
const DELIVERIES_MAX: usize = 1_000;
/// The code of a reference that the store does not know.
pub const UNKNOWN: &str = "unknown_reference";

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// The customer.
    pub customer: Customer,
    /// What the reference stands for, where it is not the customer itself.
    pub by: Option<RefFound>,
    /// What to type about it, where only Stripe knew it.
    pub next: Option<String>,
}

/// Finds whose a reference is: an own id first, then an e-mail address, then ids of Stripe's and numbers of ours.
///
/// # Errors
/// 3 where nothing is known of it, or where it is of several customers or of none.
pub fn meant(r: &Reader<'_>, text: &str) -> Result<Meant, Error> {
    let own = match CustomerId::parse(text) {
        Ok(id) => r.customer_by_id(&id)?,
        Err(_) => None,
    };
    if let Some(customer) = own {
        return Ok(Meant { customer, by: None, next: None });
    }
    let unknown = |what: String| Error::new(Kind::BadInput, UNKNOWN, what);
    if text.contains('@') && !text.contains(':') {
        let mut found = r.customers_by_email(text)?;
        return match (found.pop(), found.pop()) {
            (Some(customer), None) => Ok(Meant { customer, by: None, next: None }),
            (Some(second), Some(first)) => {
                Err(unknown(format!("{text} is the address of {} and of {}", first.id, second.id))
                    .hint("give the own id"))
            }
            _ => Err(unknown(format!("no customer has the address {text}"))
                .hint("`paygrade customer list` shows them")),
        };
    }
    let Some(found) = r.ref_find(text)? else {
        if text.starts_with("req_") {
            return Err(abroad::request_unknown(text));
        }
        let near = did_you_mean(text, r.customer_ids()?.iter().map(String::as_str));
        return Err(unknown(format!("nothing is known of `{}`{near}", super::names::shown(text))).hint(
            "give an own id, an e-mail address, an id of Stripe's, or delivery:N, lot:N, grant:N, hold:N, entry:N, finding:N, run:N",
        ));
    };
    match found.customer {
        Some(row) => Ok(Meant { customer: r.customer_get(row)?, by: Some(found), next: None }),
        None => {
            let says = found.says.clone().map(|says| format!(" ({says})")).unwrap_or_default();
            Err(unknown(format!("{text} is {}{says}, and of no single customer", abroad::a(found.kind)))
                .hint("`paygrade runs show N` and `paygrade webhook show evt_…` show such things"))
        }
    }
}

/// What the store knows, link by link.
pub fn facts(r: &Reader<'_>, customer: &Customer, now: Timestamp) -> Result<Facts, Error> {
    let open = r.assignment_open(customer.row)?;
    let tier = match &open {
        Some(open) => Some((open.revision.to_string(), r.revision_terms(&open.revision)?.is_some())),
        None => None,
    };
    let sub = open.as_ref().and_then(|open| open.sub.clone());
    let status = match &sub {
        Some(sub) => r.subscription_get(sub)?.map(|it| it.status),
        None => None,
    };
    let unfinished = r.intent_open(customer.row, IntentKind::Tier)?;
    let unfinished = unfinished.map(|it| super::assign::unfinished(&customer.id, &it));
    let invoices = r.invoices_of(customer.row)?;
    let owed = invoices.into_iter().filter(|it| it.status == "open");
    let mut stuck = Vec::new();
    for state in [State::Rejected, State::Unknown, State::TooLate, State::Late] {
        let filter =
            DeliveryFilter { customer: Some(customer.row), state: Some(state), ..DeliveryFilter::default() };
        let (found, _) = r.delivery_list(&filter, DELIVERIES_MAX)?;
        if !found.is_empty() {
            stuck.push((state.as_str().to_owned(), i64::try_from(found.len()).unwrap_or(i64::MAX)));
        }
    }
    let overdue = r.usage_uncovered(Some(customer.row), None, 0, now)?;
    let overdue = overdue.iter().filter(|it| it.must_arrive_by <= now).count();
    if overdue > 0 {
        stuck.push(("not sent in time".to_owned(), i64::try_from(overdue).unwrap_or(i64::MAX)));
    }
    let mut findings = Vec::new();
    for it in r.findings_open_of(customer.row)?.iter().filter(|it| it.ack.is_none()) {
        findings.extend(it.fix().map(|command| (it.finding, differs(it), command)));
    }
    for it in r.state_findings_open(Some(customer.row))?.iter().filter(|it| it.ack.is_none()) {
        findings.push((
            it.finding,
            format!("{} {} of {}", it.new.class, it.new.cause, it.new.object),
            it.fix(),
        ));
    }
    let count = |state: crate::billing::inbox::State| {
        let filter =
            InboxFilter { customer: Some(customer.row), state: Some(state), ..InboxFilter::default() };
        r.inbox_list(&filter, 1).map(|(_, all)| all)
    };
    use crate::billing::inbox::State as Webhook;
    let waiting = count(Webhook::New)? + count(Webhook::Failed)? + count(Webhook::Handling)?;
    Ok(Facts {
        customer: customer.id.to_string(),
        cus: customer.cus.clone(),
        at_stripe: None,
        tier,
        unfinished,
        status,
        sub,
        differences: None,
        owed: owed.map(|it| (it.invoice, it.first_failed_at.is_some())).collect(),
        stuck,
        findings,
        allocations_due: r.allocations_due(customer.row, now)?.len(),
        webhooks_dead: count(Webhook::Dead)?,
        webhooks_waiting: waiting,
    })
}

/// A finding about usage in words.
fn differs(it: &Finding) -> String {
    let amount = it.amount.map(|amount| format!(", {amount}")).unwrap_or_default();
    let more = if it.difference > 0 { "+" } else { "" };
    format!("{} {}, {more}{} units of {}{amount}", it.class, it.cause, it.difference, it.meter_key)
}

/// What Stripe adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// What differs from the store: what, and the command.
    pub differences: Vec<(String, String)>,
    /// Whether the customer is there.
    pub is_there: bool,
    /// The next invoice of its subscription.
    pub next: Option<PreviewFound>,
}

impl Asked {
    /// What the next invoice comes to.
    pub fn next_total(&self) -> Option<Money> {
        let next = self.next.as_ref()?;
        Currency::parse(&next.currency).map(|currency| Money { minor: next.total, currency })
    }
}

/// Asks Stripe about the customer.
pub async fn ask(desk: &Desk<'_>, customer: &Customer, sub: Option<&str>) -> Result<Asked, Error> {
    let Some(cus) = &customer.cus else { return Ok(Asked::default()) };
    let looked = look_again(desk, customer.clone()).await?;
    let told = |it: &crate::billing::compare::Difference| {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        let says = format!("{}: here {}, at Stripe {}", it.cause, side(&it.ours), side(&it.stripe));
        let command = match &it.mend {
            // Whoever is sent here is not sent here again.
            Mend::Person { command, .. } if !command.starts_with("paygrade explain") => command.clone(),
            _ => format!("paygrade reconcile tiers --customer {}", customer.id),
        };
        (says, command)
    };
    let differences = differences(&looked.here, &looked.there, desk.now).iter().map(told).collect();
    let live = sub.filter(|sub| looked.there.subs.iter().any(|it| it.sub == **sub && it.lasts()));
    let next = match live {
        Some(sub) => {
            let ask = PreviewAsk {
                customer: cus.clone(),
                subscription: Some(sub.to_owned()),
                ..PreviewAsk::default()
            };
            // There may be none, of a subscription that ends.
            desk.api.invoice_preview(&ask).await.ok().map(|it| it.value)
        }
        None => None,
    };
    Ok(Asked { differences, is_there: !looked.there.is_gone, next })
}

/// The chain with what Stripe added.
pub fn standings(mut facts: Facts, asked: Option<&Asked>) -> Vec<Standing> {
    if let Some(asked) = asked.filter(|_| facts.cus.is_some()) {
        facts.at_stripe = Some(asked.is_there);
        facts.differences = Some(asked.differences.clone());
    }
    chain(&facts)
}
