//! Customers: the operator's own ids and their links to Stripe's.

use rusqlite::{OptionalExtension, Row, params};

use super::checks::Check;
use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::id::CustomerId;
use crate::billing::time::{Micros, Timestamp};

/// Most ids that are looked through for a near spelling.
const IDS_MAX: u32 = 50_000;

/// What must hold of customers: each query names an invariant and returns no row.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I26",
        says: "a linked customer has an e-mail address",
        sql: "SELECT id FROM customer WHERE cus IS NOT NULL AND (email IS NULL OR email = '')",
    },
    Check {
        number: "I42",
        says: "a customer without a link has an intent that makes it, or was never made",
        sql: "SELECT c.id FROM customer c WHERE c.cus IS NULL
         AND NOT EXISTS (SELECT 1 FROM intent i WHERE i.customer = c.customer AND i.kind = 'customer' AND i.state <> 'done')",
    },
    Check {
        number: "I26",
        says: "a link looks like one",
        sql: "SELECT id FROM customer WHERE cus IS NOT NULL AND cus NOT GLOB 'cus_?*'",
    },
];

/// A customer as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its number here.
    pub row: CustomerRow,
    /// The operator's own id.
    pub id: CustomerId,
    /// `cus_…`; `None` while the intent to create it is all there is.
    pub cus: Option<String>,
    /// E-mail address, as last written to Stripe by us.
    pub email: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// When it was first known here.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "customer, id, cus, email, name, created_at";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Customer> {
    let id: String = row.get(1)?;
    let broken = |bad: crate::billing::id::BadName| {
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(bad))
    };
    Ok(Customer {
        row: CustomerRow(row.get(0)?),
        id: CustomerId::parse(&id).map_err(broken)?,
        cus: row.get(2)?,
        email: row.get(3)?,
        name: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
    })
}

impl Reader<'_> {
    /// The customer with this own id.
    pub fn customer_by_id(&self, id: &CustomerId) -> Result<Option<Customer>> {
        self.customer_where("id = ?1", id.as_str())
    }
    /// The customer that is linked to this Stripe customer.
    pub fn customer_by_cus(&self, cus: &str) -> Result<Option<Customer>> {
        self.customer_where("cus = ?1", cus)
    }
    /// The customer with this number.
    pub fn customer_get(&self, row: CustomerRow) -> Result<Customer> {
        let found = self.customer_where("customer = CAST(?1 AS INTEGER)", &row.0.to_string())?;
        found.ok_or_else(|| StoreError::Broken(format!("there is no customer number {}", row.0)))
    }
    /// Own ids, for near spellings: at most 50,000, in order.
    pub fn customer_ids(&self) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare("SELECT id FROM customer ORDER BY id LIMIT ?1")?;
        let rows = statement.query_map([IDS_MAX], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// Customers in order of their own ids, beginning after `after`, at most `limit`.
    pub fn customer_list(&self, after: Option<&CustomerId>, limit: u32) -> Result<Vec<Customer>> {
        let sql = format!("SELECT {COLUMNS} FROM customer WHERE ?1 IS NULL OR id > ?1 ORDER BY id LIMIT ?2");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map(params![after.map(CustomerId::as_str), limit], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// When a customer's newest usage happened. Looked up by meter, as the index has it.
    pub fn usage_newest(&self, customer: CustomerRow) -> Result<Option<Micros>> {
        let sql = "SELECT max((SELECT max(e.to_at) FROM usage_block e WHERE e.customer = ?1 AND e.meter = m.meter)) FROM meter m";
        let newest: Option<i64> = self.conn.query_row(sql, [customer.0], |row| row.get(0))?;
        Ok(newest.map(Micros))
    }

    fn customer_where(&self, condition: &str, value: &str) -> Result<Option<Customer>> {
        let sql = format!("SELECT {COLUMNS} FROM customer WHERE {condition}");
        let mut statement = self.conn.prepare_cached(&sql)?;
        Ok(statement.query_row([value], from_row).optional()?)
    }
}

impl Writer<'_> {
    /// Adds a customer that is not linked yet. The own id must be new.
    pub fn customer_insert(
        &self,
        id: &CustomerId,
        email: Option<&str>,
        name: Option<&str>,
    ) -> Result<CustomerRow> {
        self.conn.execute(
            "INSERT INTO customer (id, email, name, created_at, run) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id.as_str(), email, name, self.now.0, self.run],
        )?;
        Ok(CustomerRow(self.conn.last_insert_rowid()))
    }
    /// Links a customer to its Stripe customer, once and for all; linking it again to the same changes nothing.
    pub fn customer_link(&self, row: CustomerRow, cus: &str) -> Result<()> {
        self.conn.execute("UPDATE customer SET cus = ?2 WHERE customer = ?1", params![row.0, cus])?;
        Ok(())
    }
    /// Notes e-mail address and name as Stripe has them now.
    pub fn customer_describe(&self, row: CustomerRow, email: Option<&str>, name: Option<&str>) -> Result<()> {
        let sql = "UPDATE customer SET email = ?2, name = ?3 WHERE customer = ?1";
        self.conn.execute(sql, params![row.0, email, name])?;
        Ok(())
    }
}
