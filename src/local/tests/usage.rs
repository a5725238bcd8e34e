use super::*;

/// A world with the meter `tokens`; gives the meter's id too.
fn metered(extra: &str) -> (World, String) {
    let mut w = World::new();
    let formula = if extra.contains("formula") { "" } else { "default_aggregation[formula]=sum" };
    let body = format!("display_name=Tokens&event_name=tokens&{formula}&{extra}");
    let meter = w.ok("POST", "/v1/billing/meters", &body)["id"].as_str().unwrap().to_owned();
    (w, meter)
}

fn event(value: &str, identifier: &str, at: i64) -> String {
    format!(
        "event_name=tokens&payload[stripe_customer_id]=cus_a&payload[value]={value}&identifier={identifier}&timestamp={at}"
    )
}

const EVENTS: &str = "/v1/billing/meter_events";

fn total(w: &mut World, meter: &str, from: i64, to: i64) -> String {
    let path =
        format!("/v1/billing/meters/{meter}/event_summaries?customer=cus_a&start_time={from}&end_time={to}");
    let data = w.ok("GET", &path, "")["data"].clone();
    data[0]["aggregated_value"].to_string()
}

#[test]
fn events_are_summed_exactly() {
    let (mut w, meter) = metered("");
    for (n, value) in ["18059974", "0.1", "0.2", "-0.000000000001"].iter().enumerate() {
        let shown = w.ok("POST", EVENTS, &event(value, &format!("i{n}"), NOW - 60));
        assert_eq!((shown["payload"]["value"].as_str(), shown.get("id")), (Some(*value), None));
    }
    assert_eq!(total(&mut w, &meter, NOW - 120, NOW), "18059974.299999999999");
    assert_eq!(total(&mut w, &meter, NOW, NOW + 60), "null", "nothing counted is no row");
    assert_eq!(
        meter_summary::aggregate(&w.model, &meter, "cus_a", NOW - 60, NOW - 59, NOW).to_string(),
        "18059974.299999999999"
    );
    assert_eq!(
        meter_summary::aggregate(&w.model, &meter, "cus_a", NOW - 59, NOW, NOW),
        decimal::Decimal::ZERO
    );
}

#[test]
fn an_identifier_counts_once_a_day() {
    let (mut w, meter) = metered("");
    w.ok("POST", EVENTS, &event("5", "x", NOW));
    w.now += 86_399;
    let response = w.send(&Request::new("POST", EVENTS).form(&event("7", "x", NOW)));
    assert_eq!(response.status, 400);
    assert_eq!(response.header("Stripe-Should-Retry"), Some("false"));
    let error = &response.json()["error"];
    assert_eq!(error["message"], "An event already exists with identifier x.");
    assert_eq!((error["type"].as_str(), error.get("code")), (Some("invalid_request_error"), None));
    w.now += 1;
    w.ok("POST", EVENTS, &event("7", "x", NOW));
    assert_eq!(total(&mut w, &meter, NOW - NOW % 60, NOW - NOW % 60 + 60), "12.0");
}

#[test]
fn folding_changes_no_reading() {
    for extra in [
        "",
        "default_aggregation[formula]=count",
        "default_aggregation[formula]=last",
        "default_aggregation[formula]=sum&event_time_window=hour",
        "default_aggregation[formula]=last&event_time_window=day",
    ] {
        let (mut w, meter) = metered(extra);
        for n in 0..40 {
            w.now = NOW + n * 400;
            let at = NOW + (n * 7_919) % 9_000;
            w.ok("POST", EVENTS, &event(&n.to_string(), &format!("i{n}"), at.min(w.now)));
        }
        let read = |w: &mut World| -> Vec<String> {
            let path = format!(
                "/v1/billing/meters/{meter}/event_summaries?customer=cus_a&start_time={}&end_time={}&value_grouping_window=hour&limit=100",
                NOW - 86_400,
                NOW + 86_400
            );
            let data = w.ok("GET", &path, "")["data"].clone();
            data.as_array()
                .unwrap()
                .iter()
                .map(|s| format!("{} {}", s["start_time"], s["aggregated_value"]))
                .collect()
        };
        let before = (read(&mut w), total(&mut w, &meter, NOW - 60, NOW + 86_400));
        assert!(before.0.len() > 1, "{extra}");
        w.now += 86_400 * 3;
        let after = (read(&mut w), total(&mut w, &meter, NOW - 60, NOW + 86_400));
        assert_eq!(before, after, "{extra}");
        assert!(w.model.usage.find("i3").is_none(), "identifiers are forgotten");
    }
}

