//! `meter push`: forms deliveries, sends them nearest deadline first, and notes what Stripe answered.
//!
//! What holds: one push per store at a time; a claim is durable before its socket opens; one delivery in flight for each
//! customer and meter; whatever happens to this process, the next push finds each delivery where it can go on.

mod lanes;
mod owner;

use std::time::Duration;

pub use owner::{MARK_EVERY, Mark, mark_check, mark_current, mark_product, mark_renew, mark_take};

use super::cancel::{Ended, cancellations_finish};
use crate::billing::delivery::State;
use crate::billing::id::Namespace;
use crate::env::Clock;
use crate::error::{Error, Kind};
use crate::store::delivery::{FormAsk, FormDone, Which};
use crate::store::{CustomerRow, MeterRow, NamedLock, Store};
use crate::stripe::Api;

/// Deliveries out at most. A thousand a second at 80 ms each need 80 in flight, and as many again wait for their turn or
/// for a commit: a turn that nobody waits for, while the disk is slow, is not made up for.
pub const LANES_MAX: usize = 192;
/// Deliveries that are taken into memory at once: nearest deadlines first, then the next ones.
const QUEUE_MAX: usize = 200_000;
/// Deliveries formed in one transaction.
const FORM_BATCH: usize = 2_000;

/// What a push works with.
#[derive(Clone, Copy)]
pub struct Courier<'a> {
    /// The store, open for writing.
    pub store: &'a Store,
    /// Stripe.
    pub api: &'a Api,
    /// The business clock: a push may outlast a deadline.
    pub clock: &'a Clock,
    /// Whose owner mark.
    pub namespace: &'a Namespace,
    /// Any random number, for the waits between runs.
    pub random: u64,
}

/// What is to be pushed.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// Of this customer only.
    pub customer: Option<CustomerRow>,
    /// Of this meter only.
    pub meter: Option<MeterRow>,
    /// Which windows.
    pub which: Which,
    /// Most deliveries to send.
    pub deliveries_max: Option<u64>,
    /// How long Stripe keeps a renewal invoice open for usage, in seconds.
    pub grace_s: i64,
    /// How often the owner mark is read again while sending.
    pub mark_every: Duration,
}

/// What a push did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Deliveries formed.
    pub formed: FormDone,
    /// Deliveries taken back because their span changed before they were sent.
    pub taken_back: i64,
    /// Deliveries taken back at Stripe, as an earlier run had begun to.
    pub cancelled: i64,
    /// Deliveries found in flight of a process that died.
    pub dead: i64,
    /// Attempts made.
    pub sent: i64,
    /// Accepted in this run.
    pub accepted: i64,
    /// Of them, those that Stripe had already.
    pub already: i64,
    /// Units accepted in this run.
    pub units: i64,
    /// What is left in the store afterwards, by state.
    pub left: Vec<(State, i64)>,
    /// When the earliest waiting delivery may go out.
    pub next_attempt: Option<crate::billing::time::Timestamp>,
    /// Why sending stopped before everything was tried.
    pub stopped: Option<Error>,
    /// What went wrong with single deliveries: at most [`PROBLEMS_MAX`].
    pub problems: Vec<(i64, String)>,
}

/// Most single problems that are named.
pub const PROBLEMS_MAX: usize = 20;

impl Outcome {
    /// Deliveries in a state afterwards.
    pub fn left_in(&self, state: State) -> i64 {
        self.left.iter().filter(|(it, _)| *it == state).map(|(_, count)| count).sum()
    }
    /// What the exit code is for: rejected, unknown, late, interrupted, or to be tried later.
    pub fn kind(&self) -> Option<Kind> {
        let mut kinds = Vec::new();
        for (state, kind) in [
            (State::Rejected, Kind::Stripe),
            (State::Unknown, Kind::Unknown),
            (State::Late, Kind::Differences),
            (State::TooLate, Kind::Differences),
        ] {
            if self.left_in(state) > 0 {
                kinds.push(kind);
            }
        }
        kinds.extend(self.stopped.as_ref().map(Error::kind));
        if self.next_attempt.is_some() {
            kinds.push(Kind::Later);
        }
        Kind::worst(kinds)
    }
}

/// Takes the lock of the one push per store.
pub fn lock(store: &Store) -> Result<NamedLock, Error> {
    store.named_lock("push")?.ok_or_else(|| {
        Error::new(Kind::Busy, "push_busy", "another push of this store is running")
            .hint("wait for it, or look with `paygrade meter status`")
    })
}

