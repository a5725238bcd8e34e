//! Findings about credits and the catalog, and webhooks that were given up.

use super::{Desk, Shown, Step, Work};
use crate::billing::change::{Cause, Options};
use crate::billing::compare::Subject;
use crate::billing::inbox::State;
use crate::billing::money::{Credits, Money};
use crate::error::Error;
use crate::flow::inbox::{Ask as ProcessAsk, pack, process};
use crate::flow::seed;
use crate::store::CustomerRow;
use crate::store::inbox::InboxFilter;
use crate::store::state_finding::StateFinding;

/// Why a payment's credits are not given.
const NOT_PAID: &str = "Stripe does not show it as paid: paygrade reconcile credits";
/// Most webhooks that one repair handles again.
const REPLAY_MAX: u32 = 1_000;

/// What is to be done.
#[derive(Debug)]
pub(super) enum Job {
    /// What is due of a customer is posted to the ledger.
    Allocate { finding: i64, customer: CustomerRow },
    /// A pack that was paid, by this session or invoice, is given.
    Provision { finding: i64, row: CustomerRow, object: String },
    /// An object at Stripe is put back to what the catalog in force says.
    Catalog { finding: i64, object: String },
    /// A webhook is handled again.
    Replay { seq: i64 },
}

/// Plans one finding about credits or the catalog.
pub(super) async fn plan(desk: &Desk<'_>, it: &StateFinding) -> Result<Step, Error> {
    let shown = Shown { finding: Some(it.finding), customer: it.customer_id.clone(), ..Shown::default() };
    if it.is_gone {
        return Ok(Step::mended(shown, "a later reconcile did not find it any more"));
    }
    let fix = it.new.fix.clone().unwrap_or_else(|| "a person decides".to_owned());
    let by_hand = |shown: Shown| Step::refused(shown, format!("not done by itself: {fix}"));
    let basis = format!("{:?} {:?} {}", it.new.ours, it.new.stripe, it.new.object);
    let (job, action, effect) = match (it.new.subject, it.new.cause.as_str(), it.new.customer) {
        (Subject::Credits, "not_allocated", Some(customer)) => {
            if desk.store.read(|r| r.allocations_due(customer, desk.now))?.is_empty() {
                return Ok(Step::mended(shown, "posted already; the next reconcile closes it"));
            }
            let effect = format!("{}: posted to the ledger", it.new.stripe.clone().unwrap_or_default());
            (Job::Allocate { finding: it.finding, customer }, "allocate", effect)
        }
        (Subject::Credits, "payment_without_grant", Some(row)) if it.new.fix.is_none() => {
            match payment(desk, it, row).await? {
                Payment::Given => {
                    return Ok(Step::mended(shown, "given already; the next reconcile closes it"));
                }
                Payment::Gives(credits) => {
                    let paid = it.new.amount.map(|money| format!(" with {money}")).unwrap_or_default();
                    let effect = format!("{} is paid{paid}: {credits} credits are given", it.new.object);
                    let object = it.new.object.clone();
                    (Job::Provision { finding: it.finding, row, object }, "grant", effect)
                }
                Payment::Unclear(why) => return Ok(Step::refused(shown, why)),
            }
        }
        (Subject::Catalog, "drift", _) => match drift(desk, &it.new.object).await? {
            Some(effect) => {
                (Job::Catalog { finding: it.finding, object: it.new.object.clone() }, "seed", effect)
            }
            None => return Ok(by_hand(shown)),
        },
        // Credits that nobody paid for are never taken away by themselves.
        _ => return Ok(by_hand(shown)),
    };
    // What was paid already changes no bill.
    let paid = it.new.amount.filter(|_| matches!(job, Job::Provision { .. }));
    let amount = paid.map(|money| Money { minor: 0, ..money });
    let shown = Shown { action, amount, effect: Some(effect), ..shown };
    Ok(Step { shown, basis, work: Work::Other(job) })
}

/// What is to be given for a payment.
enum Payment {
    Given,
    Gives(Credits),
    Unclear(String),
}

