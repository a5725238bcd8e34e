//! What repair does about each cause: the money that it shows, its writes at Stripe, and that it is done once.

use paygrade::billing::contact::Email;
use paygrade::billing::reconcile::Cause;
use paygrade::billing::time::{DAY_S, HOUR_S, MINUTE_S, Timestamp};
use paygrade::flow::credits::reconcile::credits_findings;
use paygrade::flow::credits::sell::{self, SellAsk};
use paygrade::flow::repair::{Ask, Done, Shown, Step, apply, plan};
use paygrade::store::delivery::{FormAsk, Which};
use paygrade::store::sale::Channel;
use paygrade::store::state_finding::StateFinding;
use serde_json::{Value, json};

use crate::desk::{Machine, Stage, block_on, customer};
use crate::inbox::on_tier;
use crate::plot::Plot;
use crate::scene::Scene;
use crate::spans::{Event, SWAP, story};

const ADJUST: &str = "POST /v1/billing/meter_event_adjustments";
const SEND: &str = "POST /v1/billing/meter_events";
const ITEM: &str = "POST /v1/invoiceitems";
const INVOICE: &str = "POST /v1/invoices";

/// A store that is repaired, whatever is around it.
struct Desk<'a> {
    stage: &'a Stage,
    machine: &'a Machine,
}

impl Desk<'_> {
    fn ask(correct: bool) -> Ask {
        Ask { correct, settle_s: 900, ..Ask::default() }
    }
    fn planned(&self, correct: bool) -> Vec<Step> {
        let machine = self.stage.machine_again(self.machine);
        block_on(plan(&machine.desk(), &Desk::ask(correct))).unwrap()
    }
    /// What `-n` shows of the only step.
    fn shown(&self, correct: bool) -> Shown {
        let before = self.calls();
        let mut steps = self.planned(correct);
        assert_eq!(self.writes_since(&before), [], "a look writes nothing");
        assert_eq!(steps.len(), 1, "{steps:?}");
        steps.remove(0).shown
    }
    fn calls(&self) -> Value {
        self.stage.call("GET", "/_local/status", "")["calls"].clone()
    }
    /// Each write at Stripe since, with how often it was made.
    fn writes_since(&self, before: &Value) -> Vec<(String, u64)> {
        let now = self.calls();
        let grown = now.as_object().unwrap().iter().filter_map(|(route, count)| {
            let more = count.as_u64()? - before[route].as_u64().unwrap_or(0);
            (more > 0 && !route.starts_with("GET ") && !route.contains("_local"))
                .then(|| (route.clone(), more))
        });
        grown.collect()
    }
    /// Repairs, and gives what was written for it.
    fn repaired(&self, correct: bool) -> (Done, Vec<(String, u64)>) {
        let machine = self.stage.machine_again(self.machine);
        let before = self.calls();
        let desk = machine.desk();
        let done = block_on(async {
            let steps = plan(&desk, &Desk::ask(correct)).await?;
            apply(&desk, steps).await
        });
        (done.unwrap(), self.writes_since(&before))
    }
    /// Repairs with exactly these writes, and once more without any.
    fn demand_writes(&self, correct: bool, want: &[(&str, u64)]) {
        let (done, writes) = self.repaired(correct);
        assert!(done.steps.iter().all(|it| it.shown.refused.is_none()), "{done:?}");
        let said: Vec<(&str, u64)> = writes.iter().map(|(route, count)| (route.as_str(), *count)).collect();
        assert_eq!(said, want, "{done:?}");
        let (again, writes) = self.repaired(correct);
        assert!(again.steps.iter().all(|it| !it.is_to_do()), "{again:?}");
        assert_eq!(writes, [], "a second run writes nothing");
    }
    /// Without `--correct` it is refused, the amount named, and nothing is written.
    fn demand_refused(&self, amount: i64) {
        let shown = self.shown(false);
        assert_eq!((shown.action, minor(&shown)), ("correct", Some(amount)), "{shown:?}");
        assert!(shown.refused.unwrap().contains("add --correct"));
        let (done, writes) = self.repaired(false);
        assert!(done.steps.iter().all(|it| !it.is_to_do()), "{done:?}");
        assert_eq!(writes, []);
    }
}

