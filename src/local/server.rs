//! The local Stripe for commands: a server of its own that others find, or one inside the command.

use std::fs;
use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::http::{Clock, Shell};
use super::model::letters;
use super::state::{Fresh, State, StateError, Trouble};
use super::wire::Request;
use crate::loopback::{self, Limits};

#[cfg(test)]
mod tests;

/// Longest wait for an answer to a health check.
const HEALTH_WAIT: Duration = Duration::from_secs(2);
/// Longest wait for an answer to one of the room's own calls.
const CALL_WAIT: Duration = Duration::from_secs(15);
/// Longest wait until all due webhooks are delivered; a receiver may take ten seconds for each.
const DELIVER_WAIT: Duration = Duration::from_secs(600);
/// What is taken from one client. An idle connection may wait for a slow command.
const LIMITS: Limits =
    Limits { header_bytes: 64 * 1024, body_bytes: 1024 * 1024, header_s: 300, body_s: 10, connections: 256 };

/// Where a local Stripe lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The state, without suffix: `.paygrade/local` stands for `.paygrade/local.journal` and its companions.
    pub state: PathBuf,
    /// Where a server is written down: `.paygrade/local.json`.
    pub registry: PathBuf,
    /// Pins account id and all ids of a new state; drawn at random when there is none.
    pub seed: Option<u64>,
}

/// What `.paygrade/local.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Registry {
    /// 0 once the server has stopped.
    port: u16,
    pid: u32,
    token: String,
    state: PathBuf,
}

impl Registry {
    fn read(path: &Path) -> Result<Option<Registry>, StateError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| io_trouble(path, "read", &error))?,
        };
        serde_json::from_str(&text).map(Some).map_err(|error| StateError {
            kind: Trouble::Corrupt,
            message: format!(
                "{} is damaged: {error}. Remove it when no `paygrade local serve` runs.",
                path.display()
            ),
        })
    }

    fn write(&self, path: &Path) -> Result<(), StateError> {
        let text = serde_json::to_string(self).map_err(|error| io_trouble(path, "write", &error.into()))?;
        let new = path.with_extension("json.new");
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| io_trouble(folder, "make the folder", &error))?;
        }
        fs::write(&new, text).map_err(|error| io_trouble(&new, "write", &error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mine = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&new, mine).map_err(|error| io_trouble(&new, "protect", &error))?;
        }
        fs::rename(&new, path).map_err(|error| io_trouble(path, "replace", &error))
    }

    /// The server answers and is the one that was written down.
    fn is_alive(&self) -> bool {
        let token = [("x-paygrade-token", self.token.as_str())];
        self.port != 0
            && loopback::call(self.port, "GET", "/_local/health", &token, "", HEALTH_WAIT)
                .is_ok_and(|answer| answer.status == 200)
    }
}

fn io_trouble(path: &Path, what: &str, error: &io::Error) -> StateError {
    StateError { kind: Trouble::Io, message: format!("cannot {what} {}: {error}", path.display()) }
}

impl Place {
    fn fresh(&self) -> io::Result<Fresh> {
        match self.seed {
            Some(seed) => Ok(Fresh { account_id: letters("acct_1", seed, 0, 16), seed }),
            None => Fresh::random(),
        }
    }

    /// The running server, if there is one, and the state that calls go to: the one the last server used.
    fn find(&self) -> Result<(Option<Registry>, PathBuf), StateError> {
        let Some(registry) = Registry::read(&self.registry)? else { return Ok((None, self.state.clone())) };
        let state = registry.state.clone();
        Ok((Some(registry).filter(Registry::is_alive), state))
    }

    fn open(&self, state: &Path, clock: &Clock) -> Result<State, StateError> {
        State::open(state, instant(clock)?, || self.fresh())
    }
}

fn instant(clock: &Clock) -> Result<i64, StateError> {
    clock().map_err(|message| StateError { kind: Trouble::Io, message })
}

/// A way to the local Stripe, for as long as this value lives.
#[derive(Debug)]
pub struct Connection {
    port: u16,
    state: PathBuf,
    inside: Option<Inside>,
}

/// A server inside this process.
#[derive(Debug)]
struct Inside {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Inside {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It ends by itself once `stop` is gone; how it ended tells nothing more.
            let _ended = thread.join();
        }
    }
}

impl Connection {
    /// For the client: `http://127.0.0.1:PORT`, to be followed by `/v1/…`.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The state that answers.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// A `local serve` of its own answers, not this process.
    pub fn is_server(&self) -> bool {
        self.inside.is_none()
    }

    /// Makes every webhook delivery that is due; gives what is still to be made, as JSON.
    pub fn deliver(&self) -> Result<String, StateError> {
        Ok(self.call_within("POST", "/_local/deliver", "", DELIVER_WAIT)?.1)
    }

    /// One call to the room's own paths (`/_local/…`) or to the API with a test key: status and JSON text.
    pub fn call(&self, method: &str, path: &str, body: &str) -> Result<(u16, String), StateError> {
        self.call_within(method, path, body, CALL_WAIT)
    }

    fn call_within(
        &self,
        method: &str,
        path: &str,
        body: &str,
        wait: Duration,
    ) -> Result<(u16, String), StateError> {
        let key = [("Authorization", "Bearer sk_test_local")];
        let answer =
            loopback::call(self.port, method, path, &key, body, wait).map_err(|error| StateError {
                kind: Trouble::Io,
                message: format!("the local Stripe at {} did not answer: {error}", self.base_url()),
            })?;
        Ok((answer.status, answer.body))
    }
}

