use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::billing::reconcile::{Point, Weight};

/// Midnight.
const DAY: i64 = 1_795_219_200;

/// What Stripe counted, by second.
type Counted = BTreeMap<i64, i64>;

fn side(deliveries: &[(i64, i64)]) -> Side {
    let point =
        |(at, units): &(i64, i64)| Point { at: Timestamp(*at), weight: Weight::Settled, units: *units };
    Side::new(deliveries.iter().map(point).collect(), &[])
}

/// Answers as Stripe does: parts without usage are left out, edges must be whole units, one page at most.
fn answer(counted: &Counted, question: Question) -> Vec<Sum> {
    let Range { from, to } = question.range;
    let unit_s = match question.by {
        By::Whole => MINUTE_S,
        By::Hour => HOUR_S,
        By::Day => DAY_S,
    };
    assert!(from < to && from.floor(unit_s) == from && to.floor(unit_s) == to, "{question:?} is not aligned");
    let length = if question.by == By::Whole { to.since(from) } else { unit_s };
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for (at, units) in counted.range(from.0..to.0) {
        *sums.entry((at - from.0).div_euclid(length)).or_default() += units;
    }
    assert!(to.since(from) / length <= PAGE_SUMS, "{question:?} takes more than a page");
    let part = |(place, units): (i64, i64)| {
        let from = from.plus(place * length);
        Sum { range: Range { from, to: from.plus(length) }, units }
    };
    sums.into_iter().map(part).collect()
}

/// The places, and how many questions they took.
fn found(mut bisect: Bisect<'_>, counted: &Counted) -> (Vec<Place>, u64, u64) {
    let mut asked = 0;
    loop {
        let questions = bisect.questions();
        if questions.is_empty() {
            break;
        }
        asked += u64::try_from(questions.len()).unwrap();
        assert!(asked < 10_000, "it does not end");
        let answers: Vec<Vec<Sum>> = questions.iter().map(|it| answer(counted, *it)).collect();
        bisect.answer(&answers);
    }
    assert_eq!(asked, bisect.asked());
    let bound = bisect.bound();
    (bisect.places(), asked, bound)
}

fn whole_sum(counted: &Counted, range: Range) -> i64 {
    counted.range(range.from.0..range.to.0).map(|(_, units)| units).sum()
}

/// The minutes of the places; where Stripe counted nothing at all, each minute of ours.
fn minutes(side: &Side, places: &[Place]) -> BTreeSet<i64> {
    let of = |place: &Place| match place.stripe {
        0 => side.minutes(place.range).into_iter().map(|range| range.from.floor(MINUTE_S).0).collect(),
        _ => vec![place.range.from.0],
    };
    places.iter().flat_map(of).collect()
}

