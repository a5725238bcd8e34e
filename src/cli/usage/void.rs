//! `usage void`.

use clap::Args;

use crate::billing::id::MeterKey;
use crate::billing::void::Effect;
use crate::cli::Cx;
use crate::cli::meter::cancel::{courier, say_ended};
use crate::cli::reconcile::several;
use crate::error::{Changed, Error, Kind};
use crate::flow::cancel::cancellations_finish;
use crate::flow::void::{Line, Plan, Which, void_apply, void_plan};
use crate::store::usage_void::Voided;
use crate::ui::{Cell, Report};

/// Void usage that should not have been recorded, by counter-entries
///
/// Nothing is deleted: an event of minus its quantity at its own time counters it, once. What was not sent nets to 0; what
/// was sent is taken back in its own hour by the next push, or its delivery is cancelled at Stripe where all of it is void;
/// credits that it cost are given back. Usage of a period that is billed is refused, with its money.
///
/// Recording a voided event again under its id changes nothing: a corrected file needs ids of its own, or another --source.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade usage void req_81 req_82 --reason \"sent by the staging server\" -n
  paygrade usage void --import 14 --reason \"wrong file\"

Exit 5: something is of a period that is billed and is left; 8: Stripe was asked to cancel, and nobody knows whether it did.")]
pub struct VoidArgs {
    /// Events, by their ids
    #[arg(value_name = "EVENT", required_unless_present = "import")]
    events: Vec<String>,
    /// All that this run recorded
    #[arg(long, value_name = "RUN", conflicts_with = "events")]
    import: Option<i64>,
    /// The meter, where several have an event of that id
    #[arg(long, value_name = "METER", conflicts_with = "import")]
    meter: Option<MeterKey>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

const COLUMNS: &[&str] = &[
    "customer",
    "meter",
    "period_start",
    "period_end",
    "events",
    "quantity",
    "amount",
    "credits",
    "effect",
    "deadline",
    "refused_because",
];

pub(super) fn run(cx: &Cx, args: VoidArgs) -> Result<Report, Error> {
    cx.because(&args.reason);
    let which = args.import.map_or(Which::Events(args.events, args.meter), Which::Run);
    let grace_s = i64::from(cx.settings().grace_s.value);
    let now = cx.now()?;
    if cx.globals.dry_run {
        let plan = void_plan(&cx.store_reading()?, &which, grace_s, now)?;
        let apply = format!("; nothing was changed; apply it: {}", cx.line_applying());
        let apply = if plan.events() > 0 { apply.as_str() } else { "; nothing was changed" };
        return Ok(report(&plan).verdict(format!("would void {}{apply}", counts(&plan, plan.events()))));
    }
    if !cx.store_exists() {
        cx.store_reading()?;
    }
    let store = cx.store()?;
    let plan = void_plan(&store, &which, grace_s, now)?;
    if plan.events() == 0 {
        return Ok(report(&plan).verdict(format!("nothing was changed: {}", counts(&plan, 0))));
    }
    agree(cx, &plan)?;
    let done = void_apply(&store, &which, &plan, grace_s, now)?;
    let mut report = report(&plan);
    report.wrote = Some(done.events);
    let (cancelled, open) = cancel(cx, &plan)?;
    let kinds = [report.outcome, open];
    let verdict = verdict(&plan, &done, cancelled);
    Ok(report.verdict(verdict).outcome(Kind::worst(kinds.into_iter().flatten())))
}

/// Deliveries that are void as a whole are cancelled at once, unless a push is running: then the next one does it.
fn cancel(cx: &Cx, plan: &Plan) -> Result<(i64, Option<Kind>), Error> {
    if plan.cancels.is_empty() {
        return Ok((0, None));
    }
    let store = cx.store()?;
    let Some(_lock) = store.named_lock("push")? else { return Ok((0, None)) };
    let ended = courier(cx, async |courier| cancellations_finish(&courier).await);
    Ok(match ended {
        Ok(ended) => say_ended(cx, &ended),
        // What was voided is recorded: without Stripe the next push goes on.
        Err(error) => {
            cx.ui.note(&format!("not cancelled at Stripe yet: {error}"));
            (0, Some(error.kind()))
        }
    })
}

fn agree(cx: &Cx, plan: &Plan) -> Result<(), Error> {
    if cx.globals.yes {
        return Ok(());
    }
    for line in plan.lines.iter().filter(|it| it.effect != Effect::Refused) {
        let money = line.amount.map(|money| format!(", {money}")).unwrap_or_default();
        let Line { quantity, meter, customer, .. } = line;
        cx.ui.note(&format!("{quantity} {meter} of {customer}{money}: {}", effect(line)));
    }
    match cx.ui.confirm(&format!("Void {}?", several(plan.events(), "event", "events"))) {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Kind::Refused, "declined", "nothing was changed")),
        None => Err(Error::new(Kind::Refused, "not_confirmed", "voiding usage needs a yes")
            .changed(Changed::None)
            .hint("look at the amounts with -n, then add --yes")),
    }
}

fn counts(plan: &Plan, events: i64) -> String {
    let mut text = several(events, "event", "events");
    if plan.refused() > 0 {
        text = format!("{text}, {} refused", plan.refused());
    }
    if plan.known > 0 {
        text = format!("{text}, {} void already", plan.known);
    }
    text
}

fn verdict(plan: &Plan, done: &Voided, cancelled: i64) -> String {
    let mut text = format!("voided {}", counts(plan, done.events));
    if done.credits > 0 {
        text = format!("{text}; {} given back", several(done.credits, "credit", "credits"));
    }
    if cancelled > 0 {
        text = format!("{text}; {} cancelled at Stripe", several(cancelled, "delivery", "deliveries"));
    }
    if plan.lines.iter().any(|it| it.effect == Effect::TakesBack) {
        text = format!("{text}; `paygrade meter push` takes back what was sent");
    }
    text
}

fn effect(line: &Line) -> String {
    match line.effect {
        Effect::Nets => "nets to 0 before it is sent".to_owned(),
        Effect::Cancels => "its delivery is cancelled at Stripe".to_owned(),
        Effect::TakesBack => "a delivery takes it back in its window".to_owned(),
        Effect::NotBilled(_) if line.credits > 0 => "its credits are given back".to_owned(),
        Effect::NotBilled(exempt) => format!("it was not billed ({})", exempt.as_str()),
        Effect::Refused => "none".to_owned(),
    }
}

fn report(plan: &Plan) -> Report {
    let mut report = Report::new("usage_void", COLUMNS).money(&["amount"]);
    for line in &plan.lines {
        let refused = (line.effect == Effect::Refused).then(|| {
            format!("its period is billed: paygrade credits stripe-grant {} gives money back", line.customer)
        });
        report.row(vec![
            Cell::text(&line.customer),
            Cell::text(&line.meter),
            Cell::At(line.period.start),
            Cell::At(line.period.end),
            Cell::Count(line.events),
            Cell::Count(line.quantity),
            Cell::maybe_money(line.amount),
            Cell::maybe_count(Some(line.credits).filter(|credits| *credits > 0)),
            Cell::text(effect(line)),
            Cell::maybe_at(line.deadline),
            Cell::maybe_text(refused),
        ]);
    }
    report.outcome((plan.refused() > 0).then_some(Kind::Refused))
}
