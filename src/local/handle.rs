//! One request: who asks, what was answered before, what is due, then the handler.

use serde_json::Value;

use super::error::ApiError;
use super::form;
use super::idempotency;
use super::model::Model;
use super::wire::{Request, Response};
use super::{API_VERSION, Call, auth, expand, meter_event, routes, time};

/// Answers one request at `now` (unix seconds). Pure: the same model, request and instant give the same answer and
/// the same model. Time never goes back: an earlier `now` counts as the latest one seen.
pub fn handle(model: &mut Model, request: &Request, now: i64) -> Response {
    let now = now.max(model.clock);
    model.clock = now;
    let request_id = model.mint("req_", 14);
    *model.calls.entry(routes::route_name(&request.method, &request.path)).or_default() += 1;
    let answer = answer(model, request, now, &request_id);
    finish(model, request, &request_id, answer)
}

/// An answer before the headers that every answer has.
struct Answer {
    status: u16,
    body: String,
    headers: Vec<(String, String)>,
}

impl Answer {
    fn error(model: &Model, request_id: &str, error: &ApiError) -> Answer {
        let headers =
            error.extra.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Answer { status: error.status, body: error.body(&model.account_id, request_id).to_string(), headers }
    }
}

fn answer(model: &mut Model, request: &Request, now: i64, request_id: &str) -> Answer {
    let key = match before(model, request) {
        Ok(key) => key,
        Err(error) => return Answer::error(model, request_id, &error),
    };
    time::run_due(model, now);
    if let Some(key) = &key {
        match model.keys.find(key, request, now) {
            Err(error) => return Answer::error(model, request_id, &error),
            Ok(Some(kept)) => {
                let headers = vec![
                    ("Idempotent-Replayed".to_owned(), "true".to_owned()),
                    ("Original-Request".to_owned(), kept.request_id.clone()),
                ];
                return Answer { status: kept.status, body: kept.body.clone(), headers };
            }
            Ok(None) => {}
        }
    }
    let result = execute(model, request, now, request_id, key.as_deref());
    let (answer, keep) = match result {
        Ok(value) => (Answer { status: 200, body: value.to_string(), headers: Vec::new() }, true),
        Err(error) => (Answer::error(model, request_id, &error), !error.before_execution()),
    };
    if let (Some(key), true) = (&key, keep) {
        model.keys.keep(key, request, now, answer.status, &answer.body, request_id);
    }
    answer
}

/// What is checked before anything is looked up: key, version, Idempotency-Key, requests in flight.
fn before(model: &Model, request: &Request) -> Result<Option<String>, ApiError> {
    auth::check(request)?;
    auth::version(request)?;
    let key = idempotency::key_of(request)?.map(str::to_owned);
    if let Some(key) = &key
        && request.busy.contains(&key_token(key))
    {
        return Err(idempotency::in_use());
    }
    if let Some(pair) = meter_event::pair_of(request)
        && request.busy.contains(&pair)
    {
        return Err(meter_event::pair_busy(model.settings.in_flight_status));
    }
    Ok(key)
}

fn key_token(key: &str) -> String {
    format!("key:{key}")
}

/// What of this request must not be in flight twice; the shell compares it with the requests it is answering.
pub fn in_flight_tokens(request: &Request) -> Vec<String> {
    let mut tokens = Vec::new();
    if let Ok(Some(key)) = idempotency::key_of(request) {
        tokens.push(key_token(key));
    }
    tokens.extend(meter_event::pair_of(request));
    tokens
}

/// Runs the handler on the parsed parameters and expands its answer.
fn execute(
    model: &mut Model,
    request: &Request,
    now: i64,
    request_id: &str,
    key: Option<&str>,
) -> Result<Value, ApiError> {
    let content = request.headers.get("content-type").map(String::as_str).unwrap_or_default();
    if request.method == "POST" && !request.body.is_empty() && content.to_ascii_lowercase().contains("json") {
        return Err(ApiError::invalid(
            "Invalid request: JSON is not supported on v1; send application/x-www-form-urlencoded.",
        )
        .code("parameter_invalid_body"));
    }
    let text = match request.method.as_str() {
        "GET" => request.query.clone(),
        _ if request.query.is_empty() => request.body.clone(),
        _ => format!("{}&{}", request.query, request.body),
    };
    let mut params = form::parse(&text).map_err(|error| error.code("parameter_invalid"))?;
    let expand = expand::paths(&mut params)?;
    let mut call = Call {
        model,
        now,
        request_id: Some(request_id.to_owned()),
        key: key.map(str::to_owned),
        lose: false,
    };
    let mut value = routes::dispatch(&mut call, &mut params, &request.method, &request.path)?;
    for path in &expand {
        expand::apply(call.model, &mut value, path)?;
    }
    Ok(value)
}

/// Adds what every answer carries.
fn finish(model: &Model, request: &Request, request_id: &str, answer: Answer) -> Response {
    let mut headers = vec![
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("Request-Id".to_owned(), request_id.to_owned()),
        ("Stripe-Version".to_owned(), API_VERSION.to_owned()),
    ];
    if let Some(key) = request.headers.get("idempotency-key").filter(|_| request.method == "POST") {
        headers.push(("Idempotency-Key".to_owned(), key.clone()));
    }
    headers.extend(answer.headers);
    Response {
        status: answer.status,
        headers,
        body: answer.body,
        delay_ms: model.settings.latency_ms,
        ..Response::default()
    }
}
