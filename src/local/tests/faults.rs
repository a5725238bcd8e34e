use super::*;

fn world(fault: &str) -> World {
    let mut w = World::new();
    w.ok("POST", "/_local/faults", fault);
    w
}

fn product(id: &str) -> Request {
    Request::new("POST", "/v1/products")
        .form(&format!("id={id}&name=x"))
        .header("Idempotency-Key", &format!("k-{id}"))
}

#[test]
fn refused_before_means_nothing_happened() {
    for (status, code) in [(409, "lock"), (429, "lock_timeout"), (429, ""), (500, ""), (502, ""), (503, "")] {
        let code = if code.is_empty() { String::new() } else { format!(",\"code\":\"{code}\"") };
        let mut w = world(&format!(
            "{{\"kind\":{{\"refuse_before\":{{\"status\":{status}{code},\"retry_after_s\":3}}}}}}"
        ));
        let first = w.send(&product("p"));
        assert_eq!((first.status, first.header("Retry-After")), (status, Some("3")));
        assert!(
            first.header("Request-Id").is_some() && w.model.products.is_empty() && w.model.keys.is_empty()
        );
        assert_eq!(w.send(&product("p")).status, 200, "met once only");
    }
}

#[test]
fn hanging_up_before_and_after() {
    let mut w = world("[{\"kind\":\"hang_up_before\"},{\"kind\":\"hang_up_after_commit\"}]");
    assert_eq!((w.send(&product("p")).delivery, w.model.products.len()), (Delivery::HangUp, 0));
    assert_eq!((w.send(&product("p")).delivery, w.model.products.len()), (Delivery::HangUp, 1));
    let again = w.send(&product("p"));
    assert_eq!((again.status, again.header("Idempotent-Replayed")), (200, Some("true")));
}

#[test]
fn a_failure_after_commit_is_kept_under_the_key() {
    let mut w = world(
        "{\"kind\":{\"respond_after_commit\":{\"status\":500}},\"path\":\"/v1/products\",\"method\":\"post\"}",
    );
    let first = w.send(&product("p"));
    assert_eq!((first.status, w.model.products.len()), (500, 1));
    assert_eq!(
        (first.json()["error"]["type"].as_str(), first.header("Stripe-Should-Retry")),
        (Some("api_error"), Some("false"))
    );
    let again = w.send(&product("p"));
    assert_eq!((again.status, again.header("Idempotent-Replayed")), (500, Some("true")));
    w.ok("GET", "/v1/products/p", "");
}

#[test]
fn a_duplicate_is_stopped_by_key_or_identifier_only() {
    let mut w = world("{\"kind\":\"duplicate\",\"times\":2}");
    let made = w.send(&product("p"));
    assert_eq!(
        (made.status, made.header("Idempotent-Replayed"), w.model.products.len()),
        (200, Some("true"), 1)
    );
    w.ok("POST", "/v1/products", "name=y");
    assert_eq!(w.model.products.len(), 3, "without a key both count");
}

#[test]
fn reordered_requests_come_after_the_next() {
    let mut w = world("{\"kind\":\"reorder\",\"path\":\"/v1/products\"}");
    let held = w.send(&product("a"));
    assert_eq!((held.delivery, w.model.products.len()), (Delivery::Hold, 0));
    assert_eq!(w.send(&product("b")).status, 200);
    assert_eq!(w.send(&Request { held: true, ..product("a") }).status, 200);
    let order: Vec<&str> = w.model.products.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(order, ["b", "a"]);
}

#[test]
fn answers_can_be_cut_slow_and_late() {
    let mut w = world("[{\"kind\":{\"truncate\":10}},{\"kind\":{\"slow\":2}},{\"kind\":{\"delay\":50}}]");
    w.ok("POST", "/_local/settings", "{\"latency_ms\":5}");
    let get = Request::new("GET", "/v1/account");
    assert_eq!(w.send(&get).delivery, Delivery::Truncate(10));
    assert_eq!(w.send(&get).delivery, Delivery::Slow(2));
    assert_eq!(w.send(&get).delay_ms, 55);
    assert_eq!(w.send(&get).delay_ms, 5);
}

