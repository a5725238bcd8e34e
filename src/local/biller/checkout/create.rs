//! `POST /v1/checkout/sessions` (Stripe: docs /api/checkout/sessions/create).

use serde_json::Value;

use super::{IntentData, InvoiceData, Item, Payment, Session, Status, SubscriptionData, due_now, save};
use crate::local::Call;
use crate::local::biller::terms::Terms;
use crate::local::biller::{discount, payer, unbuilt};
use crate::local::calendar::DAY_S;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};
use crate::local::model::Model;

/// Most recurring, and most one-time line items.
const ITEMS_MAX: usize = 20;
/// Shortest life of a session, in seconds.
const LIFE_MIN_S: i64 = 30 * 60;
/// Longest life of a session, in seconds; also the default.
const LIFE_MAX_S: i64 = 24 * 3_600;
/// Longest URL.
const URL_MAX: usize = 5_000;
/// Parameters of Stripe that are not built.
const UNBUILT: &[&str] = &[
    "adaptive_pricing",
    "after_expiration",
    "allowed_payment_method_types",
    "automatic_tax",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_account",
    "customer_update",
    "excluded_payment_method_types",
    "managed_payments",
    "name_collection",
    "optional_items",
    "origin_context",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "phone_number_collection",
    "redirect_on_completion",
    "return_url",
    "saved_payment_method_options",
    "setup_intent_data",
    "shipping_address_collection",
    "shipping_options",
    "tax_id_collection",
    "wallet_options",
];

/// One line item as it was asked for.
struct Wanted {
    /// `line_items[0]`, for messages.
    param: String,
    price: String,
    quantity: Option<u64>,
    metadata: Metadata,
}

fn wanted(p: &mut Params) -> Result<Wanted, ApiError> {
    unbuilt(p, &["adjustable_quantity", "dynamic_tax_rates", "price_data", "tax_rates"])?;
    let param = p.name("price").replace("[price]", "");
    Ok(Wanted {
        param,
        price: p.required("price")?,
        quantity: p.int_in("quantity", 1, 999_999)?.and_then(|it| u64::try_from(it).ok()),
        metadata: p.metadata()?.merged(&Metadata::new())?,
    })
}

fn subscription_data(p: &mut Params) -> Result<SubscriptionData, ApiError> {
    unbuilt(
        p,
        &[
            "application_fee_percent",
            "billing_cycle_anchor",
            "billing_cycle_anchor_config",
            "default_tax_rates",
            "invoice_settings",
            "on_behalf_of",
            "pending_invoice_item_interval",
            "transfer_data",
        ],
    )?;
    p.one_of("proration_behavior", &["create_prorations", "none"])?;
    p.group("billing_mode", |inner| {
        inner.group("flexible", |it| it.one_of("proration_discounts", &["included", "itemized"]))?;
        match inner.one_of("type", &["classic", "flexible"])? {
            Some("classic") => {
                Err(ApiError::invalid("The local Stripe builds the flexible billing mode only.")
                    .param("subscription_data[billing_mode][type]"))
            }
            _ => Ok(()),
        }
    })?;
    let trial_missing = p.group("trial_settings", |inner| {
        inner.group("end_behavior", |end| {
            end.one_of("missing_payment_method", &["cancel", "create_invoice", "pause"])
        })
    })?;
    Ok(SubscriptionData {
        description: p.text("description", 500)?.value(),
        trial_days: p.int_in("trial_period_days", 1, 730)?,
        trial_end: p.timestamp("trial_end")?,
        trial_missing: trial_missing.flatten().flatten().map(str::to_owned),
        metadata: p.metadata()?.merged(&Metadata::new())?,
    })
}

