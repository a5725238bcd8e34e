//! `[reconcile]`: what is let through, and what wakes somebody; for all meters, and for single ones instead.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::problem::Sink;
use super::walk::{Entry, Table};
use crate::billing::id::MeterKey;
use crate::billing::money::decimal_parse;
use crate::billing::reconcile::{Tolerance, Tolerances};

const KEYS: &[&str] = &["percent", "floor", "amount", "alert_percent", "alert_floor", "alert_amount"];
/// Largest floor, in units.
const FLOOR_MAX: i64 = 1_000_000_000_000;

/// What one table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Said {
    percent: Option<Decimal>,
    floor: Option<i64>,
    amount: Option<Decimal>,
    alert_percent: Option<Decimal>,
    alert_floor: Option<i64>,
    alert_amount: Option<Decimal>,
}

impl Said {
    fn passes(&self) -> [bool; 3] {
        [self.percent.is_some(), self.floor.is_some(), self.amount.is_some()]
    }
    fn alerts(&self) -> [bool; 3] {
        [self.alert_percent.is_some(), self.alert_floor.is_some(), self.alert_amount.is_some()]
    }
}

/// What the file says of reconcile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReconcileSettings {
    all: Said,
    meters: BTreeMap<String, Said>,
}

impl ReconcileSettings {
    /// What makes no exit code.
    pub fn passing(&self) -> Tolerances {
        let all = Tolerance {
            percent: self.all.percent.unwrap_or_default(),
            floor: self.all.floor.unwrap_or_default(),
            amount: self.all.amount.unwrap_or_default(),
        };
        let own = self.meters.iter().filter(|(_, said)| said.passes().contains(&true));
        let meters = own.map(|(meter, said)| {
            let tolerance = Tolerance {
                percent: said.percent.unwrap_or(all.percent),
                floor: said.floor.unwrap_or(all.floor),
                amount: said.amount.unwrap_or(all.amount),
            };
            (meter.clone(), tolerance)
        });
        let said = self.all.passes().contains(&true);
        Tolerances { all: said.then_some(all), meters: meters.collect() }
    }

    /// What wakes nobody. `percent` and `floor`: what holds where `[reconcile]` says nothing.
    pub fn quiet(&self, percent: u32, floor: u32) -> Tolerances {
        let all = Tolerance {
            percent: self.all.alert_percent.unwrap_or_else(|| percent.into()),
            floor: self.all.alert_floor.unwrap_or_else(|| floor.into()),
            amount: self.all.alert_amount.unwrap_or_default(),
        };
        let own = self.meters.iter().filter(|(_, said)| said.alerts().contains(&true));
        let meters = own.map(|(meter, said)| {
            let tolerance = Tolerance {
                percent: said.alert_percent.unwrap_or(all.percent),
                floor: said.alert_floor.unwrap_or(all.floor),
                amount: said.alert_amount.unwrap_or(all.amount),
            };
            (meter.clone(), tolerance)
        });
        Tolerances { all: Some(all), meters: meters.collect() }
    }
}

/// Reads `[reconcile]` and `[reconcile.meters.NAME]`.
pub(super) fn reconcile(sink: &mut Sink<'_>, root: &Table<'_>) -> ReconcileSettings {
    let Some(table) = root.table(sink, "reconcile") else { return ReconcileSettings::default() };
    let mut known = KEYS.to_vec();
    known.push("meters");
    table.only(sink, &known);
    let mut settings = ReconcileSettings { all: said(sink, &table), meters: BTreeMap::new() };
    let Some(meters) = table.table(sink, "meters") else { return settings };
    for entry in meters.entries() {
        if MeterKey::parse(entry.name).is_err() {
            entry.wrong(sink, "is not the key of a meter");
            continue;
        }
        let Some(of_meter) = entry.table(sink) else { continue };
        of_meter.only(sink, KEYS);
        settings.meters.insert(entry.name.to_owned(), said(sink, &of_meter));
    }
    settings
}

fn said(sink: &mut Sink<'_>, table: &Table<'_>) -> Said {
    let mut decimal = |name: &str, max: u32, what: &str| {
        let entry = table.get(name)?;
        number(sink, &entry, max, what)
    };
    let (percent, alert_percent) = (
        decimal("percent", 100, "a percentage from 0 to 100, such as \"0.1\""),
        decimal("alert_percent", 100, "a percentage from 0 to 100, such as \"5\""),
    );
    const AMOUNT: &str = "an amount in major units, such as \"1.50\"";
    let (amount, alert_amount) =
        (decimal("amount", u32::MAX, AMOUNT), decimal("alert_amount", u32::MAX, AMOUNT));
    let mut units = |name: &str| table.get(name)?.whole(sink, 0, FLOOR_MAX);
    Said {
        percent,
        floor: units("floor"),
        amount,
        alert_percent,
        alert_floor: units("alert_floor"),
        alert_amount,
    }
}

fn number(sink: &mut Sink<'_>, entry: &Entry<'_>, max: u32, what: &str) -> Option<Decimal> {
    let text = entry.text(sink)?;
    let parsed = decimal_parse(text).filter(|it| !it.is_sign_negative() && *it <= Decimal::from(max));
    if parsed.is_none() {
        entry.wrong(sink, format!("must be {what}"));
    }
    parsed
}
