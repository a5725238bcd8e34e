//! `report`: what is sold, used and earned, over everybody. The store alone.

use std::collections::BTreeMap;

use super::assign::catalog_required;
use super::customer::list::{CustomerView, customer_list};
use super::usage_show::{Filter, Used, Which, usage_show};
use crate::billing::catalog::Catalog;
use crate::billing::id::{CustomerId, MeterKey, TierKey};
use crate::billing::money::{Currency, Money};
use crate::billing::time::{DAY_S, Timestamp};
use crate::billing::upgrade::{On, Upgrade, upgrade};
use crate::error::Error;
use crate::store::report::{Figures, Invoiced};
use crate::store::{Reader, Store};

/// How far back beginnings and ends are counted.
pub const LOOK_BACK_DAYS: i64 = 30;
/// Days of a chart.
pub const DAYS_CHARTED: i64 = 60;
/// From so many percent of what is included on, the next tier is named.
const NEAR_PERCENT: i64 = 80;

/// A customer for whom another tier is better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Better {
    /// The customer's own id.
    pub customer: String,
    /// What it is on.
    pub tier: TierKey,
    /// The tier that is better.
    pub better: TierKey,
    /// What the month has cost so far, where that is known.
    pub cost: Option<Money>,
    /// What it would have cost there.
    pub bill: Option<Money>,
    /// Why: `cheaper`, or the meter that is used up to so many percent.
    pub because: String,
}

impl Better {
    /// What it would save.
    pub fn saves(&self) -> Option<Money> {
        let (cost, bill) = self.cost.zip(self.bill)?;
        Some(Money { minor: cost.minor.checked_sub(bill.minor)?, ..cost }).filter(|it| it.minor > 0)
    }
}

fn uses(store: &Store, now: Timestamp, which: Which) -> Result<BTreeMap<String, Vec<Used>>, Error> {
    let mut by_customer: BTreeMap<String, Vec<Used>> = BTreeMap::new();
    for used in usage_show(store, now, &Filter { customer: None, meter: None, which })? {
        by_customer.entry(used.customer.clone()).or_default().push(used);
    }
    Ok(by_customer)
}

/// Who would pay less on another tier, and who comes near the end of what its tier includes.
pub fn upgrades(store: &Store, now: Timestamp) -> Result<Vec<Better>, Error> {
    let by_customer = uses(store, now, Which::Current)?;
    store.read(|r| {
        let catalog = catalog_required(r)?;
        let mut better = Vec::new();
        for (id, used) in &by_customer {
            let Some(customer) = r.customer_by_id(&CustomerId::parse(id)?)? else { continue };
            let Some(open) = r.assignment_open(customer.row)? else { continue };
            let Some((terms, currency)) = r.revision_terms(&open.revision)? else { continue };
            let tier = open.revision.tier.clone();
            let mut units: BTreeMap<MeterKey, i64> = BTreeMap::new();
            for it in used {
                units.insert(MeterKey::parse(&it.meter)?, it.used);
            }
            let (interval, seats) = (open.interval, open.seats);
            let on = On { tier: &tier, terms: &terms, currency, interval, seats, used: &units };
            let row = match upgrade(&on, &catalog) {
                Some(found) => Some(cheaper(id, &tier, found)),
                None => near(id, &tier, used, &catalog),
            };
            better.extend(row);
        }
        Ok(better)
    })
}

fn cheaper(customer: &str, tier: &TierKey, found: Upgrade) -> Better {
    Better {
        customer: customer.to_owned(),
        tier: tier.clone(),
        better: found.tier,
        cost: Some(found.cost),
        bill: Some(found.bill),
        because: "cheaper".to_owned(),
    }
}

