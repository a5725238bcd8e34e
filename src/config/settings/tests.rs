use super::*;

fn vars(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn file(text: &str) -> SettingsFile {
    SettingsFile::parse(text, Path::new("conf/paygrade.toml")).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn faults(text: &str) -> Vec<String> {
    match SettingsFile::parse(text, Path::new("p")) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.problems.iter().map(ToString::to_string).collect(),
    }
}

/// `value (origin)` of one setting.
fn row(settings: &Settings, name: &str) -> String {
    let rows = settings.rows();
    let (_, value, origin) = rows.iter().find(|row| row.0 == name).unwrap();
    format!("{value} ({origin})")
}

#[test]
fn flag_over_variable_over_file_over_default() {
    let said = file("target = \"test\"\nstore = \"a.db\"\ncatalog = \"../c.toml\"\ngrace_s = 7200\n");
    let flags = Flags {
        target: Some("live".into()),
        store: Some("f.db".into()),
        actor: Some("me".into()),
        ..Flags::default()
    };
    let named = vars(&[
        ("PAYGRADE_TARGET", "local"),
        ("PAYGRADE_STORE", "v.db"),
        ("PAYGRADE_CATALOG", "v.toml"),
        ("PAYGRADE_ACTOR", "ci"),
        ("PAYGRADE_API_BASE", ""),
    ]);
    for (flags, vars, file, name, want) in [
        (&flags, &named, Some(&said), "target", "live (flag)"),
        (&Flags::default(), &named, Some(&said), "target", "local (PAYGRADE_TARGET)"),
        (&Flags::default(), &vars(&[]), Some(&said), "target", "test (conf/paygrade.toml:1)"),
        (&Flags::default(), &vars(&[]), None, "target", "local (default)"),
        (&flags, &named, Some(&said), "store", "f.db (flag)"),
        (&Flags::default(), &named, Some(&said), "store", "v.db (PAYGRADE_STORE)"),
        (&Flags::default(), &vars(&[]), Some(&said), "store", "conf/a.db (conf/paygrade.toml:2)"),
        (&Flags::default(), &vars(&[]), None, "store", ".paygrade/local.db (default)"),
        (&Flags::default(), &named, Some(&said), "catalog", "v.toml (PAYGRADE_CATALOG)"),
        (&Flags::default(), &vars(&[]), Some(&said), "catalog", "conf/../c.toml (conf/paygrade.toml:3)"),
        (&Flags::default(), &vars(&[]), None, "catalog", "catalog.toml (default)"),
        (&flags, &named, None, "actor", "me (flag)"),
        (&Flags::default(), &named, None, "actor", "ci (PAYGRADE_ACTOR)"),
        (&Flags::default(), &named, None, "api_base", " (default)"),
        (&Flags::default(), &named, Some(&said), "grace_s", "7200 (conf/paygrade.toml:4)"),
        (&Flags::default(), &named, Some(&said), "settle_s", "900 (default)"),
        (&Flags::default(), &named, Some(&said), "key", "variable STRIPE_API_KEY (default)"),
    ] {
        let settings = merge(flags, vars, file).unwrap();
        assert_eq!(row(&settings, name), want, "{name}");
    }
}

#[test]
fn a_target_may_have_its_own_account_store_and_key() {
    let said = file(
        "account = \"acct_1\"\nkey = { fd = 3 }\n[live]\naccount = \"acct_2\"\nkey = { file = \"key\" }\nstore = \"/x/live.db\"\n",
    );
    for (target, account, key, store) in [
        (
            "test",
            "acct_1 (conf/paygrade.toml:1)",
            "file descriptor 3 (conf/paygrade.toml:2)",
            "conf/.paygrade/test.db (default)",
        ),
        (
            "live",
            "acct_2 (conf/paygrade.toml:4)",
            "file conf/key (conf/paygrade.toml:5)",
            "/x/live.db (conf/paygrade.toml:6)",
        ),
    ] {
        let flags = Flags { target: Some(target.into()), ..Flags::default() };
        let settings = merge(&flags, &vars(&[]), Some(&said)).unwrap();
        let got = ["account", "key", "store"].map(|name| row(&settings, name));
        assert_eq!(got, [account, key, store], "{target}");
        assert_eq!(settings.state_folder(), PathBuf::from("conf/.paygrade"));
    }
}

#[test]
fn every_fault_of_the_file_names_place_key_and_remedy() {
    for (text, want) in [
        ("targt = \"live\"", "p:1:1: targt: unknown key (did you mean `target`?)"),
        ("target = \"lve\"", "p:1:10: target: `lve` is not one of local, test, live (did you mean `live`?)"),
        ("grace_s = 259201", "p:1:11: grace_s: must be from 0 to 259200"),
        ("settle_s = \"15m\"", "p:1:12: settle_s: a whole number is wanted here, not a text"),
        ("alert_percent = 101", "p:1:17: alert_percent: must be from 0 to 100"),
        (
            "account = \"acme\"",
            "p:1:11: account: an account's id begins with acct_; the Dashboard shows it under Settings",
        ),
        ("store = \"\"", "p:1:9: store: is not the name of a file"),
        (
            "[live]\ntarget = \"live\"",
            "p:2:1: live.target: unknown key; known here: account, store, key, webhook_secret",
        ),
        (
            "key = {}",
            "p:1:7: key: says one way: key = { env = \"STRIPE_API_KEY\" }, { file = … }, { command = … } or { fd = … }",
        ),
        (
            "key = { fd = 3, env = \"A\" }",
            "p:1:7: key: says one way: key = { env = \"STRIPE_API_KEY\" }, { file = … }, { command = … } or { fd = … }",
        ),
        (
            "webhook_secret = \"whsec_1\"",
            "p:1:18: webhook_secret: a key never stands in this file (revoke one that did): write webhook_secret = { env = \"STRIPE_WEBHOOK_SECRET\" }, { file = … }, { command = … } or { fd = … }",
        ),
        ("key = { fd = -1 }", "p:1:14: key.fd: must be from 0 to 1000000"),
    ] {
        assert_eq!(faults(text), [want], "{text}");
    }
    assert_eq!(faults("a = 1\nb = 2\n").len(), 2, "all at once");
    assert!(faults("a = = 1")[0].starts_with("p:1:5: not TOML: "));
    assert!(faults("").is_empty(), "an empty settings file says nothing wrong");
}

#[test]
fn a_key_in_the_file_is_refused_and_never_repeated() {
    let secret = ["sk_live", "_51Habcdefghijklmnop"].concat();
    for text in [
        format!("key = \"{secret}\""),
        format!("key = {{ env = \"{secret}\" }}"),
        format!("[live]\nkey = {{ command = \"echo {secret}\" }}"),
    ] {
        let got = faults(&text);
        assert_eq!(got.len(), 1, "{got:?}");
        assert!(!got.concat().contains("51H"), "{got:?}");
    }
    let settings = merge(&Flags::default(), &vars(&[("STRIPE_API_KEY", &secret)]), None).unwrap();
    assert!(!format!("{settings:?}{:?}", settings.rows()).contains("51H"));
}

#[test]
fn a_wrong_target_is_named() {
    for (flags, vars, want) in [
        (
            Flags { target: Some("Live".into()), ..Flags::default() },
            vars(&[]),
            "--target: `Live` is not one of local, test, live (did you mean `live`?)",
        ),
        (
            Flags::default(),
            vars(&[("PAYGRADE_TARGET", "moon")]),
            "PAYGRADE_TARGET: `moon` is not one of local, test, live",
        ),
    ] {
        assert_eq!(merge(&flags, &vars, None).unwrap_err().to_string(), want);
    }
}

#[test]
fn a_named_file_must_exist_and_the_default_one_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    let flags = Flags { config: Some(path.clone()), ..Flags::default() };
    let got = load(&flags, &vars(&[])).unwrap_err().to_string();
    assert!(got.ends_with("x.toml: there is no such file"), "{got}");
    let named = vars(&[("PAYGRADE_CONFIG", path.to_str().unwrap())]);
    assert!(load(&Flags::default(), &named).is_err());
    std::fs::write(&path, starting_file(Target::Test)).unwrap();
    let settings = load(&flags, &vars(&[])).unwrap();
    assert_eq!(settings.target.value, Target::Test);
    assert_eq!(settings.catalog.value, folder.path().join("catalog.toml"));
    assert_eq!(settings.folder, folder.path());
    // Tests run in the package's folder, which has no paygrade.toml.
    assert_eq!(load(&Flags::default(), &vars(&[])).unwrap().file, None);
}

#[test]
fn what_the_starting_file_shows_in_comments_is_right() {
    let lines = starting_file(Target::Local);
    let said: String = lines
        .lines()
        .map(|line| {
            line.strip_prefix("# ").filter(|it| it.contains('=') || it.starts_with('[')).unwrap_or(line)
        })
        .fold(String::new(), |all, line| all + line + "\n");
    let said = said.replace("acct_…", "acct_1");
    assert_eq!(faults(&said), Vec::<String>::new(), "{said}");
}
