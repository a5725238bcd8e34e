//! Meter events and their adjustments (Stripe: docs …/recording-usage-api). They can be written, never read back.

use serde_json::{Map, Value, json};

use super::Call;
use super::error::ApiError;
use super::form::{self, Params};
use super::meter;
use super::usage::{Fate, KEPT_S, Received};
use super::wire::Request;

/// Oldest timestamp that is taken, in seconds before now: 35 days.
const PAST_S: i64 = 35 * 86_400;
/// Newest timestamp that is taken, in seconds after now.
const FUTURE_S: i64 = 300;
/// Most significant digits of a value (Stripe: changelog 2026-04-22).
const MAX_DIGITS: usize = 15;
/// Most decimal places of a value.
const MAX_PLACES: usize = 12;
/// Most keys in a payload.
const MAX_PAYLOAD: usize = 50;

/// The customer and event name of a request, when it is a meter event: two of one pair must not be in flight.
pub fn pair_of(request: &Request) -> Option<String> {
    let paths = ["/v1/billing/meter_events", "/v2/billing/meter_events"];
    if request.method != "POST" || !paths.contains(&request.path.as_str()) {
        return None;
    }
    let pairs = form::pairs(&request.body).ok()?;
    let get = |name: &str| pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    Some(format!("pair:{}/{}", get("event_name")?, get("payload[stripe_customer_id]")?))
}

/// The refusal while another event of the pair is in flight: 409 by the documentation, 429 by some reports.
pub fn pair_busy(status: u16) -> ApiError {
    let error = ApiError::invalid(
        "Another request for this customer and meter is in progress. Only one concurrent call is allowed per customer \
         per meter.",
    )
    .status(status)
    .header("Stripe-Should-Retry", "true");
    if status == 429 {
        error.code("rate_limit").header("Stripe-Rate-Limited-Reason", "resource-specific")
    } else {
        error.code("too_many_concurrent_requests")
    }
}

/// What a meter event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Whose meter counts it.
    pub event_name: String,
    /// Customer and value under the meter's own keys, and whatever else was sent.
    pub payload: Vec<(String, String)>,
    /// The sender's own; one is made where there is none.
    pub identifier: Option<String>,
    /// When it happened, unix seconds.
    pub timestamp: i64,
}

impl Event {
    /// A value of the payload.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.payload.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `POST /v1/billing/meter_events`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let event_name = p.required_max("event_name", 100)?;
    let payload =
        p.map("payload")?.filter(|pairs| !pairs.is_empty()).ok_or_else(|| ApiError::missing("payload"))?;
    let identifier = p.string("identifier")?;
    let timestamp = p.timestamp("timestamp")?.unwrap_or(call.now);
    p.finish()?;
    let event = Event { event_name, payload, identifier, timestamp };
    let identifier = accept(call, &event)?;
    let payload: Map<String, Value> =
        event.payload.into_iter().map(|(key, value)| (key, json!(value))).collect();
    Ok(json!({
        "object": "billing.meter_event",
        "created": call.now,
        "event_name": event.event_name,
        "identifier": identifier,
        "livemode": false,
        "payload": payload,
        "timestamp": event.timestamp,
    }))
}

