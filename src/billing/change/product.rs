//! Products with what hangs on them: marks, default price, features; and what left the catalog.

use std::collections::{BTreeMap, BTreeSet};

use super::price::{self, Settled};
use super::{Action, Cause, Change, DefaultPrice, Field, Kind, Op, Phase, View, field};
use crate::billing::found::ProductFound;
use crate::billing::terms::digest;
use crate::billing::wanted::{
    ARCHIVED_KEY, DIGEST_KEY, MARK_KEY, PRODUCT_MARK, Sold, WantedProduct, digest_part, product_digests,
};

/// Entitlement features. An archived one is archived for ever (Stripe: API, entitlements), so it is in the way.
pub(super) fn features(view: &View<'_>, out: &mut Vec<(Phase, Change)>) {
    for wanted in &view.wanted.features {
        let mark = format!("{}/feature/{}/feature", view.wanted.namespace, wanted.key);
        let stored = digest(&wanted.name);
        let metadata: BTreeMap<String, String> =
            [(MARK_KEY.to_owned(), mark.clone()), (DIGEST_KEY.to_owned(), stored)].into();
        let change = |op, fields, stripe_id, action, after| Change {
            op,
            kind: Kind::Feature,
            key: format!("feature:{}", wanted.key),
            stripe_id,
            fields,
            subscribers: 0,
            action,
            after,
        };
        let found = view.snapshot.features.iter().find(|feature| feature.lookup_key == wanted.lookup_key);
        let Some(found) = found else {
            let fields = vec![field("name", None, Some(wanted.name.clone()), Cause::Pending)];
            let (lookup_key, name) = (wanted.lookup_key.clone(), wanted.name.clone());
            let action = Action::FeatureCreate { lookup_key, name, metadata };
            out.push((Phase::Foundations, change(Op::Create, fields, None, Some(action), String::new())));
            continue;
        };
        let is_ours = found.metadata.get(MARK_KEY) == Some(&mark);
        if !found.active || !is_ours && !view.options.adopt {
            let field = if found.active {
                let from = found.metadata.get(MARK_KEY).cloned().unwrap_or_else(|| "not ours".to_owned());
                field(MARK_KEY, Some(from), Some(mark), Cause::Conflict)
            } else {
                field("active", Some("archived for ever".into()), Some("true".into()), Cause::Conflict)
            };
            let id = Some(found.id.clone());
            out.push((Phase::Foundations, change(Op::Conflict, vec![field], id, None, String::new())));
            continue;
        }
        let written = found.metadata.get(DIGEST_KEY);
        let cause =
            if is_ours && written != Some(&digest(&found.name)) { Cause::Drift } else { Cause::Pending };
        let mut fields = Vec::new();
        if found.name != wanted.name {
            fields.push(field("name", Some(found.name.clone()), Some(wanted.name.clone()), cause));
        }
        for (key, value) in metadata.iter().filter(|(key, value)| found.metadata.get(*key) != Some(*value)) {
            fields.push(field(key, found.metadata.get(key).cloned(), Some(value.clone()), cause));
        }
        if !fields.is_empty() {
            let after = format!("{}={:?}", found.name, found.metadata);
            let action = Action::FeatureUpdate { id: found.id.clone(), name: wanted.name.clone(), metadata };
            out.push((
                Phase::Foundations,
                change(Op::Update, fields, Some(found.id.clone()), Some(action), after),
            ));
        }
    }
}

/// One wanted product: itself, its prices, its features, then what finishes it.
pub(super) fn changes(view: &View<'_>, wanted: &WantedProduct, out: &mut Vec<(Phase, Change)>) {
    let found = view.snapshot.products.iter().find(|product| product.id == wanted.id);
    let mark = wanted.sold.mark(&view.wanted.namespace, PRODUCT_MARK);
    if let Some(foreign) =
        found.filter(|product| product.metadata.get(MARK_KEY) != Some(&mark) && !view.options.adopt)
    {
        let from = foreign.metadata.get(MARK_KEY).cloned().unwrap_or_else(|| "not ours".to_owned());
        let fields = vec![field(MARK_KEY, Some(from), Some(mark), Cause::Conflict)];
        out.push((Phase::Products, change(view, wanted, Op::Conflict, Some(foreign), fields, None)));
        return;
    }
    let mut settled = BTreeMap::new();
    for at in &wanted.prices {
        settled.insert(at.price.key.clone(), price::changes(view, wanted, at, out));
    }
    let attached = attachments(view, wanted, found, out);
    left_prices(view, wanted, out);
    let default = wanted.default.as_ref().and_then(|key| match settled.get(key) {
        Some(Settled::Existing(id)) => Some(DefaultPrice::Existing(id.clone())),
        Some(Settled::Made(lookup_key)) => Some(DefaultPrice::Made(lookup_key.clone())),
        _ => None,
    });
    match found {
        None => created(view, wanted, default, mark, attached, out),
        Some(found) => updated(view, wanted, found, default, mark, out),
    }
}

