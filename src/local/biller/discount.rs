//! Discounts: coupons in use, and what they take off the lines of an invoice.
//!
//! Percent is taken off each line on its own, rounded to the nearest minor unit. A fixed amount is shared over
//! the lines by their amounts: earlier ones floored, the remainder to the last (recorded of Stripe). Several
//! discounts work one after the other, on what is left. Not confirmed of Stripe: the rounding of percents.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::coupon::{self, Coupon, Duration, Off};
use super::invoice::Line;
use super::save_subscription;
use super::subscription::{Item, Subscription};
use super::terms::Terms;
use crate::local::Call;
use crate::local::calendar::{self, Cadence, Unit};
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::model::Model;
use crate::local::rating;

/// Most discounts on one object (Stripe: docs /api/subscriptions/create).
const DISCOUNTS_MAX: usize = 20;
/// One percent.
const HUNDREDTH: Decimal = Decimal::HUNDREDTH;

/// A coupon in use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Discount {
    /// `di_…`
    pub id: String,
    /// The coupon.
    pub coupon: String,
    /// The promotion code that led to it.
    pub code: Option<String>,
    /// Who benefits.
    pub customer: Option<String>,
    /// The subscription it is on.
    pub subscription: Option<String>,
    /// The invoice it is on.
    pub invoice: Option<String>,
    /// The checkout session it came with.
    pub session: Option<String>,
    /// First second, unix seconds.
    pub start: i64,
    /// First second without it.
    pub end: Option<i64>,
}

impl Discount {
    /// Stripe's object.
    pub fn render(&self) -> Value {
        json!({
            "id": self.id,
            "object": "discount",
            "checkout_session": self.session,
            "customer": self.customer,
            "customer_account": null,
            "end": self.end,
            "invoice": self.invoice,
            "invoice_item": null,
            "promotion_code": self.code,
            "source": { "coupon": self.coupon, "type": "coupon" },
            "start": self.start,
            "subscription": self.subscription,
            "subscription_item": null,
        })
    }
}

/// One entry of `discounts[]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The coupon, as it was given.
    pub coupon: Option<String>,
    /// The promotion code, as it was given.
    pub code: Option<String>,
    /// A discount that is there already.
    pub discount: Option<String>,
    /// Name of the entry, for messages.
    pub param: String,
}

/// Reads `discounts[]`; an empty value asks for none.
pub(super) fn read(p: &mut Params) -> Result<Option<Vec<Asked>>, ApiError> {
    let asked = p.list("discounts", |inner| {
        let param = inner.name("coupon").replace("[coupon]", "");
        let asked = Asked {
            coupon: inner.string("coupon")?,
            code: inner.string("promotion_code")?,
            discount: inner.string("discount")?,
            param,
        };
        let given = [&asked.coupon, &asked.code, &asked.discount].into_iter().flatten().count();
        if given != 1 {
            let text = "You must specify exactly one of these parameters: coupon, discount, promotion_code.";
            return Err(ApiError::invalid(text).param(asked.param));
        }
        Ok(asked)
    })?;
    match asked {
        Some(all) if all.len() > DISCOUNTS_MAX => {
            let text = format!("You may specify at most {DISCOUNTS_MAX} discounts.");
            Err(ApiError::invalid(text).param("discounts"))
        }
        asked => Ok(asked),
    }
}

/// The coupon and the code behind an entry, checked for this customer.
pub(super) fn check(
    call: &Call,
    asked: &Asked,
    customer: Option<&str>,
    currency: &str,
) -> Result<(String, Option<String>), ApiError> {
    if let Some(id) = &asked.discount {
        let known = call.model.biller.money.discounts.get(id);
        let known =
            known.ok_or_else(|| ApiError::no_such("discount", id, &format!("{}[discount]", asked.param)))?;
        return Ok((known.coupon.clone(), known.code.clone()));
    }
    let (found, code, param) = match (&asked.coupon, &asked.code) {
        (Some(id), _) => {
            let param = format!("{}[coupon]", asked.param);
            (coupon::usable(call, id, &param)?, None, param)
        }
        (None, code) => {
            let param = format!("{}[promotion_code]", asked.param);
            let code = coupon::usable_code(call, code.as_deref().unwrap_or_default(), customer, &param)?;
            (coupon::usable(call, &code.coupon, &param)?, Some(code.id.clone()), param)
        }
    };
    if let Off::Amount(_, of) = &found.off
        && of != currency
        && !currency.is_empty()
    {
        let text = format!("The coupon's currency `{of}` doesn't match the expected currency: `{currency}`.");
        return Err(ApiError::invalid(text).param(param));
    }
    Ok((found.id.clone(), code))
}

