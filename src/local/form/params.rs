//! Reading typed values out of a form tree; what nobody took is unknown.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::super::decimal::{Decimal, DecimalError};
use super::super::error::ApiError;
use super::Node;

/// Most metadata keys on one object (Stripe: docs /api/metadata).
const MAX_METADATA: usize = 50;

/// Metadata of an object.
pub type Metadata = BTreeMap<String, String>;

/// What a parameter asks of an optional field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Not given.
    Keep,
    /// Given empty.
    Clear,
    /// Given.
    Set(T),
}

impl<T> Change<T> {
    /// Puts the change into a field.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Change::Keep => {}
            Change::Clear => *field = None,
            Change::Set(value) => *field = Some(value),
        }
    }

    /// The value at creation, where an empty one means none.
    pub fn value(self) -> Option<T> {
        if let Change::Set(value) = self { Some(value) } else { None }
    }
}

/// What a request asks of metadata: clear all, or merge (an empty value removes its key).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MetadataChange {
    clear: bool,
    pairs: Vec<(String, String)>,
}

impl MetadataChange {
    /// The pairs as they were written, empty values too.
    pub fn written(self) -> Metadata {
        self.pairs.into_iter().collect()
    }

    /// The metadata after the change, or Stripe's refusal of too many keys.
    pub fn merged(self, old: &Metadata) -> Result<Metadata, ApiError> {
        let mut merged = if self.clear { Metadata::new() } else { old.clone() };
        for (key, value) in self.pairs {
            if value.is_empty() {
                merged.remove(&key)
            } else {
                merged.insert(key, value)
            };
        }
        if merged.len() > MAX_METADATA {
            let found = merged.len();
            return Err(ApiError::invalid(format!(
                "Metadata may hold at most {MAX_METADATA} keys; you passed {found}."
            ))
            .param("metadata"));
        }
        Ok(merged)
    }
}

/// Parameters of one level that are still to be read.
#[derive(Debug, Clone)]
pub struct Params {
    path: String,
    nodes: Vec<(String, Node)>,
    finished: Cell<bool>,
}

impl Params {
    pub(super) fn root(nodes: Vec<(String, Node)>) -> Params {
        Params::at(String::new(), nodes)
    }

    fn at(path: String, nodes: Vec<(String, Node)>) -> Params {
        Params { path, nodes, finished: Cell::new(false) }
    }

    /// Everything was read and nothing was left: what fails from here on fails in execution.
    pub fn is_finished(&self) -> bool {
        self.finished.get()
    }

