//! Credit grants: money that pays metered lines when an invoice becomes final, and the ledger of what became of it
//! (Stripe: docs …/usage-based/billing-credits).
//!
//! What is left of a grant is the sum of its transactions, never a field of its own. Not confirmed of Stripe, and
//! decided here: a grant that ended before an invoice is final pays none of it, though the invoice's period ended in
//! time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::invoice::Invoice;
use super::terms::Terms;
use super::{RANK_GRANT, discount};
use crate::local::Call;
use crate::local::form::Metadata;
use crate::local::model::Model;

/// Money for metered usage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreditGrant {
    /// `credgr_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Last change, unix seconds.
    pub updated: i64,
    /// Whose.
    pub customer: String,
    /// Lower-case currency.
    pub currency: String,
    /// Minor units.
    pub value: i64,
    /// The metered prices that it pays; all of them when empty.
    pub prices: Vec<String>,
    /// Paid for; else promotional.
    pub paid: bool,
    /// 0 goes first, 100 last.
    pub priority: i64,
    /// First second.
    pub effective_at: i64,
    /// First second without it.
    pub expires_at: Option<i64>,
    /// Taken back at.
    pub voided_at: Option<i64>,
    /// Text for the operator.
    pub name: Option<String>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl CreditGrant {
    /// Stripe's object.
    pub fn render(&self) -> Value {
        let scope = if self.prices.is_empty() {
            json!({ "price_type": "metered" })
        } else {
            let prices: Vec<Value> = self.prices.iter().map(|id| json!({ "id": id })).collect();
            json!({ "prices": prices })
        };
        json!({
            "id": self.id,
            "object": "billing.credit_grant",
            "amount": money(&self.currency, self.value),
            "applicability_config": { "scope": scope },
            "category": if self.paid { "paid" } else { "promotional" },
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "effective_at": self.effective_at,
            "expires_at": self.expires_at,
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "priority": self.priority,
            "test_clock": null,
            "updated": self.updated,
            "voided_at": self.voided_at,
        })
    }

    /// It can pay at this instant, if anything is left of it.
    fn holds(&self, at: i64) -> bool {
        self.voided_at.is_none() && self.effective_at <= at && self.expires_at.is_none_or(|end| at < end)
    }

    /// Stripe's order: priority, then what ends first, promotional before paid, what began first, what is oldest.
    fn rank(&self) -> (i64, i64, bool, i64, i64) {
        let end = self.expires_at.unwrap_or(i64::MAX);
        (self.priority, end, self.paid, self.effective_at, self.created)
    }
}

/// An amount as these objects show it.
pub(super) fn money(currency: &str, value: i64) -> Value {
    json!({ "monetary": { "currency": currency, "value": value }, "type": "monetary" })
}

/// What moved credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// The grant.
    Granted,
    /// A line of an invoice was paid.
    Applied {
        /// The invoice.
        invoice: String,
        /// The line.
        line: String,
    },
    /// An invoice that credits had paid was voided.
    Returned {
        /// The invoice.
        invoice: String,
        /// The line.
        line: String,
    },
    /// The grant ended.
    Expired,
    /// The grant was taken back.
    Voided,
}

/// One row of the ledger of a customer's credit grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreditTransaction {
    /// `cbtxn_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// When it counts, unix seconds.
    pub effective_at: i64,
    /// The grant.
    pub grant: String,
    /// Whose.
    pub customer: String,
    /// Lower-case currency.
    pub currency: String,
    /// Minor units, above zero; the movement says which way.
    pub amount: i64,
    /// Why.
    pub movement: Movement,
}

impl CreditTransaction {
    /// What it adds to the grant.
    fn signed(&self) -> i64 {
        match self.movement {
            Movement::Granted | Movement::Returned { .. } => self.amount,
            Movement::Applied { .. } | Movement::Expired | Movement::Voided => -self.amount,
        }
    }

    /// Stripe's object.
    pub fn render(&self) -> Value {
        let amount = money(&self.currency, self.amount);
        let place = |invoice: &str, line: &str| json!({ "invoice": invoice, "invoice_line_item": line });
        let credit = |kind: &str, place: Value| json!({ "amount": amount, "credits_application_invoice_voided": place, "type": kind });
        let debit =
            |kind: &str, place: Value| json!({ "amount": amount, "credits_applied": place, "type": kind });
        let (credit, debit) = match &self.movement {
            Movement::Granted => (credit("credits_granted", Value::Null), Value::Null),
            Movement::Returned { invoice, line } => {
                (credit("credits_application_invoice_voided", place(invoice, line)), Value::Null)
            }
            Movement::Applied { invoice, line } => {
                (Value::Null, debit("credits_applied", place(invoice, line)))
            }
            Movement::Expired => (Value::Null, debit("credits_expired", Value::Null)),
            Movement::Voided => (Value::Null, debit("credits_voided", Value::Null)),
        };
        json!({
            "id": self.id,
            "object": "billing.credit_balance_transaction",
            "created": self.created,
            "credit": credit,
            "credit_grant": self.grant,
            "debit": debit,
            "effective_at": self.effective_at,
            "livemode": false,
            "test_clock": null,
            "type": if self.signed() > 0 { "credit" } else { "debit" },
        })
    }
}

/// What is left of a grant, minor units.
pub(super) fn left(model: &Model, grant: &str) -> i64 {
    let rows = model.biller.money.credit_transactions.iter().filter(|it| it.grant == grant);
    rows.fold(0_i64, |sum, it| sum.saturating_add(it.signed()))
}

