//! Instants as text, many of them: the date is worked out once for all instants of a day.

use std::io::Write as _;

use crate::billing::time::{DAY_S, Micros, SECOND_US, Timestamp};

/// `2023-11-16T18:17:03.979960Z`
const LONGEST: usize = 27;
/// Up to the second.
const SECONDS_END: usize = 19;

/// Writes instants as [`Timestamp`] and [`Micros`] display themselves.
#[derive(Debug, Clone)]
pub(super) struct InstantText {
    /// Dates of the days that were met last, by the day's number modulo their count.
    days: [(i64, [u8; 10]); 4],
}

impl Default for InstantText {
    fn default() -> InstantText {
        InstantText { days: [(i64::MIN, [0; 10]); 4] }
    }
}

impl InstantText {
    /// Appends an instant in seconds.
    pub(super) fn push_seconds(&mut self, out: &mut Vec<u8>, at: Timestamp) {
        if !self.push(out, at, 0) {
            let _ = write!(out, "{at}");
        }
    }

    /// Appends an instant in microseconds.
    pub(super) fn push_micros(&mut self, out: &mut Vec<u8>, at: Micros) {
        if !self.push(out, at.second(), at.0.rem_euclid(SECOND_US)) {
            let _ = write!(out, "{at}");
        }
    }

    /// Whether the year has four digits; others are left to the calendar, where nobody is in a hurry.
    #[inline]
    fn push(&mut self, out: &mut Vec<u8>, at: Timestamp, micros: i64) -> bool {
        let Some(date) = self.date(at.0.div_euclid(DAY_S)) else { return false };
        // Both are below 2^32 by what they are the rest of.
        let second = u32::try_from(at.0.rem_euclid(DAY_S)).unwrap_or(0);
        let micros = u32::try_from(micros).unwrap_or(0);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        text[..date.len()].copy_from_slice(&date);
        for (from, part) in [(11, second / 3_600), (14, second / 60 % 60), (17, second % 60)] {
            text[from..from + 2].copy_from_slice(&two_digits(part));
        }
        let mut end = SECONDS_END;
        if micros > 0 {
            for (from, part) in [(20, micros / 10_000), (22, micros / 100 % 100), (24, micros % 100)] {
                text[from..from + 2].copy_from_slice(&two_digits(part));
            }
            end = LONGEST - 1;
            while text[end - 1] == b'0' {
                end -= 1;
            }
        }
        text[end] = b'Z';
        out.extend_from_slice(&text[..=end]);
        true
    }

    #[inline]
    fn date(&mut self, day: i64) -> Option<[u8; 10]> {
        let slot = self.days.get_mut(usize::try_from(day.rem_euclid(4)).ok()?)?;
        if slot.0 != day {
            let date = Timestamp(day.checked_mul(DAY_S)?).civil()?.date();
            let text = date.to_string();
            *slot = (day, text.as_bytes().try_into().ok()?);
        }
        Some(slot.1)
    }
}

/// The digits of a number below 100.
#[inline]
fn two_digits(number: u32) -> [u8; 2] {
    let digit = |value: u32| b'0' + u8::try_from(value % 10).unwrap_or(0);
    [digit(number / 10), digit(number)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fast way and the calendar's own say the same, before 1970, at leap days and at the ends of the calendar.
    #[test]
    fn texts_are_those_of_the_calendar() {
        let mut text = InstantText::default();
        for at in [
            0,
            -1,
            -999_999,
            1_700_158_623_979_960,
            951_782_399_999_999, // 2000-02-28T23:59:59.999999Z
            951_868_800_000_000, // 2000-03-01
            4_102_444_799_100_000,
            1_795_248_000_000_001,
            1_795_248_000_000_010,
            -62_167_219_200_000_001, // the last microsecond of the year -1
            253_402_207_200_000_000,
        ] {
            let mut shown = Vec::new();
            text.push_micros(&mut shown, Micros(at));
            assert_eq!(String::from_utf8(shown).unwrap(), Micros(at).to_string(), "{at}");
        }
        for at in [0, -1, 86_399, 86_400, 1_795_248_000, i64::MAX / 1_000_000, i64::MIN / 1_000_000] {
            let mut shown = Vec::new();
            text.push_seconds(&mut shown, Timestamp(at));
            assert_eq!(String::from_utf8(shown).unwrap(), Timestamp(at).to_string(), "{at}");
        }
    }
}
