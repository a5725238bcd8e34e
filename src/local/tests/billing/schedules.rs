//! Subscription schedules: two calls, phases, releases, and what they bill.

use super::*;

/// A schedule over a subscription, with a second phase of `price` from the end of the current one.
fn downgrade(shop: &mut Shop, made: &Value, items: &str, more: &str) -> Value {
    let schedule =
        shop.w.ok("POST", "/v1/subscription_schedules", &format!("from_subscription={}", id(made)));
    let body = format!("{}&{items}&{more}", repeat(&schedule));
    shop.w.ok("POST", &format!("/v1/subscription_schedules/{}", id(&schedule)), &body)
}

/// The current phase as the second call repeats it.
fn repeat(schedule: &Value) -> String {
    let phase = &schedule["phases"][0];
    let mut body =
        format!("phases[0][start_date]={}&phases[0][end_date]={}", phase["start_date"], phase["end_date"]);
    for (n, item) in array(&phase["items"]).iter().enumerate() {
        body.push_str(&format!("&phases[0][items][{n}][price]={}", item["price"].as_str().unwrap()));
        if let Some(quantity) = item["quantity"].as_u64() {
            body.push_str(&format!("&phases[0][items][{n}][quantity]={quantity}"));
        }
    }
    body
}

fn spans(schedule: &Value) -> Vec<(i64, i64)> {
    let phases = array(&schedule["phases"]);
    phases.iter().map(|it| (it["start_date"].as_i64().unwrap(), it["end_date"].as_i64().unwrap())).collect()
}

/// What was announced of schedules in the last 30 days.
fn told(shop: &mut Shop) -> Vec<String> {
    let events = shop.w.events();
    events.iter().filter_map(|it| it.strip_prefix("subscription_schedule.")).map(str::to_owned).collect()
}

#[test]
fn a_downgrade_at_period_end_makes_one_invoice() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (pro, basic) = (shop.monthly(4_900), shop.monthly(1_900));
    let (usage, cheap) = (shop.metered("10"), shop.metered("3"));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&pro, &usage], "metadata[paygrade_tier]=pro&metadata[x]=1");
    shop.used(&customer, 0, "2026-01-01 00:00:00");
    shop.w.now = at("2026-01-10 00:00:00");
    let items = format!(
        "phases[1][items][0][price]={basic}&phases[1][items][1][price]={cheap}&phases[1][duration][interval]=month&\
         phases[1][metadata][paygrade_tier]=basic&phases[1][metadata][x]="
    );
    let schedule = downgrade(&mut shop, &made, &items, "end_behavior=release");
    assert_eq!(schedule["status"], "active");
    let (jan, feb, mar) = (at("2026-01-01 00:00:00"), at("2026-02-01 00:00:00"), at("2026-03-01 00:00:00"));
    assert_eq!(spans(&schedule), [(jan, feb), (feb, mar)]);
    assert_eq!(schedule["current_phase"]["end_date"], feb);
    let live = shop.subscription(&made);
    assert_eq!(live["schedule"], schedule["id"]);
    assert_eq!(shop.bills(&customer).len(), 1, "nothing is billed before the phase changes");
    assert_eq!(told(&mut shop), ["created", "updated"]);

    shop.used(&customer, 100, "2026-01-09 12:00:00");
    shop.advance("2026-01-31 23:59:59");
    assert_eq!(shop.subscription(&made)["items"]["data"][0]["price"]["id"], pro.as_str());
    // Reported while the draft is open: still on it. 105 units at 10 cents, and 19 dollars ahead.
    shop.advance("2026-02-01 00:30:00");
    shop.used(&customer, 5, "2026-01-31 23:00:00");
    shop.used(&customer, 40, "2026-02-01 00:10:00");
    let live = shop.subscription(&made);
    assert_eq!(periods(&live), ["2026-02-01..2026-03-01", "2026-02-01..2026-03-01"]);
    assert_eq!(live["metadata"], serde_json::json!({ "paygrade_tier": "basic" }));
    shop.advance("2026-02-01 02:00:00");
    assert_eq!(
        shop.bills(&customer)[1..],
        ["cycle paid 2950: 105 × Pro (at $0.10 / month)=1050, 1 × Pro (at $19.00 / month)=1900"]
    );
    // After the last phase it goes on by itself: 40 units at 3 cents.
    shop.advance("2026-03-01 02:00:00");
    let path = format!("/v1/subscription_schedules/{}", id(&schedule));
    let over = shop.get(&path);
    assert_eq!((&over["status"], &over["subscription"]), (&"released".into(), &Value::Null));
    assert_eq!((&over["released_subscription"], &over["released_at"]), (&made["id"], &mar.into()));
    let live = shop.subscription(&made);
    assert_eq!((&live["status"], &live["schedule"]), (&"active".into(), &Value::Null));
    assert_eq!(
        shop.bills(&customer)[2..],
        ["cycle paid 2020: 1 × Pro (at $19.00 / month)=1900, 40 × Pro (at $0.03 / month)=120"]
    );
    assert_eq!(told(&mut shop), ["updated", "expiring", "released"], "the first ones are older than 30 days");
}

