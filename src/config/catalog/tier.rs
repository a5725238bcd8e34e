//! Tiers: what the catalog says of them besides their terms.

use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, parts, terms};
use crate::billing::catalog::{Terms, Tier};
use crate::billing::id::{FeatureKey, TierKey};
use crate::config::walk::Table;

/// Ranks are small whole numbers, so that a typing error is seen.
const RANK_MAX: i64 = 1_000_000;

pub(super) fn tiers(reader: &mut Reader<'_, '_>, root: &Table<'_>) -> BTreeMap<TierKey, Tier> {
    let mut tiers = BTreeMap::new();
    let Some(table) = root.table(&mut reader.sink, "tiers") else { return tiers };
    for entry in table.entries() {
        let key = parts::name::<TierKey>(&mut reader.sink, &entry);
        let tier = entry.table(&mut reader.sink).map(|table| tier(reader, &table, entry.name));
        if let (Some(key), Some(tier)) = (key, tier) {
            tiers.insert(key, tier);
        }
    }
    tiers
}

fn tier(reader: &mut Reader<'_, '_>, table: &Table<'_>, key: &str) -> Tier {
    let known = [&["name", "rank", "retired", "custom", "features"], terms::KEYS].concat();
    table.only(&mut reader.sink, &known);
    let features = features(reader, table);
    let sink = &mut reader.sink;
    let custom = table.get("custom").and_then(|it| it.flag(sink)).unwrap_or(false);
    if custom && let Some(entry) = table.get("prices") {
        let message =
            "a custom tier gets its prices when it is assigned: --deal FILE, or --amount and --interval";
        sink.wrong(&entry.key_span, &entry.path, message);
    }
    Tier {
        name: parts::label_or_key(sink, table, key),
        rank: table.get("rank").and_then(|it| it.whole(sink, -RANK_MAX, RANK_MAX)).unwrap_or(0),
        retired: table.get("retired").and_then(|it| it.flag(sink)).unwrap_or(false),
        custom,
        features,
        terms: terms::terms(reader, table, Terms::default()),
    }
}

fn features(reader: &mut Reader<'_, '_>, table: &Table<'_>) -> BTreeSet<FeatureKey> {
    let sink = &mut reader.sink;
    let mut features = BTreeSet::new();
    let Some(items) = table.get("features").and_then(|entry| entry.list(sink)) else { return features };
    for item in items {
        let Some(text) = item.reference(sink, "feature", &reader.names.features) else { continue };
        // A name that is defined and yet illegal is a fault where it is defined.
        let Ok(key) = FeatureKey::parse(text) else { continue };
        if !features.insert(key) {
            item.wrong(sink, format!("`{text}` is in the list twice"));
        }
    }
    features
}
