//! Changes of tier: one tier, one subscription, whatever dies in between.
//!
//! Gather what the store and Stripe say, let `billing::assign` decide, store the decision as an intent with its
//! operation id, do it, commit. The operation id goes into the subscription's metadata (or the schedule's): after an
//! outcome that is not known, the next run finds what happened by it and never makes a second subscription.
//!
//! The doors are [`assign`], [`seats`], [`cancel`] and [`resume`], each with a plan that reads only. Whoever changes a
//! tier (a fallback, a migration) goes through [`assign`]: it finishes what was begun, undoes what waits, and the same
//! again changes nothing.
//!
//! Where a metered item goes, or the subscription ends, the customer's usage is drained first ([`super::drain`]).

mod body;
mod commit;
mod finish;
mod gather;
mod later;
mod preview;
mod refusal;
mod unend;
mod unsent;

use super::Desk;
use super::customer::{is_test_name, payment_method_default};
use super::drain::drain;
use crate::billing::assign::Refused;
use crate::billing::assign::{
    Asked, Decision, Has, How, Pending, Scope, Wanted, When, cancel as decide_cancel, decide, wanted,
};
use crate::billing::id::{CustomerId, TierKey};
use crate::billing::money::Money;
use crate::billing::proration::{Charge, Stands, charge};
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::flow::push::refuse_fenced;
use crate::flow::usage_show::cost_so_far;
use crate::store::customer::Customer;
use crate::store::intent::{Begun, Intent, IntentKind};
use crate::store::tier::Assignment;
use crate::stripe::PreviewFound;

use body::{Body, undo_of};
pub(in crate::flow) use body::{COUPON_METADATA_KEY, OPERATION_METADATA_KEY};
pub(in crate::flow) use commit::trial_credits;
pub use gather::catalog_required;
pub(in crate::flow) use gather::scheduled;
use gather::{Gathered, gather, intents, linked, stands};
pub(in crate::flow) use preview::whole_period;
pub(in crate::flow) use refusal::too_long;
use refusal::{not_on_a_tier, refusal, undecided};
use unend::Unend;
pub use unsent::Unsent;
use unsent::{cuts, unsent};

/// Open intents of others that are finished before our own is begun.
const ROUNDS_MAX: u32 = 5;

/// A tier for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The customer's own id.
    pub customer: CustomerId,
    /// Tier, interval, seats, trial, invoices.
    pub asked: Asked,
    /// A payment method to charge from now on.
    pub payment_method: Option<String>,
    /// A coupon or promotion code, as people write it.
    pub coupon: Option<String>,
    /// When; by the direction of the change unless said.
    pub at: Option<When>,
    /// Give up usage that is not at Stripe yet: nothing is drained.
    pub forfeit: bool,
    /// Since when a tier without a subscription holds; from the command on unless said.
    pub since: Option<Timestamp>,
}

impl Ask {
    /// A tier for a customer, and all else as the tier and the customer have it.
    pub fn of(customer: CustomerId, tier: TierKey) -> Ask {
        let asked = Asked::of(tier);
        Ask { customer, asked, payment_method: None, coupon: None, at: None, forfeit: false, since: None }
    }
}

/// How many seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seats {
    /// So many.
    To(u32),
    /// So many more than there are.
    More(u32),
    /// So many fewer than there are.
    Fewer(u32),
}

impl std::fmt::Display for Seats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Seats::To(number) => write!(f, "{number}"),
            Seats::More(number) => write!(f, "+{number}"),
            Seats::Fewer(number) => write!(f, "-{number}"),
        }
    }
}

