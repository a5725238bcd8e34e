//! Billing thresholds: an invoice in the middle of a period, and what is left for its end; links to the portal.

use serde_json::json;

use super::*;

/// Usage that is sent when it happens.
fn used(shop: &mut Shop, customer: &str, value: i64, when: &str) {
    shop.advance(when);
    shop.used(customer, value, when);
}

#[test]
fn an_amount_makes_an_invoice_and_the_rest_is_billed_at_the_end() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    // 100 units at 10, all beyond at 4: bands go on through the period.
    let bands = "billing_scheme=tiered&tiers_mode=graduated&recurring[interval]=month&recurring[usage_type]=metered&\
                 tiers[0][up_to]=100&tiers[0][unit_amount]=10&tiers[1][up_to]=inf&tiers[1][unit_amount]=4";
    let meter = shop.meter.clone();
    let usage = shop.price(&format!("{bands}&recurring[meter]={meter}"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&usage], "billing_thresholds[amount_gte]=800");
    assert_eq!(made["billing_thresholds"], json!({ "amount_gte": 800, "reset_billing_cycle_anchor": false }));
    used(&mut shop, &customer, 79, "2026-01-12 00:00:00");
    shop.advance("2026-01-12 01:00:00");
    assert_eq!(shop.bills(&customer).len(), 1, "790 is not 800");
    used(&mut shop, &customer, 11, "2026-01-13 00:00:00");
    shop.advance("2026-01-13 00:00:01");
    assert_eq!(shop.bills(&customer)[1], "threshold draft 900: 90 × Pro (Tier 1 at $0.10 / month)=900");
    // What comes in while it is a draft is not on it.
    used(&mut shop, &customer, 50, "2026-01-13 00:30:00");
    shop.advance("2026-01-13 01:00:02");
    assert_eq!(shop.bills(&customer)[1], "threshold paid 900: 90 × Pro (Tier 1 at $0.10 / month)=900");
    let invoice = shop.get(&format!("/v1/invoices?customer={customer}"))["data"][0].clone();
    let line = invoice["lines"]["data"][0]["id"].clone();
    assert_eq!(invoice["threshold_reason"], json!({ "amount_gte": 800, "item_reasons": [] }), "{line}");
    // 140 in all: 10 x 10 + 40 x 4 = 260 are left; 10 more at the second price reach no 800.
    used(&mut shop, &customer, 10, "2026-02-10 11:00:00");
    shop.advance("2026-02-10 13:00:01");
    let rest = "10 × Pro (Tier 1 at $0.10 / month)=100, 50 × Pro (Tier 2 at $0.04 / month)=200";
    assert_eq!(shop.bills(&customer)[2], format!("cycle paid 300: {rest}"));
    // The next period begins at the first band again.
    used(&mut shop, &customer, 8, "2026-02-12 00:00:00");
    shop.advance("2026-03-10 13:00:01");
    assert_eq!(shop.bills(&customer)[3], "cycle paid 80: 8 × Pro (Tier 1 at $0.10 / month)=80");
}

#[test]
fn units_make_one_too_but_not_in_a_trial_and_not_on_the_last_day() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (flat, usage) = (shop.monthly(2_900), shop.metered("10"));
    let customer = shop.customer("pm_card_visa");
    let items = format!("items[0][price]={flat}&items[1][price]={usage}");
    let refused = format!("customer={customer}&{items}&items[0][billing_thresholds][usage_gte]=5");
    assert_eq!(shop.w.refused("POST", "/v1/subscriptions", &refused).2, "items[0][billing_thresholds]");
    let body =
        format!("customer={customer}&{items}&items[1][billing_thresholds][usage_gte]=50&trial_period_days=3");
    let made = shop.w.ok("POST", "/v1/subscriptions", &body);
    assert_eq!(made["items"]["data"][1]["billing_thresholds"], json!({ "usage_gte": 50 }));
    used(&mut shop, &customer, 500, "2026-01-11 00:00:00");
    shop.advance("2026-01-14 00:00:00");
    used(&mut shop, &customer, 50, "2026-01-15 00:00:00");
    shop.advance("2026-01-15 01:00:02");
    let bills = shop.bills(&customer);
    assert_eq!(bills.len(), 3, "{bills:?}");
    assert_eq!(bills[2], "threshold paid 500: 50 × Pro (at $0.10 / month)=500");
    used(&mut shop, &customer, 60, "2026-02-12 13:00:00");
    shop.advance("2026-02-13 13:00:01");
    let bills = shop.bills(&customer);
    assert_eq!(
        bills[3],
        "cycle paid 3500: 1 × Pro (at $29.00 / month)=2900, 60 × Pro (at $0.10 / month)=600"
    );
    let item = made["items"]["data"][1]["id"].as_str().unwrap();
    let path = format!("/v1/subscription_items/{item}");
    assert_eq!(shop.w.ok("POST", &path, "billing_thresholds=")["billing_thresholds"], json!(null));
    used(&mut shop, &customer, 60, "2026-02-15 00:00:00");
    shop.advance("2026-02-20 00:00:00");
    assert_eq!(shop.bills(&customer).len(), 4);
}

