//! Usage summed up by customer, meter, action, user and a stretch of time, split into what was included and what was not.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::billing::catalog::{Beyond, UsageTerms};
use crate::billing::id::MeterKey;
use crate::billing::span::Span;
use crate::billing::split::{Parts, parts};
use crate::billing::time::{DAY_S, HOUR_S, Timestamp};
use crate::error::{Error, Kind};
use crate::store::span::SpanCache;
use crate::store::usage_export::UsageRange;
use crate::store::usage_group::{PairEvent, WordList};
use crate::store::{CustomerRow, MeterRow, Reader};

/// What usage can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Customer,
    Meter,
    Action,
    User,
    Hour,
    Day,
    Month,
}

impl Key {
    const ALL: [Key; 7] =
        [Key::Customer, Key::Meter, Key::Action, Key::User, Key::Hour, Key::Day, Key::Month];

    fn as_str(self) -> &'static str {
        match self {
            Key::Customer => "customer",
            Key::Meter => "meter",
            Key::Action => "action",
            Key::User => "user",
            Key::Hour => "hour",
            Key::Day => "day",
            Key::Month => "month",
        }
    }

    fn is_time(self) -> bool {
        matches!(self, Key::Hour | Key::Day | Key::Month)
    }
}

/// The keys of groups, in the order of their columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping(Vec<Key>);

impl Grouping {
    /// Reads `customer,meter,day`.
    pub fn parse(text: &str) -> Result<Grouping, Error> {
        let wrong = |text: String| {
            let all = Key::ALL.map(Key::as_str).join(", ");
            Error::new(Kind::Usage, "group_by", text)
                .hint(format!("give some of {all}, with commas between them; of the last three, one"))
        };
        let mut keys: Vec<Key> = Vec::new();
        for word in text.split(',').map(str::trim) {
            let key = Key::ALL.into_iter().find(|key| key.as_str() == word);
            let key = key.ok_or_else(|| wrong(format!("usage has no `{}`", word.escape_debug())))?;
            if keys.contains(&key) || (key.is_time() && keys.iter().any(|key| key.is_time())) {
                return Err(wrong(format!("`{word}` is one too many in --group-by {}", text.escape_debug())));
            }
            keys.push(key);
        }
        Ok(Grouping(keys))
    }

    /// The columns of the keys.
    pub fn columns(&self) -> Vec<&'static str> {
        self.0.iter().map(|key| key.as_str()).collect()
    }
}

/// Sums of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Events.
    pub events: i64,
    /// Units: included, overage and uncounted together.
    pub quantity: i64,
    /// Units within what the tier included when they were used.
    pub included: i64,
    /// Units beyond.
    pub overage: i64,
    /// Units that no allowance counts.
    pub uncounted: i64,
    /// Credits that the units beyond cost.
    pub credits: i64,
}

/// A group with its sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The words of the keys; no word where the usage has none.
    pub keys: Vec<Option<String>>,
    /// Its sums.
    pub sums: Sums,
}

/// The numbers of the keys, 0 where a key is not asked for or the usage has none.
type Place = [i64; 4];
const TIME: usize = 3;

/// Sums up usage. Groups come in the order of their keys, usage without a word first.
pub fn usage_grouped(r: &Reader<'_>, range: &UsageRange, grouping: &Grouping) -> Result<Vec<Group>, Error> {
    let mut groups: HashMap<(i64, Place), Sums> = HashMap::new();
    let mut spans = SpanCache::default();
    for (customer, meter) in r.usage_pairs(range)? {
        let key = r.meter_key(meter)?;
        let mut pair =
            Pair { r, customer, meter, key, spans: &mut spans, span: None, counted: HashMap::new() };
        let from = range.from.map(Timestamp::micros);
        r.usage_pair_each(customer, meter, range.to, |event| {
            // What came before counts against the allowance too.
            let parts = pair.parts(&event)?;
            if from.is_some_and(|from| event.at < from) {
                return Ok(());
            }
            let (row, place) = place(grouping, customer, meter, &event);
            add(groups.entry((row, place)).or_default(), event.quantity, parts)
        })?;
    }
    let mut named = Vec::with_capacity(groups.len());
    let mut words = HashMap::new();
    for ((row, place), sums) in groups {
        named.push(Group { keys: names(r, grouping, row, place, &mut words)?, sums });
    }
    named.sort_by(|one, other| one.keys.cmp(&other.keys));
    Ok(named)
}

