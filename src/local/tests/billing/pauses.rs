//! Subscriptions that rest because somebody said so.

use serde_json::json;

use super::*;

/// 21 of 31 days of 31.00 are left, 40 units at 10 were used.
fn running(shop: &mut Shop) -> (String, String) {
    let (flat, usage) = (shop.monthly(3_100), shop.metered("10"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat, &usage], "");
    shop.used(&customer, 40, "2026-01-10 12:00:00");
    shop.advance("2026-01-20 12:00:00");
    (customer, format!("/v1/subscriptions/{}", id(&made)))
}

#[test]
fn a_pause_bills_nothing_until_it_is_resumed() {
    let now = "invoicing_behavior=invoice";
    for (more, total, balance) in [
        (now.to_owned(), json!(400 - 2_100), -1_700),
        (format!("{now}&bill_for[outstanding_usage_through][type]=none"), json!(-2_100), -2_100),
        (format!("{now}&bill_for[unused_time_from][type]=none"), json!(400), 0),
        (
            format!("{now}&bill_for[unused_time_from][type]=item_current_period_start"),
            json!(400 - 3_100),
            -2_700,
        ),
    ] {
        let mut shop = Shop::open("2026-01-10 12:00:00");
        let (customer, path) = running(&mut shop);
        let paused = shop.w.ok("POST", &format!("{path}/pause"), &more);
        let details = &paused["status_details"]["paused"];
        assert_eq!((&paused["status"], &details["transitioned_at"]), (&json!("paused"), &json!(shop.w.now)));
        assert_eq!(details["subscription"]["type"], json!("pause_requested"));
        let invoice = shop.get(&format!("/v1/invoices/{}", paused["latest_invoice"].as_str().unwrap()));
        assert_eq!((&invoice["total"], &invoice["status"]), (&total, &json!("paid")), "{more}");
        assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], json!(balance), "{more}");
        // Two months without a period; what is used in them is not billed.
        shop.used(&customer, 500, "2026-01-20 12:00:00");
        shop.advance("2026-03-25 12:00:00");
        assert_eq!((shop.bills(&customer).len(), &shop.get(&path)["status"]), (2, &json!("paused")));
        let resumed = shop.w.ok("POST", &format!("{path}/resume"), "");
        assert_eq!((&resumed["status"], &resumed["status_details"]), (&json!("active"), &json!(null)));
        assert_eq!(periods(&resumed), ["2026-03-25..2026-04-25", "2026-03-25..2026-04-25"]);
        let bills = shop.bills(&customer);
        assert_eq!(bills.len(), 3);
        assert!(
            bills[2].starts_with(&format!("update paid {}: 1 × Pro", 3_100 + balance)),
            "{more}: {bills:?}"
        );
    }
}

/// Without a word nothing is invoiced: what is due either way waits for the invoice of the resumption.
#[test]
fn what_a_pause_comes_to_waits() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (customer, path) = running(&mut shop);
    shop.w.ok("POST", &format!("{path}/pause"), "type=subscription");
    assert_eq!(shop.bills(&customer).len(), 1);
    assert_eq!(shop.w.events().last().map(String::as_str), Some("customer.subscription.paused"));
    shop.advance("2026-02-20 12:00:00");
    shop.w.ok("POST", &format!("{path}/resume"), "");
    let bill = shop.bills(&customer)[1].clone();
    assert!(bill.starts_with(&format!("update paid {}:", 3_100 - 2_100 + 400)), "{bill}");
}

#[test]
fn not_every_subscription_can_be_paused() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(3_100);
    let customer = shop.customer("pm_card_visa");
    let trial = id(&shop.subscribe(&customer, &[&flat], "trial_period_days=3"));
    let sent = id(&shop.subscribe(&customer, &[&flat], "collection_method=send_invoice&days_until_due=7"));
    let planned = id(&shop.subscribe(&customer, &[&flat], ""));
    shop.w.ok("POST", "/v1/subscription_schedules", &format!("from_subscription={planned}"));
    let twice = id(&shop.subscribe(&customer, &[&flat], ""));
    shop.w.ok("POST", &format!("/v1/subscriptions/{twice}/pause"), "");
    for (sub, why) in [(trial, "trialing"), (sent, "send_invoice"), (planned, "schedule"), (twice, "paused")]
    {
        let refused = shop.w.refused("POST", &format!("/v1/subscriptions/{sub}/pause"), "");
        assert!(refused.0 == 400 && refused.3.contains(why), "{why}: {refused:?}");
    }
}
