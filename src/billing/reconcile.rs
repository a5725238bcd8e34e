//! Reconcile: what our deliveries say against what Stripe counted, and what every difference is called.

mod bill;
mod bisect;
mod cause;
mod deadline;
mod explain;
mod side;
mod tolerance;
mod windows;

pub use bill::{Billed, Chain, Charged, Cost, Invoiced, Lack, Unbilled, billed};
pub use bisect::{Bisect, By, PAGE_SUMS, Place, Question, Sum};
pub use cause::Cause;
pub use deadline::{CANCEL_S, Times, fix_deadline};
pub use explain::{Candidate, Part, Spot, explain, wrong_customers};
pub use side::{Point, Side};
pub use tolerance::{Tolerance, Tolerances};
pub use windows::windows_said;

use super::delivery::{Progress, State};
use super::time::{HOUR_S, MINUTE_S, Timestamp};

/// How long Stripe may take to count what it accepted, unless the settings say otherwise. Stripe gives no figure (docs:
/// meter events are processed asynchronously).
pub const SETTLE_DEFAULT_S: i64 = 15 * MINUTE_S;
/// Usage of a window that closed so long ago should have been sent.
pub const NOT_SENT_AFTER_S: i64 = 2 * HOUR_S;

/// What a comparison is called: exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Both sides agree.
    Match,
    /// Stripe has less than it should.
    Missing,
    /// Stripe has more than we sent.
    Extra,
    /// A delivery's value is not the sum of the events that it covers.
    Value,
    /// Too early to say.
    Unsettled,
    /// Whether Stripe took a delivery is not known.
    Unknown,
    /// Not sent in time: it would not be billed.
    Late,
}

impl Class {
    /// The word in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Match => "match",
            Class::Missing => "missing",
            Class::Extra => "extra",
            Class::Value => "value",
            Class::Unsettled => "unsettled",
            Class::Unknown => "unknown",
            Class::Late => "late",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Class> {
        use Class::{Extra, Late, Match, Missing, Unknown, Unsettled, Value};
        [Match, Missing, Extra, Value, Unsettled, Unknown, Late].into_iter().find(|it| it.as_str() == text)
    }
    /// Whether it is a difference that somebody must look at.
    pub fn is_finding(self) -> bool {
        !matches!(self, Class::Match | Class::Unsettled)
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How sure it is that Stripe has counted a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It must be in Stripe's sum.
    Settled,
    /// It may be.
    Unsettled,
    /// Nobody knows.
    Unknown,
    /// It is not.
    Absent,
}

/// The weight of a delivery at `now`. An accepted one settles; one whose attempts had no definite outcome may be there,
/// and two hours later nobody expects the answer any more.
pub fn weight(progress: &Progress, window_to: Timestamp, now: Timestamp, settle_s: i64) -> Weight {
    match progress.state {
        State::Accepted if progress.accepted_at.is_some_and(|at| now.since(at) < settle_s) => {
            Weight::Unsettled
        }
        State::Accepted => Weight::Settled,
        State::Unknown => Weight::Unknown,
        State::Due | State::Sending => match progress.indefinite_at {
            None => Weight::Absent,
            Some(at) if now.since(at.max(window_to)) < NOT_SENT_AFTER_S => Weight::Unsettled,
            Some(_) => Weight::Unknown,
        },
        _ => Weight::Absent,
    }
}

/// Our side of a comparison, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ours {
    /// Must be at Stripe: settled deliveries, and what it held before us and our usage was set off against.
    pub settled: i64,
    /// May be.
    pub unsettled: i64,
    /// Nobody knows.
    pub unknown: i64,
    /// Units below zero, which take back what was sent before, that may be there.
    pub back_unsettled: i64,
    /// Such units of which nobody knows.
    pub back_unknown: i64,
}

impl Ours {
    /// Adds a delivery.
    pub fn add(&mut self, weight: Weight, units: i64) {
        match weight {
            Weight::Settled => self.settled += units,
            Weight::Unsettled if units < 0 => self.back_unsettled += units,
            Weight::Unknown if units < 0 => self.back_unknown += units,
            Weight::Unsettled => self.unsettled += units,
            Weight::Unknown => self.unknown += units,
            Weight::Absent => (),
        }
    }
    /// Everything that may be at Stripe.
    pub fn most(&self) -> i64 {
        self.settled + self.unsettled + self.unknown
    }
    /// The least that may be there.
    pub fn least(&self) -> i64 {
        self.settled + self.back_unsettled + self.back_unknown
    }
}

