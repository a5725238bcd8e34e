//! The door for webhooks: what comes in, over HTTP and from files, and what never does.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use paygrade::billing::time::Timestamp;
use paygrade::flow::inbox::Door;
use paygrade::loopback;
use paygrade::store::inbox::{Arrived, InboxFilter, Source};
use paygrade::stripe::inbound::{WebhookSecret, WebhookSecrets};
use serde_json::{Value, json};

use crate::desk::Stage;
use crate::inbox::SECRET;
use crate::older::{make_newer, newest};
use crate::world::{NOW, World};

fn event(id: &str) -> Value {
    json!({
        "id": id, "object": "event", "type": "invoice.paid", "created": 1_700_000_000, "livemode": false,
        "data": { "object": { "id": "in_1", "object": "invoice", "customer": "cus_1" } },
    })
}

/// A listener as its own process. It ends when this is dropped.
struct Listener {
    child: Child,
    port: u16,
    _says: std::thread::JoinHandle<()>,
}

impl Listener {
    fn start(world: &World) -> Listener {
        Listener::start_at(world, 0, &format!("whsec_old0123456789abcdef,{SECRET}"))
    }
    fn start_at(world: &World, port: u16, secrets: &str) -> Listener {
        let mut command = world.command(&format!("webhook listen --bind 127.0.0.1:{port}"));
        command.env("STRIPE_WEBHOOK_SECRET", secrets);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().expect("it says where it listens").unwrap();
            if let Some(rest) = line.split("http://127.0.0.1:").nth(1) {
                break rest.split('/').next().unwrap().parse().unwrap();
            }
        };
        let says = std::thread::spawn(move || lines.for_each(drop));
        Listener { child, port, _says: says }
    }
    fn post(&self, path: &str, header: Option<&str>, body: &str) -> u16 {
        let headers: Vec<(&str, &str)> = header.map(|it| ("Stripe-Signature", it)).into_iter().collect();
        self.call("POST", path, &headers, body)
    }
    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        let answer = loopback::call(self.port, method, path, headers, body, Duration::from_secs(20)).unwrap();
        assert!(answer.status >= 408 || answer.body.is_empty(), "an answer says nothing: {}", answer.body);
        answer.status
    }
    fn stop(mut self) -> (i32, String) {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let mut out = String::new();
        std::io::Read::read_to_string(&mut self.child.stdout.take().unwrap(), &mut out).unwrap();
        (self.child.wait().unwrap().code().unwrap_or(-1), out)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signed(body: &str) -> String {
    WebhookSecret::parse(SECRET).unwrap().sign(body.as_bytes(), Timestamp::parse(NOW).unwrap())
}

/// A listener of an earlier version is told by the store that it is one, answers so that Stripe sends the event again,
/// and ends, so that whoever looks after it starts the newer one.
#[test]
fn a_listener_ends_when_a_newer_version_migrates_the_store() {
    let world = World::new();
    let mut listener = Listener::start(&world);
    let (one, two) = (event("evt_1").to_string(), event("evt_2").to_string());
    assert_eq!(listener.post("/webhook", Some(&signed(&one)), &one), 200);
    make_newer(&world, newest() + 1);
    assert_eq!(listener.post("/webhook", Some(&signed(&two)), &two), 503);
    assert_eq!(listener.child.wait().unwrap().code(), Some(10));
    make_newer(&world, newest());
    let came = world.demand(0, "webhook list -o csv -q").out;
    assert!(came.contains("evt_1") && !came.contains("evt_2"), "{came}");
}

#[test]
fn over_http_only_what_is_signed_comes_in() {
    let world = World::new();
    let listener = Listener::start(&world);
    let body = event("evt_1").to_string();
    let header = signed(&body);
    let other = event("evt_2").to_string();
    let foreign = json!({ "account": "acct_other" });
    let mut connected = event("evt_3");
    connected["account"] = foreign["account"].clone();
    let connected = connected.to_string();
    let mut live = event("evt_4");
    live["livemode"] = json!(true);
    let live = live.to_string();
    let mut unknown = event("evt_5");
    unknown["type"] = json!("price.updated");
    let unknown = unknown.to_string();
    let junk = "{\"id\":".to_owned();
    for (path, header, body, want) in [
        ("/webhook", Some(header.clone()), &body, 200),
        ("/webhook", Some(header.clone()), &body, 200),
        ("/webhook", Some(header.clone()), &other, 400),
        ("/webhook", None, &other, 400),
        ("/webhook", Some("t=1".to_owned()), &other, 400),
        ("/", Some(header.clone()), &body, 404),
        ("/webhook/", Some(header.clone()), &body, 404),
        ("/webhook", Some(signed(&connected)), &connected, 200),
        ("/webhook", Some(signed(&live)), &live, 200),
        ("/webhook", Some(signed(&unknown)), &unknown, 200),
        ("/webhook", Some(signed(&junk)), &junk, 400),
        ("/webhook", Some(signed("")), &String::new(), 400),
    ] {
        assert_eq!(listener.post(path, header.as_deref(), body), want, "{path} {header:?} {body}");
    }
    let twice = [("Stripe-Signature", header.as_str()), ("stripe-signature", header.as_str())];
    assert_eq!(listener.call("POST", "/webhook", &twice, &body), 400);
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(
            listener.call(method, "/webhook", &[("Stripe-Signature", &header)], &body),
            405,
            "{method}"
        );
    }
    let big = " ".repeat(10 * 1024 * 1024);
    // It may hang up before it has read all of it.
    let answer = loopback::call(
        listener.port,
        "POST",
        "/webhook",
        &[("Stripe-Signature", &signed(&big))],
        &big,
        Duration::from_secs(20),
    );
    assert!(answer.is_err() || answer.unwrap().status == 413);
    assert_eq!(listener.post("/webhook", Some(&header), &body), 200, "it lives on");
    let (exit, out) = listener.stop();
    assert_eq!(exit, 0, "{out}");
    let list = world.demand(0, "webhook list -o ndjson").out;
    let states: Vec<(String, String)> = list
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|it| Some((it["event"].as_str()?.to_owned(), it["state"].as_str()?.to_owned())))
        .collect();
    let want = [("evt_1", "new"), ("evt_3", "ignored"), ("evt_4", "ignored"), ("evt_5", "done")];
    assert_eq!(states.len(), want.len(), "{list}");
    for (event, state) in want {
        assert!(states.contains(&(event.to_owned(), state.to_owned())), "{event}: {list}");
    }
    let status = world.run("status").out;
    for says in
        ["webhooks ignored", "wrong_signature", "no_signature", "no_event", "paygrade webhook process"]
    {
        assert!(status.contains(says), "{says}: {status}");
    }
}

