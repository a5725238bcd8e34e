use super::*;
use crate::billing::catalog::{Beyond, Limit, UsagePrice, UsageTerms};
use crate::billing::id::{LimitKey, MeterKey, TierKey};
use crate::config::templates::TEMPLATES;

const HEAD: &str = "schema = 1\nnamespace = \"acme\"\ncurrency = \"usd\"\n";

fn faults(text: &str) -> Vec<String> {
    match parse(text, "c") {
        Ok(_) => Vec::new(),
        Err(errors) => errors.problems.iter().map(ToString::to_string).collect(),
    }
}

fn warnings(text: &str) -> Vec<String> {
    let (_, warnings) = parse(text, "c").unwrap_or_else(|errors| panic!("{errors:?}"));
    warnings.iter().map(ToString::to_string).collect()
}

/// A catalog with one tier `t` that holds `lines`; they start on line 8.
fn with_tier(lines: &str) -> String {
    format!("{HEAD}[meters.tokens]\n[features]\nsso = \"SSO\"\n[tiers.t]\n{lines}\n")
}

#[test]
fn every_fault_of_a_tier_names_place_key_and_remedy() {
    for (lines, want) in [
        ("trail_days = 14", "c:8:1: tiers.t.trail_days: unknown key (did you mean `trial_days`?)"),
        (
            "zzz = 1",
            "c:8:1: tiers.t.zzz: unknown key; known here: name, rank, retired, custom, features, prices, usage, seats, limits, credits, trial_days, grace_days, fallback",
        ),
        (
            "trial_days = 14.5",
            "c:8:14: tiers.t.trial_days: a whole number is wanted here, not a number with a fraction",
        ),
        ("trial_days = 731", "c:8:14: tiers.t.trial_days: must be from 1 to 730"),
        ("trial_days = -1", "c:8:14: tiers.t.trial_days: must be from 1 to 730"),
        (
            "trial_days = 99999999999999999999999999999999",
            "c:8:14: tiers.t.trial_days: must be from 1 to 730",
        ),
        ("name = \"a\u{202e}b\"", "c:8:8: tiers.t.name: holds the invisible character U+202E"),
        ("name = \" \"", "c:8:8: tiers.t.name: is empty"),
        (
            "retired = \"yes\"",
            "c:8:11: tiers.t.retired: true or false (without quotes) is wanted here, not a text",
        ),
        (
            "features = [\"ssso\"]",
            "c:8:13: tiers.t.features[0]: there is no feature `ssso` in this catalog (did you mean `sso`?)",
        ),
        ("features = [\"sso\", \"sso\"]", "c:8:20: tiers.t.features[1]: `sso` is in the list twice"),
        (
            "fallback = \"T\"",
            "c:8:12: tiers.t.fallback: there is no tier `T` in this catalog (did you mean `t`?)",
        ),
        (
            "fallback = \"t\"",
            "c:8:12: tiers.t.fallback: the fallbacks lead back to this tier: one of them must have none",
        ),
        ("limits = { members = \"many\" }", "c:8:22: tiers.t.limits.members: `many` is not one of unlimited"),
        (
            "limits = { Members = 3 }",
            "c:8:12: tiers.t.limits.Members: `Members` is not a legal limit key: use a-z, 0-9, _ and -, starting with a letter, 40 characters at most",
        ),
        ("prices = { interval = \"month\" }", "c:8:10: tiers.t.prices: a list is wanted here, not a table"),
        (
            "prices = [{ interval = \"month\", amount = 29.00 }]",
            "c:8:42: tiers.t.prices[0].amount: money is written in quotes, so that every digit counts: \"29.00\"",
        ),
        (
            "prices = [{ interval = \"month\", amount = 29 }]",
            "c:8:42: tiers.t.prices[0].amount: money is written in quotes, so that every digit counts: \"29\"",
        ),
        (
            "prices = [{ interval = \"month\", amount = nan }]",
            "c:8:42: tiers.t.prices[0].amount: money is written in quotes, so that every digit counts: \"nan\"",
        ),
        (
            "prices = [{ interval = \"month\", amount = \"29.001\" }]",
            "c:8:42: tiers.t.prices[0].amount: `29.001` has more than the 2 decimal places that USD allows here",
        ),
        (
            "prices = [{ interval = \"month\", amount = \"-1\" }]",
            "c:8:42: tiers.t.prices[0].amount: must not be negative",
        ),
        (
            "prices = [{ interval = \"month\", amount = \"1e3\" }]",
            "c:8:42: tiers.t.prices[0].amount: `1e3` is not a plain decimal number such as \"29.00\"",
        ),
        (
            "prices = [{ interval = \"month\", amount = \"1000000000\" }]",
            "c:8:42: tiers.t.prices[0].amount: `1000000000` is outside the range that Stripe takes",
        ),
        (
            "prices = [{ interval = \"weekly\", amount = \"1\" }]",
            "c:8:24: tiers.t.prices[0].interval: `weekly` is not one of month, year",
        ),
        (
            "prices = [{ amount = \"1\" }]",
            "c:8:11: tiers.t.prices[0].interval: is missing: write interval = \"month\" or \"year\"",
        ),
        (
            "prices = [{ interval = \"month\", amount = \"1\", per = \"seat\" }]",
            "c:8:53: tiers.t.prices[0].per: a price per seat needs bounds on the tier: seats = { min = 1, max = 100 }",
        ),
        (
            "prices = [{ interval = \"month\", amount = \"1\" }, { interval = \"month\", amount = \"2\" }]",
            "c:8:49: tiers.t.prices[1]: there is a price for each month already; a tier has one",
        ),
        (
            "custom = true\nprices = []",
            "c:9:1: tiers.t.prices: a custom tier gets its prices when it is assigned: --deal FILE, or --amount and --interval",
        ),
        ("seats = { min = 5, max = 2 }", "c:8:26: tiers.t.seats.max: is below min, which is 5"),
        ("credits = {}", "c:8:11: tiers.t.credits: says nothing: write per_month = 100, or trial = 10"),
        ("credits = { per_month = 0 }", "c:8:25: tiers.t.credits.per_month: must be from 1 to 1000000000000"),
        (
            "credits = { per_month = 1, policy = \"rollover\" }",
            "c:8:37: tiers.t.credits.policy: a rollover has a cap: policy = { rollover = { cap = 4000 } }",
        ),
        (
            "credits = { per_month = 1, policy = \"rest\" }",
            "c:8:37: tiers.t.credits.policy: `rest` is not one of reset, add (did you mean `reset`?)",
        ),
        (
            "credits = { trial = 1, policy = \"add\" }",
            "c:8:24: tiers.t.credits.policy: means nothing without `per_month`",
        ),
        (
            "credits = { trial = 1, trial_expires_after = \"soon\" }",
            "c:8:46: tiers.t.credits.trial_expires_after: `soon` is not a length of time: write \"3 days\" or \"12 months\"",
        ),
    ] {
        assert_eq!(faults(&with_tier(lines)), [want], "{lines}");
    }
}

