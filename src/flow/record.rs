//! Recording usage: one event, or a stream of them with group commit. An event and all that follows from it here is
//! one transaction; nothing is sent anywhere.

mod stream;

pub use stream::{Answered, Tally, record_stream};

use super::allow::Facts;
use super::names::{unknown_customer, unknown_meter};
use crate::billing::id::{CustomerId, MeterKey};
use crate::billing::quota::{Answer, Ask};
use crate::billing::time::Micros;
use crate::billing::usage::{BadUsage, Content, EventId, check_label, check_time};
use crate::error::{Error, Kind};
use crate::store::run::Ending;
use crate::store::span::SpanCache;
use crate::store::usage::{Appended, NewEvent, ToCome, UsageCache, usage_append};
use crate::store::{CustomerRow, MeterRow, Reader, Store, Writer};

/// Usage that is to be recorded, checked as far as that needs no store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Whose.
    pub customer: CustomerId,
    /// Of what.
    pub meter: MeterKey,
    /// Units, in range.
    pub quantity: i64,
    /// The caller's id.
    pub id: Option<String>,
    /// When; now where it is not given.
    pub at: Option<Micros>,
    /// The action that caused it.
    pub action: Option<String>,
    /// The end user who caused it.
    pub user: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id as text: the caller's, or the one that it was given.
    pub id: String,
    /// The id was recorded before with the same content; nothing was written.
    pub known: bool,
    /// It is beyond what the tier allows. It counts all the same.
    pub over_quota: bool,
    /// When it happened.
    pub at: Micros,
}

impl From<BadUsage> for Error {
    fn from(bad: BadUsage) -> Error {
        let hint = match &bad {
            BadUsage::Quantity(_) | BadUsage::QuantityGrouped(_) | BadUsage::QuantityRange(_) => {
                "give whole units, 1 to 15 digits, without a sign"
            }
            BadUsage::TimeRange(_) => "give the time when it happened, such as 2026-11-21T08:00:00Z",
            BadUsage::Ahead { .. } => {
                "check the clock and the zone of the time; usage is recorded once it has happened"
            }
            BadUsage::Name(_) => "give another name",
        };
        Error::new(Kind::BadInput, "bad_usage", bad.to_string()).hint(hint)
    }
}

impl Draft {
    /// Checks names and time.
    pub fn check(&self, now: Micros) -> Result<(), Error> {
        if let Some(id) = &self.id {
            EventId::of_caller(id)?;
        }
        if let Some(action) = &self.action {
            check_label(action, "action")?;
        }
        if let Some(user) = &self.user {
            check_label(user, "user")?;
        }
        check_time(self.at.unwrap_or(now), now.second())?;
        Ok(())
    }

    fn to_come(&self, now: Micros) -> ToCome<'_> {
        let Draft { customer, meter, id, at, action, user, .. } = self;
        let (action, user) = (action.as_deref(), user.as_deref());
        let at = at.unwrap_or(now).second();
        ToCome { customer, meter, at, has_id: id.is_some(), action, user }
    }

    fn event(&self, customer: CustomerRow, meter: MeterRow, now: Micros) -> Result<NewEvent<'_>, Error> {
        let (id, name) = match &self.id {
            Some(text) => {
                let (id, is_name) = EventId::of_caller(text)?;
                (Some(id), is_name.then_some(text.as_str()))
            }
            None => (None, None),
        };
        let content = Content {
            quantity: self.quantity,
            at: self.at.unwrap_or(now),
            action: self.action.as_deref(),
            user: self.user.as_deref(),
        };
        Ok(NewEvent { id, name, customer, meter, content, at_given: self.at.is_some(), line: None })
    }
}

/// Records one event. With `enforce` it is refused, and nothing written, where the tier does not allow it. `ending` says
/// how the run ends with that; it is noted in the same transaction, which is all that such a command writes.
pub fn record(
    store: &Store,
    now: Micros,
    draft: &Draft,
    enforce: bool,
    ending: &dyn Fn(&Recorded) -> Ending,
) -> Result<Recorded, Error> {
    draft.check(now)?;
    let mut cache = UsageCache::default();
    store.usage_ready(&mut cache, &draft.to_come(now))?;
    if enforce {
        // What it comes to is decided inside the transaction; by then its questions are prepared.
        let _ = preview(store, now, draft, enforce);
    }
    store.write(now.second(), |w| {
        let done = record_one(w, &mut cache, now, draft, enforce)?;
        w.run_end(&ending(&done))?;
        Ok(done)
    })
}

