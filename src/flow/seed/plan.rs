//! A plan as a file: what was shown is what is applied, or nothing is.

use serde::{Deserialize, Serialize};

use super::Planned;
use crate::billing::catalog::Catalog;
use crate::billing::change::Options;
use crate::error::{Error, Kind};

/// The format of the file.
pub const PLAN_SCHEMA: &str = "paygrade.plan/1";
/// Longest plan file that is read.
pub const PLAN_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A stored plan. It holds the whole catalog, so that a later edit of the file changes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// [`PLAN_SCHEMA`].
    pub schema: String,
    /// The paygrade that made it: another one may see the same differently.
    pub version: String,
    /// The Stripe account that was looked at.
    pub account: String,
    /// The catalog as canonical JSON.
    pub catalog: String,
    /// Archive what left the catalog.
    pub prune: bool,
    /// Take over what is not ours.
    pub adopt: bool,
    /// Digest of what was found at Stripe.
    pub found: String,
    /// Digest of the changes.
    pub changes: String,
    /// The changes, for people.
    pub lines: Vec<String>,
}

fn bad(message: String) -> Error {
    Error::new(Kind::BadInput, "bad_plan", message)
        .hint("make a new one with `paygrade seed -n --plan-out FILE`")
}

impl PlanFile {
    /// The plan as a file.
    pub fn of(planned: &Planned, account: &str) -> PlanFile {
        let lines = planned.set.changes.iter().map(|change| {
            let fields: Vec<String> = change
                .fields
                .iter()
                .map(|it| {
                    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
                    format!("{}: {} => {} ({})", it.field, text(&it.from), text(&it.to), it.cause.as_str())
                })
                .collect();
            let only = if change.action.is_none() { " (only listed)" } else { "" };
            let (sign, kind) = (change.op.sign(), change.kind.as_str());
            format!("{sign} {kind} {}{only}: {}", change.key, fields.join("; "))
        });
        PlanFile {
            schema: PLAN_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            account: account.to_owned(),
            catalog: planned.catalog.to_json(),
            prune: planned.options.prune,
            adopt: planned.options.adopt,
            found: planned.snapshot.fingerprint(),
            changes: planned.set.fingerprint(),
            lines: lines.collect(),
        }
    }
    /// The file's text.
    pub fn to_json(&self) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n")
            .map_err(|error| Error::new(Kind::Bug, "plan", "the plan cannot be written").because(&error))
    }
    /// Reads a file's text.
    ///
    /// # Errors
    /// A text that is no plan of this version.
    pub fn parse(text: &str) -> Result<PlanFile, Error> {
        let plan: PlanFile =
            serde_json::from_str(text).map_err(|error| bad(format!("this is no plan: {error}")))?;
        if plan.schema != PLAN_SCHEMA || plan.version != env!("CARGO_PKG_VERSION") {
            return Err(bad(format!("the plan was made by paygrade {} ({})", plan.version, plan.schema)));
        }
        Ok(plan)
    }
    /// The catalog and the options that it was made with.
    ///
    /// # Errors
    /// A catalog that cannot be read: the file was edited.
    pub fn inputs(&self) -> Result<(Catalog, Options), Error> {
        let catalog = Catalog::from_json(&self.catalog).map_err(|error| bad(error.to_string()))?;
        Ok((catalog, Options { prune: self.prune, adopt: self.adopt }))
    }
    /// Whether a fresh look leads to the same plan.
    ///
    /// # Errors
    /// Refused when the account is another one or Stripe has moved.
    pub fn check(&self, planned: &Planned, account: &str) -> Result<(), Error> {
        let refused = |code, message: String| {
            Err(Error::new(Kind::Refused, code, message)
                .hint("make a new plan with `paygrade seed -n --plan-out FILE`"))
        };
        if self.account != account {
            return refused(
                "plan_account",
                format!("the plan is for {}, but {account} answers", self.account),
            );
        }
        if self.found != planned.snapshot.fingerprint() || self.changes != planned.set.fingerprint() {
            return refused("plan_moved", "Stripe has moved since the plan was made".to_owned());
        }
        Ok(())
    }
}
