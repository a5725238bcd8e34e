//! The lines of the page, from the store alone.

use super::Meant;
use crate::billing::catalog::Limit;
use crate::billing::delivery::State;
use crate::billing::money::{Currency, Money};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::assign::catalog_required;
use crate::flow::customer::list::customer_view;
use crate::flow::overrides::list;
use crate::flow::usage_show::{Filter, Which, usage_show};
use crate::store::delivery::DeliveryFilter;
use crate::store::inbox::InboxFilter;
use crate::store::overrides::OverrideRow;
use crate::store::{Reader, Store};

/// Most lines of one part.
const PART_MAX: u32 = 5;
/// States of deliveries that Stripe has not confirmed.
const NOT_CONFIRMED: &[State] =
    &[State::Due, State::Sending, State::Unknown, State::Late, State::TooLate, State::Rejected];

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which part of the page.
    pub part: &'static str,
    /// What.
    pub what: String,
    /// Its value.
    pub value: String,
    /// What to type about it.
    pub next: Option<String>,
}

/// Collects lines.
struct Page {
    lines: Vec<Line>,
}

impl Page {
    fn put(&mut self, part: &'static str, what: impl Into<String>, value: impl Into<String>) {
        self.lines.push(Line { part, what: what.into(), value: value.into(), next: None });
    }
}

/// Everything that the store knows of a customer.
pub fn page(store: &Store, it: &Meant, now: Timestamp) -> Result<Vec<Line>, Error> {
    let mut page = Page { lines: Vec::new() };
    store.read(|r| {
        head(&mut page, r, it, now)?;
        terms(&mut page, r, it, now)
    })?;
    let filter = Filter { customer: Some(it.customer.id.clone()), meter: None, which: Which::Current };
    for used in usage_show(store, now, &filter)? {
        let included = used.included.map(|included| format!(" of {included} included")).unwrap_or_default();
        let cost = used.cost.map(|cost| format!(", {cost} so far")).unwrap_or_default();
        let value = format!("{} used{included}, {} sent{cost}", used.used, used.sent);
        page.put("use", used.meter, value);
    }
    store.read(|r| {
        credits(&mut page, r, it, now)?;
        deliveries(&mut page, r, it)?;
        bills(&mut page, r, it)?;
        recent(&mut page, r, it)
    })?;
    Ok(page.lines)
}

fn head(page: &mut Page, r: &Reader<'_>, it: &Meant, now: Timestamp) -> Result<(), Error> {
    let customer = &it.customer;
    if let Some(by) = &it.by {
        let value = by.says.clone().unwrap_or_default();
        let next = it.next.clone();
        page.lines.push(Line { part: "reference", what: by.kind.to_owned(), value, next });
    }
    page.put(
        "customer",
        customer.id.as_str(),
        customer.cus.clone().unwrap_or_else(|| "not at Stripe".to_owned()),
    );
    if let Some(email) = &customer.email {
        page.put("customer", "email", email);
    }
    let view = customer_view(r, customer.clone(), now)?;
    let Some(on) = &view.assignment else {
        page.put("tier", "none", "on no tier");
        return Ok(());
    };
    let seats = on.seats.map(|seats| format!(", {seats} seats")).unwrap_or_default();
    let interval = on.interval.map(|interval| format!(" a {}", interval.as_str())).unwrap_or_default();
    page.put("tier", on.revision.to_string(), format!("since {}{interval}{seats}", on.from_at));
    let period = view.period.map(|it| format!(", {} to {}", it.start, it.end)).unwrap_or_default();
    let ends = view.subscription.as_ref().and_then(|it| it.cancel_at);
    let ends = ends.map(|at| format!(", ends {at}")).unwrap_or_default();
    let status = view.status().unwrap_or("none");
    page.put(
        "status",
        on.sub.clone().unwrap_or_else(|| "no subscription".to_owned()),
        format!("{status}{period}{ends}"),
    );
    if let Some(waits) = view.pending_words() {
        page.put("status", "waits", waits);
    }
    if let Some(mrr) = view.mrr {
        page.put("status", "per month", mrr.to_string());
    }
    Ok(())
}

/// What the tier gives.
fn terms(page: &mut Page, r: &Reader<'_>, it: &Meant, now: Timestamp) -> Result<(), Error> {
    let Some(on) = r.assignment_open(it.customer.row)? else { return Ok(()) };
    if let Some(tier) = catalog_required(r)?.tiers.get(&on.revision.tier) {
        for feature in &tier.features {
            page.put("entitlement", feature.as_str(), "yes");
        }
    }
    let terms = r.revision_terms(&on.revision)?.map(|(terms, _)| terms).unwrap_or_default();
    let overrides = list(r, Some(&it.customer.id), false, now)?;
    for (key, limit) in &terms.limits {
        if !overrides.iter().any(|it| it.row.says.limit == *key) {
            page.put("limit", key.as_str(), limit_words(*limit));
        }
    }
    for it in overrides {
        let OverrideRow { says, reason, .. } = it.row;
        let until = says.until.map(|at| format!(" until {at}")).unwrap_or_default();
        let tier = it.tier_says.map(|it| format!("; the tier says {}", limit_words(it))).unwrap_or_default();
        let value = says.value.map(limit_words).unwrap_or_default();
        page.put("limit", says.limit.as_str(), format!("{value}{until} ({reason}){tier}"));
    }
    Ok(())
}

