//! The way to Stripe: which key, which base, and the local Stripe when that is the target.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{Arc, Mutex};

use super::Cx;
use super::local::{self, LocalRun};
use crate::config::settings::{KeySource as Named, Target};
use crate::error::{Error, Kind};
use crate::stripe::{Api, ApiKey, Base, CallTrace, Connection, KeySource, Limits, Mode, Trace};

/// The key of the local Stripe: it takes any test key, and nothing is secret there.
const LOCAL_KEY: &str = "sk_test_paygrade_local";

/// A handle, and what must live as long as it.
pub(super) struct Link {
    pub(super) api: Api,
    pub(super) local: Option<LocalRun>,
}

/// Opens the way to the target. No call is made yet.
pub(super) fn open(cx: &Cx) -> Result<Link, Error> {
    let key = key(cx)?;
    let (base, local) = base(cx)?;
    let limits =
        Limits { jitter_seed: cx.env.random(), meter_events_per_s: cx.pace_given(), ..Limits::default() };
    let connection = Connection { limits, trace: trace(cx)?, ..Connection::new(base, key) };
    Ok(Link { api: Api::new(connection)?, local })
}

fn key(cx: &Cx) -> Result<ApiKey, Error> {
    let wanted = match cx.settings().target.value {
        Target::Local => return Ok(ApiKey::parse(LOCAL_KEY)?),
        Target::Test => Mode::Test,
        Target::Live => Mode::Live,
    };
    let key = match &cx.settings().key.value {
        Named::Variable(name) => {
            let value = cx.env.var(name).ok_or_else(|| {
                Error::new(Kind::Config, "no_key", format!("there is no API key: {name} is not set")).hint(
                    format!(
                        "set {name}, or name a source of the key in paygrade.toml, or use --target local"
                    ),
                )
            })?;
            ApiKey::parse(value)?
        }
        Named::File(path) => ApiKey::read(&KeySource::File(path.clone()))?,
        Named::Command(command) => ApiKey::read(&KeySource::Command(command.clone()))?,
        Named::Descriptor(number) => ApiKey::read(&KeySource::Descriptor(*number))?,
    };
    if key.mode() != wanted {
        let (has, wants) = (key.mode().as_str(), wanted.as_str());
        return Err(Error::new(
            Kind::Config,
            "key_mode",
            format!("the API key is a {has} key, but the target is {wants}"),
        )
        .hint(format!("use a {wants} key, or --target {has}")));
    }
    if wanted == Mode::Live && cx.settings().account.value.is_none() {
        return Err(Error::new(
            Kind::Config,
            "live_account",
            "the target live needs the account named in the settings",
        )
        .hint("add `account = \"acct_…\"` under [live] in paygrade.toml"));
    }
    Ok(key)
}

fn base(cx: &Cx) -> Result<(Base, Option<LocalRun>), Error> {
    if let Some(text) = &cx.settings().api_base.value {
        let base = Base::parse(text).ok_or_else(|| {
            Error::new(Kind::Config, "api_base", format!("`{text}` is not a loopback address"))
                .hint("write it as http://127.0.0.1:PORT; keys go to no other host than Stripe's")
        })?;
        return Ok((base, None));
    }
    if cx.settings().target.value != Target::Local {
        return Ok((Base::Stripe, None));
    }
    let run = local::start(cx)?;
    let base = Base::parse(&run.base_url()).ok_or_else(|| {
        Error::new(Kind::Bug, "local_base", format!("{} is no loopback address", run.base_url()))
    })?;
    Ok((base, Some(run)))
}

/// One line a call: to stderr under `-v`, and as JSON to the log file.
fn trace(cx: &Cx) -> Result<Option<Trace>, Error> {
    if !cx.ui.style.verbose && cx.globals.log_file.is_none() {
        return Ok(None);
    }
    let log = cx.globals.log_file.as_ref().map(|path| {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(path).map(|file| Arc::new(Mutex::new(file)));
        opened.map_err(|error| {
            Error::new(Kind::Config, "log_file", format!("{} cannot be written", path.display()))
                .because(&error)
        })
    });
    let log = log.transpose()?;
    let ui = cx.ui;
    Ok(Some(Arc::new(move |call: &CallTrace| {
        ui.trace(&line(call));
        if let Some(mut file) = log.as_ref().and_then(|log| log.lock().ok()) {
            // A log that cannot be written must not stop the money.
            let _ = writeln!(file, "{}", json_line(call));
        }
    })))
}

fn line(call: &CallTrace) -> String {
    let status = call.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let request = call.request_id.as_deref().unwrap_or("-");
    let attempts = if call.attempts > 1 { format!(" attempts={}", call.attempts) } else { String::new() };
    let millis = call.duration.as_millis();
    format!("{} {} {status} {}{attempts} {request} {millis} ms", call.method, call.path, call.outcome)
}

fn json_line(call: &CallTrace) -> serde_json::Value {
    serde_json::json!({
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "outcome": call.outcome,
        "request_id": call.request_id,
        "idempotency_key": call.idempotency_key,
        "attempts": call.attempts,
        "milliseconds": u64::try_from(call.duration.as_millis()).unwrap_or(u64::MAX),
    })
}
