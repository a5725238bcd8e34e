//! Subscriptions and their items, as the local Stripe keeps them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::pending::PendingUpdate;
use super::threshold;
use crate::local::decimal::Decimal;
use crate::local::form::Metadata;

/// Where a subscription stands (Stripe: docs …/billing/subscriptions/overview).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The first payment is missing.
    Incomplete,
    /// It stayed missing for 23 hours. Terminal.
    IncompleteExpired,
    /// In its trial.
    Trialing,
    /// Paid.
    Active,
    /// A later payment is missing.
    PastDue,
    /// It was tried in vain: invoices stay drafts.
    Unpaid,
    /// Its trial ended and nothing could be charged: no periods until it is resumed.
    Paused,
    /// Ended. Terminal.
    Canceled,
}

impl Status {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            Status::Incomplete => "incomplete",
            Status::IncompleteExpired => "incomplete_expired",
            Status::Trialing => "trialing",
            Status::Active => "active",
            Status::PastDue => "past_due",
            Status::Unpaid => "unpaid",
            Status::Paused => "paused",
            Status::Canceled => "canceled",
        }
    }

    /// No change leads out of this status.
    pub fn ended(self) -> bool {
        matches!(self, Status::Canceled | Status::IncompleteExpired)
    }

    /// The customer has what was bought: features of its products are active.
    pub fn grants(self) -> bool {
        matches!(self, Status::Trialing | Status::Active | Status::PastDue)
    }

    /// Periods roll over and are invoiced.
    pub fn renews(self) -> bool {
        matches!(self, Status::Active | Status::PastDue | Status::Unpaid)
    }
}

/// What happens when a trial ends and nothing can be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingMethod {
    /// Invoice all the same.
    CreateInvoice,
    /// End the subscription.
    Cancel,
    /// Let it rest until it is resumed.
    Pause,
}

/// What becomes of invoices while collection is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseBehavior {
    /// They stay drafts.
    KeepAsDraft,
    /// They are finalized and given up.
    MarkUncollectible,
    /// They are finalized and taken back.
    Void,
}

impl PauseBehavior {
    /// Stripe's words.
    pub const WORDS: &[&'static str] = &["keep_as_draft", "mark_uncollectible", "void"];

    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            PauseBehavior::KeepAsDraft => "keep_as_draft",
            PauseBehavior::MarkUncollectible => "mark_uncollectible",
            PauseBehavior::Void => "void",
        }
    }

    /// The behavior of a word.
    pub fn parse(word: &str) -> Option<PauseBehavior> {
        let all = [PauseBehavior::KeepAsDraft, PauseBehavior::MarkUncollectible, PauseBehavior::Void];
        all.into_iter().find(|it| it.word() == word)
    }
}

/// A pause of collection: periods and invoices go on (Stripe: docs …/billing/subscriptions/pause).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// What becomes of invoices.
    pub behavior: PauseBehavior,
    /// When it ends by itself, unix seconds.
    pub resumes_at: Option<i64>,
}

/// Since when a subscription rests, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// Unix seconds.
    pub at: i64,
    /// A request said so; else its trial ended and nothing could be charged.
    pub requested: bool,
}

/// One item: a price, and for licensed prices a quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `si_…`
    pub id: String,
    /// The price.
    pub price: String,
    /// Units of a licensed price; `None` on metered ones.
    pub quantity: Option<u64>,
    /// The caller's own data.
    pub metadata: Metadata,
    /// Creation, unix seconds.
    pub created: i64,
    /// First second of the current period.
    pub period_start: i64,
    /// First second after the current period.
    pub period_end: i64,
    /// Metered: usage from here on is still to be billed at this price.
    pub usage_from: i64,
    /// Metered: units since then that threshold invoices hold already.
    #[serde(default)]
    pub billed: Decimal,
    /// Metered: what was received of the second `usage_from` before it began, at another price. A swap bills what was
    /// reported before it at the old price (Stripe: docs …/billing/subscriptions/billing-mode/compare).
    #[serde(default)]
    pub usage_less: Decimal,
    /// Units that make a threshold invoice.
    #[serde(default)]
    pub usage_gte: Option<i64>,
    /// A planned end has cut its period short.
    #[serde(default)]
    pub cut: Option<Cut>,
}

/// What a planned end has cut off a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Where the period would end.
    pub whole_end: i64,
    /// What was cut off was never paid for, or was given back.
    pub unpaid: bool,
}

impl Item {
    /// Usage from `at` on is to be billed, none of it is yet.
    pub fn count_from(&mut self, at: i64) {
        (self.usage_from, self.billed, self.usage_less) = (at, Decimal::ZERO, Decimal::ZERO);
    }
}