fn limit_words(limit: Limit) -> String {
    match limit {
        Limit::AtMost(most) => format!("at most {most}"),
        Limit::Unlimited => "unlimited".to_owned(),
    }
}

fn credits(page: &mut Page, r: &Reader<'_>, it: &Meant, now: Timestamp) -> Result<(), Error> {
    let (book, now) = r.ledger_book(it.customer.row, now)?;
    for lot in book.lots().iter().filter(|lot| lot.is_live(now) || lot.held.0 > 0) {
        let end = lot.expires_at.map(|end| format!(", until {end}")).unwrap_or_default();
        let held = if lot.held.0 > 0 { format!(", {} held", lot.held.0) } else { String::new() };
        let value = format!("{} of {} left{held}{end}", lot.available.0, lot.granted.0);
        page.put("credits", format!("lot:{} {}", lot.id.0, lot.kind.as_str()), value);
    }
    for (hold, left, until) in r.credit_holds_of(it.customer.row, now)? {
        page.put("hold", hold.to_string(), format!("{left} credits until {until}"));
    }
    let waits = |sale: &crate::store::sale::Sale| matches!(sale.state.as_str(), "begun" | "open");
    for sale in r.sales(Some(it.customer.row))?.iter().filter(|sale| waits(sale)) {
        let where_to = sale.url.as_deref().map(|url| format!(" at {url}")).unwrap_or_default();
        page.put("pack", format!("sale:{} {}", sale.sale, sale.pack), format!("to be paid{where_to}"));
    }
    for grant in r.stripe_grants_of(it.customer.row)?.iter().rev().take(PART_MAX as usize) {
        let amount = Currency::parse(&grant.new.currency)
            .map(|currency| Money { minor: grant.new.amount, currency }.to_string());
        let end = grant.new.expires_at.map(|end| format!(", until {end}")).unwrap_or_default();
        let what = grant.grant_id.clone().unwrap_or_else(|| "not made yet".to_owned());
        page.put("money grant", what, format!("{}{end}, {}", amount.unwrap_or_default(), grant.state));
    }
    Ok(())
}

fn deliveries(page: &mut Page, r: &Reader<'_>, it: &Meant) -> Result<(), Error> {
    for state in NOT_CONFIRMED {
        let filter = DeliveryFilter {
            customer: Some(it.customer.row),
            state: Some(*state),
            ..DeliveryFilter::default()
        };
        for found in r.delivery_list(&filter, PART_MAX as usize)?.0 {
            let error = found.last_error.map(|error| format!(": {error}")).unwrap_or_default();
            let what = format!("delivery:{} {}", found.delivery, found.meter_key);
            let value =
                format!("{} {}, must arrive by {}{error}", found.value, state.as_str(), found.must_arrive_by);
            page.put("not confirmed", what, value);
        }
    }
    Ok(())
}

fn bills(page: &mut Page, r: &Reader<'_>, it: &Meant) -> Result<(), Error> {
    for invoice in r.invoices_of(it.customer.row)?.into_iter().rev().take(PART_MAX as usize) {
        let held = r.invoice_hold_open(&invoice.invoice)?;
        let held = held.map(|hold| format!(", held: {}", hold.why)).unwrap_or_default();
        let total = Currency::parse(&invoice.currency)
            .map(|currency| Money { minor: invoice.total, currency }.to_string());
        let value = format!("{} {}{held}", invoice.status, total.unwrap_or_default());
        page.put("invoice", invoice.invoice, value);
    }
    for found in r.findings_open_of(it.customer.row)? {
        let ack = found.ack.as_deref().map(|why| format!(", acknowledged: {why}")).unwrap_or_default();
        page.put("finding", format!("finding:{}", found.finding), format!("{}{ack}", super::differs(&found)));
    }
    for found in r.state_findings_open(Some(it.customer.row))? {
        let ack = found.ack.map(|why| format!(", acknowledged: {why}")).unwrap_or_default();
        let value = format!("{} {} of {}{ack}", found.new.class, found.new.cause, found.new.object);
        page.put("finding", format!("finding:{}", found.finding), value);
    }
    Ok(())
}

fn recent(page: &mut Page, r: &Reader<'_>, it: &Meant) -> Result<(), Error> {
    let filter = InboxFilter { customer: Some(it.customer.row), ..InboxFilter::default() };
    for event in r.inbox_list(&filter, PART_MAX)?.0 {
        let said = event.effect.or(event.last_error).unwrap_or_default();
        page.put(
            "webhook",
            event.event,
            format!("{} {} at {}: {said}", event.kind, event.state.as_str(), event.created),
        );
    }
    for run in r.runs_of_customer(it.customer.row, PART_MAX)? {
        let exit = run.exit.map_or_else(|| "did not end".to_owned(), |exit| format!("exit {exit}"));
        page.put(
            "run",
            format!("run:{}", run.run),
            format!("{} at {} by {}: {exit}", run.command, run.started_at, run.actor),
        );
    }
    Ok(())
}