fn intent_data(p: &mut Params) -> Result<IntentData, ApiError> {
    unbuilt(
        p,
        &[
            "application_fee_amount",
            "capture_method",
            "on_behalf_of",
            "shipping",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_data",
            "transfer_group",
        ],
    )?;
    Ok(IntentData {
        description: p.text("description", 1_000)?.value(),
        receipt_email: p.string("receipt_email")?,
        setup_future_usage: p
            .one_of("setup_future_usage", &["off_session", "on_session"])?
            .map(str::to_owned),
        metadata: p.metadata()?.merged(&Metadata::new())?,
    })
}

fn invoice_data(p: &mut Params) -> Result<Option<InvoiceData>, ApiError> {
    let enabled = p.bool("enabled")?.ok_or_else(|| ApiError::missing("invoice_creation[enabled]"))?;
    let data = p.group("invoice_data", |inner| {
        unbuilt(inner, &["account_tax_ids", "custom_fields", "footer", "issuer", "rendering_options"])?;
        Ok(InvoiceData {
            description: inner.text("description", 1_500)?.value(),
            metadata: inner.metadata()?.merged(&Metadata::new())?,
        })
    })?;
    Ok(enabled.then(|| data.unwrap_or_default()))
}

/// Parts that fit one mode only.
struct Parts {
    subscription: Option<SubscriptionData>,
    intent: Option<IntentData>,
    invoice: Option<Option<InvoiceData>>,
    collection: Option<&'static str>,
    creation: Option<&'static str>,
}

impl Parts {
    fn read(p: &mut Params) -> Result<Parts, ApiError> {
        Ok(Parts {
            subscription: p.group("subscription_data", subscription_data)?,
            intent: p.group("payment_intent_data", intent_data)?,
            invoice: p.group("invoice_creation", invoice_data)?,
            collection: p.one_of("payment_method_collection", &["always", "if_required"])?,
            creation: p.one_of("customer_creation", &["always", "if_required"])?,
        })
    }

    fn check(&self, subscribes: bool) -> Result<(), ApiError> {
        let (wrong, mode) = if subscribes {
            let pairs = [
                (self.intent.is_some(), "payment_intent_data"),
                (self.invoice.is_some(), "invoice_creation"),
                (self.creation.is_some(), "customer_creation"),
            ];
            (pairs.into_iter().find(|it| it.0), "payment")
        } else {
            let pairs = [
                (self.subscription.is_some(), "subscription_data"),
                (self.collection.is_some(), "payment_method_collection"),
            ];
            (pairs.into_iter().find(|it| it.0), "subscription")
        };
        match wrong {
            None => Ok(()),
            Some((_, name)) => {
                let text = format!("You can only use `{name}` in `{mode}` mode.");
                Err(ApiError::invalid(text).param(name))
            }
        }
    }
}

fn blank(call: &Call, p: &mut Params, subscribes: bool) -> Result<Session, ApiError> {
    let parts = Parts::read(p)?;
    parts.check(subscribes)?;
    let data = parts.subscription.unwrap_or_default();
    if data.trial_days.is_some() && data.trial_end.is_some() {
        let text = "You may only specify one of these parameters: trial_end, trial_period_days.";
        return Err(ApiError::invalid(text).param("subscription_data"));
    }
    if data.trial_end.is_some_and(|at| at < call.now + 2 * DAY_S) {
        let text = "The `trial_end` timestamp must be at least 2 days in the future.";
        return Err(ApiError::invalid(text).param("subscription_data[trial_end]"));
    }
    Ok(Session {
        id: String::new(),
        created: call.now,
        subscribes,
        status: Status::Open,
        payment: Payment::Unpaid,
        expires_at: p.timestamp("expires_at")?.unwrap_or(call.now + LIFE_MAX_S),
        customer: p.string("customer")?,
        customer_email: p.string("customer_email")?,
        customer_always: parts.creation == Some("always"),
        client_reference_id: p.string("client_reference_id")?,
        metadata: p.metadata()?.merged(&Metadata::new())?,
        success_url: Some(p.required_max("success_url", URL_MAX)?),
        cancel_url: p.text("cancel_url", URL_MAX)?.value(),
        currency: p.string("currency")?.unwrap_or_default().to_ascii_lowercase(),
        items: Vec::new(),
        subscription_data: data,
        intent_data: parts.intent.unwrap_or_default(),
        invoice_creation: parts.invoice.flatten(),
        allow_promotion_codes: p.bool("allow_promotion_codes")?,
        discounts: discount::read(p)?.unwrap_or_default(),
        card_if_required: parts.collection == Some("if_required"),
        payer: None,
        subscription: None,
        intent: None,
        invoice: None,
        later: None,
    })
}

