//! Notices and ticks against real sinks on this machine: senders that are killed, and two at once.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use crate::world::{Answer, World, answer};

/// A sink that keeps what it is sent. It answers each request, or kills the process that it is told of and does not.
struct Hook {
    port: u16,
    bodies: Receiver<serde_json::Value>,
    victim: Arc<Mutex<Option<Child>>>,
}

impl Hook {
    fn start() -> Hook {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, bodies) = channel();
        let victim: Arc<Mutex<Option<Child>>> = Arc::default();
        let seen = Arc::clone(&victim);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let Some(body) = read_body(&stream) else { continue };
                if let Some(mut child) = seen.lock().unwrap().take() {
                    // It has sent everything and has not heard a word.
                    child.kill().unwrap();
                    child.wait().unwrap();
                } else {
                    let _ = (&stream)
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                }
                if tell.send(serde_json::from_slice(&body).unwrap_or_default()).is_err() {
                    return;
                }
            }
        });
        Hook { port, bodies, victim }
    }

    /// Runs a command and kills it at the moment when the sink has its request.
    fn kill_at_request(&self, world: &World, line: &str) -> serde_json::Value {
        let mut locked = self.victim.lock().unwrap();
        *locked = Some(world.command(line).spawn().unwrap());
        drop(locked);
        self.bodies.recv_timeout(std::time::Duration::from_secs(60)).unwrap()
    }

    fn got(&self) -> Vec<serde_json::Value> {
        self.bodies.try_iter().collect()
    }
}

fn read_body(stream: &TcpStream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// A customer that has used half of its cap, and a sink of this kind.
fn world(kind: &str, hook: &Hook) -> World {
    let world = World::new();
    for line in [
        "init --template payg-hybrid",
        "seed --yes",
        "customer add acme --email a@acme.example --payment-method pm_card_visa",
        "tier assign acme payg --yes",
        "usage record acme tokens 100 --id e1",
    ] {
        world.demand(0, line);
    }
    let settings = format!("[notify.hook]\ntype = \"{kind}\"\nurl = \"http://127.0.0.1:{}/\"\n", hook.port);
    world.file("paygrade.toml", &settings);
    world
}

fn state(world: &World) -> String {
    let told = world.demand(0, "alerts list --audience operator -o json").out;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    told["rows"][0]["sinks"][0].as_str().unwrap().to_owned()
}

fn sound(world: &World) {
    world.demand(0, "doctor");
}

#[test]
fn a_webhook_whose_sender_was_killed_gets_the_same_notice_again_under_the_same_key() {
    let hook = Hook::start();
    let world = world("webhook", &hook);
    let first = hook.kill_at_request(&world, "alerts run");
    assert_eq!(state(&world), "hook: sending", "the claim was durable before the socket opened");
    world.demand(0, "alerts run");
    let again = hook.got();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0]["id"], first["id"]);
    assert_eq!(state(&world), "hook: sent");
    world.demand(0, "alerts run");
    assert!(hook.got().is_empty(), "what was sent is not sent again");
    sound(&world);
}

#[test]
fn a_chat_message_whose_sender_was_killed_is_unknown_and_not_sent_twice() {
    let hook = Hook::start();
    let world = world("slack", &hook);
    hook.kill_at_request(&world, "alerts run");
    let told = world.demand(8, "alerts run");
    assert!(told.out.contains("its sender died"), "{}", told.out);
    assert_eq!(state(&world), "hook: unknown");
    world.demand(0, "alerts run");
    assert!(hook.got().is_empty());
    let status = world.run("status");
    assert!(status.out.contains("paygrade alerts run --retry"), "{}", status.out);
    // A person may say that it is worth a second message.
    world.demand(0, "alerts run --retry");
    assert_eq!(hook.got().len(), 1);
    assert_eq!(state(&world), "hook: sent");
    sound(&world);
}

#[test]
fn a_tick_that_was_killed_is_finished_by_the_next() {
    let hook = Hook::start();
    let world = world("webhook", &hook);
    let first = hook.kill_at_request(&world, "tick");
    world.demand(0, "tick");
    let again = hook.got();
    assert_eq!(again.iter().map(|it| &it["id"]).collect::<Vec<_>>(), [&first["id"]]);
    sound(&world);
}

fn together(world: &World, line: &str, count: usize) -> Vec<Answer> {
    let children: Vec<Child> = (0..count)
        .map(|_| {
            let mut command = world.command(line);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    children.into_iter().map(|child| answer(&child.wait_with_output().unwrap())).collect()
}

#[test]
fn of_ticks_at_once_one_works_and_the_others_wait_or_say_so() {
    let hook = Hook::start();
    let world = world("webhook", &hook);
    let exits: Vec<i32> = together(&world, "tick --wait 120", 3).iter().map(|it| it.exit).collect();
    assert_eq!(exits, [0, 0, 0]);
    assert_eq!(hook.got().len(), 1, "told once");
    let exits: Vec<i32> = together(&world, "tick --only alerts", 4).iter().map(|it| it.exit).collect();
    assert!(exits.contains(&0) && exits.iter().all(|exit| [0, 9].contains(exit)), "{exits:?}");
    assert!(hook.got().is_empty());
    sound(&world);
}

#[test]
fn alerts_run_at_once_tell_once() {
    let hook = Hook::start();
    let world = world("webhook", &hook);
    let exits: Vec<i32> = together(&world, "alerts run", 4).iter().map(|it| it.exit).collect();
    assert!(exits.contains(&0) && exits.iter().all(|exit| [0, 9].contains(exit)), "{exits:?}");
    world.demand(0, "alerts run");
    assert_eq!(hook.got().len(), 1);
    sound(&world);
}