/// One subscription. Always in flexible billing mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// `sub_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// When its service began, where that was before its creation, unix seconds.
    #[serde(default)]
    pub backdated: Option<i64>,
    /// Who pays.
    pub customer: String,
    /// Where it stands.
    pub status: Status,
    /// Lower-case currency of every price in it.
    pub currency: String,
    /// Every period boundary is counted from here.
    pub anchor: i64,
    /// Invoices are sent instead of charged.
    pub send_invoice: bool,
    /// Days to pay a sent invoice.
    pub days_until_due: Option<i64>,
    /// Charged before the customer's default.
    pub default_payment_method: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The caller's own data.
    pub metadata: Metadata,
    /// When it will end, or ended.
    pub cancel_at: Option<i64>,
    /// `cancel_at` was set as the end of the period.
    pub cancel_at_period_end: bool,
    /// When the cancellation was asked for.
    pub canceled_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Why it ended, in Stripe's words.
    pub cancel_reason: Option<String>,
    /// The customer's words about it.
    pub cancel_comment: Option<String>,
    /// The customer's choice of a reason.
    pub cancel_feedback: Option<String>,
    /// Start of the trial.
    pub trial_start: Option<i64>,
    /// End of the trial.
    pub trial_end: Option<i64>,
    /// What to do at its end without a payment method.
    pub trial_missing: MissingMethod,
    /// `customer.subscription.trial_will_end` was sent.
    pub trial_noticed: bool,
    /// Items in order of creation.
    pub items: Vec<Item>,
    /// Discounts on all of them.
    #[serde(default)]
    pub discounts: Vec<String>,
    /// The newest invoice.
    pub latest_invoice: Option<String>,
    /// `on_subscription` or `off`.
    pub save_default_payment_method: bool,
    /// The schedule that manages it.
    #[serde(default)]
    pub schedule: Option<String>,
    /// Collection is paused.
    #[serde(default)]
    pub pause: Option<Pause>,
    /// The amount of usage that makes a threshold invoice, minor units.
    #[serde(default)]
    pub threshold: Option<i64>,
    /// A threshold invoice begins new periods.
    #[serde(default)]
    pub threshold_resets: bool,
    /// It rests.
    #[serde(default)]
    pub paused: Option<Paused>,
    /// A change that waits for its payment.
    #[serde(default)]
    pub pending: Option<PendingUpdate>,
}

impl Subscription {
    /// One that begins now, is paid and has no items yet.
    pub fn blank(customer: &str, now: i64) -> Subscription {
        Subscription {
            id: String::new(),
            created: now,
            backdated: None,
            customer: customer.to_owned(),
            status: Status::Active,
            currency: String::new(),
            anchor: now,
            send_invoice: false,
            days_until_due: None,
            default_payment_method: None,
            description: None,
            metadata: Metadata::new(),
            cancel_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            cancel_reason: None,
            cancel_comment: None,
            cancel_feedback: None,
            trial_start: None,
            trial_end: None,
            trial_missing: MissingMethod::CreateInvoice,
            trial_noticed: false,
            items: Vec::new(),
            discounts: Vec::new(),
            latest_invoice: None,
            save_default_payment_method: false,
            schedule: None,
            pause: None,
            threshold: None,
            threshold_resets: false,
            paused: None,
            pending: None,
        }
    }

    /// The earliest end among the periods of its items.
    pub fn next_period_end(&self) -> Option<i64> {
        self.items.iter().map(|it| it.period_end).min()
    }

    /// The latest end among the periods of its items: what was paid for up to.
    pub fn last_period_end(&self) -> Option<i64> {
        self.items.iter().map(|it| it.period_end).max()
    }

    /// Stripe's object; `items` are the rendered items.
    pub fn render(&self, items: Vec<Value>) -> Value {
        let url = format!("/v1/subscription_items?subscription={}", self.id);
        let missing = match self.trial_missing {
            MissingMethod::CreateInvoice => "create_invoice",
            MissingMethod::Cancel => "cancel",
            MissingMethod::Pause => "pause",
        };
        let mut shown = json!({
            "id": self.id,
            "object": "subscription",
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
            "billing_cycle_anchor": self.anchor,
            "billing_cycle_anchor_config": null,
            "billing_mode": {
                "flexible": { "proration_discounts": "included" },
                "type": "flexible",
                "updated_at": self.created,
            },
            "billing_schedules": [],
            "billing_thresholds": threshold::render(self.threshold, self.threshold_resets),
            "cancel_at": self.cancel_at,
            "cancel_at_period_end": self.cancel_at_period_end,
            "canceled_at": self.canceled_at,
            "cancellation_details": {
                "comment": self.cancel_comment,
                "feedback": self.cancel_feedback,
                "feedback_option": null,
                "reason": self.cancel_reason,
            },
            "collection_method": collection_word(self.send_invoice),
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "days_until_due": self.days_until_due,
            "default_payment_method": self.default_payment_method,
            "default_source": null,
            "default_tax_rates": [],
            "description": self.description,
            "discounts": self.discounts,
            "ended_at": self.ended_at,
            "items": { "object": "list", "data": items, "has_more": false, "url": url },
            "latest_invoice": self.latest_invoice,
            "livemode": false,
            "metadata": self.metadata,
        });
        if let (Value::Object(all), Value::Object(rest)) = (&mut shown, self.render_rest(missing)) {
            all.extend(rest);
        }
        shown
    }

    fn render_rest(&self, missing: &str) -> Value {
        let save = if self.save_default_payment_method { "on_subscription" } else { "off" };
        let pause =
            self.pause.map(|it| json!({ "behavior": it.behavior.word(), "resumes_at": it.resumes_at }));
        json!({
            "invoice_settings": {
                "account_tax_ids": null,
                "custom_fields": null,
                "description": null,
                "footer": null,
                "issuer": { "type": "self" },
            },
            "managed_payments": { "enabled": false },
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "pause_collection": pause,
            "payment_settings": {
                "payment_method_options": null,
                "payment_method_types": null,
                "save_default_payment_method": save,
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": null,
            "pending_update": null,
            "schedule": self.schedule,
            "start_date": self.backdated.unwrap_or(self.created),
            "status": self.status.word(),
            "test_clock": null,
            "transfer_data": null,
            "trial_end": self.trial_end,
            "trial_settings": {
                "end_behavior": { "billing_cycle_anchor": "now", "missing_payment_method": missing },
            },
            "trial_start": self.trial_start,
        })
    }
}

/// Stripe's word for how money is collected.
pub fn collection_word(send_invoice: bool) -> &'static str {
    if send_invoice { "send_invoice" } else { "charge_automatically" }
}
