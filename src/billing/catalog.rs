//! What is sold: meters, tiers, packs, actions. Plain values, already checked; `config` reads them from the file.

use std::collections::{BTreeMap, BTreeSet};

use super::id::{ActionKey, FeatureKey, LimitKey, MeterKey, Namespace, PackKey, TierKey};
use super::money::{Credits, Currency, Money, UnitPrice};

/// The whole catalog of one namespace in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// Marks every object in Stripe as ours.
    pub namespace: Namespace,
    /// The one currency of all prices.
    pub currency: Currency,
    /// Everything that is counted.
    pub meters: BTreeMap<MeterKey, Meter>,
    /// Features with their names.
    pub features: BTreeMap<FeatureKey, String>,
    /// What one action costs in credits.
    pub actions: BTreeMap<ActionKey, Credits>,
    /// Everything that a customer can be on.
    pub tiers: BTreeMap<TierKey, Tier>,
    /// Credits that can be bought.
    pub packs: BTreeMap<PackKey, Pack>,
    /// When alerts go out.
    pub alerts: Alerts,
}

/// Something counted. Priced by some tier it is one Stripe billing meter; priced by none it is local.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Name for people; the only field that Stripe lets change later.
    pub name: String,
    /// Stripe's `event_name`, fixed for life.
    pub event: String,
    /// Word for one unit, such as `token`.
    pub unit: String,
    /// The stretch of time that one delivery sums up.
    pub window: Window,
}

/// How much time one delivery sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Window {
    /// One delivery for each usage event.
    Each,
    /// A UTC minute.
    Minute,
    /// A UTC hour.
    #[default]
    Hour,
    /// A UTC day.
    Day,
}

/// A tier: what the catalog says now, with the terms that a subscriber pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Name for people, on the product and on invoices.
    pub name: String,
    /// Order among tiers: a higher rank is an upgrade.
    pub rank: i64,
    /// No new assignments.
    pub retired: bool,
    /// Terms are given when it is assigned.
    pub custom: bool,
    /// Features that the tier has.
    pub features: BTreeSet<FeatureKey>,
    /// What a subscriber buys and keeps.
    pub terms: Terms,
}

/// The part of a tier that its revision pins. Everything that a subscriber bought is in here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Recurring prices, the first one being the default; empty for a free tier.
    pub prices: Vec<RecurringPrice>,
    /// Usage by meter. A meter that is not here is one that the tier does not have.
    pub usage: BTreeMap<MeterKey, UsageTerms>,
    /// Seats, where a price is per seat.
    pub seats: Option<Seats>,
    /// Numeric limits that are checked but not counted by us.
    pub limits: BTreeMap<LimitKey, Limit>,
    /// Credits that come with the tier.
    pub credits: Option<CreditTerms>,
    /// Days of trial at the first subscription.
    pub trial_days: Option<u32>,
    /// Days between the first failed payment and the fallback.
    pub grace_days: Option<u32>,
    /// Where a customer lands when the subscription ends.
    pub fallback: Option<TierKey>,
}

/// How often a recurring price is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interval {
    /// Every month of the anchor.
    Month,
    /// Every year of the anchor.
    Year,
}

impl Interval {
    /// Stripe's and the catalog's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Interval::Month => "month",
            Interval::Year => "year",
        }
    }
    /// Reads the catalog's word.
    pub fn parse(text: &str) -> Option<Interval> {
        match text {
            "month" => Some(Interval::Month),
            "year" => Some(Interval::Year),
            _ => None,
        }
    }
}

/// One recurring, licensed price of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecurringPrice {
    /// How often.
    pub interval: Interval,
    /// The amount for one interval, of one seat if `per_seat`.
    pub amount: Money,
    /// Multiplied by the seats.
    pub per_seat: bool,
}

/// Bounds of the number of seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    /// Fewest.
    pub min: u32,
    /// Most, if bounded.
    pub max: Option<u32>,
}

/// A numeric limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// At most so many.
    AtMost(u64),
    /// No limit, said explicitly.
    Unlimited,
}

/// What a tier says of one meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageTerms {
    /// Recorded, never billed and never blocked.
    Unlimited,
    /// Counted against what is included.
    Counted {
        /// Units per customer and period that cost nothing more.
        included: u64,
        /// What happens beyond the included units.
        beyond: Beyond,
        /// Soft cap in money per period: alerts, never refuses.
        spend_cap: Option<Money>,
    },
}

