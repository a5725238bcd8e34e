//! Meters: found by their event name, never changed but in name, never deactivated.

use super::{Action, Cause, Change, Field, Kind, Op, Phase, View, field};
use crate::billing::found::MeterFound;
use crate::billing::wanted::WantedMeter;

/// Stripe's default payload key of the customer, the only one that we give meters.
const CUSTOMER_KEY: &str = "stripe_customer_id";
/// Stripe's default payload key of the value, the only one that we give meters.
const VALUE_KEY: &str = "value";

pub(super) fn changes(view: &View<'_>, out: &mut Vec<(Phase, Change)>) {
    for wanted in &view.wanted.meters {
        if let Some(change) = of(wanted, of_event(view, &wanted.event_name)) {
            out.push((Phase::Foundations, change));
        }
    }
}

/// Whether a meter counts as we need it.
pub fn fits(found: &MeterFound) -> bool {
    differences(found).is_empty()
}

/// The meter that has an event name: an active one holds it alone; of inactive ones, one that fits is better than one
/// that does not.
pub(super) fn of_event<'a>(view: &'a View<'_>, event: &str) -> Option<&'a MeterFound> {
    let found = view.snapshot.meters.iter().filter(|meter| meter.event_name == event);
    found.min_by_key(|meter| (!meter.active, !fits(meter), meter.id.clone()))
}

/// What can never be changed of a meter and is not as we need it.
pub(super) fn differences(found: &MeterFound) -> Vec<Field> {
    let rows = [
        ("default_aggregation", found.formula.as_str(), "sum"),
        ("customer_mapping", found.customer_key.as_str(), CUSTOMER_KEY),
        ("value_settings", found.value_key.as_str(), VALUE_KEY),
        ("event_time_window", found.event_time_window.as_deref().unwrap_or("none"), "none"),
    ];
    rows.into_iter()
        .filter(|(_, from, to)| from != to)
        .map(|(name, from, to)| field(name, Some(from.to_owned()), Some(to.to_owned()), Cause::Conflict))
        .collect()
}

fn of(wanted: &WantedMeter, found: Option<&MeterFound>) -> Option<Change> {
    let change = |op, fields, stripe_id: Option<&str>, action, after: &str| Change {
        op,
        kind: Kind::Meter,
        key: format!("meter:{}", wanted.key),
        stripe_id: stripe_id.map(str::to_owned),
        fields,
        subscribers: 0,
        action,
        after: after.to_owned(),
    };
    let Some(found) = found else {
        let fields = vec![field("event_name", None, Some(wanted.event_name.clone()), Cause::Pending)];
        let action = Action::MeterCreate { event_name: wanted.event_name.clone(), name: wanted.name.clone() };
        return Some(change(Op::Create, fields, None, Some(action), ""));
    };
    let differences = differences(found);
    if !differences.is_empty() {
        return Some(change(Op::Conflict, differences, Some(&found.id), None, ""));
    }
    if !found.active {
        let fields = vec![field("status", Some("inactive".into()), Some("active".into()), Cause::Drift)];
        let action = Action::MeterReactivate { id: found.id.clone() };
        return Some(change(Op::Update, fields, Some(&found.id), Some(action), "inactive"));
    }
    if found.display_name != wanted.name {
        let (from, to) = (found.display_name.clone(), wanted.name.clone());
        let fields = vec![field("display_name", Some(from.clone()), Some(to.clone()), Cause::Pending)];
        let action = Action::MeterRename { id: found.id.clone(), name: to };
        return Some(change(Op::Update, fields, Some(&found.id), Some(action), &from));
    }
    None
}
