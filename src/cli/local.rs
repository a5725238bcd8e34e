//! `local`: the local Stripe, for tests and trials.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use self::webhook::{DeliverArgs, EndpointArgs, deliver, endpoint};
use super::Cx;
use crate::config::settings::Target;
use crate::env::LocalClock;
use crate::error::{Changed, Error, Kind};
use crate::local::{self, Connection, Place};
use crate::ui::{Cell, Report};

mod webhook;

/// The local Stripe: serve it, look at it, move its clock, make it fail
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Run it as a server that other commands and official SDKs can use, until interrupted
    Serve(ServeArgs),
    /// Show account, clock, objects, settings and faults
    Status,
    /// Let time pass: renewals, invoices and the like happen on the way
    Advance(AdvanceArgs),
    /// Make requests fail on purpose
    Fault(FaultArgs),
    /// Pay as the customer at a hosted page: a Checkout session, or an open invoice
    Pay(PayArgs),
    /// Make webhook deliveries that are due, or have an event delivered again
    Deliver(DeliverArgs),
    /// Show webhook endpoints, or make one
    Endpoint(EndpointArgs),
    /// Throw everything away and begin a new account
    Reset,
}

/// Arguments of `local serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// State files begin with this path [default: .paygrade/local]
    #[arg(long, value_name = "PATH")]
    state: Option<PathBuf>,
}

/// Arguments of `local advance`.
#[derive(Debug, Args)]
pub struct AdvanceArgs {
    /// Freeze the clock at this instant
    #[arg(long, value_name = "INSTANT", conflicts_with_all = ["by", "real"])]
    to: Option<String>,
    /// Freeze the clock so much later, such as 90m, 36h or 31d
    #[arg(long, value_name = "LENGTH", conflicts_with = "real")]
    by: Option<String>,
    /// Let the clock run with the machine's
    #[arg(long)]
    real: bool,
}

/// Arguments of `local fault`.
#[derive(Debug, Args)]
pub struct FaultArgs {
    /// What goes wrong; without it the faults are listed
    kind: Option<FaultKind>,
    /// Only requests with this method
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Only requests to this path; * stands for any text; `webhook:invoice.*` is a delivery of such an event
    /// [default: *; of lose- and fail-meter-event where meter events go]
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Only requests that name this cus_ id
    #[arg(long, value_name = "CUS")]
    customer: Option<String>,
    /// Only meter events of this name
    #[arg(long, value_name = "NAME")]
    event_name: Option<String>,
    /// Only the meter event with this identifier
    #[arg(long, value_name = "ID")]
    identifier: Option<String>,
    /// Meet the nth matching request first
    #[arg(long, default_value_t = 1, value_name = "N")]
    nth: u32,
    /// Meet so many requests
    #[arg(long, default_value_t = 1, value_name = "N")]
    times: u32,
    /// Status of a refusal
    #[arg(long, default_value_t = 500)]
    status: u16,
    /// Stripe's error code of a refusal, or of what is wrong with a meter event
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Milliseconds (delay, slow) or bytes (truncate)
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    amount: u64,
    /// Remove all faults
    #[arg(long, conflicts_with = "kind")]
    clear: bool,
}

/// Arguments of `local pay`.
#[derive(Debug, Args)]
pub struct PayArgs {
    /// The Checkout session (cs_…) or the open invoice (in_…)
    #[arg(value_name = "CS|IN")]
    id: String,
    /// Test card or payment method to pay with [default: pm_card_visa where anything is due]
    #[arg(long, value_name = "PM")]
    card: Option<String>,
    /// The bank answers later; the session is complete and unpaid until then
    #[arg(long = "async", value_name = "OUTCOME")]
    later: Option<Outcome>,
    /// How much later [default: 1d]
    #[arg(long, value_name = "LENGTH", requires = "later")]
    after: Option<String>,
    /// E-mail address that a new customer types in
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,
    /// Name that a new customer types in
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Promotion code that the customer types in
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
}

/// What a bank says later.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Outcome {
    /// The money arrives
    Succeeded,
    /// It does not
    Failed,
}

/// Faults.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FaultKind {
    /// Answer with --status and do nothing
    RefuseBefore,
    /// Close the connection and do nothing
    HangUpBefore,
    /// Do it, then close the connection without an answer
    HangUpAfterCommit,
    /// Do it, then answer with --status, kept under the idempotency key
    RespondAfterCommit,
    /// Do it twice
    Duplicate,
    /// Do it, then wait --amount milliseconds before the answer
    Delay,
    /// Do it only after the next request
    Reorder,
    /// Do it, then send only --amount bytes of the answer
    Truncate,
    /// Accept a meter event and lose it
    LoseMeterEvent,
    /// Accept a meter event and find it wrong afterwards, with --code
    FailMeterEvent,
    /// Do it, then send the answer byte by byte, --amount milliseconds apart
    Slow,
}

