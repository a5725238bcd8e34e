//! The words that events refer to, with a memory of fixed size.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;

use super::stretch::RowHasher;
use crate::store::usage_group::WordList;
use crate::store::{Reader, Result};

/// Words after which all are forgotten.
const WORDS_MAX: usize = 1 << 18;

/// Words by their rows, each read once.
pub struct Words<'r> {
    r: &'r Reader<'r>,
    known: HashMap<(u8, i64), String, BuildHasherDefault<RowHasher>>,
}

impl<'r> Words<'r> {
    pub(super) fn new(r: &'r Reader<'r>) -> Words<'r> {
        Words { r, known: HashMap::default() }
    }

    /// The word of a row; none of row 0.
    pub fn get(&mut self, list: WordList, row: i64) -> Result<Option<&str>> {
        if row == 0 {
            return Ok(None);
        }
        if self.known.len() > WORDS_MAX {
            self.known.clear();
        }
        Ok(Some(match self.known.entry((list as u8, row)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.r.word(list, row)?),
        }))
    }
}
