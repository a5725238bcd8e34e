//! One request: what goes wrong with it, who asks, what was answered before, what is due, then the handler.

use serde_json::Value;

use super::error::ApiError;
use super::fault::{Kind, Refusal};
use super::form;
use super::idempotency;
use super::model::Model;
use super::wire::{Delivery, Request, Response};
use super::{Call, admin, auth, expand, meter_event, meter_event_v2, routes, test_clock, time, usage};

/// Answers one request at `now` (unix seconds). Pure: the same model, request and instant give the same answer and
/// the same model. Time never goes back: an earlier `now` counts as the latest one seen, but for a reset.
pub fn handle(model: &mut Model, request: &Request, now: i64) -> Response {
    let read = form::as_form(request);
    let request = read.as_ref().unwrap_or(request);
    let asked = now;
    let now = now.max(model.clock);
    model.clock = now;
    let request_id = model.mint("req_", 14);
    if admin::is_admin(&request.path) {
        time::run_due(model, now);
        let result = admin::answer(model, request, if request.path == "/_local/reset" { asked } else { now });
        let answer = match result {
            Ok(value) => Answer::ok(&value),
            Err(error) => Answer::error(model, &request_id, &error),
        };
        return Response { delay_ms: 0, ..answer.finish(model, request, &request_id) };
    }
    let fault = model.faults.strike(request);
    match &fault {
        Some(Kind::HangUpBefore) => {
            return Response { delivery: Delivery::HangUp, ..Response::default() };
        }
        Some(Kind::Reorder) => return Response { delivery: Delivery::Hold, ..Response::default() },
        Some(Kind::RefuseBefore(refusal)) => {
            let answer = Answer::error(model, &request_id, &refusal.error());
            return answer.finish(model, request, &request_id);
        }
        Some(Kind::Duplicate) => {
            answer(model, request, now, &request_id, None);
        }
        _ => {}
    }
    let response =
        answer(model, request, now, &request_id, fault.as_ref()).finish(model, request, &request_id);
    match fault {
        Some(Kind::HangUpAfterCommit) => Response { delivery: Delivery::HangUp, ..response },
        Some(Kind::Truncate(bytes)) => Response { delivery: Delivery::Truncate(bytes), ..response },
        Some(Kind::Slow(ms)) => Response { delivery: Delivery::Slow(ms), ..response },
        Some(Kind::Delay(ms)) => Response { delay_ms: response.delay_ms.saturating_add(ms), ..response },
        _ => response,
    }
}

/// An answer before the headers that every answer has.
struct Answer {
    status: u16,
    body: String,
    headers: Vec<(String, String)>,
}

impl Answer {
    fn ok(value: &Value) -> Answer {
        Answer { status: 200, body: value.to_string(), headers: Vec::new() }
    }

    fn error(model: &Model, request_id: &str, error: &ApiError) -> Answer {
        let headers =
            error.extra.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Answer { status: error.status, body: error.body(&model.account_id, request_id).to_string(), headers }
    }

    /// Adds what every answer carries.
    fn finish(self, model: &Model, request: &Request, request_id: &str) -> Response {
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Request-Id".to_owned(), request_id.to_owned()),
            ("Stripe-Version".to_owned(), auth::version_of(request).to_owned()),
        ];
        if let Some(key) = request.headers.get("idempotency-key").filter(|_| request.method == "POST") {
            headers.push(("Idempotency-Key".to_owned(), key.clone()));
        }
        headers.extend(self.headers);
        Response {
            status: self.status,
            headers,
            body: self.body,
            delivery: Delivery::Whole,
            delay_ms: model.settings.latency_ms,
        }
    }
}

fn answer(model: &mut Model, request: &Request, now: i64, request_id: &str, fault: Option<&Kind>) -> Answer {
    *model.calls.entry(routes::route_name(&request.method, &request.path)).or_default() += 1;
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
    let at = test_clock::instant(model, request).unwrap_or(now);
    let call = Call {
        model,
        now: at,
        request_id: Some(request_id.to_owned()),
        key: key.clone(),
        lose: matches!(fault, Some(Kind::LoseMeterEvent)),
    };
    let (mut result, mut executed) = execute(call, request);
    if let (Some(Kind::FailMeterEvent(code)), Ok(made)) = (fault, &result) {
        usage::fail(model, made["identifier"].as_str().unwrap_or_default(), code, now);
    }
    if let Some(Kind::RespondAfterCommit(refusal)) = fault {
        result = Err(kept_refusal(refusal));
        executed = true;
    }
    let (answer, keep) = match result {
        Ok(value) => (Answer::ok(&value), true),
        // What failed is executed again by the second API (Stripe: docs /api-v2-overview).
        Err(error) => {
            let keep = executed && !error.before_execution() && !is_v2(request);
            (Answer::error(model, request_id, &error), keep)
        }
    };
    if let (Some(key), true) = (&key, keep) {
        model.keys.keep(key, request, now, answer.status, &answer.body, request_id);
    }
    answer
}

/// Official clients are told not to try again after such a failure: they would get the same answer.
fn kept_refusal(refusal: &Refusal) -> ApiError {
    let retry = refusal.should_retry.or(Some(false));
    Refusal { should_retry: retry, ..refusal.clone() }.error()
}

/// What is checked before anything is looked up: key, version, Idempotency-Key, requests in flight.
fn before(model: &Model, request: &Request) -> Result<Option<String>, ApiError> {
    if !meter_event_v2::is_session(model, request)? {
        auth::check(request)?;
    }
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
    let read = form::as_form(request);
    let request = read.as_ref().unwrap_or(request);
    let mut tokens = Vec::new();
    if let Ok(Some(key)) = idempotency::key_of(request) {
        tokens.push(key_token(key));
    }
    tokens.extend(meter_event::pair_of(request));
    tokens
}

/// Runs the handler on the parsed parameters and expands its answer. Also says whether it was executed, or failed
/// on its parameters before: then its Idempotency-Key stays free.
fn execute(mut call: Call, request: &Request) -> (Result<Value, ApiError>, bool) {
    let (mut params, expand) = match parameters(request) {
        Ok(read) => read,
        Err(error) => return (Err(error), false),
    };
    let result = routes::dispatch(&mut call, &mut params, &request.method, &request.path);
    let result = result.and_then(|mut value| {
        expand.iter().try_for_each(|path| expand::apply(call.model, &mut value, path))?;
        test_clock::stamp(call.model, &mut value);
        Ok(value)
    });
    (result, params.is_finished())
}

fn is_v2(request: &Request) -> bool {
    request.path.starts_with("/v2/")
}

/// The form, and the paths to expand.
fn parameters(request: &Request) -> Result<(form::Params, Vec<String>), ApiError> {
    let content = request.headers.get("content-type").map(String::as_str).unwrap_or_default();
    if request.method == "POST" && !request.body.is_empty() && content.to_ascii_lowercase().contains("json") {
        return Err(ApiError::invalid(if is_v2(request) {
            "Invalid request: the body must be a JSON object."
        } else {
            "Invalid request: JSON is not supported on v1; send application/x-www-form-urlencoded."
        }));
    }
    if is_v2(request) && content.contains("form") {
        return Err(ApiError::invalid("Invalid request: v2 takes application/json."));
    }
    let text = match request.method.as_str() {
        "GET" => request.query.clone(),
        _ if request.query.is_empty() => request.body.clone(),
        _ => format!("{}&{}", request.query, request.body),
    };
    let mut params = form::parse(&text)?;
    let expand = expand::paths(&mut params)?;
    Ok((params, expand))
}
