//! Deliveries: one meter event of ours each. Which usage one covers, when it may be sent, what an answer makes of it.
//!
//! What holds: a usage event is covered by at most one delivery; a delivery has at most one effect at Stripe,
//! because its identifier never changes and is sent only while Stripe still refuses a second one; and what could not
//! be sent in time is kept under its own name, never dropped.

mod cancel;
mod form;
mod identifier;
mod send;
#[cfg(test)]
mod tests;

pub use cancel::{CANCEL_S, Kept, cancel};
pub use form::{Earlier, Formed, Item, Opening, Stretch, VALUE_MAX, form, opening_use};
pub use identifier::{IDENTIFIER_LENGTH_MAX, Payload, idempotency_key, identifier};
pub use send::{
    AGE_MAX_S, BACKOFF_MAX_S, Claim, Claimed, Deadline, GRACE_DEFAULT_S, GRACE_LEFT_MIN_S, GRACE_MAX_S,
    Progress, RESEND_S, Reply, claim, next,
};

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// To be sent.
    Due,
    /// Claimed by a push; seen without one, its process died and the outcome is indefinite.
    Sending,
    /// Stripe took it. Whether it was counted is for `reconcile` to say.
    Accepted,
    /// Stripe said no, and no attempt can have had an effect.
    Rejected,
    /// Nobody knows whether Stripe took it, and asking again could double it.
    Unknown,
    /// Its invoice is final, or about to be: sent now it would never be billed.
    Late,
    /// Older than Stripe accepts.
    TooLate,
    /// Nothing to send: its events sum to zero, or Stripe holds them already.
    Closed,
    /// Accepted, then proved absent.
    Lost,
    /// Taken back at Stripe.
    Cancelled,
    /// Given up for a successor, which covers its events.
    Replaced,
}

impl State {
    /// All states, in the order in which people read them.
    pub const ALL: [State; 11] = [
        State::Due,
        State::Sending,
        State::Accepted,
        State::Rejected,
        State::Unknown,
        State::Late,
        State::TooLate,
        State::Closed,
        State::Lost,
        State::Cancelled,
        State::Replaced,
    ];
    /// The word in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Due => "due",
            State::Sending => "sending",
            State::Accepted => "accepted",
            State::Rejected => "rejected",
            State::Unknown => "unknown",
            State::Late => "late",
            State::TooLate => "too_late",
            State::Closed => "closed",
            State::Lost => "lost",
            State::Cancelled => "cancelled",
            State::Replaced => "replaced",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }
    /// Whether its usage events are spoken for. What is not covered is formed anew.
    pub fn covers(self) -> bool {
        !matches!(self, State::Lost | State::Cancelled | State::Replaced)
    }
    /// Whether a successor with a new identifier may take its place: only where no effect can be at Stripe.
    pub fn may_be_replaced(self) -> bool {
        matches!(self, State::Late | State::TooLate | State::Rejected | State::Lost | State::Cancelled)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
