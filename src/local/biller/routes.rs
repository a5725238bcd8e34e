//! The biller's routes.

use serde_json::Value;

use super::{
    balance, card_calls, checkout, coupon_calls, credit_calls, credit_note, customer_calls, invoice_calls,
    invoice_item_calls, invoice_manual, item_calls, pause, payment_calls, portal, preview, refund, resume,
    schedule_calls, subscription_calls,
};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::Params;

/// Finds and runs the handler; `None` when the path is not one of the biller's.
pub fn dispatch(
    call: &mut Call,
    p: &mut Params,
    method: &str,
    segments: &[&str],
) -> Option<Result<Value, ApiError>> {
    Some(match (method, segments) {
        ("POST", ["v1", "customers"]) => customer_calls::create(call, p),
        ("GET", ["v1", "customers"]) => customer_calls::list(call, p),
        ("GET", ["v1", "customers", id]) => customer_calls::retrieve(call, p, id),
        ("POST", ["v1", "customers", id]) => customer_calls::update(call, p, id),
        ("DELETE", ["v1", "customers", id]) => customer_calls::delete(call, p, id),
        ("GET", ["v1", "customers", id, "payment_methods"]) => card_calls::list_of_customer(call, p, id),

        ("POST", ["v1", "customers", id, "balance_transactions"]) => balance::create(call, p, id),
        ("GET", ["v1", "customers", id, "balance_transactions"]) => balance::list(call, p, id),
        ("GET", ["v1", "customers", id, "balance_transactions", entry]) => {
            balance::retrieve(call, p, id, entry)
        }
        ("POST", ["v1", "customers", id, "balance_transactions", entry]) => {
            balance::update(call, p, id, entry)
        }

        ("POST", ["v1", "payment_methods"]) => card_calls::create(call, p),
        ("GET", ["v1", "payment_methods"]) => card_calls::list(call, p),
        ("GET", ["v1", "payment_methods", id]) => card_calls::retrieve(call, p, id),
        ("POST", ["v1", "payment_methods", id]) => card_calls::update(call, p, id),
        ("POST", ["v1", "payment_methods", id, "attach"]) => card_calls::attach(call, p, id),
        ("POST", ["v1", "payment_methods", id, "detach"]) => card_calls::detach(call, p, id),

        ("POST", ["v1", "subscriptions"]) => subscription_calls::create(call, p),
        ("GET", ["v1", "subscriptions"]) => subscription_calls::list(call, p),
        ("GET", ["v1", "subscriptions", id]) => subscription_calls::retrieve(call, p, id),
        ("POST", ["v1", "subscriptions", id]) => subscription_calls::update(call, p, id),
        ("DELETE", ["v1", "subscriptions", id]) => subscription_calls::delete(call, p, id),

        ("POST", ["v1", "subscriptions", id, "pause"]) => pause::pause(call, p, id),
        ("POST", ["v1", "subscriptions", id, "resume"]) => resume::resume(call, p, id),

        ("POST", ["v1", "subscription_items"]) => item_calls::create(call, p),
        ("GET", ["v1", "subscription_items"]) => item_calls::list(call, p),
        ("GET", ["v1", "subscription_items", id]) => item_calls::retrieve(call, p, id),
        ("POST", ["v1", "subscription_items", id]) => item_calls::update(call, p, id),
        ("DELETE", ["v1", "subscription_items", id]) => item_calls::delete(call, p, id),

        ("POST", ["v1", "subscription_schedules"]) => schedule_calls::create(call, p),
        ("GET", ["v1", "subscription_schedules"]) => schedule_calls::list(call, p),
        ("GET", ["v1", "subscription_schedules", id]) => schedule_calls::retrieve(call, p, id),
        ("POST", ["v1", "subscription_schedules", id]) => schedule_calls::update(call, p, id),
        ("POST", ["v1", "subscription_schedules", id, "release"]) => schedule_calls::release(call, p, id),
        ("POST", ["v1", "subscription_schedules", id, "cancel"]) => schedule_calls::cancel(call, p, id),

        ("POST", ["v1", "invoices", "create_preview"]) => preview::create(call, p),
        ("GET", ["v1", "invoices"]) => invoice_calls::list(call, p),
        ("GET", ["v1", "invoices", id]) => invoice_calls::retrieve(call, p, id),
        ("POST", ["v1", "invoices", id]) => invoice_calls::update(call, p, id),
        ("GET", ["v1", "invoices", id, "lines"]) => invoice_calls::lines(call, p, id),
        ("POST", ["v1", "invoices", id, "finalize"]) => invoice_calls::finalize(call, p, id),
        ("POST", ["v1", "invoices", id, "pay"]) => invoice_calls::pay(call, p, id),
        ("POST", ["v1", "invoices", id, "void"]) => invoice_calls::void(call, p, id),

        ("POST", ["v1", "invoiceitems"]) => invoice_item_calls::create(call, p),
        ("GET", ["v1", "invoiceitems"]) => invoice_item_calls::list(call, p),
        ("GET", ["v1", "invoiceitems", id]) => invoice_item_calls::retrieve(call, p, id),

        _ => return payments(call, p, method, segments),
    })
}

