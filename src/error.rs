//! Errors as people and scripts see them: a kind that decides the exit code, a message, its causes, what was
//! changed, and what to do next. Each room has its own error type; this is the one place that knows them all.

use std::fmt;

/// What went wrong, as far as a script must know it. Decides the exit code; the numbers are the script contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A bug in paygrade, or a broken invariant.
    Bug,
    /// The command line makes no sense.
    Usage,
    /// Malformed or unknown input; nothing was written.
    BadInput,
    /// Differences were found, and reported.
    Differences,
    /// A rule said no.
    Refused,
    /// Settings, key, mode or owner.
    Config,
    /// Stripe said no.
    Stripe,
    /// The outcome at Stripe is unknown, and recorded.
    Unknown,
    /// Another process holds what is needed.
    Busy,
    /// The store: I/O, corrupt, or of a newer version.
    Store,
    /// Some items failed; a re-run is safe.
    Partial,
    /// Try again later.
    Later,
    /// Interrupted at a clean point, by SIGINT.
    Interrupted,
    /// Interrupted at a clean point, by SIGTERM.
    Terminated,
}

/// Of several kinds, the first in this order decides the exit code of a run.
const PRECEDENCE: &[Kind] = &[
    Kind::Bug,
    Kind::Store,
    Kind::Config,
    Kind::Stripe,
    Kind::Unknown,
    Kind::Interrupted,
    Kind::Terminated,
    Kind::Differences,
    Kind::Partial,
    Kind::Refused,
    Kind::Later,
    Kind::Busy,
];

impl Kind {
    /// The process exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Bug => 1,
            Kind::Usage => 2,
            Kind::BadInput => 3,
            Kind::Differences => 4,
            Kind::Refused => 5,
            Kind::Config => 6,
            Kind::Stripe => 7,
            Kind::Unknown => 8,
            Kind::Busy => 9,
            Kind::Store => 10,
            Kind::Partial => 11,
            Kind::Later => 75,
            Kind::Interrupted => 130,
            Kind::Terminated => 143,
        }
    }

    /// Whether the same command may simply be run again.
    pub fn retryable(self) -> bool {
        matches!(self, Kind::Busy | Kind::Later | Kind::Partial | Kind::Interrupted | Kind::Terminated)
    }

    /// The kind that decides when several happened; `None` when none did. Usage and bad input end before any
    /// write, so they win when they are there at all.
    pub fn worst(kinds: impl IntoIterator<Item = Kind>) -> Option<Kind> {
        kinds.into_iter().min_by_key(|kind| PRECEDENCE.iter().position(|it| it == kind))
    }
}

/// What a failed command has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Nothing, neither here nor at Stripe.
    None,
    /// Everything that happened is recorded; a re-run continues from there.
    Recorded,
    /// A part was done and recorded.
    Partial,
    /// The disk failed: it may be recorded or not.
    Unsure,
}

impl Changed {
    /// The word of the JSON error.
    pub fn as_str(self) -> &'static str {
        match self {
            Changed::None => "none",
            Changed::Recorded => "recorded",
            Changed::Partial | Changed::Unsure => "partial",
        }
    }
}

/// One failure, complete for people and scripts.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    code: &'static str,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    changed: Changed,
    request_id: Option<String>,
    details: Vec<String>,
}

