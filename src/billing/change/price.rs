//! Prices: immutable in what they charge, found by lookup key and mark.

use std::collections::BTreeMap;

use super::{Action, Cause, Change, Field, Kind, Op, Phase, View, field, meter};
use crate::billing::found::{ChargedFound, MeterFound, PriceContent, PriceFound, ShapeFound};
use crate::billing::money::Currency;
use crate::billing::terms::digest;
use crate::billing::wanted::{
    ARCHIVED_KEY, DIGEST_KEY, MARK_KEY, PriceAt, Sold, WantedProduct, content_text,
};

/// What a found price is, in the words of `content_text`. What no catalog can say is in words that match nothing.
pub fn found_content(content: &PriceContent, meters: &[MeterFound]) -> String {
    let a = |interval: &str, count: u64| {
        if count == 1 { format!("a {interval}") } else { format!("every {count} {interval}s") }
    };
    let charged = match &content.charged {
        ChargedFound::Once => "once".to_owned(),
        ChargedFound::InAdvance { interval, count } => a(interval, *count),
        ChargedFound::Metered { interval, count, meter } => {
            let event =
                meters.iter().find(|it| it.id == *meter).map_or(meter.as_str(), |it| it.event_name.as_str());
            format!("{} metered {event}", a(interval, *count))
        }
    };
    match (&content.shape, Currency::parse(&content.currency)) {
        (ShapeFound::Known(shape), Some(currency)) => content_text(currency, shape, &charged),
        (ShapeFound::Known(_), None) => format!("{} in an unknown currency {charged}", content.currency),
        (ShapeFound::Other(words), _) => format!("{} {words} {charged}", content.currency),
    }
}

/// The price that plays a wanted part once the changes are applied.
pub(super) enum Settled {
    /// One that exists.
    Existing(String),
    /// One that a change makes.
    Made(String),
    /// None: something is in the way.
    None,
}

/// One wanted price in its surroundings.
struct Part<'a> {
    view: &'a View<'a>,
    product: &'a WantedProduct,
    at: &'a PriceAt,
    content: String,
    metadata: BTreeMap<String, String>,
}

impl Part<'_> {
    fn key(&self) -> String {
        match &self.product.sold {
            Sold::Tier(tier) => format!("tier:{tier}:{}", self.at.price.key),
            Sold::Pack(pack) => format!("pack:{pack}:{}", self.at.price.key),
        }
    }
    fn is_equal(&self, found: &PriceFound) -> bool {
        found.product == self.product.id
            && found_content(&found.content, &self.view.snapshot.meters) == self.content
    }
    fn change(
        &self,
        op: Op,
        found: Option<&PriceFound>,
        fields: Vec<Field>,
        action: Option<Action>,
    ) -> Change {
        Change {
            op,
            kind: Kind::Price,
            key: self.key(),
            stripe_id: found.map(|price| price.id.clone()),
            fields,
            subscribers: self.view.subscribers_of(&self.product.sold),
            action,
            after: found.map(|price| price.id.clone()).unwrap_or_default(),
        }
    }
    fn create(&self, holder: Option<&PriceFound>) -> Change {
        let from = holder.map(|price| found_content(&price.content, &self.view.snapshot.meters));
        let mut fields = vec![field("content", from, Some(self.content.clone()), Cause::Pending)];
        if let Some(holder) = holder.filter(|price| price.product != self.product.id) {
            let from = Some(holder.product.clone());
            fields.push(field("product", from, Some(self.product.id.clone()), Cause::Pending));
        }
        let action = Action::PriceCreate {
            product: self.product.id.clone(),
            lookup_key: self.at.lookup_key.clone(),
            transfer: holder.is_some(),
            shape: self.at.price.shape.clone(),
            charged: self.at.price.charged.clone(),
            event_name: self.at.event_name.clone(),
            metadata: self.metadata.clone(),
        };
        let mut change = self.change(Op::Create, None, fields, Some(action));
        change.after = holder.map(|price| price.id.clone()).unwrap_or_default();
        change
    }
    /// Brings an existing price of the right content to the right key, state and marks; `None` if it is there.
    fn settle(&self, found: &PriceFound) -> Option<Change> {
        let mut fields = Vec::new();
        let was_archived = found.metadata.contains_key(ARCHIVED_KEY);
        let ours = found.metadata.get(MARK_KEY) == self.metadata.get(MARK_KEY);
        // What we archived ourselves comes back because the file says so.
        let cause = if was_archived || !ours { Cause::Pending } else { Cause::Drift };
        if !found.active {
            fields.push(field("active", Some("false".into()), Some("true".into()), cause));
        }
        let moves = found.lookup_key.as_deref() != Some(&self.at.lookup_key);
        if moves {
            fields.push(field(
                "lookup_key",
                found.lookup_key.clone(),
                Some(self.at.lookup_key.clone()),
                cause,
            ));
        }
        let mut metadata = BTreeMap::new();
        for (key, value) in &self.metadata {
            if found.metadata.get(key) != Some(value) {
                fields.push(field(key, found.metadata.get(key).cloned(), Some(value.clone()), cause));
                metadata.insert(key.clone(), value.clone());
            }
        }
        if was_archived {
            metadata.insert(ARCHIVED_KEY.to_owned(), String::new());
            fields.push(field(ARCHIVED_KEY, found.metadata.get(ARCHIVED_KEY).cloned(), None, cause));
        }
        if fields.is_empty() {
            return None;
        }
        let action = Action::PriceUpdate {
            id: found.id.clone(),
            active: (!found.active).then_some(true),
            lookup_key: moves.then(|| self.at.lookup_key.clone()),
            metadata,
        };
        let mut change = self.change(Op::Update, Some(found), fields, Some(action));
        change.after = state_of(found);
        Some(change)
    }
}

