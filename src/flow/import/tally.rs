//! What an import found and did.

use std::collections::{BTreeMap, HashMap};

use super::event::RowEvent;
use crate::billing::time::Micros;
use crate::store::usage::{Appended, NewEvent};
use crate::store::{CustomerRow, MeterRow};

/// Most rows that are named one by one.
pub const NAMED_MAX: usize = 20;
/// Rows that a preview shows.
const SHOWN_ROWS: usize = 5;

/// A row that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its line.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// A row as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its line.
    pub line: u64,
    /// Own id of the customer.
    pub customer: String,
    /// Key of the meter.
    pub meter: String,
    /// Units.
    pub quantity: i64,
    /// When.
    pub at: Micros,
    /// Its id: the caller's or the derived one.
    pub id: String,
    /// The action.
    pub action: Option<String>,
    /// The user.
    pub user: Option<String>,
}

/// The events of one customer and meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// Events in the input.
    pub events: u64,
    /// Their units.
    pub quantity: i128,
    /// Events that were (or would be) written now.
    pub new_events: u64,
    /// Their units.
    pub new_quantity: i128,
    /// When the first happened.
    pub from: Micros,
    /// When the last happened.
    pub to: Micros,
}

/// What an import found and did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Rows that were read: lines of a table, JSON objects.
    pub rows: u64,
    /// Events in them: a row of several meters has several.
    pub events: u64,
    /// Events that were written, or would be.
    pub inserted: u64,
    /// Events that were known already, from the store or earlier in the input.
    pub known: u64,
    /// Events whose id has other content already.
    pub conflicts: u64,
    /// Rows that could not be taken.
    pub rejected: u64,
    /// Events that were written beyond what a tier allows.
    pub over_quota: u64,
    /// Sums by customer and meter.
    pub sums: BTreeMap<(String, String), Sum>,
    /// The first rejects and conflicts.
    pub named: Vec<Reject>,
    /// The first rows as they were understood.
    pub shown: Vec<Shown>,
    /// Interrupted at a clean point.
    pub interrupted: bool,
    pairs: HashMap<(CustomerRow, MeterRow), Sum>,
    keys: HashMap<(CustomerRow, MeterRow), (String, String)>,
}

impl Summary {
    /// Counts an event of the input.
    pub fn event(&mut self, it: &RowEvent<'_>, line: u64) {
        self.events += 1;
        let (pair, at) = ((it.customer, it.meter), it.content.at);
        let sum = match self.pairs.get_mut(&pair) {
            Some(sum) => sum,
            None => {
                self.keys.insert(pair, (it.customer_id.to_owned(), it.meter_key.to_owned()));
                let none = Sum { events: 0, quantity: 0, new_events: 0, new_quantity: 0, from: at, to: at };
                self.pairs.entry(pair).or_insert(none)
            }
        };
        sum.events += 1;
        sum.quantity += i128::from(it.content.quantity);
        (sum.from, sum.to) = (sum.from.min(at), sum.to.max(at));
        if self.shown.len() < SHOWN_ROWS {
            self.shown.push(Shown {
                line,
                customer: it.customer_id.to_owned(),
                meter: it.meter_key.to_owned(),
                quantity: it.content.quantity,
                at,
                id: it.name.map_or_else(|| it.id.to_string(), str::to_owned),
                action: it.content.action.map(str::to_owned),
                user: it.content.user.map(str::to_owned),
            });
        }
    }

    /// Counts what became of an event.
    pub fn outcome(&mut self, event: &NewEvent<'_>, done: &Appended) {
        match done {
            Appended::New { over_quota, .. } => {
                self.inserted += 1;
                self.over_quota += u64::from(*over_quota);
                if let Some(sum) = self.pairs.get_mut(&(event.customer, event.meter)) {
                    sum.new_events += 1;
                    sum.new_quantity += i128::from(event.content.quantity);
                }
            }
            Appended::Known { .. } => self.known += 1,
            Appended::Conflict { .. } => self.conflicts += 1,
        }
    }

    /// Notes a row that could not be taken, if there is room. An unknown customer or meter is named once.
    pub fn name(&mut self, line: u64, reason: &str) {
        let again = reason.starts_with("there is no ") && self.named.iter().any(|it| it.reason == reason);
        if self.named.len() < NAMED_MAX && !again {
            self.named.push(Reject { line, reason: reason.to_owned() });
        }
    }

    /// Puts the sums in order.
    pub fn finish(&mut self) {
        for (pair, sum) in self.pairs.drain() {
            if let Some(keys) = self.keys.remove(&pair) {
                self.sums.insert(keys, sum);
            }
        }
        self.named.sort_by_key(|it| it.line);
    }

    /// The lines that tell what was wrong: the first ones, and how many more there are.
    pub fn problems(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.named.iter().map(|it| format!("line {}: {}", it.line, it.reason)).collect();
        let more = (self.rejected + self.conflicts).saturating_sub(lines.len() as u64);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }
}