/// Takes an event in, unless what can be seen at once is wrong with it. Gives its identifier.
pub fn accept(call: &mut Call, event: &Event) -> Result<String, ApiError> {
    if event.payload.len() > MAX_PAYLOAD {
        return Err(
            ApiError::invalid(format!("payload may hold at most {MAX_PAYLOAD} keys.")).param("payload")
        );
    }
    if event.identifier.as_ref().is_some_and(|identifier| identifier.chars().count() > 100) {
        return Err(ApiError::invalid("Invalid string: identifier must be at most 100 characters.")
            .code("parameter_invalid_string_too_long")
            .param("identifier"));
    }
    check_time(event.timestamp, call.now)?;
    let Some(meter) = meter::by_event(call.model, &event.event_name) else {
        let name = &event.event_name;
        return Err(ApiError::invalid(format!("No active meter found for event name \"{name}\"")));
    };
    let customer = event.get(&meter.customer_key).map(str::to_owned);
    let value = event.get(&meter.value_key).map(str::to_owned);
    if let Some(value) = &value {
        check_value(value)?;
    }
    let meter = meter.id.clone();
    if let Some(identifier) = event.identifier.as_deref().filter(|id| call.model.usage.find(id).is_some()) {
        return Err(ApiError::invalid(format!("An event already exists with identifier {identifier}."))
            .header("Stripe-Should-Retry", "false"));
    }
    let identifier = event.identifier.clone().unwrap_or_else(|| call.model.mint("", 32));
    let fate = if call.lose { Fate::Lost } else { Fate::Pending };
    let (received, due) = (call.now, call.now + call.model.settings.lag_s.max(0));
    let payer = customer.clone();
    call.model.usage.receive(Received {
        identifier: identifier.clone(),
        meter,
        customer,
        value,
        timestamp: event.timestamp,
        received,
        due,
        fate,
    });
    super::usage::process(call.model, call.now);
    if let Some(payer) = payer {
        // A second is looked at when it is over.
        super::biller::threshold::watch(call.model, &payer, due.max(event.timestamp) + 1);
    }
    Ok(identifier)
}

fn check_time(timestamp: i64, now: i64) -> Result<(), ApiError> {
    let oldest = now - PAST_S;
    if timestamp < oldest {
        return Err(ApiError::invalid(format!(
            "The event timestamp cannot be more than 35 days in past. Expected a timestamp greater than or equal to \
             {oldest}."
        ))
        .param("timestamp"));
    }
    let newest = now + FUTURE_S;
    if timestamp > newest {
        return Err(ApiError::invalid(format!(
            "The event timestamp cannot be more than 5 minutes in the future. Expected a timestamp less than or equal \
             to {newest}."
        ))
        .param("timestamp"));
    }
    Ok(())
}

/// What is refused at once; whether it is a number at all is found out later.
fn check_value(value: &str) -> Result<(), ApiError> {
    let unsigned = value.trim_start_matches(['-', '+']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let digits = format!("{whole}{fraction}");
    if digits.trim_start_matches('0').len() > MAX_DIGITS {
        return Err(ApiError::invalid(format!(
            "The value in the event payload can have at most {MAX_DIGITS} digits. Received `{value}`."
        ))
        .param("payload"));
    }
    if fraction.len() > MAX_PLACES {
        return Err(ApiError::invalid(format!(
            "The value in the event payload can have at most {MAX_PLACES} decimal places. Received `{value}`."
        ))
        .param("payload"));
    }
    Ok(())
}

/// `POST /v1/billing/meter_event_adjustments`
pub fn adjust(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let event_name = p.required_max("event_name", 100)?;
    p.one_of("type", &["cancel"])?.ok_or_else(|| ApiError::missing("type"))?;
    let identifier = p.group("cancel", |cancel| cancel.required_max("identifier", 100))?;
    p.finish()?;
    let identifier = identifier.ok_or_else(|| ApiError::missing("cancel"))?;
    let Some(meter) = meter::by_event(call.model, &event_name) else {
        return Err(ApiError::invalid(format!("No active meter found for event name \"{event_name}\"")));
    };
    let known = call.model.usage.find(&identifier).filter(|event| event.meter == meter.id);
    match known {
        Some(event) if event.received + KEPT_S > call.now && event.fate != Fate::Cancelled => {}
        Some(event) if event.fate == Fate::Cancelled => {
            return Err(ApiError::invalid(format!(
                "The event with identifier {identifier} was already cancelled."
            ))
            .param("cancel[identifier]"));
        }
        _ => {
            let text = format!("No event found with identifier {identifier} within the last 24 hours.");
            return Err(ApiError::invalid(text).code("resource_missing").param("cancel[identifier]"));
        }
    }
    call.model.usage.cancel(&identifier);
    let status = if call.model.settings.lag_s > 0 { "pending" } else { "complete" };
    Ok(json!({
        "object": "billing.meter_event_adjustment",
        "cancel": { "identifier": identifier },
        "event_name": event_name,
        "livemode": false,
        "status": status,
        "type": "cancel",
    }))
}
