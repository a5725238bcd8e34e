//! Until when a difference can be mended without a correction in money.

use super::Cause;
use crate::billing::delivery::{AGE_MAX_S, RESEND_S};
use crate::billing::time::{HOUR_S, Timestamp};

/// An accepted event can be taken back for so long after Stripe received it (Stripe: docs, meter event adjustments).
pub const CANCEL_S: i64 = 24 * HOUR_S;

/// What of a delivery sets deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// What Stripe was told.
    pub timestamp: Timestamp,
    /// After this its usage is not billed any more.
    pub must_arrive_by: Timestamp,
    /// Its first attempt: Stripe received it no earlier.
    pub first_attempt: Option<Timestamp>,
    /// Its first attempt without a definite answer.
    pub indefinite_at: Option<Timestamp>,
}

/// Until when a difference can be mended at Stripe; `None` where there is no such instant. `draft_until`: when the
/// period's invoice takes no more usage. What can be mended in two ways has the deadline of the first that is left.
pub fn fix_deadline(
    cause: Cause,
    times: &[Times],
    draft_until: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let arrive = || times.iter().map(|it| it.must_arrive_by.min(it.timestamp.plus(AGE_MAX_S))).min();
    let cancel = || times.iter().filter_map(|it| it.first_attempt).map(|at| at.plus(CANCEL_S)).min();
    let resend = || times.iter().filter_map(|it| it.indefinite_at).map(|at| at.plus(RESEND_S)).min();
    match cause {
        Cause::NotSent | Cause::Rejected | Cause::Lost => arrive().or(Some(draft_until)),
        Cause::InFlight => resend(),
        // First by taking it back, then by usage below zero while the draft is open.
        Cause::SentTwice | Cause::WrongCustomer | Cause::SpanChanged | Cause::ValueDiffers => {
            cancel().filter(|at| now < *at).or(Some(draft_until))
        }
        Cause::ForeignSender | Cause::HeldBefore | Cause::Invoice | Cause::Unknown => Some(draft_until),
        Cause::Late | Cause::TooLate | Cause::AfterInvoice | Cause::Canceled | Cause::Unsettled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::time::DAY_S;

    #[test]
    fn until_when_it_can_be_mended() {
        let now = Timestamp(1_795_248_000);
        let draft_until = now.plus(10 * DAY_S);
        let times = |sent_ago_s: i64, old_s: i64| Times {
            timestamp: now.plus(-old_s),
            must_arrive_by: draft_until,
            first_attempt: Some(now.plus(-sent_ago_s)),
            indefinite_at: Some(now.plus(-sent_ago_s)),
        };
        for (cause, of, want_s) in [
            (Cause::Lost, vec![times(60, 60)], Some(10 * DAY_S)),
            (Cause::Lost, vec![times(60, 60), times(60, 30 * DAY_S)], Some(4 * DAY_S + 23 * HOUR_S)),
            (Cause::NotSent, vec![], Some(10 * DAY_S)),
            (Cause::InFlight, vec![times(HOUR_S, 60), times(2 * HOUR_S, 60)], Some(21 * HOUR_S)),
            (Cause::SentTwice, vec![times(HOUR_S, 60)], Some(23 * HOUR_S)),
            (Cause::SentTwice, vec![times(25 * HOUR_S, 60)], Some(10 * DAY_S)),
            (Cause::ForeignSender, vec![], Some(10 * DAY_S)),
            (Cause::Late, vec![times(60, 60)], None),
        ] {
            let until = fix_deadline(cause, &of, draft_until, now);
            assert_eq!(until.map(|at| at.since(now)), want_s, "{cause} {of:?}");
        }
    }
}
