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
    assert_eq!(ids(&w.ok("GET", "/v1/products?limit=0", "")).len(), 1);
    assert_eq!(ids(&w.ok("GET", "/v1/products?limit=500", "")).len(), 12);
    assert_eq!(ids(&w.ok("GET", "/v1/products?active=false", "")), ["p05"]);
    assert_eq!(ids(&w.ok("GET", "/v1/products?ids[]=p01&ids[]=p03", "")), ["p03", "p01"]);
    let (status, code, param, _) = w.refused("GET", "/v1/products?starting_after=nope", "");
    assert_eq!((status, code.as_str(), param.as_str()), (400, "resource_missing", "starting_after"));
    assert_eq!(w.refused("GET", "/v1/products?starting_after=p01&ending_before=p02", "").0, 400);
}
