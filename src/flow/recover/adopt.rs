//! Customers of ours at Stripe, into a store that does not know them: own id, link, subscriptions, pinned terms, spans.

use std::collections::BTreeMap;

use super::follow::follow;
use super::waits;
use crate::billing::id::{CustomerId, Namespace, Revision};
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error};
use crate::flow::Desk;
use crate::flow::adopt::{Told, history_put, history_told, lasts};
use crate::flow::customer::METADATA_KEY;
use crate::flow::push::Courier;
use crate::flow::refresh::{as_stored, is_ours, terms_in};
use crate::store::customer::Customer;
use crate::store::intent::IntentKind;
use crate::store::{CustomerRow, Reader, Writer};
use crate::stripe::{CustomerFound, ScheduleFound, SubscriptionFound};

/// Customers that are adopted in one transaction.
const BATCH: usize = 100;

/// What became of a customer of ours at Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// It is in the store from now on, or more of it is.
    Adopted,
    /// A second one of an own id that is linked to another: left as it is.
    Left,
    /// It cannot be adopted as it is.
    Refused,
}

impl Did {
    /// The word of the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Did::Adopted => "adopted",
            Did::Left => "left",
            Did::Refused => "refused",
        }
    }
}

/// One customer of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The own id, as the metadata has it.
    pub id: String,
    /// `cus_…`.
    pub cus: String,
    /// What it is on: the revision and its subscription.
    pub tier: Option<Revision>,
    /// `sub_…`.
    pub sub: Option<String>,
    /// Since when it is known to be on it.
    pub from: Option<Timestamp>,
    /// What became of it.
    pub did: Did,
    /// What is not as it was, or what to do.
    pub note: Option<String>,
}

/// What was adopted.
#[derive(Debug, Default)]
pub struct Adoption {
    /// Those that are new here, left or refused, in order of their own ids.
    pub rows: Vec<Adopted>,
    /// Customers that are here as Stripe has them.
    pub known: i64,
    /// Subscriptions of ours at Stripe, also ended ones.
    pub subscriptions: usize,
}

impl Adoption {
    /// Customers of which this became.
    pub fn count(&self, did: Did) -> usize {
        self.rows.iter().filter(|it| it.did == did).count()
    }
    /// Customers that cannot be adopted as they are.
    pub fn refused(&self) -> usize {
        self.count(Did::Refused)
    }
}

/// What Stripe has of ours: customers by their own ids, and subscriptions by their customers.
struct Found {
    customers: BTreeMap<String, Vec<CustomerFound>>,
    subscriptions: BTreeMap<String, Vec<SubscriptionFound>>,
    schedules: BTreeMap<String, ScheduleFound>,
}

/// A customer that can be adopted, or is here already.
pub(super) struct Case<'a> {
    pub(super) id: CustomerId,
    pub(super) found: &'a CustomerFound,
    pub(super) ours: Vec<&'a SubscriptionFound>,
    /// Schedules of ours by their subscriptions.
    pub(super) schedules: &'a BTreeMap<String, ScheduleFound>,
}

/// What is to be done for a case, by what the store has.
struct Decided {
    known: Option<Customer>,
    told: Vec<Told>,
    is_new: bool,
}

/// What would be adopted.
pub(super) async fn plan(courier: &Courier<'_>, now: Timestamp) -> Result<Adoption, Error> {
    let found = gather(courier).await?;
    let (cases, mut adoption) = cases(courier, &found)?;
    for case in &cases {
        let decided = courier.store.read(|r| decide(r, courier.namespace, case))?;
        note(&mut adoption, case, &decided, now);
    }
    adoption.rows.sort_by(|a, b| (&a.id, &a.cus).cmp(&(&b.id, &b.cus)));
    Ok(adoption)
}

