//! Killed while a customer falls back: usage is sent, the subscription ends, an invoice is taken back, the tier changes.

use super::{CHANGING, World, demand, killed, points, run, sampled, state};

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.calls]
name = "Calls"
event = "calls"
unit = "call"
[tiers.free]
name = "Free"
rank = 0
[tiers.pro]
name = "Pro"
rank = 1
prices = [{ interval = "month", amount = "20.00" }]
usage.calls = { included = 10, beyond = "bill", price = "0.10" }
credits = { per_month = 100 }
grace_days = 7
fallback = "free"
"#;

/// Points of the run that are tried.
const SAMPLE: usize = 14;

/// `acme` has not paid for a week, and used 30 calls in that time that nobody has sent.
fn owing() -> World {
    let mut world = World::new();
    world.file("catalog.toml", CATALOG);
    world.file("paygrade.toml", "unpaid_invoice = \"void\"\n");
    for (now, lines) in [
        (
            "2026-03-02T09:00:00Z",
            &[
                "seed --yes",
                "customer add acme --email a@acme.example --payment-method pm_card_visa",
                "tier assign acme pro",
                "customer add acme --payment-method pm_card_chargeCustomerFail",
            ][..],
        ),
        ("2026-04-02T10:30:00Z", &["tick", "usage record acme calls 30"]),
        ("2026-04-09T10:30:00Z", &["tick --only backfill,process"]),
    ] {
        world.now(Some(now));
        for line in lines {
            demand(&world, 0, line);
        }
    }
    world
}

#[test]
fn tick_of_grace() {
    let base = owing();
    let line = "tick --only grace";
    let end = |world: &World| {
        demand(world, 0, line);
        let again = run(world, line);
        assert!(again.out.contains("nobody's grace is over"), "{}", again.out);
        let invoices = demand(world, 0, "invoice list -o csv -q").out;
        let mut told: Vec<String> =
            super::columns_of(&invoices, &["status", "reason", "total"]).into_iter().collect();
        told.sort();
        // The first month; the second, taken back; and 20 calls beyond the included ten, at 10 cents.
        assert_eq!(
            told,
            ["open subscription_cycle 200", "paid subscription_create 2000", "void subscription_cycle 2000"]
        );
        state(world)
    };
    let wanted = end(&base.copied());
    let mut kills = 0;
    for point in sampled(points(&base, line, "", CHANGING), SAMPLE) {
        let world = base.copied();
        kills += u32::from(killed(&world, line, "", &point).is_some());
        demand(&world, 0, "doctor --offline");
        assert_eq!(end(&world), wanted, "`{line}` killed at {point:?}");
    }
    assert!(kills > 1, "`{line}` was hardly killed");
}
