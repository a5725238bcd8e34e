//! `webhook process`: one event after the other, each claimed, looked up and committed.

use super::sight::{Case, Memory, Sight};
use super::{card, customer, invoice, meter, notice, pack, subscription};
use crate::billing::inbox::{Handler, State, handler};
use crate::error::{Changed, Error, Kind};
use crate::flow::customer::METADATA_KEY;
use crate::flow::refresh::CUSTOMER_METADATA_KEY;
use crate::flow::{Desk, fallback};
use crate::store::Writer;
use crate::store::customer::Customer;
use crate::store::inbox::InboxEvent;
use crate::stripe::inbound::Received;

/// The lock of the one process that handles events.
pub const LOCK: &str = "webhooks";
/// Looks at Stripe for one event, when others keep changing what it is about.
const ROUNDS_MAX: u32 = 5;

/// Which events are handled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// These alone, by their numbers, also when they would wait; without: all that can be handled now.
    pub only: Option<Vec<i64>>,
    /// Most events.
    pub max: Option<u64>,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Processed {
    /// Events that were handled, with what each did.
    pub done: Vec<(InboxEvent, String)>,
    /// Events that failed and are tried again, with why.
    pub failed: Vec<(InboxEvent, Error)>,
    /// Events that were given up now, with why.
    pub dead: Vec<(InboxEvent, Error)>,
    /// Customers that fall back now, because of these events or earlier ones.
    pub fallbacks: Vec<fallback::Performed>,
    /// Why the rest was left: Stripe cannot be asked.
    pub stopped: Option<Error>,
    /// Somebody asked to end.
    pub interrupted: bool,
}

/// Handles what waits, under the lock of the store. A second process ends at once (busy).
pub async fn process(desk: &Desk<'_>, ask: &Ask, came: impl Fn() -> bool) -> Result<Processed, Error> {
    let Some(_lock) = desk.store.named_lock(LOCK)? else {
        return Err(Error::new(
            Kind::Busy,
            "webhooks_busy",
            "another process handles the events of this store",
        )
        .hint("its work is yours: wait for it, or run the command again"));
    };
    let newest = desk.store.read(|r| r.inbox_newest())?;
    let mut memory = Memory::new(newest);
    let mut out = Processed::default();
    let max = ask.max.unwrap_or(u64::MAX);
    let mut handled = 0;
    if desk.store.read(|r| r.inbox_bodies_old(desk.now))? {
        desk.store.write(desk.now, |w| w.inbox_bodies_drop())?;
    }
    while handled < max {
        if came() {
            out.interrupted = true;
            break;
        }
        let now = desk.clock.now()?;
        // Without this, a look for work would write.
        if ask.only.is_none() && desk.store.read(|r| r.inbox_ready(now))? == 0 {
            break;
        }
        let claimed = desk.store.write(now, |w| w.inbox_claim(ask.only.as_deref()))?;
        let Some(event) = claimed else { break };
        handled += 1;
        desk.api.run_anew();
        let desk = Desk { now, ..*desk };
        match handle(&desk, &event, &mut memory).await {
            Ok(effect) => out.done.push((event, effect)),
            Err(error) if is_nobodys_fault(&error) => {
                desk.store.write(now, |w| w.inbox_release(event.seq))?;
                out.stopped = Some(error.changed(Changed::Recorded));
                break;
            }
            Err(error) => fail(&desk, event, error, &mut out)?,
        }
    }
    if out.stopped.is_none() && !out.interrupted {
        out.fallbacks = fallback::perform(desk).await?;
    }
    Ok(out)
}

/// Whether no event could be handled now: Stripe cannot be reached or asked, or the store cannot be written.
fn is_nobodys_fault(error: &Error) -> bool {
    let waits = error.kind() == Kind::Later && error.code() != "stripe_unanswered";
    waits || matches!(error.kind(), Kind::Config | Kind::Store | Kind::Busy)
}

fn fail(desk: &Desk<'_>, event: InboxEvent, error: Error, out: &mut Processed) -> Result<(), Error> {
    let why = error.to_string();
    let state = desk.store.write(desk.now, |w| w.inbox_failed(event.seq, event.attempts, &why))?;
    let list = if state == State::Dead { &mut out.dead } else { &mut out.failed };
    list.push((event, error));
    Ok(())
}