fn near(customer: &str, tier: &TierKey, used: &[Used], catalog: &Catalog) -> Option<Better> {
    let percent = |it: &Used| {
        let included = it.included.filter(|included| *included > 0)?;
        it.used.checked_mul(100).map(|part| part / included)
    };
    let (it, percent) = used
        .iter()
        .filter_map(|it| Some((it, percent(it)?)))
        .filter(|(_, percent)| *percent >= NEAR_PERCENT)
        .max_by_key(|(_, percent)| *percent)?;
    let rank = catalog.tiers.get(tier)?.rank;
    let next = catalog
        .tiers_by_rank()
        .into_iter()
        .find(|(_, other)| other.rank > rank && !other.retired && !other.custom)?;
    Some(Better {
        customer: customer.to_owned(),
        tier: tier.clone(),
        better: next.0.clone(),
        cost: it.cost,
        bill: None,
        because: format!("{} at {percent} %", it.meter),
    })
}

/// Use of one meter, of everybody together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeterSum {
    /// Key of the meter.
    pub meter: String,
    /// Customers that used it.
    pub customers: i64,
    /// Units recorded.
    pub recorded: i64,
    /// Units within what is included.
    pub included: i64,
    /// Units beyond it.
    pub overage: i64,
    /// Units that Stripe has accepted.
    pub sent: i64,
    /// What they cost.
    pub cost: Option<Money>,
    /// What the periods would cost at this pace.
    pub projected: Option<Money>,
}

/// Use by meter.
pub fn usage(store: &Store, now: Timestamp, which: Which) -> Result<Vec<MeterSum>, Error> {
    let mut sums: BTreeMap<String, MeterSum> = BTreeMap::new();
    for it in usage_show(store, now, &Filter { customer: None, meter: None, which })? {
        let sum = sums.entry(it.meter.clone()).or_default();
        sum.meter.clone_from(&it.meter);
        if it.recorded != 0 {
            sum.customers += 1;
        }
        let beyond = it.overage().unwrap_or_default();
        sum.recorded = sum.recorded.saturating_add(it.recorded);
        sum.overage = sum.overage.saturating_add(beyond);
        sum.included = sum.included.saturating_add(it.included.map_or(0, |_| it.used.saturating_sub(beyond)));
        sum.sent = sum.sent.saturating_add(it.sent);
        sum.cost = plus(sum.cost, it.cost);
        sum.projected = plus(sum.projected, it.projected);
    }
    Ok(sums.into_values().collect())
}

/// The sum of what is in one currency; what is in another is left aside.
fn plus(sum: Option<Money>, more: Option<Money>) -> Option<Money> {
    match (sum, more) {
        (Some(sum), Some(more)) if sum.currency == more.currency => {
            Some(Money { minor: sum.minor.saturating_add(more.minor), ..sum })
        }
        (sum, more) => sum.or(more),
    }
}

/// Use of one meter day by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// Key of the meter.
    pub meter: String,
    /// Days in UTC, without gaps, the last of them not over yet, with the units recorded.
    pub days: Vec<(Timestamp, i64)>,
}

/// Use of one meter in the last days, beside as many days before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// Key of the meter.
    pub meter: String,
    /// Units of the last [`LOOK_BACK_DAYS`].
    pub units: i64,
    /// Units of as many days before.
    pub before: i64,
}

impl Trend {
    /// The change in whole percent, rounded towards zero; `None` where there was nothing before.
    pub fn percent(&self) -> Option<i64> {
        let change = i128::from(self.units) - i128::from(self.before);
        i64::try_from((change * 100).checked_div(i128::from(self.before))?).ok().filter(|_| self.before > 0)
    }
}

/// Use by meter and day, of the last [`DAYS_CHARTED`] days.
pub fn daily(store: &Store, now: Timestamp) -> Result<Vec<Daily>, Error> {
    let last = now.floor(DAY_S);
    let first = last.plus((1 - DAYS_CHARTED) * DAY_S);
    let sums = store.read(|r| r.report_daily(first, last.plus(DAY_S)))?;
    let mut daily: Vec<Daily> = Vec::new();
    for (meter, day, units) in sums {
        if daily.last().is_none_or(|it| it.meter != meter) {
            let days = (0..DAYS_CHARTED).map(|at| (first.plus(at * DAY_S), 0)).collect();
            daily.push(Daily { meter, days });
        }
        let at = usize::try_from(day.since(first) / DAY_S).ok();
        if let Some(slot) = at.and_then(|at| daily.last_mut()?.days.get_mut(at)) {
            slot.1 = units;
        }
    }
    Ok(daily)
}