fn minor(shown: &Shown) -> Option<i64> {
    shown.amount.map(|it| it.minor)
}

fn desk(scene: &Scene) -> Desk<'_> {
    Desk { stage: &scene.stage, machine: &scene.machine }
}

fn desk_of_plot(plot: &Plot) -> Desk<'_> {
    Desk { stage: &plot.stage, machine: &plot.machine }
}

/// Of what is open and nobody acknowledged, the causes.
fn open(scene: &Scene) -> Vec<Cause> {
    let seen = scene.reconcile_with(|ask| ask.full = true);
    seen.findings.iter().filter(|it| it.ack.is_none()).map(|it| it.cause).collect()
}

fn items(stage: &Stage) -> Vec<i64> {
    let listed = stage.call("GET", "/v1/invoiceitems?limit=100", "");
    listed["data"].as_array().unwrap().iter().map(|it| it["amount"].as_i64().unwrap()).collect()
}

/// Five images, which cost 2.00 each, that Stripe counts twice: somebody sent them again.
fn sent_again() -> Scene {
    let scene = Scene::after(0);
    scene.stage.pass(HOUR_S);
    scene.record(&scene.machine, 1, 60, 5);
    scene.push();
    crate::repair::foreign(&scene, 5, 60);
    scene
}

/// Whoever sent it again has the identifier: money is given back, once.
#[test]
fn what_was_sent_twice_by_another_is_given_back_in_money() {
    let scene = sent_again();
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), [Cause::SentTwice]);
    scene.stage.pass(900);
    desk(&scene).demand_refused(-1_000);
    let shown = desk(&scene).shown(true);
    assert_eq!((shown.action, shown.quantity, minor(&shown)), ("correct", Some(0), Some(-1_000)));
    desk(&scene).demand_writes(true, &[(ITEM, 1)]);
    assert_eq!((items(&scene.stage), scene.at_stripe()), (vec![-1_000], 10));
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), []);
    scene.sound();
}

/// The same, found when the invoice is final: the meter stays, the next invoice gives it back.
#[test]
fn what_was_sent_twice_is_given_back_when_its_period_is_billed() {
    let scene = sent_again();
    scene.stage.pass(31 * DAY_S + 3 * HOUR_S);
    assert_eq!(open(&scene), [Cause::SentTwice]);
    scene.stage.pass(900);
    desk(&scene).demand_refused(-1_000);
    desk(&scene).demand_writes(true, &[(ITEM, 1)]);
    assert_eq!((items(&scene.stage), scene.at_stripe()), (vec![-1_000], 10));
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), []);
    scene.sound();
}

/// How long Stripe takes to count what comes from now on.
fn lag(scene: &Scene, seconds: &Value) {
    scene.stage.call("POST", "/_local/settings", &json!({ "lag_s": seconds }).to_string());
}

/// Proved lost, sent under another identifier, and then the first one is counted after all: that one is taken back.
#[test]
fn what_comes_after_its_successor_is_taken_back() {
    let scene = Scene::after(0);
    scene.stage.pass(HOUR_S);
    scene.record(&scene.machine, 1, 60, 5);
    let usual = scene.stage.call("GET", "/_local/status", "")["settings"]["lag_s"].clone();
    lag(&scene, &json!(4 * HOUR_S));
    scene.push();
    lag(&scene, &usual);
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), [Cause::Lost]);
    scene.stage.pass(HOUR_S);
    desk(&scene).demand_writes(false, &[(SEND, 1)]);
    scene.stage.pass(3 * HOUR_S);
    assert_eq!(scene.at_stripe(), 10);
    assert_eq!(open(&scene), [Cause::SentTwice]);
    scene.stage.pass(900);
    let shown = desk(&scene).shown(false);
    assert_eq!(
        (shown.action, shown.quantity, minor(&shown)),
        ("cancel", Some(-5), Some(-1_000)),
        "{shown:?}"
    );
    desk(&scene).demand_writes(false, &[(ADJUST, 1)]);
    assert_eq!(scene.at_stripe(), 5);
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), []);
    scene.sound();
}