#[test]
fn every_fault_of_usage_names_place_key_and_remedy() {
    let bands = |bands: &str| format!("usage.tokens = {{ mode = \"graduated\", bands = [{bands}] }}");
    for (lines, want) in [
        (
            "usage.token = { unlimited = true }".to_owned(),
            "c:8:7: tiers.t.usage.token: there is no meter `token` in this catalog (did you mean `tokens`?)",
        ),
        (
            "usage.tokens = { included = 5 }".to_owned(),
            "c:8:7: tiers.t.usage.tokens: say what happens to usage: unlimited = true, or a price, or beyond = \"block\"",
        ),
        (
            "usage.tokens = { unlimited = true, price = \"1\" }".to_owned(),
            "c:8:36: tiers.t.usage.tokens.price: has no meaning beside unlimited = true",
        ),
        (
            "usage.tokens = { beyond = \"bill\" }".to_owned(),
            "c:8:7: tiers.t.usage.tokens.price: is missing: write price = \"0.50\", or bands with a mode",
        ),
        (
            "usage.tokens = { beyond = \"blok\" }".to_owned(),
            "c:8:27: tiers.t.usage.tokens.beyond: `blok` is not one of bill, block, credits (did you mean `block`?)",
        ),
        (
            "usage.tokens = { beyond = \"block\", price = \"1\" }".to_owned(),
            "c:8:36: tiers.t.usage.tokens.price: has a meaning with beyond = \"bill\" only",
        ),
        (
            "usage.tokens = { beyond = \"credits\" }".to_owned(),
            "c:8:7: tiers.t.usage.tokens.credits_per: is missing: write credits_per = { units = 1000, credits = 1 }",
        ),
        (
            "usage.tokens = { beyond = \"credits\", credits_per = { units = 0, credits = 1 } }".to_owned(),
            "c:8:62: tiers.t.usage.tokens.credits_per.units: must be from 1 to 999999999999999",
        ),
        (
            "usage.tokens = { included = 1000000000000000, beyond = \"block\" }".to_owned(),
            "c:8:29: tiers.t.usage.tokens.included: must be from 0 to 999999999999999",
        ),
        (
            "usage.tokens = { included = 5, mode = \"volume\", bands = [{ price = \"1\" }] }".to_owned(),
            "c:8:18: tiers.t.usage.tokens.included: goes with a price only: write a first band at price \"0\" instead",
        ),
        (
            "usage.tokens = { price = \"1\", mode = \"volume\" }".to_owned(),
            "c:8:31: tiers.t.usage.tokens.mode: has a meaning with bands only",
        ),
        (
            "usage.tokens = { bands = [{ price = \"1\" }] }".to_owned(),
            "c:8:7: tiers.t.usage.tokens.mode: is missing: write mode = \"graduated\" or \"volume\"",
        ),
        (
            "usage.tokens = { price = \"0.000000000000001\" }".to_owned(),
            "c:8:26: tiers.t.usage.tokens.price: `0.000000000000001` has more than the 14 decimal places that USD allows here",
        ),
        (
            "usage.tokens = { price = \"-0.01\" }".to_owned(),
            "c:8:26: tiers.t.usage.tokens.price: must not be negative",
        ),
        (bands(""), "c:8:46: tiers.t.usage.tokens.bands: a price has 1 to 100 bands"),
        (
            bands("{ up_to = 5, price = \"1\" }"),
            "c:8:57: tiers.t.usage.tokens.bands[0].up_to: the last band is open: leave up_to out, or add a last band without one",
        ),
        (
            bands("{ price = \"1\" }, { price = \"2\" }"),
            "c:8:47: tiers.t.usage.tokens.bands[0]: only the last band is open: say up_to",
        ),
        (
            bands("{ up_to = 5, price = \"1\" }, { up_to = 5, price = \"1\" }, { price = \"2\" }"),
            "c:8:85: tiers.t.usage.tokens.bands[1].up_to: bands rise: this one must end above 5",
        ),
        (
            bands("{}"),
            "c:8:47: tiers.t.usage.tokens.bands[0]: costs nothing said: write price = \"0.05\" (or \"0\")",
        ),
    ] {
        assert_eq!(faults(&with_tier(&lines)), [want], "{lines}");
    }
}

