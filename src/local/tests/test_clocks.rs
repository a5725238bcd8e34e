use super::*;

const DAY: i64 = 86_400;
const CLOCKS: &str = "/v1/test_helpers/test_clocks";

/// A monthly price of 10.00.
fn world() -> (World, String) {
    let mut w = World::new();
    w.ok("POST", "/v1/products", "id=p&name=P");
    let body = "product=p&currency=usd&unit_amount=1000&recurring[interval]=month";
    let price = w.ok("POST", "/v1/prices", body)["id"].as_str().unwrap().to_owned();
    (w, price)
}

fn clock(w: &mut World, frozen: i64) -> String {
    w.ok("POST", CLOCKS, &format!("frozen_time={frozen}"))["id"].as_str().unwrap().to_owned()
}

/// A customer with a card and a subscription.
fn subscribed(w: &mut World, price: &str, clock: Option<&str>) -> (String, Value) {
    let on = clock.map(|clock| format!("&test_clock={clock}")).unwrap_or_default();
    let card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    let customer = w.ok("POST", "/v1/customers", &format!("{card}{on}"))["id"].as_str().unwrap().to_owned();
    let body = format!("customer={customer}&items[0][price]={price}");
    let subscription = w.ok("POST", "/v1/subscriptions", &body);
    (customer, subscription)
}

fn invoices(w: &mut World, customer: &str) -> Vec<(i64, String)> {
    let listed = w.ok("GET", &format!("/v1/invoices?customer={customer}"), "");
    let row = |it: &Value| (it["created"].as_i64().unwrap(), it["status"].as_str().unwrap().to_owned());
    listed["data"].as_array().unwrap().iter().rev().map(row).collect()
}

fn advance(w: &mut World, clock: &str, to: i64) -> Value {
    w.ok("POST", &format!("{CLOCKS}/{clock}/advance"), &format!("frozen_time={to}"))
}

#[test]
fn a_customer_on_a_clock_lives_in_its_time_and_others_do_not() {
    let (mut w, price) = world();
    // 2025-06-10, while the account is in January 2026.
    let start = NOW - 205 * DAY;
    let clock = clock(&mut w, start);
    let (ahead, subscription) = subscribed(&mut w, &price, Some(&clock));
    let (other, _) = subscribed(&mut w, &price, None);
    assert_eq!(subscription["created"], start);
    for shown in [
        subscription.clone(),
        w.ok("GET", &format!("/v1/customers/{ahead}"), ""),
        w.ok("GET", &format!("/v1/invoices?customer={ahead}"), "")["data"][0].clone(),
    ] {
        assert_eq!(shown["test_clock"], clock.as_str(), "{shown:#}");
    }
    assert_eq!(invoices(&mut w, &ahead), [(start, "paid".to_owned())], "nothing by the account's time");
    let going = advance(&mut w, &clock, start + 31 * DAY);
    assert_eq!((going["status"].as_str(), going["frozen_time"].as_i64()), (Some("advancing"), Some(start)));
    assert_eq!(going["status_details"]["advancing"]["target_frozen_time"], start + 31 * DAY);
    let ready = w.ok("GET", &format!("{CLOCKS}/{clock}"), "");
    assert_eq!(
        (ready["status"].as_str(), ready["frozen_time"].as_i64()),
        (Some("ready"), Some(start + 31 * DAY))
    );
    let renewed = (start + 30 * DAY, "paid".to_owned());
    assert_eq!(invoices(&mut w, &ahead), [(start, "paid".to_owned()), renewed]);
    assert_eq!(invoices(&mut w, &other).len(), 1, "who is on no clock stays");
    w.now += 40 * DAY;
    assert_eq!((invoices(&mut w, &ahead).len(), invoices(&mut w, &other).len()), (2, 2));
}

