//! Sending in parallel lanes: settle what came back and claim what goes out in one transaction, then send.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Ask, Courier, LANES_MAX, Outcome, PROBLEMS_MAX, QUEUE_MAX, mark_check, refuse_fenced};
use crate::billing::delivery::{Progress, Reply, next};
use crate::error::{Changed, Error, Kind};
use crate::store::delivery::{Claiming, Note, Queued, Sending};
use crate::store::{CustomerRow, MeterRow};
use crate::stripe::{Api, Failure, MeterEventReply, RefusalKind};

/// Claims tried in one transaction.
const CLAIMS_MAX: usize = 500;
/// Answers that come in within this time share a commit: one for each would cost more than the calls themselves.
const GATHER: Duration = Duration::from_millis(12);

type Pair = (CustomerRow, MeterRow);
type Back = (Sending, Result<MeterEventReply, Failure>);

/// What waits, by customer and meter; of each pair at most one is out. Holds a part of the queue at a time.
#[derive(Default)]
struct Waiting {
    /// Places in the queue and deliveries. A pair that is not out has its first one in `free`.
    of_pair: HashMap<Pair, VecDeque<(u64, i64)>>,
    free: BinaryHeap<Reverse<(u64, i64, Pair)>>,
    out: HashSet<Pair>,
    /// Places given so far.
    places: u64,
    left: usize,
    /// Where the queue goes on; `None` when all of it was taken in.
    more: Option<Queued>,
}

impl Waiting {
    /// Takes in the next part of the queue, nearest deadline first.
    fn add(&mut self, part: &[Queued]) {
        for it in part {
            let line = self.of_pair.entry(it.pair).or_default();
            if line.is_empty() && !self.out.contains(&it.pair) {
                self.free.push(Reverse((self.places, it.delivery, it.pair)));
            }
            line.push_back((self.places, it.delivery));
            self.places += 1;
            self.left += 1;
        }
        self.more = part.last().copied().filter(|_| part.len() == QUEUE_MAX);
    }

    /// Takes in more when little is left.
    fn refill(&mut self, courier: &Courier<'_>, ask: &Ask) -> Result<(), Error> {
        let Some(after) = self.more.filter(|_| self.left < LANES_MAX) else { return Ok(()) };
        let part =
            courier.store.read(|r| r.delivery_queue(ask.customer, ask.meter, Some(&after), QUEUE_MAX))?;
        self.add(&part);
        Ok(())
    }

    /// The delivery with the nearest deadline whose pair has none out. It is out from now on.
    fn take(&mut self) -> Option<(i64, Pair)> {
        let Reverse((_, delivery, pair)) = self.free.pop()?;
        let line = self.of_pair.get_mut(&pair)?;
        line.pop_front();
        if line.is_empty() {
            self.of_pair.remove(&pair);
        }
        self.left -= 1;
        self.out.insert(pair);
        Some((delivery, pair))
    }

    /// A pair has none out any more: its next one may go.
    fn back(&mut self, pair: Pair) {
        self.out.remove(&pair);
        if let Some((place, delivery)) = self.of_pair.get(&pair).and_then(VecDeque::front) {
            self.free.push(Reverse((*place, *delivery, pair)));
        }
    }

    fn is_done(&self) -> bool {
        self.free.is_empty() && self.more.is_none()
    }
}

/// Sends what is queued until it is empty, or until something says stop. Whatever is in flight then is waited for.
pub(super) async fn send(
    courier: &Courier<'_>,
    ask: &Ask,
    queue: Vec<Queued>,
    interrupted: impl Future<Output = Kind>,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    let mut interrupted = std::pin::pin!(interrupted);
    let mut waiting = Waiting::default();
    waiting.add(&queue);
    drop(queue);
    let mut flying: JoinSet<Back> = JoinSet::new();
    let mut left = ask.deliveries_max.unwrap_or(u64::MAX);
    let mut random = fastrand::Rng::with_seed(courier.random);
    let mut back: Vec<Back> = Vec::new();
    mark_check(courier).await.map_err(|error| error.changed(Changed::Recorded))?;
    let mut marked = (Instant::now(), courier.clock.now()?);
    let every_s = i64::try_from(ask.mark_every.as_secs()).unwrap_or(i64::MAX);
    loop {
        // A machine that slept stood still by its monotonic clock, while another store may have taken over.
        let slept = courier.clock.now()?.since(marked.1) >= every_s;
        if outcome.stopped.is_none() && (slept || marked.0.elapsed() >= ask.mark_every) {
            outcome.stopped = mark_check(courier).await.err();
            marked = (Instant::now(), courier.clock.now()?);
        }
        let room = if outcome.stopped.is_some() { 0 } else { LANES_MAX.saturating_sub(flying.len()) };
        let room = room.min(usize::try_from(left).unwrap_or(usize::MAX));
        waiting.refill(courier, ask)?;
        let answered = std::mem::take(&mut back);
        let out = commit(courier, &mut waiting, &answered, room, &mut random, outcome)?;
        for sending in out {
            left -= 1;
            outcome.sent += 1;
            let api = courier.api.clone();
            flying.spawn(async move {
                let answer = call(&api, &sending).await;
                (sending, answer)
            });
        }
        if flying.is_empty() {
            if outcome.stopped.is_some() || left == 0 || waiting.is_done() {
                return Ok(());
            }
            continue;
        }
        tokio::select! {
            biased;
            kind = &mut interrupted, if outcome.stopped.is_none() => outcome.stopped = Some(stopped_by(kind)),
            Some(joined) = flying.join_next() => back.push(landed(joined)?),
        }
        gather(&mut flying, &mut back).await?;
    }
}

