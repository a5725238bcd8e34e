//! The biller of the local Stripe: customers, payment methods, subscriptions, invoices.
//!
//! Every object is changed the same way: clone it, change the clone, hand it to its `save_…`, which stores
//! it, announces what differs, and enters into the agenda when something will happen to it by itself.
//! Prices are rated here by `rating`, periods counted by `calendar`; neither is shared with paygrade's own
//! rules, so that each side can prove the other wrong.
//!
//! Not confirmed of Stripe, and decided here: with mixed intervals `cancel_at_period_end` means the longest
//! period; an item that is added has a period that begins then; a draft that exists when its subscription is
//! canceled is still finalized and charged.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Call;
use super::error::ApiError;
use super::form::Params;
use super::model::{Model, Row, Table};

mod backdate;
pub mod balance;
pub mod cancel;
pub mod card;
pub mod card_calls;
mod change;
mod charge;
pub mod checkout;
pub mod coupon;
pub mod coupon_calls;
pub mod credit_calls;
pub mod credit_grant;
pub mod credit_note;
pub mod credit_note_lines;
pub mod customer;
pub mod customer_calls;
pub mod discount;
mod due;
mod dunning;
pub mod invoice;
pub mod invoice_calls;
pub mod invoice_item_calls;
pub mod invoice_manual;
mod invoicing;
pub mod item_calls;
mod lines;
pub mod money;
pub mod pause;
pub mod payment;
pub mod payment_calls;
pub mod pending;
mod planned_end;
pub mod portal;
pub mod preview;
mod prorate;
pub mod refund;
pub mod resume;
pub mod routes;
pub mod schedule;
pub mod schedule_calls;
mod schedule_read;
mod schedule_run;
pub mod subscription;
pub mod subscription_calls;
mod subscription_create;
mod subscription_update;
mod terms;
pub mod threshold;
mod trial_set;

use card::PaymentMethod;
use customer::Customer;
pub use due::run_due;
use invoice::{Invoice, InvoiceItem};
use money::Money;
use schedule::Schedule;
use subscription::Subscription;

/// All that the biller keeps.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Biller {
    /// Customers; deleted ones stay.
    pub customers: Table<Customer>,
    /// Payment methods.
    pub payment_methods: Table<PaymentMethod>,
    /// Subscriptions, ended ones too.
    pub subscriptions: Table<Subscription>,
    /// Invoices.
    pub invoices: Table<Invoice>,
    /// Invoice items, pending and billed.
    pub invoice_items: Table<InvoiceItem>,
    /// Subscription schedules, ended ones too.
    #[serde(default)]
    pub schedules: Table<Schedule>,
    /// Payments, refunds, checkouts.
    pub money: Money,
    /// What happens by itself, and when.
    pub agenda: Agenda,
}

/// The next thing that happens by itself to each object, in order of time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Agenda {
    at: BTreeMap<String, i64>,
    queue: BTreeSet<(i64, u8, String)>,
}

/// Subscriptions act before invoices at the same second: a period ends before an older draft is finalized.
const RANK_SUBSCRIPTION: u8 = 0;
const RANK_INVOICE: u8 = 1;
const RANK_SESSION: u8 = 2;
const RANK_GRANT: u8 = 3;
const RANK_THRESHOLD: u8 = 4;

impl Agenda {
    fn set(&mut self, id: &str, rank: u8, at: Option<i64>) {
        if let Some(old) = self.at.remove(id) {
            self.queue.remove(&(old, rank, id.to_owned()));
        }
        if let Some(at) = at {
            self.at.insert(id.to_owned(), at);
            self.queue.insert((at, rank, id.to_owned()));
        }
    }

    /// When an object acts next.
    pub fn at(&self, id: &str) -> Option<i64> {
        self.at.get(id).copied()
    }

    /// The earliest entry of the objects that fit.
    pub fn first_of(&self, fits: impl Fn(&str) -> bool) -> Option<(i64, String)> {
        let (at, _, id) = self.queue.iter().find(|(_, _, id)| fits(id))?;
        Some((*at, id.clone()))
    }

    /// The earliest entry that is due where each object has a time of its own.
    pub fn first_ready(&self, now_of: impl Fn(&str) -> i64) -> Option<(i64, String)> {
        let (at, _, id) = self.queue.iter().find(|(at, _, id)| *at <= now_of(id))?;
        Some((*at, id.clone()))
    }

