//! `expand[]`: ids replaced by their objects, and fields that come only when asked for
//! (Stripe: docs /api/expanding_objects).

use serde_json::Value;

use super::error::ApiError;
use super::model::Model;
use super::{biller, price, product};

/// Deepest path (Stripe: docs /api/expanding_objects).
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
    Subscription,
    Invoice,
}

/// Object, field, and what the id in it names. One row per expandable field.
const EXPANDABLE: &[(&str, &str, Target)] = &[
    ("price", "product", Target::Product),
    ("product", "default_price", Target::Price),
    ("payment_method", "customer", Target::Customer),
    ("subscription", "customer", Target::Customer),
    ("subscription", "default_payment_method", Target::PaymentMethod),
    ("subscription", "latest_invoice", Target::Invoice),
    ("invoice", "customer", Target::Customer),
    ("invoiceitem", "customer", Target::Customer),
    ("invoiceitem", "invoice", Target::Invoice),
    // Inside `invoice_settings`, `parent` and `pricing`, which are objects without a name.
    ("", "default_payment_method", Target::PaymentMethod),
    ("", "subscription", Target::Subscription),
    ("", "price", Target::Price),
];

/// The object behind an id.
fn object(model: &Model, target: Target, id: &str) -> Option<Value> {
    match target {
        Target::Product => model.products.get(id).map(product::render),
        Target::Price => model.prices.get(id).map(price::render),
        Target::Customer => model.biller.customers.get(id).map(|it| it.render()),
        Target::PaymentMethod => model.biller.payment_methods.get(id).map(|it| it.render()),
        Target::Subscription => {
            model.biller.subscriptions.get(id).map(|it| biller::render_subscription(model, it))
        }
        Target::Invoice => model.biller.invoices.get(id).map(|it| biller::render_invoice(model, it)),
    }
}

/// Object and field of what is left out unless it is asked for.
const HIDDEN: &[(&str, &str)] = &[("price", "tiers"), ("customer", "subscriptions")];

/// The value of a hidden field; none when this object has no such thing, as a price without bands.
fn hidden(model: &Model, object: &str, field: &str, id: &str) -> Option<Value> {
    match (object, field) {
        ("price", "tiers") => model.prices.get(id).and_then(price::render_tiers),
        ("customer", "subscriptions") => Some(biller::subscriptions_of(model, id)),
        _ => None,
    }
}

/// The last name of a path is the one that is expanded: no object at all has it expandable otherwise.
fn is_expandable(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    EXPANDABLE.iter().any(|(_, field, _)| *field == last) || HIDDEN.iter().any(|(_, field)| *field == last)
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
        if path.split('.').filter(|segment| *segment != "data").count() > MAX_DEPTH {
            return Err(ApiError::invalid(format!(
                "You cannot expand more than {MAX_DEPTH} levels of a property ({path})."
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
    walk(model, value, &segments, path)
}

fn walk(model: &Model, value: &mut Value, segments: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((field, rest)) = segments.split_first() else { return Ok(()) };
    if let Value::Array(items) = value {
        return items.iter_mut().try_for_each(|item| walk(model, item, segments, path));
    }
    let Value::Object(map) = value else { return Ok(()) };
    let kind = map.get("object").and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind == "list" && *field == "data" && !rest.is_empty() {
        return map.get_mut("data").map_or(Ok(()), |data| walk(model, data, rest, path));
    }
    let id = map.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if HIDDEN.contains(&(kind.as_str(), field)) && !map.contains_key(*field) {
        let Some(found) = hidden(model, &kind, field, &id) else { return Ok(()) };
        map.insert((*field).to_owned(), found);
    }
    let known = EXPANDABLE.iter().find(|(object, name, _)| *object == kind && name == field);
    let Some(place) = map.get_mut(*field) else {
        return Err(ApiError::invalid(format!(
            "This property cannot be expanded because it doesn't exist: {path}."
        ))
        .param("expand"));
    };
    if let (Some((_, _, target)), Some(id)) = (known, place.as_str())
        && let Some(found) = object(model, *target, id)
    {
        *place = found;
    } else if known.is_none() && rest.is_empty() && hidden(model, &kind, field, &id).is_none() {
        return Err(cannot(path));
    }
    walk(model, place, rest, path)
}
