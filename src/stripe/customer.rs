//! Customers.

use std::collections::BTreeMap;

use stripe_client_core::StripeRequest;
use stripe_core::customer::{
    CreateCustomer, ListCustomer, RetrieveCustomer, RetrieveCustomerReturned, UpdateCustomer,
    UpdateCustomerInvoiceSettings,
};

use super::Api;
use super::answer::Answer;
use super::call::{PAGE_SIZE, typed_page};
use crate::billing::time::Timestamp;

/// What we say of a customer. What is `None` or absent is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerData {
    /// Address for invoices.
    pub email: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// Merged into what is there; an empty value removes its key (Stripe: docs, metadata).
    pub metadata: BTreeMap<String, String>,
}

/// A customer as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFound {
    /// `cus_…`.
    pub id: String,
    /// Deleted: only the id is known.
    pub deleted: bool,
    /// Address for invoices.
    pub email: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// Metadata, ours and others'.
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
    /// Currency that the customer is charged in, once there is one; lower case.
    pub currency: Option<String>,
    /// Balance in minor units; negative is a credit for the customer.
    pub balance: i64,
    /// `invoice_settings.default_payment_method`.
    pub default_payment_method: Option<String>,
}

fn found(customer: stripe_shared::Customer) -> CustomerFound {
    let settings = customer.invoice_settings;
    CustomerFound {
        id: customer.id.to_string(),
        deleted: false,
        email: customer.email,
        name: customer.name,
        metadata: customer.metadata.unwrap_or_default().into_iter().collect(),
        created: Timestamp(customer.created),
        currency: customer.currency.map(|currency| currency.to_string()),
        balance: customer.balance.unwrap_or_default(),
        default_payment_method: settings
            .and_then(|settings| settings.default_payment_method)
            .map(|method| method.into_id().to_string()),
    }
}

impl Api {
    /// Makes a customer. `key` is derived from the namespace and the operator's own id, and stored first.
    pub async fn customer_create(&self, data: &CustomerData, key: &str) -> Answer<CustomerFound> {
        let mut request = CreateCustomer::new();
        if let Some(email) = &data.email {
            request = request.email(email.clone());
        }
        if let Some(name) = &data.name {
            request = request.name(name.clone());
        }
        if !data.metadata.is_empty() {
            request = request
                .metadata(data.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>());
        }
        Ok(self.write(&request, key).await?.map(found))
    }
    /// Changes what `data` says of a customer and nothing else.
    pub async fn customer_update(&self, cus: &str, data: &CustomerData, key: &str) -> Answer<CustomerFound> {
        let mut request = UpdateCustomer::new(cus);
        if let Some(email) = &data.email {
            request = request.email(email.clone());
        }
        if let Some(name) = &data.name {
            request = request.name(name.clone());
        }
        if !data.metadata.is_empty() {
            request = request
                .metadata(data.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>());
        }
        self.customer_written(request, cus, key).await
    }
    /// Makes an attached payment method the one that invoices are charged to.
    pub async fn customer_default_payment_method(
        &self,
        cus: &str,
        pm: &str,
        key: &str,
    ) -> Answer<CustomerFound> {
        let mut settings = UpdateCustomerInvoiceSettings::new();
        settings.default_payment_method = Some(pm.to_owned());
        self.customer_written(UpdateCustomer::new(cus).invoice_settings(settings), cus, key).await
    }
    async fn customer_written(&self, request: UpdateCustomer, cus: &str, key: &str) -> Answer<CustomerFound> {
        let written = self.write(&request, key).await?.map(found);
        if written.value.id != cus {
            let why = format!("asked for {cus}, got {}", written.value.id);
            return Err(written.contradiction(why));
        }
        Ok(written)
    }
    /// One customer; a deleted one is found with `deleted`. A missing one is a refusal (`Failure::is_missing`).
    pub async fn customer_retrieve(&self, cus: &str) -> Answer<CustomerFound> {
        let answer = self.read(&RetrieveCustomer::new(cus)).await?;
        Ok(answer.map(|returned| match returned {
            RetrieveCustomerReturned::Customer(customer) => found(customer),
            RetrieveCustomerReturned::DeletedCustomer(customer) => CustomerFound {
                id: customer.id.to_string(),
                deleted: true,
                email: None,
                name: None,
                metadata: BTreeMap::new(),
                created: Timestamp(0),
                currency: None,
                balance: 0,
                default_payment_method: None,
            },
        }))
    }
    /// All customers of the account, newest first, 100 a page; deleted ones are not among them.
    pub async fn customer_list(&self) -> Answer<Vec<CustomerFound>> {
        let request = ListCustomer::new().limit(PAGE_SIZE);
        let page = |text: &str| -> Result<Vec<CustomerFound>, String> {
            Ok(typed_page::<stripe_shared::Customer>(text)?.into_iter().map(found).collect())
        };
        self.list_with(request.build(), page).await
    }
    /// All customers with exactly this e-mail address, newest first. A list, never a search: searches lag.
    pub async fn customer_list_by_email(&self, email: &str) -> Answer<Vec<CustomerFound>> {
        let request = ListCustomer::new().email(email).limit(PAGE_SIZE);
        let answer = self.list::<stripe_shared::Customer>(request.build()).await?;
        Ok(answer.map(|customers| customers.into_iter().map(found).collect()))
    }
}
