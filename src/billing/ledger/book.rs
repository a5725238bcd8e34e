//! Decisions about one customer's credits.

use super::{Account, BALANCE_MAX, Credits, Entry, Lot, LotId, LotKind, Movement, Part, Posting, Timestamp};
use crate::billing::time::DAY_S;

/// How far ahead a balance looks for credits that are about to expire.
const EXPIRING_SOON_S: i64 = 30 * DAY_S;

/// Fewer credits than were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{required} credits are required, {available} are available")]
pub struct Shortfall {
    /// What was asked for.
    pub required: Credits,
    /// What can be spent.
    pub available: Credits,
}

/// More credits than one customer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a grant of {granted} to a balance of {balance} would exceed {BALANCE_MAX}, the most that a customer can have"
)]
pub struct TooMuch {
    /// What was to be granted.
    pub granted: Credits,
    /// What the customer has, available and held.
    pub balance: Credits,
}

/// More than a hold still reserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{required} credits are to be settled, the hold has {held} left")]
pub struct NotHeld {
    /// What was to be settled.
    pub required: Credits,
    /// What the hold still reserves.
    pub held: Credits,
}

/// Why nothing was posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Too few credits.
    #[error(transparent)]
    Short(#[from] Shortfall),
    /// Too many credits.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// Not reserved.
    #[error(transparent)]
    NotHeld(#[from] NotHeld),
    /// Something that always holds does not: a damaged ledger, or a bug.
    #[error("{0}")]
    Broken(String),
}

fn broken<T>(what: impl Into<String>) -> Result<T, LedgerError> {
    Err(LedgerError::Broken(what.into()))
}

/// One customer's credits: the open lots, and the balances of both own accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    lots: Vec<Lot>,
    available: Credits,
    held: Credits,
}

/// A customer's credits at an instant, as reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// What can be spent: live lots only.
    pub available: Credits,
    /// What holds reserve.
    pub held: Credits,
    /// The part of `available` that was bought, given back or carried in.
    pub purchased: Credits,
    /// The part of `available` that came with a tier.
    pub allocated: Credits,
    /// The part of `available` that was given: bonus and trial.
    pub bonus: Credits,
    /// The part of `available` that expires within 30 days.
    pub expiring_30d: Credits,
    /// When the next of them expire.
    pub next_expiry: Option<Timestamp>,
}

