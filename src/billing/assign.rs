//! Putting a customer on a tier: what is wanted, and what that takes against what the customer has.
//!
//! - What a subscriber bought stays: whoever is on the tier already keeps the pinned terms, unless the interval changes.
//! - One subscription at a time: another tier changes its items in place, a free tier ends it.
//! - More comes now, less when what was paid for is over, unless a day is said.
//! - The same wish against what it made takes nothing.

mod decide;

pub use decide::{Decision, How, ItemStep, Scope, Undecided, Undo, When, cancel, decide};

use std::cmp::Ordering;

use super::catalog::{Catalog, Interval, RecurringPrice, Terms};
use super::id::{Revision, TierKey};
use super::money::{Currency, Money};
use super::price::{Charged, tier_prices};
use super::spelling::nearest;
use super::time::Timestamp;

/// Months in a year, for amounts per month.
const MONTHS: i64 = 12;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The tier.
    pub tier: TierKey,
    /// How often the recurring price is charged; the customer's own or the tier's first unless said.
    pub interval: Option<Interval>,
    /// Seats; the customer's own or the tier's fewest unless said.
    pub seats: Option<u32>,
    /// Days of trial; 0 is none, also where the tier has one.
    pub trial_days: Option<u32>,
    /// Days until a sent invoice is due, where invoices are to be sent.
    pub send_invoice_days: Option<u32>,
    /// Terms that were agreed with this customer, on a custom tier.
    pub deal: Option<Terms>,
    /// A coupon or promotion code that is to be redeemed, by its id at Stripe.
    pub coupon: Option<String>,
    /// The terms that are sold now, also where the customer is on others of the tier.
    pub renew: bool,
    /// Terms of the tier that the customer had before.
    pub back: Option<Terms>,
}

impl Asked {
    /// A tier, and all else as the customer has it or the tier says.
    pub fn of(tier: TierKey) -> Asked {
        Asked {
            tier,
            interval: None,
            seats: None,
            trial_days: None,
            send_invoice_days: None,
            deal: None,
            coupon: None,
            renew: false,
            back: None,
        }
    }
}

/// What the customer has now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Has {
    /// The pinned tier, if there is one.
    pub pinned: Option<Pinned>,
    /// The live subscription, if there is one.
    pub subscription: Option<Held>,
    /// There was a subscription before: the tier's own trial is for the first one.
    pub had_subscription: bool,
    /// There was a trial before: nobody gets a second one.
    pub had_trial: bool,
    /// Currencies of live subscriptions, also those that are not ours.
    pub currencies: Vec<String>,
    /// The change that waits for its day, if one does.
    pub pending: Option<Pending>,
}

/// A change that waits for its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// What comes; `None` where the subscription just ends.
    pub to: Option<Coming>,
    /// When.
    pub at: Timestamp,
    /// `sub_sched_…` that carries it out; `None` where the end of the subscription does.
    pub schedule: Option<String>,
}

/// What a change that waits leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coming {
    /// The revision to pin.
    pub revision: Revision,
    /// How often its recurring price is charged.
    pub interval: Option<Interval>,
    /// Seats.
    pub seats: Option<u32>,
}

/// The tier that a customer is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Its revision.
    pub revision: Revision,
    /// The terms of that revision.
    pub terms: Terms,
    /// How often the recurring price is charged.
    pub interval: Option<Interval>,
    /// Seats.
    pub seats: Option<u32>,
}

/// A live subscription: the items of it that are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// `sub_…`.
    pub sub: String,
    /// Its items with prices of our tiers; others are left alone.
    pub items: Vec<HeldItem>,
    /// Days until a sent invoice is due; `None` where the payment method is charged.
    pub send_invoice_days: Option<u32>,
    /// Days of the trial that it began with.
    pub trial_days: Option<u32>,
    /// The trial goes on: its first period begins when that is over.
    pub on_trial: bool,
    /// When what is paid for in advance is over: the end of the longest period of its items.
    pub period_end: Timestamp,
    /// When it will end.
    pub cancel_at: Option<Timestamp>,
    /// `sub_sched_…` that manages it.
    pub schedule: Option<String>,
    /// The coupon or promotion code that was redeemed for it last: the same again is not redeemed twice.
    pub coupon: Option<String>,
}

/// One item of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldItem {
    /// `si_…`.
    pub item: String,
    /// `price_…`.
    pub price: String,
    /// `None` on metered items.
    pub quantity: Option<u64>,
}

