//! `report reprice`.

use std::collections::BTreeMap;

use clap::Args;

use super::{count, several};
use crate::billing::money::Money;
use crate::cli::Cx;
use crate::error::Error;
use crate::flow::reprice::{Row, reprice};
use crate::flow::usage_show::Which;
use crate::ui::{Cell, Report};

/// What recorded usage of a closed period would have cost under another catalog
///
/// The other catalog is that of --catalog: the tier of the same name prices what was used, by the terms that held at the
/// end of each customer's own period. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade report reprice --catalog next.toml
  paygrade report reprice --catalog next.toml --period current -o csv")]
pub struct RepriceArgs {
    /// Each customer's own billing period: last or current
    #[arg(long, value_name = "PERIOD", value_parser = ["last", "current"], default_value = "last")]
    period: String,
}

const COLUMNS: &[&str] = &["customer", "tier", "meter", "units", "old", "new", "change", "note"];

pub(super) fn run(cx: &Cx, args: &RepriceArgs) -> Result<Report, Error> {
    let other = cx.catalog()?;
    let which = if args.period == "current" { Which::Current } else { Which::Last };
    let rows = reprice(&cx.store_reading()?, cx.now()?, which, &other)?;
    let mut report = Report::new("report_reprice", COLUMNS).money(&["old", "new", "change"]);
    for it in &rows {
        report.row(vec![
            Cell::text(&it.customer),
            Cell::text(&it.tier),
            Cell::text(&it.meter),
            Cell::Count(it.units),
            Cell::maybe_money(it.priced.old),
            Cell::maybe_money(it.priced.new),
            Cell::maybe_money(it.priced.change()),
            Cell::maybe_text(it.priced.note),
        ]);
    }
    Ok(report.verdict(verdict(&rows, &args.period)))
}

/// The sums, currency by currency; of rows with both amounts only, so that they can be compared.
fn verdict(rows: &[Row], period: &str) -> String {
    let mut sums: BTreeMap<String, (Money, Money, i64)> = BTreeMap::new();
    for it in rows {
        let (Some(old), Some(new), Some(change)) = (it.priced.old, it.priced.new, it.priced.change()) else {
            continue;
        };
        let zero = Money { minor: 0, currency: old.currency };
        let sum = sums.entry(old.currency.code().to_owned()).or_insert((zero, zero, 0));
        sum.0.minor = sum.0.minor.saturating_add(old.minor);
        sum.1.minor = sum.1.minor.saturating_add(new.minor);
        sum.2 = sum.2.saturating_add(change.minor);
    }
    let noted = rows.iter().filter(|it| it.priced.note.is_some()).count();
    let sums = sums.values().map(|(old, new, change)| {
        let change = Money { minor: *change, currency: old.currency };
        format!("{old} would be {new}, a change of {change}")
    });
    let mut parts = vec![format!("{} of the {period} period", several(count(rows.len()), "row", "rows"))];
    parts.extend(sums);
    if noted > 0 {
        parts.push(format!("{} to look at", several(count(noted), "note", "notes")));
    }
    parts.join("; ")
}
