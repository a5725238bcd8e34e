//! `meter`: getting recorded usage to Stripe's meters, exactly once in effect.

pub(in crate::cli) mod cancel;

use clap::{Args, Subcommand, ValueEnum};

use super::Cx;
use super::interrupt::{Interrupt, interrupted};
use super::reconcile::several;
use crate::billing::delivery::State;
use crate::billing::id::{CustomerId, MeterKey, Namespace};
use crate::error::{Changed, Error, Kind};
use crate::flow::meter::{self, Effect, Line, Planned};
use crate::flow::push::{self, Ask, Courier, MARK_EVERY, Outcome};
use crate::store::delivery::{Delivery, DeliveryFilter, Which};
use crate::store::inbox::MeterErrors;
use crate::store::{CustomerRow, MeterRow, Reader, Store};
use crate::ui::{Cell, Report};

/// Get recorded usage to Stripe's meters, exactly once in effect
#[derive(Debug, Subcommand)]
pub enum MeterCommand {
    /// Form deliveries from recorded usage and send what is due
    Push(PushArgs),
    /// Show deliveries by meter and state, with the money of what is not at Stripe
    Status(StatusArgs),
    /// Send again, or move into the open period, what was rejected or came late
    Retry(RetryArgs),
    Cancel(cancel::CancelArgs),
    /// Say of an unknown delivery whether Stripe has it
    Settle(SettleArgs),
    /// List deliveries
    List(ListArgs),
}

/// Form deliveries from recorded usage and send what is due
///
/// Sends nearest deadlines first. Exits 7 when a delivery is rejected, 8 when one is unknown, 4 when one is late, 75 when
/// some must be tried again later, 6 when another store sends. A second push of the same store exits 9.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
    /// Of this meter only
    #[arg(long, value_name = "METER")]
    meter: Option<MeterKey>,
    /// Most deliveries to send
    #[arg(long, value_name = "N")]
    max: Option<u64>,
    /// Most to send in a second, below Stripe's own limit, which always holds: leaves room for other programs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pace: Option<u32>,
}

/// Arguments of `meter status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Of this meter only
    #[arg(long, value_name = "METER")]
    meter: Option<MeterKey>,
}

/// Send again, or move into the open period, what was rejected or came late
///
/// Without numbers: everything that is rejected, late or too late, and what waits for its next attempt. What may be at
/// Stripe already is never sent again under a new identifier.
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// Deliveries, by number
    deliveries: Vec<i64>,
    /// Bill what came too late in the period that is open now
    #[arg(long)]
    into_open_period: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// What a person says of an unknown delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Word {
    /// Stripe has it.
    Accepted,
    /// It never arrived: it is sent again.
    Absent,
}

/// Say of a delivery whether Stripe has it
///
/// For one that is unknown, and for one that Stripe was asked to cancel without an answer that says whether it did.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// The delivery, by number
    delivery: i64,
    /// accepted: Stripe has it; absent: it never arrived and is sent again
    word: Word,
    /// How you know, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Arguments of `meter list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<CustomerId>,
    /// Of this meter only
    #[arg(long, value_name = "METER")]
    meter: Option<MeterKey>,
    /// In this state only
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<State>,
    /// Most deliveries to list
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

fn state(text: &str) -> Result<State, String> {
    State::parse(text).ok_or_else(|| {
        let words: Vec<&str> = State::ALL.iter().map(|it| it.as_str()).collect();
        format!("there are: {}", words.join(", "))
    })
}

const PUSH_COLUMNS: &[&str] = &["customer", "meter", "from", "to", "events", "quantity"];
const STATUS_COLUMNS: &[&str] = &[
    "meter",
    "state",
    "deliveries",
    "events",
    "quantity",
    "amount",
    "oldest_event",
    "must_arrive_by",
    "next_attempt",
    "last_error",
    "request_id",
];
const RETRY_COLUMNS: &[&str] =
    &["delivery", "customer", "meter", "quantity", "amount", "effect", "refused_because"];
