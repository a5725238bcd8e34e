//! Checkout sessions: a hosted page that sells one price once, or a subscription (Stripe: docs, api/checkout/sessions).

use std::collections::BTreeMap;

use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionDiscounts, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionSubscriptionData as SubscriptionData,
    CreateCheckoutSessionSubscriptionDataBillingMode as BillingMode,
    CreateCheckoutSessionSubscriptionDataBillingModeType as BillingModeType,
    CreateCheckoutSessionSubscriptionDataTrialSettings as TrialSettings,
    CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehavior as TrialEnd,
    CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehaviorMissingPaymentMethod as WithoutMethod,
    ExpireCheckoutSession, ListCheckoutSession, ListLineItemsCheckoutSession, RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_shared::{CheckoutSessionMode, CheckoutSessionPaymentStatus};

use super::Api;
use super::answer::Answer;
use super::call::PAGE_SIZE;
use super::coupon::Redeem;
use super::subscription::ItemNew;
use crate::billing::time::Timestamp;

/// A session that sells one price once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutNew {
    /// `cus_…`.
    pub customer: String,
    /// `price_…`: a one-time price.
    pub price: String,
    /// Our name of what is sold; comes back as `client_reference_id`.
    pub reference: String,
    /// Metadata of the session and of its payment.
    pub metadata: BTreeMap<String, String>,
    /// Where the customer lands after paying.
    pub success_url: String,
}

/// A session that makes a subscription, always in flexible billing mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionCheckoutNew {
    /// `cus_…`.
    pub customer: String,
    /// Items of the subscription.
    pub items: Vec<ItemNew>,
    /// Days of trial, from the completion on.
    pub trial_days: Option<u32>,
    /// What is taken off.
    pub redeem: Option<Redeem>,
    /// Our name of it; comes back as `client_reference_id`.
    pub reference: String,
    /// Metadata of the session and of its subscription.
    pub metadata: BTreeMap<String, String>,
    /// Where the customer lands after paying.
    pub success_url: String,
    /// Where the page's way back leads.
    pub cancel_url: Option<String>,
}

/// Which complete sessions are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckoutQuery {
    /// Of one customer.
    pub customer: Option<String>,
    /// Made at this instant or later.
    pub created_from: Option<Timestamp>,
}

/// One thing that a session sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutLine {
    /// `price_…`.
    pub price: String,
    /// Product of the price.
    pub product: String,
    /// How many.
    pub quantity: u64,
}

fn line_found(it: stripe_shared::CheckoutSessionItem) -> Option<CheckoutLine> {
    let price = it.price?;
    let product = price.product.into_id().to_string();
    Some(CheckoutLine { price: price.id.to_string(), product, quantity: it.quantity.unwrap_or(1) })
}

/// A session as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutFound {
    /// `cs_…`.
    pub id: String,
    /// `cus_…`.
    pub customer: Option<String>,
    /// `open`, `complete` or `expired`.
    pub status: Option<String>,
    /// `payment`, `subscription` or `setup`.
    pub mode: String,
    /// Whether `payment_status` is `paid`; neither `unpaid` nor `no_payment_required` is.
    pub is_paid: bool,
    /// Minor units, discounts and taxes included.
    pub amount_total: Option<i64>,
    /// Currency code, lower case.
    pub currency: Option<String>,
    /// What its maker called it.
    pub reference: Option<String>,
    /// `pi_…`, in payment mode.
    pub payment: Option<String>,
    /// `in_…`, where an invoice is made of it.
    pub invoice: Option<String>,
    /// `sub_…`, in subscription mode.
    pub subscription: Option<String>,
    /// The hosted page, while it is open.
    pub url: Option<String>,
    /// Metadata of the session.
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
}

