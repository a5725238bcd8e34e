//! Instants as people and programs write them: RFC 3339, a date and time without a zone, a date, seconds (or finer)
//! since 1970.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::billing::time::{EARLIEST, LATEST, Micros, SECOND_US};

/// Longest text that is looked at.
const TEXT_LENGTH_MAX: usize = 64;

/// The zone of times that do not name one.
#[derive(Debug, Clone)]
pub enum Zone {
    /// UTC, or another fixed offset.
    Fixed(Offset),
    /// A place with its own rules, such as `Europe/Berlin`.
    Place(TimeZone, String),
}

impl Zone {
    /// UTC.
    pub const UTC: Zone = Zone::Fixed(Offset::UTC);

    /// Reads `UTC`, an offset such as `+02:00`, or the name of a place in the list of zones (the system's, else the one built in).
    pub fn parse(text: &str) -> Option<Zone> {
        if matches!(text, "UTC" | "utc" | "Z" | "z") {
            return Some(Zone::UTC);
        }
        if let Some(offset) = parse_offset(text.as_bytes()) {
            return Some(Zone::Fixed(offset));
        }
        TimeZone::get(text).ok().map(|zone| Zone::Place(zone, text.to_owned()))
    }
}

/// Why a text is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadInstant {
    /// Not in one of the forms.
    #[error(
        "time `{0}` is not RFC 3339 (2026-11-21T08:00:00Z), `YYYY-MM-DD hh:mm:ss[.ffffff]`, `YYYY-MM-DD` or seconds since 1970"
    )]
    Form(String),
    /// A day or an hour that the calendar does not have.
    #[error("time `{0}` is not in the calendar")]
    Calendar(String),
    /// The clocks were changed: that local time was there twice or not at all.
    #[error("time `{text}` {how} in {zone}: write it with its offset")]
    Local {
        /// The text.
        text: String,
        /// "happened twice" or "never happened".
        how: &'static str,
        /// The place.
        zone: String,
    },
    /// A number of seconds, milliseconds, microseconds or nanoseconds that is in no year from 2000 to 2099.
    #[error(
        "time `{0}` as seconds (or milli-, micro-, nanoseconds) since 1970 is not between the years 2000 and 2100"
    )]
    Epoch(String),
}

/// Reads an instant; digits beyond the microsecond are cut off. A bare number is seconds since 1970, or milli-, micro-
/// or nanoseconds: whichever puts it between the years 2000 and 2100, where the four do not overlap.
pub fn parse_instant(text: &str, zone: &Zone) -> Result<Micros, BadInstant> {
    let shown = || text.chars().take(TEXT_LENGTH_MAX).flat_map(char::escape_debug).collect::<String>();
    let form = || BadInstant::Form(shown());
    let bytes = text.as_bytes();
    if bytes.len() > TEXT_LENGTH_MAX {
        return Err(form());
    }
    if bytes.len() < 10 || bytes.get(4) != Some(&b'-') {
        return parse_epoch(bytes).ok_or_else(form)?.ok_or_else(|| BadInstant::Epoch(shown()));
    }
    let (civil, rest) = parse_civil(bytes).ok_or_else(form)?;
    let (civil, micros) = civil.ok_or_else(|| BadInstant::Calendar(shown()))?;
    let offset = match rest {
        [] => None,
        // BigQuery writes ` UTC`, Ruby ` +0000`.
        [b'Z' | b'z'] | b" UTC" => Some(Offset::UTC),
        rest => Some(parse_offset(rest.strip_prefix(b" ").unwrap_or(rest)).ok_or_else(form)?),
    };
    let fixed = match zone {
        Zone::Fixed(fixed) => offset.or(Some(*fixed)),
        Zone::Place(..) => offset,
    };
    let seconds = match (fixed, zone) {
        (Some(offset), _) => offset.to_timestamp(civil).map(|at| at.as_second()),
        (None, Zone::Fixed(_)) => return Err(form()),
        (None, Zone::Place(tz, name)) => {
            let local = tz.to_ambiguous_timestamp(civil);
            if local.is_ambiguous() {
                let twice = matches!(local.offset(), jiff::tz::AmbiguousOffset::Fold { .. });
                let how = if twice { "happened twice" } else { "never happened" };
                return Err(BadInstant::Local { text: shown(), how, zone: name.clone() });
            }
            local.unambiguous().map(|at| at.as_second())
        }
    };
    let seconds = seconds.map_err(|_| BadInstant::Calendar(shown()))?;
    Ok(Micros(seconds * SECOND_US + micros))
}