/// What is wanted, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The revision to pin.
    pub revision: Revision,
    /// Its terms.
    pub terms: Terms,
    /// The currency of its prices.
    pub currency: Currency,
    /// How often the recurring price is charged.
    pub interval: Option<Interval>,
    /// Seats.
    pub seats: Option<u32>,
    /// Days of trial of a new subscription.
    pub trial_days: Option<u32>,
    /// Days until a sent invoice is due.
    pub send_invoice_days: Option<u32>,
    /// The coupon or promotion code that is redeemed; `None` also where it was redeemed for this subscription.
    pub coupon: Option<String>,
    /// More than what the customer has, or less.
    pub direction: Direction,
}

/// Which way a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A tier of a higher rank, a longer interval or more seats, or the first tier of all.
    Up,
    /// Neither: fewer seats, other terms of the same tier.
    Level,
    /// A tier of a lower rank or a shorter interval.
    Down,
}

/// One item that the subscription must have: the key of its price within the tier, and its quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedItem {
    /// `month`, `year` or `usage.<meter>`.
    pub role: String,
    /// `None` on metered items.
    pub quantity: Option<u64>,
}

/// Why a wish is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such tier.
    #[error("there is no tier `{tier}`")]
    UnknownTier {
        /// What was asked for.
        tier: TierKey,
        /// The tier that was probably meant.
        near: Option<String>,
    },
    /// The tier takes no new customers.
    #[error("tier {tier} is retired: no new assignments")]
    Retired {
        /// The tier.
        tier: TierKey,
    },
    /// The tier's terms are given when it is assigned.
    #[error("tier {tier} is custom: its terms are agreed with each customer")]
    Custom {
        /// The tier.
        tier: TierKey,
    },
    /// Terms of one's own on a tier that has its terms.
    #[error("tier {tier} is not custom: its terms are those of the catalog")]
    NotCustom {
        /// The tier.
        tier: TierKey,
    },
    /// The tier is not sold for that interval.
    #[error("tier {tier} has no price per {asked}", asked = .asked.as_str())]
    Interval {
        /// The tier.
        tier: TierKey,
        /// What was asked for.
        asked: Interval,
        /// What there is.
        offered: Vec<Interval>,
    },
    /// Seats on a tier without any.
    #[error("tier {tier} has no seats")]
    NoSeats {
        /// The tier.
        tier: TierKey,
    },
    /// Too few or too many seats.
    #[error("tier {tier} takes {} seats, not {seats}", bounds(*.min, *.max))]
    Seats {
        /// The tier.
        tier: TierKey,
        /// What was asked for.
        seats: u32,
        /// Fewest.
        min: u32,
        /// Most.
        max: Option<u32>,
    },
    /// One currency per customer.
    #[error("the customer has a live subscription in {has}, and tier {tier} is sold in {wants}")]
    Currency {
        /// The tier.
        tier: TierKey,
        /// Of the live subscription.
        has: String,
        /// Of the catalog.
        wants: String,
    },
    /// Nobody gets a second trial.
    #[error("the customer has had a trial already: there is no second one")]
    SecondTrial,
    /// A trial begins with a subscription.
    #[error("the customer has a subscription already: a trial begins with a new one")]
    TrialTooLate,
    /// A trial or an invoice for a tier that costs nothing.
    #[error("tier {tier} has no subscription, so {option} has no meaning")]
    NotPaid {
        /// The tier.
        tier: TierKey,
        /// The option that was given.
        option: &'static str,
    },
}

fn bounds(min: u32, max: Option<u32>) -> String {
    max.map_or_else(|| format!("at least {min}"), |max| format!("{min} to {max}"))
}

