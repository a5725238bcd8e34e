//! New stores for tests of what works on one.

use std::path::Path;

use tempfile::TempDir;

use super::{Binding, Origin, Store};
use crate::billing::time::Timestamp;

/// Who writes in tests, where and why.
pub(crate) fn origin() -> Origin {
    Origin {
        command: "test".to_owned(),
        actor: "tester".to_owned(),
        host: "testhost".to_owned(),
        reason: Some("because".to_owned()),
        reference: Some("T-1".to_owned()),
    }
}

/// A store at a path, made when there is none.
pub(crate) fn opened(path: &Path, now: Timestamp) -> Store {
    let binding = Binding { target: "local".to_owned(), fresh_id: "0".repeat(32) };
    Store::open(path, &binding, origin(), now).unwrap()
}

/// A new store in a folder that goes with the first of the two.
pub(crate) fn fresh(now: Timestamp) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder.path().join("local.db"), now);
    (folder, store)
}
