//! The body of a tier intent: everything that is needed to do it, or to find out that it was done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::unend::Unend;
use super::{Gathered, Wish};
use crate::billing::assign::{Coming, Decision, ItemStep, Undo, Wanted};
use crate::billing::catalog::Interval;
use crate::billing::id::Revision;
use crate::billing::terms::{self, TermsTooLong};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::adopt::{SINCE_METADATA_KEY, WAS_METADATA_KEY, was_with};
use crate::flow::customer::{METADATA_KEY, mark};
use crate::flow::refresh::{CUSTOMER_METADATA_KEY, is_ours, role};
use crate::store::StoreError;
use crate::store::intent::Intent;
use crate::store::tier::Assignment;
use crate::stripe::{
    Collection, ItemChange, ItemNew, Proration, Redeem, SubscriptionChange, SubscriptionFound,
    SubscriptionNew,
};

/// Metadata key of the operation that made or changed an object last.
pub(in crate::flow) const OPERATION_METADATA_KEY: &str = "paygrade_op";
/// Metadata key of a subscription: the coupon or promotion code that was redeemed for it last.
pub(in crate::flow) const COUPON_METADATA_KEY: &str = "paygrade_coupon";
/// Bytes of the operation id's hash that are kept.
const OPERATION_BYTES: usize = 12;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body {
    /// Operation id.
    pub(super) op: String,
    /// The command that wishes it.
    #[serde(default)]
    pub(super) wish: String,
    /// `tier@digest`; `None` where a subscription just ends.
    pub(super) revision: Option<String>,
    pub(super) interval: Option<String>,
    pub(super) seats: Option<u32>,
    /// A payment method to charge from now on.
    pub(super) payment_method: Option<String>,
    /// Our metadata of the subscription, or of the customer where there is none (or will be none).
    pub(super) metadata: BTreeMap<String, String>,
    /// `sub_sched_…` that lets the subscription go first.
    #[serde(default)]
    pub(super) release: Option<String>,
    /// The customer's metadata names no tier any more.
    #[serde(default)]
    pub(super) unpin: bool,
    /// Since when a tier without a subscription holds, where that is not when it was asked for.
    #[serde(default)]
    pub(super) since: Option<i64>,
    pub(super) step: Step,
}

/// What is to be done at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub(super) enum Step {
    Pin,
    Create {
        items: Vec<(String, Option<u64>)>,
        trial_days: Option<u32>,
        send_invoice_days: Option<u32>,
        /// A coupon or promotion code.
        #[serde(default)]
        redeem: Option<String>,
    },
    Change {
        sub: String,
        items: Vec<Change>,
        /// Items that were there before: whatever else is there afterwards was added by this change.
        had: Vec<String>,
        invoice_now: bool,
        anchor_now: bool,
        send_invoice_days: Option<u32>,
        /// An end that was planned is taken back.
        #[serde(default)]
        unend: Option<Unend>,
        /// A coupon or promotion code, in place of those it has.
        #[serde(default)]
        redeem: Option<String>,
    },
    Later {
        sub: String,
        at: i64,
        /// All items from then on, also those that are not ours.
        items: Vec<(String, Option<u64>)>,
        invoice_now: bool,
        anchor: bool,
        unend: Option<Unend>,
    },
    End {
        sub: String,
    },
    EndLater {
        sub: String,
        at: i64,
        at_period_end: bool,
        /// An end that was planned for an earlier instant moves.
        #[serde(default)]
        moved: Option<Unend>,
    },
}

/// One item's change, in Stripe's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    item: Option<String>,
    price: Option<String>,
    quantity: Option<u64>,
    deleted: bool,
}

impl Body {
    pub(super) fn new(
        desk: &Desk<'_>,
        wish: &Wish<'_>,
        gathered: &Gathered,
        wanted: Option<&Wanted>,
        decision: &Decision,
        open: Option<&Assignment>,
    ) -> Result<Body, TermsTooLong> {
        let step = step(desk, wanted, decision, gathered);
        let metadata = match wanted {
            Some(wanted) => metadata(desk, gathered, wanted, &step, open)?,
            None => BTreeMap::new(),
        };
        let undo = undo_of(decision);
        let mut body = Body {
            op: String::new(),
            wish: wish.command(&gathered.customer.id),
            revision: wanted.map(|wanted| wanted.revision.to_string()),
            interval: wanted.and_then(|wanted| wanted.interval).map(|interval| interval.as_str().to_owned()),
            seats: wanted.and_then(|wanted| wanted.seats),
            payment_method: wish.payment_method().map(str::to_owned),
            metadata,
            release: undo.and_then(|undo| undo.schedule.clone()),
            unpin: undo.is_some_and(|undo| undo.pin),
            since: wish.since().map(|at| at.0),
            step,
        };
        body.op = operation(desk, gathered, &body);
        body.metadata.insert(OPERATION_METADATA_KEY.to_owned(), body.op.clone());
        Ok(body)
    }
    pub(super) fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| StoreError::Broken(error.to_string()).into())
    }
    pub(super) fn of(intent: &Intent) -> Result<Body, Error> {
        serde_json::from_str(&intent.body)
            .map_err(|error| StoreError::Broken(format!("intent {}: {error}", intent.intent)).into())
    }
    /// The revision that comes; of a subscription that just ends there is none, and it is broken to ask.
    pub(super) fn revision(&self) -> Result<Revision, Error> {
        let text = self.revision.as_deref().unwrap_or_default();
        Ok(text.parse::<Revision>()?)
    }
    /// What comes, where something does.
    pub(super) fn coming(&self) -> Result<Option<Coming>, Error> {
        if self.revision.is_none() {
            return Ok(None);
        }
        Ok(Some(Coming { revision: self.revision()?, interval: self.interval(), seats: self.seats }))
    }
    pub(super) fn interval(&self) -> Option<Interval> {
        self.interval.as_deref().and_then(Interval::parse)
    }
}