/// The period begins anew: the flat fee is given back for its rest and billed whole, bands begin again.
#[test]
fn a_threshold_may_begin_a_new_period() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let meter = shop.meter.clone();
    let bands = "billing_scheme=tiered&tiers_mode=graduated&recurring[interval]=month&recurring[usage_type]=metered&\
                 tiers[0][up_to]=100&tiers[0][unit_amount]=10&tiers[1][up_to]=inf&tiers[1][unit_amount]=4";
    let usage = shop.price(&format!("{bands}&recurring[meter]={meter}"));
    let flat = shop.monthly(3_100);
    let customer = shop.customer("pm_card_visa");
    let more = "billing_thresholds[amount_gte]=800&billing_thresholds[reset_billing_cycle_anchor]=true";
    let made = shop.subscribe(&customer, &[&flat, &usage], more);
    assert_eq!(made["billing_thresholds"], json!({ "amount_gte": 800, "reset_billing_cycle_anchor": true }));
    used(&mut shop, &customer, 110, "2026-01-20 12:00:00");
    shop.advance("2026-01-20 12:00:01");
    let anew = shop.subscription(&made);
    let anchor = anew["billing_cycle_anchor"].as_i64().unwrap();
    assert!((0..2).contains(&(anchor - at("2026-01-20 12:00:00"))), "{anchor}");
    assert_eq!(periods(&anew), ["2026-01-20..2026-02-20", "2026-01-20..2026-02-20"]);
    shop.advance("2026-01-20 13:00:03");
    // 21 of 31 days of 31.00 go back; 100 x 10 + 10 x 4 were used; a month begins.
    let bill = shop.bills(&customer)[1].clone();
    assert!(bill.starts_with(&format!("threshold paid {}:", -2_100 + 1_040 + 3_100)), "{bill}");
    // The first band again: 30 x 10.
    used(&mut shop, &customer, 30, "2026-01-25 12:00:00");
    shop.advance("2026-02-20 13:00:03");
    let bill = shop.bills(&customer)[2].clone();
    assert!(bill.starts_with("cycle paid 3400:") && bill.contains("30 × Pro (Tier 1"), "{bill}");
}

#[test]
fn a_volume_price_gives_the_old_band_back() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let meter = shop.meter.clone();
    let bands = "billing_scheme=tiered&tiers_mode=volume&recurring[interval]=month&recurring[usage_type]=metered&\
                 tiers[0][up_to]=100&tiers[0][unit_amount]=10&tiers[1][up_to]=inf&tiers[1][unit_amount]=4";
    let usage = shop.price(&format!("{bands}&recurring[meter]={meter}"));
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&usage], "billing_thresholds[amount_gte]=900");
    used(&mut shop, &customer, 90, "2026-01-12 00:00:00");
    // 250 x 4 = 1,000 in all, 900 of it are billed.
    used(&mut shop, &customer, 160, "2026-01-20 00:00:00");
    shop.advance("2026-02-10 13:00:01");
    let rest = "250 × Pro (Tier 2 at $0.04 / month)=1000, -90 × Pro (Tier 1 at $0.10 / month)=-900";
    assert_eq!(shop.bills(&customer)[2], format!("cycle paid 100: {rest}"));
}

#[test]
fn the_portal_has_a_link_for_a_customer() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(2_900);
    let customer = shop.customer("pm_card_visa");
    let sub = id(&shop.subscribe(&customer, &[&flat], ""));
    let flow =
        format!("flow_data[type]=subscription_cancel&flow_data[subscription_cancel][subscription]={sub}");
    let body = format!("customer={customer}&return_url=https://a.example&{flow}");
    let made = shop.w.ok("POST", "/v1/billing_portal/sessions", &body);
    assert_eq!((&made["customer"], &made["flow"]["type"]), (&json!(customer), &json!("subscription_cancel")));
    assert_eq!(made["flow"]["subscription_cancel"]["subscription"], sub.as_str());
    for (body, param) in [
        ("return_url=https://a.example".to_owned(), "customer"),
        ("customer=cus_no".to_owned(), "customer"),
        (
            format!("customer={customer}&flow_data[type]=subscription_update"),
            "flow_data[subscription_update]",
        ),
        (
            format!(
                "customer={customer}&flow_data[type]=customer_update&flow_data[subscription_cancel][subscription]={sub}"
            ),
            "flow_data[subscription_cancel]",
        ),
        (format!("customer={customer}&page=2"), "page"),
    ] {
        assert_eq!(shop.w.refused("POST", "/v1/billing_portal/sessions", &body).2, param, "{body}");
    }
}
