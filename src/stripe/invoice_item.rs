//! Items on a customer's next invoice (Stripe: docs, api/invoiceitems).

use std::collections::BTreeMap;

use stripe_billing::invoice_item::{CreateInvoiceItem, ListInvoiceItem};
use stripe_client_core::StripeRequest;

use super::Api;
use super::answer::Answer;
use super::call::PAGE_SIZE;
use crate::billing::money::Money;

/// An item to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceItemNew {
    /// `cus_…`.
    pub customer: String,
    /// The subscription on whose next invoice it goes; the customer's next one where there is none.
    pub subscription: Option<String>,
    /// The draft that it goes on; the next invoice where there is none.
    pub invoice: Option<String>,
    /// What it is worth; below zero gives back.
    pub amount: Money,
    /// What the customer reads.
    pub description: String,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
}

/// An item as Stripe shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceItemFound {
    /// `ii_…`.
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
}

fn found(item: stripe_billing::InvoiceItem) -> InvoiceItemFound {
    InvoiceItemFound {
        id: item.id.to_string(),
        amount: item.amount,
        metadata: item.metadata.unwrap_or_default().into_iter().collect(),
    }
}

impl Api {
    /// Puts an item on the next invoice.
    pub async fn invoice_item_create(&self, new: &InvoiceItemNew, key: &str) -> Answer<InvoiceItemFound> {
        let code = new.amount.currency.code();
        // A code that is none becomes a value of its own, which Stripe judges.
        let currency = code.parse::<stripe_types::Currency>().unwrap_or(stripe_types::Currency::USD);
        let mut request = CreateInvoiceItem::new()
            .customer(new.customer.clone())
            .amount(new.amount.minor)
            .currency(currency)
            .description(new.description.clone())
            .metadata(new.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>());
        if let Some(subscription) = &new.subscription {
            request = request.subscription(subscription.clone());
        }
        if let Some(invoice) = &new.invoice {
            request = request.invoice(invoice.clone());
        }
        Ok(self.write(&request, key).await?.map(found))
    }

    /// The items of a customer, on an invoice already or not.
    pub async fn invoice_item_list(&self, cus: &str) -> Answer<Vec<InvoiceItemFound>> {
        let request = ListInvoiceItem::new().customer(cus).limit(PAGE_SIZE);
        let listed = self.list::<stripe_billing::InvoiceItem>(request.build()).await?;
        Ok(listed.map(|items| items.into_iter().map(found).collect()))
    }
}
