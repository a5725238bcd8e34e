//! `completions` and `man`.

use clap::Args;
use clap_complete::Shell;

use super::{Cx, command_tree};
use crate::error::{Error, Kind};

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

pub(super) fn completions(cx: &Cx, args: CompletionsArgs) -> Result<(), Error> {
    cx.print_raw(&completion_script(&args.shell)?)
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

pub(super) fn man(cx: &Cx, _: ManArgs) -> Result<(), Error> {
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(command_tree()).render(&mut page);
    made.map_err(|error| Error::new(Kind::Bug, "man", "the manual page cannot be made").because(&error))?;
    cx.print_raw(&page)
}
