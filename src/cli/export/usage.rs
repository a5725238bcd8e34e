//! Rows of usage: one thread reads the store, the other writes; blocks go back and forth between them.

use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

use super::Stop;
use super::totals::Totals;
use crate::store::Reader;
use crate::store::usage_export::{UsageBlock, UsageFact, UsageRange, Word};
use crate::ui::RowWriter;

pub(super) const COLUMNS: &[&str] = &[
    "event",
    "customer",
    "meter",
    "quantity",
    "at",
    "recorded_at",
    "action",
    "user",
    "import_run",
    "line",
    "span",
    "exempt_reason",
    "over_quota",
    "delivery",
    "voided_by",
];

/// Blocks that may wait to be written.
const BLOCKS_WAITING: usize = 4;

pub(super) fn usage<W: Write + Send>(
    r: &Reader<'_>,
    range: &UsageRange,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let (full, blocks) = sync_channel::<UsageBlock>(BLOCKS_WAITING);
    let (done, spare) = channel::<UsageBlock>();
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || write(&blocks, &done, writer));
        let read = r.usage_blocks(range, |block| {
            full.send(block).map_err(|_| Stop::Halted)?;
            Ok(spare.try_recv().unwrap_or_default())
        });
        // The writer ends when nobody can send any more.
        drop(full);
        let written = writing.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause));
        // Why the writer gave up says more than that it did.
        let totals = written?;
        read.map(|()| totals)
    })
}

fn write<W: Write>(
    blocks: &Receiver<UsageBlock>,
    done: &Sender<UsageBlock>,
    writer: &mut RowWriter<W>,
) -> Result<Totals, Stop> {
    let mut totals = Totals::new("usage events", &[("quantity", "units")]);
    let mut words = Words::default();
    for block in blocks {
        words.learn(&block, writer);
        for event in &block.events {
            totals.rows += 1;
            totals.add(0, event.quantity);
            row(&block, event, &words, writer)?;
        }
        // Nobody waits for a spare block at the end.
        let _ = done.send(block);
    }
    Ok(totals)
}

fn row<W: Write>(
    block: &UsageBlock,
    event: &UsageFact,
    words: &Words,
    writer: &mut RowWriter<W>,
) -> Result<(), Stop> {
    writer.begin_row();
    match block.name(event) {
        Some(name) => writer.text(name),
        None => writer.plain(&event.id.uuid_form()),
    }
    words.put(event.customer, writer);
    words.put(event.meter, writer);
    writer.count(event.quantity);
    writer.at_micros(event.at);
    writer.at(event.recorded_at);
    words.put(event.action, writer);
    words.put(event.user, writer);
    writer.count(event.run);
    writer.maybe_count(event.line);
    writer.maybe_count(event.span);
    match event.exempt {
        Some(reason) => writer.plain(reason.as_str().as_bytes()),
        None => writer.blank(),
    }
    writer.flag(event.over_quota);
    writer.maybe_count(event.delivery);
    match event.voided_by {
        Some(id) => writer.plain(&id.uuid_form()),
        None => writer.blank(),
    }
    Ok(writer.end_row()?)
}

/// The words of the export as they are spelled in it, one after the other.
#[derive(Debug, Default)]
struct Words {
    spelled: Vec<u8>,
    /// Where the word of each number ends; it starts where the one before it ends.
    ends: Vec<usize>,
}

impl Words {
    fn learn<W: Write>(&mut self, block: &UsageBlock, writer: &RowWriter<W>) {
        if block.forget {
            self.spelled.clear();
            self.ends.clear();
        }
        for word in &block.words {
            writer.spelling().push(&mut self.spelled, word);
            self.ends.push(self.spelled.len());
        }
    }

    fn put<W: Write>(&self, word: Word, writer: &mut RowWriter<W>) {
        let Some(at) = usize::try_from(word.0).ok().and_then(|number| number.checked_sub(1)) else {
            return writer.blank();
        };
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(at).copied().unwrap_or(from);
        writer.spelled(self.spelled.get(from..to).unwrap_or_default());
    }
}
