//! What Stripe itself says that a change comes to, shown beside our estimate.

use super::Wanted;
use super::unend::Unend;
use crate::billing::assign::{Decision, Held, HeldItem, ItemStep};
use crate::billing::time::{DAY_S, Timestamp};
use crate::flow::Desk;
use crate::stripe::{
    Answer, EndChange, Failure, ItemChange, PreviewAsk, PreviewFound, Proration, SubscriptionFound,
};

/// Stripe's code where no invoice would come.
const NO_INVOICE: &str = "invoice_upcoming_none";

/// Stripe's preview: of the invoice that the change makes now, or of a whole period where it waits or waits for the
/// next one. `None` where nothing is to come, or where Stripe was not to be asked. What Stripe refuses to show it would
/// refuse to do.
pub(super) async fn preview(
    desk: &Desk<'_>,
    cus: &str,
    (held, there): (Option<&Held>, Option<&SubscriptionFound>),
    wanted: Option<&Wanted>,
    decision: &Decision,
    coupons: &[String],
) -> Result<Option<PreviewFound>, String> {
    let Some(mut ask) = ask(held, there, wanted, decision, desk.now).filter(|_| is_shown(decision)) else {
        return Ok(None);
    };
    if ask.items.iter().any(|item| item.price.as_deref().is_some_and(is_new)) {
        return Ok(None);
    }
    ask.customer = cus.to_owned();
    ask.coupons = coupons.to_vec();
    match desk.api.invoice_preview(&ask).await {
        Ok(found) => Ok(Some(found.value)),
        Err(Failure::No(refusal)) if refusal.code.as_deref() == Some(NO_INVOICE) => Ok(None),
        Err(Failure::No(refusal)) if !refusal.kind.is_before_the_request() => Err(refusal.message),
        Err(_) => Ok(None),
    }
}

/// Whether Stripe shows what comes once a schedule has let the subscription go: only what is invoiced before its next
/// phase.
fn is_shown(decision: &Decision) -> bool {
    match decision {
        Decision::Change { undo, invoice_now, .. } => *invoice_now || undo.schedule.is_none(),
        // A period of another length is not in the invoice that Stripe takes for a whole one.
        Decision::Later { undo, anchor, .. } => undo.schedule.is_none() && !anchor,
        Decision::EndLater { undo, .. } => undo.schedule.is_none(),
        Decision::Nothing | Decision::Pin | Decision::Create { .. } | Decision::End { .. } => true,
    }
}

/// A price that is not at Stripe yet, in place of its id.
pub(super) fn new_price(role: &str) -> String {
    format!("(new) {role}")
}

fn is_new(price: &str) -> bool {
    price.starts_with("(new) ")
}

/// What a whole period comes to with these items, or as it is: without usage that is still to come.
pub(in crate::flow) async fn whole_period(
    desk: &Desk<'_>,
    cus: &str,
    held: &Held,
    items: Option<&[(String, Option<u64>)]>,
) -> Answer<PreviewFound> {
    let ask = PreviewAsk {
        customer: cus.to_owned(),
        subscription: Some(held.sub.clone()),
        items: items.map(|items| whole(held, items)).unwrap_or_default(),
        recurring: true,
        ..PreviewAsk::default()
    };
    desk.api.invoice_preview(&ask).await
}

fn ask(
    held: Option<&Held>,
    there: Option<&SubscriptionFound>,
    wanted: Option<&Wanted>,
    decision: &Decision,
    now: Timestamp,
) -> Option<PreviewAsk> {
    let of = |sub: &String| PreviewAsk { subscription: Some(sub.clone()), ..PreviewAsk::default() };
    Some(match decision {
        Decision::Nothing | Decision::Pin => return None,
        Decision::Create { items } => {
            let trial = wanted.and_then(|wanted| wanted.trial_days);
            PreviewAsk {
                items: items.iter().map(added).collect(),
                trial_end: trial.map(|days| now.plus(i64::from(days) * DAY_S)),
                ..PreviewAsk::default()
            }
        }
        // All of it as the change itself says it: what is shown is what is charged.
        Decision::Change { sub, undo, items, .. } if items.is_empty() => {
            let unend = Unend::undone(undo, there);
            let redeems = wanted.is_some_and(|wanted| wanted.coupon.is_some());
            if unend.is_none() && !redeems {
                return None;
            }
            // Where nothing is prorated it makes no difference.
            let proration = unend.map_or(Some(Proration::NextInvoice), Unend::proration);
            PreviewAsk { end: unend.map(Unend::change), proration, ..of(sub) }
        }
        Decision::Change { sub, undo, items, invoice_now, anchor_now, .. } => PreviewAsk {
            items: items.iter().map(changed).collect(),
            proration: Some(if *invoice_now { Proration::InvoiceNow } else { Proration::NextInvoice }),
            proration_date: (!anchor_now).then_some(now),
            anchor_now: *anchor_now,
            end: Unend::undone(undo, there).map(Unend::change),
            ..of(sub)
        },
        Decision::Later { sub, undo, items, .. } => PreviewAsk {
            items: whole(held?, items),
            end: Unend::undone(undo, there).map(Unend::change),
            recurring: true,
            ..of(sub)
        },
        Decision::End { sub, .. } => {
            PreviewAsk { cancel_now: true, proration: Some(Proration::None), ..of(sub) }
        }
        Decision::EndLater { sub, at, at_period_end, .. } => {
            let end = if *at_period_end { EndChange::AtPeriodEnd } else { EndChange::At(*at) };
            // As the end itself is asked for.
            let proration = Unend::proration_of_end(Unend::moved(there, *at), *at_period_end);
            PreviewAsk { end: Some(end), proration, ..of(sub) }
        }
    })
}

fn added((price, quantity): &(String, Option<u64>)) -> ItemChange {
    ItemChange { price: Some(price.clone()), quantity: *quantity, ..ItemChange::default() }
}

fn changed(step: &ItemStep) -> ItemChange {
    match step {
        ItemStep::Add { price, quantity } => added(&(price.clone(), *quantity)),
        ItemStep::Change { item, price, quantity } => ItemChange {
            item: Some(item.clone()),
            price: Some(price.clone()),
            quantity: Some(*quantity),
            deleted: false,
        },
        ItemStep::Remove { item } => {
            ItemChange { item: Some(item.clone()), deleted: true, ..ItemChange::default() }
        }
    }
}

/// From the items that there are to those that are to be, without a mind for what stays the same item.
fn whole(held: &Held, items: &[(String, Option<u64>)]) -> Vec<ItemChange> {
    let kept = |item: &&HeldItem| items.iter().any(|(price, _)| *price == item.price);
    let gone = held.items.iter().filter(|item| !kept(item)).map(|item| ItemChange {
        item: Some(item.item.clone()),
        deleted: true,
        ..ItemChange::default()
    });
    let stays = held.items.iter().filter(kept).filter_map(|item| {
        let quantity = items.iter().find(|(price, _)| *price == item.price)?.1;
        Some(ItemChange { item: Some(item.item.clone()), quantity, ..ItemChange::default() })
    });
    let new = items.iter().filter(|(price, _)| held.items.iter().all(|item| item.price != *price)).map(added);
    stays.chain(new).chain(gone).collect()
}