/// How many questions, worked by hand.
#[test]
fn few_questions_lead_to_the_minute() {
    let month = Range { from: Timestamp(DAY), to: Timestamp(DAY + 30 * DAY_S) };
    let at = |day: i64, hour: i64, minute: i64| DAY + day * DAY_S + hour * HOUR_S + minute * MINUTE_S;
    let offset = Range { from: Timestamp(at(0, 8, 37)), to: Timestamp(at(30, 8, 37)) };
    for (range, ours, theirs, want, asked) in [
        // The sums agree: the first question, which is asked elsewhere, is all.
        (month, vec![(at(3, 4, 5), 7)], vec![(at(3, 4, 5), 7)], vec![], 0),
        // One of two hourly deliveries of the day is doubled: days, hours, its minute.
        (
            month,
            vec![(at(3, 4, 5), 7), (at(3, 9, 5), 8)],
            vec![(at(3, 4, 5), 14), (at(3, 9, 5), 8)],
            vec![at(3, 4, 5)],
            3,
        ),
        // Lost, and its hour is empty at Stripe: days and hours.
        (month, vec![(at(3, 4, 5), 7), (at(3, 9, 5), 8)], vec![(at(3, 9, 5), 8)], vec![at(3, 4, 5)], 2),
        // The whole day is empty: days alone.
        (month, vec![(at(3, 4, 5), 7), (at(9, 9, 5), 8)], vec![(at(9, 9, 5), 8)], vec![at(3, 4, 5)], 1),
        // A stranger where we sent nothing: days, hours, and six halvings of the hour.
        (month, vec![(at(3, 4, 5), 7)], vec![(at(3, 4, 5), 7), (at(7, 7, 7), 9)], vec![at(7, 7, 7)], 2 + 6),
        // Five days in a row and one a week later: the hours of four days come in one answer.
        (
            month,
            (3..8).chain([15]).flat_map(|day| [(at(day, 4, 5), 7), (at(day, 5, 5), 1)]).collect(),
            (3..8).chain([15]).map(|day| (at(day, 5, 5), 1)).collect(),
            (3..8).chain([15]).map(|day| at(day, 4, 5)).collect(),
            1 + 3,
        ),
        // The period begins and ends inside a day: the first day is asked, the last is what remains; of the day's
        // hours the middle is asked, the 23 minutes are what remains, and there the minute is tried.
        (
            offset,
            vec![(at(0, 8, 40), 7), (at(0, 8, 45), 2)],
            vec![(at(0, 8, 45), 2)],
            vec![at(0, 8, 40)],
            2 + 1 + 1,
        ),
    ] {
        let side = side(&ours);
        let counted: Counted = theirs.into_iter().collect();
        let bisect = Bisect::of_sum(&side, range, whole_sum(&counted, range), u64::MAX);
        let (places, count, bound) = found(bisect, &counted);
        assert_eq!(minutes(&side, &places), want.into_iter().collect(), "{ours:?}");
        assert_eq!(count, asked, "questions about {ours:?}");
        assert!(count <= bound, "{count} <= {bound}");
    }
}

#[test]
fn nothing_is_asked_beyond_what_is_left() {
    let range = Range { from: Timestamp(DAY), to: Timestamp(DAY + 30 * DAY_S) };
    let side = side(&[(DAY + 60, 5), (DAY + HOUR_S, 6), (DAY + DAY_S, 7)]);
    let counted: Counted = [(DAY + 60, 10), (DAY + HOUR_S, 6), (DAY + DAY_S, 7)].into();
    let hour = |hours: i64| Range { from: Timestamp(DAY), to: Timestamp(DAY + hours * HOUR_S) };
    for (left, want) in [(0, range), (1, hour(24)), (2, hour(1))] {
        let bisect = Bisect::of_sum(&side, range, whole_sum(&counted, range), left);
        let (places, asked, _) = found(bisect, &counted);
        assert_eq!(places.iter().map(|it| it.range).collect::<Vec<_>>(), [want], "{left}");
        assert_eq!(asked, left);
    }
    let short = Bisect::by_hour(&side, range, 7);
    assert!(short.questions().is_empty() && short.total().is_none(), "720 hours take eight pages");
}

/// Differences that cancel out within a day are not seen by sums; by hour they are.
#[test]
fn hours_show_what_sums_hide() {
    let range = Range { from: Timestamp(DAY + 1_800), to: Timestamp(DAY + 3 * DAY_S) };
    let ours = [(DAY + 2 * HOUR_S, 5), (DAY + 2 * HOUR_S + 60, 1), (DAY + 9 * HOUR_S, 4)];
    let side = side(&ours);
    let counted: Counted = [(ours[1].0, 1), (ours[2].0, 4), (DAY + 20 * HOUR_S + 90, 5)].into();
    let by_sum = Bisect::of_sum(&side, range, whole_sum(&counted, range), u64::MAX);
    assert_eq!(found(by_sum, &counted), (vec![], 0, 0));
    let by_hour = Bisect::by_hour(&side, range, u64::MAX);
    let (places, _, _) = found(by_hour, &counted);
    let starts: Vec<i64> = places.iter().map(|it| it.range.from.0).collect();
    assert_eq!(starts, [DAY + 2 * HOUR_S, DAY + 20 * HOUR_S + 60]);
}

