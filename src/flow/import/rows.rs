//! Rows of text fields, from a table with a header or from JSON lines.

use std::io::BufRead;

use super::json::Objects;
use crate::flow::lines::{LINE_BYTES_MAX, Line, Lines};

/// Why a row could not be read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// This row; the next one may be good.
    Row(String),
    /// Everything from here on.
    Rest(String),
}

/// The fields of one row, kept in one text.
#[derive(Debug, Default)]
pub struct Fields {
    text: String,
    ends: Vec<usize>,
}

impl Fields {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
    /// Goes on with the present field.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }
    /// Ends the present field.
    pub(super) fn end(&mut self) {
        self.ends.push(self.text.len());
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// The field at a place; an empty one is none.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end).filter(|text| !text.is_empty())
    }
    /// All of them; empty ones are empty.
    pub fn all(&self) -> Vec<String> {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default().to_owned()).collect()
    }
}

/// Reads rows, one at a time, in bounded memory.
pub struct Rows<R> {
    lines: Lines<R>,
    kind: Kind,
    /// The row that was read last.
    pub fields: Fields,
    /// The line that it began in.
    pub line: u64,
}

enum Kind {
    Table { delimiter: u8, columns: usize },
    Ndjson(Objects),
}

impl<R: BufRead> Rows<R> {
    /// Rows of a table with this delimiter. The first one is the header.
    pub fn table(input: R, delimiter: u8) -> Rows<R> {
        Rows::of(input, Kind::Table { delimiter, columns: 0 })
    }

    /// Rows of JSON objects: the values of these keys, in this order; of several names of one the first that is there.
    pub fn ndjson(input: R, keys: Vec<Vec<String>>) -> Rows<R> {
        Rows::of(input, Kind::Ndjson(Objects::new(keys)))
    }

    fn of(input: R, kind: Kind) -> Rows<R> {
        let lines = Lines::new(input, LINE_BYTES_MAX);
        Rows { lines, kind, fields: Fields::default(), line: 0 }
    }

    /// Reads the next row into `fields`. `None` at the end. Blank lines are no rows.
    pub fn next_row(&mut self) -> std::io::Result<Option<Result<(), Unreadable>>> {
        loop {
            self.fields.clear();
            let line = self.lines.next_line()?;
            let Some(line) = line else { return Ok(None) };
            let Line::Bytes(bytes) = line else {
                self.line = self.lines.number();
                return Ok(Some(Err(Unreadable::Row(format!(
                    "the line is longer than {LINE_BYTES_MAX} bytes"
                )))));
            };
            if bytes.is_empty() {
                continue;
            }
            let text = match checked(bytes) {
                Ok(text) => text,
                Err(reason) => {
                    self.line = self.lines.number();
                    return Ok(Some(Err(Unreadable::Row(reason))));
                }
            };
            let read = match &mut self.kind {
                Kind::Table { delimiter, .. } => split(text, *delimiter, &mut self.fields),
                Kind::Ndjson(objects) => objects.read(text, &mut self.fields).map(|()| true),
            };
            self.line = self.lines.number();
            return Ok(Some(match read {
                Err(reason) => Err(Unreadable::Row(reason)),
                Ok(true) => self.check_width(),
                Ok(false) => self.quoted_on()?,
            }));
        }
    }

    /// A quoted field goes on in the lines that follow.
    fn quoted_on(&mut self) -> std::io::Result<Result<(), Unreadable>> {
        let Kind::Table { delimiter, .. } = self.kind else { return Ok(Ok(())) };
        let unclosed = || format!("the quote that opens in line {} is never closed", self.line);
        let unclosed = unclosed();
        loop {
            self.fields.text.push('\n');
            let Some(line) = self.lines.next_line()? else { return Ok(Err(Unreadable::Rest(unclosed))) };
            let Line::Bytes(bytes) = line else { return Ok(Err(Unreadable::Rest(unclosed))) };
            let text = match checked(bytes) {
                Ok(text) => text,
                Err(reason) => return Ok(Err(Unreadable::Rest(format!("{unclosed}; {reason}")))),
            };
            match quoted(text, delimiter, &mut self.fields) {
                Err(reason) => return Ok(Err(Unreadable::Row(reason))),
                Ok(true) => return Ok(self.check_width()),
                Ok(false) if self.fields.text.len() > LINE_BYTES_MAX => {
                    return Ok(Err(Unreadable::Rest(unclosed)));
                }
                Ok(false) => (),
            }
        }
    }

    fn check_width(&mut self) -> Result<(), Unreadable> {
        let has = self.fields.len();
        match &mut self.kind {
            Kind::Table { columns, .. } if *columns == 0 => {
                *columns = has;
                Ok(())
            }
            Kind::Table { columns, .. } if *columns != has => {
                Err(Unreadable::Row(format!("{has} fields, but the header has {columns}")))
            }
            _ => Ok(()),
        }
    }
}

fn checked(bytes: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let what = if utf16 { ": it is UTF-16; save the file as UTF-8" } else { "" };
        format!("not UTF-8 at byte {} of the line{what}", error.valid_up_to() + 1)
    })?;
    if bytes.contains(&0) { Err("a NUL byte".to_owned()) } else { Ok(text) }
}

