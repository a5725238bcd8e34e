//! What Stripe must hold for a tier, and what usage costs by our own rule.
//!
//! Both are pure data: the wire words are `stripe`'s, and the local Stripe rates usage by a rule of its own, so that
//! the two can be compared.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::catalog::{Band, BandMode, Interval, Pack, Terms, UsagePrice};
use super::id::{MeterKey, Namespace, PackKey, TierKey};
use super::money::{Currency, Money, UnitPrice};

/// A price that Stripe must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPrice {
    /// Its key within the tier: `month`, `year` or `usage.<meter>`; of a pack always `once`.
    pub key: String,
    /// What it charges.
    pub shape: PriceShape,
    /// When it charges.
    pub charged: Charged,
}

/// What a price charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceShape {
    /// The same for every unit.
    PerUnit(UnitPrice),
    /// By bands.
    Bands {
        /// How the bands apply.
        mode: BandMode,
        /// In rising order; only the last has no upper end.
        bands: Vec<Band>,
    },
}

/// When and for what a price charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charged {
    /// Once: a pack.
    Once,
    /// In advance for every interval.
    InAdvance {
        /// How often.
        interval: Interval,
        /// Multiplied by the seats; else the quantity is one.
        per_seat: bool,
    },
    /// Monthly, for the usage that its meter counted.
    Metered {
        /// The meter.
        meter: MeterKey,
    },
}

/// The prices that a tier with these terms has: recurring ones in the catalog's order (the first is the product's
/// default), then usage by meter. A free tier has none.
pub fn tier_prices(terms: &Terms) -> Vec<WantedPrice> {
    let recurring = terms.prices.iter().map(|price| WantedPrice {
        key: price.interval.as_str().to_owned(),
        shape: PriceShape::PerUnit(UnitPrice::from_amount(price.amount)),
        charged: Charged::InAdvance { interval: price.interval, per_seat: price.per_seat },
    });
    let usage = terms.usage.keys().filter_map(|meter| {
        let (included, price) = terms.price_of(meter)?;
        let charged = Charged::Metered { meter: meter.clone() };
        Some(WantedPrice { key: usage_key(meter), shape: usage_shape(included, price), charged })
    });
    recurring.chain(usage).collect()
}

/// The one price of a pack.
pub fn pack_price(pack: &Pack) -> WantedPrice {
    let shape = PriceShape::PerUnit(UnitPrice::from_amount(pack.amount));
    WantedPrice { key: "once".to_owned(), shape, charged: Charged::Once }
}

/// Key of the price of a meter's usage within its tier.
pub fn usage_key(meter: &MeterKey) -> String {
    format!("usage.{meter}")
}

/// Lookup key of a tier's price, `acme:tier:pro:month`. Unique in a Stripe account.
pub fn tier_lookup_key(namespace: &Namespace, tier: &TierKey, key: &str) -> String {
    format!("{namespace}:tier:{tier}:{key}")
}

/// Lookup key of a pack's price, `acme:pack:small`.
pub fn pack_lookup_key(namespace: &Namespace, pack: &PackKey) -> String {
    format!("{namespace}:pack:{pack}")
}

/// The shape that bills usage. Included units are a first band that costs nothing: all usage is metered, the price decides.
pub fn usage_shape(included: u64, price: &UsagePrice) -> PriceShape {
    match price {
        UsagePrice::PerUnit(price) if included == 0 => PriceShape::PerUnit(*price),
        UsagePrice::PerUnit(price) => PriceShape::Bands {
            mode: BandMode::Graduated,
            bands: vec![
                Band { up_to: Some(included), price: UnitPrice::ZERO, flat: UnitPrice::ZERO },
                Band { up_to: None, price: *price, flat: UnitPrice::ZERO },
            ],
        },
        UsagePrice::Bands { mode, bands } => PriceShape::Bands { mode: *mode, bands: bands.clone() },
    }
}

/// What `quantity` units cost. Stripe makes an invoice line of each band that is reached and of each flat fee, and
/// rounds each line by itself (Stripe: docs, products-prices/manage-prices); so do we: to the minor unit, halves away
/// from zero. `None` when the result is beyond the range of exact decimals or of 64-bit minor units.
pub fn amount(shape: &PriceShape, quantity: u64, currency: Currency) -> Option<Money> {
    let mut minor: i64 = 0;
    for line in lines(shape, quantity)? {
        let rounded = line.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        minor = minor.checked_add(rounded.to_i64()?)?;
    }
    Some(Money { minor, currency })
}

