//! README stays true: its tour is a story, and its tables are those of the program.

use std::path::Path;

use crate::scripts::{check, replay};
use crate::world::World;

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// The lines of all `console` blocks, as one story in one world: the tour is read from top to bottom.
fn console_lines(readme: &str) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in readme.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if inside => lines.push(line),
            _ => (),
        }
    }
    lines
}

#[test]
fn the_tour_says_what_the_program_says() {
    let readme = std::fs::read_to_string(path()).unwrap();
    let lines = console_lines(&readme);
    assert!(lines.iter().filter(|line| line.starts_with("$ paygrade")).count() > 15, "the tour is found");
    let mut world = World::new();
    world.now(None);
    let told = replay(&world, &lines.join("\n"));
    // Put the outputs back between the fences: each block takes as many commands as it has.
    let mut told = told.lines().peekable();
    let mut written = String::new();
    let mut commands_left = 0;
    let mut inside = false;
    let mut source = readme.lines().peekable();
    while let Some(line) = source.next() {
        if line == "```console" {
            inside = true;
            commands_left = source
                .clone()
                .take_while(|line| *line != "```")
                .filter(|line| line.starts_with("$ "))
                .count();
            written.push_str("```console\n");
            continue;
        }
        if inside && line != "```" {
            continue;
        }
        if inside {
            inside = false;
            let mut seen = 0;
            while let Some(next) = told.peek() {
                seen += usize::from(next.starts_with("$ "));
                if seen > commands_left {
                    break;
                }
                written.push_str(told.next().unwrap());
                written.push('\n');
            }
        }
        written.push_str(line);
        written.push('\n');
    }
    if written != readme && std::env::var_os("PAYGRADE_GOLDEN").is_some() {
        std::fs::write(path(), written).unwrap();
        return;
    }
    for (at, (want, got)) in readme.lines().zip(written.lines()).enumerate() {
        assert_eq!(want, got, "README.md line {}", at + 1);
    }
    assert_eq!(readme, written);
}

/// Commands that README shows outside its tour: in `sh` blocks, in running text, for cron and for systemd.
fn other_commands(readme: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block = None;
    for line in readme.lines() {
        match (line.strip_prefix("```"), block) {
            (Some(kind), None) => block = Some(kind),
            (Some(_), Some(_)) => block = None,
            (None, Some("sh")) if line.starts_with("paygrade ") => found.push(line.to_owned()),
            (None, Some("ini" | "")) => {
                let at = line.find("paygrade --");
                found.extend(at.map(|at| line[at..].to_owned()));
            }
            (None, None) => {
                let spans = line.split('`').skip(1).step_by(2);
                found.extend(spans.filter(|it| it.starts_with("paygrade ")).map(str::to_owned));
            }
            _ => (),
        }
    }
    found
}

/// A command without the comment behind it.
fn bare(line: &str) -> &str {
    line.split(" #").next().unwrap_or_default().trim_end()
}

/// Each is typed in a story, word for word. What serves until it is stopped, waits on the live Stripe or takes half an
/// hour is understood by the program.
#[test]
fn every_other_command_is_typed_too() {
    const NOT_TYPED: &[&str] = &["local serve", "bench", "--target live tick"];
    let readme = std::fs::read_to_string(path()).unwrap();
    let story_path = path().with_file_name("tests").join("it/readme_commands.txt");
    let story = std::fs::read_to_string(&story_path).unwrap();
    let commands = other_commands(&readme);
    assert!(commands.len() > 35, "they are found: {}", commands.len());
    for command in commands.iter().filter(|it| !it.contains("COMMAND")) {
        let words = command.strip_prefix("paygrade ").unwrap();
        if NOT_TYPED.iter().any(|it| words.starts_with(it)) {
            let understood = paygrade::cli::command_tree().try_get_matches_from(command.split_whitespace());
            assert!(understood.is_ok(), "README: `{command}`: {understood:?}");
        } else {
            // The story keeps a part of a long answer, and waits for no other store.
            let typed = story.lines().any(|line| {
                let typed = line.strip_prefix("$ ").and_then(|line| line.split(" | ").next());
                typed.is_some_and(|typed| bare(&typed.replace(" --wait-s 0", "")) == bare(command))
            });
            assert!(typed, "README's `{command}` stands nowhere in {}", story_path.display());
        }
    }
    let mut world = World::new();
    world.now(None);
    check(&story_path, &world);
}

/// The columns that README promises are those of the program, money with its currency behind it.
#[test]
fn the_columns_are_those_of_the_program() {
    let readme = std::fs::read_to_string(path()).unwrap();
    let world = World::new();
    for line in [
        "init --template payg-hybrid",
        "seed --yes",
        "customer add acme --email billing@acme.example --payment-method pm_card_visa",
        "tier assign acme payg",
    ] {
        world.demand(0, line);
    }
    let section = readme.split("### Columns").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.len() > 12, "the table is found");
    for row in rows {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let command = cells.next().unwrap().trim_matches('`');
        let promised: Vec<&str> = cells.next().unwrap().split(", ").collect();
        let dry = if command == "seed" { " -n" } else { "" };
        let answer = world.demand(0, &format!("{command}{dry} -o csv"));
        let header = answer.out.lines().next().unwrap_or_default().to_owned();
        let mut told: Vec<&str> = header.split(',').collect();
        for name in told.clone() {
            told.retain(|it| *it != format!("{name}_currency"));
        }
        assert_eq!(told, promised, "columns of `{command}`");
        for money in ["amount", "mrr", "monthly", "yearly", "cost", "projected"] {
            let follows = header.split(',').skip_while(|it| *it != money).nth(1);
            if promised.contains(&money) {
                assert_eq!(follows, Some(format!("{money}_currency").as_str()), "`{command}` {money}");
            }
        }
    }
}

#[test]
fn every_command_is_in_the_table() {
    let readme = std::fs::read_to_string(path()).unwrap();
    let section = readme.split("## Commands").nth(1).unwrap().split("\n## ").next().unwrap();
    for command in paygrade::cli::command_tree().get_subcommands() {
        let row = section.lines().find(|line| {
            line.starts_with("| `")
                && line.split('|').nth(1).unwrap().contains(&format!("`{}", command.get_name()))
        });
        let row = row.unwrap_or_else(|| panic!("README has no row for `{}`", command.get_name()));
        for verb in command.get_subcommands() {
            assert!(
                row.contains(verb.get_name()),
                "README's row of `{}` lacks `{}`",
                command.get_name(),
                verb.get_name()
            );
        }
    }
}
