//! Canonical JSON back into terms, strictly: an unknown key, a wrong type or a bad number is an error with its path.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::BadTerms;
use crate::billing::catalog::{
    Band, BandMode, Beyond, CreditPolicy, CreditTerms, Interval, Lasting, Limit, RecurringPrice, Seats,
    Terms, UsagePrice, UsageTerms,
};
use crate::billing::id::BadName;
use crate::billing::money::{Credits, Currency, Money, UnitPrice};

/// One JSON object, its path, and a check that all its keys are known.
pub(super) struct Node<'a> {
    at: String,
    map: &'a Map<String, Value>,
}

impl<'a> Node<'a> {
    pub(super) fn new(at: &str, value: &'a Value, known: &[&str]) -> Result<Node<'a>, BadTerms> {
        let node = Node::open(at, value)?;
        match node.map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(node.bad(key, "unknown key; a newer paygrade may have written it")),
            None => Ok(node),
        }
    }
    /// An object whose keys are names of ours, not words of the format.
    pub(super) fn open(at: &str, value: &'a Value) -> Result<Node<'a>, BadTerms> {
        let wrong = || BadTerms { at: at.to_owned(), problem: "an object is wanted here".to_owned() };
        Ok(Node { at: at.to_owned(), map: value.as_object().ok_or_else(wrong)? })
    }
    pub(super) fn path(&self, key: &str) -> String {
        if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) }
    }
    pub(super) fn bad(&self, key: &str, problem: impl ToString) -> BadTerms {
        BadTerms { at: self.path(key), problem: problem.to_string() }
    }
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, BadTerms> {
        let read = |value: &'a Value| value.as_str().ok_or_else(|| self.bad(key, "a text is wanted here"));
        self.get(key).map(read).transpose()
    }
    pub(super) fn text_wanted(&self, key: &str) -> Result<&'a str, BadTerms> {
        self.text(key)?.ok_or_else(|| self.bad(key, "is missing"))
    }
    pub(super) fn flag(&self, key: &str) -> Result<bool, BadTerms> {
        let read =
            |value: &Value| value.as_bool().ok_or_else(|| self.bad(key, "true or false is wanted here"));
        Ok(self.get(key).map(read).transpose()?.unwrap_or(false))
    }
    pub(super) fn count(&self, key: &str) -> Result<Option<u64>, BadTerms> {
        let read =
            |value: &Value| value.as_u64().ok_or_else(|| self.bad(key, "a whole number is wanted here"));
        self.get(key).map(read).transpose()
    }
    pub(super) fn count_u32(&self, key: &str) -> Result<Option<u32>, BadTerms> {
        let narrow = |count: u64| u32::try_from(count).map_err(|_| self.bad(key, "the number is too large"));
        self.count(key)?.map(narrow).transpose()
    }
    pub(super) fn credits(&self, key: &str) -> Result<Option<Credits>, BadTerms> {
        let narrow = |count: u64| match i64::try_from(count) {
            Ok(credits) => Ok(Credits(credits)),
            Err(_) => Err(self.bad(key, "the number is too large")),
        };
        self.count(key)?.map(narrow).transpose()
    }
    pub(super) fn parsed<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, BadTerms> {
        let strict =
            |text: &str| read(text).ok_or_else(|| self.bad(key, format!("`{text}` is not a known word")));
        self.text(key)?.map(strict).transpose()
    }
    pub(super) fn name<T: FromStr<Err = BadName>>(&self, key: &str) -> Result<Option<T>, BadTerms> {
        self.text(key)?.map(|text| T::from_str(text).map_err(|error| self.bad(key, error))).transpose()
    }
    pub(super) fn money(&self, key: &str, currency: Currency) -> Result<Option<Money>, BadTerms> {
        let read = |text: &str| Money::parse_major(text, currency).map_err(|error| self.bad(key, error));
        self.text(key)?.map(read).transpose()
    }
    fn unit_price(&self, key: &str, currency: Currency) -> Result<Option<UnitPrice>, BadTerms> {
        let read = |text: &str| UnitPrice::parse_major(text, currency).map_err(|error| self.bad(key, error));
        self.text(key)?.map(read).transpose()
    }
    pub(super) fn items(&self, key: &str) -> Result<&'a [Value], BadTerms> {
        match self.get(key) {
            None => Ok(&[]),
            Some(value) => {
                value.as_array().map(Vec::as_slice).ok_or_else(|| self.bad(key, "a list is wanted here"))
            }
        }
    }
    /// The entries of an object whose keys are names.
    pub(super) fn named<K: FromStr<Err = BadName> + Ord, T>(
        &self,
        key: &str,
        read: impl Fn(&str, &'a Value) -> Result<T, BadTerms>,
    ) -> Result<BTreeMap<K, T>, BadTerms> {
        let Some(value) = self.get(key) else { return Ok(BTreeMap::new()) };
        let inner = Node::open(&self.path(key), value)?;
        let entry = |(name, value): (&String, &'a Value)| {
            let parsed = K::from_str(name).map_err(|error| inner.bad(name, error))?;
            Ok((parsed, read(&inner.path(name), value)?))
        };
        inner.map.iter().map(entry).collect()
    }
}

