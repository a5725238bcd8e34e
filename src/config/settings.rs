//! Settings: flag over variable over `paygrade.toml` over default, each value with its origin.
//!
//! [`merge`] is pure: the environment is a map, the file a parsed value. A key of Stripe never comes through here;
//! settings only say where it is to be found.

pub(super) mod file;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use file::SettingsFile;

use super::backup::BackupSettings;
use super::notify::{SinkSetting, TickSettings, default_sinks};
use super::problem::{Problem, shown};
use super::reconcile::ReconcileSettings;
use super::walk::{io_sentence, text_of};
use crate::billing::spelling::nearest;

/// Name of the settings file that is looked for in the current directory.
pub const SETTINGS_FILE: &str = "paygrade.toml";
/// Name of the catalog file beside it.
pub const CATALOG_FILE: &str = "catalog.toml";
/// Folder of stores and of the local Stripe beside it.
pub const FOLDER: &str = ".paygrade";
/// How long after its period's end usage may still be sent, unless said otherwise: one hour.
pub const GRACE_S_DEFAULT: u32 = 3_600;
/// Longest such grace: Stripe keeps a draft invoice for 72 hours at most (Stripe: docs, usage grace period).
pub const GRACE_S_MAX: u32 = 72 * 3_600;
/// How long after acceptance Stripe may need to count a meter event, unless said otherwise: 15 minutes.
pub const SETTLE_S_DEFAULT: u32 = 900;
/// Difference in percent at which reconcile sends an alert, unless said otherwise.
pub const ALERT_PERCENT_DEFAULT: u32 = 5;
/// Units up to which a difference sends no alert, unless said otherwise.
pub const ALERT_FLOOR_DEFAULT: u32 = 0;

/// Where calls go. Explicit, never guessed from a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Target {
    /// The built-in local Stripe.
    #[default]
    Local,
    /// Stripe's test mode.
    Test,
    /// Stripe's live mode.
    Live,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 3] = [Target::Local, Target::Test, Target::Live];
    /// The word of flags, variables and the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Local => "local",
            Target::Test => "test",
            Target::Live => "live",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.as_str() == text)
    }
}

/// What becomes of an invoice that was not paid when its grace is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnpaidInvoice {
    /// It stays open: it may still be paid.
    #[default]
    Leave,
    /// It is voided: nobody owes it any more.
    Void,
}

impl UnpaidInvoice {
    /// All of them.
    pub const ALL: [UnpaidInvoice; 2] = [UnpaidInvoice::Leave, UnpaidInvoice::Void];
    /// The word of the file.
    pub fn as_str(self) -> &'static str {
        match self {
            UnpaidInvoice::Leave => "leave",
            UnpaidInvoice::Void => "void",
        }
    }
}

/// Where Stripe's key is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A variable of the environment.
    Variable(String),
    /// A file that its owner alone may read.
    File(PathBuf),
    /// What a shell command prints.
    Command(String),
    /// An open file descriptor.
    Descriptor(u32),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeySource::Variable(name) => write!(f, "variable {name}"),
            KeySource::File(path) => write!(f, "file {}", path.display()),
            // A command may hold a secret of its own.
            KeySource::Command(_) => write!(f, "a command"),
            KeySource::Descriptor(number) => write!(f, "file descriptor {number}"),
        }
    }
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of this command.
    Flag,
    /// A variable of the environment.
    Variable(&'static str),
    /// A line of the settings file.
    File {
        /// The file, as it was named.
        name: String,
        /// The line, from 1.
        line: u32,
    },
    /// Nobody said.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => f.write_str("flag"),
            Origin::Variable(name) => f.write_str(name),
            Origin::File { name, line } => write!(f, "{name}:{line}"),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--target`.
    pub target: Option<String>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--catalog`.
    pub catalog: Option<PathBuf>,
    /// `--store`.
    pub store: Option<PathBuf>,
    /// `--api-base`.
    pub api_base: Option<String>,
    /// `--as`.
    pub actor: Option<String>,
}

