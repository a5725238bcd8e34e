//! Creation, renewal, usage in arrears, the draft hour, anchors, trials.

use super::*;

#[test]
fn a_month_of_licence_and_usage_is_billed_to_the_cent() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (flat, usage) = (shop.monthly(2_900), shop.metered("0.15"));
    let customer = shop.customer("pm_card_visa");
    shop.used(&customer, 500, "2026-01-10 11:59:59");
    let made = shop.subscribe(&customer, &[&flat, &usage], "");
    assert_eq!(made["status"], "active");
    assert_eq!(periods(&made), ["2026-01-10..2026-02-10", "2026-01-10..2026-02-10"]);
    assert_eq!(made["items"]["data"][1].get("quantity"), None, "metered items have none");
    assert_eq!(shop.bills(&customer), ["create paid 2900: 1 × Pro (at $29.00 / month)=2900"]);

    shop.w.now = at("2026-01-10 12:00:05");
    shop.used(&customer, 1_000, "2026-01-10 12:00:00");
    shop.w.now = at("2026-02-10 11:00:00");
    shop.used(&customer, 30, "2026-02-10 10:00:00");
    shop.advance("2026-02-10 12:00:00");
    let renewal = "1 × Pro (at $29.00 / month)=2900, 1030 × Pro (at $0.0015 / month)=155";
    assert_eq!(shop.bills(&customer)[1], format!("cycle draft 3055: {renewal}"));
    // In the draft hour: what happened in the period still counts, what happens after it does not.
    shop.w.now = at("2026-02-10 12:30:00");
    shop.used(&customer, 70, "2026-02-10 11:59:59");
    shop.used(&customer, 10_000, "2026-02-10 12:00:00");
    shop.advance("2026-02-10 13:00:00");
    assert!(shop.bills(&customer)[1].starts_with("cycle draft"));
    shop.advance("2026-02-10 13:00:01");
    let renewal = "1 × Pro (at $29.00 / month)=2900, 1100 × Pro (at $0.0015 / month)=165";
    assert_eq!(shop.bills(&customer)[1], format!("cycle paid 3065: {renewal}"));
    // Too late for the invoice that it belongs to, and never on another one.
    shop.used(&customer, 400, "2026-02-10 11:00:00");
    shop.advance("2026-03-10 13:00:01");
    let next = "1 × Pro (at $29.00 / month)=2900, 10000 × Pro (at $0.0015 / month)=1500";
    assert_eq!(shop.bills(&customer)[2], format!("cycle paid 4400: {next}"));
    assert_eq!(shop.bills(&customer).len(), 3);
}

#[test]
fn a_draft_says_when_it_becomes_final() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(2_900);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "metadata[tier]=pro");
    shop.advance("2026-02-10 12:20:00");
    let live = shop.subscription(&made);
    let draft = shop.get(&format!("/v1/invoices/{}", live["latest_invoice"].as_str().unwrap()));
    let created = at("2026-02-10 12:00:00");
    assert_eq!(draft["created"], created, "made at the boundary, not when somebody looked");
    assert_eq!(draft["automatically_finalizes_at"], created + 3_601);
    assert_eq!(draft["next_payment_attempt"], created + 3_600);
    assert_eq!(draft["number"], Value::Null);
    assert_eq!(draft["period_start"], at("2026-01-10 12:00:00"));
    assert_eq!(draft["period_end"], created);
    assert_eq!(draft["parent"]["subscription_details"]["subscription"], made["id"]);
    assert_eq!(draft["parent"]["subscription_details"]["metadata"]["tier"], "pro");
    let line = &draft["lines"]["data"][0];
    assert_eq!(line["pricing"]["price_details"]["price"], flat.as_str());
    let parent = &line["parent"]["subscription_item_details"];
    assert_eq!(parent["subscription_item"], made["items"]["data"][0]["id"]);
    shop.advance("2026-02-10 13:30:00");
    let paid = shop.get(&format!("/v1/invoices/{}", id(&draft)));
    assert_eq!(paid["status_transitions"]["paid_at"], created + 3_601);
    assert!(paid["number"].as_str().unwrap().ends_with("-0002"));
}

