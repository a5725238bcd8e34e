//! Packs of credits that were sold: what was sold is stored before Stripe is asked, and what it gives comes from here
//! and never from Stripe. One payment provisions once, whatever events tell of it.

use rusqlite::{OptionalExtension, Row, params};

use super::checks::Check;
use super::ledger::{Grant, Note, Outcome};
use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::catalog::Lasting;
use crate::billing::ledger::{Expiry, Key, LotId, LotKind, Scope, taken_back};
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;

/// What must hold of sales.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I30",
        says: "a sale gave what was sold, once, to who bought it",
        sql: "SELECT 'sale ' || s.sale FROM sale s JOIN ledger_lot l USING (lot)
              WHERE l.customer <> s.customer OR l.granted <> s.credits OR l.kind <> 'purchase'",
    },
    Check {
        number: "I30",
        says: "what was taken back for refunds is what the ledger revoked for them",
        sql: "SELECT 'sale ' || s.sale FROM sale s WHERE s.revoked <> (SELECT COALESCE(SUM(p.credits), 0)
              FROM ledger_posting p WHERE p.movement = 'revoke' AND p.source_id = 'refund:sale:' || s.sale)",
    },
];

/// How a pack is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// On a hosted page.
    Checkout,
    /// By an invoice.
    Invoice,
    /// Not sold by us: the price of a pack was paid in another way.
    Elsewhere,
}

impl Channel {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Checkout => "checkout",
            Channel::Invoice => "invoice",
            Channel::Elsewhere => "elsewhere",
        }
    }
    fn parse(text: &str) -> Option<Channel> {
        [Channel::Checkout, Channel::Invoice, Channel::Elsewhere].into_iter().find(|it| it.as_str() == text)
    }
}

/// A sale as stored. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Its number.
    pub sale: i64,
    /// Whose.
    pub customer: CustomerRow,
    /// The pack.
    pub pack: String,
    /// The credits that it gives.
    pub credits: Credits,
    /// The price of the pack.
    pub amount: i64,
    /// Currency code, lower case.
    pub currency: String,
    /// `price_…`.
    pub price: String,
    /// How long the credits last; `None`: until they are spent.
    pub expires_after: Option<Lasting>,
    /// How it is paid.
    pub channel: Channel,
    /// The idempotency key of its calls.
    pub key: String,
    /// What the caller's own key stands for.
    pub digest: Option<String>,
    /// `begun` (Stripe may not know it yet), `open`, `paid`, `dropped`.
    pub state: String,
    /// `cs_…`.
    pub session: Option<String>,
    /// `in_…`.
    pub invoice: Option<String>,
    /// `pi_…`.
    pub payment: Option<String>,
    /// Where it is paid.
    pub url: Option<String>,
    /// What was paid.
    pub paid: Option<i64>,
    /// What was given back of it.
    pub refunded: i64,
    /// Credits taken back for that.
    pub revoked: Credits,
    /// The lot.
    pub lot: Option<LotId>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// A sale to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleNew {
    /// Whose.
    pub customer: CustomerRow,
    /// The pack.
    pub pack: String,
    /// The credits that it gives.
    pub credits: Credits,
    /// The price of the pack, in minor units.
    pub amount: i64,
    /// Currency code, lower case.
    pub currency: String,
    /// `price_…`.
    pub price: String,
    /// How long the credits last.
    pub expires_after: Option<Lasting>,
    /// How it is paid.
    pub channel: Channel,
    /// The idempotency key of its calls.
    pub key: String,
    /// What the caller's own key stands for.
    pub digest: Option<String>,
}

/// A payment as an event tells of it. Whatever is known of its ids is given: the sale is found by any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackPayment {
    /// Whose, by the `cus_…` of the object.
    pub customer: CustomerRow,
    /// What our key on the object says: the session's `client_reference_id`, or metadata `paygrade_sale`. It only
    /// names the sale; what the sale gives is in the store.
    pub sale_key: Option<String>,
    /// `cs_…`.
    pub session: Option<String>,
    /// `in_…`.
    pub invoice: Option<String>,
    /// `pi_…`.
    pub payment: Option<String>,
    /// Whether it is paid: of a session `payment_status` is `paid`, of an invoice `status` is.
    pub is_paid: bool,
    /// What was paid, in minor units.
    pub amount: i64,
    /// Currency code, lower case.
    pub currency: String,
    /// What was bought, as (`price_…`, quantity), where the caller knows; for sales that were not made by us.
    pub lines: Vec<(String, u64)>,
}

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provisioned {
    /// The credits were granted now.
    Granted(Sale),
    /// The payment had its credits before.
    Known(Sale),
    /// Nothing yet: it is not paid.
    NotPaid,
    /// No pack of ours was bought.
    NotOurs,
    /// It names a sale that does not fit: why. Nothing was granted.
    Refused(String),
}