/// What the customer is to have, from the wish, the catalog in force and what there is now.
pub fn wanted(catalog: &Catalog, asked: &Asked, has: &Has) -> Result<Wanted, Refused> {
    let tier = &asked.tier;
    let pinned = has.pinned.as_ref().filter(|pinned| pinned.revision.tier == *tier);
    let offered = catalog.tiers.get(tier);
    let currency = catalog.currency;
    if asked.deal.is_some() && offered.is_some_and(|offer| !offer.custom) {
        return Err(Refused::NotCustom { tier: tier.clone() });
    }
    let kept = pinned
        .filter(|it| asked.interval.is_none() || asked.interval == it.interval || it.interval.is_none())
        .filter(|it| asked.deal.as_ref().or(asked.back.as_ref()).is_none_or(|terms| *terms == it.terms))
        .filter(|_| !asked.renew);
    let (revision, terms) = match (kept, offered) {
        (Some(pinned), _) => (pinned.revision.clone(), pinned.terms.clone()),
        (None, Some(offer)) => {
            if offer.retired && pinned.is_none() {
                return Err(Refused::Retired { tier: tier.clone() });
            }
            let terms = match (asked.deal.as_ref().or(asked.back.as_ref()), offer.custom) {
                (Some(deal), _) => deal,
                (None, false) => &offer.terms,
                (None, true) => return Err(Refused::Custom { tier: tier.clone() }),
            };
            (terms.revision(tier, currency), terms.clone())
        }
        (None, None) => {
            let near = nearest(tier.as_str(), catalog.tiers.keys().map(TierKey::as_str)).map(str::to_owned);
            return Err(Refused::UnknownTier { tier: tier.clone(), near });
        }
    };
    let interval = interval(tier, &terms, asked.interval, has)?;
    let seats = seats(tier, &terms, asked.seats, has)?;
    if let Some(other) = has.currencies.iter().find(|code| *code != currency.code())
        && terms.needs_subscription()
    {
        let (has, wants) = (other.clone(), currency.code().to_owned());
        return Err(Refused::Currency { tier: tier.clone(), has, wants });
    }
    let trial_days = trial(tier, &terms, asked, has)?;
    let mut wanted = Wanted {
        revision,
        terms,
        currency,
        interval,
        seats,
        trial_days,
        send_invoice_days: asked.send_invoice_days,
        coupon: asked.coupon.clone().filter(|_| coupon_is_new(asked, has)),
        direction: Direction::Level,
    };
    wanted.direction = direction(catalog, &wanted, has);
    Ok(wanted)
}

fn coupon_is_new(asked: &Asked, has: &Has) -> bool {
    has.subscription.as_ref().is_none_or(|held| held.coupon != asked.coupon)
}

fn interval(
    tier: &TierKey,
    terms: &Terms,
    asked: Option<Interval>,
    has: &Has,
) -> Result<Option<Interval>, Refused> {
    let offered: Vec<Interval> = terms.prices.iter().map(|price| price.interval).collect();
    let own = has.pinned.as_ref().and_then(|pinned| pinned.interval).filter(|own| offered.contains(own));
    match asked {
        None => Ok(own.or(offered.first().copied())),
        Some(asked) if offered.contains(&asked) => Ok(Some(asked)),
        // Usage is always billed by the month.
        Some(Interval::Month) if offered.is_empty() => Ok(None),
        Some(asked) => Err(Refused::Interval { tier: tier.clone(), asked, offered }),
    }
}

fn seats(tier: &TierKey, terms: &Terms, asked: Option<u32>, has: &Has) -> Result<Option<u32>, Refused> {
    let per_seat = terms.prices.iter().any(|price| price.per_seat);
    let (min, max) = match terms.seats {
        Some(seats) => (seats.min.max(1), seats.max),
        None if per_seat => (1, None),
        None if asked.is_some() => return Err(Refused::NoSeats { tier: tier.clone() }),
        None => return Ok(None),
    };
    let own = has.pinned.as_ref().and_then(|pinned| pinned.seats);
    let seats = asked.or(own).unwrap_or(min);
    if seats < min || max.is_some_and(|max| seats > max) {
        // Seats that were not asked for but brought along from another tier may be too few: then it is the fewest.
        if asked.is_none() && seats < min {
            return Ok(Some(min));
        }
        return Err(Refused::Seats { tier: tier.clone(), seats, min, max });
    }
    Ok(Some(seats))
}

fn trial(tier: &TierKey, terms: &Terms, asked: &Asked, has: &Has) -> Result<Option<u32>, Refused> {
    let begins = terms.needs_subscription() && has.subscription.is_none();
    let asked_days = asked.trial_days.filter(|days| *days > 0);
    if !terms.needs_subscription() {
        let option = match (asked_days, asked.send_invoice_days, &asked.coupon) {
            (Some(_), _, _) => "--trial",
            (None, Some(_), _) => "--send-invoice",
            (None, None, Some(_)) => "--coupon",
            (None, None, None) => return Ok(None),
        };
        return Err(Refused::NotPaid { tier: tier.clone(), option });
    }
    // The trial that this very subscription began with is what was asked for the first time.
    let own = has.subscription.as_ref().and_then(|held| held.trial_days);
    let same_tier = has.pinned.as_ref().is_some_and(|pinned| pinned.revision.tier == *tier);
    match asked_days {
        Some(days) if same_tier && own == Some(days) => Ok(None),
        Some(_) if has.had_trial => Err(Refused::SecondTrial),
        Some(_) if !begins => Err(Refused::TrialTooLate),
        Some(days) => Ok(Some(days)),
        None if asked.trial_days.is_some() || !begins || has.had_subscription || has.had_trial => Ok(None),
        None => Ok(terms.trial_days.filter(|days| *days > 0)),
    }
}

