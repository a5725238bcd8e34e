//! Would another tier cost a customer less? The bill of a month, by our own prices, under one tier and under others.

use std::collections::BTreeMap;

use super::catalog::{Beyond, Catalog, Interval, Terms, Tier, UsageTerms};
use super::id::{MeterKey, TierKey};
use super::money::{Currency, Money};
use super::price::usage_amount;

/// What a customer is on and has used in the period.
#[derive(Debug, Clone, Copy)]
pub struct On<'a> {
    /// The tier.
    pub tier: &'a TierKey,
    /// The pinned terms.
    pub terms: &'a Terms,
    /// Their currency.
    pub currency: Currency,
    /// How often the recurring price is charged; `None` where there is none.
    pub interval: Option<Interval>,
    /// Seats, where it has them.
    pub seats: Option<u32>,
    /// Units by meter.
    pub used: &'a BTreeMap<MeterKey, i64>,
}

/// A tier that would cost less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// The tier.
    pub tier: TierKey,
    /// What the month has cost so far.
    pub cost: Money,
    /// What it would have cost there.
    pub bill: Money,
}

impl std::fmt::Display for Upgrade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} this month; {} is {}", self.cost, self.tier, self.bill)
    }
}

/// What a month with so much usage costs: the recurring price, of so many seats and at least the tier's fewest, and the
/// usage. A yearly price counts one twelfth, rounded up. `None` where the terms cannot serve the usage (a meter that the
/// tier does not have, more than it lets through, or a price in credits) or the sum is out of range.
pub fn month_bill(
    terms: &Terms,
    interval: Option<Interval>,
    seats: Option<u32>,
    used: &BTreeMap<MeterKey, i64>,
    currency: Currency,
) -> Option<Money> {
    let recurring = interval.and_then(|interval| terms.recurring(interval)).or_else(|| terms.prices.first());
    let mut minor = match recurring {
        None => 0,
        Some(price) => {
            let least = terms.seats.map_or(1, |bounds| bounds.min);
            let count = if price.per_seat { seats.unwrap_or(1).max(least) } else { 1 };
            let whole = price.amount.minor.checked_mul(i64::from(count))?;
            match price.interval {
                Interval::Month => whole,
                Interval::Year => whole.checked_add(11)?.div_euclid(12),
            }
        }
    };
    for (meter, units) in used.iter().filter(|(_, units)| **units > 0) {
        minor = minor.checked_add(usage_bill(terms, meter, *units, currency)?.minor)?;
    }
    Some(Money { minor, currency })
}

fn usage_bill(terms: &Terms, meter: &MeterKey, units: i64, currency: Currency) -> Option<Money> {
    let units = u64::try_from(units).ok()?;
    match terms.usage.get(meter)? {
        UsageTerms::Unlimited => Some(Money { minor: 0, currency }),
        UsageTerms::Counted { beyond: Beyond::Bill(_), .. } => usage_amount(terms, meter, units, currency),
        UsageTerms::Counted { included, .. } => (units <= *included).then_some(Money { minor: 0, currency }),
    }
}

