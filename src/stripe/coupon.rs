//! Coupons and promotion codes: found by what people call them, put into `discounts[]`.

use stripe_billing::subscription::DiscountsDataParam;
use stripe_client_core::StripeRequest;
use stripe_product::coupon::RetrieveCoupon;
use stripe_product::promotion_code::{ListPromotionCode, RetrievePromotionCode};

use super::Api;
use super::answer::Failure;
use super::call::PAGE_SIZE;

/// What ids of promotion codes begin with.
const PROMOTION_CODE: &str = "promo_";

/// What goes into `discounts[]` (Stripe: API reference, subscriptions, `discounts`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeem {
    /// A coupon.
    Coupon(String),
    /// A promotion code, `promo_…`: its coupon, with the code's own conditions.
    PromotionCode(String),
}

impl Redeem {
    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Redeem::Coupon(id) | Redeem::PromotionCode(id) => id,
        }
    }
    /// From an id that was stored.
    pub fn of_id(id: &str) -> Redeem {
        match id.starts_with(PROMOTION_CODE) {
            true => Redeem::PromotionCode(id.to_owned()),
            false => Redeem::Coupon(id.to_owned()),
        }
    }
    pub(super) fn param(&self) -> DiscountsDataParam {
        let mut made = DiscountsDataParam::new();
        match self {
            Redeem::Coupon(id) => made.coupon = Some(id.clone()),
            Redeem::PromotionCode(id) => made.promotion_code = Some(id.clone()),
        }
        made
    }
}

/// A coupon or promotion code as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscountFound {
    /// What is redeemed.
    pub redeem: Redeem,
    /// Whether it can be redeemed still.
    pub is_valid: bool,
    /// The one customer that may.
    pub customer: Option<String>,
    /// Currency of a fixed amount, lower case.
    pub currency: Option<String>,
}

fn code_found(it: stripe_shared::PromotionCode) -> DiscountFound {
    DiscountFound {
        redeem: Redeem::PromotionCode(it.id.to_string()),
        is_valid: it.active,
        customer: it.customer.map(|it| it.into_id().to_string()),
        currency: None,
    }
}

impl Api {
    /// Finds a coupon by its id, or a promotion code by its id or by the code that people type. Of several with one
    /// code it is the one that this customer may redeem.
    pub async fn discount_find(&self, text: &str, cus: &str) -> Result<Option<DiscountFound>, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_id = !text.is_empty() && text != "." && text != ".." && text.chars().all(plain);
        if is_id && text.starts_with(PROMOTION_CODE) {
            return match self.read(&RetrievePromotionCode::new(text)).await {
                Ok(found) => Ok(Some(code_found(found.value))),
                Err(failure) if failure.is_missing() => Ok(None),
                Err(failure) => Err(failure),
            };
        }
        if is_id {
            match self.read(&RetrieveCoupon::new(text)).await {
                Ok(found) => {
                    let it = found.value;
                    return Ok(Some(DiscountFound {
                        redeem: Redeem::Coupon(it.id.to_string()),
                        is_valid: it.valid,
                        customer: None,
                        currency: it.amount_off.and(it.currency).map(|it| it.to_string()),
                    }));
                }
                Err(failure) if failure.is_missing() => {}
                Err(failure) => return Err(failure),
            }
        }
        let request = ListPromotionCode::new().code(text).limit(PAGE_SIZE);
        let listed = self.list::<stripe_shared::PromotionCode>(request.build()).await?.value;
        let mut found: Vec<DiscountFound> = listed.into_iter().map(code_found).collect();
        found.sort_by_key(|it| {
            let ours = it.customer.as_deref().is_none_or(|it| it == cus);
            (!(it.is_valid && ours), it.customer.is_none())
        });
        Ok(found.into_iter().next())
    }
}
