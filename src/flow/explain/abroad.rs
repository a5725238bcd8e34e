//! References that the store never saw: Stripe is asked whose they are, and a log of calls is read for requests.

use crate::error::{Error, Kind};
use crate::flow::Desk;
use crate::flow::customer::{METADATA_KEY, mark_owner};
use crate::flow::names::shown;
use crate::store::explain::RefFound;
use crate::stripe::{Failure, ObjectFound};

use super::{Meant, UNKNOWN};

/// Objects that are read, one after the other, until one says whose they are: a refund of a payment, a payment's invoice.
const HOPS_MAX: usize = 4;

fn unknown(what: String) -> Error {
    Error::new(Kind::BadInput, UNKNOWN, what)
}

/// A request that nobody noted. Stripe has no call that reads requests.
pub(super) fn request_unknown(text: &str) -> Error {
    unknown(format!(
        "no delivery here was answered with {}, and Stripe's API cannot be asked for requests",
        shown(text)
    ))
    .hint(format!(
        "the Dashboard has it: Developers, Logs, {}; calls that were logged are found with --log-file FILE",
        shown(text)
    ))
}

/// Whose a reference of Stripe's is that the store never saw. Reads only.
///
/// # Errors
/// 3 where Stripe does not know it either, where it is of no customer, or of one that is not linked here; Stripe's own
/// where it could not be asked.
pub async fn look_up(desk: &Desk<'_>, text: &str) -> Result<Meant, Error> {
    let first = match desk.api.object_retrieve(text).await {
        Ok(found) => found.value,
        Err(failure) if failure.is_missing() => return Err(nowhere(text)),
        Err(failure) => return Err(not_asked(text, failure)),
    };
    let mut whose = first.customer.clone();
    let mut by = first.by.clone();
    for _ in 1..HOPS_MAX {
        let Some(next) = by.take().filter(|next| whose.is_none() && crate::stripe::can_be_asked(next)) else {
            break;
        };
        match desk.api.object_retrieve(&next).await {
            Ok(found) => (whose, by) = (found.value.customer, found.value.by),
            Err(failure) if failure.is_missing() => break,
            Err(failure) => return Err(not_asked(text, failure)),
        }
    }
    let says = said(&first);
    let Some(cus) = whose else {
        return Err(unknown(format!(
            "{text} is {} at Stripe{says}, and of no single customer",
            a(first.kind)
        ))
        .hint("give an own id, or the id of something that belongs to a customer"));
    };
    let Some(customer) = desk.store.read(|r| r.customer_by_cus(&cus))? else {
        return Err(foreign(desk, text, &first, &cus).await);
    };
    let id = &customer.id;
    let next = match first.kind {
        "event" => Some("paygrade webhook backfill".to_owned()),
        "subscription" | "subscription item" | "schedule" => {
            Some(format!("paygrade reconcile tiers --customer {id}"))
        }
        "payment" | "charge" | "checkout" | "invoice" | "refund" => {
            Some(format!("paygrade reconcile credits --customer {id}"))
        }
        _ => None,
    };
    let says = [first.says, "at Stripe; the store never saw it".to_owned()].join(" ");
    let by = RefFound { kind: first.kind, customer: Some(customer.row), says: Some(says.trim().to_owned()) };
    Ok(Meant { customer, by: Some(by), next })
}

/// A kind with its article.
pub(super) fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

fn said(it: &ObjectFound) -> String {
    if it.says.is_empty() { String::new() } else { format!(" ({})", it.says) }
}

fn nowhere(text: &str) -> Error {
    unknown(format!("nothing is known of `{text}`, neither here nor at Stripe"))
        .hint("a key sees the objects of its own account and mode alone: look whether it is of another")
}

fn not_asked(text: &str, failure: Failure) -> Error {
    let hint = format!("the store does not know {text}; whose it is can only be asked at Stripe");
    Error::from(failure).hint(hint)
}

/// An object of a customer that nobody here is linked to; the customer may name one that is here.
async fn foreign(desk: &Desk<'_>, text: &str, it: &ObjectFound, cus: &str) -> Error {
    let (what, says) = (a(it.kind), said(it));
    let what = if text == cus {
        format!("{cus} is {what} at Stripe{says} that no customer here is linked to")
    } else {
        format!("{text} is {what} at Stripe{says} of {cus}, which no customer here is linked to")
    };
    // Whoever cannot be read now is still foreign.
    let found = desk.api.customer_retrieve(cus).await.ok().map(|found| found.value);
    let names =
        found.as_ref().and_then(|found| mark_owner(desk.namespace, found.metadata.get(METADATA_KEY)?));
    unknown(what).hint(match names {
        Some(id) => format!("it says that it is {id}: paygrade customer link {id} {cus}"),
        None => format!("if it is one of yours: paygrade customer link YOUR-ID {cus}"),
    })
}

/// What a log of calls (`--log-file`) says of a request: the call in words, and the references in it that may be known
/// here, the surest first.
pub fn logged(log: &str, request: &str) -> Option<(String, Vec<String>)> {
    let call = log.lines().rev().filter(|line| line.contains(request)).find_map(|line| {
        let call: serde_json::Value = serde_json::from_str(line).ok()?;
        (call.get("request_id")?.as_str()? == request).then_some(call)
    })?;
    let text = |field: &str| call.get(field).and_then(serde_json::Value::as_str);
    let status = call.get("status").and_then(serde_json::Value::as_i64);
    let status = status.map(|status| format!(" {status}")).unwrap_or_default();
    let (method, path) = (text("method").unwrap_or("-"), text("path").unwrap_or("-"));
    let says = format!("{method} {path}{status} {}", text("outcome").unwrap_or("-"));
    let ids = path.split('/').rev().filter(|word| crate::stripe::can_be_asked(word));
    let known = text("idempotency_key").into_iter().chain(ids).map(str::to_owned).collect();
    Some((says, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_tells_what_a_request_was_about() {
        let log = "{\"method\":\"POST\",\"path\":\"/v1/subscriptions/sub_1\",\"status\":200,\"outcome\":\"yes\",\"request_id\":\"req_1\",\"idempotency_key\":\"k:1\"}\n\
                   not a line of ours req_2\n\
                   {\"method\":\"GET\",\"path\":\"/v1/account\",\"status\":200,\"outcome\":\"yes\",\"request_id\":\"req_12\"}\n";
        // req_12 is the newest line with these letters, and another request.
        let found = logged(log, "req_1").unwrap();
        assert_eq!(
            found,
            ("POST /v1/subscriptions/sub_1 200 yes".into(), vec!["k:1".into(), "sub_1".into()])
        );
        assert!(logged(log, "req_3").is_none() && logged(log, "req_2").is_none());
        assert_eq!(logged(log, "req_12").unwrap().1, Vec::<String>::new());
    }
}
