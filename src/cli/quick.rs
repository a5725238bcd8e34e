//! The short way in for what programs ask again and again: the tree of all commands takes longer to build than the
//! answer takes to find. What does not parse here goes the long way, which has the messages and the help.

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::{Args, Command, Globals, allow, command_name, status, usage};

#[derive(Debug, Parser)]
#[command(name = "paygrade", version, disable_help_subcommand = true)]
struct Quick {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Asked,
}

#[derive(Debug, Subcommand)]
enum Asked {
    Allow(allow::AllowArgs),
    Status(status::StatusArgs),
    #[command(subcommand)]
    Usage(usage::UsageCommand),
}

/// The command line and the command's name, where the first word is one of these commands and all of it is right.
pub(super) fn parse(words: &[OsString]) -> Option<(Args, String)> {
    if !["allow", "status", "usage"].iter().any(|name| words.get(1).is_some_and(|word| word == name)) {
        return None;
    }
    let matches = Quick::command().try_get_matches_from(words).ok()?;
    let Quick { globals, command } = Quick::from_arg_matches(&matches).ok()?;
    let command = match command {
        Asked::Allow(args) => Command::Allow(args),
        Asked::Status(args) => Command::Status(args),
        Asked::Usage(command) => Command::Usage(command),
    };
    Some((Args { globals, command: Some(command) }, command_name(&matches)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_short_way_reads_what_the_long_way_reads() {
        for line in [
            "paygrade allow acme --meter tokens=500 -o json",
            "paygrade allow --store a.db acme --credits -5",
            "paygrade status -q --now 2026-03-01",
            "paygrade usage record acme tokens -5 --enforce",
            "paygrade usage import - -n --map time=at --as cron",
        ] {
            let (args, name) = parse(&words(line)).unwrap();
            let matches = Args::command().try_get_matches_from(words(line)).unwrap();
            let long = Args::from_arg_matches(&matches).unwrap();
            assert_eq!((format!("{args:?}"), name), (format!("{long:?}"), command_name(&matches)), "{line}");
        }
    }

    #[test]
    fn all_else_goes_the_long_way() {
        for line in [
            "paygrade",
            "paygrade -q status",
            "paygrade allow",
            "paygrade status --help",
            "paygrade tier list",
        ] {
            assert!(parse(&words(line)).is_none(), "{line}");
        }
    }
}