/// Payments, refunds, checkouts.
fn payments(
    call: &mut Call,
    p: &mut Params,
    method: &str,
    segments: &[&str],
) -> Option<Result<Value, ApiError>> {
    Some(match (method, segments) {
        ("POST", ["v1", "checkout", "sessions"]) => checkout::create(call, p),
        ("GET", ["v1", "checkout", "sessions"]) => checkout::calls::list(call, p),
        ("GET", ["v1", "checkout", "sessions", id]) => checkout::calls::retrieve(call, p, id),
        ("POST", ["v1", "checkout", "sessions", id]) => checkout::calls::update(call, p, id),
        ("GET", ["v1", "checkout", "sessions", id, "line_items"]) => checkout::calls::line_items(call, p, id),
        ("POST", ["v1", "checkout", "sessions", id, "expire"]) => checkout::calls::expire(call, p, id),

        ("POST", ["v1", "billing_portal", "sessions"]) => portal::create(call, p),

        ("GET", ["v1", "payment_intents"]) => payment_calls::intents(call, p),
        ("GET", ["v1", "payment_intents", id]) => payment_calls::intent(call, p, id),
        ("POST", ["v1", "payment_intents", id]) => payment_calls::update_intent(call, p, id),
        ("GET", ["v1", "charges"]) => payment_calls::charges(call, p),
        ("GET", ["v1", "charges", id]) => payment_calls::charge(call, p, id),
        ("GET", ["v1", "invoice_payments"]) => payment_calls::invoice_payments(call, p),
        ("GET", ["v1", "invoice_payments", id]) => payment_calls::invoice_payment(call, p, id),

        ("POST", ["v1", "coupons"]) => coupon_calls::create(call, p),
        ("GET", ["v1", "coupons"]) => coupon_calls::list(call, p),
        ("GET", ["v1", "coupons", id]) => coupon_calls::retrieve(call, p, id),
        ("POST", ["v1", "coupons", id]) => coupon_calls::update(call, p, id),
        ("DELETE", ["v1", "coupons", id]) => coupon_calls::delete(call, p, id),
        ("POST", ["v1", "promotion_codes"]) => coupon_calls::create_code(call, p),
        ("GET", ["v1", "promotion_codes"]) => coupon_calls::list_codes(call, p),
        ("GET", ["v1", "promotion_codes", id]) => coupon_calls::retrieve_code(call, p, id),
        ("POST", ["v1", "promotion_codes", id]) => coupon_calls::update_code(call, p, id),

        ("POST", ["v1", "billing", "credit_grants"]) => credit_calls::create(call, p),
        ("GET", ["v1", "billing", "credit_grants"]) => credit_calls::list(call, p),
        ("GET", ["v1", "billing", "credit_grants", id]) => credit_calls::retrieve(call, p, id),
        ("POST", ["v1", "billing", "credit_grants", id]) => credit_calls::update(call, p, id),
        ("POST", ["v1", "billing", "credit_grants", id, "expire"]) => credit_calls::expire(call, p, id),
        ("POST", ["v1", "billing", "credit_grants", id, "void"]) => credit_calls::void(call, p, id),
        ("GET", ["v1", "billing", "credit_balance_summary"]) => credit_calls::summary(call, p),
        ("GET", ["v1", "billing", "credit_balance_transactions"]) => credit_calls::transactions(call, p),
        ("GET", ["v1", "billing", "credit_balance_transactions", id]) => {
            credit_calls::transaction(call, p, id)
        }

        ("POST", ["v1", "invoices"]) => invoice_manual::create(call, p),
        ("DELETE", ["v1", "invoices", id]) => invoice_manual::delete(call, p, id),
        ("POST", ["v1", "invoices", id, "send"]) => invoice_manual::send(call, p, id),
        ("POST", ["v1", "invoices", id, "mark_uncollectible"]) => invoice_manual::give_up(call, p, id),
        ("POST", ["v1", "invoices", id, "add_lines"]) => invoice_manual::add_lines(call, p, id),
        ("POST", ["v1", "invoiceitems", id]) => invoice_item_calls::update(call, p, id),
        ("DELETE", ["v1", "invoiceitems", id]) => invoice_item_calls::delete(call, p, id),

        ("POST", ["v1", "credit_notes"]) => credit_note::create(call, p),
        ("GET", ["v1", "credit_notes"]) => credit_note::list(call, p),
        ("GET", ["v1", "credit_notes", id]) => credit_note::retrieve(call, p, id),
        ("POST", ["v1", "credit_notes", id]) => credit_note::update(call, p, id),
        ("GET", ["v1", "credit_notes", id, "lines"]) => credit_note::lines(call, p, id),
        ("POST", ["v1", "credit_notes", id, "void"]) => credit_note::void(call, p, id),

        ("POST", ["v1", "refunds"]) => refund::create(call, p),
        ("GET", ["v1", "refunds"]) => refund::list(call, p),
        ("GET", ["v1", "refunds", id]) => refund::retrieve(call, p, id),
        ("POST", ["v1", "refunds", id]) => refund::update(call, p, id),

        _ => return None,
    })
}
