//! May a customer do this now? Answered from the store alone, in one read.

use std::rc::Rc;

use super::names::did_you_mean;
use super::overrides::held;
use crate::billing::catalog::{Catalog, Terms};
use crate::billing::id::{ActionKey, CustomerId, FeatureKey, LimitKey, MeterKey};
use crate::billing::money::Credits;
use crate::billing::quota::{Answer, Ask, Standing, decide};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::store::span::SpanCache;
use crate::store::{CustomerRow, MeterRow, Reader, Store};

/// What is asked, in the words of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// So many units of a meter.
    Meter(MeterKey, i64),
    /// A feature.
    Feature(FeatureKey),
    /// So many of what a limit counts, in all.
    Limit(LimitKey, u64),
    /// An action, at its price in credits.
    Action(ActionKey),
    /// So many credits.
    Credits(Credits),
}

/// What is known of a customer that decides.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    terms: Option<Rc<Terms>>,
    status: Option<String>,
    has_item: bool,
    used: i64,
    posted: i64,
    available: Credits,
}

impl Facts {
    /// Reads them: of a meter where one is asked for, at the instant of the usage.
    pub fn gather(
        r: &Reader<'_>,
        spans: &mut SpanCache,
        customer: CustomerRow,
        meter: Option<MeterRow>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Facts, Error> {
        let mut facts = Facts { available: r.ledger_balance(customer, now)?.available, ..Facts::default() };
        if let Some(on) = spans.terms_at(r, customer, at)? {
            facts.terms = Some(on.terms);
            if let Some(sub) = on.sub {
                facts.status = r.subscription_get(&sub)?.map(|it| it.status);
            }
        }
        if let Some(meter) = meter {
            let (span, _) = spans.derive(r, customer, meter, at)?;
            facts.has_item = span.treatment.price().is_some();
            facts.used = r.usage_used(customer, meter, &span)?;
            let credit = r.usage_credit(customer, meter, span.allowance.start)?.unwrap_or_default();
            // What nobody could pay is not asked for again; but with no credits left it is not given away either.
            let settled = if facts.available.0 > 0 { credit.due } else { credit.posted };
            facts.posted = settled - credit.carried;
        }
        Ok(facts)
    }

    /// What the rules make of them.
    pub fn decide(&self, ask: &Ask) -> Answer {
        decide(
            ask,
            &Standing {
                terms: self.terms.as_deref(),
                status: self.status.as_deref(),
                has_item: self.has_item,
                used: self.used,
                posted: self.posted,
                available: self.available,
            },
        )
    }
}

/// Answers a question about a customer. Writes nothing and reserves nothing.
pub fn allow(
    store: &Store,
    now: Timestamp,
    customer: &CustomerId,
    question: &Question,
) -> Result<Answer, Error> {
    store.read(|r| {
        let found = r.customer_by_id(customer)?;
        let Some(found) = found else {
            return Err(super::names::unknown_customer(&r.usage_names()?, customer.as_str()));
        };
        let mut spans = SpanCache::default();
        let meter = match question {
            Question::Meter(key, _) => Some(r.meter_row(key.as_str())?.ok_or_else(|| key.clone())),
            _ => None,
        };
        let meter = match meter {
            Some(Err(key)) => return Err(super::names::unknown_meter(&r.usage_names()?, key.as_str())),
            Some(Ok(row)) => Some(row),
            None => None,
        };
        let tier = spans.terms_at(r, found.row, now)?.map(|on| on.revision.tier);
        let ask = match question {
            Question::Meter(meter, quantity) => Ask::Meter { meter: meter.clone(), quantity: *quantity },
            Question::Limit(limit, value) => {
                let instead = held(r, found.row, now)?.remove(limit);
                Ask::Limit { limit: limit.clone(), value: *value, instead }
            }
            Question::Credits(credits) => Ask::Credits(*credits),
            Question::Feature(feature) => {
                let catalog = catalog_in_force(r)?;
                known(catalog.features.keys().map(FeatureKey::as_str), "feature", feature.as_str())?;
                let tier = tier.and_then(|tier| catalog.tiers.get(&tier));
                Ask::Feature { has: tier.is_some_and(|tier| tier.features.contains(feature)) }
            }
            Question::Action(action) => {
                let catalog = catalog_in_force(r)?;
                known(catalog.actions.keys().map(ActionKey::as_str), "action", action.as_str())?;
                Ask::Credits(catalog.actions.get(action).copied().unwrap_or_default())
            }
        };
        if let (Question::Limit(limit, _), Ask::Limit { instead: None, .. }) = (question, &ask) {
            let catalog = catalog_in_force(r)?;
            let limits = catalog.tiers.values().flat_map(|tier| tier.terms.limits.keys());
            known(limits.map(LimitKey::as_str), "limit", limit.as_str())?;
        }
        let facts = Facts::gather(r, &mut spans, found.row, meter, now, now)?;
        Ok(facts.decide(&ask))
    })
}

fn catalog_in_force(r: &Reader<'_>) -> Result<Catalog, Error> {
    r.catalog_in_force()?.ok_or_else(|| {
        Error::new(Kind::BadInput, "no_catalog", "no catalog has been applied to this store yet")
            .hint("run `paygrade seed` first")
    })
}

fn known<'a>(
    all: impl Iterator<Item = &'a str> + Clone,
    what: &'static str,
    word: &str,
) -> Result<(), Error> {
    if all.clone().any(|it| it == word) {
        return Ok(());
    }
    let near = did_you_mean(word, all);
    Err(Error::new(Kind::BadInput, "unknown_name", format!("the catalog has no {what} `{word}`{near}"))
        .hint("`paygrade catalog show` lists what it has"))
}
