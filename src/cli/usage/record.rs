//! `usage record`.

use std::io::BufReader;

use clap::Args;
use serde_json::{Map, Value};

use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::usage::parse_quantity;
use crate::cli::Cx;
use crate::cli::interrupt::Interrupt;
use crate::error::{Changed, Error, Kind};
use crate::flow::instant::{Zone, parse_instant};
use crate::flow::record::{Answered, Draft, Recorded, Tally, preview, record, record_stream};
use crate::store::run::Ending;
use crate::ui::{Cell, Report};

/// Record that a customer used something
///
/// The event and its sums are stored in one transaction; nothing is sent (`paygrade meter push` does that). Usage that
/// happened is always recorded, also beyond a quota; --enforce asks first and refuses (exit 5) with nothing written.
///
/// With an --id a repeated call changes nothing. `usage record -` reads one JSON object a line from standard input
/// (customer, meter, quantity, and perhaps id, at, action, user) and answers each with one line, in order.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade usage record acme tokens 120
  paygrade usage record acme tokens 120 --id req_81 --at 2026-11-21T08:00:00Z --user mia
  paygrade usage record - < events.ndjson")]
pub struct RecordArgs {
    /// The customer's own id, or - to read JSON lines from standard input
    customer: String,
    /// The meter
    meter: Option<String>,
    /// Whole units, 1 to 15 digits
    #[arg(allow_negative_numbers = true)]
    quantity: Option<String>,
    /// Your id of the event; recording it again changes nothing
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// When it happened [default: now]
    #[arg(long, value_name = "INSTANT", allow_negative_numbers = true)]
    at: Option<String>,
    /// The action that caused it
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// The end user who caused it
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Refuse, and record nothing, where the tier does not allow it
    #[arg(long)]
    enforce: bool,
}

pub(super) fn run(cx: &Cx, args: RecordArgs) -> Result<Option<Report>, Error> {
    if args.customer == "-" {
        return stream(cx, &args).map(|()| None);
    }
    let missing = |what: &str| {
        Error::new(Kind::Usage, "missing_argument", format!("{what} is missing"))
            .hint("write `paygrade usage record CUSTOMER METER QUANTITY`, or `paygrade usage record -`")
    };
    let meter = args.meter.as_deref().ok_or_else(|| missing("the meter"))?;
    let quantity = args.quantity.as_deref().ok_or_else(|| missing("the quantity"))?;
    let at = args.at.as_deref().map(|text| parse_instant(text, &Zone::UTC)).transpose();
    let draft = Draft {
        customer: CustomerId::parse(&args.customer)?,
        meter: MeterKey::parse(meter)?,
        quantity: parse_quantity(quantity)?,
        id: args.id,
        at: at.map_err(|error| {
            Error::new(Kind::BadInput, "bad_time", error.to_string()).hint("or leave --at away: now is meant")
        })?,
        action: args.action,
        user: args.user,
    };
    let now = cx.now_micros()?;
    if cx.globals.dry_run {
        let done = preview(&cx.store_reading()?, now, &draft, args.enforce)?;
        return Ok(Some(report(&draft, &done, Some(&cx.line_applying()))));
    }
    // A store that is not there knows no customer: it need not be made to say so.
    if !cx.store_exists() {
        cx.store_reading()?;
    }
    let ending = |done: &Recorded| {
        let Report { verdict, wrote, .. } = report(&draft, done, None);
        Ending { exit: 0, seconds: 0, wrote, calls: None, verdict: Some(verdict) }
    };
    let done = record(&*cx.store()?, now, &draft, args.enforce, &ending)?;
    Ok(Some(report(&draft, &done, None)))
}

