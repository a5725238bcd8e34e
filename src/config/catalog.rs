//! The catalog file: `catalog.toml` in, a checked [`Catalog`] out, or every fault of it at once.

mod checks;
mod parts;
mod terms;
mod tier;
mod write;

use std::fmt;
use std::path::Path;

use toml::de::DeTable;

use super::problem::{Problem, Sink, Warning};
use super::walk::{ENTRIES_MAX, Table, entries_count, io_sentence, syntax, text_of};
use crate::billing::catalog::{Catalog, Terms};
use crate::billing::id::Namespace;
use crate::billing::money::Currency;

pub use write::{Notes, write};

/// The version of the file's format.
const SCHEMA: i64 = 1;
const ROOT_KEYS: &[&str] =
    &["schema", "namespace", "currency", "meters", "features", "actions", "tiers", "packs", "alerts"];

/// Every fault of a catalog file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogErrors {
    /// The file, as it was named.
    pub file: String,
    /// The faults; never empty.
    pub problems: Vec<Problem>,
    /// What is doubtful besides.
    pub warnings: Vec<Warning>,
    missing: bool,
}

impl CatalogErrors {
    /// Whether there is no such file at all.
    pub fn is_missing(&self) -> bool {
        self.missing
    }
}

impl fmt::Display for CatalogErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [one] => write!(f, "{one}"),
            many => write!(f, "{} has {} errors", self.file, many.len()),
        }
    }
}

impl std::error::Error for CatalogErrors {}

/// What the file defines by name, for references to it, broken entries included.
pub(super) struct Names<'a> {
    meters: Vec<&'a str>,
    features: Vec<&'a str>,
    tiers: Vec<&'a str>,
}

/// What every reader of the catalog needs: where faults go, the currency, the names.
pub(super) struct Reader<'t, 'a> {
    sink: Sink<'t>,
    currency: Currency,
    names: Names<'a>,
}

/// Reads a catalog file; `path` is repeated in every message as it was given.
pub fn read(path: &Path) -> Result<(Catalog, Vec<Warning>), CatalogErrors> {
    let name = path.display().to_string();
    match text_of(path) {
        Ok(text) => parse(&text, &name),
        Err(error) => {
            let mut sink = Sink::new(&name, "");
            sink.wrong_file(io_sentence(&error));
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            Err(CatalogErrors { missing, ..errors(&name, sink) })
        }
    }
}

/// Parses the text of a catalog file called `name`.
pub fn parse(text: &str, name: &str) -> Result<(Catalog, Vec<Warning>), CatalogErrors> {
    document(text, name, |sink, root| match file(sink, root) {
        (Some(catalog), sink) if sink.is_clean() => (Ok(catalog), sink),
        (_, sink) => (Err(()), sink),
    })
}

/// Parses the text of a deal: the terms of one assignment of a custom tier. Keys that it does not give keep what
/// `base` says; entries of `usage` and `limits` replace those of the same name.
pub fn parse_deal(
    text: &str,
    name: &str,
    catalog: &Catalog,
    base: &Terms,
) -> Result<(Terms, Vec<Warning>), CatalogErrors> {
    let names = Names {
        meters: catalog.meters.keys().map(|key| key.as_str()).collect(),
        features: catalog.features.keys().map(|key| key.as_str()).collect(),
        tiers: catalog.tiers.keys().map(|key| key.as_str()).collect(),
    };
    document(text, name, |sink, root| {
        let mut reader = Reader { sink, currency: catalog.currency, names };
        root.only(&mut reader.sink, terms::KEYS);
        let terms = terms::terms(&mut reader, root, base.clone());
        if reader.sink.is_clean() { (Ok(terms), reader.sink) } else { (Err(()), reader.sink) }
    })
}

/// TOML, its bounds, and then `walk` over the root; the result only if no fault was left.
fn document<'t, T>(
    text: &'t str,
    name: &str,
    walk: impl for<'a> FnOnce(Sink<'t>, &'a Table<'a>) -> (Result<T, ()>, Sink<'t>),
) -> Result<(T, Vec<Warning>), CatalogErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sink = Sink::new(name, text);
    if text.trim().is_empty() {
        sink.wrong_file("the file is empty; `paygrade init --template NAME` writes one to start from");
        return Err(errors(name, sink));
    }
    let (table, faults) = DeTable::parse_recoverable(text);
    syntax(&mut sink, &faults);
    let count = entries_count(table.get_ref());
    if count > ENTRIES_MAX {
        sink.wrong_file(format!("has {count} entries; {ENTRIES_MAX} are allowed"));
    }
    if count > ENTRIES_MAX {
        return Err(errors(name, sink));
    }
    let root = Table::root(table.get_ref());
    if !sink.is_clean() {
        // What the good lines say wrongly is reported in the same run; the parser has skipped the broken ones.
        let (_, found) = walk(Sink::lenient(name, text), &root);
        sink.absorb(found);
        return Err(errors(name, sink));
    }
    match walk(sink, &root) {
        (Ok(value), sink) => Ok((value, sink.finish().1)),
        (Err(()), sink) => Err(errors(name, sink)),
    }
}

fn errors(name: &str, sink: Sink<'_>) -> CatalogErrors {
    let (problems, warnings) = sink.finish();
    CatalogErrors { file: name.to_owned(), problems, warnings, missing: false }
}

/// The whole file. `None` only where something without which there is no catalog is missing.
fn file<'t, 'a>(mut sink: Sink<'t>, root: &Table<'a>) -> (Option<Catalog>, Sink<'t>) {
    root.only(&mut sink, ROOT_KEYS);
    parts::schema(&mut sink, root);
    let namespace = parts::namespace(&mut sink, root);
    let currency = parts::currency(&mut sink, root);
    // An unreadable currency must not make every amount a fault too: read on in one with the most decimals.
    let Some(stand_in) = currency.or_else(|| Currency::parse("kwd")) else { return (None, sink) };
    let names = Names {
        meters: parts::names(root, "meters"),
        features: parts::names(root, "features"),
        tiers: parts::names(root, "tiers"),
    };
    let mut reader = Reader { sink, currency: stand_in, names };
    let meters = parts::meters(&mut reader, root);
    let features = parts::features(&mut reader, root, namespace.as_ref());
    let actions = parts::actions(&mut reader, root);
    let tiers = tier::tiers(&mut reader, root);
    let packs = parts::packs(&mut reader, root);
    let alerts = parts::alerts(&mut reader, root);
    let known = namespace.is_some() && currency.is_some();
    let Some(namespace) = namespace.or_else(|| Namespace::parse("x").ok()) else {
        return (None, reader.sink);
    };
    let catalog = Catalog { namespace, currency: stand_in, meters, features, actions, tiers, packs, alerts };
    if !reader.sink.is_lenient() {
        checks::all(&mut reader.sink, root, &catalog, currency);
    }
    (known.then_some(catalog), reader.sink)
}

#[cfg(test)]
mod tests;
