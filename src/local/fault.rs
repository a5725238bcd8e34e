//! Faults as data: what goes wrong, on which request. Installed, listed and cleared through `/_local/faults`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::ApiError;
use super::form;
use super::wire::Request;

/// Most faults at a time.
const MAX_FAULTS: usize = 1_000;
/// How the path of a fault begins that is meant for webhook deliveries; the event's type follows, as `webhook:invoice.*`.
const DELIVERY_PREFIX: &str = "webhook:";

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Answer with this status and do nothing.
    RefuseBefore(Refusal),
    /// Close the connection and do nothing.
    HangUpBefore,
    /// Do it, then close the connection without an answer.
    HangUpAfterCommit,
    /// Do it, then answer with this status, which is kept under the Idempotency-Key.
    RespondAfterCommit(Refusal),
    /// Do it twice, as if the request had been sent twice; the second answer goes out.
    Duplicate,
    /// Do it, then wait this many milliseconds before the answer.
    Delay(u64),
    /// Do it only after the next request.
    Reorder,
    /// Do it, then send only this many bytes of the answer's body.
    Truncate(usize),
    /// Accept a meter event and lose it: never counted, never reported.
    LoseMeterEvent,
    /// Accept a meter event and find it wrong afterwards, with this code, e.g. `meter_event_customer_not_found`. With
    /// `no_meter` it is as if no meter counted it.
    FailMeterEvent(String),
    /// Do it, then send the answer byte by byte with this pause in milliseconds.
    Slow(u64),
}

/// A refusal by fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// 409, 429, 500, 502, 503, …
    pub status: u16,
    /// Stripe's code, e.g. `lock_timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Value of a `Retry-After` header, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// Value of a `Stripe-Should-Retry` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<bool>,
}

/// One fault: which requests it meets, and what it does to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// Only this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only this path; `*` stands for any text. `webhook:TYPE` is a delivery of an event, not a request.
    #[serde(default = "any_path")]
    pub path: String,
    /// Only requests that name this customer.
    #[serde(default)]
    pub customer: Option<String>,
    /// Only meter events of this name.
    #[serde(default)]
    pub event_name: Option<String>,
    /// Only the meter event with this identifier.
    #[serde(default)]
    pub identifier: Option<String>,
    /// Leave the first matching requests alone: 1 meets the first, 2 the second.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many requests it meets.
    #[serde(default = "one")]
    pub times: u32,
    /// Matching requests so far.
    #[serde(default)]
    pub seen: u32,
    /// Requests met so far.
    #[serde(default)]
    pub fired: u32,
}

fn any_path() -> String {
    "*".to_owned()
}

fn one() -> u32 {
    1
}

impl Fault {
    fn matches(&self, request: &Request, pairs: &[(String, String)]) -> bool {
        let has = |keys: &[&str], wanted: &str| {
            pairs.iter().any(|(key, value)| keys.contains(&key.as_str()) && value == wanted)
        };
        let named = |customer: &String| {
            has(&["customer", "payload[stripe_customer_id]"], customer)
                || request.path.split('/').any(|segment| segment == customer)
        };
        self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
            && glob(&self.path, &request.path)
            && self.customer.as_ref().is_none_or(named)
            && self.event_name.as_ref().is_none_or(|name| has(&["event_name"], name))
            && self.identifier.as_ref().is_none_or(|it| has(&["identifier"], it))
    }
}

/// `*` stands for any text, also none.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// All installed faults, in order of installation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    installed: Vec<Fault>,
}

impl Faults {
    /// What happens to this request: the first installed fault whose turn it is. Each matching fault counts it.
    pub fn strike(&mut self, request: &Request) -> Option<Kind> {
        if request.held {
            return None;
        }
        self.meet(request, |fault| !fault.path.starts_with(DELIVERY_PREFIX))
    }

