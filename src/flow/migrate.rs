//! `tier migrate`: subscribers of a tier to the terms that are sold now, one after the other. Each is an assignment of
//! its own, so that a run that ends in the middle leaves whole ones, and the next goes on with the rest.
//!
//! Before anything is done both bills of each are compared: what Stripe charges by its preview must be what our terms
//! say, before and after; whoever differs is left alone and named.

use std::collections::BTreeSet;

use super::Desk;
use super::assign::{Ask as Wish, Plan, assign, assign_plan, catalog_required, resume, whole_period};
use super::usage_show::{Filter, Which, usage_show};
use crate::billing::assign::{Asked, Decision, Held, Pinned, Wanted, WantedItem, When, recurring_amount};
use crate::billing::catalog::{Interval, Terms};
use crate::billing::grace::owes;
use crate::billing::id::{CustomerId, MeterKey, Revision, TierKey};
use crate::billing::migrate::{Bill, Left, monthly_change, usage_bill};
use crate::billing::money::{Currency, Money};
use crate::billing::spelling::nearest;
use crate::billing::time::Timestamp;
use crate::billing::wanted::Sold;
use crate::error::{Changed, Error, Kind};
use crate::flow::push::refuse_fenced;
use crate::store::CustomerRow;
use crate::store::customer::Customer;
use crate::store::intent::IntentKind;
use crate::store::tier::Assignment;
use crate::stripe::{PreviewFound, PriceChange};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The tier.
    pub tier: TierKey,
    /// Only subscribers of this revision.
    pub from: Option<Revision>,
    /// When each moves.
    pub at: When,
    /// Nobody but these.
    pub only: Option<BTreeSet<CustomerId>>,
    /// Not these.
    pub except: BTreeSet<CustomerId>,
    /// Most that move in this run.
    pub limit: Option<usize>,
    /// Take back what this run did, instead.
    pub undo: Option<i64>,
}

/// Where a subscriber stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is to move.
    Ready,
    /// It waits for its day already.
    Waits,
    /// It moved, or waits for its day, by this run.
    Moved,
    /// It is left alone.
    Left,
    /// It was tried and could not be done.
    Failed,
}

impl Status {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Ready => "ready",
            Status::Waits => "waits",
            Status::Moved => "moved",
            Status::Left => "left",
            Status::Failed => "failed",
        }
    }
}

/// One subscriber.
#[derive(Debug, Clone)]
pub struct Line {
    /// Whose.
    pub customer: Customer,
    /// What it is on.
    pub on: Assignment,
    /// What it is to be on.
    pub to: Option<Revision>,
    /// A discount of its subscription, in minor units a period.
    pub discount: Option<Money>,
    /// When another change comes.
    pub pending: Option<Timestamp>,
    /// A period by the old terms.
    pub old: Option<Money>,
    /// A period by the new ones.
    pub new: Option<Money>,
    /// What changes a month.
    pub monthly_change: Option<Money>,
    /// When it moves; `None`: now.
    pub effective: Option<Timestamp>,
    /// Where it stands.
    pub status: Status,
    /// Why, where it is left or failed.
    pub reason: Option<String>,
    /// It differs from what Stripe charges.
    pub is_mismatch: bool,
    /// What fulfils it.
    wish: Option<Todo>,
}

/// What fulfils a line.
#[derive(Debug, Clone)]
enum Todo {
    Assign(Box<Wish>),
    /// What waits is undone.
    Resume,
}

/// What would be done.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Everybody who is concerned, up to the limit.
    pub lines: Vec<Line>,
    /// How many more there are beyond it.
    pub more: usize,
}

/// What moving would take. Reads only: two previews for each subscriber with a subscription.
pub async fn migrate_plan(desk: &Desk<'_>, ask: &Ask) -> Result<Planned, Error> {
    let rows = match ask.undo {
        Some(run) => moved_by(desk, ask, run)?,
        None => candidates(desk, ask)?,
    };
    let mut planned = Planned { lines: Vec::new(), more: 0 };
    let mut ready = 0;
    for (customer, on, back) in rows {
        if ask.limit.is_some_and(|limit| ready >= limit) {
            planned.more += 1;
            continue;
        }
        desk.api.run_anew();
        let line = match (ask.undo, back) {
            (Some(_), Back::Waiting(at)) => undone(customer, on, at),
            (_, back) => line(desk, ask, customer, on, back).await?,
        };
        ready += usize::from(line.status == Status::Ready);
        planned.lines.push(line);
    }
    Ok(planned)
}

