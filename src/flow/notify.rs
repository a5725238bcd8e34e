//! `alerts run`, second half: notices get to their sinks.
//!
//! What holds: one sender per store at a time; a delivery is claimed, durably, before anything is sent; a claim of a
//! sender that died is sent again where the sink can tell (or a second one does no harm), and is unknown elsewhere; what
//! was refused is released and tried again, for two days.

use crate::billing::alert::Severity;
use crate::billing::notice::again_at;
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::notify::{Letter, Reply, Sink};
use crate::store::notice::{Audience, Notice};
use crate::store::notice_send::{NoticesLeft, Parcel, Unrouted};
use crate::store::{NamedLock, Reader, Store};

/// Notices that are routed or sent at once.
const BATCH: u32 = 200;

/// What sending works with.
pub struct Post<'a> {
    /// The store, open for writing.
    pub store: &'a Store,
    /// Where notices go.
    pub sinks: &'a [Sink],
    /// Prints a notice for people, on standard output.
    pub print: &'a dyn Fn(&str) -> Result<(), String>,
    /// The instant of the command.
    pub now: Timestamp,
    /// This machine's own clock, which receivers of signatures compare with theirs.
    pub wall: &'a dyn Fn() -> Timestamp,
}

/// One delivery that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What was sent.
    pub notice: Notice,
    /// Where.
    pub sink: String,
    /// `sent`, `due`, `unknown` or `dead`.
    pub state: &'static str,
    /// When it is tried again.
    pub again_at: Option<Timestamp>,
    /// Why it did not arrive.
    pub why: Option<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Notices that were routed.
    pub routed: i64,
    /// Deliveries that were tried.
    pub tried: Vec<Tried>,
    /// What is left afterwards.
    pub left: NoticesLeft,
}

impl Outcome {
    /// Deliveries that arrived now.
    pub fn sent(&self) -> usize {
        self.tried.iter().filter(|it| it.state == "sent").count()
    }
    /// What the exit code is for: 8 when one may have arrived or not, 11 when one did not.
    pub fn kind(&self) -> Option<Kind> {
        let kinds = self.tried.iter().filter_map(|it| match it.state {
            "sent" => None,
            "unknown" => Some(Kind::Unknown),
            _ => Some(Kind::Partial),
        });
        Kind::worst(kinds)
    }
}

/// Takes the lock of the one sender per store.
fn lock(store: &Store) -> Result<NamedLock, Error> {
    store.named_lock("notices")?.ok_or_else(|| {
        Error::new(Kind::Busy, "notices_busy", "notices of this store are being sent already")
            .hint("wait for it; running the same command again is safe")
    })
}

/// Routes what is not routed yet and sends what is due.
pub async fn send(post: &Post<'_>) -> Result<Outcome, Error> {
    let _lock = lock(post.store)?;
    let mut outcome = Outcome { routed: route_all(post)?, ..Outcome::default() };
    let mut after = 0;
    loop {
        let parcels = post.store.read(|r| r.notice_parcels(post.now, after, BATCH))?;
        let Some(last) = parcels.last() else { break };
        after = last.delivery;
        for parcel in parcels {
            outcome.tried.extend(deliver(post, parcel).await?);
        }
    }
    outcome.left = post.store.read(|r| r.notice_left(post.now))?;
    Ok(outcome)
}

/// What would be sent now, without sending: each notice with its sinks.
pub fn preview(r: &Reader<'_>, sinks: &[Sink], now: Timestamp) -> Result<Vec<(Notice, Vec<String>)>, Error> {
    let mut shown = Vec::new();
    for it in r.notice_unrouted(BATCH)? {
        let to = destinations(r, sinks, &it)?.into_iter().map(|(sink, _)| sink).collect();
        shown.push((it.notice, to));
    }
    for it in r.notice_parcels(now, 0, BATCH)? {
        shown.push((it.notice, vec![it.sink]));
    }
    Ok(shown)
}

fn route_all(post: &Post<'_>) -> Result<i64, Error> {
    let mut routed = 0;
    loop {
        if post.store.read(|r| r.notice_unrouted(1))?.is_empty() {
            return Ok(routed);
        }
        routed += post.store.write(post.now, |w| {
            let r = w.reader();
            let batch = r.notice_unrouted(BATCH)?;
            for it in &batch {
                w.notice_route(it.notice.notice, &destinations(&r, post.sinks, it)?)?;
            }
            Ok::<_, Error>(i64::try_from(batch.len()).unwrap_or(i64::MAX))
        })?;
    }
}

