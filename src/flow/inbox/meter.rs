//! What Stripe accepted of usage and then did not count.

use serde_json::Value;

use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::Writer;
use crate::store::inbox::MeterReport;
use crate::stripe::inbound::ThinEvent;

pub(super) fn apply(w: &Writer<'_>, thin: &ThinEvent) -> Result<Vec<String>, Error> {
    let mut effects = Vec::new();
    for report in reports(thin) {
        let ours = w.meter_report_put(&report)?;
        effects.push(format!("{}: {} not counted, {ours} of them named", report.code, report.errors));
    }
    if effects.is_empty() {
        effects.push("a report without errors".to_owned());
    }
    Ok(effects)
}

/// The codes of a report (Stripe: API, `v1.billing.meter.error_report_triggered`): counts are whole, samples are not.
fn reports(thin: &ThinEvent) -> Vec<MeterReport> {
    let Some(data) = &thin.data else { return Vec::new() };
    let at = |name: &str| data.get(name).and_then(Value::as_str).and_then(Timestamp::parse);
    let types = data.get("reason").and_then(|it| it.get("error_types")).and_then(Value::as_array);
    let text = |it: &Value, name: &str| it.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut reports: Vec<MeterReport> = Vec::new();
    for it in types.into_iter().flatten() {
        let samples = it.get("sample_errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let identifier = |sample: &Value| text(sample.get("request")?, "identifier");
        let message = samples.first().and_then(|sample| text(sample, "error_message"));
        let report = MeterReport {
            event: thin.id.clone(),
            code: text(it, "code").unwrap_or_else(|| "unknown".to_owned()),
            meter: thin.related.as_ref().map(|related| related.id.clone()),
            errors: it.get("error_count").and_then(Value::as_i64).unwrap_or_default().max(0),
            message: message.or_else(|| text(data, "developer_message_summary")).unwrap_or_default(),
            from: at("validation_start"),
            to: at("validation_end"),
            at: thin.created,
            identifiers: samples.iter().filter_map(identifier).collect(),
        };
        // A code that is listed twice is one line.
        match reports.iter_mut().find(|known| known.code == report.code) {
            Some(known) => {
                known.errors = known.errors.saturating_add(report.errors);
                known.identifiers.extend(report.identifiers);
            }
            None => reports.push(report),
        }
    }
    reports
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stripe::inbound::Received;

    fn thin(data: &Value) -> ThinEvent {
        let json = json!({
            "id": "evt_test_1", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered",
            "created": "2026-03-01T00:00:00Z", "livemode": false,
            "related_object": { "id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1" },
            "data": data,
        });
        match Received::of(json).unwrap() {
            Received::Thin(thin) => *thin,
            Received::Snapshot(_) => panic!("a snapshot"),
        }
    }

    #[test]
    fn reports_are_read_by_code() {
        let sample =
            |id: &str| json!({ "error_message": "no such customer", "request": { "identifier": id } });
        let told = reports(&thin(&json!({
            "developer_message_summary": "3 errors", "validation_start": "2026-03-01T00:00:00Z",
            "validation_end": "2026-03-01T00:00:10Z",
            "reason": { "error_count": 6, "error_types": [
                { "code": "meter_event_customer_not_found", "error_count": 3, "sample_errors": [sample("pg_1"), sample("x")] },
                { "code": "archived_meter", "error_count": 2, "sample_errors": [] },
                { "code": "archived_meter", "error_count": 1, "sample_errors": [{ "request": {} }] },
            ] },
        })));
        let lines: Vec<_> = told
            .iter()
            .map(|it| (it.code.as_str(), it.errors, it.identifiers.join(" "), it.message.as_str()))
            .collect();
        assert_eq!(
            lines,
            [
                ("meter_event_customer_not_found", 3, "pg_1 x".to_owned(), "no such customer"),
                ("archived_meter", 3, String::new(), "3 errors"),
            ]
        );
        assert_eq!(told[0].to.unwrap().since(told[0].from.unwrap()), 10);
        for empty in [json!({}), json!({ "reason": null }), json!({ "reason": { "error_types": "x" } })] {
            assert_eq!(reports(&thin(&empty)), Vec::new(), "{empty}");
        }
    }
}
