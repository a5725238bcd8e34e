//! What meter events were taken in, and what became of them.
//!
//! An event is accepted first and counted later (Stripe: docs …/recording-usage-api). For a day it is kept whole,
//! so that its identifier is known and it can be cancelled; then it is folded into a sum per second and its
//! identifier is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::model::Model;

/// Identifiers are known and events can be cancelled this long after they were received, in seconds.
pub const KEPT_S: i64 = 86_400;
/// Error reports look at this much time at once, in seconds (Stripe: error_report_triggered).
const REPORT_S: i64 = 10;
/// Samples in one report for one code.
const MAX_SAMPLES: usize = 5;
/// Reports kept.
const MAX_REPORTS: usize = 1_000;

/// One event that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The caller's, or made here; known for a day.
    pub identifier: String,
    /// Id of the meter that counts it.
    pub meter: String,
    /// Stripe's customer, as the payload names it.
    pub customer: Option<String>,
    /// The value, as the payload gives it.
    pub value: Option<String>,
    /// When it happened, unix seconds.
    pub timestamp: i64,
    /// When it came in, unix seconds.
    pub received: i64,
    /// When it is counted, unix seconds.
    pub due: i64,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an accepted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// Not looked at yet.
    Pending,
    /// Counted with this value.
    Counted(Decimal),
    /// Refused when it was looked at.
    Failed,
    /// Taken back by an adjustment.
    Cancelled,
    /// Lost by a fault: accepted, never counted, never reported.
    Lost,
}

/// Counted events of one second, after a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    sum: Decimal,
    count: u64,
    last: Decimal,
    last_sequence: u64,
}

/// One customer on one meter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Pair {
    recent: BTreeSet<u64>,
    sums: BTreeMap<i64, Sum>,
}

/// Failures of one code in one stretch of ten seconds on one meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The meter.
    pub meter: String,
    /// Start of the ten seconds, unix seconds.
    pub from: i64,
    /// End of them.
    pub to: i64,
    /// Stripe's code, e.g. `meter_event_customer_not_found`.
    pub code: String,
    /// How many events failed so.
    pub count: u64,
    /// Some of them: identifier and message.
    pub samples: Vec<(String, String)>,
    /// It was announced, so that nothing is added to it any more.
    #[serde(default)]
    pub announced: bool,
}

/// Everything taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    received: BTreeMap<u64, Received>,
    identifiers: BTreeMap<String, u64>,
    pending: BTreeSet<(i64, u64)>,
    pairs: BTreeMap<String, Pair>,
    reports: Vec<Report>,
    next: u64,
    failed: u64,
}

/// What was counted at one second: one event, or a sum of several after a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Unix seconds.
    pub second: i64,
    /// Order of arrival of the last event in it.
    pub sequence: u64,
    /// All values.
    pub sum: Decimal,
    /// How many events.
    pub count: u64,
    /// The value that came in last.
    pub last: Decimal,
}

fn pair_key(meter: &str, customer: &str) -> String {
    format!("{meter} {customer}")
}

impl Usage {
    /// The event with an identifier, while it is known.
    pub fn find(&self, identifier: &str) -> Option<&Received> {
        self.received.get(self.identifiers.get(identifier)?)
    }

    /// Takes an event in.
    pub fn receive(&mut self, event: Received) {
        self.next += 1;
        self.identifiers.insert(event.identifier.clone(), self.next);
        if event.fate == Fate::Pending {
            self.pending.insert((event.due, self.next));
        }
        self.received.insert(self.next, event);
    }

    /// Takes an event back. The identifier stays known.
    pub fn cancel(&mut self, identifier: &str) {
        let Some(sequence) = self.identifiers.get(identifier) else { return };
        let Some(event) = self.received.get_mut(sequence) else { return };
        self.pending.remove(&(event.due, *sequence));
        event.fate = Fate::Cancelled;
    }

