//! The architecture as a test: which room may use which, how long files and functions may be, words that may not be.

use std::path::{Path, PathBuf};

/// What each room may name. `cli` wires the rooms and may name any but is named by `main` alone.
const MAY_USE: &[(&str, &[&str])] = &[
    ("billing", &[]),
    ("loopback", &[]),
    ("local", &["loopback"]),
    ("store", &["billing"]),
    ("stripe", &["billing", "loopback"]),
    ("notify", &["billing", "env"]),
    ("env", &["billing"]),
    ("config", &["billing"]),
    ("error", &["billing", "store", "stripe", "env", "config"]),
    ("flow", &["billing", "store", "stripe", "notify", "env", "error"]),
    ("ui", &["billing", "env", "error"]),
    (
        "cli",
        &[
            "billing", "store", "stripe", "notify", "env", "config", "error", "flow", "ui", "local",
            "loopback",
        ],
    ),
];

/// Crates that belong to one room.
const ONE_ROOM: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("reqwest", &["stripe", "notify"]),
    ("lettre", &["notify"]),
    ("stripe_client_core", &["stripe"]),
    ("stripe_shared", &["stripe"]),
    ("comfy_table", &["ui"]),
    ("indicatif", &["ui"]),
    ("dialoguer", &["ui"]),
    ("clap", &["cli", "ui"]),
    ("hyper", &["loopback", "local"]),
];

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join("src"), &mut found);
    assert!(found.len() > 20, "the walk finds the sources");
    found
}

/// The room of a file: its first folder below src, or its name.
fn room(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn is_test_file(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

/// The part before the inline tests.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn arrows_point_down_only() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        let Some((_, may)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            assert!(["main", "lib"].contains(&room.as_str()), "a room that nobody planned: {room}");
            continue;
        };
        for line in product(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
            for (other, _) in MAY_USE.iter().filter(|(other, _)| *other != room && !may.contains(other)) {
                if line.contains(&format!("crate::{other}")) {
                    wrong.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
            for (name, rooms) in ONE_ROOM {
                let named = line.contains(&format!("{name}::")) || line.contains(&format!("use {name}"));
                if named && !rooms.contains(&room.as_str()) && !is_test_file(&path) {
                    wrong.push(format!("{}: {name} belongs to {rooms:?}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > FILE_LINES_MAX)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split along a wall:\n{}", long.join("\n"));
}

#[test]
fn functions_are_short() {
    let mut long = Vec::new();
    // Tests are exempt: a table of cases is long and yet read line by line.
    for (path, text) in sources().iter().filter(|(path, _)| !is_test_file(path)) {
        let lines: Vec<&str> = product(text).lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let code = line.trim_start();
            let is_function =
                ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "pub(crate) fn "]
                    .iter()
                    .chain(&["pub(super) async fn ", "pub(crate) async fn "])
                    .any(|head| code.starts_with(head));
            if !is_function {
                continue;
            }
            let indent = line.len() - code.len();
            let end = lines[start..].iter().position(|it| {
                it.len() > indent && it[..=indent].trim() == "}"
                    || it.trim_end() == format!("{}}}", " ".repeat(indent))
            });
            let length = end.map_or(0, |end| end + 1);
            if length > FUNCTION_LINES_MAX {
                long.push(format!("{}:{}: {length} lines: {code}", path.display(), start + 1));
            }
        }
    }
    assert!(long.is_empty(), "functions of more than {FUNCTION_LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn rules_are_pure() {
    for (path, text) in sources().iter().filter(|(path, _)| room(path) == "billing") {
        for word in [
            "std::fs",
            "std::env",
            "std::io",
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "f64",
            "f32",
            "async ",
            "fastrand",
            "getrandom",
        ] {
            let found = product(text)
                .lines()
                .find(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(found.is_none(), "{}: `{word}` in a rule: {found:?}", path.display());
        }
    }
}

#[test]
fn only_the_face_prints() {
    for (path, text) in sources().iter().filter(|(path, _)| room(path) != "ui") {
        for word in ["println!", "eprintln!", "print!(", "dbg!"] {
            assert!(!product(text).contains(word), "{}: {word} outside ui", path.display());
        }
    }
}

#[test]
fn nothing_is_left_unfinished() {
    let todo = ["todo", "!("].concat();
    let marks = [todo, ["unimpl", "emented!("].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    for (path, text) in sources() {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{}: {mark}", path.display());
        }
        assert!(
            is_test_file(&path) || text.starts_with("//!"),
            "{}: a file begins by saying what it is for",
            path.display()
        );
    }
}
