//! A swap, a planned change and the end of a trial that are heard of late: what was sent meanwhile is told, taken back or
//! corrected from the command line, and in the end the invoices come to what was used, to the cent.

use serde_json::Value;

use crate::recover::call;
use crate::world::World;

const CATALOG: &str = r#"
schema = 1
namespace = "acme"
currency = "usd"
[meters.tokens]
name = "Tokens"
event = "tokens"
unit = "token"
[tiers.payg]
rank = 1
[tiers.payg.usage.tokens]
price = "0.50"
[tiers.bulk]
rank = 2
[tiers.bulk.usage.tokens]
price = "0.20"
[tiers.flat]
rank = 3
prices = [{ interval = "month", amount = "30.00" }]
usage.tokens = { unlimited = true }
[tiers.tried]
rank = 1
trial_days = 10
prices = [{ interval = "month", amount = "10.00" }]
[tiers.tried.usage.tokens]
price = "0.50"
"#;

/// One customer on a tier, in a store of its own and in one that somebody else works with.
struct Late {
    world: World,
}

impl Late {
    fn on(tier: &str) -> Late {
        let world = World::new();
        world.file("catalog.toml", CATALOG);
        for store in ["", " --store other.db"] {
            world.demand(0, &format!("seed --yes -q{store}"));
            let pay = "--payment-method pm_card_visa";
            world.demand(0, &format!("customer add acme --email a@acme.io {pay} -q{store}"));
            world.demand(0, &format!("tier assign acme {tier} -q{store}"));
        }
        Late { world }
    }
    fn at(&mut self, now: &str) -> &mut Late {
        self.world.now(Some(now));
        self
    }
    fn uses(&mut self, now: &str, units: i64) -> &mut Late {
        self.at(now);
        self.world.demand(0, &format!("usage record acme tokens {units} -q"));
        self
    }
    fn pushes(&mut self, now: &str) -> &mut Late {
        self.at(now);
        self.world.demand(0, "meter push -q");
        self
    }
    /// Somebody else changes it.
    fn elsewhere(&mut self, now: &str, line: &str) -> &mut Late {
        self.at(now);
        self.world.demand(0, &format!("{line} -q --store other.db"));
        self
    }
    /// The events come in at last; what is another tier there is taken in.
    fn hears(&mut self, now: &str) -> &mut Late {
        self.at(now);
        for line in ["tick --only backfill,process", "reconcile tiers", "repair --yes", "reconcile tiers"] {
            self.world.run(&format!("{line} -q"));
        }
        self
    }
    /// Rows of a report, as objects.
    fn rows(&self, line: &str) -> Vec<Value> {
        let answer = self.world.run(&format!("{line} -q -o json"));
        let report: Value =
            serde_json::from_str(&answer.out).unwrap_or_else(|_| panic!("{line}: {answer:?}"));
        report["rows"].as_array().unwrap().clone()
    }
    /// Cause, units and minor units of what is found about usage and nobody has dealt with, at the meter and at the bill.
    fn found(&self) -> Vec<(String, i64, i64)> {
        let mut found = Vec::new();
        for line in ["reconcile --full --restart", "reconcile --through invoice"] {
            self.world.run(&format!("{line} -q"));
        }
        for it in self.rows("export findings") {
            if it["subject"] == "usage" && it["gone_run"].is_null() && it["ack_run"].is_null() {
                let number =
                    |key: &str| it[key].as_i64().or_else(|| it[key].as_str()?.parse().ok()).unwrap_or(0);
                let cause = it["cause"].as_str().unwrap().to_owned();
                found.push((cause, number("difference"), number("amount")));
            }
        }
        found.sort();
        found
    }
    /// Everything that may be done about it; a second time nothing is left to do.
    fn repairs(&self) -> Vec<String> {
        let steps = self.rows("repair --correct --yes");
        let done = steps.iter().filter(|it| it["refused_because"].is_null());
        let done: Vec<String> = done.map(|it| it["action"].as_str().unwrap().to_owned()).collect();
        let done: Vec<String> = done.into_iter().filter(|it| it != "none").collect();
        let again = self.rows("repair --correct --yes");
        assert!(again.iter().all(|it| it["action"] == "none"), "{again:?}");
        done
    }
    /// What all invoices charge for usage and correct of it, in minor units.
    fn charged(&self, now: &str) -> i64 {
        let listed = call(&self.world, "GET", "/v1/invoices?limit=100", "", now);
        let lines =
            listed["data"].as_array().unwrap().iter().flat_map(|it| it["lines"]["data"].as_array().unwrap());
        let prices = call(&self.world, "GET", "/v1/prices?limit=100", "", now);
        let is_metered = |price: &Value| {
            let metered =
                prices["data"].as_array().unwrap().iter().filter(|it| !it["recurring"]["meter"].is_null());
            metered.into_iter().any(|it| it["id"] == *price)
        };
        let of_usage = lines.filter(|it| {
            is_metered(&it["pricing"]["price_details"]["price"])
                || it["description"].as_str().is_some_and(|it| it.starts_with("Correction"))
        });
        of_usage.map(|it| it["amount"].as_i64().unwrap()).sum()
    }
    /// The month goes by; what the bills still lack is corrected too, and another month brings it.
    fn ends(&mut self, want: i64) {
        for now in ["2026-12-21T12:00:00Z", "2027-01-21T12:00:00Z"] {
            self.at(now);
            self.world.run("tick -q");
            self.found();
            self.repairs();
        }
        let now = "2027-02-21T12:00:00Z";
        self.at(now);
        self.world.run("tick -q");
        assert_eq!(self.found(), [], "nothing is left");
        assert_eq!(self.charged(now), want);
        self.world.demand(0, "doctor --offline -q");
    }
}

