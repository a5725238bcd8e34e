use super::*;

const LIST: &str = "/v2/core/events";

fn world() -> (World, String) {
    let mut w = World::new();
    let body = "display_name=T&event_name=tokens&default_aggregation[formula]=sum";
    let meter = w.ok("POST", "/v1/billing/meters", body)["id"].as_str().unwrap().to_owned();
    (w, meter)
}

fn send(w: &mut World, customer: &str, value: &str, identifier: &str) {
    let payload = format!("payload[stripe_customer_id]={customer}&payload[value]={value}");
    let body = format!("event_name=tokens&{payload}&identifier={identifier}");
    w.ok("POST", "/v1/billing/meter_events", &body);
}

fn listed(w: &mut World, query: &str) -> Vec<Value> {
    w.ok("GET", &format!("{LIST}?{query}"), "")["data"].as_array().unwrap().clone()
}

/// Code, count and identifiers of each sort of error.
fn errors(event: &Value) -> Vec<(String, u64, Vec<String>)> {
    let row = |it: &Value| {
        let samples = it["sample_errors"].as_array().unwrap().iter();
        let ids = samples.map(|it| it["request"]["identifier"].as_str().unwrap().to_owned()).collect();
        (it["code"].as_str().unwrap().to_owned(), it["error_count"].as_u64().unwrap(), ids)
    };
    event["data"]["reason"]["error_types"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn ten_seconds_of_failures_on_a_meter_are_one_report() {
    let (mut w, meter) = world();
    send(&mut w, "cus_none", "1", "a");
    send(&mut w, "cus_a", "five", "b");
    send(&mut w, "cus_a", "5", "good");
    w.now += 9;
    send(&mut w, "cus_none", "1", "c");
    assert!(listed(&mut w, "").is_empty(), "not before the ten seconds are over");
    w.now += 1;
    send(&mut w, "cus_none", "1", "d");
    let events = listed(&mut w, "");
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(event["type"], "v1.billing.meter.error_report_triggered");
    assert_eq!(event["created"], "2026-01-01T00:00:10.000Z");
    assert_eq!(event["related_object"]["id"], meter.as_str());
    assert_eq!(event["data"]["validation_start"], "2026-01-01T00:00:00.000Z");
    assert_eq!(event["data"]["validation_end"], "2026-01-01T00:00:10.000Z");
    assert_eq!(event["data"]["reason"]["error_count"], 3);
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        errors(event),
        [
            ("meter_event_customer_not_found".to_owned(), 2, ids(&["a", "c"])),
            ("meter_event_invalid_value".to_owned(), 1, ids(&["b"])),
        ]
    );
    let id = event["id"].as_str().unwrap();
    assert_eq!(w.ok("GET", &format!("{LIST}/{id}"), ""), *event);
    w.now += 10;
    assert_eq!(listed(&mut w, "").len(), 2, "the next ten seconds");
    assert!(w.events().iter().all(|kind| !kind.contains("error_report")), "no snapshot event of it exists");
}

#[test]
fn a_meter_archived_before_it_counted_reports_it() {
    let (mut w, meter) = world();
    w.ok("POST", "/_local/settings", "{\"lag_s\":60}");
    send(&mut w, "cus_a", "5", "late");
    w.ok("POST", &format!("/v1/billing/meters/{meter}/deactivate"), "");
    w.now += 86_400;
    let events = listed(&mut w, "");
    assert_eq!(errors(&events[0])[0].0, "archived_meter");
    assert_eq!(events[0]["created"], "2026-01-01T00:01:10.000Z", "at its own time, however late one looks");
}

#[test]
fn samples_name_some_of_many() {
    let (mut w, _) = world();
    for n in 0..9 {
        send(&mut w, "cus_none", "1", &format!("i{n}"));
    }
    w.now += 10;
    let (_, count, ids) = errors(&listed(&mut w, "")[0]).remove(0);
    assert_eq!((count, ids.len()), (9, 5));
}

#[test]
fn a_fault_finds_a_good_event_wrong_afterwards() {
    for (lag, code, related) in [
        (0, "meter_event_customer_not_found", true),
        (60, "timestamp_too_far_in_past", true),
        (0, "no_meter", false),
    ] {
        let (mut w, meter) = world();
        w.ok("POST", "/_local/settings", &format!("{{\"lag_s\":{lag}}}"));
        let fault = format!("{{\"kind\":{{\"fail_meter_event\":\"{code}\"}},\"identifier\":\"bad\"}}");
        w.ok("POST", "/_local/faults", &fault);
        send(&mut w, "cus_a", "5", "good");
        send(&mut w, "cus_a", "7", "bad");
        w.now += 100;
        let events = listed(&mut w, "");
        assert_eq!(errors(&events[0]), [(code.to_owned(), 1, vec!["bad".to_owned()])]);
        assert_eq!(events[0]["related_object"].is_object(), related);
        assert_eq!(events[0]["type"] == "v1.billing.meter.no_meter_found", !related);
        let sum = meter_summary::aggregate(&w.model, &meter, "cus_a", NOW, NOW + 60, NOW + 100);
        assert_eq!(sum.to_string(), "5", "{code}");
        w.now += 90_000;
        w.ok("GET", "/v1/account", "");
        let sum = meter_summary::aggregate(&w.model, &meter, "cus_a", NOW, NOW + 60, NOW + 90_000);
        assert_eq!(sum.to_string(), "5", "folding does not bring it back");
    }
}

#[test]
fn lists_are_filtered_and_paged_by_url() {
    let (mut w, meter) = world();
    for n in 0..5 {
        send(&mut w, "cus_none", "1", &format!("i{n}"));
        w.now += 10;
    }
    let ids =
        |events: &[Value]| events.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let all = ids(&listed(&mut w, ""));
    assert_eq!(all.len(), 5);
    let kind = "types[0]=v1.billing.meter.error_report_triggered";
    for (query, count) in [
        (kind.to_owned(), 5),
        ("types[]=v1.billing.meter.no_meter_found".to_owned(), 0),
        (format!("object_id={meter}"), 5),
        ("object_id=mtr_x".to_owned(), 0),
        (format!("created[gte]={}", NOW + 20), 4),
        ("created[gt]=2026-01-01T00:00:20Z".to_owned(), 3),
        ("created[lt]=2026-01-01T00:00:20Z".to_owned(), 1),
    ] {
        assert_eq!(listed(&mut w, &query).len(), count, "{query}");
    }
    let mut url = format!("{LIST}?limit=2&{kind}");
    let mut paged = Vec::new();
    loop {
        let page = w.ok("GET", &url, "");
        paged.extend(ids(page["data"].as_array().unwrap()));
        let Some(next) = page["next_page_url"].as_str() else { break };
        url = next.to_owned();
    }
    assert_eq!(paged, all);
    for (path, status) in [
        (format!("{LIST}/evt_x"), 404),
        (format!("{LIST}?limit=0"), 400),
        (format!("{LIST}?page=evt_x"), 400),
        (format!("{LIST}?created[gte]=yesterday"), 400),
        (format!("{LIST}?starting_after=evt_x"), 400),
        ("/v2/billing/meter_events".to_owned(), 404),
    ] {
        assert_eq!(w.refused("GET", &path, "").0, status, "{path}");
    }
    w.now += 30 * 86_400 - 15;
    assert_eq!(listed(&mut w, "").len(), 2, "after 30 days they are gone");
}
