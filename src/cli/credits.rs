//! `credits`: what customers may spend, and what became of it.

mod hold;
mod sell;

use clap::{Args, Subcommand};

use super::Cx;
use crate::billing::id::{ActionKey, CustomerId};
use crate::billing::ledger::{BadExpiry, Expiry, Key, LotKind};
use crate::billing::money::{CREDITS_MAX, Credits};
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::flow::credits::grouped::By;
use crate::flow::credits::{self, ConsumeAsk, Done, GrantAsk, Price};
use crate::store::ledger::Posted;
use crate::store::run::Ending;
use crate::ui::{Cell, Report};

/// What customers may spend, and what became of it
#[derive(Debug, Subcommand)]
pub enum CreditsCommand {
    /// Give credits to a customer
    #[command(after_help = GRANT_EXAMPLES)]
    Grant(GrantArgs),
    /// Spend credits of a customer: all that are asked for, or none
    #[command(after_help = CONSUME_EXAMPLES)]
    Consume(ConsumeArgs),
    /// Reserve credits of a customer for a while: all that are asked for, or none
    #[command(after_help = hold::HOLD_EXAMPLES)]
    Hold(hold::HoldArgs),
    /// Spend what a hold reserves, or a part of it: the rest is released
    Settle(hold::SettleArgs),
    /// Make what a hold reserves available again
    Release(hold::ReleaseArgs),
    /// Give back what a usage entry spent, once
    Refund(hold::RefundArgs),
    /// Take credits back from a customer or from one lot
    #[command(after_help = hold::REVOKE_EXAMPLES)]
    Revoke(hold::RevokeArgs),
    /// Write off lots and release holds whose time is over
    Expire(hold::ExpireArgs),
    /// Post the credits that come with each month of a tier, where they are due
    #[command(after_help = sell::ALLOCATE_EXAMPLES)]
    Allocate(sell::AllocateArgs),
    /// Sell a pack of credits: on a hosted page, or by an invoice
    #[command(after_help = sell::SELL_EXAMPLES)]
    Sell(sell::SellArgs),
    /// Give money at Stripe that is taken off metered bills
    #[command(after_help = sell::STRIPE_GRANT_EXAMPLES)]
    StripeGrant(sell::StripeGrantArgs),
    /// Show what customers have
    Balance(BalanceArgs),
    /// List a customer's entries, oldest first, or their sums
    #[command(after_help = HISTORY_EXAMPLES)]
    History(HistoryArgs),
}

const GRANT_EXAMPLES: &str = "Examples:
  paygrade credits grant acme 50 --reason \"sorry for Tuesday\"
  paygrade credits grant acme 1000 --kind purchase --expires \"12 months\" --reason \"wire 4711\" --key wire-4711";
const CONSUME_EXAMPLES: &str = "Examples:
  paygrade credits consume acme 25
  paygrade credits consume acme --action ai_analysis --key job-8817

Exit 5 when there are too few; nothing is spent then. With --key a repeated call has no second effect.";

const HISTORY_EXAMPLES: &str = "Examples:
  paygrade credits history acme
  paygrade credits history acme --group-by kind,action --from 2026-10-01 --to 2026-11-01

Of sums, `credits` is the change of what is available, and `moved` how many credits moved: settling a hold spends what
was not available any more. By kind and over all time, they are what a customer ever bought, got and spent.";

/// Arguments of `credits grant`.
#[derive(Debug, Args)]
pub struct GrantArgs {
    /// The customer's own id
    customer: String,
    /// How many credits
    #[arg(value_name = "N", allow_negative_numbers = true)]
    credits: String,
    /// Why, for whoever reads the ledger later
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Where the credits come from: it decides which are spent first
    #[arg(long, default_value = "bonus", value_name = "KIND",
          value_parser = ["bonus", "purchase", "refund", "opening", "trial", "subscription_allocation"])]
    kind: String,
    /// When they end: a date, an instant, or a length of time such as "30 days" [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// One effect for each key: the same call again gets the first answer
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Arguments of `credits consume`.
#[derive(Debug, Args)]
pub struct ConsumeArgs {
    /// The customer's own id
    customer: String,
    /// How many credits
    #[arg(value_name = "N", allow_negative_numbers = true, required_unless_present = "action")]
    credits: Option<String>,
    /// What this action costs by the catalog that was applied last
    #[arg(long, value_name = "ACTION", conflicts_with = "credits")]
    action: Option<String>,
    /// One effect for each key: the same call again gets the first answer
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Arguments of `credits balance`.
#[derive(Debug, Args)]
pub struct BalanceArgs {
    /// The customer's own id [default: everybody who ever had credits]
    customer: Option<String>,
}

/// Arguments of `credits history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The customer's own id
    customer: String,
    /// From this date or instant on
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Before this date or instant
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// Sums instead of entries, by one or more of: kind, action, reason, ref, actor, month, day
    #[arg(long, value_name = "KEYS")]
    group_by: Option<String>,
}

