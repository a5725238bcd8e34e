//! When is somebody told that a limit comes near? Ladders of percentages, each step once for each period and limit, the
//! highest new one only; and a forecast from the pace so far. Who is told, and how it gets there, is `notice`'s matter.

pub mod say;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::period::Period;
use super::time::{DAY_S, Timestamp};

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something will have to be done.
    Warning,
    /// Something has to be done now.
    Urgent,
    /// Something has stopped.
    Critical,
}

impl Severity {
    /// All of them, rising.
    pub const ALL: [Severity; 4] = [Severity::Info, Severity::Warning, Severity::Urgent, Severity::Critical];

    /// The word in the store, in settings and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Urgent => "urgent",
            Severity::Critical => "critical",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Of a step of a ladder: info below 80 %, warning below 95 %, urgent below 100 %, critical from there on.
    pub fn of_step(percent: u32) -> Severity {
        match percent {
            0..80 => Severity::Info,
            80..95 => Severity::Warning,
            95..100 => Severity::Urgent,
            _ => Severity::Critical,
        }
    }
}

/// How much of a limit is used: units, credits or minor units of money, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauge {
    /// What counts against the limit.
    pub used: Decimal,
    /// The limit; above zero, else there is no ladder.
    pub limit: Decimal,
}

impl Gauge {
    /// The highest of these percentages that is reached. What cannot be told for size counts as not reached.
    pub fn step(&self, at: &[u32]) -> Option<u32> {
        if self.limit <= Decimal::ZERO {
            return None;
        }
        let used = self.used.checked_mul(Decimal::ONE_HUNDRED)?;
        let reached = |step: &u32| {
            self.limit.checked_mul(Decimal::from(*step)).is_some_and(|threshold| used >= threshold)
        };
        at.iter().copied().filter(|step| *step > 0).filter(reached).max()
    }

    /// Whole percent used, rounded down: 99.9 % is not all of it.
    pub fn percent(&self) -> Option<i64> {
        let hundredfold = self.used.checked_mul(Decimal::ONE_HUNDRED)?;
        hundredfold.checked_div(self.limit)?.floor().to_i64()
    }
}

/// The step that is to be told now: the highest reached, if it is above what was told of this period and limit.
pub fn step_due(gauge: &Gauge, at: &[u32], told: Option<u32>) -> Option<u32> {
    gauge.step(at).filter(|step| told.is_none_or(|told| *step > told))
}

/// When the limit will be reached if usage goes on as it has, and what that is guessed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// The instant, rounded up to the second.
    pub at: Timestamp,
    /// Whole days of use that it is guessed from.
    pub days: i64,
    /// Units a day, rounded down.
    pub a_day: i64,
}

/// A pace is guessed from no fewer days than this.
pub const FORECAST_DAYS_MIN: i64 = 3;
/// And from no less than one part of so many of the limit: a little use of a big allowance foretells nothing.
const FORECAST_PART: i64 = 4;

/// The instant in the period at which the limit will be reached at this pace; `None` where it is reached already, will
/// not be in this period, or too little is known to say. `since`: when this allowance began to count.
pub fn forecast(used: i64, limit: i64, period: Period, since: Timestamp, now: Timestamp) -> Option<Forecast> {
    let start = since.max(period.start);
    let gone_s = now.min(period.end).since(start);
    let enough = limit > 0
        && used < limit
        && gone_s >= FORECAST_DAYS_MIN * DAY_S
        && i128::from(used) * i128::from(FORECAST_PART) >= i128::from(limit);
    if !enough {
        return None;
    }
    let (gone, used, limit) = (i128::from(gone_s), i128::from(used), i128::from(limit));
    let needed = (gone * limit + used - 1).checked_div(used)?;
    let at = start.plus(i64::try_from(needed).ok()?);
    if at >= period.end {
        return None;
    }
    let a_day = (used * i128::from(DAY_S)).checked_div(gone)?;
    Some(Forecast { at, days: gone_s / DAY_S, a_day: i64::try_from(a_day).ok()? })
}

/// What the balance of credits says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// Nothing can be spent.
    Out,
    /// At or below the catalog's `low_credits`.
    Low,
}

