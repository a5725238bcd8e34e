//! All findings, about whatever they are, with what became of them.

use rusqlite::{Row, params};

use super::{CustomerRow, MeterRow, Reader, StoreError};
use crate::billing::money::{Currency, Money};
use crate::billing::time::Timestamp;

/// A finding as exported: about usage it has units, about anything else what both sides say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Its number.
    pub finding: i64,
    /// usage, tiers, credits or catalog.
    pub subject: String,
    /// Own id of the customer.
    pub customer: Option<String>,
    /// `cus_…`.
    pub cus: Option<String>,
    /// Key of the meter.
    pub meter: Option<String>,
    /// What it is about, where that is not usage.
    pub object: Option<String>,
    /// Start of the stretch of usage.
    pub from: Option<Timestamp>,
    /// Its end.
    pub to: Option<Timestamp>,
    /// What it is called.
    pub class: String,
    /// Why.
    pub cause: String,
    /// Units recorded.
    pub recorded: Option<i64>,
    /// Units sent.
    pub sent: Option<i64>,
    /// Units by Stripe.
    pub stripe: Option<i64>,
    /// Units too many or too few at Stripe.
    pub difference: Option<i64>,
    /// What it costs.
    pub amount: Option<Money>,
    /// What the store says.
    pub ours: Option<String>,
    /// What Stripe says.
    pub theirs: Option<String>,
    /// Usage events concerned.
    pub events: Option<i64>,
    /// Deliveries concerned.
    pub deliveries: Vec<String>,
    /// The run that saw it first.
    pub first_run: i64,
    /// The run that saw it last.
    pub last_run: i64,
    /// The run that looked and did not see it any more.
    pub gone_run: Option<i64>,
    /// The run that acknowledged it.
    pub ack_run: Option<i64>,
    /// Who acknowledged it.
    pub ack_by: Option<String>,
    /// Why.
    pub ack: Option<String>,
    /// The ticket.
    pub reference: Option<String>,
}

const ALL: &str = "SELECT f.finding, 'usage', c.id, c.cus, m.key, NULL, f.from_at, f.to_at, f.class, f.cause, \
     f.recorded, f.sent, f.stripe, f.difference, f.minor, f.currency, NULL, NULL, f.events, \
     (SELECT GROUP_CONCAT(delivery) FROM finding_delivery d WHERE d.finding = f.finding), \
     f.first_run, f.last_run, f.gone_run, f.ack_run, f.ack_by, f.ack_reason, f.ack_ref \
     FROM finding f JOIN customer c USING (customer) JOIN meter m USING (meter) \
     WHERE (?1 IS NULL OR f.customer = ?1) AND (?2 IS NULL OR f.meter = ?2) \
     UNION ALL \
     SELECT f.finding, f.subject, c.id, c.cus, NULL, f.object, NULL, NULL, f.class, f.cause, \
     NULL, NULL, NULL, NULL, f.minor, f.currency, f.ours, f.stripe, NULL, NULL, \
     f.first_run, f.last_run, f.gone_run, f.ack_run, f.ack_by, f.ack_reason, f.ack_ref \
     FROM state_finding f LEFT JOIN customer c ON c.customer = f.customer \
     WHERE (?1 IS NULL OR f.customer = ?1) AND ?2 IS NULL \
     ORDER BY 1";

impl Reader<'_> {
    /// Hands findings one by one to `take`, in the order of their numbers, until it fails.
    pub fn findings_each<E: From<StoreError>>(
        &self,
        customer: Option<CustomerRow>,
        meter: Option<MeterRow>,
        mut take: impl FnMut(&FindingRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = StoreError::from;
        let mut find = self.conn.prepare(ALL).map_err(failed)?;
        let mut rows = find.query(params![customer.map(|it| it.0), meter.map(|it| it.0)]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(&from_row(row).map_err(failed)?)?;
        }
        Ok(())
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<FindingRow> {
    let at = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp));
    let currency: Option<String> = row.get(15)?;
    let amount = row.get::<_, Option<i64>>(14)?.zip(currency.and_then(|it| Currency::parse(&it)));
    let deliveries: Option<String> = row.get(19)?;
    Ok(FindingRow {
        finding: row.get(0)?,
        subject: row.get(1)?,
        customer: row.get(2)?,
        cus: row.get(3)?,
        meter: row.get(4)?,
        object: row.get(5)?,
        from: at(6)?,
        to: at(7)?,
        class: row.get(8)?,
        cause: row.get(9)?,
        recorded: row.get(10)?,
        sent: row.get(11)?,
        stripe: row.get(12)?,
        difference: row.get(13)?,
        amount: amount.map(|(minor, currency)| Money { minor, currency }),
        ours: row.get(16)?,
        theirs: row.get(17)?,
        events: row.get(18)?,
        deliveries: deliveries.iter().flat_map(|it| it.split(',')).map(str::to_owned).collect(),
        first_run: row.get(20)?,
        last_run: row.get(21)?,
        gone_run: row.get(22)?,
        ack_run: row.get(23)?,
        ack_by: row.get(24)?,
        ack: row.get(25)?,
        reference: row.get(26)?,
    })
}