/// What is wished for a customer.
#[derive(Debug, Clone, Copy)]
enum Wish<'a> {
    Assign(&'a Ask),
    /// The same for one who is on nothing: whoever is on something by then, or has a subscription, stays there.
    Land(&'a Ask),
    Seats(Seats),
    Cancel {
        at: Option<When>,
        forfeit: bool,
    },
    Resume,
}

impl Wish<'_> {
    fn at(&self) -> Option<When> {
        match self {
            Wish::Assign(ask) => ask.at,
            Wish::Cancel { at, .. } => *at,
            Wish::Land(_) | Wish::Seats(_) | Wish::Resume => None,
        }
    }
    fn forfeits(&self) -> bool {
        match self {
            Wish::Assign(ask) => ask.forfeit,
            Wish::Cancel { forfeit, .. } => *forfeit,
            Wish::Land(_) | Wish::Seats(_) | Wish::Resume => false,
        }
    }
    fn scope(&self) -> Scope {
        match self {
            Wish::Assign(_) | Wish::Land(_) | Wish::Cancel { .. } => Scope::Whole,
            Wish::Seats(_) => Scope::Seats,
            Wish::Resume => Scope::Undo,
        }
    }
    fn payment_method(&self) -> Option<&str> {
        match self {
            Wish::Assign(ask) => ask.payment_method.as_deref(),
            _ => None,
        }
    }
    fn since(&self) -> Option<Timestamp> {
        match self {
            Wish::Assign(ask) | Wish::Land(ask) => ask.since,
            _ => None,
        }
    }
    fn coupon(&self) -> Option<&str> {
        match self {
            Wish::Assign(ask) => ask.coupon.as_deref(),
            _ => None,
        }
    }
    /// The command that wishes it; it finishes what it began.
    fn command(&self, customer: &CustomerId) -> String {
        match self {
            Wish::Assign(ask) | Wish::Land(ask) => format!("tier assign {customer} {}", ask.asked.tier),
            Wish::Seats(seats) => format!("tier seats {customer} {seats}"),
            Wish::Cancel { .. } => format!("tier cancel {customer}"),
            Wish::Resume => format!("tier resume {customer}"),
        }
    }
    /// Whether it counts from what there is: then what finishes it must not do it again.
    fn is_relative(&self) -> bool {
        matches!(self, Wish::Seats(Seats::More(_) | Seats::Fewer(_)))
    }
}

/// What it takes, before anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The customer.
    pub customer: Customer,
    /// What it is to have; `None` where its subscription just ends.
    pub wanted: Option<Wanted>,
    /// What that takes.
    pub decision: Decision,
    /// What it has.
    pub has: Has,
    /// Our estimate of what it charges; usage is left aside, unless the subscription ends.
    pub charge: Option<Charge>,
    /// Stripe's preview of it, with the usage that Stripe has and whatever waits for an invoice.
    pub preview: Option<PreviewFound>,
    /// What Stripe said where it refused the preview.
    pub preview_refused: Option<String>,
    /// The subscription is in its trial.
    pub trialing: bool,
    /// An earlier change was begun and not finished: it comes first.
    pub unfinished: bool,
    /// Usage that is drained first, or given up.
    pub unsent: Option<Unsent>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The customer.
    pub customer: Customer,
    /// What it is on now.
    pub assignment: Assignment,
    /// The change that waits for its day.
    pub pending: Option<Pending>,
    /// Status of its subscription, in Stripe's word.
    pub status: Option<String>,
    /// Whether anything was changed.
    pub changed: bool,
    /// Trial credits that were granted now.
    pub trial_credits: Option<i64>,
}

/// What became of a subscription that was to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// The customer.
    pub customer: Customer,
    /// What it is on until then; of one that has ended, what it was on.
    pub assignment: Assignment,
    /// When it ends; `None` where it has.
    pub pending: Option<Pending>,
    /// Where the customer lands by the terms of its tier.
    pub fallback: Option<TierKey>,
    /// Whether anything was changed.
    pub changed: bool,
}

/// What assigning would take. Reads only.
pub async fn assign_plan(desk: &Desk<'_>, ask: &Ask) -> Result<Plan, Error> {
    plan(desk, &ask.customer, Wish::Assign(ask)).await
}

/// As [`assign_plan`], with everything made that the plan names: what was begun before is finished, and the prices of a
/// deal are at Stripe.
pub async fn assign_ready(desk: &Desk<'_>, ask: &Ask) -> Result<Plan, Error> {
    let (customer, cus) = linked(desk, &ask.customer)?;
    while assign_finish(desk, &customer).await? {}
    if ask.asked.deal.is_some() {
        let found = desk.api.subscription_list(&cus).await?.value;
        let wish = Wish::Assign(ask);
        let (_, count) = intents(desk, &customer)?;
        deal_made(desk, &wish, &gather(desk, customer, found, count, &wish).await?).await?;
    }
    assign_plan(desk, ask).await
}