/// `applying`: of a dry run the command that does it.
fn report(draft: &Draft, done: &Recorded, applying: Option<&str>) -> Report {
    let Draft { customer, meter, quantity, .. } = draft;
    let what = format!("{quantity} {meter} of {customer} at {}", done.at);
    let verdict = match (done.known, applying) {
        (true, _) => format!("already known: {what} (event {})", done.id),
        (false, Some(_)) => format!("would record {what}"),
        (false, None) => format!("recorded {what} (event {})", done.id),
    };
    let over = if done.over_quota { "; beyond what the tier allows" } else { "" };
    let apply = applying.filter(|_| !done.known);
    let apply = apply.map_or_else(String::new, |it| format!("; nothing was written; apply it: {it}"));
    let mut report = Report::new("usage_record", &[])
        .fact("event", Cell::text(&done.id))
        .fact("customer", Cell::text(customer.as_str()))
        .fact("meter", Cell::text(meter.as_str()))
        .fact("quantity", Cell::Count(*quantity))
        .fact("at", Cell::AtMicros(done.at))
        .fact("known", Cell::Flag(done.known))
        .fact("over_quota", Cell::Flag(done.over_quota))
        .verdict(format!("{verdict}{over}{apply}"));
    report.wrote = Some(i64::from(!done.known && applying.is_none()));
    report
}

fn stream(cx: &Cx, args: &RecordArgs) -> Result<(), Error> {
    let options = [&args.meter, &args.quantity, &args.id, &args.at, &args.action, &args.user];
    if options.iter().any(|it| it.is_some()) || cx.globals.dry_run {
        return Err(Error::new(
            Kind::Usage,
            "stream_options",
            "`usage record -` takes all it needs from its lines",
        )
        .hint("leave the other arguments away; to look at a file first: `paygrade usage import -n FILE`"));
    }
    if !cx.store_exists() {
        cx.store_reading()?;
    }
    let store = cx.store()?;
    let interrupt = Interrupt::listen()?;
    let input = BufReader::new(std::io::stdin());
    let tally = record_stream(
        &store,
        input,
        args.enforce,
        &|| cx.now_micros(),
        &|| interrupt.came(),
        &mut |answers| cx.print_raw(lines(answers).as_bytes()),
    )?;
    finish(cx, &tally, interrupt.kind())
}

fn finish(cx: &Cx, tally: &Tally, interrupted: Option<Kind>) -> Result<(), Error> {
    let Tally { recorded, known, refused, bad } = tally;
    let counts = format!("{recorded} recorded, {known} already known, {refused} refused, {bad} bad");
    let changed = if *recorded > 0 { Changed::Partial } else { Changed::None };
    if let Some(kind) = interrupted {
        return Err(Error::new(kind, "interrupted", format!("interrupted: {counts}"))
            .changed(changed)
            .hint("every line that was answered is recorded; send the others again"));
    }
    if refused + bad > 0 {
        return Err(Error::new(Kind::Partial, "lines_failed", counts)
            .changed(changed)
            .hint("the answers say which lines and why; lines with an id can be sent again"));
    }
    cx.ui.note(&counts);
    Ok(())
}

/// The answers as JSON lines.
fn lines(answers: &[Answered]) -> String {
    let mut text = String::new();
    for it in answers {
        let mut object = Map::new();
        object.insert("line".to_owned(), Value::from(it.line));
        match &it.result {
            Ok(done) => {
                let status = if done.known { "known" } else { "recorded" };
                object.insert("status".to_owned(), Value::from(status));
                object.insert("event".to_owned(), Value::from(done.id.as_str()));
                object.insert("over_quota".to_owned(), Value::from(done.over_quota));
            }
            Err(error) => {
                let status = if error.kind() == Kind::Refused { "refused" } else { "bad" };
                object.insert("status".to_owned(), Value::from(status));
                object.insert("code".to_owned(), Value::from(error.code()));
                object.insert("message".to_owned(), Value::from(error.message()));
                object.insert("hint".to_owned(), error.hint_text().map_or(Value::Null, Value::from));
            }
        }
        text.push_str(&Value::Object(object).to_string());
        text.push('\n');
    }
    text
}
