//! Tables for people, and for Markdown.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::{Cell, Report, Style};

/// Aligned columns without lines; ids are never cut short, so the width is not bounded.
pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if !report.rows.is_empty() {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let shown = shown_columns(report);
        table.set_header(shown.iter().map(|&at| header(report, at, style)).collect::<Vec<_>>());
        for row in &report.rows {
            table.add_row(shown.iter().filter_map(|&at| row.get(at)).map(table_cell).collect::<Vec<_>>());
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for line in table.to_string().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    // A count of nothing is noise to a person; JSON has every field.
    let said = |cell: &Cell| !matches!(cell, Cell::Blank | Cell::Count(0));
    let width =
        report.facts.iter().filter(|(_, cell)| said(cell)).map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, cell) in report.facts.iter().filter(|(_, cell)| said(cell)) {
        writeln!(out, "{name:width$}  {}", cell.shown())?;
    }
    if !report.verdict.is_empty() {
        writeln!(out, "{}", super::text_safe(&report.verdict))?;
    }
    Ok(())
}

/// Columns in which at least one row says something: empty ones only cost width. JSON and CSV keep them all.
fn shown_columns(report: &Report) -> Vec<usize> {
    (0..report.columns.len())
        .filter(|&at| report.rows.iter().any(|row| row.get(at).is_some_and(|cell| *cell != Cell::Blank)))
        .collect()
}

fn header(report: &Report, at: usize, style: Style) -> comfy_table::Cell {
    let name = report.columns.get(at).map(AsRef::as_ref).unwrap_or_default();
    let number = report.rows.iter().any(|row| row.get(at).is_some_and(Cell::is_number));
    let cell = comfy_table::Cell::new(name);
    let cell = if style.color { cell.add_attribute(comfy_table::Attribute::Bold) } else { cell };
    if number { cell.set_alignment(CellAlignment::Right) } else { cell }
}

fn table_cell(cell: &Cell) -> comfy_table::Cell {
    let shown = comfy_table::Cell::new(cell.shown());
    if cell.is_number() { shown.set_alignment(CellAlignment::Right) } else { shown }
}

/// A Markdown table with all columns.
pub(super) fn write_markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if !report.columns.is_empty() {
        writeln!(out, "| {} |", report.columns.join(" | "))?;
        writeln!(out, "|{}", " --- |".repeat(report.columns.len()))?;
        for row in &report.rows {
            let cells: Vec<String> = row.iter().map(|cell| markdown_safe(&cell.shown())).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        writeln!(out)?;
    }
    for (name, cell) in &report.facts {
        writeln!(out, "- {name}: {}", markdown_safe(&cell.shown()))?;
    }
    writeln!(out, "\n{}", super::text_safe(&report.verdict))
}

fn markdown_safe(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('\n', " ")
}
