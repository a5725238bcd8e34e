//! Webhook endpoints (Stripe: docs /api/webhook_endpoints). Whatever is announced is queued for each endpoint that
//! wants it; `queue` says what is sent when, `send` puts it on the wire.
//!
//! Only endpoints on this machine are called. Not built: waiting with an invoice's finalization until
//! `invoice.created` was delivered.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use super::form::{Change, Metadata, Params};
use super::list;
use super::model::{Row, Table};

pub mod queue;
pub(super) mod send;

/// Every type of snapshot event that Stripe knows, one a line, as the official SDK declares them for our version.
const TYPES: &str = include_str!("webhook/types.txt");
/// Most endpoints (Stripe: 16 in a mode; long-standing, not re-read).
const ENDPOINTS_MAX: usize = 16;
/// Longest description and address, in characters (Stripe: docs /api/webhook_endpoints/create).
const TEXT_MAX: usize = 5_000;

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `we_…`
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// Where events go.
    pub url: String,
    /// Types, or `*`.
    pub enabled_events: Vec<String>,
    /// What deliveries are signed with, `whsec_…`; shown at creation only.
    pub secret: String,
    /// Text for the operator.
    pub description: Option<String>,
    /// Version that was asked for at creation.
    pub api_version: Option<String>,
    /// Gets nothing while it is set.
    pub disabled: bool,
    /// The caller's own data.
    pub metadata: Metadata,
}

/// Endpoints, and what is on its way to them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Webhooks {
    /// Endpoints.
    pub endpoints: Table<Endpoint>,
    /// Deliveries that are still to be made.
    pub queue: queue::Queue,
}

impl Row for Endpoint {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Endpoint {
    /// Gets events of a type.
    pub fn wants(&self, kind: &str) -> bool {
        !self.disabled && self.enabled_events.iter().any(|wanted| wanted == "*" || wanted == kind)
    }
}

fn render(endpoint: &Endpoint) -> Value {
    json!({
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": endpoint.api_version,
        "application": null,
        "created": endpoint.created,
        "description": endpoint.description,
        "enabled_events": endpoint.enabled_events,
        "livemode": false,
        "metadata": endpoint.metadata,
        "status": if endpoint.disabled { "disabled" } else { "enabled" },
        "url": endpoint.url,
    })
}

fn found<'a>(call: &'a Call, id: &str) -> Result<&'a Endpoint, ApiError> {
    let known = call.model.webhooks.endpoints.get(id);
    known.ok_or_else(|| ApiError::not_found("webhook endpoint", id, "id"))
}

fn enabled_events(p: &mut Params) -> Result<Option<Vec<String>>, ApiError> {
    let Some(kinds) = p.strings("enabled_events")? else { return Ok(None) };
    let bad = |text: String| Err(ApiError::invalid(text).param("enabled_events"));
    if kinds.is_empty() {
        return bad("You must enable at least one event.".to_owned());
    }
    if kinds.len() > 1 && kinds.iter().any(|kind| kind == "*") {
        return bad("The wildcard `*` cannot be combined with other events.".to_owned());
    }
    match kinds.iter().find(|kind| *kind != "*" && !TYPES.lines().any(|known| known == *kind)) {
        Some(kind) => bad(format!("Invalid enabled_events: must be a known event type. Received `{kind}`.")),
        None => Ok(Some(kinds)),
    }
}

fn checked_url(url: String) -> Result<String, ApiError> {
    let bad = |text: &str| Err(ApiError::invalid(text).code("url_invalid").param("url"));
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    match host {
        None => bad("Invalid URL: An explicit scheme (such as https) must be provided."),
        Some(rest) if rest.is_empty() || rest.starts_with(['/', ':', '?']) => bad("Not a valid URL"),
        Some(_) if !url.bytes().all(|byte| byte.is_ascii_graphic()) => bad("Not a valid URL"),
        Some(_) if url.len() > TEXT_MAX => bad("Not a valid URL"),
        Some(_) => Ok(url),
    }
}

/// `POST /v1/webhook_endpoints`: the only answer that shows the secret.
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let url = checked_url(p.required("url")?)?;
    let kinds = enabled_events(p)?.ok_or_else(|| ApiError::missing("enabled_events"))?;
    let description = p.text("description", TEXT_MAX)?.value();
    let api_version = p.string("api_version")?;
    let connect = p.bool("connect")?;
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    p.finish()?;
    if api_version.as_deref().is_some_and(|version| version != super::API_VERSION) {
        let text = format!("The local Stripe writes events in {} alone.", super::API_VERSION);
        return Err(ApiError::invalid(text).param("api_version"));
    }
    if connect == Some(true) {
        return Err(ApiError::invalid("The local Stripe has no connected accounts.").param("connect"));
    }
    if call.model.webhooks.endpoints.len() >= ENDPOINTS_MAX {
        return Err(ApiError::invalid(format!(
            "You have reached the maximum of {ENDPOINTS_MAX} test webhook endpoints."
        )));
    }
    let endpoint = Endpoint {
        id: call.model.mint("we_1", 23),
        created: call.now,
        url,
        enabled_events: kinds,
        secret: call.model.mint("whsec_", 32),
        description,
        api_version,
        disabled: false,
        metadata,
    };
    let mut shown = render(&endpoint);
    shown["secret"] = json!(endpoint.secret);
    call.model.webhooks.endpoints.insert(endpoint);
    Ok(shown)
}

/// `GET /v1/webhook_endpoints/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(render)
}

/// `POST /v1/webhook_endpoints/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut endpoint = found(call, id)?.clone();
    let url = p.string("url")?.map(checked_url).transpose()?;
    let kinds = enabled_events(p)?;
    let description = p.text("description", TEXT_MAX)?;
    let disabled = p.bool("disabled")?;
    let metadata = p.metadata()?;
    p.finish()?;
    endpoint.metadata = metadata.merged(&endpoint.metadata)?;
    endpoint.url = url.unwrap_or(endpoint.url);
    endpoint.enabled_events = kinds.unwrap_or(endpoint.enabled_events);
    if !matches!(description, Change::Keep) {
        endpoint.description = description.value();
    }
    endpoint.disabled = disabled.unwrap_or(endpoint.disabled);
    let shown = render(&endpoint);
    if endpoint.disabled {
        queue::forget(call.model, id);
    }
    call.model.webhooks.endpoints.insert(endpoint);
    Ok(shown)
}

/// `DELETE /v1/webhook_endpoints/:id`
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id)?;
    queue::forget(call.model, id);
    call.model.webhooks.endpoints.remove(id);
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}

/// `GET /v1/webhook_endpoints`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    p.finish()?;
    let endpoints = &call.model.webhooks.endpoints;
    list::table(&page, endpoints, "webhook endpoint", "/v1/webhook_endpoints", |_| true, render)
}
