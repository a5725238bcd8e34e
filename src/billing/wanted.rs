//! What Stripe must hold for a catalog: every object with its id or key and its marks. Pure data; `change` compares.

use std::collections::BTreeMap;

use super::catalog::{Catalog, Limit, Tier};
use super::found::ProductFound;
use super::id::{FeatureKey, MeterKey, Namespace, PackKey, TierKey};
use super::money::Currency;
use super::price::{
    Charged, PriceShape, WantedPrice, pack_lookup_key, pack_price, tier_lookup_key, tier_prices,
};
use super::terms::digest;

/// Metadata key that marks an object as ours: `<namespace>/<kind>/<name>/<key>`.
pub const MARK_KEY: &str = "paygrade";
/// Metadata key of the digests of what we wrote last, so that a Dashboard edit is told from one of the file.
pub const DIGEST_KEY: &str = "paygrade_digest";
/// Metadata key of a tier's rank.
pub const RANK_KEY: &str = "paygrade_rank";
/// Metadata key of a tier's limits, as canonical JSON.
pub const LIMITS_KEY: &str = "paygrade_limits";
/// Metadata key of a pack's credits.
pub const CREDITS_KEY: &str = "paygrade_credits";
/// Metadata key of a tier that takes no new assignments.
pub const RETIRED_KEY: &str = "paygrade_retired";
/// Metadata key of what `seed` archived itself, so that its return is told from a Dashboard edit.
pub const ARCHIVED_KEY: &str = "paygrade_archived";
/// Most characters of one metadata value (Stripe: API reference, metadata).
const METADATA_VALUE_MAX: usize = 500;
/// Most characters of a feature's lookup key (Stripe: API, entitlements features).
const FEATURE_LOOKUP_KEY_MAX: usize = 80;

/// Everything that Stripe must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Marks every object as ours.
    pub namespace: Namespace,
    /// The one currency.
    pub currency: Currency,
    /// Meters that some tier prices.
    pub meters: Vec<WantedMeter>,
    /// Entitlement features.
    pub features: Vec<WantedFeature>,
    /// One product for each tier and pack.
    pub products: Vec<WantedProduct>,
}

/// A meter that Stripe must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedMeter {
    /// Its catalog key.
    pub key: MeterKey,
    /// Its event name.
    pub event_name: String,
    /// Its name for people.
    pub name: String,
}

/// An entitlement feature that Stripe must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedFeature {
    /// Its catalog key.
    pub key: FeatureKey,
    /// Its lookup key, `acme:feature:sso`.
    pub lookup_key: String,
    /// Its name for people.
    pub name: String,
}

/// What a product stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sold {
    /// A tier.
    Tier(TierKey),
    /// A pack of credits.
    Pack(PackKey),
}

/// A product that Stripe must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedProduct {
    /// What it stands for.
    pub sold: Sold,
    /// The id that we choose, `acme-tier-pro`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Metadata beside the mark and the digest; an empty value means that the key must be absent.
    pub metadata: BTreeMap<String, String>,
    /// Its prices; the first recurring one, or a pack's, is the default.
    pub prices: Vec<PriceAt>,
    /// Key of the default price; usage is never the default.
    pub default: Option<String>,
    /// Lookup keys of its features.
    pub features: Vec<String>,
}

/// A price with where it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceAt {
    /// Its lookup key, `acme:tier:pro:month`.
    pub lookup_key: String,
    /// What it must be.
    pub price: WantedPrice,
    /// Event name of its meter, where it is metered.
    pub event_name: Option<String>,
}

/// A catalog that does not fit into Stripe's limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {length} characters long at Stripe; {max} fit")]
pub struct TooLong {
    /// What is too long.
    pub what: String,
    /// Its length.
    pub length: usize,
    /// What fits.
    pub max: usize,
}

