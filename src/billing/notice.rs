//! Who wants to be told what, and when a failed sending is tried again.

use std::collections::BTreeSet;

use super::alert::Severity;
use super::time::{HOUR_S, MINUTE_S, Timestamp};

/// What notices are about; the words by which customers choose.
pub const KINDS: &[&str] = &[
    "receipt",
    "payment_failed",
    "payment_action",
    "upcoming_charge",
    "trial_ending",
    "card_removed",
    "subscription_ended",
    "cap",
    "spend_cap",
    "forecast",
    "low_credits",
    "out_of_credits",
    "credits_added",
    "refund",
];

/// What only operators are told.
pub const OPERATOR_KINDS: &[&str] = &[
    "dead_webhooks",
    "reconcile",
    "usage_late",
    "usage_unknown",
    "meter_errors",
    "finalization_failed",
    "customer_deleted",
];

/// What a customer wants to be told. The default is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preference {
    /// Nothing else than these; `None` for everything.
    pub only: Option<BTreeSet<String>>,
    /// Not these.
    pub muted: BTreeSet<String>,
    /// Instead of the billing address.
    pub email: Option<String>,
}

impl Preference {
    /// Whether a notice of this kind is wanted.
    pub fn wants(&self, kind: &str) -> bool {
        !self.muted.contains(kind) && self.only.as_ref().is_none_or(|only| only.contains(kind))
    }
}

/// What a sink takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takes {
    /// What is for operators.
    pub operator: bool,
    /// What is for customers.
    pub customer: bool,
    /// Nothing that matters less.
    pub at_least: Severity,
    /// Nothing else than these kinds; `None` for all.
    pub kinds: Option<BTreeSet<String>>,
}

impl Takes {
    /// Whether it takes a notice.
    pub fn takes(&self, for_customer: bool, severity: Severity, kind: &str) -> bool {
        let audience = if for_customer { self.customer } else { self.operator };
        audience && severity >= self.at_least && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
    }
}

/// Attempts after which a delivery is given up.
pub const ATTEMPTS_MAX: i64 = 10;
/// Waits between attempts, in seconds: about two days in all.
const WAITS_S: [i64; 9] = [
    MINUTE_S,
    5 * MINUTE_S,
    15 * MINUTE_S,
    HOUR_S,
    2 * HOUR_S,
    4 * HOUR_S,
    8 * HOUR_S,
    12 * HOUR_S,
    24 * HOUR_S,
];

/// When a delivery is tried again after so many attempts, the failed one included; `None` when it is given up.
pub fn again_at(attempts: i64, now: Timestamp) -> Option<Timestamp> {
    if attempts >= ATTEMPTS_MAX {
        return None;
    }
    let place = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX);
    Some(now.plus(*WAITS_S.get(place).or(WAITS_S.last())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &str) -> BTreeSet<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn customers_choose_by_kind() {
        for (only, muted, kind, want) in [
            (None, "", "receipt", true),
            (None, "receipt", "receipt", false),
            (None, "receipt", "cap", true),
            (Some("cap"), "", "cap", true),
            (Some("cap"), "", "receipt", false),
            (Some("cap receipt"), "receipt", "receipt", false),
            (Some(""), "", "cap", false),
        ] {
            let preference = Preference { only: only.map(set), muted: set(muted), email: None };
            assert_eq!(preference.wants(kind), want, "{only:?} {muted} {kind}");
        }
    }

    #[test]
    fn sinks_choose_by_audience_severity_and_kind() {
        let takes = Takes {
            operator: true,
            customer: false,
            at_least: Severity::Urgent,
            kinds: Some(set("cap reconcile")),
        };
        for (for_customer, severity, kind, want) in [
            (false, Severity::Urgent, "cap", true),
            (false, Severity::Critical, "reconcile", true),
            (false, Severity::Warning, "cap", false),
            (true, Severity::Urgent, "cap", false),
            (false, Severity::Urgent, "receipt", false),
        ] {
            assert_eq!(takes.takes(for_customer, severity, kind), want, "{for_customer} {severity:?} {kind}");
        }
    }

    #[test]
    fn failed_sendings_are_tried_for_two_days() {
        let now = Timestamp::parse("2026-11-21").unwrap();
        let mut sum = 0;
        for attempts in 1..ATTEMPTS_MAX {
            sum += again_at(attempts, now).unwrap().since(now);
        }
        assert_eq!(sum / HOUR_S, 51);
        assert_eq!(again_at(ATTEMPTS_MAX, now), None);
        assert_eq!(again_at(0, now), again_at(1, now));
    }
}