/// Puts the customer on the tier, now or when its day comes. The same again changes nothing.
pub async fn assign(desk: &Desk<'_>, ask: &Ask) -> Result<Outcome, Error> {
    let ran = run(desk, &ask.customer, Wish::Assign(ask)).await?;
    outcome(desk, ran)
}

/// As [`assign`], for one who is on nothing: whoever is on something by then, and whoever has a subscription, stays.
pub async fn assign_landing(desk: &Desk<'_>, ask: &Ask) -> Result<Outcome, Error> {
    let ran = run(desk, &ask.customer, Wish::Land(ask)).await?;
    outcome(desk, ran)
}

/// Finishes a change of tier that was begun and not finished; says whether there was one.
pub async fn assign_finish(desk: &Desk<'_>, customer: &Customer) -> Result<bool, Error> {
    match intents(desk, customer)? {
        (Some(intent), _) => finish::finish(desk, customer, &intent, None).await.map(|_| true),
        (None, _) => Ok(false),
    }
}

/// What other seats would take. Reads only.
pub async fn seats_plan(desk: &Desk<'_>, customer: &CustomerId, seats: Seats) -> Result<Plan, Error> {
    plan(desk, customer, Wish::Seats(seats)).await
}

/// Changes how many seats a customer has, on the tier that it is on. A planned end stays; another tier that waits is
/// undone. A number that counts from what there is finishes what it began, and does not count twice.
pub async fn seats(desk: &Desk<'_>, customer: &CustomerId, seats: Seats) -> Result<Outcome, Error> {
    let ran = run(desk, customer, Wish::Seats(seats)).await?;
    outcome(desk, ran)
}

/// What undoing would take. Reads only.
pub async fn resume_plan(desk: &Desk<'_>, customer: &CustomerId) -> Result<Plan, Error> {
    plan(desk, customer, Wish::Resume).await
}

/// Undoes what waits for its day: another tier, or an end.
pub async fn resume(desk: &Desk<'_>, customer: &CustomerId) -> Result<Outcome, Error> {
    let ran = run(desk, customer, Wish::Resume).await?;
    outcome(desk, ran)
}

/// What ending the subscription would take. Reads only.
pub async fn cancel_plan(
    desk: &Desk<'_>,
    customer: &CustomerId,
    at: Option<When>,
    forfeit: bool,
) -> Result<Plan, Error> {
    plan(desk, customer, Wish::Cancel { at, forfeit }).await
}

/// Ends the customer's subscription, at the end of its period unless said otherwise. What it falls back to is stored
/// as an intent once it has ended.
pub async fn cancel(
    desk: &Desk<'_>,
    customer: &CustomerId,
    at: Option<When>,
    forfeit: bool,
) -> Result<Cancelled, Error> {
    let ran = run(desk, customer, Wish::Cancel { at, forfeit }).await?;
    desk.store.read(|r| {
        let row = ran.customer.row;
        let last = r.assignments_of(row)?.into_iter().rev().find(|it| it.sub.is_some());
        let assignment = last.ok_or_else(|| not_on_a_tier(customer))?;
        let pending = r.pending_waiting(row)?.map(|it| it.change);
        let terms = r.revision_terms(&assignment.revision)?;
        let fallback = terms.and_then(|(terms, _)| terms.fallback);
        Ok(Cancelled { customer: ran.customer, assignment, pending, fallback, changed: ran.changed })
    })
}

