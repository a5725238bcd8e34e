use super::*;

fn catalog() -> Catalog {
    Catalog::from_json(
        r#"{"actions":{},"alerts":{"at":[]},"currency":"usd","features":{},
        "meters":{"calls":{"event":"calls","name":"Calls","unit":"call","window":"hour"},
                  "tokens":{"event":"tokens","name":"Tokens","unit":"token","window":"hour"}},
        "namespace":"acme","packs":{},"tiers":{
        "free":{"features":[],"name":"Free","rank":0,"terms":{"currency":"usd","limits":{"members":3}}},
        "payg":{"features":[],"name":"Payg","rank":1,"terms":{"currency":"usd","usage":{"tokens":{"beyond":"bill","price":"0.50"}}}},
        "pro":{"features":[],"name":"Pro","rank":2,"terms":{"currency":"usd","trial_days":14,"usage":{"calls":{"beyond":"bill","price":"0.10"}},
               "prices":[{"amount":"29.00","interval":"month"},{"amount":"290.00","interval":"year"}]}},
        "team":{"features":[],"name":"Team","rank":3,"terms":{"currency":"usd","seats":{"max":500,"min":2},
               "prices":[{"amount":"19.00","interval":"month","per":"seat"}]}},
        "legacy":{"features":[],"name":"Legacy","rank":1,"retired":true,"terms":{"currency":"usd","prices":[{"amount":"9.00","interval":"month"}]}},
        "enterprise":{"custom":true,"features":[],"name":"Enterprise","rank":9,"terms":{"currency":"usd"}}}}"#,
    )
    .unwrap()
}

/// `pro year seats=3 trial=7 invoice=30`.
fn asked(text: &str) -> Asked {
    let mut words = text.split(' ');
    let tier = TierKey::parse(words.next().unwrap()).unwrap();
    let mut asked = Asked { tier, interval: None, seats: None, trial_days: None, send_invoice_days: None };
    for word in words {
        match word.split_once('=') {
            Some(("seats", number)) => asked.seats = number.parse().ok(),
            Some(("trial", number)) => asked.trial_days = number.parse().ok(),
            Some(("invoice", number)) => asked.send_invoice_days = number.parse().ok(),
            _ => asked.interval = Some(Interval::parse(word).unwrap()),
        }
    }
    asked
}

/// Price ids are `<tier>.<role>`.
fn prices(revision: &Revision) -> BTreeMap<String, String> {
    ["month", "year", "usage.tokens", "usage.calls"]
        .into_iter()
        .map(|role| (role.to_owned(), format!("{}.{role}", revision.tier)))
        .collect()
}

/// What a customer has after these wishes were fulfilled one after the other; empty for a new customer.
fn has(history: &str) -> Has {
    let mut has = Has::default();
    for text in history.split(", ").filter(|text| !text.is_empty()) {
        let wanted = wanted(&catalog(), &asked(text), &has).unwrap();
        let items = wanted.items().into_iter().enumerate().map(|(number, item)| HeldItem {
            item: format!("si_{number}"),
            price: prices(&wanted.revision)[&item.role].clone(),
            quantity: item.quantity,
        });
        has.had_trial |= wanted.trial_days.is_some();
        has.had_subscription |= wanted.needs_subscription();
        has.subscription = wanted.needs_subscription().then(|| Held {
            sub: "sub_1".to_owned(),
            items: items.collect(),
            send_invoice_days: wanted.send_invoice_days,
            trial_days: wanted.trial_days,
        });
        has.currencies = has.subscription.iter().map(|_| "usd".to_owned()).collect();
        has.pinned = Some(Pinned {
            revision: wanted.revision,
            terms: wanted.terms,
            interval: wanted.interval,
            seats: wanted.seats,
        });
    }
    has
}

fn quantity(quantity: Option<u64>) -> String {
    quantity.map_or_else(|| "metered".to_owned(), |number| number.to_string())
}

fn step(step: &ItemStep) -> String {
    match step {
        ItemStep::Add { price, quantity: number } => format!("+{price} {}", quantity(*number)),
        ItemStep::Change { item, price, quantity } => format!("{item}={price} {quantity}"),
        ItemStep::Remove { item } => format!("-{item}"),
    }
}

