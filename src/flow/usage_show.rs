//! What customers used in a period, against what their tier includes, with its cost by our own rule.

use crate::billing::catalog::{Terms, UsageTerms};
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::money::{Currency, Money};
use crate::billing::period::Period;
use crate::billing::price::usage_amount;
use crate::billing::span::Span;
use crate::billing::time::{DAY_S, EARLIEST, Timestamp};
use crate::error::Error;
use crate::store::customer::Customer;
use crate::store::span::SpanCache;
use crate::store::{CustomerRow, MeterRow, Reader, Store};

use super::names::{unknown_customer, unknown_meter};

/// Customers that are read at once.
const PAGE: u32 = 500;

/// A pace is guessed from no less than this.
const PROJECTED_AFTER_S: i64 = DAY_S;

/// Which stretch of time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Each customer's own billing period that holds now.
    Current,
    /// The one before it.
    Last,
    /// The same for everybody.
    Between(Period),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Of this customer only.
    pub customer: Option<CustomerId>,
    /// Of this meter only.
    pub meter: Option<MeterKey>,
    /// When.
    pub which: Which,
}

/// One customer's use of one meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Own id of the customer.
    pub customer: String,
    /// Key of the meter.
    pub meter: String,
    /// The stretch of time.
    pub period: Period,
    /// Units that the tier includes; `None` where it does not count them.
    pub included: Option<i64>,
    /// Units that count against them; where they are billed, late ones that were moved into this period too.
    pub used: i64,
    /// Units recorded.
    pub recorded: i64,
    /// Units that Stripe has accepted.
    pub sent: i64,
    /// Units that Stripe had counted when it was last asked by reconcile.
    pub confirmed: Option<i64>,
    /// What they cost, where they are billed.
    pub cost: Option<Money>,
    /// What the whole period would cost at this pace.
    pub projected: Option<Money>,
    /// When it starts anew.
    pub resets_at: Option<Timestamp>,
}

impl Used {
    /// Included units that are left.
    pub fn remaining(&self) -> Option<i64> {
        self.included.map(|included| included.saturating_sub(self.used).max(0))
    }
    /// Units beyond the included ones.
    pub fn overage(&self) -> Option<i64> {
        self.included.map(|included| self.used.saturating_sub(included).max(0))
    }
}

/// Reads what customers used, in order of their ids, from one snapshot.
pub fn usage_show(store: &Store, now: Timestamp, filter: &Filter) -> Result<Vec<Used>, Error> {
    store.read(|r| {
        let meter = match &filter.meter {
            None => None,
            Some(key) => match r.meter_row(key.as_str())? {
                Some(row) => Some(row),
                None => return Err(unknown_meter(&r.usage_names()?, key.as_str())),
            },
        };
        let mut show =
            Show { r, spans: SpanCache::default(), now, which: filter.which, meter, rows: Vec::new() };
        if let Some(id) = &filter.customer {
            let Some(found) = r.customer_by_id(id)? else {
                return Err(unknown_customer(&r.usage_names()?, id.as_str()));
            };
            show.customer(found.row, id)?;
            return Ok(show.rows);
        }
        let mut after: Option<CustomerId> = None;
        loop {
            let page = r.customer_list(after.as_ref(), PAGE)?;
            let Some(last) = page.last().map(|it| it.id.clone()) else { return Ok(show.rows) };
            for customer in &page {
                show.customer(customer.row, &customer.id)?;
            }
            after = Some(last);
        }
    })
}

/// What a customer's usage of its running periods costs so far, all meters together; what is not billed costs nothing.
/// `None` where it is not in one currency or out of range.
pub(in crate::flow) fn cost_so_far(
    r: &Reader<'_>,
    customer: &Customer,
    currency: Currency,
    now: Timestamp,
) -> Result<Option<Money>, Error> {
    let which = Which::Current;
    let mut show = Show { r, spans: SpanCache::default(), now, which, meter: None, rows: Vec::new() };
    show.customer(customer.row, &customer.id)?;
    let mut costs = show.rows.iter().filter_map(|row| row.cost);
    Ok(costs.try_fold(Money { minor: 0, currency }, |sum, cost| {
        let minor = sum.minor.checked_add(cost.minor).filter(|_| cost.currency == currency)?;
        Some(Money { minor, currency })
    }))
}

struct Show<'a, 'r> {
    r: &'a Reader<'r>,
    spans: SpanCache,
    now: Timestamp,
    which: Which,
    meter: Option<MeterRow>,
    rows: Vec<Used>,
}

