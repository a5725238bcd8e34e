//! `local endpoint` and `local deliver`: the sending side of webhooks, for tests and trials.

use clap::Args;
use serde_json::{Value, json};

use super::{LocalRun, shown, start};
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::ui::{Cell, Report};

/// Arguments of `local deliver`.
#[derive(Debug, Args)]
pub struct DeliverArgs {
    /// Queue this evt_ once more first, for every endpoint that wants its type
    #[arg(long, value_name = "EVT")]
    resend: Option<String>,
}

/// Arguments of `local endpoint`.
#[derive(Debug, Args)]
pub struct EndpointArgs {
    /// Where events are posted to, such as http://127.0.0.1:4242/; without it the endpoints are listed
    url: Option<String>,
    /// Types of events, with commas between [default: all]
    #[arg(long, value_name = "TYPES", value_delimiter = ',', requires = "url")]
    events: Vec<String>,
    /// Remove the endpoint with this we_ id
    #[arg(long, value_name = "WE", conflicts_with = "url")]
    remove: Option<String>,
}

/// One call that must work.
fn ask(run: &LocalRun, method: &str, path: &str, body: &str) -> Result<Value, Error> {
    let (status, text) = run.0.call(method, path, body)?;
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    if status == 200 {
        return Ok(value);
    }
    let said = value["error"]["message"].as_str().unwrap_or(&text).to_owned();
    Err(Error::new(Kind::BadInput, "local_refused", said).hint("`paygrade local endpoint --help`"))
}

/// Makes every delivery that is due. Gives what is still to be made.
pub(super) fn deliver_due(cx: &Cx) -> Result<Value, Error> {
    let text = start(cx)?.0.deliver()?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

pub(super) fn deliver(cx: &Cx, args: &DeliverArgs) -> Result<Report, Error> {
    let run = start(cx)?;
    if !cx.globals.dry_run {
        if let Some(event) = &args.resend {
            ask(&run, "POST", "/_local/deliveries/resend", &json!({ "event": event }).to_string())?;
        }
        run.0.deliver()?;
    }
    let left = ask(&run, "GET", "/_local/deliveries", "")?;
    let mut report =
        Report::new("local_deliveries", &["event", "type", "endpoint", "due", "failures", "why"]);
    for row in left["deliveries"].as_array().into_iter().flatten() {
        let text = |name: &str| Cell::maybe_text(row[name].as_str());
        let due = Cell::maybe_at(row["due"].as_i64().map(crate::billing::time::Timestamp));
        let failures = Cell::maybe_count(row["failures"].as_i64());
        report.row(vec![text("event"), text("type"), text("endpoint"), due, failures, text("why")]);
    }
    let count = report.rows.len();
    if cx.globals.dry_run {
        return Ok(shown(cx, report, "would make what of these is due"));
    }
    let noun = if count == 1 { "delivery waits" } else { "deliveries wait" };
    Ok(report.verdict(if count == 0 { "no delivery waits".to_owned() } else { format!("{count} {noun}") }))
}

/// `url=…&enabled_events[0]=…`
fn form(url: &str, events: &[String]) -> String {
    let encode = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect::<String>()
    };
    let all = ["*".to_owned()];
    let events = if events.is_empty() { &all[..] } else { events };
    let mut form = format!("url={}", encode(url));
    for (place, event) in events.iter().enumerate() {
        form.push_str(&format!("&enabled_events[{place}]={}", encode(event)));
    }
    form
}

pub(super) fn endpoint(cx: &Cx, args: &EndpointArgs) -> Result<Report, Error> {
    let run = start(cx)?;
    let dry = cx.globals.dry_run;
    if let Some(url) = args.url.as_deref().filter(|_| !dry) {
        let made = ask(&run, "POST", "/v1/webhook_endpoints", &form(url, &args.events))?;
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        let report = Report::new("local_endpoint", &[]).fact("endpoint", Cell::text(text("id")));
        return Ok(report.fact("secret", Cell::text(text("secret"))).verdict(format!(
            "{} gets events at {}; the secret is shown only here: STRIPE_WEBHOOK_SECRET={}",
            text("id"),
            text("url"),
            text("secret")
        )));
    }
    if let Some(id) = args.remove.as_deref().filter(|_| !dry) {
        let legal = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let path =
            if legal { format!("/v1/webhook_endpoints/{id}") } else { "/v1/webhook_endpoints/-".into() };
        ask(&run, "DELETE", &path, "")?;
    }
    let all = ask(&run, "GET", "/v1/webhook_endpoints?limit=100", "")?;
    let mut report = Report::new("local_endpoints", &["endpoint", "url", "events", "status"]);
    for row in all["data"].as_array().into_iter().flatten() {
        let text = |name: &str| Cell::maybe_text(row[name].as_str());
        let events = row["enabled_events"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let events = events.collect::<Vec<_>>().join(" ");
        report.row(vec![text("id"), text("url"), Cell::text(events), text("status")]);
    }
    if dry && (args.url.is_some() || args.remove.is_some()) {
        return Ok(shown(cx, report, "would change these endpoints"));
    }
    let count = report.rows.len();
    Ok(report.verdict(format!("{count} endpoint{}", if count == 1 { "" } else { "s" })))
}
