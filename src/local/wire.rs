//! What goes in and what comes out: a request and a response as plain data, so that they can be journaled.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One HTTP request as the model sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST` or `DELETE`, upper case.
    pub method: String,
    /// Path without the query, e.g. `/v1/products`.
    pub path: String,
    /// Query string without the question mark; empty when there is none.
    #[serde(default)]
    pub query: String,
    /// Headers by lower-case name. The shell keeps only those that matter and masks the key.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Form body; empty when there is none.
    #[serde(default)]
    pub body: String,
    /// Tokens (see [`super::in_flight_tokens`]) of other requests that were being answered when this one came in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub busy: Vec<String>,
    /// Set by the shell when it hands a held request in again (fault `reorder`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

impl Request {
    /// A request with a test key and no body, for tests and for the room's own calls.
    pub fn new(method: &str, path_and_query: &str) -> Request {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let mut headers = BTreeMap::new();
        headers.insert("authorization".to_owned(), "Bearer sk_test_local".to_owned());
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            ..Request::default()
        }
    }

    /// The same request with a form body.
    pub fn form(mut self, body: &str) -> Request {
        self.body = body.to_owned();
        self
    }

    /// The same request as it may be kept on disk: of the key only kind and mode are left.
    pub fn masked(mut self) -> Request {
        if let Some(header) = self.headers.get_mut("authorization") {
            *header = super::auth::without_secret(header);
        }
        self
    }

    /// The same request with one more header.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.insert(name.to_ascii_lowercase(), value.to_owned());
        self
    }
}

/// How the shell puts a response on the wire. Everything but `Whole` comes from a fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Delivery {
    /// As it is.
    #[default]
    Whole,
    /// Close the connection without a byte of answer.
    HangUp,
    /// Announce the whole length, send this many bytes of body, close.
    Truncate(usize),
    /// Send the body one byte at a time with this pause between, in milliseconds.
    Slow(u64),
    /// Not handled yet: hand the request in again after the next one, with `held` set.
    Hold,
}

/// One HTTP response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers in the order they are sent.
    pub headers: Vec<(String, String)>,
    /// JSON body.
    pub body: String,
    /// How it goes out.
    pub delivery: Delivery,
    /// Pause before the answer, in milliseconds (setting `latency_ms` and fault `delay`).
    pub delay_ms: u64,
}

impl Response {
    /// The value of a header, by its exact name as sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or(serde_json::Value::Null)
    }
}
