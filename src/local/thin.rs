//! Thin events (Stripe: docs /api/v2/core/events): why accepted meter events were not counted. A report covers ten
//! seconds of one meter and comes when they are over; it names some of the events, not all.
//!
//! Stripe makes thin events of nearly everything by now; here only those that have no snapshot event.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use super::event::KEPT_S;
use super::form::Params;
use super::model::{Model, Row};
use super::usage::Report;

/// Failures of one meter, or of events that name no meter.
const REPORTED: &str = "v1.billing.meter.error_report_triggered";
/// Failures of events that no meter counts.
const NO_METER: &str = "v1.billing.meter.no_meter_found";
/// Most types in one list (Stripe: docs /api/v2/core/events/list).
const TYPES_MAX: usize = 20;

/// One report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thin {
    /// `evt_test_…`
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// The meter; none when no meter was found.
    pub meter: Option<String>,
    /// One for each code.
    pub reports: Vec<Report>,
}

impl Row for Thin {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Thin {
    fn kind(&self) -> &'static str {
        if self.meter.is_some() { REPORTED } else { NO_METER }
    }
}

/// Announces every stretch of ten seconds that is over by `now`, and forgets what is older than Stripe keeps events.
pub fn run_due(model: &mut Model, now: i64) {
    for reports in model.usage.take_closed(now) {
        let Some(first) = reports.first() else { continue };
        let (created, meter) = (first.to, first.meter.clone());
        let id = model.mint("evt_test_61", 30);
        model.thin_events.insert(Thin {
            id,
            created,
            meter: Some(meter).filter(|it| !it.is_empty()),
            reports,
        });
    }
    model.thin_events.drop_oldest_while(|event| event.created + KEPT_S <= now);
}

/// An instant as the second API writes it.
pub fn rfc3339(at: i64) -> Option<String> {
    Some(jiff::Timestamp::from_second(at).ok()?.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
}

fn render(event: &Thin) -> Value {
    let total: u64 = event.reports.iter().map(|report| report.count).sum();
    let types = event.reports.iter().map(|report| {
        let samples = report.samples.iter();
        let samples =
            samples.map(|(id, text)| json!({ "error_message": text, "request": { "identifier": id } }));
        json!({
            "code": report.code,
            "error_count": report.count,
            "sample_errors": samples.collect::<Vec<_>>(),
        })
    });
    let (from, to) = event.reports.first().map_or((0, 0), |report| (report.from, report.to));
    let noun = if total == 1 { "event" } else { "events" };
    let related = event
        .meter
        .as_ref()
        .map(|id| json!({ "id": id, "type": "billing.meter", "url": format!("/v1/billing/meters/{id}") }));
    json!({
        "id": event.id,
        "object": "v2.core.event",
        "created": rfc3339(event.created),
        "data": {
            "developer_message_summary": format!("There is {total} invalid {noun}"),
            "reason": { "error_count": total, "error_types": types.collect::<Vec<_>>() },
            "validation_end": rfc3339(to),
            "validation_start": rfc3339(from),
        },
        "livemode": false,
        "related_object": related,
        "type": event.kind(),
    })
}

/// `GET /v2/core/events/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let event = call.model.thin_events.get(id);
    event.map(render).ok_or_else(|| ApiError::not_found("event", id, "id").code("not_found"))
}

/// Reads an instant as unix seconds or RFC 3339.
pub fn instant(p: &mut Params, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = p.string(name)? else { return Ok(None) };
    let read = text.parse().ok().or_else(|| Some(text.parse::<jiff::Timestamp>().ok()?.as_second()));
    read.map(Some).ok_or_else(|| ApiError::invalid(format!("Invalid timestamp: {text}")).param(p.name(name)))
}

/// `GET /v2/core/events`, newest first: a page is asked for by the URL that the page before gives.
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let limit = p.int_in("limit", 1, 100)?.unwrap_or(20);
    let after = p.string("page")?;
    let kinds = p.strings("types")?.unwrap_or_default();
    let object = p.string("object_id")?;
    let range = p.group("created", |it| {
        let from = instant(it, "gte")?.or(instant(it, "gt")?.map(|at| at + 1));
        let to = instant(it, "lte")?.or(instant(it, "lt")?.map(|at| at - 1));
        Ok((from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX)))
    })?;
    p.finish()?;
    if kinds.len() > TYPES_MAX {
        return Err(ApiError::invalid(format!("At most {TYPES_MAX} types can be given.")).param("types"));
    }
    let (from, to) = range.unwrap_or((i64::MIN, i64::MAX));
    let wanted = |it: &&Thin| {
        (from..=to).contains(&it.created)
            && (kinds.is_empty() || kinds.iter().any(|kind| kind == it.kind()))
            && (object.is_none() || it.meter == object)
    };
    let mut rows = call.model.thin_events.iter().rev().filter(wanted).collect::<Vec<_>>();
    if let Some(after) = &after {
        let place = rows.iter().position(|it| &it.id == after);
        let place = place.ok_or_else(|| ApiError::invalid("Invalid page token.").param("page"))?;
        rows.drain(..=place);
    }
    let limit = usize::try_from(limit).unwrap_or(20);
    let next = rows.get(limit).and(limit.checked_sub(1).and_then(|at| rows.get(at)));
    let mut query = format!("limit={limit}");
    for kind in &kinds {
        query.push_str(&format!("&types[]={kind}"));
    }
    if let Some(object) = &object {
        query.push_str(&format!("&object_id={object}"));
    }
    if range.is_some() {
        query.push_str(&format!("&created[gte]={from}&created[lte]={to}"));
    }
    Ok(json!({
        "data": rows.iter().take(limit).map(|it| render(it)).collect::<Vec<_>>(),
        "next_page_url": next.map(|it| format!("/v2/core/events?{query}&page={}", it.id)),
        "previous_page_url": null,
    }))
}