#[test]
fn anchors_at_month_ends_do_not_drift() {
    let mut shop = Shop::open("2026-01-31 09:00:00");
    let flat = shop.monthly(1_000);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    let mut seen = Vec::new();
    for now in ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"] {
        shop.advance(&format!("{now} 09:00:00"));
        let live = shop.subscription(&made);
        seen.extend(periods(&live));
    }
    assert_eq!(
        seen,
        [
            "2026-01-31..2026-02-28",
            "2026-02-28..2026-03-31",
            "2026-03-31..2026-04-30",
            "2026-04-30..2026-05-31",
            "2026-05-31..2026-06-30",
        ]
    );
}

#[test]
fn one_long_jump_ends_like_many_short_ones() {
    let story = |steps: &[&str]| {
        let mut shop = Shop::open("2026-01-31 09:00:00");
        let (flat, usage) = (shop.monthly(1_000), shop.metered("1"));
        let customer = shop.customer("pm_card_visa");
        shop.subscribe(&customer, &[&flat, &usage], "");
        shop.used(&customer, 77, "2026-01-31 09:00:00");
        for step in steps {
            shop.advance(step);
        }
        shop.advance("2026-06-15 00:00:00");
        shop.bills(&customer)
    };
    let long = story(&[]);
    assert_eq!(long.len(), 5, "{long:#?}");
    assert_eq!(long[1], "cycle paid 1077: 1 × Pro (at $10.00 / month)=1000, 77 × Pro (at $0.01 / month)=77");
    assert_eq!(long, story(&["2026-02-28 09:00:00", "2026-02-28 10:00:01", "2026-04-30 12:00:00"]));
}

#[test]
fn a_yearly_licence_with_monthly_usage_keeps_two_rhythms() {
    let mut shop = Shop::open("2026-01-31 09:00:00");
    let year = shop.price("unit_amount=29000&recurring[interval]=year");
    let usage = shop.metered("1");
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&year, &usage], "");
    assert_eq!(periods(&made), ["2026-01-31..2027-01-31", "2026-01-31..2026-02-28"]);
    shop.w.now += 60;
    shop.used(&customer, 500, "2026-01-31 09:00:30");
    shop.advance("2026-03-01 00:00:00");
    let live = shop.subscription(&made);
    assert_eq!(periods(&live), ["2026-01-31..2027-01-31", "2026-02-28..2026-03-31"]);
    assert_eq!(
        shop.bills(&customer),
        [
            "create paid 29000: 1 × Pro (at $290.00 / year)=29000",
            "cycle paid 500: 500 × Pro (at $0.01 / month)=500",
        ]
    );
    shop.advance("2027-01-31 10:00:01");
    let last = shop.bills(&customer).pop().unwrap();
    assert_eq!(last, "cycle paid 29000: 1 × Pro (at $290.00 / year)=29000, 0 × Pro (at $0.01 / month)=0");
}

#[test]
fn bands_make_lines_and_included_usage_costs_nothing() {
    let mut shop = Shop::open("2026-01-10 00:00:00");
    let meter = shop.meter.clone();
    let usage = shop.price(&format!(
        "billing_scheme=tiered&tiers_mode=graduated&tiers[0][up_to]=1000&tiers[0][unit_amount]=0\
         &tiers[0][flat_amount]=900&tiers[1][up_to]=inf&tiers[1][unit_amount_decimal]=3.6\
         &recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}"
    ));
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&usage], "");
    assert_eq!(shop.bills(&customer), ["create paid 0: "], "metered items bill nothing in advance");
    shop.w.now += 60;
    shop.used(&customer, 1_031, "2026-01-10 00:00:10");
    shop.advance("2026-02-10 02:00:00");
    assert_eq!(
        shop.bills(&customer)[1],
        "cycle paid 1012: 1000 × Pro (Tier 1 at $0.00 / month)=0, Pro (Tier 1 at $9.00 / month)=900, 31 × Pro \
         (Tier 2 at $0.036 / month)=112"
    );
}

