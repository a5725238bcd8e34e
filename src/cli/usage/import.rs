//! `usage import`.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::totals;
use crate::cli::Cx;
use crate::cli::interrupt::Interrupt;
use crate::error::{Error, Kind};
use crate::flow::import::{From, Hooks, Mapping, OnError, Options, Summary, import};
use crate::flow::instant::Zone;
use crate::ui::{Cell, Report, csv_line, field_guarded};

/// Import usage from a CSV or NDJSON file, or from standard input
///
/// Importing a file twice adds nothing: rows bring their ids, or get one from the source's name and all that they say.
/// Of a file with a bad row nothing is written, unless bad rows are to be skipped. Times without a zone
/// are UTC unless told otherwise; bare numbers are seconds since 1970 (or milli-, micro-, nanoseconds, told apart by
/// their size). Files may be packed with gzip.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade usage import events.csv
  paygrade usage import -n trace.csv.gz --customer acme --map time=TIMESTAMP --meters in=ContextTokens,out=GeneratedTokens
  paygrade usage import export.csv --map 'time=#1,quantity=#4' --customer acme --meter tokens --delimiter ';'
  paygrade usage import hours.csv --totals
  other-tool | paygrade usage import - --source other-tool --on-error skip --rejects bad.csv")]
pub struct ImportArgs {
    /// The file, or - for standard input
    pub(super) file: PathBuf,
    /// Which column is what: ours=theirs[,ours=theirs], with ours = id, time, quantity, customer, meter, action, user
    /// and theirs a name or a place such as #3
    #[arg(long, value_name = "OURS=THEIRS")]
    pub(super) map: Vec<String>,
    /// The customer of all rows
    #[arg(long, value_name = "CUSTOMER")]
    pub(super) customer: Option<String>,
    /// The meter of all rows
    #[arg(long, value_name = "METER")]
    pub(super) meter: Option<String>,
    /// Several meters in each row: meter=column[,meter=column]
    #[arg(long, value_name = "METER=COLUMN")]
    pub(super) meters: Option<String>,
    /// Rows are totals so far: customer, meter, hour (a whole UTC hour) and total; what is missing of each hour is recorded.
    /// All usage of a customer, meter and hour must then come this way
    #[arg(long)]
    totals: bool,
    /// With --totals: a total that is lower than what is recorded takes the difference back
    #[arg(long, requires = "totals")]
    pub(super) allow_lower: bool,
    /// Zone of times that name none, such as Europe/Berlin or +02:00 [default: UTC]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(super) tz: Option<String>,
    /// What is between fields: one character, or tab [default: a comma; of .tsv files a tab]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// What rows without ids come from; part of the ids that they get [default: the file's base name without .gz or .zst]
    #[arg(long, value_name = "NAME")]
    pub(super) source: Option<String>,
    /// What to do with rows that cannot be read
    #[arg(long, value_enum, value_name = "WHAT", default_value = "stop")]
    on_error: OnErrorArg,
    /// Write the rows that cannot be read to this file: line and reason
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnErrorArg {
    /// Write nothing
    Stop,
    /// Pass them over and import the others
    Skip,
}

pub(super) fn run(cx: &Cx, args: ImportArgs) -> Result<Report, Error> {
    if args.totals {
        let tsv = args.file.to_string_lossy().trim_end_matches(".gz").ends_with(".tsv");
        let delimiter = delimiter(&args)?.unwrap_or(if tsv { b'\t' } else { b',' });
        return totals::run(cx, &args, delimiter);
    }
    let options = options(cx, &args)?;
    let store = if cx.globals.dry_run || !cx.store_exists() {
        std::rc::Rc::new(cx.store_reading()?)
    } else {
        cx.store()?
    };
    let now = cx.now()?;
    refuse_overwriting(&args)?;
    let rejects = RefCell::new(args.rejects.as_deref().map(Rejects::create).transpose()?);
    let progress = cx.ui.progress("rows", None);
    let interrupt = Interrupt::listen()?;
    let mut hooks = Hooks {
        stop: &|| interrupt.came(),
        reject: &mut |line, reason| match rejects.borrow_mut().as_mut() {
            Some(rejects) => rejects.add(line, reason),
            None => Ok(()),
        },
        progress: &mut |it| progress.set_of(it.what, it.rows, it.of),
    };
    let done = import(&store, now, &options, &mut hooks);
    drop(progress);
    if let Some(rejects) = rejects.into_inner() {
        rejects.close()?;
    }
    let summary = done.map_err(|error| match (error.kind(), interrupt.kind()) {
        // The flow knows that it was asked to end, not by which signal.
        (Kind::Interrupted, Some(kind)) => Error::new(kind, "interrupted", error.to_string())
            .changed(error.what_changed())
            .hint("run the same command again"),
        _ => error,
    })?;
    Ok(report(&options, &summary, interrupt.kind(), &cx.line_applying()))
}

/// The rows that cannot be read must not be written over those that are read.
fn refuse_overwriting(args: &ImportArgs) -> Result<(), Error> {
    let whole = |path: &std::path::Path| std::fs::canonicalize(path).ok();
    let rejects = args.rejects.as_deref().and_then(whole);
    if rejects.is_none() || rejects != whole(&args.file) {
        return Ok(());
    }
    let text = format!("--rejects names the input itself, {}", args.file.display());
    Err(Error::new(Kind::Usage, "rejects_input", text).hint("give --rejects another file"))
}

fn delimiter(args: &ImportArgs) -> Result<Option<u8>, Error> {
    Ok(match args.delimiter.as_deref() {
        None => None,
        Some("tab" | "\\t" | "\t") => Some(b'\t'),
        Some(text) => match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Some(*byte),
            _ => {
                let text = format!("`{}` is no delimiter", text.escape_debug());
                return Err(Error::new(Kind::Usage, "delimiter", text)
                    .hint("give one character, such as ';', or tab"));
            }
        },
    })
}

