use super::*;
use crate::billing::catalog::{Alerts, BandMode, Catalog, Interval, Meter, Pack, Tier};
use crate::billing::id::{FeatureKey, LimitKey, MeterKey, Namespace};
use crate::billing::money::{Credits, Money, UnitPrice};

fn usd() -> Currency {
    Currency::parse("usd").unwrap()
}

fn price(text: &str) -> UnitPrice {
    UnitPrice::parse_major(text, usd()).unwrap()
}

fn full_terms() -> Terms {
    let money = |text: &str| Money::parse_major(text, usd()).unwrap();
    let meter = |text: &str| MeterKey::parse(text).unwrap();
    let counted = |included, beyond, spend_cap| UsageTerms::Counted { included, beyond, spend_cap };
    let bands = vec![
        Band { up_to: Some(1000), price: price("0.10"), flat: price("5") },
        Band { up_to: None, price: price("0.0000123"), flat: UnitPrice::ZERO },
    ];
    Terms {
        prices: vec![
            RecurringPrice { interval: Interval::Year, amount: money("290"), per_seat: true },
            RecurringPrice { interval: Interval::Month, amount: money("29.5"), per_seat: false },
        ],
        usage: [
            (meter("a"), UsageTerms::Unlimited),
            (
                meter("b"),
                counted(100_000, Beyond::Bill(UsagePrice::PerUnit(price("0.0015"))), Some(money("100"))),
            ),
            (meter("c"), counted(0, Beyond::Bill(UsagePrice::Bands { mode: BandMode::Volume, bands }), None)),
            (meter("d"), counted(7, Beyond::Credits { units: 1000, credits: Credits(2) }, None)),
            (meter("e"), counted(0, Beyond::Block, None)),
        ]
        .into(),
        seats: Some(Seats { min: 2, max: Some(500) }),
        limits: [
            (LimitKey::parse("members").unwrap(), Limit::AtMost(3)),
            (LimitKey::parse("projects").unwrap(), Limit::Unlimited),
        ]
        .into(),
        credits: Some(CreditTerms {
            per_month: Some(Credits(2000)),
            policy: CreditPolicy::Rollover { cap: Credits(4000) },
            trial: Some(Credits(10)),
            trial_expires_after: Lasting::parse("3 days"),
        }),
        trial_days: Some(14),
        grace_days: Some(7),
        fallback: Some(TierKey::parse("free").unwrap()),
    }
}

/// Released revisions hang on these bytes: a change here makes every subscriber's revision unknown.
const FULL_JSON: &str = concat!(
    r#"{"credits":{"per_month":2000,"policy":{"rollover":{"cap":4000}},"trial":10,"trial_expires_after":"3 days"},"#,
    r#""currency":"usd","fallback":"free","grace_days":7,"limits":{"members":3,"projects":"unlimited"},"#,
    r#""prices":[{"amount":"290.00","interval":"year","per":"seat"},{"amount":"29.50","interval":"month"}],"#,
    r#""seats":{"max":500,"min":2},"trial_days":14,"usage":{"a":{"unlimited":true},"#,
    r#""b":{"beyond":"bill","included":100000,"price":"0.0015","spend_cap":"100.00"},"#,
    r#""c":{"bands":[{"flat":"5.00","price":"0.10","up_to":1000},{"price":"0.0000123"}],"beyond":"bill","mode":"volume"},"#,
    r#""d":{"beyond":"credits","credits_per":{"credits":2,"units":1000},"included":7},"e":{"beyond":"block"}}}"#,
);

