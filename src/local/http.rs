//! The HTTP shell: requests off the wire into the model, answers back, and everything that only time can show:
//! what is in flight, pauses, held requests.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::handle::in_flight_tokens;
use super::load::Load;
use super::state::{State, StateError, Trouble};
use super::webhook::queue::Parcel;
use super::webhook::send;
use super::wire::{Delivery, Request, Response};
use crate::loopback::{Incoming, Manner, Outgoing};

/// Headers that mean something; no other is kept.
const KEPT: &[&str] = &["authorization", "idempotency-key", "stripe-version", "content-type"];
/// Where meter events go.
const METER_EVENTS: &str = "/v1/billing/meter_events";
/// Longest wait of a held request for the next one.
const HOLD: Duration = Duration::from_secs(2);
/// How often a server looks for webhooks to deliver.
const POLL: Duration = Duration::from_millis(100);
/// Nobody has asked for anything this long: time to write the state out.
const QUIET: Duration = Duration::from_millis(150);
/// Every so many looks the clock is read as well.
const CLOCK_EVERY: u32 = 10;
/// Most rounds of deliveries at once: a receiver whose every answer makes new events must not hold a command for ever.
const ROUNDS_MAX: usize = 1_000;
/// Longest pause before an answer, in milliseconds.
const MAX_DELAY_MS: u64 = 600_000;

/// Tells the instant, in unix seconds, or why it cannot.
pub type Clock = Arc<dyn Fn() -> Result<i64, String> + Send + Sync>;

/// Everything that one server has.
pub(super) struct Shell {
    state: RefCell<State>,
    clock: Clock,
    /// What the requests being answered must not share with others.
    in_flight: RefCell<Vec<String>>,
    load: RefCell<Load>,
    /// When a request was last applied.
    last: Cell<Instant>,
    /// One sender of webhooks at a time.
    sending: tokio::sync::Mutex<()>,
    /// Rings when a request was applied.
    applied: tokio::sync::Notify,
    token: String,
    path: PathBuf,
}

impl Shell {
    pub(super) fn new(state: State, clock: Clock, token: String, path: PathBuf) -> Shell {
        Shell {
            state: RefCell::new(state),
            clock,
            in_flight: RefCell::default(),
            load: RefCell::default(),
            last: Cell::new(Instant::now()),
            sending: tokio::sync::Mutex::new(()),
            applied: tokio::sync::Notify::new(),
            token,
            path,
        }
    }

