//! Items that change, and subscriptions that end.

use super::*;

/// All pending invoice items of a customer, oldest first.
fn pending(shop: &mut Shop, customer: &str) -> Vec<String> {
    let found = shop.get(&format!("/v1/invoiceitems?customer={customer}&pending=true"));
    let mut items: Vec<String> = array(&found["data"])
        .iter()
        .map(|it| format!("{}={}", it["description"].as_str().unwrap(), it["amount"]))
        .collect();
    items.reverse();
    items
}

/// The id of the n-th item.
fn item(subscription: &Value, n: usize) -> String {
    id(&subscription["items"]["data"][n])
}

#[test]
fn a_change_of_seats_reprorates_the_whole_item() {
    // A month of 31 days; a third of it is left when 20 days and 16 hours have passed.
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let seat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&seat], "");
    shop.w.now = at("2026-01-21 16:00:00");
    let body = format!("items[0][id]={}&items[0][quantity]=3", item(&made, 0));
    let live = shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
    assert_eq!(live["items"]["data"][0]["quantity"], 3);
    assert_eq!(
        pending(&mut shop, &customer),
        ["Unused time on Pro after 21 Jan 2026=-667", "Remaining time on 3 × Pro after 21 Jan 2026=2000"]
    );
    let found = shop.get(&format!("/v1/invoiceitems?customer={customer}"));
    let credit = &array(&found["data"])[1];
    let credited = &credit["proration_details"]["credited_items"]["invoice_line_item_details"];
    assert_eq!(credited["invoice"], made["latest_invoice"]);
    shop.advance("2026-02-01 02:00:00");
    assert_eq!(
        shop.bills(&customer)[1],
        "cycle paid 7333: 3 × Pro (at $20.00 / month)=6000, Unused time on Pro after 21 Jan 2026=-667, Remaining \
         time on 3 × Pro after 21 Jan 2026=2000"
    );
    assert!(pending(&mut shop, &customer).is_empty());
}

#[test]
fn a_swap_can_be_billed_at_once_or_not_at_all() {
    for (behaviour, bills) in [("always_invoice", 2), ("none", 1)] {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let (small, big) = (shop.monthly(1_000), shop.monthly(4_000));
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&small], "");
        shop.w.now = at("2026-01-16 12:00:00");
        let body =
            format!("items[0][id]={}&items[0][price]={big}&proration_behavior={behaviour}", item(&made, 0));
        let live = shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
        assert_eq!(live["items"]["data"][0]["price"]["id"], big.as_str());
        let seen = shop.bills(&customer);
        assert_eq!(seen.len(), bills, "{behaviour}");
        if behaviour == "always_invoice" {
            let lines =
                "Unused time on Pro after 16 Jan 2026=-500, Remaining time on Pro after 16 Jan 2026=2000";
            assert_eq!(seen[1], format!("update paid 1500: {lines}"));
        }
        assert!(pending(&mut shop, &customer).is_empty());
    }
}

#[test]
fn a_refund_goes_to_the_balance_and_pays_the_next_invoice() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (small, big) = (shop.monthly(1_000), shop.monthly(4_000));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&big], "");
    shop.w.now = at("2026-01-16 12:00:00");
    let body =
        format!("items[0][id]={}&items[0][price]={small}&proration_behavior=always_invoice", item(&made, 0));
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
    assert!(shop.bills(&customer)[1].starts_with("update paid 0: "));
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], -1_500);
    shop.advance("2026-02-01 02:00:00");
    assert!(shop.bills(&customer)[2].starts_with("cycle paid 0: "), "1000 of the credit pay it");
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], -500);
}

#[test]
fn less_than_the_minimum_charge_moves_to_the_balance() {
    let mut shop = Shop::open("2026-01-10 00:00:00");
    let usage = shop.metered("1");
    let customer = shop.customer("pm_card_chargeCustomerFail");
    shop.subscribe(&customer, &[&usage], "");
    shop.w.now += 60;
    shop.used(&customer, 49, "2026-01-10 00:00:10");
    shop.advance("2026-02-10 02:00:00");
    assert_eq!(shop.bills(&customer)[1], "cycle paid 0: 49 × Pro (at $0.01 / month)=49");
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], 49);
}

