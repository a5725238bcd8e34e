//! Many customers on one meter, and what goes wrong with their usage.

use paygrade::billing::assign::Asked;
use paygrade::billing::contact::Email;
use paygrade::billing::delivery::State;
use paygrade::billing::id::TierKey;
use paygrade::billing::reconcile::Tolerances;
use paygrade::billing::time::{HOUR_S, Timestamp};
use paygrade::billing::usage::Content;
use paygrade::env::{Clock, LocalClock};
use paygrade::flow::push::{self, Courier};
use paygrade::flow::reconcile::{self, Outcome, Periods};
use paygrade::flow::refresh::subscription_refresh;
use paygrade::flow::{alert, assign, customer, inbox};
use paygrade::store::delivery::{Delivery, DeliveryFilter, FormAsk, Which};
use paygrade::store::reconcile::Scope;
use paygrade::store::usage::{NewEvent, UsageCache, usage_append};
use paygrade::store::{CustomerRow, MeterRow};
use serde_json::json;

use crate::desk::{Machine, START, Stage, block_on, customer as id};
use crate::scene::{everything, settle_meters};

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.tokens]
name = "Tokens"
event = "tokens"
unit = "token"
[tiers.payg]
name = "Pay as you go"
rank = 1
[tiers.payg.usage.tokens]
price = "0.50"
"#;

/// How many customers there are.
pub(crate) const CUSTOMERS: usize = 19;
/// The first, who begins a period earlier than the others.
pub(crate) const OLD: usize = 0;

/// One store, one Stripe, and customers who pay as they go.
pub(crate) struct Plot {
    pub(crate) stage: Stage,
    pub(crate) machine: Machine,
    pub(crate) cus: Vec<String>,
    meter: MeterRow,
}

impl Plot {
    pub(crate) fn sound(&self) {
        for finding in self.machine.store.read(|r| r.checks_run()).unwrap() {
            assert!(finding.breaches.is_empty(), "{finding:?}");
        }
    }

    /// A catalog that is sold from an instant on, and nobody who buys.
    pub(crate) fn selling(catalog: &str, from: i64) -> Plot {
        let stage = Stage::of(paygrade::config::catalog::parse(catalog, "catalog.toml").unwrap().0);
        let machine = stage.machine();
        settle_meters(&stage, &machine);
        if from > stage.now().0 {
            stage.pass(from - stage.now().0);
        }
        Plot { stage, machine, cus: Vec::new(), meter: MeterRow(1) }
    }

    /// The first customer begins now, the others so many seconds later.
    pub(crate) fn new(later_s: i64) -> Plot {
        let mut plot = Plot::selling(CATALOG, START);
        plot.join();
        plot.stage.pass(later_s);
        for _ in 1..CUSTOMERS {
            plot.join();
        }
        plot
    }

    /// The same store and Stripe, as the next run of the program has them.
    pub(crate) fn again(&self) -> Machine {
        self.stage.machine_again(&self.machine)
    }

    /// One more customer, who pays as he goes.
    pub(crate) fn join(&mut self) {
        let (machine, number) = (self.again(), self.cus.len());
        let email = Some(Email::parse(&format!("c{number}@acme.io")).unwrap());
        let wish = customer::Ask { id: id(&name(number)), email, name: None, payment_method: None };
        let made = block_on(customer::customer_add(&machine.desk(), &wish)).unwrap();
        self.cus.push(made.customer.cus.unwrap());
        self.put(number, "payg");
    }

    /// Puts a customer on a tier.
    pub(crate) fn put(&self, customer: usize, tier: &str) {
        let tier = TierKey::parse(tier).unwrap();
        let asked = Asked { send_invoice_days: Some(30), ..Asked::of(tier.clone()) };
        let ask = assign::Ask { asked, ..assign::Ask::of(id(&name(customer)), tier) };
        block_on(assign::assign(&self.again().desk(), &ask)).unwrap();
    }

    pub(crate) fn record(&self, events: &[(usize, i64, i64)]) {
        let event = |(customer, at, quantity): &(usize, i64, i64)| NewEvent {
            id: None,
            name: None,
            customer: CustomerRow(i64::try_from(*customer).unwrap() + 1),
            meter: self.meter,
            content: Content { quantity: *quantity, at: Timestamp(*at).micros(), action: None, user: None },
            at_given: true,
            line: None,
        };
        let mut cache = UsageCache::default();
        for chunk in events.chunks(10_000) {
            let rows: Vec<NewEvent<'_>> = chunk.iter().map(event).collect();
            self.machine.store.write(self.stage.now(), |w| usage_append(w, &mut cache, &rows)).unwrap();
        }
    }

    /// Forms what is to be sent, so that faults can name it.
    pub(crate) fn form(&self) -> Vec<Delivery> {
        let ask = FormAsk {
            customer: None,
            meter: None,
            which: Which::All,
            grace_s: HOUR_S,
            deliveries_max: 1_000_000,
        };
        self.machine
            .store
            .write(self.stage.now(), |w| {
                w.pair_refresh()?;
                w.delivery_form(&ask, None)
            })
            .unwrap();
        self.deliveries().into_iter().filter(|it| it.progress.state == State::Due).collect()
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.machine.store.read(|r| r.delivery_list(&DeliveryFilter::default(), usize::MAX)).unwrap().0
    }

    pub(crate) fn clock(&self) -> Clock {
        let clock = LocalClock::new(&self.machine.store.path().with_extension("clock"));
        clock.freeze_at(self.stage.now()).unwrap();
        Clock::Local(clock)
    }