fn options(cx: &Cx, args: &ImportArgs) -> Result<Options, Error> {
    let usage = |code, text: String, hint: &str| Error::new(Kind::Usage, code, text).hint(hint);
    let zone = match args.tz.as_deref() {
        None => Zone::UTC,
        Some(text) => Zone::parse(text).ok_or_else(|| {
            usage(
                "zone",
                format!("`{}` is no zone", text.escape_debug()),
                "write Europe/Berlin, +02:00 or UTC",
            )
        })?,
    };
    if let Some(source) = &args.source {
        crate::billing::usage::check_label(source, "source")?;
    }
    let mapping =
        Mapping::parse(&args.map, args.meters.as_deref(), args.customer.as_deref(), args.meter.as_deref())?;
    Ok(Options {
        from: if args.file.as_os_str() == "-" { From::Stdin } else { From::Path(args.file.clone()) },
        mapping,
        zone,
        delimiter: delimiter(args)?,
        source: args.source.clone(),
        on_error: match args.on_error {
            OnErrorArg::Stop => OnError::Stop,
            OnErrorArg::Skip => OnError::Skip,
        },
        dry_run: cx.globals.dry_run,
    })
}

const COLUMNS: &[&str] =
    &["customer", "meter", "events", "quantity", "new_events", "new_quantity", "from", "to"];

fn report(options: &Options, summary: &Summary, interrupted: Option<Kind>, apply: &str) -> Report {
    let mut report = Report::new("usage_import", COLUMNS);
    for ((customer, meter), sum) in &summary.sums {
        report.row(vec![
            Cell::text(customer),
            Cell::text(meter),
            count(sum.events),
            whole(sum.quantity),
            count(sum.new_events),
            whole(sum.new_quantity),
            Cell::AtMicros(sum.from),
            Cell::AtMicros(sum.to),
        ]);
    }
    let facts = [
        ("rows", summary.rows),
        ("events", summary.events),
        ("inserted", summary.inserted),
        ("known", summary.known),
        ("conflicts", summary.conflicts),
        ("rejected", summary.rejected),
        ("over_quota", summary.over_quota),
    ];
    report.facts = facts.into_iter().map(|(name, number)| (name, count(number))).collect();
    report.facts.insert(0, ("source", Cell::text(options.from.shown())));
    let problems = summary.problems();
    if !problems.is_empty() {
        report.facts.push(("problems", Cell::text(problems.join("\n"))));
    }
    if options.dry_run {
        report.facts.push(("first", Cell::text(first_rows(summary))));
    }
    report.wrote = (!options.dry_run).then(|| i64::try_from(summary.inserted).unwrap_or(i64::MAX));
    report.outcome = outcome(options, summary, interrupted);
    report.verdict(verdict(options, summary, apply))
}

