//! Putting a customer on a tier: what is wanted, and what that takes against what the customer has.
//!
//! - What a subscriber bought stays: whoever is on the tier already keeps the pinned terms, unless the interval changes.
//! - One subscription at a time: another tier changes its items in place, a free tier ends it.
//! - The same wish against what it made takes nothing.

use std::collections::BTreeMap;

use super::catalog::{Catalog, Interval, RecurringPrice, Terms};
use super::id::{Revision, TierKey};
use super::money::{Currency, Money};
use super::price::{Charged, tier_prices};
use super::spelling::nearest;

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
    /// Higher in rank than what the customer has, or more of the same.
    pub upgrade: bool,
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
    let kept = pinned
        .filter(|it| asked.interval.is_none() || asked.interval == it.interval || it.interval.is_none());
    let (revision, terms) = match (kept, offered) {
        (Some(pinned), _) => (pinned.revision.clone(), pinned.terms.clone()),
        (None, Some(offer)) => {
            if offer.retired && pinned.is_none() {
                return Err(Refused::Retired { tier: tier.clone() });
            }
            if offer.custom {
                return Err(Refused::Custom { tier: tier.clone() });
            }
            (offer.terms.revision(tier, currency), offer.terms.clone())
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
        upgrade: false,
    };
    wanted.upgrade = is_upgrade(catalog, &wanted, has);
    Ok(wanted)
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
        let option = match (asked_days, asked.send_invoice_days) {
            (Some(_), _) => "--trial",
            (None, Some(_)) => "--send-invoice",
            (None, None) => return Ok(None),
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

fn is_upgrade(catalog: &Catalog, wanted: &Wanted, has: &Has) -> bool {
    let Some(pinned) = &has.pinned else { return true };
    let rank = |tier: &TierKey| catalog.tiers.get(tier).map(|tier| tier.rank);
    if pinned.revision.tier != wanted.revision.tier {
        return rank(&wanted.revision.tier) > rank(&pinned.revision.tier);
    }
    (wanted.interval, wanted.seats) > (pinned.interval, pinned.seats)
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

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The customer has it already.
    Nothing,
    /// Pin the tier; there is and will be no subscription.
    Pin,
    /// Make a subscription with these items.
    Create {
        /// Price and quantity of each item.
        items: Vec<(String, Option<u64>)>,
    },
    /// Change the items of the subscription in place.
    Change {
        /// The subscription.
        sub: String,
        /// What happens to its items.
        items: Vec<ItemStep>,
        /// Invoice the difference at once; else it waits for the next invoice.
        invoice_now: bool,
        /// A new period begins now: the interval of the recurring price changes.
        anchor_now: bool,
        /// Days until a sent invoice is due, where that changes.
        send_invoice_days: Option<u32>,
    },
    /// End the subscription now, with an invoice for the usage so far and a credit for the rest of the period.
    End {
        /// The subscription.
        sub: String,
    },
}

/// What happens to one item of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemStep {
    /// A new item.
    Add {
        /// Its price.
        price: String,
        /// Its quantity; `None` on metered ones.
        quantity: Option<u64>,
    },
    /// Another price or quantity of a licensed item.
    Change {
        /// The item.
        item: String,
        /// Its price.
        price: String,
        /// Its quantity, always given: a new price without one would reset it to 1.
        quantity: u64,
    },
    /// Gone.
    Remove {
        /// The item.
        item: String,
    },
}

/// The prices of a tier that the store does not know: `seed` was not run for this revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{revision} has no price for `{role}` at Stripe yet")]
pub struct NotSeeded {
    /// The revision.
    pub revision: Revision,
    /// The key of the price within the tier.
    pub role: String,
}

/// What it takes to get from what the customer has to what is wanted. `prices` are those of the wanted revision by role.
pub fn decide(wanted: &Wanted, prices: &BTreeMap<String, String>, has: &Has) -> Result<Decision, NotSeeded> {
    let items: Vec<(String, Option<u64>)> = wanted
        .items()
        .into_iter()
        .map(|item| match prices.get(&item.role) {
            Some(price) => Ok((price.clone(), item.quantity)),
            None => Err(NotSeeded { revision: wanted.revision.clone(), role: item.role }),
        })
        .collect::<Result<_, _>>()?;
    let same = has.pinned.as_ref().is_some_and(|pinned| {
        pinned.revision == wanted.revision
            && pinned.interval == wanted.interval
            && pinned.seats == wanted.seats
    });
    Ok(match (&has.subscription, wanted.needs_subscription()) {
        (None, false) if same => Decision::Nothing,
        (None, false) => Decision::Pin,
        (None, true) => Decision::Create { items },
        (Some(held), false) => Decision::End { sub: held.sub.clone() },
        (Some(held), true) => change(wanted, has, held, &items, same),
    })
}

fn change(wanted: &Wanted, has: &Has, held: &Held, items: &[(String, Option<u64>)], same: bool) -> Decision {
    let steps = item_steps(items, &held.items);
    let send_invoice_days = wanted.send_invoice_days.filter(|days| held.send_invoice_days != Some(*days));
    if same && steps.is_empty() && send_invoice_days.is_none() {
        return Decision::Nothing;
    }
    let own = has.pinned.as_ref().and_then(|pinned| pinned.interval);
    let anchor_now = match (own, wanted.interval) {
        (Some(own), Some(wanted)) => own != wanted,
        // A yearly price does not fit into the rest of a month.
        (None, wanted) => wanted == Some(Interval::Year),
        (Some(_), None) => false,
    };
    let metered_goes = held.items.iter().any(|item| {
        let gone = ItemStep::Remove { item: item.item.clone() };
        item.quantity.is_none() && steps.contains(&gone)
    });
    Decision::Change {
        sub: held.sub.clone(),
        items: steps,
        // What a metered item has counted must not wait for an invoice that no longer has it.
        invoice_now: wanted.upgrade || metered_goes || anchor_now,
        anchor_now,
        send_invoice_days,
    }
}

/// From the items that there are to those that are wanted. Equal prices stay, licensed ones change in place, metered
/// ones are swapped.
fn item_steps(wanted: &[(String, Option<u64>)], held: &[HeldItem]) -> Vec<ItemStep> {
    let mut left: Vec<&HeldItem> = held.iter().collect();
    let mut missing = Vec::new();
    let mut steps = Vec::new();
    for (price, quantity) in wanted {
        let Some(at) = left.iter().position(|item| item.price == *price) else {
            missing.push((price, *quantity));
            continue;
        };
        let item = left.remove(at);
        if let Some(quantity) = quantity
            && item.quantity != Some(*quantity)
        {
            steps.push(ItemStep::Change {
                item: item.item.clone(),
                price: price.clone(),
                quantity: *quantity,
            });
        }
    }
    for (price, quantity) in missing {
        let licensed = left.iter().position(|item| item.quantity.is_some());
        steps.push(match (quantity, licensed) {
            (Some(quantity), Some(at)) => {
                let item = left.remove(at).item.clone();
                ItemStep::Change { item, price: price.clone(), quantity }
            }
            _ => ItemStep::Add { price: price.clone(), quantity },
        });
    }
    steps.extend(left.into_iter().map(|item| ItemStep::Remove { item: item.item.clone() }));
    steps
}

#[cfg(test)]
mod tests;
