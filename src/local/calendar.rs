//! Civil dates of the local Stripe: billing periods counted from an anchor, in UTC.
//!
//! Every boundary is computed from the anchor itself, never from the boundary before it, so that a
//! subscription anchored on 31 January ends its periods on 28 February, 31 March, 30 April ….

/// Seconds in one UTC day.
pub const DAY_S: i64 = 86_400;

/// A date of the proleptic Gregorian calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Year, astronomical numbering.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// The unit in which a recurring price counts its periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
    /// A calendar month from the anchor's day.
    Month,
    /// A calendar year from the anchor's day and month.
    Year,
}

impl Unit {
    /// Reads Stripe's word for an interval; `None` for any other word.
    pub fn parse(word: &str) -> Option<Unit> {
        match word {
            "day" => Some(Unit::Day),
            "week" => Some(Unit::Week),
            "month" => Some(Unit::Month),
            "year" => Some(Unit::Year),
            _ => None,
        }
    }
}

/// How often a price recurs: every `count` units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// The unit.
    pub unit: Unit,
    /// Units in one period, at least 1.
    pub count: u32,
}

/// A half-open stretch of time, both ends in unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First second inside.
    pub start: i64,
    /// First second after.
    pub end: i64,
}

/// The date of a unix time.
pub fn date(at: i64) -> Date {
    // Days are counted from 1 March of year 0, so that the leap day is the last day of a year.
    let days = at.div_euclid(DAY_S) + 719_468;
    let era = days.div_euclid(146_097);
    let in_era = days.rem_euclid(146_097);
    let year_of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Date { year, month: month as u8, day: day as u8 }
}

/// The unix time at which a date begins.
pub fn midnight(date: Date) -> i64 {
    let month = i64::from(date.month);
    let year = if month <= 2 { date.year - 1 } else { date.year };
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let in_year = (153 * from_march + 2) / 5 + i64::from(date.day) - 1;
    let in_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + in_year;
    (era * 146_097 + in_era - 719_468) * DAY_S
}

