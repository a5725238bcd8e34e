//! `export`: rows for other programs, streamed from one read of the store.

mod all;
mod columns;
mod file;
mod grouped;
mod job;
mod pack;
mod rows;
mod totals;
mod usage;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::{Args, ValueEnum};

use super::Cx;
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::time::Timestamp;
use crate::config::settings::SETTINGS_FILE;
use crate::error::{Error, Kind};
use crate::flow::invoice_lines::{InvoiceLine, invoice_lines};
use crate::flow::names::{unknown_customer, unknown_meter};
use crate::flow::usage_grouped::Grouping;
use crate::store::usage_export::UsageRange;
use crate::store::{Reader, Store, StoreError};
use crate::ui::{Format, Report};
pub(super) use file::WholeFile;
use job::Job;
use pack::{Packer, Packing};
use totals::Totals;

/// Export usage events, deliveries, the credits ledger, invoices, customers, findings, the audit chain, or all of it
///
/// CSV, NDJSON or JSON: the extension of --out decides, else --output, else CSV; .gz and .zst after it pack the file. All
/// rows come from one read of the store (invoices from Stripe); a file is there complete or not at all. The totals are
/// the last line on standard error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade export usage --out usage.csv.zst
  paygrade export usage --columns at,customer,meter,quantity -o ndjson
  paygrade export usage --group-by customer,meter,day --from 2026-10-01 --to 2026-11-01
  paygrade export ledger --customer acme -o ndjson
  paygrade export ledger --format hledger --out credits.journal
  paygrade export customers --pii --out customers.csv
  paygrade export all --out export-2026-10")]
pub struct ExportArgs {
    /// What to export
    #[arg(value_enum)]
    what: What,
    /// The file to write, readable by its owner only [default: standard output]; of `all` the folder, with a manifest
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The ledger as a journal of another accounting tool, which can check it
    #[arg(long, value_name = "FORMAT", value_parser = ["hledger"])]
    format: Option<String>,
    /// Of this customer only
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    /// Of this meter only
    #[arg(long, value_name = "METER")]
    meter: Option<String>,
    /// Not before this instant
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
    /// Before this instant
    #[arg(long, value_name = "INSTANT")]
    to: Option<String>,
    /// Sums of usage in place of events, by any of customer, meter, action, user and one of hour, day, month (in UTC)
    #[arg(long, value_name = "KEYS")]
    group_by: Option<String>,
    /// Only these columns, in this order; what else a usage event has is not even read
    #[arg(long, value_name = "A,B,C")]
    columns: Option<String>,
    /// Names and e-mail addresses of customers too; noted as a run
    #[arg(long)]
    pii: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Every usage event, with the span and the delivery that it is in
    Usage,
    /// Every meter event of ours, with its state
    Deliveries,
    /// Every entry of the credits ledger
    Ledger,
    /// Every line of every invoice at Stripe, beside what was recorded for it
    Invoices,
    /// Every customer, with what it is on
    Customers,
    /// Every difference that was found, and what became of it
    Findings,
    /// Every row of the audit chain, with its hash
    Audit,
    /// All of them, into a folder
    All,
}

impl What {
    const EACH: [What; 7] = [
        What::Usage,
        What::Deliveries,
        What::Ledger,
        What::Invoices,
        What::Customers,
        What::Findings,
        What::Audit,
    ];

    fn name(self) -> &'static str {
        match self {
            What::Usage => "export_usage",
            What::Deliveries => "export_deliveries",
            What::Ledger => "export_ledger",
            What::Invoices => "export_invoices",
            What::Customers => "export_customers",
            What::Findings => "export_findings",
            What::Audit => "export_audit",
            What::All => "export_all",
        }
    }

    /// The word on the command line, and of a file in a folder.
    fn word(self) -> &'static str {
        self.name().trim_start_matches("export_")
    }

    /// What its rows have none of: such an option would choose nothing.
    fn lacks(self) -> &'static [&'static str] {
        match self {
            What::Usage | What::Deliveries => &[],
            What::Ledger | What::Invoices => &["meter"],
            What::Customers => &["meter", "from", "to"],
            What::Findings => &["from", "to"],
            What::Audit => &["customer", "meter"],
            What::All => &["customer", "meter", "from", "to"],
        }
    }

    fn columns(self) -> Vec<&'static str> {
        match self {
            What::Usage => usage::COLUMNS.to_vec(),
            What::Deliveries => rows::DELIVERIES.to_vec(),
            What::Ledger => rows::LEDGER.to_vec(),
            What::Invoices => rows::INVOICES.to_vec(),
            What::Customers => [super::customer::LIST_COLUMNS, &["name"]].concat(),
            What::Findings => rows::FINDINGS.to_vec(),
            What::Audit => super::audit::COLUMNS.to_vec(),
            What::All => Vec::new(),
        }
    }

    fn money(self) -> &'static [&'static str] {
        match self {
            What::Invoices => rows::INVOICES_MONEY,
            What::Customers => &["mrr"],
            What::Findings => &["amount"],
            What::Usage | What::Deliveries | What::Ledger | What::Audit | What::All => &[],
        }
    }
}

