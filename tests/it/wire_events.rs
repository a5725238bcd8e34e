//! Events from the local Stripe to paygrade, over real connections: fetched, listed page by page, and posted with
//! signatures that paygrade's own check takes.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use paygrade::billing::time::Timestamp;
use paygrade::local::{self, Connection, Place};
use paygrade::stripe::inbound::{Forged, Received, WebhookSecrets};
use paygrade::stripe::{self, Api, ApiKey, Base, EventQuery};
use serde_json::Value;

/// 2026-01-10T12:00:00Z
const START: i64 = 1_768_046_400;

struct World {
    stripe: Connection,
    now: Arc<AtomicI64>,
    api: Api,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let shown = Arc::clone(&now);
        let (state, registry) = (folder.path().join("local"), folder.path().join("local.json"));
        let place = Place { state, registry, seed: Some(3) };
        let stripe = local::connect(&place, Arc::new(move || Ok(shown.load(Ordering::SeqCst)))).unwrap();
        let base = Base::parse(&stripe.base_url()).unwrap();
        let key = ApiKey::parse("sk_test_local00000000").unwrap();
        let api = Api::new(stripe::Connection::new(base, key)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        World { stripe, now, api, runtime, _folder: folder }
    }

    fn ok(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, text) = self.stripe.call(method, path, body).unwrap();
        assert_eq!(status, 200, "{method} {path} {body}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[test]
fn events_are_listed_page_by_page_and_fetched() {
    let w = World::new();
    for n in 0..130 {
        w.ok("POST", "/v1/products", &format!("id=p{n}&name=x"));
        w.pass(1);
    }
    let mut query = EventQuery { since: Some(Timestamp(START + 5)), ..EventQuery::default() };
    query.types = vec!["product.*".to_owned(), "invoice.paid".to_owned()];
    let mut events = Vec::new();
    loop {
        let page = w.runtime.block_on(w.api.event_list(&query)).unwrap().value;
        events.extend(page.events);
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(events.len(), 125);
    assert!(events.windows(2).all(|pair| pair[0].created > pair[1].created), "newest first, none twice");
    let last = events.last().unwrap();
    assert_eq!((last.object_id(), last.created), (Some("p5"), Timestamp(START + 5)));
    assert_eq!(w.runtime.block_on(w.api.event_retrieve(&last.id)).unwrap().value, *last);
    let missing = w.runtime.block_on(w.api.event_retrieve("evt_nothing")).unwrap_err();
    assert!(missing.is_missing());
    for bad in ["in_1", "evt_../x", "evt_1?x=y"] {
        let refused = w.runtime.block_on(w.api.event_retrieve(bad)).unwrap_err();
        assert!(refused.nothing_happened() && refused.meta().is_none(), "{bad}");
    }
}

#[test]
fn reports_of_wrong_usage_are_listed_and_fetched() {
    let w = World::new();
    w.ok("POST", "/v1/billing/meters", "display_name=T&event_name=tokens&default_aggregation[formula]=sum");
    for n in 0..130 {
        let payload = "payload[stripe_customer_id]=cus_gone&payload[value]=1";
        w.ok("POST", "/v1/billing/meter_events", &format!("event_name=tokens&{payload}&identifier=i{n}"));
        w.pass(10);
    }
    let types = ["v1.billing.meter.error_report_triggered".to_owned()];
    let (mut found, mut page) = (Vec::new(), None);
    loop {
        let got = w.runtime.block_on(w.api.thin_event_list(&types, page.as_deref())).unwrap().value;
        found.extend(got.events);
        page = got.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 130);
    let newest = w.runtime.block_on(w.api.thin_event_retrieve(&found[0].id)).unwrap().value;
    assert_eq!(newest.related.as_ref().map(|it| it.kind.as_str()), Some("billing.meter"));
    assert_eq!(newest.created, Timestamp(START + 1_300));
    let data = newest.data.unwrap();
    let sample = &data["reason"]["error_types"][0];
    assert_eq!(sample["code"], "meter_event_customer_not_found");
    assert_eq!(sample["sample_errors"][0]["request"]["identifier"], "i129");
}

/// Takes one delivery: its signature and body.
fn delivered(w: &World, listener: &TcpListener) -> (String, Vec<u8>) {
    std::thread::scope(|scope| {
        let taken = scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut all, mut bytes) = (Vec::new(), [0; 65_536]);
            loop {
                let count = stream.read(&mut bytes).unwrap();
                all.extend_from_slice(&bytes[..count]);
                let text = String::from_utf8_lossy(&all).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let field =
                    |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
                if body.len() >= field("Content-Length: ").parse().unwrap() {
                    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
                    return (field("Stripe-Signature: "), body.as_bytes().to_vec());
                }
            }
        });
        w.stripe.deliver().unwrap();
        taken.join().unwrap()
    })
}

#[test]
fn what_the_local_stripe_posts_passes_paygrades_own_check() {
    let w = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let hook = format!("url=http://127.0.0.1:{port}/&enabled_events[]=customer.created");
    let made = w.ok("POST", "/v1/webhook_endpoints", &hook);
    let secrets = WebhookSecrets::parse(made["secret"].as_str().unwrap()).unwrap();
    let customer = w.ok("POST", "/v1/customers", "email=b%40example.com&name=Z%C3%BCrich")["id"].clone();
    let (signature, body) = delivered(&w, &listener);
    let now = Timestamp(START);
    assert!(secrets.verify(Some(&signature), &body, now).is_ok());
    assert!(matches!(
        secrets.verify(Some(&signature), &body, now.plus(301)),
        Err(Forged::Stale { by_s: 301 })
    ));
    let compact = serde_json::from_slice::<Value>(&body).unwrap().to_string();
    assert_eq!(
        secrets.verify(Some(&signature), compact.as_bytes(), now),
        Err(Forged::Mismatch),
        "the bytes as they came, not what they mean"
    );
    let Ok(Received::Snapshot(event)) = Received::read(&body) else { panic!("{body:?}") };
    assert_eq!((event.kind.as_str(), event.customer()), ("customer.created", customer.as_str()));
    assert_eq!(w.runtime.block_on(w.api.event_retrieve(&event.id)).unwrap().value.object, event.object);
}
