//! Runs: one row for each command that wrote.

use rusqlite::{OptionalExtension, params};

use super::{Reader, Result, Store, Writer};
use crate::billing::time::Timestamp;

/// One execution of a command, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub run: i64,
    /// The command.
    pub command: String,
    /// Who ran it.
    pub actor: String,
    /// Where.
    pub host: String,
    /// Why.
    pub reason: Option<String>,
    /// Ticket.
    pub reference: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took; `None` while it runs, or when it was killed.
    pub seconds: Option<i64>,
    /// Its exit code.
    pub exit: Option<i64>,
    /// Writes that it counted.
    pub wrote: Option<i64>,
    /// Calls to Stripe.
    pub calls: Option<i64>,
    /// Its last line.
    pub verdict: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Exit code.
    pub exit: u8,
    /// Whole seconds by the monotonic clock.
    pub seconds: i64,
    /// Writes.
    pub wrote: Option<i64>,
    /// Calls to Stripe.
    pub calls: Option<i64>,
    /// The last line.
    pub verdict: Option<String>,
}

/// Notes how a run ended.
pub(super) const END: &str =
    "UPDATE run SET exit = ?2, seconds = ?3, wrote = ?4, calls = ?5, verdict = ?6 WHERE run = ?1";

impl Store {
    /// Notes how this command's run ended; nothing when it wrote nothing, or has noted just that already.
    pub fn run_finish(&self, now: Timestamp, ending: &Ending) -> Result<()> {
        match self.run() {
            Some(run) if !self.has_noted(run, ending) => self.write(now, |w| w.run_end(ending)),
            _ => Ok(()),
        }
    }
}

impl Writer<'_> {
    /// Notes how the run ends, in the transaction that is its last: a command of one transaction then needs no second.
    pub fn run_end(&self, ending: &Ending) -> Result<()> {
        let how = params![self.run, ending.exit, ending.seconds, ending.wrote, ending.calls, ending.verdict];
        self.conn.prepare_cached(END)?.execute(how)?;
        self.ended.replace(Some(ending.clone()));
        Ok(())
    }
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        run: row.get(0)?,
        command: row.get(1)?,
        actor: row.get(2)?,
        host: row.get(3)?,
        reason: row.get(4)?,
        reference: row.get(5)?,
        started_at: Timestamp(row.get(6)?),
        seconds: row.get(7)?,
        exit: row.get(8)?,
        wrote: row.get(9)?,
        calls: row.get(10)?,
        verdict: row.get(11)?,
    })
}

const COLUMNS: &str =
    "run, command, actor, host, reason, ref, started_at, seconds, exit, wrote, calls, verdict";

impl Reader<'_> {
    /// The newest runs first, at most `limit`; of one command only, if given.
    pub fn run_list(&self, command: Option<&str>, limit: u32) -> Result<Vec<Run>> {
        let sql =
            format!("SELECT {COLUMNS} FROM run WHERE ?1 IS NULL OR command = ?1 ORDER BY run DESC LIMIT ?2");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map(params![command, limit], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One run.
    pub fn run_get(&self, run: i64) -> Result<Option<Run>> {
        let sql = format!("SELECT {COLUMNS} FROM run WHERE run = ?1");
        Ok(self.conn.query_row(&sql, [run], from_row).optional()?)
    }
}
