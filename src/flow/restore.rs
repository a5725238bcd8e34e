//! `store restore`: a backup takes the place of the store, which is kept, and sends nothing until `store recover`.
//!
//! Nothing that is there is touched before the backup is proved; killed anywhere, the old store is there or the new one.

use std::path::{Path, PathBuf};

use super::inbox;
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::store::{
    BackupFound, Info, NamedLock, Origin, Present, Putting, StoreError, backup_look, present_look,
};

/// What is to be put where.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The backup.
    pub file: &'a Path,
    /// Where the store is, or would be.
    pub store: &'a Path,
    /// The target that it must be of.
    pub target: &'a str,
    /// The account that the settings name, if they do.
    pub account: Option<&'a str>,
    /// The namespace of the catalog, if there is one: where no store says it.
    pub namespace: Option<&'a str>,
}

/// What would take the place of what.
#[derive(Debug)]
pub struct Plan {
    /// The backup, proved.
    pub found: BackupFound,
    /// What is there now.
    pub present: Present,
}

/// What was done.
#[derive(Debug)]
pub struct Done {
    /// The backup and what was there.
    pub plan: Plan,
    /// Where the store before stands now.
    pub replaced: Option<PathBuf>,
    /// The new epoch.
    pub epoch: i64,
}

/// Looks at the backup and at what is there; refuses what is not sound, or of another target, account or namespace.
pub fn plan(ask: &Ask<'_>) -> Result<Plan, Error> {
    let real = |path: &Path| path.canonicalize().ok();
    if real(ask.file).is_some_and(|file| real(ask.store) == Some(file)) {
        return Err(Error::new(
            Kind::Usage,
            "restore_itself",
            "this is the store itself, not a backup of it",
        )
        .hint("`paygrade store backup` makes one"));
    }
    let found = backup_look(ask.file)?;
    let present = present_look(ask.store)?;
    refuse_other(ask, &found, &present)?;
    Ok(Plan { found, present })
}

/// Refuses what would send one business's usage as another's: a backup of another target, account or namespace than the
/// settings, the catalog and the store that is there name.
fn refuse_other(ask: &Ask<'_>, found: &BackupFound, present: &Present) -> Result<(), Error> {
    let there = match present {
        Present::Store(info, _) => Some(info),
        _ => None,
    };
    let of = |read: fn(&Info) -> Option<&str>| there.and_then(read);
    let namespace = of(|it| it.namespace.as_deref()).or(ask.namespace);
    for (what, is, wanted) in [
        ("target", Some(found.info.target.as_str()), Some(ask.target)),
        ("account", found.info.account.as_deref(), ask.account),
        ("account", found.info.account.as_deref(), of(|it| it.account.as_deref())),
        ("namespace", found.info.namespace.as_deref(), namespace),
    ] {
        if let (Some(is), Some(wanted)) = (is, wanted)
            && is != wanted
        {
            let (path, bound, asked) =
                (ask.file.to_owned(), format!("{what} {is}"), format!("{what} {wanted}"));
            return Err(StoreError::OtherTarget { path, bound, asked }.into());
        }
    }
    Ok(())
}

/// The locks of every command that may be in the middle of something at Stripe, or of a backup. While they are held
/// nothing of this store is sent.
pub(super) fn quiet(store: &Path) -> Result<Vec<NamedLock>, Error> {
    let mut locks = Vec::new();
    for name in ["push", "tick", inbox::LOCK, "backup-lock"] {
        let Some(lock) = NamedLock::try_take(store, name)? else {
            let text =
                format!("another command is at work on this store: {}", name.trim_end_matches("-lock"));
            return Err(
                Error::new(Kind::Busy, "store_at_work", text).hint("let it come to its end, or end it")
            );
        };
        locks.push(lock);
    }
    Ok(locks)
}

/// Puts the backup in place. Nothing of this store may be sending, or about to.
pub fn restore(ask: &Ask<'_>, origin: &Origin, now: Timestamp) -> Result<Done, Error> {
    let plan = plan(ask)?;
    let locks = quiet(ask.store)?;
    let putting = Putting { file: ask.file, found: &plan.found, origin, now };
    let (replaced, epoch) = crate::store::restore(ask.store, &putting)?;
    drop(locks);
    Ok(Done { plan, replaced, epoch })
}
