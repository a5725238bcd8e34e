//! Stories of customers, subscriptions and invoices, to the minor unit.

use serde_json::Value;

use super::*;

mod balances;
mod changes;
mod checkout;
mod coupons;
mod credit_notes;
mod credits;
mod dunning;
mod failures;
mod invoices;
mod pauses;
mod pending;
mod planned_ends;
mod previews;
mod renewals;
mod schedules;
mod thresholds;
mod trials;

/// A product with prices, and a meter.
pub struct Shop {
    pub w: World,
    pub meter: String,
}

/// `YYYY-MM-DD hh:mm:ss` in UTC as unix seconds.
pub fn at(text: &str) -> i64 {
    let numbers: Vec<i64> = text.split(['-', ' ', ':']).map(|it| it.parse().unwrap()).collect();
    let [year, month, day, hour, minute, second] = numbers[..] else { panic!("{text}") };
    let date = calendar::Date { year, month: month as u8, day: day as u8 };
    calendar::midnight(date) + hour * 3_600 + minute * 60 + second
}

impl Shop {
    /// Opens at an instant, with a product and a meter named `tokens`.
    pub fn open(now: &str) -> Shop {
        let mut w = World::new();
        w.now = at(now);
        w.ok("POST", "/v1/products", "id=pro&name=Pro");
        let meter = w.ok(
            "POST",
            "/v1/billing/meters",
            "display_name=Tokens&event_name=tokens&default_aggregation[formula]=sum",
        );
        Shop { w, meter: id(&meter) }
    }

    pub fn price(&mut self, more: &str) -> String {
        let body = format!("product=pro&currency=usd&{more}");
        id(&self.w.ok("POST", "/v1/prices", &body))
    }

    /// A licensed price by the month.
    pub fn monthly(&mut self, minor: i64) -> String {
        self.price(&format!("unit_amount={minor}&recurring[interval]=month"))
    }

    /// A metered price by the month.
    pub fn metered(&mut self, unit: &str) -> String {
        let meter = self.meter.clone();
        self.price(&format!(
            "unit_amount_decimal={unit}&recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}"
        ))
    }

    /// A customer who pays with a test card.
    pub fn customer(&mut self, card: &str) -> String {
        let body = format!(
            "email=a@example.com&payment_method={card}&invoice_settings[default_payment_method]={card}"
        );
        id(&self.w.ok("POST", "/v1/customers", &body))
    }

    /// A subscription to prices; `more` are further parameters.
    pub fn subscribe(&mut self, customer: &str, prices: &[&str], more: &str) -> Value {
        let items: String =
            prices.iter().enumerate().map(|(n, price)| format!("&items[{n}][price]={price}")).collect();
        self.w.ok("POST", "/v1/subscriptions", &format!("customer={customer}{items}&{more}"))
    }

    /// Usage at an instant, sent now.
    pub fn used(&mut self, customer: &str, value: i64, when: &str) {
        let when = at(when);
        let body = format!(
            "event_name=tokens&timestamp={when}&payload[stripe_customer_id]={customer}&payload[value]={value}"
        );
        self.w.ok("POST", "/v1/billing/meter_events", &body);
    }

    /// Lets time pass, and lets what was due happen.
    pub fn advance(&mut self, now: &str) {
        self.w.now = at(now);
        self.w.ok("GET", "/v1/account", "");
    }

    /// All invoices of a customer, oldest first: `reason status due: lines`.
    pub fn bills(&mut self, customer: &str) -> Vec<String> {
        let found = self.w.ok("GET", &format!("/v1/invoices?customer={customer}&limit=100"), "");
        let mut bills: Vec<String> = array(&found["data"]).iter().map(bill).collect();
        bills.reverse();
        bills
    }

    pub fn get(&mut self, path: &str) -> Value {
        self.w.ok("GET", path, "")
    }

    pub fn subscription(&mut self, shown: &Value) -> Value {
        self.get(&format!("/v1/subscriptions/{}", id(shown)))
    }
}

pub fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

pub fn array(value: &Value) -> Vec<Value> {
    value.as_array().unwrap().clone()
}

/// The items of a subscription as `start..end`.
pub fn periods(subscription: &Value) -> Vec<String> {
    let day = |value: &Value| {
        let seconds = value.as_i64().unwrap();
        let calendar::Date { year, month, day } = calendar::date(seconds);
        format!("{year}-{month:02}-{day:02}")
    };
    let items = array(&subscription["items"]["data"]);
    items
        .iter()
        .map(|it| format!("{}..{}", day(&it["current_period_start"]), day(&it["current_period_end"])))
        .collect()
}

pub fn bill(invoice: &Value) -> String {
    let lines: Vec<String> = array(&invoice["lines"]["data"])
        .iter()
        .map(|it| format!("{}={}", it["description"].as_str().unwrap(), it["amount"]))
        .collect();
    let reason = invoice["billing_reason"].as_str().unwrap().trim_start_matches("subscription_");
    format!(
        "{reason} {} {}: {}",
        invoice["status"].as_str().unwrap(),
        invoice["amount_due"],
        lines.join(", ")
    )
}
