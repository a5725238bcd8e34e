//! What Stripe holds, read back as a catalog. What Stripe cannot tell (credits, seats, trials, usage that is not
//! billed) comes from the catalog that was applied last, where that agrees with Stripe; where nobody knows, it is noted.

mod hand;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::catalog::{
    Alerts, BandMode, Beyond, Catalog, Interval, Limit, Meter, Pack, RecurringPrice, Terms, Tier, UsagePrice,
    UsageTerms, Window,
};
use super::change::{Snapshot, found_content};
use super::found::{ChargedFound, PriceFound, ProductFound, ShapeFound};
use super::id::{FeatureKey, LimitKey, MeterKey, Namespace, PackKey, TierKey};
use super::money::{Credits, Currency, Money};
use super::price::{PriceShape, pack_lookup_key, tier_lookup_key};
use super::wanted::{
    ARCHIVED_KEY, CREDITS_KEY, LIMITS_KEY, MARK_KEY, PRODUCT_MARK, RANK_KEY, RETIRED_KEY, Sold, Wanted,
    wanted,
};

/// A catalog as Stripe tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The catalog.
    pub catalog: Catalog,
    /// What to know of a part of it, by its place in the file: `tiers.pro`, `packs.small`, `meters.tokens`, or nothing
    /// for the whole.
    pub notes: BTreeMap<String, Vec<String>>,
    /// Marks for objects that somebody made by hand.
    pub marks: Vec<Mark>,
}

/// A mark that makes a hand-made object ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What kind of object.
    pub of: Made,
    /// Its id.
    pub id: String,
    /// The mark.
    pub mark: String,
}

/// What kind of object a mark goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// A product.
    Product,
    /// A price.
    Price,
}

/// Alerts of a catalog of which nobody knows any.
const ALERTS: [u32; 4] = [50, 80, 95, 100];
const UNKNOWN_TERMS: &str =
    "Stripe does not say: seats, trial_days, credits, grace_days, fallback, usage without a price";

/// The prices of a product by their keys.
type Prices<'a> = BTreeMap<String, &'a PriceFound>;

/// Reads a catalog out of the whole account. `known`: what was applied last. `adopt`: products without anybody's mark
/// are taken for tiers and packs too. `None` when there is no price and so no currency.
pub fn pull(
    snapshot: &Snapshot,
    namespace: &Namespace,
    known: Option<&Catalog>,
    adopt: bool,
) -> Option<Pulled> {
    let known = known.filter(|it| it.namespace == *namespace);
    let currency = currency(snapshot, namespace).or(known.map(|it| it.currency))?;
    let known = known.filter(|it| it.currency == currency);
    let alerts = known.map(|it| it.alerts.clone());
    let catalog = Catalog {
        namespace: namespace.clone(),
        currency,
        meters: BTreeMap::new(),
        features: BTreeMap::new(),
        actions: known.map(|it| it.actions.clone()).unwrap_or_default(),
        tiers: BTreeMap::new(),
        packs: BTreeMap::new(),
        alerts: alerts.unwrap_or(Alerts { at: ALERTS.to_vec(), low_credits: None }),
    };
    let known_wanted = known.and_then(|it| wanted(it).ok());
    let out = Pulled { catalog, notes: BTreeMap::new(), marks: Vec::new() };
    let mut pull = Pull { snapshot, known, known_wanted, out };
    pull.features();
    for product in &snapshot.products {
        let mark = product.metadata.get(MARK_KEY);
        if let Some((sold, key)) = mark.and_then(|mark| Sold::of_mark(namespace, mark))
            && key == PRODUCT_MARK
        {
            pull.product(product, &sold);
        }
    }
    for product in snapshot.products.iter().filter(|it| it.active && !it.metadata.contains_key(MARK_KEY)) {
        pull.by_hand(product, adopt);
    }
    pull.rest_of_known();
    Some(pull.out)
}

