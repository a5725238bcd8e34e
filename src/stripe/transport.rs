//! One HTTP client, one retry layer: base URL, pinned version, the caller's idempotency key, timeouts, body cap.

mod departure;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use stripe_client_core::{
    CustomizedStripeRequest, RequestBuilder, RequestStrategy, StripeClient, StripeClientErr, StripeMethod,
};
use tokio::time::Instant;

use super::answer::{Failure, Indefinite, Meta, NotSent, NotSentCause, Refusal, RefusalKind, Unreadable};
use super::key::{ApiKey, Mode};
use super::pace::{Breaker, Lane, Pace};
use super::retry::{Met, wait};
use super::{API_VERSION, Base};
use crate::billing::time::Timestamp;

/// Longest answer that is read.
pub const BODY_MAX: usize = 16 * 1024 * 1024;
/// What is_free is about.
const FREE: [&str; 6] = [
    "/v1/products",
    "/v1/prices",
    "/v1/billing/meters",
    "/v1/customers",
    "/v1/entitlements/features",
    "/v1/webhook_endpoints",
];
/// Longest idempotency key (Stripe: docs, idempotent requests).
const IDEMPOTENCY_KEY_MAX: usize = 255;

/// Everything that a handle needs to know.
#[derive(Clone)]
pub struct Connection {
    /// Where calls go.
    pub base: Base,
    /// The key; of the local Stripe, any test key.
    pub key: ApiKey,
    /// Bounds of calls and of the run.
    pub limits: Limits,
    /// Gets one redacted record for each call.
    pub trace: Option<Trace>,
    /// A proxy, only where one was asked for. The environment's proxies are ignored.
    pub proxy: Option<String>,
}

impl Connection {
    /// A connection with the default limits, no trace and no proxy.
    pub fn new(base: Base, key: ApiKey) -> Connection {
        Connection { base, key, limits: Limits::default(), trace: None, proxy: None }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("base", &self.base).field("key", &self.key).finish_non_exhaustive()
    }
}

/// Gets a record of each call.
pub type Trace = Arc<dyn Fn(&CallTrace) + Send + Sync>;

/// One call, without secrets: no query, no body, no header but the ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallTrace {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// The path without its query.
    pub path: String,
    /// HTTP status of the last answer, if there was one.
    pub status: Option<u16>,
    /// Stripe's `Request-Id`.
    pub request_id: Option<String>,
    /// The key of a write.
    pub idempotency_key: Option<String>,
    /// Times that it was sent.
    pub attempts: u32,
    /// From the first attempt to the end.
    pub duration: Duration,
    /// `yes`, `no`, `not_sent` or `indefinite`.
    pub outcome: &'static str,
}

/// Bounds of calls and of a run.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Most attempts of one call.
    pub attempts_max: u32,
    /// Longest time to a connection.
    pub connect_timeout: Duration,
    /// Longest time of one attempt.
    pub call_timeout: Duration,
    /// Longest time of all calls of the run together, from the handle's making.
    pub run_deadline: Duration,
    /// Most writes of the run, repeats included; `None` for no bound.
    pub writes_max: Option<u64>,
    /// Meter events a second that the run keeps to, below Stripe's own limit; `None` for that limit alone.
    pub meter_events_per_s: Option<u32>,
    /// Seed of the random waits.
    pub jitter_seed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            attempts_max: 3,
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(30),
            run_deadline: Duration::from_secs(300),
            writes_max: None,
            meter_events_per_s: None,
            jitter_seed: 0,
        }
    }
}

/// Calls sent so far, repeats included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// GET requests.
    pub reads: u64,
    /// POST and DELETE requests.
    pub writes: u64,
}

/// The body and what came with it, of a 2xx.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) raw: Bytes,
    pub(super) meta: Meta,
}

#[derive(Clone)]
pub(super) struct Transport(Arc<Inner>);

struct Inner {
    connection: Connection,
    http: OnceLock<Result<reqwest::Client, String>>,
    pace: Pace,
    breaker: Breaker,
    deadline: Mutex<Option<Instant>>,
    jitter: Mutex<fastrand::Rng>,
    reads: AtomicU64,
    writes: AtomicU64,
    /// Why nothing that costs or counts may be written, if so.
    fence: OnceLock<String>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.connection.fmt(f)
    }
}

/// One request as it will be sent.
struct Outgoing {
    method: StripeMethod,
    path: String,
    url: String,
    body: Option<String>,
    key: Option<String>,
    lane: Lane,
}

