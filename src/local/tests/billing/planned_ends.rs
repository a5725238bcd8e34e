//! Ends inside a period: what is credited, what is billed, and what taking them back comes to.

use super::*;

/// A hundred cents a day of January, and usage at ten cents: 120 units by the 16th.
fn begun(more: &str) -> (Shop, String, Value) {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (flat, usage) = (shop.monthly(3_100), shop.metered("10"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat, &usage], more);
    shop.w.now = at("2026-01-16 00:00:00");
    shop.used(&customer, 120, "2026-01-15 00:00:00");
    (shop, customer, made)
}

fn change(shop: &mut Shop, made: &Value, body: &str) -> Value {
    let body = body.split('&').map(|part| match part.split_once("cancel_at=20") {
        Some((head, day)) => format!("{head}cancel_at={}", at(&format!("20{day} 00:00:00"))),
        None => part.to_owned(),
    });
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(made)), &body.collect::<Vec<_>>().join("&"))
}

/// Totals of all invoices but the first, oldest first.
fn totals(shop: &mut Shop, customer: &str) -> Vec<i64> {
    let found = shop.get(&format!("/v1/invoices?customer={customer}&limit=100"));
    let mut totals: Vec<i64> = array(&found["data"]).iter().map(|it| it["total"].as_i64().unwrap()).collect();
    totals.reverse();
    totals.remove(0);
    totals
}

#[test]
fn an_end_inside_a_period_is_prorated_as_asked() {
    // What is asked for on 16 January, the periods then, the end, and what is billed from then on: 11 of 31 days are left
    // after the 21st. Usage up to the end is on the last invoice, usage of the very second of the end on none.
    for (asked, period, end, want) in [
        ("cancel_at=2026-01-21", "2026-01-21", "2026-01-21", &[1_210 - 1_100][..]),
        ("cancel_at=2026-01-21&proration_behavior=none", "2026-01-21", "2026-01-21", &[1_210]),
        (
            "cancel_at=2026-01-21&proration_behavior=always_invoice",
            "2026-01-21",
            "2026-01-21",
            &[-1_100, 1_210],
        ),
        ("cancel_at=2026-02-01&proration_behavior=none", "2026-02-01", "2026-02-01", &[1_210]),
        // A period that begins later is always billed for its part: 10 of 28 days of 3100 are 1107.14.
        ("cancel_at=2026-02-11", "2026-02-01", "2026-02-11", &[1_107 + 1_200, 10]),
        ("cancel_at=2026-02-11&proration_behavior=none", "2026-02-01", "2026-02-11", &[1_107 + 1_200, 10]),
    ] {
        let (mut shop, customer, made) = begun("");
        let live = change(&mut shop, &made, asked);
        assert_eq!(live["cancel_at"], at(&format!("{end} 00:00:00")), "{asked}");
        assert_eq!(live["status"], "active");
        let cut = format!("2026-01-01..{period}");
        assert_eq!(periods(&live), [cut.clone(), cut], "{asked}");
        let (minute_before, second) = (at(&format!("{end} 00:00:00")) - 60, at(&format!("{end} 00:00:00")));
        shop.w.now = second;
        shop.w.ok("GET", "/v1/account", "");
        let ended = shop.subscription(&made);
        assert_eq!((&ended["status"], &ended["ended_at"]), (&"canceled".into(), &second.into()), "{asked}");
        for (value, when) in [(1, minute_before), (1_000, second)] {
            let body = format!(
                "event_name=tokens&timestamp={when}&payload[stripe_customer_id]={customer}&payload[value]={value}"
            );
            shop.w.ok("POST", "/v1/billing/meter_events", &body);
        }
        shop.w.now = second + 2 * 3_600;
        assert_eq!(totals(&mut shop, &customer), want, "{asked}");
        // Nothing follows.
        shop.advance("2026-06-01 00:00:00");
        assert_eq!(totals(&mut shop, &customer).len(), want.len(), "{asked}");
    }
}

#[test]
fn an_end_is_moved_and_taken_back() {
    // Changes on 16 January, then what the next invoices come to. A whole month is 3100, the usage 1200.
    for (changes, want) in [
        (&["cancel_at=2026-01-21", "cancel_at="][..], &[4_300][..]),
        (&["cancel_at=2026-01-21&proration_behavior=none", "cancel_at="], &[4_300]),
        (&["cancel_at=2026-01-21&proration_behavior=none", "cancel_at=&proration_behavior=none"], &[4_300]),
        // What an invoice gave back already is asked for again, unless nothing is to be prorated.
        (&["cancel_at=2026-01-21&proration_behavior=always_invoice", "cancel_at="], &[-1_100, 4_300 + 1_100]),
        (
            &["cancel_at=2026-01-21&proration_behavior=always_invoice", "cancel_at=&proration_behavior=none"],
            &[-1_100, 4_300],
        ),
        (&["cancel_at=2026-01-21", "cancel_at=2026-01-26"], &[1_200 - 600]),
        (&["cancel_at=2026-01-26", "cancel_at=2026-01-21"], &[1_200 - 1_100]),
        (&["cancel_at=2026-01-21", "cancel_at=2026-01-21"], &[1_200 - 1_100]),
        (&["cancel_at=2026-01-21", "cancel_at_period_end=true"], &[1_200]),
        (&["cancel_at=2026-01-21", "cancel_at=max_period_end"], &[1_200]),
        // Words leave it as it is.
        (&["cancel_at=2026-01-21", "description=leaving"], &[1_200 - 1_100]),
    ] {
        let (mut shop, customer, made) = begun("");
        for body in changes {
            change(&mut shop, &made, body);
        }
        shop.advance("2026-02-01 02:00:00");
        assert_eq!(totals(&mut shop, &customer), want, "{changes:?}");
    }
}

