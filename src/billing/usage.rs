//! Usage events: what one is, when two are the same, and the ids that make recording one twice harmless.

use sha2::{Digest, Sha256};

use super::id::{BadName, OWN_ID_LENGTH_MAX, is_invisible};
use super::time::{EARLIEST, LATEST, MINUTE_S, Micros, Timestamp};

/// Most units of one event: 15 digits, as many as a meter event at Stripe may have
/// (Stripe: docs, billing/subscriptions/usage-based/recording-usage-api).
pub const QUANTITY_MAX: i64 = 999_999_999_999_999;
/// How far ahead of now an event may lie: clocks differ (Stripe takes meter events up to 5 minutes ahead).
pub const AHEAD_MAX_S: i64 = 5 * MINUTE_S;

/// Why a row is not a usage event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUsage {
    /// Not a whole number of units.
    #[error("quantity `{0}` is not a whole number of units such as 120")]
    Quantity(String),
    /// A thousand to some, one to others.
    #[error("quantity `{0}` can be read in two ways: write the units without a point")]
    QuantityGrouped(String),
    /// Outside 1 to 15 digits.
    #[error("quantity {0} is outside 1 to {QUANTITY_MAX}")]
    QuantityRange(String),
    /// Outside the years that are taken as real.
    #[error("time {0} is not between the years 2000 and 2100")]
    TimeRange(String),
    /// Further ahead than clocks differ.
    #[error("time {at} is more than {} minutes ahead of now ({now})", AHEAD_MAX_S / MINUTE_S)]
    Ahead {
        /// The event's.
        at: Micros,
        /// Ours.
        now: Timestamp,
    },
    /// An id, user or action that cannot be shown or kept.
    #[error(transparent)]
    Name(#[from] BadName),
}

/// Reads a number of units: digits, perhaps with a fraction of zeros only (`4808.0`, as spreadsheets write it). `1.000`
/// is refused: where a point groups thousands it means a thousand.
pub fn parse_quantity(text: &str) -> Result<i64, BadUsage> {
    let shown = || text.chars().take(40).flat_map(char::escape_debug).collect::<String>();
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.bytes().any(|byte| byte != b'0') {
        return Err(BadUsage::Quantity(shown()));
    }
    if fraction.len() == 3 && whole.len() <= 3 && !whole.starts_with('0') {
        return Err(BadUsage::QuantityGrouped(shown()));
    }
    let quantity = whole.parse::<i64>().ok().filter(|_| unsigned.len() == text.len());
    quantity
        .filter(|quantity| (1..=QUANTITY_MAX).contains(quantity))
        .ok_or_else(|| BadUsage::QuantityRange(shown()))
}

/// Checks when an event happened: between 2000 and 2100, and not further ahead of `now` than clocks differ.
pub fn check_time(at: Micros, now: Timestamp) -> Result<Micros, BadUsage> {
    if at < EARLIEST.micros() || at >= LATEST.micros() {
        return Err(BadUsage::TimeRange(at.to_string()));
    }
    if at > now.plus(AHEAD_MAX_S).micros() {
        return Err(BadUsage::Ahead { at, now });
    }
    Ok(at)
}

/// Checks the name of an event's id, user or action: 1 to 200 bytes that can be shown, without spaces around them.
pub fn check_label<'a>(text: &'a str, what: &'static str) -> Result<&'a str, BadName> {
    // Plain letters, digits and signs need no look at what Unicode says of them: nearly all names are made of these.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let legal = !text.is_empty()
        && text.len() <= OWN_ID_LENGTH_MAX
        && (plain || text.trim() == text)
        && (plain || text.chars().all(|c| !c.is_control() && !is_invisible(c)));
    if legal {
        return Ok(text);
    }
    let text = text.chars().take(60).flat_map(char::escape_debug).collect();
    Err(BadName { text, what, rule: "1 to 200 visible characters without spaces around them" })
}

/// The id of a usage event: 16 bytes, unique per meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub [u8; 16]);