/// A local Stripe of this process, or the way to one that is served.
#[derive(Debug)]
pub(super) struct LocalRun(Connection);

impl LocalRun {
    /// Where it answers.
    pub(super) fn base_url(&self) -> String {
        self.0.base_url()
    }
}

impl From<local::StateError> for Error {
    fn from(error: local::StateError) -> Error {
        match error.kind {
            local::Trouble::Busy => Error::new(Kind::Busy, "local_busy", error.message)
                .hint("stop the other process, or run the command again"),
            local::Trouble::Io => Error::new(Kind::Store, "local_io", error.message)
                .hint("check disk space and permissions of the folder .paygrade"),
            local::Trouble::Corrupt => Error::new(Kind::Store, "local_damaged", error.message)
                .hint("`paygrade local reset` begins a new account"),
        }
    }
}

fn place(cx: &Cx, state: Option<PathBuf>) -> Place {
    let folder = cx.folder();
    Place {
        state: state.unwrap_or_else(|| folder.join("local")),
        registry: folder.join("local.json"),
        seed: cx.env.var("PAYGRADE_SEED").map(|_| cx.env.random()),
    }
}

fn clock(cx: &Cx) -> local::Clock {
    let clock = crate::env::Clock::Local(LocalClock::new(&cx.local_clock_path()));
    Arc::new(move || clock.now().map(|now| now.0).map_err(|error| error.to_string()))
}

/// The local Stripe, found or started inside this process.
pub(super) fn start(cx: &Cx) -> Result<LocalRun, Error> {
    Ok(LocalRun(local::connect(&place(cx, None), clock(cx))?))
}

pub(super) fn run(cx: &Cx, command: LocalCommand) -> Result<Report, Error> {
    if cx.settings().target.value != Target::Local {
        let text = format!("`local` commands need the target local, not {}", cx.target());
        return Err(Error::new(Kind::Usage, "not_local", text).hint("add --target local"));
    }
    match command {
        LocalCommand::Serve(args) => serve(cx, args),
        LocalCommand::Status => status(cx),
        LocalCommand::Advance(args) => advance(cx, &args),
        LocalCommand::Fault(args) => fault(cx, &args),
        LocalCommand::Deliver(args) => deliver(cx, &args),
        LocalCommand::Endpoint(args) => endpoint(cx, &args),
        LocalCommand::Pay(args) => pay(cx, &args),
        LocalCommand::Reset => reset(cx),
    }
}

fn serve(cx: &Cx, args: ServeArgs) -> Result<Report, Error> {
    let place = place(cx, args.state);
    let ready = |served: &local::Served| {
        cx.ui.note(&format!("local Stripe {} at {}", served.account_id, served.base_url));
        cx.ui.note("any sk_test_… key opens it; Ctrl-C stops it");
    };
    local::serve(&place, args.port, clock(cx), ready, local::interrupted())?;
    Ok(Report::new("local", &[]).verdict("the local Stripe has stopped; its state is kept"))
}

/// One call to the room's own paths, which must work.
fn call(cx: &Cx, method: &str, path: &str, body: &str) -> Result<Value, Error> {
    let LocalRun(connection) = start(cx)?;
    let (status, text) = connection.call(method, path, body)?;
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    if status != 200 {
        let said = value["error"]["message"].as_str().unwrap_or(&text).to_owned();
        return Err(Error::new(Kind::BadInput, "local_refused", said).hint("`paygrade local fault --help`"));
    }
    Ok(value)
}

