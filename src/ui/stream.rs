//! Rows that are written as they come, for results that fit into no memory.

use std::io::{self, Write};

use super::csv::cell_field;
use super::{Cell, Format, csv_line, row_object};

/// Writes rows of a report, one at a time, as CSV, NDJSON or one JSON object.
pub struct RowWriter<W> {
    out: W,
    format: Format,
    columns: &'static [&'static str],
    rows: u64,
}

impl<W: Write> RowWriter<W> {
    /// Begins. The name is that of the JSON schema. Any format that is not NDJSON or JSON is written as CSV.
    pub fn begin(
        mut out: W,
        format: Format,
        name: &str,
        columns: &'static [&'static str],
    ) -> io::Result<RowWriter<W>> {
        match format {
            Format::Ndjson => (),
            Format::Json => write!(out, "{{\"schema\":\"paygrade.{name}/1\",\"rows\":[")?,
            _ => {
                let header: Vec<String> = columns.iter().map(|it| (*it).to_owned()).collect();
                out.write_all(csv_line(&header).as_bytes())?;
            }
        }
        Ok(RowWriter { out, format, columns, rows: 0 })
    }

    /// Writes a row: as many cells as columns, none of them money.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        match self.format {
            Format::Ndjson | Format::Json => {
                if self.format == Format::Json {
                    self.out.write_all(if self.rows > 0 { b",\n" } else { b"\n" })?;
                }
                serde_json::to_writer(&mut self.out, &row_object(self.columns, cells))?;
                if self.format == Format::Ndjson {
                    self.out.write_all(b"\n")?;
                }
            }
            _ => {
                let fields: Vec<String> = cells.iter().map(cell_field).collect();
                self.out.write_all(csv_line(&fields).as_bytes())?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends, with the verdict where the format has a place for it.
    pub fn end(mut self, verdict: &str) -> io::Result<W> {
        if self.format == Format::Json {
            let verdict = serde_json::Value::from(verdict);
            writeln!(self.out, "\n],\"verdict\":{verdict}}}")?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
