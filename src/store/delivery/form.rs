//! Forming: from events that no delivery covers.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{OptionalExtension, params};

use super::COVERS;
use crate::billing::catalog::Window;
use crate::billing::delivery::{
    Earlier, Formed, Item, Opening, Payload, State, Stretch, VALUE_MAX, form, identifier, opening_use,
};
use crate::billing::time::{DAY_S, HOUR_S, Micros, SECOND_US, Timestamp};
use crate::store::span::SpanCache;
use crate::store::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};

/// Whatever ends within this time of its period's end is formed although its window is still open.
const CLOSING_S: i64 = 2 * HOUR_S;

/// Which windows are formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Open ones too.
    All,
    /// Those that are over, and those of a period that ends within two hours.
    Closed,
}

/// What is to be formed.
#[derive(Debug, Clone, Copy)]
pub struct FormAsk {
    /// Of this customer only.
    pub customer: Option<CustomerRow>,
    /// Of this meter only.
    pub meter: Option<MeterRow>,
    /// Which windows.
    pub which: Which,
    /// How long Stripe keeps a renewal invoice open for usage.
    pub grace_s: i64,
    /// Stop after about so many deliveries: one transaction must not hold the store for long.
    pub deliveries_max: usize,
}

/// What was formed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormDone {
    /// Deliveries to be sent.
    pub due: i64,
    /// Deliveries without anything to send.
    pub closed: i64,
    /// Units that Stripe held already and that are not sent.
    pub opening: i64,
    /// Whether there may be more: go on after this pair.
    pub more_after: Option<(CustomerRow, MeterRow)>,
}

/// A billable span, as far as forming needs it.
struct Billable {
    stretch: Stretch,
    period_start: i64,
    period_end: i64,
    price: String,
    must_arrive_by: i64,
}

/// An hour with usage.
struct Hour {
    hour: i64,
    item: Item,
}

/// What all deliveries of a pair share.
struct Pair {
    customer: i64,
    meter: i64,
    key: String,
    event: String,
    window: Window,
    cus: Option<String>,
    left_from: i64,
}

/// Customers and meters in which usage may be uncovered.
pub(in crate::store) const LEFT: &str = "SELECT customer, meter, left_from FROM pair INDEXED BY pair_with_something_left WHERE left_from IS NOT NULL";

/// Usage that nothing bills is covered by nothing, however often it is looked at: its customer and meter are left alone
/// until something bills them, for then a span begins anew, which says so. A window of a day sees all of its day.
pub(in crate::store) const NOTHING_BILLED: &str =
    "UPDATE pair INDEXED BY pair_with_something_left SET left_from = NULL WHERE left_from IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM span s WHERE s.customer = pair.customer AND s.meter = pair.meter
         AND s.to_at > pair.left_from / 86400 * 86400 AND s.price IS NOT NULL)";

