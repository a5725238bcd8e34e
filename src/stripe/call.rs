//! Typed calls over the transport: one object, or all pages of a list.

use miniserde::Deserialize;
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};

use super::Api;
use super::answer::{Answer, Failure, Integrity, Unreadable, Yes};
use super::key::Mode;
use super::transport::Sent;

/// Objects on a page: Stripe's most (Stripe: docs, pagination).
pub const PAGE_SIZE: i64 = 100;
/// Most pages of one list.
pub const PAGES_MAX: usize = 10_000;

/// The parts of any object or list that are checked before it is taken apart.
#[derive(serde::Deserialize)]
struct Envelope {
    livemode: Option<bool>,
    #[serde(default)]
    has_more: bool,
    data: Option<serde_json::Value>,
}

#[derive(serde::Deserialize)]
struct Entry {
    id: Option<String>,
    livemode: Option<bool>,
}

/// What a page says beside its objects.
struct Page {
    has_more: bool,
    last_id: Option<String>,
    count: usize,
}

impl Api {
    /// A read whose answer is one object.
    pub(super) async fn read<R: StripeRequest>(&self, request: &R) -> Answer<R::Output>
    where
        R::Output: Deserialize,
    {
        let sent = self.transport.send(request.build(), None).await?;
        self.decode(sent, |text| miniserde::json::from_str(text).map_err(|_| type_name::<R::Output>()))
    }
    /// A write under the caller's persisted key whose answer is one object.
    pub(super) async fn write<R: StripeRequest>(&self, request: &R, key: &str) -> Answer<R::Output>
    where
        R::Output: Deserialize,
    {
        self.write_built(request.build(), Some(key)).await
    }
    /// A write that was built by hand, for what async-stripe's builders cannot say.
    pub(super) async fn write_built<T: Deserialize>(
        &self,
        request: RequestBuilder,
        key: Option<&str>,
    ) -> Answer<T> {
        let sent = self.transport.send(request, key).await?;
        self.decode(sent, |text| miniserde::json::from_str(text).map_err(|_| type_name::<T>()))
    }
    /// A read of one object by path, decoded by serde: where exact numbers matter or async-stripe lacks the type.
    pub(super) async fn read_raw<T: serde::de::DeserializeOwned>(&self, path: &str) -> Answer<T> {
        let sent = self.transport.send(RequestBuilder::new(StripeMethod::Get, path), None).await?;
        self.decode(sent, |text| serde_json::from_str(text).map_err(|error| error.to_string()))
    }
    /// A request as given, answered as plain JSON.
    pub(super) async fn send_raw(
        &self,
        request: RequestBuilder,
        key: Option<&str>,
    ) -> Answer<serde_json::Value> {
        let sent = self.transport.send(request, key).await?;
        self.decode(sent, |text| serde_json::from_str(text).map_err(|error| error.to_string()))
    }
    /// All objects of a list, page by page.
    pub(super) async fn list<T>(&self, first: RequestBuilder) -> Answer<Vec<T>>
    where
        stripe_types::List<T>: Deserialize,
    {
        self.list_with(first, typed_page).await
    }
    /// All objects of a list with a decoder of one's own.
    pub(super) async fn list_with<T>(
        &self,
        first: RequestBuilder,
        decode: impl Fn(&str) -> Result<Vec<T>, String>,
    ) -> Answer<Vec<T>> {
        let listed = self.list_some(first, PAGES_MAX, decode).await?;
        if !listed.value.1 {
            return Err(listed.contradiction(format!("a list has more than {PAGES_MAX} pages")));
        }
        Ok(listed.map(|(objects, _)| objects))
    }
    /// The first `pages_max` pages of a list, and whether that is all of it.
    pub(super) async fn list_some<T>(
        &self,
        first: RequestBuilder,
        pages_max: usize,
        decode: impl Fn(&str) -> Result<Vec<T>, String>,
    ) -> Answer<(Vec<T>, bool)> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        let mut pages = 0;
        loop {
            let mut request = RequestBuilder::new(StripeMethod::Get, first.path.clone());
            request.query = page_query(first.query.as_deref(), after.as_deref());
            let sent = self.transport.send(request, None).await?;
            let page = self.decode(sent, |text| Ok((page_of(text)?, decode(text)?)))?;
            let (told, objects) = page.value;
            let yes = Yes { value: (), raw: page.raw, meta: page.meta };
            if objects.len() != told.count {
                return Err(yes.contradiction("a page lost objects on the way".to_owned()));
            }
            all.extend(objects);
            pages += 1;
            if !told.has_more || pages >= pages_max {
                return Ok(yes.map(|()| (all, !told.has_more)));
            }
            if told.last_id.is_none() || told.last_id == after {
                return Err(
                    yes.contradiction("a list says that there is more but gives no next page".to_owned())
                );
            }
            after = told.last_id;
        }
    }

    fn decode<T>(&self, sent: Sent, decode: impl FnOnce(&str) -> Result<T, String>) -> Answer<T> {
        let Sent { raw, meta } = sent;
        let unreadable =
            |why: String, raw, meta| Failure::Unreadable(Box::new(Unreadable { why, raw, meta }));
        let text = match std::str::from_utf8(&raw) {
            Ok(text) => text,
            Err(_) => return Err(unreadable("it is not UTF-8".to_owned(), raw, meta)),
        };
        match self.livemode_is_ours(text) {
            Ok(true) => {}
            Ok(false) => {
                let why = format!("an object of the other mode came with a {} key", self.mode().as_str());
                return Err(Failure::Integrity(Box::new(Integrity { why, raw, meta })));
            }
            Err(why) => return Err(unreadable(why, raw, meta)),
        }
        match decode(text) {
            Ok(value) => Ok(Yes { value, raw, meta }),
            Err(why) => Err(unreadable(why, raw, meta)),
        }
    }

    /// Whether the object, and each object of a list, is of the key's mode.
    fn livemode_is_ours(&self, text: &str) -> Result<bool, String> {
        let live = self.mode() == Mode::Live;
        let envelope: Envelope = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let entries = envelope.data.map(entries).unwrap_or_default();
        let own = envelope.livemode.into_iter();
        Ok(own.chain(entries.iter().filter_map(|entry| entry.livemode)).all(|livemode| livemode == live))
    }
}

