//! A correction in money: an item on the customer's next invoice.
//!
//! The correction is stored before the call, and its number is in the item's metadata: a run that was killed finds the item
//! that it made.

use std::collections::BTreeMap;

use super::Desk;
use super::usage::Job;
use crate::error::{Changed, Error, Kind};
use crate::flow::stored_answer_hint;
use crate::stripe::InvoiceItemNew;

/// Metadata key that names the correction.
const METADATA_KEY: &str = "paygrade_correction";

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
    let (begun, again) = desk.store.write(desk.now, |w| {
        let again = w.reader().correction_of(finding.finding)?.is_some();
        let begun = w.correction_begin(finding.finding, job.place.customer, amount, &description)?;
        Ok::<_, Error>((begun, again))
    })?;
    let mark = format!("{}/{}/{}", desk.namespace, desk.store.info()?.store_id, begun.correction);
    let mut item = begun.item.clone();
    if item.is_none() && again {
        let all = desk.api.invoice_item_list(&cus).await?.value;
        item = all.into_iter().find(|it| it.metadata.get(METADATA_KEY) == Some(&mark)).map(|it| it.id);
    }
    let item = match item {
        Some(item) => item,
        None => {
            let new = InvoiceItemNew {
                customer: cus,
                subscription: None,
                amount: begun.amount,
                description: begun.description.clone(),
                metadata: BTreeMap::from([(METADATA_KEY.to_owned(), mark.clone())]),
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