/// The next tier by rank under which the month would have cost less. Retired tiers and those whose terms are made by
/// hand are not proposed, nor tiers in which something that the customer uses is missing.
pub fn upgrade(on: &On<'_>, catalog: &Catalog) -> Option<Upgrade> {
    if catalog.currency != on.currency {
        return None;
    }
    let cost = month_bill(on.terms, on.interval, on.seats, on.used, on.currency)?;
    let rank = catalog.tiers.get(on.tier).map(|tier| tier.rank)?;
    let open = |tier: &Tier| !tier.retired && !tier.custom && tier.rank > rank;
    let mut higher = catalog.tiers_by_rank();
    higher.retain(|(key, tier)| *key != on.tier && open(tier));
    higher.into_iter().find_map(|(key, tier)| {
        let bill = month_bill(&tier.terms, on.interval, on.seats, on.used, on.currency)?;
        (bill.minor < cost.minor).then(|| Upgrade { tier: key.clone(), cost, bill })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::catalog::{RecurringPrice, Seats, UsagePrice};
    use crate::billing::money::{Credits, UnitPrice};

    fn usd() -> Currency {
        Currency::parse("usd").unwrap()
    }
    fn money(minor: i64) -> Money {
        Money { minor, currency: usd() }
    }
    fn tokens() -> MeterKey {
        MeterKey::parse("tokens").unwrap()
    }
    fn priced(included: u64, price: &str) -> UsageTerms {
        let price = UnitPrice::parse_major(price, usd()).unwrap();
        UsageTerms::Counted { included, beyond: Beyond::Bill(UsagePrice::PerUnit(price)), spend_cap: None }
    }
    fn terms(prices: &[(Interval, i64, bool)], usage: Option<UsageTerms>) -> Terms {
        let prices = prices.iter().map(|(interval, minor, per_seat)| RecurringPrice {
            interval: *interval,
            amount: money(*minor),
            per_seat: *per_seat,
        });
        let seats = Some(Seats { min: 2, max: None });
        let usage = usage.map(|usage| (tokens(), usage)).into_iter().collect();
        Terms { prices: prices.collect(), usage, seats, ..Terms::default() }
    }

    #[test]
    fn a_months_bill() {
        use Interval::{Month, Year};
        let counted = |beyond| UsageTerms::Counted { included: 10, beyond, spend_cap: None };
        let credits = Beyond::Credits { units: 1, credits: Credits(1) };
        for (terms, interval, seats, used, want) in [
            (terms(&[], Some(priced(0, "0.50"))), None, None, 60, Some(3000)),
            (terms(&[], Some(priced(10, "0.50"))), None, None, 60, Some(2500)),
            (terms(&[(Month, 2900, false)], Some(UsageTerms::Unlimited)), None, None, 60, Some(2900)),
            (terms(&[(Month, 2900, false), (Year, 29000, false)], None), Some(Year), None, 0, Some(2417)),
            (terms(&[(Month, 2900, false)], None), Some(Year), None, 0, Some(2900)),
            (terms(&[(Month, 1900, true)], None), None, None, 0, Some(3800)),
            (terms(&[(Month, 1900, true)], None), None, Some(5), 0, Some(9500)),
            (terms(&[(Month, 1900, true)], None), None, Some(1), 1, None),
            (terms(&[], Some(counted(Beyond::Block))), None, None, 10, Some(0)),
            (terms(&[], Some(counted(Beyond::Block))), None, None, 11, None),
            (terms(&[], Some(counted(credits))), None, None, 11, None),
        ] {
            let used = [(tokens(), used)].into();
            let got = month_bill(&terms, interval, seats, &used, usd());
            assert_eq!(got.map(|it| it.minor), want, "{terms:?} {interval:?} {seats:?} {used:?}");
        }
    }

    #[test]
    fn the_next_tier_that_costs_less() {
        let catalog = Catalog::from_json(
            r#"{"actions":{},"alerts":{"at":[]},"currency":"usd","features":{},"meters":{"tokens":{"event":"tokens",
            "name":"Tokens","unit":"token","window":"hour"}},"namespace":"acme","packs":{},"tiers":{
            "payg":{"features":[],"name":"P","rank":1,"terms":{"currency":"usd","usage":{"tokens":{"beyond":"bill","price":"0.50"}}}},
            "cheap":{"features":[],"name":"C","rank":0,"terms":{"currency":"usd","usage":{"tokens":{"unlimited":true}}}},
            "bare":{"features":[],"name":"B","rank":2,"terms":{"currency":"usd","prices":[{"amount":"1.00","interval":"month"}]}},
            "old":{"features":[],"name":"O","rank":2,"retired":true,"terms":{"currency":"usd","usage":{"tokens":{"unlimited":true}}}},
            "deal":{"custom":true,"features":[],"name":"D","rank":2,"terms":{"currency":"usd","usage":{"tokens":{"unlimited":true}}}},
            "pro":{"features":[],"name":"Pro","rank":3,"terms":{"currency":"usd","usage":{"tokens":{"unlimited":true}},
                   "prices":[{"amount":"29.00","interval":"month"}]}}}}"#,
        )
        .unwrap();
        let payg = TierKey::parse("payg").unwrap();
        let on = |used: i64| {
            let used = [(tokens(), used)].into();
            let tier = &catalog.tiers[&payg];
            let on = On {
                tier: &payg,
                terms: &tier.terms,
                currency: usd(),
                interval: None,
                seats: None,
                used: &used,
            };
            upgrade(&on, &catalog).map(|it| it.to_string())
        };
        assert_eq!(on(60).as_deref(), Some("USD 30.00 this month; pro is USD 29.00"));
        assert_eq!(on(58), None, "the same money is no reason");
        assert_eq!(on(0), None);
    }
}