#[test]
fn usage_in_a_trial_is_free() {
    let mut shop = Shop::open("2026-01-10 00:00:00");
    let (flat, usage) = (shop.monthly(2_900), shop.metered("1"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat, &usage], "trial_period_days=14");
    assert_eq!(made["status"], "trialing");
    assert_eq!(made["trial_end"], at("2026-01-24 00:00:00"));
    assert_eq!(made["billing_cycle_anchor"], at("2026-01-24 00:00:00"));
    assert_eq!(periods(&made), ["2026-01-10..2026-01-24", "2026-01-10..2026-01-24"]);
    shop.w.now = at("2026-01-23 12:00:00");
    shop.used(&customer, 5_000, "2026-01-20 00:00:00");
    let notices = shop.get("/v1/events?type=customer.subscription.trial_will_end");
    assert_eq!(notices["data"][0]["created"], at("2026-01-21 00:00:00"), "three days before");
    shop.advance("2026-01-24 02:00:00");
    shop.used(&customer, 25, "2026-01-24 00:00:00");
    let live = shop.subscription(&made);
    assert_eq!(live["status"], "active");
    assert_eq!(periods(&live), ["2026-01-24..2026-02-24", "2026-01-24..2026-02-24"]);
    shop.advance("2026-02-24 02:00:00");
    assert_eq!(
        shop.bills(&customer),
        [
            "create paid 0: Trial period for Pro=0",
            "cycle paid 2900: 1 × Pro (at $29.00 / month)=2900",
            "cycle paid 2925: 1 × Pro (at $29.00 / month)=2900, 25 × Pro (at $0.01 / month)=25",
        ]
    );
}

#[test]
fn a_trial_without_a_card_ends_as_its_settings_say() {
    for (behaviour, status, bills) in [("cancel", "canceled", 1), ("create_invoice", "past_due", 2)] {
        let mut shop = Shop::open("2026-01-10 00:00:00");
        let flat = shop.monthly(2_900);
        let customer = id(&shop.w.ok("POST", "/v1/customers", "email=a@example.com"));
        let more =
            format!("trial_period_days=14&trial_settings[end_behavior][missing_payment_method]={behaviour}");
        let made = shop.subscribe(&customer, &[&flat], &more);
        shop.advance("2026-01-24 02:00:00");
        assert_eq!(shop.subscription(&made)["status"], status);
        assert_eq!(shop.bills(&customer).len(), bills, "{behaviour}");
    }
}

#[test]
fn a_trial_can_end_at_once() {
    let mut shop = Shop::open("2026-01-10 00:00:00");
    let flat = shop.monthly(2_900);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "trial_period_days=14");
    shop.w.now = at("2026-01-12 06:00:00");
    let live = shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), "trial_end=now");
    assert_eq!(live["status"], "active");
    assert_eq!(live["billing_cycle_anchor"], at("2026-01-12 06:00:00"));
    assert_eq!(shop.bills(&customer)[1], "cycle paid 2900: 1 × Pro (at $29.00 / month)=2900");
}

#[test]
fn sent_invoices_wait_for_their_payer() {
    let mut shop = Shop::open("2026-01-10 00:00:00");
    let flat = shop.monthly(2_900);
    let customer = id(&shop.w.ok("POST", "/v1/customers", "email=a@example.com"));
    let made = shop.subscribe(&customer, &[&flat], "collection_method=send_invoice&days_until_due=14");
    assert_eq!(made["status"], "active");
    assert_eq!(shop.bills(&customer), ["create draft 2900: 1 × Pro (at $29.00 / month)=2900"]);
    let first = shop.get(&format!("/v1/invoices/{}", made["latest_invoice"].as_str().unwrap()));
    assert_eq!(first["due_date"], at("2026-01-24 00:00:00"));
    assert_eq!(first["next_payment_attempt"], Value::Null);
    shop.advance("2026-01-10 01:00:01");
    assert!(shop.bills(&customer)[0].starts_with("create open"));
    shop.advance("2026-01-25 00:00:00");
    assert_eq!(shop.subscription(&made)["status"], "past_due");
    let paid = shop.w.ok("POST", &format!("/v1/invoices/{}/pay", id(&first)), "paid_out_of_band=true");
    assert_eq!(paid["status"], "paid");
    assert_eq!(paid["attempted"], false);
    assert_eq!(shop.subscription(&made)["status"], "active");
}

#[test]
fn usage_that_is_still_being_processed_at_finalization_is_not_billed() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    shop.w.model.settings.lag_s = 120;
    let usage = shop.metered("100");
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&usage], "");
    // The draft becomes final at 13:00:01: one event is counted just before, one just after.
    for (now, value) in [("2026-02-10 12:58:01", 3), ("2026-02-10 12:58:02", 40)] {
        shop.w.now = at(now);
        shop.used(&customer, value, "2026-02-10 11:00:00");
    }
    shop.advance("2026-02-20 00:00:00");
    assert_eq!(shop.bills(&customer)[1], "cycle paid 300: 3 × Pro (at $1.00 / month)=300");
}

