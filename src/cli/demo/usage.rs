//! Usage for the demo: the same rows on every machine.

use std::fmt::Write as _;

use crate::billing::time::{HOUR_S, Timestamp};

/// Hours of usage, each of a length of one hour.
pub(super) struct Stretch {
    /// Start of the first hour.
    first: &'static str,
    /// Days on which the hours repeat.
    days: i64,
    /// Hours a day.
    hours: i64,
}

/// Three days in the first period.
pub(super) const MARCH: Stretch = Stretch { first: "2026-03-02T10:00:00Z", days: 3, hours: 3 };
/// An afternoon in the second.
pub(super) const APRIL: Stretch = Stretch { first: "2026-04-02T12:00:00Z", days: 1, hours: 2 };

/// Who uses what: customer, meter, requests an hour, typical units of a request.
const HABITS: &[(&str, &str, i64, u64)] = &[
    ("acme", "fast", 60, 300),
    ("acme", "high_quality", 20, 150),
    ("bolt", "fast", 60, 1_200),
    ("cato", "fast", 20, 30),
];

/// The rows as CSV, in order of time.
pub(super) fn csv(stretch: Stretch) -> String {
    let mut text = "id,time,customer,meter,quantity\n".to_owned();
    let first = Timestamp::parse(stretch.first).unwrap_or(Timestamp(0));
    for day in 0..stretch.days {
        for hour in 0..stretch.hours {
            hour_of(&mut text, first.plus(day * 24 * HOUR_S + hour * HOUR_S));
        }
    }
    text
}

fn hour_of(text: &mut String, start: Timestamp) {
    for (customer, meter, requests, typical) in HABITS {
        for request in 0..*requests {
            let at = start.plus(request * HOUR_S / requests);
            let quantity = typical / 2 + scatter(at.0 + request, customer) % typical;
            // Writing to a String cannot fail.
            let _ =
                writeln!(text, "{customer}-{meter}-{}-{request},{at},{customer},{meter},{quantity}", start.0);
        }
    }
}

/// A number that looks random and is the same everywhere.
fn scatter(at: i64, name: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in at.to_le_bytes().into_iter().chain(name.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash >> 17
}
