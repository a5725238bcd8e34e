//! `customer import`: a CSV file of customers, checked wholly before the first write.

use std::collections::BTreeMap;

use super::super::Desk;
use super::{Ask, Did, customer_add};
use crate::billing::contact::{Email, FullName};
use crate::billing::id::CustomerId;
use crate::error::{Changed, Error, Kind};

/// Most bytes of a file.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Most bad rows that are named.
const BAD_ROWS_SHOWN_MAX: usize = 50;
/// Our columns; the last may be missing.
const COLUMNS: [&str; 3] = ["id", "email", "name"];

/// How many customers came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Made at Stripe.
    pub created: u64,
    /// Found at Stripe and linked.
    pub found: u64,
    /// Changed.
    pub updated: u64,
    /// As they were.
    pub unchanged: u64,
}

/// Reads the file. Every bad row is named with its line; if there is one, there is nothing else. `map` pairs our
/// columns with the file's (`id=user_id`).
pub fn parse(bytes: &[u8], map: &BTreeMap<String, String>) -> Result<Vec<Ask>, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let headers = reader.byte_headers().map_err(|error| unreadable(&error.to_string()))?.clone();
    let places = columns(&headers, map)?;
    let mut asks: Vec<Ask> = Vec::new();
    let mut lines: BTreeMap<CustomerId, (u64, usize)> = BTreeMap::new();
    let mut bad = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(unreadable(&error.to_string())),
        }
        let line = record.position().map_or(0, csv::Position::line);
        let (has, wants) = (record.len(), headers.len());
        let whole =
            if has == wants { Ok(()) } else { Err(format!("{has} fields, but the header has {wants}")) };
        let ask = match whole.and_then(|()| row(&record, places)) {
            Ok(ask) => ask,
            Err(why) => {
                bad.push(format!("line {line}: {why}"));
                continue;
            }
        };
        match lines.get(&ask.id) {
            Some((first, at)) if asks.get(*at) != Some(&ask) => {
                bad.push(format!("line {line}: customer {} stands on line {first} with other data", ask.id));
            }
            Some(_) => {}
            None => {
                lines.insert(ask.id.clone(), (line, asks.len()));
                asks.push(ask);
            }
        }
    }
    if bad.is_empty() { Ok(asks) } else { Err(bad_rows(bad)) }
}

fn unreadable(why: &str) -> Error {
    Error::new(Kind::BadInput, "bad_file", format!("the file is not CSV: {why}"))
        .hint("it needs a header line with id and email, and may have name; UTF-8")
}

fn bad_rows(mut bad: Vec<String>) -> Error {
    let count = bad.len();
    bad.truncate(BAD_ROWS_SHOWN_MAX);
    if count > BAD_ROWS_SHOWN_MAX {
        bad.push(format!("and {} more", count - BAD_ROWS_SHOWN_MAX));
    }
    let s = if count == 1 { "" } else { "s" };
    Error::new(Kind::BadInput, "bad_rows", format!("{count} bad row{s}; nothing was written"))
        .details(bad)
        .hint("correct them and import the file again")
}

/// Where our columns are in the file.
fn columns(headers: &csv::ByteRecord, map: &BTreeMap<String, String>) -> Result<[Option<usize>; 3], Error> {
    let names: Vec<String> =
        headers.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    let near = |name: &str| {
        let near = crate::billing::spelling::nearest(name, names.iter().map(String::as_str));
        near.map_or_else(|| format!("it has: {}", names.join(", ")), |near| format!("did you mean `{near}`?"))
    };
    if let Some(unknown) = map.keys().find(|ours| !COLUMNS.contains(&ours.as_str())) {
        return Err(Error::new(
            Kind::BadInput,
            "bad_map",
            format!("--map: there is no column `{unknown}` of ours"),
        )
        .hint("ours are id, email and name: --map id=user_id"));
    }
    let mut places = [None; 3];
    for (place, ours) in places.iter_mut().zip(COLUMNS) {
        let mapped = map.get(ours);
        // `customer list -o csv` calls it so.
        let own = if ours == "id"
            && !names.iter().any(|have| have == ours)
            && names.iter().any(|have| have == "customer")
        {
            "customer"
        } else {
            ours
        };
        let name = mapped.map_or(own, String::as_str);
        *place = names.iter().position(|have| have == name);
        if place.is_none() && (mapped.is_some() || ours != "name") {
            let text = format!("the file has no column `{name}`");
            let hint = format!("{}; name it with --map {ours}=THEIRS", near(name));
            return Err(Error::new(Kind::BadInput, "column_missing", text).hint(hint));
        }
    }
    Ok(places)
}