const POSTED_COLUMNS: &[&str] =
    &["entry", "customer", "lot_kind", "credits", "balance_after", "lot", "expires", "action", "key"];
const GROUPED_COLUMNS: &[&str] =
    &["kind", "action", "reason", "ref", "actor", "month", "day", "entries", "credits", "moved"];
const BALANCE_COLUMNS: &[&str] =
    &["customer", "available", "held", "purchased", "allocated", "bonus", "expiring_30d", "next_expiry"];
/// Columns of a history and of `export ledger`.
pub(super) const LEDGER_COLUMNS: &[&str] = &[
    "at",
    "entry",
    "customer",
    "kind",
    "credits",
    "balance_after",
    "lot",
    "source_id",
    "action",
    "reason",
    "ref",
    "actor",
    "host",
    "key",
    "run",
];

pub(super) fn run(cx: &Cx, command: CreditsCommand) -> Result<Report, Error> {
    match command {
        CreditsCommand::Grant(args) => grant(cx, args),
        CreditsCommand::Consume(args) => consume(cx, args),
        CreditsCommand::Hold(args) => hold::hold(cx, &args),
        CreditsCommand::Settle(args) => hold::settle(cx, &args),
        CreditsCommand::Release(args) => hold::release(cx, &args),
        CreditsCommand::Refund(args) => hold::refund(cx, &args),
        CreditsCommand::Revoke(args) => hold::revoke(cx, &args),
        CreditsCommand::Expire(_) => hold::expire(cx),
        CreditsCommand::Allocate(args) => sell::allocate(cx, &args),
        CreditsCommand::Sell(args) => sell::sell(cx, &args),
        CreditsCommand::StripeGrant(args) => sell::stripe_grant(cx, &args),
        CreditsCommand::Balance(args) => balance(cx, args),
        CreditsCommand::History(args) => history(cx, args),
    }
}

fn grant(cx: &Cx, args: GrantArgs) -> Result<Report, Error> {
    let kind =
        LotKind::parse(&args.kind).ok_or_else(|| bad("kind", &args.kind, "one of the listed kinds"))?;
    let expires = args.expires.as_deref().map_or(Ok(Expiry::Never), Expiry::parse).map_err(bad_expiry)?;
    let ask = GrantAsk {
        customer: CustomerId::parse(&args.customer)?,
        credits: credits_of(&args.credits)?,
        kind,
        expires,
        key: key_of(args.key.as_deref())?,
    };
    cx.because(&args.reason);
    store_needed(cx, &ask.customer)?;
    let what = |posted: &Posted| format!("{} credits to {}", posted.credits, ask.customer);
    let ends = |posted: &Posted| ending(written("granted", &what(posted), posted));
    let done = credits::grant(&*cx.store()?, cx.now()?, &ask, cx.globals.dry_run, Some(&ends))?;
    let what = what(done.posted());
    let mut again =
        vec!["grant", &args.customer, &args.credits, "--reason", &args.reason, "--kind", &args.kind];
    again.extend(args.expires.iter().flat_map(|expires| ["--expires", expires]));
    let again = command(again, args.key.as_deref());
    let words = Words { written: "granted", known: "already granted", shown: "would grant", what, again };
    Ok(posted_report("credits_grant", &ask.customer, ask.key.as_ref(), &done, &words))
}

fn consume(cx: &Cx, args: ConsumeArgs) -> Result<Report, Error> {
    let price = match (&args.credits, &args.action) {
        (_, Some(action)) => Price::Action(ActionKey::parse(action)?),
        (Some(credits), None) => Price::Credits(credits_of(credits)?),
        (None, None) => {
            return Err(Error::new(Kind::Usage, "no_credits", "give a number of credits or --action"));
        }
    };
    let ask =
        ConsumeAsk { customer: CustomerId::parse(&args.customer)?, price, key: key_of(args.key.as_deref())? };
    store_needed(cx, &ask.customer)?;
    let what = |posted: &Posted| {
        let action = posted.action.as_ref().map(|action| format!(" for {action}")).unwrap_or_default();
        format!("{} credits of {}{action}", posted.credits, ask.customer)
    };
    let ends = |posted: &Posted| ending(written("consumed", &what(posted), posted));
    let done = credits::consume(&*cx.store()?, cx.now()?, &ask, cx.globals.dry_run, Some(&ends))?;
    let what = what(done.posted());
    let mut again = vec!["consume", &args.customer];
    again.extend(args.credits.as_deref());
    again.extend(args.action.iter().flat_map(|action| ["--action", action]));
    let again = command(again, args.key.as_deref());
    let words = Words { written: "consumed", known: "already consumed", shown: "would consume", what, again };
    Ok(posted_report("credits_consume", &ask.customer, ask.key.as_ref(), &done, &words))
}

