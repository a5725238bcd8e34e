//! What Stripe asks of a charge in a currency, as far as a catalog can be warned of it.

use super::money::{Currency, Money};

/// Smallest charges in minor units (Stripe: docs, currencies, "Minimum and maximum charge amounts").
const MINIMA: &[(&str, i64)] = &[
    ("aed", 200),
    ("aud", 50),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1_500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1_000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1_000),
    ("usd", 50),
];

/// The smallest amount that Stripe charges, where it names one.
pub fn charge_min(currency: Currency) -> Option<Money> {
    let (_, minor) = MINIMA.iter().find(|(code, _)| *code == currency.code())?;
    Some(Money { minor: *minor, currency })
}

/// Charges must be a multiple of so many minor units: three-decimal currencies end in 0, and the two currencies that
/// have decimals for Stripe alone must have none (Stripe: docs, currencies, "Three-decimal" and "Special cases").
pub fn charge_step(currency: Currency) -> i64 {
    match (currency.code(), currency.exponent()) {
        ("isk" | "ugx", _) => 100,
        (_, 3) => 10,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_have_a_least_amount_and_a_step() {
        for (code, min, step) in [
            ("usd", Some(50), 1),
            ("jpy", Some(50), 1),
            ("kwd", None, 10),
            ("isk", None, 100),
            ("ugx", None, 100),
            ("huf", Some(17_500), 1),
        ] {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(charge_min(currency).map(|money| money.minor), min, "{code}");
            assert_eq!(charge_step(currency), step, "{code}");
        }
        for (code, _) in MINIMA {
            assert!(Currency::parse(code).is_some(), "{code}");
        }
    }
}
