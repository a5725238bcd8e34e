//! Bodies of the second API: JSON, read as the form that says the same, so that all rules of requests hold for both.

use std::fmt::Write as _;

use serde_json::Value;

use super::MAX_DEPTH;
use crate::local::wire::Request;

/// The same request with a form in place of its JSON; `None` where it is no JSON of the second API.
pub fn as_form(request: &Request) -> Option<Request> {
    let content = request.headers.get("content-type").map(String::as_str).unwrap_or_default();
    let is_json = content.to_ascii_lowercase().contains("json");
    if request.method != "POST" || !request.path.starts_with("/v2/") || !is_json {
        return None;
    }
    let Value::Object(fields) = serde_json::from_str(&request.body).ok()? else { return None };
    let mut form = String::new();
    for (name, value) in &fields {
        write(&mut form, &encoded(name)?, value, 1)?;
    }
    let mut request = Request { body: form, ..request.clone() };
    request.headers.remove("content-type");
    Some(request)
}

/// `None` where it is deeper than forms may be, or a name has brackets.
fn write(form: &mut String, name: &str, value: &Value, depth: usize) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut leaf = |text: &str| {
        form.push_str(name);
        form.push('=');
        form.push_str(&escaped(text));
        form.push('&');
    };
    match value {
        Value::Null => {}
        Value::String(text) => leaf(text),
        Value::Bool(_) | Value::Number(_) => leaf(&value.to_string()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                write(form, &format!("{name}[{index}]"), item, depth + 1)?;
            }
        }
        Value::Object(fields) => {
            for (inner, value) in fields {
                write(form, &format!("{name}[{}]", encoded(inner)?), value, depth + 1)?;
            }
        }
    }
    Some(())
}

fn encoded(name: &str) -> Option<String> {
    let is_plain = !name.is_empty() && !name.contains(['[', ']']);
    is_plain.then(|| escaped(name))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // A String takes whatever is written.
            _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