/// The changeable state of a price in words: a price has no time of its last change.
fn state_of(found: &PriceFound) -> String {
    let metadata: Vec<String> = found.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    digest(&format!("{} {} {:?} {}", found.id, found.active, found.lookup_key, metadata.join("\n")))
}

/// Archives a price of ours.
pub(super) fn archive(view: &View<'_>, sold: &Sold, key: &str, found: &PriceFound, apply: bool) -> Change {
    let content = found_content(&found.content, &view.snapshot.meters);
    let action = Action::PriceUpdate {
        id: found.id.clone(),
        active: Some(false),
        lookup_key: None,
        metadata: [(ARCHIVED_KEY.to_owned(), "true".to_owned())].into(),
    };
    Change {
        op: Op::Remove,
        kind: Kind::Price,
        key: format!("{}:{key}", sold.key()),
        stripe_id: Some(found.id.clone()),
        fields: vec![field("content", Some(content), None, Cause::Pending)],
        subscribers: view.subscribers_of(sold),
        action: apply.then_some(action),
        after: state_of(found),
    }
}

/// The changes of one wanted price, and which price plays its part afterwards.
pub(super) fn changes(
    view: &View<'_>,
    product: &WantedProduct,
    at: &PriceAt,
    out: &mut Vec<(Phase, Change)>,
) -> Settled {
    if let Some(event) = &at.event_name
        && meter::of_event(view, event).is_some_and(|found| !meter::fits(found))
    {
        return Settled::None;
    }
    let content = at.content(view.wanted.currency);
    let mark = product.sold.mark(&view.wanted.namespace, &at.price.key);
    let metadata = [(MARK_KEY.to_owned(), mark.clone()), (DIGEST_KEY.to_owned(), digest(&content))].into();
    let part = Part { view, product, at, content, metadata };
    let prices = &view.snapshot.prices;
    let holder = prices.iter().find(|price| price.lookup_key.as_deref() == Some(&at.lookup_key));
    let is_ours =
        |price: &&PriceFound| price.metadata.get(MARK_KEY) == Some(&mark) && price.product == product.id;
    if let Some(foreign) =
        holder.filter(|price| price.metadata.get(MARK_KEY) != Some(&mark) && !view.options.adopt)
    {
        let found = Some(foreign.metadata.get(MARK_KEY).cloned().unwrap_or_else(|| "not ours".to_owned()));
        let fields = vec![field("lookup_key", found, Some(at.lookup_key.clone()), Cause::Conflict)];
        out.push((Phase::Prices, part.change(Op::Conflict, Some(foreign), fields, None)));
        return Settled::None;
    }
    // The holder if it fits; else one of ours that fits, sold before archived, newest first; else a new one.
    let fits = |price: &&PriceFound| part.is_equal(price);
    let again = prices.iter().filter(is_ours).filter(fits);
    let again = again.min_by_key(|price| (!price.active, std::cmp::Reverse(price.created), price.id.clone()));
    let kept = holder.filter(fits).or(again);
    let settled = match kept {
        Some(found) => {
            out.extend(part.settle(found).map(|change| (Phase::Prices, change)));
            Settled::Existing(found.id.clone())
        }
        None => {
            out.push((Phase::Prices, part.create(holder)));
            Settled::Made(at.lookup_key.clone())
        }
    };
    for stray in prices.iter().filter(is_ours).filter(|price| price.active) {
        if kept.is_none_or(|kept| kept.id != stray.id) {
            out.push((Phase::Archive, archive(view, &product.sold, &at.price.key, stray, true)));
        }
    }
    settled
}
