//! Cards that say no, and requests that Stripe refuses.

use super::*;

#[test]
fn a_card_that_fails_leaves_the_first_invoice_open_for_23_hours() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_chargeCustomerFail");
    let made = shop.subscribe(&customer, &[&flat], "");
    assert_eq!(made["status"], "incomplete");
    assert!(shop.bills(&customer)[0].starts_with("create open 2000"));
    shop.advance("2026-01-01 22:59:59");
    assert_eq!(shop.subscription(&made)["status"], "incomplete");
    shop.advance("2026-01-01 23:00:00");
    assert_eq!(shop.subscription(&made)["status"], "incomplete_expired");
    assert!(shop.bills(&customer)[0].starts_with("create void 2000"));
}

#[test]
fn a_first_payment_can_be_made_good() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_threeDSecure2Required");
    let made = shop.subscribe(&customer, &[&flat], "");
    assert_eq!(made["status"], "incomplete");
    let invoice = made["latest_invoice"].as_str().unwrap().to_owned();
    let open = shop.get(&format!("/v1/invoices/{invoice}"));
    assert_eq!((&open["attempted"], &open["attempt_count"]), (&true.into(), &0.into()));
    let body = format!("customer={customer}");
    let card = id(&shop.w.ok("POST", "/v1/payment_methods/pm_card_mastercard/attach", &body));
    let paid = shop.w.ok("POST", &format!("/v1/invoices/{invoice}/pay"), &format!("payment_method={card}"));
    assert_eq!((&paid["status"], &paid["attempt_count"]), (&"paid".into(), &1.into()));
    assert_eq!(shop.subscription(&made)["status"], "active");
}

#[test]
fn a_failed_renewal_makes_past_due_and_a_payment_active_again() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    let body = format!("customer={customer}");
    let bad = id(&shop.w.ok("POST", "/v1/payment_methods/pm_card_chargeCustomerFail/attach", &body));
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &format!("default_payment_method={bad}"));
    shop.advance("2026-02-01 01:00:01");
    let live = shop.subscription(&made);
    assert_eq!(live["status"], "past_due");
    let events = shop.w.events();
    assert!(events.contains(&"invoice.payment_failed".to_owned()));
    let invoice = live["latest_invoice"].as_str().unwrap().to_owned();
    let (status, code, _, message) = shop.w.refused("POST", &format!("/v1/invoices/{invoice}/pay"), "");
    assert_eq!((status, code.as_str(), message.as_str()), (402, "card_declined", "Your card was declined."));
    let open = shop.get(&format!("/v1/invoices/{invoice}"));
    assert_eq!((&open["status"], &open["attempt_count"]), (&"open".into(), &1.into()));
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), "default_payment_method=");
    shop.w.ok("POST", &format!("/v1/invoices/{invoice}/pay"), "");
    assert_eq!(shop.subscription(&made)["status"], "active");
}

