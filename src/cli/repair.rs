//! `repair`: what findings take, shown and then done.

use clap::Args;

use super::Cx;
use super::agree::agree;
use super::reconcile::several;
use crate::billing::id::CustomerId;
use crate::error::{Error, Kind};
use crate::flow::compare::{RepairAsk, Step, repair_apply, repair_plan};
use crate::ui::{Cell, Report};

/// Mend what `reconcile tiers` found, as far as that is safe
///
/// The store follows Stripe, a subscription of ours is taken in, and of duplicate live subscriptions the newest paid one
/// stays. Whatever else differs is refused, with the command that a person gives. Only what was shown is done.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade repair -n
  paygrade repair 12 13 --yes
  paygrade repair --customer acme --yes

Exit 5: something was refused and is left; 3: no such finding.")]
pub struct RepairArgs {
    /// Findings, by number [default: all that are open and not acknowledged]
    #[arg(value_name = "FINDING")]
    findings: Vec<i64>,
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER", conflicts_with = "findings")]
    customer: Option<CustomerId>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const COLUMNS: &[&str] = &[
    "action",
    "finding",
    "customer",
    "meter",
    "quantity",
    "amount",
    "effect",
    "deadline",
    "refused_because",
];

pub(super) fn run(cx: &Cx, args: RepairArgs) -> Result<Report, Error> {
    if let Some(reason) = &args.reason {
        cx.because(reason);
    }
    let ask = RepairAsk { findings: args.findings, customer: args.customer };
    let steps = cx.with_desk(async |desk| repair_plan(&desk, &ask).await)?;
    let to_do = steps.iter().filter(|it| it.is_to_do()).count();
    if cx.globals.dry_run || to_do == 0 {
        let verdict = if cx.globals.dry_run && to_do > 0 {
            format!("would do {}; nothing was changed; apply it: {}", counts(&steps), cx.line_applying())
        } else if steps.is_empty() {
            "no open findings about tiers; `paygrade reconcile tiers` looks for them".to_owned()
        } else {
            format!("nothing was changed: {}", counts(&steps))
        };
        return Ok(report(&steps).verdict(verdict));
    }
    let lines: Vec<String> = steps.iter().filter(|it| it.is_to_do()).map(line).collect();
    agree(cx, &several(count(to_do), "repair", "repairs"), &lines)?;
    let done = cx.with_desk(async |desk| repair_apply(&desk, steps).await)?;
    let mut report = report(&done).verdict(format!("done: {}", counts(&done)));
    report.wrote = i64::try_from(done.iter().filter(|it| it.is_to_do()).count()).ok();
    Ok(report)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn counts(steps: &[Step]) -> String {
    let (good, refused): (Vec<_>, Vec<_>) = steps.iter().partition(|it| it.is_to_do());
    let refused = match refused.len() {
        0 => String::new(),
        number => format!(", {number} refused"),
    };
    format!("{}{refused}", several(count(good.len()), "repair", "repairs"))
}

fn line(it: &Step) -> String {
    let customer = it.customer.as_deref().unwrap_or("-");
    format!("{} {customer} (finding {}): {}", it.action, it.finding, it.effect.as_deref().unwrap_or_default())
}

fn report(steps: &[Step]) -> Report {
    let mut report = Report::new("repair", COLUMNS).money(&["amount"]);
    for it in steps {
        report.row(vec![
            Cell::text(it.action),
            Cell::Count(it.finding),
            Cell::maybe_text(it.customer.clone()),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::maybe_text(it.effect.clone()),
            Cell::Blank,
            Cell::maybe_text(it.refused.clone()),
        ]);
    }
    let refused = steps.iter().any(|it| !it.is_to_do());
    report.outcome(refused.then_some(Kind::Refused))
}
