//! The owner mark: one inactive product at Stripe that says which store sends the usage of a namespace.
//!
//! Stripe refuses a second product with the same id, so making it is the claim. Whoever finds another store's mark
//! there does not send.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Courier, refuse_fenced};
use crate::billing::found::ProductFound;
use crate::billing::id::Namespace;
use crate::error::{Changed, Error, Kind};
use crate::stripe::{Failure, ProductChange, ProductNew};

/// How often a push reads the mark again.
pub const MARK_EVERY: Duration = Duration::from_secs(60);
/// What the mark's product says of itself in the metadata key that all our objects have.
const KIND: &str = "owner";
const METADATA_KEY: &str = "paygrade";
/// Longest value of a metadata key (Stripe: docs, metadata).
const VALUE_LENGTH_MAX: usize = 500;
/// Metadata keys that may hold event names.
const EVENT_KEYS_MAX: usize = 40;

/// An owner mark as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The store that sends.
    pub store_id: String,
    /// Its epoch when it wrote the mark.
    pub epoch: i64,
    /// The machine that wrote it.
    pub host: String,
    /// Event names of its meters.
    pub events: Vec<String>,
}

/// Id of the mark's product.
pub fn mark_product(namespace: &Namespace) -> String {
    format!("{namespace}-paygrade")
}

