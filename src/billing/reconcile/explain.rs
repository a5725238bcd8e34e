//! What a place that differs is called: which deliveries explain the difference, and by which cause.
//!
//! What holds: the parts sum to the difference; a delivery is named only where no other set of deliveries fits as well.

use std::collections::BTreeMap;

use super::{Cause, Class, Weight};

/// Sums that are kept while sets are looked for; beyond so many, nothing is said to be the only one.
const SUMS_MAX: usize = 4_096;

/// A delivery with a timestamp in the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub delivery: i64,
    /// Units.
    pub units: i64,
    /// How sure it is that Stripe has counted it.
    pub weight: Weight,
    /// It was sent at least once, whatever became of it later.
    pub was_sent: bool,
    /// An error report of Stripe names it.
    pub is_reported: bool,
    /// It was sent for another Stripe customer than the one that is asked about.
    pub is_elsewhere: bool,
}

/// A part of a difference, with its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Why.
    pub cause: Cause,
    /// Units too many or too few at Stripe.
    pub difference: i64,
    /// The deliveries that it is about; where the cause is unknown, those that it may be about.
    pub deliveries: Vec<i64>,
}

/// Explains the difference of a place. `held_more`: Stripe held something there before this store that our usage was not
/// set off against.
pub fn explain(class: Class, difference: i64, candidates: &[Candidate], held_more: bool) -> Vec<Part> {
    match class {
        Class::Missing => missing(difference, candidates),
        Class::Extra => vec![extra(difference, candidates, held_more)],
        Class::Unknown => {
            let unknown = candidates.iter().filter(|it| it.weight == Weight::Unknown);
            let deliveries = unknown.map(|it| it.delivery).collect();
            vec![Part { cause: Cause::Unknown, difference, deliveries }]
        }
        _ => Vec::new(),
    }
}

/// What must be there and is not. Deliveries with evidence of their own come first; the rest must fit in one way only.
fn missing(difference: i64, candidates: &[Candidate]) -> Vec<Part> {
    let settled: Vec<&Candidate> =
        candidates.iter().filter(|it| it.weight == Weight::Settled && it.units > 0).collect();
    let (told, silent): (Vec<&Candidate>, Vec<&Candidate>) =
        settled.iter().partition(|it| it.is_reported || it.is_elsewhere);
    let units = |of: &[&Candidate]| of.iter().map(|it| it.units).sum::<i64>();
    let lacking = difference.saturating_neg();
    let rest = lacking - units(&told);
    if rest < 0 {
        // Stripe counts some of what was said to be absent.
        let fitting = only_set(lacking, &told);
        return named(&fitting.unwrap_or_default(), lacking, &settled);
    }
    let mut absent = told;
    absent.extend(only_set(rest, &silent).unwrap_or_default());
    named(&absent, lacking, &settled)
}

/// One part a cause; what no delivery explains is unknown.
fn named(absent: &[&Candidate], lacking: i64, settled: &[&Candidate]) -> Vec<Part> {
    let cause_of = |it: &Candidate| match (it.is_elsewhere, it.is_reported) {
        (true, _) => Cause::WrongCustomer,
        (_, true) => Cause::Rejected,
        _ => Cause::Lost,
    };
    let mut parts: BTreeMap<Cause, Part> = BTreeMap::new();
    for it in absent {
        let cause = cause_of(it);
        let part = parts.entry(cause).or_insert(Part { cause, difference: 0, deliveries: Vec::new() });
        part.difference -= it.units;
        part.deliveries.push(it.delivery);
    }
    let left = lacking + parts.values().map(|part| part.difference).sum::<i64>();
    if left != 0 {
        let others = settled.iter().filter(|it| !absent.iter().any(|known| known.delivery == it.delivery));
        let deliveries = others.map(|it| it.delivery).collect();
        parts.insert(Cause::Unknown, Part { cause: Cause::Unknown, difference: -left, deliveries });
    }
    parts.into_values().collect()
}