#[test]
fn what_a_schedule_manages_is_ended_through_it() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (pro, basic) = (shop.monthly(3_000), shop.monthly(1_000));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&pro], "");
    let path = format!("/v1/subscriptions/{}", id(&made));
    let schedule = downgrade(&mut shop, &made, &format!("phases[1][items][0][price]={basic}"), "");
    let schedule_path = format!("/v1/subscription_schedules/{}", id(&schedule));
    let managed = format!(
        "The subscription is managed by the subscription schedule `{}`, and updating any cancelation behavior directly \
         is not allowed. Please update the schedule instead.",
        id(&schedule)
    );
    for body in ["cancel_at_period_end=true", "cancel_at=min_period_end", "cancel_at="] {
        assert_eq!(shop.w.refused("POST", &path, body).3, managed, "{body}");
    }
    let again =
        shop.w.refused("POST", "/v1/subscription_schedules", &format!("from_subscription={}", id(&made)));
    let attached = format!(
        "You cannot migrate a subscription that is already attached to a schedule: `{}`.",
        id(&schedule)
    );
    assert_eq!((again.0, again.3), (400, attached));
    // Released, it can be ended directly, and has what it had.
    let released = shop.w.ok("POST", &format!("{schedule_path}/release"), "");
    assert_eq!(released["released_subscription"], made["id"]);
    assert_eq!(shop.subscription(&made)["schedule"], Value::Null);
    assert!(shop.w.refused("POST", &format!("{schedule_path}/release"), "").3.contains("`released`"));
    assert!(shop.w.refused("POST", &schedule_path, "end_behavior=cancel").3.contains("`released`"));
    shop.w.ok("POST", &path, "cancel_at_period_end=true");
    // A planned end becomes the schedule's own, and goes when the schedule takes it back.
    let second = shop.w.ok("POST", "/v1/subscription_schedules", &format!("from_subscription={}", id(&made)));
    assert_eq!(
        (&second["end_behavior"], &shop.subscription(&made)["cancel_at"]),
        (&"cancel".into(), &at("2026-02-01 00:00:00").into())
    );
    let second_path = format!("/v1/subscription_schedules/{}", id(&second));
    shop.w.ok("POST", &second_path, "end_behavior=release");
    assert_eq!(shop.subscription(&made)["cancel_at"], Value::Null);
    shop.w.ok("POST", &second_path, "end_behavior=cancel");
    shop.advance("2026-02-01 00:00:00");
    let over = shop.get(&second_path);
    assert_eq!((&over["status"], &over["subscription"]), (&"completed".into(), &made["id"]));
    assert_eq!(shop.subscription(&made)["status"], "canceled");
    assert_eq!(shop.bills(&customer).len(), 1);
}

