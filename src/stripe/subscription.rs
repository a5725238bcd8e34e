//! Subscriptions and their items, in flexible billing mode.

use std::collections::BTreeMap;

use stripe_billing::subscription::{
    CancelSubscription, CreateSubscription, CreateSubscriptionBillingMode, CreateSubscriptionBillingModeType,
    CreateSubscriptionItems, CreateSubscriptionPaymentBehavior, CreateSubscriptionTrialSettings,
    CreateSubscriptionTrialSettingsEndBehavior,
    CreateSubscriptionTrialSettingsEndBehaviorMissingPaymentMethod, ListSubscription, ListSubscriptionStatus,
    RetrieveSubscription, UpdateSubscription, UpdateSubscriptionBillingCycleAnchor,
    UpdateSubscriptionBillingCycleAnchorType, UpdateSubscriptionCancelAt, UpdateSubscriptionItems,
    UpdateSubscriptionPaymentBehavior, UpdateSubscriptionProrationBehavior, UpdateSubscriptionTrialEnd,
};
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_shared::SubscriptionCollectionMethod;

use super::Api;
use super::answer::Answer;
use super::call::{PAGE_SIZE, typed_page};
use super::coupon::Redeem;
use crate::billing::time::Timestamp;

/// How the invoices of a subscription are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Collection {
    /// The default payment method is charged.
    #[default]
    Charge,
    /// An invoice is sent, due so many days later.
    SendInvoice {
        /// Days until it is due.
        days_until_due: u32,
    },
}

/// What a change does with the rest of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proration {
    /// Lines wait for the next invoice (`create_prorations`).
    NextInvoice,
    /// Lines are invoiced and charged at once (`always_invoice`).
    InvoiceNow,
    /// No lines (`none`).
    None,
}

/// One item of a new subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemNew {
    /// `price_…`.
    pub price: String,
    /// Quantity of a licensed price; `None` for a metered one, which must carry none.
    pub quantity: Option<u64>,
}

/// A subscription to be made. Always in flexible billing mode; a payment that fails makes nothing
/// (`error_if_incomplete`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionNew {
    /// `cus_…`.
    pub customer: String,
    /// Its items.
    pub items: Vec<ItemNew>,
    /// How its invoices are paid.
    pub collection: Collection,
    /// Days of trial; when it ends without a payment method, the subscription is cancelled.
    pub trial_days: Option<u32>,
    /// Payment method of this subscription; else the customer's default.
    pub default_payment_method: Option<String>,
    /// A coupon or promotion code that is redeemed for it.
    pub redeem: Option<Redeem>,
    /// Ours: revision, terms, operation.
    pub metadata: BTreeMap<String, String>,
}

/// One item's change. Without `item` it is added; with `deleted` it is removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemChange {
    /// `si_…` of the item to change.
    pub item: Option<String>,
    /// New price. Changing it without a quantity sets the quantity to 1 (Stripe: API, subscription items).
    pub price: Option<String>,
    /// New quantity.
    pub quantity: Option<u64>,
    /// Remove it.
    pub deleted: bool,
}

/// When a subscription is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndChange {
    /// At the end of its period (`cancel_at_period_end=true`).
    AtPeriodEnd,
    /// No longer at the end of its period (`cancel_at_period_end=false`).
    NotAtPeriodEnd,
    /// At an instant (`cancel_at`).
    At(Timestamp),
    /// No longer at an instant (an empty `cancel_at`).
    Never,
}

/// Changes of a subscription. What is `None` or empty is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionChange {
    /// Items to add, change or remove.
    pub items: Vec<ItemChange>,
    /// What happens with the rest of the period.
    pub proration: Option<Proration>,
    /// The instant that prorations are counted from, so that a preview and the change agree.
    pub proration_date: Option<Timestamp>,
    /// Merged; an empty value removes its key.
    pub metadata: BTreeMap<String, String>,
    /// When it ends, or that it no longer does.
    pub end: Option<EndChange>,
    /// A new period begins now (`billing_cycle_anchor[type]=now`).
    pub anchor_now: bool,
    /// The trial ends now.
    pub trial_end_now: bool,
    /// Payment method of this subscription.
    pub default_payment_method: Option<String>,
    /// A coupon or promotion code, in place of whatever was redeemed for it before.
    pub redeem: Option<Redeem>,
    /// How its invoices are paid.
    pub collection: Option<Collection>,
    /// A payment that fails changes nothing (`error_if_incomplete`).
    pub error_if_incomplete: bool,
}

