//! The other programs: which of them this machine has, and how they do the same work. The SQL here is theirs: none of
//! it is run by this program.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use super::data::Form;
use super::postgres::Programs;

/// A program to be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum PeerName {
    /// The sqlite3 shell
    Sqlite3,
    /// DuckDB: its shell, or else its Python package
    Duckdb,
    /// Python with its own csv and sqlite3 modules
    Python,
    /// PostgreSQL with pgbench, for recording
    Postgres,
}

impl PeerName {
    pub(super) const ALL: [PeerName; 4] =
        [PeerName::Sqlite3, PeerName::Duckdb, PeerName::Python, PeerName::Postgres];
    pub(super) fn as_str(self) -> &'static str {
        match self {
            PeerName::Sqlite3 => "sqlite3",
            PeerName::Duckdb => "duckdb",
            PeerName::Python => "python",
            PeerName::Postgres => "postgres",
        }
    }
}

/// Those that were found.
#[derive(Debug, Default)]
pub(super) struct Peers {
    pub(super) sqlite3: Option<Found>,
    pub(super) duckdb: Option<Found>,
    pub(super) python: Option<Found>,
    pub(super) postgres: Option<Programs>,
    pub(super) strace: Option<Found>,
    pub(super) stripe: Option<Found>,
}

/// A program that is there.
#[derive(Debug, Clone)]
pub(super) struct Found {
    program: OsString,
    /// Words that come before the statements.
    words: Vec<&'static str>,
    pub(super) version: String,
}

impl Found {
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.words).stdin(Stdio::null());
        command
    }

    fn look(program: &str, words: &[&'static str], ask: &[&str]) -> Option<Found> {
        let output = Command::new(program).args(words).args(ask).stdin(Stdio::null()).output().ok()?;
        let version = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
        let words = words.to_vec();
        output.status.success().then(|| Found { program: program.into(), words, version })
    }
}

/// Runs statements through DuckDB's Python package.
const DUCKDB_PYTHON: &str = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute(sys.argv[2])";
const DUCKDB_VERSION: &str = "import duckdb; print(duckdb.__version__, '(Python package)')";

impl Peers {
    /// Looks for those that were asked for, and for what the jobs use beside them.
    pub(super) fn find(asked: &[PeerName]) -> Peers {
        let python = ["python3", "python"].iter().find_map(|name| Found::look(name, &[], &["--version"]));
        let duckdb = || {
            Found::look("duckdb", &[], &["--version"]).or_else(|| {
                let python = python.as_ref()?.program.to_str()?;
                let version = Found::look(python, &["-c"], &[DUCKDB_VERSION])?.version;
                Some(Found { program: python.into(), words: vec!["-c", DUCKDB_PYTHON], version })
            })
        };
        let wanted = |name| asked.contains(&name);
        Peers {
            sqlite3: wanted(PeerName::Sqlite3).then(|| Found::look("sqlite3", &[], &["-version"])).flatten(),
            duckdb: wanted(PeerName::Duckdb).then(duckdb).flatten(),
            python: python.clone().filter(|_| wanted(PeerName::Python)),
            postgres: wanted(PeerName::Postgres).then(Programs::find).flatten(),
            strace: Found::look("strace", &[], &["--version"]),
            stripe: Found::look("stripe", &[], &["version"]),
        }
    }

    /// The version of one that is there.
    pub(super) fn version(&self, name: PeerName) -> Option<&str> {
        let found = match name {
            PeerName::Sqlite3 => &self.sqlite3,
            PeerName::Duckdb => &self.duckdb,
            PeerName::Python => &self.python,
            PeerName::Postgres => return self.postgres.as_ref().map(|it| it.version.as_str()),
        };
        found.as_ref().map(|it| it.version.as_str())
    }
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "''"))
}

/// What every peer keeps of an event: the flat table that one writes without thinking, its id unique.
const FLAT: &str = "CREATE TABLE usage (id TEXT PRIMARY KEY, customer TEXT, meter TEXT, quantity INTEGER, \"at\" INTEGER, action TEXT);";

/// `sqlite3 .import` with its defaults.
pub(super) fn sqlite3_import(found: &Found, file: &Path, db: &Path) -> Command {
    let mut command = found.command();
    command.arg(db).arg(FLAT).arg(format!(".import --csv --skip 1 {} usage", quoted(file)));
    command
}

/// The whole table, as CSV or as a JSON array: what the shell has.
pub(super) fn sqlite3_export(found: &Found, db: &Path, form: Form) -> Command {
    sqlite3_write(found, db, form, "SELECT * FROM usage")
}

/// What our own export writes, column by column, from our own store through its view for other programs.
pub(super) fn sqlite3_export_same(found: &Found, store: &Path, form: Form) -> Command {
    sqlite3_write(found, store, form, "SELECT * FROM v_usage")
}

