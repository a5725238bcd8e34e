//! Holds, and what is given or taken back.

use super::{Done, EndsWith, Price, Stop, commit, price_of, reason_checked};
use crate::billing::catalog::Lasting;
use crate::billing::id::CustomerId;
use crate::billing::ledger::{Expiry, Key, LotId, Shortfall};
use crate::billing::money::Credits;
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::{Error, Kind};
use crate::flow::customer::customer_required;
use crate::store::ledger::{Consume, Hold, HoldOutcome, Note, Outcome, Posted, RefundOutcome};
use crate::store::run::Ending;
use crate::store::{Reader, Store, StoreError, Writer};

/// Longest hold.
const HOLD_MAX_S: i64 = 31 * 24 * 60 * MINUTE_S;

/// How long a hold lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct For(i64);

impl For {
    /// Reads `90s`, `15m`, `2h`, `3d`, or `3 days`.
    pub fn parse(text: &str) -> Result<For, Error> {
        let seconds = short(text).or_else(|| Lasting::parse(text).and_then(days));
        seconds.filter(|seconds| (1..=HOLD_MAX_S).contains(seconds)).map(For).ok_or_else(|| {
            let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
            Error::new(Kind::BadInput, "bad_length", format!("`{shown}` is no length of time for a hold"))
                .hint("write --for as 90s, 15m, 2h or \"3 days\", at most 31 days")
        })
    }
}

fn short(text: &str) -> Option<i64> {
    let at = text.len().checked_sub(1)?;
    let (number, unit) = (text.get(..at)?, text.get(at..)?);
    let number: i64 = number.parse().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    let unit = match unit {
        "s" => 1,
        "m" => MINUTE_S,
        "h" => 60 * MINUTE_S,
        "d" => 24 * 60 * MINUTE_S,
        _ => return None,
    };
    number.checked_mul(unit)
}

fn days(lasting: Lasting) -> Option<i64> {
    (lasting.months == 0).then(|| i64::from(lasting.days) * 24 * 60 * MINUTE_S)
}

/// What `credits hold` asks for.
#[derive(Debug, Clone)]
pub struct HoldAsk {
    /// Whose.
    pub customer: CustomerId,
    /// How many.
    pub price: Price,
    /// How long.
    pub lasts: For,
    /// One effect for each key.
    pub key: Option<Key>,
}

impl HoldAsk {
    /// Until when a hold that is made now reserves.
    pub fn until(&self, now: Timestamp) -> Timestamp {
        now.plus(self.lasts.0)
    }
}

/// Reserves credits, all of them or none.
pub fn hold(
    store: &Store,
    now: Timestamp,
    ask: &HoldAsk,
    dry_run: bool,
    ends: Option<EndsWith<'_>>,
) -> Result<(Done, Option<Hold>), Error> {
    let done = commit(store, now, dry_run, &ask.customer, ends, |w| {
        let customer = customer_required(&w.reader(), &ask.customer)?.row;
        let note = Note { key: ask.key.as_ref(), ..Note::default() };
        let (credits, action) = match &ask.price {
            Price::Credits(credits) => (*credits, None),
            Price::Action(action) => {
                (price_of(w.reader().catalog_in_force()?.as_ref(), action)?, Some(action))
            }
        };
        let consume = Consume { customer, credits, action, note };
        let (until, lasting) = (ask.until(now), ask.lasts.0.to_string());
        let first = w.ledger_hold(&consume, until, &lasting)?;
        if !matches!(first, Outcome::Short(_)) || w.allocate_due(customer)?.is_empty() {
            return Ok(first);
        }
        Ok(w.ledger_hold(&consume, until, &lasting)?)
    })?;
    let made = match &done {
        Done::Shown(_) => None,
        Done::Written(posted) | Done::Known(posted) => store.read(|r| r.hold_get(posted.posting))?,
    };
    Ok((done, made))
}

/// What ending a hold came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Whose hold it was.
    pub customer: CustomerId,
    /// Spent and released, or what was done before.
    pub postings: Vec<Posted>,
    /// `written`, `known` or `shown`.
    pub state: State,
}

/// Whether something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Now.
    Written,
    /// Before: nothing changed.
    Known,
    /// It would be.
    Shown,
}

/// How a run ends that has ended a hold: noted in the same transaction.
pub type HoldEndsWith<'a> = &'a dyn Fn(&Ended) -> Ending;

/// Spends what a hold reserves, or less: the rest is released.
pub fn settle(
    store: &Store,
    now: Timestamp,
    hold: i64,
    credits: Option<Credits>,
    dry_run: bool,
    ends: Option<HoldEndsWith<'_>>,
) -> Result<Ended, Error> {
    end(store, now, hold, dry_run, ends, |w| w.ledger_settle(hold, credits, Note::default()))
}