async fn plan(desk: &Desk<'_>, id: &CustomerId, wish: Wish<'_>) -> Result<Plan, Error> {
    let (customer, cus) = linked(desk, id)?;
    let (unfinished, count) = intents(desk, &customer)?;
    let found = desk.api.subscription_list(&cus).await?.value;
    let gathered = gather(desk, customer, found, count, &wish).await?;
    let (wanted, decision) = decided(desk, &wish, &gathered, true)?;
    let held = gathered.has.subscription.as_ref();
    let there = held.and_then(|held| gathered.found.iter().find(|it| it.id == held.sub));
    let (unsent, usage) = desk.store.read(|r| {
        let customer = &gathered.customer;
        let usage = cost_so_far(r, customer, gathered.catalog.currency, desk.now)?;
        Ok::<_, Error>((unsent(r, customer, held, &decision, desk.now)?, usage))
    })?;
    // What is given up is billed nowhere.
    let given_up = unsent.filter(|_| wish.forfeits()).and_then(|it| it.cost).map_or(0, |cost| cost.minor);
    let usage = usage.map(|usage| Money { minor: usage.minor - given_up, ..usage });
    let taken_back = match &decision {
        Decision::EndLater { at, .. } => Unend::moved(there, *at),
        _ => undo_of(&decision).and_then(|undo| Unend::undone(undo, there)),
    };
    let part = taken_back == Some(Unend::Part);
    let stands = Stands { part, usage, ..there.map(stands).unwrap_or_default() };
    let charge = charge(&decision, wanted.as_ref(), &gathered.has, &stands, desk.now);
    let coupons: Vec<String> = wanted.iter().filter_map(|wanted| wanted.coupon.clone()).collect();
    let shown = preview::preview(desk, &cus, (held, there), wanted.as_ref(), &decision, &coupons).await;
    let (preview, preview_refused) = match shown {
        Ok(found) => (found, None),
        Err(said) => (None, Some(said)),
    };
    let (customer, has, unfinished) = (gathered.customer, gathered.has, unfinished.is_some());
    let trialing = stands.trialing;
    Ok(Plan {
        customer,
        wanted,
        decision,
        has,
        charge,
        preview,
        preview_refused,
        trialing,
        unfinished,
        unsent,
    })
}

/// What a wish came to.
struct Ran {
    customer: Customer,
    changed: bool,
    trial_credits: Option<i64>,
}

/// Of a wish that the tier fulfils already, the payment method is left. Says whether it was another one before.
async fn charge_from_now_on(desk: &Desk<'_>, customer: &Customer, wish: &Wish<'_>) -> Result<bool, Error> {
    let (Some(method), Some(cus)) = (wish.payment_method(), customer.cus.as_deref()) else {
        return Ok(false);
    };
    let before = desk.api.customer_retrieve(cus).await?.value.default_payment_method;
    // A test name becomes a new id each time, so nobody can tell whether it is what is charged already: the same again
    // changes nothing, and `customer add` takes another one.
    if is_test_name(method) && before.is_some() {
        return Ok(false);
    }
    // Both steps are looked at before they are done, so nothing need be stored first.
    let key = format!("paygrade:{}:charge:{}:{method}", desk.namespace, customer.id);
    let now = payment_method_default(desk, cus, method, &key, true).await?;
    Ok(before.as_deref() != Some(now.as_str()))
}

