//! Test clocks (Stripe: docs /api/test_clocks): customers with a time of their own, moved by hand.
//!
//! Whatever concerns such a customer happens at the clock's instant: `instant` finds it for a request, and the biller's
//! agenda waits for it. An advance is answered at once; what is due happens before the next request, which finds the
//! clock ready. Not built: the bound of three subscriptions a customer, quotes, attaching an existing customer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::biller::{self, customer_calls};
use super::error::ApiError;
use super::form::{self, Params};
use super::list;
use super::model::{Model, Row, Table};
use super::wire::Request;

/// Clocks go by themselves this long after they were made, in seconds.
const KEPT_S: i64 = 30 * 86_400;
/// Most customers on one clock.
const CUSTOMERS_MAX: usize = 3;
/// Furthest advance with no subscription, in seconds: two years.
const FURTHEST_S: i64 = 2 * 366 * 86_400;

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestClock {
    /// `clock_…`
    pub id: String,
    /// Unix seconds, real ones.
    pub created: i64,
    /// Its time, unix seconds.
    pub frozen_time: i64,
    /// Where it is going, while it advances.
    pub target: Option<i64>,
    /// Text for the operator.
    pub name: Option<String>,
}

/// All clocks, and who is on which.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Clocks {
    table: Table<TestClock>,
    customers: BTreeMap<String, String>,
}

impl Row for TestClock {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Clocks {
    /// The clock of a customer.
    fn of(&self, customer: &str) -> Option<&TestClock> {
        self.table.get(self.customers.get(customer)?)
    }

    /// There is none: everybody lives in the account's own time.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}

fn render(clock: &TestClock) -> Value {
    let details = match clock.target {
        Some(target) => json!({ "advancing": { "target_frozen_time": target } }),
        None => json!({}),
    };
    json!({
        "id": clock.id,
        "object": "test_helpers.test_clock",
        "created": clock.created,
        "deletes_after": clock.created + KEPT_S,
        "frozen_time": clock.frozen_time,
        "livemode": false,
        "name": clock.name,
        "status": if clock.target.is_some() { "advancing" } else { "ready" },
        "status_details": details,
    })
}

fn found<'a>(model: &'a Model, id: &str) -> Result<&'a TestClock, ApiError> {
    model.clocks.table.get(id).ok_or_else(|| ApiError::not_found("test clock", id, "id"))
}

/// `POST /v1/test_helpers/test_clocks`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let frozen_time = p.timestamp("frozen_time")?.ok_or_else(|| ApiError::missing("frozen_time"))?;
    let name = p.text("name", 300)?.value();
    if p.has("customer") {
        return Err(ApiError::invalid("The local Stripe does not build `customer` yet.").param("customer"));
    }
    p.finish()?;
    let id = call.model.mint("clock_1", 23);
    let clock = TestClock { id, created: call.now, frozen_time, target: None, name };
    let shown = render(&clock);
    call.model.clocks.table.insert(clock);
    call.emit("test_helpers.test_clock.created", &shown);
    Ok(shown)
}

/// `GET /v1/test_helpers/test_clocks/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call.model, id).map(render)
}

/// `GET /v1/test_helpers/test_clocks`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    p.finish()?;
    let url = "/v1/test_helpers/test_clocks";
    list::table(&page, &call.model.clocks.table, "test clock", url, |_| true, render)
}

/// `POST /v1/test_helpers/test_clocks/:id/advance`
pub fn advance(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut clock = found(call.model, id)?.clone();
    let target = p.timestamp("frozen_time")?.ok_or_else(|| ApiError::missing("frozen_time"))?;
    p.finish()?;
    let bad = |text: &str| Err(ApiError::invalid(text).param("frozen_time"));
    if target <= clock.frozen_time {
        return bad("Test clocks can only be advanced to a time after their current frozen time.");
    }
    if target - clock.frozen_time > furthest(call.model, id) {
        return bad(
            "Test clocks can be advanced by at most two intervals of their shortest subscription, or by two years \
             without one.",
        );
    }
    clock.target = Some(target);
    let shown = render(&clock);
    call.model.clocks.table.insert(clock);
    call.emit("test_helpers.test_clock.advancing", &shown);
    Ok(shown)
}

/// Two of the shortest periods on the clock, in seconds.
fn furthest(model: &Model, id: &str) -> i64 {
    let on = |customer: &str| model.clocks.customers.get(customer).is_some_and(|clock| clock == id);
    let live = model.biller.subscriptions.iter().filter(|it| !it.status.ended() && on(&it.customer));
    let periods = live.flat_map(|it| &it.items).map(|it| it.period_end.saturating_sub(it.period_start));
    // A period of a trial may be short; a day at least, so that a clock never stands still.
    periods.min().map_or(FURTHEST_S, |shortest| shortest.max(86_400).saturating_mul(2))
}

/// `DELETE /v1/test_helpers/test_clocks/:id`: its customers go with it.
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let shown = found(call.model, id).map(render)?;
    let customers = call.model.clocks.customers.iter().filter(|(_, clock)| *clock == id);
    let customers: Vec<String> = customers.map(|(customer, _)| customer.clone()).collect();
    for customer in customers {
        if call.model.biller.customers.get(&customer).is_some_and(|it| !it.deleted) {
            customer_calls::delete(call, p, &customer)?;
        }
        call.model.clocks.customers.remove(&customer);
    }
    call.model.clocks.table.remove(id);
    call.emit("test_helpers.test_clock.deleted", &shown);
    Ok(json!({ "id": id, "object": "test_helpers.test_clock", "deleted": true }))
}

