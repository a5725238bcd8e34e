//! `catalog`: check and show the catalog file, the templates to start one from, and a file from what Stripe holds.

mod pull;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Cx;
use crate::billing::catalog::Catalog;
use crate::billing::spelling::nearest;
use crate::config::Problem;
use crate::config::catalog::read;
use crate::config::templates::{TEMPLATES, template};
use crate::error::{Error, Kind};
use crate::ui::{Cell, Report};

/// Check and show the catalog file, or make one from what Stripe holds
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Report every fault of the catalog file, offline
    Check(CheckArgs),
    /// Show tiers with their terms
    Show(show::ShowArgs),
    Pull(pull::PullArgs),
    /// List the templates of `init`, or print one
    Templates(TemplatesArgs),
}

/// Arguments of `catalog check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Catalog file [default: that of the settings]
    file: Option<PathBuf>,
}

/// Arguments of `catalog templates`.
#[derive(Debug, Args)]
pub struct TemplatesArgs {
    /// Print this template
    name: Option<String>,
}

pub(super) fn run(cx: &Cx, command: CatalogCommand) -> Result<Option<Report>, Error> {
    match command {
        CatalogCommand::Check(args) => check(cx, args).map(Some),
        CatalogCommand::Show(args) => show::run(cx, args).map(Some),
        CatalogCommand::Pull(args) => pull::run(cx, &args),
        CatalogCommand::Templates(args) => templates(cx, args),
    }
}

fn check(cx: &Cx, args: CheckArgs) -> Result<Report, Error> {
    let path = args.file.unwrap_or_else(|| cx.catalog_path().to_path_buf());
    let columns = ["severity", "file", "line", "column", "key", "message", "suggestion"];
    let mut report = Report::new("catalog_check", &columns);
    let (catalog, problems, warnings) = match read(&path) {
        Ok((catalog, warnings)) => (Some(catalog), Vec::new(), warnings),
        Err(errors) if errors.is_missing() => return Err(errors.into()),
        Err(errors) => (None, errors.problems, errors.warnings),
    };
    for (severity, problem) in
        problems.iter().map(|it| ("error", it)).chain(warnings.iter().map(|it| ("warning", it)))
    {
        report.row(problem_cells(severity, problem));
    }
    let holds = catalog.map(|catalog| format!(" {};", contents(&catalog))).unwrap_or_default();
    let found = format!("{}, {}", several(problems.len(), "error"), several(warnings.len(), "warning"));
    let outcome = (!problems.is_empty()).then_some(Kind::BadInput);
    Ok(report.verdict(format!("{}:{holds} {found}", path.display())).outcome(outcome))
}

fn problem_cells(severity: &str, problem: &Problem) -> Vec<Cell> {
    let place = |number: u32| if number == 0 { Cell::Blank } else { Cell::Count(i64::from(number)) };
    let key = Some(problem.key.clone()).filter(|key| !key.is_empty());
    vec![
        Cell::text(severity),
        Cell::text(&problem.file),
        place(problem.line),
        place(problem.column),
        Cell::maybe_text(key),
        Cell::text(&problem.message),
        Cell::maybe_text(problem.suggestion.clone()),
    ]
}

/// `4 tiers, 1 meter, 2 packs`.
fn contents(catalog: &Catalog) -> String {
    let parts =
        [(catalog.tiers.len(), "tier"), (catalog.meters.len(), "meter"), (catalog.packs.len(), "pack")];
    parts.map(|(count, word)| several(count, word)).join(", ")
}

fn several(count: usize, word: &str) -> String {
    match count {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    }
}

fn templates(cx: &Cx, args: TemplatesArgs) -> Result<Option<Report>, Error> {
    let Some(name) = args.name else {
        let mut report = Report::new("catalog_templates", &["template", "about"]);
        for template in TEMPLATES {
            report.row(vec![Cell::text(template.name), Cell::text(template.about)]);
        }
        return Ok(Some(report.verdict("to start from one: paygrade init --template NAME")));
    };
    let found = template(&name).ok_or_else(|| {
        let error = Error::new(Kind::BadInput, "unknown_template", format!("there is no template `{name}`"));
        match nearest(&name, TEMPLATES.iter().map(|it| it.name)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`paygrade catalog templates` lists them"),
        }
    })?;
    cx.print_raw(found.text.as_bytes())?;
    Ok(None)
}
