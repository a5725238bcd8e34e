//! Any order, any repeats: the same end.
//!
//! What handling an event leads to depends on the store and on Stripe alone, and Stripe stands still here. So it is
//! enough to walk the subsets of a flow's events: wherever two orders have handled the same ones, the stores must be
//! equal in every row. With six events that is 192 steps for all 720 orders. A few orders with repeats are walked as
//! they are, through one store each.

use std::collections::BTreeMap;
use std::path::Path;

use paygrade::flow::credits::reconcile::credits_findings;
use paygrade::store::inbox::Arrived;
use rusqlite::types::Value as Sql;

use super::*;

/// Every row of every table that is not about when and in which order something was done here.
fn dump(machine: &Machine) -> BTreeMap<String, Vec<String>> {
    const NOT_STATE: &[&str] = &["run", "inbox", "sqlite_sequence", "inbox_backfill", "audit"];
    /// Numbers that count rows in the order of their writing, and what names a run.
    const NOT_SAID: &[&str] = &[
        "run",
        "notice",
        "posting",
        "intent",
        "lot",
        "entry",
        "seq",
        "seen_at",
        "event",
        "handled_run",
        "source_id",
        "span",
        "effect",
    ];
    let conn = rusqlite::Connection::open(machine.store.path()).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let mut all = BTreeMap::new();
    for table in names("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
        if NOT_STATE.contains(&table.as_str()) {
            continue;
        }
        let columns: Vec<String> = names(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .into_iter()
            .filter(|it| !NOT_SAID.contains(&it.as_str()))
            .collect();
        if columns.is_empty() {
            continue;
        }
        let mut statement =
            conn.prepare(&format!("SELECT \"{}\" FROM {table}", columns.join("\", \""))).unwrap();
        let row = |row: &rusqlite::Row<'_>| -> rusqlite::Result<String> {
            let cells = (0..columns.len())
                .map(|at| row.get::<_, Sql>(at).map(|it| format!("{}={it:?}", columns[at])));
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
        };
        let mut rows: Vec<String> = statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap();
        rows.sort();
        all.insert(table, rows);
    }
    all
}

/// What differs, by table.
fn assert_same(a: &BTreeMap<String, Vec<String>>, b: &BTreeMap<String, Vec<String>>, what: &str) {
    for (table, rows) in a {
        assert_eq!(rows, &b[table], "{what}: {table}");
    }
}

fn copied(stage: &Stage, from: &Machine, number: u32) -> Machine {
    let folder = from.store.path().parent().unwrap();
    let to = folder.join(format!("store{number}.db"));
    copy_store(from.store.path(), &to);
    stage.machine_on(number)
}

fn copy_store(from: &Path, to: &Path) {
    let conn = rusqlite::Connection::open(from).unwrap();
    let _ = std::fs::remove_file(to);
    conn.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

/// Takes an event and handles it.
fn step(machine: &Machine, event: &Value) {
    take(machine, event);
    let done = run(machine);
    assert!(done.failed.is_empty() && done.dead.is_empty() && done.stopped.is_none(), "{event}: {done:?}");
}

/// A machine after some of a flow's events, and what its store says then.
type End = (Machine, BTreeMap<String, Vec<String>>);

/// All orders of these events, beginning at `start`.
fn any_order(stage: &Stage, start: &Machine, flow: &[Value]) -> BTreeMap<String, Vec<String>> {
    assert!((2..=6).contains(&flow.len()), "{}", flow.len());
    let all = (1_usize << flow.len()) - 1;
    let mut number = 100;
    let mut ends: Vec<Option<End>> = Vec::new();
    for set in 0..=all {
        let mut end: Option<End> = None;
        if set == 0 {
            number += 1;
            let machine = copied(stage, start, number);
            let said = dump(&machine);
            ends.push(Some((machine, said)));
            continue;
        }
        for (place, event) in flow.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1) {
            let before = &ends[set & !(1 << place)].as_ref().unwrap().0;
            number += 1;
            let machine = copied(stage, before, number);
            step(&machine, event);
            let said = dump(&machine);
            match &end {
                None => end = Some((machine, said)),
                Some((_, known)) => {
                    let kinds: Vec<&str> = flow.iter().map(|it| it["type"].as_str().unwrap()).collect();
                    assert_same(known, &said, &format!("{set:b} of {kinds:?} with {} last", event["type"]));
                    std::fs::remove_file(machine.store.path()).unwrap();
                }
            }
        }
        ends.push(end);
    }
    let (machine, said) = ends.pop().unwrap().unwrap();
    sound(&machine);
    // Orders as they are, with repeats: of one delivery, and of the change under another event's id.
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..6 {
        number += 1;
        let machine = copied(stage, start, number);
        let mut order: Vec<Value> = flow.iter().chain(flow.iter().take(round)).cloned().collect();
        if let Some(twin) = flow.get(round) {
            let mut twin = twin.clone();
            twin["id"] = json!(format!("evt_1twin{round}"));
            order.push(twin);
        }
        random.shuffle(&mut order);
        let together = round % 2 == 0;
        for event in &order {
            take(&machine, event);
            if !together {
                run(&machine);
            }
        }
        run(&machine);
        assert_same(&said, &dump(&machine), &format!("round {round}"));
        sound(&machine);
    }
    said
}