/// What is to be said of a balance; nothing without a threshold, except that it is out.
pub fn balance(available: i64, low: Option<i64>) -> Option<Balance> {
    match low {
        _ if available <= 0 => Some(Balance::Out),
        Some(low) if available <= low => Some(Balance::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }
    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn the_highest_new_step_only() {
        let ladder = [50, 80, 95, 100];
        for (used, limit, told, want) in [
            ("0", "100", None, None),
            ("49", "100", None, None),
            ("49.999999999999", "100", None, None),
            ("50", "100", None, Some(50)),
            ("96", "100", None, Some(95)),
            ("96", "100", Some(50), Some(95)),
            ("96", "100", Some(95), None),
            ("85", "100", Some(95), None),
            ("250", "100", Some(95), Some(100)),
            ("250", "100", Some(100), None),
            ("99", "100", Some(80), Some(95)),
            ("1", "3", None, None),
            ("2", "3", None, Some(50)),
            ("10000.5", "10000", Some(95), Some(100)),
            ("5", "0", None, None),
            ("-5", "10", None, None),
            ("9223372036854775807", "9223372036854775807", None, Some(100)),
        ] {
            let gauge = Gauge { used: decimal(used), limit: decimal(limit) };
            assert_eq!(step_due(&gauge, &ladder, told), want, "{used} of {limit}, told {told:?}");
        }
        let gauge = Gauge { used: decimal("125"), limit: decimal("100") };
        assert_eq!(step_due(&gauge, &[10, 120, 150], None), Some(120), "any ladder");
        assert_eq!(step_due(&gauge, &[], None), None);
        assert_eq!(step_due(&gauge, &[0], None), None);
    }

    #[test]
    fn percent_is_rounded_down() {
        for (used, limit, want) in
            [("999", "1000", Some(99)), ("1", "3", Some(33)), ("7", "0", None), ("3", "2", Some(150))]
        {
            assert_eq!(
                Gauge { used: decimal(used), limit: decimal(limit) }.percent(),
                want,
                "{used} of {limit}"
            );
        }
    }

    #[test]
    fn severity_rises_with_the_step() {
        let words: Vec<&str> =
            [1, 50, 79, 80, 94, 95, 99, 100, 250].map(|it| Severity::of_step(it).as_str()).to_vec();
        assert_eq!(
            words,
            ["info", "info", "info", "warning", "warning", "urgent", "urgent", "critical", "critical"]
        );
    }

    #[test]
    fn a_forecast_needs_days_and_use() {
        let period = Period { start: at("2026-11-01"), end: at("2026-12-01") };
        for (used, limit, since, now, want) in [
            // 500 in 10 days: 50 a day; 1,100 on the 23rd.
            (500, 1100, "2026-11-01", "2026-11-11", Some(("2026-11-23T00:00:00Z", 10, 50))),
            (500, 1100, "2026-11-01", "2026-11-03T23:59:59Z", None),
            (500, 1100, "2026-11-01", "2026-11-04", Some(("2026-11-07T14:24:00Z", 3, 166))),
            (200, 1100, "2026-11-01", "2026-11-11", None),
            (500, 1501, "2026-11-01", "2026-11-11", None),
            (500, 1500, "2026-11-01", "2026-11-11", None),
            (1100, 1100, "2026-11-01", "2026-11-11", None),
            (500, 1100, "2026-11-06", "2026-11-11", Some(("2026-11-17T00:00:00Z", 5, 100))),
            (0, 0, "2026-11-01", "2026-11-11", None),
            (
                i64::MAX - 1,
                i64::MAX,
                "2026-11-01",
                "2026-11-11",
                Some(("2026-11-11T00:00:01Z", 10, i64::MAX / 10)),
            ),
        ] {
            let got = forecast(used, limit, period, at(since), at(now));
            let want = want.map(|(when, days, a_day)| Forecast { at: at(when), days, a_day });
            assert_eq!(got, want, "{used} of {limit} since {since} at {now}");
        }
    }

    #[test]
    fn balances_and_differences() {
        for (available, low, want) in [
            (0, None, Some(Balance::Out)),
            (0, Some(10), Some(Balance::Out)),
            (10, Some(10), Some(Balance::Low)),
            (11, Some(10), None),
            (1, None, None),
        ] {
            assert_eq!(balance(available, low), want, "{available} {low:?}");
        }
    }
}