    pub(crate) fn push(&self) {
        self.push_of(None);
    }

    /// Sends what is due, of this customer alone or of all.
    pub(crate) fn push_of(&self, customer: Option<usize>) {
        let customer = customer.map(|it| CustomerRow(i64::try_from(it).unwrap() + 1));
        let (machine, clock) = (self.again(), self.clock());
        let courier = Courier {
            store: &machine.store,
            api: &machine.api,
            clock: &clock,
            namespace: &machine.namespace,
            random: 7,
        };
        let ask = push::Ask { customer, ..everything() };
        block_on(push::push(&courier, &ask, std::future::pending())).unwrap();
    }

    pub(crate) fn ask(full: bool) -> reconcile::Ask {
        reconcile::Ask {
            scope: Scope::default(),
            periods: Periods::Changed,
            full,
            restart: false,
            by_hour: false,
            tolerance: Tolerances::default(),
            calls_max: None,
            settle_s: 900,
            grace_s: HOUR_S,
        }
    }

    pub(crate) fn reconcile(&self) -> Outcome {
        let (machine, clock) = (self.again(), self.clock());
        let desk = reconcile::Desk { store: &machine.store, api: &machine.api, clock: &clock };
        block_on(reconcile::reconcile(&desk, &Plot::ask(true))).unwrap()
    }

    /// Follows the last period that is over to its invoices.
    pub(crate) fn follow(&self) -> reconcile::Through {
        self.follow_in(Periods::Changed)
    }

    /// Follows periods to their invoices.
    pub(crate) fn follow_in(&self, periods: Periods) -> reconcile::Through {
        let (machine, clock) = (self.again(), self.clock());
        let desk = reconcile::Desk { store: &machine.store, api: &machine.api, clock: &clock };
        block_on(reconcile::through_invoice(&desk, &reconcile::Ask { periods, ..Plot::ask(false) })).unwrap()
    }

    /// Units that an alert about the only customer with differences speaks of.
    pub(crate) fn alerted(&self) -> Vec<i64> {
        let watch = alert::Watch { quiet: Tolerances::default() };
        let due = self.machine.store.read(|r| alert::find(r, self.stage.now(), &watch)).unwrap();
        let told = due.iter().flat_map(|it| &it.notices).filter(|it| it.kind == "reconcile");
        told.map(|it| it.facts["difference"].as_i64().unwrap()).collect()
    }

    pub(crate) fn fault(&self, it: &Delivery, kind: serde_json::Value) {
        let path = "/v1/billing/meter_events";
        self.stage.fault(&json!({"kind": kind, "method": "POST", "path": path, "identifier": it.identifier}));
    }

    /// A meter event that this store knows nothing of.
    pub(crate) fn foreign(&self, customer: usize, at: i64, value: i64) {
        let cus = &self.cus[customer];
        let body = format!(
            "event_name=tokens&payload[stripe_customer_id]={cus}&payload[value]={value}&timestamp={at}"
        );
        self.stage.call("POST", "/v1/billing/meter_events", &body);
    }

    /// The customer's subscription, as Stripe has it.
    fn subscription(&self, customer: usize) -> serde_json::Value {
        let of = format!("/v1/subscriptions?customer={}", self.cus[customer]);
        self.stage.call("GET", &of, "")["data"][0].clone()
    }

    /// Somebody ends a subscription at Stripe, at once: with the bill of what was used, or without.
    pub(crate) fn cancel(&self, customer: usize, is_billed: bool) {
        let sub = self.subscription(customer);
        let path = format!("/v1/subscriptions/{}", sub["id"].as_str().unwrap());
        self.stage.call("DELETE", &path, if is_billed { "invoice_now=true" } else { "" });
    }

    /// Somebody gives a subscription of one price another one in the Dashboard: of the tier that has this lookup key.
    pub(crate) fn reprice(&self, customer: usize, lookup_key: &str) {
        let sub = self.subscription(customer);
        let prices = self.stage.call("GET", &format!("/v1/prices?lookup_keys[]={lookup_key}"), "");
        let price = prices["data"][0]["id"].as_str().unwrap();
        let item = sub["items"]["data"][0]["id"].as_str().unwrap();
        let path = format!("/v1/subscriptions/{}", sub["id"].as_str().unwrap());
        self.stage.call("POST", &path, &format!("items[0][id]={item}&items[0][price]={price}"));
    }

    /// What the webhook does that tells of it.
    pub(crate) fn refresh(&self, customer: usize) {
        let machine = self.again();
        let it = machine.store.read(|r| r.customer_by_id(&id(&name(customer)))).unwrap().unwrap();
        block_on(subscription_refresh(&machine.desk(), &it)).unwrap();
    }

    /// A hand in the store's file.
    pub(crate) fn tamper(&self, sql: &str) {
        rusqlite::Connection::open(self.machine.store.path()).unwrap().execute_batch(sql).unwrap();
    }

    /// What Stripe tells of events that it did not count gets here.
    pub(crate) fn reports_arrive(&self) {
        self.stage.pass(60);
        let machine = self.again();
        block_on(inbox::backfill(&machine.desk(), None)).unwrap();
        block_on(inbox::process(&machine.desk(), &inbox::Ask::default(), || false)).unwrap();
    }
}

pub(crate) fn name(customer: usize) -> String {
    format!("c{customer:02}")
}
