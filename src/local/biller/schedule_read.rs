//! What requests ask of schedules: phases, their items and their ends.

use super::prorate::Behaviour;
use super::schedule::{Phase, PhaseItem, Schedule, Standing};
use super::subscription::Subscription;
use super::subscription_create::{ITEMS_MAX, Wanted, check_quantity, quantity, same_price, sellable};
use super::terms::Terms;
use super::unbuilt;
use crate::local::calendar::{self, Cadence, Unit};
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};
use crate::local::model::Model;

/// Most phases that are not over (Stripe: docs …/billing/subscriptions/subscription-schedules).
const PHASES_MAX: usize = 10;
/// Parameters of a phase that are not built.
const UNBUILT: &[&str] = &[
    "add_invoice_items",
    "application_fee_percent",
    "automatic_tax",
    "billing_thresholds",
    "collection_method",
    "default_payment_method",
    "default_tax_rates",
    "description",
    "discounts",
    "invoice_settings",
    "on_behalf_of",
    "transfer_data",
];

/// An instant that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Now,
    At(i64),
}

impl When {
    /// Reads an instant or the word `now`.
    pub(super) fn read(p: &mut Params, name: &str) -> Result<Option<When>, ApiError> {
        let Some(text) = p.string(name)? else { return Ok(None) };
        if text == "now" {
            return Ok(Some(When::Now));
        }
        text.parse().map(|at| Some(When::At(at))).map_err(|_| {
            ApiError::invalid("Invalid timestamp: must be an integer Unix timestamp")
                .code("parameter_invalid_integer")
                .param(p.name(name))
        })
    }

    /// As unix seconds.
    pub(super) fn at(self, now: i64) -> i64 {
        match self {
            When::Now => now,
            When::At(at) => at,
        }
    }
}

/// One phase as a request gives it.
pub(super) struct PhaseAsked {
    /// Name of the parameter, for messages.
    pub path: String,
    start: Option<When>,
    end: Option<When>,
    length: Option<Cadence>,
    items: Vec<Wanted>,
    currency: Option<String>,
    proration: Behaviour,
    /// Empty values too.
    metadata: Metadata,
    anchors: bool,
    trial: bool,
    trial_end: Option<i64>,
}

fn item(p: &mut Params) -> Result<Wanted, ApiError> {
    unbuilt(p, &["billing_thresholds", "discounts", "plan", "price_data", "tax_rates"])?;
    let param = p.name("price");
    let (price, quantity) = (p.required("price")?, quantity(p)?);
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    Ok(Wanted { param, price, quantity, metadata, threshold: crate::local::form::Change::Keep })
}

fn length(p: &mut Params) -> Result<Cadence, ApiError> {
    let word = p.one_of("interval", &["day", "month", "week", "year"])?;
    let unit = word.and_then(Unit::parse).ok_or_else(|| ApiError::missing(&p.name("interval")))?;
    let count = p.int_in("interval_count", 1, 1_095)?.unwrap_or(1);
    Ok(Cadence { unit, count: u32::try_from(count).unwrap_or(1) })
}

impl PhaseAsked {
    /// When it says it begins, unix seconds.
    pub(super) fn starts_at(&self, now: i64) -> Option<i64> {
        self.start.map(|it| it.at(now))
    }
}

/// Reads one phase.
pub(super) fn phase(p: &mut Params) -> Result<PhaseAsked, ApiError> {
    unbuilt(p, UNBUILT)?;
    if p.has("iterations") {
        // Gone since 2025-09-30.clover.
        return Err(ApiError::unknown(&p.name("iterations")));
    }
    let path = p.name("");
    let path = path.trim_end_matches("[]").to_owned();
    let asked = PhaseAsked {
        start: When::read(p, "start_date")?,
        end: When::read(p, "end_date")?,
        length: p.group("duration", length)?,
        items: p.list("items", item)?.ok_or_else(|| ApiError::missing(&format!("{path}[items]")))?,
        currency: p.string("currency")?.map(|it| it.to_ascii_lowercase()),
        proration: Behaviour::read(p)?,
        metadata: p.metadata()?.written(),
        anchors: p.one_of("billing_cycle_anchor", &["automatic", "phase_start"])? == Some("phase_start"),
        trial: p.bool("trial")?.unwrap_or(false),
        trial_end: p.timestamp("trial_end")?,
        path,
    };
    if asked.end.is_some() && asked.length.is_some() {
        let text = "You may only specify one of these parameters: duration, end_date.";
        return Err(ApiError::invalid(text).param(asked.path));
    }
    Ok(asked)
}

/// Reads `end_behavior`: whether the subscription ends with the last phase.
pub(super) fn cancels(p: &mut Params) -> Result<Option<bool>, ApiError> {
    match p.one_of("end_behavior", &["cancel", "none", "release", "renew"])? {
        Some(word @ ("none" | "renew")) => {
            let text = format!("The local Stripe does not build `end_behavior={word}`.");
            Err(ApiError::invalid(text).param("end_behavior"))
        }
        word => Ok(word.map(|it| it == "cancel")),
    }
}

/// What phases are checked against.
pub(super) struct Ground<'a> {
    /// The account.
    pub model: &'a Model,
    /// Unix seconds.
    pub now: i64,
    /// The subscription that is managed.
    pub subscription: Option<&'a Subscription>,
    /// The schedule as it was; its prices may stay though they are archived by now.
    pub before: Option<&'a Schedule>,
}

