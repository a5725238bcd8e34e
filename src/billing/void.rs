//! Voiding usage: what a counter-entry does to what was sent.

use super::delivery::State;
use super::span::Exempt;

/// What follows from voiding an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It was not sent: with its counter-entry it nets to 0.
    Nets,
    /// Every event of its delivery is void: the delivery is cancelled at Stripe.
    Cancels,
    /// A delivery below zero takes it back in its window.
    TakesBack,
    /// It was not billed; credits that it cost are given back.
    NotBilled(Exempt),
    /// Nothing: its period is billed already.
    Refused,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Why its usage is not billed, where it is not.
    pub exempt: Option<Exempt>,
    /// The state of the delivery that covers it, and whether an attempt of it may have arrived.
    pub covered: Option<(State, bool)>,
    /// Its period is billed, or too old for Stripe to take anything.
    pub billed: bool,
}

/// What follows from voiding an event in that place. Whether a delivery is cancelled as a whole is decided afterwards, by
/// [`cancels`].
pub fn effect(place: &Place) -> Effect {
    let sent = match place.covered {
        None => false,
        Some((State::Due | State::Late | State::TooLate | State::Rejected, tried)) => tried,
        Some(_) => true,
    };
    match (sent, place.exempt) {
        (true, _) if place.billed => Effect::Refused,
        // What was sent stays sent when its span changes later.
        (true, _) => Effect::TakesBack,
        (false, Some(exempt)) => Effect::NotBilled(exempt),
        (false, None) => Effect::Nets,
    }
}

/// Whether a delivery is cancelled: only where every event that it covers is void. `may_be_cancelled`: Stripe takes it back,
/// and no later delivery stands between its events and their counter-entries.
pub fn cancels(covers: i64, voided: i64, may_be_cancelled: bool) -> bool {
    may_be_cancelled && covers > 0 && voided == covers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_taken_back_and_what_was_not_nets_to_zero() {
        let credits = Some(Exempt::Credits);
        for (exempt, covered, billed, want) in [
            (None, None, false, Effect::Nets),
            (None, None, true, Effect::Nets),
            (None, Some((State::Due, false)), false, Effect::Nets),
            (None, Some((State::Late, false)), true, Effect::Nets),
            (None, Some((State::Rejected, false)), false, Effect::Nets),
            (None, Some((State::Due, true)), false, Effect::TakesBack),
            (None, Some((State::Due, true)), true, Effect::Refused),
            (None, Some((State::Sending, true)), false, Effect::TakesBack),
            (None, Some((State::Unknown, true)), true, Effect::Refused),
            (None, Some((State::Accepted, true)), false, Effect::TakesBack),
            (None, Some((State::Accepted, true)), true, Effect::Refused),
            // Its hour was held at Stripe before this store: covered without a call.
            (None, Some((State::Closed, false)), false, Effect::TakesBack),
            (credits, None, false, Effect::NotBilled(Exempt::Credits)),
            (credits, None, true, Effect::NotBilled(Exempt::Credits)),
            // Billed by another tier when it was sent.
            (credits, Some((State::Accepted, true)), false, Effect::TakesBack),
            (credits, Some((State::Accepted, true)), true, Effect::Refused),
        ] {
            let place = Place { exempt, covered, billed };
            assert_eq!(effect(&place), want, "{place:?}");
        }
    }

    #[test]
    fn a_delivery_is_cancelled_only_as_a_whole() {
        for (covers, voided, may, want) in
            [(3, 3, true, true), (3, 2, true, false), (3, 3, false, false), (0, 0, true, false)]
        {
            assert_eq!(cancels(covers, voided, may), want, "{voided} of {covers}");
        }
    }
}
