//! The local Stripe.
