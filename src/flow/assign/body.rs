//! The body of a tier intent: everything that is needed to do it, or to find out that it was done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Ask, Gathered};
use crate::billing::assign::{Decision, ItemStep, Wanted};
use crate::billing::catalog::Interval;
use crate::billing::id::Revision;
use crate::billing::terms::{self, TermsTooLong};
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::adopt::{WAS_METADATA_KEY, was_with};
use crate::flow::customer::{METADATA_KEY, mark};
use crate::flow::refresh::{CUSTOMER_METADATA_KEY, is_ours};
use crate::store::StoreError;
use crate::store::intent::Intent;
use crate::store::tier::Assignment;
use crate::stripe::{Collection, ItemChange, ItemNew, Proration, SubscriptionChange, SubscriptionNew};

/// Metadata key of the operation that made or changed an object last.
pub(super) const OPERATION_METADATA_KEY: &str = "paygrade_op";
/// Bytes of the operation id's hash that are kept.
const OPERATION_BYTES: usize = 12;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body {
    /// Operation id.
    pub(super) op: String,
    /// `tier@digest`.
    pub(super) revision: String,
    pub(super) interval: Option<String>,
    pub(super) seats: Option<u32>,
    /// A payment method to charge from now on.
    pub(super) payment_method: Option<String>,
    /// Our metadata of the subscription, or of the customer where there is none.
    pub(super) metadata: BTreeMap<String, String>,
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
    },
    Change {
        sub: String,
        items: Vec<Change>,
        /// Items that were there before: whatever else is there afterwards was added by this change.
        had: Vec<String>,
        invoice_now: bool,
        anchor_now: bool,
        send_invoice_days: Option<u32>,
    },
    End {
        sub: String,
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
        ask: &Ask,
        gathered: &Gathered,
        wanted: &Wanted,
        decision: &Decision,
        open: Option<&Assignment>,
    ) -> Result<Body, TermsTooLong> {
        let step = step(wanted, decision, gathered);
        let json = wanted.terms.to_json(wanted.currency);
        let mut metadata = terms::metadata(&wanted.revision, &json)?;
        let used = terms::pieces(&json)?.len();
        let customer = mark(desk.namespace, &gathered.customer.id);
        match &step {
            Step::Pin | Step::End { .. } => metadata.insert(METADATA_KEY.to_owned(), customer),
            _ => metadata.insert(CUSTOMER_METADATA_KEY.to_owned(), customer),
        };
        if matches!(step, Step::Pin | Step::End { .. }) {
            // The customer's metadata was not read: whatever an earlier tier left there goes.
            metadata.extend(terms::keys_to_clear(used).map(|key| (key, String::new())));
        }
        if let Step::Change { sub, .. } = &step {
            let had = gathered.found.iter().find(|it| it.id == *sub).map(|it| &it.metadata);
            let stale = terms::keys_to_clear(used).filter(|key| had.is_some_and(|had| had.contains_key(key)));
            metadata.extend(stale.map(|key| (key, String::new())));
            let there = gathered.found.iter().find(|it| it.id == *sub);
            let open = open.filter(|open| open.revision != wanted.revision && open.sub.as_ref() == Some(sub));
            if let (Some(there), Some(open)) = (there, open) {
                metadata.insert(WAS_METADATA_KEY.to_owned(), was_with(there, open));
            }
        }
        let mut body = Body {
            op: String::new(),
            revision: wanted.revision.to_string(),
            interval: wanted.interval.map(|interval| interval.as_str().to_owned()),
            seats: wanted.seats,
            payment_method: ask.payment_method.clone(),
            metadata,
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
    pub(super) fn revision(&self) -> Result<Revision, Error> {
        Ok(self.revision.parse::<Revision>()?)
    }
    pub(super) fn interval(&self) -> Option<Interval> {
        self.interval.as_deref().and_then(Interval::parse)
    }
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
            hash.update(format!("{}\n{:?}\n{:?}\n{step:?}\n", body.revision, body.interval, body.seats));
            hash.update(format!("{:?}", body.payment_method));
        }
    }
    hash.finalize().iter().take(OPERATION_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn step(wanted: &Wanted, decision: &Decision, gathered: &Gathered) -> Step {
    match decision {
        Decision::Nothing | Decision::Pin => Step::Pin,
        Decision::End { sub } => Step::End { sub: sub.clone() },
        Decision::Create { items } => Step::Create {
            items: items.clone(),
            trial_days: wanted.trial_days,
            send_invoice_days: wanted.send_invoice_days,
        },
        Decision::Change { sub, items, invoice_now, anchor_now, send_invoice_days } => {
            let found = gathered.found.iter().find(|it| it.id == *sub);
            let had = found.map(|it| it.items.iter().map(|item| item.id.clone()).collect());
            Step::Change {
                sub: sub.clone(),
                items: items.iter().map(change).collect(),
                had: had.unwrap_or_default(),
                invoice_now: *invoice_now,
                anchor_now: *anchor_now,
                send_invoice_days: *send_invoice_days,
            }
        }
    }
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
    pub(super) fn subscription_new(
        &self,
        cus: &str,
        items: &[(String, Option<u64>)],
        trial_days: Option<u32>,
        send_invoice_days: Option<u32>,
    ) -> SubscriptionNew {
        let item =
            |(price, quantity): &(String, Option<u64>)| ItemNew { price: price.clone(), quantity: *quantity };
        SubscriptionNew {
            customer: cus.to_owned(),
            items: items.iter().map(item).collect(),
            collection: send_invoice_days
                .map_or(Collection::Charge, |days_until_due| Collection::SendInvoice { days_until_due }),
            trial_days,
            default_payment_method: None,
            metadata: self.metadata.clone(),
        }
    }
    /// The change to be made.
    pub(super) fn subscription_change(
        &self,
        items: &[Change],
        invoice_now: bool,
        anchor_now: bool,
        send_invoice_days: Option<u32>,
    ) -> SubscriptionChange {
        let item = |it: &Change| ItemChange {
            item: it.item.clone(),
            price: it.price.clone(),
            quantity: it.quantity,
            deleted: it.deleted,
        };
        SubscriptionChange {
            items: items.iter().map(item).collect(),
            proration: Some(if invoice_now { Proration::InvoiceNow } else { Proration::NextInvoice }),
            metadata: self.metadata.clone(),
            anchor_now,
            collection: send_invoice_days.map(|days_until_due| Collection::SendInvoice { days_until_due }),
            error_if_incomplete: invoice_now,
            ..SubscriptionChange::default()
        }
    }
}
