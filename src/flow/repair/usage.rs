//! Findings about usage: what each takes, by both sides as they are now.

use super::in_time::{InTime, in_time};
use super::{Ask, Desk, Shown, Step, Work, correct, courier};
use crate::billing::delivery::State;
use crate::billing::money::Money;
use crate::billing::reconcile::{Cause, Class};
use crate::billing::repair::{Fix, Known, Refusal, fix};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::flow::cancel::{self, Ended, cancel_apply, is_billed};
use crate::flow::cost;
use crate::flow::meter::{self, Effect};
use crate::flow::push;
use crate::flow::reconcile;
use crate::store::correction::FindingPlace;
use crate::store::delivery::{Delivery, Uncovered};
use crate::store::finding::Finding;
use crate::store::reconcile::Scope;
use crate::store::span::SpanCache;
use crate::store::{CustomerRow, MeterRow, Reader};
use crate::stripe::Grouping;

/// What is to be done about a finding about usage.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) finding: Finding,
    pub(super) place: FindingPlace,
    fix: Fix,
    deliveries: Vec<Delivery>,
    retries: Vec<meter::Planned>,
    cancels: Vec<cancel::Planned>,
    pub(super) amount: Option<Money>,
}

impl Job {
    /// The customer and meter whose usage is sent then.
    pub(super) fn sends(&self) -> Option<(CustomerRow, MeterRow)> {
        let pays = matches!(self.fix, Fix::InvoiceItem | Fix::OwnInvoice);
        (!pays).then_some((self.place.customer, self.place.meter))
    }
    /// Whether the correction has an invoice of its own.
    pub(super) fn has_own_invoice(&self) -> bool {
        self.fix == Fix::OwnInvoice
    }
}

/// What both sides say now.
struct Sides {
    finding: Finding,
    place: FindingPlace,
    deliveries: Vec<Delivery>,
    uncovered: Vec<Uncovered>,
    cancels: Vec<cancel::Planned>,
    /// Units of what is in flight that Stripe does not count yet, and what they cost.
    in_flight: (i64, Option<Money>),
    corrected: bool,
    billed: bool,
    /// What of it can still be sent with its own time.
    in_time: InTime,
    open_period: bool,
    subscribed: bool,
    /// The finding that tells whether Stripe has its deliveries at all.
    waits_for: Option<i64>,
}

/// Plans one finding.
pub(super) async fn plan(desk: &Desk<'_>, ask: &Ask, number: i64) -> Result<Step, Error> {
    let sides = desk.store.read(|r| sides(r, desk, number))?;
    let shown = Shown {
        finding: Some(number),
        customer: Some(sides.finding.customer_id.clone()),
        meter: Some(sides.finding.meter_key.clone()),
        ..Shown::default()
    };
    if sides.place.is_gone {
        return Ok(Step::mended(shown, "a later reconcile did not find it any more"));
    }
    if let Some(first) = sides.waits_for {
        let why = format!(
            "finding {first} about the same delivery comes first: repair that, then paygrade reconcile"
        );
        return Ok(Step::refused(shown, why));
    }
    let known = known(desk, ask, &sides).await?;
    let fix = fix(&known);
    let retries = match fix {
        Fix::Replace | Fix::IntoOpenPeriod => {
            let wanted =
                |it: &&Delivery| matches!(it.progress.state, State::Rejected | State::Late | State::TooLate);
            let numbers: Vec<i64> = sides.deliveries.iter().filter(wanted).map(|it| it.delivery).collect();
            let into = fix == Fix::IntoOpenPeriod;
            meter::retry_plan(desk.store, &numbers, into, desk.manner.grace_s, desk.now)?
        }
        _ => Vec::new(),
    };
    if let Some(why) = retries.iter().find_map(|it| match &it.effect {
        Effect::Refused(why) => Some(format!("delivery {}: {why}", it.delivery.delivery)),
        _ => None,
    }) {
        return Ok(Step::refused(shown, why));
    }
    Ok(step(ask, sides, &known, fix, retries, shown))
}