fn found(it: stripe_shared::CheckoutSession) -> CheckoutFound {
    CheckoutFound {
        id: it.id.to_string(),
        customer: it.customer.map(|it| it.into_id().to_string()),
        status: it.status.map(|it| it.to_string()),
        mode: it.mode.to_string(),
        is_paid: it.payment_status == CheckoutSessionPaymentStatus::Paid,
        amount_total: it.amount_total,
        currency: it.currency.map(|it| it.to_string()),
        reference: it.client_reference_id,
        payment: it.payment_intent.map(|it| it.into_id().to_string()),
        invoice: it.invoice.and_then(|it| it.into_id()).map(|it| it.to_string()),
        subscription: it.subscription.map(|it| it.into_id().to_string()),
        url: it.url,
        metadata: it.metadata.unwrap_or_default().into_iter().collect(),
        created: Timestamp(it.created),
    }
}

fn create_request(new: &CheckoutNew) -> CreateCheckoutSession {
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price = Some(new.price.clone());
    line.quantity = Some(1);
    let metadata: std::collections::HashMap<String, String> = new.metadata.clone().into_iter().collect();
    let mut payment = CreateCheckoutSessionPaymentIntentData::new();
    payment.metadata = Some(metadata.clone());
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .customer(new.customer.clone())
        .client_reference_id(new.reference.clone())
        .line_items(vec![line])
        .metadata(metadata)
        .payment_intent_data(payment)
        .success_url(new.success_url.clone())
}

fn subscribe_request(new: &SubscriptionCheckoutNew) -> CreateCheckoutSession {
    let line = |item: &ItemNew| {
        let mut line = CreateCheckoutSessionLineItems::new();
        line.price = Some(item.price.clone());
        line.quantity = item.quantity;
        line
    };
    let metadata: std::collections::HashMap<String, String> = new.metadata.clone().into_iter().collect();
    let mut data = SubscriptionData::new();
    data.metadata = Some(metadata.clone());
    data.billing_mode = Some(BillingMode::new(BillingModeType::Flexible));
    data.trial_period_days = new.trial_days;
    data.trial_settings = new.trial_days.map(|_| TrialSettings::new(TrialEnd::new(WithoutMethod::Cancel)));
    let mut request = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Subscription)
        .customer(new.customer.clone())
        .client_reference_id(new.reference.clone())
        .line_items(new.items.iter().map(line).collect::<Vec<_>>())
        .metadata(metadata)
        .subscription_data(data)
        .success_url(new.success_url.clone());
    if let Some(redeem) = &new.redeem {
        let mut made = CreateCheckoutSessionDiscounts::new();
        match redeem {
            Redeem::Coupon(id) => made.coupon = Some(id.clone()),
            Redeem::PromotionCode(id) => made.promotion_code = Some(id.clone()),
        }
        request = request.discounts(vec![made]);
    }
    match &new.cancel_url {
        Some(url) => request.cancel_url(url.clone()),
        None => request,
    }
}