/// What a meter's usage of one period costs under these terms; zero where nothing is billed.
pub fn usage_amount(terms: &Terms, meter: &MeterKey, quantity: u64, currency: Currency) -> Option<Money> {
    match terms.price_of(meter) {
        Some((included, price)) => amount(&usage_shape(included, price), quantity, currency),
        None => Some(Money { minor: 0, currency }),
    }
}

/// What `quantity` units cost in minor units, not yet rounded.
pub fn amount_exact(shape: &PriceShape, quantity: u64) -> Option<Decimal> {
    lines(shape, quantity)?.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add)
}

/// The invoice lines, not yet rounded.
fn lines(shape: &PriceShape, quantity: u64) -> Option<Vec<Decimal>> {
    match shape {
        PriceShape::PerUnit(price) => Some(vec![price.minor().checked_mul(Decimal::from(quantity))?]),
        PriceShape::Bands { mode: BandMode::Graduated, bands } => graduated(bands, quantity),
        PriceShape::Bands { mode: BandMode::Volume, bands } => volume(bands, quantity),
    }
}

/// Each unit in its own band, and the flat fee of every band that is reached. The first band is always reached: its
/// flat fee is due without usage too (Stripe: docs, products-prices/pricing-models).
fn graduated(bands: &[Band], quantity: u64) -> Option<Vec<Decimal>> {
    let mut lines = Vec::new();
    let mut below = 0;
    for (index, band) in bands.iter().enumerate() {
        if index > 0 && quantity <= below {
            break;
        }
        let upto = band.up_to.map_or(quantity, |end| end.min(quantity));
        let units = Decimal::from(upto.saturating_sub(below));
        lines.extend([band.price.minor().checked_mul(units)?, band.flat.minor()]);
        below = band.up_to.unwrap_or(u64::MAX);
    }
    Some(lines)
}