fn step(
    ask: &Ask,
    sides: Sides,
    known: &Known,
    fix: Fix,
    retries: Vec<meter::Planned>,
    shown: Shown,
) -> Step {
    let finding = &sides.finding;
    let change = finding.amount.map(|money| Money { minor: -money.minor, ..money });
    let (quantity, amount, deadline) = match fix {
        Fix::Arrived | Fix::Lost { in_time: false } | Fix::NotArrived { in_time: false } => {
            (Some(0), change.map(|it| Money { minor: 0, ..it }), None)
        }
        Fix::Refuse(Refusal::TooLate) => (Some(sides.in_time.over), sides.in_time.over_amount, None),
        // The rest is too late.
        Fix::Send | Fix::Lost { .. } | Fix::NotArrived { .. } if sides.in_time.is_short => {
            (Some(sides.in_time.units), sides.in_time.amount, deadline(&sides.deliveries))
        }
        Fix::NotArrived { .. } => (Some(known.unknown), sides.in_flight.1, deadline(&sides.deliveries)),
        Fix::IntoOpenPeriod => {
            let of = |it: &meter::Planned| it.amount;
            (Some(-finding.difference), total(retries.iter().map(of)), None)
        }
        Fix::Cancel => {
            // What belongs elsewhere is sent again, except for what nothing bills.
            let moves = finding.cause == Cause::SpanChanged;
            let quantity = (!moves).then_some(-finding.difference);
            (quantity, change, sides.cancels.iter().filter_map(|it| it.until).min())
        }
        Fix::InvoiceItem | Fix::OwnInvoice => (Some(0), change, None),
        // Asked again under its identifier: what Stripe has of it, it does not count twice.
        Fix::Send if finding.class == Class::Unknown => {
            let (units, amount) = sides.in_flight;
            (Some(units), amount, deadline(&sides.deliveries))
        }
        Fix::Send => {
            let by = sides.uncovered.iter().map(|it| it.must_arrive_by).min();
            (Some(-finding.difference), change, by.or_else(|| deadline(&sides.deliveries)))
        }
        _ => (Some(-finding.difference), change, deadline(&sides.deliveries)),
    };
    let shown = Shown { quantity, amount, deadline, ..shown };
    let (action, effect) = match words(&sides, fix) {
        Ok(words) => words,
        Err(Words::Mended) => return Step::mended(shown, "done already; the next reconcile closes it"),
        Err(Words::Refused(why)) => return Step::refused(shown, why),
    };
    let pays = matches!(fix, Fix::InvoiceItem | Fix::OwnInvoice);
    if pays && finding.cause.is_of_bill() && amount.is_none() {
        let number = finding.finding;
        let why =
            format!("what it costs is not known here: bill it by hand, then paygrade reconcile ack {number}");
        return Step::refused(shown, why);
    }
    if (pays || fix == Fix::IntoOpenPeriod) && !ask.correct {
        let shown = Shown { action, effect: Some(effect), ..shown };
        let why = Some("a correction in money: add --correct".to_owned());
        return Step { shown: Shown { refused: why, ..shown }, basis: String::new(), work: Work::Nothing };
    }
    if pays && amount.is_none_or(|it| it.minor == 0) {
        let why = "it has no price: acknowledge it, paygrade reconcile ack".to_owned();
        return Step::refused(shown, why);
    }
    let basis = basis(&sides, fix);
    let shown = Shown { action, effect: Some(effect), ..shown };
    let Sides { finding, place, deliveries, cancels, .. } = sides;
    let work = Work::Usage(Box::new(Job { finding, place, fix, deliveries, retries, cancels, amount }));
    Step { shown, basis, work }
}

/// What the step rests on: another state of the world is another plan.
fn basis(sides: &Sides, fix: Fix) -> String {
    let states: Vec<String> = sides
        .deliveries
        .iter()
        .map(|it| format!("{}={}:{}", it.delivery, it.progress.state, it.value))
        .collect();
    let left: Vec<String> =
        sides.uncovered.iter().map(|it| format!("{}:{}", it.window.from, it.sum)).collect();
    format!("{fix:?} {:?} {} {}", sides.finding.stripe, states.join(" "), left.join(" "))
}

enum Words {
    Mended,
    Refused(String),
}

