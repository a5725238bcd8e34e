//! Writing usage events: all their ids first, in the order of ids, then the events in the order that they come in. Each
//! table grows in its own order, which is what makes millions of rows quick.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;
use std::sync::OnceLock;

use rusqlite::{OptionalExtension, Statement, params};

use super::{Appended, NewEvent, UsageCache};
use crate::billing::time::{Micros, SECOND_US};
use crate::billing::usage::EventId;
use crate::store::rollup::{self, Rollup, RollupKey};
use crate::store::span::StoredSpan;
use crate::store::usage_credit::Allowances;
use crate::store::{CustomerRow, MeterRow, Result, StoreError, Writer};

/// Rows of one INSERT statement. More gain little: the work is in the B-trees.
const GROUP_ROWS: usize = 64;
/// Columns of `usage_event` that are bound.
const EVENT_COLUMNS: usize = 11;
/// Columns of `usage_id`.
const ID_COLUMNS: usize = 3;
/// Most events of one block: what a look for a stretch of time reads in vain, at both of its ends.
const BLOCK_EVENTS_MAX: usize = 32;
/// Most words (actions, users) that are kept in memory with their numbers.
const WORDS_KEPT_MAX: usize = 200_000;

/// Events that are to be recorded together.
pub trait Events {
    /// How many there are.
    fn len(&self) -> usize;
    /// One of them, with its id.
    fn event(&self, index: usize) -> NewEvent<'_>;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Events for [NewEvent<'_>] {
    fn len(&self) -> usize {
        <[NewEvent<'_>]>::len(self)
    }
    fn event(&self, index: usize) -> NewEvent<'_> {
        self[index].clone()
    }
}

