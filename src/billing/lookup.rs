//! Finding things of the catalog by the name that a person typed; what is unknown comes with the nearest known name.

use super::catalog::{Catalog, Meter, Pack, Tier};
use super::id::{ActionKey, FeatureKey, MeterKey, PackKey, TierKey};
use super::money::Credits;
use super::spelling::nearest;

/// A name that the catalog does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}` in the catalog")]
pub struct Unknown {
    /// What was looked for: tier, meter, feature, action or pack.
    pub what: &'static str,
    /// The name as it was typed, cut to a printable length.
    pub name: String,
    /// The nearest known name.
    pub near: Option<String>,
}

impl Unknown {
    /// A name that is none of `known`.
    pub fn new<'a>(what: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Unknown {
        let shown = name.chars().take(60).flat_map(char::escape_debug).collect();
        Unknown { what, name: shown, near: nearest(name, known).map(str::to_owned) }
    }
}

impl Catalog {
    /// The tier of a name.
    pub fn find_tier(&self, name: &str) -> Result<(&TierKey, &Tier), Unknown> {
        let known = || self.tiers.keys().map(TierKey::as_str);
        let found = TierKey::parse(name).ok().and_then(|key| self.tiers.get_key_value(&key));
        found.ok_or_else(|| Unknown::new("tier", name, known()))
    }
    /// The meter of a name.
    pub fn find_meter(&self, name: &str) -> Result<(&MeterKey, &Meter), Unknown> {
        let known = || self.meters.keys().map(MeterKey::as_str);
        let found = MeterKey::parse(name).ok().and_then(|key| self.meters.get_key_value(&key));
        found.ok_or_else(|| Unknown::new("meter", name, known()))
    }
    /// The feature of a name, with its name for people.
    pub fn find_feature(&self, name: &str) -> Result<(&FeatureKey, &str), Unknown> {
        let known = || self.features.keys().map(FeatureKey::as_str);
        let found = FeatureKey::parse(name).ok().and_then(|key| self.features.get_key_value(&key));
        found.map(|(key, label)| (key, label.as_str())).ok_or_else(|| Unknown::new("feature", name, known()))
    }
    /// The action of a name, with what it costs.
    pub fn find_action(&self, name: &str) -> Result<(&ActionKey, Credits), Unknown> {
        let known = || self.actions.keys().map(ActionKey::as_str);
        let found = ActionKey::parse(name).ok().and_then(|key| self.actions.get_key_value(&key));
        found.map(|(key, credits)| (key, *credits)).ok_or_else(|| Unknown::new("action", name, known()))
    }
    /// The pack of a name.
    pub fn find_pack(&self, name: &str) -> Result<(&PackKey, &Pack), Unknown> {
        let known = || self.packs.keys().map(PackKey::as_str);
        let found = PackKey::parse(name).ok().and_then(|key| self.packs.get_key_value(&key));
        found.ok_or_else(|| Unknown::new("pack", name, known()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_comes_with_the_nearest_name() {
        let json = r#"{"actions":{"search":5},"alerts":{"at":[]},"currency":"usd","features":{"sso":"SSO"},
            "meters":{"tokens":{"event":"t","name":"T","unit":"u","window":"hour"}},"namespace":"a",
            "packs":{"small":{"amount":"9.99","credits":100,"name":"S"}},
            "tiers":{"pro":{"features":[],"name":"Pro","rank":1,"terms":{"currency":"usd"}}}}"#;
        let catalog = Catalog::from_json(json).unwrap();
        assert_eq!(catalog.find_tier("pro").map(|(key, _)| key.as_str()), Ok("pro"));
        assert_eq!(catalog.find_feature("sso").map(|(_, label)| label), Ok("SSO"));
        assert_eq!(catalog.find_action("search").map(|(_, credits)| credits.0), Ok(5));
        assert_eq!(catalog.find_pack("small").map(|(_, pack)| pack.credits.0), Ok(100));
        assert_eq!(catalog.find_meter("tokens").map(|(_, meter)| meter.event.as_str()), Ok("t"));
        for (unknown, text, near) in [
            (catalog.find_tier("Pro").unwrap_err(), "there is no tier `Pro` in the catalog", Some("pro")),
            (
                catalog.find_meter("token").unwrap_err(),
                "there is no meter `token` in the catalog",
                Some("tokens"),
            ),
            (catalog.find_action("fly").unwrap_err(), "there is no action `fly` in the catalog", None),
            (catalog.find_pack("a\n").unwrap_err(), "there is no pack `a\\n` in the catalog", None),
            (catalog.find_feature("ss").unwrap_err(), "there is no feature `ss` in the catalog", Some("sso")),
        ] {
            assert_eq!((unknown.to_string().as_str(), unknown.near.as_deref()), (text, near));
        }
    }
}
