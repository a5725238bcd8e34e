use super::*;

fn tree(text: &str) -> Params {
    parse(text).unwrap()
}

#[test]
fn nested_forms_become_trees() {
    let mut p = tree("a[b]=1&a[c][d]=2+x&tiers[0][up_to]=10&tiers[1][up_to]=inf&ids[]=x&ids[]=y%26");
    let inner =
        p.group("a", |a| Ok((a.required("b")?, a.group("c", |c| c.required("d"))?))).unwrap().unwrap();
    assert_eq!(inner, ("1".to_owned(), Some("2 x".to_owned())));
    assert_eq!(p.list("tiers", |t| t.required("up_to")).unwrap().unwrap(), ["10", "inf"]);
    assert_eq!(p.strings("ids").unwrap().unwrap(), ["x", "y&"]);
    p.finish().unwrap();
}

#[test]
fn items_without_index_group_by_field() {
    let mut p = tree("items[][price]=a&items[][quantity]=1&items[][price]=b");
    let items = p.list("items", |i| Ok((i.required("price")?, i.int("quantity")?))).unwrap().unwrap();
    assert_eq!(items, [("a".to_owned(), Some(1)), ("b".to_owned(), None)]);
}

#[test]
fn leftovers_are_named_in_full() {
    let mut p = tree("name=x&invoice_settings[nope]=1");
    p.required("name").unwrap();
    let error = p.finish().unwrap_err();
    assert_eq!(error.message, "Received unknown parameter: invoice_settings[nope]");
    assert_eq!(error.code.as_deref(), Some("parameter_unknown"));
    let mut p = tree("recurring[interval]=month&recurring[x][y]=1");
    let error = p.group("recurring", |r| r.required("interval")).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("recurring[x][y]"));
}

#[test]
fn hostile_input_is_refused_not_followed() {
    let deep = format!("a{}=1", "[b]".repeat(50));
    let many = "a[]=1&".repeat(MAX_PAIRS + 1);
    let long = format!("{}=1", "k".repeat(MAX_KEY + 1));
    for text in [
        deep.as_str(),
        &many,
        &long,
        "a=1&a[b]=2",
        "a[b]=2&a=1",
        "a[b=1",
        "a%zz=1",
        "a=%ff",
        "a=%00",
        "[a]=1",
        "a]x[=1",
    ] {
        let refused = parse(text).map(|p| p.finish());
        assert!(matches!(refused, Err(_) | Ok(Err(_))), "{:.40}", text);
    }
    assert!(parse("?=").unwrap().finish().is_ok(), "an empty query in the form some clients send");
}

#[test]
fn typed_values_carry_stripes_texts() {
    let text = |e: ApiError| (e.message, e.code, e.param);
    let rows = [
        (
            tree("limit=abc").int("limit").unwrap_err(),
            "Invalid integer: abc",
            Some("parameter_invalid_integer"),
            Some("limit"),
        ),
        (
            tree("").required("name").unwrap_err(),
            "Missing required param: name.",
            Some("parameter_missing"),
            Some("name"),
        ),
        (tree("active=yes").bool("active").unwrap_err(), "Invalid boolean: yes", None, Some("active")),
        (
            tree("i=x").one_of("i", &["day", "week", "month"]).unwrap_err(),
            "Invalid i: must be one of day, week, or month",
            None,
            Some("i"),
        ),
    ];
    for (error, message, code, param) in rows {
        assert_eq!(text(error), (message.to_owned(), code.map(str::to_owned), param.map(str::to_owned)));
    }
    assert!(
        tree("name=")
            .required("name")
            .unwrap_err()
            .message
            .starts_with("You passed an empty string for 'name'.")
    );
}

#[test]
fn metadata_merges_removes_and_clears() {
    let old: Metadata = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into();
    let rows = [
        ("metadata[a]=3", vec![("a", "3"), ("b", "2")]),
        ("metadata[a]=", vec![("b", "2")]),
        ("metadata=", vec![]),
        ("", vec![("a", "1"), ("b", "2")]),
    ];
    for (text, want) in rows {
        let got = tree(text).metadata().unwrap().merged(&old).unwrap();
        let want: Metadata = want.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        assert_eq!(got, want, "{text}");
    }
    let many: String = (0..51).map(|n| format!("metadata[k{n}]=v&")).collect();
    assert!(tree(&many).metadata().unwrap().merged(&Metadata::new()).is_err());
    assert!(tree(&format!("metadata[{}]=v", "k".repeat(41))).metadata().is_err());
}

#[test]
fn order_does_not_matter_for_comparison() {
    assert_eq!(canonical("b=2&a=1"), canonical("a=1&b=2"));
    assert_ne!(canonical("a=1"), canonical("a=2"));
}
