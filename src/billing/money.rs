//! Money, unit prices and credits: three kinds of numbers that do not mix. Integers and exact decimals, never floats.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Decimal places that Stripe takes in `unit_amount_decimal`, counted in minor units (Stripe: docs, Prices API).
pub const UNIT_AMOUNT_SCALE_MAX: u32 = 12;
/// Most minor units of one amount: eight digits, Stripe's own limit for charges (Stripe: docs, currencies).
pub const AMOUNT_MINOR_MAX: i64 = 99_999_999;

/// Why a text is no amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAmount {
    /// Not a plain decimal number such as `29.00`.
    #[error("`{0}` is not a plain decimal number such as \"29.00\"")]
    NotDecimal(String),
    /// Finer than the smallest unit that is allowed here.
    #[error("`{text}` has more than {places} decimal places, which {currency} does not have")]
    TooFine {
        /// The text.
        text: String,
        /// The places that are allowed.
        places: u32,
        /// The currency.
        currency: Currency,
    },
    /// Outside what Stripe takes.
    #[error("`{0}` is outside the range that Stripe takes")]
    OutOfRange(String),
}

/// An ISO 4217 currency, in Stripe's lower-case spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

/// Currencies that Stripe counts without decimals although ISO 4217 gives them some, and the reverse
/// (Stripe: docs, currencies, "Special cases": ISK and UGX are charged with two decimals that must be 00).
const STRIPE_EXPONENTS: &[(&str, u8)] = &[("isk", 2), ("ugx", 2), ("mga", 0), ("huf", 2), ("twd", 2)];

impl Currency {
    /// Parses a three-letter code in lower case.
    pub fn parse(text: &str) -> Option<Currency> {
        if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        let iso = iso_currency::Currency::from_code(&text.to_ascii_uppercase())?;
        let special = STRIPE_EXPONENTS.iter().find(|(code, _)| *code == text).map(|(_, exponent)| *exponent);
        let exponent = special.or_else(|| iso.exponent().and_then(|e| u8::try_from(e).ok()))?;
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        Some(Currency { code, exponent })
    }
    /// The code in lower case, as Stripe writes it.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }
    /// Decimal places between the major unit and the minor one.
    pub fn exponent(&self) -> u32 {
        u32::from(self.exponent)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code().to_ascii_uppercase())
    }
}

/// Parses a plain decimal: digits with at most one point, an optional leading minus; no exponent, no spaces, no `+`.
pub fn decimal_parse(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && digits.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
    if plain { Decimal::from_str_exact(text).ok() } else { None }
}

/// An amount in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: cents of a dollar.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Parses an amount in major units, exact to the minor unit: `"29.00"` in USD is 2900.
    pub fn parse_major(text: &str, currency: Currency) -> Result<Money, BadAmount> {
        let major = decimal_parse(text).ok_or_else(|| BadAmount::NotDecimal(text.to_owned()))?;
        let minor = minor_of(major, currency).ok_or_else(|| BadAmount::OutOfRange(text.to_owned()))?;
        if !minor.fract().is_zero() {
            return Err(BadAmount::TooFine { text: text.to_owned(), places: currency.exponent(), currency });
        }
        let minor = minor.to_i64().filter(|minor| minor.abs() <= AMOUNT_MINOR_MAX);
        minor.map(|minor| Money { minor, currency }).ok_or_else(|| BadAmount::OutOfRange(text.to_owned()))
    }
    /// The amount in major units with all its decimals: `29.00`.
    pub fn major(&self) -> String {
        Decimal::from_i128_with_scale(i128::from(self.minor), self.currency.exponent()).to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.major())
    }
}

fn minor_of(major: Decimal, currency: Currency) -> Option<Decimal> {
    major.checked_mul(Decimal::from(10_i64.checked_pow(currency.exponent())?))
}

/// The price of one unit, in minor units with up to 12 decimal places (`unit_amount_decimal` at Stripe).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitPrice {
    minor: Decimal,
}

