//! A failure, for a person and for a script.

use serde_json::json;

use super::text_safe;
use crate::error::{Changed, Error};

/// Longest list of detail lines that is printed; the rest is counted.
const DETAILS_MAX: usize = 200;

/// Lines for a person: what happened, because of what, what was changed, what to do next.
pub(super) fn text(error: &Error, color: bool) -> String {
    let mut text = if color { "\u{1b}[1;31merror:\u{1b}[0m ".to_owned() } else { "error: ".to_owned() };
    text.push_str(&text_safe(error.message()));
    text.push('\n');
    let details = error.detail_lines();
    for line in details.iter().take(DETAILS_MAX) {
        text.push_str(&format!("  {}\n", text_safe(line)));
    }
    if details.len() > DETAILS_MAX {
        text.push_str(&format!("  and {} more\n", details.len() - DETAILS_MAX));
    }
    for cause in error.causes() {
        text.push_str(&format!("  because: {}\n", text_safe(cause)));
    }
    if let Some(request) = error.request() {
        text.push_str(&format!("  request: {}\n", text_safe(request)));
    }
    text.push_str(match error.what_changed() {
        Changed::None => "  changed: nothing\n",
        Changed::Recorded => "  changed: what happened is recorded; a re-run continues from there\n",
        Changed::Partial => "  changed: a part was done and is recorded; a re-run is safe\n",
        Changed::Unsure => "  changed: not known\n",
    });
    if let Some(hint) = error.hint_text() {
        text.push_str(&format!("  next: {}\n", text_safe(hint)));
    }
    text
}

/// One JSON object for a script.
pub(super) fn json(error: &Error) -> String {
    let object = json!({
        "schema": "paygrade.error/1",
        "code": error.code(),
        "message": error.message(),
        "details": error.detail_lines(),
        "causes": error.causes(),
        "hint": error.hint_text(),
        "retryable": error.kind().retryable(),
        "changed": error.what_changed().as_str(),
        "request_id": error.request(),
        "exit": error.kind().exit_code(),
    });
    format!("{object}\n")
}
