//! `credits sell`: a pack, paid on a hosted page or by an invoice. What is sold is stored before Stripe is asked; the
//! credits come when the payment does, once, from what was stored.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::hold::State;
use super::keyed::{ask_digest, call_key, key_conflict, linked, stopped};
use crate::billing::catalog::Catalog;
use crate::billing::id::{CustomerId, PackKey};
use crate::billing::ledger::Key;
use crate::billing::spelling::nearest;
use crate::error::{Changed, Error, Kind};
use crate::flow::Desk;
use crate::flow::assign::catalog_required;
use crate::flow::push::refuse_fenced;
use crate::store::StoreError;
use crate::store::customer::Customer;
use crate::store::sale::{Channel, PackPayment, Provisioned, Sale, SaleNew};
use crate::stripe::{CheckoutFound, CheckoutNew, InvoiceFound, InvoiceQuery, SaleInvoiceNew};

/// Metadata key that names a sale of ours.
pub const SALE_METADATA_KEY: &str = "paygrade_sale";
/// Between two looks at a payment that is waited for.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is asked for.
#[derive(Debug, Clone)]
pub struct SellAsk {
    /// Whose.
    pub customer: CustomerId,
    /// The pack.
    pub pack: String,
    /// How it is paid.
    pub channel: Channel,
    /// Where the customer lands after paying on the hosted page.
    pub success_url: String,
    /// Days until an invoice is due.
    pub days_until_due: u32,
    /// One effect for each key.
    pub key: Option<Key>,
    /// How long to wait for the payment; `None`: not at all.
    pub wait: Option<Duration>,
}

/// A sale and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// As stored; what would be stored in a dry run has the number 0.
    pub sale: Sale,
    /// `written`, `known` or `shown`.
    pub state: State,
}

/// Sells a pack; one that was begun and not finished comes first. The same key again gives the same sale.
pub async fn sell(desk: &Desk<'_>, ask: &SellAsk, dry_run: bool) -> Result<Sold, Error> {
    let (customer, cus) = linked(desk, &ask.customer)?;
    let (catalog, prices, before) = desk
        .store
        .read(|r| Ok::<_, Error>((catalog_required(r)?, r.pack_prices()?, r.sales(Some(customer.row))?)))?;
    let (name, pack) = pack_of(&catalog, &ask.pack)?;
    let Some((price, _)) = prices.get(name.as_str()) else {
        let text = format!("pack `{name}` is not at Stripe yet");
        return Err(
            Error::new(Kind::Config, "not_seeded", text).hint("put it at Stripe first: paygrade seed")
        );
    };
    let parts = [ask.customer.as_str(), name.as_str(), ask.channel.as_str()];
    let new = SaleNew {
        customer: customer.row,
        pack: name.to_string(),
        credits: pack.credits,
        amount: pack.amount.minor,
        currency: pack.amount.currency.code().to_owned(),
        price: price.clone(),
        expires_after: pack.expires_after,
        channel: ask.channel,
        key: call_key(desk, "sale", ask.key.as_ref(), before.len(), &ask.customer)?,
        digest: ask_digest(ask.key.as_ref(), &parts),
    };
    if dry_run {
        return Ok(Sold { sale: shown(&new, desk), state: State::Shown });
    }
    refuse_fenced(desk.store)?;
    let unfinished = before.iter().find(|it| {
        it.state == "begun" && (&it.pack, it.channel, &it.digest) == (&new.pack, new.channel, &new.digest)
    });
    let found = match unfinished {
        Some(begun) => Some(begun.clone()),
        None => desk.store.read(|r| r.sale_by_any(&[&new.key]))?,
    };
    let (sale, state) = match found {
        Some(known) if known.digest != new.digest || known.customer != new.customer => {
            return Err(key_conflict(ask.key.as_ref()));
        }
        Some(begun) if begun.state == "begun" => {
            (perform(desk, &begun, &customer, &cus, ask, true).await?, State::Written)
        }
        Some(known) => (look(desk, &known).await?, State::Known),
        None => {
            let sale = desk.store.write(desk.now, |w| w.sale_begin(&new))?;
            (perform(desk, &sale, &customer, &cus, ask, false).await?, State::Written)
        }
    };
    let sale = match ask.wait {
        Some(most) => wait(desk, sale, most).await?,
        None => sale,
    };
    Ok(Sold { sale, state })
}