#[test]
fn a_metered_swap_bills_each_part_at_its_own_price() {
    for (behaviour, at_once) in [("create_prorations", false), ("always_invoice", true)] {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let (old, new) = (shop.metered("10"), shop.metered("3"));
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&old], "");
        shop.w.now = at("2026-01-16 00:00:00");
        shop.used(&customer, 100, "2026-01-15 23:59:59");
        let body =
            format!("items[0][id]={}&items[0][price]={new}&proration_behavior={behaviour}", item(&made, 0));
        shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
        if at_once {
            assert_eq!(shop.bills(&customer)[1], "update paid 1000: 100 × Pro (at $0.10 / month)=1000");
        }
        shop.w.now += 60;
        shop.used(&customer, 40, "2026-01-16 00:00:00");
        // Reported after the swap for the time before it: billed by nobody.
        shop.used(&customer, 7, "2026-01-15 12:00:00");
        shop.advance("2026-02-01 02:00:00");
        let last = shop.bills(&customer).pop().unwrap();
        let new_part = "40 × Pro (at $0.03 / month)=120";
        let want = if at_once {
            format!("cycle paid 120: {new_part}")
        } else {
            format!("cycle paid 1120: {new_part}, 100 × Pro (at $0.10 / month)=1000")
        };
        assert_eq!(last, want, "{behaviour}");
    }
}

#[test]
fn removing_a_metered_item_bills_or_drops_its_usage() {
    for (behaviour, want) in [("none", 0), ("create_prorations", 500)] {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let (flat, usage) = (shop.monthly(2_000), shop.metered("5"));
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&flat, &usage], "");
        shop.w.now = at("2026-01-16 00:00:00");
        shop.used(&customer, 100, "2026-01-02 00:00:00");
        let path = format!("/v1/subscription_items/{}?proration_behavior={behaviour}", item(&made, 1));
        let gone = shop.w.ok("DELETE", &path, "");
        assert_eq!(gone["deleted"], true);
        shop.advance("2026-02-01 02:00:00");
        let last = shop.bills(&customer).pop().unwrap();
        assert!(last.starts_with(&format!("cycle paid {}:", 2_000 + want)), "{behaviour}: {last}");
    }
}

#[test]
fn an_added_item_begins_now() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (flat, usage, seat) = (shop.monthly(2_000), shop.metered("5"), shop.monthly(1_000));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    shop.w.now = at("2026-01-16 12:00:00");
    shop.used(&customer, 100, "2026-01-16 11:59:59");
    shop.w.ok("POST", "/v1/subscription_items", &format!("subscription={}&price={usage}", id(&made)));
    shop.w.ok(
        "POST",
        "/v1/subscription_items",
        &format!("subscription={}&price={seat}&quantity=2", id(&made)),
    );
    shop.used(&customer, 10, "2026-01-16 12:00:00");
    let live = shop.subscription(&made);
    assert_eq!(
        periods(&live),
        ["2026-01-01..2026-02-01", "2026-01-16..2026-02-01", "2026-01-16..2026-02-01"]
    );
    shop.advance("2026-02-01 02:00:00");
    assert_eq!(
        shop.bills(&customer)[1],
        "cycle paid 5050: 1 × Pro (at $20.00 / month)=2000, 10 × Pro (at $0.05 / month)=50, 2 × Pro (at $10.00 / \
         month)=2000, Remaining time on 2 × Pro after 16 Jan 2026=1000"
    );
}

#[test]
fn month_to_year_bills_at_once_and_keeps_the_anchor() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let month = shop.monthly(3_100);
    let year = shop.price("unit_amount=36500&recurring[interval]=year");
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&month], "");
    shop.w.now = at("2026-01-02 00:00:00");
    let body = format!("items[0][id]={}&items[0][price]={year}", item(&made, 0));
    let live = shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
    assert_eq!(live["billing_cycle_anchor"], made["billing_cycle_anchor"]);
    assert_eq!(periods(&live), ["2026-01-02..2027-01-01"]);
    let lines = "Unused time on Pro after 02 Jan 2026=-3000, Remaining time on Pro after 02 Jan 2026=36400";
    assert_eq!(shop.bills(&customer)[1], format!("update paid 33400: {lines}"));
}

