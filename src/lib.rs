//! paygrade: billing administration from the command line for SaaS products on Stripe.
//!
//! The rooms, in reading order, and what each must never do:
//!
//! - [`billing`]: the rules. Never IO, a clock, randomness, async or a float.
//! - `store`: the SQLite file. The only room with SQL; never talks to Stripe.
//! - `stripe`: the wire. The only room with HTTP to Stripe; never touches the store.
//! - `notify`: the ways out for notices: other HTTP, and mail. Never touches the store.
//! - `flow`: the verbs. Gathers (awaits), lets `billing` decide, commits (writes). Never prints.
//! - `ui`: the face. The only room that prints.
//! - `cli`: the doors. One file a command group: arguments, one call into `flow`, a report. Never a rule.
//! - [`local`]: the local Stripe. Never shares a rule with the code that it judges.
//! - `config`, `env`, `error`, [`loopback`]: settings and the catalog file; clock, ids and streams; errors; an HTTP shell.
//!
//! Arrows point down only: `cli -> {flow, ui, config, env, local}`, `flow -> {store, stripe, notify, env, billing}`,
//! `notify -> env`, `{store, stripe, notify, ui, env, config} -> billing`. The test `tidy` holds them.
#![forbid(unsafe_code)]

pub mod billing;
pub mod cli;
pub mod config;
pub mod env;
pub mod error;
pub mod flow;
pub mod local;
pub mod loopback;
pub mod notify;
pub mod store;
pub mod stripe;
pub mod ui;