/// Every byte in two hexadecimal digits.
const HEX: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut all = [[0; 2]; 256];
    let mut byte = 0;
    while byte < all.len() {
        all[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    all
};

impl EventId {
    /// The id that a caller's text stands for. A UUID is its own 16 bytes; of any other text it is the first half of
    /// its SHA-256, and the text itself must be kept beside it (the second value says so).
    pub fn of_caller(text: &str) -> Result<(EventId, bool), BadName> {
        let text = check_label(text, "event id")?;
        Ok(match parse_uuid(text) {
            Some(bytes) => (EventId(bytes), false),
            None => (EventId::half(Sha256::digest(text.as_bytes()).as_slice()), true),
        })
    }

    /// The id of an event that came without one, from all that it says and where it came from. The same row of the
    /// same source gives the same id; `occurrence` counts equal rows before it, so that two equal rows both count.
    pub fn derived(
        source: &str,
        customer: &str,
        meter: &str,
        content: &Content<'_>,
        occurrence: u64,
    ) -> EventId {
        let mut hash = Sha256::new();
        hash.update(b"paygrade usage 1");
        for part in [source, customer, meter, content.action.unwrap_or(""), content.user.unwrap_or("")] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        // An absent user and an empty one cannot be confused: empty ones are refused.
        hash.update(content.at.0.to_be_bytes());
        hash.update(content.quantity.to_be_bytes());
        hash.update(occurrence.to_be_bytes());
        EventId::half(hash.finalize().as_slice())
    }

    /// The id of an event recorded by hand without one: unique in the store, and the same when a run is repeated
    /// from the same store.
    pub fn counted(store_id: &str, counter: i64) -> EventId {
        let mut hash = Sha256::new();
        hash.update(b"paygrade record 1");
        hash.update(store_id.as_bytes());
        hash.update(counter.to_be_bytes());
        EventId::half(hash.finalize().as_slice())
    }

    /// The id of the counter-entry that voids an event: one for each event.
    pub fn voiding(voided: EventId) -> EventId {
        let mut hash = Sha256::new();
        hash.update(b"paygrade void 1");
        hash.update(voided.0);
        EventId::half(hash.finalize().as_slice())
    }

    /// The id in the form of a UUID: 8-4-4-4-12 hexadecimal digits.
    pub fn uuid_form(self) -> [u8; 36] {
        // Where each byte's two digits begin, between the hyphens.
        const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
        let mut text = [b'-'; 36];
        for (byte, at) in self.0.into_iter().zip(PLACES) {
            text[at..at + 2].copy_from_slice(&HEX[usize::from(byte)]);
        }
        text
    }

    fn half(digest: &[u8]) -> EventId {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = *from;
        }
        EventId(bytes)
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.uuid_form()))
    }
}

/// What an event says beside customer and meter. Two events with one id must agree in all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Content<'a> {
    /// Units.
    pub quantity: i64,
    /// When it happened.
    pub at: Micros,
    /// The action that caused it.
    pub action: Option<&'a str>,
    /// The end user who caused it.
    pub user: Option<&'a str>,
}

/// The 16 bytes of a UUID in its usual form, 8-4-4-4-12 hexadecimal digits.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    if [8, 13, 18, 23].iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, at) in bytes.iter_mut().zip(UUID_DIGITS) {
        let (high, low) = (HEX_DIGIT[usize::from(text[at])], HEX_DIGIT[usize::from(text[at + 1])]);
        if high | low > 15 {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(bytes)
}

