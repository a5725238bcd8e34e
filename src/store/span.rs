//! Spans: derived from `tier_assignment`, made when the first event needs them, made again when history changes.

use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{OptionalExtension, params};

use super::checks::Check;
use super::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};
use crate::billing::catalog::{Beyond, Terms, UsageTerms};
use crate::billing::id::{MeterKey, Revision, TierKey};
use crate::billing::price::usage_key;
use crate::billing::span::{Exempt, Span, Stretch, Treatment, span_at, treatment};
use crate::billing::time::{LATEST, Timestamp};

/// The number of a row of `span`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanRow(pub i64);

/// A span as stored, with the terms that it was derived from.
#[derive(Debug, Clone)]
pub struct StoredSpan {
    /// Its number.
    pub row: SpanRow,
    /// What it is.
    pub span: Span,
    /// What its tier says of the meter; `None` without a tier, or where the tier does not have it.
    pub usage: Option<UsageTerms>,
}

impl StoredSpan {
    /// Whether the tier counts usage against an allowance that ends in a refusal or in credits.
    pub fn is_limited(&self) -> bool {
        self.usage.as_ref().is_some_and(is_limited)
    }
}

/// Whether terms count usage against an allowance that ends in a refusal or in credits.
pub(super) fn is_limited(terms: &UsageTerms) -> bool {
    matches!(terms, UsageTerms::Counted { beyond: Beyond::Block | Beyond::Credits { .. }, .. })
}

/// Most pairs whose spans and histories are kept in memory.
const PAIRS_KEPT_MAX: usize = 200_000;

/// What was read of spans and histories, kept from one transaction to the next for as long as nobody else writes.
#[derive(Debug, Default)]
pub struct SpanCache {
    version: Option<i64>,
    terms: HashMap<Revision, Rc<Terms>>,
    histories: HashMap<CustomerRow, Rc<Vec<Assigned>>>,
    meters: HashMap<MeterRow, Rc<(MeterKey, bool)>>,
    spans: HashMap<(CustomerRow, MeterRow), Vec<Rc<StoredSpan>>>,
}

/// What a customer is on at an instant.
#[derive(Debug, Clone)]
pub struct OnTier {
    /// The pinned terms.
    pub terms: Rc<Terms>,
    /// Their revision.
    pub revision: Revision,
    /// The subscription behind them.
    pub sub: Option<String>,
}

/// One row of `tier_assignment` with its terms.
#[derive(Debug)]
struct Assigned {
    assignment: i64,
    from: Timestamp,
    to: Option<Timestamp>,
    anchor: Timestamp,
    revision: Revision,
    sub: Option<String>,
    terms: Rc<Terms>,
}

impl SpanCache {
    /// Forgets everything that another connection may have changed since it was read.
    pub fn refresh(&mut self, r: &Reader<'_>) -> Result<()> {
        let mut ask = r.conn.prepare_cached("PRAGMA data_version")?;
        let version: i64 = ask.query_row([], |row| row.get(0))?;
        if self.version != Some(version) || self.spans.len() > PAIRS_KEPT_MAX {
            self.forget_history();
            self.version = Some(version);
        }
        Ok(())
    }

    /// Forgets what follows from history; terms never change.
    fn forget_history(&mut self) {
        self.histories.clear();
        self.meters.clear();
        self.spans.clear();
    }

    /// The span of a pair at an instant, made now if it is not there yet.
    pub fn find_or_make(
        &mut self,
        w: &Writer<'_>,
        customer: CustomerRow,
        meter: MeterRow,
        at: Timestamp,
    ) -> Result<Rc<StoredSpan>> {
        if let Some(found) = self.kept(customer, meter, at) {
            return Ok(found);
        }
        let (span, terms) = self.derive(&w.reader(), customer, meter, at)?;
        let row = span_put(w, customer, meter, &span)?;
        let known = self.meter(&w.reader(), meter)?;
        let usage = terms.and_then(|terms| terms.usage.get(&known.0).cloned());
        let stored = Rc::new(StoredSpan { row, span, usage });
        self.spans.entry((customer, meter)).or_default().push(Rc::clone(&stored));
        Ok(stored)
    }

    /// The span that holds an instant by the rules, whether or not it is stored, and the terms of its tier.
    pub fn derive(
        &mut self,
        r: &Reader<'_>,
        customer: CustomerRow,
        meter: MeterRow,
        at: Timestamp,
    ) -> Result<(Span, Option<Rc<Terms>>)> {
        let history = self.history(r, customer)?;
        let known = self.meter(r, meter)?;
        let (key, priced) = (&known.0, known.1);
        let mut prices = r.conn.prepare_cached(
            "SELECT price FROM revision_price WHERE tier = ?1 AND digest = ?2 AND role = ?3",
        )?;
        let mut stretches = Vec::with_capacity(history.len());
        for it in history.iter() {
            let (tier, digest) = (it.revision.tier.as_str(), &it.revision.digest);
            let price: Option<String> =
                prices.query_row(params![tier, digest, usage_key(key)], |row| row.get(0)).optional()?;
            stretches.push(Stretch {
                assignment: it.assignment,
                from: it.from,
                to: it.to,
                anchor: it.anchor,
                revision: it.revision.clone(),
                sub: it.sub.clone(),
                treatment: treatment(&it.terms, key, price.as_deref(), it.sub.is_some(), priced),
            });
        }
        let span = span_at(&stretches, at)
            .ok_or_else(|| StoreError::Broken(format!("no billing period holds {at} for meter {key}")))?;
        let terms =
            history.iter().find(|it| Some(it.assignment) == span.assignment).map(|it| Rc::clone(&it.terms));
        Ok((span, terms))
    }