/// An hour of which Stripe held something before us is not cut: where in it the units lie is not known.
#[test]
fn hours_that_were_held_before_stay_whole() {
    let range = Range { from: Timestamp(DAY), to: Timestamp(DAY + DAY_S) };
    let point = Point { at: Timestamp(DAY + 600), weight: Weight::Settled, units: 3 };
    let side = Side::new(vec![point], &[(Timestamp(DAY), 10)]);
    let counted: Counted = [(DAY + 60, 14), (DAY + 600, 3)].into();
    let (places, _, _) = found(Bisect::of_sum(&side, range, 17, u64::MAX), &counted);
    let hour = Range { from: Timestamp(DAY), to: Timestamp(DAY + HOUR_S) };
    let ours = Ours { settled: 13, ..Ours::default() };
    assert_eq!(places, [Place { range: hour, stripe: 17, ours }]);
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    Lost,
    Twice,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever was sent and whatever went wrong: it ends within its bound and names exactly the minutes that changed. Every
    /// amount is a power of two of its own, so that no two differences cancel out.
    #[test]
    fn exactly_the_changed_minutes_within_the_bound(
        begin in 0..(2 * 1440_i64),
        length in 1..(40 * 1440_i64),
        deliveries in prop::collection::vec((0..1_000_000_i64, prop_oneof![6 => Just(Fault::None), 1 => Just(Fault::Lost), 1 => Just(Fault::Twice)]), 0..30),
        foreign in prop::collection::vec(0..1_000_000_i64, 0..6),
        by_hour in any::<bool>(),
    ) {
        let range = Range { from: Timestamp(DAY + begin * 60), to: Timestamp(DAY + (begin + length) * 60) };
        let within = |share: i64| range.from.0 + i64::try_from(i128::from(range.to.since(range.from)) * i128::from(share) / 1_000_000).unwrap();
        let mut ours = Vec::new();
        let mut counted = Counted::new();
        let mut changed: BTreeMap<i64, i64> = BTreeMap::new();
        for (place, (share, fault)) in deliveries.iter().enumerate() {
            let (at, units) = (within(*share), 1_i64 << place);
            ours.push((at, units));
            let times = match fault { Fault::None => 1, Fault::Lost => 0, Fault::Twice => 2 };
            *counted.entry(at).or_default() += units * times;
            *changed.entry(at.div_euclid(60) * 60).or_default() += units * (times - 1);
        }
        for (place, share) in foreign.iter().enumerate() {
            let (at, units) = (within(*share), 1_i64 << (32 + place));
            *counted.entry(at).or_default() += units;
            *changed.entry(at.div_euclid(60) * 60).or_default() += units;
        }
        changed.retain(|_, difference| *difference != 0);
        let side = side(&ours);
        let bisect = if by_hour {
            Bisect::by_hour(&side, range, u64::MAX)
        } else {
            Bisect::of_sum(&side, range, whole_sum(&counted, range), u64::MAX)
        };
        let (places, asked, bound) = found(bisect, &counted);
        prop_assert!(asked <= bound, "{} questions, {} said", asked, bound);
        prop_assert_eq!(minutes(&side, &places), changed.keys().copied().collect::<BTreeSet<_>>());
        let named: i64 = places.iter().map(|it| compare(&it.ours, it.stripe).1).sum();
        prop_assert_eq!(named, changed.values().sum::<i64>());
    }

    /// Amounts that may cancel out: what is named differs, and it sums to the whole difference.
    #[test]
    fn what_is_named_differs_and_sums_to_the_whole(
        deliveries in prop::collection::vec((0..20_000_i64, 1..4_i64, 0..3_i64), 0..60),
    ) {
        let range = Range { from: Timestamp(DAY), to: Timestamp(DAY + 20_000 * 60) };
        let ours: Vec<(i64, i64)> = deliveries.iter().map(|(minute, units, _)| (DAY + minute * 60, *units)).collect();
        let mut counted = Counted::new();
        for (minute, units, times) in &deliveries {
            *counted.entry(DAY + minute * 60).or_default() += units * times;
        }
        counted.retain(|_, units| *units != 0);
        let side = side(&ours);
        let stripe = whole_sum(&counted, range);
        let (places, asked, bound) = found(Bisect::of_sum(&side, range, stripe, u64::MAX), &counted);
        prop_assert!(asked <= bound);
        for place in &places {
            prop_assert_eq!(place.stripe, whole_sum(&counted, place.range));
            prop_assert_ne!(place.stripe, side.ours(place.range).settled);
        }
        let named: i64 = places.iter().map(|it| it.stripe - it.ours.settled).sum();
        prop_assert_eq!(named, stripe - side.ours(range).settled);
    }
}
