//! `--coupon`: what it means at Stripe, and whether this customer may have it. Only looks; Stripe judges the rest.

use super::Desk;
use super::names::shown;
use crate::billing::money::Currency;
use crate::error::{Error, Kind};
use crate::store::customer::Customer;
use crate::stripe::Redeem;

/// What a coupon's id, or a promotion code by its id or its code, redeems. `held` was redeemed for the subscription
/// already: it may be used up by that, and is not redeemed again.
///
/// # Errors
/// 3 where there is no such thing; 5 where it is over, another customer's, or in another currency.
pub async fn redeemable(
    desk: &Desk<'_>,
    customer: &Customer,
    text: &str,
    currency: Currency,
    held: Option<&str>,
) -> Result<Redeem, Error> {
    let cus = customer.cus.as_deref().unwrap_or_default();
    let code = shown(text);
    let Some(found) = desk.api.discount_find(text, cus).await? else {
        let text = format!("there is no coupon or promotion code `{code}` at Stripe");
        return Err(Error::new(Kind::BadInput, "unknown_coupon", text)
            .hint("coupons are made in the Dashboard: give an id, or a code as people type it"));
    };
    if held == Some(found.redeem.id()) {
        return Ok(found.redeem);
    }
    let no =
        |what: String| Err(Error::new(Kind::Refused, "coupon_refused", what).hint("leave --coupon away"));
    if !found.is_valid {
        return no(format!("`{code}` can not be redeemed any more"));
    }
    if found.customer.as_deref().is_some_and(|of| of != cus) {
        return no(format!("`{code}` is for another customer"));
    }
    match found.currency {
        Some(of) if of != currency.code() => {
            no(format!("`{code}` takes off {of}, and tiers are sold in {}", currency.code()))
        }
        _ => Ok(found.redeem),
    }
}
