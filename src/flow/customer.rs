//! `customer add` and what import builds on: one own id, one Stripe customer, whatever dies in between.
//!
//! What is wanted is stored as an intent before the first call. A customer is found by its link, else by its e-mail
//! address together with our metadata, and only then made, under one key that never changes: a second run, a second
//! machine or a repeated answer all end at the same customer.

pub mod import;
pub mod link;
pub mod list;
pub mod prefs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Desk;
use crate::billing::contact::{Email, FullName};
use crate::billing::id::{CustomerId, Namespace};
use crate::billing::spelling::nearest;
use crate::error::{Changed, Error, Kind};
use crate::store::customer::Customer;
use crate::store::intent::{Begun, Intent, IntentKind, IntentState};
use crate::store::{Reader, StoreError, Writer};
use crate::stripe::{CustomerData, CustomerFound, Failure, RefusalKind};

/// Metadata key of everything that is ours.
pub const METADATA_KEY: &str = "paygrade";
/// Open intents of others that are finished before our own is begun; more means that somebody keeps making them.
const ROUNDS_MAX: u32 = 5;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The operator's own id.
    pub id: CustomerId,
    /// Address; needed for a new customer, kept where it is not given.
    pub email: Option<Email>,
    /// Name; kept where it is not given.
    pub name: Option<FullName>,
    /// A payment method to attach and to charge by default.
    pub payment_method: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// It was so already.
    Nothing,
    /// Made at Stripe.
    Created,
    /// Found at Stripe and linked.
    Found,
    /// Changed at Stripe.
    Updated,
}

impl Did {
    /// The word of the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Did::Nothing => "unchanged",
            Did::Created => "created",
            Did::Found => "found",
            Did::Updated => "updated",
        }
    }
}

/// A customer and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The customer, linked.
    pub customer: Customer,
    /// What was done.
    pub did: Did,
    /// The payment method that is charged now, if one was attached.
    pub attached: Option<String>,
}

/// What a customer is to be: the body of the intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// As it was given: Stripe's test names give a new id at each attachment.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<String>,
}

