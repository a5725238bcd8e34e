//! From usage to the bill: what of a period's usage an invoice charges, and why the rest is not charged.

use super::{Cause, Class};
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
    /// Sent with usage of another price or period, before history changed: that one bills it.
    SpanChanged,
    /// The whole period was a trial: Stripe counts it and charges nothing (Stripe: docs, free trials).
    Trial,
    /// The subscription ended, and its usage was not invoiced; or the tier had ended when it was used.
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
            Unbilled::SpanChanged => "span_changed",
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
    /// Units that were sent with those of another price or period.
    pub elsewhere: i64,
    /// What Stripe's meter says.
    pub metered: i64,
    /// The whole period was a trial.
    pub is_trial: bool,
    /// The subscription ended in the period.
    pub has_ended: bool,
    /// The period ended so long ago that its invoice must be there.
    pub is_over: bool,
    /// What the invoices charge; `None` without one.
    pub invoiced: Option<Invoiced>,
    /// The same by price and stretch.
    pub charged: Vec<Charged>,
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

/// What one price charges for one stretch, and what came to it too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Charged {
    /// Units on its lines.
    pub units: i64,
    /// Units of its stretch that Stripe accepted when its invoice was final.
    pub afterwards: i64,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// Match, unsettled while the invoice is open for usage, missing or extra units, or another value in money.
    pub class: Class,
    /// Units charged too many or too few.
    pub difference: i64,
    /// What somebody must look at.
    pub lacks: Vec<Lack>,
    /// What is not charged, and why.
    pub unbilled: Vec<(Unbilled, i64)>,
}

/// A part of the difference between the meter and the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// Missing or extra units, or another value in money.
    pub class: Class,
    /// Why.
    pub cause: Cause,
    /// Units charged too many or too few.
    pub difference: i64,
    /// Money charged too much or too little; `None` where no price is known.
    pub amount: Option<Money>,
}

/// What so many units cost by our own rule: of one of the stretches that are charged, by its place, or of the whole period.
/// `None` where no rule of ours is known.
pub type Cost<'a> = &'a dyn Fn(Option<usize>, i64) -> Option<Money>;

/// What is added to a bill when it charges `to` units instead of `from`.
fn more(cost: Cost<'_>, of: Option<usize>, from: i64, to: i64) -> Option<Money> {
    let (from, to) = cost(of, from).zip(cost(of, to))?;
    Some(Money { minor: to.minor.checked_sub(from.minor)?, ..to })
}

/// Follows a period's usage to its bill. Each unit that was recorded is charged, or has one reason why not, or is part of
/// the difference.
pub fn billed(it: &Chain, cost: Cost<'_>) -> Billed {
    let mut unbilled = it.exempt.clone();
    let exempt: i64 = it.exempt.iter().map(|(_, units)| units).sum();
    let waiting = (it.recorded - exempt - it.sent - it.late).max(0);
    let elsewhere = it.elsewhere.min(waiting);
    unbilled.push((Unbilled::Late, it.late));
    unbilled.push((Unbilled::SpanChanged, elsewhere));
    unbilled.push((Unbilled::NotSent, waiting - elsewhere.max(0)));
    let (units, free) = it.invoiced.map_or((0, 0), |invoiced| (invoiced.units, invoiced.free));
    // Nothing below zero is charged (Stripe: docs, recording usage).
    let lacking = it.metered.max(0) - units;
    let why = uncharged(it, lacking, cost);
    unbilled.extend(why.map(|(why, units, _)| (why, units)));
    unbilled.push((Unbilled::Included, free));
    unbilled.retain(|(_, units)| *units > 0);
    let rest = why.map_or(0, |(_, units, _)| units) - lacking;
    let mut lacks: Vec<Lack> = why.and_then(forgone).into_iter().collect();
    let open = match it.invoiced {
        None => !it.is_over,
        Some(invoiced) => !invoiced.is_final,
    };
    let open = open && !it.has_ended && !it.is_trial;
    let class = match rest {
        _ if open && rest < 0 => Class::Unsettled,
        ..0 => Class::Missing,
        1.. => Class::Extra,
        0 => Class::Match,
    };
    lacks.extend(match class {
        Class::Missing | Class::Extra => {
            let counted = it.metered.max(0);
            let amount = more(cost, None, counted, counted + rest);
            Some(Lack { class, cause: Cause::Invoice, difference: rest, amount })
        }
        Class::Match => otherwise(it, lacking),
        _ => None,
    });
    let class = lacks.first().map_or(class, |lack| lack.class);
    let difference = if lacks.is_empty() { rest } else { lacks.iter().map(|lack| lack.difference).sum() };
    Billed { class, difference, lacks, unbilled }
}

