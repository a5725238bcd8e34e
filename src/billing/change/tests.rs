//! Rows: a catalog, what was done to it or to Stripe since, and the changes that follow. Behind them stands a tiny
//! account that does what an action says, so that sets can be applied, cut short and looked at again.

mod account;

use super::*;
use crate::billing::catalog::Catalog;
use crate::billing::wanted::wanted;
use account::{Account, meter, product};

const CATALOG: &str = r#"{
 "actions":{},"alerts":{"at":[80]},"currency":"usd","namespace":"acme",
 "features":{"sso":"Single sign-on"},
 "meters":{"tokens":{"event":"acme_tokens","name":"Tokens","unit":"token","window":"hour"}},
 "packs":{"small":{"amount":"9.99","credits":100,"name":"Small pack"}},
 "tiers":{
  "free":{"features":[],"name":"Free","rank":0,"terms":{"currency":"usd","limits":{"members":3}}},
  "pro":{"features":["sso"],"name":"Pro","rank":2,"terms":{"currency":"usd",
   "prices":[{"amount":"29.00","interval":"month"},{"amount":"290.00","interval":"year"}],
   "usage":{"tokens":{"beyond":"bill","included":1000,"price":"0.0015"}}}}}}"#;

fn catalog(edits: &[(&str, &str)]) -> Wanted {
    let mut text = CATALOG.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    wanted(&Catalog::from_json(&text).unwrap()).unwrap()
}

/// `+ price tier:pro:month [content: usd 29.00 a month => usd 39.00 a month, pending]`, digests left out; a `?` is put
/// before what is only listed.
fn lines(set: &ChangeSet) -> Vec<String> {
    let shown = |change: &Change| {
        let fields: Vec<String> = change
            .fields
            .iter()
            .filter(|field| field.field != "paygrade_digest")
            .map(|it| {
                let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".into());
                format!("{}: {} => {}, {}", it.field, text(&it.from), text(&it.to), it.cause.as_str())
            })
            .collect();
        let only = if change.action.is_none() && change.op != Op::Conflict { "?" } else { "" };
        format!("{only}{} {} {} [{}]", change.op.sign(), change.kind.as_str(), change.key, fields.join("; "))
    };
    set.changes.iter().map(shown).collect()
}

fn seeing(account: &Account, edits: &[(&str, &str)], options: Options) -> Vec<String> {
    lines(&account.plan(edits, options))
}

