//! Which deliveries the uncovered usage of one span makes.

use std::collections::BTreeMap;

use crate::billing::catalog::Window;
use crate::billing::time::{DAY_S, HOUR_S, MINUTE_S, Micros, Timestamp};

/// Largest value of one meter event: 15 significant digits (Stripe: changelog 2026-04-22, meter event values).
pub const VALUE_MAX: i64 = 999_999_999_999_999;

/// A half-open stretch of time: a span, or the part of it that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Its first second.
    pub from: Timestamp,
    /// The second after its last.
    pub to: Timestamp,
}

/// A covering delivery of the same customer and meter that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Its window.
    pub window: Stretch,
    /// It covers events after this sequence number …
    pub after_seq: i64,
    /// … up to and with this one.
    pub upto_seq: i64,
}

impl Earlier {
    /// Whether an event of this sequence number and second is covered. The whole rule: in the window, and in the range.
    pub fn covers(&self, seq: i64, at: Timestamp) -> bool {
        self.window.from <= at && at < self.window.to && self.after_seq < seq && seq <= self.upto_seq
    }
}

/// Usage to be covered: one event, or everything that a rollup holds where nothing of it is covered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The event's sequence number; the last one of a rollup.
    pub seq: i64,
    /// The event's time; the newest one's of a rollup.
    pub at: Micros,
    /// How many events.
    pub events: i64,
    /// Their sum.
    pub sum: i64,
}

/// A delivery to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formed {
    /// Its window, cut at the span's ends and at the edges of earlier deliveries.
    pub window: Stretch,
    /// It covers events after this sequence number …
    pub after_seq: i64,
    /// … up to and with this one.
    pub upto_seq: i64,
    /// How many events it covers.
    pub events: i64,
    /// Their sum: at zero it is closed without a call, else it is sent; below zero it takes back what was sent and then
    /// voided.
    pub sum: i64,
    /// The newest event's time, floored to the second.
    pub timestamp: Timestamp,
}

/// Seconds of a window; deliveries for each single event are kept apart by second and sequence number.
fn unit_s(window: Window) -> i64 {
    match window {
        Window::Each => 1,
        Window::Minute => MINUTE_S,
        Window::Hour => HOUR_S,
        Window::Day => DAY_S,
    }
}

/// Where an uncovered item belongs: a stretch without edges inside, and the lowest sequence number that is free there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    from: Timestamp,
    to: Timestamp,
    after_seq: i64,
}

/// Forms the deliveries of one span from `items` that lie in it, leaving out what `earlier` covers. Every uncovered
/// item is in exactly one delivery; no two deliveries of the pair overlap in time and sequence.
///
/// Returns `None` when a sum leaves the range of 64 bits.
pub fn form(span: Stretch, window: Window, earlier: &[Earlier], items: &[Item]) -> Option<Vec<Formed>> {
    let mut cells: BTreeMap<Cell, Vec<Item>> = BTreeMap::new();
    for item in items {
        let second = item.at.second();
        if second < span.from || second >= span.to || earlier.iter().any(|it| it.covers(item.seq, second)) {
            continue;
        }
        cells.entry(cell_of(span, window, earlier, item.seq, second)).or_default().push(*item);
    }
    let mut formed = Vec::new();
    for (cell, mut members) in cells {
        members.sort_unstable_by_key(|item| item.seq);
        formed.extend(parts(cell, window, &members)?);
    }
    Some(formed)
}

fn cell_of(span: Stretch, window: Window, earlier: &[Earlier], seq: i64, second: Timestamp) -> Cell {
    let unit = unit_s(window);
    let start = second.floor(unit);
    let mut cell = Cell { from: start.max(span.from), to: start.plus(unit).min(span.to), after_seq: 0 };
    for it in earlier {
        for edge in [it.window.from, it.window.to] {
            if edge <= second {
                cell.from = cell.from.max(edge);
            } else {
                cell.to = cell.to.min(edge);
            }
        }
    }
    // No edge lies inside the cell now, so whatever covers this second covers the cell.
    let around = earlier.iter().filter(|it| it.window.from <= second && second < it.window.to);
    cell.after_seq = around.map(|it| it.upto_seq).filter(|upto| *upto < seq).max().unwrap_or(0);
    cell
}

/// Cuts the items of a cell, in order of their sequence, into deliveries: one each, or as many as one value can hold. A
/// counter-entry goes with what it counters, also where each event is sent alone.
fn parts(cell: Cell, window: Window, members: &[Item]) -> Option<Vec<Formed>> {
    let mut parts: Vec<Formed> = Vec::new();
    let stretch = Stretch { from: cell.from, to: cell.to };
    let mut after_seq = cell.after_seq;
    let alone = window == Window::Each && members.iter().all(|item| item.sum >= 0);
    for item in members {
        let fitting = parts.last_mut().filter(|_| !alone);
        let joined = match fitting {
            Some(part) => {
                Some((part.sum.checked_add(item.sum)?, part)).filter(|(sum, _)| sum.abs() <= VALUE_MAX)
            }
            None => None,
        };
        if let Some((sum, part)) = joined {
            part.sum = sum;
            part.events = part.events.checked_add(item.events)?;
            part.upto_seq = item.seq;
            part.timestamp = part.timestamp.max(item.at.second());
        } else {
            let timestamp = item.at.second();
            let Item { seq: upto_seq, events, sum, .. } = *item;
            parts.push(Formed { window: stretch, after_seq, upto_seq, events, sum, timestamp });
        }
        after_seq = item.seq;
    }
    Some(parts)
}

/// Units that Stripe held of a customer, meter and hour before this store sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The UTC hour, in hours since 1970.
    pub hour: i64,
    /// What is left of it.
    pub left: i64,
}

/// Takes what Stripe holds already from what a delivery would send: returns the value to send, never below zero, and
/// what is used of each hour's opening amount. `openings` are those of the hours that the window touches.
pub fn opening_use(sum: i64, openings: &[Opening]) -> (i64, Vec<Opening>) {
    let mut value = sum;
    let mut used = Vec::new();
    for opening in openings.iter().filter(|it| it.left > 0) {
        let take = opening.left.min(value).max(0);
        if take > 0 {
            value -= take;
            used.push(Opening { hour: opening.hour, left: take });
        }
    }
    (value, used)
}
