//! Terms as canonical JSON: what a revision's digest is made of, what the store keeps of it, and what the metadata
//! of a subscription carries so that an empty store can read it back.
//!
//! Canonical means: keys sorted, no white space, money as decimal strings in major units, what is absent or a
//! default left out. The currency is part of it: 29 dollars and 29 euros are not the same terms.

mod read;
mod whole;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::catalog::{
    Band, Beyond, CreditPolicy, CreditTerms, Lasting, Limit, RecurringPrice, Seats, Terms, UsagePrice,
    UsageTerms, Window,
};
use super::id::{Revision, TierKey};
use super::money::Currency;

/// Hexadecimal digits of a revision's digest.
pub const DIGEST_LENGTH: usize = 12;
/// Most characters of one metadata value (Stripe: API reference, metadata).
pub const PIECE_LENGTH_MAX: usize = 500;
/// Most metadata values that the terms may fill; the rest of Stripe's 50 is left to the operator.
pub const PIECES_MAX: usize = 30;
/// Metadata key that names the revision, `pro@3f2a9c01d4e5`.
pub const REVISION_METADATA_KEY: &str = "paygrade_tier";
/// What the metadata keys of the pieces begin with; two digits follow.
pub const PIECE_METADATA_PREFIX: &str = "paygrade_t";

/// Why a stored or received text is not terms (or a catalog) of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("these terms cannot be read: {at}: {problem}")]
pub struct BadTerms {
    /// Path of the key, such as `usage.tokens.price`.
    pub at: String,
    /// What is wrong with it.
    pub problem: String,
}

/// The terms do not fit into the metadata of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the terms are {characters} characters long; {} fit into a subscription's metadata", PIECES_MAX * PIECE_LENGTH_MAX)]
pub struct TermsTooLong {
    /// Characters of the canonical JSON.
    pub characters: usize,
}

impl Terms {
    /// The canonical JSON of the terms in the catalog's currency.
    pub fn to_json(&self, currency: Currency) -> String {
        terms_value(self, currency).to_string()
    }
    /// Reads canonical JSON back, with its currency. Unknown keys are refused: a newer paygrade may mean something by them.
    pub fn from_json(text: &str) -> Result<(Terms, Currency), BadTerms> {
        read::terms(text)
    }
    /// The digest of the terms: the first 12 hexadecimal digits of the SHA-256 of their canonical JSON.
    pub fn digest(&self, currency: Currency) -> String {
        digest(&self.to_json(currency))
    }
    /// The revision that these terms are of a tier.
    pub fn revision(&self, tier: &TierKey, currency: Currency) -> Revision {
        Revision { tier: tier.clone(), digest: self.digest(currency) }
    }
}

/// The digest of a canonical JSON text, which is also that of the terms in it.
pub fn digest(json: &str) -> String {
    let hash = Sha256::digest(json.as_bytes());
    let mut hex: String =
        hash.iter().take(DIGEST_LENGTH.div_ceil(2)).map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(DIGEST_LENGTH);
    hex
}

/// The metadata of a subscription (or customer) on a revision: its name and the terms in pieces, `paygrade_t00` and up.
pub fn metadata(revision: &Revision, json: &str) -> Result<BTreeMap<String, String>, TermsTooLong> {
    let mut metadata: BTreeMap<String, String> = pieces(json)?
        .into_iter()
        .enumerate()
        .map(|(index, piece)| (format!("{PIECE_METADATA_PREFIX}{index:02}"), piece))
        .collect();
    metadata.insert(REVISION_METADATA_KEY.to_owned(), revision.to_string());
    Ok(metadata)
}

/// Cuts canonical JSON into pieces of at most 500 characters, at most 30 of them.
pub fn pieces(json: &str) -> Result<Vec<String>, TermsTooLong> {
    let characters: Vec<char> = json.chars().collect();
    if characters.len() > PIECES_MAX * PIECE_LENGTH_MAX {
        return Err(TermsTooLong { characters: characters.len() });
    }
    Ok(characters.chunks(PIECE_LENGTH_MAX).map(|piece| piece.iter().collect()).collect())
}

/// Joins the pieces found in metadata; `None` where the first one is missing. The digest tells whether one is missing
/// in the middle, so compare it with the revision's.
pub fn join<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let piece =
        |index: usize| get(&format!("{PIECE_METADATA_PREFIX}{index:02}")).filter(|text| !text.is_empty());
    let joined: String = (0..PIECES_MAX).map_while(piece).collect();
    (!joined.is_empty()).then_some(joined)
}

/// The metadata keys that a shorter text leaves empty: Stripe merges metadata, so stale pieces must be cleared.
pub fn keys_to_clear(pieces_used: usize) -> impl Iterator<Item = String> {
    (pieces_used..PIECES_MAX).map(|index| format!("{PIECE_METADATA_PREFIX}{index:02}"))
}

/// An object under construction that leaves out what is absent.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn with(mut self, key: &str, value: impl Into<Value>) -> Object {
        self.0.insert(key.to_owned(), value.into());
        self
    }
    fn with_some(self, key: &str, value: Option<impl Into<Value>>) -> Object {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
    fn value(self) -> Value {
        Value::Object(self.0)
    }
}

/// The limits as canonical JSON, for a product's metadata; `None` where there are none.
pub fn limits_json(terms: &Terms) -> Option<String> {
    let limits = limits_map(terms);
    (!limits.is_empty()).then(|| Value::Object(limits).to_string())
}

