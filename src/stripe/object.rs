//! One object by its id alone, whatever it is: what it is, whose it is, and where that is not said, what says it.

use serde_json::Value;

use super::Api;
use super::answer::{Answer, Failure, NotSent, NotSentCause};
use crate::billing::money::{Currency, Money};

/// Prefixes of ids with the object's name and the path that it is read at (Stripe: API reference, each object's
/// retrieve). A longer prefix stands before the one that it begins with.
const KINDS: &[(&str, &str, &str)] = &[
    ("cus_", "customer", "/customers/"),
    ("sub_sched_", "schedule", "/subscription_schedules/"),
    ("sub_", "subscription", "/subscriptions/"),
    ("si_", "subscription item", "/subscription_items/"),
    ("inpay_", "invoice payment", "/invoice_payments/"),
    ("in_", "invoice", "/invoices/"),
    ("ii_", "invoice item", "/invoiceitems/"),
    ("cn_", "credit note", "/credit_notes/"),
    ("pi_", "payment", "/payment_intents/"),
    ("seti_", "setup intent", "/setup_intents/"),
    ("ch_", "charge", "/charges/"),
    ("py_", "charge", "/charges/"),
    ("re_", "refund", "/refunds/"),
    ("pyr_", "refund", "/refunds/"),
    ("dp_", "dispute", "/disputes/"),
    ("du_", "dispute", "/disputes/"),
    ("cs_", "checkout", "/checkout/sessions/"),
    ("pm_", "payment method", "/payment_methods/"),
    ("evt_", "event", "/events/"),
    ("credgr_", "grant", "/billing/credit_grants/"),
    ("cbtxn_", "credit transaction", "/billing/credit_balance_transactions/"),
    ("prod_", "product", "/products/"),
    ("price_", "price", "/prices/"),
    ("mtr_", "meter", "/billing/meters/"),
    ("promo_", "promotion code", "/promotion_codes/"),
];

/// Fields that name another object by which the owner is found, the surest first.
const BY: &[&str] = &["subscription", "invoice", "credit_grant", "payment_intent", "charge"];

/// An object as far as anybody's question "whose is it" goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectFound {
    /// What it is: `payment`, `checkout`, `invoice` …
    pub kind: &'static str,
    /// `cus_…`, where it says so itself.
    pub customer: Option<String>,
    /// The id of another object that says so, where it does not.
    pub by: Option<String>,
    /// Its state, money and the like, in words; may be empty.
    pub says: String,
}

fn kind_of(id: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let legal = id.len() <= 255 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    KINDS.iter().find(|(prefix, _, _)| legal && id.len() > prefix.len() && id.starts_with(prefix))
}

/// Whether Stripe can be asked for such an id alone. A request's (`req_…`) is none: no call reads requests.
pub fn can_be_asked(id: &str) -> bool {
    kind_of(id).is_some()
}

/// An id, whether it stands alone or the object was expanded.
fn id_at(object: &Value, field: &str) -> Option<String> {
    let it = object.get(field)?;
    it.as_str().or_else(|| it.get("id")?.as_str()).map(str::to_owned)
}

fn money_of(object: &Value) -> Option<Money> {
    let currency = Currency::parse(object.get("currency")?.as_str()?)?;
    let amounts = ["amount_total", "total", "amount"];
    let minor = amounts.iter().find_map(|field| object.get(*field)?.as_i64())?;
    Some(Money { minor, currency })
}

fn words(kind: &str, object: &Value) -> String {
    let mut words = Vec::new();
    // An event is named by what happened; a payment's status says less than whether it is paid.
    let fields: &[&str] = match kind {
        "event" => &["type"],
        "checkout" => &["mode", "status", "payment_status"],
        _ => &["number", "status"],
    };
    words.extend(fields.iter().filter_map(|field| Some(object.get(*field)?.as_str()?.to_owned())));
    if object.get("deleted").and_then(Value::as_bool) == Some(true) {
        words.push("deleted".to_owned());
    }
    words.extend(money_of(object).map(|money| money.to_string()));
    words.join(" ")
}

