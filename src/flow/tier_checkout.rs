//! `tier assign --checkout`: a hosted page on which the customer subscribes.
//!
//! The page is stored before Stripe is asked, one at a time for each customer. What it makes carries the same metadata
//! as a subscription of ours, with the page's own operation id: whoever sees that subscription first (a webhook, a
//! backfill, any look) pins its tier. A page that could still be paid is closed before anything else may make a
//! subscription, so that there are never two.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::adopt::lasts;
use super::assign::{self, OPERATION_METADATA_KEY, Outcome, Plan, trial_credits};
use super::customer::mark;
use super::refresh::{CUSTOMER_METADATA_KEY, subscription_refresh};
use super::{Desk, stored_answer_hint};
use crate::billing::assign::{Decision, Wanted};
use crate::billing::terms;
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::flow::push::refuse_fenced;
use crate::store::customer::Customer;
use crate::store::tier::AssignmentNew;
use crate::store::tier_checkout::{TierCheckout, TierCheckoutNew};
use crate::store::{CustomerRow, StoreError, Writer};
use crate::stripe::{CheckoutFound, Failure, ItemNew, Redeem, SubscriptionCheckoutNew, SubscriptionFound};

/// Looks at Stripe while others keep changing what is there.
const ROUNDS_MAX: u32 = 5;
/// Between two looks at a page that is waited for.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Bytes of the operation id's hash that are kept.
const OPERATION_BYTES: usize = 12;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The customer and the tier.
    pub assign: assign::Ask,
    /// Where the customer lands after paying.
    pub success_url: String,
    /// Where the page's way back leads.
    pub cancel_url: Option<String>,
    /// How long to wait until it is paid; `None`: not at all.
    pub wait: Option<Duration>,
}

/// A page, or that none is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// It waits for the customer.
    Open {
        /// The customer.
        customer: Customer,
        /// What it is for.
        page: TierCheckout,
        /// It was made now.
        is_new: bool,
    },
    /// The customer is on the tier.
    Done(Outcome),
}

/// What the session is made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    items: Vec<(String, Option<u64>)>,
    trial_days: Option<u32>,
    redeem: Option<String>,
    success_url: String,
    cancel_url: Option<String>,
    metadata: BTreeMap<String, String>,
}

/// What a page would be for. Reads only.
pub async fn checkout_plan(desk: &Desk<'_>, ask: &Ask) -> Result<Plan, Error> {
    let plan = assign::assign_plan(desk, &ask.assign).await?;
    check(&plan)?;
    Ok(plan)
}

/// Makes the page, or gives the one that is open for the same. The same again makes no second one.
pub async fn checkout(desk: &Desk<'_>, ask: &Ask) -> Result<Page, Error> {
    refuse_fenced(desk.store)?;
    for _ in 0..ROUNDS_MAX {
        let plan = assign::assign_ready(desk, &ask.assign).await?;
        check(&plan)?;
        let (customer, Decision::Create { items }) = (&plan.customer, &plan.decision) else {
            let outcome = assign::assign(desk, &ask.assign).await?;
            return Ok(Page::Done(outcome));
        };
        let wanted =
            plan.wanted.as_ref().ok_or_else(|| Error::new(Kind::Bug, "no_tier", "a page for no tier"))?;
        let body = body(desk, ask, customer, wanted, items)?;
        let (page, is_new) = match left(desk, customer, Some(&body)).await? {
            Left::Paid => continue,
            Left::Same(page) => (*page, false),
            Left::Nothing => match begin(desk, customer, wanted, &body)? {
                Some(page) => (page, true),
                None => continue,
            },
        };
        let page = match page.session {
            Some(_) => page,
            None => perform(desk, customer, &page, &body, is_new).await?,
        };
        return match ask.wait {
            Some(most) => wait(desk, ask, customer, page, most).await,
            None => Ok(Page::Open { customer: customer.clone(), page, is_new }),
        };
    }
    Err(Error::new(Kind::Busy, "customer_busy", "others keep changing the tier of the customer")
        .changed(Changed::Recorded)
        .hint("run the same command again"))
}

