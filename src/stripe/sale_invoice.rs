//! Invoices that we make: one line for one price (Stripe: docs, api/invoices/create, api/invoiceitems/create).

use std::collections::BTreeMap;

use stripe_billing::invoice::{
    CreateInvoice, CreateInvoicePendingInvoiceItemsBehavior, FinalizeInvoiceInvoice,
};
use stripe_billing::invoice_item::{CreateInvoiceItem, PricingParam};

use super::Api;
use super::answer::Answer;

/// An invoice to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleInvoiceNew {
    /// `cus_…`.
    pub customer: String,
    /// Currency code, lower case.
    pub currency: String,
    /// Days until it is due; it is sent, not charged.
    pub days_until_due: u32,
    /// Metadata of the invoice.
    pub metadata: BTreeMap<String, String>,
}

/// An invoice that we made, as Stripe shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleInvoice {
    /// `in_…`.
    pub id: String,
    /// draft, open, paid, uncollectible or void.
    pub status: Option<String>,
    /// Lines that it has.
    pub lines: usize,
    /// Where it is paid.
    pub url: Option<String>,
}

fn found(invoice: stripe_shared::Invoice) -> Result<SaleInvoice, String> {
    Ok(SaleInvoice {
        id: invoice.id.ok_or("an invoice without an id")?.to_string(),
        status: invoice.status.map(|status| status.to_string()),
        lines: invoice.lines.data.len(),
        url: invoice.hosted_invoice_url,
    })
}

fn metadata(of: &BTreeMap<String, String>) -> std::collections::HashMap<String, String> {
    of.clone().into_iter().collect()
}

impl Api {
    /// Makes a draft without lines; what else is pending for the customer stays pending.
    pub async fn sale_invoice_create(&self, new: &SaleInvoiceNew, key: &str) -> Answer<SaleInvoice> {
        // A code that is none becomes a value of its own, which Stripe judges.
        let currency = new.currency.parse::<stripe_types::Currency>().unwrap_or(stripe_types::Currency::USD);
        let request = CreateInvoice::new()
            .customer(new.customer.clone())
            .collection_method(stripe_shared::InvoiceCollectionMethod::SendInvoice)
            .days_until_due(new.days_until_due)
            .auto_advance(false)
            .pending_invoice_items_behavior(CreateInvoicePendingInvoiceItemsBehavior::Exclude)
            .metadata(metadata(&new.metadata))
            .currency(currency);
        self.write(&request, key).await?.try_map(found)
    }
    /// Adds a line for one price to a draft.
    pub async fn sale_invoice_line(
        &self,
        invoice: &str,
        customer: &str,
        price: &str,
        about: &BTreeMap<String, String>,
        key: &str,
    ) -> Answer<()> {
        let request = CreateInvoiceItem::new()
            .customer(customer)
            .invoice(invoice)
            .pricing(PricingParam { price: Some(price.to_owned()) })
            .quantity(1_u64)
            .metadata(metadata(about));
        Ok(self.write(&request, key).await?.map(|_| ()))
    }
    /// Makes a draft final, so that it can be paid.
    pub async fn sale_invoice_finalize(&self, invoice: &str, key: &str) -> Answer<SaleInvoice> {
        let request = FinalizeInvoiceInvoice::new(invoice).auto_advance(true);
        self.write(&request, key).await?.try_map(found)
    }
    /// An invoice that we made.
    pub async fn sale_invoice_retrieve(&self, invoice: &str) -> Answer<SaleInvoice> {
        let request = stripe_billing::invoice::RetrieveInvoice::new(invoice);
        self.read(&request).await?.try_map(found)
    }
}
