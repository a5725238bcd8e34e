//! Checkout: what the hosted page leads to, to the minor unit.

use super::*;

impl Shop {
    /// A price that is paid once.
    pub fn once(&mut self, minor: i64) -> String {
        self.price(&format!("unit_amount={minor}"))
    }

    /// A checkout session with the usual ends; `more` are further parameters.
    pub fn checkout(&mut self, more: &str) -> Value {
        self.w.ok("POST", "/v1/checkout/sessions", &format!("success_url=https://x.example/done&{more}"))
    }

    /// What the person at the page does, as JSON.
    pub fn complete(&mut self, session: &Value, page: &str) -> Value {
        self.w.ok("POST", &format!("/_local/checkout/{}/complete", id(session)), page)
    }

    fn session(&mut self, session: &Value) -> Value {
        self.get(&format!("/v1/checkout/sessions/{}", id(session)))
    }
}

fn shop() -> Shop {
    Shop::open("2026-01-15 12:00:00")
}

#[test]
fn a_one_time_sale_is_paid_and_refunded_in_parts() {
    let mut shop = shop();
    let (pack, extra) = (shop.once(2_500), shop.once(300));
    // 2 x 25.00 + 3.00 = 53.00
    let made = shop.checkout(&format!(
        "mode=payment&line_items[0][price]={pack}&line_items[0][quantity]=2&line_items[1][price]={extra}\
         &line_items[1][quantity]=1&customer=cus_a&client_reference_id=r&metadata[a]=1&payment_intent_data[metadata][b]=2"
    ));
    assert_eq!(
        (&made["amount_total"], &made["status"], &made["payment_status"]),
        (&5_300.into(), &"open".into(), &"unpaid".into())
    );
    assert!(made["url"].is_string() && made["payment_intent"].is_null());
    let lines = shop.get(&format!("/v1/checkout/sessions/{}/line_items", id(&made)));
    let amounts: Vec<Value> = array(&lines["data"]).iter().map(|it| it["amount_total"].clone()).collect();
    assert_eq!(amounts, [5_000, 300]);

    let start = shop.w.events().len();
    let done = shop.complete(&made, "");
    assert_eq!(
        (&done["status"], &done["payment_status"], &done["url"]),
        (&"complete".into(), &"paid".into(), &Value::Null)
    );
    assert_eq!(
        shop.w.events()[start..],
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed"
        ]
    );
    let intent = done["payment_intent"].as_str().unwrap().to_owned();
    let shown = shop.get(&format!("/v1/payment_intents/{intent}?expand[]=latest_charge"));
    assert_eq!((&shown["amount_received"], &shown["metadata"]["b"]), (&5_300.into(), &"2".into()));
    let again = shop.w.refused("POST", &format!("/_local/checkout/{}/complete", id(&made)), "");
    assert_eq!(again.0, 400);

    let refund = |shop: &mut Shop, more: &str| {
        shop.w.call("POST", "/v1/refunds", &format!("payment_intent={intent}{more}"))
    };
    assert_eq!(
        refund(&mut shop, "&amount=5301").1["error"]["message"],
        "Refund amount ($53.01) is greater than charge amount ($53.00)"
    );
    assert_eq!(refund(&mut shop, "&amount=1300").0, 200);
    assert_eq!(
        refund(&mut shop, "&amount=4001").1["error"]["message"],
        "Refund amount ($40.01) is greater than unrefunded amount on charge ($40.00)"
    );
    let charge = id(&shown["latest_charge"]);
    let before = shop.get(&format!("/v1/charges/{charge}"));
    assert_eq!((&before["amount_refunded"], &before["refunded"]), (&1_300.into(), &false.into()));
    assert_eq!(refund(&mut shop, "&reason=requested_by_customer").1["amount"], 4_000);
    let after = shop.get(&format!("/v1/charges/{charge}"));
    assert_eq!((&after["amount_refunded"], &after["refunded"]), (&5_300.into(), &true.into()));
    assert_eq!(refund(&mut shop, "").1["error"]["code"], "charge_already_refunded");
    let events = shop.get("/v1/events?type=charge.refunded");
    assert_eq!(events["data"][0]["data"]["previous_attributes"]["amount_refunded"], 1_300);
    assert_eq!(array(&shop.get(&format!("/v1/refunds?charge={charge}"))["data"]).len(), 2);
}