/// What a decision undoes, where it can.
pub(super) fn undo_of(decision: &Decision) -> Option<&Undo> {
    match decision {
        Decision::Change { undo, .. }
        | Decision::Later { undo, .. }
        | Decision::End { undo, .. }
        | Decision::EndLater { undo, .. } => Some(undo),
        Decision::Nothing | Decision::Pin | Decision::Create { .. } => None,
    }
}

/// Our metadata of the tier: in the subscription, or in the customer where there is or will be none.
fn metadata(
    desk: &Desk<'_>,
    gathered: &Gathered,
    wanted: &Wanted,
    step: &Step,
    open: Option<&Assignment>,
) -> Result<BTreeMap<String, String>, TermsTooLong> {
    let json = wanted.terms.to_json(wanted.currency);
    let mut metadata = terms::metadata(&wanted.revision, &json)?;
    let used = terms::pieces(&json)?.len();
    let customer = mark(desk.namespace, &gathered.customer.id);
    if let Some(coupon) = &wanted.coupon {
        metadata.insert(COUPON_METADATA_KEY.to_owned(), coupon.clone());
    }
    let (Step::Change { sub, .. } | Step::Later { sub, .. }) = step else {
        let key = if matches!(step, Step::Create { .. }) { CUSTOMER_METADATA_KEY } else { METADATA_KEY };
        metadata.insert(key.to_owned(), customer);
        if key == METADATA_KEY {
            // The customer's metadata was not read: whatever an earlier tier left there goes.
            metadata.extend(terms::keys_to_clear(used).map(|key| (key, String::new())));
        }
        return Ok(metadata);
    };
    metadata.insert(CUSTOMER_METADATA_KEY.to_owned(), customer);
    let there = gathered.found.iter().find(|it| it.id == *sub);
    let stale =
        terms::keys_to_clear(used).filter(|key| there.is_some_and(|there| there.metadata.contains_key(key)));
    metadata.extend(stale.map(|key| (key, String::new())));
    let open = open.filter(|open| open.revision != wanted.revision && open.sub.as_ref() == Some(sub));
    if let (Some(there), Some(open)) = (there, open) {
        metadata.insert(WAS_METADATA_KEY.to_owned(), was_with(there, open));
    }
    Ok(metadata)
}

