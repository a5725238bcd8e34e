//! Spans to the unit: an anchor in the middle of a minute, a tier change in the middle of an hour, and a store that hears
//! of it twenty minutes later.

use std::collections::{BTreeMap, BTreeSet};

use paygrade::billing::delivery::State;
use paygrade::billing::reconcile::{Cause, Class, Range, Unbilled};
use paygrade::billing::time::{DAY_S, HOUR_S, MINUTE_S, Timestamp};
use paygrade::flow::meter;
use paygrade::flow::reconcile::Periods;
use paygrade::flow::usage_show::{self, Which};

use crate::desk::{START, Stage};
use crate::plot::Plot;

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
[tiers.bulk]
name = "Bulk"
rank = 2
[tiers.bulk.usage.tokens]
price = "0.20"
"#;

/// 14:37:22, when the customer begins; 16:20:11, when it changes its tier.
const ANCHOR: i64 = START + 2 * HOUR_S + 37 * MINUTE_S + 22;
pub(crate) const SWAP: i64 = START + 4 * HOUR_S + 20 * MINUTE_S + 11;

fn until(stage: &Stage, at: i64) {
    stage.pass(at - stage.now().0);
}

/// One customer, from the anchor on.
fn begun() -> Plot {
    let mut plot = Plot::selling(CATALOG, ANCHOR);
    plot.join();
    plot
}

/// What happens at an instant, beside usage.
#[derive(Clone, Copy)]
pub(crate) enum Event {
    Push,
    Swap,
    /// Another price by somebody in the Dashboard.
    Dashboard,
    Cancel,
    /// The end by somebody in the Dashboard, without a last bill.
    CancelUnbilled,
    /// The webhook comes that tells of it.
    Hear,
}

/// The customer uses something every seven minutes, one unit more each time, while something happens.
pub(crate) fn story(events: &[(i64, Event)]) -> (Plot, i64, i64) {
    let plot = begun();
    let (mut before, mut after) = (0, 0);
    let mut due = events.iter().copied().peekable();
    for step in 1..60 {
        let at = ANCHOR + step * 7 * MINUTE_S;
        while let Some((when, what)) = due.next_if(|(when, _)| *when <= at) {
            until(&plot.stage, when);
            match what {
                Event::Push => plot.push(),
                Event::Swap => plot.put(0, "bulk"),
                Event::Dashboard => plot.reprice(0, "acme:tier:bulk:usage.tokens"),
                Event::Cancel => plot.cancel(0, true),
                Event::CancelUnbilled => plot.cancel(0, false),
                Event::Hear => plot.refresh(0),
            }
        }
        until(&plot.stage, at);
        plot.record(&[(0, at, step)]);
        *(if at < SWAP { &mut before } else { &mut after }) += step;
    }
    plot.push();
    (plot, before, after)
}

#[test]
fn deliveries_and_quota_agree_to_the_unit() {
    let (plot, before, after) = story(&[(SWAP - 11, Event::Push), (SWAP, Event::Swap)]);
    let used = usage_show::usage_show(
        &plot.machine.store,
        plot.stage.now(),
        &usage_show::Filter { customer: None, meter: None, which: Which::Current },
    )
    .unwrap();
    assert_eq!(used.iter().map(|it| it.used).collect::<Vec<_>>(), [after], "the allowance of the new price");
    plot.stage.pass(HOUR_S);
    let sums = plot.reconcile();
    assert_eq!((sums.findings.len(), sums.done.matched), (0, sums.done.asked));
    let mut sent: BTreeMap<String, i64> = BTreeMap::new();
    for it in plot.deliveries().iter().filter(|it| it.progress.state.covers()) {
        *sent.entry(it.price.clone()).or_default() += it.value;
    }
    let units: BTreeSet<i64> = sent.into_values().collect();
    assert_eq!(units, BTreeSet::from([before, after]), "by price");
    // And so do the invoices, when the period is over: 0.50 before the change, 0.20 after it.
    until(&plot.stage, ANCHOR + 31 * DAY_S + 2 * HOUR_S);
    assert_eq!(billed(&plot), BTreeSet::from([(before, before * 50), (after, after * 20)]));
    let all = Range { from: Timestamp(START), to: plot.stage.now() };
    let followed = plot.follow_in(Periods::Stretch(all));
    assert!(followed.followed.iter().all(|it| it.billed.class == Class::Match), "{:?}", followed.followed);
    let charged: i64 = followed.followed.iter().filter_map(|it| it.chain.invoiced).map(|it| it.units).sum();
    assert_eq!((charged, followed.findings.len()), (before + after, 0));
    plot.sound();
}

