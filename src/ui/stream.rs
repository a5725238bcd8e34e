//! Rows that are written as they come, for results that fit into no memory: without a copy of any value on the way.

use std::io::{self, Write};

use super::csv::push_text;
use super::instant::InstantText;
use super::{Cell, Format};
use crate::billing::time::{Micros, Timestamp};

/// Bytes that are gathered before they are written.
const BUFFER: usize = 1 << 18;

/// Writes rows of a report as CSV, NDJSON or one JSON object, fields in the order of the columns.
///
/// A row is either given as cells ([`RowWriter::row`]), or it is one of many that were put together elsewhere
/// ([`RowWriter::append`]).
pub struct RowWriter<W> {
    out: W,
    rows: RowText,
    /// The places of the cells that are written of each row; all of them otherwise.
    picked: Option<Vec<usize>>,
}

/// Rows as they will be written: put together field by field between [`RowText::begin_row`] and [`RowText::end_row`], as
/// many fields as there are.
#[derive(Clone)]
pub struct RowText {
    format: Format,
    /// What stands before each field: a comma, or its name in JSON.
    heads: Vec<Vec<u8>>,
    /// Which columns hold money and so have two fields.
    money: Vec<bool>,
    buffer: Vec<u8>,
    /// Where the row begins.
    start: usize,
    /// The next field of the row.
    field: usize,
    /// Rows that were ended.
    rows: u64,
    /// Other rows come before the first of these.
    follows: bool,
    instants: InstantText,
}

/// Fields next to each other that come again and again, as they are written.
#[derive(Debug, Clone, Default)]
pub struct FieldsText {
    bytes: Vec<u8>,
    fields: usize,
}

impl<W: Write> RowWriter<W> {
    /// Begins. The name is that of the JSON schema; `money` names the columns that hold money; `picked` are the places of
    /// the columns that are written, in their order: of each row given as cells those are taken. Any format that is not
    /// NDJSON or JSON is written as CSV.
    pub fn begin(
        out: W,
        format: Format,
        name: &str,
        columns: &[&str],
        money: &[&str],
        picked: Option<&[usize]>,
    ) -> io::Result<RowWriter<W>> {
        let columns: Vec<&str> = match picked {
            None => columns.to_vec(),
            Some(picked) => picked.iter().filter_map(|place| columns.get(*place).copied()).collect(),
        };
        let mut fields = Vec::new();
        for column in &columns {
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
        let instants = InstantText::default();
        let rows =
            RowText { format, heads, money, buffer, start: 0, field: 0, rows: 0, follows: false, instants };
        Ok(RowWriter { out, rows, picked: picked.map(<[usize]>::to_vec) })
    }

    /// No rows yet, of the same columns and format, to be put together elsewhere.
    pub fn elsewhere(&self) -> RowText {
        let RowText { format, heads, money, .. } = self.rows.clone();
        let instants = InstantText::default();
        RowText {
            format,
            heads,
            money,
            buffer: Vec::new(),
            start: 0,
            field: 0,
            rows: 0,
            follows: true,
            instants,
        }
    }

    /// Writes rows that were put together elsewhere, and takes them out there.
    pub fn append(&mut self, other: &mut RowText) -> io::Result<()> {
        self.write_out()?;
        let mut bytes = other.buffer.as_slice();
        if self.rows.format == Format::Json && self.rows.rows == 0 {
            // Nothing stands before the first of all.
            bytes = bytes.strip_prefix(b",").unwrap_or(bytes);
        }
        self.out.write_all(bytes)?;
        self.rows.rows += other.rows;
        other.buffer.clear();
        other.rows = 0;
        Ok(())
    }

    /// Writes a row: as many cells as there are columns to pick from.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        match &self.picked {
            None => self.rows.row(cells.iter()),
            Some(picked) => self.rows.row(picked.iter().filter_map(|place| cells.get(*place))),
        }
        if self.rows.buffer.len() >= BUFFER { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.out.write_all(&self.rows.buffer)?;
        self.rows.buffer.clear();
        Ok(())
    }

