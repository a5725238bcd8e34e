//! Instants as text, many of them: the date is worked out once for all instants of a day.

use std::io::Write as _;

use crate::billing::time::{DAY_S, HOUR_S, MINUTE_S, Micros, SECOND_US, Timestamp};

/// `2023-11-16T18:17:03.979960Z` and the quotes that nobody adds.
const LONGEST: usize = 32;

/// Writes instants as [`Timestamp`] and [`Micros`] display themselves.
#[derive(Debug, Clone)]
pub(super) struct InstantText {
    /// Dates of the days that were met last, by the day's number modulo their count.
    days: [(i64, [u8; 10]); 4],
    text: Vec<u8>,
}

impl Default for InstantText {
    fn default() -> InstantText {
        InstantText { days: [(i64::MIN, [0; 10]); 4], text: Vec::with_capacity(LONGEST) }
    }
}

impl InstantText {
    pub(super) fn seconds(&mut self, at: Timestamp) -> &[u8] {
        if !self.write(at, 0) {
            let _ = write!(self.text, "{at}");
        }
        &self.text
    }

    pub(super) fn micros(&mut self, at: Micros) -> &[u8] {
        if !self.write(at.second(), at.0.rem_euclid(SECOND_US)) {
            let _ = write!(self.text, "{at}");
        }
        &self.text
    }

    /// Whether the year has four digits; others are left to the calendar, where nobody is in a hurry.
    fn write(&mut self, at: Timestamp, micros: i64) -> bool {
        self.text.clear();
        let day = at.0.div_euclid(DAY_S);
        let Some(date) = self.date(day) else { return false };
        let second = at.0.rem_euclid(DAY_S);
        self.text.extend_from_slice(&date);
        for (before, part) in
            [(b'T', second / HOUR_S), (b':', second % HOUR_S / MINUTE_S), (b':', second % MINUTE_S)]
        {
            self.text.push(before);
            self.text.extend_from_slice(&two_digits(part));
        }
        if micros > 0 {
            self.text.push(b'.');
            for part in [micros / 10_000, micros / 100 % 100, micros % 100] {
                self.text.extend_from_slice(&two_digits(part));
            }
            while self.text.last() == Some(&b'0') {
                self.text.pop();
            }
        }
        self.text.push(b'Z');
        true
    }

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
fn two_digits(number: i64) -> [u8; 2] {
    let digit = |value: i64| b'0' + u8::try_from(value % 10).unwrap_or(0);
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
            let shown = String::from_utf8(text.micros(Micros(at)).to_vec()).unwrap();
            assert_eq!(shown, Micros(at).to_string(), "{at}");
        }
        for at in [0, -1, 86_399, 86_400, 1_795_248_000, i64::MAX / 1_000_000, i64::MIN / 1_000_000] {
            let shown = String::from_utf8(text.seconds(Timestamp(at)).to_vec()).unwrap();
            assert_eq!(shown, Timestamp(at).to_string(), "{at}");
        }
    }
}
