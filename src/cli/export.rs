//! `export`: rows for other programs, streamed from one read of the store.

mod file;
mod rows;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Cx;
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::time::Timestamp;
use crate::config::settings::SETTINGS_FILE;
use crate::error::{Error, Kind};
use crate::flow::names::{unknown_customer, unknown_meter};
use crate::store::usage_export::UsageRange;
use crate::store::{Reader, StoreError};
use crate::ui::{Format, RowWriter};
pub(super) use file::WholeFile;
use rows::Totals;

/// Export usage events, deliveries or the credits ledger
///
/// CSV, NDJSON or JSON: the extension of --out decides, else --output, else CSV. All rows come from one read of the
/// store; a file is there complete or not at all. The totals are the last line on standard error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade export usage --out usage.csv
  paygrade export ledger --customer acme -o ndjson
  paygrade export ledger --format hledger --out credits.journal
  paygrade export deliveries --from 2026-10-01 --to 2026-11-01 --out deliveries.json")]
pub struct ExportArgs {
    /// What to export
    #[arg(value_enum)]
    what: What,
    /// The file to write, readable by its owner only [default: standard output]
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Every usage event, with the span and the delivery that it is in
    Usage,
    /// Every meter event of ours, with its state
    Deliveries,
    /// Every entry of the credits ledger
    Ledger,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            What::Usage => "export_usage",
            What::Deliveries => "export_deliveries",
            What::Ledger => "export_ledger",
        }
    }
    fn columns(self) -> &'static [&'static str] {
        match self {
            What::Usage => rows::USAGE,
            What::Deliveries => rows::DELIVERIES,
            What::Ledger => rows::LEDGER,
        }
    }
}

/// What can end an export.
enum Stop {
    Store(StoreError),
    Out(std::io::Error),
    Other(Error),
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

pub(super) fn run(cx: &Cx, args: &ExportArgs) -> Result<(), Error> {
    if args.what == What::Ledger && args.meter.is_some() {
        return Err(Error::new(Kind::Usage, "no_meter", "credits have no meter: leave --meter away"));
    }
    let journal = args.format.is_some();
    if journal && args.what != What::Ledger {
        let text = "only the ledger can be exported as a journal of hledger";
        return Err(
            Error::new(Kind::Usage, "export_format", text).hint("paygrade export ledger --format hledger")
        );
    }
    let store = cx.store_reading()?;
    let format = if journal { Format::Csv } else { format(cx, args)? };
    let (from, to) = (instant(args.from.as_deref())?, instant(args.to.as_deref())?);
    let write = |out: &mut dyn Write| -> Result<Totals, Stop> {
        store.read(|r| {
            let range = range(r, args, from, to)?;
            let out = BufWriter::with_capacity(1 << 16, out);
            if journal {
                return rows::hledger(r, &range, out);
            }
            let mut writer = RowWriter::begin(out, format, args.what.name(), args.what.columns())?;
            let totals = match args.what {
                What::Usage => rows::usage(r, &range, &mut writer),
                What::Deliveries => rows::deliveries(r, &range, &mut writer),
                What::Ledger => rows::ledger(r, &range, &mut writer),
            }?;
            writer.end(&totals.to_string())?;
            Ok(totals)
        })
    };
    let totals = match &args.out {
        None => match write(&mut std::io::stdout().lock()) {
            // Whoever read it has seen enough.
            Err(Stop::Out(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            Err(stop) => return Err(failed(stop, "standard output")),
            Ok(totals) => totals,
        },
        Some(path) => {
            refuse_own_files(cx, path)?;
            let shown = path.display().to_string();
            let mut file = WholeFile::create(path).map_err(|error| failed(Stop::Out(error), &shown))?;
            let totals = write(file.out()).map_err(|stop| failed(stop, &shown))?;
            file.commit().map_err(|error| failed(Stop::Out(error), &shown))?;
            totals
        }
    };
    cx.ui.note(&totals.to_string());
    Ok(())
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
        Stop::Out(error) if error.kind() == std::io::ErrorKind::ResourceBusy => {
            Error::new(Kind::Busy, "output_busy", format!("{out} is being written by another process"))
                .hint("wait for it, or give another file")
        }
        Stop::Out(error) => {
            Error::new(Kind::Store, "output", format!("{out} cannot be written")).because(&error).hint(
                "check the folder, its permissions and the space on disk; no part of a file was left behind",
            )
        }
    }
}

fn format(cx: &Cx, args: &ExportArgs) -> Result<Format, Error> {
    let extension = args.out.as_deref().and_then(|path| path.extension()).and_then(|it| it.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => return Ok(Format::Csv),
        Some("ndjson" | "jsonl") => return Ok(Format::Ndjson),
        Some("json") => return Ok(Format::Json),
        // A table under a name that promises something else would be found out by its reader.
        Some(other) if cx.ui.style.format == Format::Table => {
            let text = format!("an export is CSV, NDJSON or JSON, not .{}", other.escape_debug());
            return Err(Error::new(Kind::Usage, "export_format", text)
                .hint("name the file .csv, .ndjson or .json, or say which with -o"));
        }
        _ => (),
    }
    match cx.ui.style.format {
        Format::Markdown => Err(Error::new(Kind::Usage, "export_format", "an export is CSV, NDJSON or JSON")
            .hint("give -o csv, -o ndjson or -o json, or a file with such an extension")),
        Format::Table => Ok(Format::Csv),
        format => Ok(format),
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