fn sqlite3_write(found: &Found, db: &Path, form: Form, query: &str) -> Command {
    let mut command = found.command();
    command.args(["-readonly", "-header"]).arg(if form == Form::Csv { "-csv" } else { "-json" });
    command.arg(db).arg(query);
    command
}

/// What a warehouse would compute to compare everything, over our own store: every pair by the hour.
pub(super) fn sqlite3_group_by(found: &Found, store: &Path) -> Command {
    let query = "SELECT count(*) FROM (SELECT customer, meter, at / 3600000000 AS hour, sum(quantity), count(*) \
                 FROM usage_event GROUP BY customer, meter, hour)";
    sqlite3_ask(found, store, query)
}

/// The least that one can ask of our own store.
pub(super) fn sqlite3_point_query(found: &Found, store: &Path, customer: &str) -> Command {
    sqlite3_ask(found, store, &format!("SELECT cus FROM customer WHERE id = '{customer}'"))
}

fn sqlite3_ask(found: &Found, store: &Path, query: &str) -> Command {
    let mut command = found.command();
    command.arg("-readonly").arg(store).arg(query);
    command
}

/// DuckDB into a table with a key.
pub(super) fn duckdb_import(found: &Found, file: &Path, form: Form, db: &Path) -> Command {
    let load = match form {
        Form::Csv => format!("COPY usage FROM {} (HEADER)", quoted(file)),
        Form::Ndjson => format!(
            "INSERT INTO usage SELECT id, customer, meter, quantity, \"at\", action FROM read_json({}, format = 'newline_delimited')",
            quoted(file)
        ),
    };
    let mut command = found.command();
    command.arg(db).arg(format!("{FLAT} {load};"));
    command
}

/// DuckDB's table, written out.
pub(super) fn duckdb_export(found: &Found, db: &Path, form: Form, out: &Path) -> Command {
    let format = if form == Form::Csv { "FORMAT csv, HEADER" } else { "FORMAT json" };
    let mut command = found.command();
    command.arg(db).arg(format!("COPY usage TO {} ({format});", quoted(out)));
    command
}

/// What a script of an afternoon does: the csv and sqlite3 modules, 10,000 rows a statement, one transaction.
const PYTHON_IMPORT: &str = "
import csv, itertools, json, sqlite3, sys
db = sqlite3.connect(sys.argv[3])
db.execute('PRAGMA journal_mode=WAL'); db.execute('PRAGMA synchronous=FULL'); db.execute(sys.argv[4])
with open(sys.argv[1], newline='') as f:
    if sys.argv[2] == 'csv':
        rows = csv.reader(f); next(rows)
    else:
        rows = (list(json.loads(line).values()) for line in f)
    while batch := list(itertools.islice(rows, 10000)):
        db.executemany('INSERT INTO usage VALUES (?,?,?,?,?,?)', batch)
db.commit(); db.close()";

/// Python's own csv, json and sqlite3 modules.
pub(super) fn python_import(found: &Found, file: &Path, form: Form, db: &Path) -> Command {
    let mut command = found.command();
    command.args(["-c", PYTHON_IMPORT]).arg(file).arg(form.extension()).arg(db).arg(FLAT);
    command
}

const PYTHON_EXPORT: &str = "
import csv, json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute('SELECT * FROM usage')
names = [it[0] for it in rows.description]
with open(sys.argv[3], 'w', newline='') as f:
    if sys.argv[2] == 'csv':
        out = csv.writer(f); out.writerow(names); out.writerows(rows)
    else:
        for row in rows: f.write(json.dumps(dict(zip(names, row))) + '\\n')";

/// The flat table through Python.
pub(super) fn python_export(found: &Found, db: &Path, form: Form, out: &Path) -> Command {
    let mut command = found.command();
    command.args(["-c", PYTHON_EXPORT]).arg(db).arg(form.extension()).arg(out);
    command
}

/// One event and one quota in one transaction, as statements for the sqlite3 shell: what `usage record` does at least.
pub(super) fn sqlite3_record_setup() -> String {
    format!("PRAGMA journal_mode=WAL; {FLAT} CREATE TABLE quota (customer TEXT PRIMARY KEY, used INTEGER);")
}

/// The statements of one event.
pub(super) fn sqlite3_record(id: &str, customer: &str, meter: &str, quantity: u64) -> String {
    format!(
        "BEGIN IMMEDIATE; INSERT INTO usage VALUES ('{id}', '{customer}', '{meter}', {quantity}, 0, 'chat'); \
         INSERT INTO quota VALUES ('{customer}', {quantity}) ON CONFLICT DO UPDATE SET used = used + excluded.used; COMMIT;"
    )
}

/// A path for messages and commands.
pub(super) fn text(path: &Path) -> String {
    path.display().to_string()
}
