//! Which Stripe account answers, and whether it is the one that the store belongs to.

use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::store::Store;
use crate::stripe::{Account, Api};

/// Asks Stripe which account the key belongs to and compares it with the store's; a new store is bound to it, unless
/// this is a `dry_run`. `expected` is the account that the settings name, if they do.
pub async fn bind(
    store: Option<&Store>,
    api: &Api,
    expected: Option<&str>,
    dry_run: bool,
    now: impl FnOnce() -> Result<Timestamp, Error>,
) -> Result<Account, Error> {
    let account = api.account().await?.value;
    if let Some(expected) = expected.filter(|expected| *expected != account.id) {
        let text = format!("the key belongs to {}, but the settings name {expected}", account.id);
        return Err(Error::new(Kind::Config, "other_account", text)
            .hint("use the key of that account, or correct `account` in paygrade.toml"));
    }
    let Some(store) = store else { return Ok(account) };
    match store.info()?.account {
        Some(bound) if bound == account.id => (),
        Some(bound) => return Err(other_account(store, &bound, &account.id)),
        None if dry_run => (),
        None => store.write(now()?, |w| w.account_bind(&account.id).map_err(Error::from))?,
    }
    Ok(account)
}

fn other_account(store: &Store, bound: &str, found: &str) -> Error {
    let text =
        format!("{} belongs to the Stripe account {bound}, but {found} answers", store.path().display());
    Error::new(Kind::Config, "other_account", text)
        .hint("use the key of that account, or a new store (--store FILE); after `local reset` the old store is of no use")
}
