//! `reconcile --through invoice`: what was recorded, sent and counted, followed to the lines of the invoices.

mod follow;

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::{Ask, Calls, Desk, LANES_MAX, Periods, Target, lane_failed, look, sums_of};
use crate::billing::reconcile::{Billed, Chain, Class, Range, period_range};
use crate::billing::time::{DAY_S, Timestamp};
use crate::error::{Changed, Error, Kind};
use crate::store::billed::UsageOf;
use crate::store::finding::{About, Finding, RunDone};
use crate::store::reconcile::{Entry, PairPeriod, Scope};
use crate::store::{Reader, Store};
use crate::stripe::{InvoiceFound, InvoiceQuery};
use follow::follow;

/// The last period that is over ended no longer ago than so many days.
const LOOK_BACK_DAYS: i64 = 62;

/// One customer x meter x billing period, followed to its bill.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Whose, of what, which period.
    pub target: Target,
    /// What is known of it.
    pub chain: Chain,
    /// What became of it.
    pub billed: Billed,
    /// `in_…` of the invoices that charge it.
    pub invoices: Vec<String>,
    /// `in_…` of those that charged it and were voided.
    pub voided: Vec<String>,
    /// When the last of those that charge it was final, if all are.
    pub final_at: Option<Timestamp>,
    /// Deliveries that Stripe took when their invoice was final, or that it has of a subscription that ended without one.
    late: Vec<Entry>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The run.
    pub run: i64,
    /// Each customer x meter x period.
    pub followed: Vec<Followed>,
    /// What differs.
    pub findings: Vec<Finding>,
    /// Findings of earlier runs that are resolved, with the run that saw them first.
    pub closed: Vec<(i64, i64)>,
    /// Calls made.
    pub calls: i64,
    /// Periods that were not followed: no call was left, or Stripe did not answer. Nothing is said of them.
    pub skipped: usize,
    /// Why not all of them were.
    pub stopped: Option<Error>,
}

impl Outcome {
    /// What the exit code is for.
    pub fn kind(&self) -> Option<Kind> {
        let differ = self.findings.iter().any(|it| it.ack.is_none()).then_some(Kind::Differences);
        Kind::worst(differ.into_iter().chain(self.stopped.as_ref().map(Error::kind)))
    }
}

/// The usage of one customer, meter and period, whatever bills it.
struct Usage {
    parts: Vec<UsageOf>,
}

impl Usage {
    fn target(&self) -> Option<Target> {
        let it = self.parts.first()?;
        let end = self.end()?;
        let range = period_range(it.period_start, end, Some(end));
        let pair = PairPeriod {
            customer: it.customer,
            customer_id: it.customer_id.clone(),
            cus: it.cus.clone(),
            meter: it.meter,
            meter_key: it.meter_key.clone(),
            meter_id: it.meter_id.clone().unwrap_or_default(),
            period_start: it.period_start,
            period_end: it.period_end,
            range,
            revision: 0,
            verified: 0,
            asked_after_close: true,
        };
        Some(Target { pair, range })
    }
    /// The end of what its prices bill: before that of the period where a change of tier or interval, or the end of the
    /// subscription, came first.
    fn end(&self) -> Option<Timestamp> {
        self.parts.iter().map(|it| it.until.min(it.period_end)).max()
    }
    fn prices(&self) -> BTreeSet<&str> {
        self.parts.iter().filter_map(|it| it.price.as_deref()).collect()
    }
    /// Whether any price bills it. What none bills is on no invoice, and Stripe is not asked about it.
    fn is_billed(&self) -> bool {
        self.parts.iter().any(|it| it.price.is_some())
    }
    /// Customer, meter and start, in the order of the report.
    fn place(&self) -> Option<(&str, &str, Timestamp)> {
        self.parts.first().map(|it| (it.customer_id.as_str(), it.meter_key.as_str(), it.period_start))
    }
}

/// Which periods: those that ended in a stretch, or of each customer and meter the last that is over, and what ended with
/// its subscription before its time. Beside them, in the same way, the months of what was used without a tier.
fn usages(r: &Reader<'_>, scope: &Scope, periods: Periods, now: Timestamp) -> Result<Vec<Usage>, Error> {
    let (from, to) = match periods {
        Periods::Stretch(range) => (range.from, range.to.min(now)),
        _ => (now.plus(-LOOK_BACK_DAYS * DAY_S), now),
    };
    let last_by = (!matches!(periods, Periods::Stretch(_))).then_some(to);
    let mut usages = by_period(r.bill_usage(scope, from, to)?, last_by);
    usages.extend(by_period(r.bill_usage_untiered(scope, from, to)?, last_by));
    usages.sort_by(|a, b| a.place().cmp(&b.place()));
    Ok(usages)
}

