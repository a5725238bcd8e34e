//! Taking events in: signature, account, mode, and one row for each.

use serde_json::Value;

use crate::billing::inbox::{handler, is_thin, whose};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::Store;
use crate::store::inbox::{Arrival, Arrived, Source};
use crate::stripe::inbound::{BadEvent, Forged, Received, WebhookSecrets};
use crate::stripe::{Api, Mode};

/// Who takes events in: for which account, of which mode.
#[derive(Clone, Copy)]
pub struct Door<'a> {
    /// The store, open for writing.
    pub store: &'a Store,
    /// Whether the target is live.
    pub live: bool,
}

/// Why a body is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not Stripe's.
    #[error("{0}")]
    Forged(#[from] Forged),
    /// It is Stripe's, but no event.
    #[error("{0}")]
    NoEvent(#[from] BadEvent),
}

impl Refused {
    /// A stable word, for counting.
    pub fn word(&self) -> &'static str {
        match self {
            Refused::Forged(Forged::Missing) => "no_signature",
            Refused::Forged(Forged::Malformed | Forged::NoScheme) => "bad_header",
            Refused::Forged(Forged::Stale { .. }) => "stale",
            Refused::Forged(Forged::Mismatch) => "wrong_signature",
            Refused::Forged(Forged::TooLarge) => "too_large",
            Refused::NoEvent(_) => "no_event",
        }
    }
}

/// An event that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// `evt_…`.
    pub event: String,
    /// Stripe's type.
    pub kind: String,
    /// What became of it.
    pub arrived: Arrived,
    /// Why it is never handled, if so.
    pub ignored: Option<&'static str>,
}

impl Door<'_> {
    /// Takes a body that somebody sent, if its signature fits.
    ///
    /// # Errors
    /// The outer one is the store's; the inner one says why the body was not taken.
    pub fn take_signed(
        &self,
        secrets: &WebhookSecrets,
        header: Option<&str>,
        body: &[u8],
        source: Source,
        now: Timestamp,
    ) -> Result<Result<Taken, Refused>, Error> {
        if let Err(forged) = secrets.verify(header, body, now) {
            return Ok(Err(forged.into()));
        }
        match Received::read(body) {
            Ok(received) => self.take(&received, body, source, now).map(Ok),
            Err(bad) => Ok(Err(bad.into())),
        }
    }

    /// Takes an event that is known to be Stripe's.
    pub fn take(
        &self,
        received: &Received,
        body: &[u8],
        source: Source,
        now: Timestamp,
    ) -> Result<Taken, Error> {
        let ours = self.store.info()?.account;
        let arrival = arrival(received, body, source, ours.as_deref(), self.live);
        let arrived = self.store.write(now, |w| w.inbox_put(&arrival))?;
        Ok(Taken { event: arrival.event, kind: arrival.kind, arrived, ignored: arrival.ignored })
    }
}

/// An event read from Stripe by its id: nothing else of what somebody gave us is believed.
pub(super) async fn fetched(api: &Api, event: &str, thin: bool) -> Result<Received, Error> {
    let json = if thin {
        api.thin_event_retrieve(event).await?.value.json
    } else {
        api.event_retrieve(event).await?.value.json
    };
    Received::of(json).map_err(|bad| {
        Error::new(crate::error::Kind::Bug, "stripe_contradiction", format!("Stripe's event {event}: {bad}"))
    })
}

impl Door<'_> {
    /// Takes the event that a body names, as Stripe has it.
    ///
    /// # Errors
    /// The inner one says why the body names none; Stripe's no is the outer one.
    pub async fn take_fetched(
        &self,
        api: &Api,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Result<Taken, Refused>, Error> {
        let said = match Received::read(body) {
            Ok(received) => received,
            Err(bad) => return Ok(Err(bad.into())),
        };
        let thin = matches!(said, Received::Thin(_));
        let received = fetched(api, said.id(), thin).await?;
        let body = received.json().to_string();
        self.take(&received, body.as_bytes(), Source::Stripe, now).map(Ok)
    }
}

/// The row of an event.
pub(super) fn arrival(
    received: &Received,
    body: &[u8],
    source: Source,
    ours: Option<&str>,
    live: bool,
) -> Arrival {
    let (object, cus) = match received {
        Received::Snapshot(event) => {
            // A payment method that was detached has no customer any more; what it had is among what changed.
            let was = event.previous.as_ref().and_then(|it| it.get("customer")).and_then(Value::as_str);
            let cus = event.customer().or(was).map(str::to_owned);
            (event.object_id().map(str::to_owned), cus)
        }
        Received::Thin(event) => (event.related.as_ref().map(|it| it.id.clone()), None),
    };
    Arrival {
        event: received.id().to_owned(),
        thin: matches!(received, Received::Thin(_)),
        kind: received.kind().to_owned(),
        created: received.created(),
        source,
        object,
        cus,
        body: body.to_vec(),
        ignored: whose(received.account(), received.livemode(), ours, live).why_ignored(),
        unhandled: handler(received.kind())
            .is_none_or(|_| is_thin(received.kind()) != matches!(received, Received::Thin(_))),
    }
}

/// Whether a key is of live mode.
pub(super) fn is_live(api: &Api) -> bool {
    api.mode() == Mode::Live
}
