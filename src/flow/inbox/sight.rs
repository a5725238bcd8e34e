//! What Stripe says now of the object that an event is about, read before anything is written.

use std::collections::BTreeMap;

use super::pack::{self, Bought};
use crate::billing::inbox::Handler;
use crate::error::Error;
use crate::flow::Desk;
use crate::store::customer::Customer;
use crate::store::inbox::InboxEvent;
use crate::store::invoice::Invoice;
use crate::store::subscription::Subscription;
use crate::store::{CustomerRow, Writer};
use crate::stripe::inbound::{EventFound, Received, ThinEvent};
use crate::stripe::{
    ChargeFound, CheckoutFound, CustomerFound, InvoiceFound, PaymentMethodFound, SubscriptionFound,
};

/// An event in the hands of a handler.
pub(super) struct Case {
    /// The event as stored, claimed.
    pub event: InboxEvent,
    /// What is done about it.
    pub handler: Handler,
    /// Whose it is.
    pub customer: Option<Customer>,
    /// What it said when it came; `None` once its body was dropped.
    pub said: Option<Received>,
}

impl Case {
    /// The event's snapshot of its object.
    pub(super) fn snapshot(&self) -> Option<&EventFound> {
        match &self.said {
            Some(Received::Snapshot(event)) => Some(event),
            _ => None,
        }
    }
}

/// An object that is there or, certainly, is not.
#[derive(Debug)]
pub(super) enum Seen<T> {
    Here(Box<T>),
    Gone,
}

/// What was read for one event.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// All subscriptions of the customer, with what the store said before they were read.
    pub subscriptions: Option<(Vec<SubscriptionFound>, Vec<Subscription>)>,
    pub invoice: Option<Seen<InvoiceFound>>,
    pub session: Option<CheckoutFound>,
    /// What a paid session or invoice bought, where that is no subscription.
    pub bought: Option<Bought>,
    pub charge: Option<ChargeFound>,
    /// What was paid back so far of the charge's payment, over all its charges.
    pub refunded: Option<i64>,
    pub customer: Option<CustomerFound>,
    pub methods: Option<Vec<PaymentMethodFound>>,
    pub thin: Option<ThinEvent>,
}

/// What this run has read and stored already: an event that came before that needs no second look, as long as the store
/// still says the same.
pub(super) struct Memory {
    upto_seq: i64,
    subscriptions: BTreeMap<CustomerRow, Vec<Subscription>>,
    invoices: BTreeMap<String, Invoice>,
}

impl Memory {
    /// `upto_seq`: the newest event when the run began.
    pub(super) fn new(upto_seq: i64) -> Memory {
        Memory { upto_seq, subscriptions: BTreeMap::new(), invoices: BTreeMap::new() }
    }
    /// Notes what was committed from a sight.
    pub(super) fn note(&mut self, desk: &Desk<'_>, case: &Case, sight: &Sight) -> Result<(), Error> {
        desk.store.read(|r| {
            if let (Some(customer), Some(_)) = (&case.customer, &sight.subscriptions) {
                self.subscriptions.insert(customer.row, r.subscriptions_of(customer.row)?);
            }
            if let (Some(object), Some(_)) = (&case.event.object, &sight.invoice)
                && let Some(invoice) = r.invoice_get(object)?
            {
                self.invoices.insert(object.clone(), invoice);
            }
            Ok(())
        })
    }
}

impl Sight {
    /// Reads what an event is about.
    pub(super) async fn of(desk: &Desk<'_>, case: &Case, memory: &Memory) -> Result<Sight, Error> {
        let mut sight = Sight::default();
        match case.handler {
            Handler::Subscription => sight.see_subscriptions(desk, case, memory).await?,
            Handler::Invoice => {
                sight.see_subscriptions(desk, case, memory).await?;
                sight.see_invoice(desk, case, memory).await?;
            }
            Handler::Checkout => {
                sight.see_session(desk, case).await?;
                if sight.session.as_ref().is_some_and(|it| it.mode == "subscription") {
                    sight.see_subscriptions(desk, case, memory).await?;
                }
            }
            Handler::Charge => sight.see_charge(desk, case).await?,
            Handler::Customer => {
                sight.see_customer(desk, case).await?;
                if sight.customer.as_ref().is_some_and(|it| it.deleted) {
                    sight.see_subscriptions(desk, case, memory).await?;
                }
            }
            Handler::Card => {
                sight.see_subscriptions(desk, case, memory).await?;
                if case.event.kind == "payment_method.detached" {
                    sight.see_methods(desk, case).await?;
                }
            }
            Handler::MeterErrors => {
                let thin = desk.api.thin_event_retrieve(&case.event.event).await?;
                sight.thin = Some(thin.value);
            }
            Handler::Upcoming => {}
        }
        Ok(sight)
    }

