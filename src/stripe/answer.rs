//! What came of a call: yes, no, not sent, not known, or done but unreadable.

use std::time::Duration;

use bytes::Bytes;

use crate::billing::time::Timestamp;

/// The outcome of one call.
pub type Answer<T> = Result<Yes<T>, Failure>;

/// Stripe did it, and the answer was understood.
#[derive(Debug, Clone)]
pub struct Yes<T> {
    /// The answer in our words.
    pub value: T,
    /// The answer as it came; of a list, the last page.
    pub raw: Bytes,
    /// What came with it.
    pub meta: Meta,
}

impl<T> Yes<T> {
    /// The same answer with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Yes<U> {
        Yes { value: change(self.value), raw: self.raw, meta: self.meta }
    }
    /// The same answer with another value, or [`Failure::Unreadable`] where the value makes no sense.
    pub fn try_map<U>(self, change: impl FnOnce(T) -> Result<U, String>) -> Answer<U> {
        match change(self.value) {
            Ok(value) => Ok(Yes { value, raw: self.raw, meta: self.meta }),
            Err(why) => {
                Err(Failure::Unreadable(Box::new(Unreadable { why, raw: self.raw, meta: self.meta })))
            }
        }
    }
}

/// What comes with an answer beside its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// Whether the request changes something at Stripe (POST and DELETE).
    pub write: bool,
    /// HTTP status of the last answer.
    pub status: u16,
    /// Stripe's `Request-Id`.
    pub request_id: Option<String>,
    /// The key that the request carried.
    pub idempotency_key: Option<String>,
    /// Stripe replayed an earlier answer of the same key (`Idempotent-Replayed: true`).
    pub replayed: bool,
    /// Times that the request was sent in this call.
    pub attempts: u32,
    /// An earlier attempt of this call had an outcome that is not known.
    pub earlier_indefinite: bool,
    /// Stripe's clock, from the `Date` header.
    pub date: Option<Timestamp>,
    /// From the first attempt to the last answer, waits included.
    pub elapsed: Duration,
}

/// Why there is no value. Each variant says whether something may have happened at Stripe.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Stripe said no: definite, nothing was changed by this call.
    #[error("{0}")]
    No(Box<Refusal>),
    /// Nothing reached Stripe.
    #[error("{0}")]
    NotSent(NotSent),
    /// It is not known whether Stripe did it.
    #[error("{0}")]
    Indefinite(Box<Indefinite>),
    /// Stripe answered 2xx, so it did it, but the answer could not be decoded. Never send it again as new.
    #[error("{0}")]
    Unreadable(Box<Unreadable>),
    /// The answer contradicts the request or the mode: an error, not data.
    #[error("{0}")]
    Integrity(Box<Integrity>),
}

impl Failure {
    /// Definite, and nothing happened at Stripe because of this call.
    pub fn nothing_happened(&self) -> bool {
        matches!(self, Failure::NotSent(_) | Failure::No(_))
    }
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn retryable(&self) -> bool {
        match self {
            Failure::No(refusal) => matches!(refusal.kind, RefusalKind::Conflict | RefusalKind::RateLimited),
            Failure::NotSent(not_sent) => !matches!(
                not_sent.cause,
                NotSentCause::Tls | NotSentCause::Refused | NotSentCause::Budget | NotSentCause::Fenced
            ),
            Failure::Indefinite(_) => true,
            Failure::Unreadable(_) | Failure::Integrity(_) => false,
        }
    }
    /// What came with the answer, where there was one.
    pub fn meta(&self) -> Option<&Meta> {
        match self {
            Failure::No(it) => Some(&it.meta),
            Failure::NotSent(_) => None,
            Failure::Indefinite(it) => Some(&it.meta),
            Failure::Unreadable(it) => Some(&it.meta),
            Failure::Integrity(it) => Some(&it.meta),
        }
    }
    /// Stripe's `Request-Id`, where there was one.
    pub fn request_id(&self) -> Option<&str> {
        self.meta()?.request_id.as_deref()
    }
    /// Stripe's refusal, where it said no.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Failure::No(refusal) => Some(refusal),
            _ => None,
        }
    }
    /// Whether Stripe said that the object does not exist.
    pub fn is_missing(&self) -> bool {
        self.refusal().is_some_and(|refusal| {
            refusal.code.as_deref() == Some("resource_missing") || refusal.status == 404
        })
    }
}

