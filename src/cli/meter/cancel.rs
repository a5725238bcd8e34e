//! `meter cancel`.

use clap::Args;

use super::namespace;
use crate::cli::Cx;
use crate::cli::reconcile::several;
use crate::error::{Error, Kind};
use crate::flow::cancel::{Ended, Planned, cancel_apply, cancel_plan};
use crate::flow::push::{self, Courier};
use crate::ui::{Cell, Report};

/// Take deliveries back at Stripe that it accepted within the last day
///
/// Stripe drops the meter event. What is left of the delivery's usage is formed anew by the next push, with a new
/// identifier: usage that should not be billed is voided (`paygrade usage void`), not only cancelled.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade meter cancel 17 --reason \"sent under the wrong tier\" -n
  paygrade meter cancel 17 18 --reason \"sent under the wrong tier\"

Exit 5: one is too old, or its period is billed; 7: Stripe said no; 8: nobody knows whether Stripe did it, run it again.")]
pub struct CancelArgs {
    /// Deliveries, by number
    #[arg(required = true)]
    deliveries: Vec<i64>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

const COLUMNS: &[&str] =
    &["delivery", "customer", "meter", "quantity", "amount", "effect", "deadline", "refused_because"];

pub(super) fn run(cx: &Cx, args: &CancelArgs) -> Result<Report, Error> {
    cx.because(&args.reason);
    let grace_s = i64::from(cx.settings().grace_s.value);
    let now = cx.now()?;
    if cx.globals.dry_run {
        let plan = cx.store_reading()?.read(|r| cancel_plan(r, &args.deliveries, grace_s, now))?;
        let count = i64::try_from(plan.iter().filter(|it| it.is_to_do()).count()).unwrap_or(i64::MAX);
        return Ok(report(&plan).verdict(format!(
            "would cancel {}; nothing was changed; apply it: {}",
            several(count, "delivery", "deliveries"),
            cx.line_applying()
        )));
    }
    let store = cx.store()?;
    let _lock = push::lock(&store)?;
    let plan = store.read(|r| cancel_plan(r, &args.deliveries, grace_s, now))?;
    let mut report = report(&plan);
    if !plan.iter().any(Planned::is_to_do) {
        return Ok(report.verdict("nothing was changed"));
    }
    let ended = courier(cx, async |courier| cancel_apply(&courier, &plan).await)?;
    let (cancelled, kind) = say_ended(cx, &ended);
    report.wrote = Some(cancelled);
    let kinds = [report.outcome, kind];
    Ok(report
        .verdict(format!(
            "{} cancelled; `paygrade meter push` sends what is left of {} usage",
            several(cancelled, "delivery", "deliveries"),
            if cancelled == 1 { "its" } else { "their" },
        ))
        .outcome(Kind::worst(kinds.into_iter().flatten())))
}

/// Works with what a push works with.
pub(in crate::cli) fn courier<T>(
    cx: &Cx,
    verb: impl AsyncFnOnce(Courier<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let (store, api) = (cx.store()?, cx.api()?);
    let namespace = namespace(&store)?;
    let (clock, random) = (cx.clock(), cx.env.random());
    cx.block_on(verb(Courier { store: &store, api: &api, clock, namespace: &namespace, random }))?
}

/// Says what was not done; how many were, and what the exit code is for.
pub(in crate::cli) fn say_ended(cx: &Cx, ended: &[(i64, Ended)]) -> (i64, Option<Kind>) {
    let (mut done, mut kinds) = (0, Vec::new());
    for (delivery, ended) in ended {
        match ended {
            Ended::Done => done += 1,
            Ended::Refused(said) => {
                cx.ui.note(&format!("delivery {delivery} counts as before: {said}"));
                kinds.push(Kind::Stripe);
            }
            Ended::Open(error) => {
                cx.ui.note(&format!("delivery {delivery}: {error}"));
                cx.ui.note(error.hint_text().unwrap_or_default());
                kinds.push(Kind::Unknown);
            }
        }
    }
    (done, Kind::worst(kinds))
}

fn report(plan: &[Planned]) -> Report {
    let mut report = Report::new("meter_cancel", COLUMNS).money(&["amount"]);
    for it in plan {
        let effect = match &it.refused {
            Some(_) => "none".to_owned(),
            None if it.already => "taken back already".to_owned(),
            None => format!("taken back; what is left of its usage must be sent by {}", it.must_arrive_by),
        };
        report.row(vec![
            Cell::Count(it.delivery.delivery),
            Cell::text(&it.delivery.customer_id),
            Cell::text(&it.delivery.meter_key),
            Cell::Count(it.delivery.value),
            Cell::maybe_money(it.amount.filter(|_| !it.already)),
            Cell::text(effect),
            Cell::maybe_at(it.until),
            Cell::maybe_text(it.refused.clone()),
        ]);
    }
    report.outcome(plan.iter().any(|it| it.refused.is_some()).then_some(Kind::Refused))
}
