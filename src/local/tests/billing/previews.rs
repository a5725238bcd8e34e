//! Previews: what they show is what then happens, and they keep nothing.

use super::*;

/// Amount due and lines, without the reason and the status that differ.
fn figures(invoice: &Value) -> String {
    let shown = bill(invoice);
    let (_, figures) = shown.split_once(' ').and_then(|(_, rest)| rest.split_once(' ')).unwrap();
    figures.to_owned()
}

fn preview(shop: &mut Shop, body: &str) -> Value {
    let before = serde_json::to_value(&shop.w.model.biller).unwrap();
    let shown = shop.w.ok("POST", "/v1/invoices/create_preview", body);
    assert_eq!(serde_json::to_value(&shop.w.model.biller).unwrap(), before, "a preview keeps nothing");
    assert_eq!((&shown["billing_reason"], &shown["status"]), (&"upcoming".into(), &"draft".into()));
    assert!(shown["id"].as_str().unwrap().starts_with("upcoming_in_"));
    assert_eq!((&shown["number"], &shown["attempted"]), (&Value::Null, &false.into()));
    shown
}

#[test]
fn a_preview_is_what_then_happens() {
    // What is asked of the subscription (I and U stand for its items), when its invoice is made, and what it comes to.
    // Half of 31 days is left on 16 January at noon: 30 dollars have 15 left. 120 units at 10 cents are open.
    for (change, then, want) in [
        ("", "2026-02-01 02:00:00", 3_000 + 1_200),
        ("items[0][id]=I&items[0][quantity]=2&proration_behavior=always_invoice", "", 3_000 - 1_500),
        ("items[0][id]=I&items[0][quantity]=2", "2026-02-01 02:00:00", 6_000 + 1_200 + 1_500),
        ("items[0][id]=I&items[0][quantity]=2&proration_behavior=none", "2026-02-01 02:00:00", 6_000 + 1_200),
        ("items[0][id]=I&items[0][price]=BIG&proration_behavior=always_invoice", "", 5_000 - 1_500),
        // The usage of the swapped item comes at once.
        (
            "items[0][id]=I&items[0][price]=BIG&items[1][id]=U&items[1][deleted]=true&proration_behavior=always_invoice",
            "",
            5_000 - 1_500 + 1_200,
        ),
        // A year from now on: 15 dollars back, 300 dollars ahead, the usage so far.
        (
            "items[0][id]=I&items[0][price]=YEAR&billing_cycle_anchor[type]=now&proration_behavior=always_invoice",
            "",
            30_000 - 1_500 + 1_200,
        ),
        ("items[0][id]=I&items[0][price]=YEAR&billing_cycle_anchor[type]=now", "", 30_000 - 1_500 + 1_200),
        (
            "items[0][id]=I&items[0][price]=YEAR&billing_cycle_anchor[type]=now&proration_behavior=none",
            "",
            30_000 + 1_200,
        ),
        ("cancel_at_period_end=true", "2026-02-01 02:00:00", 1_200),
    ] {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let (flat, big) = (shop.monthly(3_000), shop.monthly(10_000));
        let year = shop.price("unit_amount=30000&recurring[interval]=year");
        let usage = shop.metered("10");
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&flat, &usage], "");
        shop.used(&customer, 0, "2026-01-01 00:00:00");
        shop.w.now = at("2026-01-16 12:00:00");
        shop.used(&customer, 120, "2026-01-16 11:00:00");
        let items = array(&made["items"]["data"]);
        let body = change
            .replace("=I&", &format!("={}&", id(&items[0])))
            .replace("=U&", &format!("={}&", id(&items[1])));
        let body = body.replace("BIG", &big).replace("YEAR", &year);
        let mut asked = format!("subscription={}", id(&made));
        for part in body.split('&').filter(|it| !it.is_empty()) {
            let (name, value) = part.split_once('=').unwrap();
            let (head, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
            asked.push_str(&format!("&subscription_details[{head}]{rest}={value}"));
        }
        let shown = preview(&mut shop, &asked);
        assert_eq!(shown["amount_due"], want, "{change}: {}", bill(&shown));
        shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
        if !then.is_empty() {
            shop.advance(then);
        }
        let found = shop.get(&format!("/v1/invoices?customer={customer}&limit=1"));
        assert_eq!(figures(&found["data"][0]), figures(&shown), "{change}");
        assert_eq!(found["data"][0]["status"], "paid", "{change}");
    }
}

#[test]
fn a_year_from_now_on_has_a_new_anchor() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (month, usage) = (shop.monthly(3_100), shop.metered("10"));
    let year = shop.price("unit_amount=30000&recurring[interval]=year");
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&month, &usage], "");
    shop.w.now = at("2026-01-21 00:00:00");
    let item = id(&made["items"]["data"][0]);
    let body = format!(
        "items[0][id]={item}&items[0][price]={year}&billing_cycle_anchor[type]=now&proration_behavior=always_invoice"
    );
    let live = shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
    assert_eq!(live["billing_cycle_anchor"], at("2026-01-21 00:00:00"));
    assert_eq!(periods(&live), ["2026-01-21..2027-01-21", "2026-01-21..2026-02-21"]);
    // 11 of 31 days come back of 31 dollars.
    assert_eq!(
        shop.bills(&customer)[1],
        "update paid 28900: 1 × Pro (at $300.00 / year)=30000, 0 × Pro (at $0.10 / month)=0, Unused time on Pro after 21 \
         Jan 2026=-1100"
    );
    shop.used(&customer, 30, "2026-01-21 00:00:00");
    shop.advance("2026-02-21 02:00:00");
    assert_eq!(shop.bills(&customer)[2], "cycle paid 300: 30 × Pro (at $0.10 / month)=300");
}