/// Makes what a hold reserves available again.
pub fn release(
    store: &Store,
    now: Timestamp,
    hold: i64,
    dry_run: bool,
    ends: Option<HoldEndsWith<'_>>,
) -> Result<Ended, Error> {
    end(store, now, hold, dry_run, ends, |w| w.ledger_release(hold, Note::default()))
}

/// Why a transaction on holds ends without writing.
enum Halt {
    Failed(Error),
    Answered(Ended),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Halt {
        Halt::Failed(error.into())
    }
}

fn end(
    store: &Store,
    now: Timestamp,
    hold: i64,
    dry_run: bool,
    ends: Option<HoldEndsWith<'_>>,
    work: impl FnOnce(&Writer<'_>) -> Result<HoldOutcome, StoreError>,
) -> Result<Ended, Error> {
    let ended = store.write(now, |w| {
        let found = w.reader().hold_get(hold)?;
        let customer = match &found {
            Some(found) => w.reader().customer_get(found.customer)?.id,
            None => return Err(Halt::Failed(unknown_hold(hold))),
        };
        match work(w)? {
            HoldOutcome::Ended { settled, released } => {
                let postings = settled.into_iter().chain(released).collect();
                let state = if dry_run { State::Shown } else { State::Written };
                let ended = Ended { customer, postings, state };
                if dry_run {
                    return Err(Halt::Answered(ended));
                }
                if let Some(ends) = ends {
                    w.run_end(&ends(&ended))?;
                }
                Ok(ended)
            }
            HoldOutcome::Known(first) => {
                Err(Halt::Answered(Ended { customer, postings: vec![first], state: State::Known }))
            }
            HoldOutcome::Unknown => Err(Halt::Failed(unknown_hold(hold))),
            HoldOutcome::Over(found) => Err(Halt::Failed(over(&found, now))),
            HoldOutcome::NotHeld(it) => Err(Halt::Failed(
                Error::new(Kind::Refused, "not_held", it.to_string())
                    .hint(format!("settle at most {}: paygrade credits settle {hold} {}", it.held, it.held)),
            )),
        }
    });
    match ended {
        Ok(ended) | Err(Halt::Answered(ended)) => Ok(ended),
        Err(Halt::Failed(error)) => Err(error),
    }
}

fn unknown_hold(hold: i64) -> Error {
    Error::new(Kind::BadInput, "unknown_hold", format!("there is no hold {hold}"))
        .hint("`paygrade credits hold` prints the number of the hold that it made")
}

fn over(hold: &Hold, now: Timestamp) -> Error {
    let text = if hold.until <= now {
        format!("the hold {} ended by itself at {}", hold.hold, hold.until)
    } else {
        format!("the hold {} was ended before, otherwise", hold.hold)
    };
    Error::new(Kind::Refused, "hold_over", text)
        .hint("what it reserved is available again or spent: `paygrade credits history CUSTOMER` shows which")
}

/// How a run ends that has posted this for a customer who was found on the way.
pub type OfCustomer<'a> = &'a dyn Fn(&CustomerId, &Posted) -> Ending;

/// What is taken back: from a customer, or from one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeFrom {
    /// From a customer's lots, those first that would be spent last.
    Customer(CustomerId),
    /// From this lot.
    Lot(i64),
}

