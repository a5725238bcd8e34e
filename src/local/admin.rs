//! The room's own paths under `/_local`: settings, faults, status, reset. They are journaled like all others.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Call;
use super::biller::checkout::complete;
use super::error::ApiError;
use super::model::Model;
use super::routes;
use super::settings::Settings;
use super::webhook::queue::{self, Outcome};
use super::wire::Request;

/// A path of the room itself.
pub fn is_admin(path: &str) -> bool {
    path.starts_with("/_local/")
}

/// What a reset makes; the caller draws both, so that a replay makes the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fresh {
    account_id: String,
    seed: u64,
}

/// An event that is to be delivered once more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    event: String,
}

/// Answers a request to one of the room's own paths.
pub fn answer(model: &mut Model, request: &Request, now: i64) -> Result<Value, ApiError> {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_local/status") => Ok(status(model)),
        ("GET", "/_local/error_reports") => Ok(reports(model)),
        ("GET", "/_local/faults") => Ok(faults(model)),
        ("POST", "/_local/faults") => {
            model.faults.install(&request.body)?;
            Ok(faults(model))
        }
        ("DELETE", "/_local/faults") => {
            model.faults.clear();
            Ok(faults(model))
        }
        ("GET", "/_local/deliveries") => Ok(queue::list(model)),
        ("POST", "/_local/deliveries/claim") => Ok(json!({ "parcels": queue::claim(model, now) })),
        ("POST", "/_local/deliveries/settle") => {
            let outcome: Outcome = parse(&request.body)?;
            queue::settle(model, &outcome, now);
            Ok(queue::status(model))
        }
        ("POST", "/_local/deliveries/resend") => {
            let asked: Resend = parse(&request.body)?;
            queue::resend(model, &asked.event, now)
        }
        ("POST", "/_local/settings") => {
            let mut value = serde_json::to_value(&model.settings).unwrap_or_default();
            let change: Value = parse(&request.body)?;
            for (name, new) in change.as_object().into_iter().flatten() {
                value[name] = new.clone();
            }
            let settings: Settings = serde_json::from_value(value).map_err(invalid)?;
            if !(0..=72 * 3_600).contains(&settings.draft_s) {
                return Err(ApiError::invalid("draft_s must be between 0 and 259200, which is 72 hours."));
            }
            model.settings = settings;
            Ok(json!(model.settings))
        }
        ("POST", "/_local/reset") => {
            let fresh: Fresh = parse(&request.body)?;
            *model = Model::new(&fresh.account_id, fresh.seed, now);
            Ok(status(model))
        }
        (method, path) => {
            pages(model, request, now).unwrap_or_else(|| Err(routes::unrecognized(method, path)))
        }
    }
}

/// What people do at Stripe's hosted pages.
fn pages(model: &mut Model, request: &Request, now: i64) -> Option<Result<Value, ApiError>> {
    let page = || match request.body.as_str() {
        "" => Ok(complete::Page::default()),
        body => parse(body),
    };
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    let mut call = Call { model, now, request_id: None, key: None, lose: false };
    match (request.method.as_str(), segments.as_slice()) {
        ("POST", ["_local", "checkout", id, "complete"]) => {
            Some(page().and_then(|page| complete::complete(&mut call, id, &page)))
        }
        ("POST", ["_local", "invoices", id, "pay"]) => {
            Some(page().and_then(|page| complete::pay_invoice(&mut call, id, &page)))
        }
        _ => None,
    }
}

fn invalid(error: serde_json::Error) -> ApiError {
    ApiError::invalid(format!("Invalid JSON: {error}"))
}

fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, ApiError> {
    serde_json::from_str(body).map_err(invalid)
}

fn faults(model: &Model) -> Value {
    json!({ "faults": model.faults.list(), "left": model.faults.left() })
}

fn status(model: &Model) -> Value {
    let (accepted, failed) = model.usage.totals();
    json!({
        "account_id": model.account_id,
        "created": model.created,
        "clock": model.clock,
        "settings": model.settings,
        "objects": {
            "products": model.products.len(),
            "prices": model.prices.len(),
            "features": model.features.len(),
            "meters": model.meters.len(),
            "events": model.events.len(),
            "thin_events": model.thin_events.len(),
            "customers": model.biller.customers.len(),
            "payment_methods": model.biller.payment_methods.len(),
            "subscriptions": model.biller.subscriptions.len(),
            "subscription_schedules": model.biller.schedules.len(),
            "invoices": model.biller.invoices.len(),
            "invoice_items": model.biller.invoice_items.len(),
        },
        "webhooks": queue::status(model),
        "meter_events": { "accepted": accepted, "failed": failed, "pending": model.usage.pending() },
        "idempotency_keys": model.keys.len(),
        "calls": model.calls,
        "faults_left": model.faults.left(),
    })
}

fn reports(model: &Model) -> Value {
    json!({ "reports": model.usage.reports() })
}
