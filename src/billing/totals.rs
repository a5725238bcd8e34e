//! Totals so far: what a warehouse says of a customer, meter and hour, against what is recorded.

use super::time::{HOUR_S, Micros, SECOND_US, Timestamp};
use super::usage::{BadUsage, parse_quantity};

/// What a total makes of what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is recorded already.
    None,
    /// So many units more are recorded.
    Raise(i64),
    /// So many units are taken back.
    Lower(i64),
    /// It says less than is recorded, and nobody allowed that.
    Refused(i64),
    /// Its period is billed: what is recorded stays.
    Billed(i64),
}

/// Compares a total with what is recorded. `billed`: the invoice of that usage is final, or its grace is over; usage that
/// comes late is recorded all the same, but nothing is taken back from it.
pub fn change(total: i64, recorded: i64, allow_lower: bool, billed: bool) -> Change {
    match total.saturating_sub(recorded) {
        0 => Change::None,
        more if more > 0 => Change::Raise(more),
        less if !allow_lower => Change::Refused(-less),
        less if billed => Change::Billed(-less),
        less => Change::Lower(-less),
    }
}

/// When the units of an hour that are recorded now happened: now while the hour runs, its last second afterwards. `None`
/// where it has not begun.
pub fn instant(hour: Timestamp, now: Timestamp) -> Option<Micros> {
    let last = hour.plus(HOUR_S - 1);
    (hour <= now).then(|| Micros(last.min(now).0.saturating_mul(SECOND_US)))
}

/// Reads a total: as a quantity is read, from 0 up.
pub fn parse_total(text: &str) -> Result<i64, &'static str> {
    match parse_quantity(text) {
        Ok(total) => Ok(total),
        Err(BadUsage::QuantityRange(zero)) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => Ok(0),
        Err(BadUsage::QuantityGrouped(_)) => Err("can be read in two ways: write the units without a point"),
        Err(_) => Err("is not a whole number of units, 0 to 15 digits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_becomes_the_difference_to_what_is_recorded() {
        for (total, recorded, allow_lower, billed, want) in [
            (10, 10, false, false, Change::None),
            (12, 10, false, false, Change::Raise(2)),
            (12, 10, false, true, Change::Raise(2)),
            (7, 10, false, false, Change::Refused(3)),
            (7, 10, true, false, Change::Lower(3)),
            (7, 10, true, true, Change::Billed(3)),
            (0, 10, true, false, Change::Lower(10)),
            (0, 0, false, false, Change::None),
        ] {
            assert_eq!(change(total, recorded, allow_lower, billed), want, "{total} of {recorded}");
        }
    }

    #[test]
    fn an_hour_that_runs_counts_now_and_one_that_is_over_at_its_end() {
        let hour = Timestamp(1_795_248_000);
        for (now, want) in
            [(-1, None), (0, Some(0)), (1_800, Some(1_800)), (3_600, Some(3_599)), (9_000, Some(3_599))]
        {
            let got = instant(hour, hour.plus(now)).map(|at| at.second().since(hour));
            assert_eq!(got, want, "{now} s after it began");
        }
    }

    #[test]
    fn totals_are_whole_and_not_negative() {
        for (text, want) in [
            ("0", Some(0)),
            ("0.000", Some(0)),
            ("-0", None),
            ("4808.0", Some(4808)),
            // A thousand to some.
            ("1.000", None),
            ("999999999999999", Some(999_999_999_999_999)),
            ("1000000000000000", None),
            ("-1", None),
            ("1.5", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(parse_total(text).ok(), want, "{text:?}");
        }
    }
}
