//! The local Stripe: our own stand-in for Stripe's API, with state, on loopback.
//!
//! [`handle`] is pure: a model, a request and an instant give an answer and the next model. Around it stand a
//! journal (`journal`), so that nothing answered is ever lost, and a thin HTTP shell (`http`).
//! The room shares no rule with `billing`, so that each can prove the other wrong; of the crate it knows only
//! `loopback`.
//!
//! For commands: [`connect`] finds the server that [`serve`] runs elsewhere, or brings one along for as long as the
//! [`Connection`] lives; its `base_url` is what the client talks to, and its `call` reaches the room's own paths:
//!
//! | path | what it does |
//! |---|---|
//! | `GET /_local/status` | account, clock, settings, counts of objects, calls by route, faults left; of a server also how hard meter events came in |
//! | `POST /_local/settings` | JSON with any of the fields of [`Settings`] |
//! | `GET`, `POST`, `DELETE /_local/faults` | lists, installs (one [`fault::Fault`] as JSON, or an array), clears |
//! | `GET /_local/deliveries` | webhook deliveries that are still to be made |
//! | `POST /_local/deliveries/claim`, `/settle`, `/resend` | what a sender asks and tells; resends an event |
//! | `POST /_local/deliver` | of a server: makes every delivery that is due, and says what came of them |
//! | `GET /_local/error_reports` | why accepted meter events were not counted |
//! | `GET /_local/health` | of a server only, with its token |
//!
//! [`reset`] begins another account. Business time is the caller's: each request asks the [`Clock`] it was given,
//! and everything that was due by then happens first, so to advance is to move that clock and ask for the status.
//!
//! To add an object: a file with its typed struct, `render` and handlers; a [`Table`] in [`Model`]; a line per
//! route in `routes`; its expandable fields in `expand`. A handler reads every parameter and calls
//! `Params::finish` before its first change, and changes nothing once it can still fail. Every change is
//! announced by [`Call::emit`] or [`Call::emit_update`]. What happens by itself, later, hangs on [`time::run_due`].

mod account;
mod admin;
mod auth;
pub mod biller;
mod calendar;
pub mod decimal;
pub mod error;
mod event;
mod expand;
pub mod fault;
mod feature;
pub mod form;
mod handle;
mod http;
mod idempotency;
mod list;
mod load;
mod meter;
mod meter_event;
mod meter_event_v2;
pub mod meter_summary;
mod model;
mod price;
mod product;
mod rating;
mod routes;
mod server;
mod settings;
mod state;
mod test_clock;
#[cfg(test)]
mod tests;
mod thin;
pub mod time;
mod usage;
pub mod webhook;
mod wire;

pub use handle::{handle, in_flight_tokens};
pub use http::Clock;
pub use model::{Model, Row, Table};
pub use server::{Connection, Place, Served, connect, interrupted, reset, serve};
pub use settings::Settings;
pub use state::{Fresh, State, StateError, Trouble};
pub use wire::{Delivery, Request, Response};

/// The API version this room speaks; later releases of the same name are taken for it.
pub const API_VERSION: &str = "2026-09-30.endive";

/// One request being executed, or one thing that Stripe does by itself (then without request and key).
pub struct Call<'a> {
    /// All state.
    pub model: &'a mut Model,
    /// Unix seconds.
    pub now: i64,
    /// `req_…`
    pub request_id: Option<String>,
    /// The request's Idempotency-Key.
    pub key: Option<String>,
    /// A fault wants this meter event accepted and then lost.
    pub lose: bool,
}
