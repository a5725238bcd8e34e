use serde_json::json;

use super::*;

const ALL: &str = "url=http://127.0.0.1:9/hook&enabled_events[]=*";

/// What a sender is handed now: number, type of event, signature, body.
fn claim(w: &mut World) -> Vec<(u64, String, String, String)> {
    let claimed = w.ok("POST", "/_local/deliveries/claim", "");
    let parcels = claimed["parcels"].as_array().unwrap();
    let row = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap().to_owned();
        let event: Value = serde_json::from_str(&text("body")).unwrap_or_default();
        let kind = event["type"].as_str().unwrap_or("cut").to_owned();
        (it["number"].as_u64().unwrap(), kind, text("signature"), text("body"))
    };
    parcels.iter().map(row).collect()
}

fn kinds(w: &mut World) -> Vec<String> {
    claim(w).into_iter().map(|(_, kind, _, _)| kind).collect()
}

fn settle(w: &mut World, number: u64, status: u16) {
    w.ok("POST", "/_local/deliveries/settle", &json!({ "number": number, "status": status }).to_string());
}

fn pending(w: &mut World) -> Vec<u64> {
    let events = w.ok("GET", "/v1/events", "");
    events["data"].as_array().unwrap().iter().map(|it| it["pending_webhooks"].as_u64().unwrap()).collect()
}

fn product(w: &mut World, id: &str) {
    w.ok("POST", "/v1/products", &format!("id={id}&name=x"));
}

#[test]
fn an_endpoint_shows_its_secret_once() {
    let mut w = World::new();
    let made = w.ok("POST", "/v1/webhook_endpoints", ALL);
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_") && id.starts_with("we_"));
    for seen in [
        w.ok("GET", &format!("/v1/webhook_endpoints/{id}"), ""),
        w.ok("POST", &format!("/v1/webhook_endpoints/{id}"), "description=d"),
        w.ok("GET", "/v1/webhook_endpoints", "")["data"][0].clone(),
    ] {
        assert_eq!((seen["id"].as_str(), seen.get("secret")), (Some(id.as_str()), None));
    }
    let deleted = w.ok("DELETE", &format!("/v1/webhook_endpoints/{id}"), "");
    assert_eq!(deleted["deleted"], true);
    assert_eq!(w.refused("GET", &format!("/v1/webhook_endpoints/{id}"), "").0, 404);
    assert!(w.model.events.is_empty(), "endpoints themselves are not announced");
}

#[test]
fn endpoints_are_checked() {
    let mut w = World::new();
    for (body, param) in [
        ("enabled_events[]=*", "url"),
        ("url=http://127.0.0.1:9", "enabled_events"),
        ("url=127.0.0.1:9&enabled_events[]=*", "url"),
        ("url=ftp://127.0.0.1&enabled_events[]=*", "url"),
        ("url=http://&enabled_events[]=*", "url"),
        ("url=http://a b&enabled_events[]=*", "url"),
        ("url=http://a&enabled_events[]=invoice.payed", "enabled_events"),
        ("url=http://a&enabled_events[]=invoice.*", "enabled_events"),
        // Thin events are not for such endpoints.
        ("url=http://a&enabled_events[]=v1.billing.meter.error_report_triggered", "enabled_events"),
        ("url=http://a&enabled_events[]=*&enabled_events[]=invoice.paid", "enabled_events"),
        ("url=http://a&enabled_events=", "enabled_events"),
        ("url=http://a&enabled_events[]=*&api_version=2020-08-27", "api_version"),
        ("url=http://a&enabled_events[]=*&connect=true", "connect"),
        ("url=http://a&enabled_events[]=*&secret=whsec_x", "secret"),
    ] {
        assert_eq!(w.refused("POST", "/v1/webhook_endpoints", body).2, param, "{body}");
    }
    for _ in 0..16 {
        w.ok("POST", "/v1/webhook_endpoints", ALL);
    }
    assert_eq!(w.refused("POST", "/v1/webhook_endpoints", ALL).0, 400, "sixteen are the most");
}

