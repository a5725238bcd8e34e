//! Coupons and promotion codes: what they take off, for how long, and where they are refused.

use super::*;

fn shop() -> Shop {
    Shop::open("2026-01-15 12:00:00")
}

impl Shop {
    fn coupon(&mut self, more: &str) -> String {
        id(&self.w.ok("POST", "/v1/coupons", more))
    }
}

/// `due: total_discount_amounts` of all invoices of a customer, oldest first.
fn taken(shop: &mut Shop, customer: &str) -> Vec<String> {
    let found = shop.get(&format!("/v1/invoices?customer={customer}&limit=100"));
    let mut all: Vec<String> = array(&found["data"])
        .iter()
        .map(|it| {
            let off: i64 =
                array(&it["total_discount_amounts"]).iter().map(|it| it["amount"].as_i64().unwrap()).sum();
            assert_eq!(it["subtotal"].as_i64().unwrap() - off, it["total"].as_i64().unwrap());
            format!("{} off {off}", it["amount_due"])
        })
        .collect();
    all.reverse();
    all
}

#[test]
fn a_coupon_holds_once_for_months_or_for_good() {
    // 25 % of 20.00 is 5.00; two months take it off the invoices of January and February alone.
    for (duration, want) in [
        ("once", ["1500 off 500", "2000 off 0", "2000 off 0"]),
        ("repeating&duration_in_months=2", ["1500 off 500", "1500 off 500", "2000 off 0"]),
        ("forever", ["1500 off 500", "1500 off 500", "1500 off 500"]),
    ] {
        let mut shop = shop();
        let seat = shop.monthly(2_000);
        let customer = shop.customer("pm_card_visa");
        let coupon = shop.coupon(&format!("percent_off=25&duration={duration}"));
        let made = shop.subscribe(&customer, &[&seat], &format!("discounts[0][coupon]={coupon}"));
        assert_eq!(array(&made["discounts"]).is_empty(), duration == "once", "{duration}");
        shop.advance("2026-03-15 14:00:00");
        assert_eq!(taken(&mut shop, &customer), want, "{duration}");
        let end = shop.subscription(&made);
        assert_eq!(array(&end["discounts"]).is_empty(), duration != "forever", "{duration}");
        let used = shop.get(&format!("/v1/coupons/{coupon}"));
        assert_eq!(used["times_redeemed"], 1);
    }
}

#[test]
fn an_amount_is_shared_over_the_lines_and_no_line_falls_below_zero() {
    // 5.00 over 10.00 and 20.00: floor(500 x 1000 / 3000) = 166, the last gets 334.
    // 5.00 over 1.00 and 2.00: all of it.
    for (prices, want, due) in [([1_000, 2_000], [166, 334], 2_500), ([100, 200], [100, 200], 0)] {
        let mut shop = shop();
        let ids = prices.map(|minor| shop.monthly(minor));
        let customer = shop.customer("pm_card_visa");
        let coupon = shop.coupon("amount_off=500&currency=usd&duration=forever&id=FIVE");
        shop.subscribe(&customer, &[&ids[0], &ids[1]], &format!("discounts[0][coupon]={coupon}"));
        let invoice = shop.get(&format!("/v1/invoices?customer={customer}"))["data"][0].clone();
        let off: Vec<Value> = array(&invoice["lines"]["data"])
            .iter()
            .map(|it| it["discount_amounts"][0]["amount"].clone())
            .collect();
        assert_eq!(off, want);
        assert_eq!(invoice["amount_due"], due);
    }
}

#[test]
fn a_coupon_for_a_product_leaves_the_others_alone_and_several_work_one_after_the_other() {
    let mut shop = shop();
    shop.w.ok("POST", "/v1/products", "id=other&name=Other");
    let seat = shop.monthly(1_000);
    let body = "product=other&currency=usd&unit_amount=3000&recurring[interval]=month";
    let other = id(&shop.w.ok("POST", "/v1/prices", body));
    let customer = shop.customer("pm_card_visa");
    let half = shop.coupon("percent_off=50&duration=forever&applies_to[products][0]=other");
    let tenth = shop.coupon("percent_off=10&duration=forever");
    // Other: 3000 - 1500 = 1500, less 150; Pro: 1000 - 100. Together 1350 + 900 = 2250.
    shop.subscribe(
        &customer,
        &[&seat, &other],
        &format!("discounts[0][coupon]={half}&discounts[1][coupon]={tenth}"),
    );
    assert_eq!(taken(&mut shop, &customer), ["2250 off 1750"]);
    let shown = shop.get(&format!("/v1/coupons/{half}?expand[]=applies_to"));
    assert_eq!(shown["applies_to"]["products"][0], "other");
}

