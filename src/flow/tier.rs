//! `tier list` and `tier show`: what is sold, and who bought which revision of it.

use crate::billing::assign::Refused;
use crate::billing::catalog::{Catalog, Interval, Terms, Tier};
use crate::billing::id::{Revision, TierKey};
use crate::billing::money::{Currency, Money};
use crate::billing::spelling::nearest;
use crate::error::{Error, Kind};
use crate::store::Reader;
use crate::store::tier::RevisionCount;

use super::assign::catalog_required;

/// One tier with its subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierView {
    /// The revision in force; of a tier that left the catalog, the newest one that somebody is on.
    pub revision: Revision,
    /// What the catalog says; `None` once the tier has left it.
    pub tier: Option<Tier>,
    /// The terms of the revision.
    pub terms: Terms,
    /// Of its prices.
    pub currency: Currency,
    /// Customers on any revision of the tier.
    pub subscribers: u32,
    /// Customers on another revision than the one in force.
    pub on_older_revision: u32,
}

impl TierView {
    /// `active`, `custom`, `retired`, or `gone` once it has left the catalog.
    pub fn status(&self) -> &'static str {
        match &self.tier {
            None => "gone",
            Some(tier) if tier.retired => "retired",
            Some(tier) if tier.custom => "custom",
            Some(_) => "active",
        }
    }
    /// The price for an interval, of one seat where it is per seat.
    pub fn price(&self, interval: Interval) -> Option<Money> {
        self.terms.recurring(interval).map(|price| price.amount)
    }
}

/// All tiers by rank, then those that left the catalog and still have subscribers.
pub fn tier_list(r: &Reader<'_>) -> Result<Vec<TierView>, Error> {
    let catalog = catalog_required(r)?;
    let counts = r.revision_counts()?;
    let mut views: Vec<TierView> = catalog
        .tiers_by_rank()
        .into_iter()
        .map(|(key, tier)| in_force(&catalog, key, tier, &counts))
        .collect();
    let mut gone: Vec<&TierKey> = counts.iter().map(|it| &it.revision.tier).collect();
    gone.retain(|key| !catalog.tiers.contains_key(*key));
    gone.dedup();
    for key in gone {
        if let Some(view) = left(r, key, &counts, catalog.currency)? {
            views.push(view);
        }
    }
    Ok(views)
}

/// One tier by its key, in force; or one revision of it (`pro@3f2a9c01d4e5`).
pub fn tier_show(r: &Reader<'_>, text: &str) -> Result<(TierView, Vec<RevisionCount>), Error> {
    let catalog = catalog_required(r)?;
    let counts = r.revision_counts()?;
    let key = TierKey::parse(text.split_once('@').map_or(text, |(key, _)| key))?;
    let mut view = match catalog.tiers.get(&key) {
        Some(tier) => in_force(&catalog, &key, tier, &counts),
        None => match left(r, &key, &counts, catalog.currency)? {
            Some(view) => view,
            None => return Err(unknown(&catalog, &key)),
        },
    };
    if text.contains('@') {
        let revision: Revision = text.parse()?;
        let known = r.revision_terms(&revision)?;
        let (terms, currency) = known.ok_or_else(|| {
            let known = r.revisions_of(&key).unwrap_or_default();
            let known: Vec<String> = known.iter().map(Revision::to_string).collect();
            Error::new(Kind::BadInput, "unknown_revision", format!("there is no revision {revision}"))
                .hint(format!("there are: {}", known.join(", ")))
        })?;
        view = TierView { revision, terms, currency, ..view };
    }
    let on = counts.into_iter().filter(|it| it.revision.tier == key).collect();
    Ok((view, on))
}

fn unknown(catalog: &Catalog, key: &TierKey) -> Error {
    let near = nearest(key.as_str(), catalog.tiers.keys().map(TierKey::as_str)).map(str::to_owned);
    let refused = Refused::UnknownTier { tier: key.clone(), near: near.clone() };
    let error = Error::new(Kind::BadInput, "unknown_tier", refused.to_string());
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`? `paygrade tier list` shows them all")),
        None => error.hint("`paygrade tier list` shows them all"),
    }
}

fn in_force(catalog: &Catalog, key: &TierKey, tier: &Tier, counts: &[RevisionCount]) -> TierView {
    let revision = tier.terms.revision(key, catalog.currency);
    view(revision, Some(tier.clone()), tier.terms.clone(), catalog.currency, counts)
}

fn left(
    r: &Reader<'_>,
    key: &TierKey,
    counts: &[RevisionCount],
    currency: Currency,
) -> Result<Option<TierView>, Error> {
    let revisions = r.revisions_of(key)?;
    let used = revisions.into_iter().rev().find(|it| counts.iter().any(|count| count.revision == *it));
    let Some(revision) = used else { return Ok(None) };
    let (terms, currency) = r.revision_terms(&revision)?.unwrap_or_else(|| (Terms::default(), currency));
    Ok(Some(view(revision, None, terms, currency, counts)))
}

fn view(
    revision: Revision,
    tier: Option<Tier>,
    terms: Terms,
    currency: Currency,
    counts: &[RevisionCount],
) -> TierView {
    let of_tier = counts.iter().filter(|it| it.revision.tier == revision.tier);
    let subscribers = of_tier.clone().map(|it| it.customers).sum();
    let on_older_revision = of_tier.filter(|it| it.revision != revision).map(|it| it.customers).sum();
    TierView { revision, tier, terms, currency, subscribers, on_older_revision }
}
