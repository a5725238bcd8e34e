//! `repair`: does what is safe about findings, and only what was shown.
//!
//! Shown and done are two looks at both sides: a step whose difference is another one by then is left for the next run.
//! What is done at Stripe is one thing alone, the end of a duplicate subscription; that it has ended is what guards it
//! from being done twice.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::follow::{seats_follow, take_in};
use super::{Looked, look_again, mend_of};
use crate::billing::compare::{Difference, Mend, Subject};
use crate::billing::id::CustomerId;
use crate::error::{Changed, Error, Kind};
use crate::flow::Desk;
use crate::flow::customer::customer_required;
use crate::flow::push::refuse_fenced;
use crate::flow::refresh::seen;
use crate::store::state_finding::StateFinding;
use crate::store::{CustomerRow, Reader};

/// What is to be repaired.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// These findings; none: all that are open and not acknowledged.
    pub findings: Vec<i64>,
    /// Of this customer alone.
    pub customer: Option<CustomerId>,
}

/// What is to be done about one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub finding: i64,
    /// The customer's own id.
    pub customer: Option<String>,
    /// What is done, in one word; `none` where it is gone by itself or refused.
    pub action: &'static str,
    /// What follows.
    pub effect: Option<String>,
    /// Why nothing is done.
    pub refused: Option<String>,
    /// The difference behind it, as it is now.
    difference: Option<Difference>,
    row: Option<CustomerRow>,
}

impl Step {
    /// Whether something is to be done, be it only that the finding is closed.
    pub fn is_to_do(&self) -> bool {
        self.refused.is_none()
    }
    fn refuse(mut self, why: String) -> Step {
        (self.action, self.effect, self.refused) = ("none", None, Some(why));
        self
    }
}

/// What would be done. Reads only.
pub async fn repair_plan(desk: &Desk<'_>, ask: &Ask) -> Result<Vec<Step>, Error> {
    let findings = desk.store.read(|r| chosen(r, ask))?;
    let mut looked: BTreeMap<CustomerRow, Looked> = BTreeMap::new();
    let mut steps = Vec::new();
    for finding in findings {
        let finding = match finding {
            Chosen::State(finding) => *finding,
            Chosen::Usage { finding, customer } => {
                let step = Step { customer: Some(customer), ..step(finding) };
                steps.push(step.refuse("usage has its own commands: paygrade meter status".to_owned()));
                continue;
            }
        };
        let shown = Step { customer: finding.customer_id.clone(), ..step(finding.finding) };
        let row = finding.new.customer.filter(|_| finding.new.subject == Subject::Tiers);
        let Some(row) = row else {
            let fix = finding.new.fix.unwrap_or_else(|| "a person decides".to_owned());
            steps.push(shown.refuse(format!("not done by itself: {fix}")));
            continue;
        };
        let both = match looked.entry(row) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let customer = desk.store.read(|r| r.customer_get(row))?;
                place.insert(look_again(desk, customer).await?)
            }
        };
        steps.push(planned(Step { row: Some(row), ..shown }, both, mend_of(both, &finding.new, desk.now)));
    }
    Ok(steps)
}

fn step(finding: i64) -> Step {
    Step { finding, customer: None, action: "none", effect: None, refused: None, difference: None, row: None }
}

/// A finding of one kind or the other.
enum Chosen {
    State(Box<StateFinding>),
    Usage { finding: i64, customer: String },
}

fn chosen(r: &Reader<'_>, ask: &Ask) -> Result<Vec<Chosen>, Error> {
    let customer = match &ask.customer {
        Some(id) => Some(customer_required(r, id)?.row),
        None => None,
    };
    if ask.findings.is_empty() {
        let open = r.state_findings_open(customer)?;
        return Ok(open
            .into_iter()
            .filter(|it| it.ack.is_none())
            .map(|it| Chosen::State(it.into()))
            .collect());
    }
    let one = |number: &i64| {
        if let Some(found) = r.state_finding_get(*number)? {
            return Ok(Chosen::State(found.into()));
        }
        match r.finding_get(*number)? {
            Some(found) => Ok(Chosen::Usage { finding: *number, customer: found.customer_id }),
            None => {
                Err(Error::new(Kind::BadInput, "unknown_finding", format!("there is no finding {number}"))
                    .hint("`paygrade reconcile tiers` shows those that are open"))
            }
        }
    };
    ask.findings.iter().map(one).collect()
}

