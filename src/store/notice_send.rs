//! Notices on their way: one delivery for each notice and sink, claimed before anything is sent.

use rusqlite::{Row, params};

use super::notice::{NOTICE_COLUMNS, Notice, notice};
use super::{Reader, Result, Writer};
use crate::billing::time::Timestamp;

/// A notice that is to be sent to a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The delivery's number.
    pub delivery: i64,
    /// The sink's name in the settings.
    pub sink: String,
    /// The address, of a mail.
    pub address: Option<String>,
    /// Attempts so far.
    pub attempts: i64,
    /// It is claimed already: by a sender that died.
    pub claimed: bool,
    /// What is sent.
    pub notice: Notice,
}

/// How many deliveries of notices are in each state that needs something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoticesLeft {
    /// Notices whose deliveries are not made yet.
    pub unrouted: i64,
    /// Waiting, or claimed by somebody who sends.
    pub due: i64,
    /// Of them, those that have failed before.
    pub failing: i64,
    /// May have arrived or not; claimed in the last week.
    pub unknown: i64,
    /// Given up in the last week.
    pub dead: i64,
}

/// What is known of a notice before it is routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrouted {
    /// The notice.
    pub notice: Notice,
    /// The customer's billing address.
    pub email: Option<String>,
}

/// How long what was not delivered stays in the counts.
const SHOWN_S: i64 = 7 * crate::billing::time::DAY_S;

fn parcel(row: &Row<'_>) -> rusqlite::Result<Parcel> {
    let state: String = row.get(16)?;
    Ok(Parcel {
        notice: notice(row)?,
        delivery: row.get(12)?,
        sink: row.get(13)?,
        address: row.get(14)?,
        attempts: row.get(15)?,
        claimed: state == "sending",
    })
}