/// The customer with this id, or the error that names the nearest one.
pub fn customer_required(r: &Reader<'_>, id: &CustomerId) -> Result<Customer, Error> {
    if let Some(found) = r.customer_by_id(id)? {
        return Ok(found);
    }
    let known = r.customer_ids()?;
    let error = Error::new(Kind::BadInput, "unknown_customer", format!("there is no customer `{id}`"));
    Err(match nearest(id.as_str(), known.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`? `paygrade customer list` shows them all")),
        None => error.hint(format!("add it first: paygrade customer add {id} --email ADDRESS")),
    })
}

/// What our metadata says of a customer.
pub fn mark(namespace: &Namespace, id: &CustomerId) -> String {
    format!("{namespace}/customer/{id}")
}

/// The own id in a mark of this namespace.
pub fn mark_owner<'m>(namespace: &Namespace, mark: &'m str) -> Option<&'m str> {
    mark.strip_prefix(namespace.as_str())?.strip_prefix("/customer/")
}

/// Idempotency key of a customer's first intent; the same on every machine. The own id may be an address, so it is hashed.
fn base_key(namespace: &Namespace, id: &CustomerId) -> String {
    let hash = Sha256::digest(id.as_str().as_bytes());
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("paygrade:{namespace}:customer:{hex}")
}

/// Makes the customer what is asked for. The same again changes nothing.
pub async fn customer_add(desk: &Desk<'_>, ask: &Ask) -> Result<Outcome, Error> {
    let mut done = None;
    for _ in 0..ROUNDS_MAX {
        match begin(desk, ask)? {
            Next::Nothing(customer) => {
                let outcome = Outcome { customer, did: Did::Nothing, attached: None };
                return Ok(done.unwrap_or(outcome));
            }
            Next::Finish(begun) => done = Some(finish(desk, &ask.id, &begun).await?),
        }
    }
    Err(Error::new(Kind::Busy, "customer_busy", format!("others keep changing customer {}", ask.id))
        .changed(Changed::Recorded)
        .hint("run the same command again"))
}

/// What `customer_add` would do, without doing it. Whether Stripe has the customer already is not looked at.
pub fn customer_add_plan(r: &Reader<'_>, ask: &Ask) -> Result<Did, Error> {
    let known = r.customer_by_id(&ask.id)?;
    let (body, had) = wanted(r, ask, known.as_ref())?;
    let linked = known.is_some_and(|customer| customer.cus.is_some());
    Ok(match linked {
        true if had.as_ref() == Some(&body) => Did::Nothing,
        true => Did::Updated,
        false => Did::Created,
    })
}

enum Next {
    Nothing(Customer),
    Finish(Begun),
}

/// Stores the intent, unless there is nothing to do or another one comes first. One transaction, and only if needed.
fn begin(desk: &Desk<'_>, ask: &Ask) -> Result<Next, Error> {
    let nothing = desk.store.read(|r| {
        let Some(customer) = r.customer_by_id(&ask.id)? else { return Ok(None) };
        let (body, had) = wanted(r, ask, Some(&customer))?;
        let open = r.intent_open(customer.row, IntentKind::Customer)?.is_some();
        let same = customer.cus.is_some() && had.as_ref() == Some(&body) && !open;
        Ok::<_, Error>(same.then_some(customer))
    })?;
    if let Some(customer) = nothing {
        return Ok(Next::Nothing(customer));
    }
    desk.store.write(desk.now, |w| {
        let r = w.reader();
        let known = r.customer_by_id(&ask.id)?;
        let (body, had) = wanted(&r, ask, known.as_ref())?;
        let (row, count) = match &known {
            Some(customer) => (customer.row, r.intent_count(customer.row, IntentKind::Customer)?),
            None => (w.customer_insert(&ask.id, Some(&body.email), body.name.as_deref())?, 0),
        };
        if let Some(open) = r.intent_open(row, IntentKind::Customer)? {
            return Ok(Next::Finish(Begun::Other(open)));
        }
        if let Some(customer) = known.filter(|known| known.cus.is_some() && had.as_ref() == Some(&body)) {
            return Ok(Next::Nothing(customer));
        }
        let base = base_key(desk.namespace, &ask.id);
        let key = match (r.info()?.epoch, count) {
            (1, 0) => base,
            (1, count) => format!("{base}:{count}"),
            // Intents are counted anew after a takeover or a restore.
            (epoch, count) => format!("{base}:e{epoch}:{count}"),
        };
        Ok(Next::Finish(w.intent_begin(row, IntentKind::Customer, &key, &to_json(&body)?)?))
    })
}

fn to_json(body: &Body) -> Result<String, Error> {
    serde_json::to_string(body).map_err(|error| StoreError::Broken(error.to_string()).into())
}

fn from_json(intent: &Intent) -> Result<Body, Error> {
    serde_json::from_str(&intent.body)
        .map_err(|error| StoreError::Broken(format!("intent {}: {error}", intent.intent)).into())
}

/// What the customer is to be, with what is not given kept; and what it is, once it is linked.
fn wanted(r: &Reader<'_>, ask: &Ask, known: Option<&Customer>) -> Result<(Body, Option<Body>), Error> {
    let had_method = match known {
        Some(customer) => r.intent_done_bodies(customer.row, IntentKind::Customer)?,
        None => Vec::new(),
    };
    // The newest intent that attached a payment method says which one is charged.
    let method = had_method.iter().find_map(|body| serde_json::from_str::<Body>(body).ok()?.payment_method);
    let email = ask.email.as_ref().map(|email| email.as_str().to_owned());
    let email = email.or_else(|| known.and_then(|known| known.email.clone())).ok_or_else(|| {
        Error::new(Kind::BadInput, "email_missing", format!("customer {} has no e-mail address yet", ask.id))
            .hint(format!("Stripe needs one: paygrade customer add {} --email ADDRESS", ask.id))
    })?;
    let name = ask.name.as_ref().map(|name| name.as_str().to_owned());
    let body = Body {
        email,
        name: name.or_else(|| known.and_then(|known| known.name.clone())),
        payment_method: ask.payment_method.clone().or_else(|| method.clone()),
    };
    let had = known.filter(|known| known.cus.is_some()).and_then(|known| {
        Some(Body { email: known.email.clone()?, name: known.name.clone(), payment_method: method })
    });
    Ok((body, had))
}

/// Does what an open intent says, from wherever it was left.
async fn finish(desk: &Desk<'_>, id: &CustomerId, begun: &Begun) -> Result<Outcome, Error> {
    let (intent, look) = match begun {
        Begun::New(intent) => (intent, false),
        Begun::Other(intent) => (intent, true),
    };
    let body = from_json(intent)?;
    let customer = desk.store.read(|r| r.customer_get(intent.customer))?;
    let data = CustomerData {
        email: Some(body.email.clone()),
        name: body.name.clone(),
        metadata: BTreeMap::from([(METADATA_KEY.to_owned(), mark(desk.namespace, id))]),
    };
    let (cus, did) = match &customer.cus {
        Some(cus) if (&customer.email, &customer.name) == (&data.email, &data.name) => {
            (cus.clone(), Did::Updated)
        }
        Some(cus) => {
            describe(desk, intent, cus, &data, look).await?;
            (cus.clone(), Did::Updated)
        }
        None => find_or_create(desk, id, intent, &data, look).await?,
    };
    // From here on the customer is known, whatever becomes of the payment method.
    let link = |w: &Writer<'_>| -> Result<(), Error> {
        w.customer_link(intent.customer, &cus)?;
        Ok(w.customer_describe(intent.customer, Some(&body.email), body.name.as_deref())?)
    };
    let mut attached = None;
    if let Some(method) = &body.payment_method
        && desk.store.read(|r| payment_method_now(r, intent))?.as_ref() != Some(method)
    {
        desk.store.write(desk.now, link)?;
        let key = &intent.key;
        let found = payment_method_default(desk, &cus, method, key, look).await;
        attached = Some(found.map_err(|failure| stopped(desk, intent, failure, Changed::Partial))?);
    }
    desk.store.write(desk.now, |w| {
        if w.intent_end(intent.intent, IntentState::Done)? {
            link(w)?;
        }
        Ok::<_, Error>(())
    })?;
    let customer = desk.store.read(|r| r.customer_get(intent.customer))?;
    Ok(Outcome { customer, did, attached })
}

fn payment_method_now(r: &Reader<'_>, intent: &Intent) -> Result<Option<String>, Error> {
    let bodies = r.intent_done_bodies(intent.customer, IntentKind::Customer)?;
    Ok(bodies.iter().find_map(|body| serde_json::from_str::<Body>(body).ok()?.payment_method))
}

/// Stripe's test names (`pm_card_visa`) have a word where ids have a digit.
pub(super) fn is_test_name(method: &str) -> bool {
    method.strip_prefix("pm_").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Attaches a payment method and makes it the customer's default. Gives the id that it has there.
///
/// With `look` an earlier try may have got anywhere; one that customers gave to Stripe themselves may be attached
/// anyhow. Both steps can be seen at Stripe, so they are looked at, and what is seen to be missing is done under a new
/// key: an answer of 5xx that Stripe keeps must not block it.
pub async fn payment_method_default(
    desk: &Desk<'_>,
    cus: &str,
    method: &str,
    key: &str,
    look: bool,
) -> Result<String, Failure> {
    let (mut attached, mut default) = (None, None);
    let test_name = is_test_name(method);
    if look || !test_name {
        default = desk.api.customer_retrieve(cus).await?.value.default_payment_method;
        let known = desk.api.payment_method_list(cus).await?.value;
        // Stripe's test names become new ids: one that was attached last and is not the default was left by us.
        let newest = known.first().filter(|newest| test_name && default.as_ref() != Some(&newest.id));
        let exact = known.iter().find(|it| it.id == method);
        attached = exact.or(newest).map(|it| it.id.clone());
    }
    let attached = match attached {
        Some(attached) => attached,
        None => {
            let attach = async |key: String| desk.api.payment_method_attach(method, cus, &key).await;
            super::set(desk, format!("{key}:attach"), look, attach).await?.value.id
        }
    };
    if default.as_ref() != Some(&attached) {
        let put = async |key: String| desk.api.customer_default_payment_method(cus, &attached, &key).await;
        super::set(desk, format!("{key}:default"), look, put).await?;
    }
    Ok(attached)
}

/// Writes address, name and mark of a customer.
async fn describe(
    desk: &Desk<'_>,
    intent: &Intent,
    cus: &str,
    data: &CustomerData,
    look: bool,
) -> Result<(), Error> {
    let update = async |key: String| desk.api.customer_update(cus, data, &key).await;
    let updated = super::set(desk, format!("{}:update", intent.key), look, update).await;
    updated.map(drop).map_err(|failure| stopped(desk, intent, failure, Changed::None))
}

/// Looks before it makes: an earlier try, another machine or an operator may have made the customer.
async fn find_or_create(
    desk: &Desk<'_>,
    id: &CustomerId,
    intent: &Intent,
    data: &CustomerData,
    look: bool,
) -> Result<(String, Did), Error> {
    if let Some(found) = find(desk, id, data).await? {
        let same = found.email == data.email && (data.name.is_none() || found.name == data.name);
        if !same {
            describe(desk, intent, &found.id, data, look).await?;
        }
        return Ok((found.id, Did::Found));
    }
    let made = desk.api.customer_create(data, &intent.key).await;
    let made = made.map_err(|failure| stopped(desk, intent, failure, Changed::None))?;
    if made.meta.replayed {
        // An old answer may name a customer that was deleted since.
        let now = desk.api.customer_retrieve(&made.value.id).await?.value;
        if now.deleted {
            desk.store.write(desk.now, |w| w.intent_end(intent.intent, IntentState::Dropped))?;
            let what = format!("Stripe's customer {} of {id} was deleted in the last day", made.value.id);
            return Err(Error::new(Kind::Later, "customer_deleted", what)
                .changed(Changed::Recorded)
                .hint("run the same command again: it makes a new one"));
        }
    }
    Ok((made.value.id, Did::Created))
}

async fn find(desk: &Desk<'_>, id: &CustomerId, data: &CustomerData) -> Result<Option<CustomerFound>, Error> {
    let Some(email) = &data.email else { return Ok(None) };
    let ours = mark(desk.namespace, id);
    let mut found = desk.api.customer_list_by_email(email).await?.value;
    found.retain(|it| it.metadata.get(METADATA_KEY) == Some(&ours));
    // The oldest, should there ever be two: every machine then picks the same.
    found.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    Ok(found.into_iter().next())
}

/// What a failed call leaves: a definite no ends the intent, anything else keeps it open for the next run.
fn stopped(desk: &Desk<'_>, intent: &Intent, failure: Failure, changed: Changed) -> Error {
    let refusal = failure.refusal().map(|refusal| refusal.kind);
    match refusal {
        Some(RefusalKind::KeyMismatch) => {
            let what = "another paygrade made this customer with other data in the last day";
            let hint = "see it in Stripe, then link it: paygrade customer link ID cus_…";
            Error::new(Kind::Refused, "customer_elsewhere", what).because(&failure).hint(hint)
        }
        Some(kind) if !kind.is_before_the_request() => {
            let ended = desk.store.write(desk.now, |w| w.intent_end(intent.intent, IntentState::Dropped));
            match ended {
                Err(error) => Error::from(error),
                Ok(_) => {
                    Error::from(failure).changed(changed).hint("correct what Stripe names, then run it again")
                }
            }
        }
        Some(_) => Error::from(failure).changed(Changed::Recorded),
        None => super::stored_answer_hint(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_stable_and_say_nothing_of_the_customer() {
        let namespace = Namespace::parse("acme").unwrap();
        let key = |id: &str| base_key(&namespace, &CustomerId::parse(id).unwrap());
        assert_eq!(key("ann@example.com"), key("ann@example.com"));
        assert_ne!(key("ann@example.com"), key("bob@example.com"));
        assert!(!key("ann@example.com").contains("ann"));
    }
}
