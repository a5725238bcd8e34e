//! Webhooks: events come in by whatever way, are stored as they came, and are handled one after the other.
//!
//! An event says that something changed. What is true now is read from Stripe, and all that follows is committed in one
//! transaction together with the end of the claim: so order, repeats, delays and crashes change nothing.

mod backfill;
mod card;
mod customer;
mod invoice;
mod meter;
mod notice;
pub(in crate::flow) mod pack;
mod process;
mod receive;
mod sight;
mod subscription;

pub use backfill::{Backfilled, backfill};
pub use process::{Ask, LOCK, Processed, process};
pub use receive::{Door, Refused, Taken};
pub(in crate::flow) use subscription::ended as subscription_ended;
