//! What a customer wants to be told.

use std::collections::BTreeSet;

use crate::billing::contact::Email;
use crate::billing::id::CustomerId;
use crate::billing::notice::Preference;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::customer::customer_required;
use crate::store::{Reader, Store};

/// What is to be changed; what is empty stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Everything is told again, at the billing address; before the rest.
    pub reset: bool,
    /// Nothing of these kinds.
    pub mute: BTreeSet<String>,
    /// Of these kinds again.
    pub unmute: BTreeSet<String>,
    /// Nothing else than these kinds.
    pub only: Option<BTreeSet<String>>,
    /// Mail goes there.
    pub email: Option<Email>,
}

impl Change {
    /// Whether it changes nothing: only to look.
    pub fn is_empty(&self) -> bool {
        !self.reset
            && self.mute.is_empty()
            && self.unmute.is_empty()
            && self.only.is_none()
            && self.email.is_none()
    }

    fn of(&self, old: Preference) -> Preference {
        let mut new = if self.reset { Preference::default() } else { old };
        if let Some(only) = &self.only {
            new.only = Some(only.clone());
        }
        new.muted.extend(self.mute.iter().cloned());
        new.muted.retain(|kind| !self.unmute.contains(kind));
        if let Some(email) = &self.email {
            new.email = Some(email.as_str().to_owned());
        }
        new
    }
}

/// What a customer wants, and what it would want after a change.
pub fn planned(r: &Reader<'_>, id: &CustomerId, change: &Change) -> Result<(Preference, Preference), Error> {
    let old = r.notice_preference(customer_required(r, id)?.row)?;
    let new = change.of(old.clone());
    Ok((old, new))
}

/// Changes what a customer wants; the same again writes nothing.
pub fn change(
    store: &Store,
    now: Timestamp,
    id: &CustomerId,
    change: &Change,
) -> Result<(Preference, Preference), Error> {
    let (old, new) = store.read(|r| planned(r, id, change))?;
    if old == new {
        return Ok((old, new));
    }
    store.write(now, |w| {
        let r = w.reader();
        let (old, new) = planned(&r, id, change)?;
        w.notice_preference_put(customer_required(&r, id)?.row, &new)?;
        Ok((old, new))
    })
}