/// All settings of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The settings file, if there is one.
    pub file: Option<PathBuf>,
    /// The folder that it stands in: what it names is relative to this. Empty for the current directory.
    pub folder: PathBuf,
    /// Where calls go.
    pub target: Setting<Target>,
    /// The Stripe account that the target must be; wanted with `live`.
    pub account: Setting<Option<String>>,
    /// The store file.
    pub store: Setting<PathBuf>,
    /// The catalog file.
    pub catalog: Setting<PathBuf>,
    /// Where Stripe's key is to be found.
    pub key: Setting<KeySource>,
    /// Where the secrets of webhook endpoints are to be found.
    pub webhook_secret: Setting<KeySource>,
    /// How long after its period's end usage may still be sent, in seconds.
    pub grace_s: Setting<u32>,
    /// How long Stripe may need to count an accepted meter event, in seconds.
    pub settle_s: Setting<u32>,
    /// Difference in percent at which reconcile sends an alert.
    pub alert_percent: Setting<u32>,
    /// Difference in units up to which reconcile sends no alert, whatever its percentage.
    pub alert_floor: Setting<u32>,
    /// What becomes of an invoice that was not paid when its grace is over.
    pub unpaid_invoice: Setting<UnpaidInvoice>,
    /// Where notices go.
    pub sinks: Vec<SinkSetting>,
    /// What a tick does beside its steps.
    pub tick: TickSettings,
    /// That a tick backs the store up; `None` when it does not.
    pub backup: Option<BackupSettings>,
    /// What may differ at Stripe.
    pub reconcile: ReconcileSettings,
    /// Who runs this, for the record.
    pub actor: Setting<Option<String>>,
    /// Another Stripe on a loopback address.
    pub api_base: Setting<Option<String>>,
}

/// Every fault of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsErrors {
    /// The faults; never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for SettingsErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [one] => write!(f, "{one}"),
            many => write!(f, "the settings have {} errors", many.len()),
        }
    }
}

impl std::error::Error for SettingsErrors {}

impl Settings {
    /// The folder of stores and of the local Stripe.
    pub fn state_folder(&self) -> PathBuf {
        self.folder.join(FOLDER)
    }
    /// Every setting as name, value and origin, for `doctor`. Says where a key is, never what it is.
    pub fn rows(&self) -> Vec<(&'static str, String, String)> {
        fn row<T>(
            name: &'static str,
            setting: &Setting<T>,
            show: impl Fn(&T) -> String,
        ) -> (&'static str, String, String) {
            (name, show(&setting.value), setting.origin.to_string())
        }
        let path = |path: &PathBuf| path.display().to_string();
        let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            row("target", &self.target, |target| target.as_str().to_owned()),
            row("account", &self.account, maybe),
            row("store", &self.store, path),
            row("catalog", &self.catalog, path),
            row("key", &self.key, ToString::to_string),
            row("webhook_secret", &self.webhook_secret, ToString::to_string),
            row("grace_s", &self.grace_s, ToString::to_string),
            row("settle_s", &self.settle_s, ToString::to_string),
            row("alert_percent", &self.alert_percent, ToString::to_string),
            row("alert_floor", &self.alert_floor, ToString::to_string),
            row("unpaid_invoice", &self.unpaid_invoice, |it| it.as_str().to_owned()),
            row("actor", &self.actor, maybe),
            row("api_base", &self.api_base, maybe),
        ]
    }
}