    /// Answers one request off the wire.
    pub(super) async fn answer(self: Rc<Self>, incoming: Incoming) -> Outgoing {
        if incoming.path == "/_local/health" {
            return self.health(&incoming);
        }
        if (incoming.method.as_str(), incoming.path.as_str()) == ("POST", "/_local/deliver") {
            return match self.deliver_now().await {
                Ok(body) => Outgoing { status: 200, body: body.into_bytes(), ..Outgoing::default() },
                Err(error) => refuse(500, &error.message),
            };
        }
        let Some(request) = request(incoming) else {
            return refuse(400, "The request is not UTF-8 text.");
        };
        let tokens = in_flight_tokens(&request);
        let busy = {
            let mut in_flight = self.in_flight.borrow_mut();
            let busy = tokens.iter().filter(|token| in_flight.contains(token)).cloned().collect();
            in_flight.extend(tokens.iter().cloned());
            if request.path == METER_EVENTS {
                let same = |pair: &String| in_flight.iter().filter(|it| *it == pair).count();
                self.load.borrow_mut().begin(Instant::now(), tokens.last().map_or(0, same));
            }
            busy
        };
        let is_meter_event = request.path == METER_EVENTS;
        let _in_flight = InFlight { shell: Rc::clone(&self), tokens, is_meter_event };
        let mut request = Request { busy, ..request };
        let mut applied = self.apply(&request);
        if let Ok((Response { delivery: Delivery::Hold, .. }, _)) = &applied {
            // Enough to let the next one pass; when none comes, this one goes on alone.
            let _next = tokio::time::timeout(HOLD, self.applied.notified()).await;
            request.held = true;
            applied = self.apply(&request);
        }
        let (response, now) = match applied {
            Ok(applied) => applied,
            Err(error) => {
                let status = if error.kind == Trouble::Busy { 503 } else { 500 };
                return refuse(status, &error.message);
            }
        };
        self.applied.notify_waiters();
        let response = if request.path == "/_local/status" { self.with_load(response) } else { response };
        if response.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(response.delay_ms.min(MAX_DELAY_MS))).await;
        }
        outgoing(response, now)
    }

    /// Adds what only this server has seen.
    fn with_load(&self, response: Response) -> Response {
        let mut status = response.json();
        if let Some(status) = status.as_object_mut() {
            status.insert("load".to_owned(), self.load.borrow().shown());
        }
        Response { body: status.to_string(), ..response }
    }

    fn apply(&self, request: &Request) -> Result<(Response, i64), StateError> {
        let now = self.now()?;
        self.last.set(Instant::now());
        let mut state = self.state.borrow_mut();
        let response = state.apply(request, now)?;
        Ok((response, state.model().clock))
    }

    /// Makes all deliveries that are due, also what other processes announced; gives what is still to be made.
    async fn deliver_now(&self) -> Result<String, StateError> {
        let look = Request::new("GET", "/_local/deliveries");
        self.apply(&look)?;
        self.deliver().await?;
        Ok(self.apply(&look)?.0.body)
    }

    /// Writes the state out for good, between requests: while it does, nobody is answered.
    fn settle(&self) {
        if self.in_flight.borrow().is_empty() && self.last.get().elapsed() >= QUIET {
            self.state.borrow_mut().settle();
        }
    }

    /// Writes the state out at the end, so that the next command reads no long journal.
    pub(super) fn close(&self) {
        self.state.borrow_mut().settle();
    }

    /// Makes webhook deliveries until none is due.
    async fn deliver(&self) -> Result<(), StateError> {
        let _alone = self.sending.lock().await;
        for _ in 0..ROUNDS_MAX {
            if !self.is_due(true)? {
                break;
            }
            let claimed = self.own("/_local/deliveries/claim", "")?.json();
            let parcels: Vec<Parcel> = serde_json::from_value(claimed["parcels"].clone()).unwrap_or_default();
            for parcel in parcels {
                self.send(&parcel).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, parcel: &Parcel) -> Result<(), StateError> {
        let mut answer = send::post(parcel).await;
        for _ in 1..parcel.times {
            answer = send::post(parcel).await;
        }
        let outcome = match answer {
            Ok(_) if parcel.deaf => {
                json!({ "number": parcel.number, "why": "its answer was lost, by fault" })
            }
            Ok(status) => json!({ "number": parcel.number, "status": status }),
            Err(why) => json!({ "number": parcel.number, "why": why }),
        };
        self.own("/_local/deliveries/settle", &outcome.to_string()).map(drop)
    }

    /// Makes deliveries as they come due and writes the state out in quiet moments, for as long as it is polled. A clock
    /// that moves by itself is read less often.
    pub(super) async fn keep_delivering(self: Rc<Self>) {
        for round in 0_u32.. {
            tokio::time::sleep(POLL).await;
            self.settle();
            // What cannot be read or written now is tried again: nothing leaves the queue before it is settled.
            if matches!(self.is_due(round % CLOCK_EVERY == 0), Ok(true)) {
                let _tried_again_if_not = self.deliver().await;
            }
        }
    }

    /// A delivery is due by the latest instant seen, or by the clock.
    fn is_due(&self, by_clock: bool) -> Result<bool, StateError> {
        let (waits, due) = {
            let state = self.state.borrow();
            let queue = &state.model().webhooks.queue;
            (!queue.is_empty(), queue.is_due(state.model().clock))
        };
        if due || !waits || !by_clock {
            return Ok(due);
        }
        let now = self.now()?;
        Ok(self.state.borrow().model().webhooks.queue.is_due(now))
    }

    fn own(&self, path: &str, body: &str) -> Result<Response, StateError> {
        Ok(self.apply(&Request::new("POST", path).form(body))?.0)
    }

    fn now(&self) -> Result<i64, StateError> {
        (self.clock)().map_err(|message| StateError { kind: Trouble::Io, message })
    }

    fn health(&self, incoming: &Incoming) -> Outgoing {
        if self.token.is_empty() || incoming.header("x-paygrade-token") != Some(self.token.as_str()) {
            return refuse(401, "Another server than the one that was asked for.");
        }
        let body = json!({ "ok": true, "pid": std::process::id(), "state": self.path });
        Outgoing { status: 200, body: body.to_string().into_bytes(), ..Outgoing::default() }
    }
}

/// Takes a request's tokens back, however it ends.
struct InFlight {
    shell: Rc<Shell>,
    tokens: Vec<String>,
    is_meter_event: bool,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.is_meter_event {
            self.shell.load.borrow_mut().end();
        }
        let mut in_flight = self.shell.in_flight.borrow_mut();
        for token in &self.tokens {
            if let Some(at) = in_flight.iter().position(|known| known == token) {
                in_flight.swap_remove(at);
            }
        }
    }
}

fn request(incoming: Incoming) -> Option<Request> {
    let headers: BTreeMap<String, String> =
        incoming.headers.into_iter().filter(|(name, _)| KEPT.contains(&name.as_str())).collect();
    let request = Request {
        method: incoming.method,
        path: incoming.path,
        query: incoming.query,
        headers,
        body: String::from_utf8(incoming.body).ok()?,
        ..Request::default()
    };
    Some(request.masked())
}

fn refuse(status: u16, message: &str) -> Outgoing {
    let body = json!({ "error": { "type": "api_error", "message": message } });
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    Outgoing { status, headers, body: body.to_string().into_bytes(), manner: Manner::Whole }
}

fn outgoing(response: Response, now: i64) -> Outgoing {
    let manner = match response.delivery {
        Delivery::Whole | Delivery::Hold => Manner::Whole,
        Delivery::HangUp => Manner::HangUp,
        Delivery::Truncate(bytes) => Manner::Cut(bytes),
        Delivery::Slow(ms) => Manner::Slow(ms),
    };
    let mut headers = response.headers;
    headers.push(("Date".to_owned(), http_date(now)));
    Outgoing { status: response.status, headers, body: response.body.into_bytes(), manner }
}

/// An instant as HTTP writes it, e.g. `Thu, 01 Jan 1970 00:00:00 GMT`.
fn http_date(at: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, second) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    // Years that begin in March put the leap day last; eras of 400 years are all alike.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 2, 0) } else { (month - 10, 1) };
    let year = year + era * 400 + carry;
    let pick = |names: &[&'static str], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
    };
    format!(
        "{}, {day_of_month:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        pick(&DAYS, days.rem_euclid(7)),
        pick(&MONTHS, month),
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let rows = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
        ];
        for (at, want) in rows {
            assert_eq!(http_date(at), want);
        }
    }
}
