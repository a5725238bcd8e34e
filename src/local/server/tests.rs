use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;

use super::*;

const NOW: i64 = 1_767_225_600;

fn place(folder: &Path) -> Place {
    Place { state: folder.join("local"), registry: folder.join("local.json"), seed: Some(5) }
}

fn fixed() -> Clock {
    Arc::new(|| Ok(NOW))
}

fn json(answer: (u16, String)) -> (u16, Value) {
    (answer.0, serde_json::from_str(&answer.1).unwrap())
}

/// Serves on its own thread while the test runs; gives what `ready` was told.
fn with_server(place: &Place, clock: Clock, test: impl FnOnce(&Served)) {
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let stop = async {
                let _stopped = stopped.await;
            };
            serve(place, 0, clock, |served| tell.send(served.clone()).unwrap(), stop).unwrap();
        });
        test(&told.recv().unwrap());
        drop(stop);
    });
}

#[test]
fn a_command_brings_its_own_server_and_the_state_outlives_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    let connection = connect(&place, fixed()).unwrap();
    assert!(!connection.is_server());
    assert_eq!(connection.call("POST", "/v1/products", "id=p&name=x").unwrap().0, 200);
    let (status, account) = json(connection.call("GET", "/v1/account", "").unwrap());
    assert_eq!((status, account["created"].as_i64()), (200, Some(NOW)));
    drop(connection);
    let again = connect(&place, fixed()).unwrap();
    assert_eq!(again.call("GET", "/v1/products/p", "").unwrap().0, 200);
}

#[test]
fn two_commands_at_once_share_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    let (one, two) = (connect(&place, fixed()).unwrap(), connect(&place, fixed()).unwrap());
    one.call("POST", "/v1/products", "id=p&name=x").unwrap();
    assert_eq!(two.call("POST", "/v1/products", "id=p&name=x").unwrap().0, 400);
}

#[test]
fn the_clock_of_the_caller_counts() {
    let folder = tempfile::tempdir().unwrap();
    let at = Arc::new(AtomicI64::new(NOW));
    let clock: Clock = Arc::new({
        let at = Arc::clone(&at);
        move || {
            if at.load(Ordering::SeqCst) == 0 {
                Err("no clock".to_owned())
            } else {
                Ok(at.load(Ordering::SeqCst))
            }
        }
    });
    let connection = connect(&place(folder.path()), clock).unwrap();
    at.store(NOW + 77, Ordering::SeqCst);
    let (_, product) = json(connection.call("POST", "/v1/products", "name=x").unwrap());
    assert_eq!(product["created"], NOW + 77);
    at.store(0, Ordering::SeqCst);
    let (status, error) = json(connection.call("GET", "/v1/account", "").unwrap());
    assert_eq!((status, error["error"]["message"].as_str()), (500, Some("no clock")));
}

#[test]
fn a_server_is_found_and_its_state_is_used_after_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut home = place(folder.path());
    let served_place = Place { state: folder.path().join("other"), ..home.clone() };
    with_server(&served_place, fixed(), |served| {
        let connection = connect(&home, fixed()).unwrap();
        assert!(connection.is_server() && connection.base_url() == served.base_url);
        assert_eq!(connection.call("POST", "/v1/products", "id=p&name=x").unwrap().0, 200);
        let busy =
            serve(&served_place, 0, fixed(), |_| panic!("never ready"), std::future::pending()).unwrap_err();
        assert!(busy.kind == Trouble::Busy && busy.message.contains(&served.base_url), "{busy}");
        assert_eq!(connection.call("GET", "/_local/health", "").unwrap().0, 401, "health wants the token");
    });
    let after = connect(&home, fixed()).unwrap();
    assert!(!after.is_server());
    assert_eq!(after.call("GET", "/v1/products/p", "").unwrap().0, 200);
    drop(after);
    fs::write(&home.registry, "{\"port\":").unwrap();
    assert_eq!(connect(&home, fixed()).unwrap_err().kind, Trouble::Corrupt);
    home.registry = folder.path().join("none.json");
    let fresh = connect(&home, fixed()).unwrap();
    assert_eq!(fresh.call("GET", "/v1/products/p", "").unwrap().0, 404, "another state");
}

#[test]
fn a_stranger_on_the_port_is_not_our_server() {
    let folder = tempfile::tempdir().unwrap();
    let (home, elsewhere) = (place(folder.path()), tempfile::tempdir().unwrap());
    with_server(&place(elsewhere.path()), fixed(), |served| {
        let port = served.base_url.rsplit(':').next().unwrap().parse().unwrap();
        let registry = Registry { port, pid: 1, token: "stale".to_owned(), state: home.state.clone() };
        registry.write(&home.registry).unwrap();
        assert!(!connect(&home, fixed()).unwrap().is_server());
    });
}

#[test]
fn resets_make_another_account_also_out_of_damage() {
    let folder = tempfile::tempdir().unwrap();
    let random = Place { seed: None, ..place(folder.path()) };
    let account = |place: &Place| {
        let connection = connect(place, fixed()).unwrap();
        json(connection.call("GET", "/v1/account", "").unwrap()).1["id"].as_str().unwrap().to_owned()
    };
    let first = account(&random);
    let second = reset(&random, fixed()).unwrap();
    assert_ne!(first, second);
    assert_eq!(account(&random), second);
    fs::write(folder.path().join("local.journal"), "garbage").unwrap();
    assert_eq!(connect(&random, fixed()).unwrap_err().kind, Trouble::Corrupt);
    let third = reset(&random, fixed()).unwrap();
    assert_eq!(account(&random), third);
    with_server(&random, fixed(), |_| {
        let fourth = reset(&random, fixed()).unwrap();
        assert_eq!(account(&random), fourth);
    });
}