/// The currency of our prices; without any, that of most prices.
fn currency(snapshot: &Snapshot, namespace: &Namespace) -> Option<Currency> {
    let mut counts: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
    for price in snapshot.prices.iter().filter(|price| price.active) {
        let ours = price.metadata.get(MARK_KEY).is_some_and(|it| Sold::of_mark(namespace, it).is_some());
        let count = counts.entry(price.content.currency.as_str()).or_default();
        *count = (count.0 || ours, count.1 + 1);
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Currency::parse(most.0)
}

struct Pull<'a> {
    snapshot: &'a Snapshot,
    known: Option<&'a Catalog>,
    /// What the known catalog would have Stripe hold.
    known_wanted: Option<Wanted>,
    out: Pulled,
}

impl<'a> Pull<'a> {
    fn note(&mut self, place: &str, text: impl Into<String>) {
        self.out.notes.entry(place.to_owned()).or_default().push(text.into());
    }

    /// Features whose lookup key is ours.
    fn features(&mut self) {
        let prefix = format!("{}:feature:", self.out.catalog.namespace);
        for feature in self.snapshot.features.iter().filter(|it| it.active) {
            let key = feature.lookup_key.strip_prefix(&prefix).and_then(|key| FeatureKey::parse(key).ok());
            if let Some(key) = key {
                self.out.catalog.features.insert(key, feature.name.clone());
            }
        }
    }

    fn product(&mut self, product: &ProductFound, sold: &Sold) {
        if !product.active {
            let left = product.metadata.contains_key(ARCHIVED_KEY);
            let how = if left { "left the catalog and is archived" } else { "is archived" };
            self.note("", format!("{} ({}) {how}", product.id, product.name));
            return;
        }
        let prices = self.prices_of(product, sold);
        match sold {
            Sold::Tier(tier) => self.tier(product, tier, &prices),
            Sold::Pack(pack) => self.pack(product, pack, &prices),
        }
    }