/// The action in one word, and what follows.
fn words(sides: &Sides, fix: Fix) -> Result<(&'static str, String), Words> {
    let finding = &sides.finding;
    let customer = &finding.customer_id;
    Ok(match fix {
        Fix::Send => ("send", format!("sent with its own time{}", short(sides))),
        Fix::Replace => ("resend", "sent with its own time, under a new identifier".to_owned()),
        Fix::Lost { in_time: true } => {
            let effect = "proved absent: sent with its own time, under a new identifier";
            ("resend", format!("{effect}{}", short(sides)))
        }
        Fix::Lost { in_time: false } => ("settle", format!("proved absent{}", short(sides))),
        Fix::Arrived => ("settle", "Stripe has it: accepted".to_owned()),
        Fix::NotArrived { in_time: true } => {
            let effect = "Stripe does not have it: sent under the same identifier";
            ("resend", format!("{effect}{}", short(sides)))
        }
        Fix::NotArrived { in_time: false } => ("settle", format!("Stripe does not have it{}", short(sides))),
        Fix::Cancel if finding.cause == Cause::SentTwice => {
            ("cancel", "its meter events are taken back at Stripe".to_owned())
        }
        Fix::Cancel => {
            let effect = "taken back at Stripe, and what is billed of its usage is sent with its own time";
            ("cancel", effect.to_owned())
        }
        Fix::IntoOpenPeriod => ("correct", "billed in the open period".to_owned()),
        Fix::InvoiceItem if sides.subscribed => {
            ("correct", format!("an item on the next invoice of {customer}"))
        }
        Fix::InvoiceItem => {
            ("correct", format!("an item that waits for an invoice: {customer} has no subscription"))
        }
        Fix::OwnInvoice => (
            "correct",
            format!("a draft invoice of its own, for you to send: {customer} has no subscription"),
        ),
        Fix::Mended => return Err(Words::Mended),
        Fix::Refuse(why) => return Err(Words::Refused(refused(sides, why))),
    })
}

/// Why nothing is done, and what a person can do.
fn refused(sides: &Sides, why: Refusal) -> String {
    let finding = &sides.finding;
    let units = finding.difference.saturating_abs();
    let (number, customer) = (finding.finding, &finding.customer_id);
    match why {
        Refusal::Moved if finding.cause.is_of_bill() => {
            "the bill is another one now: paygrade reconcile --through invoice".to_owned()
        }
        Refusal::Moved => "Stripe counts something else there now: paygrade reconcile".to_owned(),
        Refusal::OneReading => {
            "one reading proves nothing while Stripe may still count: run it again later".to_owned()
        }
        Refusal::Ambiguous => format!(
            "{units} units fit no delivery, or several: a person decides (paygrade meter settle), or paygrade \
                     reconcile ack {number}"
        ),
        Refusal::TooLate if sides.deliveries.iter().any(is_in_flight) => {
            "too late to be asked for again: paygrade meter push makes it unknown, then paygrade reconcile"
                .to_owned()
        }
        Refusal::TooLate => {
            format!("too late to be sent: paygrade meter push notes it as late, then {}", into_open(sides))
        }
        Refusal::NoOpenPeriod => format!(
            "{customer} has no open period that bills it: send an invoice by hand, then paygrade reconcile ack {number}"
        ),
        Refusal::Invoice => format!(
            "the invoice charges something else than what was counted: correct it by hand, then paygrade reconcile \
                     ack {number}"
        ),
        Refusal::WrongCustomer => {
            "it was counted for another customer: look at both, then paygrade meter cancel".to_owned()
        }
    }
}

/// What is said of units that are not sent any more.
fn short(sides: &Sides) -> String {
    if !sides.in_time.is_short {
        return String::new();
    }
    let over = sides.in_time.over;
    let units = if over == 1 { "1 unit is".to_owned() } else { format!("{over} units are") };
    format!("; {units} too late to be sent and become late, then {}", into_open(sides))
}

/// What bills usage that is late.
fn into_open(sides: &Sides) -> String {
    if !sides.open_period {
        return "an invoice by hand: no period is open that bills it".to_owned();
    }
    let money = sides.in_time.over_amount.map(|it| format!(" for {it}")).unwrap_or_default();
    format!("paygrade meter retry --into-open-period bills it in the open period{money}")
}