impl Writer<'_> {
    /// Reads the events that were recorded since the last time, so that their pairs are looked at.
    pub fn pair_refresh(&self) -> Result<()> {
        let (oldest, last) = events_since_watermark(&self.reader())?;
        if oldest.is_empty() {
            self.conn.prepare_cached(NOTHING_BILLED)?.execute([])?;
            return Ok(());
        }
        let mut put = self.conn.prepare_cached(
            "INSERT INTO pair (customer, meter, left_from) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET left_from = MIN(COALESCE(left_from, excluded.left_from), excluded.left_from)",
        )?;
        for ((customer, meter), from) in oldest {
            put.execute(params![customer, meter, from])?;
        }
        self.conn.prepare_cached(NOTHING_BILLED)?.execute([])?;
        self.conn.execute("UPDATE pair_watermark SET seq = ?1", [last])?;
        Ok(())
    }

    /// Forms deliveries from what no delivery covers, pair by pair, beginning after `after`.
    pub fn delivery_form(&self, ask: &FormAsk, after: Option<(CustomerRow, MeterRow)>) -> Result<FormDone> {
        let scope = self.reader().info()?.scope();
        let mut done = FormDone::default();
        let (mut customer, mut meter) = after.map_or((-1, -1), |(customer, meter)| (customer.0, meter.0));
        while let Some(pair) = next_pair(&self.reader(), ask, customer, meter)? {
            (customer, meter) = (pair.customer, pair.meter);
            self.form_pair(&pair, ask, &scope, &mut done)?;
            let formed = usize::try_from(done.due + done.closed).unwrap_or(usize::MAX);
            if formed >= ask.deliveries_max {
                done.more_after = Some((CustomerRow(customer), MeterRow(meter)));
                break;
            }
        }
        Ok(done)
    }

    fn form_pair(&self, pair: &Pair, ask: &FormAsk, scope: &str, done: &mut FormDone) -> Result<()> {
        let (formed, mut left_from) = pair_plan(&self.reader(), pair, ask, self.now)?;
        for (span, it) in formed {
            let Some(cus) = &pair.cus else {
                left_from = Some(left_from.unwrap_or(it.window.from.0).min(it.window.from.0));
                continue;
            };
            self.delivery_put(pair, cus, &span, &it, scope, done)?;
        }
        self.conn.execute(
            "UPDATE pair SET left_from = ?3 WHERE customer = ?1 AND meter = ?2",
            params![pair.customer, pair.meter, left_from],
        )?;
        Ok(())
    }

    fn delivery_put(
        &self,
        pair: &Pair,
        cus: &str,
        span: &Billable,
        it: &Formed,
        scope: &str,
        done: &mut FormDone,
    ) -> Result<()> {
        let openings = openings_of(&self.reader(), pair.customer, pair.meter, it.window)?;
        let (value, used) = opening_use(it.sum, &openings);
        for part in used {
            self.conn.execute(
                "UPDATE opening SET used = used + ?4 WHERE customer = ?1 AND meter = ?2 AND hour = ?3",
                params![pair.customer, pair.meter, part.hour, part.left],
            )?;
        }
        let opening = it.sum - value;
        let mut next = self.conn.prepare_cached("SELECT COALESCE(MAX(delivery), 0) + 1 FROM delivery")?;
        let row: i64 = next.query_row([], |row| row.get(0))?;
        let payload =
            Payload { event_name: pair.event.clone(), cus: cus.to_owned(), value, timestamp: it.timestamp };
        let state = if value != 0 { State::Due } else { State::Closed };
        let mut put = self.conn.prepare_cached(
            "INSERT INTO delivery (delivery, customer, meter, from_at, to_at, after_seq, upto_seq, events, value, opening,
             timestamp, period_start, period_end, price, must_arrive_by, event_name, cus, identifier, state, created_at, run)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
        )?;
        put.execute(params![
            row,
            pair.customer,
            pair.meter,
            it.window.from.0,
            it.window.to.0,
            it.after_seq,
            it.upto_seq,
            it.events,
            value,
            opening,
            it.timestamp.0,
            span.period_start,
            span.period_end,
            span.price,
            span.must_arrive_by,
            pair.event,
            cus,
            identifier(scope, row, &payload),
            state.as_str(),
            self.now.0,
            self.run
        ])?;
        done.opening += opening;
        *(if state == State::Due { &mut done.due } else { &mut done.closed }) += 1;
        Ok(())
    }
}

/// What a pair's uncovered usage would make, with its span, and from where on something stays uncovered.
#[allow(clippy::type_complexity)] // Read once, here.
fn pair_plan(
    r: &Reader<'_>,
    pair: &Pair,
    ask: &FormAsk,
    now: Timestamp,
) -> Result<(Vec<(std::rc::Rc<Billable>, Formed)>, Option<i64>)> {
    // Whole days: a window of a day must see all of it.
    let since = Timestamp(pair.left_from).floor(DAY_S);
    let earlier = earlier_of(r, pair, since)?;
    let mut formed = Vec::new();
    let mut left_from: Option<i64> = None;
    let changes_at = r.pending_waiting(CustomerRow(pair.customer))?.map(|it| it.change.at.0);
    let mut stays = |from: Timestamp| left_from = Some(left_from.unwrap_or(from.0).min(from.0));
    for span in billable_spans(r, pair, since, ask.grace_s)? {
        let span = std::rc::Rc::new(span);
        let hours = hours_of(r, pair, &span, since)?;
        for day in hours.chunk_by(|a, b| a.hour.div_euclid(24) == b.hour.div_euclid(24)) {
            let near = near_day(&earlier, day);
            let items = items_of(r, pair, &span, day, &near)?;
            let parts = form(span.stretch, pair.window, &near, &items)
                .ok_or_else(|| StoreError::Broken("a day's usage exceeds 64 bits".to_owned()))?;
            for it in parts {
                // A change that waits ends the span when its day comes, and may invoice at once.
                let changes =
                    changes_at.is_some_and(|at| span.stretch.from.0 < at && at - now.0 <= CLOSING_S);
                let closing =
                    changes || it.window.to <= now || span.must_arrive_by - now.0 <= CLOSING_S + ask.grace_s;
                if ask.which == Which::All || closing {
                    formed.push((std::rc::Rc::clone(&span), it));
                } else {
                    stays(it.window.from);
                }
            }
        }
    }
    Ok((formed, left_from))
}