impl Outgoing {
    fn is_read(&self) -> bool {
        // A preview is posted, and makes nothing (Stripe: API reference, create a preview invoice).
        matches!(self.method, StripeMethod::Get) || self.path == "/v1/invoices/create_preview"
    }
    /// Whether sending it twice has one effect: reads, deletions by id, and writes under a key.
    fn is_repeatable(&self) -> bool {
        !matches!(self.method, StripeMethod::Post) || self.key.is_some() || self.is_read()
    }
    fn method_name(&self) -> &'static str {
        match self.method {
            StripeMethod::Get => "GET",
            StripeMethod::Post => "POST",
            StripeMethod::Delete => "DELETE",
        }
    }
}

/// What one attempt brought.
enum Outcome {
    NotSent { cause: NotSentCause, why: String },
    Lost { why: String },
    Answered { headers: HeaderMap, status: u16, body: Bytes },
}

impl Outcome {
    fn met(&self) -> Met {
        match self {
            Outcome::NotSent { cause: NotSentCause::Connect, .. } => Met::NoConnection,
            Outcome::NotSent { .. } => Met::Refused,
            Outcome::Lost { .. } => Met::Lost,
            Outcome::Answered { headers, status, .. } => {
                let should_retry = match text(headers, "stripe-should-retry") {
                    Some("true") => Some(true),
                    Some("false") => Some(false),
                    _ => None,
                };
                Met::Status { status: *status, should_retry }
            }
        }
    }
    fn retry_after(&self) -> Option<Duration> {
        let Outcome::Answered { headers, .. } = self else { return None };
        text(headers, "retry-after")?.parse().ok().map(Duration::from_secs)
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

impl Transport {
    pub(super) fn new(connection: Connection) -> Transport {
        let own = connection.limits.meter_events_per_s;
        let pace = Pace::new(connection.key.mode(), connection.base == Base::Stripe, own);
        let jitter = Mutex::new(fastrand::Rng::with_seed(connection.limits.jitter_seed));
        Transport(Arc::new(Inner {
            connection,
            http: OnceLock::new(),
            pace,
            breaker: Breaker::default(),
            deadline: Mutex::new(None),
            jitter,
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            fence: OnceLock::new(),
        }))
    }
    pub(super) fn mode(&self) -> Mode {
        self.0.connection.key.mode()
    }
    pub(super) fn counts(&self) -> Counts {
        Counts { reads: self.0.reads.load(Ordering::Relaxed), writes: self.0.writes.load(Ordering::Relaxed) }
    }

    /// Sends a request until it has an answer, its attempts are used up, or the run is over.
    pub(super) async fn send(&self, request: RequestBuilder, key: Option<&str>) -> Result<Sent, Failure> {
        let outgoing = self.outgoing(request, key)?;
        if let Some(why) = self.0.fence.get().filter(|_| !outgoing.is_read() && !is_free(&outgoing.path)) {
            return Err(Failure::NotSent(NotSent { cause: NotSentCause::Fenced, message: why.clone() }));
        }
        let started = Instant::now();
        let key = outgoing.key.clone();
        let mut meta = Meta { write: !outgoing.is_read(), idempotency_key: key, ..Meta::default() };
        let ended = self.rounds(&outgoing, &mut meta, started).await;
        meta.elapsed = started.elapsed();
        if let Some(trace) = &self.0.connection.trace {
            trace(&CallTrace {
                method: outgoing.method_name(),
                path: outgoing.path.clone(),
                status: (meta.status != 0).then_some(meta.status),
                request_id: meta.request_id.clone(),
                idempotency_key: meta.idempotency_key.clone(),
                attempts: meta.attempts,
                duration: meta.elapsed,
                outcome: match &ended {
                    Ok(_) => "yes",
                    Err(Failure::No(_)) => "no",
                    Err(Failure::NotSent(_)) => "not_sent",
                    Err(_) => "indefinite",
                },
            });
        }
        ended.map(|raw| Sent { raw, meta })
    }

    async fn rounds(&self, outgoing: &Outgoing, meta: &mut Meta, started: Instant) -> Result<Bytes, Failure> {
        let deadline = self.deadline(started);
        let mut pause = Duration::ZERO;
        let mut last: Option<Outcome> = None;
        loop {
            if let Err(stop) = self.depart(outgoing, pause, deadline).await {
                // Not sent this time; what an earlier attempt did decides what is known.
                return Err(last.map_or(Failure::NotSent(stop), |last| failure(last, meta)));
            }
            let counter = if outgoing.is_read() { &self.0.reads } else { &self.0.writes };
            counter.fetch_add(1, Ordering::Relaxed);
            meta.attempts += 1;
            let outcome = self.attempt(outgoing, deadline).await;
            note_headers(&outcome, meta);
            let met = outcome.met();
            self.0.breaker.note(met.is_indefinite());
            if let Outcome::Answered { status: 200..=299, body, .. } = outcome {
                return Ok(body);
            }
            let again = met.is_worth_repeating(outgoing.is_repeatable())
                && meta.attempts < self.0.connection.limits.attempts_max
                && !(met == Met::NoConnection && self.0.connection.base != Base::Stripe);
            if !again {
                return Err(failure(outcome, meta));
            }
            meta.earlier_indefinite |= met.is_indefinite();
            let random = self.0.jitter.lock().unwrap_or_else(PoisonError::into_inner).u64(..);
            pause = wait(meta.attempts + 1, random, outcome.retry_after());
            if matches!(met, Met::Status { status: 429, .. }) {
                self.0.pace.push_back(outgoing.lane, Instant::now() + pause);
            }
            last = Some(outcome);
        }
    }

    /// The next call begins a new run, with a deadline of its own.
    pub(super) fn fence(&self, why: String) {
        let _ = self.0.fence.set(why);
    }

    pub(super) fn run_anew(&self) {
        *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn attempt(&self, outgoing: &Outgoing, deadline: Instant) -> Outcome {
        let http = match self.0.http.get_or_init(|| client(&self.0.connection)) {
            Ok(http) => http,
            Err(why) => return Outcome::NotSent { cause: NotSentCause::Refused, why: why.clone() },
        };
        let Ok(mut bearer) = HeaderValue::from_str(&format!("Bearer {}", self.0.connection.key.expose()))
        else {
            return Outcome::NotSent {
                cause: NotSentCause::Refused,
                why: "the key is no legal header".to_owned(),
            };
        };
        bearer.set_sensitive(true);
        let request = match outgoing.method {
            StripeMethod::Get => http.get(&outgoing.url),
            StripeMethod::Post => http.post(&outgoing.url),
            StripeMethod::Delete => http.delete(&outgoing.url),
        };
        let mut request = request
            .timeout(
                self.0.connection.limits.call_timeout.min(deadline.saturating_duration_since(Instant::now())),
            )
            .header(AUTHORIZATION, bearer)
            .header("Stripe-Version", API_VERSION);
        if let Some(key) = &outgoing.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = &outgoing.body {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone());
        }
        match request.send().await {
            Ok(response) => read(response).await,
            Err(error) => sort(&error),
        }
    }

    fn outgoing(&self, request: RequestBuilder, key: Option<&str>) -> Result<Outgoing, Failure> {
        let refused = |message: &str| {
            Failure::NotSent(NotSent { cause: NotSentCause::Refused, message: message.to_owned() })
        };
        // Builders give paths of v1 without the version, with or without a leading slash, and sometimes an empty query.
        let path = request.path.trim_start_matches('/');
        let path = if path.starts_with("v2/") { format!("/{path}") } else { format!("/v1/{path}") };
        if path.split('/').any(|part| part == ".." || part == ".") || path.contains(['?', '#', '\\', '%']) {
            return Err(refused("an id holds characters that no path of Stripe's has"));
        }
        if let Some(key) = key {
            let legal =
                (1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
            if !legal {
                return Err(refused("an idempotency key has 1 to 255 visible characters"));
            }
        }
        let mut url = format!("{}{path}", self.0.connection.base.url());
        if let Some(query) = request.query.as_deref().filter(|query| !query.is_empty() && *query != "=") {
            url.push('?');
            url.push_str(query);
        }
        let lane = if path == "/v1/billing/meter_events" { Lane::MeterEvents } else { Lane::Basic };
        let body = request.body.map(|body| sorted_form(&body));
        Ok(Outgoing { method: request.method, path, url, body, key: key.map(str::to_owned), lane })
    }
}

/// Writes that neither cost nor count: what is sold and who it is sold to, and a bill that is only looked at.
fn is_free(path: &str) -> bool {
    let below =
        |head: &&str| path.strip_prefix(*head).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    FREE.iter().any(below) || path == "/v1/invoices/create_preview"
}

/// The pairs of a form in one order: async-stripe's maps are hashed anew in each process, and equal requests are to be
/// equal bytes. Array indexes are part of the names, so the order of the pairs means nothing.
fn sorted_form(body: &str) -> String {
    let mut pairs: Vec<&str> = body.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_by_key(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let parts = name.split(['[', ']']).filter(|part| !part.is_empty());
        parts.map(|part| (part.parse::<u64>().ok(), part)).collect::<Vec<_>>()
    });
    pairs.join("&")
}

fn client(connection: &Connection) -> Result<reqwest::Client, String> {
    // An error here means that a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("paygrade/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connection.limits.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    builder = match connection.base {
        Base::Stripe => builder.https_only(true),
        // No TLS on loopback: the machine's certificates are not read for it.
        Base::Loopback(_) => builder.tls_certs_only([]),
    };
    if let Some(proxy) = &connection.proxy {
        builder = builder.proxy(reqwest::Proxy::https(proxy).map_err(|error| format!("the proxy: {error}"))?);
    }
    builder.build().map_err(|error| format!("the HTTP client: {error}"))
}

async fn read(mut response: reqwest::Response) -> Outcome {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Outcome::Answered { headers, status, body: body.freeze() },
            Ok(Some(chunk)) if body.len() + chunk.len() <= BODY_MAX => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Outcome::Lost { why: format!("the answer is longer than {BODY_MAX} bytes") };
            }
            Err(error) => return Outcome::Lost { why: format!("the answer was cut: {}", chain(&error)) },
        }
    }
}

