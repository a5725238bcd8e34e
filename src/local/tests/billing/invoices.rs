//! Invoices by hand: drafts, items on them, and where they are refused.

use super::*;

fn shop() -> (Shop, String) {
    let mut shop = Shop::open("2026-01-15 12:00:00");
    let customer = shop.customer("pm_card_visa");
    (shop, customer)
}

#[test]
fn a_draft_takes_items_and_is_finalized_and_paid_by_hand() {
    let (mut shop, customer) = shop();
    let pack = shop.price("unit_amount=2500");
    shop.w.ok("POST", "/v1/invoiceitems", &format!("customer={customer}&amount=700&currency=usd"));
    let draft = shop.w.ok("POST", "/v1/invoices", &format!("customer={customer}&currency=usd&metadata[a]=1"));
    assert_eq!((&draft["auto_advance"], &draft["billing_reason"]), (&false.into(), &"manual".into()));
    // What waits for the customer is left out.
    assert_eq!(draft["total"], 0);
    let path = format!("/v1/invoices/{}", id(&draft));
    let item = |shop: &mut Shop, more: &str| {
        let body = format!("customer={customer}&invoice={}&{more}", id(&draft));
        id(&shop.w.ok("POST", "/v1/invoiceitems", &body))
    };
    item(&mut shop, &format!("pricing[price]={pack}&quantity=2&description=Packs"));
    let off = item(&mut shop, "amount=-300&currency=usd");
    let gone = item(&mut shop, "amount=99&currency=usd");
    shop.w.ok("POST", &format!("/v1/invoiceitems/{off}"), "amount=-500");
    shop.w.ok("DELETE", &format!("/v1/invoiceitems/{gone}"), "");
    // 2 x 25.00 - 5.00
    assert_eq!(shop.get(&path)["amount_due"], 4_500);
    shop.advance("2026-01-16 12:00:00");
    assert_eq!(shop.get(&path)["status"], "draft");
    let open = shop.w.ok("POST", &format!("{path}/finalize"), "");
    assert_eq!((&open["status"], &open["attempt_count"]), (&"open".into(), &0.into()));
    for (method, call, body, code) in [
        ("POST", "/finalize", "", ""),
        ("POST", "/add_lines", "lines[0][amount]=1", "invoice_not_editable"),
        ("DELETE", "", "", ""),
    ] {
        let (status, found, ..) = shop.w.refused(method, &format!("{path}{call}"), body);
        assert_eq!((status, found.as_str()), (400, code), "{call}");
    }
    assert_eq!(shop.w.refused("DELETE", &format!("/v1/invoiceitems/{off}"), "").1, "invoice_not_editable");
    let body = format!("customer={customer}&invoice={}&amount=1&currency=usd", id(&draft));
    assert_eq!(shop.w.refused("POST", "/v1/invoiceitems", &body).1, "invoice_not_editable");
    let paid = shop.w.ok("POST", &format!("{path}/pay"), "");
    assert_eq!((&paid["status"], &paid["amount_paid"]), (&"paid".into(), &4_500.into()));
    assert_eq!(shop.w.refused("POST", &format!("{path}/pay"), "").3, "Invoice is already paid");
    assert_eq!(shop.w.refused("POST", &format!("{path}/mark_uncollectible"), "").0, 400);
    let payments = shop.get(&format!("/v1/invoice_payments?invoice={}", id(&draft)));
    assert_eq!(payments["data"][0]["amount_paid"], 4_500);
}

#[test]
fn what_waits_is_included_when_asked_and_lost_with_a_deleted_draft() {
    let (mut shop, customer) = shop();
    let waiting = format!("customer={customer}&amount=700&currency=usd");
    let waiting = id(&shop.w.ok("POST", "/v1/invoiceitems", &waiting));
    let body = format!("customer={customer}&pending_invoice_items_behavior=include");
    let draft = shop.w.ok("POST", "/v1/invoices", &body);
    assert_eq!(draft["amount_due"], 700);
    let path = format!("/v1/invoices/{}", id(&draft));
    assert_eq!(shop.w.ok("DELETE", &path, "")["deleted"], true);
    assert_eq!(shop.w.refused("GET", &path, "").0, 404);
    assert_eq!(shop.get(&format!("/v1/invoiceitems/{waiting}"))["invoice"], id(&draft).as_str());
    assert_eq!(shop.w.events().last().unwrap(), "invoice.deleted");
}

#[test]
fn an_invoice_is_sent_given_up_and_taken_back() {
    let (mut shop, customer) = shop();
    let sent = format!("customer={customer}&collection_method=send_invoice&days_until_due=30");
    let draft = shop.w.ok("POST", "/v1/invoices", &sent);
    let path = format!("/v1/invoices/{}", id(&draft));
    assert_eq!(draft["due_date"], shop.w.now + 30 * 86_400);
    let body = format!("customer={customer}&invoice={}&amount=5000&currency=usd", id(&draft));
    shop.w.ok("POST", "/v1/invoiceitems", &body);
    let open = shop.w.ok("POST", &format!("{path}/send"), "");
    assert_eq!((&open["status"], &open["amount_due"]), (&"open".into(), &5_000.into()));
    assert_eq!(shop.w.events().last().unwrap(), "invoice.sent");
    let given_up = shop.w.ok("POST", &format!("{path}/mark_uncollectible"), "");
    assert_eq!(given_up["status"], "uncollectible");
    assert_eq!(shop.w.ok("POST", &format!("{path}/void"), "")["status"], "void");
    for body in [
        format!("customer={customer}&collection_method=send_invoice"),
        format!("customer={customer}&days_until_due=3"),
        format!("customer={customer}&discounts[0][coupon]=none"),
        format!("customer={customer}&nope=1"),
        "customer=cus_none".to_owned(),
        String::new(),
    ] {
        assert_eq!(shop.w.refused("POST", "/v1/invoices", &body).0, 400, "{body}");
    }
    let charged = shop.w.ok("POST", "/v1/invoices", &format!("customer={customer}"));
    assert_eq!(shop.w.refused("POST", &format!("/v1/invoices/{}/send", id(&charged)), "").0, 400);
}
