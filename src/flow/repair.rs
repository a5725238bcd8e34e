//! `repair`: five finders, one fixer. Findings become a plan with its money; what was shown is done, and nothing else.
//!
//! What holds: the plan is made by looks at both sides, and made again before anything is written: where the world moved
//! in between nothing is done. What is done here first is recorded, so that a killed run is finished by the next one, and
//! a second run writes nothing.

mod correct;
mod in_time;
mod other;
mod usage;

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Desk;
use super::compare::{self, Step as TierStep};
use super::customer::customer_required;
use super::push::{self, Courier, MARK_EVERY};
use crate::billing::compare::Subject;
use crate::billing::delivery::State;
use crate::billing::id::CustomerId;
use crate::billing::money::Money;
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::flow::push::refuse_fenced;
use crate::store::delivery::Which;
use crate::store::state_finding::StateFinding;
use crate::store::{CustomerRow, MeterRow, Reader};

/// What is to be repaired.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// These findings; none: all that are open and not acknowledged, and the webhooks that were given up.
    pub findings: Vec<i64>,
    /// Of this customer alone.
    pub customer: Option<CustomerId>,
    /// Corrections in money too: usage that is billed in another period, and items on invoices.
    pub correct: bool,
    /// How long Stripe may take to count, in seconds.
    pub settle_s: i64,
}

/// A step as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The finding, where there is one.
    pub finding: Option<i64>,
    /// The customer's own id.
    pub customer: Option<String>,
    /// The meter's key.
    pub meter: Option<String>,
    /// What is done, in one word.
    pub action: &'static str,
    /// Units that Stripe counts more (or, below zero, less) then.
    pub quantity: Option<i64>,
    /// What the customer's bill changes by.
    pub amount: Option<Money>,
    /// What follows.
    pub effect: Option<String>,
    /// Until when it can be done so.
    pub deadline: Option<Timestamp>,
    /// Why nothing is done.
    pub refused: Option<String>,
}

/// What is to be done about one finding.
#[derive(Debug)]
pub struct Step {
    /// As it is shown.
    pub shown: Shown,
    /// What it rests on: another basis is another plan.
    basis: String,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Nothing,
    Tiers(Box<TierStep>),
    Usage(Box<usage::Job>),
    Other(other::Job),
}

impl Step {
    /// Whether something is to be done.
    pub fn is_to_do(&self) -> bool {
        !matches!(self.work, Work::Nothing)
    }
    fn refused(shown: Shown, why: String) -> Step {
        Step {
            shown: Shown { action: "none", effect: None, refused: Some(why), ..shown },
            basis: String::new(),
            work: Work::Nothing,
        }
    }
    fn mended(shown: Shown, effect: &str) -> Step {
        let shown =
            Shown { action: "none", effect: Some(effect.to_owned()), quantity: None, amount: None, ..shown };
        Step { shown, basis: String::new(), work: Work::Nothing }
    }
    /// It was not done after all.
    fn left(mut self, why: String) -> Step {
        (self.shown.action, self.shown.effect, self.shown.refused) = ("none", None, Some(why));
        self.work = Work::Nothing;
        self
    }
}

/// What applying a plan came to.
#[derive(Debug, Default)]
pub struct Done {
    /// The steps as they went.
    pub steps: Vec<Step>,
    /// Deliveries that Stripe accepted for them.
    pub accepted: i64,
    /// Deliveries of the same customers and meters that it did not, by state.
    pub left: Vec<(State, i64)>,
    /// What the pushes ended with, where that is no success.
    pub kind: Option<Kind>,
    /// What went wrong with single deliveries.
    pub problems: Vec<(i64, String)>,
}

/// What would be done. Reads only.
pub async fn plan(desk: &Desk<'_>, ask: &Ask) -> Result<Vec<Step>, Error> {
    let (chosen, customer) = desk.store.read(|r| chosen(r, ask))?;
    let mut steps = Vec::new();
    let tiers: Vec<i64> = chosen.iter().filter_map(Chosen::tiers).collect();
    let mut of_tiers = Vec::new();
    if !tiers.is_empty() {
        let ask = compare::RepairAsk { findings: tiers, customer: None };
        of_tiers = compare::repair_plan(desk, &ask).await?;
    }
    for it in chosen {
        steps.push(match it {
            Chosen::Usage(finding) => usage::plan(desk, ask, finding).await?,
            Chosen::State(it) if it.new.subject == Subject::Tiers => {
                let Some(place) = of_tiers.iter().position(|step| step.finding == it.finding) else {
                    continue;
                };
                of_tier(of_tiers.swap_remove(place))
            }
            Chosen::State(it) => other::plan(desk, &it).await?,
        });
    }
    if ask.findings.is_empty() {
        steps.extend(other::webhooks(desk, customer)?);
    }
    Ok(steps)
}

fn of_tier(step: TierStep) -> Step {
    let shown = Shown {
        finding: Some(step.finding),
        customer: step.customer.clone(),
        action: step.action,
        effect: step.effect.clone(),
        refused: step.refused.clone(),
        ..Shown::default()
    };
    let basis = format!("{:?} {:?}", step.action, step.effect);
    let work = if step.is_to_do() { Work::Tiers(Box::new(step)) } else { Work::Nothing };
    Step { shown, basis, work }
}

