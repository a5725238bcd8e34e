//! Charges that fail, and what follows: tries, ends, pauses, held drafts.

use super::*;

/// A subscription that renews on 1 February with a card that fails; `end` is the setting for the end of the tries.
fn failing(end: &str, card: &str) -> (Shop, String, Value) {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    shop.w.ok("POST", "/_local/settings", &format!("{{\"dunning_end\":\"{end}\"}}"));
    let (flat, usage) = (shop.monthly(2_000), shop.metered("10"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat, &usage], "");
    let attach = format!("/v1/payment_methods/{card}/attach");
    let bad = id(&shop.w.ok("POST", &attach, &format!("customer={customer}")));
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &format!("default_payment_method={bad}"));
    (shop, customer, made)
}

fn told(shop: &mut Shop, kind: &str) -> usize {
    shop.w.events().iter().filter(|it| *it == kind).count()
}

#[test]
fn a_failed_renewal_is_tried_eight_times_in_two_weeks() {
    for (end, status) in [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")] {
        let (mut shop, customer, made) = failing(end, "pm_card_chargeCustomerFail");
        // The draft is final at 01:00:01; the first try fails then, and the next is a day later.
        shop.advance("2026-02-01 01:00:01");
        let live = shop.subscription(&made);
        assert_eq!(live["status"], "past_due");
        let path = format!("/v1/invoices/{}", live["latest_invoice"].as_str().unwrap());
        let open = shop.get(&path);
        assert_eq!((&open["status"], &open["attempt_count"]), (&"open".into(), &1.into()));
        assert_eq!(open["next_payment_attempt"], at("2026-02-02 01:00:01"));
        // A try by hand does not count and moves nothing.
        assert_eq!(shop.w.refused("POST", &format!("{path}/pay"), "").0, 402);
        assert_eq!(shop.get(&path)["next_payment_attempt"], at("2026-02-02 01:00:01"));
        shop.advance("2026-02-14 12:00:00");
        assert_eq!(shop.get(&path)["attempt_count"], 8);
        assert_eq!(shop.subscription(&made)["status"], "past_due");
        shop.advance("2026-02-15 01:00:01");
        let open = shop.get(&path);
        assert_eq!((&open["attempt_count"], &open["status"]), (&9.into(), &"open".into()));
        assert_eq!(open["next_payment_attempt"], Value::Null);
        assert_eq!(told(&mut shop, "invoice.payment_failed"), 10, "nine by itself, one by hand");
        let over = shop.subscription(&made);
        assert_eq!(over["status"], status, "{end}");
        if end == "cancel" {
            assert_eq!(over["cancellation_details"]["reason"], "payment_failed");
            assert_eq!(over["ended_at"], at("2026-02-15 01:00:01"));
            continue;
        }
        // Paid after all, it is active again.
        shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), "default_payment_method=");
        shop.w.ok("POST", &format!("{path}/pay"), "");
        assert_eq!(shop.subscription(&made)["status"], "active", "{end}");
        shop.advance("2026-03-01 02:00:00");
        assert!(shop.bills(&customer).last().unwrap().starts_with("cycle paid 2000"));
    }
}

#[test]
fn invoices_of_an_unpaid_subscription_stay_drafts() {
    let (mut shop, customer, made) = failing("unpaid", "pm_card_chargeCustomerFail");
    shop.advance("2026-03-03 00:00:00");
    let live = shop.subscription(&made);
    assert_eq!((&live["status"], periods(&live)[0].as_str()), (&"unpaid".into(), "2026-03-01..2026-04-01"));
    assert!(shop.bills(&customer)[2].starts_with("cycle draft 2000"));
    let draft = shop.get(&format!("/v1/invoices/{}", live["latest_invoice"].as_str().unwrap()));
    assert_eq!((&draft["auto_advance"], &draft["next_payment_attempt"]), (&false.into(), &Value::Null));
}

#[test]
fn what_asks_for_authentication_is_not_tried_again_by_itself() {
    let (mut shop, customer, made) = failing("cancel", "pm_card_authenticationRequired");
    shop.advance("2026-02-10 00:00:00");
    assert_eq!(shop.subscription(&made)["status"], "past_due");
    assert_eq!(told(&mut shop, "invoice.payment_action_required"), 1);
    // A card that pays is taken at the next place in the schedule: after 9 days and an hour.
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), "default_payment_method=");
    shop.advance("2026-02-10 01:00:01");
    assert_eq!(shop.subscription(&made)["status"], "active");
    assert!(shop.bills(&customer)[1].starts_with("cycle paid 2000"));
}

