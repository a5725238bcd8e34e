//! From usage to the bill: what of a period's usage an invoice charges, and why the rest is not charged.

use super::Class;
use crate::billing::money::Money;

/// Why units are not charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unbilled {
    /// No tier prices the meter.
    Local,
    /// The tier has it without limit.
    Unlimited,
    /// The tier refuses what is beyond the included units, so that nothing is charged.
    Block,
    /// What is beyond the included units costs credits.
    Credits,
    /// The subscription has no item for the meter.
    NoItem,
    /// The customer was on no tier.
    NoTier,
    /// Not sent yet, or not taken.
    NotSent,
    /// Not sent in time.
    Late,
    /// The whole period was a trial: Stripe counts it and charges nothing (Stripe: docs, free trials).
    Trial,
    /// The subscription ended, and its usage was not invoiced.
    Canceled,
    /// Stripe counted it after the invoice was final: no later one has it (Stripe: docs, grace period).
    Afterwards,
    /// On the invoice, at no charge.
    Included,
}

impl Unbilled {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Unbilled::Local => "local",
            Unbilled::Unlimited => "unlimited",
            Unbilled::Block => "block",
            Unbilled::Credits => "credits",
            Unbilled::NoItem => "no_item",
            Unbilled::NoTier => "no_tier",
            Unbilled::NotSent => "not_sent",
            Unbilled::Late => "late",
            Unbilled::Trial => "trial",
            Unbilled::Canceled => "canceled",
            Unbilled::Afterwards => "after_invoice",
            Unbilled::Included => "included",
        }
    }
}

/// What is known of one customer x meter x billing period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain {
    /// Units recorded.
    pub recorded: i64,
    /// Of them, those that no price bills, by reason.
    pub exempt: Vec<(Unbilled, i64)>,
    /// Units that Stripe accepted.
    pub sent: i64,
    /// Units that came too late to be sent.
    pub late: i64,
    /// Units that Stripe accepted when the invoice was final.
    pub afterwards: i64,
    /// What Stripe's meter says.
    pub metered: i64,
    /// The whole period was a trial.
    pub is_trial: bool,
    /// The subscription ended in the period.
    pub has_ended: bool,
    /// What the invoices charge; `None` without one.
    pub invoiced: Option<Invoiced>,
    /// What the metered units cost by our own rule.
    pub expected: Option<Money>,
}

/// What invoices charge for a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invoiced {
    /// Units on their lines.
    pub units: i64,
    /// Of them, those that cost nothing.
    pub free: i64,
    /// What the lines charge.
    pub amount: Money,
    /// Nothing is added to them any more.
    pub is_final: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// Match, unsettled while the invoice is open for usage, missing or extra units, or another value in money.
    pub class: Class,
    /// Units charged too many or too few.
    pub difference: i64,
    /// Money charged too much or too little.
    pub amount: Option<Money>,
    /// What is not charged, and why.
    pub unbilled: Vec<(Unbilled, i64)>,
}

