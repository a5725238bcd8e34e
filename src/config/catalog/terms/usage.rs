//! What a tier says of one meter: how much is included, and what happens beyond.

use crate::billing::catalog::{Band, BandMode, Beyond, UsagePrice, UsageTerms};
use crate::billing::money::{Currency, UnitPrice};
use crate::config::catalog::{Reader, parts};
use crate::config::problem::Sink;
use crate::config::walk::{Entry, Table};

const KEYS: &[&str] =
    &["included", "beyond", "price", "bands", "mode", "credits_per", "spend_cap", "unlimited"];
/// Most bands of one price.
const BANDS_MAX: usize = 100;

/// The words of `beyond`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Bill,
    Block,
    Credits,
}

pub(super) fn usage(reader: &mut Reader<'_, '_>, table: &Table<'_>) -> Option<UsageTerms> {
    let (sink, currency) = (&mut reader.sink, reader.currency);
    table.only(sink, KEYS);
    if let Some(entry) = table.get("unlimited") {
        return unlimited(sink, table, &entry);
    }
    let included = table.get("included").and_then(|it| it.count(sink, 0)).unwrap_or(0);
    let word = beyond(sink, table)?;
    for (key, needed) in [
        ("price", Word::Bill),
        ("bands", Word::Bill),
        ("mode", Word::Bill),
        ("spend_cap", Word::Bill),
        ("credits_per", Word::Credits),
    ] {
        if let Some(entry) = table.get(key).filter(|_| word != needed) {
            let only = if needed == Word::Bill { "bill" } else { "credits" };
            sink.wrong(&entry.key_span, &entry.path, format!("has a meaning with beyond = \"{only}\" only"));
        }
    }
    let beyond = match word {
        Word::Block => Some(Beyond::Block),
        Word::Credits => credits_per(sink, table),
        Word::Bill => price(sink, table, currency).map(Beyond::Bill),
    };
    let spend_cap = table.get("spend_cap").and_then(|it| it.money(sink, currency));
    Some(UsageTerms::Counted { included, beyond: beyond?, spend_cap })
}

fn unlimited(sink: &mut Sink<'_>, table: &Table<'_>, entry: &Entry<'_>) -> Option<UsageTerms> {
    if !entry.flag(sink)? {
        entry.wrong(sink, "leave the key out, and say what is included and what happens beyond it");
    }
    for other in table.entries().filter(|other| other.name != "unlimited" && KEYS.contains(&other.name)) {
        sink.wrong(&other.key_span, &other.path, "has no meaning beside unlimited = true");
    }
    Some(UsageTerms::Unlimited)
}

/// What happens beyond: said, or plain from the other keys.
fn beyond(sink: &mut Sink<'_>, table: &Table<'_>) -> Option<Word> {
    if let Some(entry) = table.get("beyond") {
        return entry.word(sink, &[("bill", Word::Bill), ("block", Word::Block), ("credits", Word::Credits)]);
    }
    if table.has("price") || table.has("bands") {
        Some(Word::Bill)
    } else if table.has("credits_per") {
        Some(Word::Credits)
    } else {
        let message = "say what happens to usage: unlimited = true, or a price, or beyond = \"block\"";
        sink.wrong(&table.span, &table.path, message);
        None
    }
}

fn credits_per(sink: &mut Sink<'_>, table: &Table<'_>) -> Option<Beyond> {
    let example = "credits_per = { units = 1000, credits = 1 }";
    let per = table.wanted(sink, "credits_per", example)?.table(sink)?;
    per.only(sink, &["units", "credits"]);
    let units = per.wanted(sink, "units", example).and_then(|it| it.count(sink, 1));
    let credits = per.wanted(sink, "credits", example).and_then(|it| parts::credits(sink, &it));
    Some(Beyond::Credits { units: units?, credits: credits? })
}

fn price(sink: &mut Sink<'_>, table: &Table<'_>, currency: Currency) -> Option<UsagePrice> {
    let Some(bands_entry) = table.get("bands") else {
        if let Some(mode) = table.get("mode") {
            sink.wrong(&mode.key_span, &mode.path, "has a meaning with bands only");
        }
        let example = "price = \"0.50\", or bands with a mode";
        return table.wanted(sink, "price", example)?.unit_price(sink, currency).map(UsagePrice::PerUnit);
    };
    if let Some(entry) = table.get("price") {
        sink.wrong(&entry.key_span, &entry.path, "a usage has either a price or bands");
    }
    if let Some(entry) = table.get("included") {
        let message = "goes with a price only: write a first band at price \"0\" instead";
        sink.wrong(&entry.key_span, &entry.path, message);
    }
    let modes = [BandMode::Graduated, BandMode::Volume].map(|mode| (mode.as_str(), mode));
    let mode = table.wanted(sink, "mode", "mode = \"graduated\" or \"volume\"");
    let mode = mode.and_then(|it| it.word(sink, &modes));
    let bands = bands(sink, &bands_entry, currency);
    Some(UsagePrice::Bands { mode: mode?, bands: bands? })
}

fn bands(sink: &mut Sink<'_>, entry: &Entry<'_>, currency: Currency) -> Option<Vec<Band>> {
    let items = entry.list(sink)?;
    if items.is_empty() || items.len() > BANDS_MAX {
        entry.wrong(sink, format!("a price has 1 to {BANDS_MAX} bands"));
        return None;
    }
    let mut bands = Vec::new();
    let mut below = 0;
    for (index, item) in items.iter().enumerate() {
        let Some(table) = item.table(sink) else { continue };
        let Some(band) = band(sink, &table, currency) else { continue };
        match (band.up_to, table.get("up_to")) {
            (Some(_), Some(up_to)) if index + 1 == items.len() => {
                up_to.wrong(sink, "the last band is open: leave up_to out, or add a last band without one");
            }
            (Some(end), Some(up_to)) if end <= below => {
                up_to.wrong(sink, format!("bands rise: this one must end above {below}"));
            }
            (None, _) if index + 1 < items.len() && !table.has("up_to") => {
                sink.wrong(&table.span, &table.path, "only the last band is open: say up_to");
            }
            _ => {}
        }
        below = band.up_to.unwrap_or(below);
        bands.push(band);
    }
    Some(bands)
}

fn band(sink: &mut Sink<'_>, table: &Table<'_>, currency: Currency) -> Option<Band> {
    table.only(sink, &["up_to", "price", "flat"]);
    let up_to = table.get("up_to").map(|it| it.count(sink, 1));
    if !table.has("price") && !table.has("flat") {
        sink.wrong(&table.span, &table.path, "costs nothing said: write price = \"0.05\" (or \"0\")");
    }
    let mut read = |key: &str| match table.get(key) {
        Some(entry) => entry.unit_price(sink, currency),
        None => Some(UnitPrice::ZERO),
    };
    let (price, flat) = (read("price"), read("flat"));
    Some(Band { up_to: up_to.flatten(), price: price?, flat: flat? })
}
