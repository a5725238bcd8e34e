//! Coupons, deals and hosted pages: what is agreed is what is billed, once, whatever breaks.

use paygrade::billing::assign::Asked;
use paygrade::billing::catalog::Terms;
use paygrade::billing::contact::Email;
use paygrade::billing::id::TierKey;
use paygrade::billing::time::{DAY_S, HOUR_S};
use paygrade::error::{Error, Kind};
use paygrade::flow::assign::{Ask, Outcome, assign, assign_plan};
use paygrade::flow::customer::customer_add;
use paygrade::flow::inbox::{backfill, process};
use paygrade::flow::tier_checkout::{self, Page, checkout};
use serde_json::{Value, json};

use crate::desk::{Machine, Stage, block_on, customer};

fn add(machine: &Machine, id: &str, card: Option<&str>) {
    let email = Some(Email::parse(&format!("{id}@acme.io")).unwrap());
    let payment_method = card.map(str::to_owned);
    let wish = paygrade::flow::customer::Ask { id: customer(id), email, name: None, payment_method };
    block_on(customer_add(&machine.desk(), &wish)).unwrap();
}

fn machine(stage: &Stage) -> Machine {
    let machine = stage.machine();
    add(&machine, "acme", Some("pm_card_visa"));
    machine
}

/// `pro seats=3 coupon=LAUNCH at the tier's own trial of none`.
fn ask(text: &str) -> Ask {
    let mut words = text.split(' ');
    let mut ask = Ask::of(customer("acme"), TierKey::parse(words.next().unwrap()).unwrap());
    ask.asked.trial_days = Some(0);
    for word in words {
        match word.split_once('=').unwrap() {
            ("seats", number) => ask.asked.seats = number.parse().ok(),
            ("coupon", id) => ask.coupon = Some(id.to_owned()),
            ("trial", days) => ask.asked.trial_days = days.parse().ok(),
            other => panic!("{other:?}"),
        }
    }
    if ["free", "starter"].contains(&ask.asked.tier.as_str()) {
        ask.asked.trial_days = None;
    }
    ask
}

fn put(machine: &Machine, text: &str) -> Result<Outcome, Error> {
    block_on(assign(&machine.desk(), &ask(text)))
}

/// The totals of all invoices, oldest first.
fn totals(stage: &Stage) -> Vec<i64> {
    let all = stage.call("GET", "/v1/invoices?limit=100", "");
    let mut all: Vec<i64> =
        all["data"].as_array().unwrap().iter().map(|it| it["total"].as_i64().unwrap()).collect();
    all.reverse();
    all
}

fn subscriptions(stage: &Stage) -> Vec<Value> {
    stage.call("GET", "/v1/subscriptions?status=all&limit=100", "")["data"].as_array().unwrap().clone()
}

