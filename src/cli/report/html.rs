//! `report html`.

use std::path::PathBuf;

use clap::Args;

use super::{count, overview, revenue, several, usage_report};
use crate::cli::Cx;
use crate::cli::export::{WholeFile, refuse_own_files};
use crate::error::{Error, Kind};
use crate::flow::report::{self, DAYS_CHARTED, Trend};
use crate::flow::usage_show::Which;
use crate::ui::{Cell, Chart, Part, Report, html_page};

/// One page with everything: usage day by day, cost so far and at this pace, trend, revenue
///
/// A single file that needs no network: no scripts, no fonts, no pictures from elsewhere. From the store alone.
#[derive(Debug, Args)]
#[command(after_help = "Example: paygrade report html --out report.html")]
pub struct HtmlArgs {
    /// The file to write, readable by its owner only
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

const TREND: &[&str] = &["meter", "units", "units_before", "change", "percent"];

pub(super) fn run(cx: &Cx, args: &HtmlArgs) -> Result<Report, Error> {
    refuse_own_files(cx, &args.out)?;
    let store = cx.store_reading()?;
    let now = cx.now()?;
    let daily = report::daily(&store, now)?;
    let trend = trend_report(&report::trends(&daily, now));
    let charts: Vec<Chart> = daily
        .iter()
        .map(|it| Chart {
            title: format!("{}: units a day", it.meter),
            bars: it
                .days
                .iter()
                .map(|(day, units)| (day.to_string().chars().take(10).collect(), *units))
                .collect(),
        })
        .collect();
    let meters = count(charts.len());
    let mut parts = vec![Part::Table("Overview", overview(cx)?)];
    parts.extend(charts.into_iter().map(Part::Chart));
    parts.push(Part::Table("The last 30 days beside the 30 before", trend));
    parts.push(Part::Table("Usage of the current periods", usage_report(cx, "current", Which::Current)?));
    parts.push(Part::Table("Usage of the last periods", usage_report(cx, "last", Which::Last)?));
    parts.push(Part::Table("Revenue", revenue(cx)?));
    let title = match store.info()?.namespace {
        Some(namespace) => format!("{namespace} ({})", cx.target()),
        None => cx.target().to_owned(),
    };
    let page = html_page(&title, &format!("as of {now}"), &parts);
    let shown = args.out.display().to_string();
    let write = || {
        let mut file = WholeFile::create(&args.out)?;
        file.out().write_all(page.as_bytes())?;
        file.commit()
    };
    write().map_err(|error: std::io::Error| {
        Error::new(Kind::Store, "output", format!("{shown} cannot be written"))
            .because(&error)
            .hint("check the folder, its permissions and the space on disk")
    })?;
    let report = Report::new("report_html", &[]).fact("file", Cell::text(&shown));
    let meters = several(meters, "meter", "meters");
    Ok(report.verdict(format!("{meters} over {DAYS_CHARTED} days in {shown}")))
}

fn trend_report(trends: &[Trend]) -> Report {
    let mut report = Report::new("report_trend", TREND);
    for it in trends {
        report.row(vec![
            Cell::text(&it.meter),
            Cell::Count(it.units),
            Cell::Count(it.before),
            Cell::Count(it.units.saturating_sub(it.before)),
            Cell::maybe_text(it.percent().map(|percent| format!("{percent:+} %"))),
        ]);
    }
    report
}