#[test]
fn an_end_now_shows_its_last_invoice() {
    for (details, query, want) in [
        ("", "invoice_now=true&prorate=true", 1_200 - 1_500),
        ("&subscription_details[proration_behavior]=none", "invoice_now=true", 1_200),
    ] {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let (flat, usage) = (shop.monthly(3_000), shop.metered("10"));
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&flat, &usage], "");
        shop.w.now = at("2026-01-16 12:00:00");
        shop.used(&customer, 120, "2026-01-16 11:00:00");
        let asked = format!("subscription={}&subscription_details[cancel_now]=true{details}", id(&made));
        let shown = preview(&mut shop, &asked);
        assert_eq!(shown["total"], want);
        shop.w.ok("DELETE", &format!("/v1/subscriptions/{}?{query}", id(&made)), "");
        let found = shop.get(&format!("/v1/invoices?customer={customer}&limit=1"));
        assert_eq!(figures(&found["data"][0]), figures(&shown));
        let (status, code, _, text) = shop.w.refused("POST", "/v1/invoices/create_preview", &asked);
        assert_eq!((status, code.as_str()), (404, "invoice_upcoming_none"));
        assert_eq!(text, format!("No upcoming invoices for customer: {customer}"));
    }
}

#[test]
fn a_customer_without_a_card_can_be_shown_a_first_invoice() {
    let mut shop = Shop::open("2026-01-16 12:00:00");
    let (flat, usage) = (shop.monthly(3_100), shop.metered("10"));
    let customer = id(&shop.w.ok("POST", "/v1/customers", "email=a@example.com"));
    let items = format!(
        "customer={customer}&subscription_details[items][0][price]={flat}&subscription_details[items][0][quantity]=2&\
         subscription_details[items][1][price]={usage}"
    );
    assert_eq!(figures(&preview(&mut shop, &items)), "6200: 2 × Pro (at $31.00 / month)=6200");
    // Half a month before the first full one.
    let later = at("2026-02-01 00:00:00");
    let anchored = format!(
        "{items}&subscription_details[billing_cycle_anchor][type]=timestamp&\
         subscription_details[billing_cycle_anchor][timestamp]={later}"
    );
    let half = "3100: Remaining time on 2 × Pro after 16 Jan 2026=3100";
    assert_eq!(figures(&preview(&mut shop, &anchored)), half);
    let card = shop.w.ok("POST", "/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}"));
    let made = shop.w.ok(
        "POST",
        "/v1/subscriptions",
        &format!(
            "customer={customer}&items[0][price]={flat}&items[0][quantity]=2&billing_cycle_anchor={later}&\
             default_payment_method={}",
            id(&card)
        ),
    );
    assert_eq!(shop.bills(&customer), [format!("create paid {half}")]);
    assert_eq!(periods(&made), ["2026-01-16..2026-02-01"]);
    shop.advance("2026-02-01 02:00:00");
    assert_eq!(shop.bills(&customer)[1], "cycle paid 6200: 2 × Pro (at $31.00 / month)=6200");
    // Items of the preview's own, and only what recurs.
    let more = format!("customer={customer}&invoice_items[0][amount]=-500&invoice_items[0][currency]=usd");
    assert_eq!(preview(&mut shop, &more)["amount_due"], 5_700);
    assert_eq!(preview(&mut shop, &format!("{more}&preview_mode=recurring"))["amount_due"], 6_200);
    for (body, param) in [
        ("customer=cus_no", "customer"),
        ("customer=cus_no&nope=1", "customer"),
        ("subscription=sub_no", "subscription"),
        ("schedule=sub_sched_no", "schedule"),
    ] {
        assert_eq!(shop.w.refused("POST", "/v1/invoices/create_preview", body).2, param, "{body}");
    }
    let unknown = format!("customer={customer}&nope=1");
    assert_eq!(shop.w.refused("POST", "/v1/invoices/create_preview", &unknown).1, "parameter_unknown");
}

#[test]
fn a_schedule_shows_its_next_phase() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (pro, basic, usage) = (shop.monthly(4_900), shop.monthly(1_900), shop.metered("10"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&pro, &usage], "");
    let schedule =
        id(&shop.w.ok("POST", "/v1/subscription_schedules", &format!("from_subscription={}", id(&made))));
    shop.w.now = at("2026-01-16 12:00:00");
    shop.used(&customer, 10, "2026-01-16 11:00:00");
    let (jan, feb) = (at("2026-01-01 00:00:00"), at("2026-02-01 00:00:00"));
    let phases = |of: &str| {
        let name =
            |rest: &str| if of.is_empty() { format!("phases{rest}") } else { format!("{of}[phases]{rest}") };
        format!(
            "{}={jan}&{}={feb}&{}={pro}&{}={usage}&{}={basic}",
            name("[0][start_date]"),
            name("[0][end_date]"),
            name("[0][items][0][price]"),
            name("[0][items][1][price]"),
            name("[1][items][0][price]")
        )
    };
    let asked = format!("schedule={schedule}&{}", phases("schedule_details"));
    let shown = preview(&mut shop, &asked);
    assert_eq!(figures(&shown), "2000: 10 × Pro (at $0.10 / month)=100, 1 × Pro (at $19.00 / month)=1900");
    shop.w.ok("POST", &format!("/v1/subscription_schedules/{schedule}"), &phases(""));
    assert_eq!(figures(&preview(&mut shop, &format!("subscription={}", id(&made)))), figures(&shown));
    shop.advance("2026-02-01 02:00:00");
    assert_eq!(shop.bills(&customer)[1], format!("cycle paid {}", figures(&shown)));
}