/// Adopts, so many customers in one transaction. What customers that are here already are on is not touched, but where
/// `restored` is given: then Stripe knows better.
pub(super) async fn adopt(
    courier: &Courier<'_>,
    now: Timestamp,
    restored: Option<&Desk<'_>>,
) -> Result<Adoption, Error> {
    let found = gather(courier).await?;
    let (cases, mut adoption) = cases(courier, &found)?;
    for batch in cases.chunks(BATCH) {
        let decided: Vec<Decided> = courier.store.read(|r| {
            batch.iter().map(|case| decide(r, courier.namespace, case)).collect::<Result<_, _>>()
        })?;
        if decided.iter().all(|it| !it.is_new) {
            adoption.known += i64::try_from(batch.len()).unwrap_or(i64::MAX);
            continue;
        }
        let done = courier.store.write(now, |w| {
            let mut done = Vec::with_capacity(batch.len());
            for case in batch {
                // Another command may have written since.
                let decided = decide(&w.reader(), courier.namespace, case)?;
                if decided.is_new {
                    put(w, courier.namespace, case, &decided)?;
                }
                done.push(decided);
            }
            Ok::<_, Error>(done)
        });
        let done = done.map_err(|error| error.changed(Changed::Recorded))?;
        for (case, decided) in batch.iter().zip(&done) {
            note(&mut adoption, case, decided, now);
        }
    }
    if let Some(desk) = restored {
        for case in &cases {
            follow(desk, case, &mut adoption).map_err(|error| error.changed(Changed::Recorded))?;
        }
    }
    adoption.rows.sort_by(|a, b| (&a.id, &a.cus).cmp(&(&b.id, &b.cus)));
    Ok(adoption)
}

async fn gather(courier: &Courier<'_>) -> Result<Found, Error> {
    let prefix = format!("{}/customer/", courier.namespace);
    let mut customers: BTreeMap<String, Vec<CustomerFound>> = BTreeMap::new();
    for it in courier.api.customer_list().await?.value {
        let id = it.metadata.get(METADATA_KEY).and_then(|mark| mark.strip_prefix(&prefix));
        if let Some(id) = id.map(str::to_owned) {
            customers.entry(id).or_default().push(it);
        }
    }
    for twins in customers.values_mut() {
        twins.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    }
    let mut subscriptions: BTreeMap<String, Vec<SubscriptionFound>> = BTreeMap::new();
    for it in courier.api.subscription_list_all().await?.value {
        let mark = it.metadata.get(crate::flow::refresh::CUSTOMER_METADATA_KEY);
        if mark.is_some_and(|mark| mark.starts_with(&prefix)) {
            subscriptions.entry(it.customer.clone()).or_default().push(it);
        }
    }
    let schedules = waits::schedules(courier, subscriptions.values().flatten()).await?;
    Ok(Found { customers, subscriptions, schedules })
}

/// Which of what was found can be adopted; the rest is told with what to do.
fn cases<'a>(courier: &Courier<'_>, found: &'a Found) -> Result<(Vec<Case<'a>>, Adoption), Error> {
    let mut adoption =
        Adoption { subscriptions: found.subscriptions.values().map(Vec::len).sum(), ..Adoption::default() };
    let mut cases = Vec::new();
    for (text, twins) in &found.customers {
        let refused = |cus: &CustomerFound, note: String| row(text, cus, Did::Refused, note);
        let Ok(id) = CustomerId::parse(text) else {
            let note = "its metadata holds no own id: correct it in the Dashboard";
            adoption.rows.extend(twins.iter().map(|it| refused(it, note.to_owned())));
            continue;
        };
        let linked = courier.store.read(|r| r.customer_by_id(&id))?.and_then(|known| known.cus);
        let one = match (&linked, &twins[..]) {
            (Some(cus), twins) => twins.iter().find(|it| it.id == *cus),
            (None, [one]) => Some(one),
            (None, twins) => {
                let all: Vec<&str> = twins.iter().map(|it| it.id.as_str()).collect();
                let note = format!(
                    "{} are marked as this customer: choose one, `paygrade customer link {id} cus_…`",
                    all.join(" and ")
                );
                adoption.rows.extend(twins.iter().map(|it| refused(it, note.clone())));
                continue;
            }
        };
        for other in twins.iter().filter(|it| one.is_none_or(|one| one.id != it.id)) {
            let own = linked.as_deref().unwrap_or_default();
            adoption.rows.push(row(text, other, Did::Left, format!("{id} is {own}")));
        }
        let Some(one) = one else { continue };
        let there = found.subscriptions.get(&one.id).map_or(&[][..], Vec::as_slice);
        let ours: Vec<_> = there.iter().filter(|it| is_ours(it, courier.namespace, &id)).collect();
        let case = Case { id, found: one, ours, schedules: &found.schedules };
        match refusal(courier, &case)? {
            Some(note) => adoption.rows.push(refused(one, note)),
            None => cases.push(case),
        }
    }
    Ok((cases, adoption))
}

