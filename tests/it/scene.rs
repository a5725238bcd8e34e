//! A customer with two meters at one machine, as tests of sending and of comparing have them.

use std::cell::RefCell;
use std::time::Duration;

use paygrade::billing::assign::Asked;
use paygrade::billing::contact::Email;
use paygrade::billing::delivery::State;
use paygrade::billing::id::TierKey;
use paygrade::billing::reconcile::{Class, Tolerance, Tolerances};
use paygrade::billing::time::{DAY_S, HOUR_S, SECOND_US, Timestamp};
use paygrade::billing::usage::Content;
use paygrade::env::{Clock, LocalClock};
use paygrade::error::Error;
use paygrade::flow::push::{self, Ask, Courier, Outcome};
use paygrade::flow::reconcile::{self, Periods};
use paygrade::flow::{Desk, Manner, assign, customer};
use paygrade::store::delivery::{DeliveryFilter, Which};
use paygrade::store::reconcile::Scope;
use paygrade::store::usage::{NewEvent, UsageCache, usage_append};
use paygrade::store::{CustomerRow, MeterRow};
use paygrade::stripe::Grouping;
use serde_json::{Value, json};

use crate::desk::{Machine, START, Stage, block_on, customer as id};

pub(crate) const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.tokens]
name = "Tokens"
event = "tokens"
unit = "token"
[meters.images]
name = "Images"
event = "images"
unit = "image"
[tiers.payg]
name = "Pay as you go"
rank = 1
[tiers.payg.usage.tokens]
price = "0.50"
[tiers.payg.usage.images]
price = "2"
"#;

/// A customer `acme` on `payg` since [`START`], at one machine.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) machine: Machine,
    pub(crate) cus: String,
    pub(crate) meters: Vec<(String, String)>,
    recorded: RefCell<i64>,
}

pub(crate) fn settle_meters(stage: &Stage, machine: &Machine) -> Vec<(String, String)> {
    let listed = stage.call("GET", "/v1/billing/meters?limit=100", "");
    let mut meters: Vec<(String, String)> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["event_name"].as_str().unwrap().to_owned(), it["id"].as_str().unwrap().to_owned()))
        .collect();
    meters.sort();
    let conn = rusqlite::Connection::open(machine.store.path()).unwrap();
    for (event, meter) in &meters {
        let sql = "INSERT OR REPLACE INTO meter (key, event, stripe_id, name, unit, window, priced) VALUES (?1, ?1, ?2, ?1, 'u', 'hour', 1)";
        conn.execute(sql, [event, meter]).unwrap();
    }
    meters
}

pub(crate) fn settle_customer(machine: &Machine) -> String {
    let email = Some(Email::parse("a@acme.io").unwrap());
    let wish = customer::Ask { id: id("acme"), email, name: None, payment_method: None };
    let made = block_on(customer::customer_add(&machine.desk(), &wish)).unwrap();
    let tier = TierKey::parse("payg").unwrap();
    let asked = Asked { send_invoice_days: Some(30), ..Asked::of(tier) };
    let ask = assign::Ask {
        customer: id("acme"),
        asked,
        payment_method: None,
        coupon: None,
        at: None,
        forfeit: false,
        since: None,
    };
    block_on(assign::assign(&machine.desk(), &ask)).unwrap();
    made.customer.cus.unwrap()
}

impl Scene {
    pub(crate) fn new() -> Scene {
        Scene::after(0)
    }

    /// The customer begins so many seconds after [`START`].
    pub(crate) fn after(seconds: i64) -> Scene {
        let stage = Stage::of(paygrade::config::catalog::parse(CATALOG, "catalog.toml").unwrap().0);
        stage.pass(seconds);
        let machine = stage.machine();
        let meters = settle_meters(&stage, &machine);
        let cus = settle_customer(&machine);
        Scene { stage, machine, cus, meters, recorded: RefCell::new(0) }
    }

    /// `images` is meter 1, `tokens` meter 2.
    pub(crate) fn record(&self, machine: &Machine, meter: i64, after_s: i64, quantity: i64) {
        let at = Timestamp(START + after_s).micros();
        let event = NewEvent {
            id: None,
            name: None,
            customer: CustomerRow(1),
            meter: MeterRow(meter),
            content: Content { quantity, at, action: None, user: None },
            at_given: true,
            line: None,
        };
        let now = self.stage.now();
        machine.store.write(now, |w| usage_append(w, &mut UsageCache::default(), &[event])).unwrap();
        *self.recorded.borrow_mut() += quantity;
        assert_eq!(at.0 % SECOND_US, 0);
    }