/// Follows a period's usage to its bill. Each unit that was recorded is charged, or has one reason why not, or is part of
/// the difference.
pub fn billed(it: &Chain) -> Billed {
    let mut unbilled = it.exempt.clone();
    let exempt: i64 = it.exempt.iter().map(|(_, units)| units).sum();
    let waiting = it.recorded - exempt - it.sent - it.late;
    unbilled.push((Unbilled::Late, it.late));
    unbilled.push((Unbilled::NotSent, waiting.max(0)));
    let (units, free) = it.invoiced.map_or((0, 0), |invoiced| (invoiced.units, invoiced.free));
    // Nothing below zero is charged (Stripe: docs, recording usage).
    let lacking = it.metered.max(0) - units;
    let why = match it {
        _ if lacking <= 0 => None,
        Chain { is_trial: true, .. } => Some((Unbilled::Trial, lacking)),
        Chain { invoiced: None, has_ended: true, .. } => Some((Unbilled::Canceled, lacking)),
        Chain { afterwards: 1.., .. } => Some((Unbilled::Afterwards, lacking.min(it.afterwards))),
        _ => None,
    };
    unbilled.extend(why);
    unbilled.push((Unbilled::Included, free));
    unbilled.retain(|(_, units)| *units > 0);
    let difference = why.map_or(0, |(_, units)| units) - lacking;
    let open = it.invoiced.is_none_or(|invoiced| !invoiced.is_final) && !it.has_ended && !it.is_trial;
    let amount = it
        .invoiced
        .zip(it.expected.filter(|_| difference == 0 && lacking <= 0))
        .map(|(invoiced, expected)| Money { minor: invoiced.amount.minor - expected.minor, ..expected });
    let class = match difference {
        _ if open && difference < 0 => Class::Unsettled,
        ..0 => Class::Missing,
        1.. => Class::Extra,
        0 if amount.is_some_and(|amount| amount.minor != 0) => Class::Value,
        0 => Class::Match,
    };
    Billed { class, difference, amount: amount.filter(|amount| amount.minor != 0), unbilled }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::money::Currency;

    fn usd(minor: i64) -> Money {
        Money { minor, currency: Currency::parse("usd").unwrap() }
    }

    fn invoiced(units: i64, free: i64, minor: i64, is_final: bool) -> Option<Invoiced> {
        Some(Invoiced { units, free, amount: usd(minor), is_final })
    }

    #[test]
    fn each_unit_is_charged_or_has_a_reason() {
        let sent = |units: i64| Chain { recorded: units, sent: units, metered: units, ..Chain::default() };
        for (what, chain, want) in [
            ("billed", Chain { invoiced: invoiced(10, 0, 500, true), ..sent(10) }, "match 0"),
            (
                "some are included",
                Chain { invoiced: invoiced(10, 4, 300, true), ..sent(10) },
                "match 0 included=4",
            ),
            ("the draft lags", Chain { invoiced: invoiced(7, 0, 350, false), ..sent(10) }, "unsettled -3"),
            ("the invoice is final", Chain { invoiced: invoiced(7, 0, 350, true), ..sent(10) }, "missing -3"),
            ("more than was used", Chain { invoiced: invoiced(12, 0, 600, false), ..sent(10) }, "extra 2"),
            ("no invoice yet", sent(10), "unsettled -10"),
            ("a trial", Chain { is_trial: true, ..sent(10) }, "match 0 trial=10"),
            ("canceled", Chain { has_ended: true, ..sent(10) }, "match 0 canceled=10"),
            (
                "counted later",
                Chain { afterwards: 3, invoiced: invoiced(7, 0, 350, true), ..sent(10) },
                "match 0 after_invoice=3",
            ),
            (
                "later, and lost",
                Chain { afterwards: 2, invoiced: invoiced(7, 0, 350, true), ..sent(10) },
                "missing -1 after_invoice=2",
            ),
            (
                "late",
                Chain {
                    recorded: 10,
                    sent: 7,
                    late: 3,
                    metered: 7,
                    invoiced: invoiced(7, 0, 350, true),
                    ..Chain::default()
                },
                "match 0 late=3",
            ),
            (
                "exempt and waiting",
                Chain {
                    recorded: 10,
                    exempt: vec![(Unbilled::Unlimited, 6)],
                    sent: 3,
                    metered: 3,
                    invoiced: invoiced(3, 0, 150, true),
                    ..Chain::default()
                },
                "match 0 unlimited=6 not_sent=1",
            ),
            (
                "another price",
                Chain { expected: Some(usd(500)), invoiced: invoiced(10, 0, 600, true), ..sent(10) },
                "value 0 amount=100",
            ),
        ] {
            let got = billed(&chain);
            let mut said = format!("{} {}", got.class, got.difference);
            for (why, units) in &got.unbilled {
                said.push_str(&format!(" {}={units}", why.as_str()));
            }
            if let Some(amount) = got.amount {
                said.push_str(&format!(" amount={}", amount.minor));
            }
            assert_eq!(said, want, "{what}");
        }
    }
}