/// Names the difference between our side and Stripe's sum, and measures it: units too many (above zero) or too few
/// (below zero) at Stripe. Within what is not settled there is no difference yet.
pub fn compare(ours: &Ours, stripe: i64) -> (Class, i64) {
    if stripe < ours.least() {
        return (Class::Missing, stripe - ours.least());
    }
    if stripe > ours.most() {
        return (Class::Extra, stripe - ours.most());
    }
    let class = match (ours.unknown - ours.back_unknown > 0, ours.unsettled - ours.back_unsettled > 0) {
        (true, _) => Class::Unknown,
        (false, true) => Class::Unsettled,
        (false, false) => Class::Match,
    };
    (class, 0)
}

/// What usage is called that was not sent: too early to say while its window closed less than two hours ago and its
/// period is still open.
pub fn not_sent(window_to: Timestamp, period_end: Timestamp, now: Timestamp) -> Class {
    if now < window_to.plus(NOT_SENT_AFTER_S) && now < period_end { Class::Unsettled } else { Class::Missing }
}

/// A half-open stretch of whole minutes that Stripe can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// First second.
    pub from: Timestamp,
    /// First second after it.
    pub to: Timestamp,
}

impl Range {
    /// Whether it holds an instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.to <= self.from
    }
}

/// The stretch of a billing period that is compared: edges floored to the minute, on both sides alike (Stripe's summaries
/// take whole minutes only). `next`: where the pair's next period begins, if one is known. A period that nothing follows
/// ends with its last minute, so that no second of it is left out.
pub fn period_range(start: Timestamp, end: Timestamp, next: Option<Timestamp>) -> Range {
    let to = match next {
        Some(next) if next <= end => next.floor(MINUTE_S),
        _ => end.ceil(MINUTE_S),
    };
    Range { from: start.floor(MINUTE_S), to }
}

/// A range cut for a finer look: what Stripe groups by a unit, and the rests at both ends, which it must be asked one
/// by one (Stripe: docs, meter event summaries: grouped ranges begin and end with the unit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The whole units in the middle.
    pub middle: Option<Range>,
    /// What is before and after them.
    pub rests: Vec<Range>,
}

/// Cuts a range into whole units of `unit_s` seconds and its rests.
pub fn cut(range: Range, unit_s: i64) -> Cut {
    let (first, last) = (range.from.ceil(unit_s), range.to.floor(unit_s));
    if first >= last {
        // No whole unit; but an edge may still lie inside.
        let edge = Some(first).filter(|edge| range.from < *edge && *edge < range.to);
        let parts = match edge {
            Some(edge) => vec![Range { to: edge, ..range }, Range { from: edge, ..range }],
            None => vec![range],
        };
        return Cut { middle: None, rests: parts.into_iter().filter(|it| !it.is_empty()).collect() };
    }
    let rests = [Range { to: first, ..range }, Range { from: last, ..range }];
    Cut {
        middle: Some(Range { from: first, to: last }),
        rests: rests.into_iter().filter(|it| !it.is_empty()).collect(),
    }
}

