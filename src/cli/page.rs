//! Addresses that a hosted page leads to.

use super::Cx;
use crate::config::settings::Target;
use crate::error::{Error, Kind};
use crate::flow::names::shown;

/// Where customers of the local Stripe land: nobody opens it.
const LOCAL_SUCCESS_URL: &str = "https://example.com/paid";

/// Where the customer lands after paying; needed outside the local Stripe.
pub(super) fn success_url(cx: &Cx, given: Option<&str>) -> Result<String, Error> {
    match given {
        Some(url) => address(cx, url),
        None if is_local(cx) => Ok(LOCAL_SUCCESS_URL.to_owned()),
        None => Err(Error::new(Kind::Usage, "no_success_url", "where is the customer to land after paying?")
            .hint("add --success-url https://…")),
    }
}

/// An address that a customer can be sent to.
pub(super) fn address(cx: &Cx, url: &str) -> Result<String, Error> {
    if url.starts_with("https://") || (is_local(cx) && url.starts_with("http://")) {
        return Ok(url.to_owned());
    }
    let text = format!("`{}` is no address that a customer can be sent to", shown(url));
    Err(Error::new(Kind::BadInput, "bad_url", text).hint("write it as https://…"))
}

fn is_local(cx: &Cx) -> bool {
    cx.settings().target.value == Target::Local
}