/// The last six events of these kinds about the customer.
fn flow(stage: &Stage, kinds: &[&str]) -> Vec<Value> {
    let found = events(stage).into_iter().filter(|it| kinds.contains(&it["type"].as_str().unwrap()));
    let mut found: Vec<Value> = found.collect();
    let first = found.len().saturating_sub(6);
    found.drain(..first);
    found
}

/// The customer's card stops working, or works again.
fn card(stage: &Stage, machine: &Machine, name: &str) {
    let cus = acme(machine).cus.unwrap();
    let made = stage.call("POST", &format!("/v1/payment_methods/{name}/attach"), &format!("customer={cus}"));
    let id = made["id"].as_str().unwrap();
    stage.call(
        "POST",
        &format!("/v1/customers/{cus}"),
        &format!("invoice_settings[default_payment_method]={id}"),
    );
    for it in stage.call("GET", "/v1/subscriptions", "")["data"].as_array().unwrap() {
        let path = format!("/v1/subscriptions/{}", it["id"].as_str().unwrap());
        stage.call("POST", &path, &format!("default_payment_method={id}"));
    }
}

#[test]
fn a_renewal_in_any_order() {
    let stage = Stage::of_template("gateway");
    let start = on_tier(&stage, "pro", "pm_card_visa");
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    let kinds = [
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
        "customer.subscription.updated",
    ];
    let start = stage.machine_again(&start);
    let end = any_order(&stage, &start, &flow(&stage, &kinds));
    assert!(end["notice"].iter().any(|it| it.contains("receipt")), "{:?}", end["notice"]);
    assert!(!end["allocation"].is_empty());
}

#[test]
fn a_failed_payment_in_any_order() {
    let stage = Stage::of_template("gateway");
    let start = on_tier(&stage, "pro", "pm_card_visa");
    card(&stage, &start, "pm_card_chargeCustomerFail");
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    let kinds = [
        "invoice.created",
        "invoice.finalized",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "invoice.updated",
    ];
    let start = stage.machine_again(&start);
    let end = any_order(&stage, &start, &flow(&stage, &kinds));
    assert!(end["notice"].iter().any(|it| it.contains("payment_failed")), "{:?}", end["notice"]);
    assert!(end["invoice"].iter().any(|it| it.contains("first_failed_at=Integer")), "{:?}", end["invoice"]);
}

#[test]
fn a_failed_payment_that_was_paid_later_in_any_order() {
    let stage = Stage::of_template("gateway");
    let start = on_tier(&stage, "pro", "pm_card_visa");
    card(&stage, &start, "pm_card_chargeCustomerFail");
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    card(&stage, &start, "pm_card_visa");
    let open = stage.call("GET", "/v1/invoices?status=open", "");
    stage.call("POST", &format!("/v1/invoices/{}/pay", open["data"][0]["id"].as_str().unwrap()), "");
    let kinds = [
        "invoice.finalized",
        "invoice.payment_failed",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ];
    let start = stage.machine_again(&start);
    any_order(&stage, &start, &flow(&stage, &kinds));
}

#[test]
fn an_ended_subscription_in_any_order() {
    let stage = Stage::of_template("gateway");
    let start = on_tier(&stage, "pro", "pm_card_visa");
    stage.pass(5 * DAY_S);
    let sub = stage.call("GET", "/v1/subscriptions", "")["data"][0]["id"].as_str().unwrap().to_owned();
    stage.call("DELETE", &format!("/v1/subscriptions/{sub}"), "");
    let kinds = [
        "invoice.created",
        "invoice.paid",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "payment_method.attached",
    ];
    let start = stage.machine_again(&start);
    let end = any_order(&stage, &start, &flow(&stage, &kinds));
    assert!(end["notice"].iter().any(|it| it.contains("subscription_ended")), "{:?}", end["notice"]);
    assert!(end["tier_assignment"].iter().any(|it| it.contains("to_at=Integer")));
}

