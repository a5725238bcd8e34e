//! Subscription schedules, as the local Stripe keeps and shows them (Stripe: docs /api/subscription_schedules).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::prorate::Behaviour;
use super::subscription::Subscription;
use crate::local::form::Metadata;

/// How long before its end a schedule is announced, in seconds (Stripe: subscription_schedule.expiring).
const NOTICE_S: i64 = 7 * 86_400;

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its first phase is still to come; there is no subscription yet.
    NotStarted,
    /// It manages a subscription.
    Active,
    /// Its last phase ended, and with it the subscription. Terminal.
    Completed,
    /// It let its subscription go. Terminal.
    Released,
    /// Taken back. Terminal.
    Canceled,
}

impl Standing {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            Standing::NotStarted => "not_started",
            Standing::Active => "active",
            Standing::Completed => "completed",
            Standing::Released => "released",
            Standing::Canceled => "canceled",
        }
    }

    /// Nothing happens to it any more.
    pub fn ended(self) -> bool {
        !matches!(self, Standing::NotStarted | Standing::Active)
    }
}

/// One item of a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseItem {
    /// The price.
    pub price: String,
    /// Units of a licensed price; `None` on metered ones.
    pub quantity: Option<u64>,
    /// The caller's own data.
    pub metadata: Metadata,
}

/// One phase: what the subscription is from one instant to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// First second inside.
    pub start: i64,
    /// First second after.
    pub end: i64,
    /// The items.
    pub items: Vec<PhaseItem>,
    /// What entering it does with the rest of running periods.
    pub proration: Behaviour,
    /// Put into the subscription when the phase is entered; an empty value takes its key out.
    pub metadata: Metadata,
    /// Entering it starts new periods.
    pub anchors: bool,
    /// Free until then.
    pub trial_end: Option<i64>,
}

/// One schedule. Always in flexible billing mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// `sub_sched_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Who pays.
    pub customer: String,
    /// Lower-case currency.
    pub currency: String,
    /// What it manages, or managed until both ended.
    pub subscription: Option<String>,
    /// What it let go.
    pub released_subscription: Option<String>,
    /// Where it stands.
    pub standing: Standing,
    /// Its phases, each beginning where the one before ends.
    pub phases: Vec<Phase>,
    /// Index of the current phase, while active.
    pub current: usize,
    /// The subscription ends with the last phase.
    pub cancels: bool,
    /// The caller's own data.
    pub metadata: Metadata,
    /// When its end is announced; `None` once that is done or too late.
    pub notice_at: Option<i64>,
    /// Taken back at.
    pub canceled_at: Option<i64>,
    /// Ended with its last phase at.
    pub completed_at: Option<i64>,
    /// Let its subscription go at.
    pub released_at: Option<i64>,
}

/// What a schedule will do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Make the subscription.
    Start,
    /// Announce its end.
    Notice,
    /// Leave the current phase.
    Leave,
}

impl Schedule {
    /// What it will do next, and when.
    pub fn due(&self) -> Option<(i64, Next)> {
        let first = self.phases.first().map(|it| (it.start, Next::Start));
        let leave = self.phases.get(self.current).map(|it| (it.end, Next::Leave));
        let turn = match self.standing {
            Standing::NotStarted => first,
            Standing::Active => leave,
            _ => return None,
        };
        [self.notice_at.map(|at| (at, Next::Notice)), turn].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// When its last phase ends.
    pub fn end(&self) -> Option<i64> {
        self.phases.last().map(|it| it.end)
    }

    /// Plans the announcement of its end.
    pub fn plan_notice(&mut self, now: i64) {
        self.notice_at = self.end().map(|end| end - NOTICE_S).filter(|at| *at > now);
    }

    /// Stripe's object.
    pub fn render(&self) -> Value {
        let current = self.phases.get(self.current).filter(|_| self.standing == Standing::Active);
        let current = current.map(|it| json!({ "end_date": it.end, "start_date": it.start }));
        let phases: Vec<Value> = self.phases.iter().map(|it| it.render(&self.currency)).collect();
        json!({
            "id": self.id,
            "object": "subscription_schedule",
            "application": null,
            "billing_mode": {
                "flexible": { "proration_discounts": "included" },
                "type": "flexible",
                "updated_at": self.created,
            },
            "canceled_at": self.canceled_at,
            "completed_at": self.completed_at,
            "created": self.created,
            "current_phase": current,
            "customer": self.customer,
            "customer_account": null,
            "default_settings": {
                "application_fee_percent": null,
                "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
                "billing_cycle_anchor": "automatic",
                "billing_thresholds": null,
                "collection_method": "charge_automatically",
                "default_payment_method": null,
                "description": null,
                "invoice_settings": {
                    "account_tax_ids": null,
                    "custom_fields": null,
                    "days_until_due": null,
                    "description": null,
                    "footer": null,
                    "issuer": { "type": "self" },
                },
                "on_behalf_of": null,
                "transfer_data": null,
            },
            "end_behavior": if self.cancels { "cancel" } else { "release" },
            "livemode": false,
            "metadata": self.metadata,
            "phases": phases,
            "released_at": self.released_at,
            "released_subscription": self.released_subscription,
            "status": self.standing.word(),
            "subscription": self.subscription,
            "test_clock": null,
        })
    }
}

impl Phase {
    /// The phase that a subscription is in now: until the end of what was paid for, or of its trial.
    pub fn of(subscription: &Subscription, now: i64) -> Phase {
        let longest = subscription.items.iter().max_by_key(|it| it.period_end);
        let end = subscription.cancel_at.or(longest.map(|it| it.period_end)).unwrap_or(now);
        Phase {
            start: longest.map_or(now, |it| it.period_start),
            end,
            items: PhaseItem::all_of(subscription),
            proration: Behaviour::Create,
            metadata: Metadata::new(),
            anchors: false,
            trial_end: subscription.trial_end.filter(|at| *at > now),
        }
    }

    fn render(&self, currency: &str) -> Value {
        let items: Vec<Value> = self.items.iter().map(PhaseItem::render).collect();
        json!({
            "add_invoice_items": [],
            "application_fee_percent": null,
            "billing_cycle_anchor": self.anchors.then_some("phase_start"),
            "billing_thresholds": null,
            "collection_method": null,
            "currency": currency,
            "default_payment_method": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": [],
            "end_date": self.end,
            "invoice_settings": null,
            "items": items,
            "metadata": self.metadata,
            "on_behalf_of": null,
            "proration_behavior": self.proration.word(),
            "start_date": self.start,
            "transfer_data": null,
            "trial_end": self.trial_end,
        })
    }
}

impl PhaseItem {
    /// The items that a subscription has now.
    pub fn all_of(subscription: &Subscription) -> Vec<PhaseItem> {
        let item = |it: &super::subscription::Item| PhaseItem {
            price: it.price.clone(),
            quantity: it.quantity,
            metadata: it.metadata.clone(),
        };
        subscription.items.iter().map(item).collect()
    }

    fn render(&self) -> Value {
        let mut shown = json!({
            "billing_thresholds": null,
            "discounts": [],
            "metadata": self.metadata,
            "plan": self.price,
            "price": self.price,
            "tax_rates": [],
        });
        // Metered items have no quantity at all.
        if let Some(quantity) = self.quantity {
            shown["quantity"] = json!(quantity);
        }
        shown
    }
}