#[test]
fn the_second_call_repeats_the_current_phase() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (pro, basic) = (shop.monthly(3_000), shop.monthly(1_000));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&pro], "");
    let body = format!("from_subscription={}", id(&made));
    for (more, param) in
        [("end_behavior=cancel", "end_behavior"), ("metadata[a]=b", "metadata"), ("nope=1", "nope")]
    {
        assert_eq!(shop.w.refused("POST", "/v1/subscription_schedules", &format!("{body}&{more}")).2, param);
    }
    let schedule = shop.w.ok("POST", "/v1/subscription_schedules", &body);
    let path = format!("/v1/subscription_schedules/{}", id(&schedule));
    let (jan, feb) = (at("2026-01-01 00:00:00"), at("2026-02-01 00:00:00"));
    let first = format!("phases[0][items][0][price]={pro}");
    for (body, param) in [
        (format!("{first}&phases[0][end_date]={feb}"), "phases[0][start_date]"),
        (format!("{first}&phases[0][start_date]={}", jan + 1), "phases[0][start_date]"),
        (format!("{first}&phases[0][start_date]={jan}&phases[0][end_date]={jan}"), "phases[0][end_date]"),
        (format!("{first}&phases[0][start_date]={jan}&phases[0][iterations]=2"), "phases[0][iterations]"),
        (
            format!("{first}&phases[0][start_date]={jan}&phases[1][items][0][price]={basic}"),
            "phases[0][end_date]",
        ),
        (
            format!(
                "{first}&phases[0][start_date]={jan}&phases[0][end_date]={feb}&phases[1][items][0][price]={basic}&\
                 phases[1][start_date]={}",
                feb + 60
            ),
            "phases[1][start_date]",
        ),
        (
            format!("phases[0][start_date]={jan}&phases[0][items][0][price]=price_no"),
            "phases[0][items][0][price]",
        ),
    ] {
        assert_eq!(shop.w.refused("POST", &path, &body).2, param, "{body}");
    }
    assert_eq!(shop.get(&path), schedule, "a refusal changes nothing");
    assert_eq!(shop.w.refused("GET", "/v1/subscription_schedules/no", "").0, 404);
    let listed = shop.get(&format!("/v1/subscription_schedules?customer={customer}"));
    assert_eq!(listed["data"][0], schedule);
}

#[test]
fn a_direct_change_rewrites_the_current_phase() {
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let (seat, less) = (shop.monthly(1_000), shop.monthly(500));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&seat], "");
    let schedule = downgrade(&mut shop, &made, &format!("phases[1][items][0][price]={less}"), "");
    shop.w.now = at("2026-01-16 12:00:00");
    let item = id(&made["items"]["data"][0]);
    let body = format!("items[0][id]={item}&items[0][quantity]=3&proration_behavior=always_invoice");
    shop.w.ok("POST", &format!("/v1/subscriptions/{}", id(&made)), &body);
    let path = format!("/v1/subscription_schedules/{}", id(&schedule));
    assert_eq!(shop.get(&path)["phases"][0]["items"][0]["quantity"], 3);
    // The same through the schedule: half of the month of two seats comes back.
    let fewer = repeat(&shop.get(&path)).replace("[quantity]=3", "[quantity]=1");
    shop.w.ok(
        "POST",
        &path,
        &format!("{fewer}&phases[1][items][0][price]={less}&proration_behavior=always_invoice"),
    );
    assert_eq!(shop.subscription(&made)["items"]["data"][0]["quantity"], 1);
    assert_eq!(
        shop.bills(&customer)[1..],
        [
            "update paid 1000: Unused time on Pro after 16 Jan 2026=-500, Remaining time on 3 × Pro after 16 Jan \
             2026=1500",
            "update paid 0: Unused time on 3 × Pro after 16 Jan 2026=-1500, Remaining time on Pro after 16 Jan \
             2026=500"
        ]
    );
    // The next phase comes as planned; 1000 of credit pay for it.
    shop.advance("2026-02-01 02:00:00");
    assert_eq!(shop.bills(&customer)[3..], ["cycle paid 0: 1 × Pro (at $5.00 / month)=500"]);
}