/// What became of a refund.
#[allow(clippy::large_enum_variant)] // One at a time, and taken apart at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    /// So many credits were taken back now; 0 where none were left of the lot.
    Revoked(Sale, Credits),
    /// No sale of ours was paid with it.
    NotOurs,
}

const COLUMNS: &str = "sale, customer, pack, credits, amount, currency, price, expires_after, channel, key, digest, state, session, invoice, payment, url, paid, refunded, revoked, lot, created_at";

fn broken(why: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, why.into())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Sale> {
    let lasting: Option<String> = row.get(7)?;
    let lasting =
        lasting.map(|text| Lasting::parse(&text).ok_or_else(|| broken(format!("lasting `{text}`"))));
    let channel: String = row.get(8)?;
    Ok(Sale {
        sale: row.get(0)?,
        customer: CustomerRow(row.get(1)?),
        pack: row.get(2)?,
        credits: Credits(row.get(3)?),
        amount: row.get(4)?,
        currency: row.get(5)?,
        price: row.get(6)?,
        expires_after: lasting.transpose()?,
        channel: Channel::parse(&channel).ok_or_else(|| broken(format!("channel `{channel}`")))?,
        key: row.get(9)?,
        digest: row.get(10)?,
        state: row.get(11)?,
        session: row.get(12)?,
        invoice: row.get(13)?,
        payment: row.get(14)?,
        url: row.get(15)?,
        paid: row.get(16)?,
        refunded: row.get(17)?,
        revoked: Credits(row.get(18)?),
        lot: row.get::<_, Option<i64>>(19)?.map(LotId),
        created_at: Timestamp(row.get(20)?),
    })
}

