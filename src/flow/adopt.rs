//! What the metadata at Stripe says that a customer was on, for a store that does not know it: pinned terms, from when
//! to when.
//!
//! Metadata carries the terms of today, and of those before their names. Where Stripe shows that today's came later than
//! the subscription (an item that was added, an anchor that was moved), what went before is assigned where its terms are
//! in the store (the catalog may still have them); else it is not known and not guessed: nothing is assigned there.

use std::collections::BTreeMap;

use super::refresh::{interval_and_seats, role, terms_in};
use crate::billing::catalog::Interval;
use crate::billing::id::{Namespace, Revision};
use crate::billing::terms;
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::Error;
use crate::store::tier::{Assignment, AssignmentNew};
use crate::store::{CustomerRow, Reader, Writer};
use crate::stripe::{CustomerFound, SubscriptionFound};

/// Metadata key of a customer on a tier without a subscription: since when, in seconds since 1970. Stripe keeps no
/// instant of a customer's changes.
pub const SINCE_METADATA_KEY: &str = "paygrade_since";
/// Metadata key of a subscription whose terms were changed: what it was on, oldest first, as
/// `<revision> <since> <interval or -> <seats or ->`, separated by commas.
pub const WAS_METADATA_KEY: &str = "paygrade_was";
/// Most characters of one metadata value (Stripe: API reference, metadata).
const WAS_LENGTH_MAX: usize = 500;
/// Items that were added so long after the subscription's start still belong to its beginning.
const BEGINNING_S: i64 = 5 * MINUTE_S;

/// One stretch of a customer's history, as told by Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The pinned revision.
    pub revision: Revision,
    /// Its terms as canonical JSON.
    pub terms: String,
    /// Its prices by their role.
    pub prices: Vec<(String, String)>,
    /// How often its recurring price is charged.
    pub interval: Option<Interval>,
    /// Seats, where it has them.
    pub seats: Option<u32>,
    /// `sub_…`; `None` on a tier without one.
    pub sub: Option<String>,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// The billing anchor.
    pub anchor: Timestamp,
    /// Whether something went before that is not known.
    pub is_cut: bool,
}

/// Whether a subscription has its first payment still to come, or never had it.
pub fn never_began(found: &SubscriptionFound) -> bool {
    matches!(found.status.as_str(), "incomplete" | "incomplete_expired")
}

/// Whether a subscription began and has not ended; an unpaid or paused one is such.
pub fn lasts(found: &SubscriptionFound) -> bool {
    !never_began(found) && found.status != "canceled" && found.ended_at.is_none()
}

/// The stretches that are not in the store yet, oldest first. `known` is what is there already; `customer` is given
/// where its own metadata may say what it is on without a subscription.
pub fn history_told(
    r: &Reader<'_>,
    namespace: &Namespace,
    known: &[Assignment],
    customer: Option<&CustomerFound>,
    ours: &[&SubscriptionFound],
) -> Result<Vec<Told>, Error> {
    let mut begun: Vec<&SubscriptionFound> = ours.iter().copied().filter(|it| !never_began(it)).collect();
    begun.sort_by(|a, b| (a.start_date, &a.id).cmp(&(b.start_date, &b.id)));
    let newest = begun.iter().rev().find(|it| lasts(it)).map(|it| it.id.clone());
    let mut cursor = known.iter().map(|it| it.to_at.unwrap_or(it.from_at)).max();
    let mut told = Vec::new();
    for it in &begun {
        let is_known = known.iter().any(|assignment| assignment.sub.as_ref() == Some(&it.id));
        let is_history = !lasts(it) && !is_known;
        if !is_history && newest.as_ref() != Some(&it.id) {
            continue;
        }
        let Some(mut stretch) = stretch_of(namespace, it, cursor) else { continue };
        if stretch.is_cut && !is_known {
            let before = stretches_before(r, it, cursor, stretch.from)?;
            stretch.is_cut = before.first().is_none_or(|first| first.from > it.start_date);
            told.extend(before);
        }
        cursor = cursor.max(stretch.to);
        told.push(stretch);
    }
    if newest.is_none() {
        told.extend(customer.and_then(|customer| pinned(customer, &begun, cursor)));
    }
    Ok(told)
}

/// What a subscription was on before its terms of today, of which the store has the terms.
fn stretches_before(
    r: &Reader<'_>,
    it: &SubscriptionFound,
    cursor: Option<Timestamp>,
    end: Timestamp,
) -> Result<Vec<Told>, Error> {
    let mut told = Vec::new();
    let mut end = end;
    for was in was_in(it).into_iter().rev() {
        let from = cursor.map_or(was.from, |cursor| cursor.max(was.from)).max(it.start_date);
        if from >= end {
            continue;
        }
        if let Some(terms) = r.revision_json(&was.revision)? {
            let anchor = if it.billing_cycle_anchor < end { it.billing_cycle_anchor } else { it.start_date };
            told.push(Told {
                prices: r.revision_prices(&was.revision)?.into_iter().collect(),
                revision: was.revision,
                terms,
                interval: was.interval,
                seats: was.seats,
                sub: Some(it.id.clone()),
                from,
                to: Some(end),
                anchor,
                is_cut: false,
            });
        }
        end = from;
    }
    told.reverse();
    Ok(told)
}

/// One entry of [`WAS_METADATA_KEY`].
struct Was {
    revision: Revision,
    from: Timestamp,
    interval: Option<Interval>,
    seats: Option<u32>,
}