    /// What a customer is on at an instant; `None` on no tier.
    pub fn terms_at(
        &mut self,
        r: &Reader<'_>,
        customer: CustomerRow,
        at: Timestamp,
    ) -> Result<Option<OnTier>> {
        let history = self.history(r, customer)?;
        let held = history.iter().find(|it| it.from <= at && it.to.is_none_or(|to| at < to));
        Ok(held.map(|it| OnTier {
            terms: Rc::clone(&it.terms),
            revision: it.revision.clone(),
            sub: it.sub.clone(),
        }))
    }

    fn kept(&self, customer: CustomerRow, meter: MeterRow, at: Timestamp) -> Option<Rc<StoredSpan>> {
        // Newest first: usage comes mostly in order.
        let spans = self.spans.get(&(customer, meter))?;
        spans.iter().rev().find(|it| it.span.holds(at)).map(Rc::clone)
    }

    fn meter(&mut self, r: &Reader<'_>, meter: MeterRow) -> Result<Rc<(MeterKey, bool)>> {
        if let Some(known) = self.meters.get(&meter) {
            return Ok(Rc::clone(known));
        }
        let (key, priced): (String, bool) = r
            .conn
            .prepare_cached("SELECT key, priced FROM meter WHERE meter = ?1")?
            .query_row([meter.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let key = MeterKey::parse(&key).map_err(|bad| StoreError::Broken(bad.to_string()))?;
        let known = Rc::new((key, priced));
        self.meters.insert(meter, Rc::clone(&known));
        Ok(known)
    }

    fn history(&mut self, r: &Reader<'_>, customer: CustomerRow) -> Result<Rc<Vec<Assigned>>> {
        if let Some(known) = self.histories.get(&customer) {
            return Ok(Rc::clone(known));
        }
        let mut rows = r.conn.prepare_cached(
            "SELECT a.assignment, a.from_at, a.to_at, a.anchor_at, a.tier, a.digest, a.sub, v.terms \
             FROM tier_assignment a JOIN revision v USING (tier, digest) WHERE a.customer = ?1 \
             ORDER BY a.from_at, a.assignment",
        )?;
        let mut rows = rows.query([customer.0])?;
        let mut history = Vec::new();
        while let Some(row) = rows.next()? {
            let tier: String = row.get(4)?;
            let tier = TierKey::parse(&tier).map_err(|bad| StoreError::Broken(bad.to_string()))?;
            let revision = Revision { tier, digest: row.get(5)? };
            let terms = self.read_terms(&revision, row.get_ref(7)?.as_str().map_err(broken)?)?;
            history.push(Assigned {
                assignment: row.get(0)?,
                from: Timestamp(row.get(1)?),
                to: row.get::<_, Option<i64>>(2)?.map(Timestamp),
                anchor: Timestamp(row.get(3)?),
                revision,
                sub: row.get(6)?,
                terms,
            });
        }
        let history = Rc::new(history);
        self.histories.insert(customer, Rc::clone(&history));
        Ok(history)
    }

    fn read_terms(&mut self, revision: &Revision, json: &str) -> Result<Rc<Terms>> {
        if let Some(known) = self.terms.get(revision) {
            return Ok(Rc::clone(known));
        }
        let (terms, _) = Terms::from_json(json).map_err(broken)?;
        let terms = Rc::new(terms);
        self.terms.insert(revision.clone(), Rc::clone(&terms));
        Ok(terms)
    }
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(error.to_string())
}

/// Stores a span as it follows from history.
pub(super) const PUT: &str = "INSERT INTO span (customer, meter, from_at, to_at, period_start, period_end, assignment, price, exempt) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// The number and the end of a stored span that starts alike.
pub(super) fn span_stored(
    r: &Reader<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    span: &Span,
) -> Result<Option<(i64, i64)>> {
    let sql = "SELECT span, to_at FROM span WHERE customer = ?1 AND meter = ?2 AND from_at = ?3";
    let mut find = r.conn.prepare_cached(sql)?;
    Ok(find
        .query_row(params![customer.0, meter.0, span.from.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Stores a span that follows from history, or finds it there. One that starts alike but ends otherwise is a bug:
/// whoever changes history rebuilds its spans in the same transaction.
fn span_put(w: &Writer<'_>, customer: CustomerRow, meter: MeterRow, span: &Span) -> Result<SpanRow> {
    if let Some((row, to)) = span_stored(&w.reader(), customer, meter, span)? {
        if to != span.to.0 {
            return Err(StoreError::Broken(format!("span {row} was not rebuilt when history changed")));
        }
        return Ok(SpanRow(row));
    }
    let mut put = w.conn.prepare_cached(PUT)?;
    let (price, exempt) = (span.treatment.price(), span.treatment.exempt().map(Exempt::as_str));
    put.execute(params![
        customer.0,
        meter.0,
        span.from.0,
        span.to.0,
        span.period.start.0,
        span.period.end.0,
        span.assignment,
        price,
        exempt
    ])?;
    Ok(SpanRow(w.conn.last_insert_rowid()))
}

/// Makes a customer's spans and rollups anew from `from` on, after rows of `tier_assignment` (or the prices of a
/// revision that it is on) changed. Call it in the transaction that changes them, with the earliest instant whose
/// terms are different now. Touches nothing that ended before it. Returns how many rollups were made.
pub fn spans_rebuild(w: &Writer<'_>, customer: CustomerRow, from: Timestamp) -> Result<usize> {
    // A span that ends exactly there may go on now: it is made again too.
    let mut touched = w.conn.prepare_cached(
        "SELECT meter, min(from_at), max(to_at) FROM span WHERE customer = ?1 AND to_at >= ?2 GROUP BY meter",
    )?;
    let touched = touched
        .query_map(params![customer.0, from.0], |row| Ok((MeterRow(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(MeterRow, i64)>>>()?;
    w.conn.execute(
        "DELETE FROM rollup WHERE span IN (SELECT span FROM span WHERE customer = ?1 AND to_at >= ?2)",
        params![customer.0, from.0],
    )?;
    w.conn.execute("DELETE FROM span WHERE customer = ?1 AND to_at >= ?2", params![customer.0, from.0])?;
    let mut cache = SpanCache::default();
    let mut made = 0;
    for (meter, since) in touched {
        made += super::rollup::rebuild(w, &mut cache, customer, meter, Timestamp(since))?;
    }
    Ok(made)
}

impl Reader<'_> {
    /// The stored spans of a customer (all of them without a meter) that overlap `[from, to)`, by meter and time.
    pub fn span_list(
        &self,
        customer: CustomerRow,
        meter: Option<MeterRow>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(MeterRow, SpanRow, Span)>> {
        let mut rows = self.conn.prepare_cached(
            "SELECT s.meter, s.span, s.from_at, s.to_at, s.period_start, s.period_end, s.assignment, s.price, \
             s.exempt, a.anchor_at FROM span s LEFT JOIN tier_assignment a USING (assignment) \
             WHERE s.customer = ?1 AND (?2 IS NULL OR s.meter = ?2) AND s.from_at < ?4 AND s.to_at > ?3 \
             ORDER BY s.meter, s.from_at",
        )?;
        let rows = rows.query_map(params![customer.0, meter.map(|it| it.0), from.0, to.0], |row| {
            Ok((MeterRow(row.get(0)?), SpanRow(row.get(1)?), span_from_row(row)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Reads `from_at` and what follows it in the column order of [`Reader::span_list`].
fn span_from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Span> {
    use crate::billing::period::Period;
    use crate::billing::span::allowance_period;
    let time = |index: usize| row.get::<_, i64>(index).map(Timestamp);
    let (from, period) = (time(2)?, Period { start: time(4)?, end: time(5)? });
    let anchor = row.get::<_, Option<i64>>(9)?.map(Timestamp);
    let exempt: Option<String> = row.get(8)?;
    let treatment = match exempt {
        Some(word) => Treatment::Exempt(Exempt::parse(&word).unwrap_or(Exempt::NoTier)),
        None => Treatment::Billed(row.get(7)?),
    };
    let allowance = anchor.and_then(|anchor| allowance_period(period.start, anchor, from)).unwrap_or(period);
    Ok(Span { from, to: time(3)?.min(LATEST), period, allowance, assignment: row.get(6)?, treatment })
}

/// What must hold for spans; each query returns a row where it does not.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I39",
        says: "the spans of a customer and meter do not overlap",
        sql: "SELECT a.span, b.span FROM span a JOIN span b ON a.customer = b.customer AND a.meter = b.meter \
         AND a.from_at < b.from_at AND b.from_at < a.to_at",
    },
    Check {
        number: "I39",
        says: "a span lies in its billing period",
        sql: "SELECT span FROM span WHERE from_at < period_start OR to_at > period_end",
    },
    Check {
        number: "I39",
        says: "a span lies in its assignment or in none",
        sql: "SELECT s.span FROM span s WHERE s.assignment IS NULL AND EXISTS (SELECT 1 FROM tier_assignment a \
         WHERE a.customer = s.customer AND a.from_at < s.to_at AND COALESCE(a.to_at, 9000000000000) > s.from_at \
         AND COALESCE(a.to_at, 9000000000000) > a.from_at) \
         UNION ALL SELECT s.span FROM span s JOIN tier_assignment a USING (assignment) WHERE s.from_at < a.from_at",
    },
];
