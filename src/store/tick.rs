//! What the last tick did, step by step, and what its metrics count.

use rusqlite::{OptionalExtension, params};

use super::{Reader, Result, Writer};
use crate::billing::time::Timestamp;

/// A step of the last tick that ran it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickStep {
    /// Its name; `tick` for the whole.
    pub step: String,
    /// When.
    pub at: Timestamp,
    /// What it did.
    pub done: i64,
    /// What it could not do.
    pub failed: i64,
    /// What the exit code would have been.
    pub exit: i64,
    /// How long it took.
    pub seconds: i64,
    /// In words.
    pub verdict: String,
}

/// The last run of a command that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// The command.
    pub command: String,
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    pub exit: i64,
}

impl Reader<'_> {
    /// Every step, as it ran last.
    pub fn tick_steps(&self) -> Result<Vec<TickStep>> {
        let mut find = self.conn.prepare(
            "SELECT step, at, done, failed, exit, seconds, verdict FROM tick_step ORDER BY at, step",
        )?;
        let rows = find.query_map([], |row| {
            Ok(TickStep {
                step: row.get(0)?,
                at: Timestamp(row.get(1)?),
                done: row.get(2)?,
                failed: row.get(3)?,
                exit: row.get(4)?,
                seconds: row.get(5)?,
                verdict: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// When Stripe was last compared, by whatever command; `None` before the first time.
    pub fn reconciled_at(&self) -> Result<Option<Timestamp>> {
        let at: Option<i64> = self
            .conn
            .query_row("SELECT max(at) FROM reconcile_run", [], |row| row.get(0))
            .optional()?
            .flatten();
        Ok(at.map(Timestamp))
    }

    /// The last run of each command that ended.
    pub fn last_runs(&self) -> Result<Vec<LastRun>> {
        let mut find = self.conn.prepare(
            "SELECT command, started_at, exit FROM run WHERE run IN
             (SELECT max(run) FROM run WHERE exit IS NOT NULL GROUP BY command) ORDER BY command",
        )?;
        let rows = find.query_map([], |row| {
            Ok(LastRun { command: row.get(0)?, at: Timestamp(row.get(1)?), exit: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Credits that usage has cost and that no balance could pay.
    pub fn credits_uncovered(&self) -> Result<i64> {
        let sql = "SELECT COALESCE(sum(due - posted), 0) FROM usage_credit";
        Ok(self.conn.query_row(sql, [], |row| row.get(0))?)
    }

    /// Invoices whose payment failed and that are still open: how many, and the sum by currency.
    pub fn payments_failed(&self) -> Result<Vec<(String, i64, i64)>> {
        let mut find = self.conn.prepare(
            "SELECT currency, count(*), sum(amount_due - amount_paid) FROM invoice
             WHERE status = 'open' AND first_failed_at IS NOT NULL GROUP BY currency ORDER BY currency",
        )?;
        let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Live subscriptions by status.
    pub fn subscription_counts(&self) -> Result<Vec<(String, i64)>> {
        let mut find =
            self.conn.prepare("SELECT status, count(*) FROM subscription GROUP BY status ORDER BY status")?;
        let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Notes what a step of a tick did.
    pub fn tick_step_put(&self, it: &TickStep) -> Result<()> {
        self.conn.execute(
            "INSERT OR REPLACE INTO tick_step (step, at, run, done, failed, exit, seconds, verdict)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![it.step, it.at.0, self.run, it.done, it.failed, it.exit, it.seconds, it.verdict],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;
    use crate::store::fresh::fresh;
    use crate::store::run::Ending;

    #[test]
    fn a_step_that_writes_has_a_run_of_its_own() {
        let now = Timestamp(1_795_248_000);
        let (_folder, store) = fresh(now);
        let write = || store.write(now, |w| Ok::<_, StoreError>(w.run)).unwrap();
        let first = write();
        {
            let _silent = store.step("tick expire");
        }
        let step = store.step("tick push");
        let (one, two) = (write(), write());
        let ending = Ending { exit: 7, seconds: 0, wrote: None, calls: None, verdict: None };
        store.run_finish(now, &ending).unwrap();
        drop(step);
        assert_eq!((one, two), (first + 1, first + 1));
        assert_eq!(write(), first, "then the command's own run goes on");
        let runs = store.read(|r| r.run_list(None, 9)).unwrap();
        let runs: Vec<_> =
            runs.iter().map(|it| (it.command.as_str(), it.exit, it.reference.as_deref())).collect();
        assert_eq!(runs, [("tick push", Some(7), Some("T-1")), ("test", None, Some("T-1"))]);
    }

    #[test]
    fn a_step_is_kept_as_it_ran_last() {
        let now = Timestamp(1_795_248_000);
        let (_folder, store) = fresh(now);
        let step = |at: i64, exit| TickStep {
            step: "push".to_owned(),
            at: now.plus(at),
            done: at,
            failed: 0,
            exit,
            seconds: 1,
            verdict: "v".to_owned(),
        };
        for it in [step(0, 7), step(600, 0)] {
            store.write(now, |w| w.tick_step_put(&it)).unwrap();
        }
        assert_eq!(store.read(|r| r.tick_steps()).unwrap(), [step(600, 0)]);
    }
}