/// Finds and reads the settings file and merges all settings. `--config` or `PAYGRADE_CONFIG` must name a file;
/// `paygrade.toml` of the current directory may be absent.
pub fn load(flags: &Flags, vars: &BTreeMap<String, String>) -> Result<Settings, SettingsErrors> {
    let given = flags.config.clone().or_else(|| variable(vars, "PAYGRADE_CONFIG").map(PathBuf::from));
    let path = given.clone().unwrap_or_else(|| PathBuf::from(SETTINGS_FILE));
    let file = match text_of(&path) {
        Ok(text) => Some(SettingsFile::parse(&text, &path)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && given.is_none() => None,
        Err(error) => {
            let file = shown(&path.display().to_string());
            return Err(SettingsErrors { problems: vec![whole(&file, io_sentence(&error))] });
        }
    };
    merge(flags, vars, file.as_ref())
}

fn whole(file: &str, message: String) -> Problem {
    Problem { file: file.to_owned(), line: 0, column: 0, key: String::new(), message, suggestion: None }
}

/// A variable that is set and not empty.
fn variable<'a>(vars: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// Flag over variable over file over default.
pub fn merge(
    flags: &Flags,
    vars: &BTreeMap<String, String>,
    file: Option<&SettingsFile>,
) -> Result<Settings, SettingsErrors> {
    let empty = SettingsFile::default();
    let said = file.unwrap_or(&empty);
    let target = target(flags, vars, said)?;
    let own = said.of(target.value);
    let folder = said.folder.clone();
    let path = |flag: &Option<PathBuf>, name: &'static str, own: Option<&Setting<PathBuf>>| {
        let flag = flag.clone().map(|value| Setting { value, origin: Origin::Flag });
        let named = variable(vars, name).map(PathBuf::from);
        let named = named.map(|value| Setting { value, origin: Origin::Variable(name) });
        let own = own.map(|own| Setting { value: folder.join(&own.value), origin: own.origin.clone() });
        flag.or(named).or(own)
    };
    let text = |flag: &Option<String>, name: &'static str| {
        let flag = flag.clone().map(|value| Setting { value: Some(value), origin: Origin::Flag });
        let named = variable(vars, name).map(|text| Some(text.to_owned()));
        let named = named.map(|value| Setting { value, origin: Origin::Variable(name) });
        flag.or(named).unwrap_or(Setting { value: None, origin: Origin::Default })
    };
    let store = path(&flags.store, "PAYGRADE_STORE", own.store.as_ref().or(said.all.store.as_ref()));
    let store_default = folder.join(FOLDER).join(format!("{}.db", target.value.as_str()));
    let catalog = path(&flags.catalog, "PAYGRADE_CATALOG", said.catalog.as_ref());
    let beside = |mut key: Setting<KeySource>| {
        if let KeySource::File(path) = &key.value {
            key.value = KeySource::File(folder.join(path));
        }
        key
    };
    let key = own.key.clone().or_else(|| said.all.key.clone()).map(beside);
    let webhook_secret = own.webhook_secret.clone().or_else(|| said.all.webhook_secret.clone()).map(beside);
    let account = own.account.clone().or_else(|| said.all.account.clone());
    Ok(Settings {
        file: file.map(|file| file.path.clone()),
        target,
        account: or_default(account.map(|it| Setting { value: Some(it.value), origin: it.origin }), None),
        store: or_default(store, store_default),
        catalog: or_default(catalog, folder.join(CATALOG_FILE)),
        key: or_default(key, KeySource::Variable("STRIPE_API_KEY".to_owned())),
        webhook_secret: or_default(webhook_secret, KeySource::Variable("STRIPE_WEBHOOK_SECRET".to_owned())),
        grace_s: or_default(said.grace_s.clone(), GRACE_S_DEFAULT),
        settle_s: or_default(said.settle_s.clone(), SETTLE_S_DEFAULT),
        alert_percent: or_default(said.alert_percent.clone(), ALERT_PERCENT_DEFAULT),
        alert_floor: or_default(said.alert_floor.clone(), ALERT_FLOOR_DEFAULT),
        sinks: said.sinks.clone().unwrap_or_else(default_sinks),
        tick: said.tick.clone().unwrap_or_default(),
        backup: said.backup.clone(),
        reconcile: said.reconcile.clone(),
        unpaid_invoice: or_default(said.unpaid_invoice.clone(), UnpaidInvoice::Leave),
        actor: text(&flags.actor, "PAYGRADE_ACTOR"),
        api_base: text(&flags.api_base, "PAYGRADE_API_BASE"),
        folder,
    })
}

