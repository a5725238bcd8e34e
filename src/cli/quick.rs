//! The short way in for what programs ask again and again: the tree of all commands takes longer to build than the
//! answer takes to find. What does not parse here goes the long way, which has the messages and the help.

use std::ffi::OsString;

use clap::{ArgMatches, Args as _, FromArgMatches};

use super::{Args, Command, Globals, allow, command_name, status, usage};

/// The command line and the command's name, where the first words are one of these commands and all of it is right.
pub(super) fn parse(words: &[OsString]) -> Option<(Args, String)> {
    let word = |place: usize| words.get(place).and_then(|word| word.to_str());
    match word(1)? {
        "allow" => read(words, "allow", allow::AllowArgs::augment_args, |matches| {
            allow::AllowArgs::from_arg_matches(matches.subcommand_matches("allow")?).ok().map(Command::Allow)
        }),
        "status" => read(words, "status", status::StatusArgs::augment_args, |matches| {
            status::StatusArgs::from_arg_matches(matches.subcommand_matches("status")?)
                .ok()
                .map(Command::Status)
        }),
        "usage" if word(2) == Some("record") => {
            let record = |group: clap::Command| {
                group
                    .subcommand_required(true)
                    .subcommand(usage::RecordArgs::augment_args(clap::Command::new("record")))
            };
            read(words, "usage", record, |matches| {
                let matches = matches.subcommand_matches("usage")?.subcommand_matches("record")?;
                let args = usage::RecordArgs::from_arg_matches(matches).ok()?;
                Some(Command::Usage(usage::UsageCommand::Record(args)))
            })
        }
        _ => None,
    }
}

/// Reads a command line with the global options and one command.
fn read(
    words: &[OsString],
    name: &'static str,
    augment: impl FnOnce(clap::Command) -> clap::Command,
    command: impl FnOnce(&ArgMatches) -> Option<Command>,
) -> Option<(Args, String)> {
    let tree = clap::Command::new("paygrade").disable_help_subcommand(true);
    let own = augment(clap::Command::new(name));
    let tree = Globals::augment_args(tree).subcommand(own).subcommand_required(true);
    let matches = tree.try_get_matches_from(words).ok()?;
    let globals = Globals::from_arg_matches(&matches).ok()?;
    Some((Args { globals, command: Some(command(&matches)?) }, command_name(&matches)))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

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
            "paygrade usage record - --enforce -q",
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
            "paygrade usage import - -n --map time=at --as cron",
            "paygrade usage record --help",
            "paygrade usage record acme --no-such",
            "paygrade allow acme --credits 5 --feature sso",
        ] {
            assert!(parse(&words(line)).is_none(), "{line}");
        }
    }
}
