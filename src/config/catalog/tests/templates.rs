//! The templates parse without a fault or a doubt and hold the figures of the systems that they describe.

use super::*;

fn template(name: &str) -> Catalog {
    let text = crate::config::templates::template(name).unwrap().text;
    let (catalog, warnings) =
        parse(text, name).unwrap_or_else(|errors| panic!("{name}: {:#?}", errors.problems));
    assert_eq!(warnings, [], "{name}");
    catalog
}

fn tier_keys(catalog: &Catalog) -> Vec<&str> {
    catalog.tiers_by_rank().into_iter().map(|(key, _)| key.as_str()).collect()
}

fn terms<'a>(catalog: &'a Catalog, tier: &str) -> &'a Terms {
    &catalog.tiers[&TierKey::parse(tier).unwrap()].terms
}

fn usage<'a>(catalog: &'a Catalog, tier: &str, meter: &str) -> &'a UsageTerms {
    &terms(catalog, tier).usage[&MeterKey::parse(meter).unwrap()]
}

/// Prices of a tier as `29.00/month`, `19.00/month/seat`.
fn prices(catalog: &Catalog, tier: &str) -> Vec<String> {
    let shown = |price: &crate::billing::catalog::RecurringPrice| {
        let seat = if price.per_seat { "/seat" } else { "" };
        format!("{}/{}{seat}", price.amount.major(), price.interval.as_str())
    };
    terms(catalog, tier).prices.iter().map(shown).collect()
}

fn included(catalog: &Catalog, tier: &str, meter: &str) -> (u64, &'static str) {
    match usage(catalog, tier, meter) {
        UsageTerms::Unlimited => (u64::MAX, "unlimited"),
        UsageTerms::Counted { included, beyond: Beyond::Bill(_), .. } => (*included, "bill"),
        UsageTerms::Counted { included, beyond: Beyond::Block, .. } => (*included, "block"),
        UsageTerms::Counted { included, beyond: Beyond::Credits { .. }, .. } => (*included, "credits"),
    }
}

#[test]
fn every_template_survives_the_store() {
    for template in TEMPLATES {
        let (catalog, warnings) = parse(template.text, template.name).unwrap();
        assert_eq!(warnings, [], "{}", template.name);
        assert_eq!(Catalog::from_json(&catalog.to_json()), Ok(catalog.clone()), "{}", template.name);
        for (key, tier) in &catalog.tiers {
            let json = tier.terms.to_json(catalog.currency);
            assert_eq!(Terms::from_json(&json), Ok((tier.terms.clone(), catalog.currency)), "{key}");
        }
    }
    assert!(crate::config::templates::template(crate::config::templates::TEMPLATE_DEFAULT).is_some());
}

#[test]
fn overage_has_its_nine_limits() {
    let catalog = template("overage");
    assert_eq!(tier_keys(&catalog), ["free", "basic", "pro", "super"]);
    for (meter, limits) in [
        ("fast", [100_000, 500_000, 2_000_000]),
        ("high_quality", [50_000, 250_000, 1_000_000]),
        ("segment", [50_000, 250_000, 1_000_000]),
    ] {
        for (tier, limit) in ["basic", "pro", "super"].into_iter().zip(limits) {
            assert_eq!(included(&catalog, tier, meter), (limit, "bill"), "{tier} {meter}");
            assert_eq!(terms(&catalog, tier).fallback.as_ref().map(TierKey::as_str), Some("free"));
        }
    }
    assert!(!terms(&catalog, "free").needs_subscription());
}

#[test]
fn payg_hybrid_has_its_four_plans() {
    let catalog = template("payg-hybrid");
    assert_eq!(tier_keys(&catalog), ["payg", "pro", "team", "enterprise"]);
    let UsageTerms::Counted { included: 0, beyond: Beyond::Bill(UsagePrice::PerUnit(price)), spend_cap } =
        usage(&catalog, "payg", "tokens")
    else {
        panic!("billed by the token")
    };
    assert_eq!((price.wire().as_str(), spend_cap.map(|cap| cap.minor)), ("50", Some(10_000)));
    assert_eq!(prices(&catalog, "payg"), Vec::<String>::new());
    assert_eq!(prices(&catalog, "pro"), ["29.00/month"]);
    assert_eq!(prices(&catalog, "team"), ["19.00/month/seat"]);
    assert_eq!(terms(&catalog, "team").seats.map(|seats| seats.min), Some(2));
    let trials = ["payg", "pro", "team", "enterprise"].map(|tier| terms(&catalog, tier).trial_days);
    assert_eq!(trials, [None, Some(14), Some(14), Some(30)]);
    for tier in ["pro", "team", "enterprise"] {
        assert_eq!(usage(&catalog, tier, "tokens"), &UsageTerms::Unlimited);
    }
    assert!(catalog.tiers[&TierKey::parse("enterprise").unwrap()].custom);
    assert_eq!(catalog.alerts.at, [50, 80, 95, 100]);
}

