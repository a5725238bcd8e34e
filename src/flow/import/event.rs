//! From a row of text to usage events: names looked up, numbers and times read exactly, ids derived.

use std::collections::{HashMap, HashSet};

use super::mapping::Places;
use super::rows::Fields;
use crate::billing::id::MeterKey;
use crate::billing::time::{Micros, Timestamp};
use crate::billing::usage::{Content, EventId, check_label, check_time, parse_quantity};
use crate::flow::instant::{Zone, parse_instant};
use crate::flow::names::{customer_problem, meter_problem, shown};
use crate::store::usage::Names;
use crate::store::{CustomerRow, MeterRow};

/// An event of a row.
#[derive(Debug, Clone)]
pub struct RowEvent<'a> {
    /// Its id.
    pub id: EventId,
    /// The caller's text, where the id is only its hash.
    pub name: Option<&'a str>,
    /// Whether the id is the caller's, so that other content may already have it.
    pub id_given: bool,
    /// Whose.
    pub customer: CustomerRow,
    /// Own id of the customer.
    pub customer_id: &'a str,
    /// Of what.
    pub meter: MeterRow,
    /// Key of the meter.
    pub meter_key: &'a str,
    /// What it says.
    pub content: Content<'a>,
}

/// Reads rows as events.
pub struct Reading<'a> {
    /// Where things are.
    pub places: &'a Places,
    /// Customers and meters.
    pub names: &'a Names,
    /// Zone of times without one.
    pub zone: &'a Zone,
    /// What derived ids name as their source; `None` where every row must bring its id.
    pub source: Option<&'a str>,
    /// The instant of the import.
    pub now: Timestamp,
    seen: Seen,
    unknown_customers: Unknown,
    unknown_meters: Unknown,
}

/// Which derived ids there were already, by a fingerprint. Two rows with one fingerprint only get another number.
#[derive(Debug, Default)]
struct Seen {
    once: HashSet<u64>,
    again: HashMap<u64, u64>,
}

impl Seen {
    /// How many equal rows came before this one.
    fn count(&mut self, id: EventId) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = id.0;
        let fingerprint = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        if self.once.insert(fingerprint) {
            return 0;
        }
        let again = self.again.entry(fingerprint).or_insert(0);
        *again += 1;
        *again
    }
}

/// Names that nobody has. To look for the nearest right spelling takes as long as the rest of a row a hundred times
/// over, so each name is looked for once, and with very many of them no more is.
#[derive(Debug, Default)]
struct Unknown(HashMap<String, String>);

impl Unknown {
    const LOOKED_FOR_MAX: usize = 256;

    fn reason(&mut self, what: &str, name: &str, look: impl FnOnce(&str) -> String) -> String {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        if self.0.len() >= Unknown::LOOKED_FOR_MAX {
            return format!("there is no {what} `{}`", shown(name));
        }
        let reason = look(name);
        self.0.insert(name.to_owned(), reason.clone());
        reason
    }
}

impl<'a> Reading<'a> {
    /// Begins a reading of a whole input.
    pub fn new(
        places: &'a Places,
        names: &'a Names,
        zone: &'a Zone,
        source: Option<&'a str>,
        now: Timestamp,
    ) -> Reading<'a> {
        let (unknown_customers, unknown_meters) = (Unknown::default(), Unknown::default());
        let seen = Seen::default();
        Reading { places, names, zone, source, now, seen, unknown_customers, unknown_meters }
    }

    /// The events of a row: all of them, or the reason why there are none. A row of several meters has none of a meter
    /// whose quantity is empty or zero.
    pub fn events<'r>(&mut self, fields: &'r Fields, into: &mut Vec<RowEvent<'r>>) -> Result<(), String>
    where
        'a: 'r,
    {
        into.clear();
        let places = self.places;
        let missing = |what: &str| format!("{what} is missing");
        let time = fields.get(places.time).ok_or_else(|| missing("the time"))?;
        let at = parse_instant(time, self.zone).map_err(|error| error.to_string())?;
        let at: Micros = check_time(at, self.now).map_err(|error| error.to_string())?;
        let customer_id: &'r str = match &places.customer {
            Ok(customer) => customer.as_str(),
            Err(place) => fields.get(*place).ok_or_else(|| missing("the customer"))?,
        };
        let Some(&customer) = self.names.customers.get(customer_id) else {
            return Err(self
                .unknown_customers
                .reason("customer", customer_id, |id| customer_problem(self.names, id)));
        };
        let label = |place: Option<usize>, what: &'static str| match place.and_then(|place| fields.get(place))
        {
            Some(text) => check_label(text, what).map(Some).map_err(|error| error.to_string()),
            None => Ok(None),
        };
        let (action, user) = (label(places.action, "action")?, label(places.user, "user")?);
        let given = places.id.and_then(|place| fields.get(place));
        let several = places.quantities.len() > 1;
        for (meter, place) in &places.quantities {
            let quantity = fields.get(*place);
            if several && quantity.is_none_or(is_zero) {
                continue;
            }
            let quantity = quantity.ok_or_else(|| missing("the quantity"))?;
            let quantity = parse_quantity(quantity).map_err(|error| error.to_string())?;
            let meter_key: &'r str = match meter {
                Some(key) => MeterKey::as_str(key),
                None => {
                    let place = places.meter.unwrap_or(usize::MAX);
                    fields.get(place).ok_or_else(|| missing("the meter"))?
                }
            };
            let Some(&meter) = self.names.meters.get(meter_key) else {
                return Err(self
                    .unknown_meters
                    .reason("meter", meter_key, |key| meter_problem(self.names, key)));
            };
            let content = Content { quantity, at, action, user };
            let (id, name) = match given {
                Some(text) => {
                    let (id, is_name) = EventId::of_caller(text).map_err(|error| error.to_string())?;
                    (id, is_name.then_some(text))
                }
                None if self.source.is_none() => return Err(missing("the id")),
                None => (EventId([0; 16]), None),
            };
            let id_given = given.is_some();
            into.push(RowEvent { id, name, id_given, customer, customer_id, meter, meter_key, content });
        }
        self.derive_ids(into);
        Ok(())
    }

    /// Only once the whole row is good: a row that is refused must not count as one that came before.
    fn derive_ids(&mut self, events: &mut [RowEvent<'_>]) {
        let Some(source) = self.source else { return };
        for it in events.iter_mut().filter(|it| !it.id_given) {
            let derive = |n| EventId::derived(source, it.customer_id, it.meter_key, &it.content, n);
            let first = derive(0);
            it.id = match self.seen.count(first) {
                0 => first,
                n => derive(n),
            };
        }
    }
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'.')) && text.starts_with('0')
}
