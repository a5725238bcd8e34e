//! `repair`: what findings take, shown and then done.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::Cx;
use super::agree::agree;
use super::reconcile::several;
use super::seed::write_plan;
use crate::billing::id::CustomerId;
use crate::error::{Error, Kind};
use crate::flow::repair::{Ask, Done, Shown, Step, apply, check, fingerprint, plan};
use crate::ui::{Cell, Report};

/// Mend what `reconcile` found, as far as that is safe
///
/// Usage that is not at Stripe is sent with its own time; what Stripe counts too much is taken back within 24 hours; what is
/// not known is decided only by two equal readings. Usage of a period that is billed is never touched: --correct bills it
/// in the open period, or puts an item on the next invoice. The store follows Stripe's subscriptions, credits that are due
/// are posted, the catalog in force is put back, webhooks that were given up are handled again. Everything is shown with its
/// money first, and only what was shown is done; what is left is refused, with why.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade repair -n
  paygrade repair 12 13 --yes
  paygrade repair --customer acme --correct --plan-out repair.json
  paygrade repair --plan repair.json --yes

Exit 5: something was refused and is left, or the plan has moved; 3: no such finding; 7, 8: as meter push.")]
pub struct RepairArgs {
    /// Findings, by number [default: all that are open and not acknowledged]
    #[arg(value_name = "FINDING")]
    findings: Vec<i64>,
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER", conflicts_with = "findings")]
    customer: Option<CustomerId>,
    /// Corrections in money too: usage billed in the open period, items on the next invoice
    #[arg(long)]
    correct: bool,
    /// Write the plan to this file; nothing is changed
    #[arg(long, value_name = "FILE")]
    plan_out: Option<PathBuf>,
    /// Do exactly what this plan says, or nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan_out", "findings", "customer", "correct"])]
    plan: Option<PathBuf>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const PLAN_SCHEMA: &str = "paygrade.repair_plan/1";
/// A plan is a small file.
const PLAN_BYTES_MAX: u64 = 16 << 20;

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
    let settle_s = i64::from(cx.settings().settle_s.value);
    let given = Ask { findings: args.findings, customer: args.customer, correct: args.correct, settle_s };
    let (ask, stored) = match &args.plan {
        None => (given, None),
        Some(path) => read_plan(cx, path, settle_s)?,
    };
    let steps = cx.with_desk(async |desk| plan(&desk, &ask).await)?;
    let print = fingerprint(&steps);
    if let Some(stored) = &stored {
        check(&steps, &stored.print)?;
        stored.says(&steps)?;
    }
    if let Some(path) = &args.plan_out {
        write_plan(path, &plan_text(cx, &ask, &steps, &print)?)?;
        let verdict = format!(
            "would do {}; nothing was changed; apply it: paygrade repair --plan {}",
            counts(&steps),
            path.display()
        );
        return Ok(report(&steps).verdict(verdict));
    }
    let to_do = steps.iter().filter(|it| it.is_to_do()).count();
    if cx.globals.dry_run || to_do == 0 {
        let verdict = if cx.globals.dry_run && to_do > 0 {
            format!("would do {}; nothing was changed; apply it: {}", counts(&steps), cx.line_applying())
        } else if steps.is_empty() {
            "no open findings; `paygrade reconcile all` looks for them".to_owned()
        } else {
            format!("nothing was changed: {}", counts(&steps))
        };
        return Ok(report(&steps).verdict(verdict));
    }
    let lines: Vec<String> = steps.iter().filter(|it| it.is_to_do()).map(|it| line(&it.shown)).collect();
    agree(cx, &several(count(to_do), "repair", "repairs"), &lines)?;
    let done = cx.with_desk(async |desk| {
        // Somebody may have thought about it for a while.
        let again = plan(&desk, &ask).await?;
        check(&again, &print)?;
        apply(&desk, again).await
    })?;
    Ok(done_report(cx, &done))
}

