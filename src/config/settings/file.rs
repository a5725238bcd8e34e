//! What `paygrade.toml` says, and where.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::{GRACE_S_MAX, KeySource, Origin, Setting, SettingsErrors, Target, UnpaidInvoice, folder_of};
use crate::config::backup::{self, BackupSettings};
use crate::config::notify::{self, SinkSetting, TickSettings};
use crate::config::problem::{Sink, shown};
use crate::config::reconcile::{self, ReconcileSettings};
use crate::config::walk::{ENTRIES_MAX, Entry, Table, entries_count, syntax};

const KEYS: &[&str] = &[
    "target",
    "account",
    "store",
    "catalog",
    "key",
    "webhook_secret",
    "grace_s",
    "settle_s",
    "alert_percent",
    "alert_floor",
    "unpaid_invoice",
    "notify",
    "reconcile",
    "tick",
    "backup",
    "local",
    "test",
    "live",
];
const TARGET_KEYS: &[&str] = &["account", "store", "key", "webhook_secret"];
/// Longest settle time: a day.
const SETTLE_S_MAX: u32 = 86_400;

/// A settings file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsFile {
    pub(super) path: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) target: Option<Setting<Target>>,
    pub(super) catalog: Option<Setting<PathBuf>>,
    pub(super) grace_s: Option<Setting<u32>>,
    pub(super) settle_s: Option<Setting<u32>>,
    pub(super) alert_percent: Option<Setting<u32>>,
    pub(super) alert_floor: Option<Setting<u32>>,
    pub(super) unpaid_invoice: Option<Setting<UnpaidInvoice>>,
    pub(super) sinks: Option<Vec<SinkSetting>>,
    pub(super) tick: Option<TickSettings>,
    pub(super) backup: Option<BackupSettings>,
    pub(super) reconcile: ReconcileSettings,
    pub(super) all: OfTarget,
    of_targets: [OfTarget; 3],
}

/// What may differ by target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OfTarget {
    pub(super) account: Option<Setting<String>>,
    pub(super) store: Option<Setting<PathBuf>>,
    pub(super) key: Option<Setting<KeySource>>,
    pub(super) webhook_secret: Option<Setting<KeySource>>,
}

impl SettingsFile {
    /// Parses the text of the settings file at `path`; every fault at once.
    pub fn parse(text: &str, path: &Path) -> Result<SettingsFile, SettingsErrors> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut sink = Sink::new(&path.display().to_string(), text);
        let (table, faults) = DeTable::parse_recoverable(text);
        syntax(&mut sink, &faults);
        if entries_count(table.get_ref()) > ENTRIES_MAX {
            sink.wrong_file(format!("has more than {ENTRIES_MAX} entries"));
        }
        if !sink.is_clean() {
            return Err(SettingsErrors { problems: sink.finish().0 });
        }
        let root = Table::root(table.get_ref());
        let file = read(&mut sink, &root, path);
        if sink.is_clean() { Ok(file) } else { Err(SettingsErrors { problems: sink.finish().0 }) }
    }
    /// What the file says of one target alone.
    pub(super) fn of(&self, target: Target) -> &OfTarget {
        match target {
            Target::Local => &self.of_targets[0],
            Target::Test => &self.of_targets[1],
            Target::Live => &self.of_targets[2],
        }
    }
}

fn read(sink: &mut Sink<'_>, root: &Table<'_>, path: &Path) -> SettingsFile {
    root.only(sink, KEYS);
    let name = path.display().to_string();
    let targets = Target::ALL.map(|target| (target.as_str(), target));
    let mut number = |key: &str, min: u32, max: u32| {
        let entry = root.get(key)?;
        let value = entry.small(sink, min, max)?;
        Some(Setting { value, origin: origin(sink, &name, &entry) })
    };
    let grace_s = number("grace_s", 0, GRACE_S_MAX);
    let settle_s = number("settle_s", 0, SETTLE_S_MAX);
    let alert_percent = number("alert_percent", 0, 100);
    let alert_floor = number("alert_floor", 0, u32::MAX);
    let target = root.get("target").and_then(|entry| {
        let value = entry.word(sink, &targets)?;
        Some(Setting { value, origin: origin(sink, &name, &entry) })
    });
    let unpaid_invoice = root.get("unpaid_invoice").and_then(|entry| {
        let value = entry.word(sink, &UnpaidInvoice::ALL.map(|it| (it.as_str(), it)))?;
        Some(Setting { value, origin: origin(sink, &name, &entry) })
    });
    let of_targets = Target::ALL.map(|target| {
        let Some(table) = root.table(sink, target.as_str()) else { return OfTarget::default() };
        table.only(sink, TARGET_KEYS);
        of_target(sink, &table, &name)
    });
    SettingsFile {
        path: path.to_owned(),
        folder: folder_of(path),
        target,
        catalog: file_name(sink, root, "catalog", &name),
        grace_s,
        settle_s,
        alert_percent,
        alert_floor,
        unpaid_invoice,
        sinks: notify::sinks(sink, root, &folder_of(path)),
        tick: notify::tick(sink, root, &folder_of(path)),
        backup: backup::backup(sink, root, &folder_of(path)),
        reconcile: reconcile::reconcile(sink, root),
        all: of_target(sink, root, &name),
        of_targets,
    }
}

