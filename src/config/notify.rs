//! `[notify]` and `[tick]` of `paygrade.toml`: where notices go, and what a tick does beside its steps.
//!
//! A secret never stands in the file: like the key, it is named by the variable, file, command or descriptor that has it.

use std::collections::BTreeSet;
use std::path::Path;

use super::problem::Sink;
use super::settings::KeySource;
use super::settings::file::source;
use super::walk::{Entry, LENGTH_OF_TIME, Table, duration_s};
use crate::billing::alert::Severity;
use crate::billing::contact::Email;
use crate::billing::notice::{KINDS, OPERATOR_KINDS, Takes};
use crate::billing::time::HOUR_S;

/// Reconcile runs in a tick when the last one is so long ago, unless said otherwise.
pub const RECONCILE_EVERY_S_DEFAULT: i64 = 6 * HOUR_S;
/// Most sinks.
const SINKS_MAX: usize = 20;
/// Longest name of a sink.
const NAME_LENGTH_MAX: usize = 40;

/// Where a notice can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkSetting {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub takes: Takes,
    /// How it gets there.
    pub way: Way,
}

/// An address that may be a secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Url {
    /// It stands in the file.
    Plain(String),
    /// It is found there.
    Secret(KeySource),
}

/// How a notice gets to a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A line on standard output.
    Stdout,
    /// `{"text": …}` to an address, as Slack and many others take it.
    Slack(Url),
    /// JSON to an address, signed if there is a secret.
    Webhook(Url, Option<KeySource>),
    /// A mail.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Host name.
    pub host: String,
    /// Port, where it is not the usual one.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub tls: Tls,
    /// Who logs in, with what.
    pub login: Option<(String, KeySource)>,
    /// Sender.
    pub from: String,
    /// Where mail for operators goes.
    pub to: Option<String>,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (port 465).
    Implicit,
    /// After STARTTLS, which is demanded (port 587).
    Starttls,
    /// Not at all: on this machine only.
    None,
}

/// What a tick does beside its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickSettings {
    /// How long after the last one reconcile runs again, in seconds.
    pub reconcile_every_s: i64,
    /// Asked for at the end of each tick, with `/fail` appended when one failed.
    pub ping: Option<Url>,
}

impl Default for TickSettings {
    fn default() -> TickSettings {
        TickSettings { reconcile_every_s: RECONCILE_EVERY_S_DEFAULT, ping: None }
    }
}

/// The sink that is there when the file names none: standard output, for operators.
pub fn default_sinks() -> Vec<SinkSetting> {
    let takes = Takes { operator: true, customer: false, at_least: Severity::Info, kinds: None };
    vec![SinkSetting { name: "stdout".to_owned(), takes, way: Way::Stdout }]
}

/// Reads `[notify]`: one table for each sink, by its name.
pub(super) fn sinks(sink: &mut Sink<'_>, root: &Table<'_>, folder: &Path) -> Option<Vec<SinkSetting>> {
    let table = root.table(sink, "notify")?;
    let mut found = Vec::new();
    for entry in table.entries() {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if !entry.name.bytes().all(legal) || entry.name.is_empty() || entry.name.len() > NAME_LENGTH_MAX {
            entry.wrong(sink, "the name of a sink is made of a-z, 0-9, - and _, at most 40");
            continue;
        }
        let Some(own) = entry.table(sink) else { continue };
        found.extend(one(sink, entry.name, &own, folder));
    }
    if found.len() > SINKS_MAX {
        sink.wrong_file(format!("has more than {SINKS_MAX} sinks"));
    }
    Some(found)
}

const COMMON: [&str; 4] = ["type", "audience", "at_least", "kinds"];

fn one(sink: &mut Sink<'_>, name: &str, table: &Table<'_>, folder: &Path) -> Option<SinkSetting> {
    let kinds = ["stdout", "slack", "webhook", "smtp"].map(|word| (word, word));
    let kind = table.wanted(sink, "type", "type = \"slack\"")?.word(sink, &kinds)?;
    let own: &[&str] = match kind {
        "slack" => &["url"],
        "webhook" => &["url", "secret"],
        "smtp" => &["host", "port", "tls", "user", "password", "from", "to"],
        _ => &[],
    };
    let known: Vec<&str> = COMMON.iter().chain(own).copied().collect();
    table.only(sink, &known);
    let takes = takes(sink, table, kind)?;
    let way = match kind {
        "slack" => {
            let entry = table.wanted(sink, "url", URL_EXAMPLE)?;
            Way::Slack(url(sink, &entry, folder)?)
        }
        "webhook" => {
            let entry = table.wanted(sink, "url", URL_EXAMPLE)?;
            let url = url(sink, &entry, folder)?;
            let secret = match table.get("secret") {
                Some(entry) => Some(source(sink, &entry, folder)?),
                None => None,
            };
            Way::Webhook(url, secret)
        }
        "smtp" => Way::Smtp(smtp(sink, table, folder, takes.operator)?),
        _ => Way::Stdout,
    };
    Some(SinkSetting { name: name.to_owned(), takes, way })
}

const URL_EXAMPLE: &str = "url = { env = \"HOOK_URL\" }";