impl Book {
    /// A book of open lots with the balances after the customer's last entry. The two must agree.
    pub fn new(mut lots: Vec<Lot>, available: Credits, held: Credits) -> Result<Book, LedgerError> {
        lots.sort_by_key(Lot::burn_place);
        let (mut sum_available, mut sum_held) = (0_i64, 0_i64);
        for lot in &lots {
            let left = lot.available.0.checked_add(lot.held.0);
            if lot.available.0 < 0 || lot.held.0 < 0 || left.is_none_or(|left| left > lot.granted.0) {
                return broken(format!("lot {} has more or less left than it was granted", lot.id.0));
            }
            sum_available = sum_available.saturating_add(lot.available.0);
            sum_held = sum_held.saturating_add(lot.held.0);
        }
        if (sum_available, sum_held) != (available.0, held.0) {
            return broken(format!(
                "lots hold {sum_available} available and {sum_held} held, entries say {available} and {held}"
            ));
        }
        Ok(Book { lots, available, held })
    }
    /// The lots, in burn order.
    pub fn lots(&self) -> &[Lot] {
        &self.lots
    }
    /// Available credits by the entries: with those of expired lots that nobody has expired yet.
    pub fn available(&self) -> Credits {
        self.available
    }
    /// Held credits.
    pub fn held(&self) -> Credits {
        self.held
    }
    /// What can be spent at `now`.
    pub fn spendable(&self, now: Timestamp) -> Credits {
        Credits(self.live(now).map(|lot| lot.available.0).sum())
    }
    /// The balances at `now` as reported.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let mut standing =
            Standing { available: self.spendable(now), held: self.held, ..Standing::default() };
        for lot in self.live(now) {
            let column = match lot.kind {
                LotKind::Purchase | LotKind::Refund | LotKind::Opening => &mut standing.purchased,
                LotKind::SubscriptionAllocation => &mut standing.allocated,
                LotKind::Bonus | LotKind::Trial => &mut standing.bonus,
            };
            column.0 += lot.available.0;
            if lot.expires_at.is_some_and(|end| end <= now.plus(EXPIRING_SOON_S)) {
                standing.expiring_30d.0 += lot.available.0;
            }
        }
        standing.next_expiry = self.live(now).filter_map(|lot| lot.expires_at).min();
        standing
    }

    /// Takes a new lot in.
    pub fn grant(
        &mut self,
        id: LotId,
        kind: LotKind,
        granted: Credits,
        expires_at: Option<Timestamp>,
    ) -> Result<Posting, LedgerError> {
        let balance = Credits(self.available.0.saturating_add(self.held.0));
        if granted.0 <= 0 {
            return broken("a grant of nothing");
        }
        if balance.0.checked_add(granted.0).is_none_or(|after| after > BALANCE_MAX) {
            return Err(TooMuch { granted, balance }.into());
        }
        if self.lots.iter().any(|lot| lot.id >= id) {
            return broken(format!("lot {} is not newer than all others", id.0));
        }
        self.lots.push(Lot { id, kind, granted, available: Credits(0), held: Credits(0), expires_at });
        self.lots.sort_by_key(Lot::burn_place);
        self.post(Movement::Grant, vec![Part { lot: id, credits: granted }])
    }

    /// Spends credits of live lots in burn order, or says how many are missing.
    pub fn consume(&mut self, required: Credits, now: Timestamp) -> Result<Posting, LedgerError> {
        let parts = self.burn(required, now)?;
        self.post(Movement::Usage, parts)
    }

    /// Reserves credits of live lots in burn order, or says how many are missing.
    pub fn hold(&mut self, required: Credits, now: Timestamp) -> Result<Posting, LedgerError> {
        let parts = self.burn(required, now)?;
        self.post(Movement::Hold, parts)
    }

    /// Spends reserved credits. `left` is what the hold still reserves, lot by lot in burn order; a lot that expired
    /// meanwhile counts, because a hold keeps its lots alive.
    pub fn settle(&mut self, left: &[Part], required: Credits) -> Result<Posting, LedgerError> {
        let held = Credits(left.iter().map(|part| part.credits.0).sum());
        let parts = take(left.iter().copied(), required);
        if required.0 <= 0 || held < required {
            return Err(NotHeld { required, held }.into());
        }
        self.post(Movement::Settle, parts)
    }

    /// Makes reserved credits available again: all that a hold still reserves.
    pub fn release(&mut self, left: &[Part]) -> Result<Posting, LedgerError> {
        self.post(Movement::Release, left.to_vec())
    }

    /// Writes off what is left of lots whose time is over at `now`; `None` when there is none.
    pub fn expire(&mut self, now: Timestamp) -> Result<Option<Posting>, LedgerError> {
        let over = self.lots.iter().filter(|lot| !lot.is_live(now) && lot.available.0 > 0);
        let parts: Vec<Part> = over.map(|lot| Part { lot: lot.id, credits: lot.available }).collect();
        if parts.is_empty() { Ok(None) } else { self.post(Movement::Expire, parts).map(Some) }
    }

    /// Takes at most `most` credits back from one lot, never more than it has; `None` when it has none.
    pub fn revoke(&mut self, lot: LotId, most: Credits) -> Result<Option<Posting>, LedgerError> {
        self.take_from(Movement::Revoke, lot, most)
    }

    /// Writes off at most `most` credits of one lot before its time: more than is carried.
    pub fn trim(&mut self, lot: LotId, most: Credits) -> Result<Option<Posting>, LedgerError> {
        self.take_from(Movement::Expire, lot, most)
    }

    /// Takes credits back whatever their lot, those that are spent last first: what is left longest is what was given
    /// too much of.
    pub fn revoke_any(&mut self, required: Credits, now: Timestamp) -> Result<Posting, LedgerError> {
        if required.0 <= 0 {
            return broken("a revocation of nothing");
        }
        let available = self.spendable(now);
        if available < required {
            return Err(Shortfall { required, available }.into());
        }
        let live: Vec<Part> =
            self.live(now).map(|lot| Part { lot: lot.id, credits: lot.available }).collect();
        let parts = take(live.into_iter().rev(), required);
        self.post(Movement::Revoke, parts)
    }

    fn take_from(
        &mut self,
        movement: Movement,
        lot: LotId,
        most: Credits,
    ) -> Result<Option<Posting>, LedgerError> {
        let available = self.lots.iter().find(|it| it.id == lot).map_or(Credits(0), |it| it.available);
        let credits = available.min(most);
        if credits.0 <= 0 {
            return Ok(None);
        }
        self.post(movement, vec![Part { lot, credits }]).map(Some)
    }

    fn live(&self, now: Timestamp) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(move |lot| lot.is_live(now) && lot.available.0 > 0)
    }

    fn burn(&self, required: Credits, now: Timestamp) -> Result<Vec<Part>, LedgerError> {
        if required.0 <= 0 {
            return broken("a spending of nothing");
        }
        let available = self.spendable(now);
        if available < required {
            return Err(Shortfall { required, available }.into());
        }
        let parts = self.live(now).map(|lot| Part { lot: lot.id, credits: lot.available });
        Ok(take(parts, required))
    }

    /// Moves the parts; every sum is checked, and nothing has moved when it fails.
    fn post(&mut self, movement: Movement, parts: Vec<Part>) -> Result<Posting, LedgerError> {
        let mut after = self.clone();
        let mut entries = Vec::with_capacity(parts.len());
        let mut total = 0_i64;
        for part in parts {
            let delta = |account| movement.sign(account) * part.credits.0;
            let (available, held) = (delta(Account::Available), delta(Account::Held));
            let Some(lot) = after.lots.iter_mut().find(|lot| lot.id == part.lot) else {
                return broken(format!("lot {} is not open", part.lot.0));
            };
            let moved = part.credits.0 > 0
                && moves(&mut lot.available, available)
                && moves(&mut lot.held, held)
                && lot.available.0.checked_add(lot.held.0).is_some_and(|left| left <= lot.granted.0)
                && moves(&mut after.available, available)
                && moves(&mut after.held, held);
            let sum = total.checked_add(part.credits.0);
            let (true, Some(sum)) = (moved, sum) else {
                return broken(format!("lot {} cannot {} {}", part.lot.0, movement.as_str(), part.credits));
            };
            total = sum;
            let (balance_after, held_after) = (after.available, after.held);
            entries.push(Entry { lot: part.lot, credits: part.credits, balance_after, held_after });
        }
        if entries.is_empty() {
            return broken("a posting without entries");
        }
        *self = after;
        Ok(Posting { movement, credits: Credits(total), entries })
    }
}

/// Adds to an account that has a floor of zero; `false` when it would go below it or out of range.
fn moves(account: &mut Credits, delta: i64) -> bool {
    match account.0.checked_add(delta).filter(|after| *after >= 0) {
        Some(after) => {
            account.0 = after;
            true
        }
        None => false,
    }
}

/// The first parts that together make `required`, the last one cut.
fn take(parts: impl Iterator<Item = Part>, required: Credits) -> Vec<Part> {
    let mut left = required.0;
    let mut taken = Vec::new();
    for part in parts {
        let credits = part.credits.0.min(left);
        if credits <= 0 {
            break;
        }
        taken.push(Part { lot: part.lot, credits: Credits(credits) });
        left -= credits;
    }
    taken
}