impl UnitPrice {
    /// Nothing.
    pub const ZERO: UnitPrice = UnitPrice { minor: Decimal::ZERO };
    /// An amount as the price of one unit. Amounts of the catalog are never negative.
    pub fn from_amount(amount: Money) -> UnitPrice {
        UnitPrice { minor: Decimal::from(amount.minor) }
    }
    /// The price in whole minor units, where it has no finer digits: Stripe's `unit_amount`.
    pub fn whole_minor(&self) -> Option<i64> {
        if self.minor.fract().is_zero() { self.minor.to_i64() } else { None }
    }
    /// Parses a price in major units: `"0.0015"` in USD is 0.15 cents.
    pub fn parse_major(text: &str, currency: Currency) -> Result<UnitPrice, BadAmount> {
        let major = decimal_parse(text).ok_or_else(|| BadAmount::NotDecimal(text.to_owned()))?;
        let minor = minor_of(major, currency).filter(|minor| minor.abs() <= Decimal::from(AMOUNT_MINOR_MAX));
        let minor = minor.ok_or_else(|| BadAmount::OutOfRange(text.to_owned()))?;
        UnitPrice::from_minor(minor).ok_or_else(|| BadAmount::TooFine {
            text: text.to_owned(),
            places: UNIT_AMOUNT_SCALE_MAX + currency.exponent(),
            currency,
        })
    }
    /// A price from minor units; `None` when it has more than 12 decimals, is negative or beyond Stripe's range.
    pub fn from_minor(minor: Decimal) -> Option<UnitPrice> {
        let minor = minor.normalize();
        let legal = minor.scale() <= UNIT_AMOUNT_SCALE_MAX
            && !minor.is_sign_negative()
            && minor <= Decimal::from(AMOUNT_MINOR_MAX);
        legal.then_some(UnitPrice { minor })
    }
    /// Minor units, exact.
    pub fn minor(&self) -> Decimal {
        self.minor
    }
    /// The wire form: minor units as a plain decimal without trailing zeros, `0.15`.
    pub fn wire(&self) -> String {
        self.minor.normalize().to_string()
    }
    /// The price in major units of `currency`, as the catalog writes it: `0.0015`.
    pub fn major(&self, currency: Currency) -> String {
        let scale = currency.exponent();
        let ten = Decimal::from(10_i64.checked_pow(scale).unwrap_or(1));
        let major = self.minor / ten;
        let major = major.normalize();
        if major.scale() < scale { format!("{major:.*}", scale as usize) } else { major.to_string() }
    }
}

/// Credits: whole units in our ledger. Never negative where a balance is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Credits(pub i64);

/// Most credits that one entry may move; far below the range of the sums that are made of them.
pub const CREDITS_MAX: i64 = 1_000_000_000_000;

impl Credits {
    /// Parses a whole number from 1 to 10^12.
    pub fn parse_positive(text: &str) -> Option<Credits> {
        text.parse::<i64>().ok().filter(|n| (1..=CREDITS_MAX).contains(n)).map(Credits)
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_their_currency() {
        for (text, currency, want) in [
            ("29.00", "usd", Ok(2900)),
            ("29", "usd", Ok(2900)),
            ("0.01", "usd", Ok(1)),
            ("500", "jpy", Ok(500)),
            ("1.234", "kwd", Ok(1234)),
            ("0.001", "usd", Err("fine")),
            ("0.5", "jpy", Err("fine")),
            ("1e3", "usd", Err("decimal")),
            ("NaN", "usd", Err("decimal")),
            ("1,50", "usd", Err("decimal")),
            (".5", "usd", Err("decimal")),
            ("", "usd", Err("decimal")),
            ("1000000000000000000000000000000", "usd", Err("decimal")),
            ("10000000", "usd", Err("range")),
        ] {
            let got = Money::parse_major(text, Currency::parse(currency).unwrap());
            let got = got.map(|money| money.minor).map_err(|error| match error {
                BadAmount::NotDecimal(_) => "decimal",
                BadAmount::TooFine { .. } => "fine",
                BadAmount::OutOfRange(_) => "range",
            });
            assert_eq!(got, want, "{text} {currency}");
        }
    }

    #[test]
    fn unit_prices_keep_sub_cent_digits() {
        let usd = Currency::parse("usd").unwrap();
        for (text, wire, major) in [
            ("0.0015", "0.15", "0.0015"),
            ("0.50", "50", "0.50"),
            ("0.00000000000001", "0.000000000001", "0.00000000000001"),
        ] {
            let price = UnitPrice::parse_major(text, usd).unwrap();
            assert_eq!((price.wire().as_str(), price.major(usd).as_str()), (wire, major), "{text}");
        }
        assert!(UnitPrice::parse_major("0.000000000000001", usd).is_err(), "13 decimals of a cent");
        assert!(UnitPrice::parse_major("-1", usd).is_err());
    }

    #[test]
    fn currencies_are_known_ones_in_lower_case() {
        for (code, legal) in [("usd", true), ("eur", true), ("USD", false), ("us", false), ("zzz", false)] {
            assert_eq!(Currency::parse(code).is_some(), legal, "{code}");
        }
    }
}