/// The sinks that take a notice, with the address of a mail. What a customer does not want goes nowhere.
fn destinations(
    r: &Reader<'_>,
    sinks: &[Sink],
    it: &Unrouted,
) -> Result<Vec<(String, Option<String>)>, Error> {
    let notice = &it.notice;
    let for_customer = notice.audience == Audience::Customer;
    let mut address = it.email.clone();
    if let Some(customer) = notice.customer.filter(|_| for_customer) {
        let preference = r.notice_preference(customer)?;
        if !preference.wants(&notice.kind) {
            return Ok(Vec::new());
        }
        address = preference.email.or(address);
    }
    let mut to = Vec::new();
    for sink in sinks.iter().filter(|sink| sink.takes.takes(for_customer, notice.severity, &notice.kind)) {
        let address = if for_customer { address.clone() } else { sink.operator_address().map(str::to_owned) };
        if sink.needs_address() && address.is_none() {
            continue;
        }
        to.push((sink.name.clone(), address.filter(|_| sink.needs_address())));
    }
    Ok(to)
}

async fn deliver(post: &Post<'_>, parcel: Parcel) -> Result<Option<Tried>, Error> {
    let Some(sink) = post.sinks.iter().find(|sink| sink.name == parcel.sink) else {
        return left_alone(post, parcel, "no such sink in the settings any more");
    };
    if parcel.claimed {
        // We hold the lock: whoever claimed it is dead, and nobody knows how far it came.
        let why = "its sender died";
        if !sink.is_repeatable() {
            post.store.write(post.now, |w| w.notice_unknown(parcel.delivery, why))?;
            return Ok(Some(tried(parcel, "unknown", None, Some(why.to_owned()))));
        }
        post.store.write(post.now, |w| w.notice_released(parcel.delivery, why, Some(post.now)))?;
    }
    if !post.store.write(post.now, |w| w.notice_claim(parcel.delivery))? {
        return Ok(None);
    }
    let reply = match sink.kind() {
        "stdout" => match (post.print)(&line(&parcel.notice)) {
            Ok(()) => Reply::Sent,
            Err(why) => Reply::NotSent(why),
        },
        _ => sink.send(&letter(&parcel), (post.wall)()).await,
    };
    settle(post, sink, parcel, reply).map(Some).map_err(|error| error.changed(Changed::Recorded))
}

/// Notes what came of a claimed delivery.
fn settle(post: &Post<'_>, sink: &Sink, parcel: Parcel, reply: Reply) -> Result<Tried, Error> {
    let (store, now, delivery) = (post.store, post.now, parcel.delivery);
    match reply {
        Reply::Sent => {
            store.write(now, |w| w.notice_sent(delivery))?;
            Ok(tried(parcel, "sent", None, None))
        }
        Reply::Unknown(why) if !sink.is_repeatable() => {
            store.write(now, |w| w.notice_unknown(delivery, &why))?;
            Ok(tried(parcel, "unknown", None, Some(why)))
        }
        Reply::NotSent(why) | Reply::Unknown(why) => {
            let again = again_at(parcel.attempts + 1, now);
            store.write(now, |w| w.notice_released(delivery, &why, again))?;
            let state = if again.is_some() { "due" } else { "dead" };
            Ok(tried(parcel, state, again, Some(why)))
        }
    }
}

/// A delivery to a sink that is not in the settings waits, and is given up like any other.
fn left_alone(post: &Post<'_>, parcel: Parcel, why: &str) -> Result<Option<Tried>, Error> {
    let again = again_at(parcel.attempts + 1, post.now);
    post.store.write(post.now, |w| {
        if !parcel.claimed && !w.notice_claim(parcel.delivery)? {
            return Ok(());
        }
        w.notice_released(parcel.delivery, why, again)
    })?;
    let state = if again.is_some() { "due" } else { "dead" };
    Ok(Some(tried(parcel, state, again, Some(why.to_owned()))))
}

fn tried(parcel: Parcel, state: &'static str, again_at: Option<Timestamp>, why: Option<String>) -> Tried {
    Tried { notice: parcel.notice, sink: parcel.sink, state, again_at, why }
}

/// A notice as one line of standard output.
pub fn line(notice: &Notice) -> String {
    format!("[{}] {}: {}", notice.severity.as_str(), notice.subject, notice.text)
}

fn letter(parcel: &Parcel) -> Letter {
    let it = &parcel.notice;
    Letter {
        key: it.key.clone(),
        audience: it.audience.as_str(),
        customer: it.customer_id.clone(),
        kind: it.kind.clone(),
        severity: it.severity.as_str(),
        subject: it.subject.clone(),
        text: it.text.clone(),
        facts: it.facts.clone(),
        at: it.created_at,
        address: parcel.address.clone(),
    }
}

/// Sends a test message to a sink. Stores nothing.
pub async fn test(sink: &Sink, now: Timestamp, wall: Timestamp) -> Reply {
    let letter = Letter {
        key: format!("test:{}", wall.0),
        audience: "operator",
        customer: None,
        kind: "test".to_owned(),
        severity: Severity::Info.as_str(),
        subject: "a test of paygrade's notices".to_owned(),
        text: format!("This was sent by `paygrade alerts test` to the sink `{}`.", sink.name),
        facts: "{}".to_owned(),
        at: now,
        address: sink.test_address().map(str::to_owned),
    };
    sink.send(&letter, wall).await
}
