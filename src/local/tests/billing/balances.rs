//! The balance of a customer, entry by entry.

use serde_json::json;

use super::*;

/// `type amount -> balance after it`, oldest first.
fn entries(shop: &mut Shop, customer: &str) -> Vec<String> {
    let found = shop.get(&format!("/v1/customers/{customer}/balance_transactions?limit=100"));
    let mut told: Vec<String> = array(&found["data"])
        .iter()
        .map(|it| format!("{} {} -> {}", it["type"].as_str().unwrap(), it["amount"], it["ending_balance"]))
        .collect();
    told.reverse();
    told
}

#[test]
fn every_change_of_a_balance_is_an_entry() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let flat = shop.monthly(2_900);
    let body =
        "balance=-1000&payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    let customer = id(&shop.w.ok("POST", "/v1/customers", body));
    shop.w.ok("POST", &format!("/v1/customers/{customer}"), "balance=-4000");
    shop.w.ok("POST", &format!("/v1/customers/{customer}"), "balance=-4000&name=n");
    let path = format!("/v1/customers/{customer}/balance_transactions");
    let made = shop.w.ok("POST", &path, "amount=300&currency=usd&description=late&metadata[a]=b");
    assert_eq!((&made["ending_balance"], &made["invoice"]), (&json!(-3_700), &json!(null)));
    // 2,900 are paid by the balance, in part the next month too; the card pays the rest.
    let made = shop.subscribe(&customer, &[&flat], "");
    let first = shop.subscription(&made)["latest_invoice"].as_str().unwrap().to_owned();
    shop.advance("2026-02-10 13:00:02");
    assert_eq!(
        entries(&mut shop, &customer),
        [
            "initial -1000 -> -1000",
            "adjustment -3000 -> -4000",
            "adjustment 300 -> -3700",
            "applied_to_invoice 2900 -> -800",
            "applied_to_invoice 800 -> 0",
        ]
    );
    let due: Vec<String> =
        shop.bills(&customer).iter().map(|it| it.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(due, ["create paid 0", "cycle paid 2100"]);
    let of = shop.get(&format!("{path}?invoice={first}"));
    assert_eq!((array(&of["data"]).len(), &of["data"][0]["amount"]), (1, &json!(2_900)));
    let one = id(&of["data"][0]);
    let words = shop.w.ok("POST", &format!("{path}/{one}"), "description=d");
    assert_eq!((&words["description"], &words["amount"]), (&json!("d"), &json!(2_900)));
    for (body, param) in
        [("currency=usd", "amount"), ("amount=5", "currency"), ("amount=5&currency=eur", "currency")]
    {
        assert_eq!(shop.w.refused("POST", &path, body).2, param, "{body}");
    }
    assert_eq!(shop.w.refused("GET", &format!("{path}/cbtxn_no"), "").0, 404);
}

/// What a balance paid of an invoice that is taken back goes back to it; what is too small to be charged goes onto it.
#[test]
fn a_balance_gets_back_what_a_void_invoice_took() {
    let mut shop = Shop::open("2026-01-10 12:00:00");
    let customer = shop.customer("pm_card_visa");
    let path = format!("/v1/customers/{customer}/balance_transactions");
    shop.w.ok("POST", &path, "amount=-500&currency=usd");
    let invoice = |shop: &mut Shop, amount: i64| {
        let made = id(&shop.w.ok("POST", "/v1/invoices", &format!("customer={customer}&currency=usd")));
        let item = format!("customer={customer}&invoice={made}&amount={amount}&currency=usd");
        shop.w.ok("POST", "/v1/invoiceitems", &item);
        shop.w.ok("POST", &format!("/v1/invoices/{made}/finalize"), "");
        made
    };
    let taken = invoice(&mut shop, 2_000);
    let shown = shop.get(&format!("/v1/invoices/{taken}"));
    assert_eq!(
        (&shown["amount_due"], &shown["starting_balance"], &shown["ending_balance"]),
        (&json!(1_500), &json!(-500), &json!(0))
    );
    shop.w.ok("POST", &format!("/v1/invoices/{taken}/void"), "");
    let small = invoice(&mut shop, 530);
    shop.w.ok("POST", &format!("/v1/invoices/{small}/pay"), "");
    assert_eq!(
        entries(&mut shop, &customer),
        [
            "adjustment -500 -> -500",
            "applied_to_invoice 500 -> 0",
            "unapplied_from_invoice -500 -> -500",
            "applied_to_invoice 500 -> 0",
            "invoice_too_small 30 -> 30",
        ]
    );
    assert_eq!(shop.get(&format!("/v1/customers/{customer}"))["balance"], json!(30));
}