#[test]
fn a_subscription_begins_at_the_page() {
    let mut shop = shop();
    let (seat, tokens, setup) = (shop.monthly(1_000), shop.metered("2"), shop.once(700));
    let items = format!(
        "line_items[0][price]={seat}&line_items[0][quantity]=3&line_items[1][price]={tokens}&\
         line_items[2][price]={setup}&line_items[2][quantity]=1"
    );
    let made = shop.checkout(&format!(
        "mode=subscription&{items}&customer_email=new@x.example&subscription_data[metadata][k]=v"
    ));
    assert_eq!(made["amount_total"], 3_700);
    let done = shop.complete(&made, r#"{"name": "N"}"#);
    assert_eq!(done["payment_status"], "paid");
    let customer = done["customer"].as_str().unwrap().to_owned();
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["email"], "new@x.example");
    let subscription = shop.get(&format!("/v1/subscriptions/{}", done["subscription"].as_str().unwrap()));
    assert_eq!((&subscription["status"], &subscription["metadata"]["k"]), (&"active".into(), &"v".into()));
    assert!(subscription["default_payment_method"].is_string());
    assert_eq!(shop.bills(&customer), ["create paid 3700: 3 × Pro (at $10.00 / month)=3000, Pro=700"]);
    let paid = shop.get(&format!("/v1/invoices/{}?expand[]=payments", done["invoice"].as_str().unwrap()));
    assert_eq!(paid["payments"]["data"][0]["amount_paid"], 3_700);
    // The card is kept: the next month is charged to it.
    shop.advance("2026-02-15 14:00:00");
    assert_eq!(
        shop.bills(&customer)[1],
        "cycle paid 3000: 3 × Pro (at $10.00 / month)=3000, 0 × Pro (at $0.02 / month)=0"
    );
}

#[test]
fn a_trial_asks_for_no_money_yet() {
    for (collection, card) in [("always", true), ("if_required", false)] {
        let mut shop = shop();
        let seat = shop.monthly(1_000);
        let made = shop.checkout(&format!(
            "mode=subscription&line_items[0][price]={seat}&line_items[0][quantity]=1&\
             subscription_data[trial_period_days]=14&payment_method_collection={collection}"
        ));
        assert_eq!(
            (&made["amount_total"], &made["payment_status"]),
            (&0.into(), &"no_payment_required".into())
        );
        let done = shop.complete(&made, "");
        assert_eq!(done["payment_status"], "no_payment_required");
        let subscription = shop.get(&format!("/v1/subscriptions/{}", done["subscription"].as_str().unwrap()));
        assert_eq!(subscription["status"], "trialing");
        assert_eq!(subscription["default_payment_method"].is_string(), card, "{collection}");
    }
}

