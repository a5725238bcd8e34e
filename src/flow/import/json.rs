//! Rows that are JSON objects. Nearly all of them are flat: names and values without escapes, one after the other. Those are
//! read where they lie; any other is left to the JSON library, which also says what is wrong.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::rows::Fields;

/// Most members of a row whose names are kept for the next one.
const MEMBERS_KEPT: usize = 64;

/// Reads the values of some keys, of one object after the other.
pub(super) struct Objects {
    /// The keys, each with its names.
    keys: Vec<Vec<String>>,
    /// The names of the last row's members and what they are: the next row mostly has the same.
    known: Vec<(String, Option<Wants>)>,
    /// For each key the rank of the name that it was found under, and where its value begins and ends.
    found: Vec<Option<(usize, usize, usize)>>,
}

/// The place of a key, and which of its names it is.
type Wants = (usize, usize);

impl Objects {
    /// For these keys; of several names of one the first that is there is taken.
    pub(super) fn new(keys: Vec<Vec<String>>) -> Objects {
        Objects { keys, known: Vec::new(), found: Vec::new() }
    }

    /// Reads the values of an object as the fields of a row, in the order of the keys.
    pub(super) fn read(&mut self, text: &str, fields: &mut Fields) -> Result<(), String> {
        if self.flat(text).is_none() {
            return object(text, &self.keys, fields);
        }
        for found in &self.found {
            if let Some((_, from, to)) = found {
                fields.push(text.get(*from..*to).unwrap_or_default());
            }
            fields.end();
        }
        Ok(())
    }

    /// Finds the values of a flat object; `None` where it is not flat, or not JSON.
    fn flat(&mut self, text: &str) -> Option<()> {
        self.found.clear();
        self.found.resize(self.keys.len(), None);
        let bytes = text.as_bytes();
        let mut at = skip(bytes, 0);
        (bytes.get(at) == Some(&b'{')).then_some(())?;
        at = skip(bytes, at + 1);
        if bytes.get(at) == Some(&b'}') {
            return (skip(bytes, at + 1) == bytes.len()).then_some(());
        }
        for member in 0.. {
            let name_end = string(bytes, at)?;
            let wants = self.wants(member, text.get(at + 1..name_end)?);
            at = skip(bytes, name_end + 1);
            (bytes.get(at) == Some(&b':')).then_some(())?;
            at = skip(bytes, at + 1);
            let (from, to, end) = match bytes.get(at)? {
                b'"' => {
                    let end = string(bytes, at)?;
                    (at + 1, end, end + 1)
                }
                b'n' if bytes.get(at..at + 4) == Some(b"null") => (at, at, at + 4),
                _ => {
                    let end = number(bytes, at)?;
                    (at, end, end)
                }
            };
            if let Some((key, rank)) = wants {
                let slot = self.found.get_mut(key)?;
                // Of several names of one the first is taken, of one name twice the last.
                if slot.is_none_or(|(other, ..)| rank <= other) {
                    *slot = Some((rank, from, to));
                }
            }
            at = skip(bytes, end);
            match bytes.get(at)? {
                b',' => at = skip(bytes, at + 1),
                b'}' => return (skip(bytes, at + 1) == bytes.len()).then_some(()),
                _ => return None,
            }
        }
        None
    }

    /// What a member's name stands for.
    fn wants(&mut self, member: usize, name: &str) -> Option<Wants> {
        if let Some((known, wants)) = self.known.get(member)
            && known == name
        {
            return *wants;
        }
        let wants = wanted(&self.keys, name);
        let count = self.known.len();
        match self.known.get_mut(member) {
            Some(known) => *known = (name.to_owned(), wants),
            None if count == member && member < MEMBERS_KEPT => self.known.push((name.to_owned(), wants)),
            None => {}
        }
        wants
    }
}

fn wanted(keys: &[Vec<String>], name: &str) -> Option<Wants> {
    let named = |names: &Vec<String>| names.iter().position(|it| it == name);
    (0..).zip(keys).find_map(|(key, names)| Some((key, named(names)?)))
}

/// The place of what follows white space.
#[inline]
fn skip(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// The place of the quote that ends the string that begins at `at`; `None` where it has an escape or a control character,
/// or is none.
#[inline]
fn string(bytes: &[u8], at: usize) -> Option<usize> {
    (bytes.get(at) == Some(&b'"')).then_some(())?;
    let inside = bytes.get(at + 1..)?;
    let end = inside.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20))?;
    (inside.get(end) == Some(&b'"')).then_some(at + 1 + end)
}

/// The place behind the number that begins at `at` (RFC 8259, section 6), one without an exponent.
#[inline]
fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
    };
    let some = |from: usize| Some(digits(from)).filter(|end| *end > from);
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = if bytes.get(at) == Some(&b'0') { at + 1 } else { some(at)? };
    if bytes.get(at) == Some(&b'.') {
        at = some(at + 1)?;
    }
    // The library writes exponents in its own way.
    (!matches!(bytes.get(at), Some(b'e' | b'E'))).then_some(at)
}