/// The coupons and codes behind all entries of a change.
pub(super) fn check_all(
    call: &Call,
    asked: &Option<Vec<Asked>>,
    subscription: &Subscription,
) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let all = asked.iter().flatten();
    all.map(|one| check(call, one, Some(&subscription.customer), &subscription.currency)).collect()
}

/// A promotion code may ask for a least sum of the licensed items when it is redeemed; what was redeemed before is not
/// asked again (Stripe: docs …/billing/subscriptions/coupons). Not confirmed of Stripe: that a change asks by what the items
/// come to afterwards.
pub(super) fn check_minimum(
    model: &Model,
    subscription: &Subscription,
    asked: &Option<Vec<Asked>>,
    coupons: &[(String, Option<String>)],
) -> Result<(), ApiError> {
    let price = |item: &Item| {
        let terms = Terms::of(model, &item.price).filter(|terms| terms.meter.is_none())?;
        Some(rating::total(&terms.tariff, super::lines::whole(item.quantity.unwrap_or(1))))
    };
    let total = subscription.items.iter().filter_map(price).fold(0_i64, i64::saturating_add);
    for (index, (asked, (_, code))) in asked.iter().flatten().zip(coupons).enumerate() {
        let code = code.as_ref().filter(|_| asked.discount.is_none());
        let code = code.and_then(|id| model.biller.money.codes.get(id));
        let Some((least, currency)) = code.and_then(|it| it.minimum.as_ref()) else { continue };
        if total < *least || *currency != subscription.currency {
            let text = "This promotion code needs a larger total.";
            return Err(ApiError::invalid(text).param(format!("discounts[{index}][promotion_code]")));
        }
    }
    Ok(())
}

/// Puts the discounts of a change on a subscription that is not stored yet, in place of those it had.
pub(super) fn put(
    call: &mut Call,
    subscription: &mut Subscription,
    asked: Option<Vec<Asked>>,
    found: Vec<(String, Option<String>)>,
) {
    let Some(asked) = asked else { return };
    let place = Place {
        customer: Some(subscription.customer.clone()),
        subscription: Some(subscription.id.clone()),
        ..Place::default()
    };
    let before = std::mem::take(&mut subscription.discounts);
    for (one, found) in asked.iter().zip(found) {
        let id = begin(call, one, found, &place);
        subscription.discounts.push(id);
    }
    for id in before.iter().filter(|id| !subscription.discounts.contains(id)) {
        end(call, id);
    }
}

/// Where a discount is put.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub invoice: Option<String>,
    pub session: Option<String>,
}

/// Puts a coupon to use and gives the discount's id. A discount that is there already stays itself.
pub(super) fn begin(
    call: &mut Call,
    asked: &Asked,
    found: (String, Option<String>),
    place: &Place,
) -> String {
    if let Some(id) = &asked.discount {
        return id.clone();
    }
    let (coupon, code) = found;
    let mut end = None;
    if let Some(mut used) = call.model.biller.money.coupons.get(&coupon).cloned() {
        let before = used.render(call.now);
        used.times_redeemed += 1;
        let after = used.render(call.now);
        if let Duration::Months(months) = used.duration {
            end = Some(calendar::boundary(call.now, Cadence { unit: Unit::Month, count: months }, 1));
        }
        call.model.biller.money.coupons.insert(used);
        call.emit_update("coupon.updated", &before, &after);
    }
    if let Some(mut used) = code.as_ref().and_then(|id| call.model.biller.money.codes.get(id).cloned()) {
        let before = used.render(call.now);
        used.times_redeemed += 1;
        let after = used.render(call.now);
        call.model.biller.money.codes.insert(used);
        call.emit_update("promotion_code.updated", &before, &after);
    }
    let discount = Discount {
        id: call.model.mint("di_1", 23),
        coupon,
        code,
        customer: place.customer.clone(),
        subscription: place.subscription.clone(),
        invoice: place.invoice.clone(),
        session: place.session.clone(),
        start: call.now,
        end,
    };
    let (id, shown) = (discount.id.clone(), discount.render());
    call.model.biller.money.discounts.insert(discount);
    if place.subscription.is_some() {
        call.emit("customer.discount.created", &shown);
    }
    id
}

