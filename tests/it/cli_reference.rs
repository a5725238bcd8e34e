//! The command tree: clap's own check, completions equal to the files that are checked in, help for every argument.

use std::path::Path;

use paygrade::cli::{command_tree, completion_script};

#[test]
fn the_command_tree_is_sound() {
    command_tree().debug_assert();
}

#[test]
fn completions_are_those_checked_in() {
    for (shell, file) in [
        ("bash", "paygrade.bash"),
        ("elvish", "paygrade.elv"),
        ("fish", "paygrade.fish"),
        ("nushell", "paygrade.nu"),
        ("powershell", "_paygrade.ps1"),
        ("zsh", "_paygrade"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let made = completion_script(shell).unwrap();
        if std::env::var_os("PAYGRADE_GOLDEN").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read(&path).unwrap_or_default();
        assert!(kept == made, "completions/{file} is not what `paygrade completions {shell}` prints");
    }
}

#[test]
fn every_command_and_argument_has_help() {
    fn check(command: &clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        assert!(command.get_about().is_some(), "{path} has no help");
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{path} {} has no help", argument.get_id());
        }
        for inner in command.get_subcommands() {
            check(inner, &path);
        }
    }
    check(&command_tree(), "");
}
