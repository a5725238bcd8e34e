//! Which event has an id: the table `usage_id`, by numbers that are made of ids. Its B-tree compares numbers and holds no
//! id a second time, which is what makes millions of new ids quick and small.
//!
//! An event is in the row of its number or, where other events have that, in the next free one: what follows a number
//! without a gap holds every event with that number (linear probing; Knuth, The Art of Computer Programming, 6.4). Rows
//! never go, so it stays so. What a row says is always compared with the whole id that its event has.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Row, params};

use super::super::{MeterRow, Result, StoreError};
use crate::billing::usage::EventId;

/// The number of an event by its id, and its place among those that are recorded together.
pub type Keyed = (i64, u32);

/// The number of an id of a meter: 63 bits. The upper half is the id's own beginning, so that ids that begin with their
/// time (UUID v7) stay side by side; the lower half is of all of it, so that ids that are counted up spread. Part of the
/// file format: it must never change.
pub fn id_key(id: EventId, meter: MeterRow) -> i64 {
    let number = u128::from_be_bytes(id.0);
    let (upper, lower) = ((number >> 64) as u64, number as u64);
    let mixed = mixed(mixed(mixed(upper) ^ lower) ^ meter.0.cast_unsigned());
    ((upper >> 32) << 31 | mixed >> 33).cast_signed()
}

/// Every bit of the result depends on every bit of the number (the last step of MurmurHash3, Austin Appleby).
fn mixed(number: u64) -> u64 {
    let number = (number ^ number >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let number = (number ^ number >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ number >> 33
}

/// What a look for an id came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seek<T> {
    /// No event has it. In this row it would be found.
    Free(i64),
    /// The event that looks has it already.
    Own,
    /// Another event has it, of which this was read.
    Other(T),
}

/// What [`seek`] reads of the event that has an id, in this order.
pub(super) const SEEK: &str = "SELECT k.seq, e.id, e.meter, e.customer, e.quantity, e.at, e.action, e.end_user FROM usage_id k \
     LEFT JOIN usage_event e ON e.seq = k.seq WHERE k.key = ?1";

/// Looks for an id. `own` is the number of the event that looks, whose row and whose neighbours' rows of the same call
/// may be there before the events are.
pub(super) fn seek<T>(
    conn: &Connection,
    (id, meter): (EventId, MeterRow),
    own: i64,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Seek<T>> {
    let mut find = conn.prepare_cached(SEEK)?;
    let mut key = id_key(id, meter);
    loop {
        let mut rows = find.query([key])?;
        let Some(row) = rows.next()? else { return Ok(Seek::Free(key)) };
        if row.get::<_, i64>(0)? == own {
            return Ok(Seek::Own);
        }
        if row.get::<_, Option<[u8; 16]>>(1)? == Some(id.0) && row.get::<_, i64>(2)? == meter.0 {
            return Ok(Seek::Other(read(row)?));
        }
        key =
            key.checked_add(1).ok_or_else(|| StoreError::Broken("no number is left for an id".to_owned()))?;
    }
}

/// The number of the event that has an id of a meter.
pub(in crate::store) fn seq_of(conn: &Connection, id: EventId, meter: MeterRow) -> Result<Option<i64>> {
    Ok(match seek(conn, (id, meter), 0, |row| row.get(0))? {
        Seek::Other(seq) => Some(seq),
        Seek::Own | Seek::Free(_) => None,
    })
}

/// Notes in a row that was found free which event has an id.
pub(super) fn put(conn: &Connection, key: i64, seq: i64) -> Result<()> {
    conn.prepare_cached("INSERT INTO usage_id (key, seq) VALUES (?1, ?2)")?.execute(params![key, seq])?;
    Ok(())
}

/// Makes [`id_key`] known to SQL as `usage_id_key(id, meter)`.
pub(in crate::store) fn teach(conn: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    Ok(conn.create_scalar_function("usage_id_key", 2, flags, |values| {
        Ok(id_key(EventId(values.get(0)?), MeterRow(values.get(1)?)))
    })?)
}

/// Fills the table from `usage_id_before`, which held whole ids, and drops that.
pub(in crate::store) fn fill(conn: &Connection) -> Result<()> {
    teach(conn)?;
    conn.execute_batch(
        "INSERT OR IGNORE INTO usage_id (key, seq) SELECT usage_id_key(id, meter), seq FROM usage_id_before ORDER BY id, meter",
    )?;
    // Those whose number another event has. There are hardly any.
    let mut find = conn.prepare(
        "SELECT b.id, b.meter, b.seq FROM usage_id_before b LEFT JOIN usage_id k ON k.key = usage_id_key(b.id, b.meter) \
         WHERE k.seq IS NOT b.seq",
    )?;
    let left = find.query_map([], |row| Ok((EventId(row.get(0)?), MeterRow(row.get(1)?), row.get(2)?)))?;
    for it in left.collect::<rusqlite::Result<Vec<(EventId, MeterRow, i64)>>>()? {
        if let Seek::Free(key) = seek(conn, (it.0, it.1), it.2, |_| Ok(()))? {
            put(conn, key, it.2)?;
        }
    }
    drop(find);
    Ok(conn.execute_batch("DROP TABLE usage_id_before")?)
}