/// Units that the meter has and no invoice charges, with the reason where one is known, and what they would have cost.
fn uncharged(it: &Chain, lacking: i64, cost: Cost<'_>) -> Option<(Unbilled, i64, Option<Money>)> {
    if lacking <= 0 {
        return None;
    }
    if it.is_trial {
        return Some((Unbilled::Trial, lacking, None));
    }
    if it.invoiced.is_none() && it.has_ended {
        return Some((Unbilled::Canceled, lacking, more(cost, None, 0, lacking)));
    }
    let (mut left, mut sum) = (lacking, None::<Option<Money>>);
    for (place, charged) in it.charged.iter().enumerate() {
        let units = charged.afterwards.min(left);
        if units <= 0 {
            continue;
        }
        left -= units;
        let part = more(cost, Some(place), charged.units, charged.units + units);
        sum = Some(match sum {
            None => part,
            Some(sum) => sum.zip(part).map(|(a, b)| Money { minor: a.minor.saturating_add(b.minor), ..a }),
        });
    }
    sum.map(|amount| (Unbilled::Afterwards, lacking - left, amount))
}

/// What nobody will be billed for and would have cost something. What costs nothing, by what is included or by its band,
/// is a reason and no finding.
fn forgone((why, units, amount): (Unbilled, i64, Option<Money>)) -> Option<Lack> {
    let cause = match why {
        Unbilled::Canceled => Cause::Canceled,
        Unbilled::Afterwards => Cause::AfterInvoice,
        _ => return None,
    };
    if amount.is_some_and(|amount| amount.minor == 0) {
        return None;
    }
    let amount = amount.map(|amount| Money { minor: -amount.minor, ..amount });
    Some(Lack { class: Class::Missing, cause, difference: -units, amount })
}

