//! Stories: shell lines with the output that they must give, in `tests/it/scripts/*.txt`.
//!
//! ```text
//! // A comment; it begins with two slashes, as no output of ours does.
//! $ paygrade catalog check
//! catalog.toml: 4 tiers, 2 meters, no errors
//! $ cat > usage.ndjson <<'END'
//! > {"customer":"acme"}
//! > END
//! $ paygrade nonsense
//! error: …
//! [exit 2]
//! ```
//! Lines that start with `> ` go on with the command. Every story has its own world; standard error is part of the
//! output. `PAYGRADE_GOLDEN=write cargo test` writes what the program says now: read the difference before you keep it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::world::World;

/// The story with the outputs that the program gives now.
pub fn replay(world: &World, story: &str) -> String {
    let mut told = String::new();
    let mut lines = story.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("// ") {
            writeln!(told, "{line}").unwrap();
            continue;
        }
        let Some(first) = line.strip_prefix("$ ") else { continue };
        let mut command = first.to_owned();
        writeln!(told, "{line}").unwrap();
        while let Some(more) = lines.next_if(|line| *line == ">" || line.starts_with("> ")) {
            command.push('\n');
            command.push_str(more.strip_prefix("> ").unwrap_or_default());
            writeln!(told, "{more}").unwrap();
        }
        let answer = world.shell(&command);
        let shown = answer.out.replace(&world.path().to_string_lossy().into_owned(), "$PWD");
        told.push_str(&shown);
        if !shown.is_empty() && !shown.ends_with('\n') {
            told.push('\n');
        }
        if answer.exit != 0 {
            writeln!(told, "[exit {}]", answer.exit).unwrap();
        }
    }
    told
}

/// The story gives in this world what it says; or is written, where that is asked for.
pub fn check(path: &Path, world: &World) {
    let golden = std::fs::read_to_string(path).unwrap();
    let told = replay(world, &golden);
    if told != golden {
        if std::env::var_os("PAYGRADE_GOLDEN").is_some() {
            std::fs::write(path, told).unwrap();
            return;
        }
        let at = golden.lines().zip(told.lines()).position(|(want, got)| want != got);
        let at = at.unwrap_or_else(|| golden.lines().count().min(told.lines().count()));
        let from = at.saturating_sub(4);
        let part = |text: &str| text.lines().skip(from).take(14).collect::<Vec<_>>().join("\n");
        panic!(
            "{} differs at line {}\n--- story\n{}\n--- program\n{}",
            path.display(),
            at + 1,
            part(&golden),
            part(&told)
        );
    }
}

/// One test a story, so that they run side by side and a failure names its story.
macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(concat!("tests/it/scripts/", stringify!($name), ".txt")), &World::new());
        })*

        #[test]
        fn every_story_is_listed() {
            let listed = [$(stringify!($name)),*];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scripts");
            for entry in std::fs::read_dir(folder).unwrap() {
                let path: PathBuf = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap();
                assert!(listed.contains(&name), "tests/it/scripts/{name}.txt is not listed in scripts.rs");
            }
        }
    };
}

stories!(
    alerts,
    allow,
    audit,
    backup,
    bad_input,
    catalog_check,
    catalog_pull,
    credits,
    credits_life,
    customer,
    explain,
    explain_abroad,
    export,
    export_columns,
    export_more,
    fallback_late,
    grace,
    init,
    invoice,
    life_credits,
    life_gateway,
    life_hybrid,
    life_overage,
    life_seats,
    main_job,
    meter_push,
    reconcile,
    reconcile_after,
    reconcile_invoice,
    reconcile_tiers,
    recover,
    recover_credits,
    recover_deal,
    repair,
    reprice,
    restore,
    seed,
    store_query,
    takeover,
    tick,
    tier_assign,
    tier_change,
    tier_ends,
    tier_grace,
    tier_migrate,
    tier_offer,
    tier_override,
    tier_shown,
    tier_templates,
    tier_unsent,
    usage_errors,
    usage_import,
    usage_record,
    usage_totals,
    usage_void,
    webhooks
);