#[test]
fn events_are_queued_for_who_wants_them_and_lives_here() {
    let mut w = World::new();
    w.ok("POST", "/v1/webhook_endpoints", ALL);
    w.ok("POST", "/v1/webhook_endpoints", "url=http://localhost:9&enabled_events[]=product.deleted");
    w.ok("POST", "/v1/webhook_endpoints", "url=https://hooks.example&enabled_events[]=*");
    let off = w.ok("POST", "/v1/webhook_endpoints", ALL)["id"].as_str().unwrap().to_owned();
    w.ok("POST", &format!("/v1/webhook_endpoints/{off}"), "disabled=true");
    product(&mut w, "p");
    w.ok("DELETE", "/v1/products/p", "");
    assert_eq!(kinds(&mut w), ["product.created", "product.deleted", "product.deleted"]);
    assert_eq!(pending(&mut w), [2, 1], "newest first");
    assert_eq!(kinds(&mut w).len(), 3, "what is not settled is handed out again");
}

#[test]
fn a_delivery_is_signed_over_its_very_bytes() {
    use hmac::{Hmac, KeyInit, Mac};
    let mut w = World::new();
    let secret = w.ok("POST", "/v1/webhook_endpoints", ALL)["secret"].as_str().unwrap().to_owned();
    product(&mut w, "p");
    w.now += 1_000;
    let (_, _, signature, body) = claim(&mut w).remove(0);
    let (time, digest) = signature.split_once(",v1=").unwrap();
    assert_eq!(time, format!("t={}", NOW + 1_000), "signed when it is sent, not when it happened");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.{body}", NOW + 1_000).as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!(digest, hex);
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((event["created"].as_i64(), event["pending_webhooks"].as_u64()), (Some(NOW), Some(1)));
    assert!(body.contains("\n  "), "over several lines, as Stripe writes");
}

#[test]
fn a_failed_delivery_is_tried_three_times_more_then_given_up() {
    for status in [300, 302, 400, 404, 500] {
        let mut w = World::new();
        w.ok("POST", "/v1/webhook_endpoints", ALL);
        product(&mut w, "p");
        let mut signatures = std::collections::BTreeSet::new();
        for pause in [0, 300, 3_600, 10_800] {
            w.now += pause - 1;
            assert!(pause == 0 || claim(&mut w).is_empty(), "not before its time");
            w.now += 1;
            let (number, _, signature, _) = claim(&mut w).remove(0);
            signatures.insert(signature);
            settle(&mut w, number, status);
        }
        assert_eq!(signatures.len(), 4, "each is signed anew");
        w.now += 86_400;
        assert!(claim(&mut w).is_empty());
        let counts = w.ok("GET", "/_local/status", "")["webhooks"].clone();
        let count = |name: &str| counts[name].as_u64();
        assert_eq!(
            (count("failed_attempts"), count("given_up"), count("delivered")),
            (Some(4), Some(1), Some(0))
        );
        assert_eq!(pending(&mut w), [1], "it was never taken");
    }
}

