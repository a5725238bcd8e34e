//! Meter events by the second API, as the official SDKs send them: JSON, sessions, streams.

use super::*;

const EVENTS: &str = "/v2/billing/meter_events";
const STREAM: &str = "/v2/billing/meter_event_stream";

fn metered() -> (World, String) {
    let mut w = World::new();
    let body = "display_name=Tokens&event_name=tokens&default_aggregation[formula]=sum";
    let meter = w.ok("POST", "/v1/billing/meters", body)["id"].as_str().unwrap().to_owned();
    (w, meter)
}

fn json(path: &str, body: &Value) -> Request {
    Request::new("POST", path).header("content-type", "application/json").form(&body.to_string())
}

fn event(identifier: &str, value: &str) -> Value {
    json!({
        "event_name": "tokens",
        "identifier": identifier,
        "payload": { "stripe_customer_id": "cus_a", "value": value, "note": "50 % & \u{e9}=[1]" },
        "timestamp": "2025-12-31T23:59:30.000Z",
    })
}

fn total(w: &mut World, meter: &str) -> Value {
    let range = format!("start_time={}&end_time={}", NOW - 3_600, NOW + 3_600);
    let path = format!("/v1/billing/meters/{meter}/event_summaries?customer=cus_a&{range}");
    w.ok("GET", &path, "")["data"][0]["aggregated_value"].clone()
}

#[test]
fn an_event_counts_once_and_keeps_its_payload() {
    let (mut w, meter) = metered();
    let made = w.send(&json(EVENTS, &event("a", "5")));
    let shown = made.json();
    assert_eq!(made.status, 200, "{shown:#}");
    assert_eq!(shown["payload"], event("a", "5")["payload"]);
    assert_eq!(shown["timestamp"], "2025-12-31T23:59:30.000Z");
    let again = w.send(&json(EVENTS, &event("a", "7")));
    assert_eq!((again.status, again.json()["error"]["code"].as_str()), (400, Some("duplicate_meter_event")));
    let by_form =
        w.call("POST", "/v1/billing/meter_events", "event_name=tokens&identifier=a&payload[value]=1");
    assert_eq!(by_form.0, 400, "one window of identifiers for both");
    assert_eq!(total(&mut w, &meter), 5.0);
    let cancel = json!({ "event_name": "tokens", "type": "cancel", "cancel": { "identifier": "a" } });
    let cancelled = w.send(&json("/v2/billing/meter_event_adjustments", &cancel)).json();
    assert_eq!(cancelled["status"], "complete", "{cancelled:#}");
    assert_eq!(total(&mut w, &meter), Value::Null);
}

#[test]
fn what_is_wrong_is_said_at_once() {
    let (mut w, meter) = metered();
    let payload = |name: &str, value: Value| {
        let mut event = event("x", "5");
        event["payload"][name] = value;
        event
    };
    let rows = [
        (json!({ "event_name": "nope", "payload": { "value": "1" } }), "no_meter"),
        (payload("stripe_customer_id", Value::Null), "payload_no_customer_defined"),
        (payload("value", Value::Null), "payload_no_value_defined"),
        (payload("value", json!("five")), "payload_invalid_value"),
        (json!({ "event_name": "tokens" }), "parameter_missing"),
        (json!({ "event_name": "tokens", "payload": { "a": "b" }, "more": 1 }), "parameter_unknown"),
    ];
    for (body, code) in rows {
        let answer = w.send(&json(EVENTS, &body));
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (400, Some(code)), "{body}");
    }
    w.ok("POST", &format!("/v1/billing/meters/{meter}/deactivate"), "");
    assert_eq!(w.send(&json(EVENTS, &event("x", "5"))).json()["error"]["code"], "archived_meter");
    let form = Request::new("POST", EVENTS).header("content-type", "application/x-www-form-urlencoded");
    for wrong in [form.form("event_name=tokens"), json(EVENTS, &json!([1])), json("/v1/products", &json!({}))]
    {
        assert_eq!(w.send(&wrong).status, 400, "{}", wrong.path);
    }
}

#[test]
fn a_failed_call_is_executed_again_under_its_key() {
    let (mut w, _) = metered();
    let keyed = |value: &str| json(EVENTS, &event("k", value)).header("idempotency-key", "once");
    assert_eq!(w.send(&keyed("five")).status, 400);
    assert_eq!(w.send(&keyed("5")).status, 200, "the refusal was not kept");
    assert_eq!(w.send(&keyed("5")).header("Idempotent-Replayed"), Some("true"));
    assert_eq!(w.send(&keyed("6")).json()["error"]["type"], "idempotency_error");
}

#[test]
fn a_stream_is_looked_at_afterwards() {
    let (mut w, meter) = metered();
    let session = w.send(&json("/v2/billing/meter_event_session", &json!({}))).json();
    let token = session["authentication_token"].as_str().unwrap().to_owned();
    let sent = |events: &[Value]| {
        json(STREAM, &json!({ "events": events })).header("authorization", &format!("Bearer {token}"))
    };
    let mut old = event("c", "1");
    old["timestamp"] = json!("2025-01-01T00:00:00Z");
    let mut stray = event("d", "1");
    stray["event_name"] = json!("nope");
    let answer =
        w.send(&sent(&[event("a", "5"), event("a", "5"), event("b", "7"), event("e", "five"), old, stray]));
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_eq!(total(&mut w, &meter), 12.0);
    w.now += 11;
    let told = w.ok("GET", "/v2/core/events", "").to_string();
    for code in ["meter_event_invalid_value", "timestamp_too_far_in_past", "no_meter"] {
        assert!(told.contains(code), "{code}: {told}");
    }
    assert_eq!(w.send(&sent(&[])).status, 400);
    assert_eq!(w.send(&sent(&vec![event("z", "1"); 101])).status, 400);
    // A key is no session, a session no key, and it ends.
    assert_eq!(w.send(&json(STREAM, &json!({ "events": [event("f", "1")] }))).status, 401);
    let elsewhere = Request::new("GET", "/v1/account").header("authorization", &format!("Bearer {token}"));
    assert_eq!(w.send(&elsewhere).status, 401);
    assert_eq!(
        sent(&[]).masked().headers,
        sent(&[]).headers,
        "what was sent can be read again from the disk"
    );
    w.now += 900;
    let late = w.send(&sent(&[event("g", "1")])).json();
    assert_eq!(late["error"]["type"], "temporary_session_expired", "{late:#}");
}