/// What can end an export.
enum Stop {
    Store(StoreError),
    Out(std::io::Error),
    Other(Error),
    /// The other half of the work ended first, and knows why.
    Halted,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Store(error)
    }
}
impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::Out(error)
    }
}
impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Other(error)
    }
}

pub(super) fn run(cx: &Cx, args: &ExportArgs) -> Result<Option<Report>, Error> {
    refuse_what_chooses_nothing(args)?;
    let grouping = args.group_by.as_deref().map(Grouping::parse).transpose()?;
    let picked = columns::picked(args, grouping.as_ref())?;
    let (from, to) = (instant(args.from.as_deref())?, instant(args.to.as_deref())?);
    let (format, packing) = format(cx, args)?;
    if let Some(path) = &args.out {
        refuse_own_files(cx, path)?;
    }
    let store = store(cx, args)?;
    let wanted = matches!(args.what, What::Invoices | What::All);
    let invoices = if wanted { invoices(cx, args, from, to)? } else { Vec::new() };
    let job = Job {
        what: args.what,
        format,
        journal: args.format.is_some(),
        now: cx.now()?,
        pii: args.pii,
        grouping: grouping.as_ref(),
        picked: picked.as_deref(),
        invoices: &invoices,
    };
    if args.what == What::All {
        return all::run(&store, &job, args.out.as_deref()).map(Some);
    }
    let write = |out: &mut (dyn Write + Send)| -> Result<Totals, Stop> {
        store.read_with_twins(helpers(&store, &job)?, |r, twins| {
            let mut packer = Packer::new(packing, out)?;
            let totals = job.write(r, twins, &range(r, args, from, to)?, &mut packer)?;
            packer.finish()?;
            Ok(totals)
        })
    };
    let totals = match &args.out {
        None => match write(&mut std::io::stdout()) {
            // Whoever read it has seen enough.
            Err(Stop::Out(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(None),
            Err(stop) => return Err(failed(stop, "standard output")),
            Ok(totals) => totals,
        },
        Some(path) => {
            let shown = path.display().to_string();
            let mut file = WholeFile::create(path).map_err(|error| failed(Stop::Out(error), &shown))?;
            let totals = write(file.out()).map_err(|stop| failed(stop, &shown))?;
            file.commit().map_err(|error| failed(Stop::Out(error), &shown))?;
            totals
        }
    };
    cx.ui.note(&totals.to_string());
    Ok(None)
}

/// Most readers of one snapshot: what they read has to be written by one.
const READERS_MAX: usize = 4;

/// How many more readers pay: one for each further processor where there is much usage.
fn helpers(store: &Store, job: &Job<'_>) -> Result<usize, StoreError> {
    let of_events = matches!(job.what, What::Usage | What::All) && job.grouping.is_none();
    if !of_events || !store.read(|r| r.usage_is_much())? {
        return Ok(0);
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(processors.min(READERS_MAX) - 1)
}

fn refuse_what_chooses_nothing(args: &ExportArgs) -> Result<(), Error> {
    let usage = |code, text: String| Err(Error::new(Kind::Usage, code, text));
    let given = [
        ("customer", args.customer.is_some()),
        ("meter", args.meter.is_some()),
        ("from", args.from.is_some()),
        ("to", args.to.is_some()),
    ];
    let idle = given.iter().find(|(option, given)| *given && args.what.lacks().contains(option));
    if let Some((option, _)) = idle {
        let text = match (args.what, *option) {
            (What::Ledger, "meter") => "credits have no meter: leave --meter away".to_owned(),
            (what, option) => format!("--{option} chooses nothing of {}: leave it away", what.word()),
        };
        return usage("no_meter", text);
    }
    if args.format.is_some() && args.what != What::Ledger {
        let text = "only the ledger can be exported as a journal of hledger";
        return usage("export_format", text.to_owned())
            .map_err(|error| error.hint("paygrade export ledger --format hledger"));
    }
    if args.group_by.is_some() && args.what != What::Usage {
        return usage("group_by", "only usage can be grouped".to_owned())
            .map_err(|error| error.hint("paygrade export usage --group-by customer,meter,day"));
    }
    if args.pii && !matches!(args.what, What::Customers | What::All) {
        let text = format!("{} hold no names or e-mail addresses: leave --pii away", args.what.word());
        return usage("no_pii", text);
    }
    if args.what == What::All && args.out.is_none() {
        return usage("no_folder", "`export all` writes a folder: give --out".to_owned())
            .map_err(|error| error.hint("paygrade export all --out export"));
    }
    Ok(())
}

/// The store to read. That somebody took names and addresses out is noted in it, before they are.
fn store(cx: &Cx, args: &ExportArgs) -> Result<Rc<Store>, Error> {
    if !args.pii {
        return Ok(Rc::new(cx.store_reading()?));
    }
    // One that is not there is not made for this.
    cx.store_reading()?;
    let out = args.out.as_ref().map_or_else(|| "standard output".to_owned(), |out| out.display().to_string());
    cx.because(&format!("names and e-mail addresses of {} exported to {out}", args.what.word()));
    let store = cx.store()?;
    store.write(cx.now()?, |_| Ok::<(), StoreError>(()))?;
    Ok(store)
}

fn invoices(
    cx: &Cx,
    args: &ExportArgs,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<InvoiceLine>, Error> {
    // Without a store there is nothing to export, and none is made for this.
    cx.store_reading()?;
    let customer = args.customer.as_deref().map(CustomerId::parse).transpose()?;
    cx.with_desk(async |desk| invoice_lines(&desk, customer.as_ref(), from, to).await)
}

/// An export never takes the place of what paygrade itself lives on.
pub(super) fn refuse_own_files(cx: &Cx, out: &Path) -> Result<(), Error> {
    let beside = |suffix: &str| {
        let mut name = cx.store_path().as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let settings = cx.settings().folder.join(SETTINGS_FILE);
    let own = [beside(""), beside("-wal"), beside("-shm"), cx.catalog_path().to_owned(), settings];
    let real = out.canonicalize().ok();
    let is_own = real.is_some_and(|out| own.iter().any(|own| own.canonicalize().is_ok_and(|own| own == out)));
    let folder = out.parent().map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
    let among_state = folder
        .and_then(|it| it.canonicalize().ok())
        .is_some_and(|folder| cx.folder().canonicalize().is_ok_and(|state| folder.starts_with(state)));
    if is_own || among_state {
        let text = format!("{} is where paygrade keeps its own files", out.display());
        return Err(Error::new(Kind::Usage, "own_file", text).hint("give another file to --out"));
    }
    Ok(())
}

fn failed(stop: Stop, out: &str) -> Error {
    match stop {
        Stop::Store(error) => error.into(),
        Stop::Other(error) => error,
        Stop::Halted => Error::new(Kind::Bug, "export_halted", "an export ended without saying why"),
        Stop::Out(error) if error.kind() == std::io::ErrorKind::ResourceBusy => {
            Error::new(Kind::Busy, "output_busy", format!("{out} is being written by another process"))
                .hint("wait for it, or give another file")
        }
        Stop::Out(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Error::new(Kind::Refused, "folder_exists", format!("{out} is there already"))
                .hint("a whole export is never written over: give another folder, or remove that one")
        }
        Stop::Out(error) => {
            Error::new(Kind::Store, "output", format!("{out} cannot be written")).because(&error).hint(
                "check the folder, its permissions and the space on disk; no part of a file was left behind",
            )
        }
    }
}

/// The format of the rows, and how they are packed.
fn format(cx: &Cx, args: &ExportArgs) -> Result<(Format, Packing), Error> {
    let folder = args.what == What::All;
    let (packing, extension) = match &args.out {
        Some(path) if !folder => Packing::of(path),
        _ => (Packing::None, None),
    };
    if args.format.is_some() {
        return Ok((Format::Csv, packing));
    }
    match extension.as_deref() {
        Some("csv") => return Ok((Format::Csv, packing)),
        Some("ndjson" | "jsonl") => return Ok((Format::Ndjson, packing)),
        Some("json") => return Ok((Format::Json, packing)),
        // A table under a name that promises something else would be found out by its reader.
        Some(other) if cx.ui.style.format == Format::Table => {
            let text = format!("an export is CSV, NDJSON or JSON, not .{}", other.escape_debug());
            return Err(Error::new(Kind::Usage, "export_format", text)
                .hint("name the file .csv, .ndjson or .json (and .gz or .zst), or say which with -o"));
        }
        _ => (),
    }
    match cx.ui.style.format {
        Format::Markdown => Err(Error::new(Kind::Usage, "export_format", "an export is CSV, NDJSON or JSON")
            .hint("give -o csv, -o ndjson or -o json, or a file with such an extension")),
        Format::Table => Ok((Format::Csv, packing)),
        format => Ok((format, packing)),
    }
}

fn instant(text: Option<&str>) -> Result<Option<Timestamp>, Error> {
    let Some(text) = text else { return Ok(None) };
    Timestamp::parse(text).map(Some).ok_or_else(|| {
        Error::new(Kind::BadInput, "bad_time", format!("`{}` is not an instant", text.escape_debug()))
            .hint("write it as 2026-11-21T08:00:00Z or 2026-11-21")
    })
}

fn range(
    r: &Reader<'_>,
    args: &ExportArgs,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<UsageRange, Error> {
    let mut range = UsageRange { from, to, ..UsageRange::default() };
    if let Some(id) = &args.customer {
        let found = r.customer_by_id(&CustomerId::parse(id)?)?;
        let Some(found) = found else { return Err(unknown_customer(&r.usage_names()?, id)) };
        range.customer = Some(found.row);
    }
    if let Some(key) = &args.meter {
        let found = r.meter_row(MeterKey::parse(key)?.as_str())?;
        let Some(found) = found else { return Err(unknown_meter(&r.usage_names()?, key)) };
        range.meter = Some(found);
    }
    Ok(range)
}
