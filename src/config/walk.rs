//! Walking a TOML text by hand: every reader either gives a value or leaves a fault with its place and goes on.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::problem::{Sink, shown};
use crate::billing::id::is_invisible;
use crate::billing::money::{BadAmount, Currency, Money, UnitPrice, decimal_parse};
use crate::billing::spelling::nearest;
use crate::billing::time::{DAY_S, HOUR_S, MINUTE_S};

/// Most bytes of a file.
pub(super) const FILE_SIZE_MAX: u64 = 4 * 1024 * 1024;
/// Most keys and list items of a file.
pub(super) const ENTRIES_MAX: usize = 10_000;
/// Largest count of anything: 15 digits, what a meter takes (Stripe: docs, recording-usage-api).
pub(super) const COUNT_MAX: u64 = 999_999_999_999_999;

/// One table of the file.
pub(super) struct Table<'a> {
    pub(super) path: String,
    pub(super) span: Range<usize>,
    table: &'a DeTable<'a>,
}

/// One value of the file, with the path and the place of its key.
pub(super) struct Entry<'a> {
    pub(super) path: String,
    pub(super) name: &'a str,
    pub(super) key_span: Range<usize>,
    pub(super) span: Range<usize>,
    value: &'a DeValue<'a>,
}

/// Reads a file within its bounds as UTF-8 text without a byte order mark; the fault is a sentence.
pub(super) fn text_of(path: &Path) -> Result<String, std::io::Error> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(FILE_SIZE_MAX + 1).read_to_end(&mut bytes)?;
    let bad = |message: String| Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
    if bytes.len() as u64 > FILE_SIZE_MAX {
        return bad(format!("is larger than {} MiB", FILE_SIZE_MAX / 1024 / 1024));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
            bad(format!("is not UTF-8 text: see line {line}, byte {}; save it as UTF-8", good + 1))
        }
    }
}

/// Why a file could not be read, for people.
pub(super) fn io_sentence(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::InvalidData => error.to_string(),
        _ => format!("cannot be read: {error}"),
    }
}

/// Leaves the faults of TOML itself in the sink.
pub(super) fn syntax(sink: &mut Sink<'_>, errors: &[toml::de::Error]) {
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        sink.wrong(&span, "", format!("not TOML: {}", shown_long(error.message())));
    }
}

fn shown_long(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_invisible(c) { '?' } else { c }).take(300).collect()
}

/// Keys and list items of a table and all below it.
pub(super) fn entries_count(table: &DeTable<'_>) -> usize {
    table.values().map(|value| 1 + value_entries(value.get_ref())).sum()
}

fn value_entries(value: &DeValue<'_>) -> usize {
    match value {
        DeValue::Table(table) => entries_count(table),
        DeValue::Array(items) => items.iter().map(|item| 1 + value_entries(item.get_ref())).sum(),
        _ => 0,
    }
}

