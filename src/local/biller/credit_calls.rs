//! `/v1/billing/credit_grants`, `/v1/billing/credit_balance_summary` and `/v1/billing/credit_balance_transactions`
//! (Stripe: docs /api/billing/credit-grant).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::credit_grant::{self, CreditGrant, CreditTransaction, Movement, money};
use super::{payer, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Change, Metadata, Params};
use crate::local::list;
use crate::local::model::Model;

/// Most prices that one grant names (Stripe: docs /api/billing/credit-grant/create).
const PRICES_MAX: usize = 20;
/// Most grants of one customer that have something left (Stripe: docs …/usage-based/billing-credits).
const UNUSED_MAX: usize = 100;
/// Largest amount, minor units.
const VALUE_MAX: i64 = 999_999_999_999;
/// Priority unless one is given.
const PRIORITY_DEFAULT: i64 = 50;

/// Reads `amount`: currency and minor units.
fn amount(p: &mut Params) -> Result<(String, i64), ApiError> {
    let read = p.group("amount", |it| {
        it.one_of("type", &["monetary"])?.ok_or_else(|| ApiError::missing(&it.name("type")))?;
        let monetary = it.group("monetary", |it| {
            let currency = it.required("currency")?.to_ascii_lowercase();
            let value = it.int_in("value", 1, VALUE_MAX)?;
            Ok((currency, value.ok_or_else(|| ApiError::missing(&it.name("value")))?))
        })?;
        monetary.ok_or_else(|| ApiError::missing(&it.name("monetary")))
    })?;
    read.ok_or_else(|| ApiError::missing("amount"))
}

/// Reads a scope: the prices it names, none where it is for all metered ones.
fn scope(call: &Call, p: &mut Params) -> Result<Vec<String>, ApiError> {
    let kind = p.one_of("price_type", &["metered"])?;
    let prices = p.list("prices", |it| it.required("id"))?;
    let name = p.name("prices");
    match (kind, prices) {
        (Some(_), None) => Ok(Vec::new()),
        (Some(_), Some(_)) => {
            Err(ApiError::invalid("You may only specify one of these parameters: price_type, prices."))
        }
        (None, Some(prices)) if !prices.is_empty() => {
            if prices.len() > PRICES_MAX {
                let text = format!("You may specify at most {PRICES_MAX} prices.");
                return Err(ApiError::invalid(text).param(name));
            }
            for (index, id) in prices.iter().enumerate() {
                let param = format!("{name}[{index}][id]");
                let price =
                    call.model.prices.get(id).ok_or_else(|| ApiError::no_such("price", id, &param))?;
                if price.meter().is_none() {
                    let text = "Billing credits apply only to metered prices that are backed by a meter.";
                    return Err(ApiError::invalid(text).param(param));
                }
            }
            Ok(prices)
        }
        _ => Err(ApiError::invalid("You must specify either `price_type` or `prices`.").param(name)),
    }
}

/// `POST /v1/billing/credit_grants`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let customer = p.required("customer")?;
    let (currency, value) = amount(p)?;
    let prices = p.group("applicability_config", |it| {
        it.group("scope", |it| scope(call, it))?.ok_or_else(|| ApiError::missing(&it.name("scope")))
    })?;
    let prices = prices.ok_or_else(|| ApiError::missing("applicability_config"))?;
    let category = p.one_of("category", &["paid", "promotional"])?;
    let effective_at = p.timestamp("effective_at")?;
    let expires_at = p.timestamp("expires_at")?;
    let priority = p.int_in("priority", 0, 100)?.unwrap_or(PRIORITY_DEFAULT);
    let name = p.text("name", 100)?.value();
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    payer(call.model, &customer)?;
    let starts = effective_at.unwrap_or(call.now);
    if expires_at.is_some_and(|end| end <= call.now.max(starts)) {
        let text = "`expires_at` must be in the future, and after `effective_at`.";
        return Err(ApiError::invalid(text).param("expires_at"));
    }
    let of = call.model.biller.money.credit_grants.iter().filter(|it| it.customer == customer);
    if of.filter(|it| credit_grant::left(call.model, &it.id) > 0).count() >= UNUSED_MAX {
        let text = format!("A customer can have at most {UNUSED_MAX} unused credit grants.");
        return Err(ApiError::invalid(text).param("customer"));
    }
    let grant = CreditGrant {
        id: call.model.mint("credgr_1", 23),
        created: call.now,
        updated: call.now,
        customer,
        currency,
        value,
        prices,
        paid: category != Some("promotional"),
        priority,
        effective_at: starts,
        expires_at,
        voided_at: None,
        name,
        metadata,
    };
    let shown = credit_grant::save(call, grant.clone());
    credit_grant::post(call, &grant, value, Movement::Granted);
    Ok(shown)
}

fn found(call: &Call, id: &str) -> Result<CreditGrant, ApiError> {
    let grant = call.model.biller.money.credit_grants.get(id);
    grant.cloned().ok_or_else(|| ApiError::not_found("credit grant", id, "id"))
}

/// `GET /v1/billing/credit_grants/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(|it| it.render())
}

/// `GET /v1/billing/credit_grants`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    let wanted = |it: &CreditGrant| customer.as_ref().is_none_or(|customer| it.customer == *customer);
    let (table, url) = (&call.model.biller.money.credit_grants, "/v1/billing/credit_grants");
    list::table(&page, table, "credit grant", url, wanted, CreditGrant::render)
}

