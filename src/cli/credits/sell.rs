//! `credits allocate`, `sell`, `stripe-grant`.

use std::time::Duration;

use clap::Args;

use super::{bad_expiry, counted, key_of, store_needed};
use crate::billing::id::CustomerId;
use crate::billing::ledger::Expiry;
use crate::billing::money::{Credits, Currency, Money};
use crate::cli::Cx;
use crate::cli::page::success_url;
use crate::error::Error;
use crate::flow::credits::allocate::{Manner, allocate_looking, in_doubt};
use crate::flow::credits::hold::State;
use crate::flow::credits::sell::{SellAsk, sell as sell_pack};
use crate::flow::credits::stripe_grant::{StripeGrantAsk, stripe_grant as grant_money};
use crate::store::sale::Channel;
use crate::ui::{Cell, Report};

pub(super) const ALLOCATE_EXAMPLES: &str = "Examples:
  paygrade credits allocate acme
  paygrade credits allocate --all -n
  paygrade credits allocate acme --in-doubt --reason \"not given before the disk died\"

Each month of a tier gives its credits once, whoever sees it first: this command, a webhook, tick. On a tier with a
recurring price it waits until the invoice that covers the month is paid.";
pub(super) const SELL_EXAMPLES: &str = "Examples:
  paygrade credits sell acme small --checkout --success-url https://example.com/thanks --key order-17
  paygrade credits sell acme small --invoice --days-until-due 14
  paygrade credits sell acme small --checkout --wait 600

Prints where to pay. The credits come once the payment has: by webhook, by backfill, or here with --wait.";
pub(super) const STRIPE_GRANT_EXAMPLES: &str = "Examples:
  paygrade credits stripe-grant acme 50.00 --reason \"goodwill for the outage\" --key ticket-512
  paygrade credits stripe-grant acme 500.00 --category paid --expires \"12 months\" --reason \"prepaid\"";

/// Arguments of `credits allocate`.
#[derive(Debug, Args)]
pub struct AllocateArgs {
    /// The customer's own id
    #[arg(required_unless_present = "all")]
    customer: Option<String>,
    /// Everybody who is on a tier
    #[arg(long, conflicts_with = "customer")]
    all: bool,
    /// Those too that a ledger which was lost may have given: you say that it had not
    #[arg(long, requires = "reason")]
    in_doubt: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Arguments of `credits sell`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("way").required(true))]
