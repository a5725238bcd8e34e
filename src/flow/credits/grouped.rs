//! A customer's entries in groups: what was spent on what, and what came from where.

use std::collections::BTreeMap;

use super::customer_required;
use crate::billing::id::CustomerId;
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::store::Reader;
use crate::store::ledger::{LedgerRange, LedgerRow};

/// What entries can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The kind of the lot for a grant, else the movement.
    Kind,
    /// The action whose price it was.
    Action,
    /// Why.
    Reason,
    /// The ticket.
    Ref,
    /// Who.
    Actor,
    /// The month, in UTC.
    Month,
    /// The day, in UTC.
    Day,
}

impl By {
    /// All of them, in the order of their columns.
    pub const ALL: [By; 7] = [By::Kind, By::Action, By::Reason, By::Ref, By::Actor, By::Month, By::Day];

    /// The word on the command line, and the column.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Kind => "kind",
            By::Action => "action",
            By::Reason => "reason",
            By::Ref => "ref",
            By::Actor => "actor",
            By::Month => "month",
            By::Day => "day",
        }
    }

    /// Reads `kind,action`.
    ///
    /// # Errors
    /// 2 where a word is none of them.
    pub fn parse_list(text: &str) -> Result<Vec<By>, Error> {
        let one = |word: &str| By::ALL.into_iter().find(|by| by.as_str() == word.trim());
        text.split(',').map(one).collect::<Option<Vec<By>>>().ok_or_else(|| {
            let words = By::ALL.map(By::as_str).join(", ");
            Error::new(Kind::Usage, "bad_grouping", format!("there are: {words}"))
                .hint("paygrade credits history CUSTOMER --group-by kind,action")
        })
    }

    fn of(self, row: &LedgerRow) -> Option<String> {
        let at = row.at.to_string();
        match self {
            By::Kind => Some(row.kind.to_owned()),
            By::Action => row.action.clone(),
            By::Reason => row.reason.clone(),
            By::Ref => row.reference.clone(),
            By::Actor => Some(row.actor.clone()),
            By::Month => at.get(..7).map(str::to_owned),
            By::Day => at.get(..10).map(str::to_owned),
        }
    }
}

/// The sums of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// How many entries.
    pub entries: i64,
    /// What they changed of the available credits, together.
    pub credits: i64,
    /// How many credits moved: what a hold reserved is spent by a settlement that changes nothing available.
    pub moved: i64,
}

/// A group: what it has in common, in the order that was asked for, and its sums.
pub type Group = (Vec<Option<String>>, Sums);

/// A customer's entries from `from` (inclusive) to `to` (exclusive) in groups, in order of what they have in common.
pub fn history_grouped(
    r: &Reader<'_>,
    customer: &CustomerId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    by: &[By],
) -> Result<Vec<Group>, Error> {
    let row = customer_required(r, customer)?.row;
    let mut groups: BTreeMap<Vec<Option<String>>, Sums> = BTreeMap::new();
    r.ledger_each(&LedgerRange { customer: Some(row), from, to }, |row| {
        let sums = groups.entry(by.iter().map(|by| by.of(&row)).collect()).or_default();
        sums.entries += 1;
        sums.credits = sums.credits.saturating_add(row.credits);
        sums.moved = sums.moved.saturating_add(row.moved.0);
        Ok::<_, Error>(())
    })?;
    Ok(groups.into_iter().collect())
}
