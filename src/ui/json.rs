//! JSON and NDJSON. Amounts are minor units with the currency in a field beside them.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::{Cell, Report};

/// One object: schema, facts, rows, verdict.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut object = Map::new();
    object.insert("schema".to_owned(), Value::from(format!("paygrade.{}/1", report.name)));
    for (name, cell) in &report.facts {
        insert(&mut object, name, cell);
    }
    if !report.columns.is_empty() {
        let rows = report.rows.iter().map(|row| Value::Object(report_row(report, row))).collect();
        object.insert("rows".to_owned(), Value::Array(rows));
    }
    object.insert("verdict".to_owned(), Value::from(report.verdict.as_str()));
    serde_json::to_writer_pretty(&mut *out, &Value::Object(object))?;
    writeln!(out)
}

/// One object a row.
pub(super) fn write_rows(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for row in &report.rows {
        serde_json::to_writer(&mut *out, &Value::Object(report_row(report, row)))?;
        writeln!(out)?;
    }
    Ok(())
}

/// A row of a report: money that is not there still has its two fields.
fn report_row(report: &Report, row: &[Cell]) -> Map<String, Value> {
    let mut object = row_object(&report.columns, row);
    for name in &report.money {
        object.entry(format!("{name}_currency")).or_insert(Value::Null);
    }
    object
}

/// A row as an object with the columns' names.
fn row_object(columns: &[impl AsRef<str>], row: &[Cell]) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, cell) in columns.iter().zip(row) {
        insert(&mut object, name.as_ref(), cell);
    }
    object
}

fn insert(object: &mut Map<String, Value>, name: &str, cell: &Cell) {
    let value = match cell {
        Cell::Text(text) | Cell::Decimal(text) => Value::from(text.as_str()),
        Cell::Count(count) => Value::from(*count),
        Cell::Money(money) => {
            object.insert(format!("{name}_currency"), Value::from(money.currency.code()));
            Value::from(money.minor)
        }
        Cell::At(_) | Cell::AtMicros(_) => Value::from(cell.shown()),
        Cell::Flag(flag) => Value::from(*flag),
        Cell::List(words) => Value::from(words.clone()),
        Cell::Blank => Value::Null,
    };
    object.insert(name.to_owned(), value);
}
