//! How much may differ before it matters: for the exit code, and before somebody is woken.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::billing::money::Money;

/// How much difference a customer x meter x period may have; for missing and extra alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tolerance {
    /// Percent of the accepted sum.
    pub percent: Decimal,
    /// Units.
    pub floor: i64,
    /// Money, in major units: what costs no more than this passes too.
    pub amount: Decimal,
}

impl Tolerance {
    /// Whether a difference is let through: it is within the larger of percent and floor, or it costs no more than the
    /// amount. A difference of nothing always passes.
    pub fn passes(&self, difference: i64, accepted: i64, cost: Option<Money>) -> bool {
        let accepted = Decimal::from(accepted).abs();
        let part = self.percent.checked_mul(accepted).map(|it| it / Decimal::from(100));
        let most = part.unwrap_or(Decimal::MAX).max(Decimal::from(self.floor));
        let cheap = cost.is_some_and(|money| {
            let major = Decimal::new(money.minor, money.currency.exponent()).abs();
            !self.amount.is_zero() && major <= self.amount
        });
        Decimal::from(difference).abs() <= most || cheap
    }
}

/// Tolerances of all meters, and of single ones instead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tolerances {
    /// Of every meter that has none of its own; `None`: nothing is let through.
    pub all: Option<Tolerance>,
    /// By key of the meter.
    pub meters: BTreeMap<String, Tolerance>,
}

impl Tolerances {
    /// The same for every meter.
    pub fn all(tolerance: Tolerance) -> Tolerances {
        Tolerances { all: Some(tolerance), meters: BTreeMap::new() }
    }
    /// Whether a difference of a meter is let through.
    pub fn passes(&self, meter: &str, difference: i64, accepted: i64, cost: Option<Money>) -> bool {
        let of_meter = self.meters.get(meter).or(self.all.as_ref());
        of_meter.is_some_and(|tolerance| tolerance.passes(difference, accepted, cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::money::Currency;

    #[test]
    fn a_tolerance_is_the_larger_of_percent_and_floor_or_an_amount() {
        for (percent, floor, amount, difference, accepted, cost, want) in [
            ("5", 0, "0", -5, 100, 0, true),
            ("5", 0, "0", -6, 100, 0, false),
            ("5", 10, "0", 10, 100, 0, true),
            ("0", 0, "0", 0, 100, 0, true),
            ("0", 0, "0", 1, 100, 0, false),
            ("0.1", 0, "0", 1, 1000, 1, true),
            ("100", 0, "0", 1, 0, 0, false),
            ("100", 0, "0", i64::MIN, i64::MAX, 1, false),
            // USD 1.00 or less, whatever the units.
            ("0", 0, "1", 50, 100, -100, true),
            ("0", 0, "1", 50, 100, 101, false),
            ("0", 0, "0", 50, 100, 0, false),
        ] {
            let tolerance =
                Tolerance { percent: percent.parse().unwrap(), floor, amount: amount.parse().unwrap() };
            let cost = Money { minor: cost, currency: Currency::parse("usd").unwrap() };
            assert_eq!(
                tolerance.passes(difference, accepted, Some(cost)),
                want,
                "{percent} {floor} {amount}: {difference} of {accepted}, {cost:?}"
            );
        }
    }

    #[test]
    fn a_meter_has_its_own_tolerance_or_that_of_all() {
        let of = |floor| Tolerance { floor, ..Tolerance::default() };
        let mut tolerances = Tolerances::all(of(5));
        tolerances.meters.insert("tokens".to_owned(), of(1));
        let passes = |meter, difference| tolerances.passes(meter, difference, 100, None);
        assert!(passes("images", 5) && !passes("images", 6) && passes("tokens", 1) && !passes("tokens", 2));
        assert!(!Tolerances::default().passes("tokens", 0, 0, None), "nothing said: nothing is let through");
    }
}