/// What is there and should not be: deliveries of ours counted again, or somebody else's.
fn extra(difference: i64, candidates: &[Candidate], held_more: bool) -> Part {
    if held_more {
        return Part { cause: Cause::HeldBefore, difference, deliveries: Vec::new() };
    }
    // What takes units back and was not counted leaves them there.
    let back = candidates.iter().filter(|it| it.weight == Weight::Settled && it.units < 0);
    let back: Vec<Candidate> = back.map(|it| Candidate { units: -it.units, ..*it }).collect();
    if let Sets::One(deliveries) = sets(difference, &back.iter().collect::<Vec<_>>()) {
        return Part { cause: Cause::Lost, difference, deliveries };
    }
    // What we hold for absent and had sent once is the likelier one to have been counted after all.
    let gone: Vec<&Candidate> =
        candidates.iter().filter(|it| it.weight == Weight::Absent && it.was_sent && it.units > 0).collect();
    let there: Vec<&Candidate> =
        candidates.iter().filter(|it| it.weight != Weight::Absent && it.units > 0).collect();
    let mut ambiguous = Vec::new();
    for among in [gone, there] {
        match sets(difference, &among) {
            Sets::One(deliveries) => return Part { cause: Cause::SentTwice, difference, deliveries },
            Sets::Several => ambiguous.extend(among.iter().map(|it| it.delivery)),
            Sets::None => (),
        }
    }
    let cause = if ambiguous.is_empty() { Cause::ForeignSender } else { Cause::Unknown };
    Part { cause, difference, deliveries: ambiguous }
}

/// How many sets of deliveries sum to a number.
enum Sets {
    None,
    One(Vec<i64>),
    Several,
}

fn only_set<'a>(units: i64, among: &[&'a Candidate]) -> Option<Vec<&'a Candidate>> {
    match sets(units, among) {
        Sets::One(deliveries) => {
            Some(among.iter().filter(|it| deliveries.contains(&it.delivery)).copied().collect())
        }
        _ => None,
    }
}

fn sets(units: i64, among: &[&Candidate]) -> Sets {
    let all: i64 = among.iter().map(|it| it.units).sum();
    if units <= 0 || units > all {
        return Sets::None;
    }
    if units == all {
        // Every delivery has at least one unit: nothing less than all of them fits.
        return Sets::One(among.iter().map(|it| it.delivery).collect());
    }
    // Each sum that can be reached, with the deliveries of the one set that makes it; `None`: several do.
    let mut reached: BTreeMap<i64, Option<Vec<i64>>> = BTreeMap::from([(0, Some(Vec::new()))]);
    for it in among {
        let longer: Vec<(i64, Option<Vec<i64>>)> = reached
            .iter()
            .filter(|(sum, _)| **sum + it.units <= units)
            .map(|(sum, set)| {
                let set = set.as_ref().map(|set| set.iter().copied().chain([it.delivery]).collect());
                (sum + it.units, set)
            })
            .collect();
        for (sum, set) in longer {
            reached.entry(sum).and_modify(|known| *known = None).or_insert(set);
        }
        if reached.len() > SUMS_MAX {
            return Sets::Several;
        }
    }
    match reached.remove(&units) {
        None => Sets::None,
        Some(None) => Sets::Several,
        Some(Some(set)) => Sets::One(set),
    }
}

/// A difference at one minute of one customer and meter, to be matched with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The meter, by number.
    pub meter: i64,
    /// Start of the minute.
    pub minute: super::Timestamp,
    /// Units that one customer lacks, or that another has too many of.
    pub units: i64,
}