#[test]
fn every_fault_of_the_rest_names_place_key_and_remedy() {
    for (lines, want) in [
        ("tier = {}", "c:4:1: tier: unknown key (did you mean `tiers`?)"),
        (
            "[meters.a]\naggregation = \"count\"",
            "c:5:15: meters.a.aggregation: only sum is supported; a count is a sum of 1: record each event with quantity 1",
        ),
        (
            "[meters.a]\nformula = \"last\"",
            "c:5:11: meters.a.formula: only sum is supported; for a level, record its changes or use `limits`",
        ),
        (
            "[meters.a]\nevent = \"e\"\n[meters.b]\nevent = \"e\"",
            "c:7:9: meters.b.event: the event name `e` is the one of meter `a` already",
        ),
        (
            "[meters.a]\n[meters.b]\nevent = \"a\"",
            "c:6:9: meters.b.event: the event name `a` is the one of meter `a` already",
        ),
        (
            "[meters.a]\nevent = \"a b\"",
            "c:5:9: meters.a.event: an event name has 1 to 100 visible characters without spaces",
        ),
        (
            "[meters.a]\nwindow = \"week\"",
            "c:5:10: meters.a.window: `week` is not one of each, minute, hour, day",
        ),
        ("[actions]\nsearch = 0", "c:5:10: actions.search: must be from 1 to 1000000000000"),
        (
            "[packs.p]\ncredits = 1\namount = \"0\"",
            "c:6:10: packs.p.amount: must be more than 0; credits that cost nothing are granted with `paygrade credits grant`",
        ),
        ("[packs.p]\namount = \"1\"", "c:4:8: packs.p.credits: is missing: write credits = 100"),
        ("[alerts]\nat = [80, 50]", "c:5:6: alerts.at: the percentages must rise: [50, 80, 95, 100]"),
        ("[alerts]\nat = [0]", "c:5:7: alerts.at[0]: must be from 1 to 1000"),
        (
            "[tiers.\"a b\"]",
            "c:4:8: tiers.a b: `a b` is not a legal tier key: use a-z, 0-9, _ and -, starting with a letter, 40 characters at most",
        ),
    ] {
        assert_eq!(faults(&format!("{HEAD}{lines}\n")), [want], "{lines}");
    }
    let long = format!("{HEAD}[features]\nsso = \"{}\"\n", "x".repeat(81));
    assert_eq!(
        faults(&long),
        ["c:5:7: features.sso: is longer than 80 characters, which is all that Stripe takes"]
    );
}