impl Ground<'_> {
    fn anchor(&self, start: i64) -> i64 {
        self.subscription.map_or(start, |it| it.anchor)
    }

    /// Where a stretch that begins at `start` ends: on the subscription's own rhythm when it begins on it.
    fn after(&self, start: i64, length: Cadence) -> i64 {
        let anchor = self.anchor(start);
        let one = Cadence { unit: length.unit, count: 1 };
        if calendar::period_at(anchor, one, start).start != start {
            return calendar::boundary(start, length, 1);
        }
        (0..length.count.max(1)).fold(start, |at, _| calendar::period_at(anchor, one, at).end)
    }

    fn known(&self, price: &str) -> bool {
        let on_subscription = self.subscription.is_some_and(|it| it.items.iter().any(|it| it.price == price));
        let in_phase = |it: &Phase| it.items.iter().any(|item| item.price == price);
        on_subscription || self.before.is_some_and(|it| it.phases.iter().any(in_phase))
    }

    fn items(
        &self,
        asked: Vec<Wanted>,
        path: &str,
        currency: &mut String,
    ) -> Result<Vec<PhaseItem>, ApiError> {
        if asked.is_empty() || asked.len() > ITEMS_MAX {
            let text = format!("A phase must have between 1 and {ITEMS_MAX} items.");
            return Err(ApiError::invalid(text).param(format!("{path}[items]")));
        }
        let mut items: Vec<PhaseItem> = Vec::with_capacity(asked.len());
        for want in asked {
            let terms = match Terms::of(self.model, &want.price).filter(|it| self.known(&it.price)) {
                Some(terms) => {
                    check_quantity(&terms, want.quantity, &want.param)?;
                    terms
                }
                None => sellable(self.model, &want, Some(currency.as_str()).filter(|it| !it.is_empty()))?,
            };
            if items.iter().any(|it| it.price == want.price) {
                return Err(same_price(&want.price));
            }
            currency.clone_from(&terms.currency);
            let quantity = if terms.meter.is_none() { Some(want.quantity.unwrap_or(1)) } else { None };
            items.push(PhaseItem { price: want.price, quantity, metadata: want.metadata });
        }
        Ok(items)
    }

    /// One period of the longest price of a phase: what a last phase lasts that does not say it.
    fn default_end(&self, items: &[PhaseItem], start: i64) -> i64 {
        let ends = items.iter().filter_map(|it| {
            let cadence = Terms::of(self.model, &it.price)?.cadence?;
            Some(calendar::period_at(self.anchor(start), cadence, start).end)
        });
        ends.max().unwrap_or(start)
    }

    /// The phases that a request asks for, from `start` on.
    pub(super) fn phases(
        &self,
        asked: Vec<PhaseAsked>,
        start: i64,
        currency: &mut String,
    ) -> Result<Vec<Phase>, ApiError> {
        if asked.is_empty() || asked.len() > PHASES_MAX {
            let text = format!("A schedule must have between 1 and {PHASES_MAX} phases.");
            return Err(ApiError::invalid(text).param("phases"));
        }
        let mut phases: Vec<Phase> = Vec::with_capacity(asked.len());
        let starts: Vec<Option<i64>> = asked.iter().map(|it| it.starts_at(self.now)).collect();
        for (index, asked) in asked.into_iter().enumerate() {
            let from = phases.last().map_or(start, |it| it.end);
            let path = asked.path.clone();
            if starts.get(index).copied().flatten().is_some_and(|at| at != from) {
                let text = "The start date of a phase must be the end date of the phase before it.";
                return Err(ApiError::invalid(text).param(format!("{path}[start_date]")));
            }
            let next = starts.get(index + 1).copied().flatten();
            phases.push(self.phase(asked, from, next, index + 1 == starts.len(), currency)?);
        }
        Ok(phases)
    }

    fn phase(
        &self,
        asked: PhaseAsked,
        start: i64,
        next: Option<i64>,
        last: bool,
        currency: &mut String,
    ) -> Result<Phase, ApiError> {
        let path = asked.path;
        if asked.currency.as_ref().is_some_and(|it| !currency.is_empty() && it != currency) {
            let text = format!("All phases must have the currency `{currency}`.");
            return Err(ApiError::invalid(text).param(format!("{path}[currency]")));
        }
        let items = self.items(asked.items, &path, currency)?;
        let end = match (asked.end, asked.length, next) {
            (Some(end), _, _) => end.at(self.now),
            (None, Some(length), _) => self.after(start, length),
            (None, None, Some(next)) => next,
            (None, None, None) if last => self.default_end(&items, start),
            (None, None, None) => return Err(ApiError::missing(&format!("{path}[end_date]"))),
        };
        if end <= start || end <= self.now {
            let text = "A phase must end after it starts, and in the future.";
            return Err(ApiError::invalid(text).param(format!("{path}[end_date]")));
        }
        let trial_end = asked.trial_end.or(asked.trial.then_some(end));
        if trial_end.is_some_and(|at| at > end || at < start) {
            let text = "The trial end of a phase must be within the phase.";
            return Err(ApiError::invalid(text).param(format!("{path}[trial_end]")));
        }
        let running = self.subscription.and_then(|it| it.trial_end).filter(|at| *at > self.now);
        let first_of_all = self.before.is_none_or(|it| it.standing == Standing::NotStarted);
        if trial_end.is_some_and(|at| running != Some(at) && !(first_of_all && self.subscription.is_none())) {
            let text = "The local Stripe builds trials in the first phase of a new subscription only.";
            return Err(ApiError::invalid(text).param(format!("{path}[trial_end]")));
        }
        let (proration, metadata, anchors) = (asked.proration, asked.metadata, asked.anchors);
        Ok(Phase { start, end, items, proration, metadata, anchors, trial_end })
    }
}
