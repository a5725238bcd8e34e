//! What an event says: Stripe's older whole ("snapshot") events, and the thin ones that only name what to fetch.

use serde_json::{Map, Value};

use super::text;
use crate::billing::time::Timestamp;

/// Longest id and type that are taken, in bytes (Stripe: docs, "up to 255 characters").
const ID_MAX: usize = 255;

/// A body that was posted to us, or an event that was fetched.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// `"object": "event"`: with the object as it was then.
    Snapshot(Box<EventFound>),
    /// `"object": "v2.core.event"`: what happened must be fetched.
    Thin(Box<ThinEvent>),
}

/// Why a body is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEvent {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(String),
    /// It is JSON, but neither sort of event.
    #[error("it is no event of Stripe's: `object` is neither `event` nor `v2.core.event`")]
    Object,
    /// A field that every event has is absent, empty, too long or of another kind.
    #[error("it is no event of Stripe's: `{0}` is missing or malformed")]
    Field(&'static str),
}

/// A snapshot event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFound {
    /// `evt_…`. Two deliveries of one event have the same.
    pub id: String,
    /// Such as `invoice.paid`.
    pub kind: String,
    /// When it happened, to the second; no order between events follows from it.
    pub created: Timestamp,
    /// Whether it is of live mode.
    pub livemode: bool,
    /// The connected account that it is from; absent for one's own.
    pub account: Option<String>,
    /// The API version that `object` is written in.
    pub api_version: Option<String>,
    /// `data.object`: the object as it was then.
    pub object: Value,
    /// `data.previous_attributes`: what changed, as it was before; updates only.
    pub previous: Option<Map<String, Value>>,
    /// The request that caused it; none for what Stripe did by itself.
    pub request: Option<String>,
    /// That request's idempotency key.
    pub request_key: Option<String>,
    /// The whole event as JSON.
    pub json: Value,
}

impl EventFound {
    /// Id of the object concerned; usage summaries and a few others have none.
    pub fn object_id(&self) -> Option<&str> {
        self.object.get("id")?.as_str()
    }
    /// Kind of the object concerned, such as `invoice`.
    pub fn object_kind(&self) -> Option<&str> {
        self.object.get("object")?.as_str()
    }
    /// `cus_…` that the object belongs to, or that it is.
    pub fn customer(&self) -> Option<&str> {
        if self.object_kind() == Some("customer") {
            return self.object_id();
        }
        let customer = self.object.get("customer")?;
        customer.as_str().or_else(|| customer.get("id")?.as_str())
    }
}

/// A thin event, or the notification of one.
#[derive(Debug, Clone, PartialEq)]
pub struct ThinEvent {
    /// `evt_…`.
    pub id: String,
    /// Such as `v1.billing.meter.error_report_triggered`.
    pub kind: String,
    /// When it happened, to the second.
    pub created: Timestamp,
    /// Whether it is of live mode.
    pub livemode: bool,
    /// The account or organization that it is from; absent for one's own.
    pub context: Option<String>,
    /// What it is about, where that is one object.
    pub related: Option<RelatedObject>,
    /// What happened. Only fetched events have it ([`crate::stripe::Api::thin_event_retrieve`]).
    pub data: Option<Value>,
    /// The whole event as JSON.
    pub json: Value,
}

/// What a thin event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedObject {
    /// Its id.
    pub id: String,
    /// Its kind, such as `billing.meter`.
    pub kind: String,
    /// The path that it is fetched by.
    pub url: String,
}

impl Received {
    /// Reads a body. Verify it first.
    ///
    /// # Errors
    /// The body is no event.
    pub fn read(body: &[u8]) -> Result<Received, BadEvent> {
        Received::of(serde_json::from_slice(body).map_err(|error| BadEvent::Json(error.to_string()))?)
    }