/// What the customer does at a hosted page of Stripe.
fn pay(cx: &Cx, args: &PayArgs) -> Result<Report, Error> {
    let id = args.id.as_str();
    let plain = id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let path = match id.split_once('_') {
        Some(("cs", _)) if plain => format!("/_local/checkout/{id}/complete"),
        Some(("in", _)) if plain => format!("/_local/invoices/{id}/pay"),
        _ => {
            let text = format!("`{id}` is neither a Checkout session (cs_…) nor an invoice (in_…)");
            return Err(Error::new(Kind::Usage, "bad_reference", text));
        }
    };
    let mut page = serde_json::Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            page.insert(name.to_owned(), value);
        }
    };
    put("payment_method", args.card.as_deref().map(Value::from));
    put(
        "async",
        args.later.map(|it| Value::from(if matches!(it, Outcome::Failed) { "failed" } else { "succeeded" })),
    );
    put("after_s", args.after.as_deref().map(length_s).transpose()?.map(Value::from));
    put("email", args.email.as_deref().map(Value::from));
    put("name", args.name.as_deref().map(Value::from));
    put("promotion_code", args.code.as_deref().map(Value::from));
    let report = Report::new("local_pay", &[]);
    if cx.globals.dry_run {
        return Ok(shown(cx, report, &format!("would pay {id} as its customer")));
    }
    let LocalRun(connection) = start(cx)?;
    let (code, text) = connection.call("POST", &path, &Value::Object(page).to_string())?;
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    if code != 200 {
        let said = answer["error"]["message"].as_str().unwrap_or(&text).to_owned();
        return Err(Error::new(Kind::Stripe, "local_page_refused", format!("the page of {id} says: {said}"))
            .changed(Changed::None));
    }
    let word = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let mut report = report.fact("id", Cell::text(id)).fact("status", Cell::text(word("status")));
    for name in ["payment_status", "customer", "subscription", "payment_intent", "invoice"] {
        if let Some(value) = answer[name].as_str() {
            report = report.fact(name, Cell::text(value));
        }
    }
    let paid = answer["payment_status"].as_str().map(|it| format!(", {}", it.replace('_', " ")));
    Ok(report.verdict(format!("{id} is {}{}", word("status"), paid.unwrap_or_default())))
}

fn status(cx: &Cx) -> Result<Report, Error> {
    let state = call(cx, "GET", "/_local/status", "")?;
    let account = state["account_id"].as_str().unwrap_or_default().to_owned();
    let mut report = Report::new("local", &["line", "value"]);
    flatten(&mut report, "", &state);
    Ok(report.verdict(format!("local Stripe {account} at {}", cx.now()?)))
}

/// `objects.products 4`: every leaf of the status as a line.
fn flatten(report: &mut Report, path: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(report, &path, inner);
            }
        }
        Value::String(text) => report.row(vec![Cell::text(path), Cell::text(text)]),
        Value::Null => report.row(vec![Cell::text(path), Cell::Blank]),
        other => report.row(vec![Cell::text(path), Cell::text(other.to_string())]),
    }
}

fn advance(cx: &Cx, args: &AdvanceArgs) -> Result<Report, Error> {
    let clock = LocalClock::new(&cx.local_clock_path());
    let to = match (&args.to, &args.by) {
        (Some(text), _) => Some(crate::env::Clock::parse_now(text)?),
        (None, Some(text)) => Some(cx.now()?.plus(length_s(text)?)),
        (None, None) => None,
    };
    if cx.globals.dry_run {
        let last = clock.state()?.last;
        let text = match to {
            Some(asked) if asked < last => return Err(crate::env::EnvError::Earlier { asked, last }.into()),
            Some(to) => format!("would freeze the local clock at {to}"),
            None if args.real => "would let the local clock run with the machine's".to_owned(),
            None => "would leave the local clock as it is".to_owned(),
        };
        return Ok(shown(cx, Report::new("local", &[]), &text));
    }
    if let Some(to) = to {
        clock.freeze_at(to)?;
    }
    if args.real {
        clock.run_real()?;
    }
    // Any request lets the local Stripe live through the time that has passed.
    let state = call(cx, "GET", "/_local/status", "")?;
    if state["webhooks"]["pending"].as_u64().is_some_and(|pending| pending > 0) {
        webhook::deliver_due(cx)?;
    }
    let how = if clock.state()?.frozen_at.is_some() { "frozen at" } else { "running; now" };
    let now = cx.now()?;
    Ok(Report::new("local", &[])
        .fact("now", Cell::At(now))
        .verdict(format!("the local clock is {how} {now}")))
}

