//! paygrade: billing administration from the command line for SaaS products on Stripe.
#![forbid(unsafe_code)]

pub mod local;
pub mod loopback;
