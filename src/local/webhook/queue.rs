//! Deliveries of events to endpoints: what is due, what it looks like on the wire, what comes of it. Pure, and every
//! step is a journaled request, so that a killed sender loses no delivery: at worst one is made twice.
//!
//! Times are business time. Not confirmed of Stripe, and decided here: a delivery that fails is tried again after
//! 5 minutes, 1 hour and 3 hours (Stripe says "three times over a few hours" of its sandboxes), then given up.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Endpoint;
use crate::local::error::ApiError;
use crate::local::event;
use crate::local::fault::Kind;
use crate::local::model::Model;

/// Seconds between a failure and the next attempt, by number of the failure.
const RETRY_S: [i64; 3] = [300, 3_600, 3 * 3_600];
/// Most deliveries handed out at once.
const CLAIM_MAX: usize = 50;

/// Deliveries that are still to be made, in order of announcement.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    waiting: BTreeMap<u64, Waiting>,
    next: u64,
    delivered: u64,
    failed: u64,
    given_up: u64,
}

/// One delivery that is still to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// `we_…`
    pub endpoint: String,
    /// `evt_…`
    pub event: String,
    /// Its type.
    pub kind: String,
    /// When it is to be sent, unix seconds.
    pub due: i64,
    /// Attempts that failed.
    pub failures: usize,
    /// Why the last one did.
    pub why: Option<String>,
}

/// One delivery as it goes on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Names the delivery when it is settled.
    pub number: u64,
    /// Where it goes.
    pub url: String,
    /// `Stripe-Signature`.
    pub signature: String,
    /// Body.
    pub body: String,
    /// How often it is sent, by fault.
    pub times: u32,
    /// A fault loses the answer: it counts as a failure.
    pub deaf: bool,
}

/// What came of one delivery.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Of the parcel.
    number: u64,
    /// HTTP status, where there was an answer.
    #[serde(default)]
    status: Option<u16>,
    /// Why there was none.
    #[serde(default)]
    why: Option<String>,
}

