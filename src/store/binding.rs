//! What the store is bound to, and whether it may send.

use super::{Result, Writer};

impl Writer<'_> {
    /// Binds the store to a Stripe account, once. A store that is bound already is left alone; compare first.
    pub fn account_bind(&self, account: &str) -> Result<()> {
        self.conn.execute("UPDATE store SET account = ?1 WHERE account IS NULL", [account])?;
        Ok(())
    }
}