/// Records events in order, with their rollups, quota flags and credits.
pub fn usage_append(
    w: &Writer<'_>,
    cache: &mut UsageCache,
    events: &[NewEvent<'_>],
) -> Result<Vec<Appended>> {
    let (first, scope) = (next_seq(w)?, w.reader().info()?.scope());
    let numbered = (first..).zip(events).map(|(seq, event)| NewEvent {
        id: event.id.or_else(|| Some(EventId::counted(&scope, seq))),
        ..event.clone()
    });
    let events: Vec<NewEvent<'_>> = numbered.collect();
    let mut by_id: Vec<u32> = (0_u32..).take(events.len()).collect();
    by_id.sort_by_key(|index| events.get(*index as usize).map(|it| (it.id, it.meter)));
    let mut done = Vec::with_capacity(events.len());
    usage_load(w, cache, events.as_slice(), &by_id, &mut || true, &mut |_, _, it| done.push(it))?;
    Ok(done)
}

/// Records many events in the order that they have in `events`; `by_id` has their places in order of id and meter, equal
/// ones in order of place. `told` hears what became of each, in order. `go_on` is asked every few rows: where it says no,
/// the answer is `false`, and the caller must take the transaction back.
pub fn usage_load(
    w: &Writer<'_>,
    cache: &mut UsageCache,
    events: &(impl Events + ?Sized),
    by_id: &[u32],
    go_on: &mut dyn FnMut() -> bool,
    told: &mut dyn FnMut(usize, &NewEvent<'_>, Appended),
) -> Result<bool> {
    cache.spans.refresh(&w.reader())?;
    if cache.actions.len() + cache.users.len() > WORDS_KEPT_MAX {
        cache.actions.clear();
        cache.users.clear();
    }
    let first = next_seq(w)?;
    let mut load = Load { w, cache, events, first };
    let Some(known) = load.ids(by_id, go_on)? else { return Ok(false) };
    load.rows(known, go_on, told)
}

fn next_seq(w: &Writer<'_>) -> Result<i64> {
    Ok(w.conn.query_row("SELECT COALESCE(max(seq), 0) + 1 FROM usage_event", [], |row| row.get(0))?)
}

impl Writer<'_> {
    /// Notes that this transaction recorded the events of these numbers.
    pub(in crate::store) fn usage_batch(&self, first: i64, last: i64) -> Result<()> {
        let sql = "INSERT INTO usage_batch (first_seq, last_seq, run, recorded_at) VALUES (?1, ?2, ?3, ?4)";
        self.conn.prepare_cached(sql)?.execute(params![first, last, self.run, self.now.0])?;
        Ok(())
    }

    /// Makes one event that is written by itself findable: by its id, and by customer, meter and time.
    pub(in crate::store) fn usage_place(
        &self,
        seq: i64,
        id: EventId,
        customer: CustomerRow,
        meter: MeterRow,
        at: Micros,
    ) -> Result<()> {
        let sql = "INSERT INTO usage_id (id, meter, seq) VALUES (?1, ?2, ?3)";
        self.conn.prepare_cached(sql)?.execute(params![&id.0[..], meter.0, seq])?;
        let mut blocks = Blocks { w: self, open: None };
        blocks.add(customer, meter, seq, at)?;
        blocks.close()
    }
}

/// One call of [`usage_load`].
struct Load<'w, 'c, E: ?Sized> {
    w: &'w Writer<'w>,
    cache: &'c mut UsageCache,
    events: &'w E,
    /// Number of the first event; the others follow it by their places.
    first: i64,
}

/// A place whose id was there before, and what has it.
type Known = (u32, Appended);

impl<E: Events + ?Sized> Load<'_, '_, E> {
    fn seq(&self, index: usize) -> i64 {
        self.first.saturating_add(i64::try_from(index).unwrap_or(i64::MAX))
    }

    /// Writes the ids. Which places are not new, in order of place; `None` when it was told to leave off.
    fn ids(&mut self, by_id: &[u32], go_on: &mut dyn FnMut() -> bool) -> Result<Option<Vec<Known>>> {
        let mut known: Vec<Known> = Vec::new();
        let mut twice: Vec<(u32, u32)> = Vec::new();
        let mut before: Option<((Option<EventId>, MeterRow), u32)> = None;
        let mut group: Vec<(u32, NewEvent<'_>)> = Vec::with_capacity(GROUP_ROWS);
        let events = self.events;
        for place in by_id {
            let event = events.event(*place as usize);
            let key = (event.id, event.meter);
            match before {
                Some((other, first)) if other == key => twice.push((first, *place)),
                _ => {
                    before = Some((key, *place));
                    group.push((*place, event));
                }
            }
            if group.len() == GROUP_ROWS {
                self.put_ids(&group, &mut known)?;
                group.clear();
                if !go_on() {
                    return Ok(None);
                }
            }
        }
        self.put_ids(&group, &mut known)?;
        known.sort_unstable_by_key(|it| it.0);
        let mut again = Vec::with_capacity(twice.len());
        for (first, place) in twice {
            let stored = known.binary_search_by_key(&first, |it| it.0).is_ok();
            again.push((place, self.repeated(stored, first, place)?));
        }
        known.extend(again);
        known.sort_unstable_by_key(|it| it.0);
        Ok(Some(known))
    }

    fn put_ids(&mut self, group: &[(u32, NewEvent<'_>)], known: &mut Vec<Known>) -> Result<()> {
        let mut inserted = 0;
        for range in statements(group.len()) {
            let mut put = self.w.conn.prepare_cached(Insert::Id.sql(range.len()))?;
            for (row, (place, event)) in group[range].iter().enumerate() {
                let at = row * ID_COLUMNS;
                put.raw_bind_parameter(at + 1, event.id.as_ref().map(|id| &id.0[..]))?;
                put.raw_bind_parameter(at + 2, event.meter.0)?;
                put.raw_bind_parameter(at + 3, self.seq(*place as usize))?;
            }
            inserted += put.raw_execute()?;
        }
        if inserted == group.len() {
            return Ok(());
        }
        for (place, event) in group {
            if let Some(found) = self.find(*place, event)? {
                known.push((*place, found));
            }
        }
        Ok(())
    }

    /// The event that had this id before, compared with the one that wants it; `None` where that one has it now.
    fn find(&mut self, place: u32, event: &NewEvent<'_>) -> Result<Option<Appended>> {
        let (action, user) = self.words(event)?;
        let mut find = self.w.conn.prepare_cached(
            "SELECT e.seq, e.customer, e.quantity, e.at, e.action, e.end_user FROM usage_id k \
             CROSS JOIN usage_event e ON e.seq = k.seq WHERE k.id = ?1 AND k.meter = ?2 AND k.seq <> ?3",
        )?;
        let id = event.id.as_ref().map(|id| &id.0[..]);
        let mut rows = find.query(params![id, event.meter.0, self.seq(place as usize)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let seq = row.get(0)?;
        let same = event.customer.0 == row.get::<_, i64>(1)?
            && event.content.quantity == row.get::<_, i64>(2)?
            && (!event.at_given || event.content.at.0 == row.get::<_, i64>(3)?)
            && action == row.get(4)?
            && user == row.get(5)?;
        Ok(Some(if same { Appended::Known { seq } } else { Appended::Conflict { seq } }))
    }

    /// What becomes of an event whose id an earlier one of the same call has.
    fn repeated(&mut self, stored: bool, first: u32, place: u32) -> Result<Appended> {
        let (events, seq) = (self.events, self.seq(first as usize));
        let event = events.event(place as usize);
        if stored {
            let found = self.find(place, &event)?;
            return found.ok_or_else(|| StoreError::Broken("an id that was there is gone".to_owned()));
        }
        let other = events.event(first as usize);
        let same_time = !event.at_given || event.content.at == other.content.at;
        let content = crate::billing::usage::Content { at: other.content.at, ..event.content };
        let same = same_time && event.customer == other.customer && content == other.content;
        Ok(if same { Appended::Known { seq } } else { Appended::Conflict { seq } })
    }

    fn words(&mut self, event: &NewEvent<'_>) -> Result<(Option<i64>, Option<i64>)> {
        let action = word(self.w, &mut self.cache.actions, ACTION, event.content.action)?;
        Ok((action, word(self.w, &mut self.cache.users, USER, event.content.user)?))
    }

    /// Writes the events that are new, and all that follows from them.
    fn rows(
        &mut self,
        known: Vec<Known>,
        go_on: &mut dyn FnMut() -> bool,
        told: &mut dyn FnMut(usize, &NewEvent<'_>, Appended),
    ) -> Result<bool> {
        let mut known = known.into_iter().peekable();
        let mut quota = Allowances::default();
        let mut sums = Sums::default();
        let mut blocks = Blocks { w: self.w, open: None };
        let mut group: Vec<Row<'_>> = Vec::with_capacity(GROUP_ROWS);
        let mut last_span: Option<(CustomerRow, MeterRow, Rc<StoredSpan>)> = None;
        let (mut first_seq, mut last_seq) = (None, 0);
        let events = self.events;
        for index in 0..events.len() {
            let event = events.event(index);
            if let Some((_, other)) = known.next_if(|it| it.0 as usize == index) {
                told(index, &event, other);
                continue;
            }
            let (customer, meter, at) = (event.customer, event.meter, event.content.at);
            let span = match &last_span {
                Some((c, m, span)) if *c == customer && *m == meter && span.span.holds(at.second()) => span,
                _ => {
                    let found = self.cache.spans.find_or_make(self.w, customer, meter, at.second())?;
                    &last_span.insert((customer, meter, found)).2
                }
            };
            let seq = self.seq(index);
            let mut over_quota = false;
            if span.is_limited() {
                over_quota = quota.is_over(self.w, span, &event)?;
                quota.count(self.w, span, &event)?;
            }
            let key = RollupKey { customer, meter, day: at.day(), span: span.row };
            sums.add(key, Rollup::of(event.content.quantity, seq))?;
            blocks.add(customer, meter, seq, at)?;
            (first_seq, last_seq) = (first_seq.or(Some(seq)), seq);
            let (action, user) = self.words(&event)?;
            if let Some(id) = event.id {
                told(index, &event, Appended::New { seq, id, over_quota });
            }
            group.push(Row { seq, event, action, user, over_quota });
            if group.len() == GROUP_ROWS {
                self.put_rows(&group)?;
                group.clear();
                if !go_on() {
                    return Ok(false);
                }
            }
        }
        self.put_rows(&group)?;
        blocks.close()?;
        if let Some(first) = first_seq {
            let sql =
                "INSERT INTO usage_batch (first_seq, last_seq, run, recorded_at) VALUES (?1, ?2, ?3, ?4)";
            self.w.conn.prepare_cached(sql)?.execute(params![first, last_seq, self.w.run, self.w.now.0])?;
        }
        rollup::add(self.w, &sums.close()?)?;
        quota.post(self.w)?;
        Ok(true)
    }

    fn put_rows(&self, group: &[Row<'_>]) -> Result<()> {
        for range in statements(group.len()) {
            let mut put = self.w.conn.prepare_cached(Insert::Event.sql(range.len()))?;
            for (place, row) in group[range].iter().enumerate() {
                row.bind(&mut put, place * EVENT_COLUMNS)?;
            }
            put.raw_execute()?;
        }
        for row in group {
            if let Some(name) = row.event.name {
                let sql = "INSERT INTO usage_event_name (seq, name) VALUES (?1, ?2)";
                self.w.conn.prepare_cached(sql)?.execute(params![row.seq, name])?;
            }
        }
        Ok(())
    }
}

/// An event with its numbers.
struct Row<'e> {
    seq: i64,
    event: NewEvent<'e>,
    action: Option<i64>,
    user: Option<i64>,
    over_quota: bool,
}

impl Row<'_> {
    fn bind(&self, put: &mut Statement<'_>, after: usize) -> rusqlite::Result<()> {
        let Row { seq, event, action, user, over_quota } = self;
        let at = event.content.at.0;
        put.raw_bind_parameter(after + 1, seq)?;
        put.raw_bind_parameter(after + 2, event.meter.0)?;
        put.raw_bind_parameter(after + 3, event.customer.0)?;
        put.raw_bind_parameter(after + 4, event.id.as_ref().map(|id| &id.0[..]))?;
        put.raw_bind_parameter(after + 5, event.content.quantity)?;
        put.raw_bind_parameter(after + 6, at.div_euclid(SECOND_US))?;
        put.raw_bind_parameter(after + 7, at.rem_euclid(SECOND_US))?;
        put.raw_bind_parameter(after + 8, action)?;
        put.raw_bind_parameter(after + 9, user)?;
        put.raw_bind_parameter(after + 10, event.line)?;
        put.raw_bind_parameter(after + 11, over_quota)
    }
}

/// Sums by their keys. Events of one key mostly follow each other: the map is touched once for all of them.
#[derive(Default)]
struct Sums {
    done: BTreeMap<RollupKey, Rollup>,
    open: Option<(RollupKey, Rollup)>,
}

impl Sums {
    fn add(&mut self, key: RollupKey, one: Rollup) -> Result<()> {
        match &mut self.open {
            Some((open, sum)) if *open == key => *sum = sum.and(one).ok_or_else(rollup::too_large)?,
            open => {
                if let Some((key, sum)) = open.replace((key, one)) {
                    rollup::merge(&mut self.done, key, sum)?;
                }
            }
        }
        Ok(())
    }
    fn close(mut self) -> Result<BTreeMap<RollupKey, Rollup>> {
        if let Some((key, sum)) = self.open.take() {
            rollup::merge(&mut self.done, key, sum)?;
        }
        Ok(self.done)
    }
}

/// Blocks of events of one customer and meter that follow each other.
struct Blocks<'w> {
    w: &'w Writer<'w>,
    open: Option<Block>,
}

struct Block {
    customer: CustomerRow,
    meter: MeterRow,
    from: Micros,
    to: Micros,
    first: i64,
    last: i64,
    events: usize,
}

impl Blocks<'_> {
    fn add(&mut self, customer: CustomerRow, meter: MeterRow, seq: i64, at: Micros) -> Result<()> {
        match &mut self.open {
            Some(it) if it.customer == customer && it.meter == meter && it.events < BLOCK_EVENTS_MAX => {
                (it.from, it.to) = (it.from.min(at), it.to.max(at));
                it.last = seq;
                it.events += 1;
            }
            _ => {
                self.close()?;
                self.open =
                    Some(Block { customer, meter, from: at, to: at, first: seq, last: seq, events: 1 });
            }
        }
        Ok(())
    }
    fn close(&mut self) -> Result<()> {
        let Some(it) = self.open.take() else { return Ok(()) };
        let mut put = self.w.conn.prepare_cached(
            "INSERT INTO usage_block (customer, meter, to_at, first_seq, from_at, last_seq) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        put.execute(params![it.customer.0, it.meter.0, it.to.0, it.first, it.from.0, it.last])?;
        Ok(())
    }
}

/// Table, key and number columns of interned words: the statements that find and make one.
type Words = (&'static str, &'static str);
const ACTION: Words =
    ("SELECT action FROM action WHERE key = ?1", "INSERT INTO action (key) VALUES (?1) RETURNING action");
const USER: Words = (
    "SELECT end_user FROM end_user WHERE id = ?1",
    "INSERT INTO end_user (id) VALUES (?1) RETURNING end_user",
);

/// The number of a word, made now if it is new.
fn word(
    w: &Writer<'_>,
    kept: &mut HashMap<String, i64>,
    sql: Words,
    text: Option<&str>,
) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    if let Some(number) = kept.get(text) {
        return Ok(Some(*number));
    }
    let found = w.conn.prepare_cached(sql.0)?.query_row([text], |row| row.get(0)).optional()?;
    let number = match found {
        Some(number) => number,
        None => w.conn.prepare_cached(sql.1)?.query_row([text], |row| row.get(0))?,
    };
    kept.insert(text.to_owned(), number);
    Ok(Some(number))
}

/// Cuts a group into those few lengths that there are statements for.
fn statements(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let length = LENGTHS.into_iter().find(|length| *length <= rows - from)?;
        from += length;
        Some(from - length..from)
    })
}

/// Rows of the statements that write groups.
const LENGTHS: [usize; 4] = [GROUP_ROWS, 16, 4, 1];

/// The statements that write groups of rows.
#[derive(Debug, Clone, Copy)]
enum Insert {
    Id,
    Event,
}

impl Insert {
    /// The INSERT of so many rows.
    fn sql(self, rows: usize) -> &'static str {
        static TEXTS: OnceLock<[Vec<String>; 2]> = OnceLock::new();
        let texts = TEXTS.get_or_init(|| {
            [Insert::Id, Insert::Event].map(|it| LENGTHS.iter().map(|rows| it.text(*rows)).collect())
        });
        let nth = LENGTHS.iter().position(|length| *length == rows);
        nth.and_then(|nth| texts[self as usize].get(nth)).map_or("", String::as_str)
    }

    fn text(self, rows: usize) -> String {
        let (head, columns, tail) = match self {
            Insert::Id => ("usage_id (id, meter, seq)", ID_COLUMNS, " ON CONFLICT (id, meter) DO NOTHING"),
            Insert::Event => (
                "usage_event (seq, meter, customer, id, quantity, at_s, at_us, action, end_user, line, over_quota)",
                EVENT_COLUMNS,
                "",
            ),
        };
        let row = format!("({})", vec!["?"; columns].join(", "));
        format!("INSERT INTO {head} VALUES {}{tail}", vec![row.as_str(); rows].join(", "))
    }
}
