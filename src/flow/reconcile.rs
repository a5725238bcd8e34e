//! `reconcile`: what our deliveries say against what Stripe counted, and our deliveries against the recorded usage.
//!
//! Half (a) asks Stripe for one sum for each customer x meter x period that has changed since the last match, and looks
//! closer, down to the minute, only where it differs. Half (b) needs the store alone. Nothing is repaired here; but what
//! two equal readings prove absent is noted as lost.

mod full;
mod invoiced;
mod judge;
mod look;
mod own;
mod prove;

use std::collections::BTreeSet;

use tokio::task::JoinSet;

pub use invoiced::{
    Followed, Outcome as Through, Plan as ThroughPlan, followed_again, through_invoice, through_invoice_plan,
};

use crate::billing::reconcile::{Bisect, Cause, Class, Ours, Range, Side, Tolerances};
use crate::billing::time::{DAY_S, Timestamp};
use crate::env::Clock;
use crate::error::{Changed, Error, Kind};
use crate::store::finding::{About, Finding, NewFinding, RunDone};
use crate::store::reconcile::{PairPeriod, Scope};
use crate::store::{Reader, StepRun, Store};
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
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which customers and meters.
    pub scope: Scope,
    /// Which periods.
    pub periods: Periods,
    /// Every linked customer with every meter, also without own usage, and every value again.
    pub full: bool,
    /// With `full`: what an earlier run has compared that did not come to its end is asked again.
    pub restart: bool,
    /// Compare every hour, not the sum of the period: differences that cancel out are seen too.
    pub by_hour: bool,
    /// What is let through.
    pub tolerance: Tolerances,
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
    /// Findings of earlier runs that are resolved, with the run that saw them first.
    pub closed: Vec<(i64, i64)>,
    /// Findings of earlier runs that this one saw more exactly, or by another name.
    pub continued: Vec<Continued>,
    /// Deliveries that are proved lost.
    pub lost: Vec<i64>,
    /// Whether every hour was compared.
    pub by_hour: bool,
    /// Calls that were planned, `--max-calls` considered.
    pub planned: u64,
    /// Of the calls made, those for a closer look at what differs.
    pub closer: i64,
    /// Compared by an earlier run that did not come to its end, and not asked again.
    pub carried: usize,
    /// Why not everything was asked.
    pub stopped: Option<Error>,
}

/// A finding by the number that it had, and those that are at its place now.
pub type Continued = (i64, Vec<i64>);

impl Outcome {
    /// How many that differ were read coarsely, for lack of calls.
    pub fn coarse(&self) -> i64 {
        i64::try_from(self.compared.iter().filter(|it| it.is_coarse).count()).unwrap_or(i64::MAX)
    }
    /// What the exit code is for.
    pub fn kind(&self) -> Option<Kind> {
        let mut kinds: Vec<Kind> = self.stopped.iter().map(Error::kind).collect();
        if self.failing > 0 {
            kinds.push(Kind::Differences);
        }
        Kind::worst(kinds)
    }
}

/// What is to be asked, before anything is.
#[derive(Debug)]
pub struct Plan {
    /// Each customer x meter x period: one call for its sum, or the calls for its hours.
    pub targets: Vec<Target>,
    /// Of them, those whose deliveries changed since the last match.
    pub changed: usize,
    /// Of them, those that are asked only because their period is over.
    pub closed: usize,
    /// Calls that it takes to compare them. A closer look at what differs comes on top.
    pub calls: u64,
    /// Compared by an earlier run of the same scope that did not come to its end; not asked again.
    pub carried: usize,
    earlier: full::Earlier,
    now: Timestamp,
    last_delivery: i64,
}

impl Plan {
    /// Calls that may be made: `--max-calls` bounds them.
    pub fn calls_most(&self, ask: &Ask) -> u64 {
        self.calls.min(ask.calls_max.unwrap_or(u64::MAX))
    }
}

/// What would be asked, without asking.
pub fn plan(store: &Store, ask: &Ask, now: Timestamp) -> Result<Plan, Error> {
    let (targets, earlier, last_delivery) = store.read(|r| {
        let mut targets = targets(r, ask, now)?;
        let earlier = full::go_on(r, ask, &mut targets)?;
        Ok::<_, Error>((targets, earlier, r.delivery_last()?))
    })?;
    let changed =
        targets.iter().filter(|it| it.pair.revision > 0 && it.pair.revision != it.pair.verified).count();
    let closed = match ask.periods {
        Periods::Changed if !ask.full => targets.len() - changed,
        _ => 0,
    };
    let calls = if ask.by_hour { targets.iter().map(|it| hour_calls(it, now)).sum() } else { targets.len() };
    let calls = u64::try_from(calls).unwrap_or(u64::MAX);
    Ok(Plan { targets, changed, closed, calls, carried: earlier.carried, earlier, now, last_delivery })
}