fn origin(sink: &Sink<'_>, name: &str, entry: &Entry<'_>) -> Origin {
    Origin::File { name: shown(name), line: sink.place(entry.key_span.start).0 }
}

fn of_target(sink: &mut Sink<'_>, table: &Table<'_>, name: &str) -> OfTarget {
    let account = table.get("account").and_then(|entry| {
        let text = entry.text(sink)?;
        let rest = text.strip_prefix("acct_").unwrap_or_default();
        if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            entry.wrong(sink, "an account's id begins with acct_; the Dashboard shows it under Settings");
            return None;
        }
        Some(Setting { value: text.to_owned(), origin: origin(sink, name, &entry) })
    });
    let mut source = |key: &str, variable: &str| {
        let entry = table.get(key)?;
        let value = key_source(sink, &entry, key, variable)?;
        Some(Setting { value, origin: origin(sink, name, &entry) })
    };
    let key = source("key", "STRIPE_API_KEY");
    let webhook_secret = source("webhook_secret", "STRIPE_WEBHOOK_SECRET");
    OfTarget { account, store: file_name(sink, table, "store", name), key, webhook_secret }
}

fn file_name(sink: &mut Sink<'_>, table: &Table<'_>, key: &str, name: &str) -> Option<Setting<PathBuf>> {
    let entry = table.get(key)?;
    let text = entry.text(sink)?;
    if text.is_empty() || text.chars().any(char::is_control) {
        entry.wrong(sink, "is not the name of a file");
        return None;
    }
    Some(Setting { value: PathBuf::from(text), origin: origin(sink, name, &entry) })
}

/// Where a key is found. A key that stands in the file is refused and never repeated.
fn key_source(sink: &mut Sink<'_>, entry: &Entry<'_>, name: &str, variable: &str) -> Option<KeySource> {
    let ways =
        format!("{name} = {{ env = \"{variable}\" }}, {{ file = … }}, {{ command = … }} or {{ fd = … }}");
    named_source(sink, entry, "a key", &ways)
}

/// Where another secret is found; a file is named relative to `folder`.
pub(in crate::config) fn source(sink: &mut Sink<'_>, entry: &Entry<'_>, folder: &Path) -> Option<KeySource> {
    const WAYS: &str = "{ env = \"NAME\" }, { file = … }, { command = … } or { fd = … }";
    let found = named_source(sink, entry, "a secret", WAYS)?;
    Some(match found {
        KeySource::File(path) => KeySource::File(folder.join(path)),
        other => other,
    })
}

fn named_source(sink: &mut Sink<'_>, entry: &Entry<'_>, what: &str, ways: &str) -> Option<KeySource> {
    if entry.is_text() {
        entry.wrong(sink, format!("{what} never stands in this file (revoke one that did): write {ways}"));
        return None;
    }
    let table = entry.table(sink)?;
    table.only(sink, &["env", "file", "command", "fd"]);
    let mut found: Vec<KeySource> = Vec::new();
    for way in table.entries() {
        if way.name == "fd" {
            found.extend(way.small(sink, 0, 1_000_000).map(KeySource::Descriptor));
            continue;
        }
        let make: fn(&str) -> KeySource = match way.name {
            "env" => |text| KeySource::Variable(text.to_owned()),
            "file" => |text| KeySource::File(PathBuf::from(text)),
            "command" => |text| KeySource::Command(text.to_owned()),
            _ => continue,
        };
        let Some(text) = way.text(sink) else { continue };
        if text.is_empty()
            || text.contains("sk_live_")
            || text.contains("rk_live_")
            || text.contains("sk_test_")
            || text.contains("whsec_")
        {
            way.wrong(sink, "says where the key is found, never what it is");
            continue;
        }
        found.push(make(text));
    }
    if table.entries().count() != 1 {
        entry.wrong(sink, format!("says one way: {ways}"));
    }
    found.pop()
}
