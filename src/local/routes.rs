//! The whole supported surface, in one match. Anything else is Stripe's 404.

use serde_json::Value;

use super::Call;
use super::error::ApiError;
use super::form::Params;
use super::{
    account, biller, event, feature, meter, meter_event, meter_event_v2, meter_summary, price, product,
    test_clock, thin, webhook,
};

/// Path segments that are names; all others are ids.
const NAMES: &[&str] = &[
    "v1",
    "v2",
    "core",
    "account",
    "products",
    "features",
    "prices",
    "entitlements",
    "active_entitlements",
    "billing",
    "meters",
    "deactivate",
    "reactivate",
    "event_summaries",
    "meter_events",
    "meter_event_adjustments",
    "meter_event_session",
    "meter_event_stream",
    "events",
    "webhook_endpoints",
    "customers",
    "payment_methods",
    "attach",
    "detach",
    "subscriptions",
    "subscription_items",
    "subscription_schedules",
    "release",
    "pause",
    "resume",
    "cancel",
    "invoices",
    "lines",
    "create_preview",
    "finalize",
    "pay",
    "void",
    "invoiceitems",
    "invoice_payments",
    "checkout",
    "billing_portal",
    "sessions",
    "line_items",
    "expire",
    "payment_intents",
    "charges",
    "refunds",
    "credit_grants",
    "credit_balance_summary",
    "credit_balance_transactions",
    "balance_transactions",
    "credit_notes",
    "send",
    "mark_uncollectible",
    "add_lines",
    "coupons",
    "promotion_codes",
    "test_helpers",
    "test_clocks",
    "advance",
    "_local",
    "health",
    "status",
    "settings",
    "faults",
    "reset",
    "error_reports",
    "deliveries",
    "claim",
    "settle",
    "resend",
    "deliver",
];

/// Stripe's words where an id could stand: calls that are not built, and no objects that are missing.
const NO_IDS: &[&str] = &["preview", "search"];

/// The route of a path, with `:id` where an id stands.
pub fn route_name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    name.push(' ');
    for segment in path.split('/').skip(1).take(8) {
        name.push('/');
        name.push_str(if NAMES.contains(&segment) { segment } else { ":id" });
    }
    name
}

/// Stripe's answer to a path it does not know.
pub fn unrecognized(method: &str, path: &str) -> ApiError {
    ApiError::invalid(format!(
        "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
         https://support.stripe.com/."
    ))
    .status(404)
}

/// Finds and runs the handler.
pub fn dispatch(call: &mut Call, p: &mut Params, method: &str, path: &str) -> Result<Value, ApiError> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    if let ["v1", _, word] = segments.as_slice()
        && NO_IDS.contains(word)
    {
        return Err(unrecognized(method, path));
    }
    match (method, segments.as_slice()) {
        ("GET", ["v1", "account"]) => account::retrieve(call, p),

        ("POST", ["v1", "products"]) => product::create(call, p),
        ("GET", ["v1", "products"]) => product::list(call, p),
        ("GET", ["v1", "products", id]) => product::retrieve(call, p, id),
        ("POST", ["v1", "products", id]) => product::update(call, p, id),
        ("DELETE", ["v1", "products", id]) => product::delete(call, p, id),

        ("POST", ["v1", "products", id, "features"]) => feature::attach(call, p, id),
        ("GET", ["v1", "products", id, "features"]) => feature::list_attached(call, p, id),
        ("GET", ["v1", "products", id, "features", attached]) => {
            feature::retrieve_attached(call, p, id, attached)
        }
        ("DELETE", ["v1", "products", id, "features", attached]) => feature::detach(call, p, id, attached),

        ("POST", ["v1", "prices"]) => price::create(call, p),
        ("GET", ["v1", "prices"]) => price::list(call, p),
        ("GET", ["v1", "prices", id]) => price::retrieve(call, p, id),
        ("POST", ["v1", "prices", id]) => price::update(call, p, id),

        ("POST", ["v1", "entitlements", "features"]) => feature::create(call, p),
        ("GET", ["v1", "entitlements", "features"]) => feature::list(call, p),
        ("GET", ["v1", "entitlements", "features", id]) => feature::retrieve(call, p, id),
        ("POST", ["v1", "entitlements", "features", id]) => feature::update(call, p, id),
        ("GET", ["v1", "entitlements", "active_entitlements"]) => feature::list_active(call, p),

        ("POST", ["v1", "billing", "meters"]) => meter::create(call, p),
        ("GET", ["v1", "billing", "meters"]) => meter::list(call, p),
        ("GET", ["v1", "billing", "meters", id]) => meter::retrieve(call, p, id),
        ("POST", ["v1", "billing", "meters", id]) => meter::update(call, p, id),
        ("POST", ["v1", "billing", "meters", id, "deactivate"]) => meter::deactivate(call, p, id),
        ("POST", ["v1", "billing", "meters", id, "reactivate"]) => meter::reactivate(call, p, id),

        ("GET", ["v1", "billing", "meters", id, "event_summaries"]) => meter_summary::list(call, p, id),
        ("POST", ["v1", "billing", "meter_events"]) => meter_event::create(call, p),
        ("POST", ["v1", "billing", "meter_event_adjustments"]) => meter_event::adjust(call, p),

        (_, ["v2", rest @ ..]) => {
            second(call, p, method, rest).unwrap_or_else(|| Err(unrecognized(method, path)))
        }

        ("GET", ["v1", "events"]) => event::list(call, p),
        ("GET", ["v1", "events", id]) => event::retrieve(call, p, id),

        ("POST", ["v1", "test_helpers", "test_clocks"]) => test_clock::create(call, p),
        ("GET", ["v1", "test_helpers", "test_clocks"]) => test_clock::list(call, p),
        ("GET", ["v1", "test_helpers", "test_clocks", id]) => test_clock::retrieve(call, p, id),
        ("POST", ["v1", "test_helpers", "test_clocks", id, "advance"]) => test_clock::advance(call, p, id),
        ("DELETE", ["v1", "test_helpers", "test_clocks", id]) => test_clock::delete(call, p, id),

        ("POST", ["v1", "webhook_endpoints"]) => webhook::create(call, p),
        ("GET", ["v1", "webhook_endpoints"]) => webhook::list(call, p),
        ("GET", ["v1", "webhook_endpoints", id]) => webhook::retrieve(call, p, id),
        ("POST", ["v1", "webhook_endpoints", id]) => webhook::update(call, p, id),
        ("DELETE", ["v1", "webhook_endpoints", id]) => webhook::delete(call, p, id),

        _ => biller::routes::dispatch(call, p, method, &segments)
            .unwrap_or_else(|| Err(unrecognized(method, path))),
    }
}

/// The second API.
fn second(
    call: &mut Call,
    p: &mut Params,
    method: &str,
    segments: &[&str],
) -> Option<Result<Value, ApiError>> {
    Some(match (method, segments) {
        ("POST", ["billing", "meter_events"]) => meter_event_v2::create(call, p),
        ("POST", ["billing", "meter_event_adjustments"]) => meter_event_v2::adjust(call, p),
        ("POST", ["billing", "meter_event_session"]) => meter_event_v2::open(call, p),
        ("POST", ["billing", "meter_event_stream"]) => meter_event_v2::stream(call, p),
        ("GET", ["core", "events"]) => thin::list(call, p),
        ("GET", ["core", "events", id]) => thin::retrieve(call, p, id),
        _ => return None,
    })
}