fn shown(new: &SaleNew, desk: &Desk<'_>) -> Sale {
    Sale {
        sale: 0,
        customer: new.customer,
        pack: new.pack.clone(),
        credits: new.credits,
        amount: new.amount,
        currency: new.currency.clone(),
        price: new.price.clone(),
        expires_after: new.expires_after,
        channel: new.channel,
        key: new.key.clone(),
        digest: None,
        state: "shown".to_owned(),
        session: None,
        invoice: None,
        payment: None,
        url: None,
        paid: None,
        refunded: 0,
        revoked: crate::billing::money::Credits(0),
        lot: None,
        created_at: desk.now,
    }
}

fn pack_of<'c>(
    catalog: &'c Catalog,
    text: &str,
) -> Result<(&'c PackKey, &'c crate::billing::catalog::Pack), Error> {
    if let Some(found) = catalog.packs.iter().find(|(key, _)| key.as_str() == text) {
        return Ok(found);
    }
    let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    let error = Error::new(Kind::BadInput, "unknown_pack", format!("there is no pack `{shown}`"));
    let keys: Vec<&str> = catalog.packs.keys().map(PackKey::as_str).collect();
    Err(match nearest(text, keys.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`? There are: {}", keys.join(", "))),
        None if keys.is_empty() => error.hint("add it to [packs] and apply the catalog: paygrade seed"),
        None => error.hint(format!("there are: {}", keys.join(", "))),
    })
}

/// Does what a sale that was begun says, from wherever it was left.
async fn perform(
    desk: &Desk<'_>,
    sale: &Sale,
    customer: &Customer,
    cus: &str,
    ask: &SellAsk,
    resumed: bool,
) -> Result<Sale, Error> {
    match sale.channel {
        Channel::Checkout => checkout(desk, sale, cus, ask, resumed).await?,
        Channel::Invoice | Channel::Elsewhere => invoice(desk, sale, cus, ask, resumed).await?,
    }
    let stored = desk.store.read(|r| r.sale_get(sale.sale))?;
    stored.ok_or_else(|| StoreError::Broken(format!("sale {} of {} is gone", sale.sale, customer.id)).into())
}

fn marks(sale: &Sale) -> BTreeMap<String, String> {
    BTreeMap::from([(SALE_METADATA_KEY.to_owned(), sale.key.clone())])
}

async fn checkout(
    desk: &Desk<'_>,
    sale: &Sale,
    cus: &str,
    ask: &SellAsk,
    resumed: bool,
) -> Result<(), Error> {
    let mut made = None;
    if resumed {
        let all = desk.api.checkout_list(cus).await?.value;
        made = all.into_iter().find(|it| it.reference.as_deref() == Some(sale.key.as_str()));
    }
    let made = match made {
        Some(found) => found,
        None => {
            let new = CheckoutNew {
                customer: cus.to_owned(),
                price: sale.price.clone(),
                reference: sale.key.clone(),
                metadata: marks(sale),
                success_url: ask.success_url.clone(),
            };
            let made = desk.api.checkout_create(&new, &sale.key).await;
            made.map_err(|failure| stopped(failure, || drop(desk, sale)))?.value
        }
    };
    let url = made.url.as_deref();
    Ok(desk.store.write(desk.now, |w| w.sale_seen(sale.sale, true, Some(&made.id), None, url))?)
}

fn drop(desk: &Desk<'_>, sale: &Sale) -> Result<(), StoreError> {
    desk.store.write(desk.now, |w| w.sale_drop(sale.sale))
}

/// A draft, its line, and the finalization: each under its own key, each looked at first when the sale was left
/// unfinished.
async fn invoice(desk: &Desk<'_>, sale: &Sale, cus: &str, ask: &SellAsk, resumed: bool) -> Result<(), Error> {
    let mut id = sale.invoice.clone();
    if id.is_none() && resumed {
        let query = InvoiceQuery { customer: Some(cus.to_owned()), ..InvoiceQuery::default() };
        let all = desk.api.invoice_list(&query).await?.value;
        id = all.into_iter().find(|it| it.metadata.get(SALE_METADATA_KEY) == Some(&sale.key)).map(|it| it.id);
    }
    let id = match id {
        Some(id) => id,
        None => {
            let new = SaleInvoiceNew {
                customer: cus.to_owned(),
                currency: sale.currency.clone(),
                days_until_due: ask.days_until_due,
                metadata: marks(sale),
            };
            let made = desk.api.sale_invoice_create(&new, &format!("{}:invoice", sale.key)).await;
            made.map_err(|failure| stopped(failure, || drop(desk, sale)))?.value.id
        }
    };
    desk.store.write(desk.now, |w| w.sale_seen(sale.sale, false, None, Some(&id), None))?;
    let mut now = desk.api.sale_invoice_retrieve(&id).await?.value;
    if now.status.as_deref() == Some("draft") {
        if now.lines == 0 {
            let key = format!("{}:line", sale.key);
            let added = desk.api.sale_invoice_line(&id, cus, &sale.price, &marks(sale), &key).await;
            // The draft stays: it has no number, and nobody is asked to pay it.
            added.map_err(|failure| stopped(failure, || drop(desk, sale)))?;
        }
        let made = desk.api.sale_invoice_finalize(&id, &format!("{}:final", sale.key)).await;
        now = made.map_err(|failure| stopped(failure, || drop(desk, sale)))?.value;
    }
    let url = now.url.as_deref();
    Ok(desk.store.write(desk.now, |w| w.sale_seen(sale.sale, true, None, Some(&id), url))?)
}

/// Looks at Stripe whether a sale was paid, and provisions it then: for machines that no event reaches.
pub async fn look(desk: &Desk<'_>, sale: &Sale) -> Result<Sale, Error> {
    if sale.lot.is_some() || sale.state == "dropped" {
        return Ok(sale.clone());
    }
    let payment = match (&sale.session, &sale.invoice) {
        (Some(session), _) => of_session(sale, &desk.api.checkout_retrieve(session).await?.value),
        (None, Some(invoice)) => {
            let found = desk.api.invoice_retrieve(invoice).await?.value;
            PackPayment { customer: sale.customer, ..of_invoice(sale, &found) }
        }
        (None, None) => return Ok(sale.clone()),
    };
    let done = desk.store.write(desk.now, |w| w.pack_paid(&payment))?;
    match done {
        Provisioned::Granted(sale) | Provisioned::Known(sale) => Ok(sale),
        Provisioned::NotPaid | Provisioned::NotOurs => Ok(sale.clone()),
        Provisioned::Refused(why) => Err(Error::new(Kind::Refused, "sale_refused", why)
            .hint("`paygrade reconcile credits` shows it beside what Stripe has")),
    }
}

/// The payment that a session tells of.
pub fn of_session(sale: &Sale, found: &CheckoutFound) -> PackPayment {
    PackPayment {
        customer: sale.customer,
        sale_key: found.reference.clone(),
        session: Some(found.id.clone()),
        invoice: found.invoice.clone(),
        payment: found.payment.clone(),
        is_paid: found.is_paid,
        amount: found.amount_total.unwrap_or(0),
        currency: found.currency.clone().unwrap_or_default(),
        lines: Vec::new(),
    }
}

/// The payment that an invoice tells of.
pub fn of_invoice(sale: &Sale, found: &InvoiceFound) -> PackPayment {
    PackPayment {
        customer: sale.customer,
        sale_key: found.metadata.get(SALE_METADATA_KEY).cloned(),
        session: None,
        invoice: Some(found.id.clone()),
        payment: None,
        is_paid: found.status.as_deref() == Some("paid"),
        amount: found.amount_paid,
        currency: found.currency.clone(),
        lines: Vec::new(),
    }
}

async fn wait(desk: &Desk<'_>, sale: Sale, most: Duration) -> Result<Sale, Error> {
    let until = Instant::now() + most;
    let mut sale = sale;
    loop {
        sale = look(desk, &sale).await?;
        if sale.lot.is_some() {
            return Ok(sale);
        }
        if Instant::now() + LOOK_EVERY > until {
            let text = format!("sale {} is not paid yet", sale.sale);
            let url = sale.url.clone().unwrap_or_default();
            return Err(Error::new(Kind::Later, "not_paid_yet", text)
                .changed(Changed::Recorded)
                .hint(format!("it is paid at {url}; the credits come when it is, by webhook or backfill")));
        }
        tokio::time::sleep(LOOK_EVERY).await;
        desk.api.run_anew();
    }
}
