//! When a call may leave, and why it may not.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::{Outgoing, Transport};
use crate::stripe::answer::{NotSent, NotSentCause};

impl Transport {
    /// The run's deadline; the run begins with its first call.
    pub(super) fn deadline(&self, now: Instant) -> Instant {
        let mut deadline = self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        *deadline.get_or_insert(now + self.0.connection.limits.run_deadline)
    }

    /// Waits until the call may leave: the pause before it is tried again, then its turn.
    pub(super) async fn depart(
        &self,
        outgoing: &Outgoing,
        pause: Duration,
        deadline: Instant,
    ) -> Result<(), NotSent> {
        let stop = |leave: Instant| self.stop(outgoing, leave, deadline).map_or(Ok(()), Err);
        let from = Instant::now() + pause;
        stop(from)?;
        tokio::time::sleep_until(from).await;
        let Ok(turn) = tokio::time::timeout_at(deadline, self.0.pace.turn(outgoing.lane)).await else {
            return stop(deadline);
        };
        loop {
            let now = Instant::now();
            let at = turn.at(now);
            stop(at)?;
            if at <= now {
                turn.leave(now);
                return Ok(());
            }
            tokio::time::sleep_until(at).await;
        }
    }

    fn stop(&self, outgoing: &Outgoing, leave: Instant, deadline: Instant) -> Option<NotSent> {
        let limits = &self.0.connection.limits;
        let writes = self.0.writes.load(Ordering::Relaxed);
        let (cause, message) = if self.0.breaker.is_open() {
            (
                NotSentCause::Breaker,
                "Stripe left too many calls in a row without a definite answer".to_owned(),
            )
        } else if leave >= deadline {
            (NotSentCause::Deadline, format!("the run's {} seconds are over", limits.run_deadline.as_secs()))
        } else if !outgoing.is_read() && limits.writes_max.is_some_and(|max| writes >= max) {
            (NotSentCause::Budget, format!("the run's {writes} writes are used up"))
        } else {
            return None;
        };
        Some(NotSent { cause, message })
    }
}