/// What a plan is known by: another look that leads to the same has the same.
pub fn fingerprint(steps: &[Step]) -> String {
    let mut hash = Sha256::new();
    for it in steps.iter().filter(|it| it.is_to_do()) {
        hash.update(format!("{:?}\n{}\n", it.shown, it.basis).as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses where a fresh look leads to another plan.
pub fn check(steps: &[Step], shown: &str) -> Result<(), Error> {
    if fingerprint(steps) == shown {
        return Ok(());
    }
    Err(Error::new(
        Kind::Refused,
        "plan_moved",
        "something has changed since the plan was made: nothing was done",
    )
    .hint("look again with `paygrade repair -n`"))
}

enum Chosen {
    State(Box<StateFinding>),
    Usage(i64),
}

impl Chosen {
    fn number(&self) -> i64 {
        match self {
            Chosen::State(it) => it.finding,
            Chosen::Usage(number) => *number,
        }
    }
    fn tiers(&self) -> Option<i64> {
        match self {
            Chosen::State(it) if it.new.subject == Subject::Tiers => Some(it.finding),
            _ => None,
        }
    }
}

fn chosen(r: &Reader<'_>, ask: &Ask) -> Result<(Vec<Chosen>, Option<CustomerRow>), Error> {
    let customer = match &ask.customer {
        Some(id) => Some(customer_required(r, id)?.row),
        None => None,
    };
    if ask.findings.is_empty() {
        let open = r.state_findings_open(customer)?.into_iter().filter(|it| it.ack.is_none());
        let mut all: Vec<Chosen> = open.map(|it| Chosen::State(Box::new(it))).collect();
        all.extend(r.findings_open(customer)?.into_iter().map(Chosen::Usage));
        all.sort_by_key(Chosen::number);
        return Ok((all, customer));
    }
    let one = |number: &i64| {
        if let Some(found) = r.state_finding_get(*number)? {
            return Ok(Chosen::State(Box::new(found)));
        }
        if r.finding_get(*number)?.is_some() {
            return Ok(Chosen::Usage(*number));
        }
        Err(Error::new(Kind::BadInput, "unknown_finding", format!("there is no finding {number}"))
            .hint("`paygrade reconcile all` shows those that are open"))
    };
    let mut numbers = ask.findings.clone();
    numbers.sort_unstable();
    numbers.dedup();
    Ok((numbers.iter().map(one).collect::<Result<_, Error>>()?, customer))
}

/// Does what was shown. What moved meanwhile is left, and said.
pub async fn apply(desk: &Desk<'_>, steps: Vec<Step>) -> Result<Done, Error> {
    refuse_fenced(desk.store)?;
    let mut done = Done::default();
    let mut pairs: BTreeSet<(CustomerRow, MeterRow)> = BTreeSet::new();
    let mut wrote = false;
    for step in steps {
        let Step { shown, basis, work } = step;
        let (why, work) = match one(desk, work, &mut pairs).await {
            Ok(ended) => ended,
            Err(error) if wrote => return Err(error.changed(Changed::Partial)),
            Err(error) => return Err(error),
        };
        wrote |= why.is_none();
        let step = Step { shown, basis, work };
        done.steps.push(match why {
            Some(why) => step.left(why),
            None => step,
        });
    }
    for (customer, meter) in pairs {
        send(desk, customer, meter, &mut done).await.map_err(|error| error.changed(Changed::Partial))?;
    }
    Ok(done)
}

/// Does one step; why not, where it was not done.
async fn one(
    desk: &Desk<'_>,
    work: Work,
    pairs: &mut BTreeSet<(CustomerRow, MeterRow)>,
) -> Result<(Option<String>, Work), Error> {
    desk.api.run_anew();
    Ok(match work {
        Work::Nothing => (None, work),
        Work::Tiers(step) => {
            let ended = compare::repair_apply(desk, vec![*step.clone()]).await?;
            (ended.into_iter().next().and_then(|it| it.refused), Work::Tiers(step))
        }
        Work::Usage(job) => {
            let why = usage::apply(desk, &job).await?;
            if why.is_none() {
                pairs.extend(job.sends());
            }
            (why, Work::Usage(job))
        }
        Work::Other(job) => (other::apply(desk, &job).await?, Work::Other(job)),
    })
}

/// Sends what is due of one customer and meter, and nothing else.
async fn send(desk: &Desk<'_>, customer: CustomerRow, meter: MeterRow, done: &mut Done) -> Result<(), Error> {
    desk.api.run_anew();
    let ask = push::Ask {
        customer: Some(customer),
        meter: Some(meter),
        which: Which::All,
        deliveries_max: None,
        grace_s: desk.manner.grace_s,
        mark_every: MARK_EVERY,
    };
    let outcome = push::push(&courier(desk), &ask, std::future::pending()).await?;
    done.accepted += outcome.accepted;
    let open = [State::Due, State::Sending, State::Rejected, State::Unknown, State::Late, State::TooLate];
    for state in open {
        let count = outcome.left_in(state);
        match done.left.iter_mut().find(|(it, _)| *it == state) {
            Some((_, sum)) => *sum += count,
            None if count > 0 => done.left.push((state, count)),
            None => {}
        }
    }
    done.kind = Kind::worst([done.kind, outcome.kind()].into_iter().flatten());
    done.problems.extend(outcome.problems);
    Ok(())
}

fn courier<'a>(desk: &Desk<'a>) -> Courier<'a> {
    Courier {
        store: desk.store,
        api: desk.api,
        clock: desk.clock,
        namespace: desk.namespace,
        random: desk.random,
    }
}
