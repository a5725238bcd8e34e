//! The table of results: what was measured, and how it stands to its goal.

use super::stats::{Goal, Series, ratio, short};
use crate::ui::{Cell, Report};

const COLUMNS: &[&str] = &[
    "job",
    "size",
    "by",
    "median_s",
    "fastest_s",
    "slowest_s",
    "cpu_s",
    "per_second",
    "peak_mb",
    "bytes_per_event",
    "measure",
    "value",
    "goal",
    "met",
];
const MB: f64 = 1_000_000.0;

/// The table as it grows.
pub(super) struct Sheet {
    pub(super) report: Report,
    /// Goals are for full sizes: at others they are shown and not judged.
    judged: bool,
    met: usize,
    missed: Vec<String>,
    troubles: usize,
}

/// What a line is about.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) job: String,
    pub(super) size: String,
}

impl About {
    pub(super) fn new(job: impl Into<String>, size: impl Into<String>) -> About {
        About { job: job.into(), size: size.into() }
    }
}

impl Sheet {
    pub(super) fn new(judged: bool) -> Sheet {
        Sheet { report: Report::new("bench", COLUMNS), judged, met: 0, missed: Vec::new(), troubles: 0 }
    }

    /// What was measured of one contestant that did `units` pieces of work.
    pub(super) fn timed(&mut self, about: &About, by: &str, series: &Series, units: u64) {
        let per_second = ratio(Some(units as f64), series.wall_s());
        let disk = series.disk_bytes().map(|bytes| bytes as f64 / units.max(1) as f64);
        let seconds = |value: Option<f64>| value.map_or(Cell::Blank, |it| Cell::Decimal(format!("{it:.4}")));
        self.report.row(vec![
            Cell::text(&about.job),
            Cell::text(&about.size),
            Cell::text(by),
            seconds(series.wall_s()),
            seconds(series.fastest_s()),
            seconds(series.slowest_s()),
            seconds(series.cpu_s().filter(|it| *it > 0.0)),
            per_second.map_or(Cell::Blank, |it| Cell::Decimal(short(it))),
            series.peak_bytes().map_or(Cell::Blank, |it| Cell::Decimal(format!("{:.1}", it as f64 / MB))),
            disk.map_or(Cell::Blank, |it| Cell::Decimal(format!("{it:.1}"))),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
        ]);
    }

    /// One figure, perhaps with its goal.
    pub(super) fn figure(
        &mut self,
        about: &About,
        by: &str,
        measure: &str,
        value: Option<f64>,
        goal: Option<Goal>,
    ) {
        let Some(value) = value else { return };
        let met = goal.filter(|_| self.judged).map(|goal| goal.is_met(value));
        match (met, goal) {
            (Some(true), _) => self.met += 1,
            (Some(false), Some(goal)) => self.missed.push(format!(
                "{} {}: {measure} {} instead of {}",
                about.job,
                about.size,
                short(value),
                goal.shown()
            )),
            _ => {}
        }
        let mut row = vec![Cell::text(&about.job), Cell::text(&about.size), Cell::text(by)];
        row.extend(std::iter::repeat_n(Cell::Blank, 7));
        row.push(Cell::text(measure));
        row.push(Cell::Decimal(short(value)));
        row.push(goal.map_or(Cell::Blank, |goal| Cell::text(goal.shown())));
        row.push(met.map_or(Cell::Blank, Cell::Flag));
        self.report.row(row);
    }

    /// How many times as fast as a peer.
    pub(super) fn compared(
        &mut self,
        about: &About,
        (own, peer): (Option<&Series>, Option<&Series>),
        name: &str,
        goal: Option<Goal>,
    ) {
        let times = ratio(peer.and_then(Series::wall_s), own.and_then(Series::wall_s));
        self.figure(about, "paygrade", &format!("times as fast as {name}"), times, goal);
    }

    /// The most memory that was needed at once.
    pub(super) fn peak(&mut self, about: &About, series: Option<&Series>, goal: Goal) {
        let peak = series.and_then(Series::peak_bytes).map(|bytes| bytes as f64 / MB);
        self.figure(about, "paygrade", "peak MB", peak, Some(goal));
    }

    /// Something that was to be measured and was not.
    pub(super) fn trouble(&mut self, about: &About, by: &str, why: &str) {
        self.troubles += 1;
        let mut row = vec![Cell::text(&about.job), Cell::text(&about.size), Cell::text(by)];
        row.extend(std::iter::repeat_n(Cell::Blank, 7));
        row.extend([Cell::text(format!("failed: {why}")), Cell::Blank, Cell::Blank, Cell::Blank]);
        self.report.row(row);
    }

    /// Whether everything that was to be measured was.
    pub(super) fn is_whole(&self) -> bool {
        self.troubles == 0
    }

    /// The last line.
    pub(super) fn verdict(&self) -> String {
        let mut text = if self.judged {
            format!("{} goals met, {} missed", self.met, self.missed.len())
        } else {
            "goals are for full sizes: here they are shown and not judged".to_owned()
        };
        if !self.missed.is_empty() {
            text.push_str(&format!(" ({})", self.missed.join("; ")));
        }
        if self.troubles > 0 {
            text.push_str(&format!("; {} could not be measured", self.troubles));
        }
        text
    }
}
