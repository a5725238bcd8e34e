//! Customers and meters by the names that people give, each refusal with the nearest right spelling.

use crate::billing::spelling::nearest;
use crate::error::{Error, Kind};
use crate::store::usage::Names;

/// "; did you mean `x`?", where something is near.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// What is wrong with a customer's name that nobody has.
pub fn customer_problem(names: &Names, id: &str) -> String {
    let near = did_you_mean(id, names.customers.keys().map(String::as_str));
    format!("there is no customer `{}`{near}", shown(id))
}

/// What is wrong with a meter's name that nothing has.
pub fn meter_problem(names: &Names, key: &str) -> String {
    let near = did_you_mean(key, names.meters.keys().map(String::as_str));
    format!("there is no meter `{}`{near}", shown(key))
}

/// The refusal of a customer that is not there.
pub fn unknown_customer(names: &Names, id: &str) -> Error {
    Error::new(Kind::BadInput, "unknown_customer", customer_problem(names, id))
        .hint("`paygrade customer list` shows them; `paygrade customer add` makes one")
}

/// The refusal of a meter that is not there.
pub fn unknown_meter(names: &Names, key: &str) -> Error {
    Error::new(Kind::BadInput, "unknown_meter", meter_problem(names, key))
        .hint("`paygrade catalog show` lists the meters; `paygrade seed` brings those of the catalog into the store")
}

/// A name from outside, cut and escaped so that it can stand in a line.
pub fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}
