use super::*;

#[test]
fn products_take_a_chosen_id_once() {
    let mut w = World::new();
    let made = w.ok("POST", "/v1/products", "id=acme-tier-pro&name=Pro&metadata[a]=1");
    assert_eq!((made["id"].as_str(), made["active"].as_bool()), (Some("acme-tier-pro"), Some(true)));
    let (status, code, _, message) = w.refused("POST", "/v1/products", "id=acme-tier-pro&name=Pro");
    assert_eq!(
        (status, code.as_str(), message.as_str()),
        (400, "resource_already_exists", "Product already exists.")
    );
    let (status, code, param, message) = w.refused("POST", "/v1/products", "id=x");
    assert_eq!((status, code.as_str(), param.as_str()), (400, "parameter_missing", "name"));
    assert_eq!(message, "Missing required param: name.");
}

#[test]
fn product_updates_say_what_was_before() {
    let mut w = World::new();
    w.ok("POST", "/v1/products", "id=p&name=Pro&metadata[a]=1&metadata[b]=2");
    w.now += 10;
    w.ok("POST", "/v1/products/p", "name=Pro");
    assert_eq!(w.events(), ["product.created"], "an update that changes nothing makes no event");
    let shown = w.ok("POST", "/v1/products/p", "name=Team&metadata[a]=&metadata[c]=3");
    assert_eq!(shown["updated"], NOW + 10);
    let events = w.ok("GET", "/v1/events?type=product.*", "");
    let previous = &events["data"][0]["data"]["previous_attributes"];
    assert_eq!(previous["name"], "Pro");
    assert_eq!(previous["metadata"], serde_json::json!({"a": "1", "c": null}));
}

#[test]
fn deleted_products_are_gone() {
    let mut w = World::new();
    w.ok("POST", "/v1/products", "id=p&name=Pro");
    assert_eq!(w.ok("DELETE", "/v1/products/p", "")["deleted"], true);
    let (status, code, param, _) = w.refused("GET", "/v1/products/p", "");
    assert_eq!((status, code.as_str(), param.as_str()), (404, "resource_missing", "id"));
}

#[test]
fn lists_page_newest_first() {
    let mut w = World::new();
    for n in 0..12 {
        w.ok("POST", "/v1/products", &format!("id=p{n:02}&name=x&active={}", n != 5));
    }
    let ids = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = w.ok("GET", "/v1/products", "");
    assert_eq!(
        (ids(&first).len(), ids(&first)[0].as_str(), first["has_more"].as_bool()),
        (10, "p11", Some(true))
    );
    let rest = w.ok("GET", "/v1/products?starting_after=p02", "");
    assert_eq!(
        (ids(&rest), rest["has_more"].as_bool()),
        (vec!["p01".to_owned(), "p00".to_owned()], Some(false))
    );
    let back = w.ok("GET", "/v1/products?ending_before=p02&limit=3", "");
    assert_eq!(
        (ids(&back), back["has_more"].as_bool()),
        (vec!["p05".to_owned(), "p04".into(), "p03".into()], Some(true))
    );
    for (limit, more) in [(8, true), (9, false), (50, false)] {
        let back = w.ok("GET", &format!("/v1/products?ending_before=p02&limit={limit}"), "");
        assert_eq!((ids(&back).len(), back["has_more"].as_bool()), (9.min(limit), Some(more)), "{limit}");
    }
    assert_eq!(ids(&w.ok("GET", "/v1/products?limit=0", "")).len(), 1);
    assert_eq!(ids(&w.ok("GET", "/v1/products?limit=500", "")).len(), 12);
    assert_eq!(ids(&w.ok("GET", "/v1/products?active=false", "")), ["p05"]);
    assert_eq!(ids(&w.ok("GET", "/v1/products?ids[]=p01&ids[]=p03", "")), ["p03", "p01"]);
    let (status, code, param, _) = w.refused("GET", "/v1/products?starting_after=nope", "");
    assert_eq!((status, code.as_str(), param.as_str()), (400, "resource_missing", "starting_after"));
    assert_eq!(w.refused("GET", "/v1/products?starting_after=p01&ending_before=p02", "").0, 400);
}

/// A world with product `p` and the meter `tokens`; gives the meter's id too.
fn shop() -> (World, String) {
    let mut w = World::new();
    w.ok("POST", "/v1/products", "id=p&name=Pro");
    let meter = w.ok(
        "POST",
        "/v1/billing/meters",
        "display_name=Tokens&event_name=tokens&default_aggregation[formula]=sum&\
         customer_mapping[type]=by_id&customer_mapping[event_payload_key]=stripe_customer_id&\
         value_settings[event_payload_key]=value",
    );
    (w, meter["id"].as_str().unwrap().to_owned())
}