/// A pack that was bought on a hosted page: its payment.
fn bought(stage: &Stage, start: &Machine) -> String {
    let cus = acme(start).cus.unwrap();
    let (pack, price) = start
        .store
        .read(|r| {
            let catalog = r.catalog_in_force()?.unwrap();
            let (pack, it) = catalog.packs.iter().next().unwrap();
            Ok::<_, paygrade::store::StoreError>((pack.clone(), it.amount.minor))
        })
        .unwrap();
    let made = stage.call("POST", "/v1/products", "name=Pack");
    let body = format!("product={}&currency=usd&unit_amount={price}", made["id"].as_str().unwrap());
    let made = stage.call("POST", "/v1/prices", &body);
    let id = made["id"].as_str().unwrap();
    start.store.write(start.now, |w| w.pack_price_put(&pack, id, 100)).unwrap();
    let body = format!(
        "mode=payment&customer={cus}&line_items[0][price]={id}&line_items[0][quantity]=1&success_url=https://a.example/"
    );
    let session = stage.call("POST", "/v1/checkout/sessions", &body);
    let session = session["id"].as_str().unwrap();
    stage.call(
        "POST",
        &format!("/_local/checkout/{session}/complete"),
        "{\"payment_method\":\"pm_card_visa\"}",
    );
    let shown = stage.call("GET", &format!("/v1/checkout/sessions/{session}"), "");
    shown["payment_intent"].as_str().unwrap().to_owned()
}

/// Money that was paid back, and the event that says so never came: `reconcile credits` finds what nobody took back.
#[test]
fn a_refund_that_no_event_told_is_found() {
    let stage = Stage::of_template("credits");
    let start = on_tier(&stage, "basic", "pm_card_visa");
    let payment = bought(&stage, &start);
    let start = stage.machine_again(&start);
    flow(&stage, &["checkout.session.completed"]).iter().for_each(|event| step(&start, event));
    let findings = |machine: &Machine| {
        let (seen, _) = crate::desk::block_on(credits_findings(
            &machine.desk(),
            None,
            paygrade::billing::time::Timestamp(0),
        ))
        .unwrap();
        seen.findings.into_iter().map(|it| (it.cause, it.object, it.ours, it.stripe)).collect::<Vec<_>>()
    };
    assert_eq!(findings(&start), []);
    stage.call("POST", "/v1/refunds", &format!("payment_intent={payment}"));
    let start = stage.machine_again(&start);
    let found = findings(&start);
    let said = |it: &Option<String>| it.clone().unwrap_or_default();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.as_str(), &found[0].1), ("refund_without_revoke", &payment));
    assert!(said(&found[0].2).starts_with("0 of "), "{found:?}");
    assert!(said(&found[0].3).ends_with(" paid back"), "{found:?}");
    flow(&stage, &["charge.refunded"]).iter().for_each(|event| step(&start, event));
    assert_eq!(findings(&start), []);
}

/// Planted and seen to fail here: a refund that is told first, and forgotten.
#[test]
fn a_pack_that_is_bought_and_paid_back_in_any_order() {
    let stage = Stage::of_template("credits");
    let start = on_tier(&stage, "basic", "pm_card_visa");
    let payment = bought(&stage, &start);
    stage.call("POST", "/v1/refunds", &format!("payment_intent={payment}"));
    let kinds = ["checkout.session.completed", "charge.refunded", "customer.updated"];
    let start = stage.machine_again(&start);
    let end = any_order(&stage, &start, &flow(&stage, &kinds));
    assert_eq!(end["sale"].len(), 1, "{:?}", end["sale"]);
    assert!(end["sale"][0].contains("revoked=Integer(1"), "{:?}", end["sale"]);
}

/// Dies before, between and after what handling writes; the next process ends in the same state.
#[test]
fn a_process_that_dies_on_the_way_loses_and_doubles_nothing() {
    let stage = Stage::of_template("gateway");
    let start = on_tier(&stage, "pro", "pm_card_visa");
    stage.pass(31 * DAY_S + 2 * HOUR_S);
    let start = stage.machine_again(&start);
    let story = flow(
        &stage,
        &["invoice.created", "invoice.finalized", "invoice.paid", "customer.subscription.updated"],
    );
    let whole = copied(&stage, &start, 90);
    for event in &story {
        assert_eq!(take(&whole, event), Arrived::New);
    }
    run(&whole);
    let want = dump(&whole);
    for (number, calls) in (0..8).enumerate() {
        let machine = copied(&stage, &start, 91 + u32::try_from(number).unwrap());
        for event in &story {
            take(&machine, event);
        }
        // The connection breaks at the nth look at Stripe: nothing of that event is written, and it waits.
        stage.fault(&json!({ "kind": "hang_up_before", "path": "*", "nth": calls + 1, "times": 1 }));
        let ask = Ask { only: None, max: Some(1 + calls % 3) };
        let _cut = block_on(process(&machine.desk(), &ask, || false));
        stage.no_faults();
        // A claim of a dead process.
        machine.store.write(machine.now, |w| w.inbox_claim(None)).unwrap();
        let later = stage.machine_again(&machine);
        stage.pass(0);
        run(&later);
        let waits = later.store.read(|r| r.inbox_next_attempt()).unwrap();
        if waits.is_some() {
            let all = later.store.read(|r| r.inbox_list(&InboxFilter::default(), 100)).unwrap().0;
            let only = Some(all.iter().map(|it| it.seq).collect());
            block_on(process(&later.desk(), &Ask { only, max: None }, || false)).unwrap();
        }
        assert_same(&want, &dump(&later), &format!("after {calls} calls"));
        sound(&later);
    }
}
