//! What decisions charge, by our own estimate.

use super::*;
use crate::billing::period::Period;
use crate::billing::proration::{Due, Stands, charge};

/// Half of the period is over, and its usage has cost 7.00.
fn stands(how: &str) -> Stands {
    let period = |start, end| Some(Period { start: Timestamp(start), end: Timestamp(end) });
    Stands {
        period: period(0, 2_000),
        next: period(2_000, 4_000),
        billed_at: Some(PERIOD_END),
        trialing: how == "trial",
        part: how == "part",
        usage: Some(Money { minor: 700, currency: catalog().currency }),
    }
}

fn told(history: &str, wish: &str, how_it_stands: &str) -> String {
    let has = has(history);
    let (wanted, decision) = if wish.starts_with("(cancel)") {
        (None, cancel(&has, how(wish).at, NOW).unwrap())
    } else {
        let wanted = wanted(&catalog(), &asked(wish), &has).unwrap();
        let decision = decide(&wanted, &prices(&wanted.revision), &has, how(wish)).unwrap();
        (Some(wanted), decision)
    };
    let charge = charge(&decision, wanted.as_ref(), &has, &stands(how_it_stands), NOW).unwrap();
    let due = match charge.due {
        Due::Now => "now",
        Due::Then => "then",
        Due::Next => "next",
        Due::Last => "last",
    };
    format!("{} {due}", charge.amount.minor)
}

#[test]
fn what_it_charges() {
    for (history, wish, stands, want) in [
        ("", "team seats=4", "", "7600 now"),
        ("", "pro", "", "0 now"),
        ("team seats=4", "team seats=6 (seats)", "", "1900 now"),
        ("team seats=4", "team seats=3 (seats)", "", "-950 next"),
        ("team seats=4", "team seats=6 (seats)", "trial", "0 now"),
        ("team seats=4", "pro at=end", "", "0 now"),
        // A day inside a period: the rest of it, as of that day.
        ("team seats=4", "team seats=6 at=1500", "", "950 then"),
        ("team seats=4", "team seats=3 at=1500", "", "-475 next"),
        ("team seats=4", "team seats=6 at=3000", "", "1900 then"),
        ("team seats=4", "team seats=6 at=2000", "", "0 now"),
        ("team seats=4 | ends 1500", "team seats=6 at=1700", "part", "2470 then"),
        ("pro", "pro year at=1500", "", "28275 then"),
        // Seats leave an end that waits: they are paid for until then.
        ("team seats=4 | ends 1500", "team seats=6 (seats)", "", "950 now"),
        ("team seats=4 | ends 1500", "team seats=3 (seats)", "", "-475 next"),
        ("team seats=4 | ends", "team seats=6 (seats)", "", "1900 now"),
        ("team seats=4 | ends 3500", "team seats=6 (seats)", "", "1900 now"),
        // All else takes it back; what a part of the period was not charged of comes on top.
        ("team seats=4 | ends 1500", "team seats=6", "", "1900 now"),
        ("team seats=4 | ends 1500", "team seats=6", "part", "3800 now"),
        ("team seats=4 | ends 1500", "team seats=3", "part", "950 next"),
        ("team seats=4 | ends 1500", "team (resume)", "", "0 now"),
        ("team seats=4 | ends 1500", "team (resume)", "part", "1900 next"),
        ("team seats=4 | ends 3500", "team (resume)", "part", "0 now"),
        ("pro", "pro year", "", "27550 now"),
        ("pro | ends 1500", "pro year", "part", "28275 now"),
        // An end: the usage so far, and what comes before it.
        ("team seats=4", "(cancel) at=now", "", "700 now"),
        ("team seats=4", "(cancel) at=end", "", "700 last"),
        ("team seats=4", "free", "", "700 last"),
        ("team seats=4", "(cancel) at=1500", "", "700 last"),
        ("team seats=4", "(cancel) at=3000", "", "4500 next"),
        ("team seats=4", "(cancel) at=5000", "", "8300 next"),
        ("team seats=4", "(cancel) at=now", "trial", "0 now"),
        ("team seats=4", "(cancel) at=end", "trial", "0 last"),
        ("team seats=4", "(cancel) at=3000", "trial", "3800 next"),
        // One that moves on, in a period that was charged for its part.
        ("team seats=4 | ends 1500", "(cancel) at=end", "part", "2600 last"),
        ("team seats=4 | ends 1500", "(cancel) at=1700", "part", "1460 last"),
    ] {
        assert_eq!(told(history, wish, stands), want, "{history} -> {wish} ({stands})");
    }
}
