//! Billing meters (Stripe: docs /api/billing/meter). There is no delete; only the display name can change.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use super::form::Params;
use super::list;
use super::model::{Model, Row};

/// One meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// `mtr_test_…`
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds of the last change.
    pub updated: i64,
    /// Text for the operator.
    pub display_name: String,
    /// Events with this name are counted here; unique among active meters.
    pub event_name: String,
    /// How values become one.
    pub formula: Formula,
    /// With a window only the last received event of a customer counts in each.
    pub window: Option<Window>,
    /// Payload key of the customer.
    pub customer_key: String,
    /// Payload key of the value.
    pub value_key: String,
    /// Unix seconds; none while active.
    pub deactivated_at: Option<i64>,
}

/// How values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Formula {
    /// All values added.
    Sum,
    /// The number of events.
    Count,
    /// The value with the newest timestamp.
    Last,
}

/// Calendar windows, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Window {
    /// Of one hour.
    Hour,
    /// Of one day.
    Day,
}

impl Window {
    /// Length in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Window::Hour => 3_600,
            Window::Day => 86_400,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Window::Hour => "hour",
            Window::Day => "day",
        }
    }

    /// Reads Stripe's word under a name.
    pub fn read(p: &mut Params, name: &str) -> Result<Option<Window>, ApiError> {
        let word = p.one_of(name, &["day", "hour"])?;
        Ok(word.map(|word| if word == "day" { Window::Day } else { Window::Hour }))
    }
}

impl Meter {
    /// Takes events.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }
}

impl Row for Meter {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A meter as Stripe sends it.
pub fn render(meter: &Meter) -> Value {
    let formula = match meter.formula {
        Formula::Sum => "sum",
        Formula::Count => "count",
        Formula::Last => "last",
    };
    json!({
        "id": meter.id,
        "object": "billing.meter",
        "created": meter.created,
        "customer_mapping": { "event_payload_key": meter.customer_key, "type": "by_id" },
        "default_aggregation": { "formula": formula },
        "display_name": meter.display_name,
        "event_name": meter.event_name,
        "event_time_window": meter.window.map(Window::as_str),
        "livemode": false,
        "status": if meter.is_active() { "active" } else { "inactive" },
        "status_transitions": { "deactivated_at": meter.deactivated_at },
        "updated": meter.updated,
        "value_settings": { "event_payload_key": meter.value_key },
    })
}

/// The active meter that counts an event name.
pub fn by_event<'a>(model: &'a Model, event_name: &str) -> Option<&'a Meter> {
    model.meters.iter().find(|meter| meter.is_active() && meter.event_name == event_name)
}

fn name_taken(model: &Model, event_name: &str) -> Result<(), ApiError> {
    match by_event(model, event_name) {
        None => Ok(()),
        Some(_) => {
            Err(ApiError::invalid(format!("An active meter with event name `{event_name}` already exists."))
                .param("event_name"))
        }
    }
}

/// `POST /v1/billing/meters`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let display_name = p.required_max("display_name", 250)?;
    let event_name = p.required_max("event_name", 100)?;
    let formula = p.group("default_aggregation", |a| {
        let word = a.one_of("formula", &["count", "last", "sum"])?;
        match word.ok_or_else(|| ApiError::missing(&a.name("formula")))? {
            "count" => Ok(Formula::Count),
            "last" => Ok(Formula::Last),
            _ => Ok(Formula::Sum),
        }
    })?;
    let formula = formula.ok_or_else(|| ApiError::missing("default_aggregation"))?;
    let customer_key = p.group("customer_mapping", |m| {
        m.one_of("type", &["by_id"])?.ok_or_else(|| ApiError::missing(&m.name("type")))?;
        m.required_max("event_payload_key", 100)
    })?;
    let value_key = p.group("value_settings", |v| v.required_max("event_payload_key", 100))?;
    let window = Window::read(p, "event_time_window")?;
    p.finish()?;
    name_taken(call.model, &event_name)?;
    let meter = Meter {
        id: call.model.mint("mtr_test_61", 30),
        created: call.now,
        updated: call.now,
        display_name,
        event_name,
        formula,
        window,
        customer_key: customer_key.unwrap_or_else(|| "stripe_customer_id".to_owned()),
        value_key: value_key.unwrap_or_else(|| "value".to_owned()),
        deactivated_at: None,
    };
    let shown = render(&meter);
    call.model.meters.insert(meter);
    call.emit("billing.meter.created", &shown);
    Ok(shown)
}

/// The meter, or 404.
pub fn found<'a>(model: &'a Model, id: &str) -> Result<&'a Meter, ApiError> {
    model.meters.get(id).ok_or_else(|| ApiError::not_found("meter", id, "id"))
}

/// `GET /v1/billing/meters/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call.model, id).map(render)
}

fn change(call: &mut Call, mut meter: Meter, kind: &str, before: &Value) -> Value {
    let after = render(&meter);
    if call.emit_update(kind, before, &after) {
        meter.updated = call.now;
    }
    let shown = render(&meter);
    call.model.meters.insert(meter);
    shown
}

/// `POST /v1/billing/meters/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut meter = found(call.model, id)?.clone();
    let before = render(&meter);
    let name = p.string("display_name")?;
    p.finish()?;
    meter.display_name = name.unwrap_or(meter.display_name);
    Ok(change(call, meter, "billing.meter.updated", &before))
}

/// `POST /v1/billing/meters/:id/deactivate`
pub fn deactivate(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let mut meter = found(call.model, id)?.clone();
    if !meter.is_active() {
        return Err(ApiError::invalid("This meter is already inactive."));
    }
    let before = render(&meter);
    meter.deactivated_at = Some(call.now);
    Ok(change(call, meter, "billing.meter.deactivated", &before))
}

/// `POST /v1/billing/meters/:id/reactivate`
pub fn reactivate(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let mut meter = found(call.model, id)?.clone();
    if meter.is_active() {
        return Err(ApiError::invalid("This meter is already active."));
    }
    name_taken(call.model, &meter.event_name)?;
    let before = render(&meter);
    meter.deactivated_at = None;
    Ok(change(call, meter, "billing.meter.reactivated", &before))
}

/// `GET /v1/billing/meters`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let status = p.one_of("status", &["active", "inactive"])?;
    p.finish()?;
    let wanted = |meter: &Meter| status.is_none_or(|status| meter.is_active() == (status == "active"));
    list::table(&page, &call.model.meters, "meter", "/v1/billing/meters", wanted, render)
}
