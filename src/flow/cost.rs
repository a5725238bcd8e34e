//! What a part of a period's usage costs: the bill with it less the bill without it.

use crate::billing::id::MeterKey;
use crate::billing::money::Money;
use crate::billing::price::usage_amount;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::{CustomerRow, MeterRow, Reader};

/// What `units` of a customer's recorded usage cost in the billing period that begins then; below zero, what so many
/// units beyond the recorded ones would cost, as a negative amount; nothing in a trial. `None` where nothing prices it any more.
pub fn part(
    r: &Reader<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    meter_key: &str,
    period_start: Timestamp,
    units: i64,
) -> Result<Option<Money>, Error> {
    let Some(priced) = r.period_terms(customer, meter, period_start)? else { return Ok(None) };
    if priced.is_trial {
        return Ok(Some(Money { minor: 0, currency: priced.currency }));
    }
    let meter = MeterKey::parse(meter_key)?;
    let cost =
        |units: i64| usage_amount(&priced.terms, &meter, u64::try_from(units).unwrap_or(0), priced.currency);
    let with = cost(priced.recorded);
    let without = cost(priced.recorded.saturating_sub(units));
    Ok(with
        .zip(without)
        .map(|(with, without)| Money { minor: with.minor - without.minor, currency: with.currency }))
}