fn done_report(cx: &Cx, done: &Done) -> Report {
    for (delivery, problem) in &done.problems {
        cx.ui.note(&format!("delivery {delivery}: {problem}"));
    }
    let sent = match done.accepted {
        0 => String::new(),
        accepted => format!("; {} accepted by Stripe", several(accepted, "delivery", "deliveries")),
    };
    let counts = counts(&done.steps);
    // Nothing is done of which a part did not arrive.
    let verdict = match done.kind {
        None => format!("done: {counts}{sent}"),
        Some(_) => {
            let left: String = done.left.iter().map(|(state, count)| format!(", {count} {state}")).collect();
            format!("not all of it is at Stripe: {counts}{sent}{left}; look: paygrade meter status")
        }
    };
    let mut report = report(&done.steps).verdict(verdict);
    report.wrote = Some(count(done.steps.iter().filter(|it| it.is_to_do()).count()));
    report.outcome = Kind::worst([report.outcome, done.kind].into_iter().flatten());
    report
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn counts(steps: &[Step]) -> String {
    let of = |want: fn(&&Step) -> bool| count(steps.iter().filter(want).count());
    let mut text = several(of(|it| it.is_to_do()), "repair", "repairs");
    for (number, word) in [
        (of(|it| it.shown.refused.is_some()), "refused"),
        (of(|it| !it.is_to_do() && it.shown.refused.is_none()), "done before"),
    ] {
        if number > 0 {
            text = format!("{text}, {number} {word}");
        }
    }
    text
}

fn line(it: &Shown) -> String {
    let of = it.finding.map(|finding| format!(" (finding {finding})")).unwrap_or_default();
    let money = it.amount.map(|money| format!(", {money}")).unwrap_or_default();
    let customer = it.customer.as_deref().unwrap_or("-");
    format!("{} {customer}{of}: {}{money}", it.action, it.effect.as_deref().unwrap_or_default())
}

fn report(steps: &[Step]) -> Report {
    let mut report = Report::new("repair", COLUMNS).money(&["amount"]);
    for Step { shown: it, .. } in steps {
        report.row(vec![
            Cell::text(it.action),
            Cell::maybe_count(it.finding),
            Cell::maybe_text(it.customer.clone()),
            Cell::maybe_text(it.meter.clone()),
            Cell::maybe_count(it.quantity),
            Cell::maybe_money(it.amount),
            Cell::maybe_text(it.effect.clone()),
            Cell::maybe_at(it.deadline),
            Cell::maybe_text(it.refused.clone()),
        ]);
    }
    let refused = steps.iter().any(|it| it.shown.refused.is_some());
    report.outcome(refused.then_some(Kind::Refused))
}

fn plan_text(cx: &Cx, ask: &Ask, steps: &[Step], print: &str) -> Result<String, Error> {
    let steps: Vec<Value> = steps.iter().map(|it| step_json(&it.shown)).collect();
    let plan = json!({
        "schema": PLAN_SCHEMA,
        "store": cx.store()?.info()?.store_id,
        "findings": ask.findings,
        "customer": ask.customer.as_ref().map(CustomerId::as_str),
        "correct": ask.correct,
        "fingerprint": print,
        "steps": steps,
    });
    let text = serde_json::to_string_pretty(&plan);
    text.map(|text| text + "\n")
        .map_err(|error| Error::new(Kind::Bug, "plan", "the plan cannot be written").because(&error))
}

fn step_json(it: &Shown) -> Value {
    json!({
        "action": it.action,
        "finding": it.finding,
        "customer": it.customer,
        "meter": it.meter,
        "quantity": it.quantity,
        "amount": it.amount.map(|money| money.minor),
        "currency": it.amount.map(|money| money.currency.code().to_owned()),
        "effect": it.effect,
        "deadline": it.deadline.map(|at| at.to_string()),
        "refused_because": it.refused,
    })
}

/// A plan as it stands in a file.
struct Stored {
    /// The fingerprint that must come of it.
    print: String,
    /// Its steps, as people read them.
    steps: Vec<Value>,
    path: PathBuf,
}

impl Stored {
    /// Refuses where what stands in the file is not what would be done: somebody edited it. The steps that are refused are
    /// not compared: why they are may have changed.
    fn says(&self, steps: &[Step]) -> Result<(), Error> {
        let done: Vec<Value> =
            steps.iter().filter(|it| it.is_to_do()).map(|it| step_json(&it.shown)).collect();
        let is_refused = |it: &&Value| it.get("action").and_then(Value::as_str) == Some("none");
        if self.steps.iter().filter(|it| !is_refused(it)).eq(&done) {
            return Ok(());
        }
        let text =
            format!("{} was edited: its steps are not those that it was made with", self.path.display());
        Err(Error::new(Kind::BadInput, "plan_edited", text)
            .hint("name the findings that are to be mended: paygrade repair FINDING… --plan-out FILE"))
    }
}

/// What a plan file asks for, and what must come of it.
fn read_plan(cx: &Cx, path: &std::path::Path, settle_s: i64) -> Result<(Ask, Option<Stored>), Error> {
    let bad = |what: String| {
        let text = format!("{} is no plan of a repair: {what}", path.display());
        Error::new(Kind::BadInput, "bad_plan", text).hint("make one with `paygrade repair --plan-out FILE`")
    };
    let size = std::fs::metadata(path).map_err(|error| bad(error.to_string()))?.len();
    if size > PLAN_BYTES_MAX {
        return Err(bad("it is too large".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let plan: Value = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let word = |name: &str| plan.get(name).and_then(Value::as_str).map(str::to_owned);
    if word("schema").as_deref() != Some(PLAN_SCHEMA) {
        return Err(bad(format!("its schema is not {PLAN_SCHEMA}")));
    }
    if word("store") != Some(cx.store()?.info()?.store_id) {
        return Err(Error::new(Kind::Refused, "plan_store", "the plan is for another store")
            .hint("make a new one with `paygrade repair --plan-out FILE`"));
    }
    let findings = plan.get("findings").and_then(Value::as_array);
    let findings = findings.map(|all| all.iter().filter_map(Value::as_i64).collect()).unwrap_or_default();
    let customer = word("customer").map(|id| CustomerId::parse(&id)).transpose()?;
    let correct = plan.get("correct").and_then(Value::as_bool).unwrap_or_default();
    let print = word("fingerprint").ok_or_else(|| bad("it has no fingerprint".to_owned()))?;
    let steps = plan.get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
    let stored = Stored { print, steps, path: path.to_owned() };
    Ok((Ask { findings, customer, correct, settle_s }, Some(stored)))
}