#[test]
fn what_was_delivered_is_off_the_list() {
    let mut w = World::new();
    w.ok("POST", "/v1/webhook_endpoints", ALL);
    product(&mut w, "a");
    product(&mut w, "b");
    let first = claim(&mut w).remove(0).0;
    settle(&mut w, first, 204);
    settle(&mut w, first, 500);
    assert_eq!(pending(&mut w), [1, 0]);
    let count = |w: &mut World, query: &str| {
        w.ok("GET", &format!("/v1/events?{query}"), "")["data"].as_array().unwrap().len()
    };
    assert_eq!((count(&mut w, "delivery_success=true"), count(&mut w, "delivery_success=false")), (1, 1));
    let sent =
        w.ok("GET", "/v1/events?delivery_success=true", "")["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(kinds(&mut w).len(), 1);
    let again = w.ok("POST", "/_local/deliveries/resend", &json!({ "event": sent }).to_string());
    assert_eq!(again["queued"], 1);
    assert_eq!((kinds(&mut w).len(), pending(&mut w)), (2, vec![1, 1]));
    assert_eq!(w.refused("POST", "/_local/deliveries/resend", "{\"event\":\"evt_x\"}").0, 404);
}

#[test]
fn a_removed_endpoint_gets_nothing_more() {
    for (method, body) in [("DELETE", ""), ("POST", "disabled=true")] {
        let mut w = World::new();
        let id = w.ok("POST", "/v1/webhook_endpoints", ALL)["id"].as_str().unwrap().to_owned();
        product(&mut w, "p");
        w.ok(method, &format!("/v1/webhook_endpoints/{id}"), body);
        assert!(claim(&mut w).is_empty() && pending(&mut w) == [0], "{method}");
    }
}

#[test]
fn faults_meet_deliveries_by_their_type() {
    let one = |fault: &str| {
        let mut w = World::new();
        w.ok("POST", "/v1/webhook_endpoints", ALL);
        w.ok("POST", "/_local/faults", &format!("{{\"kind\":{fault},\"path\":\"webhook:product.*\"}}"));
        w.ok(
            "POST",
            "/_local/faults",
            "{\"kind\":\"hang_up_before\",\"path\":\"webhook:invoice.*\",\"times\":9}",
        );
        product(&mut w, "a");
        product(&mut w, "b");
        let parcels = w.ok("POST", "/_local/deliveries/claim", "")["parcels"].clone();
        (w, parcels)
    };
    let number = |parcels: &Value, at: usize| parcels[at]["number"].as_u64();
    let (_, got) = one("\"duplicate\"");
    assert_eq!((got[0]["times"].as_u64(), got[1]["times"].as_u64()), (Some(2), Some(1)));
    let (_, got) = one("\"reorder\"");
    assert_eq!((number(&got, 0), number(&got, 1)), (Some(2), Some(1)));
    let (_, got) = one("\"hang_up_after_commit\"");
    assert_eq!((got[0]["deaf"].as_bool(), got[1]["deaf"].as_bool()), (Some(true), Some(false)));
    let (_, got) = one("{\"truncate\":10}");
    assert_eq!(got[0]["body"].as_str().map(str::len), Some(10));
    // Lost once, and sent after the pause of a failure.
    let (mut w, got) = one("\"hang_up_before\"");
    assert_eq!((number(&got, 0), got.as_array().unwrap().len()), (Some(2), 1));
    w.now += 300;
    assert_eq!(kinds(&mut w).len(), 2);
    // Lost for ever.
    let (mut w, got) = one("{\"refuse_before\":{\"status\":500}}");
    assert_eq!((number(&got, 0), got.as_array().unwrap().len()), (Some(2), 1));
    w.now += 86_400;
    assert_eq!(kinds(&mut w).len(), 1);
    // Three days late.
    let (mut w, _) = one("{\"delay\":259200000}");
    w.now += 259_199;
    assert_eq!(kinds(&mut w).len(), 1);
    w.now += 1;
    assert_eq!(kinds(&mut w).len(), 2);
}

#[test]
fn faults_of_requests_leave_deliveries_alone() {
    let mut w = World::new();
    w.ok("POST", "/v1/webhook_endpoints", ALL);
    product(&mut w, "a");
    w.ok("POST", "/_local/faults", "{\"kind\":\"hang_up_before\"}");
    assert_eq!(kinds(&mut w).len(), 1);
    assert_eq!(w.ok("GET", "/_local/faults", "")["left"], 1);
}

#[test]
fn a_fault_can_choose_the_customer() {
    let mut w = World::new();
    w.ok("POST", "/v1/webhook_endpoints", ALL);
    let made = w.ok("POST", "/v1/customers", "email=a@example.com")["id"].as_str().unwrap().to_owned();
    w.ok("POST", "/v1/customers", "email=b@example.com");
    let fault =
        format!("{{\"kind\":\"hang_up_before\",\"path\":\"webhook:*\",\"customer\":\"{made}\",\"times\":9}}");
    w.ok("POST", "/_local/faults", &fault);
    let left = claim(&mut w);
    assert!(left.len() == 1 && !left[0].3.contains(&made));
}

#[test]
fn a_state_of_before_webhooks_still_loads() {
    let mut w = World::new();
    product(&mut w, "p");
    let mut old = serde_json::to_value(&w.model).unwrap();
    for new in ["webhooks", "thin_events", "clocks"] {
        old.as_object_mut().unwrap().remove(new);
    }
    for event in old["events"]["rows"].as_object_mut().unwrap().values_mut() {
        event.as_object_mut().unwrap().remove("undelivered");
    }
    assert_eq!(serde_json::from_value::<Model>(old).unwrap(), w.model);
}