pub struct SellArgs {
    /// The customer's own id
    customer: String,
    /// The pack, by its key in the catalog
    pack: String,
    /// Paid on Stripe's hosted page
    #[arg(long, group = "way")]
    checkout: bool,
    /// Paid by an invoice
    #[arg(long, group = "way")]
    invoice: bool,
    /// Where the customer lands after paying on the hosted page; needed outside the local Stripe
    #[arg(long, value_name = "URL", conflicts_with = "invoice")]
    success_url: Option<String>,
    /// Days until the invoice is due
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=365))]
    days_until_due: u32,
    /// Wait so many seconds for the payment, then grant
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "600")]
    wait: Option<u32>,
    /// One sale for each key: the same call again shows the same sale
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Arguments of `credits stripe-grant`.
#[derive(Debug, Args)]
pub struct StripeGrantArgs {
    /// The customer's own id
    customer: String,
    /// How much, in the currency of the catalog, such as 50.00
    #[arg(value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,
    /// Whether it was paid for
    #[arg(long, default_value = "promotional", value_parser = ["promotional", "paid"])]
    category: String,
    /// When it ends: a date, an instant, or a length of time such as "30 days" [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Why, for whoever reads it later; its name in the Dashboard
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// One grant for each key: the same call again gets the first answer
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

const ALLOCATE_COLUMNS: &[&str] = &[
    "customer",
    "tier",
    "month_start",
    "month_end",
    "credits",
    "lot",
    "expires",
    "carried",
    "ended",
    "invoice",
];
const SALE_COLUMNS: &[&str] = &[
    "sale", "customer", "pack", "credits", "amount", "channel", "state", "session", "invoice", "lot", "url",
];
const GRANT_COLUMNS: &[&str] = &["grant", "customer", "amount", "category", "expires", "state"];

pub(super) fn allocate(cx: &Cx, args: &AllocateArgs) -> Result<Report, Error> {
    let customer = args.customer.as_deref().map(CustomerId::parse).transpose()?;
    let mut report = Report::new("credits_allocate", ALLOCATE_COLUMNS);
    match &customer {
        Some(id) => store_needed(cx, id)?,
        None if !cx.store_exists() => {
            return Ok(report.verdict("nothing is due: there is no store yet".to_owned()));
        }
        None => (),
    }
    if let Some(reason) = &args.reason {
        cx.because(reason);
    }
    let dry = cx.globals.dry_run;
    let manner = Manner { in_doubt: args.in_doubt, dry_run: dry };
    let (given, (doubtful, doubted)) = cx.with_desk(async |desk| {
        let given = allocate_looking(&desk, customer.as_ref(), manner).await?;
        let left =
            if args.in_doubt { (0, Credits(0)) } else { in_doubt(desk.store, desk.now, customer.as_ref())? };
        Ok((given, left))
    })?;
    let mut credits = 0_i64;
    for it in &given {
        let allocated = &it.allocated;
        credits = credits.saturating_add(allocated.credits.0);
        report.row(vec![
            Cell::text(it.customer.as_str()),
            Cell::text(allocated.tier.as_str()),
            Cell::At(allocated.month.start),
            Cell::At(allocated.month.end),
            Cell::Count(allocated.credits.0),
            if dry { Cell::Blank } else { Cell::Count(allocated.lot.0) },
            Cell::At(allocated.ends_at),
            Cell::Count(allocated.carried.0),
            Cell::Count(allocated.ended.0),
            Cell::maybe_text(allocated.invoice.clone()),
        ]);
    }
    let months = counted(given.len(), "month");
    let mut verdict = match (given.is_empty(), dry) {
        (true, _) => "nothing is due".to_owned(),
        (false, false) => format!("{credits} credits posted for {months}"),
        (false, true) => format!(
            "would post {credits} credits for {months}; nothing was changed; apply it: {}",
            cx.line_applying()
        ),
    };
    if doubtful > 0 {
        let months = counted(doubtful, "month");
        verdict.push_str(&format!(
            "; {doubted} credits of {months} may have been given by the ledger that was lost: --in-doubt gives them"
        ));
    }
    report = report.fact("credits", Cell::Count(credits)).verdict(verdict);
    report.wrote = (!dry && !given.is_empty()).then(|| i64::try_from(given.len()).unwrap_or(i64::MAX));
    Ok(report)
}

pub(super) fn sell(cx: &Cx, args: &SellArgs) -> Result<Report, Error> {
    let customer = CustomerId::parse(&args.customer)?;
    store_needed(cx, &customer)?;
    let ask = SellAsk {
        customer,
        pack: args.pack.clone(),
        channel: if args.checkout { Channel::Checkout } else { Channel::Invoice },
        // An invoice leads nowhere.
        success_url: if args.invoice { String::new() } else { success_url(cx, args.success_url.as_deref())? },
        days_until_due: args.days_until_due,
        key: key_of(args.key.as_deref())?,
        wait: args.wait.map(|seconds| Duration::from_secs(u64::from(seconds))),
    };
    let dry = cx.globals.dry_run;
    let sold = cx.with_desk(async |desk| sell_pack(&desk, &ask, dry).await)?;
    let sale = &sold.sale;
    let money = Currency::parse(&sale.currency).map(|currency| Money { minor: sale.amount, currency });
    let mut report = Report::new("credits_sell", SALE_COLUMNS).money(&["amount"]);
    report.row(vec![
        if dry { Cell::Blank } else { Cell::Count(sale.sale) },
        Cell::text(ask.customer.as_str()),
        Cell::text(&sale.pack),
        Cell::Count(sale.credits.0),
        Cell::maybe_money(money),
        Cell::text(sale.channel.as_str()),
        Cell::text(&sale.state),
        Cell::maybe_text(sale.session.clone()),
        Cell::maybe_text(sale.invoice.clone()),
        Cell::maybe_count(sale.lot.map(|lot| lot.0)),
        Cell::maybe_text(sale.url.clone()),
    ]);
    let price = money.map(|money| money.to_string()).unwrap_or_default();
    let what = format!("{} credits to {} for {price} ({})", sale.credits, ask.customer, sale.pack);
    let verdict = match (sold.state, sale.lot, &sale.url) {
        (State::Shown, ..) => {
            format!("would sell {what}; nothing was changed; apply it: {}", cx.line_applying())
        }
        (_, Some(lot), _) => format!("sold {what}: paid, lot {}", lot.0),
        (_, None, Some(url)) => format!("sold {what}: to be paid at {url}"),
        (_, None, None) => format!("sold {what}: {}", sale.state),
    };
    report = report.verdict(verdict);
    report.wrote = (sold.state == State::Written).then_some(1);
    Ok(report)
}

pub(super) fn stripe_grant(cx: &Cx, args: &StripeGrantArgs) -> Result<Report, Error> {
    let customer = CustomerId::parse(&args.customer)?;
    let expires = args.expires.as_deref().map_or(Ok(Expiry::Never), Expiry::parse).map_err(bad_expiry)?;
    cx.because(&args.reason);
    store_needed(cx, &customer)?;
    let ask = StripeGrantAsk {
        customer,
        amount: args.amount.clone(),
        is_paid: args.category == "paid",
        expires,
        key: key_of(args.key.as_deref())?,
    };
    let dry = cx.globals.dry_run;
    let granted = cx.with_desk(async |desk| grant_money(&desk, &ask, dry).await)?;
    let grant = &granted.grant;
    let mut report = Report::new("credits_stripe_grant", GRANT_COLUMNS).money(&["amount"]);
    report.row(vec![
        Cell::maybe_text(grant.grant_id.clone()),
        Cell::text(ask.customer.as_str()),
        Cell::maybe_money(Some(granted.amount)),
        Cell::text(&args.category),
        Cell::maybe_at(grant.new.expires_at),
        Cell::text(&grant.state),
    ]);
    let what = format!("{} for metered bills of {}", granted.amount, ask.customer);
    let id = grant.grant_id.clone().unwrap_or_default();
    let verdict = match granted.state {
        State::Written => format!("granted {what}: {id}"),
        State::Known => format!("already granted {what}: {id}; nothing changed"),
        State::Shown => format!("would grant {what}; nothing was changed; apply it: {}", cx.line_applying()),
    };
    report = report.verdict(verdict);
    report.wrote = (granted.state == State::Written).then_some(1);
    Ok(report)
}