impl Api {
    /// Makes a session that makes a subscription.
    pub async fn checkout_subscribe(
        &self,
        new: &SubscriptionCheckoutNew,
        key: &str,
    ) -> Answer<CheckoutFound> {
        let made = self.write(&subscribe_request(new), key).await?.map(found);
        if made.value.customer.as_deref() != Some(new.customer.as_str()) {
            let why = format!("asked for a session of {}, got another's", new.customer);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// Closes an open session: nobody can pay there any more. Refused where it is complete or over.
    pub async fn checkout_expire(&self, session: &str, key: &str) -> Answer<CheckoutFound> {
        Ok(self.write(&ExpireCheckoutSession::new(session), key).await?.map(found))
    }
    /// Makes a session that sells one price.
    pub async fn checkout_create(&self, new: &CheckoutNew, key: &str) -> Answer<CheckoutFound> {
        let made = self.write(&create_request(new), key).await?.map(found);
        if made.value.customer.as_deref() != Some(new.customer.as_str()) {
            let why = format!("asked for a session of {}, got another's", new.customer);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// One session.
    pub async fn checkout_retrieve(&self, session: &str) -> Answer<CheckoutFound> {
        Ok(self.read(&RetrieveCheckoutSession::new(session)).await?.map(found))
    }
    /// All sessions of a customer, newest first.
    pub async fn checkout_list(&self, cus: &str) -> Answer<Vec<CheckoutFound>> {
        let request = ListCheckoutSession::new().customer(cus).limit(PAGE_SIZE);
        let listed = self.list::<stripe_shared::CheckoutSession>(request.build()).await?;
        Ok(listed.map(|sessions| sessions.into_iter().map(found).collect()))
    }
    /// All complete sessions, newest first, each with what it sells: a hundred a call, and one more for a session that
    /// sells more than the list shows (Stripe: expanded lists inside of lists carry their first ten).
    pub async fn checkout_list_complete(
        &self,
        query: &CheckoutQuery,
    ) -> Answer<Vec<(CheckoutFound, Vec<CheckoutLine>)>> {
        let mut pairs = vec![format!("limit={PAGE_SIZE}"), "status=complete".to_owned()];
        pairs.push("expand[0]=data.line_items".to_owned());
        pairs.extend(query.customer.as_ref().map(|cus| format!("customer={cus}")));
        pairs.extend(query.created_from.map(|from| format!("created[gte]={}", from.0)));
        let mut request = RequestBuilder::new(StripeMethod::Get, "/checkout/sessions");
        request.query = Some(pairs.join("&"));
        let listed = self.list::<stripe_shared::CheckoutSession>(request).await?;
        let mut whole = Vec::with_capacity(listed.value.len());
        for it in &listed.value {
            let mut it = it.clone();
            let lines = match it.line_items.take() {
                Some(lines) if !lines.has_more => lines.data.into_iter().filter_map(line_found).collect(),
                _ => self.checkout_lines(it.id.as_str()).await?.value,
            };
            whole.push((found(it), lines));
        }
        Ok(listed.map(|_| whole))
    }
    /// What a session sells.
    pub async fn checkout_lines(&self, session: &str) -> Answer<Vec<CheckoutLine>> {
        let request = ListLineItemsCheckoutSession::new(session).limit(PAGE_SIZE);
        let listed = self.list::<stripe_shared::CheckoutSessionItem>(request.build()).await?;
        Ok(listed.map(|lines| lines.into_iter().filter_map(line_found).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_of_a_subscription_says_what_it_makes() {
        let new = SubscriptionCheckoutNew {
            customer: "cus_1".into(),
            items: vec![
                ItemNew { price: "price_seat".into(), quantity: Some(3) },
                ItemNew { price: "price_usage".into(), quantity: None },
            ],
            trial_days: Some(14),
            redeem: Some(Redeem::of_id("promo_1")),
            reference: "paygrade:acme:checkout:1".into(),
            metadata: BTreeMap::from([("paygrade_op".to_owned(), "1".to_owned())]),
            success_url: "https://example.com/paid".into(),
            cancel_url: None,
        };
        let body = subscribe_request(&new).build().body.unwrap();
        for part in [
            "mode=subscription",
            "line_items[0][price]=price_seat",
            "line_items[0][quantity]=3",
            "line_items[1][price]=price_usage",
            "discounts[0][promotion_code]=promo_1",
            "metadata[paygrade_op]=1",
            "subscription_data[metadata][paygrade_op]=1",
            "subscription_data[billing_mode][type]=flexible",
            "subscription_data[trial_period_days]=14",
            "subscription_data[trial_settings][end_behavior][missing_payment_method]=cancel",
        ] {
            assert!(body.split('&').any(|pair| pair == part), "{part} in {body}");
        }
        assert!(!body.contains("line_items[1][quantity]"), "a metered item carries no quantity");
    }

    #[test]
    fn a_session_says_what_is_sold_and_whose_it_is() {
        let new = CheckoutNew {
            customer: "cus_1".into(),
            price: "price_small".into(),
            reference: "paygrade:acme:sale:1".into(),
            metadata: BTreeMap::from([("paygrade_sale".to_owned(), "1".to_owned())]),
            success_url: "https://example.com/paid".into(),
        };
        let body = create_request(&new).build().body.unwrap();
        for part in [
            "mode=payment",
            "customer=cus_1",
            "line_items[0][price]=price_small",
            "line_items[0][quantity]=1",
            "metadata[paygrade_sale]=1",
            "payment_intent_data[metadata][paygrade_sale]=1",
        ] {
            assert!(body.split('&').any(|pair| pair == part), "{part} in {body}");
        }
    }
}