/// What a subscriber moves to.
enum Back {
    /// The terms that are sold now.
    Sold,
    /// The terms that it had before.
    To(Box<Terms>),
    /// It has not moved yet: what waits is undone.
    Waiting(Timestamp),
    /// It has gone on from there.
    Gone,
}

type Candidate = (Customer, Assignment, Back);

fn wanted(ask: &Ask, customer: &Customer) -> bool {
    let chosen = ask.only.as_ref().is_none_or(|only| only.contains(&customer.id));
    chosen && !ask.except.contains(&customer.id)
}

/// Everybody on another revision of the tier than the one that is sold.
fn candidates(desk: &Desk<'_>, ask: &Ask) -> Result<Vec<Candidate>, Error> {
    desk.store.read(|r| {
        let catalog = catalog_required(r)?;
        let tier = &ask.tier;
        let Some(sold) = catalog.tiers.get(tier) else {
            let near = nearest(tier.as_str(), catalog.tiers.keys().map(TierKey::as_str));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let text = format!("there is no tier `{tier}`{near}");
            return Err(
                Error::new(Kind::BadInput, "unknown_tier", text).hint("`paygrade tier list` shows them all")
            );
        };
        if sold.custom {
            let text = format!("tier {tier} is custom: each of its subscribers has terms of its own");
            return Err(Error::new(Kind::Refused, "tier_custom", text)
                .hint("agree with each: paygrade tier assign CUSTOMER TIER --deal FILE"));
        }
        if let Some(from) = &ask.from
            && r.revision_terms(from)?.is_none_or(|_| from.tier != *tier)
        {
            let known = r.revisions_of(tier)?.iter().map(Revision::to_string).collect::<Vec<_>>();
            return Err(Error::new(
                Kind::BadInput,
                "unknown_revision",
                format!("tier {tier} has no revision {from}"),
            )
            .hint(format!("there are: {}", known.join(", "))));
        }
        let revision = sold.terms.revision(tier, catalog.currency);
        let mut all = Vec::new();
        for row in r.customers_on(tier)? {
            let (customer, Some(on)) = (r.customer_get(row)?, r.assignment_open(row)?) else { continue };
            let concerned =
                on.revision != revision && ask.from.as_ref().is_none_or(|from| on.revision == *from);
            if concerned && wanted(ask, &customer) {
                all.push((customer, on, Back::Sold));
            }
        }
        Ok(all)
    })
}

/// Everybody whom a run has moved.
fn moved_by(desk: &Desk<'_>, ask: &Ask, run: i64) -> Result<Vec<Candidate>, Error> {
    desk.store.read(|r| {
        let known = r.run_get(run)?.filter(|it| it.command == "tier migrate");
        if known.is_none() {
            let text = format!("run {run} is no run of `tier migrate`");
            return Err(Error::new(Kind::BadInput, "unknown_run", text)
                .hint("`paygrade runs list --command \"tier migrate\"` shows them"));
        }
        let mut all = Vec::new();
        for row in r.customers_moved_by(run)? {
            let customer = r.customer_get(row)?;
            let Some(on) = r.assignment_open(row)? else { continue };
            if on.revision.tier == ask.tier && wanted(ask, &customer) {
                let back = back_of(r, row, &on, run)?;
                all.push((customer, on, back));
            }
        }
        Ok(all)
    })
}

fn back_of(r: &crate::store::Reader<'_>, row: CustomerRow, on: &Assignment, run: i64) -> Result<Back, Error> {
    if let Some(waits) = r.pending_waiting(row)? {
        let ours = r.pending_is_of_run(waits.pending, run)?;
        return Ok(if ours { Back::Waiting(waits.change.at) } else { Back::Gone });
    }
    // It moved, and nothing came after it.
    let history = r.assignments_of(row)?;
    let before = history.iter().rev().find(|it| it.to_at.is_some() && it.revision != on.revision);
    let Some(before) = before.filter(|it| it.revision.tier == on.revision.tier) else {
        return Ok(Back::Gone);
    };
    Ok(match r.revision_terms(&before.revision)? {
        Some((terms, _)) => Back::To(Box::new(terms)),
        None => Back::Gone,
    })
}

