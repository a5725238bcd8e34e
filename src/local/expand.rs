//! `expand[]`: ids replaced by their objects, and fields that come only when asked for
//! (Stripe: docs /api/expanding_objects).

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::model::Model;
use super::{biller, feature, price, product};

/// Deepest path, `data` of a list included: `data.payment_intent.customer.default_source` is as deep as it goes
/// (Stripe: docs /api/expanding_objects).
const MAX_DEPTH: usize = 4;
/// Most paths in one request.
const MAX_PATHS: usize = 50;

/// What an expandable field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Product,
    Price,
    Customer,
    PaymentMethod,
    Charge,
    PaymentIntent,
    Coupon,
    PromotionCode,
    Discount,
    Subscription,
    Invoice,
    Schedule,
    CreditGrant,
    Feature,
    CreditNote,
    BalanceTransaction,
    Refund,
    /// Something that is not built, so that the field is always empty: expanding it is legal and changes nothing.
    Nothing,
}

/// Object, field (from the object on, through its unnamed parts), and what the id in it names: the fields of these
/// objects that the official SDKs declare as expandable.
const EXPANDABLE: &[(&str, &str, Target)] = &[
    ("price", "product", Target::Product),
    ("plan", "product", Target::Product),
    ("product", "default_price", Target::Price),
    ("product", "tax_code", Target::Nothing),
    ("payment_method", "customer", Target::Customer),
    ("customer", "default_source", Target::Nothing),
    ("customer", "invoice_settings.default_payment_method", Target::PaymentMethod),
    ("customer", "test_clock", Target::Nothing),
    ("subscription", "application", Target::Nothing),
    ("subscription", "customer", Target::Customer),
    ("subscription", "default_payment_method", Target::PaymentMethod),
    ("subscription", "default_source", Target::Nothing),
    ("subscription", "discounts", Target::Discount),
    ("subscription", "latest_invoice", Target::Invoice),
    ("subscription", "on_behalf_of", Target::Nothing),
    ("subscription", "pending_setup_intent", Target::Nothing),
    ("subscription", "schedule", Target::Schedule),
    ("subscription", "test_clock", Target::Nothing),
    ("subscription_schedule", "application", Target::Nothing),
    ("subscription_schedule", "customer", Target::Customer),
    ("subscription_schedule", "phases.items.price", Target::Price),
    ("subscription_schedule", "subscription", Target::Subscription),
    ("subscription_schedule", "test_clock", Target::Nothing),
    ("subscription_item", "discounts", Target::Discount),
    // Always whole; asking for it is legal all the same.
    ("subscription_item", "price", Target::Price),
    ("invoice", "account_tax_ids", Target::Nothing),
    ("invoice", "application", Target::Nothing),
    ("invoice", "customer", Target::Customer),
    ("invoice", "default_payment_method", Target::Nothing),
    ("invoice", "default_source", Target::Nothing),
    ("invoice", "discounts", Target::Discount),
    ("invoice", "latest_revision", Target::Nothing),
    ("invoice", "on_behalf_of", Target::Nothing),
    ("invoice", "parent.subscription_details.subscription", Target::Subscription),
    ("invoice", "test_clock", Target::Nothing),
    ("line_item", "discounts", Target::Discount),
    ("line_item", "pricing.price_details.price", Target::Price),
    ("line_item", "subscription", Target::Subscription),
    ("checkout.session", "customer", Target::Customer),
    ("checkout.session", "invoice", Target::Invoice),
    ("checkout.session", "payment_intent", Target::PaymentIntent),
    ("checkout.session", "payment_link", Target::Nothing),
    ("checkout.session", "setup_intent", Target::Nothing),
    ("checkout.session", "subscription", Target::Subscription),
    ("payment_intent", "customer", Target::Customer),
    ("payment_intent", "latest_charge", Target::Charge),
    ("payment_intent", "payment_method", Target::PaymentMethod),
    ("charge", "balance_transaction", Target::Nothing),
    ("charge", "customer", Target::Customer),
    ("charge", "payment_intent", Target::PaymentIntent),
    ("invoice_payment", "invoice", Target::Invoice),
    ("invoice_payment", "payment.payment_intent", Target::PaymentIntent),
    ("discount", "customer", Target::Customer),
    ("discount", "promotion_code", Target::PromotionCode),
    ("discount", "source.coupon", Target::Coupon),
    ("promotion_code", "customer", Target::Customer),
    ("promotion_code", "promotion.coupon", Target::Coupon),
    ("credit_note", "customer", Target::Customer),
    ("credit_note", "customer_balance_transaction", Target::BalanceTransaction),
    ("credit_note", "invoice", Target::Invoice),
    ("credit_note", "refunds.refund", Target::Refund),
    ("customer_balance_transaction", "checkout_session", Target::Nothing),
    ("customer_balance_transaction", "credit_note", Target::CreditNote),
    ("customer_balance_transaction", "customer", Target::Customer),
    ("customer_balance_transaction", "invoice", Target::Invoice),
    ("refund", "balance_transaction", Target::Nothing),
    ("refund", "charge", Target::Charge),
    ("refund", "customer", Target::Customer),
    ("refund", "payment_intent", Target::PaymentIntent),
    ("refund", "payment_method", Target::PaymentMethod),
    ("billing.credit_grant", "customer", Target::Customer),
    ("billing.credit_grant", "test_clock", Target::Nothing),
    ("billing.credit_balance_summary", "customer", Target::Customer),
    (
        "billing.credit_balance_transaction",
        "credit.credits_application_invoice_voided.invoice",
        Target::Invoice,
    ),
    ("billing.credit_balance_transaction", "credit_grant", Target::CreditGrant),
    ("entitlements.active_entitlement", "feature", Target::Feature),
    ("billing.credit_balance_transaction", "debit.credits_applied.invoice", Target::Invoice),
    ("billing.credit_balance_transaction", "test_clock", Target::Nothing),
    ("invoiceitem", "customer", Target::Customer),
    ("invoiceitem", "discounts", Target::Discount),
    ("invoiceitem", "invoice", Target::Invoice),
    ("invoiceitem", "pricing.price_details.price", Target::Price),
    ("invoiceitem", "test_clock", Target::Nothing),
];

