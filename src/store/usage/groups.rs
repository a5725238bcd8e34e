//! The statements that write many rows at once, and what they bind.

use std::ops::Range;
use std::sync::OnceLock;

use rusqlite::Statement;

use super::NewEvent;
use crate::billing::time::SECOND_US;

/// Rows of one INSERT statement. More gain little: the work is in the B-trees.
pub(super) const GROUP_ROWS: usize = 64;
/// Columns of `usage_event` that are bound.
pub(super) const EVENT_COLUMNS: usize = 11;
/// Columns of the short form: without the number, which SQLite then counts itself, and without `over_quota`.
pub(super) const NEXT_COLUMNS: usize = 9;
/// Columns of `usage_id`.
pub(super) const ID_COLUMNS: usize = 2;

/// An event with its numbers.
pub(super) struct Row<'e> {
    pub(super) seq: i64,
    pub(super) event: NewEvent<'e>,
    pub(super) action: Option<i64>,
    pub(super) user: Option<i64>,
    pub(super) over_quota: bool,
}

impl Row<'_> {
    pub(super) fn bind(&self, put: &mut Statement<'_>, after: usize) -> rusqlite::Result<()> {
        put.raw_bind_parameter(after + 1, self.seq)?;
        self.bind_next(put, after + 1)?;
        put.raw_bind_parameter(after + 11, self.over_quota)
    }

    pub(super) fn bind_next(&self, put: &mut Statement<'_>, after: usize) -> rusqlite::Result<()> {
        let Row { event, action, user, .. } = self;
        let at = event.content.at.0;
        put.raw_bind_parameter(after + 1, event.meter.0)?;
        put.raw_bind_parameter(after + 2, event.customer.0)?;
        put.raw_bind_parameter(after + 3, event.id.as_ref().map(|id| &id.0[..]))?;
        put.raw_bind_parameter(after + 4, event.content.quantity)?;
        put.raw_bind_parameter(after + 5, at.div_euclid(SECOND_US))?;
        put.raw_bind_parameter(after + 6, at.rem_euclid(SECOND_US))?;
        put.raw_bind_parameter(after + 7, action)?;
        put.raw_bind_parameter(after + 8, user)?;
        put.raw_bind_parameter(after + 9, event.line)
    }
}

/// Cuts a group into those few lengths that there are statements for.
pub(super) fn statements(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let length = LENGTHS.into_iter().find(|length| *length <= rows - from)?;
        from += length;
        Some(from - length..from)
    })
}

/// Rows of the statements that write groups.
const LENGTHS: [usize; 4] = [GROUP_ROWS, 16, 4, 1];

/// The statements that write groups of rows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Insert {
    Id,
    Event,
    /// An event with the next number: SQLite need not look where it belongs.
    Next,
}

impl Insert {
    /// The INSERT of so many rows.
    pub(super) fn sql(self, rows: usize) -> &'static str {
        static TEXTS: OnceLock<[Vec<String>; 3]> = OnceLock::new();
        let texts = TEXTS.get_or_init(|| {
            [Insert::Id, Insert::Event, Insert::Next]
                .map(|it| LENGTHS.iter().map(|rows| it.text(*rows)).collect())
        });
        let nth = LENGTHS.iter().position(|length| *length == rows);
        nth.and_then(|nth| texts[self as usize].get(nth)).map_or("", String::as_str)
    }

    fn text(self, rows: usize) -> String {
        let (head, columns, tail) = match self {
            Insert::Id => ("usage_id (key, seq)", ID_COLUMNS, " ON CONFLICT (key) DO NOTHING"),
            Insert::Event => (
                "usage_event (seq, meter, customer, id, quantity, at_s, at_us, action, end_user, line, over_quota)",
                EVENT_COLUMNS,
                "",
            ),
            Insert::Next => (
                "usage_event (meter, customer, id, quantity, at_s, at_us, action, end_user, line)",
                NEXT_COLUMNS,
                "",
            ),
        };
        let row = format!("({})", vec!["?"; columns].join(", "));
        format!("INSERT INTO {head} VALUES {}{tail}", vec![row.as_str(); rows].join(", "))
    }
}