/// Forms and sends. `interrupted` ends it at a clean point, with the kind that says why.
pub async fn push(
    courier: &Courier<'_>,
    ask: &Ask,
    interrupted: impl Future<Output = Kind>,
) -> Result<Outcome, Error> {
    refuse_fenced(courier.store)?;
    let _lock = lock(courier.store)?;
    let mut outcome = Outcome::default();
    finish_cancellations(courier, &mut outcome).await;
    form(courier, ask, &mut outcome)?;
    let queue = courier.store.read(|r| r.delivery_queue(ask.customer, ask.meter, None, QUEUE_MAX))?;
    outcome.dead = i64::try_from(queue.iter().filter(|it| it.dead).count()).unwrap_or(i64::MAX);
    if !queue.is_empty() {
        lanes::send(courier, ask, queue, interrupted, &mut outcome).await?;
    }
    count_left(courier.store, ask, &mut outcome)?;
    Ok(outcome)
}

/// What an earlier run began to take back at Stripe is decided before its usage is formed anew. Where that cannot be said
/// yet, the rest goes on: what counts twice or not at all meanwhile is made up by what is formed later.
async fn finish_cancellations(courier: &Courier<'_>, outcome: &mut Outcome) {
    match cancellations_finish(courier).await {
        Ok(ended) => {
            for (delivery, ended) in ended {
                match ended {
                    Ended::Done => outcome.cancelled += 1,
                    Ended::Refused(said) => outcome.problems.push((delivery, said)),
                    Ended::Open(error) => outcome.problems.push((delivery, error.to_string())),
                }
            }
        }
        Err(error) => outcome.stopped = Some(error),
    }
}

/// What a push would do, without doing it: windows to be formed and deliveries that wait.
pub fn preview(store: &Store, ask: &Ask, now: crate::billing::time::Timestamp) -> Result<Preview, Error> {
    let (uncovered, waiting) = store.read(|r| {
        let uncovered = r.usage_uncovered(ask.customer, ask.meter, ask.grace_s, now)?;
        Ok::<_, Error>((uncovered, r.delivery_waiting(ask.customer, ask.meter)?))
    })?;
    Ok(Preview { uncovered, waiting })
}

/// What a push would do.
#[derive(Debug)]
pub struct Preview {
    /// Windows that would be formed.
    pub uncovered: Vec<crate::store::delivery::Uncovered>,
    /// Deliveries that wait already.
    pub waiting: i64,
}

fn form(courier: &Courier<'_>, ask: &Ask, outcome: &mut Outcome) -> Result<(), Error> {
    let store = courier.store;
    let form = FormAsk {
        customer: ask.customer,
        meter: ask.meter,
        which: ask.which,
        grace_s: ask.grace_s,
        deliveries_max: FORM_BATCH,
    };
    let now = courier.clock.now()?;
    if !store.read(|r| r.delivery_work_is_there())? {
        // Nothing new since the last time: a push with nothing to do writes nothing.
        return Ok(());
    }
    outcome.taken_back = store.write(now, |w| {
        let taken_back = w.delivery_refresh(ask.grace_s)?;
        w.pair_refresh()?;
        Ok::<_, Error>(taken_back)
    })?;
    let mut after = None;
    loop {
        let done = store.write(courier.clock.now()?, |w| w.delivery_form(&form, after))?;
        let all = &mut outcome.formed;
        all.due += done.due;
        all.closed += done.closed;
        all.opening += done.opening;
        after = done.more_after;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn count_left(store: &Store, ask: &Ask, outcome: &mut Outcome) -> Result<(), Error> {
    let (left, next_attempt) = store.read(|r| r.delivery_left(ask.customer, ask.meter))?;
    outcome.left = left;
    outcome.next_attempt = next_attempt;
    Ok(())
}

/// The store may not send: it took over, or was restored, and has not learnt yet what Stripe holds.
pub(super) fn refuse_fenced(store: &Store) -> Result<(), Error> {
    match store.info()?.fenced {
        None => Ok(()),
        Some(why) => Err(Error::new(
            Kind::Refused,
            "store_fenced",
            format!("this store may send nothing to Stripe yet: {why}"),
        )
        .hint(
            "run `paygrade store recover`: it reads what Stripe holds already, so that nothing is sent twice",
        )),
    }
}
