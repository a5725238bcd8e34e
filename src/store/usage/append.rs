//! Writing usage events: all their ids first, in the order of ids, then the events in the order that they come in. Each
//! table grows in its own order, which is what makes millions of rows quick.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use rusqlite::{OptionalExtension, params};

use super::groups::{EVENT_COLUMNS, GROUP_ROWS, ID_COLUMNS, Insert, NEXT_COLUMNS, Row, statements};
use super::ids::{self, Keyed, Seek, id_key};
use super::{Appended, NewEvent, UsageCache};
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::time::{Micros, Timestamp};
use crate::billing::usage::EventId;
use crate::store::rollup::{self, Rollup, RollupKey};
use crate::store::span::{self, StoredSpan, is_limited};
use crate::store::usage_credit::{self, Allowances};
use crate::store::{CustomerRow, MeterRow, Reader, Result, Store, StoreError, Writer, run};

/// Most events of one block: what a look for a stretch of time reads in vain, at both of its ends.
const BLOCK_EVENTS_MAX: usize = 32;
/// Stands for the id of an event without one. There is none: each has got one before it is written.
const NO_ID: EventId = EventId([0; 16]);
/// Most words (actions, users) that are kept in memory with their numbers.
const WORDS_KEPT_MAX: usize = 200_000;

const NEXT_SEQ: &str = "SELECT COALESCE(max(seq), 0) + 1 FROM usage_event";
const NAME: &str = "INSERT INTO usage_event_name (seq, name) VALUES (?1, ?2)";
const BLOCK: &str = "INSERT INTO usage_block (customer, meter, to_at, first_seq, from_at, last_seq) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const BATCH: &str = "INSERT INTO usage_batch (first_seq, last_seq, run, recorded_at) VALUES (?1, ?2, ?3, ?4)";

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
    let keys = events.iter().map(|it| id_key(it.id.unwrap_or(NO_ID), it.meter));
    let mut by_key: Vec<Keyed> = keys.zip(0..).collect();
    by_key.sort_by_key(|(key, place)| (*key, events.get(*place as usize).map(|it| (it.id, it.meter))));
    let mut done = Vec::with_capacity(events.len());
    usage_load(w, cache, events.as_slice(), &by_key, &mut || true, &mut |_, _, it| done.push(it))?;
    Ok(done)
}

/// Records many events in the order that they have in `events`; `by_key` has their places in order of the number of their
/// id, of id and of meter, equal ones in order of place. `told` hears what became of each, in order. `go_on` is asked every
/// few rows: where it says no, the answer is `false`, and the caller must take the transaction back.
pub fn usage_load(
    w: &Writer<'_>,
    cache: &mut UsageCache,
    events: &(impl Events + ?Sized),
    by_key: &[Keyed],
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
    let Some(known) = load.ids(by_key, go_on)? else { return Ok(false) };
    load.rows(known, go_on, told)
}

fn next_seq(w: &Writer<'_>) -> Result<i64> {
    Ok(w.conn.prepare_cached(NEXT_SEQ)?.query_row([], |row| row.get(0))?)
}

