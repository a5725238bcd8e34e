//! Meter events, their adjustments and summaries.

use std::collections::HashMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use stripe_billing::BillingMeterEventAdjustmentType;
use stripe_billing::billing_meter_event::CreateBillingMeterEvent;
use stripe_billing::billing_meter_event_adjustment::{
    CreateBillingMeterEventAdjustment, CreateBillingMeterEventAdjustmentCancel,
};
use stripe_billing::billing_meter_event_summary::{
    ListIdBillingMeterEventSummary, ListIdBillingMeterEventSummaryValueGroupingWindow,
};
use stripe_client_core::StripeRequest;

use super::Api;
use super::answer::{Answer, Failure, Meta, NotSent, NotSentCause, RefusalKind, Yes};
use super::call::PAGE_SIZE;
use crate::billing::time::Timestamp;

/// Payload key of the customer: Stripe's default, and the only one that we give meters.
pub(super) const CUSTOMER_KEY: &str = "stripe_customer_id";
/// Payload key of the value: Stripe's default, and the only one that we give meters.
pub(super) const VALUE_KEY: &str = "value";
/// Most digits of a value (Stripe: changelog 2026-04-22.dahlia).
const VALUE_DIGITS_MAX: u32 = 15;
/// Longest event name and identifier (Stripe: API, meter events).
const NAME_LENGTH_MAX: usize = 100;
/// Beyond 2^53 a float no longer tells whole numbers apart, and Stripe's summaries are floats.
const SUM_MAX: i64 = 1 << 53;
/// How Stripe says that it has the identifier already (Stripe: docs, recording-usage-api; no `code` on v1).
const DUPLICATE: &str = "already exists with identifier";

/// What came of a meter event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeterEventReply {
    /// Stripe took it for asynchronous processing. That is not yet counted.
    Accepted(Meta),
    /// Stripe has an event with this identifier: an earlier attempt was accepted.
    AlreadyExists(Meta),
}

impl MeterEventReply {
    /// What came with the answer.
    pub fn meta(&self) -> &Meta {
        match self {
            MeterEventReply::Accepted(meta) | MeterEventReply::AlreadyExists(meta) => meta,
        }
    }
}

/// How summaries are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// One for the whole range; the edges are whole minutes.
    Whole,
    /// One for each UTC hour; the edges are whole hours.
    Hour,
    /// One for each UTC day; the edges are midnights.
    Day,
}

impl Grouping {
    /// Seconds that both edges must be a multiple of.
    pub fn alignment_s(self) -> i64 {
        match self {
            Grouping::Whole => 60,
            Grouping::Hour => 3_600,
            Grouping::Day => 86_400,
        }
    }
}

/// What Stripe counted of one customer and meter in a stretch of time. Stretches without usage may be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSummary {
    /// Start, inclusive.
    pub start: Timestamp,
    /// End, exclusive.
    pub end: Timestamp,
    /// The sum, exact as Stripe wrote it, at most 2^53 either way.
    pub value: Decimal,
}

impl EventSummary {
    /// The sum where it is a whole number.
    pub fn whole(&self) -> Option<i64> {
        self.value.is_integer().then(|| self.value.to_i64()).flatten()
    }
}

fn refused(message: String) -> Failure {
    Failure::NotSent(NotSent { cause: NotSentCause::Refused, message })
}

