//! What Stripe itself says that a change comes to, shown beside our estimate.

use super::Wanted;
use crate::billing::assign::{Decision, Held, HeldItem, ItemStep};
use crate::billing::time::{DAY_S, Timestamp};
use crate::flow::Desk;
use crate::stripe::{Answer, EndChange, ItemChange, PreviewAsk, PreviewFound, Proration};

/// Stripe's preview: of the invoice that the change makes now, or of a whole period where it waits or waits for the
/// next one. `None` where nothing is to come, or where Stripe will not say it.
pub(super) async fn preview(
    desk: &Desk<'_>,
    cus: &str,
    held: Option<&Held>,
    wanted: Option<&Wanted>,
    decision: &Decision,
    coupons: &[String],
) -> Option<PreviewFound> {
    let mut ask = ask(held, wanted, decision, desk.now)?;
    ask.customer = cus.to_owned();
    ask.coupons = coupons.to_vec();
    desk.api.invoice_preview(&ask).await.ok().map(|it| it.value)
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
        Decision::Change { items, .. } if items.is_empty() => return None,
        Decision::Change { sub, items, invoice_now, anchor_now, .. } => PreviewAsk {
            items: items.iter().map(changed).collect(),
            proration: Some(if *invoice_now { Proration::InvoiceNow } else { Proration::NextInvoice }),
            // The instant that the change itself names: what is shown is what is charged.
            proration_date: (!anchor_now).then_some(now),
            anchor_now: *anchor_now,
            ..of(sub)
        },
        Decision::Later { sub, items, .. } => {
            PreviewAsk { items: whole(held?, items), recurring: true, ..of(sub) }
        }
        Decision::End { sub, .. } => {
            PreviewAsk { cancel_now: true, proration: Some(Proration::None), ..of(sub) }
        }
        Decision::EndLater { sub, at, at_period_end, .. } => {
            let end = if *at_period_end { EndChange::AtPeriodEnd } else { EndChange::At(*at) };
            // As the end itself is asked for.
            let proration = (!at_period_end).then_some(Proration::None);
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
