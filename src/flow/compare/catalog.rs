//! `reconcile catalog`: what `seed` would do, as findings.

use super::Seen;
use crate::billing::change::{Change, ChangeSet, Op};
use crate::billing::compare::Subject;
use crate::billing::reconcile::Class;
use crate::store::state_finding::StateFindingNew;

/// The changes that `seed` has to make, each as a finding.
pub fn catalog_findings(set: &ChangeSet, objects: usize) -> Seen {
    let compared =
        format!("{objects} object{} at Stripe with the catalog", if objects == 1 { "" } else { "s" });
    Seen { compared, findings: set.changes.iter().map(finding).collect() }
}

fn finding(change: &Change) -> StateFindingNew {
    let class = match change.op {
        Op::Create => Class::Missing,
        Op::Remove => Class::Extra,
        _ => Class::Value,
    };
    let side = |of: fn(&crate::billing::change::Field) -> &Option<String>| {
        let told: Vec<String> = change
            .fields
            .iter()
            .filter_map(|field| of(field).as_ref().map(|value| format!("{}={value}", field.field)))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    };
    let fix = match change.op {
        Op::Remove => "paygrade seed --prune -n",
        Op::Conflict => "paygrade seed --adopt -n",
        _ => "paygrade seed -n",
    };
    StateFindingNew {
        subject: Subject::Catalog,
        customer: None,
        object: format!("{} {}", change.kind.as_str(), change.key),
        class,
        cause: change.cause().as_str().to_owned(),
        ours: side(|field| &field.to),
        stripe: side(|field| &field.from),
        amount: None,
        fix: Some(fix.to_owned()),
    }
}
