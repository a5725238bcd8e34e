//! `credits hold`, `settle`, `release`, `expire`, `revoke`, `refund`.

use clap::Args;

use super::{
    Words, bad, bad_expiry, command, credits_of, ending, key_of, posted_report, store_needed, written,
};
use crate::billing::id::{ActionKey, CustomerId};
use crate::billing::ledger::{Expiry, Movement};
use crate::billing::time::Timestamp;
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::flow::credits::Price;
use crate::flow::credits::hold::{self, Ended, For, HoldAsk, State, TakeFrom};
use crate::store::ledger::Posted;
use crate::ui::{Cell, Report};

pub(super) const HOLD_EXAMPLES: &str = "Examples:
  paygrade credits hold acme 25 --for 15m --key job-8817
  paygrade credits hold acme --action ai_analysis --for 2h

Prints the number of the hold, for `credits settle` and `credits release`. Its time over, it releases itself.";
pub(super) const REVOKE_EXAMPLES: &str = "Examples:
  paygrade credits revoke acme 50 --reason \"granted twice\"
  paygrade credits revoke --lot 12 50 --reason \"chargeback of wire 4711\"";

/// Arguments of `credits hold`.
#[derive(Debug, Args)]
pub struct HoldArgs {
    /// The customer's own id
    customer: String,
    /// How many credits
    #[arg(value_name = "N", allow_negative_numbers = true, required_unless_present = "action")]
    credits: Option<String>,
    /// What this action costs by the catalog that was applied last
    #[arg(long, value_name = "ACTION", conflicts_with = "credits")]
    action: Option<String>,
    /// How long, such as 90s, 15m, 2h, 3d
    #[arg(long = "for", value_name = "LENGTH", default_value = "15m")]
    lasts: String,
    /// One effect for each key: the same call again gets the first answer
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Arguments of `credits settle`.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// Number of the hold
    #[arg(value_name = "HOLD")]
    hold: String,
    /// How many credits; the rest is released [default: all that it holds]
    #[arg(value_name = "N", allow_negative_numbers = true)]
    credits: Option<String>,
}

/// Arguments of `credits release`.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// Number of the hold
    #[arg(value_name = "HOLD")]
    hold: String,
}

/// Arguments of `credits expire`.
#[derive(Debug, Args)]
pub struct ExpireArgs {}

/// Arguments of `credits revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The customer's own id, and how many credits: those go first that would be spent last. With --lot only how many
    #[arg(value_names = ["CUSTOMER", "N"], num_args = 1..=2, required = true, allow_negative_numbers = true)]
    what: Vec<String>,
    /// From this lot
    #[arg(long, value_name = "LOT")]
    lot: Option<String>,
    /// Why, for whoever reads the ledger later
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// One effect for each key: the same call again gets the first answer
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Arguments of `credits refund`.
#[derive(Debug, Args)]
pub struct RefundArgs {
    /// Number of the usage entry, from `credits history`
    #[arg(value_name = "ENTRY")]
    entry: String,
    /// Why, for whoever reads the ledger later
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// When the credits end [default: as those that were spent, or never where these are over]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
}

fn number(what: &str, text: &str) -> Result<i64, Error> {
    let number = text.parse::<i64>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| bad(&format!("number of {what}"), text, "a whole number above zero"))
}

fn no_store(what: &str, text: &str) -> Error {
    Error::new(Kind::BadInput, "unknown", format!("there is no {what} {text}")).hint("there is no store yet")
}

