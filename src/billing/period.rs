//! Billing periods: months and years that follow an anchor. A month end clamps to a shorter month without drifting:
//! an anchor on 31 January gives 28 or 29 February and then 31 March, because every edge counts from the anchor.

use jiff::Span;
use jiff::civil::DateTime;

use super::catalog::{Interval, Lasting};
use super::time::Timestamp;

/// A half-open stretch: `start` belongs to it, `end` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// First instant.
    pub start: Timestamp,
    /// First instant after it.
    pub end: Timestamp,
}

impl Period {
    /// Whether the instant lies in it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
    /// Its length in seconds.
    pub fn seconds(&self) -> i64 {
        self.end.since(self.start)
    }
}

/// An anchor with an interval: the sequence of periods of a subscription, or of a customer without one. Period 0
/// starts at the anchor; earlier ones have negative numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// Where period 0 starts.
    pub anchor: Timestamp,
    /// How long each period is.
    pub interval: Interval,
}

impl Cycle {
    /// Monthly periods from an anchor: those of usage prices, credits and customers without a subscription.
    pub fn monthly(anchor: Timestamp) -> Cycle {
        Cycle { anchor, interval: Interval::Month }
    }
    /// The start of period `number`; `None` outside the calendar's range.
    pub fn edge(&self, number: i32) -> Option<Timestamp> {
        let months = number.checked_mul(self.months())?;
        Timestamp::from_civil(months_after(self.anchor.civil()?, months)?)
    }
    /// Period `number`.
    pub fn period(&self, number: i32) -> Option<Period> {
        Some(Period { start: self.edge(number)?, end: self.edge(number.checked_add(1)?)? })
    }
    /// The number of the period that holds the instant.
    pub fn number_at(&self, at: Timestamp) -> Option<i32> {
        let (anchor, civil) = (self.anchor.civil()?, at.civil()?);
        let years = i32::from(civil.year()) - i32::from(anchor.year());
        let months = years * 12 + i32::from(civil.month()) - i32::from(anchor.month());
        // The calendar's distance is at most one too many; which it is, the edge itself tells.
        let guess = months.div_euclid(self.months());
        if self.edge(guess)? <= at { Some(guess) } else { guess.checked_sub(1) }
    }
    /// The period that holds the instant.
    pub fn period_at(&self, at: Timestamp) -> Option<Period> {
        self.period(self.number_at(at)?)
    }
    /// The period after the one that holds the instant.
    pub fn next(&self, at: Timestamp) -> Option<Period> {
        self.period(self.number_at(at)?.checked_add(1)?)
    }
    /// The period before the one that holds the instant.
    pub fn previous(&self, at: Timestamp) -> Option<Period> {
        self.period(self.number_at(at)?.checked_sub(1)?)
    }
    fn months(&self) -> i32 {
        match self.interval {
            Interval::Month => 1,
            Interval::Year => 12,
        }
    }
}

impl Lasting {
    /// The instant this long after `at`: months first, clamped to a shorter month's end, then days of 24 hours.
    pub fn after(self, at: Timestamp) -> Option<Timestamp> {
        let civil = months_after(at.civil()?, i32::try_from(self.months).ok()?)?;
        Timestamp::from_civil(civil.checked_add(Span::new().try_days(i64::from(self.days)).ok()?).ok()?)
    }
}