fn sound(machine: &Machine) {
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

/// The same again makes no write.
fn quiet(stage: &Stage, machine: &Machine, ask: &Ask) {
    let before = (machine.api.counts().writes, subscriptions(stage));
    assert!(!block_on(assign(&machine.desk(), ask)).unwrap().changed);
    assert_eq!((machine.api.counts().writes, subscriptions(stage)), before);
    sound(machine);
}

#[test]
fn a_coupon_takes_its_part_off_once_for_each_subscription() {
    let stage = Stage::of_template("seats");
    stage.call("POST", "/v1/coupons", "id=TWENTY&percent_off=20&duration=forever");
    stage.call("POST", "/v1/coupons", "id=ONCE&amount_off=1000&currency=usd&duration=once");
    let machine = machine(&stage);
    // Two seats of USD 49.00 less 20 %.
    put(&machine, "pro seats=2 coupon=TWENTY").unwrap();
    assert_eq!(totals(&stage), [7_840]);
    quiet(&stage, &machine, &ask("pro seats=2 coupon=TWENTY"));
    quiet(&stage, &machine, &ask("pro"));
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    assert_eq!(totals(&stage), [7_840, 7_840]);
    // Another takes its place, for the next invoice alone: USD 98.00 less USD 10.00, then in full.
    let machine = stage.machine_again(&machine);
    put(&machine, "pro coupon=ONCE").unwrap();
    quiet(&stage, &machine, &ask("pro coupon=ONCE"));
    stage.pass(28 * DAY_S);
    assert_eq!(totals(&stage)[2..], [8_800]);
    stage.pass(31 * DAY_S);
    assert_eq!(totals(&stage)[3..], [9_800]);
    // It is used up, and the same again is still the same.
    let machine = stage.machine_again(&machine);
    quiet(&stage, &machine, &ask("pro coupon=ONCE"));
}

#[test]
fn a_code_that_people_type_is_its_coupon() {
    let stage = Stage::of_template("seats");
    stage.call("POST", "/v1/coupons", "id=half&percent_off=50&duration=once");
    let code = "promotion[type]=coupon&promotion[coupon]=half&code=Launch26";
    stage.call("POST", "/v1/promotion_codes", code);
    let machine = machine(&stage);
    put(&machine, "pro coupon=LAUNCH26").unwrap();
    assert_eq!(totals(&stage), [2_450]);
    let told = subscriptions(&stage)[0]["metadata"]["paygrade_coupon"].as_str().unwrap().to_owned();
    assert!(told.starts_with("promo_"), "{told}");
    quiet(&stage, &machine, &ask("pro coupon=Launch26"));
}

#[test]
fn a_coupon_that_cannot_be_had_is_refused_before_anything_is_written() {
    let stage = Stage::of_template("seats");
    stage.call("POST", "/v1/coupons", "id=euro&amount_off=100&currency=eur&duration=once");
    stage.call("POST", "/v1/coupons", "id=late&percent_off=5&duration=once&max_redemptions=1");
    let machine = machine(&stage);
    add(&machine, "bolt", Some("pm_card_visa"));
    let bolt =
        Ask { coupon: Some("late".into()), ..Ask::of(customer("bolt"), TierKey::parse("pro").unwrap()) };
    block_on(assign(&machine.desk(), &bolt)).unwrap();
    let writes = machine.api.counts().writes;
    for (text, kind, code) in [
        ("pro coupon=nonsense", Kind::BadInput, "unknown_coupon"),
        ("pro coupon=../customers", Kind::BadInput, "unknown_coupon"),
        ("pro coupon=promo_nonsense", Kind::BadInput, "unknown_coupon"),
        ("pro coupon=euro", Kind::Refused, "coupon_refused"),
        ("pro coupon=late", Kind::Refused, "coupon_refused"),
        ("starter coupon=late", Kind::Refused, "coupon_refused"),
    ] {
        let error = put(&machine, text).unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{text}: {error:?}");
        let planned = block_on(assign_plan(&machine.desk(), &ask(text))).unwrap_err();
        assert_eq!(planned.code(), code, "{text}");
    }
    assert_eq!(machine.api.counts().writes, writes);
    assert_eq!(subscriptions(&stage).len(), 1);
}

fn deal(stage: &Stage, text: &str) -> Terms {
    let tier = TierKey::parse("enterprise").unwrap();
    let base = &stage.catalog.tiers[&tier].terms;
    paygrade::config::catalog::parse_deal(text, "deal.toml", &stage.catalog, base).unwrap().0
}

const DEAL: &str = r#"
prices = [{ interval = "month", amount = "900.00" }]
usage.tokens = { included = 100, beyond = "bill", price = "0.25" }
limits = { members = 50 }
"#;

fn with_deal(stage: &Stage, id: &str, text: &str) -> Ask {
    let tier = TierKey::parse("enterprise").unwrap();
    let asked = Asked { trial_days: Some(0), deal: Some(deal(stage, text)), ..Asked::of(tier.clone()) };
    Ask { asked, ..Ask::of(customer(id), tier) }
}

/// Meters as `seed` leaves them in the store.
fn meters(stage: &Stage, machine: &Machine) {
    let listed = stage.call("GET", "/v1/billing/meters?limit=100", "");
    let conn = rusqlite::Connection::open(machine.store.path()).unwrap();
    for it in listed["data"].as_array().unwrap() {
        let event = it["event_name"].as_str().unwrap();
        let (key, meter) = stage.catalog.meters.iter().find(|(_, meter)| meter.event == event).unwrap();
        conn.execute(
            "INSERT OR REPLACE INTO meter (key, event, stripe_id, name, unit, window, priced)
             VALUES (?1, ?2, ?3, ?4, ?5, 'hour', 1)",
            [key.as_str(), event, it["id"].as_str().unwrap(), &meter.name, &meter.unit],
        )
        .unwrap();
    }
}

fn deal_prices(stage: &Stage) -> Vec<Value> {
    let all = stage.call("GET", "/v1/prices?limit=100", "")["data"].as_array().unwrap().clone();
    let is_deal =
        |it: &Value| it["metadata"]["paygrade"].as_str().is_some_and(|mark| mark.contains("/deal/"));
    all.into_iter().filter(is_deal).collect()
}

#[test]
fn a_deal_makes_its_prices_once_and_pins_what_was_agreed() {
    let stage = Stage::of_template("payg-hybrid");
    let machine = machine(&stage);
    meters(&stage, &machine);
    let wish = with_deal(&stage, "acme", DEAL);
    assert!(deal_prices(&stage).is_empty());
    block_on(assign_plan(&machine.desk(), &wish)).unwrap();
    assert!(deal_prices(&stage).is_empty(), "a look makes nothing");
    let outcome = block_on(assign(&machine.desk(), &wish)).unwrap();
    assert_eq!(
        outcome.assignment.revision,
        wish.asked.deal.as_ref().unwrap().revision(&wish.asked.tier, stage.catalog.currency)
    );
    assert_eq!(totals(&stage), [90_000]);
    let made = deal_prices(&stage);
    let marks: Vec<&str> = made.iter().map(|it| it["metadata"]["paygrade"].as_str().unwrap()).collect();
    assert_eq!(marks, ["hybrid/deal/enterprise/usage.tokens", "hybrid/deal/enterprise/month"]);
    assert!(made.iter().all(|it| it["lookup_key"].is_null()));
    let there = &subscriptions(&stage)[0];
    let json = paygrade::billing::terms::join(|key| there["metadata"][key].as_str()).unwrap();
    assert_eq!(Terms::from_json(&json).unwrap().0, wish.asked.deal.clone().unwrap());
    quiet(&stage, &machine, &wish);
    quiet(&stage, &machine, &Ask::of(customer("acme"), wish.asked.tier.clone()));
    // The same terms for another customer are the same prices; others are others.
    add(&machine, "bolt", Some("pm_card_visa"));
    block_on(assign(&machine.desk(), &with_deal(&stage, "bolt", DEAL))).unwrap();
    assert_eq!(deal_prices(&stage).len(), 2);
    let cheaper = DEAL.replace("900.00", "800.00");
    block_on(assign(&machine.desk(), &with_deal(&stage, "bolt", &cheaper))).unwrap();
    assert_eq!(deal_prices(&stage).len(), 3);
    // Another machine finds what is there.
    let other = stage.machine();
    meters(&stage, &other);
    add(&other, "cato", Some("pm_card_visa"));
    block_on(assign(&other.desk(), &with_deal(&stage, "cato", DEAL))).unwrap();
    assert_eq!(deal_prices(&stage).len(), 3);
    sound(&other);
}

#[test]
fn a_deal_for_a_tier_that_is_not_custom_and_a_custom_tier_without_one() {
    let stage = Stage::of_template("payg-hybrid");
    let machine = machine(&stage);
    let mut wish = with_deal(&stage, "acme", DEAL);
    wish.asked.tier = TierKey::parse("pro").unwrap();
    let error = block_on(assign(&machine.desk(), &wish)).unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Refused, "not_custom"));
    let error = put(&machine, "enterprise").unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Refused, "tier_custom"));
    assert!(error.hint_text().unwrap().contains("--deal"));
    assert!(deal_prices(&stage).is_empty() && subscriptions(&stage).is_empty());
}