/// The last days beside those before them; today counts as it is.
pub fn trends(daily: &[Daily], now: Timestamp) -> Vec<Trend> {
    let since = now.floor(DAY_S).plus((1 - LOOK_BACK_DAYS) * DAY_S);
    let sum = |it: &Daily, late: bool| {
        it.days.iter().filter(|(day, _)| (*day >= since) == late).map(|(_, units)| *units).sum()
    };
    daily
        .iter()
        .map(|it| Trend { meter: it.meter.clone(), units: sum(it, true), before: sum(it, false) })
        .collect()
}

/// What one tier brings in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierSum {
    /// The tier.
    pub tier: String,
    /// Customers on it.
    pub customers: i64,
    /// Of them, with a subscription that pays or is tried.
    pub paying: i64,
    /// Recurring revenue per month.
    pub mrr: Option<Money>,
    /// What usage has cost in the current periods so far.
    pub usage: Option<Money>,
}

/// Revenue by tier, and what was invoiced in the last days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revenue {
    /// By tier.
    pub tiers: Vec<TierSum>,
    /// By currency and status.
    pub invoiced: Vec<Invoiced>,
}

/// Revenue now.
pub fn revenue(store: &Store, now: Timestamp) -> Result<Revenue, Error> {
    let by_customer = uses(store, now, Which::Current)?;
    store.read(|r| {
        let views = customer_list(r, None, now)?;
        let tiers = tier_sums(&views, &by_customer);
        let invoiced = r.report_invoiced(now.plus(-LOOK_BACK_DAYS * DAY_S), now.plus(1))?;
        Ok(Revenue { tiers, invoiced })
    })
}

fn tier_sums(views: &[CustomerView], by_customer: &BTreeMap<String, Vec<Used>>) -> Vec<TierSum> {
    let mut sums: BTreeMap<String, TierSum> = BTreeMap::new();
    for view in views {
        let Some(on) = &view.assignment else { continue };
        let tier = on.revision.tier.to_string();
        let sum = sums.entry(tier.clone()).or_insert_with(|| TierSum {
            tier,
            customers: 0,
            paying: 0,
            mrr: None,
            usage: None,
        });
        sum.customers += 1;
        if matches!(view.status(), Some("active" | "past_due")) {
            sum.paying += 1;
        }
        sum.mrr = plus(sum.mrr, view.mrr);
        for used in by_customer.get(view.customer.id.as_str()).into_iter().flatten() {
            sum.usage = plus(sum.usage, used.cost);
        }
    }
    sums.into_values().collect()
}

/// Everything in a few lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Counts.
    pub figures: Figures,
    /// Recurring revenue per month.
    pub mrr: Option<Money>,
    /// What usage has cost in the current periods so far.
    pub usage: Option<Money>,
    /// What was paid in the last days, by currency.
    pub paid: Vec<Money>,
    /// Findings that are open and not acknowledged.
    pub findings: i64,
}

/// The overview now.
pub fn overview(store: &Store, now: Timestamp) -> Result<Overview, Error> {
    let revenue = revenue(store, now)?;
    let sum =
        |of: fn(&TierSum) -> Option<Money>| revenue.tiers.iter().fold(None, |sum, it| plus(sum, of(it)));
    let mut paid: BTreeMap<String, i64> = BTreeMap::new();
    for it in &revenue.invoiced {
        *paid.entry(it.currency.clone()).or_default() += it.paid;
    }
    let paid = paid
        .into_iter()
        .filter_map(|(code, minor)| Currency::parse(&code).map(|currency| Money { minor, currency }));
    let paid = paid.collect();
    let (figures, findings) = store.read(|r: &Reader<'_>| {
        Ok::<_, Error>((r.report_figures(now.plus(-LOOK_BACK_DAYS * DAY_S))?, r.finding_open_count()?))
    })?;
    Ok(Overview { figures, mrr: sum(|it| it.mrr), usage: sum(|it| it.usage), paid, findings })
}