/// The same day and time so many months later; a day that the month does not have becomes its last one.
fn months_after(civil: DateTime, months: i32) -> Option<DateTime> {
    civil.checked_add(Span::new().try_months(months).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::time::DAY_S;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }
    fn cycle(anchor: &str, interval: Interval) -> Cycle {
        Cycle { anchor: at(anchor), interval }
    }

    #[test]
    fn month_ends_clamp_without_drift() {
        let jan_31 = cycle("2023-01-31T10:30:00Z", Interval::Month);
        for (number, want) in [
            (-2, "2022-11-30T10:30:00Z"),
            (-1, "2022-12-31T10:30:00Z"),
            (0, "2023-01-31T10:30:00Z"),
            (1, "2023-02-28T10:30:00Z"),
            (2, "2023-03-31T10:30:00Z"),
            (3, "2023-04-30T10:30:00Z"),
            (13, "2024-02-29T10:30:00Z"),
            (14, "2024-03-31T10:30:00Z"),
        ] {
            assert_eq!(jan_31.edge(number), Some(at(want)), "{number}");
        }
        let leap_day = cycle("2024-02-29", Interval::Year);
        for (number, want) in [(1, "2025-02-28"), (3, "2027-02-28"), (4, "2028-02-29"), (-4, "2020-02-29")] {
            assert_eq!(leap_day.edge(number), Some(at(want)), "{number}");
        }
    }

    #[test]
    fn an_instant_lies_in_the_period_that_holds_it() {
        for (anchor, interval, instant, start, end) in [
            (
                "2023-01-31T10:30:00Z",
                Interval::Month,
                "2023-02-28T10:29:59Z",
                "2023-01-31T10:30:00Z",
                "2023-02-28T10:30:00Z",
            ),
            (
                "2023-01-31T10:30:00Z",
                Interval::Month,
                "2023-02-28T10:30:00Z",
                "2023-02-28T10:30:00Z",
                "2023-03-31T10:30:00Z",
            ),
            ("2023-01-31", Interval::Month, "2023-01-30T23:59:59Z", "2022-12-31", "2023-01-31"),
            ("2023-12-15", Interval::Month, "2024-01-14", "2023-12-15", "2024-01-15"),
            ("2024-02-29", Interval::Year, "2025-02-27", "2024-02-29", "2025-02-28"),
            ("2024-02-29", Interval::Year, "2025-02-28", "2025-02-28", "2026-02-28"),
            ("2024-06-01", Interval::Year, "2024-05-31", "2023-06-01", "2024-06-01"),
        ] {
            let got = cycle(anchor, interval).period_at(at(instant));
            assert_eq!(got, Some(Period { start: at(start), end: at(end) }), "{anchor} {instant}");
        }
        let cycle = cycle("2024-01-31", Interval::Month);
        assert_eq!(cycle.next(at("2024-02-10")).map(|period| period.start), Some(at("2024-02-29")));
        assert_eq!(cycle.previous(at("2024-02-10")).map(|period| period.start), Some(at("2023-12-31")));
    }

    fn is_leap(year: i64) -> bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
    fn month_days(year: i64, month: i64) -> i64 {
        match month {
            2 => 28 + i64::from(is_leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
    /// Days from 1970-01-01 to every date up to 2060, counted one by one: an oracle without a calendar library.
    fn dates() -> Vec<(i64, i64, i64)> {
        (1970..2061)
            .flat_map(|year| (1..=12).map(move |month| (year, month)))
            .flat_map(|(year, month)| (1..=month_days(year, month)).map(move |day| (year, month, day)))
            .collect()
    }

    /// Every day of a leap year and of the year after as anchor, every day of the following 30 years: each lies in
    /// the one period of a chain without gaps whose edges are the anchor's day or the month's last.
    #[test]
    fn all_anchors_and_all_days_of_decades() {
        let dates = dates();
        let index = |date: (i64, i64, i64)| i64::try_from(dates.binary_search(&date).unwrap()).unwrap();
        let first = index((2024, 1, 1));
        for anchor in first..first + 731 {
            let (year, month, day) = dates[usize::try_from(anchor).unwrap()];
            let cycle = Cycle::monthly(Timestamp(anchor * DAY_S + 3_661));
            let mut start = cycle.anchor;
            for number in 1..=360 {
                let months = (month - 1) + i64::from(number);
                let (year, month) = (year + months / 12, months % 12 + 1);
                let edge = index((year, month, day.min(month_days(year, month))));
                let end = Timestamp(edge * DAY_S + 3_661);
                let want = Some(Period { start, end });
                let days = start.0.div_euclid(DAY_S) + 1..edge;
                let probes = [
                    start,
                    start.plus(1),
                    end.plus(-1),
                    Timestamp(days.start * DAY_S),
                    Timestamp((edge - 1) * DAY_S),
                ];
                for probe in probes.into_iter().filter(|probe| start <= *probe && *probe < end) {
                    assert_eq!(cycle.period_at(probe), want, "anchor {year}-{month}-{day} at {probe}");
                }
                start = end;
            }
        }
    }

    #[test]
    fn a_length_of_time_adds_months_then_days() {
        for (text, from, want) in [
            ("3 days", "2024-02-27", "2024-03-01"),
            ("12 months", "2024-02-29", "2025-02-28"),
            ("1 month", "2024-01-31T12:00:00Z", "2024-02-29T12:00:00Z"),
            ("1 month 1 day", "2024-01-31", "2024-03-01"),
        ] {
            assert_eq!(Lasting::parse(text).unwrap().after(at(from)), Some(at(want)), "{text} after {from}");
        }
        let ages = Lasting { months: u32::MAX, days: 0 };
        assert_eq!(ages.after(at("2024-01-01")), None);
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_panic() {
        for anchor in [i64::MIN, -1, 0, 253_402_207_200, i64::MAX] {
            for instant in [i64::MIN, -62_000_000_000, 0, 253_402_207_200, i64::MAX] {
                let _ = Cycle::monthly(Timestamp(anchor)).period_at(Timestamp(instant));
                let _ =
                    Cycle { anchor: Timestamp(anchor), interval: Interval::Year }.next(Timestamp(instant));
            }
        }
        assert_eq!(Cycle::monthly(Timestamp(0)).edge(i32::MAX), None);
    }
}