impl Queue {
    /// Something is to be sent at `now`.
    pub fn is_due(&self, now: i64) -> bool {
        self.waiting.values().any(|it| it.due <= now)
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// The address is on this machine; no other is ever called.
fn is_here(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

/// Queues an event for every endpoint that wants it, and says for how many.
pub fn announce(model: &mut Model, event: &str, kind: &str, now: i64) -> u32 {
    let hooks = &mut model.webhooks;
    let wanted: Vec<String> = hooks
        .endpoints
        .iter()
        .filter(|it| it.wants(kind) && is_here(&it.url))
        .map(|it| it.id.clone())
        .collect();
    for endpoint in &wanted {
        hooks.queue.next += 1;
        let waiting = Waiting {
            endpoint: endpoint.clone(),
            event: event.to_owned(),
            kind: kind.to_owned(),
            due: now,
            failures: 0,
            why: None,
        };
        hooks.queue.waiting.insert(hooks.queue.next, waiting);
    }
    u32::try_from(wanted.len()).unwrap_or(u32::MAX)
}

/// Drops what waits for an endpoint that gets nothing any more.
pub fn forget(model: &mut Model, endpoint: &str) {
    let dropped: Vec<u64> = model
        .webhooks
        .queue
        .waiting
        .iter()
        .filter(|(_, it)| it.endpoint == endpoint)
        .map(|(number, _)| *number)
        .collect();
    for number in dropped {
        let Some(waiting) = model.webhooks.queue.waiting.remove(&number) else { continue };
        arrived(model, &waiting.event);
    }
}

fn arrived(model: &mut Model, event: &str) {
    if let Some(event) = model.events.get_mut(event) {
        event.undelivered = event.undelivered.saturating_sub(1);
    }
}

/// Hands out what is due, in order, with what faults make of it. Nothing is taken off the queue.
pub fn claim(model: &mut Model, now: i64) -> Vec<Parcel> {
    let due: Vec<u64> = model
        .webhooks
        .queue
        .waiting
        .iter()
        .filter(|(_, it)| it.due <= now)
        .map(|(number, _)| *number)
        .take(CLAIM_MAX)
        .collect();
    let (mut parcels, mut last) = (Vec::new(), Vec::new());
    for number in due {
        let Some(mut parcel) = parcel(model, number, now) else {
            model.webhooks.queue.waiting.remove(&number);
            continue;
        };
        match strike(model, number) {
            Some(Kind::HangUpBefore) => fail(model, number, "lost on the way, by fault", now),
            Some(Kind::RefuseBefore(_)) => give_up(model, number),
            Some(Kind::Delay(ms)) => {
                let seconds = i64::try_from(ms.div_ceil(1_000)).unwrap_or(i64::MAX);
                if let Some(waiting) = model.webhooks.queue.waiting.get_mut(&number) {
                    waiting.due = now.saturating_add(seconds);
                }
            }
            Some(Kind::Reorder) => last.push(parcel),
            fault => {
                match fault {
                    Some(Kind::Duplicate) => parcel.times = 2,
                    Some(Kind::HangUpAfterCommit | Kind::RespondAfterCommit(_)) => parcel.deaf = true,
                    Some(Kind::Truncate(bytes)) => parcel.body = parcel.body.chars().take(bytes).collect(),
                    _ => {}
                }
                parcels.push(parcel);
            }
        }
    }
    parcels.extend(last);
    parcels
}

fn strike(model: &mut Model, number: u64) -> Option<Kind> {
    let waiting = model.webhooks.queue.waiting.get(&number)?;
    let object = event::object(model.events.get(&waiting.event)?);
    let own = |name: &str| object[name].as_str().map(str::to_owned);
    let customer = if object["object"] == "customer" { own("id") } else { own("customer") };
    model.faults.strike_delivery(&waiting.kind, customer.as_deref())
}

/// One delivery on the wire, signed at `now`; none when its endpoint or event is gone.
fn parcel(model: &Model, number: u64, now: i64) -> Option<Parcel> {
    let waiting = model.webhooks.queue.waiting.get(&number)?;
    let endpoint = model.webhooks.endpoints.get(&waiting.endpoint)?;
    let event = event::render(model.events.get(&waiting.event)?);
    // Over several lines, as Stripe writes it: who hashes anything but the bytes that came is found out.
    let body = serde_json::to_string_pretty(&event).ok()?;
    let signature = signature(endpoint, &body, now);
    Some(Parcel { number, url: endpoint.url.clone(), signature, body, times: 1, deaf: false })
}

/// `t=…,v1=…`: HMAC-SHA256 with the whole secret over time, point and body (Stripe: docs /webhooks).
fn signature(endpoint: &Endpoint, body: &str, now: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(endpoint.secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{now}.{body}").as_bytes());
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={now},v1={digest}")
}

/// Notes what came of a delivery. One that is no longer known was settled by another sender, or dropped.
pub fn settle(model: &mut Model, outcome: &Outcome, now: i64) {
    let number = outcome.number;
    match outcome.status {
        Some(200..=299) => {
            let Some(waiting) = model.webhooks.queue.waiting.remove(&number) else { return };
            model.webhooks.queue.delivered += 1;
            arrived(model, &waiting.event);
        }
        // A redirect is a failure too (Stripe: docs /webhooks).
        Some(status) => fail(model, number, &format!("HTTP {status}"), now),
        None => fail(model, number, outcome.why.as_deref().unwrap_or("no answer"), now),
    }
}

fn fail(model: &mut Model, number: u64, why: &str, now: i64) {
    let queue = &mut model.webhooks.queue;
    let Some(waiting) = queue.waiting.get_mut(&number) else { return };
    queue.failed += 1;
    waiting.why = Some(why.chars().take(200).collect());
    match RETRY_S.get(waiting.failures) {
        Some(pause) => {
            waiting.failures += 1;
            waiting.due = now + pause;
        }
        None => give_up(model, number),
    }
}

fn give_up(model: &mut Model, number: u64) {
    if model.webhooks.queue.waiting.remove(&number).is_some() {
        model.webhooks.queue.given_up += 1;
    }
}

/// Queues an event once more for every endpoint that wants its type, as the Dashboard's "Resend" does.
pub fn resend(model: &mut Model, id: &str, now: i64) -> Result<Value, ApiError> {
    let event = model.events.get(id).ok_or_else(|| ApiError::not_found("event", id, "id"))?;
    let kind = event.kind.clone();
    let count = announce(model, id, &kind, now);
    if let Some(event) = model.events.get_mut(id) {
        event.undelivered += count;
    }
    Ok(json!({ "queued": count }))
}

/// For `GET /_local/status`: endpoints, and sums of deliveries.
pub fn status(model: &Model) -> Value {
    let queue = &model.webhooks.queue;
    let endpoints = model.webhooks.endpoints.iter().map(|it| {
        let waiting = queue.waiting.values().filter(|waiting| waiting.endpoint == it.id).count();
        let state = if it.disabled { "disabled" } else { "enabled" };
        let note = if is_here(&it.url) { "" } else { ", never called: not on this machine" };
        (it.id.clone(), json!(format!("{} {state}, {waiting} pending{note}", it.url)))
    });
    json!({
        "endpoints": endpoints.collect::<serde_json::Map<_, _>>(),
        "delivered": queue.delivered,
        "failed_attempts": queue.failed,
        "given_up": queue.given_up,
        "pending": queue.waiting.len(),
    })
}

/// For `GET /_local/deliveries`: what waits, oldest first.
pub fn list(model: &Model) -> Value {
    let rows = model.webhooks.queue.waiting.iter().map(|(number, it)| {
        json!({
            "number": number,
            "endpoint": it.endpoint,
            "event": it.event,
            "type": it.kind,
            "due": it.due,
            "failures": it.failures,
            "why": it.why,
        })
    });
    json!({ "deliveries": rows.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called() {
        for (url, here) in [
            ("http://127.0.0.1:4242/hook", true),
            ("http://localhost:4242", true),
            ("http://localhost", true),
            ("http://[::1]:80/x?y", true),
            ("http://[::1]/x", true),
            ("https://127.0.0.1:4242", false),
            ("http://127.0.0.1.evil.example:80", false),
            ("http://evil.example/127.0.0.1", false),
            ("http://localhost@evil.example:80/", false),
            ("http://evil.example?http://localhost", false),
            ("http://10.0.0.1:80", false),
        ] {
            assert_eq!(is_here(url), here, "{url}");
        }
    }
}
