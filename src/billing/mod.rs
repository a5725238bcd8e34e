//! RULES. Pure functions over plain values: no IO, no clock, no randomness, no async, no float.
//!
//! Every rule takes `now` and what it needs as arguments and returns what follows; who calls it, stores it or
//! prints it is other rooms' work. To add a rule: a function here, its cases as rows in the tests beside it.

pub mod alert;
pub mod allocation;
pub mod assign;
pub mod catalog;
pub mod change;
pub mod charge;
pub mod compare;
pub mod contact;
pub mod delivery;
pub mod explain;
pub mod found;
pub mod grace;
pub mod id;
pub mod inbox;
pub mod ledger;
pub mod lookup;
pub mod migrate;
pub mod money;
pub mod notice;
pub mod overrides;
pub mod period;
pub mod price;
pub mod proration;
pub mod pull;
pub mod quota;
pub mod reconcile;
pub mod repair;
pub mod reprice;
pub mod span;
pub mod spelling;
pub mod split;
pub mod terms;
pub mod time;
pub mod totals;
pub mod upgrade;
pub mod usage;
pub mod void;
pub mod wanted;