/// `YYYY-MM-DD`, then perhaps `T` or a space and `hh:mm:ss`, then perhaps a fraction. The outer option is the form,
/// the inner one the calendar. Also returns the microseconds and what follows.
#[allow(clippy::type_complexity)]
fn parse_civil(bytes: &[u8]) -> Option<(Option<(DateTime, i64)>, &[u8])> {
    let number = |from: usize, length: usize| digits(bytes.get(from..from + length)?);
    let [year, month, day] = [number(0, 4)?, number(5, 2)?, number(8, 2)?];
    if bytes.get(7) != Some(&b'-') {
        return None;
    }
    let date =
        || Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    if bytes.len() == 10 {
        return Some((date().map(|date| (date.to_datetime(Time::midnight()), 0)), &[]));
    }
    let separated = matches!(bytes.get(10), Some(b'T' | b't' | b' '));
    if !separated || bytes.get(13) != Some(&b':') || bytes.get(16) != Some(&b':') {
        return None;
    }
    let [hour, minute, second] = [number(11, 2)?, number(14, 2)?, number(17, 2)?];
    let time = || {
        Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
    };
    let mut rest = bytes.get(19..)?;
    let mut micros = 0;
    if let [b'.', fraction @ ..] = rest {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        micros = fraction_micros(&fraction[..length]);
        rest = &fraction[length..];
    }
    let civil = date().zip(time()).map(|(date, time)| (date.to_datetime(time), micros));
    Some((civil, rest))
}

/// The first six digits of a fraction of a second; the rest is cut off.
fn fraction_micros(digits: &[u8]) -> i64 {
    (0..6).fold(0, |sum, index| sum * 10 + digits.get(index).map_or(0, |byte| i64::from(byte - b'0')))
}

