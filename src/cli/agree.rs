//! The yes that a wide change needs: `--yes`, or the account's id where the account is live.

use super::Cx;
use crate::config::settings::Target;
use crate::error::{Error, Kind};

/// Asks, unless `--yes` was given; on the live target the account's id must be typed or given. `what` is what waits, such
/// as `3 changes`; `lines` are shown to whoever is asked.
pub(super) fn agree(cx: &Cx, what: &str, lines: &[String]) -> Result<(), Error> {
    let account = cx.account()?.id;
    let wait = if what.starts_with("1 ") { "waits" } else { "wait" };
    let live = cx.settings().target.value == Target::Live;
    let said = if live { cx.globals.confirm_live.as_deref() == Some(&*account) } else { cx.globals.yes };
    if said {
        return Ok(());
    }
    if cx.ui.can_ask() {
        lines.iter().for_each(|line| cx.ui.note(line));
    }
    let answer = if live {
        let question = format!("{what} to the LIVE account {account}. Type the account to go on");
        cx.ui.confirm_typed(&question, &account)
    } else {
        cx.ui.confirm(&format!("Apply {what} to {account} ({})?", cx.target()))
    };
    match answer {
        Some(true) => Ok(()),
        Some(false) => {
            Err(Error::new(Kind::Refused, "not_confirmed", "nothing was changed: the answer was no"))
        }
        None if live => {
            Err(Error::new(Kind::Config, "confirm_live", format!("{what} {wait} for the account's name"))
                .hint(format!("add --confirm-live {account}; --yes is not enough for a live account")))
        }
        None => Err(Error::new(Kind::Refused, "not_confirmed", format!("{what} {wait} for a yes"))
            .hint("add --yes, or look first with -n")),
    }
}