#[test]
fn a_phase_can_change_in_the_middle_of_a_longer_period() {
    // A year of base and monthly usage: the phase changes after five months, the base is given back in part.
    let mut shop = Shop::open("2026-01-01 00:00:00");
    let year = shop.price("unit_amount=36500&recurring[interval]=year");
    let (usage, month) = (shop.metered("1"), shop.monthly(1_000));
    let customer = shop.customer("pm_card_visa");
    let made = shop.subscribe(&customer, &[&year, &usage], "");
    let schedule =
        shop.w.ok("POST", "/v1/subscription_schedules", &format!("from_subscription={}", id(&made)));
    assert_eq!(spans(&schedule), [(at("2026-01-01 00:00:00"), at("2027-01-01 00:00:00"))]);
    let body = format!(
        "phases[0][start_date]={}&phases[0][end_date]={}&phases[0][items][0][price]={year}&phases[0][items][1][price]={usage}&\
         phases[1][items][0][price]={month}",
        at("2026-01-01 00:00:00"),
        at("2026-06-01 00:00:00")
    );
    shop.w.ok("POST", &format!("/v1/subscription_schedules/{}", id(&schedule)), &body);
    shop.w.now = at("2026-05-20 00:00:00");
    shop.used(&customer, 70, "2026-05-20 00:00:00");
    shop.advance("2026-06-01 02:00:00");
    // 214 of 365 days come back at 1 dollar a day.
    assert_eq!(
        shop.bills(&customer).last().unwrap(),
        "cycle paid 0: 70 × Pro (at $0.01 / month)=70, 1 × Pro (at $10.00 / month)=1000, Unused time on Pro after 01 \
         Jun 2026=-21400"
    );
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], 70 + 1_000 - 21_400);
    assert_eq!(periods(&shop.subscription(&made)), ["2026-06-01..2026-07-01"]);
}

#[test]
fn a_schedule_that_is_canceled_ends_its_subscription_with_a_last_invoice() {
    // A day of 31 is left of 31 dollars; 25 units at 10 cents.
    let usage = "25 × Pro (at $0.10 / month)=250";
    let both = format!("cycle paid 150: {usage}, Unused time on Pro after 31 Jan 2026=-100");
    let plain = format!("cycle paid 250: {usage}");
    for (body, want, left) in [
        ("", Some(&both), 0),
        ("prorate=false", Some(&plain), 0),
        ("invoice_now=false", None, 1),
        ("invoice_now=false&prorate=false", None, 0),
    ] {
        let mut shop = Shop::open("2026-01-01 00:00:00");
        let (flat, usage) = (shop.monthly(3_100), shop.metered("10"));
        let customer = shop.customer("pm_card_visa");
        let made = shop.subscribe(&customer, &[&flat, &usage], "");
        let schedule =
            shop.w.ok("POST", "/v1/subscription_schedules", &format!("from_subscription={}", id(&made)));
        shop.w.now = at("2026-01-31 00:00:00");
        shop.used(&customer, 25, "2026-01-30 00:00:00");
        let over = shop.w.ok("POST", &format!("/v1/subscription_schedules/{}/cancel", id(&schedule)), body);
        assert_eq!(over["status"], "canceled", "{body}");
        let gone = shop.subscription(&made);
        assert_eq!((&gone["status"], &gone["schedule"]), (&"canceled".into(), &Value::Null));
        assert_eq!(shop.bills(&customer).get(1), want, "{body}");
        let pending = shop.get(&format!("/v1/invoiceitems?customer={customer}&pending=true"));
        assert_eq!(array(&pending["data"]).len(), left, "{body}");
    }
}