/// The second of the oldest event, by customer and meter.
type OldestByPair = HashMap<(i64, i64), i64>;

/// Customers and meters with events past the watermark, with the second of the oldest; and the last event.
fn events_since_watermark(r: &Reader<'_>) -> Result<(OldestByPair, i64)> {
    let mut last: i64 = r.conn.query_row("SELECT seq FROM pair_watermark", [], |row| row.get(0))?;
    let mut oldest = OldestByPair::new();
    let sql = "SELECT seq, customer, meter, at FROM usage_event WHERE seq > ?1 ORDER BY seq";
    let mut events = r.conn.prepare_cached(sql)?;
    let mut rows = events.query([last])?;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let second = row.get::<_, i64>(3)?.div_euclid(SECOND_US);
        let known = oldest.entry((row.get(1)?, row.get(2)?)).or_insert(second);
        *known = second.min(*known);
    }
    Ok((oldest, last))
}

fn next_pair(r: &Reader<'_>, ask: &FormAsk, customer: i64, meter: i64) -> Result<Option<Pair>> {
    let mut find = r.conn.prepare_cached(
        "SELECT customer, meter, left_from FROM pair
         WHERE left_from IS NOT NULL AND (customer, meter) > (?1, ?2)
         AND (?3 IS NULL OR customer = ?3) AND (?4 IS NULL OR meter = ?4) ORDER BY customer, meter LIMIT 1",
    )?;
    let only = (ask.customer.map(|it| it.0), ask.meter.map(|it| it.0));
    let found = find
        .query_row(params![customer, meter, only.0, only.1], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match found {
        Some((customer, meter, left_from)) => pair_get(r, customer, meter, left_from),
        None => Ok(None),
    }
}

fn pair_get(r: &Reader<'_>, customer: i64, meter: i64, left_from: i64) -> Result<Option<Pair>> {
    let mut find = r.conn.prepare_cached(
        "SELECT m.key, m.event, m.window, c.cus FROM customer c JOIN meter m WHERE c.customer = ?1 AND m.meter = ?2",
    )?;
    let found = find.query_row(params![customer, meter], |row| {
        Ok(Pair {
            customer,
            meter,
            key: row.get(0)?,
            event: row.get(1)?,
            window: Window::parse(row.get_ref(2)?.as_str()?).unwrap_or_default(),
            cus: row.get(3)?,
            left_from,
        })
    });
    Ok(found.optional()?)
}

fn billable_spans(r: &Reader<'_>, pair: &Pair, since: Timestamp, grace_s: i64) -> Result<Vec<Billable>> {
    let mut find = r.conn.prepare_cached(
        "SELECT from_at, to_at, period_start, period_end, price FROM span
         WHERE customer = ?1 AND meter = ?2 AND to_at > ?3 AND price IS NOT NULL ORDER BY from_at",
    )?;
    let mut spans = find
        .query_map(params![pair.customer, pair.meter, since.0], |row| {
            Ok(Billable {
                stretch: Stretch { from: Timestamp(row.get(0)?), to: Timestamp(row.get(1)?) },
                period_start: row.get(2)?,
                period_end: row.get(3)?,
                price: row.get(4)?,
                must_arrive_by: 0,
            })
        })?
        .collect::<rusqlite::Result<Vec<Billable>>>()?;
    for span in &mut spans {
        let end = billed_until(r, pair.customer, pair.meter, span.stretch.to, span.period_end, &span.price)?;
        span.must_arrive_by = must_arrive_by(r, pair.customer, end, span.period_end, grace_s)?;
    }
    Ok(spans)
}

/// Until when usage can arrive: a span that ended early, by a swap or cancel that invoices at once, has no grace. The
/// last invoice of a subscription that ended on the day that was planned for it is a draft, as at the end of a period.
pub(super) fn must_arrive_by(
    r: &Reader<'_>,
    customer: i64,
    billed_until: Timestamp,
    period_end: i64,
    grace_s: i64,
) -> Result<i64> {
    if billed_until.0 >= period_end {
        return Ok(period_end.saturating_add(grace_s));
    }
    let mut find = r.conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM subscription WHERE customer = ?1 AND ended_at = ?2 AND cancel_at = ?2)",
    )?;
    let planned: bool = find.query_row(params![customer, billed_until.0], |row| row.get(0))?;
    Ok(if planned { billed_until.0.saturating_add(grace_s) } else { billed_until.0 })
}

