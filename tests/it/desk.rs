//! Verbs against a local Stripe of their own, in this process: real transport, real store, faults as data.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use paygrade::billing::catalog::Catalog;
use paygrade::billing::id::{CustomerId, Namespace};
use paygrade::billing::money::UnitPrice;
use paygrade::billing::price::{Charged, PriceShape, tier_lookup_key, tier_prices};
use paygrade::billing::time::Timestamp;
use paygrade::env::{Clock, LocalClock};
use paygrade::flow::{Desk, Manner};
use paygrade::local;
use paygrade::store::{Binding, Origin, Store};
use paygrade::stripe::{Api, ApiKey, Base, Connection};
use serde_json::Value;
use tempfile::TempDir;

/// 2026-01-10T12:00:00Z
pub const START: i64 = 1_768_046_400;

/// One local Stripe with one seeded catalog, and stores that come and go.
pub struct Stage {
    folder: TempDir,
    stripe: local::Connection,
    clock: Arc<AtomicI64>,
    pub catalog: Catalog,
    stores: Cell<u32>,
    clocks: Cell<u32>,
}

/// One machine: a store and a connection of its own.
pub struct Machine {
    pub store: Store,
    pub api: Api,
    pub now: Timestamp,
    pub namespace: Namespace,
    clock: Clock,
}

impl Machine {
    pub fn desk(&self) -> Desk<'_> {
        if let Clock::Local(clock) = &self.clock {
            clock.freeze_at(self.now).unwrap();
        }
        let manner = Manner { drain_max: Duration::ZERO, ..Manner::default() };
        Desk {
            store: &self.store,
            api: &self.api,
            now: self.now,
            namespace: &self.namespace,
            clock: &self.clock,
            random: 7,
            manner,
        }
    }
}

/// Runs async work to its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub fn customer(id: &str) -> CustomerId {
    CustomerId::parse(id).unwrap()
}

