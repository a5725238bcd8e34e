//! Instants. Seconds for what Stripe also knows, microseconds for usage; always UTC, always integers.

use std::fmt;

use jiff::civil::DateTime;

/// Seconds in a minute, an hour and a day of UTC, which has no summer time.
pub const MINUTE_S: i64 = 60;
/// Seconds in an hour.
pub const HOUR_S: i64 = 3_600;
/// Seconds in a day.
pub const DAY_S: i64 = 86_400;
/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;
/// First instant that is taken as a real one: 2000-01-01T00:00:00Z.
pub const EARLIEST: Timestamp = Timestamp(946_684_800);
/// First instant after the last real one: 2100-01-01T00:00:00Z.
pub const LATEST: Timestamp = Timestamp(4_102_444_800);

/// An instant in whole seconds since 1970 UTC: Stripe's resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// An instant in microseconds since 1970 UTC: the resolution of usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i64);

impl Timestamp {
    /// This instant in microseconds.
    pub fn micros(self) -> Micros {
        Micros(self.0.saturating_mul(SECOND_US))
    }
    /// This instant moved by `seconds`, which may be negative.
    pub fn plus(self, seconds: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds))
    }
    /// Seconds from `earlier` to this instant.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    /// The start of the UTC minute, hour or day (any unit in seconds) that holds this instant.
    pub fn floor(self, unit_s: i64) -> Timestamp {
        Timestamp(self.0 - self.0.rem_euclid(unit_s))
    }
    /// The first boundary of the unit at or after this instant.
    pub fn ceil(self, unit_s: i64) -> Timestamp {
        self.plus(unit_s - 1).floor(unit_s)
    }
    /// The civil date and time in UTC, or `None` outside the calendar's range.
    pub fn civil(self) -> Option<DateTime> {
        let stamp = jiff::Timestamp::from_second(self.0).ok()?;
        Some(jiff::tz::Offset::UTC.to_datetime(stamp))
    }
    /// The instant of a civil date and time in UTC.
    pub fn from_civil(civil: DateTime) -> Option<Timestamp> {
        jiff::tz::Offset::UTC.to_timestamp(civil).ok().map(|stamp| Timestamp(stamp.as_second()))
    }
    /// Parses RFC 3339 with an offset or `Z` (`2026-11-21T08:00:00Z`), or a date alone, which means its midnight in UTC.
    pub fn parse(text: &str) -> Option<Timestamp> {
        if let Ok(date) = text.parse::<jiff::civil::Date>()
            && text.len() == 10
        {
            return Timestamp::from_civil(date.to_datetime(jiff::civil::Time::midnight()));
        }
        text.parse::<jiff::Timestamp>().ok().map(|stamp| Timestamp(stamp.as_second()))
    }
}

impl Micros {
    /// The whole second that holds this instant.
    pub fn second(self) -> Timestamp {
        Timestamp(self.0.div_euclid(SECOND_US))
    }
    /// The number of whole UTC days since 1970: the key of a rollup.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY_S * SECOND_US)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_instants_agree() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-21T08:00:00Z", Some(1_795_248_000)),
            ("2026-11-21T09:00:00+01:00", Some(1_795_248_000)),
            ("2026-11-21", Some(1_795_219_200)),
            ("2026-11-21T08:00:00", None),
            ("yesterday", None),
            ("2026-13-01", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(|at| at.0), seconds, "{text}");
        }
        assert_eq!(Timestamp(1_795_248_000).to_string(), "2026-11-21T08:00:00Z");
        assert_eq!(Micros(1_700_158_623_979_960).to_string(), "2023-11-16T18:17:03.97996Z");
    }

    #[test]
    fn floors_go_down_also_before_1970() {
        assert_eq!(Timestamp(-1).floor(MINUTE_S), Timestamp(-60));
        assert_eq!(Timestamp(61).ceil(MINUTE_S), Timestamp(120));
        assert_eq!(Timestamp(60).ceil(MINUTE_S), Timestamp(60));
        assert_eq!(Micros(-1).second(), Timestamp(-1));
    }
}
