//! What every command is given: the environment, the face, the settings, and, when it asks for them, clock, store,
//! catalog and Stripe.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use super::{Globals, connect};
use crate::billing::catalog::Catalog;
use crate::billing::id::Namespace;
use crate::billing::time::{Micros, Timestamp};
use crate::config::settings::{self, Flags, Settings, Target};
use crate::env::{Clock, Env, EnvError, LocalClock};
use crate::error::{Changed, Error, Kind};
use crate::flow::{self, Desk, upgrade};
use crate::store::run::Ending;
use crate::store::{BackupMade, Binding, Origin, SCHEMA_VERSION, Store, StoreError};
use crate::stripe::{Account, Api};
use crate::ui::{Report, Ui};

/// The clock of the local Stripe, beside its journal.
const LOCAL_CLOCK: &str = "local.clock";

/// What every command is given.
pub struct Cx {
    /// The environment.
    pub env: Env,
    /// The face.
    pub ui: Ui,
    /// Options that every command takes.
    pub globals: Globals,
    settings: Settings,
    command: String,
    /// The words of the command line, without the program's name.
    line: Vec<String>,
    reason: RefCell<Option<String>>,
    pace: Cell<Option<u32>>,
    clock: Clock,
    started: Instant,
    store: OnceCell<Rc<Store>>,
    stripe: OnceCell<Connected>,
    runtime: OnceCell<tokio::runtime::Runtime>,
}

/// Stripe, with the account that answered.
struct Connected {
    api: Api,
    account: Account,
    /// Keeps the local Stripe of this process running.
    _local: Option<super::local::LocalRun>,
}

impl Cx {
    pub(super) fn new(
        env: Env,
        ui: Ui,
        globals: Globals,
        command: String,
        line: Vec<String>,
    ) -> Result<Cx, (Ui, Error)> {
        let opened = settings(&env, &globals).and_then(|settings| {
            let clock = open_clock(&env, &globals, &settings)?;
            Ok((settings, clock))
        });
        let (settings, clock) = match opened {
            Ok(opened) => opened,
            Err(error) => return Err((ui, error)),
        };
        Ok(Cx {
            env,
            ui,
            globals,
            settings,
            command,
            line,
            reason: RefCell::new(None),
            pace: Cell::new(None),
            clock,
            started: Instant::now(),
            store: OnceCell::new(),
            stripe: OnceCell::new(),
            runtime: OnceCell::new(),
        })
    }

