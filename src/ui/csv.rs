//! CSV by RFC 4180, with cells that a spreadsheet would take for a formula disarmed.

use std::io::{self, Write};

use super::{Cell, Report};

/// Header and rows. A money column is followed by its currency, so that the header never depends on the rows.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let money: Vec<bool> = report.columns.iter().map(|name| report.money.contains(&name.as_ref())).collect();
    if report.columns.is_empty() {
        return Ok(());
    }
    let mut header = Vec::new();
    for (name, is_money) in report.columns.iter().zip(&money) {
        header.push(name.to_string());
        if *is_money {
            header.push(format!("{name}_currency"));
        }
    }
    out.write_all(line(&header).as_bytes())?;
    for row in &report.rows {
        let mut fields = Vec::with_capacity(header.len());
        for (cell, is_money) in row.iter().zip(&money) {
            match cell {
                Cell::Money(amount) => {
                    fields.extend([amount.minor.to_string(), amount.currency.code().to_owned()])
                }
                other => fields.push(cell_field(other)),
            }
            if *is_money && !matches!(cell, Cell::Money(_)) {
                fields.push(String::new());
            }
        }
        out.write_all(line(&fields).as_bytes())?;
    }
    Ok(())
}

/// One cell as a field. Money has two and is not written here.
fn cell_field(cell: &Cell) -> String {
    match cell {
        Cell::Count(_) | Cell::Decimal(_) => cell.shown(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Text(text) => field_guarded(text),
        other => field_guarded(&other.shown()),
    }
}

/// Text that no spreadsheet runs: an apostrophe before what could start a formula. Numbers never pass here. A sign that
/// stands alone starts nothing: it stays readable for programs.
pub fn field_guarded(text: &str) -> String {
    format!("{}{text}", guard(text))
}

fn guard(text: &str) -> &'static str {
    let alone = matches!(text, "+" | "-");
    let risky = !alone && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    if risky { "'" } else { "" }
}

/// Appends text as a guarded field, quoted where needed.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    push_quoted(out, guard(text), text);
}

fn push_quoted(out: &mut Vec<u8>, before: &str, text: &str) {
    if !text.contains([',', '"', '\n', '\r', '\0']) {
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(before.as_bytes());
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

/// One line of fields, quoted where needed.
pub fn line(fields: &[String]) -> String {
    let mut line = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        push_quoted(&mut line, "", field);
    }
    line.push(b'\n');
    String::from_utf8_lossy(&line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_quotes_doubled() {
        for (text, want) in [
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("acme", "acme"),
            ("", ""),
            ("+", "+"),
            ("-", "-"),
            ("+1", "'+1"),
        ] {
            assert_eq!(field_guarded(text), want);
        }
        assert_eq!(line(&["a,b".into(), "say \"hi\"".into(), "x".into()]), "\"a,b\",\"say \"\"hi\"\"\",x\n");
    }
}