fn row(record: &csv::ByteRecord, places: [Option<usize>; 3]) -> Result<Ask, String> {
    let cell = |place: Option<usize>| -> Result<&str, String> {
        let bytes = place.and_then(|place| record.get(place)).unwrap_or_default();
        std::str::from_utf8(bytes).map(str::trim).map_err(|_| "it is not UTF-8".to_owned())
    };
    let [id, email, name] = places;
    let (id, email, name) = (cell(id)?, cell(email)?, cell(name)?);
    let id = CustomerId::parse(id).map_err(|bad| bad.to_string())?;
    if email.is_empty() {
        return Err(format!("customer {id} has no e-mail address"));
    }
    let email = Email::parse(email).map_err(|bad| bad.to_string())?;
    let name =
        (!name.is_empty()).then(|| FullName::parse(name)).transpose().map_err(|bad| bad.to_string())?;
    Ok(Ask { id, email: Some(email), name, payment_method: None })
}

/// Adds the customers one after the other. Stops at the first that fails; those before it are done, and a second run
/// of the same file goes on from there.
pub async fn import(desk: &Desk<'_>, asks: &[Ask], mut progress: impl FnMut(u64)) -> Result<Imported, Error> {
    let mut all = Imported::default();
    for (number, ask) in (0_u64..).zip(asks) {
        let outcome = customer_add(desk, ask).await.map_err(|error| partly(error, number, ask))?;
        *match outcome.did {
            Did::Created => &mut all.created,
            Did::Found => &mut all.found,
            Did::Updated => &mut all.updated,
            Did::Nothing => &mut all.unchanged,
        } += 1;
        progress(number + 1);
    }
    Ok(all)
}

fn partly(error: Error, done: u64, ask: &Ask) -> Error {
    let changed = if done > 0 { Changed::Partial } else { error.what_changed() };
    let line =
        format!("customer {}; {done} before it are done, and importing the file again is safe", ask.id);
    error.details(vec![line]).changed(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &[u8], map: &[(&str, &str)]) -> String {
        let map = map.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        match parse(text, &map) {
            Ok(asks) => {
                let ids: Vec<String> = asks
                    .iter()
                    .map(|ask| {
                        let name = ask.name.as_ref().map_or("", |name| name.as_str());
                        format!("{}/{}/{name}", ask.id, ask.email.as_ref().unwrap().as_str())
                    })
                    .collect();
                ids.join(" ")
            }
            Err(error) if error.detail_lines().is_empty() => error.to_string(),
            Err(error) => error.detail_lines().join("; "),
        }
    }

    #[test]
    fn files_are_read_wholly_or_not_at_all() {
        for (text, map, want) in [
            (&b"id,email,name\na,a@x.io,Ann\nb,b@x.io,\n"[..], &[][..], "a/a@x.io/Ann b/b@x.io/"),
            (b"email,id\r\na@x.io,a\r\n", &[], "a/a@x.io/"),
            (b"customer,cus,email\na,cus_1,a@x.io\n", &[], "a/a@x.io/"),
            (b"customer,id,email\nz,a,a@x.io\n", &[], "a/a@x.io/"),
            (b"\xef\xbb\xbfid,email\na,a@x.io\n", &[], "a/a@x.io/"),
            (b"user_id,mail\na,a@x.io\n", &[("id", "user_id"), ("email", "mail")], "a/a@x.io/"),
            (b"id,email\na,a@x.io\na,a@x.io\n", &[], "a/a@x.io/"),
            (b"id,email\n", &[], ""),
            (b"", &[], "the file has no column `id`"),
            (b"id,mail\na,a@x.io\n", &[], "the file has no column `email`"),
            (b"id,email\na,a@x.io\n", &[("name", "full")], "the file has no column `full`"),
            (b"id,email\na,a@x.io\n", &[("nam", "full")], "--map: there is no column `nam` of ours"),
            (b"id,email\na,a@x.io\na,b@x.io\n", &[], "line 3: customer a stands on line 2 with other data"),
            (
                b"id,email,name\na,a@x.io,Smith, Ann\nb,b@x.io\n",
                &[],
                "line 2: 4 fields, but the header has 3; line 3: 2 fields, but the header has 3",
            ),
            (b"id,email\na,\nb,b@x.io\n", &[], "line 2: customer a has no e-mail address"),
            (
                b"id,email\na b,a@x.io\n\xff,b@x.io\nc,nonsense\n",
                &[],
                "line 2: `a b` is not a legal customer id: 1 to 200 visible characters without spaces; \
                 line 3: it is not UTF-8; \
                 line 4: `nonsense` is not a legal e-mail address: an address is written name@example.com",
            ),
        ] {
            assert_eq!(told(text, map), want, "{:?}", String::from_utf8_lossy(text));
        }
    }
}
