//! Exact decimals with twelve places: the most that Stripe takes in amounts and in meter values.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Units of the last place in one whole.
const SCALE: i128 = 1_000_000_000_000;
/// Places kept.
const PLACES: usize = 12;

/// An exact number with at most twelve decimal places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(i128);

/// Why a text is not a [`Decimal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// Not digits with at most one point and a sign.
    Malformed,
    /// More than twelve decimal places.
    TooManyPlaces,
    /// Does not fit.
    TooLarge,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DecimalError::Malformed => "not a decimal number",
            DecimalError::TooManyPlaces => "more than twelve decimal places",
            DecimalError::TooLarge => "too large",
        })
    }
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Decimal = Decimal(0);

    /// One hundredth.
    pub const HUNDREDTH: Decimal = Decimal(SCALE / 100);

    /// A whole number.
    pub fn whole(value: i64) -> Decimal {
        Decimal(i128::from(value) * SCALE)
    }

    /// The whole number that this is, when it is one and fits.
    pub fn as_whole(self) -> Option<i64> {
        if self.0 % SCALE == 0 { i64::try_from(self.0 / SCALE).ok() } else { None }
    }

    /// The whole part, cut toward zero.
    pub fn trunc(self) -> i128 {
        self.0 / SCALE
    }

    /// Below zero.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Exactly zero.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Sum, or `None` when it does not fit.
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_add(other.0).map(Decimal)
    }

    /// Difference, or `None` when it does not fit.
    pub fn minus(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_sub(other.0).map(Decimal)
    }

    /// Product of two decimals at twice the places, reduced by trailing zeros: mantissa and places.
    fn product(self, other: Decimal) -> Option<(i128, u32)> {
        let (left, left_places) = self.reduced();
        let (right, right_places) = other.reduced();
        Some((left.checked_mul(right)?, left_places + right_places))
    }

    fn reduced(self) -> (i128, u32) {
        let (mut mantissa, mut places) = (self.0, PLACES as u32);
        while places > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            places -= 1;
        }
        (mantissa, places)
    }

    /// The product, exact or `None` when it needs more than twelve places or does not fit.
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        let (mantissa, places) = self.product(other)?;
        match (PLACES as u32).checked_sub(places) {
            Some(up) => mantissa.checked_mul(10_i128.checked_pow(up)?).map(Decimal),
            None => {
                let down = 10_i128.checked_pow(places - PLACES as u32)?;
                (mantissa % down == 0).then_some(Decimal(mantissa / down))
            }
        }
    }

    /// The product rounded to a whole number, halves away from zero.
    pub fn times_rounded(self, other: Decimal) -> Option<i128> {
        let (mantissa, places) = self.product(other)?;
        Some(round_half_away(mantissa, 10_i128.checked_pow(places)?))
    }

    /// Rounded to a whole number, halves away from zero.
    pub fn rounded(self) -> i128 {
        round_half_away(self.0, SCALE)
    }
}

fn round_half_away(value: i128, unit: i128) -> i128 {
    let (whole, rest) = (value / unit, value % unit);
    if rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) { whole + value.signum() } else { whole }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Decimal, DecimalError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(DecimalError::Malformed);
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(DecimalError::Malformed);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > PLACES {
            return Err(DecimalError::TooManyPlaces);
        }
        let mut value: i128 = 0;
        for byte in whole.bytes().chain(format!("{fraction:0<PLACES$}").bytes()) {
            let digit = i128::from(byte - b'0');
            value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(DecimalError::TooLarge)?;
        }
        Ok(Decimal(if negative { -value } else { value }))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, scale) = (self.0.unsigned_abs(), SCALE.unsigned_abs());
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", size / scale)?;
        let rest = size % scale;
        if rest == 0 {
            return Ok(());
        }
        let digits = format!("{rest:0PLACES$}");
        write!(f, ".{}", digits.trim_end_matches('0'))
    }
}

impl TryFrom<String> for Decimal {
    type Error = DecimalError;

    fn try_from(text: String) -> Result<Decimal, DecimalError> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(value: Decimal) -> String {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        let rows = [
            ("0", Ok("0")),
            ("12.50", Ok("12.5")),
            ("-0.000000000001", Ok("-0.000000000001")),
            ("999999999999999", Ok("999999999999999")),
            (".5", Ok("0.5")),
            ("1.0000000000001", Err(DecimalError::TooManyPlaces)),
            ("1.0000000000000", Ok("1")),
            ("", Err(DecimalError::Malformed)),
            (".", Err(DecimalError::Malformed)),
            ("1e5", Err(DecimalError::Malformed)),
            ("NaN", Err(DecimalError::Malformed)),
            ("--1", Err(DecimalError::Malformed)),
            ("1.2.3", Err(DecimalError::Malformed)),
            ("999999999999999999999999999999", Err(DecimalError::TooLarge)),
        ];
        for (text, want) in rows {
            let got = text.parse::<Decimal>().map(|value| value.to_string());
            assert_eq!(got.as_deref().map_err(|e| *e), want, "{text}");
        }
    }

    #[test]
    fn multiplies_and_rounds() {
        let rows = [
            ("30", "0.05", 2),
            ("3", "0.5", 2),
            ("-3", "0.5", -2),
            ("999999999999999", "0.000000000001", 1000),
        ];
        for (left, right, want) in rows {
            let (left, right): (Decimal, Decimal) = (left.parse().unwrap(), right.parse().unwrap());
            assert_eq!(left.times_rounded(right), Some(want), "{left} x {right}");
        }
        let third: Decimal = "0.333333333333".parse().unwrap();
        assert_eq!(third.times(third), None, "twenty-four places do not fit");
        assert_eq!(third.times(Decimal::whole(3)).unwrap().to_string(), "0.999999999999");
    }
}