/// By default a mail is for customers, everything else for operators.
fn takes(sink: &mut Sink<'_>, table: &Table<'_>, kind: &str) -> Option<Takes> {
    let (mut operator, mut customer) = (kind != "smtp", kind == "smtp");
    if let Some(entry) = table.get("audience") {
        let words = [("operator", (true, false)), ("customer", (false, true)), ("both", (true, true))];
        (operator, customer) = entry.word(sink, &words)?;
    }
    let mut at_least = Severity::Info;
    if let Some(entry) = table.get("at_least") {
        at_least = entry.word(sink, &Severity::ALL.map(|it| (it.as_str(), it)))?;
    }
    let mut kinds = None;
    if let Some(entry) = table.get("kinds") {
        let known: Vec<(&str, &str)> =
            KINDS.iter().chain(OPERATOR_KINDS).map(|word| (*word, *word)).collect();
        let mut only = BTreeSet::new();
        for item in entry.list(sink)? {
            only.insert(item.word(sink, &known)?.to_owned());
        }
        kinds = Some(only);
    }
    Some(Takes { operator, customer, at_least, kinds })
}

/// An address over TLS, or on this machine. One that is a secret is refused here and never repeated.
fn url(sink: &mut Sink<'_>, entry: &Entry<'_>, folder: &Path) -> Option<Url> {
    if !entry.is_text() {
        return source(sink, entry, folder).map(Url::Secret);
    }
    let text = entry.text(sink)?;
    if text.contains("hooks.slack.com/") || text.contains('@') {
        entry.wrong(
            sink,
            format!("this address is a secret (revoke one that stood here): write {URL_EXAMPLE}"),
        );
        return None;
    }
    if !is_safe(text) {
        entry.wrong(sink, "is not an https address (http is taken on this machine only)");
        return None;
    }
    Some(Url::Plain(text.to_owned()))
}

/// Whether what is sent there stays secret on its way: https, or this machine.
pub fn is_safe(url: &str) -> bool {
    let plain = url.chars().all(|c| c.is_ascii_graphic());
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    let near = |rest: &str| {
        let authority = host(rest);
        let name = authority.rsplit_once(':').map_or(authority.as_str(), |(name, _)| name);
        matches!(name, "127.0.0.1" | "localhost" | "[::1]")
    };
    plain
        && (url.strip_prefix("https://").is_some_and(|rest| !host(rest).is_empty())
            || url.strip_prefix("http://").is_some_and(near))
}

fn smtp(sink: &mut Sink<'_>, table: &Table<'_>, folder: &Path, operator: bool) -> Option<Smtp> {
    let host = table.wanted(sink, "host", "host = \"smtp.example.com\"")?;
    let name = host.text(sink)?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) {
        host.wrong(sink, "is not the name of a host");
        return None;
    }
    let port = match table.get("port") {
        Some(entry) => u16::try_from(entry.small(sink, 1, 65_535)?).ok(),
        None => None,
    };
    let words = [("starttls", Tls::Starttls), ("implicit", Tls::Implicit), ("none", Tls::None)];
    let mut tls = Tls::Starttls;
    if let Some(entry) = table.get("tls") {
        tls = entry.word(sink, &words)?;
        if tls == Tls::None && !matches!(name, "127.0.0.1" | "localhost" | "::1") {
            entry.wrong(sink, "mail leaves this machine over TLS only: \"starttls\" or \"implicit\"");
            return None;
        }
    }
    let login = match (table.get("user"), table.get("password")) {
        (None, None) => None,
        (Some(user), Some(password)) => Some((user.text(sink)?.to_owned(), source(sink, &password, folder)?)),
        (Some(one), None) | (None, Some(one)) => {
            one.wrong(sink, "user and password go together");
            return None;
        }
    };
    let mut address = |name: &str| {
        let entry = table.get(name)?;
        let text = entry.text(sink)?;
        if Email::parse(text).is_err() {
            entry.wrong(sink, "is not an e-mail address");
            return None;
        }
        Some(text.to_owned())
    };
    let (from, to) = (address("from"), address("to"));
    table.wanted(sink, "from", "from = \"billing@example.com\"")?;
    if operator {
        table.wanted(sink, "to", "to = \"ops@example.com\": where mail for operators goes")?;
    }
    Some(Smtp { host: name.to_owned(), port, tls, login, from: from?, to })
}

/// Reads `[tick]`.
pub(super) fn tick(sink: &mut Sink<'_>, root: &Table<'_>, folder: &Path) -> Option<TickSettings> {
    let table = root.table(sink, "tick")?;
    table.only(sink, &["reconcile_every", "ping_url"]);
    let mut settings = TickSettings::default();
    if let Some(entry) = table.get("reconcile_every") {
        let text = entry.text(sink)?;
        match duration_s(text) {
            Some(seconds) => settings.reconcile_every_s = seconds,
            None => entry.wrong(sink, LENGTH_OF_TIME),
        }
    }
    if let Some(entry) = table.get("ping_url") {
        settings.ping = url(sink, &entry, folder);
    }
    Some(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_this_machine() {
        for (text, safe) in [
            ("https://example.com/x?y=1", true),
            ("http://127.0.0.1:9/x", true),
            ("http://localhost:9", true),
            ("http://[::1]:9/", true),
            ("http://example.com", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://localhost@example.com/", false),
            ("https://", false),
            ("ftp://x", false),
            ("https://a b", false),
        ] {
            assert_eq!(is_safe(text), safe, "{text}");
        }
    }
}
