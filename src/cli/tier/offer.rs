//! What `tier assign` takes beside the tier itself: a coupon, terms of one's own, a hosted page.

use std::path::Path;
use std::time::Duration;

use clap::Args;

use crate::billing::catalog::{Interval, Terms};
use crate::billing::id::TierKey;
use crate::cli::Cx;
use crate::cli::page::{address, success_url};
use crate::config::catalog::parse_deal;
use crate::error::{Error, Kind};
use crate::flow::assign::{Ask, catalog_required};
use crate::flow::names::shown;
use crate::flow::tier_checkout::{self, Page, checkout, checkout_plan};
use crate::ui::{Cell, Report};

/// Arguments of an offer.
#[derive(Debug, Args)]
pub struct OfferArgs {
    /// Redeem a coupon, or a promotion code as people type it
    #[arg(long, value_name = "ID|CODE")]
    coupon: Option<String>,
    /// Terms that were agreed, on a custom tier: a file with the keys of a tier
    #[arg(long, value_name = "FILE", conflicts_with = "amount")]
    deal: Option<String>,
    /// The same in short: this amount for each interval
    #[arg(long, value_name = "AMOUNT", requires = "interval")]
    amount: Option<String>,
    /// Print a hosted page on which the customer subscribes, and return
    #[arg(long, conflicts_with_all = ["payment_method", "send_invoice", "at"])]
    checkout: bool,
    /// Where the customer lands after paying; needed outside the local Stripe
    #[arg(long, value_name = "URL", requires = "checkout")]
    success_url: Option<String>,
    /// Where the page's way back leads
    #[arg(long, value_name = "URL", requires = "checkout")]
    cancel_url: Option<String>,
    /// Wait so many seconds until the page is paid
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "600", requires = "checkout")]
    wait: Option<u32>,
}

impl OfferArgs {
    pub(super) fn coupon(&self) -> Option<String> {
        self.coupon.clone()
    }

    /// The terms of the deal: what the tier says, with what was agreed in place of it.
    pub(super) fn deal(
        &self,
        cx: &Cx,
        tier: &TierKey,
        interval: Option<Interval>,
    ) -> Result<Option<Terms>, Error> {
        let (name, text) = match (&self.deal, &self.amount) {
            (Some(file), _) => (file.clone(), read(file)?),
            (None, Some(amount)) => ("--amount".to_owned(), in_short(amount, interval)?),
            (None, None) => return Ok(None),
        };
        let catalog = cx.store_reading()?.read(catalog_required)?;
        let base = catalog.tiers.get(tier).map(|tier| tier.terms.clone()).unwrap_or_default();
        let parsed = parse_deal(&text, &name, &catalog, &base);
        let (terms, _) = parsed.map_err(|bad| {
            Error::from(bad).hint(format!("mend `{}`; it has the keys of a tier", shown(&name)))
        })?;
        Ok(Some(terms))
    }

    pub(super) fn is_page(&self) -> bool {
        self.checkout
    }

    /// Makes the page, or shows what it would be for.
    pub(super) fn page(&self, cx: &Cx, assign: Ask) -> Result<Report, Error> {
        let ask = tier_checkout::Ask {
            assign,
            success_url: success_url(cx, self.success_url.as_deref())?,
            cancel_url: self.cancel_url.as_deref().map(|url| address(cx, url)).transpose()?,
            wait: self.wait.map(|seconds| Duration::from_secs(u64::from(seconds))),
        };
        if cx.globals.dry_run {
            let plan = cx.with_desk(async |desk| checkout_plan(&desk, &ask).await)?;
            return Ok(super::shown::plan_report(cx, "tier_assign", &plan, false));
        }
        Ok(match cx.with_desk(async |desk| checkout(&desk, &ask).await)? {
            Page::Done(outcome) => super::shown::outcome_report("tier_assign", &outcome),
            page @ Page::Open { .. } => page_report(&page),
        })
    }
}

fn page_report(page: &Page) -> Report {
    let Page::Open { customer, page, is_new } = page else { return Report::new("tier_assign", &[]) };
    let (id, new) = (&customer.id, &page.new);
    let tier = &new.revision.tier;
    let words = if *is_new { "subscribes" } else { "still subscribes" };
    let mut report = Report::new("tier_assign", &[])
        .fact("customer", Cell::text(id.as_str()))
        .fact("tier", Cell::text(tier.as_str()))
        .fact("revision", Cell::text(new.revision.to_string()))
        .fact("interval", Cell::maybe_text(new.interval.map(Interval::as_str)))
        .fact("seats", Cell::maybe_count(new.seats.map(i64::from)))
        .fact("session", Cell::maybe_text(page.session.clone()))
        .fact("url", Cell::maybe_text(page.url.clone()))
        .fact("state", Cell::text("waits"))
        .verdict(format!(
            "{id} {words} to {tier} on that page; the tier comes once it is paid, by webhook or `paygrade tick`"
        ));
    report.wrote = Some(i64::from(*is_new));
    report
}

fn read(file: &str) -> Result<String, Error> {
    std::fs::read_to_string(Path::new(file)).map_err(|error| {
        let text = format!("the deal `{}` cannot be read: {error}", shown(file));
        Error::new(Kind::BadInput, "bad_deal", text)
            .hint("give a file with the keys of a tier, such as prices")
    })
}

/// `--amount 99.00 --interval month`, as a file says it.
fn in_short(amount: &str, interval: Option<Interval>) -> Result<String, Error> {
    let is_plain = !amount.is_empty() && amount.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let interval = interval.filter(|_| is_plain).ok_or_else(|| {
        Error::new(Kind::BadInput, "bad_amount", format!("`{}` is no amount of money", shown(amount)))
            .hint("write --amount 99.00 --interval month")
    })?;
    Ok(format!("prices = [{{ interval = \"{}\", amount = \"{amount}\" }}]\n", interval.as_str()))
}