#[test]
fn a_part_of_a_later_period_is_paid_up_when_the_end_is_taken_back() {
    let (mut shop, customer, made) = begun("");
    change(&mut shop, &made, "cancel_at=2026-02-11");
    shop.advance("2026-02-01 02:00:00");
    assert_eq!(periods(&shop.subscription(&made)), ["2026-02-01..2026-02-11", "2026-02-01..2026-02-11"]);
    let live = change(&mut shop, &made, "cancel_at=");
    assert_eq!(periods(&live), ["2026-02-01..2026-03-01", "2026-02-01..2026-03-01"]);
    shop.advance("2026-03-01 02:00:00");
    // 18 of 28 days: 1992.86. With the 1107 of before it is the month, less a cent that is floored away.
    assert_eq!(totals(&mut shop, &customer), [1_107 + 1_200, 1_992 + 3_100]);
}

#[test]
fn a_change_of_items_before_a_planned_end_is_for_the_time_until_it() {
    let (mut shop, customer, made) = begun("");
    change(&mut shop, &made, "cancel_at=2026-01-21&proration_behavior=none");
    let item = &made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    // 5 of 31 days of one unit more: 500, and not 16 days of it.
    let more = format!("items[0][id]={item}&items[0][quantity]=2&proration_behavior=always_invoice");
    let live = change(&mut shop, &made, &more);
    assert_eq!(periods(&live), ["2026-01-01..2026-01-21", "2026-01-01..2026-01-21"]);
    let other = shop.monthly(6_200);
    // An item that joins then ends then too: 5 of 31 days of 6200.
    let live = change(&mut shop, &made, &format!("items[0][price]={other}"));
    assert_eq!(periods(&live)[2], "2026-01-16..2026-01-21");
    shop.advance("2026-01-21 02:00:00");
    assert_eq!(totals(&mut shop, &customer), [500, 1_000 + 1_200]);
}

#[test]
fn a_subscription_may_begin_with_its_end_in_its_first_period() {
    let end = at("2026-01-11 00:00:00");
    for (more, want) in [("", 1_000), ("&proration_behavior=none", 3_100)] {
        let (mut shop, customer, made) = begun(&format!("cancel_at={end}{more}"));
        let bills = shop.bills(&customer);
        assert!(bills[0].starts_with(&format!("create paid {want}:")), "{bills:?}");
        assert_eq!(periods(&shop.subscription(&made))[0], "2026-01-01..2026-01-11");
    }
}

#[test]
fn a_preview_of_an_end_is_what_then_happens() {
    for (asked, then) in [
        ("cancel_at=2026-01-21", "2026-01-21 02:00:00"),
        ("cancel_at=2026-01-21&proration_behavior=none", "2026-01-21 02:00:00"),
        ("cancel_at=2026-02-11", "2026-02-01 02:00:00"),
    ] {
        let (mut shop, customer, made) = begun("");
        let (word, rest) = asked.split_once("cancel_at=").unwrap();
        let (day, rest) = rest.split_once('&').unwrap_or((rest, ""));
        let stamp = at(&format!("{day} 00:00:00"));
        let more = rest.replace("proration_behavior", "&subscription_details[proration_behavior]");
        let body = format!("subscription={}&{word}subscription_details[cancel_at]={stamp}{more}", id(&made));
        let shown = shop.w.ok("POST", "/v1/invoices/create_preview", &body);
        change(&mut shop, &made, asked);
        shop.advance(then);
        assert_eq!(totals(&mut shop, &customer)[0], shown["total"], "{asked}");
    }
}

#[test]
fn a_year_that_begins_with_a_change_ends_with_the_end_that_the_change_leaves() {
    // A year of 300 dollars from 16 January on, what is left of January's 31 dollars given back, usage so far. An end that
    // is left or set cuts the new year: 41 days of 365.
    for (before, change_says, until, want) in [
        ("cancel_at_period_end=true", "cancel_at_period_end=false", "2027-01-16", 30_000 - 1_600 + 1_200),
        ("cancel_at=2026-01-21&proration_behavior=none", "cancel_at=", "2027-01-16", 30_000 - 1_600 + 1_200),
        ("cancel_at_period_end=true", "description=words", "2027-01-16", 30_000 - 1_600 + 1_200),
        ("description=words", "cancel_at=2026-02-26", "2026-02-26", 3_369 - 1_600 + 1_200),
        ("cancel_at=2026-02-26", "description=words", "2026-02-26", 3_369 - 1_600 + 1_200),
        ("cancel_at_period_end=true", "cancel_at=2026-02-26", "2026-02-26", 3_369 - 1_600 + 1_200),
    ] {
        let (mut shop, customer, made) = begun("");
        let year = shop.price("unit_amount=30000&recurring[interval]=year");
        change(&mut shop, &made, before);
        let item = id(&made["items"]["data"][0]);
        let body = format!(
            "items[0][id]={item}&items[0][price]={year}&billing_cycle_anchor[type]=now&\
             proration_behavior=always_invoice&{change_says}"
        );
        let live = change(&mut shop, &made, &body);
        assert_eq!(periods(&live)[0], format!("2026-01-16..{until}"), "{before}, then {change_says}");
        assert_eq!(totals(&mut shop, &customer), [want], "{before}, then {change_says}");
    }
}