#[test]
fn a_lost_meter_event_is_accepted_and_never_counted() {
    let mut w = world(
        "{\"kind\":\"lose_meter_event\",\"customer\":\"cus_a\",\"event_name\":\"tokens\",\"nth\":2,\"path\":\"*/meter_events\"}",
    );
    let meter = w.ok(
        "POST",
        "/v1/billing/meters",
        "display_name=T&event_name=tokens&default_aggregation[formula]=sum",
    );
    let meter = meter["id"].as_str().unwrap().to_owned();
    w.model.biller.customers.insert(biller::customer::Customer::blank("cus_b".to_owned(), NOW));
    for (n, customer) in [(1, "cus_a"), (2, "cus_b"), (3, "cus_a"), (4, "cus_a")] {
        let body = format!(
            "event_name=tokens&payload[stripe_customer_id]={customer}&payload[value]={n}&identifier=i{n}"
        );
        w.ok("POST", "/v1/billing/meter_events", &body);
    }
    let sum = |w: &World, customer: &str| {
        meter_summary::aggregate(&w.model, &meter, customer, NOW, NOW + 60, NOW + 60).to_string()
    };
    assert_eq!(
        (sum(&w, "cus_a"), sum(&w, "cus_b")),
        ("5".to_owned(), "2".to_owned()),
        "the second of cus_a is gone"
    );
    assert!(w.model.usage.reports().is_empty(), "nobody is told");
    let again = "event_name=tokens&payload[stripe_customer_id]=cus_a&payload[value]=3&identifier=i3";
    assert_eq!(w.refused("POST", "/v1/billing/meter_events", again).0, 400, "its identifier is taken");
    w.now += 90_000;
    w.ok("GET", "/v1/account", "");
    assert_eq!(sum(&w, "cus_a"), "5", "folding does not bring it back");
}

#[test]
fn faults_and_settings_are_checked_listed_and_cleared() {
    let mut w = World::new();
    for bad in ["", "{}", "{\"kind\":\"nope\"}", "{\"kind\":\"duplicate\",\"x\":1}", "[1]", "null"] {
        assert_eq!(w.refused("POST", "/_local/faults", bad).0, 400, "{bad}");
    }
    for bad in ["", "{\"lag_s\":\"x\"}", "{\"nope\":1}"] {
        assert_eq!(w.refused("POST", "/_local/settings", bad).0, 400, "{bad}");
    }
    w.ok("POST", "/_local/faults", "{\"kind\":\"duplicate\",\"path\":\"/v1/nope\"}");
    assert_eq!(w.ok("GET", "/_local/faults", "")["left"], 1);
    assert_eq!(w.ok("DELETE", "/_local/faults", "")["left"], 0);
    assert_eq!(w.ok("POST", "/_local/settings", "{\"lag_s\":7}")["lag_s"], 7);
    w.ok("GET", "/v1/products", "");
    let status = w.ok("GET", "/_local/status", "");
    assert_eq!(
        (status["calls"]["GET /v1/products"].as_u64(), status["settings"]["lag_s"].as_i64()),
        (Some(1), Some(7))
    );
    assert_eq!(w.refused("GET", "/_local/nope", "").0, 404);
}

#[test]
fn a_reset_makes_another_account_and_may_go_back_in_time() {
    let mut w = World::new();
    w.ok("POST", "/v1/products", "id=p&name=x");
    w.now -= 1_000_000;
    let status = w.ok("POST", "/_local/reset", "{\"account_id\":\"acct_2\",\"seed\":9}");
    assert_eq!(
        (status["account_id"].as_str(), status["clock"].as_i64()),
        (Some("acct_2"), Some(NOW - 1_000_000))
    );
    assert_eq!(w.refused("GET", "/v1/products/p", "").0, 404);
}
