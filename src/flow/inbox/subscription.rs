//! Subscriptions: stored as they are now; what has ended leads to the fallback, a trial that ends to a notice.

use super::notice;
use super::sight::{Case, Sight};
use crate::billing::id::Namespace;
use crate::billing::inbox::Handler;
use crate::error::Error;
use crate::flow::refresh::seen_within;
use crate::store::Writer;
use crate::store::customer::Customer;
use crate::store::intent::{Fallback, IntentKind};
use crate::store::subscription::Subscription;

/// Stores the subscriptions that were read, and what follows from them.
pub(super) fn stored(
    w: &Writer<'_>,
    namespace: &Namespace,
    customer: &Customer,
    sight: &Sight,
) -> Result<(), Error> {
    if let Some((found, _)) = &sight.subscriptions {
        seen_within(w, namespace, customer, found)?;
    }
    Ok(())
}

pub(super) fn apply(w: &Writer<'_>, case: &Case, customer: &Customer) -> Result<Vec<String>, Error> {
    let mut effects = Vec::new();
    let known = subscription_of(case).map(|sub| w.reader().subscription_get(&sub)).transpose()?.flatten();
    match &known {
        Some(it) => effects.push(format!("{} {}", it.sub, it.status)),
        None => effects.push("no subscription of ours".to_owned()),
    }
    if case.event.kind == "customer.subscription.trial_will_end"
        && let Some(it) = known.filter(|it| it.status == "trialing")
        && let Some(end) = it.trial_end.filter(|end| *end > w.now)
        && w.notice_put(&notice::trial_ending(customer, &it, end))?
    {
        effects.push("notice trial_ending".to_owned());
    }
    Ok(effects)
}

/// The subscription that an event is about: its object, or what its object names.
fn subscription_of(case: &Case) -> Option<String> {
    if case.handler == Handler::Subscription && case.event.kind.starts_with("customer.subscription.") {
        return case.event.object.clone();
    }
    let named = case.snapshot()?.object.get("subscription")?;
    named.as_str().or_else(|| named.get("id")?.as_str()).map(str::to_owned)
}

/// What follows when a customer's last subscription has ended and nothing has taken its place: what its tier says.
pub(in crate::flow) fn ended(w: &Writer<'_>, customer: &Customer) -> Result<Vec<String>, Error> {
    let r = w.reader();
    if r.assignment_open(customer.row)?.is_some() || r.intent_open(customer.row, IntentKind::Tier)?.is_some()
    {
        return Ok(Vec::new());
    }
    let Some(last) = r.assignments_of(customer.row)?.pop() else { return Ok(Vec::new()) };
    let Some(sub) = last.sub.as_deref().map(|sub| r.subscription_get(sub)).transpose()?.flatten() else {
        return Ok(Vec::new());
    };
    let Some(at) = sub.ended_at.filter(|_| sub.has_ended()) else { return Ok(Vec::new()) };
    if r.subscriptions_of(customer.row)?.iter().any(lasts) {
        return Ok(Vec::new());
    }
    let mut effects = Vec::new();
    let fallback = r.revision_terms(&last.revision)?.and_then(|(terms, _)| terms.fallback);
    if fallback.is_some() {
        let why = Fallback::ended(&sub.sub, at);
        if w.fallback_begin(customer.row, &why)? {
            effects.push("falls back".to_owned());
        }
    }
    if w.notice_put(&notice::subscription_ended(customer, &last, &sub, fallback.as_ref()))? {
        effects.push("notice subscription_ended".to_owned());
    }
    Ok(effects)
}

/// Whether a subscription began and may still come to life.
fn lasts(it: &Subscription) -> bool {
    it.is_live() || matches!(it.status.as_str(), "unpaid" | "paused")
}
