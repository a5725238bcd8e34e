//! One export, from a snapshot of the store into whatever it is written to.

use std::io::{BufWriter, Write};

use super::totals::Totals;
use super::{Stop, What, grouped, rows, usage};
use crate::billing::time::Timestamp;
use crate::flow::invoice_lines::InvoiceLine;
use crate::flow::usage_grouped::Grouping;
use crate::store::usage_export::UsageRange;
use crate::store::{Reader, Twin};
use crate::ui::{Format, RowWriter};

/// What is exported, and how.
pub(super) struct Job<'a> {
    pub(super) what: What,
    pub(super) format: Format,
    /// The ledger as a journal of hledger.
    pub(super) journal: bool,
    /// The instant that customers are shown at.
    pub(super) now: Timestamp,
    /// Names and addresses too.
    pub(super) pii: bool,
    pub(super) grouping: Option<&'a Grouping>,
    /// The places of the columns that are wanted; all of them otherwise.
    pub(super) picked: Option<&'a [usize]>,
    /// Read from Stripe before.
    pub(super) invoices: &'a [InvoiceLine],
}

impl Job<'_> {
    /// Writes all of it. `twins` help where there is much to read.
    pub(super) fn write<W: Write + Send>(
        &self,
        r: &Reader<'_>,
        twins: &mut [Twin],
        range: &UsageRange,
        out: W,
    ) -> Result<Totals, Stop> {
        if self.journal {
            let mut out = BufWriter::with_capacity(1 << 16, out);
            let totals = rows::hledger(r, range, &mut out)?;
            out.flush()?;
            return Ok(totals);
        }
        if let Some(grouping) = self.grouping {
            let columns = grouped::columns(grouping);
            let mut writer = self.begin(out, "export_usage_grouped", &columns, &[])?;
            let totals = grouped::write(r, range, grouping, &mut writer)?;
            writer.end(&totals.to_string())?;
            return Ok(totals);
        }
        let mut writer = self.begin(out, self.what.name(), &self.what.columns(), self.what.money())?;
        let totals = match self.what {
            What::Usage => usage::usage(r, twins, range, self.picked, &mut writer),
            What::Deliveries => rows::deliveries(r, range, &mut writer),
            What::Ledger => rows::ledger(r, range, &mut writer),
            What::Invoices => rows::invoices(self.invoices, &mut writer),
            What::Customers => rows::customers(r, self, range, &mut writer),
            What::Findings => rows::findings(r, range, &mut writer),
            What::Audit => rows::audit(r, range, &mut writer),
            What::All => return Err(Stop::Halted),
        }?;
        writer.end(&totals.to_string())?;
        Ok(totals)
    }

    fn begin<W: Write>(
        &self,
        out: W,
        name: &str,
        columns: &[&str],
        money: &[&str],
    ) -> std::io::Result<RowWriter<W>> {
        RowWriter::begin(out, self.format, name, columns, money, self.picked)
    }
}
