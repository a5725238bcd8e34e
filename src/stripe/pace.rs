//! Pace and breaker: never faster than Stripe allows, and no hammering on a Stripe that does not answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
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

/// How far behind the pace may be made up for, so that a timer's grain costs nothing. What a longer stop leaves is lost:
/// else all that waited would leave at once, more in one second than Stripe takes.
const BEHIND_MAX: Duration = Duration::from_millis(10);

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
    /// Held by the call that leaves next: they leave in the order in which they came.
    turn: tokio::sync::Mutex<()>,
}

impl Slots {
    fn per_second(calls: u32) -> Slots {
        Slots { apart: SECOND / calls, next: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }
    fn next(&self) -> MutexGuard<'_, Option<Instant>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn leave(&self, now: Instant) {
        let mut next = self.next();
        let due = next.map_or(now, |at| at.max(now.checked_sub(BEHIND_MAX).unwrap_or(at)));
        *next = Some(due + self.apart);
    }
    fn push_back(&self, until: Instant) {
        let mut next = self.next();
        *next = Some(next.map_or(until, |at| at.max(until)));
    }
}

/// The right to leave next, as far as the pace goes. Whoever drops it has not left.
#[derive(Debug)]
pub(super) struct Turn<'p> {
    slots: [Option<&'p Slots>; 2],
    _turns: [Option<tokio::sync::MutexGuard<'p, ()>>; 2],
}

impl Turn<'_> {
    /// When the call may leave.
    pub(super) fn at(&self, now: Instant) -> Instant {
        let slots = self.slots.into_iter().flatten();
        slots.filter_map(|it| *it.next()).fold(now, Instant::max)
    }
    /// It leaves now.
    pub(super) fn leave(self, now: Instant) {
        self.slots.into_iter().flatten().for_each(|it| it.leave(now));
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
    /// Waits until the call is the next of its lane.
    pub(super) async fn turn(&self, lane: Lane) -> Turn<'_> {
        let own = self.own.as_ref().filter(|_| lane == Lane::MeterEvents);
        let slots = [self.slots(lane), own];
        let mut turns = [None, None];
        for (turn, slots) in turns.iter_mut().zip(slots) {
            if let Some(slots) = slots {
                *turn = Some(slots.turn.lock().await);
            }
        }
        Turn { slots, _turns: turns }
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
        let mut in_a_row = self.in_a_row.lock().unwrap_or_else(PoisonError::into_inner);
        // Once open it stays open: a straggler's good answer does not restart a run that was told to end.
        if *in_a_row < BREAKER_AFTER {
            *in_a_row = if indefinite { *in_a_row + 1 } else { 0 };
        }
    }
    /// Whether nothing may be sent any more.
    pub(super) fn is_open(&self) -> bool {
        *self.in_a_row.lock().unwrap_or_else(PoisonError::into_inner) >= BREAKER_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets a call leave as soon as it may: when.
    async fn take(pace: &Pace, lane: Lane, now: Instant) -> Instant {
        let turn = pace.turn(lane).await;
        let at = turn.at(now);
        turn.leave(at);
        at
    }

    #[tokio::test]
    async fn slots_lie_apart() {
        let pace = Pace::new(Mode::Test, true, None);
        let now = Instant::now();
        let mut slots = Vec::new();
        for _ in 0..26 {
            slots.push(take(&pace, Lane::Basic, now).await);
        }
        assert_eq!(slots[0], now);
        assert_eq!(slots[25], now + SECOND, "the 26th call leaves more than one second later");
        pace.push_back(Lane::Basic, now + Duration::from_secs(9));
        let later = take(&pace, Lane::MeterEvents, now).await;
        assert_eq!(later, now + Duration::from_secs(9), "test keys have one lane");
    }

    /// The program stood still for a while, and many calls wait: no second has more of them than the limit.
    #[tokio::test]
    async fn nothing_but_a_moment_is_made_up_for() {
        let pace = Pace::new(Mode::Live, true, None);
        let start = Instant::now();
        let mut left: Vec<Instant> = Vec::new();
        let mut now = start;
        for call in 0..3_000_u32 {
            // Every 300 calls it stops for 150 ms; timers wake at whole milliseconds.
            now += Duration::from_millis(if call % 300 == 299 { 150 } else { 0 });
            let turn = pace.turn(Lane::MeterEvents).await;
            let at = turn.at(now);
            if at > now {
                let ms = at.duration_since(start).as_millis() + 1;
                now = start + Duration::from_millis(u64::try_from(ms).unwrap());
            }
            turn.leave(now);
            left.push(now);
        }
        let second = Duration::from_secs(1);
        let most = (0..left.len()).map(|first| {
            left[first..].iter().take_while(|it| it.duration_since(left[first]) < second).count()
        });
        assert!(most.max().unwrap() <= 1_000);
        let whole = left[2_999].duration_since(start);
        assert!(
            whole < SECOND * 3 + Duration::from_millis(10 * 150),
            "{whole:?}: it makes up for what timers cost"
        );
    }

    #[tokio::test]
    async fn meter_events_have_their_own_lane_when_live() {
        let pace = Pace::new(Mode::Live, true, None);
        let now = Instant::now();
        pace.push_back(Lane::Basic, now + Duration::from_secs(9));
        assert_eq!(take(&pace, Lane::MeterEvents, now).await, now);
        let local = Pace::new(Mode::Test, false, None);
        for _ in 0..2 {
            assert_eq!(take(&local, Lane::Basic, now).await, now, "local has no limit");
        }
    }

    #[tokio::test]
    async fn a_pace_of_ones_own_comes_on_top_of_the_limit() {
        for (mode, at_stripe, own, lane, calls, why) in [
            (Mode::Live, true, 10, Lane::MeterEvents, 11, "its own pace"),
            (Mode::Live, true, 10, Lane::Basic, 101, "it is for meter events alone"),
            (Mode::Test, true, 1_000, Lane::MeterEvents, 26, "the limit holds all the same"),
            (Mode::Test, false, 1_000, Lane::MeterEvents, 1_001, "also at the local Stripe"),
        ] {
            let (pace, now) = (Pace::new(mode, at_stripe, Some(own)), Instant::now());
            let mut last = now;
            for _ in 0..calls {
                last = take(&pace, lane, now).await;
            }
            assert_eq!(last.duration_since(now), SECOND, "{why}");
        }
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