/// The object behind an id.
fn object(model: &Model, target: Target, id: &str) -> Option<Value> {
    match target {
        Target::Product => model.products.get(id).map(product::render),
        Target::Price => model.prices.get(id).map(price::render),
        Target::Customer => model.biller.customers.get(id).map(|it| it.render()),
        Target::PaymentMethod => model.biller.payment_methods.get(id).map(|it| it.render()),
        Target::Charge => {
            model.biller.money.charges.get(id).map(|it| biller::payment::show_charge(model, it))
        }
        Target::PaymentIntent => {
            model.biller.money.intents.get(id).map(|it| biller::payment::show_intent(model, it))
        }
        Target::Coupon => model.biller.money.coupons.get(id).map(|it| it.render(model.clock)),
        Target::PromotionCode => model.biller.money.codes.get(id).map(|it| it.render(model.clock)),
        Target::Discount => model.biller.money.discounts.get(id).map(|it| it.render()),
        Target::Subscription => {
            model.biller.subscriptions.get(id).map(|it| biller::render_subscription(model, it))
        }
        Target::Invoice => model.biller.invoices.get(id).map(|it| biller::render_invoice(model, it)),
        Target::Feature => model.features.get(id).map(feature::render),
        Target::CreditGrant => model.biller.money.credit_grants.get(id).map(|it| it.render()),
        Target::CreditNote => model.biller.money.credit_notes.get(id).map(|it| it.render()),
        Target::BalanceTransaction => model.biller.money.balance_transactions.get(id).map(|it| it.render()),
        Target::Refund => model.biller.money.refunds.get(id).map(|it| it.render()),
        Target::Schedule => model.biller.schedules.get(id).map(|it| it.render()),
        Target::Nothing => None,
    }
}

/// Object and field of what is left out unless it is asked for.
const HIDDEN: &[(&str, &str)] = &[
    ("price", "currency_options"),
    ("price", "tiers"),
    ("checkout.session", "line_items"),
    ("coupon", "applies_to"),
    ("invoice", "confirmation_secret"),
    ("invoice", "payments"),
    ("customer", "sources"),
    ("customer", "subscriptions"),
    ("customer", "tax_ids"),
];

/// The value of a hidden field; none when this object has no such thing, as a price without bands.
fn hidden(model: &Model, object: &str, field: &str, id: &str) -> Option<Value> {
    match (object, field) {
        // A deleted customer is shown by its id alone.
        ("customer", _) if model.biller.customers.get(id).is_some_and(|it| it.deleted) => None,
        ("price", "currency_options") => model.prices.get(id).map(price::render_currencies),
        ("price", "tiers") => model.prices.get(id).and_then(price::render_tiers),
        ("coupon", "applies_to") => {
            let coupon = model.biller.money.coupons.get(id)?;
            (!coupon.products.is_empty()).then(|| json!({ "products": coupon.products }))
        }
        ("checkout.session", "line_items") => biller::checkout::items_of(model, id),
        ("invoice", "confirmation_secret") => Some(biller::payment::secret_of(model, id)),
        ("invoice", "payments") => Some(biller::payment::payments_of(model, id)),
        ("customer", "subscriptions") => Some(biller::subscriptions_of(model, id)),
        ("customer", "sources" | "tax_ids") => {
            let url = format!("/v1/customers/{id}/{field}");
            Some(json!({ "object": "list", "data": [], "has_more": false, "url": url }))
        }
        _ => None,
    }
}

