//! Credits: grant, consume, and what they leave. Each effect is one transaction; a refusal writes nothing.

pub mod allocate;
pub mod grouped;
pub mod hold;
mod keyed;
pub mod reconcile;
pub mod sell;
pub mod stripe_grant;

use crate::billing::catalog::Catalog;
use crate::billing::id::{ActionKey, CustomerId, is_invisible};
use crate::billing::ledger::{BALANCE_MAX, Expiry, Key, LotKind, Movement, Standing};
use crate::billing::money::Credits;
use crate::billing::spelling::nearest;
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::flow::customer::customer_required;
use crate::store::ledger::{Consume, Grant, KeyUsed, LedgerRange, LedgerRow, Note, Outcome, Posted};
use crate::store::run::Ending;
use crate::store::{Reader, Store, StoreError, Writer};

/// Longest reason.
const REASON_LENGTH_MAX: usize = 500;
/// Most entries of one history; more are for `export ledger`, which streams.
const HISTORY_ROWS_MAX: usize = 100_000;

/// What `credits grant` asks for.
#[derive(Debug, Clone)]
pub struct GrantAsk {
    /// Whose.
    pub customer: CustomerId,
    /// How many.
    pub credits: Credits,
    /// Where they come from.
    pub kind: LotKind,
    /// When they end.
    pub expires: Expiry,
    /// One effect for each key.
    pub key: Option<Key>,
}

/// How many credits are to be spent.
#[derive(Debug, Clone)]
pub enum Price {
    /// So many.
    Credits(Credits),
    /// What the catalog in force says that this action costs.
    Action(ActionKey),
}

/// What `credits consume` asks for.
#[derive(Debug, Clone)]
pub struct ConsumeAsk {
    /// Whose.
    pub customer: CustomerId,
    /// How many.
    pub price: Price,
    /// One effect for each key.
    pub key: Option<Key>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// Written now.
    Written(Posted),
    /// The key had this effect before; nothing was written.
    Known(Posted),
    /// What would be written.
    Shown(Posted),
}

impl Done {
    /// The posting, whenever it was made.
    pub fn posted(&self) -> &Posted {
        match self {
            Done::Written(posted) | Done::Known(posted) | Done::Shown(posted) => posted,
        }
    }
}