fn found(of: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    of.iter().map(|(cause, units, minor)| ((*cause).to_owned(), *units, *minor)).collect()
}

/// Seven tokens of before the swap went out with eleven of after it, at the new price: the old one is billed by then, so
/// that sending them again would bill them nowhere. The difference of the prices is corrected.
#[test]
fn a_swap_that_is_heard_of_twenty_minutes_later_is_corrected_in_money() {
    let mut late = Late::on("payg");
    late.uses("2026-11-21T09:50:00Z", 5).pushes("2026-11-21T10:00:00Z").uses("2026-11-21T10:05:00Z", 7);
    late.elsewhere("2026-11-21T10:20:11Z", "tier assign acme bulk --at now");
    late.uses("2026-11-21T10:25:00Z", 11).pushes("2026-11-21T10:30:00Z");
    late.hears("2026-11-21T10:40:00Z").uses("2026-11-21T12:00:00Z", 13).pushes("2026-11-21T14:00:00Z");
    assert_eq!(late.at("2026-11-21T14:30:00Z").found(), found(&[("span_changed", 7, -7 * 30)]));
    assert_eq!(late.repairs(), ["correct"]);
    assert_eq!(late.found(), []);
    late.ends((5 + 7) * 50 + (11 + 13) * 20);
}

/// The same, heard of after more than a day: what was sent cannot be taken back any more, and is corrected all the same.
#[test]
fn a_swap_that_is_heard_of_two_days_later_is_corrected_in_money() {
    let mut late = Late::on("payg");
    late.uses("2026-11-21T09:50:00Z", 5).pushes("2026-11-21T10:00:00Z").uses("2026-11-21T10:05:00Z", 7);
    late.elsewhere("2026-11-21T10:20:11Z", "tier assign acme bulk --at now");
    late.uses("2026-11-21T10:25:00Z", 11).pushes("2026-11-21T10:30:00Z");
    late.uses("2026-11-22T12:00:00Z", 13).pushes("2026-11-22T14:00:00Z");
    late.hears("2026-11-23T11:00:00Z");
    assert_eq!(late.at("2026-11-23T12:00:00Z").found(), found(&[("span_changed", 7, -7 * 30)]));
    assert_eq!(late.repairs(), ["correct"]);
    late.ends((5 + 7) * 50 + (11 + 13) * 20);
}

/// A change to a tier that bills no usage: what was used before it was sent where nothing bills it any more.
#[test]
fn a_swap_to_a_tier_without_a_price_is_corrected_in_money() {
    let mut late = Late::on("payg");
    late.uses("2026-11-21T09:50:00Z", 5).pushes("2026-11-21T10:00:00Z").uses("2026-11-21T10:05:00Z", 7);
    late.elsewhere("2026-11-21T10:20:11Z", "tier assign acme flat --at now");
    late.uses("2026-11-21T10:25:00Z", 11).pushes("2026-11-21T10:30:00Z");
    late.hears("2026-11-21T10:40:00Z");
    assert_eq!(late.at("2026-11-21T14:30:00Z").found(), found(&[("span_changed", 7, -7 * 50)]));
    assert_eq!(late.repairs(), ["correct"]);
    late.ends((5 + 7) * 50);
}

/// A trial that somebody ended early in the Dashboard: what was used in it is free, and went out with what came after it. It
/// is given back, whenever it is heard of: sent again it would only be late.
#[test]
fn an_early_end_of_a_trial_gives_back_what_was_used_in_it() {
    for heard in ["2026-11-21T10:40:00Z", "2026-11-23T10:40:00Z"] {
        let mut late = Late::on("tried");
        late.uses("2026-11-21T09:50:00Z", 5).pushes("2026-11-21T10:00:00Z").uses("2026-11-21T10:05:00Z", 7);
        let now = "2026-11-21T10:20:11Z";
        late.at(now);
        let sub = call(&late.world, "GET", "/v1/subscriptions?limit=1", "", now)["data"][0]["id"].clone();
        let path = format!("/v1/subscriptions/{}", sub.as_str().unwrap());
        call(&late.world, "POST", &path, "trial_end=now", now);
        late.uses("2026-11-21T10:25:00Z", 11).pushes("2026-11-21T10:30:00Z").hears(heard);
        let then = heard.replace(":40:00", ":55:00");
        assert_eq!(late.at(&then).found(), found(&[("span_changed", 7, 7 * 50)]), "{heard}");
        assert_eq!(late.repairs(), ["correct"], "{heard}");
        late.at(&heard.replace(":40:00", ":59:00"));
        assert_eq!(late.found(), [], "{heard}");
        late.ends(11 * 50);
    }
}

