use super::*;
use crate::billing::id::CustomerId;
use crate::store::fresh::fresh;
use crate::store::{Store, Writer};

const NOW: Timestamp = Timestamp(1_800_000_000);

struct World {
    store: Store,
    _folder: tempfile::TempDir,
}

impl World {
    /// A store with a customer, ten credits, and a run that has ended.
    fn new() -> World {
        let (folder, store) = fresh(NOW);
        let world = World { store, _folder: folder };
        world.write(|w| {
            let acme = w.customer_insert(&CustomerId::parse("acme").unwrap(), None, None).unwrap();
            w.conn
                .execute_batch(&format!(
                    "INSERT INTO ledger_posting (posting, customer, movement, credits, at, run, actor, host)
                     VALUES (1, {0}, 'grant', 10, 5, 1, 'tester', 'testhost');
                     INSERT INTO ledger_lot (lot, posting, customer, kind, granted) VALUES (1, 1, {0}, 'bonus', 10);
                     INSERT INTO ledger_entry (entry, posting, customer, lot, credits, balance_after, held_after)
                     VALUES (1, 1, {0}, 1, 10, 10, 0);",
                    acme.0
                ))
                .unwrap();
        });
        let ending =
            crate::store::run::Ending { exit: 0, seconds: 0, wrote: Some(1), calls: None, verdict: None };
        world.store.run_finish(NOW, &ending).unwrap();
        world
    }
    fn write<T>(&self, work: impl FnOnce(&Writer<'_>) -> T) -> T {
        self.store.write(NOW, |w| Ok::<_, StoreError>(work(w))).unwrap()
    }
    fn verified(&self) -> Verified {
        self.store.read(|r| r.audit_verify(None)).unwrap()
    }
    /// Changes the file as somebody with another tool would.
    fn tamper(&self, sql: &str) {
        self.write(|w| {
            w.conn
                .execute_batch(&format!(
                    "DROP TRIGGER audit_is_sealed_once; DROP TRIGGER audit_is_kept; DROP TRIGGER ledger_entry_is_immutable;
                     DROP TRIGGER run_origin_is_immutable; DROP TRIGGER audit_of_ended_run;
                     DROP TRIGGER ledger_posting_is_immutable; {sql}"
                ))
                .unwrap();
        });
    }
}

/// store, run, posting, lot, entry, and the run's end: each follows from the one before.
#[test]
fn every_row_is_sealed_and_the_chain_holds() {
    let world = World::new();
    let it = world.verified();
    assert_eq!((it.rows, it.not_sealed, it.broken), (6, 0, None));
    let mut kinds = Vec::new();
    world
        .store
        .read(|r| {
            r.audit_each(&AuditFilter::default(), |row| {
                kinds.push((row.kind, row.row, row.run));
                Ok::<(), StoreError>(())
            })
        })
        .unwrap();
    let kind = |kind: &str| (kind.to_owned(), 1, Some(1));
    let want = ["store", "run", "posting", "lot", "entry", "run"].map(kind);
    assert_eq!(kinds, want);
    let head = world.store.read(|r| r.audit_head()).unwrap().unwrap();
    assert_eq!(Some(head.1), it.head);
    // A head that was noted elsewhere is found as long as nobody wrote the chain anew.
    world.write(|w| w.customer_insert(&CustomerId::parse("beta").unwrap(), None, None).unwrap());
    let pinned = |hash| world.store.read(|r| r.audit_verify(Some(hash))).unwrap().has_pinned;
    assert_eq!(pinned(head.1), Some(true));
    assert_eq!(pinned([7; 32]), Some(false));
}

#[test]
fn the_first_row_that_somebody_changed_is_named() {
    for (sql, broken) in [
        (
            "UPDATE audit SET content = replace(content, 'tester', 'tester ') WHERE audit = 2",
            "row 2 (run 1) does not follow from the rows before it",
        ),
        (
            "UPDATE audit SET at = at + 1 WHERE audit = 3",
            "row 3 (posting 1) does not follow from the rows before it",
        ),
        (
            "UPDATE audit SET kind = 'entry' WHERE audit = 4",
            "row 4 (entry 1) does not follow from the rows before it",
        ),
        (
            "UPDATE audit SET hash = zeroblob(32) WHERE audit = 5",
            "row 5 (entry 1) does not follow from the rows before it",
        ),
        ("DELETE FROM audit WHERE audit = 4", "row 4 is missing"),
        (
            "UPDATE ledger_entry SET credits = 11",
            "row 5 (entry 1) breaks: what the audit chain tells of still says what it says",
        ),
        (
            "UPDATE run SET actor = 'nobody'",
            "row 6 (run 1) breaks: what the audit chain tells of still says what it says",
        ),
    ] {
        let world = World::new();
        world.tamper(sql);
        assert_eq!(world.verified().broken.as_deref(), Some(broken), "{sql}");
    }
    // Rows can be cut off at the end, and rows written beside the chain: then store and chain differ.
    for (sql, broken) in [
        (
            "DELETE FROM audit WHERE audit = 6",
            "row 2 (run 1) breaks: what the audit chain tells of still says what it says",
        ),
        (
            "DROP TRIGGER audit_of_new_run;
             INSERT INTO run (run, command, actor, host, started_at) VALUES (9, 'a', 'b', 'c', 1)",
            "run 9 breaks: the audit chain tells of every run, assignment and posting",
        ),
    ] {
        let world = World::new();
        world.tamper(sql);
        assert_eq!(world.verified().broken.as_deref(), Some(broken), "{sql}");
    }
}

#[test]
fn the_chain_is_append_only() {
    let world = World::new();
    for sql in [
        "UPDATE audit SET hash = zeroblob(32) WHERE audit = 2",
        "UPDATE audit SET content = '{}' WHERE audit = 2",
        "DELETE FROM audit WHERE audit = 6",
        "INSERT INTO audit (audit, kind, row, content) VALUES (9, 'run', 1, '{}')",
    ] {
        let said = world.write(|w| w.conn.execute(sql, []).unwrap_err().to_string());
        assert!(said.contains("the audit chain"), "{sql}: {said}");
    }
    assert_eq!(world.verified().broken, None);
}