/// The coupon of a discount that holds at an instant.
fn holding<'a>(model: &'a Model, id: &str, now: i64) -> Option<&'a Coupon> {
    let discount = model.biller.money.discounts.get(id)?;
    let holds = discount.start <= now && discount.end.is_none_or(|end| now < end);
    model.biller.money.coupons.get(&discount.coupon).filter(|_| holds)
}

/// Those of some discounts that hold at an instant.
pub(super) fn alive(model: &Model, ids: &[String], now: i64) -> Vec<String> {
    ids.iter().filter(|id| holding(model, id, now).is_some()).cloned().collect()
}

/// Those of some discounts that hold for one invoice only.
pub(super) fn single(model: &Model, id: &str) -> bool {
    let coupon = model.biller.money.discounts.get(id).map(|it| it.coupon.as_str());
    let coupon = coupon.and_then(|id| model.biller.money.coupons.get(id));
    coupon.is_some_and(|it| it.duration == Duration::Once)
}

/// Takes discounts that are over, or that were for one invoice and are used now, off a subscription.
pub(super) fn retire(call: &mut Call, subscription: &str, used: &[(String, i64)]) {
    let Some(mut found) = call.model.biller.subscriptions.get(subscription).cloned() else { return };
    let over = |id: &String| {
        let spent = used.iter().any(|it| it.0 == *id && it.1 > 0);
        holding(call.model, id, call.now).is_none() || spent && single(call.model, id)
    };
    let gone: Vec<String> = found.discounts.iter().filter(|it| over(it)).cloned().collect();
    if gone.is_empty() {
        return;
    }
    found.discounts.retain(|it| !gone.contains(it));
    save_subscription(call, found, None);
    for id in gone {
        end(call, &id);
    }
}

/// Announces that a discount is no longer on its subscription.
pub(super) fn end(call: &mut Call, id: &str) {
    if let Some(shown) = call.model.biller.money.discounts.get(id).map(Discount::render) {
        call.emit("customer.discount.deleted", &shown);
    }
}

/// What a coupon takes off amounts; `fits` says which of them it is for.
pub(super) fn share(off: &Off, amounts: &[i64], fits: &[bool], currency: &str) -> Vec<i64> {
    let open: Vec<i64> =
        amounts.iter().zip(fits).map(|(amount, fits)| if *fits { (*amount).max(0) } else { 0 }).collect();
    let sum: i128 = open.iter().map(|it| i128::from(*it)).sum();
    match off {
        Off::Percent(percent) => open
            .iter()
            .map(|amount| {
                let part = percent.times(HUNDREDTH).and_then(|it| Decimal::whole(*amount).times_rounded(it));
                part.and_then(|it| i64::try_from(it).ok()).unwrap_or(*amount).clamp(0, *amount)
            })
            .collect(),
        Off::Amount(_, of) if of != currency => vec![0; open.len()],
        Off::Amount(amount, _) => {
            let whole = i128::from(*amount).min(sum);
            let last = open.iter().rposition(|it| *it > 0);
            let mut left = whole;
            let mut parts = Vec::with_capacity(open.len());
            for (index, one) in open.iter().enumerate() {
                let part = if Some(index) == last { left } else { i128::from(*one) * whole / sum.max(1) };
                left -= part;
                parts.push(i64::try_from(part).unwrap_or(0));
            }
            parts
        }
    }
}

/// Takes discounts off lines. What was taken off before is forgotten.
pub(super) fn apply(model: &Model, lines: &mut [Line], ids: &[String], currency: &str) {
    let pairs: Vec<(String, String)> = ids
        .iter()
        .filter_map(|id| Some((id.clone(), model.biller.money.discounts.get(id)?.coupon.clone())))
        .collect();
    apply_coupons(model, lines, &pairs, currency);
}