impl Reader<'_> {
    /// Notices whose deliveries are not made yet, oldest first, at most `limit`.
    pub fn notice_unrouted(&self, limit: u32) -> Result<Vec<Unrouted>> {
        let sql = format!(
            "SELECT {NOTICE_COLUMNS}, c.email FROM notice n LEFT JOIN customer c USING (customer)
             WHERE n.routed_at IS NULL ORDER BY n.notice LIMIT ?1"
        );
        let mut find = self.conn.prepare_cached(&sql)?;
        let rows =
            find.query_map([limit], |row| Ok(Unrouted { notice: notice(row)?, email: row.get(12)? }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What is to be sent now: due, or claimed by a sender that died. Oldest notices first, after a delivery.
    pub fn notice_parcels(&self, now: Timestamp, after: i64, limit: u32) -> Result<Vec<Parcel>> {
        let sql = format!(
            "SELECT {NOTICE_COLUMNS}, d.delivery, d.sink, d.address, d.attempts, d.state FROM notice_delivery d
             JOIN notice n USING (notice) LEFT JOIN customer c USING (customer)
             WHERE (d.state = 'sending' OR (d.state = 'due' AND d.next_at <= ?1)) AND d.delivery > ?2
             ORDER BY d.delivery LIMIT ?3"
        );
        let mut find = self.conn.prepare_cached(&sql)?;
        let rows = find.query_map(params![now.0, after, limit], parcel)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many deliveries of notices need something.
    pub fn notice_left(&self, now: Timestamp) -> Result<NoticesLeft> {
        let since = now.plus(-SHOWN_S).0;
        let sql = "SELECT (SELECT count(*) FROM notice WHERE routed_at IS NULL),
             count(*) FILTER (WHERE state IN ('due', 'sending')),
             count(*) FILTER (WHERE state = 'due' AND attempts > 0),
             count(*) FILTER (WHERE state = 'unknown' AND claimed_at >= ?1),
             count(*) FILTER (WHERE state = 'dead' AND claimed_at >= ?1) FROM notice_delivery
             WHERE state NOT IN ('sent', 'dropped')";
        Ok(self.conn.query_row(sql, [since], |row| {
            Ok(NoticesLeft {
                unrouted: row.get(0)?,
                due: row.get(1)?,
                failing: row.get(2)?,
                unknown: row.get(3)?,
                dead: row.get(4)?,
            })
        })?)
    }
}

impl Writer<'_> {
    /// Makes the deliveries of a notice, once: one for each sink, with the address of a mail. To none, it is only kept.
    pub fn notice_route(&self, notice: i64, to: &[(String, Option<String>)]) -> Result<()> {
        let routed = self
            .conn
            .prepare_cached("UPDATE notice SET routed_at = ?2 WHERE notice = ?1 AND routed_at IS NULL")?
            .execute(params![notice, self.now.0])?;
        if routed == 0 {
            return Ok(());
        }
        let mut put = self.conn.prepare_cached(
            "INSERT INTO notice_delivery (notice, sink, address, state, next_at, run) VALUES (?1, ?2, ?3, 'due', ?4, ?5)",
        )?;
        for (sink, address) in to {
            put.execute(params![notice, sink, address, self.now.0, self.run])?;
        }
        Ok(())
    }

    /// Claims a delivery for sending: counts the attempt. `false` when somebody else has it or it is not due.
    pub fn notice_claim(&self, delivery: i64) -> Result<bool> {
        let sql =
            "UPDATE notice_delivery SET state = 'sending', attempts = attempts + 1, claimed_at = ?2, run = ?3
                   WHERE delivery = ?1 AND state = 'due'";
        Ok(self.conn.execute(sql, params![delivery, self.now.0, self.run])? == 1)
    }

    /// A claimed delivery arrived.
    pub fn notice_sent(&self, delivery: i64) -> Result<()> {
        let sql = "UPDATE notice_delivery SET state = 'sent', sent_at = ?2, last_error = NULL, run = ?3
                   WHERE delivery = ?1 AND state = 'sending'";
        self.conn.execute(sql, params![delivery, self.now.0, self.run])?;
        Ok(())
    }

    /// A claimed delivery did not arrive: it is tried again then, or given up.
    pub fn notice_released(&self, delivery: i64, why: &str, again_at: Option<Timestamp>) -> Result<()> {
        let sql = "UPDATE notice_delivery SET state = ?2, next_at = COALESCE(?3, next_at), last_error = ?4, run = ?5
                   WHERE delivery = ?1 AND state = 'sending'";
        let state = if again_at.is_some() { "due" } else { "dead" };
        self.conn.execute(sql, params![delivery, state, again_at.map(|at| at.0), why, self.run])?;
        Ok(())
    }

    /// A claimed delivery may have arrived, and a second one would do harm.
    pub fn notice_unknown(&self, delivery: i64, why: &str) -> Result<()> {
        let sql = "UPDATE notice_delivery SET state = 'unknown', last_error = ?2, run = ?3
                   WHERE delivery = ?1 AND state = 'sending'";
        self.conn.execute(sql, params![delivery, why, self.run])?;
        Ok(())
    }

    /// Sends what is unknown or was given up in the last week once more. Says how many.
    pub fn notice_retry(&self) -> Result<i64> {
        let sql = "UPDATE notice_delivery SET state = 'due', next_at = ?1, attempts = 0, run = ?2
                   WHERE state IN ('unknown', 'dead') AND claimed_at >= ?3";
        let moved = self.conn.execute(sql, params![self.now.0, self.run, self.now.plus(-SHOWN_S).0])?;
        Ok(i64::try_from(moved).unwrap_or(i64::MAX))
    }

    /// What customers were to be told and no sink has got yet is not sent: another store has told them. Gives how many.
    pub fn notice_told(&self) -> Result<i64> {
        let sql = "UPDATE notice SET routed_at = ?1 WHERE routed_at IS NULL AND audience = 'customer'";
        Ok(i64::try_from(self.conn.execute(sql, [self.now.0])?).unwrap_or(i64::MAX))
    }

    /// What a newer notice says better is not sent any more: those whose keys begin so and that no sink has got yet.
    pub fn notice_supersede(&self, prefix: &str) -> Result<()> {
        let end = format!("{prefix}\u{10FFFF}");
        self.conn.execute(
            "UPDATE notice SET routed_at = ?3 WHERE routed_at IS NULL AND key >= ?1 AND key < ?2",
            params![prefix, end, self.now.0],
        )?;
        self.conn.execute(
            "UPDATE notice_delivery SET state = 'dropped', last_error = 'a later notice says more', run = ?3
             WHERE state = 'due' AND notice IN (SELECT notice FROM notice WHERE key >= ?1 AND key < ?2)",
            params![prefix, end, self.run],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fresh::fresh;
    use crate::store::notice::{AlertKey, Audience, NoticeFilter, NoticeNew, Severity};
    use crate::store::{CustomerRow, Store, StoreError};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::parse("2026-11-21T08:00:00Z").unwrap().plus(seconds)
    }
    fn store() -> (tempfile::TempDir, Store) {
        fresh(at(0))
    }
    fn new(key: &str) -> NoticeNew {
        NoticeNew {
            key: key.to_owned(),
            audience: Audience::Operator,
            customer: None,
            kind: "cap",
            severity: Severity::Info,
            subject: "S".to_owned(),
            text: "T".to_owned(),
            facts: serde_json::json!({}),
        }
    }
    fn put(store: &Store, key: &str) -> bool {
        store.write(at(0), |w| w.notice_put(&new(key))).unwrap()
    }
    fn route_all(store: &Store, sinks: &[&str]) {
        let to: Vec<_> = sinks.iter().map(|sink| ((*sink).to_owned(), None)).collect();
        store
            .write(at(0), |w| {
                for it in w.reader().notice_unrouted(100)? {
                    w.notice_route(it.notice.notice, &to)?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
    fn parcels(store: &Store, now: Timestamp) -> Vec<(i64, String, bool)> {
        let found = store.read(|r| r.notice_parcels(now, 0, 100)).unwrap();
        found.into_iter().map(|it| (it.delivery, it.sink, it.claimed)).collect()
    }

    #[test]
    fn a_notice_is_written_and_routed_once() {
        let (_folder, store) = store();
        assert!(put(&store, "a"));
        assert!(!put(&store, "a"), "the key is there");
        route_all(&store, &["ops", "mail"]);
        let number = store.read(|r| r.notice_list(&NoticeFilter::default(), 9)).unwrap()[0].notice;
        store.write(at(0), |w| w.notice_route(number, &[("later".to_owned(), None)])).unwrap();
        let sinks: Vec<String> = parcels(&store, at(0)).into_iter().map(|(_, sink, _)| sink).collect();
        assert_eq!(sinks, ["ops", "mail"], "a sink that comes later does not get what was routed");
        let clean = store.read(|r| r.checks_run()).unwrap();
        assert!(clean.iter().all(|it| it.breaches.is_empty()), "{clean:?}");
    }

    #[test]
    fn a_claim_is_one_senders_and_is_released_or_settled() {
        let (_folder, store) = store();
        put(&store, "a");
        route_all(&store, &["ops"]);
        assert!(store.write(at(0), |w| w.notice_claim(1)).unwrap());
        assert!(!store.write(at(0), |w| w.notice_claim(1)).unwrap(), "claimed already");
        assert_eq!(parcels(&store, at(0)), [(1, "ops".to_owned(), true)], "a dead sender's is found");
        store.write(at(0), |w| w.notice_released(1, "refused", Some(at(60)))).unwrap();
        assert_eq!(parcels(&store, at(59)), []);
        assert_eq!(parcels(&store, at(60)), [(1, "ops".to_owned(), false)]);
        assert_eq!(store.read(|r| r.notice_left(at(60))).unwrap().failing, 1);
        store.write(at(60), |w| w.notice_claim(1)).unwrap();
        store.write(at(60), |w| w.notice_sent(1)).unwrap();
        assert_eq!(parcels(&store, at(9999)), []);
        store.write(at(61), |w| w.notice_released(1, "late news", Some(at(62)))).unwrap();
        assert_eq!(parcels(&store, at(9999)), [], "what was sent stays sent");
        assert_eq!(store.read(|r| r.notice_left(at(61))).unwrap(), NoticesLeft::default());
    }

    #[test]
    fn given_up_and_unknown_are_counted_for_a_week_and_can_be_retried() {
        let (_folder, store) = store();
        put(&store, "a");
        route_all(&store, &["ops", "mail"]);
        store
            .write(at(0), |w| {
                w.notice_claim(1)?;
                w.notice_claim(2)?;
                w.notice_released(1, "x", None)?;
                w.notice_unknown(2, "y")
            })
            .unwrap();
        let left = |now| store.read(|r| r.notice_left(now)).unwrap();
        assert_eq!((left(at(0)).dead, left(at(0)).unknown), (1, 1));
        assert_eq!(left(at(8 * 86_400)), NoticesLeft::default());
        assert_eq!(store.write(at(9), |w| w.notice_retry()).unwrap(), 2);
        assert_eq!(parcels(&store, at(9)).len(), 2);
    }

    #[test]
    fn a_higher_step_takes_the_place_of_what_was_not_sent() {
        let (_folder, store) = store();
        for key in ["alert:1:meter.a:5:100:050:operator", "alert:1:meter.a:5:1000:050:operator"] {
            put(&store, key);
        }
        route_all(&store, &["ops"]);
        put(&store, "alert:1:meter.a:5:100:080:operator");
        store.write(at(0), |w| w.notice_supersede("alert:1:meter.a:5:100:")).unwrap();
        let states: Vec<_> = store.read(|r| r.notice_list(&NoticeFilter::default(), 9)).unwrap();
        let states: Vec<_> = states.iter().map(|it| it.deliveries.clone()).collect();
        let row = |state: &str| vec![("ops".to_owned(), state.to_owned())];
        assert_eq!(states, [vec![], row("due"), row("dropped")]);
    }

    #[test]
    fn a_step_is_claimed_once_and_another_limit_begins_anew() {
        let (_folder, store) = store();
        let id = crate::billing::id::CustomerId::parse("acme").unwrap();
        let customer = store.write(at(0), |w| w.customer_insert(&id, Some("a@b"), None)).unwrap();
        assert_eq!(customer, CustomerRow(1));
        let key = |limit: &str| AlertKey {
            customer,
            subject: "meter.a".to_owned(),
            period_start: at(0),
            limit: limit.to_owned(),
        };
        for (limit, step, want) in
            [("100", 80, true), ("100", 80, false), ("100", 50, false), ("100", 95, true), ("200", 50, true)]
        {
            let got = store.write(at(0), |w| w.alert_claim(&key(limit), step)).unwrap();
            assert_eq!(got, want, "{step} of {limit}");
        }
        assert_eq!(store.read(|r| r.alert_told(&key("100"))).unwrap(), Some(95));
    }
}