pub(super) fn hold(cx: &Cx, args: &HoldArgs) -> Result<Report, Error> {
    let price = match (&args.credits, &args.action) {
        (_, Some(action)) => Price::Action(ActionKey::parse(action)?),
        (Some(credits), None) => Price::Credits(credits_of(credits)?),
        (None, None) => {
            return Err(Error::new(Kind::Usage, "no_credits", "give a number of credits or --action"));
        }
    };
    let ask = HoldAsk {
        customer: CustomerId::parse(&args.customer)?,
        price,
        lasts: For::parse(&args.lasts)?,
        key: key_of(args.key.as_deref())?,
    };
    store_needed(cx, &ask.customer)?;
    let now = cx.now()?;
    let what = |posted: &Posted, hold: Option<(i64, Timestamp)>| {
        let hold = hold.map(|(hold, until)| format!(" as hold {hold} until {until}")).unwrap_or_default();
        format!("{} credits of {}{hold}", posted.credits, ask.customer)
    };
    // A hold has the number of its posting.
    let ends = |posted: &Posted| {
        let hold = Some((posted.posting, ask.until(now)));
        ending(written("held", &what(posted, hold), posted))
    };
    let (done, made) = hold::hold(&*cx.store()?, now, &ask, cx.globals.dry_run, Some(&ends))?;
    let what = what(done.posted(), made.map(|hold| (hold.hold, hold.until)));
    let mut again = vec!["hold", &args.customer];
    again.extend(args.credits.as_deref());
    again.extend(args.action.iter().flat_map(|action| ["--action", action]));
    again.extend(["--for", &args.lasts]);
    let again = command(again, args.key.as_deref());
    let words = Words { written: "held", known: "already held", shown: "would hold", what, again };
    let report = posted_report("credits_hold", &ask.customer, ask.key.as_ref(), &done, &words);
    Ok(report
        .fact("hold", Cell::maybe_count(made.map(|hold| hold.hold)))
        .fact("until", Cell::maybe_at(made.map(|hold| hold.until))))
}

pub(super) fn settle(cx: &Cx, args: &SettleArgs) -> Result<Report, Error> {
    let hold = number("a hold", &args.hold)?;
    let credits = args.credits.as_deref().map(credits_of).transpose()?;
    if !cx.store_exists() {
        return Err(no_store("hold", &args.hold));
    }
    let ends = |ended: &Ended| ending(ended_verdict(cx, hold, ended));
    let ended = hold::settle(&*cx.store()?, cx.now()?, hold, credits, cx.globals.dry_run, Some(&ends))?;
    Ok(ended_report(cx, "credits_settle", hold, &ended))
}

pub(super) fn release(cx: &Cx, args: &ReleaseArgs) -> Result<Report, Error> {
    let hold = number("a hold", &args.hold)?;
    if !cx.store_exists() {
        return Err(no_store("hold", &args.hold));
    }
    let ends = |ended: &Ended| ending(ended_verdict(cx, hold, ended));
    let ended = hold::release(&*cx.store()?, cx.now()?, hold, cx.globals.dry_run, Some(&ends))?;
    Ok(ended_report(cx, "credits_release", hold, &ended))
}

/// As the columns of a posting, with the movement: settling does two things.
const ENDED_COLUMNS: &[&str] =
    &["entry", "customer", "kind", "credits", "balance_after", "lot", "lot_kind", "expires"];

fn movement_rows(report: &mut Report, customer: &CustomerId, posted: &Posted, is_shown: bool) {
    for entry in &posted.entries {
        report.row(vec![
            if is_shown { Cell::Blank } else { Cell::Count(entry.entry) },
            Cell::text(customer.as_str()),
            Cell::text(posted.movement.as_str()),
            Cell::Count(entry.credits.0),
            Cell::Count(entry.balance_after.0),
            Cell::Count(entry.lot.0),
            Cell::text(entry.kind.as_str()),
            Cell::maybe_at(entry.expires_at),
        ]);
    }
}

fn ended_report(cx: &Cx, name: &'static str, hold: i64, ended: &Ended) -> Report {
    let mut report = Report::new(name, ENDED_COLUMNS);
    for posted in &ended.postings {
        movement_rows(&mut report, &ended.customer, posted, ended.state == State::Shown);
    }
    let word = match ended.state {
        State::Written => "written",
        State::Known => "known",
        State::Shown => "shown",
    };
    let verdict = ended_verdict(cx, hold, ended);
    let mut report = report.fact("hold", Cell::Count(hold)).fact("state", Cell::text(word)).verdict(verdict);
    report.wrote = (ended.state == State::Written).then_some(1);
    report
}

fn ended_verdict(cx: &Cx, hold: i64, ended: &Ended) -> String {
    let did = |posted: &Posted| {
        let word = if posted.movement == Movement::Settle { "spent" } else { "released" };
        format!("{} credits {word}", posted.credits)
    };
    let did = ended.postings.iter().map(did).collect::<Vec<_>>().join(", ");
    let customer = &ended.customer;
    let after = ended.postings.last().map_or(0, |posted| posted.balance_after.0);
    match ended.state {
        State::Written => format!("hold {hold} of {customer} ended: {did}; {after} available"),
        State::Known => format!("hold {hold} of {customer} ended before: {did}; nothing changed"),
        State::Shown => format!(
            "would end hold {hold} of {customer}: {did}; nothing was changed; apply it: {}",
            cx.line_applying()
        ),
    }
}

