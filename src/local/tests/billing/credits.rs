//! Credit grants: what they pay, in which order, when they end, and what a voided invoice gives back.

use serde_json::json;

use super::*;

/// Usage that is sent when it happens.
fn used(shop: &mut Shop, customer: &str, value: i64, when: &str) {
    shop.advance(when);
    shop.used(customer, value, when);
}

/// A grant for all metered prices; `more` are further parameters.
fn grant(shop: &mut Shop, customer: &str, value: i64, more: &str) -> String {
    let amount =
        format!("amount[type]=monetary&amount[monetary][currency]=usd&amount[monetary][value]={value}");
    let scope = "applicability_config[scope][price_type]=metered";
    let scope = if more.contains("[prices]") { String::new() } else { format!("&{scope}") };
    let body = format!("customer={customer}&{amount}{scope}&{more}");
    id(&shop.w.ok("POST", "/v1/billing/credit_grants", &body))
}

/// What is left: available, and in the ledger.
fn balance(shop: &mut Shop, customer: &str) -> (i64, i64) {
    let filter = "filter[type]=applicability_scope&filter[applicability_scope][price_type]=metered";
    let shown = shop.get(&format!("/v1/billing/credit_balance_summary?customer={customer}&{filter}"));
    let sum = |name: &str| shown["balances"][0][name]["monetary"]["value"].as_i64().unwrap_or(0);
    (sum("available_balance"), sum("ledger_balance"))
}

/// The movements, oldest first: `type amount`.
fn movements(shop: &mut Shop, customer: &str) -> Vec<String> {
    let listed = shop.get(&format!("/v1/billing/credit_balance_transactions?customer={customer}&limit=100"));
    let rows = listed["data"].as_array().unwrap().iter().rev();
    rows.map(|it| {
        let side = if it["credit"].is_null() { &it["debit"] } else { &it["credit"] };
        format!("{} {}", side["type"].as_str().unwrap(), side["amount"]["monetary"]["value"])
    })
    .collect()
}

#[test]
fn metered_lines_are_paid_at_finalization_and_nothing_else() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (flat, usage) = (shop.monthly(2_900), shop.metered("10"));
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&flat, &usage], "");
    grant(&mut shop, &customer, 5_000, "category=promotional&name=Welcome");
    assert_eq!(balance(&mut shop, &customer), (5_000, 5_000));
    // 300 x 10 = 3,000 of usage: all of it is paid by credits, the licence is not.
    used(&mut shop, &customer, 300, "2026-01-20 00:00:00");
    shop.advance("2026-02-10 12:30:00");
    let draft = shop.get(&format!("/v1/invoices?customer={customer}"))["data"][0].clone();
    assert_eq!(
        (&draft["status"], &draft["total"]),
        (&json!("draft"), &json!(5_900)),
        "not before it is final"
    );
    assert_eq!(draft["total_pretax_credit_amounts"], json!([]));
    shop.advance("2026-02-10 13:00:01");
    let paid = shop.get(&format!("/v1/invoices/{}", draft["id"].as_str().unwrap()));
    assert_eq!(
        (&paid["subtotal"], &paid["total"], &paid["amount_paid"]),
        (&json!(5_900), &json!(2_900), &json!(2_900))
    );
    let line = paid["lines"]["data"].as_array().unwrap().iter().find(|it| it["amount"] == 3_000).unwrap();
    assert_eq!(line["pretax_credit_amounts"][0]["amount"], 3_000);
    assert_eq!(line["pretax_credit_amounts"][0]["type"], "credit_balance_transaction");
    assert_eq!(paid["total_pretax_credit_amounts"], line["pretax_credit_amounts"]);
    assert_eq!(balance(&mut shop, &customer), (2_000, 2_000));
    // 250 x 10 = 2,500: the 2,000 that are left, and 500 of money.
    used(&mut shop, &customer, 250, "2026-02-20 00:00:00");
    shop.advance("2026-03-10 13:00:01");
    let next = shop.get(&format!("/v1/invoices?customer={customer}"))["data"][0].clone();
    assert_eq!((&next["total"], &next["amount_paid"]), (&json!(3_400), &json!(3_400)));
    assert_eq!(balance(&mut shop, &customer), (0, 0));
    assert_eq!(
        movements(&mut shop, &customer),
        ["credits_granted 5000", "credits_applied 3000", "credits_applied 2000"]
    );
}

