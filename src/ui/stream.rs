//! Rows that are written as they come, for results that fit into no memory: without a copy of any value on the way.

use std::io::{self, Write};

use super::csv::push_text;
use super::instant::InstantText;
use super::{Cell, Format};
use crate::billing::time::{Micros, Timestamp};

/// Bytes that are gathered before they are written.
const BUFFER: usize = 1 << 18;

/// Writes rows of a report, one at a time, as CSV, NDJSON or one JSON object, fields in the order of the columns.
///
/// A row is either given as cells ([`RowWriter::row`]), or field by field between [`RowWriter::begin_row`] and
/// [`RowWriter::end_row`], as many fields as there are.
pub struct RowWriter<W> {
    out: W,
    format: Format,
    /// What stands before each field: a comma, or its name in JSON.
    heads: Vec<Vec<u8>>,
    /// Which columns hold money and so have two fields.
    money: Vec<bool>,
    buffer: Vec<u8>,
    /// The next field of the row.
    field: usize,
    rows: u64,
    instants: InstantText,
}

/// What words look like in a format, so that a word that comes again and again is spelled once.
#[derive(Debug, Clone, Copy)]
pub struct Spelling(Format);

impl Spelling {
    /// Appends a word as it stands in a field.
    pub fn push(self, out: &mut Vec<u8>, text: &str) {
        match self.0 {
            Format::Ndjson | Format::Json => push_json(out, text),
            _ => push_text(out, text),
        }
    }
}

impl<W: Write> RowWriter<W> {
    /// Begins. The name is that of the JSON schema; `money` names the columns that hold money. Any format that is not
    /// NDJSON or JSON is written as CSV.
    pub fn begin(
        out: W,
        format: Format,
        name: &str,
        columns: &[&str],
        money: &[&str],
    ) -> io::Result<RowWriter<W>> {
        let mut fields = Vec::new();
        for column in columns {
            fields.push((*column).to_owned());
            if money.contains(column) {
                fields.push(format!("{column}_currency"));
            }
        }
        let mut buffer = Vec::with_capacity(BUFFER + BUFFER / 4);
        let heads = fields.iter().enumerate().map(|(at, field)| head(format, at, field)).collect();
        match format {
            Format::Ndjson => (),
            Format::Json => write!(buffer, "{{\"schema\":\"paygrade.{name}/1\",\"rows\":[")?,
            _ => buffer.extend_from_slice(super::csv_line(&fields).as_bytes()),
        }
        let money = columns.iter().map(|column| money.contains(column)).collect();
        Ok(RowWriter {
            out,
            format,
            heads,
            money,
            buffer,
            field: 0,
            rows: 0,
            instants: InstantText::default(),
        })
    }

    /// How words are spelled here.
    pub fn spelling(&self) -> Spelling {
        Spelling(self.format)
    }