fn was_in(it: &SubscriptionFound) -> Vec<Was> {
    let text = it.metadata.get(WAS_METADATA_KEY).map(String::as_str).unwrap_or_default();
    let entry = |text: &str| {
        let mut words = text.split(' ');
        Some(Was {
            revision: words.next()?.parse().ok()?,
            from: Timestamp(words.next()?.parse().ok()?),
            interval: words.next().and_then(Interval::parse),
            seats: words.next().and_then(|word| word.parse().ok()),
        })
    };
    text.split(',').filter_map(entry).collect()
}

/// The value of [`WAS_METADATA_KEY`] once `open` is history; the oldest entries go where they do not fit.
pub fn was_with(it: &SubscriptionFound, open: &Assignment) -> String {
    let before = it.metadata.get(WAS_METADATA_KEY).map(String::as_str).unwrap_or_default();
    let seats = open.seats.map_or_else(|| "-".to_owned(), |seats| seats.to_string());
    let entry = format!(
        "{} {} {} {seats}",
        open.revision,
        open.from_at.0,
        open.interval.map_or("-", Interval::as_str)
    );
    let mut entries: Vec<&str> = before.split(',').filter(|it| !it.is_empty()).collect();
    entries.push(&entry);
    while entries.len() > 1 && entries.iter().map(|it| it.len() + 1).sum::<usize>() > WAS_LENGTH_MAX {
        entries.remove(0);
    }
    entries.join(",")
}

/// What one subscription says; `None` where its terms are not whole, or where it lasted for no time.
fn stretch_of(namespace: &Namespace, it: &SubscriptionFound, cursor: Option<Timestamp>) -> Option<Told> {
    let (revision, json, terms) = terms_in(it)?;
    let began = terms_began(namespace, it);
    let from = cursor.map_or(began, |cursor| cursor.max(began));
    let to = if lasts(it) { None } else { Some(it.ended_at?) };
    if to.is_some_and(|to| to <= from) {
        return None;
    }
    let (interval, seats) = interval_and_seats(it, &terms, namespace);
    let prices = it.items.iter().map(|item| (role(item, namespace), item.price.clone()));
    Some(Told {
        revision,
        terms: json,
        prices: prices.filter(|(role, _)| role != "other").collect(),
        interval,
        seats,
        sub: Some(it.id.clone()),
        from,
        to,
        anchor: it.billing_cycle_anchor,
        is_cut: began > it.start_date,
    })
}

/// Since when a subscription has the terms that its metadata carries, as far as Stripe shows it.
fn terms_began(namespace: &Namespace, it: &SubscriptionFound) -> Timestamp {
    let ours = it.items.iter().filter(|item| role(item, namespace) != "other");
    let added = ours.map(|item| item.created).filter(|added| added.since(it.start_date) > BEGINNING_S).max();
    // A trial's end moves the anchor too, and changes no terms.
    let anchor = it.billing_cycle_anchor;
    let moved = Some(anchor).filter(|anchor| *anchor > it.start_date && it.trial_end != Some(*anchor));
    [added, moved].into_iter().flatten().fold(it.start_date, Timestamp::max)
}

/// The tier without a subscription that the customer's own metadata names, unless a subscription came after it.
fn pinned(customer: &CustomerFound, begun: &[&SubscriptionFound], cursor: Option<Timestamp>) -> Option<Told> {
    let (revision, json) = pin_in(customer)?;
    let since = since_in(customer);
    let last = begun.iter().map(|it| it.start_date).max();
    let since = match (since, last) {
        (Some(since), last) if last.is_none_or(|last| last <= since) => since,
        (None, None) => customer.created,
        _ => return None,
    };
    let from = cursor.map_or(since, |cursor| cursor.max(since));
    Some(Told {
        revision,
        terms: json,
        prices: Vec::new(),
        interval: None,
        seats: None,
        sub: None,
        from,
        to: None,
        anchor: from,
        is_cut: false,
    })
}

/// Since when the tier holds that a customer's own metadata names.
pub(crate) fn since_in(customer: &CustomerFound) -> Option<Timestamp> {
    customer.metadata.get(SINCE_METADATA_KEY).and_then(|text| text.parse().ok()).map(Timestamp)
}

/// The revision and the terms in a customer's own metadata.
pub(crate) fn pin_in(customer: &CustomerFound) -> Option<(Revision, String)> {
    let get = |key: &str| customer.metadata.get(key).map(String::as_str);
    let revision: Revision = get(terms::REVISION_METADATA_KEY)?.parse().ok()?;
    let json = terms::join(get)?;
    crate::billing::catalog::Terms::from_json(&json).ok()?;
    (terms::digest(&json) == revision.digest).then_some((revision, json))
}

/// Stores the stretches. Gives the earliest instant whose terms are different now.
pub fn history_put(w: &Writer<'_>, customer: CustomerRow, told: &[Told]) -> Result<Option<Timestamp>, Error> {
    for it in told {
        w.revision_put(&it.revision, &it.terms)?;
        let known: BTreeMap<String, String> = match it.to {
            Some(_) => w.reader().revision_prices(&it.revision)?,
            None => BTreeMap::new(),
        };
        // What an ended subscription had does not replace what is sold now.
        for (role, price) in it.prices.iter().filter(|(role, _)| !known.contains_key(role)) {
            w.revision_price_put(&it.revision, role, price)?;
        }
        let assignment = w.assignment_insert(&AssignmentNew {
            customer,
            revision: it.revision.clone(),
            interval: it.interval,
            seats: it.seats,
            sub: it.sub.clone(),
            from_at: it.from,
            anchor_at: it.anchor,
        })?;
        if let Some(to) = it.to {
            w.assignment_close(assignment, to)?;
        }
    }
    Ok(told.iter().map(|it| it.from).min())
}