#[test]
fn gateway_has_its_credits_and_requests() {
    let catalog = template("gateway");
    assert_eq!(tier_keys(&catalog), ["free", "starter", "pro", "enterprise"]);
    assert_eq!(prices(&catalog, "starter")[0], "20.00/month");
    assert_eq!(prices(&catalog, "pro")[0], "50.00/month");
    for (tier, per_month, requests, grace) in [
        ("free", None, (1_000, "block"), None),
        ("starter", Some(2_000), (10_000, "block"), Some(7)),
        ("pro", Some(5_000), (50_000, "block"), Some(7)),
        ("enterprise", Some(25_000), (u64::MAX, "unlimited"), Some(7)),
    ] {
        let credits = terms(&catalog, tier).credits.as_ref().unwrap();
        assert_eq!(credits.per_month.map(|credits| credits.0), per_month, "{tier}");
        assert_eq!(included(&catalog, tier, "requests"), requests, "{tier}");
        assert_eq!(terms(&catalog, tier).grace_days, grace, "{tier}");
        assert_eq!(
            prices(&catalog, tier).len(),
            if ["starter", "pro"].contains(&tier) { 2 } else { 0 },
            "{tier}"
        );
    }
    let free = terms(&catalog, "free").credits.as_ref().unwrap();
    assert_eq!(free.trial.map(|credits| credits.0), Some(1_000));
    assert_eq!(free.trial_expires_after.map(|lasting| lasting.to_string()).as_deref(), Some("3 days"));
}

#[test]
fn credits_has_its_allocations_packs_and_actions() {
    let catalog = template("credits");
    assert_eq!(tier_keys(&catalog), ["free", "basic", "pro", "enterprise"]);
    for (tier, per_month) in [("free", 10), ("basic", 100), ("pro", 500), ("enterprise", 5_000)] {
        let credits = terms(&catalog, tier).credits.as_ref().unwrap();
        assert_eq!(credits.per_month.map(|credits| credits.0), Some(per_month), "{tier}");
    }
    let packs: Vec<(i64, i64)> =
        catalog.packs.values().map(|pack| (pack.credits.0, pack.amount.minor)).collect();
    for pack in [(100, 999), (500, 3_999), (2_000, 9_999)] {
        assert!(packs.contains(&pack), "{pack:?}");
    }
    let actions: Vec<(&str, i64)> = catalog.actions.iter().map(|(key, it)| (key.as_str(), it.0)).collect();
    let want = [
        ("advanced_search", 5),
        ("ai_analysis", 25),
        ("basic_search", 1),
        ("export_report", 10),
        ("generate", 5),
    ];
    assert_eq!(actions, want);
    let meter = MeterKey::parse("api_requests").unwrap();
    let cost = |tier: &str, quantity: u64| {
        crate::billing::price::usage_amount(terms(&catalog, tier), &meter, quantity, catalog.currency)
            .unwrap()
            .minor
    };
    assert_eq!((cost("pro", 7), cost("basic", 1_000), cost("basic", 10_001)), (7, 10_000, 55_002));
    assert_eq!(catalog.alerts.low_credits.map(|credits| credits.0), Some(10));
}

#[test]
fn seats_has_its_table() {
    let catalog = template("seats");
    assert_eq!(tier_keys(&catalog), ["starter", "pro", "enterprise"]);
    assert_eq!(prices(&catalog, "pro"), ["49.00/month/seat"]);
    for (tier, members, retention, decisions, sso) in [
        ("starter", Limit::AtMost(3), Limit::AtMost(30), (100, "block"), false),
        ("pro", Limit::AtMost(10), Limit::AtMost(365), (10_000, "block"), false),
        ("enterprise", Limit::Unlimited, Limit::Unlimited, (u64::MAX, "unlimited"), true),
    ] {
        let limit = |key: &str| terms(&catalog, tier).limits[&LimitKey::parse(key).unwrap()];
        assert_eq!((limit("members"), limit("retention_days")), (members, retention), "{tier}");
        assert_eq!(included(&catalog, tier, "ai_decisions"), decisions, "{tier}");
        let features = &catalog.tiers[&TierKey::parse(tier).unwrap()].features;
        assert_eq!(features.iter().any(|feature| feature.as_str() == "sso"), sso, "{tier}");
    }
}
