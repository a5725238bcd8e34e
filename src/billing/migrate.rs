//! Moving subscribers of a tier to other terms of it: what a period costs them before and after, and who is left alone.

use super::catalog::{Interval, Terms, UsageTerms};
use super::id::MeterKey;
use super::money::Currency;
use super::price::usage_amount;

/// Months in a year, for amounts per month.
const MONTHS: i64 = 12;

/// A period by one set of terms. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bill {
    /// What Stripe charges in advance, by its preview, before discounts.
    pub recurring: i64,
    /// What the usage of the last closed month costs, by our prices.
    pub usage: i64,
    /// What discounts take off, by Stripe's preview.
    pub discount: i64,
}

impl Bill {
    /// What the period comes to.
    pub fn total(&self) -> i64 {
        self.recurring.saturating_add(self.usage).saturating_sub(self.discount)
    }
}

/// Why a subscriber is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Left {
    /// Another change of it waits for its day.
    #[error("another change waits: {0}")]
    Pending(String),
    /// An invoice was not paid.
    #[error("it is {0}: an invoice was not paid")]
    Owes(String),
    /// What Stripe charges is not what the terms say.
    #[error("Stripe charges {stripe} by the {side} terms, not {ours}: {}", hint(*.is_old))]
    Mismatch {
        /// `old` or `new`.
        side: &'static str,
        /// Whether it is the terms of today that differ.
        is_old: bool,
        /// What Stripe's preview says, for people.
        stripe: String,
        /// What our terms say, for people.
        ours: String,
    },
    /// A rule or Stripe refuses it.
    #[error("{0}")]
    Refused(String),
}

fn hint(is_old: bool) -> &'static str {
    if is_old { "see `paygrade reconcile tiers`" } else { "see `paygrade seed -n`" }
}

/// What usage of a month costs by terms; usage that they do not bill costs nothing. `None` beyond 64 bits.
pub fn usage_bill(terms: &Terms, used: &[(MeterKey, i64)], currency: Currency) -> Option<i64> {
    let mut sum = 0_i64;
    for (meter, units) in used {
        let billed = matches!(terms.usage.get(meter), Some(UsageTerms::Counted { .. }));
        let Some(units) = u64::try_from(*units).ok().filter(|_| billed) else { continue };
        if let Some(amount) = usage_amount(terms, meter, units, currency) {
            sum = sum.checked_add(amount.minor)?;
        }
    }
    Some(sum)
}

/// What changes a month: of what is charged by the year one twelfth, halves away from zero; usage is billed by the month.
pub fn monthly_change(interval: Option<Interval>, old: &Bill, new: &Bill) -> i64 {
    let of = |bill: &Bill| bill.recurring.saturating_sub(bill.discount);
    let recurring = of(new).saturating_sub(of(old));
    let recurring = match interval {
        Some(Interval::Year) => {
            let doubled = recurring.saturating_abs().saturating_mul(2).saturating_add(MONTHS);
            doubled.div_euclid(MONTHS * 2) * recurring.signum()
        }
        _ => recurring,
    };
    recurring.saturating_add(new.usage.saturating_sub(old.usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(recurring: i64, usage: i64, discount: i64) -> Bill {
        Bill { recurring, usage, discount }
    }

    #[test]
    fn what_changes_a_month() {
        let (month, year) = (Some(Interval::Month), Some(Interval::Year));
        for (interval, old, new, want) in [
            (month, bill(2_900, 0, 0), bill(3_500, 0, 0), 600),
            (month, bill(2_900, 150, 0), bill(2_900, 90, 0), -60),
            (month, bill(2_900, 0, 290), bill(3_500, 0, 350), 540),
            (None, bill(0, 500, 0), bill(0, 800, 0), 300),
            // A year: 6,000 more is 500 a month; 600 less is 50 less; 6 more is half a cent, away from zero.
            (year, bill(29_000, 0, 0), bill(35_000, 0, 0), 500),
            (year, bill(29_000, 10, 0), bill(28_400, 20, 0), -40),
            (year, bill(0, 0, 0), bill(6, 0, 0), 1),
            (year, bill(6, 0, 0), bill(0, 0, 0), -1),
            (year, bill(0, 0, 0), bill(5, 0, 0), 0),
        ] {
            assert_eq!(monthly_change(interval, &old, &new), want, "{interval:?} {old:?} {new:?}");
        }
        assert_eq!(bill(2_900, 150, 290).total(), 2_760);
    }

    #[test]
    fn usage_costs_what_the_terms_bill() {
        let terms = Terms::from_json(
            r#"{"currency":"usd","usage":{"calls":{"beyond":"bill","included":100,"price":"0.10"},
               "tokens":{"unlimited":true},"runs":{"beyond":"block","included":5}}}"#,
        );
        let terms = terms.unwrap().0;
        let usd = Currency::parse("usd").unwrap();
        for (used, want) in [
            (&[][..], 0),
            (&[("calls", 100)], 0),
            (&[("calls", 150)], 500),
            (&[("calls", 150), ("tokens", 9_999), ("runs", 9), ("other", 4)], 500),
            (&[("calls", -3)], 0),
        ] {
            let used: Vec<(MeterKey, i64)> =
                used.iter().map(|(key, units)| (MeterKey::parse(key).unwrap(), *units)).collect();
            assert_eq!(usage_bill(&terms, &used, usd), Some(want), "{used:?}");
        }
    }
}