/// What is not taken from a file says so the same way with `-n` as without, and what is never handled is not passed over.
#[test]
fn a_file_of_another_mode_is_refused_shown_or_not() {
    let world = World::new();
    let mut live = event("evt_live");
    live["livemode"] = json!(true);
    world.file("live.json", &live.to_string());
    world.file("ours.json", &event("evt_ours").to_string());
    let ingest = |file: &str, body: &Value, more: &[&str]| {
        let mut command = world.command(&format!("webhook ingest {file} -o json"));
        command.args(more).args(["--signature", &signed(&body.to_string())]);
        crate::world::answer(&command.env("STRIPE_WEBHOOK_SECRET", SECRET).output().unwrap())
    };
    for (more, changed) in [(&["-n"][..], "none"), (&[], "recorded")] {
        let answer = ingest("live.json", &live, more);
        assert_eq!(answer.exit, 5, "{more:?} {}", answer.err);
        assert!(answer.err.contains("of the other mode"), "{more:?} {}", answer.err);
        assert!(answer.err.contains(&format!("\"changed\":\"{changed}\"")), "{more:?} {}", answer.err);
    }
    assert_eq!(ingest("ours.json", &event("evt_ours"), &[]).exit, 0);
    let replayed = world.demand(5, "webhook replay evt_live");
    assert!(replayed.err.contains("of the other mode"), "{}", replayed.err);
    let wrong = ingest("ours.json", &event("evt_other"), &[]);
    assert_eq!(wrong.exit, 5, "{}", wrong.err);
}

#[test]
fn an_acknowledged_event_is_on_the_disk() {
    let world = World::new();
    let mut listener = Listener::start(&world);
    for number in 0..5 {
        let body = event(&format!("evt_{number}")).to_string();
        assert_eq!(listener.post("/webhook", Some(&signed(&body)), &body), 200);
    }
    listener.child.kill().unwrap();
    listener.child.wait().unwrap();
    let list = world.demand(0, "webhook list -o ndjson").out;
    assert_eq!(list.lines().filter(|line| line.contains("\"evt_")).count(), 5, "{list}");
}

