//! Which findings make exit 4.
//!
//! What holds: the time it takes grows with the findings, not with their square, whatever share of them one customer and
//! meter has.

use std::collections::HashMap;

use super::{Ask, Compared};
use crate::billing::money::{Currency, Money};
use crate::billing::reconcile::{Class, Range};
use crate::billing::time::Timestamp;
use crate::store::finding::Finding;

/// Units or minor units by where they are, to be summed over whatever meets a range.
#[derive(Default)]
struct Sums {
    /// Where each begins, in order, with the sum of all up to it.
    begun: Vec<(Timestamp, i128)>,
    /// Where each ends, in order, with the sum of all up to it.
    ended: Vec<(Timestamp, i128)>,
}

impl Sums {
    fn new(parts: &[(Range, i64)]) -> Sums {
        let in_order = |edge: fn(&Range) -> Timestamp| {
            let mut edges: Vec<(Timestamp, i128)> =
                parts.iter().map(|(range, size)| (edge(range), i128::from(size.unsigned_abs()))).collect();
            edges.sort_unstable();
            let mut sum = 0_i128;
            for (_, upto) in &mut edges {
                sum += *upto;
                *upto = sum;
            }
            edges
        };
        Sums { begun: in_order(|range| range.from), ended: in_order(|range| range.to) }
    }

    /// The sum of what has a second in common with a range: what began before its end, less what had ended before it began.
    fn meeting(&self, range: Range) -> i64 {
        let upto = |edges: &[(Timestamp, i128)], place: usize| {
            place.checked_sub(1).and_then(|last| edges.get(last)).map_or(0, |(_, sum)| *sum)
        };
        let begun = upto(&self.begun, self.begun.partition_point(|(from, _)| *from < range.to));
        let ended = upto(&self.ended, self.ended.partition_point(|(to, _)| *to <= range.from));
        i64::try_from(begun - ended).unwrap_or(i64::MAX)
    }
}

/// Of one customer and meter.
#[derive(Default)]
struct Pair<'a> {
    asked: Vec<&'a Compared>,
    findings: Vec<&'a Finding>,
    /// What was never sent.
    own: Sums,
    cost: Sums,
    /// How many have a price.
    priced: Sums,
    currency: Option<Currency>,
}

fn tolerable(it: &Finding) -> bool {
    it.ack.is_none() && matches!(it.class, Class::Missing | Class::Extra)
}

fn pairs<'a>(findings: &'a [Finding], asked: &'a [Compared]) -> HashMap<(&'a str, &'a str), Pair<'a>> {
    let mut pairs: HashMap<_, Pair<'_>> = HashMap::new();
    for it in findings {
        pairs.entry((it.customer_id.as_str(), it.meter_key.as_str())).or_default().findings.push(it);
    }
    for it in asked {
        let key = (it.target.pair.customer_id.as_str(), it.target.pair.meter_key.as_str());
        if let Some(pair) = pairs.get_mut(&key) {
            pair.asked.push(it);
        }
    }
    for pair in pairs.values_mut() {
        let own = pair.findings.iter().filter(|it| it.stripe.is_none() && tolerable(it));
        pair.own = Sums::new(&own.map(|it| (it.range, it.difference)).collect::<Vec<_>>());
        let cost = pair.findings.iter().filter_map(|it| Some((it.range, it.amount?.minor)));
        let cost: Vec<(Range, i64)> = cost.collect();
        pair.cost = Sums::new(&cost);
        pair.priced = Sums::new(&cost.iter().map(|(range, _)| (*range, 1)).collect::<Vec<_>>());
        pair.currency = pair.findings.iter().find_map(|it| it.amount).map(|it| it.currency);
    }
    pairs
}

/// Which findings make exit 4: those that are not acknowledged, unless their customer x meter x period passes. It passes
/// or fails as a whole, by its own difference and what Stripe accepted of it. Gives how many fail and how many pass.
pub(super) fn judge(ask: &Ask, findings: &[Finding], asked: &[Compared]) -> (usize, usize) {
    let (mut failing, mut passed) = (0, 0);
    for ((_, meter), pair) in pairs(findings, asked) {
        for it in pair.findings.iter().filter(|it| it.ack.is_none()) {
            let whole = pair.asked.iter().find(|other| {
                let range = other.target.range;
                range.from < it.range.to && it.range.from < range.to
            });
            let range = whole.map_or(it.range, |whole| whole.target.range);
            // What Stripe lacks and what was never sent add up.
            let own = pair.own.meeting(range);
            let (at_stripe, accepted) = whole.map_or((0, 0), |it| (it.difference, it.ours.settled));
            let difference = at_stripe.saturating_abs().saturating_add(own);
            // What has no price does not cost nothing.
            let currency = pair.currency.filter(|_| pair.priced.meeting(range) > 0);
            let cost = currency.map(|currency| Money { minor: pair.cost.meeting(range), currency });
            if tolerable(it) && ask.tolerance.passes(meter, difference, accepted, cost) {
                passed += 1;
            } else {
                failing += 1;
            }
        }
    }
    (failing, passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Planted and seen to fail here: what ends where the range begins counted in; what reaches into it left out.
    #[test]
    fn sums_are_of_what_meets_the_range() {
        let range = |from: i64, to: i64| Range { from: Timestamp(from), to: Timestamp(to) };
        let mut parts = Vec::new();
        for (from, to, size) in [
            (0, 60, 1),
            (0, 120, -2),
            (60, 120, 4),
            (60, 61, 8),
            (119, 180, 16),
            (120, 180, 32),
            (0, 300, 64),
        ] {
            parts.push((range(from, to), size));
        }
        let sums = Sums::new(&parts);
        for from in (0..300).step_by(10) {
            for to in (from + 10..=310).step_by(10) {
                let asked = range(from, to);
                let meets = parts.iter().filter(|(it, _)| it.from < asked.to && asked.from < it.to);
                let want: i64 = meets.map(|(_, size)| size.abs()).sum();
                assert_eq!(sums.meeting(asked), want, "{from} to {to}");
            }
        }
        assert_eq!(Sums::default().meeting(range(0, 10)), 0);
        assert_eq!(Sums::new(&[(range(0, 10), i64::MIN), (range(5, 9), 1)]).meeting(range(0, 10)), i64::MAX);
    }
}
