//! Settings and the catalog file: text with positions in, plain checked values out.
//!
//! Every fault of a file is reported at once, each with its place, and an unknown key is always a fault: a misspelt
//! one would silently do nothing. Types go to `billing`; nothing here knows the store, Stripe or a clock. To add a
//! key: its word in the table's list of known keys, its reader beside the others, a row in the tests.

pub mod backup;
pub mod catalog;
pub mod notify;
mod problem;
pub mod reconcile;
pub mod settings;
pub mod start;
pub mod templates;
mod walk;

pub use problem::{Problem, Warning};
