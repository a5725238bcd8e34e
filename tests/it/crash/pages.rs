//! Killed while a page is made, or while subscribers are moved: there is one page, one payment, one move.

use super::{CATALOG, CHANGING, World, columns_of, demand, furnished, killed, points, run, sampled, state};

/// Points of one run in a sample.
const SAMPLE: usize = 12;
/// After the renewal of those who subscribed when the worlds were made.
const RENEWED: &str = "2026-04-02T12:00:00Z";

/// Kills a line at each point, runs it again, and demands that `end` says what it says of an undisturbed run.
fn prove(base: &World, line: &str, end: fn(&mut World, &str) -> String) {
    let wanted = end(&mut base.copied(), line);
    let mut kills = 0;
    for point in sampled(points(base, line, "", CHANGING), SAMPLE) {
        let mut world = base.copied();
        kills += u32::from(killed(&world, line, "", &point).is_some());
        demand(&world, 0, "doctor --offline");
        assert_eq!(end(&mut world, line), wanted, "`{line}` killed at {point:?}");
    }
    assert!(kills > 1, "`{line}` was hardly killed");
}

/// The session that the line names when it is run again, and then once more.
fn session(world: &World, line: &str) -> String {
    let named = || {
        let told = demand(world, 0, &format!("{line} -o json")).out;
        let at = told.find("cs_test_").unwrap_or_else(|| panic!("no page in {told}"));
        told[at..].chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect::<String>()
    };
    let session = named();
    assert_eq!(named(), session, "`{line}` again names another page");
    session
}

/// The page is paid and its events come; then everything, and what was charged.
fn paid(world: &mut World, line: &str) -> String {
    let session = session(world, line);
    demand(world, 0, &format!("local pay {session}"));
    demand(world, 0, "webhook backfill");
    demand(world, 0, "webhook process");
    demand(world, 0, "reconcile credits");
    format!("{}\n{}", state(world), invoices(world))
}

fn invoices(world: &World) -> String {
    let told = demand(world, 0, "invoice list -o csv -q").out;
    let mut rows = columns_of(&told, &["customer", "status", "reason", "total"]);
    rows.sort();
    rows.join("\n")
}

#[test]
fn tier_assign_checkout() {
    prove(&furnished(), "tier assign bolt pro --checkout", |world, line| {
        let end = paid(world, line);
        let bolt = end.lines().filter(|it| it.starts_with("bolt ") && it.contains("subscription_create"));
        assert_eq!(bolt.count(), 1, "one page, one payment: {end}");
        end
    });
}

/// Without a key of the caller's own, too: the sale that was begun is the one that goes on.
#[test]
fn credits_sell_checkout() {
    for line in ["credits sell acme small --checkout --key order-1", "credits sell acme small --checkout"] {
        let end: fn(&mut World, &str) -> String = |world, line| {
            let end = if line.contains("--key") { paid(world, line) } else { sold(world, line) };
            assert_eq!(end.matches("acme purchase 100 ").count(), 1, "sold once: {end}");
            end
        };
        prove(&furnished(), line, end);
    }
}

/// A sale that ended is another one when it is asked for again: so it is run again only where it had not ended.
fn sold(world: &mut World, line: &str) -> String {
    let open = || {
        let store = rusqlite::Connection::open(world.path().join(".paygrade/local.db")).unwrap();
        store.query_row("SELECT session FROM sale WHERE state = 'open'", [], |row| row.get::<_, String>(0))
    };
    let session = open().or_else(|_| demand(world, 0, line).exit.eq(&0).then(open).unwrap()).unwrap();
    demand(world, 0, &format!("local pay {session}"));
    demand(world, 0, "webhook backfill");
    demand(world, 0, "webhook process");
    demand(world, 0, "reconcile credits");
    state(world)
}

/// Both subscribers of `pro`, whose price goes up.
fn dearer() -> World {
    let world = furnished();
    demand(&world, 0, "tier assign bolt pro");
    world.file("catalog.toml", &CATALOG.replace("29.00", "35.00"));
    demand(&world, 0, "seed --yes");
    world
}

#[test]
fn tier_migrate() {
    prove(&dearer(), "tier migrate pro --yes", |world, line| {
        demand(world, 0, line);
        let again = run(world, line);
        assert_eq!(again.exit, 0, "{again:?}");
        assert!(format!("{}{}", again.out, again.err).contains("2 wait already"), "{again:?}");
        world.now(Some(RENEWED));
        demand(world, 0, "tick");
        let after = invoices(world);
        assert_eq!(
            after.matches("subscription_cycle 3500").count(),
            2,
            "each once, at the new price: {after}"
        );
        format!("{}\n{after}", state(world))
    });
}