/// A delivery of five images that says eight, as a store says whose file was damaged.
fn damaged() -> Scene {
    let scene = Scene::after(0);
    scene.stage.pass(2 * HOUR_S);
    scene.record(&scene.machine, 1, 60, 5);
    let ask = FormAsk { customer: None, meter: None, which: Which::All, grace_s: HOUR_S, deliveries_max: 10 };
    let form = scene.machine.store.write(scene.stage.now(), |w| {
        w.pair_refresh()?;
        w.delivery_form(&ask, None)
    });
    form.unwrap();
    let file = rusqlite::Connection::open(scene.machine.store.path()).unwrap();
    let guard = "delivery_payload_is_immutable";
    let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
    let made: String = file.query_row(sql, [guard], |row| row.get(0)).unwrap();
    file.execute_batch(&format!("DROP TRIGGER {guard}; UPDATE delivery SET value = 8; {made}")).unwrap();
    scene.push();
    assert_eq!(scene.at_stripe(), 8);
    scene
}

/// Planted and seen to fail here: the whole of the delivery as the amount.
#[test]
fn a_value_that_is_not_that_of_its_events_is_sent_anew() {
    let scene = damaged();
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), [Cause::ValueDiffers]);
    let shown = desk(&scene).shown(false);
    assert_eq!((shown.action, shown.quantity, minor(&shown)), ("cancel", Some(-3), Some(-600)), "{shown:?}");
    desk(&scene).demand_writes(false, &[(ADJUST, 1), (SEND, 1)]);
    assert_eq!(scene.at_stripe(), 5);
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), []);
    scene.sound();
}

/// In a period that is billed nothing is taken back: what was charged too much is given back in money.
#[test]
fn a_wrong_value_of_a_billed_period_is_given_back_in_money() {
    let scene = damaged();
    scene.stage.pass(31 * DAY_S + 3 * HOUR_S);
    assert_eq!(open(&scene), [Cause::ValueDiffers]);
    desk(&scene).demand_refused(-600);
    desk(&scene).demand_writes(true, &[(ITEM, 1)]);
    assert_eq!((items(&scene.stage), scene.at_stripe()), (vec![-600], 8));
    scene.stage.pass(HOUR_S);
    assert_eq!(open(&scene), []);
}

fn causes(plot: &Plot) -> Vec<(Cause, i64, Option<i64>)> {
    let seen = plot.reconcile();
    let open = seen.findings.iter().filter(|it| it.ack.is_none());
    open.map(|it| (it.cause, it.difference, it.amount.map(|it| it.minor))).collect()
}

/// The subscription was canceled in the middle of an hour, and the store heard of it when the hour was sent. What belongs
/// before the end cannot be sent any more: taking it back would lose it.
///
/// Planted and seen to fail here: what misplaced units cost left out, so that they are said to have no price; the place
/// that Stripe was told looked at, and not the one where the units belong.
#[test]
fn what_belongs_before_the_end_is_corrected_in_money() {
    let (plot, _, _) = story(&[
        (SWAP - 30 * MINUTE_S, Event::Push),
        (SWAP, Event::Cancel),
        (SWAP + 10 * MINUTE_S, Event::Push),
        (SWAP + 20 * MINUTE_S, Event::Hear),
    ]);
    plot.stage.pass(HOUR_S);
    // Of the hour from 16:00, what was used before 16:20:11, for 0.50; after the end nothing bills it.
    let units = 12 + 13 + 14;
    assert_eq!(causes(&plot), [(Cause::SpanChanged, units, Some(-units * 50))]);
    desk_of_plot(&plot).demand_refused(units * 50);
    let shown = desk_of_plot(&plot).shown(true);
    assert_eq!((shown.action, minor(&shown)), ("correct", Some(units * 50)), "{shown:?}");
    desk_of_plot(&plot).demand_writes(true, &[(ITEM, 1), (INVOICE, 1)]);
    assert_eq!(items(&plot.stage), [units * 50]);
    plot.stage.pass(HOUR_S);
    assert_eq!(causes(&plot), []);
    plot.sound();
}

