//! `allow`: may a customer do this now?

use clap::Args;

use super::Cx;
use crate::billing::id::{ActionKey, CustomerId, FeatureKey, LimitKey, MeterKey};
use crate::billing::money::Credits;
use crate::billing::usage::parse_quantity;
use crate::error::{Error, Kind};
use crate::flow::allow::{Question, allow};
use crate::ui::{Cell, Report};

/// Ask whether a customer may do something now
///
/// Answers from the store alone: exit 0 for yes, 5 for no, with one word for why. Reserves nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade allow acme --meter tokens=500
  paygrade allow acme --feature sso
  paygrade allow acme --limit members=4
  paygrade allow acme --action ai_analysis")]
pub struct AllowArgs {
    /// The customer's own id
    customer: String,
    #[command(flatten)]
    question: QuestionArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct QuestionArgs {
    /// So many units of a meter
    #[arg(long, value_name = "METER=UNITS")]
    meter: Option<String>,
    /// A feature of the tier
    #[arg(long, value_name = "FEATURE")]
    feature: Option<String>,
    /// So many in all of what a limit counts
    #[arg(long, value_name = "LIMIT=NUMBER")]
    limit: Option<String>,
    /// An action, at its price in credits
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// So many credits
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    credits: Option<String>,
}

pub(super) fn run(cx: &Cx, args: &AllowArgs) -> Result<Report, Error> {
    let customer = CustomerId::parse(&args.customer)?;
    let (question, shown) = question(&args.question)?;
    let store = cx.store_reading()?;
    let answer = allow(&store, cx.now()?, &customer, &question)?;
    store.leave();
    let word = if answer.allowed { "yes" } else { "no" };
    Ok(Report::new("allow", &[])
        .fact("customer", Cell::text(customer.as_str()))
        .fact("asked", Cell::text(shown))
        .fact("allowed", Cell::Flag(answer.allowed))
        .fact("reason", Cell::text(answer.reason))
        .fact("left", Cell::maybe_count(answer.left))
        .verdict(format!("{word}: {}", answer.reason))
        .outcome((!answer.allowed).then_some(Kind::Refused)))
}

fn question(args: &QuestionArgs) -> Result<(Question, String), Error> {
    let pair = |text: &str, what: &str| -> Result<(String, String), Error> {
        let parts = text.split_once('=').map(|(name, number)| (name.to_owned(), number.to_owned()));
        parts.ok_or_else(|| Error::new(Kind::Usage, "bad_pair", format!("`{text}` is not written as {what}")))
    };
    if let Some(text) = &args.meter {
        let (meter, units) = pair(text, "METER=UNITS, such as tokens=500")?;
        return Ok((
            Question::Meter(MeterKey::parse(&meter)?, parse_quantity(&units)?),
            format!("meter {text}"),
        ));
    }
    if let Some(text) = &args.limit {
        let (limit, number) = pair(text, "LIMIT=NUMBER, such as members=4")?;
        let value = number.parse::<u64>().map_err(|_| bad_number(&number))?;
        return Ok((Question::Limit(LimitKey::parse(&limit)?, value), format!("limit {text}")));
    }
    if let Some(text) = &args.feature {
        return Ok((Question::Feature(FeatureKey::parse(text)?), format!("feature {text}")));
    }
    if let Some(text) = &args.action {
        return Ok((Question::Action(ActionKey::parse(text)?), format!("action {text}")));
    }
    let text = args.credits.as_deref().unwrap_or_default();
    let credits = Credits::parse_positive(text).ok_or_else(|| bad_number(text))?;
    Ok((Question::Credits(credits), format!("credits {text}")))
}

fn bad_number(text: &str) -> Error {
    Error::new(
        Kind::BadInput,
        "bad_number",
        format!("`{}` is not a whole number in range", text.escape_debug()),
    )
    .hint("give digits only, such as 4")
}
