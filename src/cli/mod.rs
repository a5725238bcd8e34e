//! DOORS. One file a command group: arguments, one call into `flow`, a report. Never a rule, SQL, HTTP or print.
//!
//! To add a command: a file here with `Args` (whose doc comments are the help), `run(&Cx, Args) -> Result<Report, Error>`,
//! a variant and an arm below, a golden story in `tests/it/scripts`, a line in README.

mod agree;
mod alerts;
mod allow;
mod audit;
mod bench;
mod catalog;
mod completions;
mod connect;
mod context;
mod credits;
mod customer;
mod demo;
mod doctor;
mod explain;
mod export;
mod globals;
mod init;
mod interrupt;
mod invoice;
mod local;
mod meter;
mod page;
mod quick;
mod reconcile;
mod repair;
mod report;
mod runs;
mod seed;
mod sinks;
mod status;
mod store;
mod tick;
mod tier;
mod usage;
mod webhook;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use completions::completion_script;
pub use context::Cx;
pub use globals::Globals;

use crate::env::Env;
use crate::error::{Error, Kind};
use crate::ui::Report;

/// Billing administration for SaaS products on Stripe: one catalog file, credits, usage, meters, and proof that it
/// all arrived.
#[derive(Debug, Parser)]
#[command(name = "paygrade", version, about, max_term_width = 110, disable_help_subcommand = true)]
pub struct Args {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Alerts(alerts::AlertsCommand),
    Allow(allow::AllowArgs),
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    Bench(bench::BenchArgs),
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    Completions(completions::CompletionsArgs),
    #[command(subcommand)]
    Credits(credits::CreditsCommand),
    #[command(subcommand)]
    Customer(customer::CustomerCommand),
    Demo(demo::DemoArgs),
    Doctor(doctor::DoctorArgs),
    Explain(explain::ExplainArgs),
    Export(export::ExportArgs),
    Init(init::InitArgs),
    #[command(subcommand)]
    Invoice(invoice::InvoiceCommand),
    #[command(subcommand)]
    Local(local::LocalCommand),
    Man(completions::ManArgs),
    #[command(subcommand)]
    Meter(meter::MeterCommand),
    Reconcile(reconcile::ReconcileArgs),
    Repair(repair::RepairArgs),
    #[command(subcommand)]
    Report(report::ReportCommand),
    #[command(subcommand)]
    Runs(runs::RunsCommand),
    Seed(seed::SeedArgs),
    Status(status::StatusArgs),
    #[command(subcommand)]
    Store(store::StoreCommand),
    Tick(tick::TickArgs),
    #[command(subcommand)]
    Tier(tier::TierCommand),
    #[command(subcommand)]
    Usage(usage::UsageCommand),
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
}

fn dispatch(cx: &Cx, command: Option<Command>) -> Result<Option<Report>, Error> {
    let Some(command) = command else { return status::run(cx).map(Some) };
    match command {
        Command::Alerts(command) => alerts::run(cx, command).map(Some),
        Command::Allow(args) => allow::run(cx, &args).map(Some),
        Command::Audit(command) => audit::run(cx, &command).map(Some),
        Command::Bench(args) => bench::run(cx, &args).map(Some),
        Command::Catalog(command) => catalog::run(cx, command),
        // Printed before the settings were read.
        Command::Completions(_) | Command::Man(_) => Ok(None),
        Command::Credits(command) => credits::run(cx, command).map(Some),
        Command::Customer(command) => customer::run(cx, command).map(Some),
        Command::Demo(args) => demo::run(cx, args).map(Some),
        Command::Doctor(args) => doctor::run(cx, args).map(Some),
        Command::Explain(args) => explain::run(cx, &args).map(Some),
        Command::Export(args) => export::run(cx, &args),
        Command::Init(args) => init::run(cx, args).map(Some),
        Command::Invoice(command) => invoice::run(cx, command).map(Some),
        Command::Local(command) => local::run(cx, command).map(Some),
        Command::Meter(command) => meter::run(cx, command).map(Some),
        Command::Reconcile(args) => reconcile::run(cx, args).map(Some),
        Command::Repair(args) => repair::run(cx, args).map(Some),
        Command::Report(command) => report::run(cx, &command).map(Some),
        Command::Runs(command) => runs::run(cx, command).map(Some),
        Command::Seed(args) => seed::run(cx, args).map(Some),
        Command::Store(command) => store::run(cx, command).map(Some),
        Command::Status(_) => status::run(cx).map(Some),
        Command::Tick(args) => tick::run(cx, &args).map(Some),
        Command::Tier(command) => tier::run(cx, command).map(Some),
        Command::Usage(command) => usage::run(cx, command),
        Command::Webhook(command) => webhook::run(cx, command),
    }
}

/// The command tree, for completions, the man page and the tests.
pub fn command_tree() -> clap::Command {
    Args::command()
}

/// Runs one command line and gives the exit code.
pub fn run(env: Env, words: Vec<OsString>) -> u8 {
    std::panic::set_hook(Box::new(|_| ()));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run_caught(env, words))).unwrap_or_else(
        |cause| {
            let what = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let what = what.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_default();
            let error = Error::new(Kind::Bug, "bug", format!("a bug in paygrade: {what}"))
                .changed(crate::error::Changed::Recorded)
                .hint("run `paygrade doctor`, then report this with the command line");
            globals::plain_ui().failure(&error);
            Kind::Bug.exit_code()
        },
    )
}

fn run_caught(env: Env, words: Vec<OsString>) -> u8 {
    let line: Vec<String> = words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let (args, name) = match quick::parse(&words) {
        Some(parsed) => parsed,
        None => {
            let parsed = Args::command()
                .try_get_matches_from(words)
                .and_then(|matches| Ok((Args::from_arg_matches(&matches)?, command_name(&matches))));
            match parsed {
                Ok(parsed) => parsed,
                Err(error) => return globals::usage_exit(&env, &error, &line),
            }
        }
    };
    let ui = args.globals.ui(&env);
    match completions::print(&ui, args.command.as_ref()) {
        Ok(false) => {}
        Ok(true) => return 0,
        Err(error) => {
            ui.failure(&error);
            return error.kind().exit_code();
        }
    }
    let cx = match Cx::new(env, ui, args.globals, name, line) {
        Ok(cx) => cx,
        Err((ui, error)) => {
            ui.failure(&error);
            return error.kind().exit_code();
        }
    };
    let outcome = dispatch(&cx, args.command);
    cx.finish(outcome)
}

/// `credits grant`: the subcommands that were given, for the record.
fn command_name(matches: &clap::ArgMatches) -> String {
    let mut words = Vec::new();
    let mut at = matches;
    while let Some((word, inner)) = at.subcommand() {
        words.push(word);
        at = inner;
    }
    words.join(" ")
}
