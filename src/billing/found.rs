//! What discovery found in Stripe, in our words. Plain values; nothing here says what ought to be there.

use std::collections::BTreeMap;

use super::price::PriceShape;
use super::time::Timestamp;

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductFound {
    /// Chosen by its maker (`acme-tier-pro`) or by Stripe (`prod_…`).
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Whether it can be sold.
    pub active: bool,
    /// `price_…` of its default price.
    pub default_price: Option<String>,
    /// Metadata, ours and others'.
    pub metadata: BTreeMap<String, String>,
    /// Last change, as Stripe counts it.
    pub updated: Timestamp,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceFound {
    /// `price_…`.
    pub id: String,
    /// Its product.
    pub product: String,
    /// Whether it can be sold.
    pub active: bool,
    /// Its lookup key.
    pub lookup_key: Option<String>,
    /// Metadata, ours and others'.
    pub metadata: BTreeMap<String, String>,
    /// What can never change.
    pub content: PriceContent,
    /// When it was made.
    pub created: Timestamp,
}

/// The part of a price that Stripe never lets change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceContent {
    /// Currency in lower case.
    pub currency: String,
    /// What it charges.
    pub shape: ShapeFound,
    /// When it charges.
    pub charged: ChargedFound,
}

/// What a found price charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShapeFound {
    /// One that a catalog can say.
    Known(PriceShape),
    /// One that no catalog can say, in words: packages, custom amounts, more decimals than we know.
    Other(String),
}

/// When a found price charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargedFound {
    /// Once.
    Once,
    /// In advance for every so many intervals.
    InAdvance {
        /// day, week, month or year.
        interval: String,
        /// Intervals in a period.
        count: u64,
    },
    /// In arrears for what a meter counted.
    Metered {
        /// day, week, month or year.
        interval: String,
        /// Intervals in a period.
        count: u64,
        /// `mtr_…`.
        meter: String,
    },
}

/// A billing meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterFound {
    /// `mtr_…`.
    pub id: String,
    /// Its event name, fixed for life.
    pub event_name: String,
    /// Name for people; the only thing that can change.
    pub display_name: String,
    /// Whether it takes events.
    pub active: bool,
    /// `sum`, `count` or `last`.
    pub formula: String,
    /// Payload key of the customer.
    pub customer_key: String,
    /// Payload key of the value.
    pub value_key: String,
    /// Pre-aggregation, `hour` or `day`; absent for raw events.
    pub event_time_window: Option<String>,
}

/// An entitlement feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureFound {
    /// `feat_…`.
    pub id: String,
    /// Unique and fixed for life.
    pub lookup_key: String,
    /// Name for people.
    pub name: String,
    /// False once archived, which is for ever.
    pub active: bool,
    /// Metadata, ours and others'.
    pub metadata: BTreeMap<String, String>,
}

/// A feature that a product has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentFound {
    /// `prodft_…`: what is deleted to detach it.
    pub id: String,
    /// The product.
    pub product: String,
    /// `feat_…`.
    pub feature: String,
    /// The feature's lookup key.
    pub lookup_key: String,
}

impl PriceFound {
    /// `mtr_…` of a metered price.
    pub fn meter(&self) -> Option<&str> {
        match &self.content.charged {
            ChargedFound::Metered { meter, .. } => Some(meter),
            _ => None,
        }
    }
}