/// What else comes in soon. When nothing is out any more there is nothing to wait for.
async fn gather(flying: &mut JoinSet<Back>, back: &mut Vec<Back>) -> Result<(), Error> {
    let until = Instant::now() + GATHER;
    while let Ok(Some(joined)) = tokio::time::timeout_at(until, flying.join_next()).await {
        back.push(landed(joined)?);
    }
    Ok(())
}

fn landed(joined: Result<Back, tokio::task::JoinError>) -> Result<Back, Error> {
    joined.map_err(|error| Error::new(Kind::Bug, "lane", "a call ended without an answer").because(&error))
}

fn stopped_by(kind: Kind) -> Error {
    Error::new(kind, "interrupted", "interrupted: what was in flight was waited for, the rest is still due")
        .changed(Changed::Recorded)
        .hint("run `paygrade meter push` again")
}

async fn call(api: &Api, sending: &Sending) -> Result<MeterEventReply, Failure> {
    let payload = &sending.payload;
    api.meter_event_create(
        &payload.event_name,
        &payload.cus,
        payload.value,
        payload.timestamp,
        &sending.identifier,
        &sending.idempotency_key,
    )
    .await
}

/// One transaction: what came back is settled, and what goes out is claimed. Only when it is durable are the claims
/// handed out to be sent.
fn commit(
    courier: &Courier<'_>,
    waiting: &mut Waiting,
    answered: &[Back],
    room: usize,
    random: &mut fastrand::Rng,
    outcome: &mut Outcome,
) -> Result<Vec<Sending>, Error> {
    let now = courier.clock.now()?;
    let settled: Vec<(&Sending, Progress, Note)> = answered
        .iter()
        .map(|(sending, answer)| {
            let (reply, call_indefinite, note) = reply_of(answer);
            (sending, next(&sending.claimed, reply, call_indefinite, now, random.u64(..)), note)
        })
        .collect();
    for (sending, answer) in answered {
        tally(outcome, sending, answer);
        waiting.back(sending.pair);
    }
    if outcome.stopped.is_none() {
        outcome.stopped = refuse_fenced(courier.store).err();
    }
    // What concerns every call stops the rest; what came back is settled all the same.
    let room = if outcome.stopped.is_some() { 0 } else { room };
    if settled.is_empty() && (room == 0 || waiting.free.is_empty()) {
        return Ok(Vec::new());
    }
    courier.store.write(now, |w| {
        for (sending, progress, note) in &settled {
            w.delivery_settle(sending.delivery, progress, note)?;
        }
        let mut out = Vec::new();
        for _ in 0..CLAIMS_MAX {
            if out.len() >= room {
                break;
            }
            let Some((delivery, pair)) = waiting.take() else { break };
            match w.delivery_claim(delivery)? {
                Claiming::Send(sending) => out.push(*sending),
                Claiming::Gave(_) | Claiming::Wait => waiting.back(pair),
            }
        }
        Ok(out)
    })
}

/// What an answer means for the delivery, whether something before it in the same call may have had an effect, and what
/// is noted.
fn reply_of(answer: &Result<MeterEventReply, Failure>) -> (Reply, bool, Note) {
    let failure = match answer {
        Ok(reply) => {
            let meta = reply.meta();
            let note = Note { error: None, request_id: meta.request_id.clone() };
            let reply = match reply {
                MeterEventReply::Accepted(_) => Reply::Accepted,
                MeterEventReply::AlreadyExists(_) => Reply::AlreadyExists,
            };
            return (reply, meta.earlier_indefinite, note);
        }
        Err(failure) => failure,
    };
    let earlier = failure.meta().is_some_and(|meta| meta.earlier_indefinite);
    let note = Note { error: Some(failure.to_string()), request_id: failure.request_id().map(str::to_owned) };
    let reply = match failure {
        Failure::No(refusal) if refusal.kind.is_before_the_request() => Reply::NothingHappened,
        // A key used with another body cannot be: it is bound to the content. Nothing is concluded from it.
        Failure::No(refusal) if refusal.kind == RefusalKind::KeyMismatch => Reply::Indefinite,
        Failure::No(_) => Reply::Refused,
        Failure::NotSent(_) => Reply::NothingHappened,
        Failure::Indefinite(it) if it.stored => Reply::ServerError(1),
        Failure::Indefinite(_) | Failure::Unreadable(_) | Failure::Integrity(_) => Reply::Indefinite,
    };
    (reply, earlier, note)
}

fn tally(outcome: &mut Outcome, sending: &Sending, answer: &Result<MeterEventReply, Failure>) {
    let failure = match answer {
        Ok(reply) => {
            outcome.accepted += 1;
            outcome.units += sending.payload.value;
            // Refused as known, or the first answer replayed: either way an earlier attempt had arrived.
            let known = matches!(reply, MeterEventReply::AlreadyExists(_)) || reply.meta().replayed;
            outcome.already += i64::from(known);
            return;
        }
        Err(failure) => failure,
    };
    if outcome.problems.len() < PROBLEMS_MAX {
        outcome.problems.push((sending.delivery, failure.to_string()));
    }
    let concerns_all = match failure {
        Failure::NotSent(_) => true,
        Failure::No(it) => {
            matches!(it.kind, RefusalKind::Unauthorized | RefusalKind::Forbidden | RefusalKind::KeyMismatch)
        }
        _ => false,
    };
    if concerns_all && outcome.stopped.is_none() {
        outcome.stopped = Some(Error::from(failure.clone()).changed(Changed::Recorded));
    }
}
