//! `/v1/invoices` (Stripe: docs /api/invoices).

use serde_json::Value;

use super::balance::{self, About, Kind};
use super::charge::{self, By};
use super::invoice::{DRAFT_S, Invoice, InvoiceStatus, Line};
use super::{credit_grant, invoicing, render_invoice, save_customer, save_invoice, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Change, Params};
use crate::local::list;

/// The invoice of a path; the name of the parameter differs from route to route (recorded).
fn found(call: &Call, id: &str, param: &str) -> Result<Invoice, ApiError> {
    let invoice = call.model.biller.invoices.get(id);
    invoice.cloned().ok_or_else(|| ApiError::not_found("invoice", id, param))
}

fn shown(call: &Call, id: &str) -> Value {
    let invoice = call.model.biller.invoices.get(id);
    invoice.map_or(Value::Null, |it| render_invoice(call.model, it))
}

/// `GET /v1/invoices/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id, "invoice").map(|it| render_invoice(call.model, &it))
}

/// `GET /v1/invoices/:id/lines`
pub fn lines(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    p.finish()?;
    let invoice = found(call, id, "invoice")?;
    let rows: Vec<&Line> = invoice.lines.iter().collect();
    let url = format!("/v1/invoices/{id}/lines");
    page.cut(&rows, |it| it.id.as_str(), "line item", &url, |it| it.render(id, &invoice.currency))
}

/// `GET /v1/invoices`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    let subscription = p.string("subscription")?;
    let status = p.one_of("status", &["draft", "open", "void", "paid", "uncollectible"])?;
    let method = p.one_of("collection_method", &["charge_automatically", "send_invoice"])?;
    let created = list::range(p, "created")?;
    let due_given = p.has("due_date");
    let due = list::range(p, "due_date")?;
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    let wanted = |it: &Invoice| {
        customer.as_ref().is_none_or(|customer| it.customer == *customer)
            && (subscription.is_none() || it.subscription == subscription)
            && status.is_none_or(|status| it.status.word() == status)
            && method.is_none_or(|method| (method == "send_invoice") == it.send_invoice)
            && created.holds(it.created)
            && (!due_given || it.due_date.is_some_and(|at| due.holds(at)))
    };
    let (model, invoices) = (&*call.model, &call.model.biller.invoices);
    list::table(&page, invoices, "invoice", "/v1/invoices", wanted, |it| render_invoice(model, it))
}

/// `POST /v1/invoices/:id`: a draft's `auto_advance`, and words.
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut invoice = found(call, id, "id")?;
    let auto_advance = p.bool("auto_advance")?;
    let finalizes_at = p.timestamp("automatically_finalizes_at")?;
    let description = p.text("description", 1_500)?;
    let metadata = p.metadata()?;
    unbuilt(
        p,
        &[
            "application_fee_amount",
            "automatic_tax",
            "collection_method",
            "custom_fields",
            "days_until_due",
            "default_payment_method",
            "discounts",
            "due_date",
            "effective_at",
            "footer",
            "issuer",
            "payment_settings",
            "rendering",
        ],
    )?;
    p.finish()?;
    let draft = invoice.status == InvoiceStatus::Draft;
    if description != Change::Keep && !draft {
        let text = "Finalized invoices can't be updated in this way";
        return Err(ApiError::invalid(text).param("description"));
    }
    if let Some(at) = finalizes_at {
        if !draft || at <= call.now {
            let text = "`automatically_finalizes_at` must be in the future, and the invoice a draft.";
            return Err(ApiError::invalid(text).param("automatically_finalizes_at"));
        }
        invoice.planned_at = Some(at);
    }
    invoice.metadata = metadata.merged(&invoice.metadata)?;
    description.apply(&mut invoice.description);
    if let Some(advance) = auto_advance {
        if advance && !invoice.auto_advance {
            invoice.released_at = Some(call.now);
        }
        invoice.auto_advance = advance;
        // Recorded: clearing it nulls both instants, setting it again counts from the creation.
        let next = draft && advance && !invoice.send_invoice;
        invoice.next_payment_attempt =
            if next { Some((invoice.created + invoice.draft_s).max(call.now)) } else { None };
    }
    Ok(save_invoice(call, invoice, &[]))
}

