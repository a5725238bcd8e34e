//! `/v1/coupons` and `/v1/promotion_codes`.

use serde_json::{Value, json};

use super::coupon::{self, Coupon, Duration, Off, PromotionCode};
use super::{payer, unbuilt};
use crate::local::Call;
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};
use crate::local::list;

/// Longest time until a coupon must be used first, in seconds (five years).
const REDEEM_MAX_S: i64 = 5 * 366 * 86_400;

fn off(p: &mut Params) -> Result<Off, ApiError> {
    let percent = p.decimal("percent_off")?;
    let amount = p.int_in("amount_off", 1, 99_999_999)?;
    let currency = p.string("currency")?.map(|it| it.to_ascii_lowercase());
    match (percent, amount) {
        (Some(_), Some(_)) => {
            Err(ApiError::invalid("You may only specify one of these parameters: amount_off, percent_off."))
        }
        (None, None) => Err(ApiError::invalid("Must provide percent_off or amount_off.")),
        (Some(percent), None) => {
            if percent <= Decimal::ZERO || percent > Decimal::whole(100) {
                let text = "Invalid percent_off: must be greater than 0 and at most 100";
                return Err(ApiError::invalid(text).param("percent_off"));
            }
            Ok(Off::Percent(percent))
        }
        (None, Some(amount)) => {
            let currency = currency.ok_or_else(|| ApiError::missing("currency"))?;
            Ok(Off::Amount(amount, currency))
        }
    }
}

fn duration(p: &mut Params) -> Result<Duration, ApiError> {
    let word = p.one_of("duration", &["forever", "once", "repeating"])?.unwrap_or("once");
    let months = p.int_in("duration_in_months", 1, 1_200)?.and_then(|it| u32::try_from(it).ok());
    match (word, months) {
        ("repeating", Some(months)) => Ok(Duration::Months(months)),
        ("repeating", None) => Err(ApiError::missing("duration_in_months")),
        (_, Some(_)) => {
            let text = "You may only specify duration_in_months when duration is `repeating`.";
            Err(ApiError::invalid(text).param("duration_in_months"))
        }
        ("forever", None) => Ok(Duration::Forever),
        _ => Ok(Duration::Once),
    }
}

/// `POST /v1/coupons`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let id = p.string("id")?;
    let products = p.group("applies_to", |inner| inner.strings("products"))?.flatten();
    let mut coupon = Coupon {
        id: String::new(),
        created: call.now,
        name: p.text("name", 40)?.value(),
        off: off(p)?,
        duration: duration(p)?,
        max_redemptions: p.int_in("max_redemptions", 1, i64::MAX)?,
        redeem_by: p.timestamp("redeem_by")?,
        products: products.unwrap_or_default(),
        times_redeemed: 0,
        metadata: p.metadata()?.merged(&Metadata::new())?,
        deleted: false,
    };
    unbuilt(p, &["currency_options"])?;
    p.finish()?;
    if id.as_ref().is_some_and(|id| call.model.biller.money.coupons.get(id).is_some_and(|it| !it.deleted)) {
        return Err(ApiError::invalid("Coupon already exists.").code("resource_already_exists").param("id"));
    }
    for product in &coupon.products {
        if !call.model.products.contains(product) {
            return Err(ApiError::no_such("product", product, "applies_to[products]"));
        }
    }
    if let Some(by) = coupon.redeem_by {
        let text = if by <= call.now {
            "The redeem_by date must be in the future."
        } else if by > call.now + REDEEM_MAX_S {
            "The redeem_by date cannot be more than five years in the future."
        } else {
            ""
        };
        if !text.is_empty() {
            return Err(ApiError::invalid(text).param("redeem_by"));
        }
    }
    coupon.id = id.unwrap_or_else(|| call.model.mint("", 8));
    let shown = coupon.render(call.now);
    call.model.biller.money.coupons.insert(coupon);
    call.emit("coupon.created", &shown);
    Ok(shown)
}

fn found(call: &Call, id: &str) -> Result<Coupon, ApiError> {
    coupon::known(call.model, id, "coupon").cloned().map_err(|error| error.status(404))
}

/// `GET /v1/coupons/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(|it| it.render(call.now))
}

/// `POST /v1/coupons/:id`: words only.
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut coupon = found(call, id)?;
    let before = coupon.render(call.now);
    let name = p.text("name", 40)?;
    let metadata = p.metadata()?;
    unbuilt(p, &["currency_options"])?;
    p.finish()?;
    name.apply(&mut coupon.name);
    coupon.metadata = metadata.merged(&coupon.metadata)?;
    let shown = coupon.render(call.now);
    call.model.biller.money.coupons.insert(coupon);
    call.emit_update("coupon.updated", &before, &shown);
    Ok(shown)
}

