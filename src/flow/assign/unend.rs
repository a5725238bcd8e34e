//! How a planned end is taken back, or moved on, in Stripe's words: the preview and the write say the same.

use serde::{Deserialize, Serialize};

use crate::billing::assign::Undo;
use crate::billing::time::Timestamp;
use crate::stripe::{EndChange, Proration, SubscriptionFound};

/// How a planned end is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unend {
    /// It was planned for the end of the period.
    Period,
    /// It was planned for an instant.
    Instant,
    /// It was planned for an instant of a period that began afterwards and was billed for its part.
    Part,
}

impl Unend {
    pub(super) fn change(self) -> EndChange {
        match self {
            Unend::Period => EndChange::NotAtPeriodEnd,
            Unend::Instant | Unend::Part => EndChange::Never,
        }
    }
    /// What was paid for in full is not charged again; the rest of a period that was billed for its part is.
    pub(super) fn proration(self) -> Option<Proration> {
        match self {
            Unend::Period => None,
            Unend::Instant => Some(Proration::None),
            Unend::Part => Some(Proration::NextInvoice),
        }
    }
    /// How what a decision undoes is taken back; `None` where no end is.
    pub(super) fn undone(undo: &Undo, there: Option<&SubscriptionFound>) -> Option<Unend> {
        undo.end.then(|| there.map_or(Unend::Instant, Unend::of))
    }
    /// How an end was planned that now moves to a later instant; `None` where none does.
    pub(super) fn moved(there: Option<&SubscriptionFound>, at: Timestamp) -> Option<Unend> {
        there.filter(|it| it.cancel_at.is_some_and(|was| was < at)).map(Unend::of)
    }
    /// What a planned end does with the period that it lies in. Nothing is credited of what was paid for, and what was
    /// paid for in full is not charged again; more of a period that was billed for its part is.
    pub(super) fn proration_of_end(moved: Option<Unend>, at_period_end: bool) -> Option<Proration> {
        match moved {
            Some(Unend::Part) => Some(Proration::NextInvoice),
            None | Some(Unend::Period) if at_period_end => None,
            _ => Some(Proration::None),
        }
    }
    fn of(found: &SubscriptionFound) -> Unend {
        if found.cancel_at_period_end {
            return Unend::Period;
        }
        let begun = found.items.iter().filter(|it| it.meter.is_none()).map(|it| it.period_start).max();
        match found.canceled_at.zip(begun) {
            Some((planned, begun)) if planned < begun => Unend::Part,
            _ => Unend::Instant,
        }
    }
}