/// The values of some keys of a JSON object, as text. Nothing is kept of the others.
fn object(text: &str, keys: &[Vec<String>], fields: &mut Fields) -> Result<(), String> {
    let found = &mut vec![None; keys.len()];
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Wanted { keys, found }.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "not a JSON object".to_owned(),
        _ => format!("not JSON: {error}"),
    })?;
    for (names, it) in keys.iter().zip(found) {
        match it.take() {
            None | Some((_, Value::Null)) => (),
            Some((_, Value::String(text))) => fields.push(&text),
            Some((_, Value::Number(number))) => fields.push(number.as_str()),
            Some((name, _)) => {
                let name = names.get(name).map(|name| crate::flow::names::shown(name)).unwrap_or_default();
                return Err(format!("`{name}` is neither text nor a number"));
            }
        }
        fields.end();
    }
    Ok(())
}

/// The value of each wanted key, and which of its names it had.
type Found = Vec<Option<(usize, Value)>>;

/// Reads an object for some keys.
struct Wanted<'k> {
    keys: &'k [Vec<String>],
    found: &'k mut Found,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(Place(self.keys))? {
            let slot = place.and_then(|(key, name)| Some((self.found.get_mut(key)?, name)));
            match slot {
                // Of several names of one the first is taken, of one name twice the last.
                Some((slot, name)) if slot.as_ref().is_none_or(|(other, _)| name <= *other) => {
                    *slot = Some((name, map.next_value()?));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Finds which wanted key a key is, and which of its names.
struct Place<'k>(&'k [Vec<String>]);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<(usize, usize)>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Option<(usize, usize)>;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(wanted(self.0, text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> Vec<Vec<String>> {
        [&["id"][..], &["time", "at"], &["q"]]
            .map(|names| names.iter().map(|&it| it.to_owned()).collect())
            .to_vec()
    }

    type Values = Result<Vec<String>, String>;

    fn read(text: &str) -> (bool, Values, Values) {
        let mut objects = Objects::new(keys());
        let is_flat = objects.flat(text).is_some();
        let (mut fields, mut by_library) = (Fields::default(), Fields::default());
        let ours = objects.read(text, &mut fields).map(|()| fields.all());
        let theirs = object(text, &keys(), &mut by_library).map(|()| by_library.all());
        (is_flat, ours, theirs)
    }

    #[test]
    fn flat_objects_are_read_where_they_lie_and_others_by_the_library() {
        for (text, flat) in [
            (r#"{"id":"a-1","at":1794902400,"q":5}"#, true),
            (r#" { "q" : -0.5 , "id" : "" } "#, true),
            (r#"{"q":1e9,"at":-2E-7}"#, false),
            (r#"{"at":1,"time":2,"at":3}"#, true),
            (r#"{"id":null,"x":null,"q":0}"#, true),
            (r#"{"id":"\u00e9\n\"","q":1}"#, false),
            (r#"{"id":"é","i\u0064":"b"}"#, false),
            (r#"{"id":{"q":1},"q":[2]}"#, false),
            (r#"{"x":{"q":1},"q":2,"id":true}"#, false),
            ("{\"id\":\"a\tb\"}", false),
            ("{}", true),
            (r#"{"q":01}"#, false),
            (r#"{"q":1.}"#, false),
            (r#"{"q":.5}"#, false),
            (r#"{"q":-}"#, false),
            (r#"{"q":1e}"#, false),
            (r#"{"q":+1}"#, false),
            (r#"{"q":1,}"#, false),
            (r#"{"q":1} x"#, false),
            (r#"{"q":1"#, false),
            (r#"{"q" 1}"#, false),
            (r#"{"q":nul}"#, false),
            (r#"{"q":nullx}"#, false),
            (r#"[1]"#, false),
            ("", false),
        ] {
            let (is_flat, ours, theirs) = read(text);
            assert_eq!(is_flat, flat, "{text}");
            assert_eq!(ours, theirs, "{text}");
        }
    }

    #[test]
    fn rows_with_other_members_follow_each_other() {
        let mut objects = Objects::new(keys());
        for (text, want) in [
            (r#"{"id":"a","q":1}"#, ["a", "", "1"]),
            (r#"{"q":2,"id":"b"}"#, ["b", "", "2"]),
            (r#"{"x":0,"time":7}"#, ["", "7", ""]),
            (r#"{"id":"c","q":3}"#, ["c", "", "3"]),
        ] {
            let mut fields = Fields::default();
            objects.read(text, &mut fields).unwrap();
            assert_eq!(fields.all(), want);
        }
    }

    proptest! {
        /// Whatever looks a little like JSON is read as the library reads it, or refused as it does.
        #[test]
        fn both_ways_say_the_same(parts in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "\"", ":", ",", "\"id\"", "\"at\"", "\"q\"", "\"a\":", "1", "0", "-", ".", "e", "null", "true",
            "[", "]", " ", "\\", "\\u0041", "é", "\u{7}", "12.50",
        ]), 0..14)) {
            let text = parts.concat();
            for text in [format!("{{{text}}}"), format!("{{\"q\":{text}}}"), text] {
                let (_, ours, theirs) = read(&text);
                prop_assert_eq!(ours, theirs, "{}", text);
            }
        }
    }
}