fn blank(customer: Customer, on: Assignment) -> Line {
    Line {
        customer,
        on,
        to: None,
        discount: None,
        pending: None,
        old: None,
        new: None,
        monthly_change: None,
        effective: None,
        status: Status::Left,
        reason: None,
        is_mismatch: false,
        wish: None,
    }
}

/// A subscriber that has not moved yet: nothing changes, and nothing will.
fn undone(customer: Customer, on: Assignment, at: Timestamp) -> Line {
    let to = Some(on.revision.clone());
    let line = blank(customer, on);
    Line { to, pending: Some(at), status: Status::Ready, wish: Some(Todo::Resume), ..line }
}

async fn line(
    desk: &Desk<'_>,
    ask: &Ask,
    customer: Customer,
    on: Assignment,
    back: Back,
) -> Result<Line, Error> {
    let mut asked = Asked { interval: on.interval, seats: on.seats, ..Asked::of(ask.tier.clone()) };
    match back {
        Back::Sold => asked.renew = true,
        Back::To(terms) => asked.back = Some(*terms),
        Back::Waiting(_) | Back::Gone => {
            let reason = Some("something else was changed since".to_owned());
            return Ok(Line { reason, ..blank(customer, on) });
        }
    }
    let at = on.sub.as_ref().map(|_| ask.at);
    let wish = Wish { asked, at, ..Wish::of(customer.id.clone(), ask.tier.clone()) };
    let mut line = blank(customer, on);
    if let Err(left) = judged(desk, &wish, &mut line).await? {
        line.is_mismatch = matches!(left, Left::Mismatch { .. });
        line.reason = Some(left.to_string());
        return Ok(line);
    }
    if line.status == Status::Left {
        line.status = Status::Ready;
        line.wish = Some(Todo::Assign(Box::new(wish)));
    }
    Ok(line)
}

/// Fills in a line, and says why it is left alone.
async fn judged(desk: &Desk<'_>, wish: &Wish, line: &mut Line) -> Result<Result<(), Left>, Error> {
    let waits = desk.store.read(|r| r.pending_waiting(line.customer.row))?;
    line.pending = waits.as_ref().map(|it| it.change.at);
    let plan = match assign_plan(desk, wish).await {
        Ok(plan) => plan,
        Err(error) if matches!(error.kind(), Kind::Refused | Kind::BadInput | Kind::Config) => {
            return Ok(Err(Left::Refused(error.to_string())));
        }
        Err(error) => return Err(error),
    };
    let Some(wanted) = &plan.wanted else { return Ok(Err(Left::Refused("it ends".to_owned()))) };
    line.to = Some(wanted.revision.clone());
    if plan.decision == Decision::Nothing {
        line.effective = line.pending.or(plan.has.pending.as_ref().map(|it| it.at));
        // What a run that died began is at Stripe already, and still has to be noted here.
        let begun = desk.store.read(|r| r.intent_open(line.customer.row, IntentKind::Tier))?.is_some();
        if !begun {
            line.status = Status::Waits;
        }
        return Ok(Ok(()));
    }
    if let Some(waits) = &plan.has.pending {
        let to = waits.to.as_ref().map_or_else(|| "it ends".to_owned(), |to| to.revision.to_string());
        line.pending = Some(waits.at);
        return Ok(Err(Left::Pending(format!("{to} at {}", waits.at))));
    }
    line.effective = match &plan.decision {
        Decision::Later { at, .. } => Some(*at),
        _ => None,
    };
    let status =
        line.on.sub.as_deref().map(|sub| desk.store.read(|r| r.subscription_get(sub))).transpose()?;
    if let Some(status) = status.flatten().map(|it| it.status).filter(|status| owes(status)) {
        return Ok(Err(Left::Owes(status)));
    }
    bills(desk, line, &plan, wanted, wish.asked.back.is_some()).await
}