/// Units and cents of the lines of all invoices that charge usage.
fn billed(plot: &Plot) -> BTreeSet<(i64, i64)> {
    let invoices = plot.stage.call("GET", "/v1/invoices?limit=100", "");
    let lines =
        invoices["data"].as_array().unwrap().iter().flat_map(|it| it["lines"]["data"].as_array().unwrap());
    let charged = lines.map(|it| (it["quantity"].as_i64().unwrap_or(0), it["amount"].as_i64().unwrap()));
    charged.filter(|(units, amount)| *units != 0 && *amount != 0).collect()
}

/// Usage of a period that comes while its invoice is a draft is on that invoice; what comes when it is final is late, named
/// with its money, and billed in the open period when a person says so.
#[test]
fn late_usage_inside_and_after_the_draft_hour() {
    let plot = begun();
    let end = ANCHOR + 31 * DAY_S;
    until(&plot.stage, ANCHOR + 10 * DAY_S + 60);
    plot.record(&[(0, ANCHOR + 10 * DAY_S, 7)]);
    plot.push();
    until(&plot.stage, end + HOUR_S / 2);
    plot.record(&[(0, end - 1, 5), (0, end, 100)]);
    plot.push();
    until(&plot.stage, end + 2 * HOUR_S);
    plot.record(&[(0, end - 2, 3)]);
    plot.push();
    plot.stage.pass(HOUR_S);
    let states: Vec<(State, i64)> =
        plot.deliveries().iter().map(|it| (it.progress.state, it.value)).collect();
    assert!(states.contains(&(State::Late, 3)), "{states:?}");
    assert_eq!(
        billed(&plot),
        BTreeSet::from([(12, 600)]),
        "up to the last second, and nothing of the next period"
    );
    let sums = plot.reconcile();
    let found: Vec<(Cause, i64, Option<i64>)> =
        sums.findings.iter().map(|it| (it.cause, it.difference, it.amount.map(|it| it.minor))).collect();
    assert_eq!(found, [(Cause::Late, -3, Some(-150))]);
    let followed = plot.follow();
    let it = &followed.followed[0];
    assert_eq!(
        (it.billed.class, it.chain.late, it.billed.unbilled.clone()),
        (Class::Match, 3, vec![(Unbilled::Late, 3)])
    );
    // Into the open period: once, and the next invoice has it.
    let again = plot.again();
    let now = plot.stage.now();
    let plan = meter::retry_plan(&again.store, &[], true, HOUR_S, now).unwrap();
    meter::retry_apply(&again.store, &plan, now).unwrap();
    plot.push();
    until(&plot.stage, ANCHOR + 59 * DAY_S + 2 * HOUR_S);
    assert_eq!(billed(&plot), BTreeSet::from([(12, 600), (103, 5_150)]));
    let sums = plot.reconcile();
    assert_eq!((sums.findings.len(), sums.done.matched), (0, sums.done.asked), "{:?}", sums.findings);
    plot.sound();
}

