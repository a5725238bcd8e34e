//! What usage has cost by the terms that it was sold under, beside what it would cost by others.

use super::catalog::{Beyond, Terms, UsageTerms};
use super::id::MeterKey;
use super::money::{Currency, Money};
use super::price::usage_amount;

/// The same usage under two sets of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repriced {
    /// By the terms that held.
    pub old: Option<Money>,
    /// By the others.
    pub new: Option<Money>,
    /// Why there is no new amount, or that more than money changes.
    pub note: Option<&'static str>,
}

impl Repriced {
    /// What would be paid more (or less, below zero).
    pub fn change(&self) -> Option<Money> {
        let (old, new) = self.old.zip(self.new)?;
        let minor = (old.currency == new.currency).then(|| new.minor.checked_sub(old.minor)).flatten()?;
        Some(Money { minor, currency: new.currency })
    }
}

/// Prices `units` of a meter in one period by both. `new` is `None` where the other catalog does not have the tier.
pub fn reprice(
    old: (&Terms, Currency),
    new: Option<(&Terms, Currency)>,
    meter: &MeterKey,
    units: u64,
) -> Repriced {
    let before = usage_amount(old.0, meter, units, old.1);
    let Some((terms, currency)) = new else {
        return Repriced { old: before, new: None, note: Some("the other catalog does not have the tier") };
    };
    let (after, note) = match terms.usage.get(meter) {
        None => (None, Some("the tier would not have the meter")),
        Some(UsageTerms::Counted { included, beyond: Beyond::Block, .. }) if units > *included => {
            (Some(Money { minor: 0, currency }), Some("some of it would have been refused"))
        }
        Some(UsageTerms::Counted { included, beyond: Beyond::Credits { .. }, .. }) if units > *included => {
            (Some(Money { minor: 0, currency }), Some("some of it would have cost credits"))
        }
        Some(_) => (usage_amount(terms, meter, units, currency), None),
    };
    let note = note.or((currency != old.1).then_some("the other catalog is in another currency"));
    Repriced { old: before, new: after, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::catalog::UsagePrice;
    use crate::billing::money::{Credits, UnitPrice};

    fn usd() -> Currency {
        Currency::parse("usd").unwrap()
    }
    fn calls() -> MeterKey {
        MeterKey::parse("calls").unwrap()
    }
    fn terms(usage: Option<UsageTerms>) -> Terms {
        Terms { usage: usage.map(|usage| (calls(), usage)).into_iter().collect(), ..Terms::default() }
    }
    fn bill(included: u64, price: &str) -> Option<UsageTerms> {
        let price = UnitPrice::parse_major(price, usd()).unwrap();
        counted(included, Beyond::Bill(UsagePrice::PerUnit(price)))
    }
    fn counted(included: u64, beyond: Beyond) -> Option<UsageTerms> {
        Some(UsageTerms::Counted { included, beyond, spend_cap: None })
    }

    /// 150 units, 100 of them included at 2 cents: 1.00 by the old terms.
    #[test]
    fn the_same_usage_under_other_terms() {
        let old = terms(bill(100, "0.02"));
        let credits = Beyond::Credits { units: 10, credits: Credits(1) };
        for (new, amount, change, noted) in [
            (bill(100, "0.02"), Some(100), Some(0), false),
            (bill(0, "0.01"), Some(150), Some(50), false),
            (bill(200, "9"), Some(0), Some(-100), false),
            (Some(UsageTerms::Unlimited), Some(0), Some(-100), false),
            (counted(150, Beyond::Block), Some(0), Some(-100), false),
            (counted(149, Beyond::Block), Some(0), Some(-100), true),
            (counted(0, credits), Some(0), Some(-100), true),
            (None, None, None, true),
        ] {
            let new = terms(new);
            let it = reprice((&old, usd()), Some((&new, usd())), &calls(), 150);
            assert_eq!(it.old.map(|it| it.minor), Some(100));
            let got = (it.new.map(|it| it.minor), it.change().map(|it| it.minor), it.note.is_some());
            assert_eq!(got, (amount, change, noted), "{new:?}");
        }
        let gone = reprice((&old, usd()), None, &calls(), 150);
        assert_eq!((gone.new, gone.change()), (None, None));
        let euros = Currency::parse("eur").unwrap();
        let other = reprice((&old, usd()), Some((&old, euros)), &calls(), 150);
        assert_eq!(
            (other.new.map(|it| it.minor), other.change()),
            (Some(100), None),
            "amounts of two currencies"
        );
    }
}
