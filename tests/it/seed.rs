//! `seed` against a local Stripe that is killed, cut off, slow of memory or shared with another machine.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use paygrade::billing::catalog::Catalog;
use paygrade::billing::change::Options;
use paygrade::billing::time::{DAY_S, HOUR_S, Timestamp};
use paygrade::error::{Changed, Error, Kind};
use paygrade::flow::seed::{self, Applied};
use paygrade::local;
use paygrade::store::{Binding, Origin, Store};
use paygrade::stripe::{Api, ApiKey, Base, Connection};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::desk::{START, block_on};

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.tokens]
name = "Tokens"
event = "acme_tokens"
unit = "token"
[features]
sso = "Single sign-on"
[tiers.free]
rank = 1
limits = { members = 3 }
[tiers.pro]
rank = 2
features = ["sso"]
prices = [{ interval = "month", amount = "29.00" }, { interval = "year", amount = "290.00" }]
usage.tokens = { included = 1000, price = "0.0015" }
[packs.small]
credits = 100
amount = "9.99"
"#;

/// Writes that the catalog above needs in an empty account.
const WRITES: u64 = 12;

/// An empty account, and machines that come and go.
struct Account {
    folder: TempDir,
    stripe: local::Connection,
    clock: Arc<AtomicI64>,
}

/// One machine: a store and a connection of its own.
struct Machine {
    store: Store,
    api: Api,
    now: Timestamp,
}

