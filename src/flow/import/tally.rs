//! What an import found and did.

use std::collections::{BTreeMap, HashMap};

use super::event::RowEvent;
use crate::billing::time::Micros;
use crate::store::usage::{Appended, NewEvent};
use crate::store::{CustomerRow, MeterRow, Store};

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
    /// New events and their units by pair.
    new: HashMap<(CustomerRow, MeterRow), (u64, i128)>,
}

/// What was read of an input.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// Rows: lines of a table, JSON objects.
    pub rows: u64,
    /// Events in them.
    pub events: u64,
    pairs: HashMap<(CustomerRow, MeterRow), Sum>,
    keys: HashMap<(CustomerRow, MeterRow), (String, String)>,
    shown: Vec<Shown>,
}

impl Scanned {
    /// So many rows, of which nothing else is known.
    pub fn of_rows(rows: u64) -> Scanned {
        Scanned { rows, ..Scanned::default() }
    }

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
}

impl Summary {
    /// Counts what would become of an event.
    pub fn outcome(&mut self, event: &NewEvent<'_>, done: Appended) {
        let mut one = Outcome::default();
        one.add(event, 0, done);
        self.written(&one);
    }

    /// Counts what became of the events of a transaction.
    pub fn written(&mut self, it: &Outcome) {
        self.known += it.known;
        self.conflicts += it.conflicts.len() as u64;
        self.over_quota += it.over_quota;
        for (pair, events, quantity) in &it.new {
            self.inserted += events;
            let sum = self.new.entry(*pair).or_default();
            *sum = (sum.0 + events, sum.1 + quantity);
        }
    }

    /// Notes a row that could not be taken, if there is room. An unknown customer or meter is named once.
    pub fn name(&mut self, line: u64, reason: &str) {
        let again = reason.starts_with("there is no ") && self.named.iter().any(|it| it.reason == reason);
        if self.named.len() < NAMED_MAX && !again {
            self.named.push(Reject { line, reason: reason.to_owned() });
        }
    }

    /// Takes over what was read, and puts all in order.
    fn finish(&mut self, mut scanned: Scanned) {
        (self.rows, self.events) = (scanned.rows, scanned.events);
        self.shown = scanned.shown;
        for (pair, mut sum) in scanned.pairs {
            (sum.new_events, sum.new_quantity) = self.new.remove(&pair).unwrap_or_default();
            if let Some(keys) = scanned.keys.remove(&pair) {
                self.sums.insert(keys, sum);
            }
        }
        self.sort();
    }

    /// The end of an import: what was written is where it stays, and all that was read is told.
    pub fn end(mut self, store: &Store, scanned: Scanned) -> Summary {
        if self.inserted > 0 {
            // What is committed is safe where it is; should this fail, the next one tries it again.
            let _ = store.checkpoint_at_end();
        }
        self.finish(scanned);
        self
    }

    /// Puts what is named in the order of lines.
    pub fn sort(&mut self) {
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

/// What became of the events of one transaction.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Customer, meter, new events and their units; stretches of one pair.
    new: Vec<((CustomerRow, MeterRow), u64, i128)>,
    known: u64,
    over_quota: u64,
    /// Place of an event and number of the other one that has its id.
    pub conflicts: Vec<(usize, i64)>,
}

impl Outcome {
    /// Counts one, by its place in the transaction.
    pub fn add(&mut self, event: &NewEvent<'_>, index: usize, done: Appended) {
        match done {
            Appended::New { over_quota, .. } => {
                let (pair, quantity) = ((event.customer, event.meter), i128::from(event.content.quantity));
                self.over_quota += u64::from(over_quota);
                match self.new.last_mut() {
                    Some((last, events, sum)) if *last == pair => {
                        *events += 1;
                        *sum += quantity;
                    }
                    _ => self.new.push((pair, 1, quantity)),
                }
            }
            Appended::Known { .. } => self.known += 1,
            Appended::Conflict { seq } => self.conflicts.push((index, seq)),
        }
    }
}
