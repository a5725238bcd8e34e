//! Pace and breaker: never faster than Stripe allows, and no hammering on a Stripe that does not answer.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::key::Mode;

/// Calls per second with a test key (Stripe: docs, rate limits, sandbox).
const TEST_PER_S: u32 = 25;
/// Calls per second with a live key (Stripe: docs, rate limits).
const LIVE_PER_S: u32 = 100;
/// Meter events per second with a live key, counted apart from the rest (Stripe: docs, rate limits).
const LIVE_METER_EVENTS_PER_S: u32 = 1_000;
/// A second's calls are spread over a little more: on the way they wait for each other and arrive closer together than
/// they left, and Stripe counts arrivals.
const SECOND: Duration = Duration::from_millis(1_020);
/// Indefinite outcomes in a row that open the breaker.
pub(super) const BREAKER_AFTER: u32 = 5;

/// Calls a second that Stripe takes with a test key or a live one, meter events apart.
pub fn calls_per_s(live: bool) -> u32 {
    if live { LIVE_PER_S } else { TEST_PER_S }
}

/// Which of Stripe's limits a call counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Everything else.
    Basic,
    /// Meter events with a live key.
    MeterEvents,
}

/// When the next call of each lane may leave. Measured on the monotonic clock.
#[derive(Debug)]
pub(super) struct Pace {
    basic: Option<Slots>,
    meter_events: Option<Slots>,
    own: Option<Slots>,
}

#[derive(Debug)]
struct Slots {
    apart: Duration,
    next: Mutex<Option<Instant>>,
}

impl Slots {
    fn per_second(calls: u32) -> Slots {
        Slots { apart: SECOND / calls, next: Mutex::new(None) }
    }
    fn take(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let slot = next.map_or(now, |at| at.max(now));
        *next = Some(slot + self.apart);
        slot
    }
    fn push_back(&self, until: Instant) {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *next = Some(next.map_or(until, |at| at.max(until)));
    }
}

impl Pace {
    /// The pace of a mode at Stripe; the local Stripe has no limit. `own`: meter events a second that this run keeps to
    /// besides, to leave room for others.
    pub(super) fn new(mode: Mode, at_stripe: bool, own: Option<u32>) -> Pace {
        let (basic, meter_events) = match (at_stripe, mode) {
            (false, _) => (None, None),
            (true, Mode::Test) => (Some(TEST_PER_S), None),
            (true, Mode::Live) => (Some(LIVE_PER_S), Some(LIVE_METER_EVENTS_PER_S)),
        };
        let slots = |calls: Option<u32>| calls.map(Slots::per_second);
        Pace { basic: slots(basic), meter_events: slots(meter_events), own: slots(own) }
    }
    fn slots(&self, lane: Lane) -> Option<&Slots> {
        match lane {
            Lane::MeterEvents => self.meter_events.as_ref().or(self.basic.as_ref()),
            Lane::Basic => self.basic.as_ref(),
        }
    }
    /// Takes the lane's next slot: the instant at which the call may leave.
    pub(super) fn take(&self, lane: Lane, now: Instant) -> Instant {
        let slot = self.slots(lane).map_or(now, |slots| slots.take(now));
        let own = self.own.as_ref().filter(|_| lane == Lane::MeterEvents);
        own.map_or(slot, |own| own.take(slot))
    }
    /// Stripe said 429: nothing of the lane leaves before `until`.
    pub(super) fn push_back(&self, lane: Lane, until: Instant) {
        if let Some(slots) = self.slots(lane) {
            slots.push_back(until);
        }
    }
}

/// Counts outcomes that are not known; opens for the rest of the run after [`BREAKER_AFTER`] in a row.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    in_a_row: Mutex<u32>,
}

impl Breaker {
    /// Notes one attempt's outcome.
    pub(super) fn note(&self, indefinite: bool) {
        let mut in_a_row = self.in_a_row.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Once open it stays open: a straggler's good answer does not restart a run that was told to end.
        if *in_a_row < BREAKER_AFTER {
            *in_a_row = if indefinite { *in_a_row + 1 } else { 0 };
        }
    }
    /// Whether nothing may be sent any more.
    pub(super) fn is_open(&self) -> bool {
        *self.in_a_row.lock().unwrap_or_else(std::sync::PoisonError::into_inner) >= BREAKER_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_lie_apart() {
        let pace = Pace::new(Mode::Test, true, None);
        let now = Instant::now();
        let first = pace.take(Lane::Basic, now);
        let slots: Vec<_> = (0..25).map(|_| pace.take(Lane::Basic, now)).collect();
        assert_eq!(first, now);
        assert_eq!(slots[24], now + SECOND, "the 26th call leaves more than one second later");
        pace.push_back(Lane::Basic, now + Duration::from_secs(9));
        assert_eq!(
            pace.take(Lane::MeterEvents, now),
            now + Duration::from_secs(9),
            "test keys have one lane"
        );
    }

    #[test]
    fn meter_events_have_their_own_lane_when_live() {
        let pace = Pace::new(Mode::Live, true, None);
        let now = Instant::now();
        pace.push_back(Lane::Basic, now + Duration::from_secs(9));
        assert_eq!(pace.take(Lane::MeterEvents, now), now);
        assert_eq!(Pace::new(Mode::Test, false, None).take(Lane::Basic, now), now, "local has no limit");
    }

    #[test]
    fn a_pace_of_ones_own_comes_on_top_of_the_limit() {
        let now = Instant::now();
        let last = |pace: &Pace, lane, calls: u32| {
            let leave = (0..calls).map(|_| pace.take(lane, now)).last().unwrap();
            leave.duration_since(now)
        };
        let slow = Pace::new(Mode::Live, true, Some(10));
        assert_eq!(last(&slow, Lane::MeterEvents, 11), SECOND);
        assert_eq!(last(&slow, Lane::Basic, 101), SECOND, "it is for meter events alone");
        let fast = Pace::new(Mode::Test, true, Some(1_000));
        assert_eq!(last(&fast, Lane::MeterEvents, 26), SECOND, "the limit holds all the same");
        let local = Pace::new(Mode::Test, false, Some(1_000));
        assert_eq!(last(&local, Lane::MeterEvents, 1_001), SECOND);
    }

    #[test]
    fn the_breaker_opens_after_five_in_a_row() {
        for (outcomes, open) in
            [("xxxx", false), ("xxxx.x", false), ("xxxxx", true), ("xxxxx.", true), ("x.x.x.x.x", false)]
        {
            let breaker = Breaker::default();
            outcomes.chars().for_each(|it| breaker.note(it == 'x'));
            assert_eq!(breaker.is_open(), open, "{outcomes}");
        }
    }
}