fn or_default<T>(said: Option<Setting<T>>, default: T) -> Setting<T> {
    said.unwrap_or(Setting { value: default, origin: Origin::Default })
}

fn target(
    flags: &Flags,
    vars: &BTreeMap<String, String>,
    said: &SettingsFile,
) -> Result<Setting<Target>, SettingsErrors> {
    let flag = flags.target.as_deref().map(|text| (text, Origin::Flag, "--target"));
    let named = variable(vars, "PAYGRADE_TARGET");
    let named = named.map(|text| (text, Origin::Variable("PAYGRADE_TARGET"), "PAYGRADE_TARGET"));
    let Some((text, origin, place)) = flag.or(named) else {
        return Ok(or_default(said.target.clone(), Target::Local));
    };
    match Target::parse(text) {
        Some(value) => Ok(Setting { value, origin }),
        None => {
            let message = format!("`{}` is not one of local, test, live", shown(text));
            let mut problem = whole(place, message);
            problem.suggestion = nearest(text, Target::ALL.map(Target::as_str)).map(str::to_owned);
            Err(SettingsErrors { problems: vec![problem] })
        }
    }
}

/// The settings file that `init` writes.
pub fn starting_file(target: Target) -> String {
    format!(
        "# Settings of paygrade. A flag wins over a variable, a variable over this file.\n\
         \n\
         target = \"{}\"                  # local (built in), test or live\n\
         catalog = \"{CATALOG_FILE}\"\n\
         \n\
         # grace_s = {GRACE_S_DEFAULT}                 # how long after its period's end usage may still be sent; at most {GRACE_S_MAX}\n\
         # settle_s = {SETTLE_S_DEFAULT}                 # how long Stripe may need to count what it accepted\n\
         # alert_percent = {ALERT_PERCENT_DEFAULT}              # difference at which reconcile sends an alert\n\
         # alert_floor = {ALERT_FLOOR_DEFAULT}                # units up to which it sends none\n\
         # unpaid_invoice = \"leave\"       # or \"void\": of an invoice that was not paid when its grace is over\n\
         \n\
         # Where the key of each target is found; the key itself never stands here.\n\
         # [test]\n\
         # account = \"acct_…\"\n\
         # key = {{ env = \"STRIPE_API_KEY\" }}    # or {{ file = \"…\" }}, {{ command = \"…\" }}, {{ fd = 3 }}\n\
         #\n\
         # [live]\n\
         # account = \"acct_…\"               # wanted: live calls go to this account or to none\n\
         # key = {{ command = \"pass show stripe/live\" }}\n\
         \n\
         # Where notices go; without any, operators read them on standard output. Also: \"webhook\", \"smtp\", \"stdout\".\n\
         # [notify.ops]\n\
         # type = \"slack\"\n\
         # url = {{ env = \"OPS_HOOK\" }}\n\
         # at_least = \"warning\"            # info, warning, urgent or critical\n\
         #\n\
         # [tick]\n\
         # reconcile_every = \"6h\"\n\
         # ping_url = {{ env = \"PING_URL\" }}   # asked at the end of each tick\n\
         #\n\
         # A tick backs the store up when the last backup is so old; so many stay.\n\
         # [backup]\n\
         # every = \"1d\"\n\
         # keep = 14\n\
         # folder = \"/mnt/backups/paygrade\"    # another disk; beside the store when nothing is said\n\
         #\n\
         # What may differ at Stripe: within percent or floor (units) of a period, or costing no more than amount.\n\
         # [reconcile]\n\
         # percent = \"0.1\"                # makes no exit code; alert_percent, _floor, _amount: wakes nobody\n\
         # [reconcile.meters.tokens]\n\
         # alert_floor = 1000\n",
        target.as_str()
    )
}

/// The folder of a file; empty for the current directory.
fn folder_of(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

#[cfg(test)]
mod tests;
