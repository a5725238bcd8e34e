//! Carrying out a change set, one change after the other. Makes no choices: what to do is data.

use std::collections::{BTreeMap, BTreeSet};

use crate::billing::change::{Action, Change, DefaultPrice, Kind, Op, Snapshot, idempotency_key};
use crate::billing::money::Currency;
use crate::billing::price::Charged;
use crate::billing::wanted::Wanted;
use crate::stripe::{Api, ChargedNew, Failure, PriceChange, PriceNew, ProductChange, ProductNew, Yes};

/// What came of one change.
#[derive(Debug)]
pub(super) enum Step {
    /// Stripe said yes. A replay of an earlier yes may have done nothing: the next look tells.
    Done,
    /// It failed.
    Failed(Failure),
    /// It was not tried: what it needs is not there.
    Skipped(String),
}

/// What the changes of a set refer to by key: known from discovery, or made on the way.
#[derive(Debug, Default)]
struct Names {
    meters: BTreeMap<String, String>,
    features: BTreeMap<String, String>,
    prices: BTreeMap<String, String>,
}

/// One pass over a change set.
pub(super) struct Pass<'a> {
    pub(super) api: &'a Api,
    pub(super) wanted: &'a Wanted,
    pub(super) snapshot: &'a Snapshot,
    /// Useless answers that Stripe keeps, by the change concerned.
    pub(super) again: &'a BTreeMap<Identity, u32>,
}

/// Which change it is, whatever ids there are.
pub(super) type Identity = (Op, Kind, String);

pub(super) fn about(change: &Change) -> Identity {
    (change.op, change.kind, change.key.clone())
}