const PRUNE: Options = Options { prune: true, adopt: false };
const ADOPT: Options = Options { prune: false, adopt: true };
const NO_YEAR: (&str, &str) = (r#",{"amount":"290.00","interval":"year"}"#, "");
const DEARER: (&str, &str) = ("29.00", "39.00");

#[test]
fn an_empty_account_gets_everything_in_order() {
    let want = [
        "+ meter meter:tokens [event_name: none => acme_tokens, pending]",
        "+ feature feature:sso [name: none => Single sign-on, pending]",
        "+ product pack:small [name: none => Small pack, pending]",
        "+ product tier:free [name: none => Free, pending]",
        "+ product tier:pro [name: none => Pro, pending]",
        "+ price pack:small:once [content: none => usd 9.99 once, pending]",
        "+ price tier:pro:month [content: none => usd 29.00 a month, pending]",
        "+ price tier:pro:usage.tokens [content: none => usd graduated 1000:0.00 *:0.0015 a month metered acme_tokens, pending]",
        "+ price tier:pro:year [content: none => usd 290.00 a year, pending]",
        "+ product_feature tier:pro:sso [feature: none => acme:feature:sso, pending]",
        "~ product pack:small [default_price: none => once, pending]",
        "~ product tier:pro [default_price: none => month, pending]",
    ];
    assert_eq!(seeing(&Account::default(), &[], Options::default()), want);
    let account = Account::seeded();
    assert_eq!(seeing(&account, &[], PRUNE), [""; 0], "seeded means nothing to do");
    account.assert_no_doubles();
}

#[test]
fn edits_of_the_file_are_pending() {
    let account = Account::seeded();
    let rows: Vec<(Edits, Options, Lines)> = vec![
        (
            &[DEARER],
            Options::default(),
            &[
                "+ price tier:pro:month [content: usd 29.00 a month => usd 39.00 a month, pending]",
                "~ product tier:pro [default_price: price_004 => month, pending]",
                "- price tier:pro:month [content: usd 29.00 a month => none, pending]",
            ],
        ),
        (
            &[(r#""Pro""#, r#""Professional""#)],
            Options::default(),
            &["~ product tier:pro [name: Pro => Professional, pending]"],
        ),
        (
            &[(r#""rank":2"#, r#""rank":3"#), (r#""members":3"#, r#""members":5"#)],
            Options::default(),
            &[
                r#"~ product tier:free [paygrade_limits: {"members":3} => {"members":5}, pending]"#,
                "~ product tier:pro [paygrade_rank: 2 => 3, pending]",
            ],
        ),
        (
            &[(r#""rank":2"#, r#""rank":2,"retired":true"#)],
            Options::default(),
            &["~ product tier:pro [paygrade_retired: none => true, pending]"],
        ),
        (
            &[(r#""Tokens""#, r#""All tokens""#)],
            Options::default(),
            &["~ meter meter:tokens [display_name: Tokens => All tokens, pending]"],
        ),
        (
            &[("Single sign-on", "SSO")],
            Options::default(),
            &["~ feature feature:sso [name: Single sign-on => SSO, pending]"],
        ),
        (
            &[(r#"["sso"]"#, "[]")],
            Options::default(),
            &[
                "- product_feature tier:pro:sso [feature: acme:feature:sso => none, pending]",
                "~ product tier:pro []",
            ],
        ),
        (
            &[NO_YEAR],
            Options::default(),
            &["?- price tier:pro:year [content: usd 290.00 a year => none, pending]"],
        ),
        (&[NO_YEAR], PRUNE, &["- price tier:pro:year [content: usd 290.00 a year => none, pending]"]),
        (
            &[(r#""small""#, r#""tiny""#)],
            PRUNE,
            &[
                "+ product pack:tiny [name: none => Small pack, pending]",
                "+ price pack:tiny:once [content: none => usd 9.99 once, pending]",
                "~ product pack:tiny [default_price: none => once, pending]",
                "- product pack:small [name: Small pack => none, pending]",
                "- price pack:small:once [content: usd 9.99 once => none, pending]",
            ],
        ),
    ];
    for (edits, options, want) in rows {
        assert_eq!(seeing(&account, edits, options), want, "{edits:?}");
        let mut after = account.clone();
        after.apply(&account.plan(edits, options));
        let left = after.plan(edits, options);
        assert_eq!(left.to_apply().count(), 0, "{edits:?}: {:?}", lines(&left));
        after.assert_no_doubles();
        // And back again: the file decides, and archived prices of ours return instead of being made anew.
        after.apply(&after.plan(&[], PRUNE));
        assert_eq!(seeing(&after, &[], PRUNE), [""; 0], "{edits:?} and back");
        after.assert_no_doubles();
    }
}

#[test]
fn a_price_that_returns_is_the_old_one() {
    let mut account = Account::seeded();
    account.apply(&account.plan(&[DEARER], Options::default()));
    let want = [
        "~ price tier:pro:month [active: false => true, pending; lookup_key: none => acme:tier:pro:month, pending; paygrade_archived: true => none, pending]",
        "~ product tier:pro [default_price: price_008 => month, pending]",
        "- price tier:pro:month [content: usd 39.00 a month => none, pending]",
    ];
    assert_eq!(seeing(&account, &[], Options::default()), want);
    let prices = account.holds.prices.len();
    account.apply(&account.plan(&[], Options::default()));
    assert_eq!(account.holds.prices.len(), prices, "none was made");
    assert_eq!(account.price_at("acme:tier:pro:month").id, "price_004");
}

type Plant = fn(&mut Account);
type Edits = &'static [(&'static str, &'static str)];
type Lines = &'static [&'static str];

#[test]
fn edits_in_the_dashboard_are_drift() {
    let rows: Vec<(&str, Plant, Edits, Lines)> = vec![
        (
            "renamed",
            |it| it.product("acme-tier-pro").name = "Prof".into(),
            &[],
            &["~ product tier:pro [name: Prof => Pro, drift]"],
        ),
        (
            "renamed there and here",
            |it| it.product("acme-tier-pro").name = "Prof".into(),
            &[(r#""Pro""#, r#""Professional""#), (r#""rank":2"#, r#""rank":3"#)],
            &["~ product tier:pro [name: Prof => Professional, drift; paygrade_rank: 2 => 3, pending]"],
        ),
        (
            "archived",
            |it| it.product("acme-tier-free").active = false,
            &[],
            &["~ product tier:free [active: false => true, drift]"],
        ),
        (
            "another default",
            |it| {
                let year = it.price_at("acme:tier:pro:year").id.clone();
                it.product("acme-tier-pro").default_price = Some(year);
            },
            &[],
            &["~ product tier:pro [default_price: year => month, drift]"],
        ),
        (
            "price archived",
            |it| it.price_at("acme:tier:pro:year").active = false,
            &[],
            &["~ price tier:pro:year [active: false => true, drift]"],
        ),
        (
            "key taken away",
            |it| it.price_at("acme:tier:pro:year").lookup_key = None,
            &[],
            &["~ price tier:pro:year [lookup_key: none => acme:tier:pro:year, drift]"],
        ),
        (
            "key taken away and price changed here",
            |it| it.price_at("acme:tier:pro:year").lookup_key = None,
            &[("290.00", "300.00")],
            &[
                "+ price tier:pro:year [content: none => usd 300.00 a year, pending]",
                "- price tier:pro:year [content: usd 290.00 a year => none, pending]",
            ],
        ),
        (
            "meter switched off",
            |it| it.holds.meters[0].active = false,
            &[],
            &["~ meter meter:tokens [status: inactive => active, drift]"],
        ),
        (
            "feature detached",
            |it| it.holds.attachments.clear(),
            &[],
            &["+ product_feature tier:pro:sso [feature: none => acme:feature:sso, drift]"],
        ),
        (
            "feature renamed",
            |it| it.holds.features[0].name = "S".into(),
            &[],
            &["~ feature feature:sso [name: S => Single sign-on, drift]"],
        ),
        (
            "limits edited",
            |it| {
                let metadata = &mut it.product("acme-tier-free").metadata;
                metadata.insert("paygrade_limits".into(), "{}".into());
            },
            &[],
            &[r#"~ product tier:free [paygrade_limits: {} => {"members":3}, drift]"#],
        ),
    ];
    for (what, plant, edits, want) in rows {
        let mut account = Account::seeded();
        plant(&mut account);
        assert_eq!(seeing(&account, edits, Options::default()), want, "{what}");
        account.apply(&account.plan(edits, Options::default()));
        assert_eq!(seeing(&account, edits, Options::default()), [""; 0], "{what}, repaired");
        account.assert_no_doubles();
    }
}

#[test]
fn what_is_not_ours_is_never_touched() {
    let unmark = |metadata: &mut BTreeMap<String, String>| metadata.clear();
    let rows: Vec<(&str, Plant, &[&str], bool)> = vec![
        (
            "product",
            |it| it.holds.products.push(product("acme-tier-pro", "Theirs", BTreeMap::new())),
            &["! product tier:pro [paygrade: not ours => acme/tier/pro/product, conflict]"],
            true,
        ),
        (
            "price",
            |it| {
                let mut theirs = Account::seeded();
                let mut price = theirs.price_at("acme:tier:pro:year").clone();
                (price.metadata, price.product) = (BTreeMap::new(), "prod_theirs".into());
                it.holds.prices.push(price);
            },
            &["! price tier:pro:year [lookup_key: not ours => acme:tier:pro:year, conflict]"],
            true,
        ),
        (
            "meter",
            |it| {
                it.holds
                    .meters
                    .push(MeterFound { formula: "last".into(), ..meter("mtr_x", "acme_tokens", "T") })
            },
            &["! meter meter:tokens [default_aggregation: last => sum, conflict]"],
            false,
        ),
        (
            "inactive meter",
            |it| {
                let window = Some("hour".into());
                let theirs =
                    MeterFound { active: false, event_time_window: window, ..meter("m", "acme_tokens", "T") };
                it.holds.meters.push(theirs);
            },
            &["! meter meter:tokens [event_time_window: hour => none, conflict]"],
            false,
        ),
        (
            "feature",
            |it| {
                let mut theirs = Account::seeded().holds.features.remove(0);
                theirs.metadata.clear();
                it.holds.features.push(theirs);
            },
            &["! feature feature:sso [paygrade: not ours => acme/feature/sso/feature, conflict]"],
            true,
        ),
        (
            "archived feature",
            |it| {
                let mut theirs = Account::seeded().holds.features.remove(0);
                theirs.active = false;
                it.holds.features.push(theirs);
            },
            &["! feature feature:sso [active: archived for ever => true, conflict]"],
            false,
        ),
    ];
    for (what, plant, want, adoptable) in rows {
        let mut account = Account::default();
        plant(&mut account);
        let before = account.clone();
        let set = account.plan(&[], Options::default());
        let conflicts: Vec<String> = lines(&set).into_iter().filter(|line| line.starts_with('!')).collect();
        assert_eq!(conflicts, want, "{what}");
        account.apply(&set);
        let kept = |theirs: &Snapshot, now: &Snapshot| {
            theirs.products.iter().all(|it| now.products.contains(it))
                && theirs.prices.iter().all(|it| now.prices.contains(it))
                && theirs.meters.iter().all(|it| now.meters.contains(it))
                && theirs.features.iter().all(|it| now.features.contains(it))
        };
        assert!(kept(&before.holds, &account.holds), "{what} was touched");
        let again = account.plan(&[], Options::default());
        assert_eq!(
            (again.to_apply().count(), again.conflicts().count()),
            (0, 1),
            "{what}: {:?}",
            lines(&again)
        );
        account.apply(&account.plan(&[], ADOPT));
        let left = account.plan(&[], Options::default());
        assert_eq!(left.changes.is_empty(), adoptable, "{what} adopted: {:?}", lines(&left));
    }
    let mut deal = Account::seeded();
    let mut price = deal.price_at("acme:tier:pro:month").clone();
    (price.id, price.lookup_key) = ("price_deal".into(), None);
    unmark(&mut price.metadata);
    price.metadata.insert(MARK_KEY.into(), "acme/deal/pro/d1".into());
    deal.holds.prices.push(price);
    assert_eq!(seeing(&deal, &[], PRUNE), [""; 0], "deals are left alone");
}

#[test]
fn cut_short_anywhere_it_ends_in_the_same_state() {
    let stories: Vec<&[(&str, &str)]> =
        vec![&[], &[DEARER], &[NO_YEAR], &[("0.0015", "0.002"), (r#"["sso"]"#, "[]")]];
    for edits in stories {
        let start = if edits.is_empty() { Account::default() } else { Account::seeded() };
        let set = start.plan(edits, PRUNE);
        let steps = set.to_apply().count();
        assert!(steps > 0);
        for cut in 0..=steps {
            let mut account = start.clone();
            set.to_apply().take(cut).for_each(|change| account.act(change.action.as_ref().unwrap()));
            let rest = account.plan(edits, PRUNE);
            let drift = rest.count(Cause::Drift);
            assert_eq!(drift, 0, "after step {cut} of {edits:?} nobody edited Stripe: {:?}", lines(&rest));
            account.apply(&rest);
            assert_eq!(seeing(&account, edits, PRUNE), [""; 0], "after step {cut} of {edits:?}");
            account.assert_no_doubles();
        }
    }
}

#[test]
fn doubles_that_two_machines_made_are_archived() {
    let mut account = Account::seeded();
    let mut double = account.price_at("acme:tier:pro:year").clone();
    (double.id, double.lookup_key) = ("price_double".into(), None);
    account.holds.prices.push(double);
    assert_eq!(
        seeing(&account, &[], Options::default()),
        ["- price tier:pro:year [content: usd 290.00 a year => none, pending]"]
    );
    account.apply(&account.plan(&[], Options::default()));
    account.assert_no_doubles();
}

#[test]
fn changes_say_who_is_concerned() {
    let account = Account::seeded();
    for change in account.plan(&[DEARER, ("9.99", "8.99")], Options::default()).changes {
        assert_eq!(
            change.subscribers,
            if change.key.starts_with("tier:pro") { 7 } else { 0 },
            "{}",
            change.key
        );
    }
}

#[test]
fn the_same_step_at_another_time_follows_on_something_else() {
    let mut account = Account::seeded();
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..3 {
        for edits in [&[DEARER][..], &[]] {
            let set = account.plan(edits, Options::default());
            for change in set.to_apply().filter(|it| it.kind == Kind::Product) {
                assert!(seen.insert(format!("{:?} {}", change.action, change.after)), "round {round}");
            }
            account.apply(&set);
        }
    }
}

#[test]
fn a_price_never_hangs_on_a_meter_that_counts_otherwise() {
    let mut account = Account::default();
    let fits = MeterFound { active: false, ..meter("mtr_a", "acme_tokens", "T") };
    account.holds.meters.push(fits);
    account.holds.meters.push(MeterFound { formula: "count".into(), ..meter("mtr_b", "acme_tokens", "T") });
    let lines = seeing(&account, &[], Options::default());
    let about_usage: Vec<&String> = lines.iter().filter(|it| it.contains("tokens")).collect();
    assert_eq!(about_usage, ["! meter meter:tokens [default_aggregation: count => sum, conflict]"]);
}