impl Reader<'_> {
    /// One sale.
    pub fn sale_get(&self, sale: i64) -> Result<Option<Sale>> {
        let sql = format!("SELECT {COLUMNS} FROM sale WHERE sale = ?1");
        Ok(self.conn.query_row(&sql, [sale], from_row).optional()?)
    }
    /// The sale that any of these names: our key, `cs_…`, `in_…`, `pi_…`.
    pub fn sale_by_any(&self, names: &[&str]) -> Result<Option<Sale>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sale WHERE key = ?1 OR session = ?1 OR invoice = ?1 OR payment = ?1 ORDER BY sale LIMIT 1"
        );
        for name in names {
            if let Some(found) = self.conn.prepare_cached(&sql)?.query_row([name], from_row).optional()? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
    /// All sales of a customer, or of everybody, oldest first.
    pub fn sales(&self, customer: Option<CustomerRow>) -> Result<Vec<Sale>> {
        let sql = format!("SELECT {COLUMNS} FROM sale WHERE ?1 IS NULL OR customer = ?1 ORDER BY sale");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([customer.map(|it| it.0)], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// The pack, and the credits of it, that a price sells.
    fn pack_of_price(&self, price: &str) -> Result<Option<(String, Credits)>> {
        let sql = "SELECT pack, credits FROM pack_price WHERE price = ?1";
        let found = self.conn.query_row(sql, [price], |row| Ok((row.get(0)?, Credits(row.get(1)?))));
        Ok(found.optional()?)
    }
}

impl Reader<'_> {
    /// The pack that lines of (`price_…`, quantity) buy, its price, and the credits that it gives then. `None` where they
    /// buy several packs: one lot has one pack's terms, and giving for one of them would pass over what the others cost.
    pub fn pack_bought(&self, lines: &[(String, u64)]) -> Result<Option<(String, String, Credits)>> {
        let (mut pack, mut price, mut credits) = (None, String::new(), 0_i64);
        for (line, quantity) in lines {
            let Some((key, each)) = self.pack_of_price(line)? else { continue };
            if pack.get_or_insert_with(|| key.clone()) != &key {
                return Ok(None);
            }
            price.clone_from(line);
            let quantity = i64::try_from(*quantity).unwrap_or(i64::MAX);
            credits = credits.saturating_add(each.0.saturating_mul(quantity));
        }
        Ok(pack.filter(|_| credits > 0).map(|pack| (pack, price, Credits(credits))))
    }
}

impl Writer<'_> {
    /// Stores a sale before Stripe is asked.
    pub fn sale_begin(&self, new: &SaleNew) -> Result<Sale> {
        let by = self.origin;
        self.conn.execute(
            "INSERT INTO sale (customer, pack, credits, amount, currency, price, expires_after, channel, key, digest,
                               state, created_at, run, actor, host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'begun', ?11, ?12, ?13, ?14, ?15, ?16)",
            params![
                new.customer.0,
                new.pack,
                new.credits.0,
                new.amount,
                new.currency,
                new.price,
                new.expires_after.map(|lasting| lasting.to_string()),
                new.channel.as_str(),
                new.key,
                new.digest,
                self.now.0,
                self.run,
                by.actor,
                by.host,
                by.reason,
                by.reference
            ],
        )?;
        let sale = self.conn.last_insert_rowid();
        self.reader().sale_get(sale)?.ok_or_else(|| StoreError::Broken(format!("sale {sale} is gone")))
    }
    /// Notes what Stripe made of a sale. What is known stays known. `is_open`: nothing is left to be done but to pay.
    pub fn sale_seen(
        &self,
        sale: i64,
        is_open: bool,
        session: Option<&str>,
        invoice: Option<&str>,
        url: Option<&str>,
    ) -> Result<()> {
        self.conn.execute(
            "UPDATE sale SET state = CASE WHEN state = 'begun' AND ?5 THEN 'open' ELSE state END,
               session = COALESCE(session, ?2), invoice = COALESCE(invoice, ?3), url = COALESCE(?4, url)
             WHERE sale = ?1",
            params![sale, session, invoice, url, is_open],
        )?;
        Ok(())
    }
    /// Stripe refused it: it was never made, or ended unpaid.
    pub fn sale_drop(&self, sale: i64) -> Result<()> {
        self.conn.execute(
            "UPDATE sale SET state = 'dropped' WHERE sale = ?1 AND state IN ('begun', 'open')",
            [sale],
        )?;
        Ok(())
    }

    /// Grants what was sold, once for each payment, whatever the number and the kind of the events that tell of it.
    /// Call it with whatever an event shows, paid or not.
    pub fn pack_paid(&self, it: &PackPayment) -> Result<Provisioned> {
        let names = [&it.sale_key, &it.session, &it.invoice, &it.payment];
        let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
        let found = self.reader().sale_by_any(&names)?;
        let sale = match found {
            Some(sale) => sale,
            None if !it.is_paid => return Ok(Provisioned::NotPaid),
            None => match self.sale_elsewhere(it)? {
                Some(sale) => sale,
                None => return Ok(Provisioned::NotOurs),
            },
        };
        if sale.customer != it.customer {
            return Ok(Provisioned::Refused(format!("sale {} belongs to another customer", sale.sale)));
        }
        if sale.currency != it.currency {
            return Ok(Provisioned::Refused(format!("sale {} is in {}", sale.sale, sale.currency)));
        }
        let (session, invoice, payment) = (&it.session, &it.invoice, &it.payment);
        // Another payment for the same sale is a payment without a grant, which `reconcile credits` shows.
        let differs = |known: &Option<String>, new: &Option<String>| {
            known.as_ref().zip(new.as_ref()).is_some_and(|(known, new)| known != new)
        };
        if differs(&sale.session, session)
            || differs(&sale.invoice, invoice)
            || differs(&sale.payment, payment)
        {
            return Ok(Provisioned::Refused(format!("sale {} was made for another payment", sale.sale)));
        }
        self.conn.execute(
            "UPDATE sale SET session = COALESCE(session, ?2), invoice = COALESCE(invoice, ?3),
               payment = COALESCE(payment, ?4) WHERE sale = ?1",
            params![sale.sale, session, invoice, payment],
        )?;
        if sale.lot.is_some() {
            return Ok(Provisioned::Known(sale));
        }
        if !it.is_paid {
            return Ok(Provisioned::NotPaid);
        }
        self.sale_provision(&sale, it.amount)
    }

    fn sale_provision(&self, sale: &Sale, amount: i64) -> Result<Provisioned> {
        let key = Key::own(Scope::Payment, &format!("sale:{}", sale.sale));
        let reason = format!("pack {}", sale.pack);
        let source = format!("sale:{}", sale.sale);
        let granted = self.ledger_grant(&Grant {
            customer: sale.customer,
            kind: LotKind::Purchase,
            credits: sale.credits,
            expires: sale.expires_after.map_or(Expiry::Never, Expiry::After),
            note: Note { key: Some(&key), reason: Some(&reason), source_id: Some(&source) },
        })?;
        let lot = match &granted {
            Outcome::Posted(posted) => posted.entries.first().map(|entry| entry.lot),
            Outcome::TooMuch(it) => return Ok(Provisioned::Refused(it.to_string())),
            _ => None,
        };
        let lot = lot.ok_or_else(|| StoreError::Broken(format!("sale {}: {granted:?}", sale.sale)))?;
        self.conn.execute(
            "UPDATE sale SET state = 'paid', lot = ?2, paid = ?3, paid_at = ?4 WHERE sale = ?1",
            params![sale.sale, lot.0, amount, self.now.0],
        )?;
        let sale = self.reader().sale_get(sale.sale)?;
        sale.map(Provisioned::Granted).ok_or_else(|| StoreError::Broken("a sale is gone".to_owned()))
    }

    /// A payment of a pack's price that we did not ask for: the catalog in force says what it gives.
    fn sale_elsewhere(&self, it: &PackPayment) -> Result<Option<Sale>> {
        let r = self.reader();
        let Some((pack, price, Credits(credits))) = r.pack_bought(&it.lines)? else { return Ok(None) };
        let Some(name) = [&it.session, &it.invoice, &it.payment].into_iter().flatten().next() else {
            return Ok(None);
        };
        let catalog = r.catalog_in_force()?;
        let known = catalog.as_ref().and_then(|it| it.packs.iter().find(|(key, _)| key.as_str() == pack));
        let new = SaleNew {
            customer: it.customer,
            credits: Credits(credits),
            amount: it.amount,
            currency: it.currency.clone(),
            price,
            expires_after: known.and_then(|(_, pack)| pack.expires_after),
            channel: Channel::Elsewhere,
            key: format!("paid:{name}"),
            digest: None,
            pack,
        };
        self.sale_begin(&new).map(Some)
    }

    /// Takes back what is left of a lot that was paid back. `payment` is any id of the payment (`pi_…`, `cs_…`,
    /// `in_…`); `refunded_minor` is all that was given back of it so far, in minor units. Of a part of the money the
    /// same part of the credits is due back, rounded down; never more than the lot has left.
    pub fn pack_refunded(&self, payment: &str, refunded_minor: i64) -> Result<Refunded> {
        let Some(sale) = self.reader().sale_by_any(&[payment])? else { return Ok(Refunded::NotOurs) };
        let refunded = refunded_minor.max(sale.refunded);
        let (Some(lot), Some(paid)) = (sale.lot, sale.paid) else {
            // Paid back before it was provisioned: once it is, `reconcile credits` shows it.
            self.conn
                .execute("UPDATE sale SET refunded = ?2 WHERE sale = ?1", params![sale.sale, refunded])?;
            return Ok(Refunded::Revoked(sale, Credits(0)));
        };
        let back = taken_back(sale.credits, paid, refunded).0.saturating_sub(sale.revoked.0);
        let source = format!("refund:sale:{}", sale.sale);
        let note = Note { key: None, reason: Some("the payment was refunded"), source_id: Some(&source) };
        let revoked = match back > 0 {
            true => self.ledger_revoke(lot, Credits(back), note)?.map_or(0, |posted| posted.credits.0),
            false => 0,
        };
        self.conn.execute(
            "UPDATE sale SET refunded = ?2, revoked = revoked + ?3 WHERE sale = ?1",
            params![sale.sale, refunded, revoked],
        )?;
        let sale = self.reader().sale_get(sale.sale)?;
        sale.map(|sale| Refunded::Revoked(sale, Credits(revoked)))
            .ok_or_else(|| StoreError::Broken("a sale is gone".to_owned()))
    }
}