/// The same where Stripe lost what was sent: it is proved absent and sent cut at the new edge, nothing is given back that was
/// never billed, and what was used in the trial is neither a finding nor billed elsewhere.
///
/// Planted and seen to fail here: both repaired at once.
#[test]
fn what_was_lost_and_lies_across_an_edge_is_sent_again_once() {
    let mut late = Late::on("tried");
    late.uses("2026-11-21T09:50:00Z", 5).pushes("2026-11-21T10:00:00Z").uses("2026-11-21T10:05:00Z", 7);
    let now = "2026-11-21T10:20:11Z";
    late.at(now);
    let sub = call(&late.world, "GET", "/v1/subscriptions?limit=1", "", now)["data"][0]["id"].clone();
    let path = format!("/v1/subscriptions/{}", sub.as_str().unwrap());
    call(&late.world, "POST", &path, "trial_end=now", now);
    late.uses("2026-11-21T10:25:00Z", 11);
    late.world.demand(0, "local fault lose-meter-event -q");
    late.pushes("2026-11-21T10:30:00Z").hears("2026-11-21T10:40:00Z");
    late.at("2026-11-21T10:55:00Z");
    assert_eq!(late.found(), found(&[("lost", -18, -11 * 50), ("span_changed", 7, 7 * 50)]));
    late.at("2026-11-21T11:20:00Z");
    let planned = late.rows("repair --correct -n");
    let refused: Vec<&Value> = planned.iter().filter(|it| it["action"] == "none").collect();
    assert!(refused[0]["refused_because"].as_str().unwrap().contains("comes first"), "{planned:?}");
    assert_eq!(late.repairs(), ["resend"]);
    late.at("2026-11-21T11:50:00Z");
    assert_eq!(late.found(), []);
    late.ends(11 * 50);
}

/// A change in the middle of a month that was planned elsewhere, and that nobody told of before its day.
#[test]
fn a_planned_change_that_is_heard_of_late_is_corrected_in_money() {
    let mut late = Late::on("payg");
    late.uses("2026-11-21T09:50:00Z", 5).pushes("2026-11-21T10:00:00Z");
    late.elsewhere("2026-11-21T11:00:00Z", "tier assign acme bulk --at 2026-11-25T10:20:11Z");
    late.uses("2026-11-25T10:05:00Z", 7).uses("2026-11-25T10:25:00Z", 11).pushes("2026-11-25T10:30:00Z");
    late.hears("2026-11-25T10:45:00Z").uses("2026-11-25T12:00:00Z", 13).pushes("2026-11-25T14:00:00Z");
    assert_eq!(late.at("2026-11-25T14:30:00Z").found(), found(&[("span_changed", 7, -7 * 30)]));
    assert_eq!(late.repairs(), ["correct"]);
    late.ends((5 + 7) * 50 + (11 + 13) * 20);
}

/// What was sent for the tier before it lies in the period of the one that was heard of late: nothing of it is called unsent,
/// nor are the seven tokens of before that went out with what came after.
///
/// Planted and seen to fail here: deliveries found by the period that they were sent for.
#[test]
fn what_was_sent_before_a_swap_was_heard_of_counts_as_sent_on_its_bill() {
    let mut late = Late::on("payg");
    late.uses("2026-11-21T09:50:00Z", 5).pushes("2026-11-21T10:00:00Z").uses("2026-11-21T10:05:00Z", 7);
    late.elsewhere("2026-11-21T10:20:11Z", "tier assign acme bulk --at now");
    late.uses("2026-11-21T10:25:00Z", 11).pushes("2026-11-21T10:30:00Z");
    late.uses("2026-11-22T12:00:00Z", 13).pushes("2026-11-22T14:00:00Z").hears("2026-11-23T11:00:00Z");
    late.at("2026-12-21T12:00:00Z");
    late.world.run("tick -q");
    let stretch = "--from 2026-11-21T00:00:00Z --to 2026-12-21T12:00:00Z";
    let rows = late.rows(&format!("reconcile --through invoice {stretch}"));
    let said: Vec<String> = rows
        .iter()
        .map(|it| {
            let keys = ["recorded", "sent", "stripe", "invoiced", "amount", "class", "not_billed"];
            keys.map(|key| it[key].to_string()).join(" ")
        })
        .collect();
    let want = ["12 5 5 5 250 \"match\" [\"span_changed=7\"]", "24 31 31 31 620 \"match\" []"];
    assert_eq!(said, want, "{rows:?}");
}
