//! Lines of credit notes: parts of an invoice's lines, or amounts of their own.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::credit_note::AMOUNT_MAX;
use super::invoice::{Invoice, quantity_whole};
use super::unbuilt;
use crate::local::Call;
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};

/// What a note by amount alone calls its only line.
const PLAIN: &str = "Credit";

/// One line of a note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteLine {
    /// `cnli_…`
    pub id: String,
    /// Minor units, never below 0.
    pub amount: i64,
    /// What a person reads.
    pub description: Option<String>,
    /// The line of the invoice that it takes from.
    pub invoice_line: Option<String>,
    /// Units, where it is by units.
    pub quantity: Option<u64>,
    /// Minor units of one.
    pub unit: Option<Decimal>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl NoteLine {
    /// Stripe's object.
    pub fn render(&self) -> Value {
        let whole = self.unit.and_then(Decimal::as_whole);
        let kind = if self.invoice_line.is_some() { "invoice_line_item" } else { "custom_line_item" };
        let mut shown = json!({
            "id": self.id,
            "object": "credit_note_line_item",
            "amount": self.amount,
            "description": self.description,
            "discount_amount": 0,
            "discount_amounts": [],
            "livemode": false,
            "metadata": self.metadata,
            "pretax_credit_amounts": [],
            "quantity": self.quantity,
            "tax_rates": [],
            "taxes": [],
            "type": kind,
            "unit_amount": whole,
            "unit_amount_decimal": self.unit.map(|it| it.to_string()),
        });
        if let Some(line) = &self.invoice_line {
            shown["invoice_line_item"] = json!(line);
        }
        shown
    }
}

/// One entry of `lines` as asked for.
pub(super) struct Asked {
    param: String,
    custom: bool,
    amount: Option<i64>,
    description: Option<String>,
    invoice_line: Option<String>,
    quantity: Option<i64>,
    unit: Option<Decimal>,
    metadata: Metadata,
}

/// Reads one entry of `lines`.
pub(super) fn read(p: &mut Params) -> Result<Asked, ApiError> {
    unbuilt(p, &["tax_amounts", "tax_rates"])?;
    let kind = p.one_of("type", &["custom_line_item", "invoice_line_item"])?;
    let kind = kind.ok_or_else(|| ApiError::missing(&p.name("type")))?;
    let whole = p.int_in("unit_amount", 0, AMOUNT_MAX)?.map(Decimal::whole);
    let exact = p.decimal("unit_amount_decimal")?;
    Ok(Asked {
        param: p.name("type"),
        custom: kind == "custom_line_item",
        amount: p.int_in("amount", 0, AMOUNT_MAX)?,
        description: p.text("description", 500)?.value(),
        invoice_line: p.string("invoice_line_item")?,
        quantity: p.int_in("quantity", 1, AMOUNT_MAX)?,
        unit: whole.or(exact),
        metadata: p.metadata()?.merged(&Metadata::new())?,
    })
}

/// The lines of a note: those that were asked for, or one for a plain amount. An amount beside lines is their sum.
pub(super) fn made(
    call: &mut Call,
    invoice: &Invoice,
    amount: Option<i64>,
    asked: Option<Vec<Asked>>,
) -> Result<Vec<NoteLine>, ApiError> {
    let asked = asked.unwrap_or_default();
    if asked.is_empty() {
        let amount = amount.ok_or_else(|| {
            ApiError::invalid("You must specify one of `amount`, `lines`, or `shipping_cost`.")
                .param("amount")
        })?;
        return Ok(vec![NoteLine {
            id: call.model.mint("cnli_1", 23),
            amount,
            description: Some(PLAIN.to_owned()),
            invoice_line: None,
            quantity: Some(1),
            unit: Some(Decimal::whole(amount)),
            metadata: Metadata::new(),
        }]);
    }
    let mut lines = Vec::new();
    for it in asked {
        let id = call.model.mint("cnli_1", 23);
        lines.push(if it.custom { custom(id, it)? } else { of_invoice(id, invoice, it)? });
    }
    let sum: i64 = lines.iter().map(|it| it.amount).sum();
    if amount.is_some_and(|amount| amount != sum) {
        let text =
            format!("The `amount` ({}) is not the sum of `lines` ({sum}).", amount.unwrap_or_default());
        return Err(ApiError::invalid(text).param("amount"));
    }
    if sum == 0 {
        return Err(ApiError::invalid("A credit note must credit an amount above 0.").param("lines"));
    }
    Ok(lines)
}

fn priced(unit: Decimal, quantity: i64) -> i64 {
    let amount = unit.times_rounded(Decimal::whole(quantity));
    amount.and_then(|it| i64::try_from(it).ok()).unwrap_or(i64::MAX)
}

fn custom(id: String, it: Asked) -> Result<NoteLine, ApiError> {
    let missing = |name: &str| ApiError::missing(&it.param.replace("[type]", name));
    let unit = it.unit.ok_or_else(|| missing("[unit_amount]"))?;
    let quantity = it.quantity.ok_or_else(|| missing("[quantity]"))?;
    let description = Some(it.description.clone().ok_or_else(|| missing("[description]"))?);
    Ok(NoteLine {
        id,
        amount: priced(unit, quantity),
        description,
        invoice_line: None,
        quantity: u64::try_from(quantity).ok(),
        unit: Some(unit),
        metadata: it.metadata,
    })
}

fn of_invoice(id: String, invoice: &Invoice, it: Asked) -> Result<NoteLine, ApiError> {
    let named = |name: &str| it.param.replace("[type]", name);
    let wanted = it.invoice_line.clone().ok_or_else(|| ApiError::missing(&named("[invoice_line_item]")))?;
    let line = invoice.lines.iter().find(|line| line.id == wanted);
    let line = line.ok_or_else(|| ApiError::no_such("line item", &wanted, &named("[invoice_line_item]")))?;
    let (amount, quantity, unit) = match (it.amount, it.quantity) {
        (Some(_), Some(_)) => {
            let text = "You may only specify one of these parameters: amount, quantity.";
            return Err(ApiError::invalid(text).param(named("[amount]")));
        }
        (Some(amount), None) => (amount, None, None),
        (None, quantity) => {
            let all = quantity_whole(line.quantity);
            let quantity = quantity.and_then(|it| u64::try_from(it).ok()).unwrap_or(all);
            let part = i128::from(line.amount) * i128::from(quantity) / i128::from(all.max(1));
            (i64::try_from(part).unwrap_or(i64::MAX), Some(quantity), line.unit)
        }
    };
    if amount > line.amount {
        let text = format!("The credit of a line ({amount}) is more than the line ({}).", line.amount);
        return Err(ApiError::invalid(text).param(named("[amount]")));
    }
    let description = it.description.or_else(|| Some(line.description.clone()));
    Ok(NoteLine {
        id,
        amount,
        description,
        invoice_line: Some(wanted),
        quantity,
        unit,
        metadata: it.metadata,
    })
}
