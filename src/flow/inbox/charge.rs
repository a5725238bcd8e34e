//! Charges that were paid back.

use super::sight::Sight;
use crate::error::Error;
use crate::store::Writer;

pub(super) fn apply(_w: &Writer<'_>, sight: &Sight) -> Result<Vec<String>, Error> {
    let Some(charge) = &sight.charge else { return Ok(vec!["no charge".to_owned()]) };
    Ok(vec![format!("{} of {} paid back", charge.amount_refunded, charge.amount)])
}