#[test]
fn a_cancel_drops_usage_unless_it_is_asked_to_bill_it() {
    for (query, bills) in [("", 1), ("?invoice_now=true", 2)] {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let (flat, usage) = (shop.monthly(2_000), shop.metered("5"));
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&flat, &usage], "");
        shop.w.now = at("2026-01-16 00:00:00");
        shop.used(&customer, 100, "2026-01-15 00:00:00");
        let gone = shop.w.ok("DELETE", &format!("/v1/subscriptions/{}{query}", id(&made)), "");
        assert_eq!(gone["status"], "canceled");
        assert_eq!(gone["ended_at"], at("2026-01-16 00:00:00"));
        assert_eq!(gone["cancellation_details"]["reason"], "cancellation_requested");
        let seen = shop.bills(&customer);
        assert_eq!(seen.len(), bills, "{query}");
        if bills == 2 {
            assert_eq!(seen[1], "cycle paid 500: 100 × Pro (at $0.05 / month)=500");
        }
        // Nothing follows.
        shop.advance("2026-03-01 00:00:00");
        assert_eq!(shop.bills(&customer).len(), bills);
    }
}

#[test]
fn a_prorated_cancel_leaves_a_credit_and_a_credit_invoice_is_given_up() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    shop.w.now = at("2026-01-16 12:00:00");
    shop.w.ok("DELETE", &format!("/v1/subscriptions/{}?prorate=true", id(&made)), "");
    assert_eq!(pending(&mut shop, &customer), ["Unused time on Pro after 16 Jan 2026=-1000"]);

    let other = shop.customer("pm_card_visa");
    let made = shop.subscribe(&other, &[&flat], "");
    shop.w.ok("DELETE", &format!("/v1/subscriptions/{}?prorate=true&invoice_now=true", id(&made)), "");
    assert_eq!(shop.bills(&other)[1], "cycle uncollectible 0: Unused time on Pro after 16 Jan 2026=-2000");
    assert_eq!(shop.get(&format!("/v1/customers/{other}"))["balance"], 0);
}

#[test]
fn an_end_at_the_period_end_bills_the_last_usage_and_can_be_taken_back() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (flat, usage) = (shop.monthly(2_000), shop.metered("5"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat, &usage], "");
    let path = format!("/v1/subscriptions/{}", id(&made));
    let live = shop.w.ok("POST", &path, "cancel_at_period_end=true");
    assert_eq!(live["cancel_at"], at("2026-02-01 00:00:00"));
    assert_eq!(live["status"], "active");
    let live = shop.w.ok("POST", &path, "cancel_at_period_end=false");
    assert_eq!((&live["cancel_at"], &live["canceled_at"]), (&Value::Null, &Value::Null));
    shop.w.ok("POST", &path, "cancel_at_period_end=true");
    shop.w.now = at("2026-01-20 00:00:00");
    shop.used(&customer, 100, "2026-01-15 00:00:00");
    shop.advance("2026-02-01 00:30:00");
    shop.used(&customer, 20, "2026-01-31 23:59:59");
    let ended = shop.subscription(&made);
    assert_eq!(
        (&ended["status"], &ended["ended_at"]),
        (&"canceled".into(), &at("2026-02-01 00:00:00").into())
    );
    shop.advance("2026-04-01 00:00:00");
    assert_eq!(shop.bills(&customer)[1..], ["cycle paid 600: 120 × Pro (at $0.05 / month)=600".to_owned()]);
}

#[test]
fn a_deleted_customer_ends_everything_but_keeps_its_invoices() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let flat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&flat], "");
    shop.w.ok("DELETE", &format!("/v1/customers/{customer}"), "");
    assert_eq!(shop.subscription(&made)["status"], "canceled");
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["deleted"], true);
    assert_eq!(shop.bills(&customer).len(), 1);
    let body = format!("customer={customer}&items[0][price]={flat}");
    assert_eq!(shop.w.refused("POST", "/v1/subscriptions", &body).0, 404);
}

#[test]
fn a_cancel_takes_pending_prorations_back_and_leaves_other_items() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let seat = shop.monthly(2_000);
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&seat], "");
    shop.w.now = at("2026-01-16 12:00:00");
    let path = format!("/v1/subscription_items/{}", item(&made, 0));
    shop.w.ok("POST", &path, "quantity=2");
    let body = format!("customer={customer}&amount=250&currency=usd&description=Setup");
    shop.w.ok("POST", "/v1/invoiceitems", &body);
    assert_eq!(pending(&mut shop, &customer).len(), 3);
    shop.w.ok("DELETE", &format!("/v1/subscriptions/{}", id(&made)), "");
    assert_eq!(pending(&mut shop, &customer), ["Setup=250"]);
}