fn check_name(what: &str, text: &str) -> Result<(), Failure> {
    if text.is_empty() || text.len() > NAME_LENGTH_MAX {
        return Err(refused(format!("the {what} has 1 to {NAME_LENGTH_MAX} characters")));
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct RawSummaries {
    data: Vec<RawSummary>,
}

#[derive(serde::Deserialize)]
struct RawSummary {
    aggregated_value: serde_json::Number,
    start_time: i64,
    end_time: i64,
    meter: String,
}

fn exact(number: &serde_json::Number) -> Option<Decimal> {
    let text = number.to_string();
    let value = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?;
    (value.abs() <= Decimal::from(SUM_MAX)).then_some(value)
}

fn summaries_of(text: &str, meter_id: &str) -> Result<Vec<EventSummary>, String> {
    let page: RawSummaries = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let read = |raw: RawSummary| {
        if raw.meter != meter_id {
            return Err(format!("a summary of {} instead of {meter_id}", raw.meter));
        }
        let value = exact(&raw.aggregated_value).ok_or_else(|| {
            format!("the sum {} is beyond what a float can tell apart", raw.aggregated_value)
        })?;
        Ok(EventSummary { start: Timestamp(raw.start_time), end: Timestamp(raw.end_time), value })
    };
    page.data.into_iter().map(read).collect()
}

impl Api {
    /// Sends one meter event. `idempotency_key` is the identifier with the number of stored 5xx answers; the identifier
    /// guards even under a new key, for 24 h (Stripe: docs, recording-usage-api).
    pub async fn meter_event_create(
        &self,
        event_name: &str,
        cus: &str,
        value: i64,
        timestamp: Timestamp,
        identifier: &str,
        idempotency_key: &str,
    ) -> Result<MeterEventReply, Failure> {
        check_name("event name", event_name)?;
        check_name("identifier", identifier)?;
        if value.unsigned_abs() >= 10_u64.pow(VALUE_DIGITS_MAX) {
            return Err(refused(format!(
                "a meter event's value has at most {VALUE_DIGITS_MAX} digits: {value}"
            )));
        }
        let payload: HashMap<String, String> =
            [(CUSTOMER_KEY.to_owned(), cus.to_owned()), (VALUE_KEY.to_owned(), value.to_string())].into();
        let request = CreateBillingMeterEvent::new(event_name, payload.clone())
            .identifier(identifier)
            .timestamp(timestamp.0);
        match self.write(&request, idempotency_key).await {
            Ok(yes) => {
                let told = &yes.value;
                let same = told.identifier == identifier
                    && told.event_name == event_name
                    && told.timestamp == timestamp.0
                    && told.payload == payload;
                if !same {
                    return Err(yes.contradiction("the meter event is not the one that was sent".to_owned()));
                }
                Ok(MeterEventReply::Accepted(yes.meta))
            }
            Err(Failure::No(refusal))
                if refusal.kind == RefusalKind::Invalid && refusal.message.contains(DUPLICATE) =>
            {
                Ok(MeterEventReply::AlreadyExists(refusal.meta))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Asks Stripe to drop an accepted event: only within 24 h of its receipt (Stripe: docs, meter event adjustments).
    /// Answers whether it is done already (`complete`) or will be (`pending`).
    pub async fn meter_event_cancel(&self, event_name: &str, identifier: &str, key: &str) -> Answer<String> {
        let mut cancel = CreateBillingMeterEventAdjustmentCancel::new();
        cancel.identifier = Some(identifier.to_owned());
        let request =
            CreateBillingMeterEventAdjustment::new(event_name, BillingMeterEventAdjustmentType::Cancel)
                .cancel(cancel);
        Ok(self.write(&request, key).await?.map(|adjustment| adjustment.status.to_string()))
    }

    /// What Stripe counted of a customer and meter from `start` (inclusive) to `end` (exclusive), oldest first.
    /// Both edges must be aligned to the grouping. Eventually consistent: recent events may be missing.
    pub async fn event_summaries(
        &self,
        meter_id: &str,
        cus: &str,
        start: Timestamp,
        end: Timestamp,
        grouping: Grouping,
    ) -> Answer<Vec<EventSummary>> {
        let unit = grouping.alignment_s();
        if start >= end || start.0.rem_euclid(unit) != 0 || end.0.rem_euclid(unit) != 0 {
            return Err(refused(format!(
                "summaries are asked from {start} to {end}, which are not whole {unit} s"
            )));
        }
        // The crate takes the end before the start.
        let mut request = ListIdBillingMeterEventSummary::new(meter_id, cus, end.0, start.0).limit(PAGE_SIZE);
        request = match grouping {
            Grouping::Whole => request,
            Grouping::Hour => {
                request.value_grouping_window(ListIdBillingMeterEventSummaryValueGroupingWindow::Hour)
            }
            Grouping::Day => {
                request.value_grouping_window(ListIdBillingMeterEventSummaryValueGroupingWindow::Day)
            }
        };
        let mut yes: Yes<Vec<EventSummary>> =
            self.list_with(request.build(), |text| summaries_of(text, meter_id)).await?;
        yes.value.sort_by_key(|summary| summary.start);
        if let Some(outside) = yes.value.iter().find(|it| it.start < start || it.end > end).cloned() {
            return Err(yes.contradiction(format!(
                "a summary from {} to {} was not asked for",
                outside.start, outside.end
            )));
        }
        Ok(yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_or_refused() {
        for (number, want) in [
            ("18059974", Some("18059974")),
            ("18059974.0", Some("18059974")),
            ("0", Some("0")),
            ("-5", Some("-5")),
            ("0.1", Some("0.1")),
            ("1.5e3", Some("1500")),
            ("9007199254740992", Some("9007199254740992")),
            ("9007199254740993", None),
            ("1e40", None),
        ] {
            let got =
                exact(&serde_json::from_str(number).unwrap()).map(|value| value.normalize().to_string());
            assert_eq!(got.as_deref(), want, "{number}");
        }
    }

    #[test]
    fn a_summary_of_another_meter_is_no_summary() {
        let page = r#"{"data":[{"aggregated_value":3,"start_time":0,"end_time":60,"meter":"mtr_1"}]}"#;
        assert_eq!(summaries_of(page, "mtr_1").unwrap()[0].whole(), Some(3));
        assert!(summaries_of(page, "mtr_2").is_err());
    }

    #[test]
    fn the_end_does_not_land_in_the_start() {
        let query = ListIdBillingMeterEventSummary::new("mtr_1", "cus_1", 3_600, 60).build().query.unwrap();
        assert!(query.contains("start_time=60") && query.contains("end_time=3600"), "{query}");
    }
}