/// Sums that a run would ask for which looks at what has changed, everywhere. A closer look comes on top.
pub fn sums_changed(r: &Reader<'_>, now: Timestamp, settle_s: i64, grace_s: i64) -> Result<i64, Error> {
    let changed = r.pairs_changed(&Scope::default(), now.plus(-grace_s - settle_s))?;
    Ok(i64::try_from(changed.iter().filter(|it| !it.range.is_empty()).count()).unwrap_or(i64::MAX))
}

/// Calls that it takes to compare every hour of a target.
fn hour_calls(target: &Target, now: Timestamp) -> usize {
    let range = look::until_now(target.range, now);
    Bisect::by_hour(&Side::default(), range, u64::MAX).questions().len()
}

fn targets(r: &Reader<'_>, ask: &Ask, now: Timestamp) -> Result<Vec<Target>, Error> {
    let mut targets: Vec<Target> = Vec::new();
    if ask.periods == Periods::Changed && !ask.full {
        let changed = r.pairs_changed(&ask.scope, now.plus(-ask.grace_s - ask.settle_s))?;
        let some = changed.into_iter().filter(|it| !it.range.is_empty());
        return Ok(some.map(|pair| Target { range: pair.range, pair }).collect());
    }
    let known = r.pair_periods(&ask.scope)?;
    for (index, pair) in known.iter().enumerate() {
        let newer = known.get(index + 1).filter(|it| (it.customer, it.meter) == (pair.customer, pair.meter));
        let over = pair.range.to <= now;
        let wanted = match ask.periods {
            Periods::Changed => true,
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

/// Calls that are left, how many were made, and how many it could have been.
struct Calls {
    left: u64,
    made: i64,
    bound: u64,
    /// Of those that were made, the ones for the sum of a whole period or its hours.
    sums: i64,
}

impl Calls {
    fn take(&mut self) -> bool {
        let may = self.left > 0;
        if may {
            self.count();
            self.sums += 1;
        }
        may
    }
    /// A call that was planned for.
    fn count(&mut self) {
        self.left = self.left.saturating_sub(1);
        self.made += 1;
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
    /// When Stripe took the newest delivery that it has counted for certain.
    counted_upto: Option<Timestamp>,
    /// What is to be stored.
    findings: Vec<NewFinding>,
    /// No call was left to look as closely as it takes to tell why.
    pub is_coarse: bool,
}

/// A run is one comparison: a second one of the same command has a run of its own.
fn own_run(store: &Store) -> Result<Option<StepRun<'_>>, Error> {
    let compared = match store.run() {
        Some(run) => store.read(|r| r.reconcile_run_get(run))?.is_some(),
        None => false,
    };
    Ok(compared.then(|| store.step(&store.origin().command)))
}

/// Compares, stores what differs, and says what it came to.
pub async fn reconcile(desk: &Desk<'_>, ask: &Ask) -> Result<Outcome, Error> {
    let plan = plan(desk.store, ask, desk.clock.now()?)?;
    carry_out(desk, ask, &plan).await
}

/// Does what was planned.
pub async fn carry_out(desk: &Desk<'_>, ask: &Ask, plan: &Plan) -> Result<Outcome, Error> {
    let Plan { ref targets, now, .. } = *plan;
    let _run = own_run(desk.store)?;
    // Events that were recorded since are read once, not by each run until the next push.
    desk.store.write(now, |w| {
        if ask.restart {
            w.full_marks_clear(&scope_text(ask))?;
        }
        w.pair_refresh()
    })?;
    let mut calls = Calls { left: ask.calls_max.unwrap_or(u64::MAX), made: 0, bound: 0, sums: 0 };
    let mut asked = compare_all(desk, ask, targets, now, &mut calls).await?;
    let mut before = desk.store.read(|r| full::noted(r, &plan.earlier))?;
    before.extend(desk.store.read(|r| prove::other_halves(r, &asked.compared, &before))?);
    let renamed = prove::match_customers(&mut asked.compared, &before);
    let own = desk.store.read(|r| own::own(r, ask, now))?;
    let count = |class: Class| {
        i64::try_from(asked.compared.iter().filter(|it| it.class == class).count()).unwrap_or(i64::MAX)
    };
    let done = RunDone {
        scope: scope_text(ask),
        asked: i64::try_from(asked.compared.len()).unwrap_or(i64::MAX),
        skipped: i64::try_from(asked.skipped).unwrap_or(i64::MAX),
        matched: count(Class::Match),
        unsettled: count(Class::Unsettled) + own.unsettled,
        calls: calls.made,
        calls_bound: i64::try_from(calls.bound).unwrap_or(i64::MAX),
    };
    let mut noted = commit(desk, ask, &asked, &renamed, &own, &done, plan)?;
    let before = desk.store.read(|r| full::noted(r, &plan.earlier))?;
    noted.findings.extend(before.into_iter().map(|(finding, _)| finding));
    let left = desk.store.read(|r| not_asked_about(r, ask, targets))?;
    noted.findings.extend(left);
    let (failing, passed) = judge::judge(ask, &noted.findings, &asked.compared);
    let Noted { run, findings, closed, continued, lost } = noted;
    let Asked { compared, stopped, .. } = asked;
    Ok(Outcome {
        run,
        done,
        compared,
        findings,
        failing,
        passed,
        closed,
        continued,
        lost,
        by_hour: ask.by_hour,
        planned: plan.calls_most(ask),
        closer: calls.made - calls.sums,
        carried: plan.carried,
        stopped,
    })
}

/// Open findings about customers and meters that nothing was sent of, which only a run of everything asks about: what is there
/// too much stays a difference until one that looks again does not find it.
fn not_asked_about(r: &Reader<'_>, ask: &Ask, targets: &[Target]) -> Result<Vec<Finding>, Error> {
    if ask.full || ask.periods != Periods::Changed {
        return Ok(Vec::new());
    }
    let mut left = Vec::new();
    for number in r.findings_open(ask.scope.customer)? {
        let Some((place, it)) = r.finding_place(number)?.zip(r.finding_get(number)?) else { continue };
        let is_asked =
            targets.iter().any(|it| (it.pair.customer, it.pair.meter) == (place.customer, place.meter));
        let in_scope = ask.scope.meter.is_none_or(|meter| meter == place.meter);
        if in_scope && !is_asked && it.class == Class::Extra && it.cause != Cause::Invoice {
            left.push(it);
        }
    }
    Ok(left)
}

/// What came of asking.
#[derive(Default)]
struct Asked {
    compared: Vec<Compared>,
    skipped: usize,
    stopped: Option<Error>,
}

impl Asked {
    fn coarse(&self) -> usize {
        self.compared.iter().filter(|it| it.is_coarse).count()
    }
}

async fn compare_all(
    desk: &Desk<'_>,
    ask: &Ask,
    targets: &[Target],
    now: Timestamp,
    calls: &mut Calls,
) -> Result<Asked, Error> {
    let mut asked = Asked::default();
    for chunk in targets.chunks(LANES_MAX) {
        if asked.stopped.is_some() {
            asked.skipped += chunk.len();
            continue;
        }
        let mut sums = if ask.by_hour {
            (0..chunk.len()).map(|place| (place, None)).collect()
        } else {
            sums_of(desk, chunk, calls).await?
        };
        sums.sort_by_key(|(place, _)| *place);
        let before = asked.compared.len();
        asked.skipped += chunk.len() - sums.len();
        for (place, sum) in sums {
            let Some(target) = chunk.get(place) else { continue };
            let sum = sum.map(|it| it.map_err(Error::from).and_then(|sums| look::sum(target, &sums)));
            let looked = match sum.transpose() {
                Ok(sum) => look::look(desk, ask, target, sum, now, calls).await,
                Err(error) => Err(error),
            };
            match looked {
                Ok(Some(compared)) => asked.compared.push(compared),
                Ok(None) => asked.skipped += 1,
                Err(error) => {
                    asked.skipped += 1;
                    asked.stopped = Some(asked.stopped.take().unwrap_or(error.changed(Changed::Recorded)));
                }
            }
        }
        // Who is killed after this goes on from here.
        if let Some(new) = asked.compared.get(before..).filter(|new| ask.full && !new.is_empty()) {
            desk.store.write(now, |w| full::mark(w, ask, new, false))?;
        }
    }
    if asked.stopped.is_none() {
        asked.stopped = no_call_left(&asked, targets.len(), ask.full);
    }
    Ok(asked)
}

/// What `--max-calls` kept from being asked.
fn no_call_left(asked: &Asked, all: usize, full: bool) -> Option<Error> {
    let coarse = asked.coarse();
    let text = match (asked.skipped, coarse) {
        (0, 0) => return None,
        (0, coarse) => format!("{coarse} that differ were read coarsely: no call was left to look closer"),
        (skipped, 0) => format!("{skipped} of {all} sums were not asked: no call was left"),
        (skipped, coarse) => format!(
            "{skipped} of {all} sums were not asked, and {coarse} that differ were read coarsely: no call was left"
        ),
    };
    let hint = match full {
        true => "run it again: it goes on with them; or with a larger --max-calls",
        false => "run it again, or with a larger --max-calls",
    };
    Some(Error::new(Kind::Later, "max_calls", text).changed(Changed::Recorded).hint(hint))
}

/// Stripe's answer about one target; `None` where its sum was not asked for.
type SumOf = (usize, Option<Result<Vec<EventSummary>, Failure>>);

fn lane_failed(error: &tokio::task::JoinError) -> Error {
    Error::new(Kind::Bug, "lane", "a call ended without an answer").because(error)
}

/// One sum each, several at once. A target that no call is left for is not in the answer.
async fn sums_of(desk: &Desk<'_>, chunk: &[Target], calls: &mut Calls) -> Result<Vec<SumOf>, Error> {
    let mut lanes = JoinSet::new();
    for (place, target) in chunk.iter().enumerate() {
        if !calls.take() {
            break;
        }
        calls.bound += 1;
        let (api, range) = (desk.api.clone(), target.range);
        let (meter, cus) = (target.pair.meter_id.clone(), target.pair.cus.clone());
        lanes.spawn(async move {
            let answer = api.event_summaries(&meter, &cus, range.from, range.to, Grouping::Whole).await;
            (place, Some(answer.map(|yes| yes.value)))
        });
    }
    let mut sums = Vec::new();
    while let Some(joined) = lanes.join_next().await {
        sums.push(joined.map_err(|error| lane_failed(&error))?);
    }
    Ok(sums)
}

/// What was stored.
struct Noted {
    run: i64,
    findings: Vec<Finding>,
    closed: Vec<(i64, i64)>,
    continued: Vec<Continued>,
    lost: Vec<i64>,
}

fn commit(
    desk: &Desk<'_>,
    ask: &Ask,
    asked: &Asked,
    renamed: &[prove::Renamed],
    own: &own::Own,
    done: &RunDone,
    plan: &Plan,
) -> Result<Noted, Error> {
    let Plan { now, last_delivery, .. } = *plan;
    let complete = asked.skipped == 0 && asked.coarse() == 0;
    let asked = &asked.compared;
    let always = Timestamp(i64::MAX);
    // A period's edge may have moved since it was last compared (the next one began, a swap cut it): what begins in it is
    // its own. A stretch says nothing of what reaches beyond it.
    let stretch = if let Periods::Stretch(range) = ask.periods { Some(range) } else { None };
    let to_max = stretch.map_or(always, |range| range.to);
    let counted = prove::counted_upto(asked);
    desk.store.write(now, |w| {
        w.reconcile_run_put(done)?;
        let mut lost = Vec::new();
        for it in asked {
            for finding in &it.findings {
                // Before it is noted: what it is compared with are the readings of earlier runs.
                lost.extend(prove::absent(w, finding, &counted, ask.settle_s, now)?);
                w.finding_put(finding)?;
            }
            let pair = &it.target.pair;
            w.finding_gone(Some(pair.customer), Some(pair.meter), it.target.range, to_max, About::Sent)?;
            if pair.revision > 0 {
                let wrong = own.wrong.contains(&(pair.customer, pair.meter, pair.period_start));
                let matched = it.class == Class::Match && !wrong;
                let closed = now >= pair.period_end.plus(ask.grace_s + ask.settle_s);
                w.pair_period_asked(pair, matched, closed, last_delivery, it.stripe)?;
            }
        }
        for it in renamed {
            w.finding_put(&it.finding)?;
            w.finding_renamed(it.was)?;
        }
        match complete {
            _ if !ask.full => (),
            true => w.full_marks_clear(&scope_text(ask))?,
            false => full::mark(w, ask, asked, true)?,
        }
        for finding in &own.findings {
            w.finding_put(finding)?;
        }
        let range = stretch.unwrap_or(Range { from: Timestamp(i64::MIN), to: always });
        w.finding_gone(ask.scope.customer, ask.scope.meter, range, to_max, About::Own)?;
        let r = w.reader();
        let findings = r.finding_seen(w.run)?;
        let ended = prove::continued(&r, r.finding_closed(w.run)?, &findings)?;
        let prove::Closed { resolved: closed, continued } = ended;
        Ok(Noted { run: w.run, findings, closed, continued, lost })
    })
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
        "by_hour": ask.by_hour,
    })
    .to_string()
}