/// Rows of each customer and meter by time, as periods. `last_by`: of those that had ended by then the last one only.
fn by_period(rows: Vec<UsageOf>, last_by: Option<Timestamp>) -> Vec<Usage> {
    let mut usages: Vec<Usage> = Vec::new();
    for it in rows {
        let same = |other: &UsageOf| (other.customer, other.meter) == (it.customer, it.meter);
        let newest = usages.last_mut().filter(|usage| usage.parts.first().is_some_and(same));
        let period = |usage: &Usage| usage.parts.first().map(|first| (first.period_start, first.period_end));
        match newest {
            Some(usage) if period(usage) == Some((it.period_start, it.period_end)) => usage.parts.push(it),
            Some(usage) if last_by.is_some_and(|by| it.period_end <= by) => usage.parts = vec![it],
            _ => usages.push(Usage { parts: vec![it] }),
        }
    }
    usages
}

/// What following usage to the bill would ask, without asking.
#[derive(Debug)]
pub struct Plan {
    /// Each customer x meter x period that something bills: one sum each.
    pub targets: Vec<Target>,
    /// Their customers, whose invoices are listed: one call for each hundred of them.
    pub customers: usize,
}

impl Plan {
    /// Calls that it takes: one for each sum and each list. A list of over a hundred takes more.
    pub fn calls(&self) -> u64 {
        u64::try_from(self.targets.len() + self.customers).unwrap_or(u64::MAX)
    }

    /// Calls that may be made: `--max-calls` bounds them.
    pub fn calls_most(&self, ask: &Ask) -> u64 {
        self.calls().min(ask.calls_max.unwrap_or(u64::MAX))
    }
}

/// What would be asked, without asking.
pub fn through_invoice_plan(store: &Store, ask: &Ask, now: Timestamp) -> Result<Plan, Error> {
    let usages = store.read(|r| usages(r, &ask.scope, ask.periods, now))?;
    let billed = usages.iter().filter(|usage| usage.is_billed());
    let customers = billed.filter_map(|usage| usage.parts.first()).map(|it| &it.cus);
    let customers = customers.collect::<BTreeSet<_>>().len();
    Ok(Plan { targets: metered_targets(&usages), customers })
}

/// Follows usage to the bill, stores what differs, and says what it came to.
pub async fn through_invoice(desk: &Desk<'_>, ask: &Ask) -> Result<Outcome, Error> {
    let now = desk.clock.now()?;
    let _run = super::own_run(desk.store)?;
    let usages = desk.store.read(|r| usages(r, &ask.scope, ask.periods, now))?;
    let reads = desk.api.counts().reads;
    let asked = asked(desk, ask.calls_max, &usages).await?;
    let late = now.plus(-ask.grace_s - ask.settle_s);
    let (followed, skipped) = desk.store.read(|r| {
        let (mut followed, mut skipped) = (Vec::new(), 0);
        for usage in &usages {
            match asked.has(usage) {
                true => followed.extend(follow(r, usage, &asked, late)?),
                false => skipped += 1,
            }
        }
        Ok::<_, Error>((followed, skipped))
    })?;
    let stopped = asked.stopped.or_else(|| (skipped > 0).then(|| no_call_left(skipped, usages.len())));
    let calls = i64::try_from(desk.api.counts().reads.saturating_sub(reads)).unwrap_or(i64::MAX);
    let count = |class: Class| {
        i64::try_from(followed.iter().filter(|it| it.billed.class == class).count()).unwrap_or(i64::MAX)
    };
    let done = RunDone {
        scope: super::scope_text(ask),
        asked: i64::try_from(followed.len()).unwrap_or(i64::MAX),
        skipped: i64::try_from(skipped).unwrap_or(i64::MAX),
        matched: count(Class::Match),
        unsettled: count(Class::Unsettled),
        calls,
        calls_bound: calls,
    };
    let (run, findings, closed) = desk.store.write(now, |w| {
        w.reconcile_run_put(&done)?;
        for it in &followed {
            for finding in it.findings(ask.grace_s, now) {
                w.finding_put(&finding)?;
            }
            let pair = &it.target.pair;
            let always = Timestamp(i64::MAX);
            w.finding_gone(Some(pair.customer), Some(pair.meter), it.target.range, always, About::Bill)?;
        }
        let r = w.reader();
        Ok::<_, Error>((w.run, r.finding_seen(w.run)?, r.finding_closed(w.run)?))
    })?;
    Ok(Outcome { run, followed, findings, closed, calls, skipped, stopped })
}