/// As [`apply`], of pairs of a discount's name and its coupon.
pub(super) fn apply_coupons(model: &Model, lines: &mut [Line], pairs: &[(String, String)], currency: &str) {
    let mut rest: Vec<i64> = lines.iter().map(|it| it.amount).collect();
    for line in lines.iter_mut() {
        line.off.clear();
    }
    for (id, coupon) in pairs {
        let Some(coupon) = model.biller.money.coupons.get(coupon) else { continue };
        let fits: Vec<bool> = lines.iter().map(|it| it.discountable() && for_product(coupon, it)).collect();
        let parts = share(&coupon.off, &rest, &fits, currency);
        for (((line, part), rest), fits) in lines.iter_mut().zip(parts).zip(&mut rest).zip(fits) {
            if fits {
                *rest -= part;
                line.off.push((id.clone(), part));
            }
        }
    }
}

/// What lines come to with coupons that are not in use yet.
pub(super) fn total_after(
    model: &Model,
    mut lines: Vec<Line>,
    coupons: &[(String, Option<String>)],
    currency: &str,
) -> i64 {
    let pairs: Vec<(String, String)> = coupons.iter().map(|it| (it.0.clone(), it.0.clone())).collect();
    apply_coupons(model, &mut lines, &pairs, currency);
    let off: i64 = lines.iter().flat_map(|it| &it.off).map(|it| it.1).sum();
    lines.iter().map(|it| it.amount).sum::<i64>() - off
}

/// What the price of one item for a whole period comes to with its subscription's lasting discounts: prorations
/// are net of them (flexible billing mode with `proration_discounts=included`).
pub(super) fn net_price(
    model: &Model,
    subscription: &Subscription,
    item: &Item,
    gross: i64,
    now: i64,
) -> i64 {
    let mut products = Vec::new();
    let mut rest = Vec::new();
    let mut own = 0;
    let with = subscription.items.iter().filter(|it| it.id != item.id);
    for one in std::iter::once(item).chain(with) {
        let Some(terms) = Terms::of(model, &one.price).filter(|it| it.meter.is_none()) else { continue };
        if one.id == item.id {
            own = rest.len();
            rest.push(gross);
        } else {
            rest.push(rating::total(&terms.tariff, super::lines::whole(one.quantity.unwrap_or(1))));
        }
        products.push(terms.product);
    }
    for id in subscription.discounts.iter().filter(|id| !single(model, id)) {
        let Some(coupon) = holding(model, id, now) else { continue };
        let fits: Vec<bool> =
            products.iter().map(|it| coupon.products.is_empty() || coupon.products.contains(it)).collect();
        let parts = share(&coupon.off, &rest, &fits, &subscription.currency);
        for (rest, part) in rest.iter_mut().zip(parts) {
            *rest -= part;
        }
    }
    rest.get(own).copied().unwrap_or(gross)
}

fn for_product(coupon: &Coupon, line: &Line) -> bool {
    coupon.products.is_empty() || line.product.as_ref().is_some_and(|it| coupon.products.contains(it))
}

/// `discount_amounts` of a line, or the sums of an invoice.
pub fn amounts(off: &[(String, i64)]) -> Value {
    let list: Vec<Value> =
        off.iter().map(|(id, amount)| json!({ "amount": amount, "discount": id })).collect();
    json!(list)
}

/// The sums over all lines, by discount, in the order of first appearance.
pub fn sums(lines: &[Line]) -> Vec<(String, i64)> {
    let mut sums: Vec<(String, i64)> = Vec::new();
    for (id, amount) in lines.iter().flat_map(|it| &it.off) {
        match sums.iter_mut().find(|it| it.0 == *id) {
            Some(sum) => sum.1 = sum.1.saturating_add(*amount),
            None => sums.push((id.clone(), *amount)),
        }
    }
    sums
}

/// The same as `pretax_credit_amounts`.
pub fn credits(off: &[(String, i64)]) -> Value {
    let list: Vec<Value> = off
        .iter()
        .map(|(id, amount)| json!({ "amount": amount, "discount": id, "type": "discount" }))
        .collect();
    json!(list)
}