/// Takes credits back: exactly so many. The reason is the store's origin's.
pub fn revoke(
    store: &Store,
    now: Timestamp,
    from: &TakeFrom,
    credits: Credits,
    key: Option<&Key>,
    dry_run: bool,
    ends: Option<OfCustomer<'_>>,
) -> Result<(CustomerId, Done), Error> {
    reason_checked(store.origin().reason.as_deref())?;
    let customer = match from {
        TakeFrom::Customer(id) => id.clone(),
        TakeFrom::Lot(lot) => store.read(|r| lot_customer(r, *lot))?,
    };
    let ends = ends.map(|ends| |posted: &Posted| ends(&customer, posted));
    let ends = ends.as_ref().map(|ends| ends as EndsWith<'_>);
    let done = commit(store, now, dry_run, &customer, ends, |w| {
        let row = customer_required(&w.reader(), &customer)?.row;
        let note = Note { key, ..Note::default() };
        match from {
            TakeFrom::Customer(id) => {
                match w.ledger_revoke_any(&Consume { customer: row, credits, action: None, note })? {
                    Outcome::Short(short) => Err(Stop::Failed(too_few(id.as_str(), id.as_str(), short))),
                    other => Ok(other),
                }
            }
            TakeFrom::Lot(lot) => match w.ledger_revoke_lot(LotId(*lot), credits, note)? {
                Outcome::Short(short) => {
                    let name = format!("lot {lot}");
                    Err(Stop::Failed(too_few(&name, &format!("--lot {lot}"), short)))
                }
                other => Ok(other),
            },
        }
    })?;
    Ok((customer, done))
}

fn lot_customer(r: &Reader<'_>, lot: i64) -> Result<CustomerId, Error> {
    match r.lot_customer(LotId(lot))? {
        Some(row) => Ok(r.customer_get(row)?.id),
        None => Err(Error::new(Kind::BadInput, "unknown_lot", format!("there is no lot {lot}"))
            .hint("`paygrade credits history CUSTOMER` names the lots of a customer")),
    }
}

/// `whose`: a customer or a lot, in words; `from`: the same on the command line.
fn too_few(whose: &str, from: &str, short: Shortfall) -> Error {
    let available = short.available;
    let hint = match available.0 {
        0 => "what is held or spent cannot be taken back".to_owned(),
        _ => format!(
            "what is held or spent cannot be taken back; the rest can: `paygrade credits revoke {from} {available} \
             --reason TEXT`"
        ),
    };
    Error::new(Kind::Refused, "insufficient_credits", format!("{whose} has too few credits left"))
        .details(vec![format!("required: {}", short.required), format!("available: {available}")])
        .hint(hint)
}

/// Gives back what a usage entry spent, once. The reason is the store's origin's, if there is one.
pub fn refund(
    store: &Store,
    now: Timestamp,
    entry: i64,
    expires: Option<Expiry>,
    dry_run: bool,
    ends: Option<OfCustomer<'_>>,
) -> Result<(CustomerId, Done), Error> {
    let customer = store.read(|r| {
        let row = r.entry_customer(entry)?.ok_or_else(|| unknown_entry(entry))?;
        Ok::<_, Error>(r.customer_get(row)?.id)
    })?;
    let ends = ends.map(|ends| |posted: &Posted| ends(&customer, posted));
    let ends = ends.as_ref().map(|ends| ends as EndsWith<'_>);
    let done = commit(store, now, dry_run, &customer, ends, |w| match w.ledger_refund(entry, expires)? {
        RefundOutcome::Granted(outcome) => Ok(outcome),
        RefundOutcome::Unknown => Err(Stop::Failed(unknown_entry(entry))),
        RefundOutcome::NotSpent(movement) => {
            let text = format!("entry {entry} is a {}: it spent nothing", movement.as_str());
            Err(Stop::Failed(
                Error::new(Kind::Refused, "not_spent", text)
                    .hint("only entries of kind `usage` or `settle` are given back"),
            ))
        }
    })?;
    Ok((customer, done))
}

fn unknown_entry(entry: i64) -> Error {
    Error::new(Kind::BadInput, "unknown_entry", format!("there is no entry {entry}"))
        .hint("`paygrade credits history CUSTOMER` shows the entries with their numbers")
}

/// One thing that was over, and what ending it moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    /// Whose.
    pub customer: CustomerId,
    /// What was written: releases and expiries.
    pub posting: Posted,
}

/// Releases every hold and writes off every lot whose time is over: of everybody, a customer a transaction.
pub fn expire(store: &Store, now: Timestamp, dry_run: bool) -> Result<Vec<Expired>, Error> {
    let customers = store.read(|r| r.customers_to_expire(now))?;
    let mut all = Vec::new();
    for row in customers {
        let written = store.write(now, |w| {
            let customer = w.reader().customer_get(row)?.id;
            let postings = w.ledger_expire(row)?;
            let done: Vec<Expired> =
                postings.into_iter().map(|posting| Expired { customer: customer.clone(), posting }).collect();
            if dry_run { Err(Rolled::Back(done)) } else { Ok(done) }
        });
        match written {
            Ok(done) | Err(Rolled::Back(done)) => all.extend(done),
            Err(Rolled::Failed(error)) => return Err(error),
        }
    }
    Ok(all)
}

/// A transaction that was only to show what it would do.
pub(super) enum Rolled<T> {
    Back(T),
    Failed(Error),
}

impl<T> From<StoreError> for Rolled<T> {
    fn from(error: StoreError) -> Rolled<T> {
        Rolled::Failed(error.into())
    }
}

impl<T> From<Error> for Rolled<T> {
    fn from(error: Error) -> Rolled<T> {
        Rolled::Failed(error)
    }
}
