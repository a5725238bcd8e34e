//! `store query`.

use clap::Args;

use crate::cli::Cx;
use crate::cli::interrupt::Interrupt;
use crate::error::{Error, Kind};
use crate::store::query::{QueryError, VIEWS, Value};
use crate::ui::{Cell, Report};

/// Ask the store a question of your own in SQL
///
/// Over the views v_usage, v_ledger and v_deliveries, whose columns are those of the exports and stay from version to
/// version. Reads only: anything else is refused. Flags are 0 and 1; times are text and sort as they should.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade store query 'SELECT customer, SUM(quantity) AS units FROM v_usage GROUP BY customer'
  paygrade store query \"SELECT state, COUNT(*) FROM v_deliveries GROUP BY state\" -o json
  paygrade store query \"SELECT * FROM v_ledger WHERE at >= '2026-10-01'\" -o csv --limit 1000000")]
pub struct QueryArgs {
    /// One SELECT
    sql: String,
    /// Most rows to show
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    limit: u32,
}

pub(super) fn run(cx: &Cx, args: &QueryArgs) -> Result<Report, Error> {
    let store = cx.store_reading()?;
    let interrupt = Interrupt::listen()?;
    let watched = interrupt.clone();
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let answered = store.query(&args.sql, limit, move || watched.came()).map_err(|error| match error {
        QueryError::Refused(_) => Error::new(Kind::Refused, "query_refused", error.to_string())
            .hint(format!("read {}; `paygrade store query --help` has examples", VIEWS.join(", "))),
        QueryError::Bad(why) => {
            Error::new(Kind::BadInput, "bad_query", format!("the query cannot be run: {why}"))
                .hint(format!("one SELECT over {}", VIEWS.join(", ")))
        }
        QueryError::Interrupted => {
            let kind = interrupt.kind().unwrap_or(Kind::Interrupted);
            Error::new(kind, "interrupted", "the query was ended")
        }
        QueryError::Store(error) => error.into(),
    })?;
    let mut report = Report::new("store_query", &[]);
    report.columns = answered.columns.into_iter().map(Into::into).collect();
    let count = answered.rows.len();
    for row in answered.rows {
        let cells = row.into_iter().map(|value| match value {
            Value::Null => Cell::Blank,
            Value::Integer(number) => Cell::Count(number),
            Value::Text(text) => Cell::Text(text),
        });
        report.row(cells.collect());
    }
    let rows = format!("{count} row{}", if count == 1 { "" } else { "s" });
    Ok(report.verdict(match answered.has_more {
        true => format!("the first {rows}; there are more: give --limit"),
        false => rows,
    }))
}
