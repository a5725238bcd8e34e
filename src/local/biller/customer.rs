//! Customers, as the local Stripe keeps and shows them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::local::form::Metadata;

/// One customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// `cus_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// E-mail address.
    pub email: Option<String>,
    /// Name of a person or company.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Postal address; absent parts are null.
    pub address: Option<Map<String, Value>>,
    /// Delivery address with a name.
    pub shipping: Option<Value>,
    /// Preferred languages.
    pub preferred_locales: Vec<String>,
    /// `none`, `exempt` or `reverse`.
    pub tax_exempt: String,
    /// The caller's own data.
    pub metadata: Metadata,
    /// Minor units: owed to the next invoice when positive, credited to it when negative.
    pub balance: i64,
    /// Set by the first subscription or invoice item.
    pub currency: Option<String>,
    /// First part of this customer's invoice numbers.
    pub invoice_prefix: String,
    /// Number of the next finalized invoice.
    pub next_invoice_sequence: u32,
    /// What invoices are charged to by default.
    pub default_payment_method: Option<String>,
    /// Footer of invoices.
    pub invoice_footer: Option<String>,
    /// The latest charge of an invoice failed.
    pub delinquent: bool,
    /// Deleted customers keep their id.
    pub deleted: bool,
}

impl Customer {
    /// A customer of whom nothing is known.
    pub fn blank(id: String, now: i64) -> Customer {
        Customer {
            id,
            created: now,
            email: None,
            name: None,
            description: None,
            phone: None,
            address: None,
            shipping: None,
            preferred_locales: Vec::new(),
            tax_exempt: "none".to_owned(),
            metadata: Metadata::new(),
            balance: 0,
            currency: None,
            invoice_prefix: String::new(),
            next_invoice_sequence: 1,
            default_payment_method: None,
            invoice_footer: None,
            delinquent: false,
            deleted: false,
        }
    }

    /// Stripe's object.
    pub fn render(&self) -> Value {
        if self.deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        json!({
            "id": self.id,
            "object": "customer",
            "address": self.address,
            "balance": self.balance,
            "created": self.created,
            "currency": self.currency,
            "customer_account": null,
            "default_source": null,
            "delinquent": self.delinquent,
            "description": self.description,
            "discount": null,
            "email": self.email,
            "invoice_prefix": self.invoice_prefix,
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": self.invoice_footer,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": self.next_invoice_sequence,
            "phone": self.phone,
            "preferred_locales": self.preferred_locales,
            "shipping": self.shipping,
            "tax_exempt": self.tax_exempt,
            "test_clock": null,
        })
    }
}