#[test]
fn grants_pay_in_stripes_order_and_only_the_prices_that_they_name() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (usage, other) = (shop.metered("10"), shop.metered("7"));
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&usage], "");
    let soon = at("2026-03-01 00:00:00");
    let paid = grant(&mut shop, &customer, 100, &format!("expires_at={soon}&name=paid"));
    let given = grant(&mut shop, &customer, 100, &format!("expires_at={soon}&category=promotional"));
    let forever = grant(&mut shop, &customer, 100, "category=promotional");
    let first = grant(&mut shop, &customer, 100, "priority=0");
    let wrong = grant(
        &mut shop,
        &customer,
        100,
        &format!("priority=0&applicability_config[scope][prices][0][id]={other}"),
    );
    // 25 x 10 = 250: priority 0, then what ends, promotional before paid; nothing of the one that never ends.
    used(&mut shop, &customer, 25, "2026-01-20 00:00:00");
    shop.advance("2026-02-10 13:00:01");
    let mut left = |id: &str| {
        let filter = format!("filter[type]=credit_grant&filter[credit_grant]={id}");
        let shown = shop.get(&format!("/v1/billing/credit_balance_summary?customer={customer}&{filter}"));
        shown["balances"][0]["ledger_balance"]["monetary"]["value"].as_i64().unwrap()
    };
    assert_eq!([&first, &given, &paid, &forever, &wrong].map(|id| left(id)), [0, 0, 50, 100, 100]);
}

#[test]
fn what_ends_pays_nothing_and_a_voided_invoice_gives_back() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let usage = shop.metered("10");
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&usage], "collection_method=send_invoice&days_until_due=30");
    let ends = at("2026-02-10 12:00:00");
    grant(&mut shop, &customer, 70, &format!("expires_at={ends}"));
    let kept = grant(&mut shop, &customer, 40, &format!("expires_at={}", at("2026-02-20 00:00:00")));
    used(&mut shop, &customer, 30, "2026-01-20 00:00:00");
    // One ends with the period itself: it is not eligible any more.
    shop.advance("2026-02-10 13:00:01");
    let invoice = shop.get(&format!("/v1/invoices?customer={customer}"))["data"][0].clone();
    assert_eq!((&invoice["status"], &invoice["amount_due"]), (&json!("open"), &json!(260)));
    assert_eq!(balance(&mut shop, &customer), (0, 0));
    let path = format!("/v1/invoices/{}/void", invoice["id"].as_str().unwrap());
    shop.w.ok("POST", &path, "");
    assert_eq!(balance(&mut shop, &customer), (40, 40));
    shop.advance("2026-02-20 00:00:00");
    assert_eq!(balance(&mut shop, &customer), (0, 0));
    let moved = ["credits_granted 70", "credits_granted 40", "credits_expired 70", "credits_applied 40"];
    let after = ["credits_application_invoice_voided 40", "credits_expired 40"];
    assert_eq!(movements(&mut shop, &customer), [moved.as_slice(), &after].concat());
    let events = shop.get("/v1/events?type=billing.credit_balance_transaction.created");
    assert_eq!(events["data"].as_array().unwrap().len(), 4, "the grants' own are older than 30 days");
    let refused = shop.w.refused("POST", &format!("/v1/billing/credit_grants/{kept}/void"), "");
    assert_eq!(refused.0, 400, "{refused:?}");
    assert!(refused.3.contains("never applied"), "{refused:?}");
}

#[test]
fn grants_that_make_no_sense_are_refused() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(2_900);
    let customer = shop.customer("pm_card_visa");
    let money = "amount[type]=monetary&amount[monetary][currency]=usd&amount[monetary][value]";
    let scope = "applicability_config[scope][price_type]=metered";
    for (body, param) in [
        (format!("{money}=1&{scope}"), "customer"),
        (format!("customer={customer}&{money}=0&{scope}"), "amount[monetary][value]"),
        (format!("customer={customer}&{money}=1"), "applicability_config"),
        (format!("customer=cus_no&{money}=1&{scope}"), "customer"),
        (format!("customer={customer}&{money}=1&{scope}&priority=101"), "priority"),
        (format!("customer={customer}&{money}=1&{scope}&expires_at=1"), "expires_at"),
        (format!("customer={customer}&{money}=1&{scope}&credits=5"), "credits"),
        (
            format!("customer={customer}&{money}=1&applicability_config[scope][prices][0][id]={flat}"),
            "applicability_config[scope][prices][0][id]",
        ),
    ] {
        let refused = shop.w.refused("POST", "/v1/billing/credit_grants", &body);
        assert_eq!((refused.0, refused.2.as_str()), (400, param), "{body}: {refused:?}");
    }
    assert_eq!(shop.get("/v1/billing/credit_grants")["data"], json!([]));
}