/// Days in a month.
pub fn month_days(year: i64, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// The n-th boundary counted from the anchor; the anchor itself is boundary 0.
///
/// Days that the target month lacks become its last day. Stripe: docs …/billing/subscriptions/billing-cycle.
pub fn boundary(anchor: i64, cadence: Cadence, n: i64) -> i64 {
    let units = n * i64::from(cadence.count.max(1));
    let months = match cadence.unit {
        Unit::Day => return anchor + units * DAY_S,
        Unit::Week => return anchor + units * 7 * DAY_S,
        Unit::Month => units,
        Unit::Year => units * 12,
    };
    let from = date(anchor);
    let month_index = from.year * 12 + i64::from(from.month) - 1 + months;
    let (year, month) = (month_index.div_euclid(12), month_index.rem_euclid(12) as u8 + 1);
    let day = from.day.min(month_days(year, month));
    midnight(Date { year, month, day }) + anchor.rem_euclid(DAY_S)
}

/// The period of the anchor's rhythm that contains an instant.
pub fn period_at(anchor: i64, cadence: Cadence, at: i64) -> Period {
    let longest_s = match cadence.unit {
        Unit::Day => DAY_S,
        Unit::Week => 7 * DAY_S,
        Unit::Month => 31 * DAY_S,
        Unit::Year => 366 * DAY_S,
    } * i64::from(cadence.count.max(1));
    // Never above the wanted index for instants after the anchor, and close to it: boundaries are at
    // most `longest_s` apart.
    let mut n = (at - anchor).div_euclid(longest_s);
    while boundary(anchor, cadence, n + 1) <= at {
        n += 1;
    }
    while boundary(anchor, cadence, n) > at {
        n -= 1;
    }
    Period { start: boundary(anchor, cadence, n), end: boundary(anchor, cadence, n + 1) }
}

/// A date as Stripe writes it into descriptions of proration lines: `21 Sep 2026`.
pub fn date_words(at: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Date { year, month, day } = date(at);
    let month = MONTHS.get(usize::from(month) - 1).copied().unwrap_or("");
    format!("{day:02} {month} {year}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        let numbers: Vec<i64> = text.split(['-', ' ', ':']).map(|it| it.parse().unwrap()).collect();
        let date = Date { year: numbers[0], month: numbers[1] as u8, day: numbers[2] as u8 };
        midnight(date) + numbers[3] * 3_600 + numbers[4] * 60
    }

    fn text(at: i64) -> String {
        let Date { year, month, day } = date(at);
        let minutes = at.rem_euclid(DAY_S) / 60;
        format!("{year}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
    }

    #[test]
    fn dates_match_known_unix_times() {
        for (unix, want) in [
            (0, "1970-01-01 00:00"),
            (951_782_400, "2000-02-29 00:00"),
            (1_700_092_800, "2023-11-16 00:00"),
            (1_789_948_563, "2026-09-20 23:56"),
            (4_107_542_400, "2100-03-01 00:00"),
            (-86_400, "1969-12-31 00:00"),
        ] {
            assert_eq!(text(unix), want);
            assert_eq!(midnight(date(unix)), unix - unix.rem_euclid(DAY_S), "{want}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_round_trips() {
        let mut last = None;
        for day in 0..146_097_i64 {
            let found = date(day * DAY_S);
            assert_eq!(midnight(found), day * DAY_S);
            assert!(found.day <= month_days(found.year, found.month));
            assert_ne!(last, Some(found));
            last = Some(found);
        }
    }

    #[test]
    fn boundaries_clamp_without_drift() {
        let row = |anchor: &str, unit, count, wants: &[&str]| {
            for (n, want) in wants.iter().enumerate() {
                let got = boundary(at(anchor), Cadence { unit, count }, n as i64);
                assert_eq!(&text(got), want, "{anchor} {unit:?} {count} #{n}");
            }
        };
        let month = Unit::Month;
        row(
            "2026-01-31 10:30",
            month,
            1,
            &[
                "2026-01-31 10:30",
                "2026-02-28 10:30",
                "2026-03-31 10:30",
                "2026-04-30 10:30",
                "2026-05-31 10:30",
            ],
        );
        row("2028-01-31 00:00", month, 1, &["2028-01-31 00:00", "2028-02-29 00:00", "2028-03-31 00:00"]);
        row("2026-01-30 00:00", month, 1, &["2026-01-30 00:00", "2026-02-28 00:00", "2026-03-30 00:00"]);
        row("2026-11-30 23:59", month, 3, &["2026-11-30 23:59", "2027-02-28 23:59", "2027-05-30 23:59"]);
        row("2028-02-29 12:00", Unit::Year, 1, &["2028-02-29 12:00", "2029-02-28 12:00", "2030-02-28 12:00"]);
        row("2026-10-25 01:00", Unit::Week, 2, &["2026-10-25 01:00", "2026-11-08 01:00"]);
        row("2026-12-31 01:00", Unit::Day, 1, &["2026-12-31 01:00", "2027-01-01 01:00"]);
        // The recorded month of a real subscription: 1789948563 to 1792540563.
        assert_eq!(boundary(1_789_948_563, Cadence { unit: month, count: 1 }, 1), 1_792_540_563);
    }

    #[test]
    fn the_period_of_an_instant_is_half_open() {
        let cadence = Cadence { unit: Unit::Month, count: 1 };
        for (now, start, end) in [
            ("2026-01-31 00:00", "2026-01-31 00:00", "2026-02-28 00:00"),
            ("2026-02-27 23:59", "2026-01-31 00:00", "2026-02-28 00:00"),
            ("2026-02-28 00:00", "2026-02-28 00:00", "2026-03-31 00:00"),
            ("2027-03-30 12:00", "2027-02-28 00:00", "2027-03-31 00:00"),
            ("2025-12-31 00:00", "2025-12-31 00:00", "2026-01-31 00:00"),
            ("2025-12-30 23:59", "2025-11-30 00:00", "2025-12-31 00:00"),
        ] {
            let want = Period { start: at(start), end: at(end) };
            assert_eq!(period_at(at("2026-01-31 00:00"), cadence, at(now)), want, "{now}");
        }
    }

    #[test]
    fn dates_read_as_in_recorded_descriptions() {
        assert_eq!(date_words(1_790_019_623), "21 Sep 2026");
        assert_eq!(date_words(at("2026-10-01 00:00")), "01 Oct 2026");
    }
}
