//! Which part of a usage event was included in the tier, which part went beyond, and what that costs in credits: the
//! parts of all events of a period add up to what the whole period comes to, whichever way they are grouped.

use super::catalog::{Beyond, UsageTerms};
use super::quota::{credits_due, units_beyond};

/// The parts of an event's quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// Units within what the tier includes.
    pub included: i64,
    /// Units beyond.
    pub overage: i64,
    /// Units that no allowance counts: unlimited, or not the tier's at all.
    pub uncounted: i64,
    /// Credits that the units beyond cost by the catalog, whether or not there were so many.
    pub credits: i64,
}

/// The parts of an event by the terms that it happened under. `before`: what the allowance had counted until then, in
/// order of time. A counter-entry (a negative quantity) has negative parts. `None` beyond 64 bits.
pub fn parts(terms: Option<&UsageTerms>, before: i64, quantity: i64) -> Option<Parts> {
    let Some(UsageTerms::Counted { included, beyond, .. }) = terms else {
        return Some(Parts { uncounted: quantity, ..Parts::default() });
    };
    let after = before.checked_add(quantity)?;
    let (old, new) = (units_beyond(*included, before), units_beyond(*included, after));
    let overage = new - old;
    let credits = match beyond {
        Beyond::Credits { units, credits } => {
            credits_due(new, *units, *credits)?.checked_sub(credits_due(old, *units, *credits)?)?
        }
        Beyond::Bill(_) | Beyond::Block => 0,
    };
    Some(Parts { included: quantity.checked_sub(overage)?, overage, uncounted: 0, credits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::money::Credits;

    fn counted(included: u64, beyond: Beyond) -> UsageTerms {
        UsageTerms::Counted { included, beyond, spend_cap: None }
    }

    #[test]
    fn an_event_is_split_where_the_allowance_ends() {
        let block = counted(10, Beyond::Block);
        // Two credits for each begun package of five.
        let credits = counted(10, Beyond::Credits { units: 5, credits: Credits(2) });
        for (terms, before, quantity, want) in [
            (Some(&block), 0, 4, (4, 0, 0, 0)),
            (Some(&block), 8, 4, (2, 2, 0, 0)),
            (Some(&block), 10, 4, (0, 4, 0, 0)),
            (Some(&block), 12, -4, (-2, -2, 0, 0)),
            (Some(&credits), 8, 4, (2, 2, 0, 2)),
            (Some(&credits), 12, 3, (0, 3, 0, 0)),
            (Some(&credits), 12, 4, (0, 4, 0, 2)),
            (Some(&credits), 16, -7, (-1, -6, 0, -4)),
            (Some(&UsageTerms::Unlimited), 99, 4, (0, 0, 4, 0)),
            (None, 99, 4, (0, 0, 4, 0)),
        ] {
            let it = parts(terms, before, quantity).unwrap();
            let got = (it.included, it.overage, it.uncounted, it.credits);
            assert_eq!(got, want, "{quantity} after {before} of {terms:?}");
        }
        assert_eq!(parts(Some(&block), i64::MAX, 1), None);
    }

    /// However a period's usage is cut into events, the parts add up to those of the whole.
    #[test]
    fn parts_add_up() {
        let terms = counted(100, Beyond::Credits { units: 7, credits: Credits(3) });
        for cuts in [vec![250], vec![99, 1, 1, 149], vec![50; 5], vec![300, -50], (1..=20).collect()] {
            let total: i64 = cuts.iter().sum();
            let whole = parts(Some(&terms), 0, total).unwrap();
            let (mut before, mut sum) = (0, Parts::default());
            for quantity in cuts {
                let it = parts(Some(&terms), before, quantity).unwrap();
                before += quantity;
                sum = Parts {
                    included: sum.included + it.included,
                    overage: sum.overage + it.overage,
                    uncounted: 0,
                    credits: sum.credits + it.credits,
                };
            }
            assert_eq!(sum, whole);
        }
    }
}
