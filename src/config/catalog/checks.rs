//! Rules that need the whole catalog: where fallbacks lead, what nothing uses, what Stripe will not take.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::billing::catalog::{Catalog, Tier};
use crate::billing::charge::{charge_min, charge_step};
use crate::billing::id::TierKey;
use crate::billing::money::{Currency, Money};
use crate::billing::terms::{PIECE_LENGTH_MAX, TermsTooLong, limits_json, pieces};
use crate::config::problem::Sink;
use crate::config::walk::{Entry, Table};

/// All of them. `currency` is the file's own, if it names a legal one.
pub(super) fn all(sink: &mut Sink<'_>, root: &Table<'_>, catalog: &Catalog, currency: Option<Currency>) {
    let circles = circles(catalog);
    for (key, tier) in &catalog.tiers {
        fallback(sink, root, catalog, &circles, key, tier);
        terms_length(sink, root, catalog, key, tier);
        seats(sink, root, key, tier);
    }
    if currency.is_some() {
        charges(sink, root, catalog);
    }
    // Beside faults, what seems to be absent may only be misspelt.
    if !sink.is_clean() {
        return;
    }
    ranks(sink, root, catalog);
    unused(sink, root, catalog);
    if catalog.tiers.is_empty() && catalog.packs.is_empty() {
        sink.doubtful(&(0..0), "tiers", "the catalog sells nothing: it has no tiers and no packs");
    }
}

/// The entry at a path below the root, for its place.
fn entry<'a>(root: &Table<'a>, path: &[&str]) -> Option<Entry<'a>> {
    let (last, above) = path.split_last()?;
    let mut quiet = Sink::new("", "");
    let mut table: Option<Table<'a>> = None;
    for name in above {
        table = Some(table.as_ref().unwrap_or(root).get(name)?.table(&mut quiet)?);
    }
    table.as_ref().unwrap_or(root).get(last)
}

fn key_place(root: &Table<'_>, path: &[&str]) -> (Range<usize>, String) {
    entry(root, path).map_or((0..0, path.join(".")), |entry| (entry.key_span, entry.path))
}

fn value_place(root: &Table<'_>, path: &[&str]) -> (Range<usize>, String) {
    entry(root, path).map_or((0..0, path.join(".")), |entry| (entry.span, entry.path))
}

/// The tiers whose fallbacks lead back to themselves. Each tier is visited once.
fn circles(catalog: &Catalog) -> BTreeSet<&TierKey> {
    let mut circles = BTreeSet::new();
    let mut seen: BTreeSet<&TierKey> = BTreeSet::new();
    for start in catalog.tiers.keys() {
        let mut way: Vec<&TierKey> = Vec::new();
        let mut next = Some(start);
        while let Some(at) = next.filter(|at| seen.insert(at)) {
            way.push(at);
            next = catalog.tiers.get(at).and_then(|tier| tier.terms.fallback.as_ref());
        }
        // Where this way ran into itself, the circle begins; where it met an earlier one, there is none to find.
        if let Some(first) = next.and_then(|met| way.iter().position(|at| *at == met)) {
            circles.extend(way.drain(first..));
        }
    }
    circles
}

/// A fallback must lead to a tier that can be assigned without a deal, and never round in a circle.
fn fallback(
    sink: &mut Sink<'_>,
    root: &Table<'_>,
    catalog: &Catalog,
    circles: &BTreeSet<&TierKey>,
    key: &TierKey,
    tier: &Tier,
) {
    let Some(to) = &tier.terms.fallback else { return };
    let (span, path) = value_place(root, &["tiers", key.as_str(), "fallback"]);
    if circles.contains(key) {
        sink.wrong(&span, &path, "the fallbacks lead back to this tier: one of them must have none");
    }
    let Some(landing) = catalog.tiers.get(to) else { return };
    if landing.retired {
        sink.wrong(&span, &path, format!("`{to}` is retired: nobody can be put on it"));
    }
    if landing.custom {
        sink.wrong(&span, &path, format!("`{to}` is custom: it has no terms without a deal"));
    }
    if !landing.terms.prices.is_empty() {
        sink.doubtful(&span, &path, format!("`{to}` has a recurring price; a customer whose subscription ended cannot land there without a new one"));
    }
}