/// Handles one claimed event; gives what it did.
async fn handle(desk: &Desk<'_>, event: &InboxEvent, memory: &mut Memory) -> Result<String, Error> {
    let Some(case) = case(desk, event)? else {
        desk.store.write(desk.now, |w| w.inbox_done(event.seq, None, "not handled"))?;
        return Ok("not handled".to_owned());
    };
    if case.customer.is_none() && case.handler != Handler::MeterErrors {
        desk.store.write(desk.now, |w| w.inbox_done(event.seq, None, "not ours"))?;
        return Ok("not ours".to_owned());
    }
    for _ in 0..ROUNDS_MAX {
        let sight = Sight::of(desk, &case, memory).await?;
        let done = desk.store.write(desk.now, |w| {
            if !sight.is_newest(w, &case)? {
                return Ok::<_, Error>(None);
            }
            let effect = apply(w, desk, &case, &sight)?.join("; ");
            w.inbox_done(event.seq, case.customer.as_ref().map(|it| it.row), &effect)?;
            Ok(Some(effect))
        })?;
        if let Some(effect) = done {
            memory.note(desk, &case, &sight)?;
            return Ok(effect);
        }
    }
    Err(Error::new(Kind::Partial, "customer_busy", "others keep changing the subscriptions of its customer"))
}

/// Everything that an event leads to, in the transaction that ends its claim.
fn apply(w: &Writer<'_>, desk: &Desk<'_>, case: &Case, sight: &Sight) -> Result<Vec<String>, Error> {
    let Some(owner) = &case.customer else {
        return sight.thin.as_ref().map_or_else(|| Ok(Vec::new()), |thin| meter::apply(w, thin));
    };
    subscription::stored(w, desk.namespace, owner, sight)?;
    let mut effects = match case.handler {
        Handler::Subscription => subscription::apply(w, case, owner)?,
        Handler::Invoice => invoice::apply(w, case, owner, sight)?,
        Handler::Upcoming => invoice::upcoming(w, case, owner)?,
        Handler::Checkout => checkout(w, case, owner, sight)?,
        Handler::Charge => pack::apply_charge(w, sight)?,
        Handler::Customer => customer::apply(w, owner, sight)?,
        Handler::Card => card::apply(w, case, owner, sight)?,
        Handler::MeterErrors => Vec::new(),
    };
    effects.extend(subscription::ended(w, owner)?);
    // Whatever was seen may be what a month's credits waited for.
    for it in w.allocate_due(owner.row)? {
        effects.push(format!("allocated {} credits of {}", it.credits, it.tier));
    }
    Ok(effects)
}

fn checkout(w: &Writer<'_>, case: &Case, owner: &Customer, sight: &Sight) -> Result<Vec<String>, Error> {
    let mut effects = pack::apply_session(w, case, sight)?;
    let failed = case.event.kind == "checkout.session.async_payment_failed";
    let unpaid = sight.session.as_ref().filter(|it| failed && !it.is_paid);
    if let Some(session) = unpaid
        && w.notice_put(&notice::checkout_failed(owner, session))?
    {
        effects.push("notice payment_failed".to_owned());
    }
    Ok(effects)
}

/// The event with what is known of it; `None` when nothing is done about its type.
fn case(desk: &Desk<'_>, event: &InboxEvent) -> Result<Option<Case>, Error> {
    let Some(handler) = handler(&event.kind) else { return Ok(None) };
    let (body, customer) = desk.store.read(|r| {
        let customer = event.cus.as_deref().map(|cus| r.customer_by_cus(cus)).transpose()?.flatten();
        Ok::<_, Error>((r.inbox_body(event.seq)?, customer))
    })?;
    let read = |body: Vec<u8>| {
        Received::read(&body).map_err(|bad| Error::new(Kind::BadInput, "bad_event", bad.to_string()))
    };
    let case = Case { event: event.clone(), handler, customer, said: body.map(read).transpose()? };
    if case.customer.is_none()
        && let Some(id) = unlinked(desk, &case)?
    {
        let text =
            format!("customer {} is about to be linked to {}", id.id, event.cus.as_deref().unwrap_or("-"));
        return Err(Error::new(Kind::Partial, "not_linked_yet", text));
    }
    Ok(Some(case))
}

/// A customer of ours that the object names, and whose link is still being made: its events must not be lost.
fn unlinked(desk: &Desk<'_>, case: &Case) -> Result<Option<Customer>, Error> {
    let Some(metadata) = case.snapshot().and_then(|event| event.object.get("metadata")) else {
        return Ok(None);
    };
    let mark = [CUSTOMER_METADATA_KEY, METADATA_KEY].iter().find_map(|key| metadata.get(key)?.as_str());
    let prefix = format!("{}/customer/", desk.namespace);
    let Some(id) = mark.and_then(|mark| mark.strip_prefix(&prefix)) else { return Ok(None) };
    let Ok(id) = crate::billing::id::CustomerId::parse(id) else { return Ok(None) };
    let known = desk.store.read(|r| r.customer_by_id(&id))?;
    Ok(known.filter(|it| it.cus.is_none()))
}