/// What was written, in the words of the verdict.
fn written(word: &str, what: &str, posted: &Posted) -> String {
    format!("{word} {what}: {} available", posted.balance_after)
}

/// How a run ends that is one transaction, without a call to Stripe, and takes no second.
fn ending(verdict: String) -> Ending {
    Ending { exit: 0, seconds: 0, wrote: Some(1), calls: None, verdict: Some(verdict) }
}

/// How the verdict says it.
struct Words {
    written: &'static str,
    known: &'static str,
    shown: &'static str,
    what: String,
    /// The command that does what was only shown.
    again: String,
}

/// `paygrade credits …` as it can be typed into a shell.
fn command(words: Vec<&str>, key: Option<&str>) -> String {
    let plain = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@+=".contains(c))
    };
    let quoted = |word: &str| {
        if plain(word) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    };
    let key = key.map(|key| ["--key", key]);
    let words = ["paygrade", "credits"].into_iter().chain(words).chain(key.into_iter().flatten());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn posted_report(
    name: &'static str,
    customer: &CustomerId,
    key: Option<&Key>,
    done: &Done,
    words: &Words,
) -> Report {
    let posted = done.posted();
    let mut report = Report::new(name, POSTED_COLUMNS);
    for entry in &posted.entries {
        let shown = matches!(done, Done::Shown(_));
        report.row(vec![
            // What is only shown has no number yet.
            if shown { Cell::Blank } else { Cell::Count(entry.entry) },
            Cell::text(customer.as_str()),
            Cell::text(entry.kind.as_str()),
            Cell::Count(entry.credits.0),
            Cell::Count(entry.balance_after.0),
            if shown && name == "credits_grant" { Cell::Blank } else { Cell::Count(entry.lot.0) },
            Cell::maybe_at(entry.expires_at),
            Cell::maybe_text(posted.action.clone()),
            Cell::maybe_text(key.map(Key::as_str)),
        ]);
    }
    let (what, after) = (&words.what, posted.balance_after);
    let verdict = match done {
        Done::Written(posted) => written(words.written, what, posted),
        Done::Known(_) => format!("{} {what} at {}: nothing changed", words.known, posted.at),
        Done::Shown(_) => {
            format!(
                "{} {what}: {after} available then; nothing was changed; apply it: {}",
                words.shown, words.again
            )
        }
    };
    let mut report = report
        .fact(
            "state",
            Cell::text(match done {
                Done::Written(_) => "written",
                Done::Known(_) => "known",
                Done::Shown(_) => "shown",
            }),
        )
        .verdict(verdict);
    report.wrote = matches!(done, Done::Written(_)).then_some(1);
    report
}

fn balance(cx: &Cx, args: BalanceArgs) -> Result<Report, Error> {
    let customer = args.customer.as_deref().map(CustomerId::parse).transpose()?;
    let now = cx.now()?;
    let rows = cx.store_reading()?.read(|r| credits::balance(r, now, customer.as_ref()))?;
    let mut report = Report::new("credits_balance", BALANCE_COLUMNS);
    let mut available = 0_i64;
    for (id, standing) in &rows {
        available = available.saturating_add(standing.available.0);
        report.row(vec![
            Cell::text(id),
            Cell::Count(standing.available.0),
            Cell::Count(standing.held.0),
            Cell::Count(standing.purchased.0),
            Cell::Count(standing.allocated.0),
            Cell::Count(standing.bonus.0),
            Cell::Count(standing.expiring_30d.0),
            Cell::maybe_at(standing.next_expiry),
        ]);
    }
    let verdict = match &customer {
        Some(id) => format!("{id} has {available} credits available"),
        None => format!("{} with credits, {available} available in all", counted(rows.len(), "customer")),
    };
    Ok(report.verdict(verdict))
}