/// What happens to usage beyond what is included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beyond {
    /// It is billed at this price.
    Bill(UsagePrice),
    /// `allow` and `--enforce` refuse it.
    Block,
    /// It costs credits: so many `credits` for each started package of `units`.
    Credits {
        /// Units in a package.
        units: u64,
        /// Credits for a package.
        credits: Credits,
    },
}

/// The price of usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsagePrice {
    /// The same for every unit.
    PerUnit(UnitPrice),
    /// By bands; then `included` is 0.
    Bands {
        /// How the bands apply.
        mode: BandMode,
        /// In rising order; only the last has no upper end.
        bands: Vec<Band>,
    },
}

/// How bands apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BandMode {
    /// Each unit is priced in its own band.
    Graduated,
    /// All units are priced in the band that the total reaches.
    Volume,
}

impl BandMode {
    /// Stripe's and the catalog's word.
    pub fn as_str(self) -> &'static str {
        match self {
            BandMode::Graduated => "graduated",
            BandMode::Volume => "volume",
        }
    }
}

/// One step of a graduated or volume price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Last unit of the band; `None` on the last band.
    pub up_to: Option<u64>,
    /// Price of a unit in it.
    pub price: UnitPrice,
    /// Flat fee once the band is reached.
    pub flat: UnitPrice,
}

/// Credits that come with a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTerms {
    /// Allocation for each month of the anchor.
    pub per_month: Option<Credits>,
    /// What the next allocation does to what is left of the last.
    pub policy: CreditPolicy,
    /// Granted once per customer, at the first assignment of a tier that has it.
    pub trial: Option<Credits>,
    /// How long the trial credits last.
    pub trial_expires_after: Option<Lasting>,
}

/// What happens to unspent allocation credits. Touches allocation lots only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CreditPolicy {
    /// What is left ends.
    #[default]
    Reset,
    /// What is left stays.
    Add,
    /// At most `cap` of what is left is carried.
    Rollover {
        /// Most credits carried.
        cap: Credits,
    },
}

/// A length of time in calendar units, such as `12 months` or `3 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasting {
    /// Whole months, added first with month ends clamped.
    pub months: u32,
    /// Whole days, added after.
    pub days: u32,
}

/// Credits that can be bought: a Stripe product with a one-time price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Name for people.
    pub name: String,
    /// Credits in the pack.
    pub credits: Credits,
    /// Its price.
    pub amount: Money,
    /// How long they last after purchase.
    pub expires_after: Option<Lasting>,
}

/// When alerts go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// Percentages of a limit, rising.
    pub at: Vec<u32>,
    /// Balance at or below which credits are low.
    pub low_credits: Option<Credits>,
}

impl Catalog {
    /// Whether some tier bills the meter at Stripe. A meter that no tier bills is local.
    pub fn meter_is_priced(&self, meter: &MeterKey) -> bool {
        self.tiers.values().any(|tier| tier.terms.price_of(meter).is_some())
    }
    /// Tiers in order of rank, then key.
    pub fn tiers_by_rank(&self) -> Vec<(&TierKey, &Tier)> {
        let mut tiers: Vec<_> = self.tiers.iter().collect();
        tiers.sort_by_key(|(key, tier)| (tier.rank, *key));
        tiers
    }
}

impl Terms {
    /// Whether a subscription at Stripe is needed: there is a recurring price or billed usage.
    pub fn needs_subscription(&self) -> bool {
        !self.prices.is_empty() || self.usage.keys().any(|meter| self.price_of(meter).is_some())
    }
    /// The price of a meter's billed usage, with the units that are included before it; `None` where nothing is billed.
    pub fn price_of(&self, meter: &MeterKey) -> Option<(u64, &UsagePrice)> {
        match self.usage.get(meter)? {
            UsageTerms::Counted { included, beyond: Beyond::Bill(price), .. } => Some((*included, price)),
            _ => None,
        }
    }
    /// The recurring price of an interval.
    pub fn recurring(&self, interval: Interval) -> Option<&RecurringPrice> {
        self.prices.iter().find(|price| price.interval == interval)
    }
}
