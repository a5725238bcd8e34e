//! One test binary: linking the library once is what keeps the tests quick.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod audit_faults;
mod bench;
mod catalog_pull;
mod cli_reference;
mod compare;
mod crash;
mod credits;
mod customer;
mod demo;
mod desk;
mod doctor;
mod explain;
mod export;
mod grace;
mod inbox;
mod locate;
mod notices;
mod older;
mod plot;
mod push;
mod push_edges;
mod readme;
mod reconcile;
mod reconcile_walk;
mod recover;
mod repair;
mod repair_causes;
mod repair_spans;
mod restore;
mod scene;
mod scripts;
mod seed;
mod seed_cli;
mod spans;
mod store;
mod tidy;
mod tier;
mod tier_change;
mod tier_migrate;
mod tier_offer;
mod undo;
mod usage;
mod webhook;
mod wire_billing;
mod wire_catalog;
mod wire_events;
mod world;

/// A file that is not listed above would never run.
#[test]
fn every_test_file_is_listed() {
    let listed = include_str!("main.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_test = path.extension().is_some_and(|ext| ext == "rs") && name != "main";
        assert!(!is_test || listed.contains(&format!("mod {name};")), "tests/it/{name}.rs is not listed");
    }
}