/// Where the stretch ends in which a price bills a pair's usage of one period: terms that change nothing about it
/// (another revision with the same price) begin a new span at Stripe's item as it was.
pub(super) fn billed_until(
    r: &Reader<'_>,
    customer: i64,
    meter: i64,
    to: Timestamp,
    period_end: i64,
    price: &str,
) -> Result<Timestamp> {
    let mut end = to;
    let mut cache = SpanCache::default();
    while end.0 < period_end {
        let (next, _) = cache.derive(r, CustomerRow(customer), MeterRow(meter), end)?;
        if next.treatment.price() != Some(price) || next.period.end.0 != period_end || next.to <= end {
            break;
        }
        end = next.to;
    }
    Ok(end)
}

/// Until when usage can arrive that a price bills in a span of this end.
pub(in crate::store) fn deadline(
    r: &Reader<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    span_to: Timestamp,
    period_end: Timestamp,
    price: &str,
    grace_s: i64,
) -> Result<Timestamp> {
    let end = billed_until(r, customer.0, meter.0, span_to, period_end.0, price)?;
    Ok(Timestamp(must_arrive_by(r, customer.0, end, period_end.0, grace_s)?))
}

/// Covering deliveries of the pair that reach beyond `since`, in order of their windows.
fn earlier_of(r: &Reader<'_>, pair: &Pair, since: Timestamp) -> Result<Vec<Earlier>> {
    let sql = format!(
        "SELECT from_at, to_at, after_seq, upto_seq FROM delivery WHERE customer = ?1 AND meter = ?2
         AND from_at > ?3 AND to_at > ?4 AND state IN {COVERS} ORDER BY from_at"
    );
    let mut find = r.conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![pair.customer, pair.meter, since.0 - DAY_S, since.0], |row| {
        let window = Stretch { from: Timestamp(row.get(0)?), to: Timestamp(row.get(1)?) };
        Ok(Earlier { window, after_seq: row.get(2)?, upto_seq: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those that touch the UTC day of some hours. No window is longer than a day.
fn near_day(earlier: &[Earlier], day: &[Hour]) -> Vec<Earlier> {
    let Some(first) = day.first() else { return Vec::new() };
    let from = Timestamp(first.hour.div_euclid(24) * DAY_S);
    let to = from.plus(DAY_S);
    let begin = earlier.partition_point(|it| it.window.from <= from.plus(-DAY_S));
    let end = earlier.partition_point(|it| it.window.from < to);
    earlier.get(begin..end).unwrap_or_default().iter().filter(|it| it.window.to > from).copied().collect()
}

/// What each hour holds that has something at or after `since`, from its events.
fn hours_of(r: &Reader<'_>, pair: &Pair, span: &Billable, since: Timestamp) -> Result<Vec<Hour>> {
    let mut find = r.conn.prepare_cached(
        "SELECT at / 3600000000 AS hour, MAX(seq), MAX(at), COUNT(*), SUM(quantity) FROM usage_of_pair
         WHERE customer = ?1 AND meter = ?2 AND block_to >= ?3 AND block_from < ?4 AND at >= ?3 AND at < ?4
         GROUP BY hour ORDER BY hour",
    )?;
    let (from, to) = (span.stretch.from.max(since).micros(), span.stretch.to.micros());
    let rows = find.query_map(params![pair.customer, pair.meter, from.0, to.0], |row| {
        let item = Item { seq: row.get(1)?, at: Micros(row.get(2)?), events: row.get(3)?, sum: row.get(4)? };
        Ok(Hour { hour: row.get(0)?, item })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The items of a day: whole hours where no delivery has anything of them yet, else their events.
fn items_of(
    r: &Reader<'_>,
    pair: &Pair,
    span: &Billable,
    day: &[Hour],
    near: &[Earlier],
) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    // Rollups are taken whole only where one value holds the day: a cut between two of them would go through their events,
    // whose sequence numbers interleave.
    let one_value = day
        .iter()
        .try_fold(0_i64, |sum, it| sum.checked_add(it.item.sum.abs()))
        .is_some_and(|it| it <= VALUE_MAX);
    let whole_windows = one_value && matches!(pair.window, Window::Hour | Window::Day);
    for rollup in day {
        let start = Timestamp(rollup.hour * HOUR_S);
        let (from, to) = (start.max(span.stretch.from), start.plus(HOUR_S).min(span.stretch.to));
        let mut touching = near.iter().filter(|it| it.window.from < to && from < it.window.to).peekable();
        if touching.peek().is_none() && whole_windows {
            items.push(rollup.item);
            continue;
        }
        let all_covered = touching.any(|it| {
            it.window.from <= from
                && to <= it.window.to
                && it.after_seq == 0
                && rollup.item.seq <= it.upto_seq
        });
        if !all_covered {
            events_of(r, pair, from, to, &mut items)?;
        }
    }
    Ok(items)
}

fn events_of(
    r: &Reader<'_>,
    pair: &Pair,
    from: Timestamp,
    to: Timestamp,
    items: &mut Vec<Item>,
) -> Result<()> {
    let mut find = r.conn.prepare_cached(
        "SELECT seq, at, quantity FROM usage_of_pair WHERE customer = ?1 AND meter = ?2
         AND block_to >= ?3 AND block_from < ?4 AND at >= ?3 AND at < ?4 ORDER BY at, seq",
    )?;
    let mut rows = find.query(params![pair.customer, pair.meter, from.micros().0, to.micros().0])?;
    while let Some(row) = rows.next()? {
        items.push(Item { seq: row.get(0)?, at: Micros(row.get(1)?), events: 1, sum: row.get(2)? });
    }
    Ok(())
}

fn openings_of(r: &Reader<'_>, customer: i64, meter: i64, window: Stretch) -> Result<Vec<Opening>> {
    let mut find = r.conn.prepare_cached(
        "SELECT hour, amount - used FROM opening WHERE customer = ?1 AND meter = ?2
         AND hour >= ?3 AND hour <= ?4 AND used < amount ORDER BY hour",
    )?;
    let (from, last) = (window.from.0.div_euclid(HOUR_S), (window.to.0 - 1).div_euclid(HOUR_S));
    let rows = find.query_map(params![customer, meter, from, last], |row| {
        Ok(Opening { hour: row.get(0)?, left: row.get(1)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What reconcile sees of a pair's uncovered usage: nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// The meter's key.
    pub meter_key: String,
    /// Start of its billing period.
    pub period_start: Timestamp,
    /// End of its billing period.
    pub period_end: Timestamp,
    /// Where.
    pub window: Stretch,
    /// How many events.
    pub events: i64,
    /// Their sum.
    pub sum: i64,
    /// The newest event's time: what Stripe would be told.
    pub timestamp: Timestamp,
    /// After this it would not be billed.
    pub must_arrive_by: Timestamp,
}

impl Reader<'_> {
    /// Billable usage that no delivery covers, window by window, with its deadlines by a grace of so many seconds. Also
    /// sees events past the watermark.
    pub fn usage_uncovered(
        &self,
        customer: Option<CustomerRow>,
        meter: Option<MeterRow>,
        grace_s: i64,
        now: Timestamp,
    ) -> Result<Vec<Uncovered>> {
        let ask = FormAsk { customer, meter, which: Which::All, grace_s, deliveries_max: usize::MAX };
        let mut left: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        let mut find = self.conn.prepare(LEFT)?;
        let mut rows = find.query([])?;
        while let Some(row) = rows.next()? {
            left.insert((row.get(0)?, row.get(1)?), row.get(2)?);
        }
        for (pair, from) in events_since_watermark(self)?.0 {
            let known = left.entry(pair).or_insert(from);
            *known = from.min(*known);
        }
        let mut all = Vec::new();
        for ((customer, meter), left_from) in left {
            let asked =
                ask.customer.is_none_or(|it| it.0 == customer) && ask.meter.is_none_or(|it| it.0 == meter);
            let Some(pair) = (if asked { pair_get(self, customer, meter, left_from)? } else { None }) else {
                continue;
            };
            let (formed, _) = pair_plan(self, &pair, &ask, now)?;
            all.extend(formed.into_iter().map(|(span, it)| Uncovered {
                customer: CustomerRow(pair.customer),
                meter: MeterRow(pair.meter),
                meter_key: pair.key.clone(),
                period_start: Timestamp(span.period_start),
                period_end: Timestamp(span.period_end),
                window: it.window,
                events: it.events,
                sum: it.sum,
                timestamp: it.timestamp,
                must_arrive_by: Timestamp(span.must_arrive_by),
            }));
        }
        Ok(all)
    }
}
