//! `completions` and `man`: what depends on nothing but the program, so that it works beside settings that are broken.

use clap::Args;
use clap_complete::Shell;

use super::context::cannot_print;
use super::{Command, command_tree};
use crate::error::{Error, Kind};
use crate::ui::Ui;

/// Print the completion script of a shell
///
/// The same files are in the folder completions/ of the source.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// bash, elvish, fish, nushell, powershell or zsh
    #[arg(value_parser = ["bash", "elvish", "fish", "nushell", "powershell", "zsh"])]
    shell: String,
}

/// Print the manual page (roff)
#[derive(Debug, Args)]
pub struct ManArgs {}

/// Prints what needs no settings, if that is the command; says whether it was.
pub(super) fn print(ui: &Ui, command: Option<&Command>) -> Result<bool, Error> {
    let text = match command {
        Some(Command::Completions(args)) => completion_script(&args.shell)?,
        Some(Command::Man(_)) => man()?,
        _ => return Ok(false),
    };
    ui.raw(&text).map_err(|error| cannot_print(&error))?;
    Ok(true)
}

/// The completion script of a shell, as checked in under `completions/`.
pub fn completion_script(shell: &str) -> Result<Vec<u8>, Error> {
    let mut tree = command_tree();
    let mut script = Vec::new();
    if shell == "nushell" {
        clap_complete::generate(clap_complete_nushell::Nushell, &mut tree, "paygrade", &mut script);
        return Ok(script);
    }
    let shell: Shell =
        shell.parse().map_err(|_| Error::new(Kind::Usage, "shell", format!("no such shell: {shell}")))?;
    clap_complete::generate(shell, &mut tree, "paygrade", &mut script);
    Ok(script)
}

fn man() -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(command_tree()).render(&mut page);
    made.map_err(|error| Error::new(Kind::Bug, "man", "the manual page cannot be made").because(&error))?;
    Ok(page)
}
