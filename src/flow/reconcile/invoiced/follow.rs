//! One customer x meter x billing period, followed to the lines of its invoices.

use std::collections::{BTreeMap, BTreeSet};

use super::{Asked, Followed, Usage, place};
use crate::billing::delivery::State;
use crate::billing::id::MeterKey;
use crate::billing::money::{Currency, Money};
use crate::billing::price::usage_amount;
use crate::billing::reconcile::{
    Cause, Chain, Charged, Invoiced, Lack, Range, Unbilled, billed, fix_deadline,
};
use crate::billing::span::Exempt;
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::Error;
use crate::store::Reader;
use crate::store::billed::UsageOf;
use crate::store::delivery::PeriodTerms;
use crate::store::finding::NewFinding;
use crate::store::reconcile::{Entry, PairPeriod, Scope};
use crate::stripe::{InvoiceFound, InvoiceLineFound};

/// What one price charges for one stretch of usage, over all invoices.
struct Stretch<'a> {
    price: &'a str,
    range: Range,
    units: i64,
    /// When nothing was added to it any more; `None` while something may be.
    final_at: Option<Timestamp>,
}

/// `late`: a period that ended before it has its invoice, if it ever gets one.
pub(super) fn follow(
    r: &Reader<'_>,
    usage: &Usage,
    asked: &Asked,
    late: Timestamp,
) -> Result<Option<Followed>, Error> {
    let Some(target) = usage.target() else { return Ok(None) };
    let pair = &target.pair;
    let subs = usage.parts.iter().filter_map(|it| it.sub.as_deref()).collect::<BTreeSet<_>>();
    let subs = subs.into_iter().filter_map(|it| r.subscription_get(it).transpose());
    let subs = subs.collect::<Result<Vec<_>, _>>()?;
    let mut prices = usage.prices();
    if !prices.is_empty() {
        // Somebody may have given the item another price at Stripe: what is charged by that is charged all the same.
        let role = format!("usage.{}", pair.meter_key);
        let items = subs.iter().flat_map(|it| &it.items).filter(|it| it.role == role);
        prices.extend(items.map(|it| it.price.as_str()));
    }
    let none = Vec::new();
    let of_customer = asked.invoices.get(&pair.cus).unwrap_or(&none);
    let billed_by = Range { from: pair.period_start, to: usage.end().unwrap_or(pair.period_end) };
    let touching = of_customer.iter().filter(|it| lines(it, &prices, billed_by).next().is_some());
    let (voided, charging): (Vec<&InvoiceFound>, Vec<&InvoiceFound>) =
        touching.partition(|it| it.status.as_deref() == Some("void"));
    let delivered = r.bill_delivered(pair.customer, pair.meter, billed_by)?;
    let mut is_trial = false;
    let mut has_ended = false;
    for it in &subs {
        is_trial |= it.trial_end.is_some_and(|end| end >= pair.period_end);
        has_ended |= it.ended_at.is_some_and(|end| end <= pair.period_end && pair.period_start < end);
    }
    let counted = asked.sums.get(&place(&target)).copied().unwrap_or_default();
    let counted = to_the_second(r, pair, billed_by.to, counted)?;
    let stretches = stretches(&charging, &prices, billed_by);
    let mut came_late = Vec::new();
    let mut charged = Vec::new();
    for it in &stretches {
        let after = taken(r, pair, it.range, it.final_at)?;
        let afterwards = after.iter().map(|it| it.value).sum::<i64>().max(0);
        charged.push(Charged { units: it.units, afterwards });
        came_late.extend(after.into_iter().filter(|_| afterwards > 0));
    }
    let rates = Rates::read(r, pair, &prices, &stretches)?;
    let recorded: i64 = usage.parts.iter().map(|it| it.units).sum();
    let chain = Chain {
        recorded,
        exempt: usage.parts.iter().filter_map(|it| Some((reason(it)?, it.units))).collect(),
        sent: delivered.sent,
        late: delivered.late,
        elsewhere: sent_elsewhere(r, pair, billed_by, recorded - delivered.sent - delivered.late)?,
        metered: counted,
        is_trial,
        has_ended,
        is_over: pair.period_end <= late,
        invoiced: invoiced(&charging, &prices, billed_by),
        charged,
        expected: rates.cost(None, counted),
    };
    let billed = billed(&chain, &|of, units| rates.cost(of, units));
    if billed.lacks.iter().any(|it| it.cause == Cause::Canceled) {
        came_late = taken(r, pair, billed_by, Some(Timestamp(0)))?;
    }
    let ids = |of: &[&InvoiceFound]| of.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    let (invoices, voided) = (ids(&charging), ids(&voided));
    let final_at = stretches.iter().map(|it| it.final_at).max().flatten();
    Ok(Some(Followed { target, chain, billed, invoices, voided, final_at, late: came_late }))
}