pub(super) fn expire(cx: &Cx) -> Result<Report, Error> {
    let mut report = Report::new("credits_expire", ENDED_COLUMNS);
    if !cx.store_exists() {
        return Ok(report.verdict("nothing is over: there is no store yet".to_owned()));
    }
    let dry = cx.globals.dry_run;
    let all = hold::expire(&*cx.store()?, cx.now()?, dry)?;
    let (mut expired, mut released) = (0_i64, 0_i64);
    for it in &all {
        movement_rows(&mut report, &it.customer, &it.posting, dry);
        match it.posting.movement {
            Movement::Release => released += it.posting.credits.0,
            _ => expired += it.posting.credits.0,
        }
    }
    let verdict = match (all.is_empty(), dry) {
        (true, _) => "nothing is over".to_owned(),
        (false, false) => format!("{expired} credits expired, {released} released from holds"),
        (false, true) => format!(
            "{expired} credits would expire, {released} would be released from holds; nothing was changed; apply \
             it: {}",
            cx.line_applying()
        ),
    };
    report =
        report.fact("expired", Cell::Count(expired)).fact("released", Cell::Count(released)).verdict(verdict);
    report.wrote = (!dry && !all.is_empty()).then(|| i64::try_from(all.len()).unwrap_or(i64::MAX));
    Ok(report)
}

pub(super) fn revoke(cx: &Cx, args: &RevokeArgs) -> Result<Report, Error> {
    let (from, credits) = match (&args.lot, &args.what[..]) {
        (Some(lot), [credits]) => (TakeFrom::Lot(number("a lot", lot)?), credits),
        (None, [customer, credits]) => (TakeFrom::Customer(CustomerId::parse(customer)?), credits),
        _ => {
            return Err(Error::new(Kind::Usage, "bad_arguments", "give CUSTOMER N, or --lot LOT N")
                .hint("paygrade credits revoke --lot 12 50 --reason TEXT"));
        }
    };
    let credits = credits_of(credits)?;
    let key = key_of(args.key.as_deref())?;
    cx.because(&args.reason);
    match &from {
        TakeFrom::Customer(id) => store_needed(cx, id)?,
        TakeFrom::Lot(lot) if !cx.store_exists() => return Err(no_store("lot", &lot.to_string())),
        TakeFrom::Lot(_) => (),
    }
    let lot = args.lot.as_ref().map(|lot| format!(" (lot {lot})")).unwrap_or_default();
    let what = |customer: &CustomerId| format!("{credits} credits of {customer}{lot}");
    let ends = |customer: &CustomerId, posted: &Posted| ending(written("took back", &what(customer), posted));
    let (store, dry) = (cx.store()?, cx.globals.dry_run);
    let (customer, done) = hold::revoke(&store, cx.now()?, &from, credits, key.as_ref(), dry, Some(&ends))?;
    let what = what(&customer);
    let again = cx.line_applying();
    let words =
        Words { written: "took back", known: "already took back", shown: "would take back", what, again };
    Ok(posted_report("credits_revoke", &customer, key.as_ref(), &done, &words))
}

pub(super) fn refund(cx: &Cx, args: &RefundArgs) -> Result<Report, Error> {
    let entry = number("an entry", &args.entry)?;
    let expires = args.expires.as_deref().map(Expiry::parse).transpose().map_err(bad_expiry)?;
    if let Some(reason) = &args.reason {
        cx.because(reason);
    }
    if !cx.store_exists() {
        return Err(no_store("entry", &args.entry));
    }
    let what = |customer: &CustomerId, posted: &Posted| {
        format!("{} credits to {customer} (entry {entry})", posted.credits)
    };
    let ends = |customer: &CustomerId, posted: &Posted| {
        ending(written("gave back", &what(customer, posted), posted))
    };
    let (store, dry) = (cx.store()?, cx.globals.dry_run);
    let (customer, done) = hold::refund(&store, cx.now()?, entry, expires, dry, Some(&ends))?;
    let what = what(&customer, done.posted());
    let again = cx.line_applying();
    let words =
        Words { written: "gave back", known: "already gave back", shown: "would give back", what, again };
    Ok(posted_report("credits_refund", &customer, None, &done, &words))
}
