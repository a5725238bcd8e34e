//! Which columns an export has: all of them, or those that were asked for, in that order.

use super::{ExportArgs, What, grouped};
use crate::error::{Error, Kind};
use crate::flow::names::did_you_mean;
use crate::flow::usage_grouped::Grouping;

/// Columns of customers that say who they are.
const PII: [&str; 2] = ["email", "name"];

/// The places of the columns that were asked for among all of them; `None` where all are meant.
pub(super) fn picked(args: &ExportArgs, grouping: Option<&Grouping>) -> Result<Option<Vec<usize>>, Error> {
    let Some(text) = &args.columns else { return Ok(None) };
    if args.what == What::All || args.format.is_some() {
        let what = if args.what == What::All { "all" } else { "a journal" };
        return Err(refused(format!("--columns chooses nothing of {what}: leave it away"))
            .hint("paygrade export usage --columns event,customer,quantity"));
    }
    let all = grouping.map_or_else(|| args.what.columns(), grouped::columns);
    let known = format!("columns of this export: {}", all.join(", "));
    let mut picked = Vec::new();
    for word in text.split(',').map(str::trim) {
        let Some(place) = all.iter().position(|column| *column == word) else {
            let near = did_you_mean(word, all.iter().copied());
            let text = format!("{} has no column `{}`{near}", args.what.word(), word.escape_debug());
            return Err(refused(text).hint(known));
        };
        if picked.contains(&place) {
            return Err(refused(format!("column `{word}` is asked for twice")).hint(known));
        }
        if args.what == What::Customers && PII.contains(&word) && !args.pii {
            let text = format!("column `{word}` says who customers are, and is blank without --pii");
            return Err(refused(text).hint("add --pii, which is noted as a run, or leave the column away"));
        }
        picked.push(place);
    }
    Ok(Some(picked))
}

fn refused(text: String) -> Error {
    Error::new(Kind::Usage, "columns", text)
}
