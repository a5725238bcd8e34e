//! `usage`: record, import, show and void what customers used.

mod import;
mod record;
mod show;
mod totals;
mod void;

use clap::Subcommand;

use super::Cx;
use crate::error::Error;
use crate::ui::Report;
pub(super) use record::RecordArgs;

/// Record, import, show and void what customers used
#[derive(Debug, Subcommand)]
pub enum UsageCommand {
    Record(RecordArgs),
    Import(import::ImportArgs),
    Show(show::ShowArgs),
    Void(void::VoidArgs),
}

pub(super) fn run(cx: &Cx, command: UsageCommand) -> Result<Option<Report>, Error> {
    match command {
        UsageCommand::Record(args) => record::run(cx, args),
        UsageCommand::Import(args) => import::run(cx, args).map(Some),
        UsageCommand::Show(args) => show::run(cx, &args).map(Some),
        UsageCommand::Void(args) => void::run(cx, args).map(Some),
    }
}
