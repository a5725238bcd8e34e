//! `init`: the files that a new folder begins with.

use std::path::Path;

use clap::Args;

use super::Cx;
use crate::billing::id::Namespace;
use crate::config::start;
use crate::config::templates::{TEMPLATE_DEFAULT, TEMPLATES, template};
use crate::error::{Error, Kind};
use crate::ui::{Cell, Report};

/// Write paygrade.toml, catalog.toml and .gitignore into this folder
///
/// Nothing is overwritten. `paygrade catalog templates` tells what each template shows.
/// Example: paygrade init --template gateway --namespace acme
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Which catalog to start from
    #[arg(long, value_name = "NAME", default_value = TEMPLATE_DEFAULT,
        value_parser = clap::builder::PossibleValuesParser::new(TEMPLATES.iter().map(|it| it.name)))]
    template: String,
    /// The namespace that marks all objects in Stripe as yours [default: the template's]
    #[arg(long, value_name = "NAME")]
    namespace: Option<Namespace>,
}

pub(super) fn run(cx: &Cx, args: InitArgs) -> Result<Report, Error> {
    if cx.globals.config.is_some() || cx.globals.catalog.is_some() {
        let text = "init writes paygrade.toml and catalog.toml into the current folder";
        return Err(Error::new(Kind::Usage, "init_files", text).hint("leave --config and --catalog away"));
    }
    if let Some(namespace) = args.namespace.as_ref().filter(|it| it.as_str().contains('-')) {
        let text = format!("`{namespace}` is not a legal namespace: it may not hold `-`");
        return Err(Error::new(Kind::BadInput, "bad_name", text).hint("use a-z, 0-9 and _"));
    }
    let template = template(&args.template)
        .ok_or_else(|| Error::new(Kind::Usage, "template", format!("no template `{}`", args.template)))?;
    let folder = Path::new("");
    let files = start::plan(folder, template, cx.settings().target.value, args.namespace.as_ref())?;
    if !cx.globals.dry_run {
        start::write(folder, &files)?;
    }
    let mut report = Report::new("init", &["file", "op", "bytes"]);
    for file in &files {
        let op = if file.appended { "add" } else { "write" };
        let bytes = i64::try_from(file.text.len()).unwrap_or(i64::MAX);
        report.row(vec![Cell::text(file.name), Cell::text(op), Cell::Count(bytes)]);
    }
    let name = template.name;
    if cx.globals.dry_run {
        let namespace = args.namespace.map(|it| format!(" --namespace {it}")).unwrap_or_default();
        return Ok(
            report.verdict(format!("nothing written; to write: paygrade init --template {name}{namespace}"))
        );
    }
    Ok(report.verdict(format!(
        "started from template {name}; next: edit catalog.toml, then paygrade catalog check"
    )))
}
