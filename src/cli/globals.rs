//! Options that every command takes.

use std::path::PathBuf;

use clap::Args;

use crate::env::{Env, Terminal};
use crate::error::Kind;
use crate::ui::{Color, Format, Style, Ui};

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Where calls go: local, test or live [default: local]
    #[arg(long, global = true, value_name = "TARGET", value_parser = ["local", "test", "live"])]
    pub target: Option<String>,
    /// Settings file [default: paygrade.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Catalog file [default: catalog.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// Store file [default: .paygrade/TARGET.db]
    #[arg(long, global = true, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Format of results
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// Same as --output json
    #[arg(long, global = true, conflicts_with = "output")]
    pub json: bool,
    /// Never ask; what would need an answer is refused
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Answer yes to questions (not enough for wide commands with --target live)
    #[arg(long, global = true)]
    pub yes: bool,
    /// Show what would be done, with its money, and change nothing
    #[arg(short = 'n', long, global = true)]
    pub dry_run: bool,
    /// Say nothing beside the result
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show each call to Stripe
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to colour
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Who runs this, for the record [default: the user's name]
    #[arg(long = "as", global = true, value_name = "NAME")]
    pub actor: Option<String>,
    /// A ticket, for the record
    #[arg(long = "ref", global = true, value_name = "TICKET")]
    pub reference: Option<String>,
    /// Freeze the local clock at this instant (target local only)
    #[arg(long, global = true, value_name = "INSTANT")]
    pub now: Option<String>,
    /// The live account that a wide command may change
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub confirm_live: Option<String>,
    /// Write each call to Stripe to this file, as JSON lines without secrets
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Another Stripe on a loopback address
    #[arg(long, global = true, value_name = "URL")]
    pub api_base: Option<String>,
}

impl Globals {
    /// How to show things.
    pub fn ui(&self, env: &Env) -> Ui {
        let format = if self.json { Format::Json } else { self.output.unwrap_or(Format::Table) };
        let color = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => env.terminal.output && env.var("NO_COLOR").is_none(),
        };
        Ui {
            style: Style {
                format,
                quiet: self.quiet,
                verbose: self.verbose,
                color,
                no_input: self.no_input,
                terminal: env.terminal,
            },
        }
    }
}

/// A plain face, for failures before the options are known.
pub(super) fn plain_ui() -> Ui {
    let style = Style {
        format: Format::Table,
        quiet: false,
        verbose: false,
        color: false,
        no_input: true,
        terminal: Terminal::default(),
    };
    Ui { style }
}

/// Help and version go to stdout with exit 0; a command line that makes no sense is exit 2.
pub(super) fn usage_exit(env: &Env, error: &clap::Error, words: &[String]) -> u8 {
    let mut ui = plain_ui();
    let text = error.render();
    if !error.use_stderr() {
        let text = if env.terminal.output { text.ansi().to_string() } else { text.to_string() };
        return if ui.raw(text.as_bytes()).is_ok() { 0 } else { Kind::Store.exit_code() };
    }
    if wants_json(words) {
        ui.style.format = Format::Json;
        let text = text.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().map_or("", |line| line.trim_start_matches("error: "));
        let error = crate::error::Error::new(Kind::Usage, "usage", message)
            .details(lines.map(str::to_owned).collect());
        ui.failure(&error.hint("`paygrade --help`"));
    } else {
        ui.note(text.to_string().trim_end());
    }
    Kind::Usage.exit_code()
}

/// Whether a command line that could not be understood asks for JSON.
fn wants_json(words: &[String]) -> bool {
    let formats = ["json", "ndjson"];
    words.iter().enumerate().any(|(at, word)| match word.as_str() {
        "--json" => true,
        "-o" | "--output" => words.get(at + 1).is_some_and(|next| formats.contains(&next.as_str())),
        word => {
            let given = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o"));
            given.is_some_and(|format| formats.contains(&format.trim_start_matches('=')))
        }
    })
}
