//! What Stripe posts to us: whether the bytes are Stripe's (Stripe: docs, webhooks, "Verify manually"), and what they say.
//!
//! The order is the caller's duty and has one right answer: bound the size while reading, [`WebhookSecrets::verify`] over
//! the bytes as they came, only then [`Received::read`]. What is read is a claim until it was verified.

use std::fmt;
use std::path::PathBuf;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::key::{BadKey, KeySource};
use crate::billing::time::Timestamp;

mod received;
#[cfg(test)]
mod tests;

pub use received::{BadEvent, EventFound, Received, RelatedObject, ThinEvent};

/// Seconds that a signature may be old, or ahead of our clock. Stripe signs each retry anew, so late deliveries pass.
pub const TOLERANCE_S: i64 = 300;
/// Most bytes of a body that are taken. An event carries one object, with lists of at most ten inside.
pub const WEBHOOK_BODY_MAX: usize = 1024 * 1024;
/// Most bytes of a `Stripe-Signature` header: a time and a few digests.
const HEADER_MAX: usize = 4_096;
/// Most parts of that header.
const PARTS_MAX: usize = 32;
/// Shortest and longest secret that is taken.
const SECRET_LENGTH: std::ops::RangeInclusive<usize> = 16..=512;
/// What every secret of a webhook endpoint begins with; it is part of the key.
const SECRET_PREFIX: &str = "whsec_";
/// Hexadecimal digits of one signature.
const DIGEST_HEX: usize = 64;

/// The secret of one webhook endpoint. `Debug` is redacted; there is no `Display` and no `Serialize`; the bytes are
/// cleared when it is dropped.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}

impl Drop for WebhookSecret {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

/// Why there is no usable secret. No variant holds any part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Nothing was there, or nothing between two commas.
    #[error("the webhook secret is empty")]
    Empty,
    /// It does not begin with `whsec_`, or is too short or too long.
    #[error("the webhook secret is no whsec_… of Stripe's")]
    Shape,
    /// It holds blanks, control characters or other bytes that no secret has.
    #[error("the webhook secret holds characters that no secret of Stripe's has")]
    Characters,
    /// Others can read the file.
    #[error("the file of the webhook secret, {0}, can be read by others: chmod 600 it")]
    Readable(PathBuf),
    /// The source could not be read.
    #[error("the webhook secret could not be read: {0}")]
    Source(String),
}

impl WebhookSecret {
    /// Takes one secret, `whsec_…`.
    ///
    /// # Errors
    /// A text that is no such secret.
    pub fn parse(text: &str) -> Result<WebhookSecret, BadSecret> {
        if text.is_empty() {
            return Err(BadSecret::Empty);
        }
        // Stripe's are letters and digits; the CLI's and other tools' also base64.
        let legal =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'/' | b'=' | b'-');
        if !text.bytes().all(legal) {
            return Err(BadSecret::Characters);
        }
        if !text.starts_with(SECRET_PREFIX) || !SECRET_LENGTH.contains(&text.len()) {
            return Err(BadSecret::Shape);
        }
        Ok(WebhookSecret(text.as_bytes().to_vec()))
    }

    /// The header that Stripe would send with `body` at `at`: for what we sign ourselves.
    pub fn sign(&self, body: &[u8], at: Timestamp) -> String {
        let digest = self.keyed(body, at).finalize().into_bytes();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={},v1={hex}", at.0)
    }

    /// HMAC-SHA256 with the whole secret, prefix included, over `<t>.<body>`.
    fn keyed(&self, body: &[u8], at: Timestamp) -> Hmac<Sha256> {
        // An HMAC key may have any length, so that the empty one stands for what cannot be.
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| Hmac::new(&Default::default()));
        mac.update(at.0.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        mac
    }
}

/// All secrets that are valid now: one, or two while one is being replaced, or those of several endpoints. Never none.
#[derive(Debug, Clone)]
pub struct WebhookSecrets(Vec<WebhookSecret>);

/// Bytes that are Stripe's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// When Stripe signed them.
    pub signed_at: Timestamp,
    /// Which of the secrets fits, counted from 0: it tells when an old one is no longer used.
    pub secret: usize,
}

