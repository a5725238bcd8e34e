//! All that the local Stripe knows. Nothing here comes from a clock or a random source, so the same requests at
//! the same instants always make the same model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::biller::Biller;
use super::event::Event;
use super::fault::Faults;
use super::feature::{Feature, ProductFeature};
use super::idempotency::Keys;
use super::meter::Meter;
use super::price::Price;
use super::product::Product;
use super::settings::Settings;
use super::test_clock::Clocks;
use super::thin::Thin;
use super::usage::Usage;
use super::webhook::Webhooks;

/// An object with an id, in a [`Table`].
pub trait Row {
    /// The object's id.
    fn id(&self) -> &str;
}

/// Objects of one kind in order of creation, also found by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table<T> {
    rows: BTreeMap<u64, T>,
    ids: BTreeMap<String, u64>,
    next: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { rows: BTreeMap::new(), ids: BTreeMap::new(), next: 0 }
    }
}

impl<T: Row> Table<T> {
    /// Adds an object; one with the same id is replaced and keeps its place.
    pub fn insert(&mut self, row: T) {
        let place = *self.ids.entry(row.id().to_owned()).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        self.rows.insert(place, row);
    }

    /// The object with this id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(self.ids.get(id)?)
    }

    /// The object with this id, to change.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(self.ids.get(id)?)
    }

    /// An object has this id.
    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// Takes the object with this id out.
    pub fn remove(&mut self, id: &str) -> Option<T> {
        self.rows.remove(&self.ids.remove(id)?)
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// Oldest first, to change.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.rows.values_mut()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Drops the oldest objects while the test holds.
    pub fn drop_oldest_while(&mut self, test: impl Fn(&T) -> bool) {
        while let Some(entry) = self.rows.first_entry() {
            if !test(entry.get()) {
                return;
            }
            let row = entry.remove();
            self.ids.remove(row.id());
        }
    }
}

/// The whole state of one local Stripe account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Account id, `acct_…`, random per state.
    pub account_id: String,
    /// From which all other ids are counted.
    pub seed: u64,
    /// Unix seconds at which the state was made.
    pub created: i64,
    /// The latest instant seen; time never goes back. Unix seconds.
    pub clock: i64,
    /// Ids given out so far.
    pub counter: u64,
    /// What `POST /_local/settings` changes.
    pub settings: Settings,
    /// What is to go wrong.
    pub faults: Faults,
    /// Calls by route, for `GET /_local/status`.
    pub calls: BTreeMap<String, u64>,
    /// Answers kept for Idempotency-Keys.
    pub keys: Keys,
    /// Events of the last 30 days.
    pub events: Table<Event>,
    /// Thin events of the last 30 days.
    #[serde(default)]
    pub thin_events: Table<Thin>,
    /// Products.
    pub products: Table<Product>,
    /// Prices.
    pub prices: Table<Price>,
    /// Entitlement features.
    pub features: Table<Feature>,
    /// Features attached to products.
    pub product_features: Table<ProductFeature>,
    /// Billing meters.
    pub meters: Table<Meter>,
    /// Meter events.
    pub usage: Usage,
    /// Tokens of meter event sessions, with the unix seconds at which each ends.
    #[serde(default)]
    pub meter_sessions: BTreeMap<String, i64>,
    /// Customers, payment methods, subscriptions, invoices.
    pub biller: Biller,
    /// Webhook endpoints, and what is on its way to them.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// Test clocks, and who is on which.
    #[serde(default)]
    pub clocks: Clocks,
}

impl Model {
    /// An empty account.
    pub fn new(account_id: &str, seed: u64, created: i64) -> Model {
        Model {
            account_id: account_id.to_owned(),
            seed,
            created,
            clock: created,
            counter: 0,
            settings: Settings::default(),
            faults: Faults::default(),
            calls: BTreeMap::new(),
            keys: Keys::default(),
            events: Table::default(),
            thin_events: Table::default(),
            products: Table::default(),
            prices: Table::default(),
            features: Table::default(),
            product_features: Table::default(),
            meters: Table::default(),
            usage: Usage::default(),
            meter_sessions: BTreeMap::new(),
            biller: Biller::default(),
            webhooks: Webhooks::default(),
            clocks: Clocks::default(),
        }
    }

    /// The next id: a prefix and `length` letters and digits that look like Stripe's.
    pub fn mint(&mut self, prefix: &str, length: usize) -> String {
        self.counter += 1;
        letters(prefix, self.seed, self.counter, length)
    }
}

/// A prefix and `length` letters and digits that follow from the seed and the number.
pub fn letters(prefix: &str, seed: u64, number: u64, length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut id = prefix.to_owned();
    for _ in 0..length {
        // SplitMix64: every bit of seed and number reaches every letter.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        id.push(char::from(ALPHABET[(mixed % 62) as usize]));
    }
    id
}