/// Both bills of the last closed period, and whether Stripe's are ours.
async fn bills(
    desk: &Desk<'_>,
    line: &mut Line,
    plan: &Plan,
    wanted: &Wanted,
    is_back: bool,
) -> Result<Result<(), Left>, Error> {
    let currency = wanted.currency;
    let money = |minor: i64| Money { minor, currency };
    let (Some(held), Some(pinned)) = (&plan.has.subscription, &plan.has.pinned) else {
        (line.old, line.new, line.monthly_change) = (Some(money(0)), Some(money(0)), Some(money(0)));
        return Ok(Ok(()));
    };
    let used = used(desk, &line.customer.id)?;
    let by_terms = |terms: &Terms, interval, seats| {
        let recurring = recurring_amount(terms, interval, seats, currency)?.minor;
        Some(Bill { recurring, usage: usage_bill(terms, &used, currency)?, discount: 0 })
    };
    let ours = by_terms(&pinned.terms, pinned.interval, pinned.seats).zip(by_terms(
        &wanted.terms,
        wanted.interval,
        wanted.seats,
    ));
    let Some((old_ours, new_ours)) = ours else {
        return Ok(Err(Left::Refused("its bill is too large to be counted".to_owned())));
    };
    // Prices that were taken off sale have no preview: who goes back to them is shown by the terms alone.
    let found = if is_back { None } else { Some(previews(desk, line, held, wanted).await?) };
    let (old, new) = match found {
        None => (old_ours, new_ours),
        Some(Err(left)) => return Ok(Err(left)),
        Some(Ok((old, new))) => {
            let items = items_of(desk, wanted)?;
            let licensed = |items: Vec<(&str, Option<u64>)>| {
                items
                    .into_iter()
                    .filter(|it| it.1.is_some())
                    .map(|it| it.0.to_owned())
                    .collect::<BTreeSet<_>>()
            };
            let before = licensed(held.items.iter().map(|it| (it.price.as_str(), it.quantity)).collect());
            let after = licensed(items.iter().map(|(price, quantity)| (price.as_str(), *quantity)).collect());
            let as_said = held_as_said(desk, held, pinned)?;
            (seen(&old, &before, old_ours, as_said), seen(&new, &after, new_ours, as_said))
        }
    };
    line.discount = Some(money(old.discount)).filter(|it| it.minor > 0);
    (line.old, line.new) = (Some(money(old.total())), Some(money(new.total())));
    line.monthly_change = Some(money(monthly_change(wanted.interval, &old, &new)));
    for (side, is_old, bill, ours) in [("old", true, old, old_ours), ("new", false, new, new_ours)] {
        if ours.recurring != bill.recurring {
            let (stripe, ours) = (money(bill.recurring).to_string(), money(ours.recurring).to_string());
            return Ok(Err(Left::Mismatch { side, is_old, stripe, ours }));
        }
    }
    Ok(Ok(()))
}

/// What Stripe charges for a period now, and by the wanted items.
async fn previews(
    desk: &Desk<'_>,
    line: &Line,
    held: &Held,
    wanted: &Wanted,
) -> Result<Result<(PreviewFound, PreviewFound), Left>, Error> {
    let cus = line.customer.cus.as_deref().unwrap_or_default();
    let items = items_of(desk, wanted)?;
    let old = whole_period(desk, cus, held, None).await;
    let new = whole_period(desk, cus, held, Some(&items)).await;
    match (old, new) {
        (Ok(old), Ok(new)) => Ok(Ok((old.value, new.value))),
        (Err(failure), _) | (_, Err(failure)) if failure.refusal().is_some() => {
            Ok(Err(Left::Refused(format!("Stripe's preview: {}", Error::from(failure)))))
        }
        (Err(failure), _) | (_, Err(failure)) => Err(failure.into()),
    }
}

/// A bill as Stripe charges it. What is charged by the year is not in the next invoice, which bills a month's usage: there
/// the items must be as the terms say.
fn seen(found: &PreviewFound, licensed: &BTreeSet<String>, ours: Bill, as_said: bool) -> Bill {
    let is_ours = |price: &Option<String>| price.as_ref().is_some_and(|price| licensed.contains(price));
    let lines: Vec<i64> =
        found.lines.iter().filter(|it| is_ours(&it.price) && !it.proration).map(|it| it.amount).collect();
    let recurring = if lines.is_empty() && as_said { ours.recurring } else { lines.iter().sum() };
    Bill { recurring, discount: found.subtotal.saturating_sub(found.total).max(0), ..ours }
}

/// Price and quantity of each item by the terms.
fn items_of(desk: &Desk<'_>, wanted: &Wanted) -> Result<Vec<(String, Option<u64>)>, Error> {
    let prices = desk.store.read(|r| r.revision_prices(&wanted.revision))?;
    let item = |item: WantedItem| Some((prices.get(&item.role)?.clone(), item.quantity));
    Ok(wanted.items().into_iter().filter_map(item).collect())
}

