//! Events, fetched: one by id, or listed for machines that no webhook reaches.

use stripe_client_core::{RequestBuilder, StripeMethod};

use super::Api;
use super::answer::{Answer, Failure, NotSent, NotSentCause};
use super::call::PAGE_SIZE;
use super::inbound::{EventFound, Received, ThinEvent};
use crate::billing::time::Timestamp;

/// Most types that one list is asked for (Stripe: API, list all events).
pub const EVENT_TYPES_MAX: usize = 20;
/// Stripe keeps events this long (Stripe: API, list all events), in seconds.
pub const EVENTS_KEPT_S: i64 = 30 * 86_400;

/// Which events are listed, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventQuery {
    /// Made at this instant or later.
    pub since: Option<Timestamp>,
    /// Of these types, at most [`EVENT_TYPES_MAX`]; `invoice.*` is all of a kind. None: of every type.
    pub types: Vec<String>,
    /// The page after the one that ended with this event.
    pub after: Option<String>,
}

/// One page of events, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// At most a hundred.
    pub events: Vec<EventFound>,
    /// For [`EventQuery::after`] of the next page; `None`: this was the last.
    pub next: Option<String>,
}

/// One page of thin events, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ThinPage {
    /// The events; whether they have their data is not promised.
    pub events: Vec<ThinEvent>,
    /// For `page` of the next call; `None`: this was the last.
    pub next: Option<String>,
}

fn refused(message: String) -> Failure {
    Failure::NotSent(NotSent { cause: NotSentCause::Refused, message })
}

/// `types[0]=…` of a query, each of the legal form.
fn types_query(types: &[String]) -> Result<Vec<String>, Failure> {
    if types.len() > EVENT_TYPES_MAX {
        return Err(refused(format!("at most {EVENT_TYPES_MAX} event types can be asked for at once")));
    }
    let mut pairs = Vec::new();
    for (place, kind) in types.iter().enumerate() {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'*');
        if kind.is_empty() || !kind.bytes().all(legal) {
            return Err(refused(format!("`{kind}` is no event type")));
        }
        pairs.push(format!("types[{place}]={kind}"));
    }
    Ok(pairs)
}

fn id_is_legal(id: &str) -> Result<(), Failure> {
    let legal = id.len() <= 255
        && id.starts_with("evt_")
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if legal {
        Ok(())
    } else {
        Err(refused("an event's id is evt_… and has no other characters".to_owned()))
    }
}

fn snapshot(json: serde_json::Value) -> Result<EventFound, String> {
    match Received::of(json) {
        Ok(Received::Snapshot(event)) => Ok(*event),
        Ok(Received::Thin(_)) => Err("a thin event among snapshot events".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn thin(json: serde_json::Value) -> Result<ThinEvent, String> {
    match Received::of(json) {
        Ok(Received::Thin(event)) => Ok(*event),
        Ok(Received::Snapshot(_)) => Err("a snapshot event among thin events".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[derive(serde::Deserialize)]
struct RawPage {
    data: Vec<serde_json::Value>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    next_page_url: Option<String>,
}

/// The `page` of `/v2/core/events?page=…&limit=…`.
fn page_token(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("page=")).map(str::to_owned)
}

impl Api {
    /// One event (`GET /v1/events/{id}`), with its object as it was then. Stripe has it for 30 days.
    pub async fn event_retrieve(&self, event: &str) -> Answer<EventFound> {
        id_is_legal(event)?;
        let found =
            self.read_raw::<serde_json::Value>(&format!("/events/{event}")).await?.try_map(snapshot)?;
        if found.value.id != event {
            return Err(found.contradiction("another event than was asked for".to_owned()));
        }
        Ok(found)
    }

    /// One page of events (`GET /v1/events`), newest first. The list lags behind what happened by up to a minute, so a
    /// reader begins a margin before the last event that it has, and knows events again by their ids.
    pub async fn event_list(&self, query: &EventQuery) -> Answer<EventPage> {
        let mut pairs = vec![format!("limit={PAGE_SIZE}")];
        pairs.extend(query.since.map(|since| format!("created[gte]={}", since.0)));
        pairs.extend(types_query(&query.types)?);
        if let Some(after) = &query.after {
            id_is_legal(after)?;
            pairs.push(format!("starting_after={after}"));
        }
        let mut request = RequestBuilder::new(StripeMethod::Get, "/events");
        request.query = Some(pairs.join("&"));
        self.send_raw(request, None).await?.try_map(|json| {
            let page: RawPage = serde_json::from_value(json).map_err(|error| error.to_string())?;
            let events: Vec<EventFound> = page.data.into_iter().map(snapshot).collect::<Result<_, _>>()?;
            let next = events.last().filter(|_| page.has_more).map(|event| event.id.clone());
            if page.has_more && (next.is_none() || next == query.after) {
                return Err("a list says that there is more but gives no next page".to_owned());
            }
            Ok(EventPage { events, next })
        })
    }

    /// One thin event with its data (`GET /v2/core/events/{id}`). Stripe has it for 30 days.
    pub async fn thin_event_retrieve(&self, event: &str) -> Answer<ThinEvent> {
        id_is_legal(event)?;
        let path = format!("/v2/core/events/{event}");
        let found = self.read_raw::<serde_json::Value>(&path).await?.try_map(thin)?;
        if found.value.id != event {
            return Err(found.contradiction("another event than was asked for".to_owned()));
        }
        Ok(found)
    }

    /// One page of thin events of some types (`GET /v2/core/events`), newest first; `page` is [`ThinPage::next`] of the
    /// page before. Stop where `created` is older than what is wanted.
    pub async fn thin_event_list(&self, types: &[String], page: Option<&str>) -> Answer<ThinPage> {
        let mut pairs = types_query(types)?;
        pairs.push(format!("limit={PAGE_SIZE}"));
        if let Some(page) = page {
            let legal =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'=' | b'%' | b'.');
            if !page.bytes().all(legal) {
                return Err(refused("a page token holds characters that none of Stripe's has".to_owned()));
            }
            pairs.push(format!("page={page}"));
        }
        let mut request = RequestBuilder::new(StripeMethod::Get, "/v2/core/events");
        request.query = Some(pairs.join("&"));
        self.send_raw(request, None).await?.try_map(|json| {
            let found: RawPage = serde_json::from_value(json).map_err(|error| error.to_string())?;
            let events = found.data.into_iter().map(thin).collect::<Result<_, _>>()?;
            let next = found.next_page_url.as_deref().and_then(page_token);
            if found.next_page_url.is_some() && (next.is_none() || next.as_deref() == page) {
                return Err("a list says that there is more but gives no next page".to_owned());
            }
            Ok(ThinPage { events, next })
        })
    }
}
