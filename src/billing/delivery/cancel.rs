//! When a delivery may be taken back at Stripe.

use super::{Progress, State};
use crate::billing::time::{DAY_S, MINUTE_S, Timestamp};

/// Stripe cancels a meter event within 24 hours of receiving it (Stripe: docs, meters/configure). Minutes of it are left to
/// clocks and slow calls.
pub const CANCEL_S: i64 = DAY_S - 5 * MINUTE_S;

/// Why a delivery is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Stripe does not have it for certain.
    NotAccepted(State),
    /// Stripe took it too long ago.
    TooOld,
    /// Its period is billed, or about to be: nothing there would change.
    Final,
}

/// Until when a delivery can be taken back, or why it cannot. `first_attempt`: Stripe cannot have received it earlier.
/// `billed`: the invoice of its period is final, or its grace is over.
pub fn cancel(
    progress: &Progress,
    first_attempt: Option<Timestamp>,
    billed: bool,
    now: Timestamp,
) -> Result<Timestamp, Kept> {
    if progress.state != State::Accepted {
        return Err(Kept::NotAccepted(progress.state));
    }
    if billed {
        return Err(Kept::Final);
    }
    let until = first_attempt.or(progress.accepted_at).map(|at| at.plus(CANCEL_S));
    until.filter(|until| now < *until).ok_or(Kept::TooOld)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::time::HOUR_S;

    #[test]
    fn only_what_stripe_took_within_a_day_and_has_not_billed_is_taken_back() {
        let now = Timestamp(1_795_248_000);
        for (state, tried_s, billed, want) in [
            (State::Accepted, 0, false, Ok(now.plus(CANCEL_S))),
            (State::Accepted, HOUR_S, false, Ok(now.plus(CANCEL_S - HOUR_S))),
            (State::Accepted, CANCEL_S - 1, false, Ok(now.plus(1))),
            (State::Accepted, CANCEL_S, false, Err(Kept::TooOld)),
            (State::Accepted, HOUR_S, true, Err(Kept::Final)),
            (State::Unknown, 0, false, Err(Kept::NotAccepted(State::Unknown))),
            (State::Cancelled, 0, false, Err(Kept::NotAccepted(State::Cancelled))),
        ] {
            let progress = Progress { accepted_at: Some(now), ..Progress::fresh(state) };
            let got = cancel(&progress, Some(now.plus(-tried_s)), billed, now);
            assert_eq!(got, want, "{state} tried {tried_s} s ago, billed: {billed}");
        }
    }
}