fn terms_length(sink: &mut Sink<'_>, root: &Table<'_>, catalog: &Catalog, key: &TierKey, tier: &Tier) {
    if let Err(error @ TermsTooLong { .. }) = pieces(&tier.terms.to_json(catalog.currency)) {
        let (span, path) = key_place(root, &["tiers", key.as_str()]);
        sink.wrong(&span, &path, format!("{error}; split the tier or use fewer bands"));
    }
    let length = limits_json(&tier.terms).map_or(0, |json| json.chars().count());
    if length > PIECE_LENGTH_MAX {
        let (span, path) = key_place(root, &["tiers", key.as_str(), "limits"]);
        let message = format!(
            "the limits are {length} characters long; {PIECE_LENGTH_MAX} fit into a product's metadata"
        );
        sink.wrong(&span, &path, message);
    }
}

fn seats(sink: &mut Sink<'_>, root: &Table<'_>, key: &TierKey, tier: &Tier) {
    let priced = tier.custom || tier.terms.prices.iter().any(|price| price.per_seat);
    if tier.terms.seats.is_some() && !priced {
        let (span, path) = key_place(root, &["tiers", key.as_str(), "seats"]);
        sink.doubtful(
            &span,
            &path,
            "no price of this tier is per seat; for a limit on members, use `limits`",
        );
    }
}

/// Between tiers of one rank nothing says which way is up.
fn ranks(sink: &mut Sink<'_>, root: &Table<'_>, catalog: &Catalog) {
    let mut holders: BTreeMap<i64, &TierKey> = BTreeMap::new();
    for (key, tier) in catalog.tiers_by_rank().into_iter().filter(|(_, tier)| !tier.retired) {
        let Some(other) = holders.insert(tier.rank, key) else { continue };
        let place = match entry(root, &["tiers", key.as_str(), "rank"]) {
            Some(entry) => (entry.span, entry.path),
            None => key_place(root, &["tiers", key.as_str()]),
        };
        let message =
            format!("has the rank {} as `{other}` has: a change between them is no upgrade", tier.rank);
        sink.doubtful(&place.0, &place.1, message);
    }
}

fn unused(sink: &mut Sink<'_>, root: &Table<'_>, catalog: &Catalog) {
    for key in catalog.meters.keys() {
        if !catalog.tiers.values().any(|tier| tier.terms.usage.contains_key(key)) {
            let (span, path) = key_place(root, &["meters", key.as_str()]);
            sink.doubtful(&span, &path, "no tier has this meter: its usage would be refused everywhere");
        }
    }
    for key in catalog.features.keys() {
        if !catalog.tiers.values().any(|tier| tier.features.contains(key)) {
            let (span, path) = key_place(root, &["features", key.as_str()]);
            sink.doubtful(&span, &path, "no tier has this feature");
        }
    }
}

/// Amounts that Stripe would not charge.
fn charges(sink: &mut Sink<'_>, root: &Table<'_>, catalog: &Catalog) {
    let mut checked: Vec<(Range<usize>, String, Money)> = Vec::new();
    for (key, pack) in &catalog.packs {
        let (span, path) = value_place(root, &["packs", key.as_str(), "amount"]);
        if let Some(min) = charge_min(catalog.currency).filter(|min| pack.amount.minor < min.minor) {
            sink.doubtful(&span, &path, format!("is below {min}, the least that Stripe charges"));
        }
        checked.push((span, path, pack.amount));
    }
    for (key, tier) in &catalog.tiers {
        for price in &tier.terms.prices {
            let (span, path) = value_place(root, &["tiers", key.as_str(), "prices"]);
            checked.push((span, path, price.amount));
        }
    }
    let step = charge_step(catalog.currency);
    for (span, path, amount) in checked.into_iter().filter(|(_, _, amount)| amount.minor % step != 0) {
        let rule = if step == 100 { "must have no decimals" } else { "must end in 0" };
        sink.doubtful(&span, &path, format!("{amount}: charges in {} {rule}", catalog.currency));
    }
}