/// The units are right, and the money is not.
fn otherwise(it: &Chain, lacking: i64) -> Option<Lack> {
    let (invoiced, expected) = it.invoiced.zip(it.expected.filter(|_| lacking <= 0))?;
    let amount = Money { minor: invoiced.amount.minor - expected.minor, ..expected };
    let lack = Lack { class: Class::Value, cause: Cause::Invoice, difference: 0, amount: Some(amount) };
    (amount.minor != 0).then_some(lack)
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

    /// Ten units are included and each further one costs 50 cents; nothing is known of the price of a second stretch.
    fn cost(of: Option<usize>, units: i64) -> Option<Money> {
        (of != Some(1)).then(|| usd((units - 10).max(0) * 50))
    }

    fn said(chain: &Chain) -> String {
        let got = billed(chain, &cost);
        let mut said = format!("{} {}", got.class, got.difference);
        for it in &got.lacks {
            let amount = it.amount.map_or("?".to_owned(), |amount| amount.minor.to_string());
            said.push_str(&format!(" [{} {} {} {amount}]", it.class, it.cause, it.difference));
        }
        for (why, units) in &got.unbilled {
            said.push_str(&format!(" {}={units}", why.as_str()));
        }
        said
    }

    fn sent(units: i64) -> Chain {
        Chain { recorded: units, sent: units, metered: units, ..Chain::default() }
    }

    #[test]
    fn each_unit_is_charged_or_has_a_reason() {
        for (what, chain, want) in [
            ("billed", Chain { invoiced: invoiced(10, 0, 500, true), ..sent(10) }, "match 0"),
            (
                "some are included",
                Chain { invoiced: invoiced(10, 4, 300, true), ..sent(10) },
                "match 0 included=4",
            ),
            ("the draft lags", Chain { invoiced: invoiced(7, 0, 350, false), ..sent(10) }, "unsettled -3"),
            (
                "the invoice is final",
                Chain { invoiced: invoiced(17, 0, 350, true), ..sent(20) },
                "missing -3 [missing invoice -3 -150]",
            ),
            (
                "more than was used",
                Chain { invoiced: invoiced(22, 0, 600, false), ..sent(20) },
                "extra 2 [extra invoice 2 100]",
            ),
            ("no invoice yet", sent(20), "unsettled -20"),
            (
                "none where one must be",
                Chain { is_over: true, ..sent(20) },
                "missing -20 [missing invoice -20 -500]",
            ),
            (
                "a draft that is held",
                Chain { is_over: true, invoiced: invoiced(7, 0, 350, false), ..sent(10) },
                "unsettled -3",
            ),
            ("a trial", Chain { is_trial: true, is_over: true, ..sent(20) }, "match 0 trial=20"),
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
                "some were sent with what another price bills",
                Chain {
                    recorded: 10,
                    exempt: vec![(Unbilled::Unlimited, 1)],
                    sent: 3,
                    elsewhere: 4,
                    metered: 3,
                    invoiced: invoiced(3, 0, 150, true),
                    ..Chain::default()
                },
                "match 0 unlimited=1 span_changed=4 not_sent=2",
            ),
            (
                "an exempt one was too",
                Chain {
                    recorded: 4,
                    exempt: vec![(Unbilled::Unlimited, 4)],
                    elsewhere: 4,
                    ..Chain::default()
                },
                "match 0 unlimited=4",
            ),
            (
                "another price",
                Chain { expected: Some(usd(500)), invoiced: invoiced(10, 0, 600, true), ..sent(10) },
                "value 0 [value invoice 0 100]",
            ),
        ] {
            assert_eq!(said(&chain), want, "{what}");
        }
    }

    /// Planted and seen to fail here: what is charged left out of the cost of what came after it, so that what is included
    /// is given twice.
    #[test]
    fn what_comes_after_the_bill_is_a_finding_if_it_would_have_cost_something() {
        let after = |metered: i64, parts: &[(i64, i64)]| Chain {
            charged: parts
                .iter()
                .map(|(units, afterwards)| Charged { units: *units, afterwards: *afterwards })
                .collect(),
            invoiced: invoiced(parts.iter().map(|it| it.0).sum(), 0, 0, true),
            is_over: true,
            ..sent(metered)
        };
        for (what, chain, want) in [
            (
                "all of it costs",
                after(23, &[(20, 3)]),
                "missing -3 [missing after_invoice -3 -150] after_invoice=3",
            ),
            (
                "two of three cost",
                after(12, &[(9, 3)]),
                "missing -3 [missing after_invoice -3 -100] after_invoice=3",
            ),
            ("included all the same", after(9, &[(6, 3)]), "match 0 after_invoice=3"),
            (
                "and one unit is gone",
                after(23, &[(20, 2)]),
                "missing -3 [missing after_invoice -2 -100] [missing invoice -1 -50] after_invoice=2",
            ),
            (
                "the invoice has some of it",
                after(21, &[(20, 3)]),
                "missing -1 [missing after_invoice -1 -50] after_invoice=1",
            ),
            ("the invoice has it", after(20, &[(20, 3)]), "match 0"),
            (
                "two prices, one of them known",
                after(40, &[(20, 3), (15, 2)]),
                "missing -5 [missing after_invoice -5 ?] after_invoice=5",
            ),
            ("a trial is free", Chain { is_trial: true, ..after(23, &[(20, 3)]) }, "match 0 trial=3"),
            (
                "canceled without a bill",
                Chain { has_ended: true, is_over: true, ..sent(20) },
                "missing -20 [missing canceled -20 -500] canceled=20",
            ),
            (
                "canceled, and included",
                Chain { has_ended: true, is_over: true, ..sent(10) },
                "match 0 canceled=10",
            ),
            ("nothing below zero", Chain { has_ended: true, is_over: true, ..sent(-5) }, "match 0"),
        ] {
            assert_eq!(said(&chain), want, "{what}");
        }
    }
}