/// What recording it would come to. Writes nothing.
pub fn preview(store: &Store, now: Micros, draft: &Draft, enforce: bool) -> Result<Recorded, Error> {
    draft.check(now)?;
    store.read(|r| {
        let (customer, meter) = names_of(r, draft)?;
        let event = draft.event(customer, meter, now)?;
        let known = match event.id {
            Some(id) => r.usage_known(id, meter, customer, &event.content, event.at_given)?,
            None => None,
        };
        if let Some(known) = known {
            return outcome(r, draft, &event, &known);
        }
        let answer = judge(r, draft, &event, now)?;
        if enforce && !answer.allowed {
            return Err(refused(draft, &answer));
        }
        let over_quota = matches!(answer.reason, "block" | "credits") && !answer.allowed;
        let id = draft.id.clone().unwrap_or_default();
        Ok(Recorded { id, known: false, over_quota, at: event.content.at })
    })
}

fn names_of(r: &Reader<'_>, draft: &Draft) -> Result<(CustomerRow, MeterRow), Error> {
    let Some(customer) = r.customer_by_id(&draft.customer)?.map(|it| it.row) else {
        return Err(unknown_customer(&r.usage_names()?, draft.customer.as_str()));
    };
    let Some(meter) = r.meter_row(draft.meter.as_str())? else {
        return Err(unknown_meter(&r.usage_names()?, draft.meter.as_str()));
    };
    Ok((customer, meter))
}

fn judge(r: &Reader<'_>, draft: &Draft, event: &NewEvent<'_>, now: Micros) -> Result<Answer, Error> {
    let (at, now) = (event.content.at.second(), now.second());
    let facts = Facts::gather(r, &mut SpanCache::default(), event.customer, Some(event.meter), at, now)?;
    Ok(facts.decide(&Ask::Meter { meter: draft.meter.clone(), quantity: draft.quantity }))
}

/// Records one event in a transaction that is open.
fn record_one(
    w: &Writer<'_>,
    cache: &mut UsageCache,
    now: Micros,
    draft: &Draft,
    enforce: bool,
) -> Result<Recorded, Error> {
    let r = w.reader();
    let (customer, meter) = names_of(&r, draft)?;
    let event = draft.event(customer, meter, now)?;
    if enforce && !is_known(&r, &event)? {
        let answer = judge(&r, draft, &event, now)?;
        if !answer.allowed {
            return Err(refused(draft, &answer));
        }
    }
    let done = usage_append(w, cache, std::slice::from_ref(&event))?;
    let Some(done) = done.first() else {
        return Err(Error::new(Kind::Bug, "not_recorded", "the event was neither recorded nor refused"));
    };
    outcome(&r, draft, &event, done)
}

/// An event that was recorded before is answered, not judged again: a repeated call must not be refused for the usage
/// that it has itself recorded.
fn is_known(r: &Reader<'_>, event: &NewEvent<'_>) -> Result<bool, Error> {
    let Some(id) = event.id else { return Ok(false) };
    let known = r.usage_known(id, event.meter, event.customer, &event.content, event.at_given)?;
    Ok(known.is_some())
}

fn outcome(r: &Reader<'_>, draft: &Draft, event: &NewEvent<'_>, done: &Appended) -> Result<Recorded, Error> {
    let given = || draft.id.clone().unwrap_or_default();
    match done {
        Appended::New { id, over_quota, .. } => Ok(Recorded {
            id: draft.id.clone().unwrap_or_else(|| id.to_string()),
            known: false,
            over_quota: *over_quota,
            at: event.content.at,
        }),
        Appended::Known { seq } => {
            let at = r.usage_get(*seq)?.map_or(event.content.at, |it| it.at);
            Ok(Recorded { id: given(), known: true, over_quota: false, at })
        }
        Appended::Conflict { seq } => Err(conflict(r, &given(), *seq)?),
    }
}

fn refused(draft: &Draft, answer: &Answer) -> Error {
    let Draft { quantity, meter, customer, .. } = draft;
    let left = answer.left.map(|left| format!(" ({left} left)")).unwrap_or_default();
    let text = format!("{quantity} {meter} of {customer} are not allowed: {}{left}", answer.reason);
    Error::new(Kind::Refused, answer.reason, text)
        .hint("nothing was recorded; usage that has happened is recorded without --enforce")
}

fn conflict(r: &Reader<'_>, id: &str, seq: i64) -> Result<Error, Error> {
    let other = r.usage_get(seq)?.map(|it| {
        let by = [("action", &it.action), ("user", &it.user)];
        let by: Vec<String> =
            by.into_iter().filter_map(|(what, word)| Some(format!(", {what} {}", word.as_ref()?))).collect();
        format!(": {} {} of {} at {}{}", it.quantity, it.meter, it.customer, it.at, by.concat())
    });
    let text = format!("event `{id}` is recorded already with other content{}", other.unwrap_or_default());
    Ok(Error::new(Kind::Refused, "event_conflict", text)
        .hint("nothing was overwritten; give other usage another --id, or the same content to the same id"))
}
