//! The one retry layer: which outcomes are sent again, and after how long. Pure; the transport sleeps.

use std::time::Duration;

/// First ceiling of the random wait.
const WAIT_FIRST: Duration = Duration::from_millis(500);
/// Highest ceiling of the random wait.
const WAIT_MAX: Duration = Duration::from_secs(8);
/// Longest `Retry-After` that is obeyed inside a call.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);

/// What one attempt met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// No connection was made.
    NoConnection,
    /// The handshake failed, or the request is illegal.
    Refused,
    /// It was sent, or part of it, and no whole answer came.
    Lost,
    /// An answer came.
    Status {
        /// HTTP status.
        status: u16,
        /// Stripe's own word on repeating (`Stripe-Should-Retry`).
        should_retry: Option<bool>,
    },
}

impl Met {
    /// Whether it is unknown what Stripe did.
    pub(super) fn is_indefinite(self) -> bool {
        match self {
            Met::NoConnection | Met::Refused => false,
            Met::Lost => true,
            // A redirect is never Stripe's; a 408 or 424 may have been executed.
            Met::Status { status, .. } => !matches!(status, 200..=299 | 400..=407 | 409..=423 | 425..=499),
        }
    }
    /// Whether the same request is worth sending again, by Stripe's word first, then by status.
    /// `repeatable` is false for a write without an idempotency key.
    pub(super) fn is_worth_repeating(self, repeatable: bool) -> bool {
        match self {
            Met::Refused => false,
            Met::NoConnection => true,
            Met::Lost => repeatable,
            Met::Status { status: 200..=399, .. } => false,
            Met::Status { should_retry: Some(word), .. } => word && repeatable,
            Met::Status { status: 409 | 429, .. } => true,
            Met::Status { status, .. } => repeatable && (status == 408 || status == 424 || status >= 500),
        }
    }
}

/// The wait before attempt `next` (2 for the first repeat): full jitter below a doubling ceiling, and never shorter than
/// Stripe's `Retry-After`. `random` is any number.
pub(super) fn wait(next: u32, random: u64, retry_after: Option<Duration>) -> Duration {
    let ceiling = WAIT_FIRST.saturating_mul(1 << next.saturating_sub(2).min(10)).min(WAIT_MAX);
    let millis = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
    let jitter = Duration::from_millis(random % (millis + 1));
    jitter.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Met {
        Met::Status { status, should_retry: None }
    }
    fn told(status: u16, word: bool) -> Met {
        Met::Status { status, should_retry: Some(word) }
    }

    #[test]
    fn what_is_sent_again() {
        // (met, indefinite, sent again with a key, sent again without one)
        for (met, indefinite, with_key, without) in [
            (Met::NoConnection, false, true, true),
            (Met::Refused, false, false, false),
            (Met::Lost, true, true, false),
            (status(200), false, false, false),
            (status(302), true, false, false),
            (status(400), false, false, false),
            (status(401), false, false, false),
            (status(404), false, false, false),
            (status(408), true, true, false),
            (status(409), false, true, true),
            (status(424), true, true, false),
            (status(429), false, true, true),
            (status(500), true, true, false),
            (status(503), true, true, false),
            (told(500, false), true, false, false),
            (told(429, false), false, false, false),
            (told(400, true), false, true, false),
            (told(400, false), false, false, false),
        ] {
            assert_eq!(met.is_indefinite(), indefinite, "{met:?}");
            assert_eq!(met.is_worth_repeating(true), with_key, "{met:?} with a key");
            assert_eq!(met.is_worth_repeating(false), without, "{met:?} without a key");
        }
    }

    #[test]
    fn waits_grow_below_their_ceiling() {
        for (next, ceiling_ms) in [(2, 500), (3, 1_000), (4, 2_000), (6, 8_000), (40, 8_000)] {
            for random in [0, 1, 250, 499, 12_345, u64::MAX] {
                assert!(wait(next, random, None) <= Duration::from_millis(ceiling_ms), "{next} {random}");
            }
            assert_eq!(wait(next, ceiling_ms, None), Duration::from_millis(ceiling_ms));
        }
        assert_eq!(wait(2, 100, Some(Duration::from_secs(3))), Duration::from_secs(3));
        assert_eq!(wait(2, 0, Some(Duration::from_secs(9_999))), RETRY_AFTER_MAX);
    }
}