/// Tells a request that never left from one whose answer never came.
fn sort(error: &reqwest::Error) -> Outcome {
    let why = chain(error);
    let mut source = std::error::Error::source(error);
    let mut tls = false;
    while let Some(inner) = source {
        tls |= inner.is::<rustls::Error>();
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            tls |= io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        }
        source = inner.source();
    }
    if error.is_builder() {
        Outcome::NotSent { cause: NotSentCause::Refused, why }
    } else if error.is_connect() {
        Outcome::NotSent { cause: if tls { NotSentCause::Tls } else { NotSentCause::Connect }, why }
    } else {
        Outcome::Lost { why: if error.is_timeout() { "no answer in time".to_owned() } else { why } }
    }
}

/// An error with its causes, without the URL, whose query may hold an e-mail address.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let part = inner.to_string();
        if !text.ends_with(&part) {
            text = if text.is_empty() { part } else { format!("{text}: {part}") };
        }
        source = inner.source();
    }
    if text.is_empty() { "the connection failed".to_owned() } else { text }
}

fn note_headers(outcome: &Outcome, meta: &mut Meta) {
    let Outcome::Answered { headers, status, .. } = outcome else {
        meta.status = 0;
        return;
    };
    meta.status = *status;
    meta.request_id = text(headers, "request-id").map(str::to_owned);
    meta.replayed = text(headers, "idempotent-replayed") == Some("true");
    meta.date = text(headers, "date").and_then(|date| {
        let stamp = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
        Some(Timestamp(stamp.as_second()))
    });
}

