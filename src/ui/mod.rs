//! FACE. The only room that prints. Results on stdout, all else on stderr; progress only on a terminal.
//!
//! A command returns a [`Report`] of typed cells; this room renders it once, in the format that was asked for, so
//! that table, JSON, NDJSON, CSV and Markdown cannot disagree. To add a format: a file here and an arm in `render`.

mod cell;
mod csv;
mod failure;
mod html;
mod instant;
mod json;
mod progress;
mod prompt;
mod report;
mod stream;
mod table;

use std::io::{self, Write};

pub use cell::{Cell, text_safe};
pub use csv::{field_guarded, line as csv_line};
pub use html::{Chart, Part, page as html_page};
pub use progress::Progress;
pub use report::Report;
pub use stream::{FieldsText, RowText, RowWriter};

use crate::env::Terminal;
use crate::error::Error;

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for people.
    Table,
    /// One JSON object.
    Json,
    /// One JSON object a row.
    Ndjson,
    /// Comma-separated values with a header.
    Csv,
    /// A Markdown table.
    Markdown,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to show things.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Format of results.
    pub format: Format,
    /// Say nothing on stderr but errors.
    pub quiet: bool,
    /// Show each call to Stripe.
    pub verbose: bool,
    /// Whether colour is used.
    pub color: bool,
    /// Never ask.
    pub no_input: bool,
    /// Which streams are terminals.
    pub terminal: Terminal,
}

/// The streams, and how to write on them.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    /// How to show things.
    pub style: Style,
}

impl Ui {
    /// Shows a result. A reader that went away (`| head`) is no error.
    pub fn report(&self, report: &Report) -> io::Result<()> {
        let stdout = io::stdout();
        let mut out = io::BufWriter::new(stdout.lock());
        let written = self.render(report, &mut out).and_then(|()| out.flush());
        quiet_pipe(written)?;
        if matches!(self.style.format, Format::Ndjson | Format::Csv) {
            self.note(&report.verdict);
        }
        Ok(())
    }

    /// Renders a result in the chosen format.
    pub fn render(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        if matches!(self.style.format, Format::Ndjson | Format::Csv) && report.columns.is_empty() {
            return self.render_rows(&report.facts_as_row(), out);
        }
        self.render_rows(report, out)
    }

    fn render_rows(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        match self.style.format {
            Format::Table => table::write(report, self.style, out),
            Format::Markdown => table::write_markdown(report, out),
            Format::Json => json::write(report, out),
            Format::Ndjson => json::write_rows(report, out),
            Format::Csv => csv::write(report, out),
        }
    }

    /// Shows a failure on stderr: text, or one JSON object when results are JSON.
    pub fn failure(&self, error: &Error) {
        let json = matches!(self.style.format, Format::Json | Format::Ndjson);
        let text = if json { failure::json(error) } else { failure::text(error, self.style.color) };
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Says something beside the result, on stderr.
    pub fn note(&self, text: &str) {
        if !self.style.quiet && !text.is_empty() {
            let _ = writeln!(io::stderr(), "{}", text_safe(text));
        }
    }

    /// Writes raw result bytes, such as a completion script or one answer line of a stream.
    pub fn raw(&self, bytes: &[u8]) -> io::Result<()> {
        let stdout = io::stdout();
        let mut out = stdout.lock();
        quiet_pipe(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// One trace line of a call to Stripe, under `-v`.
    pub fn trace(&self, line: &str) {
        if self.style.verbose {
            let _ = writeln!(io::stderr(), "{}", text_safe(line));
        }
    }

    /// A progress bar over `total` steps (or without an end); drawn on a terminal only.
    pub fn progress(&self, what: &str, total: Option<u64>) -> Progress {
        Progress::new(self.style, what, total)
    }

    /// Whether somebody can be asked.
    pub fn can_ask(&self) -> bool {
        self.style.terminal.input && self.style.terminal.error && !self.style.no_input
    }

    /// Asks yes or no; `None` when nobody can answer. Defaults to no.
    pub fn confirm(&self, question: &str) -> Option<bool> {
        if self.can_ask() { prompt::confirm(question) } else { None }
    }

    /// Asks to type a word exactly; `None` when nobody can answer.
    pub fn confirm_typed(&self, question: &str, word: &str) -> Option<bool> {
        if self.can_ask() { prompt::typed(question, word) } else { None }
    }
}

fn quiet_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
