use super::*;
use crate::billing::catalog::{BandMode, UsagePrice};
use crate::billing::id::TierKey;
use crate::billing::money::{Credits, UnitPrice};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// `number tier from to anchor sub treatment`, with `-` for nothing and dates without their year 2026.
fn stretch(row: &str) -> Stretch {
    let words: Vec<&str> = row.split_whitespace().collect();
    let day = |text: &str| at(&format!("2026-{text}"));
    Stretch {
        assignment: words[0].parse().unwrap(),
        from: day(words[2]),
        to: (words[3] != "-").then(|| day(words[3])),
        anchor: day(words[4]),
        revision: Revision { tier: TierKey::parse(words[1]).unwrap(), digest: "00".to_owned() },
        sub: (words[5] != "-").then(|| words[5].to_owned()),
        treatment: Exempt::parse(words[6])
            .map_or_else(|| Treatment::Billed(words[6].to_owned()), Treatment::Exempt),
    }
}

fn show(span: &Span) -> String {
    let day = |at: Timestamp| match at {
        EARLIEST => "earliest".to_owned(),
        LATEST => "latest".to_owned(),
        at => at.to_string().replace("T00:00:00Z", "").replace("2026-", ""),
    };
    format!(
        "{}..{} of {}..{} by {} {}",
        day(span.from),
        day(span.to),
        day(span.period.start),
        day(span.period.end),
        span.assignment.map_or("-".to_owned(), |number| number.to_string()),
        span.treatment.exempt().map_or_else(
            || span.treatment.price().unwrap_or_default().to_owned(),
            |reason| reason.as_str().to_owned()
        ),
    )
}

#[test]
fn spans_follow_from_history() {
    // A free start; a trial; a paid month with a change of seats; an upgrade in its middle; the end.
    let history: Vec<Stretch> = [
        "1 free 01-31 03-10 01-31 - block",
        "2 pro 03-10 03-24 03-24 sub_1 price_a",
        "3 pro 03-24 04-02 03-24 sub_1 price_a",
        "4 pro 04-02 04-02 03-24 sub_1 price_a",
        "5 pro 04-02 04-10 03-24 sub_1 price_a",
        "6 team 04-10 05-01 03-24 sub_1 unlimited",
        "7 team 06-01 - 06-01 sub_2 price_b",
    ]
    .map(stretch)
    .to_vec();
    for (instant, want) in [
        ("2026-01-30", "earliest..01-31 of earliest..01-31 by - no_tier"),
        ("2026-01-31", "01-31..02-28 of 01-31..02-28 by 1 block"),
        ("2026-02-28", "02-28..03-10 of 02-28..03-31 by 1 block"),
        ("2026-03-10", "03-10..03-24 of 03-10..03-24 by 2 price_a"),
        ("2026-03-24", "03-24..04-10 of 03-24..04-24 by 2 price_a"),
        ("2026-04-09T23:59:59Z", "03-24..04-10 of 03-24..04-24 by 2 price_a"),
        ("2026-04-10", "04-10..04-24 of 04-10..04-24 by 6 unlimited"),
        ("2026-04-24", "04-24..05-01 of 04-24..05-24 by 6 unlimited"),
        ("2026-05-01", "05-01..06-01 of 05-01..06-01 by - no_tier"),
        ("2026-08-01", "08-01..09-01 of 08-01..09-01 by 7 price_b"),
    ] {
        assert_eq!(show(&span_at(&history, at(instant)).unwrap()), want, "{instant}");
    }
    assert_eq!(
        show(&span_at(&[], at("2026-01-01")).unwrap()),
        "earliest..latest of earliest..latest by - no_tier"
    );
    assert_eq!(span_at(&history, LATEST), None);
    assert_eq!(span_at(&history, EARLIEST.plus(-1)), None);
}

