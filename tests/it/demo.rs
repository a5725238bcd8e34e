//! `demo`: the main job, end to end, in a process of its own.

use crate::world::World;

#[test]
fn the_main_job_ends_as_expected_and_leaves_nothing_behind() {
    let mut world = World::new();
    world.now(None);
    let answer = world.demand(0, "demo --keep kept");
    let last = answer.out.lines().last().unwrap();
    assert!(last.starts_with("as expected: Stripe lost delivery "), "{last}");
    assert!(answer.out.contains("[exit 4]"), "the inner 4 is shown");
    for command in [
        "init",
        "seed",
        "customer add",
        "tier assign",
        "credits grant",
        "usage import",
        "meter push",
        "reconcile",
        "export",
    ] {
        assert!(
            answer.out.lines().any(|line| line.starts_with("$ paygrade ") && line.contains(command)),
            "{command}"
        );
    }
    // What is kept is a working folder: every invariant holds in it, and the loss is still told.
    let kept = world.path().join("kept");
    let mut command = world.command("doctor --offline");
    command.current_dir(&kept);
    assert!(command.output().unwrap().status.success());
    let mut command = world.command("status");
    command.current_dir(&kept);
    assert_eq!(command.output().unwrap().status.code(), Some(4));
    // A folder that is there is nobody's to overwrite.
    world.demand(5, "demo --keep kept");
}

#[test]
fn the_demo_does_not_meet_the_settings_of_whoever_runs_it() {
    let mut world = World::new();
    world.now(None);
    let mut command = world.command("demo");
    command.env("STRIPE_API_KEY", "sk_live_canary000000").env("PAYGRADE_CATALOG", "/nowhere.toml");
    let output = command.output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("canary"), "no secret in any output");
}
