//! `audit`: the chain of what was done and posted.

use clap::{Args, Subcommand};

use super::Cx;
use crate::error::{Error, Kind};
use crate::store::audit::{AuditFilter, AuditRow, Hash};
use crate::ui::{Cell, Report};

/// The chain of what was done and posted, each row sealed over all before it
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List rows of the chain, oldest first
    List(ListArgs),
    /// Read the whole chain and name the first row that somebody changed
    ///
    /// Each row's hash covers all rows before it, and what a row tells of (a run, a tier's assignment, a posting of the
    /// ledger with its lots and entries) must still say so. Exits 1 when something is broken. Who can write the whole
    /// file can write a whole chain: note the head elsewhere from time to time and give it as --pinned.
    Verify(VerifyArgs),
}

/// Arguments of `audit list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Of this run only
    #[arg(long, value_name = "RUN")]
    run: Option<i64>,
    /// Of this kind only
    #[arg(long, value_name = "KIND", value_parser = ["run", "assignment", "posting", "lot", "entry", "finding", "store"])]
    kind: Option<String>,
    /// Most rows to list: the newest
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

/// Arguments of `audit verify`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade audit verify
  paygrade status -o json | jq -r .audit_head >> heads.txt
  paygrade audit verify --pinned \"$(tail -1 heads.txt)\"")]
pub struct VerifyArgs {
    /// A hash that must be one of the chain's: 64 hexadecimal digits
    #[arg(long, value_name = "HASH")]
    pinned: Option<String>,
}

/// Columns of `audit list`.
pub(super) const COLUMNS: &[&str] = &["audit", "at", "run", "kind", "row", "content", "hash"];

/// The cells of [`COLUMNS`].
pub(super) fn audit_cells(it: &AuditRow) -> Vec<Cell> {
    vec![
        Cell::Count(it.audit),
        Cell::maybe_at(it.at),
        Cell::maybe_count(it.run),
        Cell::text(&it.kind),
        Cell::Count(it.row),
        Cell::text(&it.content),
        Cell::maybe_text(it.hash.as_ref().map(hex)),
    ]
}

/// A hash as hexadecimal digits.
pub(super) fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn run(cx: &Cx, command: &AuditCommand) -> Result<Report, Error> {
    match command {
        AuditCommand::List(args) => list(cx, args),
        AuditCommand::Verify(args) => verify(cx, args),
    }
}

fn list(cx: &Cx, args: &ListArgs) -> Result<Report, Error> {
    let filter = AuditFilter {
        run: args.run,
        kind: args.kind.clone(),
        newest: Some(args.limit),
        ..AuditFilter::default()
    };
    let mut report = Report::new("audit_list", COLUMNS);
    cx.store_reading()?.read(|r| {
        r.audit_each(&filter, |it| {
            report.row(audit_cells(&it));
            Ok::<(), Error>(())
        })
    })?;
    let count = report.rows.len();
    Ok(report.verdict(format!("{count} row{}", if count == 1 { "" } else { "s" })))
}

fn verify(cx: &Cx, args: &VerifyArgs) -> Result<Report, Error> {
    let pinned = args.pinned.as_deref().map(parse_hash).transpose()?;
    let it = cx.store_reading()?.read(|r| r.audit_verify(pinned))?;
    let mut report = Report::new("audit_verify", &[]);
    report.facts = vec![
        ("rows", Cell::Count(it.rows)),
        ("not_sealed", Cell::Count(it.not_sealed)),
        ("head", Cell::maybe_text(it.head.as_ref().map(hex))),
        ("pinned", it.has_pinned.map_or(Cell::Blank, Cell::Flag)),
        ("broken", Cell::maybe_text(it.broken.clone())),
    ];
    Ok(match (it.broken, it.has_pinned) {
        (Some(broken), _) => {
            report.verdict(format!("the audit chain is broken: {broken}")).outcome(Some(Kind::Bug))
        }
        (None, Some(false)) => report
            .verdict("no row of the audit chain has the pinned hash: it was written anew, or is that of another store")
            .outcome(Some(Kind::Bug)),
        (None, _) => report.verdict(format!("{} rows, each follows from all before it", it.rows)),
    })
}

fn parse_hash(text: &str) -> Result<Hash, Error> {
    let wrong = || {
        Error::new(Kind::BadInput, "bad_hash", format!("`{}` is no hash of the chain", text.escape_debug()))
            .hint("64 hexadecimal digits, as `paygrade audit verify` shows them")
    };
    if text.len() != 64 {
        return Err(wrong());
    }
    let mut hash = [0; 32];
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(hash)
}