fn mark_of(product: &ProductFound) -> Option<Mark> {
    let get = |key: &str| product.metadata.get(key);
    if !get(METADATA_KEY)?.ends_with(&format!("/{KIND}")) {
        return None;
    }
    let events = (0..EVENT_KEYS_MAX).map_while(|index| get(&event_key(index)));
    Some(Mark {
        store_id: get("store")?.clone(),
        epoch: get("epoch")?.parse().ok()?,
        host: get("host").cloned().unwrap_or_default(),
        events: events
            .flat_map(|text| text.split(','))
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

fn event_key(index: usize) -> String {
    format!("events_{index:02}")
}

fn metadata(namespace: &Namespace, mark: &Mark) -> Result<BTreeMap<String, String>, Error> {
    let mut pieces: Vec<String> = vec![String::new()];
    for event in &mark.events {
        match pieces.last_mut() {
            Some(piece) if piece.len() + event.len() < VALUE_LENGTH_MAX => {
                if !piece.is_empty() {
                    piece.push(',');
                }
                piece.push_str(event);
            }
            _ => pieces.push(event.clone()),
        }
    }
    if pieces.len() > EVENT_KEYS_MAX {
        return Err(Error::new(
            Kind::Refused,
            "too_many_meters",
            "the event names of all meters do not fit one mark",
        ));
    }
    let own = [
        (METADATA_KEY, format!("{namespace}/{KIND}")),
        ("store", mark.store_id.clone()),
        ("epoch", mark.epoch.to_string()),
        ("host", mark.host.clone()),
    ];
    let events = pieces.into_iter().enumerate().map(|(index, piece)| (event_key(index), piece));
    Ok(own.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(events).collect())
}

/// The key of a write of the mark: the same for the same content, so that a repeat is a replay.
fn write_key(mark: &Mark, verb: &str, counter: u32) -> String {
    let content =
        format!("{verb}\n{}\n{}\n{}\n{}", mark.store_id, mark.epoch, mark.host, mark.events.join(","));
    let digest: String =
        Sha256::digest(content.as_bytes()).iter().take(16).map(|it| format!("{it:02x}")).collect();
    format!("paygrade-owner-{digest}-{counter}")
}

/// Reads the mark; `None` when nobody has claimed the namespace yet.
pub async fn mark_current(courier: &Courier<'_>) -> Result<Option<Mark>, Error> {
    let id = mark_product(courier.namespace);
    match courier.api.product_retrieve(&id).await {
        Ok(yes) => match mark_of(&yes.value) {
            Some(mark) => Ok(Some(mark)),
            None => Err(Error::new(
                Kind::Config,
                "mark_foreign",
                format!("product {id} exists and is no owner mark"),
            )
            .hint("use another namespace in the catalog")),
        },
        Err(failure) if failure.is_missing() => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// Makes sure that this store is the one that sends: claims the namespace if nobody has, refuses if somebody else did.
pub async fn mark_check(courier: &Courier<'_>) -> Result<(), Error> {
    refuse_fenced(courier.store)?;
    let own = own_mark(courier)?;
    let found = match mark_current(courier).await? {
        Some(found) => found,
        None => {
            refuse_shared_events(courier, &own.events).await?;
            mark_create(courier, &own).await?
        }
    };
    if found.store_id != own.store_id || found.epoch != own.epoch {
        note(courier, &found)?;
        return Err(other_owner(&found, &own));
    }
    if found.events != own.events {
        let new: Vec<String> = own.events.iter().filter(|it| !found.events.contains(it)).cloned().collect();
        refuse_shared_events(courier, &new).await?;
        mark_write(courier, &own, &found).await?;
    }
    note(courier, &own)
}

fn own_mark(courier: &Courier<'_>) -> Result<Mark, Error> {
    let info = courier.store.info()?;
    let events = courier.store.read(|r| r.meter_events_priced())?;
    let host = courier.store.origin().host.clone();
    Ok(Mark { store_id: info.store_id, epoch: info.epoch, host, events })
}

fn note(courier: &Courier<'_>, mark: &Mark) -> Result<(), Error> {
    let product = mark_product(courier.namespace);
    let known = courier.store.read(|r| r.owner_seen())?;
    if known == Some(key_of(mark)) {
        return Ok(());
    }
    let now = courier.clock.now()?;
    let events = mark.events.join(",");
    courier.store.write(now, |w| w.owner_note(&product, &mark.store_id, mark.epoch, &mark.host, &events))?;
    Ok(())
}

fn other_owner(found: &Mark, own: &Mark) -> Error {
    if found.store_id == own.store_id {
        let text = format!(
            "the owner mark at Stripe is of epoch {}, this store of epoch {}",
            found.epoch, own.epoch
        );
        return Error::new(Kind::Config, "other_epoch", text)
            .hint("this file is an older or newer copy of the store that sends: use that one, or `paygrade store takeover --reason …`");
    }
    let text =
        format!("another store sends the usage of this namespace: {} on {}", found.store_id, found.host);
    Error::new(Kind::Config, "other_owner", text).hint(
        "run it there; if that store is lost, `paygrade store takeover --reason …` and then `paygrade store recover`",
    )
}

/// Making the product is the claim: Stripe refuses a second one, and then the mark says whose it is.
async fn mark_create(courier: &Courier<'_>, own: &Mark) -> Result<Mark, Error> {
    let new = ProductNew {
        id: mark_product(courier.namespace),
        name: format!("paygrade: who sends the usage of {}", courier.namespace),
        active: false,
        metadata: metadata(courier.namespace, own)?,
    };
    let mut last: Option<Failure> = None;
    // A stored 5xx is replayed under its key: the mark is looked up, and the key counted up, a few times.
    for counter in 0..3 {
        match courier.api.product_create(&new, &write_key(own, "create", counter)).await {
            Ok(_) => return Ok(own.clone()),
            Err(failure) if failure.nothing_happened() && failure.refusal().is_none() => {
                return Err(failure.into());
            }
            Err(failure) => last = Some(failure),
        }
        if let Some(found) = mark_current(courier).await? {
            return Ok(found);
        }
    }
    Err(last.map_or_else(|| Error::new(Kind::Bug, "mark", "the owner mark was not written"), Error::from))
}

async fn mark_write(courier: &Courier<'_>, own: &Mark, found: &Mark) -> Result<(), Error> {
    let mut metadata = metadata(courier.namespace, own)?;
    for index in 0..EVENT_KEYS_MAX {
        // An empty value removes a key; only those that may be there are named.
        if index * VALUE_LENGTH_MAX <= found.events.join(",").len() {
            metadata.entry(event_key(index)).or_default();
        }
    }
    let change = ProductChange { metadata, ..ProductChange::default() };
    // Metadata is set, not added to: the same content again changes nothing, so a fresh look decides each time.
    let key = format!("{}-{}", write_key(own, "update", 0), write_key(found, "from", 0));
    courier.api.product_update(&mark_product(courier.namespace), &change, &key).await?;
    Ok(())
}

/// Two namespaces of one account must not send under one event name: their sums could not be told apart.
async fn refuse_shared_events(courier: &Courier<'_>, events: &[String]) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let own = mark_product(courier.namespace);
    for product in courier.api.product_list().await?.value.iter().filter(|it| it.id != own) {
        let Some(mark) = mark_of(product) else { continue };
        if let Some(shared) = events.iter().find(|event| mark.events.contains(event)) {
            let text = format!("the event name `{shared}` is used by another namespace: {}", product.id);
            return Err(Error::new(Kind::Config, "event_shared", text)
                .hint("give the meter another `event` in the catalog, then `paygrade seed`"));
        }
    }
    Ok(())
}

/// Writes this store's mark with its new epoch over its own of before a restore, so that any other copy of it stops.
/// Refuses where somebody else has sent since, also another copy that was restored: then a person must say who sends.
pub async fn mark_renew(courier: &Courier<'_>) -> Result<(), Error> {
    let own = own_mark(courier)?;
    let seen = courier.store.read(|r| r.owner_seen())?;
    if let Some(found) = mark_current(courier).await? {
        // Begun by this store and not finished, or never begun.
        let is_resumed = found.epoch == own.epoch && found.host == own.host && seen == Some(key_of(&own));
        if found.store_id != own.store_id || (found.epoch >= own.epoch && !is_resumed) {
            return Err(other_owner(&found, &own));
        }
    }
    note(courier, &own)?;
    mark_take(courier).await.map_err(|error| error.changed(Changed::Recorded))?;
    Ok(())
}

fn key_of(mark: &Mark) -> (String, i64) {
    (mark.store_id.clone(), mark.epoch)
}

/// Writes this store's mark over another's. The epoch must have been raised before.
pub async fn mark_take(courier: &Courier<'_>) -> Result<Option<Mark>, Error> {
    let own = own_mark(courier)?;
    let before = mark_current(courier).await?;
    match &before {
        None => {
            refuse_shared_events(courier, &own.events).await?;
            mark_create(courier, &own).await?;
        }
        Some(found) => mark_write(courier, &own, found).await?,
    }
    let after = mark_current(courier).await?;
    if after.as_ref().is_none_or(|mark| mark.store_id != own.store_id || mark.epoch != own.epoch) {
        return Err(Error::new(Kind::Busy, "takeover_lost", "another store took over at the same time")
            .changed(Changed::Recorded)
            .hint("agree on one of them, then run the command again there"));
    }
    note(courier, &own)?;
    Ok(before)
}
