//! Everything of a catalog but its tiers: head, meters, features, actions, packs, alerts.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::Reader;
use crate::billing::catalog::{Alerts, Lasting, Meter, Pack, Window};
use crate::billing::id::{ActionKey, BadName, FeatureKey, MeterKey, Namespace, PackKey, is_invisible};
use crate::billing::money::{CREDITS_MAX, Credits, Currency, Money};
use crate::config::problem::{Sink, shown};
use crate::config::walk::{Entry, Table};

/// Longest product and meter name (Stripe: API reference, 250 characters of a product's name).
pub(super) const NAME_LENGTH_MAX: usize = 250;
/// Longest feature name and feature lookup key (Stripe: docs, entitlements).
const FEATURE_LENGTH_MAX: usize = 80;
/// Longest event name of a meter (Stripe: API reference, billing/meter).
const EVENT_LENGTH_MAX: usize = 100;
/// The alert ladder of a catalog that does not say.
const ALERTS_DEFAULT: [u32; 4] = [50, 80, 95, 100];
/// Largest step of an alert ladder, in percent.
const ALERT_PERCENT_MAX: u32 = 1000;

pub(super) fn schema(sink: &mut Sink<'_>, root: &Table<'_>) {
    let Some(entry) = root.wanted(sink, "schema", "schema = 1") else { return };
    match entry.whole(sink, 1, i64::from(u32::MAX)) {
        Some(schema) if schema > super::SCHEMA => {
            entry.wrong(
                sink,
                format!("this paygrade reads schema {}; the file needs a newer one", super::SCHEMA),
            );
        }
        _ => {}
    }
}

pub(super) fn namespace(sink: &mut Sink<'_>, root: &Table<'_>) -> Option<Namespace> {
    let entry = root.wanted(sink, "namespace", "namespace = \"acme\"")?;
    let text = entry.text(sink)?;
    // Object ids join the namespace and other names with `-`, so it may not hold one.
    let parsed = Namespace::parse(text).ok().filter(|_| !text.contains('-'));
    if parsed.is_none() {
        let rule = "use a-z, 0-9 and _, starting with a letter, 40 characters at most";
        entry.wrong(sink, format!("`{}` is not a legal namespace: {rule}", shown(text)));
    }
    parsed
}

pub(super) fn currency(sink: &mut Sink<'_>, root: &Table<'_>) -> Option<Currency> {
    let entry = root.wanted(sink, "currency", "currency = \"usd\"")?;
    let text = entry.text(sink)?;
    let parsed = Currency::parse(text);
    if parsed.is_none() {
        let lower = text.to_ascii_lowercase();
        let near = Currency::parse(&lower).map(|_| lower.as_str());
        let message = format!("`{}` is not a currency: write its three letters in lower case", shown(text));
        sink.misspelt(&entry.span, &entry.path, message, near);
    }
    parsed
}

/// The keys of a table of the root, whatever is under them.
pub(super) fn names<'a>(root: &Table<'a>, name: &str) -> Vec<&'a str> {
    let entry = root.get(name).filter(Entry::is_table);
    let table = entry.and_then(|entry| entry.table(&mut Sink::new("", "")));
    table.map(|table| table.entries().map(|entry| entry.name).collect()).unwrap_or_default()
}

