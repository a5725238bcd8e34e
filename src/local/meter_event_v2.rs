//! Meter events by the second API: one at a time and looked at in full at once, or up to a hundred in a stream that is
//! looked at afterwards (Stripe: docs …/recording-usage-api, /api/v2/billing/meter-event-stream).
//!
//! Stripe's stream takes live keys only; here it takes test keys, so that programs that use it can be tried.

use serde_json::{Map, Value, json};

use super::Call;
use super::error::ApiError;
use super::form::Params;
use super::meter;
use super::meter_event::{self, Event};
use super::model::Model;
use super::thin::{self, rfc3339};
use super::usage::{self, Refused};
use super::wire::Request;

/// Where a stream is sent to; its bearer is the token of a session.
const STREAM: &str = "/v2/billing/meter_event_stream";
/// A session lasts 15 minutes.
const SESSION_S: i64 = 900;
/// Most events in one call.
const STREAM_MAX: usize = 100;

/// What the token of a session begins with.
pub const TOKEN: &str = "mes_test_";

/// Whether a request brings a session's token in place of a key, and that it holds still.
pub fn is_session(model: &Model, request: &Request) -> Result<bool, ApiError> {
    if request.path != STREAM {
        return Ok(false);
    }
    let header = request.headers.get("authorization").map(String::as_str).unwrap_or_default();
    let token = header.rsplit(' ').next().unwrap_or_default();
    match model.meter_sessions.get(token) {
        Some(until) if model.clock < *until => Ok(true),
        Some(_) => Err(ApiError::invalid("The meter event session has expired.")
            .status(401)
            .kind("temporary_session_expired")
            .code("billing_meter_event_session_expired")),
        None => {
            Err(ApiError::invalid("The authentication token is not that of a meter event session.")
                .status(401))
        }
    }
}

/// `POST /v2/billing/meter_event_session`
pub fn open(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    p.finish()?;
    let now = call.model.clock;
    call.model.meter_sessions.retain(|_, until| now < *until);
    let (id, token) = (call.model.mint("mesn_test_61", 30), call.model.mint(TOKEN, 40));
    call.model.meter_sessions.insert(token.clone(), now + SESSION_S);
    Ok(json!({
        "id": id,
        "object": "v2.billing.meter_event_session",
        "authentication_token": token,
        "created": rfc3339(now),
        "expires_at": rfc3339(now + SESSION_S),
        "livemode": false,
    }))
}

fn event(p: &mut Params, now: i64) -> Result<Event, ApiError> {
    let event_name = p.required_max("event_name", 100)?;
    let payload = p.map("payload")?.ok_or_else(|| ApiError::missing("payload"))?;
    let identifier = p.string("identifier")?;
    let timestamp = thin::instant(p, "timestamp")?.unwrap_or(now);
    Ok(Event { event_name, payload, identifier, timestamp })
}

/// `POST /v2/billing/meter_events`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let event = event(p, call.now)?;
    p.finish()?;
    if let Some((code, message)) = fault(call.model, &event) {
        return Err(ApiError::invalid(message).code(code));
    }
    let identifier = meter_event::accept(call, &event)?;
    let payload: Map<String, Value> =
        event.payload.into_iter().map(|(key, value)| (key, json!(value))).collect();
    Ok(json!({
        "object": "v2.billing.meter_event",
        "created": rfc3339(call.now),
        "event_name": event.event_name,
        "identifier": identifier,
        "livemode": false,
        "payload": payload,
        "timestamp": rfc3339(event.timestamp),
    }))
}

/// What the first API finds out only afterwards, and what has a code in the second one.
fn fault(model: &Model, event: &Event) -> Option<(&'static str, String)> {
    let name = &event.event_name;
    let Some(meter) = meter::by_event(model, name) else {
        let archived = model.meters.iter().any(|it| it.event_name == *name);
        let code = if archived { "archived_meter" } else { "no_meter" };
        return Some((code, format!("No active meter found for event name \"{name}\"")));
    };
    if let Some(known) = event.identifier.as_ref().filter(|it| model.usage.find(it).is_some()) {
        return Some(("duplicate_meter_event", format!("An event already exists with identifier {known}.")));
    }
    if event.get(&meter.customer_key).is_none() {
        let message = format!("Customer mapping key {} not found in payload.", meter.customer_key);
        return Some(("payload_no_customer_defined", message));
    }
    match event.get(&meter.value_key) {
        None if meter.formula == meter::Formula::Count => None,
        None => {
            let message = format!("Value key {} not found in payload.", meter.value_key);
            Some(("payload_no_value_defined", message))
        }
        Some(text) if text.parse::<super::decimal::Decimal>().is_err() => {
            let message = format!("The value in the event payload is invalid. Received `{text}`.");
            Some(("payload_invalid_value", message))
        }
        Some(_) => None,
    }
}

/// `POST /v2/billing/meter_event_stream`: taken as they are; what is wrong with them is reported afterwards.
pub fn stream(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let now = call.now;
    let events = p.list("events", |it| event(it, now))?.unwrap_or_default();
    p.finish()?;
    if events.is_empty() || events.len() > STREAM_MAX {
        let text = format!("events must hold 1 to {STREAM_MAX} events.");
        return Err(ApiError::invalid(text).param("events"));
    }
    for event in events {
        let active = meter::by_event(call.model, &event.event_name).map(|it| it.id.clone());
        let Err(refusal) = meter_event::accept(call, &event) else { continue };
        let code = match &active {
            None => "no_meter",
            Some(_) if event.timestamp > now => "timestamp_in_future",
            Some(_) if refusal.param.as_deref() == Some("timestamp") => "timestamp_too_far_in_past",
            Some(_) if refusal.param.as_deref() == Some("payload") => "meter_event_value_too_many_digits",
            // An identifier that is known already: the event is there.
            Some(_) => continue,
        };
        let identifier = event.identifier.unwrap_or_default();
        let refused =
            Refused { meter: active.unwrap_or_default(), identifier, code, message: refusal.message };
        usage::refuse(call.model, &refused, now);
    }
    Ok(json!({}))
}

/// `POST /v2/billing/meter_event_adjustments`
pub fn adjust(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let mut made = meter_event::adjust(call, p)?;
    let id = call.model.mint("mtreadj_test_61", 30);
    let created = rfc3339(call.now);
    if let Some(fields) = made.as_object_mut() {
        fields.insert("id".to_owned(), json!(id));
        fields.insert("object".to_owned(), json!("v2.billing.meter_event_adjustment"));
        fields.insert("created".to_owned(), json!(created));
    }
    Ok(made)
}
