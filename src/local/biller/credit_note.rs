//! `/v1/credit_notes`: money taken off a final invoice (Stripe: docs /api/credit_notes).
//!
//! What is still owed goes first (`pre_payment_amount`); the rest was paid (`post_payment_amount`) and goes back as the
//! request says: to the customer's balance, as a refund, or outside of Stripe; the three make up the rest exactly.
//!
//! Not confirmed of Stripe, and decided here: a note by `amount` alone has one line of its own; a note that leaves nothing
//! to be paid pays the invoice. Not built: notes with taxes or shipping, links to earlier refunds, previews.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::balance::{self, About, Kind};
use super::credit_note_lines::{self, NoteLine};
use super::invoice::{Invoice, InvoiceStatus};
use super::payment::Outcome;
use super::{charge, refund, save_customer, save_invoice, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};
use crate::local::list;

/// Largest amount that is taken, minor units.
pub(super) const AMOUNT_MAX: i64 = 99_999_999;
/// Lines inside a note; the rest is read with `GET /v1/credit_notes/{id}/lines`.
const LINES_EMBEDDED: usize = 10;
const REASONS: &[&str] = &["duplicate", "fraudulent", "order_change", "product_unsatisfactory"];

/// One credit note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreditNote {
    /// `cn_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// When it takes effect, unix seconds.
    pub effective_at: i64,
    /// The invoice that it takes from.
    pub invoice: String,
    /// Who gets it.
    pub customer: String,
    /// Lower-case currency.
    pub currency: String,
    /// Number for people.
    pub number: String,
    /// What it takes off.
    pub lines: Vec<NoteLine>,
    /// Taken off what was still owed, minor units.
    pub before: i64,
    /// Given back of what was paid, minor units.
    pub after: i64,
    /// Of that, outside of Stripe.
    pub out_of_band: Option<i64>,
    /// Of that, the refund and its amount.
    pub refund: Option<(String, i64)>,
    /// Of that, the entry of the customer's balance.
    pub balance_transaction: Option<String>,
    /// Stripe's reason word.
    pub reason: Option<String>,
    /// Free text on it.
    pub memo: Option<String>,
    /// The caller's own data.
    pub metadata: Metadata,
    /// When it was voided.
    pub voided_at: Option<i64>,
}

impl CreditNote {
    fn total(&self) -> i64 {
        self.before + self.after
    }

    /// Stripe's object.
    pub fn render(&self) -> Value {
        let kind = match (self.before, self.after) {
            (0, _) => "post_payment",
            (_, 0) => "pre_payment",
            _ => "mixed",
        };
        let refunds: Vec<Value> = self
            .refund
            .iter()
            .map(|(id, amount)| json!({ "amount_refunded": amount, "payment_record_refund": null, "refund": id, "type": "refund" }))
            .collect();
        let lines: Vec<Value> = self.lines.iter().take(LINES_EMBEDDED).map(NoteLine::render).collect();
        json!({
            "id": self.id,
            "object": "credit_note",
            "amount": self.total(),
            "amount_shipping": 0,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "customer_balance_transaction": self.balance_transaction,
            "discount_amount": 0,
            "discount_amounts": [],
            "effective_at": self.effective_at,
            "invoice": self.invoice,
            "lines": {
                "object": "list",
                "data": lines,
                "has_more": self.lines.len() > LINES_EMBEDDED,
                "url": format!("/v1/credit_notes/{}/lines", self.id),
            },
            "livemode": false,
            "memo": self.memo,
            "metadata": self.metadata,
            "number": self.number,
            "out_of_band_amount": self.out_of_band,
            "pdf": format!("https://pay.stripe.com/credit_notes/local/{}/pdf", self.id),
            "post_payment_amount": self.after,
            "pre_payment_amount": self.before,
            "pretax_credit_amounts": [],
            "reason": self.reason,
            "refunds": refunds,
            "shipping_cost": null,
            "status": if self.voided_at.is_some() { "void" } else { "issued" },
            "subtotal": self.total(),
            "subtotal_excluding_tax": self.total(),
            "total": self.total(),
            "total_excluding_tax": self.total(),
            "total_taxes": [],
            "type": kind,
            "voided_at": self.voided_at,
        })
    }
}

