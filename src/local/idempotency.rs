//! Idempotency-Keys: the first answer is kept and given again (Stripe: docs /api/idempotent_requests).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::form;
use super::wire::Request;

/// Answers are kept this long, in seconds.
pub const KEPT_S: i64 = 86_400;
/// Longest key, in characters.
const MAX_KEY: usize = 255;

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What was asked.
    fingerprint: String,
    /// Unix seconds.
    at: i64,
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
    /// The request that was executed.
    pub request_id: String,
}

/// All kept answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    kept: BTreeMap<String, Kept>,
    order: BTreeMap<u64, (i64, String)>,
    next: u64,
}

impl Keys {
    /// The answer kept for a key, or the refusal when it was first used with other parameters.
    pub fn find(&self, key: &str, request: &Request, now: i64) -> Result<Option<&Kept>, ApiError> {
        let Some(kept) = self.kept.get(key).filter(|kept| kept.at + KEPT_S > now) else { return Ok(None) };
        if kept.fingerprint == fingerprint(request) {
            return Ok(Some(kept));
        }
        Err(ApiError::invalid(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
             using a key other than '{key}' if you meant to execute a different request."
        ))
        .kind("idempotency_error"))
    }

    /// Keeps an answer.
    pub fn keep(
        &mut self,
        key: &str,
        request: &Request,
        now: i64,
        status: u16,
        body: &str,
        request_id: &str,
    ) {
        let kept = Kept {
            fingerprint: fingerprint(request),
            at: now,
            status,
            body: body.to_owned(),
            request_id: request_id.to_owned(),
        };
        self.kept.insert(key.to_owned(), kept);
        self.next += 1;
        self.order.insert(self.next, (now, key.to_owned()));
    }

    /// How many answers are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// No answer is kept.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Forgets what is older than a day.
    pub fn prune(&mut self, now: i64) {
        while let Some(entry) = self.order.first_entry() {
            if entry.get().0 + KEPT_S > now {
                return;
            }
            let (at, key) = entry.remove();
            if self.kept.get(&key).is_some_and(|kept| kept.at == at) {
                self.kept.remove(&key);
            }
        }
    }
}

fn fingerprint(request: &Request) -> String {
    let (query, body) = (form::canonical(&request.query), form::canonical(&request.body));
    format!("{} {}\n{query}\n{body}", request.method, request.path)
}

/// The request's key: POST alone has one, and it is at most 255 characters long.
pub fn key_of(request: &Request) -> Result<Option<&str>, ApiError> {
    let key = request.headers.get("idempotency-key").filter(|_| request.method == "POST");
    match key {
        Some(key) if key.chars().count() > MAX_KEY => {
            Err(ApiError::invalid(format!("Idempotency-Key must be at most {MAX_KEY} characters long."))
                .kind("idempotency_error"))
        }
        Some(key) if key.is_empty() => Ok(None),
        other => Ok(other.map(String::as_str)),
    }
}

/// The refusal while another request with the key is being answered.
pub fn in_use() -> ApiError {
    ApiError::invalid(
        "There is currently another in-progress request using this Idempotent Key (that probably means you \
         submitted twice, and the other request is still going through). Please try again later.",
    )
    .status(409)
    .code("idempotency_key_in_use")
    .kind("idempotency_error")
}