fn catalog(edits: &[(&str, &str)]) -> Catalog {
    let text = edits.iter().fold(CATALOG.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    paygrade::config::catalog::parse(&text, "catalog.toml").unwrap().0
}

const DEARER: &[(&str, &str)] = &[("29.00", "39.00"), ("0.0015", "0.002")];

impl Account {
    fn new() -> Account {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(START));
        let (state, registry) = (folder.path().join("local"), folder.path().join("local.json"));
        let place = local::Place { state, registry, seed: Some(7) };
        let shown = Arc::clone(&clock);
        let stripe = local::connect(&place, Arc::new(move || Ok(shown.load(Ordering::SeqCst)))).unwrap();
        Account { folder, stripe, clock }
    }
    fn seeded() -> Account {
        let account = Account::new();
        account.machine(0, |_| ()).seed(&catalog(&[]), Options::default()).unwrap();
        account
    }
    /// A machine with the store of this number; a number that is new has an empty one.
    fn machine(&self, number: u32, change: impl FnOnce(&mut Connection)) -> Machine {
        let now = Timestamp(self.clock.load(Ordering::SeqCst));
        let origin = Origin {
            command: "seed".into(),
            actor: "tester".into(),
            host: "testhost".into(),
            reason: None,
            reference: None,
        };
        let binding = Binding { target: "local".into(), fresh_id: format!("{number:032x}") };
        let path = self.folder.path().join(format!("store{number}.db"));
        let store = Store::open(&path, &binding, origin, now).unwrap();
        let base = Base::parse(&self.stripe.base_url()).unwrap();
        let mut connection = Connection::new(base, ApiKey::parse("sk_test_local00000000").unwrap());
        connection.limits.attempts_max = 1;
        change(&mut connection);
        Machine { store, api: Api::new(connection).unwrap(), now }
    }
    fn call(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, text) = self.stripe.call(method, path, body).unwrap();
        assert!(status < 300, "{method} {path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }
    /// Something that goes wrong with the nth write from now on.
    fn fault(&self, kind: &Value, nth: u64) {
        let fault = json!({ "kind": kind, "method": "POST", "path": "/v1/*", "nth": nth });
        self.call("POST", "/_local/faults", &fault.to_string());
    }
    fn list(&self, path: &str) -> Vec<Value> {
        self.call("GET", path, "")["data"].as_array().unwrap().clone()
    }
    /// One active price for each part, one active meter for each event name, and the account holds the catalog: a run
    /// on a fresh machine writes nothing.
    fn assert_holds(&self, catalog: &Catalog, story: &str) {
        let mut marks = BTreeSet::new();
        for price in self.list("/v1/prices?active=true&limit=100") {
            let mark = price["metadata"]["paygrade"].as_str().unwrap().to_owned();
            assert!(marks.insert(mark), "{story}: two active prices are {}", price["metadata"]);
            assert!(price["lookup_key"].is_string(), "{story}: {price}");
        }
        assert_eq!(marks.len(), 4, "{story}: {marks:?}");
        assert_eq!(self.list("/v1/billing/meters?limit=100").len(), 1, "{story}");
        assert_eq!(self.list("/v1/entitlements/features?limit=100").len(), 1, "{story}");
        assert_eq!(self.list("/v1/products?limit=100").len(), 3, "{story}");
        let fresh = self.machine(99, |_| ());
        let applied = fresh.seed(catalog, Options::default()).unwrap();
        assert_eq!((applied.done, fresh.api.counts().writes), (0, 0), "{story}: {:?}", applied.left);
        assert!(applied.left.changes.is_empty(), "{story}: {:?}", applied.left);
    }
}

impl Machine {
    fn seed(&self, catalog: &Catalog, options: Options) -> Result<Applied, Error> {
        block_on(async {
            let planned = seed::plan(&self.api, Some(&self.store), catalog.clone(), options).await?;
            seed::apply(&self.api, &self.store, self.now, planned).await
        })
    }
}

#[test]
fn a_converged_run_is_few_reads_and_no_write() {
    let account = Account::new();
    let first = account.machine(1, |_| ());
    let applied = first.seed(&catalog(&[]), Options::default()).unwrap();
    assert_eq!((applied.done as u64, first.api.counts().writes), (WRITES, WRITES));
    assert!(applied.recorded);
    let again = account.machine(1, |_| ());
    let applied = again.seed(&catalog(&[]), Options::default()).unwrap();
    let counts = again.api.counts();
    assert_eq!((applied.done, counts.writes, applied.recorded), (0, 0, false));
    assert_eq!(counts.reads, 4 + 2, "products, prices, meters, features, and the features of two tiers");
    let known = again.store.read(|r| {
        let in_force = r.catalog_in_force()?.unwrap();
        let tier = "pro".parse().unwrap();
        let revision = in_force.tiers[&tier].terms.revision(&tier, in_force.currency);
        let meter = r.applied_meter(&"tokens".parse().unwrap())?.unwrap();
        Ok::<_, paygrade::store::StoreError>((r.revision_prices(&revision)?, meter, r.pack_prices()?))
    });
    let (prices, meter, packs) = known.unwrap();
    assert_eq!(prices.keys().collect::<Vec<_>>(), ["month", "usage.tokens", "year"]);
    assert!(prices.values().all(|price| price.starts_with("price_")));
    assert!(meter.priced && meter.stripe_id.unwrap().starts_with("mtr_"));
    assert_eq!(packs["small"].1, 100);
}

/// Killed after the kth write, whose answer is lost or not; then finished by the same machine, or by one with an empty
/// store 25 hours later, when Stripe has forgotten every idempotency key.
#[test]
fn killed_after_any_write_the_next_run_finishes() {
    for (edits, most) in [(&[][..], WRITES), (DEARER, 5)] {
        for k in 0..=most {
            for (lost, number, later) in [(false, 1, 0), (true, 2, 25 * HOUR_S)] {
                let story = format!("{edits:?} killed after {k}, answer lost {lost}, {later} s later");
                let account = if edits.is_empty() { Account::new() } else { Account::seeded() };
                let wanted = catalog(edits);
                if lost && k > 0 {
                    account.fault(&json!("hang_up_after_commit"), k);
                }
                let killed = account.machine(1, |connection| connection.limits.writes_max = Some(k));
                let ended = killed.seed(&wanted, Options::default());
                if let Err(error) = &ended {
                    let told = format!("{k} changes were applied, {} were not", most - k);
                    let lost =
                        format!("{} changes were applied, {} were not", k.saturating_sub(1), most - k + 1);
                    assert!([told, lost].contains(&error.message().to_owned()), "{story}: {error}");
                }
                assert_eq!(ended.is_ok(), k == most, "{story}: {:?}", ended.map(|it| it.done));
                drop(killed);
                account.clock.fetch_add(later, Ordering::SeqCst);
                account.machine(number, |_| ()).seed(&wanted, Options::default()).unwrap();
                account.assert_holds(&wanted, &story);
            }
        }
    }
}

/// Each way to fail, at each write, in one run and without a second.
#[test]
fn one_fault_at_any_write_is_mended_by_the_run_itself_or_the_next() {
    let refuse = |status: u16| json!({ "refuse_before": { "status": status } });
    let keep = |status: u16| json!({ "respond_after_commit": { "status": status } });
    let kinds = [
        json!("hang_up_before"),
        json!("hang_up_after_commit"),
        json!("duplicate"),
        json!({ "truncate": 20 }),
        refuse(500),
        refuse(409),
        refuse(429),
        keep(500),
    ];
    for kind in &kinds {
        for nth in [1, 2, 3, 6, 8, 10, WRITES] {
            let story = format!("{kind} at write {nth}");
            let account = Account::new();
            account.fault(kind, nth);
            let wanted = catalog(&[]);
            let ended = account.machine(1, |_| ()).seed(&wanted, Options::default());
            if let Err(error) = &ended {
                assert!(
                    matches!(error.kind(), Kind::Later | Kind::Unknown),
                    "{story}: {error} {:?}",
                    error.detail_lines()
                );
                assert!(error.what_changed() != Changed::None || nth == 1, "{story}");
                account.machine(1, |_| ()).seed(&wanted, Options::default()).unwrap();
            }
            account.assert_holds(&wanted, &story);
        }
    }
}

/// Stripe keeps a 500 under the key for a day. The object is looked up, and asked for again under another key.
#[test]
fn a_kept_500_is_walked_around() {
    let account = Account::new();
    // Not every one: five answers in a row that tell nothing end a run.
    for nth in [1, 2, 4, 5, 7, 9, 10, 12] {
        account.fault(&json!({ "respond_after_commit": { "status": 500 } }), nth);
    }
    let wanted = catalog(&[]);
    let applied = account.machine(1, |_| ()).seed(&wanted, Options::default());
    let ended = applied.map(|it| it.done).map_err(|error| error.detail_lines().join("\n"));
    assert!(ended.is_ok(), "{ended:?}");
    account.assert_holds(&wanted, "most writes answered 500");
}

/// The same file, then the old one, then the new one again, all within a day: the keys of the first time must not
/// bring back its answers.
#[test]
fn back_and_forth_within_a_day() {
    let account = Account::seeded();
    for round in 0..3 {
        for edits in [DEARER, &[], &[(r#"rank = 2"#, "rank = 7")]] {
            let wanted = catalog(edits);
            account.machine(1, |_| ()).seed(&wanted, Options { prune: true, adopt: false }).unwrap();
            account.assert_holds(&wanted, &format!("round {round} {edits:?}"));
        }
    }
    account.clock.fetch_add(2 * DAY_S, Ordering::SeqCst);
    account.assert_holds(&catalog(&[("rank = 2", "rank = 7")]), "two days later");
}

#[test]
fn two_machines_at_once_make_nothing_twice() {
    for edits in [&[][..], DEARER] {
        for round in 0..6 {
            let account = if edits.is_empty() { Account::new() } else { Account::seeded() };
            let wanted = catalog(edits);
            let ended: Vec<Result<Applied, Error>> = std::thread::scope(|scope| {
                let run = |number| {
                    let machine = account.machine(number, |connection| connection.limits.attempts_max = 3);
                    let wanted = &wanted;
                    scope.spawn(move || machine.seed(wanted, Options::default()))
                };
                let both = [run(1), run(2)];
                both.map(|it| it.join().unwrap()).into_iter().collect()
            });
            for end in ended {
                if let Err(error) = end {
                    assert!(
                        matches!(error.kind(), Kind::Later | Kind::Stripe),
                        "round {round}: {error} {:?}",
                        error.detail_lines()
                    );
                }
            }
            account.machine(3, |_| ()).seed(&wanted, Options::default()).unwrap();
            account.assert_holds(&wanted, &format!("two at once, round {round}, {edits:?}"));
        }
    }
}

#[test]
fn a_refusal_ends_what_depends_on_it_and_says_so() {
    let account = Account::new();
    account.fault(&json!({ "refuse_before": { "status": 400 } }), 1);
    let machine = account.machine(1, |_| ());
    let error = machine.seed(&catalog(&[]), Options::default()).unwrap_err();
    assert_eq!((error.kind(), error.what_changed()), (Kind::Stripe, Changed::Partial));
    let lines = error.detail_lines().join("\n");
    assert!(lines.contains("meter meter:tokens"), "{lines}");
    assert!(lines.contains("price tier:pro:usage.tokens: not tried: there is no meter tokens"), "{lines}");
    assert!(
        machine.store.read(|r| r.catalog_in_force()).unwrap().is_none(),
        "what is not applied is not in force"
    );
    let wanted = catalog(&[]);
    account.machine(1, |_| ()).seed(&wanted, Options::default()).unwrap();
    account.assert_holds(&wanted, "after the refusal");
}
