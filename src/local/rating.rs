//! What a quantity costs at the local Stripe: per unit, packages, graduated and volume tiers.
//!
//! Amounts and quantities are exact decimals. Each line is rounded once, to the nearest minor unit,
//! ties away from zero (Stripe: docs …/products-prices/manage-prices, 0.05¢ x 30 = 1.5¢ is billed as
//! 2¢). Real invoices show one line per reached graduated tier and a further one for each flat amount.

use super::decimal::Decimal;

/// The largest amount of one line, in minor units; a larger product is cut to it.
pub const AMOUNT_MAX: i64 = 999_999_999_999_999;

/// One step of a tiered price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Last unit of this tier; `None` for the open end.
    pub up_to: Option<Decimal>,
    /// Price of one unit, in minor units.
    pub unit: Decimal,
    /// Flat amount when the tier is reached, in minor units; `None` when unset.
    pub flat: Option<Decimal>,
}

/// Direction in which a package count is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packages {
    /// A package that was begun is charged.
    Up,
    /// Only whole packages are charged.
    Down,
}

/// How a price turns a quantity into money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tariff {
    /// Every unit (or package of units) at one price.
    PerUnit {
        /// Price of one unit or package, in minor units.
        unit: Decimal,
        /// Units in one package and the rounding of their count (`transform_quantity`).
        package: Option<(i64, Packages)>,
    },
    /// Each unit at the price of the tier it falls into.
    Graduated(Vec<Tier>),
    /// All units at the price of the tier that the whole quantity reaches.
    Volume(Vec<Tier>),
}

/// One line that a quantity makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Units of this line; 0 for a flat amount.
    pub quantity: Decimal,
    /// Price of one unit, or the flat amount, in minor units.
    pub unit: Decimal,
    /// The tier, counted from 1; `None` when the price has no tiers.
    pub tier: Option<usize>,
    /// Whether this is a flat amount.
    pub flat: bool,
    /// Money, in minor units.
    pub amount: i64,
}

/// The lines of a quantity, in the order of the tiers. A negative quantity counts as 0.
pub fn rate(tariff: &Tariff, quantity: Decimal) -> Vec<Share> {
    let quantity = quantity.max(Decimal::ZERO);
    match tariff {
        Tariff::PerUnit { unit, package } => {
            let charged = package.map_or(quantity, |(size, packages)| count(quantity, size, packages));
            let amount = times(charged, *unit);
            vec![Share { quantity, unit: *unit, tier: None, flat: false, amount }]
        }
        Tariff::Graduated(tiers) => graduated(tiers, quantity),
        Tariff::Volume(tiers) => {
            let reached = tiers.iter().position(|it| it.up_to.is_none_or(|last| quantity <= last));
            let index = reached.unwrap_or(tiers.len().saturating_sub(1));
            tiers.get(index).map(|tier| shares(tier, index, quantity)).unwrap_or_default()
        }
    }
}

/// The lines of a quantity without what is billed of it already: the price of the whole less the price of that part, line
/// by line, so that bands go on where they were. A band that holds neither units nor money any more makes no line.
pub fn beyond(tariff: &Tariff, billed: Decimal, quantity: Decimal) -> Vec<Share> {
    let mut shares = rate(tariff, quantity);
    if billed.is_zero() {
        return shares;
    }
    for old in rate(tariff, billed) {
        match shares.iter_mut().find(|it| (it.tier, it.flat) == (old.tier, old.flat)) {
            Some(share) => {
                share.quantity = share.quantity.minus(old.quantity).unwrap_or_default();
                share.amount -= old.amount;
            }
            // By volume another band may hold all of it now: what the old one billed goes back.
            None => {
                let quantity = Decimal::ZERO.minus(old.quantity).unwrap_or_default();
                shares.push(Share { quantity, amount: -old.amount, ..old });
            }
        }
    }
    let first = shares.first().cloned();
    shares.retain(|it| it.amount != 0 || !it.quantity.is_zero());
    if shares.is_empty() { first.into_iter().collect() } else { shares }
}