#[test]
fn formulas_and_windows() {
    let at = NOW;
    let rows = [
        ("default_aggregation[formula]=count", "3.0"),
        ("default_aggregation[formula]=last", "2.0"),
        ("default_aggregation[formula]=sum&event_time_window=hour", "9.0"),
    ];
    for (extra, want) in rows {
        let (mut w, meter) = metered(extra);
        w.now += 7_000;
        // Received in this order; the second one has the newest timestamp.
        for (value, offset) in [("5", 10), ("2", 3_700), ("7", 20)] {
            w.ok("POST", EVENTS, &event(value, value, at + offset));
        }
        assert_eq!(total(&mut w, &meter, at, at + 7_200), want, "{extra}");
    }
}

#[test]
fn events_are_refused_at_once_for_what_can_be_seen() {
    let (mut w, _) = metered("");
    let oldest = NOW - 35 * 86_400;
    w.ok("POST", EVENTS, &event("1", "a", oldest));
    w.ok("POST", EVENTS, &event("1", "b", NOW + 300));
    w.ok("POST", EVENTS, &event("999999999999999", "c", NOW));
    let old = format!(
        "The event timestamp cannot be more than 35 days in past. Expected a timestamp greater than or equal to {oldest}."
    );
    let rows = [
        (event("1", "d", oldest - 1), old.as_str()),
        (event("1", "e", NOW + 301), "The event timestamp cannot be more than 5 minutes in the future."),
        (
            event("1234567890123456", "f", NOW),
            "The value in the event payload can have at most 15 digits. Received `1234567890123456`.",
        ),
        (
            event("0.1234567890123", "g", NOW),
            "The value in the event payload can have at most 12 decimal places.",
        ),
        (event("1", "h", NOW).replace("tokens", "nope"), "No active meter found for event name \"nope\""),
        ("event_name=tokens".to_owned(), "Missing required param: payload."),
        (event("1", &"i".repeat(101), NOW), "Invalid string: identifier must be at most 100 characters."),
        (format!("{}&extra=1", event("1", "k", NOW)), "Received unknown parameter: extra"),
    ];
    for (body, want) in rows {
        let (status, _, _, message) = w.refused("POST", EVENTS, &body);
        assert!(status == 400 && message.starts_with(want), "{body}: {message}");
    }
    assert_eq!(w.model.usage.totals().0, 3);
}

#[test]
fn what_cannot_be_seen_at_once_fails_later_and_is_reported() {
    let (mut w, meter) = metered("");
    w.model.settings.lag_s = 30;
    let at = NOW;
    let rows = [
        ("event_name=tokens&payload[value]=1&identifier=a".to_owned(), "meter_event_no_customer_defined"),
        (
            "event_name=tokens&payload[stripe_customer_id]=cus_a&identifier=b".to_owned(),
            "meter_event_value_not_found",
        ),
        (event("1e5", "c", at), "meter_event_invalid_value"),
        (event("NaN", "d", at), "meter_event_invalid_value"),
        (event("1", "e", at).replace("cus_a", "nobody"), "meter_event_customer_not_found"),
    ];
    for (body, _) in &rows {
        w.ok("POST", EVENTS, body);
    }
    w.ok("POST", EVENTS, &event("4", "good", at));
    w.now += 29;
    assert_eq!(total(&mut w, &meter, NOW, NOW + 60), "null", "not counted yet");
    w.now += 1;
    assert_eq!(total(&mut w, &meter, NOW, NOW + 60), "4.0");
    let codes: Vec<String> = w.model.usage.reports().iter().map(|r| r.code.clone()).collect();
    assert_eq!(
        codes,
        [
            "meter_event_no_customer_defined",
            "meter_event_value_not_found",
            "meter_event_invalid_value",
            "meter_event_customer_not_found"
        ]
    );
    assert_eq!(w.model.usage.reports()[2].count, 2);
    assert_eq!(w.model.usage.totals(), (6, 5));
}

#[test]
fn a_meter_turned_off_before_counting_counts_nothing() {
    let (mut w, meter) = metered("");
    w.model.settings.lag_s = 30;
    w.ok("POST", EVENTS, &event("4", "x", NOW));
    w.ok("POST", &format!("/v1/billing/meters/{meter}/deactivate"), "");
    assert_eq!(w.refused("POST", EVENTS, &event("4", "y", NOW)).0, 400);
    w.now += 60;
    assert_eq!(total(&mut w, &meter, NOW, NOW + 60), "null");
    assert_eq!(w.model.usage.reports()[0].code, "archived_meter");
}

