//! Quotas: may a customer do this now, and what does usage beyond the allowance cost in credits?
//!
//! `allow` and `usage record --enforce` share [`decide`]. Usage that happened is recorded whatever it says.

use super::catalog::{Beyond, Limit, Terms, UsageTerms};
use super::id::{LimitKey, MeterKey};
use super::money::Credits;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// So many units of a meter.
    Meter {
        /// The meter.
        meter: MeterKey,
        /// Units.
        quantity: i64,
    },
    /// A feature; whether the tier has it.
    Feature {
        /// Whether it has.
        has: bool,
    },
    /// So many of what a limit counts, in all.
    Limit {
        /// The limit.
        limit: LimitKey,
        /// How many there would be.
        value: u64,
        /// What holds for this customer instead of what its tier says.
        instead: Option<Limit>,
    },
    /// So many credits: a plain sum, or the price of an action.
    Credits(Credits),
}

/// What is known of the customer at this moment.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The pinned terms; `None` on no tier.
    pub terms: Option<&'a Terms>,
    /// Status of the subscription behind them, in Stripe's word; `None` without one.
    pub status: Option<&'a str>,
    /// Whether usage of the meter asked for has where to go: billed, or one of the tier's own ways.
    pub has_item: bool,
    /// Units of the meter that count against the allowance of this period.
    pub used: i64,
    /// Credits that usage of the meter has cost in this period so far.
    pub posted: i64,
    /// Credits that can be spent now.
    pub available: Credits,
}

/// The answer, with one word for why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why, in one word.
    pub reason: &'static str,
    /// How much is left of what decides, where that is a number: units, or credits.
    pub left: Option<i64>,
}

impl Answer {
    fn yes(reason: &'static str, left: Option<i64>) -> Answer {
        Answer { allowed: true, reason, left }
    }
    fn no(reason: &'static str, left: Option<i64>) -> Answer {
        Answer { allowed: false, reason, left }
    }
}

/// Statuses of a subscription that refuse everything (Stripe: docs, billing/subscriptions/overview): it has ended, or
/// its invoices are not tried any more, or its trial ended without a way to pay.
const STATUSES_THAT_REFUSE: [&str; 3] = ["canceled", "unpaid", "paused"];

/// Whether the customer may. A `spend_cap` never refuses: it alerts.
pub fn decide(ask: &Ask, of: &Standing<'_>) -> Answer {
    let refusing = of.status.and_then(|status| STATUSES_THAT_REFUSE.into_iter().find(|it| *it == status));
    if let Some(status) = refusing {
        return Answer::no(status, None);
    }
    if let Ask::Credits(asked) = ask {
        let left = Some(of.available.0);
        let enough = asked.0 <= of.available.0;
        return if enough { Answer::yes("credits", left) } else { Answer::no("credits", left) };
    }
    let Some(terms) = of.terms else { return Answer::no("no_tier", None) };
    match ask {
        Ask::Meter { meter, quantity } => decide_meter(terms.usage.get(meter), *quantity, of),
        Ask::Feature { has: true } => Answer::yes("feature", None),
        Ask::Feature { has: false } => Answer::no("no_feature", None),
        Ask::Limit { value, instead: Some(limit), .. } => decide_limit(*limit, *value, "override"),
        Ask::Limit { limit, value, instead: None } => match terms.limits.get(limit) {
            Some(limit) => decide_limit(*limit, *value, "limit"),
            None => Answer::no("no_limit", None),
        },
        Ask::Credits(_) => Answer::no("credits", None),
    }
}

fn decide_limit(limit: Limit, value: u64, reason: &'static str) -> Answer {
    match limit {
        Limit::Unlimited => Answer::yes("unlimited", None),
        Limit::AtMost(most) => {
            let left = i64::try_from(most.saturating_sub(value)).ok();
            if value <= most { Answer::yes(reason, left) } else { Answer::no(reason, Some(0)) }
        }
    }
}