#[test]
fn prorations_are_net_of_discounts() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (small, large) = (shop.monthly(1_000), shop.monthly(3_000));
    let customer = shop.customer("pm_card_visa");
    let coupon = shop.coupon("percent_off=20&duration=forever");
    let made = shop.subscribe(&customer, &[&small], &format!("discounts[0][coupon]={coupon}"));
    // 15.5 of 31 days are left: half. Credit half of 8.00, debit half of 24.00.
    shop.advance("2026-01-16 12:00:00");
    let item = made["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let body = format!("items[0][id]={item}&items[0][price]={large}&proration_behavior=always_invoice");
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
    let bills = shop.bills(&customer);
    assert!(bills[1].starts_with("update paid 800:"), "{bills:?}");
    assert!(bills[1].contains("=-400") && bills[1].contains("=1200"), "{bills:?}");
}

#[test]
fn a_discount_is_put_on_and_taken_off_a_running_subscription() {
    let mut shop = shop();
    let seat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&seat], "");
    let path = format!("/v1/subscriptions/{}", id(&made));
    let coupon = shop.coupon("percent_off=50&duration=forever");
    let shown = shop.w.ok("POST", &path, &format!("discounts[0][coupon]={coupon}&expand[]=discounts"));
    assert_eq!(shown["discounts"][0]["source"]["coupon"], coupon.as_str());
    let made_known = shop.w.events().iter().filter(|it| *it == "customer.discount.created").count();
    assert_eq!(made_known, 1);
    shop.w.ok("DELETE", &format!("/v1/coupons/{coupon}"), "");
    shop.advance("2026-02-15 14:00:00");
    let none = shop.w.ok("POST", &path, "discounts=");
    assert!(array(&none["discounts"]).is_empty());
    shop.advance("2026-03-15 14:00:00");
    assert_eq!(taken(&mut shop, &customer), ["2000 off 0", "1000 off 1000", "2000 off 0"]);
    let gone = shop.w.events().iter().filter(|it| *it == "customer.discount.deleted").count();
    assert_eq!(gone, 1);
}

#[test]
fn a_preview_shows_what_a_coupon_would_take_off() {
    let mut shop = shop();
    let seat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    let coupon = shop.coupon("percent_off=25&duration=once");
    let body = format!(
        "customer={customer}&subscription_details[items][0][price]={seat}&discounts[0][coupon]={coupon}"
    );
    let shown = shop.w.ok("POST", "/v1/invoices/create_preview", &body);
    assert_eq!((&shown["subtotal"], &shown["total"]), (&2_000.into(), &1_500.into()));
    assert_eq!(shop.get(&format!("/v1/coupons/{coupon}"))["times_redeemed"], 0);
}

