//! A tiny account that does what an action says.

use super::*;
use crate::billing::found::{ChargedFound, PriceContent, ShapeFound};
use crate::billing::time::Timestamp;

/// An account: a snapshot that actions change.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) holds: Snapshot,
    minted: i64,
    clock: i64,
}

fn merge(into: &mut BTreeMap<String, String>, from: &BTreeMap<String, String>) {
    for (key, value) in from {
        if value.is_empty() {
            into.remove(key)
        } else {
            into.insert(key.clone(), value.clone())
        };
    }
}

impl Account {
    pub(super) fn seeded() -> Account {
        let mut account = Account::default();
        account.apply(&account.plan(&[], Options::default()));
        account
    }
    pub(super) fn plan(&self, edits: &[(&str, &str)], options: Options) -> ChangeSet {
        let subscribers = [(TierKey::parse("pro").unwrap(), 7)].into();
        changes(&catalog(edits), &self.holds, options, &subscribers)
    }
    pub(super) fn apply(&mut self, set: &ChangeSet) {
        set.to_apply().for_each(|change| self.act(change.action.as_ref().unwrap()));
    }
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.minted += 1;
        format!("{prefix}_{:03}", self.minted)
    }
    pub(super) fn product(&mut self, id: &str) -> &mut ProductFound {
        let at = Timestamp(self.clock);
        let product = self.holds.products.iter_mut().find(|it| it.id == id).unwrap();
        product.updated = at;
        product
    }
    pub(super) fn price(&mut self, id: &str) -> &mut PriceFound {
        self.holds.prices.iter_mut().find(|it| it.id == id).unwrap()
    }
    pub(super) fn price_at(&mut self, lookup_key: &str) -> &mut PriceFound {
        self.holds.prices.iter_mut().find(|it| it.lookup_key.as_deref() == Some(lookup_key)).unwrap()
    }
    pub(super) fn take_key(&mut self, lookup_key: &str, transfer: bool) {
        for holder in self.holds.prices.iter_mut().filter(|it| it.lookup_key.as_deref() == Some(lookup_key)) {
            assert!(transfer, "A price ({}) already uses that lookup key.", holder.id);
            holder.lookup_key = None;
        }
    }
    pub(super) fn act(&mut self, action: &Action) {
        self.clock += 1;
        match action {
            Action::MeterCreate { event_name, name } => {
                let meter = meter(&self.id("mtr"), event_name, name);
                self.holds.meters.push(meter);
            }
            Action::MeterRename { id, name } => {
                self.holds.meters.iter_mut().find(|it| it.id == *id).unwrap().display_name = name.clone();
            }
            Action::MeterReactivate { id } => {
                self.holds.meters.iter_mut().find(|it| it.id == *id).unwrap().active = true;
            }
            Action::FeatureCreate { lookup_key, name, metadata } => {
                let (id, lookup_key, name) = (self.id("feat"), lookup_key.clone(), name.clone());
                let metadata = metadata.clone();
                self.holds.features.push(FeatureFound { id, lookup_key, name, active: true, metadata });
            }
            Action::FeatureUpdate { id, name, metadata } => {
                let feature = self.holds.features.iter_mut().find(|it| it.id == *id).unwrap();
                feature.name = name.clone();
                merge(&mut feature.metadata, metadata);
            }
            Action::ProductCreate { id, name, metadata } => {
                assert!(!self.holds.products.iter().any(|it| it.id == *id), "Product already exists");
                assert!(metadata.values().all(|value| !value.is_empty()), "{metadata:?}");
                let product = product(id, name, metadata.clone());
                self.holds.products.push(product);
            }
            Action::ProductUpdate { id, name, active, default, metadata } => {
                let default = default.as_ref().map(|default| match default {
                    DefaultPrice::Existing(id) => Some(id.clone()),
                    DefaultPrice::Made(key) => Some(self.price_at(key).id.clone()),
                    DefaultPrice::Cleared => None,
                });
                if let Some(Some(default)) = &default {
                    let price = self.price(default);
                    assert!(
                        price.active && price.product == *id,
                        "default_price must be active and of the product"
                    );
                }
                let product = self.product(id);
                product.name = name.clone().unwrap_or_else(|| product.name.clone());
                product.active = active.unwrap_or(product.active);
                product.default_price = default.unwrap_or_else(|| product.default_price.clone());
                merge(&mut product.metadata, metadata);
            }
            Action::Attach { product, feature } => {
                let feature =
                    self.holds.features.iter().find(|it| it.lookup_key == *feature).unwrap().clone();
                let (id, lookup_key) = (self.id("prodft"), feature.lookup_key);
                let (product, feature) = (product.clone(), feature.id);
                self.holds.attachments.push(AttachmentFound { id, product, feature, lookup_key });
            }
            Action::Detach { attachment, .. } => self.holds.attachments.retain(|it| it.id != *attachment),
            Action::PriceCreate { .. } => self.make_price(action),
            Action::PriceUpdate { id, active, lookup_key, metadata } => {
                if let Some(key) = lookup_key {
                    self.take_key(key, true);
                    self.price(id).lookup_key = Some(key.clone());
                }
                if *active == Some(false) {
                    let is_default =
                        self.holds.products.iter().any(|it| it.default_price.as_ref() == Some(id));
                    assert!(!is_default, "This price cannot be archived because it is the default price");
                }
                let price = self.price(id);
                price.active = active.unwrap_or(price.active);
                merge(&mut price.metadata, metadata);
            }
        }
    }
    pub(super) fn make_price(&mut self, action: &Action) {
        let Action::PriceCreate { product, lookup_key, transfer, shape, charged, event_name, metadata } =
            action
        else {
            unreachable!()
        };
        assert!(self.holds.products.iter().any(|it| it.id == *product), "No such product: {product}");
        self.take_key(lookup_key, *transfer);
        let charged = match charged {
            Charged::Once => ChargedFound::Once,
            Charged::InAdvance { interval, .. } => {
                ChargedFound::InAdvance { interval: interval.as_str().into(), count: 1 }
            }
            Charged::Metered { .. } => {
                let found = self.holds.meters.iter().find(|it| Some(&it.event_name) == event_name.as_ref());
                ChargedFound::Metered { interval: "month".into(), count: 1, meter: found.unwrap().id.clone() }
            }
        };
        let content =
            PriceContent { currency: "usd".into(), shape: ShapeFound::Known(shape.clone()), charged };
        let id = self.id("price");
        self.holds.prices.push(PriceFound {
            id,
            product: product.clone(),
            active: true,
            lookup_key: Some(lookup_key.clone()),
            metadata: metadata.clone(),
            content,
            created: Timestamp(self.minted),
        });
    }
    /// One active price for each part, and none of ours without its lookup key.
    pub(super) fn assert_no_doubles(&self) {
        let mut marks = std::collections::BTreeSet::new();
        for price in self.holds.prices.iter().filter(|it| it.active) {
            let Some(mark) = price.metadata.get(MARK_KEY) else { continue };
            assert!(marks.insert(mark.clone()), "two active prices are {mark}");
            assert!(price.lookup_key.is_some(), "{price:?}");
        }
    }
}

pub(super) fn meter(id: &str, event_name: &str, name: &str) -> MeterFound {
    MeterFound {
        id: id.to_owned(),
        event_name: event_name.to_owned(),
        display_name: name.to_owned(),
        active: true,
        formula: "sum".into(),
        customer_key: "stripe_customer_id".into(),
        value_key: "value".into(),
        event_time_window: None,
    }
}

pub(super) fn product(id: &str, name: &str, metadata: BTreeMap<String, String>) -> ProductFound {
    let (id, name) = (id.to_owned(), name.to_owned());
    ProductFound { id, name, active: true, default_price: None, metadata, updated: Timestamp(0) }
}
