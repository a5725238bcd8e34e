//! Lists: cursors, limits, the envelope (Stripe: docs /api/pagination).

use serde_json::{Value, json};

use super::error::ApiError;
use super::form::Params;
use super::model::{Row, Table};

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
}

/// Reads `limit`, `starting_after` and `ending_before`. A limit outside 1 to 100 is clamped without a word, as
/// recorded of Stripe.
pub fn page(p: &mut Params) -> Result<Page, ApiError> {
    let limit = p.int("limit")?.unwrap_or(10).clamp(1, 100);
    let (after, before) = (p.string("starting_after")?, p.string("ending_before")?);
    if after.is_some() && before.is_some() {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: ending_before, starting_after.",
        ));
    }
    Ok(Page { limit: usize::try_from(limit).unwrap_or(10), after, before })
}

impl Page {
    /// The asked part of rows that are given newest first, in Stripe's envelope.
    /// `exists` says whether a cursor names any object at all, listed or not.
    pub fn cut<T>(
        &self,
        rows: &[T],
        id: impl Fn(&T) -> &str,
        what: &str,
        url: &str,
        render: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let find = |cursor: &str, param: &str| {
            let place = rows.iter().position(|row| id(row) == cursor);
            place.ok_or_else(|| ApiError::no_such(what, cursor, param))
        };
        let (from, to) = match (&self.after, &self.before) {
            (Some(cursor), _) => {
                let from = find(cursor, "starting_after")? + 1;
                (from, rows.len().min(from + self.limit))
            }
            (None, Some(cursor)) => {
                let to = find(cursor, "ending_before")?;
                (to.saturating_sub(self.limit), to)
            }
            (None, None) => (0, rows.len().min(self.limit)),
        };
        let has_more = if self.before.is_some() { from > 0 } else { to < rows.len() };
        let data: Vec<Value> = rows[from..to].iter().map(render).collect();
        Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
    }
}

/// The asked part of a table, newest first. The cursor may name an object that the filter leaves out.
pub fn table<T: Row>(
    page: &Page,
    table: &Table<T>,
    what: &str,
    url: &str,
    keep: impl Fn(&T) -> bool,
    render: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let cursor = page.after.as_deref().or(page.before.as_deref());
    let rows: Vec<&T> = table.iter().rev().filter(|row| Some(row.id()) == cursor || keep(row)).collect();
    page.cut(&rows, |row| row.id(), what, url, |row| render(row))
}

/// A filter such as `created[gte]=…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    from: Option<i64>,
    to: Option<i64>,
}

impl Range {
    /// The instant lies inside.
    pub fn holds(&self, at: i64) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at <= to)
    }
}

/// Reads `name=…` or `name[gt|gte|lt|lte]=…`.
pub fn range(p: &mut Params, name: &str) -> Result<Range, ApiError> {
    if let Some(range) = p.group_or_leaf(name, |inner| {
        let from = inner.timestamp("gte")?.or(inner.timestamp("gt")?.map(|at| at + 1));
        let to = inner.timestamp("lte")?.or(inner.timestamp("lt")?.map(|at| at - 1));
        Ok(Range { from, to })
    })? {
        return Ok(range);
    }
    let at = p.timestamp(name)?;
    Ok(Range { from: at, to: at })
}