/// Words that change nothing here.
fn words(p: &mut Params) -> Result<(), ApiError> {
    p.one_of("billing_address_collection", &["auto", "required"])?;
    p.one_of("submit_type", &["auto", "book", "donate", "pay", "subscribe"])?;
    p.string("locale")?;
    p.one_of("ui_mode", &["hosted_page"])?;
    let types = p.strings("payment_method_types")?.unwrap_or_default();
    if types.iter().any(|it| it != "card") {
        return Err(ApiError::invalid("The local Stripe builds cards only.").param("payment_method_types"));
    }
    Ok(())
}

/// `POST /v1/checkout/sessions`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    unbuilt(p, UNBUILT)?;
    let mode = p.one_of("mode", &["payment", "setup", "subscription"])?;
    let mode = mode.ok_or_else(|| ApiError::missing("mode"))?;
    if mode == "setup" {
        return Err(ApiError::invalid("The local Stripe does not build `mode=setup` yet.").param("mode"));
    }
    let items = p.list("line_items", wanted)?.unwrap_or_default();
    words(p)?;
    let mut session = blank(call, p, mode == "subscription")?;
    p.finish()?;
    check_person(call, &session)?;
    check_life(call.now, session.expires_at)?;
    sell(call, &mut session, items)?;
    let coupons = coupons(call, &session)?;
    take_off(call.model, &mut session, &coupons);
    check_amount(&session)?;
    if session.subscribes && session.trials() {
        session.payment = Payment::NotRequired;
    }
    session.id = call.model.mint("cs_test_a1", 56);
    // Creating one has no event at Stripe.
    Ok(save(call, session, None))
}

fn check_person(call: &Call, session: &Session) -> Result<(), ApiError> {
    if session.customer.is_some() && session.customer_email.is_some() {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: customer, customer_email.",
        ));
    }
    if session.customer.is_some() && session.customer_always {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: customer, customer_creation.",
        ));
    }
    let email = session.customer_email.as_deref();
    if email.is_some_and(|it| !it.contains('@')) {
        let text = format!("Invalid email address: {}", email.unwrap_or_default());
        return Err(ApiError::invalid(text).code("email_invalid").param("customer_email"));
    }
    session.customer.as_deref().map_or(Ok(()), |id| payer(call.model, id).map(|_| ()))
}

fn check_life(now: i64, until: i64) -> Result<(), ApiError> {
    let text = if until < now + LIFE_MIN_S {
        "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
    } else if until > now + LIFE_MAX_S {
        "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
    } else {
        return Ok(());
    };
    Err(ApiError::invalid(text).param("expires_at"))
}

/// Checks what is sold against the catalog, and puts it on the session.
fn sell(call: &mut Call, session: &mut Session, items: Vec<Wanted>) -> Result<(), ApiError> {
    if items.is_empty() {
        return Err(ApiError::missing("line_items"));
    }
    let mut found = Vec::with_capacity(items.len());
    for want in &items {
        let terms = terms(call, session, want)?;
        session.currency.clone_from(&terms.currency);
        found.push(terms);
    }
    let recurring = found.iter().filter(|it| it.cadence.is_some()).count();
    for (count, what) in [(recurring, "recurring"), (found.len() - recurring, "one-time")] {
        if count > ITEMS_MAX {
            let text = format!("You can specify at most {ITEMS_MAX} {what} line items.");
            return Err(ApiError::invalid(text).param("line_items"));
        }
    }
    if session.subscribes && recurring == 0 {
        let text = "You must provide at least one recurring price in `subscription` mode when using prices.";
        return Err(ApiError::invalid(text).param("line_items"));
    }
    for (want, terms) in items.into_iter().zip(found) {
        let subtotal = due_now(&terms, want.quantity, session.trials());
        session.items.push(Item {
            id: call.model.mint("li_1", 23),
            price: want.price,
            quantity: want.quantity,
            subtotal,
            discount: 0,
            metadata: want.metadata,
        });
    }
    Ok(())
}

