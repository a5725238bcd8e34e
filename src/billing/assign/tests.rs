mod charges;

use std::collections::BTreeMap;

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

const NOW: Timestamp = Timestamp(1_000);
const PERIOD_END: Timestamp = Timestamp(2_000);

/// `pro year seats=3 trial=7 invoice=30`; `at=now`, `at=end` or `at=1500` is for [`how`].
fn asked(text: &str) -> Asked {
    let mut words = text.split(' ');
    let mut asked = Asked::of(TierKey::parse(words.next().unwrap()).unwrap());
    for word in words {
        match word.split_once('=') {
            Some(("seats", number)) => asked.seats = number.parse().ok(),
            Some(("trial", number)) => asked.trial_days = number.parse().ok(),
            Some(("invoice", number)) => asked.send_invoice_days = number.parse().ok(),
            Some(("coupon", id)) => asked.coupon = Some(id.to_owned()),
            Some(_) => {}
            None if ["(seats)", "(resume)"].contains(&word) => {}
            None => asked.interval = Some(Interval::parse(word).unwrap()),
        }
    }
    asked
}

fn how(text: &str) -> How {
    let at = text.split(' ').find_map(|word| word.strip_prefix("at=")).map(|word| match word {
        "now" => When::Now,
        "end" => When::PeriodEnd,
        number => When::At(Timestamp(number.parse().unwrap())),
    });
    let scope = match text {
        text if text.contains("(seats)") => Scope::Seats,
        text if text.contains("(resume)") => Scope::Undo,
        _ => Scope::Whole,
    };
    How { at, scope, now: NOW }
}

/// Price ids are `<tier>.<role>`.
fn prices(revision: &Revision) -> BTreeMap<String, String> {
    ["month", "year", "usage.tokens", "usage.calls"]
        .into_iter()
        .map(|role| (role.to_owned(), format!("{}.{role}", revision.tier)))
        .collect()
}

/// What a customer has after these wishes were fulfilled one after the other; empty for a new customer. A trial that was
/// asked for goes on, a tier's own is over. Behind a bar
/// is what waits: `waits payg`, `ends`, `ends free`, or `ends 1500`.
fn has(history: &str) -> Has {
    let (history, waits) = history.split_once(" | ").unwrap_or((history, ""));
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
            send_invoice_days: wanted.send_invoice_days,
            trial_days: wanted.trial_days,
            on_trial: text.contains("trial="),
            coupon: wanted.coupon,
            ..held(items.collect())
        });
        has.currencies = has.subscription.iter().map(|_| "usd".to_owned()).collect();
        has.pinned = Some(Pinned {
            revision: wanted.revision,
            terms: wanted.terms,
            interval: wanted.interval,
            seats: wanted.seats,
        });
    }
    if let Some(subscription) = has.subscription.clone() {
        has = waiting(has, subscription, waits);
    }
    has
}

fn held(items: Vec<HeldItem>) -> Held {
    Held {
        sub: "sub_1".to_owned(),
        items,
        send_invoice_days: None,
        trial_days: None,
        on_trial: false,
        period_end: PERIOD_END,
        cancel_at: None,
        schedule: None,
        coupon: None,
    }
}

fn waiting(has: Has, held: Held, waits: &str) -> Has {
    let coming = |text: &str| {
        let it = wanted(&catalog(), &asked(text), &has).unwrap();
        Coming { revision: it.revision, interval: it.interval, seats: it.seats }
    };
    let (held, pending) = match waits.split_once(' ').unwrap_or((waits, "")) {
        ("waits", tier) => {
            let schedule = Some("sub_sched_1".to_owned());
            let pending = Pending { to: Some(coming(tier)), at: PERIOD_END, schedule: schedule.clone() };
            (Held { schedule, ..held }, Some(pending))
        }
        ("ends", to) => {
            let at = to.parse().map_or(PERIOD_END, Timestamp);
            let to = (to == "free").then(|| coming("free"));
            (Held { cancel_at: Some(at), ..held }, Some(Pending { to, at, schedule: None }))
        }
        _ => (held, None),
    };
    Has { subscription: Some(held), pending, ..has }
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
    if wish.starts_with("(cancel)") {
        return told_of(&cancel(&has, how(wish).at, NOW), None);
    }
    match wanted(&catalog(), &asked(wish), &has) {
        Ok(wanted) => {
            told_of(&decide(&wanted, &prices(&wanted.revision), &has, how(wish)), wanted.trial_days)
        }
        Err(refused) => format!("{refused}"),
    }
}