/// Splits a line at its delimiters. `false`: a quoted field goes on in the next line.
fn split(mut line: &str, delimiter: u8, fields: &mut Fields) -> Result<bool, String> {
    loop {
        if let Some(rest) = line.strip_prefix('"') {
            return quoted(rest, delimiter, fields);
        }
        let end = line.bytes().position(|byte| byte == delimiter);
        fields.text.push_str(&line[..end.unwrap_or(line.len())]);
        fields.end();
        match end {
            Some(end) => line = &line[end + 1..],
            None => return Ok(true),
        }
    }
}

/// Goes on inside a quoted field, then with what is behind it.
fn quoted(mut line: &str, delimiter: u8, fields: &mut Fields) -> Result<bool, String> {
    loop {
        let Some((part, rest)) = line.split_once('"') else {
            fields.text.push_str(line);
            return Ok(false);
        };
        fields.text.push_str(part);
        match rest.as_bytes().first() {
            Some(b'"') => {
                fields.text.push('"');
                line = &rest[1..];
            }
            None => {
                fields.end();
                return Ok(true);
            }
            Some(byte) if *byte == delimiter => {
                fields.end();
                return split(&rest[1..], delimiter, fields);
            }
            Some(_) => return Err("text after a closing quote".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(input: &str) -> Vec<String> {
        let mut rows = Rows::table(input.as_bytes(), b',');
        let mut all = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            all.push(match row {
                Ok(()) => format!("{} {}", rows.line, rows.fields.all().join("|")),
                Err(Unreadable::Row(reason)) => format!("{} row: {reason}", rows.line),
                Err(Unreadable::Rest(reason)) => format!("{} rest: {reason}", rows.line),
            });
        }
        all
    }

    #[test]
    fn tables_by_the_book() {
        for (input, want) in [
            ("a,b\n1,2\n", vec!["1 a|b", "2 1|2"]),
            ("a,b\r\n\r\n,2", vec!["1 a|b", "3 |2"]),
            ("a\n\"x, \"\"y\"\"\"\n", vec!["1 a", "2 x, \"y\""]),
            ("a,b\n\"1\n2\",3\n4,5", vec!["1 a|b", "2 1\n2|3", "4 4|5"]),
            ("a,b\n\"\",\"\"\n", vec!["1 a|b", "2 |"]),
            (
                "a,b\n1\n1,2,3\n4,5",
                vec![
                    "1 a|b",
                    "2 row: 1 fields, but the header has 2",
                    "3 row: 3 fields, but the header has 2",
                    "4 4|5",
                ],
            ),
            ("a,b\n\"1\"x,2\n3,4", vec!["1 a|b", "2 row: text after a closing quote", "3 3|4"]),
            ("a,b\n1,x\"y\n", vec!["1 a|b", "2 1|x\"y"]),
            ("a,b\n\"1,2\n3,4\n", vec!["1 a|b", "2 rest: the quote that opens in line 2 is never closed"]),
            ("a,b\n1,\u{0}\n3,4", vec!["1 a|b", "2 row: a NUL byte", "3 3|4"]),
            ("", vec![]),
        ] {
            assert_eq!(table(input), want, "{input:?}");
        }
        let mut rows = Rows::table(&b"a,b\n1,\xff\n"[..], b',');
        rows.next_row().unwrap();
        let got = rows.next_row().unwrap();
        assert_eq!(got, Some(Err(Unreadable::Row("not UTF-8 at byte 3 of the line".to_owned()))));
        let mut rows = Rows::table(&b"\xff\xfea\0\n\0"[..], b',');
        let Some(Err(Unreadable::Row(reason))) = rows.next_row().unwrap() else { panic!("it was read") };
        assert_eq!(reason, "not UTF-8 at byte 1 of the line: it is UTF-16; save the file as UTF-8");
    }

    #[test]
    fn json_values_keep_their_digits() {
        let keys = ["q", "t", "id"].map(|key| vec!["none".to_owned(), key.to_owned()]).to_vec();
        let mut rows = Rows::ndjson(
            &b"{\"q\":100000000000000000000000000000000,\"t\":1.50,\"x\":[]}\n[1]\n{\"q\":{}}\n{"[..],
            keys,
        );
        assert_eq!(rows.next_row().unwrap(), Some(Ok(())));
        assert_eq!(rows.fields.all(), ["100000000000000000000000000000000", "1.50", ""]);
        assert_eq!(rows.fields.get(2), None);
        let mut rows_of_names = Rows::ndjson(
            &b"{\"at\":1,\"time\":2,\"at\":3}\n{\"at\":1,\"at\":2}\n{\"time\":null,\"at\":\"\\u00e9\"} x\n"[..],
            vec![vec!["time".to_owned(), "at".to_owned()]],
        );
        for want in ["2", "2"] {
            assert_eq!(rows_of_names.next_row().unwrap(), Some(Ok(())));
            assert_eq!(rows_of_names.fields.all(), [want], "the first name, its last value");
        }
        let trailing = rows_of_names.next_row().unwrap();
        assert!(matches!(&trailing, Some(Err(Unreadable::Row(reason))) if reason.starts_with("not JSON")));
        for want in ["not a JSON object", "`q` is neither text nor a number"] {
            assert_eq!(rows.next_row().unwrap(), Some(Err(Unreadable::Row(want.to_owned()))));
        }
        assert!(matches!(rows.next_row().unwrap(), Some(Err(Unreadable::Row(_)))));
        assert_eq!(rows.next_row().unwrap(), None);
    }
}
