//! What an export holds: rows and sums, for its last line and for the manifest.

use std::fmt;

/// Rows and sums of an export.
#[derive(Debug, Clone)]
pub(super) struct Totals {
    pub(super) rows: u64,
    /// What the rows are.
    what: &'static str,
    pub(super) sums: Vec<Sum>,
}

/// The sum of a column.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    /// The column, with the currency where it is money.
    pub(super) name: String,
    pub(super) value: i128,
    /// What it counts, in words.
    of: &'static str,
}

impl Totals {
    pub(super) fn new(what: &'static str, sums: &[(&'static str, &'static str)]) -> Totals {
        let sums = sums.iter().map(|(name, of)| Sum { name: (*name).to_owned(), value: 0, of });
        Totals { rows: 0, what, sums: sums.collect() }
    }

    /// Adds to the sum with this place.
    pub(super) fn add(&mut self, at: usize, value: i64) {
        if let Some(sum) = self.sums.get_mut(at) {
            sum.value += i128::from(value);
        }
    }

    /// Adds the rows and sums of another part of the same export.
    pub(super) fn join(&mut self, other: &Totals) {
        self.rows += other.rows;
        for (sum, other) in self.sums.iter_mut().zip(&other.sums) {
            sum.value += other.value;
        }
    }

    /// Adds an amount to the sum of its currency.
    pub(super) fn add_money(&mut self, column: &str, currency: &str, minor: i64) {
        let name = format!("{column}_{currency}");
        match self.sums.iter_mut().find(|sum| sum.name == name) {
            Some(sum) => sum.value += i128::from(minor),
            None => self.sums.push(Sum { name, value: i128::from(minor), of: "" }),
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rows, self.what)?;
        for sum in &self.sums {
            match sum.of {
                "" => write!(f, ", {} {}", sum.name, sum.value)?,
                of => write!(f, ", {} {of}", sum.value)?,
            }
        }
        Ok(())
    }
}
