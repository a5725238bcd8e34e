//! All that differs between a run and a test: the clock, the source of ids, the environment, who runs it.
//! Read once in `main`, handed down as values.

mod clock;
pub mod secret;

use std::cell::RefCell;
use std::collections::BTreeMap;

pub use clock::{Clock, ClockState, EnvError, LocalClock};

use crate::billing::time::Timestamp;

/// The environment of one run.
pub struct Env {
    /// Environment variables.
    pub vars: BTreeMap<String, String>,
    /// Name of this machine, for the record.
    pub host: String,
    /// Whether standard input, output and error are terminals.
    pub terminal: Terminal,
    ids: RefCell<fastrand::Rng>,
}

/// Which streams are terminals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Somebody can answer questions.
    pub input: bool,
    /// Results are read by a person.
    pub output: bool,
    /// Progress can be drawn.
    pub error: bool,
}

impl Env {
    /// Reads the environment of this process. `PAYGRADE_SEED` pins ids and jitter.
    pub fn of_process() -> Env {
        use std::io::IsTerminal;
        let vars: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let terminal = Terminal {
            input: std::io::stdin().is_terminal(),
            output: std::io::stdout().is_terminal(),
            error: std::io::stderr().is_terminal(),
        };
        Env::new(vars, terminal)
    }

    /// An environment from given variables.
    pub fn new(vars: BTreeMap<String, String>, terminal: Terminal) -> Env {
        let seed = vars.get("PAYGRADE_SEED").map(|text| seed_of(text));
        let rng = fastrand::Rng::with_seed(
            seed.unwrap_or_else(|| getrandom::u64().unwrap_or_else(|_| fastrand::u64(..))),
        );
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .or_else(|| vars.get("HOSTNAME").or_else(|| vars.get("COMPUTERNAME")).cloned())
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "localhost".to_owned());
        let host = vars.get("PAYGRADE_HOST").cloned().unwrap_or(host);
        Env { vars, host, terminal, ids: RefCell::new(rng) }
    }

    /// A variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Sixteen fresh random bytes in hexadecimal: for the ids of stores and tokens, never for what must repeat.
    pub fn fresh_id(&self) -> String {
        format!("{:032x}", self.ids.borrow_mut().u128(..))
    }

    /// A fresh random number, for jitter and seeds.
    pub fn random(&self) -> u64 {
        self.ids.borrow_mut().u64(..)
    }

    /// The machine's own clock, never frozen.
    pub fn system_now() -> Timestamp {
        clock::system_seconds()
    }
}

/// Any text makes a seed; a number is itself.
fn seed_of(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| {
        // FNV-1a: stable on every machine and version, which is all that is asked of it.
        text.bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    })
}
