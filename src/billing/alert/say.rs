//! What alerts say: one line and a text, to operators and to customers.

use super::{Balance, Forecast};
use crate::billing::catalog::Beyond;
use crate::billing::time::Timestamp;
use crate::billing::upgrade::Upgrade;

/// One line and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A ladder's step, as far as it is said.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    /// The customer's own id.
    pub customer: &'a str,
    /// What is limited, in words: a meter's name, or "credits".
    pub what: &'a str,
    /// Whole percent used.
    pub percent: i64,
    /// Used, with its unit or currency.
    pub used: String,
    /// The limit, alike.
    pub limit: String,
    /// When it begins anew; `None` where nobody knows.
    pub until: Option<Timestamp>,
    /// What happens beyond the limit.
    pub beyond: &'a str,
    /// When it will be reached.
    pub forecast: Option<Forecast>,
    /// A tier that would cost less.
    pub upgrade: Option<Upgrade>,
}

/// What happens beyond the included units.
pub fn beyond(beyond: &Beyond) -> &'static str {
    match beyond {
        Beyond::Bill(_) => "more is billed",
        Beyond::Block => "more is refused",
        Beyond::Credits { .. } => "more costs credits",
    }
}

/// A step of a ladder, to an operator or to the customer.
pub fn step(it: &Step<'_>, to_customer: bool) -> Said {
    let whose = if to_customer { String::new() } else { format!("{}: ", it.customer) };
    let who = if to_customer { "You have".to_owned() } else { format!("{} has", it.customer) };
    let (percent, what) = (it.percent, it.what);
    let until = it.until.map(|at| format!(" It begins anew on {}.", day(at))).unwrap_or_default();
    let mut text = format!("{who} used {} of {} ({percent} %); {}.{until}", it.used, it.limit, it.beyond);
    if let Some(forecast) = &it.forecast {
        text.push_str(&format!(" {}.", said_forecast(forecast)));
    }
    if let Some(upgrade) = &it.upgrade {
        text.push_str(&format!(" {upgrade}."));
    }
    Said { subject: format!("{whose}{percent} % of {what}"), text }
}

/// The forecast alone.
pub fn forecast(it: &Step<'_>, forecast: &Forecast, to_customer: bool) -> Said {
    let said = step(&Step { forecast: Some(*forecast), ..it.clone() }, to_customer);
    let whose = if to_customer { String::new() } else { format!("{}: ", it.customer) };
    Said { subject: format!("{whose}100 % of {} on {} at this rate", it.what, day(forecast.at)), ..said }
}

fn said_forecast(it: &Forecast) -> String {
    format!("100 % on {} at this rate ({} days, {} a day)", day(it.at), it.days, it.a_day)
}

/// A balance that is low or out.
pub fn balance(customer: &str, state: Balance, available: i64, to_customer: bool) -> Said {
    let whose = if to_customer { String::new() } else { format!("{customer}: ") };
    let who = if to_customer { "You have".to_owned() } else { format!("{customer} has") };
    match state {
        Balance::Out => Said {
            subject: format!("{whose}out of credits"),
            text: format!("{who} no credits left; what costs credits is refused until there are more."),
        },
        Balance::Low => Said {
            subject: format!("{whose}{available} credits left"),
            text: format!("{who} {available} credits left."),
        },
    }
}

/// `23 Nov`, in UTC.
pub fn day(at: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some(civil) = at.civil() else { return at.to_string() };
    let month = usize::try_from(civil.month()).ok().and_then(|month| MONTHS.get(month.saturating_sub(1)));
    format!("{} {}", civil.day(), month.copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::money::{Currency, Money};

    #[test]
    fn sentences_have_their_figures() {
        let usd = |minor| Money { minor, currency: Currency::parse("usd").unwrap() };
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let tier = crate::billing::id::TierKey::parse("pro").unwrap();
        let it = Step {
            customer: "acme",
            what: "Tokens",
            percent: 81,
            used: "8100".to_owned(),
            limit: "10000".to_owned(),
            until: Some(at("2026-12-01")),
            beyond: "more is billed",
            forecast: None,
            upgrade: Some(Upgrade { tier, cost: usd(3000), bill: usd(2900) }),
        };
        let said = step(&it, false);
        assert_eq!(said.subject, "acme: 81 % of Tokens");
        assert_eq!(
            said.text,
            "acme has used 8100 of 10000 (81 %); more is billed. It begins anew on 1 Dec. \
             USD 30.00 this month; pro is USD 29.00."
        );
        let pace = Forecast { at: at("2026-11-23T04:00:00Z"), days: 10, a_day: 50 };
        let said = forecast(&Step { upgrade: None, ..it }, &pace, true);
        assert_eq!(said.subject, "100 % of Tokens on 23 Nov at this rate");
        assert_eq!(
            said.text,
            "You have used 8100 of 10000 (81 %); more is billed. It begins anew on 1 Dec. \
             100 % on 23 Nov at this rate (10 days, 50 a day)."
        );
        assert_eq!(balance("acme", Balance::Low, 7, false).subject, "acme: 7 credits left");
        assert_eq!(balance("acme", Balance::Out, 0, true).subject, "out of credits");
    }
}
