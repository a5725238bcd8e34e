//! How long the rules take that run for every event, delivery or pair: `cargo bench --bench rules`.
//!
//! Whole jobs, beside other programs, are measured by `paygrade bench`.
#![allow(missing_docs)]

use divan::{Bencher, black_box, counter::ItemsCount};
use paygrade::billing::catalog::{Band, BandMode, Window};
use paygrade::billing::delivery::{
    Claim, Deadline, Earlier, Item, Payload, Progress, Reply, State, Stretch, claim, form, identifier, next,
};
use paygrade::billing::money::{Currency, UnitPrice};
use paygrade::billing::period::Cycle;
use paygrade::billing::price::{PriceShape, amount};
use paygrade::billing::reconcile::{Ours, compare, weight};
use paygrade::billing::time::{HOUR_S, Timestamp};
use paygrade::billing::usage::{EventId, parse_quantity};

/// 2026-03-01T00:00:00Z.
const START: Timestamp = Timestamp(1_772_323_200);

fn main() {
    divan::main();
}

/// What every imported row goes through.
#[divan::bench]
fn event_id_and_quantity() -> bool {
    let id = EventId::of_caller(black_box("0b0f7c3e-5f0a-4a38-9d5c-0a4b1f6e2d11"));
    let quantity = parse_quantity(black_box("1250"));
    id.is_ok() && quantity.is_ok()
}

#[divan::bench]
fn instant() -> Option<Timestamp> {
    Timestamp::parse(black_box("2026-03-14T15:09:26Z"))
}

/// Hours of a day that make one delivery each; `earlier`: how many of them were delivered in part already.
#[divan::bench(args = [0, 12])]
fn deliveries_of_a_day(bencher: Bencher<'_, '_>, earlier: i64) {
    let items: Vec<Item> = (0..24)
        .map(|hour| Item {
            seq: 100 + hour,
            at: START.plus(hour * HOUR_S + 1_800).micros(),
            events: 9,
            sum: 450,
        })
        .collect();
    let span = Stretch { from: START, to: START.plus(24 * HOUR_S) };
    let earlier: Vec<Earlier> = (0..earlier)
        .map(|hour| Stretch { from: START.plus(hour * HOUR_S), to: START.plus((hour + 1) * HOUR_S) })
        .map(|window| Earlier { window, after_seq: 0, upto_seq: 50 })
        .collect();
    bencher
        .counter(ItemsCount::new(items.len()))
        .bench(|| form(span, Window::Hour, &earlier, black_box(&items)));
}

fn payload() -> Payload {
    Payload { event_name: "tokens".into(), cus: "cus_NffrFeUfNV2Hib".into(), value: 450, timestamp: START }
}

#[divan::bench]
fn identifier_of_a_delivery(bencher: Bencher<'_, '_>) {
    let payload = payload();
    bencher.bench(|| identifier(black_box("0123456789abcdef0123456789abcdef"), 4_711, &payload));
}

/// A claim, and what its answer makes of it: once for every delivery.
#[divan::bench]
fn claim_and_answer() -> Option<Progress> {
    let deadline =
        Deadline { timestamp: START, must_arrive_by: START.plus(30 * 24 * HOUR_S), invoice_final: false };
    match claim(&black_box(Progress::fresh(State::Due)), &deadline, START.plus(HOUR_S)) {
        Claim::Send(claimed) => Some(next(&claimed, Reply::Accepted, false, START.plus(HOUR_S), 7)),
        _ => None,
    }
}

fn bands(count: u64) -> Option<PriceShape> {
    let price = UnitPrice::from_minor(1.into())?;
    let bands = (1..=count)
        .map(|place| Band { up_to: (place < count).then_some(place * 1_000), price, flat: UnitPrice::ZERO })
        .collect();
    Some(PriceShape::Bands { mode: BandMode::Graduated, bands })
}

#[divan::bench(args = [1, 3, 12])]
fn amount_by_bands(bencher: Bencher<'_, '_>, count: u64) {
    let (Some(shape), Some(usd)) = (bands(count), Currency::parse("usd")) else { return };
    bencher.bench(|| amount(black_box(&shape), 11_500, usd));
}

/// The month of an anchor on the 31st that holds an instant years later.
#[divan::bench]
fn period_at() -> bool {
    let cycle = Cycle::monthly(Timestamp(1_769_864_400));
    cycle.period_at(black_box(START.plus(5 * 366 * 24 * HOUR_S))).is_some()
}

/// A pair's deliveries of a month by the hour, against one sum of Stripe's.
#[divan::bench]
fn a_pair_compared(bencher: Bencher<'_, '_>) {
    let accepted = Progress { accepted_at: Some(START), attempts: 1, ..Progress::fresh(State::Accepted) };
    let now = START.plus(31 * 24 * HOUR_S);
    bencher.counter(ItemsCount::new(720_usize)).bench(|| {
        let mut ours = Ours::default();
        for hour in 0..720 {
            let to = START.plus((hour + 1) * HOUR_S);
            ours.add(weight(black_box(&accepted), to, now, 900), 450);
        }
        compare(&ours, 720 * 450)
    });
}