/// Finds the running server, or starts one inside this process on a free port. The state is made when there is
/// none. The instant of every request comes from `clock`.
pub fn connect(place: &Place, clock: Clock) -> Result<Connection, StateError> {
    let (server, path) = place.find()?;
    if let Some(server) = server {
        return Ok(Connection { port: server.port, state: path, inside: None });
    }
    let state = place.open(&path, &clock)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, readied) = mpsc::channel();
    let shell_path = path.clone();
    let thread = std::thread::Builder::new().name("local-stripe".to_owned()).spawn(move || {
        let failed = ready.clone();
        let done = run(0, move || Shell::new(state, clock, String::new(), shell_path), ready, async {
            let _stopped = stopped.await;
        });
        if let Err(error) = done {
            // Before the port is known the caller waits for this; afterwards nobody does.
            let _told = failed.send(Err(error));
        }
    });
    let thread = thread.map_err(|error| io_trouble(&path, "start a server for", &error))?;
    let inside = Inside { stop: Some(stop), thread: Some(thread) };
    let port = readied
        .recv()
        .unwrap_or_else(|_| Err(io::Error::other("its thread ended")))
        .map_err(|error| io_trouble(&path, "start a server for", &error))?;
    Ok(Connection { port, state: path, inside: Some(inside) })
}

/// Serves on this thread until `stop` is done, and tells `ready` the port. Blocks.
fn run(
    port: u16,
    shell: impl FnOnce() -> Shell,
    ready: mpsc::Sender<io::Result<u16>>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        let shell = Rc::new(shell());
        if ready.send(Ok(port)).is_err() {
            return Ok(());
        }
        loopback::serve(listener, LIMITS, move |incoming| Rc::clone(&shell).answer(incoming), stop).await;
        Ok(())
    })
}

/// What a server says once it is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// `http://127.0.0.1:PORT`
    pub base_url: String,
    /// The account.
    pub account_id: String,
    /// The state.
    pub state: PathBuf,
}

/// Runs a server of its own until `stop` is done: it holds the state's lock and is written down in the registry.
/// Port 0 takes any free one. `ready` is called once requests are answered. Blocks.
pub fn serve(
    place: &Place,
    port: u16,
    clock: Clock,
    ready: impl FnOnce(&Served),
    stop: impl Future<Output = ()>,
) -> Result<(), StateError> {
    if let (Some(server), path) = place.find()? {
        let message = format!(
            "a local Stripe for {} is already served at http://127.0.0.1:{} (process {})",
            path.display(),
            server.port,
            server.pid
        );
        return Err(StateError { kind: Trouble::Busy, message });
    }
    let mut state = place.open(&place.state, &clock)?;
    state.hold()?;
    let account_id = state.model().account_id.clone();
    let token = token().map_err(|error| io_trouble(&place.registry, "draw a token for", &error))?;
    let absolute =
        std::path::absolute(&place.state).map_err(|error| io_trouble(&place.state, "find", &error))?;
    let mut registry =
        Registry { port: 0, pid: std::process::id(), token: token.clone(), state: absolute.clone() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| io_trouble(&place.state, "start a server for", &error))?;
    let served = tokio::task::LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| StateError {
            kind: Trouble::Io,
            message: format!("cannot listen on 127.0.0.1:{port}: {error}"),
        })?;
        let address = listener.local_addr().map_err(|error| io_trouble(&place.state, "serve", &error))?;
        registry.port = address.port();
        registry.write(&place.registry)?;
        let shell = Rc::new(Shell::new(state, clock, token, absolute.clone()));
        ready(&Served { base_url: format!("http://{address}"), account_id, state: absolute.clone() });
        tokio::task::spawn_local(Rc::clone(&shell).keep_delivering());
        let answering = Rc::clone(&shell);
        loopback::serve(listener, LIMITS, move |incoming| Rc::clone(&answering).answer(incoming), stop).await;
        shell.close();
        Ok(())
    });
    // The state stays written down: later commands go on with it.
    registry.port = 0;
    served.and(registry.write(&place.registry))
}

fn token() -> io::Result<String> {
    let (seed, number) =
        (getrandom::u64().map_err(io::Error::other)?, getrandom::u64().map_err(io::Error::other)?);
    Ok(letters("", seed, number, 32))
}

/// Done when the process is asked to end: Ctrl-C, or SIGTERM.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _asked = tokio::signal::ctrl_c().await;
}

/// Throws the account away and begins another; gives its id. Works on a damaged state too. The clock file is the
/// caller's: reset it first.
pub fn reset(place: &Place, clock: Clock) -> Result<String, StateError> {
    let now = instant(&clock)?;
    let (server, path) = place.find()?;
    let fresh = place.fresh().map_err(|error| io_trouble(&path, "draw an account id for", &error))?;
    let body = serde_json::to_string(&fresh).map_err(|error| io_trouble(&path, "reset", &error.into()))?;
    if let Some(server) = server {
        let connection = Connection { port: server.port, state: path, inside: None };
        let (status, text) = connection.call("POST", "/_local/reset", &body)?;
        if status != 200 {
            let message = format!("the local Stripe at {} did not reset: {text}", connection.base_url());
            return Err(StateError { kind: Trouble::Io, message });
        }
        return Ok(fresh.account_id);
    }
    match place.open(&path, &clock) {
        Ok(mut state) => {
            state.apply(&Request::new("POST", "/_local/reset").form(&body), now)?;
        }
        Err(error) if error.kind == Trouble::Corrupt => {
            State::remove(&path)?;
            State::open(&path, now, || Ok(fresh.clone()))?;
        }
        Err(error) => return Err(error),
    }
    Ok(fresh.account_id)
}
