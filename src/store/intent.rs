//! Intents: what is to be done at Stripe, stored with its idempotency key before the call. A crash leaves an open
//! intent; the next run looks whether it happened, finishes it, and only then does anything else.

use rusqlite::{OptionalExtension, Row, params};

use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::grace::Over;
use crate::billing::time::Timestamp;

/// What an intent is about. At most one of a kind is open for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentKind {
    /// Create or update the Stripe customer.
    Customer,
    /// Put the customer on a tier.
    Tier,
    /// Put the customer on what its tier falls back to: its subscription has ended, or its grace is over. Stored by
    /// whoever sees it first, performed as a tier assignment. The body is a [`Fallback`].
    Fallback,
}

impl IntentKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            IntentKind::Customer => "customer",
            IntentKind::Tier => "tier",
            IntentKind::Fallback => "fallback",
        }
    }
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentState {
    /// It may or may not have happened at Stripe.
    Open,
    /// It happened and its effects are stored.
    Done,
    /// Stripe said no: nothing happened.
    Dropped,
}

impl IntentState {
    fn as_str(self) -> &'static str {
        match self {
            IntentState::Open => "open",
            IntentState::Done => "done",
            IntentState::Dropped => "dropped",
        }
    }
    fn parse(text: &str) -> Result<IntentState> {
        match text {
            "open" => Ok(IntentState::Open),
            "done" => Ok(IntentState::Done),
            "dropped" => Ok(IntentState::Dropped),
            other => Err(StoreError::Broken(format!("an intent in the state `{other}`"))),
        }
    }
}

/// An intent as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its number.
    pub intent: i64,
    /// Whose.
    pub customer: CustomerRow,
    /// The idempotency key of its call.
    pub key: String,
    /// What is to be done, as JSON.
    pub body: String,
    /// Where it stands.
    pub state: IntentState,
    /// When it was stored: before the first call.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "intent, customer, key, body, state, created_at";

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Intent, String)> {
    let state: String = row.get(4)?;
    let intent = Intent {
        intent: row.get(0)?,
        customer: CustomerRow(row.get(1)?),
        key: row.get(2)?,
        body: row.get(3)?,
        state: IntentState::Open,
        created_at: Timestamp(row.get(5)?),
    };
    Ok((intent, state))
}

impl Reader<'_> {
    /// The open intent of a customer, if there is one.
    pub fn intent_open(&self, customer: CustomerRow, kind: IntentKind) -> Result<Option<Intent>> {
        let sql =
            format!("SELECT {COLUMNS} FROM intent WHERE customer = ?1 AND kind = ?2 AND state = 'open'");
        let found = self.conn.query_row(&sql, params![customer.0, kind.as_str()], from_row).optional()?;
        Ok(found.map(|(intent, _)| intent))
    }
    /// One intent.
    pub fn intent_get(&self, intent: i64) -> Result<Intent> {
        let sql = format!("SELECT {COLUMNS} FROM intent WHERE intent = ?1");
        let (intent, state) = self.conn.query_row(&sql, [intent], from_row)?;
        Ok(Intent { state: IntentState::parse(&state)?, ..intent })
    }
    /// How many intents of a customer Stripe has refused: part of the next key, since a refusal is kept under its key.
    pub fn intent_dropped(&self, customer: CustomerRow, kind: IntentKind) -> Result<i64> {
        let sql = "SELECT count(*) FROM intent WHERE customer = ?1 AND kind = ?2 AND state = 'dropped'";
        Ok(self.conn.query_row(sql, params![customer.0, kind.as_str()], |row| row.get(0))?)
    }
    /// How many intents of a customer there were.
    pub fn intent_count(&self, customer: CustomerRow, kind: IntentKind) -> Result<i64> {
        let sql = "SELECT count(*) FROM intent WHERE customer = ?1 AND kind = ?2";
        Ok(self.conn.query_row(sql, params![customer.0, kind.as_str()], |row| row.get(0))?)
    }
    /// The bodies of a customer's finished intents, newest first, at most 100.
    pub fn intent_done_bodies(&self, customer: CustomerRow, kind: IntentKind) -> Result<Vec<String>> {
        let sql = "SELECT body FROM intent WHERE customer = ?1 AND kind = ?2 AND state = 'done' ORDER BY intent DESC LIMIT 100";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map(params![customer.0, kind.as_str()], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// Open intents of a kind, oldest first, at most `limit`.
    pub fn intents_open(&self, kind: IntentKind, limit: u32) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intent WHERE kind = ?1 AND state = 'open' ORDER BY intent LIMIT ?2"
        );
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map(params![kind.as_str(), limit], from_row)?;
        rows.map(|row| Ok(row?.0)).collect()
    }
}

