//! A correction in money: an item on the customer's next invoice, or on a draft of its own.
//!
//! The correction is stored before the call, and its number is in the item's metadata: a run that was killed finds the item
//! that it made. What it corrects is there too: a store that was restored, or made anew, finds what the one before it has
//! corrected already, and takes it for its own.

use std::collections::BTreeMap;

use super::Desk;
use super::usage::Job;
use crate::billing::money::Currency;
use crate::billing::reconcile::Range;
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::flow::stored_answer_hint;
use crate::stripe::{InvoiceFound, InvoiceItemFound, InvoiceItemNew, InvoiceQuery, SaleInvoiceNew};

/// Metadata key that names the correction.
const METADATA_KEY: &str = "paygrade_correction";
/// Metadata key that says of what: meter and stretch of time.
const METADATA_OF: &str = "paygrade_corrects";
/// Days until an invoice of its own is due, once a person sends it.
const DAYS_UNTIL_DUE: u32 = 30;
/// Metadata key that says of how many units.
const METADATA_UNITS: &str = "paygrade_units";

/// Puts the item on the next invoice, and notes that the finding is dealt with.
pub(super) async fn invoice_item(desk: &Desk<'_>, job: &Job) -> Result<(), Error> {
    let finding = &job.finding;
    let (Some(amount), Some(cus)) = (job.amount, finding.cus.clone()) else {
        return Err(Error::new(
            Kind::Bug,
            "correction",
            format!("finding {} has no amount", finding.finding),
        ));
    };
    let description = format!(
        "Correction of {} {} from {} to {}",
        -finding.difference, finding.meter_key, finding.range.from, finding.range.to
    );
    let corrects = format!("{}/{}/{}", finding.meter_key, finding.range.from, finding.range.to);
    let units = (-finding.difference).to_string();
    let there = desk.api.invoice_item_list(&cus).await?.value;
    let before = made_before(desk, &there, &finding.meter_key, finding.range)?;
    if let Some(other) = before.iter().find(|it| {
        before.len() > 1 || it.metadata.get(METADATA_UNITS) != Some(&units) || it.amount != amount.minor
    }) {
        let done = other.metadata.get(METADATA_UNITS).map_or("some", String::as_str);
        let text = format!(
            "{} at Stripe corrects {done} units of the same already, which this store did not know, and {units} are to be \
             corrected now",
            other.id
        );
        return Err(Error::new(Kind::Refused, "corrected_before", text).hint(format!(
            "look at that item at Stripe; where it is right, `paygrade reconcile ack {} --reason …`",
            finding.finding
        )));
    }
    let begun = desk
        .store
        .write(desk.now, |w| w.correction_begin(finding.finding, job.place.customer, amount, &description))?;
    let mark = format!("{}/{}/{}", desk.namespace, desk.store.info()?.scope(), begun.correction);
    let own = there.iter().find(|it| it.metadata.get(METADATA_KEY) == Some(&mark));
    let item = begun.item.clone().or_else(|| own.or(before.first().copied()).map(|it| it.id.clone()));
    let item = match item {
        Some(item) => item,
        None => {
            let invoice = match job.has_own_invoice() {
                true => Some(own_invoice(desk, &cus, begun.amount.currency, &mark).await?),
                false => None,
            };
            let new = InvoiceItemNew {
                customer: cus,
                subscription: None,
                invoice,
                amount: begun.amount,
                description: begun.description.clone(),
                metadata: BTreeMap::from([
                    (METADATA_KEY.to_owned(), mark.clone()),
                    (METADATA_OF.to_owned(), corrects),
                    (METADATA_UNITS.to_owned(), units),
                ]),
            };
            let made = desk.api.invoice_item_create(&new, &format!("paygrade:correction:{mark}")).await;
            made.map_err(stored_answer_hint)?.value.id
        }
    };
    desk.store
        .write(desk.now, |w| {
            w.correction_done(begun.correction, &item)?;
            w.finding_acknowledge(finding.finding, &format!("corrected in money: {} by {item}", begun.amount))
        })
        .map_err(|error| Error::from(error).changed(Changed::Partial))
}

/// The draft of its own: made now, or by a run that was killed.
async fn own_invoice(desk: &Desk<'_>, cus: &str, currency: Currency, mark: &str) -> Result<String, Error> {
    let query =
        InvoiceQuery { customer: Some(cus.to_owned()), no_subscription: true, ..InvoiceQuery::default() };
    let there = desk.api.invoice_list(&query).await?.value;
    let own = |it: &&InvoiceFound| {
        it.status.as_deref() == Some("draft") && it.metadata.get(METADATA_KEY).is_some_and(|it| it == mark)
    };
    if let Some(own) = there.iter().find(own) {
        return Ok(own.id.clone());
    }
    let new = SaleInvoiceNew {
        customer: cus.to_owned(),
        currency: currency.code().to_owned(),
        days_until_due: DAYS_UNTIL_DUE,
        metadata: BTreeMap::from([(METADATA_KEY.to_owned(), mark.to_owned())]),
    };
    let made = desk.api.sale_invoice_create(&new, &format!("paygrade:correction:{mark}:invoice")).await;
    Ok(made.map_err(stored_answer_hint)?.value.id)
}

/// Items that correct something of the same and that no finished correction of this store is: made by a store that was
/// lost, or by a run of this one that was killed. The one before may have located the difference more closely.
fn made_before<'a>(
    desk: &Desk<'_>,
    there: &'a [InvoiceItemFound],
    meter_key: &str,
    range: Range,
) -> Result<Vec<&'a InvoiceItemFound>, Error> {
    let ours = format!("{}/", desk.namespace);
    let same = there.iter().filter(|it| {
        it.metadata.get(METADATA_KEY).is_some_and(|mark| mark.starts_with(&ours))
            && it.metadata.get(METADATA_OF).is_some_and(|of| touches(of, meter_key, range))
    });
    desk.store.read(|r| {
        let mut found = Vec::new();
        for it in same {
            if !r.correction_item_known(&it.id)? {
                found.push(it);
            }
        }
        Ok(found)
    })
}

/// Whether what an item says that it corrects, `meter/from/to`, has a second in common with this.
fn touches(of: &str, meter_key: &str, range: Range) -> bool {
    let Some((meter, (from, to))) =
        of.split_once('/').and_then(|(meter, rest)| Some((meter, rest.split_once('/')?)))
    else {
        return false;
    };
    let (Some(from), Some(to)) = (Timestamp::parse(from), Timestamp::parse(to)) else { return false };
    meter == meter_key && from < range.to && range.from < to
}