#[test]
fn an_invoice_shows_ten_lines_and_lists_the_rest() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let prices: Vec<String> = (0..12).map(|n| shop.monthly(100 + n)).collect();
    let prices: Vec<&str> = prices.iter().map(String::as_str).collect();
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &prices, "");
    let path = format!("/v1/invoices/{}", made["latest_invoice"].as_str().unwrap());
    let invoice = shop.get(&path);
    assert_eq!(invoice["total"], 1_266);
    assert_eq!(array(&invoice["lines"]["data"]).len(), 10);
    assert_eq!(invoice["lines"]["has_more"], true);
    let last = id(&invoice["lines"]["data"][9]);
    let rest = shop.get(&format!("{path}/lines?starting_after={last}"));
    assert_eq!(array(&rest["data"]).len(), 2);
    assert_eq!(rest["has_more"], false);
}

#[test]
fn prices_inside_subscriptions_can_be_expanded() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(100);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    let path = format!("/v1/subscriptions/{}?expand[]=items.data.price.product", id(&made));
    assert_eq!(shop.get(&path)["items"]["data"][0]["price"]["product"]["name"], "Pro");
    let path = format!("/v1/invoices?customer={customer}&expand[]=data.subscription");
    assert_eq!(shop.w.refused("GET", &path, "").0, 400, "gone since basil");
    let path =
        format!("/v1/invoices?customer={customer}&expand[]=data.parent.subscription_details.subscription");
    let shown = shop.get(&path);
    assert_eq!(shown["data"][0]["parent"]["subscription_details"]["subscription"]["id"], made["id"]);
    let invoice = made["latest_invoice"].as_str().unwrap();
    let lines = shop.get(&format!(
        "/v1/invoices/{invoice}/lines?expand[]=data.pricing.price_details.price&expand[]=data.subscription"
    ));
    assert_eq!(lines["data"][0]["pricing"]["price_details"]["price"]["id"], flat);
    assert_eq!(lines["data"][0]["subscription"]["id"], made["id"]);
    for (path, status) in [
        // Five levels, `data` counted: recorded of Stripe.
        ("/v1/subscriptions?expand[]=data.items.data.price.product", 400),
        ("/v1/subscriptions?expand[]=data.items.data.price", 200),
        (
            "/v1/subscriptions?expand[]=data.pending_setup_intent&expand[]=data.schedule&expand[]=data.discounts",
            200,
        ),
        ("/v1/subscriptions?expand[]=data.metadata", 400),
        ("/v1/customers?expand[]=data.tax_ids&expand[]=data.sources", 200),
        ("/v1/invoiceitems?expand[]=data.pricing.price_details.price", 200),
    ] {
        assert_eq!(shop.w.call("GET", path, "").0, status, "{path}");
    }
    shop.w.ok(
        "POST",
        "/v1/invoiceitems",
        &format!("customer={customer}&amount=5&currency=usd&subscription={}", id(&made)),
    );
    let path = "/v1/invoiceitems?expand[]=data.parent.subscription_details.subscription";
    assert_eq!(shop.w.refused("GET", path, "").2, "expand", "only an id there, by Stripe's types");
}

#[test]
fn the_state_survives_being_written_and_read() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let (flat, usage) = (shop.monthly(100), shop.metered("1"));
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&flat, &usage], "");
    let text = serde_json::to_string(&shop.w.model).unwrap();
    let read: Model = serde_json::from_str(&text).unwrap();
    assert!(read == shop.w.model);
    shop.w.model = read;
    shop.advance("2026-02-10 14:00:00");
    assert_eq!(shop.bills(&customer).len(), 2, "the agenda was kept too");
}