#[test]
fn prices_show_whole_and_fractional_amounts() {
    let (mut w, _) = shop();
    let rows = [
        ("unit_amount=500", Some(500), "500"),
        ("unit_amount_decimal=5", Some(5), "5"),
        ("unit_amount_decimal=0.15", None, "0.15"),
        ("unit_amount_decimal=0.000000000001", None, "0.000000000001"),
    ];
    for (amount, whole, decimal) in rows {
        let price = w.ok("POST", "/v1/prices", &format!("product=p&currency=USD&{amount}"));
        assert_eq!(
            (price["unit_amount"].as_i64(), price["unit_amount_decimal"].as_str()),
            (whole, Some(decimal))
        );
        assert_eq!((price["type"].as_str(), price["currency"].as_str()), (Some("one_time"), Some("usd")));
    }
}

#[test]
fn prices_are_refused_as_recorded() {
    let (mut w, meter) = shop();
    let bands = "billing_scheme=tiered&tiers_mode=graduated";
    let month = "recurring[interval]=month";
    let rows: Vec<(String, &str, &str)> = vec![
        ("product=p".into(), "currency", "Missing required param: currency."),
        (
            "product=p&currency=usd".into(),
            "",
            "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
        ),
        (
            "currency=usd&unit_amount=1".into(),
            "",
            "You must specify either `product` or `product_data` when creating a price.",
        ),
        (
            "product=p&product_data[name]=x&currency=usd&unit_amount=1".into(),
            "",
            "You may only specify one of these parameters: product, product_data.",
        ),
        ("product=x&currency=usd&unit_amount=1".into(), "product", "No such product: 'x'"),
        (
            format!("product=p&currency=usd&{bands}&tiers[0][up_to]=inf&tiers[0][unit_amount]=1"),
            "",
            "Prices with `type=one_time` are not supported with tiered billing.",
        ),
        (
            format!("product=p&currency=usd&unit_amount=1&{month}&recurring[usage_type]=metered"),
            "",
            "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.",
        ),
        (
            format!("product=p&currency=usd&unit_amount=1&{month}&recurring[meter]={meter}"),
            "recurring[meter]",
            "`recurring[meter]` can only be set when `recurring[usage_type]=metered`.",
        ),
        (
            format!(
                "product=p&currency=usd&unit_amount=1&{month}&recurring[usage_type]=metered&recurring[meter]=mtr_x"
            ),
            "recurring[meter]",
            "No such meter: 'mtr_x'",
        ),
        (
            "product=p&currency=usd&unit_amount=-1".into(),
            "unit_amount",
            "Invalid unit_amount: must be greater than or equal to 0",
        ),
        ("product=p&currency=usd&unit_amount=1.5".into(), "unit_amount", "Invalid integer: 1.5"),
        (
            "product=p&currency=usd&unit_amount_decimal=0.0000000000001".into(),
            "unit_amount_decimal",
            "Invalid decimal: 0.0000000000001; must contain at maximum twelve decimal places.",
        ),
        (
            format!("product=p&currency=usd&unit_amount=1&{month}&recurring[interval_count]=37"),
            "recurring[interval_count]",
            "Invalid recurring[interval_count]: must be at most 36",
        ),
        (
            format!("product=p&currency=usd&{bands}&{month}&tiers[0][up_to]=5&tiers[0][unit_amount]=1"),
            "tiers",
            "The last tier must have `up_to` set to `inf`.",
        ),
        (
            format!(
                "product=p&currency=usd&{bands}&{month}&tiers[0][up_to]=5&tiers[0][unit_amount]=1&tiers[1][up_to]=5&tiers[1][unit_amount]=1&tiers[2][up_to]=inf&tiers[2][unit_amount]=1"
            ),
            "tiers",
            "Tiers must be ordered by rising `up_to`.",
        ),
        (
            format!(
                "product=p&currency=usd&{bands}&{month}&tiers[0][up_to]=inf&tiers[0][unit_amount]=1&transform_quantity[divide_by]=5&transform_quantity[round]=up"
            ),
            "transform_quantity",
            "`transform_quantity` cannot be combined with `tiers`.",
        ),
    ];
    for (body, param, message) in rows {
        let (status, _, got_param, got) = w.refused("POST", "/v1/prices", &body);
        assert_eq!((status, got_param.as_str(), got.as_str()), (400, param, message), "{body}");
    }
    assert!(w.model.prices.is_empty());
    let (status, _, param, message) = w.refused("GET", "/v1/prices/x", "");
    assert_eq!((status, param.as_str(), message.as_str()), (404, "price", "No such price: 'x'"));
}