/// A subscription as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFound {
    /// `sub_…`.
    pub id: String,
    /// `cus_…`.
    pub customer: String,
    /// Stripe's word: trialing, active, past_due, unpaid, paused, incomplete, incomplete_expired, canceled.
    pub status: String,
    /// Billing mode, `flexible` or `classic`.
    pub billing_mode: String,
    /// Currency in lower case.
    pub currency: String,
    /// When the object was made.
    pub created: Timestamp,
    /// When it began.
    pub start_date: Timestamp,
    /// Anchor of its periods.
    pub billing_cycle_anchor: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it will end.
    pub cancel_at: Option<Timestamp>,
    /// Whether it ends at its period's end.
    pub cancel_at_period_end: bool,
    /// When its end was asked for.
    pub canceled_at: Option<Timestamp>,
    /// Start of its trial.
    pub trial_start: Option<Timestamp>,
    /// End of its trial.
    pub trial_end: Option<Timestamp>,
    /// How its invoices are paid.
    pub collection: Collection,
    /// Its own payment method.
    pub default_payment_method: Option<String>,
    /// `in_…` of its newest invoice.
    pub latest_invoice: Option<String>,
    /// `sub_sched_…` that manages it.
    pub schedule: Option<String>,
    /// Metadata, ours and others'.
    pub metadata: BTreeMap<String, String>,
    /// Its items.
    pub items: Vec<ItemFound>,
}

/// One item as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFound {
    /// `si_…`.
    pub id: String,
    /// `price_…`.
    pub price: String,
    /// The price's lookup key.
    pub lookup_key: Option<String>,
    /// `prod_…` or our chosen id.
    pub product: String,
    /// `mtr_…` of a metered price.
    pub meter: Option<String>,
    /// Quantity of a licensed item.
    pub quantity: Option<u64>,
    /// When the item was added.
    pub created: Timestamp,
    /// `month` or `year`; of odd prices also `day` and `week`.
    pub interval: Option<String>,
    /// Start of its current period.
    pub period_start: Timestamp,
    /// End of its current period.
    pub period_end: Timestamp,
    /// The price's metadata.
    pub price_metadata: BTreeMap<String, String>,
}

fn item_found(item: stripe_shared::SubscriptionItem) -> ItemFound {
    let price = item.price;
    let recurring = price.recurring;
    ItemFound {
        id: item.id.to_string(),
        price: price.id.to_string(),
        lookup_key: price.lookup_key,
        product: price.product.into_id().to_string(),
        meter: recurring.as_ref().and_then(|recurring| recurring.meter.clone()),
        quantity: item.quantity,
        created: Timestamp(item.created),
        interval: recurring.map(|recurring| recurring.interval.to_string()),
        period_start: Timestamp(item.current_period_start),
        period_end: Timestamp(item.current_period_end),
        price_metadata: price.metadata.into_iter().collect(),
    }
}

fn found(subscription: stripe_shared::Subscription) -> Result<SubscriptionFound, String> {
    if subscription.items.has_more {
        return Err("the subscription has more items than its first page".to_owned());
    }
    let collection = match subscription.collection_method {
        SubscriptionCollectionMethod::SendInvoice => {
            Collection::SendInvoice { days_until_due: subscription.days_until_due.unwrap_or_default() }
        }
        _ => Collection::Charge,
    };
    Ok(SubscriptionFound {
        id: subscription.id.to_string(),
        customer: subscription.customer.into_id().to_string(),
        status: subscription.status.to_string(),
        billing_mode: subscription.billing_mode.type_.to_string(),
        currency: subscription.currency.to_string(),
        created: Timestamp(subscription.created),
        start_date: Timestamp(subscription.start_date),
        billing_cycle_anchor: Timestamp(subscription.billing_cycle_anchor),
        ended_at: subscription.ended_at.map(Timestamp),
        cancel_at: subscription.cancel_at.map(Timestamp),
        cancel_at_period_end: subscription.cancel_at_period_end,
        canceled_at: subscription.canceled_at.map(Timestamp),
        trial_start: subscription.trial_start.map(Timestamp),
        trial_end: subscription.trial_end.map(Timestamp),
        collection,
        default_payment_method: subscription
            .default_payment_method
            .map(|method| method.into_id().to_string()),
        latest_invoice: subscription
            .latest_invoice
            .and_then(|invoice| invoice.into_id())
            .map(|id| id.to_string()),
        schedule: subscription.schedule.map(|schedule| schedule.into_id().to_string()),
        metadata: subscription.metadata.into_iter().collect(),
        items: subscription.items.data.into_iter().map(item_found).collect(),
    })
}