fn decide_meter(usage: Option<&UsageTerms>, quantity: i64, of: &Standing<'_>) -> Answer {
    let (included, beyond) = match usage {
        None => return Answer::no("no_item", None),
        Some(UsageTerms::Unlimited) => return Answer::yes("unlimited", None),
        Some(UsageTerms::Counted { included, beyond, .. }) => (included_units(*included), beyond),
    };
    let left = included.saturating_sub(of.used).max(0);
    match beyond {
        Beyond::Bill(_) if !of.has_item => Answer::no("no_item", None),
        Beyond::Bill(_) if quantity <= left => Answer::yes("included", Some(left)),
        Beyond::Bill(_) => Answer::yes("billed", Some(left)),
        _ if quantity <= left => Answer::yes("included", Some(left)),
        Beyond::Block => Answer::no("block", Some(left)),
        Beyond::Credits { units, credits } => {
            let left = Some(of.available.0);
            let due = of
                .used
                .checked_add(quantity)
                .and_then(|used| credits_due(used.saturating_sub(included).max(0), *units, *credits));
            match due {
                Some(due) if due.saturating_sub(of.posted) <= of.available.0 => Answer::yes("credits", left),
                _ => Answer::no("credits", left),
            }
        }
    }
}

fn included_units(included: u64) -> i64 {
    i64::try_from(included).unwrap_or(i64::MAX)
}

/// Units beyond the included ones.
pub fn units_beyond(included: u64, used: i64) -> i64 {
    used.saturating_sub(included_units(included)).max(0)
}

/// Credits that are given back once usage was voided: what was taken beyond what is due now, and no more than was not
/// given back in another way.
pub fn credits_back(due: i64, taken: i64, returnable: i64) -> i64 {
    taken.saturating_sub(due.max(0)).min(returnable).max(0)
}

