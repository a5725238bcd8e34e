//! Data for the jobs: usage events from a seed, so that two machines measure the same work.
//!
//! Ids are random (UUID v4, the worst case for a unique index), customers are drawn by Zipf's law (few make most of the
//! usage), meters evenly, instants rise.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::billing::time::Timestamp;

/// Meters of the catalog.
pub(super) const METERS: [&str; 5] = ["calls", "tokens", "images", "seconds", "pages"];
const ACTIONS: [&str; 4] = ["chat", "search", "upload", "report"];
/// Units of one event at most.
const QUANTITY_MAX: u64 = 100;

/// What is sold in the catalog of the bench: every meter is billed, so that every event has to be.
pub(super) fn catalog() -> String {
    let mut text = "schema = 1\nnamespace = \"bench\"\ncurrency = \"usd\"\n".to_owned();
    for meter in METERS {
        text.push_str(&format!(
            "\n[meters.{meter}]\nname = \"{meter}\"\nevent = \"bench_{meter}\"\nunit = \"unit\"\nwindow = \"day\"\n"
        ));
    }
    text.push_str("\n[tiers.metered]\nname = \"Metered\"\nrank = 1\n");
    for meter in METERS {
        text.push_str(&format!("usage.{meter} = {{ price = \"0.001\" }}\n"));
    }
    text
}

/// Own id of a customer, counted from 0.
pub(super) fn customer(number: usize) -> String {
    format!("customer-{number:09}")
}

/// The file for `customer import`.
pub(super) fn customers_csv(count: usize) -> String {
    let rows = (0..count).map(|it| format!("{0},{0}@bench.example\n", customer(it)));
    std::iter::once("id,email\n".to_owned()).chain(rows).collect()
}

/// Which events are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) count: u64,
    pub(super) customers: usize,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Ndjson,
}

impl Form {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Ndjson => "ndjson",
        }
    }
}

struct Event {
    id: u128,
    customer: usize,
    meter: &'static str,
    quantity: u64,
    at: i64,
    action: &'static str,
}

struct Events {
    plan: Plan,
    random: fastrand::Rng,
    /// Weights of the customers so far, added up.
    weights: Vec<u64>,
    made: u64,
}

impl Events {
    fn new(plan: Plan) -> Events {
        let mut sum = 0;
        let weights = (1..=plan.customers as u64).map(|rank| {
            sum += 1_000_000_000 / rank;
            sum
        });
        Events { plan, random: fastrand::Rng::with_seed(plan.seed), weights: weights.collect(), made: 0 }
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.made == self.plan.count {
            return None;
        }
        let random = &mut self.random;
        // Version and variant of a UUID v4 (RFC 9562).
        let id = random.u128(..) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let drawn = random.u64(..self.weights.last().copied().unwrap_or(1));
        let customer = self.weights.partition_point(|sum| *sum <= drawn);
        let span_s = u128::from(self.plan.to.since(self.plan.from).unsigned_abs());
        let passed = span_s * u128::from(self.made) / u128::from(self.plan.count);
        self.made += 1;
        Some(Event {
            id,
            customer,
            meter: random.choice(METERS).unwrap_or(METERS[0]),
            quantity: random.u64(1..=QUANTITY_MAX),
            at: self.plan.from.plus(i64::try_from(passed).unwrap_or(0)).0,
            action: random.choice(ACTIONS).unwrap_or(ACTIONS[0]),
        })
    }
}

impl Event {
    fn write(&self, form: Form, out: &mut impl Write) -> io::Result<()> {
        let Event { id, customer: number, meter, quantity, at, action } = self;
        let id = format!("{id:032x}");
        let parts = (id.get(..8), id.get(8..12), id.get(12..16), id.get(16..20), id.get(20..));
        let (Some(a), Some(b), Some(c), Some(d), Some(e)) = parts else { return Ok(()) };
        match form {
            Form::Csv => {
                writeln!(out, "{a}-{b}-{c}-{d}-{e},customer-{number:09},{meter},{quantity},{at},{action}")
            }
            Form::Ndjson => writeln!(
                out,
                "{{\"id\":\"{a}-{b}-{c}-{d}-{e}\",\"customer\":\"customer-{number:09}\",\"meter\":\"{meter}\",\
                 \"quantity\":{quantity},\"at\":{at},\"action\":\"{action}\"}}"
            ),
        }
    }
}

/// Writes the events to a file.
pub(super) fn write(plan: Plan, form: Form, path: &Path) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    if form == Form::Csv {
        writeln!(out, "id,customer,meter,quantity,time,action")?;
    }
    Events::new(plan).try_for_each(|event| event.write(form, &mut out))?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn plan(count: u64) -> Plan {
        Plan { seed: 7, count, customers: 100, from: Timestamp(1_000), to: Timestamp(2_000) }
    }

    fn text(plan: Plan, form: Form) -> String {
        let mut out = Vec::new();
        Events::new(plan).try_for_each(|event| event.write(form, &mut out)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_same_seed_makes_the_same_events_in_both_forms() {
        let csv = text(plan(50), Form::Csv);
        assert_eq!(csv, text(plan(50), Form::Csv));
        for (line, json) in csv.lines().zip(text(plan(50), Form::Ndjson).lines()) {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields[0], json["id"].as_str().unwrap());
            assert_eq!(fields[0].as_bytes()[14], b'4', "a UUID v4");
            assert_eq!(fields[3], json["quantity"].to_string());
            assert_eq!(fields[4], json["at"].to_string());
        }
        assert_ne!(csv, text(Plan { seed: 8, ..plan(50) }, Form::Csv));
    }

    #[test]
    fn few_customers_make_most_of_the_usage_and_time_rises() {
        let mut of: BTreeMap<usize, u64> = BTreeMap::new();
        let mut last = 0;
        for event in Events::new(plan(20_000)) {
            *of.entry(event.customer).or_default() += 1;
            assert!((1_000..2_000).contains(&event.at) && event.at >= last);
            last = event.at;
        }
        // Zipf over 100: the first has 1 / (1 + 1/2 + … + 1/100) = 1 / 5.187 = 19.3 % of all, the second half of that.
        assert!((3_600..4_100).contains(&of[&0]), "{}", of[&0]);
        assert!((1_750..2_100).contains(&of[&1]), "{}", of[&1]);
    }
}
