//! Coupons and promotion codes (Stripe: docs /api/coupons, /api/promotion_codes).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::local::Call;
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::Metadata;
use crate::local::model::Model;

/// How long a coupon holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// One invoice.
    Once,
    /// So many months.
    Months(u32),
    /// For good.
    Forever,
}

/// What a coupon takes off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// Percent, above 0 to 100.
    Percent(Decimal),
    /// Minor units of a currency.
    Amount(i64, String),
}

/// One coupon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coupon {
    /// Chosen, or eight letters.
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Name on receipts.
    pub name: Option<String>,
    /// What it takes off.
    pub off: Off,
    /// How long it holds.
    pub duration: Duration,
    /// Most uses.
    pub max_redemptions: Option<i64>,
    /// Last instant of a first use, unix seconds.
    pub redeem_by: Option<i64>,
    /// Products it is for; empty for all.
    pub products: Vec<String>,
    /// Uses so far.
    pub times_redeemed: i64,
    /// The caller's own data.
    pub metadata: Metadata,
    /// Deleted ones still hold where they were used.
    pub deleted: bool,
}

/// A number as JSON has it, without a detour over binary fractions.
fn number(value: Decimal) -> Value {
    serde_json::from_str(&value.to_string()).unwrap_or(Value::Null)
}

impl Coupon {
    /// It can still be used at an instant.
    pub fn valid(&self, now: i64) -> bool {
        !self.deleted
            && self.redeem_by.is_none_or(|by| now <= by)
            && self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
    }

    /// Stripe's object.
    pub fn render(&self, now: i64) -> Value {
        let (percent, amount, currency) = match &self.off {
            Off::Percent(percent) => (number(*percent), Value::Null, Value::Null),
            Off::Amount(amount, currency) => (Value::Null, json!(amount), json!(currency)),
        };
        let (word, months) = match self.duration {
            Duration::Once => ("once", None),
            Duration::Months(months) => ("repeating", Some(months)),
            Duration::Forever => ("forever", None),
        };
        json!({
            "id": self.id,
            "object": "coupon",
            "amount_off": amount,
            "created": self.created,
            "currency": currency,
            "duration": word,
            "duration_in_months": months,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "name": self.name,
            "percent_off": percent,
            "redeem_by": self.redeem_by,
            "times_redeemed": self.times_redeemed,
            "valid": self.valid(now),
        })
    }
}

/// One promotion code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromotionCode {
    /// `promo_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// What customers type, upper and lower case alike.
    pub code: String,
    /// The coupon behind it.
    pub coupon: String,
    /// The only customer who may use it.
    pub customer: Option<String>,
    /// Switched on.
    pub active: bool,
    /// Last instant of use, unix seconds.
    pub expires_at: Option<i64>,
    /// Most uses.
    pub max_redemptions: Option<i64>,
    /// Uses so far.
    pub times_redeemed: i64,
    /// Only for customers who never paid.
    pub first_time: bool,
    /// Least total, minor units and currency.
    pub minimum: Option<(i64, String)>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl PromotionCode {
    /// It can be used at an instant, as far as the code itself goes.
    pub fn usable(&self, now: i64) -> bool {
        self.active
            && self.expires_at.is_none_or(|at| now < at)
            && self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
    }

    /// Stripe's object.
    pub fn render(&self, now: i64) -> Value {
        json!({
            "id": self.id,
            "object": "promotion_code",
            "active": self.usable(now),
            "code": self.code,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "expires_at": self.expires_at,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "promotion": { "coupon": self.coupon, "type": "coupon" },
            "restrictions": {
                "first_time_transaction": self.first_time,
                "minimum_amount": self.minimum.as_ref().map(|it| it.0),
                "minimum_amount_currency": self.minimum.as_ref().map(|it| &it.1),
            },
            "times_redeemed": self.times_redeemed,
        })
    }
}

/// A coupon that is not deleted.
pub(super) fn known<'a>(model: &'a Model, id: &str, param: &str) -> Result<&'a Coupon, ApiError> {
    let found = model.biller.money.coupons.get(id).filter(|it| !it.deleted);
    found.ok_or_else(|| ApiError::no_such("coupon", id, param))
}

/// A coupon that can be used now.
pub(super) fn usable<'a>(call: &'a Call, id: &str, param: &str) -> Result<&'a Coupon, ApiError> {
    let coupon = known(call.model, id, param)?;
    if coupon.redeem_by.is_some_and(|by| call.now > by) {
        return Err(ApiError::invalid(format!("Coupon expired: {id}")).code("coupon_expired").param(param));
    }
    if !coupon.valid(call.now) {
        let text = format!("Coupon {id} is used up and cannot be applied.");
        return Err(ApiError::invalid(text).code("coupon_expired").param(param));
    }
    Ok(coupon)
}

/// A promotion code that a customer may use now.
pub(super) fn usable_code<'a>(
    call: &'a Call,
    id: &str,
    customer: Option<&str>,
    param: &str,
) -> Result<&'a PromotionCode, ApiError> {
    let code = call.model.biller.money.codes.get(id);
    let code = code.ok_or_else(|| ApiError::no_such("promotion code", id, param))?;
    let refuse = |text: &str| Err(ApiError::invalid(text).param(param));
    if !code.usable(call.now) {
        return refuse("This promotion code is inactive.");
    }
    if code.customer.is_some() && code.customer.as_deref() != customer {
        return refuse("This promotion code cannot be redeemed by this customer.");
    }
    let paid_before = customer.is_some_and(|customer| {
        let mut all = call.model.biller.invoices.iter();
        all.any(|it| it.customer == customer && it.amount_paid > 0)
    });
    if code.first_time && paid_before {
        return refuse(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
        );
    }
    usable(call, &code.coupon, param)?;
    Ok(code)
}