#[test]
fn the_head_is_checked() {
    for (text, want) in [
        ("", vec!["c: the file is empty; `paygrade init --template NAME` writes one to start from"]),
        (
            "\u{feff} \r\n",
            vec!["c: the file is empty; `paygrade init --template NAME` writes one to start from"],
        ),
        (
            "x = 1\n",
            vec![
                "c:1:1: schema: is missing: write schema = 1",
                "c:1:1: namespace: is missing: write namespace = \"acme\"",
                "c:1:1: currency: is missing: write currency = \"usd\"",
                "c:1:1: x: unknown key; known here: schema, namespace, currency, meters, features, actions, tiers, packs, alerts",
            ],
        ),
        (
            "schema = 2\nnamespace = \"a\"\ncurrency = \"usd\"",
            vec!["c:1:10: schema: this paygrade reads schema 1; the file needs a newer one"],
        ),
        (
            "schema = 1\nnamespace = \"a-b\"\ncurrency = \"usd\"",
            vec![
                "c:2:13: namespace: `a-b` is not a legal namespace: use a-z, 0-9 and _, starting with a letter, 40 characters at most",
            ],
        ),
        (
            "schema = 1\nnamespace = \"a\"\ncurrency = \"USD\"",
            vec![
                "c:3:12: currency: `USD` is not a currency: write its three letters in lower case (did you mean `usd`?)",
            ],
        ),
        (
            "schema = 1\nnamespace = \"a\"\ncurrency = \"zzz\"",
            vec!["c:3:12: currency: `zzz` is not a currency: write its three letters in lower case"],
        ),
    ] {
        let mut got = faults(text);
        let mut want: Vec<String> = want.into_iter().map(str::to_owned).collect();
        got.sort();
        want.sort();
        assert_eq!(got, want, "{text:?}");
    }
    assert!(
        faults(&format!("\u{feff}{}", with_tier("").replace('\n', "\r\n"))).is_empty(),
        "BOM and CRLF are fine"
    );
}

#[test]
fn all_faults_come_at_once_in_the_order_of_the_file() {
    let text = "schema = 1\nnamespace = \"Acme\"\ncurrency = \"us\"\n[tiers.a]\nfallback = \"b\"\nprices = [{ interval = \"month\", amount = 5 }]\n\
                [tiers.b]\nfallback = \"a\"\nrnk = 2\n[packs.p]\ncredits = \"1\"\n";
    let got: Vec<String> =
        faults(text).iter().map(|line| line.splitn(4, ':').take(4).collect::<Vec<_>>().join(":")).collect();
    let places: Vec<&str> = got.iter().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(
        places,
        ["c:2:13", "c:3:12", "c:5:12", "c:6:42", "c:8:12", "c:9:1", "c:10:8", "c:11:11"],
        "{got:#?}"
    );
}

