//! The store follows what Stripe has: a subscription is taken in, seats are followed.

use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::adopt::{history_put, history_told};
use crate::flow::history_changed;
use crate::flow::refresh::{as_stored, is_ours, role, seen};
use crate::store::customer::Customer;
use crate::store::tier::AssignmentNew;
use crate::stripe::SubscriptionFound;

/// Puts the customer on the terms that the subscription's metadata carries, unless it is on them: what it was on ends
/// when the subscription began or got its newest item, or now.
pub fn take_in(
    desk: &Desk<'_>,
    customer: &Customer,
    found: &[SubscriptionFound],
    sub: &str,
) -> Result<(), Error> {
    // Ends and anchors first: an assignment whose subscription has ended is closed by it, and the live one adopted.
    seen(desk, customer, found)?;
    let Some(it) = found.iter().find(|it| it.id == sub) else { return Ok(()) };
    let ours: Vec<&SubscriptionFound> =
        found.iter().filter(|it| is_ours(it, desk.namespace, &customer.id)).collect();
    let revision = crate::flow::refresh::terms_in(it).map(|(revision, _, _)| revision);
    desk.store.write(desk.now, |w| {
        let open = w.reader().assignment_open(customer.row)?;
        let same = open.as_ref().is_some_and(|open| {
            open.sub.as_deref() == Some(sub) && Some(&open.revision) == revision.as_ref()
        });
        if same {
            return Ok(());
        }
        let mut since: Option<Timestamp> = None;
        if let Some(open) = open {
            let added = it.items.iter().filter(|item| role(item, desk.namespace) != "other");
            let added = added.map(|item| item.created).max().filter(|added| *added > open.from_at);
            let at = match &open.sub {
                Some(own) if own == sub => added.unwrap_or(desk.now),
                _ => it.start_date.max(open.from_at),
            };
            w.assignment_close(open.assignment, at)?;
            since = Some(at);
        }
        let known = w.reader().assignments_of(customer.row)?;
        let told = history_told(&w.reader(), desk.namespace, &known, None, &ours)?;
        let adopted = history_put(w, customer.row, &told)?;
        match since.into_iter().chain(adopted).min() {
            Some(since) => history_changed(w, customer.row, since),
            None => Ok(()),
        }
    })
}

/// Stripe does not say since when it has other seats: the store has them from now on.
pub fn seats_follow(
    desk: &Desk<'_>,
    customer: &Customer,
    found: &[SubscriptionFound],
    sub: &str,
    seats: u32,
) -> Result<(), Error> {
    let Some(it) = found.iter().find(|it| it.id == sub) else { return Ok(()) };
    desk.store.write(desk.now, |w| {
        w.subscription_put(&as_stored(it, customer.row, desk.namespace))?;
        let open = w.reader().assignment_open(customer.row)?;
        let Some(open) = open.filter(|open| open.sub.as_deref() == Some(sub) && open.seats != Some(seats))
        else {
            return Ok(());
        };
        let at = desk.now.max(open.from_at);
        w.assignment_close(open.assignment, at)?;
        w.assignment_insert(&AssignmentNew {
            customer: customer.row,
            revision: open.revision,
            interval: open.interval,
            seats: Some(seats),
            sub: open.sub,
            from_at: at,
            anchor_at: open.anchor_at,
        })?;
        history_changed(w, customer.row, at)
    })
}
