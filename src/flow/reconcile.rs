//! `reconcile`: what our deliveries say against what Stripe counted, and our deliveries against the recorded usage.
//!
//! Half (a) asks Stripe for one sum for each customer x meter x period that has changed since the last match, and looks
//! closer, by day and then by hour, only where it differs. Half (b) needs the store alone. Nothing is repaired here.

mod look;
mod own;

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use crate::billing::reconcile::{Class, Ours, Range, Tolerance};
use crate::billing::time::{DAY_S, Timestamp};
use crate::env::Clock;
use crate::error::{Changed, Error, Kind};
use crate::store::finding::{Finding, NewFinding, RunDone};
use crate::store::reconcile::{PairPeriod, Scope};
use crate::store::{Reader, Store};
use crate::stripe::{Api, EventSummary, Failure, Grouping};

/// Questions in flight at once.
const LANES_MAX: usize = 16;
/// How far back a customer is looked at who has no deliveries: usage older than that cannot be sent any more.
const FULL_DAYS: i64 = 36;

/// What reconcile works with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The store, open for writing.
    pub store: &'a Store,
    /// Stripe.
    pub api: &'a Api,
    /// The business clock.
    pub clock: &'a Clock,
}

/// Which periods are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Periods {
    /// Those whose deliveries have changed since the last match, and each once after its grace.
    Changed,
    /// Those that are open now.
    Current,
    /// Of each customer and meter, the last that is over.
    Last,
    /// Exactly this stretch.
    Stretch(Range),
}

/// What is to be reconciled.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// Which customers and meters.
    pub scope: Scope,
    /// Which periods.
    pub periods: Periods,
    /// Every linked customer with every meter, also without own usage, and every value again.
    pub full: bool,
    /// What is let through.
    pub tolerance: Option<Tolerance>,
    /// Most calls.
    pub calls_max: Option<u64>,
    /// How long Stripe may take to count.
    pub settle_s: i64,
    /// How long Stripe keeps a renewal invoice open for usage.
    pub grace_s: i64,
}

/// One question to Stripe.
#[derive(Debug, Clone)]
pub struct Target {
    /// Whose, of what, which period. Without deliveries its revision is 0.
    pub pair: PairPeriod,
    /// The stretch.
    pub range: Range,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The run.
    pub run: i64,
    /// Its counts.
    pub done: RunDone,
    /// Every comparison.
    pub compared: Vec<Compared>,
    /// Every difference.
    pub findings: Vec<Finding>,
    /// Of them, those that nobody acknowledged and no tolerance lets through.
    pub failing: usize,
    /// Of them, those that the tolerance lets through.
    pub passed: usize,
    /// Why not everything was asked.
    pub stopped: Option<Error>,
}

impl Outcome {
    /// What the exit code is for.
    pub fn kind(&self) -> Option<Kind> {
        let mut kinds: Vec<Kind> = self.stopped.iter().map(Error::kind).collect();
        if self.failing > 0 {
            kinds.push(Kind::Differences);
        }
        Kind::worst(kinds)
    }
}

/// What would be asked, without asking.
pub fn plan(store: &Store, ask: &Ask, now: Timestamp) -> Result<Vec<Target>, Error> {
    store.read(|r| targets(r, ask, now))
}

fn targets(r: &Reader<'_>, ask: &Ask, now: Timestamp) -> Result<Vec<Target>, Error> {
    let known = r.pair_periods(&ask.scope)?;
    let mut targets: Vec<Target> = Vec::new();
    for (index, pair) in known.iter().enumerate() {
        let newer = known.get(index + 1).filter(|it| (it.customer, it.meter) == (pair.customer, pair.meter));
        let over = pair.range.to <= now;
        let wanted = match ask.periods {
            Periods::Changed => {
                let closed = now >= pair.period_end.plus(ask.grace_s + ask.settle_s);
                ask.full || pair.revision != pair.verified || (closed && !pair.asked_after_close)
            }
            Periods::Current => pair.range.holds(now),
            Periods::Last => over && newer.is_none_or(|it| it.range.to > now),
            Periods::Stretch(_) => false,
        };
        if wanted && !pair.range.is_empty() {
            targets.push(Target { pair: pair.clone(), range: pair.range });
        }
    }
    if let Periods::Stretch(range) = ask.periods {
        for pair in linked(r, ask, range)? {
            if ask.full || !r.reconcile_entries(pair.customer, pair.meter, range)?.is_empty() {
                targets.push(Target { pair, range });
            }
        }
    } else if ask.full {
        let asked: BTreeSet<_> = known.iter().map(|it| (it.customer, it.meter)).collect();
        // Whole days: the same places are compared as long as the day lasts, and findings about them stay one.
        let to = now.ceil(DAY_S);
        let range = Range { from: to.plus(-FULL_DAYS * DAY_S), to };
        let strangers =
            linked(r, ask, range)?.into_iter().filter(|it| !asked.contains(&(it.customer, it.meter)));
        targets.extend(strangers.map(|pair| Target { pair, range }));
    }
    Ok(targets)
}