/// What a one-time payment must at least come to.
pub(super) fn check_amount(session: &Session) -> Result<(), ApiError> {
    let total = session.subtotal() - session.discount();
    if !session.subscribes && (1..super::super::charge::CHARGE_MIN).contains(&total) {
        let text = "The Checkout Session's total amount must convert to at least 50 cents.";
        return Err(ApiError::invalid(text).code("amount_too_small").param("line_items"));
    }
    Ok(())
}

/// The coupon of a session, checked.
pub(super) fn coupons(call: &Call, session: &Session) -> Result<Vec<(String, Option<String>)>, ApiError> {
    if session.allow_promotion_codes.is_some() && !session.discounts.is_empty() {
        let text = "You may only specify one of these parameters: allow_promotion_codes, discounts.";
        return Err(ApiError::invalid(text).param("allow_promotion_codes"));
    }
    if session.discounts.len() > 1 {
        let text = "You may specify at most one discount on a Checkout Session.";
        return Err(ApiError::invalid(text).param("discounts"));
    }
    let customer = session.customer.as_deref();
    session.discounts.iter().map(|one| discount::check(call, one, customer, &session.currency)).collect()
}

/// Takes a coupon off the line items.
pub(super) fn take_off(model: &Model, session: &mut Session, coupons: &[(String, Option<String>)]) {
    let Some(coupon) = coupons.first().and_then(|it| model.biller.money.coupons.get(&it.0)) else { return };
    let amounts: Vec<i64> = session.items.iter().map(|it| it.subtotal).collect();
    let product = |price: &str| Terms::of(model, price).map(|it| it.product).unwrap_or_default();
    let fits: Vec<bool> = session
        .items
        .iter()
        .map(|it| coupon.products.is_empty() || coupon.products.contains(&product(&it.price)))
        .collect();
    let parts = discount::share(&coupon.off, &amounts, &fits, &session.currency);
    for (item, part) in session.items.iter_mut().zip(parts) {
        item.discount = part;
    }
}

fn terms(call: &Call, session: &Session, want: &Wanted) -> Result<Terms, ApiError> {
    let param = format!("{}[price]", want.param);
    let id = want.price.as_str();
    let terms = Terms::of(call.model, id).ok_or_else(|| ApiError::no_such("price", id, &param))?;
    if call.model.prices.get(id).is_some_and(|it| !it.active) {
        let text = "The price specified is inactive. This field only accepts active prices.";
        return Err(ApiError::invalid(text).param(param));
    }
    if terms.cadence.is_some() && !session.subscribes {
        return Err(ApiError::invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or \
             use only one-time prices.",
        )
        .param("mode"));
    }
    if !session.currency.is_empty() && session.currency != terms.currency {
        let text = "All prices on a Checkout Session must be in the same currency.";
        return Err(ApiError::invalid(text).param(param));
    }
    match (terms.meter.is_some(), want.quantity) {
        (true, Some(_)) => Err(ApiError::invalid(format!(
            "Quantity should not be specified where usage_type is `metered`. Remove quantity from `{}`",
            want.param
        ))
        .param(format!("{}[quantity]", want.param))),
        (false, None) => {
            let text = format!("Quantity is required. Add `quantity` to `{}`", want.param);
            Err(ApiError::invalid(text).param(want.param.clone()))
        }
        _ => Ok(terms),
    }
}