/// Why a customer cannot be adopted as it is, with what to do.
fn refusal(courier: &Courier<'_>, case: &Case<'_>) -> Result<Option<String>, Error> {
    let (id, cus) = (&case.id, &case.found.id);
    let (other, is_pinned) = courier.store.read(|r| {
        let other = r.customer_by_cus(cus)?.filter(|other| other.id != *id);
        let pinned = match r.customer_by_id(id)? {
            Some(known) => r.assignment_open(known.row)?.is_some(),
            None => false,
        };
        Ok::<_, Error>((other, pinned))
    })?;
    if let Some(other) = other {
        return Ok(Some(format!(
            "{cus} is linked to {} here: correct its metadata in the Dashboard",
            other.id
        )));
    }
    if case.found.email.as_deref().is_none_or(str::is_empty) {
        return Ok(Some("it has no e-mail address at Stripe: give it one in the Dashboard".to_owned()));
    }
    let lasting: Vec<&&SubscriptionFound> = case.ours.iter().filter(|it| lasts(it)).collect();
    Ok(match lasting[..] {
        [first, second, ..] => Some(format!(
            "it has two subscriptions of ours, {} and {}: cancel one in the Dashboard",
            first.id, second.id
        )),
        [one] if !is_pinned && terms_in(one).is_none() => Some(format!(
            "the terms in the metadata of {} are not whole: `paygrade customer link {id} {cus}`, then `paygrade tier assign {id} TIER`",
            one.id
        )),
        _ => None,
    })
}

fn row(id: &str, cus: &CustomerFound, did: Did, note: String) -> Adopted {
    let (id, cus) = (id.to_owned(), cus.id.clone());
    Adopted { id, cus, tier: None, sub: None, from: None, did, note: Some(note) }
}

fn decide(r: &Reader<'_>, namespace: &Namespace, case: &Case<'_>) -> Result<Decided, Error> {
    let found = case.found;
    let Some(known) = r.customer_by_id(&case.id)? else {
        let told = history_told(r, namespace, &[], Some(found), &case.ours)?;
        return Ok(Decided { known: None, told, is_new: true });
    };
    let same_customer =
        known.cus.as_ref() == Some(&found.id) && (&known.email, &known.name) == (&found.email, &found.name);
    let mut is_new = !same_customer;
    for it in &case.ours {
        is_new |= r.subscription_get(&it.id)?.as_ref() != Some(&as_stored(it, known.row, namespace));
    }
    let is_pinned =
        r.assignment_open(known.row)?.is_some() || r.intent_open(known.row, IntentKind::Tier)?.is_some();
    let told = if is_pinned {
        Vec::new()
    } else {
        history_told(r, namespace, &r.assignments_of(known.row)?, Some(found), &case.ours)?
    };
    is_new |= !told.is_empty() || waits::is_unknown(r, known.row, case)?;
    Ok(Decided { known: Some(known), told, is_new })
}

fn put(w: &Writer<'_>, namespace: &Namespace, case: &Case<'_>, decided: &Decided) -> Result<(), Error> {
    let (email, name) = (case.found.email.as_deref(), case.found.name.as_deref());
    let row: CustomerRow = match &decided.known {
        Some(known) => known.row,
        None => w.customer_insert(&case.id, email, name)?,
    };
    w.customer_link(row, &case.found.id)?;
    w.customer_describe(row, email, name)?;
    let mut since: Option<Timestamp> = None;
    for it in &case.ours {
        w.subscription_put(&as_stored(it, row, namespace))?;
        since = since.into_iter().chain(crate::flow::refresh::follow(w, namespace, row, it)?).min();
    }
    since = since.into_iter().chain(history_put(w, row, &decided.told)?).min();
    waits::put(w, row, case)?;
    if let Some(since) = since {
        crate::flow::history_changed(w, row, since)?;
    }
    Ok(())
}

fn note(adoption: &mut Adoption, case: &Case<'_>, decided: &Decided, now: Timestamp) {
    if !decided.is_new {
        adoption.known += 1;
        return;
    }
    let current = decided.told.iter().find(|it| it.to.is_none_or(|to| to > now));
    let note = match current {
        Some(it) if it.is_cut => Some(format!("what it was on before {} is not known", it.from)),
        Some(_) => None,
        None if decided.known.is_some() => None,
        None => Some(format!("on no tier that Stripe knows: `paygrade tier assign {} TIER`", case.id)),
    };
    adoption.rows.push(Adopted {
        id: case.id.as_str().to_owned(),
        cus: case.found.id.clone(),
        tier: current.map(|it| it.revision.clone()),
        sub: current.and_then(|it| it.sub.clone()),
        from: current.map(|it| it.from),
        did: Did::Adopted,
        note,
    });
}