fn found(kind: &'static str, object: &Value) -> ObjectFound {
    // An event is about its object: whose that is, the event is.
    let about = object.get("data").and_then(|data| data.get("object")).unwrap_or(object);
    let own = match about.get("object").and_then(Value::as_str) {
        Some("customer") => id_at(object, "id").filter(|_| kind == "customer").or_else(|| id_at(about, "id")),
        _ => id_at(about, "customer"),
    };
    let related = || id_at(object, "related_object");
    let parent = || id_at(about.get("parent")?.get("subscription_details")?, "subscription");
    let by = BY.iter().find_map(|field| id_at(about, field)).or_else(parent).or_else(related);
    ObjectFound { kind, by: by.filter(|_| own.is_none()), customer: own, says: words(kind, object) }
}

impl Api {
    /// One object by its id. A missing one is a refusal (`Failure::is_missing`).
    pub async fn object_retrieve(&self, id: &str) -> Answer<ObjectFound> {
        let Some((_, kind, path)) = kind_of(id) else {
            let message = format!("`{}` is no id that an object is read by", id.escape_debug());
            return Err(Failure::NotSent(NotSent { cause: NotSentCause::Refused, message }));
        };
        let mut answer = self.read_raw::<Value>(&format!("{path}{id}")).await;
        // Snapshot events and thin ones have one kind of id and two places.
        if *kind == "event" && answer.as_ref().is_err_and(Failure::is_missing) {
            answer = self.read_raw::<Value>(&format!("/v2/core/events/{id}")).await;
        }
        let answer = answer?;
        if answer.value.get("id").and_then(Value::as_str) != Some(id) {
            return Err(answer.contradiction(format!("another object than {id} was given")));
        }
        Ok(answer.map(|object| found(kind, &object)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_known_by_their_beginnings() {
        for (id, kind) in [
            ("pi_1", Some("payment")),
            ("sub_1", Some("subscription")),
            ("sub_sched_1", Some("schedule")),
            ("in_1", Some("invoice")),
            ("inpay_1", Some("invoice payment")),
            ("cs_test_a1", Some("checkout")),
            ("req_1", None),
            ("pi_", None),
            ("acme", None),
            ("pi_1/../../v1", None),
        ] {
            assert_eq!(kind_of(id).map(|(_, kind, _)| *kind), kind, "{id}");
        }
    }

    #[test]
    fn an_object_says_whose_it_is_or_what_says_it() {
        for (kind, object, customer, by, says) in [
            (
                "payment",
                json!({"id": "pi_1", "customer": "cus_1", "status": "succeeded", "amount": 999, "currency": "usd"}),
                Some("cus_1"),
                None,
                "succeeded USD 9.99",
            ),
            (
                "invoice",
                json!({"customer": {"id": "cus_1"}, "number": "A-1", "status": "open"}),
                Some("cus_1"),
                None,
                "A-1 open",
            ),
            (
                "customer",
                json!({"id": "cus_1", "object": "customer", "deleted": true}),
                Some("cus_1"),
                None,
                "deleted",
            ),
            ("refund", json!({"charge": "ch_1", "payment_intent": "pi_1"}), None, Some("pi_1"), ""),
            ("subscription item", json!({"subscription": "sub_1"}), None, Some("sub_1"), ""),
            (
                "event",
                json!({"id": "evt_1", "type": "customer.updated", "data": {"object": {"object": "customer", "id": "cus_1"}}}),
                Some("cus_1"),
                None,
                "customer.updated",
            ),
            (
                "event",
                json!({"id": "evt_1", "type": "invoice.paid", "data": {"object": {"object": "invoice", "customer": "cus_1"}}}),
                Some("cus_1"),
                None,
                "invoice.paid",
            ),
            (
                "event",
                json!({"type": "v1.billing.meter.error_report_triggered", "related_object": {"id": "mtr_1"}}),
                None,
                Some("mtr_1"),
                "v1.billing.meter.error_report_triggered",
            ),
            ("price", json!({"id": "price_1", "product": "prod_1"}), None, None, ""),
        ] {
            let found = found(kind, &object);
            let want = (customer.map(str::to_owned), by.map(str::to_owned), says.to_owned());
            assert_eq!((found.customer, found.by, found.says), want, "{object}");
        }
    }
}