    /// What was counted for a pair in [from, to), of what was due by `as_of`, oldest first.
    pub fn points(&self, meter: &str, customer: &str, from: i64, to: i64, as_of: i64) -> Vec<Point> {
        let Some(pair) = self.pairs.get(&pair_key(meter, customer)).filter(|_| from < to) else {
            return Vec::new();
        };
        let mut points: Vec<Point> = pair
            .sums
            .range(from..to)
            .map(|(second, sum)| Point {
                second: *second,
                sequence: sum.last_sequence,
                sum: sum.sum,
                count: sum.count,
                last: sum.last,
            })
            .collect();
        for sequence in &pair.recent {
            let Some(event) = self.received.get(sequence) else { continue };
            let Fate::Counted(value) = event.fate else { continue };
            if event.due <= as_of && (from..to).contains(&event.timestamp) {
                points.push(Point {
                    second: event.timestamp,
                    sequence: *sequence,
                    sum: value,
                    count: 1,
                    last: value,
                });
            }
        }
        points.sort_by_key(|point| (point.second, point.sequence));
        points
    }

    /// Reports of failures, oldest first.
    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// Events accepted and not counted yet.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Events accepted so far, and of them failed afterwards.
    pub fn totals(&self) -> (u64, u64) {
        (self.next, self.failed)
    }

    /// Reports whose ten seconds are over and that were not handed out before, those of one meter and stretch together.
    pub fn take_closed(&mut self, now: i64) -> Vec<Vec<Report>> {
        let mut groups: BTreeMap<(i64, String), Vec<Report>> = BTreeMap::new();
        for report in self.reports.iter_mut().filter(|it| !it.announced && it.to <= now) {
            report.announced = true;
            groups.entry((report.from, report.meter.clone())).or_default().push(report.clone());
        }
        groups.into_values().collect()
    }

    fn report(&mut self, meter: &str, at: i64, identifier: &str, failure: &Failure) {
        self.failed += 1;
        let from = at.div_euclid(REPORT_S) * REPORT_S;
        let known = self.reports.iter_mut().rev().take(50).find(|report| {
            let same = report.meter == meter && report.from == from && report.code == failure.code;
            same && !report.announced
        });
        let sample = (identifier.to_owned(), failure.message.clone());
        if let Some(report) = known {
            report.count += 1;
            if report.samples.len() < MAX_SAMPLES {
                report.samples.push(sample);
            }
            return;
        }
        if self.reports.len() == MAX_REPORTS {
            self.reports.remove(0);
        }
        let code = failure.code.clone();
        let meter = meter.to_owned();
        let to = from + REPORT_S;
        self.reports.push(Report {
            meter,
            from,
            to,
            code,
            count: 1,
            samples: vec![sample],
            announced: false,
        });
    }

    /// Forgets identifiers and folds what they named into sums, once it is a day old.
    pub fn fold(&mut self, now: i64) {
        while let Some(entry) = self.received.first_entry() {
            let (sequence, age) = (*entry.key(), now - entry.get().received);
            if age < KEPT_S || entry.get().fate == Fate::Pending {
                return;
            }
            let event = entry.remove();
            if self.identifiers.get(&event.identifier) == Some(&sequence) {
                self.identifiers.remove(&event.identifier);
            }
            let Some(customer) = &event.customer else { continue };
            let Some(pair) = self.pairs.get_mut(&pair_key(&event.meter, customer)) else { continue };
            pair.recent.remove(&sequence);
            let Fate::Counted(value) = event.fate else { continue };
            let sum = pair.sums.entry(event.timestamp).or_default();
            sum.sum = sum.sum.plus(value).unwrap_or(sum.sum);
            sum.count += 1;
            if sequence >= sum.last_sequence {
                (sum.last, sum.last_sequence) = (value, sequence);
            }
        }
    }
}

/// Why an accepted event is not counted.
struct Failure {
    code: String,
    message: String,
}

