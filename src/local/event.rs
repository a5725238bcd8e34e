//! Events: every change makes one (Stripe: docs /api/events).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Call;
use super::error::ApiError;
use super::form::Params;
use super::list;
use super::model::{Model, Row};
use super::test_clock;
use super::webhook::queue;

/// Events are kept this long (Stripe: docs /api/events/list), in seconds.
pub const KEPT_S: i64 = 30 * 86_400;

/// One change, as it was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// For example `product.created`.
    pub kind: String,
    /// The object as it was then, JSON text.
    object: String,
    /// Changed fields as they were before, JSON text; updates only.
    previous: Option<String>,
    /// The request that made it; none for what Stripe does by itself.
    request: Option<String>,
    /// That request's Idempotency-Key.
    key: Option<String>,
    /// Webhook endpoints that want it and have not taken it yet.
    #[serde(default)]
    pub undelivered: u32,
}

impl Row for Event {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Call<'_> {
    /// Announces a change of an object, given as it is now.
    pub fn emit(&mut self, kind: &str, object: &Value) {
        self.announce(kind, object, None);
    }

    /// Announces an update when anything but `updated` differs; says whether it did.
    pub fn emit_update(&mut self, kind: &str, before: &Value, after: &Value) -> bool {
        let previous = previous_attributes(before, after);
        if previous.is_empty() {
            return false;
        }
        self.announce(kind, after, Some(Value::Object(previous)));
        true
    }

    fn announce(&mut self, kind: &str, object: &Value, previous: Option<Value>) {
        let id = self.model.mint("evt_1", 23);
        let mut object = object.clone();
        test_clock::stamp(self.model, &mut object);
        // Events are made in the account's own time, whatever time their object lives in.
        let apart = test_clock::clock_of(self.model, &object).is_some();
        let created = if apart { self.model.clock } else { self.now.min(self.model.clock) };
        let undelivered = queue::announce(self.model, &id, kind, created);
        self.model.events.insert(Event {
            id,
            created,
            kind: kind.to_owned(),
            object: object.to_string(),
            previous: previous.map(|value| value.to_string()),
            request: self.request_id.clone(),
            key: self.key.clone(),
            undelivered,
        });
    }
}

/// The fields that differ, with their old values; inside objects only what differs there.
fn previous_attributes(before: &Value, after: &Value) -> Map<String, Value> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Map::new() };
    let mut previous = Map::new();
    for (name, new) in after {
        let old = before.get(name).unwrap_or(&Value::Null);
        if old == new || name == "updated" {
            continue;
        }
        let inner =
            if new.is_object() && old.is_object() { previous_attributes(old, new) } else { Map::new() };
        previous.insert(name.clone(), if inner.is_empty() { old.clone() } else { Value::Object(inner) });
    }
    for (name, old) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        previous.insert(name.clone(), old.clone());
    }
    previous
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// The object of an event, as it was then.
pub fn object(event: &Event) -> Value {
    parse(&event.object)
}

/// An event as Stripe sends it.
pub fn render(event: &Event) -> Value {
    let mut data = json!({ "object": object(event) });
    if let Some(previous) = &event.previous {
        data["previous_attributes"] = parse(previous);
    }
    json!({
        "id": event.id,
        "object": "event",
        "api_version": super::API_VERSION,
        "created": event.created,
        "data": data,
        "livemode": false,
        "pending_webhooks": event.undelivered,
        "request": { "id": event.request, "idempotency_key": event.key },
        "type": event.kind,
    })
}

/// `GET /v1/events/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    call.model.events.get(id).map(render).ok_or_else(|| ApiError::not_found("event", id, "id"))
}

/// `GET /v1/events`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let created = list::range(p, "created")?;
    let one = p.string("type")?;
    let several = p.strings("types")?;
    let delivered = p.bool("delivery_success")?;
    p.finish()?;
    if one.is_some() && several.is_some() {
        return Err(ApiError::invalid("You may only specify one of these parameters: type, types."));
    }
    let kinds = several.or(one.map(|kind| vec![kind]));
    if kinds.as_ref().is_some_and(|kinds| kinds.len() > 20) {
        return Err(ApiError::invalid("You may pass at most 20 event types.").param("types"));
    }
    let wanted = |event: &Event| {
        created.holds(event.created)
            && delivered.is_none_or(|delivered| delivered == (event.undelivered == 0))
            && kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| matches_kind(kind, &event.kind)))
    };
    list::table(&page, &call.model.events, "event", "/v1/events", wanted, render)
}

fn matches_kind(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => pattern == kind,
    }
}

/// Forgets events that are older than Stripe keeps them.
pub fn prune(model: &mut Model, now: i64) {
    model.events.drop_oldest_while(|event| event.created + KEPT_S <= now);
}