    /// Takes an event apart.
    ///
    /// # Errors
    /// It is no event.
    pub fn of(json: Value) -> Result<Received, BadEvent> {
        match json.get("object").and_then(Value::as_str) {
            Some("event") => Ok(Received::Snapshot(Box::new(EventFound::of(json)?))),
            Some("v2.core.event") => Ok(Received::Thin(Box::new(ThinEvent::of(json)?))),
            _ => Err(BadEvent::Object),
        }
    }

    /// `evt_…`.
    pub fn id(&self) -> &str {
        match self {
            Received::Snapshot(event) => &event.id,
            Received::Thin(event) => &event.id,
        }
    }
    /// Its type, such as `invoice.paid`.
    pub fn kind(&self) -> &str {
        match self {
            Received::Snapshot(event) => &event.kind,
            Received::Thin(event) => &event.kind,
        }
    }
    /// When it happened.
    pub fn created(&self) -> Timestamp {
        match self {
            Received::Snapshot(event) => event.created,
            Received::Thin(event) => event.created,
        }
    }
    /// Whether it is of live mode.
    pub fn livemode(&self) -> bool {
        match self {
            Received::Snapshot(event) => event.livemode,
            Received::Thin(event) => event.livemode,
        }
    }
    /// The other account that it is from; absent for one's own.
    pub fn account(&self) -> Option<&str> {
        match self {
            Received::Snapshot(event) => event.account.as_deref(),
            Received::Thin(event) => event.context.as_deref(),
        }
    }
    /// The whole event as JSON.
    pub fn json(&self) -> &Value {
        match self {
            Received::Snapshot(event) => &event.json,
            Received::Thin(event) => &event.json,
        }
    }
}

/// What both sorts have: id, type, livemode.
fn common(json: &Value) -> Result<(String, String, bool), BadEvent> {
    let bounded = |name: &'static str| {
        let legal =
            |it: &String| (1..=ID_MAX).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_graphic());
        text(json, name).filter(legal).ok_or(BadEvent::Field(name))
    };
    let id = bounded("id")?;
    if !id.starts_with("evt_") {
        return Err(BadEvent::Field("id"));
    }
    let livemode = json.get("livemode").and_then(Value::as_bool).ok_or(BadEvent::Field("livemode"))?;
    Ok((id, bounded("type")?, livemode))
}

impl EventFound {
    pub(super) fn of(json: Value) -> Result<EventFound, BadEvent> {
        let (id, kind, livemode) = common(&json)?;
        let created = json.get("created").and_then(Value::as_i64).ok_or(BadEvent::Field("created"))?;
        let data = json.get("data").and_then(Value::as_object).ok_or(BadEvent::Field("data"))?;
        let object = data.get("object").filter(|it| it.is_object()).ok_or(BadEvent::Field("data.object"))?;
        let previous = data.get("previous_attributes").and_then(Value::as_object);
        let request = json.get("request");
        Ok(EventFound {
            created: Timestamp(created),
            account: text(&json, "account"),
            api_version: text(&json, "api_version"),
            object: object.clone(),
            previous: previous.cloned(),
            request: request.and_then(|it| text(it, "id")),
            request_key: request.and_then(|it| text(it, "idempotency_key")),
            id,
            kind,
            livemode,
            json,
        })
    }
}

impl ThinEvent {
    pub(super) fn of(json: Value) -> Result<ThinEvent, BadEvent> {
        let (id, kind, livemode) = common(&json)?;
        let created = text(&json, "created").and_then(|it| Timestamp::parse(&it));
        let related = json.get("related_object").filter(|it| it.is_object());
        let related = related.map(|it| {
            let field = |name| text(it, name).ok_or(BadEvent::Field("related_object"));
            Ok(RelatedObject { id: field("id")?, kind: field("type")?, url: field("url")? })
        });
        Ok(ThinEvent {
            id,
            kind,
            created: created.ok_or(BadEvent::Field("created"))?,
            livemode,
            context: text(&json, "context"),
            related: related.transpose()?,
            data: json.get("data").filter(|it| it.is_object()).cloned(),
            json,
        })
    }
}
