//! `credits stripe-grant`: money that Stripe takes off a customer's metered bills. Once, whatever dies in between.

use std::collections::BTreeMap;

use super::keyed::{ask_digest, call_key, key_conflict, linked, stopped};
use super::reason_checked;
use crate::billing::id::CustomerId;
use crate::billing::ledger::{Expiry, Key};
use crate::billing::money::Money;
use crate::error::{Error, Kind};
use crate::flow::Desk;
use crate::flow::assign::catalog_required;
use crate::flow::push::refuse_fenced;
use crate::store::stripe_grant::{StripeGrant, StripeGrantNew};
use crate::stripe::CreditGrantNew;

/// Metadata key that names a grant of ours.
const GRANT_METADATA_KEY: &str = "paygrade_grant";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct StripeGrantAsk {
    /// Whose.
    pub customer: CustomerId,
    /// In major units of the catalog's currency, as written.
    pub amount: String,
    /// It was paid for; else it is promotional.
    pub is_paid: bool,
    /// When it ends.
    pub expires: Expiry,
    /// One effect for each key.
    pub key: Option<Key>,
}

/// A grant and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeGranted {
    /// As stored; what would be stored in a dry run has the number 0.
    pub grant: StripeGrant,
    /// The amount.
    pub amount: Money,
    /// `written`, `known` or `shown`.
    pub state: super::hold::State,
}

/// Gives the money, once for each key; one that was begun and not finished comes first.
pub async fn stripe_grant(
    desk: &Desk<'_>,
    ask: &StripeGrantAsk,
    dry_run: bool,
) -> Result<StripeGranted, Error> {
    if !dry_run {
        refuse_fenced(desk.store)?;
    }
    reason_checked(desk.store.origin().reason.as_deref())?;
    let (customer, cus) = linked(desk, &ask.customer)?;
    let catalog = desk.store.read(catalog_required)?;
    let amount = Money::parse_major(&ask.amount, catalog.currency).map_err(|bad| {
        Error::new(Kind::BadInput, "bad_amount", bad.to_string()).hint("write the amount as 50.00")
    })?;
    if amount.minor <= 0 {
        let text = format!("`{}` is no amount above zero", ask.amount);
        return Err(Error::new(Kind::BadInput, "bad_amount", text).hint("write the amount as 50.00"));
    }
    let expires_at = ask.expires.resolve(desk.now).map_err(|bad| {
        Error::new(Kind::BadInput, "bad_expiry", bad.to_string())
            .hint("write --expires as 2026-12-31, 2026-12-31T12:00:00Z or \"30 days\"")
    })?;
    let before = desk.store.read(|r| r.stripe_grants_of(customer.row))?;
    let parts = [
        ask.customer.as_str(),
        &amount.minor.to_string(),
        &ask.is_paid.to_string(),
        &ask.expires.to_string(),
    ];
    let new = StripeGrantNew {
        customer: customer.row,
        amount: amount.minor,
        currency: amount.currency.code().to_owned(),
        is_paid: ask.is_paid,
        expires_at,
        name: desk.store.origin().reason.as_ref().map(|reason| reason.chars().take(100).collect()),
        key: call_key(desk, "grant", ask.key.as_ref(), before.len(), &ask.customer)?,
        digest: ask_digest(ask.key.as_ref(), &parts),
    };
    let same = |it: &&StripeGrant| {
        (it.new.amount, it.new.is_paid, &it.new.digest) == (new.amount, new.is_paid, &new.digest)
    };
    if dry_run {
        let grant = StripeGrant { stripe_grant: 0, new, state: "shown".to_owned(), grant_id: None };
        return Ok(StripeGranted { grant, amount, state: super::hold::State::Shown });
    }
    // An unfinished one for the same is finished: it may have happened.
    let unfinished = before.iter().filter(|it| it.state == "begun").find(same);
    let found = match unfinished {
        Some(begun) => Some(begun.clone()),
        None => desk.store.read(|r| r.stripe_grant_by_key(&new.key))?,
    };
    let (grant, look) = match found {
        Some(known) if known.new.digest != new.digest => return Err(key_conflict(ask.key.as_ref())),
        Some(known) if known.state == "done" => {
            return Ok(StripeGranted { grant: known, amount, state: super::hold::State::Known });
        }
        Some(known) if known.state == "dropped" => {
            let text = format!("Stripe refused what the key `{}` stands for", known.new.key);
            return Err(Error::new(Kind::Refused, "key_used", text).hint("run it again with another --key"));
        }
        Some(begun) => (begun, true),
        None => (desk.store.write(desk.now, |w| w.stripe_grant_begin(&new))?, false),
    };
    let made = perform(desk, &grant, &cus, look).await?;
    desk.store.write(desk.now, |w| w.stripe_grant_end(grant.stripe_grant, Some(&made)))?;
    let grant = StripeGrant { state: "done".to_owned(), grant_id: Some(made), ..grant };
    Ok(StripeGranted { grant, amount, state: super::hold::State::Written })
}

/// Makes the grant at Stripe, or finds the one that was made: its id.
async fn perform(desk: &Desk<'_>, grant: &StripeGrant, cus: &str, look: bool) -> Result<String, Error> {
    let it = &grant.new;
    if look {
        let all = desk.api.credit_grant_list(cus).await?.value;
        let ours = |found: &&crate::stripe::CreditGrantFound| {
            found.metadata.get(GRANT_METADATA_KEY) == Some(&it.key)
        };
        if let Some(found) = all.iter().find(ours) {
            return Ok(found.id.clone());
        }
    }
    let new = CreditGrantNew {
        customer: cus.to_owned(),
        amount: it.amount,
        currency: it.currency.clone(),
        is_paid: it.is_paid,
        expires_at: it.expires_at,
        name: it.name.clone(),
        metadata: BTreeMap::from([(GRANT_METADATA_KEY.to_owned(), it.key.clone())]),
    };
    let made = desk.api.credit_grant_create(&new, &it.key).await;
    let drop = || desk.store.write(desk.now, |w| w.stripe_grant_end(grant.stripe_grant, None));
    Ok(made.map_err(|failure| stopped(failure, drop))?.value.id)
}