#[test]
fn a_swap_without_a_quantity_begins_with_one_unit() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (small, big) = (shop.monthly(1_000), shop.monthly(4_000));
    let customer = shop.customer("pm_card_visa");
    let body = format!("customer={customer}&items[0][price]={small}&items[0][quantity]=5");
    let made = shop.w.ok("POST", "/v1/subscriptions", &body);
    let path = format!("/v1/subscriptions/{}", id(&made));
    for (quantity, want) in [("", 1), ("&items[0][quantity]=7", 7)] {
        let price = if want == 1 { &big } else { &small };
        let body = format!("items[0][id]={}&items[0][price]={price}{quantity}", item(&made, 0));
        assert_eq!(shop.w.ok("POST", &path, &body)["items"]["data"][0]["quantity"], want);
    }
}

#[test]
fn planned_ends_are_instants_or_period_ends() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let year = shop.price("unit_amount=29000&recurring[interval]=year");
    let usage = shop.metered("1");
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&year, &usage], "cancel_at_period_end=true");
    assert_eq!(made["cancel_at"], at("2027-01-01 00:00:00"));
    let path = format!("/v1/subscriptions/{}", id(&made));
    for (body, want) in [
        ("cancel_at=max_period_end", Some("2027-01-01 00:00:00")),
        ("cancel_at=min_period_end", Some("2026-02-01 00:00:00")),
        ("cancel_at=", None),
    ] {
        let live = shop.w.ok("POST", &path, body);
        assert_eq!(live["cancel_at"].as_i64(), want.map(at), "{body}");
        assert_eq!(live["cancel_at_period_end"], false);
    }
    assert_eq!(shop.w.refused("POST", &path, "cancel_at=1000").2, "cancel_at");
}

/// Units on all lines that bill usage at one cent or two cents.
fn billed_units(shop: &mut Shop, customer: &str) -> i64 {
    let found = shop.get(&format!("/v1/invoices?customer={customer}&limit=100"));
    let mut units = 0;
    for invoice in array(&found["data"]) {
        let lines = array(&invoice["lines"]["data"]);
        let total: i64 = lines.iter().map(|it| it["amount"].as_i64().unwrap()).sum();
        assert_eq!(invoice["total"], total, "{invoice:#}");
        units += lines.iter().map(|it| it["quantity"].as_i64().unwrap()).sum::<i64>();
    }
    units
}

#[test]
fn usage_is_billed_exactly_once_whatever_happens() {
    for seed in 1..=20_u64 {
        let mut shop = Shop::open("2026-01-31 10:00:00");
        let prices = [shop.metered("1"), shop.metered("2")];
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&prices[0]], "");
        let path = format!("/v1/subscriptions/{}", id(&made));
        let (mut state, mut sent, mut price) = (seed, 0, 0);
        for _ in 0..40 {
            // A plain congruential generator: the walk must be the same on every machine.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let dice = state >> 33;
            match dice % 8 {
                0 => {
                    price = 1 - price;
                    let behaviour = ["always_invoice", "create_prorations"][(dice / 8 % 2) as usize];
                    let body = format!(
                        "items[0][id]={}&items[0][price]={}&proration_behavior={behaviour}",
                        item(&made, 0),
                        prices[price]
                    );
                    shop.w.ok("POST", &path, &body);
                }
                1 | 2 => shop.w.now += (dice % (40 * 86_400)) as i64,
                3 => shop.w.now += (dice % 4_000) as i64,
                _ => {
                    let units = (dice % 1_000) as i64;
                    let body = format!(
                        "event_name=tokens&payload[stripe_customer_id]={customer}&payload[value]={units}"
                    );
                    shop.w.ok("POST", "/v1/billing/meter_events", &body);
                    sent += units;
                    // Sometimes the next step follows in the same second.
                    shop.w.now += (dice / 1_000 % 2) as i64;
                }
            }
        }
        // The second in which it ends does not belong to it any more.
        shop.w.now += 1;
        shop.w.ok("DELETE", &format!("{path}?invoice_now=true"), "");
        shop.w.now += 7_200;
        assert_eq!(billed_units(&mut shop, &customer), sent, "seed {seed}");
    }
}
