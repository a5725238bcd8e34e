//! Credit grants: money that Stripe takes off metered bills (Stripe: docs, api/billing/credit-grant).

use std::collections::BTreeMap;

use stripe_billing::billing_credit_grant::{
    CreateBillingCreditGrant, CreateBillingCreditGrantAmount, CreateBillingCreditGrantAmountMonetary,
    CreateBillingCreditGrantAmountType, CreateBillingCreditGrantApplicabilityConfig,
    CreateBillingCreditGrantApplicabilityConfigScope,
    CreateBillingCreditGrantApplicabilityConfigScopePriceType, ListBillingCreditGrant,
};
use stripe_client_core::StripeRequest;
use stripe_shared::BillingCreditGrantCategory;

use super::Api;
use super::answer::Answer;
use super::call::PAGE_SIZE;
use crate::billing::time::Timestamp;

/// A grant to be made; it applies to every metered price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditGrantNew {
    /// `cus_…`.
    pub customer: String,
    /// Minor units.
    pub amount: i64,
    /// Currency code, lower case.
    pub currency: String,
    /// It was paid for; else it is promotional.
    pub is_paid: bool,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// What it is called in the Dashboard.
    pub name: Option<String>,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
}

/// A grant as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditGrantFound {
    /// `credgr_…`.
    pub id: String,
    /// `cus_…`.
    pub customer: String,
    /// Minor units.
    pub amount: Option<i64>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was voided.
    pub voided_at: Option<Timestamp>,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
}

fn found(it: stripe_shared::BillingCreditGrant) -> CreditGrantFound {
    CreditGrantFound {
        id: it.id.to_string(),
        customer: it.customer.into_id().to_string(),
        amount: it.amount.monetary.map(|monetary| monetary.value),
        expires_at: it.expires_at.map(Timestamp),
        voided_at: it.voided_at.map(Timestamp),
        metadata: it.metadata.into_iter().collect(),
    }
}

fn create_request(new: &CreditGrantNew, currency: stripe_types::Currency) -> CreateBillingCreditGrant {
    let mut amount = CreateBillingCreditGrantAmount::new(CreateBillingCreditGrantAmountType::Monetary);
    amount.monetary = Some(CreateBillingCreditGrantAmountMonetary::new(currency, new.amount));
    let scope = CreateBillingCreditGrantApplicabilityConfigScope {
        price_type: Some(CreateBillingCreditGrantApplicabilityConfigScopePriceType::Metered),
        prices: None,
    };
    let category =
        if new.is_paid { BillingCreditGrantCategory::Paid } else { BillingCreditGrantCategory::Promotional };
    let mut request =
        CreateBillingCreditGrant::new(amount, CreateBillingCreditGrantApplicabilityConfig::new(scope))
            .category(category)
            .customer(new.customer.clone())
            .metadata(new.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>());
    if let Some(end) = new.expires_at {
        request = request.expires_at(end.0);
    }
    if let Some(name) = &new.name {
        request = request.name(name.clone());
    }
    request
}

impl Api {
    /// Makes a grant.
    pub async fn credit_grant_create(&self, new: &CreditGrantNew, key: &str) -> Answer<CreditGrantFound> {
        // An unknown code becomes a value of its own, which Stripe judges.
        let currency = new.currency.parse::<stripe_types::Currency>().unwrap_or(stripe_types::Currency::USD);
        let made = self.write(&create_request(new, currency), key).await?.map(found);
        if made.value.customer != new.customer || made.value.amount != Some(new.amount) {
            let why = format!("asked for a grant of {} to {}, got another", new.amount, new.customer);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// All grants of a customer, newest first.
    pub async fn credit_grant_list(&self, cus: &str) -> Answer<Vec<CreditGrantFound>> {
        let request = ListBillingCreditGrant::new().customer(cus).limit(PAGE_SIZE);
        let listed = self.list::<stripe_shared::BillingCreditGrant>(request.build()).await?;
        Ok(listed.map(|grants| grants.into_iter().map(found).collect()))
    }
}
