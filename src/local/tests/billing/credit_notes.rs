//! Credit notes: off what is owed first, then back from what was paid.

use serde_json::json;

use super::*;

/// A final invoice of USD 90.00 over one line of 9 units, not paid yet.
fn owed(shop: &mut Shop, customer: &str) -> (String, String) {
    let price = shop.price("unit_amount=1000");
    let made = id(&shop.w.ok("POST", "/v1/invoices", &format!("customer={customer}&currency=usd")));
    let item = format!("customer={customer}&invoice={made}&pricing[price]={price}&quantity=9");
    shop.w.ok("POST", "/v1/invoiceitems", &item);
    let shown = shop.w.ok("POST", &format!("/v1/invoices/{made}/finalize"), "");
    (made, id(&shown["lines"]["data"][0]))
}

/// `due, remaining, credited before, after, status`
fn stands(shop: &mut Shop, invoice: &str) -> String {
    let it = shop.get(&format!("/v1/invoices/{invoice}"));
    let (before, after) = (&it["pre_payment_credit_notes_amount"], &it["post_payment_credit_notes_amount"]);
    format!(
        "{} {} {before} {after} {}",
        it["amount_due"],
        it["amount_remaining"],
        it["status"].as_str().unwrap()
    )
}

#[test]
fn what_is_owed_goes_first() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let customer = shop.customer("pm_card_visa");
    let (invoice, line) = owed(&mut shop, &customer);
    let number = shop.get(&format!("/v1/invoices/{invoice}"))["number"].as_str().unwrap().to_owned();
    let of_line =
        format!("invoice={invoice}&lines[0][type]=invoice_line_item&lines[0][invoice_line_item]={line}");
    let note = shop.w.ok("POST", "/v1/credit_notes", &format!("{of_line}&lines[0][quantity]=2"));
    assert_eq!(
        (&note["total"], &note["type"], &note["status"]),
        (&json!(2_000), &json!("pre_payment"), &json!("issued"))
    );
    assert_eq!(note["number"], json!(format!("{number}-CN-01")));
    assert_eq!(stands(&mut shop, &invoice), "7000 7000 2000 0 open");
    // Taken back, and given again in another amount.
    let voided = shop.w.ok("POST", &format!("/v1/credit_notes/{}/void", id(&note)), "");
    assert_eq!(
        (&voided["status"], &voided["voided_at"]),
        (&json!("void"), &json!(at("2026-01-10 12:00:00")))
    );
    assert_eq!(stands(&mut shop, &invoice), "9000 9000 0 0 open");
    shop.w.ok("POST", "/v1/credit_notes", &format!("invoice={invoice}&amount=4000"));
    shop.w.ok("POST", &format!("/v1/invoices/{invoice}/pay"), "");
    assert_eq!(stands(&mut shop, &invoice), "5000 0 4000 0 paid");
    let charges = shop.get("/v1/charges");
    assert_eq!(charges["data"][0]["amount"], json!(5_000), "the card pays what is left");
    let kinds: Vec<String> = array(&shop.get("/v1/events?limit=100")["data"])
        .iter()
        .map(|it| it["type"].as_str().unwrap().to_owned())
        .filter(|it| it.starts_with("credit_note"))
        .collect();
    assert_eq!(kinds, ["credit_note.created", "credit_note.voided", "credit_note.created"]);
}

#[test]
fn nothing_left_to_be_paid_is_paid() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let customer = shop.customer("pm_card_visa");
    let (invoice, _) = owed(&mut shop, &customer);
    shop.w.ok("POST", "/v1/credit_notes", &format!("invoice={invoice}&amount=9000&memo=m"));
    assert_eq!(stands(&mut shop, &invoice), "0 0 9000 0 paid");
    assert_eq!(array(&shop.get("/v1/charges")["data"]).len(), 0);
}

#[test]
fn what_was_paid_goes_back_in_three_ways() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let customer = shop.customer("pm_card_visa");
    let (invoice, _) = owed(&mut shop, &customer);
    shop.w.ok("POST", &format!("/v1/invoices/{invoice}/pay"), "");
    let body = format!(
        "invoice={invoice}&amount=6000&credit_amount=1000&refund_amount=3000&out_of_band_amount=2000"
    );
    let note = shop.w.ok("POST", "/v1/credit_notes", &body);
    assert_eq!((&note["type"], &note["post_payment_amount"]), (&json!("post_payment"), &json!(6_000)));
    assert_eq!(note["refunds"][0]["amount_refunded"], json!(3_000));
    assert_eq!(stands(&mut shop, &invoice), "9000 0 0 6000 paid");
    let refund = shop.get(&format!("/v1/refunds/{}", note["refunds"][0]["refund"].as_str().unwrap()));
    assert_eq!((&refund["amount"], &refund["status"]), (&json!(3_000), &json!("succeeded")));
    let entry = note["customer_balance_transaction"].as_str().unwrap();
    let entry = shop.get(&format!("/v1/customers/{customer}/balance_transactions/{entry}"));
    assert_eq!((&entry["amount"], &entry["credit_note"]), (&json!(-1_000), &note["id"]));
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], json!(-1_000));
    for (body, says) in [
        ("amount=3001&credit_amount=3001", "more than what is left of the invoice"),
        ("amount=1000&credit_amount=400", "must equal the post payment amount"),
        ("amount=1000", "must equal the post payment amount"),
        ("memo=m", "You must specify one of"),
    ] {
        let refused = shop.w.refused("POST", "/v1/credit_notes", &format!("invoice={invoice}&{body}"));
        assert!(refused.3.contains(says), "{body}: {refused:?}");
    }
    let void = format!("/v1/credit_notes/{}/void", id(&note));
    assert!(shop.w.refused("POST", &void, "").3.contains("whose invoice is open"));
    let draft = id(&shop.w.ok("POST", "/v1/invoices", &format!("customer={customer}&currency=usd")));
    assert_eq!(shop.w.refused("POST", "/v1/credit_notes", &format!("invoice={draft}&amount=1")).2, "invoice");
    assert_eq!(shop.w.refused("GET", "/v1/credit_notes/preview", "").0, 404);
}
