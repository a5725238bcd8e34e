//! Our side of a customer x meter: what must be, may be and cannot be at Stripe, summed over any range.

use super::{Ours, Range, Weight};
use crate::billing::time::{HOUR_S, MINUTE_S, Timestamp};

/// Units at an instant, and how sure it is that Stripe has counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// What Stripe was told.
    pub at: Timestamp,
    /// How sure.
    pub weight: Weight,
    /// Units.
    pub units: i64,
}

/// Our side, ready to be summed.
#[derive(Debug, Clone, Default)]
pub struct Side {
    points: Vec<Point>,
    /// The sums of the points before each.
    before: Vec<Ours>,
    /// Hours of which Stripe held something before this store sent anything: where in the hour is not known.
    held: Vec<Timestamp>,
}

impl Side {
    /// Of deliveries, and of what Stripe held before: from when on, and what our usage was set off against.
    pub fn new(mut points: Vec<Point>, held: &[(Timestamp, i64)]) -> Side {
        let set_off =
            held.iter().map(|(at, units)| Point { at: *at, weight: Weight::Settled, units: *units });
        points.extend(set_off);
        points.sort_by_key(|point| point.at);
        let mut sum = Ours::default();
        let mut before = vec![sum];
        for point in &points {
            sum.add(point.weight, point.units);
            before.push(sum);
        }
        Side { points, before, held: held.iter().map(|(at, _)| *at).collect() }
    }

    fn places(&self, range: Range) -> (usize, usize) {
        let from = self.points.partition_point(|point| point.at < range.from);
        let to = self.points.partition_point(|point| point.at < range.to);
        (from, to.max(from))
    }

    /// The sums of a range.
    pub fn ours(&self, range: Range) -> Ours {
        let (from, to) = self.places(range);
        let (a, b) = (self.before.get(from), self.before.get(to));
        a.zip(b).map_or(Ours::default(), |(a, b)| Ours {
            settled: b.settled - a.settled,
            unsettled: b.unsettled - a.unsettled,
            unknown: b.unknown - a.unknown,
            back_unsettled: b.back_unsettled - a.back_unsettled,
            back_unknown: b.back_unknown - a.back_unknown,
        })
    }

    /// Whether something in a range takes units back.
    pub fn takes_back(&self, range: Range) -> bool {
        let (from, to) = self.places(range);
        self.points.get(from..to).unwrap_or_default().iter().any(|point| point.units < 0)
    }

    /// The minutes of a range, cut at its edges, in which something of ours may be at Stripe.
    pub fn minutes(&self, range: Range) -> Vec<Range> {
        self.minutes_of(range, |weight| weight != Weight::Absent)
    }

    /// The minutes of a range with deliveries of which nobody knows whether Stripe has them.
    pub fn minutes_unknown(&self, range: Range) -> Vec<Range> {
        self.minutes_of(range, |weight| weight == Weight::Unknown)
    }

    fn minutes_of(&self, range: Range, wanted: impl Fn(Weight) -> bool) -> Vec<Range> {
        let (from, to) = self.places(range);
        let points = self.points.get(from..to).unwrap_or_default();
        let mut minutes: Vec<Range> = Vec::new();
        for point in points.iter().filter(|point| wanted(point.weight)) {
            let start = point.at.floor(MINUTE_S);
            let minute = Range { from: start.max(range.from), to: start.plus(MINUTE_S).min(range.to) };
            if minutes.last() != Some(&minute) {
                minutes.push(minute);
            }
        }
        minutes
    }

    /// Whether a range holds units whose minute is not known.
    pub fn is_coarse(&self, range: Range) -> bool {
        self.held.iter().any(|at| {
            let hour = Range { from: at.floor(HOUR_S), to: at.floor(HOUR_S).plus(HOUR_S) };
            hour.from < range.to && range.from < hour.to
        })
    }
}
