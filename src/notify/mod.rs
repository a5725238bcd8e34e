//! The ways out of the house for notices: HTTP that is not Stripe's, and mail. Never the store, never a rule of billing.
//!
//! What holds: nothing leaves this machine without TLS; redirects are not followed; no secret is shown; each sending ends
//! as sent, not sent, or unknown, and what unknown means for a sink is said once, in [`Sink::is_repeatable`].

mod http;
mod smtp;

use std::fmt;

use crate::billing::notice::Takes;
use crate::billing::time::Timestamp;
use crate::env::secret::Secret;

pub use smtp::{Mailer, Security};

/// Where notices can be sent.
#[derive(Debug)]
pub struct Sink {
    /// Its name in the settings.
    pub name: String,
    /// What it takes.
    pub takes: Takes,
    /// How a notice gets there.
    pub way: Way,
}

/// How a notice gets to a sink.
#[derive(Debug)]
pub enum Way {
    /// A line on standard output: the caller prints it.
    Stdout,
    /// `{"text": …}` posted to an address, as Slack and many others take it.
    Slack(Address),
    /// JSON posted to an address, signed if there is a secret.
    Webhook(Address, Option<Secret>),
    /// A mail.
    Smtp(Mailer),
}

/// An address of HTTP: https, or on this machine. It may be a secret itself and is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(pub(self) Secret);

impl Address {
    /// An address that was checked to be safe.
    pub fn new(url: Secret) -> Address {
        Address(url)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address([redacted])")
    }
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One for each notice, the same at each attempt: a receiver that keeps it takes nothing twice.
    pub key: String,
    /// `operator` or `customer`.
    pub audience: &'static str,
    /// The customer's own id.
    pub customer: Option<String>,
    /// What it is about.
    pub kind: String,
    /// How much it matters.
    pub severity: &'static str,
    /// One line.
    pub subject: String,
    /// The whole text.
    pub text: String,
    /// The figures, a JSON object.
    pub facts: String,
    /// When it was written.
    pub at: Timestamp,
    /// Where a mail goes.
    pub address: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It arrived.
    Sent,
    /// It did not, for certain.
    NotSent(String),
    /// It may have.
    Unknown(String),
}

impl Sink {
    /// Whether a notice whose sending has an unknown outcome is sent again. A signed webhook carries the notice's key, and
    /// a line on standard output does no harm twice: at least once. A chat message or a mail would be read twice by
    /// people: at most once, and the outcome is shown as unknown.
    pub fn is_repeatable(&self) -> bool {
        matches!(self.way, Way::Stdout | Way::Webhook(..))
    }

    /// The word of the settings for its kind.
    pub fn kind(&self) -> &'static str {
        match self.way {
            Way::Stdout => "stdout",
            Way::Slack(_) => "slack",
            Way::Webhook(..) => "webhook",
            Way::Smtp(_) => "smtp",
        }
    }

    /// Where mail for operators goes.
    pub fn operator_address(&self) -> Option<&str> {
        match &self.way {
            Way::Smtp(mailer) => mailer.to.as_deref(),
            _ => None,
        }
    }

    /// Where a test message goes: to the operators, else to the sender itself.
    pub fn test_address(&self) -> Option<&str> {
        match &self.way {
            Way::Smtp(mailer) => Some(mailer.to.as_deref().unwrap_or(&mailer.from)),
            _ => None,
        }
    }

    /// Whether each notice needs an address of its own.
    pub fn needs_address(&self) -> bool {
        matches!(self.way, Way::Smtp(_))
    }

    /// Sends a letter, once. Standard output is the caller's. `now`: this machine's own clock, which receivers compare
    /// with theirs.
    pub async fn send(&self, letter: &Letter, now: Timestamp) -> Reply {
        match &self.way {
            Way::Stdout => Reply::NotSent("standard output is not sent to".to_owned()),
            Way::Slack(address) => http::slack(address, letter).await,
            Way::Webhook(address, secret) => http::webhook(address, secret.as_ref(), letter, now).await,
            Way::Smtp(mailer) => smtp::send(mailer, letter).await,
        }
    }
}

/// Asks for an address, as a sign of life. `failed` appends `/fail`.
pub async fn ping(address: &Address, failed: bool) -> Reply {
    http::ping(address, failed).await
}

#[cfg(test)]
mod tests;