impl Stage {
    /// A stage on which the catalog of a template is sold.
    pub fn of_template(name: &str) -> Stage {
        let path = format!("{}/examples/catalogs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        Stage::of(paygrade::config::catalog::parse(&text, "catalog.toml").unwrap().0)
    }
    /// A stage on which this catalog is sold.
    pub fn of(catalog: Catalog) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(START));
        let place = local::Place {
            state: folder.path().join("local"),
            registry: folder.path().join("local.json"),
            seed: Some(7),
        };
        let shown = Arc::clone(&clock);
        let stripe = local::connect(&place, Arc::new(move || Ok(shown.load(Ordering::SeqCst)))).unwrap();
        let stage = Stage { folder, stripe, clock, catalog, stores: Cell::new(0), clocks: Cell::new(0) };
        stage.sell();
        stage
    }
    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }
    /// One call to Stripe as somebody else would make it.
    pub fn call(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, text) = self.stripe.call(method, path, body).unwrap();
        assert!(status < 300, "{method} {path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }
    /// Something that goes wrong from now on.
    pub fn fault(&self, fault: &Value) {
        self.call("POST", "/_local/faults", &fault.to_string());
    }
    pub fn no_faults(&self) {
        self.call("DELETE", "/_local/faults", "");
    }
    /// Another machine with an empty store that knows the catalog, or one that shares a store by its number.
    pub fn machine(&self) -> Machine {
        self.stores.set(self.stores.get() + 1);
        self.machine_on(self.stores.get())
    }
    /// The same store over a connection of its own, as the next run of the program has it.
    pub fn machine_again(&self, machine: &Machine) -> Machine {
        let name = machine.store.path().file_stem().unwrap().to_str().unwrap();
        self.machine_on(name.trim_start_matches("store").parse().unwrap())
    }
    /// The same store, as a run of this command has it.
    pub fn machine_running(&self, machine: &Machine, command: &str) -> Machine {
        let name = machine.store.path().file_stem().unwrap().to_str().unwrap();
        self.machine_for(name.trim_start_matches("store").parse().unwrap(), command)
    }
    pub fn machine_on(&self, number: u32) -> Machine {
        self.machine_for(number, "test")
    }
    fn machine_for(&self, number: u32, command: &str) -> Machine {
        let path = self.folder.path().join(format!("store{number}.db"));
        let origin = Origin {
            command: command.into(),
            actor: "tester".into(),
            host: "testhost".into(),
            reason: None,
            reference: None,
        };
        let binding = Binding { target: "local".into(), fresh_id: format!("{number:032x}") };
        let fresh = !path.exists();
        let store = Store::open(&path, &binding, origin, self.now()).unwrap();
        if fresh {
            self.fill(&store, &path);
        }
        let base = Base::parse(&self.stripe.base_url()).unwrap();
        let key = ApiKey::parse("sk_test_local00000000").unwrap();
        let mut connection = Connection::new(base, key);
        connection.limits.attempts_max = 1;
        let api = Api::new(connection).unwrap();
        let made = self.clocks.get() + 1;
        self.clocks.set(made);
        let clock = Clock::Local(LocalClock::new(&self.folder.path().join(format!("clock{made}"))));
        Machine { store, api, now: self.now(), namespace: self.catalog.namespace.clone(), clock }
    }

    /// Products, meters and prices as `seed` leaves them.
    fn sell(&self) {
        let ns = &self.catalog.namespace;
        let mut meters = std::collections::BTreeMap::new();
        for (key, meter) in self.catalog.meters.iter().filter(|(key, _)| self.catalog.meter_is_priced(key)) {
            let body =
                format!("display_name={key}&event_name={}&default_aggregation[formula]=sum", meter.event);
            let made = self.call("POST", "/v1/billing/meters", &body);
            meters.insert(key.clone(), made["id"].as_str().unwrap().to_owned());
        }
        for (tier, it) in &self.catalog.tiers {
            self.call("POST", "/v1/products", &format!("id={ns}-tier-{tier}&name={tier}"));
            for price in tier_prices(&it.terms) {
                let mut body = format!(
                    "product={ns}-tier-{tier}&currency={}&lookup_key={}&metadata[paygrade]={ns}/tier/{tier}/{}",
                    self.catalog.currency.code(),
                    tier_lookup_key(ns, tier, &price.key),
                    price.key
                );
                body += &match &price.charged {
                    Charged::InAdvance { interval, .. } => {
                        format!("&recurring[interval]={}", interval.as_str())
                    }
                    Charged::Metered { meter } => format!(
                        "&recurring[interval]=month&recurring[usage_type]=metered&recurring[meter]={}",
                        meters[meter]
                    ),
                    Charged::Once => String::new(),
                };
                body += &shape(&price.shape);
                self.call("POST", "/v1/prices", &body);
            }
        }
    }

    /// What `seed` leaves in the store.
    fn fill(&self, store: &Store, path: &std::path::Path) {
        let prices = self.call("GET", "/v1/prices?limit=100", "");
        store
            .write(self.now(), |w| {
                for (tier, it) in &self.catalog.tiers {
                    let revision = it.terms.revision(tier, self.catalog.currency);
                    w.revision_put(&revision, &it.terms.to_json(self.catalog.currency))?;
                    for price in tier_prices(&it.terms) {
                        let key = tier_lookup_key(&self.catalog.namespace, tier, &price.key);
                        let found = prices["data"].as_array().unwrap().iter();
                        let id = found.clone().find(|it| it["lookup_key"] == *key).unwrap()["id"].clone();
                        w.revision_price_put(&revision, &price.key, id.as_str().unwrap())?;
                    }
                }
                Ok::<_, paygrade::store::StoreError>(())
            })
            .unwrap();
        let conn = rusqlite::Connection::open(path).unwrap();
        conn.execute(
            "INSERT INTO catalog (body, digest, applied_at, run) VALUES (?1, 'x', ?2, (SELECT max(run) FROM run))",
            rusqlite::params![self.catalog.to_json(), self.now().0],
        )
        .unwrap();
    }
}

fn shape(shape: &PriceShape) -> String {
    let decimal = |price: &UnitPrice| price.minor().normalize().to_string();
    match shape {
        PriceShape::PerUnit(price) => format!("&unit_amount_decimal={}", decimal(price)),
        PriceShape::Bands { mode, bands } => {
            let mut body = format!("&billing_scheme=tiered&tiers_mode={}", mode.as_str());
            for (number, band) in bands.iter().enumerate() {
                let upto = band.up_to.map_or("inf".to_owned(), |end| end.to_string());
                body += &format!(
                    "&tiers[{number}][up_to]={upto}&tiers[{number}][unit_amount_decimal]={}",
                    decimal(&band.price)
                );
            }
            body
        }
    }
}