pub(super) const DELIVERY_COLUMNS: &[&str] = &[
    "delivery",
    "identifier",
    "customer",
    "cus",
    "meter",
    "from",
    "to",
    "after_seq",
    "upto_seq",
    "value",
    "timestamp",
    "state",
    "attempts",
    "first_attempt",
    "accepted_at",
    "last_error",
    "request_id",
];

pub(super) fn run(cx: &Cx, command: MeterCommand) -> Result<Report, Error> {
    match command {
        MeterCommand::Push(args) => run_push(cx, args),
        MeterCommand::Status(args) => status(cx, args),
        MeterCommand::Retry(args) => retry(cx, args),
        MeterCommand::Cancel(args) => cancel::run(cx, &args),
        MeterCommand::Settle(args) => settle(cx, args),
        MeterCommand::List(args) => list(cx, args),
    }
}

/// The namespace of the catalog that was applied last: nothing is sent before `seed`.
pub(super) fn namespace(store: &Store) -> Result<Namespace, Error> {
    let found = store.info()?.namespace.ok_or_else(|| {
        Error::new(Kind::Refused, "not_seeded", "no catalog has been applied to this store yet")
            .hint("run `paygrade seed` first")
    })?;
    Ok(Namespace::parse(&found)?)
}

pub(super) fn only(
    r: &Reader<'_>,
    customer: Option<&CustomerId>,
    meter: Option<&MeterKey>,
) -> Result<(Option<CustomerRow>, Option<MeterRow>), Error> {
    let customer = customer.map(|id| crate::flow::customer::customer_required(r, id)).transpose()?;
    let meter = meter.map(|key| meter::meter_required(r, key)).transpose()?;
    Ok((customer.map(|it| it.row), meter))
}

fn grace_s(cx: &Cx) -> i64 {
    i64::from(cx.settings().grace_s.value)
}

fn run_push(cx: &Cx, args: PushArgs) -> Result<Report, Error> {
    let ask = |r: &Reader<'_>| {
        let (customer, meter) = only(r, args.customer.as_ref(), args.meter.as_ref())?;
        Ok::<_, Error>(Ask {
            customer,
            meter,
            which: Which::All,
            deliveries_max: args.max,
            grace_s: grace_s(cx),
            mark_every: MARK_EVERY,
        })
    };
    if cx.globals.dry_run {
        let store = cx.store_reading()?;
        let ask = store.read(ask)?;
        return push_preview(cx, &store, &ask);
    }
    let store = cx.store()?;
    let ask = store.read(ask)?;
    let namespace = namespace(&store)?;
    cx.pace(args.pace);
    let api = cx.api()?;
    let courier = Courier {
        store: &store,
        api: &api,
        clock: cx.clock(),
        namespace: &namespace,
        random: cx.env.random(),
    };
    let outcome = cx.block_on(push::push(&courier, &ask, interrupted(&Interrupt::listen()?)))??;
    for (delivery, problem) in &outcome.problems {
        cx.ui.note(&format!("delivery {delivery}: {problem}"));
    }
    if let Some(stopped) = &outcome.stopped {
        cx.ui.note(&format!("stopped: {stopped}"));
        cx.ui.note(stopped.hint_text().unwrap_or_default());
    }
    Ok(push_report(&outcome))
}

fn push_report(it: &Outcome) -> Report {
    let mut report = Report::new("meter_push", &[]);
    let count = Cell::Count;
    report.facts = vec![
        ("formed", count(it.formed.due)),
        ("closed", count(it.formed.closed)),
        ("held_before", count(it.formed.opening)),
        ("taken_back", count(it.taken_back)),
        ("cancelled", count(it.cancelled)),
        ("sent", count(it.sent)),
        ("accepted", count(it.accepted)),
        ("already_there", count(it.already)),
        ("units", count(it.units)),
    ];
    for state in [State::Due, State::Rejected, State::Unknown, State::Late, State::TooLate] {
        report.facts.push((state.as_str(), count(it.left_in(state))));
    }
    report.facts.push(("next_attempt", Cell::maybe_at(it.next_attempt)));
    report.wrote = Some(it.accepted);
    let verdict = push_verdict(it);
    report.verdict(verdict).outcome(it.kind())
}