/// Credits that so many units beyond the included ones cost: whole packages. `None` beyond 64 bits.
pub fn credits_due(beyond: i64, units: u64, credits: Credits) -> Option<i64> {
    let packages = u64::try_from(beyond.max(0)).ok()?.div_ceil(units.max(1));
    i64::try_from(packages).ok()?.checked_mul(credits.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::catalog::UsagePrice;
    use crate::billing::money::{Currency, Money, UnitPrice};

    fn meter() -> MeterKey {
        MeterKey::parse("tokens").unwrap()
    }
    fn terms(beyond: &str) -> Terms {
        let beyond = match beyond {
            "none" => return Terms::default(),
            "unlimited" => {
                return Terms { usage: [(meter(), UsageTerms::Unlimited)].into(), ..Terms::default() };
            }
            "block" => Beyond::Block,
            "credits" => Beyond::Credits { units: 10, credits: Credits(3) },
            _ => Beyond::Bill(UsagePrice::PerUnit(UnitPrice::ZERO)),
        };
        let spend_cap = Some(Money { minor: 1, currency: Currency::parse("usd").unwrap() });
        let usage = [(meter(), UsageTerms::Counted { included: 100, beyond, spend_cap })].into();
        let limits = [("members", Limit::AtMost(3)), ("days", Limit::Unlimited)];
        let limits = limits.map(|(key, limit)| (LimitKey::parse(key).unwrap(), limit)).into();
        Terms { usage, limits, ..Terms::default() }
    }

    #[test]
    fn usage_of_a_meter() {
        for (beyond, status, used, quantity, posted, available, want) in [
            ("bill", "active", 0, 100, 0, 0, "yes included"),
            ("bill", "active", 0, 101, 0, 0, "yes billed"),
            ("bill", "past_due", 900, 1, 0, 0, "yes billed"),
            ("bill", "trialing", 900, 1, 0, 0, "yes billed"),
            ("bill", "canceled", 0, 1, 0, 0, "no canceled"),
            ("bill", "unpaid", 0, 1, 0, 0, "no unpaid"),
            ("block", "paused", 0, 1, 0, 0, "no paused"),
            ("block", "active", 99, 1, 0, 0, "yes included"),
            ("block", "active", 99, 2, 0, 0, "no block"),
            ("block", "active", 100, 1, 0, 999, "no block"),
            ("block", "active", 0, i64::MAX, 0, 0, "no block"),
            ("unlimited", "active", i64::MAX, i64::MAX, 0, 0, "yes unlimited"),
            ("none", "active", 0, 1, 0, 0, "no no_item"),
            ("credits", "active", 90, 10, 0, 0, "yes included"),
            ("credits", "active", 90, 11, 0, 2, "no credits"),
            ("credits", "active", 90, 11, 0, 3, "yes credits"),
            ("credits", "active", 101, 9, 3, 0, "yes credits"),
            ("credits", "active", 101, 10, 3, 2, "no credits"),
            ("credits", "active", 101, 9, 0, 2, "no credits"),
            ("credits", "active", 1, i64::MAX, 0, i64::MAX, "no credits"),
        ] {
            let terms = terms(beyond);
            let of = Standing {
                terms: Some(&terms),
                status: Some(status),
                has_item: true,
                used,
                posted,
                available: Credits(available),
            };
            let got = decide(&Ask::Meter { meter: meter(), quantity }, &of);
            let got = format!("{} {}", if got.allowed { "yes" } else { "no" }, got.reason);
            assert_eq!(
                got, want,
                "{beyond} {status} used {used} asked {quantity} posted {posted} has {available}"
            );
        }
    }

    #[test]
    fn everything_else() {
        let terms = terms("bill");
        let limit = |key: &str, value| Ask::Limit {
            limit: LimitKey::parse(key).unwrap(),
            value,
            instead: match key {
                "raised" => Some(Limit::AtMost(10)),
                "opened" => Some(Limit::Unlimited),
                _ => None,
            },
        };
        for (ask, tier, item, want) in [
            (limit("members", 3), true, true, "yes limit"),
            (limit("members", 4), true, true, "no limit"),
            (limit("days", u64::MAX), true, true, "yes unlimited"),
            (limit("seats", 1), true, true, "no no_limit"),
            (limit("members", 1), false, true, "no no_tier"),
            (limit("raised", 10), true, true, "yes override"),
            (limit("raised", 11), true, true, "no override"),
            (limit("opened", u64::MAX), true, true, "yes unlimited"),
            (limit("raised", 1), false, true, "no no_tier"),
            (Ask::Feature { has: true }, true, true, "yes feature"),
            (Ask::Feature { has: false }, true, true, "no no_feature"),
            (Ask::Feature { has: true }, false, true, "no no_tier"),
            (Ask::Credits(Credits(5)), false, true, "yes credits"),
            (Ask::Credits(Credits(6)), true, true, "no credits"),
            (Ask::Meter { meter: meter(), quantity: 1 }, true, false, "no no_item"),
            (Ask::Meter { meter: meter(), quantity: 1 }, false, false, "no no_tier"),
        ] {
            let of = Standing {
                terms: tier.then_some(&terms),
                status: None,
                has_item: item,
                used: 0,
                posted: 0,
                available: Credits(5),
            };
            let got = decide(&ask, &of);
            let got = format!("{} {}", if got.allowed { "yes" } else { "no" }, got.reason);
            assert_eq!(got, want, "{ask:?} tier {tier} item {item}");
        }
    }

    #[test]
    fn whole_packages_are_due() {
        for (beyond, units, credits, want) in [
            (0, 1000, 1, Some(0)),
            (-5, 1000, 1, Some(0)),
            (1, 1000, 1, Some(1)),
            (1000, 1000, 1, Some(1)),
            (1001, 1000, 2, Some(4)),
            (7, 1, 3, Some(21)),
            (7, 0, 3, Some(21)),
            (i64::MAX, 1, 2, None),
        ] {
            assert_eq!(credits_due(beyond, units, Credits(credits)), want, "{beyond} {units} {credits}");
        }
    }

    #[test]
    fn voided_usage_gives_back_what_was_taken_too_much() {
        for (due, taken, returnable, want) in [
            (3, 5, 5, 2),
            (0, 5, 5, 5),
            (5, 5, 5, 0),
            // Of 10 due only 6 could be taken: what is due still uses them up.
            (8, 6, 6, 0),
            // A person gave 4 of them back before.
            (0, 5, 1, 1),
            (-3, 5, 5, 5),
        ] {
            assert_eq!(credits_back(due, taken, returnable), want, "{due} due, {taken} taken");
        }
    }
}
