//! Invoices and their lines, as the local Stripe keeps and shows them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::subscription::{Item, collection_word};
use super::{credit_grant, discount};
use crate::local::decimal::Decimal;
use crate::local::form::Metadata;

/// Lines inside an invoice; the rest is read with `GET /v1/invoices/{id}/lines` (Stripe: …/api/invoices/object).
const LINES_EMBEDDED: usize = 10;
/// Seconds from a draft's creation to the charge (recorded as `next_payment_attempt`).
pub const DRAFT_S: i64 = 3_600;
/// Seconds from the planned charge of a draft to its finalization (recorded as `automatically_finalizes_at`).
const FINALIZES_AFTER_S: i64 = 1;

fn draft_default() -> i64 {
    DRAFT_S
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Still changes.
    Draft,
    /// Final and unpaid.
    Open,
    /// Paid.
    Paid,
    /// Given up.
    Uncollectible,
    /// Taken back.
    Void,
}

impl InvoiceStatus {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            InvoiceStatus::Draft => "draft",
            InvoiceStatus::Open => "open",
            InvoiceStatus::Paid => "paid",
            InvoiceStatus::Uncollectible => "uncollectible",
            InvoiceStatus::Void => "void",
        }
    }
}

/// Usage that a line bills: rated when the draft is made, and again when it is finalized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The meter.
    pub meter: String,
    /// First second whose usage counts.
    pub from: i64,
    /// First second whose usage does not count any more.
    pub to: i64,
    /// Units that are on another invoice already.
    #[serde(default)]
    pub billed: Decimal,
    /// Units of the first second that another price billed.
    #[serde(default)]
    pub less: Decimal,
}

impl Usage {
    /// What an item has used up to `to` and no period's invoice holds.
    pub fn of(item: &Item, meter: String, to: i64) -> Usage {
        Usage { meter, from: item.usage_from, to, billed: item.billed, less: item.usage_less }
    }
}

/// The lines that a credit takes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credited {
    /// The invoice that billed them.
    pub invoice: String,
    /// Its lines.
    pub lines: Vec<String>,
}

/// One line: of an invoice, or waiting as an invoice item for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// `il_…`
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// What a person reads.
    pub description: String,
    /// First second of the service.
    pub period_start: i64,
    /// First second after the service.
    pub period_end: i64,
    /// Units.
    pub quantity: Decimal,
    /// The price.
    pub price: Option<String>,
    /// Its product.
    pub product: Option<String>,
    /// Price of one unit in minor units.
    pub unit: Option<Decimal>,
    /// The subscription it belongs to.
    pub subscription: Option<String>,
    /// The item it belongs to.
    pub item: Option<String>,
    /// The invoice item it came from.
    pub invoice_item: Option<String>,
    /// Part of a period, after a change.
    pub proration: bool,
    /// Part of the first period of a subscription: at the price before discounts, which are taken off it as off whole
    /// periods.
    #[serde(default)]
    pub opening: bool,
    /// What it takes back.
    pub credited: Option<Credited>,
    /// Usage it bills.
    pub usage: Option<Usage>,
    /// What discounts take off: discount and minor units.
    #[serde(default)]
    pub off: Vec<(String, i64)>,
    /// What credit grants pay of it: transaction and minor units, from finalization on.
    #[serde(default)]
    pub credits: Vec<(String, i64)>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl Line {
    /// Discounts of the invoice are for it: a change in mid-period is net of them already.
    pub fn discountable(&self) -> bool {
        !self.proration || self.opening
    }

    /// Stripe's object.
    pub fn render(&self, invoice: &str, currency: &str) -> Value {
        let credited =
            self.credited.as_ref().map(|it| json!({ "invoice": it.invoice, "invoice_line_items": it.lines }));
        let details = json!({ "credited_items": credited });
        let parent = match (&self.item, &self.invoice_item) {
            (Some(item), invoice_item) => json!({
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": invoice_item,
                    "proration": self.proration,
                    "proration_details": details,
                    "subscription": self.subscription,
                    "subscription_item": item,
                },
                "type": "subscription_item_details",
            }),
            (None, Some(invoice_item)) => json!({
                "invoice_item_details": {
                    "invoice_item": invoice_item,
                    "proration": self.proration,
                    "proration_details": details,
                    "subscription": self.subscription,
                },
                "subscription_item_details": null,
                "type": "invoice_item_details",
            }),
            (None, None) => Value::Null,
        };
        json!({
            "id": self.id,
            "object": "line_item",
            "amount": self.amount,
            "currency": currency,
            "description": self.description,
            "discount_amounts": discount::amounts(&self.off),
            "discountable": self.discountable(),
            "discounts": self.off.iter().map(|it| &it.0).collect::<Vec<_>>(),
            "invoice": invoice,
            "livemode": false,
            "metadata": self.metadata,
            "parent": parent,
            "period": { "end": self.period_end, "start": self.period_start },
            "pretax_credit_amounts": credit_grant::pretax(&self.off, &self.credits),
            "pricing": self.pricing(),
            "quantity": quantity_whole(self.quantity),
            "quantity_decimal": self.quantity.to_string(),
            "subscription": self.subscription,
            "subtotal": self.amount,
            "taxes": [],
        })
    }

    /// Stripe's `pricing`, or null for a bare amount.
    pub fn pricing(&self) -> Value {
        let Some(price) = &self.price else { return Value::Null };
        json!({
            "price_details": { "price": price, "product": self.product },
            "type": "price_details",
            "unit_amount_decimal": self.unit.map(|it| it.to_string()),
        })
    }
}

