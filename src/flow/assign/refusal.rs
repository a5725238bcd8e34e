//! Why a change of tier is refused: exit codes, and what to do instead.

use super::Seats;
use crate::billing::assign::{Asked, Refused, Undecided};
use crate::billing::catalog::{Catalog, Interval};
use crate::billing::id::CustomerId;
use crate::billing::terms::TermsTooLong;
use crate::error::{Error, Kind};
use crate::store::customer::Customer;
use crate::stripe::SubscriptionFound;

pub(in crate::flow) fn too_long(error: TermsTooLong) -> Error {
    Error::new(Kind::Refused, "terms_too_long", error.to_string())
        .hint("`paygrade catalog check` names the tier")
}

/// A payment method for a tier that costs nothing.
pub(super) fn not_paid(customer: &CustomerId, asked: &Asked, catalog: &Catalog) -> Error {
    let refused = Refused::NotPaid { tier: asked.tier.clone(), option: "--payment-method" };
    refusal(&refused, customer, asked, catalog)
}

/// What was asked for has no meaning for what there is.
pub(super) fn undecided(why: &Undecided, customer: &CustomerId) -> Error {
    let text = why.to_string();
    match why {
        Undecided::NotSeeded { .. } => {
            Error::new(Kind::Config, "not_seeded", text).hint("put it at Stripe first: paygrade seed")
        }
        Undecided::Past { .. } => Error::new(Kind::BadInput, "not_in_the_future", text)
            .hint("give a day to come, `--at now` or `--at period-end`"),
        Undecided::NoPeriod => Error::new(Kind::Refused, "no_period", text).hint("leave --at away"),
        Undecided::CouponNow => Error::new(Kind::Refused, "coupon_now", text)
            .hint("leave --coupon away, or add --at now; both can be had one after the other"),
        Undecided::InvoiceNow => Error::new(Kind::Refused, "invoice_now", text)
            .hint("leave --send-invoice away, or add --at now; both can be had one after the other"),
        Undecided::NoSubscription => Error::new(Kind::Refused, "no_subscription", text)
            .hint(format!("see what it is on: paygrade customer show {customer}")),
    }
}

/// There is nothing to keep the terms of.
pub(super) fn not_on_a_tier(customer: &CustomerId) -> Error {
    Error::new(Kind::Refused, "no_tier", format!("{customer} is on no tier"))
        .hint(format!("put it on one: paygrade tier assign {customer} TIER"))
}

/// Fewer seats than none, or more than can be counted.
pub(super) fn seats_beyond(customer: &CustomerId, own: u32, asked: Seats) -> Error {
    Error::new(Kind::Refused, "seats", format!("{customer} has {own} seats: {asked} is out of range"))
        .hint(format!("give their number: paygrade tier seats {customer} N"))
}

/// A schedule that is not ours: releasing it would drop somebody's plan.
pub(super) fn foreign_schedule(customer: &Customer, schedule: &str) -> Error {
    let id = &customer.id;
    let what = format!("the subscription of {id} is managed by {schedule}, which paygrade did not make");
    Error::new(Kind::Refused, "foreign_schedule", what)
        .hint(format!("see it in the Dashboard; `paygrade tier resume {id}` releases it"))
}

pub(super) fn first_payment_open(customer: &Customer, found: &SubscriptionFound) -> Error {
    let invoice = found.latest_invoice.as_deref().unwrap_or("its invoice");
    let what =
        format!("the first payment of {} ({}) has not been made: it is incomplete", customer.id, found.id);
    Error::new(Kind::Stripe, "first_payment_open", what).hint(format!(
        "have {invoice} paid, or cancel {} in the Dashboard; within 23 hours Stripe ends it by itself",
        found.id
    ))
}

/// A refusal with its exit code and what to do instead.
pub(super) fn refusal(refused: &Refused, customer: &CustomerId, asked: &Asked, catalog: &Catalog) -> Error {
    let tier = &asked.tier;
    let text = refused.to_string();
    let no = |code: &'static str| Error::new(Kind::Refused, code, text.clone());
    match refused {
        Refused::UnknownTier { near, .. } => {
            let keys: Vec<String> = catalog.tiers_by_rank().iter().map(|(key, _)| key.to_string()).collect();
            let hint = near.as_ref().map_or_else(
                || format!("there are: {}", keys.join(", ")),
                |near| format!("did you mean `{near}`? There are: {}", keys.join(", ")),
            );
            Error::new(Kind::BadInput, "unknown_tier", text).hint(hint)
        }
        Refused::Retired { .. } => no("tier_retired").hint("`paygrade tier list` shows the others"),
        Refused::Custom { .. } => no("tier_custom").hint(format!(
            "paygrade tier assign {customer} {tier} --deal FILE, or --amount 99.00 --interval month"
        )),
        Refused::NotCustom { .. } => {
            no("not_custom").hint("leave the deal away, or have the tier `custom = true` in the catalog")
        }
        Refused::Interval { offered, .. } => {
            let offered: Vec<&str> = offered.iter().copied().map(Interval::as_str).collect();
            no("interval_not_offered").hint(match offered[..] {
                [] => "it has no recurring price: leave --interval away".to_owned(),
                _ => format!("paygrade tier assign {customer} {tier} --interval {}", offered.join("|")),
            })
        }
        Refused::NoSeats { .. } => no("no_seats").hint("leave --seats away: it is not sold by the seat"),
        Refused::Seats { seats, min, max, .. } => {
            let nearest = max.filter(|max| seats > max).unwrap_or(*min);
            no("seats").hint(format!("paygrade tier assign {customer} {tier} --seats {nearest}"))
        }
        Refused::Currency { .. } => {
            no("currency").hint("a Stripe customer is charged in one currency: add another customer")
        }
        Refused::SecondTrial => no("second_trial").hint("leave --trial away"),
        Refused::TrialTooLate => no("trial_too_late").hint("leave --trial away"),
        Refused::NotPaid { option, .. } => no("not_paid").hint(format!("leave {option} away")),
    }
}
