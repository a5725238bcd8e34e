//! What the biller keeps of money that moves: payments, refunds, checkouts.

use serde::{Deserialize, Serialize};

use super::balance::BalanceTransaction;
use super::checkout::Session;
use super::coupon::{Coupon, PromotionCode};
use super::credit_grant::{CreditGrant, CreditTransaction};
use super::credit_note::CreditNote;
use super::discount::Discount;
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
    /// Coupons, deleted ones too.
    pub coupons: Table<Coupon>,
    /// Promotion codes.
    pub codes: Table<PromotionCode>,
    /// Coupons in use.
    pub discounts: Table<Discount>,
    /// Credit grants, ended ones too.
    pub credit_grants: Table<CreditGrant>,
    /// What became of them.
    pub credit_transactions: Table<CreditTransaction>,
    /// What moved the balances of customers.
    pub balance_transactions: Table<BalanceTransaction>,
    /// Credit notes, void ones too.
    pub credit_notes: Table<CreditNote>,
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

rows!(
    BalanceTransaction,
    Charge,
    Coupon,
    CreditGrant,
    CreditNote,
    CreditTransaction,
    Discount,
    InvoicePayment,
    PaymentIntent,
    PromotionCode,
    Refund,
    Session,
);