/// What the bills lack, as far as nobody has dealt with it: cause, units, minor units.
fn lacking(plot: &Plot) -> Vec<(Cause, i64, Option<i64>)> {
    let seen = plot.follow().findings;
    let open = seen.iter().filter(|it| it.ack.is_none());
    open.map(|it| (it.cause, it.difference, it.amount.map(|it| it.minor))).collect()
}

/// Status and total of the invoices that no subscription made.
fn drafts(plot: &Plot) -> Vec<(String, i64)> {
    let listed = plot.stage.call("GET", "/v1/invoices?limit=100", "");
    let by_hand = listed["data"].as_array().unwrap().iter().filter(|it| it["billing_reason"] == "manual");
    by_hand.map(|it| (it["status"].as_str().unwrap().to_owned(), it["total"].as_i64().unwrap())).collect()
}

/// The last invoice was final when eleven units came: it is known at once, and a draft of its own bills them, once, though
/// the first run dies between the draft and its line.
///
/// Planted and seen to fail here: an item that waits for the next invoice of nobody; a second draft by the second run.
#[test]
fn what_came_after_the_last_invoice_is_billed_by_a_draft_of_its_own() {
    let (plot, _, _) = story(&[
        (SWAP - 30 * MINUTE_S, Event::Push),
        (SWAP, Event::Cancel),
        (SWAP + 10 * MINUTE_S, Event::Push),
        (SWAP + 20 * MINUTE_S, Event::Hear),
    ]);
    plot.stage.pass(HOUR_S);
    assert_eq!(lacking(&plot), [(Cause::AfterInvoice, -11, Some(-550))]);
    desk_of_plot(&plot).demand_refused(550);
    let shown = desk_of_plot(&plot).shown(true);
    assert!(shown.effect.unwrap().contains("draft invoice of its own"));
    let path = "/v1/invoiceitems";
    plot.stage.fault(&json!({"kind": {"refuse_before": {"status": 400}}, "method": "POST", "path": path}));
    let machine = plot.again();
    let died = block_on(async {
        let desk = machine.desk();
        let steps = plan(&desk, &Desk::ask(true)).await?;
        apply(&desk, steps).await
    });
    died.unwrap_err();
    plot.stage.no_faults();
    assert_eq!(drafts(&plot), [("draft".to_owned(), 0)]);
    desk_of_plot(&plot).demand_writes(true, &[(ITEM, 1)]);
    assert_eq!(drafts(&plot), [("draft".to_owned(), 550)]);
    plot.stage.pass(HOUR_S);
    assert_eq!(lacking(&plot), []);
    plot.sound();
}

/// Somebody ended it without a bill: all that Stripe had counted is charged by nobody.
#[test]
fn what_was_canceled_without_a_bill_is_billed_by_a_draft_of_its_own() {
    let (plot, _, _) =
        story(&[(SWAP - 1, Event::Push), (SWAP, Event::CancelUnbilled), (SWAP + 1, Event::Hear)]);
    plot.stage.pass(HOUR_S);
    // One unit more every seven minutes, fourteen times.
    let units = 14 * 15 / 2;
    assert_eq!(lacking(&plot), [(Cause::Canceled, -units, Some(-units * 50))]);
    desk_of_plot(&plot).demand_refused(units * 50);
    desk_of_plot(&plot).demand_writes(true, &[(ITEM, 1), (INVOICE, 1)]);
    assert_eq!(drafts(&plot), [("draft".to_owned(), units * 50)]);
    assert_eq!(lacking(&plot), []);
    plot.sound();
}

/// The old price was billed when they came, and the subscription goes on: its next invoice takes an item.
#[test]
fn what_came_after_another_price_is_an_item_on_the_next_invoice() {
    let (plot, _, _) = story(&[
        (SWAP - 30 * MINUTE_S, Event::Push),
        (SWAP, Event::Dashboard),
        (SWAP + 10 * MINUTE_S, Event::Push),
        (SWAP + 20 * MINUTE_S, Event::Hear),
    ]);
    plot.stage.pass(31 * DAY_S);
    assert_eq!(lacking(&plot), [(Cause::AfterInvoice, -11, Some(-550))]);
    desk_of_plot(&plot).demand_refused(550);
    desk_of_plot(&plot).demand_writes(true, &[(ITEM, 1)]);
    assert!(items(&plot.stage).contains(&550));
    assert_eq!((lacking(&plot), drafts(&plot)), (vec![], vec![]));
    plot.sound();
}