/// Where the bytes of a UUID are in its text.
const UUID_DIGITS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// What a letter is as a hexadecimal digit; 255 where it is none.
const HEX_DIGIT: [u8; 256] = {
    let mut digits = [255; 256];
    let mut digit = 0;
    while digit < 16 {
        digits[b"0123456789abcdef"[digit as usize] as usize] = digit;
        digits[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    digits
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_whole_and_bounded() {
        for (text, want) in [
            ("1", Ok(1)),
            ("007", Ok(7)),
            ("4808.0", Ok(4808)),
            ("4808.000", Ok(4808)),
            ("999999999999999", Ok(QUANTITY_MAX)),
            ("999999999999999.0", Ok(QUANTITY_MAX)),
            ("1000000000000000", Err("range")),
            ("1000000000000000000000000000000", Err("range")),
            ("0", Err("range")),
            ("-1", Err("range")),
            ("-0", Err("range")),
            ("1.5", Err("whole")),
            ("1e3", Err("whole")),
            ("NaN", Err("whole")),
            ("inf", Err("whole")),
            ("+1", Err("whole")),
            ("", Err("whole")),
            (".0", Err("whole")),
            ("1.", Err("whole")),
            ("1,000", Err("whole")),
            ("--1", Err("whole")),
            ("٣", Err("whole")),
            ("1.000", Err("two ways")),
            ("999.000", Err("two ways")),
            ("1.00", Ok(1)),
            ("1.0000", Ok(1)),
            ("1.234", Err("whole")),
            ("1.234,56", Err("whole")),
            ("1.000.000", Err("whole")),
            ("1'000", Err("whole")),
            ("1 000", Err("whole")),
            ("1\u{a0}000", Err("whole")),
            ("1\u{202f}000", Err("whole")),
            ("1_000", Err("whole")),
            ("١٢٠", Err("whole")),
            ("１２０", Err("whole")),
            ("12,5", Err("whole")),
        ] {
            let got = parse_quantity(text).map_err(|error| match error {
                BadUsage::Quantity(_) => "whole",
                BadUsage::QuantityGrouped(_) => "two ways",
                _ => "range",
            });
            assert_eq!(got, want, "{text:?}");
        }
    }

    #[test]
    fn times_are_real_and_not_ahead() {
        let now = Timestamp::parse("2026-11-21T08:00:00Z").unwrap();
        for (text, legal) in [
            ("2026-11-21T08:05:00Z", true),
            ("2026-11-21T08:05:01Z", false),
            ("2000-01-01T00:00:00Z", true),
            ("1999-12-31T23:59:59Z", false),
            ("2101-01-01T00:00:00Z", false),
        ] {
            assert_eq!(check_time(Timestamp::parse(text).unwrap().micros(), now).is_ok(), legal, "{text}");
        }
        assert!(check_time(Micros(now.plus(AHEAD_MAX_S).micros().0 + 1), now).is_err(), "by a microsecond");
    }

    #[test]
    fn a_uuid_is_its_bytes_and_other_text_is_hashed() {
        let (id, named) = EventId::of_caller("6BA7B810-9dad-11d1-80b4-00c04fd430c8").unwrap();
        assert_eq!((id.to_string().as_str(), named), ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", false));
        // The first half of SHA-256 of "abc", as FIPS 180-2 gives it.
        let (id, named) = EventId::of_caller("abc").unwrap();
        assert_eq!((id.to_string().as_str(), named), ("ba7816bf-8f01-cfea-4141-40de5dae2223", true));
        for text in ["", " a", "a\n", "a\u{0}", "\u{202e}a", &"x".repeat(201)] {
            assert!(EventId::of_caller(text).is_err(), "{text:?}");
        }
        assert!(EventId::of_caller("6ba7b810_9dad-11d1-80b4-00c04fd430c8").unwrap().1);
        assert!(EventId::of_caller("6ba7b810-9dad-11d1-80b4-00c04fd430cg").unwrap().1);
    }

    #[test]
    fn derived_ids_differ_in_every_part() {
        let content = Content { quantity: 5, at: Micros(7), action: None, user: None };
        let base = EventId::derived("a.csv", "acme", "tokens", &content, 0);
        assert_eq!(base, EventId::derived("a.csv", "acme", "tokens", &content, 0));
        let others = [
            EventId::derived("b.csv", "acme", "tokens", &content, 0),
            EventId::derived("a.csv", "acm", "etokens", &content, 0),
            EventId::derived("a.csv", "acme", "fast", &content, 0),
            EventId::derived("a.csv", "acme", "tokens", &Content { quantity: 6, ..content }, 0),
            EventId::derived("a.csv", "acme", "tokens", &Content { at: Micros(8), ..content }, 0),
            EventId::derived("a.csv", "acme", "tokens", &Content { action: Some("x"), ..content }, 0),
            EventId::derived("a.csv", "acme", "tokens", &Content { user: Some("x"), ..content }, 0),
            EventId::derived("a.csv", "acme", "tokens", &content, 1),
            EventId::counted("00", 1),
            EventId::counted("00", 2),
        ];
        let all: std::collections::BTreeSet<EventId> = others.into_iter().chain([base]).collect();
        assert_eq!(all.len(), 11);
    }
}