    /// The active prices of ours on a product; of several with one key the one that has our lookup key.
    fn prices_of(&self, product: &ProductFound, sold: &Sold) -> Prices<'a> {
        let namespace = &self.out.catalog.namespace;
        let mut prices: Prices<'a> = BTreeMap::new();
        for price in self.snapshot.prices.iter().filter(|it| it.active && it.product == product.id) {
            let mark = price.metadata.get(MARK_KEY);
            let Some((of, key)) = mark.and_then(|mark| Sold::of_mark(namespace, mark)) else { continue };
            let lookup_key = match sold {
                Sold::Tier(tier) => tier_lookup_key(namespace, tier, &key),
                Sold::Pack(pack) => pack_lookup_key(namespace, pack),
            };
            if of == *sold && (!prices.contains_key(&key) || price.lookup_key.as_ref() == Some(&lookup_key)) {
                prices.insert(key, price);
            }
        }
        prices
    }

    fn tier(&mut self, product: &ProductFound, key: &TierKey, prices: &Prices<'_>) {
        let place = format!("tiers.{key}");
        let mut terms = Terms { limits: self.limits(product, &place), ..Terms::default() };
        for (name, price) in prices {
            self.tier_price(product, &place, name, price, &mut terms);
        }
        let mut custom = false;
        match self.known_tier(key, prices) {
            Some(known) => {
                custom = known.custom;
                terms = Terms { limits: terms.limits, ..known.terms.clone() };
            }
            None => self.note(&place, UNKNOWN_TERMS),
        }
        let text = |key: &str| product.metadata.get(key).filter(|text| !text.is_empty());
        let rank = text(RANK_KEY).and_then(|rank| rank.parse().ok());
        let tier = Tier {
            name: product.name.clone(),
            rank: rank.unwrap_or(0),
            retired: text(RETIRED_KEY).is_some_and(|it| it == "true"),
            custom,
            features: self.features_of(product),
            terms,
        };
        self.out.catalog.tiers.insert(key.clone(), tier);
    }

    fn features_of(&self, product: &ProductFound) -> std::collections::BTreeSet<FeatureKey> {
        let prefix = format!("{}:feature:", self.out.catalog.namespace);
        let attached = self.snapshot.attachments.iter().filter(|it| it.product == product.id);
        let keys = attached.filter_map(|it| FeatureKey::parse(it.lookup_key.strip_prefix(&prefix)?).ok());
        keys.filter(|key| self.out.catalog.features.contains_key(key)).collect()
    }

    fn limits(&mut self, product: &ProductFound, place: &str) -> BTreeMap<LimitKey, Limit> {
        let Some(text) = product.metadata.get(LIMITS_KEY).filter(|text| !text.is_empty()) else {
            return BTreeMap::new();
        };
        let Ok(serde_json::Value::Object(limits)) = serde_json::from_str(text) else {
            self.note(place, format!("its limits cannot be read: {text}"));
            return BTreeMap::new();
        };
        let limit = |value: &serde_json::Value| match value.as_str() {
            Some("unlimited") => Some(Limit::Unlimited),
            _ => value.as_u64().map(Limit::AtMost),
        };
        limits.iter().filter_map(|(key, value)| Some((LimitKey::parse(key).ok()?, limit(value)?))).collect()
    }

    /// The tier as it was applied last, where its prices are those at Stripe.
    fn known_tier(&self, key: &TierKey, prices: &Prices<'_>) -> Option<&'a Tier> {
        let known = self.known?.tiers.get(key)?;
        let wanted = self.known_wanted.as_ref()?;
        let sold = Sold::Tier(key.clone());
        let product = wanted.products.iter().find(|it| it.sold == sold)?;
        let is_same = product.prices.len() == prices.len()
            && product.prices.iter().all(|at| {
                prices.get(&at.price.key).is_some_and(|found| {
                    found_content(&found.content, &self.snapshot.meters) == at.content(wanted.currency)
                })
            });
        is_same.then_some(known)
    }

    /// Puts a price into the terms, the default first.
    fn tier_price(
        &mut self,
        product: &ProductFound,
        place: &str,
        key: &str,
        price: &PriceFound,
        terms: &mut Terms,
    ) {
        if price.content.currency != self.out.catalog.currency.code() {
            self.note(place, format!("{} ({key}) is in {}", price.id, price.content.currency));
            return;
        }
        let shape = match &price.content.shape {
            ShapeFound::Known(shape) => shape,
            ShapeFound::Other(words) => {
                self.note(place, format!("{} ({key}) charges what no catalog can say: {words}", price.id));
                return;
            }
        };
        match &price.content.charged {
            ChargedFound::InAdvance { interval, count: 1 } => {
                if let (Some(interval), Some(amount)) = (Interval::parse(interval), self.amount(shape)) {
                    let recurring = RecurringPrice { interval, amount, per_seat: false };
                    let is_default = product.default_price.as_ref() == Some(&price.id);
                    terms.prices.insert(if is_default { 0 } else { terms.prices.len() }, recurring);
                    return;
                }
            }
            ChargedFound::Metered { interval, count: 1, meter } if interval == "month" => {
                let named = key.strip_prefix("usage.").and_then(|key| MeterKey::parse(key).ok());
                if let Some(named) = named
                    && self.meter(&named, meter)
                {
                    terms.usage.insert(named, usage_terms(shape));
                    return;
                }
            }
            _ => {}
        }
        let words = found_content(&price.content, &self.snapshot.meters);
        self.note(place, format!("{} ({key}) charges what no catalog can say: {words}", price.id));
    }

    fn amount(&self, shape: &PriceShape) -> Option<Money> {
        match shape {
            PriceShape::PerUnit(price) => {
                Some(Money { minor: price.whole_minor()?, currency: self.out.catalog.currency })
            }
            PriceShape::Bands { .. } => None,
        }
    }

    /// Takes a meter into the catalog; whether it is there.
    fn meter(&mut self, key: &MeterKey, id: &str) -> bool {
        let Some(found) = self.snapshot.meters.iter().find(|it| it.id == id) else { return false };
        let known = self.known.and_then(|it| it.meters.get(key)).filter(|it| it.event == found.event_name);
        if known.is_none() && !self.out.catalog.meters.contains_key(key) {
            self.note(&format!("meters.{key}"), "Stripe does not say: unit, window");
        }
        let meter = Meter {
            name: found.display_name.clone(),
            event: found.event_name.clone(),
            unit: known.map_or_else(|| "unit".to_owned(), |it| it.unit.clone()),
            window: known.map_or(Window::default(), |it| it.window),
        };
        self.out.catalog.meters.insert(key.clone(), meter);
        true
    }

    fn pack(&mut self, product: &ProductFound, key: &PackKey, prices: &Prices<'_>) {
        let place = format!("packs.{key}");
        let shape = prices.get("once").and_then(|price| match &price.content {
            content if content.currency != self.out.catalog.currency.code() => None,
            content => match (&content.shape, &content.charged) {
                (ShapeFound::Known(shape), ChargedFound::Once) => Some(shape),
                _ => None,
            },
        });
        let Some(amount) = shape.and_then(|shape| self.amount(shape)) else {
            self.note("", format!("{} ({}) has no price that a pack can have", product.id, product.name));
            return;
        };
        let known = self.known.and_then(|it| it.packs.get(key)).filter(|it| it.amount == amount);
        let told = product.metadata.get(CREDITS_KEY).and_then(|text| Credits::parse_positive(text));
        let credits = told.or(known.map(|it| it.credits));
        if credits.is_none() {
            self.note(&place, "nobody knows how many credits it has: 1 stands for that; write the number");
        }
        if known.is_none() {
            self.note(&place, "Stripe does not say: expires_after");
        }
        let pack = Pack {
            name: product.name.clone(),
            credits: credits.unwrap_or(Credits(1)),
            amount,
            expires_after: known.and_then(|it| it.expires_after),
        };
        self.out.catalog.packs.insert(key.clone(), pack);
    }

    /// Meters and features that tiers of the known catalog speak of and Stripe has not; what points nowhere goes.
    fn rest_of_known(&mut self) {
        let catalog = &mut self.out.catalog;
        if let Some(known) = self.known {
            for (key, meter) in &known.meters {
                catalog.meters.entry(key.clone()).or_insert_with(|| meter.clone());
            }
        }
        let tiers: Vec<TierKey> = catalog.tiers.keys().cloned().collect();
        for tier in catalog.tiers.values_mut() {
            tier.terms.fallback = tier.terms.fallback.take().filter(|key| tiers.contains(key));
        }
        if self.known.is_none() {
            let text = "Stripe does not say: actions, alerts, meters that no tier bills";
            self.note("", text);
        }
    }
}

/// Usage billed by a price. A first band that costs nothing, with one price after it, is what is included.
fn usage_terms(shape: &PriceShape) -> UsageTerms {
    let (included, price) = match shape {
        PriceShape::PerUnit(price) => (0, UsagePrice::PerUnit(*price)),
        PriceShape::Bands { mode: BandMode::Graduated, bands } => match bands.as_slice() {
            [free, rest]
                if free.price.minor().is_zero()
                    && free.flat.minor().is_zero()
                    && rest.flat.minor().is_zero() =>
            {
                (free.up_to.unwrap_or(0), UsagePrice::PerUnit(rest.price))
            }
            _ => (0, UsagePrice::Bands { mode: BandMode::Graduated, bands: bands.clone() }),
        },
        PriceShape::Bands { mode, bands } => (0, UsagePrice::Bands { mode: *mode, bands: bands.clone() }),
    };
    UsageTerms::Counted { included, beyond: Beyond::Bill(price), spend_cap: None }
}
