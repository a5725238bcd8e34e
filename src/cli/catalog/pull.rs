//! `catalog pull`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::billing::catalog::Catalog;
use crate::billing::id::Namespace;
use crate::billing::pull::{Made, Pulled};
use crate::cli::Cx;
use crate::cli::agree::agree;
use crate::cli::export::WholeFile;
use crate::config::catalog::{read, write};
use crate::error::{Changed, Error, Kind};
use crate::flow::pull;
use crate::ui::{Cell, Report};

/// Write a catalog file from what Stripe holds
///
/// Tiers, packs, meters, features and prices come from Stripe; what it does not hold (credits, seats, trials, usage
/// that is not billed) from the catalog that was applied last, where its prices are those at Stripe. Comments say what
/// nobody knows. Seeding what was pulled changes nothing; after --adopt, the first seed gives the objects the lookup keys
/// and the rank that they never had, and makes none anew.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  paygrade catalog pull
  paygrade catalog pull --out catalog.toml
  paygrade catalog pull --adopt -n
  paygrade catalog pull --adopt --namespace acme --out catalog.toml && paygrade seed -n")]
pub struct PullArgs {
    /// The file to write [default: standard output]; one that is there is written over with --yes only
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The namespace of our objects [default: that of the store, of the catalog file, or the only one in the account]
    #[arg(long, value_name = "NAME")]
    namespace: Option<Namespace>,
    /// Take products that somebody made by hand: they get our marks and stay what they are
    #[arg(long)]
    adopt: bool,
}

const COLUMNS: &[&str] = &["object", "stripe_id", "mark"];

pub(super) fn run(cx: &Cx, args: &PullArgs) -> Result<Option<Report>, Error> {
    if let Some(out) = args.out.as_deref().filter(|_| !cx.globals.dry_run) {
        refuse_overwriting(cx, out)?;
    }
    let api = cx.api()?;
    let snapshot = cx.block_on(pull::look(&api))??;
    let known = known(cx)?;
    let namespace = args.namespace.clone().or_else(|| known.as_ref().map(|it| it.namespace.clone()));
    let namespace = namespace.or_else(|| read(cx.catalog_path()).ok().map(|(catalog, _)| catalog.namespace));
    let namespace = namespace.or_else(|| pull::namespace_found(&snapshot)).ok_or_else(|| {
        Error::new(Kind::BadInput, "no_namespace", "nothing tells which objects are ours")
            .hint("give --namespace, a short name such as acme")
    })?;
    let pulled = pull::pull(&snapshot, &namespace, known.as_ref(), args.adopt)?;
    if cx.globals.dry_run {
        let verdict = format!("{}; nothing was changed; apply it: {}", contents(&pulled), cx.line_applying());
        return Ok(Some(report(&pulled).verdict(verdict)));
    }
    if !pulled.marks.is_empty() {
        let lines: Vec<String> = pulled.marks.iter().map(|it| format!("{} {}", it.id, it.mark)).collect();
        let count = pulled.marks.len();
        agree(cx, &format!("{count} mark{}", if count == 1 { "" } else { "s" }), &lines)?;
        cx.block_on(pull::mark(&api, &pulled.marks))??;
    }
    let text = write(&pulled.catalog, &pulled.notes);
    let Some(out) = &args.out else {
        cx.print_raw(text.as_bytes())?;
        return Ok(None);
    };
    let marked = if pulled.marks.is_empty() { Changed::None } else { Changed::Recorded };
    write_file(out, &text).map_err(|error| error.changed(marked))?;
    let verdict = format!("{} in {}; next: paygrade seed -n", contents(&pulled), out.display());
    Ok(Some(report(&pulled).verdict(verdict)))
}

/// What was applied last, by the store if there is one.
fn known(cx: &Cx) -> Result<Option<Catalog>, Error> {
    if !cx.store_exists() {
        return Ok(None);
    }
    Ok(cx.store_reading()?.read(|r| r.catalog_in_force())?)
}

fn refuse_overwriting(cx: &Cx, out: &Path) -> Result<(), Error> {
    if !out.exists() || cx.globals.yes {
        return Ok(());
    }
    let shown = out.display();
    match cx.ui.confirm(&format!("Write over {shown}?")) {
        Some(true) => Ok(()),
        _ => Err(Error::new(Kind::Refused, "file_exists", format!("{shown} is there already"))
            .hint("give another file to --out, or --yes to write over it")),
    }
}

fn write_file(out: &Path, text: &str) -> Result<(), Error> {
    let write = || {
        let mut file = WholeFile::create(out)?;
        file.out().write_all(text.as_bytes())?;
        file.readable_by_all()?;
        file.commit()
    };
    write().map_err(|error: std::io::Error| {
        let text = format!("{} cannot be written", out.display());
        Error::new(Kind::Store, "output", text).because(&error).hint("check the folder and its permissions")
    })
}

fn report(pulled: &Pulled) -> Report {
    let mut report = Report::new("catalog_pull", COLUMNS);
    for it in &pulled.marks {
        let object = match it.of {
            Made::Product => "product",
            Made::Price => "price",
        };
        report.row(vec![Cell::text(object), Cell::text(&it.id), Cell::text(&it.mark)]);
    }
    report
}

fn contents(pulled: &Pulled) -> String {
    let notes: usize = pulled.notes.values().map(Vec::len).sum();
    let notes = match notes {
        0 => String::new(),
        1 => ", 1 note".to_owned(),
        many => format!(", {many} notes"),
    };
    format!("{}{notes}", super::contents(&pulled.catalog))
}