/// The whole part of a quantity, never below zero (Stripe: docs …/recording-usage-api).
pub fn quantity_whole(quantity: Decimal) -> u64 {
    u64::try_from(quantity.trunc().max(0)).unwrap_or(u64::MAX)
}

/// One invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    /// `in_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Who pays.
    pub customer: String,
    /// The subscription that made it.
    pub subscription: Option<String>,
    /// That subscription's metadata when the invoice was made.
    pub subscription_metadata: Metadata,
    /// When a change was prorated.
    pub proration_date: Option<i64>,
    /// Stripe's reason word.
    pub billing_reason: String,
    /// Sent instead of charged.
    pub send_invoice: bool,
    /// Lower-case currency.
    pub currency: String,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Stripe finalizes and collects it by itself.
    pub auto_advance: bool,
    /// Released from being held then: it is not finalized before, unix seconds.
    pub released_at: Option<i64>,
    /// When a sent invoice is due.
    pub due_date: Option<i64>,
    /// Seconds from its creation to its charge.
    #[serde(default = "draft_default")]
    pub draft_s: i64,
    /// When it is finalized by the caller's own choice, unix seconds.
    #[serde(default)]
    pub planned_at: Option<i64>,
    /// When a charge failed first, unix seconds.
    #[serde(default)]
    pub first_failed_at: Option<i64>,
    /// The payment method that would be refused again; empty when there was none.
    #[serde(default)]
    pub refused_method: Option<String>,
    /// Start of the time whose usage and items it gathers.
    pub period_start: i64,
    /// End of that time.
    pub period_end: i64,
    /// The lines.
    pub lines: Vec<Line>,
    /// Discounts on all of it.
    #[serde(default)]
    pub discounts: Vec<String>,
    /// Number, from finalization on.
    pub number: Option<String>,
    /// Charges tried.
    pub attempt_count: u32,
    /// Whether a charge was tried (also true when none was needed).
    pub attempted: bool,
    /// When the next charge is tried.
    pub next_payment_attempt: Option<i64>,
    /// Customer balance before it.
    pub starting_balance: i64,
    /// Customer balance after it, from finalization on.
    pub ending_balance: Option<i64>,
    /// Credit notes took this off what was owed, minor units.
    #[serde(default)]
    pub credited_before: i64,
    /// Credit notes gave this back of what was paid, minor units.
    #[serde(default)]
    pub credited_after: i64,
    /// What is to be paid, minor units.
    pub amount_due: i64,
    /// What was paid, minor units.
    pub amount_paid: i64,
    /// Finalized at.
    pub finalized_at: Option<i64>,
    /// Paid at.
    pub paid_at: Option<i64>,
    /// Voided at.
    pub voided_at: Option<i64>,
    /// Given up at.
    pub uncollectible_at: Option<i64>,
    /// Why a threshold invoice was made, JSON text.
    #[serde(default)]
    pub threshold_reason: Option<String>,
    /// `invoice.overdue` was sent.
    pub overdue: bool,
    /// Free text.
    pub description: Option<String>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl Invoice {
    /// An empty draft that nobody advances.
    pub fn manual(id: String, customer: &str, currency: &str, now: i64) -> Invoice {
        Invoice {
            id,
            created: now,
            customer: customer.to_owned(),
            subscription: None,
            subscription_metadata: Metadata::new(),
            proration_date: None,
            billing_reason: "manual".to_owned(),
            send_invoice: false,
            currency: currency.to_owned(),
            status: InvoiceStatus::Draft,
            auto_advance: false,
            released_at: None,
            draft_s: DRAFT_S,
            planned_at: None,
            first_failed_at: None,
            refused_method: None,
            due_date: None,
            period_start: now,
            period_end: now,
            lines: Vec::new(),
            discounts: Vec::new(),
            number: None,
            attempt_count: 0,
            attempted: false,
            next_payment_attempt: None,
            starting_balance: 0,
            ending_balance: None,
            credited_before: 0,
            credited_after: 0,
            amount_due: 0,
            amount_paid: 0,
            finalized_at: None,
            paid_at: None,
            voided_at: None,
            uncollectible_at: None,
            threshold_reason: None,
            overdue: false,
            description: None,
            metadata: Metadata::new(),
        }
    }

    /// Sum of the lines before discounts, minor units.
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().fold(0_i64, |sum, it| sum.saturating_add(it.amount))
    }

    /// Sum of the lines after discounts and credits, minor units.
    pub fn total(&self) -> i64 {
        let less = self.lines.iter().flat_map(|it| it.off.iter().chain(&it.credits));
        self.subtotal() - less.fold(0_i64, |sum, it| sum.saturating_add(it.1))
    }

    /// When it is finalized without anybody asking.
    pub fn finalizes_at(&self) -> Option<i64> {
        let usual = self.created + self.draft_s + FINALIZES_AFTER_S;
        let planned = self.planned_at.unwrap_or(usual.max(self.released_at.unwrap_or(0)));
        (self.status == InvoiceStatus::Draft && self.auto_advance).then_some(planned)
    }

    /// Stripe's object. `payer` is the customer as rendered.
    pub fn render(&self, payer: &Value, account_name: &str) -> Value {
        let mut shown = self.render_money(account_name);
        let rest = [self.render_state(), self.render_rest(payer)];
        if let Value::Object(all) = &mut shown {
            for part in rest {
                if let Value::Object(part) = part {
                    all.extend(part);
                }
            }
        }
        shown
    }

    fn render_money(&self, account_name: &str) -> Value {
        let (subtotal, total) = (self.subtotal(), self.total());
        let off = discount::sums(&self.lines);
        let credits: Vec<_> = self.lines.iter().flat_map(|it| it.credits.iter().cloned()).collect();
        let shown: Vec<Value> =
            self.lines.iter().take(LINES_EMBEDDED).map(|it| it.render(&self.id, &self.currency)).collect();
        json!({
            "id": self.id,
            "object": "invoice",
            "account_country": "US",
            "account_name": account_name,
            "account_tax_ids": null,
            "amount_due": self.amount_due,
            "amount_overpaid": 0,
            "amount_paid": self.amount_paid,
            "amount_remaining": self.amount_due - self.amount_paid,
            "amount_shipping": 0,
            "application": null,
            "currency": self.currency,
            "ending_balance": self.ending_balance,
            "lines": {
                "object": "list",
                "data": shown,
                "has_more": self.lines.len() > LINES_EMBEDDED,
                "url": format!("/v1/invoices/{}/lines", self.id),
            },
            "post_payment_credit_notes_amount": self.credited_after,
            "pre_payment_credit_notes_amount": self.credited_before,
            "starting_balance": self.starting_balance,
            "subtotal": subtotal,
            "subtotal_excluding_tax": subtotal,
            "total": total,
            "total_discount_amounts": discount::amounts(&off),
            "total_excluding_tax": total,
            "total_pretax_credit_amounts": credit_grant::pretax(&off, &credits),
            "total_taxes": [],
        })
    }

    fn render_state(&self) -> Value {
        let final_url = |page: &str| {
            self.finalized_at.map(|_| format!("https://invoice.stripe.com/i/local/{}/{page}", self.id))
        };
        json!({
            "attempt_count": self.attempt_count,
            "attempted": self.attempted,
            "auto_advance": self.auto_advance,
            "automatic_tax": {
                "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
            },
            "automatically_finalizes_at": self.finalizes_at(),
            "billing_reason": self.billing_reason,
            "collection_method": collection_word(self.send_invoice),
            "created": self.created,
            "due_date": self.due_date,
            "effective_at": self.finalized_at,
            "hosted_invoice_url": final_url("hosted"),
            "invoice_pdf": final_url("pdf"),
            "livemode": false,
            "metadata": self.metadata,
            "next_payment_attempt": self.next_payment_attempt,
            "number": self.number,
            "period_end": self.period_end,
            "period_start": self.period_start,
            "status": self.status.word(),
            "status_transitions": {
                "finalized_at": self.finalized_at,
                "marked_uncollectible_at": self.uncollectible_at,
                "paid_at": self.paid_at,
                "voided_at": self.voided_at,
            },
            "webhooks_delivered_at": self.created,
        })
    }

    fn render_rest(&self, payer: &Value) -> Value {
        let of = |name: &str| payer.get(name).cloned().unwrap_or(Value::Null);
        let because = self.threshold_reason.as_deref().and_then(|it| serde_json::from_str::<Value>(it).ok());
        let parent = self.subscription.as_ref().map(|subscription| {
            let mut details = json!({ "metadata": self.subscription_metadata, "subscription": subscription });
            if let Some(at) = self.proration_date {
                details["subscription_proration_date"] = json!(at);
            }
            json!({ "quote_details": null, "subscription_details": details, "type": "subscription_details" })
        });
        let mut shown = json!({
            "custom_fields": null,
            "customer": self.customer,
            "customer_account": null,
            "customer_address": of("address"),
            "customer_email": of("email"),
            "customer_name": of("name"),
            "customer_phone": of("phone"),
            "customer_shipping": of("shipping"),
            "customer_tax_exempt": payer.get("tax_exempt").cloned().unwrap_or_else(|| json!("none")),
            "customer_tax_ids": [],
            "default_payment_method": null,
            "default_source": null,
            "default_tax_rates": [],
            "description": self.description,
            "discounts": self.discounts,
            "footer": null,
            "from_invoice": null,
            "issuer": { "type": "self" },
            "last_finalization_error": null,
            "latest_revision": null,
            "on_behalf_of": null,
            "parent": parent,
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
            },
            "receipt_number": null,
            "rendering": null,
            "shipping_cost": null,
            "shipping_details": null,
            "statement_descriptor": null,
            "test_clock": null,
        });
        if let Some(because) = because {
            shown["threshold_reason"] = because;
        }
        shown
    }
}