/// Where the money goes that was paid already.
struct Ways {
    balance: Option<i64>,
    refund: Option<i64>,
    out_of_band: Option<i64>,
}

impl Ways {
    fn read(p: &mut Params) -> Result<Ways, ApiError> {
        Ok(Ways {
            balance: p.int_in("credit_amount", 0, AMOUNT_MAX)?,
            refund: p.int_in("refund_amount", 0, AMOUNT_MAX)?,
            out_of_band: p.int_in("out_of_band_amount", 0, AMOUNT_MAX)?,
        })
    }

    fn sum(&self) -> i64 {
        [self.balance, self.refund, self.out_of_band].into_iter().flatten().sum()
    }
}

/// How much of a note is owed still, and how much was paid.
fn split(invoice: &Invoice, total: i64, ways: &Ways) -> Result<(i64, i64), ApiError> {
    let owed =
        if invoice.status == InvoiceStatus::Open { invoice.amount_due - invoice.amount_paid } else { 0 };
    let before = total.min(owed);
    let after = total - before;
    let left = invoice.amount_paid - invoice.credited_after;
    // What a balance paid of an invoice can be given back too.
    let by_balance = (invoice.total() - invoice.amount_due - invoice.credited_before).max(0);
    if after > left + by_balance {
        return Err(ApiError::invalid(format!(
            "The credit note amount ({total}) is more than what is left of the invoice ({}).",
            owed + left + by_balance
        ))
        .param("amount"));
    }
    if ways.sum() != after {
        return Err(ApiError::invalid(format!(
            "The sum of credit amount, refund amount and out of band amount ({}) must equal the post payment amount \
             ({after}).",
            ways.sum()
        )));
    }
    Ok((before, after))
}

/// `POST /v1/credit_notes`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let id = p.required("invoice")?;
    let amount = p.int_in("amount", 1, AMOUNT_MAX)?;
    let lines = p.list("lines", credit_note_lines::read)?;
    let ways = Ways::read(p)?;
    let reason = p.one_of("reason", REASONS)?;
    let memo = p.text("memo", 5_000)?.value();
    let effective_at = p.timestamp("effective_at")?;
    p.one_of("email_type", &["credit_note", "none"])?;
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    unbuilt(p, &["refunds", "shipping_cost"])?;
    p.finish()?;
    let invoice = call.model.biller.invoices.get(&id).cloned();
    let invoice = invoice.ok_or_else(|| ApiError::no_such("invoice", &id, "invoice"))?;
    if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Paid) {
        let text = "You can only create a credit note for an invoice that is open or paid.";
        return Err(ApiError::invalid(text).param("invoice"));
    }
    let lines = credit_note_lines::made(call, &invoice, amount, lines)?;
    let total = lines.iter().map(|it| it.amount).sum();
    let (before, after) = split(&invoice, total, &ways)?;
    let charged = ways.refund.filter(|it| *it > 0).map(|_| charge_of(call, &invoice)).transpose()?;
    let count = call.model.biller.money.credit_notes.iter().filter(|it| it.invoice == id).count();
    let mut note = CreditNote {
        id: call.model.mint("cn_1", 23),
        created: call.now,
        effective_at: effective_at.unwrap_or(call.now),
        customer: invoice.customer.clone(),
        currency: invoice.currency.clone(),
        number: format!("{}-CN-{:02}", invoice.number.clone().unwrap_or_default(), count + 1),
        invoice: id,
        lines,
        before,
        after,
        out_of_band: ways.out_of_band,
        refund: None,
        balance_transaction: None,
        reason: reason.map(str::to_owned),
        memo,
        metadata,
        voided_at: None,
    };
    if let (Some(charge), Some(amount)) = (charged, ways.refund) {
        note.refund = Some((refund::give_back(call, &charge, amount)?, amount));
    }
    note.balance_transaction = to_balance(call, &note, ways.balance.unwrap_or(0));
    let shown = note.render();
    call.model.biller.money.credit_notes.insert(note.clone());
    call.emit("credit_note.created", &shown);
    take_off(call, invoice, &note);
    Ok(shown)
}