#[test]
fn events_tell_of_the_clock_in_the_accounts_time() {
    let (mut w, price) = world();
    let clock = clock(&mut w, NOW + 300 * DAY);
    subscribed(&mut w, &price, Some(&clock));
    advance(&mut w, &clock, NOW + 340 * DAY);
    w.now += 60;
    w.ok("DELETE", &format!("{CLOCKS}/{clock}"), "");
    let listed = w.ok("GET", "/v1/events?limit=100", "");
    let events = listed["data"].as_array().unwrap();
    let odd = events.iter().filter(|it| !(NOW..=NOW + 60).contains(&it["created"].as_i64().unwrap()));
    assert_eq!(odd.map(|it| &it["type"]).collect::<Vec<_>>(), Vec::<&Value>::new());
    let about = |kind: &str| events.iter().filter(|it| it["type"] == kind).count();
    for kind in ["created", "advancing", "ready", "deleted"] {
        assert_eq!(about(&format!("test_helpers.test_clock.{kind}")), 1, "{kind}");
    }
    assert_eq!((about("customer.deleted"), about("customer.subscription.deleted")), (1, 1));
    let renewal = events.iter().find(|it| it["type"] == "invoice.created").unwrap();
    assert_eq!(renewal["data"]["object"]["test_clock"], clock.as_str());
}

#[test]
fn clocks_have_bounds() {
    let (mut w, price) = world();
    let clock = clock(&mut w, NOW);
    let path = format!("{CLOCKS}/{clock}/advance");
    for to in [NOW - 1, NOW, NOW + 733 * DAY] {
        assert_eq!(w.refused("POST", &path, &format!("frozen_time={to}")).2, "frozen_time", "{to}");
    }
    for _ in 0..3 {
        subscribed(&mut w, &price, Some(&clock));
    }
    assert_eq!(w.refused("POST", "/v1/customers", &format!("test_clock={clock}")).2, "test_clock");
    assert_eq!(w.refused("POST", "/v1/customers", "test_clock=clock_x").1, "resource_missing");
    let count = w.model.biller.customers.len();
    assert_eq!(count, 4, "a refused customer is none");
    assert_eq!(w.refused("POST", &path, &format!("frozen_time={}", NOW + 63 * DAY)).2, "frozen_time");
    advance(&mut w, &clock, NOW + 62 * DAY);
    assert_eq!(w.refused("POST", CLOCKS, "name=x").1, "parameter_missing");
    assert_eq!(w.refused("POST", &format!("{CLOCKS}/{clock}"), "name=x").0, 404, "there is no update");
    assert_eq!(w.refused("GET", &format!("{CLOCKS}/clock_x"), "").0, 404);
}

#[test]
fn deleting_a_clock_takes_its_customers_and_time_takes_the_clock() {
    let (mut w, price) = world();
    let (one, two) = (clock(&mut w, NOW), clock(&mut w, NOW));
    let (gone, _) = subscribed(&mut w, &price, Some(&one));
    let (old, _) = subscribed(&mut w, &price, Some(&two));
    assert_eq!(w.ok("DELETE", &format!("{CLOCKS}/{one}"), "")["deleted"], true);
    assert_eq!(w.ok("GET", &format!("/v1/customers/{gone}"), "")["deleted"], true);
    w.now += 30 * DAY;
    assert_eq!(w.refused("GET", &format!("{CLOCKS}/{two}"), "").0, 404);
    assert_eq!(w.ok("GET", &format!("/v1/customers/{old}"), "")["deleted"], true);
}

#[test]
fn usage_counts_in_the_time_of_the_clock() {
    let (mut w, _) = world();
    let meter = "display_name=T&event_name=tokens&default_aggregation[formula]=sum";
    let meter = w.ok("POST", "/v1/billing/meters", meter)["id"].as_str().unwrap().to_owned();
    let later = NOW + 300 * DAY;
    let clock = clock(&mut w, later);
    let made = w.ok("POST", "/v1/customers", &format!("test_clock={clock}"));
    let customer = made["id"].as_str().unwrap();
    let payload = format!("event_name=tokens&payload[stripe_customer_id]={customer}&payload[value]=5");
    assert_eq!(w.ok("POST", "/v1/billing/meter_events", &payload)["timestamp"], later);
    let past = format!("{payload}&timestamp={}", later - 36 * DAY);
    assert_eq!(w.refused("POST", "/v1/billing/meter_events", &past).2, "timestamp");
    let sum = meter_summary::aggregate(&w.model, &meter, customer, later, later + 60, later + 60);
    assert_eq!(sum.to_string(), "5");
}