#[test]
fn paused_collection_makes_invoices_that_nobody_pays() {
    for (behavior, status) in
        [("keep_as_draft", "draft"), ("void", "void"), ("mark_uncollectible", "uncollectible")]
    {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let flat = shop.monthly(2_000);
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&flat], "");
        let path = format!("/v1/subscriptions/{}", id(&made));
        let resumes = at("2026-02-15 00:00:00");
        let body = format!("pause_collection[behavior]={behavior}&pause_collection[resumes_at]={resumes}");
        let live = shop.w.ok("POST", &path, &body);
        assert_eq!(
            live["pause_collection"],
            serde_json::json!({ "behavior": behavior, "resumes_at": resumes })
        );
        shop.advance("2026-02-01 02:00:00");
        assert!(shop.bills(&customer)[1].starts_with(&format!("cycle {status} 2000")), "{behavior}");
        assert_eq!(shop.subscription(&made)["status"], "active");
        shop.advance("2026-03-01 02:00:00");
        assert_eq!(shop.subscription(&made)["pause_collection"], Value::Null);
        assert!(shop.bills(&customer)[2].starts_with("cycle paid 2000"), "{behavior}");
        shop.w.ok("POST", &path, "pause_collection[behavior]=void");
        assert_eq!(shop.w.ok("POST", &path, "pause_collection=")["pause_collection"], Value::Null);
        assert_eq!(
            shop.w.refused("POST", &path, "pause_collection[behavior]=no").2,
            "pause_collection[behavior]"
        );
    }
}

#[test]
fn a_trial_without_a_card_can_end_in_a_pause() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let customer = id(&shop.w.ok("POST", "/v1/customers", "email=a@example.com"));
    let more = "trial_period_days=14&trial_settings[end_behavior][missing_payment_method]=pause";
    let made = shop.subscribe(&customer, &[&flat], more);
    let path = format!("/v1/subscriptions/{}/resume", id(&made));
    assert_eq!(shop.w.refused("POST", &path, "").3, "You can only resume a subscription if it is `paused`.");
    shop.advance("2026-01-20 00:00:00");
    assert_eq!(shop.subscription(&made)["status"], "paused");
    assert_eq!(told(&mut shop, "customer.subscription.paused"), 1);
    assert_eq!(shop.bills(&customer).len(), 1, "only the free one of the trial");
    assert_eq!(shop.w.refused("POST", &path, "").1, "resource_missing");
    let card =
        id(&shop.w.ok("POST", "/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}")));
    let body = format!("invoice_settings[default_payment_method]={card}");
    shop.w.ok("POST", &format!("/v1/customers/{customer}"), &body);
    let live = shop.w.ok("POST", &path, "");
    assert_eq!((&live["status"], periods(&live)[0].as_str()), (&"active".into(), "2026-01-20..2026-02-20"));
    assert_eq!(told(&mut shop, "customer.subscription.resumed"), 1);
    assert!(shop.bills(&customer)[1].starts_with("update paid 2000"));
}

#[test]
fn a_draft_waits_as_long_as_the_grace_says() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    assert_eq!(shop.w.call("POST", "/_local/settings", "{\"draft_s\":300000}").0, 400);
    shop.w.ok("POST", "/_local/settings", "{\"draft_s\":86400}");
    let usage = shop.metered("10");
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&usage], "");
    shop.advance("2026-02-01 20:00:00");
    let draft = shop.get(&format!("/v1/invoices?customer={customer}&limit=1"))["data"][0].clone();
    assert_eq!(draft["automatically_finalizes_at"], at("2026-02-02 00:00:01"));
    assert_eq!(draft["next_payment_attempt"], at("2026-02-02 00:00:00"));
    shop.used(&customer, 50, "2026-01-31 23:59:59");
    // One draft can be given an instant of its own.
    let path = format!("/v1/invoices/{}", id(&draft));
    let later = at("2026-02-03 00:00:00");
    let held = shop.w.ok("POST", &path, &format!("auto_advance=true&automatically_finalizes_at={later}"));
    assert_eq!(held["automatically_finalizes_at"], later);
    shop.advance("2026-02-02 23:59:59");
    assert_eq!(shop.get(&path)["status"], "draft");
    shop.advance("2026-02-03 00:00:00");
    assert_eq!(shop.bills(&customer)[1], "cycle paid 500: 50 × Pro (at $0.10 / month)=500");
}
