//! Chunks as bytes, for a file that holds them while the rest of the input is checked.

use std::io::{self, Write};

use super::{Chunk, Row};
use crate::billing::time::Micros;
use crate::billing::usage::EventId;
use crate::store::usage::id_key;
use crate::store::{CustomerRow, MeterRow};

/// Most bytes of one row: an id, nine numbers and a flag.
const ROW_BYTES_MAX: usize = 16 + 9 * 10 + 1;

impl Chunk {
    /// Writes a chunk that is in order. Rows of one customer and meter lie side by side, so that most numbers are small.
    pub fn pack(&self, out: &mut impl Write) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(ROW_BYTES_MAX);
        put(&mut bytes, self.words.len() as u64);
        for word in &self.words {
            put(&mut bytes, word.len() as u64);
            bytes.extend_from_slice(word.as_bytes());
            out.write_all(&bytes)?;
            bytes.clear();
        }
        put(&mut bytes, self.rows.len() as u64);
        let (mut at, mut line) = (0_i64, 0_i64);
        for row in &self.rows {
            bytes.extend_from_slice(&row.id.0);
            let row_line = i64::try_from(row.line).unwrap_or(i64::MAX);
            for number in [
                row.customer.0,
                row.meter.0,
                row.quantity,
                row.at.0.wrapping_sub(at),
                row_line.wrapping_sub(line),
                row.action.into(),
                row.user.into(),
                row.name.into(),
            ] {
                put(&mut bytes, zigzag(number));
            }
            bytes.push(u8::from(row.id_given));
            (at, line) = (row.at.0, row_line);
            out.write_all(&bytes)?;
            bytes.clear();
        }
        for (_, place) in &self.by_key {
            out.write_all(&place.to_le_bytes())?;
        }
        Ok(())
    }

    /// Reads what [`Chunk::pack`] wrote; `None` where it is not that.
    pub fn unpack(bytes: &[u8]) -> Option<Chunk> {
        let mut from = bytes;
        let words = take(&mut from)?;
        let mut chunk = Chunk::default();
        for _ in 0..words {
            let length = usize::try_from(take(&mut from)?).ok()?;
            let word = std::str::from_utf8(from.split_off(..length)?).ok()?;
            chunk.put(word);
        }
        let rows = usize::try_from(take(&mut from)?).ok()?;
        chunk.rows.reserve_exact(rows.min(bytes.len()));
        let (mut at, mut line) = (0_i64, 0_i64);
        for _ in 0..rows {
            let id = EventId(*from.split_off(..16)?.first_chunk()?);
            let mut number = || take(&mut from).map(unzigzag);
            let (customer, meter) = (CustomerRow(number()?), MeterRow(number()?));
            let quantity = number()?;
            at = at.wrapping_add(number()?);
            line = line.wrapping_add(number()?);
            let mut place = || u32::try_from(number()?).ok();
            let (action, user, name) = (place()?, place()?, place()?);
            let id_given = *from.split_off_first()? != 0;
            let (at, line) = (Micros(at), u64::try_from(line).ok()?);
            chunk.rows.push(Row { id, customer, quantity, at, line, meter, action, user, name, id_given });
        }
        let (places, rest) = from.as_chunks::<4>();
        for place in places.iter().map(|place| u32::from_le_bytes(*place)) {
            let row = chunk.rows.get(usize::try_from(place).ok()?)?;
            chunk.by_key.push((id_key(row.id, row.meter), place));
        }
        (rest.is_empty() && chunk.by_key.len() == rows).then_some(chunk)
    }
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while let Ok(low) = u8::try_from(number & 0x7f)
        && number >= 0x80
    {
        bytes.push(low | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *from.split_off_first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_comes_back_as_it_was() {
        let mut chunk = Chunk::default();
        let word = chunk.put("größer");
        for n in 0..300_u32 {
            let extreme = [0, 1, i64::MAX, i64::MIN, -1][n as usize % 5];
            chunk.rows.push(Row {
                id: EventId([u8::try_from(n % 251).unwrap(); 16]),
                customer: CustomerRow(extreme),
                quantity: extreme,
                at: Micros(extreme),
                line: u64::from(n) << 31,
                meter: MeterRow(i64::from(n)),
                action: word,
                user: 0,
                name: n,
                id_given: n % 2 == 0,
            });
        }
        chunk.sort();
        let mut bytes = Vec::new();
        chunk.pack(&mut bytes).unwrap();
        let again = Chunk::unpack(&bytes).unwrap();
        assert_eq!(format!("{:?}", again.rows), format!("{:?}", chunk.rows));
        assert_eq!((&again.by_key, again.text(word)), (&chunk.by_key, Some("größer")));
        for cut in [0, 1, 7, bytes.len() / 2, bytes.len() - 1] {
            assert!(Chunk::unpack(&bytes[..cut]).is_none(), "{cut} bytes");
        }
        bytes.push(0);
        assert!(Chunk::unpack(&bytes).is_none());
    }
}