async fn run(desk: &Desk<'_>, id: &CustomerId, wish: Wish<'_>) -> Result<Ran, Error> {
    refuse_fenced(desk.store)?;
    let mut credits = None;
    let (mut changed, mut drained) = (false, wish.forfeits());
    let mut rounds = 0;
    while rounds < ROUNDS_MAX {
        let (customer, _) = linked(desk, id)?;
        let (open, count) = intents(desk, &customer)?;
        if let Some(intent) = open {
            rounds += 1;
            let is_ours = wish.is_relative() && Body::of(&intent)?.wish == wish.command(id);
            let done = finish::finish(desk, &customer, &intent, None).await?;
            (credits, changed) = (credits.or(done.trial_credits), true);
            if is_ours {
                return Ok(Ran { customer, changed, trial_credits: credits });
            }
            continue;
        }
        let found = super::refresh::subscription_refresh(desk, &customer).await?;
        let gathered = gather(desk, customer, found, count, &wish).await?;
        let stays = gathered.has.pinned.is_some() || gathered.has.subscription.is_some();
        if stays && matches!(wish, Wish::Land(_)) {
            return Ok(Ran { customer: gathered.customer, changed, trial_credits: credits });
        }
        deal_made(desk, &wish, &gathered).await?;
        let (wanted, decision) = decided(desk, &wish, &gathered, false)?;
        if decision == Decision::Nothing {
            gather::learn(desk, &gathered)?;
            let charged = charge_from_now_on(desk, &gathered.customer, &wish).await?;
            let changed = changed || charged;
            return Ok(Ran { customer: gathered.customer, changed, trial_credits: credits });
        }
        if !drained && gathered.has.subscription.as_ref().is_some_and(|held| cuts(held, &decision)) {
            drain(desk, &gathered.customer).await?;
            // That may have taken long: what was decided is decided anew.
            drained = true;
            continue;
        }
        rounds += 1;
        // A page that could still be paid would make a second subscription.
        let creates = matches!(decision, Decision::Create { .. });
        if creates && super::tier_checkout::close(desk, &gathered.customer).await? {
            continue;
        }
        let intent = match begin(desk, &wish, &gathered, wanted.as_ref(), &decision)? {
            Some(Begun::New(intent)) => intent,
            // Another process was here since Stripe was asked.
            Some(Begun::Other(_)) | None => continue,
        };
        let done = finish::finish(desk, &gathered.customer, &intent, Some(&gathered.found)).await?;
        let trial_credits = credits.or(done.trial_credits);
        return Ok(Ran { customer: gathered.customer, changed: true, trial_credits });
    }
    Err(Error::new(Kind::Busy, "customer_busy", format!("others keep changing the tier of {id}"))
        .changed(Changed::Recorded)
        .hint("run the same command again"))
}

fn outcome(desk: &Desk<'_>, ran: Ran) -> Result<Outcome, Error> {
    let Ran { customer, changed, trial_credits } = ran;
    desk.store.read(|r| {
        let assignment = r.assignment_open(customer.row)?.ok_or_else(|| {
            let what = format!("the subscription of {} ended before it was stored", customer.id);
            Error::new(Kind::Stripe, "subscription_ended", what)
                .changed(Changed::Recorded)
                .hint(format!("see `paygrade customer show {}`, then assign the tier again", customer.id))
        })?;
        let status = match &assignment.sub {
            Some(sub) => r.subscription_get(sub)?.map(|it| it.status),
            None => None,
        };
        let pending = r.pending_waiting(customer.row)?.map(|it| it.change);
        Ok(Outcome { customer, assignment, pending, status, changed, trial_credits })
    })
}

/// What is decided. `shown`: nothing is made, so prices of a deal that are not there yet have no ids.
fn decided(
    desk: &Desk<'_>,
    wish: &Wish<'_>,
    gathered: &Gathered,
    shown: bool,
) -> Result<(Option<Wanted>, Decision), Error> {
    let (id, has) = (&gathered.customer.id, &gathered.has);
    if let Wish::Cancel { at, .. } = wish {
        let decision = decide_cancel(has, *at, desk.now).map_err(|it| undecided(&it, id))?;
        return Ok((None, decision));
    }
    let (asked, wanted) = wanted_by(wish, gathered)?;
    if wish.payment_method().is_some() && !wanted.needs_subscription() {
        return Err(refusal::not_paid(id, &asked, &gathered.catalog));
    }
    let mut prices = desk.store.read(|r| r.revision_prices(&wanted.revision))?;
    if shown && asked.deal.is_some() {
        for item in wanted.items() {
            prices.entry(item.role.clone()).or_insert_with(|| preview::new_price(&item.role));
        }
    }
    let how = How { at: wish.at(), scope: wish.scope(), now: desk.now };
    let decision = decide(&wanted, &prices, has, how).map_err(|it| undecided(&it, id))?;
    Ok((Some(wanted), decision))
}

fn wanted_by(wish: &Wish<'_>, gathered: &Gathered) -> Result<(Asked, Wanted), Error> {
    let mut asked = asked(wish, gathered)?;
    asked.coupon = gathered.redeem.as_ref().map(|it| it.id().to_owned());
    let wanted = wanted(&gathered.catalog, &asked, &gathered.has)
        .map_err(|it| refused(wish, &it, &asked, gathered))?;
    Ok((asked, wanted))
}