impl Failure {
    fn new(code: &str, message: impl Into<String>) -> Failure {
        Failure { code: code.to_owned(), message: message.into() }
    }
}

/// Finds an accepted event wrong, by fault: it is not counted any more, and reported at `now`.
pub fn fail(model: &mut Model, identifier: &str, code: &str, now: i64) {
    let usage = &mut model.usage;
    let Some(sequence) = usage.identifiers.get(identifier).copied() else { return };
    let Some(event) = usage.received.get_mut(&sequence) else { return };
    if !matches!(event.fate, Fate::Pending | Fate::Counted(_)) {
        return;
    }
    usage.pending.remove(&(event.due, sequence));
    event.fate = Fate::Failed;
    let meter = if code == "no_meter" { String::new() } else { event.meter.clone() };
    let pair = pair_key(&event.meter, event.customer.as_deref().unwrap_or_default());
    if let Some(pair) = usage.pairs.get_mut(&pair) {
        pair.recent.remove(&sequence);
    }
    let failure = Failure::new(code, "The event was found wrong by a fault of the local Stripe.");
    usage.report(&meter, now, identifier, &failure);
}

/// An event of a stream that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its meter; empty where none counts it.
    pub meter: String,
    /// The sender's identifier.
    pub identifier: String,
    /// Stripe's code of what is wrong.
    pub code: &'static str,
    /// The same for people.
    pub message: String,
}

/// Reports at `now` an event that was not taken in.
pub fn refuse(model: &mut Model, it: &Refused, now: i64) {
    model.usage.report(&it.meter, now, &it.identifier, &Failure::new(it.code, it.message.as_str()));
}

/// Looks at every event that is due by `now`.
pub fn process(model: &mut Model, now: i64) {
    while let Some((due, sequence)) = model.usage.pending.first().copied().filter(|(due, _)| *due <= now) {
        model.usage.pending.remove(&(due, sequence));
        let Some(event) = model.usage.received.get(&sequence) else { continue };
        let judged = judge(model, event);
        let (meter, customer) = (event.meter.clone(), event.customer.clone().unwrap_or_default());
        let identifier = event.identifier.clone();
        let fate = match judged {
            Ok(value) => {
                model.usage.pairs.entry(pair_key(&meter, &customer)).or_default().recent.insert(sequence);
                Fate::Counted(value)
            }
            Err(failure) => {
                model.usage.report(&meter, due, &identifier, &failure);
                Fate::Failed
            }
        };
        if let Some(event) = model.usage.received.get_mut(&sequence) {
            event.fate = fate;
        }
    }
}

/// The value that counts, or why none does (codes: Stripe, v1.billing.meter.error_report_triggered).
fn judge(model: &Model, event: &Received) -> Result<Decimal, Failure> {
    let Some(meter) = model.meters.get(&event.meter).filter(|meter| meter.is_active()) else {
        return Err(Failure::new("archived_meter", "The meter is inactive."));
    };
    let Some(customer) = &event.customer else {
        let message = format!("Customer mapping key {} not found in payload.", meter.customer_key);
        return Err(Failure::new("meter_event_no_customer_defined", message));
    };
    if !customer_known(model, customer) {
        let message = format!("No such customer: '{customer}'");
        return Err(Failure::new("meter_event_customer_not_found", message));
    }
    match &event.value {
        None if meter.formula == super::meter::Formula::Count => Ok(Decimal::whole(1)),
        None => {
            let message = format!("Value key {} not found in payload.", meter.value_key);
            Err(Failure::new("meter_event_value_not_found", message))
        }
        Some(text) => text.parse().map_err(|_| {
            let message = format!("The value in the event payload is invalid. Received `{text}`.");
            Failure::new("meter_event_invalid_value", message)
        }),
    }
}

/// The customer exists.
pub fn customer_known(model: &Model, customer: &str) -> bool {
    model.biller.customers.get(customer).is_some_and(|it| !it.deleted)
}