/// By rank; of one rank, or where the catalog does not know one of the tiers any more, by what a month costs. Within a
/// tier by interval, then by seats.
fn direction(catalog: &Catalog, wanted: &Wanted, has: &Has) -> Direction {
    let Some(pinned) = &has.pinned else { return Direction::Up };
    let rank = |tier: &TierKey| catalog.tiers.get(tier).map(|tier| tier.rank);
    if pinned.revision.tier == wanted.revision.tier {
        return match (wanted.interval.cmp(&pinned.interval), wanted.seats.cmp(&pinned.seats)) {
            (Ordering::Greater, _) | (Ordering::Equal, Ordering::Greater) => Direction::Up,
            (Ordering::Less, _) => Direction::Down,
            (Ordering::Equal, _) => Direction::Level,
        };
    }
    let by_rank = match (rank(&wanted.revision.tier), rank(&pinned.revision.tier)) {
        (Some(to), Some(from)) => to.cmp(&from),
        _ => Ordering::Equal,
    };
    let monthly = |terms: &Terms, interval, seats| {
        monthly_amount(terms, interval, seats, wanted.currency).map(|money| money.minor)
    };
    let by_amount = || {
        let to = monthly(&wanted.terms, wanted.interval, wanted.seats);
        to.cmp(&monthly(&pinned.terms, pinned.interval, pinned.seats))
    };
    match by_rank.then_with(by_amount) {
        Ordering::Greater => Direction::Up,
        Ordering::Less if by_rank == Ordering::Less => Direction::Down,
        Ordering::Less | Ordering::Equal => Direction::Level,
    }
}

impl Wanted {
    /// Whether there must be a subscription.
    pub fn needs_subscription(&self) -> bool {
        self.terms.needs_subscription()
    }
    /// The items that the subscription must have: the recurring price of the interval, and all billed usage.
    pub fn items(&self) -> Vec<WantedItem> {
        let wanted = |price: super::price::WantedPrice| match price.charged {
            Charged::InAdvance { interval, per_seat } => (Some(interval) == self.interval).then(|| {
                let quantity = if per_seat { self.seats.unwrap_or(1) } else { 1 };
                WantedItem { role: price.key, quantity: Some(u64::from(quantity)) }
            }),
            Charged::Metered { .. } => Some(WantedItem { role: price.key, quantity: None }),
            Charged::Once => None,
        };
        tier_prices(&self.terms).into_iter().filter_map(wanted).collect()
    }
    /// What is charged for one interval, in advance.
    pub fn amount(&self) -> Option<Money> {
        recurring_amount(&self.terms, self.interval, self.seats, self.currency)
    }
}

/// What the recurring price of the interval comes to with these seats; zero where there is none. `None` beyond 64 bits.
pub fn recurring_amount(
    terms: &Terms,
    interval: Option<Interval>,
    seats: Option<u32>,
    currency: Currency,
) -> Option<Money> {
    let price: Option<&RecurringPrice> = interval.and_then(|interval| terms.recurring(interval));
    let Some(price) = price else { return Some(Money { minor: 0, currency }) };
    let quantity = if price.per_seat { i64::from(seats.unwrap_or(1)) } else { 1 };
    Some(Money { minor: price.amount.minor.checked_mul(quantity)?, currency })
}

/// Recurring revenue per month: a year's amount by twelve, halves away from zero.
pub fn monthly_amount(
    terms: &Terms,
    interval: Option<Interval>,
    seats: Option<u32>,
    currency: Currency,
) -> Option<Money> {
    let amount = recurring_amount(terms, interval, seats, currency)?;
    match interval {
        Some(Interval::Year) => {
            let minor = amount.minor.checked_mul(2)?.checked_add(MONTHS)?.div_euclid(MONTHS * 2);
            Some(Money { minor, currency })
        }
        _ => Some(amount),
    }
}

#[cfg(test)]
mod tests;
