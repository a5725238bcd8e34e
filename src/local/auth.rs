//! Who asks, and in which version (Stripe: docs /keys, /api/versioning).

use super::error::ApiError;
use super::wire::Request;

/// Accepts any secret or restricted test key, as bearer or as the user of basic authentication.
pub fn check(request: &Request) -> Result<(), ApiError> {
    let header = request.headers.get("authorization").map(String::as_str).unwrap_or_default();
    let key = match header.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim().to_owned(),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => {
            user_of(rest.trim()).unwrap_or_default()
        }
        _ => String::new(),
    };
    if key.is_empty() {
        return Err(ApiError::invalid(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using \
             Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication \
             for details, or we can help at https://support.stripe.com/.",
        )
        .status(401));
    }
    if key.starts_with("pk_") {
        return Err(ApiError::invalid(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a \
             list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        )
        .code("secret_key_required")
        .status(403));
    }
    let test =
        ["sk_test_", "rk_test_"].iter().any(|prefix| key.len() > prefix.len() && key.starts_with(prefix));
    if test && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'*') {
        return Ok(());
    }
    Err(ApiError::invalid(format!("Invalid API Key provided: {}", masked(&key))).status(401))
}

/// Header values of keys as they may be kept: the prefix stays, the secret goes.
pub fn without_secret(header: &str) -> String {
    match header.split_once(' ') {
        // The token of a session is made here, opens nothing elsewhere, and says which session it was.
        Some((_, rest)) if rest.starts_with(super::meter_event_v2::TOKEN) => header.to_owned(),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => {
            format!("Bearer {}", masked(rest.trim()))
        }
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => {
            format!("Bearer {}", masked(&user_of(rest.trim()).unwrap_or_default()))
        }
        _ => String::new(),
    }
}

/// `sk_test_abc` becomes `sk_test_****`: enough to tell kind and mode.
fn masked(key: &str) -> String {
    let mut parts = key.splitn(3, '_');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(kind), Some(mode), Some(rest)) if !rest.is_empty() => {
            let word =
                |text: &str| text.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>();
            let bad = if rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_*".contains(&byte)) {
                ""
            } else {
                "?"
            };
            format!("{}_{}_****{bad}", word(kind), word(mode))
        }
        _ if key.is_empty() => String::new(),
        _ => "****".to_owned(),
    }
}

/// The user of `Basic …`, whose password Stripe ignores.
fn user_of(encoded: &str) -> Option<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0_u32, Vec::new());
    for byte in encoded.bytes().take_while(|byte| *byte != b'=').take(4_096) {
        let value = ALPHABET.iter().position(|known| *known == byte)?;
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).ok()?);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    Some(text.split(':').next().unwrap_or_default().to_owned())
}

/// The version asked for: ours, or a later release under the same name, which only adds to it
/// (Stripe: docs /api/versioning), so that official SDKs of the next months work unchanged.
pub fn version(request: &Request) -> Result<(), ApiError> {
    match request.headers.get("stripe-version").map(String::as_str) {
        None => Ok(()),
        Some(asked) if is_spoken(asked) => Ok(()),
        Some(other) => Err(ApiError::invalid(format!(
            "Invalid Stripe API version: {other}. The local Stripe speaks {} and later releases of that name.",
            super::API_VERSION
        ))
        .code("parameter_invalid_version")),
    }
}

/// The version that an answer names: the one asked for, where this room speaks it.
pub fn version_of(request: &Request) -> &str {
    let asked = request.headers.get("stripe-version").map(String::as_str);
    asked.filter(|asked| is_spoken(asked)).unwrap_or(super::API_VERSION)
}

/// `YYYY-MM-DD.name`, with our name and no earlier day than ours.
fn is_spoken(asked: &str) -> bool {
    let (Some((day, name)), Some((our_day, our_name))) =
        (asked.split_once('.'), super::API_VERSION.split_once('.'))
    else {
        return false;
    };
    let shaped =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    name == our_name && day.len() == our_day.len() && day.bytes().enumerate().all(shaped) && day >= our_day
}