impl<'a> Table<'a> {
    pub(super) fn root(table: &'a DeTable<'a>) -> Table<'a> {
        Table { path: String::new(), span: 0..0, table }
    }
    fn entry(
        &self,
        name: &'a str,
        key_span: Range<usize>,
        value: &'a toml::Spanned<DeValue<'a>>,
    ) -> Entry<'a> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Entry { path, name, key_span, span: value.span(), value: value.get_ref() }
    }
    /// All entries, sorted by key.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'a>> {
        self.table.iter().map(|(key, value)| self.entry(key.get_ref(), key.span(), value))
    }
    pub(super) fn get(&self, name: &str) -> Option<Entry<'a>> {
        let (key, value) = self.table.get_key_value(name)?;
        Some(self.entry(key.get_ref(), key.span(), value))
    }
    pub(super) fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }
    /// Refuses every key that is not known.
    pub(super) fn only(&self, sink: &mut Sink<'_>, known: &[&str]) {
        for entry in self.entries().filter(|entry| !known.contains(&entry.name)) {
            let near = nearest(entry.name, known.iter().copied());
            let message = match near {
                Some(_) => "unknown key".to_owned(),
                None => format!("unknown key; known here: {}", known.join(", ")),
            };
            sink.misspelt(&entry.key_span, &entry.path, message, near);
        }
    }
    /// A key that must be there.
    pub(super) fn wanted(&self, sink: &mut Sink<'_>, name: &str, example: &str) -> Option<Entry<'a>> {
        let entry = self.get(name);
        if entry.is_none() && !sink.is_lenient() {
            let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
            sink.wrong(&self.span, &path, format!("is missing: write {example}"));
        }
        entry
    }
    /// The table under a key, if the key is there and holds one.
    pub(super) fn table(&self, sink: &mut Sink<'_>, name: &str) -> Option<Table<'a>> {
        self.get(name)?.table(sink)
    }
}

impl<'a> Entry<'a> {
    fn mismatch(&self, sink: &mut Sink<'_>, wanted: &str) {
        let kind = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.wrong(sink, format!("{wanted} is wanted here, not {kind}"));
    }
    /// A fault of the value.
    pub(super) fn wrong(&self, sink: &mut Sink<'_>, message: impl Into<String>) {
        sink.wrong(&self.span, &self.path, message);
    }
    pub(super) fn is_text(&self) -> bool {
        self.value.is_str()
    }
    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }
    pub(super) fn table(&self, sink: &mut Sink<'_>) -> Option<Table<'a>> {
        match self.value {
            DeValue::Table(table) => {
                Some(Table { path: self.path.clone(), span: self.key_span.clone(), table })
            }
            _ => {
                self.mismatch(sink, "a table");
                None
            }
        }
    }
    /// The items of a list, each with its number in the path, `prices[0]`.
    pub(super) fn list(&self, sink: &mut Sink<'_>) -> Option<Vec<Entry<'a>>> {
        let DeValue::Array(items) = self.value else {
            self.mismatch(sink, "a list");
            return None;
        };
        let item = |(index, value): (usize, &'a toml::Spanned<DeValue<'a>>)| Entry {
            path: format!("{}[{index}]", self.path),
            name: self.name,
            key_span: value.span(),
            span: value.span(),
            value: value.get_ref(),
        };
        Some(items.iter().enumerate().map(item).collect())
    }
    pub(super) fn text(&self, sink: &mut Sink<'_>) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => {
                self.mismatch(sink, "a text in quotes");
                None
            }
        }
    }
    /// A name for people: not empty, bounded, nothing in it that is not seen.
    pub(super) fn label(&self, sink: &mut Sink<'_>, length_max: usize) -> Option<String> {
        let text = self.text(sink)?;
        let fault = if text.trim().is_empty() {
            "is empty".to_owned()
        } else if text.chars().count() > length_max {
            format!("is longer than {length_max} characters, which is all that Stripe takes")
        } else if let Some(c) = text.chars().find(|c| c.is_control() || is_invisible(*c)) {
            format!("holds the invisible character U+{:04X}", u32::from(c))
        } else {
            return Some(text.to_owned());
        };
        self.wrong(sink, fault);
        None
    }
    pub(super) fn flag(&self, sink: &mut Sink<'_>) -> Option<bool> {
        if let DeValue::Boolean(flag) = self.value {
            return Some(*flag);
        }
        self.mismatch(sink, "true or false (without quotes)");
        None
    }
    /// A whole number within bounds.
    pub(super) fn whole(&self, sink: &mut Sink<'_>, min: i64, max: i64) -> Option<i64> {
        let DeValue::Integer(number) = self.value else {
            self.mismatch(sink, "a whole number");
            return None;
        };
        let number =
            i64::from_str_radix(number.as_str(), number.radix()).ok().filter(|n| (min..=max).contains(n));
        if number.is_none() {
            self.wrong(sink, format!("must be from {min} to {max}"));
        }
        number
    }
    /// A count from `min` to 15 digits.
    pub(super) fn count(&self, sink: &mut Sink<'_>, min: u64) -> Option<u64> {
        let (min, max) = (i64::try_from(min).ok()?, i64::try_from(COUNT_MAX).ok()?);
        u64::try_from(self.whole(sink, min, max)?).ok()
    }
    pub(super) fn small(&self, sink: &mut Sink<'_>, min: u32, max: u32) -> Option<u32> {
        u32::try_from(self.whole(sink, i64::from(min), i64::from(max))?).ok()
    }
    /// One of a few words.
    pub(super) fn word<T: Clone>(&self, sink: &mut Sink<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(sink)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(value.clone());
        }
        let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` is not one of {}", shown(text), list.join(", "));
        sink.misspelt(&self.span, &self.path, message, nearest(text, list));
        None
    }
    /// A text that must be one of the names that the file defines.
    pub(super) fn reference(&self, sink: &mut Sink<'_>, what: &str, names: &[&str]) -> Option<&'a str> {
        let text = self.text(sink)?;
        if names.contains(&text) || sink.is_lenient() {
            return Some(text);
        }
        let message = format!("there is no {what} `{}` in this catalog", shown(text));
        sink.misspelt(&self.span, &self.path, message, nearest(text, names.iter().copied()));
        None
    }
    /// Money must be quoted: TOML's numbers are binary fractions, and 0.1 is none.
    fn decimal_text(&self, sink: &mut Sink<'_>) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            DeValue::Integer(_) | DeValue::Float(_) => {
                let source = shown(sink.source(&self.span));
                self.wrong(
                    sink,
                    format!("money is written in quotes, so that every digit counts: \"{source}\""),
                );
                None
            }
            _ => {
                self.mismatch(sink, "an amount in quotes, such as \"29.00\",");
                None
            }
        }
    }
    /// An amount of money in major units, not negative.
    pub(super) fn money(&self, sink: &mut Sink<'_>, currency: Currency) -> Option<Money> {
        let text = self.decimal_text(sink)?;
        match Money::parse_major(text, currency) {
            Ok(money) if money.minor >= 0 => Some(money),
            Ok(_) => {
                self.wrong(sink, "must not be negative");
                None
            }
            Err(error) => {
                self.wrong_amount(sink, text, &error);
                None
            }
        }
    }
    /// The price of one unit in major units, with up to 12 decimals of the minor unit.
    pub(super) fn unit_price(&self, sink: &mut Sink<'_>, currency: Currency) -> Option<UnitPrice> {
        let text = self.decimal_text(sink)?;
        if text.starts_with('-') && decimal_parse(text).is_some() {
            self.wrong(sink, "must not be negative");
            return None;
        }
        let price = UnitPrice::parse_major(text, currency);
        price.map_err(|error| self.wrong_amount(sink, text, &error)).ok()
    }
    fn wrong_amount(&self, sink: &mut Sink<'_>, text: &str, error: &BadAmount) {
        let text = shown(text);
        let message = match error {
            BadAmount::NotDecimal(_) => format!("`{text}` is not a plain decimal number such as \"29.00\""),
            BadAmount::TooFine { places, currency, .. } => {
                format!("`{text}` has more than the {places} decimal places that {currency} allows here")
            }
            BadAmount::OutOfRange(_) => format!("`{text}` is outside the range that Stripe takes"),
        };
        self.wrong(sink, message);
    }
}

/// The fault of what is no length of time.
pub(super) const LENGTH_OF_TIME: &str = "is not a length of time such as \"30m\", \"6h\" or \"1d\"";

/// `30m`, `6h`, `1d`: from a minute to 31 days.
pub(super) fn duration_s(text: &str) -> Option<i64> {
    let digits = text.strip_suffix(['m', 'h', 'd'])?;
    let unit_s = match text.chars().last()? {
        'm' => MINUTE_S,
        'h' => HOUR_S,
        _ => DAY_S,
    };
    let plain = !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = if plain { digits.parse::<i64>().ok()?.checked_mul(unit_s)? } else { return None };
    (MINUTE_S..=31 * DAY_S).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, want) in [
            ("1m", Some(60)),
            ("6h", Some(21_600)),
            ("31d", Some(2_678_400)),
            ("32d", None),
            ("0m", None),
            ("6", None),
            ("h", None),
            ("-1h", None),
            ("1.5h", None),
        ] {
            assert_eq!(duration_s(text), want, "{text}");
        }
    }
}
