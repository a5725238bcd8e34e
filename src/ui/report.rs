//! What a command answers: facts, rows of typed cells and a verdict.

use std::borrow::Cow;

use super::Cell;
use crate::error::Kind;

/// What a command answers. Built by `cli`, rendered once by `ui`.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Names the JSON schema: `seed` becomes `paygrade.seed/1`.
    pub name: &'static str,
    /// Column names, the same in JSON and CSV.
    pub columns: Vec<Cow<'static, str>>,
    /// Columns that hold money: in CSV and JSON a field with the currency follows, also where there is no amount.
    pub money: Vec<&'static str>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Fields beside the rows: top-level in JSON, below the table for people.
    pub facts: Vec<(&'static str, Cell)>,
    /// The last line: what happened, in one sentence.
    pub verdict: String,
    /// What the exit code is for when it is not 0.
    pub outcome: Option<Kind>,
    /// Writes that the run's row counts.
    pub wrote: Option<i64>,
}

impl Report {
    /// An empty report of that name with those columns.
    pub fn new(name: &'static str, columns: &[&'static str]) -> Report {
        Report { name, columns: columns.iter().map(|it| Cow::Borrowed(*it)).collect(), ..Report::default() }
    }
    /// Says which columns hold money.
    pub fn money(mut self, columns: &[&'static str]) -> Report {
        self.money = columns.to_vec();
        self
    }
    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(
            cells.len(),
            self.columns.len(),
            "a row of {} has as many cells as columns",
            self.name
        );
        self.rows.push(cells);
    }
    /// The same with its facts as its only row: for formats that show nothing but rows.
    pub(super) fn facts_as_row(&self) -> Report {
        let mut one = Report { name: self.name, verdict: self.verdict.clone(), ..Report::default() };
        let mut row = Vec::new();
        for (name, cell) in &self.facts {
            if one.columns.iter().any(|known| known == name) {
                continue;
            }
            one.columns.push(Cow::Borrowed(*name));
            if matches!(cell, Cell::Money(_)) {
                one.money.push(*name);
            }
            row.push(cell.clone());
        }
        if !row.is_empty() {
            one.rows.push(row);
        }
        one
    }
    /// Adds a fact.
    pub fn fact(mut self, name: &'static str, cell: Cell) -> Report {
        self.facts.push((name, cell));
        self
    }
    /// Sets the last line.
    pub fn verdict(mut self, verdict: impl Into<String>) -> Report {
        self.verdict = verdict.into();
        self
    }
    /// Sets what the exit code is for.
    pub fn outcome(mut self, outcome: Option<Kind>) -> Report {
        self.outcome = outcome;
        self
    }
}
