//! Numbers for words, with a memory of fixed size.

use super::{UsageBlock, Word};
use crate::store::usage_group::WordList;
use crate::store::{Reader, Result};

/// Words that are kept for each kind; others are asked for again.
const KEPT: usize = 1 << 17;
/// Words after which all are forgotten.
const WORDS_MAX: u32 = 1 << 18;

/// Numbers the words that events refer to.
pub(super) struct Interner<'r> {
    r: &'r Reader<'r>,
    customers: Kept,
    meters: Kept,
    actions: Kept,
    users: Kept,
    numbered: u32,
}

/// Rows by the last digits of their number, each with the number of its word; row 0 is none.
struct Kept {
    list: WordList,
    slots: Vec<(i64, u32)>,
}

impl Kept {
    fn new(list: WordList) -> Kept {
        Kept { list, slots: vec![(0, 0); KEPT] }
    }
    fn forget(&mut self) {
        self.slots.fill((0, 0));
    }
}

impl<'r> Interner<'r> {
    pub(super) fn new(r: &'r Reader<'r>) -> Interner<'r> {
        let [customers, meters] = [WordList::Customer, WordList::Meter].map(Kept::new);
        let [actions, users] = [WordList::Action, WordList::User].map(Kept::new);
        Interner { r, customers, meters, actions, users, numbered: 0 }
    }

    pub(super) fn customer(&mut self, row: i64, block: &mut UsageBlock) -> Result<Word> {
        number(self.r, &mut self.customers, row, &mut self.numbered, block)
    }
    pub(super) fn meter(&mut self, row: i64, block: &mut UsageBlock) -> Result<Word> {
        number(self.r, &mut self.meters, row, &mut self.numbered, block)
    }
    pub(super) fn action(&mut self, row: Option<i64>, block: &mut UsageBlock) -> Result<Word> {
        let Some(row) = row else { return Ok(Word(0)) };
        number(self.r, &mut self.actions, row, &mut self.numbered, block)
    }
    pub(super) fn user(&mut self, row: Option<i64>, block: &mut UsageBlock) -> Result<Word> {
        let Some(row) = row else { return Ok(Word(0)) };
        number(self.r, &mut self.users, row, &mut self.numbered, block)
    }

    /// Forgets all words when there are too many; says whether it did.
    pub(super) fn forget_when_full(&mut self) -> bool {
        if self.numbered < WORDS_MAX {
            return false;
        }
        for kept in [&mut self.customers, &mut self.meters, &mut self.actions, &mut self.users] {
            kept.forget();
        }
        self.numbered = 0;
        true
    }
}

/// The number of a row's word; a new one is read and put into the block.
#[inline]
fn number(
    r: &Reader<'_>,
    kept: &mut Kept,
    row: i64,
    numbered: &mut u32,
    block: &mut UsageBlock,
) -> Result<Word> {
    let slot = usize::try_from(row).unwrap_or(0) % KEPT;
    match kept.slots.get(slot) {
        Some((known, word)) if *known == row && *word > 0 => Ok(Word(*word)),
        _ => {
            block.words.push(r.word(kept.list, row)?);
            *numbered += 1;
            if let Some(slot) = kept.slots.get_mut(slot) {
                *slot = (row, *numbered);
            }
            Ok(Word(*numbered))
        }
    }
}