fn push_verdict(it: &Outcome) -> String {
    let mut parts = vec![if it.sent == 0 {
        "nothing to send".to_owned()
    } else {
        format!("{} of {} accepted, {}", it.accepted, it.sent, several(it.units, "unit", "units"))
    }];
    for (state, word) in [
        (State::Due, "still due"),
        (State::Rejected, "rejected"),
        (State::Unknown, "unknown"),
        (State::Late, "late"),
        (State::TooLate, "too late"),
    ] {
        let left = it.left_in(state);
        if left > 0 {
            parts.push(format!("{left} {word}"));
        }
    }
    parts.join(", ")
}

fn push_preview(cx: &Cx, store: &Store, ask: &Ask) -> Result<Report, Error> {
    let preview = push::preview(store, ask, cx.now()?)?;
    let mut report = Report::new("meter_push", PUSH_COLUMNS);
    let names = store.read(|r| {
        preview
            .uncovered
            .iter()
            .map(|it| Ok::<_, Error>(r.customer_get(it.customer)?.id))
            .collect::<Result<Vec<_>, _>>()
    })?;
    for (it, customer) in preview.uncovered.iter().zip(names) {
        report.row(vec![
            Cell::text(customer.as_str()),
            Cell::text(&it.meter_key),
            Cell::At(it.window.from),
            Cell::At(it.window.to),
            Cell::Count(it.events),
            Cell::Count(it.sum),
        ]);
    }
    let amount = store.read(|r| meter::uncovered_cost(r, &preview.uncovered))?;
    report.facts = vec![("amount", Cell::maybe_money(amount))];
    let new = i64::try_from(preview.uncovered.len()).unwrap_or(i64::MAX);
    let (new, waiting) = (several(new, "delivery", "deliveries"), preview.waiting);
    let verdict = format!(
        "would form {new}; {waiting} waiting already; nothing was changed; apply it: {}",
        cx.line_applying()
    );
    Ok(report.verdict(verdict))
}

fn status(cx: &Cx, args: StatusArgs) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    let lines = store.read(|r| {
        let (_, meter) = only(r, None, args.meter.as_ref())?;
        meter::status(r, meter, cx.now()?, grace_s(cx))
    })?;
    let mut report = Report::new("meter_status", STATUS_COLUMNS).money(&["amount"]);
    for line in &lines {
        report.row(status_cells(line));
    }
    let late = lines.iter().any(|line| matches!(line.state, "late" | "too_late"));
    let mut verdict = status_verdict(&lines);
    let errors = store.read(|r| r.meter_errors())?;
    let sum = |of: fn(&MeterErrors) -> i64| errors.iter().map(of).sum::<i64>();
    let (not_counted, attributed) = (sum(|it| it.errors), sum(|it| it.attributed));
    if not_counted > 0 {
        let unattributed = not_counted - attributed;
        report.facts.push(("not_counted", Cell::Count(not_counted)));
        report.facts.push(("unattributed", Cell::Count(unattributed)));
        verdict = format!(
            "{verdict}; Stripe reported {} that it did not count, {unattributed} of them unattributed: `paygrade reconcile` \
             finds them",
            several(not_counted, "event", "events")
        );
    }
    let differs = late || not_counted > 0;
    Ok(report.verdict(verdict).outcome(differs.then_some(Kind::Differences)))
}

/// What needs somebody first, then what waits. Only where nothing does, everything is at Stripe.
fn status_verdict(lines: &[Line]) -> String {
    let of = |states: &[&str]| -> i64 {
        lines.iter().filter(|line| states.contains(&line.state)).map(|line| line.deliveries).sum()
    };
    let mut parts = Vec::new();
    match of(&["late", "too_late"]) {
        0 => {}
        late => parts.push(format!(
            "{late} late: sent now they would not be billed; `paygrade meter retry --into-open-period` bills them"
        )),
    }
    match of(&["rejected"]) {
        0 => {}
        rejected => parts.push(format!(
            "{rejected} rejected: Stripe did not take them; `paygrade meter retry` sends them again"
        )),
    }
    match of(&["unknown"]) {
        0 => {}
        unknown => parts.push(format!(
            "{unknown} unknown: `paygrade reconcile` compares, `paygrade meter settle` decides"
        )),
    }
    let waits = |line: &&Line| matches!(line.state, "undelivered" | "due" | "sending");
    if let Some(by) = lines.iter().filter(waits).filter_map(|line| line.must_arrive_by).min() {
        parts.push(format!("the nearest deadline is {by}"));
    }
    if parts.is_empty() {
        return "everything that was recorded is at Stripe".to_owned();
    }
    parts.join("; ")
}