/// `POST /v1/billing/credit_grants/:id`: its end, and metadata.
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut grant = found(call, id)?;
    let cleared = p.text("expires_at", 20)?;
    let metadata = p.metadata()?;
    p.finish()?;
    match cleared {
        Change::Keep => {}
        Change::Clear => grant.expires_at = None,
        Change::Set(text) => {
            let at: Option<i64> = text.parse().ok();
            let at = at.filter(|at| *at > call.now.max(grant.effective_at)).ok_or_else(|| {
                ApiError::invalid("`expires_at` must be a Unix timestamp in the future.").param("expires_at")
            })?;
            grant.expires_at = Some(at);
        }
    }
    grant.metadata = metadata.merged(&grant.metadata)?;
    grant.updated = call.now;
    Ok(credit_grant::save(call, grant))
}

/// `POST /v1/billing/credit_grants/:id/expire`: its end is now.
pub fn expire(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let grant = found(call, id)?;
    if grant.voided_at.is_some() || grant.expires_at.is_some_and(|end| end <= call.now) {
        return Err(ApiError::invalid("This credit grant has already been expired or voided."));
    }
    credit_grant::expire(call, id);
    found(call, id).map(|it| it.render())
}

/// `POST /v1/billing/credit_grants/:id/void`: taken back, while nothing of it was used.
pub fn void(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let mut grant = found(call, id)?;
    let rows = &call.model.biller.money.credit_transactions;
    let used = rows.iter().any(|it| it.grant == id && matches!(it.movement, Movement::Applied { .. }));
    if used || grant.voided_at.is_some() || grant.expires_at.is_some_and(|end| end <= call.now) {
        let text = "Only credit grants that were never applied, and that are neither expired nor voided, can be voided.";
        return Err(ApiError::invalid(text));
    }
    let rest = credit_grant::left(call.model, id);
    if rest > 0 {
        credit_grant::post(call, &grant, rest, Movement::Voided);
    }
    (grant.voided_at, grant.updated) = (Some(call.now), call.now);
    Ok(credit_grant::save(call, grant))
}

/// What a summary is about.
enum Filter {
    Grant(String),
    Scope(Vec<String>),
}

/// `GET /v1/billing/credit_balance_summary`
pub fn summary(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let customer = p.required("customer")?;
    let filter = p.group("filter", |it| {
        let kind = it.one_of("type", &["applicability_scope", "credit_grant"])?;
        let grant = it.string("credit_grant")?;
        let prices = it.group("applicability_scope", |it| scope(call, it))?;
        match (kind, grant, prices) {
            (None, ..) => Err(ApiError::missing(&it.name("type"))),
            (Some("credit_grant"), Some(grant), None) => Ok(Filter::Grant(grant)),
            (Some("credit_grant"), None, _) => Err(ApiError::missing(&it.name("credit_grant"))),
            (Some(_), None, Some(prices)) => Ok(Filter::Scope(prices)),
            (Some(_), None, None) => Err(ApiError::missing(&it.name("applicability_scope"))),
            _ => {
                let text = "You may only specify the filter that `type` names.";
                Err(ApiError::invalid(text).param(it.name("type")))
            }
        }
    })?;
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    payer(call.model, &customer)?;
    let filter = filter.ok_or_else(|| ApiError::missing("filter"))?;
    if let Filter::Grant(id) = &filter {
        let known = call.model.biller.money.credit_grants.get(id).filter(|it| it.customer == customer);
        known.ok_or_else(|| ApiError::no_such("credit grant", id, "filter[credit_grant]"))?;
    }
    Ok(json!({
        "object": "billing.credit_balance_summary",
        "balances": balances(call.model, &customer, &filter, call.now),
        "customer": customer,
        "customer_account": null,
        "livemode": false,
    }))
}

/// Per currency: what can be used now, and the sum of the ledger.
fn balances(model: &Model, customer: &str, filter: &Filter, now: i64) -> Vec<Value> {
    let fits = |it: &CreditGrant| match filter {
        Filter::Grant(id) => it.id == *id,
        // A scope of all metered prices holds the grants that are for all; one of prices those that pay any of them.
        Filter::Scope(prices) if prices.is_empty() => it.prices.is_empty(),
        Filter::Scope(prices) => it.prices.is_empty() || it.prices.iter().any(|id| prices.contains(id)),
    };
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let grants = model.biller.money.credit_grants.iter();
    for grant in grants.filter(|it| it.customer == customer && fits(it)) {
        let sum = sums.entry(&grant.currency).or_default();
        sum.0 = sum.0.saturating_add(credit_grant::available(model, grant, now));
        sum.1 = sum.1.saturating_add(credit_grant::left(model, &grant.id));
    }
    let shown = |(currency, (available, ledger)): (&str, (i64, i64))| json!({ "available_balance": money(currency, available), "ledger_balance": money(currency, ledger) });
    sums.into_iter().map(shown).collect()
}

/// `GET /v1/billing/credit_balance_transactions`
pub fn transactions(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let (customer, grant) = (p.string("customer")?, p.string("credit_grant")?);
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    let wanted = |it: &CreditTransaction| {
        customer.as_ref().is_none_or(|customer| it.customer == *customer)
            && grant.as_ref().is_none_or(|grant| it.grant == *grant)
    };
    let (table, url) =
        (&call.model.biller.money.credit_transactions, "/v1/billing/credit_balance_transactions");
    list::table(&page, table, "credit balance transaction", url, wanted, CreditTransaction::render)
}

/// `GET /v1/billing/credit_balance_transactions/:id`
pub fn transaction(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let row = call.model.biller.money.credit_transactions.get(id);
    row.map(CreditTransaction::render)
        .ok_or_else(|| ApiError::not_found("credit balance transaction", id, "id"))
}
