//! Received events: which are handled and what each does, how often handling is tried, and whose events are taken.
//!
//! What holds: an event says that something changed, never what is true now. What is true is read from Stripe before
//! anything is written, so that order, repeats and delays of events change nothing.

use super::time::{DAY_S, HOUR_S, Timestamp};

/// Where a received event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// To be handled.
    New,
    /// Claimed by a process; seen without one, that process died.
    Handling,
    /// Handling failed; it is tried again.
    Failed,
    /// Handled, or nothing to do.
    Done,
    /// Given up: somebody must look.
    Dead,
    /// Of another account or mode: never handled.
    Ignored,
}

impl State {
    /// All states, in the order in which people read them.
    pub const ALL: [State; 6] =
        [State::New, State::Handling, State::Failed, State::Done, State::Dead, State::Ignored];
    /// The word in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            State::New => "new",
            State::Handling => "handling",
            State::Failed => "failed",
            State::Done => "done",
            State::Dead => "dead",
            State::Ignored => "ignored",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is done about an event: its object is read anew, and this follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Handler {
    /// The customer's subscriptions are stored; ends lead to the fallback, trials that end to a notice.
    Subscription,
    /// The subscriptions and the invoice are stored; receipts, failed payments and allocations follow.
    Invoice,
    /// What will be charged is announced. The invoice does not exist yet: the event's own figures are all there is.
    Upcoming,
    /// What was bought in a checkout is given.
    Checkout,
    /// What was paid back is taken back.
    Charge,
    /// E-mail address and name are stored.
    Customer,
    /// Whether the customer can still be charged is looked at.
    Card,
    /// Deliveries that Stripe named as not counted are marked.
    MeterErrors,
}

/// A type of event that is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handled {
    /// Stripe's word.
    pub kind: &'static str,
    /// What is done.
    pub handler: Handler,
    /// Its effect, for people.
    pub effect: &'static str,
}

const SUBSCRIPTION: &str = "the customer's subscriptions are stored as they are now";
const INVOICE: &str = "the invoice is stored as it is now";

/// Every type that is handled, thin ones at the end.
pub const HANDLED: &[Handled] = &[
    it(
        "invoice.paid",
        Handler::Invoice,
        "stored as paid; a receipt is noted; credits that waited for it are allocated; a sold pack is given",
    ),
    it("invoice.payment_succeeded", Handler::Invoice, "the same as invoice.paid, once for both"),
    it(
        "invoice.payment_failed",
        Handler::Invoice,
        "stored with its first failure, from which grace runs; the failure is noted",
    ),
    it(
        "invoice.finalized",
        Handler::Invoice,
        "stored as final: usage of its period that was not sent is late",
    ),
    it("invoice.finalization_failed", Handler::Invoice, "stored; operators are told"),
    it("invoice.upcoming", Handler::Upcoming, "the coming charge is noted"),
    it("invoice.created", Handler::Invoice, INVOICE),
    it("invoice.updated", Handler::Invoice, INVOICE),
    it("invoice.voided", Handler::Invoice, "stored as void"),
    it("invoice.marked_uncollectible", Handler::Invoice, "stored as uncollectible"),
    it("invoice.deleted", Handler::Invoice, "stored as deleted"),
    it(
        "invoice.payment_action_required",
        Handler::Invoice,
        "stored; the customer is told that the bank wants an answer",
    ),
    it(
        "checkout.session.completed",
        Handler::Checkout,
        "its subscription is stored; a pack that is paid is given, once for each payment",
    ),
    it(
        "checkout.session.async_payment_succeeded",
        Handler::Checkout,
        "the same, when the payment comes later",
    ),
    it("checkout.session.async_payment_failed", Handler::Checkout, "nothing is given; the failure is noted"),
    it("checkout.session.expired", Handler::Checkout, "nothing is given"),
    it("charge.refunded", Handler::Charge, "what is left of a pack that was paid back is taken back"),
    it("customer.subscription.created", Handler::Subscription, SUBSCRIPTION),
    it("customer.subscription.updated", Handler::Subscription, SUBSCRIPTION),
    it(
        "customer.subscription.deleted",
        Handler::Subscription,
        "stored as ended; the customer falls back as its tier says",
    ),
    it("customer.subscription.trial_will_end", Handler::Subscription, "the end of the trial is noted"),
    it("customer.subscription.paused", Handler::Subscription, SUBSCRIPTION),
    it("customer.subscription.resumed", Handler::Subscription, SUBSCRIPTION),
    it("subscription_schedule.created", Handler::Subscription, SUBSCRIPTION),
    it("subscription_schedule.updated", Handler::Subscription, SUBSCRIPTION),
    it("subscription_schedule.completed", Handler::Subscription, SUBSCRIPTION),
    it("subscription_schedule.released", Handler::Subscription, SUBSCRIPTION),
    it("subscription_schedule.canceled", Handler::Subscription, SUBSCRIPTION),
    it("subscription_schedule.aborted", Handler::Subscription, SUBSCRIPTION),
    it("subscription_schedule.expiring", Handler::Subscription, SUBSCRIPTION),
    it("customer.updated", Handler::Customer, "e-mail address and name are stored as they are now"),
    it("customer.deleted", Handler::Customer, "its subscriptions are stored as ended; operators are told"),
    it("payment_method.attached", Handler::Card, "the customer's subscriptions are stored as they are now"),
    it(
        "payment_method.detached",
        Handler::Card,
        "if a subscriber has none left to charge, customer and operators are told",
    ),
    it(
        "v1.billing.meter.error_report_triggered",
        Handler::MeterErrors,
        "fetched; deliveries that it names are marked, the rest is counted as unattributed",
    ),
    it("v1.billing.meter.no_meter_found", Handler::MeterErrors, "the same, for events without a meter"),
];