    /// The full name of a parameter of this level, in bracket notation.
    pub fn name(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.path) }
    }

    /// The parameter is there and not read yet.
    pub fn has(&self, name: &str) -> bool {
        self.nodes.iter().any(|(known, _)| known == name)
    }

    /// Names at this level that are not read yet.
    pub fn names(&self) -> Vec<String> {
        self.nodes.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Refuses what is left. Call it before the first change to the model.
    pub fn finish(&self) -> Result<(), ApiError> {
        let Some((name, node)) = self.nodes.first() else {
            self.finished.set(true);
            return Ok(());
        };
        let mut full = self.name(name);
        let mut node = node;
        while let Node::Branch(inner) = node {
            let Some((name, next)) = inner.first() else { break };
            full = format!("{full}[{name}]");
            node = next;
        }
        Err(ApiError::unknown(&full))
    }

    fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.nodes.iter().position(|(known, _)| known == name)?;
        Some(self.nodes.remove(at).1)
    }

    fn leaf(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Node::Leaf(value)) => Ok(Some(value)),
            Some(Node::Branch(_)) => {
                let full = self.name(name);
                Err(ApiError::invalid(format!("Invalid string: {full} must be a single value.")).param(full))
            }
        }
    }

    fn filled(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.leaf(name)? {
            Some(value) if value.is_empty() => Err(empty(&self.name(name))),
            other => Ok(other),
        }
    }

    /// An optional text that cannot be unset.
    pub fn string(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        self.filled(name)
    }

    /// A required text.
    pub fn required(&mut self, name: &str) -> Result<String, ApiError> {
        self.filled(name)?.ok_or_else(|| ApiError::missing(&self.name(name)))
    }

    /// A required text of at most `max` characters.
    pub fn required_max(&mut self, name: &str, max: usize) -> Result<String, ApiError> {
        let value = self.required(name)?;
        self.within(name, value, max)
    }

    /// An optional text of at most `max` characters; an empty one clears the field.
    pub fn text(&mut self, name: &str, max: usize) -> Result<Change<String>, ApiError> {
        Ok(match self.leaf(name)? {
            None => Change::Keep,
            Some(value) if value.is_empty() => Change::Clear,
            Some(value) => Change::Set(self.within(name, value, max)?),
        })
    }

    fn within(&self, name: &str, value: String, max: usize) -> Result<String, ApiError> {
        let found = value.chars().count();
        if found <= max {
            return Ok(value);
        }
        let full = self.name(name);
        Err(ApiError::invalid(format!(
            "Invalid string: {full} must be at most {max} characters; found {found}."
        ))
        .code("parameter_invalid_string_too_long")
        .param(full))
    }

    /// An optional whole number.
    pub fn int(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.filled(name)? else { return Ok(None) };
        value.parse().map(Some).map_err(|_| {
            ApiError::invalid(format!("Invalid integer: {value}"))
                .code("parameter_invalid_integer")
                .param(self.name(name))
        })
    }

    /// An optional whole number within bounds.
    pub fn int_in(&mut self, name: &str, least: i64, most: i64) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.int(name)? else { return Ok(None) };
        if value < least {
            let text = format!("Invalid {}: must be greater than or equal to {least}", self.name(name));
            return Err(ApiError::invalid(text).code("parameter_invalid_integer").param(self.name(name)));
        }
        if value > most {
            let text = format!("Invalid {}: must be at most {most}", self.name(name));
            return Err(ApiError::invalid(text).code("parameter_invalid_integer").param(self.name(name)));
        }
        Ok(Some(value))
    }

    /// An optional instant, unix seconds.
    pub fn timestamp(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.filled(name)? else { return Ok(None) };
        let parsed = value.parse::<i64>().ok().filter(|at| (0..=253_402_300_799).contains(at));
        parsed.map(Some).ok_or_else(|| {
            ApiError::invalid("Invalid timestamp: must be an integer Unix timestamp")
                .code("parameter_invalid_integer")
                .param(self.name(name))
        })
    }

    /// An optional `true` or `false`.
    pub fn bool(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.filled(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::invalid(format!("Invalid boolean: {other}")).param(self.name(name))),
        }
    }

    /// An optional number with at most twelve decimal places.
    pub fn decimal(&mut self, name: &str) -> Result<Option<Decimal>, ApiError> {
        let Some(value) = self.filled(name)? else { return Ok(None) };
        value.parse().map(Some).map_err(|error| {
            let text = match error {
                DecimalError::TooManyPlaces => {
                    format!("Invalid decimal: {value}; must contain at maximum twelve decimal places.")
                }
                _ => format!("Invalid decimal: {value}"),
            };
            ApiError::invalid(text).code("parameter_invalid_decimal").param(self.name(name))
        })
    }

    /// An optional word out of a fixed list.
    pub fn one_of(&mut self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, ApiError> {
        let Some(value) = self.filled(name)? else { return Ok(None) };
        words.iter().find(|word| **word == value).map(|word| Some(*word)).ok_or_else(|| {
            let full = self.name(name);
            ApiError::invalid(format!("Invalid {full}: must be one of {}", choices(words))).param(full)
        })
    }

    /// An optional group of parameters; what the closure leaves is unknown.
    pub fn group<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Params) -> Result<T, ApiError>,
    ) -> Result<Option<T>, ApiError> {
        let path = self.name(name);
        match self.take(name) {
            None => Ok(None),
            Some(Node::Leaf(value)) if value.is_empty() => Err(empty(&path)),
            Some(Node::Leaf(_)) => Err(ApiError::invalid("Invalid object").param(path)),
            Some(Node::Branch(nodes)) => {
                let mut inner = Params::at(path, nodes);
                let value = read(&mut inner)?;
                inner.finish()?;
                Ok(Some(value))
            }
        }
    }

    /// As [`Params::group`], but a plain value is left in place for another reader.
    pub fn group_or_leaf<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Params) -> Result<T, ApiError>,
    ) -> Result<Option<T>, ApiError> {
        match self.nodes.iter().find(|(known, _)| known == name) {
            Some((_, Node::Branch(_))) => self.group(name, read),
            _ => Ok(None),
        }
    }

    fn items(&mut self, name: &str) -> Result<Option<Vec<(String, Node)>>, ApiError> {
        let path = self.name(name);
        let bad = || ApiError::invalid("Invalid array").param(path.clone());
        match self.take(name) {
            None => Ok(None),
            Some(Node::Leaf(value)) if value.is_empty() => Ok(Some(Vec::new())),
            Some(Node::Leaf(_)) => Err(bad()),
            Some(Node::Branch(nodes)) => {
                let mut items = Vec::with_capacity(nodes.len());
                for (index, node) in nodes {
                    items.push((index.parse::<u32>().map_err(|_| bad())?, node));
                }
                items.sort_by_key(|(index, _)| *index);
                Ok(Some(items.into_iter().map(|(index, node)| (index.to_string(), node)).collect()))
            }
        }
    }

    /// An optional array of groups; an empty value is an empty array.
    pub fn list<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Params) -> Result<T, ApiError>,
    ) -> Result<Option<Vec<T>>, ApiError> {
        let path = self.name(name);
        let Some(items) = self.items(name)? else { return Ok(None) };
        let mut values = Vec::with_capacity(items.len());
        for (index, node) in items {
            let path = format!("{path}[{index}]");
            let Node::Branch(nodes) = node else {
                return Err(ApiError::invalid("Invalid object").param(path));
            };
            let mut inner = Params::at(path, nodes);
            values.push(read(&mut inner)?);
            inner.finish()?;
        }
        Ok(Some(values))
    }

    /// An optional array of texts.
    pub fn strings(&mut self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let path = self.name(name);
        let Some(items) = self.items(name)? else { return Ok(None) };
        let mut values = Vec::with_capacity(items.len());
        for (index, node) in items {
            match node {
                Node::Leaf(value) => values.push(value),
                Node::Branch(_) => {
                    return Err(ApiError::invalid("Invalid string").param(format!("{path}[{index}]")));
                }
            }
        }
        Ok(Some(values))
    }

    /// An optional map of texts, in order of appearance.
    pub fn map(&mut self, name: &str) -> Result<Option<Vec<(String, String)>>, ApiError> {
        let path = self.name(name);
        match self.take(name) {
            None => Ok(None),
            Some(Node::Leaf(value)) if value.is_empty() => Ok(Some(Vec::new())),
            Some(Node::Leaf(_)) => Err(ApiError::invalid("Invalid object").param(path)),
            Some(Node::Branch(nodes)) => {
                let mut pairs = Vec::with_capacity(nodes.len());
                for (key, node) in nodes {
                    match node {
                        Node::Leaf(value) => pairs.push((key, value)),
                        Node::Branch(_) => {
                            let param = format!("{path}[{key}]");
                            return Err(ApiError::invalid("Invalid string").param(param));
                        }
                    }
                }
                Ok(Some(pairs))
            }
        }
    }

    /// The change asked of `metadata` (Stripe: docs /api/metadata: keys to 40, values to 500 characters).
    pub fn metadata(&mut self) -> Result<MetadataChange, ApiError> {
        self.metadata_named("metadata")
    }

    /// The change asked of a metadata map under another name.
    pub fn metadata_named(&mut self, name: &str) -> Result<MetadataChange, ApiError> {
        let full = self.name(name);
        let cleared = matches!(self.nodes.iter().find(|(known, _)| known == name), Some((_, Node::Leaf(value))) if value.is_empty());
        let pairs = self.map(name)?.unwrap_or_default();
        for (key, value) in &pairs {
            let param = format!("{full}[{key}]");
            if key.is_empty() || key.chars().count() > 40 {
                return Err(ApiError::invalid("Metadata keys must be 1 to 40 characters.").param(param));
            }
            if value.chars().count() > 500 {
                let text = "Metadata values can have up to 500 characters, but you passed in a value that is longer.";
                return Err(ApiError::invalid(text).param(param));
            }
        }
        Ok(MetadataChange { clear: cleared, pairs })
    }
}

fn empty(full: &str) -> ApiError {
    ApiError::invalid(format!(
        "You passed an empty string for '{full}'. We assume empty values are an attempt to unset a field; however \
         '{full}' cannot be unset. You should remove '{full}' from your request or supply a non-empty value."
    ))
    .code("parameter_invalid_empty")
    .param(full)
}

fn choices(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [left, right] => format!("{left} or {right}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
    }
}