/// Stripe's definite no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What sort of no.
    pub kind: RefusalKind,
    /// HTTP status.
    pub status: u16,
    /// Stripe's `type`, such as `invalid_request_error`.
    pub type_: Option<String>,
    /// Stripe's `code`, such as `resource_missing`; often absent.
    pub code: Option<String>,
    /// The parameter concerned, in bracket notation.
    pub param: Option<String>,
    /// Stripe's text for people.
    pub message: String,
    /// Why a card was declined.
    pub decline_code: Option<String>,
    /// What came with the answer.
    pub meta: Meta,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stripe said no ({}", self.status)?;
        if let Some(code) = self.decline_code.as_ref().or(self.code.as_ref()) {
            write!(f, ", {code}")?;
        }
        write!(f, "): {}", self.message)?;
        if let Some(id) = &self.meta.request_id {
            write!(f, " [{id}]")?;
        }
        Ok(())
    }
}

/// What sort of no it was. `Unauthorized`, `Forbidden`, `Conflict` and `RateLimited` were given before the request
/// was looked at, so they say nothing about an earlier attempt of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// 400: the parameters are wrong.
    Invalid,
    /// 400 `idempotency_error`: the key was used with other parameters. A bug of ours.
    KeyMismatch,
    /// 402: the parameters are right, the payment failed.
    Card,
    /// 404.
    Missing,
    /// 401: the key is wrong or revoked.
    Unauthorized,
    /// 403: the key lacks a permission.
    Forbidden,
    /// 409: the same key, or the same customer and meter, is in flight.
    Conflict,
    /// 429.
    RateLimited,
}

impl RefusalKind {
    /// The kind of a status and Stripe's error `type`; `None` where the status is no definite refusal.
    pub fn of(status: u16, type_: Option<&str>) -> Option<RefusalKind> {
        match status {
            400 if type_ == Some("idempotency_error") => Some(RefusalKind::KeyMismatch),
            401 => Some(RefusalKind::Unauthorized),
            402 => Some(RefusalKind::Card),
            403 => Some(RefusalKind::Forbidden),
            404 => Some(RefusalKind::Missing),
            409 => Some(RefusalKind::Conflict),
            429 => Some(RefusalKind::RateLimited),
            408 | 424 => None,
            400..=499 => Some(RefusalKind::Invalid),
            _ => None,
        }
    }
    /// Whether Stripe refused before it looked at the request.
    pub fn is_before_the_request(self) -> bool {
        use RefusalKind::{Conflict, Forbidden, RateLimited, Unauthorized};
        matches!(self, Unauthorized | Forbidden | Conflict | RateLimited)
    }
}

/// The request never reached Stripe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing was sent to Stripe: {message}")]
pub struct NotSent {
    /// Why, for programs.
    pub cause: NotSentCause,
    /// Why, for people.
    pub message: String,
}

/// Why a request never reached Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSentCause {
    /// No connection: refused, no route, no such host, connect timeout.
    Connect,
    /// The TLS handshake failed. Never retried, never bypassed.
    Tls,
    /// Too many outcomes in a row were not known: the breaker is open for the rest of the run.
    Breaker,
    /// The run's deadline is over.
    Deadline,
    /// The run's bound on calls is used up.
    Budget,
    /// The request itself is illegal, such as an idempotency key beyond 255 characters.
    Refused,
    /// Whoever works with Stripe has said that nothing is to be written that costs or counts.
    Fenced,
}

/// An outcome that is not known.
#[derive(Debug, Clone)]
pub struct Indefinite {
    /// What happened last, for people.
    pub why: String,
    /// Stripe answered 5xx: it may have stored that answer under the key.
    pub stored: bool,
    /// What came with the last answer, if there was one (status 0 otherwise).
    pub meta: Meta,
}

impl std::fmt::Display for Indefinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "it is not known whether Stripe did it: {} ({} attempts)", self.why, self.meta.attempts)?;
        if let Some(id) = &self.meta.request_id {
            write!(f, " [{id}]")?;
        }
        Ok(())
    }
}

/// A 2xx whose body could not be decoded.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Stripe did it ({}), but its answer could not be read: {why}", .meta.status)]
pub struct Unreadable {
    /// What could not be read.
    pub why: String,
    /// The answer as it came.
    pub raw: Bytes,
    /// What came with it.
    pub meta: Meta,
}

/// An answer that contradicts what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Stripe's answer contradicts the request: {why}")]
pub struct Integrity {
    /// The contradiction.
    pub why: String,
    /// The answer as it came.
    pub raw: Bytes,
    /// What came with it.
    pub meta: Meta,
}

impl<T> Yes<T> {
    /// This answer as a contradiction of the request.
    pub(crate) fn contradiction(self, why: String) -> Failure {
        Failure::Integrity(Box::new(Integrity { why, raw: self.raw, meta: self.meta }))
    }
}