/// Puts a new customer on a clock: the rest of the call happens at the clock's instant.
pub fn attach(call: &mut Call, clock: &str, customer: &str) -> Result<(), ApiError> {
    let found = call.model.clocks.table.get(clock);
    let frozen = found.ok_or_else(|| ApiError::no_such("test clock", clock, "test_clock"))?.frozen_time;
    if call.model.clocks.customers.values().filter(|it| *it == clock).count() >= CUSTOMERS_MAX {
        let text = format!("A test clock can have at most {CUSTOMERS_MAX} customers.");
        return Err(ApiError::invalid(text).param("test_clock"));
    }
    call.now = frozen;
    call.model.clocks.customers.insert(customer.to_owned(), clock.to_owned());
    Ok(())
}

/// The customer of any of the biller's objects, or the customer itself.
fn owner<'a>(model: &'a Model, id: &'a str) -> Option<&'a str> {
    let biller = &model.biller;
    let id = biller::threshold::watched(id).unwrap_or(id);
    let subscription = |id: &str| biller.subscriptions.get(id).map(|it| it.customer.as_str());
    subscription(id)
        .or_else(|| biller.invoices.get(id).map(|it| it.customer.as_str()))
        .or_else(|| biller.invoice_items.get(id).map(|it| it.customer.as_str()))
        .or_else(|| biller.schedules.get(id).map(|it| it.customer.as_str()))
        .or_else(|| biller.money.credit_grants.get(id).map(|it| it.customer.as_str()))
        .or_else(|| biller.payment_methods.get(id)?.customer.as_deref())
        .or_else(|| {
            let holds =
                |it: &&super::biller::subscription::Subscription| it.items.iter().any(|item| item.id == id);
            biller.subscriptions.iter().find(holds).map(|it| it.customer.as_str())
        })
        .or_else(|| biller.customers.get(id).map(|it| it.id.as_str()))
}

/// The instant of the clock that an object is on.
pub fn instant_of(model: &Model, id: &str) -> Option<i64> {
    if model.clocks.is_empty() {
        return None;
    }
    Some(model.clocks.of(owner(model, id)?)?.frozen_time)
}

/// The instant of the clock that a request concerns, by the ids that it names.
pub fn instant(model: &Model, request: &Request) -> Option<i64> {
    if model.clocks.is_empty() {
        return None;
    }
    let named = request.path.split('/').skip(3).find_map(|segment| instant_of(model, segment));
    let read = |text: &str| {
        let pairs = form::pairs(text).ok()?;
        let names =
            ["customer", "subscription", "from_subscription", "invoice", "payload[stripe_customer_id]"];
        let mut pairs = pairs.iter().filter(|(name, _)| names.contains(&name.as_str()));
        pairs.find_map(|(_, id)| instant_of(model, id))
    };
    named.or_else(|| read(&request.body)).or_else(|| read(&request.query))
}

/// The clock that a rendered object is on, by its customer.
pub fn clock_of<'a>(model: &'a Model, object: &'a Value) -> Option<&'a str> {
    let customer = if object["object"] == "customer" { &object["id"] } else { &object["customer"] };
    let named = customer.as_str().or_else(|| customer["id"].as_str());
    // A payment of an invoice names no customer.
    let customer = named
        .or_else(|| owner(model, object["invoice"].as_str()?))
        // Nor does a movement of credits.
        .or_else(|| owner(model, object["credit_grant"].as_str()?))?;
    model.clocks.customers.get(customer).map(String::as_str)
}

/// Writes the clock into each object of a customer that is on one, however deep.
pub fn stamp(model: &Model, value: &mut Value) {
    if model.clocks.is_empty() {
        return;
    }
    let clock = clock_of(model, value).map(str::to_owned);
    match value {
        Value::Object(fields) => {
            if let (Some(field), Some(clock)) = (fields.get_mut("test_clock"), clock) {
                *field = json!(clock);
            }
            fields.values_mut().for_each(|inner| stamp(model, inner));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| stamp(model, inner)),
        _ => {}
    }
}

/// Moves the clocks that advance to where they go. What became due there is the biller's to do next.
pub fn arrive(model: &mut Model) -> Vec<String> {
    let mut moved = Vec::new();
    for clock in model.clocks.table.iter_mut() {
        if let Some(target) = clock.target {
            clock.frozen_time = target;
            moved.push(clock.id.clone());
        }
    }
    moved
}

/// Tells that clocks are ready, and removes those that are too old.
pub fn settle(model: &mut Model, moved: &[String], now: i64) {
    for id in moved {
        let Some(clock) = model.clocks.table.get_mut(id) else { continue };
        clock.target = None;
        let shown = render(clock);
        call(model, now).emit("test_helpers.test_clock.ready", &shown);
    }
    let old: Vec<String> =
        model.clocks.table.iter().filter(|it| it.created + KEPT_S <= now).map(|it| it.id.clone()).collect();
    for id in old {
        // What is found and takes no parameters cannot be refused.
        let Ok(mut none) = form::parse("") else { continue };
        let _deleted = delete(&mut call(model, now), &mut none, &id);
    }
}

fn call(model: &mut Model, now: i64) -> Call<'_> {
    Call { model, now, request_id: None, key: None, lose: false }
}