fn told(history: &str, wish: &str) -> String {
    let has = has(history);
    let wanted = match wanted(&catalog(), &asked(wish), &has) {
        Ok(wanted) => wanted,
        Err(refused) => return format!("{refused}"),
    };
    let trial = wanted.trial_days.map(|days| format!(" trial {days}")).unwrap_or_default();
    match decide(&wanted, &prices(&wanted.revision), &has).unwrap() {
        Decision::Nothing => "nothing".to_owned(),
        Decision::Pin => "pin".to_owned(),
        Decision::End { sub } => format!("end {sub}"),
        Decision::Create { items } => {
            let items: Vec<String> =
                items.iter().map(|(price, number)| format!("{price} {}", quantity(*number))).collect();
            format!("create {}{trial}", items.join(", "))
        }
        Decision::Change { items, invoice_now, anchor_now, send_invoice_days, .. } => {
            let mut words: Vec<String> = items.iter().map(step).collect();
            words.extend(invoice_now.then(|| "now".to_owned()));
            words.extend(anchor_now.then(|| "anchor".to_owned()));
            words.extend(send_invoice_days.map(|days| format!("invoice {days}")));
            format!("change {}{trial}", words.join(", "))
        }
    }
}

#[test]
fn what_it_takes() {
    for (history, wish, want) in [
        // From nothing.
        ("", "free", "pin"),
        ("", "payg", "create payg.usage.tokens metered"),
        ("", "payg month", "create payg.usage.tokens metered"),
        ("", "pro", "create pro.month 1, pro.usage.calls metered trial 14"),
        ("", "pro year", "create pro.year 1, pro.usage.calls metered trial 14"),
        ("", "pro trial=0", "create pro.month 1, pro.usage.calls metered"),
        ("", "pro trial=3", "create pro.month 1, pro.usage.calls metered trial 3"),
        ("", "team", "create team.month 2"),
        ("", "team seats=7", "create team.month 7"),
        // The same again, said in full or in short.
        ("free", "free", "nothing"),
        ("pro", "pro", "nothing"),
        ("pro", "pro month", "nothing"),
        ("pro year", "pro", "nothing"),
        ("team seats=7", "team", "nothing"),
        ("team seats=7", "team seats=7", "nothing"),
        ("pro trial=7", "pro trial=7", "nothing"),
        ("pro invoice=30", "pro", "nothing"),
        ("pro invoice=30", "pro invoice=30", "nothing"),
        // From tier to tier.
        ("free", "pro", "create pro.month 1, pro.usage.calls metered trial 14"),
        ("pro", "free", "end sub_1"),
        ("pro, free", "pro", "create pro.month 1, pro.usage.calls metered"),
        ("payg", "pro", "change +pro.month 1, +pro.usage.calls metered, -si_0, now"),
        ("payg", "pro year", "change +pro.year 1, +pro.usage.calls metered, -si_0, now, anchor"),
        ("pro", "payg", "change +payg.usage.tokens metered, -si_0, -si_1, now"),
        ("pro", "team seats=3", "change si_0=team.month 3, -si_1, now"),
        ("team seats=3", "pro", "change si_0=pro.month 1, +pro.usage.calls metered"),
        ("legacy", "team", "change si_0=team.month 2, now"),
        ("team", "payg", "change +payg.usage.tokens metered, -si_0"),
        // More and less of the same.
        ("team seats=3", "team seats=5", "change si_0=team.month 5, now"),
        ("team seats=5", "team seats=3", "change si_0=team.month 3"),
        ("pro", "pro year", "change si_0=pro.year 1, now, anchor"),
        ("pro", "pro invoice=14", "change invoice 14"),
        ("pro invoice=30", "pro invoice=14", "change invoice 14"),
        // No.
        ("", "prp", "there is no tier `prp`"),
        ("", "legacy", "tier legacy is retired: no new assignments"),
        ("", "enterprise", "tier enterprise is custom: its terms are agreed with each customer"),
        ("", "team year", "tier team has no price per year"),
        ("", "free year", "tier free has no price per year"),
        ("", "pro seats=3", "tier pro has no seats"),
        ("", "team seats=1", "tier team takes 2 to 500 seats, not 1"),
        ("", "team seats=501", "tier team takes 2 to 500 seats, not 501"),
        ("pro", "pro trial=7", "the customer has had a trial already: there is no second one"),
        ("pro, free", "pro trial=7", "the customer has had a trial already: there is no second one"),
        ("team", "pro trial=7", "the customer has a subscription already: a trial begins with a new one"),
        ("", "free trial=7", "tier free has no subscription, so --trial has no meaning"),
        ("", "free invoice=7", "tier free has no subscription, so --send-invoice has no meaning"),
    ] {
        // Nobody is assigned to a retired tier now, but some still are on one.
        let got = match history {
            "legacy" => told_on_legacy(wish),
            _ => told(history, wish),
        };
        assert_eq!(got, want, "[{history}] -> {wish}");
    }
}