/// The rules of ours for what is charged.
struct Rates {
    meter: MeterKey,
    /// Where one price bills the whole period.
    whole: Option<PeriodTerms>,
    /// Of each stretch.
    parts: Vec<Option<PeriodTerms>>,
}

impl Rates {
    fn read(
        r: &Reader<'_>,
        pair: &PairPeriod,
        prices: &BTreeSet<&str>,
        stretches: &[Stretch<'_>],
    ) -> Result<Rates, Error> {
        let terms = |at: Timestamp, price: &str| {
            let found = r.period_terms(pair.customer, pair.meter, at)?;
            Ok::<_, Error>(found.filter(|it| it.price == price))
        };
        let whole = match prices.len() {
            1 => r.period_terms(pair.customer, pair.meter, pair.period_start)?,
            _ => None,
        };
        let parts = stretches.iter().map(|it| terms(it.range.from, it.price));
        let parts = parts.collect::<Result<_, _>>()?;
        Ok(Rates { meter: MeterKey::parse(&pair.meter_key)?, whole, parts })
    }

    /// What so many units cost: of a stretch, or of the whole period. Below zero nothing is charged.
    fn cost(&self, of: Option<usize>, units: i64) -> Option<Money> {
        let priced = match of {
            None => self.whole.as_ref(),
            Some(place) => self.parts.get(place)?.as_ref(),
        }?;
        usage_amount(&priced.terms, &self.meter, u64::try_from(units).unwrap_or(0), priced.currency)
    }
}

/// Deliveries of a stretch that Stripe took at an instant or later; none while that is not known.
fn taken(
    r: &Reader<'_>,
    pair: &PairPeriod,
    range: Range,
    since: Option<Timestamp>,
) -> Result<Vec<Entry>, Error> {
    let Some(since) = since.filter(|_| !range.is_empty()) else { return Ok(Vec::new()) };
    let mut taken = r.reconcile_entries(pair.customer, pair.meter, range)?;
    taken.retain(|it| {
        it.progress.state == State::Accepted && it.progress.accepted_at.is_some_and(|at| since <= at)
    });
    Ok(taken)
}

/// Units of a stretch that lie in deliveries whose timestamp is not of their price or period.
fn sent_elsewhere(r: &Reader<'_>, pair: &PairPeriod, range: Range, lacking: i64) -> Result<i64, Error> {
    if lacking <= 0 {
        return Ok(0);
    }
    let scope = Scope { customer: Some(pair.customer), meter: Some(pair.meter) };
    let misplaced = r.bill_misplaced(&scope, true)?;
    let parts = misplaced.iter().flat_map(|it| &it.parts);
    Ok(parts.filter(|(from, _)| range.holds(*from)).map(|(_, units)| units).sum())
}

/// Stripe's sum of a period whose edges were floored to the minute, for the period to the second: invoices are. What of it is
/// ours in the minutes of the edges is known by its own timestamps.
fn to_the_second(r: &Reader<'_>, pair: &PairPeriod, end: Timestamp, counted: i64) -> Result<i64, Error> {
    let before = |edge: Timestamp| {
        let range = Range { from: edge.floor(MINUTE_S), to: edge };
        let ours = taken(r, pair, range, Some(Timestamp(0)))?;
        Ok::<i64, Error>(ours.iter().map(|it| it.value).sum())
    };
    Ok(counted - before(pair.period_start)? + before(end)?)
}

/// Why no price bills it.
fn reason(of: &UsageOf) -> Option<Unbilled> {
    Some(match of.exempt? {
        Exempt::Local => Unbilled::Local,
        Exempt::Unlimited => Unbilled::Unlimited,
        Exempt::Block => Unbilled::Block,
        Exempt::Credits => Unbilled::Credits,
        Exempt::NoItem => Unbilled::NoItem,
        Exempt::NoTier if of.is_after_tier => Unbilled::Canceled,
        Exempt::NoTier => Unbilled::NoTier,
    })
}

/// The lines of an invoice that charge usage of a stretch: of its prices, and beginning in it.
fn lines<'a>(
    invoice: &'a InvoiceFound,
    prices: &'a BTreeSet<&str>,
    billed_by: Range,
) -> impl Iterator<Item = &'a InvoiceLineFound> {
    invoice.lines.iter().filter(move |line| {
        line.price.as_deref().is_some_and(|price| prices.contains(price))
            && billed_by.from <= line.period_start
            && line.period_start < billed_by.to
    })
}