#[test]
fn calls_in_flight_conflict_and_held_ones_wait() {
    let folder = tempfile::tempdir().unwrap();
    let connection = connect(&place(folder.path()), fixed()).unwrap();
    connection
        .call("POST", "/v1/billing/meters", "display_name=T&event_name=t&default_aggregation[formula]=sum")
        .unwrap();
    connection
        .call("POST", "/_local/faults", "{\"kind\":{\"delay\":400},\"path\":\"*/meter_events\"}")
        .unwrap();
    let event =
        |n: u32| format!("event_name=t&payload[stripe_customer_id]=cus_a&payload[value]=1&identifier=i{n}");
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| connection.call("POST", "/v1/billing/meter_events", &event(1)).unwrap().0);
        std::thread::sleep(Duration::from_millis(150));
        assert_eq!(connection.call("POST", "/v1/billing/meter_events", &event(2)).unwrap().0, 409);
        let other = event(3).replace("cus_a", "cus_b");
        assert_eq!(connection.call("POST", "/v1/billing/meter_events", &other).unwrap().0, 200);
        assert_eq!(slow.join().unwrap(), 200);
    });
    assert_eq!(connection.call("POST", "/v1/billing/meter_events", &event(2)).unwrap().0, 200, "free again");

    connection.call("POST", "/_local/faults", "{\"kind\":\"reorder\",\"path\":\"/v1/products\"}").unwrap();
    std::thread::scope(|scope| {
        let held = scope.spawn(|| connection.call("POST", "/v1/products", "id=a&name=x").unwrap().0);
        std::thread::sleep(Duration::from_millis(150));
        assert_eq!(connection.call("POST", "/v1/products", "id=b&name=x").unwrap().0, 200);
        assert_eq!(held.join().unwrap(), 200);
    });
    let (_, list) = json(connection.call("GET", "/v1/products", "").unwrap());
    assert_eq!((list["data"][0]["id"].as_str(), list["data"][1]["id"].as_str()), (Some("a"), Some("b")));
}

#[test]
fn no_key_reaches_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let connection = connect(&place(folder.path()), fixed()).unwrap();
    let key = [("Authorization", "Bearer sk_test_CANARYCANARY"), ("X-Secret", "CANARY")];
    let answer = loopback::call(connection.port, "GET", "/v1/account", &key, "", CALL_WAIT).unwrap();
    assert_eq!(answer.status, 200);
    drop(connection);
    let journal = fs::read_to_string(folder.path().join("local.journal")).unwrap();
    assert!(journal.contains("/v1/account") && !journal.contains("CANARY"), "{journal}");
}

/// Answers requests with these statuses, one connection each, and hands over what came.
fn receiver(statuses: &'static [u16]) -> (u16, mpsc::Receiver<String>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut text, mut bytes) = (String::new(), [0; 4_096]);
            while !text.ends_with("\n}") {
                let count = stream.read(&mut bytes).unwrap();
                text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            }
            write!(stream, "HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").unwrap();
            tell.send(text).unwrap();
        }
    });
    (port, told)
}

#[test]
fn a_server_delivers_by_itself_and_a_command_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    let at = Arc::new(AtomicI64::new(NOW));
    let clock: Clock = Arc::new({
        let at = Arc::clone(&at);
        move || Ok(at.load(Ordering::SeqCst))
    });
    let (port, told) = receiver(&[302, 200, 200]);
    let pending = |connection: &Connection| {
        let (_, status) = json(connection.call("GET", "/_local/status", "").unwrap());
        status["webhooks"]["pending"].as_u64()
    };
    let one = connect(&place, Arc::clone(&clock)).unwrap();
    let hook = format!("url=http://localhost:{port}/hook%3Fa=b&enabled_events[]=*");
    one.call("POST", "/v1/webhook_endpoints", &hook).unwrap();
    one.call("POST", "/v1/products", "id=p&name=x").unwrap();
    one.deliver().unwrap();
    let first = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(first.starts_with("POST /hook?a=b HTTP/1.1\r\nHost: localhost:"), "{first}");
    assert!(first.contains("Stripe-Signature: t=1767225600,v1=") && first.contains("product.created"));
    assert_eq!(pending(&one), Some(1), "a redirect is a failure");
    drop(one);
    with_server(&place, clock, |_| {
        let two = connect(&place, fixed()).unwrap();
        assert!(two.is_server());
        two.call("POST", "/v1/products", "id=q&name=x").unwrap();
        assert!(told.recv_timeout(Duration::from_secs(10)).unwrap().contains("\"id\": \"q\""));
        at.fetch_add(300, Ordering::SeqCst);
        let again = told.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(again.contains("t=1767225900,v1=") && again.contains("\"id\": \"p\""), "{again}");
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while pending(&two) != Some(0) && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(pending(&two), Some(0));
    });
}