#[test]
fn a_listener_stays_on_this_machine_unless_told() {
    let world = World::new();
    let mut command = world.command("webhook listen --bind 0.0.0.0:0");
    let answer = crate::world::answer(&command.env("STRIPE_WEBHOOK_SECRET", SECRET).output().unwrap());
    assert_eq!(answer.exit, 2, "{}", answer.err);
    assert!(answer.err.contains("--public"), "{}", answer.err);
    let mut command = world.command("webhook listen --bind 0.0.0.0:0 --public -n");
    let answer = crate::world::answer(&command.env("STRIPE_WEBHOOK_SECRET", SECRET).output().unwrap());
    assert_eq!(answer.exit, 0, "{}", answer.err);
    assert!(answer.err.contains("warning"), "{}", answer.err);
}

#[test]
fn none_of_two_thousand_forgeries_is_taken() {
    let stage = Stage::of_template("credits");
    let machine = stage.machine();
    let door = Door { store: &machine.store, live: false };
    let ours = WebhookSecrets::parse(&format!("{SECRET},whsec_new0123456789abcdef")).unwrap();
    let secret = WebhookSecret::parse(SECRET).unwrap();
    let others = WebhookSecret::parse("whsec_zzzz456789abcdefABCDEF").unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    for round in 0..2_000_u32 {
        let body = event(&format!("evt_{round}")).to_string();
        let mut sent = body.clone().into_bytes();
        let now = machine.now;
        let header = match round % 8 {
            0 => others.sign(&sent, now),
            1 => secret.sign(&sent, now.plus(-301 - i64::from(random.u32(..1_000_000)))),
            2 => secret.sign(&sent, now.plus(301 + i64::from(random.u32(..1_000_000)))),
            3 => {
                let header = secret.sign(&sent, now);
                let at = random.usize(..sent.len());
                sent[at] ^= 1 << random.u8(..7);
                header
            }
            4 => secret.sign(&sent, now).replace("v1=", "v0="),
            5 => {
                let header = secret.sign(&sent, now);
                let at = random.usize(header.len() - 60..header.len());
                let digit = if &header[at..=at] == "0" { "1" } else { "0" };
                format!("{}{digit}{}", &header[..at], &header[at + 1..])
            }
            6 => {
                // Another time with the digest of this one.
                let header = secret.sign(&sent, now);
                let digest = header.split(',').nth(1).unwrap();
                format!("t={},{digest}", now.0 - 1)
            }
            _ => format!("t={},v1={}", now.0, "0".repeat(64)),
        };
        let taken = door.take_signed(&ours, Some(&header), &sent, Source::Endpoint, now).unwrap();
        assert!(taken.is_err(), "{round} {header}");
    }
    let (list, all) = machine.store.read(|r| r.inbox_list(&InboxFilter::default(), 10)).unwrap();
    assert_eq!((list.len(), all), (0, 0));
    let body = event("evt_1").to_string();
    let header = secret.sign(body.as_bytes(), machine.now);
    let taken = door.take_signed(&ours, Some(&header), body.as_bytes(), Source::Endpoint, machine.now);
    assert_eq!(taken.unwrap().unwrap().arrived, Arrived::New);
}

#[test]
fn readme_says_what_each_type_does() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for it in paygrade::billing::inbox::HANDLED {
        let row = format!("| `{}` | {} |", it.kind, it.effect);
        assert!(readme.contains(&row), "README lacks: {row}");
    }
}

/// Both ends by their own code: the local Stripe signs and posts, we verify, store and handle.
#[test]
fn what_the_local_stripe_delivers_is_taken_and_handled() {
    let world = World::new();
    for line in [
        "init --template gateway",
        "seed --yes",
        "customer add acme --email a@acme.io --payment-method pm_card_visa",
    ] {
        world.demand(0, line);
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let made = world.demand(0, &format!("local endpoint http://127.0.0.1:{port}/webhook -o json")).out;
    let made: Value = serde_json::from_str(&made).unwrap();
    let secret = made["secret"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let listener = Listener::start_at(&world, port, &secret);
    world.demand(0, "tier assign acme pro --yes");
    let left = world.demand(0, "local deliver").out;
    assert!(left.contains("no delivery waits"), "{left}");
    let (exit, out) = listener.stop();
    assert_eq!(exit, 0, "{out}");
    let done = world.demand(0, "webhook process");
    assert!(done.out.contains("notice receipt"), "{}", done.out);
    let list = world.demand(0, "webhook list -o ndjson").out;
    let states: Vec<Value> = list.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let done = states.iter().filter(|it| it["event"].is_string()).all(|it| it["state"] == "done");
    assert!(done && states.len() > 5, "{list}");
}
