//! One value of a report. A cell knows what it is, not how it looks.

use crate::billing::id::is_invisible;
use crate::billing::money::Money;
use crate::billing::time::{Micros, Timestamp};

/// One value of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words, ids, keys.
    Text(String),
    /// A whole number: units, credits, rows.
    Count(i64),
    /// An exact decimal as text, such as a percentage or a unit price.
    Decimal(String),
    /// An amount: minor units with the currency beside it; tables show major units.
    Money(Money),
    /// An instant in seconds.
    At(Timestamp),
    /// An instant in microseconds.
    AtMicros(Micros),
    /// Yes or no.
    Flag(bool),
    /// Several short words.
    List(Vec<String>),
    /// Nothing.
    Blank,
}

impl Cell {
    /// Words, ids, keys.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }
    /// Text that may be missing.
    pub fn maybe_text(text: Option<impl Into<String>>) -> Cell {
        text.map_or(Cell::Blank, Cell::text)
    }
    /// An instant that may be missing.
    pub fn maybe_at(at: Option<Timestamp>) -> Cell {
        at.map_or(Cell::Blank, Cell::At)
    }
    /// A number that may be missing.
    pub fn maybe_count(count: Option<i64>) -> Cell {
        count.map_or(Cell::Blank, Cell::Count)
    }
    /// An amount that may be missing.
    pub fn maybe_money(money: Option<Money>) -> Cell {
        money.map_or(Cell::Blank, Cell::Money)
    }
    /// As a person reads it.
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) => text_safe(text),
            Cell::Count(count) => count.to_string(),
            Cell::Decimal(text) => text.clone(),
            Cell::Money(money) => money.to_string(),
            Cell::At(at) => at.to_string(),
            Cell::AtMicros(at) => at.to_string(),
            Cell::Flag(true) => "yes".to_owned(),
            Cell::Flag(false) => "no".to_owned(),
            Cell::List(words) => text_safe(&words.join(" ")),
            Cell::Blank => String::new(),
        }
    }
    /// Numbers line up at the right.
    pub fn is_number(&self) -> bool {
        matches!(self, Cell::Count(_) | Cell::Decimal(_) | Cell::Money(_))
    }
}

/// Text that cannot move the cursor, hide itself or forge a line: control and invisible characters are escaped.
pub fn text_safe(text: &str) -> String {
    if text.chars().all(|c| c == '\n' || !(c.is_control() || is_invisible(c))) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| {
            if c != '\n' && (c.is_control() || is_invisible(c)) {
                c.escape_unicode().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}
