//! Letting time pass. Before each request everything that was due until then happens, in the order of time.

use super::model::Model;
use super::usage;
use super::{biller, event, thin};

/// Brings the model up to `now`: what Stripe does by itself.
pub fn run_due(model: &mut Model, now: i64) {
    usage::process(model, now);
    // Before usage is folded: a draft that was due counts what was known by its own instant.
    biller::run_due(model, now);
    thin::run_due(model, now);
    model.usage.fold(now);
    model.keys.prune(now);
    event::prune(model, now);
}