impl Writer<'_> {
    /// Stores an intent, or gives the one that is open already: then that one comes first.
    pub fn intent_begin(
        &self,
        customer: CustomerRow,
        kind: IntentKind,
        key: &str,
        body: &str,
    ) -> Result<Begun> {
        if let Some(open) = self.reader().intent_open(customer, kind)? {
            return Ok(Begun::Other(open));
        }
        let by = self.origin;
        self.conn.execute(
            "INSERT INTO intent (kind, customer, key, body, state, created_at, run, actor, host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                kind.as_str(),
                customer.0,
                key,
                body,
                self.now.0,
                self.run,
                by.actor,
                by.host,
                by.reason,
                by.reference
            ],
        )?;
        Ok(Begun::New(self.reader().intent_get(self.conn.last_insert_rowid())?))
    }
    /// Ends an open intent. `false` when another process has ended it already: then its effects are stored too.
    pub fn intent_end(&self, intent: i64, state: IntentState) -> Result<bool> {
        let sql = "UPDATE intent SET state = ?2 WHERE intent = ?1 AND state = 'open'";
        Ok(self.conn.execute(sql, params![intent, state.as_str()])? == 1)
    }
}

impl Writer<'_> {
    /// Drops what was begun before `before` and not finished, in a store that was restored: what became of it is at
    /// Stripe, and to do it again would undo what came after.
    pub fn intents_forget(&self, before: Timestamp) -> Result<()> {
        self.conn.execute(
            "UPDATE intent SET state = 'dropped' WHERE state = 'open' AND kind IN ('customer', 'tier') AND created_at <= ?1",
            [before.0],
        )?;
        Ok(())
    }
}

/// What became of storing an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is stored.
    New(Intent),
    /// Another one is open: finish that one first.
    Other(Intent),
}

/// Why a customer falls back, as the body of an intent of kind [`IntentKind::Fallback`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fallback {
    /// The subscription that ended or is to end.
    pub sub: String,
    /// What led to it.
    pub cause: Cause,
    /// When it ended, or the grace was over; Unix seconds.
    pub at: i64,
    /// The invoice whose grace is over.
    #[serde(default)]
    pub invoice: Option<String>,
}

/// What a fallback comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The subscription has ended.
    SubscriptionEnded,
    /// Its grace is over: it is to end.
    GraceOver,
}

impl Fallback {
    /// A subscription that has ended.
    pub fn ended(sub: &str, at: Timestamp) -> Fallback {
        Fallback { sub: sub.to_owned(), cause: Cause::SubscriptionEnded, at: at.0, invoice: None }
    }
    /// A subscription one of whose invoices was not paid in time.
    pub fn grace_over(sub: &str, over: &Over) -> Fallback {
        let invoice = Some(over.invoice.clone());
        Fallback { sub: sub.to_owned(), cause: Cause::GraceOver, at: over.at.0, invoice }
    }
    /// A subscription ends once, and the grace of an invoice is over once.
    pub fn key(&self) -> String {
        match &self.invoice {
            Some(invoice) => format!("fallback:{}:{invoice}", self.sub),
            None => format!("fallback:{}", self.sub),
        }
    }
    /// Reads the body of an intent.
    pub fn of(intent: &Intent) -> Result<Fallback> {
        serde_json::from_str(&intent.body)
            .map_err(|error| StoreError::Broken(format!("intent {}: {error}", intent.intent)))
    }
}

impl Reader<'_> {
    /// Whether there was an intent with this key, whatever became of it.
    pub fn intent_is_known(&self, key: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM intent WHERE key = ?1)";
        Ok(self.conn.query_row(sql, [key], |row| row.get(0))?)
    }
}

impl Writer<'_> {
    /// Stores that a customer falls back, once for each key; says whether it is new.
    pub fn fallback_begin(&self, customer: CustomerRow, why: &Fallback) -> Result<bool> {
        let key = why.key();
        if self.reader().intent_is_known(&key)? {
            return Ok(false);
        }
        let body = serde_json::to_string(why).map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(matches!(self.intent_begin(customer, IntentKind::Fallback, &key, &body)?, Begun::New(_)))
    }
}