/// The charge that paid an invoice.
fn charge_of(call: &Call, invoice: &Invoice) -> Result<String, ApiError> {
    let paid = call.model.biller.money.invoice_payments.iter();
    let intents: Vec<&str> = paid
        .filter(|it| it.invoice == invoice.id && it.paid_at.is_some())
        .map(|it| it.intent.as_str())
        .collect();
    let charges = call.model.biller.money.charges.iter();
    let charge =
        charges.rev().find(|it| it.outcome == Outcome::Succeeded && intents.contains(&it.intent.as_str()));
    charge.map(|it| it.id.clone()).ok_or_else(|| {
        ApiError::invalid("The invoice was not paid by a charge, so nothing of it can be refunded.")
            .param("refund_amount")
    })
}

fn to_balance(call: &mut Call, note: &CreditNote, amount: i64) -> Option<String> {
    let mut customer = call.model.biller.customers.get(&note.customer).cloned()?;
    let about = About { invoice: Some(&note.invoice), credit_note: Some(&note.id) };
    let entry = balance::post(call, &mut customer, -amount, Kind::CreditNote, &about)?;
    save_customer(call, customer);
    Some(entry)
}

/// What a note does to its invoice.
fn take_off(call: &mut Call, mut invoice: Invoice, note: &CreditNote) {
    invoice.credited_before += note.before;
    invoice.credited_after += note.after;
    invoice.amount_due -= note.before;
    let settled = invoice.status == InvoiceStatus::Open && invoice.amount_due == invoice.amount_paid;
    save_invoice(call, invoice.clone(), &[]);
    if settled {
        charge::pay(call, invoice);
    }
}

fn found(call: &Call, id: &str) -> Result<CreditNote, ApiError> {
    let note = call.model.biller.money.credit_notes.get(id);
    note.cloned().ok_or_else(|| ApiError::not_found("credit note", id, "id"))
}

/// `GET /v1/credit_notes/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(|it| it.render())
}

/// `GET /v1/credit_notes/:id/lines`
pub fn lines(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    p.finish()?;
    let note = found(call, id)?;
    let rows: Vec<&NoteLine> = note.lines.iter().collect();
    let url = format!("/v1/credit_notes/{id}/lines");
    page.cut(&rows, |it| it.id.as_str(), "line item", &url, |it| it.render())
}

/// `POST /v1/credit_notes/:id`: words only.
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut note = found(call, id)?;
    let memo = p.text("memo", 5_000)?;
    let metadata = p.metadata()?;
    p.finish()?;
    let before = note.render();
    memo.apply(&mut note.memo);
    note.metadata = metadata.merged(&note.metadata)?;
    let shown = note.render();
    call.model.biller.money.credit_notes.insert(note);
    call.emit_update("credit_note.updated", &before, &shown);
    Ok(shown)
}

/// `POST /v1/credit_notes/:id/void`: only while its invoice is open.
pub fn void(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut note = found(call, id)?;
    p.finish()?;
    let invoice = call.model.biller.invoices.get(&note.invoice).cloned();
    let open =
        invoice.filter(|it| it.status == InvoiceStatus::Open && note.voided_at.is_none() && note.after == 0);
    let Some(mut invoice) = open else {
        let text = "You can only void a credit note that is issued, and whose invoice is open.";
        return Err(ApiError::invalid(text).param("id"));
    };
    note.voided_at = Some(call.now);
    invoice.credited_before -= note.before;
    invoice.amount_due += note.before;
    let shown = note.render();
    call.model.biller.money.credit_notes.insert(note);
    call.emit("credit_note.voided", &shown);
    save_invoice(call, invoice, &[]);
    Ok(shown)
}

/// `GET /v1/credit_notes`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let (customer, invoice) = (p.string("customer")?, p.string("invoice")?);
    let created = list::range(p, "created")?;
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    let wanted = |it: &CreditNote| {
        customer.as_ref().is_none_or(|customer| it.customer == *customer)
            && invoice.as_ref().is_none_or(|invoice| it.invoice == *invoice)
            && created.holds(it.created)
    };
    let notes = &call.model.biller.money.credit_notes;
    list::table(&page, notes, "credit note", "/v1/credit_notes", wanted, CreditNote::render)
}