/// Why bytes are not taken as Stripe's. The sender is told none of this; an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// No `Stripe-Signature`.
    #[error("there is no Stripe-Signature header")]
    Missing,
    /// The header is not of the form `t=…,v1=…`, or is too long.
    #[error("the Stripe-Signature header is malformed")]
    Malformed,
    /// Not one signature of scheme v1.
    #[error("the Stripe-Signature header has no v1 signature")]
    NoScheme,
    /// The time is too far from our clock, in either direction.
    #[error("the signature's time is {by_s} seconds from this machine's clock; {TOLERANCE_S} are allowed")]
    Stale {
        /// How far; positive is in the past.
        by_s: i64,
    },
    /// No secret gives any of the signatures.
    #[error("no webhook secret fits the signature")]
    Mismatch,
    /// More bytes than are taken.
    #[error("the body is longer than {WEBHOOK_BODY_MAX} bytes")]
    TooLarge,
}

impl WebhookSecrets {
    /// Takes the value of STRIPE_WEBHOOK_SECRET: one or more secrets with commas between. Blanks around each are dropped.
    ///
    /// # Errors
    /// No secret at all, or one of them is none.
    pub fn parse(text: &str) -> Result<WebhookSecrets, BadSecret> {
        let secrets = text.split(',').map(|part| WebhookSecret::parse(part.trim()));
        Ok(WebhookSecrets(secrets.collect::<Result<Vec<_>, _>>()?))
    }

    /// Reads secrets from where the settings say that they are.
    ///
    /// # Errors
    /// A source that cannot be read, a file that others can read, or a text that is no secret.
    pub fn read(source: &KeySource) -> Result<WebhookSecrets, BadSecret> {
        let text = source.text().map_err(|bad| match bad {
            BadKey::Readable(path) => BadSecret::Readable(path),
            BadKey::Source { why, .. } => BadSecret::Source(why),
            _ => BadSecret::Shape,
        })?;
        WebhookSecrets::parse(text.trim_end_matches(['\n', '\r']))
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether `body`, the bytes exactly as they came, was signed by Stripe around `now`. `header` is the value of
    /// `Stripe-Signature`; a request with two such headers is to be refused by the caller.
    ///
    /// The time spent tells nothing about a secret: every secret is tried with every signature, each compared in
    /// constant time.
    ///
    /// # Errors
    /// Why not.
    pub fn verify(&self, header: Option<&str>, body: &[u8], now: Timestamp) -> Result<Verified, Forged> {
        if body.len() > WEBHOOK_BODY_MAX {
            return Err(Forged::TooLarge);
        }
        let (signed_at, signatures) = parts(header.ok_or(Forged::Missing)?)?;
        let mut fits = None;
        for (place, secret) in self.0.iter().enumerate() {
            for signature in &signatures {
                let same = secret.keyed(body, signed_at).verify_slice(signature).is_ok();
                if same && fits.is_none() {
                    fits = Some(place);
                }
            }
        }
        let by_s = now.since(signed_at);
        match fits {
            None => Err(Forged::Mismatch),
            // Only who has the secret learns about the clock.
            Some(_) if by_s.unsigned_abs() > TOLERANCE_S.unsigned_abs() => Err(Forged::Stale { by_s }),
            Some(secret) => Ok(Verified { signed_at, secret }),
        }
    }
}

/// The time and the v1 signatures of a header. Other schemes are skipped; two times, or a time that is not written as
/// Stripe writes it, are refused, since two readers could take them differently.
fn parts(header: &str) -> Result<(Timestamp, Vec<[u8; DIGEST_HEX / 2]>), Forged> {
    if header.is_empty() {
        return Err(Forged::Missing);
    }
    if header.len() > HEADER_MAX || header.split(',').count() > PARTS_MAX {
        return Err(Forged::Malformed);
    }
    let mut at = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        let (scheme, value) = part.split_once('=').ok_or(Forged::Malformed)?;
        match scheme {
            "t" => {
                let second: i64 = value.parse().map_err(|_| Forged::Malformed)?;
                if at.is_some() || second < 0 || second.to_string() != value {
                    return Err(Forged::Malformed);
                }
                at = Some(Timestamp(second));
            }
            "v1" => signatures.extend(digest(value)),
            _ => {}
        }
    }
    let at = at.ok_or(Forged::Malformed)?;
    if signatures.is_empty() { Err(Forged::NoScheme) } else { Ok((at, signatures)) }
}

/// The bytes of 64 lower-case hexadecimal digits.
fn digest(hex: &str) -> Option<[u8; DIGEST_HEX / 2]> {
    if hex.len() != DIGEST_HEX || !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; DIGEST_HEX / 2];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// A text field of a JSON object that is there and not null.
fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}