#[test]
fn what_stripe_refuses_is_refused_and_writes_nothing() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (flat, usage) = (shop.monthly(2_000), shop.metered("5"));
    let euro = id(&shop.w.ok(
        "POST",
        "/v1/prices",
        "product=pro&currency=eur&unit_amount=100&recurring[interval]=month",
    ));
    let once = shop.price("unit_amount=100");
    let archived = shop.monthly(100);
    shop.w.ok("POST", &format!("/v1/prices/{archived}"), "active=false");
    let payer = shop.customer("pm_card_visa");
    let poor = id(&shop.w.ok("POST", "/v1/customers", "email=b@example.com"));
    let failing = shop.customer("pm_card_chargeCustomerFail");
    let rows = [
        (
            format!("customer={poor}&items[0][price]={flat}"),
            400,
            "resource_missing",
            "",
            "no attached payment source",
        ),
        (
            format!("items[0][price]={flat}"),
            400,
            "parameter_missing",
            "customer",
            "Missing required param: customer.",
        ),
        (format!("customer={payer}"), 400, "parameter_missing", "items", "Missing required param: items."),
        (
            format!("customer=cus_x&items[0][price]={flat}"),
            404,
            "resource_missing",
            "customer",
            "No such customer: 'cus_x'",
        ),
        (
            format!("customer={payer}&items[0][price]=x"),
            400,
            "resource_missing",
            "items[0][price]",
            "No such price: 'x'",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&items[1][price]={flat}"),
            400,
            "",
            "plan",
            "with the same Price",
        ),
        (
            format!("customer={payer}&items[0][price]={usage}&items[0][quantity]=2"),
            400,
            "",
            "items[0][quantity]",
            "metered",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&items[1][price]={euro}"),
            400,
            "",
            "items[1][price]",
            "expected currency",
        ),
        (format!("customer={payer}&items[0][price]={once}"), 400, "", "items[0][price]", "type=recurring"),
        (format!("customer={payer}&items[0][price]={archived}"), 400, "", "items[0][price]", "inactive"),
        (
            format!("customer={payer}&items[0][price]={flat}&trial_end=1000"),
            400,
            "",
            "trial_end",
            "in the past",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&days_until_due=3"),
            400,
            "",
            "",
            "'days_until_due'",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&collection_method=send_invoice"),
            400,
            "",
            "",
            "you must specify",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&payment_behavior=pending_if_incomplete"),
            400,
            "",
            "payment_behavior",
            "has no effect",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&payment_behavior=bogus"),
            400,
            "",
            "payment_behavior",
            "must be one of allow_incomplete, error_if_incomplete, pending_if_incomplete, or default_incomplete",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&nope=1"),
            400,
            "parameter_unknown",
            "nope",
            "unknown parameter",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&discounts[0][coupon]=x"),
            400,
            "resource_missing",
            "discounts[0][coupon]",
            "No such coupon: 'x'",
        ),
        (
            format!("customer={payer}&items[0][price]={flat}&default_payment_method=pm_x"),
            400,
            "resource_missing",
            "default_payment_method",
            "must be attached",
        ),
        (
            format!("customer={failing}&items[0][price]={flat}&payment_behavior=error_if_incomplete"),
            402,
            "card_declined",
            "",
            "declined",
        ),
    ];
    let before = shop.w.model.biller.clone();
    for (body, status, code, param, part) in rows {
        let refused = shop.w.refused("POST", "/v1/subscriptions", &body);
        assert_eq!(
            (refused.0, refused.1.as_str(), refused.2.as_str()),
            (status, code, param),
            "{body}: {}",
            refused.3
        );
        assert!(refused.3.contains(part), "{body}: {}", refused.3);
        assert!(shop.w.model.biller == before, "{body} wrote something");
    }
}

#[test]
fn one_customer_pays_in_one_currency() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let euro = id(&shop.w.ok(
        "POST",
        "/v1/prices",
        "product=pro&currency=eur&unit_amount=100&recurring[interval]=month",
    ));
    let payer = shop.customer("pm_card_visa");
    shop.subscribe(&payer, &[&flat], "");
    let body = format!("customer={payer}&items[0][price]={euro}");
    assert!(shop.w.refused("POST", "/v1/subscriptions", &body).3.contains("cannot combine currencies"));
}

#[test]
fn ended_subscriptions_take_only_words() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let payer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&payer, &[&flat], "");
    let path = format!("/v1/subscriptions/{}", id(&made));
    shop.w.ok("DELETE", &path, "");
    let again = shop.w.refused("DELETE", &path, "");
    assert_eq!((again.0, again.2.as_str()), (404, "id"));
    assert_eq!(shop.w.ok("POST", &path, "metadata[k]=v")["metadata"]["k"], "v");
    let refused = shop.w.refused("POST", &path, "description=late");
    assert_eq!((refused.0, refused.1.as_str()), (400, "invalid_canceled_subscription_fields"));
    let listed = shop.get(&format!("/v1/subscriptions?customer={payer}"));
    assert_eq!(array(&listed["data"]).len(), 0, "hidden by default");
    for filter in ["all", "ended", "canceled"] {
        let listed = shop.get(&format!("/v1/subscriptions?customer={payer}&status={filter}"));
        assert_eq!(array(&listed["data"]).len(), 1, "{filter}");
    }
}

