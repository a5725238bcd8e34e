//! When a delivery may be sent, and what an answer makes of it.

use super::State;
use crate::billing::time::{DAY_S, HOUR_S, MINUTE_S, Timestamp};

/// Stripe refuses a repeated identifier for at least 24 hours (Stripe: API reference, meter event create). An hour of
/// it is left to clocks and slow calls; after that a repeat could count twice.
pub const RESEND_S: i64 = 23 * HOUR_S;
/// How long Stripe keeps a renewal invoice open for usage, unless the account says otherwise (Stripe: docs,
/// configure-grace-period).
pub const GRACE_DEFAULT_S: i64 = HOUR_S;
/// The longest grace period that Stripe offers.
pub const GRACE_MAX_S: i64 = 72 * HOUR_S;
/// Grace that must be left when a delivery is claimed: a call takes its time.
pub const GRACE_LEFT_MIN_S: i64 = 2 * MINUTE_S;
/// Oldest usage that is sent. Stripe refuses what is older than 35 days (Stripe: docs, recording-usage-api).
pub const AGE_MAX_S: i64 = 34 * DAY_S + 23 * HOUR_S;
/// Longest wait between two runs' attempts.
pub const BACKOFF_MAX_S: i64 = 15 * MINUTE_S;
const BACKOFF_FIRST_S: i64 = 5;

/// How far the sending of a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Its state.
    pub state: State,
    /// Claims so far.
    pub attempts: u32,
    /// 5xx answers so far.
    pub server_errors: u32,
    /// The first attempt whose outcome is not known; stamped before the socket opens.
    pub indefinite_at: Option<Timestamp>,
    /// Not to be sent again before.
    pub next_attempt: Option<Timestamp>,
    /// When Stripe said yes.
    pub accepted_at: Option<Timestamp>,
}

impl Progress {
    /// A delivery that was just formed.
    pub fn fresh(state: State) -> Progress {
        Progress {
            state,
            attempts: 0,
            server_errors: 0,
            indefinite_at: None,
            next_attempt: None,
            accepted_at: None,
        }
    }
}

/// Until when a delivery makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// When its usage happened, as Stripe is told.
    pub timestamp: Timestamp,
    /// The end of its period and the grace after it. A span that ended early, by a swap or a cancel that invoices at
    /// once, has no grace: its end is the deadline.
    pub must_arrive_by: Timestamp,
    /// The invoice of its period is known to be final.
    pub invoice_final: bool,
}

/// Whether a delivery may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Yes: this is to be durable before the socket opens.
    Send(Claimed),
    /// Not yet, or not at all any more.
    Wait,
    /// No: this is what it becomes instead.
    Give(State),
}

/// A claimed delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// As it is while its call runs.
    pub progress: Progress,
    /// The stamp of an earlier attempt, which no answer of this one clears.
    pub earlier_indefinite: Option<Timestamp>,
}

/// Decides whether a delivery may be sent at `now`. Called under the lock of the one push per store, so that a
/// delivery that is `sending` already belongs to a process that died: it goes out again at once.
pub fn claim(progress: &Progress, deadline: &Deadline, now: Timestamp) -> Claim {
    match progress.state {
        State::Due if progress.next_attempt.is_some_and(|at| at > now) => {
            return verdict_only(progress, deadline, now);
        }
        State::Due | State::Sending => (),
        _ => return Claim::Wait,
    }
    // A dead process's attempt was stamped when it was claimed.
    if let Some(state) = given_up(progress, deadline, now) {
        return Claim::Give(state);
    }
    let claimed = Progress {
        state: State::Sending,
        attempts: progress.attempts.saturating_add(1),
        indefinite_at: progress.indefinite_at.or(Some(now)),
        next_attempt: None,
        ..*progress
    };
    Claim::Send(Claimed { progress: claimed, earlier_indefinite: progress.indefinite_at })
}

/// A delivery that waits for its next attempt is still given up when its time is over.
fn verdict_only(progress: &Progress, deadline: &Deadline, now: Timestamp) -> Claim {
    given_up(progress, deadline, now).map_or(Claim::Wait, Claim::Give)
}

/// What a delivery becomes that may not be sent any more.
fn given_up(progress: &Progress, deadline: &Deadline, now: Timestamp) -> Option<State> {
    let too_old = now.since(deadline.timestamp) > AGE_MAX_S;
    let late = deadline.invoice_final || now.plus(GRACE_LEFT_MIN_S) > deadline.must_arrive_by;
    if let Some(since) = progress.indefinite_at {
        // It may be at Stripe already: neither late nor too late can be said of it, and a repeat could double it.
        let expired = now.since(since) >= RESEND_S;
        return (expired || too_old || late).then_some(State::Unknown);
    }
    if too_old {
        return Some(State::TooLate);
    }
    late.then_some(State::Late)
}

/// Stripe's answer to an attempt, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Yes.
    Accepted,
    /// "An event already exists with identifier": an earlier attempt was accepted.
    AlreadyExists,
    /// No, for good: this event will never be taken as it is.
    Refused,
    /// Nothing happened: no connection, TLS, 401, 403, 409, 429.
    NothingHappened,
    /// So many 5xx answers, which Stripe stored under the key; whether it took the event is not known.
    ServerError(u32),
    /// Timeout, cut connection, an answer that cannot be read.
    Indefinite,
}

/// What an answer makes of a claimed delivery. `call_indefinite`: an earlier try within this same call had an outcome
/// that is not known. `jitter` is any random number.
pub fn next(claimed: &Claimed, reply: Reply, call_indefinite: bool, now: Timestamp, jitter: u64) -> Progress {
    let sent = claimed.progress;
    if sent.state != State::Sending {
        return sent;
    }
    let stamp_if_definite = if call_indefinite { sent.indefinite_at } else { claimed.earlier_indefinite };
    let again = Progress {
        state: State::Due,
        next_attempt: Some(now.plus(backoff_s(sent.attempts, jitter))),
        ..sent
    };
    match reply {
        Reply::Accepted | Reply::AlreadyExists => Progress {
            state: State::Accepted,
            indefinite_at: stamp_if_definite,
            accepted_at: Some(now),
            ..sent
        },
        // A no to this attempt says nothing of an earlier one that may have been taken.
        Reply::Refused if stamp_if_definite.is_some() => {
            Progress { state: State::Unknown, indefinite_at: stamp_if_definite, ..sent }
        }
        Reply::Refused => Progress { state: State::Rejected, indefinite_at: None, ..sent },
        Reply::NothingHappened => Progress { indefinite_at: stamp_if_definite, ..again },
        Reply::ServerError(count) => {
            doubted(Progress { server_errors: sent.server_errors.saturating_add(count.max(1)), ..again }, now)
        }
        Reply::Indefinite => doubted(again, now),
    }
}

/// After an attempt of unknown outcome: again, while Stripe still remembers the identifier.
fn doubted(again: Progress, now: Timestamp) -> Progress {
    if again.indefinite_at.is_some_and(|since| now.since(since) >= RESEND_S) {
        return Progress { state: State::Unknown, next_attempt: None, ..again };
    }
    again
}

/// Seconds until the next attempt: doubling, the upper half at random, capped.
fn backoff_s(attempts: u32, jitter: u64) -> i64 {
    let doublings = attempts.saturating_sub(1).min(16);
    let whole = (BACKOFF_FIRST_S << doublings).min(BACKOFF_MAX_S);
    let half = whole / 2;
    let spread = u64::try_from(whole - half).unwrap_or(0) + 1;
    half + i64::try_from(jitter % spread).unwrap_or(0)
}