fn total(parts: impl Iterator<Item = Option<Money>>) -> Option<Money> {
    parts.reduce(|sum, part| {
        let (sum, part) = sum.zip(part).filter(|(a, b)| a.currency == b.currency)?;
        Some(Money { minor: sum.minor.checked_add(part.minor)?, ..sum })
    })?
}

fn deadline(deliveries: &[Delivery]) -> Option<Timestamp> {
    deliveries.iter().map(|it| it.must_arrive_by).min()
}

fn sides(r: &Reader<'_>, desk: &Desk<'_>, number: i64) -> Result<Sides, Error> {
    let bug = || Error::new(Kind::Bug, "finding", format!("finding {number} is gone"));
    let finding = r.finding_get(number)?.ok_or_else(bug)?;
    let place = r.finding_place(number)?.ok_or_else(bug)?;
    let mut deliveries = Vec::new();
    for delivery in &finding.deliveries {
        deliveries.extend(r.delivery_get(*delivery)?);
    }
    let grace_s = desk.manner.grace_s;
    let mut uncovered = r.usage_uncovered(Some(place.customer), Some(place.meter), grace_s, desk.now)?;
    uncovered.retain(|it| finding.range.from < it.window.to && it.window.from < finding.range.to);
    let mut billed = false;
    let mut cancels = Vec::new();
    for it in &deliveries {
        billed |= is_billed(r, place.customer, it.timestamp, it.must_arrive_by, desk.now)?;
        let planned = cancel::planned(r, it.clone(), grace_s, desk.now)?;
        let planned = if it.progress.state.covers() { planned } else { cancel::stray(r, planned, desk.now)? };
        cancels.push(planned);
    }
    let in_doubt = |it: &&Delivery| is_in_flight(it) || it.progress.state == State::Unknown;
    let sent: i64 = deliveries.iter().filter(in_doubt).map(|it| it.value).sum();
    let lacking = sent - finding.difference;
    let of_period = deliveries.first().map_or(finding.range.from, |it| it.period_start);
    let cost = cost::part(r, place.customer, place.meter, &finding.meter_key, of_period, lacking)?;
    let in_flight = (lacking, cost);
    if finding.cause == Cause::SpanChanged {
        billed |= belongs_where_billed(r, desk, &finding, &place)?;
    }
    let in_time = in_time(r, desk, &finding, &place, &deliveries, &uncovered)?;
    let span = SpanCache::default().derive(r, place.customer, place.meter, desk.now)?.0;
    let corrected = r.correction_of(number)?.is_some_and(|it| it.item.is_some());
    let open_period = span.treatment.price().is_some();
    let waits_for = waits_for(r, &finding, place.customer)?;
    let subscribed = r.subscriptions_of(place.customer)?.iter().any(|it| it.is_live());
    Ok(Sides {
        finding,
        place,
        deliveries,
        uncovered,
        cancels,
        in_flight,
        corrected,
        billed,
        in_time,
        open_period,
        subscribed,
        waits_for,
    })
}

/// What was sent across an edge that changed is taken back or corrected only where Stripe has it: a finding that it does not
/// comes first, and sends it anew, cut at the edge.
fn waits_for(r: &Reader<'_>, it: &Finding, customer: CustomerRow) -> Result<Option<i64>, Error> {
    if !matches!(it.cause, Cause::SpanChanged | Cause::ValueDiffers) {
        return Ok(None);
    }
    let absent = |other: &Finding| {
        other.stripe.is_some()
            && matches!(other.cause, Cause::Lost | Cause::Rejected | Cause::WrongCustomer | Cause::Unknown)
            && other.deliveries.iter().any(|delivery| it.deliveries.contains(delivery))
    };
    let open = r.findings_open_of(customer)?;
    Ok(open.iter().find(|other| other.ack.is_none() && absent(other)).map(|other| other.finding))
}

/// Its attempt had no definite answer, and the next push decides it.
fn is_in_flight(it: &Delivery) -> bool {
    matches!(it.progress.state, State::Due | State::Sending) && it.progress.indefinite_at.is_some()
}