#[test]
fn bands_come_only_when_asked_for() {
    let (mut w, meter) = shop();
    let body = format!(
        "product=p&currency=usd&billing_scheme=tiered&tiers_mode=graduated&recurring[interval]=month&\
         recurring[usage_type]=metered&recurring[meter]={meter}&tiers[0][up_to]=1000&tiers[0][unit_amount]=0&\
         tiers[1][up_to]=inf&tiers[1][unit_amount_decimal]=0.15&tiers[1][flat_amount]=5"
    );
    let price = w.ok("POST", "/v1/prices", &body);
    assert!(price.get("tiers").is_none() && price["unit_amount_decimal"].is_null());
    let id = price["id"].as_str().unwrap();
    let shown = w.ok("GET", &format!("/v1/prices/{id}?expand[]=tiers&expand[]=product"), "");
    assert_eq!(shown["product"]["name"], "Pro");
    assert_eq!(
        shown["tiers"],
        serde_json::json!([
            {"flat_amount": null, "flat_amount_decimal": null, "unit_amount": 0, "unit_amount_decimal": "0", "up_to": 1000},
            {"flat_amount": 5, "flat_amount_decimal": "5", "unit_amount": null, "unit_amount_decimal": "0.15", "up_to": null},
        ])
    );
    let flat = w.ok("POST", "/v1/prices", "product=p&currency=usd&unit_amount=1&expand[]=tiers");
    assert!(flat.get("tiers").is_none(), "a price without bands has none to show");
    let listed = w.ok("GET", "/v1/prices?expand[]=data.tiers&expand[]=data.product", "");
    assert_eq!(listed["data"][1]["tiers"][0]["up_to"], 1000);
    for path in
        ["tiers", "data.nope", "data.currency", "data.product.default_price.product.default_price.product"]
    {
        assert_eq!(w.refused("GET", &format!("/v1/prices?expand[]={path}"), "").2, "expand", "{path}");
    }
    let amounts = w.ok("GET", &format!("/v1/prices/{id}?expand[]=currency_options"), "");
    assert_eq!(amounts["currency_options"]["usd"]["tiers"], shown["tiers"]);
    let before = w.model.products.len();
    assert_eq!(w.refused("POST", "/v1/products", "name=x&expand[]=nope").2, "expand");
    assert_eq!(w.model.products.len(), before, "refused before it is executed");
}

#[test]
fn lookup_keys_belong_to_one_price_and_can_move() {
    let (mut w, _) = shop();
    let body = "product=p&currency=usd&unit_amount=5&lookup_key=k";
    let old = w.ok("POST", "/v1/prices", body)["id"].as_str().unwrap().to_owned();
    w.ok("POST", &format!("/v1/prices/{old}"), "active=false&lookup_key=k");
    let (status, _, param, message) = w.refused("POST", "/v1/prices", body);
    assert_eq!((status, param.as_str()), (400, "lookup_key"));
    assert_eq!(message, format!("A price (`{old}`) already uses that lookup key."));
    let new = w.ok("POST", "/v1/prices", &format!("{body}&transfer_lookup_key=true"))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(w.ok("GET", &format!("/v1/prices/{old}"), "")["lookup_key"].is_null());
    let found = w.ok("GET", "/v1/prices?lookup_keys[]=k", "");
    assert_eq!(
        (found["data"].as_array().unwrap().len(), found["data"][0]["id"].as_str()),
        (1, Some(new.as_str()))
    );
    let events = w.ok("GET", "/v1/events?type=price.updated", "");
    assert_eq!(events["data"][0]["data"]["previous_attributes"]["lookup_key"], "k");
    let eleven: String = (0..11).map(|n| format!("lookup_keys[]=k{n}&")).collect();
    assert_eq!(w.refused("GET", &format!("/v1/prices?{eleven}"), "").0, 400);
}

#[test]
fn what_a_price_costs_never_changes() {
    let (mut w, _) = shop();
    let id =
        w.ok("POST", "/v1/prices", "product=p&currency=usd&unit_amount=5")["id"].as_str().unwrap().to_owned();
    for field in
        ["unit_amount=6", "currency=eur", "product=q", "recurring[interval]=month", "tiers_mode=volume"]
    {
        assert_eq!(w.refused("POST", &format!("/v1/prices/{id}"), field).1, "parameter_unknown", "{field}");
    }
    w.ok("POST", &format!("/v1/prices/{id}"), "nickname=n&metadata[a]=1&tax_behavior=exclusive");
    assert_eq!(w.refused("POST", &format!("/v1/prices/{id}"), "tax_behavior=inclusive").0, 400);
    assert_eq!(w.refused("DELETE", &format!("/v1/prices/{id}"), "").0, 404);
    assert_eq!(
        w.refused("DELETE", "/v1/products/p", "").3,
        "This product cannot be deleted because it has one or more user-created prices."
    );
}