fn status_cells(line: &Line) -> Vec<Cell> {
    vec![
        Cell::text(&line.meter),
        Cell::text(line.state),
        Cell::Count(line.deliveries),
        Cell::Count(line.events),
        Cell::Count(line.quantity),
        Cell::maybe_money(line.amount),
        Cell::At(line.oldest),
        Cell::maybe_at(line.must_arrive_by),
        Cell::maybe_at(line.next_attempt),
        Cell::maybe_text(line.last_error.clone()),
        Cell::maybe_text(line.request_id.clone()),
    ]
}

fn retry(cx: &Cx, args: RetryArgs) -> Result<Report, Error> {
    if let Some(reason) = &args.reason {
        cx.because(reason);
    }
    let store = cx.store()?;
    let now = cx.now()?;
    let plan = meter::retry_plan(&store, &args.deliveries, args.into_open_period, grace_s(cx), now)?;
    let mut report = Report::new("meter_retry", RETRY_COLUMNS).money(&["amount"]);
    for it in &plan {
        report.row(retry_cells(it));
    }
    let refused = plan.iter().filter(|it| matches!(it.effect, Effect::Refused(_))).count();
    let replacing = plan.iter().filter(|it| matches!(it.effect, Effect::Replace(..))).count();
    let outcome = (refused > 0).then_some(Kind::Refused);
    if cx.globals.dry_run {
        let verdict = format!(
            "would replace {replacing}, refuse {refused}; nothing was changed; apply it: {}",
            cx.line_applying()
        );
        return Ok(report.verdict(verdict));
    }
    if args.into_open_period && replacing > 0 && !cx.globals.yes {
        agree(cx, &plan)?;
    }
    let _lock = push::lock(&store)?;
    let (made, hurried) = meter::retry_apply(&store, &plan, now)?;
    report.wrote = i64::try_from(made.len()).ok();
    let verdict = format!(
        "{} replaced, {hurried} wait no longer, {refused} refused; `paygrade meter push` sends them",
        made.len()
    );
    Ok(report.verdict(verdict).outcome(outcome))
}

/// Moving usage into another period moves money: the amounts are shown before.
fn agree(cx: &Cx, plan: &[Planned]) -> Result<(), Error> {
    for it in plan.iter().filter(|it| matches!(it.effect, Effect::Replace(..))) {
        let amount = it.amount.map_or_else(|| "an unknown amount".to_owned(), |money| money.to_string());
        let Delivery { delivery, customer_id, value, meter_key, .. } = &it.delivery;
        cx.ui.note(&format!(
            "delivery {delivery}: {value} {meter_key} of {customer_id}, {amount} in the open period"
        ));
    }
    match cx.ui.confirm("Bill this in the open period?") {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Kind::Refused, "declined", "nothing was changed")),
        None => {
            Err(Error::new(Kind::Refused, "not_confirmed", "moving usage into the open period needs a yes")
                .changed(Changed::None)
                .hint("look at the amounts with -n, then add --yes"))
        }
    }
}

fn retry_cells(it: &Planned) -> Vec<Cell> {
    let (effect, refused) = match &it.effect {
        Effect::Hurry => ("sent at the next push".to_owned(), None),
        Effect::Replace(retry, _) if retry.into.is_some() => {
            (format!("a new delivery at {}", retry.timestamp), None)
        }
        Effect::Replace(..) => ("a new delivery at its own time".to_owned(), None),
        Effect::Refused(why) => ("none".to_owned(), Some(why.clone())),
    };
    vec![
        Cell::Count(it.delivery.delivery),
        Cell::text(&it.delivery.customer_id),
        Cell::text(&it.delivery.meter_key),
        Cell::Count(it.delivery.value),
        Cell::maybe_money(it.amount),
        Cell::text(effect),
        Cell::maybe_text(refused),
    ]
}

