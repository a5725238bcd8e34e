//! The transport against a scripted server: one canned act for each request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::stripe::{Account, Answer, Api, Yes};

/// What the server does with one request.
enum Act {
    /// Answers with a status, headers and a body.
    Say(u16, &'static [(&'static str, &'static str)], String),
    /// Reads the request and hangs up.
    HangUp,
    /// Promises more body than it sends.
    Cut,
    /// Reads the request and never answers.
    Sleep,
}

fn say(status: u16, body: &str) -> Act {
    Act::Say(status, &[], body.to_owned())
}

/// Serves the acts one by one, each on its own connection, and hands back the requests as they came.
fn serve(acts: Vec<Act>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = channel();
    if acts.is_empty() {
        // Closed before anybody calls: a backlog would take the connection first.
        drop(listener);
        return (address, requests);
    }
    std::thread::spawn(move || {
        for act in acts {
            let Ok((stream, _)) = listener.accept() else { return };
            let request = read_request(&stream);
            sender.send(request).ok();
            perform(stream, act);
        }
    });
    (address, requests)
}

fn read_request(mut stream: &TcpStream) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    loop {
        let count = stream.read(&mut bytes).unwrap_or(0);
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        if count == 0 {
            return text;
        }
    }
}

fn perform(mut stream: TcpStream, act: Act) {
    match act {
        Act::Say(status, headers, body) => {
            let mut head =
                format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok();
        }
        Act::HangUp => drop(stream),
        Act::Cut => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"id\":").ok();
        }
        Act::Sleep => drop(std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(3));
            drop(stream);
        })),
    }
}

fn api(address: SocketAddr, change: impl FnOnce(&mut Connection)) -> Api {
    let mut connection =
        Connection::new(Base::Loopback(address), ApiKey::parse("sk_test_0123456789").unwrap());
    change(&mut connection);
    Api::new(connection).unwrap()
}

const CUSTOMER: &str =
    r#"{"id":"cus_1","object":"customer","created":1,"livemode":false,"email":"a@b.example"}"#;
const ERROR_500: &str = r#"{"error":{"type":"api_error","message":"oops"}}"#;

