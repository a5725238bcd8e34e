//! More connections that read the very same snapshot, for work that one processor would take too long for.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Transaction};

use super::{BUSY_WAIT, Reader, Store, cannot_open, harden, info};
use crate::store::{Result, StoreError};

/// Tries to find a moment in which nobody commits. One takes less than a millisecond.
const TRIES_MAX: u32 = 20;

/// Another connection, inside a read transaction of the same snapshot. It can go to another thread.
#[derive(Debug)]
pub struct Twin(Connection);

impl Twin {
    /// Reads that snapshot.
    pub fn reader(&self) -> Reader<'_> {
        Reader { conn: &self.0 }
    }

    fn open(path: &Path) -> Result<Twin> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
        conn.busy_timeout(BUSY_WAIT)?;
        harden(&conn)?;
        Ok(Twin(conn))
    }

    /// A number that is another one as soon as another connection has committed.
    fn version(&self) -> Result<i64> {
        Ok(self.0.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }
}

impl Store {
    /// [`Store::read`] with other readers of the same snapshot: as many as are wanted, or none where they cannot be had,
    /// because the store is on a file system that cannot be written or others never cease to write.
    pub fn read_with_twins<T, E: From<StoreError>>(
        &self,
        wanted: usize,
        work: impl FnOnce(&Reader<'_>, &mut [Twin]) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let twins: Result<Vec<Twin>> = (0..wanted).map(|_| Twin::open(&self.path)).collect();
        // One reader alone has all that there is to read.
        let mut twins = twins.unwrap_or_default();
        let tx = self.snapshot(&mut twins, || Ok(()))?;
        work(&Reader { conn: &tx }, &mut twins)
    }

    /// Begins to read on all connections at once. `between` stands for what others may do meanwhile.
    fn snapshot(
        &self,
        twins: &mut Vec<Twin>,
        mut between: impl FnMut() -> Result<()>,
    ) -> Result<Transaction<'_>> {
        for _ in 0..TRIES_MAX {
            let before = twins.iter().map(Twin::version).collect::<Result<Vec<_>>>()?;
            let tx = self.conn.unchecked_transaction()?;
            // A transaction begins with its first look.
            let ours = info(&tx)?;
            let mut same = true;
            for (twin, before) in twins.iter().zip(before) {
                between()?;
                twin.0.execute_batch("BEGIN")?;
                // Nobody has committed between the version before and this one, and our own look lies between them.
                same &= twin.version()? == before && info(&twin.0)? == ours;
            }
            if same {
                return Ok(tx);
            }
            for twin in twins.iter().filter(|twin| !twin.0.is_autocommit()) {
                twin.0.execute_batch("ROLLBACK")?;
            }
        }
        twins.clear();
        Ok(self.conn.unchecked_transaction()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::time::Timestamp;
    use crate::store::{Binding, Origin};

    fn origin() -> Origin {
        let text = || "test".to_owned();
        Origin { command: text(), actor: text(), host: text(), reason: None, reference: None }
    }

    fn runs(reader: &Reader<'_>) -> i64 {
        reader.conn.query_row("SELECT count(*) FROM run", [], |row| row.get(0)).unwrap()
    }

    /// A commit between the first reader's look and the last one's is seen by all of them or by none.
    #[test]
    fn all_readers_see_the_same_however_others_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let binding = Binding { target: "local".to_owned(), fresh_id: "1".repeat(32) };
        let open = || Store::open(&path, &binding, origin(), Timestamp(0)).unwrap();
        let writing = || open().write(Timestamp(1), |_| Ok::<(), StoreError>(()));
        let ours = open();
        for (commits, left) in [(0, 2), (1, 2), (3, 2), (usize::MAX, 0)] {
            let mut twins: Vec<Twin> = (0..2).map(|_| Twin::open(&path).unwrap()).collect();
            let mut to_come = commits;
            let tx = ours
                .snapshot(&mut twins, || {
                    if to_come > 0 {
                        to_come -= 1;
                        writing()?;
                    }
                    Ok(())
                })
                .unwrap();
            // What comes later is seen by none.
            writing().unwrap();
            let seen = runs(&Reader { conn: &tx });
            assert_eq!(twins.len(), left, "{commits} commits");
            for twin in &twins {
                assert_eq!(runs(&twin.reader()), seen, "{commits} commits");
            }
        }
    }
}