/// An invoice item: one line that waits for the next invoice, or went onto one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceItem {
    /// `ii_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Who pays.
    pub customer: String,
    /// Lower-case currency.
    pub currency: String,
    /// The invoice it went onto.
    pub invoice: Option<String>,
    /// The line as it will stand there.
    pub line: Line,
}

impl InvoiceItem {
    /// Stripe's object.
    pub fn render(&self) -> Value {
        let line = &self.line;
        let parent = line.subscription.as_ref().map(|subscription| {
            let mut details = json!({ "subscription": subscription });
            if let Some(item) = &line.item {
                details["subscription_item"] = json!(item);
            }
            json!({ "subscription_details": details, "type": "subscription_details" })
        });
        let credited = line.credited.as_ref().map(|it| {
            json!({
                "type": "invoice_line_items",
                "invoice_line_item_details": { "invoice": it.invoice, "invoice_line_items": it.lines },
            })
        });
        json!({
            "id": self.id,
            "object": "invoiceitem",
            "amount": line.amount,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "date": self.created,
            "description": line.description,
            "discountable": line.discountable(),
            "discounts": [],
            "invoice": self.invoice,
            "livemode": false,
            "metadata": line.metadata,
            "net_amount": line.amount,
            "parent": parent,
            "period": { "end": line.period_end, "start": line.period_start },
            "pricing": line.pricing(),
            "proration": line.proration,
            "proration_details": { "discount_amounts": [], "credited_items": credited },
            "quantity": quantity_whole(line.quantity),
            "quantity_decimal": line.quantity.to_string(),
            "tax_rates": [],
            "test_clock": null,
        })
    }
}