async fn create(acts: Vec<Act>) -> (Answer<String>, Vec<String>, Counts) {
    let (address, requests) = serve(acts);
    let api = api(address, |connection| connection.limits.call_timeout = Duration::from_millis(700));
    let answer = api.customer_create(&crate::stripe::CustomerData::default(), "pg-key-1").await;
    let counts = api.counts();
    (answer.map(|yes| yes.map(|customer| customer.id)), requests.try_iter().collect(), counts)
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_key() {
    for act in [Act::HangUp, Act::Cut, Act::Sleep, say(500, ERROR_500), say(503, "<html>")] {
        let replay =
            Act::Say(200, &[("Idempotent-Replayed", "true"), ("Request-Id", "req_2")], CUSTOMER.to_owned());
        let (answer, requests, counts) = create(vec![act, replay]).await;
        let yes = answer.unwrap();
        assert_eq!((yes.value.as_str(), yes.meta.attempts, yes.meta.replayed), ("cus_1", 2, true));
        assert!(yes.meta.earlier_indefinite);
        assert_eq!(yes.meta.request_id.as_deref(), Some("req_2"));
        assert_eq!(counts, Counts { reads: 0, writes: 2 });
        for request in &requests {
            assert!(request.starts_with("POST /v1/customers HTTP/1.1"), "{request}");
            let request = request.to_lowercase();
            assert!(request.contains("idempotency-key: pg-key-1"), "{request}");
            assert!(request.contains("stripe-version: 2026-09-30.endive"), "{request}");
            assert!(request.contains("authorization: bearer sk_test_0123456789"), "{request}");
        }
        assert_eq!(requests.len(), 2);
    }
}

#[tokio::test]
async fn what_is_known_after_the_last_attempt() {
    let no = |code: u16, text: &str| say(code, &format!(r#"{{"error":{{"type":"{text}","message":"m"}}}}"#));
    let stop = |status| Act::Say(status, &[("Stripe-Should-Retry", "false")], ERROR_500.to_owned());
    let rows: Vec<(Vec<Act>, &str)> = vec![
        (vec![no(400, "invalid_request_error")], "no Invalid"),
        (vec![no(400, "idempotency_error")], "no KeyMismatch"),
        (vec![no(401, "x")], "no Unauthorized"),
        (vec![no(402, "card_error")], "no Card"),
        (vec![no(404, "x")], "no Missing"),
        (vec![no(429, "x"), no(429, "x"), no(429, "x")], "no RateLimited"),
        (vec![Act::HangUp, no(400, "x")], "no Invalid"),
        (vec![Act::HangUp, no(401, "x")], "indefinite"),
        (vec![Act::HangUp, no(409, "x"), no(409, "x")], "indefinite"),
        (vec![Act::HangUp, Act::HangUp, Act::HangUp], "indefinite"),
        (vec![stop(500)], "indefinite stored"),
        (vec![say(302, "")], "indefinite"),
        (vec![say(200, "")], "unreadable"),
        (vec![say(200, "<html>")], "unreadable"),
        (vec![say(200, r#"{"id":"cus_1","livemode":false}"#)], "unreadable"),
        (vec![say(200, &CUSTOMER.replace("false", "true"))], "integrity"),
        (vec![Act::HangUp], "indefinite"), // Then nobody listens any more.
    ];
    for (number, (acts, want)) in rows.into_iter().enumerate() {
        let got = match create(acts).await.0 {
            Ok(_) => "yes".to_owned(),
            Err(Failure::No(refusal)) => format!("no {:?}", refusal.kind),
            Err(Failure::NotSent(not_sent)) => format!("not sent {:?}", not_sent.cause),
            Err(Failure::Indefinite(it)) if it.stored => "indefinite stored".to_owned(),
            Err(Failure::Indefinite(_)) => "indefinite".to_owned(),
            Err(Failure::Unreadable(_)) => "unreadable".to_owned(),
            Err(Failure::Integrity(_)) => "integrity".to_owned(),
        };
        assert_eq!(got, want, "row {number}");
    }
}

#[tokio::test]
async fn nobody_there_means_nothing_happened() {
    let (answer, _, counts) = create(vec![]).await;
    let failure = answer.unwrap_err();
    assert!(failure.nothing_happened(), "{failure}");
    assert!(matches!(&failure, Failure::NotSent(it) if it.cause == NotSentCause::Connect), "{failure:?}");
    assert_eq!(counts.writes, 1, "on loopback nobody appears by waiting");
}

#[tokio::test]
async fn the_breaker_ends_the_run() {
    let (address, _requests) = serve((0..9).map(|_| Act::HangUp).collect());
    let api = api(address, |_| ());
    let mut ends = Vec::new();
    for _ in 0..3 {
        ends.push(api.account().await.map(|_| ()).unwrap_err());
    }
    assert_eq!(api.counts().reads, 5, "five in a row, then none");
    assert!(
        matches!(ends[1], Failure::Indefinite(_)),
        "the call that was under way stays open: {:?}",
        ends[1]
    );
    assert!(matches!(&ends[2], Failure::NotSent(it) if it.cause == NotSentCause::Breaker), "{:?}", ends[2]);
}

#[tokio::test]
async fn the_runs_bounds_end_it_before_a_call() {
    let (address, _requests) = serve(vec![say(200, CUSTOMER)]);
    let bounded = api(address, |connection| connection.limits.writes_max = Some(1));
    let data = crate::stripe::CustomerData::default();
    assert!(bounded.customer_create(&data, "k1").await.is_ok());
    let failure = bounded.customer_create(&data, "k2").await.unwrap_err();
    assert!(matches!(&failure, Failure::NotSent(it) if it.cause == NotSentCause::Budget), "{failure:?}");
    let late = api(address, |connection| connection.limits.run_deadline = Duration::ZERO);
    let failure = late.account().await.unwrap_err();
    assert!(matches!(&failure, Failure::NotSent(it) if it.cause == NotSentCause::Deadline), "{failure:?}");
    for key in ["", "a b", &"k".repeat(256)] {
        let failure = bounded.customer_create(&data, key).await.unwrap_err();
        assert!(matches!(&failure, Failure::NotSent(it) if it.cause == NotSentCause::Refused), "{failure:?}");
    }
    let failure = bounded.customer_retrieve("../account").await.unwrap_err();
    assert!(matches!(&failure, Failure::NotSent(it) if it.cause == NotSentCause::Refused), "{failure:?}");
}

#[tokio::test]
async fn one_redacted_record_for_each_call() {
    let (address, _requests) = serve(vec![
        Act::HangUp,
        Act::Say(
            200,
            &[("Request-Id", "req_9")],
            r#"{"object":"list","url":"/v1/customers","has_more":false,"data":[]}"#.to_owned(),
        ),
    ]);
    let records: Arc<Mutex<Vec<CallTrace>>> = Arc::default();
    let into = Arc::clone(&records);
    let trace: Trace = Arc::new(move |record: &CallTrace| into.lock().unwrap().push(record.clone()));
    let api = api(address, |connection| connection.trace = Some(trace));
    assert_eq!(api.customer_list_by_email("secret@person.example").await.unwrap().value, []);
    let records = records.lock().unwrap();
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.method, record.path.as_str(), record.attempts), ("GET", "/v1/customers", 2));
    assert_eq!(
        (record.status, record.request_id.as_deref(), record.outcome),
        (Some(200), Some("req_9"), "yes")
    );
    assert!(!format!("{record:?}").contains("secret") && !format!("{record:?}").contains("sk_test"));
}

#[tokio::test]
async fn a_list_is_read_to_its_end_and_no_further() {
    let page = |ids: &[&str], more: bool| {
        let data: Vec<String> = ids.iter().map(|id| CUSTOMER.replace("cus_1", id)).collect();
        say(
            200,
            &format!(
                r#"{{"object":"list","url":"/v1/customers","has_more":{more},"data":[{}]}}"#,
                data.join(",")
            ),
        )
    };
    let (address, requests) = serve(vec![page(&["cus_a", "cus_b"], true), page(&["cus_c"], false)]);
    let found = api(address, |_| ()).customer_list_by_email("a@b.example").await.unwrap().value;
    assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["cus_a", "cus_b", "cus_c"]);
    let requests: Vec<String> = requests.try_iter().collect();
    assert!(requests[0].starts_with("GET /v1/customers?email=a@b.example&limit=100 HTTP"), "{}", requests[0]);
    assert!(requests[1].contains("&starting_after=cus_b HTTP"), "{}", requests[1]);
    let (address, _requests) = serve(vec![page(&["cus_a"], true), page(&["cus_a"], true)]);
    let failure = api(address, |_| ()).customer_list_by_email("a@b.example").await.unwrap_err();
    assert!(matches!(failure, Failure::Integrity(_)), "a page that repeats itself: {failure:?}");
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let (address, _requests) = serve(vec![say(200, &"x".repeat(BODY_MAX + 1))]);
    let answer = api(address, |connection| connection.limits.attempts_max = 1).account().await;
    assert!(matches!(answer, Err(Failure::Indefinite(_))));
}

#[tokio::test]
async fn the_account_is_read_as_it_is() {
    let (address, _requests) = serve(vec![Act::Say(
        200,
        &[("Date", "Sat, 21 Nov 2026 08:00:00 GMT")],
        r#"{"id":"acct_1","object":"account","country":"US","settings":{"dashboard":{"display_name":"Acme"}}}"#.to_owned(),
    )]);
    let Yes { value, meta, .. } = api(address, |_| ()).account().await.unwrap();
    let want = Account {
        id: "acct_1".into(),
        mode: Mode::Test,
        name: Some("Acme".into()),
        country: Some("US".into()),
        default_currency: None,
    };
    assert_eq!(value, want);
    assert_eq!(meta.date, Some(Timestamp(1_795_248_000)));
}

#[tokio::test]
async fn async_stripes_own_send_works_too() {
    let (address, _requests) = serve(vec![say(200, CUSTOMER)]);
    let connection = Connection::new(Base::Loopback(address), ApiKey::parse("sk_test_0123456789").unwrap());
    let transport = Transport::new(connection);
    let found = stripe_core::customer::RetrieveCustomer::new("cus_1").send(&transport).await.unwrap();
    assert!(
        matches!(found, stripe_core::customer::RetrieveCustomerReturned::Customer(it) if it.id.as_str() == "cus_1")
    );
}

#[test]
fn forms_are_sorted_without_changing_what_they_say() {
    for (body, want) in [
        ("b=2&a=1", "a=1&b=2"),
        (
            "items[10][price]=k&items[2][price]=c&items[2][id]=i",
            "items[2][id]=i&items[2][price]=c&items[10][price]=k",
        ),
        ("metadata[z]=1&metadata[a]=2&currency=usd", "currency=usd&metadata[a]=2&metadata[z]=1"),
        ("", ""),
    ] {
        assert_eq!(sorted_form(body), want);
    }
}