/// Parses a JSON text whose root is an object.
pub(super) fn json(text: &str) -> Result<Value, BadTerms> {
    serde_json::from_str(text)
        .map_err(|error| BadTerms { at: "(text)".to_owned(), problem: error.to_string() })
}

pub(super) fn terms(text: &str) -> Result<(Terms, Currency), BadTerms> {
    terms_of("", &json(text)?)
}

pub(super) fn terms_of(at: &str, value: &Value) -> Result<(Terms, Currency), BadTerms> {
    let known =
        ["credits", "currency", "fallback", "grace_days", "limits", "prices", "seats", "trial_days", "usage"];
    let node = Node::new(at, value, &known)?;
    let currency =
        node.parsed("currency", Currency::parse)?.ok_or_else(|| node.bad("currency", "is missing"))?;
    let prices = node.items("prices")?.iter().enumerate();
    let terms = Terms {
        prices: prices
            .map(|(index, value)| price(&format!("{}[{index}]", node.path("prices")), value, currency))
            .collect::<Result<_, _>>()?,
        usage: node.named("usage", |at, value| usage(at, value, currency))?,
        seats: node.get("seats").map(|value| seats(&node.path("seats"), value)).transpose()?,
        limits: node.named("limits", limit)?,
        credits: node.get("credits").map(|value| credits(&node.path("credits"), value)).transpose()?,
        trial_days: node.count_u32("trial_days")?,
        grace_days: node.count_u32("grace_days")?,
        fallback: node.name("fallback")?,
    };
    Ok((terms, currency))
}

fn price(at: &str, value: &Value, currency: Currency) -> Result<RecurringPrice, BadTerms> {
    let node = Node::new(at, value, &["amount", "interval", "per"])?;
    let missing = |key: &str| node.bad(key, "is missing");
    Ok(RecurringPrice {
        interval: node.parsed("interval", Interval::parse)?.ok_or_else(|| missing("interval"))?,
        amount: node.money("amount", currency)?.ok_or_else(|| missing("amount"))?,
        per_seat: node.parsed("per", |text| (text == "seat").then_some(()))?.is_some(),
    })
}

fn seats(at: &str, value: &Value) -> Result<Seats, BadTerms> {
    let node = Node::new(at, value, &["max", "min"])?;
    let min = node.count_u32("min")?.ok_or_else(|| node.bad("min", "is missing"))?;
    Ok(Seats { min, max: node.count_u32("max")? })
}