/// Whether what is charged by the year is charged by the price and for the number that the terms say.
fn held_as_said(desk: &Desk<'_>, held: &Held, pinned: &Pinned) -> Result<bool, Error> {
    let prices = desk.store.read(|r| r.revision_prices(&pinned.revision))?;
    let Some(interval) = pinned.interval.filter(|it| *it == Interval::Year) else { return Ok(false) };
    let per_seat = pinned.terms.recurring(interval).is_some_and(|price| price.per_seat);
    let quantity = if per_seat { u64::from(pinned.seats.unwrap_or(1)) } else { 1 };
    let licensed: Vec<_> = held.items.iter().filter(|item| item.quantity.is_some()).collect();
    Ok(matches!(licensed[..], [item] if Some(&item.price) == prices.get(interval.as_str())
        && item.quantity == Some(quantity)))
}

/// What was used in the customer's last closed period.
fn used(desk: &Desk<'_>, customer: &CustomerId) -> Result<Vec<(MeterKey, i64)>, Error> {
    let filter = Filter { customer: Some(customer.clone()), meter: None, which: Which::Last };
    let all = usage_show(desk.store, desk.now, &filter)?;
    Ok(all.into_iter().filter_map(|it| Some((MeterKey::parse(&it.meter).ok()?, it.used))).collect())
}

/// Moves those that are ready. Stops where Stripe cannot be asked or somebody wants an end; what is done stays done.
pub async fn migrate(
    desk: &Desk<'_>,
    mut planned: Planned,
    came: impl Fn() -> bool,
) -> Result<(Planned, Option<Error>), Error> {
    refuse_fenced(desk.store)?;
    for line in planned.lines.iter_mut().filter(|it| it.status == Status::Ready) {
        if came() {
            break;
        }
        desk.api.run_anew();
        let done = match &line.wish {
            Some(Todo::Assign(wish)) => match on_sale(desk, line, wish).await {
                Ok(()) => assign(desk, wish).await,
                Err(error) => Err(error),
            },
            Some(Todo::Resume) => resume(desk, &line.customer.id).await,
            None => continue,
        };
        match done {
            Ok(outcome) => {
                line.status = Status::Moved;
                line.effective = outcome.pending.map(|it| it.at);
            }
            Err(error) if matches!(error.kind(), Kind::Refused | Kind::BadInput | Kind::Stripe) => {
                line.status = Status::Failed;
                line.reason = Some(error.to_string());
            }
            Err(error) => {
                line.status = Status::Failed;
                line.reason = Some(error.to_string());
                return Ok((planned, Some(error.changed(Changed::Partial))));
            }
        }
    }
    Ok((planned, None))
}

/// Puts prices of earlier terms on sale again, where somebody goes back to them: Stripe takes no others for an item.
/// `seed` takes them off again.
async fn on_sale(desk: &Desk<'_>, line: &Line, wish: &Wish) -> Result<(), Error> {
    let Some(revision) = line.to.as_ref().filter(|_| wish.asked.back.is_some()) else { return Ok(()) };
    let prices = desk.store.read(|r| r.revision_prices(revision))?;
    let product = Sold::Tier(revision.tier.clone()).product_id(desk.namespace);
    let found = desk.api.price_list_by_product(&product).await?.value;
    for it in found.iter().filter(|it| !it.active && prices.values().any(|price| *price == it.id)) {
        let change = PriceChange { active: Some(true), ..PriceChange::default() };
        let key = format!("paygrade:{}:on-sale:{}:{}", desk.namespace, it.id, desk.now.0);
        desk.api.price_update(&it.id, &change, &key).await?;
    }
    Ok(())
}

/// The sum of what changes a month, of those that move or have moved.
pub fn monthly_sum(lines: &[Line]) -> Option<Money> {
    let moving = lines.iter().filter(|it| matches!(it.status, Status::Ready | Status::Moved));
    moving
        .filter_map(|it| it.monthly_change)
        .reduce(|sum, it| Money { minor: sum.minor.saturating_add(it.minor), currency: sum.currency })
}

/// How often the recurring price of a line is charged.
pub fn interval_word(line: &Line) -> Option<&'static str> {
    line.on.interval.map(Interval::as_str)
}

/// The currency of amounts, for a report without any.
pub fn currency_of(lines: &[Line]) -> Option<Currency> {
    lines.iter().find_map(|it| it.old).map(|it| it.currency)
}