#[test]
fn broken_toml_is_reported_beside_what_the_good_lines_say_wrongly() {
    let text = format!("{HEAD}[tiers.a]\nrank = = 1\ntrail_days = 3\nfallback = \"gone\"\n[tiers.a]\n");
    let got = faults(&text);
    assert!(got.iter().any(|line| line.starts_with("c:5:") && line.contains("not TOML")), "{got:#?}");
    assert!(got.iter().any(|line| line.starts_with("c:6:1: tiers.a.trail_days: unknown key")), "{got:#?}");
    assert!(got.iter().any(|line| line.starts_with("c:8:") && line.contains("duplicate")), "{got:#?}");
    assert!(!got.iter().any(|line| line.contains("gone")), "a reference may be to a broken line: {got:#?}");
}

#[test]
fn doubtful_things_are_warned_of() {
    for (lines, want) in [
        (
            "currency = \"usd\"\n[meters.a]",
            vec![
                "c:4:9: meters.a: no tier has this meter: its usage would be refused everywhere",
                "c: tiers: ",
            ],
        ),
        (
            "currency = \"usd\"\n[features]\na = \"A\"\n[tiers.t]",
            vec!["c:5:1: features.a: no tier has this feature"],
        ),
        ("currency = \"usd\"\n[tiers.a]\n[tiers.b]", vec!["c:5:8: tiers.b: has the rank 0 as `a` has"]),
        ("currency = \"usd\"\n[tiers.a]\nrank = 1\n[tiers.b]\nretired = true\nrank = 1", vec![]),
        (
            "currency = \"usd\"\n[tiers.a]\nseats = { min = 1 }",
            vec!["c:5:1: tiers.a.seats: no price of this tier is per seat"],
        ),
        (
            "currency = \"usd\"\n[packs.p]\ncredits = 1\namount = \"0.49\"",
            vec!["c:6:10: packs.p.amount: is below USD 0.50"],
        ),
        (
            "currency = \"kwd\"\n[packs.p]\ncredits = 1\namount = \"0.495\"",
            vec!["c:6:10: packs.p.amount: KWD 0.495: charges in KWD must end in 0"],
        ),
        (
            "currency = \"isk\"\n[packs.p]\ncredits = 1\namount = \"100.50\"",
            vec!["c:6:10: packs.p.amount: ISK 100.50: charges in ISK must have no decimals"],
        ),
        (
            "currency = \"usd\"\n[tiers.a]\nrank = 1\nfallback = \"b\"\n[tiers.b]\nprices = [{ interval = \"year\", amount = \"1\" }]",
            vec!["c:6:12: tiers.a.fallback: `b` has a recurring price"],
        ),
    ] {
        let got = warnings(&format!("schema = 1\nnamespace = \"acme\"\n{lines}\n"));
        for want in &want {
            assert!(
                got.iter().any(|line| line.contains(want.trim_start_matches("c: "))),
                "{lines}: {got:#?}"
            );
        }
        assert_eq!(got.len(), want.len(), "{lines}: {got:#?}");
    }
}

#[test]
fn a_fallback_may_not_lead_where_nobody_can_land() {
    for (lines, want) in [
        (
            "[tiers.a]\nfallback = \"b\"\n[tiers.b]\nretired = true",
            "c:5:12: tiers.a.fallback: `b` is retired: nobody can be put on it",
        ),
        (
            "[tiers.a]\nfallback = \"b\"\n[tiers.b]\ncustom = true",
            "c:5:12: tiers.a.fallback: `b` is custom: it has no terms without a deal",
        ),
    ] {
        assert_eq!(faults(&format!("{HEAD}{lines}\n")), [want]);
    }
    // A circle that does not hold the tier itself is reported for those in it only.
    let circle = format!(
        "{HEAD}[tiers.a]\nfallback = \"b\"\n[tiers.b]\nfallback = \"c\"\n[tiers.c]\nfallback = \"b\"\n"
    );
    assert_eq!(faults(&circle).len(), 2);
}

/// As many tiers as a file may have, each falling back to the next: checked without trying anyone's patience.
#[test]
fn a_long_chain_of_fallbacks_is_checked_in_time() {
    let tier = |n: u32| format!("[tiers.t{n}]\nrank = {n}\nfallback = \"t{}\"\n", n + 1);
    let chain: String = (0..3_000).map(tier).collect();
    let open = format!("{HEAD}{chain}[tiers.t3000]\nrank = 3000\n");
    let started = std::time::Instant::now();
    assert_eq!(faults(&open), Vec::<String>::new());
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    let closed = format!("{HEAD}{chain}[tiers.t3000]\nrank = 3000\nfallback = \"t0\"\n");
    assert_eq!(faults(&closed).len(), 1_001, "everyone is in the circle; a thousand are named");
}

