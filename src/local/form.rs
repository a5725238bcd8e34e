//! Stripe's bracketed forms: `a[b]=c`, `a[0][b]=c`, `a[]=c`. An empty value unsets.
//!
//! Text becomes a tree once; a handler then takes what it knows out of [`Params`], and whatever is left is an
//! unknown parameter. Nothing is executed before that check.

use super::error::ApiError;

mod json;
mod params;
#[cfg(test)]
mod tests;

pub use json::as_form;
pub use params::{Change, Metadata, MetadataChange, Params};

/// Most `key=value` pairs in one request.
const MAX_PAIRS: usize = 2_000;
/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 8;
/// Longest key, in bytes.
const MAX_KEY: usize = 1_000;

/// One parameter: a value, or more parameters by name (array items by their index).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A value.
    Leaf(String),
    /// Named or numbered children, in order of appearance.
    Branch(Vec<(String, Node)>),
}

/// Splits a query or a form body into decoded pairs.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, ApiError> {
    let mut found = Vec::new();
    for part in
        text.split('&').filter(|part| !part.is_empty() && *part != "?" && *part != "?=" && *part != "=")
    {
        if found.len() == MAX_PAIRS {
            return Err(ApiError::invalid(format!("Too many parameters: at most {MAX_PAIRS}.")));
        }
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        if key.len() > MAX_KEY {
            return Err(ApiError::invalid("A parameter name is too long."));
        }
        found.push((decode(key)?, decode(value)?));
    }
    Ok(found)
}

/// The pairs in a fixed order: how two requests are compared for one Idempotency-Key.
pub fn canonical(text: &str) -> String {
    let mut found = pairs(text).unwrap_or_default();
    found.sort();
    found.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
}

/// The tree of a form text.
pub fn parse(text: &str) -> Result<Params, ApiError> {
    let mut root = Vec::new();
    for (key, value) in pairs(text)? {
        let path = split_key(&key)?;
        insert(&mut root, &path, value).map_err(|()| {
            ApiError::invalid(format!("Invalid parameter: {key} is given both as a value and as an object."))
                .param(key.clone())
        })?;
    }
    Ok(Params::root(root))
}

/// The tree of pairs that are decoded already.
pub fn from_pairs(pairs: Vec<(String, String)>) -> Result<Params, ApiError> {
    let mut root = Vec::new();
    for (key, value) in pairs {
        let path = split_key(&key)?;
        insert(&mut root, &path, value)
            .map_err(|()| ApiError::invalid("Invalid parameter").param(key.clone()))?;
    }
    Ok(Params::root(root))
}

fn split_key(key: &str) -> Result<Vec<&str>, ApiError> {
    let bad = || ApiError::invalid(format!("Invalid parameter name: {key}")).param(key);
    let Some(open) = key.find('[') else { return if key.is_empty() { Err(bad()) } else { Ok(vec![key]) } };
    let mut path = vec![&key[..open]];
    let mut rest = &key[open..];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(bad)?;
        let close = inner.find(']').ok_or_else(bad)?;
        path.push(&inner[..close]);
        rest = &inner[close + 1..];
        if path.len() > MAX_DEPTH {
            return Err(bad());
        }
    }
    if path[0].is_empty() { Err(bad()) } else { Ok(path) }
}

/// Puts a value at its place; the last of two equal keys wins. `Err` when value and object collide.
fn insert(nodes: &mut Vec<(String, Node)>, path: &[&str], value: String) -> Result<(), ()> {
    let Some((first, rest)) = path.split_first() else { return Err(()) };
    let name = if first.is_empty() { next_index(nodes, rest) } else { (*first).to_owned() };
    let place = nodes.iter_mut().find(|(known, _)| *known == name);
    match (place, rest.is_empty()) {
        (Some((_, Node::Branch(_))), true) | (Some((_, Node::Leaf(_))), false) => Err(()),
        (Some((_, leaf)), true) => {
            *leaf = Node::Leaf(value);
            Ok(())
        }
        (Some((_, Node::Branch(inner))), false) => insert(inner, rest, value),
        (None, true) => {
            nodes.push((name, Node::Leaf(value)));
            Ok(())
        }
        (None, false) => {
            let mut inner = Vec::new();
            insert(&mut inner, rest, value)?;
            nodes.push((name, Node::Branch(inner)));
            Ok(())
        }
    }
}

/// Which item `[]` means: a new one, or the last one while it still lacks the field that follows.
fn next_index(nodes: &[(String, Node)], rest: &[&str]) -> String {
    if let (Some(field), Some((name, Node::Branch(inner)))) = (rest.first(), nodes.last())
        && !inner.iter().any(|(known, _)| known == field)
    {
        return name.clone();
    }
    nodes.len().to_string()
}

fn decode(text: &str) -> Result<String, ApiError> {
    let bad = || ApiError::invalid("Invalid request: a parameter is not valid percent-encoded UTF-8.");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (rest.next().ok_or_else(bad)?, rest.next().ok_or_else(bad)?);
                let digit = |hex: u8| char::from(hex).to_digit(16).and_then(|value| u8::try_from(value).ok());
                digit(high).ok_or_else(bad)? * 16 + digit(low).ok_or_else(bad)?
            }
            other => other,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    if text.contains('\0') {
        Err(ApiError::invalid("Invalid request: a parameter holds a null byte."))
    } else {
        Ok(text)
    }
}
