//! Posting to addresses that operators give.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::CONTENT_TYPE;
use sha2::Sha256;

use super::{Address, Letter, Reply};
use crate::billing::time::Timestamp;
use crate::env::secret::Secret;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Most characters of a chat message.
const TEXT_MAX: usize = 3_000;

pub(super) async fn slack(address: &Address, letter: &Letter) -> Reply {
    let mut text = format!("[{}] {}\n{}", letter.severity, letter.subject, letter.text);
    if text.chars().count() > TEXT_MAX {
        text = text.chars().take(TEXT_MAX).collect();
    }
    // Its three control characters (Slack: docs, "Formatting text", "Escaping text").
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    post(address, serde_json::json!({ "text": text }).to_string(), &[]).await
}

pub(super) async fn webhook(
    address: &Address,
    secret: Option<&Secret>,
    letter: &Letter,
    now: Timestamp,
) -> Reply {
    let facts: serde_json::Value = serde_json::from_str(&letter.facts).unwrap_or_default();
    let body = serde_json::json!({
        "schema": "paygrade.notice/1",
        "id": letter.key,
        "kind": letter.kind,
        "severity": letter.severity,
        "audience": letter.audience,
        "customer": letter.customer,
        "at": letter.at.to_string(),
        "subject": letter.subject,
        "text": letter.text,
        "facts": facts,
    })
    .to_string();
    let mut headers = vec![("Idempotency-Key", letter.key.clone())];
    if let Some(secret) = secret {
        headers.push(("Paygrade-Signature", signature(secret, &body, now)));
    }
    post(address, body, &headers).await
}

/// `t=<seconds>,v1=<hex of HMAC-SHA256 over "<t>.<body>">`: made and verified like Stripe's own.
pub(super) fn signature(secret: &Secret, body: &str, now: Timestamp) -> String {
    // An HMAC key may have any length, so that the empty one stands for what cannot be.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(format!("{}.{body}", now.0).as_bytes());
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(hex, "{byte:02x}");
    }
    format!("t={},v1={hex}", now.0)
}

pub(super) async fn ping(address: &Address, failed: bool) -> Reply {
    let url = address.0.expose();
    let url = if failed { with_fail(url) } else { url.to_owned() };
    match client(&url) {
        Ok(client) => answer(client.get(&url).send().await),
        Err(why) => Reply::NotSent(why),
    }
}

/// The path with `/fail` appended, before any query.
pub(super) fn with_fail(url: &str) -> String {
    let (path, query) = match url.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (url, String::new()),
    };
    format!("{}/fail{query}", path.trim_end_matches('/'))
}

async fn post(address: &Address, body: String, headers: &[(&str, String)]) -> Reply {
    let url = address.0.expose();
    let client = match client(url) {
        Ok(client) => client,
        Err(why) => return Reply::NotSent(why),
    };
    let mut request = client.post(url).header(CONTENT_TYPE, "application/json").body(body);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    answer(request.send().await)
}

fn client(url: &str) -> Result<reqwest::Client, String> {
    // An error here means that a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("paygrade/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    builder = match url.strip_prefix("http://") {
        None => builder.https_only(true),
        // No TLS on loopback: the machine's certificates are not read for it.
        Some(_) => builder.tls_certs_only([]),
    };
    builder.build().map_err(|error| format!("the HTTP client: {}", error.without_url()))
}

/// Any answer but 2xx is a no: whoever answers has not taken it. The address is in no message.
fn answer(sent: Result<reqwest::Response, reqwest::Error>) -> Reply {
    match sent {
        Ok(response) if response.status().is_success() => Reply::Sent,
        Ok(response) => Reply::NotSent(format!("it answered {}", response.status().as_u16())),
        Err(error) if error.is_connect() || error.is_builder() || error.is_request() && is_tls(&error) => {
            Reply::NotSent(chain(error))
        }
        Err(error) => Reply::Unknown(chain(error)),
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(inner) = next {
        if inner.is::<rustls::Error>() {
            return true;
        }
        next = inner.source();
    }
    false
}

fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(inner) = next {
        let _ = write!(text, ": {inner}");
        next = inner.source();
    }
    text
}