impl Sold {
    /// `tier:pro` or `pack:small`: the logical key, for people and for idempotency keys.
    pub fn key(&self) -> String {
        match self {
            Sold::Tier(tier) => format!("tier:{tier}"),
            Sold::Pack(pack) => format!("pack:{pack}"),
        }
    }
    /// The tier, if it is one.
    pub fn tier(&self) -> Option<&TierKey> {
        match self {
            Sold::Tier(tier) => Some(tier),
            Sold::Pack(_) => None,
        }
    }
    /// The mark of an object of it: `acme/tier/pro/month`.
    pub fn mark(&self, namespace: &Namespace, key: &str) -> String {
        match self {
            Sold::Tier(tier) => format!("{namespace}/tier/{tier}/{key}"),
            Sold::Pack(pack) => format!("{namespace}/pack/{pack}/{key}"),
        }
    }
    /// Its product's id.
    pub fn product_id(&self, namespace: &Namespace) -> String {
        match self {
            Sold::Tier(tier) => format!("{namespace}-tier-{tier}"),
            Sold::Pack(pack) => format!("{namespace}-pack-{pack}"),
        }
    }
    /// Reads a mark of this namespace: what it is of, and its key (`product`, `month`, `usage.tokens`, …). Other
    /// kinds, such as deals and the owner's, are none.
    pub fn of_mark(namespace: &Namespace, mark: &str) -> Option<(Sold, String)> {
        let mut parts = mark.strip_prefix(namespace.as_str())?.strip_prefix('/')?.splitn(3, '/');
        let (kind, name, key) = (parts.next()?, parts.next()?, parts.next()?);
        let sold = match kind {
            "tier" => Sold::Tier(TierKey::parse(name).ok()?),
            "pack" => Sold::Pack(PackKey::parse(name).ok()?),
            _ => return None,
        };
        Some((sold, key.to_owned()))
    }
}

impl Wanted {
    /// A product that bears our mark under an id of its own was made by hand and taken over: it is the one, where there
    /// is none with the id that we would have chosen.
    pub fn settled(mut self, found: &[ProductFound]) -> Wanted {
        for product in &mut self.products {
            let mark = product.sold.mark(&self.namespace, PRODUCT_MARK);
            let marked = found.iter().filter(|it| it.metadata.get(MARK_KEY) == Some(&mark));
            let marked: Vec<&str> = marked.map(|it| it.id.as_str()).collect();
            if let [only] = marked.as_slice()
                && !found.iter().any(|it| it.id == product.id)
            {
                product.id = (*only).to_owned();
            }
        }
        self
    }
}

/// The key of a product's own mark.
pub const PRODUCT_MARK: &str = "product";

impl WantedProduct {
    /// The digests of what we write of it, by part, so that each part's edits are told apart.
    pub fn digests(&self) -> String {
        let mut features = self.features.clone();
        features.sort();
        product_digests(&self.name, &self.metadata, self.default.as_deref(), &features)
    }
}

/// The digests of a product's parts: name, metadata, key of the default price, features.
pub fn product_digests(
    name: &str,
    metadata: &BTreeMap<String, String>,
    default: Option<&str>,
    features: &[String],
) -> String {
    let own: Vec<String> = [LIMITS_KEY, RANK_KEY, RETIRED_KEY]
        .iter()
        .filter_map(|key| {
            metadata.get(*key).filter(|value| !value.is_empty()).map(|value| format!("{key}={value}"))
        })
        .collect();
    format!(
        "n:{} m:{} d:{} f:{}",
        digest(name),
        digest(&own.join("\n")),
        digest(default.unwrap_or_default()),
        digest(&features.join("\n"))
    )
}

/// The digest of one part (`n`, `m`, `d`, `f`) in stored digests.
pub fn digest_part<'a>(digests: &'a str, part: &str) -> Option<&'a str> {
    digests.split(' ').find_map(|it| it.strip_prefix(part)?.strip_prefix(':'))
}

/// What Stripe must hold for a catalog.
///
/// # Errors
/// Limits or a feature's key that do not fit into Stripe's fields.
pub fn wanted(catalog: &Catalog) -> Result<Wanted, TooLong> {
    let namespace = &catalog.namespace;
    let meters = catalog.meters.iter().filter(|(key, _)| catalog.meter_is_priced(key));
    let meters = meters.map(|(key, meter)| WantedMeter {
        key: key.clone(),
        event_name: meter.event.clone(),
        name: meter.name.clone(),
    });
    let features: Result<Vec<WantedFeature>, TooLong> = catalog
        .features
        .iter()
        .map(|(key, name)| {
            let lookup_key = feature_lookup_key(namespace, key);
            let what = format!("the key of feature `{key}`");
            fits(what, &lookup_key, FEATURE_LOOKUP_KEY_MAX)?;
            Ok(WantedFeature { key: key.clone(), lookup_key, name: name.clone() })
        })
        .collect();
    let tiers = catalog.tiers.iter().map(|(key, tier)| tier_product(catalog, key, tier));
    let packs = catalog.packs.iter().map(|(key, pack)| {
        let sold = Sold::Pack(key.clone());
        let price = pack_price(pack);
        Ok(WantedProduct {
            id: sold.product_id(namespace),
            sold,
            name: pack.name.clone(),
            metadata: [(CREDITS_KEY.to_owned(), pack.credits.0.to_string())].into(),
            default: Some(price.key.clone()),
            prices: vec![PriceAt { lookup_key: pack_lookup_key(namespace, key), price, event_name: None }],
            features: Vec::new(),
        })
    });
    Ok(Wanted {
        namespace: namespace.clone(),
        currency: catalog.currency,
        meters: meters.collect(),
        features: features?,
        products: tiers.chain(packs).collect::<Result<_, _>>()?,
    })
}