impl Pass<'_> {
    /// Carries out the changes in order. A failure stops what depends on it, not the rest; one that the rest would
    /// share (key, permission, network, deadline) stops everything.
    pub(super) async fn run(&self, changes: &[&Change]) -> Vec<Step> {
        let mut names = self.names();
        let mut failed: BTreeSet<(Kind, String)> = BTreeSet::new();
        let mut products: BTreeSet<String> = self.snapshot.products.iter().map(|it| it.id.clone()).collect();
        let mut steps = Vec::new();
        let mut stopped: Option<String> = None;
        for change in changes {
            let step = match (stopped.clone(), needs(change, &failed, &products)) {
                (Some(why), _) | (None, Some(why)) => Step::Skipped(why),
                (None, None) => self.step(change, &mut names).await,
            };
            match (&step, &change.action) {
                (Step::Done, Some(Action::ProductCreate { id, .. })) => {
                    products.insert(id.clone());
                }
                (Step::Done, _) => {}
                (Step::Failed(_) | Step::Skipped(_), _) => {
                    failed.insert((change.kind, change.key.clone()));
                }
            }
            if let Step::Failed(failure) = &step
                && stops_everything(failure)
            {
                stopped = Some("the run was stopped".to_owned());
            }
            steps.push(step);
        }
        steps
    }

    fn names(&self) -> Names {
        let found = self.snapshot;
        let by_id = |active: bool, id: &str| (active, id.to_owned());
        let mut meters: BTreeMap<String, (bool, String)> = BTreeMap::new();
        for meter in &found.meters {
            let it = by_id(meter.active, &meter.id);
            let known = meters.entry(meter.event_name.clone()).or_insert_with(|| it.clone());
            if meter.active && !known.0 {
                *known = it;
            }
        }
        let prices = found.prices.iter().filter_map(|it| Some((it.lookup_key.clone()?, it.id.clone())));
        Names {
            meters: meters.into_iter().map(|(event, (_, id))| (event, id)).collect(),
            features: found.features.iter().map(|it| (it.lookup_key.clone(), it.id.clone())).collect(),
            prices: prices.collect(),
        }
    }

    async fn step(&self, change: &Change, names: &mut Names) -> Step {
        let Some(action) = &change.action else { return Step::Skipped("it is only listed".to_owned()) };
        let again = self.again.get(&about(change)).copied().unwrap_or(0);
        let key =
            |request: &dyn std::fmt::Debug| idempotency_key(&self.wanted.namespace, change, request, again);
        let done = match action {
            Action::MeterCreate { .. } | Action::MeterRename { .. } | Action::MeterReactivate { .. } => {
                self.meter(action, &key(action), names).await
            }
            Action::FeatureCreate { .. } | Action::FeatureUpdate { .. } => {
                self.feature(action, &key(action), names).await
            }
            Action::ProductCreate { id, name, metadata } => {
                let (id, name, metadata) = (id.clone(), name.clone(), metadata.clone());
                let new = ProductNew { id, name, active: true, metadata };
                self.api.product_create(&new, &key(&new)).await.map(drop)
            }
            Action::ProductUpdate { id, name, active, default, metadata } => {
                let default_price = match default {
                    None => None,
                    Some(DefaultPrice::Existing(price)) => Some(price.clone()),
                    Some(DefaultPrice::Cleared) => Some(String::new()),
                    Some(DefaultPrice::Made(lookup_key)) => match names.prices.get(lookup_key) {
                        Some(price) => Some(price.clone()),
                        None => return Step::Skipped(format!("there is no price {lookup_key}")),
                    },
                };
                let change = ProductChange {
                    name: name.clone(),
                    active: *active,
                    default_price,
                    metadata: metadata.clone(),
                };
                self.api.product_update(id, &change, &key(&change)).await.map(drop)
            }
            Action::Attach { product, feature } => match names.features.get(feature) {
                None => return Step::Skipped(format!("there is no feature {feature}")),
                Some(id) => {
                    let sent = self.api.attachment_create(product, id, &key(&(product, id))).await;
                    sent.map(drop)
                }
            },
            Action::Detach { product, attachment } => {
                match self.api.attachment_delete(product, attachment).await {
                    // Somebody, or an earlier attempt, was there before: it is gone.
                    Err(failure) if failure.is_missing() => Ok(()),
                    other => other.map(drop),
                }
            }
            Action::PriceCreate { .. } => return self.price(action, &key, names).await,
            Action::PriceUpdate { id, active, lookup_key, metadata } => {
                let (lookup_key, metadata) = (lookup_key.clone(), metadata.clone());
                let change = PriceChange { active: *active, lookup_key, metadata };
                match self.api.price_update(id, &change, &key(&change)).await {
                    Ok(yes) => {
                        note_price(names, &yes);
                        Ok(())
                    }
                    Err(failure) => Err(failure),
                }
            }
        };
        match done {
            Ok(()) => Step::Done,
            Err(failure) => Step::Failed(failure),
        }
    }

    async fn meter(&self, action: &Action, key: &str, names: &mut Names) -> Result<(), Failure> {
        let made = match action {
            Action::MeterCreate { event_name, name } => self.api.meter_create(event_name, name, key).await?,
            Action::MeterRename { id, name } => self.api.meter_update(id, name, key).await?,
            Action::MeterReactivate { id } => self.api.meter_reactivate(id, key).await?,
            _ => return Ok(()),
        };
        names.meters.insert(made.value.event_name, made.value.id);
        Ok(())
    }

    async fn feature(&self, action: &Action, key: &str, names: &mut Names) -> Result<(), Failure> {
        let made = match action {
            Action::FeatureCreate { lookup_key, name, metadata } => {
                self.api.feature_create(lookup_key, name, metadata, key).await?
            }
            Action::FeatureUpdate { id, name, metadata } => {
                self.api.feature_update(id, name, metadata, key).await?
            }
            _ => return Ok(()),
        };
        names.features.insert(made.value.lookup_key, made.value.id);
        Ok(())
    }

    async fn price(
        &self,
        action: &Action,
        key: &dyn Fn(&dyn std::fmt::Debug) -> String,
        names: &mut Names,
    ) -> Step {
        let Action::PriceCreate { product, lookup_key, transfer, shape, charged, event_name, metadata } =
            action
        else {
            return Step::Skipped("it is no price".to_owned());
        };
        let charged = match (charged, event_name) {
            (Charged::Once, _) => ChargedNew::Once,
            (Charged::InAdvance { interval, .. }, _) => ChargedNew::InAdvance(*interval),
            (Charged::Metered { .. }, Some(event)) if names.meters.contains_key(event) => {
                ChargedNew::Metered(names.meters.get(event).cloned().unwrap_or_default())
            }
            (Charged::Metered { meter }, _) => return Step::Skipped(format!("there is no meter {meter}")),
        };
        let currency: Currency = self.wanted.currency;
        let new = PriceNew {
            product: product.clone(),
            lookup_key: Some(lookup_key.clone()),
            transfer_lookup_key: *transfer,
            currency,
            shape: shape.clone(),
            charged,
            metadata: metadata.clone(),
        };
        match self.api.price_create(&new, &key(&new)).await {
            Ok(yes) => {
                note_price(names, &yes);
                Step::Done
            }
            Err(failure) => Step::Failed(failure),
        }
    }
}

fn note_price(names: &mut Names, yes: &Yes<crate::billing::found::PriceFound>) {
    if let Some(lookup_key) = &yes.value.lookup_key {
        names.prices.insert(lookup_key.clone(), yes.value.id.clone());
    }
}

/// What a change lacks when an earlier one failed: its product, or the price that replaces the one it archives.
fn needs(change: &Change, failed: &BTreeSet<(Kind, String)>, products: &BTreeSet<String>) -> Option<String> {
    let product = match change.action.as_ref()? {
        Action::PriceCreate { product, .. } | Action::Attach { product, .. } => Some(product),
        Action::ProductUpdate { id, .. } => Some(id),
        _ => None,
    };
    if let Some(product) = product.filter(|product| !products.contains(*product)) {
        return Some(format!("there is no product {product}"));
    }
    let replaced = change.op == Op::Remove
        && change.kind == Kind::Price
        && failed.contains(&(change.kind, change.key.clone()));
    replaced.then(|| format!("the price that replaces {} was not made", change.key))
}

fn stops_everything(failure: &Failure) -> bool {
    use crate::stripe::RefusalKind as R;
    match failure {
        Failure::NotSent(_) | Failure::Integrity(_) => true,
        Failure::No(refusal) => matches!(refusal.kind, R::Unauthorized | R::Forbidden | R::KeyMismatch),
        Failure::Indefinite(_) | Failure::Unreadable(_) => false,
    }
}
