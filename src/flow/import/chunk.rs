//! Rows that wait to be written together: compact, sorted by id, because the index of ids is what an import waits for.

use std::collections::HashMap;

use super::event::RowEvent;
use crate::billing::time::Micros;
use crate::billing::usage::{Content, EventId};
use crate::store::usage::NewEvent;
use crate::store::{CustomerRow, MeterRow};

/// Most events of one transaction.
pub const TRANSACTION_ROWS_MAX: usize = 100_000;
/// Most bytes of words and names in a chunk.
const TEXT_BYTES_MAX: usize = 1 << 26;

/// One event, without its words.
#[derive(Debug, Clone)]
struct Row {
    id: EventId,
    customer: CustomerRow,
    quantity: i64,
    at: Micros,
    line: u64,
    meter: MeterRow,
    action: u32,
    user: u32,
    name: u32,
    id_given: bool,
}

/// Events that wait to be written.
#[derive(Debug, Default)]
pub struct Chunk {
    rows: Vec<Row>,
    words: Vec<Box<str>>,
    places: HashMap<Box<str>, u32>,
    text_bytes: usize,
}

/// An event of a chunk with its line.
#[derive(Debug, Clone)]
pub struct Waiting<'a> {
    /// The event.
    pub event: NewEvent<'a>,
    /// Whether its id is the caller's.
    pub id_given: bool,
    /// Its line.
    pub line: u64,
}

impl Chunk {
    /// How many events wait.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether it holds as much as it may.
    pub fn is_full(&self, rows_max: usize) -> bool {
        self.rows.len() >= rows_max || self.text_bytes >= TEXT_BYTES_MAX
    }
    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Chunk { rows: std::mem::take(&mut self.rows), ..Chunk::default() };
        self.rows.clear();
    }
    /// Adds an event.
    pub fn push(&mut self, it: &RowEvent<'_>, line: u64) {
        let action = self.word(it.content.action);
        let user = self.word(it.content.user);
        // Names differ from row to row: looking for an equal one would be in vain.
        let name = it.name.map_or(0, |name| self.put(name));
        self.rows.push(Row {
            id: it.id,
            customer: it.customer,
            quantity: it.content.quantity,
            at: it.content.at,
            line,
            meter: it.meter,
            action,
            user,
            name,
            id_given: it.id_given,
        });
    }

    /// Sorts by id: of equal ones the earlier line comes first.
    pub fn sort(&mut self) {
        self.rows.sort_unstable_by_key(|it| (it.id, it.meter, it.line));
    }

    /// The events from a place on, at most so many.
    pub fn events(&self, from: usize, most: usize) -> impl Iterator<Item = Waiting<'_>> {
        self.rows.iter().skip(from).take(most).map(|row| Waiting {
            id_given: row.id_given,
            line: row.line,
            event: NewEvent {
                id: Some(row.id),
                name: self.text(row.name),
                customer: row.customer,
                meter: row.meter,
                content: Content {
                    quantity: row.quantity,
                    at: row.at,
                    action: self.text(row.action),
                    user: self.text(row.user),
                },
                at_given: true,
                line: i64::try_from(row.line).ok(),
            },
        })
    }

    fn word(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text else { return 0 };
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.put(text);
        self.places.insert(text.into(), place);
        place
    }

    /// Keeps a text and gives its place; 0 is none.
    fn put(&mut self, text: &str) -> u32 {
        self.text_bytes += text.len() + 2 * std::mem::size_of::<Box<str>>();
        self.words.push(text.into());
        u32::try_from(self.words.len()).unwrap_or(0)
    }

    fn text(&self, place: u32) -> Option<&str> {
        let place = usize::try_from(place).ok()?.checked_sub(1)?;
        self.words.get(place).map(AsRef::as_ref)
    }
}