#[test]
fn terms_have_one_canonical_text_and_read_back() {
    assert_eq!(full_terms().to_json(usd()), FULL_JSON);
    assert_eq!(Terms::from_json(FULL_JSON), Ok((full_terms(), usd())));
    assert_eq!(Terms::default().to_json(usd()), r#"{"currency":"usd"}"#);
    assert_eq!(Terms::from_json(r#"{"currency":"usd"}"#), Ok((Terms::default(), usd())));
}

#[test]
fn the_digest_is_twelve_digits_of_the_text() {
    // From: printf '{"currency":"usd"}' | sha256sum
    assert_eq!(Terms::default().digest(usd()), "674db227dbdc");
    let eur = Currency::parse("eur").unwrap();
    assert_ne!(
        Terms::default().digest(eur),
        Terms::default().digest(usd()),
        "the currency is part of the terms"
    );
    let pro = TierKey::parse("pro").unwrap();
    let revision = full_terms().revision(&pro, usd());
    assert_eq!(revision.to_string().parse::<Revision>(), Ok(revision));
}

#[test]
fn every_term_changes_the_digest() {
    let base = full_terms();
    let changes: [fn(&mut Terms); 8] = [
        |terms| terms.prices.reverse(),
        |terms| terms.usage.clear(),
        |terms| terms.seats = None,
        |terms| terms.limits.clear(),
        |terms| terms.credits = None,
        |terms| terms.trial_days = None,
        |terms| terms.grace_days = Some(8),
        |terms| terms.fallback = None,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut terms = base.clone();
        change(&mut terms);
        assert_ne!(terms.digest(usd()), base.digest(usd()), "change {index}");
    }
}

#[test]
fn unreadable_terms_name_the_place() {
    for (json, at) in [
        ("", "(text)"),
        ("[]", ""),
        ("{}", "currency"),
        (r#"{"currency":"usd","later":1}"#, "later"),
        (r#"{"currency":"usd","trial_days":-1}"#, "trial_days"),
        (r#"{"currency":"usd","prices":[{"amount":29,"interval":"month"}]}"#, "prices[0].amount"),
        (r#"{"currency":"usd","prices":[{"amount":"29.001","interval":"month"}]}"#, "prices[0].amount"),
        (r#"{"currency":"usd","usage":{"t":{"beyond":"bill"}}}"#, "usage.t.mode"),
        (r#"{"currency":"usd","usage":{"t":{"beyond":"bill","mode":"volume","bands":[]}}}"#, "usage.t.bands"),
        (r#"{"currency":"usd","usage":{"T":{"unlimited":true}}}"#, "usage.T"),
        (
            r#"{"currency":"usd","usage":{"t":{"beyond":"credits","credits_per":{"credits":1,"units":0}}}}"#,
            "usage.t.credits_per.units",
        ),
    ] {
        assert_eq!(Terms::from_json(json).map_err(|error| error.at), Err(at.to_owned()), "{json}");
    }
}

#[test]
fn pieces_fit_stripes_metadata_and_join_again() {
    for (characters, count) in [(1, 1), (500, 1), (501, 2), (15_000, 30)] {
        let json: String = "ä".repeat(characters);
        let revision: Revision = "pro@3f2a9c01d4e5".parse().unwrap();
        let metadata = metadata(&revision, &json).unwrap();
        assert_eq!(metadata.len(), count + 1, "{characters}");
        assert!(metadata.values().all(|value| value.chars().count() <= PIECE_LENGTH_MAX));
        assert_eq!(metadata[REVISION_METADATA_KEY], "pro@3f2a9c01d4e5");
        assert!(metadata.contains_key("paygrade_t00"));
        assert_eq!(join(|key| metadata.get(key).map(String::as_str)), Some(json));
        assert_eq!(keys_to_clear(count).count(), PIECES_MAX - count);
    }
    assert_eq!(pieces(&"x".repeat(15_001)), Err(TermsTooLong { characters: 15_001 }));
    assert_eq!(join(|_| None), None);
}

#[test]
fn a_whole_catalog_reads_back() {
    let key = |text: &str| FeatureKey::parse(text).unwrap();
    let tier = |rank, retired, terms| Tier {
        name: "Übergröße \"x\"".to_owned(),
        rank,
        retired,
        custom: retired,
        features: [key("sso"), key("analytics")].into(),
        terms,
    };
    let meter =
        Meter { name: "M".into(), event: "m_event".into(), unit: "token".into(), window: Window::Day };
    let catalog = Catalog {
        namespace: Namespace::parse("acme").unwrap(),
        currency: usd(),
        meters: [(MeterKey::parse("m").unwrap(), meter)].into(),
        features: [(key("sso"), "SSO".to_owned()), (key("analytics"), "Analytics".to_owned())].into(),
        actions: [("search".parse().unwrap(), Credits(5))].into(),
        tiers: [
            (TierKey::parse("pro").unwrap(), tier(-3, false, full_terms())),
            (TierKey::parse("old").unwrap(), tier(7, true, Terms::default())),
        ]
        .into(),
        packs: [(
            "small".parse().unwrap(),
            Pack {
                name: "Small".into(),
                credits: Credits(100),
                amount: Money { minor: 999, currency: usd() },
                expires_after: Lasting::parse("12 months"),
            },
        )]
        .into(),
        alerts: Alerts { at: vec![50, 80], low_credits: Some(Credits(10)) },
    };
    let json = catalog.to_json();
    assert_eq!(Catalog::from_json(&json), Ok(catalog.clone()));
    assert_eq!(Catalog::from_json(&json).unwrap().to_json(), json, "the text is stable");
    let foreign = json.replacen(r#""currency":"usd","features""#, r#""currency":"eur","features""#, 1);
    assert!(Catalog::from_json(&foreign).is_err(), "terms in another currency");
}

#[test]
fn lengths_of_time_are_written_in_words() {
    for (text, want) in [
        ("3 days", Some((0, 3, "3 days"))),
        ("1 day", Some((0, 1, "1 day"))),
        ("2 weeks", Some((0, 14, "14 days"))),
        ("12 months", Some((12, 0, "12 months"))),
        ("1 year", Some((12, 0, "12 months"))),
        ("1 month 3 days", Some((1, 3, "1 month 3 days"))),
        ("3", None),
        ("days", None),
        ("0 days", None),
        ("-3 days", None),
        ("+3 days", None),
        ("3.5 days", None),
        ("3 fortnights", None),
        ("4294967295 weeks", None),
        ("4294967295 years", None),
        ("2000 months", None),
        ("", None),
    ] {
        let got = Lasting::parse(text);
        let shown = got.map(|it| it.to_string());
        assert_eq!(
            got.map(|it| (it.months, it.days)),
            want.map(|(months, days, _)| (months, days)),
            "{text}"
        );
        assert_eq!(shown.as_deref(), want.map(|(_, _, shown)| shown), "{text}");
    }
}