    /// The earliest entry that is due at `now`: when, and whose.
    pub fn first_due(&self, now: i64) -> Option<(i64, String)> {
        let (at, _, id) = self.queue.first()?;
        (*at <= now).then(|| (*at, id.clone()))
    }
}

impl Row for Customer {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for PaymentMethod {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for Subscription {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for Schedule {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for Invoice {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for InvoiceItem {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Stores a customer and announces it.
pub(super) fn save_customer(call: &mut Call, customer: Customer) -> Value {
    let shown = customer.render();
    let before = call.model.biller.customers.get(&customer.id).map(Customer::render);
    call.model.biller.customers.insert(customer);
    match before {
        None => call.emit("customer.created", &shown),
        Some(before) => {
            call.emit_update("customer.updated", &before, &shown);
        }
    }
    shown
}

/// Stores a subscription, announces it (as `kind`, or as created or updated) and plans what comes next.
pub(super) fn save_subscription(call: &mut Call, subscription: Subscription, kind: Option<&str>) -> Value {
    let shown = render_subscription(call.model, &subscription);
    let before = call.model.biller.subscriptions.get(&subscription.id);
    let before = before.map(|it| render_subscription(call.model, it));
    call.model.biller.subscriptions.insert(subscription.clone());
    due::plan(call.model, &subscription.id);
    match (kind, before) {
        (Some(kind), _) => call.emit(kind, &shown),
        (None, None) => call.emit("customer.subscription.created", &shown),
        (None, Some(before)) => {
            call.emit_update("customer.subscription.updated", &before, &shown);
        }
    }
    schedule_run::follow(call, &subscription);
    shown
}

/// Stores an invoice, announces it under each of `kinds` and, if it was there before, as updated.
pub(super) fn save_invoice(call: &mut Call, invoice: Invoice, kinds: &[&str]) -> Value {
    let shown = render_invoice(call.model, &invoice);
    let before = call.model.biller.invoices.get(&invoice.id);
    let before = before.map(|it| render_invoice(call.model, it));
    let next = due::invoice_due(&invoice);
    call.model.biller.agenda.set(&invoice.id, RANK_INVOICE, next.map(|(at, _)| at));
    call.model.biller.invoices.insert(invoice);
    if let Some(before) = before {
        call.emit_update("invoice.updated", &before, &shown);
    }
    for kind in kinds {
        call.emit(kind, &shown);
    }
    shown
}

/// A subscription as Stripe sends it.
pub fn render_subscription(model: &Model, subscription: &Subscription) -> Value {
    let items = subscription.items.iter().map(|it| item_calls::render(model, &subscription.id, it)).collect();
    let mut shown = subscription.render(items);
    if let Value::Object(all) = &mut shown {
        all.insert("pending_update".to_owned(), pending::render(model, subscription));
        all.extend(pause::details(subscription).map(|it| ("status_details".to_owned(), it)));
    }
    shown
}

/// An invoice as Stripe sends it.
pub fn render_invoice(model: &Model, invoice: &Invoice) -> Value {
    let payer = model.biller.customers.get(&invoice.customer).map(Customer::render);
    invoice.render(&payer.unwrap_or(Value::Null), "paygrade local Stripe")
}

/// Refuses parameters that Stripe has and that are not built here, so that nothing is ever pretended.
pub(super) fn unbuilt(p: &Params, names: &[&str]) -> Result<(), ApiError> {
    match names.iter().find(|name| p.has(name)) {
        None => Ok(()),
        Some(name) => {
            let full = p.name(name);
            Err(ApiError::invalid(format!("The local Stripe does not build `{full}` yet.")).param(full))
        }
    }
}

/// A customer that a parameter names and that was not deleted.
pub(super) fn payer<'a>(model: &'a Model, id: &str) -> Result<&'a Customer, ApiError> {
    let found = model.biller.customers.get(id).filter(|it| !it.deleted);
    found.ok_or_else(|| ApiError::no_such("customer", id, "customer"))
}

/// The live subscriptions of a customer, as its expanded `subscriptions`.
pub fn subscriptions_of(model: &Model, customer: &str) -> Value {
    let all = model.biller.subscriptions.iter().rev();
    let live = all.filter(|it| it.customer == customer && !it.status.ended());
    let data: Vec<Value> = live.map(|it| render_subscription(model, it)).collect();
    let url = format!("/v1/customers/{customer}/subscriptions");
    serde_json::json!({ "object": "list", "data": data, "has_more": false, "url": url })
}