fn digits(bytes: &[u8]) -> Option<i64> {
    let all = !bytes.is_empty() && bytes.len() <= 18 && bytes.iter().all(u8::is_ascii_digit);
    all.then(|| bytes.iter().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')))
}

/// `+hh:mm`, `+hhmm`, or `+hh` as PostgreSQL writes whole hours.
fn parse_offset(bytes: &[u8]) -> Option<Offset> {
    let (sign, rest) = match bytes {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest {
        [a, b, b':', c, d] | [a, b, c, d] => (digits(&[*a, *b])?, digits(&[*c, *d])?),
        [a, b] => (digits(&[*a, *b])?, 0),
        _ => return None,
    };
    let seconds = i32::try_from(sign * (hours * 3_600 + minutes * 60)).ok()?;
    (hours < 24 && minutes < 60).then(|| Offset::from_seconds(seconds).ok())?
}

/// Seconds since 1970, perhaps with a fraction, or whole milli-, micro- or nanoseconds. The outer option is the form,
/// the inner one the range.
fn parse_epoch(bytes: &[u8]) -> Option<Option<Micros>> {
    let point = bytes.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point {
        Some(at) => (&bytes[..at], bytes.get(at + 1..)?),
        None => (bytes, &b"0"[..]),
    };
    let all = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    if !all(whole) || !all(fraction) {
        return None;
    }
    if whole.len() > 19 {
        return Some(None);
    }
    let number = whole.iter().fold(0_i128, |sum, byte| sum * 10 + i128::from(byte - b'0'));
    let years = i128::from(EARLIEST.0)..i128::from(LATEST.0);
    let micros = if years.contains(&number) {
        number * i128::from(SECOND_US) + i128::from(fraction_micros(fraction))
    } else if point.is_some() {
        return Some(None);
    } else {
        let units = [(1_000, 1_000, 1), (1_000_000, 1, 1), (1_000_000_000, 1, 1_000)];
        let unit = units.into_iter().find(|(per_second, _, _)| years.contains(&(number / per_second)));
        match unit {
            Some((_, times, parts)) => number * times / parts,
            None => return Some(None),
        }
    };
    Some(i64::try_from(micros).ok().map(Micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, zone: &Zone) -> String {
        match parse_instant(text, zone) {
            Ok(at) => at.to_string(),
            Err(BadInstant::Form(_)) => "form".to_owned(),
            Err(BadInstant::Calendar(_)) => "calendar".to_owned(),
            Err(BadInstant::Epoch(_)) => "epoch".to_owned(),
            Err(BadInstant::Local { how, .. }) => how.to_owned(),
        }
    }

    #[test]
    fn instants_in_all_forms() {
        for (text, want) in [
            ("2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z"),
            ("2026-11-21t08:00:00.5z", "2026-11-21T08:00:00.5Z"),
            ("2026-11-21T09:00:00+01:00", "2026-11-21T08:00:00Z"),
            ("2026-11-21T02:30:00-0530", "2026-11-21T08:00:00Z"),
            ("2023-11-16 18:17:03.9799600", "2023-11-16T18:17:03.97996Z"),
            ("2023-11-16 18:17:03.9799609", "2023-11-16T18:17:03.97996Z"),
            ("2023-11-16 18:17:03.999999999", "2023-11-16T18:17:03.999999Z"),
            ("2026-11-21", "2026-11-21T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("2023-02-29", "calendar"),
            ("2026-11-21 24:00:00", "calendar"),
            ("2026-11-21 08:60:00", "calendar"),
            ("2026-11-21 08:00:60", "calendar"),
            ("2026-11-21 08:00", "form"),
            ("2026-11-21 08:00:00.", "form"),
            ("2026-11-21 08:00:00.123456+00", "2026-11-21T08:00:00.123456Z"),
            ("2026-11-21 09:00:00+01", "2026-11-21T08:00:00Z"),
            ("2026-11-21 08:00:00 UTC", "2026-11-21T08:00:00Z"),
            ("2026-11-21 02:30:00.25 -0530", "2026-11-21T08:00:00.25Z"),
            ("2026-11-21 08:00:00 CET", "form"),
            ("2026-11-21 08:00:00  UTC", "form"),
            ("2026-11-21 08:00:00 ", "form"),
            ("2026-11-21 08:00:00+1", "form"),
            ("2026-11-21 08:00:00+25", "form"),
            ("2026-11-21 08:00:00+25:00", "form"),
            ("2026-11-21T08:00:00Zjunk", "form"),
            ("21/11/2026 08:00:00", "form"),
            ("", "form"),
            ("yesterday", "form"),
            ("NaN", "form"),
            ("-1700158623", "form"),
            ("1e9", "form"),
            ("1700158623", "2023-11-16T18:17:03Z"),
            ("1700158623.9799609", "2023-11-16T18:17:03.97996Z"),
            ("1700158623979", "2023-11-16T18:17:03.979Z"),
            ("1700158623979960", "2023-11-16T18:17:03.97996Z"),
            ("1700158623979960999", "2023-11-16T18:17:03.97996Z"),
            ("946684800", "2000-01-01T00:00:00Z"),
            ("946684799", "epoch"),
            ("0", "epoch"),
            ("4102444800", "epoch"),
            ("1700158623979.5", "epoch"),
            ("1000000000000000000000000000000", "epoch"),
        ] {
            assert_eq!(show(text, &Zone::UTC), want, "{text}");
        }
        assert_eq!(show(&"9".repeat(100_000), &Zone::UTC), "form");
    }

    #[test]
    fn times_without_a_zone_take_the_one_that_is_given() {
        let east = Zone::parse("+02:00").unwrap();
        assert_eq!(show("2026-11-21 08:00:00", &east), "2026-11-21T06:00:00Z");
        assert_eq!(show("2026-11-21T08:00:00Z", &east), "2026-11-21T08:00:00Z", "its own zone wins");
        assert_eq!(show("1700158623", &east), "2023-11-16T18:17:03Z", "a number has none");
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        for (text, want) in [
            ("2026-07-01 08:00:00", "2026-07-01T06:00:00Z"),
            ("2026-11-21", "2026-11-20T23:00:00Z"),
            ("2026-10-25 02:30:00", "happened twice"),
            ("2026-03-29 02:30:00", "never happened"),
        ] {
            assert_eq!(show(text, &berlin), want, "{text}");
        }
        assert!(Zone::parse("Mars/Olympus").is_none());
    }
}