    /// All settings, each with its origin.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where calls go: `local`, `test` or `live`.
    pub fn target(&self) -> &'static str {
        self.settings.target.value.as_str()
    }

    /// The folder `.paygrade` beside the settings file: stores and the local Stripe live there.
    pub fn folder(&self) -> PathBuf {
        self.settings.state_folder()
    }

    /// The command line again, without `-n`: what applies what was only shown. Fit for a shell.
    pub fn line_applying(&self) -> String {
        let kept = self.line.iter().filter(|word| *word != "--dry-run").filter_map(|word| {
            let cluster = word.len() > 1 && word.starts_with('-') && !word.starts_with("--");
            match word.as_str() {
                "-n" => None,
                // Short flags in one word, such as -nq.
                _ if cluster && word.chars().skip(1).all(|c| "nqv".contains(c)) => {
                    Some(word.replace('n', ""))
                }
                _ => Some(word.clone()),
            }
        });
        let plain = |c: char| c.is_alphanumeric() || "-_./:@+=,".contains(c);
        let quoted = kept.map(|word| {
            if !word.is_empty() && word.chars().all(plain) {
                word
            } else {
                format!("'{}'", word.replace('\'', "'\\''"))
            }
        });
        std::iter::once("paygrade".to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
    }

    /// The clock file of the local Stripe.
    pub fn local_clock_path(&self) -> PathBuf {
        self.folder().join(LOCAL_CLOCK)
    }

    /// The catalog file.
    pub fn catalog_path(&self) -> &Path {
        &self.settings.catalog.value
    }

    /// The catalog of the file, checked. Its warnings are said on standard error.
    pub fn catalog(&self) -> Result<Catalog, Error> {
        let (catalog, warnings) = crate::config::catalog::read(self.catalog_path())?;
        for warning in warnings {
            self.ui.note(&format!("warning: {warning}"));
        }
        Ok(catalog)
    }

    /// The store file.
    pub fn store_path(&self) -> &Path {
        &self.settings.store.value
    }

    /// The current second of the business clock.
    pub fn now(&self) -> Result<Timestamp, Error> {
        Ok(self.clock.now()?)
    }

    /// The current instant of the business clock, for usage.
    pub fn now_micros(&self) -> Result<Micros, Error> {
        Ok(self.clock.now_micros()?)
    }

    /// The business clock itself, for commands that run on.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The reason that goes on every row that this command writes. Before the store is opened.
    pub fn because(&self, reason: &str) {
        *self.reason.borrow_mut() = Some(reason.to_owned());
    }

    /// Meter events a second that this command keeps to. Before Stripe is first called.
    pub fn pace(&self, per_second: Option<u32>) {
        self.pace.set(per_second);
    }

    pub(super) fn pace_given(&self) -> Option<u32> {
        self.pace.get()
    }

    /// Who runs this command, where and why.
    pub(super) fn origin(&self) -> Origin {
        let user = self.settings.actor.value.as_deref();
        let user = user.or_else(|| self.env.var("SUDO_USER")).or_else(|| self.env.var("USER"));
        Origin {
            command: self.command.clone(),
            actor: user.or_else(|| self.env.var("LOGNAME")).unwrap_or("unknown").to_owned(),
            host: self.env.host.clone(),
            reason: self.reason.borrow().clone(),
            reference: self.globals.reference.clone(),
        }
    }

    /// The store, for reading and writing; made when there is none.
    pub fn store(&self) -> Result<Rc<Store>, Error> {
        if let Some(store) = self.store.get() {
            return Ok(Rc::clone(store));
        }
        if self.globals.dry_run && self.store_exists() {
            // What is only shown does not bring the store up to date either.
            self.store_reading()?;
        }
        let binding = Binding { target: self.target().to_owned(), fresh_id: self.env.fresh_id() };
        let store = match Store::open(self.store_path(), &binding, self.origin(), self.now()?) {
            Err(StoreError::Older { .. }) => self.store_upgraded()?,
            opened => opened?,
        };
        Ok(Rc::clone(self.store.get_or_init(|| Rc::new(store))))
    }

    /// The store of an earlier version, brought up to date after a backup; that is said once.
    fn store_upgraded(&self) -> Result<Store, Error> {
        let wanted = super::store::shelf(self, None, None);
        let (store, target, folder) = (self.store_path(), self.target(), wanted.ask().folder);
        let ask = upgrade::Ask { store, target, folder, has_backup: true };
        let stands = |made: &BackupMade| self.ui.note(&format!("backup: {}", made.path.display()));
        let done = upgrade::by_itself(&ask, self.origin(), self.now()?, stands)?;
        // Unless another process was first.
        if done.before < SCHEMA_VERSION {
            let (path, before) = (store.display(), done.before);
            self.ui.note(&format!("the store {path} was brought from schema {before} to {SCHEMA_VERSION}"));
        }
        Ok(done.store)
    }

    /// The store that a command has opened by itself: the run's ending is noted there.
    pub(super) fn store_is(&self, store: Store) {
        self.store.get_or_init(|| Rc::new(store));
    }

    /// The store, for reading only.
    pub fn store_reading(&self) -> Result<Store, Error> {
        Ok(Store::open_reading(self.store_path(), self.target(), self.origin())?)
    }

    /// The namespace: of the catalog that was applied last, else of the catalog file.
    pub fn namespace(&self) -> Result<Namespace, Error> {
        let stored = if self.store_exists() { self.store()?.info()?.namespace } else { None };
        match stored {
            Some(name) => Ok(Namespace::parse(&name)?),
            None => Ok(self.catalog()?.namespace),
        }
    }

    /// Runs a verb that works with store and Stripe.
    pub fn with_desk<T>(&self, verb: impl AsyncFnOnce(Desk<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let (api, namespace, now) = (self.api()?, self.namespace()?, self.now()?);
        let store = self.store()?;
        let manner = self.manner();
        let (store, clock, random) = (&*store, &self.clock, self.env.random());
        let desk = Desk { store, api: &api, now, namespace: &namespace, clock, random, manner };
        self.block_on(verb(desk))?
    }

    /// What the settings say to verbs that work with store and Stripe.
    pub fn manner(&self) -> flow::Manner {
        flow::Manner {
            grace_s: i64::from(self.settings.grace_s.value),
            drain_max: flow::drain::DRAIN_MAX_DEFAULT,
            void_unpaid: self.settings.unpaid_invoice.value == settings::UnpaidInvoice::Void,
        }
    }

    /// Whether there is a store yet.
    pub fn store_exists(&self) -> bool {
        self.store_path().exists()
    }

    /// Stripe, or the local one. At first use the account is asked for and compared with the store's, which is bound
    /// to it if it is new; a dry run makes no store for that.
    pub fn api(&self) -> Result<Api, Error> {
        Ok(self.connected()?.api.clone())
    }

    /// The account that answered.
    pub fn account(&self) -> Result<Account, Error> {
        Ok(self.connected()?.account.clone())
    }

    fn connected(&self) -> Result<&Connected, Error> {
        if let Some(connected) = self.stripe.get() {
            return Ok(connected);
        }
        let link = connect::open(self)?;
        let store = if self.globals.dry_run && !self.store_exists() { None } else { Some(self.store()?) };
        let expected = self.settings.account.value.as_deref();
        let dry_run = self.globals.dry_run;
        let bound = flow::account::bind(store.as_deref(), &link.api, expected, dry_run, || self.now());
        let account = self.block_on(bound)??;
        let fenced = store.as_deref().map(Store::info).transpose()?.and_then(|info| info.fenced);
        let connect::Link { api, local } = link;
        if let Some(why) = fenced {
            api.fence(&why);
        }
        Ok(self.stripe.get_or_init(|| Connected { api, account, _local: local }))
    }

    /// Runs async work to its end on this thread.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime.block_on(work));
        }
        // One event loop for the whole command: pooled connections live as long as it does.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Error::new(Kind::Store, "runtime", "no event loop").because(&error))?;
        Ok(self.runtime.get_or_init(|| runtime).block_on(work))
    }

    /// Prints bytes that are the result themselves.
    pub fn print_raw(&self, bytes: &[u8]) -> Result<(), Error> {
        self.ui.raw(bytes).map_err(|error| cannot_print(&error))
    }

    /// Shows the outcome, notes it on the run, and gives the exit code.
    pub(super) fn finish(&self, outcome: Result<Option<Report>, Error>) -> u8 {
        let (exit, verdict, wrote) = match outcome {
            Ok(None) => (0, None, None),
            Ok(Some(report)) => match self.ui.report(&report) {
                Ok(()) => (report.outcome.map_or(0, Kind::exit_code), Some(report.verdict), report.wrote),
                Err(error) => {
                    let error = self.after_writing(cannot_print(&error));
                    self.ui.failure(&error);
                    (error.kind().exit_code(), Some(error.to_string()), None)
                }
            },
            Err(error) => {
                let error = self.after_writing(error);
                self.ui.failure(&error);
                (error.kind().exit_code(), Some(error.to_string()), None)
            }
        };
        self.note_ending(exit, verdict, wrote);
        exit
    }

    /// Where the disk or standard output fails, only the whole command knows whether it had changed something before.
    fn after_writing(&self, error: Error) -> Error {
        let recorded = self.store.get().is_some_and(|store| store.run().is_some());
        let called = self.stripe.get().is_some_and(|it| it.api.counts().writes > 0);
        let says_nothing = error.kind() == Kind::Store && error.what_changed() == Changed::None;
        if says_nothing && (recorded || called) { error.changed(Changed::Recorded) } else { error }
    }

    fn note_ending(&self, exit: u8, verdict: Option<String>, wrote: Option<i64>) {
        let Some(store) = self.store.get() else { return };
        let seconds = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        let calls = self.stripe.get().map(|it| it.api.counts());
        let calls = calls.and_then(|counts| i64::try_from(counts.reads + counts.writes).ok());
        let ending = Ending { exit, seconds, wrote, calls, verdict };
        let noted = self.now().and_then(|now| Ok(store.run_finish(now, &ending)?));
        if let Err(error) = noted {
            self.ui.note(&format!("the run's ending could not be noted: {error}"));
        }
    }
}