/// `DELETE /v1/coupons/:id`: it holds on where it was used.
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let mut coupon = found(call, id)?;
    let shown = coupon.render(call.now);
    coupon.deleted = true;
    call.model.biller.money.coupons.insert(coupon);
    call.emit("coupon.deleted", &shown);
    Ok(json!({ "id": id, "object": "coupon", "deleted": true }))
}

/// `GET /v1/coupons`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let created = list::range(p, "created")?;
    p.finish()?;
    let (now, rows) = (call.now, &call.model.biller.money.coupons);
    let wanted = |it: &Coupon| !it.deleted && created.holds(it.created);
    list::table(&page, rows, "coupon", "/v1/coupons", wanted, |it| it.render(now))
}

/// `POST /v1/promotion_codes`
pub fn create_code(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let promotion = p.group("promotion", |inner| {
        inner.one_of("type", &["coupon"])?.ok_or_else(|| ApiError::missing("promotion[type]"))?;
        inner.required("coupon")
    })?;
    let restrictions = p.group("restrictions", |inner| {
        unbuilt(inner, &["currency_options"])?;
        let minimum = inner.int_in("minimum_amount", 1, i64::MAX)?;
        let currency = inner.string("minimum_amount_currency")?;
        Ok((inner.bool("first_time_transaction")?.unwrap_or(false), minimum.zip(currency)))
    })?;
    let (first_time, minimum) = restrictions.unwrap_or((false, None));
    let asked = p.string("code")?;
    let mut code = PromotionCode {
        id: String::new(),
        created: call.now,
        code: String::new(),
        coupon: promotion.ok_or_else(|| ApiError::missing("promotion"))?,
        customer: p.string("customer")?,
        active: p.bool("active")?.unwrap_or(true),
        expires_at: p.timestamp("expires_at")?,
        max_redemptions: p.int_in("max_redemptions", 1, i64::MAX)?,
        times_redeemed: 0,
        first_time,
        minimum,
        metadata: p.metadata()?.merged(&Metadata::new())?,
    };
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    coupon::usable(call, &code.coupon, "promotion[coupon]")?;
    if let Some(customer) = &code.customer {
        payer(call.model, customer)?;
    }
    if code.expires_at.is_some_and(|at| at <= call.now) {
        let text = "The expires_at date must be in the future.";
        return Err(ApiError::invalid(text).param("expires_at"));
    }
    code.code = asked.unwrap_or_else(|| call.model.mint("", 8).to_ascii_uppercase());
    let same = |it: &PromotionCode| {
        it.usable(call.now)
            && it.code.eq_ignore_ascii_case(&code.code)
            && (it.customer.is_none() || code.customer.is_none() || it.customer == code.customer)
    };
    if call.model.biller.money.codes.iter().any(same) {
        let text = format!("An active promotion code with `code: {}` already exists.", code.code);
        return Err(ApiError::invalid(text).param("code"));
    }
    code.id = call.model.mint("promo_1", 23);
    let shown = code.render(call.now);
    call.model.biller.money.codes.insert(code);
    call.emit("promotion_code.created", &shown);
    Ok(shown)
}

fn found_code(call: &Call, id: &str) -> Result<PromotionCode, ApiError> {
    let code = call.model.biller.money.codes.get(id);
    code.cloned().ok_or_else(|| ApiError::not_found("promotion code", id, "promotion_code"))
}

/// `GET /v1/promotion_codes/:id`
pub fn retrieve_code(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found_code(call, id).map(|it| it.render(call.now))
}

/// `POST /v1/promotion_codes/:id`
pub fn update_code(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut code = found_code(call, id)?;
    let before = code.render(call.now);
    let active = p.bool("active")?;
    let metadata = p.metadata()?;
    unbuilt(p, &["restrictions"])?;
    p.finish()?;
    code.active = active.unwrap_or(code.active);
    code.metadata = metadata.merged(&code.metadata)?;
    let shown = code.render(call.now);
    call.model.biller.money.codes.insert(code);
    call.emit_update("promotion_code.updated", &before, &shown);
    Ok(shown)
}

/// `GET /v1/promotion_codes`
pub fn list_codes(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let active = p.bool("active")?;
    let (code, coupon, customer) = (p.string("code")?, p.string("coupon")?, p.string("customer")?);
    let created = list::range(p, "created")?;
    p.finish()?;
    let now = call.now;
    let wanted = |it: &PromotionCode| {
        active.is_none_or(|active| it.usable(now) == active)
            && code.as_ref().is_none_or(|code| it.code.eq_ignore_ascii_case(code))
            && coupon.as_ref().is_none_or(|coupon| it.coupon == *coupon)
            && (customer.is_none() || it.customer == customer)
            && created.holds(it.created)
    };
    let rows = &call.model.biller.money.codes;
    list::table(&page, rows, "promotion_code", "/v1/promotion_codes", wanted, |it| it.render(now))
}