/// Every linked customer with every meter, as if `range` were its period.
fn linked(r: &Reader<'_>, ask: &Ask, range: Range) -> Result<Vec<PairPeriod>, Error> {
    let linked = r.pair_linked(ask.scope.customer, ask.scope.meter)?;
    let mut pairs = Vec::new();
    for it in linked {
        let period_start = r.pair_period_at(it.customer, it.meter, range.to.plus(-1))?.unwrap_or(range.from);
        pairs.push(PairPeriod {
            customer: it.customer,
            customer_id: it.customer_id,
            cus: it.cus,
            meter: it.meter,
            meter_key: it.meter_key,
            meter_id: it.meter_id,
            period_start,
            period_end: range.to,
            range,
            revision: 0,
            verified: 0,
            asked_after_close: true,
        });
    }
    Ok(pairs)
}

/// Calls that are left, and how many were made.
struct Calls {
    left: u64,
    made: i64,
}

impl Calls {
    fn take(&mut self) -> bool {
        let may = self.left > 0;
        if may {
            self.left -= 1;
            self.made += 1;
        }
        may
    }
}

/// A customer x meter x period that was compared, with what it came to.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What was asked.
    pub target: Target,
    /// What it is called as a whole.
    pub class: Class,
    /// Units too many or too few at Stripe.
    pub difference: i64,
    /// Units of billable usage that were recorded in the range.
    pub recorded: i64,
    /// Our side.
    pub ours: Ours,
    /// Stripe's sum.
    pub stripe: i64,
    /// Deliveries on our side.
    pub deliveries: i64,
    /// Usage events that they cover.
    pub events: i64,
    /// What is to be stored.
    findings: Vec<NewFinding>,
}

/// Compares, stores what differs, and says what it came to.
pub async fn reconcile(desk: &Desk<'_>, ask: &Ask) -> Result<Outcome, Error> {
    let now = desk.clock.now()?;
    // A run is one comparison: a second one of the same command has a run of its own.
    let compared = match desk.store.run() {
        Some(run) => desk.store.read(|r| r.reconcile_run_get(run))?.is_some(),
        None => false,
    };
    let _run = compared.then(|| desk.store.step(&desk.store.origin().command));
    let (targets, last_delivery) =
        desk.store.read(|r| Ok::<_, Error>((targets(r, ask, now)?, r.delivery_last()?)))?;
    let mut calls = Calls { left: ask.calls_max.unwrap_or(u64::MAX), made: 0 };
    let mut asked: Vec<Compared> = Vec::new();
    let mut skipped = 0;
    let mut stopped: Option<Error> = None;
    for chunk in targets.chunks(LANES_MAX) {
        if stopped.is_some() {
            skipped += chunk.len();
            continue;
        }
        let mut sums = sums_of(desk, chunk, &mut calls).await?;
        sums.sort_by_key(|(place, _)| *place);
        skipped += chunk.len() - sums.len();
        for (place, sum) in sums {
            let Some(target) = chunk.get(place) else { continue };
            let looked = match sum.map_err(Error::from).and_then(|sums| look::sum(target, &sums)) {
                Ok(sum) => look::look(desk, ask, target, sum, now, &mut calls).await,
                Err(error) => Err(error),
            };
            match looked {
                Ok(compared) => asked.push(compared),
                Err(error) => {
                    skipped += 1;
                    stopped = Some(stopped.unwrap_or(error.changed(Changed::Recorded)));
                }
            }
        }
    }
    let own = desk.store.read(|r| own::own(r, ask, now))?;
    let count =
        |class: Class| i64::try_from(asked.iter().filter(|it| it.class == class).count()).unwrap_or(i64::MAX);
    let done = RunDone {
        scope: scope_text(ask),
        asked: i64::try_from(asked.len()).unwrap_or(i64::MAX),
        skipped: i64::try_from(skipped).unwrap_or(i64::MAX),
        matched: count(Class::Match),
        unsettled: count(Class::Unsettled) + own.unsettled,
        calls: calls.made,
    };
    let (run, findings) = commit(desk, ask, &asked, &own, &done, now, last_delivery)?;
    let (failing, passed) = judge(ask, &findings, &asked);
    Ok(Outcome { run, done, compared: asked, findings, failing, passed, stopped })
}