#[test]
fn a_bank_that_answers_later_pays_or_does_not() {
    for (word, status, paid) in [("succeeded", "active", "paid"), ("failed", "past_due", "unpaid")] {
        let mut shop = shop();
        let (seat, pack) = (shop.monthly(1_000), shop.once(900));
        let customer = shop.customer("pm_card_visa");
        let page = format!(r#"{{"async": "{word}"}}"#);
        let once = shop.checkout(&format!(
            "mode=payment&customer={customer}&line_items[0][price]={pack}&line_items[0][quantity]=1"
        ));
        let monthly = shop.checkout(&format!(
            "mode=subscription&customer={customer}&line_items[0][price]={seat}&line_items[0][quantity]=1"
        ));
        for session in [&once, &monthly] {
            let done = shop.complete(session, &page);
            assert_eq!((&done["status"], &done["payment_status"]), (&"complete".into(), &"unpaid".into()));
        }
        let start = shop.w.events().len();
        shop.advance("2026-01-16 12:00:00");
        let kind = format!("checkout.session.async_payment_{word}");
        assert_eq!(shop.w.events()[start..].iter().filter(|it| **it == kind).count(), 2);
        for session in [&once, &monthly] {
            assert_eq!(shop.session(session)["payment_status"], paid);
        }
        let subscription = shop.session(&monthly)["subscription"].as_str().unwrap().to_owned();
        assert_eq!(shop.get(&format!("/v1/subscriptions/{subscription}"))["status"], status);
        let intent = shop.session(&once)["payment_intent"].as_str().unwrap().to_owned();
        let progress = if word == "succeeded" { "succeeded" } else { "requires_payment_method" };
        assert_eq!(shop.get(&format!("/v1/payment_intents/{intent}"))["status"], progress);
    }
}

#[test]
fn an_invoice_of_a_one_time_sale_names_its_payment() {
    let mut shop = shop();
    let pack = shop.once(2_500);
    let made = shop.checkout(&format!(
        "mode=payment&line_items[0][price]={pack}&line_items[0][quantity]=4&invoice_creation[enabled]=true&\
         invoice_creation[invoice_data][metadata][pack]=p&payment_intent_data[metadata][b]=2"
    ));
    let done = shop.complete(&made, "");
    let invoice = done["invoice"].as_str().unwrap().to_owned();
    let shown = shop.get(&format!("/v1/invoices/{invoice}"));
    assert_eq!(bill(&shown), "manual paid 10000: Pro=10000");
    assert_eq!(shown["metadata"]["pack"], "p");
    let intent = done["payment_intent"].as_str().unwrap();
    let found = shop
        .get(&format!("/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={intent}"));
    assert_eq!(found["data"][0]["invoice"], invoice.as_str());
    assert_eq!(array(&found["data"]).len(), 1);
}

#[test]
fn a_declined_card_leaves_the_page_open_and_time_closes_it() {
    let mut shop = shop();
    let pack = shop.once(2_500);
    let made = shop.checkout(&format!("mode=payment&line_items[0][price]={pack}&line_items[0][quantity]=1"));
    let path = format!("/_local/checkout/{}/complete", id(&made));
    for card in ["pm_card_chargeCustomerFail", "pm_card_visa_chargeDeclined"] {
        let (status, code, ..) = shop.w.refused("POST", &path, &format!(r#"{{"payment_method": "{card}"}}"#));
        assert_eq!((status, code.as_str()), (402, "card_declined"));
    }
    assert!(shop.w.model.biller.money.charges.is_empty());
    shop.advance("2026-01-16 11:59:59");
    assert_eq!(shop.session(&made)["status"], "open");
    shop.advance("2026-01-16 12:00:00");
    assert_eq!(shop.session(&made)["status"], "expired");
    assert_eq!(shop.w.events().last().unwrap(), "checkout.session.expired");
    assert_eq!(shop.w.refused("POST", &path, "").0, 400);
    let other = shop.checkout(&format!("mode=payment&line_items[0][price]={pack}&line_items[0][quantity]=1"));
    shop.w.ok("POST", &format!("/v1/checkout/sessions/{}/expire", id(&other)), "");
    assert_eq!(shop.w.refused("POST", &format!("/v1/checkout/sessions/{}/expire", id(&other)), "").0, 400);
}

#[test]
fn what_a_session_cannot_sell_is_refused() {
    let mut shop = shop();
    let (seat, tokens, pack, cheap) = (shop.monthly(1_000), shop.metered("2"), shop.once(900), shop.once(49));
    let item = |price: &str, more: &str| format!("line_items[0][price]={price}{more}");
    let one = "&line_items[0][quantity]=1";
    let many: String =
        (0..21).map(|n| format!("&line_items[{n}][price]={pack}&line_items[{n}][quantity]=1")).collect();
    let rows = [
        (format!("mode=payment&{}", item(&seat, one)), "mode"),
        (format!("mode=subscription&{}", item(&pack, one)), "line_items"),
        (format!("mode=subscription&{}", item(&tokens, one)), "line_items[0][quantity]"),
        (format!("mode=payment&{}", item(&pack, "")), "line_items[0]"),
        (format!("mode=payment&{}", item("price_none", one)), "line_items[0][price]"),
        (format!("mode=payment&{}", item(&cheap, one)), "line_items"),
        (format!("mode=payment{many}"), "line_items"),
        (format!("mode=payment&{}&customer=cus_none", item(&pack, one)), "customer"),
        (format!("mode=payment&{}&customer=cus_a&customer_email=a@x.example", item(&pack, one)), ""),
        (format!("mode=payment&{}&expires_at={}", item(&pack, one), shop.w.now + 1_799), "expires_at"),
        (format!("mode=payment&{}&expires_at={}", item(&pack, one), shop.w.now + 86_401), "expires_at"),
        (format!("mode=payment&{}&subscription_data[description]=x", item(&pack, one)), "subscription_data"),
        (
            format!("mode=subscription&{}&payment_intent_data[metadata][a]=x", item(&seat, one)),
            "payment_intent_data",
        ),
        (format!("mode=payment&{}&nope=1", item(&pack, one)), "nope"),
        (format!("mode=payment&{}&line_items[0][nope]=1", item(&pack, one)), "line_items[0][nope]"),
        (item(&pack, one), "mode"),
    ];
    for (body, param) in rows {
        let body = format!("success_url=https://x.example&{body}");
        let (status, _, found, text) = shop.w.refused("POST", "/v1/checkout/sessions", &body);
        assert_eq!((status, found.as_str()), (400, param), "{body}: {text}");
    }
    assert!(shop.w.model.biller.money.sessions.is_empty());
}

#[test]
fn an_open_invoice_is_paid_at_its_hosted_page() {
    let mut shop = shop();
    let seat = shop.monthly(1_000);
    let customer = shop.customer("pm_card_chargeCustomerFail");
    shop.subscribe(&customer, &[&seat], "");
    let open = shop.get(&format!("/v1/invoices?customer={customer}"))["data"][0].clone();
    assert_eq!(open["status"], "open");
    let path = format!("/_local/invoices/{}/pay", id(&open));
    assert_eq!(shop.w.refused("POST", &path, r#"{"payment_method": "pm_card_chargeCustomerFail"}"#).0, 402);
    assert_eq!(shop.w.ok("POST", &path, "")["status"], "paid");
    assert_eq!(shop.w.refused("POST", &path, "").0, 400);
    let subscription = shop.get(&format!("/v1/subscriptions?customer={customer}"))["data"][0].clone();
    assert_eq!(subscription["status"], "active");
}
