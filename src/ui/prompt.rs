//! Questions on a terminal. Whatever is not a clear yes is a no.

use dialoguer::{Confirm, Input};

pub(super) fn confirm(question: &str) -> Option<bool> {
    Confirm::new().with_prompt(question).default(false).interact_opt().ok().map(|answer| answer == Some(true))
}

pub(super) fn typed(question: &str, word: &str) -> Option<bool> {
    let answer: Result<String, _> = Input::new().with_prompt(question).allow_empty(true).interact_text();
    answer.ok().map(|answer| answer.trim() == word)
}
