//! `bench`: that it measures what it says, at a size at which no time means anything.

use serde_json::Value;

use crate::world::World;

fn figure<'r>(rows: &'r [Value], job: &str, by: &str) -> Option<&'r Value> {
    rows.iter().find(|row| row["job"] == job && row["by"] == by && !row["median_s"].is_null())
}

#[test]
fn a_tiny_bench_measures_every_job_and_judges_nothing() {
    let mut world = World::new();
    world.now(None);
    let mut command = world
        .command("bench --quick --rounds 1 --events 300 --customers 3 --against sqlite3 --dir . -o json");
    // It must not meet the settings of whoever runs it.
    command.env("STRIPE_API_KEY", "sk_live_canary000000").env("PAYGRADE_CATALOG", "/nowhere.toml");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stdout));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "paygrade.bench/1");
    let rows = report["rows"].as_array().unwrap();
    for job in [
        "import csv",
        "import ndjson",
        "import append",
        "import again",
        "export csv",
        "export csv, six columns",
        "export ndjson",
        "export ndjson, six columns",
        "record stream",
        "record processes",
        "push",
        "reconcile, local half",
        "reconcile, with calls",
        "start: allow",
        "start: status",
    ] {
        let row = figure(rows, job, "paygrade").unwrap_or_else(|| panic!("{job} is not there: {rows:#?}"));
        for column in ["median_s", "fastest_s", "slowest_s"] {
            assert!(row[column].as_str().unwrap().parse::<f64>().unwrap() > 0.0, "{job}: {row}");
        }
    }
    let import = figure(rows, "import csv", "paygrade").unwrap();
    for column in ["cpu_s", "per_second", "peak_mb"] {
        assert!(import[column].as_str().unwrap().parse::<f64>().unwrap() > 0.0, "{import}");
    }
    // One in flight for each customer and meter is a rule and no figure: it holds at any size.
    let pair = rows.iter().find(|row| row["measure"] == "most in flight of a customer and meter").unwrap();
    assert_eq!(pair["value"], "1");
    assert!(rows.iter().all(|row| row["met"].is_null()), "goals are for full sizes");
    assert_eq!(report["duckdb"], Value::Null, "who was not asked for is not named");
    assert!(!said.contains("canary"));
    // Its folder is gone, and nothing of it was made here.
    let left: Vec<_> = std::fs::read_dir(world.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_peer_that_is_not_here_is_named_and_a_dry_run_measures_nothing() {
    let mut world = World::new();
    world.now(None);
    let mut command = world.command("bench import -n -o json");
    command.env("PATH", world.path());
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "paygrade.bench_plan/1");
    for peer in ["sqlite3", "duckdb", "python"] {
        assert_eq!(report[peer], "not on this machine");
    }
    assert_eq!(report["events_large"], 10_000_000);
    assert!(std::fs::read_dir(world.path()).unwrap().next().is_none());
}