impl Writer<'_> {
    /// Notes that this transaction recorded the events of these numbers.
    pub(in crate::store) fn usage_batch(&self, first: i64, last: i64) -> Result<()> {
        self.conn.prepare_cached(BATCH)?.execute(params![first, last, self.run, self.now.0])?;
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
        match ids::seek(self.conn, (id, meter), seq, |row| row.get::<_, i64>(0))? {
            Seek::Free(key) => ids::put(self.conn, key, seq)?,
            Seek::Own => (),
            Seek::Other(other) => {
                return Err(StoreError::Broken(format!("events {other} and {seq} have one id")));
            }
        }
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
    fn ids(&mut self, by_key: &[Keyed], go_on: &mut dyn FnMut() -> bool) -> Result<Option<Vec<Known>>> {
        let mut known: Vec<Known> = Vec::new();
        let (mut twice, mut crowded) = (Vec::new(), Vec::new());
        let mut before: Option<Keyed> = None;
        let mut group: Vec<Keyed> = Vec::with_capacity(GROUP_ROWS);
        for it in by_key {
            match before.filter(|before| before.0 == it.0) {
                Some((_, first)) if self.id_of(first) == self.id_of(it.1) => {
                    twice.push((first, it.1));
                    continue;
                }
                Some(_) => crowded.push(it.1),
                None => group.push(*it),
            }
            before = Some(*it);
            if group.len() == GROUP_ROWS {
                self.put_ids(&group, &mut known)?;
                group.clear();
                if !go_on() {
                    return Ok(None);
                }
            }
        }
        self.put_ids(&group, &mut known)?;
        for place in crowded {
            known.extend(self.put_id(place)?.map(|found| (place, found)));
        }
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

    fn id_of(&self, place: u32) -> (EventId, MeterRow) {
        let event = self.events.event(place as usize);
        (event.id.unwrap_or(NO_ID), event.meter)
    }

    /// Writes ids with different numbers, all at once where none of the numbers is there yet.
    fn put_ids(&mut self, group: &[Keyed], known: &mut Vec<Known>) -> Result<()> {
        let mut inserted = 0;
        for range in statements(group.len()) {
            let mut put = self.w.conn.prepare_cached(Insert::Id.sql(range.len()))?;
            for (row, (key, place)) in group[range].iter().enumerate() {
                let at = row * ID_COLUMNS;
                put.raw_bind_parameter(at + 1, key)?;
                put.raw_bind_parameter(at + 2, self.seq(*place as usize))?;
            }
            inserted += put.raw_execute()?;
        }
        if inserted == group.len() {
            return Ok(());
        }
        for (_, place) in group {
            known.extend(self.put_id(*place)?.map(|found| (*place, found)));
        }
        Ok(())
    }

    /// Writes one id, if it is not there; the event that has it otherwise.
    fn put_id(&mut self, place: u32) -> Result<Option<Appended>> {
        let event = self.events.event(place as usize);
        match self.find(place, &event)? {
            Seek::Other(found) => return Ok(Some(found)),
            Seek::Free(key) => ids::put(self.w.conn, key, self.seq(place as usize))?,
            Seek::Own => (),
        }
        Ok(None)
    }

    /// The event that had this id before, compared with the one that wants it.
    fn find(&mut self, place: u32, event: &NewEvent<'_>) -> Result<Seek<Appended>> {
        let (action, user) = self.words(event)?;
        let id = (event.id.unwrap_or(NO_ID), event.meter);
        ids::seek(self.w.conn, id, self.seq(place as usize), |row| {
            let seq = row.get(0)?;
            let same = event.customer.0 == row.get::<_, i64>(3)?
                && event.content.quantity == row.get::<_, i64>(4)?
                && (!event.at_given || event.content.at.0 == row.get::<_, i64>(5)?)
                && action == row.get(6)?
                && user == row.get(7)?;
            Ok(if same { Appended::Known { seq } } else { Appended::Conflict { seq } })
        })
    }

    /// What becomes of an event whose id an earlier one of the same call has.
    fn repeated(&mut self, stored: bool, first: u32, place: u32) -> Result<Appended> {
        let (events, seq) = (self.events, self.seq(first as usize));
        let event = events.event(place as usize);
        if stored {
            return match self.find(place, &event)? {
                Seek::Other(found) => Ok(found),
                Seek::Own | Seek::Free(_) => {
                    Err(StoreError::Broken("an id that was there is gone".to_owned()))
                }
            };
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
        // Where every event is new their numbers follow each other.
        let counted = known.is_empty();
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
                self.put_rows(&group, counted)?;
                group.clear();
                if !go_on() {
                    return Ok(false);
                }
            }
        }
        self.put_rows(&group, counted)?;
        blocks.close()?;
        if let Some(first) = first_seq {
            self.w.usage_batch(first, last_seq)?;
        }
        rollup::add(self.w, &sums.close()?)?;
        quota.post(self.w)?;
        Ok(true)
    }

    fn put_rows(&self, group: &[Row<'_>], counted: bool) -> Result<()> {
        let counted = counted && !group.iter().any(|row| row.over_quota);
        let (form, columns) =
            if counted { (Insert::Next, NEXT_COLUMNS) } else { (Insert::Event, EVENT_COLUMNS) };
        for range in statements(group.len()) {
            let rows = &group[range];
            let mut put = self.w.conn.prepare_cached(form.sql(rows.len()))?;
            for (place, row) in rows.iter().enumerate() {
                if counted {
                    row.bind_next(&mut put, place * columns)?;
                } else {
                    row.bind(&mut put, place * columns)?;
                }
            }
            put.raw_execute()?;
            if rows.last().is_some_and(|row| row.seq != self.w.conn.last_insert_rowid()) {
                return Err(StoreError::Broken("events got other numbers than their ids have".to_owned()));
            }
        }
        for row in group {
            if let Some(name) = row.event.name {
                self.w.conn.prepare_cached(NAME)?.execute(params![row.seq, name])?;
            }
        }
        Ok(())
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
        let mut put = self.w.conn.prepare_cached(BLOCK)?;
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
    if let Some(number) = word_known(&w.reader(), kept, sql, text)? {
        return Ok(Some(number));
    }
    let number = w.conn.prepare_cached(sql.1)?.query_row([text], |row| row.get(0))?;
    kept.insert(text.to_owned(), number);
    Ok(Some(number))
}

/// The number of a word that there is.
fn word_known(
    r: &Reader<'_>,
    kept: &mut HashMap<String, i64>,
    sql: Words,
    text: &str,
) -> Result<Option<i64>> {
    if let Some(number) = kept.get(text) {
        return Ok(Some(*number));
    }
    let found = r.conn.prepare_cached(sql.0)?.query_row([text], |row| row.get(0)).optional()?;
    if let Some(number) = found {
        kept.insert(text.to_owned(), number);
    }
    Ok(found)
}

/// An event that is about to be recorded by itself.
#[derive(Debug, Clone, Copy)]
pub struct ToCome<'a> {
    /// Whose.
    pub customer: &'a CustomerId,
    /// Of what.
    pub meter: &'a MeterKey,
    /// When it happened.
    pub at: Timestamp,
    /// Whether its caller gave it an id.
    pub has_id: bool,
    /// The action that caused it.
    pub action: Option<&'a str>,
    /// The end user who caused it.
    pub user: Option<&'a str>,
}

impl Store {
    /// Reads what recording an event asks, and prepares what writes it, so that others wait for the writing alone. In its
    /// transaction that is read again where somebody has written meanwhile.
    pub fn usage_ready(&self, cache: &mut UsageCache, it: &ToCome<'_>) -> Result<()> {
        let limited = self.read(|r| {
            cache.spans.refresh(r)?;
            r.info()?;
            for (kept, sql, text) in
                [(&mut cache.actions, ACTION, it.action), (&mut cache.users, USER, it.user)]
            {
                if let Some(text) = text
                    && word_known(r, kept, sql, text)?.is_none()
                {
                    self.ready([sql.1]);
                }
            }
            let (Some(customer), Some(meter)) =
                (r.customer_by_id(it.customer)?, r.meter_row(it.meter.as_str())?)
            else {
                // The transaction says so.
                return Ok(false);
            };
            let (span, terms) = cache.spans.derive(r, customer.row, meter, it.at)?;
            if span::span_stored(r, customer.row, meter, &span)?.is_none() {
                self.ready([span::PUT]);
            }
            let usage = terms.as_ref().and_then(|terms| terms.usage.get(it.meter));
            let limited = usage.is_some_and(is_limited);
            if limited {
                usage_credit::read_ahead(r, customer.row, meter, span.allowance, it.at)?;
            }
            Ok::<bool, StoreError>(limited)
        })?;
        self.ready([NEXT_SEQ, BLOCK, BATCH, rollup::ADD, run::END, Insert::Id.sql(1), Insert::Next.sql(1)]);
        if limited {
            self.ready([Insert::Event.sql(1), usage_credit::PUT]);
        }
        if it.has_id {
            self.ready([NAME]);
        }
        Ok(())
    }
}