fn create_request(new: &SubscriptionNew) -> CreateSubscription {
    let items: Vec<_> = new
        .items
        .iter()
        .map(|item| {
            let mut made = CreateSubscriptionItems::new();
            made.price = Some(item.price.clone());
            made.quantity = item.quantity;
            made
        })
        .collect();
    let mut request = CreateSubscription::new()
        .customer(new.customer.clone())
        .items(items)
        .billing_mode(CreateSubscriptionBillingMode::new(CreateSubscriptionBillingModeType::Flexible));
    match new.collection {
        Collection::Charge => {
            request = request.payment_behavior(CreateSubscriptionPaymentBehavior::ErrorIfIncomplete);
        }
        Collection::SendInvoice { days_until_due } => {
            request = request
                .collection_method(SubscriptionCollectionMethod::SendInvoice)
                .days_until_due(days_until_due);
        }
    }
    if let Some(days) = new.trial_days {
        let behavior = CreateSubscriptionTrialSettingsEndBehaviorMissingPaymentMethod::Cancel;
        let mut end = CreateSubscriptionTrialSettingsEndBehavior::new();
        end.missing_payment_method = Some(behavior);
        request = request.trial_period_days(days).trial_settings(CreateSubscriptionTrialSettings::new(end));
    }
    if let Some(pm) = &new.default_payment_method {
        request = request.default_payment_method(pm.clone());
    }
    if let Some(redeem) = &new.redeem {
        request = request.discounts(vec![redeem.param()]);
    }
    if !new.metadata.is_empty() {
        request =
            request.metadata(new.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>());
    }
    request
}

fn update_items(items: &[ItemChange]) -> Vec<UpdateSubscriptionItems> {
    let change = |item: &ItemChange| {
        let mut made = UpdateSubscriptionItems::new();
        made.id = item.item.clone();
        made.price = item.price.clone();
        made.quantity = item.quantity;
        made.deleted = item.deleted.then_some(true);
        made
    };
    items.iter().map(change).collect()
}

fn update_request(sub: &str, change: &SubscriptionChange) -> UpdateSubscription {
    let mut request = UpdateSubscription::new(sub);
    if !change.items.is_empty() {
        request = request.items(update_items(&change.items));
    }
    if let Some(proration) = change.proration {
        request = request.proration_behavior(match proration {
            Proration::NextInvoice => UpdateSubscriptionProrationBehavior::CreateProrations,
            Proration::InvoiceNow => UpdateSubscriptionProrationBehavior::AlwaysInvoice,
            Proration::None => UpdateSubscriptionProrationBehavior::None,
        });
    }
    if let Some(at) = change.proration_date {
        request = request.proration_date(at.0);
    }
    if !change.metadata.is_empty() {
        request = request
            .metadata(change.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>());
    }
    match change.end {
        Some(EndChange::AtPeriodEnd) => request = request.cancel_at_period_end(true),
        Some(EndChange::NotAtPeriodEnd) => request = request.cancel_at_period_end(false),
        Some(EndChange::At(at)) => request = request.cancel_at(UpdateSubscriptionCancelAt::Timestamp(at.0)),
        Some(EndChange::Never) | None => {}
    }
    if change.anchor_now {
        let now = UpdateSubscriptionBillingCycleAnchorType::Now;
        request = request.billing_cycle_anchor(UpdateSubscriptionBillingCycleAnchor::new(now));
    }
    if change.trial_end_now {
        request = request.trial_end(UpdateSubscriptionTrialEnd::Now);
    }
    if let Some(pm) = &change.default_payment_method {
        request = request.default_payment_method(pm.clone());
    }
    if let Some(redeem) = &change.redeem {
        request = request.discounts(vec![redeem.param()]);
    }
    match change.collection {
        None => {}
        Some(Collection::Charge) => {
            request = request.collection_method(SubscriptionCollectionMethod::ChargeAutomatically);
        }
        Some(Collection::SendInvoice { days_until_due }) => {
            request = request
                .collection_method(SubscriptionCollectionMethod::SendInvoice)
                .days_until_due(days_until_due);
        }
    }
    if change.error_if_incomplete {
        request = request.payment_behavior(UpdateSubscriptionPaymentBehavior::ErrorIfIncomplete);
    }
    request
}

/// Says in the parameter of this name that a planned instant is taken back: the library has no word for the empty value
/// that does it.
pub(super) fn say_never(request: &mut RequestBuilder, end: Option<EndChange>, name: &str) {
    if end != Some(EndChange::Never) {
        return;
    }
    let said = request.body.take().filter(|body| !body.is_empty());
    request.body = Some(said.map_or_else(|| format!("{name}="), |said| format!("{said}&{name}=")));
}

