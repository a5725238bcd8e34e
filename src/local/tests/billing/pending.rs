//! Changes that wait for their payment, and changes that are past due until the customer pays.

use serde_json::json;

use super::*;

/// A subscription of 29.00 whose customer's card has begun to say no; and a price of 99.00.
fn declined(shop: &mut Shop) -> (String, String, String, String) {
    let (flat, dear) = (shop.monthly(2_900), shop.monthly(9_900));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    let (sub, item) = (id(&made), id(&made["items"]["data"][0]));
    card(shop, &customer, "pm_card_chargeCustomerFail");
    (customer, sub, item, dear)
}

fn card(shop: &mut Shop, customer: &str, card: &str) {
    let attached = id(&shop.w.ok(
        "POST",
        &format!("/v1/payment_methods/{card}/attach"),
        &format!("customer={customer}"),
    ));
    let body = format!("invoice_settings[default_payment_method]={attached}");
    shop.w.ok("POST", &format!("/v1/customers/{customer}"), &body);
}

fn events(shop: &mut Shop, word: &str) -> Vec<String> {
    shop.w.events().into_iter().filter(|it| it.contains(word)).collect()
}

fn price(subscription: &Value) -> &Value {
    &subscription["items"]["data"][0]["price"]["unit_amount"]
}

#[test]
fn a_change_waits_until_its_invoice_is_paid() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (customer, sub, item, dear) = declined(&mut shop);
    shop.advance("2026-01-20 12:00:00");
    let path = format!("/v1/subscriptions/{sub}");
    let body = format!(
        "items[0][id]={item}&items[0][price]={dear}&proration_behavior=always_invoice&payment_behavior=pending_if_incomplete"
    );
    let kept = shop.w.ok("POST", &path, &body);
    assert_eq!((price(&kept), &kept["status"]), (&json!(2_900), &json!("active")), "nothing has changed");
    let waits = &kept["pending_update"];
    assert_eq!(waits["expires_at"], json!(at("2026-01-21 11:00:00")));
    assert_eq!(waits["subscription_items"][0]["price"]["unit_amount"], json!(9_900));
    let invoice = kept["latest_invoice"].as_str().unwrap().to_owned();
    let shown = shop.get(&format!("/v1/invoices/{invoice}"));
    assert_eq!(
        (&shown["status"], &shown["next_payment_attempt"]),
        (&json!("open"), &json!(null)),
        "it is not tried again"
    );
    // Another card, and the invoice is paid.
    card(&mut shop, &customer, "pm_card_visa");
    shop.w.ok("POST", &format!("/v1/invoices/{invoice}/pay"), "");
    let applied = shop.get(&path);
    assert_eq!((price(&applied), &applied["pending_update"]), (&json!(9_900), &json!(null)));
    assert_eq!(events(&mut shop, "pending_update"), ["customer.subscription.pending_update_applied"]);
    shop.advance("2026-02-10 13:00:02");
    let bills = shop.bills(&customer);
    assert!(bills[2].starts_with("cycle paid 9900"), "{bills:?}");
}

#[test]
fn a_change_that_is_not_paid_in_time_is_dropped() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (customer, sub, item, dear) = declined(&mut shop);
    shop.advance("2026-01-20 12:00:00");
    let path = format!("/v1/subscriptions/{sub}");
    let waiting = "proration_behavior=always_invoice&payment_behavior=pending_if_incomplete";
    let body = format!("items[0][id]={item}&items[0][price]={dear}&{waiting}");
    let invoice = shop.w.ok("POST", &path, &body)["latest_invoice"].as_str().unwrap().to_owned();
    shop.advance("2026-01-21 10:59:59");
    assert_ne!(shop.get(&path)["pending_update"], json!(null));
    shop.advance("2026-01-21 11:00:00");
    let left = shop.get(&path);
    assert_eq!(
        (price(&left), &left["pending_update"], &left["status"]),
        (&json!(2_900), &json!(null), &json!("active"))
    );
    assert_eq!(shop.get(&format!("/v1/invoices/{invoice}"))["status"], json!("void"));
    assert_eq!(events(&mut shop, "pending_update"), ["customer.subscription.pending_update_expired"]);
    // A second change drops the first one, and one that is paid at once never waits.
    let first = shop.w.ok("POST", &path, &body)["latest_invoice"].as_str().unwrap().to_owned();
    card(&mut shop, &customer, "pm_card_visa");
    let body = format!("items[0][id]={item}&items[0][quantity]=2&{waiting}");
    let now = shop.w.ok("POST", &path, &body);
    assert_eq!((&now["pending_update"], &now["items"]["data"][0]["quantity"]), (&json!(null), &json!(2)));
    assert_eq!(shop.get(&format!("/v1/invoices/{first}"))["status"], json!("void"));
    for (more, param) in [
        ("description=d", "description"),
        ("cancel_at_period_end=true", "cancel_at_period_end"),
        ("collection_method=send_invoice&days_until_due=3", "collection_method"),
    ] {
        let body = format!("items[0][id]={item}&items[0][quantity]=3&{waiting}&{more}");
        assert_eq!(shop.w.refused("POST", &path, &body).2, param);
    }
}

#[test]
fn a_change_may_await_the_customers_own_step() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (flat, dear) = (shop.monthly(2_900), shop.monthly(9_900));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    let (path, item) = (format!("/v1/subscriptions/{}", id(&made)), id(&made["items"]["data"][0]));
    shop.advance("2026-01-20 12:00:00");
    let body = format!(
        "items[0][id]={item}&items[0][price]={dear}&proration_behavior=always_invoice&payment_behavior=default_incomplete"
    );
    let changed = shop.w.ok("POST", &path, &body);
    assert_eq!((price(&changed), &changed["status"]), (&json!(9_900), &json!("past_due")));
    let invoice = changed["latest_invoice"].as_str().unwrap().to_owned();
    let shown = shop.get(&format!("/v1/invoices/{invoice}"));
    assert_eq!(
        (&shown["status"], &shown["attempted"]),
        (&json!("open"), &json!(false)),
        "nobody has charged the card"
    );
    shop.w.ok("POST", &format!("/v1/invoices/{invoice}/pay"), "");
    assert_eq!(shop.get(&path)["status"], json!("active"));
    // What costs nothing now awaits nothing.
    let body = format!(
        "items[0][id]={item}&items[0][price]={flat}&proration_behavior=always_invoice&payment_behavior=default_incomplete"
    );
    assert_eq!(shop.w.ok("POST", &path, &body)["status"], json!("active"));
}
