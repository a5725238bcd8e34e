//! Payments: read only. How an invoice was paid, what was paid back.

use serde::Deserialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::Api;
use super::answer::{Answer, Failure, NotSent, NotSentCause};
use super::call::PAGE_SIZE;

/// A charge as found in Stripe. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChargeFound {
    /// `ch_…`.
    pub id: String,
    /// What was charged.
    pub amount: i64,
    /// What was paid back so far.
    pub amount_refunded: i64,
    /// Currency in lower case.
    pub currency: String,
    /// `cus_…`.
    pub customer: Option<String>,
    /// `pi_…` that it belongs to.
    pub payment_intent: Option<String>,
}

#[derive(Deserialize)]
struct InvoicePayment {
    payment: Option<PaymentOf>,
}

#[derive(Deserialize)]
struct PaymentOf {
    payment_intent: Option<String>,
}

/// A list whose objects are read by serde.
fn page<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, String> {
    #[derive(Deserialize)]
    struct Page<T> {
        data: Vec<T>,
    }
    serde_json::from_str::<Page<T>>(text).map(|page| page.data).map_err(|error| error.to_string())
}

fn get(path: &str, query: String) -> RequestBuilder {
    let mut request = RequestBuilder::new(StripeMethod::Get, path);
    request.query = Some(query);
    request
}

fn legal(id: &str) -> Result<(), Failure> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(());
    }
    let message = "an id holds characters that none of Stripe's has".to_owned();
    Err(Failure::NotSent(NotSent { cause: NotSentCause::Refused, message }))
}

impl Api {
    /// One charge.
    pub async fn charge_retrieve(&self, charge: &str) -> Answer<ChargeFound> {
        legal(charge)?;
        let found = self.read_raw::<ChargeFound>(&format!("/charges/{charge}")).await?;
        if found.value.id != charge {
            return Err(found.contradiction("another charge than was asked for".to_owned()));
        }
        Ok(found)
    }
    /// What was paid back so far of a payment (`pi_…`), over all its charges.
    pub async fn payment_refunded(&self, payment: &str) -> Answer<i64> {
        legal(payment)?;
        let request = get("/charges", format!("limit={PAGE_SIZE}&payment_intent={payment}"));
        let charges = self.list_with(request, page::<ChargeFound>).await?;
        Ok(charges.map(|charges| charges.iter().map(|it| it.amount_refunded).sum()))
    }
    /// The payments (`pi_…`) of an invoice.
    pub async fn invoice_payments(&self, invoice: &str) -> Answer<Vec<String>> {
        legal(invoice)?;
        let request = get("/invoice_payments", format!("limit={PAGE_SIZE}&invoice={invoice}"));
        let payments = self.list_with(request, page::<InvoicePayment>).await?;
        Ok(payments
            .map(|payments| payments.into_iter().filter_map(|it| it.payment?.payment_intent).collect()))
    }
}
