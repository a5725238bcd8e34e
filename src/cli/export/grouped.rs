//! Usage by groups.

use std::io::Write;

use super::Stop;
use super::totals::Totals;
use crate::flow::usage_grouped::{Grouping, usage_grouped};
use crate::store::Reader;
use crate::store::usage_export::UsageRange;
use crate::ui::{Cell, RowWriter};

/// What is said of each group, after its keys.
const SUMS: &[&str] = &["events", "quantity", "included", "overage", "uncounted", "credits"];

/// Its keys and their sums.
pub(super) fn columns(grouping: &Grouping) -> Vec<&'static str> {
    [grouping.columns(), SUMS.to_vec()].concat()
}

pub(super) fn write<W: Write>(
    r: &Reader<'_>,
    range: &UsageRange,
    grouping: &Grouping,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let groups = usage_grouped(r, range, grouping)?;
    let mut totals = Totals::new(
        "groups",
        &[("events", "events"), ("quantity", "units"), ("overage", "beyond"), ("credits", "credits")],
    );
    for group in &groups {
        totals.rows += 1;
        let sums = &group.sums;
        for (at, value) in [sums.events, sums.quantity, sums.overage, sums.credits].into_iter().enumerate() {
            totals.add(at, value);
        }
        let mut cells: Vec<Cell> = group.keys.iter().cloned().map(Cell::maybe_text).collect();
        cells.extend(
            [sums.events, sums.quantity, sums.included, sums.overage, sums.uncounted, sums.credits]
                .map(Cell::Count),
        );
        writer.row(&cells)?;
    }
    Ok(totals)
}