/// Looks at a payment without a grant: here, and then at Stripe.
async fn payment(desk: &Desk<'_>, it: &StateFinding, row: CustomerRow) -> Result<Payment, Error> {
    let object = &it.new.object;
    let known = desk.store.read(|r| r.sale_by_any(&[object]))?;
    if let Some(sale) = known {
        return Ok(if sale.lot.is_some() { Payment::Given } else { Payment::Gives(sale.credits) });
    }
    let customer = desk.store.read(|r| r.customer_get(row))?;
    let Some(bought) = pack::asked(desk, &customer, object).await? else {
        return Ok(Payment::Unclear(NOT_PAID.to_owned()));
    };
    let paid = &bought.payment;
    let (sale, pack) = desk.store.read(|r| {
        let names: Vec<&str> = paid.sale_key.as_deref().into_iter().collect();
        Ok::<_, Error>((r.sale_by_any(&names)?, r.pack_bought(&paid.lines)?))
    })?;
    Ok(match (sale, pack) {
        // The sale's own payment is another one: this money is to be given back, or given for by hand.
        (Some(sale), _) if sale.lot.is_some() => Payment::Unclear(format!(
            "it pays again for sale {}, which has its credits: refund it in the Dashboard, or paygrade credits grant {}",
            sale.sale, customer.id
        )),
        (Some(sale), _) => Payment::Gives(sale.credits),
        (None, Some((_, _, credits))) => Payment::Gives(credits),
        (None, None) => {
            let id = &customer.id;
            Payment::Unclear(format!(
                "it buys several packs, or none at a price of today: paygrade credits grant {id} N --reason TEXT, then paygrade reconcile ack {} --reason TEXT",
                it.finding
            ))
        }
    })
}

/// Webhooks that were given up.
pub(super) fn webhooks(desk: &Desk<'_>, customer: Option<CustomerRow>) -> Result<Vec<Step>, Error> {
    let filter = InboxFilter { customer, state: Some(State::Dead), ..InboxFilter::default() };
    let (dead, _) = desk.store.read(|r| r.inbox_list(&filter, REPLAY_MAX))?;
    let step = |it: crate::store::inbox::InboxEvent| {
        let shown = Shown {
            action: "replay",
            effect: Some(format!("{} ({}) is handled again", it.event, it.kind)),
            ..Shown::default()
        };
        Step { shown, basis: it.event.clone(), work: Work::Other(Job::Replay { seq: it.seq }) }
    };
    Ok(dead.into_iter().rev().map(step).collect())
}

/// What the catalog in force changes about an object that was edited elsewhere; `None`: nothing.
async fn drift(desk: &Desk<'_>, object: &str) -> Result<Option<String>, Error> {
    let Some(planned) = drifted(desk, object).await? else { return Ok(None) };
    let said = planned.set.changes.iter().flat_map(|it| it.fields.iter()).map(|it| {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        format!("{}: {} => {}", it.field, text(&it.from), text(&it.to))
    });
    Ok(Some(said.collect::<Vec<_>>().join("; ")))
}

/// The seed plan of the catalog in force, for one object alone.
async fn drifted(desk: &Desk<'_>, object: &str) -> Result<Option<seed::Planned>, Error> {
    let Some(catalog) = desk.store.read(|r| r.catalog_in_force())? else { return Ok(None) };
    desk.api.run_anew();
    let mut planned = seed::plan(desk.api, Some(desk.store), catalog, Options::default()).await?;
    planned
        .set
        .changes
        .retain(|it| it.cause() == Cause::Drift && format!("{} {}", it.kind.as_str(), it.key) == object);
    let differs = planned.set.to_apply().next().is_some();
    Ok(differs.then_some(planned))
}

/// Does one; why not, where it was not done.
pub(super) async fn apply(desk: &Desk<'_>, job: &Job) -> Result<Option<String>, Error> {
    let finding = match job {
        Job::Allocate { finding, customer } => {
            desk.store.write(desk.now, |w| w.allocate_due(*customer))?;
            *finding
        }
        Job::Provision { finding, row, object } => {
            let customer = desk.store.read(|r| r.customer_get(*row))?;
            let Some(bought) = pack::asked(desk, &customer, object).await? else {
                return Ok(Some(NOT_PAID.to_owned()));
            };
            // Whoever sees the payment first gives it: an event that comes meanwhile, or afterwards, finds it given.
            desk.store.write(desk.now, |w| pack::apply(w, &bought))?;
            *finding
        }
        Job::Catalog { finding, object } => {
            let Some(planned) = drifted(desk, object).await? else {
                return Ok(Some("it has changed since it was shown: run it again".to_owned()));
            };
            seed::apply(desk.api, desk.store, desk.now, planned).await?;
            *finding
        }
        Job::Replay { seq } => return replay(desk, *seq).await,
    };
    desk.store.write(desk.now, |w| w.state_finding_end(finding))?;
    Ok(None)
}

async fn replay(desk: &Desk<'_>, seq: i64) -> Result<Option<String>, Error> {
    desk.store.write(desk.now, |w| w.inbox_replay(&[seq]))?;
    let ask = ProcessAsk { only: Some(vec![seq]), max: None };
    let done = process(desk, &ask, || false).await?;
    if let Some(stopped) = done.stopped {
        return Err(stopped);
    }
    let failed = done.failed.iter().chain(&done.dead).next();
    Ok(failed.map(|(it, error)| format!("{}: {}", it.event, error.message())))
}