/// The refusal, with what to do in the words of the command that was given.
fn refused(wish: &Wish<'_>, why: &Refused, asked: &Asked, gathered: &Gathered) -> Error {
    let customer = &gathered.customer.id;
    let error = refusal(why, customer, asked, &gathered.catalog);
    match (wish, why) {
        (Wish::Seats(_), Refused::Seats { seats, min, max, .. }) => {
            let nearest = max.filter(|max| seats > max).unwrap_or(*min);
            error.hint(format!("paygrade tier seats {customer} {nearest}"))
        }
        _ => error,
    }
}

/// Makes the prices of a deal, once it is known that it can be had.
async fn deal_made(desk: &Desk<'_>, wish: &Wish<'_>, gathered: &Gathered) -> Result<(), Error> {
    let Wish::Assign(Ask { asked: Asked { deal: Some(_), .. }, .. }) = wish else { return Ok(()) };
    let (_, wanted) = wanted_by(wish, gathered)?;
    super::deal::deal_prices(desk, &gathered.catalog, &wanted.revision, &wanted.terms).await
}

/// The tier that a wish is about: what is asked for, or what the customer is on.
fn asked(wish: &Wish<'_>, gathered: &Gathered) -> Result<Asked, Error> {
    if let Wish::Assign(ask) | Wish::Land(ask) = wish {
        return Ok(ask.asked.clone());
    }
    let id = &gathered.customer.id;
    let pinned = gathered.has.pinned.as_ref().ok_or_else(|| not_on_a_tier(id))?;
    let mut asked = Asked::of(pinned.revision.tier.clone());
    if let Wish::Seats(seats) = wish {
        let own = pinned.seats.unwrap_or_default();
        let number = match seats {
            Seats::To(number) => Some(*number),
            Seats::More(number) => own.checked_add(*number),
            Seats::Fewer(number) => own.checked_sub(*number),
        };
        asked.seats = Some(number.filter(|_| pinned.seats.is_some()).unwrap_or(0));
        if pinned.seats.is_some() && number.is_none() {
            return Err(refusal::seats_beyond(id, own, *seats));
        }
    }
    Ok(asked)
}

/// Stores the intent under its operation id; `None` when another one was begun since Stripe was asked, for then what
/// was decided may have been done already.
fn begin(
    desk: &Desk<'_>,
    wish: &Wish<'_>,
    gathered: &Gathered,
    wanted: Option<&Wanted>,
    decision: &Decision,
) -> Result<Option<Begun>, Error> {
    desk.store.write(desk.now, |w| {
        let customer = &gathered.customer;
        if w.reader().intent_count(customer.row, IntentKind::Tier)? != gathered.count {
            return Ok(None);
        }
        let open = w.reader().assignment_open(customer.row)?;
        let body = Body::new(desk, wish, gathered, wanted, decision, open.as_ref()).map_err(too_long)?;
        if let Some(wanted) = wanted {
            w.revision_put(&wanted.revision, &wanted.terms.to_json(wanted.currency))?;
        }
        let key = format!("paygrade:{}:tier:{}", desk.namespace, body.op);
        Ok(Some(w.intent_begin(customer.row, IntentKind::Tier, &key, &body.to_json()?)?))
    })
}

/// What an open intent leads to, in words, and the command that finishes it.
pub fn unfinished(customer: &CustomerId, intent: &Intent) -> (String, String) {
    let body = Body::of(intent).ok();
    let tier = body.as_ref().and_then(|body| body.revision().ok()).map(|it| it.tier.to_string());
    let says = tier.as_ref().map_or_else(|| "an end".to_owned(), |tier| format!("a change to {tier}"));
    let command = body
        .map(|body| body.wish)
        .filter(|wish| !wish.is_empty())
        .unwrap_or_else(|| format!("tier assign {customer} {}", tier.unwrap_or_else(|| "TIER".to_owned())));
    (says, format!("paygrade {command}"))
}