/// A length of time such as `90m`, in seconds.
fn length_s(text: &str) -> Result<i64, Error> {
    let wrong = || {
        Error::new(Kind::Usage, "bad_length", format!("`{text}` is not a length of time"))
            .hint("write a whole number and s, m, h or d, such as 90m, 36h or 31d")
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let unit_s = match unit {
        's' => 1,
        'm' => crate::billing::time::MINUTE_S,
        'h' => crate::billing::time::HOUR_S,
        'd' => crate::billing::time::DAY_S,
        _ => return Err(wrong()),
    };
    let digits = text.strip_suffix(unit).ok_or_else(wrong)?;
    let count: u32 = digits.parse().map_err(|_| wrong())?;
    Ok(i64::from(count) * unit_s)
}

/// What `-n` says of a change to the local Stripe.
fn shown(cx: &Cx, report: Report, would: &str) -> Report {
    report.verdict(format!("{would}; nothing was changed; apply it: {}", cx.line_applying()))
}

fn reset(cx: &Cx) -> Result<Report, Error> {
    if cx.globals.dry_run {
        let text = "would throw the local Stripe and its clock away and begin a new account";
        return Ok(shown(cx, Report::new("local", &[]), text));
    }
    LocalClock::new(&cx.local_clock_path()).reset()?;
    let account = local::reset(&place(cx, None), clock(cx))?;
    let report = Report::new("local", &[]).fact("account", Cell::text(&account));
    Ok(report.verdict(format!("a new local Stripe {account}; stores of the old one are of no use to it")))
}

fn fault(cx: &Cx, args: &FaultArgs) -> Result<Report, Error> {
    let changes = args.clear || args.kind.is_some();
    let answer = if changes && cx.globals.dry_run {
        call(cx, "GET", "/_local/faults", "")?
    } else if args.clear {
        call(cx, "DELETE", "/_local/faults", "")?
    } else if let Some(kind) = args.kind {
        call(cx, "POST", "/_local/faults", &fault_json(kind, args).to_string())?
    } else {
        call(cx, "GET", "/_local/faults", "")?
    };
    let mut report = Report::new("local_faults", &["fault", "method", "path", "nth", "times", "fired"]);
    for fault in answer["faults"].as_array().into_iter().flatten() {
        let number = |name: &str| Cell::maybe_count(fault[name].as_i64());
        let kind = match &fault["kind"] {
            Value::String(kind) => kind.clone(),
            other => other.as_object().and_then(|it| it.keys().next().cloned()).unwrap_or_default(),
        };
        let method = Cell::maybe_text(fault["method"].as_str());
        let path = Cell::maybe_text(fault["path"].as_str());
        report.row(vec![Cell::text(kind), method, path, number("nth"), number("times"), number("fired")]);
    }
    let count = report.rows.len();
    if changes && cx.globals.dry_run {
        let would = if args.clear {
            format!("would remove {count} fault{}", if count == 1 { "" } else { "s" })
        } else {
            "would add one fault to these".to_owned()
        };
        return Ok(shown(cx, report, &would));
    }
    Ok(report.verdict(format!("{count} fault{}", if count == 1 { "" } else { "s" })))
}

fn fault_json(kind: FaultKind, args: &FaultArgs) -> Value {
    // Met by another request, a fault that loses meter events would be used up without any effect.
    let path = args.path.as_deref().unwrap_or(match kind {
        FaultKind::LoseMeterEvent | FaultKind::FailMeterEvent => "*/meter_events",
        _ => "*",
    });
    let refusal = json!({ "status": args.status, "code": args.code });
    let kind = match kind {
        FaultKind::RefuseBefore => json!({ "refuse_before": refusal }),
        FaultKind::RespondAfterCommit => json!({ "respond_after_commit": refusal }),
        FaultKind::Delay => json!({ "delay": args.amount }),
        FaultKind::Truncate => json!({ "truncate": args.amount }),
        FaultKind::Slow => json!({ "slow": args.amount }),
        FaultKind::HangUpBefore => json!("hang_up_before"),
        FaultKind::HangUpAfterCommit => json!("hang_up_after_commit"),
        FaultKind::Duplicate => json!("duplicate"),
        FaultKind::Reorder => json!("reorder"),
        FaultKind::LoseMeterEvent => json!("lose_meter_event"),
        FaultKind::FailMeterEvent => {
            json!({ "fail_meter_event": args.code.as_deref().unwrap_or("meter_event_customer_not_found") })
        }
    };
    json!({
        "kind": kind,
        "method": args.method,
        "path": path,
        "customer": args.customer,
        "event_name": args.event_name,
        "identifier": args.identifier,
        "nth": args.nth,
        "times": args.times,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        for (text, seconds) in [
            ("90m", Some(5_400)),
            ("31d", Some(2_678_400)),
            ("5", None),
            ("", None),
            ("-1h", None),
            ("1hh", None),
        ] {
            assert_eq!(length_s(text).ok(), seconds, "{text}");
        }
    }
}