    /// Writes a row: as many cells as columns.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.money.len(), "a row has as many cells as columns");
        self.begin_row();
        for (at, cell) in cells.iter().enumerate() {
            self.cell(cell, self.money.get(at).copied().unwrap_or(false));
        }
        self.end_row()
    }

    fn cell(&mut self, cell: &Cell, is_money: bool) {
        match cell {
            Cell::Text(text) => self.text(text),
            // Exact decimals are strings in JSON, so that no reader makes floats of them; in CSV no formula begins so.
            Cell::Decimal(text) => self.with(|out, json| {
                let quote: &[u8] = if json { b"\"" } else { b"" };
                out.extend_from_slice(quote);
                out.extend_from_slice(text.as_bytes());
                out.extend_from_slice(quote);
            }),
            Cell::Count(count) => self.count(*count),
            Cell::Money(amount) => {
                self.count(amount.minor);
                self.text(amount.currency.code());
            }
            Cell::At(at) => self.at(*at),
            Cell::AtMicros(at) => self.at_micros(*at),
            Cell::Flag(flag) => self.flag(*flag),
            Cell::List(words) => self.list(words),
            Cell::Blank => self.blank(),
        }
        if is_money && !matches!(cell, Cell::Money(_)) {
            self.blank();
        }
    }

    /// Begins a row.
    pub fn begin_row(&mut self) {
        if self.format == Format::Json {
            self.buffer.extend_from_slice(if self.rows > 0 { b",\n" } else { b"\n" });
        }
        self.field = 0;
    }

    /// Ends a row.
    pub fn end_row(&mut self) -> io::Result<()> {
        debug_assert_eq!(self.field, self.heads.len(), "a row has all its fields");
        match self.format {
            Format::Json => self.buffer.push(b'}'),
            Format::Ndjson => self.buffer.extend_from_slice(b"}\n"),
            _ => self.buffer.push(b'\n'),
        }
        self.rows += 1;
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// One field: its head, then what `put` appends, which is told whether it is in JSON.
    #[inline]
    fn with(&mut self, put: impl FnOnce(&mut Vec<u8>, bool)) {
        if let Some(head) = self.heads.get(self.field) {
            self.buffer.extend_from_slice(head);
        }
        self.field += 1;
        put(&mut self.buffer, matches!(self.format, Format::Json | Format::Ndjson));
    }

    /// A field of bytes that need no escape, between quotes in JSON, such as an id of ours.
    #[inline]
    pub fn plain(&mut self, bytes: &[u8]) {
        self.with(|out, json| {
            let quote: &[u8] = if json { b"\"" } else { b"" };
            out.extend_from_slice(quote);
            out.extend_from_slice(bytes);
            out.extend_from_slice(quote);
        });
    }

    /// A field of words.
    pub fn text(&mut self, text: &str) {
        let spelling = self.spelling();
        self.with(|out, _| spelling.push(out, text));
    }

    /// A field that was spelled before.
    #[inline]
    pub fn spelled(&mut self, bytes: &[u8]) {
        self.with(|out, _| out.extend_from_slice(bytes));
    }

    /// A whole number.
    #[inline]
    pub fn count(&mut self, count: i64) {
        self.with(|out, _| out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes()));
    }

    /// A whole number that may be missing.
    #[inline]
    pub fn maybe_count(&mut self, count: Option<i64>) {
        match count {
            Some(count) => self.count(count),
            None => self.blank(),
        }
    }

    /// Yes or no.
    #[inline]
    pub fn flag(&mut self, flag: bool) {
        self.spelled(if flag { b"true" } else { b"false" });
    }

    /// Nothing.
    #[inline]
    pub fn blank(&mut self) {
        self.with(|out, json| out.extend_from_slice(if json { b"null" } else { b"" }));
    }

    /// An instant in seconds.
    pub fn at(&mut self, at: Timestamp) {
        let mut instants = std::mem::take(&mut self.instants);
        self.plain(instants.seconds(at));
        self.instants = instants;
    }

    /// An instant in microseconds.
    pub fn at_micros(&mut self, at: Micros) {
        let mut instants = std::mem::take(&mut self.instants);
        self.plain(instants.micros(at));
        self.instants = instants;
    }

    /// Several short words: an array in JSON, between spaces in CSV.
    fn list(&mut self, words: &[String]) {
        self.with(|out, json| {
            if !json {
                return push_text(out, &words.join(" "));
            }
            out.push(b'[');
            for (at, word) in words.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                push_json(out, word);
            }
            out.push(b']');
        });
    }

    /// Ends, with the verdict where the format has a place for it.
    pub fn end(mut self, verdict: &str) -> io::Result<W> {
        if self.format == Format::Json {
            let verdict = serde_json::Value::from(verdict);
            writeln!(self.buffer, "\n],\"verdict\":{verdict}}}")?;
        }
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn head(format: Format, at: usize, field: &str) -> Vec<u8> {
    match format {
        Format::Ndjson | Format::Json => {
            let mut head = vec![if at == 0 { b'{' } else { b',' }];
            push_json(&mut head, field);
            head.push(b':');
            head
        }
        _ if at == 0 => Vec::new(),
        _ => vec![b','],
    }
}

/// Text between quotes. Writing into memory does not fail.
fn push_json(out: &mut Vec<u8>, text: &str) {
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::money::{Currency, Money};

    fn written(format: Format) -> String {
        let mut writer =
            RowWriter::begin(Vec::new(), format, "x", &["a", "b", "paid", "when", "list"], &["paid"])
                .unwrap();
        let usd = Currency::parse("usd").unwrap();
        writer
            .row(&[
                Cell::text("=say \"hi\","),
                Cell::Count(-7),
                Cell::Money(Money { minor: 1999, currency: usd }),
                Cell::AtMicros(Micros(1_700_158_623_979_960)),
                Cell::List(vec!["p".into(), "q\n".into()]),
            ])
            .unwrap();
        writer
            .row(&[
                Cell::Blank,
                Cell::Decimal("-0.5".into()),
                Cell::Blank,
                Cell::At(Timestamp(0)),
                Cell::Flag(true),
            ])
            .unwrap();
        String::from_utf8(writer.end("done").unwrap()).unwrap()
    }

    /// What a spreadsheet and a JSON parser read back: quotes, signs, money with its currency, nothing as nothing.
    #[test]
    fn rows_keep_their_fields_in_every_format() {
        assert_eq!(
            written(Format::Csv),
            "a,b,paid,paid_currency,when,list\n\
             \"'=say \"\"hi\"\",\",-7,1999,usd,2023-11-16T18:17:03.97996Z,\"p q\n\"\n\
             ,-0.5,,,1970-01-01T00:00:00Z,true\n"
        );
        let rows = written(Format::Ndjson);
        let (first, second) = rows.split_once('\n').unwrap();
        assert_eq!(
            first,
            r#"{"a":"=say \"hi\",","b":-7,"paid":1999,"paid_currency":"usd","when":"2023-11-16T18:17:03.97996Z","list":["p","q\n"]}"#
        );
        let object: serde_json::Value = serde_json::from_str(&written(Format::Json)).unwrap();
        assert_eq!(object["schema"], "paygrade.x/1");
        assert_eq!(object["verdict"], "done");
        assert_eq!(object["rows"][1], serde_json::from_str::<serde_json::Value>(second).unwrap());
        assert_eq!(object["rows"][1]["paid_currency"], serde_json::Value::Null);
    }
}