fn settle(cx: &Cx, args: SettleArgs) -> Result<Report, Error> {
    if cx.globals.dry_run {
        let found = cx.store_reading()?.read(|r| meter::unknown_required(r, args.delivery))?;
        let mut report = Report::new("meter settle", DELIVERY_COLUMNS);
        report.row(delivery_cells(&found));
        return Ok(report.verdict(format!(
            "would settle delivery {}; nothing was changed; apply it: {}",
            found.delivery,
            cx.line_applying()
        )));
    }
    cx.because(&args.reason);
    let store = cx.store()?;
    let _lock = push::lock(&store)?;
    let arrived = args.word == Word::Accepted;
    let found = meter::settle(&store, args.delivery, arrived, &args.reason, cx.now()?)?;
    let mut report = Report::new("meter_settle", DELIVERY_COLUMNS);
    report.row(delivery_cells(&found));
    report.wrote = Some(1);
    Ok(report.verdict(format!("delivery {} is {} now", found.delivery, found.progress.state)))
}

fn list(cx: &Cx, args: ListArgs) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    let (found, more) = store.read(|r| {
        let (customer, meter) = only(r, args.customer.as_ref(), args.meter.as_ref())?;
        let filter = DeliveryFilter { customer, meter, state: args.state, ..DeliveryFilter::default() };
        Ok::<_, Error>(r.delivery_list(&filter, args.limit)?)
    })?;
    let mut report = Report::new("meter_list", DELIVERY_COLUMNS);
    for it in &found {
        report.row(delivery_cells(it));
    }
    let count = found.len();
    let verdict = if more {
        format!("the first {count}; --limit shows more")
    } else {
        several(i64::try_from(count).unwrap_or(i64::MAX), "delivery", "deliveries")
    };
    Ok(report.verdict(verdict))
}

/// The cells of [`DELIVERY_COLUMNS`].
pub(super) fn delivery_cells(it: &Delivery) -> Vec<Cell> {
    vec![
        Cell::Count(it.delivery),
        Cell::text(&it.identifier),
        Cell::text(&it.customer_id),
        Cell::text(&it.cus),
        Cell::text(&it.meter_key),
        Cell::At(it.from),
        Cell::At(it.to),
        Cell::Count(it.after_seq),
        Cell::Count(it.upto_seq),
        Cell::Count(it.value),
        Cell::At(it.timestamp),
        Cell::text(it.progress.state.as_str()),
        Cell::Count(i64::from(it.progress.attempts)),
        Cell::maybe_at(it.first_attempt),
        Cell::maybe_at(it.progress.accepted_at),
        Cell::maybe_text(it.last_error.clone()),
        Cell::maybe_text(it.request_id.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::time::Timestamp;

    /// Planted and seen to fail here: rejected deliveries without a deadline passed for sent.
    #[test]
    fn the_verdict_names_what_is_not_at_stripe() {
        let line = |state| Line {
            meter: "tokens".to_owned(),
            state,
            deliveries: 2,
            events: 2,
            quantity: 10,
            amount: None,
            oldest: Timestamp(0),
            must_arrive_by: matches!(state, "due" | "unknown" | "undelivered").then_some(Timestamp(3600)),
            next_attempt: None,
            last_error: None,
            request_id: None,
        };
        for (states, want) in [
            (&[][..], "everything that was recorded is at Stripe"),
            (&["accepted", "closed"], "everything that was recorded is at Stripe"),
            (&["due"], "the nearest deadline is 1970-01-01T01:00:00Z"),
            (&["rejected"], "2 rejected: "),
            (&["unknown"], "2 unknown: "),
            (&["late", "rejected"], "2 late: "),
        ] {
            let lines: Vec<Line> = states.iter().map(|state| line(*state)).collect();
            let got = status_verdict(&lines);
            assert!(got.starts_with(want), "{states:?}: {got}");
        }
        assert!(status_verdict(&[line("late"), line("rejected")]).contains("; 2 rejected: "));
    }
}
