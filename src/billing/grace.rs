//! Grace: how long a failed payment changes nothing. It runs from the first failed payment of an invoice, and no later
//! failure moves it.

use super::time::{DAY_S, Timestamp};

/// An invoice of a subscription, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// `in_…`.
    pub invoice: String,
    /// Stripe's word.
    pub status: String,
    /// Its first failed payment.
    pub first_failed_at: Option<Timestamp>,
}

impl Bill {
    /// Whether it still waits for its money: also one that was written off, but none that was taken back.
    pub fn is_unpaid(&self) -> bool {
        matches!(self.status.as_str(), "open" | "uncollectible")
    }
}

/// An invoice whose grace is over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Over {
    /// When it was over.
    pub at: Timestamp,
    /// `in_…`.
    pub invoice: String,
}

/// Whether a subscription in this status owes money: whatever else is open, one that Stripe calls active is not ended.
pub fn owes(status: &str) -> bool {
    matches!(status, "past_due" | "unpaid")
}

/// When the grace of a failed payment is over.
pub fn over_at(first_failed: Timestamp, grace_days: u32) -> Timestamp {
    first_failed.plus(i64::from(grace_days) * DAY_S)
}

/// The invoices of a subscription whose grace is over, the longest over first. A tier without grace leaves it to
/// Stripe's own retries.
pub fn over(status: &str, bills: &[Bill], grace_days: Option<u32>, now: Timestamp) -> Vec<Over> {
    let Some(days) = grace_days.filter(|_| owes(status)) else { return Vec::new() };
    let ends = |bill: &Bill| {
        let at = over_at(bill.first_failed_at?, days);
        (bill.is_unpaid() && at <= now).then(|| Over { at, invoice: bill.invoice.clone() })
    };
    let mut over: Vec<Over> = bills.iter().filter_map(ends).collect();
    over.sort();
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: i64 = 1_000_000;
    const WEEK: i64 = FAILED + 7 * DAY_S;

    fn bill(invoice: &str, status: &str, failed: Option<i64>) -> Bill {
        Bill {
            invoice: invoice.to_owned(),
            status: status.to_owned(),
            first_failed_at: failed.map(Timestamp),
        }
    }

    #[test]
    fn it_is_over_when_its_days_are() {
        let one = |status: &str, failed: Option<i64>| vec![bill("in_1", status, failed)];
        for (says, sub, bills, days, now, want) in [
            ("the last second of it", "past_due", one("open", Some(FAILED)), Some(7), WEEK - 1, vec![]),
            ("over", "past_due", one("open", Some(FAILED)), Some(7), WEEK, vec![("in_1", WEEK)]),
            (
                "retries are over too",
                "unpaid",
                one("open", Some(FAILED)),
                Some(7),
                WEEK,
                vec![("in_1", WEEK)],
            ),
            (
                "written off is not paid",
                "past_due",
                one("uncollectible", Some(FAILED)),
                Some(7),
                WEEK,
                vec![("in_1", WEEK)],
            ),
            ("paid in time", "active", one("paid", Some(FAILED)), Some(7), WEEK, vec![]),
            ("paid, and the next not yet", "past_due", one("paid", Some(FAILED)), Some(7), WEEK, vec![]),
            ("taken back", "past_due", one("void", Some(FAILED)), Some(7), WEEK, vec![]),
            ("Stripe calls it active", "active", one("open", Some(FAILED)), Some(7), WEEK, vec![]),
            ("ended already", "canceled", one("open", Some(FAILED)), Some(7), WEEK, vec![]),
            ("nothing failed", "past_due", one("open", None), Some(7), WEEK, vec![]),
            ("a tier without grace", "past_due", one("open", Some(FAILED)), None, WEEK, vec![]),
            (
                "no days at all",
                "past_due",
                one("open", Some(FAILED)),
                Some(0),
                FAILED,
                vec![("in_1", FAILED)],
            ),
            (
                "the first that failed comes first, each with a grace of its own",
                "past_due",
                vec![
                    bill("in_3", "open", Some(FAILED + 1)),
                    bill("in_2", "open", Some(FAILED - 9)),
                    bill("in_1", "open", Some(FAILED)),
                ],
                Some(7),
                WEEK,
                vec![("in_2", WEEK - 9), ("in_1", WEEK)],
            ),
        ] {
            let found = over(sub, &bills, days, Timestamp(now));
            let found: Vec<(&str, i64)> = found.iter().map(|it| (it.invoice.as_str(), it.at.0)).collect();
            assert_eq!(found, want, "{says}");
        }
    }
}