/// A page makes a subscription, so there must be none.
fn check(plan: &Plan) -> Result<(), Error> {
    let (id, no) =
        (&plan.customer.id, |code: &'static str, text: String| Error::new(Kind::Refused, code, text));
    match &plan.decision {
        Decision::Create { .. } | Decision::Nothing => Ok(()),
        Decision::Pin => {
            Err(no("not_paid", "the tier has no subscription, so --checkout has no meaning".to_owned())
                .hint("leave --checkout away"))
        }
        _ => {
            Err(no("subscribed", format!("{id} has a subscription already: a page would make a second one"))
                .hint("leave --checkout away: the subscription is changed, and charged as it is now"))
        }
    }
}

fn body(
    desk: &Desk<'_>,
    ask: &Ask,
    customer: &Customer,
    wanted: &Wanted,
    items: &[(String, Option<u64>)],
) -> Result<Body, Error> {
    let json = wanted.terms.to_json(wanted.currency);
    let mut metadata = terms::metadata(&wanted.revision, &json).map_err(assign::too_long)?;
    metadata.insert(CUSTOMER_METADATA_KEY.to_owned(), mark(desk.namespace, &customer.id));
    if let Some(coupon) = &wanted.coupon {
        metadata.insert(assign::COUPON_METADATA_KEY.to_owned(), coupon.clone());
    }
    Ok(Body {
        items: items.to_vec(),
        trial_days: wanted.trial_days,
        redeem: wanted.coupon.clone(),
        success_url: ask.success_url.clone(),
        cancel_url: ask.cancel_url.clone(),
        metadata,
    })
}

/// What became of the page that was open.
enum Left {
    /// Nobody can pay anywhere.
    Nothing,
    /// It is open, and for the same.
    Same(Box<TierCheckout>),
    /// It was paid meanwhile: the subscription is stored.
    Paid,
}

/// Closes the page that is open for a customer, before something else makes a subscription. `true`: it was paid
/// meanwhile, and everything has to be looked at anew.
pub(super) async fn close(desk: &Desk<'_>, customer: &Customer) -> Result<bool, Error> {
    if desk.store.read(|r| r.tier_checkout_open(customer.row))?.is_none() {
        return Ok(false);
    }
    Ok(matches!(left(desk, customer, None).await?, Left::Paid))
}

/// Settles the page that is open: kept where it is for the same, else closed at Stripe.
async fn left(desk: &Desk<'_>, customer: &Customer, wanted: Option<&Body>) -> Result<Left, Error> {
    let Some(page) = desk.store.read(|r| r.tier_checkout_open(customer.row))? else {
        return Ok(Left::Nothing);
    };
    let is_same = wanted.is_some_and(|wanted| json(wanted).is_ok_and(|wanted| wanted == page.new.body));
    let there = match &page.session {
        Some(session) => Some(desk.api.checkout_retrieve(session).await?.value),
        None => found(desk, customer, &page).await?,
    };
    let Some(there) = there else {
        // Stripe made none that can be found; where it may still come, the same key gives it.
        if is_same {
            return Ok(Left::Same(Box::new(page)));
        }
        desk.store.write(desk.now, |w| w.tier_checkout_over(page.number))?;
        return Ok(Left::Nothing);
    };
    match there.status.as_deref() {
        Some("complete") => paid(desk, customer, &page, &there).await,
        Some("expired") => {
            desk.store.write(desk.now, |w| w.tier_checkout_over(page.number))?;
            Ok(Left::Nothing)
        }
        _ if is_same => {
            let url = there.url.as_deref();
            desk.store.write(desk.now, |w| w.tier_checkout_seen(page.number, &there.id, url))?;
            Ok(Left::Same(Box::new(desk.store.read(|r| r.tier_checkout_get(page.number))?)))
        }
        _ => {
            let key = format!("{}:expire", call_key(desk, &page.new.op));
            let expire = async |key: String| desk.api.checkout_expire(&there.id, &key).await;
            match super::set(desk, key, true, expire).await {
                Ok(_) => {
                    desk.store.write(desk.now, |w| w.tier_checkout_over(page.number))?;
                    Ok(Left::Nothing)
                }
                // It was paid, or ran out, in this moment: the next look says which.
                Err(failure) if failure.refusal().is_some() => {
                    let again = desk.api.checkout_retrieve(&there.id).await?.value;
                    match again.status.as_deref() {
                        Some("complete") => paid(desk, customer, &page, &again).await,
                        Some("expired") => {
                            desk.store.write(desk.now, |w| w.tier_checkout_over(page.number))?;
                            Ok(Left::Nothing)
                        }
                        _ => Err(failure.into()),
                    }
                }
                Err(failure) => Err(stored_answer_hint(failure)),
            }
        }
    }
}

/// The session of a page whose answer was lost.
async fn found(
    desk: &Desk<'_>,
    customer: &Customer,
    page: &TierCheckout,
) -> Result<Option<CheckoutFound>, Error> {
    let cus = customer.cus.as_deref().unwrap_or_default();
    let all = desk.api.checkout_list(cus).await?.value;
    Ok(all.into_iter().find(|it| it.reference.as_deref() == Some(page.new.op.as_str())))
}

async fn paid(
    desk: &Desk<'_>,
    customer: &Customer,
    page: &TierCheckout,
    there: &CheckoutFound,
) -> Result<Left, Error> {
    subscription_refresh(desk, customer).await?;
    desk.store.write(desk.now, |w| w.tier_checkout_complete(page.number, there.subscription.as_deref()))?;
    Ok(Left::Paid)
}

fn json(body: &Body) -> Result<String, Error> {
    serde_json::to_string(body).map_err(|error| StoreError::Broken(error.to_string()).into())
}

fn call_key(desk: &Desk<'_>, op: &str) -> String {
    format!("paygrade:{}:checkout:{op}", desk.namespace)
}

/// Stores the page; `None` when another process was here since Stripe was asked.
fn begin(
    desk: &Desk<'_>,
    customer: &Customer,
    wanted: &Wanted,
    body: &Body,
) -> Result<Option<TierCheckout>, Error> {
    let text = json(body)?;
    desk.store.write(desk.now, |w| {
        let r = w.reader();
        let busy = r.intent_open(customer.row, crate::store::intent::IntentKind::Tier)?.is_some();
        let subscribed = r.subscriptions_of(customer.row)?.iter().any(|it| !it.has_ended());
        if busy || subscribed || r.tier_checkout_open(customer.row)?.is_some() {
            return Ok(None);
        }
        let count = r.tier_checkout_count(customer.row)?;
        let before = r.subscriptions_of(customer.row)?.into_iter().map(|it| it.sub).collect::<Vec<_>>();
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{}\n{count}\n{before:?}\n", desk.namespace, customer.id));
        let op = hash.finalize().iter().take(OPERATION_BYTES).map(|byte| format!("{byte:02x}")).collect();
        w.revision_put(&wanted.revision, &wanted.terms.to_json(wanted.currency))?;
        Ok(Some(w.tier_checkout_begin(&TierCheckoutNew {
            customer: customer.row,
            op,
            revision: wanted.revision.clone(),
            interval: wanted.interval,
            seats: wanted.seats,
            body: text,
        })?))
    })
}

/// Has Stripe make the session of a page.
async fn perform(
    desk: &Desk<'_>,
    customer: &Customer,
    page: &TierCheckout,
    body: &Body,
    is_new: bool,
) -> Result<TierCheckout, Error> {
    let op = &page.new.op;
    let mut metadata = body.metadata.clone();
    metadata.insert(OPERATION_METADATA_KEY.to_owned(), op.clone());
    let new = SubscriptionCheckoutNew {
        customer: customer.cus.clone().unwrap_or_default(),
        items: body
            .items
            .iter()
            .map(|(price, quantity)| ItemNew { price: price.clone(), quantity: *quantity })
            .collect(),
        trial_days: body.trial_days,
        redeem: body.redeem.as_deref().map(Redeem::of_id),
        reference: op.clone(),
        metadata,
        success_url: body.success_url.clone(),
        cancel_url: body.cancel_url.clone(),
    };
    let create = async |key: String| desk.api.checkout_subscribe(&new, &key).await;
    let made = super::set(desk, call_key(desk, op), !is_new, create).await;
    let made = made.map_err(|failure| stopped(desk, page, failure))?.value;
    let url = made.url.as_deref();
    desk.store.write(desk.now, |w| w.tier_checkout_seen(page.number, &made.id, url))?;
    Ok(desk.store.read(|r| r.tier_checkout_get(page.number))?)
}

/// A definite no ends the page; anything else keeps it for the next run, which looks first.
fn stopped(desk: &Desk<'_>, page: &TierCheckout, failure: Failure) -> Error {
    let Some(refusal) = failure.refusal() else { return stored_answer_hint(failure) };
    if refusal.kind.is_before_the_request() {
        return Error::from(failure).changed(Changed::Recorded);
    }
    match desk.store.write(desk.now, |w| w.tier_checkout_over(page.number)) {
        Ok(()) => Error::from(failure).changed(Changed::None),
        Err(error) => error.into(),
    }
}

async fn wait(
    desk: &Desk<'_>,
    ask: &Ask,
    customer: &Customer,
    page: TierCheckout,
    most: Duration,
) -> Result<Page, Error> {
    let until = Instant::now() + most;
    loop {
        let session = page.session.as_deref().unwrap_or_default();
        let there = desk.api.checkout_retrieve(session).await?.value;
        match there.status.as_deref() {
            Some("complete") => {
                paid(desk, customer, &page, &there).await?;
                return assign::assign(desk, &ask.assign).await.map(Page::Done);
            }
            Some("expired") => {
                desk.store.write(desk.now, |w| w.tier_checkout_over(page.number))?;
                let text = format!("nobody paid at {session}, and it is over");
                return Err(Error::new(Kind::Later, "page_over", text)
                    .changed(Changed::Recorded)
                    .hint("run the same command again: it makes another page"));
            }
            _ if Instant::now() + LOOK_EVERY > until => {
                let url = page.url.clone().unwrap_or_default();
                let text = format!("{} has not paid yet", customer.id);
                return Err(Error::new(Kind::Later, "not_paid_yet", text).changed(Changed::Recorded).hint(
                    format!("it is paid at {url}; the tier comes when it is, by webhook or backfill"),
                ));
            }
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
        desk.api.run_anew();
    }
}

/// Pins the tier of a page whose subscription is seen, once. Gives the instant from which terms are different now.
pub(super) fn landed(
    w: &Writer<'_>,
    customer: CustomerRow,
    ours: &[&SubscriptionFound],
) -> Result<Option<Timestamp>, Error> {
    let mut since = None;
    for page in w.reader().tier_checkouts_unpaid(customer)? {
        let of_page =
            |it: &&&SubscriptionFound| it.metadata.get(OPERATION_METADATA_KEY) == Some(&page.new.op);
        let Some(found) = ours.iter().find(of_page).filter(|it| lasts(it)) else { continue };
        let before = w.reader().assignments_of(customer)?;
        let open = before.iter().find(|it| it.to_at.is_none());
        // Where something else has a subscription, `reconcile tiers` shows that there are two.
        if open.is_some_and(|open| open.sub.is_some()) {
            continue;
        }
        if !w.tier_checkout_complete(page.number, Some(&found.id))? {
            continue;
        }
        let ends = before.iter().flat_map(|it| [Some(it.from_at), it.to_at]).flatten();
        let at = ends.fold(found.start_date, Timestamp::max);
        if let Some(open) = open {
            w.assignment_close(open.assignment, at)?;
        }
        w.assignment_insert(&AssignmentNew {
            customer,
            revision: page.new.revision.clone(),
            interval: page.new.interval,
            seats: page.new.seats,
            sub: Some(found.id.clone()),
            from_at: at,
            anchor_at: found.billing_cycle_anchor,
        })?;
        trial_credits(w, customer, &page.new.revision)?;
        since = since.into_iter().chain([at]).min();
    }
    Ok(since)
}