fn change(
    view: &View<'_>,
    wanted: &WantedProduct,
    op: Op,
    found: Option<&ProductFound>,
    fields: Vec<Field>,
    action: Option<Action>,
) -> Change {
    Change {
        op,
        kind: Kind::Product,
        key: wanted.sold.key(),
        stripe_id: Some(wanted.id.clone()),
        fields,
        subscribers: view.subscribers_of(&wanted.sold),
        action,
        after: found.map(|found| format!("{} {}", found.updated.0, state_of(found))).unwrap_or_default(),
    }
}

/// The changeable state of a product in words: its time of change has whole seconds only.
fn state_of(found: &ProductFound) -> String {
    let metadata: Vec<String> = found.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    digest(&format!("{} {} {:?} {}", found.name, found.active, found.default_price, metadata.join("\n")))
}

/// A product that is not there. The digests come with its last step, so that a run that was cut short is not taken
/// for an edit in the Dashboard; without later steps they come at once.
fn created(
    view: &View<'_>,
    wanted: &WantedProduct,
    default: Option<DefaultPrice>,
    mark: String,
    attached: bool,
    out: &mut Vec<(Phase, Change)>,
) {
    let mut metadata = present(&wanted.metadata);
    metadata.insert(MARK_KEY.to_owned(), mark);
    let has_later_steps = attached || default.is_some();
    if !has_later_steps {
        metadata.insert(DIGEST_KEY.to_owned(), wanted.digests());
    }
    let fields = vec![field("name", None, Some(wanted.name.clone()), Cause::Pending)];
    let action = Action::ProductCreate { id: wanted.id.clone(), name: wanted.name.clone(), metadata };
    out.push((Phase::Products, change(view, wanted, Op::Create, None, fields, Some(action))));
    if has_later_steps {
        let mut fields = Vec::new();
        if default.is_some() {
            fields.push(field("default_price", None, wanted.default.clone(), Cause::Pending));
        }
        fields.push(field(DIGEST_KEY, None, Some(wanted.digests()), Cause::Pending));
        let action = Action::ProductUpdate {
            id: wanted.id.clone(),
            name: None,
            active: None,
            default,
            metadata: [(DIGEST_KEY.to_owned(), wanted.digests())].into(),
        };
        out.push((Phase::Finish, change(view, wanted, Op::Update, None, fields, Some(action))));
    }
}