fn entries(data: serde_json::Value) -> Vec<Entry> {
    let serde_json::Value::Array(data) = data else { return Vec::new() };
    data.into_iter().filter_map(|object| serde_json::from_value(object).ok()).collect()
}

fn page_of(text: &str) -> Result<Page, String> {
    let envelope: Envelope = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Some(serde_json::Value::Array(data)) = envelope.data else {
        return Err("a list without data".to_owned());
    };
    let count = data.len();
    let last_id = entries(serde_json::Value::Array(data)).pop().and_then(|entry| entry.id);
    Ok(Page { has_more: envelope.has_more, last_id, count })
}

fn page_query(query: Option<&str>, after: Option<&str>) -> Option<String> {
    let query = query.filter(|query| !query.is_empty() && *query != "=");
    match (query, after) {
        (query, None) => query.map(str::to_owned),
        (None, Some(after)) => Some(format!("starting_after={after}")),
        (Some(query), Some(after)) => Some(format!("{query}&starting_after={after}")),
    }
}

/// One page by async-stripe's type.
pub(super) fn typed_page<T>(text: &str) -> Result<Vec<T>, String>
where
    stripe_types::List<T>: Deserialize,
{
    let list: stripe_types::List<T> = miniserde::json::from_str(text).map_err(|_| type_name::<T>())?;
    Ok(list.data)
}

fn type_name<T>() -> String {
    let name = std::any::type_name::<T>();
    let name = name.rsplit("::").next().unwrap_or(name).trim_end_matches('>');
    format!("it is no {name}, or lacks a field that every {name} has")
}
