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

/// A count of nothing is noise to a person; JSON has every field.
fn said(cell: &Cell) -> bool {
    !is_blank(cell) && *cell != Cell::Count(0)
}

fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Blank => true,
        Cell::List(parts) => parts.is_empty(),
        _ => false,
    }
}

/// Columns in which at least one row says something: empty ones only cost width. JSON and CSV keep them all.
fn shown_columns(report: &Report) -> Vec<usize> {
    (0..report.columns.len())
        .filter(|&at| report.rows.iter().any(|row| row.get(at).is_some_and(|cell| !is_blank(cell))))
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

/// A Markdown table for a chat or a ticket: as the table, without columns that say nothing.
pub(super) fn write_markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if !report.rows.is_empty() {
        let shown = shown_columns(report);
        let names: Vec<&str> =
            shown.iter().filter_map(|&at| report.columns.get(at)).map(|it| it.as_ref()).collect();
        writeln!(out, "| {} |", names.join(" | "))?;
        writeln!(out, "|{}", " --- |".repeat(shown.len()))?;
        for row in &report.rows {
            let cells = shown.iter().filter_map(|&at| row.get(at));
            let cells: Vec<String> = cells.map(|cell| markdown_safe(&cell.shown())).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        writeln!(out)?;
    }
    for (name, cell) in report.facts.iter().filter(|(_, cell)| said(cell)) {
        writeln!(out, "- {name}: {}", markdown_safe(&cell.shown()))?;
    }
    writeln!(out, "\n{}", super::text_safe(&report.verdict))
}

fn markdown_safe(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('\n', " ")
}
