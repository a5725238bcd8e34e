//! One page of HTML with tables and charts, complete in itself: nothing is loaded and nothing runs.

use std::fmt::Write as _;

use super::{Cell, Report};

/// A part of a page.
pub enum Part {
    /// A heading and a table with its verdict.
    Table(&'static str, Report),
    /// A chart.
    Chart(Chart),
}

/// Bars with their labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Label and height, from left to right.
    pub bars: Vec<(String, i64)>,
}

const WIDTH: i64 = 960;
const HEIGHT: i64 = 160;
/// Room for the labels below the bars.
const FOOT: i64 = 18;

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24}\
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #d8dee4;vertical-align:top}\
th{font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}p,.d{color:#57606a}\
svg{width:100%;height:auto}rect{fill:#0969da}text{font-size:11px;fill:#57606a}";

/// Renders a page.
pub fn page(title: &str, below: &str, parts: &[Part]) -> String {
    let mut out = String::new();
    // Writing into a text does not fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p>{1}</p>\n",
        escaped(title),
        escaped(below)
    );
    for part in parts {
        match part {
            Part::Table(heading, report) => table(&mut out, heading, report),
            Part::Chart(it) => chart(&mut out, it),
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn table(out: &mut String, heading: &str, report: &Report) {
    let _ = writeln!(out, "<h2>{}</h2>", escaped(heading));
    if !report.rows.is_empty() {
        out.push_str("<table>\n<tr>");
        for (at, name) in report.columns.iter().enumerate() {
            let number = report.rows.iter().any(|row| row.get(at).is_some_and(Cell::is_number));
            let _ = write!(out, "<th{}>{}</th>", class(number), escaped(&name.replace('_', " ")));
        }
        out.push_str("</tr>\n");
        for row in &report.rows {
            out.push_str("<tr>");
            for cell in row {
                let _ = write!(out, "<td{}>{}</td>", class(cell.is_number()), escaped(&cell.shown()));
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</table>\n");
    }
    if !report.verdict.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", escaped(&report.verdict));
    }
}

fn class(number: bool) -> &'static str {
    if number { " class=\"n\"" } else { "" }
}

/// Bars from a common foot; what is below zero has none. Heights are whole pixels of the highest.
fn chart(out: &mut String, it: &Chart) {
    let highest = it.bars.iter().map(|(_, height)| *height).max().unwrap_or(0).max(1);
    let step = WIDTH / i64::try_from(it.bars.len()).unwrap_or(1).max(1);
    let _ = writeln!(out, "<h2>{}</h2>", escaped(&it.title));
    let _ = writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">",
        HEIGHT + FOOT,
        escaped(&it.title)
    );
    let mut x = 0;
    for (label, value) in &it.bars {
        let height = i128::from(*value.max(&0)) * i128::from(HEIGHT) / i128::from(highest);
        let height = i64::try_from(height).unwrap_or(HEIGHT);
        let (y, width) = (HEIGHT - height, (step - 2).max(1));
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"><title>{}: {value}</title></rect>",
            escaped(label)
        );
        x += step;
    }
    let ends = [("start", 0, it.bars.first()), ("end", x.max(1), it.bars.last())];
    for (anchor, x, bar) in ends {
        let label = bar.map(|(label, _)| escaped(label)).unwrap_or_default();
        let y = HEIGHT + FOOT - 4;
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{label}</text>");
    }
    let _ = writeln!(out, "<text x=\"{}\" y=\"11\" text-anchor=\"end\">{highest}</text>\n</svg>", WIDTH);
}

/// Text that is text only, between tags and in quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in super::text_safe(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever stands in names and ids, the page has no tag, attribute or address that it did not write itself.
    #[test]
    fn nothing_in_a_cell_becomes_part_of_the_page() {
        let evil = "</td><script src='https://evil'>alert(\"1\")</script>\u{202e}";
        let mut report = Report::new("x", &["name"]).verdict(evil);
        report.row(vec![Cell::text(evil)]);
        let chart = Chart { title: evil.to_owned(), bars: vec![(evil.to_owned(), 3), ("b".to_owned(), -1)] };
        let page = page(evil, evil, &[Part::Table("T", report), Part::Chart(chart)]);
        assert!(!page.contains("<script") && !page.contains("src='") && !page.contains('\u{202e}'), "{page}");
        assert_eq!(page.matches("&lt;script").count(), 9, "{page}");
        assert!(!page.contains("href=") && !page.contains("url("));
    }

    #[test]
    fn bars_are_as_high_as_their_values() {
        let mut out = String::new();
        chart(
            &mut out,
            &Chart { title: "t".into(), bars: vec![("a".into(), 5), ("b".into(), 20), ("c".into(), 0)] },
        );
        // 160 pixels are 20; 5 are a quarter of them.
        for bar in [
            "x=\"0\" y=\"120\" width=\"318\" height=\"40\"",
            "x=\"320\" y=\"0\" width=\"318\" height=\"160\"",
            "x=\"640\" y=\"160\" width=\"318\" height=\"0\"",
        ] {
            assert!(out.contains(bar), "{bar} in {out}");
        }
    }
}