fn limits_map(terms: &Terms) -> Map<String, Value> {
    terms.limits.iter().map(|(key, limit)| (key.to_string(), limit_value(*limit))).collect()
}

fn terms_value(terms: &Terms, currency: Currency) -> Value {
    let usage: Map<String, Value> =
        terms.usage.iter().map(|(key, usage)| (key.to_string(), usage_value(usage, currency))).collect();
    let limits = limits_map(terms);
    let prices: Vec<Value> = terms.prices.iter().map(price_value).collect();
    Object::default()
        .with_some("credits", terms.credits.as_ref().map(credits_value))
        .with("currency", currency.code())
        .with_some("fallback", terms.fallback.as_ref().map(TierKey::as_str))
        .with_some("grace_days", terms.grace_days)
        .with_some("limits", (!limits.is_empty()).then_some(limits))
        .with_some("prices", (!prices.is_empty()).then_some(prices))
        .with_some("seats", terms.seats.map(seats_value))
        .with_some("trial_days", terms.trial_days)
        .with_some("usage", (!usage.is_empty()).then_some(usage))
        .value()
}

fn price_value(price: &RecurringPrice) -> Value {
    Object::default()
        .with("amount", price.amount.major())
        .with("interval", price.interval.as_str())
        .with_some("per", price.per_seat.then_some("seat"))
        .value()
}

fn seats_value(seats: Seats) -> Value {
    Object::default().with_some("max", seats.max).with("min", seats.min).value()
}

fn limit_value(limit: Limit) -> Value {
    match limit {
        Limit::AtMost(most) => Value::from(most),
        Limit::Unlimited => Value::from("unlimited"),
    }
}

fn credits_value(credits: &CreditTerms) -> Value {
    let policy = match credits.policy {
        CreditPolicy::Reset => None,
        CreditPolicy::Add => Some(Value::from("add")),
        CreditPolicy::Rollover { cap } => {
            Some(Object::default().with("rollover", Object::default().with("cap", cap.0).value()).value())
        }
    };
    Object::default()
        .with_some("per_month", credits.per_month.map(|credits| credits.0))
        .with_some("policy", policy)
        .with_some("trial", credits.trial.map(|credits| credits.0))
        .with_some("trial_expires_after", credits.trial_expires_after.map(|lasting| lasting.to_string()))
        .value()
}

fn usage_value(usage: &UsageTerms, currency: Currency) -> Value {
    let UsageTerms::Counted { included, beyond, spend_cap } = usage else {
        return Object::default().with("unlimited", true).value();
    };
    let object = Object::default()
        .with_some("included", (*included > 0).then_some(*included))
        .with_some("spend_cap", spend_cap.map(|cap| cap.major()));
    match beyond {
        Beyond::Block => object.with("beyond", "block").value(),
        Beyond::Credits { units, credits } => {
            let per = Object::default().with("credits", credits.0).with("units", *units).value();
            object.with("beyond", "credits").with("credits_per", per).value()
        }
        Beyond::Bill(UsagePrice::PerUnit(price)) => {
            object.with("beyond", "bill").with("price", price.major(currency)).value()
        }
        Beyond::Bill(UsagePrice::Bands { mode, bands }) => {
            let bands: Vec<Value> = bands.iter().map(|band| band_value(band, currency)).collect();
            object.with("beyond", "bill").with("bands", bands).with("mode", mode.as_str()).value()
        }
    }
}

fn band_value(band: &Band, currency: Currency) -> Value {
    let flat = (!band.flat.minor().is_zero()).then(|| band.flat.major(currency));
    Object::default()
        .with_some("flat", flat)
        .with("price", band.price.major(currency))
        .with_some("up_to", band.up_to)
        .value()
}

impl Window {
    /// The catalog's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Window::Each => "each",
            Window::Minute => "minute",
            Window::Hour => "hour",
            Window::Day => "day",
        }
    }
    /// Reads the catalog's word.
    pub fn parse(text: &str) -> Option<Window> {
        [Window::Each, Window::Minute, Window::Hour, Window::Day]
            .into_iter()
            .find(|window| window.as_str() == text)
    }
}

/// Most days that a length of time may have in all: a hundred years.
const LASTING_DAYS_MAX: u32 = 36_525;

impl Lasting {
    /// Reads `3 days`, `2 weeks`, `12 months`, `1 year`, or several of them in a row.
    pub fn parse(text: &str) -> Option<Lasting> {
        let (mut months, mut days) = (0_u32, 0_u32);
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        for pair in words.chunks(2) {
            let [number, unit] = pair else { return None };
            let number = number
                .parse::<u32>()
                .ok()
                .filter(|n| *n > 0 && number.bytes().all(|b| b.is_ascii_digit()))?;
            match unit.strip_suffix('s').unwrap_or(unit) {
                "day" => days = days.checked_add(number)?,
                "week" => days = days.checked_add(number.checked_mul(7)?)?,
                "month" => months = months.checked_add(number)?,
                "year" => months = months.checked_add(number.checked_mul(12)?)?,
                _ => return None,
            }
        }
        let bounded = months.checked_mul(31)?.checked_add(days)? <= LASTING_DAYS_MAX;
        (bounded && (months > 0 || days > 0)).then_some(Lasting { months, days })
    }
}

impl std::fmt::Display for Lasting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |number: u32, unit: &str| match number {
            0 => None,
            1 => Some(format!("1 {unit}")),
            n => Some(format!("{n} {unit}s")),
        };
        let parts: Vec<String> =
            [part(self.months, "month"), part(self.days, "day")].into_iter().flatten().collect();
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests;