fn present(metadata: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let present = metadata.iter().filter(|(_, value)| !value.is_empty());
    present.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// A product that is there: one update with everything that differs.
fn updated(
    view: &View<'_>,
    wanted: &WantedProduct,
    found: &ProductFound,
    default: Option<DefaultPrice>,
    mark: String,
    out: &mut Vec<(Phase, Change)>,
) {
    let is_ours = found.metadata.get(MARK_KEY) == Some(&mark);
    let (fields_metadata, mut metadata) = metadata_fields(view, wanted, found, &mark, is_ours);
    let mut fields = Vec::new();
    let name = (found.name != wanted.name).then(|| wanted.name.clone());
    if name.is_some() {
        let cause = cause_of(view, found, is_ours, "n");
        fields.push(field("name", Some(found.name.clone()), name.clone(), cause));
    }
    let active = (!found.active).then_some(true);
    if active.is_some() {
        // What seed archived itself comes back because the file has it again.
        let cause =
            if found.metadata.contains_key(ARCHIVED_KEY) || !is_ours { Cause::Pending } else { Cause::Drift };
        fields.push(field("active", Some("false".into()), Some("true".into()), cause));
        if found.metadata.contains_key(ARCHIVED_KEY) {
            metadata.insert(ARCHIVED_KEY.to_owned(), String::new());
        }
    }
    let default = default.filter(|default| match default {
        DefaultPrice::Existing(id) => found.default_price.as_ref() != Some(id),
        DefaultPrice::Made(_) | DefaultPrice::Cleared => true,
    });
    let default = default.or_else(|| unset_default(view, wanted, found));
    if default.is_some() {
        // A replaced price has the key of its successor: its id tells them apart.
        let key = |id: &String| {
            default_key(view, &wanted.sold, id).filter(|key| Some(key) != wanted.default.as_ref())
        };
        let from = found.default_price.as_ref().map(|id| key(id).unwrap_or_else(|| id.clone()));
        let cause = default_cause(view, wanted, found, is_ours);
        fields.push(field("default_price", from, wanted.default.clone(), cause));
    }
    fields.extend(fields_metadata);
    if fields.is_empty() {
        return;
    }
    let id = wanted.id.clone();
    let action = Action::ProductUpdate { id, name, active, default, metadata };
    out.push((Phase::Finish, change(view, wanted, Op::Update, Some(found), fields, Some(action))));
}

/// The marks that differ, as fields and as what is written.
fn metadata_fields(
    view: &View<'_>,
    wanted: &WantedProduct,
    found: &ProductFound,
    mark: &str,
    is_ours: bool,
) -> (Vec<Field>, BTreeMap<String, String>) {
    let cause = cause_of(view, found, is_ours, "m");
    let marks = [(MARK_KEY.to_owned(), mark.to_owned()), (DIGEST_KEY.to_owned(), wanted.digests())];
    let mut fields = Vec::new();
    let mut metadata = BTreeMap::new();
    for (key, value) in wanted.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).chain(marks) {
        let from = found.metadata.get(&key).filter(|from| !from.is_empty());
        if from.map_or("", String::as_str) != value {
            let to = Some(value.clone()).filter(|to| !to.is_empty());
            let cause = if key == DIGEST_KEY || key == MARK_KEY { Cause::Pending } else { cause };
            fields.push(field(&key, from.cloned(), to, cause));
            metadata.insert(key, value);
        }
    }
    (fields, metadata)
}

/// Whether a part of a product differs because of the file or because of the Dashboard: what we wrote last is stored
/// as a digest, and a part that no longer has it was edited at Stripe. Nothing stored: an earlier run was cut short.
fn cause_of(view: &View<'_>, found: &ProductFound, is_ours: bool, part: &str) -> Cause {
    let Some(stored) = found.metadata.get(DIGEST_KEY).filter(|_| is_ours) else { return Cause::Pending };
    let attached = view.snapshot.attachments.iter().filter(|it| it.product == found.id);
    let prefix = format!("{}:feature:", view.wanted.namespace);
    let mut features: Vec<String> =
        attached.map(|it| it.lookup_key.clone()).filter(|key| key.starts_with(&prefix)).collect();
    features.sort();
    let now = product_digests(&found.name, &found.metadata, None, &features);
    if digest_part(stored, part) == digest_part(&now, part) { Cause::Pending } else { Cause::Drift }
}

/// The key of the default price, if it is one of this product's own.
fn default_key(view: &View<'_>, sold: &Sold, id: &str) -> Option<String> {
    let price = view.snapshot.prices.iter().find(|price| price.id == id)?;
    view.sold(&price.metadata).filter(|(of, _)| of == sold).map(|(_, key)| key)
}

/// A default of the right key that is to be another price follows its replacement; another key is an edit of the
/// file when it is the one that we wrote last.
fn default_cause(view: &View<'_>, wanted: &WantedProduct, found: &ProductFound, is_ours: bool) -> Cause {
    let Some(stored) = found.metadata.get(DIGEST_KEY).filter(|_| is_ours) else { return Cause::Pending };
    let key =
        found.default_price.as_ref().map(|id| default_key(view, &wanted.sold, id).unwrap_or(id.clone()));
    let now = digest(key.as_deref().unwrap_or_default());
    if digest_part(stored, "d") == Some(now.as_str()) { Cause::Pending } else { Cause::Drift }
}

/// Where the catalog wants no default, one of ours is taken away only when it is pruned: an archived price cannot be
/// the default.
fn unset_default(view: &View<'_>, wanted: &WantedProduct, found: &ProductFound) -> Option<DefaultPrice> {
    let id = found.default_price.as_ref()?;
    let gone =
        wanted.default.is_none() && view.options.prune && default_key(view, &wanted.sold, id).is_some();
    gone.then_some(DefaultPrice::Cleared)
}