/// Stripe's error object. Read with our own eyes: async-stripe's refuses one without a `type`.
#[derive(serde::Deserialize, Default)]
struct ErrorBody {
    #[serde(default)]
    error: ErrorObject,
}

#[derive(serde::Deserialize, Default)]
struct ErrorObject {
    #[serde(rename = "type")]
    type_: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
    decline_code: Option<String>,
}

/// What is known after the last outcome, given what earlier attempts of the call left open.
fn failure(last: Outcome, meta: &Meta) -> Failure {
    match last {
        Outcome::NotSent { cause, why } if !meta.earlier_indefinite => {
            Failure::NotSent(NotSent { cause, message: why })
        }
        Outcome::NotSent { why, .. } => indefinite(format!("an attempt got no answer, then: {why}"), meta),
        Outcome::Lost { why } => indefinite(why, meta),
        Outcome::Answered { status, body, .. } => {
            let error = serde_json::from_slice::<ErrorBody>(&body).unwrap_or_default().error;
            let message = error.message.unwrap_or_else(|| format!("no message, HTTP {status}"));
            match RefusalKind::of(status, error.type_.as_deref()) {
                Some(kind) if !(meta.earlier_indefinite && kind.is_before_the_request()) => {
                    Failure::No(Box::new(Refusal {
                        kind,
                        status,
                        type_: error.type_,
                        code: error.code,
                        param: error.param,
                        message,
                        decline_code: error.decline_code,
                        meta: meta.clone(),
                    }))
                }
                _ => indefinite(format!("Stripe answered {status}: {message}"), meta),
            }
        }
    }
}

fn indefinite(why: String, meta: &Meta) -> Failure {
    Failure::Indefinite(Box::new(Indefinite { why, stored: meta.status >= 500, meta: meta.clone() }))
}

impl StripeClientErr for Failure {
    fn deserialize_err(message: impl std::fmt::Display) -> Self {
        let why = message.to_string();
        Failure::Unreadable(Box::new(Unreadable { why, raw: Bytes::new(), meta: Meta::default() }))
    }
}

/// Lets async-stripe's own `send` work; a strategy other than a given key sends the request once.
impl StripeClient for Transport {
    type Err = Failure;

    fn execute(
        &self,
        request: CustomizedStripeRequest,
    ) -> impl Future<Output = Result<Bytes, Failure>> + Send {
        let (request, overrides) = request.into_pieces();
        let transport = self.clone();
        async move {
            let key = match &overrides.request_strategy {
                Some(RequestStrategy::Idempotent(key)) => Some(key.as_str().to_owned()),
                _ => None,
            };
            transport.send(request, key.as_deref()).await.map(|sent| sent.raw)
        }
    }
}

#[cfg(test)]
mod tests;