/// The units of a middle, in order.
pub fn units(middle: Range, unit_s: i64) -> Vec<Range> {
    let mut units = Vec::new();
    let mut from = middle.from;
    while from < middle.to {
        let to = from.plus(unit_s).min(middle.to);
        units.push(Range { from, to });
        from = to;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::time::DAY_S;

    const NOW: Timestamp = Timestamp(1_795_248_000);

    /// Planted and seen to fail here: unsettled counted as settled; extra above the settled sum alone.
    #[test]
    fn every_difference_has_one_class() {
        for (settled, unsettled, unknown, stripe, class, difference) in [
            (10, 0, 0, 10, Class::Match, 0),
            (10, 0, 0, 9, Class::Missing, -1),
            (10, 0, 0, 11, Class::Extra, 1),
            (0, 0, 0, 0, Class::Match, 0),
            (0, 0, 0, 5, Class::Extra, 5),
            (10, 5, 0, 10, Class::Unsettled, 0),
            (10, 5, 0, 12, Class::Unsettled, 0),
            (10, 5, 0, 15, Class::Unsettled, 0),
            (10, 5, 0, 16, Class::Extra, 1),
            (10, 5, 0, 9, Class::Missing, -1),
            (10, 5, 3, 18, Class::Unknown, 0),
            (10, 0, 3, 10, Class::Unknown, 0),
            (10, 5, 3, 19, Class::Extra, 1),
        ] {
            let ours = Ours { settled, unsettled, unknown, ..Ours::default() };
            assert_eq!(compare(&ours, stripe), (class, difference), "{ours:?} against {stripe}");
        }
        // Five are taken back, and nobody knows yet whether Stripe has counted that.
        for (stripe, class, difference) in [
            (10, Class::Unsettled, 0),
            (5, Class::Unsettled, 0),
            (4, Class::Missing, -1),
            (11, Class::Extra, 1),
        ] {
            let mut ours = Ours { settled: 10, ..Ours::default() };
            ours.add(Weight::Unsettled, -5);
            assert_eq!(compare(&ours, stripe), (class, difference), "{ours:?} against {stripe}");
        }
    }

    #[test]
    fn how_sure_a_delivery_is() {
        let settle = SETTLE_DEFAULT_S;
        let at = |s: i64| Some(NOW.plus(-s));
        for (state, accepted, indefinite, closed_s, want) in [
            (State::Accepted, at(settle), None, 0, Weight::Settled),
            (State::Accepted, at(settle - 1), None, 0, Weight::Unsettled),
            (State::Unknown, None, at(DAY_S), DAY_S, Weight::Unknown),
            (State::Due, None, None, 0, Weight::Absent),
            (State::Due, None, at(60), DAY_S, Weight::Unsettled),
            (State::Due, None, at(2 * HOUR_S), DAY_S, Weight::Unknown),
            (State::Sending, None, at(60), 0, Weight::Unsettled),
            (State::Rejected, None, None, 0, Weight::Absent),
            (State::Late, None, None, 0, Weight::Absent),
            (State::Lost, at(DAY_S), None, DAY_S, Weight::Absent),
            (State::Cancelled, at(DAY_S), None, DAY_S, Weight::Absent),
            (State::Replaced, None, None, DAY_S, Weight::Absent),
            (State::TooLate, None, None, DAY_S, Weight::Absent),
        ] {
            let progress =
                Progress { accepted_at: accepted, indefinite_at: indefinite, ..Progress::fresh(state) };
            assert_eq!(weight(&progress, NOW.plus(-closed_s), NOW, settle), want, "{state} {indefinite:?}");
        }
        for (closed_s, left_s, want) in [
            (-1800, DAY_S, Class::Unsettled),
            (2 * HOUR_S - 1, DAY_S, Class::Unsettled),
            (2 * HOUR_S, DAY_S, Class::Missing),
            (60, 0, Class::Missing),
        ] {
            assert_eq!(not_sent(NOW.plus(-closed_s), NOW.plus(left_s), NOW), want, "{closed_s} {left_s}");
        }
    }

    fn range(from: i64, to: i64) -> Range {
        Range { from: Timestamp(from), to: Timestamp(to) }
    }

    #[test]
    fn ranges_are_cut_where_stripe_can_be_asked() {
        let day = DAY_S;
        for (from, to, unit, middle, rests) in [
            (0, 3 * day, day, Some((0, 3 * day)), vec![]),
            (60, 3 * day - 60, day, Some((day, 2 * day)), vec![(60, day), (2 * day, 3 * day - 60)]),
            (60, 120, day, None, vec![(60, 120)]),
            (day - 60, day + 60, day, None, vec![(day - 60, day), (day, day + 60)]),
            (1800, 7200, HOUR_S, Some((3600, 7200)), vec![(1800, 3600)]),
        ] {
            let got = cut(range(from, to), unit);
            assert_eq!(got.middle, middle.map(|(from, to)| range(from, to)), "{from} {to}");
            assert_eq!(
                got.rests,
                rests.into_iter().map(|(from, to)| range(from, to)).collect::<Vec<_>>(),
                "{from} {to}"
            );
            let whole: i64 = got.rests.iter().chain(got.middle.iter()).map(|it| it.to.since(it.from)).sum();
            assert_eq!(whole, to - from, "nothing is left out, nothing is asked twice");
        }
        assert_eq!(units(range(0, 2 * day), day), [range(0, day), range(day, 2 * day)]);
    }

    #[test]
    fn periods_meet_without_a_gap_and_the_last_second_counts() {
        let (start, swap, end) = (Timestamp(90), Timestamp(3_661), Timestamp(7_230));
        assert_eq!(period_range(start, end, Some(swap)), range(60, 3_660));
        assert_eq!(period_range(swap, end, Some(end)), range(3_660, 7_200));
        assert_eq!(period_range(end, end.plus(100), None), range(7_200, 7_380));
        assert_eq!(period_range(swap, end, Some(end.plus(60))), range(3_660, 7_260), "a gap follows");
    }
}
