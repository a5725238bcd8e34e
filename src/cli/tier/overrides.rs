//! `tier override`: what one customer may have beside what its tier says.

use clap::Args;

use crate::billing::catalog::Limit;
use crate::billing::id::{CustomerId, LimitKey};
use crate::billing::ledger::{BadExpiry, Expiry};
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::flow::names::shown;
use crate::flow::overrides::{Ask, View, list, put};
use crate::ui::{Cell, Report};

/// Arguments of `tier override`.
#[derive(Debug, Args)]
pub struct OverrideArgs {
    /// The customer's own id; without: what holds for everybody
    customer: Option<String>,
    /// What holds instead: limits.NAME=NUMBER, or =unlimited (several at once)
    #[arg(value_name = "limits.NAME=VALUE", requires = "reason")]
    words: Vec<String>,
    /// Until this day or instant, or for so long, such as "30 days" [default: until it is ended]
    #[arg(long, value_name = "DATE", requires = "words")]
    until: Option<String>,
    /// End what holds for this limit: the tier's own word counts again (repeat it for several)
    #[arg(long, value_name = "limits.NAME", requires = "reason", conflicts_with = "words")]
    end: Vec<String>,
    /// Why it was agreed; kept with it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Also what no longer holds
    #[arg(long, conflicts_with_all = ["words", "end"])]
    all: bool,
}

pub(super) const EXAMPLES: &str = "Examples:
  paygrade tier override acme limits.members=10 --until 2027-12-31 --reason \"pilot of the new team\"
  paygrade tier override acme --end limits.members --reason \"the pilot is over\"
  paygrade tier override --all -o csv

It counts for `allow` from now on, whatever tier the customer is on; Stripe is not asked, for it knows no limits. The
newest word on a limit counts. Nothing is ever changed or removed: each word is kept with who said it and why.
Exit 3: unknown customer or limit, or an end that is not after now; nothing is written then.";

const COLUMNS: &[&str] = &[
    "override",
    "customer",
    "key",
    "value",
    "tier_says",
    "from",
    "until",
    "state",
    "actor",
    "reason",
    "ref",
    "run",
];

pub(super) fn run(cx: &Cx, args: &OverrideArgs) -> Result<Report, Error> {
    let customer = args.customer.as_deref().map(CustomerId::parse).transpose()?;
    let given = args.words.iter().map(|text| word(text)).chain(args.end.iter().map(|text| ending(text)));
    let words = given.collect::<Result<Vec<_>, _>>()?;
    let until = args.until.as_deref().map_or(Ok(Expiry::Never), Expiry::parse).map_err(bad_until)?;
    let changes = match (customer.clone(), words.is_empty()) {
        (_, true) => None,
        (Some(customer), false) => {
            let reason = args.reason.clone().unwrap_or_default();
            cx.because(&reason);
            let ask = Ask { customer, words, until, reason };
            let dry_run = cx.globals.dry_run;
            // A look first: without a store there is nothing to write to, and none is made for a refusal.
            put(&cx.store_reading()?, cx.now()?, &ask, true)?;
            Some(put(&*cx.store()?, cx.now()?, &ask, dry_run)?)
        }
        (None, false) => return Err(Error::new(Kind::Usage, "no_customer", "say whose limit it is")),
    };
    let views = cx.store_reading()?.read(|r| list(r, customer.as_ref(), args.all, cx.now()?))?;
    let mut report = Report::new("tier_override", COLUMNS);
    for view in &views {
        report.row(cells(view));
    }
    report.wrote = changes.filter(|_| !cx.globals.dry_run).and_then(|count| i64::try_from(count).ok());
    let whose = customer.map_or_else(|| "everybody".to_owned(), |id| id.to_string());
    let number = views.len();
    let s = |count: usize| if count == 1 { "" } else { "s" };
    Ok(report.verdict(match changes {
        None if args.all => format!("{number} override{} of {whose}, held or over", s(number)),
        None => format!("{number} override{} in force for {whose}", s(number)),
        Some(0) => format!("it holds for {whose} already: nothing changed"),
        Some(count) if cx.globals.dry_run => format!(
            "would write {count} override{} of {whose}; nothing was changed; apply it: {}",
            s(count),
            cx.line_applying()
        ),
        Some(count) => format!("{count} override{} of {whose} written, {number} in force", s(count)),
    }))
}

fn cells(view: &View) -> Vec<Cell> {
    let row = &view.row;
    vec![
        Cell::Count(row.says.number),
        Cell::text(row.customer_id.as_str()),
        Cell::text(format!("limits.{}", row.says.limit)),
        Cell::maybe_text(row.says.value.map(limit_word)),
        Cell::maybe_text(view.tier_says.map(limit_word)),
        Cell::At(row.says.from),
        Cell::maybe_at(row.says.until),
        Cell::text(view.stands.as_str()),
        Cell::text(&row.actor),
        Cell::text(&row.reason),
        Cell::maybe_text(row.reference.clone()),
        Cell::Count(row.run),
    ]
}

fn limit_word(limit: Limit) -> String {
    match limit {
        Limit::AtMost(most) => most.to_string(),
        Limit::Unlimited => "unlimited".to_owned(),
    }
}

/// `limits.members=10`.
fn word(text: &str) -> Result<(LimitKey, Option<Limit>), Error> {
    let (key, value) = text.split_once('=').ok_or_else(|| bad_word(text))?;
    let limit = match value {
        "unlimited" => Limit::Unlimited,
        most if !most.is_empty() && most.bytes().all(|byte| byte.is_ascii_digit()) => {
            Limit::AtMost(most.parse().map_err(|_| bad_word(text))?)
        }
        _ => return Err(bad_word(text)),
    };
    Ok((limit_key(key, text)?, Some(limit)))
}

/// `limits.members`.
fn ending(text: &str) -> Result<(LimitKey, Option<Limit>), Error> {
    Ok((limit_key(text, text)?, None))
}

fn limit_key(key: &str, text: &str) -> Result<LimitKey, Error> {
    let limit = key.strip_prefix("limits.").ok_or_else(|| bad_word(text))?;
    Ok(LimitKey::parse(limit)?)
}

fn bad_word(text: &str) -> Error {
    Error::new(Kind::BadInput, "bad_override", format!("`{}` is not an override", shown(text))).hint(
        "write limits.NAME=NUMBER or limits.NAME=unlimited; prices, seats and usage are agreed by `tier assign --deal`",
    )
}

fn bad_until(error: BadExpiry) -> Error {
    Error::new(Kind::BadInput, "bad_expiry", error.to_string())
        .hint("write --until as a day or an instant to come, such as 2027-12-31, or \"30 days\"")
}
