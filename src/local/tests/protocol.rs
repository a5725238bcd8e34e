use super::*;

#[test]
fn keys_are_checked() {
    let mut w = World::new();
    let rows = [
        ("Bearer sk_test_x", 200),
        ("bearer rk_test_x", 200),
        ("Basic c2tfdGVzdF94Og==", 200),
        ("", 401),
        ("Bearer ", 401),
        ("Bearer sk_live_x", 401),
        ("Bearer sk_test_", 401),
        ("Bearer sk_test_a\u{1b}[2J", 401),
        ("Bearer pk_test_x", 403),
        ("Basic !!!", 401),
    ];
    for (value, want) in rows {
        let request = Request::new("GET", "/v1/account").header("Authorization", value);
        let response = w.send(&request);
        assert_eq!(response.status, want, "{value}");
        assert_eq!(w.send(&request.clone().masked()).status, want, "masking keeps the verdict: {value}");
        assert!(response.header("Request-Id").is_some_and(|id| id.starts_with("req_")));
    }
    let response =
        w.send(&Request::new("GET", "/v1/account").header("Authorization", "Bearer sk_live_SECRETSECRET"));
    assert!(
        !format!("{:?}", Request::new("GET", "/").header("Authorization", "Bearer sk_test_SECRET").masked())
            .contains("SECRET")
    );
    assert_eq!(response.json()["error"]["message"], "Invalid API Key provided: sk_live_****");
}

#[test]
fn unknown_paths_versions_and_bodies_are_refused() {
    let mut w = World::new();
    let (status, _, _, message) = w.refused("GET", "/v1/nope", "");
    assert_eq!(status, 404);
    assert!(message.starts_with("Unrecognized request URL (GET: /v1/nope). "));
    for path in ["/v1/products/search", "/v1/customers/search", "/v1/invoices/search"] {
        let (status, code, _, message) = w.refused("GET", path, "");
        assert_eq!(
            (status, code.as_str()),
            (404, ""),
            "{path} is a call that is not built, no object: {message}"
        );
    }
    let json =
        Request::new("POST", "/v1/products").form("{\"name\":1}").header("Content-Type", "application/json");
    assert_eq!(w.send(&json).status, 400);
}

#[test]
fn versions_of_our_name_are_spoken_from_our_day_on() {
    let mut w = World::new();
    let rows = [
        (API_VERSION, true),
        ("2026-10-28.endive", true),
        ("2026-08-26.endive", false),
        ("2026-08-26.dahlia", false),
        ("2027-03-31.fennel", false),
        ("2026-09-30", false),
        ("2026-9-300.endive", false),
        ("2020-08-27", false),
        ("", false),
    ];
    for (version, spoken) in rows {
        let request = Request::new("GET", "/v1/account").header("Stripe-Version", version);
        let response = w.send(&request);
        assert_eq!(response.status == 200, spoken, "{version}");
        assert_eq!(response.header("Stripe-Version"), Some(if spoken { version } else { API_VERSION }));
    }
}

#[test]
fn a_key_replays_its_first_answer() {
    let mut w = World::new();
    let request =
        Request::new("POST", "/v1/products").form("name=Pro&metadata[a]=1").header("Idempotency-Key", "k1");
    let first = w.send(&request);
    let again = w.send(&Request { body: "metadata[a]=1&name=Pro".to_owned(), ..request.clone() });
    assert_eq!((again.status, &again.body), (200, &first.body), "the order of parameters does not matter");
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    assert_eq!(again.header("Original-Request"), first.header("Request-Id"));
    assert_eq!(again.header("Idempotency-Key"), Some("k1"));
    assert_eq!(w.model.products.len(), 1);

    let other = w.send(&request.clone().form("name=Team"));
    assert_eq!((other.status, other.json()["error"]["type"].as_str()), (400, Some("idempotency_error")));

    w.now += 86_400;
    let later = w.send(&request);
    assert_ne!(later.body, first.body, "after a day the key is new");
    assert_eq!(w.model.products.len(), 2);
}

#[test]
fn a_refusal_before_execution_leaves_the_key_free() {
    let mut w = World::new();
    let request = |body: &str| Request::new("POST", "/v1/products").form(body).header("Idempotency-Key", "k");
    assert_eq!(w.send(&request("name=Pro&nope=1")).status, 400);
    assert_eq!(w.send(&request("name=Pro&active=maybe")).status, 400, "also without a code");
    assert_eq!(w.send(&request("name=Pro&id=p")).status, 200);
    let busy =
        Request { busy: vec!["key:k2".to_owned()], ..request("name=x").header("Idempotency-Key", "k2") };
    let response = w.send(&busy);
    assert_eq!(
        (response.status, response.json()["error"]["code"].as_str()),
        (409, Some("idempotency_key_in_use"))
    );
    assert_eq!(in_flight_tokens(&busy), ["key:k2"]);
    assert_eq!(w.send(&request("name=x").header("Idempotency-Key", &"k".repeat(256))).status, 400);
}

#[test]
fn a_refusal_in_execution_is_kept() {
    let mut w = World::new();
    w.ok("POST", "/v1/products", "id=p&name=x");
    let request = Request::new("POST", "/v1/products").form("id=p&name=x").header("Idempotency-Key", "k");
    let first = w.send(&request);
    w.ok("DELETE", "/v1/products/p", "");
    let again = w.send(&request);
    assert_eq!((again.status, &again.body), (400, &first.body));
}

#[test]
fn the_same_requests_make_the_same_model() {
    let run = || {
        let mut w = World::new();
        w.ok("POST", "/v1/products", "name=A");
        w.now += 5;
        w.ok("GET", "/v1/products", "");
        serde_json::to_string(&w.model).unwrap()
    };
    let first = run();
    assert_eq!(first, run());
    let read: Model = serde_json::from_str(&first).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), first, "a snapshot loses nothing");
}