#[test]
fn a_closed_end_is_a_gap_without_a_tier() {
    let history = [stretch("1 free 01-01 02-15 01-01 - local")];
    let span = span_at(&history, at("2026-02-15")).unwrap();
    assert_eq!(show(&span), "02-15..latest of 02-15..latest by - no_tier");
}

/// Every second hour of two years under a jagged history: walking from span to span meets no gap and no overlap, and
/// every instant inside a span finds that same span.
#[test]
fn every_instant_lies_in_one_span() {
    let history: Vec<Stretch> = [
        "1 free 01-31 02-03 01-31 - local",
        "2 pro 02-03 02-03 02-03 sub_1 price_a",
        "3 pro 02-03 05-31 02-17 sub_1 price_a",
        "4 pro 06-30 07-30 06-30 sub_2 price_a",
        "5 team 07-30 12-31 06-30 sub_2 price_c",
        "6 team 12-31 - 12-31 sub_3 credits",
    ]
    .map(stretch)
    .to_vec();
    let mut span = span_at(&history, at("2026-01-01")).unwrap();
    let mut instant = at("2026-01-01");
    while instant < at("2028-01-01") {
        if instant >= span.to {
            let next = span_at(&history, span.to).unwrap();
            assert_eq!(next.from, span.to, "after {span:?}");
            span = next;
        }
        assert_eq!(span_at(&history, instant).as_ref(), Some(&span), "{instant}");
        assert!(span.period.start <= span.from && span.to <= span.period.end, "{span:?}");
        instant = instant.plus(7_200);
    }
}

#[test]
fn the_treatment_has_one_reason() {
    let bill = |price: &str| {
        Beyond::Bill(UsagePrice::PerUnit(UnitPrice::from_minor(price.parse().unwrap()).unwrap()))
    };
    let counted = |beyond| Some(UsageTerms::Counted { included: 10, beyond, spend_cap: None });
    let banded = Beyond::Bill(UsagePrice::Bands { mode: BandMode::Volume, bands: Vec::new() });
    let credits = Beyond::Credits { units: 1000, credits: Credits(1) };
    for (usage, price, subscribed, priced, want) in [
        (counted(bill("50")), Some("price_1"), true, true, "price_1"),
        (counted(banded), Some("price_1"), true, true, "price_1"),
        (counted(bill("50")), Some("price_1"), true, false, "price_1"),
        (counted(bill("50")), Some("price_1"), false, true, "no_item"),
        (counted(bill("50")), None, true, true, "no_item"),
        (counted(Beyond::Block), None, true, true, "block"),
        (counted(Beyond::Block), None, false, false, "local"),
        (counted(credits), None, false, true, "credits"),
        (Some(UsageTerms::Unlimited), None, true, true, "unlimited"),
        (Some(UsageTerms::Unlimited), None, true, false, "local"),
        (None, Some("price_1"), true, true, "no_item"),
        (None, None, false, false, "local"),
    ] {
        let meter = MeterKey::parse("tokens").unwrap();
        let terms = Terms {
            usage: usage.clone().map(|it| (meter.clone(), it)).into_iter().collect(),
            ..Terms::default()
        };
        let got = treatment(&terms, &meter, price, subscribed, priced);
        let got = got
            .exempt()
            .map_or_else(|| got.price().unwrap_or_default().to_owned(), |it| it.as_str().to_owned());
        assert_eq!(got, want, "{usage:?} {price:?} subscribed {subscribed} priced {priced}");
    }
}

#[test]
fn allowances_count_over_a_swap() {
    let swapped = at("2026-04-10");
    let whole = allowance_period(swapped, at("2026-03-24"), at("2026-04-12")).unwrap();
    assert_eq!(whole, Period { start: at("2026-03-24"), end: at("2026-04-24") });
    let trial = allowance_period(swapped, at("2026-04-20"), at("2026-04-12")).unwrap();
    assert_eq!(trial, Period { start: swapped, end: at("2026-04-20") });
}
