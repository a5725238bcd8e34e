//! Trials that begin, move and end on a subscription that runs already.

use serde_json::json;

use super::*;

/// 31 days from the 10th on: on the 20th at noon 21 of 31 days of 31.00 are left, and 40 units were used.
#[test]
fn a_trial_gives_back_the_rest_and_bills_what_was_used() {
    for (behaviour, first, balance) in [
        ("create_prorations", -2_100 + 400, -1_700),
        ("always_invoice", -2_100 + 400, -1_700),
        ("none", 0, 0),
    ] {
        let mut shop = Shop::open("2026-01-10 12:00:00");
        let (flat, usage) = (shop.monthly(3_100), shop.metered("10"));
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&flat, &usage], "");
        let path = format!("/v1/subscriptions/{}", id(&made));
        shop.used(&customer, 40, "2026-01-10 12:00:00");
        shop.advance("2026-01-20 12:00:00");
        let until = at("2026-01-30 00:00:00");
        let trial = shop.w.ok("POST", &path, &format!("trial_end={until}&proration_behavior={behaviour}"));
        assert_eq!((&trial["status"], &trial["trial_end"]), (&json!("trialing"), &json!(until)));
        assert_eq!(
            (&trial["trial_start"], &trial["billing_cycle_anchor"]),
            (&json!(shop.w.now), &json!(until))
        );
        assert_eq!(periods(&trial), ["2026-01-20..2026-01-30", "2026-01-20..2026-01-30"]);
        let invoice = shop.get(&format!("/v1/invoices/{}", trial["latest_invoice"].as_str().unwrap()));
        assert_eq!(
            (&invoice["total"], &invoice["billing_reason"]),
            (&json!(first), &json!("subscription_update")),
            "{behaviour}"
        );
        assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], json!(balance));
        // What is used in the trial is never billed; then a month begins, and the balance pays its part.
        shop.used(&customer, 500, "2026-01-20 12:00:00");
        shop.advance("2026-01-30 01:00:02");
        let bills = shop.bills(&customer);
        assert_eq!(bills.len(), 3, "{bills:?}");
        assert!(bills[2].starts_with(&format!("cycle paid {}: 1 × Pro", 3_100 + balance)), "{bills:?}");
        assert_eq!(periods(&shop.get(&path)), ["2026-01-30..2026-02-28", "2026-01-30..2026-02-28"]);
        assert!(shop.w.events().contains(&"customer.subscription.trial_will_end".to_owned()));
    }
}

#[test]
fn a_trial_is_moved_and_ended() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(3_100);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    let path = format!("/v1/subscriptions/{}", id(&made));
    shop.w.ok("POST", &path, &format!("trial_end={}", at("2026-01-20 00:00:00")));
    let moved = shop.w.ok("POST", &path, &format!("trial_end={}", at("2026-01-25 00:00:00")));
    assert_eq!(periods(&moved), ["2026-01-10..2026-01-25"]);
    shop.advance("2026-01-15 00:00:00");
    let ended = shop.w.ok("POST", &path, "trial_end=now");
    assert_eq!(
        (&ended["status"], periods(&ended)),
        (&json!("active"), vec!["2026-01-15..2026-02-15".to_owned()])
    );
    // Now, on a subscription without a trial: nothing.
    assert_eq!(shop.w.ok("POST", &path, "trial_end=now")["trial_end"], json!(at("2026-01-15 00:00:00")));
    let item = id(&ended["items"]["data"][0]);
    let later = at("2026-02-01 00:00:00");
    let both = format!("trial_end={later}&items[0][id]={item}&items[0][quantity]=2");
    assert_eq!(shop.w.refused("POST", &path, &both).2, "trial_end");
}
