//! Letting time pass. Before each request everything that was due until then happens, in the order of time.

use super::model::Model;
use super::usage;
use super::{biller, event, test_clock, thin};

/// Brings the model up to `now`: what Stripe does by itself.
pub fn run_due(model: &mut Model, now: i64) {
    usage::process(model, now);
    // Before usage is folded: a draft that was due counts what was known by its own instant.
    let moved = test_clock::arrive(model);
    biller::run_due(model, now);
    test_clock::settle(model, &moved, now);
    thin::run_due(model, now);
    model.usage.fold(now);
    model.keys.prune(now);
    event::prune(model, now);
}