    async fn see_subscriptions(
        &mut self,
        desk: &Desk<'_>,
        case: &Case,
        memory: &Memory,
    ) -> Result<(), Error> {
        let Some((customer, cus)) = linked(case) else { return Ok(()) };
        let before = desk.store.read(|r| r.subscriptions_of(customer.row))?;
        if case.event.seq <= memory.upto_seq && memory.subscriptions.get(&customer.row) == Some(&before) {
            return Ok(());
        }
        let found = match desk.api.subscription_list(cus).await {
            Ok(found) => found.value,
            // The customer is gone at Stripe, and its subscriptions with it: each is asked for by its own name.
            Err(failure) if failure.is_missing() => {
                let mut found = Vec::new();
                for it in before.iter().filter(|it| !it.has_ended()) {
                    found.push(desk.api.subscription_retrieve(&it.sub).await?.value);
                }
                found
            }
            Err(failure) => return Err(failure.into()),
        };
        self.subscriptions = Some((found, before));
        Ok(())
    }

    async fn see_invoice(&mut self, desk: &Desk<'_>, case: &Case, memory: &Memory) -> Result<(), Error> {
        let Some(invoice) = &case.event.object else { return Ok(()) };
        let known = desk.store.read(|r| r.invoice_get(invoice))?;
        // Where subscriptions were read anew, the invoice is too: one says what the other means.
        if self.subscriptions.is_none()
            && case.event.seq <= memory.upto_seq
            && known.is_some()
            && memory.invoices.get(invoice) == known.as_ref()
        {
            return Ok(());
        }
        self.invoice = Some(match desk.api.invoice_retrieve(invoice).await {
            Ok(found) => {
                if let Some((customer, _)) = linked(case) {
                    self.bought = pack::of_invoice(desk, customer, &found.value).await?;
                }
                Seen::Here(Box::new(found.value))
            }
            Err(failure) if failure.is_missing() => Seen::Gone,
            Err(failure) => return Err(failure.into()),
        });
        Ok(())
    }

    async fn see_charge(&mut self, desk: &Desk<'_>, case: &Case) -> Result<(), Error> {
        let Some(charge) = &case.event.object else { return Ok(()) };
        let found = desk.api.charge_retrieve(charge).await?.value;
        if let Some(payment) = &found.payment_intent {
            self.refunded = Some(desk.api.payment_refunded(payment).await?.value);
        }
        self.charge = Some(found);
        Ok(())
    }

    async fn see_session(&mut self, desk: &Desk<'_>, case: &Case) -> Result<(), Error> {
        let (Some(session), Some((customer, _))) = (&case.event.object, linked(case)) else { return Ok(()) };
        let found = match desk.api.checkout_retrieve(session).await {
            Ok(found) => found.value,
            Err(failure) if failure.is_missing() => return Ok(()),
            Err(failure) => return Err(failure.into()),
        };
        self.bought = pack::of_session(desk, customer, &found).await?;
        self.session = Some(found);
        Ok(())
    }

    async fn see_customer(&mut self, desk: &Desk<'_>, case: &Case) -> Result<(), Error> {
        let Some((_, cus)) = linked(case) else { return Ok(()) };
        self.customer = Some(desk.api.customer_retrieve(cus).await?.value);
        Ok(())
    }

    async fn see_methods(&mut self, desk: &Desk<'_>, case: &Case) -> Result<(), Error> {
        let Some((_, cus)) = linked(case) else { return Ok(()) };
        self.methods = Some(match desk.api.payment_method_list(cus).await {
            Ok(found) => found.value,
            Err(failure) if failure.is_missing() => Vec::new(),
            Err(failure) => return Err(failure.into()),
        });
        Ok(())
    }

    /// Whether nobody has stored another sight of the subscriptions since: an older one must not overwrite it.
    pub(super) fn is_newest(&self, w: &Writer<'_>, case: &Case) -> Result<bool, Error> {
        match (&self.subscriptions, &case.customer) {
            (Some((_, before)), Some(customer)) => Ok(w.reader().subscriptions_of(customer.row)? == *before),
            _ => Ok(true),
        }
    }
}

fn linked(case: &Case) -> Option<(&Customer, &str)> {
    let customer = case.customer.as_ref()?;
    Some((customer, customer.cus.as_deref()?))
}