/// The sum of a quantity's lines, in minor units.
pub fn total(tariff: &Tariff, quantity: Decimal) -> i64 {
    rate(tariff, quantity).iter().fold(0_i64, |sum, it| sum.saturating_add(it.amount)).min(AMOUNT_MAX)
}

fn graduated(tiers: &[Tier], quantity: Decimal) -> Vec<Share> {
    let mut lines = Vec::new();
    let mut below = Decimal::ZERO;
    for (index, tier) in tiers.iter().enumerate() {
        // The first tier is always reached: nothing used still shows a line of 0 and its flat amount.
        if index > 0 && quantity <= below {
            break;
        }
        let top = tier.up_to.map_or(quantity, |last| last.min(quantity));
        lines.extend(shares(tier, index, top.minus(below).unwrap_or_default()));
        below = top;
        if tier.up_to.is_none_or(|last| quantity <= last) {
            break;
        }
    }
    lines
}

fn shares(tier: &Tier, index: usize, quantity: Decimal) -> Vec<Share> {
    let number = Some(index + 1);
    let amount = times(quantity, tier.unit);
    let mut lines = vec![Share { quantity, unit: tier.unit, tier: number, flat: false, amount }];
    if let Some(flat) = tier.flat {
        let amount = times(Decimal::whole(1), flat);
        lines.push(Share { quantity: Decimal::ZERO, unit: flat, tier: number, flat: true, amount });
    }
    lines
}

fn count(quantity: Decimal, size: i64, packages: Packages) -> Decimal {
    let size = i128::from(size.max(1));
    let units = quantity.trunc();
    let begun = units % size != 0 || i64::try_from(units).map(Decimal::whole) != Ok(quantity);
    let whole = units / size + i128::from(packages == Packages::Up && begun);
    Decimal::whole(i64::try_from(whole).unwrap_or(i64::MAX))
}

/// Quantity times unit price, rounded once to minor units, ties away from zero.
fn times(quantity: Decimal, unit: Decimal) -> i64 {
    let limit = i128::from(AMOUNT_MAX);
    let rounded = quantity.times_rounded(unit).unwrap_or(limit);
    i64::try_from(rounded.clamp(-limit, limit)).unwrap_or(AMOUNT_MAX)
}