/// A pack of which no event told that it was paid: the credits are there once, and no bill changes.
#[test]
fn a_paid_pack_is_given_once() {
    let stage = Stage::of_template("credits");
    let machine = on_tier(&stage, "basic", "pm_card_visa");
    let pack = stage.catalog.packs.iter().next().unwrap();
    let (name, price, credits) = (pack.0.clone(), pack.1.amount.minor, pack.1.credits);
    let product = stage.call("POST", "/v1/products", "name=Pack");
    let body = format!("product={}&currency=usd&unit_amount={price}", product["id"].as_str().unwrap());
    let made = stage.call("POST", "/v1/prices", &body);
    let id = made["id"].as_str().unwrap();
    machine.store.write(machine.now, |w| w.pack_price_put(&name, id, credits.0)).unwrap();
    let ask = SellAsk {
        customer: customer("acme"),
        pack: name.to_string(),
        channel: Channel::Checkout,
        success_url: "https://a.example/".to_owned(),
        days_until_due: 30,
        key: None,
        wait: None,
    };
    let sold = block_on(sell::sell(&machine.desk(), &ask, false)).unwrap();
    let session = sold.sale.session.unwrap();
    let card = "{\"payment_method\":\"pm_card_visa\"}";
    stage.call("POST", &format!("/_local/checkout/{session}/complete"), card);
    stage.pass(60);
    let look = || {
        let machine = stage.machine_again(&machine);
        let (seen, scope) = block_on(credits_findings(&machine.desk(), None, Timestamp(0))).unwrap();
        let subject = paygrade::billing::compare::Subject::Credits;
        paygrade::flow::compare::record(&machine.store, machine.now, subject, scope, &seen).unwrap();
        let open: Vec<StateFinding> = machine.store.read(|r| r.state_findings_open(None)).unwrap();
        open.into_iter().map(|it| it.new.cause).collect::<Vec<_>>()
    };
    assert_eq!(look(), ["payment_without_grant"]);
    let desk = Desk { stage: &stage, machine: &machine };
    let shown = desk.shown(false);
    assert_eq!((shown.action, minor(&shown)), ("grant", Some(0)), "{shown:?}");
    let effect = shown.effect.unwrap();
    assert!(effect.contains(&format!("with {}", pack.1.amount)), "what was paid: {effect}");
    desk.demand_writes(false, &[]);
    assert_eq!(look(), [""; 0]);
    let lots = machine.store.read(|r| r.sales(None)).unwrap();
    assert_eq!(lots.iter().filter(|it| it.lot.is_some()).count(), 1);
    for finding in machine.store.read(|r| r.checks_run()).unwrap() {
        assert!(finding.breaches.is_empty(), "{finding:?}");
    }
}

/// A store whose customer pays a pack in ways that it did not sell it in.
struct Shop {
    stage: Stage,
    machine: Machine,
    cus: String,
    price: String,
}