#[test]
fn terms_that_do_not_fit_into_metadata_are_refused() {
    let band = |n: u64| format!("{{ up_to = {}, price = \"0.00000{n}\" }},", n * 1_000_000_000);
    let bands: String = (1..100).map(band).collect();
    let usage = format!("mode = \"graduated\"\nbands = [{bands} {{ price = \"0\" }}]\n");
    let text = with_tier("")
        + &(0..4).map(|n| format!("[meters.m{n}]\n[tiers.t.usage.m{n}]\n{usage}")).collect::<String>();
    let got = faults(&text);
    assert_eq!(got.len(), 1, "{got:?}");
    assert!(got[0].starts_with("c:7:8: tiers.t: the terms are ") && got[0].contains("15000 fit"), "{got:?}");
    let limits: String = (0..40).map(|n| format!("a_limit_number_{n} = {n}\n")).collect();
    let got = faults(&with_tier(&format!("[tiers.t.limits]\n{limits}")));
    assert_eq!(
        got,
        ["c:8:10: tiers.t.limits: the limits are 901 characters long; 500 fit into a product's metadata"]
    );
}

#[test]
fn hostile_files_end_in_an_error_and_not_in_a_panic() {
    let deep = format!("{HEAD}x = {}{}", "[".repeat(50_000), "]".repeat(50_000));
    let many: String = (0..10_001).map(|n| format!("k{n} = 1\n")).collect();
    for text in [
        deep.as_str(),
        many.as_str(),
        "\0",
        "\u{202e}",
        "a = \"\0\"",
        "]",
        "= 1",
        "a.b = 1\na = 2",
        &"[".repeat(1000),
    ] {
        assert!(!faults(text).is_empty());
        let shown: String = faults(text).concat();
        assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
    }
    assert_eq!(faults(&many), ["c: has 10001 entries; 10000 are allowed"]);
}

#[test]
fn files_are_read_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.toml");
    let sentence = |path: &Path| read(path).unwrap_err().problems[0].message.clone();
    assert_eq!(sentence(&path), "there is no such file");
    std::fs::write(&path, b"schema = 1\nx = \"\xff\"\n").unwrap();
    assert_eq!(sentence(&path), "is not UTF-8 text: see line 2, byte 17; save it as UTF-8");
    std::fs::write(&path, vec![b'#'; 4 * 1024 * 1024 + 1]).unwrap();
    assert_eq!(sentence(&path), "is larger than 4 MiB");
    assert!(sentence(folder.path()).starts_with("cannot be read: "));
}

#[test]
fn inline_and_table_forms_mean_the_same() {
    let inline = with_tier(
        "usage.tokens = { included = 5, price = \"0.10\" }\nprices = [{ interval = \"month\", amount = \"1\" }]",
    );
    let table = with_tier(
        "[[tiers.t.prices]]\ninterval = \"month\"\namount = \"1.00\"\n[tiers.t.usage.tokens]\nbeyond = \"bill\"\nincluded = 0x5\nprice = \"0.1\"",
    );
    assert_eq!(parse(&inline, "c").unwrap().0, parse(&table, "c").unwrap().0);
}

#[test]
fn a_deal_changes_the_terms_of_a_custom_tier() {
    let (catalog, _) = parse(TEMPLATES[1].text, "payg-hybrid.toml").unwrap();
    let base = &catalog.tiers[&TierKey::parse("enterprise").unwrap()].terms;
    let deal =
        "prices = [{ interval = \"year\", amount = \"12000\", per = \"seat\" }]\nseats = { min = 50 }\n";
    let (terms, warnings) = parse_deal(deal, "deal.toml", &catalog, base).unwrap();
    assert_eq!((terms.prices.len(), terms.trial_days, warnings.len()), (1, Some(30), 0));
    assert_eq!(terms.usage, base.usage);
    let bad = parse_deal("rank = 1\nusage.token = {}", "deal.toml", &catalog, base).unwrap_err();
    assert_eq!(bad.problems.len(), 3, "{bad:?}");
}

mod fuzz;
mod templates;