#[test]
fn checkout_takes_a_coupon_or_a_code_that_is_typed_in() {
    let mut shop = shop();
    let (seat, pack) = (shop.monthly(2_000), { shop.price("unit_amount=1000") });
    let coupon = shop.coupon("percent_off=25&duration=once");
    let code = format!(
        "promotion[type]=coupon&promotion[coupon]={coupon}&code=Spring&restrictions[minimum_amount]=1000&restrictions[minimum_amount_currency]=usd"
    );
    shop.w.ok("POST", "/v1/promotion_codes", &code);
    let one = "&line_items[0][quantity]=1";
    let given = shop.checkout(&format!(
        "mode=payment&line_items[0][price]={pack}{one}&discounts[0][coupon]={coupon}&invoice_creation[enabled]=true"
    ));
    assert_eq!((&given["amount_subtotal"], &given["amount_total"]), (&1_000.into(), &750.into()));
    let done = shop.complete(&given, "");
    let invoice = shop.get(&format!("/v1/invoices/{}", done["invoice"].as_str().unwrap()));
    assert_eq!((&invoice["amount_paid"], &invoice["status"]), (&750.into(), &"paid".into()));
    let typed = shop.checkout(&format!(
        "mode=subscription&line_items[0][price]={seat}{one}&allow_promotion_codes=true&customer_email=a@x.example"
    ));
    let path = format!("/_local/checkout/{}/complete", id(&typed));
    assert_eq!(shop.w.refused("POST", &path, r#"{"promotion_code": "WINTER"}"#).0, 400);
    let done = shop.complete(&typed, r#"{"promotion_code": "SPRING"}"#);
    assert_eq!(done["amount_total"], 1_500);
    let customer = done["customer"].as_str().unwrap().to_owned();
    shop.advance("2026-02-15 14:00:00");
    assert_eq!(taken(&mut shop, &customer), ["1500 off 500", "2000 off 0"]);
    assert_eq!(shop.get(&format!("/v1/coupons/{coupon}"))["times_redeemed"], 2);
    let codes = shop.get("/v1/promotion_codes?code=spring");
    assert_eq!(codes["data"][0]["times_redeemed"], 1);
}

#[test]
fn what_cannot_be_taken_off_is_refused() {
    let mut shop = shop();
    let seat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    shop.coupon("percent_off=10&id=OLD&redeem_by=1768500000&duration=once");
    shop.coupon("percent_off=10&id=ONE&max_redemptions=1&duration=once");
    shop.coupon("amount_off=10&currency=eur&id=EUR&duration=once");
    shop.subscribe(&customer, &[&seat], "discounts[0][coupon]=ONE");
    shop.advance("2026-02-01 00:00:00");
    let start = shop.w.model.biller.subscriptions.len();
    for (coupon, code, param) in [
        ("NONE", "resource_missing", "discounts[0][coupon]"),
        ("OLD", "coupon_expired", "discounts[0][coupon]"),
        ("ONE", "coupon_expired", "discounts[0][coupon]"),
        ("EUR", "", "discounts[0][coupon]"),
    ] {
        let body = format!("customer={customer}&items[0][price]={seat}&discounts[0][coupon]={coupon}");
        let (status, found, at, _) = shop.w.refused("POST", "/v1/subscriptions", &body);
        assert_eq!((status, found.as_str(), at.as_str()), (400, code, param), "{coupon}");
    }
    assert_eq!(shop.w.model.biller.subscriptions.len(), start);
    for body in [
        "duration=once",
        "percent_off=0&duration=once",
        "percent_off=100.5&duration=once",
        "percent_off=5&amount_off=5&currency=usd",
        "amount_off=5&duration=once",
        "percent_off=5&duration=repeating",
        "percent_off=5&duration=once&duration_in_months=2",
        "percent_off=5&id=ONE",
        "percent_off=5&redeem_by=1",
        "percent_off=5&applies_to[products][0]=none",
        "percent_off=5&nope=1",
    ] {
        assert_eq!(shop.w.refused("POST", "/v1/coupons", body).0, 400, "{body}");
    }
    let code = "promotion[type]=coupon&promotion[coupon]=EUR&code=x";
    shop.w.ok("POST", "/v1/promotion_codes", code);
    assert_eq!(shop.w.refused("POST", "/v1/promotion_codes", &code.replace("code=x", "code=X")).2, "code");
    let none = "promotion[type]=coupon&promotion[coupon]=NONE";
    assert_eq!(shop.w.refused("POST", "/v1/promotion_codes", none).1, "resource_missing");
}

#[test]
fn a_promotion_code_asks_for_its_least_amount_when_it_is_redeemed() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(1_000);
    shop.w.ok("POST", "/v1/coupons", "id=quarter&percent_off=25&duration=once");
    let code = "promotion[type]=coupon&promotion[coupon]=quarter&restrictions[minimum_amount]=1500\
                &restrictions[minimum_amount_currency]=usd";
    let code = id(&shop.w.ok("POST", "/v1/promotion_codes", code));
    let customer = shop.customer("pm_card_visa");
    let body = format!("customer={customer}&items[0][price]={flat}&discounts[0][promotion_code]={code}");
    let refusal = shop.w.refused("POST", "/v1/subscriptions", &body);
    assert!(
        [&refusal.1, &refusal.2, &refusal.3]
            .into_iter()
            .any(|it| it == "This promotion code needs a larger total."),
        "{refusal:?}"
    );
    let made = shop.w.ok("POST", "/v1/subscriptions", &format!("{body}&items[0][quantity]=2"));
    assert!(shop.bills(&customer)[0].starts_with("create paid 1500:"));
    // A change redeems it too, by what the items come to afterwards; its preview says the same.
    let other = shop.customer("pm_card_visa");
    let live = shop.subscribe(&other, &[&flat], "");
    let item = id(&live["items"]["data"][0]);
    for (quantity, fits) in [(1, false), (2, true)] {
        let items = format!("items[0][id]={item}&items[0][quantity]={quantity}");
        let shown = format!(
            "subscription={}&subscription_details[items][0][id]={item}&discounts[0][promotion_code]={code}&\
             subscription_details[items][0][quantity]={quantity}",
            id(&live)
        );
        let path = format!("/v1/subscriptions/{}", id(&live));
        let body = format!("{items}&discounts[0][promotion_code]={code}");
        if fits {
            shop.w.ok("POST", "/v1/invoices/create_preview", &shown);
            shop.w.ok("POST", &path, &body);
        } else {
            assert_eq!(shop.w.refused("POST", "/v1/invoices/create_preview", &shown).0, 400);
            assert_eq!(shop.w.refused("POST", &path, &body).2, "discounts[0][promotion_code]");
        }
    }
    // What was redeemed stays with fewer units.
    let (item, path) = (id(&made["items"]["data"][0]), format!("/v1/subscriptions/{}", id(&made)));
    shop.w.ok("POST", &path, &format!("items[0][id]={item}&items[0][quantity]=1"));
}