/// A key that is a legal name.
pub(super) fn name<K: FromStr<Err = BadName>>(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<K> {
    let parsed = K::from_str(entry.name);
    if let Err(error) = &parsed {
        sink.wrong(&entry.key_span, &entry.path, error.to_string());
    }
    parsed.ok()
}

/// A table of named entries.
fn named<K: FromStr<Err = BadName> + Ord, T>(
    reader: &mut Reader<'_, '_>,
    root: &Table<'_>,
    table: &str,
    read: impl Fn(&mut Reader<'_, '_>, &Entry<'_>) -> Option<T>,
) -> BTreeMap<K, T> {
    let mut values = BTreeMap::new();
    let Some(table) = root.table(&mut reader.sink, table) else { return values };
    for entry in table.entries() {
        let key = name::<K>(&mut reader.sink, &entry);
        if let (Some(key), Some(value)) = (key, read(reader, &entry)) {
            values.insert(key, value);
        }
    }
    values
}

/// The name that is shown where the catalog gives none: `ai_analysis` becomes `Ai analysis`.
pub(super) fn name_from_key(key: &str) -> String {
    let spaced = key.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

pub(super) fn label_or_key(sink: &mut Sink<'_>, table: &Table<'_>, key: &str) -> String {
    let given = table.get("name").and_then(|entry| entry.label(sink, NAME_LENGTH_MAX));
    given.unwrap_or_else(|| name_from_key(key))
}

pub(super) fn meters(reader: &mut Reader<'_, '_>, root: &Table<'_>) -> BTreeMap<MeterKey, Meter> {
    let mut events: BTreeMap<String, String> = BTreeMap::new();
    let meters = named(reader, root, "meters", |reader, entry| {
        let table = entry.table(&mut reader.sink)?;
        Some((
            meter(&mut reader.sink, &table, entry.name),
            table.get("event").map_or(entry.key_span.clone(), |it| it.span),
        ))
    });
    let mut checked = BTreeMap::new();
    for (key, (meter, span)) in meters {
        let key: MeterKey = key;
        if let Some(other) = events.insert(meter.event.clone(), key.to_string()) {
            let message =
                format!("the event name `{}` is the one of meter `{other}` already", shown(&meter.event));
            reader.sink.wrong(&span, &format!("meters.{key}.event"), message);
        }
        checked.insert(key, meter);
    }
    checked
}

fn meter(sink: &mut Sink<'_>, table: &Table<'_>, key: &str) -> Meter {
    table.only(sink, &["name", "event", "unit", "window", "formula", "aggregation"]);
    for word in ["formula", "aggregation"] {
        aggregation(sink, table, word);
    }
    let event = table.get("event").and_then(|entry| event_name(sink, &entry));
    let windows = [Window::Each, Window::Minute, Window::Hour, Window::Day].map(|it| (it.as_str(), it));
    Meter {
        name: label_or_key(sink, table, key),
        event: event.unwrap_or_else(|| key.to_owned()),
        unit: table.get("unit").and_then(|it| it.label(sink, 40)).unwrap_or_else(|| "unit".to_owned()),
        window: table.get("window").and_then(|it| it.word(sink, &windows)).unwrap_or_default(),
    }
}

fn aggregation(sink: &mut Sink<'_>, table: &Table<'_>, word: &str) {
    let Some(entry) = table.get(word) else { return };
    match entry.text(sink) {
        None | Some("sum") => {}
        Some("count") => entry
            .wrong(sink, "only sum is supported; a count is a sum of 1: record each event with quantity 1"),
        Some("last") => {
            entry.wrong(sink, "only sum is supported; for a level, record its changes or use `limits`")
        }
        Some(other) => entry.wrong(sink, format!("`{}` is not supported: only sum is", shown(other))),
    }
}

fn event_name(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<String> {
    let text = entry.text(sink)?;
    let visible = text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c));
    if text.is_empty() || text.chars().count() > EVENT_LENGTH_MAX || !visible {
        entry.wrong(
            sink,
            format!("an event name has 1 to {EVENT_LENGTH_MAX} visible characters without spaces"),
        );
        return None;
    }
    Some(text.to_owned())
}

pub(super) fn features(
    reader: &mut Reader<'_, '_>,
    root: &Table<'_>,
    namespace: Option<&Namespace>,
) -> BTreeMap<FeatureKey, String> {
    let prefix = namespace.map_or(0, |namespace| namespace.as_str().len()) + ":feature:".len();
    named(reader, root, "features", |reader, entry| {
        if prefix + entry.name.len() > FEATURE_LENGTH_MAX {
            let message = format!(
                "namespace and feature key together are too long for Stripe's {FEATURE_LENGTH_MAX} characters of a lookup key"
            );
            reader.sink.wrong(&entry.key_span, &entry.path, message);
        }
        entry.label(&mut reader.sink, FEATURE_LENGTH_MAX)
    })
}

pub(super) fn actions(reader: &mut Reader<'_, '_>, root: &Table<'_>) -> BTreeMap<ActionKey, Credits> {
    named(reader, root, "actions", |reader, entry| credits(&mut reader.sink, entry))
}

/// A number of credits, at least one.
pub(super) fn credits(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<Credits> {
    entry.whole(sink, 1, CREDITS_MAX).map(Credits)
}

/// A length of time in words.
pub(super) fn lasting(sink: &mut Sink<'_>, entry: &Entry<'_>) -> Option<Lasting> {
    let text = entry.text(sink)?;
    let lasting = Lasting::parse(text);
    if lasting.is_none() {
        entry.wrong(
            sink,
            format!("`{}` is not a length of time: write \"3 days\" or \"12 months\"", shown(text)),
        );
    }
    lasting
}

pub(super) fn packs(reader: &mut Reader<'_, '_>, root: &Table<'_>) -> BTreeMap<PackKey, Pack> {
    named(reader, root, "packs", |reader, entry| {
        let table = entry.table(&mut reader.sink)?;
        pack(reader, &table, entry.name)
    })
}

fn pack(reader: &mut Reader<'_, '_>, table: &Table<'_>, key: &str) -> Option<Pack> {
    let sink = &mut reader.sink;
    table.only(sink, &["name", "credits", "amount", "expires_after"]);
    let name = label_or_key(sink, table, key);
    let credits = table.wanted(sink, "credits", "credits = 100").and_then(|it| credits(sink, &it));
    let entry = table.wanted(sink, "amount", "amount = \"9.99\"");
    let amount = entry.as_ref().and_then(|it| it.money(sink, reader.currency));
    if let (Some(entry), Some(Money { minor: 0, .. })) = (&entry, amount) {
        entry.wrong(
            sink,
            "must be more than 0; credits that cost nothing are granted with `paygrade credits grant`",
        );
    }
    let expires_after = table.get("expires_after").and_then(|it| lasting(sink, &it));
    Some(Pack { name, credits: credits?, amount: amount?, expires_after })
}

pub(super) fn alerts(reader: &mut Reader<'_, '_>, root: &Table<'_>) -> Alerts {
    let sink = &mut reader.sink;
    let mut alerts = Alerts { at: ALERTS_DEFAULT.to_vec(), low_credits: None };
    let Some(table) = root.table(sink, "alerts") else { return alerts };
    table.only(sink, &["at", "low_credits"]);
    if let Some(entry) = table.get("at")
        && let Some(items) = entry.list(sink)
    {
        alerts.at = items.iter().filter_map(|item| item.small(sink, 1, ALERT_PERCENT_MAX)).collect();
        if !alerts.at.is_sorted_by(|left, right| left < right) {
            entry.wrong(sink, "the percentages must rise: [50, 80, 95, 100]");
        }
    }
    alerts.low_credits = table.get("low_credits").and_then(|it| it.whole(sink, 0, CREDITS_MAX)).map(Credits);
    alerts
}