    fn meet(&mut self, request: &Request, concerned: impl Fn(&Fault) -> bool) -> Option<Kind> {
        if self.installed.is_empty() {
            return None;
        }
        let mut pairs = form::pairs(&request.body).unwrap_or_default();
        pairs.extend(form::pairs(&request.query).unwrap_or_default());
        let mut struck = None;
        for fault in self.installed.iter_mut().filter(|it| concerned(it) && it.matches(request, &pairs)) {
            fault.seen = fault.seen.saturating_add(1);
            if struck.is_none() && fault.seen >= fault.nth && fault.fired < fault.times {
                fault.fired += 1;
                struck = Some(fault.kind.clone());
            }
        }
        struck
    }

    /// What happens to a webhook delivery of an event of this type. Only faults whose path begins with `webhook:`
    /// meet deliveries, and they meet nothing else.
    pub fn strike_delivery(&mut self, kind: &str, customer: Option<&str>) -> Option<Kind> {
        let body = customer.map(|customer| format!("customer={customer}")).unwrap_or_default();
        let path = format!("{DELIVERY_PREFIX}{kind}");
        let delivery = Request { method: "POST".to_owned(), path, body, ..Request::default() };
        self.meet(&delivery, |fault| fault.path.starts_with(DELIVERY_PREFIX))
    }

    /// Adds one fault, or several, from JSON.
    pub fn install(&mut self, body: &str) -> Result<(), ApiError> {
        let bad = |error: serde_json::Error| ApiError::invalid(format!("Invalid fault: {error}"));
        let value: Value = serde_json::from_str(body).map_err(bad)?;
        let several = if value.is_array() { value } else { json!([value]) };
        let faults: Vec<Fault> = serde_json::from_value(several).map_err(bad)?;
        if self.installed.len() + faults.len() > MAX_FAULTS {
            return Err(ApiError::invalid(format!("At most {MAX_FAULTS} faults can be installed.")));
        }
        self.installed.extend(faults);
        Ok(())
    }

    /// Takes all faults away.
    pub fn clear(&mut self) {
        self.installed.clear();
    }

    /// All faults, with what they met so far.
    pub fn list(&self) -> &[Fault] {
        &self.installed
    }

    /// Faults that still wait for a request.
    pub fn left(&self) -> usize {
        self.installed.iter().filter(|fault| fault.fired < fault.times).count()
    }
}

impl Refusal {
    /// The error that goes out.
    pub fn error(&self) -> ApiError {
        let text = match self.status {
            409 => "The request conflicts with another request that is being processed. Please try again.",
            429 => "Request rate limit exceeded. Please slow down and try again.",
            500.. => "An unknown error occurred. Please try again or contact support.",
            _ => "The request was refused by a fault of the local Stripe.",
        };
        let mut error = ApiError::invalid(text).status(self.status);
        if self.status >= 500 {
            error = error.kind("api_error");
        }
        let default_code = if self.status == 429 { Some("rate_limit") } else { None };
        if let Some(code) = self.code.as_deref().or(default_code) {
            error = error.code(code);
        }
        if self.status == 429 && self.code.as_deref() != Some("lock_timeout") {
            error = error.header("Stripe-Rate-Limited-Reason", "global-rate");
        }
        if let Some(seconds) = self.retry_after_s {
            error = error.header("Retry-After", seconds.to_string());
        }
        let retry = self.should_retry.or((self.code.as_deref() == Some("lock_timeout")).then_some(true));
        match retry {
            Some(retry) => error.header("Stripe-Should-Retry", retry.to_string()),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let rows = [
            ("*", "/v1/x", true),
            ("/v1/x", "/v1/x", true),
            ("/v1/x", "/v1/x/y", false),
            ("/v1/*/y", "/v1/x/y", true),
            ("/v1/*/y", "/v1/x/z", false),
            ("*meter_events", "/v1/billing/meter_events", true),
            ("/v1/products*", "/v1/products", true),
            ("", "/v1", false),
        ];
        for (pattern, text, want) in rows {
            assert_eq!(glob(pattern, text), want, "{pattern} {text}");
        }
    }
}
