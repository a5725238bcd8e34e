//! What customers are on since the backup: a store that was restored has terms pinned that Stripe may have left behind.

use super::adopt::{Adopted, Adoption, Case, Did};
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::adopt::{history_put, history_told, lasts};
use crate::flow::compare::{seats_follow, take_in};
use crate::flow::history_changed;
use crate::flow::refresh::{interval_and_seats, terms_in};
use crate::store::customer::Customer;
use crate::store::tier::Assignment;
use crate::stripe::SubscriptionFound;

/// Puts a customer on what Stripe says that it is on, and notes it in the report where that is news.
pub(super) fn follow(desk: &Desk<'_>, case: &Case<'_>, adoption: &mut Adoption) -> Result<(), Error> {
    let Some(customer) = desk.store.read(|r| r.customer_by_id(&case.id))? else { return Ok(()) };
    let open = || desk.store.read(|r| r.assignment_open(customer.row));
    let before = open()?;
    let found: Vec<SubscriptionFound> = case.ours.iter().map(|it| (*it).clone()).collect();
    match found.iter().find(|it| lasts(it)) {
        Some(live) => {
            take_in(desk, &customer, &found, &live.id)?;
            if let Some((_, _, terms)) = terms_in(live)
                && let (_, Some(seats)) = interval_and_seats(live, &terms, desk.namespace)
            {
                seats_follow(desk, &customer, &found, &live.id, seats)?;
            }
        }
        None => pin_follow(desk, case, &customer)?,
    }
    let after = open()?;
    if let Some(after) = after.filter(|after| before.as_ref() != Some(after)) {
        note(adoption, case, &after);
    }
    Ok(())
}

/// The tier without a subscription that the customer's metadata names.
fn pin_follow(desk: &Desk<'_>, case: &Case<'_>, customer: &Customer) -> Result<(), Error> {
    desk.store.write(desk.now, |w| {
        let r = w.reader();
        let told = history_told(&r, desk.namespace, &[], Some(case.found), &case.ours)?;
        let Some(now_on) = told.last().filter(|it| it.to.is_none() && it.sub.is_none()) else {
            return Ok(());
        };
        let open = r.assignment_open(customer.row)?;
        let mut since = None;
        if let Some(open) = open {
            if open.revision == now_on.revision {
                return Ok(());
            }
            let at = now_on.from.max(open.from_at);
            w.assignment_close(open.assignment, at)?;
            since = Some(at);
        }
        let known = w.reader().assignments_of(customer.row)?;
        let told = history_told(&w.reader(), desk.namespace, &known, Some(case.found), &case.ours)?;
        let put = history_put(w, customer.row, &told)?;
        match since.into_iter().chain(put).min() {
            Some(since) => history_changed(w, customer.row, since),
            None => Ok(()),
        }
    })
}

fn note(adoption: &mut Adoption, case: &Case<'_>, now_on: &Assignment) {
    let known = adoption.rows.iter().position(|row| row.cus == case.found.id);
    if known.is_none() {
        adoption.known -= 1;
        adoption.rows.push(Adopted {
            id: case.id.as_str().to_owned(),
            cus: case.found.id.clone(),
            tier: None,
            sub: None,
            from: None,
            did: Did::Adopted,
            note: None,
        });
    }
    let at = known.unwrap_or(adoption.rows.len() - 1);
    if let Some(row) = adoption.rows.get_mut(at) {
        row.tier = Some(now_on.revision.clone());
        row.sub.clone_from(&now_on.sub);
        row.from = Some(now_on.from_at);
    }
}