impl Api {
    /// Makes a subscription. For money that is due at once the payment must succeed, else nothing is made.
    pub async fn subscription_create(&self, new: &SubscriptionNew, key: &str) -> Answer<SubscriptionFound> {
        let made = self.write(&create_request(new), key).await?.try_map(found)?;
        if made.value.customer != new.customer {
            let why =
                format!("asked for a subscription of {}, got one of {}", new.customer, made.value.customer);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// Changes a subscription.
    pub async fn subscription_update(
        &self,
        sub: &str,
        change: &SubscriptionChange,
        key: &str,
    ) -> Answer<SubscriptionFound> {
        let mut request = update_request(sub, change).build();
        say_never(&mut request, change.end, "cancel_at");
        let changed =
            self.write_built::<stripe_shared::Subscription>(request, Some(key)).await?.try_map(found)?;
        if changed.value.id != sub {
            let why = format!("asked for {sub}, got {}", changed.value.id);
            return Err(changed.contradiction(why));
        }
        Ok(changed)
    }
    /// Ends a subscription at once. `invoice_now` bills the usage so far; without it that usage is never billed.
    /// `prorate` credits the rest of the period. A repeat of a deletion that worked is answered 404 (`is_missing`).
    pub async fn subscription_cancel(
        &self,
        sub: &str,
        invoice_now: bool,
        prorate: bool,
    ) -> Answer<SubscriptionFound> {
        let request = CancelSubscription::new(sub).invoice_now(invoice_now).prorate(prorate);
        self.write_built(request.build(), None).await?.try_map(found)
    }
    /// One subscription, ended ones too.
    pub async fn subscription_retrieve(&self, sub: &str) -> Answer<SubscriptionFound> {
        self.read(&RetrieveSubscription::new(sub)).await?.try_map(found)
    }
    /// All subscriptions of a customer in every status, newest first.
    pub async fn subscription_list(&self, cus: &str) -> Answer<Vec<SubscriptionFound>> {
        let request =
            ListSubscription::new().customer(cus).status(ListSubscriptionStatus::All).limit(PAGE_SIZE);
        self.list::<stripe_shared::Subscription>(request.build())
            .await?
            .try_map(|subscriptions| subscriptions.into_iter().map(found).collect())
    }
    /// All subscriptions of the account in every status, newest first, 100 a page. Stripe leaves canceled ones out unless
    /// they are asked for (Stripe: API reference, list subscriptions, `status`).
    pub async fn subscription_list_all(&self) -> Answer<Vec<SubscriptionFound>> {
        let request = ListSubscription::new().status(ListSubscriptionStatus::All).limit(PAGE_SIZE);
        let page = |text: &str| -> Result<Vec<SubscriptionFound>, String> {
            typed_page::<stripe_shared::Subscription>(text)?.into_iter().map(found).collect()
        };
        self.list_with(request.build(), page).await
    }
    /// All subscriptions of the account that are not ended, newest first.
    pub async fn subscription_list_live(&self) -> Answer<Vec<SubscriptionFound>> {
        let request = ListSubscription::new().limit(PAGE_SIZE);
        self.list::<stripe_shared::Subscription>(request.build())
            .await?
            .try_map(|subscriptions| subscriptions.into_iter().map(found).collect())
    }
    /// The live subscriptions that have an item with this price.
    pub async fn subscription_list_by_price(&self, price: &str) -> Answer<Vec<SubscriptionFound>> {
        let request = ListSubscription::new().price(price).limit(PAGE_SIZE);
        self.list::<stripe_shared::Subscription>(request.build())
            .await?
            .try_map(|subscriptions| subscriptions.into_iter().map(found).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_say_what_was_asked() {
        let new = SubscriptionNew {
            customer: "cus_1".into(),
            items: vec![
                ItemNew { price: "price_seat".into(), quantity: Some(3) },
                ItemNew { price: "price_usage".into(), quantity: None },
            ],
            collection: Collection::SendInvoice { days_until_due: 14 },
            trial_days: Some(7),
            redeem: Some(Redeem::of_id("LAUNCH20")),
            ..SubscriptionNew::default()
        };
        let body = create_request(&new).build().body.unwrap();
        for part in [
            "customer=cus_1",
            "items[0][price]=price_seat",
            "items[0][quantity]=3",
            "items[1][price]=price_usage",
            "billing_mode[type]=flexible",
            "collection_method=send_invoice",
            "days_until_due=14",
            "trial_period_days=7",
            "discounts[0][coupon]=LAUNCH20",
            "trial_settings[end_behavior][missing_payment_method]=cancel",
        ] {
            assert!(body.split('&').any(|pair| pair == part), "{part} in {body}");
        }
        assert!(!body.contains("items[1][quantity]"), "a metered item carries no quantity");
    }
}