/// Which missing ones were counted for which other customer: the same units at the same minute of the same meter, and only
/// one of each kind. Gives pairs of places in the two lists.
pub fn wrong_customers(missing: &[Spot], extra: &[Spot]) -> Vec<(usize, usize)> {
    let mut places: BTreeMap<Spot, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (place, spot) in missing.iter().enumerate() {
        places.entry(*spot).or_default().0.push(place);
    }
    for (place, spot) in extra.iter().enumerate() {
        places.entry(*spot).or_default().1.push(place);
    }
    let pairs =
        places.into_values().filter_map(|(missing, extra)| match (missing.as_slice(), extra.as_slice()) {
            ([missing], [extra]) => Some((*missing, *extra)),
            _ => None,
        });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `10` settled, `10?` unknown, `10-` sent and held for absent, `10r` reported, `10e` elsewhere; `-10` takes back.
    fn candidates(text: &str) -> Vec<Candidate> {
        let read = |(place, word): (usize, &str)| {
            let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            let mark = &word[digits.len()..];
            let weight = match mark {
                "?" => Weight::Unknown,
                "-" => Weight::Absent,
                _ => Weight::Settled,
            };
            Candidate {
                delivery: i64::try_from(place).unwrap() + 1,
                units: digits.parse().unwrap(),
                weight,
                was_sent: true,
                is_reported: mark == "r",
                is_elsewhere: mark == "e",
            }
        };
        text.split_whitespace().enumerate().map(read).collect()
    }

    #[test]
    fn a_difference_is_explained_in_one_way_or_not_at_all() {
        use Class::{Extra, Missing, Unknown};
        for (class, difference, of, want) in [
            (Missing, -10, "10", "lost -10 [1]"),
            (Missing, -10, "10 7", "lost -10 [1]"),
            (Missing, -17, "10 7 3", "lost -17 [1, 2]"),
            (Missing, -20, "10 7 3", "lost -20 [1, 2, 3]"),
            // Two sets fit: 10, and 7 with 3.
            (Missing, -10, "10 7 3", "unknown -10 [1, 2, 3]"),
            (Missing, -5, "5 5", "unknown -5 [1, 2]"),
            (Missing, -10, "5 5", "lost -10 [1, 2]"),
            (Missing, -4, "10 7", "unknown -4 [1, 2]"),
            // What Stripe reported is known; the rest must fit.
            (Missing, -5, "5 5r", "rejected -5 [2]"),
            (Missing, -12, "5 5r 7", "rejected -5 [2], lost -7 [3]"),
            (Missing, -10, "5 5r 5", "rejected -5 [2], unknown -5 [1, 3]"),
            (Missing, -5, "5r 9r", "rejected -5 [1]"),
            (Missing, -4, "5r", "unknown -4 [1]"),
            (Missing, -8, "8e 8", "wrong_customer -8 [1]"),
            (Missing, -10, "10? 10", "lost -10 [2]"),
            (Extra, 10, "10 7", "sent_twice 10 [1]"),
            (Extra, 4, "10 7", "foreign_sender 4 []"),
            (Extra, 10, "", "foreign_sender 10 []"),
            (Extra, 10, "10 10", "unknown 10 [1, 2]"),
            (Extra, 10, "10- 10", "sent_twice 10 [1]"),
            (Extra, 4, "10 -4", "lost 4 [2]"),
            (Missing, -10, "10 -4", "lost -10 [1]"),
            (Unknown, 0, "10? 7", "unknown 0 [1]"),
        ] {
            let parts = explain(class, difference, &candidates(of), false);
            let said: Vec<String> = parts
                .iter()
                .map(|it| format!("{} {} {:?}", it.cause, it.difference, it.deliveries))
                .collect();
            assert_eq!(said.join(", "), want, "{class} {difference} of {of}");
            assert_eq!(parts.iter().map(|it| it.difference).sum::<i64>(), difference, "the parts sum up");
        }
        assert_eq!(explain(Class::Extra, 3, &candidates("3"), true)[0].cause, Cause::HeldBefore);
    }

    #[test]
    fn so_many_deliveries_that_nothing_is_certain() {
        let many: Vec<String> = (0..40).map(|place| (1_i64 << (place % 30)).to_string()).collect();
        let parts = explain(Class::Missing, -((1 << 29) - 1), &candidates(&many.join(" ")), false);
        assert_eq!(parts[0].cause, Cause::Unknown);
    }

    #[test]
    fn a_wrong_customer_is_the_only_one_with_the_same_units_at_the_same_minute() {
        let spot = |meter, minute, units| Spot { meter, minute: super::super::Timestamp(minute), units };
        for (missing, extra, want) in [
            (vec![spot(1, 60, 5)], vec![spot(1, 60, 5)], vec![(0, 0)]),
            (vec![spot(1, 60, 5)], vec![spot(1, 120, 5), spot(1, 60, 6), spot(2, 60, 5)], vec![]),
            (vec![spot(1, 60, 5)], vec![spot(1, 60, 5), spot(1, 60, 5)], vec![]),
            (vec![spot(1, 60, 5), spot(1, 60, 5)], vec![spot(1, 60, 5)], vec![]),
            (
                vec![spot(1, 60, 5), spot(1, 60, 6)],
                vec![spot(1, 60, 6), spot(1, 60, 5)],
                vec![(0, 1), (1, 0)],
            ),
        ] {
            assert_eq!(wrong_customers(&missing, &extra), want, "{missing:?} {extra:?}");
        }
    }
}
