//! `reconcile tiers`: every customer both ways. One pass over Stripe's lists; whoever seems to differ is asked about once
//! more, with the store read after it, so that a change under way is no difference.

use super::{Looked, Seen, customers_all, look_again};
use crate::billing::compare::{Difference, Mend, Subject, differences};
use crate::billing::id::CustomerId;
use crate::billing::reconcile::Class;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::customer::customer_required;
use crate::store::CustomerRow;
use crate::store::state_finding::StateFindingNew;

/// What is to be compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TiersAsk {
    /// This customer alone.
    pub customer: Option<CustomerId>,
}

/// Looks at everybody, or at one customer. Gives the customer's number where it is one.
pub async fn tiers_findings(desk: &Desk<'_>, ask: &TiersAsk) -> Result<(Seen, Option<CustomerRow>), Error> {
    if let Some(id) = &ask.customer {
        let customer = desk.store.read(|r| customer_required(r, id))?;
        let row = customer.row;
        if customer.cus.is_none() {
            let compared = "1 customer, not at Stripe yet".to_owned();
            return Ok((Seen { compared, findings: Vec::new() }, Some(row)));
        }
        let looked = look_again(desk, customer).await?;
        let live = looked.there.subs.iter().filter(|it| it.lasts()).count();
        let found = differences(&looked.here, &looked.there, desk.now);
        let findings = found.iter().map(|it| finding(&looked, it)).collect();
        return Ok((Seen { compared: words(1, live), findings }, Some(row)));
    }
    let all = customers_all(desk).await?;
    let compared = words(all.looked.len(), all.live);
    let mut findings = Vec::new();
    for it in all.looked {
        if differences(&it.here, &it.there, desk.now).is_empty() {
            continue;
        }
        let looked = look_again(desk, it.customer).await?;
        let found = differences(&looked.here, &looked.there, desk.now);
        findings.extend(found.iter().map(|it| finding(&looked, it)));
    }
    for (own, it) in all.strangers {
        findings.push(StateFindingNew {
            subject: Subject::Tiers,
            customer: None,
            object: it.id.clone(),
            class: Class::Extra,
            cause: "unknown_customer".to_owned(),
            ours: None,
            stripe: Some(format!("{} of customer {own}, {}", it.status, it.customer)),
            amount: None,
            fix: Some(format!("paygrade customer link {own} {}", it.customer)),
        });
    }
    Ok((Seen { compared, findings }, None))
}

fn words(customers: usize, live: usize) -> String {
    let s = |count: usize| if count == 1 { "" } else { "s" };
    format!("{customers} customer{} with {live} subscription{} at Stripe", s(customers), s(live))
}

fn finding(looked: &Looked, it: &Difference) -> StateFindingNew {
    StateFindingNew {
        subject: Subject::Tiers,
        customer: Some(looked.customer.row),
        object: it.object.clone(),
        class: it.class,
        cause: it.cause.to_owned(),
        ours: it.ours.clone(),
        stripe: it.stripe.clone(),
        amount: None,
        fix: match &it.mend {
            Mend::Person { command, .. } => Some(command.clone()),
            _ => None,
        },
    }
}

/// The difference behind a stored finding, as both sides are now; `None` when it is gone.
pub fn mend_of(
    looked: &Looked,
    finding: &StateFindingNew,
    now: crate::billing::time::Timestamp,
) -> Option<Difference> {
    let found = differences(&looked.here, &looked.there, now);
    found
        .into_iter()
        .find(|it| (it.object.as_str(), it.cause) == (finding.object.as_str(), finding.cause.as_str()))
}