/// The last name of a path is the one that is expanded: no object at all has it expandable otherwise.
fn is_expandable(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    EXPANDABLE.iter().any(|(_, field, _)| field.rsplit('.').next() == Some(last))
        || HIDDEN.iter().any(|(_, field)| *field == last)
}

fn cannot(path: &str) -> ApiError {
    ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand")
}

/// Takes the `expand[]` paths out of the parameters.
pub fn paths(p: &mut super::form::Params) -> Result<Vec<String>, ApiError> {
    let paths = p.strings("expand")?.unwrap_or_default();
    if paths.len() > MAX_PATHS {
        return Err(
            ApiError::invalid(format!("You can expand at most {MAX_PATHS} properties.")).param("expand")
        );
    }
    for path in &paths {
        if path.split('.').count() > MAX_DEPTH {
            return Err(ApiError::invalid(format!(
                "You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}"
            ))
            .param("expand"));
        }
        // Before anything is executed: a write whose answer cannot be shown would look like a failure.
        if !is_expandable(path) {
            return Err(cannot(path));
        }
    }
    Ok(paths)
}

/// Expands one path in an answer.
pub fn apply(model: &Model, value: &mut Value, path: &str) -> Result<(), ApiError> {
    let segments: Vec<&str> = path.split('.').collect();
    let owner = Owner { kind: String::new(), id: String::new(), inside: String::new() };
    walk(model, value, &segments, path, &owner)
}

/// The object that a part of an answer belongs to, and where inside it the part is.
struct Owner {
    kind: String,
    id: String,
    inside: String,
}

impl Owner {
    /// The owner of what is in `map`: itself where it has a name, else what it is a part of.
    fn of(map: &Map<String, Value>, outer: &Owner) -> Owner {
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        match text("object") {
            Some(kind) => Owner { kind, id: text("id").unwrap_or_default(), inside: String::new() },
            None => Owner { kind: outer.kind.clone(), id: outer.id.clone(), inside: outer.inside.clone() },
        }
    }

    /// The path of a field from the owner on.
    fn path(&self, field: &str) -> String {
        if self.inside.is_empty() { field.to_owned() } else { format!("{}.{field}", self.inside) }
    }
}

fn walk(
    model: &Model,
    value: &mut Value,
    segments: &[&str],
    path: &str,
    outer: &Owner,
) -> Result<(), ApiError> {
    let Some((field, rest)) = segments.split_first() else { return Ok(()) };
    if let Value::Array(items) = value {
        return items.iter_mut().try_for_each(|item| walk(model, item, segments, path, outer));
    }
    let Value::Object(map) = value else { return Ok(()) };
    let owner = Owner::of(map, outer);
    if owner.kind == "list" && *field == "data" && !rest.is_empty() {
        return map.get_mut("data").map_or(Ok(()), |data| walk(model, data, rest, path, outer));
    }
    let inside = owner.path(field);
    let is_hidden = HIDDEN.contains(&(owner.kind.as_str(), inside.as_str()));
    if is_hidden && !map.contains_key(*field) {
        let Some(found) = hidden(model, &owner.kind, field, &owner.id) else { return Ok(()) };
        map.insert((*field).to_owned(), found);
    }
    let known = EXPANDABLE.iter().find(|(object, name, _)| *object == owner.kind && *name == inside);
    let Some(place) = map.get_mut(*field) else {
        return Err(ApiError::invalid(format!(
            "This property cannot be expanded because it doesn't exist: {path}."
        ))
        .param("expand"));
    };
    if let (Some((_, _, target)), Value::Array(ids)) = (known, &mut *place) {
        for one in ids.iter_mut() {
            if let Some(found) = one.as_str().and_then(|id| object(model, *target, id)) {
                *one = found;
            }
        }
    } else if let (Some((_, _, target)), Some(id)) = (known, place.as_str())
        && let Some(found) = object(model, *target, id)
    {
        *place = found;
    } else if known.is_none() && rest.is_empty() && !is_hidden {
        return Err(cannot(path));
    }
    walk(model, place, rest, path, &Owner { inside, ..owner })
}