fn settings(env: &Env, globals: &Globals) -> Result<Settings, Error> {
    let flags = Flags {
        target: globals.target.clone(),
        config: globals.config.clone(),
        catalog: globals.catalog.clone(),
        store: globals.store.clone(),
        api_base: globals.api_base.clone(),
        actor: globals.actor.clone(),
    };
    Ok(settings::load(&flags, &env.vars)?)
}

fn open_clock(env: &Env, globals: &Globals, settings: &Settings) -> Result<Clock, Error> {
    let asked = globals.now.as_deref().or_else(|| env.var("PAYGRADE_NOW"));
    let asked = asked.map(Clock::parse_now).transpose()?;
    if settings.target.value != Target::Local {
        return if asked.is_some() { Err(EnvError::NowNotLocal.into()) } else { Ok(Clock::System) };
    }
    let clock = LocalClock::new(&settings.state_folder().join(LOCAL_CLOCK));
    if let Some(asked) = asked {
        clock.freeze_at(asked)?;
    }
    Ok(Clock::Local(clock))
}

pub(super) fn cannot_print(error: &std::io::Error) -> Error {
    Error::new(Kind::Store, "output", "the result cannot be written to standard output")
        .because(error)
        .hint("make room where standard output goes; what was done before is in the store: look there, or run it again with the same --id or --key")
}
