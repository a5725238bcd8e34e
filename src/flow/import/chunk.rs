//! Rows that wait to be written together: compact, in the order of customer, meter and time, with their places in the
//! order of the numbers of their ids. Each table is written in its own order: that is what makes an import quick.

mod packed;

use std::collections::HashMap;

use super::event::RowEvent;
use crate::billing::time::Micros;
use crate::billing::usage::{Content, EventId};
use crate::store::usage::{Events, Keyed, NewEvent, id_key};
use crate::store::{CustomerRow, MeterRow};

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
    by_key: Vec<Keyed>,
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

impl Waiting<'_> {
    /// Where it comes in the order of ids.
    pub fn order(&self) -> (i64, Option<EventId>, MeterRow, u64) {
        (
            id_key(self.event.id.unwrap_or(EventId([0; 16])), self.event.meter),
            self.event.id,
            self.event.meter,
            self.line,
        )
    }
    /// Whether both claim the same id.
    pub fn has_the_id_of(&self, other: &Waiting<'_>) -> bool {
        (self.event.id, self.event.meter) == (other.event.id, other.event.meter)
    }
    /// Whether both say the same of it.
    pub fn says_the_same(&self, other: &Waiting<'_>) -> bool {
        self.event.customer == other.event.customer && self.event.content == other.event.content
    }
}

/// Some events of a chunk: all of them, or those whose ids lie between two.
#[derive(Debug)]
pub struct Part<'a> {
    chunk: &'a Chunk,
    rows: Vec<u32>,
    by_key: Vec<Keyed>,
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
        *self = Chunk::default();
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

    /// Puts the events in order. Of equal ids the earlier line comes first.
    pub fn sort(&mut self) {
        if self.by_key.len() == self.rows.len() {
            return;
        }
        self.rows.sort_unstable_by_key(|it| (it.customer, it.meter, it.at, it.line));
        self.sort_keys();
    }

    /// Puts the numbers of ids in order, of rows that are.
    fn sort_keys(&mut self) {
        self.by_key = self.rows.iter().map(|it| id_key(it.id, it.meter)).zip(0..).collect();
        let rows = &self.rows;
        self.by_key.sort_unstable_by(|a, b| {
            let whole = |at: u32| rows.get(at as usize).map(|it| (it.id, it.meter, it.line));
            a.0.cmp(&b.0).then_with(|| whole(a.1).cmp(&whole(b.1)))
        });
    }

    /// The events in the order of the numbers of their ids, equal ids together.
    pub fn in_order_of_ids(&self) -> impl Iterator<Item = Waiting<'_>> {
        self.by_key.iter().map(|(_, place)| self.waiting(*place as usize))
    }

    /// The events from place `from` to before `to` in the order of the numbers of their ids.
    pub fn part(&self, from: usize, to: usize) -> Part<'_> {
        let keys = self.by_key.get(from..to).unwrap_or_default();
        if keys.len() == self.rows.len() {
            return Part { chunk: self, rows: Vec::new(), by_key: Vec::new() };
        }
        let mut placed: Vec<(u32, usize)> = keys.iter().map(|it| it.1).zip(0..).collect();
        placed.sort_unstable();
        let mut by_key = keys.to_vec();
        for (place, (_, nth)) in (0_u32..).zip(&placed) {
            by_key[*nth].1 = place;
        }
        Part { chunk: self, rows: placed.into_iter().map(|it| it.0).collect(), by_key }
    }

    fn waiting(&self, place: usize) -> Waiting<'_> {
        let row = &self.rows[place];
        let content = Content {
            quantity: row.quantity,
            at: row.at,
            action: self.text(row.action),
            user: self.text(row.user),
        };
        let event = NewEvent {
            id: Some(row.id),
            name: self.text(row.name),
            customer: row.customer,
            meter: row.meter,
            content,
            at_given: true,
            line: i64::try_from(row.line).ok(),
        };
        Waiting { id_given: row.id_given, line: row.line, event }
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

impl Part<'_> {
    /// The numbers of the ids, in order, and the places of their events.
    pub fn by_key(&self) -> &[Keyed] {
        if self.rows.is_empty() { &self.chunk.by_key } else { &self.by_key }
    }
    /// An event by its place, with its line.
    pub fn waiting(&self, index: usize) -> Waiting<'_> {
        self.chunk.waiting(self.rows.get(index).map_or(index, |place| *place as usize))
    }
}

impl Events for Part<'_> {
    fn len(&self) -> usize {
        if self.rows.is_empty() { self.chunk.rows.len() } else { self.rows.len() }
    }
    fn event(&self, index: usize) -> NewEvent<'_> {
        self.waiting(index).event
    }
}
