//! `tier override`: what one customer may have beside what its tier says. From the store alone; Stripe knows no limits.

use std::collections::BTreeMap;

use super::names::did_you_mean;
use crate::billing::catalog::{Catalog, Limit};
use crate::billing::id::{CustomerId, LimitKey};
use crate::billing::ledger::{BadExpiry, Expiry};
use crate::billing::overrides::{Override, Stands, in_force, standing};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::flow::assign::catalog_required;
use crate::flow::customer::customer_required;
use crate::store::overrides::OverrideRow;
use crate::store::{CustomerRow, Reader, Store};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose.
    pub customer: CustomerId,
    /// What holds instead of the tier's limits; `None` ends what was given.
    pub words: Vec<(LimitKey, Option<Limit>)>,
    /// Until when.
    pub until: Expiry,
    /// Why.
    pub reason: String,
}

/// An override with where it stands and what the tier says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// As stored; what would be stored in a dry run has the number 0.
    pub row: OverrideRow,
    /// Where it stands.
    pub stands: Stands,
    /// What the tier says; `None` where the customer is on none, or the tier has no such limit.
    pub tier_says: Option<Limit>,
}

/// Overrides of one customer or of all; without `all` only those that hold.
pub fn list(
    r: &Reader<'_>,
    customer: Option<&CustomerId>,
    all: bool,
    now: Timestamp,
) -> Result<Vec<View>, Error> {
    let row = customer.map(|id| customer_required(r, id)).transpose()?.map(|it| it.row);
    let rows = r.overrides(row)?;
    let mut by: BTreeMap<&CustomerId, Vec<&OverrideRow>> = BTreeMap::new();
    for it in &rows {
        by.entry(&it.customer_id).or_default().push(it);
    }
    let mut views = Vec::new();
    for own in by.values() {
        let words: Vec<Override> = own.iter().map(|it| it.says.clone()).collect();
        for (says, stands) in standing(&words, now) {
            let Some(row) = own.iter().find(|it| it.says.number == says.number) else { continue };
            if all || stands == Stands::InForce {
                let tier_says = tier_limit(r, row.customer, &says.limit)?;
                views.push(View { row: (*row).clone(), stands, tier_says });
            }
        }
    }
    Ok(views)
}

/// What holds for a customer instead of what its tier says.
pub fn held(
    r: &Reader<'_>,
    customer: CustomerRow,
    now: Timestamp,
) -> Result<BTreeMap<LimitKey, Limit>, Error> {
    let words: Vec<Override> = r.overrides(Some(customer))?.into_iter().map(|it| it.says).collect();
    Ok(in_force(&words, now))
}

fn tier_limit(r: &Reader<'_>, customer: CustomerRow, limit: &LimitKey) -> Result<Option<Limit>, Error> {
    let Some(open) = r.assignment_open(customer)? else { return Ok(None) };
    let terms = r.revision_terms(&open.revision)?;
    Ok(terms.and_then(|(terms, _)| terms.limits.get(limit).copied()))
}

/// Adds the words that say something new; gives how many. The same again adds nothing.
///
/// # Errors
/// 3: an unknown customer or limit, or an end that is not after now.
pub fn put(store: &Store, now: Timestamp, ask: &Ask, dry_run: bool) -> Result<usize, Error> {
    let new = store.read(|r| news(r, ask, now))?;
    if dry_run || new.is_empty() {
        return Ok(new.len());
    }
    store.write(now, |w| {
        let row = customer_required(&w.reader(), &ask.customer)?.row;
        let new = news(&w.reader(), ask, now)?;
        for (limit, value, until) in &new {
            w.override_put(row, limit, *value, *until, &ask.reason)?;
        }
        Ok(new.len())
    })
}

type Word = (LimitKey, Option<Limit>, Option<Timestamp>);

fn news(r: &Reader<'_>, ask: &Ask, now: Timestamp) -> Result<Vec<Word>, Error> {
    let customer = customer_required(r, &ask.customer)?;
    let until = ask.until.resolve(now).map_err(bad_until)?;
    let known: Vec<Override> = r.overrides(Some(customer.row))?.into_iter().map(|it| it.says).collect();
    let catalog = catalog_required(r)?;
    let mut new = Vec::new();
    for (limit, value) in &ask.words {
        limit_known(&catalog, limit, &known)?;
        let held = standing(&known, now)
            .into_iter()
            .find(|(it, stands)| it.limit == *limit && *stands == Stands::InForce);
        let is_same = match (held, value) {
            (Some((held, _)), Some(value)) => held.value == Some(*value) && held.until == until,
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            new.push((limit.clone(), *value, until.filter(|_| value.is_some())));
        }
    }
    Ok(new)
}

/// A limit that no tier has is a slip of the pen; one that was overridden once can still be ended.
fn limit_known(catalog: &Catalog, limit: &LimitKey, known: &[Override]) -> Result<(), Error> {
    let mut all: Vec<&str> =
        catalog.tiers.values().flat_map(|tier| tier.terms.limits.keys()).map(LimitKey::as_str).collect();
    all.extend(known.iter().map(|it| it.limit.as_str()));
    all.sort_unstable();
    all.dedup();
    if all.contains(&limit.as_str()) {
        return Ok(());
    }
    let near = did_you_mean(limit.as_str(), all.iter().copied());
    let text = format!("no tier of the catalog has a limit `{limit}`{near}");
    Err(Error::new(Kind::BadInput, "unknown_limit", text).hint(match all.is_empty() {
        true => "give the tiers limits in the catalog, then apply it: paygrade seed".to_owned(),
        false => format!("there are: {}", all.join(", ")),
    }))
}

fn bad_until(error: BadExpiry) -> Error {
    Error::new(Kind::BadInput, "bad_expiry", error.to_string())
        .hint("write --until as a day or an instant to come, such as 2027-12-31, or \"30 days\"")
}
