//! Reading usage back: summaries per customer and meter (Stripe: docs /api/billing/meter-event-summary).

use std::collections::BTreeMap;

use serde_json::{Number, Value, json};

use super::Call;
use super::decimal::Decimal;
use super::error::ApiError;
use super::form::Params;
use super::list;
use super::meter::{self, Formula, Meter, Window};
use super::model::{Model, letters};
use super::usage::{self, Point};

/// What a meter counted for a customer in [from, to), of what was due by `as_of`. All in unix seconds.
pub fn aggregate(model: &Model, meter: &str, customer: &str, from: i64, to: i64, as_of: i64) -> Decimal {
    let Some(meter) = model.meters.get(meter) else { return Decimal::ZERO };
    let points = model.usage.points(&meter.id, customer, from, to, as_of);
    reduce(meter, &points)
}

/// Points to one value by the meter's rule.
fn reduce(meter: &Meter, points: &[Point]) -> Decimal {
    // With a window, only the last event received counts in each.
    let kept: Vec<Point> = match meter.window {
        None => points.to_vec(),
        Some(window) => {
            let mut last: BTreeMap<i64, Point> = BTreeMap::new();
            for point in points {
                let only = Point { sum: point.last, count: 1, ..*point };
                let place = last.entry(point.second.div_euclid(window.seconds())).or_insert(only);
                if point.sequence > place.sequence {
                    *place = only;
                }
            }
            last.into_values().collect()
        }
    };
    match meter.formula {
        Formula::Sum => kept.iter().fold(Decimal::ZERO, |sum, point| sum.plus(point.sum).unwrap_or(sum)),
        Formula::Count => {
            let count = kept.iter().fold(0_u64, |count, point| count.saturating_add(point.count));
            Decimal::whole(i64::try_from(count).unwrap_or(i64::MAX))
        }
        Formula::Last => kept.last().map_or(Decimal::ZERO, |point| point.last),
    }
}

/// One row of a list of summaries.
struct Summary {
    id: String,
    from: i64,
    to: i64,
    value: Decimal,
}

fn aligned(p: &Params, name: &str, at: i64, window: Option<Window>) -> Result<i64, ApiError> {
    let (unit, word) = match window {
        None => (60, "minute"),
        Some(Window::Hour) => (3_600, "hour"),
        Some(Window::Day) => (86_400, "day"),
    };
    if at % unit == 0 {
        return Ok(at);
    }
    let name = p.name(name);
    Err(ApiError::invalid(format!("Invalid {name}: must be aligned with {word} boundaries (UTC)."))
        .param(name))
}

/// `GET /v1/billing/meters/:id/event_summaries`
pub fn list(call: &mut Call, p: &mut Params, meter_id: &str) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.required("customer")?;
    let from = p.timestamp("start_time")?.ok_or_else(|| ApiError::missing("start_time"))?;
    let to = p.timestamp("end_time")?.ok_or_else(|| ApiError::missing("end_time"))?;
    let window = Window::read(p, "value_grouping_window")?;
    p.finish()?;
    let (from, to) = (aligned(p, "start_time", from, window)?, aligned(p, "end_time", to, window)?);
    if from >= to {
        return Err(ApiError::invalid("end_time must be after start_time.").param("end_time"));
    }
    let meter = meter::found(call.model, meter_id)?;
    if !usage::customer_known(call.model, &customer) {
        return Err(ApiError::no_such("customer", &customer, "customer"));
    }
    let points = call.model.usage.points(meter_id, &customer, from, to, call.now);
    let mut buckets: BTreeMap<(i64, i64), Vec<Point>> = BTreeMap::new();
    for point in points {
        let bucket = window.map_or((from, to), |window| {
            let start = point.second.div_euclid(window.seconds()) * window.seconds();
            (start, start + window.seconds())
        });
        buckets.entry(bucket).or_default().push(point);
    }
    // Newest first; what nothing was counted in is left out.
    let summaries: Vec<Summary> = buckets
        .iter()
        .rev()
        .map(|((from, to), points)| Summary {
            id: id(call.model.seed, meter_id, &customer, *from, *to),
            from: *from,
            to: *to,
            value: reduce(meter, points),
        })
        .collect();
    let url = format!("/v1/billing/meters/{meter_id}/event_summaries");
    let render = |summary: &Summary| {
        json!({
            "id": summary.id,
            "object": "billing.meter_event_summary",
            "aggregated_value": number(summary.value),
            "end_time": summary.to,
            "livemode": false,
            "meter": meter_id,
            "start_time": summary.from,
        })
    };
    page.cut(&summaries, |summary| &summary.id, "meter event summary", &url, render)
}

/// The same question gets the same id.
fn id(seed: u64, meter: &str, customer: &str, from: i64, to: i64) -> String {
    // FNV-1a over what was asked.
    let asked = format!("{meter} {customer} {from} {to}");
    let hash = asked.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    letters("mtrusg_test_61", seed, hash, 24)
}

/// A JSON number with a point in it, as Stripe's floats have, but with every digit.
fn number(value: Decimal) -> Value {
    let mut text = value.to_string();
    if !text.contains('.') {
        text.push_str(".0");
    }
    serde_json::from_str::<Number>(&text).map_or(Value::Null, Value::Number)
}