fn limit(at: &str, value: &Value) -> Result<Limit, BadTerms> {
    match (value.as_u64(), value.as_str()) {
        (Some(most), _) => Ok(Limit::AtMost(most)),
        (None, Some("unlimited")) => Ok(Limit::Unlimited),
        _ => Err(BadTerms {
            at: at.to_owned(),
            problem: "a whole number or \"unlimited\" is wanted".to_owned(),
        }),
    }
}

fn credits(at: &str, value: &Value) -> Result<CreditTerms, BadTerms> {
    let node = Node::new(at, value, &["per_month", "policy", "trial", "trial_expires_after"])?;
    let policy = match node.get("policy") {
        None => CreditPolicy::Reset,
        Some(Value::String(word)) if word == "add" => CreditPolicy::Add,
        Some(value) => {
            let outer = Node::new(&node.path("policy"), value, &["rollover"])?;
            let inner = outer.get("rollover").ok_or_else(|| outer.bad("rollover", "is missing"))?;
            let inner = Node::new(&outer.path("rollover"), inner, &["cap"])?;
            CreditPolicy::Rollover {
                cap: inner.credits("cap")?.ok_or_else(|| inner.bad("cap", "is missing"))?,
            }
        }
    };
    Ok(CreditTerms {
        per_month: node.credits("per_month")?,
        policy,
        trial: node.credits("trial")?,
        trial_expires_after: node.parsed("trial_expires_after", Lasting::parse)?,
    })
}

fn usage(at: &str, value: &Value, currency: Currency) -> Result<UsageTerms, BadTerms> {
    let known = ["bands", "beyond", "credits_per", "included", "mode", "price", "spend_cap", "unlimited"];
    let node = Node::new(at, value, &known)?;
    if node.flag("unlimited")? {
        return Ok(UsageTerms::Unlimited);
    }
    let beyond = match node.text_wanted("beyond")? {
        "block" => Beyond::Block,
        "bill" => Beyond::Bill(usage_price(&node, currency)?),
        "credits" => {
            let value = node.get("credits_per").ok_or_else(|| node.bad("credits_per", "is missing"))?;
            let per = Node::new(&node.path("credits_per"), value, &["credits", "units"])?;
            let units = per.count("units")?.filter(|units| *units > 0);
            Beyond::Credits {
                units: units.ok_or_else(|| per.bad("units", "a number above 0 is wanted"))?,
                credits: per.credits("credits")?.ok_or_else(|| per.bad("credits", "is missing"))?,
            }
        }
        other => return Err(node.bad("beyond", format!("`{other}` is not a known word"))),
    };
    let included = node.count("included")?.unwrap_or(0);
    Ok(UsageTerms::Counted { included, beyond, spend_cap: node.money("spend_cap", currency)? })
}

fn usage_price(node: &Node<'_>, currency: Currency) -> Result<UsagePrice, BadTerms> {
    if let Some(price) = node.unit_price("price", currency)? {
        return Ok(UsagePrice::PerUnit(price));
    }
    let mode = node
        .parsed("mode", |text| {
            [BandMode::Graduated, BandMode::Volume].into_iter().find(|mode| mode.as_str() == text)
        })?
        .ok_or_else(|| node.bad("mode", "is missing"))?;
    let band = |(index, value): (usize, &Value)| {
        let node =
            Node::new(&format!("{}[{index}]", node.path("bands")), value, &["flat", "price", "up_to"])?;
        let price = node.unit_price("price", currency)?.ok_or_else(|| node.bad("price", "is missing"))?;
        let flat = node.unit_price("flat", currency)?.unwrap_or(UnitPrice::ZERO);
        Ok(Band { up_to: node.count("up_to")?, price, flat })
    };
    let bands: Vec<Band> = node.items("bands")?.iter().enumerate().map(band).collect::<Result<_, _>>()?;
    if bands.last().is_none_or(|last| last.up_to.is_some()) {
        return Err(node.bad("bands", "the last band must be open"));
    }
    Ok(UsagePrice::Bands { mode, bands })
}
