//! The local Stripe as its own process: the client dies and it lives on, or the other way round.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{World, demand, furnished, killed, points, program, run, sampled, settle, state, strace, used};

/// Points of one run in a sample.
const SAMPLE: usize = 5;
/// Between processes: what the client writes and what it waits for.
const CALLS: &str = "pwrite64,fsync,fdatasync,writev,recvfrom";

/// A served local Stripe. It ends when this is dropped.
struct Served(Child, PathBuf);

impl Served {
    /// Starts it, under strace when it is to die at a call.
    fn start(world: &World, dies: Option<(&str, u32)>) -> Served {
        let registry = world.path().join(".paygrade/local.json");
        let _ = std::fs::remove_file(&registry);
        let plain = program(world, "local serve");
        let mut command = match dies {
            None => plain,
            Some((call, nth)) => {
                let mut command = Command::new(strace());
                let inject = format!("inject={call}:signal=KILL:when={nth}");
                command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
                command.arg("--").arg(plain.get_program()).args(plain.get_args());
                world.prepare(&mut command);
                command
            }
        };
        command.env_remove("PAYGRADE_SEED").stdout(Stdio::null()).stderr(Stdio::null());
        let served = Served(command.spawn().unwrap(), registry.clone());
        let until = Instant::now() + Duration::from_secs(10);
        while !registry.exists() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        served
    }
    /// Asks it to end, as Ctrl-C does.
    fn stop(mut self) {
        let ended = Command::new("kill").arg("-TERM").arg(self.0.id().to_string()).status().unwrap();
        assert!(ended.success());
        self.0.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // strace that is killed lets its tracee run on: the server itself is asked for by the number that it gave.
        let told = std::fs::read_to_string(&self.1).ok().and_then(|it| serde_json::from_str(&it).ok());
        let pid = told.and_then(|it: serde_json::Value| it["pid"].as_i64());
        if let (Ok(None), Some(pid)) = (self.0.try_wait(), pid) {
            let _ = Command::new("kill").arg("-KILL").arg(pid.to_string()).status();
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn prove_client(base: &World, line: &str, usage: bool) {
    let end = |world: &mut World| {
        demand(world, 0, line);
        if usage {
            settle(world);
        }
        state(world)
    };
    let wanted = end(&mut base.copied());
    for point in sampled(points(base, line, "", CALLS), SAMPLE) {
        let mut world = base.copied();
        let served = Served::start(&world, None);
        killed(&world, line, "", &point);
        let got = end(&mut world);
        served.stop();
        assert_eq!(got, wanted, "`{line}` killed at {point:?}");
        demand(&world, 0, "doctor --offline");
    }
}

#[test]
fn the_client_dies() {
    prove_client(&used(), "meter push", true);
    prove_client(&furnished(), "tier assign bolt pro", false);
    prove_client(&furnished(), "customer add cato --email c@cato.example", false);
}

/// Killed before or after a request was made last, or while answering.
#[test]
fn the_server_dies() {
    for (line, usage) in [("meter push", true), ("tier assign bolt pro", false)] {
        let base = used();
        let end = |world: &mut World| {
            demand(world, 0, line);
            if usage {
                settle(world);
            }
            state(world)
        };
        let wanted = end(&mut base.copied());
        for (call, nth) in
            [("writev", 1), ("writev", 2), ("writev", 3), ("writev", 4), ("write", 8), ("write", 12)]
        {
            let mut world = base.copied();
            let served = Served::start(&world, Some((call, nth)));
            let broken = run(&world, line);
            let said = format!("`{line}` exit {}\n{}{}", broken.exit, broken.out, broken.err);
            assert!([0, 75, 8, 11].contains(&broken.exit), "{said}");
            drop(served);
            if usage {
                // After the wait that it was told to keep.
                world.now(Some("2026-03-02T11:45:00Z"));
            }
            // Half of the time another one is started; otherwise the state that it left is used directly.
            let again = (nth % 2 == 0).then(|| Served::start(&world, None));
            let got = end(&mut world);
            assert_eq!(got, wanted, "the server killed at {call} {nth}\n{said}");
            if let Some(again) = again {
                again.stop();
            }
        }
    }
}