/// Why a transaction ends without writing.
enum Stop {
    Failed(Error),
    Answered(Done),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Failed(error.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

/// How a run ends that has posted this: noted in the same transaction, so that a command needs no second one.
pub type EndsWith<'a> = &'a dyn Fn(&Posted) -> Ending;

/// Takes a lot in. The reason is the store's origin's.
pub fn grant(
    store: &Store,
    now: Timestamp,
    ask: &GrantAsk,
    dry_run: bool,
    ends: Option<EndsWith<'_>>,
) -> Result<Done, Error> {
    reason_checked(store.origin().reason.as_deref())?;
    commit(store, now, dry_run, &ask.customer, ends, |w| {
        let customer = customer_required(&w.reader(), &ask.customer)?.row;
        let note = Note { key: ask.key.as_ref(), ..Note::default() };
        let (kind, credits, expires) = (ask.kind, ask.credits, ask.expires);
        Ok(w.ledger_grant(&Grant { customer, kind, credits, expires, note })?)
    })
}

/// Spends credits, all of them or none.
pub fn consume(
    store: &Store,
    now: Timestamp,
    ask: &ConsumeAsk,
    dry_run: bool,
    ends: Option<EndsWith<'_>>,
) -> Result<Done, Error> {
    commit(store, now, dry_run, &ask.customer, ends, |w| {
        let customer = customer_required(&w.reader(), &ask.customer)?.row;
        let note = Note { key: ask.key.as_ref(), ..Note::default() };
        let (credits, action) = match &ask.price {
            Price::Credits(credits) => (*credits, None),
            Price::Action(action) => {
                (price_of(w.reader().catalog_in_force()?.as_ref(), action)?, Some(action))
            }
        };
        let consume = Consume { customer, credits, action, note };
        let first = w.ledger_consume(&consume)?;
        // A month may have begun that nobody has seen yet.
        if !matches!(first, Outcome::Short(_)) || w.allocate_due(customer)?.is_empty() {
            return Ok(first);
        }
        Ok(w.ledger_consume(&consume)?)
    })
}

/// The credits of one customer, or of all who ever had some.
pub fn balance(
    r: &Reader<'_>,
    now: Timestamp,
    customer: Option<&CustomerId>,
) -> Result<Vec<(String, Standing)>, Error> {
    if let Some(id) = customer {
        let row = customer_required(r, id)?.row;
        return Ok(vec![(id.to_string(), r.ledger_balance(row, now)?)]);
    }
    let mut all = Vec::new();
    r.ledger_balances(now, |id, standing| {
        all.push((id.to_owned(), standing));
        Ok::<_, StoreError>(())
    })?;
    Ok(all)
}

/// A customer's entries, oldest first.
pub fn history(
    r: &Reader<'_>,
    customer: &CustomerId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<LedgerRow>, Error> {
    let row = customer_required(r, customer)?.row;
    let mut rows = Vec::new();
    r.ledger_each(&LedgerRange { customer: Some(row), from, to }, |row| {
        rows.push(row);
        if rows.len() <= HISTORY_ROWS_MAX {
            return Ok(());
        }
        let text = format!("{customer} has more than {HISTORY_ROWS_MAX} entries in that time");
        Err(Error::new(Kind::BadInput, "too_many_rows", text)
            .hint("narrow it with --from and --to; `paygrade export ledger` has no such limit"))
    })?;
    Ok(rows)
}

/// Runs one effect in one transaction that is given up unless it has posted something to keep.
fn commit(
    store: &Store,
    now: Timestamp,
    dry_run: bool,
    customer: &CustomerId,
    ends: Option<EndsWith<'_>>,
    work: impl FnOnce(&Writer<'_>) -> Result<Outcome, Stop>,
) -> Result<Done, Error> {
    let ended = store.write(now, |w| match work(w)? {
        Outcome::Posted(posted) if dry_run => Err(Stop::Answered(Done::Shown(posted))),
        Outcome::Posted(posted) => {
            if let Some(ends) = ends {
                w.run_end(&ends(&posted))?;
            }
            Ok(Done::Written(posted))
        }
        Outcome::Known(posted) => Err(Stop::Answered(Done::Known(posted))),
        refused => Err(Stop::Failed(refusal(customer, refused))),
    });
    match ended {
        Ok(done) | Err(Stop::Answered(done)) => Ok(done),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// A refusal as an error: what was required, what there is, and what to type next.
fn refusal(customer: &CustomerId, outcome: Outcome) -> Error {
    match outcome {
        Outcome::Short(short) => {
            let missing = short.required.0.saturating_sub(short.available.0);
            let text = format!("{customer} has too few credits");
            Error::new(Kind::Refused, "insufficient_credits", text)
                .details(vec![
                    format!("required: {}", short.required),
                    format!("available: {}", short.available),
                ])
                .hint(format!(
                    "{missing} more needed: `paygrade credits grant {customer} {missing} --reason TEXT`"
                ))
        }
        Outcome::Conflict(used) => conflict(&used),
        Outcome::TooMuch(too_much) => Error::new(Kind::Refused, "too_many_credits", too_much.to_string())
            .hint(format!("{customer} can have at most {BALANCE_MAX} credits: grant fewer")),
        Outcome::Expiry(bad) => Error::new(Kind::BadInput, "bad_expiry", bad.to_string())
            .hint("write --expires as 2026-12-31, 2026-12-31T12:00:00Z or \"30 days\""),
        Outcome::Posted(posted) | Outcome::Known(posted) => {
            let text = format!("posting {} was taken for a refusal", posted.posting);
            Error::new(Kind::Bug, "broken_invariant", text)
        }
    }
}

fn conflict(used: &KeyUsed) -> Error {
    let did = match used.movement {
        Movement::Grant => "a grant",
        Movement::Usage => "a spending",
        other => other.as_str(),
    };
    let text = format!("the key `{}` belongs to something else already", used.key);
    Error::new(Kind::Refused, "key_conflict", text)
        .details(vec![format!(
            "first used for: {did} of {} credits, {} at {}",
            used.credits, used.customer, used.at
        )])
        .hint(format!(
            "a new effect needs a new key; `paygrade credits history {}` shows what this one did",
            used.customer
        ))
}

/// What an action costs by the catalog in force.
fn price_of(catalog: Option<&Catalog>, action: &ActionKey) -> Result<Credits, Error> {
    let Some(catalog) = catalog else {
        let text = format!("nobody knows what `{action}` costs: no catalog was applied yet");
        return Err(Error::new(Kind::BadInput, "unknown_action", text).hint("apply it first: paygrade seed"));
    };
    if let Some(price) = catalog.actions.get(action) {
        return Ok(*price);
    }
    let near = nearest(action.as_str(), catalog.actions.keys().map(ActionKey::as_str));
    let error = Error::new(
        Kind::BadInput,
        "unknown_action",
        format!("there is no action `{action}` in the catalog in force"),
    );
    Err(match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("add it to [actions] and apply the catalog: paygrade seed"),
    })
}

/// A reason is words for whoever reads the ledger later.
fn reason_checked(reason: Option<&str>) -> Result<(), Error> {
    let reason = reason.unwrap_or_default();
    let legal = !reason.trim().is_empty()
        && reason.chars().count() <= REASON_LENGTH_MAX
        && !reason.chars().any(|c| c.is_control() || is_invisible(c));
    if legal {
        return Ok(());
    }
    let text = format!("a reason has 1 to {REASON_LENGTH_MAX} visible characters on one line");
    Err(Error::new(Kind::BadInput, "bad_reason", text).hint("say why with --reason \"…\""))
}
