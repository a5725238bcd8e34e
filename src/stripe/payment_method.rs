//! Payment methods: only attached and listed; card data never passes through here.

use stripe_client_core::StripeRequest;
use stripe_core::customer::ListPaymentMethodsCustomer;
use stripe_payment::payment_method::AttachPaymentMethod;

use super::Api;
use super::answer::Answer;
use super::call::PAGE_SIZE;

/// A payment method as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethodFound {
    /// `pm_…`. Attaching one of Stripe's test names (`pm_card_visa`) gives a new id.
    pub id: String,
    /// Stripe's type, such as `card`.
    pub kind: String,
    /// The customer that it is attached to.
    pub customer: Option<String>,
    /// Brand and last four digits of a card, `visa 4242`.
    pub card: Option<String>,
}

fn found(method: stripe_shared::PaymentMethod) -> PaymentMethodFound {
    PaymentMethodFound {
        id: method.id.to_string(),
        kind: method.type_.to_string(),
        customer: method.customer.map(|customer| customer.into_id().to_string()),
        card: method.card.map(|card| format!("{} {}", card.brand, card.last4)),
    }
}

impl Api {
    /// Attaches a payment method to a customer. It does not become the default by that.
    pub async fn payment_method_attach(&self, pm: &str, cus: &str, key: &str) -> Answer<PaymentMethodFound> {
        let request = AttachPaymentMethod::new(pm).customer(cus);
        let attached = self.write(&request, key).await?.map(found);
        if attached.value.customer.as_deref() != Some(cus) {
            return Err(attached.contradiction(format!("the payment method is not attached to {cus}")));
        }
        Ok(attached)
    }
    /// The payment methods of a customer.
    pub async fn payment_method_list(&self, cus: &str) -> Answer<Vec<PaymentMethodFound>> {
        let request = ListPaymentMethodsCustomer::new(cus).limit(PAGE_SIZE);
        let answer = self.list::<stripe_shared::PaymentMethod>(request.build()).await?;
        Ok(answer.map(|methods| methods.into_iter().map(found).collect()))
    }
}
