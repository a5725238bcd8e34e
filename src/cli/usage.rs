//! `usage`: record, import and show what customers used.

mod import;
mod record;
mod show;

use clap::Subcommand;

use super::Cx;
use crate::error::Error;
use crate::ui::Report;

/// Record, import and show what customers used
#[derive(Debug, Subcommand)]
pub enum UsageCommand {
    Record(record::RecordArgs),
    Import(import::ImportArgs),
    Show(show::ShowArgs),
}

pub(super) fn run(cx: &Cx, command: UsageCommand) -> Result<Option<Report>, Error> {
    match command {
        UsageCommand::Record(args) => record::run(cx, args),
        UsageCommand::Import(args) => import::run(cx, args).map(Some),
        UsageCommand::Show(args) => show::run(cx, &args).map(Some),
    }
}