/// All units in the band that the total reaches, and that band's flat fee.
fn volume(bands: &[Band], quantity: u64) -> Option<Vec<Decimal>> {
    let band = bands.iter().find(|band| band.up_to.is_none_or(|end| quantity <= end))?;
    Some(vec![band.price.minor().checked_mul(Decimal::from(quantity))?, band.flat.minor()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::catalog::{Beyond, RecurringPrice, UsageTerms};

    fn usd() -> Currency {
        Currency::parse("usd").unwrap()
    }
    fn price(text: &str) -> UnitPrice {
        UnitPrice::parse_major(text, usd()).unwrap()
    }
    /// `1000:0.10+5 *:0.05` is a band up to 1000 at 0.10 with a flat fee of 5, then 0.05.
    fn bands(text: &str) -> Vec<Band> {
        let band = |text: &str| {
            let (end, rest) = text.split_once(':').unwrap();
            let (unit, flat) = rest.split_once('+').unwrap_or((rest, "0"));
            Band { up_to: end.parse().ok(), price: price(unit), flat: price(flat) }
        };
        text.split(' ').map(band).collect()
    }
    fn shape(text: &str) -> PriceShape {
        match text.split_once(' ') {
            Some(("unit", unit)) => PriceShape::PerUnit(price(unit)),
            Some(("graduated", rest)) => PriceShape::Bands { mode: BandMode::Graduated, bands: bands(rest) },
            Some(("volume", rest)) => PriceShape::Bands { mode: BandMode::Volume, bands: bands(rest) },
            Some((included, unit)) => {
                usage_shape(included.parse().unwrap(), &UsagePrice::PerUnit(price(unit)))
            }
            None => panic!("{text}"),
        }
    }

    #[test]
    fn usage_costs_what_the_shape_says() {
        for (text, quantity, want) in [
            ("unit 0.50", 0, 0),
            ("unit 0.50", 3, 150),
            ("unit 0.0005", 30, 2), // 1.5 cents: a half goes away from zero
            ("unit 0.0005", 10, 1), // 0.5 cents
            ("unit 0.0005", 9, 0),  // 0.45 cents
            ("unit 0.0015", 9, 1),  // 1.35 cents
            ("unit 0.0015", 1_000_000, 150_000),
            ("100000 0.0015", 0, 0),
            ("100000 0.0015", 100_000, 0),
            ("100000 0.0015", 100_001, 0), // 0.15 cents
            ("100000 0.0015", 100_010, 2), // 1.5 cents
            ("0 0.0015", 10, 2),
            ("graduated 1000:0.10 10000:0.05 *:0.02", 1000, 10_000),
            ("graduated 1000:0.10 10000:0.05 *:0.02", 1001, 10_005),
            ("graduated 1000:0.10 10000:0.05 *:0.02", 10_000, 55_000),
            ("graduated 1000:0.10 10000:0.05 *:0.02", 10_001, 55_002),
            ("graduated 1000:0.10+5 *:0.05+7", 0, 500),
            ("graduated 1000:0.10+5 *:0.05+7", 1, 510),
            ("graduated 1000:0.10+5 *:0.05+7", 1000, 10_500),
            ("graduated 1000:0.10+5 *:0.05+7", 1001, 11_205),
            ("graduated 5:0.001 *:0.001", 10, 2), // 0.5 and 0.5 cents: each band is a line of its own
            ("volume 1000:0.10 *:0.05", 0, 0),
            ("volume 1000:0.10 *:0.05", 1000, 10_000),
            ("volume 1000:0.10 *:0.05", 1001, 5_005),
            ("volume 1000:0.10+5 *:0.05+7", 0, 500),
            ("volume 1000:0.10+5 *:0.05+7", 2000, 10_700),
        ] {
            let got = amount(&shape(text), quantity, usd());
            assert_eq!(got.map(|money| money.minor), Some(want), "{text} x {quantity}");
        }
    }

    #[test]
    fn what_cannot_be_said_exactly_is_refused() {
        assert_eq!(amount(&shape("unit 999999.99"), u64::MAX, usd()), None, "beyond 64 bits");
        let tiny = shape("unit 0.00000000000001");
        assert_eq!(amount(&tiny, 999_999_999_999_999, usd()).map(|money| money.minor), Some(1000));
    }

    #[test]
    fn a_tier_lists_its_prices_in_the_catalogs_order() {
        let money = |minor| Money { minor, currency: usd() };
        let meter = |text: &str| MeterKey::parse(text).unwrap();
        let billed = |included, unit: &str| UsageTerms::Counted {
            included,
            beyond: Beyond::Bill(UsagePrice::PerUnit(price(unit))),
            spend_cap: None,
        };
        let blocked = UsageTerms::Counted { included: 5, beyond: Beyond::Block, spend_cap: None };
        let terms = Terms {
            prices: vec![
                RecurringPrice { interval: Interval::Year, amount: money(29_000), per_seat: false },
                RecurringPrice { interval: Interval::Month, amount: money(2_900), per_seat: true },
            ],
            usage: [
                (meter("a"), billed(0, "0.0015")),
                (meter("b"), billed(10, "0.50")),
                (meter("c"), blocked),
                (meter("d"), UsageTerms::Unlimited),
            ]
            .into(),
            ..Terms::default()
        };
        let prices = tier_prices(&terms);
        let keys: Vec<&str> = prices.iter().map(|price| price.key.as_str()).collect();
        assert_eq!(keys, ["year", "month", "usage.a", "usage.b"]);
        assert_eq!(prices[0].shape, PriceShape::PerUnit(price("290")));
        assert_eq!(prices[1].charged, Charged::InAdvance { interval: Interval::Month, per_seat: true });
        assert_eq!(prices[2].shape, shape("unit 0.0015"));
        assert_eq!(prices[3].shape, shape("graduated 10:0 *:0.50"));
        assert_eq!(prices[3].charged, Charged::Metered { meter: meter("b") });
        assert_eq!(tier_prices(&Terms::default()), []);
        for (key, quantity, want) in [("a", 10, 2), ("b", 11, 50), ("c", 9, 0), ("d", 9, 0), ("other", 9, 0)]
        {
            let got = usage_amount(&terms, &meter(key), quantity, usd());
            assert_eq!(got, Some(money(want)), "{key}");
        }
    }

    #[test]
    fn lookup_keys_are_as_documented() {
        let acme = Namespace::parse("acme").unwrap();
        let key = tier_lookup_key(
            &acme,
            &TierKey::parse("pro").unwrap(),
            &usage_key(&MeterKey::parse("t").unwrap()),
        );
        assert_eq!(key, "acme:tier:pro:usage.t");
        assert_eq!(pack_lookup_key(&acme, &PackKey::parse("small").unwrap()), "acme:pack:small");
    }
}