/// The subscription was canceled, and the store heard of it twenty minutes later. What it sent meanwhile is stamped after the
/// end, where nothing bills it: a finding says how many units belong before it.
#[test]
fn what_was_sent_before_the_end_was_known_is_named() {
    let (plot, before, after) = story(&[
        (SWAP - 30 * MINUTE_S, Event::Push),
        (SWAP, Event::Cancel),
        (SWAP + 10 * MINUTE_S, Event::Push),
        (SWAP + 20 * MINUTE_S, Event::Hear),
    ]);
    plot.stage.pass(HOUR_S);
    let sums = plot.reconcile();
    // Of the hour from 16:00, what was used before 16:20:11: at 16:01:22, 16:08:22 and 16:15:22.
    let wrong: Vec<(Cause, i64, i64)> =
        sums.findings.iter().map(|it| (it.cause, it.difference, it.events)).collect();
    assert_eq!(wrong, [(Cause::SpanChanged, 12 + 13 + 14, 3)]);
    let again = plot.reconcile();
    assert_eq!(again.findings[0].finding, sums.findings[0].finding);
    // What came after the end is exempt, but for the two events that were sent already.
    let sent: i64 = plot.deliveries().iter().map(|it| it.value).sum();
    assert_eq!((sent, before + after - sent), (before + 15 + 16, after - 15 - 16));
    // The invoice of the end charges what Stripe had then. What was used before the end and came after it is told by the bill,
    // and what is stamped after the end by the finding: each unit is in one place.
    assert_eq!(billed(&plot), BTreeSet::from([(55, 55 * 50)]));
    assert_eq!(charged(&plot), (55, vec![(Cause::AfterInvoice, -11, Some(-550))], 11));
    assert_eq!(55 + 11 + (12 + 13 + 14), before);
    plot.sound();
}

/// Cause, units and minor units.
type Lacks = Vec<(Cause, i64, Option<i64>)>;

/// Units that invoices charge, by how much and why each bill differs from what the meter counted, and how many came when
/// their invoice was final.
fn charged(plot: &Plot) -> (i64, Lacks, i64) {
    until(&plot.stage, ANCHOR + 31 * DAY_S + 2 * HOUR_S);
    let all = Range { from: Timestamp(START), to: plot.stage.now() };
    let followed = plot.follow_in(Periods::Stretch(all));
    let units = followed.followed.iter().filter_map(|it| it.chain.invoiced).map(|it| it.units).sum();
    let reasons = followed.followed.iter().flat_map(|it| &it.billed.unbilled);
    let afterwards = reasons.filter(|(why, _)| *why == Unbilled::Afterwards).map(|(_, units)| units).sum();
    let lacks = followed.findings.iter().map(|it| (it.cause, it.difference, it.amount.map(|it| it.minor)));
    (units, lacks.collect(), afterwards)
}

/// Somebody gave the subscription another price in the Dashboard in the middle of an hour, and the webhook that tells of it
/// came twenty minutes later. What the customer bought stays here until a person decides; but all usage is sent once, and
/// the bills are followed to the unit: what came when the old price had been billed is what they lack.
///
/// Planted and seen to fail here: lines of the price that only Stripe's item has left out.
#[test]
fn another_price_that_is_heard_of_late_is_followed_to_the_unit() {
    let (plot, before, after) = story(&[
        (SWAP - 30 * MINUTE_S, Event::Push),
        (SWAP, Event::Dashboard),
        (SWAP + 10 * MINUTE_S, Event::Push),
        (SWAP + 20 * MINUTE_S, Event::Hear),
    ]);
    plot.stage.pass(HOUR_S);
    let sums = plot.reconcile();
    assert_eq!((sums.findings.len(), sums.done.matched), (0, sums.done.asked));
    let sent: i64 = plot.deliveries().iter().map(|it| it.value).sum();
    let used = usage_show::usage_show(
        &plot.machine.store,
        plot.stage.now(),
        &usage_show::Filter { customer: None, meter: None, which: Which::Current },
    )
    .unwrap();
    assert_eq!((sent, used.iter().map(|it| it.used).sum::<i64>()), (before + after, before + after));
    // Used at 15:54:22 and sent at 16:30:11, when the old price was billed.
    assert_eq!(
        charged(&plot),
        (before + after - 11, vec![(Cause::AfterInvoice, -11, Some(-550))], 11),
        "at the price that billed it"
    );
    let after_it = before + after - 55 - 11;
    assert_eq!(billed(&plot), BTreeSet::from([(55, 55 * 50), (after_it, after_it * 20)]));
    plot.sound();
}