fn history(cx: &Cx, args: HistoryArgs) -> Result<Report, Error> {
    let customer = CustomerId::parse(&args.customer)?;
    let (from, to) = (instant_of(args.from.as_deref())?, instant_of(args.to.as_deref())?);
    if let Some(keys) = &args.group_by {
        return history_grouped(cx, &customer, from, to, &By::parse_list(keys)?);
    }
    let rows = cx.store_reading()?.read(|r| credits::history(r, &customer, from, to))?;
    let mut report = Report::new("credits_history", LEDGER_COLUMNS);
    for row in &rows {
        report.row(ledger_cells(row));
    }
    let ended = rows.last().map(|row| format!(", balance {} after the last", row.balance_after));
    let count = match rows.len() {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    };
    Ok(report.verdict(format!("{count} of {customer}{}", ended.unwrap_or_default())))
}

fn history_grouped(
    cx: &Cx,
    customer: &CustomerId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    by: &[By],
) -> Result<Report, Error> {
    let groups =
        cx.store_reading()?.read(|r| credits::grouped::history_grouped(r, customer, from, to, by))?;
    let mut report = Report::new("credits_history_grouped", GROUPED_COLUMNS);
    let mut entries = 0_i64;
    for (keys, sums) in &groups {
        entries = entries.saturating_add(sums.entries);
        let key = |column: By| {
            let at = by.iter().position(|it| *it == column);
            Cell::maybe_text(at.and_then(|at| keys.get(at)).cloned().flatten())
        };
        let mut cells: Vec<Cell> = By::ALL.into_iter().map(key).collect();
        cells.extend([sums.entries, sums.credits, sums.moved].map(Cell::Count));
        report.row(cells);
    }
    let of = if entries == 1 { "entry" } else { "entries" };
    Ok(report.verdict(format!("{} of {entries} {of} of {customer}", counted(groups.len(), "group"))))
}

/// One entry as cells, in the order of [`LEDGER_COLUMNS`].
pub(super) fn ledger_cells(row: &crate::store::ledger::LedgerRow) -> Vec<Cell> {
    vec![
        Cell::At(row.at),
        Cell::Count(row.entry),
        Cell::text(&row.customer),
        Cell::text(row.kind),
        Cell::Count(row.credits),
        Cell::Count(row.balance_after.0),
        Cell::Count(row.lot.0),
        Cell::maybe_text(row.source_id.clone()),
        Cell::maybe_text(row.action.clone()),
        Cell::maybe_text(row.reason.clone()),
        Cell::maybe_text(row.reference.clone()),
        Cell::text(&row.actor),
        Cell::text(&row.host),
        Cell::maybe_text(row.key.clone()),
        Cell::Count(row.run),
    ]
}

/// Nobody has credits before there is a store, and asking for some does not make one.
fn store_needed(cx: &Cx, customer: &CustomerId) -> Result<(), Error> {
    if cx.store_exists() {
        return Ok(());
    }
    Err(Error::new(Kind::BadInput, "unknown_customer", format!("there is no customer `{customer}`")).hint(
        format!("there is no store yet; add it first: paygrade customer add {customer} --email ADDRESS"),
    ))
}

fn credits_of(text: &str) -> Result<Credits, Error> {
    let rule = format!("a whole number from 1 to {CREDITS_MAX}");
    Credits::parse_positive(text).ok_or_else(|| bad("number of credits", text, &rule))
}

fn key_of(text: Option<&str>) -> Result<Option<Key>, Error> {
    text.map(Key::parse).transpose().map_err(|error| {
        Error::new(Kind::BadInput, "bad_key", error.to_string()).hint("use an id of what causes the effect")
    })
}

#[allow(clippy::needless_pass_by_value)] // For `map_err`.
fn bad_expiry(error: BadExpiry) -> Error {
    Error::new(Kind::BadInput, "bad_expiry", error.to_string())
        .hint("write --expires as 2026-12-31, 2026-12-31T12:00:00Z or \"30 days\"")
}

fn instant_of(text: Option<&str>) -> Result<Option<Timestamp>, Error> {
    let Some(text) = text else { return Ok(None) };
    Timestamp::parse(text)
        .map(Some)
        .ok_or_else(|| bad("date or instant", text, "2026-12-31 or 2026-12-31T12:00:00Z"))
}

fn bad(what: &str, text: &str, rule: &str) -> Error {
    let text: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    Error::new(Kind::BadInput, "bad_value", format!("`{text}` is not a {what}")).hint(format!("write {rule}"))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