/// Lookup key of an entitlement feature, unique in the account.
pub fn feature_lookup_key(namespace: &Namespace, feature: &FeatureKey) -> String {
    format!("{namespace}:feature:{feature}")
}

fn fits(what: String, text: &str, max: usize) -> Result<(), TooLong> {
    let length = text.chars().count();
    if length > max { Err(TooLong { what, length, max }) } else { Ok(()) }
}

fn tier_product(catalog: &Catalog, key: &TierKey, tier: &Tier) -> Result<WantedProduct, TooLong> {
    let namespace = &catalog.namespace;
    let sold = Sold::Tier(key.clone());
    let limits: serde_json::Map<String, serde_json::Value> = tier
        .terms
        .limits
        .iter()
        .map(|(key, limit)| {
            let value = match limit {
                Limit::AtMost(most) => (*most).into(),
                Limit::Unlimited => "unlimited".into(),
            };
            (key.to_string(), value)
        })
        .collect();
    let limits =
        if limits.is_empty() { String::new() } else { serde_json::Value::Object(limits).to_string() };
    fits(format!("the limits of tier `{key}`"), &limits, METADATA_VALUE_MAX)?;
    let metadata = [
        (RANK_KEY, tier.rank.to_string()),
        (LIMITS_KEY, limits),
        (RETIRED_KEY, if tier.retired { "true".to_owned() } else { String::new() }),
    ];
    let prices: Vec<PriceAt> = tier_prices(&tier.terms)
        .into_iter()
        .map(|price| {
            let event_name = match &price.charged {
                Charged::Metered { meter } => catalog.meters.get(meter).map(|meter| meter.event.clone()),
                _ => None,
            };
            PriceAt { lookup_key: tier_lookup_key(namespace, key, &price.key), price, event_name }
        })
        .collect();
    let default = tier.terms.prices.first().map(|price| price.interval.as_str().to_owned());
    Ok(WantedProduct {
        id: sold.product_id(namespace),
        sold,
        name: tier.name.clone(),
        metadata: metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        prices,
        default,
        features: tier.features.iter().map(|feature| feature_lookup_key(namespace, feature)).collect(),
    })
}

/// What a price is, in words that two prices share exactly when they charge the same: the currency, the amounts in
/// major units, and when they are charged.
pub fn content_text(currency: Currency, shape: &PriceShape, charged: &str) -> String {
    let amounts = match shape {
        PriceShape::PerUnit(price) => price.major(currency),
        PriceShape::Bands { mode, bands } => {
            let bands: Vec<String> = bands
                .iter()
                .map(|band| {
                    let end = band.up_to.map_or("*".to_owned(), |end| end.to_string());
                    let flat = band.flat.minor();
                    let flat = if flat.is_zero() {
                        String::new()
                    } else {
                        format!("+{}", band.flat.major(currency))
                    };
                    format!("{end}:{}{flat}", band.price.major(currency))
                })
                .collect();
            format!("{} {}", mode.as_str(), bands.join(" "))
        }
    };
    format!("{} {amounts} {charged}", currency.code())
}

impl PriceAt {
    /// What it is, in the words of [`content_text`].
    pub fn content(&self, currency: Currency) -> String {
        let charged = match &self.price.charged {
            Charged::Once => "once".to_owned(),
            Charged::InAdvance { interval, .. } => format!("a {}", interval.as_str()),
            Charged::Metered { meter } => {
                format!("a month metered {}", self.event_name.as_deref().unwrap_or(meter.as_str()))
            }
        };
        content_text(currency, &self.price.shape, &charged)
    }
}
