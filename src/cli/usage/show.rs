//! `usage show`.

use clap::Args;

use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::period::{Cycle, Period};
use crate::billing::time::Timestamp;
use crate::cli::Cx;
use crate::error::{Error, Kind};
use crate::flow::usage_show::{Filter, Used, Which, usage_show};
use crate::ui::{Cell, Report};

/// Show what customers used against what their tier includes
///
/// `current` and `last` are each customer's own billing periods, with what is included and what usage costs by our own
/// rule. A month such as 2026-10, or --from and --to, sums what was recorded and sent in that time.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade usage show acme
  paygrade usage show --meter tokens --period last
  paygrade usage show --from 2026-10-01 --to 2026-10-08")]
pub struct ShowArgs {
    /// The customer's own id [default: all]
    customer: Option<String>,
    /// This meter only
    #[arg(long, value_name = "METER")]
    meter: Option<String>,
    /// current, last or a month such as 2026-10 [default: current]
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "to"])]
    period: Option<String>,
    /// Not before this instant
    #[arg(long, value_name = "INSTANT", requires = "to")]
    from: Option<String>,
    /// Before this instant
    #[arg(long, value_name = "INSTANT", requires = "from")]
    to: Option<String>,
}

const COLUMNS: &[&str] = &[
    "customer",
    "meter",
    "period",
    "included",
    "used",
    "remaining",
    "overage",
    "recorded",
    "sent",
    "confirmed",
    "cost",
    "projected",
    "resets_at",
];

pub(super) fn run(cx: &Cx, args: &ShowArgs) -> Result<Report, Error> {
    let filter = Filter {
        customer: args.customer.as_deref().map(CustomerId::parse).transpose()?,
        meter: args.meter.as_deref().map(MeterKey::parse).transpose()?,
        which: which(args)?,
    };
    let store = cx.store_reading()?;
    let used = usage_show(&store, cx.now()?, &filter)?;
    let mut report = Report::new("usage_show", COLUMNS).money(&["cost", "projected"]);
    for it in &used {
        report.row(cells(it));
    }
    let recorded: i128 = used.iter().map(|it| i128::from(it.recorded)).sum();
    let lines = used.len();
    Ok(report
        .verdict(format!("{lines} line{}, {recorded} units recorded", if lines == 1 { "" } else { "s" })))
}

fn cells(it: &Used) -> Vec<Cell> {
    vec![
        Cell::text(&it.customer),
        Cell::text(&it.meter),
        Cell::text(format!("{}/{}", it.period.start, it.period.end)),
        Cell::maybe_count(it.included),
        Cell::Count(it.used),
        Cell::maybe_count(it.remaining()),
        Cell::maybe_count(it.overage()),
        Cell::Count(it.recorded),
        Cell::Count(it.sent),
        Cell::maybe_count(it.confirmed),
        Cell::maybe_money(it.cost),
        Cell::maybe_money(it.projected),
        Cell::maybe_at(it.resets_at),
    ]
}

fn which(args: &ShowArgs) -> Result<Which, Error> {
    if let (Some(from), Some(to)) = (&args.from, &args.to) {
        let (start, end) = (instant(from)?, instant(to)?);
        if end <= start {
            return Err(bad(format!("--to {to} is not after --from {from}")));
        }
        return Ok(Which::Between(Period { start, end }));
    }
    match args.period.as_deref() {
        None | Some("current") => Ok(Which::Current),
        Some("last") => Ok(Which::Last),
        Some(month) => {
            let start = (month.len() == 7).then(|| Timestamp::parse(&format!("{month}-01"))).flatten();
            let period = start.and_then(|start| Cycle::monthly(start).period(0));
            period.map(Which::Between).ok_or_else(|| bad(format!("`{}` is no period", month.escape_debug())))
        }
    }
}

fn instant(text: &str) -> Result<Timestamp, Error> {
    Timestamp::parse(text).ok_or_else(|| bad(format!("`{}` is not an instant", text.escape_debug())))
}

fn bad(text: String) -> Error {
    Error::new(Kind::BadInput, "bad_period", text)
        .hint("write current, last or 2026-10; instants as 2026-11-21T08:00:00Z or 2026-11-21")
}
