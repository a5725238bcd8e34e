//! `/v1/customers/:id/balance_transactions`: the ledger behind a customer's balance
//! (Stripe: docs /api/customer_balance_transactions). Every change of a balance is one entry; none is ever changed but in
//! its words.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::customer::Customer;
use super::save_customer;
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Change, Metadata, Params};
use crate::local::list;
use crate::local::model::letters;

/// Largest amount that is taken, minor units.
const AMOUNT_MAX: i64 = 99_999_999;
/// Currency of a customer who has none yet: the account's.
const CURRENCY: &str = "usd";

/// Why a balance changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The customer was made with it.
    Initial,
    /// A request said so.
    Adjustment,
    /// An invoice became final.
    AppliedToInvoice,
    /// That invoice was taken back.
    UnappliedFromInvoice,
    /// An invoice was below what can be charged.
    InvoiceTooSmall,
    /// A credit note gave it.
    CreditNote,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Initial => "initial",
            Kind::Adjustment => "adjustment",
            Kind::AppliedToInvoice => "applied_to_invoice",
            Kind::UnappliedFromInvoice => "unapplied_from_invoice",
            Kind::InvoiceTooSmall => "invoice_too_small",
            Kind::CreditNote => "credit_note",
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalanceTransaction {
    /// `cbtxn_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Whose balance.
    pub customer: String,
    /// Minor units: above zero the customer owes more.
    pub amount: i64,
    /// Lower-case currency.
    pub currency: String,
    /// The balance after it.
    pub ending_balance: i64,
    /// Why.
    pub kind: Kind,
    /// The invoice behind it.
    pub invoice: Option<String>,
    /// The credit note behind it.
    pub credit_note: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl BalanceTransaction {
    /// Stripe's object.
    pub fn render(&self) -> Value {
        json!({
            "id": self.id,
            "object": "customer_balance_transaction",
            "amount": self.amount,
            "checkout_session": null,
            "created": self.created,
            "credit_note": self.credit_note,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "ending_balance": self.ending_balance,
            "invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "type": self.kind.word(),
        })
    }
}

/// What an entry is about.
#[derive(Debug, Default)]
pub(super) struct About<'a> {
    pub invoice: Option<&'a str>,
    pub credit_note: Option<&'a str>,
}

/// Numbers of entries begin here: they are counted apart, as nobody asks for most of them.
const NUMBERS: u64 = 1 << 40;

fn fresh(call: &Call) -> String {
    let count =
        u64::try_from(call.model.biller.money.balance_transactions.len()).unwrap_or(u64::MAX - NUMBERS);
    letters("cbtxn_1", call.model.seed, NUMBERS + count, 23)
}

/// Moves a customer's balance, which is not stored yet, and notes why; nothing where nothing moves.
pub(super) fn post(
    call: &mut Call,
    customer: &mut Customer,
    amount: i64,
    kind: Kind,
    about: &About,
) -> Option<String> {
    if amount == 0 {
        return None;
    }
    customer.balance = customer.balance.saturating_add(amount);
    let entry = BalanceTransaction {
        id: fresh(call),
        created: call.now,
        customer: customer.id.clone(),
        amount,
        currency: customer.currency.clone().unwrap_or_else(|| CURRENCY.to_owned()),
        ending_balance: customer.balance,
        kind,
        invoice: about.invoice.map(str::to_owned),
        credit_note: about.credit_note.map(str::to_owned),
        description: None,
        metadata: Metadata::new(),
    };
    let id = entry.id.clone();
    call.model.biller.money.balance_transactions.insert(entry);
    Some(id)
}

/// The customer of a path.
fn owner(call: &Call, id: &str) -> Result<Customer, ApiError> {
    let customer = call.model.biller.customers.get(id).filter(|it| !it.deleted);
    customer.cloned().ok_or_else(|| ApiError::not_found("customer", id, "id"))
}

fn found(call: &Call, customer: &str, id: &str) -> Result<BalanceTransaction, ApiError> {
    let entry = call.model.biller.money.balance_transactions.get(id).filter(|it| it.customer == customer);
    entry.cloned().ok_or_else(|| ApiError::not_found("customer balance transaction", id, "transaction"))
}

/// `POST /v1/customers/:id/balance_transactions`
pub fn create(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut customer = owner(call, id)?;
    let amount = p.int_in("amount", -AMOUNT_MAX, AMOUNT_MAX)?.ok_or_else(|| ApiError::missing("amount"))?;
    let currency = p.required("currency")?.to_ascii_lowercase();
    let description = p.text("description", 350)?.value();
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    p.finish()?;
    if customer.currency.as_ref().is_some_and(|known| *known != currency) {
        let text = format!(
            "You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or \
             invoice item with currency {}.",
            customer.currency.unwrap_or_default()
        );
        return Err(ApiError::invalid(text).param("currency"));
    }
    customer.currency = Some(currency);
    // Stripe takes an amount of 0 too: an entry that moves nothing.
    let entry = BalanceTransaction {
        id: fresh(call),
        created: call.now,
        customer: customer.id.clone(),
        amount,
        currency: customer.currency.clone().unwrap_or_default(),
        ending_balance: customer.balance.saturating_add(amount),
        kind: Kind::Adjustment,
        invoice: None,
        credit_note: None,
        description,
        metadata,
    };
    customer.balance = entry.ending_balance;
    let shown = entry.render();
    call.model.biller.money.balance_transactions.insert(entry);
    save_customer(call, customer);
    Ok(shown)
}

/// `GET /v1/customers/:id/balance_transactions`
pub fn list(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    owner(call, id)?;
    let page = list::page(p)?;
    let created = list::range(p, "created")?;
    let invoice = p.string("invoice")?;
    p.finish()?;
    let wanted = |it: &BalanceTransaction| {
        it.customer == id && created.holds(it.created) && (invoice.is_none() || it.invoice == invoice)
    };
    let (table, url) =
        (&call.model.biller.money.balance_transactions, format!("/v1/customers/{id}/balance_transactions"));
    let what = "customer balance transaction";
    list::table(&page, table, what, &url, wanted, BalanceTransaction::render)
}

/// `GET /v1/customers/:id/balance_transactions/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, customer: &str, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, customer, id).map(|it| it.render())
}

/// `POST /v1/customers/:id/balance_transactions/:id`: words only.
pub fn update(call: &mut Call, p: &mut Params, customer: &str, id: &str) -> Result<Value, ApiError> {
    let mut entry = found(call, customer, id)?;
    let description = p.text("description", 350)?;
    let metadata = p.metadata()?;
    p.finish()?;
    if let Change::Set(_) | Change::Clear = description {
        description.apply(&mut entry.description);
    }
    entry.metadata = metadata.merged(&entry.metadata)?;
    let shown = entry.render();
    call.model.biller.money.balance_transactions.insert(entry);
    Ok(shown)
}