/// What became of the period of a finding, by a fresh look at Stripe. `None`: it is not there any more, or Stripe did not
/// tell.
pub async fn followed_again(
    desk: &Desk<'_>,
    scope: &Scope,
    range: Range,
    late_s: i64,
) -> Result<Option<Followed>, Error> {
    let now = desk.clock.now()?;
    let mut usages =
        desk.store.read(|r| usages(r, scope, Periods::Stretch(Range { to: now, ..range }), now))?;
    usages.retain(|it| it.target().is_some_and(|target| target.range == range));
    let asked = asked(desk, None, &usages).await?;
    let Some(usage) = usages.first().filter(|usage| asked.has(usage)) else { return Ok(None) };
    desk.store.read(|r| follow(r, usage, &asked, now.plus(-late_s)))
}

/// Customer, meter and start of the period.
type Place = (i64, i64, i64);

fn place(target: &Target) -> Place {
    (target.pair.customer.0, target.pair.meter.0, target.pair.period_start.0)
}

/// The periods that something bills.
fn metered_targets(usages: &[Usage]) -> Vec<Target> {
    usages
        .iter()
        .filter(|usage| usage.is_billed())
        .filter_map(Usage::target)
        .filter(|target| !target.pair.meter_id.is_empty() && !target.range.is_empty())
        .collect()
}

/// What Stripe told.
#[derive(Default)]
struct Asked {
    sums: BTreeMap<Place, i64>,
    /// By `cus_…`.
    invoices: BTreeMap<String, Vec<InvoiceFound>>,
    stopped: Option<Error>,
}

impl Asked {
    /// Whether all is known that says what became of this usage.
    fn has(&self, usage: &Usage) -> bool {
        let targets = metered_targets(std::slice::from_ref(usage));
        let listed = usage.parts.first().is_some_and(|it| self.invoices.contains_key(&it.cus));
        (listed || !usage.is_billed()) && targets.iter().all(|target| self.sums.contains_key(&place(target)))
    }

    /// Stripe did not tell; the first reason counts.
    fn stop(&mut self, error: Error) {
        self.stopped.get_or_insert(error.changed(Changed::Recorded));
    }
}

async fn asked(desk: &Desk<'_>, calls_max: Option<u64>, usages: &[Usage]) -> Result<Asked, Error> {
    let mut asked = Asked::default();
    let mut calls = Calls { left: calls_max.unwrap_or(u64::MAX), made: 0, bound: 0, sums: 0 };
    metered(desk, usages, &mut calls, &mut asked).await?;
    invoices(desk, usages, &mut calls, &mut asked).await?;
    Ok(asked)
}

fn no_call_left(skipped: usize, all: usize) -> Error {
    let text = format!("{skipped} of {all} periods were not followed to their invoices: no call was left");
    Error::new(Kind::Later, "max_calls", text)
        .changed(Changed::Recorded)
        .hint("run it again with a larger --max-calls")
}

/// What Stripe's meters say of each period that something bills.
async fn metered(
    desk: &Desk<'_>,
    usages: &[Usage],
    calls: &mut Calls,
    asked: &mut Asked,
) -> Result<(), Error> {
    let targets = metered_targets(usages);
    for chunk in targets.chunks(LANES_MAX) {
        if asked.stopped.is_some() {
            break;
        }
        for (at, told) in sums_of(desk, chunk, calls).await? {
            let Some((target, told)) = chunk.get(at).zip(told) else { continue };
            match told.map_err(Error::from).and_then(|told| look::sum(target, &told)) {
                Ok(sum) => {
                    asked.sums.insert(place(target), sum);
                }
                Err(error) => asked.stop(error),
            }
        }
    }
    Ok(())
}

/// The invoices of each customer that were made since the earliest of its billed periods began.
async fn invoices(
    desk: &Desk<'_>,
    usages: &[Usage],
    calls: &mut Calls,
    asked: &mut Asked,
) -> Result<(), Error> {
    let mut since: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let billed = usages.iter().filter(|usage| usage.is_billed());
    for it in billed.filter_map(|usage| usage.parts.first()) {
        let known = since.entry(&it.cus).or_insert(it.period_start);
        *known = it.period_start.min(*known);
    }
    let since: Vec<(&str, Timestamp)> = since.into_iter().collect();
    for chunk in since.chunks(LANES_MAX) {
        if asked.stopped.is_some() {
            break;
        }
        let mut lanes = JoinSet::new();
        for (cus, from) in chunk {
            if !calls.take() {
                break;
            }
            let (api, cus) = (desk.api.clone(), (*cus).to_owned());
            let query = InvoiceQuery {
                customer: Some(cus.clone()),
                created_from: Some(*from),
                ..InvoiceQuery::default()
            };
            lanes.spawn(async move { (cus, api.invoice_list(&query).await) });
        }
        while let Some(joined) = lanes.join_next().await {
            let (cus, found) = joined.map_err(|error| lane_failed(&error))?;
            match found {
                Ok(found) => {
                    asked.invoices.insert(cus, found.value);
                }
                Err(error) => asked.stop(error.into()),
            }
        }
    }
    Ok(())
}
