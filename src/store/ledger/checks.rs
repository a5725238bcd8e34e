//! What must hold of the ledger, worked out again from its rows.

use crate::store::checks::Check;

/// The ledger's invariants; `doctor` runs them.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I1",
        says: "a balance is the sum of its entries",
        sql: "SELECT 'entry ' || entry FROM (
                SELECT e.entry, e.balance_after, e.held_after,
                  SUM(e.credits * ((m.to_account = 'available') - (m.from_account = 'available'))) OVER whose AS available,
                  SUM(e.credits * ((m.to_account = 'held') - (m.from_account = 'held'))) OVER whose AS held
                FROM ledger_entry e JOIN ledger_posting p USING (posting) JOIN ledger_movement m USING (movement)
                WINDOW whose AS (PARTITION BY e.customer ORDER BY e.entry))
              WHERE balance_after <> available OR held_after <> held",
    },
    Check {
        number: "I2",
        says: "nobody's credits were ever below zero",
        sql: "SELECT 'entry ' || entry || ' ' || account FROM (
                SELECT entry, account, SUM(credits) OVER (PARTITION BY customer, account ORDER BY entry) AS balance
                FROM ledger_leg WHERE account IN ('available', 'held'))
              WHERE balance < 0",
    },
    Check {
        number: "I3",
        says: "no posting, entry or lot is missing",
        sql: "SELECT what FROM (
                SELECT 'postings' AS what, COUNT(*) AS rows, MAX(posting) AS last FROM ledger_posting
                UNION ALL SELECT 'entries', COUNT(*), MAX(entry) FROM ledger_entry
                UNION ALL SELECT 'lots', COUNT(*), MAX(lot) FROM ledger_lot)
              WHERE rows <> COALESCE(last, 0)",
    },
    Check {
        number: "I4",
        says: "the legs of every posting sum to zero and make up its credits",
        sql: "SELECT 'posting ' || posting FROM ledger_leg GROUP BY posting HAVING SUM(credits) <> 0
              UNION ALL
              SELECT 'posting ' || p.posting FROM ledger_posting p LEFT JOIN ledger_entry e USING (posting)
              GROUP BY p.posting HAVING p.credits <> COALESCE(SUM(e.credits), 0)",
    },
    Check {
        number: "I5",
        says: "a key has one effect",
        sql: "SELECT 'key ' || key FROM ledger_posting WHERE key IS NOT NULL GROUP BY key HAVING COUNT(*) > 1
              UNION ALL SELECT 'posting ' || posting FROM ledger_posting WHERE (key IS NULL) <> (digest IS NULL)",
    },
    Check {
        number: "I6",
        says: "what is left of a lot is the sum of its entries, between zero and what was granted",
        sql: "SELECT 'lot ' || l.lot FROM ledger_lot l LEFT JOIN (
                SELECT lot, SUM(credits * (account = 'available')) AS available, SUM(credits * (account = 'held')) AS held
                FROM ledger_leg GROUP BY lot) s USING (lot)
              WHERE l.available <> COALESCE(s.available, 0) OR l.held <> COALESCE(s.held, 0)
                 OR l.available < 0 OR l.held < 0 OR l.available + l.held > l.granted
              UNION ALL
              SELECT 'customer ' || c.id FROM customer c WHERE
                (SELECT COALESCE(SUM(available), 0) FROM ledger_lot WHERE customer = c.customer) <> COALESCE(
                  (SELECT balance_after FROM ledger_entry WHERE customer = c.customer ORDER BY entry DESC LIMIT 1), 0)",
    },
    Check {
        number: "I7",
        says: "granted = consumed + expired + revoked + what is left",
        sql: "SELECT 'customer ' || customer FROM (SELECT customer, SUM(granted) AS granted, SUM(available + held) AS remaining
                FROM ledger_lot GROUP BY customer) l
              FULL JOIN (SELECT customer, SUM(credits) AS gone FROM ledger_leg
                WHERE account IN ('consumed', 'expired', 'revoked') GROUP BY customer) g USING (customer)
              WHERE COALESCE(l.granted, 0) <> COALESCE(l.remaining, 0) + COALESCE(g.gone, 0)",
    },
    Check {
        number: "I7",
        says: "what holds still reserve is what is held",
        sql: "SELECT 'customer ' || c.customer FROM customer c WHERE
                (SELECT COALESCE(SUM(left), 0) FROM ledger_hold WHERE customer = c.customer)
                <> (SELECT COALESCE(SUM(held), 0) FROM ledger_lot WHERE customer = c.customer)
              UNION ALL
              SELECT 'hold ' || h.hold FROM ledger_hold h JOIN ledger_posting p ON p.posting = h.hold
              WHERE h.left <> p.credits - (SELECT COALESCE(SUM(credits), 0) FROM ledger_posting o WHERE o.hold = h.hold)",
    },
    Check {
        number: "I40",
        says: "a customer's ledger never goes back in time",
        sql: "SELECT 'posting ' || posting FROM (
                SELECT posting, at, LAG(at) OVER (PARTITION BY customer ORDER BY posting) AS before FROM ledger_posting)
              WHERE at < before",
    },
];
