//! The catalog against what Stripe holds: an ordered list of changes, as data. Applying them makes no choices.
//!
//! - Nothing of others is ever touched: an object that holds our key without our mark is a conflict.
//! - A price never changes: another amount is a new price, which takes the lookup key; then the default moves; then the
//!   old price is archived. Subscribers stay on what they bought.
//! - What left the catalog is listed, and archived only when told to.
//! - Equal inputs give equal changes in an equal order, on every machine.

mod key;
mod meter;
mod price;
mod product;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::found::{AttachmentFound, FeatureFound, MeterFound, PriceFound, ProductFound};
use super::id::TierKey;
use super::price::{Charged, PriceShape};
use super::wanted::{MARK_KEY, Sold, Wanted};

pub use key::idempotency_key;
pub use meter::fits as meter_fits;
pub use price::found_content;

/// What discovery found, ours and what is in our way; the rest of the account is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Products.
    pub products: Vec<ProductFound>,
    /// Prices.
    pub prices: Vec<PriceFound>,
    /// Meters.
    pub meters: Vec<MeterFound>,
    /// Entitlement features.
    pub features: Vec<FeatureFound>,
    /// Features of our products.
    pub attachments: Vec<AttachmentFound>,
}

/// What the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Archive what left the catalog.
    pub prune: bool,
    /// Take over objects that hold our keys without our mark.
    pub adopt: bool,
}

/// What a change does, as its sign says: `+ ~ - !`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// Something is made.
    Create,
    /// Something is changed.
    Update,
    /// Something is archived or taken away.
    Remove,
    /// Something is in the way; nothing is done.
    Conflict,
}

impl Op {
    /// The sign in lists.
    pub fn sign(self) -> &'static str {
        match self {
            Op::Create => "+",
            Op::Update => "~",
            Op::Remove => "-",
            Op::Conflict => "!",
        }
    }
}

/// What kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A billing meter.
    Meter,
    /// An entitlement feature.
    Feature,
    /// A product.
    Product,
    /// A price.
    Price,
    /// A feature of a product.
    ProductFeature,
}

impl Kind {
    /// The word in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Meter => "meter",
            Kind::Feature => "feature",
            Kind::Product => "product",
            Kind::Price => "price",
            Kind::ProductFeature => "product_feature",
        }
    }
}

/// Why there is a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The file was edited, or an earlier run was cut short.
    Pending,
    /// Somebody edited Stripe.
    Drift,
    /// Something of others is in the way.
    Conflict,
}

impl Cause {
    /// The word in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Pending => "pending",
            Cause::Drift => "drift",
            Cause::Conflict => "conflict",
        }
    }
}

/// One field of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub field: String,
    /// What Stripe holds.
    pub from: Option<String>,
    /// What the catalog says.
    pub to: Option<String>,
    /// Why they differ.
    pub cause: Cause,
}

/// The price that becomes a product's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultPrice {
    /// One that exists.
    Existing(String),
    /// The one with this lookup key, made by an earlier change of the same set.
    Made(String),
    /// None.
    Cleared,
}