#[test]
fn a_deal_that_breaks_off_is_finished_with_one_subscription() {
    for kind in [
        json!("hang_up_before"),
        json!("hang_up_after_commit"),
        json!({"respond_after_commit": {"status": 500}}),
        json!({"truncate": 30}),
    ] {
        // Two prices and the subscription.
        for nth in 1..=3 {
            let stage = Stage::of_template("payg-hybrid");
            let first = machine(&stage);
            meters(&stage, &first);
            let wish = with_deal(&stage, "acme", DEAL);
            stage.fault(&json!({"kind": kind, "method": "POST", "nth": nth}));
            let broken = block_on(assign(&first.desk(), &wish));
            stage.no_faults();
            let again = stage.machine_again(&first);
            block_on(assign(&again.desk(), &wish))
                .unwrap_or_else(|error| panic!("{kind} {nth} after {broken:?}: {error:?}"));
            assert_eq!((subscriptions(&stage).len(), totals(&stage)), (1, vec![90_000]), "{kind} {nth}");
            quiet(&stage, &again, &wish);
        }
    }
}

fn page_ask(text: &str) -> tier_checkout::Ask {
    tier_checkout::Ask {
        assign: ask(text),
        success_url: "https://example.com/thanks".into(),
        cancel_url: None,
        wait: None,
    }
}

fn page(machine: &Machine, text: &str) -> Result<Page, Error> {
    block_on(checkout(&machine.desk(), &page_ask(text)))
}

/// The session of a page that waits.
fn session(page: &Page) -> String {
    match page {
        Page::Open { page, .. } => page.session.clone().unwrap(),
        Page::Done(outcome) => panic!("{outcome:?}"),
    }
}

fn pay(stage: &Stage, session: &str) {
    stage.call("POST", &format!("/_local/checkout/{session}/complete"), "{}");
}

