//! The whole catalog as canonical JSON: what `seed` stores as the last one that it applied.

use serde_json::{Map, Value};

use super::read::{Node, json, terms_of};
use super::{BadTerms, Object, terms_value};
use crate::billing::catalog::{Alerts, Catalog, Lasting, Meter, Pack, Tier, Window};
use crate::billing::id::FeatureKey;
use crate::billing::money::{Credits, Currency};

impl Catalog {
    /// The canonical JSON of the whole catalog.
    pub fn to_json(&self) -> String {
        let names: Map<String, Value> =
            self.features.iter().map(|(key, name)| (key.to_string(), name.as_str().into())).collect();
        let actions: Map<String, Value> =
            self.actions.iter().map(|(key, credits)| (key.to_string(), credits.0.into())).collect();
        let meters: Map<String, Value> =
            self.meters.iter().map(|(key, meter)| (key.to_string(), meter_value(meter))).collect();
        let packs: Map<String, Value> =
            self.packs.iter().map(|(key, pack)| (key.to_string(), pack_value(pack))).collect();
        let tier = |tier: &Tier| tier_value(tier, self.currency);
        let tiers: Map<String, Value> =
            self.tiers.iter().map(|(key, it)| (key.to_string(), tier(it))).collect();
        let alerts = Object::default()
            .with("at", self.alerts.at.clone())
            .with_some("low_credits", self.alerts.low_credits.map(|credits| credits.0));
        Object::default()
            .with("actions", actions)
            .with("alerts", alerts.value())
            .with("currency", self.currency.code())
            .with("features", names)
            .with("meters", meters)
            .with("namespace", self.namespace.as_str())
            .with("packs", packs)
            .with("tiers", tiers)
            .value()
            .to_string()
    }
    /// Reads the canonical JSON of a whole catalog.
    pub fn from_json(text: &str) -> Result<Catalog, BadTerms> {
        let value = json(text)?;
        let known = ["actions", "alerts", "currency", "features", "meters", "namespace", "packs", "tiers"];
        let node = Node::new("", &value, &known)?;
        let missing = |key: &str| node.bad(key, "is missing");
        let currency = node.parsed("currency", Currency::parse)?.ok_or_else(|| missing("currency"))?;
        Ok(Catalog {
            namespace: node.name("namespace")?.ok_or_else(|| missing("namespace"))?,
            currency,
            meters: node.named("meters", meter)?,
            features: node.named("features", text_of)?,
            actions: node.named("actions", credits_of)?,
            tiers: node.named("tiers", |at, value| tier(at, value, currency))?,
            packs: node.named("packs", |at, value| pack(at, value, currency))?,
            alerts: node.get("alerts").map(alerts).transpose()?.ok_or_else(|| missing("alerts"))?,
        })
    }
}

fn meter_value(meter: &Meter) -> Value {
    Object::default()
        .with("event", meter.event.as_str())
        .with("name", meter.name.as_str())
        .with("unit", meter.unit.as_str())
        .with("window", meter.window.as_str())
        .value()
}

fn pack_value(pack: &Pack) -> Value {
    Object::default()
        .with("amount", pack.amount.major())
        .with("credits", pack.credits.0)
        .with_some("expires_after", pack.expires_after.map(|lasting| lasting.to_string()))
        .with("name", pack.name.as_str())
        .value()
}

fn tier_value(tier: &Tier, currency: Currency) -> Value {
    let features: Vec<&str> = tier.features.iter().map(FeatureKey::as_str).collect();
    Object::default()
        .with_some("custom", tier.custom.then_some(true))
        .with("features", features)
        .with("name", tier.name.as_str())
        .with("rank", tier.rank)
        .with_some("retired", tier.retired.then_some(true))
        .with("terms", terms_value(&tier.terms, currency))
        .value()
}

fn wrong(at: &str, problem: &str) -> BadTerms {
    BadTerms { at: at.to_owned(), problem: problem.to_owned() }
}

fn text_of(at: &str, value: &Value) -> Result<String, BadTerms> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong(at, "a text is wanted here"))
}

fn credits_of(at: &str, value: &Value) -> Result<Credits, BadTerms> {
    value.as_i64().filter(|n| *n >= 0).map(Credits).ok_or_else(|| wrong(at, "a whole number is wanted here"))
}

fn meter(at: &str, value: &Value) -> Result<Meter, BadTerms> {
    let node = Node::new(at, value, &["event", "name", "unit", "window"])?;
    Ok(Meter {
        name: node.text_wanted("name")?.to_owned(),
        event: node.text_wanted("event")?.to_owned(),
        unit: node.text_wanted("unit")?.to_owned(),
        window: node.parsed("window", Window::parse)?.unwrap_or_default(),
    })
}

fn pack(at: &str, value: &Value, currency: Currency) -> Result<Pack, BadTerms> {
    let node = Node::new(at, value, &["amount", "credits", "expires_after", "name"])?;
    Ok(Pack {
        name: node.text_wanted("name")?.to_owned(),
        credits: node.credits("credits")?.ok_or_else(|| node.bad("credits", "is missing"))?,
        amount: node.money("amount", currency)?.ok_or_else(|| node.bad("amount", "is missing"))?,
        expires_after: node.parsed("expires_after", Lasting::parse)?,
    })
}

fn tier(at: &str, value: &Value, currency: Currency) -> Result<Tier, BadTerms> {
    let node = Node::new(at, value, &["custom", "features", "name", "rank", "retired", "terms"])?;
    let feature = |value: &Value| {
        let text = value.as_str().ok_or_else(|| node.bad("features", "texts are wanted here"))?;
        FeatureKey::parse(text).map_err(|error| node.bad("features", error))
    };
    let terms = node.get("terms").ok_or_else(|| node.bad("terms", "is missing"))?;
    let (terms, terms_currency) = terms_of(&node.path("terms"), terms)?;
    if terms_currency != currency {
        return Err(node.bad("terms.currency", "is not the catalog's currency"));
    }
    Ok(Tier {
        name: node.text_wanted("name")?.to_owned(),
        rank: node
            .get("rank")
            .and_then(Value::as_i64)
            .ok_or_else(|| node.bad("rank", "a whole number is wanted"))?,
        retired: node.flag("retired")?,
        custom: node.flag("custom")?,
        features: node.items("features")?.iter().map(feature).collect::<Result<_, _>>()?,
        terms,
    })
}

fn alerts(value: &Value) -> Result<Alerts, BadTerms> {
    let node = Node::new("alerts", value, &["at", "low_credits"])?;
    let percent = |value: &Value| {
        let percent = value.as_u64().and_then(|n| u32::try_from(n).ok());
        percent.ok_or_else(|| node.bad("at", "whole numbers are wanted here"))
    };
    Ok(Alerts {
        at: node.items("at")?.iter().map(percent).collect::<Result<_, _>>()?,
        low_credits: node.credits("low_credits")?,
    })
}