impl Error {
    /// A failure of `kind` with its machine `code` (a stable word such as `unknown_customer`) and a sentence.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            code,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            changed: Changed::None,
            request_id: None,
            details: Vec::new(),
        }))
    }
    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }
    /// Says what was changed; nothing unless said.
    pub fn changed(mut self, changed: Changed) -> Error {
        self.0.changed = changed;
        self
    }
    /// Adds the cause and its causes.
    pub fn because(mut self, cause: &dyn std::error::Error) -> Error {
        let mut next = Some(cause);
        while let Some(cause) = next {
            self.0.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }
    /// Adds lines below the message: one for each of several faults.
    pub fn details(mut self, details: Vec<String>) -> Error {
        self.0.details = details;
        self
    }
    /// Adds Stripe's id of the request concerned.
    pub fn request_id(mut self, request_id: Option<String>) -> Error {
        self.0.request_id = request_id;
        self
    }
    /// The kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    /// The machine code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }
    /// The sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }
    /// The chain of causes, nearest first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }
    /// What to do next.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
    /// What was changed.
    pub fn what_changed(&self) -> Changed {
        self.0.changed
    }
    /// Lines below the message.
    pub fn detail_lines(&self) -> &[String] {
        &self.0.details
    }
    /// Stripe's id of the request concerned.
    pub fn request(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

impl From<crate::billing::id::BadName> for Error {
    fn from(bad: crate::billing::id::BadName) -> Error {
        Error::new(Kind::BadInput, "bad_name", bad.to_string())
    }
}

impl From<crate::env::EnvError> for Error {
    fn from(error: crate::env::EnvError) -> Error {
        let made = match &error {
            crate::env::EnvError::Clock { .. } => Error::new(Kind::Store, "local_clock", error.to_string())
                .hint("check disk space and permissions of its folder"),
            crate::env::EnvError::Earlier { .. } => Error::new(Kind::Config, "clock_earlier", error.to_string())
                .hint("time does not run backwards here: give a later --now, or start anew with `paygrade local reset`"),
            crate::env::EnvError::NowNotLocal => Error::new(Kind::Usage, "now_not_local", error.to_string())
                .hint("leave --now and PAYGRADE_NOW away, or use --target local"),
            crate::env::EnvError::BadNow(_) => Error::new(Kind::Usage, "bad_now", error.to_string())
                .hint("write it as 2026-11-21T08:00:00Z"),
        };
        made.because_source(&error)
    }
}

impl Error {
    fn because_source(self, error: &dyn std::error::Error) -> Error {
        match error.source() {
            Some(source) => self.because(source),
            None => self,
        }
    }
}

impl From<crate::billing::lookup::Unknown> for Error {
    fn from(unknown: crate::billing::lookup::Unknown) -> Error {
        let code = match unknown.what {
            "tier" => "unknown_tier",
            "meter" => "unknown_meter",
            "feature" => "unknown_feature",
            "action" => "unknown_action",
            _ => "unknown_pack",
        };
        let made = Error::new(Kind::BadInput, code, unknown.to_string());
        match unknown.near {
            Some(near) => made.hint(format!("did you mean `{near}`?")),
            None => made.hint("`paygrade catalog show` lists what there is"),
        }
    }
}

impl From<crate::config::catalog::CatalogErrors> for Error {
    fn from(errors: crate::config::catalog::CatalogErrors) -> Error {
        let made = Error::new(Kind::BadInput, "bad_catalog", errors.to_string());
        let made = if errors.is_missing() {
            made.hint("`paygrade init` writes one to start from; --catalog names another")
        } else {
            made.hint("correct the places named, then run `paygrade catalog check`")
        };
        made.details(lines_of_several(&errors.problems))
    }
}

impl From<crate::config::settings::SettingsErrors> for Error {
    fn from(errors: crate::config::settings::SettingsErrors) -> Error {
        let made = Error::new(Kind::Config, "bad_settings", errors.to_string());
        made.hint("correct the places named, or name another file with --config")
            .details(lines_of_several(&errors.problems))
    }
}

/// One line for each of several problems; a single one is the message itself.
fn lines_of_several(problems: &[crate::config::Problem]) -> Vec<String> {
    if problems.len() < 2 { Vec::new() } else { problems.iter().map(ToString::to_string).collect() }
}

impl From<crate::config::start::StartError> for Error {
    fn from(error: crate::config::start::StartError) -> Error {
        use crate::config::start::StartError as S;
        match &error {
            S::Exists { .. } => Error::new(Kind::Refused, "init_exists", error.to_string())
                .hint("nothing is overwritten: use an empty folder, or move the files away"),
            S::Io { made, .. } if made.is_empty() => {
                Error::new(Kind::Store, "init_io", error.to_string()).hint("check the folder's permissions")
            }
            S::Io { .. } => Error::new(Kind::Store, "init_io", error.to_string())
                .changed(Changed::Partial)
                .hint("remove the files that were written, then run the same command again"),
        }
        .because_source(&error)
    }
}

impl From<crate::store::StoreError> for Error {
    fn from(error: crate::store::StoreError) -> Error {
        use crate::store::StoreError as S;
        let text = error.to_string();
        let made = match &error {
            S::Busy { .. } => Error::new(Kind::Busy, "store_busy", text).hint("another paygrade is writing: run the same command again"),
            S::Newer { .. } => Error::new(Kind::Store, "store_newer", text).hint("use the newer paygrade that wrote it; nothing was touched"),
            S::Older { known, .. } => Error::new(Kind::Store, "store_older", text).hint(format!("`paygrade store migrate -n` shows what is to be done, and `paygrade store migrate` makes a backup and brings it to {known}; whatever writes does so too")),
            S::Migration { before, at, is_at_commit, .. } => {
                let changed = match (is_at_commit, at > before) {
                    (true, _) => Changed::Unsure,
                    (false, true) => Changed::Partial,
                    (false, false) => Changed::None,
                };
                Error::new(Kind::Store, "store_migration", text)
                    .changed(changed)
                    .hint("see to disk space and permissions, then run `paygrade store migrate`: each step is done whole or not at all, and nothing was lost")
            }
            S::NoBackup { .. } => Error::new(Kind::Store, "store_no_backup", text).hint("make room there, or put it elsewhere with `paygrade store migrate --out DIR`, then run the same command again: the store was not touched"),
            S::NoTrial { .. } => Error::new(Kind::Store, "store_migration", text).hint("make room beside the store, or see to what the copy shows, then run `paygrade store migrate`: the store was not touched"),
            S::Migrated { .. } => Error::new(Kind::Store, "store_migrated", text).hint("start it again with the newer paygrade: what this one had begun goes on there"),
            S::NotOurs { .. } => Error::new(Kind::Store, "store_foreign", text).hint("give another file with --store"),
            S::Missing { .. } => Error::new(Kind::Store, "store_missing", text).hint("it is made by the first command that writes, such as `paygrade seed`"),
            S::Corrupt { .. } => Error::new(Kind::Store, "store_corrupt", text).hint("run `paygrade doctor`; bring a backup back with `paygrade store restore`"),
            S::Io { .. } | S::Sql(_) => Error::new(Kind::Store, "store_io", text).hint("check disk space and permissions, then run the same command again: nothing was left half-written"),
            S::Unsure(_) => Error::new(Kind::Store, "store_unsure", text)
                .changed(Changed::Unsure)
                .hint("see to the disk, run `paygrade doctor`, and look whether it is there before you run the command again; with --id or --key running it again is safe"),
            S::NameUnsure { .. } => Error::new(Kind::Store, "store_name_unsure", text)
                .changed(Changed::Unsure)
                .hint("see to the disk, look whether it is there, and run the same command again"),
            S::Broken(_) => Error::new(Kind::Bug, "broken_invariant", text).hint("run `paygrade doctor` and report this"),
            S::Replaced { .. } => Error::new(Kind::Busy, "store_replaced", text)
                .hint("run the command again: it begins anew on the store that is there now"),
            S::OtherTarget { .. } => Error::new(Kind::Config, "store_other_target", text).hint("use another --store for each target, account and namespace"),
        };
        made.because_source(&error)
    }
}

impl From<crate::stripe::Failure> for Error {
    fn from(failure: crate::stripe::Failure) -> Error {
        use crate::stripe::{Failure as F, NotSentCause as N, RefusalKind as R};
        let text = failure.to_string();
        let wrote = failure.meta().is_some_and(|meta| meta.write);
        let made = match &failure {
            F::No(refusal) => match refusal.kind {
                R::Unauthorized => Error::new(Kind::Config, "stripe_key", text)
                    .hint("check the API key: it is wrong, expired or revoked"),
                R::Forbidden => Error::new(Kind::Config, "stripe_permission", text)
                    .hint("give the restricted key the permission that Stripe names"),
                R::Conflict | R::RateLimited => {
                    Error::new(Kind::Later, "stripe_busy", text).hint("run the same command again in a while")
                }
                R::KeyMismatch => Error::new(Kind::Bug, "idempotency_mismatch", text)
                    .hint("report this with the command line"),
                R::Invalid | R::Card | R::Missing => Error::new(Kind::Stripe, "stripe_refused", text),
            },
            F::NotSent(not_sent) => match not_sent.cause {
                N::Tls => Error::new(Kind::Config, "stripe_tls", text).hint(
                    "check the clock, the certificates and what stands between this machine and Stripe",
                ),
                N::Refused => Error::new(Kind::BadInput, "stripe_request", text),
                N::Fenced => Error::new(Kind::Refused, "store_fenced", text)
                    .hint("run `paygrade store recover`: it reads what Stripe holds already, so that nothing is done twice"),
                N::Connect => Error::new(Kind::Later, "stripe_unreachable", text)
                    .hint("check the network, then run the same command again"),
                N::Breaker | N::Deadline | N::Budget => Error::new(Kind::Later, "stripe_stopped", text)
                    .hint("run the same command again: it continues where this run stopped"),
            },
            F::Indefinite(_) if wrote => Error::new(Kind::Unknown, "stripe_unknown", text)
                .hint("run the same command again: it looks at Stripe first and repeats under the same key"),
            F::Indefinite(_) => Error::new(Kind::Later, "stripe_unanswered", text)
                .hint("run the same command again in a while"),
            F::Unreadable(_) if wrote => Error::new(Kind::Unknown, "stripe_unreadable", text)
                .hint("run the same command again: it looks at Stripe first"),
            F::Unreadable(_) | F::Integrity(_) => {
                Error::new(Kind::Bug, "stripe_contradiction", text).hint("report this with the request id")
            }
        };
        made.request_id(failure.request_id().map(str::to_owned))
    }
}

impl From<crate::stripe::BadKey> for Error {
    fn from(bad: crate::stripe::BadKey) -> Error {
        Error::new(Kind::Config, "bad_key", bad.to_string())
            .hint("`paygrade doctor` shows where the key comes from")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_kinds_decides() {
        for (kinds, want) in [
            (vec![Kind::Busy, Kind::Differences], Some(Kind::Differences)),
            (vec![Kind::Refused, Kind::Partial], Some(Kind::Partial)),
            (vec![Kind::Unknown, Kind::Stripe], Some(Kind::Stripe)),
            (vec![Kind::Differences, Kind::Interrupted], Some(Kind::Interrupted)),
            (vec![], None),
        ] {
            assert_eq!(Kind::worst(kinds.clone()), want, "{kinds:?}");
        }
    }
}
