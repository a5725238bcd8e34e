//! Which span and which delivery an event lies in. Events come in the order of recording, which is nearly that of time:
//! the stretch that held the last event of a pair mostly holds the next one too.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::params;

use crate::billing::span::Exempt;
use crate::billing::time::DAY_S;
use crate::store::{Reader, Result};

/// Pairs that are kept before all are forgotten.
const PAIRS_MAX: usize = 1 << 17;
/// Deliveries of a pair that are read at once: those of the windows that begin in so many seconds.
const CHUNK_S: i64 = 4 * DAY_S;
/// A window of a delivery is a day at most.
const WINDOW_LONGEST_S: i64 = DAY_S;
/// Spans and deliveries in memory after which all pairs are forgotten.
const STRETCHES_MAX: usize = 1 << 20;

const SPANS: &str = "SELECT from_at, to_at, -1, 9223372036854775807, span, exempt FROM span \
     WHERE customer = ?1 AND meter = ?2 ORDER BY from_at";
const DELIVERIES: &str = "SELECT from_at, to_at, after_seq, upto_seq, delivery, NULL FROM delivery \
     WHERE customer = ?1 AND meter = ?2 AND from_at >= ?3 AND from_at < ?4 \
     AND state NOT IN ('lost', 'cancelled', 'replaced') ORDER BY from_at";

/// What an event's place says of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) span: Option<i64>,
    pub(super) exempt: Option<Exempt>,
    pub(super) delivery: Option<i64>,
}

/// A stretch of a pair, in time and in sequence. Of spans, and of deliveries that cover something, no two overlap.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    to: i64,
    after_seq: i64,
    upto_seq: i64,
    number: i64,
    exempt: Option<Exempt>,
}

impl Stretch {
    fn holds(&self, second: i64, seq: i64) -> bool {
        self.from <= second && second < self.to && self.after_seq < seq && seq <= self.upto_seq
    }
}

/// The stretches of a pair, those of deliveries for a part of its time only.
#[derive(Debug, Default)]
struct Pair {
    spans: Vec<Stretch>,
    span: usize,
    /// The seconds for which `deliveries` has all that may hold an event.
    known: (i64, i64),
    deliveries: Vec<Stretch>,
    delivery: usize,
}

/// Finds the place of events.
pub(super) struct Pairs<'r> {
    r: &'r Reader<'r>,
    numbers: HashMap<(i64, i64), usize, BuildHasherDefault<RowHasher>>,
    pairs: Vec<Pair>,
    /// The pair of the last event and its number: an import puts events of a pair side by side.
    last: ((i64, i64), usize),
    held: usize,
    /// Where there are none, or none are wanted, there is nothing to look for.
    any_delivery: bool,
}

impl<'r> Pairs<'r> {
    pub(super) fn new(r: &'r Reader<'r>, wants_delivery: bool) -> Result<Pairs<'r>> {
        let sql = "SELECT EXISTS (SELECT 1 FROM delivery)";
        let any_delivery = wants_delivery && r.conn.query_row(sql, [], |row| row.get(0))?;
        let (numbers, pairs) = (HashMap::default(), Vec::new());
        Ok(Pairs { r, numbers, pairs, last: ((0, 0), usize::MAX), held: 0, any_delivery })
    }

    /// The number of a pair, whose spans are read when it is met first.
    fn number(&mut self, customer: i64, meter: i64) -> Result<usize> {
        if self.held > STRETCHES_MAX || self.pairs.len() > PAIRS_MAX {
            self.numbers.clear();
            self.pairs.clear();
            self.held = 0;
        }
        Ok(match self.numbers.entry((customer, meter)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let mut pair = Pair::default();
                read(self.r, SPANS, params![customer, meter], &mut pair.spans)?;
                self.held += pair.spans.len();
                self.pairs.push(pair);
                *new.insert(self.pairs.len() - 1)
            }
        })
    }

    /// Where an event of a pair lies.
    #[inline]
    pub(super) fn find(&mut self, customer: i64, meter: i64, second: i64, seq: i64) -> Result<Place> {
        if self.last.0 != (customer, meter) || self.last.1 >= self.pairs.len() {
            self.last = ((customer, meter), self.number(customer, meter)?);
        }
        let Some(pair) = self.pairs.get_mut(self.last.1) else { return Ok(Place::default()) };
        if self.any_delivery && !(pair.known.0 <= second && second < pair.known.1) {
            self.held -= pair.deliveries.len();
            let from = second - second.rem_euclid(CHUNK_S);
            pair.known = (from, from + CHUNK_S);
            let earliest = from - WINDOW_LONGEST_S;
            let reading = params![customer, meter, earliest, from + CHUNK_S];
            read(self.r, DELIVERIES, reading, &mut pair.deliveries)?;
            self.held += pair.deliveries.len();
        }
        let span = holding(&pair.spans, &mut pair.span, second, seq, i64::MAX);
        let delivery = holding(&pair.deliveries, &mut pair.delivery, second, seq, WINDOW_LONGEST_S);
        Ok(Place {
            span: span.map(|it| it.number),
            exempt: span.and_then(|it| it.exempt),
            delivery: delivery.map(|it| it.number),
        })
    }
}

/// Hashes the numbers of rows, which nobody outside chooses: a multiplication each.
#[derive(Debug, Default)]
pub(super) struct RowHasher(u64);

impl Hasher for RowHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0.rotate_left(29) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }
}

/// The stretch that holds an event: the one that held the last, else, of those that start before it and not more than
/// `longest` seconds before, the one that fits.
fn holding<'s>(
    stretches: &'s [Stretch],
    last: &mut usize,
    second: i64,
    seq: i64,
    longest: i64,
) -> Option<&'s Stretch> {
    if let Some(same) = stretches.get(*last).filter(|it| it.holds(second, seq)) {
        return Some(same);
    }
    let next = stretches.partition_point(|it| it.from <= second);
    let before = stretches.get(..next)?.iter().enumerate().rev();
    let (at, found) = before
        .take_while(|(_, it)| second.saturating_sub(it.from) <= longest)
        .find(|(_, it)| it.holds(second, seq))?;
    *last = at;
    Some(found)
}

fn read(r: &Reader<'_>, sql: &str, which: &[&dyn rusqlite::ToSql], into: &mut Vec<Stretch>) -> Result<()> {
    into.clear();
    let mut find = r.conn.prepare_cached(sql)?;
    let mut rows = find.query(which)?;
    while let Some(row) = rows.next()? {
        let exempt: Option<String> = row.get(5)?;
        into.push(Stretch {
            from: row.get(0)?,
            to: row.get(1)?,
            after_seq: row.get(2)?,
            upto_seq: row.get(3)?,
            number: row.get(4)?,
            exempt: exempt.as_deref().and_then(Exempt::parse),
        });
    }
    Ok(())
}