/// Whether units that are misplaced now belong where an invoice takes no more: what is taken back of them there would never
/// be billed.
fn belongs_where_billed(
    r: &Reader<'_>,
    desk: &Desk<'_>,
    finding: &Finding,
    place: &FindingPlace,
) -> Result<bool, Error> {
    let scope = Scope { customer: Some(place.customer), meter: Some(place.meter) };
    let misplaced = r.bill_misplaced(&scope, true)?;
    for it in misplaced.iter().filter(|it| finding.deliveries.contains(&it.delivery)) {
        for (at, _) in &it.parts {
            let mut spans = SpanCache::default();
            let there = r.usage_billed(&mut spans, it.customer, it.meter, *at, desk.manner.grace_s)?;
            let is_priced = there.exempt.is_none();
            if is_priced && is_billed(r, it.customer, *at, there.must_arrive_by, desk.now)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

async fn known(desk: &Desk<'_>, ask: &Ask, sides: &Sides) -> Result<Known, Error> {
    let finding = &sides.finding;
    let of = |state: State| sides.deliveries.iter().filter(move |it| it.progress.state == state);
    let waits = sides.deliveries.iter().any(|it| matches!(it.progress.state, State::Due | State::Sending));
    let unknown = of(State::Unknown).map(|it| it.value).sum();
    // What waits with a doubtful attempt is decided by the next push, while Stripe refuses a second one.
    let in_flight = finding.class == Class::Unknown
        && of(State::Unknown).count() == 0
        && sides.deliveries.iter().any(is_in_flight);
    // Proved absent by reconcile: what they covered is as if it had never been sent.
    let is_lost = finding.stripe.is_some()
        && matches!(finding.cause, Cause::Lost | Cause::Rejected)
        && of(State::Lost).count() > 0
        && of(State::Lost).count() == sides.deliveries.len();
    let cause = match (in_flight, is_lost) {
        (true, _) => Cause::InFlight,
        (_, true) => Cause::NotSent,
        _ => finding.cause,
    };
    let strays = |it: &&cancel::Planned| !it.delivery.progress.state.covers();
    let taken_back =
        sides.cancels.iter().any(|it| it.already) && !sides.cancels.iter().any(cancel::Planned::is_to_do);
    let cancellable = match cause {
        Cause::SentTwice => {
            let units: i64 = sides
                .cancels
                .iter()
                .filter(strays)
                .filter(|it| it.is_to_do())
                .map(|it| it.delivery.value)
                .sum();
            units == finding.difference
        }
        Cause::ValueDiffers | Cause::SpanChanged => sides.cancels.iter().any(cancel::Planned::is_to_do),
        _ => false,
    };
    let mended = match (finding.class, cause) {
        (_, Cause::NotSent | Cause::InFlight | Cause::Unsettled) => !waits && sides.uncovered.is_empty(),
        (Class::Unknown, _) => of(State::Unknown).count() == 0 && !waits,
        (_, Cause::Late | Cause::TooLate) => of(State::Late).chain(of(State::TooLate)).count() == 0,
        (_, Cause::Rejected) if finding.stripe.is_none() => of(State::Rejected).count() == 0,
        (_, Cause::Lost | Cause::Rejected) => of(State::Accepted).count() == 0,
        (_, Cause::ValueDiffers | Cause::SpanChanged) => sides.corrected || of(State::Accepted).count() == 0,
        (_, Cause::SentTwice) => sides.corrected || taken_back,
        _ => sides.corrected,
    };
    let same = match finding.stripe {
        Some(_) if mended => true,
        Some(_) if cause.is_of_bill() => billed_same(desk, ask, sides).await?,
        Some(read) => reading(desk, sides).await? == Some(read),
        None => true,
    };
    Ok(Known {
        class: finding.class,
        cause,
        above: finding.stripe.map_or(0, |stripe| stripe - finding.sent),
        unknown,
        fits: of(State::Accepted).map(|it| it.value).sum::<i64>() == -finding.difference,
        same,
        settled: finding.stripe.is_none() || desk.now >= sides.place.read_at.plus(ask.settle_s),
        billed: sides.billed,
        cancellable,
        in_time: sides.in_time.some,
        open_period: sides.open_period,
        subscribed: sides.subscribed,
        gives_back: finding.amount.is_some_and(|it| it.minor > 0),
        mended,
    })
}

/// Whether the invoices lack now what the finding says.
async fn billed_same(desk: &Desk<'_>, ask: &Ask, sides: &Sides) -> Result<bool, Error> {
    let finding = &sides.finding;
    desk.api.run_anew();
    let scope = Scope { customer: Some(sides.place.customer), meter: Some(sides.place.meter) };
    let looking = reconcile::Desk { store: desk.store, api: desk.api, clock: desk.clock };
    let late_s = desk.manner.grace_s + ask.settle_s;
    let found = reconcile::followed_again(&looking, &scope, finding.range, late_s).await?;
    Ok(found.is_some_and(|it| {
        it.billed.lacks.iter().any(|lack| {
            (lack.cause, lack.difference, lack.amount) == (finding.cause, finding.difference, finding.amount)
        })
    }))
}

/// What Stripe counts at the finding's place now.
async fn reading(desk: &Desk<'_>, sides: &Sides) -> Result<Option<i64>, Error> {
    let Some(cus) = &sides.finding.cus else { return Ok(None) };
    desk.api.run_anew();
    let range = sides.finding.range;
    let found =
        desk.api.event_summaries(&sides.place.meter_id, cus, range.from, range.to, Grouping::Whole).await?;
    let mut sum = 0_i64;
    for it in found.value {
        let Some(whole) = it.whole() else { return Ok(None) };
        sum = sum.saturating_add(whole);
    }
    Ok(Some(sum))
}

/// Does what was planned, as far as it is no push; why not, where something moved.
pub(super) async fn apply(desk: &Desk<'_>, job: &Job) -> Result<Option<String>, Error> {
    let moved = || Some("it has changed since it was shown: run it again".to_owned());
    if job.sends().is_none() {
        correct::invoice_item(desk, job).await?;
        return Ok(None);
    }
    let _lock = push::lock(desk.store)?;
    let evidence = evidence(desk, job);
    match job.fix {
        Fix::Replace | Fix::IntoOpenPeriod => {
            meter::retry_apply(desk.store, &job.retries, desk.now)?;
        }
        Fix::Lost { .. } | Fix::Arrived | Fix::NotArrived { .. } => {
            let is_lost = matches!(job.fix, Fix::Lost { .. });
            let wanted = if is_lost { State::Accepted } else { State::Unknown };
            let done = desk.store.write(desk.now, |w| {
                let mut done = true;
                for it in job.deliveries.iter().filter(|it| it.progress.state == wanted) {
                    let now = w.reader().delivery_get(it.delivery)?.map(|it| it.progress.state);
                    if now != Some(wanted) {
                        done = false;
                        continue;
                    }
                    if is_lost {
                        w.delivery_absent(it.delivery, &evidence)?;
                    } else {
                        w.delivery_decide(it.delivery, job.fix == Fix::Arrived, &evidence)?;
                    }
                }
                Ok::<_, Error>(done)
            })?;
            if !done {
                return Ok(moved());
            }
        }
        Fix::Cancel => {
            let sides = job.cancels.iter().filter(|it| match job.finding.class {
                Class::Extra => !it.delivery.progress.state.covers(),
                _ => true,
            });
            let plan: Vec<cancel::Planned> = sides.cloned().collect();
            for (delivery, ended) in cancel_apply(&courier(desk), &plan).await? {
                match ended {
                    Ended::Done => {}
                    Ended::Refused(said) => return Ok(Some(format!("delivery {delivery}: {said}"))),
                    Ended::Open(error) => return Err(error),
                }
            }
        }
        _ => {}
    }
    Ok(None)
}

fn evidence(desk: &Desk<'_>, job: &Job) -> String {
    let finding = &job.finding;
    format!(
        "run {} and repair at {} both read {} of {} at Stripe from {} to {}",
        finding.last_run,
        desk.now,
        finding.stripe.unwrap_or_default(),
        finding.sent,
        finding.range.from,
        finding.range.to
    )
}