/// The operation id: what is to be done, to whom, after what. Two machines that begin from the same state get the same
/// id for the same, so the same idempotency key, so one subscription. For a new subscription what it is to be is left
/// out: two machines that want different ones then meet at one key, and Stripe refuses the second.
fn operation(desk: &Desk<'_>, gathered: &Gathered, body: &Body) -> String {
    let mut hash = Sha256::new();
    let ours = gathered.found.iter().filter(|it| is_ours(it, desk.namespace, &gathered.customer.id));
    let mut before: Vec<(&str, &str)> = ours
        .map(|it| (it.id.as_str(), it.metadata.get(OPERATION_METADATA_KEY).map_or("", String::as_str)))
        .collect();
    before.sort_unstable();
    let count = gathered.count;
    hash.update(format!("{}\n{}\n{count}\n{before:?}\n", desk.namespace, gathered.customer.id));
    match &body.step {
        Step::Create { .. } => hash.update("create"),
        step => {
            hash.update(format!("{:?}\n{:?}\n{:?}\n{step:?}\n", body.revision, body.interval, body.seats));
            hash.update(format!("{:?}{:?}{:?}", body.payment_method, body.release, body.unpin));
            hash.update(body.since.map(|at| at.to_string()).unwrap_or_default());
        }
    }
    hash.finalize().iter().take(OPERATION_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn step(desk: &Desk<'_>, wanted: Option<&Wanted>, decision: &Decision, gathered: &Gathered) -> Step {
    let there = |sub: &String| gathered.found.iter().find(|it| it.id == *sub);
    let unend = |sub: &String, undo: &Undo| Unend::undone(undo, there(sub));
    match decision {
        Decision::Nothing | Decision::Pin => Step::Pin,
        Decision::End { sub, .. } => Step::End { sub: sub.clone() },
        Decision::EndLater { sub, at, at_period_end, .. } => {
            let (sub, at_period_end) = (sub.clone(), *at_period_end);
            Step::EndLater { at: at.0, at_period_end, moved: Unend::moved(there(&sub), *at), sub }
        }
        Decision::Create { items } => Step::Create {
            items: items.clone(),
            trial_days: wanted.and_then(|wanted| wanted.trial_days),
            send_invoice_days: wanted.and_then(|wanted| wanted.send_invoice_days),
            redeem: wanted.and_then(|wanted| wanted.coupon.clone()),
        },
        Decision::Change { sub, undo, items, invoice_now, anchor_now, send_invoice_days } => {
            let had = there(sub).map(|it| it.items.iter().map(|item| item.id.clone()).collect());
            Step::Change {
                sub: sub.clone(),
                items: items.iter().map(change).collect(),
                had: had.unwrap_or_default(),
                invoice_now: *invoice_now,
                anchor_now: *anchor_now,
                send_invoice_days: *send_invoice_days,
                unend: unend(sub, undo),
                redeem: wanted.and_then(|wanted| wanted.coupon.clone()),
            }
        }
        Decision::Later { sub, undo, at, items, invoice_now, anchor } => {
            let others = there(sub).map(|it| others(desk, it)).unwrap_or_default();
            Step::Later {
                sub: sub.clone(),
                at: at.0,
                items: items.iter().cloned().chain(others).collect(),
                invoice_now: *invoice_now,
                anchor: *anchor,
                unend: unend(sub, undo),
            }
        }
    }
}

/// Items that are not ours: they stay what they are.
fn others(desk: &Desk<'_>, found: &SubscriptionFound) -> Vec<(String, Option<u64>)> {
    let others = found.items.iter().filter(|item| role(item, desk.namespace) == "other");
    others.map(|item| (item.price.clone(), if item.meter.is_some() { None } else { item.quantity })).collect()
}

fn change(step: &ItemStep) -> Change {
    match step {
        ItemStep::Add { price, quantity } => {
            Change { item: None, price: Some(price.clone()), quantity: *quantity, deleted: false }
        }
        ItemStep::Change { item, price, quantity } => Change {
            item: Some(item.clone()),
            price: Some(price.clone()),
            quantity: Some(*quantity),
            deleted: false,
        },
        ItemStep::Remove { item } => {
            Change { item: Some(item.clone()), price: None, quantity: None, deleted: true }
        }
    }
}

impl Body {
    /// The subscription to be made.
    pub(super) fn subscription_new(&self, cus: &str) -> SubscriptionNew {
        let Step::Create { items, trial_days, send_invoice_days, redeem } = &self.step else {
            return SubscriptionNew::default();
        };
        let item =
            |(price, quantity): &(String, Option<u64>)| ItemNew { price: price.clone(), quantity: *quantity };
        SubscriptionNew {
            customer: cus.to_owned(),
            items: items.iter().map(item).collect(),
            collection: send_invoice_days
                .map_or(Collection::Charge, |days_until_due| Collection::SendInvoice { days_until_due }),
            trial_days: *trial_days,
            default_payment_method: None,
            redeem: redeem.as_deref().map(Redeem::of_id),
            metadata: self.metadata.clone(),
        }
    }
    /// The change to be made.
    pub(super) fn subscription_change(&self, begun: Timestamp) -> SubscriptionChange {
        let Step::Change { items, invoice_now, anchor_now, send_invoice_days, unend, redeem, .. } =
            &self.step
        else {
            return SubscriptionChange::default();
        };
        let item = |it: &Change| ItemChange {
            item: it.item.clone(),
            price: it.price.clone(),
            quantity: it.quantity,
            deleted: it.deleted,
        };
        let prorates = !items.is_empty();
        let proration = if *invoice_now { Proration::InvoiceNow } else { Proration::NextInvoice };
        SubscriptionChange {
            items: items.iter().map(item).collect(),
            proration: if prorates { Some(proration) } else { unend.and_then(Unend::proration) },
            // As it was shown: a repeat must not charge less of the period than the first attempt.
            proration_date: (prorates && !anchor_now).then_some(begun),
            metadata: self.metadata.clone(),
            end: unend.map(Unend::change),
            redeem: redeem.as_deref().map(Redeem::of_id),
            anchor_now: *anchor_now,
            collection: send_invoice_days.map(|days_until_due| Collection::SendInvoice { days_until_due }),
            error_if_incomplete: *invoice_now && prorates,
            ..SubscriptionChange::default()
        }
    }
    /// The metadata that names no tier: what a tier left in the customer's.
    pub(super) fn no_pin(&self) -> BTreeMap<String, String> {
        let mut keys: Vec<String> = terms::keys_to_clear(0).collect();
        keys.extend([terms::REVISION_METADATA_KEY, SINCE_METADATA_KEY].map(str::to_owned));
        keys.into_iter().map(|key| (key, String::new())).collect()
    }
}