/// The part of an amount for the rest of a period, floored towards minus infinity.
///
/// Recorded at Stripe: 1/400 of 1000 is credited as -3 and 1/400 of 1800 debited as +4.
pub fn prorate(amount: i64, rest_s: i64, whole_s: i64) -> i64 {
    if whole_s <= 0 {
        return 0;
    }
    let rest = i128::from(rest_s.clamp(0, whole_s));
    let part = (i128::from(amount) * rest).div_euclid(i128::from(whole_s));
    i64::try_from(part).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Tiers from "1000:0.5+900 inf:3.6": last unit, unit price, flat amount.
    fn tiers(text: &str) -> Vec<Tier> {
        let tier = |it: &str| {
            let (last, price) = it.split_once(':').unwrap();
            let (unit, flat) = price.split_once('+').map_or((price, None), |(a, b)| (a, Some(b)));
            let up_to = (last != "inf").then(|| decimal(last));
            Tier { up_to, unit: decimal(unit), flat: flat.map(decimal) }
        };
        text.split(' ').map(tier).collect()
    }

    fn text(shares: &[Share]) -> String {
        let line = |it: &Share| {
            let tier = it.tier.map_or(String::new(), |n| format!("t{n} "));
            let quantity = if it.flat { "flat".to_owned() } else { it.quantity.to_string() };
            format!("{tier}{quantity}={}", it.amount)
        };
        shares.iter().map(line).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn per_unit_prices_round_once_a_line() {
        for (unit, quantity, want) in [
            ("0.05", "30", 2),
            ("0.05", "29", 1),
            ("0.05", "10", 1),
            ("0.05", "9", 0),
            ("50", "1234", 61_700),
            ("0.000000000001", "500000000000", 1),
            ("0.000000000001", "499999999999", 0),
            ("1.5", "0.5", 1),
            ("0.333333333333", "3", 1),
            ("100", "0", 0),
            ("100", "999999999999999", 99_999_999_999_999_900),
        ] {
            let tariff = Tariff::PerUnit { unit: decimal(unit), package: None };
            let want = i64::min(want, AMOUNT_MAX);
            assert_eq!(total(&tariff, decimal(quantity)), want, "{unit} x {quantity}");
        }
    }

    #[test]
    fn packages_round_their_count() {
        for (size, packages, unit, quantity, want) in [
            (60, Packages::Up, "8", "9892", 1_320),
            (60, Packages::Down, "8", "9892", 1_312),
            (60, Packages::Up, "1", "150", 3),
            (60, Packages::Up, "1", "120", 2),
            (60, Packages::Up, "1", "120.000001", 3),
            (60, Packages::Down, "1", "59", 0),
            (60, Packages::Up, "1", "0", 0),
        ] {
            let tariff = Tariff::PerUnit { unit: decimal(unit), package: Some((size, packages)) };
            assert_eq!(total(&tariff, decimal(quantity)), want, "{quantity} by {size}");
        }
    }

    #[test]
    fn graduated_tiers_make_one_line_each() {
        for (bands, quantity, want) in [
            // A real invoice: 31 credits at 3.6 cents, each line rounded by itself.
            ("1000:0+900 inf:3.6+0", "1031", "t1 1000=0, t1 flat=900, t2 31=112, t2 flat=0"),
            ("1000:0 inf:0.15", "1000", "t1 1000=0"),
            ("1000:0 inf:0.15", "1001", "t1 1000=0, t2 1=0"),
            ("100:10 200:5 inf:1", "150", "t1 100=1000, t2 50=250"),
            ("100:10 200:5 inf:1", "1200", "t1 100=1000, t2 100=500, t3 1000=1000"),
            ("100:10+50 inf:5", "0", "t1 0=0, t1 flat=50"),
            ("inf:2", "7", "t1 7=14"),
            ("10:0.05 inf:0.05", "20", "t1 10=1, t2 10=1"),
        ] {
            let tariff = Tariff::Graduated(tiers(bands));
            assert_eq!(text(&rate(&tariff, decimal(quantity))), want, "{bands} {quantity}");
        }
        let tariff = Tariff::Graduated(tiers("10:1 inf:2"));
        assert_eq!(total(&tariff, decimal("10.5")), 11);
        assert_eq!(text(&rate(&tariff, decimal("-1"))), "t1 0=0");
    }

    #[test]
    fn volume_prices_the_whole_quantity_at_one_tier() {
        for (bands, quantity, want) in [
            ("5:1000 10:800 inf:500", "5", "t1 5=5000"),
            ("5:1000 10:800 inf:500", "6", "t2 6=4800"),
            ("5:1000 10:800 inf:500", "10.5", "t3 10.5=5250"),
            ("5:1000+200 inf:500+100", "7", "t2 7=3500, t2 flat=100"),
            ("5:1000 inf:500", "0", "t1 0=0"),
        ] {
            let tariff = Tariff::Volume(tiers(bands));
            assert_eq!(text(&rate(&tariff, decimal(quantity))), want, "{bands} {quantity}");
        }
    }

    #[test]
    fn proration_floors_towards_minus_infinity() {
        for (amount, rest, whole, want) in [
            (-1_000, 1, 400, -3),
            (1_800, 1, 400, 4),
            (-2_000, 1, 3, -667),
            (1_000, 1, 3, 333),
            (3_000, 1, 400, 7),
            (1_000, 0, 400, 0),
            (1_000, 400, 400, 1_000),
            (1_000, 500, 400, 1_000),
            (1_000, 1, 0, 0),
        ] {
            assert_eq!(prorate(amount, rest, whole), want, "{amount} x {rest}/{whole}");
        }
    }
}