#[test]
fn cards_attach_detach_and_decline() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let customer = id(&shop.w.ok("POST", "/v1/customers", "email=a@example.com"));
    let body = format!("customer={customer}");
    let refused = shop.w.refused("POST", "/v1/payment_methods/pm_card_visa_chargeDeclined/attach", &body);
    assert_eq!((refused.0, refused.1.as_str()), (402, "card_declined"));
    let first = id(&shop.w.ok("POST", "/v1/payment_methods/pm_card_visa/attach", &body));
    let second = id(&shop.w.ok("POST", "/v1/payment_methods/pm_card_visa/attach", &body));
    assert_ne!(first, second, "each token makes a new one");
    let listed = shop.get(&format!("/v1/customers/{customer}/payment_methods"));
    assert_eq!(array(&listed["data"]).len(), 2);
    assert_eq!(array(&shop.get("/v1/payment_methods")["data"]).len(), 0);
    let default = format!("invoice_settings[default_payment_method]={first}");
    shop.w.ok("POST", &format!("/v1/customers/{customer}"), &default);
    shop.w.ok("POST", &format!("/v1/payment_methods/{first}/detach"), "");
    let known = shop.get(&format!("/v1/customers/{customer}"));
    assert_eq!(known["invoice_settings"]["default_payment_method"], Value::Null);
    let refused = shop.w.refused("POST", &format!("/v1/payment_methods/{first}/detach"), "");
    assert!(refused.3.contains("detachment is impossible"));
    assert_eq!(shop.w.refused("POST", &format!("/v1/payment_methods/{first}/attach"), &body).0, 400);
}

#[test]
fn invoices_refuse_what_their_status_forbids() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let payer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&payer, &[&flat], "");
    let paid = made["latest_invoice"].as_str().unwrap().to_owned();
    for (verb, part) in [
        ("pay", "Invoice is already paid"),
        ("finalize", "This invoice is already finalized, you can't re-finalize a non-draft invoice."),
        ("void", "cannot be voided"),
    ] {
        let refused = shop.w.refused("POST", &format!("/v1/invoices/{paid}/{verb}"), "");
        assert!(refused.0 == 400 && refused.3.contains(part), "{verb}: {}", refused.3);
    }
    shop.advance("2026-02-01 00:10:00");
    let live = shop.subscription(&made);
    let draft = live["latest_invoice"].as_str().unwrap().to_owned();
    let refused = shop.w.refused("POST", &format!("/v1/invoices/{draft}/void"), "");
    assert!(refused.3.contains("This invoice isn't open."));
    // A draft that is held stays one.
    let held = shop.w.ok("POST", &format!("/v1/invoices/{draft}"), "auto_advance=false");
    assert_eq!(held["automatically_finalizes_at"], Value::Null);
    shop.advance("2026-02-03 00:00:00");
    assert_eq!(shop.get(&format!("/v1/invoices/{draft}"))["status"], "draft");
    let open = shop.w.ok("POST", &format!("/v1/invoices/{draft}/finalize"), "");
    assert_eq!((&open["status"], &open["attempted"]), (&"open".into(), &false.into()));
    let void = shop.w.ok("POST", &format!("/v1/invoices/{draft}/void"), "");
    assert_eq!(void["status"], "void");
}

#[test]
fn every_change_is_announced_with_what_it_was_before() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let payer = shop.customer("pm_card_visa");
    let start = shop.w.events().len();
    let made = shop.subscribe(&payer, &[&flat], "");
    assert_eq!(
        shop.w.events()[start..],
        [
            "customer.updated",
            "customer.subscription.created",
            "invoice.created",
            "customer.updated",
            "invoice.updated",
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice_payment.paid",
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
        ]
    );
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), "cancel_at_period_end=true");
    let found = shop.get("/v1/events?type=customer.subscription.updated");
    let event = &array(&found["data"])[0];
    assert_eq!(event["data"]["previous_attributes"]["cancel_at_period_end"], false);
    assert_eq!(event["data"]["object"]["cancel_at_period_end"], true);
    shop.advance("2026-02-01 00:00:00");
    let found = shop.get("/v1/events?type=customer.subscription.deleted");
    let event = &array(&found["data"])[0];
    assert_eq!(event["created"], at("2026-02-01 00:00:00"));
    assert_eq!(event["request"]["id"], Value::Null, "nobody asked");
}

#[test]
fn customers_are_listed_by_mail_and_found_expanded() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let payer = shop.customer("pm_card_visa");
    shop.w.ok("POST", "/v1/customers", "email=A@example.com&name=Other&address[city]=Bern");
    let listed = shop.get("/v1/customers?email=a@example.com");
    assert_eq!(array(&listed["data"]).len(), 1, "the filter minds case");
    let made = shop.subscribe(&payer, &[&flat], "");
    let path = format!("/v1/subscriptions/{}?expand[]=latest_invoice&expand[]=customer", id(&made));
    let shown = shop.get(&path);
    assert_eq!(shown["latest_invoice"]["status"], "paid");
    assert_eq!(shown["customer"]["email"], "a@example.com");
    let path = format!("/v1/customers/{payer}?expand[]=subscriptions");
    assert_eq!(shop.get(&path)["subscriptions"]["data"][0]["id"], made["id"]);
}