fn history(machine: &Machine) -> Vec<(String, Option<u32>, bool)> {
    let row = machine.store.read(|r| r.customer_by_id(&customer("acme"))).unwrap().unwrap().row;
    let all = machine.store.read(|r| r.assignments_of(row)).unwrap();
    all.into_iter().map(|it| (it.revision.tier.to_string(), it.seats, it.to_at.is_none())).collect()
}

#[test]
fn a_page_that_is_paid_puts_the_customer_on_its_tier_by_an_event() {
    let stage = Stage::of_template("seats");
    stage.call("POST", "/v1/coupons", "id=TEN&percent_off=10&duration=once");
    let machine = stage.machine();
    add(&machine, "acme", None);
    put(&machine, "starter").unwrap();
    let made = page(&machine, "pro seats=3 coupon=TEN").unwrap();
    let url = match &made {
        Page::Open { page, is_new: true, .. } => page.url.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    assert!(url.starts_with("https://checkout.stripe.com/"), "{url}");
    // The same again is the same page; nothing is assigned yet.
    let again = page(&machine, "pro seats=3 coupon=TEN").unwrap();
    assert!(matches!(&again, Page::Open { is_new: false, .. }));
    assert_eq!(session(&again), session(&made));
    assert!(subscriptions(&stage).is_empty());
    stage.pass(HOUR_S);
    pay(&stage, &session(&made));
    let later = stage.machine_again(&machine);
    block_on(backfill(&later.desk(), None)).unwrap();
    block_on(process(&later.desk(), &Default::default(), || false)).unwrap();
    // Three seats of USD 49.00 less 10 %.
    assert_eq!(totals(&stage), [13_230]);
    let want = [("starter".to_owned(), None, false), ("pro".to_owned(), Some(3), true)];
    assert_eq!(history(&later), want);
    sound(&later);
    assert!(matches!(page(&later, "pro seats=3").unwrap(), Page::Done(Outcome { changed: false, .. })));
    quiet(&stage, &later, &ask("pro seats=3"));
    let error = page(&later, "pro seats=5").unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Refused, "subscribed"));
}

#[test]
fn there_are_never_two_subscriptions_beside_a_page() {
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    let first = session(&page(&machine, "pro seats=3").unwrap());
    // Another wish closes the page; an assignment does too.
    let second = session(&page(&machine, "pro seats=4").unwrap());
    assert_ne!(first, second);
    put(&machine, "pro seats=2").unwrap();
    for session in [first, second] {
        let found = stage.call("GET", &format!("/v1/checkout/sessions/{session}"), "");
        assert_eq!(found["status"], "expired");
    }
    assert_eq!(subscriptions(&stage).len(), 1);
    sound(&machine);
    // A page that was paid in this moment is what counts: the assignment changes what it made.
    let stage = Stage::of_template("seats");
    let machine = self::machine(&stage);
    let paid = session(&page(&machine, "pro seats=3").unwrap());
    pay(&stage, &paid);
    put(&machine, "pro seats=5").unwrap();
    let subs = subscriptions(&stage);
    assert_eq!((subs.len(), &subs[0]["items"]["data"][0]["quantity"]), (1, &json!(5)));
    assert_eq!(history(&machine).len(), 2);
    sound(&machine);
}

#[test]
fn a_page_that_breaks_off_is_found_again_and_one_that_is_over_is_made_anew() {
    for kind in [
        json!("hang_up_before"),
        json!("hang_up_after_commit"),
        json!({"respond_after_commit": {"status": 500}}),
        json!({"truncate": 30}),
    ] {
        let stage = Stage::of_template("seats");
        let first = machine(&stage);
        stage.fault(&json!({"kind": kind, "method": "POST", "path": "/v1/checkout/sessions", "nth": 1}));
        page(&first, "pro seats=3").unwrap_err();
        stage.no_faults();
        let again = stage.machine_again(&first);
        let made = session(&page(&again, "pro seats=3").unwrap());
        let open = stage.call("GET", "/v1/checkout/sessions?status=open&limit=10", "");
        assert_eq!(open["data"].as_array().unwrap().len(), 1, "{kind}");
        pay(&stage, &made);
        put(&again, "pro seats=3").unwrap();
        assert_eq!((subscriptions(&stage).len(), totals(&stage)), (1, vec![14_700]), "{kind}");
        sound(&again);
    }
    let stage = Stage::of_template("seats");
    let machine = machine(&stage);
    let first = session(&page(&machine, "pro").unwrap());
    stage.pass(2 * DAY_S);
    let later = stage.machine_again(&machine);
    let second = session(&page(&later, "pro").unwrap());
    assert_ne!(first, second);
    sound(&later);
}