    pub(crate) fn cus(&self) -> &str {
        &self.cus
    }

    pub(crate) fn clock(&self, machine: &Machine) -> Clock {
        let clock = LocalClock::new(&machine.store.path().with_extension("clock"));
        clock.freeze_at(self.stage.now()).unwrap();
        Clock::Local(clock)
    }

    pub(crate) fn push_with(&self, machine: &Machine, ask: &Ask) -> Result<Outcome, Error> {
        let clock = self.clock(machine);
        // A fresh handle: breaker and deadline are a run's.
        let machine = self.stage.machine_again(machine);
        let courier = Courier {
            store: &machine.store,
            api: &machine.api,
            clock: &clock,
            namespace: &machine.namespace,
            random: 7,
        };
        block_on(push::push(&courier, ask, std::future::pending()))
    }

    pub(crate) fn push(&self) -> Outcome {
        self.push_with(&self.machine, &everything()).unwrap()
    }

    pub(crate) fn reconcile_with(&self, change: impl FnOnce(&mut reconcile::Ask)) -> reconcile::Outcome {
        self.reconcile_on(&self.machine, change)
    }

    pub(crate) fn reconcile_on(
        &self,
        machine: &Machine,
        change: impl FnOnce(&mut reconcile::Ask),
    ) -> reconcile::Outcome {
        let clock = self.clock(machine);
        // A store opened anew is a run of its own.
        let machine = self.stage.machine_again(machine);
        let desk = reconcile::Desk { store: &machine.store, api: &machine.api, clock: &clock };
        let mut ask = reconcile::Ask {
            scope: Scope::default(),
            periods: Periods::Changed,
            by_hour: false,
            full: false,
            tolerance: Tolerances::default(),
            restart: false,
            calls_max: None,
            settle_s: 900,
            grace_s: HOUR_S,
        };
        change(&mut ask);
        block_on(reconcile::reconcile(&desk, &ask)).unwrap()
    }

    pub(crate) fn reconcile(&self) -> reconcile::Outcome {
        self.reconcile_with(|_| ())
    }

    /// Units that Stripe counts, of all meters.
    pub(crate) fn at_stripe(&self) -> i64 {
        let (from, to) = (Timestamp(START).floor(DAY_S), self.stage.now().plus(DAY_S).ceil(DAY_S));
        let of = |meter: &str| {
            let found =
                block_on(self.machine.api.event_summaries(meter, &self.cus, from, to, Grouping::Whole));
            found.unwrap().value.iter().map(|it| it.whole().unwrap()).sum::<i64>()
        };
        self.meters.iter().map(|(_, meter)| of(meter)).sum()
    }

    pub(crate) fn states(&self, machine: &Machine) -> Vec<State> {
        let list = machine.store.read(|r| r.delivery_list(&DeliveryFilter::default(), 1000)).unwrap().0;
        list.iter().map(|it| it.progress.state).collect()
    }

    pub(crate) fn sound(&self) {
        for finding in self.machine.store.read(|r| r.checks_run()).unwrap() {
            assert!(finding.breaches.is_empty(), "{finding:?}");
        }
    }

    pub(crate) fn meter_fault(&self, kind: &Value, nth: u32, times: u32) {
        self.stage.fault(&json!({"kind": kind, "method": "POST", "path": "/v1/billing/meter_events", "nth": nth, "times": times}));
    }
}

/// A desk with what a courier has.
pub(crate) fn desk_of<'a>(courier: &Courier<'a>, now: Timestamp) -> Desk<'a> {
    let Courier { store, api, clock, namespace, random } = *courier;
    Desk { store, api, now, namespace, clock, random, manner: Manner::default() }
}

pub(crate) fn everything() -> Ask {
    Ask {
        customer: None,
        meter: None,
        which: Which::All,
        deliveries_max: None,
        grace_s: HOUR_S,
        mark_every: Duration::from_secs(60),
    }
}

pub(crate) fn within(percent: i64, floor: i64) -> Tolerances {
    Tolerances::all(Tolerance { percent: percent.into(), floor, ..Tolerance::default() })
}

pub(crate) fn classes(outcome: &reconcile::Outcome) -> Vec<(Class, i64)> {
    outcome.findings.iter().map(|it| (it.class, it.difference)).collect()
}