/// Prices of ours on a wanted product whose key the catalog no longer has.
fn left_prices(view: &View<'_>, wanted: &WantedProduct, out: &mut Vec<(Phase, Change)>) {
    let keys: BTreeSet<&str> = wanted.prices.iter().map(|at| at.price.key.as_str()).collect();
    for price in view.snapshot.prices.iter().filter(|price| price.active && price.product == wanted.id) {
        let Some((sold, key)) = view.sold(&price.metadata) else { continue };
        if sold == wanted.sold && !keys.contains(key.as_str()) {
            out.push((Phase::Archive, price::archive(view, &sold, &key, price, view.options.prune)));
        }
    }
}

/// Features to give and to take; whether there is any to give. Features of others on our product stay.
fn attachments(
    view: &View<'_>,
    wanted: &WantedProduct,
    found: Option<&ProductFound>,
    out: &mut Vec<(Phase, Change)>,
) -> bool {
    let prefix = format!("{}:feature:", view.wanted.namespace);
    let mark = wanted.sold.mark(&view.wanted.namespace, PRODUCT_MARK);
    let is_ours = |found: &&ProductFound| found.metadata.get(MARK_KEY) == Some(&mark);
    let cause = found.filter(is_ours).map_or(Cause::Pending, |found| cause_of(view, found, true, "f"));
    let change = |op, lookup_key: &str, stripe_id: Option<String>, action| Change {
        op,
        kind: Kind::ProductFeature,
        key: format!("{}:{}", wanted.sold.key(), lookup_key.strip_prefix(&prefix).unwrap_or(lookup_key)),
        after: stripe_id.clone().unwrap_or_else(|| found.map(state_of).unwrap_or_default()),
        stripe_id,
        fields: vec![match op {
            Op::Create => field("feature", None, Some(lookup_key.to_owned()), cause),
            _ => field("feature", Some(lookup_key.to_owned()), None, cause),
        }],
        subscribers: view.subscribers_of(&wanted.sold),
        action: Some(action),
    };
    let attached: Vec<_> = view.snapshot.attachments.iter().filter(|it| it.product == wanted.id).collect();
    let mut any = false;
    for feature in &wanted.features {
        let known = view.snapshot.features.iter().find(|it| it.lookup_key == *feature);
        let usable =
            known.is_none_or(|it| it.active && (it.metadata.contains_key(MARK_KEY) || view.options.adopt));
        if usable && !attached.iter().any(|it| it.lookup_key == *feature) {
            let action = Action::Attach { product: wanted.id.clone(), feature: feature.clone() };
            out.push((Phase::Attachments, change(Op::Create, feature, None, action)));
            any = true;
        }
    }
    for it in attached {
        if it.lookup_key.starts_with(&prefix) && !wanted.features.contains(&it.lookup_key) {
            let action = Action::Detach { product: wanted.id.clone(), attachment: it.id.clone() };
            out.push((Phase::Attachments, change(Op::Remove, &it.lookup_key, Some(it.id.clone()), action)));
        }
    }
    any
}

/// Products of ours that the catalog no longer has, with their prices.
pub(super) fn left(view: &View<'_>, out: &mut Vec<(Phase, Change)>) {
    let kept: BTreeSet<&Sold> = view.wanted.products.iter().map(|product| &product.sold).collect();
    for found in &view.snapshot.products {
        let Some((sold, _)) = view.sold(&found.metadata).filter(|(_, key)| key == PRODUCT_MARK) else {
            continue;
        };
        if kept.contains(&sold) || found.id != sold.product_id(&view.wanted.namespace) {
            continue;
        }
        for price in view.snapshot.prices.iter().filter(|price| price.active && price.product == found.id) {
            if let Some((of, key)) = view.sold(&price.metadata).filter(|(of, _)| *of == sold) {
                out.push((Phase::Retire, price::archive(view, &of, &key, price, view.options.prune)));
            }
        }
        if found.active {
            let action = Action::ProductUpdate {
                id: found.id.clone(),
                name: None,
                active: Some(false),
                default: found.default_price.is_some().then_some(DefaultPrice::Cleared),
                metadata: [(ARCHIVED_KEY.to_owned(), "true".to_owned())].into(),
            };
            let change = Change {
                op: Op::Remove,
                kind: Kind::Product,
                key: sold.key(),
                stripe_id: Some(found.id.clone()),
                fields: vec![field("name", Some(found.name.clone()), None, Cause::Pending)],
                subscribers: view.subscribers_of(&sold),
                action: view.options.prune.then_some(action),
                after: format!("{} {}", found.updated.0, state_of(found)),
            };
            // Before its prices: the default price of a product cannot be archived.
            out.push((Phase::Archive, change));
        }
    }
}