/// What a difference takes, in words.
fn planned(step: Step, both: &Looked, difference: Option<Difference>) -> Step {
    let Some(difference) = difference else {
        let effect = Some("both sides say the same by now".to_owned());
        return Step { action: "close", effect, ..step };
    };
    let live = both.there.subs.iter().filter(|it| it.lasts()).count();
    let says = difference.stripe.clone().unwrap_or_default();
    let cause = difference.cause;
    let (action, effect) = match &difference.mend {
        Mend::Person { why, command } => return step.refuse(format!("{why}: {command}")),
        Mend::Cancel { sub, keep, credit } => {
            let rest =
                if *credit { "the rest of its period is credited" } else { "nothing of it is credited" };
            let open = "an open invoice of it stays";
            let effect = format!(
                "{sub} ends at Stripe now; {rest}; {open}; its usage is billed by {keep}, which stays"
            );
            ("cancel", effect)
        }
        _ if live > 1 => {
            return step.refuse("there are two live subscriptions: that comes first".to_owned());
        }
        Mend::Refresh => ("refresh", format!("the store follows Stripe: {cause} {says}")),
        Mend::TakeIn { sub } => ("take_in", format!("the store takes {sub} in: {says}")),
        Mend::Seats { seats, .. } => ("refresh", format!("the store follows Stripe: {seats} seats")),
        Mend::Allocate => ("allocate", "what is due is posted to the ledger".to_owned()),
    };
    Step { action, effect: Some(effect), difference: Some(difference), ..step }
}

/// Does what was shown. Gives the steps as they went: what moved meanwhile is refused.
pub async fn repair_apply(desk: &Desk<'_>, steps: Vec<Step>) -> Result<Vec<Step>, Error> {
    refuse_fenced(desk.store)?;
    let mut done = Vec::new();
    let mut wrote = false;
    for step in steps {
        let result = one(desk, &step).await;
        wrote |= result.as_ref().is_ok_and(Option::is_none);
        match result {
            Ok(None) => done.push(step),
            Ok(Some(why)) => done.push(step.refuse(why)),
            Err(error) if wrote => return Err(error.changed(Changed::Partial)),
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Does one step; why not, where it was not done.
async fn one(desk: &Desk<'_>, step: &Step) -> Result<Option<String>, Error> {
    let Some(row) = step.row else { return Ok(None) };
    if !step.is_to_do() {
        return Ok(step.refused.clone());
    }
    let (customer, stored) =
        desk.store.read(|r| Ok::<_, Error>((r.customer_get(row)?, r.state_finding_get(step.finding)?)))?;
    let Some(stored) = stored else { return Ok(None) };
    let both = look_again(desk, customer).await?;
    let now = mend_of(&both, &stored.new, desk.now);
    if let (Some(shown), Some(now)) = (&step.difference, &now)
        && shown != now
    {
        return Ok(Some("it has changed since it was shown: run it again".to_owned()));
    }
    // An earlier step of the same customer may have mended it too.
    if let (Some(_), Some(now)) = (&step.difference, &now) {
        mend(desk, &both, &now.mend).await?;
    } else if step.difference.is_none() && now.is_some() {
        return Ok(Some("it is there again: run it again".to_owned()));
    }
    let customer = desk.store.read(|r| r.customer_get(row))?;
    let after = look_again(desk, customer).await?;
    if mend_of(&after, &stored.new, desk.now).is_some() {
        return Ok(Some("it is still there: paygrade reconcile tiers".to_owned()));
    }
    desk.store.write(desk.now, |w| w.state_finding_end(step.finding))?;
    Ok(None)
}

async fn mend(desk: &Desk<'_>, both: &Looked, mend: &Mend) -> Result<(), Error> {
    let customer = &both.customer;
    match mend {
        Mend::Person { .. } => Ok(()),
        Mend::Refresh => {
            seen(desk, customer, &both.found)?;
            Ok(())
        }
        Mend::TakeIn { sub } => take_in(desk, customer, &both.found, sub),
        Mend::Seats { sub, seats } => seats_follow(desk, customer, &both.found, sub, *seats),
        Mend::Allocate => {
            desk.store.write(desk.now, |w| w.allocate_due(customer.row))?;
            Ok(())
        }
        Mend::Cancel { sub, keep, credit } => {
            // The one that stays bills the same usage: an invoice for it now would bill it twice.
            match desk.api.subscription_cancel(sub, false, *credit).await {
                Ok(_) => {}
                Err(failure) if failure.is_missing() => {}
                Err(failure) => return Err(Error::from(failure)),
            }
            let found = desk.api.subscription_list(customer.cus.as_deref().unwrap_or_default()).await?.value;
            if found.iter().any(|it| it.id == *sub && it.ended_at.is_none()) {
                let what = format!("{sub} was to end and has not");
                return Err(Error::new(Kind::Unknown, "not_cancelled", what)
                    .changed(Changed::Recorded)
                    .hint("run the same command again: it looks at Stripe first"));
            }
            take_in(desk, customer, &found, keep)
        }
    }
}
