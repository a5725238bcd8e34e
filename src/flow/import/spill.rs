//! What a long input held, in files beside the store, while the rest of it is checked: memory stays bounded, and what is
//! written to the store is what was checked. The files have no name and go with the process.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::chunk::{Chunk, Waiting};
use crate::billing::usage::EventId;
use crate::store::MeterRow;
use crate::store::usage::id_key;

/// Entries of ids that are read at once, of each chunk.
const ENTRIES_AT_ONCE: usize = if cfg!(test) { 7 } else { 1_024 };
const ENTRY_BYTES: usize = 40;

/// One row's claim to an id. In order of the number of the id, the id, meter and line, as chunks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    key: i64,
    id: [u8; 16],
    meter: i64,
    /// The line that makes it.
    pub line: u64,
    /// A fingerprint of what it says.
    content: u64,
}

impl Claim {
    /// The claim of an event whose id is the caller's.
    pub fn of(it: &Waiting<'_>) -> Option<Claim> {
        let id = it.event.id.filter(|_| it.id_given)?;
        let mut hasher = DefaultHasher::new();
        (it.event.customer, it.event.content).hash(&mut hasher);
        let (key, meter) = (id_key(id, it.event.meter), it.event.meter.0);
        Some(Claim { key, id: id.0, meter, line: it.line, content: hasher.finish() })
    }

    fn bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..16].copy_from_slice(&self.id);
        bytes[16..24].copy_from_slice(&self.meter.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.line.to_le_bytes());
        bytes[32..].copy_from_slice(&self.content.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; ENTRY_BYTES]) -> Claim {
        let (id, rest) = bytes.split_first_chunk::<16>().map_or(([0; 16], &[][..]), |(id, rest)| (*id, rest));
        let (numbers, _) = rest.as_chunks::<8>();
        let number = |at: usize| numbers.get(at).copied().unwrap_or_default();
        let meter = i64::from_le_bytes(number(0));
        Claim {
            key: id_key(EventId(id), MeterRow(meter)),
            id,
            meter,
            line: u64::from_le_bytes(number(1)),
            content: u64::from_le_bytes(number(2)),
        }
    }
}

/// Where a chunk lies in the files.
#[derive(Debug, Clone, Copy)]
struct Section {
    chunk: (u64, u64),
    claims: (u64, u64),
}

/// Chunks in files.
#[derive(Debug)]
pub struct Spill {
    chunks: Growing,
    claims: Growing,
    sections: Vec<Section>,
}

/// A file that is written from its start to its end.
#[derive(Debug)]
struct Growing {
    out: BufWriter<File>,
    bytes: u64,
}

impl Growing {
    fn new(folder: &Path) -> io::Result<Growing> {
        Ok(Growing { out: BufWriter::with_capacity(1 << 18, unnamed(folder)?), bytes: 0 })
    }
    fn read(&mut self, from: u64, buffer: &mut [u8]) -> io::Result<()> {
        let file = self.out.get_mut();
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(buffer)
    }
}

/// A new file that nobody else can open and that goes with its last holder.
pub(in crate::flow) fn unnamed(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut number = 0;
    loop {
        let path = folder.join(format!("import-{}-{number}", std::process::id()));
        match options.open(&path) {
            Ok(file) => return std::fs::remove_file(&path).map(|()| file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Spill {
    /// Two empty files in a folder.
    pub fn new(folder: &Path) -> io::Result<Spill> {
        Ok(Spill { chunks: Growing::new(folder)?, claims: Growing::new(folder)?, sections: Vec::new() })
    }

    /// Adds a chunk that is in order.
    pub fn add(&mut self, chunk: &Chunk) -> io::Result<()> {
        let from = (self.chunks.bytes, self.claims.bytes);
        chunk.pack(&mut self.chunks)?;
        for claim in chunk.in_order_of_ids().filter_map(|it| Claim::of(&it)) {
            self.claims.write_all(&claim.bytes())?;
        }
        let (chunk, claims) = ((from.0, self.chunks.bytes), (from.1, self.claims.bytes));
        self.sections.push(Section { chunk, claims });
        Ok(())
    }

    /// Ends the writing.
    pub fn end(&mut self) -> io::Result<()> {
        self.chunks.flush()?;
        self.claims.flush()
    }

    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.sections.len()
    }

    /// One of them, in order of their adding.
    pub fn chunk(&mut self, index: usize) -> io::Result<Chunk> {
        let none =
            || io::Error::other("a file with rows beside the store does not hold what was written to it");
        let (from, to) = self.sections.get(index).ok_or_else(none)?.chunk;
        let mut bytes = vec![0; usize::try_from(to - from).map_err(|_| none())?];
        self.chunks.read(from, &mut bytes)?;
        Chunk::unpack(&bytes).ok_or_else(none)
    }

    /// Hands each claim over that says something else than the first one to its id, in order of ids.
    pub fn contradictions(&mut self, take: &mut dyn FnMut(Claim)) -> io::Result<()> {
        let mut cursors: Vec<Cursor> = self
            .sections
            .iter()
            .map(|it| Cursor { next: it.claims.0, end: it.claims.1, ready: Vec::new() })
            .collect();
        let mut heads = BinaryHeap::new();
        for (index, cursor) in cursors.iter_mut().enumerate() {
            heads.extend(cursor.take(&mut self.claims)?.map(|claim| Reverse((claim, index))));
        }
        let mut first: Option<Claim> = None;
        while let Some(Reverse((claim, index))) = heads.pop() {
            match first {
                Some(it) if (it.id, it.meter) == (claim.id, claim.meter) => {
                    if it.content != claim.content {
                        take(claim);
                    }
                }
                _ => first = Some(claim),
            }
            if let Some(cursor) = cursors.get_mut(index) {
                heads.extend(cursor.take(&mut self.claims)?.map(|claim| Reverse((claim, index))));
            }
        }
        Ok(())
    }
}

/// A place among the claims of a chunk.
struct Cursor {
    next: u64,
    end: u64,
    /// Read already, the next one last.
    ready: Vec<Claim>,
}

impl Cursor {
    fn take(&mut self, claims: &mut Growing) -> io::Result<Option<Claim>> {
        if self.ready.is_empty() && self.next < self.end {
            let bytes = (self.end - self.next).min((ENTRIES_AT_ONCE * ENTRY_BYTES) as u64);
            let mut buffer = vec![0; usize::try_from(bytes).unwrap_or(0)];
            claims.read(self.next, &mut buffer)?;
            self.next += bytes;
            self.ready.extend(buffer.as_chunks().0.iter().rev().map(Claim::from_bytes));
        }
        Ok(self.ready.pop())
    }
}