/// What is left of a grant and can be used at this instant.
pub(super) fn available(model: &Model, grant: &CreditGrant, at: i64) -> i64 {
    if grant.holds(at) { left(model, &grant.id).max(0) } else { 0 }
}

/// Stores a grant, announces it, and enters its end into the agenda.
pub(super) fn save(call: &mut Call, grant: CreditGrant) -> Value {
    let shown = grant.render();
    let before = call.model.biller.money.credit_grants.get(&grant.id).map(CreditGrant::render);
    let ends = grant.expires_at.filter(|_| grant.voided_at.is_none() && !ended(call.model, &grant.id));
    call.model.biller.agenda.set(&grant.id, RANK_GRANT, ends);
    call.model.biller.money.credit_grants.insert(grant);
    match before {
        None => call.emit("billing.credit_grant.created", &shown),
        Some(before) => {
            call.emit_update("billing.credit_grant.updated", &before, &shown);
        }
    }
    shown
}

/// Its end was written down already.
fn ended(model: &Model, grant: &str) -> bool {
    let mut rows = model.biller.money.credit_transactions.iter().rev();
    rows.any(|it| it.grant == grant && it.movement == Movement::Expired)
}

/// Writes a row of the ledger; its id.
pub(super) fn post(call: &mut Call, grant: &CreditGrant, amount: i64, movement: Movement) -> String {
    let id = call.model.mint("cbtxn_1", 23);
    let effective_at =
        if movement == Movement::Granted { grant.effective_at.max(call.now) } else { call.now };
    let row = CreditTransaction {
        id: id.clone(),
        created: call.now,
        effective_at,
        grant: grant.id.clone(),
        customer: grant.customer.clone(),
        currency: grant.currency.clone(),
        amount,
        movement,
    };
    let shown = row.render();
    call.model.biller.money.credit_transactions.insert(row);
    call.emit("billing.credit_balance_transaction.created", &shown);
    id
}

/// Ends a grant: what is left of it goes.
pub(super) fn expire(call: &mut Call, id: &str) {
    let Some(mut grant) = call.model.biller.money.credit_grants.get(id).cloned() else { return };
    if grant.expires_at.is_none_or(|end| end > call.now) {
        grant.expires_at = Some(call.now);
        grant.updated = call.now;
    }
    let rest = left(call.model, id);
    if rest > 0 {
        post(call, &grant, rest, Movement::Expired);
    }
    save(call, grant);
    call.model.biller.agenda.set(id, RANK_GRANT, None);
}

/// Pays the metered lines of an invoice that becomes final: after discounts, before the customer's balance. Lines in
/// their order, for each of them the grants in theirs.
pub(super) fn apply(call: &mut Call, invoice: &mut Invoice) {
    let mut grants: Vec<CreditGrant> = call
        .model
        .biller
        .money
        .credit_grants
        .iter()
        .filter(|it| it.customer == invoice.customer && it.currency == invoice.currency)
        // Eligible by the end of the invoice's period, and not used up by now.
        .filter(|it| it.effective_at <= invoice.period_end)
        .filter(|it| it.expires_at.is_none_or(|end| invoice.period_end < end) && it.holds(call.now))
        .cloned()
        .collect();
    if grants.is_empty() {
        return;
    }
    grants.sort_by_key(CreditGrant::rank);
    let mut rest: Vec<i64> = grants.iter().map(|it| available(call.model, it, call.now)).collect();
    let id = invoice.id.clone();
    for line in &mut invoice.lines {
        let metered = |price: &String| Terms::of(call.model, price).is_some_and(|it| it.meter.is_some());
        let Some(price) = line.price.clone().filter(|it| line.subscription.is_some() && metered(it)) else {
            continue;
        };
        let off: i64 = line.off.iter().map(|it| it.1).sum();
        let mut open = line.amount.saturating_sub(off);
        for (grant, rest) in grants.iter().zip(&mut rest) {
            let part = open.min(*rest);
            if part <= 0 || !(grant.prices.is_empty() || grant.prices.contains(&price)) {
                continue;
            }
            let movement = Movement::Applied { invoice: id.clone(), line: line.id.clone() };
            line.credits.push((post(call, grant, part, movement), part));
            open -= part;
            *rest -= part;
        }
    }
}

/// Gives back what paid the lines of an invoice that is voided; what ended meanwhile ends again at once.
pub(super) fn give_back(call: &mut Call, invoice: &Invoice) {
    let spent =
        invoice.lines.iter().flat_map(|line| line.credits.iter().map(|it| (line.id.clone(), it.clone())));
    for (line, (transaction, amount)) in spent.collect::<Vec<_>>() {
        let grant = call.model.biller.money.credit_transactions.get(&transaction).map(|it| it.grant.clone());
        let grant = grant.and_then(|id| call.model.biller.money.credit_grants.get(&id).cloned());
        let Some(grant) = grant else { continue };
        post(call, &grant, amount, Movement::Returned { invoice: invoice.id.clone(), line });
        if grant.expires_at.is_some_and(|end| end <= call.now) {
            post(call, &grant, amount, Movement::Expired);
        }
    }
}

/// `pretax_credit_amounts`: discounts, then credits.
pub fn pretax(off: &[(String, i64)], credits: &[(String, i64)]) -> Value {
    let mut all = discount::credits(off);
    let rows = credits.iter().map(|(id, amount)| {
        json!({ "amount": amount, "credit_balance_transaction": id, "type": "credit_balance_transaction" })
    });
    if let Value::Array(list) = &mut all {
        list.extend(rows);
    }
    all
}