const fn it(kind: &'static str, handler: Handler, effect: &'static str) -> Handled {
    Handled { kind, handler, effect }
}

/// What is done about a type of event; `None`: nothing.
pub fn handler(kind: &str) -> Option<Handler> {
    HANDLED.iter().find(|it| it.kind == kind).map(|it| it.handler)
}

/// Whether a type is of thin events, which are listed and fetched at another place.
pub fn is_thin(kind: &str) -> bool {
    kind.starts_with("v1.") || kind.starts_with("v2.")
}

/// Attempts after which an event is given up. With the waits between them: about fifteen hours.
pub const ATTEMPTS_MAX: u32 = 12;
/// How long a claim is good for. A process that handles holds the lock of the store, so that a claim without one is a
/// dead process's, whatever the time.
pub const LEASE_S: i64 = 300;
/// Wait after the first failure.
const BACKOFF_FIRST_S: i64 = 30;
/// Longest wait between attempts.
const BACKOFF_MAX_S: i64 = 6 * HOUR_S;
/// How long the body of an event that was handled is kept: longer than Stripe keeps it (30 days).
pub const BODY_KEPT_S: i64 = 90 * DAY_S;

/// What a failed attempt makes of an event. `attempts` counts this one.
pub fn after_failure(attempts: u32, now: Timestamp) -> (State, Option<Timestamp>) {
    if attempts >= ATTEMPTS_MAX {
        return (State::Dead, None);
    }
    let wait = BACKOFF_FIRST_S << attempts.saturating_sub(1).min(16);
    (State::Failed, Some(now.plus(wait.min(BACKOFF_MAX_S))))
}

/// Whose an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of our account and mode.
    Ours,
    /// Of a connected or another account.
    OtherAccount,
    /// Test where the store is live, or the other way round.
    OtherMode,
}

impl Whose {
    /// Why it is ignored, for people; `None` when it is not.
    pub fn why_ignored(self) -> Option<&'static str> {
        match self {
            Whose::Ours => None,
            Whose::OtherAccount => Some("of another account"),
            Whose::OtherMode => Some("of the other mode"),
        }
    }
}

/// Whose an event is. `account` is what the event names (absent for one's own), `ours` the account of the store, `live`
/// whether its target is live.
pub fn whose(account: Option<&str>, livemode: bool, ours: Option<&str>, live: bool) -> Whose {
    if livemode != live {
        return Whose::OtherMode;
    }
    match account {
        Some(account) if ours != Some(account) => Whose::OtherAccount,
        _ => Whose::Ours,
    }
}

/// Most characters of an error that are kept.
const ERROR_MAX: usize = 500;

/// An error as it is kept: one line, bounded.
pub fn error_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.chars().take(ERROR_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_listed_once_and_found() {
        for (place, it) in HANDLED.iter().enumerate() {
            assert_eq!(handler(it.kind), Some(it.handler));
            assert!(HANDLED[..place].iter().all(|other| other.kind != it.kind), "{}", it.kind);
            assert_eq!(is_thin(it.kind), it.handler == Handler::MeterErrors);
        }
        for unknown in ["", "invoice", "invoice.paid ", "Invoice.paid", "customer.created", "price.updated"] {
            assert_eq!(handler(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn attempts_are_spaced_and_end() {
        let now = Timestamp(1_000_000);
        for (attempts, want) in [
            (1, (State::Failed, Some(30))),
            (2, (State::Failed, Some(60))),
            (3, (State::Failed, Some(120))),
            (10, (State::Failed, Some(15_360))),
            (11, (State::Failed, Some(6 * HOUR_S))),
            (12, (State::Dead, None)),
            (u32::MAX, (State::Dead, None)),
        ] {
            let (state, at) = after_failure(attempts, now);
            assert_eq!((state, at.map(|at| at.since(now))), want, "{attempts}");
        }
        assert_eq!(after_failure(0, now).0, State::Failed);
    }

    #[test]
    fn only_our_own_account_and_mode() {
        for (account, livemode, ours, live, want) in [
            (None, false, Some("acct_1"), false, Whose::Ours),
            (Some("acct_1"), false, Some("acct_1"), false, Whose::Ours),
            (Some("acct_2"), false, Some("acct_1"), false, Whose::OtherAccount),
            (Some("acct_2"), false, None, false, Whose::OtherAccount),
            (None, true, Some("acct_1"), false, Whose::OtherMode),
            (None, false, Some("acct_1"), true, Whose::OtherMode),
            (Some("acct_2"), true, Some("acct_1"), false, Whose::OtherMode),
            (None, true, Some("acct_1"), true, Whose::Ours),
        ] {
            assert_eq!(whose(account, livemode, ours, live), want, "{account:?} {livemode} {ours:?} {live}");
        }
    }

    #[test]
    fn states_have_words() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("gone"), None);
        assert_eq!(error_line("a\nb\u{7}c"), "a b c");
        assert_eq!(error_line(&"é".repeat(600)).chars().count(), ERROR_MAX);
    }
}