    /// Ends, with the verdict where the format has a place for it.
    pub fn end(mut self, verdict: &str) -> io::Result<W> {
        if self.rows.format == Format::Json {
            let verdict = serde_json::Value::from(verdict);
            writeln!(self.rows.buffer, "\n],\"verdict\":{verdict}}}")?;
        }
        self.write_out()?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl RowText {
    fn row<'c>(&mut self, cells: impl Iterator<Item = &'c Cell>) {
        self.begin_row();
        for (at, cell) in cells.enumerate() {
            self.cell(cell, self.money.get(at).copied().unwrap_or(false));
        }
        self.end_row();
    }

    fn cell(&mut self, cell: &Cell, is_money: bool) {
        match cell {
            Cell::Text(text) => self.text(text),
            // Exact decimals are strings in JSON, so that no reader makes floats of them; in CSV no formula begins so.
            Cell::Decimal(text) => self.plain(text.as_bytes()),
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
    #[inline]
    pub fn begin_row(&mut self) {
        if self.format == Format::Json {
            let first = self.rows == 0 && !self.follows;
            self.buffer.extend_from_slice(if first { b"\n" } else { b",\n" });
        }
        self.start = self.buffer.len();
        self.field = 0;
    }

    /// Ends a row.
    #[inline]
    pub fn end_row(&mut self) {
        debug_assert_eq!(self.field, self.heads.len(), "a row has all its fields");
        match self.format {
            Format::Json => self.buffer.push(b'}'),
            Format::Ndjson => self.buffer.extend_from_slice(b"}\n"),
            _ => {
                if self.heads.len() == 1 && self.buffer.len() == self.start {
                    // An empty line would be taken for no row.
                    self.buffer.extend_from_slice(b"\"\"");
                }
                self.buffer.push(b'\n');
            }
        }
        self.rows += 1;
    }

    /// Writes the next fields again as they were when they were kept: those of the same columns.
    #[inline]
    pub fn again(&mut self, kept: &FieldsText) {
        self.buffer.extend_from_slice(&kept.bytes);
        self.field += kept.fields;
    }

    /// Writes the next fields by `put` and keeps them.
    pub fn keep<E>(
        &mut self,
        kept: &mut FieldsText,
        put: impl FnOnce(&mut RowText) -> Result<(), E>,
    ) -> Result<(), E> {
        let (from, field) = (self.buffer.len(), self.field);
        put(self)?;
        kept.bytes.clear();
        kept.bytes.extend_from_slice(self.buffer.get(from..).unwrap_or_default());
        kept.fields = self.field - field;
        Ok(())
    }

    fn is_json(&self) -> bool {
        matches!(self.format, Format::Json | Format::Ndjson)
    }

    /// What stands before the next field.
    #[inline]
    fn head(&mut self) {
        match self.heads.get(self.field).map(Vec::as_slice) {
            Some([one]) => self.buffer.push(*one),
            Some(head) => self.buffer.extend_from_slice(head),
            None => (),
        }
        self.field += 1;
    }

    #[inline]
    fn quote(&mut self) {
        if self.is_json() {
            self.buffer.push(b'"');
        }
    }

    /// A field of bytes that need no escape, between quotes in JSON, such as an id of ours.
    #[inline]
    pub fn plain(&mut self, bytes: &[u8]) {
        self.head();
        self.quote();
        self.buffer.extend_from_slice(bytes);
        self.quote();
    }

    /// A field of words.
    pub fn text(&mut self, text: &str) {
        self.head();
        if self.is_json() { push_json(&mut self.buffer, text) } else { push_text(&mut self.buffer, text) }
    }

    /// A whole number.
    #[inline]
    pub fn count(&mut self, count: i64) {
        self.head();
        self.buffer.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
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
        self.head();
        self.buffer.extend_from_slice(if flag { b"true" } else { b"false" });
    }

    /// Nothing.
    #[inline]
    pub fn blank(&mut self) {
        self.head();
        if self.is_json() {
            self.buffer.extend_from_slice(b"null");
        }
    }

    /// An instant in seconds.
    pub fn at(&mut self, at: Timestamp) {
        self.head();
        self.quote();
        self.instants.push_seconds(&mut self.buffer, at);
        self.quote();
    }

    /// An instant in microseconds.
    pub fn at_micros(&mut self, at: Micros) {
        self.head();
        self.quote();
        self.instants.push_micros(&mut self.buffer, at);
        self.quote();
    }

    /// Several short words: an array in JSON, between spaces in CSV.
    fn list(&mut self, words: &[String]) {
        self.head();
        let out = &mut self.buffer;
        if !matches!(self.format, Format::Json | Format::Ndjson) {
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

    fn written(format: Format, picked: Option<&[usize]>) -> String {
        let mut writer =
            RowWriter::begin(Vec::new(), format, "x", &["a", "b", "paid", "when", "list"], &["paid"], picked)
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
            written(Format::Csv, None),
            "a,b,paid,paid_currency,when,list\n\
             \"'=say \"\"hi\"\",\",-7,1999,usd,2023-11-16T18:17:03.97996Z,\"p q\n\"\n\
             ,-0.5,,,1970-01-01T00:00:00Z,true\n"
        );
        let rows = written(Format::Ndjson, None);
        let (first, second) = rows.split_once('\n').unwrap();
        assert_eq!(
            first,
            r#"{"a":"=say \"hi\",","b":-7,"paid":1999,"paid_currency":"usd","when":"2023-11-16T18:17:03.97996Z","list":["p","q\n"]}"#
        );
        let object: serde_json::Value = serde_json::from_str(&written(Format::Json, None)).unwrap();
        assert_eq!(object["schema"], "paygrade.x/1");
        assert_eq!(object["verdict"], "done");
        assert_eq!(object["rows"][1], serde_json::from_str::<serde_json::Value>(second).unwrap());
        assert_eq!(object["rows"][1]["paid_currency"], serde_json::Value::Null);
    }

    /// In the order in which they were asked for, money with its currency.
    #[test]
    fn only_columns_that_were_picked_are_written() {
        let picked = Some(&[2, 0][..]);
        assert_eq!(
            written(Format::Csv, picked),
            "paid,paid_currency,a\n1999,usd,\"'=say \"\"hi\"\",\"\n,,\n"
        );
        assert_eq!(
            written(Format::Ndjson, picked).lines().next().unwrap(),
            r#"{"paid":1999,"paid_currency":"usd","a":"=say \"hi\","}"#
        );
        assert_eq!(written(Format::Csv, Some(&[0])), "a\n\"'=say \"\"hi\"\",\"\n\"\"\n");
        let object: serde_json::Value = serde_json::from_str(&written(Format::Json, picked)).unwrap();
        assert_eq!(object["rows"][1], serde_json::json!({"paid": null, "paid_currency": null, "a": null}));
    }
}