impl Shop {
    fn open() -> Shop {
        let stage = Stage::of_template("credits");
        let machine = on_tier(&stage, "basic", "pm_card_visa");
        let found = machine.store.read(|r| r.customer_by_id(&customer("acme"))).unwrap().unwrap();
        let pack = stage.catalog.packs.iter().next().unwrap();
        let (name, minor, credits) = (pack.0.clone(), pack.1.amount.minor, pack.1.credits);
        let id = format!("{}-pack-{name}", machine.namespace);
        stage.call("POST", "/v1/products", &format!("id={id}&name=Pack"));
        let shop = Shop { cus: found.cus.unwrap(), price: String::new(), stage, machine };
        let price = shop.priced(&id, minor);
        shop.machine.store.write(shop.machine.now, |w| w.pack_price_put(&name, &price, credits.0)).unwrap();
        Shop { price, ..shop }
    }
    fn priced(&self, product: &str, minor: i64) -> String {
        let body = format!("product={product}&currency=usd&unit_amount={minor}");
        self.stage.call("POST", "/v1/prices", &body)["id"].as_str().unwrap().to_owned()
    }
    /// An invoice that somebody made by hand in the Dashboard, and that is paid.
    fn invoice(&self, price: &str) -> String {
        self.invoice_of(&[price])
    }
    fn invoice_of(&self, prices: &[&str]) -> String {
        let cus = &self.cus;
        let made = self.stage.call("POST", "/v1/invoices", &format!("customer={cus}&currency=usd"));
        let id = made["id"].as_str().unwrap().to_owned();
        for price in prices {
            let body = format!("customer={cus}&invoice={id}&pricing[price]={price}&quantity=2");
            self.stage.call("POST", "/v1/invoiceitems", &body);
        }
        self.stage.call("POST", &format!("/v1/invoices/{id}/pay"), "");
        id
    }
    /// A checkout of the pack's price that no sale here stands for.
    fn checkout(&self) -> String {
        let body = format!(
            "mode=payment&customer={}&line_items[0][price]={}&line_items[0][quantity]=2&success_url=https://a.example",
            self.cus, self.price
        );
        let id = self.stage.call("POST", "/v1/checkout/sessions", &body)["id"].as_str().unwrap().to_owned();
        let card = "{\"payment_method\":\"pm_card_visa\"}";
        self.stage.call("POST", &format!("/_local/checkout/{id}/complete"), card);
        id
    }
    /// What is open after a comparison of everybody, made at `since` or later: object and cause.
    fn open_since(&self, since: i64) -> Vec<(String, String)> {
        let machine = self.stage.machine_again(&self.machine);
        let (seen, scope) = block_on(credits_findings(&machine.desk(), None, Timestamp(since))).unwrap();
        let subject = paygrade::billing::compare::Subject::Credits;
        paygrade::flow::compare::record(&machine.store, machine.now, subject, scope, &seen).unwrap();
        let open: Vec<StateFinding> = machine.store.read(|r| r.state_findings_open(None)).unwrap();
        open.into_iter().map(|it| (it.new.object, it.new.cause)).collect()
    }
    fn open_now(&self) -> Vec<(String, String)> {
        self.open_since(0)
    }
    /// Every event comes in after all, and is handled.
    fn hear(&self) {
        let machine = self.stage.machine_again(&self.machine);
        let desk = machine.desk();
        block_on(paygrade::flow::inbox::backfill(&desk, Some(Timestamp(crate::desk::START)))).unwrap();
        let done = block_on(paygrade::flow::inbox::process(&desk, &Default::default(), || false)).unwrap();
        assert!(done.failed.is_empty() && done.dead.is_empty(), "{done:?}");
    }
    /// Lots of purchases with their credits.
    fn bought(&self) -> Vec<i64> {
        for finding in self.machine.store.read(|r| r.checks_run()).unwrap() {
            assert!(finding.breaches.is_empty(), "{finding:?}");
        }
        let sales = self.machine.store.read(|r| r.sales(None)).unwrap();
        sales.iter().filter(|it| it.lot.is_some()).map(|it| it.credits.0).collect()
    }
    fn each(&self) -> i64 {
        self.stage.catalog.packs.iter().next().unwrap().1.credits.0
    }
    fn desk(&self) -> Desk<'_> {
        Desk { stage: &self.stage, machine: &self.machine }
    }
}

/// Paid by an invoice from the Dashboard, or at a checkout of the pack's price: found without any event, given once,
/// and the event that comes afterwards finds it given.
#[test]
fn a_pack_that_was_paid_elsewhere_is_found_and_given_once() {
    for by_invoice in [true, false] {
        let shop = Shop::open();
        let object = if by_invoice { shop.invoice(&shop.price) } else { shop.checkout() };
        shop.stage.pass(60);
        assert_eq!(shop.open_now(), [(object.clone(), "payment_without_grant".to_owned())]);
        let shown = shop.desk().shown(false);
        assert_eq!((shown.action, minor(&shown)), ("grant", Some(0)), "{shown:?}");
        let effect = shown.effect.unwrap();
        assert!(effect.contains(&format!("{} credits are given", 2 * shop.each())), "{effect}");
        shop.desk().demand_writes(false, &[]);
        assert_eq!((shop.bought(), shop.open_now().len()), (vec![2 * shop.each()], 0));
        shop.hear();
        assert_eq!((shop.bought(), shop.open_now().len()), (vec![2 * shop.each()], 0), "{object}");
    }
}

