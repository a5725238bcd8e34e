//! People's own SQL over the stable views: reading only, and nothing but them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection, ErrorCode};

use super::{Store, StoreError};

/// The views that may be read; their columns stay.
pub const VIEWS: &[&str] = &["v_usage", "v_ledger", "v_deliveries"];

/// Statements that begin so are refused before SQLite looks for what is wrong with them.
const NOT_READING: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "ATTACH",
    "BEGIN",
    "COMMIT",
    "CREATE",
    "DELETE",
    "DETACH",
    "DROP",
    "END",
    "INSERT",
    "PRAGMA",
    "REINDEX",
    "RELEASE",
    "REPLACE",
    "ROLLBACK",
    "SAVEPOINT",
    "UPDATE",
    "VACUUM",
];

/// Steps of SQLite's machine after which it is asked whether somebody wants it to end.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// One value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// Text, also of a number with a fraction and of bytes (hexadecimal).
    Text(String),
}

/// What a query answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// Names of the columns, each once.
    pub columns: Vec<String>,
    /// The rows, at most as many as were asked for.
    pub rows: Vec<Vec<Value>>,
    /// Whether there were more.
    pub has_more: bool,
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// It does something that is not allowed.
    #[error("a query reads the stable views only: {0}")]
    Refused(String),
    /// It is no SQL, or names what is not there.
    #[error("{0}")]
    Bad(String),
    /// Somebody asked for its end.
    #[error("interrupted")]
    Interrupted,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Runs one query, for at most `rows_max` rows, until `stop` says so. The connection can do nothing else afterwards.
    pub fn query(
        mut self,
        sql: &str,
        rows_max: usize,
        stop: impl Fn() -> bool + Send + 'static,
    ) -> Result<Answered, QueryError> {
        if let Some(word) = first_word(sql).filter(|word| NOT_READING.contains(&word.as_str())) {
            return Err(QueryError::Refused(format!("{word} does something else")));
        }
        let refused = Arc::new(Mutex::new(None));
        let noted = Arc::clone(&refused);
        let conn = self.connection();
        let mut seen = Seen { tables: tables(conn).map_err(StoreError::from)?, behind: BTreeSet::new() };
        let guard = move |it: AuthContext<'_>| match forbidden(&it, &mut seen) {
            None => Authorization::Allow,
            Some(why) => {
                noted.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
                Authorization::Deny
            }
        };
        conn.authorizer(Some(guard)).map_err(StoreError::from)?;
        conn.progress_handler(STEPS_BETWEEN_LOOKS, Some(stop)).map_err(StoreError::from)?;
        answer(conn, sql, rows_max).map_err(|error| match error {
            Failure::Said(error) => error,
            Failure::Sql(error) => {
                let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
                match (error.sqlite_error_code(), refused) {
                    (_, Some(why)) => QueryError::Refused(why),
                    (Some(ErrorCode::OperationInterrupted), None) => QueryError::Interrupted,
                    (Some(ErrorCode::Unknown) | None, None) => QueryError::Bad(error.to_string()),
                    (Some(_), None) => StoreError::from(error).into(),
                }
            }
        })
    }
}

enum Failure {
    Said(QueryError),
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::Sql(error)
    }
}

fn answer(conn: &Connection, sql: &str, rows_max: usize) -> Result<Answered, Failure> {
    let mut batch = Batch::new(conn, sql);
    let bad = |text: &str| Failure::Said(QueryError::Bad(text.to_owned()));
    let Some(mut statement) = batch.next()? else { return Err(bad("there is no statement in it")) };
    if batch.next()?.is_some() {
        return Err(bad("it is more than one statement"));
    }
    if statement.parameter_count() > 0 {
        return Err(bad("it has parameters: write the values themselves"));
    }
    let columns = named_once(statement.column_names());
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if found.len() == rows_max {
            return Ok(Answered { columns, rows: found, has_more: true });
        }
        let values = (0..columns.len()).map(|at| Ok(value(row.get_ref(at)?)));
        found.push(values.collect::<rusqlite::Result<_>>()?);
    }
    Ok(Answered { columns, rows: found, has_more: false })
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Text(number.to_string()),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

/// A name that comes twice would hide one value behind the other in JSON.
fn named_once<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> Vec<String> {
    let mut columns: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let mut unused = name.to_owned();
        let mut count = 1;
        while columns.contains(&unused) {
            count += 1;
            unused = format!("{name}_{count}");
        }
        columns.push(unused);
    }
    columns
}

/// The first word of a statement, in capitals; none where it begins with anything else, such as a comment.
fn first_word(sql: &str) -> Option<String> {
    let word: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    (!word.is_empty()).then(|| word.to_ascii_uppercase())
}

/// What is known while a query is looked at.
struct Seen {
    /// What there is to read, in small letters: tables, views, modules.
    tables: BTreeSet<String>,
    /// The tables that the views of the query read.
    behind: BTreeSet<String>,
}

impl Seen {
    /// Whether a name can only be one that the query itself gives, as `WITH name AS` does.
    fn is_own(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        !self.tables.contains(&name) && !name.starts_with("sqlite_") && !name.starts_with("pragma_")
    }
}

fn tables(conn: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let sql = "SELECT lower(name) FROM sqlite_schema UNION SELECT lower(name) FROM pragma_module_list";
    conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// What a part of a query does that it must not. Where a query uses no column of a table, SQLite asks for the table without
/// a column, and says no more that it is a view that reads; so it does of a name that the query itself gives.
fn forbidden(it: &AuthContext<'_>, seen: &mut Seen) -> Option<String> {
    let by_view = it.accessor.is_some_and(|view| VIEWS.contains(&view));
    match it.action {
        AuthAction::Select | AuthAction::Recursive => None,
        AuthAction::Read { table_name, .. } if by_view => {
            seen.behind.insert(table_name.to_owned());
            None
        }
        AuthAction::Read { table_name, .. } if VIEWS.contains(&table_name) => None,
        AuthAction::Read { table_name, column_name: "" }
            if seen.behind.contains(table_name) || seen.is_own(table_name) =>
        {
            None
        }
        AuthAction::Read { table_name, .. } => Some(format!("`{table_name}` is not one of them")),
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Some("load_extension".to_owned())
        }
        AuthAction::Function { .. } => None,
        AuthAction::Pragma { pragma_name, .. } => Some(format!("PRAGMA {pragma_name}")),
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Some("ATTACH and DETACH".to_owned()),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => Some("transactions".to_owned()),
        AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::Update { table_name, .. } => Some(format!("it would write to `{table_name}`")),
        _ => Some("it would change the schema".to_owned()),
    }
}