/// `POST /v1/invoices/:id/finalize`: number and final amounts; nothing is charged in the call.
pub fn finalize(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut invoice = found(call, id, "id")?;
    let auto_advance = p.bool("auto_advance")?;
    p.finish()?;
    if invoice.status != InvoiceStatus::Draft {
        let text = "This invoice is already finalized, you can't re-finalize a non-draft invoice.";
        return Err(ApiError::invalid(text));
    }
    if let Some(advance) = auto_advance {
        invoice.auto_advance = advance;
        save_invoice(call, invoice, &[]);
    }
    invoicing::finalize(call, id);
    // With auto_advance Stripe charges it by itself about an hour later.
    let mut invoice = found(call, id, "id")?;
    if invoice.status == InvoiceStatus::Open && invoice.auto_advance && !invoice.send_invoice {
        invoice.next_payment_attempt = Some(call.now + DRAFT_S);
        save_invoice(call, invoice, &[]);
    }
    Ok(shown(call, id))
}

/// `POST /v1/invoices/:id/pay`: also finalizes a draft (recorded).
pub fn pay(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let invoice = found(call, id, "id")?;
    let out_of_band = p.bool("paid_out_of_band")?.unwrap_or(false);
    let method = p.string("payment_method")?;
    p.bool("off_session")?;
    unbuilt(p, &["forgive", "mandate", "source"])?;
    p.finish()?;
    match invoice.status {
        InvoiceStatus::Paid => return Err(ApiError::invalid("Invoice is already paid")),
        InvoiceStatus::Void => return Err(ApiError::invalid("Voided invoices cannot be paid.")),
        _ => {}
    }
    if let Some(id) = &method {
        let known = call.model.biller.payment_methods.get(id).and_then(|it| it.customer.as_ref());
        if known != Some(&invoice.customer) {
            return Err(ApiError::no_such("PaymentMethod", id, "payment_method"));
        }
    }
    invoicing::finalize(call, id);
    let mut invoice = found(call, id, "id")?;
    if invoice.status == InvoiceStatus::Uncollectible {
        invoice.status = InvoiceStatus::Open;
        call.model.biller.invoices.insert(invoice.clone());
    }
    if invoice.status == InvoiceStatus::Open {
        if out_of_band {
            charge::pay(call, invoice);
        } else {
            let answer = charge::attempt(call, id, method, By::Request);
            if let Some(error) = charge::failed(answer) {
                return Err(error);
            }
        }
    }
    Ok(shown(call, id))
}

/// `POST /v1/invoices/:id/void`
pub fn void(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let invoice = found(call, id, "id")?;
    p.finish()?;
    match invoice.status {
        InvoiceStatus::Open | InvoiceStatus::Uncollectible => {}
        InvoiceStatus::Paid => {
            return Err(ApiError::invalid("Invoices with `paid` payments cannot be voided."));
        }
        _ => {
            let text = "You can only pass in open invoices. This invoice isn't open.";
            return Err(ApiError::invalid(text));
        }
    }
    void_open(call, id);
    Ok(shown(call, id))
}

/// What a balance paid of an invoice, or took onto it, goes back to the balance
/// (Stripe: docs …/changelog/2019-12-03/customer-balances-returned-voided-invoices).
fn give_back_balance(call: &mut Call, invoice: &Invoice) {
    let applied = invoice.ending_balance.unwrap_or(invoice.starting_balance) - invoice.starting_balance;
    let Some(mut customer) = call.model.biller.customers.get(&invoice.customer).cloned() else { return };
    let about = About { invoice: Some(&invoice.id), credit_note: None };
    if balance::post(call, &mut customer, -applied, Kind::UnappliedFromInvoice, &about).is_some() {
        save_customer(call, customer);
    }
}

/// Takes a final, unpaid invoice back; amounts stay as they are (recorded).
pub(super) fn void_open(call: &mut Call, id: &str) {
    let Some(mut invoice) = call.model.biller.invoices.get(id).cloned() else { return };
    if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible) {
        return;
    }
    invoice.status = InvoiceStatus::Void;
    invoice.voided_at = Some(call.now);
    invoice.auto_advance = false;
    invoice.next_payment_attempt = None;
    credit_grant::give_back(call, &invoice);
    give_back_balance(call, &invoice);
    save_invoice(call, invoice, &["invoice.voided"]);
}
