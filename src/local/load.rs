//! How hard meter events come in, as the answering server sees it: what a limit of Stripe's would judge. Measured in
//! real time, by one server, since it began; not part of the account, and not in its journal.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The window in which calls are counted.
const SECOND: Duration = Duration::from_secs(1);

/// Most that there ever was at once.
#[derive(Debug, Default)]
pub(super) struct Load {
    in_flight: u64,
    in_flight_most: u64,
    pair_most: u64,
    recent: VecDeque<Instant>,
    per_second_most: u64,
}

impl Load {
    /// A meter event has come; so many of its customer and meter are in flight with it.
    pub(super) fn begin(&mut self, now: Instant, of_its_pair: usize) {
        self.in_flight += 1;
        self.in_flight_most = self.in_flight_most.max(self.in_flight);
        self.pair_most = self.pair_most.max(of_its_pair as u64);
        while self.recent.front().is_some_and(|first| now.duration_since(*first) >= SECOND) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        self.per_second_most = self.per_second_most.max(self.recent.len() as u64);
    }

    /// Its answer has gone.
    pub(super) fn end(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    pub(super) fn shown(&self) -> Value {
        json!({
            "in_flight_most": self.in_flight_most,
            "pair_most": self.pair_most,
            "per_second_most": self.per_second_most,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_kept() {
        let mut load = Load::default();
        let start = Instant::now();
        for ms in [0, 400, 800] {
            load.begin(start + Duration::from_millis(ms), 1);
        }
        load.end();
        // The first three are a second ago or longer.
        load.begin(start + Duration::from_millis(1_800), 2);
        let shown = load.shown();
        assert_eq!(shown["in_flight_most"], 3);
        assert_eq!(shown["pair_most"], 2);
        assert_eq!(shown["per_second_most"], 3);
    }
}
