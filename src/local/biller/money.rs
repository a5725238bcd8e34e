//! What the biller keeps of money that moves: payments, refunds, checkouts.

use serde::{Deserialize, Serialize};

use super::checkout::Session;
use super::payment::{Charge, InvoicePayment, PaymentIntent};
use super::refund::Refund;
use crate::local::model::{Row, Table};

/// Tables of payments and of what leads to them. New ones begin empty in an older state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Money {
    /// Payment intents.
    pub intents: Table<PaymentIntent>,
    /// Charges.
    pub charges: Table<Charge>,
    /// What was paid towards invoices.
    pub invoice_payments: Table<InvoicePayment>,
    /// Refunds.
    pub refunds: Table<Refund>,
    /// Checkout sessions.
    pub sessions: Table<Session>,
}

macro_rules! rows {
    ($($kind:ty),+ $(,)?) => {
        $(impl Row for $kind {
            fn id(&self) -> &str {
                &self.id
            }
        })+
    };
}

rows!(PaymentIntent, Charge, InvoicePayment, Refund, Session);