fn add(sums: &mut Sums, quantity: i64, parts: Parts) -> Result<(), Error> {
    let add = |sum: &mut i64, value: i64| {
        *sum = sum.checked_add(value).ok_or_else(too_large)?;
        Ok::<(), Error>(())
    };
    add(&mut sums.events, 1)?;
    add(&mut sums.quantity, quantity)?;
    add(&mut sums.included, parts.included)?;
    add(&mut sums.overage, parts.overage)?;
    add(&mut sums.uncounted, parts.uncounted)?;
    add(&mut sums.credits, parts.credits)
}

fn too_large() -> Error {
    Error::new(Kind::Refused, "too_large", "a sum of usage leaves 64 bits").hint("take fewer events together")
}

/// The events of one pair as they come.
struct Pair<'a, 'r> {
    r: &'a Reader<'r>,
    customer: CustomerRow,
    meter: MeterRow,
    key: MeterKey,
    spans: &'a mut SpanCache,
    /// Where the last event lay.
    span: Option<(Span, Option<UsageTerms>)>,
    /// What was counted so far, by the price or none and the start of the period.
    counted: HashMap<(Option<String>, Timestamp), i64>,
}

impl Pair<'_, '_> {
    fn parts(&mut self, event: &PairEvent) -> Result<Parts, Error> {
        let second = event.at.second();
        let span = self.span.take().filter(|(span, _)| span.from <= second && second < span.to);
        let (span, terms) = match span {
            Some(span) => span,
            None => {
                let (span, terms) = self.spans.derive(self.r, self.customer, self.meter, second)?;
                let terms = terms.and_then(|terms| terms.usage.get(&self.key).cloned());
                (span, terms)
            }
        };
        // A price is rated by Stripe only where it bills; what a tier would bill and cannot is not counted.
        let billed = span.treatment.price();
        let counts = match &terms {
            Some(UsageTerms::Counted { beyond: Beyond::Bill(_), .. }) => billed.is_some(),
            other => other.is_some(),
        };
        let start = if billed.is_some() { span.period.start } else { span.allowance.start };
        let counted = self.counted.entry((billed.map(str::to_owned), start)).or_default();
        let parts =
            parts(terms.as_ref().filter(|_| counts), *counted, event.quantity).ok_or_else(too_large)?;
        *counted = counted.saturating_add(parts.included + parts.overage);
        self.span = Some((span, terms));
        Ok(parts)
    }
}

/// The customer's number, and the others.
fn place(grouping: &Grouping, customer: CustomerRow, meter: MeterRow, event: &PairEvent) -> (i64, Place) {
    let mut row = 0;
    let mut place = [0; 4];
    for key in &grouping.0 {
        match key {
            Key::Customer => row = customer.0,
            Key::Meter => place[0] = meter.0,
            Key::Action => place[1] = event.action,
            Key::User => place[2] = event.user,
            Key::Hour => place[TIME] = event.at.second().floor(HOUR_S).0,
            Key::Day => place[TIME] = event.at.second().floor(DAY_S).0,
            Key::Month => {
                let civil = event.at.second().civil();
                place[TIME] = civil.map_or(0, |at| i64::from(at.year()) * 12 + i64::from(at.month()) - 1);
            }
        }
    }
    (row, place)
}

fn names(
    r: &Reader<'_>,
    grouping: &Grouping,
    row: i64,
    place: Place,
    words: &mut HashMap<(u8, i64), String>,
) -> Result<Vec<Option<String>>, Error> {
    let mut word = |list: WordList, number: i64| -> Result<Option<String>, Error> {
        if number == 0 {
            return Ok(None);
        }
        match words.entry((list as u8, number)) {
            Entry::Occupied(known) => Ok(Some(known.get().clone())),
            Entry::Vacant(new) => Ok(Some(new.insert(r.word(list, number)?).clone())),
        }
    };
    let mut keys = Vec::with_capacity(grouping.0.len());
    for key in &grouping.0 {
        keys.push(match key {
            Key::Customer => word(WordList::Customer, row)?,
            Key::Meter => word(WordList::Meter, place[0])?,
            Key::Action => word(WordList::Action, place[1])?,
            Key::User => word(WordList::User, place[2])?,
            Key::Hour => Some(Timestamp(place[TIME]).to_string()),
            Key::Day => Some(Timestamp(place[TIME]).to_string().chars().take(10).collect()),
            Key::Month => {
                Some(format!("{:04}-{:02}", place[TIME].div_euclid(12), place[TIME].rem_euclid(12) + 1))
            }
        });
    }
    Ok(keys)
}