#[test]
fn adjustments_cancel_within_a_day() {
    let (mut w, meter) = metered("");
    w.ok("POST", EVENTS, &event("4", "x", NOW));
    w.ok("POST", EVENTS, &event("5", "y", NOW));
    let path = "/v1/billing/meter_event_adjustments";
    let cancel = |id: &str| format!("event_name=tokens&type=cancel&cancel[identifier]={id}");
    let shown = w.ok("POST", path, &cancel("x"));
    assert_eq!(
        (shown["status"].as_str(), shown["cancel"]["identifier"].as_str()),
        (Some("complete"), Some("x"))
    );
    assert_eq!(total(&mut w, &meter, NOW, NOW + 60), "5.0");
    assert_eq!(w.refused("POST", path, &cancel("x")).0, 400);
    assert_eq!(w.refused("POST", path, &cancel("nope")).1, "resource_missing");
    assert_eq!(w.refused("POST", EVENTS, &event("4", "x", NOW)).0, 400, "a cancelled identifier stays known");
    w.now += 86_400;
    assert_eq!(w.refused("POST", path, &cancel("y")).1, "resource_missing");
    assert_eq!(total(&mut w, &meter, NOW, NOW + 60), "5.0");
}

#[test]
fn summaries_want_aligned_ends_and_page() {
    let (mut w, meter) = metered("");
    let day = NOW - NOW % 86_400;
    w.now = day + 86_400;
    for hour in [1, 2, 5] {
        w.ok("POST", EVENTS, &event("2", &format!("h{hour}"), day + hour * 3_600));
    }
    let path = |from: i64, to: i64, more: &str| {
        format!(
            "/v1/billing/meters/{meter}/event_summaries?customer=cus_a&start_time={from}&end_time={to}{more}"
        )
    };
    let rows = [
        (path(day + 1, day + 60, ""), "start_time"),
        (path(day, day + 61, ""), "end_time"),
        (path(day + 60, day + 3_600, "&value_grouping_window=hour"), "start_time"),
        (path(day, day + 3_600, "&value_grouping_window=day"), "end_time"),
        (path(day + 60, day, ""), "end_time"),
        (path(day, day + 60, "&value_grouping_window=month"), "value_grouping_window"),
        (format!("/v1/billing/meters/{meter}/event_summaries?customer=cus_a&start_time={day}"), "end_time"),
        (path(day, day + 60, "").replace("cus_a", "nobody"), "customer"),
    ];
    for (path, param) in rows {
        assert_eq!(w.refused("GET", &path, "").2, param, "{path}");
    }
    let all = w.ok("GET", &path(day, day + 86_400, "&value_grouping_window=hour"), "");
    let starts: Vec<i64> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["start_time"].as_i64().unwrap() - day) / 3_600)
        .collect();
    assert_eq!(starts, [5, 2, 1], "empty hours are left out");
    let first = w.ok("GET", &path(day, day + 86_400, "&value_grouping_window=hour&limit=2"), "");
    let cursor = first["data"][1]["id"].as_str().unwrap().to_owned();
    let rest = w.ok(
        "GET",
        &path(day, day + 86_400, &format!("&value_grouping_window=hour&starting_after={cursor}")),
        "",
    );
    assert_eq!(
        (rest["data"].as_array().unwrap().len(), first["has_more"].as_bool(), rest["has_more"].as_bool()),
        (1, Some(true), Some(false))
    );
}

#[test]
fn one_call_in_flight_for_a_customer_and_meter() {
    let (mut w, meter) = metered("");
    let request = Request::new("POST", EVENTS).form(&event("4", "x", NOW)).header("Idempotency-Key", "k");
    let tokens = in_flight_tokens(&request);
    assert_eq!(tokens, ["key:k", "pair:tokens/cus_a"]);
    for status in [409, 429] {
        w.model.settings.in_flight_status = status;
        let refused = w.send(&Request { busy: tokens[1..].to_vec(), ..request.clone() });
        assert_eq!((refused.status, refused.header("Stripe-Should-Retry")), (status, Some("true")));
        assert_eq!(refused.header("Stripe-Rate-Limited-Reason").is_some(), status == 429);
    }
    assert_eq!(w.send(&request).status, 200, "a conflict is not kept under the key");
    assert_eq!(total(&mut w, &meter, NOW, NOW + 60), "4.0");
}
