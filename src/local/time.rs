//! Letting time pass. Before each request everything that was due until then happens, in the order of time.

use super::event;
use super::model::Model;
use super::usage;

/// Brings the model up to `now`: what Stripe does by itself.
pub fn run_due(model: &mut Model, now: i64) {
    usage::process(model, now);
    model.usage.fold(now);
    model.keys.prune(now);
    event::prune(model, now);
}