fn units(line: &InvoiceLineFound) -> i64 {
    line.quantity.and_then(|it| i64::try_from(it).ok()).unwrap_or_default()
}

/// The lines by price and by where they begin. A price may have several lines, one for each band, and several invoices, where
/// a threshold was reached.
fn stretches<'a>(
    charging: &[&'a InvoiceFound],
    prices: &'a BTreeSet<&str>,
    billed_by: Range,
) -> Vec<Stretch<'a>> {
    let mut found: BTreeMap<(Timestamp, &str), Stretch<'a>> = BTreeMap::new();
    for invoice in charging {
        for line in lines(invoice, prices, billed_by) {
            let Some(price) = line.price.as_deref() else { continue };
            let range = Range { from: line.period_start, to: line.period_end };
            let new = Stretch { price, range, units: 0, final_at: Some(Timestamp(0)) };
            let it = found.entry((line.period_start, price)).or_insert(new);
            it.units = it.units.saturating_add(units(line));
            it.range.to = it.range.to.max(line.period_end);
            // What came in its last second is still on it.
            let fixed_at = line.is_fixed.then(|| line.period_end.plus(1));
            it.final_at = it.final_at.zip(fixed_at.or(invoice.finalized_at)).map(|(a, b)| a.max(b));
        }
    }
    found.into_values().collect()
}

fn invoiced(charging: &[&InvoiceFound], prices: &BTreeSet<&str>, billed_by: Range) -> Option<Invoiced> {
    let first = charging.first()?;
    let currency = Currency::parse(&first.currency)?;
    let (mut all, mut free, mut minor) = (0_i64, 0_i64, 0_i64);
    for line in charging.iter().flat_map(|it| lines(it, prices, billed_by)) {
        all = all.saturating_add(units(line));
        minor = minor.saturating_add(line.amount);
        if line.amount == 0 {
            free = free.saturating_add(units(line));
        }
    }
    let is_final = charging.iter().all(|it| it.status.as_deref() != Some("draft"));
    Some(Invoiced { units: all, free, amount: Money { minor, currency }, is_final })
}

impl Followed {
    /// What is to be stored of it.
    pub(super) fn findings(&self, grace_s: i64, now: Timestamp) -> Vec<NewFinding> {
        self.billed.lacks.iter().map(|lack| self.finding(lack, grace_s, now)).collect()
    }

    fn finding(&self, lack: &Lack, grace_s: i64, now: Timestamp) -> NewFinding {
        let pair = &self.target.pair;
        let concerned: &[Entry] = if lack.cause == Cause::Invoice { &[] } else { &self.late };
        NewFinding {
            customer: pair.customer,
            meter: pair.meter,
            range: self.target.range,
            class: lack.class,
            cause: lack.cause,
            recorded: self.chain.recorded,
            sent: self.chain.sent,
            stripe: Some(self.chain.metered),
            difference: lack.difference,
            amount: lack.amount,
            events: concerned.iter().map(|it| it.events).sum(),
            deliveries: concerned.iter().map(|it| it.delivery).collect(),
            detail: Some(self.detail(lack)),
            fix_deadline: fix_deadline(lack.cause, &[], pair.period_end.plus(grace_s), now),
        }
    }

    fn detail(&self, lack: &Lack) -> String {
        let invoices = self.invoices.join(" ");
        match (lack.cause, self.chain.invoiced, self.final_at) {
            (Cause::Canceled, ..) => "the subscription ended, and no invoice charges it".to_owned(),
            (Cause::AfterInvoice, _, Some(at)) => {
                format!("{} came when {invoices} was final, at {at}", lack.difference.saturating_neg())
            }
            (_, Some(invoiced), _) => format!("{invoices} charge {}", invoiced.units),
            _ if !self.voided.is_empty() => format!("{} is void", self.voided.join(" ")),
            _ => "no invoice charges it".to_owned(),
        }
    }
}