/// The event comes between the comparison and the repair: there is nothing left to do.
#[test]
fn a_pack_whose_event_comes_first_is_not_given_again() {
    for by_invoice in [true, false] {
        let shop = Shop::open();
        if by_invoice {
            shop.invoice(&shop.price)
        } else {
            shop.checkout()
        };
        shop.stage.pass(60);
        assert_eq!(shop.open_now().len(), 1);
        shop.hear();
        assert_eq!(shop.bought(), [2 * shop.each()]);
        let shown = shop.desk().shown(false);
        assert!(shown.refused.is_none() && shown.effect.unwrap().contains("given already"));
        shop.desk().demand_writes(false, &[]);
        assert_eq!((shop.bought(), shop.open_now().len()), (vec![2 * shop.each()], 0));
    }
}

/// A pack's product at a price of another time, and things that are no packs.
#[test]
fn what_a_payment_bought_is_not_guessed() {
    let shop = Shop::open();
    let product =
        format!("{}-pack-{}", shop.machine.namespace, shop.stage.catalog.packs.iter().next().unwrap().0);
    let old = shop.invoice(&shop.priced(&product, 777));
    let mug = shop.stage.call("POST", "/v1/products", "name=Mug")["id"].as_str().unwrap().to_owned();
    shop.invoice(&shop.priced(&mug, 1_500));
    shop.stage.pass(60);
    assert_eq!(shop.open_now(), [(old, "payment_without_grant".to_owned())]);
    let shown = shop.desk().shown(false);
    assert!(shown.refused.unwrap().contains("paygrade credits grant acme N"), "a person says how many");
    assert_eq!(shop.bought(), [0_i64; 0]);
}

/// One lot cannot stand for two packs: neither is given, rather than one of the two that were paid.
#[test]
fn a_payment_of_two_packs_is_left_to_a_person() {
    let shop = Shop::open();
    let second = shop.stage.catalog.packs.iter().nth(1).unwrap();
    let (name, minor, credits) = (second.0.clone(), second.1.amount.minor, second.1.credits);
    let product = format!("{}-pack-{name}", shop.machine.namespace);
    shop.stage.call("POST", "/v1/products", &format!("id={product}&name=Second"));
    let price = shop.priced(&product, minor);
    shop.machine.store.write(shop.machine.now, |w| w.pack_price_put(&name, &price, credits.0)).unwrap();
    let both = shop.invoice_of(&[&shop.price, &price]);
    shop.hear();
    shop.stage.pass(60);
    assert_eq!(shop.bought(), [0_i64; 0], "an event gives nothing for it");
    assert_eq!(shop.open_now(), [(both, "payment_without_grant".to_owned())]);
    let shown = shop.desk().shown(false);
    assert!(shown.refused.unwrap().contains("it buys several packs"));
    assert_eq!(shop.bought(), [0_i64; 0]);
}

/// The number of calls does not grow with the customers, and a window leaves out what is older.
#[test]
fn payments_are_found_in_few_calls() {
    let shop = Shop::open();
    for number in 0..5 {
        let id = customer(&format!("more{number}"));
        let email = Some(Email::parse("m@more.io").unwrap());
        let ask = paygrade::flow::customer::Ask { id, email, name: None, payment_method: None };
        let machine = shop.stage.machine_again(&shop.machine);
        block_on(paygrade::flow::customer::customer_add(&machine.desk(), &ask)).unwrap();
    }
    shop.invoice(&shop.price);
    shop.stage.pass(60);
    let reads = || {
        let calls = shop.desk().calls();
        let all = calls.as_object().unwrap().iter().filter(|(route, _)| route.starts_with("GET /v1"));
        all.map(|(_, count)| count.as_u64().unwrap()).sum::<u64>()
    };
    let before = reads();
    assert_eq!(shop.open_now().len(), 1);
    assert_eq!(reads() - before, 2, "a list of checkouts, a list of invoices");
    assert_eq!(shop.open_since(shop.stage.now().0).len(), 0, "it is older than that");
}