fn told_on_legacy(wish: &str) -> String {
    let mut has = has("team");
    let terms = catalog().tiers[&TierKey::parse("legacy").unwrap()].terms.clone();
    let revision = terms.revision(&TierKey::parse("legacy").unwrap(), catalog().currency);
    has.pinned = Some(Pinned { revision, terms, interval: Some(Interval::Month), seats: None });
    let item = HeldItem { item: "si_0".into(), price: "legacy.month".into(), quantity: Some(1) };
    has.subscription =
        Some(Held { sub: "sub_1".into(), items: vec![item], send_invoice_days: None, trial_days: None });
    let wanted = wanted(&catalog(), &asked(wish), &has).unwrap();
    match decide(&wanted, &prices(&wanted.revision), &has).unwrap() {
        Decision::Change { items, invoice_now, .. } => {
            let words: Vec<String> = items.iter().map(step).collect();
            format!("change {}{}", words.join(", "), if invoice_now { ", now" } else { "" })
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn what_a_subscriber_bought_stays() {
    let mut has = has("pro");
    let mut catalog = catalog();
    let pro = TierKey::parse("pro").unwrap();
    let old = has.pinned.clone().unwrap().revision;
    let tier = catalog.tiers.get_mut(&pro).unwrap();
    tier.terms.prices[0].amount.minor = 3_900;
    tier.retired = true;
    let again = wanted(&catalog, &asked("pro"), &has).unwrap();
    assert_eq!(again.revision, old, "the same tier keeps its terms, also when it was retired");
    let yearly = wanted(&catalog, &asked("pro year"), &has).unwrap();
    assert_ne!(yearly.revision, old, "another interval is bought at today's terms");
    catalog.tiers.remove(&pro);
    assert_eq!(wanted(&catalog, &asked("pro"), &has).unwrap().revision, old, "also when it left the catalog");
    has.pinned = None;
    assert!(matches!(wanted(&catalog, &asked("pro"), &has), Err(Refused::UnknownTier { .. })));
}

#[test]
fn one_currency_and_seeded_prices() {
    let mut has = has("");
    has.currencies = vec!["eur".to_owned()];
    let refused = wanted(&catalog(), &asked("pro"), &has).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the customer has a live subscription in eur, and tier pro is sold in usd"
    );
    assert!(wanted(&catalog(), &asked("free"), &has).is_ok(), "a tier that costs nothing has no currency");
    has.currencies.clear();
    let wanted = wanted(&catalog(), &asked("pro"), &has).unwrap();
    let missing = decide(&wanted, &BTreeMap::new(), &has).unwrap_err();
    assert_eq!(missing.role, "month");
}

#[test]
fn seats_are_brought_along_where_they_fit() {
    for (history, wish, want) in [
        ("team seats=7", "team", Some(7)),
        ("team seats=7, free", "team", Some(2)),
        ("pro", "team", Some(2)),
        ("team seats=7", "pro", None),
    ] {
        let wanted = wanted(&catalog(), &asked(wish), &has(history)).unwrap();
        assert_eq!(wanted.seats, want, "[{history}] -> {wish}");
    }
}

#[test]
fn amounts_by_interval_and_month() {
    for (wish, amount, monthly) in [
        ("free", 0, 0),
        ("payg", 0, 0),
        ("pro", 2_900, 2_900),
        ("pro year", 29_000, 2_417), // 2416.67
        ("team seats=7", 13_300, 13_300),
    ] {
        let wanted = wanted(&catalog(), &asked(wish), &has("")).unwrap();
        assert_eq!(wanted.amount().unwrap().minor, amount, "{wish}");
        let monthly_is = monthly_amount(&wanted.terms, wanted.interval, wanted.seats, wanted.currency);
        assert_eq!(monthly_is.unwrap().minor, monthly, "{wish}");
    }
}