/// One sum each, several at once. A target that no call is left for is not in the answer.
async fn sums_of(
    desk: &Desk<'_>,
    chunk: &[Target],
    calls: &mut Calls,
) -> Result<Vec<(usize, Result<Vec<EventSummary>, Failure>)>, Error> {
    let mut lanes = JoinSet::new();
    for (place, target) in chunk.iter().enumerate() {
        if !calls.take() {
            break;
        }
        let (api, range) = (desk.api.clone(), target.range);
        let (meter, cus) = (target.pair.meter_id.clone(), target.pair.cus.clone());
        lanes.spawn(async move {
            let answer = api.event_summaries(&meter, &cus, range.from, range.to, Grouping::Whole).await;
            (place, answer.map(|yes| yes.value))
        });
    }
    let mut sums = Vec::new();
    while let Some(joined) = lanes.join_next().await {
        sums.push(joined.map_err(|error| {
            Error::new(Kind::Bug, "lane", "a call ended without an answer").because(&error)
        })?);
    }
    Ok(sums)
}

fn commit(
    desk: &Desk<'_>,
    ask: &Ask,
    asked: &[Compared],
    own: &own::Own,
    done: &RunDone,
    now: Timestamp,
    last_delivery: i64,
) -> Result<(i64, Vec<Finding>), Error> {
    let always = Timestamp(i64::MAX);
    // A period's edge may have moved since it was last compared (the next one began, a swap cut it): what begins in it is
    // its own. A stretch says nothing of what reaches beyond it.
    let stretch = if let Periods::Stretch(range) = ask.periods { Some(range) } else { None };
    let to_max = stretch.map_or(always, |range| range.to);
    desk.store.write(now, |w| {
        w.reconcile_run_put(done)?;
        for it in asked {
            for finding in &it.findings {
                w.finding_put(finding)?;
            }
            let pair = &it.target.pair;
            w.finding_gone(Some(pair.customer), Some(pair.meter), it.target.range, to_max, true)?;
            if pair.revision > 0 {
                let wrong = own.wrong.contains(&(pair.customer, pair.meter, pair.period_start));
                let matched = it.class == Class::Match && !wrong;
                let closed = now >= pair.period_end.plus(ask.grace_s + ask.settle_s);
                w.pair_period_asked(pair, matched, closed, last_delivery)?;
            }
        }
        for finding in &own.findings {
            w.finding_put(finding)?;
        }
        let range = stretch.unwrap_or(Range { from: Timestamp(i64::MIN), to: always });
        w.finding_gone(ask.scope.customer, ask.scope.meter, range, to_max, false)?;
        Ok((w.run, w.reader().finding_seen(w.run)?))
    })
}

/// Which findings make exit 4: those that are not acknowledged, unless their customer x meter x period passes. It passes
/// or fails as a whole, by its own difference and what Stripe accepted of it.
fn judge(ask: &Ask, findings: &[Finding], asked: &[Compared]) -> (usize, usize) {
    let mut failing = 0;
    let mut passed = 0;
    let tolerable = |it: &Finding| it.ack.is_none() && matches!(it.class, Class::Missing | Class::Extra);
    let meet = |a: Range, b: Range| a.from < b.to && b.from < a.to;
    for it in findings.iter().filter(|it| it.ack.is_none()) {
        let same_pair = |customer: &str, meter: &str| customer == it.customer_id && meter == it.meter_key;
        let whole = asked.iter().find(|other| {
            let pair = &other.target.pair;
            same_pair(&pair.customer_id, &pair.meter_key) && meet(other.target.range, it.range)
        });
        let range = whole.map_or(it.range, |whole| whole.target.range);
        // What Stripe lacks and what was never sent add up.
        let own = findings.iter().filter(|other| {
            other.stripe.is_none()
                && tolerable(other)
                && same_pair(&other.customer_id, &other.meter_key)
                && meet(other.range, range)
        });
        let own = own.fold(0_i64, |sum, other| sum.saturating_add(other.difference.saturating_abs()));
        let (at_stripe, accepted) = whole.map_or((0, 0), |it| (it.difference, it.ours.settled));
        let difference = at_stripe.saturating_abs().saturating_add(own);
        if tolerable(it) && ask.tolerance.is_some_and(|tolerance| tolerance.passes(difference, accepted)) {
            passed += 1;
        } else {
            failing += 1;
        }
    }
    (failing, passed)
}

fn scope_text(ask: &Ask) -> String {
    let (periods, from, to) = match ask.periods {
        Periods::Changed => ("changed", None, None),
        Periods::Current => ("current", None, None),
        Periods::Last => ("last", None, None),
        Periods::Stretch(range) => ("stretch", Some(range.from.to_string()), Some(range.to.to_string())),
    };
    serde_json::json!({
        "customer": ask.scope.customer.map(|it| it.0),
        "meter": ask.scope.meter.map(|it| it.0),
        "periods": periods,
        "from": from,
        "to": to,
        "full": ask.full,
    })
    .to_string()
}