impl Show<'_, '_> {
    /// Every meter that the customer's tier has or that it used.
    fn customer(&mut self, customer: CustomerRow, id: &CustomerId) -> Result<(), Error> {
        let at = match self.which {
            Which::Between(period) => period.end.plus(-1).min(self.now),
            Which::Current | Which::Last => self.now,
        };
        let on = self.spans.terms_at(self.r, customer, at)?;
        let mut meters = self.r.usage_meters_of(customer)?;
        for key in on.iter().flat_map(|on| on.terms.usage.keys()) {
            meters.extend(self.r.meter_row(key.as_str())?);
        }
        meters.sort_unstable();
        meters.dedup();
        meters.retain(|meter| self.meter.is_none_or(|only| only == *meter));
        for meter in meters {
            let row = match self.which {
                Which::Between(period) => self.between(customer, id, meter, period)?,
                Which::Current => Some(self.billing(customer, id, meter, self.now)?),
                Which::Last => {
                    let (span, _) = self.spans.derive(self.r, customer, meter, self.now)?;
                    match span.period.start.plus(-1) {
                        before if before < EARLIEST => None,
                        before => {
                            // Before the first tier there is no period of the customer's own.
                            Some(self.billing(customer, id, meter, before)?)
                                .filter(|it| it.resets_at.is_some())
                        }
                    }
                }
            };
            self.rows.extend(row);
        }
        Ok(())
    }

    /// A customer's own billing period.
    fn billing(
        &mut self,
        customer: CustomerRow,
        id: &CustomerId,
        meter: MeterRow,
        at: Timestamp,
    ) -> Result<Used, Error> {
        let (span, terms) = self.spans.derive(self.r, customer, meter, at)?;
        let key = self.r.meter_key(meter)?;
        let on = self.spans.terms_at(self.r, customer, at)?;
        let mut used = self.r.usage_used(customer, meter, &span)?;
        if span.treatment.price().is_some() {
            used = used.saturating_add(self.r.bill_moved(customer, meter, span.period)?);
        }
        let sums = self.r.usage_sums(customer, meter, span.period)?;
        let included = terms.as_deref().and_then(|terms| match terms.usage.get(&key) {
            Some(UsageTerms::Counted { included, .. }) => i64::try_from(*included).ok(),
            _ => None,
        });
        let currency = match (&on, span.treatment.price()) {
            (Some(on), Some(_)) => self.r.revision_terms(&on.revision)?.map(|(_, currency)| currency),
            _ => None,
        };
        let money = terms.as_deref().zip(currency);
        let on_trial = match on.as_ref().and_then(|on| on.sub.as_deref()) {
            Some(sub) => self.r.is_on_trial(sub, at)?,
            None => false,
        };
        let (cost, projected) = match money {
            None => (None, None),
            // Stripe counts what is used in a trial, and charges nothing.
            Some((_, currency)) if on_trial => {
                let nothing = Some(Money { minor: 0, currency });
                (nothing, nothing)
            }
            Some((terms, currency)) => (
                cost(terms, &key, used, currency),
                cost_at_pace(terms, &key, used, currency, &span, self.now),
            ),
        };
        Ok(Used {
            customer: id.as_str().to_owned(),
            meter: key.as_str().to_owned(),
            period: span.period,
            included,
            used,
            recorded: sums.recorded,
            sent: sums.sent,
            confirmed: self.r.usage_confirmed(customer, meter, span.period)?,
            cost,
            projected,
            resets_at: span.assignment.is_some().then_some(span.period.end),
        })
    }

    /// A stretch that is no billing period of anybody: only what was recorded and sent in it.
    fn between(
        &self,
        customer: CustomerRow,
        id: &CustomerId,
        meter: MeterRow,
        period: Period,
    ) -> Result<Option<Used>, Error> {
        let sums = self.r.usage_sums(customer, meter, period)?;
        if sums.events == 0 && sums.sent == 0 {
            return Ok(None);
        }
        Ok(Some(Used {
            customer: id.as_str().to_owned(),
            meter: self.r.meter_key(meter)?.as_str().to_owned(),
            period,
            included: None,
            used: sums.recorded,
            recorded: sums.recorded,
            sent: sums.sent,
            confirmed: None,
            cost: None,
            projected: None,
            resets_at: None,
        }))
    }
}

fn cost(terms: &Terms, meter: &MeterKey, used: i64, currency: Currency) -> Option<Money> {
    usage_amount(terms, meter, u64::try_from(used).ok()?, currency)
}

/// The cost of the whole period if usage goes on as it has: exact integers, units rounded up.
fn cost_at_pace(
    terms: &Terms,
    meter: &MeterKey,
    used: i64,
    currency: Currency,
    span: &Span,
    now: Timestamp,
) -> Option<Money> {
    let gone_s = now.min(span.period.end).since(span.period.start);
    if gone_s < PROJECTED_AFTER_S.min(span.period.seconds()) {
        return None;
    }
    let (whole, gone) = (i128::from(span.period.seconds()), i128::from(gone_s).max(1));
    let units = (i128::from(used) * whole + gone - 1).checked_div(gone)?;
    cost(terms, meter, i64::try_from(units).ok()?, currency)
}