fn count(number: u64) -> Cell {
    i64::try_from(number).map_or_else(|_| Cell::Decimal(number.to_string()), Cell::Count)
}

/// Sums of a whole file may leave 64 bits.
fn whole(number: i128) -> Cell {
    i64::try_from(number).map_or_else(|_| Cell::Decimal(number.to_string()), Cell::Count)
}

fn first_rows(summary: &Summary) -> String {
    let rows = summary.shown.iter().map(|it| {
        let by = [("action", &it.action), ("user", &it.user)];
        let by =
            by.map(|(what, word)| word.as_ref().map(|word| format!(" {what}={word}")).unwrap_or_default());
        format!(
            "line {}: {} {} of {} at {}{} (event {})",
            it.line,
            it.quantity,
            it.meter,
            it.customer,
            it.at,
            by.concat(),
            it.id
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn outcome(options: &Options, summary: &Summary, interrupted: Option<Kind>) -> Option<Kind> {
    if summary.interrupted {
        return Some(interrupted.unwrap_or(Kind::Interrupted));
    }
    match (summary.rejected, summary.conflicts) {
        (0, 0) => None,
        _ if options.on_error == OnError::Skip || !options.dry_run => Some(Kind::Partial),
        (0, _) => Some(Kind::Refused),
        _ => Some(Kind::BadInput),
    }
}

fn verdict(options: &Options, summary: &Summary, apply: &str) -> String {
    let rows = |number: u64| if number == 1 { "row" } else { "rows" };
    let Summary { inserted, known, conflicts, rejected, over_quota, .. } = summary;
    let events = match summary.events {
        events if events == summary.rows.saturating_sub(*rejected) => String::new(),
        events => format!(" with {events} events"),
    };
    let mut parts = vec![format!("{} {}{events} read", summary.rows, rows(summary.rows))];
    let word = if options.dry_run { "new" } else { "inserted" };
    parts.push(format!("{inserted} {word}"));
    parts.push(format!("{known} {} already known", rows(*known)));
    for (number, what) in [
        (conflicts, if *conflicts == 1 { "conflict" } else { "conflicts" }),
        (rejected, "rejected"),
        (over_quota, "beyond what a tier allows"),
    ] {
        if *number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let text = parts.join(", ");
    if summary.interrupted {
        return format!("interrupted: {text}; run the same command again to go on");
    }
    let stops = options.on_error == OnError::Stop && summary.rejected + summary.conflicts > 0;
    match (options.dry_run, stops) {
        (false, _) => text,
        (true, true) => {
            format!(
                "{text}; nothing was written: correct them, or pass them over with --on-error skip --rejects FILE"
            )
        }
        (true, false) => format!("{text}; nothing was written; apply it: {apply}"),
    }
}

/// The file of rows that could not be read.
struct Rejects {
    out: BufWriter<File>,
    path: PathBuf,
}

impl Rejects {
    fn create(path: &std::path::Path) -> Result<Rejects, Error> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| cannot_write(path, &error))?;
        let mut rejects = Rejects { out: BufWriter::new(file), path: path.to_owned() };
        rejects.line(&["line".to_owned(), "reason".to_owned()])?;
        Ok(rejects)
    }
    fn add(&mut self, line: u64, reason: &str) -> Result<(), Error> {
        self.line(&[line.to_string(), field_guarded(reason)])
    }
    fn line(&mut self, fields: &[String]) -> Result<(), Error> {
        self.out.write_all(csv_line(fields).as_bytes()).map_err(|error| cannot_write(&self.path, &error))
    }
    fn close(mut self) -> Result<(), Error> {
        let written = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        written.map_err(|error| cannot_write(&self.path, &error))
    }
}

fn cannot_write(path: &std::path::Path, error: &std::io::Error) -> Error {
    Error::new(Kind::Store, "output", format!("{} cannot be written", path.display())).because(error)
}
