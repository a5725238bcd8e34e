//! What several rounds of the same work come to.

use std::time::Duration;

/// One measured run of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sample {
    /// From start to end.
    pub(super) wall: Duration,
    /// Processor time, of all its threads, in user and system mode.
    pub(super) cpu: Duration,
    /// Most memory that it had at once, in bytes; 0 where that is not known.
    pub(super) peak_bytes: u64,
    /// Bytes that its result takes on the disk, where that was looked at.
    pub(super) disk_bytes: u64,
}

/// The runs of one contestant.
#[derive(Debug, Clone, Default)]
pub(super) struct Series(pub(super) Vec<Sample>);

impl Series {
    pub(super) fn wall_s(&self) -> Option<f64> {
        median(self.0.iter().map(|it| it.wall.as_secs_f64()))
    }
    pub(super) fn cpu_s(&self) -> Option<f64> {
        median(self.0.iter().map(|it| it.cpu.as_secs_f64()))
    }
    pub(super) fn fastest_s(&self) -> Option<f64> {
        self.0.iter().map(|it| it.wall.as_secs_f64()).min_by(f64::total_cmp)
    }
    pub(super) fn slowest_s(&self) -> Option<f64> {
        self.0.iter().map(|it| it.wall.as_secs_f64()).max_by(f64::total_cmp)
    }
    pub(super) fn peak_bytes(&self) -> Option<u64> {
        self.0.iter().map(|it| it.peak_bytes).max().filter(|it| *it > 0)
    }
    pub(super) fn disk_bytes(&self) -> Option<u64> {
        self.0.iter().map(|it| it.disk_bytes).max().filter(|it| *it > 0)
    }
}

/// The value in the middle; of an even number of them the mean of the two there. `None` of nothing.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    match values.len() % 2 {
        0 => values.get(middle - 1).map(|lower| (lower + upper) / 2.0),
        _ => Some(upper),
    }
}

/// How often `part` goes into `whole`; `None` where either is missing or nothing.
pub(super) fn ratio(whole: Option<f64>, part: Option<f64>) -> Option<f64> {
    whole.zip(part).filter(|(_, part)| *part > 0.0).map(|(whole, part)| whole / part)
}

/// What a figure is to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    pub(super) fn is_met(self, value: f64) -> bool {
        match self {
            Goal::AtLeast(bound) => value >= bound,
            Goal::AtMost(bound) => value <= bound,
        }
    }
    pub(super) fn shown(self) -> String {
        match self {
            Goal::AtLeast(bound) => format!(">= {}", short(bound)),
            Goal::AtMost(bound) => format!("<= {}", short(bound)),
        }
    }
}

/// A number with about three digits that count.
pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    let digits = match size {
        _ if size >= 100.0 || value.fract() == 0.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        for (values, want) in [
            (&[][..], None),
            (&[7.0][..], Some(7.0)),
            (&[9.0, 1.0][..], Some(5.0)),
            (&[100.0, 1.0, 3.0][..], Some(3.0)),
            (&[4.0, 1.0, 2.0, 90.0][..], Some(3.0)),
        ] {
            assert_eq!(median(values.iter().copied()), want, "{values:?}");
        }
    }

    #[test]
    fn goals_hold_at_their_bound() {
        assert!(Goal::AtLeast(3.0).is_met(3.0) && !Goal::AtLeast(3.0).is_met(2.99));
        assert!(Goal::AtMost(15.0).is_met(15.0) && !Goal::AtMost(15.0).is_met(15.01));
        assert_eq!(ratio(Some(6.0), Some(0.0)), None, "nothing is no measure");
    }

    #[test]
    fn numbers_are_as_long_as_they_mean_something() {
        for (value, want) in
            [(3.0, "3"), (1234.5, "1234"), (12.34, "12.3"), (1.234, "1.23"), (0.01, "0.0100")]
        {
            assert_eq!(short(value), want);
        }
    }
}