#[test]
fn a_held_draft_counts_usage_until_it_is_released() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let usage = shop.metered("100");
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&usage], "");
    shop.advance("2026-02-10 12:10:00");
    let draft = shop.subscription(&made)["latest_invoice"].as_str().unwrap().to_owned();
    shop.w.ok("POST", &format!("/v1/invoices/{draft}"), "auto_advance=false");
    shop.w.now = at("2026-02-12 00:00:00");
    shop.used(&customer, 8, "2026-02-10 11:59:59");
    assert!(shop.bills(&customer)[1].starts_with("cycle draft 0"));
    let free = shop.w.ok("POST", &format!("/v1/invoices/{draft}"), "auto_advance=true");
    assert_eq!(free["automatically_finalizes_at"], at("2026-02-12 00:00:00"));
    shop.advance("2026-02-12 00:00:10");
    assert_eq!(shop.bills(&customer)[1], "cycle paid 800: 8 × Pro (at $1.00 / month)=800");
    let paid = shop.get(&format!("/v1/invoices/{draft}"));
    assert_eq!(paid["status_transitions"]["paid_at"], at("2026-02-12 00:00:00"));
}

#[test]
fn a_start_in_the_past_is_billed_period_by_period_with_the_first_invoice() {
    // 1 January to 15 March: two whole months and 14 of March's 31 days, usage likewise; then a month from now on.
    let mut shop = Shop::open("2026-03-15 00:00:00");
    let (flat, usage) = (shop.monthly(3_100), shop.metered("2"));
    let customer = shop.customer("pm_card_visa");
    shop.used(&customer, 5, "2026-02-20 00:00:00");
    shop.used(&customer, 7, "2026-03-14 23:59:59");
    let start = at("2026-01-01 00:00:00");
    let made = shop.subscribe(&customer, &[&flat, &usage], &format!("backdate_start_date={start}"));
    assert_eq!((&made["start_date"], &made["created"]), (&start.into(), &at("2026-03-15 00:00:00").into()));
    assert_eq!(periods(&made), ["2026-03-15..2026-04-15", "2026-03-15..2026-04-15"]);
    let invoice = shop.get(&format!("/v1/invoices/{}", made["latest_invoice"].as_str().unwrap()));
    let amounts: Vec<i64> =
        array(&invoice["lines"]["data"]).iter().map(|it| it["amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, [3_100, 3_100, 1_400, 10, 14, 3_100]);
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&"paid".into(), &10_724.into()));
    // What was used before is not billed again.
    shop.used(&customer, 1, "2026-03-15 00:00:00");
    shop.advance("2026-04-15 01:00:01");
    assert!(shop.bills(&customer)[1].starts_with("cycle paid 3102:"));

    // Up to an anchor: 15 February to 1 March are half of a month of 28 days. Without prorations nothing is billed.
    let mut shop = Shop::open("2026-02-20 00:00:00");
    let flat = shop.monthly(2_801);
    let (start, anchor) = (at("2026-02-15 00:00:00"), at("2026-03-01 00:00:00"));
    let more = format!("backdate_start_date={start}&billing_cycle_anchor={anchor}");
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&flat], &more);
    assert!(shop.bills(&customer)[0].starts_with("create paid 1400:"));
    let customer = shop.customer("pm_card_visa");
    shop.subscribe(&customer, &[&flat], &format!("{more}&proration_behavior=none"));
    shop.advance("2026-03-01 01:00:01");
    assert!(shop.bills(&customer).last().unwrap().starts_with("cycle paid 2801:"));
    let body = format!("customer={customer}&items[0][price]={flat}&backdate_start_date={}", shop.w.now + 1);
    let refusal = shop.w.refused("POST", "/v1/subscriptions", &body);
    assert!(
        [&refusal.1, &refusal.2, &refusal.3]
            .into_iter()
            .any(|it| it == "`backdate_start_date` must be in the past."),
        "{refusal:?}"
    );
}

#[test]
fn a_coupon_is_taken_off_a_first_period_that_is_cut_short() {
    let mut shop = Shop::open("2026-01-15 00:00:00");
    let flat = shop.monthly(3_100);
    shop.w.ok("POST", "/v1/coupons", "id=half&percent_off=50&duration=once");
    let customer = shop.customer("pm_card_visa");
    let anchor = at("2026-02-01 00:00:00");
    let more = format!("billing_cycle_anchor={anchor}&discounts[0][coupon]=half");
    let made = shop.subscribe(&customer, &[&flat], &more);
    assert!(shop.bills(&customer)[0].starts_with("create paid 850:"), "{:?}", shop.bills(&customer));
    assert_eq!(shop.subscription(&made)["discounts"], serde_json::json!([]), "used up");
}
