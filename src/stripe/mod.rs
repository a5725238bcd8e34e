//! WIRE. The only room that talks to Stripe: reqwest and async-stripe are named nowhere else.
//!
//! - [`Api`] is the one handle; each object group has its own file of methods on it.
//! - Every call answers with an [`Answer`]: yes (value, raw bytes, [`Meta`]), or a [`Failure`] that says whether
//!   anything happened. Nothing here guesses: an outcome that is not known is [`Failure::Indefinite`].
//! - No type of async-stripe leaves the room; methods return plain structs or billing's types.
//! - Every write takes the caller's persisted idempotency key. Nothing here makes one up.
//!
//! To add an object group: one file with methods on `Api`, requests made with async-stripe's builders, answers
//! mapped by `Yes::try_map`.

mod account;
mod answer;
mod call;
mod catalog;
mod catalog_meter;
mod checkout;
mod coupon;
mod credit_grant;
mod customer;
mod event;
pub mod inbound;
mod invoice;
mod invoice_item;
mod key;
mod meter;
mod object;
mod pace;
mod payment;
mod payment_method;
mod preview;
mod retry;
mod sale_invoice;
mod schedule;
mod subscription;
mod transport;

pub use account::Account;
pub use answer::{
    Answer, Failure, Indefinite, Integrity, Meta, NotSent, NotSentCause, Refusal, RefusalKind, Unreadable,
    Yes,
};
pub use call::{PAGE_SIZE, PAGES_MAX};
pub use catalog::{ChargedNew, LOOKUP_KEYS_MAX, PriceChange, PriceNew, ProductChange, ProductNew};
pub use checkout::{CheckoutFound, CheckoutLine, CheckoutNew, CheckoutQuery, SubscriptionCheckoutNew};
pub use coupon::{DiscountFound, Redeem};
pub use credit_grant::{CreditGrantFound, CreditGrantNew};
pub use customer::{CustomerData, CustomerFound};
pub use event::{EVENT_TYPES_MAX, EVENTS_KEPT_S, EventPage, EventQuery, ThinPage};
pub use invoice::{InvoiceFound, InvoiceLineFound, InvoiceQuery, InvoiceStatus};
pub use invoice_item::{InvoiceItemFound, InvoiceItemNew};
pub use key::{ApiKey, BadKey, KeySource, Mode};
pub use meter::{EventSummary, Grouping, MeterEventReply};
pub use object::{ObjectFound, can_be_asked};
pub use pace::calls_per_s;
pub use payment::ChargeFound;
pub use payment_method::PaymentMethodFound;
pub use preview::{PreviewAsk, PreviewFound};
pub use sale_invoice::{SaleInvoice, SaleInvoiceNew};
pub use schedule::{PhaseEnd, PhaseFound, PhaseNew, ScheduleFound};
pub use subscription::{
    Collection, EndChange, ItemChange, ItemFound, ItemNew, Proration, SubscriptionChange, SubscriptionFound,
    SubscriptionNew,
};
pub use transport::{BODY_MAX, CallTrace, Connection, Counts, Limits, Trace};

use std::net::SocketAddr;

/// The API version of every request; the local Stripe speaks it too.
pub const API_VERSION: &str = "2026-09-30.endive";

/// Where calls go: Stripe itself or something on this machine's loopback interface; never any other host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// `https://api.stripe.com`.
    Stripe,
    /// The local Stripe, or a stand-in of it, at a loopback address.
    Loopback(SocketAddr),
}

impl Base {
    /// Reads `--api-base`: `http://127.0.0.1:PORT`, `http://[::1]:PORT` or `http://localhost:PORT`, or Stripe's own.
    pub fn parse(text: &str) -> Option<Base> {
        let text = text.trim_end_matches('/');
        if text == "https://api.stripe.com" {
            return Some(Base::Stripe);
        }
        let host = text.strip_prefix("http://")?;
        let host = host
            .strip_prefix("localhost:")
            .map_or_else(|| host.to_owned(), |port| format!("127.0.0.1:{port}"));
        let address: SocketAddr = host.parse().ok()?;
        address.ip().is_loopback().then_some(Base::Loopback(address))
    }
    pub(crate) fn url(&self) -> String {
        match self {
            Base::Stripe => "https://api.stripe.com".to_owned(),
            Base::Loopback(address) => format!("http://{address}"),
        }
    }
}

/// The handle of all calls. Cheap to clone; clones share pace, breaker, counters and deadline.
#[derive(Clone, Debug)]
pub struct Api {
    transport: transport::Transport,
}

impl Api {
    /// A handle for one target. Opens no connection: the HTTP client is built at the first call.
    ///
    /// # Errors
    /// A live key with a base other than Stripe is refused.
    pub fn new(connection: Connection) -> Result<Api, BadKey> {
        if connection.base != Base::Stripe && connection.key.mode() == Mode::Live {
            return Err(BadKey::LiveElsewhere);
        }
        Ok(Api { transport: transport::Transport::new(connection) })
    }
    /// Test or live, as the key says.
    pub fn mode(&self) -> Mode {
        self.transport.mode()
    }
    /// From now on nothing is written that sends usage or moves money, whoever asks: such a call fails and is not sent.
    pub fn fence(&self, why: &str) {
        self.transport.fence(format!("this store may not write there yet: {why}"));
    }
    /// The next call begins a new run: for work of many bounded steps that is of no use in part. Each step then has the
    /// run's whole deadline.
    pub fn run_anew(&self) {
        self.transport.run_anew();
    }
    /// Calls sent so far, repeats included.
    pub fn counts(&self) -> Counts {
        self.transport.counts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_go_to_stripe_or_to_loopback() {
        for (text, legal) in [
            ("https://api.stripe.com", true),
            ("https://api.stripe.com/", true),
            ("http://127.0.0.1:4242", true),
            ("http://localhost:4242", true),
            ("http://[::1]:4242", true),
            ("http://api.stripe.com", false),
            ("http://10.0.0.1:80", false),
            ("https://api.stripe.com.evil.example", false),
            ("http://127.0.0.1.evil.example:80", false),
            ("http://127.0.0.1:1@evil.example", false),
        ] {
            assert_eq!(Base::parse(text).is_some(), legal, "{text}");
        }
    }

    #[test]
    fn a_live_key_goes_to_stripe_alone() {
        let key = || ApiKey::parse("sk_live_0123456789abcdef").unwrap();
        let local = Base::parse("http://127.0.0.1:1").unwrap();
        assert!(Api::new(Connection::new(local, key())).is_err());
        assert!(Api::new(Connection::new(Base::Stripe, key())).is_ok());
    }
}