/// What is to be done at Stripe. Objects that an earlier change makes are named by their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Make a meter.
    MeterCreate {
        /// Event name.
        event_name: String,
        /// Name for people.
        name: String,
    },
    /// Rename a meter.
    MeterRename {
        /// `mtr_…`.
        id: String,
        /// Name for people.
        name: String,
    },
    /// Let a meter take events again.
    MeterReactivate {
        /// `mtr_…`.
        id: String,
    },
    /// Make a feature.
    FeatureCreate {
        /// Its lookup key.
        lookup_key: String,
        /// Name for people.
        name: String,
        /// Marks.
        metadata: BTreeMap<String, String>,
    },
    /// Change a feature's name and marks.
    FeatureUpdate {
        /// `feat_…`.
        id: String,
        /// Name for people.
        name: String,
        /// Marks.
        metadata: BTreeMap<String, String>,
    },
    /// Make a product.
    ProductCreate {
        /// The id that we choose.
        id: String,
        /// Name for people.
        name: String,
        /// Marks.
        metadata: BTreeMap<String, String>,
    },
    /// Change a product.
    ProductUpdate {
        /// Its id.
        id: String,
        /// Name for people.
        name: Option<String>,
        /// Whether it can be sold.
        active: Option<bool>,
        /// Its default price.
        default: Option<DefaultPrice>,
        /// Marks; an empty value removes its key.
        metadata: BTreeMap<String, String>,
    },
    /// Give a product a feature.
    Attach {
        /// The product.
        product: String,
        /// The feature's lookup key.
        feature: String,
    },
    /// Take a feature from a product.
    Detach {
        /// The product.
        product: String,
        /// `prodft_…`.
        attachment: String,
    },
    /// Make a price.
    PriceCreate {
        /// Its product.
        product: String,
        /// Its lookup key.
        lookup_key: String,
        /// Whether another price holds the key now.
        transfer: bool,
        /// What it charges.
        shape: PriceShape,
        /// When it charges.
        charged: Charged,
        /// Event name of its meter.
        event_name: Option<String>,
        /// Marks.
        metadata: BTreeMap<String, String>,
    },
    /// Change what can be changed of a price.
    PriceUpdate {
        /// `price_…`.
        id: String,
        /// Whether it can be sold.
        active: Option<bool>,
        /// Its lookup key, taken from whoever holds it.
        lookup_key: Option<String>,
        /// Marks.
        metadata: BTreeMap<String, String>,
    },
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it does.
    pub op: Op,
    /// To what kind of object.
    pub kind: Kind,
    /// The object's logical key, such as `tier:pro:month`.
    pub key: String,
    /// The object at Stripe, where there is one.
    pub stripe_id: Option<String>,
    /// What differs; never empty.
    pub fields: Vec<Field>,
    /// Customers who are on the tier now. They keep what they bought.
    pub subscribers: u64,
    /// What is to be done; `None` where it is only listed.
    pub action: Option<Action>,
    /// What the action follows on, so that the same step at another time has another idempotency key: the replaced
    /// object's id, or its last change.
    pub after: String,
}

impl Change {
    /// The gravest cause of its fields.
    pub fn cause(&self) -> Cause {
        self.fields.iter().map(|field| field.cause).max().unwrap_or(Cause::Pending)
    }
    /// What it is about, whatever ids there are: the same in a later look at the same catalog.
    pub fn identity(&self) -> (Op, Kind, &str) {
        (self.op, self.kind, &self.key)
    }
}

/// All changes, in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeSet {
    /// The changes.
    pub changes: Vec<Change>,
}

impl ChangeSet {
    /// The changes that do something.
    pub fn to_apply(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.action.is_some())
    }
    /// The conflicts.
    pub fn conflicts(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.op == Op::Conflict)
    }
    /// What left the catalog and is only listed.
    pub fn left(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.op == Op::Remove && change.action.is_none())
    }
    /// How many fields have a cause.
    pub fn count(&self, cause: Cause) -> usize {
        self.changes.iter().filter(|change| change.cause() == cause && !self.is_left(change)).count()
    }
    fn is_left(&self, change: &Change) -> bool {
        change.op == Op::Remove && change.action.is_none()
    }
}

/// The changes that make Stripe hold what is wanted. `subscribers` says how many customers are on each tier now.
pub fn changes(
    wanted: &Wanted,
    snapshot: &Snapshot,
    options: Options,
    subscribers: &BTreeMap<TierKey, u64>,
) -> ChangeSet {
    let view = View { wanted, snapshot, options, subscribers };
    let mut phased: Vec<(Phase, Change)> = Vec::new();
    meter::changes(&view, &mut phased);
    product::features(&view, &mut phased);
    for product in &wanted.products {
        product::changes(&view, product, &mut phased);
    }
    product::left(&view, &mut phased);
    phased.sort_by(|a, b| {
        (a.0, a.1.kind, &a.1.key, &a.1.stripe_id).cmp(&(b.0, b.1.kind, &b.1.key, &b.1.stripe_id))
    });
    ChangeSet { changes: phased.into_iter().map(|(_, change)| change).collect() }
}

/// When a change is applied: what others need comes first, what others need gone comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Foundations,
    Products,
    Prices,
    Attachments,
    Finish,
    Archive,
    Retire,
}

/// Everything that the rules look at.
struct View<'a> {
    wanted: &'a Wanted,
    snapshot: &'a Snapshot,
    options: Options,
    subscribers: &'a BTreeMap<TierKey, u64>,
}

impl View<'_> {
    /// What a found object is of, by its mark.
    fn sold(&self, metadata: &BTreeMap<String, String>) -> Option<(Sold, String)> {
        Sold::of_mark(&self.wanted.namespace, metadata.get(MARK_KEY)?)
    }
    fn subscribers_of(&self, sold: &Sold) -> u64 {
        sold.tier().and_then(|tier| self.subscribers.get(tier)).copied().unwrap_or(0)
    }
}

fn field(name: &str, from: Option<String>, to: Option<String>, cause: Cause) -> Field {
    Field { field: name.to_owned(), from, to, cause }
}