fn told_of(decision: &Result<Decision, Undecided>, trial: Option<u32>) -> String {
    let trial = trial.map(|days| format!(" trial {days}")).unwrap_or_default();
    let undone = |undo: &Undo| {
        let parts = [
            undo.schedule.as_deref().map(|_| "release"),
            undo.end.then_some("unend"),
            undo.pin.then_some("unpin"),
        ];
        parts.into_iter().flatten().map(str::to_owned).collect::<Vec<_>>()
    };
    let listed = |items: &[(String, Option<u64>)]| {
        let items = items.iter().map(|(price, number)| format!("{price} {}", quantity(*number)));
        items.collect::<Vec<_>>().join(", ")
    };
    match decision {
        Err(why) => why.to_string(),
        Ok(Decision::Nothing) => "nothing".to_owned(),
        Ok(Decision::Pin) => "pin".to_owned(),
        Ok(Decision::End { undo, .. }) => [vec!["end".to_owned()], undone(undo)].concat().join(", "),
        Ok(Decision::EndLater { undo, at, at_period_end, .. }) => {
            let day = if *at_period_end { "period end".to_owned() } else { at.0.to_string() };
            [vec![format!("end at {day}")], undone(undo)].concat().join(", ")
        }
        Ok(Decision::Create { items }) => format!("create {}{trial}", listed(items)),
        Ok(Decision::Change { undo, items, invoice_now, anchor_now, send_invoice_days, .. }) => {
            let mut words: Vec<String> = items.iter().map(step).collect();
            words.extend(invoice_now.then(|| "now".to_owned()));
            words.extend(anchor_now.then(|| "anchor".to_owned()));
            words.extend(send_invoice_days.map(|days| format!("invoice {days}")));
            words.extend(undone(undo));
            format!("change {}{trial}", words.join(", "))
        }
        Ok(Decision::Later { undo, at, items, invoice_now, anchor, .. }) => {
            let mut words = vec![listed(items)];
            words.extend(invoice_now.then(|| "now".to_owned()));
            words.extend(anchor.then(|| "anchor".to_owned()));
            words.extend(undone(undo));
            format!("at {} {}", at.0, words.join(", "))
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
        ("pro trial=7", "pro year", "change si_0=pro.year 1, now"),
        ("pro invoice=30", "pro", "nothing"),
        ("pro invoice=30", "pro invoice=30", "nothing"),
        // From tier to tier.
        ("free", "pro", "create pro.month 1, pro.usage.calls metered trial 14"),
        ("pro", "free", "end at period end"),
        ("pro", "free at=now", "end"),
        ("pro, free", "pro", "create pro.month 1, pro.usage.calls metered"),
        ("payg", "pro", "change +pro.month 1, +pro.usage.calls metered, -si_0, now"),
        ("payg", "pro year", "change +pro.year 1, +pro.usage.calls metered, -si_0, now, anchor"),
        ("pro", "payg", "at 2000 payg.usage.tokens metered, now"),
        ("pro", "payg at=now", "change +payg.usage.tokens metered, -si_0, -si_1, now"),
        ("pro", "team seats=3", "change si_0=team.month 3, -si_1, now"),
        ("team seats=3", "pro", "at 2000 pro.month 1, pro.usage.calls metered"),
        ("team seats=3", "pro at=now", "change si_0=pro.month 1, +pro.usage.calls metered"),
        ("legacy", "team", "change si_0=team.month 2, now"),
        ("team", "payg", "at 2000 payg.usage.tokens metered"),
        ("team", "payg at=1500", "at 1500 payg.usage.tokens metered"),
        ("team", "payg at=1000", "1970-01-01T00:16:40Z is not in the future: 1970-01-01T00:16:40Z is now"),
        ("payg", "pro at=end", "at 2000 pro.month 1, pro.usage.calls metered, now"),
        ("pro", "team at=1500", "at 1500 team.month 2, now"),
        ("team", "pro invoice=9", "how invoices are paid changes now, and the change of tier waits"),
        ("", "pro at=end", "there is no subscription whose period ends: a tier without one changes now"),
        ("free", "free at=end", "nothing"),
        // More and less of the same.
        ("team seats=3", "team seats=5", "change si_0=team.month 5, now"),
        ("team seats=5", "team seats=3", "change si_0=team.month 3"),
        ("team seats=5", "team seats=3 at=end", "at 2000 team.month 3"),
        ("pro", "pro year", "change si_0=pro.year 1, now, anchor"),
        ("pro", "pro year at=end", "at 2000 pro.year 1, pro.usage.calls metered, anchor"),
        ("pro year", "pro month", "at 2000 pro.month 1, pro.usage.calls metered"),
        ("pro year", "pro month at=1500", "at 1500 pro.month 1, pro.usage.calls metered, anchor"),
        ("pro year", "pro month at=now", "change si_0=pro.month 1, now, anchor"),
        // What waits.
        ("team | waits pro", "pro", "nothing"),
        ("team | waits pro", "pro at=1500", "at 1500 pro.month 1, pro.usage.calls metered, release"),
        ("team | waits pro", "payg", "at 2000 payg.usage.tokens metered, release"),
        ("team | waits pro", "team", "change release"),
        ("team | waits pro", "team seats=5", "change si_0=team.month 5, now, release"),
        ("team | waits pro", "team seats=5 (seats)", "change si_0=team.month 5, now, release"),
        ("team | waits pro", "team seats=2 (seats)", "nothing"),
        ("team | waits pro", "team (resume)", "change release"),
        ("team | waits pro", "free", "end at period end, release"),
        ("team | waits pro", "(cancel)", "end at period end, release"),
        ("team | waits pro", "(cancel) at=now", "end, release"),
        ("pro | ends free", "free", "nothing"),
        ("pro | ends free", "free at=now", "end"),
        ("pro | ends free", "pro", "change unend, unpin"),
        ("pro | ends free", "pro (resume)", "change unend, unpin"),
        ("pro | ends free", "team", "change si_0=team.month 2, -si_1, now, unend, unpin"),
        ("pro | ends free", "payg", "at 2000 payg.usage.tokens metered, now, unend, unpin"),
        ("pro | ends free", "(cancel)", "end at period end, unpin"),
        ("pro | ends free", "(cancel) at=now", "end, unpin"),
        ("pro | ends", "free", "end at period end"),
        ("pro | ends", "(cancel)", "nothing"),
        ("pro | ends 1500", "(cancel)", "end at period end"),
        ("pro | ends 1500", "(cancel) at=1500", "nothing"),
        ("team | ends", "team seats=5 (seats)", "change si_0=team.month 5, now"),
        ("team | ends", "team seats=5", "change si_0=team.month 5, now, unend"),
        ("team", "team (resume)", "nothing"),
        ("team", "(cancel)", "end at period end"),
        ("team", "(cancel) at=1500", "end at 1500"),
        ("team", "(cancel) at=900", "1970-01-01T00:15:00Z is not in the future: 1970-01-01T00:16:40Z is now"),
        ("pro, free", "(cancel)", "nothing"),
        ("free", "(cancel)", "there is no subscription to cancel"),
        ("pro", "pro invoice=14", "change invoice 14"),
        ("pro invoice=30", "pro invoice=14", "change invoice 14"),
        // A coupon: once for each subscription.
        ("", "team coupon=x", "create team.month 2"),
        ("pro", "pro coupon=x", "change "),
        ("pro coupon=x", "pro coupon=x", "nothing"),
        ("pro coupon=x", "pro", "nothing"),
        ("pro coupon=x", "pro coupon=y", "change "),
        ("team", "pro coupon=x at=now", "change si_0=pro.month 1, +pro.usage.calls metered"),
        ("team", "pro coupon=x", "a coupon is redeemed now, and the change of tier waits"),
        ("", "free coupon=x", "tier free has no subscription, so --coupon has no meaning"),
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

/// Terms of one's own make a custom tier of it, and are kept until others are agreed.
#[test]
fn a_deal_is_pinned_as_it_was_agreed() {
    let deal = |amount: &str| {
        let json = format!(r#"{{"currency":"usd","prices":[{{"amount":"{amount}","interval":"month"}}]}}"#);
        Terms::from_json(&json).unwrap().0
    };
    let (first, second) = (deal("900.00"), deal("800.00"));
    let ask = |deal: Option<&Terms>| Asked { deal: deal.cloned(), ..asked("enterprise") };
    let mut has = Has::default();
    let agreed = wanted(&catalog(), &ask(Some(&first)), &has).unwrap();
    assert_eq!((&agreed.terms, agreed.amount().unwrap().minor), (&first, 90_000));
    has.pinned = Some(Pinned {
        revision: agreed.revision.clone(),
        terms: agreed.terms,
        interval: agreed.interval,
        seats: None,
    });
    for (deal, revision) in [
        (None, &agreed.revision),
        (Some(&first), &agreed.revision),
        (Some(&second), &second.revision(&agreed.revision.tier, catalog().currency)),
    ] {
        assert_eq!(wanted(&catalog(), &ask(deal), &has).unwrap().revision, *revision);
    }
    let not_custom = Asked { deal: Some(first), ..asked("pro") };
    let refused = wanted(&catalog(), &not_custom, &Has::default()).unwrap_err();
    assert_eq!(refused.to_string(), "tier pro is not custom: its terms are those of the catalog");
}

fn told_on_legacy(wish: &str) -> String {
    let mut has = has("team");
    let terms = catalog().tiers[&TierKey::parse("legacy").unwrap()].terms.clone();
    let revision = terms.revision(&TierKey::parse("legacy").unwrap(), catalog().currency);
    has.pinned = Some(Pinned { revision, terms, interval: Some(Interval::Month), seats: None });
    let item = HeldItem { item: "si_0".into(), price: "legacy.month".into(), quantity: Some(1) };
    has.subscription = Some(held(vec![item]));
    let wanted = wanted(&catalog(), &asked(wish), &has).unwrap();
    told_of(&decide(&wanted, &prices(&wanted.revision), &has, how(wish)), wanted.trial_days)
}

/// Of one rank, and where the catalog does not know one of the tiers any more, what a month costs decides.
#[test]
fn the_direction_of_a_change() {
    let mut catalog = catalog();
    let direction =
        |catalog: &Catalog, from: &str, to: &str| wanted(catalog, &asked(to), &has(from)).unwrap().direction;
    for (from, to, want) in [
        ("", "payg", Direction::Up),
        ("payg", "pro", Direction::Up),
        ("pro", "payg", Direction::Down),
        ("pro year", "team month", Direction::Up),
        ("pro", "pro year", Direction::Up),
        ("pro year", "pro month", Direction::Down),
        ("team", "team seats=3", Direction::Up),
        ("team seats=3", "team seats=2", Direction::Level),
    ] {
        assert_eq!(direction(&catalog, from, to), want, "{from} -> {to}");
    }
    let (pro, team) = (TierKey::parse("pro").unwrap(), TierKey::parse("team").unwrap());
    catalog.tiers.get_mut(&team).unwrap().rank = 2;
    assert_eq!(direction(&catalog, "pro", "team"), Direction::Up, "38.00 is more than 29.00");
    assert_eq!(direction(&catalog, "team", "pro"), Direction::Level);
    catalog.tiers.remove(&pro);
    assert_eq!(direction(&catalog, "pro", "team"), Direction::Up);
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
    let missing = decide(&wanted, &BTreeMap::new(), &has, how("pro")).unwrap_err();
    assert!(matches!(missing, Undecided::NotSeeded { role, .. } if role == "month"));
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