#[test]
fn default_prices_are_active_prices_of_the_product() {
    let (mut w, _) = shop();
    let body = "id=q&name=Q&default_price_data[currency]=usd&default_price_data[unit_amount]=900&\
                default_price_data[recurring][interval]=month&expand[]=default_price";
    let made = w.ok("POST", "/v1/products", body);
    assert_eq!(made["default_price"]["recurring"]["interval"], "month");
    assert_eq!(w.events()[2..], ["product.created", "price.created"]);
    let id = made["default_price"]["id"].as_str().unwrap().to_owned();
    assert_eq!(w.refused("POST", &format!("/v1/prices/{id}"), "active=false").2, "active");
    assert_eq!(w.refused("POST", "/v1/products/p", &format!("default_price={id}")).2, "default_price");
    w.ok("POST", "/v1/products/q", "default_price=");
    w.ok("POST", &format!("/v1/prices/{id}"), "active=false");
    assert_eq!(w.refused("POST", "/v1/products/q", &format!("default_price={id}")).2, "default_price");
}

#[test]
fn features_are_unique_and_archived_for_ever() {
    let (mut w, _) = shop();
    let f = w.ok("POST", "/v1/entitlements/features", "lookup_key=sso&name=SSO")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(w.refused("POST", "/v1/entitlements/features", "lookup_key=sso&name=SSO").2, "lookup_key");
    let attached = w.ok("POST", "/v1/products/p/features", &format!("entitlement_feature={f}"));
    assert_eq!(attached["entitlement_feature"]["lookup_key"], "sso");
    assert_eq!(w.refused("POST", "/v1/products/p/features", &format!("entitlement_feature={f}")).0, 400);
    assert_eq!(w.ok("GET", "/v1/products/p/features", "")["data"].as_array().unwrap().len(), 1);
    w.ok("DELETE", &format!("/v1/products/p/features/{}", attached["id"].as_str().unwrap()), "");
    assert_eq!(w.ok("GET", "/v1/products/p/features", "")["data"].as_array().unwrap().len(), 0);
    w.ok("POST", &format!("/v1/entitlements/features/{f}"), "active=false");
    assert_eq!(w.refused("POST", &format!("/v1/entitlements/features/{f}"), "active=true").2, "active");
    assert_eq!(
        w.refused("POST", &format!("/v1/entitlements/features/{f}"), "lookup_key=x").1,
        "parameter_unknown"
    );
    assert_eq!(w.ok("GET", "/v1/entitlements/features?lookup_key=sso", "")["data"][0]["active"], false);
}

#[test]
fn meters_keep_their_event_name_while_active() {
    let (mut w, meter) = shop();
    let body = "display_name=T&event_name=tokens&default_aggregation[formula]=count";
    assert_eq!(w.refused("POST", "/v1/billing/meters", body).2, "event_name");
    assert_eq!(
        w.refused("POST", &format!("/v1/billing/meters/{meter}"), "event_name=x").1,
        "parameter_unknown"
    );
    w.ok("POST", &format!("/v1/billing/meters/{meter}"), "display_name=Renamed");
    let off = w.ok("POST", &format!("/v1/billing/meters/{meter}/deactivate"), "");
    assert_eq!(
        (off["status"].as_str(), off["status_transitions"]["deactivated_at"].as_i64()),
        (Some("inactive"), Some(NOW))
    );
    w.ok("POST", "/v1/billing/meters", body);
    assert_eq!(w.refused("POST", &format!("/v1/billing/meters/{meter}/reactivate"), "").2, "event_name");
    assert_eq!(w.ok("GET", "/v1/billing/meters?status=inactive", "")["data"][0]["id"], meter.as_str());
    let metered = format!(
        "product=p&currency=usd&unit_amount=1&recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={meter}"
    );
    assert_eq!(w.refused("POST", "/v1/prices", &metered).2, "recurring[meter]");
    let events = w.ok("GET", "/v1/events?types[]=billing.meter.deactivated", "");
    assert_eq!(events["data"][0]["data"]["previous_attributes"]["status"], "active");
}
